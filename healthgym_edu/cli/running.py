"""Run a notebook in a kernel of its own, watch its memory, and tell what became of it."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from .libraries import few_threads
from .parameters import read_notebook, with_parameters

__all__ = ["Result", "run_notebook"]

_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
_Failures = CellExecutionError | CellTimeoutError | DeadKernelError


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
            pid = _kernel_pid(self._client)
            if pid:
                self.peak_bytes = max(self.peak_bytes, _tree_bytes(pid))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _kernel_pid(client: NotebookClient) -> int | None:
    return getattr(getattr(client.km, "provisioner", None), "pid", None)


def _family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants; none once it is gone."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _tree_bytes(pid: int) -> int:
    """Return the resident bytes of a process and its descendants; 0 once it is gone."""
    total = 0
    for process in _family(pid):
        try:
            total += process.memory_info().rss
        except psutil.Error:  # it ended between being listed and being asked
            continue
    return total


def run_notebook(
    path: Path,
    *,
    title: str = "",
    quick: bool = False,
    strict: bool = False,
    timeout: int = 600,
    parameters: Mapping[str, object] | None = None,
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
    parameters : mapping, optional
        Values for names of its ``parameters`` cell.

    Returns
    -------
    Result
        Failure is a status, not an exception.

    Raises
    ------
    SourceError
        When the file is not a notebook.
    ArgumentError
        When it has no such parameter, or a value is of another kind than the notebook's own.
    KeyboardInterrupt
        When the run was interrupted; the kernel is then gone.
    """
    notebook = with_parameters(read_notebook(path), parameters or {}, path.stem)
    environment = few_threads(os.environ) | {"HEALTHGYM_EDU_STATIC": "1"}  # pages have no kernel
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
            _execute(client, environment)
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


def _execute(client: NotebookClient, environment: dict[str, str]) -> None:
    """Execute in a thread, so that an interruption reaches us and not nbclient.

    In the main thread nbclient takes signals for itself, kills the kernel and then reports that
    the kernel died, which would blame the chapter.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(lambda: asyncio.run(client.async_execute(env=environment)))
        try:
            while not future.done():
                wait([future], timeout=0.2)  # in slices: on Windows a wait cannot be interrupted
        except BaseException:
            _end_kernel(client, future)
            raise
        future.result()


def _end_kernel(client: NotebookClient, future: Future) -> None:
    """Kill the kernel and what it started until the thread that waits for it has noticed."""
    while not future.done():
        pid = _kernel_pid(client)
        for process in _family(pid) if pid else []:
            try:
                process.kill()
            except psutil.Error:  # it ended by itself
                continue
        wait([future], timeout=0.2)


def _failure(notebook: nbformat.NotebookNode, error: _Failures, timeout: int) -> str:
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
