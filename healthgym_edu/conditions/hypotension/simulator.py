"""The hypotension simulator: the rooms of this folder put together, one hour at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ...simulator import Noise
from . import care, clinician, people, physiology
from .parameters import FLUID_ML, HOURS_PER_BLOCK, RANGES, Parameters
from .protocol import protocol
from .rewards import REWARDS
from .state import STATIC_NOISE, STEP_NOISE, State
from .variables import SCHEMA

OBSERVATIONS = (
    "hour",
    "MAP",
    "MAP of the last hours",
    "diastolic_bp",
    "systolic_bp",
    "urine",
    "ALT",
    "AST",
    "PO2",
    "lactic_acid",
    "serum_creatinine",
    "FiO2",
    "GCS_total",
    "urine_m",
    "ALT_AST_m",
    "FiO2_m",
    "GCS_total_m",
    "PO2_m",
    "lactic_acid_m",
    "serum_creatinine_m",
    "vasopressor level",
    "litres given",
)


@dataclass(frozen=True)
class Hypotension:
    """Acute hypotension in intensive care: hourly steps over two days.

    Decisions fall every four hours.  A bolus falls in the first hour of its block, a vasopressor
    level holds for the block.  In an observation the vasopressor is the level in use (0 to 3),
    FiO2 is the class (0 to 9), GCS its points, and values never measured so far are the population
    median: nothing is carried back from the future.

    With ``confounded=True`` the clinician also sees hidden severity.  Then the records do **not**
    explain who is treated: comparisons of treated and untreated patients are biased, on purpose.

    With ``carried=False`` the table shows the true value of every hour, measured or not: the same
    patients and treatments as with ``carried=True``, so that the two tables can be compared.
    """

    parameters: Parameters = field(default_factory=Parameters)
    confounded: bool = False
    carried: bool = True
    condition = "hypotension"
    schema = SCHEMA
    n_steps = SCHEMA.n_steps
    actions = clinician.ACTIONS
    observation_names = OBSERVATIONS
    rewards = tuple(REWARDS)
    action_sets: ClassVar = {"published": clinician.ACTIONS}
    bedside: ClassVar = {"MAP": ("linear", 40.0, 110.0), "urine": ("linear", 0.0, 200.0)}
    clock = "hour"
    takes_numbers = True
    static_noise = STATIC_NOISE
    step_noise = STEP_NOISE

    @property
    def observation_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest value of every observation, shape (22,) each."""
        litres = FLUID_ML[-1] / 1000 * self.n_steps / HOURS_PER_BLOCK
        bounds = RANGES | {
            "hour": (0, self.n_steps),
            "MAP of the last hours": RANGES["MAP"],
            "vasopressor level": (0, 3),
            "litres given": (0, litres),
        }
        low, high = zip(*(bounds.get(name, (0, 1)) for name in OBSERVATIONS), strict=True)
        return np.array(low, dtype=float), np.array(high, dtype=float)

    def start(self, noise: Noise) -> State:
        """Return the patients at hour 0."""
        return people.start(noise, self.parameters)

    def measure(self, state: State) -> None:
        """Chart and draw blood."""
        care.measure(state, self.parameters)

    def deciding(self, state: State) -> np.ndarray:
        """Those alive, every four hours, shape (n,)."""
        return state.alive & (state.step % HOURS_PER_BLOCK == 0)

    def observe(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return what is on record, shape (len(rows), 22), columns ``observation_names``."""
        own = {
            "hour": np.full(len(state.alive), state.step),
            "MAP of the last hours": state.recent,
            "GCS_total": state.shown["GCS_total"] + 3,
            "vasopressor level": state.vasopressor,
            "litres given": state.given,
        }
        known = state.truth | state.shown | state.flags | own
        return np.array([known[name][rows] for name in OBSERVATIONS], dtype=float).T

    def admissible(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return which actions the clinician may take, shape (len(rows), 16)."""
        return clinician.admissible(state, rows, self.parameters)

    def clinician(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return the clinician's action probabilities, shape (len(rows), 16)."""
        return clinician.probabilities(state, rows, self.parameters, self.confounded)

    def protocol(self, observations: np.ndarray) -> np.ndarray:
        """Return the guideline's choice as probabilities, shape (k, 16)."""
        seen = dict(zip(OBSERVATIONS, observations.T, strict=True))
        return np.eye(len(self.actions))[protocol(seen, self.parameters)]

    def translate(
        self, action_set: str, state: State, rows: np.ndarray, choice: np.ndarray
    ) -> np.ndarray:
        """Return the choices themselves: there is one action set."""
        return choice

    def act(self, state: State, rows: np.ndarray, action: np.ndarray) -> None:
        """Give fluid level ``action // 4`` now and vasopressor level ``action % 4`` from now on."""
        state.fluid, state.vasopressor = state.fluid.copy(), state.vasopressor.copy()
        state.fluid[rows], state.vasopressor[rows] = np.divmod(action, 4)

    def record(self, state: State) -> dict[str, np.ndarray]:
        """Return the hour's record, with true values where nothing was measured."""
        return care.record(state)

    def advance(self, state: State) -> None:
        """Live one hour under the treatment in use."""
        physiology.advance(state, self.parameters)

    def reward(self, state: State, name: str = "course") -> np.ndarray:
        """Return what the hour just lived was worth; see :mod:`.rewards`."""
        return REWARDS[name](state)

    def finish(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Replace what was not measured by what the published file would show.

        Not with ``carried=False``.
        """
        return care.carry(columns) if self.carried else columns

    def describe(self, state: State) -> dict[str, np.ndarray]:
        """Return what never changes about a patient: the file knows nothing."""
        return {}

    def alive(self, state: State) -> np.ndarray:
        """Who still has a row in this hour, shape (n,)."""
        return state.alive

    def outcome(self, state: State) -> dict[str, np.ndarray]:
        """Death within the stay, and the last hour lived (-1 for survivors)."""
        return {"Died": ~state.alive, "Hour of death": state.death_hour}
