"""Exercises of chapter 13: from a head that sees the future to a generator of one's own."""

from __future__ import annotations

import numpy as np
from scipy.stats import ks_2samp, spearmanr

from healthgym_edu.exercises import (
    Wrong,
    budget,
    exercise,
    expect_function,
    expect_number,
)

from . import answers_13 as answers
from .own_13 import judged, table_from
from .strangers import seed_of_a_check
from .tables_13 import NUMBERS

SEED_WHEN_STRICT = 130_077
"""Simulates the people of the last exercise in tests, which have to be the same in every run."""


def context():
    """What the tests pass: an error that depends on who may be seen, without a head."""

    def error(head, people, may_see=None):
        if may_see is None:
            return 0.0041
        return 0.21 * float(may_see.float().mean()) + 0.17 * float(may_see[0, 59])

    return {"error": error, "head": "a head", "judges": ["people"]}


def _number(value):
    """A tensor as a number; anything else as it is."""
    return value.detach().item() if hasattr(value, "detach") else value


def _everything():
    import torch

    return torch.ones(60, 60).bool()


@exercise(
    "13.error_if_all",
    hint=[
        "`error` has a third argument: who may be seen. Without it, it is `no_future`.",
        "`everything` is a table in which all is True.",
    ],
    solution="""
import torch
everything = torch.ones(60, 60).bool()
error_if_all = float(error(head, judges, everything))
""",
    done="It has learned to take the latest result of all that it sees. If it sees all 60 months, "
    "it takes one from the future. So a rule about who may look where is part of the model.",
    right=[
        lambda error, head, judges: error(head, judges, _everything()),
        lambda error, head, judges: np.float32(error(head, judges, may_see=_everything())),
        lambda error, head, judges: float(error(head, judges, _everything() | False)),
    ],
    wrong=[
        (lambda error, head, judges: error(head, judges), "only the past is seen"),
        (lambda error, head, judges: error(head, judges, _everything().triu()), "only the future"),
        (
            lambda error, head, judges: error(head, judges, _everything()) / error(head, judges),
            "how many times",
        ),
        (
            lambda error, head, judges: error(head, judges, _everything()) - error(head, judges),
            "by how much",
        ),
        (lambda error, head, judges: error, "a function arrived"),
    ],
)
def error_if_all(value, *, error, head, judges):
    masks = (), (_everything(),), (_everything().triu(),)
    seen, right, future = (_number(error(head, judges, *mask)) for mask in masks)
    slips = {
        "this is the error where only the past is seen": seen,
        "here a month sees itself and only the future": future,
        "it says how many times as large the error is; give the error itself": right / seen,
        "it says by how much the error grows; give the error itself": right - seen,
    }
    step = "call error with the head, the judges and `everything`"
    expect_number(_number(value), right, 1e-3 * abs(right), "the error", step, slips=slips)


def _results():
    """Who had a result when: some often, some never, some from the beginning."""
    rng, cases = np.random.default_rng(13), []
    for people, months, share in ((6, 9, 0.3), (40, 60, 0.2), (25, 12, 0.6)):
        measured = rng.random((people, months)) < share
        measured[0], measured[1, :3] = False, True
        cases.append(((measured,), answers.age_of_result(measured)))
    return cases


@exercise(
    "13.age_of_result",
    hint=[
        "Go from month to month, and keep one number for each person: the age of the last result. "
        "What does a result make of it? And a month without one?",
        "Note the age *before* you look at the month: a result of this month is not known yet.",
    ],
    solution="""
def age_of_result(measured):
    months = np.arange(measured.shape[1])
    last = np.maximum.accumulate(np.where(measured, months, -1), axis=1)
    before = np.column_stack([np.full(len(measured), -1), last[:, :-1]])
    return np.where(before < 0, 0, months - before)
""",
    done="A feature that already knows its own month would have helped in training, and would be "
    "missing when the model writes.",
    right=[
        lambda: answers.age_by_loop,
        lambda: answers.age_month_by_month,
        lambda: answers.age_by_frame,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.AGE_SLIPS.items()),
        (lambda: lambda measured: np.zeros(measured.shape, dtype=int), "every time"),
        (lambda: lambda measured: None, "returned nothing"),
    ],
)
def age_of_result(value):
    step = "for each month, look for the last result in the months before it"
    expect_function(value, _results(), 1e-9, "your function", step, slips=answers.AGE_SLIPS)


RANK_STEP = "replace the lowest made value by the lowest real one, the next by the next, and so on"


def _tables(seed):
    """Made and real people, in tables of different lengths."""
    from healthgym_edu.data import load_cohort

    rng = np.random.default_rng(seed)
    train = load_cohort("art_hiv", n_patients=60, seed=seed).frame
    made = load_cohort("art_hiv", n_patients=40, seed=seed + 1).frame
    noise = np.exp(rng.normal(0, 0.5, (len(made), len(NUMBERS))))
    made[NUMBERS] = made[NUMBERS].to_numpy() ** 1.2 * noise
    return made, train


@exercise(
    "13.flatter",
    hint=[
        "`made[name].rank(pct=True, method='first')` gives each row its rank as a share, "
        "between 0 and 1.",
        "`train[name].quantile(shares)` gives the values that stand at these shares in train.",
    ],
    solution="""
def flatter(made, train):
    made = made.copy()
    for name in ["VL", "CD4", "Rel CD4"]:
        share = made[name].rank(pct=True, method="first")
        made[name] = train[name].quantile(share).to_numpy()
    return made
""",
    done="With these lines nobody needs to learn how values are spread. Nor does KS say any more "
    "who has learned it.",
    right=[
        lambda: answers.flatter_by_places,
        lambda: answers.flatter_by_interpolation,
        lambda: lambda made, train: answers.flatter(made.copy(), train.sample(frac=1)),
    ],
    wrong=[
        (lambda: lambda made, train: made, "KS"),
        (lambda: answers.mean_and_spread, "KS"),
        (lambda: answers.drawn_anew, "rank"),
        (lambda: answers.in_order, "rank"),
        (lambda: answers.upside_down, "upside down"),
        (lambda: answers.loads_alone, "'CD4'"),
        (lambda: answers.labels_too, "stay as it is"),
        (lambda: lambda made, train: train, "rows"),
        (lambda: lambda made, train: None, "returned nothing"),
    ],
)
def flatter(value):
    made, train = _tables(seed_of_a_check(SEED_WHEN_STRICT))
    found = _table(value, made, train)
    for name in NUMBERS:
        rank = float(spearmanr(found[name], made[name])[0])
        if rank < -0.99:
            raise Wrong(
                f"the ranks of {name!r} are upside down: the lowest is the highest", RANK_STEP
            )
        if rank < 0.99:
            raise Wrong(f"in {name!r} the rows do not keep their rank", RANK_STEP)
        distance = float(ks_2samp(found[name], train[name])[0])
        if distance > 0.02:
            raise Wrong(f"KS between your {name!r} and that of train is {distance:.2f}", RANK_STEP)
    others = [name for name in made if name not in NUMBERS]
    if not found[others].astype(str).equals(made[others].astype(str)):
        raise Wrong("some other column has changed; all but the numbers should stay as it is")


def _table(value, made, train):
    step = "call it with two tables, such as made['WganGp'].frame and train.frame"
    found = table_from(value, (made.copy(), train.copy()), step)
    if len(found) != len(made):
        raise Wrong(f"it has {len(found):,} rows, and made has {len(made):,}", "keep all rows")
    if found[NUMBERS].isna().any(axis=None):
        raise Wrong("some numbers are missing: was an index aligned?", "use `.to_numpy()`")
    return found.reset_index(drop=True)


PAGE = 0.78
"""AUROC of judge P for the page of the chapter, from 400 people: .77 to .80 in three trials."""

BAR, QUICK_BAR = 0.73, 0.80
"""The highest AUROC that passes; with few people no generator learns as much."""


@exercise(
    "13.invent",
    hint=[
        "First call `page(known, n, seed)`. Then improve it. What may a record show that `past` "
        "does not hold? The first month, a slower mean, the age of the last result: give `page` "
        "your own `start` and `note`.",
        "A judge can help as well. Invent six times as many people as needed, let a classifier "
        "learn to tell them from `known` (by means, spreads, lowest and highest values of each "
        "person), and keep those whom it takes for known.",
        "If a classifier gives a person the chance p of being known (by cross_val_predict, so that "
        "it has not met this person), keep people with a probability in proportion to "
        "p / (1 - p), where the largest odds are cut.",
    ],
    solution=answers.ALONE,
    done="The judge that helped you is not the one that judged you. Had it been the same, nobody "
    "would know how good you are.",
    right=[
        lambda: answers.chosen,
        lambda: answers.by_package,
        lambda: answers.with_longer_memory,
    ],
    wrong=[
        (lambda: answers.copies, "these are copies"),
        (lambda: answers.blurred, "these are copies"),
        (lambda: answers.stitched, "these are copies"),
        (lambda: answers.columns_apart, "the bar is"),
        (
            lambda: lambda known, n, seed: answers.by_page(known, n, seed, leaf=1),
            "these are copies",
        ),
        (lambda: lambda known, n, seed: answers.copies(known, n - 1, seed), "people"),
        (lambda: lambda known, n, seed: known["VL"], "return a DataFrame"),
        (lambda: lambda known, n, seed: None, "returned nothing"),
        (lambda: lambda known: known, "raised TypeError"),
    ],
)
def invent(value):
    sizes = budget((400, 250), quick=(150, 80))
    seed = seed_of_a_check(SEED_WHEN_STRICT)
    return judged(value, *sizes, bar=budget(BAR, quick=QUICK_BAR), page=PAGE, seed=seed)
