"""The columns on which the scalers of chapter 09 are judged, and what is demanded of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

ERROR = 0.1
"""Of the network, in standard deviations."""

MOST_TURNED = 0.25
"""Share of the values that such an error may change by much."""

STEP = "fit it on one column, such as train.frame['VL'].to_numpy(), and call both functions"


@dataclass(frozen=True)
class Column:
    """One column: of whom to learn, others, and values that lie beyond both."""

    name: str
    train: np.ndarray
    others: np.ndarray
    beyond: np.ndarray

    @property
    def room(self) -> float:
        """Width of the middle half of the training values."""
        low, high = np.quantile(self.train, [0.25, 0.75])
        return float(high - low)


@cache
def columns(seed: int) -> tuple[Column, ...]:
    """Columns of people who are simulated with this seed."""
    wanted = {
        "art_hiv": (160, {"VL": "the viral load", "CD4": "the CD4 count"}),
        "hypotension": (120, {"MAP": "the arterial pressure", "urine": "urine"}),
        "sepsis": (200, {"BE": "the base excess, which can be negative", "Input4H": "fluid"}),
    }
    found = []
    for condition, (n, names) in wanted.items():
        cohort = load_cohort(condition, n_patients=n, seed=seed)
        ids = cohort.patients.index
        parts = [cohort.subset(ids[: n // 2]).frame, cohort.subset(ids[n // 2 :]).frame]
        found += [_column(said, *(one[name].to_numpy(float) for one in parts))
                  for name, said in names.items()]  # fmt: skip
    load = found[0]
    small = "the viral load in copies per microlitre (a thousandth)"
    found.append(_column(small, load.train / 1000, load.others / 1000))
    constant = np.full(50, 37.0)
    found.append(Column("a column with one value only", constant, constant[:5], np.array([40.0])))
    return tuple(found)


def _column(name: str, train: np.ndarray, others: np.ndarray) -> Column:
    wide = np.ptp(train)
    low = train.min() - 0.5 * wide if train.min() < 0 else 0.0
    return Column(name, train, others, np.array([low, train.max() + wide, 3 * train.max()]))


def judged(value: Any, seed: int) -> str:
    """Demand all that the exercise asks for; return a sentence about what was found."""
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    fitted = [(one, *_two_functions(value, one)) for one in columns(seed)]
    worst = 0.0
    for column, forward, back in fitted:
        _require_standard(column, forward)
        _require_round_trip(column, forward, back)
    for column, forward, back in fitted[:-1]:
        worst = max(worst, _require_small_change(column, forward, back))
    return (
        f"{len(fitted)} columns came back. At worst, an error of {ERROR} changed "
        f"{worst:.0%} of the values of a column by much."
    )


def _two_functions(value: Any, column: Column) -> tuple[Callable, Callable]:
    pair = _call(value, column.train.copy(), column, "your function")
    if is_blank(pair):
        raise NotAttempted
    if pair is None:
        raise Wrong("your function returned nothing", "end it with: return forward, back")
    if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not all(map(callable, pair)):
        problem = f"your function returned {describe(pair)}, not two functions"
        raise Wrong(problem, "end it with: return forward, back")
    return pair[0], pair[1]


def _call(function: Callable, array: np.ndarray, column: Column, which: str) -> Any:
    with np.errstate(all="ignore"):
        try:
            return function(array)
        except Exception as error:
            problem = f"{which}, given {column.name}, raised {type(error).__name__}: {error}"
            raise Wrong(f"{problem:.240}", STEP) from error


def _numbers(function: Callable, array: np.ndarray, column: Column, which: str) -> np.ndarray:
    """What one of the two functions returns: finite numbers of the shape that it was given."""
    result = _call(function, array.copy(), column, which)
    if is_blank(result):
        raise NotAttempted
    if result is None:
        raise Wrong(f"{which} returned nothing", "end it with `return …`")
    try:
        result = np.asarray(result, dtype=float)
    except (TypeError, ValueError) as error:
        raise Wrong(f"{which} returned {describe(result)}", "return an array") from error
    if result.shape != array.shape:
        shapes = f"of shape {result.shape} for values of shape {array.shape}"
        raise Wrong(f"{which} returned an array {shapes}", "keep the shape of what it is given")
    if not np.isfinite(result).all():
        where = float(array[~np.isfinite(result)][0])
        problem = f"{which} is not finite for {column.name}, first at {where:g}"
        raise Wrong(problem, "look for a division by zero, or a logarithm of 0 or less")
    return result


def _require_standard(column: Column, forward: Callable) -> None:
    numbers = _numbers(forward, column.train, column, "forward")
    alone = _numbers(forward, column.train[:3], column, "forward")
    if not np.allclose(alone, numbers[:3], rtol=1e-6, atol=1e-9):
        problem = f"of {column.name}, a value gets another number when fewer others come with it"
        raise Wrong(problem, "compute mean and spread once, outside `forward`, from `values`")
    if column.room == 0 and np.ptp(column.train) == 0:
        return
    found = f"mean {numbers.mean():.2g} and standard deviation {numbers.std():.2g}"
    if abs(numbers.mean()) > 0.01 or abs(numbers.std() - 1) > 0.02:
        problem = f"the training values of {column.name} get {found}"
        raise Wrong(problem, "subtract the mean and divide by the spread *after* the bend")
    if numbers[column.train.argmax()] < numbers[column.train.argmin()]:
        raise Wrong(f"of {column.name}, larger values get smaller numbers", "keep the order")


def _require_round_trip(column: Column, forward: Callable, back: Callable) -> None:
    kinds = {"of the training people": column.train, "of other people": column.others,
             "beyond those of training": column.beyond}  # fmt: skip
    for which, values in kinds.items():
        there = _numbers(forward, values, column, "forward")
        returned = _numbers(back, there, column, "back")
        small = 1e-6 * max(float(np.abs(column.train).max()), 1e-12)
        off = np.abs(returned - values) > 1e-5 * np.abs(values) + 1e-3 * small
        if off.any():
            one, got = float(values[off][0]), float(returned[off][0])
            problem = (
                f"{column.name}: {off.sum():,} of {len(values):,} values {which} do not survive "
                f"the round trip; {one:.6g} came back as {got:.6g}"
            )
            raise Wrong(problem, "back has to undo each step of forward, in the opposite order")


def _require_small_change(column: Column, forward: Callable, back: Callable) -> float:
    numbers = _numbers(forward, column.others, column, "forward")
    allowed = np.maximum(0.5 * np.abs(column.others), 0.2 * column.room)
    turned = []
    for error in (-ERROR, ERROR):
        moved = _call(back, numbers + error, column, "back")
        change = np.abs(np.asarray(moved, dtype=float) - column.others)
        turned.append(float((~(change <= allowed)).mean()))
    if max(turned) > MOST_TURNED:
        problem = (
            f"an error of {ERROR} changes {max(turned):.0%} of the values of {column.name} by "
            "half of themselves or more"
        )
        step = "bend the scale first, with a logarithm or its like"
        if "thousandth" in column.name:
            step = "where the bend begins should come from the values, or it depends on the unit"
        raise Wrong(problem, step)
    return max(turned)
