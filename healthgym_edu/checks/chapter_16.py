"""Exercises of chapter 16, from what a constraint leaves to an agent that keeps to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import Wrong, exercise, expect_function, expect_number
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_16 as answers
from .building_16 import judge_build


def context() -> dict[str, Any]:
    """What the tests pass to the exercises: a small ward, and how often each action was likely."""
    from healthgym_edu import rl

    icu = load_cohort("hypotension", n_patients=200, seed=16)
    return {"share": rl.transitions(icu).behaviour_probability, "icu": icu}


@exercise(
    "16.only_one",
    hint=[
        "Count the allowed actions of each decision as the cell above does, with another trust.",
        "In which decisions is that count 1? The mean of a yes/no column is the share of yes.",
    ],
    solution="""
allowed = share >= 0.3 * share.max(axis=1, keepdims=True)
only_one = (allowed.sum(axis=1) == 1).mean()
""",
    done="There the agent may not choose at all: it does what the clinicians mostly do.",
    right=[
        answers.only_one_by_second,
        answers.only_one_by_loop,
        answers.only_one_by_pandas,
        lambda share: round(answers.only_one(share), 3),  # as the cell above prints shares
    ],
    wrong=[
        (lambda share: answers.only_one(share, 0.1), "trust of 0.1"),
        (lambda share: answers.only_one(share, 0.03), "trust of 0.03"),
        (answers.only_one_absolute, "0.3 times the largest"),
        (lambda share: answers.left(share).mean(), "mean number"),
        (lambda share: int((answers.left(share) == 1).sum()), "number of decisions"),
        (lambda share: 1 - answers.only_one(share), "turn the comparison round"),
        (lambda share: 100 * answers.only_one(share), "percentage"),
        (lambda share: round(answers.only_one(share), 2), "rounded"),
        (lambda share: answers.left(share) == 1, "one number"),
    ],
)
def only_one(value, *, share):
    left = answers.left(share)
    slips = {
        "this is a trust of 0.1; 0.3 was asked": answers.only_one(share, 0.1),
        "this is a trust of 0.03; 0.3 was asked": answers.only_one(share, 0.03),
        "compare with 0.3 times the largest share of the row, not with 0.3": (
            answers.only_one_absolute(share)
        ),
        "this is the mean number of allowed actions": left.mean(),
        "this is a number of decisions; divide it by all of them": (left == 1).sum(),
    }
    step = "count the allowed actions of each decision, and take the share with a count of 1"
    expect_number(value, answers.only_one(share), 0.0005, "the share", step, slips)


@exercise(
    "16.target",
    hint=[
        "Put −∞ where an action is not allowed: `np.where(allowed, q_next, -np.inf)`.",
        "The largest of each row is `.max(axis=1)`. In a row without any allowed action it is −∞.",
        "Where `ended` is True, add 0. Use np.where here, too: −∞ times 0 is no number.",
    ],
    solution="""
def masked_target(reward, q_next, allowed, ended):
    best = np.where(allowed, q_next, -np.inf).max(axis=1)
    return reward + np.where(ended, 0.0, best)
""",
    done="These two lines are what makes Q-learning stay within the records.",
    right=[
        lambda: answers.target_by_loop,
        lambda: answers.target_by_masked_array,
        lambda: answers.target_by_index,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.TARGET_SLIPS.items()),
        (lambda: lambda reward, q_next, allowed, ended: 0.5, "does it use its arguments?"),
        (lambda: lambda reward, q_next, allowed, ended: None, "returned nothing"),
        (lambda: lambda reward, q_next: reward, "raised"),
        (-1.0, "should be a function"),
    ],
)
def masked_target(value):
    asked = [answers.toy_decisions(seed) for seed in range(4)]
    cases = [(one, answers.target(*one)) for one in asked]
    step = "the reward, and the best allowed Q of the next decision where there is one"
    expect_function(value, cases, 1e-6, "your function", step, answers.TARGET_SLIPS)


@exercise(
    "16.penalty",
    hint=[
        "`from scipy.special import logsumexp`; then `logsumexp(q, axis=1)` is one number for each "
        "decision.",
        "`q[np.arange(len(q)), action]` takes Q of the action that was taken, row by row.",
        "Subtract, and take the mean.",
    ],
    solution="""
from scipy.special import logsumexp

def penalty(q, action):
    done = q[np.arange(len(q)), action]
    return (logsumexp(q, axis=1) - done).mean()
""",
    done="It is the loss of a classifier that predicts the action: doubt makes a copy.",
    right=[
        lambda: answers.penalty_by_hand,
        lambda: answers.penalty_by_loop,
        lambda: answers.penalty_by_torch,
        lambda: answers.penalty_as_tensor,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.PENALTY_SLIPS.items()),
        (lambda: answers.without_exp, "step: log Σ exp Q"),
        (lambda: answers.penalty_of_each, "sum up your values"),
        (lambda: lambda q, action: 2.5, "does it use its arguments?"),
        (lambda: lambda q, action: None, "returned nothing"),
        (2.5, "should be a function"),
    ],
)
def penalty(value):
    asked = [answers.toy_scores(1), answers.toy_scores(2), answers.toy_scores(3, around=800.0)]
    cases = [(one, answers.penalty(*one)) for one in asked]
    step = "log Σ exp Q over the actions, minus Q of the action taken, then the mean"
    if callable(value) and not is_blank(value) and _overflows(value, *cases[-1][0]):
        slip = "exp of a large Q overflows; take logsumexp, or subtract the largest Q first"
        raise Wrong(f"your function is not right yet: {slip}", step)
    expect_function(value, cases, 1e-4, "your function", step, answers.PENALTY_SLIPS)


def _overflows(value: Any, q: np.ndarray, action: np.ndarray) -> bool:
    try:
        return bool(np.isposinf(float(value(q.copy(), action.copy()))))
    except Exception:  # told by the comparison itself
        return False


@exercise(
    "16.low_hours",
    hint=[
        '`frame["MAP"] < 55` says of each hour whether it was low.',
        'Group that by `frame["PatientID"]` and take the mean: a share for each patient.',
        "Then take the mean over patients.",
    ],
    solution="""
def low_hours(frame):
    low = frame["MAP"] < 55
    return low.groupby(frame["PatientID"]).mean().mean()
""",
    done="Each patient counts once, whether they lived for two days or for two hours.",
    right=[
        lambda icu: answers.low_by_loop,
        lambda icu: answers.low_by_counts,
        lambda icu: answers.low_by_weights,
    ],
    wrong=[
        *((lambda icu, wrong=wrong: wrong, slip) for slip, wrong in answers.LOW_SLIPS.items()),
        (lambda icu: lambda frame: 0.1, "does it use its arguments?"),
        (lambda icu: lambda frame: None, "returned nothing"),
        (lambda icu: answers.low_hours(icu.frame), "should be a function"),
    ],
)
def low_hours(value, *, icu):
    toy = pd.DataFrame(
        {"PatientID": [3] * 6 + [5] * 2 + [8] * 3,
         "MAP": [70.0, 54.9, 55.0, 80.0, 61.0, 63.0, 40.0, 52.0, 90.0, 56.0, 55.0]}
    )  # fmt: skip
    half = icu.frame[icu.frame["PatientID"] % 2 == 0]
    cases = [((one,), answers.low_hours(one)) for one in (toy, icu.frame, half)]
    step = "the share of low hours of each patient, then the mean over patients"
    expect_function(value, cases, 1e-9, "your function", step, answers.LOW_SLIPS)


@exercise(
    "16.build",
    hint=[
        "Begin with an agent of section 6 that was worth more than the clinicians. Did it believe "
        "in more than 0?",
        "`agent.history_` shows what it believes. If that is above 0, CQL needs less doubt or "
        "fewer steps, and BCQ more trust.",
        "Fit with the seed that you are given, and try your function with `records` and seeds 0, "
        "1 and 2.",
    ],
    solution="""
def build(batch, seed):
    setting = hg.rl.CqlConfig(doubt=0.02, steps=400, rate=3e-3, batch=64)
    return hg.rl.DiscreteCql(setting).fit(batch, seed=seed)
""",
    done="You chose the setting with a simulator at hand. Chapter 17 asks what to do without one.",
    right=[lambda: answers.bcq(0.1), lambda: answers.cql(0.01), lambda: answers.fitted_q],
    wrong=[
        (lambda: answers.bcq(1.0), "too much"),
        (lambda: answers.cql(1.0), "no return above 0 is possible"),
        (lambda: answers.cql(0.1, steps=700), "try less doubt, fewer steps, or a mask"),
        (lambda: answers.free, "looks less at what nobody tried"),
        (lambda: answers.clone, "too much"),
        (lambda: answers.of_others, "other records"),
        (lambda: answers.unfitted, "not learned"),
        (lambda: lambda batch, seed: "protocol", "no agent of hg.rl"),
        (lambda: lambda batch, seed: None, "returned nothing"),
        (lambda: lambda batch: None, "raised TypeError"),
        (0.5, "without parentheses"),
    ],
)
def build(value):
    return judge_build(value)
