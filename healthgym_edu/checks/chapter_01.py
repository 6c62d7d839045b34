"""Exercises of chapter 01: from one share to a prediction that beats carrying forward."""

from __future__ import annotations

import numpy as np

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import (
    Wrong,
    budget,
    exercise,
    expect_column,
    expect_function,
    expect_histogram,
    expect_number,
)

from . import answers_01 as answers
from . import prediction_01 as prediction
from .answers_01 import DRUGS, LAST
from .enough import require_people
from .strangers import ask_about_newcomers

MARGIN = 0.01
"""How much better than carrying forward the last exercise asks for."""


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    return {"art": load_cohort("art_hiv", n_patients=3000, seed=7)}


@exercise(
    "01.suppressed_share",
    hint=[
        'Select the column `art.frame["VL"]` and compare it with 50.',
        "A comparison gives True or False for every row; the mean of those is the share of True.",
    ],
    solution='suppressed_share = (art.frame["VL"] < 50).mean()',
    done="A share of person-months: people who are followed longer would count more.",
    right=[
        lambda art: np.count_nonzero(art.frame["VL"].to_numpy() < 50) / len(art.frame),
        lambda art: 1 - art.frame["VL"].ge(50).mean(),
        lambda art: len(art.frame.query("VL < 50")) / (len(art) * art.schema.n_steps),
    ],
    wrong=[
        (lambda art: (art.frame["VL"] < 200).mean(), "below 50, not below 200"),
        (lambda art: art.frame["VL"].lt(50)[art.frame["VL (M)"]].mean(), "measured months"),
        (lambda art: (answers.at(art.frame, LAST, "VL") < 50).mean(), "last month alone"),
        (lambda art: (answers.at(art.frame, 0, "VL") < 50).mean(), "month 0 alone"),
        (lambda art: (art.frame["VL"] < 50).sum(), "a number of rows"),
        (lambda art: art.frame["VL"] < 50, "one number"),
        (lambda art: (art.frame["VL"] >= 50).mean(), "share of all the others"),
        (lambda art: 100 * (art.frame["VL"] < 50).mean(), "looks like a percentage"),
    ],
)
def suppressed_share(value, *, art):
    low = art.frame["VL"] < 50
    expect_number(
        value,
        float(low.mean()),
        1e-6,
        "the share of person-months",
        "count rows with VL below 50 copies/mL, and divide by all rows",
        slips={
            "suppressed is below 50, not below 200": (art.frame["VL"] < 200).mean(),
            "it is the share of the measured months": low[art.frame["VL (M)"]].mean(),
            "it is the share in the last month alone": low[art.frame["Timestep"] == LAST].mean(),
            "it is the share in month 0 alone": low[art.frame["Timestep"] == 0].mean(),
            "it is a number of rows, not yet a share": low.sum(),
        },
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
    done="A Table 1 often gives medians: a few people with very many cells do not move them.",
    right=[
        lambda art: answers.cd4(art).quantile(0.5).sort_values(),
        lambda art: answers.cd4(art).median().round(),
        lambda art: answers.cd4(art).agg(["median"]),
        lambda art: answers.cd4(art).apply(np.median).rename(str).astype("Float64"),
    ],
    wrong=[
        (lambda art: answers.cd4(art).mean(), "this is the mean"),
        (lambda art: answers.cd4(art, None).median(), "all months"),
        (lambda art: answers.cd4(art, LAST).median(), "last month"),
        (lambda art: answers.cd4(art).min(), "this is the minimum"),
        (lambda art: answers.cd4(art).quantile(0.25), "lower quartile"),
        (lambda art: answers.cd4(art).median().astype(int), "cut off, not rounded"),
        (lambda art: answers.cd4(art, column="VL").median(), "viral load"),
        (lambda art: answers.cd4(art, who=answers.never_treated(art)).median(), "starters alone"),
        (lambda art: answers.cd4(art).size(), "number of people"),
        (lambda art: answers.cd4(art, by="Gender").median(), "by gender"),
        (lambda art: answers.at(art.frame, 0, "CD4").median(), "one column"),
    ],
)
def median_cd4_by_ethnicity(value, *, art):
    expect_column(
        value,
        answers.cd4(art).median(),
        0.5,  # cells/µL: rounded as a Table 1 prints it
        "the median CD4 by ethnicity",
        "group by Ethnic, and take the median of CD4 at month 0",
        slips=answers.median_slips(art),
    )


@exercise(
    "01.fewer_cells",
    hint=[
        "Sort `median_cd4` with `.sort_values()`: the two numbers that you need stand first.",
        "`.iloc[0]` of the sorted medians is the lowest and `.iloc[1]` the next one; subtract the "
        "lowest from the next one.",
    ],
    solution="""
month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
people = art.patients[["Ethnic"]].join(month_0["CD4"])
ascending = people.groupby("Ethnic", observed=True)["CD4"].median().sort_values()
fewer_cells = ascending.iloc[1] - ascending.iloc[0]
""",
    done="The simulator was told so; in a real cohort, ask who was diagnosed late, and why.",
    right=[
        answers.fewer_by_hand,
        answers.fewer_when_rounded,
        lambda art: answers.cd4(art).median().nsmallest(2).diff().iloc[-1],
        lambda art: np.float32(np.diff(np.sort(answers.cd4(art).median()))[0].round(1)),
    ],
    wrong=answers.FEWER_WRONG,
)
def fewer_cells(value, *, art):
    lowest, second = answers.cd4(art).median().sort_values().iloc[:2]
    whole = (round(second - lowest), round(second) - round(lowest))
    number = isinstance(value, (int, float, np.number))
    side = -1 if number and value < 0 else 1  # slips in either direction
    expect_number(
        value,
        next((one for one in whole if number and side * value == one), second - lowest),
        0.051,  # cells/µL: one decimal is enough
        "the number of cells",
        "take the second lowest median of CD4 at month 0, minus the lowest",
        slips={slip: side * wrong for slip, wrong in answers.fewer_slips(art).items()},
    )


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
    right=[
        lambda art: answers.histogram(art, bins=answers.from_zero(art), xlabel="CD4, cells/uL"),
        lambda art: answers.histogram(art, density=True, ylabel="density of people"),
        lambda art: answers.histogram(art, histtype="step", xlabel="CD4 (10⁶ cells/L)"),
        lambda art: answers.histogram(art, histtype="stepfilled", ylabel="Number of people"),
        answers.histogram_as_stairs,
        lambda art: answers.histogram_as_stairs(art, fill=True),
        answers.histogram_by_seaborn,
        answers.histogram_by_pandas,
    ],
    wrong=[
        (lambda art: answers.histogram(art, bins=10), "draw 40 bins"),
        (lambda art: answers.histogram(art, bins=10, histtype="step"), "is 10, too few"),
        (lambda art: answers.histogram(art, month=LAST, histtype="step"), "month 0"),
        (lambda art: answers.histogram(art, xlabel="CD4 (10⁹ cells/L)"), "should also say '/µL'"),
        (lambda art: answers.histogram(art, xlabel="CD4 count"), "should also say '/µL'"),
        (lambda art: answers.histogram(art, xlabel="CD4 (cells/mL)"), "should also say '/µL'"),
        (lambda art: answers.histogram(art, xlabel="x (cells/µL)"), "should also say 'CD4'"),
        (lambda art: answers.histogram(art, ylabel=""), "y axis has no text"),
        (lambda art: answers.histogram(art, month=LAST), "month 0"),
        (lambda art: answers.histogram(art, xscale="log"), "log scale that nobody asked for"),
        (lambda art: answers.histogram(art, log=True), "log scale that nobody asked for"),
        (lambda art: answers.histogram(art, density=True), "heights are densities"),
        (lambda art: answers.histogram(art, range=(0, 900)), "leave out"),
    ],
)
def cd4_histogram(value, *, art):
    counts = answers.at(art.frame, 0, "CD4")
    step = "draw 40 bins of the CD4 counts of month 0, and let the y label say what is counted"
    expect_histogram(value, counts, 40, step, "people", label="CD4 /µL")


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
    done="More people changed than the two ends of five years show.",
    right=[
        answers.changed,
        lambda art: answers.changed_by_rows(art),
        answers.changed_by_tuples,
        lambda art: 1 - (answers.combinations(art) == 1).sum() / len(art),
    ],
    wrong=[
        (lambda art: answers.changed(art, DRUGS[:1]), "base alone"),
        (lambda art: answers.changed(art, DRUGS[1:2]), "third agents alone"),
        (lambda art: answers.ends_differ(art), "first and last month"),
        (lambda art: answers.changed(art, rows=art.frame["Drug (M)"]), "whatever `Drug (M)` says"),
        (lambda art: answers.combinations(art).mean(), "how many combinations"),
        (lambda art: (answers.combinations(art) > 2).mean(), "more than two"),
        (lambda art: answers.months_of_change(art), "share of months"),
        (lambda art: 1 - answers.changed(art), "share of all the others"),
        (lambda art: (answers.combinations(art) > 1).sum(), "divide by all of them"),
    ],
)
def changed_share(value, *, art):
    expect_number(
        value,
        answers.changed(art),
        1e-6,
        "the share of people who changed",
        "count the different combinations of all five drug columns in all 60 months of a person",
        slips=answers.changed_slips(art),
    )


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
    right=[
        lambda art: answers.bias_by_numpy,
        lambda art: answers.bias_by_groups,
        lambda art: answers.bias_on_a_copy,
    ],
    wrong=answers.BIAS_WRONG,
)
def measured_bias(value, *, art):
    frame = art.frame
    cases = [((frame, month), answers.bias()(frame, month)) for month in (12, 5, 31)]
    step = "mean log10 VL of that month, measured minus everybody; below 50 counts as 50"
    expect_function(value, cases, 1e-5, "your function", step, slips=answers.BIAS_SLIPS)


@exercise(
    "01.beat_carry_forward",
    hint=[
        "One result is noisy: a blip counts as failure. Use more than one result of each person.",
        "Among the results from month 6 on, what share was below 50? One row a person after a "
        "groupby. A threshold on that share is a rule already.",
        "Or let a model weigh it: scikit-learn's LogisticRegression, fitted on `known` and "
        "`outcome` with a few such numbers a person. Fill in people without any result.",
    ],
    solution="""
from sklearn.linear_model import LogisticRegression

def features(records):
    late = records[records["Timestep"] >= 6]
    results = late[late["VL (M)"]]
    return pd.DataFrame({
        "low": (results["VL"] < 50).groupby(results["PatientID"]).mean(),
        "median": np.log10(results["VL"]).groupby(results["PatientID"]).median(),
        "drugs": late.groupby("PatientID")["Drug (M)"].mean(),
    }).fillna({"low": 0.5, "median": 2.0})

def learn_and_predict(known, outcome, newcomers):
    inputs = features(known)
    model = LogisticRegression().fit(inputs, outcome.loc[inputs.index])
    asked = features(newcomers)
    return pd.Series(model.predict(asked), index=asked.index)
""",
    done="Several noisy results beat the last one.",
    right=[
        lambda art: prediction.by_learned_share,
        lambda art: prediction.by_last_two,
        lambda art: prediction.by_tree,
    ],
    wrong=prediction.PREDICTION_WRONG,
)
def beat_carry_forward(value, *, art):
    require_people(art, "art")
    for n_fresh in (budget(12_000, quick=4_000), budget(40_000, quick=24_000)):
        judged = ask_about_newcomers(
            value,
            art,
            records_of=prediction.known_by_24,
            outcome_of=prediction.suppressed_at_59,
            n_fresh=n_fresh,
            who="person",
        )
        if ((judged.said > 0) & (judged.said < 1)).any():
            step = "decide: True from 0.5 on, as in `probability >= 0.5`"
            raise Wrong("these are probabilities, and a decision is asked for", step)
        if not judged.said.isin([0, 1]).all():
            raise Wrong("the answers should be True or False", "compare your numbers with a limit")
        if judged.said.nunique() == 1:
            step = "decide person by person, from what is known of each"
            raise Wrong("your function gives the same answer for everybody", step)
        right = (judged.said == 1) == judged.truth
        carried = prediction.carry_forward(judged.newcomers).loc[judged.truth.index]
        gain = right.astype(float) - (carried == judged.truth)
        if abs(gain.mean() - MARGIN) > 1.5 * gain.sem() or art.recipe is None:
            break  # else it is too close to call: more newcomers decide
    accuracy, to_beat = right.mean(), (carried == judged.truth).mean()
    if 1 - accuracy >= to_beat + MARGIN:
        problem = f"accuracy {accuracy:.3f}: your answers are the other way round"
        raise Wrong(problem, "True means suppressed in month 59")
    if accuracy < to_beat + MARGIN:
        better = "no better than" if accuracy <= to_beat else "less than one point better than"
        raise Wrong(
            f"accuracy {accuracy:.3f} is {better} carrying the last result forward ({to_beat:.3f})",
            "use more than one result of each person",
        )
    compared = f"Accuracy {accuracy:.3f} against {to_beat:.3f} of carrying forward"
    return f"{compared}, in {len(right):,} newcomers. {judged.remark}"
