"""Policies made of other policies: mixed, sharpened, kept within what clinicians do, and others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from ..errors import ArgumentError, require_known
from .mechanism import Mechanism
from .policies import Chooser, ComposedPolicy, Policy, resolve_policy


def mix(one: Policy, other: Policy, share: float) -> ComposedPolicy:
    """Return the policy that follows ``other`` in a share of decisions, and ``one`` in the rest.

    Parameters
    ----------
    one, other : policy
        As `healthgym_edu.simulate` takes them.
    share : float
        Of ``other``, from 0 to 1, drawn anew at every decision.

    Raises
    ------
    ArgumentError
        If the share is no number from 0 to 1.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> careful = hg.mix("clinician", "protocol", 0.2)
    >>> round(hg.policy_value("sepsis", careful, 100).value, 2) < 0
    True
    """
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= share <= 1:
        raise ArgumentError(f"share is {share!r}; it must be a number from 0 to 1.")
    return _Mixed(one, other, float(share))


def first(
    actions: str | Iterable[str] | Callable[[str], bool], then: Policy = "clinician"
) -> ComposedPolicy:
    """Return the policy that chooses a first action within a set, and then follows another one.

    The first action is drawn as the clinician would draw it, given that it is one of the set: an
    arm such as "starts dolutegravir" is the mixture of regimens that clinicians start.  Where the
    clinician would choose none of the set, each of its actions is as likely as the others.

    Parameters
    ----------
    actions : str, list of str or callable
        The label of an action, several labels, or a rule that says of a label whether it belongs.
    then : policy
        What chooses from the second decision on.

    Raises
    ------
    ArgumentError
        When it is used: a label that the condition does not have, or a rule that no label meets.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> arm = hg.first(lambda label: "DTG" in label)
    >>> starts = hg.simulate("art_hiv", 50, arm).decisions.groupby("PatientID").first()
    >>> bool(starts["action"].str.contains("DTG").all())
    True
    """
    return _First(
        actions if isinstance(actions, str) or callable(actions) else tuple(actions), then
    )


def remap(policy: Policy, rule: Callable[[str], str] | Mapping[str, str]) -> ComposedPolicy:
    """Return the policy that does something else where another policy would do this.

    Parameters
    ----------
    policy : policy
        As `healthgym_edu.simulate` takes them.
    rule : callable or mapping
        From the label that is chosen to the label that is done; what a mapping does not name stays.

    Raises
    ------
    ArgumentError
        When it is used: a label that the condition does not have.

    Examples
    --------
    The same fluid without any vasopressor:

    >>> import healthgym_edu as hg
    >>> without = hg.remap("clinician", lambda label: label.split(",")[0] + ", vasopressor 0")
    >>> cohort = hg.simulate("sepsis", 50, without)
    >>> float(cohort.frame["MaxVaso"].where(cohort.frame["Timepoints"] > 0).max())
    0.0
    """
    return _Remapped(policy, rule)


def temper(policy: Policy, power: float) -> ComposedPolicy:
    """Return the policy whose probabilities are those of another one to some power.

    Parameters
    ----------
    policy : policy
        As `healthgym_edu.simulate` takes them.
    power : float
        Above 0. Beyond 1 the policy does more often what it does mostly (and in the end only
        that); below 1 it comes closer to chance among what it does at all.

    Raises
    ------
    ArgumentError
        If the power is no number above 0.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> sharper = hg.temper("clinician", 1.5)
    >>> made = hg.simulate("sepsis", 50, sharper).decisions
    >>> float(made[list(made.columns[3:-1])].max(axis=1).mean()) > 0.4
    True
    """
    if isinstance(power, bool) or not isinstance(power, Real) or not 0 < power < np.inf:
        raise ArgumentError(f"power is {power!r}; it must be a number above 0.")
    return _Tempered(policy, float(power))


def within_support(policy: Policy, least: float = 0.0) -> ComposedPolicy:
    """Return the policy that does only what the clinician might do.

    Parameters
    ----------
    policy : policy
        As `healthgym_edu.simulate` takes them.
    least : float
        Actions stay to which the clinician gives a probability above this, from 0 to below 1, and
        always the clinician's commonest one.  What is left of the policy is scaled up; where
        nothing is left, the clinician's own choice among them is taken.

    Raises
    ------
    ArgumentError
        If ``least`` is no number from 0 to below 1.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> careful = hg.within_support("high target", 0.05)
    >>> kept = hg.policy_value("sepsis", careful, 100), hg.policy_value("sepsis", "protocol", 100)
    >>> kept[0].value != kept[1].value
    True
    """
    if isinstance(least, bool) or not isinstance(least, Real) or not 0 <= least < 1:
        raise ArgumentError(f"least is {least!r}; it must be a number from 0 to below 1.")
    return _Within(policy, float(least))


@dataclass(frozen=True)
class _Mixed(ComposedPolicy):
    one: Policy
    other: Policy
    share: float

    def __str__(self) -> str:
        return f"{said(self.one)} and, in {self.share:.0%} of decisions, {said(self.other)}"

    def chooser(self, mechanism: Mechanism) -> Chooser:
        one, other = (resolve_policy(mechanism, policy) for policy in (self.one, self.other))
        share = self.share
        return lambda state: (1 - share) * one(state) + share * other(state)


@dataclass(frozen=True)
class _First(ComposedPolicy):
    actions: str | tuple[str, ...] | Callable[[str], bool]
    then: Policy

    def __str__(self) -> str:
        actions = self.actions
        named = "some actions" if callable(actions) else "/".join(np.atleast_1d(actions))
        return f"first {named}, then {said(self.then)}"

    def chooser(self, mechanism: Mechanism) -> Chooser:
        inside, then = self._inside(mechanism), resolve_policy(mechanism, self.then)

        def choose(state: Any) -> np.ndarray:
            opening = state.decisions == 0
            if not opening.any():
                return then(state)
            started = mechanism.clinician(state.those(opening)) * inside
            total = started.sum(axis=1, keepdims=True)
            even = inside / inside.sum()
            started = np.where(total > 0, started / np.where(total > 0, total, 1.0), even)
            if opening.all():
                return started
            probability = np.empty((len(state), len(inside)))
            probability[opening], probability[~opening] = started, then(state.those(~opening))
            return probability

        return choose

    def _inside(self, mechanism: Mechanism) -> np.ndarray:
        """Whether each action belongs to the set, shape (n_actions,)."""
        if callable(self.actions):
            inside = np.array([bool(self.actions(label)) for label in mechanism.actions])
            if not inside.any():
                raise ArgumentError(
                    f"No action of {mechanism.condition} meets the rule of first(). The actions "
                    f"are: {', '.join(map(repr, mechanism.actions))}."
                )
            return inside
        wanted = np.atleast_1d(self.actions).tolist()
        if not wanted:
            raise ArgumentError("first() was given no action; name one or more, or give a rule.")
        for label in wanted:
            require_known("action", label, mechanism.actions, f" in {mechanism.condition}")
        return np.isin(mechanism.actions, wanted)


@dataclass(frozen=True)
class _Remapped(ComposedPolicy):
    policy: Policy
    rule: Callable[[str], str] | Mapping[str, str]

    def __str__(self) -> str:
        return f"{said(self.policy)}, with other actions"

    def chooser(self, mechanism: Mechanism) -> Chooser:
        choose, rule, actions = resolve_policy(mechanism, self.policy), self.rule, mechanism.actions
        moved = np.zeros((len(actions), len(actions)))  # from what is chosen to what is done
        for position, label in enumerate(actions):
            target = rule.get(label, label) if isinstance(rule, Mapping) else rule(label)
            require_known("action", target, actions, f" in {mechanism.condition}")
            moved[position, actions.index(target)] = 1.0
        for label in rule if isinstance(rule, Mapping) else ():
            require_known("action", label, actions, f" in {mechanism.condition}")
        return lambda state: choose(state) @ moved


@dataclass(frozen=True)
class _Tempered(ComposedPolicy):
    policy: Policy
    power: float

    def __str__(self) -> str:
        return f"{said(self.policy)} to the power {self.power:g}"

    def chooser(self, mechanism: Mechanism) -> Chooser:
        choose, power = resolve_policy(mechanism, self.policy), self.power

        def tempered(state: Any) -> np.ndarray:
            probability = choose(state)
            relative = probability / probability.max(axis=1, keepdims=True)  # or all would be 0
            weight = relative**power
            return weight / weight.sum(axis=1, keepdims=True)

        return tempered


@dataclass(frozen=True)
class _Within(ComposedPolicy):
    policy: Policy
    least: float

    def __str__(self) -> str:
        return f"{said(self.policy)}, within what clinicians do"

    def chooser(self, mechanism: Mechanism) -> Chooser:
        choose, least = resolve_policy(mechanism, self.policy), self.least

        def within(state: Any) -> np.ndarray:
            usual = mechanism.clinician(state)
            inside = (usual > least) | (usual == usual.max(axis=1, keepdims=True))
            kept = choose(state) * inside
            kept = np.where(kept.sum(axis=1, keepdims=True) > 0, kept, usual * inside)
            return kept / kept.sum(axis=1, keepdims=True)

        return within


def said(policy: Policy) -> str:
    """Say in a few words what a policy is."""
    if isinstance(policy, ComposedPolicy):
        return str(policy)
    return policy if isinstance(policy, str) else "a policy of one's own"
