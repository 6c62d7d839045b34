"""How probable was the arm that somebody started on? Weights that make arms comparable.

Time zero is the first decision, and the arm is what was started there.  The people are those who
were started on one of the arms, and the answer is about them: the probability of an arm is that
among the arms, given that it was one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from ..data import Cohort
from ..errors import ArgumentError, require_known, require_whole
from .arms import Arms, arms_of, of_own_arm, recorded_probabilities

SOURCES = ("recorded", "estimated")
FEWEST = 10  # people of an arm from whom a model may learn
TREES = {"max_iter": 100, "learning_rate": 0.1, "max_leaf_nodes": 8, "min_samples_leaf": 30}
"""A hundred small trees, each correcting those before it.

Clinicians act on thresholds (a viral load above 100,000, a CD4 count below 200, a year), and trees
find those.  A logistic model of all columns, judged on people whom it has not met, gives a few of
them a probability far too small and a weight of hundreds: ``benchmarks/survival_coverage.py``.
"""


def propensity(
    cohort: Cohort,
    arms: Arms,
    source: str = "recorded",
    people: Iterable[int] | None = None,
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
        ``"recorded"``: the clinician's own probabilities. ``"estimated"``: boosted trees that
        learn from what the clinician saw at the first decision, each patient judged by a model
        that has not met them. Recorded ones know the clinician's plan as well, which does not
        concern the outcome; no hospital records them.
    people : iterable of int, optional
        Those who are compared, such as ``times["PatientID"]``; all who were started on one of the
        arms, if not given. A model that learns from others as well, such as from people who
        change a treatment, answers another question.
    features : callable, optional
        For estimated ones: from the rows of ``cohort.seen`` at the first decision, indexed by
        patient, to columns of numbers. All columns, if not given.
    truncate : float
        The least probability that is used: smaller ones are raised to it.
    folds, seed : int
        For estimated ones: into how many parts people are divided, and how.

    Returns
    -------
    DataFrame
        One row per patient started on one of the arms, indexed by patient: ``arm``,
        ``probability`` of that arm, and ``weight``, its reciprocal; one column more for each
        arm, ``"P(name)"``. ``attrs`` holds the ``"effective sample size"`` by arm and how many
        were ``"truncated"``.

    Raises
    ------
    ArgumentError
        No decisions, an unknown source, an arm that nobody started or too small to learn from, a
        feature that is missing, a probability of 0.

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
    require_whole("folds", folds, 2)
    if not 0 <= truncate < 0.5:
        raise ArgumentError(f"truncate is a probability from 0 to below 0.5; found {truncate!r}.")
    started = arms_of(cohort, arms)
    if people is not None:
        started = started[started.index.isin(pd.Index(people))]
    sizes = started.value_counts()
    lacking = [name for name in arms if name not in sizes]
    if lacking:
        told = ", ".join(f"{name} {count:,}" for name, count in sizes.items()) or "nobody"
        raise ArgumentError(
            f"Nobody was started on {lacking[0]!r}, so it cannot be compared. Started: {told}."
        )
    if source == "recorded":
        table = recorded_probabilities(cohort, arms, started.index)
    else:
        table = _estimated(cohort, started, features, folds, seed)[list(arms)]
    own = of_own_arm(table, started)
    used = own.clip(lower=truncate)
    if (used <= 0).any():
        raise ArgumentError(
            f"{int((own <= 0).sum()):,} patients were started on an arm whose probability is 0. "
            "Give truncate=0.01, say, and say so where you report the result."
        )
    found = pd.DataFrame({"arm": started, "probability": own, "weight": 1 / used})
    found = found.join(table.add_prefix("P(").add_suffix(")"))
    by = found.groupby("arm")["weight"]
    effective = by.sum() ** 2 / by.agg(lambda weight: (weight**2).sum())
    found.attrs["effective sample size"] = effective.to_dict()
    found.attrs["truncated"] = int((own < truncate).sum())
    return found


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
    known = seen.drop(columns=cohort.schema.step) if features is None else features(seen)
    known = _as_numbers(known, started.index)
    model = HistGradientBoostingClassifier(**TREES, early_stopping=False)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    said = cross_val_predict(model, known, started.to_numpy(), cv=parts, method="predict_proba")
    return pd.DataFrame(said, index=started.index, columns=sorted(started.unique()))


def _as_numbers(known: pd.DataFrame, people: pd.Index) -> np.ndarray:
    """Return features as an array (n, d), or a clear word about what is wrong with them."""
    absent = people.difference(known.index)
    if len(absent):
        raise ArgumentError(
            f"features() returned no row for {len(absent):,} patients, the first of them "
            f"{absent[0]}. Keep the index of the table that it is given."
        )
    known = known.loc[people]
    lacking = known.columns[known.isna().any()]
    if len(lacking):
        raise ArgumentError(
            f"The feature {lacking[0]!r} is missing for {int(known[lacking[0]].isna().sum()):,} "
            "patients; fill it in."
        )
    words = known.select_dtypes(exclude=["number", "bool"]).columns
    if len(words):
        raise ArgumentError(
            f"The feature {words[0]!r} holds {known[words[0]].iloc[0]!r}; make numbers of it, such "
            "as with pandas.get_dummies."
        )
    return known.to_numpy(float)
