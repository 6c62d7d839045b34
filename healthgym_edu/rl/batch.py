"""Decisions as arrays: what was seen, done and paid, and what was seen next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..engine import Mechanism
from ..errors import ArgumentError


@dataclass(frozen=True, eq=False, repr=False)
class Transitions:
    """Decisions of a cohort, one row each, sorted by patient and time; n rows, d features.

    Attributes
    ----------
    patient, step : ndarray of int, shape (n,)
        Who decided for whom, and when.
    observation : ndarray, shape (n, d)
        What the clinician had in view, of the columns in `features`: never carried back.
    action : ndarray of int, shape (n,)
        Position in `actions`.
    reward : ndarray, shape (n,)
        Paid until the next decision; with the first one also what was paid before it.
    next_observation : ndarray, shape (n, d)
        What was in view at the next decision, or at the end.
    terminated : ndarray of bool, shape (n,)
        Whether no decision followed: the patient died or the stay ended.
    behaviour_probability : ndarray, shape (n, a)
        With which clinicians took each action, recorded or estimated; see `behaviour`.
    admissible : ndarray of bool, shape (n, a)
        What a clinician might have done: a recorded probability above 0, or where they are not
        known an action that occurs in the records.
    features : tuple of str
        Columns of `observation`, in the order of the environment.
    columns : tuple of str
        Columns of the environment's observations, of which `features` are some.
    actions : tuple of str
        Labels.
    behaviour : str
        ``"recorded"``, ``"estimated"`` or ``"unknown"``.
    view : ndarray, shape (n, len(columns))
        All that was in view.
    origin : str
        Whose records these are: source and seed of the cohort.
    """

    condition: str
    actions: tuple[str, ...]
    features: tuple[str, ...]
    columns: tuple[str, ...]
    reward_name: str
    behaviour: str
    patient: np.ndarray
    step: np.ndarray
    observation: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    next_observation: np.ndarray
    terminated: np.ndarray
    behaviour_probability: np.ndarray
    admissible: np.ndarray
    view: np.ndarray
    origin: str = ""
    mechanism: Mechanism | None = None

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.action)

    def __repr__(self) -> str:
        d, a = len(self.features), len(self.actions)
        return (
            f"Transitions of {self.condition}: {len(self):,} decisions of {self.n_patients:,} "
            f"patients, {d} features, {a} actions, {self.reward_name} reward, probabilities "
            f"{self.behaviour}"
        )

    @property
    def n_patients(self) -> int:
        """Number of patients who came to a decision."""
        return len(self.begins)

    @property
    def begins(self) -> np.ndarray:
        """Row of each patient's first decision, shape (n_patients,)."""
        return np.flatnonzero(np.append(True, self.patient[1:] != self.patient[:-1]))

    @property
    def index(self) -> np.ndarray:
        """How many decisions the patient had made before, shape (n,)."""
        return np.arange(len(self)) - self.begins[self.place]

    @property
    def place(self) -> np.ndarray:
        """Whose decision it is, patients counted from 0, shape (n,)."""
        return np.cumsum(np.append(False, self.patient[1:] != self.patient[:-1]))

    def returns(self, discount: float = 1.0) -> np.ndarray:
        """Return each patient's sum of rewards, discounted per decision, shape (n_patients,)."""
        return np.add.reduceat(self.reward * discount**self.index, self.begins)

    def with_behaviour(self, probability: np.ndarray, words: str = "estimated") -> Transitions:
        """Return the same decisions with other probabilities of the clinicians, shape (n, a)."""
        return replace(self, behaviour_probability=probability, behaviour=words)

    def of(self, patients: Iterable[int]) -> Transitions:
        """Return the decisions of some patients, in the order they have here."""
        inside = np.isin(self.patient, np.asarray(list(patients)))
        if not inside.any():
            raise ArgumentError("None of these patients came to a decision here.")
        rows: dict[str, Any] = {
            name: value[inside]
            for name, value in vars(self).items()
            if isinstance(value, np.ndarray)
        }
        return replace(self, **rows)
