"""Exercises of chapter 02: from an untreated block to a score that beats SOFA."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.data import load_cohort, twins
from healthgym_edu.exercises import (
    Wrong,
    budget,
    exercise,
    expect_axes,
    expect_bars,
    expect_function,
    expect_number,
)
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_02 as answers
from . import prediction_02 as prediction
from .answers_02 import LANDMARK
from .enough import require_people
from .strangers import ask_about_newcomers

MARGIN = 0.04
"""How much larger than that of SOFA the AUROC of the last exercise has to be."""

NEAR_A_COIN = 0.03
"""How much larger than 0.5 an AUROC may be by chance."""


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    patients = {"n_patients": 3000, "seed": 5}
    icu = load_cohort("sepsis", **patients)
    return {"icu": icu, "stays": icu, "worlds": twins("sepsis", answers.POLICIES, **patients)}


@exercise(
    "02.untreated_when_low",
    hint=[
        'Keep the blocks with low pressure first: `icu.frame[icu.frame["MeanBP"] < 65]`.',
        "Of those, and only those, the mean of a comparison of `MaxVaso` with 0.",
    ],
    solution="""
low_blocks = icu.frame[icu.frame["MeanBP"] < 65]
untreated_when_low = (low_blocks["MaxVaso"] == 0).mean()
""",
    done="Some are briefly low, some are used to it, and some get fluid first.",
    right=[
        answers.untreated_by_query,
        answers.untreated_by_crosstab,
        lambda icu: 1 - (icu.frame.loc[answers.low(icu), "MaxVaso"] > 0).mean(),
    ],
    wrong=[
        (lambda icu: (answers.low(icu) & answers.untreated(icu)).mean(), "share of all blocks"),
        (lambda icu: answers.low(icu)[answers.untreated(icu)].mean(), "the other way round"),
        (lambda icu: 1 - answers.untreated(icu)[answers.low(icu)].mean(), "all the others"),
        (lambda icu: answers.untreated(icu).mean(), "whatever their pressure"),
        (lambda icu: (answers.untreated(icu) & answers.low(icu)).sum(), "a number of blocks"),
        (lambda icu: answers.untreated(icu)[answers.low(icu, 70)].mean(), "below 70"),
        (lambda icu: answers.untreated(icu)[icu.frame["MeanBP"] <= 65].mean(), "65 itself"),
        *(
            (lambda icu, k=k: list(answers.untreated_patients(icu).values())[k], words)
            for k, words in enumerate(answers.OF_PATIENTS)
        ),
    ],
)
def untreated_when_low(value, *, icu):
    low, untreated = answers.low(icu), answers.untreated(icu)
    expect_number(
        value,
        float(untreated[low].mean()),
        1e-6,
        "the share of blocks",
        "take the blocks of low pressure alone, and count those without a vasopressor in them",
        slips={
            "it is a share of all blocks, not of those with low pressure": (low & untreated).mean(),
            "it is the other way round: of untreated blocks, those with low pressure": (
                low[untreated].mean()
            ),
            "it is the share of untreated blocks, whatever their pressure": untreated.mean(),
            "it is a number of blocks, not yet a share": (low & untreated).sum(),
            "it takes a pressure below 70 mmHg; 65 was asked for": (
                untreated[answers.low(icu, 70)].mean()
            ),
            "it also takes blocks of exactly 65 mmHg; 65 itself is not below 65": (
                untreated[icu.frame["MeanBP"] <= 65].mean()
            ),
            **answers.untreated_patients(icu),
        },
    )


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
    done="There are no 2 points: those are for drugs that the table does not know.",
    right=[
        lambda icu: answers.circulation_by_row,
        lambda icu: answers.circulation_by_sum,
        lambda icu: answers.circulation_by_loc,
    ],
    wrong=[
        *(
            (lambda icu, wrong=wrong: wrong, slip)
            for slip, wrong in answers.CIRCULATION_SLIPS.items()
        ),
        (lambda icu: lambda frame: np.zeros(len(frame)), "does it use its arguments?"),
        (lambda icu: lambda frame: [3] * len(frame), "does it use its arguments?"),
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

    expect_function(
        points if callable(value) and not is_blank(value) else value,
        [((frame,), answers.circulation()(frame)) for frame in (toy, some)],
        1e-9,
        "your function",
        "see the table of points, and mind its edges: below, up to, above",
        slips=answers.CIRCULATION_SLIPS,
    )


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

present = stays.frame.loc[stays.frame["Timepoints"] == 6, "PatientID"]
now = stays.frame["Timepoints"] == 5
score = sofa(stays.frame)[now].set_axis(stays.frame["PatientID"][now]).loc[present]
group = pd.cut(score, [-1, 2, 4, 6, 8, 10, 24], labels=["0–2", "3–4", "5–6", "7–8", "9–10", "11+"])
share = stays.patients.loc[score.index, "Died in 90 days"].groupby(group, observed=True).mean()
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.bar(share.index.astype(str), share)
ax.set(xlabel="SOFA at hour 24 (points)", ylabel="Share dead by day 90")
answer = ax
""",
    done="A ladder, and no verdict on anybody.",
    right=[
        answers.bars_by_pandas,
        lambda stays: answers.bars(100 * answers.deaths(stays), "died by day 90 (%)"),
        lambda stays: answers.bars(answers.deaths(stays), lying=True),
    ],
    wrong=[
        (lambda stays: answers.bars(answers.deaths(stays, "Died in stay")), "in the stay"),
        (lambda stays: answers.bars(answers.deaths(stays, block=0)), "of the first block"),
        (lambda stays: answers.bars(answers.deaths(stays, block=LANDMARK)), "after the landmark"),
        (lambda stays: answers.bars(1 - answers.deaths(stays)), "who lived"),
        (lambda stays: answers.bars(answers.bars_of_all(stays)), "of all patients"),
        (answers.bars_reversed, "other labels"),
        (lambda stays: answers.bars(answers.deaths(stays), ylabel=""), "no text"),
        (lambda stays: answers.bars(answers.deaths(stays).iloc[:4]), "too few"),
    ],
)
def deaths_by_sofa(value, *, stays):
    share = answers.deaths(stays)
    step = "one bar for each group of SOFA before hour 24: the mean of death by day 90"
    expect_axes(value)
    for axis in ("x", "y"):
        if not getattr(value, f"get_{axis}label")().strip():
            raise Wrong(f"the {axis} axis has no text", "say what it shows")
    slips = {
        "these are deaths in the stay, not by day 90": answers.deaths(stays, "Died in stay"),
        "this is the score of the first block": answers.deaths(stays, block=0),
        "this is the score of a block after the landmark": answers.deaths(stays, block=LANDMARK),
        "these are the patients who lived": 1 - share,
        "these are shares of all patients, not of each group": answers.bars_of_all(stays),
    }
    expect_bars(value, share, 1e-6, step, ordered=True, percent=True, slips=slips)


@exercise(
    "02.risk_difference",
    hint=[
        'Who is present? Those with a row at the block: `frame.loc[frame["Timepoints"] == block, '
        '"PatientID"]`.',
        "Who was exposed? Among rows *before* the block, group `exposed` by patient and take "
        "`.any()`; `.loc[…]` keeps those who are present.",
        '`patients.loc[…, "Died in stay"]` is their fate; two means and a minus.',
    ],
    solution="""
def risk_difference(frame, patients, exposed, block):
    present = frame.loc[frame["Timepoints"] == block, "PatientID"]
    before = frame["Timepoints"] < block
    ever = exposed[before].groupby(frame.loc[before, "PatientID"]).any().loc[present]
    died = patients.loc[present, "Died in stay"]
    return died[ever].mean() - died[~ever].mean()
""",
    done="No immortal time is left in it. Something else may be.",
    right=[
        lambda stays: answers.difference_by_pivot,
        lambda stays: answers.difference_by_merge,
        lambda stays: answers.difference_by_sets,
    ],
    wrong=[
        *(
            (lambda stays, wrong=wrong: wrong, slip)
            for slip, wrong in answers.DIFFERENCE_SLIPS.items()
        ),
    ],
)
def risk_difference(value, *, stays):
    patients = stays.patients.iloc[:1500]
    frame = stays.frame[stays.frame["PatientID"].isin(patients.index)]
    odd = frame["PatientID"] % 2 == 1
    large, drug = answers.large(frame), frame["MaxVaso"] > 0
    half = frame[odd], patients[patients.index % 2 == 1], drug[odd]
    asked = [
        (frame, patients, large, LANDMARK),
        (frame, patients, drug, LANDMARK),
        (frame, patients, drug, 9),
        (*half, LANDMARK),
    ]
    cases = [(arguments, answers.difference(*arguments)) for arguments in asked]
    step = "patients present at the block, exposures before it, deaths in the stay"
    expect_function(value, cases, 1e-9, "your function", step, slips=answers.DIFFERENCE_SLIPS)


@exercise(
    "02.deaths_averted",
    hint=[
        'Who gets one? In `worlds["guideline"].frame`, group `MaxVaso > 0` by patient, `.any()`.',
        "The same patients in both worlds: the mean of `Died in 90 days` in each.",
        "Averted are the deaths of the world without minus those of the world with; in 100.",
    ],
    solution="""
rows = worlds["guideline"].frame
gets_one = (rows["MaxVaso"] > 0).groupby(rows["PatientID"]).any()
with_it = worlds["guideline"].patients.loc[gets_one, "Died in 90 days"]
without_it = worlds["guideline, no vasopressor"].patients.loc[gets_one, "Died in 90 days"]
deaths_averted = 100 * (without_it.mean() - with_it.mean())
""",
    done="An average over those treated: who of them was saved, only the twins know.",
    right=[answers.averted_by_pairs, answers.averted_by_dose, answers.averted_by_subset],
    wrong=[
        (lambda worlds: answers.averted(worlds, everybody=True), "everybody"),
        (lambda worlds: -answers.averted(worlds), "other way round"),
        (lambda worlds: answers.averted(worlds) / 100, "looks like a share"),
        (lambda worlds: answers.naive(worlds), "other patients of the same world"),
        (lambda worlds: answers.averted(worlds, outcome="Died in stay"), "in the stay"),
        (
            lambda worlds: answers.averted(worlds) / 100 * answers.ever_treated(worlds).sum(),
            "a number of deaths",
        ),
    ],
)
def deaths_averted(value, *, worlds):
    expected = answers.averted(worlds)
    slips = {
        "it counts everybody, also those who get none": answers.averted(worlds, everybody=True),
        "it compares the treated with other patients of the same world": answers.naive(worlds),
        "it counts deaths in the stay, not by day 90": (
            answers.averted(worlds, outcome="Died in stay")
        ),
        "it is a number of deaths among the treated, not in 100 of them": (
            expected / 100 * answers.ever_treated(worlds).sum()
        ),
    }
    if "no vasopressor" in worlds:
        other = answers.averted(worlds, without="no vasopressor")
        slips["the world without must follow the guideline, too"] = other
    step = "the same patients in both worlds, those who get one by the guideline; in 100"
    expect_number(value, expected, 1e-6, "the number of deaths averted", step, slips=slips)


@exercise(
    "02.beat_sofa",
    hint=[
        "The last value of a column says where a patient is; its mean over the day is less noisy. "
        "Use both.",
        "Many columns know a little each. `numbers(known)` makes numbers of them all; group them "
        'by `known["PatientID"]`.',
        "With many columns and few deaths, a logistic model needs to be held back: "
        "LogisticRegression(C=…) with a C well below 1, behind a StandardScaler.",
    ],
    solution=prediction.LEARN_AND_PREDICT,
    done="Forty columns, each with a little. Nearly nothing in them comes from the future: some "
    "laboratory values were carried back from after hour 24, as section 1 says.",
    right=[prediction.by_means, prediction.by_ridge, prediction.by_trees],
    wrong=prediction.WRONG,
)
def beat_sofa(value, *, stays):
    from sklearn.metrics import roc_auc_score

    require_people(stays, "stays", "patients")
    judged = ask_about_newcomers(
        value,
        stays,
        records_of=prediction.known_by_24,
        outcome_of=lambda cohort: cohort.patients["Died in 90 days"],
        n_fresh=budget(6000, quick=4000),
        who="patient",
    )
    score = prediction.score(judged.newcomers).loc[judged.truth.index]
    found, to_beat = (roc_auc_score(judged.truth, one) for one in (judged.said, score))
    if judged.said.nunique() == 1:
        step = "give each newcomer a number of their own, higher where death is likelier"
        raise Wrong("all your numbers are equal, so they rank nobody", step)
    if 1 - found >= to_beat + MARGIN:
        raise Wrong(
            f"an AUROC of {found:.3f} is below that of a coin: yours are the other way round",
            "higher numbers should mean likelier death",
        )
    if found < to_beat + MARGIN:
        better = "no better than" if found <= to_beat else f"less than {MARGIN} above"
        if found < 0.5 - NEAR_A_COIN:
            better = "below that of a coin, and even the other way round it would not beat"
        elif found < 0.5 + NEAR_A_COIN:
            better = "that of a coin, and below"
        raise Wrong(
            f"your AUROC, {found:.3f}, is {better} that of SOFA ({to_beat:.3f})",
            "use more columns, and more than their last values",
        )
    return (
        f"AUROC {found:.3f} against {to_beat:.3f} of SOFA alone, in {len(judged.said):,} "
        f"patients. {judged.remark}".strip()
    )
