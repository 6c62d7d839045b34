"""Whole records as one array of numbers, for models that make all steps at once.

A label becomes the 0 and 1 of its columns (a regimen those of its drugs), a number its place on its
scale, and a record that ends early is followed by zeros, which a last channel marks.
"""

from __future__ import annotations

import numpy as np

from .codec import Codec
from .layout import Column, Encoded, places, seen


def n_channels(codec: Codec) -> tuple[int, int]:
    """Return the number of channels of what never changes, and of what moves."""
    still, moving = (sum(one.width for one in part) for part in (codec.statics, codec.columns))
    return still, moving + (not codec.schema.equal_length)


def to_arrays(codec: Codec, encoded: Encoded) -> tuple[np.ndarray, np.ndarray]:
    """Return statics, shape (n, s), and records, shape (n, n_steps, d), as float32."""
    statics = seen(codec.statics, encoded.statics, encoded.static_values)
    here = encoded.present[..., None].astype(np.float32)
    moving = seen(codec.columns, encoded.levels, encoded.values) * here
    if not codec.schema.equal_length:
        moving = np.concatenate([moving, here], axis=2)
    return statics, moving


def from_arrays(codec: Codec, statics: np.ndarray, moving: np.ndarray) -> Encoded:
    """Return the patients whose arrays are nearest: each label the level with the nearest code.

    How long a record is, is one of its statics; the channel that says so is not needed.
    """
    levels, values = _nearest(codec.statics, statics)
    return Encoded(levels, values, *_nearest(codec.columns, moving), codec.lengths(levels))


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
