"""The sepsis mechanism: the modules of this folder put together, four hours at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ...engine import Columns, Mechanism, Noise, noise_kinds, soft_probabilities
from ...engine.events import Event, at_least, below
from ...engine.predictions import Prediction, ends_before
from ...variables import number
from . import care, clinician, people, physiology
from .care import COLUMN, PANELS, VALUES
from .from_file import FROM_FILE
from .guideline import HIGH, guideline
from .parameters import N_BLOCKS, Parameters
from .physiology import N_ORGANS, SepsisState
from .relative import RELATIVE
from .rewards import REWARDS
from .signals import SIGNALS
from .sofa import sofa
from .variables import SCHEMA

STATIC_NOISE = noise_kinds(
    ("normal", "severity age"),
    ("uniform", "female readmitted ventilated"),
    ("normal", "control output resistance response sensitivity"),
    ("uniform", "deficit"),
    ("normal", "input_before output_before"),
    ("uniform", "admission"),
    ("normal", "habit"),
    ("uniform", "late_death"),
    ("normal", "inflammation"),
    (("normal", N_ORGANS), "organs"),
    (("normal", len(SIGNALS)), "own drift"),
)
STEP_NOISE = noise_kinds(
    ("uniform", "action"),
    ("normal", "severity_step"),
    ("uniform", "breathing death"),
    (("uniform", 2), "amount"),
    (("normal", N_ORGANS), "organs_step"),
    (("normal", len(SIGNALS)), "drift"),
    (("uniform", len(PANELS)), "panels"),
)
OBSERVED = (
    number("block", 0, N_BLOCKS, "block", "Block of four hours that begins, from 0."),
    SCHEMA["Age"],
    number("Female", 0, 1, "", "Whether the patient is a woman."),
    SCHEMA["ReAd"].as_number(),
    SCHEMA["Mech"].as_number(),
    *(SCHEMA[name].as_number() for name in VALUES),
    SCHEMA["InputTotal"],
    SCHEMA["OutputTotal"],
    number("balance", -4.0 * N_BLOCKS, 1.3 * N_BLOCKS, "L", "Fluid given here less urine."),
    number("fluid level", 0, 4, "", "Level of the fluid of the last block."),
    number("vasopressor level", 0, 4, "", "Level of the vasopressor of the last block."),
    SCHEMA["MaxVaso"],
    number("MeanBP of late", 0, 300, "mmHg", "Mean pressure, smoothed."),
    number("SOFA", 0, 24, "points", "SOFA score of what is on record."),
)
"""What the clinician has in view; values never measured so far are the population median."""


@dataclass(frozen=True)
class Sepsis(Mechanism):
    """Sepsis in intensive care: twenty blocks of four hours, a decision in each.

    In an observation ``fluid level``, ``vasopressor level`` and ``MaxVaso`` are those of the last
    block, classes and GCS positions and points, and values never measured so far the population
    median: nothing is carried back from the future.

    With ``confounded=True``, or ``"strong"``, the clinician also sees hidden severity.  The records
    then do **not** explain who is treated: whatever is estimated from them alone is biased, on
    purpose.  The recorded probabilities contain it: weighting by them is not.

    With ``carried=False`` the table shows the true values of every block, measured or not: the same
    patients and treatments as with ``carried=True``, so that the two tables can be compared.
    """

    parameters: Parameters = field(default_factory=Parameters)
    confounded: bool | str = False
    carried: bool = True
    schema = SCHEMA
    actions = clinician.ACTIONS
    guidelines = {"high target": partial(guideline, goal=HIGH)}
    classes = {"relative": RELATIVE}
    observed = OBSERVED
    static_noise = STATIC_NOISE
    step_noise = STEP_NOISE
    rewards = tuple(REWARDS)
    from_file = FROM_FILE
    few = (
        "block", "Age", "Mech", "GCS", "MeanBP", "MeanBP of late", "Lactate", "Output4H", "balance",
        "fluid level", "vasopressor level", "SOFA",
    )  # fmt: skip
    action_unit = "fluid in mL in four hours, vasopressor in mcg/kg/min as noradrenaline"
    bedside = ("MeanBP", "Lactate")
    scores = {"SOFA": sofa}
    events = {
        "death": Event("death in the stay", ends="Died in stay"),
        "map_recovery": at_least("MeanBP", 65, "mean pressure of 65 mmHg or more"),
        "lactate_below_2": below("Lactate", 2, "lactate below 2 mmol/L"),
    }
    predictions = (
        Prediction(
            "death in the stay",
            "Does the patient die before hour 80, asked at hour 24?",
            6,
            ends_before("PatientID", "Timepoints", 19),
            ("Gender",),
        ),
    )
    published_patients = 2164

    def exogenous(self, noise: Noise) -> Noise:
        return people.exogenous(noise)

    def start(self, noise: Noise) -> SepsisState:
        return people.start(noise, self.parameters)

    def measure(self, state: SepsisState) -> None:
        care.measure(state, self.parameters)

    def known(self, state: SepsisState) -> Columns:
        shown = {name: state.shown[:, k] for name, k in COLUMN.items()}
        return shown | {
            "block": state.step,
            "Age": state.age,
            "Female": state.female,
            "ReAd": state.readmitted,
            "Mech": state.ventilated,
            "GCS": state.shown[:, COLUMN["GCS"]] + 3,
            "InputTotal": state.input_total,
            "OutputTotal": state.output_total,
            "balance": state.balance,
            "fluid level": state.fluid,
            "vasopressor level": state.vasopressor,
            "MaxVaso": state.dose,
            "MeanBP of late": state.recent,
            "SOFA": state.sofa,
        }

    def admissible(self, state: SepsisState) -> np.ndarray:
        return clinician.admissible(state, self.parameters)

    def clinician(self, state: SepsisState) -> np.ndarray:
        scores = clinician.scores(state, self.parameters, self.confounded)
        least, usual = self.parameters.least_probability, self.admissible(state)
        wide = clinician.admissible(state, self.parameters, clinician.CONCEIVABLE)
        return soft_probabilities(scores, usual, least, shared=True, conceivable=wide)

    def guideline(self, seen: Columns) -> np.ndarray:
        return guideline(seen)

    def act(self, state: SepsisState, action: np.ndarray) -> None:
        """Give fluid level ``action // 5`` and vasopressor level ``action % 5`` in this block."""
        state.dose_before, state.ventilated_before = state.dose, state.ventilated
        state.fluid, state.vasopressor = action // 5, action % 5
        state.fluid_ml, state.dose = physiology.amounts(state, state.fluid, state.vasopressor)
        state.input_total = state.input_total + state.fluid_ml
        state.balance = state.balance + state.fluid_ml / 1000

    def record(self, state: SepsisState) -> Columns:
        return care.record(state)

    def advance(self, state: SepsisState) -> None:
        physiology.advance(state, self.parameters)
        care.look(state, self.parameters)

    def reward(self, state: SepsisState, name: str = "course") -> np.ndarray:
        return REWARDS[name](state, self.parameters)

    def finish(self, columns: Columns) -> Columns:
        return care.carry(columns) if self.carried else care.values_only(columns)

    def describe(self, state: SepsisState) -> Columns:
        return {"Age": state.age, "Gender": state.female, "ReAd": state.readmitted}

    def outcome(self, state: SepsisState) -> Columns:
        """Death in the stay and by day 90, and the last block lived (-1, missing, if alive)."""
        late = physiology.dies_late(state, self.parameters)
        died = {"Died in stay": ~state.alive, "Died in 90 days": ~state.alive | late}
        return died | {"Block of death": state.death_step}
