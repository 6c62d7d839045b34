"""Comparisons for checkers: each raises `Wrong` with the next step and never tells the answer."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .describe import describe
from .placeholder import is_blank
from .registry import NotAttempted, Wrong


def expect_number(
    value: Any, expected: float, tolerance: float = 1e-6, what: str = "the answer",
    next_step: str = "",
) -> None:
    """Demand one number within ``tolerance`` (absolute) of the expected one.

    Common slips get their own advice: an array where one number is asked, a number in quotes, a
    percentage for a share and the reverse, the opposite share, the opposite sign.

    Raises
    ------
    Wrong
        With ``next_step`` where no slip is recognised.
    """
    number = _one_number(value, what)
    if abs(number - expected) <= tolerance:
        return
    share = 0 <= expected <= 1
    slips = [
        (share and _near(number, 100 * expected, 100 * tolerance),
         "this looks like a percentage; give a share between 0 and 1"),
        (_near(100 * number, expected, tolerance),
         "this looks like a share; give a percentage between 0 and 100"),
        (share and _near(number, 1 - expected, tolerance),
         "this is the share of all the others; turn the comparison round"),
        (_near(number, -expected, tolerance), "the sign is the other way round"),
    ]
    _fail(next((advice for found, advice in slips if found), ""), what, next_step)


def expect_type(value: Any, types: type | tuple[type, ...], what: str = "the answer",
                next_step: str = "") -> None:
    """Demand an instance of one of ``types``."""
    _refuse_blank(value)
    if isinstance(value, types):
        return
    types = types if isinstance(types, tuple) else (types,)
    wanted = " or ".join(one.__name__ for one in types)
    raise Wrong(f"{what} should be of type {wanted}{_slip_of_kind(value)}", next_step)


def expect_choice(value: Any, expected: Any, choices: Collection[Any], what: str = "the answer",
                  next_step: str = "") -> None:
    """Demand one of ``choices``, the expected one."""
    _refuse_blank(value)
    if isinstance(value, str) and value not in choices:
        close = difflib.get_close_matches(value, [c for c in choices if isinstance(c, str)], n=1)
        like = f" (close to yours: {close[0]!r})" if close and close[0] != expected else ""
        raise Wrong(f"choose one of {', '.join(map(repr, choices))}, spelt exactly so{like}")
    if not isinstance(value, type(expected)) or value != expected:
        _fail("", what, next_step)


def expect_labels(value: Any, expected: Collection[Any], what: str = "the answer",
                  next_step: str = "") -> None:
    """Demand exactly these labels, in any order, in any list-like."""
    _refuse_blank(value)
    if isinstance(value, (str, Mapping)) or not hasattr(value, "__iter__"):
        raise Wrong(f"{what} should be a list of labels{_slip_of_kind(value)}", next_step)
    given, wanted = set(value), set(expected)
    if given == wanted:
        return
    found = f"{len(given & wanted)} of those you give belong to {what}"
    extra = f", {len(given - wanted)} do not" if given - wanted else ", and some are missing"
    raise Wrong(f"{found}{extra}", next_step)


def expect_column(value: Any, expected: pd.Series, tolerance: float = 1e-9,
                  what: str = "the answer", next_step: str = "", ordered: bool = False) -> None:
    """Demand a pandas Series with the labels and values of ``expected``.

    ``ordered`` also demands its order. Missing values must be missing in both.
    """
    _refuse_blank(value)
    if not isinstance(value, pd.Series):
        kind = f"one column (a pandas Series){_slip_of_kind(value)}"
        raise Wrong(f"{what} should be {kind}", next_step)
    value = _aligned(value, expected, what, ordered)
    different = ~_same(value, expected, tolerance)
    if different.any():
        first = expected.index[different.argmax()]
        raise Wrong(
            f"{what}: {int(different.sum()):,} of {len(expected):,} values differ, "
            f"the first at {first!r}",
            next_step,
        )


def expect_table(value: Any, expected: pd.DataFrame, tolerance: float = 1e-9,
                 what: str = "the answer", next_step: str = "", ordered: bool = False) -> None:
    """Demand a DataFrame with the columns, rows and values of ``expected``.

    Columns may stand in any order; rows too, unless ``ordered``.
    """
    _refuse_blank(value)
    if not isinstance(value, pd.DataFrame):
        raise Wrong(f"{what} should be a table (DataFrame){_slip_of_kind(value)}", next_step)
    missing = [name for name in expected.columns if name not in value.columns]
    extra = [name for name in value.columns if name not in expected.columns]
    if missing:
        have = ", ".join(map(repr, value.columns))
        lacking = ", ".join(map(repr, missing))
        raise Wrong(f"{what} has {have} as columns; {lacking} is missing", next_step)
    if extra:
        raise Wrong(f"{what} has a column too many: {', '.join(map(repr, extra))}", next_step)
    value = _aligned(value, expected, what, ordered)
    for name in expected.columns:
        expect_column(value[name], expected[name], tolerance, f"the column {name!r} of {what}",
                      next_step)


def expect_array(value: Any, expected: Any, tolerance: float = 1e-9, what: str = "the answer",
                 next_step: str = "") -> None:
    """Demand an array (or list) of the shape and values of ``expected``."""
    _refuse_blank(value)
    expected = np.asarray(expected)
    if isinstance(value, (str, Mapping)) or not hasattr(value, "__len__"):
        raise Wrong(f"{what} should be an array{_slip_of_kind(value)}", next_step)
    given = np.asarray(value)
    if given.shape != expected.shape:
        sizes = f"{_dimensions(expected)}; yours has {_dimensions(given)}"
        raise Wrong(f"{what} should have {sizes}", next_step)
    different = ~_same(given, expected, tolerance)
    if different.any():
        many = f"{int(different.sum()):,} of {expected.size:,} values differ"
        raise Wrong(f"{what}: {many}", next_step)


def expect_equal(value: Any, expected: Any, tolerance: float = 1e-9, what: str = "the answer",
                 next_step: str = "") -> None:
    """Demand something equal to ``expected``, compared as its type suggests."""
    _refuse_blank(value)
    if isinstance(expected, (bool, np.bool_)):
        expect_type(value, (bool, np.bool_), what, next_step)
        if bool(value) != bool(expected):
            _fail("", what, next_step)
    elif isinstance(expected, (int, float, np.number)):
        expect_number(value, float(expected), tolerance, what, next_step)
    elif isinstance(expected, pd.DataFrame):
        expect_table(value, expected, tolerance, what, next_step)
    elif isinstance(expected, pd.Series):
        expect_column(value, expected, tolerance, what, next_step)
    elif isinstance(expected, np.ndarray):
        expect_array(value, expected, tolerance, what, next_step)
    else:
        expect_type(value, type(expected), what, next_step)
        if value != expected:
            _fail("", what, next_step)


def expect_function(
    value: Any, cases: Sequence[tuple[tuple, Any]], tolerance: float = 1e-9,
    what: str = "your function", next_step: str = "",
) -> None:
    """Demand a function that gives the expected result in every case.

    Parameters
    ----------
    value : callable
        The learner's function.
    cases : sequence of (arguments, expected)
        Each is called as ``value(*arguments)``, on copies, so that the cohort stays as it was.

    Raises
    ------
    Wrong
        It is not a function, raises, returns nothing, changes its arguments or is wrong.
    NotAttempted
        It still contains the blank or returns it.
    """
    _refuse_blank(value)
    if not callable(value):
        raise Wrong(f"{what} should be a function", "give its name, without parentheses")
    for arguments, expected in cases:
        own = copy.deepcopy(arguments)
        called = f"{what}, called with ({', '.join(map(_brief, arguments))}),"
        try:
            result = value(*own)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            raise Wrong(f"{called} raised {problem}", next_step) from error
        if result is None and expected is not None:
            raise Wrong(f"{called} returned nothing", "end it with `return …`")
        expect_equal(result, expected, tolerance, f"the result of {called}", next_step)
        for before, after in zip(arguments, own, strict=True):
            if isinstance(before, (pd.DataFrame, pd.Series)) and not before.equals(after):
                raise Wrong(f"{what} changed the table it was given", "work on a `.copy()` of it")


def _one_number(value: Any, what: str) -> float:
    _refuse_blank(value)
    if isinstance(value, (bool, np.bool_)):
        raise Wrong(f"{what} should be one number; a yes/no value comes from a comparison",
                    "count or average instead")
    if isinstance(value, (int, float, np.integer, np.floating)):
        if not np.isfinite(value):
            raise Wrong(f"{what} came out as {value}",
                        "look for a division by zero or for missing values on the way")
        return float(value)
    if isinstance(value, str):
        raise Wrong(f"{what} should be a number, not text", "leave the quotation marks out")
    if np.size(value) == 1 and isinstance(value, (np.ndarray, pd.Series, pd.DataFrame)):
        raise Wrong(f"{what} should be one number, and yours is still inside its container",
                    "take it out with `.item()`, or select one column with single brackets")
    if isinstance(value, (np.ndarray, pd.Series, pd.DataFrame, list, tuple)):
        raise Wrong(f"{what} should be one number",
                    "sum up your values, with `.mean()` or `.sum()` for instance")
    raise Wrong(f"{what} should be one number{_slip_of_kind(value)}")


def _aligned(value: Any, expected: Any, what: str, ordered: bool) -> Any:
    if len(value) != len(expected):
        raise Wrong(f"{what} has {len(value):,} rows where {len(expected):,} are needed")
    moved = not value.index.equals(expected.index)
    if ordered and moved and set(value.index) == set(expected.index):
        raise Wrong(f"{what} has the right rows in another order", "sort them")
    stray = ~value.index.isin(expected.index)
    if stray.any() or value.index.has_duplicates != expected.index.has_duplicates:
        first = value.index[stray.argmax()] if stray.any() else "a label that occurs twice"
        raise Wrong(f"{what} has other row labels than expected ({first!r} is one)",
                    "see whether it is grouped by the right column")
    return value if value.index.has_duplicates else value.reindex(expected.index)


def _same(value: Any, expected: Any, tolerance: float) -> np.ndarray:
    """Compare two arrays of one shape element by element; missing equals missing."""
    given, wanted = pd.array(np.ravel(value)), pd.array(np.ravel(expected))
    both_missing = np.asarray(pd.isna(given) & pd.isna(wanted))
    if pd.api.types.is_numeric_dtype(wanted) and pd.api.types.is_numeric_dtype(given):
        numbers = [one.to_numpy(dtype=float, na_value=np.nan) for one in (given, wanted)]
        return both_missing | (np.abs(numbers[0] - numbers[1]) <= tolerance)
    objects = [pd.Series(one, dtype=object).where(pd.notna(one), None) for one in (given, wanted)]
    return both_missing | (objects[0].to_numpy() == objects[1].to_numpy())


def _near(number: float, target: float, tolerance: float) -> bool:
    return target != 0 and abs(number - target) <= tolerance


def _dimensions(array: np.ndarray) -> str:
    return f"{array.size:,} values" if array.ndim == 1 else f"the shape {array.shape}"


def _slip_of_kind(value: Any) -> str:
    if value is None:
        return "; nothing arrived: is a `return` or an assignment missing?"
    if callable(value) and not isinstance(value, type):
        return "; a function arrived: are the parentheses of a call missing?"
    return ""


def _refuse_blank(value: Any) -> None:
    if is_blank(value):
        raise NotAttempted


def _brief(argument: Any) -> str:
    kinds = {pd.DataFrame: "a table", pd.Series: "a column", np.ndarray: "an array"}
    known = next((name for kind, name in kinds.items() if isinstance(argument, kind)), "")
    return known or describe(argument).partition(" (")[0]


def _fail(slip: str, what: str, next_step: str) -> None:
    slip = f": {slip}" if slip else ""
    raise Wrong(f"{what} is not right yet{slip}", next_step or "read the question again")
