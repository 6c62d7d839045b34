"""Right and wrong answers to the last exercise of chapter 01: who will be suppressed at the end."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers_01 import LAST, at

LAST_KNOWN = 24


def known_by_24(art):
    return art.observed().query("Timestep <= @LAST_KNOWN")


def suppressed_at_59(art):
    return at(art.frame, LAST, "VL") < 50


def carry_forward(newcomers, limit=50):
    return at(newcomers, LAST_KNOWN, "VL") < limit


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
    (lambda art: lambda known, outcome, new: carry_forward(new, 100), "less than one point better"),
    (lambda art: everybody, "the same answer for everybody"),
    (lambda art: inverted, "the other way round"),
    (lambda art: probabilities, "these are probabilities"),
    (lambda art: lambda known, outcome, new: at(new, 24, "CD4").fillna(9) + 9, "True or False"),
    (lambda art: half_the_people, "answer for each person"),
    (lambda art: looked_up(art), "numbered anew"),
    (lambda art: recognised(art), "carrying the last result forward"),
    (lambda art: lambda known: carry_forward(known), "known, outcome, newcomers"),
    (lambda art: suppressed_at_59(art), "give its name"),
]
