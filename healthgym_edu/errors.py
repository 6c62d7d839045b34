"""The errors this package raises on purpose.

Everything that a reader can get wrong (an argument, a file, a table, a download) ends in one of
the five classes below, with one short paragraph that says where it happened, what was found, what
was expected and what to do next. Catch `HealthGymError` to catch them all.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from numbers import Integral
from typing import Any

__all__ = [
    "ArgumentError",
    "HealthGymError",
    "SchemaError",
    "SourceError",
    "TrainingError",
    "require_known",
    "require_whole",
]


class HealthGymError(Exception):
    """Base class of every error that bad input can cause in this package."""


class ArgumentError(HealthGymError, ValueError):
    """A function was called with something it cannot use, such as ``n_patients=0``."""


class SourceError(HealthGymError, OSError):
    """A file or a download cannot be read or written: missing, empty, cut off, refused."""


class TrainingError(HealthGymError, RuntimeError):
    """A network stopped learning: a loss is no number any more.

    Parameters
    ----------
    message : str
    run : object, optional
        How it had learned until then.
    """

    def __init__(self, message: str, run: object = None):
        super().__init__(message)
        self.run = run


class SchemaError(HealthGymError, ValueError):
    """A table does not fit the schema of its condition.

    Parameters
    ----------
    message : str
        What was found, what was expected and what to do.
    column : str, optional
        The first column that does not fit.
    row : int, optional
        The label of the first row that does not fit, counted from 0 in a table read from a file.
    """

    def __init__(self, message: str, *, column: str | None = None, row: int | None = None):
        super().__init__(message)
        self.column = column
        self.row = row


def require_known(kind: str, name: object, known: Iterable[str], where: str = "") -> None:
    """Raise `ArgumentError`, with what there is, if there is no such column, reward or the like."""
    names = [str(one) for one in known]
    if name not in names:
        near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.4)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        listed = ", ".join(map(repr, names))
        raise ArgumentError(f"There is no {kind} {name!r}{where}.{guess} There is: {listed}.")


def require_whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return a whole number within these limits as an `int`; `ArgumentError` for anything else."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        limits = f"{least} or larger" if most is None else f"from {least} to {most:,}"
        raise ArgumentError(f"{name} is {value!r}; it must be a whole number, {limits}.")
    return int(value)
