"""Cohorts that are simulated here: the teaching cohort, other policies, counterfactual twins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..conditions import get_mechanism
from ..engine import Mechanism, Policy, PolicyValue, simulate_tables, true_value
from ..errors import ArgumentError
from .cohort import Cohort

__all__ = ["policy_value", "simulate", "mechanism_with", "teaching_cohort", "twins"]


def teaching_cohort(
    condition: str, n_patients: int | None = None, seed: int = 0, **options: Any
) -> Cohort:
    """Simulate the patients of a condition as its clinicians treat them; see `simulate`."""
    return _cohort(condition, n_patients, "clinician", seed, "teaching", options)


def simulate(
    condition: str,
    n_patients: int | None = None,
    policy: Policy = "clinician",
    seed: int = 0,
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
        guideline), ``"none"``, the label of one action, or a function from observations, shape
        (k, n_features), to action probabilities, shape (k, n_actions).
    seed : int
        The same seed makes the same patients, whatever the policy.
    **options
        How they are simulated: the fields of the condition's mechanism, such as ``carried=False``
        or ``confounded=True`` of hypotension. ``source`` says so where they are not the defaults.

    Returns
    -------
    Cohort
        With ``decisions``: the probability of every action at every decision.

    Raises
    ------
    ArgumentError
        Unknown condition, policy or option, or a number of patients, a seed or an option's value
        that cannot be used.
    """
    said = f"always {policy}" if isinstance(policy, str) else "a policy of your own"
    if isinstance(policy, str) and policy in ("clinician", "random", "protocol", "none"):
        said = f"{policy} policy"
    return _cohort(condition, n_patients, policy, seed, f"simulated, {said}", options)


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
    **options
        As for `simulate`.

    Returns
    -------
    PolicyValue
        ``value``, its Monte Carlo ``standard_error``, and the ``returns`` of all patients.

    Raises
    ------
    ArgumentError
        What `simulate` refuses, an unknown reward, or a discount outside 0 to 1.
    """
    mechanism = mechanism_with(condition, options)
    return true_value(mechanism, policy, n_patients, seed, discount, reward)


def mechanism_with(condition: str, options: Mapping[str, Any]) -> Mechanism:
    """Return the mechanism of a condition with some of its fields changed.

    Raises
    ------
    ArgumentError
        Unknown condition, an option its mechanism does not have, or a value of another type.
    """
    mechanism = get_mechanism(condition)
    known = {}
    if is_dataclass(mechanism):
        known = {field.name: getattr(mechanism, field.name) for field in fields(mechanism)}
    for name, value in options.items():
        if name not in known:
            raise ArgumentError(
                f"There is no argument {name!r}. The options of simulated {condition} are: "
                + ", ".join(f"{one} ({_wanted(default)})" for one, default in known.items())
                + "."
            )
        if type(value) is not type(known[name]):
            raise ArgumentError(
                f"{name} is {value!r}; for {condition} it must be {_wanted(known[name])}."
            )
    return replace(mechanism, **options) if options else mechanism


def _wanted(default: Any) -> str:
    kind = type(default)
    return "True or False" if kind is bool else f"of type {kind.__module__}.{kind.__qualname__}"


def _said(condition: str, options: Mapping[str, Any]) -> str:
    """Say which options are not the defaults, as the end of a cohort's source."""
    usual = get_mechanism(condition)
    changed = {name: value for name, value in options.items() if value != getattr(usual, name)}
    prefix = {True: "", False: "not "}
    return "".join(
        f", {prefix[value] if isinstance(value, bool) else 'other '}{name}"
        for name, value in changed.items()
    )


def _cohort(
    condition: str,
    n_patients: int | None,
    policy: Policy,
    seed: int,
    source: str,
    options: Mapping[str, Any],
) -> Cohort:
    mechanism = mechanism_with(condition, options)
    n_patients = mechanism.published_patients if n_patients is None else n_patients
    source += _said(condition, options)
    tables = simulate_tables(mechanism, n_patients, policy, seed)
    # rounded, so that a saved cohort loads as it was
    decimals = {v.name: v.decimals for v in mechanism.schema if v.decimals is not None}
    frame = tables.frame.round(decimals)
    return Cohort(frame, tables.patients, mechanism.schema, source, tables.decisions, int(seed))


def _named(
    policies: Iterable[Policy] | Mapping[str, Policy],
) -> dict[str, Policy]:
    """Return policies by name."""
    if isinstance(policies, str) or callable(policies):
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
            "function needs a name: {'my policy': function}."
        )
    return named
