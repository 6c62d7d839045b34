"""How what was recorded goes with what became of the patients.

Every measure here is *descriptive*: it says whether simulated patients die as described patients
did, not what would happen under another treatment.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from .. import metrics
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
    split = PredefinedSplit(np.arange(len(present)) % folds)
    model = LinearDiscriminantAnalysis()
    score = cross_val_predict(model, counts, label, cv=split, method="decision_function")
    return metrics.auroc(label, score)


def logistic_slope(score: np.ndarray, label: np.ndarray) -> float:
    """Change of the log-odds of the outcome per point of a score, shape (n,) both.

    NaN where no finite slope is the best one: a score or an outcome that does not vary, or a
    score that separates the outcome without a mistake.
    """
    score, label = np.asarray(score, dtype=float), np.asarray(label, dtype=bool)
    with_it, without = score[label], score[~label]
    if not len(with_it) or not len(without) or not score.std() > 0:
        return np.nan
    if with_it.min() >= without.max() or with_it.max() <= without.min():
        return np.nan
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-9)
    standard = (score - score.mean()) / score.std()
    return float(model.fit(standard[:, None], label).coef_[0, 0] / score.std())


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
