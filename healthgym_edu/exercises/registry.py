"""What an exercise is, how a chapter declares one, and how one is found by its name."""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"\d\d\.[a-z][a-z0-9_]*")  # chapter, dot, word: "01.suppressed_share"

Check = Callable[..., str | None]


class Wrong(Exception):
    """Raised by a checker: what is not right about the answer, and the next step to take.

    Both are clauses without a full stop; together they never tell the answer.
    """

    def __init__(self, problem: str, next_step: str = "") -> None:
        clauses = [problem, f"next step: {next_step}"] if next_step else [problem]
        super().__init__(" ".join(map(sentence, clauses)))


class NotAttempted(Exception):
    """Raised by a helper of the checkers: the answer still contains the blank."""


class ExerciseError(AssertionError):
    """An exercise was not answered correctly while ``HEALTHGYM_EDU_STRICT=1``."""


class UnknownExercise(LookupError):
    """No exercise has this name; the message suggests those that are close."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: how an answer is judged and all that is said about it.

    The solution runs by itself, given the checker's keywords, ``np``, ``pd``, ``plt`` and ``hg``.
    The value of its last statement is the answer: an expression, an assignment or a function
    definition. Right and wrong answers that are callable are called with the keywords; wrap an
    answer that is itself a function in a lambda.
    """

    name: str  # chapter number, a dot and a word: "01.suppressed_share"
    checker: Check  # checker(value, *, keyword, …) raises `Wrong` or returns
    hints: tuple[str, ...]  # from a nudge to nearly there
    solution: str  # source text of one right answer
    done: str = ""  # printed when the answer is right: what was just learnt
    right: tuple[Callable[..., Any], ...] = ()  # each gives another right answer from the keywords
    wrong: tuple[tuple[Any, str], ...] = ()  # wrong answers, each with a piece of its message

    @property
    def chapter(self) -> str:
        """The two digits of the chapter the exercise belongs to."""
        return self.name[:2]

    @property
    def keywords(self) -> list[str]:
        """What the checker computes the expected answer from, such as ``["art"]``."""
        return list(inspect.signature(self.checker).parameters)[1:]

    def run_solution(self, **context: Any) -> Any:
        """Run the solution's source text and return the answer it gives."""
        modules = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "hg": "healthgym_edu"}
        space = {short: importlib.import_module(name) for short, name in modules.items()} | context
        *lines, last = ast.parse(self.solution).body
        exec(compile(ast.Module(lines, []), self.name, "exec"), space)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), self.name, "eval"), space)
        exec(compile(ast.Module([last], []), self.name, "exec"), space)
        if isinstance(last, ast.FunctionDef):
            return space[last.name]
        target = last.targets[0] if isinstance(last, ast.Assign) else None
        assert isinstance(target, ast.Name), f"{self.name}: the solution does not end in an answer"
        return space[target.id]


_EXERCISES: dict[str, Exercise] = {}
_LOADERS: list[Callable[[str | None], None]] = []


def exercise(
    name: str,
    *,
    hint: str | Sequence[str],
    solution: str,
    done: str = "",
    right: Sequence[Callable[..., Any]] = (),
    wrong: Sequence[tuple[Any, str]] = (),
) -> Callable[[Check], Check]:
    """Declare an exercise; the decorated function judges an answer. See `Exercise` for the parts.

    Raises
    ------
    ValueError
        Another exercise has that name.
    """
    hints = (hint,) if isinstance(hint, str) else tuple(hint)
    text = textwrap.dedent(solution).strip("\n")

    def declare(checker: Check) -> Check:
        if name in _EXERCISES and _EXERCISES[name].checker.__qualname__ != checker.__qualname__:
            raise ValueError(f'exercise "{name}" is declared twice; choose another name.')
        _EXERCISES[name] = Exercise(name, checker, hints, text, done, tuple(right), tuple(wrong))
        return checker

    return declare


def use_loader(load: Callable[[str | None], None]) -> None:
    """Hand in what declares what a chapter asks, such as ``"01"``, or with None all chapters."""
    _LOADERS.append(load)


def declare_chapter(number: str | None) -> None:
    """Have the exercises and questions of a chapter declared, or with None those of all."""
    for load in _LOADERS:
        load(number)


def find(name: str) -> Exercise:
    """Return the exercise of that name, loading its chapter's if need be.

    Raises
    ------
    UnknownExercise
        With the names that are close to the one given.
    """
    if name not in _EXERCISES and NAME.fullmatch(name):
        declare_chapter(name[:2])
    if name in _EXERCISES:
        return _EXERCISES[name]
    declare_chapter(None)
    close = difflib.get_close_matches(name.lower(), _EXERCISES, n=3)
    advice = 'Copy it from the chapter, as in check("01.suppressed_share", share, art=art).'
    if close:
        advice = "Did you mean " + " or ".join(f'"{one}"' for one in close) + "?"
    raise UnknownExercise(f'There is no exercise "{name}". {advice}')


def registered(module: str) -> list[Exercise]:
    """Return the exercises that were declared in the module of that name, in their order."""
    return [one for one in _EXERCISES.values() if one.checker.__module__ == module]


def sentence(clause: str) -> str:
    """Return a clause as a sentence: a capital first, a full stop last."""
    clause = clause.strip().removesuffix(".")
    return clause[:1].upper() + clause[1:] + ("" if clause.endswith(("?", "!")) else ".")
