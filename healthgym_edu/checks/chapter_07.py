"""Exercises of chapter 07: from a look at real records to a synthetic trial that copies nobody."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.exercises import Wrong, exercise, expect_function, expect_number
from healthgym_edu.survival import actg320

from . import answers_07 as answers
from . import synthetic_07 as synthetic
from .copies_07 import judge_synthetic


def context():
    """What the tests pass to the exercises: the trial itself, which is small."""
    return {"trial": actg320()}


@exercise(
    "07.other_side_of_50",
    hint=[
        'Ask two questions of each person: `trial["cd4"] <= 50`, and is `trial["stratum"]` '
        '"CD4 up to 50"?',
        "`!=` between two columns of True and False is True where they differ.",
    ],
    solution="""
few_at_baseline = trial["cd4"] <= 50
few_at_screening = trial["stratum"] == "CD4 up to 50"
other_side = (few_at_baseline != few_at_screening).mean()
""",
    done="A count of cells differs from week to week. The stratum is the one they were drawn in, "
    "and so it stays.",
    right=[
        answers.other_side_by_crosstab,
        answers.other_side_by_labels,
        answers.other_side_by_query,
    ],
    wrong=[
        (lambda trial: answers.other_side(trial).sum(), "a number of people"),
        (lambda trial: (trial["cd4"] > 200).mean(), "above 200"),
        (lambda trial: answers.other_side(trial, 49.9).mean(), "exactly 50"),
        (lambda trial: 1 - answers.other_side(trial).mean(), "share of all the others"),
        (
            lambda trial: (answers.other_side(trial) & (trial["cd4"] > 50)).mean(),
            "only those who are above 50",
        ),
        (
            lambda trial: (answers.other_side(trial) & (trial["cd4"] <= 50)).mean(),
            "only those who are at 50 or below",
        ),
        (lambda trial: answers.few_at_baseline(trial).mean(), "whatever their stratum"),
        (
            lambda trial: answers.other_side(trial)[trial["stratum"] == answers.FEW].mean(),
            "share of one stratum",
        ),
    ],
)
def other_side_of_50(value, *, trial):
    moved, up = answers.other_side(trial), trial["cd4"] > 50
    expect_number(
        value,
        float(moved.mean()),
        1e-6,
        "the share of people",
        "compare the count at baseline with the stratum, person by person",
        slips={
            "it is a number of people, not yet a share": moved.sum(),
            "it is the share with a count above 200": (trial["cd4"] > 200).mean(),
            "people with exactly 50 belong to the lower stratum": (
                answers.other_side(trial, 49.9).mean()
            ),
            "it counts only those who are above 50 at baseline": (moved & up).mean(),
            "it counts only those who are at 50 or below at baseline": (moved & ~up).mean(),
            "it is the share with up to 50 at baseline, whatever their stratum": (~up).mean(),
            "it is a share of one stratum, not of everybody": (
                moved[trial["stratum"] == answers.FEW].mean()
            ),
            "it is a share of the other stratum, not of everybody": (
                moved[trial["stratum"] == answers.MORE].mean()
            ),
        },
    )


@exercise(
    "07.expected_events",
    hint=[
        'At risk on a day are those whose `duration` is that day or later: `table["duration"] >= '
        "day`.",
        'Events of a day: `table["event"] & (table["duration"] == day)`, both arms together.',
        "Of these events, indinavir's part is its part of the people at risk.",
    ],
    solution="""
def expected_events(table):
    treated, total = table["arm"] == "indinavir", 0.0
    for day in table.loc[table["event"], "duration"].unique():
        at_risk = table["duration"] >= day
        events = (table["event"] & (table["duration"] == day)).sum()
        total += events * (at_risk & treated).sum() / at_risk.sum()
    return total
""",
    done="In the trial 48.9 events were to be expected with indinavir, and 33 happened. How "
    "surprising this is, the log-rank test says.",
    right=[
        lambda trial: answers.expected_by_groups,
        lambda trial: answers.expected_by_hazard,
        lambda trial: answers.expected_by_lists,
    ],
    wrong=[
        *(
            (lambda trial, wrong=wrong: wrong, slip)
            for slip, wrong in answers.EXPECTED_SLIPS.items()
        ),
        (lambda trial: lambda table: 48.9, "does it use its arguments?"),
    ],
)
def expected_events(value, *, trial):
    toy = pd.DataFrame(
        {
            "duration": [5, 5, 8, 8, 8, 9, 12, 20],
            "event": [True, True, True, False, True, False, True, True],
            "arm": [answers.WITH, answers.WITHOUT, *[answers.WITHOUT] * 2, *[answers.WITH] * 4],
        }
    )
    tables = [trial, toy, trial[trial["stratum"] == answers.FEW], trial[trial["cd4"] > 100]]
    columns = ["duration", "event", "arm"]
    cases = [((table[columns],), answers.expected(table)) for table in tables]
    step = "on each day of an event: events, times the part of indinavir among those at risk"
    slips = answers.EXPECTED_SLIPS
    expect_function(value, cases, 1e-6, "your function", step, slips=slips)


@exercise(
    "07.ratio_of_death",
    hint=[
        "The function takes other columns of days and of events: `time=…` and `event=…`.",
        "Death alone stands in `duration_death` and `died`.",
        'Stratify as before: `strata="stratum"`.',
    ],
    solution="""
from lifelines import CoxPHFitter

table = trial[["duration_death", "died", "stratum"]]
table = table.assign(treated=(trial["arm"] == "indinavir").astype(float))
fitted = CoxPHFitter().fit(table, "duration_death", "died", strata="stratum")
ratio_of_death = np.exp(fitted.params_["treated"])
""",
    done="The paper says 0.43, with an interval from 0.19 to 0.99. Without the strata the interval "
    "would just reach 1. So it matters that an analysis is written down before the data are seen.",
    right=[
        answers.cox,
        lambda trial: [answers.cox(trial), 0.1878, 0.9934],
        lambda trial: pd.Series({"estimate": answers.cox(trial), "lower": 0.1878, "upper": 0.9934}),
        lambda trial: answers.cox(
            trial[trial["duration_death"] > 0].sample(frac=1, random_state=1)
        ),
    ],
    wrong=[
        *(
            (lambda trial, options=options: answers.cox(trial, **options), slip)
            for slip, options in answers.DEATH_SLIPS.items()
        ),
        (lambda trial: np.log(answers.cox(trial)), "logarithm"),
        (lambda trial: 1 / answers.cox(trial), "without indinavir, compared with"),
        (lambda trial: answers.cox(trial, covariates=["cd4"]), "next step"),
        (lambda trial: (8 / 574) / (18 / 577), "ratio of two shares"),
    ],
)
def ratio_of_death(value, *, trial):
    if isinstance(value, (list, tuple, np.ndarray, pd.Series)) and len(value) == 3:
        value = value.iloc[0] if isinstance(value, pd.Series) else value[0]
    right, shares = answers.cox(trial), trial.groupby("arm")["died"].mean()
    expect_number(
        value,
        right,
        3e-4,
        "the hazard ratio",
        "death alone, stratified by the CD4 count at screening",
        slips=lambda: {
            **{slip: answers.cox(trial, **how) for slip, how in answers.DEATH_SLIPS.items()},
            "it is the logarithm of the hazard ratio": float(np.log(right)),
            "it is the ratio of those without indinavir, compared with those with it": 1 / right,
            "it is the ratio of two shares, and knows nothing of time": (
                shares[answers.WITH] / shares[answers.WITHOUT]
            ),
        },
    )


@exercise(
    "07.number_needed",
    hint=[
        '`curve = hg.survival.survival_curve(table, by="arm")` has the columns `group`, `time` and '
        "`survival`.",
        'The last row with a `time` up to the day counts: `curve[curve["time"] <= day]`, grouped '
        "by `group`, then `.last()`.",
        "Subtract the two shares, then ask how many people it takes until one event is avoided.",
    ],
    solution="""
import healthgym_edu as hg

def number_needed(table, day):
    curve = hg.survival.survival_curve(table, by="arm")
    well = curve[curve["time"] <= day].groupby("group")["survival"].last()
    return 1 / (well["indinavir"] - well["no indinavir"])
""",
    done="In the trial it is about 45 by day 120, and 15 by day 240. Such a number means nothing "
    "without its day.",
    right=[
        lambda trial: answers.number_by_lifelines,
        lambda trial: answers.number_by_hand,
        lambda trial: answers.number_by_wide,
    ],
    wrong=[
        *((lambda trial, wrong=wrong: wrong, slip) for slip, wrong in answers.NUMBER_SLIPS.items()),
        (lambda trial: lambda table, day: 16.0, "does it use its arguments?"),
    ],
)
def number_needed(value, *, trial):
    tables = [trial, trial[trial["stratum"] == answers.FEW], trial[trial["cd4"] > 20]]
    cases = [
        ((table, day), answers.number_needed(table, day))
        for table in tables
        for day in answers.DAYS
    ]
    step = "read both risks from Kaplan–Meier curves at that day; then think of 1 event avoided"
    expect_function(value, cases, 1e-6, "your function", step, slips=answers.NUMBER_SLIPS)


@exercise(
    "07.synthetic_trial",
    hint=[
        "Drawing people again keeps the story, but each row is somebody. Drawing every column "
        "apart copies nobody, but the story is lost. Look for something in between.",
        "Which columns tell the story together? Keep those together, and let the others come from "
        "another person who could stand in the same place: the same arm and the same stratum.",
        "`copy.groupby([…])[name].transform(lambda values: rng.permutation(values.to_numpy()))` "
        "mixes a column within groups. The day can get noise, too.",
    ],
    solution=synthetic.SOLUTION,
    done="The story is kept, and nobody's record.",
    right=[
        lambda trial: synthetic.by_rates,
        lambda trial: synthetic.by_much_noise,
        lambda trial: synthetic.by_strangers,
        lambda trial: synthetic.within_events,
    ],
    wrong=synthetic.WRONG,
)
def synthetic_trial(value, *, trial):
    if isinstance(value, pd.DataFrame):
        raise Wrong("a table arrived; the answer is the function that makes one")
    return judge_synthetic(value, trial)
