"""What a month is worth: the published reward, and the reward of the course.

Both look at the true viral load and CD4 count at the end of the month, not at a measurement.

**published**: ``-0.7 ln VL + 0.6 ln CD4`` while the virus is detectable and ``5 + 0.6 ln CD4``
below it, as coded by a public project on version 1 of the Health Gym ART data (the shape follows
Parbhoo et al. 2017, without their term for mutations).  That project's second branch is for a VL
of 0, which does not occur, so a detection limit had to be chosen: 50 copies/mL, the limit of the
trials this mechanism is calibrated to.  The step between the branches is large: at 50 copies/mL
the first gives -2.7 where the second gives 5.
It does not ask about side effects or licences: dolutegravir for
everybody, in 2009 too, is worth more under it than the protocol.

**course** (assumed weights): what a month of treatment is for, in units of a month of full
suppression.

* virus: 1 below the detection limit, 0 from 10,000 copies/mL, linear in log10 VL between.
* immune system: 0 from 500 cells/µL, lower by ``0.1 ln(500 / CD4)`` below.
* side effect: -0.75 in a month with a side effect of the regimen taken.
* before the licence: -0.25 in a month on a third agent that is not licensed yet.  Without it the
  best policy would be to know the future.
"""

from __future__ import annotations

import numpy as np

from .parameters import DETECTION_LIMIT
from .physiology import ArtState
from .regimens import per_regimen

HIGH_VIRAL_LOAD = 10_000.0
"""copies/mL from which the virus term of the course reward is 0."""

ENOUGH_CD4 = 500.0
"""cells/µL from which more CD4 cells earn nothing in the course reward."""

CD4_WEIGHT = 0.1
SIDE_EFFECT = -0.75
BEFORE_LICENCE = -0.25

_LICENSED = per_regimen("available")


def published(state: ArtState) -> np.ndarray:
    """Return the published reward of the month just lived, shape (n,)."""
    detectable = state.viral_load >= DETECTION_LIMIT
    virus = np.where(detectable, -0.7 * np.log(state.viral_load), 5.0)
    return virus + 0.6 * np.log(_cd4(state))


def course(state: ArtState) -> np.ndarray:
    """Return the course reward of the month just lived, shape (n,)."""
    detected = np.clip(state.viral_load, DETECTION_LIMIT, HIGH_VIRAL_LOAD)
    virus = np.log10(HIGH_VIRAL_LOAD / detected) / np.log10(HIGH_VIRAL_LOAD / DETECTION_LIMIT)
    immune = CD4_WEIGHT * np.log(np.minimum(_cd4(state), ENOUGH_CD4) / ENOUGH_CD4)
    side_effect = state.treated & state.intolerant
    unlicensed = state.treated & (state.year < _LICENSED[np.maximum(state.regimen, 0)])
    worth = virus + immune + np.where(side_effect, SIDE_EFFECT, 0.0)
    return worth + np.where(unlicensed, BEFORE_LICENCE, 0.0)


def _cd4(state: ArtState) -> np.ndarray:
    return state.cd4_pool + state.cd4_fast


REWARDS = {"course": course, "published": published}
