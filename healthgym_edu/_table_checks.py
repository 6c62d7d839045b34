"""The checks behind `Schema`: each passes quickly over a column and, if it fails, finds the place.

Every function here runs a few whole-column NumPy operations on good data. Only when one of them
fails is the first offending row looked for, so that the message can name it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .errors import SchemaError

if TYPE_CHECKING:
    from .schema import Schema, Variable

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.ASCII | re.IGNORECASE)


def require_columns(table: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise `SchemaError` unless `table` has each of `names` exactly once and nothing else."""
    if not isinstance(table, pd.DataFrame):
        raise SchemaError(f"Expected a pandas DataFrame, found {type(table).__name__}.")
    found = [str(name) for name in table.columns]
    missing = [name for name in names if name not in found]
    extra = [name for name in found if name not in names]
    double = sorted({name for name in found if found.count(name) > 1})
    if not (missing or extra or double):
        return
    parts = []
    if missing:
        parts.append(f"missing: {quote(missing)}")
    if extra:
        parts.append(f"not expected: {quote(extra)}")
    if double:
        parts.append(f"more than once: {quote(double)}")
    raise SchemaError(
        f"The columns do not fit ({'; '.join(parts)}). Expected exactly these "
        f"{len(names)}: {', '.join(names)}. Rename or drop columns until they agree.",
        column=(missing or extra or double)[0],
    )


def as_numbers(values: pd.Series, variable: Variable) -> np.ndarray:
    """Return a column as float64 (or the integers it already holds); `SchemaError` at text."""
    if pd.api.types.is_bool_dtype(values.dtype) and not variable.is_boolean:
        raise SchemaError(
            f"Column {variable.name!r} holds True and False. Expected {expected(variable)}.",
            column=variable.name,
            row=_label(values.index, 0) if len(values) else None,
        )
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iufb":
        return values.to_numpy() if values.dtype.kind == "i" else values.to_numpy(dtype=float)
    if pd.api.types.is_numeric_dtype(values.dtype):  # nullable types: a missing cell becomes NaN
        return values.to_numpy(dtype=float, na_value=np.nan)
    cells = values.to_numpy(dtype=object)
    numbers = np.array([_as_number(cell) for cell in cells], dtype=object)
    text = np.flatnonzero(np.equal(numbers, None))
    if len(text):
        row = _label(values.index, text[0])
        raise SchemaError(
            f"Column {variable.name!r}, row {row}: found {shorten(cells[text[0]])}, which is not "
            f"a number. Expected {expected(variable)}.",
            column=variable.name,
            row=row,
        )
    return numbers.astype(float)


def _as_number(cell: object) -> float | None:
    """Return a cell as a number, NaN if it is empty, None if it is something else.

    Not with pandas.to_numeric: see the note on pandas' parser in data/reading.py.
    """
    if isinstance(cell, str):
        return float(cell) if _NUMBER.fullmatch(cell) else None
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return np.nan
    if isinstance(cell, (Real, Decimal)) and not isinstance(cell, (bool, np.bool_)):
        try:
            return float(cell)
        except (OverflowError, ValueError):  # a whole number of 400 digits, a signalling NaN
            return np.inf
    return None


def as_integers(numbers: np.ndarray, variable: Variable, index: pd.Index) -> np.ndarray:
    """Return ids or steps as int64; `SchemaError` at the first one that is not whole."""
    if numbers.dtype.kind == "i":
        return numbers.astype(np.int64, copy=False)
    whole = np.abs(numbers) < 2**53  # beyond this, float64 no longer tells neighbours apart
    whole &= numbers == np.floor(numbers)
    if not whole.all():
        _raise_at(numbers, ~whole, variable, index)
    return numbers.astype(np.int64)


def positions_of_codes(numbers: np.ndarray, variable: Variable, index: pd.Index) -> np.ndarray:
    """Return, for each file code, its position in ``variable.codes`` (int8, shape (n_rows,))."""
    lowest, highest = min(variable.codes), max(variable.codes)
    if len(numbers) == 0:
        return np.empty(0, dtype=np.int8)
    with np.errstate(invalid="ignore"):  # NaN and huge numbers: caught by the comparison below
        offsets = (numbers - lowest).astype(np.int16)
    known = offsets == numbers - lowest
    inside = offsets.min() >= 0 and offsets.max() <= highest - lowest
    if not (inside and known.all()):
        _raise_at(numbers, ~np.isin(numbers, variable.codes), variable, index)
    table = np.full(highest - lowest + 1, -1, dtype=np.int8)
    table[np.asarray(variable.codes) - lowest] = np.arange(len(variable.codes))
    positions = table[offsets]
    if positions.min() < 0:  # a hole between the codes
        _raise_at(numbers, positions < 0, variable, index)
    return positions


def positions_of_labels(values: pd.Series, variable: Variable) -> np.ndarray:
    """Return, for each label, its position in ``variable.labels``; `SchemaError` if unknown."""
    if variable.is_boolean and values.dtype == np.dtype(bool):
        return values.to_numpy().astype(np.int8)
    positions = pd.Categorical(values, categories=list(variable.labels)).codes
    unknown = np.flatnonzero(positions < 0)
    if len(unknown):
        row = _label(values.index, unknown[0])
        raise SchemaError(
            f"Column {variable.name!r}, row {row}: found "
            f"{shorten(values.iloc[unknown[0]])}. Expected one of "
            f"{', '.join(map(str, variable.labels))}.",
            column=variable.name,
            row=row,
        )
    return positions


def require_type(values: pd.Series, variable: Variable) -> None:
    """Raise `SchemaError` unless a decoded column has the type its kind asks for, and no hole."""
    dtype = values.dtype
    if variable.is_coded and not variable.is_boolean:
        labels = list(dtype.categories) if isinstance(dtype, pd.CategoricalDtype) else None
        sound, wanted = labels == list(variable.labels), f"a categorical of {variable.labels}"
    elif variable.is_coded:
        sound, wanted = dtype == np.dtype(bool), "booleans (dtype bool)"
    elif variable.kind == "numeric":
        sound = isinstance(dtype, np.dtype) and dtype.kind == "f"
        wanted = "floating-point numbers"
    else:
        sound, wanted = isinstance(dtype, np.dtype) and dtype.kind == "i", "integers"
    if not sound:
        raise SchemaError(
            f"Column {variable.name!r} has type {dtype}. Expected {wanted}: decode the table "
            "with schema.decode(table) first.",
            column=variable.name,
        )
    if isinstance(dtype, pd.CategoricalDtype) and values.cat.codes.min() < 0:
        row = _label(values.index, int(np.argmax(values.cat.codes.to_numpy() < 0)))
        raise SchemaError(
            f"Column {variable.name!r}, row {row}: the value is missing. "
            f"Expected {expected(variable)}.",
            column=variable.name,
            row=row,
        )


def require_range(frame: pd.DataFrame, variable: Variable, id_name: str, step_name: str) -> None:
    """Raise `SchemaError` at the first number that is missing or outside the plausible range."""
    numbers = frame[variable.name].to_numpy()
    low = -np.inf if variable.low is None else variable.low
    high = np.inf if variable.high is None else variable.high
    lowest, highest = numbers.min(), numbers.max()  # NaN if any number is missing
    if low <= lowest and highest <= high and np.isfinite(lowest) and np.isfinite(highest):
        return
    bad = ~((numbers >= low) & (numbers <= high) & np.isfinite(numbers))
    place = int(np.argmax(bad))
    row = _label(frame.index, place)
    found = "the value is missing" if np.isnan(numbers[place]) else f"found {numbers[place]:.8g}"
    raise SchemaError(
        f"Column {variable.name!r}, row {row} ({id_name} {frame[id_name].iat[place]}, "
        f"{step_name} {frame[step_name].iat[place]}): {found}. Expected "
        f"{expected(variable)}; {bad.sum():,} of {len(bad):,} rows fail.",
        column=variable.name,
        row=row,
    )


def require_steps(frame: pd.DataFrame, schema: Schema) -> None:
    """Raise `SchemaError` unless each patient has one row per step, from 0, in rising order."""
    ids, steps = frame[schema.id].to_numpy(), frame[schema.step].to_numpy()
    same = ids[1:] == ids[:-1]  # (n_rows - 1,): does the next row belong to the same patient?
    rising = np.where(same, steps[1:] == steps[:-1] + 1, (ids[1:] > ids[:-1]) & (steps[1:] == 0))
    if steps[0] != 0 or not rising.all():
        place = 0 if steps[0] != 0 else int(np.argmin(rising)) + 1
        raise SchemaError(
            _describe_step(ids, steps, place, frame.index, schema),
            column=schema.step,
            row=_label(frame.index, place),
        )
    starts = np.flatnonzero(np.r_[True, ~same])
    lengths = np.diff(np.r_[starts, len(ids)])
    wrong = lengths != schema.n_steps if schema.equal_length else lengths > schema.n_steps
    if wrong.any():
        first = int(np.argmax(wrong))
        most = "" if schema.equal_length else "at most "
        rows = "row" if lengths[first] == 1 else "rows"
        raise SchemaError(
            f"Patient {ids[starts[first]]} has {lengths[first]} {rows}. Expected {most}"
            f"{schema.n_steps} (one per {schema.step_unit}, {schema.step} 0 to "
            f"{schema.n_steps - 1}); {wrong.sum():,} of {len(starts):,} patients fail. Was the "
            "file cut off, or were rows filtered? Select patients, never single rows.",
            column=schema.step,
            row=_label(frame.index, starts[first] + lengths[first] - 1),
        )


def _describe_step(
    ids: np.ndarray, steps: np.ndarray, place: int, index: pd.Index, schema: Schema
) -> str:
    """Say what is wrong with the step of row `place`, given all rows before it are right."""
    where = f"Row {_label(index, place)}: patient {ids[place]}, {schema.step} {steps[place]}"
    if place == 0 or ids[place] != ids[place - 1]:
        if place and ids[place] < ids[place - 1]:
            return (
                f"{where} comes after patient {ids[place - 1]}. Sort the table first: "
                f"frame.sort_values(['{schema.id}', '{schema.step}'])."
            )
        return f"{where} is the patient's first row. Expected {schema.step} 0: a row is missing."
    if steps[place] == steps[place - 1]:
        return f"{where} appears twice. Expected one row per patient and {schema.step_unit}."
    if steps[place] < steps[place - 1]:
        return (
            f"{where} comes after {schema.step} {steps[place - 1]}. Sort the table first: "
            f"frame.sort_values(['{schema.id}', '{schema.step}'])."
        )
    return (
        f"{where} comes straight after {schema.step} {steps[place - 1]}. Expected no gap: the "
        f"rows between are missing."
    )


def _raise_at(numbers: np.ndarray, bad: np.ndarray, variable: Variable, index: pd.Index) -> None:
    """Raise the `SchemaError` that names the first row where `bad` is True."""
    place = int(np.argmax(bad))
    row = _label(index, place)
    found = "the value is missing" if np.isnan(numbers[place]) else f"found {numbers[place]:.8g}"
    raise SchemaError(
        f"Column {variable.name!r}, row {row}: {found}. Expected {expected(variable)}; "
        f"{bad.sum():,} of {len(bad):,} rows fail.",
        column=variable.name,
        row=row,
    )


def expected(variable: Variable) -> str:
    """Say what a column may hold in a file: codes with labels, a range, or whole numbers."""
    if variable.is_coded:
        pairs = zip(variable.codes, variable.labels, strict=True)
        return "one of the codes " + ", ".join(f"{code} = {label}" for code, label in pairs)
    if variable.kind != "numeric":
        return "a whole number"
    unit = f" {variable.unit}" if variable.unit else ""
    if variable.low is not None and variable.high is not None:
        return f"a number from {variable.low:,.12g} to {variable.high:,.12g}{unit}"
    return f"a number{unit}"


def describe_values(variable: Variable, n_steps: int) -> str:
    """Say what a column holds in a file, for the codebook."""
    if variable.kind == "step":
        return f"0 to {n_steps - 1}"
    return expected(variable).removeprefix("one of the codes ").removeprefix("a number from ")


def quote(names: Sequence[str], most: int = 6) -> str:
    """Names in quotes, the first `most` of them and a count of the rest."""
    shown = ", ".join(shorten(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def shorten(value: object, most: int = 40) -> str:
    """The repr of a value found in a file, cut so that a message stays one paragraph."""
    text = repr(value)
    return text if len(text) <= most else text[:most] + "…"


def _label(index: pd.Index, place: int) -> int:
    """Row label at a position: for a table read from a file, its data row counted from 0."""
    label = index[place]
    return int(label) if isinstance(label, (int, np.integer)) else place
