"""The clinician of the ART cohort: soft, guideline-like, and seeing what a clinic knows.

At a decision every regimen has a score (log-odds).  What is liked depends on the calendar year,
on side effects, on virological failure and on the person; staying on a regimen that works is
liked best.  The best alternatives are admissible.  Their probabilities are a softmax of the
scores, mixed with a floor so that each admissible action keeps at least ``least_probability``.

The clinician sees the record plus what stands in the notes: side effects, third agents given up,
the calendar year.  All of it is in ``ArtHiv.observe``; nothing hidden is used.
"""

from __future__ import annotations

import numpy as np

from ...engine import soft_probabilities
from .parameters import Parameters
from .physiology import ArtState
from .preferences import PREFERENCE
from .regimens import (
    AGENT,
    CLASS_OF,
    REGIMENS,
    TAF,
    TAF_AVAILABLE,
    TAF_FASHION,
    THIRD_AGENTS,
    per_regimen,
)

MIDDLE_YEAR = 2013.0

_IS_TAF = np.array([regimen.base == TAF for regimen in REGIMENS])
_AVAILABLE = np.maximum(per_regimen("available"), np.where(_IS_TAF, TAF_AVAILABLE, 0))
_FASHION = per_regimen("fashion") + TAF_FASHION * _IS_TAF
_NAME = np.array([THIRD_AGENTS[a] for a in AGENT])
_CLASS = np.array([CLASS_OF[name] for name in _NAME])
_BARRIER = (_CLASS == "PI") | (_NAME == "DTG")
_BASES = np.array([regimen.base for regimen in REGIMENS])
# by the regimen in use and the next one, shape (30, 30)
_SAME_AGENT = AGENT[:, None] == AGENT
_FAMILY = (_BASES[:, None] == _BASES) | _SAME_AGENT
_WEAK_AND_SAME_CLASS = (_CLASS[:, None] == _CLASS) & ~_BARRIER


def guideline_scores(year: np.ndarray, female: np.ndarray, p: Parameters) -> np.ndarray:
    """Log-odds of each regimen by calendar year and sex; -inf before it was licensed, (n, 30)."""
    scores = PREFERENCE + _FASHION * (year - MIDDLE_YEAR)[:, None]
    pregnancy = female & (year < p.efavirenz_women_until)
    scores[pregnancy] += p.protease_women * (_CLASS == "PI")
    scores[pregnancy] += p.efavirenz_women * (_NAME == "EFV")
    scores[year[:, None] < _AVAILABLE] = -np.inf
    return scores


def failing(state: ArtState) -> np.ndarray:
    """Two consecutive results above the failure limit on a third agent of six months or more."""
    return (state.failures >= 2) & (state.regimen >= 0)


def probabilities(state: ArtState, p: Parameters) -> np.ndarray:
    """Return the clinician's probability of every action, shape (n, 31)."""
    score, admissible = scores(state, p)
    return soft_probabilities(score, admissible, p.least_probability)


def scores(state: ArtState, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and the admissible set, both (n, 31); column 0 is no treatment.

    The *regimen in use* is the one prescribed, or for people back from a pause their last one.
    """
    in_use = np.where(state.regimen >= 0, state.regimen, state.last_regimen)
    naive = in_use < 0
    troubled = state.intolerant | failing(state)
    stable = ~naive & ~troubled

    like = _liking(state, np.maximum(in_use, 0), naive, p)
    admissible = _admissible(like, np.maximum(in_use, 0), naive, stable, p)
    like = _with_staying(like, state, in_use, stable, p)
    waiting = _waiting(like, admissible, state, naive, p)
    return (
        np.column_stack([waiting, np.where(admissible, like, -np.inf)]),
        np.column_stack([naive, admissible]),
    )


def _liking(state: ArtState, in_use: np.ndarray, naive: np.ndarray, p: Parameters) -> np.ndarray:
    """How much each regimen is liked for these people, before inertia, shape (n, 30)."""
    like = guideline_scores(state.year, state.female, p)
    side_effect = _SAME_AGENT[in_use] & (state.intolerant & ~naive)[:, None]
    like += p.leave_intolerable * (side_effect | state.not_tolerated[:, AGENT])
    failed = failing(state)
    like[failed] += p.leave_failing * _WEAK_AND_SAME_CLASS[in_use[failed]]
    like[failed] += p.barrier_after_failure * _BARRIER
    like[state.last_vl > p.rilpivirine_limit] += p.rilpivirine_high * (_NAME == "RPV")
    like[naive, state.planned[naive]] += p.planned
    like[~naive] += p.other_family * ~_FAMILY[in_use[~naive]]
    return like


def _admissible(
    like: np.ndarray, in_use: np.ndarray, naive: np.ndarray, stable: np.ndarray, p: Parameters
) -> np.ndarray:
    """The regimen in use and the most liked alternatives, few of them where it works."""
    ranked = like.copy()
    ranked[~naive, in_use[~naive]] = np.inf
    best_first = np.argsort(-ranked, axis=1, kind="stable")
    place = np.empty_like(best_first)
    np.put_along_axis(place, best_first, np.arange(like.shape[1])[None, :], axis=1)
    count = np.where(stable, p.alternatives_stable, p.alternatives) + ~naive
    return (place < count[:, None]) & (ranked > -np.inf)


def _with_staying(
    like: np.ndarray, state: ArtState, in_use: np.ndarray, stable: np.ndarray, p: Parameters
) -> np.ndarray:
    """Add the log-odds of keeping the regimen in use, shape (n, 30)."""
    stay = np.where(failing(state), p.stay_failing, p.stay_intolerable)
    stay = np.where(stable, p.stay, stay)
    kept = np.flatnonzero(in_use >= 0)
    regimen = in_use[kept]
    outdated = like[kept].max(axis=1) - p.outdated_at_most
    like[kept, regimen] = np.maximum(like[kept, regimen], outdated) + stay[kept]
    return like


def _waiting(
    like: np.ndarray, admissible: np.ndarray, state: ArtState, naive: np.ndarray, p: Parameters
) -> np.ndarray:
    """Score of not starting yet, which guidelines allowed above a CD4 threshold, shape (n,)."""
    year = state.year
    threshold = np.where(year < p.treat_below_500_until, 500.0, np.inf)
    threshold = np.where(year < p.treat_below_350_until, 350.0, threshold)
    odds = np.where(state.last_cd4 > threshold, p.deferral, p.deferral_below)
    total = np.where(admissible, np.exp(like), 0.0).sum(axis=1)
    return np.where(naive, np.log(total) + odds, -np.inf)
