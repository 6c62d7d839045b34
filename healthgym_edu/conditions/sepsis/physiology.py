"""What the body does in four hours.

An infection, cleared at the patient's own pace, draws severity up.  Severity widens vessels and
makes them leak; mean arterial pressure is cardiac output times resistance plus central venous
pressure; fluid fills the heart, makes good what is lacking, and beyond that is retained and
stiffens the lungs; vasopressors raise resistance and, in large doses or at high pressure, squeeze
vessels.  Low pressure, lacking volume and squeezing cause ischaemia, which makes lactate, injures
organs, raises severity and kills.
"""

from __future__ import annotations

import numpy as np

from . import signals
from .parameters import DOSE_EDGES, FLUID_EDGES, Parameters
from .signals import DRIVERS, INDEX
from .state import State

DRIVER = {name: k for k, name in enumerate(DRIVERS)}
ORGANS = slice(DRIVER["kidney"], DRIVER["brain"] + 1)
SEVERITY, LUNG, DILUTION = DRIVER["severity"], DRIVER["lung"], DRIVER["dilution"]

_LOW_ML, _HIGH_ML = np.array(FLUID_EDGES[:-1]), np.array(FLUID_EDGES[1:])
_LOW_DOSE, _HIGH_DOSE = np.array(DOSE_EDGES[:-1]), np.array(DOSE_EDGES[1:])


def logistic(x: np.ndarray) -> np.ndarray:
    """Inverse of the log-odds."""
    return 1 / (1 + np.exp(-x))


def _within(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """As ``np.clip``, which is slow where one patient is simulated at a time."""
    return np.minimum(np.maximum(value, low), high)


def _between(value: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """0 at the first limit and before it, 1 at the second and beyond, linear in between."""
    none, full = limits
    return _within((value - none) / (full - none), 0.0, 1.0)


def severity(state: State) -> np.ndarray:
    """Hidden severity, about standard normal at the start, shape (n,)."""
    return state.drivers[:, SEVERITY]


def amounts(state: State, rows: np.ndarray, fluid: np.ndarray, dose: np.ndarray) -> np.ndarray:
    """Return mL and mcg/kg/min of levels: where in its bin is chance, shape (2, len(rows))."""
    share = state.noise.at("amount", state.step)[rows]
    ml = np.ceil(_LOW_ML[fluid] + (_HIGH_ML - _LOW_ML)[fluid] * share[:, 0])
    mcg = _LOW_DOSE[dose] + (_HIGH_DOSE - _LOW_DOSE)[dose] * share[:, 1] ** 2
    return np.stack([ml, np.maximum(mcg, 0.001 * (dose > 0))])


def scores(state: State) -> np.ndarray:
    """Return the scores of all signals, shape (n, n_signals)."""
    return state.drivers @ signals.PULLS + state.own + state.drift


def filling(state: State, p: Parameters) -> np.ndarray:
    """How full fluid has made the heart, 0 to 1."""
    return np.tanh(state.volume / p.preload_scale)


def mean_pressure(state: State, tone: np.ndarray, full: np.ndarray, p: Parameters) -> np.ndarray:
    """Mean arterial pressure, mmHg: output x resistance / 80 + CVP, with drift."""
    sick = severity(state)
    output = state.output * (1 + p.preload_gain * state.response * full)
    exponent = p.tone_sd * tone - (p.vasoplegia + p.depression) * sick
    exponent = exponent - p.deficit_loss * state.deficit
    resistance = state.resistance * (1 + state.effect) * np.exp(exponent)
    return _within(output * resistance / 80 + p.cvp_rest + p.cvp_volume * full, 25.0, 180.0)


def treat_before(state: State, p: Parameters) -> None:
    """Give a vasopressor to those who came with a pressure too low to wait."""
    tone = scores(state)[:, INDEX["tone"]]
    low, more = p.pressor_before
    mean = mean_pressure(state, tone, filling(state, p), p)
    level = _within(np.ceil((low - mean) / more), 0, 4).astype(np.int64)
    state.vasopressor = level
    state.dose = (_LOW_DOSE[level] + _HIGH_DOSE[level]) / 2
    state.effect = vasopressor_effect(state, p)


def vasopressor_effect(state: State, p: Parameters) -> np.ndarray:
    """Share of resistance gained from the dose (Emax), less when sick."""
    strong = state.ec50 * np.exp(p.ec50_severity * severity(state))
    return p.emax * state.dose / (state.dose + strong)


def lactate_goal(state: State, p: Parameters) -> np.ndarray:
    """Lactate that production and clearance draw to, mmol/L."""
    column = INDEX["lactate"]
    score = state.drivers @ signals.PULLS[:, column] + state.own[:, column]
    score = score + state.drift[:, column]
    production = p.lactate_severity * severity(state) + p.lactate_ischaemia * state.ischaemia
    return p.lactate_rest * np.exp(signals.SIGNALS[column].spread * score + production)


def advance(state: State, p: Parameters) -> None:
    """Live four hours with the treatment in use."""
    at, step = state.noise.at, state.step
    squeezed = _circulate(state, p)
    _harm(state, squeezed, p)
    drivers = state.drivers.copy()
    sick = drivers[:, SEVERITY]
    goal = state.organs_own + np.array(p.organ_severity) * sick[:, None]
    organs = drivers[:, ORGANS]
    organs = organs + p.organ_heal * (goal - organs) + np.array(p.organ_step) * at("organs", step)
    organs = organs + np.array(p.organ_ischaemia) * state.ischaemia[:, None]
    organs[:, LUNG - ORGANS.start] += p.lung_overload * state.retained
    drivers[:, ORGANS] = _within(organs, -4.0, 4.0)
    drivers[:, DILUTION] = state.retained / p.dilution_scale
    state.drivers = drivers
    state.drift = signals.MEMORY * state.drift + at("drift", step) @ signals.STEP
    state.lactate = state.lactate + p.lactate_clearance * (lactate_goal(state, p) - state.lactate)
    _breathe(state, p)
    state.step = state.step + 1


def _circulate(state: State, p: Parameters) -> np.ndarray:
    """Move infection, severity, volumes and the vasopressor's effect; return squeezing."""
    at, step = state.noise.at, state.step
    litres, sick = state.fluid_ml / 1000, severity(state)
    state.infection = state.infection * (1 - state.control)
    goal = state.level + p.infection_weight * (state.infection - 0.5)
    change = (1 - p.severity_memory) * (goal - sick) + p.severity_step * at("severity", step)
    state.volume = p.preload_keep * state.volume + (1 - p.preload_keep) * state.fluid_ml
    lacking = state.deficit + p.losses + p.leak * np.maximum(sick + 1, 0)
    needed = np.minimum(lacking, litres)
    state.deficit = np.minimum(lacking - needed, p.most_deficit)
    state.retained = p.retained_keep * state.retained + litres - needed
    state.effect = vasopressor_effect(state, p)
    full = filling(state, p)
    tone = scores(state)[:, INDEX["tone"]]
    state.pressure = mean_pressure(state, tone, full, p)
    low = _between(state.pressure, p.ischaemia_range)
    squeezed = p.squeeze * state.dose
    squeezed = squeezed + p.squeeze_high * _between(state.pressure, p.squeeze_range) * (
        state.dose > 0
    )
    lacking = p.hypovolaemia * np.maximum(state.deficit - 1, 0)
    state.ischaemia = np.minimum(low + lacking + squeezed, 1.5)
    state.drivers[:, SEVERITY] = _within(sick + change + p.harm * state.ischaemia, -4.0, 5.0)
    return squeezed


def _harm(state: State, squeezed: np.ndarray, p: Parameters) -> None:
    """Decide who dies in this block."""
    hazard = p.death_base + p.death_severity * severity(state)
    hazard = hazard + p.death_ischaemia * (state.ischaemia - squeezed)
    hazard = hazard + p.death_squeezed * squeezed + p.death_retained * state.retained
    hazard = hazard + p.death_organs * state.drivers[:, ORGANS].mean(axis=1)
    hazard = hazard + p.death_age * state.drivers[:, DRIVER["age"]]
    dies = state.alive & (state.noise.at("death", state.step) < logistic(hazard))
    state.death_step = np.where(dies, state.step, state.death_step)
    state.alive = state.alive & ~dies


def dies_late(state: State, p: Parameters) -> np.ndarray:
    """Whether those alive die between the end of the stay and day 90, shape (n,)."""
    risk = p.late_base + p.late_severity * severity(state)
    risk = risk + p.late_organs * state.drivers[:, ORGANS].mean(axis=1)
    risk = risk + p.late_age * state.drivers[:, DRIVER["age"]] + p.late_retained * state.retained
    risk = risk + scores(state) @ signals.DEADLY
    risk = risk + p.late_lactate * np.maximum(state.lactate - 1.5, 0)
    return state.alive & (state.noise["late_death"] < logistic(risk))


def breathe_set(state: State) -> None:
    """Let the tube pull signals."""
    share = 0.374
    state.drivers[:, DRIVER["ventilated"]] = (state.ventilated - share) / 0.484


def _breathe(state: State, p: Parameters) -> None:
    """Put tubes in and take them out."""
    chance, sick = state.noise.at("breathing", state.step), severity(state)
    into = logistic(p.intubate + p.intubate_severity * sick + 0.4 * state.drivers[:, LUNG])
    out = logistic(p.extubate + p.extubate_severity * sick)
    state.ventilated = np.where(state.ventilated, chance >= out, chance < into)
    breathe_set(state)
