"""The clinician of the hypotension cohort: soft, guideline-like, and seeing the record.

Every four hours a fluid bolus (4 levels) and a vasopressor level (4) are chosen together.  The
vasopressor is titrated to a mean arterial pressure of 65 mmHg; boluses are given for low pressure,
little urine or lactate, less so after many of them; the last dose tends to be kept.  Which actions
are usual depends on the state; a few more are conceivable.  Of K conceivable ones each has a
probability of at least ``least_probability / K``.

The clinician sees what `Hypotension.observe` returns; if ``confounded``, hidden severity, too,
which nothing on record shows.
"""

from __future__ import annotations

import numpy as np

from ...engine import CONFOUNDED
from .care import COMA
from .parameters import FLUID_ML, Parameters
from .physiology import HypotensionState
from .variables import FLUID_LABELS, VASOPRESSOR_LABELS

ACTIONS = tuple(
    f"fluid {fluid}, vasopressor {dose}" for fluid in FLUID_LABELS for dose in VASOPRESSOR_LABELS
)
"""Action ``4 * fluid level + vasopressor level``."""

_LEVELS = np.arange(4)
_LITRES = np.array(FLUID_ML) / 1000


def _comatose(state: HypotensionState) -> np.ndarray:
    """Fewer than 12 points on record: mostly a tube, sedation and a central line, too."""
    return state.shown["GCS_total"] < COMA


def admissible(state: HypotensionState, p: Parameters, conceivable: bool = False) -> np.ndarray:
    """Return which of the 16 actions are usual, or else ``conceivable``, shape (n, 16).

    A vasopressor may stay, move one level, or rise two levels below ``dangerous``; it may begin
    only below ``start_below`` (usually ``start_below_awake`` in patients who are awake), rise only
    below ``comfortable``, and fall only above ``dangerous`` (two levels above ``ample``).  Boluses
    of 250 and 1000 mL are open below ``comfortable``, or with little urine; 500 mL always.
    """
    mean = state.recent
    now = state.vasopressor
    change = _LEVELS - now[:, None]
    early = _comatose(state) | conceivable
    begin = np.where(early, p.start_below, p.start_below_awake)
    limit = np.where(now == 0, begin, p.comfortable)
    rise = np.where(mean < p.dangerous, 2, np.where(mean < limit, 1, 0))
    fall = np.where(mean > p.ample, 2, np.where(mean >= p.dangerous, 1, 0))
    doses = (change <= rise[:, None]) & (change >= -fall[:, None])
    reason = (mean < p.comfortable) | (state.shown["urine"] < 30)
    fluids = np.stack([np.ones_like(reason), reason, np.ones_like(reason), reason], axis=1)
    return (fluids[:, :, None] & doses[:, None, :]).reshape(len(state), -1)


def scores(state: HypotensionState, p: Parameters, confounded: bool | str) -> np.ndarray:
    """Log-odds of the 16 actions, shape (n, 16)."""
    below = p.target - state.recent
    insight = p.insight[CONFOUNDED.index(confounded)] * state.severity
    fluid = _fluid_scores(state, below, p) + np.outer(insight / 2, _LEVELS > 0)
    dose = _dose_scores(state, below, p) + np.outer(insight, _LEVELS > 0)
    return (fluid[:, :, None] + dose[:, None, :]).reshape(len(state), -1)


def _dose_scores(state: HypotensionState, below: np.ndarray, p: Parameters) -> np.ndarray:
    now = state.vasopressor
    change = _LEVELS - now[:, None]
    coma = _comatose(state)
    more = p.step_up + p.step_pressure * below + p.step_up_coma * coma
    up = more[:, None] * np.maximum(change, 0)
    wean = p.step_down - p.step_pressure * below + p.wean_awake * ~coma
    down = wean[:, None] * np.maximum(-change, 0)
    wish = (now == 0) * (p.start + p.start_pressure * below) + p.start_coma * coma
    first = np.outer(wish, _LEVELS > 0)
    return up + down + first + p.habit * (change == 0)


def _fluid_scores(state: HypotensionState, below: np.ndarray, p: Parameters) -> np.ndarray:
    wish = p.bolus + p.bolus_pressure * np.clip(below, -15, 20)
    wish = wish + p.bolus_urine * (state.shown["urine"] < 30)
    wish = wish + p.bolus_lactate * (state.shown["lactic_acid"] >= 2)
    wish = wish + p.bolus_again * state.given
    size = np.array([0.0, *p.bolus_size])
    large = np.outer(p.bolus_large * below, _LITRES >= 1)
    return np.outer(wish, _LEVELS > 0) + size + large
