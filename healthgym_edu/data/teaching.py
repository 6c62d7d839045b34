"""Cohorts that are simulated here: the teaching cohort, other policies, counterfactual twins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from .. import simulator as engine
from ..conditions import Condition, get_condition
from ..errors import ArgumentError
from ..schema import Schema
from .cohort import Cohort

__all__ = ["simulate", "teaching_cohort", "twins"]


def teaching_cohort(condition: str, n_patients: int | None = None, seed: int = 0) -> Cohort:
    """Simulate the patients of a condition as its clinicians treat them.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    n_patients : int, optional
        As many as the published cohort has, if not given.
    seed : int
        The same seed makes the same patients; more patients never change the first ones.
    """
    chosen = get_condition(condition)
    return _cohort(chosen, n_patients, "clinician", seed, source="teaching")


def simulate(
    condition: str,
    n_patients: int | None = None,
    policy: engine.Policy = "clinician",
    seed: int = 0,
) -> Cohort:
    """Simulate the patients of a condition under any policy.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    n_patients : int, optional
        As many as the published cohort has, if not given.
    policy : str or callable
        ``"clinician"``, ``"random"``, the label of one action, or a function from observations,
        shape (k, n_features), to action probabilities, shape (k, n_actions).
    seed : int
        The same seed makes the same patients, whatever the policy.

    Returns
    -------
    Cohort
        With ``decisions``: the probability of every action at every decision.

    Raises
    ------
    ArgumentError
        Unknown condition or policy, or a number of patients or seed that cannot be used.
    """
    chosen = get_condition(condition)
    return _cohort(chosen, n_patients, policy, seed, source=f"simulated, {_words(policy)}")


def twins(
    condition: str,
    policies: Iterable[engine.Policy] | Mapping[str, engine.Policy],
    n_patients: int | None = None,
    seed: int = 0,
) -> dict[str, Cohort]:
    """Simulate the same patients once under each of several policies.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    policies : list or dict
        Policies as `simulate` takes them; a dict gives each a name of its own, which a function
        needs.
    n_patients, seed : int
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
    return {name: simulate(condition, n_patients, policy, seed) for name, policy in named.items()}


def _cohort(
    condition: Condition, n_patients: int | None, policy: engine.Policy, seed: int, source: str
) -> Cohort:
    n_patients = condition.default_patients if n_patients is None else n_patients
    result = engine.simulate(condition.simulator, n_patients, policy, seed)
    frame = _rounded(result.frame, condition.schema)
    return Cohort(frame, result.patients, condition.schema, source, result.decisions, int(seed))


def _rounded(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Give measurements the decimals of the schema, so that a saved cohort loads as it was."""
    columns = {
        name: np.round(frame[name].to_numpy(dtype=float), schema[name].decimals)
        for name in schema.numeric
        if schema[name].decimals is not None
    }
    return frame.assign(**columns)


def _named(
    policies: Iterable[engine.Policy] | Mapping[str, engine.Policy],
) -> dict[str, engine.Policy]:
    """Return policies by name."""
    if isinstance(policies, str) or callable(policies):
        raise ArgumentError(
            f"policies is one policy, {policies!r}. Give a list of them, such as "
            f"['clinician', 'random']; for one alone there is simulate()."
        )
    if isinstance(policies, Mapping):
        named = {str(name): policy for name, policy in policies.items()}
    else:
        policies = list(policies)
        nameless = [policy for policy in policies if not isinstance(policy, str)]
        if nameless:
            raise ArgumentError(
                f"The policy {nameless[0]!r} has no name. Give a dict: {{'my policy': function}}."
            )
        named = {policy: policy for policy in policies}
        if len(named) < len(policies):
            raise ArgumentError(f"A policy appears twice in {policies!r}. Name each once.")
    if not named:
        raise ArgumentError("policies is empty. Give at least one, such as ['clinician'].")
    return named


def _words(policy: engine.Policy) -> str:
    """Describe a policy for the cohort's source."""
    if policy == "clinician":
        return "clinician policy"
    if policy == "random":
        return "actions at random"
    return f"always {policy}" if isinstance(policy, str) else "a policy of your own"
