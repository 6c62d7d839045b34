"""The clinician of the ART cohort: soft, guideline-like, and seeing what a clinic knows.

At a decision every regimen has a score (log-odds).  What is liked depends on the calendar year,
on side effects, on virological failure and on the person; staying on a regimen that works is
liked best.  The best alternatives are usual.  Then comes what a genotype speaks against, which
makes a choice rare but not impossible.  The probabilities are a softmax of the scores of what is
usual.  A small part is shared among all that some clinician might do once: any licensed regimen
whose third agent was not given up, nevirapine within the CD4 limits of its label.

The clinician sees the record plus what stands in the notes: side effects, third agents given up,
genotypes, failures, the calendar year.  All of it is in ``ArtHiv.observe``; if ``confounded``,
hidden adherence, too, which nothing on record shows.
"""

from __future__ import annotations

import numpy as np

from ...engine import CONFOUNDED, soft_probabilities
from .parameters import Parameters
from .physiology import BARRIER, CLASSES, ArtState
from .preferences import PREFERENCE
from .regimens import (
    AGENT,
    BACKBONE,
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
_BACKBONE = np.array([BACKBONE.get(regimen.base, regimen.base) for regimen in REGIMENS])
# by the regimen in use and the next one, shape (30, 30)
_SAME_AGENT = AGENT[:, None] == AGENT
_SAME_BACKBONE = _BACKBONE[:, None] == _BACKBONE
_BASES = np.array([regimen.base for regimen in REGIMENS])
_FAMILY = (_BASES[:, None] == _BASES) | _SAME_AGENT  # what one changes to without a need
_RELATED = _SAME_BACKBONE & ~_FAMILY  # and with one
_SAME_DRUGS = _SAME_BACKBONE & _SAME_AGENT & ~np.eye(len(REGIMENS), dtype=bool)  # by another name
_WEAK_AND_SAME_CLASS = (_CLASS[:, None] == _CLASS) & ~BARRIER


def guideline_scores(year: np.ndarray, female: np.ndarray, p: Parameters) -> np.ndarray:
    """Log-odds of each regimen by calendar year and sex; -inf before it was licensed, (n, 30)."""
    scores = PREFERENCE + _FASHION * (year - MIDDLE_YEAR)[:, None]
    since = np.maximum(year[:, None] - _AVAILABLE, 0.0)
    scores = scores + p.adoption * np.exp(-since / p.adoption_years)
    pregnancy = female & (year < p.efavirenz_women_until)
    scores[pregnancy] += p.protease_women * (_CLASS == "PI")
    scores[pregnancy] += p.efavirenz_women * (_NAME == "EFV")
    scores[year[:, None] < _AVAILABLE] = -np.inf
    return scores


def failing(state: ArtState) -> np.ndarray:
    """Two consecutive results above the failure limit on a third agent of six months or more."""
    return (state.failures >= 2) & (state.regimen >= 0)


def probabilities(state: ArtState, p: Parameters, confounded: bool | str) -> np.ndarray:
    """Return the clinician's probability of every action, shape (n, 31)."""
    score, usual, conceivable = scores(state, p, confounded)
    least = np.where(state.last_regimen < 0, p.least_first, p.least_later)[:, None]
    return soft_probabilities(score, usual, least, True, conceivable)


def scores(
    state: ArtState, p: Parameters, confounded: bool | str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores, what is usual and what is conceivable, (n, 31) each; column 0: no treatment.

    The *regimen in use* is the one prescribed, or for people back from a pause their last one.
    """
    in_use, like, usual, allowed = _considered(state, p, confounded)
    resisted = _resisted(state)
    conceivable = usual | (allowed & ~state.not_tolerated[:, AGENT])
    like += _after_genotype(state, resisted, p)
    like = _with_staying(like, state, in_use, resisted, p)
    waiting = _waiting(like, usual, state, in_use < 0, p)
    return (
        np.column_stack([waiting, np.where(usual, like, -np.inf)]),
        np.column_stack([in_use < 0, usual]),
        np.column_stack([in_use < 0, conceivable]),
    )


def usual_actions(state: ArtState, p: Parameters, confounded: bool | str) -> np.ndarray:
    """Return what is usual, shape (n, 31), as `scores` does."""
    in_use, _, usual, _ = _considered(state, p, confounded)
    return np.column_stack([in_use < 0, usual])


def _considered(state: ArtState, p: Parameters, confounded: bool | str) -> tuple[np.ndarray, ...]:
    """The regimen in use (n,); liking before inertia, what is usual and allowed, (n, 30) each."""
    in_use = np.where(state.regimen >= 0, state.regimen, state.last_regimen)
    like = _liking(state, in_use, p)
    like += np.outer(p.insight[CONFOUNDED.index(confounded)] * state.noise["adherence"], BARRIER)
    allowed = (like > -np.inf) & ~_no_nevirapine(state, p)
    usual = _usual(np.where(allowed, like, -np.inf), state, in_use, p)
    return in_use, like, usual, allowed


def _stable(state: ArtState, in_use: np.ndarray) -> np.ndarray:
    return (in_use >= 0) & ~state.intolerant & ~failing(state)


def _no_nevirapine(state: ArtState, p: Parameters) -> np.ndarray:
    """Nevirapine for people whose CD4 count is above its limit, or unknown, shape (n, 30)."""
    most = np.where(state.female, p.nevirapine_women, p.nevirapine_men)
    return np.outer(~(state.last_cd4 <= most), _NAME == "NVP")


def _resisted(state: ArtState) -> np.ndarray:
    """Regimens whose third agent belongs to a class that a genotype has spoken against, (n, 30)."""
    seen = np.column_stack([state.genotype[name] for name in CLASSES])
    return seen[:, [CLASSES.index(name) for name in _CLASS]] & ~BARRIER


def _liking(state: ArtState, in_use: np.ndarray, p: Parameters) -> np.ndarray:
    """How much each regimen is liked for these people, before inertia, shape (n, 30)."""
    naive = in_use < 0
    like = guideline_scores(state.year, state.female, p)
    side_effect = _SAME_AGENT[in_use] & (state.intolerant & ~naive)[:, None]
    like += p.leave_intolerable * (side_effect | state.not_tolerated[:, AGENT])
    failed = failing(state)
    like[failed] += p.leave_failing * _WEAK_AND_SAME_CLASS[in_use[failed]]
    like[failed] += p.barrier_after_failure * BARRIER
    sick = (state.last_vl > p.indication_vl) | (state.last_cd4 < p.indication_cd4)
    like[sick & naive] += p.indication * BARRIER
    like[state.last_vl > p.rilpivirine_limit] += p.rilpivirine_high * (_NAME == "RPV")
    like[naive, state.planned[naive]] += p.planned
    related = _RELATED[in_use] & state.intolerant[:, None]
    distance = np.where(related, p.related, p.other_family * ~_FAMILY[in_use])
    like[~naive] += distance[~naive]
    like[~naive] += p.same_drugs * _SAME_DRUGS[in_use[~naive]]
    return like


def _usual(
    ranked: np.ndarray,
    state: ArtState,
    in_use: np.ndarray,
    p: Parameters,
) -> np.ndarray:
    """The regimen in use and the most liked alternatives, few of them where it works."""
    treated = np.flatnonzero(in_use >= 0)
    ranked[treated, in_use[treated]] = np.inf
    best_first = np.argsort(-ranked, axis=1, kind="stable")
    place = np.empty_like(best_first)
    np.put_along_axis(place, best_first, np.arange(ranked.shape[1])[None, :], axis=1)
    beyond_adherence = state.intolerant | _hopeless(state, in_use, _resisted(state))
    lacking = failing(state) & ~beyond_adherence
    count = np.where(lacking, p.alternatives_failing, p.alternatives)
    count = np.where(_stable(state, in_use), p.alternatives_stable, count) + (in_use >= 0)
    return (place < count[:, None]) & (ranked > -np.inf)


def _hopeless(state: ArtState, in_use: np.ndarray, resisted: np.ndarray) -> np.ndarray:
    """Whether a genotype has spoken against the regimen in use, shape (n,)."""
    weak = (in_use >= 0) & ~BARRIER[in_use]
    return weak & (resisted[np.arange(len(in_use)), in_use] | state.genotype["NRTI"])


def _after_genotype(state: ArtState, resisted: np.ndarray, p: Parameters) -> np.ndarray:
    """What resistance, failures and a strong regimen in use speak against, shape (n, 30)."""
    strong = (state.last_regimen >= 0) & BARRIER[state.last_regimen] & ~state.intolerant
    against = p.resisted_backbone * state.genotype["NRTI"]
    against = against + p.weaker * strong + p.failed_before * state.ever_failed
    return p.resisted * resisted + np.outer(against, ~BARRIER)


def _with_staying(
    like: np.ndarray,
    state: ArtState,
    in_use: np.ndarray,
    resisted: np.ndarray,
    p: Parameters,
) -> np.ndarray:
    """Add the log-odds of keeping the regimen in use, shape (n, 30)."""
    stay = np.where(BARRIER[in_use], p.stay_failing_barrier, p.stay_failing)
    stay = np.where(_hopeless(state, in_use, resisted), p.stay_failing_resistant, stay)
    stay = np.where(state.intolerant, p.stay_intolerable, stay)
    unsettled = (state.suppressed < p.settled) | state.ever_failed
    stay = np.where(_stable(state, in_use), p.stay + p.stay_unsettled * unsettled, stay)
    kept = np.flatnonzero(in_use >= 0)
    regimen = in_use[kept]
    outdated = like[kept].max(axis=1) - p.outdated_at_most
    like[kept, regimen] = np.maximum(like[kept, regimen], outdated) + stay[kept]
    return like


def _waiting(
    like: np.ndarray, usual: np.ndarray, state: ArtState, naive: np.ndarray, p: Parameters
) -> np.ndarray:
    """Score of not starting yet, which guidelines allowed above a CD4 threshold, shape (n,)."""
    year = state.year
    threshold = np.where(year < p.treat_below_500_until, 500.0, np.inf)
    threshold = np.where(year < p.treat_below_350_until, 350.0, threshold)
    odds = np.where(state.last_cd4 > threshold, p.deferral, p.deferral_below)
    total = np.where(usual, np.exp(like), 0.0).sum(axis=1)
    return np.where(naive, np.log(total) + odds, -np.inf)
