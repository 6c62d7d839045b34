"""Right and wrong answers to the exercises of chapter 03, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.conditions.hypotension import Hypotension

NOW = 24
"""Hour in which the last exercise asks for a lactate."""

HOUR = 8
"""Hour of the bolus in the chapter's twins."""

RISE = 5.0
"""mmHg that make a responder."""

USUAL = 1.73
"""mmol/L: the lactate that the table shows of somebody never measured."""


def ever(icu):
    return icu.frame.groupby("PatientID")["lactic_acid_m"].any()


def gas(icu):
    return icu.frame.groupby("vasopressors", observed=True)["PO2_m"]


def bars(heights, xlabel="vasopressors"):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.bar(heights.index.astype(str), heights)
    ax.set(xlabel=xlabel, ylabel="share of hours")
    return ax


def counts(frame, seen, start):
    there = frame["PatientID"][frame["Timepoints"] == start]
    early = frame[frame["Timepoints"] < seen]
    return early.groupby("PatientID")["lactic_acid_m"].sum().loc[there]


def counts_another_way(frame, seen, start):
    grid = frame.pivot(index="PatientID", columns="Timepoints", values="lactic_acid_m")
    grid = grid[grid[start].notna()]
    return grid.loc[:, : seen - 1].sum(axis=1)


def counter(seen=lambda seen, start: seen, start=lambda seen, start: start):
    """The right function, called with other hours than the question says."""
    return lambda frame, one, two: counts(frame, seen(one, two), start(one, two))


def counts_without_zeros(frame, seen, start):
    found = counts(frame, seen, start)
    return found[found > 0]


def counts_of_everyone(frame, seen, start):
    return frame[frame["Timepoints"] < seen].groupby("PatientID")["lactic_acid_m"].sum()


def level_by_search(rate):
    edges, labels = np.array([1e-6, 8.4, 20.28]), ("0", ">0", "8.4", "20.28")
    return labels[int(np.searchsorted(edges, 60 * rate, side="right"))]


def bolus_if_low(observations):
    """500 mL at hour 8 where MAP is below 60 mmHg; nothing else, as in the chapter."""
    names, actions = Hypotension().observation_names, Hypotension.actions
    hour, mean = (observations[:, names.index(name)] for name in ("hour", "MAP"))
    bolus = actions.index("fluid 500, vasopressor 0")
    return np.eye(len(actions))[np.where((hour == HOUR) & (mean < 60), bolus, 0)]


def rises(worlds, name, everybody=False):
    """Rise in the hour after the bolus, mmHg, of those to whom it was given in one world."""
    frame = worlds["bolus"].frame
    given = frame["PatientID"][
        (frame["Timepoints"] == HOUR) & frame["fluid_boluses"].astype(str).ne("0")
    ]
    table = worlds[name].frame.pivot(index="PatientID", columns="Timepoints", values="MAP")
    table = table if everybody else table.loc[given]
    return (table[HOUR + 1] - table[HOUR]).dropna()


def risen(worlds, name, everybody=False):
    return float((rises(worlds, name, everybody) >= RISE).mean())


def looked_up(truth):
    """Answers from the truth by patient number, whatever is known."""
    return lambda known: lactate(truth.frame).loc[lactate(known).index]


def lactate(frame):
    return frame[frame["Timepoints"] == NOW].set_index("PatientID")["lactic_acid"]


def as_the_table(known):
    return lactate(known).fillna(USUAL)


def one_number(known):
    return pd.Series(1.4, index=lactate(known).index)


def half_the_patients(known):
    return as_the_table(known).iloc[::2]


def with_gaps(known):
    return lactate(known)
