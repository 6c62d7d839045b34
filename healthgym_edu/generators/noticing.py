"""What a codec has to notice of its training patients: carried values, panels, atoms, totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..engine.carrying import carried

STANDS_STILL = 0.25
"""A measurement without a flag that repeats the value before more often than this is carried."""

TOGETHER = 0.97
"""Measurements whose new values come at the same steps so often are one panel."""

ALMOST_ALL = 0.999
"""Share of rows that a total has to explain before it is believed."""

CARRIED = 0.9999
"""The same for the rule of carrying, which a column that hardly ever moves nearly fulfils."""

ATOM = 0.005
"""Share of the values that a single one must have to stand out."""

MOST_ATOMS = 3


@dataclass(frozen=True)
class Noticed:
    """What was found; see `notice`."""

    flag_of: dict[str, str]  # column to the flag, real or made, that says when it is new
    never: dict[str, Any]  # what a record shows of it where it was never measured
    panels: dict[str, list[str]]  # made flag to its columns
    totals: dict[str, str]  # total to what it adds up
    groups: list[list[str]]  # columns of labels that are recorded together


def notice(cohort: Cohort) -> Noticed:
    """Return what holds of the records of a cohort.

    A published file that was made by a network follows none of these rules; then nothing is
    noticed, and every value of every step is learned.
    """
    schema, frame = cohort.schema, cohort.frame
    patient = frame[schema.id].to_numpy()
    later = np.append(False, patient[1:] == patient[:-1])
    flag_of, never = _carried(cohort)
    moving = [name for name in schema.numeric if name not in schema.static]
    totals = _totals(frame, moving, later)
    free = [name for name in moving if name not in flag_of and name not in totals]
    panels = _panels(frame[free], later)
    for flag, columns in panels.items():
        flag_of |= dict.fromkeys(columns, flag)
    together: dict[str, list[str]] = {}
    for variable in schema:
        if variable.kind in ("binary", "categorical") and variable.measured_by:
            together.setdefault(variable.measured_by, []).append(variable.name)
    groups = [
        columns
        for columns in together.values()
        if len(columns) > 1 and not any(name in flag_of for name in columns)
    ]
    return Noticed(flag_of, never, panels, totals, groups)


def value_codes(values: pd.Series) -> np.ndarray:
    """Return a column as numbers that are equal where its values are."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy(float)
    return values.to_numpy(float)


def _carried(cohort: Cohort) -> tuple[dict[str, str], dict[str, Any]]:
    """Columns that show the last measured value, and what they show where there is none."""
    schema = cohort.schema
    measured = [variable for variable in schema if variable.measured_by]
    if not measured:
        return {}, {}
    padded, present = cohort.padded()
    flag_of: dict[str, str] = {}
    never: dict[str, Any] = {}
    free = set()
    for variable in measured:
        flag = padded[variable.measured_by].to_numpy(bool).reshape(present.shape) & present
        shown = value_codes(padded[variable.name]).reshape(present.shape)
        nobody = ~flag.any(axis=1)
        constant = float(np.median(shown[nobody, 0])) if nobody.any() else float(np.median(shown))
        moves = (np.diff(shown, axis=1) != 0)[present[:, 1:]].any()
        if not moves or (carried(shown, flag, constant) == shown)[present].mean() < CARRIED:
            free.add(variable.measured_by)
        flag_of[variable.name] = str(variable.measured_by)
        values = padded[variable.name]
        where = np.flatnonzero(value_codes(values) == constant)
        never[variable.name] = values.astype(object).iloc[where[0]] if len(where) else constant
    kept = [name for name, flag_name in flag_of.items() if flag_name not in free]
    return {name: flag_of[name] for name in kept}, {name: never[name] for name in kept}


def _totals(frame: pd.DataFrame, names: list[str], later: np.ndarray) -> dict[str, str]:
    """Columns whose rise from row to row is another column."""
    found: dict[str, str] = {}
    if not later.any():
        return found
    for total in names:
        rise = np.diff(frame[total].to_numpy(float))[later[1:]]
        if (rise < 0).any() or not rise.any():
            continue
        for part in names:
            added = frame[part].to_numpy(float)[1:][later[1:]]
            if part != total and np.isclose(rise, added, atol=1e-6).mean() > ALMOST_ALL:
                found[total] = part
                break
    return found


def _panels(frame: pd.DataFrame, later: np.ndarray) -> dict[str, list[str]]:
    """Columns that stand still for several steps, gathered by when they are new."""
    new = {name: np.append(True, np.diff(frame[name].to_numpy(float)) != 0) for name in frame}
    new = {name: (one | ~later) for name, one in new.items()}
    if not later.any():
        return {}
    still = [name for name, one in new.items() if 1 - one[later].mean() > STANDS_STILL]
    still = [name for name in still if new[name][later].any()]
    panels: list[list[str]] = []
    for name in still:
        for panel in panels:
            if (new[panel[0]] == new[name])[later].mean() > TOGETHER:
                panel.append(name)
                break
        else:
            panels.append([name])
    return {f"new: {', '.join(panel)}": panel for panel in panels}


def atoms_of(values: np.ndarray) -> tuple[float, ...]:
    """Return the few single values that stand out by how often they occur.

    >>> rng = np.random.default_rng(0)
    >>> atoms_of(np.append(np.zeros(50), rng.normal(5, 1, 500)))
    (0.0,)
    """
    kept, counts = np.unique(values, return_counts=True)
    if len(kept) < 5:
        return ()
    common = np.sort(counts)[-max(len(kept) // 10, 4)]
    order = np.argsort(-counts, kind="stable")[:MOST_ATOMS]
    enough = [k for k in order if counts[k] > max(ATOM * len(values), 3 * common)]
    return tuple(float(kept[k]) for k in enough)
