"""``check``, ``hint`` and ``solution``: what a learner calls in a chapter."""

from __future__ import annotations

import os
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeVar

from .describe import describe, is_axes
from .placeholder import NAME, is_blank
from .registry import (
    Exercise,
    ExerciseError,
    NotAttempted,
    UnknownExercise,
    Wrong,
    find,
    listed,
)

CORRECT, INCORRECT = "correct", "incorrect"
NOT_ATTEMPTED, ERROR = "not attempted", "error"

_MARKS = {CORRECT: "✓", INCORRECT: "✗", NOT_ATTEMPTED: "○", ERROR: "!"}
_MISSING = object()
_WIDTH = 88
_hints_given: Counter[str] = Counter()
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """How an answer was judged: the status, what arrived, and what is said to the learner."""

    name: str
    status: str
    message: str = ""
    arrived: str = ""
    cause: BaseException | None = None

    def __str__(self) -> str:
        lines = [f"{_MARKS[self.status]} {self.status.capitalize()} · {self.name}"]
        if self.arrived:
            lines.append(f"What arrived: {self.arrived}.")
        if self.message:
            lines.append(self.message)
        return _wrapped(lines)


def check(name: str = "", value: Any = _MISSING, /, *extra: Any, **context: Any) -> None:
    """Judge an answer and print one of four outcomes; return nothing.

    The outcomes are *correct*, *incorrect* (what arrived and the next step, never the answer),
    *not attempted* (the blank ``____`` is still there) and *error* (``check`` was called wrongly,
    or the answer is of a kind the check cannot work with).

    Parameters
    ----------
    name : str
        The exercise, as in ``"01.suppressed_share"``.
    value : Any
        The answer.
    **context : Any
        What the answer was computed from, usually the cohort: ``art=art``. The expected answer
        is computed from it, so the check holds on any cohort.

    Raises
    ------
    ExerciseError
        Under ``HEALTHGYM_EDU_STRICT=1``, for every outcome but *correct*.
    """
    _say(judge(name, value, *extra, **context))


def judge(name: str, value: Any = _MISSING, /, *extra: Any, **context: Any) -> Outcome:
    """Judge an answer as ``check`` does, and return the `Outcome` instead of printing it."""
    if not isinstance(name, str) or not name:
        message = (
            f"The name of the exercise comes first and {describe(name)} arrived in its place. "
            'Write check("01.suppressed_share", your_answer, …).'
        )
        return Outcome("check", ERROR, message)
    try:
        exercise = find(name)
    except UnknownExercise as error:
        return Outcome(name, ERROR, str(error))
    call = exercise.call("check", "your_answer")
    if value is _MISSING:
        return Outcome(name, ERROR, f"The answer is missing.\nWrite: {call}")
    misuse = _misuse(exercise, call, extra, context)
    if misuse:
        return Outcome(name, ERROR, misuse)
    if is_blank(value) or is_blank(context):
        return _not_attempted(name)
    return _judge(exercise, value, context)


def hint(name: str) -> None:
    """Print the next hint of an exercise; after the last one, that one again."""
    exercise = _find_or_say(name)
    if exercise is None:
        return
    total = len(exercise.hints)
    number = min(_hints_given[name], total - 1)
    _hints_given[name] += 1
    lines = [f"Hint {number + 1} of {total} · {name}", exercise.hints[number]]
    if number + 1 == total:
        lines.append(f'That is the last hint. solution("{name}") shows one way.')
    _print(_wrapped(lines))


def solution(name: str) -> None:
    """Print the source text of one right answer."""
    exercise = _find_or_say(name)
    if exercise is not None:
        _print(f"One solution · {name}\n\n{textwrap.indent(exercise.solution, '    ')}")


def expected_figure(name: str, /, **context: Any) -> None:
    """Draw what a plotting exercise should come to look like, without showing the code.

    Under a notebook's inline backend the figure appears below the cell.
    """
    exercise = _find_or_say(name)
    if exercise is None:
        return
    misuse = _misuse(exercise, exercise.call("expected_figure"), (), context)
    if misuse:
        _say(Outcome(name, ERROR, misuse))
    elif is_axes(exercise.run_solution(**context)):
        _print(f"The figure to aim at · {name}")
    else:
        _say(Outcome(name, ERROR, "The answer of this exercise is not a figure."))


def budget(full: T, quick: T) -> T:
    """Return ``full``, or ``quick`` where ``HEALTHGYM_EDU_QUICK=1`` asks for a shortened run.

    >>> epochs = budget(200, quick=5)
    """
    return quick if os.environ.get("HEALTHGYM_EDU_QUICK") == "1" else full


def _judge(exercise: Exercise, value: Any, context: dict[str, Any]) -> Outcome:
    name = exercise.name
    try:
        exercise.checker(value, **context)
    except NotAttempted:
        return _not_attempted(name)
    except Wrong as wrong:
        return Outcome(name, INCORRECT, str(wrong), describe(value))
    except Exception as error:  # whatever a learner's value provokes is told, not thrown
        message = (
            f"The check could not work with this answer ({type(error).__name__}: {error}). "
            f'Next step: compare its kind with what the question asks for; hint("{name}") helps.'
        )
        return Outcome(name, ERROR, message, describe(value), error)
    return Outcome(name, CORRECT, exercise.done)


def _not_attempted(name: str) -> Outcome:
    message = f'Replace {NAME} with your answer and run the cell again. Stuck? hint("{name}")'
    return Outcome(name, NOT_ATTEMPTED, message)


def _misuse(exercise: Exercise, call: str, extra: tuple, context: dict[str, Any]) -> str:
    """Say what is wrong with how something was called, or return an empty text."""
    missing = [word for word in exercise.required if word not in context]
    unknown = [word for word in context if word not in exercise.keywords]
    if extra:
        fault = "All that the answer was computed from is given by keyword."
    elif missing:
        fault = f"It needs {listed(missing, 'and')} to compute the expected answer from."
    elif unknown:
        fault = f"It does not know the keyword {listed(unknown, 'or')}."
    else:
        return ""
    return f"{fault}\nWrite: {call}"


def _find_or_say(name: str) -> Exercise | None:
    """Find an exercise for ``hint`` or ``solution``, or print why there is none."""
    try:
        return find(str(name))
    except UnknownExercise as error:
        _say(Outcome(str(name), ERROR, str(error), cause=error))
        return None


def _say(outcome: Outcome) -> None:
    """Print an outcome; where the run is strict, raise for all but a correct one."""
    _print(str(outcome))
    if outcome.status != CORRECT and os.environ.get("HEALTHGYM_EDU_STRICT") == "1":
        text = f"{outcome.name}: {outcome.status}. {outcome.message}"
        raise ExerciseError(text) from outcome.cause


def _wrapped(lines: list[str]) -> str:
    body = (
        textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="  ",
                      break_long_words=False, break_on_hyphens=False)
        for text in lines[1:] for line in text.split("\n")
    )
    return "\n".join([lines[0], *body])


def _print(text: str) -> None:
    """Print to stdout, in ASCII where the terminal knows no better."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, errors="replace").decode(encoding))
