"""What models see of a column, and patients as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .scaling import Scale


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
        for words in zip(*self.levels, strict=True):
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


def places(columns: tuple[Column, ...]) -> list[slice]:
    """Return where each column stands among the channels."""
    ends = np.cumsum([column.width for column in columns], dtype=int).tolist()
    return [slice(end - one.width, end) for one, end in zip(columns, ends, strict=True)]


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
        return Encoded(*(part[who] for part in vars(self).values()))

    @staticmethod
    def together(parts: list[Encoded]) -> Encoded:
        """Return the patients of several in one."""
        arrays = zip(*(vars(one).values() for one in parts), strict=True)
        return Encoded(*map(np.concatenate, arrays))
