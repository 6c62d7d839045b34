"""Whole records as one array of numbers, for models that make all steps at once.

A label becomes the 0 and 1 of its columns (a regimen those of its drugs), a number its place on its
scale, and a record that ends early is followed by zeros, which a last channel marks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .base import lengths_of
from .history import codes_of, one_hot
from .layout import Encoded, Label, Plan


@dataclass(frozen=True)
class Channels:
    """Where each variable stands among the channels of a plan.

    Attributes
    ----------
    labels : tuple of (Label, slice)
    numbers : slice
    present : int or None
        The channel that is 1 while the patient is on record; None where all records are whole.
    width : int
    """

    labels: tuple[tuple[Label, slice], ...]
    numbers: slice
    present: int | None
    width: int

    @property
    def labels_by_name(self) -> dict[str, slice]:
        """Where each label stands."""
        return {label.name: at for label, at in self.labels}


def moving_channels(plan: Plan) -> Channels:
    """Return the channels of what moves."""
    return _channels(plan.labels, len(plan.numbers), not plan.schema.equal_length)


def static_channels(plan: Plan) -> Channels:
    """Return the channels of what never changes."""
    return _channels(plan.statics, len(plan.static_numbers), False)


def _channels(labels: tuple[Label, ...], numbers: int, ends: bool) -> Channels:
    found, begin = [], 0
    for label in labels:
        width = codes_of(label).shape[1]
        found.append((label, slice(begin, begin + width)))
        begin += width
    end = begin + numbers
    return Channels(tuple(found), slice(begin, end), end if ends else None, end + ends)


def to_arrays(plan: Plan, encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
    """Return statics, shape (n, s), and records, shape (n, n_steps, d), as float32."""
    n, n_steps, _ = encoded.levels.shape
    statics = np.hstack([one_hot(plan.statics, encoded.statics), encoded.static_numbers])
    flat = encoded.levels.reshape(n * n_steps, -1)
    hot = one_hot(plan.labels, flat).reshape(n, n_steps, -1)
    here = encoded.present[..., None]
    moving = np.concatenate([hot, encoded.numbers], axis=2) * here
    if not plan.schema.equal_length:
        moving = np.concatenate([moving, here], axis=2)
    return statics.astype(np.float32), moving.astype(np.float32)


def from_arrays(plan: Plan, statics: np.ndarray, moving: np.ndarray) -> Encoded:
    """Return the patients whose arrays are nearest: each label the level with the nearest code.

    How long a record is, is one of its statics; the channel that says so is not needed.
    """
    still, channels = static_channels(plan), moving_channels(plan)
    levels = [nearest(label, statics[:, at]) for label, at in still.labels]
    found = np.column_stack(levels) if levels else np.zeros((len(statics), 0), dtype=int)
    n, n_steps, _ = moving.shape
    flat = moving.reshape(n * n_steps, -1)
    moved = [nearest(label, flat[:, at]).reshape(n, n_steps) for label, at in channels.labels]
    numbers = moving[..., channels.numbers].astype(float)
    return Encoded(
        found,
        statics[:, still.numbers].astype(float),
        np.stack(moved, axis=2) if moved else np.zeros((n, n_steps, 0), dtype=int),
        numbers,
        np.zeros(numbers.shape, dtype=int),
        lengths_of(plan, found),
    )


def nearest(label: Label, codes: np.ndarray) -> np.ndarray:
    """Return the level whose code is nearest to each row, shape (n,)."""
    table = codes_of(label)
    distance = (table**2).sum(axis=1) - 2 * codes @ table.T
    return distance.argmin(axis=1)
