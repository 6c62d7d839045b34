"""A guideline for hypotension as a function of observations; better ones can be found.

The vasopressor is titrated to a mean arterial pressure of 65 mmHg over the last hours: a level
more below 64, two below 55, a level less above 72.  250 mL are given below 65 mmHg until nearly a
litre is in.
"""

from __future__ import annotations

import numpy as np

from .parameters import Parameters

TOLERANCE = 1.0
"""mmHg below the target that do not call for more vasopressor."""

ENOUGH = 0.9
"""Litres of bolus, fading over days, after which no more fluid is given."""

BOLUS = 1
"""Position of the 250 mL bolus."""


def guideline(seen: dict[str, np.ndarray], p: Parameters) -> np.ndarray:
    """Return the guideline's action, shape (k,), for observations by name, each of shape (k,)."""
    mean, level = seen["MAP of the last hours"], seen["vasopressor level"].astype(int)
    more = (mean < p.target - TOLERANCE).astype(int) + (mean < p.dangerous)
    less = (mean > p.comfortable) & (level > 0)
    fluid = np.where((mean < p.target) & (seen["litres given"] < ENOUGH), BOLUS, 0)
    return 4 * fluid + np.clip(level + more - less, 0, 3)
