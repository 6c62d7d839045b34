"""A tiny course to open, list and run, in place of the real one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner, Result

from healthgym_edu import _chapters

# Runs the command with its chapters taken from the folder named first.
_DRIVER = """
import pathlib, sys
from healthgym_edu import _chapters
_chapters._PACKAGE = pathlib.Path(sys.argv.pop(1)) / "healthgym_edu"
from healthgym_edu.cli import app
app()
"""


def notebook(title: str, *sources: str) -> str:
    """Return a notebook as text: one heading, then one code cell for each source."""
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    made.cells = [nbformat.v4.new_markdown_cell(f"# {title}")]
    made.cells += [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(made)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a course of three chapters: two that run, one that does not."""
    root = tmp_path / "course"
    chapters = root / "Chapters"
    (chapters / "solutions").mkdir(parents=True)
    (chapters / "README.md").write_text("# Chapters\n", encoding="utf-8")
    for name, text in {
        "00_first": notebook("The first", "answer = 6 * 7", "print(answer)"),
        "01_second": notebook("The second", "import os", "print(sorted(os.environ))"),
        "02_broken": notebook("The third", "x = 1", "print(undefined_name)", "print('after')"),
        "solutions/00_first": notebook(
            "The first", "import os", "assert os.environ['HEALTHGYM_EDU_STRICT'] == '1'"
        ),
    }.items():
        (chapters / f"{name}.ipynb").write_text(text, encoding="utf-8")
    monkeypatch.setattr(_chapters, "_PACKAGE", root / "healthgym_edu")
    return root


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a notebook with the given code cells."""

    def write(*sources: str) -> Path:
        path = tmp_path / "notebook.ipynb"
        path.write_text(notebook("A notebook", *sources), encoding="utf-8")
        return path

    return write


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Return a function that runs the command in this process."""
    from healthgym_edu.cli import app

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(course: Path) -> Callable[..., subprocess.Popen[str]]:
    """Return a function that starts the command as a process of its own."""

    def popen(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", _DRIVER, str(course), *(str(a) for a in arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",  # some tests ask for another encoding
            env=os.environ | environment,
            start_new_session=True,
            # where the tests run in the background, an ignored Ctrl-C would be inherited
            preexec_fn=_hear_ctrl_c if os.name == "posix" else None,
        )

    return popen
