"""Read a CSV or parquet file of a published layout into a decoded, checked table.

Whatever is wrong with a file, the reader hears it in one `SourceError` (the file cannot be read)
or `SchemaError` (it can, but its content does not fit) that names the file and the mend.
"""

from __future__ import annotations

import difflib
import gzip
import logging
import re
import zlib
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import SchemaError, SourceError
from ..schema import Schema
from ..schema_checks import shorten
from .recognising import refuse_labelled, refuse_other_condition, refuse_real_people
from .saving import FORMATS, file_format

__all__ = ["guess_format", "read_table"]

logger = logging.getLogger(__name__)

STRAY = re.compile(r"(Unnamed: \d+|index|__index_level_0__)?")  # or no name at all
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_BYTES = 2_000_000_000
"""What a file may unpack to; the largest published one has 45 MB."""
_FAULTS = (ValueError, TypeError, KeyError, IndexError, OverflowError, RuntimeError)
"""What parsers raise at a damaged file, besides errors of their own."""
_AGAIN = "Download it again and look at it in a text editor"
_NOT_CSV = {  # how a file that is something else begins, and the mend
    b"\x1f\x8b": "it is gzip-compressed. Rename it to end in .csv.gz",
    b"PAR1": "it is a parquet file. Rename it to end in .parquet",
    b"PK\x03\x04": "it is an Excel workbook or a zip archive. Save or unpack it as CSV",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook. Save it as 'CSV UTF-8'",
    b"\xff\xfe": "it is UTF-16 text. Save it as UTF-8",
    b"\xfe\xff": "it is UTF-16 text. Save it as UTF-8",
    b"<": f"it is a web page (HTML or XML), probably an error page. {_AGAIN}",
    b"{": f"it is JSON, probably the error message of a server. {_AGAIN}",
    b"[": f"it is JSON, probably the error message of a server. {_AGAIN}",
}


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
        The file is missing, may not be read, is empty, damaged or not what its name says, or has
        columns that identify real people.
    SchemaError
        Its columns or values do not fit; ``row`` counts data rows from 0.
    """
    path, name = Path(path), name or str(path)
    ending = ending or _require_format(path)
    table = read_raw(path, ending, name)
    try:
        frame = _sort(schema.decode(_tidy(table, schema, name)), schema, name)
        schema.validate(frame)
    except SchemaError as error:
        line = ""
        if error.row is not None and ending != ".parquet":
            line = f" (Row {error.row} of the data is line {error.row + 2} of the file.)"
        raise SchemaError(f"{name}: {error}{line}", column=error.column, row=error.row) from None
    return frame.reset_index(drop=True)


def read_raw(path: Path, ending: str = "", name: str = "") -> pd.DataFrame:
    """Read a file as it stands, without asking what its columns mean.

    Raises
    ------
    SourceError
        Whatever keeps it from being read.
    """
    name, ending = name or str(path), ending or _require_format(path)
    try:
        _require_file(path)
        return _read_parquet(path, name) if ending == ".parquet" else _read_csv(path, ending, name)
    except SourceError:
        raise
    except ImportError as error:
        raise SourceError(
            f"{name} cannot be read, since the library for it cannot be imported ({error}). "
            "`healthgym-edu doctor` says how to mend it."
        ) from error
    except MemoryError as error:
        raise SourceError(f"{name} does not fit into memory. Read a part of it.") from error
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error}. Check that you may read it.") from error


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
    raise SourceError(
        f"Cannot tell the format of {path} by its name. Expected a file that ends in "
        f"{', '.join(FORMATS)}. For a spreadsheet: open it and save it as 'CSV UTF-8'."
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
    """Parse a CSV file; `SourceError` if it is something else or damaged.

    Not with pandas: the C parser of pandas 2 (behind `read_csv` and `to_numeric`) ends the whole
    process at a cell such as ``1e2147483648``; pandas pull request 62741 mends it in pandas 3.
    pyarrow is also faster and rounds exactly.
    """
    import pyarrow as pa
    from pyarrow import csv

    raw = path.read_bytes()
    if ending == ".csv.gz" and raw:
        if not raw.startswith(b"\x1f\x8b"):
            raise SourceError(
                f"{name} is called .csv.gz but is not gzip-compressed. If it is plain CSV, rename "
                "it to .csv."
            )
        try:
            with gzip.open(path) as stream:
                raw = stream.read(MOST_BYTES + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(_damaged(name, error)) from None
    if len(raw) > MOST_BYTES:
        raise SourceError(_too_large(name, "more than 2 GB"))
    _require_csv(raw, name)

    def parse(use_threads: bool) -> pa.Table:
        options = csv.ReadOptions(use_threads=use_threads)
        convert = csv.ConvertOptions(strings_can_be_null=True)
        return csv.read_csv(pa.BufferReader(raw), options, convert_options=convert)

    try:
        try:
            return parse(use_threads=True).to_pandas()
        except MemoryError:
            raise
        except (pa.ArrowException, *_FAULTS):
            return parse(use_threads=False).to_pandas()  # slower, but its error names the row
    except MemoryError:
        raise
    except (pa.ArrowException, *_FAULTS) as error:
        raise SourceError(
            f"{name} cannot be read as comma-separated values ({shorten(str(error), 160)}). Every "
            "line must have as many cells as the first."
        ) from None


def _require_csv(raw: bytes, name: str) -> None:
    """Raise `SourceError` if the content of a file cannot be comma-separated UTF-8 text."""
    start = raw[: 1 << 16].removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not start:
        raise SourceError(_empty(name))
    for signature, kind in _NOT_CSV.items():
        if start.startswith(signature):
            raise SourceError(f"{name} is not CSV: {kind}.")
    if b"\x00" in raw:
        raise SourceError(f"{name} is not CSV: it holds zero bytes. Get it again.")
    header = start.splitlines()[0].decode("utf-8", "replace")
    refuse_real_people(re.split(r"[,;\t|]", header), name)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        byte, line = raw[error.start], raw.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{name} is not UTF-8 text (line {line}: byte 0x{byte:02x} does not belong). It "
            "was probably saved as Latin-1 or Windows-1252: save it as UTF-8, or: "
            "pandas.read_csv(path, encoding='latin-1').to_csv(new_path, index=False)."
        ) from None
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if header.count(mark) > header.count(","):
            commas = _has_decimal_commas(start, mark)
            decimal = ", decimal=','" if commas else ""
            raise SourceError(
                f"{name} separates its columns by {word}, not by commas"
                f"{', and writes decimal commas' if commas else ''}. Save it as comma-separated "
                f"values with decimal points, or: pandas.read_csv(path, sep={mark!r}{decimal})"
                ".to_csv(new_path, index=False)."
            )


def _has_decimal_commas(start: bytes, mark: str) -> bool:
    """Whether cells between these marks are numbers such as 1,5, as in much of Europe."""
    lines = start.decode("utf-8", "replace").splitlines()[1:50]
    cells = (cell.strip() for line in lines for cell in line.split(mark))
    return any(re.fullmatch(r"-?\d*,\d+", cell) for cell in cells)


def _read_parquet(path: Path, name: str) -> pd.DataFrame:
    """Read one parquet file, ignoring everything in it but columns and values."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.stat().st_size == 0:
        raise SourceError(_empty(name))
    if guess_format(path) != ".parquet":
        raise SourceError(f"{name} is called .parquet but is not a parquet file. Get it again.")
    try:
        with pq.ParquetFile(path) as file:
            refuse_real_people(file.schema_arrow.names, name)
            size = 8 * file.metadata.num_rows * file.metadata.num_columns
            if size > MOST_BYTES:
                raise SourceError(_too_large(name, f"{size / 1e9:,.0f} GB in memory"))
            return file.read().replace_schema_metadata(None).to_pandas()
    except (SourceError, MemoryError):
        raise
    except (pa.ArrowException, OSError, *_FAULTS) as error:
        raise SourceError(_damaged(name, error)) from None


def _too_large(name: str, size: str) -> str:
    return (
        f"{name} unpacks to {size}: no file of this kind is a fiftieth of that, so it was not "
        "read. Get it again from where it was published."
    )


def _empty(name: str) -> str:
    return f"{name} is empty. Get it again, or write it again with cohort.save()."


def _damaged(name: str, error: Exception) -> str:
    reason = shorten(str(error), 160)
    return f"{name} is damaged or was cut off while it was copied ({reason}). Get it again."


def _tidy(table: pd.DataFrame, schema: Schema, name: str) -> pd.DataFrame:
    """Drop a stray index and use the names of `schema`."""
    table.columns = found = [str(column) for column in table.columns]
    refuse_labelled(found, schema, name)
    refuse_other_condition(found, schema, name)
    stray = [column for column in found if column not in schema and STRAY.fullmatch(column)]
    if stray:
        logger.info("%s: dropped the stray column %s.", name, stray[0] or "without a name")
        table = table.drop(columns=stray)
    renamed = {old: new for old, new in schema.aliases if old in found and new not in found}
    if renamed:
        logger.info("%s: renamed %s, as in other editions of the file.", name, renamed)
        table = table.rename(columns=renamed)
    return table


def _sort(frame: pd.DataFrame, schema: Schema, name: str) -> pd.DataFrame:
    """Order rows by patient and step; row labels still say where each stood in the file."""
    order = np.lexsort((frame[schema.step], frame[schema.id]))
    if (order == np.arange(len(order))).all():
        return frame
    logger.info("%s: sorted the rows by patient and step.", name)
    return frame.iloc[order]
