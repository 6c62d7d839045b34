"""The clinician of the sepsis cohort: soft, guideline-like, and seeing the record.

Every four hours a level of fluid (5) and a level of vasopressor (5) are chosen together, in the
bins of the AI Clinician (Komorowski 2018).  The vasopressor is titrated to a mean arterial pressure
of 65 mmHg; fluid is given for low pressure, lactate and little urine, and less with much fluid in
hand; the last doses tend to be kept.  Which actions are usual depends on the state; a few more are
conceivable.  Of K conceivable ones each has a probability of at least ``least_probability / K``.

The clinician sees what `Sepsis.known` returns and uses pressure of late, lactate, urine, tube,
balance and the last levels; if ``confounded``, hidden severity, too, which nothing on record shows.
"""

from __future__ import annotations

import numpy as np

from ...engine import CONFOUNDED
from .care import COLUMN
from .parameters import Parameters
from .physiology import SepsisState

FLUID_LABELS = ("0", "1-50", "51-180", "181-530", ">530")
VASOPRESSOR_LABELS = ("0", "to 0.08", "to 0.22", "to 0.45", ">0.45")
ACTIONS = tuple(
    f"fluid {fluid}, vasopressor {dose}" for fluid in FLUID_LABELS for dose in VASOPRESSOR_LABELS
)
"""Action ``5 * fluid level + vasopressor level``: mL in four hours, mcg/kg/min."""

LITTLE_URINE = 84.0
"""mL in four hours: 500 mL a day."""

_LEVELS = np.arange(5)
_CHANGE = _LEVELS - _LEVELS[:, None]  # from the last level (row) to the next one (column)
_STEPS = np.arange(3)[:, None]
_DOSES = (_CHANGE[:, None, None] <= _STEPS[:, None]) & (_CHANGE[:, None, None] >= -_STEPS)
_FLUIDS = np.stack([(np.abs(_CHANGE) <= 2) | (_LEVELS == 0), np.ones((5, 5), dtype=bool)])
_FLUIDS = np.stack([_FLUIDS] * 2, axis=2)
_FLUIDS[:, :4, 0, 4] = False  # the most only with a reason, or again
_BOTH = _FLUIDS.reshape(2, 10, 1, 5, 1) & _DOSES.reshape(45, 1, 5)
USUAL, CONCEIVABLE = _BOTH.reshape(2, 450, 25)
"""Actions by last fluid (5) and reason (2), last dose (5), and by how many levels the dose may rise
(3) and fall (3)."""


def admissible(state: SepsisState, p: Parameters, which: np.ndarray = USUAL) -> np.ndarray:
    """Return which of the 25 actions are usual, or `CONCEIVABLE`, shape (n, 25).

    A vasopressor may stay, move one level, or rise two levels below ``dangerous``; it may begin
    only below ``start_below``, rise only below ``comfortable``, and fall only above ``dangerous``
    (two levels above ``ample``).  Fluid usually moves by two levels at most, or stops, and may
    conceivably move by any number; the highest level is open with a reason (pressure, lactate,
    urine) or if it was the last one.
    """
    mean, now = state.recent, state.vasopressor
    limit = np.where(now == 0, p.start_below, p.comfortable)
    rise = 1 * (mean < p.dangerous) + (mean < limit)  # levels
    fall = 1 * (mean >= p.dangerous) + (mean > p.ample)
    lactate, urine = state.shown[:, COLUMN["Lactate"]], state.shown[:, COLUMN["Output4H"]]
    reason = (mean < p.comfortable) | (lactate >= 2) | (urine < LITTLE_URINE)
    asks = 2 * state.fluid + reason
    return which.take(((5 * asks + now) * 3 + rise) * 3 + fall, axis=0)


def scores(state: SepsisState, p: Parameters, confounded: bool | str) -> np.ndarray:
    """Log-odds of the 25 actions, shape (n, 25)."""
    below = p.target - state.recent
    insight = p.insight[CONFOUNDED.index(confounded)] * state.severity
    tube, shown = state.ventilated, state.shown
    change = _LEVELS - state.vasopressor[:, None]
    slope = np.where(below < 0, p.down_pressure, p.step_pressure)
    up, down = p.step_up + p.step_pressure * below, p.step_down - slope * below
    begin = (state.vasopressor == 0) * (p.start + p.start_pressure * below)
    begin = begin + p.vent_dose * tube + insight
    dose = up[:, None] * np.maximum(change, 0) + down[:, None] * np.maximum(-change, 0)
    dose = dose + begin[:, None] * (_LEVELS > 0) + p.habit_dose * (change == 0)
    more = p.fluid_pressure * np.minimum(np.maximum(below, -20), 15)
    more = more + p.fluid_lactate * (shown[:, COLUMN["Lactate"]] >= 2) + p.fluid_vent * tube
    more = more + p.fluid_urine * (shown[:, COLUMN["Output4H"]] < LITTLE_URINE)
    more = more + p.fluid_balance * state.balance + insight / 4
    away = np.abs(_LEVELS - state.fluid[:, None])
    more = more + p.fluid_dose * state.vasopressor
    fluid = np.array(p.fluid_levels) + more[:, None] * _LEVELS - p.habit_fluid * away
    return (fluid[:, :, None] + dose[:, None, :]).reshape(len(state), -1)
