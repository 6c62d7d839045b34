"""Right and wrong answers to the exercises of chapter 01, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
LAST = 59


def at(frame, month, column):
    return frame[frame["Timestep"] == month].set_index("PatientID")[column]


# --- the CD4 count when they were first met -------------------------------------------------------


def cd4(art, month=0, by="Ethnic", column="CD4", who=None):
    """CD4 counts of one month, or with None of all, grouped by what is said of each person.

    With `who`, a column of True and False by person, of these people alone.
    """
    rows = art.frame if month is None else art.frame[art.frame["Timestep"] == month]
    if who is not None:
        rows = rows[rows["PatientID"].isin(who.index[who])]
    groups = rows["PatientID"].map(art.patients[by])
    return rows[column].groupby(groups.rename(by), observed=True)


def never_treated(art):
    return art.patients.get(
        "Naive at entry", pd.Series(True, art.patients.index)
    )  # a file: unknown


def median_slips(art):
    """What the median CD4 by ethnicity is taken for, under the words that say so."""
    groups, starter = cd4(art), never_treated(art)
    return {
        "this is the mean, not the median": groups.mean(),
        "this is the median of all months, not of month 0": cd4(art, None).median(),
        "this is the median of the last month": cd4(art, LAST).median(),
        "this is the minimum, not the median": groups.min(),
        "this is the maximum, not the median": groups.max(),
        "this is the lower quartile, not the median": groups.quantile(0.25),
        "this is the upper quartile, not the median": groups.quantile(0.75),
        "this is the number of people": groups.size(),
        "this is the viral load; take CD4": cd4(art, column="VL").median(),
        "this is Rel CD4, a share of other cells; take CD4": cd4(art, column="Rel CD4").median(),
        "these are the starters alone; take everybody": cd4(art, who=starter).median(),
        "these are those treated before alone; take everybody": cd4(art, who=~starter).median(),
        "this is grouped by gender": cd4(art, by="Gender").median(),
    }


def distance(groups, statistic="median", places=(0, 1)):
    """How far two groups are apart, counted from the group with the least."""
    middle = getattr(groups, statistic)() if isinstance(statistic, str) else statistic(groups)
    middle = middle.sort_values()
    return float(middle.iloc[places[1]] - middle.iloc[places[0]])


def lower_quartile(groups):
    return groups.quantile(0.25)


def fewer_slips(art):
    """What the distance of the two lowest medians is taken for."""
    groups, gender = cd4(art), art.patients["Gender"]
    lowest, second = groups.median().sort_values().iloc[:2]
    return {
        "it is the distance to the group with the most cells": distance(groups, places=(0, -1)),
        "it is the distance of the second and the third group": distance(groups, places=(1, 2)),
        "it is the distance of the two groups with the most cells": (
            distance(groups, places=(-2, -1))
        ),
        "it is a difference of means; take medians": distance(groups, "mean"),
        "it is a difference of lower quartiles; take medians": distance(groups, lower_quartile),
        "it uses all months; take month 0": distance(cd4(art, None)),
        "it is that of the last month; take month 0": distance(cd4(art, LAST)),
        "it is that of the men alone; take everybody": distance(cd4(art, who=gender == "Male")),
        "it is that of the women alone; take everybody": distance(cd4(art, who=gender == "Female")),
        "it is that of the starters alone; take everybody": (
            distance(cd4(art, who=never_treated(art)))
        ),
        "it is a difference of numbers of people; take medians of CD4": distance(groups, "size"),
        "it is a difference of viral loads; take CD4": distance(cd4(art, column="VL")),
        "it is a median, not yet a difference": lowest,
        "it is the median of the second group, not yet a difference": second,
        "it is a ratio; subtract one median from the other": lowest / second,
        "it is a ratio, and a difference is asked for": second / lowest,
        "it is relative; leave the difference undivided": 1 - lowest / second,
        "it is in per cent; leave the difference in cells/µL": 100 * (1 - lowest / second),
    }


FEWER_WRONG = [
    (lambda art: -distance(cd4(art)), "sign is the other way round"),
    (lambda art: -distance(cd4(art), places=(0, -1)), "the group with the most cells"),
    (lambda art: distance(cd4(art), places=(0, -1)), "the group with the most cells"),
    (lambda art: distance(cd4(art), places=(1, 2)), "second and the third"),
    (lambda art: distance(cd4(art), "mean"), "difference of means"),
    (lambda art: distance(cd4(art), lower_quartile), "lower quartiles"),
    (lambda art: distance(cd4(art, None)), "all months"),
    (lambda art: distance(cd4(art, LAST)), "last month"),
    (lambda art: distance(cd4(art, who=art.patients["Gender"] == "Male")), "men alone"),
    (lambda art: distance(cd4(art, who=never_treated(art))), "starters alone"),
    (lambda art: distance(cd4(art), "size"), "numbers of people"),
    (lambda art: cd4(art).median().min(), "not yet a difference"),
    (lambda art: cd4(art).median().nsmallest(2).pct_change().iloc[-1] + 1, "a ratio"),
    (lambda art: int(distance(cd4(art))), "cut off, not rounded"),
    (lambda art: cd4(art).median().nsmallest(2).diff(), "one number"),
    (lambda art: cd4(art).median().idxmin(), "not text"),
]


def fewer_by_hand(art):
    medians = dict(cd4(art).median())
    lowest = medians.pop(min(medians, key=medians.get))
    return min(medians.values()) - lowest


def fewer_when_rounded(art):
    """From medians as a Table 1 prints them."""
    lowest, second = sorted(round(middle) for middle in cd4(art).median())[:2]
    return second - lowest


def histogram(art, bins=40, xlabel="CD4 count (cells/µL)", ylabel="people", month=0, **more):
    import matplotlib.pyplot as plt

    scales = {name: more.pop(name) for name in ("xscale", "yscale") if name in more}
    fig, ax = plt.subplots()
    plt.close(fig)  # the tests draw many
    ax.hist(at(art.frame, month, "CD4"), bins=bins, **more)
    ax.set(xlabel=xlabel, ylabel=ylabel, **scales)
    return ax


def histogram_as_stairs(art, **more):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.stairs(*np.histogram(at(art.frame, 0, "CD4"), bins=40), **more)
    ax.set(xlabel="CD4 (10⁶ cells/L)", ylabel="people")
    return ax


def histogram_by_seaborn(art):
    import matplotlib.pyplot as plt
    import seaborn as sns

    _, ax = plt.subplots()
    sns.histplot(at(art.frame, 0, "CD4"), bins=40, ax=ax)
    ax.set(xlabel="CD4 (cells per cubic millimetre)", ylabel="Number of people")
    return ax


def histogram_by_pandas(art):
    ax = at(art.frame, 0, "CD4").to_frame().plot.hist(bins=40, legend=False)
    ax.set(xlabel="CD4 count at month 0, cells/mm³", ylabel="people")
    return ax


def from_zero(art):
    """Forty bins of equal width that begin at 0."""
    return np.linspace(0, at(art.frame, 0, "CD4").max(), 41)


# --- regimens -------------------------------------------------------------------------------------


def combinations(art, columns=DRUGS, rows=None):
    """Number of different combinations of each person."""
    frame = art.frame if rows is None else art.frame[rows]
    return frame.drop_duplicates(["PatientID", *columns]).groupby("PatientID").size()


def changed(art, columns=DRUGS, rows=None):
    return float((combinations(art, columns, rows) > 1).mean())


def changed_by_rows(art):
    """Somebody changed whose row differs from the row before in any of the columns."""
    codes = art.frame[DRUGS].apply(lambda column: pd.factorize(column)[0])
    differs = (codes != codes.groupby(art.frame["PatientID"]).shift()).any(axis=1)
    differs &= art.frame["Timestep"] > 0
    return differs.groupby(art.frame["PatientID"]).any().mean()


def changed_by_tuples(art):
    rows = pd.Series(list(map(tuple, art.frame[DRUGS].astype(str).to_numpy())))
    return sum(len(set(his)) > 1 for _, his in rows.groupby(art.frame["PatientID"])) / len(art)


def months_of_change(art):
    """Share of rows that differ from the row before."""
    codes = art.frame[DRUGS].apply(lambda column: pd.factorize(column)[0])
    differs = (codes != codes.groupby(art.frame["PatientID"]).shift()).any(axis=1)
    return float(differs[art.frame["Timestep"] > 0].mean())


def ends_differ(art):
    first, last = (at(art.frame, month, DRUGS).astype(str) for month in (0, LAST))
    return float((first != last).any(axis=1).mean())


def changed_slips(art):
    """What the share who changed is taken for, under the words that say so."""
    many = combinations(art)
    return {
        "it looks at the base alone": changed(art, DRUGS[:1]),
        "it looks at one column of third agents alone": changed(art, DRUGS[1:2]),
        "it compares the first and last month alone": ends_differ(art),
        "every month counts, whatever `Drug (M)` says": changed(art, rows=art.frame["Drug (M)"]),
        "this is a number of people; divide by all of them": (many > 1).sum(),
        "it is how many combinations a person has, not yet a share": many.mean(),
        "more than one is asked for, and this is more than two": (many > 2).mean(),
        "it is the share of months, not of people": months_of_change(art),
    }


# --- what was measured ----------------------------------------------------------------------------


def log10(values):
    return np.log10(values.clip(lower=50))


def bias(scale=log10, average=pd.Series.mean, flag="VL (M)", against="all", month_alone=True):
    """The function that was asked for, or with other arguments one that slips."""

    def measured_bias(frame, month):
        rows = frame[frame["Timestep"] == month] if month_alone else frame
        values = scale(rows["VL"])
        others = {"all": values, "unmeasured": values[~rows[flag]], "nobody": values * 0}[against]
        return float(average(values[rows[flag]]) - average(others))

    return measured_bias


def always(value):
    """A function that looks at nothing of what it is given."""
    return lambda frame, month: value


def month_12(frame, month):
    return bias()(frame, 12)


def month_first(month, frame):
    return bias()(frame, month)


def also_unfinished(month, frame):
    return frame.loc[frame["Timestep"] == month, "VL"].mean()


def reversed_bias(frame, month):
    return -bias()(frame, month)


BIAS_SLIPS = {
    "values below 50 have to count as 50": bias(scale=np.log10),
    "values below 50 have to count as 50, and not be left out": bias(
        scale=lambda vl: np.log10(vl.where(vl >= 50))
    ),
    "it is in copies/mL; take log10 of the viral load": bias(scale=lambda vl: vl.clip(lower=50)),
    "it is in copies/mL and counts values below 50 as they stand; clip, then take log10": bias(
        scale=lambda vl: vl
    ),
    "this is the natural logarithm; take log10": bias(scale=lambda vl: np.log(vl.clip(lower=50))),
    "take the logarithm of every value first and the mean after it, not the log of the mean": bias(
        scale=lambda vl: vl.clip(lower=50), average=lambda vl: np.log10(vl.mean())
    ),
    "it is a difference of medians; take means": bias(average=pd.Series.median),
    "it is turned back into copies/mL; leave it on the log scale": bias(
        average=lambda logs: 10 ** logs.mean()
    ),
    "it uses all months; keep the rows of that month": bias(month_alone=False),
    "the sign is the other way round; take measured minus everybody": reversed_bias,
    "it compares with those who were not measured; compare with everybody": bias(
        against="unmeasured"
    ),
    "it is the mean of the measured ones; subtract that of everybody": bias(against="nobody"),
    'it goes by the wrong flag; the viral load has "VL (M)"': bias(flag="CD4 (M)"),
    'it goes by the wrong flag; drugs are not the viral load, which has "VL (M)"': bias(
        flag="Drug (M)"
    ),
}
"""Functions that slip, under the words that say how."""


def bias_by_numpy(frame, month):
    rows = frame.loc[frame["Timestep"].to_numpy() == month]
    logs = np.log10(np.maximum(rows["VL"].to_numpy(), 50))
    return logs[rows["VL (M)"].to_numpy(bool)].mean() - logs.mean()


def bias_by_groups(frame, month):
    rows = frame.query("Timestep == @month")
    logs = np.where(rows["VL"] < 50, np.log10(50), np.log10(rows["VL"]))
    table = pd.DataFrame({"log": logs, "measured": rows["VL (M)"].to_numpy()})
    return table.groupby("measured")["log"].mean()[True] - table["log"].mean()


def bias_on_a_copy(frame, month):
    """Adds columns to what it gets, as learners do."""
    frame["log"] = np.log(frame["VL"].clip(50)) / np.log(10)
    rows = frame[frame["Timestep"].eq(month)]
    return (rows.loc[rows["VL (M)"], "log"] - rows["log"].mean()).mean()


def log_of_the_means(frame, month):
    rows = frame[frame["Timestep"] == month]
    values = rows["VL"].clip(lower=50)
    return np.log10(values[rows["VL (M)"]].mean()) - np.log10(values.mean())


BIAS_WRONG = [
    (lambda art: bias(scale=np.log10), "have to count as 50"),
    (lambda art: bias(scale=lambda vl: np.log10(vl[vl >= 50])), "not be left out"),
    (lambda art: bias(scale=lambda vl: vl.clip(lower=50)), "take log10"),
    (lambda art: bias(scale=lambda vl: vl), "clip, then take log10"),
    (lambda art: bias(scale=lambda vl: np.log(vl.clip(50))), "natural logarithm"),
    (lambda art: log_of_the_means, "not the log of the mean"),
    (lambda art: bias(average=np.median), "difference of medians"),
    (lambda art: bias(average=lambda v: 10 ** v.mean()), "back into copies/mL"),
    (lambda art: bias(month_alone=False), "uses all months"),
    (lambda art: reversed_bias, "measured minus everybody"),
    (lambda art: bias(against="unmeasured"), "those who were not measured"),
    (lambda art: bias(against="nobody"), "subtract that of everybody"),
    (lambda art: bias(flag="Drug (M)"), "wrong flag"),
    (lambda art: bias()(art.frame, 12), "a function"),
    (lambda art: lambda frame: 0.1, "raised TypeError"),
    (lambda art: lambda month, frame: 0, "does it use its arguments?"),
    (lambda art: always(0.0), "does it use its arguments?"),
    (lambda art: always(-0.25), "does it use its arguments?"),
    (lambda art: month_12, "does it use its arguments?"),
    (lambda art: month_first, "in another order"),
    (lambda art: also_unfinished, "in another order"),
]
