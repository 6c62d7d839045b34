"""Who chooses: named policies, constant actions, and functions of observations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .protocol import Simulator

MOST_PATIENTS = 10_000_000
"""More than this in one call is taken for a slip of the keyboard."""

Policy = str | Callable[[np.ndarray], np.ndarray]
"""A named policy, the label of one action ("always this"), or a function of observations."""


def resolve_policy(simulator: Simulator, policy: Policy) -> Callable[[Any, np.ndarray], np.ndarray]:
    """Turn a policy's name, an action's label or a function into probabilities of a state.

    Returns
    -------
    callable
        ``(state, rows) -> probabilities``, shape (len(rows), n_actions).
    """
    if callable(policy):
        return _CheckedPolicy(simulator, policy)
    if policy == "clinician":
        return simulator.clinician
    if policy == "random":
        return _UniformPolicy(simulator)
    if policy == "protocol" and hasattr(simulator, "protocol"):
        return _CheckedPolicy(simulator, simulator.protocol)
    if policy == "none":
        return _ConstantPolicy(0, len(simulator.actions))
    if isinstance(policy, str) and policy in simulator.actions:
        return _ConstantPolicy(simulator.actions.index(policy), len(simulator.actions))
    raise ArgumentError(
        f"Unknown policy {policy!r} for {simulator.condition}. Use 'clinician', 'random', "
        "'protocol', 'none', one of the actions "
        f"({', '.join(map(repr, simulator.actions))}), or a function from observations to action "
        "probabilities."
    )


def soft_probabilities(
    scores: np.ndarray, admissible: np.ndarray, least: float | np.ndarray
) -> np.ndarray:
    """Return a softmax over admissible actions, each of which keeps a least probability.

    Parameters
    ----------
    scores : ndarray, shape (k, n_actions)
        Log-odds.
    admissible : ndarray of bool, shape (k, n_actions)
        At least one in each row.
    least : float or ndarray, shape (k, 1)
        What each admissible action keeps at least; times their number below 1.
    """
    scores = np.where(admissible, scores, -np.inf)
    weight = np.exp(scores - scores.max(axis=1, keepdims=True))
    soft = weight / weight.sum(axis=1, keepdims=True)
    floor = least * admissible
    return floor + (1 - floor.sum(axis=1, keepdims=True)) * soft


def check_count(n_patients: int) -> int:
    """Return ``n_patients`` if it is a whole number from 1 to :data:`MOST_PATIENTS`."""
    whole = isinstance(n_patients, (int, np.integer)) and not isinstance(n_patients, bool)
    if not whole or not 1 <= n_patients <= MOST_PATIENTS:
        raise ArgumentError(
            f"n_patients is {n_patients!r}; it must be a whole number from 1 to {MOST_PATIENTS:,}."
        )
    return int(n_patients)


def check_seed(seed: int) -> int:
    """Return ``seed`` if it is a whole number, zero or larger."""
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise ArgumentError(f"seed is {seed!r}; it must be a whole number, 0 or larger.")
    return int(seed)


@dataclass(frozen=True)
class _ConstantPolicy:
    action: int
    n_actions: int

    def __call__(self, state: Any, rows: np.ndarray) -> np.ndarray:
        probabilities = np.zeros((len(rows), self.n_actions))
        probabilities[:, self.action] = 1.0
        return probabilities


@dataclass(frozen=True)
class _UniformPolicy:
    simulator: Simulator

    def __call__(self, state: Any, rows: np.ndarray) -> np.ndarray:
        admissible = self.simulator.admissible(state, rows)
        return admissible / admissible.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class _CheckedPolicy:
    simulator: Simulator
    function: Callable[[np.ndarray], np.ndarray]

    def __call__(self, state: Any, rows: np.ndarray) -> np.ndarray:
        observations = self.simulator.observe(state, rows)
        probabilities = np.asarray(self.function(observations), dtype=float)
        expected = (len(rows), len(self.simulator.actions))
        if probabilities.shape != expected:
            raise ArgumentError(
                f"The policy returned an array of shape {probabilities.shape} for "
                f"{len(rows)} observations; expected {expected}: one row per observation, one "
                "column per action."
            )
        if not np.isfinite(probabilities).all() or (probabilities < 0).any():
            raise ArgumentError(
                "The policy returned negative or missing probabilities; every entry must be a "
                "number from 0 to 1."
            )
        sums = probabilities.sum(axis=1)
        if len(sums) and np.abs(sums - 1).max() > 1e-6:
            worst = int(np.abs(sums - 1).argmax())
            raise ArgumentError(
                f"The policy's probabilities for observation {worst} add up to "
                f"{sums[worst]:.6g}; each row must add up to 1."
            )
        return probabilities


def sample_actions(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Draw one action per row by inverting the cumulative probabilities at ``uniform``."""
    cumulative = np.cumsum(probabilities, axis=1)
    chosen = (cumulative <= (uniform * cumulative[:, -1])[:, None]).sum(axis=1)
    return np.minimum(chosen, probabilities.shape[1] - 1)
