"""How probable was the arm that somebody started on? Weights that make arms comparable.

Time zero is the first decision, and the arm is what was started there.  The people are those who
were started on one of the arms, and the answer is about them: the probability of an arm is that
among the arms, given that it was one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..data import Cohort
from ..errors import ArgumentError, require_known
from .shaping import arms_of

SOURCES = ("recorded", "estimated")
FEWEST = 10  # people of an arm from whom a model may learn


def propensity(
    cohort: Cohort,
    arms: Mapping[str, Callable[[str], bool]],
    source: str = "recorded",
    features: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    truncate: float = 0.0,
    folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Find the probability of the arm that each patient was started on, and the weight from it.

    Parameters
    ----------
    cohort : Cohort
        A simulated one: others record neither decisions nor what was seen.
    arms : mapping
        Name to a rule on the label of the first regimen.
    source : str
        ``"recorded"``: the clinician's own probabilities. ``"estimated"``: a logistic model that
        learns from what the clinician saw at the first decision, each patient judged by a model
        that has not met them. Recorded ones know the clinician's plan, which does not concern
        the outcome, and spread wider; estimated ones know only what was seen.
    features : callable, optional
        For estimated ones: from the rows of ``cohort.seen`` at the first decision to columns of
        numbers. All columns that vary, as broken lines, if not given.
    truncate : float
        The least probability that is used: smaller ones are raised to it.
    folds, seed : int
        For estimated ones: into how many parts people are divided, and how.

    Returns
    -------
    DataFrame
        One row per patient started on one of the arms, indexed by patient: ``arm``,
        ``probability`` of that arm, and ``weight``, its reciprocal. ``attrs`` holds the
        ``"effective sample size"`` by arm and how many were ``"truncated"``.

    Raises
    ------
    ArgumentError
        No decisions, an unknown source, an arm that nobody started or too small to learn from, a
        probability of 0.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> art = hg.load_cohort("art_hiv", n_patients=500)
    >>> arms = {"DRV": lambda label: "DRV" in label, "EFV": lambda label: "EFV" in label}
    >>> table = hg.survival.propensity(art, arms)
    >>> bool(table["probability"].between(0, 1).all())
    True
    """
    require_known("source", source, SOURCES, "")
    if not 0 <= truncate < 0.5:
        raise ArgumentError(f"truncate is a probability from 0 to below 0.5; found {truncate!r}.")
    started = arms_of(cohort, arms)
    sizes = started.value_counts()
    lacking = [name for name in arms if name not in sizes]
    if lacking:
        raise ArgumentError(
            f"Nobody was started on {lacking[0]!r}, so it cannot be compared. "
            f"Started: {', '.join(f'{name} {count:,}' for name, count in sizes.items())}."
        )
    if source == "recorded":
        table = _recorded(cohort, arms, started.index)
    else:
        table = _estimated(cohort, started, features, folds, seed)
    own = table.to_numpy()[np.arange(len(table)), table.columns.get_indexer(started)]
    used = np.maximum(own, truncate)
    if (used <= 0).any():
        raise ArgumentError(
            f"{int((own <= 0).sum()):,} patients were started on an arm whose probability is 0. "
            "Give truncate=0.01, say, and say so where you report the result."
        )
    found = pd.DataFrame(
        {"arm": started, "probability": own, "weight": 1 / used}, index=started.index
    )
    by = found.groupby("arm")["weight"]
    found.attrs["effective sample size"] = (
        by.sum() ** 2 / by.apply(lambda w: (w**2).sum())
    ).to_dict()
    found.attrs["truncated"] = int((own < truncate).sum())
    return found


def _recorded(
    cohort: Cohort, arms: Mapping[str, Callable[[str], bool]], people: pd.Index
) -> pd.DataFrame:
    assert cohort.decisions is not None
    firsts = cohort.decisions.groupby(cohort.schema.id, sort=False).first().loc[people]
    labels = list(cohort.actions)
    sums = {
        name: firsts[[label for label in labels if rule(label)]].to_numpy(float).sum(axis=1)
        for name, rule in arms.items()
    }
    table = pd.DataFrame(sums, index=people)
    return table.div(table.sum(axis=1), axis=0)


def _estimated(
    cohort: Cohort,
    started: pd.Series,
    features: Callable[[pd.DataFrame], pd.DataFrame] | None,
    folds: int,
    seed: int,
) -> pd.DataFrame:
    if cohort.seen is None:
        raise ArgumentError(f"Nobody knows what was seen in {cohort.source}.")
    smallest = started.value_counts()
    if smallest.min() < max(FEWEST, folds):
        raise ArgumentError(
            f"Only {smallest.min()} patients were started on {smallest.idxmin()!r}; a model needs "
            f"{max(FEWEST, folds)} or more to learn from."
        )
    seen = cohort.seen.groupby(cohort.schema.id, sort=False).first().loc[started.index]
    known = _usual(seen.drop(columns=cohort.schema.step)) if features is None else features(seen)
    if known.isna().any(axis=None):
        bad = known.columns[known.isna().any()][0]
        raise ArgumentError(f"The feature {bad!r} is missing for some patients; fill it in.")
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    names = sorted(started.unique())
    said = cross_val_predict(model, known.astype(float), started, cv=parts, method="predict_proba")
    return pd.DataFrame(said, index=started.index, columns=names)


def _usual(seen: pd.DataFrame) -> pd.DataFrame:
    """All columns that vary; those with many values as broken lines through their quantiles.

    Clinicians act on thresholds (a viral load above 100,000, a CD4 count below 200), which a
    straight line or a square cannot follow.
    """
    varying = seen.loc[:, seen.nunique() > 1].astype(float)
    many = varying.columns[varying.nunique() > 10]
    knots = {name: np.unique(varying[name].quantile(np.linspace(0.1, 0.9, 9))) for name in many}
    bends = {
        f"{name} above {knot:g}": (varying[name] - knot).clip(lower=0)
        for name, places in knots.items()
        for knot in places
    }
    return varying.join(pd.DataFrame(bends, index=seen.index))
