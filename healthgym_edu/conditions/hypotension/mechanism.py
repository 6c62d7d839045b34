"""The hypotension mechanism: the rooms of this folder put together, one hour at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...engine import Columns, Mechanism, Noise, noise_kinds, soft_probabilities
from ...engine.events import Event, at_least, below
from ...engine.predictions import Prediction, ends_before
from ...variables import Variable, number
from . import care, clinician, people, physiology
from .from_file import FROM_FILE
from .guideline import guideline
from .parameters import FLUID_ML, HOURS_PER_BLOCK, MEDIANS, RANGES, Parameters
from .physiology import HypotensionState
from .rewards import REWARDS
from .variables import SCHEMA

STATIC_NOISE = noise_kinds(
    ("normal", "severity output resistance response sensitivity"),
    ("uniform", "deficit"),
    ("normal",
     "tone_start pulse form urine creatinine lactate liver alt ast lung oxygen_need "
     "po2 consciousness gas_habit"),
    ("uniform", "ventilated oxygen admission_hour"),
)  # fmt: skip
STEP_NOISE = noise_kinds(
    ("uniform", "action"),
    ("normal", "severity tone minimum pulse form urine oxygen_need po2 consciousness"),
    ("uniform",
     "breathing death urine_charted gcs_charted fio2_charted chemistry enzymes gas "
     "po2_reported lactate_reported"),
)  # fmt: skip


def _value(name: str) -> Variable:
    """What is shown of a column, within the range that a monitor or a laboratory reports."""
    return number(name, *RANGES[name], SCHEMA[name].unit, SCHEMA[name].description)


_MOST_LITRES = FLUID_ML[-1] / 1000 * SCHEMA.n_steps / HOURS_PER_BLOCK
OBSERVED = (
    number("hour", 0, SCHEMA.n_steps, "hour", "Hour that begins, from 0."),
    _value("MAP"),
    number("MAP of the last hours", *RANGES["MAP"], "mmHg", "Mean pressure, smoothed."),
    *(_value(name) for name in ("diastolic_bp", "systolic_bp", *MEDIANS)),
    *(SCHEMA[name].as_number() for name in SCHEMA.flags),
    number("vasopressor level", 0, 3, "", "Level of the vasopressor in use."),
    number("litres given", 0, _MOST_LITRES, "L", "Boluses so far, fading over days."),
)
"""What the clinician has in view; values never measured so far are the population median."""


@dataclass(frozen=True)
class Hypotension(Mechanism):
    """Acute hypotension in intensive care: hourly steps over two days.

    Decisions fall every four hours.  A bolus falls in the first hour of its block, a vasopressor
    level holds for the block.  In an observation the vasopressor is the level in use (0 to 3),
    FiO2 is the class (0 to 9), GCS its points, and values never measured so far are the population
    median: nothing is carried back from the future.

    With ``confounded=True``, or ``"strong"``, the clinician also sees hidden severity.  The records
    then do **not** explain who is treated: whatever is estimated from them alone is biased, on
    purpose.  The recorded probabilities contain it: weighting by them is not.

    With ``carried=False`` the table shows the true value of every hour, measured or not: the same
    patients and treatments as with ``carried=True``, so that the two tables can be compared.
    """

    parameters: Parameters = field(default_factory=Parameters)
    confounded: bool | str = False
    carried: bool = True
    schema = SCHEMA
    actions = clinician.ACTIONS
    observed = OBSERVED
    static_noise = STATIC_NOISE
    step_noise = STEP_NOISE
    rewards = tuple(REWARDS)
    from_file = FROM_FILE
    never = MEDIANS
    action_unit = (
        "fluid bolus in mL, vasopressor in mcg/kg per hour, by the lower edges of their bins"
    )
    bedside = ("MAP", "urine")
    events = {
        "death": Event("death in the stay", ends="Died"),
        "map_recovery": at_least("MAP", 65, "mean pressure of 65 mmHg or more"),
        "lactate_below_2": below("lactic_acid", 2, "lactate below 2 mmol/L"),
    }
    predictions = (
        Prediction(
            "death in two days",
            "Does the patient die before hour 48, asked at hour 12?",
            12,
            ends_before("PatientID", "Timepoints", 47),
        ),
    )
    published_patients = 3910

    @property
    def most_decisions(self) -> int:
        return self.n_steps // HOURS_PER_BLOCK

    def start(self, noise: Noise) -> HypotensionState:
        return people.start(noise, self.parameters)

    def measure(self, state: HypotensionState) -> None:
        care.measure(state, self.parameters)

    def deciding(self, state: HypotensionState) -> np.ndarray:
        """Those alive, every four hours, shape (n,)."""
        return state.alive & (state.step % HOURS_PER_BLOCK == 0)

    def known(self, state: HypotensionState) -> Columns:
        own = {
            "hour": state.step,
            "MAP of the last hours": state.recent,
            "GCS_total": state.shown["GCS_total"] + 3,
            "vasopressor level": state.vasopressor,
            "litres given": state.given,
        }
        return state.truth | state.shown | state.flags | own

    def admissible(self, state: HypotensionState) -> np.ndarray:
        return clinician.admissible(state, self.parameters)

    def clinician(self, state: HypotensionState) -> np.ndarray:
        scores = clinician.scores(state, self.parameters, self.confounded)
        least, usual = self.parameters.least_probability, self.admissible(state)
        wide = clinician.admissible(state, self.parameters, conceivable=True)
        return soft_probabilities(scores, usual, least, shared=True, conceivable=wide)

    def guideline(self, seen: Columns) -> np.ndarray:
        return guideline(seen, self.parameters)

    def act(self, state: HypotensionState, action: np.ndarray) -> None:
        """Give fluid level ``action // 4`` now and vasopressor level ``action % 4`` from now on."""
        state.fluid, state.vasopressor = action // 4, action % 4

    def record(self, state: HypotensionState) -> Columns:
        return care.record(state)

    def advance(self, state: HypotensionState) -> None:
        physiology.advance(state, self.parameters)

    def reward(self, state: HypotensionState, name: str = "course") -> np.ndarray:
        return REWARDS[name](state)

    def outcome(self, state: HypotensionState) -> Columns:
        """Death within the stay, and the last hour lived (-1, missing, if alive)."""
        return {"Died": ~state.alive, "Hour of death": state.death_hour}
