"""A guideline for sepsis, as a function of observations.

Surviving Sepsis Campaign 2021 in outline: fluid early and while pressure, lactate or urine ask for
it, noradrenaline titrated to a mean arterial pressure of 65 mmHg, and neither longer than needed.
The numbers are those of a teaching model and say nothing about what to give a patient.
"""

from __future__ import annotations

import numpy as np

GOAL = (65.0, 71.0)
"""mmHg: below the first a vasopressor is raised, above the second lowered."""

HIGH = (80.0, 86.0)
"""mmHg: the goal of a guideline that asks for more, also where clinicians would never begin."""

SHOCK = 55.0
"""mmHg: below it two levels at once."""

NEEDY = (70.0, 2.5)
"""mmHg below and mmol/L of lactate above which fluid is given."""

ENOUGH = 2.0
"""L in hand: beyond it only maintenance."""


def guideline(seen: dict[str, np.ndarray], goal: tuple[float, float] = GOAL) -> np.ndarray:
    """Return the guideline's action for each observation, shape (k,); ``goal`` may replace `GOAL`.

    Parameters
    ----------
    seen : dict of str to ndarray, shape (k,)
        Observations by name.
    """
    mean, level = seen["MeanBP of late"], seen["vasopressor level"].astype(int)
    low, high = goal
    change = 1 * (mean < low) + 1 * (mean < SHOCK) - 1 * (mean > high)
    dose = np.clip(level + change, 0, 4)
    needy = (mean < NEEDY[0]) | (seen["Lactate"] >= NEEDY[1])
    fluid = np.where(needy & (seen["balance"] < ENOUGH), 3, 2)
    fluid = np.where(needy & (seen["balance"] < 0), 4, fluid)
    fluid = np.where(~needy & (seen["balance"] > ENOUGH), 1, fluid)
    return 5 * fluid + dose
