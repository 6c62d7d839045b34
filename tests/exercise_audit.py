"""What is still wrong with an exercise itself."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any
from unittest import mock

import numpy as np

from healthgym_edu.data import Cohort, loading, teaching
from healthgym_edu.exercises import Exercise, Outcome, ____, judge
from healthgym_edu.exercises.engine import CORRECT, INCORRECT, NOT_ATTEMPTED
from healthgym_edu.exercises.registry import NAME

LEAST_RIGHT = LEAST_WRONG = 3
"""How many right answers beside the solution, and how many wrong ones, an exercise declares."""
MOST_NEWCOMERS = 8
"""How many cohorts of newcomers are kept at once, for an exercise that asks about several."""


def audit(exercise: Exercise, context: Mapping[str, Any]) -> list[str]:
    """Try an exercise on its solution, its other right answers, its wrong ones and the blank.

    Parameters
    ----------
    exercise : Exercise
        The exercise on trial.
    context : mapping
        A value for every keyword its checker takes; others are ignored.

    Returns
    -------
    list of str
        One sentence for each fault; empty when there is none.
    """
    missing = [name for name in exercise.keywords if name not in context]
    if missing:
        return [f"context() of chapter {exercise.chapter} gives no {', '.join(missing)}"]
    malformed = list(_malformed(exercise))
    if malformed:
        return malformed
    context = {name: context[name] for name in exercise.keywords}
    before = _open_figures()
    same_newcomers = {"HEALTHGYM_EDU_STRICT": "1", "HEALTHGYM_EDU_QUICK": "1"}
    try:
        with (
            mock.patch.dict(os.environ, same_newcomers),
            mock.patch.object(Cohort, "fresh", _fresh_once),
            mock.patch.object(loading, "teaching_cohort", _loaded_once()),
            mock.patch.object(teaching, "true_value", _valued_once()),
        ):
            return _faults(exercise, context)
    finally:
        _newcomers.clear()
        _close_figures(before)


_fresh = Cohort.fresh
_newcomers: dict[tuple[Any, ...], Cohort] = {}


def _fresh_once(cohort: Cohort, n_patients: int | None = None, *, seed: int) -> Cohort:
    """As `Cohort.fresh`, but the same newcomers are simulated once for all answers."""
    key = (cohort.condition, cohort.source, cohort.seed, n_patients, seed)
    if key not in _newcomers:
        if len(_newcomers) == MOST_NEWCOMERS:
            del _newcomers[next(iter(_newcomers))]
        _newcomers[key] = _fresh(cohort, n_patients, seed=seed)
    return _newcomers[key]


def _loaded_once() -> Callable[..., Cohort]:
    """As `teaching_cohort`, but simulated once for all answers; each gets tables of its own."""
    kept = lru_cache(MOST_NEWCOMERS)(loading.teaching_cohort)

    def teaching_cohort(*asked: Any, **options: Any) -> Cohort:
        return deepcopy(kept(*asked, **options))

    return teaching_cohort


def _valued_once() -> Callable[..., Any]:
    """As `true_value`, but once for all answers under a policy that has a name.

    A function may choose otherwise the next time.
    """
    true_value = teaching.true_value
    kept = lru_cache(MOST_NEWCOMERS)(true_value)

    def value(mechanism: Any, policy: Any, *asked: Any) -> Any:
        return (kept if isinstance(policy, str) else true_value)(mechanism, policy, *asked)

    return value


def _malformed(exercise: Exercise) -> Iterator[str]:
    if not NAME.fullmatch(exercise.name):
        yield 'its name is not two digits, a dot and a word: "01.suppressed_share"'
    if not exercise.hints or not all(one.strip() for one in exercise.hints):
        yield "it has an empty hint; write at least one sentence"
    parameters = list(inspect.signature(exercise.checker).parameters.values())
    if any(one.kind is not one.KEYWORD_ONLY for one in parameters[1:]):
        yield f"write the checker as `def {exercise.checker.__name__}(value, *, art)`"


def _faults(exercise: Exercise, context: dict[str, Any]) -> list[str]:
    faults = []
    try:
        right = exercise.run_solution(**context)
    except Exception as error:
        return [f"its solution gives no answer ({type(error).__name__}: {error})"]
    outcome = judge(exercise.name, right, **context)
    if outcome.status != CORRECT:
        faults.append(f"its own solution is judged {outcome.status}: {outcome.message}")
    for number, way in enumerate(exercise.right, start=1):
        outcome = judge(exercise.name, way(**context), **context)
        if outcome.status != CORRECT:
            faults.append(f"right answer {number} is judged {outcome.status}: {outcome.message}")
    if len(exercise.right) < LEAST_RIGHT:
        have = len(exercise.right)
        faults.append(f"it declares {have} right answers beside the solution, not {LEAST_RIGHT}")
    if len(exercise.wrong) < LEAST_WRONG:
        faults.append(f"it declares {len(exercise.wrong)} wrong answers, not {LEAST_WRONG}")
    for number, (wrong, fragment) in enumerate(exercise.wrong, start=1):
        outcome = judge(exercise.name, wrong(**context) if callable(wrong) else wrong, **context)
        faults += _wrong_faults(f"wrong answer {number}", outcome, fragment, right)
    outcome = judge(exercise.name, ____, **context)
    if outcome.status != NOT_ATTEMPTED:
        faults.append(f"the blank is judged {outcome.status}")
    for number, hint in enumerate(exercise.hints, start=1):
        if _tells(hint, right) or exercise.solution in hint:
            faults.append(f"hint {number} tells the answer")
    return faults


def _wrong_faults(which: str, outcome: Outcome, fragment: str, right: Any) -> list[str]:
    if outcome.status != INCORRECT:
        return [f"{which} is judged {outcome.status}: {outcome.message}"]
    faults = []
    if not fragment or fragment.lower() not in outcome.message.lower():
        faults.append(f"{which} does not get the message {fragment!r} but: {outcome.message}")
    if re.search(r"raised (Wrong|NotAttempted)", outcome.message):
        faults.append(f"the message to {which} names an error of the checker: {outcome.message}")
    if _tells(outcome.message, right):
        faults.append(f"the message to {which} tells the answer: {outcome.message}")
    return faults


def _tells(text: str, right: Any) -> bool:
    """Whether a text gives a numeric answer away, in any usual rounding of three digits or more."""
    if isinstance(right, (bool, np.bool_)) or not isinstance(right, (int, float, np.number)):
        return False
    ways = {f"{right:{way}}" for way in (".2f", ".3f", ".4f", ".3g", ".4g", ",.0f", ".0f", ".1%")}
    return any(way in text for way in ways if sum(sign.isdigit() for sign in way) >= 3)


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def _close_figures(keep: set[int]) -> None:
    for number in _open_figures() - keep:
        sys.modules["matplotlib.pyplot"].close(number)
