"""Who chooses: named policies, constant actions, and functions of observations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentError, require_known, require_whole
from .mechanism import Mechanism

MOST_PATIENTS = 10_000_000
"""More than this in one call is taken for a slip of the keyboard."""

Chooser = Callable[[Any], np.ndarray]
"""Takes the state of n patients who need a decision; returns probabilities, (n, n_actions)."""


class ComposedPolicy(ABC):
    """A policy made of other policies, or an agent; see `mix`, `first`, `remap` and ``hg.rl``."""

    @abstractmethod
    def chooser(self, mechanism: Mechanism) -> Chooser:
        """Return what chooses for the patients of a condition."""


Policy = str | Callable[[np.ndarray], np.ndarray] | ComposedPolicy
"""A named policy, the label of one action ("always this"), a function of observations, or one made
of other policies."""


def resolve_policy(mechanism: Mechanism, policy: Policy) -> Chooser:
    """Return the function that gives a policy's probabilities for a state."""
    if isinstance(policy, ComposedPolicy):
        return policy.chooser(mechanism)
    if callable(policy):
        return _CheckedPolicy(mechanism, policy)
    own = mechanism.named(policy) if isinstance(policy, str) else None
    if own is not None:
        return own
    if policy == "clinician":
        return mechanism.clinician
    if policy == "random":
        return _UniformPolicy(mechanism)
    if isinstance(policy, str) and policy in ("protocol", *mechanism.guidelines):
        return _CheckedPolicy(mechanism, partial(mechanism.follow_guideline, name=policy))
    if policy == "none":
        return _ConstantPolicy(0, len(mechanism.actions))
    if isinstance(policy, str) and policy in mechanism.actions:
        return _ConstantPolicy(mechanism.actions.index(policy), len(mechanism.actions))
    raise ArgumentError(
        f"Unknown policy {policy!r} for {mechanism.condition}. Use "
        f"{', '.join(map(repr, mechanism.policies))}, one of the actions "
        f"({', '.join(map(repr, mechanism.actions))}), or a function from observations to action "
        "probabilities."
    )


def soft_probabilities(
    scores: np.ndarray,
    usual: np.ndarray,
    least: float | np.ndarray,
    shared: bool = False,
    conceivable: np.ndarray | None = None,
) -> np.ndarray:
    """Return a softmax over usual actions, with a least probability for all that is conceivable.

    Parameters
    ----------
    scores : ndarray, shape (k, n_actions)
        Log-odds.
    usual : ndarray of bool, shape (k, n_actions)
        What the clinician considers, at least one action in each row.
    least : float or ndarray, shape (k, 1)
        What each conceivable action keeps at least; times their number it must be below 1.
    shared : bool
        Whether ``least`` is shared among them instead.
    conceivable : ndarray of bool, shape (k, n_actions), optional
        What some clinician might do once; the usual actions, if not given.
    """
    scores = np.where(usual, scores, -np.inf)
    weight = np.exp(scores - scores.max(axis=1, keepdims=True))
    soft = weight / weight.sum(axis=1, keepdims=True)
    wide = usual if conceivable is None else conceivable
    least = least / wide.sum(axis=1, keepdims=True) if shared else least
    floor = least * wide
    return floor + (1 - floor.sum(axis=1, keepdims=True)) * soft


def check_count(n_patients: int) -> int:
    """Return ``n_patients`` if it is a whole number from 1 to :data:`MOST_PATIENTS`."""
    return require_whole("n_patients", n_patients, 1, MOST_PATIENTS)


def check_seed(seed: int) -> int:
    """Return ``seed`` if it is a whole number, zero or larger."""
    return require_whole("seed", seed, 0)


def check_followed(mechanism: Mechanism, what: str) -> None:
    """Raise `ArgumentError` if people are followed for unlike times, as their returns are then."""
    if mechanism.censored:
        raise ArgumentError(
            f"{what} needs everybody's whole course, but these patients of {mechanism.condition} "
            "are followed to a date. Leave out the option that closes the cohort (closing)."
        )


def check_reward(mechanism: Mechanism, reward: str) -> str:
    """Return ``reward`` if the condition has a reward of that name."""
    require_known("reward", reward, mechanism.rewards, f" for {mechanism.condition}")
    return reward


@dataclass(frozen=True)
class _ConstantPolicy:
    action: int
    n_actions: int

    def __call__(self, state: Any) -> np.ndarray:
        probabilities = np.zeros((len(state), self.n_actions))
        probabilities[:, self.action] = 1.0
        return probabilities


@dataclass(frozen=True)
class _UniformPolicy:
    mechanism: Mechanism

    def __call__(self, state: Any) -> np.ndarray:
        admissible = self.mechanism.admissible(state)
        return admissible / admissible.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class _CheckedPolicy:
    mechanism: Mechanism
    function: Callable[[np.ndarray], np.ndarray]

    def __call__(self, state: Any) -> np.ndarray:
        observations = self.mechanism.observe(state)
        returned = self.function(observations)
        try:
            probabilities = np.asarray(returned, dtype=float)
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"The policy returned {str(returned)[:60]!r}, which is no array of numbers. It "
                "must return the probability of every action, one row per patient."
            ) from error
        n_actions = len(self.mechanism.actions)
        check_probabilities("The policy", probabilities, len(state), n_actions)
        return probabilities


def check_probabilities(who: str, probabilities: np.ndarray, n: int, n_actions: int) -> None:
    """Raise `ArgumentError` unless these are probabilities of actions for n patients."""
    if probabilities.shape != (n, n_actions):
        raise ArgumentError(
            f"{who} returned an array of shape {probabilities.shape} for {n} patients; expected "
            f"{(n, n_actions)}: one row per patient, one column per action."
        )
    if not np.isfinite(probabilities).all() or (probabilities < 0).any():
        raise ArgumentError(
            f"{who} returned negative or missing probabilities; every entry must be a number from "
            "0 to 1."
        )
    sums = probabilities.sum(axis=1)
    if len(sums) and np.abs(sums - 1).max() > 1e-6:
        worst = int(np.abs(sums - 1).argmax())
        raise ArgumentError(
            f"{who} returned probabilities that add up to {sums[worst]:.6g} for patient {worst}; "
            "each row must add up to 1."
        )


def sample_actions(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Draw one action per row by inverting the cumulative probabilities at ``uniform``.

    From shapes (n, n_actions) and (n,) to int of shape (n,).
    """
    cumulative = np.cumsum(probabilities, axis=1)
    chosen = (cumulative <= (uniform * cumulative[:, -1])[:, None]).sum(axis=1)
    return np.minimum(chosen, probabilities.shape[1] - 1)
