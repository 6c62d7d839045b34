"""Checksums of tables, by which a cohort knows that somebody has overwritten a column."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

__all__ = ["checksums"]


def checksums(tables: Mapping[str, pd.DataFrame | None]) -> dict[str, int | None]:
    """Return the checksum of every column, by names such as ``frame['VL']``."""
    return {
        f"{name}[{column!r}]": _checksum(values)
        for name, table in tables.items()
        if table is not None
        for column, values in table.items()
    }


def _checksum(values: pd.Series) -> int:
    """Return a number that is another one as soon as a value, or its place, is."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        held = values.cat.codes.to_numpy()
    else:
        held = values.to_numpy()
    if held.dtype == object:
        held = pd.util.hash_pandas_object(values, index=False).to_numpy()
    return zlib.crc32(np.ascontiguousarray(held).data)
