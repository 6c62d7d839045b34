"""Bootstrap by patient, by weights: how often each patient is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from joblib import Parallel, delayed

BATCH = 20  # replicates that one worker makes at a time

Estimate = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From a weight for each patient of two cohorts to numbers, shape (k,)."""


def intervals(
    estimate: Estimate,
    sizes: tuple[int, int],
    replicates: int,
    seed: int,
    level: float = 0.95,
    plain: np.ndarray | bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper ends of bootstrap intervals, shape (k,) each.

    Patients of both cohorts are drawn anew, with replacement.  Two resamples differ by more than
    their cohorts do, so a distance is larger in the draws than in truth; therefore the quantiles
    of the draws are taken around their median, and set around the estimate (a *basic* bootstrap
    without that bias).

    Parameters
    ----------
    estimate : callable
        From the weights of the patients of both cohorts to numbers.
    sizes : (int, int)
        How many patients there are.
    replicates, seed : int
        The draws do not depend on the number of workers (joblib).
    level : float
        How often the interval should cover.
    plain : bool or ndarray of bool, shape (k,)
        Which numbers take the quantiles of the draws as they are: ratios, whose draws lean to the
        side to which the ratio itself leans.
    """
    starts = range(0, replicates, BATCH)
    parts = Parallel()(
        delayed(_batch)(estimate, sizes, range(begin, min(begin + BATCH, replicates)), seed)
        for begin in starts
    )
    drawn = np.concatenate(parts)
    whole = estimate(*(np.ones(size) for size in sizes))
    tail = (1 - level) / 2
    # "weibull": with a hundred draws, the usual quantiles lie too far inside to cover 95 in 100
    low, middle, high = np.nanquantile(drawn, [tail, 0.5, 1 - tail], axis=0, method="weibull")
    around = whole - (high - middle), whole + (middle - low)
    return np.where(plain, low, around[0]), np.where(plain, high, around[1])


def _batch(
    estimate: Estimate, sizes: tuple[int, int], which: Iterable[int], seed: int
) -> np.ndarray:
    found = []
    for k in which:
        rng = np.random.default_rng([seed, k])
        weights = (np.bincount(rng.integers(0, n, n), minlength=n).astype(float) for n in sizes)
        found.append(estimate(*weights))
    return np.array(found)
