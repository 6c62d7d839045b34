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

import numpy as np
import pandas as pd

_NAME = re.compile(r"\d\d\.[a-z][a-z0-9_]*")


class Wrong(Exception):
    """Raised by a checker: what is not right about the answer, and the next step to take.

    Both are clauses without a full stop; together they never tell the answer.
    """

    def __init__(self, problem: str, next_step: str = "") -> None:
        super().__init__(problem, next_step)
        clauses = (problem, f"next step: {next_step}" if next_step else "")
        self.message = " ".join(_sentence(clause) for clause in clauses if clause)

    def __str__(self) -> str:
        return self.message


class NotAttempted(Exception):
    """Raised by a helper of the checkers: the answer still contains the blank."""


class ExerciseError(AssertionError):
    """An exercise was not answered correctly while ``HEALTHGYM_EDU_STRICT=1``."""


class UnknownExercise(KeyError):
    """No exercise has this name; the message suggests those that are close."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Exercise:
    """One exercise: how an answer is judged and all that is said about it.

    Attributes
    ----------
    name : str
        Chapter number, a dot and a short name: ``"01.suppressed_share"``.
    checker : callable
        ``checker(value, *, keyword, …)`` raises `Wrong` or returns None when the answer is right.
    hints : tuple of str
        From a nudge to nearly there; each call of ``hint`` gives the next.
    solution : str
        Source text of one right answer. It runs by itself, given the exercise's keywords (and
        ``np``, ``pd``, ``plt``, ``hg`` where it names them). The value of its last statement is
        the answer: an expression, an assignment, or a function definition.
    done : str
        Printed when the answer is right: what was just learnt.
    reference : callable or None
        Another right answer, computed from the exercise's keywords; the tests try both.
    wrong : tuple of (value, str)
        Wrong answers with a fragment of the message that each must give. A callable is called
        with the exercise's keywords; wrap an answer that is itself a function in a lambda.
    """

    name: str
    checker: Callable[..., None]
    hints: tuple[str, ...]
    solution: str
    done: str = ""
    reference: Callable[..., Any] | None = None
    wrong: tuple[tuple[Any, str], ...] = ()

    @property
    def chapter(self) -> str:
        """The two digits of the chapter the exercise belongs to."""
        return self.name[:2]

    @property
    def keywords(self) -> tuple[str, ...]:
        """Every keyword the checker takes, such as ``("art",)``."""
        return tuple(name for name, _ in self._keyword_parameters())

    @property
    def required(self) -> tuple[str, ...]:
        """The keywords that must be given to ``check``."""
        return tuple(
            name for name, parameter in self._keyword_parameters()
            if parameter.default is inspect.Parameter.empty
        )

    def _keyword_parameters(self) -> list[tuple[str, inspect.Parameter]]:
        parameters = inspect.signature(self.checker).parameters.items()
        return [(name, p) for name, p in parameters if p.kind is p.KEYWORD_ONLY]

    def call(self, function: str, *arguments: str) -> str:
        """How ``check`` and its like are called for this exercise, as a line of code."""
        given = ", ".join([f'"{self.name}"', *arguments, *(f"{k}={k}" for k in self.required)])
        return f"{function}({given})"

    def run_solution(self, **context: Any) -> Any:
        """Run the solution's source text and return the answer it gives."""
        tree = ast.parse(self.solution)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        space: dict[str, Any] = {"np": np, "pd": pd, **context}
        if "plt" in names:
            space["plt"] = importlib.import_module("matplotlib.pyplot")
        if "hg" in names:
            space["hg"] = importlib.import_module("healthgym_edu")
        name = _name_of_answer(tree)
        exec(compile(tree, f"<solution of {self.name}>", "exec"), space)
        return space[name]


_EXERCISES: dict[str, Exercise] = {}


def exercise(
    name: str,
    *,
    hint: str | Sequence[str],
    solution: str,
    done: str = "",
    reference: Callable[..., Any] | None = None,
    wrong: Sequence[tuple[Any, str]] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare an exercise; the decorated function judges an answer. See `Exercise` for the parts.

    Raises
    ------
    ValueError
        The name is malformed or taken, there is no hint, the solution is not valid Python or
        ends in no value, or the checker's context is not keyword-only.
    """
    hints = (hint,) if isinstance(hint, str) else tuple(hint)
    text = textwrap.dedent(solution).strip("\n")

    def declare(checker: Callable[..., None]) -> Callable[..., None]:
        _refuse_malformed(name, hints, text, checker)
        _EXERCISES[name] = Exercise(name, checker, hints, text, done, reference, tuple(wrong))
        return checker

    return declare


def find(name: str) -> Exercise:
    """Return the exercise of that name, importing its chapter's checks if need be.

    Raises
    ------
    UnknownExercise
        With the names that are close to the one given.
    """
    checks = importlib.import_module("healthgym_edu.checks")
    if name not in _EXERCISES and _NAME.fullmatch(name):
        checks.load(name[:2])
    if name in _EXERCISES:
        return _EXERCISES[name]
    for number in checks.numbers():
        checks.load(number)
    raise UnknownExercise(_not_found(name, sorted(_EXERCISES)))


def registered(module: str) -> list[Exercise]:
    """Return the exercises that were declared in the module of that name, in their order."""
    return [one for one in _EXERCISES.values() if one.checker.__module__ == module]


def _sentence(clause: str) -> str:
    clause = clause.strip().removesuffix(".")
    return clause[:1].upper() + clause[1:] + ("" if clause.endswith(("?", "!")) else ".")


def _not_found(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    tail = name.lower().rpartition(".")[2]
    close += [one for one in known if one not in close and one.partition(".")[2] == tail]
    if close:
        return f'There is no exercise "{name}". Did you mean {listed(close, "or")}?'
    chapter = [one for one in known if one[:2] == name[:2]]
    if chapter:
        return f'There is no exercise "{name}". Chapter {name[:2]} has {listed(chapter, "and")}.'
    return (
        f'There is no exercise "{name}". A name is the chapter\'s number, a dot and a word, '
        'as in "01.suppressed_share"; copy it from the chapter.'
    )


def listed(names: list[str], word: str) -> str:
    """Join names in quotation marks, the last with ``word``: ``"a", "b" or "c"``."""
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"


def _name_of_answer(tree: ast.Module) -> str:
    """Return the name that holds the answer; a last expression is first given one, in place."""
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.FunctionDef):
        return last.name
    if isinstance(last, ast.Expr):
        target = ast.Name("answer", ast.Store())
        tree.body[-1] = last = ast.Assign([target], last.value)
        ast.fix_missing_locations(tree)
    targets = last.targets if isinstance(last, ast.Assign) else []
    if len(targets) == 1 and isinstance(targets[0], ast.Name):
        return targets[0].id
    raise ValueError("its last line is neither an expression, nor `name = …`, nor a function")


def _refuse_malformed(name: str, hints: tuple[str, ...], text: str, checker: Callable) -> None:
    where = f'exercise "{name}"'
    if not _NAME.fullmatch(name):
        raise ValueError(f'{where}: a name is two digits, a dot and a word: "01.suppressed_share".')
    taken = _EXERCISES.get(name)
    home = (checker.__module__, checker.__qualname__)
    if taken and (taken.checker.__module__, taken.checker.__qualname__) != home:
        raise ValueError(f"{where} is declared twice; choose another name.")
    if not hints or not all(isinstance(one, str) and one.strip() for one in hints):
        raise ValueError(f"{where} has an empty hint; write at least one sentence.")
    try:
        _name_of_answer(ast.parse(text))
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{where}: its solution gives no answer: {error}.") from error
    parameters = list(inspect.signature(checker).parameters.values())
    if not parameters or any(p.kind is not p.KEYWORD_ONLY for p in parameters[1:]):
        raise ValueError(f"{where}: write the checker as `def {checker.__name__}(value, *, art)`.")
