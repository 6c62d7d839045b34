"""What the body does in four hours.

An infection, cleared at the patient's own pace, draws severity up.  Severity widens vessels and
makes them leak; mean arterial pressure is cardiac output times resistance plus central venous
pressure; fluid fills the heart, makes good what is lacking, and beyond that is retained and
stiffens the lungs; vasopressors raise resistance and, in large doses or at high pressure, squeeze
vessels.  Low pressure, lacking volume and squeezing cause ischaemia, which makes lactate, injures
organs, raises severity and kills.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from ...engine import State, between, logistic
from . import signals
from .parameters import (
    DOSE_EDGES,
    FLUID_EDGES,
    LEAST_DOSE,
    RANGES,
    USUAL_LACTATE,
    VENTILATED_SHARE,
    Parameters,
)
from .signals import DRIVER, INDEX

N_ORGANS = 5
"""Kidney, liver, clotting, lung, brain: in the order of the drivers."""

ORGANS = slice(DRIVER["kidney"], DRIVER["brain"] + 1)
SEVERITY, LUNG, DILUTION = DRIVER["severity"], DRIVER["lung"], DRIVER["dilution"]
AGE, VENTILATED = DRIVER["age"], DRIVER["ventilated"]
TONE, LACTATE = INDEX["tone"], INDEX["lactate"]
_DEADLY_PULLS = signals.PULLS @ signals.DEADLY
_EACH_ORGAN = np.full(N_ORGANS, 1 / N_ORGANS)

_LOW_ML, _WIDE_ML = np.array(FLUID_EDGES[:-1]), np.diff(FLUID_EDGES)
_LOW_DOSE, _WIDE_DOSE = np.array(DOSE_EDGES[:-1]), np.diff(DOSE_EDGES)


@dataclass
class SepsisState(State):
    """Everything known about n patients in one block; arrays of shape (n,) or (n, columns)."""

    alive: np.ndarray
    death_step: np.ndarray  # -1 while alive
    # who they are
    age: np.ndarray  # years
    female: np.ndarray
    readmitted: np.ndarray
    level: np.ndarray  # severity that the patient is drawn to with half of the infection left
    control: np.ndarray  # share of the infection cleared in a block
    output: np.ndarray  # L/min at rest
    resistance: np.ndarray  # dyn s/cm5 at rest
    response: np.ndarray  # to preload, 0 to 1
    ec50: np.ndarray  # mcg/kg/min
    organs_own: np.ndarray  # (n, 5) levels to which organs return, severity apart
    clock: np.ndarray  # block of the day at step 0
    # what changes
    drivers: np.ndarray  # (n, n_drivers): scores of what pulls signals
    deviation: np.ndarray  # (n, n_signals): own and drift; see `people.exogenous`
    severity: np.ndarray  # hidden, SD
    risk: np.ndarray  # of death by day 90 if the stay ended now; 1 of the dead
    risk_before: np.ndarray  # the same a block earlier
    infection: np.ndarray  # 1 at the start
    volume: np.ndarray  # mL of fluid still filling the heart
    deficit: np.ndarray  # L lacking
    retained: np.ndarray  # L beyond need
    effect: np.ndarray  # of vasopressors, share of resistance gained
    ischaemia: np.ndarray  # 0 to 1.5
    squeezed: np.ndarray  # the part of it that vasopressors cause
    lactate: np.ndarray  # mmol/L
    ventilated: np.ndarray
    input_total: np.ndarray  # mL
    output_total: np.ndarray  # mL
    balance: np.ndarray  # L given since the first row, less urine, that of row 0 included
    # treatment
    fluid: np.ndarray  # level 0 to 4
    vasopressor: np.ndarray  # level 0 to 4
    fluid_ml: np.ndarray
    dose: np.ndarray  # mcg/kg/min
    # care
    truth: np.ndarray  # (n, n_values) this block's values, measured or not
    truth_before: np.ndarray  # the same of the last block
    ventilated_before: np.ndarray
    dose_before: np.ndarray
    measured: np.ndarray  # (n, 13) which panels
    shown: np.ndarray  # (n, n_values) last measured, the population median before
    sofa: np.ndarray  # score on record, with the last dose
    recent: np.ndarray  # MAP that guides treatment
    urine_day: np.ndarray  # (n, 7) urine of the last seven blocks, latest first, mL


def amounts(state: SepsisState, fluid: np.ndarray, dose: np.ndarray) -> tuple:
    """Return mL and mcg/kg/min of levels, each shape (n,): chance says where in the bin.

    Doses lie nearer to the lower edge of their bin, and carry three decimals, as in the table; a
    pump that runs gives at least `LEAST_DOSE`.
    """
    ml_share, dose_share = state.at("amount").T
    mcg = _LOW_DOSE[dose] + _WIDE_DOSE[dose] * dose_share**2
    mcg = np.where(dose > 0, np.maximum(mcg, LEAST_DOSE), 0.0)
    return np.ceil(_LOW_ML[fluid] + _WIDE_ML[fluid] * ml_share), np.ceil(1000 * mcg) / 1000


def scores(state: SepsisState) -> np.ndarray:
    """Return the scores of all signals, shape (n, n_signals)."""
    return state.drivers @ signals.PULLS + state.deviation


def score(state: SepsisState, column: int) -> np.ndarray:
    """Return the scores of one signal, shape (n,)."""
    found = state.deviation[:, column]
    for driver, weight in signals.PULLED_BY[column]:
        found = found + weight * state.drivers[:, driver]
    return found


def filling(state: SepsisState, p: Parameters) -> np.ndarray:
    """How full fluid has made the heart, 0 to 1."""
    return np.tanh(state.volume / p.preload_scale)


def mean_pressure(state: SepsisState, full: np.ndarray, p: Parameters) -> np.ndarray:
    """Mean arterial pressure, mmHg: output x resistance / 80 + CVP, with drift."""
    output = state.output * (1 + p.preload_gain * state.response * full)
    # losses of output are taken here, too: only the product of output and resistance counts
    exponent = p.tone_sd * score(state, TONE) - (p.vasoplegia + p.depression) * state.severity
    exponent = exponent - p.deficit_loss * state.deficit
    resistance = state.resistance * (1 + state.effect) * np.exp(exponent)
    return np.clip(output * resistance / 80 + p.cvp_rest + p.cvp_volume * full, *RANGES["MeanBP"])


def treat_before(state: SepsisState, p: Parameters) -> None:
    """Give a vasopressor to those who came with a pressure too low to wait."""
    low, more = p.pressor_before
    mean = mean_pressure(state, filling(state, p), p)
    level = np.clip(np.ceil((low - mean) / more), 0, 4).astype(np.int64)
    state.vasopressor = level
    state.dose = _LOW_DOSE[level] + _WIDE_DOSE[level] / 2
    state.effect = vasopressor_effect(state, p)


def vasopressor_effect(state: SepsisState, p: Parameters) -> np.ndarray:
    """Share of resistance gained from the dose (Emax), less when sick."""
    strong = state.ec50 * np.exp(p.ec50_severity * state.severity)
    return p.emax * state.dose / (state.dose + strong)


def lactate_goal(state: SepsisState, p: Parameters) -> np.ndarray:
    """Lactate that production and clearance draw to, mmol/L."""
    own = signals.SIGNALS[LACTATE].spread * score(state, LACTATE)
    production = p.lactate_severity * state.severity + p.lactate_ischaemia * state.ischaemia
    return p.lactate_rest * np.exp(own + production)


def advance(state: SepsisState, p: Parameters) -> None:
    """Live four hours with the treatment in use."""
    _circulate(state, p)
    _die(state, p)
    goal = state.organs_own + np.multiply.outer(state.severity, p.organ_severity)
    organs = state.drivers[:, ORGANS]
    organs = (
        organs + p.organ_heal * (goal - organs) + np.array(p.organ_step) * state.at("organs_step")
    )
    organs = organs + np.multiply.outer(state.ischaemia, p.organ_ischaemia)
    organs[:, LUNG - ORGANS.start] += p.lung_overload * state.retained
    _breathe(state, p)
    drivers = state.drivers.copy()  # inflammation stays as at arrival (assumed)
    drivers[:, ORGANS] = organs.clip(-4.0, 4.0)
    drivers[:, SEVERITY] = state.severity
    drivers[:, DILUTION] = state.retained / p.dilution_scale
    drivers[:, VENTILATED] = ventilation_score(state.ventilated)
    state.drivers = drivers
    state.deviation = state.at("deviation")
    state.lactate = state.lactate + p.lactate_clearance * (lactate_goal(state, p) - state.lactate)
    state.risk_before, state.risk = state.risk, np.where(state.alive, late_risk(state, p), 1.0)
    state.step = state.step + 1


def _circulate(state: SepsisState, p: Parameters) -> None:
    """Move infection, severity, volumes and the vasopressor's effect; find ischaemia."""
    litres, sick = state.fluid_ml / 1000, state.severity
    state.infection = state.infection * (1 - state.control)
    goal = state.level + p.infection_weight * (state.infection - 0.5)  # falls as it clears
    change = (1 - p.severity_memory) * (goal - sick)
    change = change + p.severity_step * state.at("severity_step")
    # fluid flows in over the block, and part of it has left again at its end
    state.volume = p.preload_keep * state.volume + (1 - p.preload_keep) * state.fluid_ml
    lacking = state.deficit + p.losses + p.leak * np.maximum(sick + 1, 0.0)
    needed = np.minimum(lacking, litres)
    state.deficit = np.minimum(lacking - needed, p.most_deficit)
    state.retained = p.retained_keep * state.retained + litres - needed
    state.effect = vasopressor_effect(state, p)
    pressure = mean_pressure(state, filling(state, p), p)
    high = p.squeeze_high * between(pressure, p.squeeze_range)
    state.squeezed = np.minimum(p.squeeze * state.dose + high * state.effect / p.emax, 1.5)
    low = between(pressure, p.ischaemia_range)
    low = low + p.hypovolaemia * np.maximum(state.deficit - 1, 0.0)
    state.ischaemia = np.minimum(low + state.squeezed, 1.5)
    state.severity = np.clip(sick + change + p.harm * state.ischaemia, -4.0, 5.0)


def _die(state: SepsisState, p: Parameters) -> None:
    """Decide who dies in this block: this block's severity, the organs of the one before.

    Squeezing kills less at once than low pressure does (assumed).
    """
    hazard = p.death_base + p.death_severity * state.severity
    hazard = hazard + p.death_ischaemia * (state.ischaemia - state.squeezed)
    hazard = hazard + p.death_squeezed * state.squeezed + p.death_retained * state.retained
    hazard = hazard + p.death_organs * mean_organ(state) + p.death_age * state.drivers[:, AGE]
    dies = state.alive & (state.at("death") < logistic(hazard))
    state.death_step = np.where(dies, state.step, state.death_step)
    state.alive = state.alive & ~dies


def mean_organ(state: SepsisState) -> np.ndarray:
    """Mean injury of the five organs, SD, shape (n,)."""
    return state.drivers[:, ORGANS] @ _EACH_ORGAN


def late_risk(state: SepsisState, p: Parameters) -> np.ndarray:
    """Risk of death by day 90 if the stay ended now, for those alive, shape (n,)."""
    risk = p.late_base + p.late_severity * state.severity + p.late_organs * mean_organ(state)
    risk = risk + p.late_age * state.drivers[:, AGE] + p.late_retained * state.retained
    risk = risk + state.drivers @ _DEADLY_PULLS + state.deviation @ signals.DEADLY
    risk = risk + p.late_lactate * np.maximum(state.lactate - USUAL_LACTATE, 0.0)
    return logistic(risk)


def dies_late(state: SepsisState, p: Parameters) -> np.ndarray:
    """Whether those alive die between the end of the stay and day 90, shape (n,)."""
    return state.alive & (state.noise["late_death"] < late_risk(state, p))


def ventilation_score(ventilated: np.ndarray) -> np.ndarray:
    """Turn a tube into a score with mean 0 and SD 1 over all blocks."""
    return (ventilated - VENTILATED_SHARE) / sqrt(VENTILATED_SHARE * (1 - VENTILATED_SHARE))


def _breathe(state: SepsisState, p: Parameters) -> None:
    """Put tubes in and take them out."""
    chance = state.at("breathing")
    lung = state.drivers[:, LUNG]
    need = p.intubate_severity * state.severity + p.intubate_lung * lung
    out = logistic(p.extubate + p.extubate_severity * state.severity + p.extubate_lung * lung)
    state.ventilated = np.where(
        state.ventilated, chance >= out, chance < logistic(p.intubate + need)
    )
