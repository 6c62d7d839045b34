"""A mechanism whose actions are classes of another one's actions.

Classes may mean other actions in another state: "vasopressor up" does.  The clinician's probability
of a class is the sum over its members; a class is carried out by a member, drawn as the clinician
would draw it, given that it is one of them.  So a class is the clinicians' mixture within it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import require_known
from .mechanism import Classes, Mechanism
from .policies import Chooser, resolve_policy, sample_actions

_HANDED_ON = (
    "exogenous", "start", "measure", "alive", "over", "deciding", "known", "observe", "record",
    "advance", "reward", "finish", "describe", "outcome",
)  # fmt: skip
"""What a grouped mechanism leaves to the finer one."""


@dataclass(frozen=True)
class Grouped(Mechanism):
    """A condition in which one chooses among classes of actions.

    Attributes
    ----------
    finer : Mechanism
        The condition with actions of its own.
    action_set : str
        A name among its ``classes``.
    """

    finer: Mechanism
    action_set: str

    def __post_init__(self) -> None:
        """Take over what the finer mechanism says of its columns."""
        for name in (
            "schema", "observed", "static_noise", "guidelines", "rewards", "never", "few",
            "action_unit", "bedside", "scores", "published_patients", "carried",
        ):  # fmt: skip
            object.__setattr__(self, name, getattr(self.finer, name))
        # drawn last, so that everything else stays as it is
        object.__setattr__(self, "step_noise", {**self.finer.step_noise, "within": "uniform"})
        object.__setattr__(self, "actions", self._classes.labels)

    @property
    def _classes(self) -> Classes:
        return self.finer.classes[self.action_set]

    @property
    def most_decisions(self) -> int:
        return self.finer.most_decisions

    @property
    def censored(self) -> bool:
        return self.finer.censored

    def admissible(self, state: Any) -> np.ndarray:
        return self._summed(state, self.finer.admissible(state)) > 0

    def clinician(self, state: Any) -> np.ndarray:
        return self._summed(state, self.finer.clinician(state))

    def named(self, policy: str) -> Chooser | None:
        """Return a named policy of the finer mechanism, its probabilities summed."""
        if policy not in ("protocol", "none", *self.finer.guidelines):
            return None
        choose = resolve_policy(self.finer, policy)
        return lambda state: self._summed(state, choose(state))

    def act(self, state: Any, action: np.ndarray) -> None:
        """Draw a member of each class, and treat with it.

        Where the clinician would choose no member, all are equally likely; where a class has none,
        ``instead`` says which class is meant.
        """
        member = self._classes.of(state)
        here = (member == action[:, None]).any(axis=1)
        meant = np.where(here, action, np.asarray(self._classes.instead)[action])
        inside = member == meant[:, None]
        weight = self.finer.clinician(state) * inside
        weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, inside)
        self.finer.act(state, sample_actions(weight, state.at("within")))

    def _summed(self, state: Any, values: np.ndarray) -> np.ndarray:
        """Return sums over the members of each class, from shape (n, n_actions), (n, n_classes)."""
        member = self._classes.of(state)
        columns = [np.where(member == k, values, 0).sum(axis=1) for k in range(len(self.actions))]
        return np.column_stack(columns)


def _handing_on(name: str) -> Callable[..., Any]:
    def call(self: Grouped, *arguments: Any) -> Any:
        return getattr(self.finer, name)(*arguments)

    call.__name__, call.__doc__ = name, getattr(Mechanism, name).__doc__
    return call


for _name in _HANDED_ON:
    setattr(Grouped, _name, _handing_on(_name))


def with_actions(mechanism: Mechanism, action_set: str) -> Mechanism:
    """Return the mechanism whose actions are those of an action set.

    Raises
    ------
    ArgumentError
        If it has no action set of that name.
    """
    require_known("action set", action_set, mechanism.action_sets, f" for {mechanism.condition}")
    return Grouped(mechanism, action_set) if action_set in mechanism.classes else mechanism
