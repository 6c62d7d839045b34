"""Right and wrong answers to the exercises of chapter 03, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.conditions.hypotension import Hypotension

HOUR = 8
"""Hour of the bolus in the chapter's twins."""

RISE = 5.0
"""mmHg that make a responder."""

LEVELS = ("0", ">0", "8.4", "20.28")
"""Vasopressor levels of the file, by their lower edges in mcg/kg per hour."""

BOLUS, NOTHING = "fluid 500, vasopressor 0", "fluid 0, vasopressor 0"


# --- who was never measured ---------------------------------------------------------------------


def ever(icu):
    return icu.frame.groupby("PatientID")["lactic_acid_m"].any()


def hours_of_never(icu):
    """Share of hours that belong to patients never measured."""
    return (~icu.frame.groupby("PatientID")["lactic_acid_m"].transform("any")).mean()


# --- measurements by dose -----------------------------------------------------------------------


def gas(icu, flag="PO2_m"):
    return icu.frame.groupby("vasopressors", observed=True)[flag]


def bars(heights, xlabel="vasopressors", ylabel="share of hours", lying=False):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    (ax.barh if lying else ax.bar)(heights.index.astype(str), heights)
    labels = (ylabel, xlabel) if lying else (xlabel, ylabel)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    return ax


def bars_reversed(icu):
    """The heights in the order of the levels, the labels the other way round."""
    share = gas(icu).mean()
    return bars(pd.Series(share.to_numpy(), index=share.index[::-1]))


def bars_by_pandas(icu):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    gas(icu).mean().plot.bar(ax=ax, xlabel="vasopressor level", ylabel="share", rot=0)
    return ax


def two_panels(icu):
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2)
    for ax in axes:
        ax.bar(LEVELS, gas(icu).mean())
    return fig


def bars_by_crosstab(icu):
    table = pd.crosstab(icu.frame["vasopressors"], icu.frame["PO2_m"], normalize="index")
    return bars(table[True], ylabel="hours measured (share)", lying=True)


# --- counts with a gap --------------------------------------------------------------------------


def counts(frame, seen, start):
    there = frame["PatientID"][frame["Timepoints"] == start]
    early = frame[frame["Timepoints"] < seen]
    return early.groupby("PatientID")["lactic_acid_m"].sum().loc[there]


def counts_by_pivot(frame, seen, start):
    grid = frame.pivot(index="PatientID", columns="Timepoints", values="lactic_acid_m")
    grid = grid[grid[start].notna()]
    return grid.loc[:, : seen - 1].sum(axis=1)


def counts_by_apply(frame, seen, start):
    early = (frame["lactic_acid_m"] & frame["Timepoints"].lt(seen)).groupby(frame["PatientID"])
    lasts = frame.groupby("PatientID")["Timepoints"].max()
    return early.sum()[lasts >= start].sort_values()


def counts_by_merge(frame, seen, start):
    there = frame.loc[frame["Timepoints"] == start, ["PatientID"]]
    drawn = frame.query("Timepoints < @seen and lactic_acid_m")
    number = drawn.value_counts("PatientID").rename("lactates")
    found = there.merge(number, left_on="PatientID", right_index=True, how="left")
    return found.set_index("PatientID").fillna(0.0)


def counter(seen=lambda seen, start: seen, start=lambda seen, start: start):
    """The right function, called with other hours than the question says."""
    return lambda frame, one, two: counts(frame, seen(one, two), start(one, two))


def counts_without_zeros(frame, seen, start):
    found = counts(frame, seen, start)
    return found[found > 0]


def counts_of_everyone(frame, seen, start):
    return frame[frame["Timepoints"] < seen].groupby("PatientID")["lactic_acid_m"].sum()


def counts_between(frame, seen, start):
    there = frame["PatientID"][frame["Timepoints"] == start]
    between = frame[frame["Timepoints"].between(seen, start, inclusive="left")]
    return between.groupby("PatientID")["lactic_acid_m"].sum().loc[there]


def counts_after(frame, seen, start):
    """Of those who have a row after hour `start`."""
    there = frame["PatientID"][frame["Timepoints"] > start].unique()
    early = frame[frame["Timepoints"] < seen]
    return early.groupby("PatientID")["lactic_acid_m"].sum().loc[there]


def whether_any(frame, seen, start):
    return counts(frame, seen, start) > 0


def hours_counted(frame, seen, start):
    return counts(frame.assign(lactic_acid_m=True), seen, start)


COUNT_SLIPS = {
    "keep who is there at hour `start`, not at hour `seen`": counter(
        start=lambda seen, start: seen
    ),
    "count what came before hour `seen`, not before hour `start`": counter(
        seen=lambda seen, start: start
    ),
    "count what came before hour `seen`, not between hour `seen` and hour `start`": counts_between,
    "hour `start` itself is enough: keep who has a row at it, not after it": counts_after,
    "hour `seen` itself is not before hour `seen`": counter(seen=lambda seen, start: seen + 1),
    "it says whether there was one, not how many": whether_any,
    "it counts the hours, not the hours in which the flag is True": hours_counted,
}


# --- a dose and its unit ------------------------------------------------------------------------


def level_by_search(rate):
    edges = np.array([1e-6, 8.4, 20.28])
    return LEVELS[int(np.searchsorted(edges, 60 * rate, side="right"))]


def level_by_minute(rate):
    """Turns the edges into rates a minute instead."""
    above = [name for name in ("8.4", "20.28") if rate >= float(name) / 60]
    return above[-1] if above else LEVELS[int(rate > 0)]


def level_by_cut(rate):
    per_hour = rate * 60
    edges = [-1, 1e-6, 8.4, 20.28, np.inf]
    return str(pd.cut([per_hour], edges, right=False, labels=LEVELS)[0])


def level_above(rate):
    """Leaves the lower edge itself out, as pandas' `cut` does where nobody says otherwise."""
    return str(pd.cut([60 * rate], [-1, 0, 8.4, 20.28, np.inf], labels=LEVELS)[0])


RATES = {0.0: "0", 0.005: ">0", 0.05: ">0", 0.2: "8.4", 0.3: "8.4", 0.5: "20.28"}
"""Rates in mcg/kg/min and their levels, none of them near an edge."""

ON_AN_EDGE = {0.14: "8.4", 0.338: "20.28"}
"""Rates whose total of an hour is a lower edge, also in floating point and divided by 60."""


def level_advice(rate):
    if rate in ON_AN_EDGE:
        return f"{60 * rate:g} mcg/kg is itself the lower edge of a level and belongs to it"
    if rate == 0:
        return "a rate of 0 is no vasopressor"
    return "compare the total of an hour with the lower edge of each level"


FACTORS = {
    1 / 60: "the rate itself was compared: an hour has sixty minutes",
    24: "this is the total of a day, and the edges are totals of an hour",
    24 / 60: "this takes the rate for one of an hour, and the edges for totals of a day",
    60: "this takes the rate for one of a second: it is one of a minute",
}
"""What is wrong with a level, by the factor that made it."""


# --- with and without a bolus -------------------------------------------------------------------


def bolus_if_low(observations):
    """500 mL at hour 8 where MAP is below 60 mmHg; nothing else, as in the chapter."""
    seen = pd.DataFrame(observations, columns=Hypotension().observation_names)
    low = (seen["hour"] == HOUR) & (seen["MAP"] < 60)
    probability = pd.DataFrame(0.0, index=seen.index, columns=Hypotension.actions)
    probability[BOLUS], probability[NOTHING] = low.astype(float), 1 - low.astype(float)
    return probability


def pressure_at(worlds, name, hour):
    frame = worlds[name].frame
    return frame[frame["Timepoints"] == hour].set_index("PatientID")["MAP"]


def given(worlds):
    """The patients who get the bolus, in the world that has one."""
    frame = worlds["bolus"].frame
    frame = frame[frame["Timepoints"] == HOUR]
    return frame["PatientID"][frame["fluid_boluses"].astype(str).ne("0")]


def rises(worlds, name, everybody=False, hour=HOUR, within=1):
    """Rise in the hour after the bolus, mmHg, of those to whom it was given in one world."""
    rise = pressure_at(worlds, name, hour + within) - pressure_at(worlds, name, hour)
    return (rise if everybody else rise.reindex(given(worlds))).dropna()


def difference(worlds):
    """How much higher the pressure is an hour after the bolus, in one world than in the other."""
    with_it, without = (pressure_at(worlds, name, HOUR + 1) for name in ("bolus", "nothing"))
    return (with_it - without).reindex(given(worlds)).dropna()


RISE_SLIPS = {
    "this is the world with the bolus": lambda worlds: risen(worlds, "bolus"),
    "this is everybody, not only the `given`": lambda worlds: risen(
        worlds, "nothing", everybody=True
    ),
    "this is their mean rise in mmHg": lambda worlds: rises(worlds, "nothing").mean(),
    "this is a number of patients, not yet a share": lambda worlds: (
        rises(worlds, "nothing") >= RISE
    ).sum(),
    "this counts any rise, not only those of 5 mmHg or more": lambda worlds: (
        rises(worlds, "nothing") > 0
    ).mean(),
    "this is the difference of the two worlds; only the world without a bolus is asked for": (
        lambda worlds: risen(worlds, "bolus") - risen(worlds, "nothing")
    ),
    "this compares the two worlds with each other; compare hour 9 with hour 8 of one world": (
        lambda worlds: (difference(worlds) >= RISE).mean()
    ),
    "this is the mean difference of the two worlds, in mmHg": lambda worlds: difference(
        worlds
    ).mean(),
    "this is the hour before: from hour 7 to hour 8": lambda worlds: risen(
        worlds, "nothing", hour=HOUR - 1
    ),
    "this is an hour too late: from hour 9 to hour 10": lambda worlds: risen(
        worlds, "nothing", hour=HOUR + 1
    ),
    "this is a rise within four hours": lambda worlds: risen(worlds, "nothing", within=4),
}
"""What else somebody may compute, by what is wrong with it."""


def risen(worlds, name, everybody=False, hour=HOUR, within=1):
    return float((rises(worlds, name, everybody, hour, within) >= RISE).mean())


def risen_by_merge(worlds):
    given = worlds["bolus"].frame.query("Timepoints == @HOUR and fluid_boluses == '500'")[
        "PatientID"
    ]
    rows = worlds["nothing"].frame.set_index(["PatientID", "Timepoints"])["MAP"]
    before, after = (rows.xs(hour, level="Timepoints") for hour in (HOUR, HOUR + 1))
    pair = pd.concat([before, after], axis=1, keys=["before", "after"]).loc[given].dropna()
    return np.float32((pair["after"] >= pair["before"] + RISE).sum() / len(pair))


def risen_by_shift(worlds):
    frame = worlds["nothing"].frame
    rise = frame.groupby("PatientID")["MAP"].shift(-1) - frame["MAP"]
    low = (frame["Timepoints"] == HOUR) & (frame["MAP"] < 60) & rise.notna()
    return (rise[low] >= RISE).mean()
