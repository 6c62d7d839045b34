"""From a cohort to the arrays of a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError
from ..variables import FOLLOWED
from .layout import EVER, START, Encoded, Label, Number, Plan


def encode(plan: Plan, cohort: Cohort) -> Encoded:
    """Return the arrays of a cohort; see `Codec.encode`."""
    require_whole(cohort, plan.condition)
    padded, present = cohort.padded()
    schema, shape = cohort.schema, present.shape
    first = cohort.frame.drop_duplicates(schema.id).set_index(schema.id)
    facts = cohort.patients.assign(
        **{name: first[name] for name in schema.numeric if name not in cohort.patients}
    )
    raised = {one.name: _raised(one, padded, present, plan) for one in plan.labels if one.is_flag}
    levels = np.full((*shape, len(plan.labels)), -1)
    for k, label in enumerate(plan.labels):
        if label.is_flag:
            levels[..., k] = raised[label.name]
            continue
        codes = level_of(label, padded).reshape(shape)
        levels[..., k] = _last_seen(codes, raised.get(label.flag or ""), -1)
    numbers = np.zeros((*shape, len(plan.numbers)))
    atoms = np.zeros(numbers.shape, dtype=int)
    for k, number in enumerate(plan.numbers):
        values = padded[number.name].to_numpy(float).reshape(shape)
        new = raised.get(number.flag or "")
        numbers[..., k] = _last_seen(number.scale.forward(values), new, 0.0)
        atoms[..., k] = _last_seen(_atom(number, values), new, 0)
    statics = [_static(one, facts, raised, present) for one in plan.statics]
    return Encoded(
        np.column_stack(statics) if statics else np.zeros((len(present), 0), dtype=int),
        _static_numbers(plan, facts, first),
        levels,
        numbers,
        atoms,
        present.sum(axis=1),
    )


def require_whole(cohort: Cohort, condition: str) -> None:
    """Refuse a cohort that cannot be learned from; the message names the column."""
    schema, frame = cohort.schema, cohort.frame
    if schema.condition != condition:
        raise ArgumentError(
            f"This model is of {condition!r}, and the cohort of {schema.condition!r}."
        )
    absent = [name for name in schema.names if name not in frame]
    if absent:
        raise ArgumentError(f"The cohort has no column {absent[0]!r}; {condition} needs it.")
    for name in schema.names:
        empty = frame[name].isna()
        if not empty.any() and name in schema.numeric:
            empty = ~np.isfinite(frame[name].astype(float))
        if empty.any():
            raise ArgumentError(
                f"Column {name!r} has {int(empty.sum()):,} missing or infinite values, the first "
                f"in row {int(np.flatnonzero(empty)[0])}. A generator learns whole records: fill "
                "them, or leave those patients out with cohort.subset()."
            )


def level_of(label: Label, table: pd.DataFrame) -> np.ndarray:
    """Return the level of each row, shape (n_rows,).

    A combination that no training patient had becomes the one that shares most of its labels, and
    of several the first, which was the most common one.
    """
    columns = [
        pd.Categorical(table[name].astype(object), list(dict.fromkeys(level))).codes
        for name, level in zip(label.columns, zip(*label.levels, strict=True), strict=True)
    ]
    known = [
        np.array([list(dict.fromkeys(level)).index(one) for one in level])
        for level in zip(*label.levels, strict=True)
    ]
    rows, back = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    alike = (rows[:, None, :] == np.column_stack(known)[None]).sum(axis=2)
    return alike.argmax(axis=1)[back.ravel()]


def _raised(label: Label, padded: pd.DataFrame, present: np.ndarray, plan: Plan) -> np.ndarray:
    """Where a flag is raised, shape (n, n_steps); made flags, where one of their columns moves."""
    if label.columns:
        return padded[label.name].to_numpy(bool).reshape(present.shape) & present
    new = np.zeros(present.shape, dtype=bool)
    new[:, 0] = True
    for number in (one for one in plan.numbers if one.flag == label.name):
        values = padded[number.name].to_numpy(float).reshape(present.shape)
        new[:, 1:] |= np.diff(values, axis=1) != 0
    return new & present


def _last_seen(values: np.ndarray, new: np.ndarray | None, before: Any) -> np.ndarray:
    """Carry forward what was new; `before` stands before the first time."""
    if new is None:
        return values
    last = np.maximum.accumulate(np.where(new, np.arange(new.shape[1]), -1), axis=1)
    return np.where(last < 0, before, np.take_along_axis(values, np.maximum(last, 0), axis=1))


def _atom(number: Number, values: np.ndarray) -> np.ndarray:
    found = np.zeros(values.shape, dtype=int)
    for k, atom in enumerate(number.atoms):
        found[values == atom] = k + 1
    return found


def _static(
    label: Label, facts: pd.DataFrame, raised: dict[str, np.ndarray], present: np.ndarray
) -> np.ndarray:
    if label.name.startswith(EVER):
        flag = raised[label.name.removeprefix(EVER)]
        return np.asarray(flag[:, 1:] if label.flag else flag).max(axis=1, initial=False)
    if label.name == FOLLOWED:
        return level_of(label, pd.DataFrame({FOLLOWED: present.sum(axis=1)}))
    _require_fact(label.name, facts)
    return level_of(label, facts)


def _static_numbers(plan: Plan, facts: pd.DataFrame, first: pd.DataFrame) -> np.ndarray:
    parts = dict(plan.totals)
    found = [np.zeros((len(facts), 0))]
    for number in plan.static_numbers:
        if number.name.startswith(START):
            total = number.name.removeprefix(START)
            values = (first[total] - first[parts[total]]).to_numpy(float)
        else:
            _require_fact(number.name, facts)
            values = facts[number.name].to_numpy(float)
        found.append(number.scale.forward(values)[:, None])
    return np.hstack(found)


def _require_fact(name: str, facts: pd.DataFrame) -> None:
    if name not in facts or facts[name].isna().any():
        raise ArgumentError(
            f"cohort.patients has no {name!r}, or not for everybody, and the patients that the "
            "model learned from had it."
        )
