"""Checksums of tables, by which a cohort knows that somebody has overwritten a column."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

__all__ = ["checksums", "differing"]

Tables = Mapping[str, pd.DataFrame | None]


def checksums(tables: Tables) -> dict[str, int | None]:
    """Return the checksum of every column and index, by names such as ``frame['VL']``."""
    found: dict[str, int | None] = {}
    for name, table in tables.items():
        if table is not None:
            found[f"{name}.index"] = _checksum(table.index.to_series())
            found |= {f"{name}[{column!r}]": _checksum(table[column]) for column in table}
    return found


def differing(tables: Tables, marks: Mapping[str, int | None]) -> list[str]:
    """Return which of the checksums no longer hold; columns that were added are not looked at."""
    changed = []
    for name, table in tables.items():
        if table is None:
            continue
        if _checksum(table.index.to_series()) != marks[f"{name}.index"]:
            changed.append(f"{name}.index")
        there = {f"{name}[{column!r}]": column for column in table.columns}
        for mark in (one for one in marks if one.startswith(f"{name}[")):
            values = table[there[mark]] if mark in there else None
            if not isinstance(values, pd.Series) or _checksum(values) != marks[mark]:
                changed.append(mark)
    return changed


def _checksum(values: pd.Series) -> int:
    """Return a number that is another one as soon as a value, its place or the type is."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        held, kind = values.cat.codes.to_numpy(), str(list(values.cat.categories))
    else:
        held, kind = values.to_numpy(), str(values.dtype)
    if held.dtype == object:
        held = np.frombuffer(str(list(held)).encode(), dtype=np.uint8)
    return zlib.crc32(kind.encode(), zlib.crc32(np.ascontiguousarray(held).view(np.uint8).data))
