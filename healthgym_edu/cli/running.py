"""Run a notebook in a kernel of its own, watch its memory, and write what it shows as HTML."""

from __future__ import annotations

import html
import os
import re
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter

from ..errors import ArgumentError, SourceError

__all__ = ["Report", "Result", "run_notebook"]

_MARK = "healthgym-edu run"
_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Result:
    """How one notebook ran.

    Attributes
    ----------
    name, title : str
        File name without its ending, and heading.
    seconds : float
        From starting the kernel to stopping it.
    peak_megabytes : float
        Largest resident memory of the kernel and the processes it started, in 10^6 bytes,
        sampled five times a second; memory they share is counted in each of them.
    status : str
        ``"ok"``, or one line that says what failed and in which cell.
    notebook : nbformat.NotebookNode
        The notebook with the outputs it reached.
    """

    name: str
    title: str
    seconds: float
    peak_megabytes: float
    status: str
    notebook: nbformat.NotebookNode

    @property
    def passed(self) -> bool:
        return self.status == "ok"


class _MemoryWatch(threading.Thread):
    """Samples the resident memory of a kernel's process tree until it is stopped."""

    def __init__(self, client: NotebookClient, pause: float = 0.2) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self._client = client
        self._pause = pause
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(self._pause):
            provisioner = getattr(self._client.km, "provisioner", None)
            pid = getattr(provisioner, "pid", None)
            if pid:
                self.peak_bytes = max(self.peak_bytes, _tree_bytes(pid))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _tree_bytes(pid: int) -> int:
    """Return the resident bytes of a process and its descendants; 0 once it is gone."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.Error:  # it ended between being listed and being asked
            continue
    return total


def run_notebook(
    path: Path, *, title: str = "", quick: bool = False, strict: bool = False, timeout: int = 600
) -> Result:
    """Run the notebook at `path` in a fresh kernel and an empty working folder.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; it is read, never written.
    title : str
        Its heading, for the report.
    quick, strict : bool
        Set ``HEALTHGYM_EDU_QUICK`` or ``HEALTHGYM_EDU_STRICT`` for the kernel.
    timeout : int
        Most seconds that one cell may take.

    Returns
    -------
    Result
        Failure is a status, not an exception.

    Raises
    ------
    SourceError
        When the file is not a notebook.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is not a notebook that can be read ({error}).") from error
    environment = dict(os.environ)
    for name, wanted in (("QUICK", quick), ("STRICT", strict)):
        environment.pop(f"HEALTHGYM_EDU_{name}", None)
        if wanted:
            environment[f"HEALTHGYM_EDU_{name}"] = "1"
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
        )
        watch = _MemoryWatch(client)
        watch.start()
        try:
            client.execute(env=environment)
            status = "ok"
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            status = _failure(notebook, error, timeout)
        finally:
            watch.stop()
    return Result(
        name=path.stem,
        title=title or path.stem,
        seconds=time.perf_counter() - started,
        peak_megabytes=watch.peak_bytes / 1e6,
        status=status,
        notebook=notebook,
    )


def _failure(notebook: nbformat.NotebookNode, error: Exception, timeout: int) -> str:
    """Return one line about a notebook that did not reach its end."""
    reached = [
        number
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code" and "execution" in cell.metadata
    ]
    place = f"failed in cell {reached[-1]}" if reached else "failed before its first cell"
    if isinstance(error, CellTimeoutError):
        return f"{place}: it took more than {timeout} s"
    if isinstance(error, DeadKernelError):
        return f"{place}: the kernel died (often for want of memory)"
    value = _COLOUR_CODES.sub("", str(error.evalue)).strip().splitlines()
    return f"{place}: {error.ename}: {value[0] if value else ''}".rstrip(": ")


class Report:
    """A folder of HTML pages, one for each notebook, and an index.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there. One that holds anything but an earlier report is refused.

    Raises
    ------
    ArgumentError
        When the folder holds other things.
    SourceError
        When it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self.results: list[Result] = []
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            index = self.folder / "index.html"
            ours = index.is_file() and _MARK in index.read_text(encoding="utf-8", errors="replace")
            if not ours and any(self.folder.iterdir()):
                raise ArgumentError(
                    f"{self.folder} holds other files, which a report might replace. Name an empty "
                    "or a new folder with --out."
                )
            self._write("index.html", _index_page([]))
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def add(self, result: Result) -> None:
        """Write the page of one notebook and keep its line for the index."""
        self.results.append(result)
        page, _ = HTMLExporter().from_notebook_node(
            result.notebook, resources={"metadata": {"name": result.title}}
        )
        self._write(f"{result.name}.html", page)

    def write_index(self) -> Path:
        """Write the index and return its path."""
        return self._write("index.html", _index_page(self.results))

    def _write(self, name: str, text: str) -> Path:
        target = self.folder / name
        temporary = target.with_name(f".{name}.part")
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise _cannot_write(self.folder, error) from error
        return target


def _cannot_write(folder: Path, error: OSError) -> SourceError:
    return SourceError(
        f"The report cannot be written to {folder} ({error.strerror or error}). "
        "Name another folder with --out."
    )


def _index_page(results: list[Result]) -> str:
    rows = "\n".join(
        f'<tr><td><a href="{html.escape(r.name)}.html">{html.escape(r.title)}</a></td>'
        f"<td>{r.seconds:.1f}</td><td>{r.peak_megabytes:.0f}</td><td>{html.escape(r.status)}</td></tr>"
        for r in results
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="{_MARK}">
<title>Health Gym course: chapters as they ran</title>
<style>
body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; padding: 0.4em 1em 0.4em 0; border-bottom: 1px solid #ccc; }}
</style>
</head>
<body>
<h1>Chapters as they ran</h1>
<table>
<tr><th>Chapter</th><th>Seconds</th><th>Peak memory (MB)</th><th>Status</th></tr>
{rows}
</table>
<p>Simulated data, for teaching. Nothing here describes or treats a patient.</p>
</body>
</html>
"""
