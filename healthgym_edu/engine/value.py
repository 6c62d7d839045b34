"""The true value of a policy: the mean return of patients who are treated by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from ..errors import ArgumentError, require_known
from .living import live_block
from .mechanism import Mechanism
from .noise import BLOCK
from .policies import Policy, check_count, check_seed, resolve_policy


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


def true_value(
    mechanism: Mechanism,
    policy: Policy,
    n_patients: int = 100_000,
    seed: int = 0,
    discount: float = 1.0,
    reward: str = "course",
) -> PolicyValue:
    """Compute the value of a policy by treating patients with it; see `hg.policy_value`."""
    n_patients, seed = check_count(n_patients), check_seed(seed)
    check_reward(mechanism, reward)
    if (
        isinstance(discount, (bool, str))
        or not isinstance(discount, Real)
        or not 0 <= discount <= 1
    ):
        raise ArgumentError(f"discount is {discount!r}; it must be a number from 0 to 1.")
    choose = resolve_policy(mechanism, policy)
    blocks = Parallel()(
        delayed(_returns)(mechanism, block, seed, choose, reward, float(discount))
        for block in range(-(-n_patients // BLOCK))
    )
    returns = np.concatenate(blocks)[:n_patients]
    error = returns.std(ddof=1) / np.sqrt(n_patients) if n_patients > 1 else np.nan
    return PolicyValue(float(returns.mean()), float(error), returns)


def check_reward(mechanism: Mechanism, reward: str) -> str:
    """Return ``reward`` if the condition has a reward of that name."""
    require_known("reward", reward, mechanism.rewards, f" for {mechanism.condition}")
    return reward


def _returns(mechanism: Mechanism, block: int, seed: int, *options: Any) -> np.ndarray:
    return live_block(mechanism, block, seed, *options, keep=False).paid
