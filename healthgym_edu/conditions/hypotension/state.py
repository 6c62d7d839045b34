"""What the hypotension simulator knows about its patients, and the noise between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...simulator import Noise

STATIC_NOISE = {
    "severity": "normal",
    "output": "normal",
    "resistance": "normal",
    "response": "normal",
    "sensitivity": "normal",
    "deficit": "uniform",
    "tone_start": "normal",
    "pulse": "normal",
    "form": "normal",
    "urine": "normal",
    "creatinine": "normal",
    "lactate": "normal",
    "liver": "normal",
    "alt": "normal",
    "ast": "normal",
    "lung": "normal",
    "oxygen_need": "normal",
    "po2": "normal",
    "consciousness": "normal",
    "gas_habit": "normal",
    "ventilated": "uniform",
    "oxygen": "uniform",
    "admission_hour": "uniform",
}
STEP_NOISE = {
    "action": "uniform",
    "severity": "normal",
    "tone": "normal",
    "minimum": "normal",
    "pulse": "normal",
    "form": "normal",
    "urine": "normal",
    "oxygen_need": "normal",
    "po2": "normal",
    "consciousness": "normal",
    "breathing": "uniform",
    "death": "uniform",
    "urine_charted": "uniform",
    "gcs_charted": "uniform",
    "fio2_charted": "uniform",
    "chemistry": "uniform",
    "enzymes": "uniform",
    "gas": "uniform",
    "po2_reported": "uniform",
    "lactate_reported": "uniform",
}


@dataclass
class State:
    """Everything known about n patients in one hour; arrays have shape (n,)."""

    noise: Noise
    step: int | np.ndarray  # one number, or (n,) where patients are in different hours
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
    truth: dict[str, np.ndarray]  # this hour's values, measured or not
    flags: dict[str, np.ndarray]  # what was measured in this hour
    shown: dict[str, np.ndarray]  # last measured value, the population median before
    recent: np.ndarray  # MAP of the last hours, smoothed
