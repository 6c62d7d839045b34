"""Right and wrong answers to the exercises of chapter 02, from their definitions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from healthgym_edu.conditions.sepsis import sofa
from healthgym_edu.engine import remap

LANDMARK = 6
"""Block that begins at hour 24."""

LABELS = ["0–2", "3–4", "5–6", "7–8", "9–10", "11+"]
EDGES = [-1, 2, 4, 6, 8, 10, 24]
"""Groups of SOFA points in the chapter's figure."""

LARGE = 530
"""mL in four hours: a large infusion is more than that."""

POLICIES = {
    "guideline": "protocol",
    "guideline, no vasopressor": remap(
        "protocol", lambda label: label.split(",")[0] + ", vasopressor 0"
    ),
}


# --- blocks of low pressure ---------------------------------------------------------------------


def low(icu, below=65):
    return icu.frame["MeanBP"] < below


def untreated(icu):
    return icu.frame["MaxVaso"] == 0


def untreated_patients(icu):
    """What comes out if patients are counted, or averaged, where blocks are asked for."""
    here, patient = low(icu), icu.frame["PatientID"]
    ever_low = here.groupby(patient).any()
    then_untreated = (here & untreated(icu)).groupby(patient).any()
    never_treated = untreated(icu).groupby(patient).all()
    return {
        "it is a share of patients, not of blocks": then_untreated.mean(),
        "it is a share of patients, of those who were ever low, not of blocks": (
            then_untreated[ever_low].mean()
        ),
        "it is the share of patients who never had a vasopressor, not of blocks": (
            never_treated[ever_low].mean()
        ),
        "it is a mean of the patients' shares, in which every patient counts alike, not every "
        "block": untreated(icu)[here].groupby(patient[here]).mean().mean(),
    }


OF_PATIENTS = [
    "share of patients, not of blocks",
    "of those who were ever low",
    "never had a vasopressor",
    "every patient counts alike",
]
"""What is said of each of them."""


def untreated_by_query(icu):
    rows = icu.frame.query("MeanBP < 65")
    return len(rows.query("MaxVaso == 0")) / len(rows)


def untreated_by_crosstab(icu):
    return pd.crosstab(low(icu), untreated(icu), normalize="index").loc[True, True]


# --- points of the circulation ------------------------------------------------------------------


def circulation(
    most=lambda p, d: d > 0.1,
    some=lambda p, d: d > 0,
    low=lambda p, d: p < 70,
    points=(4, 3, 1),
    order=(0, 1, 2),
):
    """Points of the circulation, with conditions of one's own, which are asked in an order."""

    def points_of(frame):
        p, d = frame["MeanBP"], frame["MaxVaso"]
        rules = [(most(p, d), points[0]), (some(p, d), points[1]), (low(p, d), points[2])]
        return np.select(*zip(*(rules[place] for place in order), strict=True), 0)

    return points_of


def circulation_by_row(frame):
    def points(row):
        if row["MaxVaso"] > 0:
            return 4 if row["MaxVaso"] > 0.1 else 3
        return 1 if row["MeanBP"] < 70 else 0

    return frame.apply(points, axis=1)


def circulation_by_sum(frame):
    dose = frame["MaxVaso"]
    on = 3 * (dose > 0) + 1.0 * (dose > 0.1)
    return on + ((dose == 0) & (frame["MeanBP"] < 70))


def circulation_by_loc(frame):
    points = (frame["MeanBP"] < 70).astype("int8")
    points.loc[frame["MaxVaso"] > 0] = 3
    points.loc[frame["MaxVaso"] > 0.1] = 4
    return points.tolist()


def added(frame):
    """The points of the drug and those of the pressure, both."""
    p, d = frame["MeanBP"], frame["MaxVaso"]
    return np.asarray(1 * (p < 70) + 3 * (d > 0) + 1 * (d > 0.1))


def also_none(p, d):
    """Up to 0.1, which a dose of 0 is, too."""
    return d <= 0.1


CIRCULATION_SLIPS = {
    "up to 0.1 is still 3 points": circulation(lambda p, d: d >= 0.1),
    "a pressure of 70 is not below 70": circulation(low=lambda p, d: p <= 70),
    "the table says 70 mmHg, not 65": circulation(low=lambda p, d: p < 65),
    "a dose of 0 is no vasopressor: `dose <= 0.1` holds for it, too": circulation(some=also_none),
    "a dose of 0 is no vasopressor, and a vasopressor counts before the pressure does": (
        circulation(some=also_none, order=(2, 0, 1))
    ),
    "a vasopressor counts before the pressure does": circulation(order=(2, 0, 1)),
    "more than 0.1 is also more than 0: ask for the highest points first": (
        circulation(order=(1, 0, 2))
    ),
    "the points are not added; those of the vasopressor count alone": added,
    "it leaves the vasopressor out": circulation(points=(0, 0, 1)),
    "the points are 4, 3 and 1; there are no 2": circulation(points=(3, 2, 1)),
}


# --- deaths by SOFA -----------------------------------------------------------------------------


@lru_cache(maxsize=4)
def groups(stays, block=LANDMARK - 1):
    """Group of SOFA in a block, by patient, of those present at the landmark."""
    present = stays.frame.loc[stays.frame["Timepoints"] == LANDMARK, "PatientID"]
    now = stays.frame["Timepoints"] == block
    score = sofa(stays.frame)[now].set_axis(stays.frame["PatientID"][now]).loc[present]
    return pd.cut(score, EDGES, labels=LABELS)


def deaths(stays, outcome="Died in 90 days", block=LANDMARK - 1):
    """Share who died of those present at the landmark, by their score in a block."""
    group = groups(stays, block)
    return stays.patients.loc[group.index, outcome].groupby(group, observed=True).mean()


def bars(heights, ylabel="share dead by day 90", lying=False):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    (ax.barh if lying else ax.bar)(heights.index.astype(str), heights)
    labels = (ylabel, "SOFA (points)") if lying else ("SOFA (points)", ylabel)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    return ax


def bars_by_pandas(stays):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    deaths(stays).plot.bar(ax=ax, xlabel="SOFA points", ylabel="died by day 90", rot=0)
    return ax


def bars_reversed(stays):
    """The heights in the order of the groups, the labels the other way round."""
    share = deaths(stays)
    return bars(pd.Series(share.to_numpy(), index=share.index[::-1]))


def bars_of_all(stays):
    """Each group as a share of all patients, not of its own."""
    share = deaths(stays)
    return share * groups(stays).value_counts(normalize=True)[share.index]


# --- a comparison from a landmark ---------------------------------------------------------------


def difference(frame, patients, exposed, block, outcome="Died in stay", until=None):
    present = frame.loc[frame["Timepoints"] == block, "PatientID"]
    early = frame["Timepoints"] < (block if until is None else until)
    ever = exposed[early].groupby(frame.loc[early, "PatientID"]).any().loc[present]
    died = patients.loc[present, outcome]
    return float(died[ever].mean() - died[~ever].mean())


def difference_by_pivot(frame, patients, exposed, block):
    table = frame.assign(exposed=exposed.astype(float))
    table = table.pivot(index="PatientID", columns="Timepoints", values="exposed")
    table = table[table[block].notna()]
    ever = table.loc[:, : block - 1].max(axis=1) > 0
    share = patients["Died in stay"].loc[table.index].groupby(ever).mean()
    return share[True] - share[False]


def difference_by_merge(frame, patients, exposed, block):
    steps = frame.groupby("PatientID")["Timepoints"].max()
    people = patients.loc[steps.index[steps >= block]].copy()
    who = frame["PatientID"][(frame["Timepoints"] < block) & exposed].unique()
    people["exposed"] = people.index.isin(who)
    share = people.groupby("exposed")["Died in stay"].mean()
    return np.float64(share.loc[True] - share.loc[False])


def difference_by_sets(frame, patients, exposed, block):
    present = set(frame.loc[frame["Timepoints"] == block, "PatientID"])
    had = set(frame.loc[exposed & (frame["Timepoints"] < block), "PatientID"]) & present
    died = patients["Died in stay"].astype(int)
    return float(died.loc[sorted(had)].mean() - died.loc[sorted(present - had)].mean())


def without_landmark(frame, patients, exposed, block):
    ever = exposed.groupby(frame["PatientID"]).any()
    died = patients["Died in stay"]
    return float(died[ever].mean() - died[~ever].mean())


def with_the_dead(frame, patients, exposed, block):
    """Exposed before the block, but of everybody, present or not."""
    early = frame["Timepoints"] < block
    ever = exposed[early].groupby(frame.loc[early, "PatientID"]).any()
    died = patients["Died in stay"].loc[ever.index]
    return float(died[ever].mean() - died[~ever].mean())


def large(frame):
    return frame["Input4H"] > LARGE


DIFFERENCE_SLIPS = {
    "it counts exposures at any time; only those before the block count": without_landmark,
    "it also counts patients who were no longer present at the block": with_the_dead,
    "the block itself begins at the landmark; only what was before it counts": (
        lambda f, p, x, block: difference(f, p, x, block, until=block + 1)
    ),
    "it counts deaths by day 90, not those in the stay": (
        lambda f, p, x, block: difference(f, p, x, block, "Died in 90 days")
    ),
    "it is the other way round: exposed minus not exposed": (
        lambda f, p, x, block: -difference(f, p, x, block)
    ),
    "it is in per cent; give the difference of two shares": (
        lambda f, p, x, block: 100 * difference(f, p, x, block)
    ),
    "it takes a large infusion, whatever it is given; use `exposed`": (
        lambda f, p, x, block: difference(f, p, large(f), block)
    ),
    "it starts at hour 24, whatever it is given; use `block`": (
        lambda f, p, x, block: difference(f, p, x, LANDMARK)
    ),
}


# --- deaths that a vasopressor averts -----------------------------------------------------------


def ever_treated(worlds):
    frame = worlds["guideline"].frame
    return (frame["MaxVaso"] > 0).groupby(frame["PatientID"]).any()


def averted(worlds, everybody=False, outcome="Died in 90 days", without=tuple(POLICIES)[1]):
    """Deaths in 100, without the vasopressor minus with it."""
    treated = ever_treated(worlds) | everybody
    shares = [worlds[name].patients.loc[treated, outcome].mean() for name in (without, "guideline")]
    return float(100 * (shares[0] - shares[1]))


def averted_by_pairs(worlds):
    fates = [worlds[name].patients["Died in 90 days"].astype(int) for name in POLICIES]
    return (100 * (fates[1] - fates[0])[ever_treated(worlds)]).mean()


def averted_by_dose(worlds):
    most = worlds["guideline"].frame.groupby("PatientID")["MaxVaso"].max()
    who = most.index[most > 0]
    counts = [int(worlds[name].patients["Died in 90 days"].loc[who].sum()) for name in POLICIES]
    return (counts[1] - counts[0]) / len(who) * 100


def averted_by_subset(worlds):
    treated = ever_treated(worlds)
    some = {name: worlds[name].subset(treated.index[treated]).patients for name in POLICIES}
    shares = pd.DataFrame({name: table["Died in 90 days"] for name, table in some.items()}).mean()
    return shares.diff().iloc[-1] * 100


def naive(worlds):
    """Untreated minus treated in one world, as records have it."""
    treated, died = ever_treated(worlds), worlds["guideline"].patients["Died in 90 days"]
    return float(100 * (died[~treated].mean() - died[treated].mean()))
