"""Relative actions: less, the same or more of a vasopressor, and four classes of fluid."""

from __future__ import annotations

import numpy as np

from ...engine import Classes
from .physiology import SepsisState

FLUID_CLASSES = ("0", "1-180", "181-530", ">530")
CHANGES = ("down", "hold", "up")


def _relative(state: SepsisState) -> np.ndarray:
    fluid = np.array([0, 1, 1, 2, 3])[:, None]  # the class of each level
    change = np.sign(np.arange(5) - state.vasopressor[:, None])[:, None, :]
    return (3 * fluid + 1 + change).reshape(len(state), -1)


RELATIVE = Classes(
    labels=tuple(f"fluid {fluid}, vasopressor {change}"
                 for fluid in FLUID_CLASSES for change in CHANGES),
    of=_relative,
    instead=tuple(3 * fluid + 1 for fluid in range(4) for _ in CHANGES),
)  # fmt: skip
"""Class ``3 * fluid class + change``: to a lower level of vasopressor, the same or a higher one.
Where it cannot go lower or higher, it is held."""
