"""What a codec decides about the columns of a condition, and the arrays that it makes of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ..conditions import get_mechanism
from ..schema import Schema
from ..variables import FOLLOWED
from .scaling import Scale

EVER = "ever: "
"""Before the name of a flag: whether it is ever raised."""

START = "before: "
"""Before the name of a total: what it was before the first step."""


@dataclass(frozen=True)
class Label:
    """One or several columns of labels that a model sees as one."""

    name: str
    columns: tuple[str, ...]
    levels: tuple[tuple[Any, ...], ...]  # for each level the label in each column
    flag: str | None = None  # it changes only at steps where this one is raised
    is_flag: bool = False

    def __len__(self) -> int:
        return len(self.levels)


@dataclass(frozen=True)
class Number:
    """One measurement."""

    name: str
    scale: Scale
    atoms: tuple[float, ...] = ()  # single values that many rows share
    flag: str | None = None
    whole: bool = False  # whole numbers in the table of patients


@dataclass(frozen=True)
class Encoded:
    """Patients as arrays.

    Attributes
    ----------
    statics : ndarray of int, shape (n, a)
        Levels of the static labels.
    static_numbers : ndarray of float, shape (n, b)
        On their scales.
    levels : ndarray of int, shape (n, n_steps, q)
        Levels of the labels that move; -1 before the first measurement.
    numbers : ndarray of float, shape (n, n_steps, p)
        On their scales, carried forward; 0 before the first measurement.
    atoms : ndarray of int, shape (n, n_steps, p)
        0 for a number of its own, k for the k-th atom.
    lengths : ndarray of int, shape (n,)
        Steps on record; what stands beyond them means nothing.
    """

    statics: np.ndarray
    static_numbers: np.ndarray
    levels: np.ndarray
    numbers: np.ndarray
    atoms: np.ndarray
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def present(self) -> np.ndarray:
        """Whether a step is on record, shape (n, n_steps)."""
        return np.arange(self.levels.shape[1]) < self.lengths[:, None]

    def of(self, who: np.ndarray) -> Encoded:
        """Return some of the patients, by place."""
        return Encoded(*(getattr(self, one.name)[who] for one in fields(self)))

    @staticmethod
    def together(parts: list[Encoded]) -> Encoded:
        """Return the patients of several in one."""
        names = [one.name for one in fields(Encoded)]
        return Encoded(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Plan:
    """What is learned of each column.

    Attributes
    ----------
    condition : str
    statics, labels : tuple of Label
        What never changes, and what moves: regimens, then flags, then other labels.
    static_numbers, numbers : tuple of Number
    totals : tuple of (str, str)
        A column that adds up another one.
    never : tuple of (str, value)
        What a record shows of a column that was never measured.
    death : tuple of (str, str)
        A fact that counts the last step lived, and the label that says for whom.
    """

    condition: str
    statics: tuple[Label, ...]
    static_numbers: tuple[Number, ...]
    labels: tuple[Label, ...]
    numbers: tuple[Number, ...]
    totals: tuple[tuple[str, str], ...]
    never: tuple[tuple[str, Any], ...]
    death: tuple[tuple[str, str], ...]

    @property
    def schema(self) -> Schema:
        """The columns of the condition; records may end early where those learned from did."""
        schema = get_mechanism(self.condition).schema
        if any(one.name == FOLLOWED for one in self.statics):
            return replace(schema, equal_length=False)
        return schema

    @property
    def flags(self) -> dict[str, int]:
        """Place of each flag among `labels`."""
        return {one.name: k for k, one in enumerate(self.labels) if one.is_flag}

    @property
    def chain(self) -> list[tuple[str, int]]:
        """In which order the variables of a step are drawn: ``("label", 0)``, ``("number", 2)``.

        Regimens, flags, then the others as they stand in the file.
        """
        first = [k for k, one in enumerate(self.labels) if one.is_flag or len(one.columns) > 1]
        place = {name: k for k, name in enumerate(self.schema.names)}
        rest = [(place[one.name], "number", k) for k, one in enumerate(self.numbers)]
        rest += [
            (place[one.name], "label", k) for k, one in enumerate(self.labels) if k not in first
        ]
        return [("label", k) for k in first] + [(kind, k) for _, kind, k in sorted(rest)]
