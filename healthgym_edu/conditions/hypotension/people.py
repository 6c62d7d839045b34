"""Who comes to intensive care: patients at hour 0, from their noise alone."""

from __future__ import annotations

import numpy as np

from ...engine import Noise, logistic
from .parameters import MEDIANS, Parameters
from .physiology import HypotensionState, perfuse
from .variables import SCHEMA


def start(noise: Noise, p: Parameters) -> HypotensionState:
    """Return the patients at hour 0."""
    n = len(noise["severity"])
    zero, none = np.zeros(n), np.zeros(n, dtype=np.int64)
    severity = noise["severity"].copy()

    def shared(name: str, weight: float) -> np.ndarray:
        """Standard normal that correlates with severity."""
        return weight * severity + np.sqrt(1 - weight**2) * noise[name]

    liver = shared("liver", p.liver_severity)
    lung = p.lung_sd * shared("lung", p.lung_severity)
    own_need = np.sqrt(1 - p.fio2_weight**2) * noise["oxygen_need"]
    consciousness = -p.gcs_severity * severity
    consciousness += np.sqrt(1 - p.gcs_severity**2) * noise["consciousness"]
    creatinine = p.creatinine_sd * noise["creatinine"] + p.creatinine_severity * severity
    creatinine = creatinine + p.creatinine_skew * noise["creatinine"] ** 2
    lactate_level = np.log(p.lactate_rest) + p.lactate_sd * noise["lactate"]
    tube = p.ventilated_start + p.ventilated_severity * severity
    output = p.output_sd * noise["output"]
    resistance = p.resistance_output * output + p.resistance_sd * noise["resistance"]
    state = HypotensionState.begin(
        noise,
        alive=np.ones(n, dtype=bool),
        death_hour=np.full(n, -1, dtype=np.int64),
        level=severity.copy(),
        output=p.output_mean * np.exp(output),
        resistance=p.resistance_mean * np.exp(resistance),
        response=logistic(p.preload_shape[0] + p.preload_shape[1] * noise["response"]),
        ec50=p.ec50 * np.exp(p.ec50_sd * noise["sensitivity"]),
        pulse=p.pulse_mean * np.exp(p.pulse_sd * noise["pulse"]),
        form=p.form_mean * np.exp(p.form_sd * noise["form"]),
        urine_level=np.log(p.urine_mean) + p.urine_sd * noise["urine"],
        lactate_level=lactate_level,
        oxygen=noise["oxygen"] < p.oxygen_share,
        clock=np.floor(24 * noise["admission_hour"]).astype(np.int64),
        severity=severity,
        deficit=-p.deficit_mean * np.log(1 - 0.99 * noise["deficit"]),
        tone=p.tone_sd * noise["tone_start"],
        creatinine=p.creatinine_mean * np.exp(creatinine),
        creatinine_own=p.creatinine_mean * np.exp(p.creatinine_chronic * creatinine),
        lactate=np.exp(lactate_level + p.lactate_severity * severity + p.lactate_liver * liver),
        liver=liver,
        lung=lung,
        oxygen_need=p.fio2_weight * lung + own_need,
        consciousness=consciousness,
        ventilated=noise["ventilated"] < logistic(tube),
        fluid=none,
        vasopressor=none,
        truth=dict.fromkeys((*SCHEMA.numeric, "FiO2", "GCS_total"), zero),
        flags=dict.fromkeys(SCHEMA.flags, zero > 0),
        shown={name: np.full(n, float(value)) for name, value in MEDIANS.items()},
        recent=np.full(n, np.nan),
    )
    perfuse(state, p)
    return state
