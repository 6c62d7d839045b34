"""What the circulation and the organs do in one hour.

Mean arterial pressure is cardiac output times resistance plus central venous pressure.  A bolus
fills the heart and raises output in patients who respond to preload, then leaves the vessels; a
vasopressor raises resistance towards its patient's own largest effect.  Low pressure, and large
doses by squeezing vessels, cause ischaemia; ischaemia makes lactate, injures kidneys and liver,
raises severity, and kills.  Retained fluid stiffens the lungs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from ...engine import Columns, State, between, logistic, normal_rank
from .parameters import DOSES, FLUID_ML, FORMS, PULSES, RANGES, Parameters

LASTING = 0.8
"""Share of a score's SD that belongs to the patient and stays; assumed."""

_DOSES = np.array(DOSES)
_FLUID = np.array(FLUID_ML)


@cache
def _cuts(shares: tuple[float, ...]) -> np.ndarray:
    """Cumulative shares between classes."""
    return np.cumsum(shares)[:-1]


@dataclass
class HypotensionState(State):
    """Everything known about n patients in one hour; arrays have shape (n,)."""

    alive: np.ndarray
    death_hour: np.ndarray  # -1 while alive
    # who they are
    level: np.ndarray  # severity to which the patient returns
    output: np.ndarray  # L/min at rest
    resistance: np.ndarray  # dyn s/cm5 at rest
    response: np.ndarray  # to preload, 0 to 1
    ec50: np.ndarray  # mcg/kg/min
    pulse: np.ndarray  # mmHg
    form: np.ndarray  # share of the pulse below the mean
    urine_level: np.ndarray  # log mL/h
    lactate_level: np.ndarray  # log, of production
    oxygen: np.ndarray  # given oxygen where there is no tube
    clock: np.ndarray  # hour of the day at step 0
    # what changes
    pressure: np.ndarray  # mmHg, mean of this hour
    urine: np.ndarray  # mL of this hour
    severity: np.ndarray  # SD
    volume: np.ndarray  # mL of bolus still filling the heart
    deficit: np.ndarray  # L of volume lacking, which fluid makes good
    given: np.ndarray  # L of boluses given, fading over days
    retained: np.ndarray  # L of fluid beyond need
    tone: np.ndarray  # slow drift of log MAP
    effect: np.ndarray  # of vasopressors, share of resistance gained
    ischaemia: np.ndarray  # 0 to 1
    urine_drift: np.ndarray  # log
    creatinine: np.ndarray  # mg/dL
    creatinine_own: np.ndarray  # mg/dL, of the patient's kidneys at their best
    lactate: np.ndarray  # mmol/L
    liver: np.ndarray  # injury, SD
    lung: np.ndarray  # injury, SD
    oxygen_need: np.ndarray  # SD
    consciousness: np.ndarray  # SD
    ventilated: np.ndarray
    # treatment
    fluid: np.ndarray  # level 0 to 3, given in this hour
    vasopressor: np.ndarray  # level 0 to 3
    excess: np.ndarray  # L given in the hour just lived beyond what was lacking
    # care
    truth: Columns  # this hour's values, measured or not
    flags: Columns  # what was measured in this hour
    shown: Columns  # last measured value, the population median before
    recent: np.ndarray  # MAP of the last hours, smoothed


def filling(state: HypotensionState, p: Parameters) -> np.ndarray:
    """How full a bolus has made the heart, 0 to 1."""
    return np.tanh(state.volume / p.preload_scale)


def pressure(state: HypotensionState, p: Parameters) -> np.ndarray:
    """Mean arterial pressure of the hour, mmHg: output x resistance / 80 + CVP, with drift."""
    full = filling(state, p)
    preload = 1 + p.preload_gain * state.response * full
    weaker = -p.depression * state.severity - p.deficit_loss * state.deficit
    output = state.output * preload * np.exp(weaker)
    resistance = state.resistance * (1 + state.effect)
    lost = p.vasoplegia * state.severity + np.where(state.ventilated, p.sedation, 0.0)
    resistance = resistance * np.exp(state.tone - lost)
    return output * resistance / 80 + p.cvp_rest + p.cvp_volume * full


def circulation(state: HypotensionState, p: Parameters) -> Columns:
    """Lowest pressures of the hour, mmHg; the mean lies between the other two."""
    mean = state.pressure * np.exp(p.minimum_sd * state.at("minimum"))
    mean = np.clip(mean, *RANGES["MAP"])
    pulse = p.pulse_hour_sd * state.at("pulse") + p.pulse_severity * state.severity
    pulse = np.clip(state.pulse * np.exp(pulse), *PULSES)
    form = p.form_hour_sd * state.at("form") + p.form_pressure * np.log(mean / 68)
    form = np.clip(state.form * np.exp(form), *FORMS)
    diastolic = np.maximum(mean - form * pulse, 0.25 * mean)
    return {"MAP": mean, "diastolic_bp": diastolic, "systolic_bp": mean + (1 - form) * pulse}


def organs(state: HypotensionState, p: Parameters) -> Columns:
    """What urine, blood, lungs and examination would show in this hour."""
    liver = np.minimum(state.liver, p.liver_most)
    liver = liver + p.enzyme_upward * np.maximum(liver, 0) ** 2
    enzyme = p.enzyme_scale * liver
    alt = p.alt_mean * np.exp(enzyme + p.alt_own * state.noise["alt"])
    muscle = p.ast_severity * state.severity + p.ast_own * state.noise["ast"]
    po2 = p.po2_sd * state.noise["po2"] + p.po2_hour_sd * state.at("po2")
    po2 = po2 + np.where(state.ventilated, p.po2_ventilated, 0.0) + p.po2_lung * state.lung
    return {
        "urine": np.clip(state.urine, *RANGES["urine"]),
        "ALT": np.clip(alt, *RANGES["ALT"]),
        "AST": np.clip(p.ast_mean * np.exp(enzyme + muscle), *RANGES["AST"]),
        "PO2": np.clip(p.po2_mean * np.exp(po2), *RANGES["PO2"]),
        "lactic_acid": np.clip(state.lactate, *RANGES["lactic_acid"]),
        "serum_creatinine": np.clip(state.creatinine, *RANGES["serum_creatinine"]),
        "FiO2": np.searchsorted(p.fio2_cuts, state.oxygen_need, side="right"),
        "GCS_total": coma_score(state, p),
    }


def urine_flow(state: HypotensionState, p: Parameters) -> np.ndarray:
    """Urine, mL/h: the patient's own flow, driven by pressure, held back by bad kidneys."""
    log_flow = state.urine_level + state.urine_drift
    log_flow = log_flow + p.urine_pressure * np.log(np.maximum(state.pressure, 20.0) / 68)
    log_flow = log_flow + p.urine_volume * filling(state, p) + p.urine_severity * state.severity
    return np.exp(log_flow + p.urine_kidney * np.log(state.creatinine))


def coma_score(state: HypotensionState, p: Parameters) -> np.ndarray:
    """Position of the Glasgow Coma Scale, 0 (3 points) to 12 (15 points)."""
    rank = normal_rank(state.consciousness)
    tube = _cuts(p.gcs_tube).searchsorted(rank)
    free = _cuts(p.gcs_free).searchsorted(rank)
    return np.where(state.ventilated, tube, np.where(free == 0, 5, free + 7))


def advance(state: HypotensionState, p: Parameters) -> None:
    """Live one hour with the treatment in use."""
    _circulate(state, p)
    _harm(state, p)

    own = sqrt(1 - p.urine_memory**2) * state.at("urine")
    state.urine_drift = p.urine_memory * state.urine_drift + p.urine_hour_sd * own
    rise = p.creatinine_ischaemia * state.ischaemia + p.creatinine_drift * state.severity
    rise = rise + p.creatinine_oliguria * np.maximum(np.log(p.oliguria / state.urine), 0)
    excess = np.maximum(np.log(state.creatinine / state.creatinine_own), 0)
    state.creatinine = state.creatinine * np.exp(rise - p.creatinine_recovery * excess)
    production = state.lactate_level + p.lactate_severity * state.severity
    production = production + p.lactate_ischaemia * state.ischaemia
    goal = np.exp(production + p.lactate_liver * state.liver)
    state.lactate = state.lactate + p.lactate_clearance * (goal - state.lactate)
    healed = p.liver_recovery * np.maximum(state.liver, 0)
    state.liver = state.liver + p.liver_ischaemia * state.ischaemia - healed

    need = p.fio2_weight * state.lung
    need = need + sqrt(1 - p.fio2_weight**2) * state.noise["oxygen_need"]
    state.oxygen_need = _drift(state.oxygen_need, need, p.need_memory, state.at("oxygen_need"))
    awake = sqrt(1 - p.gcs_severity**2) * state.noise["consciousness"]
    awake = awake - p.gcs_severity * state.severity
    fresh = state.at("consciousness")
    state.consciousness = _drift(state.consciousness, awake, p.gcs_memory, fresh)
    _breathe(state, p)
    perfuse(state, p)
    state.step = state.step + 1


def perfuse(state: HypotensionState, p: Parameters) -> None:
    """Let pressure and urine follow from the state: what the next hour will be like."""
    state.pressure = pressure(state, p)
    state.urine = urine_flow(state, p)


def _drift(now: np.ndarray, own: np.ndarray, memory: float, fresh: np.ndarray) -> np.ndarray:
    """One hour of a standard normal score: LASTING of its SD is the patient's own, which stays."""
    moving = sqrt((1 - LASTING**2) * (1 - memory**2))
    return LASTING * own + memory * (now - LASTING * own) + moving * fresh


def _circulate(state: HypotensionState, p: Parameters) -> None:
    """Advance severity, filling, tone and the vasopressor's effect."""
    litres = _FLUID[state.fluid] / 1000
    state.volume = p.preload_keep * state.volume + (1 - p.preload_keep) * 1000 * litres
    needed = np.minimum(state.deficit, p.deficit_filled * litres)
    state.deficit = state.deficit - needed
    state.given = p.retained_keep * state.given + litres
    state.excess = litres - needed / p.deficit_filled
    state.retained = p.retained_keep * state.retained + state.excess
    fresh = sqrt(1 - p.tone_memory**2) * state.at("tone")
    state.tone = p.tone_memory * state.tone + p.tone_sd * fresh
    dose = _DOSES[state.vasopressor]
    goal = p.emax * dose / (dose + state.ec50 * np.exp(p.ec50_severity * state.severity))
    state.effect = state.effect + p.onset * (goal - state.effect)
    state.level = state.level - p.severity_recovery
    change = (1 - p.severity_memory) * (state.level - state.severity)
    state.severity = state.severity + change + p.severity_step * state.at("severity")
    state.fluid = 0 * state.fluid  # a bolus falls in the first hour of its block


def _harm(state: HypotensionState, p: Parameters) -> None:
    """Ischaemia of this hour, what it does to severity and lungs, and whether it kills."""
    low = between(state.pressure, p.ischaemia_range)
    dose = _DOSES[state.vasopressor]
    squeezed = p.squeeze * np.maximum(dose - p.squeeze_from, 0) / (DOSES[-1] - p.squeeze_from)
    high = between(state.pressure, p.squeeze_range)
    squeezed = squeezed + np.where(dose > 0, p.squeeze_high * high, 0.0)
    state.ischaemia = np.minimum(low + squeezed, 1.5)
    harm = p.severity_harm * state.ischaemia
    state.severity, state.level = state.severity + harm, state.level + harm
    state.lung = state.lung + p.lung_overload * (1 - p.retained_keep) * state.retained
    hazard = p.death_base + p.death_severity * state.severity + p.death_ischaemia * low
    hazard = hazard + np.where(state.ventilated, p.death_ventilated, 0.0)
    hazard = hazard + p.death_lactate * np.maximum(state.lactate - 2, 0)
    hazard = hazard + p.death_retained * state.retained
    hazard = hazard + p.death_squeezed * squeezed
    dies = state.alive & (state.at("death") < logistic(hazard))
    state.death_hour = np.where(dies, state.step, state.death_hour)
    state.alive = state.alive & ~dies


def _breathe(state: HypotensionState, p: Parameters) -> None:
    """Put tubes in and take them out."""
    chance = state.at("breathing")
    into = logistic(p.intubate + p.intubate_severity * state.severity)
    out = p.extubate * np.exp(p.extubate_severity * state.severity)
    state.ventilated = np.where(state.ventilated, chance >= out, chance < into)
