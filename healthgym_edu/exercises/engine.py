"""``check``, ``hint`` and ``solution``: what a learner calls in a chapter."""

from __future__ import annotations

import os
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ..data import Cohort
from .describe import describe
from .placeholder import NAME, is_blank
from .registry import Exercise, ExerciseError, NotAttempted, UnknownExercise, Wrong, find

CORRECT, INCORRECT = "correct", "incorrect"
NOT_ATTEMPTED, ERROR = "not attempted", "error"

_MARKS = {CORRECT: "✓", INCORRECT: "✗", NOT_ATTEMPTED: "○", ERROR: "!"}
_PARAGRAPH = textwrap.TextWrapper(
    88, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
)
_hints_given: Counter[str] = Counter()
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """How an answer was judged: the status, what arrived, and what is said to the learner."""

    name: str
    status: str
    message: str = ""
    arrived: str = ""

    def __str__(self) -> str:
        arrived = f"What arrived: {self.arrived}." if self.arrived else ""
        title = f"{_MARKS[self.status]} {self.status.capitalize()} · {self.name}"
        return wrapped(title, arrived, self.message)


def check(name: str = "", /, *answer: Any, **context: Any) -> None:
    """Judge an answer, as in ``check("01.suppressed_share", share, art=art)``.

    Prints one of four outcomes: *correct*, *incorrect* (what arrived and the next step, never the
    answer), *not attempted* (the blank ``____`` is still there) or *error* (``check`` was called
    wrongly, or the answer is of a kind the check cannot work with).

    Parameters
    ----------
    name : str
        Of the exercise.
    *answer : Any
        One value.
    **context : Any
        What the answer was computed from, usually the cohort. The expected answer is computed
        from it too, so the check holds on any cohort.

    Raises
    ------
    ExerciseError
        Under ``HEALTHGYM_EDU_STRICT=1``, for every outcome but *correct*.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> art = hg.load_cohort("art_hiv", n_patients=300)
    >>> hg.check("00.number_of_people", len(art), art=art)
    ✓ Correct · 00.number_of_people
      What arrived: 300 (an int).
      That is all there is to it: answer, check, go on.
    """
    say(judge(name, *answer, **context))


def judge(name: str, /, *answer: Any, **context: Any) -> Outcome:
    """Judge an answer as ``check`` does, and return the `Outcome` instead of printing it."""
    if not isinstance(name, str):
        name = describe(name)
    try:
        exercise = find(name)
    except UnknownExercise as error:
        return Outcome(name, ERROR, str(error))
    misuse = _misuse(exercise, answer, context)
    if misuse:
        return Outcome(name, ERROR, misuse)
    try:
        if is_blank(answer) or is_blank(context):
            raise NotAttempted
        overwritten = _overwritten(context)
        if overwritten:
            return Outcome(name, ERROR, overwritten)
        remark: str | None = exercise.checker(*answer, **context)
    except NotAttempted:
        message = f'Replace {NAME} with your answer and run the cell again. Stuck? hint("{name}")'
        return Outcome(name, NOT_ATTEMPTED, message)
    except Wrong as wrong:
        return Outcome(name, INCORRECT, str(wrong), describe(*answer))
    except Exception as error:  # whatever a learner's value provokes is told, not thrown
        message = (
            f"The check could not work with this answer ({type(error).__name__}: {error}). "
            f'Next step: compare its kind with what the question asks for; hint("{name}") helps.'
        )
        return Outcome(name, ERROR, message, describe(*answer))
    return Outcome(
        name, CORRECT, "\n".join(filter(None, [remark, exercise.done])), describe(*answer)
    )


def hint(name: str) -> None:
    """Print the next hint of an exercise; after the last one, that one again.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> hg.hint("00.number_of_people")
    Hint 1 of 2 · 00.number_of_people
      The cell that prints people × months has the number in a variable.
    """
    exercise = _find_or_say(name)
    if exercise is None:
        return
    _hints_given[name] = number = min(_hints_given[name] + 1, len(exercise.hints))
    last = number == len(exercise.hints)
    more = f'That is the last hint. solution("{name}") shows one way.' if last else ""
    title = f"Hint {number} of {len(exercise.hints)} · {name}"
    _print(wrapped(title, exercise.hints[number - 1], more))


def solution(name: str) -> None:
    """Print the source text of one right answer.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> hg.solution("00.number_of_people")  # doctest: +NORMALIZE_WHITESPACE
    One solution · 00.number_of_people
        number_of_people = len(art)
    """
    exercise = _find_or_say(name)
    if exercise is not None:
        _print(f"One solution · {name}\n\n{textwrap.indent(exercise.solution, '    ')}")


def expected_figure(name: str, /, **context: Any) -> None:
    """Draw what a plotting exercise should come to look like, without showing the code.

    Under a notebook's inline backend the figure appears below the cell.
    """
    exercise = _find_or_say(name)
    if exercise is not None:
        exercise.run_solution(**context)
        _print(f"The figure to aim at · {name}")


def budget(full: T, quick: T) -> T:
    """Return ``full``, or ``quick`` where ``HEALTHGYM_EDU_QUICK=1`` asks for a shortened run.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> epochs = hg.budget(200, quick=5)
    """
    return quick if os.environ.get("HEALTHGYM_EDU_QUICK") == "1" else full


def _misuse(exercise: Exercise, answer: tuple, context: dict[str, Any]) -> str:
    """Say what is wrong with how ``check`` was called; an empty text if nothing is."""
    missing = [word for word in exercise.keywords if word not in context]
    unknown = [word for word in context if word not in exercise.keywords]
    if len(answer) != 1:
        fault = "It takes one answer, and all that this was computed from by keyword."
    elif missing:
        fault = f'It needs "{missing[0]}" to compute the expected answer from.'
    elif unknown:
        fault = f'It does not know the keyword "{unknown[0]}".'
    else:
        return ""
    keywords = "".join(f", {word}={word}" for word in exercise.keywords)
    return f'{fault}\nWrite: check("{exercise.name}", your_answer{keywords})'


def _overwritten(context: Mapping[str, Any]) -> str:
    """Say which cohort an answer cannot be judged by, since its tables have changed."""
    for word, value in context.items():
        for cohort in value.values() if isinstance(value, Mapping) else [value]:
            changed = cohort.changed() if isinstance(cohort, Cohort) else []
            if changed:
                return (
                    f"{word}.{changed[0]} was changed after {word} was loaded, and your answer "
                    "would be compared with what stands there now. Next step: run the cell that "
                    f"loads {word} again, and change a copy: table = {word}.frame.copy()"
                )
    return ""


def _find_or_say(name: str) -> Exercise | None:
    """Find an exercise for ``hint`` and its like, or print why there is none."""
    try:
        return find(str(name))
    except UnknownExercise as error:
        say(Outcome(str(name), ERROR, str(error)))
        return None


def say(outcome: Outcome) -> None:
    """Print an outcome; where the run is strict, raise for all but a correct one."""
    _print(str(outcome))
    if outcome.status != CORRECT and os.environ.get("HEALTHGYM_EDU_STRICT") == "1":
        raise ExerciseError(f"{outcome.name}: {outcome.status}. {outcome.message}")


def wrapped(title: str, *paragraphs: str) -> str:
    """Return a title and, indented below it, each paragraph, wrapped to the width of a page."""
    lines = "\n".join(filter(None, paragraphs)).splitlines()
    return "\n".join([title, *map(_PARAGRAPH.fill, lines)])


def as_text(text: str) -> str:
    """Return a text as stdout can print it, in ASCII where the terminal knows no better."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, errors="replace").decode(encoding)


def _print(text: str) -> None:
    print(as_text(text))
