"""The ART mechanism: the rooms of this folder put together, one month at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ...engine import Columns, Mechanism, Noise, noise_kinds
from ...errors import ArgumentError
from ...variables import Variable, number
from . import care, clinician, physiology
from .cells import CELLS
from .events import EVENTS, PREDICTIONS
from .from_file import FROM_FILE
from .guideline import guideline
from .parameters import Parameters
from .people import start
from .physiology import ArtState
from .regimens import ACTIONS, AGENT, THIRD_AGENTS
from .rewards import REWARDS
from .trial import trial_results
from .variables import SCHEMA

STATIC_NOISE = noise_kinds(
    ("uniform",
     "ethnicity sex entry naive years_treated planned first_visit engaged "
     "resistance genotype"),
    ("normal",
     "age setpoint cd4 recovery lymphocytes adherence adherence_start residual "
     "fluctuation_start"),
)  # fmt: skip
STEP_NOISE = noise_kinds(
    ("uniform",
     "action intolerance fading resistance_backbone resistance_agent disengage "
     "reengage visit vl_drawn cd4_drawn extra_draw blip recording"),
    ("normal", "adherence vl_assay blip_size fluctuation cd4_assay cd4_percent_assay"),
)  # fmt: skip


def observed(p: Parameters, entry: tuple[int, int]) -> tuple[Variable, ...]:
    """Return what the clinician has in view."""
    last_year = entry[1] + 1 + SCHEMA.n_steps / 12
    most_months = 12 * 40 * p.years_treated + SCHEMA.n_steps
    return (
        number("month", 0, SCHEMA.n_steps, "month", "Month that begins, from 0."),
        number("year", entry[0], last_year, "year", "Calendar year, with fraction."),
        number("age", *p.age_range, "years", "Age at month 0."),
        number("female", 0, 1, "", "Whether the person is a woman."),
        number("treated before", 0, 1, "", "Whether any regimen was ever taken."),
        number("on treatment", 0, 1, "", "Whether a regimen is taken, and the person is in care."),
        number("months on treatment", -1, most_months, "month", "Since ART began; -1 before."),
        number(
            "log10 VL", -1, 7, "log10 copies/mL", "Last measured viral load; -1 before the first."
        ),
        number("CD4", -1, p.highest_cd4, "cells/µL", "Last measured CD4; -1 before the first."),
        number("intolerance", 0, 1, "", "Whether the regimen in use has a side effect."),
        number("failure", 0, 1, "", "Two results in a row above the failure limit."),
        number("failed before", 0, 1, "", "Whether a failure was ever confirmed."),
        number("results below 50", 0, SCHEMA.n_steps, "", "In a row, up to the last one."),
        *(number(f"{c} resistance", 0, 1, "", "A genotype has shown it.") for c in _RESISTANCE),
        number("regimen", 0, len(ACTIONS) - 1, "", "Action in use; 0 is no treatment."),
        number("regimen on file", 1, len(ACTIONS) - 1, "", "Last regimen, or the one planned."),
        *(number(f"{a} not tolerated", 0, 1, "", f"{a} was given up.") for a in THIRD_AGENTS),
    )


FIRST, LAST = 2005, 2020
"""Calendar years of which this mechanism knows what was prescribed."""

_RESISTANCE = ("NRTI", *physiology.CLASSES)


@dataclass(frozen=True)
class ArtHiv(Mechanism):
    """Antiretroviral therapy for HIV: monthly steps over five years.

    Decisions fall at clinic visits, at most fifteen in five years; ``actions[0]`` is no
    treatment.  In an observation ``regimen`` is the action in use (0 none) and laboratory
    values are the last measured ones (-1 where there is none yet); ``regimen on file`` is the
    last regimen, or the planned one before treatment.

    With ``naive=True`` nobody was treated before month 0; ``entry`` are the first and the last
    calendar year in which people enter, ``closing`` the date, such as 2018.0, after which nobody
    is followed (administrative censoring); their rows end there.

    With ``confounded=True``, or ``"strong"``, the clinician also sees hidden adherence.  What is
    estimated from the records alone is then biased; weighting by recorded probabilities is not.
    """

    parameters: Parameters = field(default_factory=Parameters)
    naive: bool = False
    entry: tuple[int, int] = (2009, 2016)  # assumed
    closing: float = math.inf
    confounded: bool | str = False
    schema = SCHEMA
    actions = ACTIONS
    action_set = "regimen"
    classes = {"published": CELLS}
    static_noise = STATIC_NOISE
    step_noise = STEP_NOISE
    rewards = tuple(REWARDS)
    from_file = FROM_FILE
    action_unit = "regimen, taken from this visit on"
    bedside = ("VL", "CD4")
    events = EVENTS
    predictions = PREDICTIONS
    published_patients = 8916
    trial_results = trial_results

    def __post_init__(self) -> None:
        """Check the calendar.

        Raises
        ------
        ArgumentError
            Years out of order or of which nothing is known, or a closing date before the last
            people enter.
        """
        whole = all(type(year) is int for year in self.entry)
        if not (whole and len(self.entry) == 2 and FIRST <= self.entry[0] <= self.entry[1] <= LAST):
            raise ArgumentError(
                f"entry is {self.entry}; expected the first and the last calendar year in which "
                f"people enter, whole numbers from {FIRST} to {LAST}, such as (2014, 2016)."
            )
        if not self.closing >= self.entry[1] + 1:
            raise ArgumentError(
                f"closing is {self.closing}, but people enter until the end of {self.entry[1]}, "
                "and some would never be seen. Close the cohort later, or name with entry=(first, "
                "last) a last year that has ended by then."
            )
        if self.censored:
            object.__setattr__(self, "schema", replace(SCHEMA, equal_length=False))

    @property
    def censored(self) -> bool:
        return self.closing < math.inf

    def over(self, state: ArtState) -> np.ndarray:
        """Who has reached the end of follow-up, or the closing date, shape (n,)."""
        return super().over(state) | (state.year >= self.closing)

    @cached_property
    def observed(self) -> tuple[Variable, ...]:  # type: ignore[override]  # by parameters
        return observed(self.parameters, self.entry)

    @property
    def most_decisions(self) -> int:
        return self.parameters.most_decisions

    def start(self, noise: Noise) -> ArtState:
        p = replace(self.parameters, naive_share=1.0) if self.naive else self.parameters
        return start(noise, p, self.entry)

    def measure(self, state: ArtState) -> None:
        care.measure(state, self.parameters)

    def deciding(self, state: ArtState) -> np.ndarray:
        """People with a visit, until they had fifteen decisions, shape (n,)."""
        return state.visit & (state.decisions < self.parameters.most_decisions)

    def known(self, state: ArtState) -> Columns:
        given_up = (f"{agent} not tolerated" for agent in THIRD_AGENTS)
        return {
            "month": state.step,
            "year": state.year,
            "age": state.age,
            "female": state.female,
            "treated before": state.last_regimen >= 0,
            "on treatment": state.treated,
            "months on treatment": state.months_treated,
            "log10 VL": np.nan_to_num(state.last_vl, nan=-1.0),
            "CD4": np.nan_to_num(state.last_cd4, nan=-1.0),
            "intolerance": state.intolerant,
            "failure": clinician.failing(state),
            "failed before": state.ever_failed,
            "results below 50": state.suppressed,
            **{f"{name} resistance": state.genotype[name] for name in _RESISTANCE},
            "regimen": state.regimen + 1,
            "regimen on file": state.on_file + 1,
            **dict(zip(given_up, state.not_tolerated.T, strict=True)),
        }

    def admissible(self, state: ArtState) -> np.ndarray:
        return clinician.usual_actions(state, self.parameters, self.confounded)

    def clinician(self, state: ArtState) -> np.ndarray:
        return clinician.probabilities(state, self.parameters, self.confounded)

    def guideline(self, seen: Columns) -> np.ndarray:
        return guideline(seen)

    def act(self, state: ArtState, action: np.ndarray) -> None:
        """Prescribe: action *k* is regimen *k - 1*, 0 none.  At a failure, help with adherence."""
        regimen, before = action - 1, state.last_regimen
        stops = (regimen < 0) & (state.regimen >= 0)
        other_agent = (regimen >= 0) & (before >= 0) & (AGENT[regimen] != AGENT[before])
        given_up = (stops | other_agent) & state.intolerant
        this_agent = np.arange(len(THIRD_AGENTS)) == AGENT[before][:, None]
        state.not_tolerated = state.not_tolerated | (given_up[:, None] & this_agent)
        helped = (regimen >= 0) & (state.failures >= 2)
        state.failures = np.where(helped, 0, state.failures)
        gains = helped & (state.supported < self.parameters.support_most)
        state.supported = state.supported + gains
        state.adherence_drift = state.adherence_drift + self.parameters.support * gains
        lasting = self.parameters.support_lasting * gains
        state.adherence_mean = state.adherence_mean + lasting
        fresh = stops | other_agent | (before < 0)
        state.intolerant = state.intolerant & ~fresh
        state.failures = np.where(fresh, 0, state.failures)
        state.months_on_agent = np.where(fresh, 0, state.months_on_agent)
        state.regimen = regimen
        state.last_regimen = np.where(regimen >= 0, regimen, before)
        begins = (regimen >= 0) & (state.months_treated < 0)
        state.months_treated = np.where(begins, 0, state.months_treated)

    def record(self, state: ArtState) -> Columns:
        return care.record(state)

    def advance(self, state: ArtState) -> None:
        p = self.parameters
        care.schedule(state, p)
        physiology.select_resistance(state, p)
        physiology.move_virus(state, p)
        physiology.move_cells(state, p)
        physiology.live_a_month(state, p)
        state.months_treated = state.months_treated + (state.months_treated >= 0)
        state.months_on_agent = state.months_on_agent + state.treated
        state.step = state.step + 1

    def reward(self, state: ArtState, name: str = "course") -> np.ndarray:
        return REWARDS[name](state)

    def finish(self, columns: Columns) -> Columns:
        return care.dispense(columns, self.schema)

    def describe(self, state: ArtState) -> Columns:
        return {
            "Gender": state.female,
            "Ethnic": state.ethnicity,
            "Age": np.floor(state.age).astype(np.int64),
            "Entry year": np.round(state.entry_year, 3),
            "Naive at entry": state.naive,
        }
