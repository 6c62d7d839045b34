"""What the ward sees: which values are measured, and what the record shows of the others.

Measurement is informative.  Nurses chart at rounds, and more for patients with a tube; bloods are
drawn in the morning, and for patients who *look* sick on the record.  A flag says whether a value
was measured; unmeasured values are carried forward, then back from the first measurement, then
set to the population median, as in the published file.  Carrying back uses the future, so the
clinician never sees it: at the bedside an unknown value is the median until it is measured.
"""

from __future__ import annotations

import numpy as np

from ...simulator import carried
from ...simulator.numbers import logistic, minimum, where
from .parameters import MEDIANS, Parameters
from .physiology import circulation, organs
from .state import State

MEASURED_BY = {
    "urine": "urine_m",
    "ALT": "ALT_AST_m",
    "AST": "ALT_AST_m",
    "PO2": "PO2_m",
    "lactic_acid": "lactic_acid_m",
    "serum_creatinine": "serum_creatinine_m",
    "FiO2": "FiO2_m",
    "GCS_total": "GCS_total_m",
}
COMA = 9
"""Position of 12 points on the Glasgow Coma Scale: below it patients mostly have a tube."""

MORNING = 4
"""Hour of the day at which the laboratory's round begins."""


def measure(state: State, p: Parameters) -> None:
    """Look at the patients: this hour's true values, what is measured, what the record shows."""
    state.truth = circulation(state, p) | organs(state, p)
    mean = state.truth["MAP"]
    smooth = state.recent + p.recent_now * (mean - state.recent)
    state.recent = where(np.isnan(state.recent), mean, smooth)
    state.flags = _charted(state, p) | _drawn(state, p)
    for name, flag in MEASURED_BY.items():
        state.shown[name] = where(state.flags[flag], state.truth[name], state.shown[name])


def looking_sick(state: State, p: Parameters) -> np.ndarray:
    """Points for low pressure, vasopressors, coma and lactate, all as recorded, 0 to 3."""
    points = where(state.recent < p.sick_pressure, 1.0, 0.0)
    points = points + p.sick_vasopressor * state.vasopressor
    points = points + where(state.shown["GCS_total"] < COMA, p.sick_coma, 0.0)
    points = points + where(state.shown["lactic_acid"] >= 2, p.sick_lactate, 0.0)
    return minimum(points, p.sick_most)


def _charted(state: State, p: Parameters) -> dict[str, np.ndarray]:
    """What nurses chart: more at rounds, more with a tube."""
    at, step = state.noise.at, state.step
    rounds = (state.clock + step) % p.round_hours == 0
    urine = where(rounds, p.urine_round, p.urine_between)
    urine = urine + where(state.ventilated, p.urine_ventilated, 0.0)
    urine = urine + where(state.creatinine > 2, p.urine_kidney_failure, 0.0)
    device = where(state.oxygen, p.fio2_oxygen, p.fio2_room)
    device = where(state.ventilated, p.fio2_ventilated, device)
    fio2 = device * where(rounds, p.fio2_round, p.fio2_off_round)
    return {
        "urine_m": at("urine_charted", step) < urine,
        "GCS_total_m": at("gcs_charted", step) < where(rounds, p.gcs_round, p.gcs_between),
        "FiO2_m": at("fio2_charted", step) < fio2,
    }


def _drawn(state: State, p: Parameters) -> dict[str, np.ndarray]:
    """What the laboratory gets: morning bloods, blood gases, and more for those who look sick."""
    at, step = state.noise.at, state.step
    sick = looking_sick(state, p)
    morning = (state.clock + step) % 24 == MORNING
    between = p.chemistry_between * np.exp(p.chemistry_sick * sick)
    chemistry = at("chemistry", step) < where(morning, p.chemistry_morning, between)
    enzymes = p.liver_with_chemistry * where(step < 24, p.liver_first_day, 1.0)
    log_odds = p.gas_base + where(state.ventilated, p.gas_ventilated, 0.0) + p.gas_sick * sick
    log_odds = log_odds + where(chemistry, p.gas_chemistry, 0.0)
    gas = at("gas", step) < logistic(log_odds + p.gas_habit * state.noise["gas_habit"])
    drawn = where(chemistry, p.lactate_chemistry, 0.0)
    alone = logistic(p.lactate_alone + drawn + p.gas_sick * sick)
    lactate = where(gas, p.lactate_in_gas, alone)
    return {
        "serum_creatinine_m": chemistry,
        "ALT_AST_m": chemistry & (at("enzymes", step) < enzymes),
        "PO2_m": gas & (at("po2_reported", step) < p.po2_in_gas),
        "lactic_acid_m": at("lactate_reported", step) < lactate,
    }


def record(state: State) -> dict[str, np.ndarray]:
    """Return the hour: pressures, treatment, true values of the rest, and flags."""
    return {
        **state.truth,
        **{name: flag & state.alive for name, flag in state.flags.items()},
        "fluid_boluses": state.fluid,
        "vasopressors": state.vasopressor,
    }


def carry(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Replace what was not measured: carried forward, then back, then the population median.

    Parameters
    ----------
    columns : dict of str to ndarray, shape (n, 48)
        True values, and flags that are False after death.
    """
    shown = dict(columns)
    for name, flag in MEASURED_BY.items():
        shown[name] = carried(columns[name], columns[flag], MEDIANS[name])
    return shown
