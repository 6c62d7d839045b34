"""What a policy would have done in recorded decisions: its probabilities, from records alone.

`Records` is a mechanism that cannot live: its patients are rows of `Transitions`, its clinician
gives what was recorded.  So everything that chooses for simulated patients chooses here as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine import Grouped, Mechanism, Policy, resolve_policy
from ..engine.policies import check_probabilities
from ..errors import ArgumentError
from .batch import Transitions


@dataclass(frozen=True)
class _Rows:
    """Recorded decisions, as a mechanism's state."""

    view: np.ndarray
    probability: np.ndarray
    decisions: np.ndarray

    def __len__(self) -> int:
        return len(self.decisions)

    def those(self, chosen: np.ndarray) -> _Rows:
        return _Rows(self.view[chosen], self.probability[chosen], self.decisions[chosen])


@dataclass(frozen=True)
class Records(Mechanism):
    """A condition of which only recorded decisions are known."""

    batch: Transitions
    strangers: bool = False  # whether an agent may have met none of these patients

    def __post_init__(self) -> None:
        """Take over names from the records and, if there is one, from the mechanism."""
        real = self.batch.mechanism
        object.__setattr__(self, "actions", self.batch.actions)
        object.__setattr__(self, "observation_names", self.batch.columns)
        object.__setattr__(self, "guidelines", {} if real is None else real.guidelines)

    @property
    def condition(self) -> str:
        return self.batch.condition

    def observe(self, state: Any) -> np.ndarray:
        return state.view

    def clinician(self, state: Any) -> np.ndarray:
        if not np.isfinite(state.probability).all():
            raise ArgumentError(
                "This policy leans on the clinicians' probabilities, which nobody recorded here. "
                'Take hg.rl.transitions(cohort, behaviour="estimated").'
            )
        return state.probability

    def admissible(self, state: Any) -> np.ndarray:
        raise ArgumentError(
            "Records do not tell among which actions chance would have chosen: the policy 'random' "
            "has a true value (hg.policy_value) but no estimate from records."
        )

    def follow_guideline(self, observations: np.ndarray, name: str = "protocol") -> np.ndarray:
        if self.batch.mechanism is None:
            raise ArgumentError(
                f"The guideline of {self.condition} looks at more than a file alone tells. "
                "Evaluate a policy of your own, or the records of a simulated cohort."
            )
        return self.batch.mechanism.follow_guideline(observations, name)

    def named(self, policy: str) -> Callable[[Any], np.ndarray] | None:
        finer = isinstance(self.batch.mechanism, Grouped)
        if finer and policy in ("protocol", "none", *self.guidelines):
            raise ArgumentError(
                f"{policy!r} chooses among finer actions than these {len(self.actions)} classes. "
                "Evaluate it on the records of a cohort that was loaded without `actions`."
            )
        return None


def probabilities(
    batch: Transitions, policy: Policy | np.ndarray, strangers: bool = False
) -> np.ndarray:
    """Return with which probability a policy would have taken each action.

    Parameters
    ----------
    batch : Transitions
    policy : policy or ndarray, shape (n, a)
        As `healthgym_edu.simulate` takes them, but for ``"random"``; or the probabilities.
    strangers : bool
        Whether to refuse an agent, alone or within a policy, that learned from these patients.

    Returns
    -------
    ndarray, shape (n, a)

    Raises
    ------
    ArgumentError
        A policy that cannot be known from these records, an agent of another condition or set of
        actions, or what are no probabilities.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("sepsis", n_patients=50))
    >>> careful = hg.rl.probabilities(batch, hg.mix("clinician", "protocol", 0.1))
    >>> careful.shape == batch.behaviour_probability.shape
    True
    """
    if isinstance(policy, np.ndarray):
        check_probabilities("The policy", policy, len(batch), len(batch.actions))
        return policy.astype(float)
    rows = _Rows(batch.view, batch.behaviour_probability, batch.index)
    chosen = resolve_policy(Records(batch, strangers), policy)(rows)
    check_probabilities("The policy", chosen, len(batch), len(batch.actions))
    return chosen
