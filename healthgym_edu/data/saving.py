"""Write a table as CSV, gzipped CSV or parquet."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pandas as pd

from ..errors import ArgumentError
from ..files import expanded, require_place, storing, writing

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FORMATS", "file_format", "require_format", "require_places", "save_table"]

FORMATS = (".csv", ".csv.gz", ".parquet")


def file_format(path: str | PathLike[str]) -> str:
    """Return which of `FORMATS` a file name ends in, or an empty string."""
    name = str(path).lower()
    return next((ending for ending in FORMATS if name.endswith(ending)), "")


def require_format(path: str | PathLike[str]) -> str:
    """Return which of `FORMATS` a file name ends in; `ArgumentError` if in none."""
    ending = file_format(path)
    if not ending:
        raise ArgumentError(
            f"Cannot tell the format of {str(path)!r}. Use a name that ends in "
            f"{', '.join(FORMATS)}."
        )
    return ending


def require_places(paths: Iterable[str | PathLike[str]], overwrite: bool) -> None:
    """Refuse before anything is written, so that tables which belong together stay together.

    Raises
    ------
    ArgumentError
        A name that ends in none of `FORMATS`, or one place for two tables.
    SourceError
        A place that cannot become a new file.
    """
    places = []
    for path in paths:
        require_format(path)
        place = expanded(Path(path))
        with storing(place, "Choose another place for it."):
            require_place(place, overwrite)
            places.append(place.resolve())
    twice = next((one for one in places if places.count(one) > 1), None)
    if twice is not None:
        raise ArgumentError(f"{twice} is named for two tables. Give each a file of its own.")


def save_table(table: pd.DataFrame, path: str | PathLike[str], overwrite: bool = False) -> None:
    """Write a table of file codes as CSV, gzipped CSV or parquet, by the ending of `path`.

    Raises
    ------
    ArgumentError
        Another ending.
    SourceError
        The file exists and `overwrite` is False, or it cannot be written.
    """
    ending = require_format(path)
    with writing(Path(path), overwrite=overwrite) as stream:
        if ending == ".parquet":
            table.to_parquet(stream, index=False)
        elif ending == ".csv.gz":  # no name and no time inside: same table, same bytes
            with gzip.GzipFile("", "wb", compresslevel=5, fileobj=stream, mtime=0) as packed:
                _write_csv(table, packed)
        else:
            _write_csv(table, stream)


def _write_csv(table: pd.DataFrame, stream: BinaryIO | gzip.GzipFile) -> None:
    """Write numbers as the published files do: codes as ``1.0``, measurements in full.

    pyarrow writes half a million rows in a tenth of the time of `DataFrame.to_csv`.
    """
    import pyarrow as pa
    from pyarrow import csv

    columns = {name: _cells(values) for name, values in table.items()}
    words = [one for one in columns.values() if pa.types.is_string(one.type)]
    special = any(re.search('[",\r\n]', str(one)) for each in words for one in each.unique())
    stream.write((",".join(map(_quoted, table.columns)) + "\n").encode())
    style = "needed" if special else "none"  # "needed" would put all words in quotes
    options = csv.WriteOptions(include_header=False, quoting_style=style)
    csv.write_csv(pa.table(columns), stream, options)


def _cells(values: pd.Series) -> pa.Array:
    """Return a column for pyarrow to write: whole floats with their ``.0``, TRUE and FALSE."""
    import pyarrow as pa

    if values.dtype == bool:
        return pa.array(np.where(values, "TRUE", "FALSE"))
    if isinstance(values.dtype, pd.CategoricalDtype) or values.dtype == object:
        return pa.array(values.astype(str).to_numpy(dtype=object))
    numbers = values.to_numpy()
    if numbers.dtype.kind == "f" and (numbers == np.floor(numbers)).all():
        places, different = pd.factorize(numbers)  # pyarrow would write 1 for 1.0
        return pa.array([repr(float(one)) for one in different]).take(places)
    return pa.array(values)


def _quoted(name: object) -> str:
    text = str(name)
    return '"' + text.replace('"', '""') + '"' if re.search('[",\r\n]', text) else text
