"""The hazard ratio that a Cox model would report of two randomised arms, from counts alone.

Where hazards are not proportional there is no hazard ratio.  A Cox model still returns a number, a
mean of the ratios over time that depends on how long people are followed and on who is censored
(Struthers and Kalbfleisch, *Biometrika* 1986, doi:10.1093/biomet/73.2.363): a *projection*.
"""

from __future__ import annotations

import numpy as np

STEPS = 50
CLOSE = 1e-10


def log_hazard_ratio(duration: np.ndarray, event: np.ndarray, arm: np.ndarray) -> float:
    """Maximise Cox's partial likelihood of one 0–1 covariate, with Efron's ties.

    Parameters
    ----------
    duration : ndarray of int, shape (n,)
        Whole steps from 0 on.
    event, arm : ndarray of bool, shape (n,)

    Returns
    -------
    float
        The log hazard ratio; NaN where one arm has no event while it is at risk with the other.
    """
    steps = int(duration.max()) + 1
    leaving = [np.bincount(duration[arm == k], minlength=steps) for k in (False, True)]
    at_risk = [one[::-1].cumsum()[::-1].astype(float) for one in leaving]
    events = [np.bincount(duration[(arm == k) & event], minlength=steps) for k in (False, True)]
    moments = np.flatnonzero(events[0] + events[1])
    terms = [_ties(*(part[at] for part in (*at_risk, *events))) for at in moments]
    fixed, moving = (np.concatenate(parts) for parts in zip(*terms, strict=True))
    had, beta = float(events[1].sum()), 0.0
    if not 0 < had < events[0].sum() + had:
        return float("nan")
    for _ in range(STEPS):
        share = moving * np.exp(beta) / (fixed + moving * np.exp(beta))
        step = (had - share.sum()) / (share * (1 - share)).sum()
        beta += float(np.clip(step, -1, 1))
        if abs(step) < CLOSE:
            return beta
    return float("nan")


def _ties(
    at_risk_0: float, at_risk_1: float, events_0: int, events_1: int
) -> tuple[np.ndarray, np.ndarray]:
    """Efron's sums at one time: what is left of both arms before each of the tied events."""
    total = int(events_0 + events_1)
    gone = np.arange(total) / total
    return at_risk_0 - gone * events_0, at_risk_1 - gone * events_1
