"""Who is followed from when, until what: the arrays under every time-to-event table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..conditions import get_mechanism
from ..data import Cohort
from ..engine.events import Event
from ..errors import ArgumentError, require_known, require_whole
from ..schema import Schema

Rule = str | Callable[[pd.DataFrame], pd.Series]
"""The name of an event of the condition, or a function from a frame to True and False."""

FIRST_DECISION = "first decision"
"""The origin at which the first regimen was started."""


@dataclass(frozen=True)
class Followed:
    """Patients from their time zero on, as arrays over those who are at risk.

    Attributes
    ----------
    frame : DataFrame
        All rows of the cohort, sorted by patient and step.
    rows : ndarray of int, shape (n,)
        Where in `frame` the row at time zero of each patient at risk stands.
    patients : Index, shape (n,)
    duration : ndarray of int, shape (n,)
        Steps from time zero to the event or to the end of follow-up.
    event : ndarray of int, shape (n,)
        0 if follow-up ended first, 1 for the event, 2 for the competing event.
    left_out : dict of str to int
        Why patients of the cohort are not among them, and how many.
    """

    frame: pd.DataFrame
    rows: np.ndarray
    patients: pd.Index
    duration: np.ndarray
    event: np.ndarray
    left_out: dict[str, int]


def follow(
    cohort: Cohort,
    event: Rule,
    at_risk: Rule | None,
    origin: int | Rule,
    horizon: int | None,
    confirm: int,
    as_measured: bool | str,
    competing: Rule | None = None,
) -> Followed:
    """Find everybody's time zero, event and end of follow-up; see `time_to_event`."""
    require_whole("confirm", confirm, 1)
    if horizon is not None:
        require_whole("horizon", horizon, 1)
    schema = cohort.schema
    frame = cohort.frame.sort_values([schema.id, schema.step], ignore_index=True)
    step = frame[schema.step].to_numpy()
    patient, index = pd.factorize(frame[schema.id])  # codes in the order of the rows
    n = len(index)
    first = np.searchsorted(patient, np.arange(n))  # where each patient's rows begin
    last = np.append(first[1:], len(frame)) - 1
    _require_no_gaps(schema, frame, step, first)
    if isinstance(origin, str) and origin == FIRST_DECISION:
        origin = _first_decision(cohort)
    zero = _time_zero(schema, frame, patient, step, first, last, origin, n)

    left_out = {"no row at time zero": int((zero < 0).sum())}
    kept = zero >= 0
    if at_risk is not None:
        fit = kept & _at_risk(cohort, frame, at_risk)[np.maximum(zero, 0)]
        left_out["not at risk at time zero"] = int((kept & ~fit).sum())
        kept = fit

    if as_measured:  # whoever was not measured at time zero may have had the event long before
        flag = _flag(schema, rule_of(schema, event, "event"), as_measured)
        known = kept & frame[flag].to_numpy(dtype=bool)[np.maximum(zero, 0)]
        left_out["not measured at time zero"] = int((kept & ~known).sum())
        kept = known
    when, ends_at = _first_time(
        cohort, frame, patient, step, zero, last, event, confirm, as_measured, "event"
    )
    at_zero = kept & (when == 0)
    if kept.any() and at_zero[kept].all():
        raise ArgumentError(
            f"All {kept.sum():,} patients have the event at time zero already, so nobody can be "
            "followed until it. Choose an earlier origin, or at_risk for those without it."
        )
    left_out["event at time zero"] = int(at_zero.sum())
    kept &= ~at_zero
    duration, kind = np.where(when >= 0, when, ends_at), np.where(when >= 0, 1, 0)
    if competing is not None:
        other, _ = _first_time(
            cohort, frame, patient, step, zero, last, competing, 1, False, "competing"
        )
        earlier = (other >= 0) & (other < np.where(when >= 0, when, np.iinfo(np.int64).max))
        duration, kind = np.where(earlier, other, duration), np.where(earlier, 2, kind)
    if horizon is not None:
        followed = (step[last] - step[zero] + 1)[kept]
        if len(followed) and horizon > followed.max():
            raise ArgumentError(
                f"horizon is {horizon}, but nobody is followed for more than {followed.max()} "
                "steps from time zero. Choose a horizon within follow-up."
            )
        late = duration > horizon
        duration, kind = np.where(late, horizon, duration), np.where(late, 0, kind)
    empty = kept & (duration < 1)
    left_out["not followed after time zero"] = int(empty.sum())
    kept &= ~empty
    if not kept.any():
        told = ", ".join(f"{count:,} {why}" for why, count in left_out.items() if count)
        raise ArgumentError(f"Nobody is at risk: of {n:,} patients {told}.")
    return Followed(frame, zero[kept], index[kept], duration[kept], kind[kept], left_out)


def rule_of(schema: Schema, rule: Rule, what: str) -> Event:
    """Return an event by its name, or one made of a function."""
    if isinstance(rule, str):
        events = get_mechanism(schema.condition).events
        require_known(what, rule, events, f" for {schema.condition}")
        return events[rule]
    if not callable(rule):
        raise ArgumentError(
            f"{what} is {rule!r}; it must be the name of an event or a function from the frame to "
            "True and False, such as lambda frame: frame['VL'] < 50."
        )
    return Event(getattr(rule, "__name__", "the rule"), rule)


def _require_no_gaps(
    schema: Schema, frame: pd.DataFrame, step: np.ndarray, first: np.ndarray
) -> None:
    jump = np.diff(step) != 1
    jump[first[1:] - 1] = False
    if jump.any():
        row = int(jump.argmax())
        raise ArgumentError(
            f"Patient {frame[schema.id].iloc[row]} has step {step[row]} and then step "
            f"{step[row + 1]}: a time-to-event table needs every step once, in order, until the "
            "record ends."
        )


def _holds(schema: Schema, frame: pd.DataFrame, event: Event, what: str) -> np.ndarray:
    if event.holds is None:
        raise ArgumentError(f"{what}: {event.words} ends a record, and no state to begin from.")
    holds = np.asarray(event.holds(frame))
    if holds.shape != (len(frame),):
        raise ArgumentError(
            f"{what} returned {np.shape(holds)} values for {len(frame):,} rows; expected one True "
            "or False for each row."
        )
    if pd.isna(holds).any():
        raise ArgumentError(
            f"{what} is missing in {int(pd.isna(holds).sum()):,} rows; it must be True or False."
        )
    return holds.astype(bool)


def _at_risk(cohort: Cohort, frame: pd.DataFrame, at_risk: Rule) -> np.ndarray:
    """Say for every row whether somebody would be followed from it on."""
    schema = cohort.schema
    if isinstance(at_risk, str) and at_risk in cohort.patients:
        column = cohort.patients[at_risk]
        if column.dtype != bool:
            raise ArgumentError(
                f"at_risk is {at_risk!r}, which is no yes-or-no column of cohort.patients. Give a "
                "function from the frame to True and False."
            )
        return column.reindex(frame[schema.id]).to_numpy()
    return _holds(schema, frame, rule_of(schema, at_risk, "at_risk"), "at_risk")


def _first_decision(cohort: Cohort) -> Callable[[pd.DataFrame], pd.Series]:
    """Return the rule that holds in the step of each patient's first decision."""
    if cohort.decisions is None:
        raise ArgumentError(f"{cohort.source} records no decisions, so there is no first one.")
    schema = cohort.schema
    steps = cohort.decisions.groupby(schema.id)[schema.step].first()
    return lambda frame: frame[schema.id].map(steps) == frame[schema.step]


def _time_zero(
    schema: Schema,
    frame: pd.DataFrame,
    patient: np.ndarray,
    step: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    origin: int | Rule,
    n: int,
) -> np.ndarray:
    """Return the row of each patient's time zero, or -1."""
    if isinstance(origin, int) and not isinstance(origin, bool):
        require_whole("origin", origin, 0)
        rows = first + (origin - step[first])
        there = (rows <= last) & (rows >= first)
        if not there.any():
            raise ArgumentError(
                f"origin is step {origin}, but nobody is on record then: steps end at {step.max()}."
            )
        return np.where(there, rows, -1)
    if isinstance(origin, bool):
        raise ArgumentError("origin is a step or a rule, and neither True nor False.")
    holds = _holds(schema, frame, rule_of(schema, origin, "origin"), "origin")
    if not holds.any():
        raise ArgumentError("origin never holds in this cohort, so nobody has a time zero.")
    found = np.full(n, -1)
    rows = np.flatnonzero(holds)[::-1]
    found[patient[rows]] = rows  # the first one is written last
    return found


def _first_time(
    cohort: Cohort,
    frame: pd.DataFrame,
    patient: np.ndarray,
    step: np.ndarray,
    zero: np.ndarray,
    last: np.ndarray,
    rule: Rule,
    confirm: int,
    as_measured: bool | str,
    what: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return steps from time zero to the event (-1: not seen) and to the end of follow-up."""
    schema = cohort.schema
    event = rule_of(schema, rule, what)
    start = step[np.maximum(zero, 0)]
    ends_at = step[last] - start
    if event.ends:
        had = cohort.patients.get(event.ends)
        if had is None:
            raise ArgumentError(
                f"{what} is {event.words}, but {cohort.source} does not say who had it "
                f"(patients['{event.ends}']). Use a simulated cohort, or load the patients, too."
            )
        had = had.reindex(pd.unique(frame[schema.id])).to_numpy(dtype=bool)
        return np.where(had, ends_at + 1, -1), ends_at + 1
    holds = _holds(schema, frame, event, what)
    if not holds.any():
        raise ArgumentError(
            f"{what} ({event.words}) never holds in the {len(frame):,} rows of this cohort. Look "
            "at its threshold and its unit."
        )
    rows = np.arange(len(frame))
    if as_measured:
        flag = _flag(schema, event, as_measured)
        rows = np.flatnonzero(frame[flag].to_numpy(dtype=bool))
    begun = (zero[patient[rows]] >= 0) & (rows >= zero[patient[rows]])
    rows = rows[begun]
    here, who = holds[rows], patient[rows]
    shown = here.copy()
    for ahead in range(1, min(confirm, len(rows))):
        again = np.zeros(len(rows), dtype=bool)
        again[:-ahead] = here[ahead:] & (who[ahead:] == who[:-ahead])
        shown &= again
    if confirm > len(rows):
        shown[:] = False
    when = np.full(len(zero), -1)
    hits = rows[shown][::-1]
    when[patient[hits]] = step[hits] - start[patient[hits]]
    return when, ends_at


def _flag(schema: Schema, event: Event, named: bool | str) -> str:
    if isinstance(named, str):
        if named not in schema.flags:
            raise ArgumentError(
                f"as_measured is {named!r}; measured flags of {schema.condition} are "
                f"{', '.join(map(repr, schema.flags)) or 'none'}."
            )
        return named
    flag = schema[event.column].measured_by if event.column else None
    if not flag:
        raise ArgumentError(
            f"as_measured=True needs to know the measured flag of {event.words}. Name it: "
            f"as_measured={', '.join(map(repr, schema.flags[:2])) or 'the flag'}."
        )
    return flag
