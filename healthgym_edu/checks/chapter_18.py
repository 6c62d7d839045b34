"""Exercises of chapter 18, from the distance of two maps to an agent that treats better."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.exercises import NotAttempted, Wrong, exercise, expect_function, expect_number
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_18 as answers
from . import learners_18 as learners
from .training_18 import judge_training


def context() -> dict[str, Any]:
    """What the tests pass to the exercises: months with two results."""
    rng = np.random.default_rng(18)
    vl, cd4 = np.exp(rng.normal(4, 2.5, 400)), np.exp(rng.normal(6, 0.6, 400))
    return {"measured": pd.DataFrame({"VL": vl, "CD4": cd4})}


def _wrong_functions(slips: dict[str, Callable]) -> list[tuple]:
    return [(lambda wrong=wrong: wrong, slip) for slip, wrong in slips.items()]


@exercise(
    "18.apart",
    hint=[
        "How many recommendations more does one map have in a cell? Forget the sign.",
        "What leaves one cell arrives in another, so the sum of the distances counts it twice.",
        "pandas subtracts two Series by the names of their cells, whatever the order.",
    ],
    solution="""
def apart(one, other):
    return (one - other).abs().sum() / 2
""",
    done="The same number tells how far apart two lists of shares are, of whatever kind.",
    right=[
        lambda: answers.apart_by_gains,
        lambda: answers.apart_by_overlap,
        lambda: answers.apart_by_loop,
    ],
    wrong=[
        *_wrong_functions(
            {
                slip: wrong
                for slip, wrong in answers.APART_SLIPS.items()
                if not slip.startswith("what one map")
            }
        ),
        (lambda: lambda one, other: (one - other).sum() / 2, "0"),
        (lambda: lambda one, other: None, "returned nothing"),
        (lambda: lambda one: one, "raised"),
        (0.21, "should be a function"),
    ],
)
def apart(value):
    cases = [(pair, answers.apart(*pair)) for pair in map(answers.toy_maps, (1, 2, 3))]
    if callable(value) and not is_blank(value):
        _require_signs(value, cases)
    step = "add up the distances of all cells, and halve the sum"
    expect_function(value, cases, 1e-6, "your function", step, answers.APART_SLIPS)


def _require_signs(value: Callable, cases: list[tuple]) -> None:
    """Tell of the sign where everything cancels; a result of 0 has no slip of its own."""
    try:
        found = [float(value(*pair)) for pair, _ in cases]
    except Exception:  # named by what compares
        return
    if np.allclose(found, 0, atol=1e-9):
        raise Wrong("your function gives 0 for maps that differ", "take distances without the sign")


@exercise(
    "18.mean_at_20",
    hint=[
        "`reward` takes the limit as its third argument.",
        "It returns one reward for each row. The mean of them was asked.",
    ],
    solution="""
virus = np.where(measured["VL"] >= 20, -0.7 * np.log(measured["VL"]), 5)
mean_at_20 = (virus + 0.6 * np.log(measured["CD4"])).mean()
""",
    done="Nobody's health has changed, but the mean fell: somebody chose another limit.",
    right=[
        answers.mean_reward,
        answers.mean_by_parts,
        answers.mean_by_rows,
        lambda measured: round(answers.mean_reward(measured), 2),  # as the cell prints it
    ],
    wrong=[
        (lambda measured: answers.mean_reward(measured, 50), "limit of 50"),
        (lambda measured: round(answers.mean_reward(measured, 50), 2), "limit of 50"),
        (lambda measured: round(answers.mean_reward(measured), 2) + 0.01, "not right yet"),
        (lambda measured: answers.mean_reward(measured, 0), "never below"),
        (lambda measured: answers.mean_reward(measured, 200), "limit of 200"),
        (lambda measured: answers.mean_reward(measured) * len(measured), "sum"),
        (lambda measured: -answers.mean_reward(measured), "sign"),
        (
            lambda measured: answers.mean_reward(measured[measured["VL"] >= 20]),
            "left out",
        ),
        (lambda measured: measured["VL"].to_numpy(), "one number"),
    ],
)
def mean_at_20(value, *, measured):
    seen = measured["VL"] >= 20
    slips = {
        "this is the mean with the limit of 50": answers.mean_reward(measured, 50),
        "this is the mean with a limit of 200": answers.mean_reward(measured, 200),
        "with this limit VL is never below it": answers.mean_reward(measured, 0),
        "this is the sum; give the mean": answers.mean_reward(measured) * len(measured),
        "visits below the limit are left out": answers.mean_reward(measured[seen]),
    }
    number = float(value) if isinstance(value, (int, float, np.number)) else np.nan
    step = "compute the reward of each row with limit=20, then the mean"
    for slip, wrong in slips.items():
        if abs(number - wrong) < 1e-6 * max(1.0, abs(wrong)) or number == round(wrong, 2):
            raise Wrong(slip, step)
    expected = answers.mean_reward(measured)
    if number != round(expected, 2):  # that is how the cell prints a mean
        expect_number(value, expected, 1e-4, "the mean reward", step)


@exercise(
    "18.noise_floor",
    hint=[
        "How many pairs of different registries are there among four? Write two loops.",
        "`maps.iloc[:, i]` is the map of registry i. Your function of exercise 1 compares two.",
        "Take the mean over the pairs, without comparing a registry with itself.",
    ],
    solution="""
def noise_floor(maps):
    distances = []
    for i in range(maps.shape[1]):
        for j in range(i):
            distances.append((maps.iloc[:, i] - maps.iloc[:, j]).abs().sum() / 2)
    return np.mean(distances)
""",
    done="A distance that is not above the noise floor says nothing against a generator.",
    right=[
        lambda: answers.floor_by_loop,
        lambda: answers.floor_by_matrix,
        lambda: answers.floor_backwards,
    ],
    wrong=[
        *_wrong_functions(answers.FLOOR_SLIPS),
        (lambda: lambda maps: 0.1, "does it use its arguments?"),
        (lambda: lambda maps: None, "returned nothing"),
        (lambda: lambda one, other: 0, "raised"),
        (0.1, "should be a function"),
    ],
)
def noise_floor(value):
    toys = [answers.toy_registries(1), answers.toy_registries(2, k=5)]
    cases = [((toy,), answers.floor(toy)) for toy in toys]
    step = "take the mean distance over all pairs of different columns"
    expect_function(value, cases, 1e-6, "your function", step, answers.FLOOR_SLIPS)


@exercise(
    "18.mean_loss",
    hint=[
        "First subtract, registry by registry. Then you have one list of losses.",
        "The standard error of a mean is the spread (`ddof=1`) divided by the root of how many.",
    ],
    solution="""
def mean_loss(real, synthetic):
    loss = real - synthetic
    return loss.mean(), loss.std(ddof=1) / np.sqrt(len(loss))
""",
    done="The pairs help: what makes a registry easy or hard to learn from cancels.",
    right=[
        lambda: answers.loss_by_hand,
        lambda: answers.loss_by_pandas,
        lambda: answers.loss_by_covariance,
    ],
    wrong=[
        *_wrong_functions(answers.LOSS_SLIPS),
        (lambda: lambda real, synthetic: (real - synthetic).mean(), "two numbers: the"),
        (lambda: lambda real, synthetic: None, "returned nothing"),
        (lambda: lambda real: real, "raised"),
        ((6.7, 1.1), "should be a function"),
    ],
)
def mean_loss(value):
    toys = [answers.toy_values(1, 5), answers.toy_values(2, 5), answers.toy_values(3, 7)]
    cases = [(toy, np.array(answers.loss(*toy))) for toy in toys]
    answer = value
    if callable(value) and not is_blank(value):
        answer = lambda *two: _two(value(*two))  # noqa: E731
    slips = {
        slip: lambda *two, wrong=wrong: np.array(wrong(*two))
        for slip, wrong in answers.LOSS_SLIPS.items()
    }
    step = "subtract registry by registry; then the mean, and the spread over the root of how many"
    expect_function(answer, cases, 1e-6, "your function", step, slips)


def _two(found: Any) -> Any:
    """Return two numbers as an array; a blank and None as they are."""
    if found is None or is_blank(found):
        return found
    if isinstance(found, tuple | list) and any(map(is_blank, found)):
        raise NotAttempted
    try:
        numbers = np.asarray(found, dtype=float)
    except (TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.shape != (2,):
        raise Wrong("your function should return two numbers: the mean loss and its standard error")
    return numbers


@exercise(
    "18.train_better",
    hint=[
        "With 250 states, how many visits stand behind each state and cell? A few visits are luck.",
        "Two numbers of `TabularConfig` let more visits speak for each decision: `states` and "
        "`fewest`.",
        "`discount` says how many visits ahead the agent looks. Far away, the errors add up.",
    ],
    solution="""
import healthgym_edu as hg

def train_better(batch, seed):
    config = hg.rl.TabularConfig(states=150, fewest=50, discount=0.95)
    return hg.rl.TabularPolicyIteration(config).fit(batch, seed)
""",
    done="It never met a real person, and the people it treated were strangers to it.",
    right=[
        lambda: learners.careful,
        lambda: learners.only_more_visits,
        lambda: learners.as_function,
    ],
    wrong=[
        (lambda: learners.habits, "the bar is"),
        (lambda: learners.as_in_section_3, "the bar is"),
        (lambda: learners.draws_lots, "the same for everybody"),
        (lambda: learners.commonest, "the same for everybody"),
        (lambda: learners.untrained, "has not learned"),
        (lambda: learners.nothing, "returned nothing"),
        (lambda: learners.a_number, "should return a policy"),
        (lambda: learners.too_few_cells, "columns, one for each cell"),
        (lambda: learners.no_probabilities, "add up to 1"),
        (lambda: lambda batch: batch, "two things"),
        (320, "without parentheses"),
    ],
)
def train_better(value):
    return judge_training(value)
