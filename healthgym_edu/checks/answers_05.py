"""Right and wrong answers to the exercises of chapter 05, from their definitions."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.survival import rmst, survival_curve, time_to_event

from .by_hand_05 import restricted_mean

HORIZON = 12
"""Months at which the restricted means of the chapter are cut off."""

STARTERS: dict[str, Any] = {
    "event": "suppressed_50", "at_risk": "Naive at entry", "origin": "first decision",
}  # fmt: skip


def starts_with(drug):
    return lambda regimen: drug in regimen


ARMS = {drug: starts_with(drug) for drug in ("DTG", "EFV")}
FOUR = {drug: starts_with(drug) for drug in ("EFV", "RPV", "DTG")}
FOUR["DRV"] = lambda regimen: "DRV" in regimen and "DTG" not in regimen


def tables(art):
    """What the chapter hands to its exercises: a curve, and two tables of durations."""
    times = {
        name: time_to_event(art, arm=FOUR, horizon=24, as_measured=measured, **STARTERS)
        for name, measured in {"monthly": False, "measured": True}.items()
    }
    return {**times, "curve": survival_curve(times["monthly"], by="arm")}


# --- the median of a curve ----------------------------------------------------------------------


def part(curve, drug="EFV"):
    return curve[curve["group"] == drug]


def median(curve, drug="EFV"):
    """The first time at which a curve stands at one half or below."""
    one = part(curve, drug)
    return float(one.loc[one["survival"] <= 0.5, "time"].min())


def median_by_search(curve):
    one = part(curve)
    return one["time"].to_numpy()[np.searchsorted(-one["survival"].to_numpy(), -0.5)]


def median_by_loop(curve):
    for row in part(curve).itertuples():
        if row.survival <= 0.5:
            return int(row.time)
    return None


def median_by_index(curve):
    return part(curve).set_index("time")["survival"].le(0.5).idxmax()


def last_above(curve):
    one = part(curve)
    return float(one.loc[one["survival"] > 0.5, "time"].max())


def last_of_all(curve):
    one = part(curve)
    return float(one.loc[one["survival"] <= 0.5, "time"].max())


# --- two months in a row ------------------------------------------------------------------------


def times_until(art, confirm, **changed):
    return time_to_event(art, arm=ARMS, horizon=24, confirm=confirm, **{**STARTERS, **changed})


def until(art, confirm=1, drug="EFV", cut=HORIZON, times=times_until, **changed):
    """Restricted mean until suppression is seen in so many months in a row."""
    return float(rmst(times(art, confirm, **changed), cut, by="arm").loc[drug, "rmst"])


def growth(art, confirm=2, **options):
    return until(art, confirm, **options) - until(art, 1, **options)


def growth_by_area(art):
    """The same from the curves, with an earlier end of follow-up."""
    means = []
    for confirm in (1, 2):
        times = time_to_event(art, arm=ARMS, horizon=HORIZON, confirm=confirm, **STARTERS)
        one = part(survival_curve(times, by="arm"))
        means.append(restricted_mean(one["time"].to_numpy(), one["survival"].to_numpy(), HORIZON))
    return means[1] - means[0]


def growth_by_means(art):
    """Nobody is censored within the year, so it is a difference of plain means."""
    means = []
    for confirm in (2, 1):
        times = time_to_event(art, arm=ARMS, confirm=confirm, **STARTERS)
        months = times.loc[times["arm"] == "EFV", "duration"].clip(upper=HORIZON)
        means.append(months.mean())
    return means[0] - means[1]


def growth_of_one_arm(art):
    alone = {"EFV": starts_with("EFV")}
    means = [
        rmst(time_to_event(art, arm=alone, confirm=k, **STARTERS), HORIZON)["rmst"].iloc[0]
        for k in (1, 2)
    ]
    return np.float64(means[1] - means[0])


def growth_slips(art):
    """What the mistakes that can be foreseen come to."""
    once = {"times": cache(times_until)}  # several mistakes are made with the same table
    one, two = until(art, 1, **once), until(art, 2, **once)
    return {
        "it is the mean itself; by how much does it grow?": two,
        "it is the mean for one month; how much larger is it for two?": one,
        "it counts suppression when it was measured": growth(art, as_measured=True),
        "these are the DTG starters; EFV was asked for": growth(art, drug="DTG", **once),
        "this asks for three months in a row": growth(art, 3, **once),
        "the mean is cut at 24 months; 12 were asked for": growth(art, cut=24, **once),
        "it is a change of the difference between the drugs; the mean under EFV was asked for": (
            growth(art, drug="DTG - EFV", **once)
        ),
        "it counts people who were treated before as well": growth(art, at_risk=None),
        "it says how many times as long; months were asked for": two / one,
        "it says by which share it grows; months were asked for": (two - one) / one,
    }


# --- bars of the delay --------------------------------------------------------------------------


def delay(monthly, measured, cut=HORIZON):
    means = [rmst(one, cut, by="arm")["rmst"].loc[list(FOUR)] for one in (measured, monthly)]
    return means[0] - means[1]


def bars(heights, label="delay (months)", lying=False):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    (ax.barh if lying else ax.bar)(heights.index.astype(str), heights)
    (ax.set_xlabel if lying else ax.set_ylabel)(label)
    return ax


def bars_by_pandas(monthly, measured):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    delay(monthly, measured).sort_values().plot.bar(ax=ax, ylabel="months later", rot=0)
    return ax


def by_mean_duration(monthly, measured):
    """From plain means: nobody is censored within the year."""
    means = [
        one["duration"].clip(upper=HORIZON).groupby(one["arm"]).mean()
        for one in (measured, monthly)
    ]
    return bars(means[0] - means[1], "Seen later by (months)")


def relabelled(heights):
    """The heights over other labels."""
    return pd.Series(heights.to_numpy(), index=heights.index[::-1])
