"""The true value of a policy: the mean return of patients who are treated by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed

from ..errors import ArgumentError
from .noise import BLOCK, draw_noise
from .policies import Policy, check_count, check_seed, resolve_policy, sample_actions
from .protocol import Simulator


@dataclass(frozen=True)
class PolicyValue:
    """What a policy is worth.

    Attributes
    ----------
    value : float
        Mean return of the patients.
    standard_error : float
        Monte Carlo error of ``value``: the standard deviation of the returns over the root of
        their number (nan for a single patient).
    returns : ndarray, shape (n_patients,)
        Return of every patient.  The same seed makes the same patients, so returns under two
        policies may be subtracted patient by patient.
    """

    value: float
    standard_error: float
    returns: np.ndarray = field(repr=False)


def policy_value(
    simulator: Simulator,
    policy: Policy,
    n_patients: int = 100_000,
    seed: int = 0,
    discount: float = 1.0,
    reward: str = "course",
) -> PolicyValue:
    """Compute the value of a policy by treating simulated patients with it.

    Parameters
    ----------
    simulator : Simulator
        The condition's mechanism.
    policy : str or callable
        As for :func:`simulate`.
    n_patients, seed : int
        The first patients do not change with their number, nor with the policy.
    discount : float
        Weight of a step relative to the one before it, from 0 to 1; a step is a row in time (a
        month, an hour), not a decision.
    reward : str
        One of ``simulator.rewards``.

    Raises
    ------
    ArgumentError
        For an argument that cannot be used.
    """
    n_patients, seed = check_count(n_patients), check_seed(seed)
    check_reward(simulator, reward)
    if isinstance(discount, bool) or not isinstance(discount, (int, float, np.number)):
        raise ArgumentError(f"discount is {discount!r}; it must be a number from 0 to 1.")
    if not 0 <= discount <= 1:
        raise ArgumentError(f"discount is {discount!r}; it must be a number from 0 to 1.")
    choose = resolve_policy(simulator, policy)
    blocks = Parallel()(
        delayed(_returns_of_block)(simulator, choose, block, seed, float(discount), reward)
        for block in range(-(-n_patients // BLOCK))
    )
    returns = np.concatenate(blocks)[:n_patients]
    error = returns.std(ddof=1) / np.sqrt(n_patients) if n_patients > 1 else np.nan
    return PolicyValue(float(returns.mean()), float(error), returns)


def check_reward(simulator: Simulator, reward: str) -> str:
    """Return ``reward`` if the condition has a reward of that name."""
    if reward not in simulator.rewards:
        raise ArgumentError(
            f"There is no reward {reward!r} for {simulator.condition}. The rewards are: "
            f"{', '.join(map(repr, simulator.rewards))}."
        )
    return reward


def _returns_of_block(
    simulator: Simulator, choose: Callable, block: int, seed: int, discount: float, reward: str
) -> np.ndarray:
    noise = draw_noise(simulator, block, seed)
    state = simulator.start(noise)
    total = np.zeros(BLOCK)
    for step in range(simulator.n_steps):
        simulator.measure(state)
        rows = np.flatnonzero(simulator.deciding(state))
        if len(rows):
            action = sample_actions(choose(state, rows), noise.at("action", step)[rows])
            simulator.act(state, rows, action)
        simulator.advance(state)
        total += discount**step * simulator.reward(state, reward)
    return total
