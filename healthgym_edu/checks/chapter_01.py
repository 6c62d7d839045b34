"""Exercises of chapter 01: from one share to a prediction that beats carrying forward."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import (
    NotAttempted,
    Wrong,
    exercise,
    expect_axes,
    expect_bars,
    expect_column,
    expect_function,
    expect_number,
)
from healthgym_edu.exercises.placeholder import is_blank

DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
LAST_KNOWN, LAST = 24, 59
UNIT = re.compile(r"(/|per|\\mathrm|\$).*(µl|ul|μl|mu|mm|micro)", re.IGNORECASE)
"""Ways of writing "per microlitre" in a label."""

MARGIN = 0.01
"""How much better than carrying forward the last exercise asks for."""


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    return {"art": load_cohort("art_hiv", n_patients=3000, seed=5)}


@exercise(
    "01.suppressed_share",
    hint=[
        'Select the column `art.frame["VL"]` and compare it with 50.',
        "A comparison gives True or False for every row; the mean of those is the share of True.",
    ],
    solution='suppressed_share = (art.frame["VL"] < 50).mean()',
    done="A share of person-months: people who are followed longer would count more.",
    wrong=[
        (lambda art: (art.frame["VL"] < 200).mean(), "below 50 copies/mL"),
        (lambda art: art.frame["VL"] < 50, "one number"),
        (lambda art: (art.frame["VL"] >= 50).mean(), "share of all the others"),
    ],
)
def suppressed_share(value, *, art):
    share = float((art.frame["VL"] < 50).mean())
    expect_number(
        value, share, 1e-6, "the share of person-months", "count rows with VL below 50 copies/mL"
    )


@exercise(
    "01.median_cd4_by_ethnicity",
    hint=[
        "`people` has one row a person, with Ethnic and with CD4 at month 0.",
        'Group by "Ethnic" (with observed=True), select "CD4", and take the median.',
    ],
    solution="""
month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
people = art.patients[["Ethnic"]].join(month_0["CD4"])
median_cd4 = people.groupby("Ethnic", observed=True)["CD4"].median()
""",
    done="Lowest where the simulator was told so; in a real cohort, ask about late diagnosis.",
    wrong=[
        (
            lambda art: _cd4(art).groupby("Ethnic", observed=True)["CD4"].mean(),
            "the median, not the mean",
        ),
        (lambda art: _cd4(art)["CD4"].median(), "one column"),
        (
            lambda art: art.frame.groupby("Ethnic", observed=True)["CD4"].median(),
            "month 0 alone",
        ),
    ],
)
def median_cd4_by_ethnicity(value, *, art):
    expected = _cd4(art).groupby("Ethnic", observed=True)["CD4"].median()
    step = "take the median, not the mean, and month 0 alone"
    expect_column(value, expected, 1e-6, "the median CD4 by ethnicity", step)


@exercise(
    "01.cd4_histogram",
    hint=[
        '`ax.hist(month_0["CD4"], bins=40)` draws the bars.',
        '`ax.set(xlabel="…", ylabel="…")` labels the axes: CD4 in cells/µL, and what is counted. '
        "Then `answer = ax`.",
    ],
    solution="""
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.hist(art.frame.loc[art.frame["Timestep"] == 0, "CD4"], bins=40)
ax.set(xlabel="CD4 count at month 0 (cells/µL)", ylabel="people")
answer = ax
""",
    done="Counts of cells have a long right tail, but no need of a logarithm to be read.",
    wrong=[
        (lambda art: _histogram(art, bins=10), "40"),
        (lambda art: _histogram(art, xlabel="CD4 count"), "no unit"),
        (lambda art: _histogram(art, month=59), "month 0"),
    ],
)
def cd4_histogram(value, *, art):
    step = "draw 40 bins as bars, and label both axes"
    expect_axes(value, xlabel="CD4", shapes=40, next_step=step)
    if not UNIT.search(unicodedata.normalize("NFKC", value.get_xlabel())):
        raise Wrong("The x label has no unit.", "CD4 counts are in cells/µL")
    if not value.get_ylabel().strip():
        raise Wrong("The y label is missing.", "say what is counted")
    heights, _ = np.histogram(_cd4(art)["CD4"], bins=40)
    expect_bars(value, heights, 1e-6, "use the CD4 counts of month 0, one value a person")


@exercise(
    "01.changed_share",
    hint=[
        'Turn the five drug columns into one text a row: `.astype(str).agg(" | ".join, axis=1)`.',
        'Group that text by `art.frame["PatientID"]` and count with `.nunique()`.',
        "More than one regimen means a count above 1; the mean of the comparison is the share.",
    ],
    solution="""
drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
regimen = art.frame[drugs].astype(str).agg(" | ".join, axis=1)
changed_share = (regimen.groupby(art.frame["PatientID"]).nunique() > 1).mean()
""",
    reference=lambda art: _changed(art, DRUGS),
    done="More people changed than the two ends of five years show.",
    wrong=[
        (lambda art: _changed(art, DRUGS[:1]), "all five drug columns"),
        (lambda art: 1 - _changed(art, DRUGS), "share of all the others"),
        (lambda art: _ends_differ(art), "first and last month"),
    ],
)
def changed_share(value, *, art):
    step = "use all five drug columns and every month, not only the first and last month"
    expect_number(value, _changed(art, DRUGS), 1e-6, "the share of people who changed", step)


@exercise(
    "01.measured_bias",
    hint=[
        'Keep the rows of the month: `rows = frame[frame["Timestep"] == month]`.',
        'Take log10 of VL (clip at 50 first); `rows["VL (M)"]` selects the measured ones.',
        "Return the mean of the measured ones minus the mean of all.",
    ],
    solution="""
def measured_bias(frame, month):
    rows = frame[frame["Timestep"] == month]
    values = np.log10(rows["VL"].clip(lower=50))
    return values[rows["VL (M)"]].mean() - values.mean()
""",
    done="The sign depends on the month: who is measured changes.",
    wrong=[
        (lambda art: _bias_raw, "log10"),
        (lambda art: _bias_reversed, "measured minus everybody"),
        (lambda art: _bias_all_months, "that month"),
    ],
)
def measured_bias(value, *, art):
    frame = art.frame
    cases = [((frame, month), _bias(frame, month)) for month in (12, 31)]
    step = "mean log10 VL of that month, measured minus everybody"
    expect_function(value, cases, 1e-6, "your function", step)


@exercise(
    "01.beat_carry_forward",
    hint=[
        "One result is noisy: a blip counts as failure. Use more than one result of each person.",
        "Among the results from month 6 on, what share was below 50? One row a person after a "
        "groupby. A threshold on that share is a rule already.",
        "Or let a model weigh it: scikit-learn's LogisticRegression, fitted on `train` with a few "
        "such numbers a person. Fill in people without any result.",
    ],
    solution="""
from sklearn.linear_model import LogisticRegression

train, _ = art.split(0.5, seed=0)
known_24 = train.observed().query("Timestep <= 24")
truth = train.frame[train.frame["Timestep"] == 59].set_index("PatientID")["VL"] < 50

def features(known):
    late = known[known["Timestep"] >= 6]
    results = late[late["VL (M)"]]
    return pd.DataFrame({
        "low": (results["VL"] < 50).groupby(results["PatientID"]).mean(),
        "median": np.log10(results["VL"]).groupby(results["PatientID"]).median(),
        "drugs": late.groupby("PatientID")["Drug (M)"].mean(),
    }).fillna({"low": 0.5, "median": 2.0})

model = LogisticRegression().fit(features(known_24), truth)

def predict(known):
    inputs = features(known)
    return pd.Series(model.predict(inputs), index=inputs.index)
""",
    reference=lambda art: _share_rule,
    done="Several noisy results beat the last one.",
    wrong=[
        (lambda art: _carry_forward, "no better than"),
        (lambda art: _everyone_suppressed, "no better than"),
        (lambda art: _half_the_people, "each person"),
        (lambda art: _at(art.frame, LAST, "VL") < 50, "your function"),
    ],
)
def beat_carry_forward(value, *, art):
    if not callable(value):
        raise Wrong("The answer is your function: give its name without parentheses.")
    holdout = art.split(0.5, seed=0)[1]
    known = holdout.observed().query("Timestep <= @LAST_KNOWN")
    truth = _at(holdout.frame, LAST, "VL") < 50
    prediction = value(known.copy())
    if is_blank(prediction):
        raise NotAttempted
    if not isinstance(prediction, pd.Series) or not prediction.index.is_unique:
        raise Wrong("predict should return a pandas Series with one entry for each person.")
    if set(prediction.index) != set(truth.index):
        raise Wrong(
            f"predict should answer for each person, indexed by PatientID; {len(prediction):,} "
            f"of {len(truth):,} arrived.",
            "fill in those without a result",
        )
    accuracy = (prediction.reindex(truth.index).astype(bool) == truth).mean()
    to_beat = (_carry_forward(known).reindex(truth.index) == truth).mean()
    if accuracy < to_beat + MARGIN:
        better = "no better than" if accuracy <= to_beat else "less than one point better than"
        raise Wrong(
            f"Accuracy {accuracy:.3f} is {better} carrying the last result forward "
            f"({to_beat:.3f}).",
            "use more than one result of each person",
        )
    return f"Accuracy {accuracy:.3f} against {to_beat:.3f} of carrying forward."


def _at(frame, month, column):
    return frame[frame["Timestep"] == month].set_index("PatientID")[column]


def _cd4(art):
    return art.patients[["Ethnic"]].join(_at(art.frame, 0, "CD4"))


def _histogram(art, bins=40, xlabel="CD4 count (cells/µL)", month=0):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.hist(_at(art.frame, month, "CD4"), bins=bins)
    ax.set(xlabel=xlabel, ylabel="people")
    return ax


def _changed(art, columns):
    codes = art.frame[columns].apply(lambda c: c.astype("category").cat.codes)
    key = codes.to_numpy() @ (10 ** np.arange(len(columns)))
    return float((pd.Series(key).groupby(art.frame["PatientID"]).nunique() > 1).mean())


def _ends_differ(art):
    first, last = (_at(art.frame, month, DRUGS).astype(str) for month in (0, LAST))
    return float((first != last).any(axis=1).mean())


def _bias(frame, month, reverse=False, raw=False):
    rows = frame[frame["Timestep"] == month]
    values = rows["VL"] if raw else np.log10(rows["VL"].clip(lower=50))
    bias = float(values[rows["VL (M)"]].mean() - values.mean())
    return -bias if reverse else bias


def _bias_raw(frame, month):
    return _bias(frame, month, raw=True)


def _bias_reversed(frame, month):
    return _bias(frame, month, reverse=True)


def _bias_all_months(frame, month):
    values = np.log10(frame["VL"].clip(lower=50))
    return float(values[frame["VL (M)"]].mean() - values.mean())


def _carry_forward(known):
    return _at(known, LAST_KNOWN, "VL") < 50


def _share_rule(known):
    results = known[known["VL (M)"] & (known["Timestep"] >= 6)]
    share = (results["VL"] < 50).groupby(results["PatientID"]).mean()
    return (share > 1 / 3).reindex(known["PatientID"].unique(), fill_value=True)


def _everyone_suppressed(known):
    return pd.Series(True, index=known["PatientID"].unique())


def _half_the_people(known):
    return _carry_forward(known).iloc[::2]
