"""Right and wrong answers to the exercises of chapter 01, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
LAST_KNOWN, LAST = 24, 59


def at(frame, month, column):
    return frame[frame["Timestep"] == month].set_index("PatientID")[column]


# --- the CD4 count when they were first met -------------------------------------------------------


def cd4(art, month=0, by="Ethnic"):
    """CD4 counts of one month, or with None of all, grouped by what is said of each person."""
    rows = art.frame if month is None else art.frame[art.frame["Timestep"] == month]
    groups = rows["PatientID"].map(art.patients[by])
    return rows["CD4"].groupby(groups.rename(by), observed=True)


def histogram(art, bins=40, xlabel="CD4 count (cells/µL)", ylabel="people", month=0, **more):
    import matplotlib.pyplot as plt

    scales = {name: more.pop(name) for name in ("xscale", "yscale") if name in more}
    _, ax = plt.subplots()
    ax.hist(at(art.frame, month, "CD4"), bins=bins, **more)
    ax.set(xlabel=xlabel, ylabel=ylabel, **scales)
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
]


# --- predictions ----------------------------------------------------------------------------------


def known_by_24(art):
    return art.observed().query("Timestep <= @LAST_KNOWN")


def suppressed_at_59(art):
    return at(art.frame, LAST, "VL") < 50


def carry_forward(newcomers):
    return at(newcomers, LAST_KNOWN, "VL") < 50


def share_below(newcomers, limit=50):
    """Share of each person's results from month 6 on that were below a limit; 1 without any."""
    results = newcomers[newcomers["VL (M)"] & (newcomers["Timestep"] >= 6)]
    share = (results["VL"] < limit).groupby(results["PatientID"]).mean()
    return share.reindex(newcomers["PatientID"].unique(), fill_value=1.0)


def by_share(known, outcome, newcomers):
    """A rule without any learning: more than one result in three was below 50."""
    return share_below(newcomers) > 1 / 3


def by_learned_share(known, outcome, newcomers):
    """Learns which share to ask for; answers with 0 and 1 in a table of one column."""
    share = share_below(known)
    limits = np.linspace(0, 0.9, 10)
    best = max(limits, key=lambda limit: ((share > limit) == outcome[share.index]).mean())
    return (share_below(newcomers) > best).astype(int).to_frame("suppressed")


def by_last_two(known, outcome, newcomers):
    """Was one of the last two results below 50? Answers in an order of its own."""
    answers = {}
    for person, rows in newcomers[newcomers["VL (M)"]].groupby("PatientID"):
        answers[person] = bool((rows["VL"].tail(2) < 50).any())
    for person in newcomers["PatientID"]:
        answers.setdefault(person, True)
    return pd.Series(answers)


def by_tree(known, outcome, newcomers):
    from sklearn.tree import DecisionTreeClassifier

    def features(records):
        shares = {f"below {n}": share_below(records, n) for n in (50, 200, 1000)}
        return pd.DataFrame(shares).assign(
            drugs=records.groupby("PatientID")["Drug (M)"].mean(),
            results=records.groupby("PatientID")["VL (M)"].sum(),
        )

    inputs = features(known)
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(inputs, outcome[inputs.index])
    asked = features(newcomers)
    return pd.Series(tree.predict(asked), index=asked.index)


def probabilities(known, outcome, newcomers):
    return 0.05 + 0.9 * share_below(newcomers)


def inverted(known, outcome, newcomers):
    return ~by_last_two(known, outcome, newcomers)


def everybody(known, outcome, newcomers):
    return pd.Series(True, index=newcomers["PatientID"].unique())


def half_the_people(known, outcome, newcomers):
    return by_share(known, outcome, newcomers).iloc[::2]


def looked_up(art):
    """Fates of the cohort at hand, by number."""
    fates = suppressed_at_59(art)
    return lambda known, outcome, newcomers: fates.loc[newcomers["PatientID"].unique()]


def recognised(art):
    """Fates of those in the cohort at hand who are most like a newcomer in what stands first."""
    fates = suppressed_at_59(art)

    def answer(known, outcome, newcomers):
        marks = known.groupby("PatientID")["CD4"].first().round(1).dropna()
        fate = dict(zip(marks, outcome[marks.index], strict=True))
        theirs = newcomers.groupby("PatientID")["CD4"].first().round(1)
        return theirs.map(lambda mark: fate.get(mark, fates.mean() > 0.5))

    return answer


PREDICTION_WRONG = [
    (lambda art: lambda known, outcome, new: carry_forward(new), "no better than"),
    (lambda art: everybody, "carrying the last result forward"),
    (lambda art: inverted, "the other way round"),
    (lambda art: probabilities, "these are probabilities"),
    (lambda art: lambda known, outcome, new: at(new, 24, "CD4").fillna(9) + 9, "True or False"),
    (lambda art: half_the_people, "answer for each person"),
    (lambda art: looked_up(art), "numbered anew"),
    (lambda art: recognised(art), "carrying the last result forward"),
    (lambda art: lambda known: carry_forward(known), "known, outcome, newcomers"),
    (lambda art: suppressed_at_59(art), "give its name"),
]
