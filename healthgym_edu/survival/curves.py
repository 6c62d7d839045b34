"""Curves over time by group, with or without weights, and what can be read off them.

lifelines 0.30.3 returns the variance of min(T, horizon) where the variance of the restricted mean
is asked for (its issue 1682), and wrong cumulative incidences with ``timeline=`` (pull request
1699); it breaks ties between causes by random jitter (issue 1521), and monthly or hourly records
are all ties.  So these stand here, and are tested against lifelines where it is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import norm

from ..errors import ArgumentError
from .resampling import resampled

EVERYBODY = "everybody"

PROPENSITY = "propensity"
"""The column of probabilities whose reciprocals are weights."""


@dataclass(frozen=True)
class Risk:
    """Weighted numbers at each time at which something happened.

    Attributes
    ----------
    times : ndarray, shape (k,)
        Distinct durations, ascending.
    at_risk, events, competing : ndarray, shape (k,)
        Sums of weights.
    """

    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    competing: np.ndarray


def risk_table(times: pd.DataFrame, weights: np.ndarray) -> Risk:
    """Count who is at risk, who has the event and who the competing event at every time."""
    duration = times["duration"].to_numpy(float)
    entry = times["entry"].to_numpy(float) if "entry" in times else np.zeros(len(times))
    kind = times["event"].to_numpy().astype(int)
    moments, place = np.unique(duration, return_inverse=True)

    def summed(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(place, weights=weights * chosen, minlength=len(moments))

    leaving = summed(np.ones(len(times)))
    at_risk = leaving[::-1].cumsum()[::-1]
    order = np.argsort(entry)
    entered = np.append(0.0, weights[order].cumsum())
    late = weights.sum() - entered[np.searchsorted(entry[order], moments, side="left")]
    return Risk(moments, at_risk - late, summed(kind == 1), summed(kind == 2))


def survival_curve(
    times: pd.DataFrame, by: str | None = None, weights: str | None = None
) -> pd.DataFrame:
    """Kaplan–Meier estimate of the share without the event, by group.

    Parameters
    ----------
    times : DataFrame
        From `time_to_event`.
    by : str, optional
        A column of groups, such as ``"arm"``.
    weights : str, optional
        A column of weights; or ``"propensity"``, a column of probabilities, whose reciprocals are
        the weights.

    Returns
    -------
    DataFrame
        ``group, time, survival, lower, upper, at_risk, events``; the 95 % interval is that of the
        log cumulative hazard, with Greenwood's variance (Tsiatis' robust one under weights).
    """
    parts = []
    for name, group, weight in groups_of(times, by, weights):
        risk = risk_table(group, weight)
        share, variance = _kaplan_meier(risk, group, weight, weights is not None)
        lower, upper = _log_log_interval(share, variance)
        part = {"time": np.append(0.0, risk.times), "survival": np.append(1.0, share)}
        part |= {"lower": np.append(1.0, lower), "upper": np.append(1.0, upper)}
        part |= {"at_risk": np.append(risk.at_risk[:1], risk.at_risk)}
        part |= {"events": np.append(0.0, risk.events)}
        parts.append(pd.DataFrame(part).assign(group=name))
    table = pd.concat(parts, ignore_index=True)
    return table[["group", *table.columns.drop("group")]]


def groups_of(
    times: pd.DataFrame, by: str | None, weights: str | None
) -> Iterator[tuple[str, pd.DataFrame, np.ndarray]]:
    """Yield the name, the rows and the weights of each group."""
    for column in (by, weights):
        if column is not None and column not in times:
            raise ArgumentError(
                f"There is no column {column!r} in this table. It has: {', '.join(times.columns)}."
            )
    weight = np.ones(len(times)) if weights is None else times[weights].to_numpy(float)
    if weights == PROPENSITY:
        if not ((weight > 0) & (weight <= 1)).all():
            raise ArgumentError(
                f"A {PROPENSITY} is a probability above 0, up to 1; found {weight.min():g} to "
                f"{weight.max():g}. Raise the smallest ones, and say so with the result."
            )
        weight = 1 / weight
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.sum() > 0):
        raise ArgumentError(f"The weights in {weights!r} must be finite numbers of 0 or more.")
    if by is None:
        yield EVERYBODY, times, weight
        return
    names = times[by]
    labels = (
        names.cat.categories
        if isinstance(names.dtype, pd.CategoricalDtype)
        else sorted(names.unique())
    )
    for name in labels:
        chosen = (names == name).to_numpy()
        if chosen.any():
            yield str(name), times[chosen], weight[chosen]


def _kaplan_meier(
    risk: Risk, group: pd.DataFrame, weight: np.ndarray, weighted: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share without the event at each time, and the variance of its logarithm."""
    hazard = risk.events / risk.at_risk
    share = np.cumprod(1 - hazard)
    if weighted:
        influence = influence_of_log(risk, group, weight)
        return share, (influence**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = risk.events / (risk.at_risk * (risk.at_risk - risk.events))
    return share, np.cumsum(np.where(risk.events > 0, terms, 0.0))


def influence_of_log(risk: Risk, group: pd.DataFrame, weight: np.ndarray) -> np.ndarray:
    """Influence of each patient on the logarithm of the curve at each time, shape (n, k).

    The weighted martingale residuals of each patient over the number at risk; the sum of their
    squares is the robust variance, which treats the weights as known.
    """
    duration = group["duration"].to_numpy(float)[:, None]
    entry = (
        group["entry"].to_numpy(float)[:, None] if "entry" in group else np.zeros((len(group), 1))
    )
    had = (group["event"].to_numpy().astype(int) == 1)[:, None]
    times = risk.times[None, :]
    at_risk = (duration >= times) & (entry < times)
    happened = had & (duration == times)
    hazard = (risk.events / risk.at_risk)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(hazard < 1, (happened - at_risk * hazard) / (1 - hazard), 0.0)
    return -np.cumsum(weight[:, None] * left / risk.at_risk[None, :], axis=1)


def _log_log_interval(share: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    z = norm.ppf(0.975)
    inside = (share > 0) & (share < 1)
    log = np.log(np.where(inside, share, 0.5))
    spread = np.exp(z * np.sqrt(variance) / np.abs(log))
    safe = np.where(inside, share, 0.5)
    return np.where(inside, safe**spread, share), np.where(inside, safe ** (1 / spread), share)


def rmst(
    times: pd.DataFrame,
    horizon: float,
    by: str | None = None,
    weights: str | None = None,
    replicates: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Restricted mean time without the event, by group, and the differences between groups.

    Parameters
    ----------
    times : DataFrame
        From `time_to_event`.
    horizon : float
        Where the mean is cut off, in steps.
    by, weights : str, optional
        Columns of groups and of weights, as for `survival_curve`.
    replicates : int
        How often patients are drawn anew, with replacement, for the interval (joblib); 0 for the
        interval of the standard error.
    seed : int
        For the replicates.

    Returns
    -------
    DataFrame
        Indexed by group, then by ``"A - B"`` for each pair: ``rmst, standard_error, lower,
        upper`` in steps. Greenwood's standard error; a robust one under weights, which are taken
        as known; or the spread and the middle 95 % of the replicates.

    Raises
    ------
    ArgumentError
        A horizon at which some group is no longer followed.
    """
    found = {}
    for name, group, weight in groups_of(times, by, weights):
        found[name] = _one_rmst(name, group, weight, horizon, weighted=weights is not None)
    names = list(found)
    for one, other in combinations(names, 2):
        gap = found[one][0] - found[other][0]
        found[f"{one} - {other}"] = gap, float(np.hypot(found[one][1], found[other][1]))
    table = pd.DataFrame(found, index=["rmst", "standard_error"]).T
    if replicates:
        drawn = resampled(
            times, lambda one: rmst(one, horizon, by, weights)["rmst"], replicates, seed
        )
        lower, upper = drawn.quantile(0.025), drawn.quantile(0.975)
        return table.assign(standard_error=drawn.std(ddof=1), lower=lower, upper=upper)
    half = norm.ppf(0.975) * table["standard_error"]
    return table.assign(lower=table["rmst"] - half, upper=table["rmst"] + half)


def _one_rmst(
    name: str, group: pd.DataFrame, weight: np.ndarray, horizon: float, weighted: bool
) -> tuple[float, float]:
    longest = group["duration"].max()
    everybody_had_it = bool(group.loc[group["duration"] == longest, "event"].eq(1).all())
    if horizon <= 0 or (longest < horizon and not everybody_had_it):
        raise ArgumentError(
            f"The mean is cut off at {horizon:g} steps, but {name} is followed for {longest:g} at "
            "most. Choose a horizon that everybody's group reaches."
        )
    risk = risk_table(group, weight)
    keep = risk.times < horizon
    times = np.concatenate([[0.0], risk.times[keep], [horizon]])
    hazard = risk.events / risk.at_risk
    share = np.append(1.0, np.cumprod(1 - hazard)[keep])
    areas = share * np.diff(times)
    after = areas[::-1].cumsum()[::-1][1:]  # area right of each time
    if weighted:
        influence = influence_of_log(risk, group, weight)[:, keep]  # (n, k)
        of_mean = influence @ areas[1:]
        return float(areas.sum()), float(np.sqrt((of_mean**2).sum()))
    at_risk, events = risk.at_risk[keep], risk.events[keep]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(at_risk > events, events / (at_risk * (at_risk - events)), 0.0)
    return float(areas.sum()), float(np.sqrt((after**2 * terms).sum()))


def cumulative_incidence(
    times: pd.DataFrame, by: str | None = None, weights: str | None = None
) -> pd.DataFrame:
    """Share who had the event, where a competing event may come first (Aalen–Johansen).

    Parameters
    ----------
    times : DataFrame
        From `time_to_event` with `competing`: ``event`` is 0, 1 or 2.
    by, weights : str, optional
        Columns of groups and of weights.

    Returns
    -------
    DataFrame
        ``group, time, event, competing, neither``: shares that add up to 1. Events of both kinds
        in the same step leave the same number at risk, so ties need no jitter.
    """
    parts = []
    for name, group, weight in groups_of(times, by, weights):
        risk = risk_table(group, weight)
        neither = np.cumprod(1 - (risk.events + risk.competing) / risk.at_risk)
        before = np.append(1.0, neither[:-1])
        part = {"time": np.append(0.0, risk.times)}
        part["event"] = np.append(0.0, np.cumsum(before * risk.events / risk.at_risk))
        part["competing"] = np.append(0.0, np.cumsum(before * risk.competing / risk.at_risk))
        part["neither"] = np.append(1.0, neither)
        parts.append(pd.DataFrame(part).assign(group=name))
    table = pd.concat(parts, ignore_index=True)
    return table[["group", *table.columns.drop("group")]]


def landmark(times: pd.DataFrame, step: int) -> pd.DataFrame:
    """Keep those who are still at risk at a step, and count their time from there.

    Parameters
    ----------
    times : DataFrame
        From `time_to_event`.
    step : int
        Steps after time zero.

    Returns
    -------
    DataFrame
        As `times`, with shorter durations and an index of its own.
    """
    still = times[times["duration"] > step]
    if still.empty:
        raise ArgumentError(
            f"Nobody is at risk after step {step}: durations end at {times['duration'].max()}."
        )
    return still.assign(duration=still["duration"] - step).reset_index(drop=True)
