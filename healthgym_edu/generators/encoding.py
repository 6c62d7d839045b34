"""From a cohort to the arrays of a plan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError
from ..variables import FOLLOWED
from .layout import EVER, START, Column, Encoded, Plan


def encode(plan: Plan, cohort: Cohort) -> Encoded:
    """Return the arrays of a cohort; see `Codec.encode`."""
    require_whole(cohort, plan.condition)
    padded, present = cohort.padded()
    levels = np.zeros((*present.shape, len(plan.columns)), dtype=int)
    values = np.zeros(levels.shape)
    for k, column in enumerate(plan.columns):
        if column.is_flag:
            levels[..., k] = _raised(column, plan, padded, present)
            continue
        level, value = (part.reshape(present.shape) for part in read(column, padded))
        if column.flag:  # what was new, carried forward
            new = levels[..., plan.flag_of[k]] > 0
            last = np.maximum.accumulate(np.where(new, np.arange(new.shape[1]), -1), axis=1)
            at = np.maximum(last, 0)
            level = np.where(last < 0, column.unseen, np.take_along_axis(level, at, axis=1))
            value = np.where(last < 0, 0.0, np.take_along_axis(value, at, axis=1))
        levels[..., k], values[..., k] = level, value
    facts = _facts(plan, cohort, levels, present)
    statics = [read(column, facts) for column in plan.statics]
    shape = len(statics), len(present)
    return Encoded(
        np.array([one for one, _ in statics], dtype=int).reshape(shape).T,
        np.array([one for _, one in statics], dtype=float).reshape(shape).T,
        levels, values, present.sum(axis=1),
    )  # fmt: skip


def require_whole(cohort: Cohort, condition: str) -> None:
    """Refuse a cohort that cannot be learned from; the message names the column."""
    schema, frame = cohort.schema, cohort.frame
    if schema.condition != condition:
        raise ArgumentError(
            f"This model is of {condition!r}, and the cohort of {schema.condition!r}."
        )
    for name in schema.names:
        if name not in frame:
            raise ArgumentError(f"The cohort has no column {name!r}; {condition} needs it.")
        empty = frame[name].isna()
        if not empty.any() and name in schema.numeric:
            empty = ~np.isfinite(frame[name].astype(float))
        if empty.any():
            raise ArgumentError(
                f"Column {name!r} has {int(empty.sum()):,} missing or infinite values, the first "
                f"in row {int(np.flatnonzero(empty)[0])}. A generator learns whole records: fill "
                "them, or leave those patients out with cohort.subset()."
            )


def read(column: Column, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the level and the value of each row, shape (n_rows,) both.

    A combination that no training patient had becomes the one that shares most of its labels, and
    of several the first, which was the most common one.
    """
    absent = [name for name in column.names if name not in table or table[name].isna().any()]
    if absent:
        raise ArgumentError(
            f"cohort.patients has no {absent[0]!r}, or not for everybody, and the patients that "
            "the model learned from had it."
        )
    if column.scale:
        values = table[column.name].to_numpy(float)
        levels = np.zeros(len(values), dtype=int)
        for k, (atom,) in enumerate(column.levels[1:], start=1):
            levels[values == atom] = k
        return levels, column.scale.forward(values)
    codes, known = [], []
    for name, words in zip(column.names, zip(*column.levels, strict=True), strict=True):
        different = list(dict.fromkeys(words))
        codes.append(pd.Categorical(table[name].astype(object), different).codes)
        known.append([different.index(one) for one in words])
    rows, back = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    alike = (rows[:, None, :] == np.column_stack(known)[None]).sum(axis=2)
    return alike.argmax(axis=1)[back.ravel()], np.zeros(len(table))


def _raised(column: Column, plan: Plan, padded: pd.DataFrame, present: np.ndarray) -> np.ndarray:
    """Where a flag is raised, shape (n, n_steps); made flags, where one of their columns moves."""
    if column.names:
        return padded[column.name].to_numpy(bool).reshape(present.shape) & present
    new = np.zeros(present.shape, dtype=bool)
    new[:, 0] = True
    for one in plan.columns:
        if one.flag == column.name:
            values = padded[one.name].to_numpy(float).reshape(present.shape)
            new[:, 1:] |= np.diff(values, axis=1) != 0
    return new & present


def _facts(plan: Plan, cohort: Cohort, levels: np.ndarray, present: np.ndarray) -> pd.DataFrame:
    """The table of patients, with what the plan tells of them besides."""
    schema = cohort.schema
    first = cohort.frame.drop_duplicates(schema.id).set_index(schema.id)
    made = {FOLLOWED: present.sum(axis=1)}
    for k, column in enumerate(plan.columns):
        if column.is_flag:  # made flags are always raised at the first step
            begin = 0 if column.names else 1
            made[EVER + column.name] = levels[:, begin:, k].max(axis=1, initial=0) > 0
    for total, part in plan.totals:
        made[START + total] = (first[total] - first[part]).to_numpy(float)
    return cohort.patients.assign(**made)
