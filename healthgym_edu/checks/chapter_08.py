"""Exercises of chapter 08: from one gap between two curves to a judge of whole tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import (
    NotAttempted,
    Wrong,
    budget,
    exercise,
    expect_axes,
    expect_function,
    expect_number,
)
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.expect_plot import close
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_08 as answers
from . import judges_08 as judges
from .impostors_08 import five_tables
from .judging_08 import FRESH, ten_tables
from .strangers import seed_of_a_check

SEED_WHEN_STRICT = 80_421
"""Makes the ten tables of the tests, which have to be the same in every run."""


def context():
    """What the tests pass to the exercises: three small groups of people."""
    art = load_cohort("art_hiv", n_patients=600, seed=11)
    train, real, fresh = (art.subset(ids) for ids in np.split(art.patients.index, 3))
    return {"real": real, "tables": five_tables(train, fresh, 8)}


@exercise(
    "08.ks_of_cd4",
    hint=[
        "Take the rows of month 12 first, in both tables: those whose `Timestep` is 12.",
        'Then call `ks(…, …)` with the column `"CD4"` of the one and of the other.',
    ],
    solution="""
from scipy.stats import ks_2samp

both = [one.frame[one.frame["Timestep"] == 12] for one in (real, tables["A"])]
ks_of_cd4 = ks_2samp(both[0]["CD4"], both[1]["CD4"]).statistic
""",
    done="A distance of all months together can hide a larger one in each of them.",
    right=[answers.ks_by_hand, answers.ks_by_histogram, answers.ks_of_package],
    wrong=[
        (lambda real, tables: answers.ks(real, tables, month=None), "all months"),
        (lambda real, tables: answers.ks(real, tables, month=0), "month 0"),
        (lambda real, tables: answers.ks(real, tables, month=11), "first month has the number 0"),
        (lambda real, tables: answers.ks(real, tables, "VL"), "viral load"),
        (lambda real, tables: answers.ks(real, tables, "Rel CD4"), "relative"),
        (lambda real, tables: answers.ks(real, tables, table="B"), "table B"),
        (answers.ks_p_value, "p value"),
        (answers.moved, "Wasserstein"),
        (answers.up_to_month, "up to month 12"),
    ],
)
def ks_of_cd4(value, *, real, tables):
    slips = {
        "it takes all months together": answers.ks(real, tables, month=None),
        "it takes month 0": answers.ks(real, tables, month=0),
        "it takes month 11; the first month has the number 0, so month 12 is the thirteenth row": (
            answers.ks(real, tables, month=11)
        ),
        "it takes all months up to month 12": answers.up_to_month(real, tables),
        "it takes the viral load": answers.ks(real, tables, "VL"),
        "it takes the relative CD4 count": answers.ks(real, tables, "Rel CD4"),
        "it takes table B": answers.ks(real, tables, table="B"),
        "it is the p value of the test, not its distance": answers.ks_p_value(real, tables),
        "it is the Wasserstein distance": answers.moved(real, tables),
    }
    step = 'keep the rows of month 12 in both tables, then take KS of their column "CD4"'
    expect_number(value, answers.ks(real, tables), 1e-6, "the distance", step, slips=slips)


@exercise(
    "08.total_variation",
    hint=[
        "`labels.value_counts(normalize=True)` gives the shares of one table.",
        "`one.sub(other, fill_value=0)` takes 0 for a label that the other table does not have.",
        "Absolute values, their sum, and a half of it.",
    ],
    solution="""
def total_variation(one, other):
    shares = [labels.astype(str).value_counts(normalize=True) for labels in (one, other)]
    return shares[0].sub(shares[1], fill_value=0).abs().sum() / 2
""",
    done="So many rows would need another label.",
    right=[
        lambda real, tables: answers.variation_by_larger,
        lambda real, tables: answers.variation_by_overlap,
        lambda real, tables: answers.variation_by_loop,
    ],
    wrong=[
        *(
            (lambda real, tables, wrong=wrong: wrong, slip)
            for slip, wrong in answers.VARIATION_SLIPS.items()
            if "add up to 0" not in slip
        ),
        (lambda real, tables: lambda one, other: 0.0, "add up to 0"),
        (lambda real, tables: lambda one, other: 0.3, "does it use its arguments?"),
    ],
)
def total_variation(value, *, real, tables):
    toys = [pd.Series(list(one)) for one in ("aaab", "abbcc", "ddddd", "aabbcd", "abccdd")]
    drug = [one.frame["Comp. INI"] for one in (real, tables["C"], tables["B"])]
    asked = [
        (toys[0], toys[1]), (toys[1], toys[0]), (toys[0], toys[2]), (toys[3], toys[4]),
        (drug[0], drug[1]), (drug[0], drug[2].iloc[: len(drug[2]) // 3]),
    ]  # fmt: skip
    cases = [(pair, answers.total_variation(*pair)) for pair in asked]
    step = "shares of every label in both, absolute differences, half of their sum"
    if callable(value) and not is_blank(value) and _always_zero(value, asked):
        slip = "the absolute values are missing: the differences add up to 0"
        raise Wrong(f"your function is not right yet: {slip}", step)
    expect_function(value, cases, 1e-9, "your function", step, slips=answers.VARIATION_SLIPS)


def _always_zero(value: Any, asked: list[tuple]) -> bool:
    try:
        return all(abs(float(value(*(one.copy() for one in pair)))) < 1e-9 for pair in asked)
    except Exception:  # told by the comparison itself
        return False


@exercise(
    "08.changes",
    hint=[
        "`labels.shift()` is the label of the row before. Compare as text: "
        "`frame[name].astype(str)`.",
        "The row before may belong to somebody else: `patient == patient.shift()` says where it "
        "does not.",
        "`changed.groupby(patient).sum()` counts what is True.",
    ],
    solution="""
def changes(frame, name):
    labels, patient = frame[name].astype(str), frame["PatientID"]
    changed = (labels != labels.shift()) & (patient == patient.shift())
    return changed.groupby(patient).sum()
""",
    done="One number a patient: this is what judge P is made of.",
    right=[
        lambda real, tables: answers.changes_by_codes,
        lambda real, tables: answers.changes_by_pivot,
        lambda real, tables: answers.changes_by_loop,
    ],
    wrong=[
        *(
            (lambda real, tables, wrong=wrong: wrong, slip)
            for slip, wrong in answers.CHANGE_SLIPS.items()
        ),
        (lambda real, tables: lambda frame, name: 3, "does it use its arguments?"),
        (lambda real, tables: lambda frame, name: None, "returned nothing"),
    ],
)
def changes(value, *, real, tables):
    toy = pd.DataFrame(
        {
            "PatientID": [4, 4, 4, 4, 9, 9, 9, 2],
            "Timestep": [0, 1, 2, 3, 0, 1, 2, 0],
            "drug": ["a", "b", "a", "a", "b", "b", "c", "a"],
        }
    )
    asked = [
        (toy, "drug"), (real.frame, "Comp. INI"), (tables["A"].frame, "Base Drug Combo"),
        (real.frame, "VL (M)"),
    ]  # fmt: skip
    cases = [(case, answers.changes(*case).rename(None)) for case in asked]
    step = "compare each row with the row before, where it belongs to the same patient, and count"
    expect_function(value, cases, 1e-9, "your function", step, slips=answers.CHANGE_SLIPS)


@exercise(
    "08.by_month",
    hint=[
        "For one month: the rows of this month in both tables, and `total_variation` of their "
        'columns `"Comp. INI"`. A list over `range(60)` gives a line.',
        "Draw both lines on one `ax`, with `ax.plot(range(60), …)`, and label the axes.",
    ],
    solution="""
from healthgym_edu.metrics import total_variation

fig, ax = plt.subplots(figsize=(6.4, 2.8))
for name, style in {"A": "-", "B": "--"}.items():
    shares = [pd.crosstab(one.frame["Timestep"], one.frame["Comp. INI"], normalize="index")
              .reindex(columns=real.frame["Comp. INI"].cat.categories, fill_value=0)
              for one in (real, tables[name])]
    apart = [total_variation(*(one.loc[month] for one in shares)) for month in range(60)]
    ax.plot(range(60), apart, ls=style, label=f"table {name}")
ax.set(xlabel="Time (months)", ylabel="Total variation of Comp. INI", ylim=(0, None))
ax.legend()
answer = ax
""",
    done="Table A has the mix of all months in each month: it fits in the middle, not at the ends.",
    right=[
        answers.drawn_by_pandas,
        lambda real, tables: answers.drawn(
            *(100 * answers.by_month(real, tables[name]) for name in "AB"),
            ylabel="total variation (%)",
        ),
        lambda real, tables: answers.drawn(
            *(answers.by_month(real, tables[name], distance=answers.variation_by_overlap)
              for name in "BA"),
        ),
    ],
    wrong=[
        (lambda real, tables: answers.drawn(answers.by_month(real, tables["A"])), "too few"),
        (
            lambda real, tables: answers.drawn(
                *(answers.by_month(real, tables[name], "Comp. NNRTI") for name in "AB")
            ),
            "Comp. NNRTI",
        ),
        (
            lambda real, tables: answers.drawn(
                *(2 * answers.by_month(real, tables[name]) for name in "AB")
            ),
            "not halved",
        ),
        (
            lambda real, tables: answers.drawn(
                *(answers.by_month(real, tables[name]) for name in "AE")
            ),
            "table B",
        ),
        (
            lambda real, tables: answers.drawn(
                *(answers.by_month(real, tables[name]) for name in "AB"), ylabel=""
            ),
            "no text",
        ),
        (
            lambda real, tables: answers.drawn(
                *(np.full(60, answers.total_variation(real.frame[answers.COLUMN],
                                                      tables[name].frame[answers.COLUMN]))
                  for name in "AB")
            ),
            "all months together",
        ),
    ],
)  # fmt: skip
def by_month(value, *, real, tables):
    step = "for each month the total variation of Comp. INI, of real and A, and of real and B"
    expect_axes(value, next_step=step)
    for axis in ("x", "y"):
        if not getattr(value, f"get_{axis}label")().strip():
            raise Wrong(f"the {axis} axis has no text", "say what it shows")
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in value.lines]
    drawn = [line for line in drawn if len(line) > 2]  # no lines that only mark something
    if len(drawn) < 2:
        raise Wrong("there are too few lines", step)
    for name in "AB":
        want = answers.by_month(real, tables[name])
        if not any(close(one, scale * want, 1e-6) for one in drawn for scale in (1, 100)):
            _name_slip(drawn, real, tables, name, want, step)


def _name_slip(drawn, real, tables, name, want, step):
    pooled = answers.total_variation(real.frame[answers.COLUMN], tables[name].frame[answers.COLUMN])
    slips = {
        "the sum of the differences is not halved": 2 * want,
        "a line shows Comp. NNRTI": answers.by_month(real, tables[name], "Comp. NNRTI"),
        "a line shows the largest difference of a label": answers.by_month(
            real, tables[name], distance=answers.largest_gap
        ),
        "a line is flat: it takes all months together": np.full(60, pooled),
    }
    for slip, wrong in slips.items():
        if any(close(one, wrong, 1e-6) for one in drawn):
            raise Wrong(slip, step)
    raise Wrong(f"the line of table {name} is not among those drawn", step)


@exercise(
    "08.judge",
    hint=[
        "Make one row a patient first, in both tables: means, first and last values, and how much "
        "each column moves from month to month.",
        "Then compare the two tables of summaries: with a classifier and its AUROC (split into "
        "folds), or by the largest difference of two means in units of their spread.",
        "If a table with other people's drugs fools you: add summaries of two columns at once, "
        "such as the mean of the viral load while on a drug.",
    ],
    solution=judges.SOLUTION,
    done="Whoever makes a table next has your judge to fool. That is how a GAN is trained.",
    right=[
        lambda: judges.linear_judge,
        lambda: judges.forest_judge,
        lambda: judges.largest_t,
    ],
    wrong=judges.WRONG,
)
def judge(value):
    step = "return one number for the whole pair of tables, larger where they differ more"
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    said = []
    # the loop holds the generator, and the seed, where no name of this frame leads to them
    size = budget(800, quick=600)
    for number, part in enumerate(ten_tables(size, seed_of_a_check(SEED_WHEN_STRICT))):
        if isinstance(part, list):
            names = part
        elif number == 0:
            real = part
        else:
            said.append(_number_of(value, real.copy(), part, step))
    found = pd.Series(said, index=names)
    fresh, others = found[found.index == FRESH], found[found.index != FRESH]
    if found.nunique() == 1:
        raise Wrong("your judge gives the same number to all ten tables", step)
    if others.min() > fresh.max():
        return f"All six impostors got larger numbers than all {len(fresh)} fresh draws."
    if others.max() < fresh.min():
        raise Wrong("your judge gives smaller numbers to impostors: turn it round", step)
    fooled = others.index[others <= fresh.max()]
    raise Wrong(
        f"{len(others) - len(fooled)} of {len(others)} impostors got larger numbers than every "
        f"fresh draw; among those who fooled your judge is a table in which {fooled[0]}",
        "ask which summary of a patient, or of two columns, would be different there",
    )


def _number_of(value: Any, real: pd.DataFrame, other: pd.DataFrame, step: str) -> float:
    try:
        number = value(real, other)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", "call it with real.frame and tables['B'].frame") from error
    if is_blank(number):
        raise NotAttempted
    if isinstance(number, np.ndarray) and number.ndim == 0:
        number = number.item()
    if number is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if np.ndim(number) or not isinstance(number, (int, float, np.number)):
        raise Wrong(f"your function returned {describe(number)}", step)
    if not np.isfinite(number):
        raise Wrong(f"your function returned {number}", "look for a division by zero on the way")
    return float(number)
