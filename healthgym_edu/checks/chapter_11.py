"""Exercises of chapter 11: from batches without somebody to whom a generator has lost."""

from __future__ import annotations

from typing import Any

import numpy as np

from healthgym_edu.exercises import (
    NotAttempted,
    Wrong,
    budget,
    exercise,
    expect_function,
    expect_number,
)
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_11 as answers
from .missing_11 import judged
from .strangers import seed_of_a_check

SEED_WHEN_STRICT = 110_423
"""Simulates the people of the last exercise in tests, which have to be the same in every run."""


def context():
    """What the tests pass to the exercises: the share of a small group."""
    return {"share": 0.0043}


@exercise(
    "11.batch",
    hint=[
        "`(1 - share) ** batch` is the chance that nobody of the group is in a batch.",
        "Try larger batches until it is at most 0.01. Or use logarithms and round up.",
    ],
    solution="""
batch = int(np.ceil(np.log(0.01) / np.log(1 - share)))
""",
    done="With 128 the critic rarely sees anybody of this group.",
    right=[
        lambda share: answers.by_trying(share),
        lambda share: answers.large_enough(share),
        lambda share: np.float64(np.ceil(np.log(0.01) / np.log1p(-share))),
    ],
    wrong=[
        (128, "the batch that we have"),
        (lambda share: answers.large_enough(share) - 1, "a little too small"),
        (lambda share: round(1 / share), "one such person"),
        (lambda share: np.log(0.01) / np.log(1 - share), "whole number"),
        (lambda share: (1 - share) ** 128, "a chance"),
        (lambda share: answers.large_enough(share) + 400, "larger than it has to be"),
        (lambda share: int(np.ceil(np.log(0.05) / np.log(1 - share))), "5 in 100"),
        (lambda share: answers.large_enough, "a function arrived"),
    ],
)
def batch(value, *, share):
    right = answers.large_enough(share)
    step = "find the smallest number with (1 - share) ** number at most 0.01"
    slips = {
        "this is the batch that we have": 128,
        "it is a little too small: the chance is still above 0.01": right - 1,
        "in a batch of this size there is one such person in the mean, and often nobody": round(
            1 / share
        ),
        "people are counted; round up to a whole number": np.log(0.01) / np.log(1 - share),
        "it is a chance; give the size of the batch": (1 - share) ** 128,
        "this is for 5 in 100 batches; ask for 1 in 100": np.ceil(np.log(0.05) / np.log(1 - share)),
    }
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        for slip, wrong in slips.items():
            if abs(value - wrong) < 1e-6:
                raise Wrong(f"the batch is not right yet: {slip}", step)
        if value > right:
            raise Wrong("the batch is larger than it has to be", step)
    expect_number(value, right, 0.5, "the batch", step)


def _placed() -> list[tuple[tuple[Any, ...], int]]:
    rng, cases = np.random.default_rng(11), []
    for n, latent, used in ((60, 8, 3), (25, 5, 2), (200, 12, 7), (30, 6, 0)):
        mean = rng.normal(0, 0.05, (n, latent))
        log_spread = rng.normal(0, 0.02, (n, latent))
        mean[:, :used] = rng.normal(0, 1, (n, used))
        log_spread[:, :used] = rng.normal(-1, 0.3, (n, used))
        if latent > used + 1:  # in use by its spread alone
            log_spread[:, -1] += 0.5
            mean[:, used] = rng.permutation(np.linspace(-0.65, 0.65, n))  # just below the bar
            log_spread[: n // 4, 0] -= 2.0
        cases.append(((mean, log_spread), answers.in_use(mean, log_spread)))
    return cases


@exercise(
    "11.in_use",
    hint=[
        "The prices are `0.5 * (mean**2 + np.exp(2 * log_spread) - 1 - 2 * log_spread)`.",
        "`.mean(axis=0)` is the mean over the people, and leaves one price for each number.",
        "Count how many of these are above 0.1: `(prices > 0.1).sum()`.",
    ],
    solution="""
def in_use(mean, log_spread):
    price = 0.5 * (mean**2 + np.exp(2 * log_spread) - 1 - 2 * log_spread)
    return (price.mean(axis=0) > 0.1).sum()
""",
    done="One that stays near 0 with a spread of 1 for everybody costs nothing and tells nothing.",
    right=[
        lambda: answers.in_use_by_loop,
        lambda: answers.in_use_by_torch,
        lambda: answers.in_use_by_frame,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.IN_USE_SLIPS.items()),
        (lambda: lambda mean, log_spread: 4, "does it use its arguments?"),
        (lambda: lambda mean, log_spread: None, "returned nothing"),
    ],
)
def in_use(value):
    step = "price, mean over the people, above 0.1, count"
    expect_function(value, _placed(), 1e-9, "your function", step, slips=answers.IN_USE_SLIPS)


def _cells() -> list[tuple[np.ndarray, int]]:
    rng = np.random.default_rng(12)
    cases = []
    for sizes, fewest in (
        ([40, 20, 19, 3, 60, 7], 20), ([5, 5, 2, 9, 1, 5], 5), ([30, 30, 4, 30, 12, 11], 12),
    ):  # fmt: skip
        cases.append((rng.permutation(np.repeat(np.arange(len(sizes)), sizes)), fewest))
    return cases


def _first_seen(found: Any) -> tuple[int, ...]:
    """Groups numbered in the order in which they appear, so that any numbering is as good."""
    seen: dict[Any, int] = {}
    return tuple(seen.setdefault(one, len(seen)) for one in np.asarray(found).ravel().tolist())


@exercise(
    "11.small_together",
    hint=[
        "`np.bincount(cell)[cell]` says for each person how large the own group is.",
        "`np.where(large, cell, -1)` keeps the large groups and gives all others one number.",
    ],
    solution="""
def small_together(cell, fewest):
    size = np.bincount(cell)[cell]
    return np.where(size >= fewest, cell, -1)
""",
    done="No group is smaller now, except perhaps the one of all the small ones.",
    right=[
        lambda: answers.together_by_counter,
        lambda: answers.together_by_pandas,
        lambda: answers.together_by_unique,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.TOGETHER_SLIPS.items()),
        (lambda: lambda cell, fewest: None, "returned nothing"),
        (lambda: lambda cell, fewest: np.bincount(cell), "for each person"),
        (lambda: lambda cell, fewest: cell[np.bincount(cell)[cell] >= fewest], "for each person"),
        (lambda: lambda cell, fewest: cell.missing, "raised AttributeError"),
        (3, "function"),
    ],
)
def small_together(value):
    step = "count each group, and give one new number to all people of groups that are too small"
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    cases, said = _cells(), []
    for cell, fewest in cases:
        try:
            found = value(cell.copy(), fewest)
        except Exception as error:
            problem = f"your function raised {type(error).__name__}: {error}"
            raise Wrong(f"{problem:.240}", step) from error
        if is_blank(found):
            raise NotAttempted
        if found is None:
            raise Wrong("your function returned nothing", "end it with `return …`")
        if np.size(found) != len(cell):
            raise Wrong(
                f"your function returned {describe(found)}",
                "return a group number for each person, in the same order",
            )
        said.append(_first_seen(found))
    right = [_first_seen(answers.small_together(*case)) for case in cases]
    if said != right:
        for slip, wrong in answers.TOGETHER_SLIPS.items():
            if said == [_first_seen(wrong(*case)) for case in cases]:
                raise Wrong(f"your groups are not right yet: {slip}", step)
        raise Wrong("your groups are not right yet", step)


def _tables() -> list[tuple[tuple[Any, ...], np.ndarray]]:
    rng, cases = np.random.default_rng(13), []
    for sizes in ([50, 50, 50, 50], [10, 80, 30], [25, 5, 40, 17, 60]):
        group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        shares = rng.dirichlet(np.full(len(sizes), 1.5))
        cases.append(((group, shares), answers.weights_of(group, shares)))
    return cases


@exercise(
    "11.weights",
    hint=[
        "`np.bincount(group) / len(group)` is the share of each group in the table.",
        "Divide the shares of the population by these: that is a weight for each group.",
        "`weight[group]` gives each person the weight of their group.",
    ],
    solution="""
def weights(group, shares):
    in_table = np.bincount(group, minlength=len(shares)) / len(group)
    return (shares / in_table)[group]
""",
    done="A person of a group that was made too often now counts for less than one.",
    right=[
        lambda: answers.weights_by_loop,
        lambda: answers.weights_by_pandas,
        lambda: answers.weights_scaled,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.WEIGHT_SLIPS.items()),
        (lambda: lambda group, shares: np.ones(len(group)), "does it use its arguments?"),
        (lambda: lambda group, shares: None, "returned nothing"),
    ],
)
def weights(value):
    step = "divide the share in the population by the share in the table, and look up each person"
    slips = answers.WEIGHT_SLIPS
    expect_function(value, _tables(), 1e-6, "your function", step, slips=slips)


@exercise(
    "11.who_is_missing",
    hint=[
        "`real.groupby([...]).size()` counts each group. Scale it to the size of `made`.",
        "A group that is not in `made` is suspicious only if chance would hardly leave it out.",
        "If 10 people are expected, nobody comes in about 1 of 20,000 tables: `np.exp(-10)`.",
    ],
    solution=answers.SOLUTION,
    done="The check asks about a table without its name: this is what a reader of yours can do.",
    right=[lambda: answers.by_chance, lambda: answers.by_merging, lambda: answers.by_crosstab],
    wrong=[
        (lambda: answers.whoever_is_not_there, "was not left out"),
        (lambda: answers.very_rare_ones, "was not left out"),
        (lambda: answers.only_the_largest, "misses a group"),
        (lambda: answers.nobody, "of no table"),
        (lambda: answers.by_single_labels, "of no table"),
        (lambda: answers.as_words, "no groups of three labels"),
        (lambda: lambda real, made: None, "returned nothing"),
        (lambda: lambda real, made: real.nothing, "raised AttributeError"),
        (lambda: lambda real, made: real, "returned"),
        (lambda: 5, "without parentheses"),
    ],
)
def who_is_missing(value):
    return judged(value, budget(1200, quick=600), seed_of_a_check(SEED_WHEN_STRICT))
