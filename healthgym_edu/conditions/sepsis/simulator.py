"""The sepsis simulator: the rooms of this folder put together, four hours at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ...simulator import Noise
from ...simulator.numbers import written
from . import care, clinician, people, physiology
from .care import CLASSES, COLUMN, VALUES
from .parameters import Parameters
from .protocol import protocol
from .rewards import REWARDS
from .state import STATIC_NOISE, STEP_NOISE, State
from .variables import SCHEMA

OBSERVATIONS = (
    "block",
    "Age",
    "Female",
    "ReAd",
    "Mech",
    *VALUES,
    "InputTotal",
    "OutputTotal",
    "balance",
    "fluid level",
    "vasopressor level",
    "MaxVaso",
    "MeanBP of late",
    "SOFA",
)


_FIRST = OBSERVATIONS.index(VALUES[0])


@dataclass(frozen=True)
class Sepsis:
    """Sepsis in intensive care: twenty blocks of four hours, a decision in each.

    In an observation ``fluid level``, ``vasopressor level`` and ``MaxVaso`` are those of the last
    block, classes and GCS positions and points, and values never measured so far the population
    median: nothing is carried back from the future.

    With ``confounded=True`` the clinician also sees hidden severity.  Then the records do **not**
    explain who is treated: comparisons of treated and untreated patients are biased, on purpose.

    With ``carried=False`` the table shows the true values of every block, measured or not: the same
    patients and treatments as with ``carried=True``, so that the two tables can be compared.
    """

    parameters: Parameters = field(default_factory=Parameters)
    confounded: bool = False
    carried: bool = True
    condition = "sepsis"
    rewards = tuple(REWARDS)
    action_sets: ClassVar = {"published": clinician.ACTIONS}
    bedside: ClassVar = {"MeanBP": ("linear", 40.0, 110.0), "Lactate": ("linear", 0.0, 6.0)}
    clock = "block"
    takes_numbers = True
    acts_in_numbers = True
    schema = SCHEMA
    n_steps = SCHEMA.n_steps
    actions = clinician.ACTIONS
    observation_names = OBSERVATIONS
    static_noise = STATIC_NOISE
    step_noise = STEP_NOISE

    @property
    def observation_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest value of every observation, shape (49,) each."""
        numeric = {v.name: (v.low, v.high) for v in SCHEMA if v.kind == "numeric"}
        bounds = numeric | dict.fromkeys(CLASSES, (0, 9))
        bounds |= {
            "block": (0, self.n_steps),
            "GCS": (3, 15),
            "balance": (-4.0 * self.n_steps, 1.3 * self.n_steps),
            "fluid level": (0, 4),
            "vasopressor level": (0, 4),
            "MeanBP of late": numeric["MeanBP"],
            "SOFA": (0, 24),
        }
        low, high = zip(*(bounds.get(name, (0, 1)) for name in OBSERVATIONS), strict=True)
        return np.array(low, dtype=float), np.array(high, dtype=float)

    def exogenous(self, noise: Noise) -> Noise:
        """Return noise with paths that no treatment changes; see :func:`.people.exogenous`."""
        return people.exogenous(noise)

    def start(self, noise: Noise) -> State:
        """Return the patients at block 0."""
        return people.start(noise, self.parameters)

    def measure(self, state: State) -> None:
        """Chart and draw blood."""
        care.measure(state, self.parameters)

    def deciding(self, state: State) -> np.ndarray:
        """Those alive, shape (n,)."""
        return state.alive

    def observe(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return what is on record, shape (len(rows), 49), columns ``observation_names``."""
        seen = np.empty((len(rows), len(OBSERVATIONS)))
        known = (state.age, state.female, state.readmitted, state.ventilated, state.input_total,
                 state.output_total, state.balance, state.fluid, state.vasopressor, state.dose,
                 state.recent, state.sofa)  # fmt: skip
        known = np.array(known).take(rows, axis=1).T
        seen[:, 0] = state.step[rows] if np.ndim(state.step) else state.step
        seen[:, 1:_FIRST] = known[:, : _FIRST - 1]
        seen[:, _FIRST : _FIRST + len(VALUES)] = state.shown.take(rows, axis=0)
        seen[:, _FIRST + COLUMN["GCS"]] += 3
        seen[:, _FIRST + len(VALUES) :] = known[:, _FIRST - 1 :]
        return seen

    def admissible(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return which actions the clinician may take, shape (len(rows), 25)."""
        return clinician.admissible(state, rows, self.parameters)

    def clinician(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return the clinician's action probabilities, shape (len(rows), 25)."""
        return clinician.probabilities(state, rows, self.parameters, self.confounded)

    def protocol(self, observations: np.ndarray) -> np.ndarray:
        """Return the guideline's choice as probabilities, shape (k, 25)."""
        seen = dict(zip(OBSERVATIONS, observations.T, strict=True))
        return np.eye(len(self.actions))[protocol(seen)]

    def translate(
        self, action_set: str, state: State, rows: np.ndarray, choice: np.ndarray
    ) -> np.ndarray:
        """Return the choices themselves: there is one action set."""
        return choice

    def act(self, state: State, rows: np.ndarray, action: np.ndarray) -> None:
        """Give fluid level ``action // 5`` and vasopressor level ``action % 5`` in this block."""
        state.dose_before, state.ventilated_before = state.dose, state.ventilated
        fluid, level = action // 5, action % 5
        ml, dose = physiology.amounts(state, rows, fluid, level)
        state.fluid = written(state.fluid, rows, fluid)
        state.vasopressor = written(state.vasopressor, rows, level)
        state.fluid_ml = written(state.fluid_ml, rows, ml)
        state.dose = written(state.dose, rows, dose)
        state.input_total = written(state.input_total, rows, state.input_total[rows] + ml)
        state.balance = written(state.balance, rows, state.balance[rows] + ml / 1000)

    def record(self, state: State) -> dict[str, np.ndarray]:
        """Return the block's record, with true values where nothing was measured."""
        return care.record(state)

    def advance(self, state: State) -> None:
        """Live four hours under the treatment in use."""
        physiology.advance(state, self.parameters)
        care.look(state, self.parameters)

    def reward(self, state: State, name: str = "course") -> np.ndarray:
        """Return what the block just lived was worth; see :mod:`.rewards`."""
        return REWARDS[name](state, self.parameters)

    def finish(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Replace what was not measured by what the published file would show.

        Not with ``carried=False``.
        """
        return care.carry(columns) if self.carried else care.values_only(columns)

    def describe(self, state: State) -> dict[str, np.ndarray]:
        """Return what never changes about a patient."""
        return {
            "Age": state.age,
            "Gender": state.female.astype(np.int8),
            "ReAd": state.readmitted,
        }

    def alive(self, state: State) -> np.ndarray:
        """Who still has a row in this block, shape (n,)."""
        return state.alive

    def outcome(self, state: State) -> dict[str, np.ndarray]:
        """Death in the stay and by day 90, and the last block lived (-1 for those who left)."""
        late = physiology.dies_late(state, self.parameters)
        return {
            "Died in stay": ~state.alive,
            "Died in 90 days": ~state.alive | late,
            "Block of death": state.death_step,
        }
