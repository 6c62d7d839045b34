"""The clinician of the ART cohort: soft, guideline-like, and seeing only the record.

At a decision every admissible regimen has a score (log-odds).  What is liked depends on the
calendar year, on side effects, on virological failure and on the person; staying on a regimen
that works is liked best.  The probabilities are a softmax of the scores, mixed with a floor
so that each of the K admissible actions keeps at least ``least_probability``.
"""

from __future__ import annotations

import numpy as np

from .parameters import FAILURE_LIMIT, Parameters
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
from .state import State

MIDDLE_YEAR = 2013.0
N_ACTIONS = len(REGIMENS) + 1

_IS_TAF = np.array([regimen.base == TAF for regimen in REGIMENS])
_AVAILABLE = np.maximum(per_regimen("available"), np.where(_IS_TAF, TAF_AVAILABLE, 0))
_FASHION = per_regimen("fashion") + TAF_FASHION * _IS_TAF
_CLASS = np.array([CLASS_OF[THIRD_AGENTS[a]] for a in AGENT])
_NAME = np.array([THIRD_AGENTS[a] for a in AGENT])
_BARRIER = (_CLASS == "PI") | (_NAME == "DTG")
_BASES = np.array([regimen.base for regimen in REGIMENS])
_NEIGHBOUR = (_BASES[:, None] == _BASES) | (AGENT[:, None] == AGENT)


def guideline_scores(year: np.ndarray, female: np.ndarray, p: Parameters) -> np.ndarray:
    """Log-odds of each regimen by calendar year and sex; -inf before it was licensed, (n, 30)."""
    scores = PREFERENCE + _FASHION * (year - MIDDLE_YEAR)[:, None]
    scores = scores + np.outer(female, p.protease_women * (_CLASS == "PI"))
    scores = scores + np.outer(female & (year < 2016), p.efavirenz_women * (_NAME == "EFV"))
    return np.where(year[:, None] >= _AVAILABLE, scores, -np.inf)


def starting_weights(p: Parameters):
    """Return the weights of regimens people came with: ``(year, female) -> (n, 30)``."""

    def weights(year: np.ndarray, female: np.ndarray) -> np.ndarray:
        return np.exp(guideline_scores(year, female, p))

    return weights


def failing(state: State, rows: np.ndarray) -> np.ndarray:
    """Two consecutive results above the failure limit, six months or more into ART."""
    limit = np.log10(FAILURE_LIMIT)
    twice = (state.last_vl[rows] > limit) & (state.previous_vl[rows] > limit)
    return twice & (state.months_treated[rows] >= 6) & (state.regimen[rows] >= 0)


def scores(state: State, rows: np.ndarray, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and the admissible set, both (len(rows), 31); column 0 is no treatment."""
    k = np.arange(len(rows))
    year, current = state.year[rows], state.regimen[rows]
    resumed = np.where(current >= 0, current, state.last_regimen[rows])
    has_current = resumed >= 0
    safe = np.maximum(resumed, 0)
    like = guideline_scores(year, state.female[rows], p)

    intolerant, failure = state.intolerant[rows], failing(state, rows)
    given_up = state.not_tolerated[rows][:, AGENT]
    same_agent = np.equal.outer(AGENT[safe], AGENT)
    offending = given_up | (same_agent & (intolerant & has_current)[:, None])
    like = like + p.leave_intolerable * offending
    same_class = np.equal.outer(_CLASS[safe], _CLASS) & ~_BARRIER
    after_failure = p.leave_failing * same_class + p.barrier_after_failure * _BARRIER
    like = like + failure[:, None] * after_failure
    high = np.outer(state.last_vl[rows] > 5.0, _NAME == "RPV")
    like = like + p.rilpivirine_high_viral_load * high

    stable = has_current & ~intolerant & ~failure
    ranked = np.where(stable[:, None] & ~_NEIGHBOUR[safe], like - 2.0, like)
    ranked[k[has_current], safe[has_current]] = np.inf
    count = np.where(stable, p.alternatives_stable, p.alternatives) + has_current
    place = np.argsort(np.argsort(-ranked, axis=1, kind="stable"), axis=1, kind="stable")
    admissible = (place < count[:, None]) & (ranked > -np.inf)

    stay = np.where(stable, p.stay, np.where(failure, -0.5, 0.0))
    kept = np.maximum(like[k, safe], like.max(axis=1) - 2.0) + stay
    like[k[has_current], safe[has_current]] = kept[has_current]

    naive = state.last_regimen[rows] < 0
    threshold = np.where(year < 2012, 350.0, np.where(year < 2015.5, 500.0, np.inf))
    wait = np.where(state.last_cd4[rows] > threshold, p.deferral, p.deferral_below)
    total = np.where(admissible, np.exp(like), 0.0).sum(axis=1)
    waiting = np.where(naive, np.log(total) + wait, -np.inf)
    return (
        np.column_stack([waiting, np.where(admissible, like, -np.inf)]),
        np.column_stack([naive, admissible]),
    )


def probabilities(state: State, rows: np.ndarray, p: Parameters) -> np.ndarray:
    """Return the clinician's probability of every action, shape (len(rows), 31)."""
    score, admissible = scores(state, rows, p)
    weight = np.where(admissible, np.exp(score - score.max(axis=1, keepdims=True)), 0.0)
    soft = weight / weight.sum(axis=1, keepdims=True)
    floor = p.least_probability * admissible
    return floor + (1 - floor.sum(axis=1, keepdims=True)) * soft
