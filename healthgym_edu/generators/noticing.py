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
    panels: list[str]  # flags that were made
    totals: dict[str, str]  # total to what it adds up
    groups: list[list[str]]  # columns of labels that are recorded together


def notice(cohort: Cohort) -> Noticed:
    """Return what holds of the records of a cohort.

    A published file that was made by a network follows none of these rules; then nothing is
    noticed, and every value of every step is learned.
    """
    schema, frame = cohort.schema, cohort.frame
    patient = frame[schema.id].to_numpy()
    later = patient[1:] == patient[:-1]
    flag_of, never = _carried(cohort)
    moving = [name for name in schema.numeric if name not in schema.static]
    moves = {name: np.diff(frame[name].to_numpy(float))[later] for name in moving}
    totals = _totals(frame, moves, later)
    free = [name for name in moving if name not in flag_of and name not in totals]
    panels = _panels({name: moves[name] != 0 for name in free}) if later.any() else {}
    together: dict[str, list[str]] = {}
    for variable in schema:
        if variable.measured_by and variable.kind in ("binary", "categorical"):
            together.setdefault(variable.measured_by, []).append(variable.name)
    groups = [names for names in together.values() if len(names) > 1 and names[0] not in flag_of]
    return Noticed(flag_of | panels, never, list(dict.fromkeys(panels.values())), totals, groups)


def _carried(cohort: Cohort) -> tuple[dict[str, str], dict[str, Any]]:
    """Columns that show the last measured value, and what they show where there is none."""
    measured = [variable for variable in cohort.schema if variable.measured_by]
    if not measured:
        return {}, {}
    padded, present = cohort.padded()
    flag_of, never, free = {}, {}, set()
    for variable in measured:
        flag = padded[variable.measured_by].to_numpy(bool).reshape(present.shape) & present
        values = padded[variable.name]
        codes = values.cat.codes if isinstance(values.dtype, pd.CategoricalDtype) else values
        shown = codes.to_numpy(float).reshape(present.shape)
        nobody = shown[~flag.any(axis=1), 0]
        constant = float(np.median(nobody if len(nobody) else shown))
        moves = (np.diff(shown, axis=1) != 0)[present[:, 1:]].any()
        if not moves or (carried(shown, flag, constant) == shown)[present].mean() < CARRIED:
            free.add(variable.measured_by)
        where = np.flatnonzero(shown == constant)
        flag_of[variable.name] = str(variable.measured_by)
        never[variable.name] = values.astype(object).iloc[where[0]] if len(where) else constant
    kept = {name: flag for name, flag in flag_of.items() if flag not in free}
    return kept, {name: never[name] for name in kept}


def _totals(frame: pd.DataFrame, moves: dict[str, np.ndarray], later: np.ndarray) -> dict[str, str]:
    """Columns whose rise from row to row is another column."""
    found = {}
    for total, rise in moves.items():
        if (rise < 0).any() or not rise.any():
            continue
        for part in moves:
            added = frame[part].to_numpy(float)[1:][later]
            if part != total and np.isclose(rise, added, atol=1e-6).mean() > ALMOST_ALL:
                found[total] = part
                break
    return found


def _panels(new: dict[str, np.ndarray]) -> dict[str, str]:
    """Columns that stand still for several steps, each with a made flag for those that move so."""
    panels: list[list[str]] = []
    for name, one in new.items():
        if 0 < one.mean() < 1 - STANDS_STILL:
            alike = [panel for panel in panels if (new[panel[0]] == one).mean() > TOGETHER]
            alike[0].append(name) if alike else panels.append([name])
    return {name: f"new: {', '.join(panel)}" for panel in panels for name in panel}


def atoms_of(values: np.ndarray) -> list[float]:
    """Return the few single values that stand out by how often they occur.

    >>> rng = np.random.default_rng(0)
    >>> atoms_of(np.append(np.zeros(50), rng.normal(5, 1, 500)))
    [0.0]
    """
    kept, counts = np.unique(values, return_counts=True)
    if len(kept) < 5:
        return []
    common = np.sort(counts)[-max(len(kept) // 10, 4)]
    order = np.argsort(-counts, kind="stable")[:MOST_ATOMS]
    enough = [k for k in order if counts[k] > max(ATOM * len(values), 3 * common)]
    return kept[enough].tolist()
