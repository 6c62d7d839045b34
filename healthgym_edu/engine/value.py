"""The true value of a policy: the mean return of patients who are treated by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Real

import numpy as np
from joblib import Parallel, delayed

from ..errors import ArgumentError, require_known
from .living import live_block
from .mechanism import Mechanism
from .noise import BLOCK
from .policies import (
    Chooser,
    Policy,
    check_count,
    check_followed,
    check_reward,
    check_seed,
    resolve_policy,
)


@dataclass(frozen=True)
class PolicyValue:
    """What a policy is worth, or by how much one policy is better than another.

    Attributes
    ----------
    value : float
        Mean return of the patients, or mean difference of their returns.
    standard_error : float
        Monte Carlo error of ``value``: the standard deviation of the returns over the root of
        their number (nan for a single patient).
    returns : ndarray, shape (n_patients,)
        Return (or difference) of every patient.
    patients : tuple
        Who they are and how they are paid: what must agree for two values to be compared.
    """

    value: float
    standard_error: float
    returns: np.ndarray = field(repr=False)
    patients: tuple = field(repr=False)

    @classmethod
    def of(cls, returns: np.ndarray, patients: tuple) -> PolicyValue:
        """Summarise the returns of patients."""
        error = returns.std(ddof=1) / np.sqrt(len(returns)) if len(returns) > 1 else np.nan
        return cls(float(returns.mean()), float(error), returns, patients)

    def minus(self, other: PolicyValue) -> PolicyValue:
        """Return by how much this policy is better than another, patient by patient.

        Both met the same patients and the same chance, so the standard error of the difference is
        that of paired data: much smaller than that of two cohorts.

        Raises
        ------
        ArgumentError
            If the other value is of other patients or another reward.
        """
        if not isinstance(other, PolicyValue) or self.patients != other.patients:
            theirs = getattr(other, "patients", other)
            raise ArgumentError(
                "Only values of the same patients under the same reward can be subtracted: this "
                f"one is of {_said(self.patients)}, the other of {_said(theirs)}. Compute both "
                "with the same arguments but for the policy."
            )
        return PolicyValue.of(self.returns - other.returns, self.patients)


def _said(patients: object) -> str:
    if not isinstance(patients, tuple):
        return repr(patients)
    mechanism, n, seed, discount, per, reward = patients
    discounted = "" if discount == 1 else f", discount {discount:g} per {per}"
    return f"{n:,} patients of {mechanism}, seed {seed}, {reward} reward{discounted}"


def true_value(
    mechanism: Mechanism,
    policy: Policy,
    n_patients: int = 100_000,
    seed: int = 0,
    discount: float = 1.0,
    reward: str = "course",
    discount_per: str = "row",
) -> PolicyValue:
    """Compute the value of a policy by treating patients with it; see `hg.policy_value`."""
    n_patients, seed = check_count(n_patients), check_seed(seed)
    check_reward(mechanism, reward)
    check_followed(mechanism, "The value of a policy")
    require_known("discount_per", discount_per, ("row", "decision"))
    if isinstance(discount, bool) or not isinstance(discount, Real) or not 0 <= discount <= 1:
        raise ArgumentError(f"discount is {discount!r}; it must be a number from 0 to 1.")
    discount = 1.0 * discount
    choose = resolve_policy(mechanism, policy)
    returns_of = _by_decision if discount_per == "decision" else _by_row
    blocks = Parallel()(
        delayed(returns_of)(mechanism, block, seed, choose, reward, discount)
        for block in range(-(-n_patients // BLOCK))
    )
    returns = np.concatenate(blocks)[:n_patients]
    return PolicyValue.of(returns, (mechanism, n_patients, seed, discount, discount_per, reward))


def _by_row(
    mechanism: Mechanism, block: int, seed: int, choose: Chooser, reward: str, discount: float
) -> np.ndarray:
    return live_block(mechanism, block, seed, choose, reward, discount, keep=False).paid


def _by_decision(
    mechanism: Mechanism, block: int, seed: int, choose: Chooser, reward: str, discount: float
) -> np.ndarray:
    """Rewards between two decisions, and those before the first, have the same weight."""
    lives = live_block(mechanism, block, seed, choose, reward)
    total, paid, weight = np.zeros(BLOCK), np.zeros(BLOCK), np.ones(BLOCK)
    decided = np.zeros(BLOCK, dtype=bool)
    for one in lives.decided:
        later = one.rows[decided[one.rows]]
        total[later] += weight[later] * (one.paid[decided[one.rows]] - paid[later])
        paid[later] = one.paid[decided[one.rows]]
        weight[later] *= discount
        decided[one.rows] = True
    return total + weight * (lives.paid - paid)
