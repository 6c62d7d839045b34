"""Write a table so that the file is either complete or not there."""

from __future__ import annotations

import errno
import gzip
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from ..errors import ArgumentError, SourceError

__all__ = ["FORMATS", "file_format", "save_table", "storing", "writing"]

FORMATS = (".csv", ".csv.gz", ".parquet")


def file_format(path: str | PathLike[str]) -> str:
    """Return which of `FORMATS` a file name ends in, or an empty string."""
    name = str(path).lower()
    return next((ending for ending in FORMATS if name.endswith(ending)), "")


def save_table(table: pd.DataFrame, path: str | PathLike[str], overwrite: bool = False) -> None:
    """Write a table of file codes as CSV, gzipped CSV or parquet, by the ending of `path`.

    Raises
    ------
    ArgumentError
        Another ending.
    SourceError
        The file exists and `overwrite` is False, or it cannot be written.
    """
    ending = file_format(path)
    if not ending:
        raise ArgumentError(
            f"Cannot tell the format of {str(path)!r}. Use a name that ends in "
            f"{', '.join(FORMATS)}."
        )
    with writing(Path(path), overwrite=overwrite) as stream:
        if ending == ".parquet":
            table.to_parquet(stream, index=False)
        elif ending == ".csv.gz":  # no name and no time inside: same table, same bytes
            with gzip.GzipFile("", "wb", compresslevel=5, fileobj=stream, mtime=0) as packed:
                _write_csv(table, packed)
        else:
            _write_csv(table, stream)


def _write_csv(table: pd.DataFrame, stream: BinaryIO) -> None:
    """Write numbers as the published files do: codes as ``1.0``, measurements in full.

    pyarrow writes half a million rows in a tenth of the time of `DataFrame.to_csv`.
    """
    import pyarrow as pa
    from pyarrow import csv

    columns = {}
    for name, values in table.items():
        numbers = values.to_numpy()
        columns[name] = pa.array(numbers)
        if numbers.dtype.kind == "f" and (numbers == np.floor(numbers)).all():
            places, different = pd.factorize(numbers)  # pyarrow would write 1 for 1.0
            columns[name] = pa.array([repr(float(one)) for one in different]).take(places)
    stream.write((",".join(table.columns) + "\n").encode())
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    csv.write_csv(pa.table(columns), stream, options)


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
    path = path.expanduser()
    with storing(path, f"Choose another folder for {path.name}, or make room in this one."):
        path = path.resolve() if path.is_symlink() else path
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        _require_place(path, overwrite)
        try:
            with open(part, "xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())  # a full disk shows here at the latest
            _require_place(path, overwrite)  # somebody may have written the file meanwhile
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def storing(path: Path, mend: str) -> Iterator[None]:
    """Turn whatever keeps the block from writing `path` into one `SourceError` with the mend."""
    try:
        yield
    except SourceError:
        raise
    except OSError as error:
        problem = f"{path} could not be written ({error})"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            problem = f"No room left to write {path}"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            problem = f"You may not write to the folder {path.parent}"
        elif isinstance(error, TimeoutError):  # of a lock
            problem = f"Another process is still busy with {path}"
        raise SourceError(f"{problem}; nothing was kept of it. {mend}") from error


def _require_place(path: Path, overwrite: bool) -> None:
    """Raise `SourceError` if `path` cannot become a new file."""
    if path.is_dir():
        raise SourceError(f"{path} is a folder. Give the name of a file in it.")
    if not path.parent.is_dir():
        raise SourceError(f"There is no folder {path.parent}. Create it first.")
    if path.exists() and not overwrite:
        raise SourceError(
            f"{path} exists already and was left as it is. Choose another name, or pass "
            "overwrite=True to replace it."
        )
