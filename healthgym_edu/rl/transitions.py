"""From the records of a cohort to what agents learn from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..conditions import get_mechanism
from ..data import Cohort
from ..engine import check_followed, check_reward
from ..errors import ArgumentError, require_known
from .batch import Transitions
from .behaviour import behaviour_policy


def transitions(
    cohort: Cohort,
    reward: str = "course",
    actions: str | None = None,
    features: str | Iterable[str] | None = None,
    behaviour: str = "recorded",
) -> Transitions:
    """Return the decisions of a cohort as arrays that agents learn from.

    Parameters
    ----------
    cohort : Cohort
        With ``decisions`` and ``seen``: simulated, or what `seen_from` makes of a table.
    reward : str
        What is paid: one of the condition's rewards.
    actions : str, optional
        The cohort's set of actions, if you want to be sure of it.
    features : "few" or list of str, optional
        Some of the columns of ``cohort.seen``; all of them, in the order of the environment, if
        not given.  ``"few"``: those that serve agents better than all, where the condition names
        some (of sepsis twelve of 49).
    behaviour : str
        ``"recorded"``: the probabilities with which actions were drawn; ``"estimated"`` from the
        records, held-out patient by held-out patient, as `behaviour_policy` does; ``"unknown"``:
        none, which is enough to learn from and too little to evaluate.

    Returns
    -------
    Transitions

    Raises
    ------
    ArgumentError
        A cohort without what was seen, or whose tables were changed so that they no longer fit;
        a reward, a set of actions or a feature that it does not have; a feature that tells the
        future.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=100))
    >>> batch.observation.shape == (len(batch), 22), batch.behaviour_probability.shape[1]
    (True, 16)
    """
    require_known("behaviour", behaviour, ("recorded", "estimated", "unknown"))
    if cohort.decisions is None or cohort.seen is None:
        raise ArgumentError(
            f"Nobody recorded in {cohort.source} what was seen and decided, and its frame is "
            "carried back from the future. hg.rl.seen_from(cohort) keeps what it honestly tells."
        )
    mechanism = getattr(cohort.recipe, "mechanism", None)
    if mechanism is not None:
        check_followed(mechanism, "Learning from decisions")
        check_reward(mechanism, reward)
    decisions, seen = cohort.decisions, cohort.seen
    who, when = cohort.schema.id, cohort.schema.step
    columns = tuple(name for name in seen.columns if name not in (who, when))
    features = _features(cohort, columns, features)
    labels = cohort.actions
    _check_actions(cohort, labels, actions)

    end = _ends(cohort, decisions, seen)
    view = seen[list(columns)].to_numpy(dtype=float)
    then = view[1:][~end[:-1]] if len(view) > 1 else view[:0]
    over = end[1:][~end[:-1]]
    paid = _paid(cohort, reward)
    if not np.isfinite(paid).all():
        row = int(np.flatnonzero(~np.isfinite(paid))[0])
        raise ArgumentError(
            f"The reward of row {row} of cohort.decisions is {paid[row]}; every decision needs a "
            "number. Mend it, or leave out the patient with cohort.subset()."
        )
    if not np.isfinite(view).all():
        row, column = np.argwhere(~np.isfinite(view))[0]
        raise ArgumentError(
            f"Column {columns[column]!r} of row {row} of cohort.seen is no number. Fill it with "
            "what a clinician would assume, or leave out the patient with cohort.subset()."
        )
    action = decisions["action"].cat.codes.to_numpy().astype(np.int64)
    if (action < 0).any():
        row = int(np.flatnonzero(action < 0)[0])
        raise ArgumentError(f"Row {row} of cohort.decisions has no action among cohort.actions.")
    recorded = set(labels) <= set(decisions.columns)
    if recorded:
        probability = decisions[list(labels)].to_numpy(dtype=float)
        admissible = probability > 0
    else:
        probability = np.full((len(action), len(labels)), np.nan)
        admissible = np.broadcast_to(np.isin(np.arange(len(labels)), action), probability.shape)
    if behaviour == "recorded" and not recorded:
        raise ArgumentError(
            f"Nobody recorded with which probability treatments were chosen in {cohort.source}. "
            'Pass behaviour="estimated", or "unknown" if you only want to learn from them.'
        )
    keep = [columns.index(name) for name in features]
    batch = Transitions(
        condition=cohort.condition, actions=labels, features=features, columns=columns,
        reward_name=reward, behaviour="recorded" if recorded else "unknown",
        patient=decisions[who].to_numpy(), step=decisions[when].to_numpy(),
        observation=view[~end][:, keep], action=action, reward=paid,
        next_observation=then[:, keep], terminated=over, behaviour_probability=probability,
        admissible=admissible, view=view[~end], mechanism=mechanism,
        origin=f"{cohort.source}, seed {cohort.seed}",
    )  # fmt: skip
    if behaviour == "estimated":
        return behaviour_policy(batch).applied(batch)
    if behaviour == "unknown":
        return batch.with_behaviour(np.full_like(batch.behaviour_probability, np.nan), behaviour)
    return batch


def _features(
    cohort: Cohort, columns: tuple[str, ...], features: str | Iterable[str] | None
) -> tuple[str, ...]:
    """Return the features in the order of the columns; refuse what tells the future."""
    if features == "few":
        features = get_mechanism(cohort.condition).few or None
    if features is None:
        return columns
    wanted = [features] if isinstance(features, str) else list(features)
    for name in wanted:
        elsewhere = name in cohort.frame.columns or name in cohort.patients.columns
        if name not in columns and elsewhere:
            raise ArgumentError(
                f"{name!r} is no feature: it stands in the table but was not in view at the "
                "decision, so it may tell the future (tables are carried back, outcomes are known "
                f"at the end). Choose among cohort.seen: {', '.join(columns)}."
            )
        require_known("feature", name, columns, f" of {cohort.condition}")
    if not wanted or len(set(wanted)) < len(wanted):
        raise ArgumentError("features needs at least one column, each only once.")
    return tuple(name for name in columns if name in wanted)


def _check_actions(cohort: Cohort, labels: tuple[str, ...], actions: str | None) -> None:
    if actions is None:
        return
    sets = get_mechanism(cohort.condition).action_sets
    require_known("action set", actions, sets, f" for {cohort.condition}")
    if tuple(sets[actions]) != tuple(labels):
        raise ArgumentError(
            f"The decisions of this cohort are not of the action set {actions!r}. Simulate it so: "
            f"hg.load_cohort({cohort.condition!r}, actions={actions!r})."
        )


def _ends(cohort: Cohort, decisions: pd.DataFrame, seen: pd.DataFrame) -> np.ndarray:
    """Return which rows of `seen` are the last of their patient, having checked that all fits."""
    who, when = cohort.schema.id, cohort.schema.step
    for name, table in (("decisions", decisions), ("seen", seen)):
        patient, step = table[who].to_numpy(), table[when].to_numpy()
        later = (patient[1:] > patient[:-1]) | (patient[1:] == patient[:-1]) & (
            step[1:] > step[:-1]
        )
        if not later.all():
            row = int(np.flatnonzero(~later)[0]) + 1
            raise ArgumentError(
                f"cohort.{name} is not sorted by {who} and {when}: row {row} comes too early. Sort "
                f"it with sort_values([{who!r}, {when!r}]), or load the cohort again."
            )
    patient = seen[who].to_numpy()
    end = np.append(patient[1:] != patient[:-1], True)
    fits = (~end).sum() == len(decisions) and all(
        np.array_equal(seen[name].to_numpy()[~end], decisions[name].to_numpy())
        for name in (who, when)
    )
    if not fits:
        raise ArgumentError(
            "cohort.decisions and cohort.seen do not belong to the same decisions: seen has one "
            "row more per patient. Choose patients with cohort.subset(), not rows of the tables."
        )
    return end


def _paid(cohort: Cohort, reward: str) -> np.ndarray:
    """Return the reward of every decision; of another reward by simulating the same people."""
    recipe: Any = cohort.recipe
    assert cohort.decisions is not None  # it was checked
    told = cohort.decisions.attrs.get("reward")
    if recipe is None and told not in (None, reward):
        raise ArgumentError(
            f"These decisions are paid by the {told} reward. Pass reward={told!r}, or make them "
            f"again: hg.rl.seen_from(cohort, reward={reward!r})."
        )
    if recipe is None or recipe.reward == reward:
        return cohort.decisions["reward"].to_numpy(dtype=float)
    again = replace(recipe, reward=reward)(int(cohort.patients.index.max()) + 1, cohort.seed)
    again = again.subset(cohort.patients.index).decisions
    if not again["action"].equals(cohort.decisions["action"]):
        raise ArgumentError(
            f"The decisions of this cohort were changed, so nobody knows their {reward} reward. "
            f"Load it with reward={reward!r} instead."
        )
    return again["reward"].to_numpy(dtype=float)
