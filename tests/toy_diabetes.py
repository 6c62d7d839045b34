"""Type 2 diabetes by the month: a condition in one file, as anybody may add one.

HbA1c is the share of haemoglobin that carries sugar, a mean of the last months.  It rises with the
years; metformin and insulin lower it, insulin makes people gain weight and sometimes sends their
sugar too low.  Every number is assumed: this is an example and says nothing about diabetes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from healthgym_edu.engine import (
    Columns,
    Mechanism,
    Noise,
    State,
    logistic,
    noise_kinds,
    soft_probabilities,
)
from healthgym_edu.schema import Schema, Variable
from healthgym_edu.variables import number

TREATMENTS = ("None", "Metformin", "Insulin", "Both")

SCHEMA = Schema(
    condition="diabetes",
    title="Type 2 diabetes",
    n_steps=36,
    step_unit="month",
    equal_length=False,  # people may die
    patients=(Variable("Died", "binary", "Died.", labels=(False, True), codes=(0, 1)),),
    variables=(
        Variable("HbA1c", "numeric", "Sugar of the last months.", unit="%", low=3.0, high=20.0,
                 measured_by="HbA1c (M)", decimals=2, reference=(7.0, "goal")),
        Variable("Weight", "numeric", "Body weight.", unit="kg", low=30.0, high=300.0, decimals=1),
        Variable("Sex", "binary", "Sex.", labels=("Man", "Woman"), codes=(1, 2), static=True),
        Variable("Treatment", "categorical", "Treatment.", labels=TREATMENTS, codes=(0, 1, 2, 3),
                 colors=("pale", "blue", "orange", "green")),
        Variable("Hypo", "binary", "Sugar too low.", labels=(False, True), codes=(0, 1)),
        Variable("HbA1c (M)", "flag", "Measured.", labels=(False, True), codes=(0, 1)),
        Variable("PatientID", "id", "Number of the patient."),
        Variable("Month", "step", "Month, from 0.", unit="month"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """Constants; rates are per month."""

    metformin: float = -1.1  # % HbA1c after long
    insulin: float = -1.8
    memory: float = 0.6  # of the drugs' effect
    rise: float = 0.02  # % HbA1c
    gain: float = 0.12  # kg on insulin
    hypo: float = -6.0  # log-odds of sugar too low at 7 %
    hypo_insulin: float = 2.5
    hypo_low: float = 0.8  # per % below 7
    death: float = 0.001
    death_hypo: float = 0.05


@dataclass
class DiabetesState(State):
    """What is known about n people; arrays of shape (n,)."""

    alive: np.ndarray
    woman: np.ndarray
    own: np.ndarray  # % HbA1c without treatment
    response: np.ndarray  # factor of the drugs' effect
    effect: np.ndarray  # % HbA1c
    weight: np.ndarray  # kg
    treatment: np.ndarray  # position in TREATMENTS
    hypo: np.ndarray
    measured: np.ndarray
    last: np.ndarray  # % HbA1c at the last measurement, -1 before


@dataclass(frozen=True)
class Diabetes(Mechanism):
    """Type 2 diabetes: visits every three months, four treatments."""

    # with a type: an option of load_cohort; without: the same for all
    parameters: Parameters = field(default_factory=Parameters)
    carried: bool = True
    schema = SCHEMA
    actions = TREATMENTS
    observed = (
        number("month", 0, 36, "month", "Month that begins, from 0; 36 at the end."),
        number("HbA1c", -1, 20, "%", "Last measured HbA1c; -1 before the first."),
        SCHEMA["Weight"],
        SCHEMA["Sex"].as_number(),
        SCHEMA["Treatment"].as_number(),
    )
    static_noise = {"own": "normal", "response": "normal", "woman": "uniform", "weight": "normal"}
    step_noise = noise_kinds(("uniform", "action hypo visit death"), ("normal", "drift"))
    never = {"HbA1c": 8.0}
    bedside = ("HbA1c", "Weight")
    published_patients = 2000

    def start(self, noise: Noise) -> DiabetesState:
        woman = noise["woman"] < 0.45
        return DiabetesState.begin(
            noise,
            alive=np.ones(len(woman), dtype=bool),
            woman=woman,
            own=np.clip(8.3 + 1.1 * noise["own"], 5, 14),
            response=np.exp(0.3 * noise["response"]),
            weight=np.clip(92 + 18 * noise["weight"], 45, 200),
            treatment=np.zeros(len(woman), dtype=np.int64),
            hypo=np.zeros(len(woman), dtype=bool),
            measured=np.zeros(len(woman), dtype=bool),
            last=np.full(len(woman), -1.0),
        )

    def hba1c(self, state: DiabetesState) -> np.ndarray:
        return np.clip(state.own + state.effect, 4.5, 15)

    def measure(self, state: DiabetesState) -> None:
        state.measured = state.at("visit") < np.where(state.step % 3 == 0, 0.9, 0.05)
        state.last = np.where(state.measured, self.hba1c(state), state.last)

    def deciding(self, state: DiabetesState) -> np.ndarray:
        return state.measured

    def known(self, state: DiabetesState) -> Columns:
        return {
            "month": state.step,
            "HbA1c": state.last,
            "Weight": state.weight,
            "Sex": state.woman + 1,  # its code in files
            "Treatment": state.treatment,
        }

    def clinician(self, state: DiabetesState) -> np.ndarray:
        high = state.last - 7
        scores = np.column_stack([np.zeros(len(state)), 1 + high, high - 2.5, 2 * high - 2.5])
        scores = scores + 1.5 * (state.treatment[:, None] == np.arange(4))
        return soft_probabilities(scores, self.admissible(state), 0.01)

    def guideline(self, seen: Columns) -> np.ndarray:
        return np.where(seen["HbA1c"] > 8, 3, 1)

    def act(self, state: DiabetesState, action: np.ndarray) -> None:
        state.treatment = action

    def record(self, state: DiabetesState) -> Columns:
        return {
            "HbA1c": self.hba1c(state),
            "Weight": state.weight,
            "Sex": state.woman,
            "Treatment": state.treatment,
            "Hypo": state.hypo,
            "HbA1c (M)": state.measured,
        }

    def advance(self, state: DiabetesState) -> None:
        p = self.parameters
        metformin, insulin = state.treatment % 2, state.treatment // 2  # 3 is both
        goal = (p.metformin * metformin + p.insulin * insulin) * state.response
        state.effect = p.memory * state.effect + (1 - p.memory) * goal
        state.own = state.own + p.rise + 0.1 * state.at("drift")
        state.weight = state.weight + p.gain * insulin
        odds = p.hypo + p.hypo_insulin * insulin + p.hypo_low * (7 - self.hba1c(state))
        state.hypo = state.at("hypo") < logistic(odds)
        risk = np.where(state.hypo, p.death_hypo, p.death)
        state.alive = state.at("death") >= risk
        state.step = state.step + 1

    def reward(self, state: DiabetesState, name: str = "course") -> np.ndarray:
        """Each % above 7 costs 1 a month, sugar too low 5, each month not lived 3."""
        cost = np.maximum(self.hba1c(state) - 7, 0) + 5.0 * state.hypo
        return -cost - np.where(state.alive, 0.0, 3.0 * (self.n_steps - state.step))

    def describe(self, state: DiabetesState) -> Columns:
        return {"Sex": state.woman}

    def outcome(self, state: DiabetesState) -> Columns:
        return {"Died": ~state.alive}
