"""What the ART simulator knows about its people, and the noise that makes them differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...simulator import Noise
from ...simulator.numbers import where

STATIC_NOISE = {
    "ethnicity": "uniform",
    "sex": "uniform",
    "entry": "uniform",
    "naive": "uniform",
    "years_treated": "uniform",
    "planned": "uniform",
    "first_visit": "uniform",
    "engaged": "uniform",
    "resistance": "uniform",
    "age": "normal",
    "setpoint": "normal",
    "cd4": "normal",
    "recovery": "normal",
    "lymphocytes": "normal",
    "adherence": "normal",
    "adherence_start": "normal",
    "residual": "normal",
    "fluctuation_start": "normal",
}
STEP_NOISE = {
    "action": "uniform",
    "intolerance": "uniform",
    "fading": "uniform",
    "resistance_backbone": "uniform",
    "resistance_agent": "uniform",
    "disengage": "uniform",
    "reengage": "uniform",
    "visit": "uniform",
    "vl_drawn": "uniform",
    "cd4_drawn": "uniform",
    "extra_draw": "uniform",
    "blip": "uniform",
    "recording": "uniform",
    "adherence": "normal",
    "vl_assay": "normal",
    "blip_size": "normal",
    "fluctuation": "normal",
    "cd4_assay": "normal",
    "cd4_percent_assay": "normal",
}


@dataclass
class State:
    """Everything the mechanism knows about n people in one month; arrays have shape (n,)."""

    noise: Noise
    step: int | np.ndarray  # month; one number, or (n,) where people are in different months
    # who they are
    female: np.ndarray
    ethnicity: np.ndarray  # position in the schema's labels
    age: np.ndarray  # years at month 0
    entry_year: np.ndarray  # calendar year of month 0, with fraction
    naive: np.ndarray  # not treated before month 0
    setpoint: np.ndarray  # log10 copies/mL
    residual: np.ndarray  # log10 copies/mL under full suppression
    recovery: np.ndarray  # factor of CD4 recovery
    lymphocytes: np.ndarray  # cells/uL at a CD4 count of 450
    # virus and cells
    short_lived: np.ndarray  # copies/mL from short-lived infected cells
    long_lived: np.ndarray  # copies/mL from long-lived infected cells
    viral_load: np.ndarray  # copies/mL, true
    nadir: np.ndarray  # lowest CD4 pool, cells/uL
    cd4_pool: np.ndarray  # cells/uL, slow part
    cd4_fast: np.ndarray  # cells/uL, regained in the first months
    fluctuation: np.ndarray  # lymphocyte fluctuation, standard normal
    # treatment
    planned: np.ndarray  # position in REGIMENS of what was planned when care began
    regimen: np.ndarray  # position in REGIMENS, -1 none
    last_regimen: np.ndarray  # the one taken before a pause, -1 never treated
    months_treated: np.ndarray  # since ART began, -1 before
    months_on_agent: np.ndarray  # since the third agent was taken up
    failures: np.ndarray  # consecutive results above the failure limit on the third agent
    adherence_mean: np.ndarray  # logit
    adherence_drift: np.ndarray  # logit
    engaged: np.ndarray  # in care
    resistant: dict[str, np.ndarray]  # by class: NRTI, NNRTI, INI, PI
    intolerant: np.ndarray  # a side effect of the regimen in use
    not_tolerated: np.ndarray  # (n, 9) third agents given up because of side effects
    # care
    visit: np.ndarray
    next_visit: np.ndarray
    decisions: np.ndarray  # how many so far
    last_vl: np.ndarray  # log10 of the last measured VL, nan before the first
    last_cd4: np.ndarray
    results: dict[str, np.ndarray]  # this month's laboratory values and flags

    @property
    def treated(self) -> np.ndarray:
        """Taking a regimen this month: prescribed one and in care."""
        return (self.regimen >= 0) & self.engaged

    @property
    def on_file(self) -> np.ndarray:
        """The last regimen, or the planned one of people never treated (position)."""
        return where(self.last_regimen < 0, self.planned, self.last_regimen)

    @property
    def year(self) -> np.ndarray:
        """Calendar year of this month."""
        return self.entry_year + self.step / 12
