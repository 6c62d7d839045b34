"""Cohorts that are simulated here: the teaching cohort, other policies, counterfactual twins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from ..conditions import get_mechanism
from ..engine import (
    ComposedPolicy,
    Mechanism,
    Policy,
    PolicyValue,
    said,
    simulate_tables,
    true_value,
    with_actions,
)
from ..errors import ArgumentError
from .cohort import Cohort

__all__ = ["policy_value", "simulate", "mechanism_with", "teaching_cohort", "twins"]


@dataclass(frozen=True)
class Recipe:
    """How a cohort is simulated: called with a number of patients and a seed, it makes one."""

    mechanism: Mechanism
    policy: Policy
    reward: str
    source: str

    def __call__(self, n_patients: int, seed: int) -> Cohort:
        """Simulate so many patients."""
        schema = self.mechanism.schema
        tables = simulate_tables(self.mechanism, n_patients, self.policy, seed, self.reward)
        # rounded, so that a saved cohort loads as it was
        frame = tables.frame.round({v.name: v.decimals for v in schema if v.decimals is not None})
        made = tables.decisions, tables.seen, int(seed), self
        return Cohort(frame, tables.patients, schema, self.source, *made)


def teaching_cohort(
    condition: str,
    n_patients: int | None = None,
    seed: int = 0,
    reward: str = "course",
    **options: Any,
) -> Cohort:
    """Simulate the patients of a condition as its clinicians treat them; see `simulate`."""
    return _cohort(condition, n_patients, "clinician", seed, reward, "teaching", options)


def simulate(
    condition: str,
    n_patients: int | None = None,
    policy: Policy = "clinician",
    seed: int = 0,
    reward: str = "course",
    **options: Any,
) -> Cohort:
    """Simulate the patients of a condition under any policy.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    n_patients : int, optional
        As many as the published cohort has, if not given; more never change the first ones.
    policy : str or callable
        ``"clinician"``, ``"random"`` (among what a clinician might do), ``"protocol"`` (a
        guideline), of sepsis ``"high target"`` (which steps outside of what clinicians might do),
        ``"none"``, the label of one action, a function from observations, shape
        (k, n_features), to action probabilities, shape (k, n_actions), or what `mix`, `first` and
        `remap` make of others.
    seed : int
        The same seed makes the same patients, whatever the policy.
    reward : str
        What ``decisions`` record: ``"course"``, in which treating well pays, or ``"published"``;
        sepsis also ``"shaped"``.
    **options
        How they are simulated: the fields of the condition's mechanism, such as
        ``confounded=True`` or ``"strong"``; of sepsis and hypotension ``carried=False``; of ART
        ``naive=True``, ``entry=(2014, 2016)``, ``closing=2018.0``. And ``actions``: another set
        of actions to choose from, of sepsis ``"relative"``, of ART ``"published"``, whose members
        are then drawn as clinicians would. ``source`` says so where they are not the defaults.

    Returns
    -------
    Cohort
        With ``decisions``, their probabilities and rewards, and ``seen``.

    Raises
    ------
    ArgumentError
        Unknown condition, policy or option, or a number of patients, a seed or an option's value
        that cannot be used.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> untreated = hg.simulate("art_hiv", 50, "none")
    >>> untreated.decisions["action"].unique().tolist()
    ['No treatment']
    """
    if isinstance(policy, str) and policy not in get_mechanism(condition).policies:
        words = f"always {policy}"
    else:
        words = f"{policy} policy" if isinstance(policy, str) else said(policy)
    return _cohort(condition, n_patients, policy, seed, reward, f"simulated, {words}", options)


def twins(
    condition: str,
    policies: Iterable[Policy] | Mapping[str, Policy],
    n_patients: int | None = None,
    seed: int = 0,
    **options: Any,
) -> dict[str, Cohort]:
    """Simulate the same patients once under each of several policies.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    policies : list or dict
        Policies as `simulate` takes them; a dict gives each a name of its own, which a function
        needs.
    n_patients, seed, **options
        As for `simulate`.

    Returns
    -------
    dict of str to Cohort
        Patient 7 of one cohort is patient 7 of the others, met by the same chance events.

    Raises
    ------
    ArgumentError
        No policy, the same one twice, a nameless function, or what `simulate` refuses.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> pair = hg.twins("hypotension", ["clinician", "none"], n_patients=300)
    >>> died = {name: int(cohort.patients["Died"].sum()) for name, cohort in pair.items()}
    >>> died["none"] > died["clinician"]
    True
    """
    named = _named(policies)
    return {
        name: simulate(condition, n_patients, policy, seed, **options)
        for name, policy in named.items()
    }


def policy_value(
    condition: str,
    policy: Policy,
    n_patients: int = 100_000,
    seed: int = 0,
    discount: float = 1.0,
    reward: str = "course",
    discount_per: str = "row",
    **options: Any,
) -> PolicyValue:
    """Compute the true value of a policy: the mean return of patients treated by it.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    policy : str or callable
        As for `simulate`.
    n_patients, seed : int
        The same seed makes the same patients, whatever the policy.
    discount : float
        Weight of a step (a month of ART) relative to the one before it, from 0 to 1.
    reward : str
        ``"course"``, in which treating well pays, or ``"published"``; sepsis also ``"shaped"``.
    discount_per : str
        ``"row"``: of the table, as above; ``"decision"``: as agents do that learn from decisions,
        the weight of what is paid until the next decision relative to the one before it.
    **options
        As for `simulate`.

    Returns
    -------
    PolicyValue
        ``value``, its Monte Carlo ``standard_error``, and the ``returns`` of all patients.
        ``one.minus(other)`` compares two policies patient by patient.

    Raises
    ------
    ArgumentError
        What `simulate` refuses, an unknown reward, or a discount outside 0 to 1.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> guideline = hg.policy_value("sepsis", "protocol", n_patients=1000)
    >>> chance = hg.policy_value("sepsis", "random", n_patients=1000)
    >>> difference = guideline.minus(chance)
    >>> bool(difference.value > 4 * difference.standard_error)
    True
    """
    mechanism = mechanism_with(condition, options)
    return true_value(mechanism, policy, n_patients, seed, discount, reward, discount_per)


def mechanism_with(
    condition: str | Mechanism, options: Mapping[str, Any], others: tuple[str, ...] = ()
) -> Mechanism:
    """Return the mechanism of a condition with some of its fields changed.

    ``others`` are further options of the caller, for the message.

    Raises
    ------
    ArgumentError
        Unknown condition, an option its mechanism does not have, or a value of another type.
    """
    mechanism = condition if isinstance(condition, Mechanism) else get_mechanism(condition)
    condition, options = mechanism.condition, dict(options)
    action_set = options.pop("actions", mechanism.action_set)
    known: dict[str, Any] = {}
    if is_dataclass(mechanism):
        known = {field.name: getattr(mechanism, field.name) for field in fields(mechanism)}
    for name, value in options.items():
        if name not in known:
            words = [
                f"{one} ({_wanted(mechanism, one, default)})" for one, default in known.items()
            ]
            sets = ["actions"] * (len(mechanism.action_sets) > 1 and "actions" not in others)
            listed = ", ".join([*others, *sets, *words]) or "none"
            raise ArgumentError(
                f"There is no argument {name!r}. The options of {condition} are: {listed}."
            )
        kind = type(known[name])
        sound = type(value) is kind or (kind is float and type(value) is int)
        if name in mechanism.choices:  # 1 is equal to True, and not meant
            sound = any(
                type(one) is type(value) and one == value for one in mechanism.choices[name]
            )
        if not sound:
            wanted = _wanted(mechanism, name, known[name])
            raise ArgumentError(f"{name} is {value!r}; for {condition} it must be {wanted}.")
    changed = replace(mechanism, **options) if options else mechanism  # type: ignore[type-var]
    return with_actions(changed, action_set)


def _wanted(mechanism: Mechanism, name: str, default: Any) -> str:
    kind = type(default)
    if name in mechanism.choices:
        return " or ".join(map(repr, mechanism.choices[name]))
    if kind in (tuple, float):
        return f"a {'number' if kind is float else 'tuple'} such as {default}"
    return "True or False" if kind is bool else f"of type {kind.__module__}.{kind.__qualname__}"


def _said(condition: str, options: Mapping[str, Any]) -> str:
    """Say which options are not the defaults, as the end of a cohort's source."""
    usual = get_mechanism(condition)
    usual_set = {"actions": usual.action_set}
    changed = {
        name: value
        for name, value in options.items()
        if value != usual_set.get(name, getattr(usual, name))
    }

    def words(name: str, value: Any) -> str:
        if isinstance(value, bool):
            return name if value else f"not {name}"
        if isinstance(value, (tuple, int, float)):
            return f"{name} {value}"
        if name == "actions":
            return f"{value} {name}"
        return f"{name} ({value})" if isinstance(value, str) else f"other {name}"

    return "".join(f", {words(name, value)}" for name, value in changed.items())


def _cohort(
    condition: str,
    n_patients: int | None,
    policy: Policy,
    seed: int,
    reward: str,
    source: str,
    options: Mapping[str, Any],
) -> Cohort:
    mechanism = mechanism_with(condition, options)
    n_patients = mechanism.published_patients if n_patients is None else n_patients
    recipe = Recipe(mechanism, policy, reward, source + _said(condition, options))
    return recipe(n_patients, seed)


def _named(
    policies: Iterable[Policy] | Mapping[str, Policy],
) -> dict[str, Policy]:
    """Return policies by name."""
    if isinstance(policies, (str, ComposedPolicy)) or callable(policies):
        raise ArgumentError(
            f"policies is one policy, {policies!r}. Give a list of them, such as "
            "['clinician', 'random']; for one alone there is simulate()."
        )
    if isinstance(policies, Mapping):
        named = {str(name): policy for name, policy in policies.items()}
    else:
        policies = list(policies)
        named = {policy: policy for policy in policies if isinstance(policy, str)}
    if not named or len(named) < len(policies):
        raise ArgumentError(
            f"policies is {policies!r}. Give at least one, each once, such as ['clinician']; a "
            "function, or what mix(), first() and remap() make, needs a name: {'mine': function}."
        )
    return named
