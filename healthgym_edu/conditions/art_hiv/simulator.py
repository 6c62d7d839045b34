"""The ART simulator: the rooms of this folder put together, one month at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ...simulator import Noise
from . import care, clinician, mechanism
from .cells import CELLS, cell_actions
from .parameters import Parameters
from .people import start
from .protocol import protocol
from .regimens import ACTIONS, AGENT, THIRD_AGENTS
from .rewards import REWARDS
from .state import STATIC_NOISE, STEP_NOISE, State
from .variables import SCHEMA

OBSERVATIONS = (
    "month",
    "year",
    "age",
    "female",
    "treated before",
    "on treatment",
    "months on treatment",
    "log10 VL",
    "CD4",
    "intolerance",
    "failure",
    "regimen",
    "regimen on file",
    *(f"{agent} not tolerated" for agent in THIRD_AGENTS),
)


@dataclass(frozen=True)
class ArtHiv:
    """Antiretroviral therapy for HIV: monthly steps over five years.

    Decisions fall at clinic visits, at most fifteen in five years; ``actions[0]`` is no
    treatment.  In an observation ``regimen`` is the action in use (0 none) and laboratory
    values are the last measured ones (-1 where there is none yet); ``regimen on file`` is the
    last regimen, or the planned one before treatment.
    """

    parameters: Parameters = field(default_factory=Parameters)
    condition = "art_hiv"
    schema = SCHEMA
    n_steps = SCHEMA.n_steps
    actions = ACTIONS
    observation_names = OBSERVATIONS
    rewards = tuple(REWARDS)
    action_sets: ClassVar = {"regimen": ACTIONS, "published": CELLS}
    bedside: ClassVar = {"VL": ("log", 1.0, 100_000.0), "CD4": ("linear", 0.0, 800.0)}
    clock = "month"
    takes_numbers = True
    static_noise = STATIC_NOISE
    step_noise = STEP_NOISE

    @property
    def observation_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest value of every observation, shape (22,) each."""
        p = self.parameters
        last = p.entry_years[1] + 1 + self.n_steps / 12
        bounds = {
            "month": (0, self.n_steps),
            "year": (p.entry_years[0], last),
            "age": p.age_range,
            "months on treatment": (-1, 12 * 40 * p.years_treated + self.n_steps),
            "log10 VL": (-1, 7),
            "CD4": (-1, p.highest_cd4),
            "regimen": (0, len(ACTIONS) - 1),
            "regimen on file": (1, len(ACTIONS) - 1),
        }
        low, high = zip(*(bounds.get(name, (0, 1)) for name in OBSERVATIONS), strict=True)
        return np.array(low, dtype=float), np.array(high, dtype=float)

    def start(self, noise: Noise) -> State:
        """Return the people at month 0."""
        return start(noise, self.parameters, clinician.starting_weights(self.parameters))

    def measure(self, state: State) -> None:
        """Hold visits and draw blood."""
        care.measure(state, self.parameters)

    def deciding(self, state: State) -> np.ndarray:
        """People with a visit, until they had fifteen decisions, shape (n,)."""
        return state.visit & (state.decisions < self.parameters.most_decisions)

    def observe(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return what the clinician sees, shape (len(rows), 22), columns ``observation_names``."""
        known = (
            np.broadcast_to(state.step, state.age.shape)[rows],
            state.year[rows],
            state.age[rows],
            state.female[rows],
            state.last_regimen[rows] >= 0,
            state.treated[rows],
            state.months_treated[rows],
            np.nan_to_num(state.last_vl[rows], nan=-1.0),
            np.nan_to_num(state.last_cd4[rows], nan=-1.0),
            state.intolerant[rows],
            clinician.failing(state, rows),
            state.regimen[rows] + 1,
            state.on_file[rows] + 1,
            *state.not_tolerated[rows].T,
        )
        return np.column_stack(known).astype(float)

    def admissible(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return which actions the clinician may take, shape (len(rows), 31)."""
        return clinician.scores(state, rows, self.parameters)[1]

    def clinician(self, state: State, rows: np.ndarray) -> np.ndarray:
        """Return the clinician's action probabilities, shape (len(rows), 31)."""
        return clinician.probabilities(state, rows, self.parameters)

    def protocol(self, observations: np.ndarray) -> np.ndarray:
        """Return the guideline's choice as probabilities, shape (k, 31)."""
        seen = dict(zip(OBSERVATIONS, observations.T, strict=True))
        return np.eye(len(ACTIONS))[protocol(seen)]

    def translate(
        self, action_set: str, state: State, rows: np.ndarray, choice: np.ndarray
    ) -> np.ndarray:
        """Return the actions meant by choices from an action set, shape (len(rows),)."""
        return choice if action_set == "regimen" else cell_actions(state.year[rows], choice)

    def act(self, state: State, rows: np.ndarray, action: np.ndarray) -> None:
        """Prescribe: action *k* is regimen *k - 1*, 0 none."""
        regimen = action - 1
        before = state.last_regimen[rows]
        stops = (regimen < 0) & (state.regimen[rows] >= 0)
        other_agent = (regimen >= 0) & (before >= 0) & (AGENT[regimen] != AGENT[before])
        leaving = rows[(stops | other_agent) & state.intolerant[rows]]
        state.not_tolerated[leaving, AGENT[state.last_regimen[leaving]]] = True
        fresh = rows[stops | other_agent | (before < 0)]
        state.intolerant[fresh], state.failures[fresh] = False, 0
        state.months_on_agent[fresh] = 0
        state.regimen[rows] = regimen
        state.last_regimen[rows] = np.where(regimen >= 0, regimen, state.last_regimen[rows])
        begins = rows[(regimen >= 0) & (state.months_treated[rows] < 0)]
        state.months_treated[begins] = 0
        state.decisions[rows] += 1

    def record(self, state: State) -> dict[str, np.ndarray]:
        """Return the month's record."""
        return care.record(state)

    def advance(self, state: State) -> None:
        """Live one month under the regimens in use."""
        p = self.parameters
        care.schedule(state, p)
        mechanism.select_resistance(state, p)
        mechanism.move_virus(state, p)
        mechanism.move_cells(state, p)
        mechanism.live_a_month(state, p)
        state.months_treated = state.months_treated + (state.months_treated >= 0)
        state.months_on_agent = state.months_on_agent + state.treated
        state.step = state.step + 1

    def reward(self, state: State, name: str = "course") -> np.ndarray:
        """Return what the month just lived was worth; see :mod:`.rewards`."""
        return REWARDS[name](state)

    def finish(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Write the regimens as the five published columns; see :func:`care.dispense`."""
        return care.dispense(columns, self.schema)

    def describe(self, state: State) -> dict[str, np.ndarray]:
        """Return what never changes about a person."""
        return {
            "Gender": state.female.astype(np.int8),
            "Ethnic": state.ethnicity.astype(np.int8),
            "Age": np.floor(state.age).astype(np.int64),
            "Entry year": np.floor(state.entry_year).astype(np.int64),
            "Naive at entry": state.naive,
        }

    def alive(self, state: State) -> np.ndarray:
        """Everybody: as in the published file, nobody dies or leaves for good."""
        return np.ones(np.shape(state.age), dtype=bool)

    def outcome(self, state: State) -> dict[str, np.ndarray]:
        """No outcome: the published file has none."""
        return {}
