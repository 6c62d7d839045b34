"""What every agent is: a policy that was learned from records and knows for whom."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from ...engine import Chooser, ComposedPolicy, Mechanism, check_seed
from ...errors import ArgumentError
from ...stored import store_model
from ..batch import Transitions


@dataclass(frozen=True)
class Training:
    """Of whose records an agent learned, and what it may choose."""

    condition: str
    actions: tuple[str, ...]
    columns: tuple[str, ...]
    features: tuple[str, ...]
    reward: str
    origin: str
    patients: tuple[int, ...]

    @classmethod
    def of(cls, batch: Transitions) -> Training:
        """Note it."""
        names = batch.condition, batch.actions, batch.columns, batch.features
        who = tuple(np.unique(batch.patient).tolist())
        return cls(*names, batch.reward_name, batch.origin, who)


class Agent(ComposedPolicy):
    """An agent: ``fit`` it, then use it wherever a policy is expected.

    It scales and picks its features itself.  Called with observations, shape (n, columns) as the
    environment gives them, and if you like a mask of admissible actions, it returns probabilities,
    shape (n, a).  What it learned ends in ``_``; ``trained_`` says from whom.
    """

    config: Any
    trained_: Training

    def fit(self, batch: Transitions, seed: int = 0) -> Self:
        """Learn from recorded decisions.

        Parameters
        ----------
        batch : Transitions
        seed : int
            The same seed and records give the same agent on one machine.

        Returns
        -------
        Agent
            Itself.

        Raises
        ------
        ArgumentError
            Records in which there was nothing to choose.
        """
        check_seed(seed)
        if len(np.unique(batch.action)) < 2:
            raise ArgumentError(
                f"All {len(batch):,} decisions are {batch.actions[batch.action[0]]!r}: there is "
                "nothing to compare. Learn from a cohort in which treatments differ."
            )
        if batch.n_patients < 2:
            raise ArgumentError("One patient is not enough to learn from; take a cohort.")
        self.learn(batch, np.random.default_rng(seed))
        self.trained_ = Training.of(batch)
        return self

    @abstractmethod
    def learn(self, batch: Transitions, rng: np.random.Generator) -> None:
        """Learn; what was learned goes into attributes that end in ``_``."""

    @abstractmethod
    def choose(self, seen: np.ndarray, admissible: np.ndarray) -> np.ndarray:
        """Return probabilities, (n, a), from features, (n, d), among admissible actions, (n, a)."""

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """Return what was learned, to be stored."""

    @abstractmethod
    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take what was stored."""

    def __call__(
        self, observations: np.ndarray, admissible: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the probability of every action, shape (n, a)."""
        trained = self._fitted()
        seen = np.asarray(observations, dtype=float)
        width = len(trained.columns)
        if seen.ndim != 2 or seen.shape[1] not in (width, len(trained.features)):
            raise ArgumentError(
                f"This agent was given observations of shape {seen.shape}; it expects one row per "
                f"patient and {width} columns, those of the environment. For a single patient pass "
                "observation[None]."
            )
        if seen.shape[1] == width:
            seen = seen[:, [trained.columns.index(name) for name in trained.features]]
        shape = (len(seen), len(trained.actions))
        if admissible is None:
            admissible = np.ones(shape, dtype=bool)
        admissible = np.asarray(admissible).astype(bool)
        if admissible.shape != shape:
            raise ArgumentError(
                f"The mask of admissible actions has shape {admissible.shape}; expected {shape}."
            )
        nothing = ~admissible.any(axis=1, keepdims=True)
        return self.choose(seen, admissible | nothing)

    def __str__(self) -> str:
        return type(self).__name__

    def chooser(self, mechanism: Mechanism) -> Chooser:
        """Return what chooses for the patients of a condition, among what clinicians might do."""
        names = mechanism.observation_names
        self.require(mechanism.condition, mechanism.actions, names)
        if getattr(mechanism, "strangers", False):  # records, on which it is to be judged
            self.require_strangers(mechanism.batch)  # type: ignore[attr-defined]
        place = [names.index(name) for name in self.trained_.features]
        return lambda state: self.choose(
            mechanism.observe(state)[:, place], mechanism.clinician(state) > 0
        )

    def require(self, condition: str, actions: tuple[str, ...], columns: tuple[str, ...]) -> None:
        """Raise `ArgumentError` unless the agent learned for this condition and these actions."""
        trained = self._fitted()
        if trained.condition != condition:
            raise ArgumentError(
                f"This agent learned to treat {trained.condition}, not {condition}. Train another."
            )
        if tuple(trained.actions) != tuple(actions):
            raise ArgumentError(
                f"This agent chooses among {len(trained.actions)} actions (such as "
                f"{trained.actions[0]!r}), and here are {len(actions)} (such as {actions[0]!r}). "
                "Pass the set of actions it learned with, as in policy_value(..., "
                'actions="relative").'
            )
        if missing := [name for name in trained.features if name not in columns]:
            raise ArgumentError(f"This agent looks at {missing[0]!r}, which is not in view here.")

    def require_strangers(self, batch: Transitions) -> None:
        """Raise `ArgumentError` if the agent learned from any of these patients."""
        trained = self._fitted()
        met = np.isin(np.unique(batch.patient), trained.patients)
        if batch.origin == trained.origin and met.any():
            raise ArgumentError(
                f"This agent learned from {met.sum():,} of these {len(met):,} patients, which "
                "flatters it. Split the cohort first: train, holdout = cohort.split(0.5)."
            )

    def save(self, folder: str | Path, overwrite: bool = False) -> None:
        """Write the agent into a folder: safetensors and JSON, nothing that runs code.

        Raises
        ------
        ArgumentError
            Nothing was learned yet.
        SourceError
            The folder exists, or cannot be written.
        """
        trained = self._fitted()
        told = {"trained": vars(trained), "config": vars(self.config)}
        store_model(folder, type(self).__name__, self.arrays(), told, "agent", overwrite)

    def _fitted(self) -> Training:
        if not hasattr(self, "trained_"):
            raise ArgumentError(
                f"This {type(self).__name__} has not learned from anybody yet. Call "
                "fit(hg.rl.transitions(cohort)) first."
            )
        return self.trained_


def best(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the highest allowed score as probabilities, shape (n, a); the first one of equals."""
    chosen = np.where(allowed, scores, -np.inf).argmax(axis=1)
    return np.eye(scores.shape[1])[chosen]


def usual(share: np.ndarray, admissible: np.ndarray, trust: float) -> np.ndarray:
    """Return which admissible actions are done at least ``trust`` times as often as the commonest.

    The rule of BCQ (Fujimoto, Meger and Precup 2019; for single actions arXiv 1910.01708).
    """
    share = np.where(admissible, share, -1.0)
    return admissible & (share >= trust * share.max(axis=1, keepdims=True))


def scaling(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the standard deviation of each column, both of shape (d,).

    A column that never changes is divided by 1.

    >>> scaling(np.array([[1.0, 5.0], [3.0, 5.0]]))
    (array([2., 5.]), array([1., 1.]))
    """
    spread = x.std(axis=0)
    return x.mean(axis=0), np.where(spread > 0, spread, 1.0)


def factors(actions: tuple[str, ...]) -> np.ndarray:
    """Return actions as numbers, shape (a, parts): the place of each part of a label.

    >>> factors(("fluid 0, vasopressor 0", "fluid 0, vasopressor 1", "none")).tolist()
    [[0, 0], [0, 1], [1, -1]]
    """
    parts = [label.split(", ") for label in actions]
    columns = []
    for place in range(max(map(len, parts))):
        names = [one[place] if place < len(one) else None for one in parts]
        order = list(dict.fromkeys(name for name in names if name is not None))
        columns.append([-1 if name is None else order.index(name) for name in names])
    return np.array(columns).T


def with_actions_of(seen: np.ndarray, action: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return features and the numbers of an action side by side, shape (n, d + parts)."""
    return np.hstack([seen, of[action]])
