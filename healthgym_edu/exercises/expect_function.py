"""The comparison for answers that are functions: what each gives, case by case."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .describe import describe
from .expect import ANSWER, agrees, expect_equal, refuse_blank
from .registry import NotAttempted, Wrong


def expect_function(
    value: Any,
    cases: Sequence[tuple[tuple, Any]],
    tolerance: float = 1e-9,
    what: str = ANSWER,
    next_step: str = "",
    slips: Mapping[str, Callable] | None = None,
) -> None:
    """Demand a function that gives the expected result in every case.

    Parameters
    ----------
    value : callable
        The answer that arrived.
    cases : sequence of (arguments, expected)
        Each is called as ``value(*arguments)`` on copies of the arguments, so that the cohort
        stays as it was.
    tolerance, what, next_step
        As in all comparisons; see the module `expect`.
    slips : mapping of str to callable
        Functions that make a common mistake, under the words that name it. A slip is named where
        it gives what the answer gives in every case; never where that is 0 in all of them.

    Raises
    ------
    Wrong
        No function; one that raises, perhaps since its arguments stand in another order, returns
        nothing, gives the same whatever it is given, or something else than expected.
    NotAttempted
        A blank.
    """
    refuse_blank(value)
    if not callable(value):
        raise Wrong(f"{what} should be a function", "give its name, without parentheses")
    results = []
    for arguments, expected in cases:
        called = _called(what, arguments)
        try:
            result = value(*copy.deepcopy(arguments))
        except (NotAttempted, Wrong):  # of a checker that looks at the result first
            raise
        except Exception as error:
            if _takes_another_order(value, cases, tolerance):
                problem = f"{what} takes its arguments in another order"
                raise Wrong(problem, f"it is {_called('', arguments)}, in this order") from error
            problem = f"{type(error).__name__}: {error}"
            raise Wrong(f"{called} raised {problem}", next_step) from error
        if result is None and expected is not None:
            raise Wrong(f"{called} returned nothing", "end it with `return …`")
        refuse_blank(result)
        results.append(result)
    for result, (arguments, expected) in zip(results, cases, strict=True):
        place = f"the result of {_called(what, arguments)}"
        try:
            expect_equal(result, expected, tolerance, place, next_step)
        except Wrong:
            _name_mistake(results, cases, tolerance, what, next_step, slips or {})
            raise


def _called(what: str, arguments: tuple) -> str:
    shown = ", ".join(describe(argument).partition(" (")[0] for argument in arguments)
    return f"{what}, called with ({shown})," if what else f"called with ({shown})"


def _name_mistake(
    results: Sequence,
    cases: Sequence[tuple[tuple, Any]],
    tolerance: float,
    what: str,
    next_step: str,
    slips: Mapping[str, Callable],
) -> None:
    """Raise what explains all the results, if anything does."""
    always = _only_value(results)
    for slip, wrong in slips.items() if always != 0 else ():
        slipped = (wrong(*copy.deepcopy(arguments)) for arguments, _ in cases)
        pairs = zip(results, slipped, strict=True)
        if all(agrees(expect_equal, one, other, tolerance) for one, other in pairs):
            raise Wrong(f"{what} is not right yet: {slip}", next_step)
    if always is not None and _only_value([expected for _, expected in cases]) is None:
        problem = f"{what} gives {always:.6g} every time, whatever it is given"
        raise Wrong(f"{problem}: does it use its arguments?", next_step)


def _only_value(results: Sequence) -> float | None:
    """Return the one number that all the results consist of; None where they are several."""
    found: set[float] = set()
    for result in results:
        try:
            found.update(np.unique(np.asarray(result, dtype=float)).tolist())
        except (TypeError, ValueError):  # no numbers
            return None
        if len(found) > 1:
            return None
    return next(iter(found), None)


def _takes_another_order(value: Callable, cases: Sequence, tolerance: float) -> bool:
    """Whether a function that raises works with its arguments in another order.

    With two of them it works where it raises nothing, with more where its results are right.
    """
    for order in itertools.permutations(range(len(cases[0][0]))):
        try:
            if all(
                _works(value, [arguments[place] for place in order], expected, tolerance)
                for arguments, expected in cases
            ):
                return True
        except Exception:  # nor in this order
            continue
    return False


def _works(value: Callable, arguments: list, expected: Any, tolerance: float) -> bool:
    result = value(*copy.deepcopy(arguments))
    return len(arguments) == 2 or agrees(expect_equal, result, expected, tolerance)
