"""`healthgym-edu run` tells what ran, how long, with how much memory, and what did not."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell
from typer.testing import Result

from healthgym_edu.cli import libraries, running
from healthgym_edu.cli.parameters import for_each
from healthgym_edu.cli.report import Report
from healthgym_edu.cli.running import run_notebook
from healthgym_edu.errors import SourceError

Invoke = Callable[..., Result]
TAGS = ["parameters"]


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


# --- parameters, and being stopped -----------------------------------------------------------


@pytest.fixture
def with_seed(course: Path) -> Path:
    """Give the second chapter a parameter, a cell tagged as papermill wants it."""
    path = course / "Chapters" / "01_second.ipynb"
    made = nbformat.read(path, as_version=4)
    made.cells[1] = new_code_cell("seed = 0\nsource = 'teaching'", metadata={"tags": TAGS})
    made.cells[2] = new_code_cell("print('seed', seed, 'source', source)")
    nbformat.write(made, path)
    return path


def test_a_parameter_is_set_after_its_default(
    with_seed: Path, tmp_path: Path, invoke: Invoke
) -> None:
    out = tmp_path / "pages"
    result = invoke("run", "01", "-p", "seed=2027", "-p", "source=art.csv", "--out", out)
    assert result.exit_code == 0, result.output
    assert "seed 2027 source art.csv" in (out / "01_second.html").read_text(encoding="utf-8")
    result = invoke("run", "01", "--out", out)
    assert "seed 0 source teaching" in (out / "01_second.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["01", "-p", "sed=3"], "01_second has no parameter 'sed'. Its parameters are: seed"),
        (["00", "01", "-p", "seed=3"], "00_first has no parameter 'seed'"),
        (["01", "-p", "seed=three"], "seed is 'three', but in 01_second it is 0 by default"),
        (["01", "-p", "seed={[]:1}"], "seed is '{[]:1}', but in 01_second it is 0 by default"),
        (["01", "-p", "seed"], "-p seed is no parameter. Write name=value"),
        (["--all", "-p", "sed=3"], "There is no parameter 'sed' in any chapter. Did you mean"),
    ],
)
def test_a_parameter_that_is_not_there_is_refused_before_anything_runs(
    with_seed: Path, tmp_path: Path, invoke: Invoke, words: list[str], said: str
) -> None:
    result = invoke("run", *words, "--out", tmp_path / "pages")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "pages").exists()


def test_with_all_it_goes_to_the_chapters_that_have_it(with_seed: Path) -> None:
    first = with_seed.with_name("00_first.ipynb")
    assert for_each([first, with_seed], {"seed": 7}, True) == {first: {}, with_seed: {"seed": 7}}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_so_and_blames_no_chapter(
    course: Path, start: Callable[..., subprocess.Popen[str]], tmp_path: Path, number: int,
    status: int,
) -> None:  # fmt: skip
    flag = tmp_path / "reached"
    slow = f"import pathlib, time\npathlib.Path({str(flag)!r}).touch()\ntime.sleep(300)"
    path = course / "Chapters" / "01_second.ipynb"
    made = nbformat.read(path, as_version=4)
    made.cells[1].source = slow
    nbformat.write(made, path)
    process = start("run", "0", "1", "2", "--out", tmp_path / "pages")
    deadline = time.monotonic() + 60
    while not flag.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == status
    last = said.splitlines()[-1]
    assert last.startswith("Stopped; 1 of 3 chapters ran. Pages: ")
    assert "failed" not in said
    assert "Traceback" not in said
    index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    assert "00_first.html" in index
    assert "01_second" not in index
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(flag) in str(p.info["cmdline"])]


def test_an_empty_notebook_is_one_sentence(course: Path, tmp_path: Path, invoke: Invoke) -> None:
    (course / "Chapters" / "01_second.ipynb").write_bytes(b"")
    result = invoke("run", "0", "--out", tmp_path / "pages")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "01_second.ipynb is not a notebook that can be read" in result.stderr
    with pytest.raises(SourceError, match=r"01_second.ipynb .*\(it is empty\)"):
        run_notebook(course / "Chapters" / "01_second.ipynb")


@pytest.mark.parametrize(("set_to", "seen"), [(None, "1"), ("3", "3")])
def test_a_kernel_gets_one_thread_where_nothing_is_said(
    write_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, set_to: str, seen: str
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if set_to:
        monkeypatch.setenv("OMP_NUM_THREADS", set_to)
    result = run_notebook(write_notebook("import os\nprint(os.environ['OMP_NUM_THREADS'])"))
    assert result.passed
    assert result.notebook.cells[1].outputs[0].text == f"{seen}\n"


def test_without_jupyter_it_says_what_to_install(
    course: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda name: None)
    result = invoke("run", "0")
    assert result.exit_code == 2
    assert "This needs ipykernel, which is not installed here. Do: " in result.stderr
    assert '"nbclient>=0.10"' in result.stderr
