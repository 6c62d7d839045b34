"""Write a table so that the file is either complete or not there."""

from __future__ import annotations

import errno
import gzip
import logging
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

__all__ = ["FORMATS", "file_format", "save_table", "writing"]

logger = logging.getLogger(__name__)

FORMATS = (".csv", ".csv.gz", ".parquet")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def file_format(path: str | PathLike[str]) -> str:
    """Return which of `FORMATS` a file name ends in, or an empty string."""
    name = str(path).lower()
    return next((ending for ending in FORMATS if name.endswith(ending)), "")


def save_table(table: pd.DataFrame, path: str | PathLike[str], overwrite: bool = False) -> None:
    """Write a table of file codes as CSV, gzipped CSV or parquet, by the ending of `path`.

    The file is written under a temporary name in the same folder and renamed when complete.

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
            import pyarrow as pa
            import pyarrow.parquet as pq

            pq.write_table(pa.Table.from_pandas(table, preserve_index=False), stream)
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
        if numbers.dtype.kind == "f" and (numbers == np.floor(numbers)).all():
            places, different = pd.factorize(numbers)
            texts = pa.array([repr(float(number)) for number in different], pa.string())
            columns[name] = texts.take(pa.array(places))
        else:
            columns[name] = pa.array(numbers)
    stream.write((",".join(table.columns) + "\n").encode())
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    csv.write_csv(pa.table(columns), stream, options)


@contextmanager
def writing(path: Path, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Open `path` for writing bytes; it appears, whole, only when the block ends well.

    Raises
    ------
    SourceError
        The file exists, its folder is missing or may not be written, or the disk is full.
    """
    _require_place(path, overwrite)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())  # a full disk shows here at the latest
        _put(part, path, overwrite)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(why_not_written(path, error)) from error
    finally:
        remove(part)


def why_not_written(path: Path, error: OSError) -> str:
    """Say in one sentence why `path` could not be written."""
    if error.errno in NO_ROOM:
        return (
            f"No room left to write {path} (nothing was kept of it). Free some disk space or "
            "choose another folder."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"You may not write to the folder {path.parent}. Choose a folder of your own for "
            f"{path.name}."
        )
    return f"{path} could not be written: {error}. Nothing was kept of it."


def remove(part: Path) -> None:
    """Remove a temporary file if it is there; where that is not allowed, say so in the log."""
    try:
        part.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("The temporary file %s could not be removed: %s", part, error)


def _require_place(path: Path, overwrite: bool) -> None:
    """Raise `SourceError` if `path` cannot become a new file."""
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder. Give the name of a file in it.")
        if not path.parent.is_dir():
            raise SourceError(f"There is no folder {path.parent}. Create it first.")
        if path.exists() and not overwrite:
            raise SourceError(
                f"{path} exists already and was left as it is. Choose another name, or pass "
                "overwrite=True to replace it."
            )
    except PermissionError as error:
        raise SourceError(why_not_written(path, error)) from error


def _put(part: Path, path: Path, overwrite: bool) -> None:
    """Give a complete temporary file its name; never replace a file unless told to."""
    if overwrite:
        os.replace(part, path)
        return
    try:
        os.link(part, path)  # unlike a rename, fails if somebody wrote the file meanwhile
    except FileExistsError:
        raise SourceError(
            f"{path} appeared while it was being written and was left as it is. Choose another "
            "name, or pass overwrite=True."
        ) from None
    except OSError:  # a file system without hard links
        os.replace(part, path)
