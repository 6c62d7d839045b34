"""What if everybody had been started on one arm? The answer that a Cox model gives to it.

The g-formula (Robins, *Mathematical Modelling* 1986, doi:10.1016/0270-0255(86)90088-6): fit the
hazard given arm and covariates, predict each patient's curve under each arm, and average.  It is
right where the model is, and where the covariates hold all that decided about the arm.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from ..errors import ArgumentError
from .curves import groups_of, risk_table
from .design import design
from .resampling import resampled


def standardised_curves(
    times: pd.DataFrame,
    by: str,
    covariates: Iterable[str],
    replicates: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Average the curves that a Cox model predicts for all patients, had they been in each group.

    Parameters
    ----------
    times : DataFrame
        From `time_to_event`.
    by : str
        The column of groups, such as ``"arm"``.
    covariates : iterable of str
        What is adjusted for.
    replicates, seed : int
        Draws of a bootstrap in which the model is fitted anew; 0 for no intervals.

    Returns
    -------
    DataFrame
        As from `survival_curve`, at the times of events: ``lower`` and ``upper`` are missing
        without replicates; ``at_risk`` and ``events`` are those of the group as it was.

    Raises
    ------
    ArgumentError
        What `design` refuses, or a model without a finite estimate.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> times = hg.survival.proportional_hazards(400)
    >>> curve = hg.survival.standardised_curves(times, "treated", ["age"])
    >>> hg.survival.area_under(curve, 12).index.tolist()
    ['0', '1', '0 - 1']
    """
    adjusted = list(covariates)
    if by not in times:
        raise ArgumentError(f"There is no column {by!r}. Columns are: {', '.join(times.columns)}.")
    shares = _predict(times, by, adjusted)
    if replicates:
        stacked = resampled(
            times, lambda one: _on(_predict(one, by, adjusted), shares.index).stack(),
            replicates, seed,
        )  # fmt: skip
    parts = []
    for name, group, weight in groups_of(times, by, None):
        risk = risk_table(group, weight)
        at = np.searchsorted(risk.times, shares.index)
        part = pd.DataFrame({"group": name, "time": shares.index, "survival": shares[name]})
        part["lower"] = part["upper"] = np.nan
        if replicates:
            drawn = stacked.xs(name, axis=1, level=1)
            part["lower"] = drawn.quantile(0.025).to_numpy()
            part["upper"] = drawn.quantile(0.975).to_numpy()
        part["at_risk"] = np.append(risk.at_risk, 0.0)[at]
        here = np.isin(shares.index, risk.times)
        part["events"] = np.where(here, np.append(risk.events, 0.0)[at], 0.0)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def area_under(curve: pd.DataFrame, horizon: float) -> pd.Series:
    """Restricted mean of each curve, and the differences between them, in steps.

    Parameters
    ----------
    curve : DataFrame
        From `survival_curve` or `standardised_curves`.
    horizon : float
        Where the mean is cut off.

    Returns
    -------
    Series
        Indexed by group, then by ``"A - B"`` for each pair.

    Raises
    ------
    ArgumentError
        A horizon of 0 or less, or beyond the end of a curve that has not come down to 0.
    """
    found: dict[str, float] = {}
    for name, part in curve.groupby("group", sort=False):
        ends = float(part["time"].max())
        if horizon <= 0 or (horizon > ends and part["survival"].iloc[-1] > 0):
            raise ArgumentError(
                f"The mean is cut off at {horizon:g} steps, but the curve of {name} ends at "
                f"{ends:g}. Choose a horizon up to there."
            )
        keep = part["time"] < horizon
        edges = np.append(part.loc[keep, "time"], horizon)
        found[str(name)] = float((part.loc[keep, "survival"] * np.diff(edges)).sum())
    names = list(found)
    for one, other in combinations(names, 2):
        found[f"{one} - {other}"] = found[one] - found[other]
    return pd.Series(found, name="rmst")


def _predict(times: pd.DataFrame, by: str, covariates: list[str]) -> pd.DataFrame:
    """Mean predicted share without the event, a column for each group, by time from 0 on."""
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    named = times.assign(**{by: times[by].astype(str)})
    table = design(named, [by, *covariates])
    try:
        fitted = CoxPHFitter().fit(table, "duration", "event")
    except ConvergenceError as error:
        raise ArgumentError(
            "The model finds no finite hazard ratio: covariates, or several together, tell the "
            "patients with the event from all others. Leave one out."
        ) from error
    numbers = table.drop(columns=["duration", "event"])
    shares: dict[str, pd.Series] = {}
    for name in sorted(named[by].unique()):
        as_if = numbers.copy()
        for column in numbers.columns:
            if column.startswith(f"{by}: "):
                as_if[column] = float(column == f"{by}: {name}")
        shares[name] = fitted.predict_survival_function(as_if).mean(axis=1)
    found = pd.DataFrame(shares)
    found.index = found.index.astype(float)
    if found.index[0] > 0:
        found = pd.concat([pd.DataFrame(1.0, index=[0.0], columns=found.columns), found])
    return found


def _on(shares: pd.DataFrame, times: pd.Index) -> pd.DataFrame:
    """The same step functions at other times."""
    return shares.reindex(times.union(shares.index)).ffill().loc[times]
