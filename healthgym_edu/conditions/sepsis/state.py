"""What the sepsis simulator knows about its patients, and the noise between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...simulator import Noise
from .signals import SIGNALS

N_ORGANS = 5
"""Kidney, liver, clotting, lung, brain: in the order of the drivers."""

N_PANELS = 13
"""Groups of values that are measured together; see `care.PANELS`."""

STATIC_NOISE = {
    "severity": "normal",
    "age": "normal",
    "female": "uniform",
    "readmitted": "uniform",
    "ventilated": "uniform",
    "control": "normal",
    "output": "normal",
    "resistance": "normal",
    "response": "normal",
    "sensitivity": "normal",
    "deficit": "uniform",
    "input_before": "normal",
    "output_before": "normal",
    "admission": "uniform",
    "habit": "normal",
    "late_death": "uniform",
    "inflammation": "normal",
    "organs": ("normal", N_ORGANS),
    "own": ("normal", len(SIGNALS)),
    "drift": ("normal", len(SIGNALS)),
}
STEP_NOISE = {
    "action": "uniform",
    "severity": "normal",
    "breathing": "uniform",
    "death": "uniform",
    "amount": ("uniform", 2),
    "organs": ("normal", N_ORGANS),
    "drift": ("normal", len(SIGNALS)),
    "panels": ("uniform", N_PANELS),
}


@dataclass
class State:
    """Everything known about n patients in one block; arrays of shape (n,) or (n, columns)."""

    noise: Noise
    step: int | np.ndarray
    alive: np.ndarray
    death_step: np.ndarray  # -1 while alive
    # who they are
    age: np.ndarray  # years
    female: np.ndarray
    readmitted: np.ndarray
    level: np.ndarray  # severity to which the patient returns
    control: np.ndarray  # share of the infection cleared in a block
    output: np.ndarray  # L/min at rest
    resistance: np.ndarray  # dyn s/cm5 at rest
    response: np.ndarray  # to preload, 0 to 1
    ec50: np.ndarray  # mcg/kg/min
    organs_own: np.ndarray  # (n, 5) levels to which organs return, severity apart
    clock: np.ndarray  # block of the day at step 0
    arrival_risk: np.ndarray  # of death by day 90, as at arrival
    # what changes
    drivers: np.ndarray  # (n, n_drivers): scores of what pulls signals
    deviation: np.ndarray  # (n, n_signals): own and drift; see `people.exogenous`
    severity: np.ndarray  # hidden, SD
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
    balance: np.ndarray  # L given less urine since the first row
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
