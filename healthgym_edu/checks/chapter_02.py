"""Exercises of chapter 02: from an untreated block to a score that beats SOFA."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.data import load_cohort, twins
from healthgym_edu.exercises import (
    Wrong,
    exercise,
    expect_axes,
    expect_bars,
    expect_function,
    expect_number,
)
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_02 as answers
from .answers_02 import LANDMARK
from .strangers import ask

TOO_GOOD = 0.92
"""An AUROC that nobody reaches by day 1 who has not met these patients before."""

MARGIN = 0.04
"""How much larger than that of SOFA the AUROC of the last exercise has to be."""


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    patients = {"n_patients": 3000, "seed": 5}
    icu = load_cohort("sepsis", **patients)
    policies = {"guideline": "protocol", "no vasopressor": answers.no_vasopressor}
    return {"icu": icu, "stays": icu, "worlds": twins("sepsis", policies, **patients)}


@exercise(
    "02.untreated_when_low",
    hint=[
        'Keep the blocks with low pressure first: `icu.frame[icu.frame["MeanBP"] < 65]`.',
        "Of those, and only those, the mean of a comparison of `MaxVaso` with 0.",
    ],
    solution="""
low = icu.frame[icu.frame["MeanBP"] < 65]
untreated_when_low = (low["MaxVaso"] == 0).mean()
""",
    done="Some are briefly low, some are used to it, and some get fluid first.",
    wrong=[
        (lambda icu: (answers.low(icu) & answers.untreated(icu)).mean(), "low pressure alone"),
        (lambda icu: answers.low(icu)[answers.untreated(icu)].mean(), "low pressure alone"),
        (
            lambda icu: 1 - answers.untreated(icu)[answers.low(icu)].mean(),
            "share of all the others",
        ),
    ],
)
def untreated_when_low(value, *, icu):
    expected = float(answers.untreated(icu)[answers.low(icu)].mean())
    step = "take the blocks of low pressure alone, and count those without a vasopressor in them"
    expect_number(value, expected, 1e-6, "the share of blocks", step)


@exercise(
    "02.circulation",
    hint=[
        "A vasopressor counts before the pressure does: look at `MaxVaso` first.",
        "`np.select([condition, condition, …], [points, points, …], 0)` takes the first condition "
        "that holds; put the highest points first.",
        "Mind the edges: up to 0.1 is 3 points, and 70 mmHg is no longer below 70.",
    ],
    solution="""
def circulation(frame):
    dose = frame["MaxVaso"]
    return np.select([dose > 0.1, dose > 0, frame["MeanBP"] < 70], [4, 3, 1], 0)
""",
    reference=lambda icu: answers.circulation_by_row,
    done="There are no 2 points: those are for drugs that the table does not know.",
    wrong=[
        (lambda icu: answers.circulation(lambda p, d: d >= 0.1), "a MaxVaso of 0.1"),
        (lambda icu: answers.circulation(low=lambda p, d: p <= 70), "a MeanBP of 70.0"),
        (lambda icu: answers.circulation(low=lambda p, d: p < 65), "edges"),
        (lambda icu: lambda frame: (frame["MeanBP"] < 70).astype(int), "edges"),
    ],
)
def circulation(value, *, icu):
    toy = pd.DataFrame(
        {
            "MeanBP": [80.0, 70.0, 69.9, 66.0, 80.0, 60.0, 80.0, 60.0, 75.0],
            "MaxVaso": [0.0, 0.0, 0.0, 0.0, 0.001, 0.1, 0.101, 0.5, 0.1],
        }
    )
    some = icu.frame[["MeanBP", "MaxVaso"]].head(2000)

    def points(frame):
        result = value(frame)
        return result if result is None or is_blank(result) else np.asarray(result)

    step = "see the table of points, and mind its edges: below, up to, above"
    rows = [toy.iloc[[place]] for place in range(len(toy))]
    for frame in (*rows, some):
        what = "your function"
        if len(frame) == 1:
            what += " at a MeanBP of {MeanBP} and a MaxVaso of {MaxVaso}".format(**frame.iloc[0])
        case = (frame,), answers.circulation()(frame)
        expect_function(points if callable(value) else value, [case], 1e-9, what, step)


@exercise(
    "02.deaths_by_sofa",
    hint=[
        "`late` is True for those who died by day 90, `group` is their group; both have one entry "
        "a patient: `late.groupby(group, observed=True).mean()`.",
        "`ax.bar(share.index.astype(str), share)` draws; `ax.set(xlabel=…, ylabel=…)` labels. Then "
        "`answer = ax`.",
    ],
    solution="""
from healthgym_edu.conditions.sepsis import sofa

there = stays.frame.loc[stays.frame["Timepoints"] == 6, "PatientID"]
now = stays.frame["Timepoints"] == 5
score = stays.frame.assign(SOFA=sofa(stays.frame))[now].set_index("PatientID")["SOFA"].loc[there]
group = pd.cut(score, [-1, 2, 4, 6, 8, 10, 24], labels=["0–2", "3–4", "5–6", "7–8", "9–10", "11+"])
share = stays.patients.loc[score.index, "Died in 90 days"].groupby(group, observed=True).mean()
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.bar(share.index.astype(str), share)
ax.set(xlabel="SOFA at hour 24 (points)", ylabel="Share dead by day 90")
answer = ax
""",
    done="A ladder, and no verdict on anybody.",
    wrong=[
        (lambda stays: answers.bars(answers.deaths(stays, "Died in stay")), "right sizes"),
        (lambda stays: answers.bars(answers.deaths(stays, block=0)), "right sizes"),
        (lambda stays: answers.bars(answers.deaths(stays, block=LANDMARK)), "right sizes"),
        (lambda stays: answers.bars(answers.deaths(stays), ylabel=""), "no text"),
        (lambda stays: answers.bars(answers.deaths(stays).iloc[:4]), "too few"),
    ],
)
def deaths_by_sofa(value, *, stays):
    share = answers.deaths(stays)
    step = "one bar a group of SOFA before hour 24: the mean of death by day 90"
    expect_axes(value, shapes=len(share), next_step=step)
    for axis in ("x", "y"):
        if not getattr(value, f"get_{axis}label")().strip():
            raise Wrong(f"The {axis} axis has no text.", "say what it shows")
    try:
        expect_bars(value, 100 * share, 1e-6)  # per cent are as good
    except Wrong:
        expect_bars(value, share, 1e-6, step)


@exercise(
    "02.risk_difference",
    hint=[
        'Who is there? Those with a row at the block: `frame.loc[frame["Timepoints"] == block, '
        '"PatientID"]`.',
        "Who was treated? Among rows *before* the block, group `MaxVaso > 0.45` by patient and "
        "take `.any()`; `.loc[…]` keeps those who are there.",
        '`patients.loc[…, "Died in stay"]` is their fate; two means and a minus.',
    ],
    solution="""
def risk_difference(frame, patients, block):
    there = frame.loc[frame["Timepoints"] == block, "PatientID"]
    early = frame[frame["Timepoints"] < block]
    treated = (early["MaxVaso"] > 0.45).groupby(early["PatientID"]).any().loc[there]
    died = patients.loc[there, "Died in stay"]
    return died[treated].mean() - died[~treated].mean()
""",
    reference=lambda stays: answers.difference_another_way,
    done="No immortal time is left in it. Something else is.",
    wrong=[
        (lambda stays: answers.without_landmark, "there at the block"),
        (
            lambda stays: lambda f, p, block: answers.difference(f, p, block, until=block + 1),
            "before",
        ),
        (lambda stays: lambda f, p, block: -answers.difference(f, p, block), "other way round"),
        (  # does not look at what it is given
            lambda stays: (
                lambda f, p, block: answers.difference(stays.frame, stays.patients, block)
            ),
            "before",
        ),
        (
            lambda stays: lambda f, p, block: answers.difference(f, p, block, "Died in 90 days"),
            "before",
        ),
    ],
)
def risk_difference(value, *, stays):
    tables = stays.frame, stays.patients
    half = stays.frame[stays.frame["PatientID"] % 2 == 0], stays.patients.iloc[::2]
    asked = [(*tables, LANDMARK), (*tables, 9), (*half, LANDMARK)]
    cases = [(arguments, answers.difference(*arguments)) for arguments in asked]
    step = "patients there at the block, doses before it, deaths in the stay: treated minus others"
    expect_function(value, cases, 1e-9, "your function", step)


@exercise(
    "02.deaths_averted",
    hint=[
        'Who gets one? In `worlds["guideline"].frame`, group `MaxVaso > 0` by patient, `.any()`.',
        "The same patients in both worlds: the mean of `Died in 90 days` in each.",
        "Averted are the deaths of the world without minus those of the world with; in 100.",
    ],
    solution="""
rows = worlds["guideline"].frame
treated = (rows["MaxVaso"] > 0).groupby(rows["PatientID"]).any()
died = {name: world.patients.loc[treated, "Died in 90 days"] for name, world in worlds.items()}
deaths_averted = 100 * (died["no vasopressor"].mean() - died["guideline"].mean())
""",
    done="An average over those treated: who of them was saved, only the twins know.",
    wrong=[
        (lambda worlds: 100 * answers.averted(worlds, everybody=True), "who get one"),
        (lambda worlds: -100 * answers.averted(worlds), "other way round"),
        (lambda worlds: answers.averted(worlds), "in 100"),
        (lambda worlds: 100 * answers.naive(worlds), "the same patients"),
    ],
)
def deaths_averted(value, *, worlds):
    step = "the same patients in both worlds, those who get one by the guideline; in 100"
    expect_number(value, 100 * answers.averted(worlds), 1e-6, "the number of deaths averted", step)


@exercise(
    "02.beat_sofa",
    hint=[
        "The last value of a column says where a patient is; its mean over the day is less noisy. "
        "Use both.",
        "Many columns know a little each. Let `numbers(known)` make numbers of them all, and group "
        "by patient.",
        "With many columns and few deaths, a logistic model needs to be held back: "
        "LogisticRegression(C=…) with a C well below 1, behind a StandardScaler.",
    ],
    solution="""
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from healthgym_edu.conditions.sepsis import sofa

train, _ = stays.split(0.5, seed=0)
there = train.frame.loc[train.frame["Timepoints"] == 6, "PatientID"]
early = train.frame[(train.frame["Timepoints"] < 6) & train.frame["PatientID"].isin(there)]

def features(known):
    table = known.drop(columns=["PatientID", "Timepoints"]).assign(SOFA=sofa(known))
    for name in table.select_dtypes("category"):
        table[name] = table[name].cat.codes
    by = table.astype(float).groupby(known["PatientID"])
    return pd.concat([by.mean().add_suffix(" mean"), by.last().add_suffix(" last")], axis=1)

inputs = features(early)
model = make_pipeline(StandardScaler(), LogisticRegression(C=0.005, max_iter=1000))
model.fit(inputs, train.patients.loc[inputs.index, "Died in 90 days"])

def predict(known):
    inputs = features(known)
    return pd.Series(model.predict_proba(inputs)[:, 1], index=inputs.index)
""",
    done="Forty columns, each with a little, and none from the future.",
    wrong=[
        (lambda stays: answers.score, "no better than"),
        (lambda stays: lambda known: -answers.score(known), "the other way round"),
        (
            lambda stays: lambda known: known.groupby("PatientID")["Lactate"].last(),
            "no better than",
        ),
        (lambda stays: lambda known: answers.score(known).iloc[::2], "each patient"),
        (lambda stays: lambda known: answers.score(known).where(lambda s: s > 3), "missing"),
        (lambda stays: stays.patients["Age"], "your function"),
        (lambda stays: lambda known: stays.patients["Died in 90 days"], "numbered anew"),
        (lambda stays: answers.looked_up(stays), "looked up"),
        (lambda stays: answers.recognised(stays), "too good"),
    ],
)
def beat_sofa(value, *, stays):
    from sklearn.metrics import roc_auc_score

    holdout = stays.split(0.5, seed=0)[1]
    frame = holdout.frame
    there = frame.loc[frame["Timepoints"] == LANDMARK, "PatientID"]
    known = frame[(frame["Timepoints"] < LANDMARK) & frame["PatientID"].isin(there)]
    died = holdout.patients.loc[there, "Died in 90 days"]
    risk = ask(value, known, there, "in the table")
    found, score = (
        roc_auc_score(died, risk),
        roc_auc_score(died, answers.score(known).loc[died.index]),
    )
    if found < 0.5:
        raise Wrong(
            f"An AUROC of {found:.3f} is below that of a coin.",
            "higher numbers should mean likelier death; yours are the other way round",
        )
    if found > TOO_GOOD:
        raise Wrong(
            f"An AUROC of {found:.3f} is too good: your function has met these patients before.",
            "learn from `train` alone",
        )
    if found < score + MARGIN:
        better = "no better than" if found <= score else f"less than {MARGIN} above"
        raise Wrong(
            f"Your AUROC, {found:.3f}, is {better} that of SOFA ({score:.3f}).",
            "use more columns, and more than their last values",
        )
    return f"AUROC {found:.3f} against {score:.3f} of SOFA alone."
