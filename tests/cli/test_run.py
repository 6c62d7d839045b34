"""`healthgym-edu run` tells what ran, how long, with how much memory, and what did not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from healthgym_edu.cli import running
from healthgym_edu.cli.running import Report, run_notebook
from healthgym_edu.errors import SourceError

Invoke = Callable[..., Result]


def test_all_chapters_run_and_the_broken_one_is_told(
    course: Path, tmp_path: Path, invoke: Invoke
) -> None:
    before = {path: path.read_bytes() for path in (course / "Chapters").rglob("*.ipynb")}
    out = tmp_path / "pages"
    result = invoke("run", "--all", "--out", out)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"00_first +\d+\.\d +\d+  ok", lines[1])
    assert re.fullmatch(
        r"02_broken +\d+\.\d +\d+  "
        r"failed in cell 3: NameError: name 'undefined_name' is not defined",
        lines[3],
    )
    assert lines[4].startswith("2 passed, 1 failed")
    index = (out / "index.html").read_text(encoding="utf-8")
    for name in ("00_first", "01_second", "02_broken"):
        assert f'href="{name}.html"' in index
        assert (out / f"{name}.html").is_file()
    assert "42" in (out / "00_first.html").read_text(encoding="utf-8")
    assert not list(out.glob(".*"))
    assert {path: path.read_bytes() for path in before} == before  # chapters are read only


def test_chapters_are_chosen_by_name_once_each(
    course: Path, tmp_path: Path, invoke: Invoke
) -> None:
    out = tmp_path / "pages"
    assert invoke("run", "0", "00_first", "--out", out).stdout.count("00_first ") == 1
    # a second run replaces its own pages
    result = invoke("run", "second", "--quick", "--out", out)
    assert result.exit_code == 0, result.output
    page = (out / "01_second.html").read_text(encoding="utf-8")
    assert "HEALTHGYM_EDU_QUICK" in page
    assert "HEALTHGYM_EDU_STRICT" not in page


def test_solutions_run_strictly(course: Path, tmp_path: Path, invoke: Invoke) -> None:
    result = invoke("run", "00", "--solutions", "--out", tmp_path / "pages")
    assert result.exit_code == 0, result.output
    result = invoke("run", "01", "--solutions", "--out", tmp_path / "pages")
    assert result.exit_code == 2
    assert "No solution notebook is installed for 01_second" in result.stderr


@pytest.mark.parametrize("words", [[], ["--all", "00"], ["nonsense"], ["0", "--timeout", "0"]])
def test_unclear_requests_are_refused(
    course: Path, tmp_path: Path, invoke: Invoke, words: list[str]
) -> None:
    assert invoke("run", *words, "--out", tmp_path / "pages").exit_code == 2
    assert not (tmp_path / "pages").exists()


def test_a_course_without_chapters_is_not_a_success(
    course: Path, tmp_path: Path, invoke: Invoke
) -> None:
    for path in (course / "Chapters").glob("*.ipynb"):
        path.unlink()
    result = invoke("run", "--all", "--out", tmp_path / "pages")
    assert result.exit_code == 2
    assert "No chapters are installed" in result.stderr
    assert "No chapters are installed" in invoke("list").stdout


def test_a_folder_with_other_files_is_refused(course: Path, tmp_path: Path, invoke: Invoke) -> None:
    (tmp_path / "thesis.txt").write_text("precious", encoding="utf-8")
    result = invoke("run", "0", "--out", tmp_path)
    assert result.exit_code == 2
    assert "holds other files" in result.stderr
    assert not (tmp_path / "index.html").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"cannot be written to .*file"):
        Report(tmp_path / "file" / "pages")


def test_peak_memory_counts_the_kernel_and_its_children(
    write_notebook: Callable[..., Path],
) -> None:
    path = write_notebook(
        "import subprocess, sys, time",
        "held = bytearray(150_000_000)",
        "code = 'import time; x = bytearray(100_000_000); time.sleep(1.5)'",
        "child = subprocess.run([sys.executable, '-c', code], check=True)",
    )
    result = run_notebook(path)
    assert result.passed, result.status
    assert 250 < result.peak_megabytes < 600
    assert result.seconds > 1.5


@pytest.mark.parametrize(
    ("source", "timeout", "said"),
    [
        ("import time; time.sleep(60)", 1, "failed in cell 2: it took more than 1 s"),
        ("import os; os._exit(1)", 60, "failed in cell 2: the kernel died"),
        ("raise ValueError('\\x1b[31mred\\x1b[0m\\nsecond line')", 60, "ValueError: red"),
    ],
)
def test_the_status_says_how_a_notebook_failed(
    write_notebook: Callable[..., Path], source: str, timeout: int, said: str
) -> None:
    result = run_notebook(write_notebook(source), timeout=timeout)
    assert not result.passed
    assert said in result.status
    assert "\n" not in result.status


def test_a_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "page.ipynb"
    path.write_text("<html>", encoding="utf-8")
    with pytest.raises(SourceError, match="page.ipynb is not a notebook"):
        run_notebook(path)


def test_a_process_that_is_gone_weighs_nothing() -> None:
    assert running._tree_bytes(2**22 + 1) == 0
