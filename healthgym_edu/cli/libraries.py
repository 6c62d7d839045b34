"""The libraries that the course stands on: which belong to what, and whether they can be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..errors import ArgumentError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

__all__ = ["LAYERS", "Broken", "broken_imports", "few_threads", "pip", "require_lab", "wanted"]

LAYERS = {
    "lab": "`healthgym-edu lab` and `run`",
    "torch": "chapters that train networks",
    "survival": "chapters on survival",
}
"""The extras that a learner may have, and what needs them."""

_MODULES = {  # what to import of a library, where that is not its name
    "jupyterlab": "jupyterlab.labapp",
    "matplotlib": "matplotlib.pyplot",
    "pyarrow": "pyarrow.parquet",
    "scikit-learn": "sklearn.linear_model",
    "scipy": "scipy.stats",
}
_SECONDS_TO_IMPORT = 300
_IMPORT = """
import importlib, sys
for name in sys.argv[1:]:
    print("begin", name, flush=True)
    try:
        importlib.import_module(name)
    except BaseException as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        print("broken", words.encode("ascii", "replace").decode(), flush=True)
print("end", flush=True)
"""


@dataclass(frozen=True)
class Broken:
    """A library that is installed and cannot be imported: its name, and Python's reason."""

    name: str
    reason: str


def wanted(extra: str = "") -> list[Requirement]:
    """Return what the core of the course needs, or one of its extras, on this machine."""
    from packaging.requirements import Requirement

    lines = [Requirement(line) for line in metadata.requires("healthgym-edu") or []]
    core = [r for r in lines if r.marker is None or r.marker.evaluate({"extra": ""})]
    if not extra:
        return core
    named = [r for r in lines if r.marker is not None and r.marker.evaluate({"extra": extra})]
    return [r for r in named if r not in core]


def module_of(name: str) -> str:
    """Return what a library is called in an import, the part before the first dot."""
    return _MODULES.get(name, name.replace("-", "_")).split(".")[0]


def broken_imports(names: Iterable[str]) -> Iterator[Broken]:
    """Import libraries in a process of its own and yield those that fail, or end the process.

    Parameters
    ----------
    names : iterable of str
        As they are called where they are installed from: ``"scikit-learn"``.
    """
    left = {_MODULES.get(name, name.replace("-", "_")): name for name in names}
    while left:
        said, ended = _import_all(left)
        begun = ""
        for line in said.splitlines():
            word, _, rest = line.partition(" ")
            if word == "broken":
                yield Broken(left[begun], rest)
            elif word == "begin":
                begun = rest
            elif word == "end":
                return
        if not begun:
            raise ArgumentError(f"Python does not start: {ended}.")
        yield Broken(left[begun], ended)  # it took the process with it: go on behind it
        order = list(left)
        left = {module: left[module] for module in order[order.index(begun) + 1 :]}


def _import_all(modules: Iterable[str]) -> tuple[str, str]:
    """Return what the importing process printed, and how it ended."""
    command = [sys.executable, "-c", _IMPORT, *modules]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            text=True, timeout=_SECONDS_TO_IMPORT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        printed = error.stdout or b""
        text = printed.decode() if isinstance(printed, bytes) else printed
        return text, f"it took more than {_SECONDS_TO_IMPORT} s"
    return done.stdout, f"it ended Python with status {done.returncode}"


def require_lab(*modules: str) -> None:
    """Raise `ArgumentError`, with the mend, unless the extra [lab] is installed."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ArgumentError(
            f"This needs {missing[0]}, which is not installed here. Do: {pip()} install "
            + for_pip(wanted("lab"))
        )


def for_pip(requirements: Iterable[Requirement]) -> str:
    """Return requirements as they stand behind ``pip install``."""
    return " ".join(f'"{one.name}{one.specifier}"' for one in requirements)


def pip() -> str:
    """Return the command that installs into this Python."""
    return f"{sys.executable} -m pip"


def few_threads(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with one thread for numerical libraries, where nothing is said.

    With several threads each, a chapter on a busy machine is many times slower than with one:
    they wait for each other. ``OMP_NUM_THREADS`` is heeded by NumPy, scikit-learn and PyTorch,
    ``VECLIB_MAXIMUM_THREADS`` by Apple's library.
    """
    return {"OMP_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"} | dict(environment)
