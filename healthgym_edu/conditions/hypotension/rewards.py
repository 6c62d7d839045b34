"""What an hour is worth: the published reward, and the reward of the course.

Both look at the true mean pressure and urine of the hour that the treatment led to, not at what
was charted; the table's MAP is the lowest of an hour and scatters around that mean.

**published**: by the MAP of the next hour, -1 at 40 mmHg or less, -0.15 at 55, -0.05 at 60, 0 from
65, linear in between; and 0 wherever urine is 30 mL or more at a MAP of 55 or more (Gottesman et
al. 2020; Futoma et al. 2020, as in their code).  Treatment costs nothing in it, and the dead lose
nothing: an hour after death is worth 0, more than an hour of shock.

**course** (assumed weights): the published one, and

* death: -5 in the hour of death, as much as five hours of deepest shock.
* vasopressor: -0.02 an hour and level.  The highest level costs as much as a pressure of 60 mmHg:
  worth it where pressure is lower, a waste where it is not.
* fluid: -0.20 for 500 mL beyond what the patient lacked.  Fluid that makes good a deficit costs
  nothing; what is too much stays in the lungs.

Few die whatever is done (7 to 8 %), so death alone cannot tell policies apart with 2,000 patients.
The costs are such that treating well pays clearly: the value of random treatment is below the
clinician's, the clinician's below the protocol's, and no constant action comes near the protocol.
"""

from __future__ import annotations

import numpy as np

from .physiology import HypotensionState

PRESSURES = np.array([40.0, 55.0, 60.0, 65.0])
"""mmHg at which the published reward has its corners."""

WORTH = np.array([-1.0, -0.15, -0.05, 0.0])

ENOUGH_URINE, ENOUGH_PRESSURE = 30.0, 55.0
"""mL in an hour and mmHg from which both together are worth 0, the best."""

DEATH = -5.0
VASOPRESSOR = -0.02
EXCESS_LITRE = -0.40


def published(state: HypotensionState) -> np.ndarray:
    """Return the published reward of the hour just lived, shape (n,)."""
    good = (state.urine >= ENOUGH_URINE) & (state.pressure >= ENOUGH_PRESSURE)
    worth = np.where(good, 0.0, np.interp(state.pressure, PRESSURES, WORTH))
    return np.where(state.alive, worth, 0.0)


def course(state: HypotensionState) -> np.ndarray:
    """Return the course reward of the hour just lived, shape (n,)."""
    died = state.death_hour == state.step - 1
    treatment = VASOPRESSOR * state.vasopressor + EXCESS_LITRE * state.excess
    worth = np.where(died, DEATH, published(state))
    return worth + np.where(state.alive | died, treatment, 0.0)


REWARDS = {"course": course, "published": published}
