"""The checks behind `Schema`: quick over a whole column, slow only to find what is wrong.

Good data pass in a few NumPy operations. Only when one of them fails is the first offending row
looked for, so that the message can name it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype, is_scalar

from .errors import SchemaError
from .variables import Layout, Variable

SAME_CODE = 1e-6
"""Relative difference up to which a number is a code: 20.28 in single precision is 20.280001."""


def require_columns(table: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise `SchemaError` unless `table` has each of `names` exactly once and nothing else."""
    if not isinstance(table, pd.DataFrame):
        raise SchemaError(f"Expected a pandas DataFrame, found {type(table).__name__}.")
    found = [str(name) for name in table.columns]
    faults = {
        "missing": [name for name in names if name not in found],
        "not expected": [name for name in found if name not in names],
        "more than once": [name for name in names if found.count(name) > 1],
    }
    faults = {fault: columns for fault, columns in faults.items() if columns}
    if faults:
        said = "; ".join(
            f"{fault}: {', '.join(map(shorten, columns[:6]))}" for fault, columns in faults.items()
        )
        raise SchemaError(
            f"The columns do not fit ({said}). Expected exactly these {len(names)}: "
            f"{', '.join(names)}. Rename or drop columns until they agree.",
            column=next(iter(faults.values()))[0],
        )


def decoded(values: pd.Series, variable: Variable) -> np.ndarray | pd.Categorical:
    """Return a column of file codes as `Schema.decode` does; `SchemaError` at a bad cell."""
    numbers = _as_numbers(values, variable)
    if variable.kind == "numeric":
        return numbers.astype(float, copy=False)
    if not variable.is_coded:
        if numbers.dtype.kind == "f":  # beyond 2**53 it no longer tells neighbours apart
            whole = (np.abs(numbers) < 2**53) & (numbers == np.floor(numbers))
            _fail_where(~whole, values, variable)
        return numbers.astype(np.int64, copy=False)
    codes = np.asarray(variable.codes, dtype=float)
    positions = np.searchsorted((codes[1:] + codes[:-1]) / 2, numbers)  # of the nearest code
    near = np.abs(numbers - codes[positions]) <= SAME_CODE * np.abs(codes[positions])
    _fail_where(~near, values, variable)
    if variable.is_boolean:
        return positions.astype(bool)
    return pd.Categorical.from_codes(positions, categories=list(variable.labels))


def encoded(values: pd.Series, variable: Variable) -> np.ndarray:
    """Return a decoded column as file codes; `SchemaError` at a label that has none."""
    if not variable.is_coded:
        return decoded(values, variable)
    positions = pd.Index(list(variable.labels)).get_indexer(pd.Index(values))
    _fail_where(positions < 0, values, variable)
    return np.asarray(variable.codes, dtype=float)[positions]


def _as_numbers(values: pd.Series, variable: Variable) -> np.ndarray:
    """Return a column as float64, or as the int64 it holds; `SchemaError` at text."""
    if values.dtype == np.dtype(np.int64):
        return values.to_numpy()
    if is_bool_dtype(values.dtype) and not variable.is_boolean:
        _fail_where(np.ones(len(values), dtype=bool), values, variable)
    if is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=float, na_value=np.nan)
    numbers = np.array([_as_number(cell) for cell in values], dtype=object)
    _fail_where(np.array([number is None for number in numbers]), values, variable)
    return numbers.astype(float)


def _as_number(cell: object) -> float | None:
    """Return a cell as a number, NaN if it is empty, None if it is something else.

    Not with pandas.to_numeric: see the note on pandas' parser in data/reading.py.
    """
    if cell is None or cell is pd.NA:
        return np.nan
    try:
        return float(cell) if isinstance(cell, (str, Real, Decimal)) else None
    except (OverflowError, ValueError):  # a whole number of 400 digits, a word
        return None


def require_type(values: pd.Series, variable: Variable) -> None:
    """Raise `SchemaError` unless a decoded column has the type its kind asks for, and no hole."""
    dtype = values.dtype
    if variable.is_boolean:
        sound, wanted = dtype == np.dtype(bool), "booleans"
    elif variable.is_coded:
        labels = list(variable.labels)
        sound = isinstance(dtype, pd.CategoricalDtype) and list(dtype.categories) == labels
        wanted = f"a categorical of {labels}"
    elif variable.kind == "numeric":
        sound, wanted = dtype == np.dtype(float), "floating-point numbers"
    else:
        sound, wanted = dtype == np.dtype(np.int64), "integers"
    if not sound:
        raise SchemaError(
            f"Column {variable.name!r} has type {dtype}. Expected {wanted}: decode the table "
            "with schema.decode(table) first.",
            column=variable.name,
        )
    if variable.is_coded:
        _fail_where(values.isna().to_numpy(), values, variable)


def require_range(frame: pd.DataFrame, variable: Variable, schema: Layout) -> None:
    """Raise `SchemaError` at the first number that is missing or outside the plausible range."""
    numbers = frame[variable.name].to_numpy()
    most = np.finfo(float).max
    low = -most if variable.low is None else variable.low
    high = most if variable.high is None else variable.high
    if low <= numbers.min() and numbers.max() <= high:  # neither holds if any number is NaN
        return
    bad = ~((numbers >= low) & (numbers <= high))
    patient, step = (frame[name].iat[bad.argmax()] for name in (schema.id, schema.step))
    where = f" ({schema.id} {patient}, {schema.step} {step})"
    _fail_where(bad, frame[variable.name], variable, where)


def require_steps(frame: pd.DataFrame, schema: Layout) -> None:
    """Raise `SchemaError` unless each patient has one row per step, from 0, in rising order."""
    ids, steps = frame[schema.id].to_numpy(), frame[schema.step].to_numpy()
    same = np.r_[False, ids[1:] == ids[:-1]]  # (n_rows,): is the row before the same patient's?
    sound = np.where(same, steps == np.roll(steps, 1) + 1, steps == 0)
    sound[1:] &= ids[1:] >= ids[:-1]
    if not sound.all():
        _fail_at_step(int(sound.argmin()), ids, steps, frame.index, schema)
    starts = np.flatnonzero(~same)
    lengths = np.diff(np.r_[starts, len(ids)])
    wrong = lengths != schema.n_steps if schema.equal_length else lengths > schema.n_steps
    if wrong.any():
        first = int(wrong.argmax())
        most = "" if schema.equal_length else "at most "
        rows = "row" if lengths[first] == 1 else "rows"
        raise SchemaError(
            f"Patient {ids[starts[first]]} has {lengths[first]} {rows}. Expected {most}"
            f"{schema.n_steps} (one per {schema.step_unit}, {schema.step} 0 to "
            f"{schema.n_steps - 1}); {wrong.sum():,} of {len(starts):,} patients fail. Was the "
            "file cut off, or were rows filtered? Select patients, never single rows."
            + (" (Of a cohort with a closing date pass patients=, too.)" * schema.equal_length),
            column=schema.step,
            row=frame.index[starts[first] + lengths[first] - 1],
        )


def _fail_at_step(
    place: int, ids: np.ndarray, steps: np.ndarray, index: pd.Index, schema: Layout
) -> None:
    """Raise the `SchemaError` of the first row whose step is wrong."""
    here, before = (ids[place], steps[place]), (ids[place - 1], steps[place - 1])
    step, row = schema.step, index[place]
    if place == 0 or here[0] > before[0]:
        problem = f"is the patient's first row. Expected {step} 0: a row is missing"
    elif here == before:
        problem = f"appears twice. Expected one row per patient and {schema.step_unit}"
    elif here > before:
        problem = f"comes straight after {step} {before[1]}. Expected no gap: a row is missing"
    else:
        order = f"Sort the table first: frame.sort_values(['{schema.id}', '{step}'])"
        problem = f"comes after patient {before[0]}, {step} {before[1]}. {order}"
    where = f"Row {row}: patient {here[0]}, {step} {here[1]}"
    raise SchemaError(f"{where} {problem}.", column=step, row=row)


def _fail_where(bad: np.ndarray, values: pd.Series, variable: Variable, where: str = "") -> None:
    """Raise the `SchemaError` that names the first of `values` that is bad, if there is one."""
    if not bad.any():
        return
    cell, row = values.iloc[bad.argmax()], values.index[bad.argmax()]
    cell = cell.item() if isinstance(cell, np.generic) else cell
    missing = is_scalar(cell) and pd.isna(cell)
    found = "the value is missing" if missing else f"found {shorten(cell)}"
    wanted = ("one of " if variable.is_coded else "") + possible_values(variable)
    if variable.is_coded and cell in variable.labels and isinstance(cell, str):
        wanted += " (this is a label: the layout 'labelled' is for R and for people, not to load)"
    if isinstance(cell, str) and re.fullmatch(r"-?\d*,\d+", cell.strip()):
        wanted += " (this is a decimal comma: pandas.read_csv(path, decimal=',') understands it)"
    raise SchemaError(
        f"Column {variable.name!r}, row {row}{where}: {found}. Expected {wanted}; "
        f"{bad.sum():,} of {len(bad):,} rows fail.",
        column=variable.name,
        row=row,
    )


def possible_values(variable: Variable, n_steps: int | None = None) -> str:
    """Say what a column may hold in a file: codes with labels, a range, or whole numbers."""
    if variable.is_coded:
        pairs = zip(variable.codes, variable.labels, strict=True)
        return ", ".join(
            label if str(code) == label else f"{code} = {label}" for code, label in pairs
        )
    if variable.kind != "numeric":
        return f"0 to {n_steps - 1}" if n_steps and variable.kind == "step" else "a whole number"
    if variable.low is None or variable.high is None:
        return f"a number {variable.unit}".rstrip()
    return f"{variable.low:,.12g} to {variable.high:,.12g} {variable.unit}".rstrip()


def shorten(value: object, most: int = 40) -> str:
    """The repr of a value found in a file, cut so that a message stays one paragraph."""
    text = repr(value)
    return text if len(text) <= most else text[:most] + "…"
