"""The errors this package raises on purpose.

Everything that a reader can get wrong (an argument, a file, a table, a download) ends in one of
the four classes below, with one short paragraph that says where it happened, what was found, what
was expected and what to do next. Catch `HealthGymError` to catch them all.
"""

from __future__ import annotations

__all__ = ["ArgumentError", "HealthGymError", "SchemaError", "SourceError"]


class HealthGymError(Exception):
    """Base class of every error that bad input can cause in this package."""


class ArgumentError(HealthGymError, ValueError):
    """A function was called with something it cannot use, such as ``n_patients=0``."""


class SourceError(HealthGymError, OSError):
    """A file or a download cannot be read or written: missing, empty, cut off, refused."""


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
