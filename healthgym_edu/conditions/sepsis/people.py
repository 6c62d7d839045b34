"""Who comes with sepsis: patients at block 0, from their noise alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.special import ndtr, ndtri

from ...engine import Noise, logistic
from . import care, physiology
from .care import MEDIAN_ROW, PANELS, VALUES
from .parameters import Parameters
from .physiology import SepsisState
from .signals import DRIFT, DRIVER, DRIVERS, MEMORY, OWN, STEP

DOSE_MEMORY = 0.95
"""Correlation of a dose's place in its bin with that of the next block; assumed."""


def exogenous(noise: Noise) -> Noise:
    """Turn what is drawn about signals into their deviations from what drivers make of them.

    deviation(t + 1) = own + memory * (deviation(t) - own) + step.  No treatment changes these, so
    they are found once for a block.  ``deviation`` of step *t*, (n, n_signals), is at its end.
    Nor where in its bin a dose of vasopressor lies: a pump that runs is seldom set anew.
    """
    static, steps = dict(noise.static), dict(noise.steps)
    own, drift = static.pop("own") @ OWN, static.pop("drift") @ DRIFT
    now = static["deviation"] = own + drift
    rest = (1 - MEMORY) * own
    steps["deviation"] = steps.pop("drift") @ STEP  # from here on the changes
    for deviation in steps["deviation"]:
        deviation += MEMORY * now + rest
        now = deviation
    steps["amount"] = amount = steps["amount"].copy()
    place = ndtri(amount[:, :, 1])
    for before, here in pairwise(place):
        here[:] = DOSE_MEMORY * before + np.sqrt(1 - DOSE_MEMORY**2) * here
    amount[:, :, 1] = ndtr(place)
    return Noise(static, steps, noise.patients)


def start(noise: Noise, p: Parameters) -> SepsisState:
    """Return the patients at block 0."""
    n = len(noise["severity"])
    none = np.zeros(n, dtype=np.int64)
    female, readmitted = noise["female"] < p.female, noise["readmitted"] < p.readmitted
    usual = noise["severity"]
    severity = usual + p.peak
    age = np.clip(p.age_median + p.age_spread * noise["age"], *p.age_range)
    cleared = p.infection_control * np.exp(p.infection_control_sd * noise["control"])
    weight = np.array(p.organ_severity)
    organs_own = np.sqrt(1 - weight**2) * noise["organs"] - p.organ_reserve
    ventilated = noise["ventilated"] < logistic(p.ventilated_start + p.ventilated_severity * usual)
    inflamed = p.inflammation_severity
    drivers = np.zeros((n, len(DRIVERS)))
    drivers[:, DRIVER["severity"]] = severity
    drivers[:, physiology.ORGANS] = organs_own + weight * severity[:, None]
    drivers[:, DRIVER["inflammation"]] = (
        inflamed * severity + np.sqrt(1 - inflamed**2) * noise["inflammation"]
    )
    drivers[:, DRIVER["ventilated"]] = physiology.ventilation_score(ventilated)
    drivers[:, DRIVER["age"]] = noise["age"]
    drivers[:, DRIVER["female"]] = _scored(female, p.female)
    drivers[:, DRIVER["readmitted"]] = _scored(readmitted, p.readmitted)
    output = p.output_sd * noise["output"]
    resistance = p.resistance_output * output + p.resistance_sd * noise["resistance"]
    resistance = resistance + p.resistance_age * noise["age"]
    first, both = np.clip(noise["input_before"], -3, 3), p.before_together
    second = both * first + np.sqrt(1 - both**2) * np.clip(noise["output_before"], -3, 3)
    state = SepsisState.begin(
        noise,
        alive=np.ones(n, dtype=bool),
        death_step=np.full(n, -1, dtype=np.int64),
        age=age,
        female=female,
        readmitted=readmitted,
        level=p.level_weight * usual,
        control=np.minimum(cleared, 0.9),
        output=p.output_mean * np.exp(output),
        resistance=p.resistance_mean * np.exp(resistance),
        response=logistic(p.response[0] + p.response[1] * noise["response"]),
        ec50=p.ec50 * np.exp(p.ec50_sd * noise["sensitivity"]),
        organs_own=organs_own,
        clock=np.floor(6 * noise["admission"]).astype(np.int64),
        drivers=drivers,
        deviation=noise["deviation"],
        severity=severity,
        infection=np.ones(n),
        deficit=-p.deficit_start * np.log(1 - 0.99 * noise["deficit"]),
        ventilated=ventilated,
        input_total=p.input_before[0] * np.exp(p.input_before[1] * first),
        output_total=p.output_before[0]
        * np.exp(p.output_before[1] * second + p.before_tube * ventilated),
        fluid=np.searchsorted(np.array(p.fluid_before), first),
        vasopressor=none,
        truth=np.zeros((n, len(VALUES))),
        truth_before=np.zeros((n, len(VALUES))),
        ventilated_before=ventilated,
        measured=np.zeros((n, len(PANELS)), dtype=bool),
        shown=np.tile(MEDIAN_ROW, (n, 1)),
        sofa=none,
        recent=np.full(n, np.nan),
        urine_day=np.full((n, 7), np.nan),
    )
    state.lactate = physiology.lactate_goal(state, p)
    physiology.treat_before(state, p)
    care.look(state, p)
    state.risk = physiology.late_risk(state, p)
    return state


def _scored(yes: np.ndarray, share: float) -> np.ndarray:
    """Turn yes and no into a score with mean 0 and SD 1."""
    return (yes - share) / np.sqrt(share * (1 - share))
