"""The last exercise of chapter 05: a function that estimates, judged where the truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from healthgym_edu.data import Cohort
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank
from healthgym_edu.survival import known_truth

from .answers_05 import HORIZON
from .estimators_05 import PAIR, as_it_is, by_probability, row, table_of, to_6_months
from .strangers import seed_of_a_check

WIDEST = 4.0
"""Months from the lower to the upper end of the intervals on average, at most."""

LONGER = 24
"""Months at which other means of the chapter are cut off."""

ENOUGH, TRIES = 3, 5
"""In how many of how many cohorts the interval has to hold the truth.

In 160 cohorts of 4,000 people, an honest 95 % interval under estimated or recorded weights held it
in nine of ten, so that three of five are missed once in a hundred tries; one from a plain logistic
model in 83 of 100 (once in thirty tries), and the difference as it is never.
"""

PLAIN = 0.02
"""Months from the difference as it is within which an estimate is taken for it."""

WEIGH = "weight each person by one divided by the probability of the drug that was started"

LEAST_MOVE = 2.0
"""Months by which an estimate has to rise where every second DTG starter is never suppressed.

Any estimate that reads the viral loads which it is given rises by about four months, whatever
its weights: 3.8 to 4.3 in weighted means, in regressions and in the difference as it is.
"""

PEOPLE = 4000
SEED_WHEN_STRICT = 512_000

SHORT = "the means go to 6 months", f"cut them off at {HORIZON} months"
UPSIDE_DOWN = "the weights are the probabilities, not one divided by them", WEIGH
MISTAKES: list[tuple[tuple[str, str], Callable[[Cohort], float]]] = [
    (SHORT, to_6_months("recorded")),
    (SHORT, to_6_months("estimated")),
    (UPSIDE_DOWN, by_probability),
]
"""What is wrong and what to do next; and what the estimate then comes to."""


def judge_estimate(value: Any, late: Cohort) -> str:
    """Ask a learner's function about fresh cohorts, and compare what it says with the truth."""
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    _require_late(late)
    truth = float(known_truth(f"{PAIR}, {HORIZON} months").loc[PAIR, "rmst"])
    said: list[tuple[float, float, float]] = []
    met: list[Cohort] = []
    missed, by_horizon = 0, []
    for cohort in _cohorts(late):
        met.append(cohort)
        said.append(_three_numbers(_call(value, cohort)))
        if said[-1][1] == said[-1][2]:
            raise Wrong("the interval has no width", "give the ends of a 95 % interval")
        if len(said) > 1 and np.allclose(said[-1], said[-2], rtol=0, atol=1e-3):
            step = "compute them from the cohort that it is given"
            raise Wrong("your function gives other people the same numbers", step)
        missed += not said[-1][1] <= truth <= said[-1][2]
        by_horizon.append([row(table_of(cohort, k), "propensity", k)[0] for k in (HORIZON, LONGER)])
        held = len(said) - missed
        if held == ENOUGH:
            _require_narrow(said)
            _require_move(value, met[0], said[0][0])
            _require_weights(said, met)
            _require_horizon(said, by_horizon)
            return _praise(said, held, truth)
        if missed > TRIES - ENOUGH:
            _refuse(said, met, held, truth)
    raise AssertionError("one of the two numbers is reached within the tries")


def _require_late(late: Any) -> None:
    step = "pass the cohort of the exercise: late=late"
    if not isinstance(late, Cohort) or late.recipe is None:
        raise Wrong("`late` should be the simulated cohort of this exercise", step)
    people = late.patients
    if not people["Naive at entry"].all() or people["Entry year"].min() < 2014:
        raise Wrong("`late` holds others than naive people who entered from 2014 on", step)


def _cohorts(late: Cohort) -> Iterator[Cohort]:
    seed = seed_of_a_check(SEED_WHEN_STRICT, [late.seed])
    for k in range(TRIES):
        yield late.fresh(PEOPLE, seed=seed + 7 * k + (seed + 7 * k == late.seed))


def _call(value: Callable[..., Any], cohort: Cohort) -> Any:
    try:
        return value(cohort)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}".rstrip(": ")
        step = "call it yourself, as in estimate(late), and mend that line"
        raise Wrong(f"{problem:.240}", step) from error


def _three_numbers(said: Any) -> tuple[float, float, float]:
    if is_blank(said):
        raise NotAttempted
    if said is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    order = "return three numbers: the estimate, the lower and the upper end"
    if isinstance(said, dict):
        said = list(said.values())
    try:
        numbers = np.asarray(said, dtype=float).ravel()
    except (TypeError, ValueError):
        if isinstance(said, (tuple, list)) and any(map(is_blank, said)):
            raise NotAttempted from None
        raise Wrong(f"your function returned {describe(said)}", order) from None
    if len(numbers) != 3:
        raise Wrong(f"your function returned {len(numbers)} numbers", order)
    middle, lower, upper = map(float, numbers)
    if not np.isfinite(numbers).all():
        raise Wrong("one of the three numbers is missing or infinite", order)
    if not lower <= middle <= upper:
        raise Wrong("the estimate does not lie between the ends of its interval", order)
    return middle, lower, upper


def _require_narrow(said: list[tuple[float, float, float]]) -> None:
    width = float(np.mean([upper - lower for _, lower, upper in said]))
    if width > WIDEST:
        raise Wrong(
            f"your intervals are {width:.1f} months wide on average, and {WIDEST:g} are allowed",
            "an interval that holds everything says nothing; look for a few people with huge "
            "weights, or for a horizon too far away",
        )


def _require_horizon(said: list[tuple[float, float, float]], by_horizon: list[list[float]]) -> None:
    """Refuse estimates that are much nearer to those for the longer horizon."""
    middles = np.array([middle for middle, _, _ in said])[:, None]
    away, away_longer = np.abs(middles - np.array(by_horizon)).mean(axis=0)
    if away_longer < away / 2:
        problem = f"your intervals are wide enough to hold the truth, but the means go to {LONGER}"
        raise Wrong(f"{problem} months", f"cut them off at {HORIZON} months")


def _require_move(value: Callable[..., Any], cohort: Cohort, before: float) -> None:
    """Refuse estimates that do not follow what happened to the people: a known truth with noise."""
    moved = _three_numbers(_call(value, half_never(cohort)))[0] - before
    if moved < LEAST_MOVE:
        raise Wrong(
            "in a copy of a cohort, every second person on DTG is never suppressed, but your "
            f"estimate changes by only {moved:.1f} months",
            "compute the means from the viral loads of the cohort that your function is given",
        )


def _require_weights(said: list[tuple[float, float, float]], met: list[Cohort]) -> None:
    """Refuse the difference as it is with a wide interval, or moved to where the truth is known."""
    moved = [middle - as_it_is(cohort)[0] for (middle, _, _), cohort in zip(said, met, strict=True)]
    if max(np.abs(moved)) < PLAIN:
        problem = "your intervals are wide enough to hold the truth, but around the difference as"
        raise Wrong(f"{problem} it is, and the two groups are not alike", WEIGH)
    if np.ptp(moved) < 1e-6:
        problem = f"your estimate is the difference as it is, moved by {moved[0]:.2f} months in"
        raise Wrong(f"{problem} each cohort", WEIGH)


def half_never(cohort: Cohort) -> Cohort:
    """A copy in which every second person who was started on DTG is never suppressed."""
    times = table_of(cohort)
    never = times.loc[times["arm"] == "DTG", "PatientID"].iloc[::2]
    frame = cohort.frame.copy()
    frame["VL"] = frame["VL"].mask(frame["PatientID"].isin(never), frame["VL"].clip(lower=1000))
    return replace(cohort, frame=frame)


def _praise(said: list[tuple[float, float, float]], held: int, truth: float) -> str:
    width = np.mean([upper - lower for _, lower, upper in said])
    return (
        f"Your intervals hold the truth ({truth:.2f} months) in {held} of {len(said)} cohorts; on "
        f"average they are {width:.1f} months wide."
    )


def _refuse(
    said: list[tuple[float, float, float]], met: list[Cohort], held: int, truth: float
) -> NoReturn:
    missed = f"your intervals hold the truth in only {held} of {len(said)} cohorts"
    middles = np.array([middle for middle, _, _ in said])
    if (np.abs(middles - [as_it_is(cohort)[0] for cohort in met]) < PLAIN).all():
        problem = f"{missed}: this is the difference as it is, and the two groups are not alike"
        raise Wrong(problem, WEIGH)
    for (problem, step), mistaken in MISTAKES:
        if np.abs(middles - [mistaken(cohort) for cohort in met]).mean() < 0.1:
            raise Wrong(f"{missed}: {problem}", step)
    if sum(lower <= -truth <= upper for _, lower, upper in said) > held:
        raise Wrong(f"{missed}: the sign is the other way round", "take DTG minus RPV")
    share = np.mean([lower <= truth / HORIZON <= upper for _, lower, upper in said])
    if share > 0.5:
        raise Wrong(f"{missed}: these look like shares", "give a difference in months")
    away = "near zero" if middles.mean() > truth else "far from zero"
    raise Wrong(
        f"{missed}: the estimates lie too {away}",
        "see who is compared, from when, to which month, and what the weights know; other people "
        "are asked each time, so even a good answer fails in one to four tries of 100",
    )
