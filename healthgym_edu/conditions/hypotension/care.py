"""What the ward sees: which values are measured, and what the record shows of the others.

Measurement is informative.  Nurses chart at rounds, and more for patients with a tube; bloods are
drawn in the morning, and for patients who *look* sick on the record.  A flag says whether a value
was measured; unmeasured values are carried forward, then back from the first measurement, then
set to the population median, as in the published file.  Carrying back uses the future, so the
clinician never sees it: at the bedside an unknown value is the median until it is measured.
"""

from __future__ import annotations

import numpy as np

from ...engine import Columns, logistic
from .parameters import Parameters
from .physiology import HypotensionState, circulation, organs
from .variables import SCHEMA

MEASURED_BY = {v.name: v.measured_by for v in SCHEMA if v.measured_by}
COMA = 9
"""Position of 12 points on the Glasgow Coma Scale: below it patients mostly have a tube."""

MORNING = 4
"""Hour of the day at which the laboratory's round begins."""


def measure(state: HypotensionState, p: Parameters) -> None:
    """Look at the patients: this hour's true values, what is measured, what the record shows."""
    state.truth = circulation(state, p) | organs(state, p)
    mean = state.truth["MAP"]
    smooth = state.recent + p.recent_now * (mean - state.recent)
    state.recent = np.where(np.isnan(state.recent), mean, smooth)
    state.flags = _charted(state, p) | _drawn(state, p)
    state.shown = {
        name: np.where(state.flags[MEASURED_BY[name]], state.truth[name], last)
        for name, last in state.shown.items()
    }


def looking_sick(state: HypotensionState, p: Parameters) -> np.ndarray:
    """Points for low pressure, vasopressors, coma and lactate, all as recorded, 0 to 3."""
    points = np.where(state.recent < p.sick_pressure, 1.0, 0.0)
    points = points + p.sick_vasopressor * state.vasopressor
    points = points + np.where(state.shown["GCS_total"] < COMA, p.sick_coma, 0.0)
    points = points + np.where(state.shown["lactic_acid"] >= 2, p.sick_lactate, 0.0)
    return np.minimum(points, p.sick_most)


def _charted(state: HypotensionState, p: Parameters) -> Columns:
    """What nurses chart: more at rounds, more with a tube."""
    rounds = (state.clock + state.step) % p.round_hours == 0
    urine = np.where(rounds, p.urine_round, p.urine_between)
    urine = urine + np.where(state.ventilated, p.urine_ventilated, 0.0)
    urine = urine + np.where(state.creatinine > 2, p.urine_kidney_failure, 0.0)
    device = np.where(state.oxygen, p.fio2_oxygen, p.fio2_room)
    device = np.where(state.ventilated, p.fio2_ventilated, device)
    fio2 = device * np.where(rounds, p.fio2_round, p.fio2_off_round)
    return {
        "urine_m": state.at("urine_charted") < urine,
        "GCS_total_m": state.at("gcs_charted") < np.where(rounds, p.gcs_round, p.gcs_between),
        "FiO2_m": state.at("fio2_charted") < fio2,
    }


def _drawn(state: HypotensionState, p: Parameters) -> Columns:
    """What the laboratory gets: morning bloods, blood gases, and more for those who look sick."""
    sick = looking_sick(state, p)
    morning = (state.clock + state.step) % 24 == MORNING
    between = p.chemistry_between * np.exp(p.chemistry_sick * sick)
    chemistry = state.at("chemistry") < np.where(morning, p.chemistry_morning, between)
    enzymes = p.liver_with_chemistry * np.where(state.step < 24, p.liver_first_day, 1.0)
    log_odds = p.gas_base + np.where(state.ventilated, p.gas_ventilated, 0.0) + p.gas_sick * sick
    log_odds = log_odds + np.where(chemistry, p.gas_chemistry, 0.0)
    gas = state.at("gas") < logistic(log_odds + p.gas_habit * state.noise["gas_habit"])
    drawn = np.where(chemistry, p.lactate_chemistry, 0.0)
    alone = logistic(p.lactate_alone + drawn + p.gas_sick * sick)
    lactate = np.where(gas, p.lactate_in_gas, alone)
    return {
        "serum_creatinine_m": chemistry,
        "ALT_AST_m": chemistry & (state.at("enzymes") < enzymes),
        "PO2_m": gas & (state.at("po2_reported") < p.po2_in_gas),
        "lactic_acid_m": state.at("lactate_reported") < lactate,
    }


def record(state: HypotensionState) -> Columns:
    """Return the hour: pressures, treatment, true values of the rest, and flags."""
    return {
        **state.truth,
        **state.flags,
        "fluid_boluses": state.fluid,
        "vasopressors": state.vasopressor,
    }
