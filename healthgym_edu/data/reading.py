"""Read a CSV or parquet file of a published layout into a decoded, checked table.

Whatever is wrong with a file, the reader hears it in one `SourceError` (the file cannot be read)
or `SchemaError` (it can, but its content does not fit) that names the file and the mend.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import logging
import re
import warnings
import zlib
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from .._table_checks import shorten
from ..errors import SchemaError, SourceError
from ..schema import Schema
from .saving import FORMATS, file_format

__all__ = ["guess_format", "read_header", "read_table"]

logger = logging.getLogger(__name__)

_HEAD = 1 << 16  # bytes looked at before a file is parsed
_STRAY = re.compile(r"Unnamed: \d+(\.\d+)?|index|__index_level_0__")


def read_table(
    path: str | PathLike[str], schema: Schema, *, ending: str = "", name: str = ""
) -> pd.DataFrame:
    """Read a file and return its rows with labels, sorted by patient and step, validated.

    Parameters
    ----------
    path : str or path
        A ``.csv``, ``.csv.gz`` or ``.parquet`` file of file codes, as published or as
        `Cohort.save` writes it. Other editions' column names (`Schema.aliases`), a stray index
        column, another order of columns or rows are put right, with a note in the log.
    schema : Schema
        The columns to expect.
    ending : str
        One of `FORMATS` for a file whose name does not say.
    name : str
        What to call the file in messages, such as the URL it came from.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        As `Schema.decode` returns it, index 0, 1, 2, …

    Raises
    ------
    SourceError
        The file is missing, may not be read, is empty, damaged or not what its name says.
    SchemaError
        Its columns or values do not fit; ``row`` counts data rows from 0.
    """
    path, name = Path(path), name or str(path)
    ending = ending or _require_format(path)
    try:
        _require_file(path)
        table = _read_parquet(path, name) if ending == ".parquet" else _read_csv(path, ending, name)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"{name} cannot be read: {error}. Check that you may read it.") from error
    try:
        frame = _sort(schema.decode(_tidy(table, schema, name)), schema, name)
        schema.validate(frame)
    except SchemaError as error:
        line = ""
        if error.row is not None and ending != ".parquet":
            line = f" (Row {error.row} of the data is line {error.row + 2} of the file.)"
        raise SchemaError(f"{name}: {error}{line}", column=error.column, row=error.row) from None
    return frame.reset_index(drop=True)


def read_header(path: Path, ending: str = ".csv") -> list[str]:
    """Return the column names in the first line of a CSV file."""
    return _split_header(_head(path, ending, str(path)), str(path))


def guess_format(path: Path) -> str:
    """Return which of `FORMATS` a file holds by its first bytes, whatever it is called."""
    with open(path, "rb") as stream:
        start = stream.read(4)
    if start == b"PAR1":
        return ".parquet"
    return ".csv.gz" if start[:2] == b"\x1f\x8b" else ".csv"


def _require_format(path: Path) -> str:
    """Return the format that the file's name says, or raise `SourceError`."""
    ending = file_format(path)
    if ending:
        return ending
    if path.suffix.lower() in (".xlsx", ".xls", ".xlsm", ".ods"):
        raise SourceError(
            f"{path} is a spreadsheet. Open it and save it as 'CSV UTF-8 (comma delimited)', then "
            "pass the new file."
        )
    raise SourceError(
        f"Cannot tell the format of {path} by its name. Expected a file that ends in "
        f"{', '.join(FORMATS)}."
    )


def _require_file(path: Path) -> None:
    """Raise `SourceError` if there is no file; suggest one with a similar name if there is one."""
    if path.is_file():
        return
    if path.is_dir():
        raise SourceError(f"{path} is a folder. Give the name of a file in it.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise SourceError(f"There is no file {path}: the folder {folder} does not exist either.")
    near = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], n=1)
    hint = f" Did you mean {near[0]}?" if near else " Check the spelling and the folder."
    raise SourceError(f"There is no file {path.name} in {folder}.{hint}")


def _read_csv(path: Path, ending: str, name: str) -> pd.DataFrame:
    """Parse a CSV file; `SourceError` if it is something else or damaged."""
    _split_header(_head(path, ending, name), name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # text is reported by decode
            return pd.read_csv(path, compression="gzip" if ending == ".csv.gz" else None)
    except UnicodeDecodeError as error:
        raise SourceError(_not_utf8(name, error)) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(
            f"{name} is damaged or was cut off while it was copied ({error}). Get it again."
        ) from None
    except ValueError as error:  # ParserError, EmptyDataError and their kin
        raise SourceError(
            f"{name} cannot be read as comma-separated values: {str(error).strip()}. Every line "
            "must have as many cells as the first."
        ) from None


def _head(path: Path, ending: str, name: str) -> bytes:
    """Return the first bytes of a CSV file, unpacked; `SourceError` if they cannot be CSV."""
    with open(path, "rb") as stream:
        raw = stream.read(_HEAD)
    if ending == ".csv.gz" and raw:
        if raw[:2] != b"\x1f\x8b":
            raise SourceError(
                f"{name} is called .csv.gz but is not gzip-compressed. If it is plain CSV, rename "
                "it to .csv."
            )
        try:
            with gzip.open(path, "rb") as stream:
                raw = stream.read(_HEAD)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(
                f"{name} is damaged or was cut off while it was copied ({error}). Get it again."
            ) from None
    if not raw.strip():
        raise SourceError(f"{name} is empty. Get it again, or write it again with cohort.save().")
    found = _what_it_is(raw)
    if found:
        raise SourceError(f"{name} is not CSV: {found}.")
    return raw


def _what_it_is(raw: bytes) -> str:
    """Name the kind of a file that is not CSV, with the mend; empty if it may be CSV."""
    kinds = (
        (b"\x1f\x8b", "it is gzip-compressed. Rename it to end in .csv.gz"),
        (b"PK\x03\x04", "it is an Excel workbook or a zip archive. Save or unpack it as CSV"),
        (b"\xd0\xcf\x11\xe0", "it is an old Excel workbook. Save it as 'CSV UTF-8'"),
        (b"PAR1", "it is a parquet file. Rename it to end in .parquet"),
        (b"\xff\xfe", "it is UTF-16 text. Save it as UTF-8"),
        (b"\xfe\xff", "it is UTF-16 text. Save it as UTF-8"),
    )
    for start, kind in kinds:
        if raw.startswith(start):
            return kind
    text = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return (
            "it is a web page (HTML or XML), probably an error page saved under this name. "
            "Download the file again and look at it in a text editor"
        )
    if text.startswith((b"{", b"[")):
        return (
            "it is JSON, probably the error message of a server. Download the file again and look "
            "at it in a text editor"
        )
    if b"\x00" in raw:
        return "it holds zero bytes, which no text file does. Get it again"
    return ""


def _split_header(raw: bytes, name: str) -> list[str]:
    """Return the names in the first line; `SourceError` if commas do not separate them."""
    line = raw.lstrip(b"\r\n").splitlines()[0]
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(_not_utf8(name, error)) from None
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if text.count(mark) > text.count(","):
            raise SourceError(
                f"{name} separates its columns by {word}, not by commas. Save it as "
                f"comma-separated values, or: pandas.read_csv(path, sep={mark!r})"
                ".to_csv(new_path, index=False)."
            )
    return next(csv.reader([text]))


def _not_utf8(name: str, error: UnicodeDecodeError) -> str:
    """Say that a file is not UTF-8 and how to make it so."""
    byte = error.object[error.start]
    return (
        f"{name} is not UTF-8 text (byte 0x{byte:02x} does not belong). It was probably saved as "
        "Latin-1 or Windows-1252: save it as UTF-8, or: pandas.read_csv(path, "
        "encoding='latin-1').to_csv(new_path, index=False)."
    )


def _read_parquet(path: Path, name: str) -> pd.DataFrame:
    """Read one parquet file, ignoring everything in it but columns and values."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open(path, "rb") as stream:
        start = stream.read(4)
    if not start:
        raise SourceError(f"{name} is empty. Get it again, or write it again with cohort.save().")
    if start != b"PAR1":
        raise SourceError(f"{name} is called .parquet but is not a parquet file. Get it again.")
    try:
        with pq.ParquetFile(path) as file:
            return file.read().replace_schema_metadata(None).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise SourceError(
            f"{name} is damaged or was cut off while it was copied ({error}). Get it again."
        ) from None


def _tidy(table: pd.DataFrame, schema: Schema, name: str) -> pd.DataFrame:
    """Drop a stray index, use the names of `schema` and number the rows from 0."""
    if not isinstance(table.index, pd.RangeIndex):  # more cells in a line than names in the header
        if not _counts_rows(table.index):
            raise SchemaError(
                f"The header names {table.shape[1]} columns but the first row has "
                f"{table.shape[1] + table.index.nlevels} cells. Every line must have as many cells "
                "as the header."
            )
        logger.info("%s: dropped the row numbers in its first column, which has no name.", name)
        table = table.reset_index(drop=True)
    table = table.rename(columns=str)
    stray = [column for column in table if column not in schema and _STRAY.fullmatch(column)]
    if stray:
        logger.info("%s: dropped the stray column %s.", name, ", ".join(stray))
        table = table.drop(columns=stray)
    renamed = {
        old: new for old, new in schema.aliases if old in table.columns and new not in table.columns
    }
    if renamed:
        logger.info("%s: renamed %s, as in other editions of the file.", name, renamed)
        table = table.rename(columns=renamed)
    if sorted(table.columns) == sorted(schema.names) and list(table.columns) != schema.names:
        logger.info("%s: put the columns in the order of the published file.", name)
    return table


def _counts_rows(index: pd.Index) -> bool:
    """Whether an index is 0, 1, 2, … or 1, 2, 3, …, as R and spreadsheets write it."""
    if index.nlevels > 1 or not pd.api.types.is_integer_dtype(index.dtype) or not len(index):
        return False
    numbers = index.to_numpy()
    return numbers[0] in (0, 1) and bool((numbers == numbers[0] + np.arange(len(numbers))).all())


def _sort(frame: pd.DataFrame, schema: Schema, name: str) -> pd.DataFrame:
    """Order rows by patient and step; row labels still say where each stood in the file."""
    ids, steps = frame[schema.id].to_numpy(), frame[schema.step].to_numpy()
    sound = (ids[1:] > ids[:-1]) | ((ids[1:] == ids[:-1]) & (steps[1:] >= steps[:-1]))
    if sound.all():
        return frame
    first = int(np.argmin(sound)) + 1
    logger.info("%s: sorted the rows; row %s was out of order.", name, shorten(first))
    return frame.iloc[np.lexsort((steps, ids))]
