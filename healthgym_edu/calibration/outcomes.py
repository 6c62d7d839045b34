"""How what was recorded goes with what became of the patients.

Every measure here is *descriptive*: it says whether simulated patients die as described patients
did, not what would happen under another treatment.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..schema import Schema


def landmark_auroc(
    frame: pd.DataFrame, patients: pd.DataFrame, schema: Schema, row: dict, folds: int = 5
) -> float:
    """How well the measured flags before a landmark predict the outcome after it.

    Among patients who are still there at step ``row["landmark"]``, so that a shorter stay cannot
    give the outcome away.  Predictors are each flag's count before the landmark; predictions are
    out of fold, from a linear discriminant, and ranked together.
    """
    landmark = row["landmark"]
    present = np.sort(frame.loc[frame[schema.step] == landmark, schema.id].unique())
    early = frame[(frame[schema.step] < landmark) & frame[schema.id].isin(present)]
    counts = early.groupby(schema.id)[schema.flags].sum().loc[present].to_numpy(dtype=float)
    label = patients.loc[present, row["outcome"]].to_numpy(dtype=bool)
    fold = np.arange(len(present)) % folds
    score = np.empty(len(present))
    for k in range(folds):
        train, test = fold != k, fold == k
        within = counts[train] - np.where(
            label[train, None],
            counts[train & label].mean(axis=0),
            counts[train & ~label].mean(axis=0),
        )
        difference = counts[train & label].mean(axis=0) - counts[train & ~label].mean(axis=0)
        weights = np.linalg.lstsq(np.cov(within.T), difference, rcond=None)[0]
        score[test] = (counts[test] - counts[train].mean(axis=0)) @ weights
    return area_under_roc(score, label)


def area_under_roc(score: np.ndarray, label: np.ndarray) -> float:
    """Probability that a patient with the outcome scores higher; ties count half.

    NaN unless some have the outcome and some do not.
    """
    rank = pd.Series(score).rank().to_numpy()
    n = int(label.sum())
    if not 0 < n < len(label):
        return np.nan
    return (rank[label].mean() - (n + 1) / 2) / (len(label) - n)


def logistic_slope(score: np.ndarray, label: np.ndarray, steps: int = 50) -> float:
    """Change of the log-odds of the outcome per point of a score.

    Maximum likelihood without a penalty, with an intercept, by Newton's steps.

    Parameters
    ----------
    score, label : ndarray, shape (n,)
        The score of each patient, and whether the patient had the outcome.
    steps : int
        The most steps taken.

    Returns
    -------
    float
        NaN where no finite slope is the best one: a score or an outcome that does not vary, or a
        score that separates the outcome without a mistake.
    """
    score, label = np.asarray(score, dtype=float), np.asarray(label, dtype=float)
    spread = score.std()
    if not spread > 0 or label.min() == label.max():
        return np.nan
    design = np.column_stack([np.ones_like(score), (score - score.mean()) / spread])
    weights = np.zeros(2)
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-design @ weights))
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        if not np.linalg.cond(information) < 1e12:
            break
        step = np.linalg.solve(information, design.T @ (label - chance))
        weights += step
        if np.abs(step).max() < 1e-9:
            return float(weights[1] / spread)
    return np.nan


def trend_mortality(score: np.ndarray, patient: np.ndarray, died: pd.Series) -> dict[str, float]:
    """Mortality of patients whose score fell, stayed, or rose from their first to their last row.

    A change of one point counts as staying: one late blood test makes as much.  Patients with a
    single row have no trend and are left out.  The last row of those who die early is close to
    their death, so that their score has risen *because* they were dying: the order of the three
    groups describes a disease and is not an effect of anything.

    Parameters
    ----------
    score, patient : ndarray, shape (n_rows,)
        Sorted by patient and time.
    died : Series, shape (n_patients,)
        Whether each patient died, by patient.

    Returns
    -------
    dict
        ``"falling"``, ``"flat"``, ``"rising"``: mortality, NaN where nobody is;
        ``"rising - falling"``: difference of the two; ``"smallest step"``: the smaller of flat
        minus falling and rising minus flat, above 0 only if the three are in this order.
    """
    scores = pd.Series(score).groupby(patient)
    seen_twice = scores.size() > 1
    change = (scores.last() - scores.first())[seen_twice]
    change = np.sign(change) * (change.abs() > 1)
    dead = died.loc[change.index].to_numpy(dtype=bool)
    groups = {"falling": -1, "flat": 0, "rising": 1}
    mortality = {
        name: float(pd.Series(dead[change == sign]).mean()) for name, sign in groups.items()
    }
    falling, flat, rising = mortality.values()
    return {
        **mortality,
        "rising - falling": rising - falling,
        "smallest step": float(np.minimum(flat - falling, rising - flat)),
    }
