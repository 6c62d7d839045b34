"""Whole records as one array of numbers, for models that make all steps at once.

A label becomes the 0 and 1 of its columns (a regimen those of its drugs), a number its place on its
scale, and a record that ends early is followed by zeros, which a last channel marks.
"""

from __future__ import annotations

import numpy as np

from .layout import Column, Encoded, Plan, seen


def places(columns: tuple[Column, ...]) -> list[slice]:
    """Return where each column stands among the channels."""
    ends = np.cumsum([column.width for column in columns], dtype=int).tolist()
    return [slice(end - one.width, end) for one, end in zip(columns, ends, strict=True)]


def n_channels(plan: Plan) -> tuple[int, int]:
    """Return the number of channels of what never changes, and of what moves."""
    still, moving = (sum(one.width for one in part) for part in (plan.statics, plan.columns))
    return still, moving + (not plan.schema.equal_length)


def to_arrays(plan: Plan, encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
    """Return statics, shape (n, s), and records, shape (n, n_steps, d), as float32."""
    statics = seen(plan.statics, encoded.statics, encoded.static_values)
    here = encoded.present[..., None].astype(np.float32)
    moving = seen(plan.columns, encoded.levels, encoded.values) * here
    if not plan.schema.equal_length:
        moving = np.concatenate([moving, here], axis=2)
    return statics, moving


def from_arrays(plan: Plan, statics: np.ndarray, moving: np.ndarray) -> Encoded:
    """Return the patients whose arrays are nearest: each label the level with the nearest code.

    How long a record is, is one of its statics; the channel that says so is not needed.
    """
    levels, values = _nearest(plan.statics, statics)
    return Encoded(levels, values, *_nearest(plan.columns, moving), plan.lengths(levels))


def _nearest(columns: tuple[Column, ...], arrays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels and values of columns, shape (…, m) both."""
    levels = np.zeros((*arrays.shape[:-1], len(columns)), dtype=int)
    values = np.zeros(levels.shape)
    for k, (column, at) in enumerate(zip(columns, places(columns), strict=True)):
        codes = arrays[..., at]
        if column.scale:
            values[..., k], codes = codes[..., 0], codes[..., 1:]
        distance = (column.codes**2).sum(axis=1) - 2 * codes @ column.codes.T
        levels[..., k] = distance.argmin(axis=-1)
    return levels, values
