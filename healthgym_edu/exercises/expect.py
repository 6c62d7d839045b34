"""Comparisons for checkers: each raises `Wrong` with the next step and never tells the answer.

They share their arguments: the learner's ``value``, the ``expected`` one, an absolute
``tolerance``, ``what`` to call the answer, the ``next_step`` to advise, and ``slips``: what a
common mistake comes to, under the words that name it, as in ``{"it is the mean, not the median":
mean}``; mistakes that take a while to compute come as a function that returns them, which is
called for a wrong value only. Of a value that is still blank they raise `NotAttempted`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from .placeholder import is_blank
from .registry import NotAttempted, Wrong

ANSWER = "the answer"
_BOOL = (bool, np.bool_)
_NUMBER = (int, float, np.integer, np.floating)

Compare = Callable[..., None]


def _naming_slips(compare: Compare) -> Compare:
    """Have a comparison say which of the ``slips`` a wrong value comes from."""

    @functools.wraps(compare)
    def named(
        value: Any,
        expected: Any,
        tolerance: float | None = None,
        what: str = ANSWER,
        next_step: str = "",
        slips: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        by_default = () if tolerance is None else (tolerance,)
        named_as = {"what": what, "next_step": next_step}
        try:
            compare(value, expected, *by_default, **named_as)
        except Wrong:
            known = slips() if callable(slips) else slips or {}
            for slip, wrong in known.items():
                if agrees(compare, value, wrong, *by_default):
                    raise Wrong(f"{what} is not right yet: {slip}", next_step) from None
            raise

    delattr(named, "__wrapped__")  # its own signature is the one that has the slips
    return named


def agrees(compare: Compare, value: Any, expected: Any, *tolerance: float) -> bool:
    """Whether a comparison finds nothing wrong."""
    try:
        compare(value, expected, *tolerance)
    except Wrong:
        return False
    return True


@_naming_slips
def expect_number(
    value: Any, expected: Any, tolerance: float = 1e-6, what: str = ANSWER, next_step: str = ""
) -> None:
    """Demand one number; a percentage for a share, or the opposite sign, gets its own advice."""
    number = _one_number(value, what)
    if abs(number - expected) <= tolerance:
        return
    share = 0 <= expected <= 1
    for slip, mended, possible in (
        ("this looks like a percentage; give a share between 0 and 1", number / 100, share),
        ("this looks like a share; give a percentage between 0 and 100", 100 * number, not share),
        ("this is the share of all the others; turn the comparison round", 1 - number, share),
        ("the sign is the other way round", -number, True),
    ):
        if possible and abs(mended - expected) <= tolerance:
            raise Wrong(f"{what} is not right yet: {slip}", next_step)
    lost = _lost_digits(pd.Series([number]), pd.Series([float(expected)]))
    if lost:
        raise Wrong(f"{what} is not right yet: it is {lost}; give it as it was computed", next_step)
    _not_right(what, next_step)


def expect_choice(
    value: Any,
    expected: Any,
    choices: Collection,
    what: str = ANSWER,
    next_step: str = "",
    slips: Mapping[Any, str] | None = None,
) -> None:
    """Demand one of ``choices``, the expected one; of text, in small letters or capitals."""
    refuse_blank(value)
    words = all(isinstance(one, str) for one in choices)
    it = ("the letter" if all(map(_is_letter, choices)) else "it") + (" as text" if words else "")
    if isinstance(value, (list, tuple, set, dict, np.ndarray, pd.Series, pd.Index)):
        kind = type(value).__name__.removeprefix("nd")
        arrived = f"{what} arrived in {'an' if kind[0] in 'aI' else 'a'} {kind}"
        raise Wrong(arrived, f"give {it}, without the {kind}")
    if isinstance(value, str):
        spelt = {str(one).casefold(): one for one in choices}
        plain = value.casefold().strip(" .:;,()[]'\"\n")
        value = spelt.get(value.strip().casefold(), spelt.get(plain, value))
        if value not in choices:
            raise Wrong(f"choose one of {', '.join(map(repr, choices))}, spelt so")
    elif words:
        raise Wrong(f"{what} should be text in quotation marks", next_step)
    if not isinstance(value, type(expected)) or value != expected:
        _wrong_choice(value, what, next_step, slips)


def _is_letter(choice: Any) -> bool:
    return isinstance(choice, str) and len(choice) == 1


def _wrong_choice(
    value: Any, what: str, next_step: str, slips: Mapping[Any, str] | None
) -> NoReturn:
    for choice, slip in (slips or {}).items():
        if type(value) is type(choice) and value == choice:
            raise Wrong(f"{what} is not right yet: {slip}", next_step)
    _not_right(what, next_step)


@_naming_slips
def expect_column(
    value: Any, expected: Any, tolerance: float = 1e-9, what: str = ANSWER, next_step: str = ""
) -> None:
    """Demand a pandas Series (or a table of one column) like ``expected``, in any order."""
    refuse_blank(value)
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        value = value.iloc[:, 0]
    if not isinstance(value, pd.Series):
        _wrong_kind(value, what, "one column (a pandas Series)", next_step)
    value = _in_order_of(expected, value, what, next_step)
    different = ~_same(value, expected, tolerance)
    if different.any():
        if len(expected) == 1:
            raise Wrong(f"{what} is not right yet", next_step)
        numbers = is_numeric_dtype(value) and is_numeric_dtype(expected)
        lost = _lost_digits(value, expected) if numbers else ""
        if lost:
            raise Wrong(f"{what}: the values are {lost}; give them as computed", next_step)
        many = f"{different.sum():,} of {len(expected):,} values differ"
        first = expected.index[[different.argmax()]].tolist()[0]
        raise Wrong(f"{what.rstrip(',')}: {many}, the first at {first!r}", next_step)


@_naming_slips
def expect_table(
    value: Any, expected: Any, tolerance: float = 1e-9, what: str = ANSWER, next_step: str = ""
) -> None:
    """Demand a DataFrame with the columns, rows and values of ``expected``, in any order."""
    refuse_blank(value)
    if not isinstance(value, pd.DataFrame):
        _wrong_kind(value, what, "a table (DataFrame)", next_step)
    missing = [repr(name) for name in expected if name not in value]
    extra = [repr(name) for name in value if name not in expected]
    if missing:
        raise Wrong(f"{', '.join(missing)} is missing from the columns of {what}", next_step)
    if extra:
        raise Wrong(f"{', '.join(extra)} is a column too many in {what}", next_step)
    for name in expected.columns:
        place = f"the column {name!r} of {what}"
        expect_column(value[name], expected[name], tolerance, place, next_step)


@_naming_slips
def expect_array(
    value: Any, expected: Any, tolerance: float = 1e-9, what: str = ANSWER, next_step: str = ""
) -> None:
    """Demand an array (or list) of the shape and values of ``expected``."""
    refuse_blank(value)
    if isinstance(value, (str, Mapping)) or not hasattr(value, "__len__"):
        _wrong_kind(value, what, "an array", next_step)
    value, expected = np.asarray(value), np.asarray(expected)
    if value.shape != expected.shape:
        shapes = f"the shape {expected.shape}; yours has {value.shape}"
        raise Wrong(f"{what} should have {shapes}", next_step)
    flat = pd.Series(value.ravel()), pd.Series(expected.ravel())
    expect_column(*flat, tolerance, what, next_step)


@_naming_slips
def expect_equal(
    value: Any, expected: Any, tolerance: float = 1e-9, what: str = ANSWER, next_step: str = ""
) -> None:
    """Demand something equal to ``expected``, compared as its type suggests."""
    refuse_blank(value)
    rest = (tolerance, what, next_step)
    if isinstance(expected, pd.DataFrame):
        expect_table(value, expected, *rest)
    elif isinstance(expected, pd.Series):
        expect_column(value, expected, *rest)
    elif isinstance(expected, np.ndarray):
        expect_array(value, expected, *rest)
    elif isinstance(expected, _NUMBER) and not isinstance(expected, bool):
        expect_number(value, expected, *rest)
    else:
        kind = _BOOL if isinstance(expected, _BOOL) else type(expected)
        if not isinstance(value, kind):
            _wrong_kind(value, what, f"of type {type(expected).__name__}", next_step)
        if value != expected:
            _not_right(what, next_step)


def _lost_digits(value: pd.Series, expected: pd.Series) -> str:
    """Say whether numbers are the expected ones "rounded" or "cut off, not rounded", or neither.

    Two digits, or two decimals, have to be right: a guess is not confirmed.
    """
    value, expected = (each.to_numpy(float, na_value=np.nan) for each in (value, expected))
    largest = np.nanmax(np.abs(value), initial=0.0)
    if largest == 0:
        return ""
    ways: dict[str, Callable] = {"rounded": np.round, "cut off, not rounded": _cut}
    for decimals in range(0 if largest >= 10 else 1 if largest >= 1 else 2, 7):
        for way, shorten in ways.items():
            if np.allclose(value, shorten(expected, decimals), rtol=0, atol=1e-9, equal_nan=True):
                return way
    return ""


def _cut(values: np.ndarray, decimals: int) -> np.ndarray:
    return np.trunc(values * 10.0**decimals) / 10.0**decimals


def _one_number(value: Any, what: str) -> float:
    """Return the value as a float, or say why it is none."""
    refuse_blank(value)
    what = f"{what} should be one number"
    shape = getattr(value, "shape", None)
    if shape == () and hasattr(value, "item"):  # of numpy, or a tensor of one number
        value = value.item()
    if isinstance(value, _BOOL):
        raise Wrong(f"{what}, not a yes/no value", "count or average instead of comparing")
    if isinstance(value, str):
        raise Wrong(f"{what}, not text", "leave the quotation marks out")
    if shape or isinstance(value, (pd.Series, pd.DataFrame, list, tuple)):
        if (np.prod(shape) if shape else np.size(value)) == 1:
            raise Wrong(f"{what}, not a container of one", "take it out with `.item()`")
        raise Wrong(what, "sum up your values, with `.mean()` or `.sum()` for instance")
    if not isinstance(value, _NUMBER):
        _wrong_kind(value, what)
    if not np.isfinite(value):
        step = "look for a division by zero or for missing values on the way"
        raise Wrong(f"{what} and came out as {value}", step)
    return float(value)


def _in_order_of(
    expected: pd.Series, value: pd.Series, what: str, next_step: str = ""
) -> pd.Series:
    """Return the rows of `value` in the order of `expected`, or say which do not belong."""
    if len(value) != len(expected):
        raise Wrong(f"{what} has {len(value):,} rows where {len(expected):,} are needed", next_step)
    if value.index.equals(expected.index):
        return value
    stray = value.index[~value.index.isin(expected.index) | value.index.duplicated()]
    if len(stray):
        problem = f"{what} has other row labels than expected ({stray[0]!r} is one)"
        raise Wrong(problem, "see whether it is grouped by the right column")
    return value.reindex(expected.index)


def _same(value: pd.Series, expected: pd.Series, tolerance: float) -> np.ndarray:
    """Compare two columns value by value; missing equals missing."""
    value, expected = value.infer_objects(), expected.infer_objects()
    if is_numeric_dtype(value) and is_numeric_dtype(expected):
        one, other = (each.to_numpy(float, na_value=np.nan) for each in (value, expected))
        return np.isclose(one, other, rtol=0, atol=tolerance, equal_nan=True)
    words = [one.astype(object).where(one.notna(), None).to_numpy() for one in (value, expected)]
    return np.equal(*words).astype(bool)


def refuse_blank(value: Any) -> None:
    """Leave a value that is still blank to the engine."""
    if is_blank(value):
        raise NotAttempted


def _wrong_kind(value: Any, what: str, kind: str = "", next_step: str = "") -> NoReturn:
    """Say of which kind the answer should be, and what was probably forgotten."""
    slip = ""
    if value is None:
        slip = "; nothing arrived: is a `return` or an assignment missing?"
    elif callable(value) and not isinstance(value, type):
        slip = "; a function arrived: are the parentheses of a call missing?"
    should = f" should be {kind}" if kind else ""
    raise Wrong(f"{what}{should}{slip}", next_step)


def _not_right(what: str, next_step: str) -> NoReturn:
    raise Wrong(f"{what} is not right yet", next_step or "read the question again")
