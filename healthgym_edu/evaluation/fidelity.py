"""Does a synthetic cohort look like the real one? Every number beside the best and the worst."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from .. import metrics
from ..data import Cohort
from ..data.columns import Columns, columns_of, comparable
from ..engine import check_seed
from ..errors import ArgumentError, require_known, require_whole
from .comparing import Comparison, Row
from .judging import JUDGES, WIDER, judge

COLUMNS = ["metric", "variable", "value", "lower", "upper", "ideal", "ceiling", "floor"]


def fidelity(
    real: Cohort,
    synthetic: Cohort,
    *,
    judges: Iterable[str] = tuple(JUDGES),
    replicates: int = 200,
    bounds: bool = True,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare a synthetic cohort with the real one, column by column and patient by patient.

    Parameters
    ----------
    real, synthetic : Cohort
        Of one condition. To judge a generator, hand in people whom it has not met as `real`: a
        holdout, or ``train.fresh(...)``.
    judges : iterable of str
        Classifiers that try to tell the two apart: ``"rows"`` sees single rows, ``"P"``, ``"X"``
        and ``"R"`` whole patients. None of them for ``()``.
    replicates : int
        Bootstrap by patient; 0 for no intervals. The scores of judges are drawn again, and
        nothing is fitted anew; their intervals are widened for it.
    bounds : bool
        Whether to compute the ceiling and the floor, which takes twice as long again.
    seed : int

    Returns
    -------
    DataFrame
        A row for each number: ``metric, variable, value, lower, upper`` (95 % interval),
        ``ideal`` (a perfect copy), ``ceiling`` (two fresh draws of the same people, or two halves
        where the real cohort was not simulated: nothing can be expected to do better) and
        ``floor`` (the real columns, each in an order of its own).

    Raises
    ------
    ArgumentError
        Two conditions, a missing column or value, an unknown label, a cohort of one patient,
        too few patients for a judge, an unknown judge, or a negative number of replicates.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> real = hg.load_cohort("hypotension", n_patients=100)
    >>> table = hg.evaluation.fidelity(real, real.fresh(seed=9), judges=(), replicates=0)
    >>> bool(table.query("metric == 'KS'")["value"].max() < 0.3)
    True
    """
    asked = tuple(judges)
    for name in asked:
        require_known("judge", name, JUDGES, "")
    require_whole("replicates", replicates, 0)
    check_seed(seed)
    if replicates == 1:
        raise ArgumentError("A bootstrap of one draw has no interval; ask for 200, or for 0.")
    one, other = comparable(real, synthetic)
    table = _compare(one, other, asked, replicates, seed)
    if bounds:
        for name, pair in (("ceiling", _two_of_the_same(real, len(other), seed)),
                           ("floor", (one, one.shuffled(seed)))):  # fmt: skip
            table[name] = _align(table, _compare(*pair, asked, 0, seed))
    return table.reindex(columns=COLUMNS)


def _compare(
    real: Columns, synthetic: Columns, judges: tuple[str, ...], replicates: int, seed: int
) -> pd.DataFrame:
    comparison = Comparison(real, synthetic)
    verdicts = judge(real, synthetic, judges, seed)
    rows = comparison.rows + [Row(JUDGES[name], "all columns", 0.5, 0, 1) for name in judges]

    def estimate(w: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.concatenate([comparison.estimate(w, v), [one.auc(w, v) for one in verdicts]])

    sizes = len(real), len(synthetic)
    table = pd.DataFrame(
        {
            "metric": [row.metric for row in rows],
            "variable": [row.variable for row in rows],
            "value": estimate(*(np.ones(size) for size in sizes)),
            "lower": np.nan,
            "upper": np.nan,
            "ideal": [float(row.ideal) for row in rows],
        }
    )
    if replicates:
        low, high = metrics.intervals(
            estimate, sizes, replicates, seed, plain=np.array([row.is_ratio for row in rows])
        )
        judged = table["metric"].isin(JUDGES.values()).to_numpy()
        value = table["value"].to_numpy()
        low = np.where(judged, value - WIDER * (value - low), low)
        high = np.where(judged, value + WIDER * (high - value), high)
        ends = [row.lowest for row in rows], [row.highest for row in rows]
        table["lower"], table["upper"] = np.clip(low, *ends), np.clip(high, *ends)
    return table


def _align(table: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Values of another comparison, in the order of this one; NaN where it has none."""
    key = ["metric", "variable"]
    return table[key].merge(other[[*key, "value"]], how="left", on=key)["value"].to_numpy()


def _two_of_the_same(real: Cohort, n_synthetic: int, seed: int) -> tuple[Columns, Columns]:
    """Return two draws of the same people, of the sizes of the two cohorts, or two halves."""
    if real.recipe is None:
        halves = real.split(0.5, seed=seed)
        return columns_of(halves[0]), columns_of(halves[1])
    first, other = (
        next(one for one in (begin, begin + 1) if one != real.seed)
        for begin in (seed + 7_001, seed + 8_009)
    )
    return (
        columns_of(real.fresh(len(real), seed=first)),
        columns_of(real.fresh(n_synthetic, seed=other)),
    )
