"""What a codec notices of its training patients, and decides by it once.

What is noticed: values that are only carried forward, panels, single values that stand out, totals,
and labels that are recorded together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..engine.carrying import carried
from ..errors import ArgumentError
from ..variables import FOLLOWED, Variable
from .codec import EVER, START, Codec, require_whole
from .layout import Column
from .scaling import Scale, fit_scale

FEWEST = 2
"""Patients that a codec can be fitted on."""

YES_NO = ((False,), (True,))

STANDS_STILL = 0.25
"""A measurement without a flag that repeats the value before more often than this is carried; the
commonest value is left out: a dose of 0 after a dose of 0 is a new fact, nothing old."""

TOGETHER = 0.97
"""Measurements whose new values come at the same steps so often are one panel."""

ALMOST_ALL = 0.999
"""Share of rows that a total has to explain before it is believed."""

CARRIED = 0.9999
"""The same for the rule of carrying, which a column that hardly ever moves nearly fulfils."""

ATOM = 0.005
"""Share of the values that a single one must have to stand out."""

MOST_ATOMS = 3

UNMEASURED = 0.1
"""Of the patients in whom a panel never moves, the share that must show the same values, before
these are taken for what a record shows of those who never had it."""

SHARED = 3
"""Patients who must have a value before it is stored as one that stands out."""


@dataclass(frozen=True)
class Noticed:
    """What was found; see `notice`."""

    flag_of: dict[str, str]  # column to the flag, real or made, that says when it is new
    never: dict[str, Any]  # what a record shows of it where it was never measured
    panels: list[str]  # flags that were made
    totals: dict[str, str]  # total to what it adds up
    groups: list[list[str]]  # columns of labels that are recorded together
    unmeasured: dict[str, np.ndarray]  # made flag to the patients who never raise it


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
    before = frame[free].to_numpy(float)[:-1][later]
    panels = _panels({name: moves[name] != 0 for name in free}, before)
    unmeasured = _unmeasured(frame, panels, patient, never)
    together: dict[str, list[str]] = {}
    for variable in schema:
        if variable.measured_by and variable.kind in ("binary", "categorical"):
            together.setdefault(variable.measured_by, []).append(variable.name)
    groups = [names for names in together.values() if len(names) > 1 and names[0] not in flag_of]
    made = list(dict.fromkeys(panels.values()))
    return Noticed(flag_of | panels, never, made, totals, groups, unmeasured)


def _carried(cohort: Cohort) -> tuple[dict[str, str], dict[str, Any]]:
    """Columns that show the last measured value, and what they show where there is none."""
    padded, present = cohort.padded()
    flag_of, never, free = {}, {}, set()
    for variable in (one for one in cohort.schema if one.measured_by):
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


def _panels(new: dict[str, np.ndarray], before: np.ndarray) -> dict[str, str]:
    """Columns that stand still for several steps, each with a made flag for those that move so.

    `before`, shape (n, columns), holds what each was at the step before.
    """
    panels: list[list[str]] = []
    for (name, one), last in zip(new.items(), before.T, strict=True):
        kept, counts = np.unique(last, return_counts=True)
        others = one[last != kept[counts.argmax()]] if len(kept) else one
        if one.any() and len(others) and others.mean() < 1 - STANDS_STILL:
            alike = [panel for panel in panels if (new[panel[0]] == one).mean() > TOGETHER]
            alike[0].append(name) if alike else panels.append([name])
    return {name: f"new: {', '.join(panel)}" for panel in panels for name in panel}


def _unmeasured(
    frame: pd.DataFrame, panels: dict[str, str], patient: np.ndarray, never: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Who never had a panel, where that can be told; what they show is added to `never`."""
    found = {}
    for panel in dict.fromkeys(panels.values()):
        names = [name for name, one in panels.items() if one == panel]
        people = frame[names].groupby(patient)
        still, seen_twice = (people.nunique() == 1).all(axis=1), people.size() > 1
        shown = people.first()[still]
        counts = shown[seen_twice[still]].value_counts()
        if len(counts) and counts.iloc[0] > max(FEWEST, UNMEASURED * counts.sum()):
            never |= dict(zip(names, map(float, counts.index[0]), strict=True))
            found[panel] = shown.index[(shown == counts.index[0]).all(axis=1)].to_numpy()
    return found


def atoms_of(values: np.ndarray, owner: np.ndarray) -> list[float]:
    """Return the few single values that stand out by how often they occur, in several people.

    The lowest and the highest are compared with their neighbours: at the end of a range may lie
    all that would be beyond it.

    Parameters
    ----------
    values : ndarray, shape (n,)
    owner : ndarray, shape (n,)
        Whose each of them is.

    >>> rng = np.random.default_rng(0)
    >>> atoms_of(np.append(np.zeros(50), rng.normal(5, 1, 500)), np.arange(550))
    [0.0]
    """
    kept, counts = np.unique(values, return_counts=True)
    if len(kept) < 5:
        return []
    usual = np.repeat(float(np.sort(counts)[-max(len(kept) // 10, 4)]), len(kept))
    for end, beside in ((0, counts[1:11]), (-1, counts[-11:-1])):
        usual[end] = min(usual[end], np.median(beside))
    order = np.argsort(-counts, kind="stable")
    often = [k for k in order if counts[k] > max(ATOM * len(values), 3 * usual[k])]
    shared = [k for k in often if len(np.unique(owner[values == kept[k]])) >= SHARED]
    return kept[shared[:MOST_ATOMS]].tolist()


def fit_codec(cohort: Cohort, normal: bool = False) -> Codec:
    """Decide on training patients what is learned of each column.

    Parameters
    ----------
    cohort : Cohort
        Training patients only; whoever fits a scale on everybody has let the others in.
    normal : bool
        Whether numbers become normal scores, by their ranks.

    Raises
    ------
    ArgumentError
        Fewer than two patients, or missing or infinite values.
    """
    require_learnable(cohort, cohort.condition)
    schema, noticed = cohort.schema, notice(cohort)
    grouped = {name for names in noticed.groups for name in names}
    moving = [one for one in schema if one.name not in schema.static]
    flags = [Column(v.name, (v.name,), YES_NO, is_flag=True) for v in moving if v.kind == "flag"]
    flags += [Column(name, (), YES_NO, is_flag=True) for name in noticed.panels]
    others = [
        _measurement(v, cohort, noticed, normal)
        if v.kind == "numeric"
        else Column(v.name, (v.name,), tuple((w,) for w in v.labels), noticed.flag_of.get(v.name))
        for v in moving
        if v.kind in ("numeric", "binary", "categorical")
        and v.name not in grouped
        and v.name not in noticed.totals
    ]
    regimens = [_regimen(names, cohort.frame) for names in noticed.groups]
    death = _deaths(cohort)
    facts = _facts(cohort, [name for name, _ in death], normal)
    statics = (*facts, *_made_statics(cohort, flags, noticed, normal))
    columns = (*regimens, *flags, *others)
    totals, never = tuple(noticed.totals.items()), tuple(noticed.never.items())
    return Codec(schema.condition, statics, columns, totals, never, death)


def require_learnable(cohort: Cohort, condition: str) -> None:
    """Refuse a cohort of another condition, with missing values, or of fewer than two patients."""
    require_whole(cohort, condition)
    if len(cohort) < FEWEST:
        raise ArgumentError(
            f"A generator cannot learn from {len(cohort)} patient: it could only copy. Give it at "
            f"least {FEWEST}, better a thousand."
        )


def _regimen(names: list[str], frame: pd.DataFrame) -> Column:
    """Columns recorded together; the combinations that occur, the most common first."""
    counts = frame[names].astype(object).value_counts(sort=True)
    levels = tuple(
        tuple(word if isinstance(word, (bool, str)) else bool(word) for word in level)
        for level in counts.index
    )
    return Column(" + ".join(names), tuple(names), levels)


def _number(
    name: str, scale: Scale, values: np.ndarray, owner: np.ndarray, flag: str | None, **more: Any
) -> Column:
    """A column of numbers; those that become normal scores have no atoms."""
    atoms = [] if scale.knots else atoms_of(values, owner)
    return Column(name, (name,), ((), *((one,) for one in atoms)), flag, scale=scale, **more)


def _measurement(variable: Variable, cohort: Cohort, noticed: Noticed, normal: bool) -> Column:
    frame, flag = cohort.frame, noticed.flag_of.get(variable.name)
    values, patient = frame[variable.name].to_numpy(float), frame[cohort.schema.id]
    asked = np.ones(len(values), dtype=bool)
    if flag in cohort.schema.flags:
        measured = frame[flag].to_numpy(bool)
        asked = measured if measured.any() else asked
    elif flag:  # one of a panel: every value once, and none of those who never had it
        asked = ~patient.duplicated().to_numpy() | (np.diff(values, prepend=np.nan) != 0)
        asked &= ~patient.isin(noticed.unmeasured.get(flag, ())).to_numpy()
    values, owner = values[asked], patient.to_numpy()[asked]
    ends = variable.low, variable.high, variable.decimals
    scale = fit_scale(values, *ends, normal=normal, owner=owner)
    return _number(variable.name, scale, values, owner, flag)


def _facts(cohort: Cohort, deaths: list[str], normal: bool) -> list[Column]:
    """What the table of patients tells of everybody: labels, then numbers."""
    told = cohort.patients
    known = [v for v in cohort.schema.facts if v.name in told and not told[v.name].isna().any()]
    labels = [Column(v.name, (v.name,), tuple((w,) for w in v.labels)) for v in known if v.is_coded]
    numbers = []
    for v in known:
        if v.kind == "numeric" and v.name not in (FOLLOWED, *deaths):
            values = told[v.name].to_numpy(float)
            whole = bool(pd.api.types.is_integer_dtype(told[v.name]))
            scale = fit_scale(values, v.low, v.high, normal=normal)
            owner = np.arange(len(values))
            numbers.append(_number(v.name, scale, values, owner, None, whole=whole))
    return labels + numbers


def _made_statics(
    cohort: Cohort, flags: list[Column], noticed: Noticed, normal: bool
) -> list[Column]:
    """How long a record is, whether a flag is ever raised, and where totals begin."""
    schema, first = cohort.schema, cohort.frame.drop_duplicates(cohort.schema.id)
    steps = tuple((k,) for k in range(1, schema.n_steps + 1))
    found = [] if schema.equal_length else [Column(FOLLOWED, (FOLLOWED,), steps)]
    found += [Column(EVER + one.name, (EVER + one.name,), YES_NO) for one in flags]
    for total, part in noticed.totals.items():
        begin = (first[total] - first[part]).to_numpy(float)
        scale = fit_scale(begin, 0.0, schema[total].high, schema[total].decimals, normal=normal)
        found.append(Column(START + total, (START + total,), ((),), scale=scale))
    return found


def _deaths(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    """Facts that count the last step lived, each with the label that says for whom."""
    told, schema = cohort.patients, cohort.schema
    who = [v.name for v in schema.facts if v.is_boolean and v.name in told]
    found = []
    for v in schema.facts:
        if v.kind == "step" and v.name in told:
            there = told[v.name].notna()
            match = [name for name in who if (told[name].astype(bool) == there).all()]
            last = told[FOLLOWED].astype("Int64") - 1
            if match and (told[v.name][there] == last[there]).all():
                found.append((v.name, match[0]))
    return tuple(found)
