"""Exercises of chapter 09: from a regimen that nobody knew to a scaler for a round trip."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import exercise, expect_function, expect_number

from . import answers_09 as answers
from . import scalers_09 as scalers
from .scaling_09 import judged
from .strangers import seed_of_a_check

SEED_WHEN_STRICT = 90_517
"""Simulates the people of the last exercise in tests, which have to be the same in every run."""


def context():
    """What the tests pass to the exercises: two small groups of people."""
    art = load_cohort("art_hiv", n_patients=1500, seed=11)
    ids = art.patients.index
    return {"train": art.subset(ids[:400]), "held": art.subset(ids[400:])}


@exercise(
    "09.people_changed",
    hint=[
        "`unknown(held.frame)` is True in the rows whose regimen nobody in `train` had.",
        'Take the `"PatientID"` of these rows. One person can have several such months, so count '
        "each person once.",
    ],
    solution="""
drugs = [one.name for one in held.schema if one.measured_by == "Drug (M)"]
known = train.frame[drugs].drop_duplicates()
found = held.frame[["PatientID", *drugs]].merge(known, how="left", indicator=True)
people_changed = found.loc[found["_merge"] == "left_only", "PatientID"].nunique()
""",
    done="Few people, and always the unusual ones: this is who a codec loses.",
    right=[answers.by_groupby, answers.by_sets, answers.by_codec],
    wrong=[
        (answers.months_changed, "counts months"),
        (answers.regimens_changed, "counts regimens"),
        (lambda train, held: answers.people_changed(held, train), "other way round"),
        (lambda train, held: len(held) - answers.people_changed(train, held), "all the others"),
        (lambda train, held: answers.people_changed(train, held) / len(held), "a share"),
        (answers.first_months, "first month"),
    ],
)
def people_changed(value, *, train, held):
    right = answers.people_changed(train, held)
    slips = {
        "it counts months; count each person once": answers.months_changed(train, held),
        "it counts regimens; count the people who had them": answers.regimens_changed(train, held),
        "it is the other way round: people in `train` with a regimen that nobody in `held` had": (
            answers.people_changed(held, train)
        ),
        "these are all the others": len(held) - right,
        "it is a share; give the number of people": right / len(held),
        "it looks at the first month only": answers.first_months(train, held),
    }
    step = "find the rows with an unknown regimen, and count the different people in them"
    expect_number(value, right, 1e-6, "the number of people", step, slips=slips)


def _cases():
    """Toys with unknown levels, and people with a coin."""
    level = pd.Series(list("aabbccabcda"), index=[7, 3, 9, 2, 4, 1, 11, 20, 30, 12, 40])
    outcome = pd.Series([1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0], index=level.index).astype(bool)
    cases = [(level, outcome, level.index[:6], level.index[6:])]
    rng = np.random.default_rng(9)
    for _ in range(3):
        ids = rng.permutation(1000)[:160]
        level = pd.Series(rng.geometric(0.12, 160), index=ids)
        outcome = pd.Series(rng.random(160) < 0.2 + 0.04 * level.clip(upper=10), index=ids)
        cases.append((level, outcome, ids[:70], pd.Index(ids[70:])))
    return cases


@exercise(
    "09.honest_auroc",
    hint=[
        "`outcome[learn].groupby(level[learn]).mean()` has one number for each level.",
        "`level[test].map(…)` gives each person of `test` the number of their level, and a missing "
        "value where nobody in `learn` had it. `.fillna(outcome[learn].mean())` fills these.",
        "`roc_auc_score(outcome, score)`, both of the people in `test`.",
    ],
    solution="""
from sklearn.metrics import roc_auc_score

def honest_auroc(level, outcome, learn, test):
    number_of = outcome[learn].groupby(level[learn]).mean()
    score = level[test].map(number_of).fillna(outcome[learn].mean())
    return roc_auc_score(outcome[test], score)
""",
    done="For a coin it comes to about 0.5, as it must.",
    right=[
        lambda: answers.honest_by_dict,
        lambda: answers.honest_by_pairs,
        lambda: answers.honest_by_merge,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.AUROC_SLIPS.items()),
        (lambda: answers.unfilled, "NaN"),
        (lambda: lambda level, outcome, learn, test: 0.5, "does it use its arguments?"),
    ],
)
def honest_auroc(value):
    cases = [(case, answers.honest_auroc(*case)) for case in _cases()]
    step = "learn the numbers from `learn`, give them to `test`, fill the unknown, then judge"
    expect_function(value, cases, 1e-9, "your function", step, slips=answers.AUROC_SLIPS)


def _blocks():
    """Blocks of numbers in which people leave, and in which anything stands after that."""
    rng, blocks = np.random.default_rng(3), []
    for n, steps, columns in ((4, 3, 2), (30, 12, 3), (7, 7, 7)):
        values = rng.normal(70, 10, (n, steps, columns))
        lengths = rng.integers(1, steps + 1, n)
        lengths[0] = steps
        lengths[1] = 1
        present = np.arange(steps) < lengths[:, None]
        values[~present] = rng.normal(-1e6, 10, (int((~present).sum()), columns))
        blocks.append((values, present))
    return blocks


@exercise(
    "09.masked_mean",
    hint=[
        "`present[:, :, None]` has the shape (patients, steps, 1), so it goes with every column.",
        "`np.where(mask, values, 0)` writes 0 where nobody is. Its sum over `axis=0` is the sum "
        "of those present. Divide it by how many they are.",
    ],
    solution="""
def masked_mean(values, present):
    mask = present[:, :, None]
    return np.where(mask, values, 0).sum(axis=0) / mask.sum(axis=0)
""",
    done="Every loss of the next chapters is averaged like this.",
    right=[
        lambda: answers.by_nan,
        lambda: answers.by_weights,
        lambda: answers.by_step,
        lambda: answers.by_masked_array,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.MASK_SLIPS.items()
          if "not* present" not in slip),
        (lambda: lambda values, present: 70.0, "does it use its arguments?"),
        (lambda: lambda values, present: None, "returned nothing"),
    ],
)  # fmt: skip
def masked_mean(value):
    cases = [(block, answers.masked_mean(*block)) for block in _blocks()]
    step = "sum over those present, and divide by how many they are at that step"
    with np.errstate(all="ignore"):
        expect_function(value, cases, 1e-9, "your function", step, slips=answers.MASK_SLIPS)


def _records():
    """A toy whose index and patients are in no order, and patients of the intensive care unit."""
    toy = pd.DataFrame(
        {
            "PatientID": [5, 5, 5, 5, 2, 2, 2, 8, 8],
            "Timepoints": [0, 1, 2, 3, 0, 1, 2, 0, 1],
            "lactate": [2.5, 2.5, 2.5, 3.1, 1.7, 1.7, 1.7, 0.9, 1.2],
            "drawn": [False, True, False, True, False, False, False, True, True],
        },
        index=[14, 3, 5, 6, 40, 41, 2, 9, 10],
    )
    icu = load_cohort("hypotension", n_patients=60, seed=4).frame
    return [
        (toy, "lactate", "drawn"),
        (icu, "serum_creatinine", "serum_creatinine_m"),
        (icu, "lactic_acid", "lactic_acid_m"),
    ]


@exercise(
    "09.known_so_far",
    hint=[
        "`frame[name].where(frame[flag])` keeps what was measured, and is missing elsewhere.",
        '`….groupby(frame["PatientID"]).ffill()` carries it forward within each patient.',
        "Where it is still missing, nothing is known: `.notna()`, and `.fillna(0)`.",
    ],
    solution="""
def known_so_far(frame, name, flag):
    value = frame[name].where(frame[flag]).groupby(frame["PatientID"]).ffill()
    return pd.DataFrame({"value": value.fillna(0), "known": value.notna()})
""",
    done="Two columns, no constant, no future.",
    right=[
        lambda: answers.known_by_loop,
        lambda: answers.known_by_counts,
        lambda: answers.known_by_place,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.KNOWN_SLIPS.items()),
        (lambda: lambda frame, name, flag: frame[name], "a table"),
        (lambda: lambda frame, name, flag: None, "returned nothing"),
    ],
)
def known_so_far(value):
    cases = []
    for case in _records():
        right = answers.known_so_far(*case)
        cases.append((case, right.assign(known=right["known"].astype(float))))
    step = "keep what was measured, carry it forward within each patient, then write 0"
    slips = {
        slip: (lambda *case, wrong=wrong: wrong(*case))
        for slip, wrong in answers.KNOWN_SLIPS.items()
    }
    expect_function(value, cases, 1e-9, "your function", step, slips=slips)


@exercise(
    "09.scaler",
    hint=[
        "Begin with mean and spread, computed once outside `forward`. What does a column with one "
        "value need?",
        "Viral loads need a bend first, such as a logarithm. `np.arcsinh(x / unit)` is nearly one, "
        "and it is defined for 0 and below; `np.sinh(…) * unit` undoes it.",
        "`unit` says where the bend begins. Take it from the values, for example a low quantile "
        "of `np.abs(values[values != 0])`, so that no unit of measurement matters.",
    ],
    solution=scalers.SOLUTION,
    done="This is what stands before and after every network of the next chapters.",
    right=[
        lambda: scalers.signed_log,
        lambda: scalers.log_or_line,
        lambda: scalers.ranks,
    ],
    wrong=scalers.WRONG,
)
def scaler(value):
    return judged(value, seed_of_a_check(SEED_WHEN_STRICT))
