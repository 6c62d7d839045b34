"""NumPy's elementwise functions for arrays and for single numbers.

A mechanism is written once.  With arrays it moves many patients; with single numbers (NumPy
scalars, shape ``()``) it moves one, several times faster than with arrays of length 1, because
arithmetic on NumPy scalars is quick.  ``np.where``, ``np.minimum`` and ``np.maximum`` are not:
on single numbers they take longer than all the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from typing import Any

import numpy as np


@cache
def as_array(values: tuple[float, ...]) -> np.ndarray:
    """Return a parameter of several values as an array, made once; not to be written to."""
    return np.array(values)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """As ``np.where``; with a single condition one of the two."""
    if isinstance(condition, np.ndarray):
        return np.where(condition, yes, no)
    return yes if condition else no


def minimum(a: Any, b: Any) -> Any:
    """As ``np.minimum``."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.minimum(a, b)
    return b if b < a else a


def maximum(a: Any, b: Any) -> Any:
    """As ``np.maximum``."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.maximum(a, b)
    return b if b > a else a


def within(value: Any, low: float, high: float) -> Any:
    """As ``np.clip``."""
    if isinstance(value, np.ndarray):
        return np.minimum(np.maximum(value, low), high)
    return low if value < low else high if value > high else value


def between(value: Any, limits: tuple[float, float]) -> Any:
    """0 at the first limit and before it, 1 at the second and beyond, linear in between."""
    none, full = limits
    return within((value - none) / (full - none), 0.0, 1.0)


def logistic(x: Any) -> Any:
    """Inverse of the log-odds."""
    return 1 / (1 + np.exp(-x))


def normal_rank(score: Any) -> Any:
    """Normal distribution function, to 1e-4 (Bowling 2009)."""
    return logistic(score * (1.5976 + 0.070565992 * score**2))


def position(limits: tuple[float, ...], value: Any) -> Any:
    """How many of the rising limits a value has reached: the position of its class."""
    if isinstance(value, np.ndarray):
        reached = np.zeros(value.shape, dtype=np.int8)
        for limit in limits:  # few limits: quicker than to search each value's place
            reached += (value >= limit).view(np.int8)
        return reached.astype(np.int64)
    return bisect_right(limits, value)


def written(old: Any, rows: Any, new: Any) -> Any:
    """Return a copy of ``old`` with new values in these rows; of one patient, the new value."""
    if not isinstance(old, np.ndarray):
        return new
    fresh = old.copy()
    fresh[rows] = new
    return fresh
