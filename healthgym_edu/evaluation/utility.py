"""Is a synthetic cohort good for anything? What is made on it is tried on real people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .. import metrics
from ..data import Cohort
from ..data.columns import comparable
from ..engine import check_seed
from ..errors import ArgumentError, require_whole
from ..tasks import Task, baseline, task

COLUMNS = ["question", "metric", "group", "real", "synthetic", "difference", "lower", "upper",
           "truth", "people"]  # fmt: skip
FEWEST = 10  # people with the outcome, and without, from whom a model may learn
JUDGED = 5  # of a group, with the outcome and without, for an AUROC of its own

Effect = Callable[[Cohort], Any]
"""From a cohort to an estimate, or to (estimate, lower, upper)."""


def utility(
    train: Cohort,
    synthetic: Cohort,
    holdout: Cohort,
    question: Task | str | None = None,
    *,
    effects: Mapping[str, Effect] | None = None,
    truths: Mapping[str, float] | None = None,
    agents: tuple[Any, Any] | None = None,
    replicates: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare what is learned on synthetic people with what is learned on real ones.

    Parameters
    ----------
    train : Cohort
        Real people: whom the generator learned from.
    synthetic : Cohort
    holdout : Cohort
        Real people whom neither has met: both models are tried on them.
    question : Task or str, optional
        A prediction task of the condition, such as ``"death in the stay"``; the first one, if not
        given.
    effects : mapping, optional
        Name to a function of a cohort that returns an estimate, or estimate, lower and upper: a
        difference of restricted means, a coefficient.
    truths : mapping, optional
        Name of an effect to what is true, where the simulator knows it.
    agents : (policy, policy), optional
        Learned on real and on synthetic people: how often they agree on the holdout's decisions,
        and their true values.
    replicates, seed : int
        Bootstrap by patient of the holdout; 0 for no intervals. Nothing is fitted anew.

    Returns
    -------
    DataFrame
        ``question, metric, group, real, synthetic, difference`` (synthetic minus real), ``lower``
        and ``upper`` of the difference, ``truth`` and ``people``. The AUROC of each group with
        enough people has a row, and the worst group is named as such.

    Raises
    ------
    ArgumentError
        Another condition, a task that it does not have, too few people with or without the
        outcome, an effect that returns no number.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train, holdout = hg.load_cohort("sepsis", n_patients=600).split(0.5)
    >>> table = hg.evaluation.utility(train, train.fresh(seed=8), holdout, replicates=0)
    >>> bool(abs(table["difference"].iloc[0]) < 0.2)
    True
    """
    require_whole("replicates", replicates, 0)
    check_seed(seed)
    comparable(train, synthetic)
    comparable(train, holdout)
    if not isinstance(question, Task):
        question = task(train.condition, question)
    rows = _prediction(question, train, synthetic, holdout, replicates, seed)
    for name, effect in (effects or {}).items():
        rows.append(_effect(name, effect, train, synthetic, (truths or {}).get(name)))
    if agents is not None:
        rows += _agents(agents, holdout, seed)
    return pd.DataFrame(rows, columns=COLUMNS)


def _prediction(
    question: Task, train: Cohort, synthetic: Cohort, holdout: Cohort, replicates: int, seed: int
) -> list[tuple]:
    scores = [_scores(question, cohort, holdout) for cohort in (train, synthetic)]
    label = question.label(holdout).to_numpy(dtype=int)

    def both(chosen: np.ndarray, weights: np.ndarray) -> list[float]:
        return [metrics.auroc(label[chosen], one[chosen], weights[chosen]) for one in scores]

    parts: dict[str, np.ndarray] = {"everybody": np.ones(len(label), dtype=bool)}
    for name in question.groups:
        values = question.group(holdout, name).to_numpy()
        parts |= {f"{name}: {value}": values == value for value in np.unique(values)}
    parts = {
        group: chosen
        for group, chosen in parts.items()
        if min(label[chosen].sum(), (1 - label[chosen]).sum()) >= JUDGED
    }

    def gaps(weights: np.ndarray, _: np.ndarray) -> np.ndarray:
        found = [both(chosen, weights) for chosen in parts.values()]
        return np.array([synthetic - real for real, synthetic in found])

    low = high = np.full(len(parts), np.nan)
    if replicates:
        low, high = metrics.intervals(gaps, (len(label), 1), replicates, seed)
    rows = []
    for (group, chosen), a, b in zip(parts.items(), low, high, strict=True):
        real, made = both(chosen, np.ones(len(label)))
        told = (question.name, "AUROC on real people", group, real, made, made - real)
        rows.append((*told, float(a), float(b), np.nan, int(chosen.sum())))
    if len(rows) > 1:
        worst = min(rows[1:], key=lambda row: row[5])
        rows.append((worst[0], "AUROC, worst group", *worst[2:]))
    return rows


def _scores(question: Task, learn: Cohort, judged: Cohort) -> np.ndarray:
    label = question.label(learn).to_numpy(dtype=int)
    if min(label.sum(), (1 - label).sum()) < FEWEST:
        raise ArgumentError(
            f"{question.words} It happens to {label.sum():,} of {len(label):,} in {learn.source}; "
            f"a model learns from {FEWEST} with it and {FEWEST} without, or more."
        )
    known, asked = question.features(learn), question.features(judged)
    model = baseline().fit(known.to_numpy(), label)  # type: ignore[attr-defined]
    found: np.ndarray = model.decision_function(asked.reindex(columns=known.columns).to_numpy())
    return found


def _effect(
    name: str, effect: Effect, train: Cohort, synthetic: Cohort, truth: float | None
) -> tuple:
    real, made = (_estimates(name, effect(cohort)) for cohort in (train, synthetic))
    return (
        name, "effect", "everybody", real[0], made[0], made[0] - real[0],
        made[1] - real[0], made[2] - real[0],
        np.nan if truth is None else float(truth), len(synthetic),
    )  # fmt: skip


def _estimates(name: str, found: Any) -> tuple[float, float, float]:
    try:
        values = np.atleast_1d(np.asarray(found, dtype=float))
    except (TypeError, ValueError):
        values = np.full(1, np.nan)  # words, or nothing: refused below
    if values.shape not in ((1,), (3,)) or not np.isfinite(values[0]):
        raise ArgumentError(
            f"The effect {name!r} returned {found!r}; it must return one finite number, or "
            "estimate, lower and upper."
        )
    return tuple(map(float, values)) if len(values) == 3 else (float(values[0]), np.nan, np.nan)  # type: ignore[return-value]


def _agents(agents: tuple[Any, Any], holdout: Cohort, seed: int) -> list[tuple]:
    """True values of two policies, and how often functions of what was seen agree."""
    from ..data import policy_value

    values = [policy_value(holdout.condition, agent, seed=seed) for agent in agents]
    gap = values[1].minus(values[0])
    half = 1.96 * gap.standard_error
    rows = [
        (
            "agents", "true value", "everybody", values[0].value, values[1].value, gap.value,
            gap.value - half, gap.value + half, np.nan, len(holdout),
        )
    ]  # fmt: skip
    if holdout.seen is not None and all(callable(agent) for agent in agents):
        schema, seen = holdout.schema, holdout.seen
        decided = seen[seen[schema.id].duplicated(keep="last")]  # the last row ends the record
        observations = decided.drop(columns=[schema.id, schema.step]).to_numpy(np.float32)
        choices = [np.asarray(agent(observations)).argmax(axis=1) for agent in agents]
        same = float((choices[0] == choices[1]).mean())
        none = (np.nan, np.nan, np.nan)
        rows.append(
            ("agents", "same decision on the holdout", "everybody", 1.0, same, same - 1.0, *none,
             len(holdout))
        )  # fmt: skip
    return rows
