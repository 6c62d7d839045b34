"""What a codec decides about the columns of a condition, and the arrays that it makes of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
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
class Column:
    """What a model sees as one variable: a label, several labels recorded together, or a number.

    Attributes
    ----------
    name : str
    names : tuple of str
        The columns of the file that it stands for; none for a flag that the codec made.
    levels : tuple of tuple
        For each level of a label its word in each of `names`.  A number has a first level without
        a word, and one for each value (*atom*) that many rows share.
    flag : str, optional
        It changes only at steps where this one is raised.
    is_flag : bool
    scale : Scale, optional
        Of a number.
    whole : bool
        Whether these are whole numbers in the table of patients.
    """

    name: str
    names: tuple[str, ...]
    levels: tuple[tuple[Any, ...], ...]
    flag: str | None = None
    is_flag: bool = False
    scale: Scale | None = None
    whole: bool = False

    def __len__(self) -> int:
        return len(self.levels)

    @cached_property
    def codes(self) -> np.ndarray:
        """0 and 1 for each level, shape (n_levels, d); the columns of a regimen are its drugs.

        So rare combinations share what they have in common.
        """
        if self.scale:
            return np.eye(len(self), dtype=np.float32)[:, 1:]
        parts = []
        for words in zip(*self.levels, strict=True) if self.names else [(False, True)]:
            known = list(dict.fromkeys(words))
            hot = np.array([[one == other for other in known] for one in words], dtype=np.float32)
            parts.append(hot[:, 1:] if len(known) <= 2 else hot)
        return np.hstack(parts)

    @property
    def unseen(self) -> int:
        """The level before the first measurement."""
        return 0 if self.scale else -1

    @property
    def width(self) -> int:
        """How many numbers `seen` makes of one."""
        return self.codes.shape[1] + bool(self.scale)

    def seen(self, levels: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return what models see of it, shape (…, width): its codes, all 0 for level -1."""
        codes = np.vstack([self.codes, np.zeros_like(self.codes[:1])])[levels]
        if not self.scale:
            return codes
        return np.concatenate([values[..., None], codes], axis=-1).astype(np.float32)

    def back(self, levels: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
        """Return the columns of the file that it stands for, by name."""
        levels = np.clip(levels, 0, len(self) - 1)
        if self.scale:
            atoms = np.array([np.nan, *(level[0] for level in self.levels[1:])], dtype=float)
            own = self.scale.back(np.nan_to_num(values))
            return {self.names[0]: np.where(levels > 0, atoms[levels], own)}
        words = zip(*self.levels, strict=True)
        return {
            name: np.array(one, dtype=object)[levels]
            for name, one in zip(self.names, words, strict=bool(self.names))
        }


def seen(columns: tuple[Column, ...], levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what models see of several columns, side by side, shape (…, d)."""
    parts = [column.seen(levels[..., k], values[..., k]) for k, column in enumerate(columns)]
    return np.concatenate([np.zeros((*levels.shape[:-1], 0), np.float32), *parts], axis=-1)


@dataclass(frozen=True)
class Encoded:
    """Patients as arrays.

    Attributes
    ----------
    statics, static_values : ndarray of int and of float, shape (n, a)
        Of what never changes: the level, and for numbers the place on their scale.
    levels, values : ndarray of int and of float, shape (n, n_steps, m)
        The same of what moves, carried forward; before the first measurement -1 for labels, and a
        value of 0.
    lengths : ndarray of int, shape (n,)
        Steps on record; what stands beyond them means nothing.
    """

    statics: np.ndarray
    static_values: np.ndarray
    levels: np.ndarray
    values: np.ndarray
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
    statics, columns : tuple of Column
        What never changes, and what moves, in the order in which the variables of a step are drawn:
        regimens, flags, then the others as they stand in the file.
    totals : tuple of (str, str)
        A column that adds up another one.
    never : tuple of (str, value)
        What a record shows of a column that was never measured.
    death : tuple of (str, str)
        A fact that counts the last step lived, and the label that says for whom.
    """

    condition: str
    statics: tuple[Column, ...]
    columns: tuple[Column, ...]
    totals: tuple[tuple[str, str], ...]
    never: tuple[tuple[str, Any], ...]
    death: tuple[tuple[str, str], ...]

    @cached_property
    def schema(self) -> Schema:
        """The columns of the condition; records may end early where those learned from did."""
        schema = get_mechanism(self.condition).schema
        if any(one.name == FOLLOWED for one in self.statics):
            return replace(schema, equal_length=False)
        return schema

    @property
    def facts(self) -> set[str]:
        """Statics that can be asked for: labels of the table of patients, and how long it is."""
        labels = (one.name for one in self.statics if not one.scale)
        return {name for name in labels if not name.startswith(EVER)}

    @cached_property
    def flag_of(self) -> list[int]:
        """Place of the flag of each of `columns`; -1 for those without."""
        places = {one.name: k for k, one in enumerate(self.columns) if one.is_flag}
        return [places[one.flag] if one.flag else -1 for one in self.columns]

    def lengths(self, statics: np.ndarray) -> np.ndarray:
        """Return how many steps are on record, shape (n,), by the levels of `statics`."""
        for k, column in enumerate(self.statics):
            if column.name == FOLLOWED:
                return np.array([level[0] for level in column.levels])[statics[:, k]]
        return np.full(len(statics), self.schema.n_steps)
