"""Write a file so that it is either complete or not there."""

from __future__ import annotations

import errno
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import SourceError

__all__ = ["expanded", "require_place", "storing", "unwound", "writing"]


@contextmanager
def writing(path: Path, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Open `path` for writing bytes; it appears, whole, only when the block ends well.

    The bytes go to a temporary name in the same folder, which is renamed at the end. A leading
    ``~`` is the home folder; a link stays, and the file that it names is written.

    Raises
    ------
    SourceError
        The file exists, its folder is missing or may not be written, or the disk is full.
    """
    path = expanded(path)
    mend = f"Choose another folder for {path.name}, or make room in this one."
    with unwound(), storing(path, mend):
        path = path.resolve() if path.is_symlink() else path
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        require_place(path, overwrite)
        try:
            with open(part, "xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())  # a full disk shows here at the latest
            require_place(path, overwrite)  # somebody may have written the file meanwhile
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def expanded(path: Path) -> Path:
    """Return the path with a leading ``~`` replaced; `SourceError` if there is no such home."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise SourceError(
            f"{path} names the home of somebody unknown here. Write it out."
        ) from error


@contextmanager
def unwound() -> Iterator[None]:
    """Let a request to terminate unwind the block, as Ctrl-C does, instead of cutting it off."""
    names = {"SIGTERM", "SIGHUP"} & {one.name for one in signal.Signals}
    ours = [one for one in map(signal.Signals.__getitem__, names) if _is_default(one)]
    for one in ours:
        signal.signal(one, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        for one in ours:
            signal.signal(one, signal.SIG_DFL)


def _is_default(one: signal.Signals) -> bool:
    """Whether nobody handles the signal, and it can be handled here: in the main thread alone."""
    in_main = threading.current_thread() is threading.main_thread()
    return in_main and signal.getsignal(one) is signal.SIG_DFL


@contextmanager
def storing(path: Path, mend: str) -> Iterator[None]:
    """Turn whatever keeps the block from writing `path` into one `SourceError` with the mend."""
    try:
        yield
    except SourceError:
        raise
    except (OSError, RuntimeError) as error:  # before Python 3.13 links in a circle are the latter
        problem = f"{path} could not be written ({error})"
        if isinstance(error, RuntimeError):
            problem = f"{path} is a link that leads to itself"
        elif error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            problem = f"No room left to write {path}"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            problem = f"You may not write to the folder {path.parent}"
        elif isinstance(error, TimeoutError):  # of a lock
            problem = f"Another process is still busy with {path}"
        raise SourceError(f"{problem}; nothing was kept of it. {mend}") from error


def require_place(path: Path, overwrite: bool) -> None:
    """Raise `SourceError` if `path` cannot become a new file."""
    if path.is_dir():
        raise SourceError(f"{path} is a folder. Give the name of a file in it.")
    if not path.parent.is_dir():
        raise SourceError(f"There is no folder {path.parent}. Create it first.")
    if path.exists() and not overwrite:
        raise SourceError(
            f"{path} exists already and was left as it is. Choose another name, or pass "
            "overwrite=True (--overwrite on the command line) to replace it."
        )
