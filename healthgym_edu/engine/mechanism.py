"""What a condition is: what is known of its patients, and a mechanism that moves it in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import numpy as np
import pandas as pd

from ..errors import ArgumentError
from ..schema import Schema
from ..variables import Variable
from .carrying import carried
from .events import Event
from .from_file import FromFile
from .noise import Kinds, Noise, draw_noise
from .predictions import Prediction

Columns = dict[str, np.ndarray]
CONFOUNDED = (False, True, "strong")
"""Values of an option of that name: whether choices follow what nobody recorded, and how much."""
S = TypeVar("S", bound="State")


@dataclass
class State:
    """All that is true of n patients: the base of each condition's own dataclass.

    Every field is an array with one row per patient, or a dict of such arrays that has all its
    names from the start.  Patients may be in different steps.
    """

    noise: Noise
    step: np.ndarray  # (n,) int
    decisions: np.ndarray  # (n,) int, how many were made so far; the engine counts them

    @classmethod
    def begin(cls: type[S], noise: Noise, **known: Any) -> S:
        """Return patients at step 0; fields that are not named are 0.0, and share one array.

        So name every field of True and False, or of whole numbers.
        """
        n = len(noise.patients)
        counts = dict.fromkeys(("step", "decisions"), np.zeros(n, dtype=np.int64))
        names = [field.name for field in fields(cls)]
        return cls(**dict.fromkeys(names, np.zeros(n)) | counts | known | {"noise": noise})

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.step)

    def at(self, name: str) -> np.ndarray:
        """Return the noise of each patient's present step, shape (n,) or (n, k)."""
        return self.noise.at(name, self.step)

    def take(self: S, rows: np.ndarray) -> S:
        """Return the state of some patients, in arrays of its own; their noise is shared."""
        part = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict):
                vars(part)[name] = {key: entry.take(rows, axis=0) for key, entry in value.items()}
            else:
                vars(part)[name] = value.take(rows, axis=0)
        return part

    def those(self: S, chosen: np.ndarray) -> S:
        """Return the state of those where ``chosen``, shape (n,), is True; itself if all are."""
        return self if chosen.all() else self.take(np.flatnonzero(chosen))

    def put(self, rows: np.ndarray, part: State) -> None:
        """Write what became of some patients into these arrays, but for their noise."""
        for name, value in vars(self).items():
            new = vars(part)[name]
            if isinstance(value, dict):
                for key, entry in value.items():
                    entry[rows] = new[key]
            elif name != "noise":
                value[rows] = new

    def replace(self, chosen: np.ndarray, changed: Mapping[str, Any]) -> None:
        """Replace some fields by copies in which those who are ``chosen`` have new values."""
        for name, new in changed.items():
            old = vars(self)[name]
            if isinstance(old, dict):
                new = {key: _with(entry, chosen, new[key]) for key, entry in old.items()}
            else:
                new = _with(old, chosen, new)
            vars(self)[name] = new


def _with(old: np.ndarray, chosen: np.ndarray, new: np.ndarray) -> np.ndarray:
    fresh = old.copy()
    fresh[chosen] = new
    return fresh


@dataclass(frozen=True)
class Classes:
    """A coarser way to name actions; see `engine.grouped`.

    Attributes
    ----------
    labels : tuple of str
        Names of the classes.
    of : callable
        From the state of n patients to the class of each action, ints of shape (n, n_actions).
    instead : tuple of int
        For each class which one is meant where it has no action at all.
    """

    labels: tuple[str, ...]
    of: Callable[[Any], np.ndarray]
    instead: tuple[int, ...]


class Mechanism:
    """One condition.  A subclass says what is its own; `healthgym_edu.conditions` shows how.

    The engine calls, for each step of a patient: `measure`; where `deciding` says so `observe`, a
    policy and `act`; then `record` (through a watch, see `tables.History`), `advance` and `reward`.
    It leaves patients who died where they are.  At the end, in step ``n_steps``, for which nothing
    was drawn, it once more asks `known`, `admissible` and `clinician`: no ``state.at`` in them.

    **A mechanism replaces the fields of a state and never writes into their arrays**, which others
    may hold.  Actions are positions in `actions`, and action 0 is no treatment.
    """

    schema: ClassVar[Schema]
    actions: ClassVar[tuple[str, ...]]
    observed: ClassVar[tuple[Variable, ...]]  # what the clinician has in view: names and ranges
    static_noise: ClassVar[Kinds] = {}
    step_noise: ClassVar[Kinds] = {"action": "uniform"}  # "action" draws the action
    action_set: str = "published"  # what `actions` are called among all action sets
    classes: ClassVar[Mapping[str, Classes]] = {}  # other action sets: classes of `actions`
    # rules beside `guideline`, by name: from observations by name to actions, shape (k,) each
    guidelines: ClassVar[Mapping[str, Callable[[Columns], np.ndarray]]] = {}
    rewards: ClassVar[tuple[str, ...]] = ("course",)  # names; "course" is the default
    # for columns with `measured_by`: what they show of a patient in whom they never were; a column
    # left out shows its true values
    never: ClassVar[Mapping[str, float]] = {}
    from_file: ClassVar[FromFile | None] = None  # what a table alone tells of decisions
    few: ClassVar[tuple[str, ...]] = ()  # columns of an observation that serve agents; () for all
    action_unit: ClassVar[str] = ""  # in what the labels of actions count, for the codebook
    bedside: ClassVar[tuple[str, ...]] = ()  # columns of a bedside chart
    scores: ClassVar[Mapping[str, Callable[[pd.DataFrame], pd.Series]]] = {}  # computed of a frame
    events: ClassVar[Mapping[str, Event]] = {}  # what may happen, for time-to-event tables
    predictions: ClassVar[tuple[Prediction, ...]] = ()  # what may be asked at a landmark
    published_patients: ClassVar[int] = 1000  # size of the published cohort
    # from (mechanism, seed) to results of a simulated trial, for conditions that have one
    trial_results: ClassVar[Callable[[Any, int], dict[str, float]] | None] = None
    # for options that are more than yes or no: the values that they may have
    choices: ClassVar[Mapping[str, tuple[Any, ...]]] = {"confounded": CONFOUNDED}
    carried: bool = True  # whether the table shows carried values where nothing was measured

    @property
    def condition(self) -> str:
        """Name of the condition."""
        return self.schema.condition

    @property
    def n_steps(self) -> int:
        """Steps of a patient who does not die."""
        return self.schema.n_steps

    @property
    def clock(self) -> str:
        """What a step is called, such as ``"month"``."""
        return self.schema.step_unit.split()[-1]

    @property
    def most_decisions(self) -> int:
        """Decisions of a patient at most."""
        return self.n_steps

    @property
    def censored(self) -> bool:
        """Whether `over` ends follow-up at a date: then people are followed for unlike times."""
        return False

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of policies that are no action."""
        return ("clinician", "random", "protocol", "none", *self.guidelines)

    @property
    def action_sets(self) -> Mapping[str, tuple[str, ...]]:
        """Ways to name an action, each with its labels; the first is `actions` themselves."""
        coarser = {name: classes.labels for name, classes in self.classes.items()}
        return {self.action_set: self.actions} | coarser

    @cached_property
    def observation_names(self) -> tuple[str, ...]:
        """Names of the columns of an observation."""
        return tuple(variable.name for variable in self.observed)

    @property
    def observation_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest value of every observation, shape (n_features,) each."""
        bounds = np.array([(variable.low, variable.high) for variable in self.observed], float)
        return bounds[:, 0], bounds[:, 1]

    def draw(self, block: int, seed: int) -> Noise:
        """Draw the noise of a block of patients."""
        names = self.static_noise, self.step_noise
        return self.exogenous(draw_noise(self.condition, self.n_steps, *names, block, seed))

    # --- what a condition has to say

    def start(self, noise: Noise) -> Any:
        """Return the patients at step 0, before anything was measured."""
        raise NotImplementedError

    def advance(self, state: Any) -> None:
        """Live one step under the treatment in use, and add 1 to ``state.step``."""
        raise NotImplementedError

    def record(self, state: Any) -> Columns:
        """Return this step's columns, shape (n,) each: all of the schema but patient and step.

        As after the treatment, true values, labels as positions; `finish` hides what was not
        measured.
        """
        raise NotImplementedError

    def known(self, state: Any) -> Columns:
        """Return what the clinician has in view, shape (n,) each: all names of `observed`.

        For columns of the schema with labels, their codes in files.
        """
        raise NotImplementedError

    def act(self, state: Any, action: np.ndarray) -> None:
        """Treat the patients from now on, each with an action of ``action``, shape (n,)."""
        raise NotImplementedError

    def reward(self, state: Any, name: str = "course") -> np.ndarray:
        """Return what the step just lived was worth, shape (n,)."""
        raise NotImplementedError

    # --- what it may say otherwise

    def exogenous(self, noise: Noise) -> Noise:
        """Turn drawn noise into other noise, once: paths that no treatment can change."""
        return noise

    def measure(self, state: Any) -> None:
        """Find out what is seen of the patients in this step."""

    def alive(self, state: Any) -> np.ndarray:
        """Who has not died, shape (n,)."""
        return state.alive if hasattr(state, "alive") else np.ones(len(state), dtype=bool)

    def over(self, state: Any) -> np.ndarray:
        """Who has died or reached the end of follow-up, shape (n,)."""
        return ~self.alive(state) | (state.step >= self.n_steps)

    def deciding(self, state: Any) -> np.ndarray:
        """For whom a decision is due in this step, shape (n,)."""
        return self.alive(state)

    def observe(self, state: Any) -> np.ndarray:
        """Return what is in view, shape (n, n_features)."""
        known, seen = self.known(state), np.empty((len(state), len(self.observed)))
        for column, name in enumerate(self.observation_names):
            seen[:, column] = known[name]
        return seen

    def admissible(self, state: Any) -> np.ndarray:
        """Return which actions a clinician might take, shape (n, n_actions)."""
        return np.ones((len(state), len(self.actions)), dtype=bool)

    def clinician(self, state: Any) -> np.ndarray:
        """Return the clinician's probability of every action, shape (n, n_actions)."""
        admissible = self.admissible(state)
        return admissible / admissible.sum(axis=1, keepdims=True)

    def guideline(self, seen: Columns) -> np.ndarray:
        """Return the guideline's action for observations by name, shape (k,)."""
        raise ArgumentError(f"There is no guideline for {self.condition}; choose another policy.")

    def follow_guideline(self, observations: np.ndarray, name: str = "protocol") -> np.ndarray:
        """Return a guideline's choice as probabilities, shape (k, n_actions)."""
        seen = dict(zip(self.observation_names, observations.T, strict=True))
        rule = self.guideline if name == "protocol" else self.guidelines[name]
        return np.eye(len(self.actions))[rule(seen)]

    def named(self, policy: str) -> Callable[[Any], np.ndarray] | None:
        """Return what chooses by a policy of this name where it means something else here."""
        return None

    def finish(self, columns: Columns) -> Columns:
        """Turn recorded columns, shape (n, n_steps) each, into those of the published file.

        Here: where a column of `never` was not measured, it shows the last value, else the first
        one to come, else the value of those who were never measured.
        """
        if not self.carried:
            return columns
        return columns | {
            name: carried(columns[name], columns[str(self.schema[name].measured_by)], value)
            for name, value in self.never.items()
        }

    def describe(self, state: Any) -> Columns:
        """Return what never changes about a patient: static columns, or of ``schema.patients``."""
        return {}

    def outcome(self, state: Any) -> Columns:
        """Return what became of the patients: columns of ``schema.patients``.

        Of kind "step", such as the day of death, -1 stands for what did not happen.
        """
        return {}
