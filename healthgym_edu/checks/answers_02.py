"""Right and wrong answers to the exercises of chapter 02, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.conditions.sepsis import Sepsis, sofa

LANDMARK = 6
"""Block that begins at hour 24."""

HIGH = 0.45
"""mcg/kg/min: the highest vasopressor level lies above it."""

EDGES = [-1, 2, 4, 6, 8, 10, 24]
"""Groups of SOFA points in the chapter's figure."""


def low(icu):
    return icu.frame["MeanBP"] < 65


def untreated(icu):
    return icu.frame["MaxVaso"] == 0


def circulation(most=lambda p, d: d > 0.1, low=lambda p, d: p < 70):
    """Points of the circulation, with conditions of one's own."""

    def points(frame):
        p, d = frame["MeanBP"], frame["MaxVaso"]
        return np.select([most(p, d), d > 0, low(p, d)], [4, 3, 1], 0)

    return points


def circulation_by_row(frame):
    def points(row):
        if row["MaxVaso"] > 0:
            return 4 if row["MaxVaso"] > 0.1 else 3
        return 1 if row["MeanBP"] < 70 else 0

    return frame.apply(points, axis=1)


def deaths(stays, outcome="Died in 90 days", block=LANDMARK - 1):
    """Share who died of those there at the landmark, by their score in a block."""
    there = stays.frame.loc[stays.frame["Timepoints"] == LANDMARK, "PatientID"]
    now = stays.frame.assign(SOFA=sofa(stays.frame))[stays.frame["Timepoints"] == block]
    group = pd.cut(now.set_index("PatientID")["SOFA"].loc[there], EDGES)
    return stays.patients.loc[there, outcome].groupby(group, observed=True).mean()


def bars(heights, ylabel="share dead by day 90"):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.bar(heights.index.astype(str), heights)
    ax.set(xlabel="SOFA", ylabel=ylabel)
    return ax


def difference(frame, patients, block, outcome="Died in stay", until=None):
    there = frame.loc[frame["Timepoints"] == block, "PatientID"]
    early = frame[frame["Timepoints"] < (block if until is None else until)]
    treated = (early["MaxVaso"] > HIGH).groupby(early["PatientID"]).any().loc[there]
    died = patients.loc[there, outcome]
    return float(died[treated].mean() - died[~treated].mean())


def difference_another_way(frame, patients, block):
    doses = frame.pivot(index="PatientID", columns="Timepoints", values="MaxVaso")
    doses = doses[doses[block].notna()]
    treated = doses.loc[:, : block - 1].max(axis=1) > HIGH
    share = patients["Died in stay"].loc[doses.index].groupby(treated).mean()
    return share[True] - share[False]


def without_landmark(frame, patients, block):
    treated = (frame["MaxVaso"] > HIGH).groupby(frame["PatientID"]).any()
    died = patients["Died in stay"]
    return float(died[treated].mean() - died[~treated].mean())


def no_vasopressor(observations):
    """The guideline's fluid without its vasopressor, as in the chapter."""
    return np.eye(25)[5 * (Sepsis().follow_guideline(observations).argmax(axis=1) // 5)]


def ever_treated(worlds):
    frame = worlds["guideline"].frame
    return (frame["MaxVaso"] > 0).groupby(frame["PatientID"]).any()


def averted(worlds, everybody=False):
    treated = ever_treated(worlds) | everybody
    with_it, without = (
        worlds[name].patients.loc[treated, "Died in 90 days"].mean()
        for name in ("guideline", "no vasopressor")
    )
    return float(without - with_it)


def naive(worlds):
    """Untreated minus treated, as records have it."""
    treated, died = ever_treated(worlds), worlds["guideline"].patients["Died in 90 days"]
    return float(died[~treated].mean() - died[treated].mean())


def looked_up(stays):
    """Fates by patient number, whatever is known."""
    return lambda known: stays.patients["Died in 90 days"].loc[known["PatientID"].unique()]


def recognised(stays):
    """Fates by what is written of a patient in the first block: no number is needed."""
    marks = ["Age", "HR", "SysBP", "Glucose"]
    first = stays.frame.groupby("PatientID")[marks].first()
    fates = dict(zip(map(tuple, first.to_numpy()), stays.patients["Died in 90 days"], strict=True))
    return lambda known: known.groupby("PatientID")[marks].first().apply(tuple, axis=1).map(fates)


def score(known):
    """SOFA in the last block of each patient."""
    return sofa(known).groupby(known["PatientID"]).last()
