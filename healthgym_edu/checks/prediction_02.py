"""Right and wrong answers to the last exercise of chapter 02: who will die by day 90."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.conditions.sepsis import sofa

from .answers_02 import LANDMARK

LEARN_AND_PREDICT = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from healthgym_edu.conditions.sepsis import sofa

def features(rows):
    table = rows.drop(columns=["PatientID", "Timepoints"]).assign(SOFA=sofa(rows))
    for name in table.select_dtypes("category"):
        table[name] = table[name].cat.codes
    by = table.astype(float).groupby(rows["PatientID"])
    return pd.concat([by.mean().add_suffix(" mean"), by.last().add_suffix(" last")], axis=1)

def learn_and_predict(known, outcome, newcomers):
    inputs = features(known)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.005, max_iter=1000))
    model.fit(inputs, outcome.loc[inputs.index])
    asked = features(newcomers)
    return pd.Series(model.predict_proba(asked)[:, 1], index=asked.index)
"""


def known_by_24(stays):
    """Hours 0 to 23 of the patients who are present at hour 24."""
    present = stays.frame.loc[stays.frame["Timepoints"] == LANDMARK, "PatientID"]
    early = stays.frame[stays.frame["Timepoints"] < LANDMARK]
    return early[early["PatientID"].isin(present)]


def score(rows):
    """SOFA in the last block of each patient."""
    return sofa(rows).groupby(rows["PatientID"]).last()


def looked_up(stays):
    """Fates by patient number, whatever is known."""
    return lambda known, outcome, newcomers: stays.patients["Died in 90 days"].loc[
        newcomers["PatientID"].unique()
    ]


def recognised(stays):
    """Fates by what is written of a patient in the first block: no number is needed."""
    marks = ["Age", "HR", "SysBP", "Glucose"]
    first = stays.frame.groupby("PatientID")[marks].first()
    fates = dict(zip(map(tuple, first.to_numpy()), stays.patients["Died in 90 days"], strict=True))
    return lambda known, outcome, newcomers: (
        newcomers.groupby("PatientID")[marks].first().apply(tuple, axis=1).map(fates)
    )


def features(rows, kinds=("mean", "last")):
    """Numbers of a day, one row a patient: of every column its mean, its last value …"""
    table = rows.drop(columns=["PatientID", "Timepoints"]).assign(SOFA=sofa(rows))
    for name in table.select_dtypes("category"):
        table[name] = table[name].cat.codes
    by = table.astype(float).groupby(rows["PatientID"])
    return pd.concat([getattr(by, kind)().add_suffix(f" {kind}") for kind in kinds], axis=1)


def three_numbers(rows):
    """What the small model of the chapter knows."""
    rows = rows.assign(SOFA=sofa(rows))
    return rows.groupby("PatientID")[["SOFA", "Lactate", "Output4H"]].last()


def by_model(model, inputs=features):
    """Learn and predict with a scikit-learn model."""

    def learn_and_predict(known, outcome, newcomers):
        model.fit(inputs(known), outcome.loc[inputs(known).index])
        asked = inputs(newcomers)
        if hasattr(model, "predict_proba"):
            return pd.Series(model.predict_proba(asked)[:, 1], index=asked.index)
        return pd.Series(model.predict(asked), index=asked.index)

    return learn_and_predict


def by_logistic(C=1.0, inputs=features):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))
    return by_model(model, inputs)


def by_means(stays):
    return by_logistic(0.01, lambda rows: features(rows, ["mean"]))


def by_ridge(stays):
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return by_model(make_pipeline(StandardScaler(), Ridge(2000)))


def by_trees(stays):
    from sklearn.ensemble import ExtraTreesClassifier

    return by_model(ExtraTreesClassifier(200, min_samples_leaf=5, random_state=0))


def reversed_score(known, outcome, newcomers):
    return -score(newcomers)


def negative(learn_and_predict):
    return lambda known, outcome, newcomers: -learn_and_predict(known, outcome, newcomers)


def at_random(known, outcome, newcomers):
    people = newcomers["PatientID"].unique()
    return pd.Series(np.random.default_rng(0).random(len(people)), index=people)


def all_alike(known, outcome, newcomers):
    return pd.Series(outcome.mean(), index=newcomers["PatientID"].unique())


WRONG = [
    (lambda stays: lambda known, outcome, newcomers: score(newcomers), "no better than"),
    (lambda stays: reversed_score, "even the other way round it would not beat"),
    (lambda stays: negative(by_means(stays)), "the other way round"),
    (lambda stays: at_random, "that of a coin"),
    (lambda stays: all_alike, "all your numbers are equal"),
    (
        lambda stays: (
            lambda known, outcome, newcomers: newcomers.groupby("PatientID")["Age"].last()
        ),
        "no better than",
    ),
    (lambda stays: by_logistic(1.0, three_numbers), "less than 0.04 above"),
    (
        lambda stays: lambda known, outcome, newcomers: score(newcomers).iloc[::2],
        "answer for each patient",
    ),
    (
        lambda stays: lambda known, outcome, newcomers: score(newcomers).where(lambda s: s > 3),
        "missing",
    ),
    (lambda stays: recognised(stays), "missing"),
    (lambda stays: looked_up(stays), "numbered anew"),
    (lambda stays: stays.patients["Age"], "give its name"),
    (lambda stays: lambda known: score(known), "known, outcome, newcomers"),
    (lambda stays: lambda known, outcome, newcomers: outcome, "names no patient"),
]
