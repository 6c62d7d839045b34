"""One simple cohort in which the hazards are proportional and the coefficient is known.

The cohorts of the course have no hazard ratio: treatment answers to the patient's state, so the
ratio changes with time.  To see that a method does what it promises, one needs a world in which
its assumption holds.  Here time is counted in months, and within a month the hazard is constant:
the chance of an event in a month is ``1 - exp(-exp(a_t + b x))``, the complementary log-log model,
whose ``b`` is the log hazard ratio of a Cox model for grouped time (Prentice and Gloeckler,
*Biometrics* 1978, doi:10.2307/2529588).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine import check_count, check_seed
from ..errors import ArgumentError

HIGHEST = 0.10
"""Monthly hazards stay below this, so that ties within a month hardly matter to Efron's method."""


@dataclass(frozen=True)
class Proportional:
    """How the patients of a proportional-hazards cohort fare.

    Attributes
    ----------
    treatment, age : float
        Log hazard ratios of the treatment, and of one standard deviation of age.
    baseline : float
        Monthly hazard of the untreated of mean age.
    competing : float
        Monthly hazard of the competing event, the same for all; 0 for none.
    censoring : float
        Monthly chance to leave.
    months : int
        Longest follow-up.
    """

    treatment: float = -0.5
    age: float = 0.3
    baseline: float = 0.04
    competing: float = 0.0
    censoring: float = 0.01
    months: int = 24


def proportional_hazards(
    n_patients: int = 500, seed: int = 0, world: Proportional | None = None
) -> pd.DataFrame:
    """Draw patients whose hazards are proportional, treated by the toss of a coin.

    Parameters
    ----------
    n_patients, seed : int
    world : Proportional, optional
        The known coefficients; `Proportional()`, if not given.

    Returns
    -------
    DataFrame
        As `time_to_event` gives it: ``PatientID, duration`` (months), ``event`` (True and False,
        or 0, 1 and 2 with a competing event), ``entry``, ``treated`` (0 or 1) and ``age``
        (standardised).

    Raises
    ------
    ArgumentError
        Hazards that are negative or above 0.10 a month for somebody of usual age.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> table = hg.survival.proportional_hazards(200, seed=1)
    >>> int(table["duration"].max()) <= 24
    True
    """
    world = Proportional() if world is None else world
    check_count(n_patients)
    highest = world.baseline * np.exp(max(world.treatment, 0.0) + abs(world.age))
    if not world.baseline > 0 or highest > HIGHEST or not 0 <= world.competing <= HIGHEST:
        raise ArgumentError(
            f"The monthly hazard reaches {highest:.2f}; choose a baseline, and a competing hazard, "
            f"that stay between 0 and {HIGHEST} for somebody one standard deviation older."
        )
    rng = np.random.default_rng([check_seed(seed), 1978])
    treated = rng.integers(0, 2, n_patients)
    age = np.clip(rng.standard_normal(n_patients), -2, 2)
    hazard = world.baseline * np.exp(world.treatment * treated + world.age * age)
    when = np.ceil(rng.exponential(size=n_patients) / hazard)
    other = np.full(n_patients, np.inf)
    if world.competing:
        other = np.ceil(rng.exponential(size=n_patients) / world.competing)
    left = rng.geometric(max(world.censoring, 1e-12), n_patients).astype(float)
    ends = np.minimum(left, world.months)
    duration = np.minimum(np.minimum(when, other), ends)
    kind = np.select([when <= np.minimum(other, ends), other <= ends], [1, 2], 0)
    return pd.DataFrame(
        {
            "PatientID": np.arange(n_patients),
            "duration": duration.astype(int),
            "event": kind if world.competing else kind == 1,
            "entry": 0,
            "treated": treated,
            "age": age,
        }
    )


def true_rmst(world: Proportional, horizon: int, n_draws: int = 200_000, seed: int = 0) -> float:
    """Restricted mean difference, treated minus untreated, averaged over the ages of the world.

    Exact in time: for each age the monthly survival is ``exp(-hazard t)``, and a month in which the
    event comes counts whole, as in the table.
    """
    age = np.clip(np.random.default_rng(seed).standard_normal(n_draws), -2, 2)
    means = []
    for treated in (1, 0):
        stay = np.exp(-world.baseline * np.exp(world.treatment * treated + world.age * age))
        means.append(((1 - stay**horizon) / (1 - stay)).mean())
    return float(means[0] - means[1])
