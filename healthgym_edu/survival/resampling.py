"""Bootstrap: what an estimate might have been, had other patients come."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from ..engine import check_seed
from ..errors import ArgumentError, require_whole

BATCH = 25  # replicates that one worker makes at a time


def resampled(
    times: pd.DataFrame,
    estimate: Callable[[pd.DataFrame], pd.Series],
    replicates: int,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw patients anew, with replacement, and estimate on each draw.

    Parameters
    ----------
    times : DataFrame
        One row per patient.
    estimate : callable
        From such a table to a Series of numbers. What it fits is fitted anew on each draw.
    replicates : int
        How many draws: 200 for an interval to look at, 1,000 for one to report.
    seed : int
        The draws do not depend on the number of workers (joblib).

    Returns
    -------
    DataFrame
        One row per draw, one column per number.

    Raises
    ------
    ArgumentError
        A draw in which some number cannot be estimated, because too few patients stand behind it.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> times = hg.survival.proportional_hazards(300)
    >>> draws = hg.survival.resampled(
    ...     times, lambda one: hg.survival.rmst(one, 12, by="treated")["rmst"], replicates=50)
    >>> draws.shape
    (50, 3)
    """
    require_whole("replicates", replicates, 2)
    check_seed(seed)
    starts = range(0, replicates, BATCH)
    parts = Parallel()(
        delayed(_batch)(times, estimate, range(begin, min(begin + BATCH, replicates)), seed)
        for begin in starts
    )
    table = pd.DataFrame([row for part in parts for row in part])
    lacking = table.columns[table.isna().any()]
    if len(lacking):
        raise ArgumentError(
            f"{lacking[0]} could not be estimated in {int(table[lacking[0]].isna().sum())} of "
            f"{replicates} draws: too few patients stand behind it for a bootstrap."
        )
    return table


def _batch(
    times: pd.DataFrame, estimate: Callable[[pd.DataFrame], pd.Series], which: range, seed: int
) -> list[pd.Series]:
    found = []
    for k in which:
        rows = np.random.default_rng([seed, k]).integers(0, len(times), len(times))
        found.append(estimate(times.iloc[rows].reset_index(drop=True)).rename(k))
    return found
