"""Judges of two tables, good ones and bad ones, for the last exercise of chapter 08."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers_08 import changes

SOLUTION = """
def judge(real, other):
    def summaries(frame):
        numbers = np.log(frame[["VL", "CD4", "Rel CD4"]] + 0.01) - [3, 6, 3]  # around 0
        labels = pd.get_dummies(frame.drop(columns=[*numbers, "PatientID", "Timestep"]))
        columns, patient = numbers.join(labels.astype(float)), frame["PatientID"]
        by = columns.groupby(patient)
        moved = columns.diff().abs().where(patient.eq(patient.shift())).groupby(patient).mean()
        products = columns.mul(numbers["VL"], axis=0).groupby(patient).mean()
        return pd.concat([by.mean(), by.std(), by.first(), by.last(), moved, products], axis=1)

    one, two = summaries(real).to_numpy(), summaries(other).to_numpy()
    spread = np.sqrt(one.var(axis=0) + two.var(axis=0)) + 1e-9
    return np.abs((one.mean(axis=0) - two.mean(axis=0)) / spread).max()
"""


def columns_of(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """All columns as numbers, and whose they are."""
    numbers = np.log(frame[["VL", "CD4", "Rel CD4"]] + 0.01) - [3, 6, 3]
    labels = pd.get_dummies(frame.drop(columns=[*numbers, "PatientID", "Timestep"]))
    return numbers.join(labels.astype(float)), frame["PatientID"]


def summaries(frame: pd.DataFrame, products: bool = True) -> pd.DataFrame:
    columns, patient = columns_of(frame)
    by = columns.groupby(patient)
    moved = columns.groupby(patient).diff().abs().groupby(patient).mean()
    parts = [by.mean(), by.std(), by.first(), by.last(), moved]
    if products:
        parts += [
            columns.mul(columns[name], axis=0).groupby(patient).mean() for name in ("VL", "CD4")
        ]
    return pd.concat(parts, axis=1)


def auroc_of(one: pd.DataFrame, other: pd.DataFrame, model) -> float:
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    label = np.repeat([0, 1], [len(one), len(other)])
    both = np.vstack([one, other])
    risk = cross_val_predict(model, both, label, cv=3, method="predict_proba")
    return float(roc_auc_score(label, risk[:, 1]))


def linear():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))


def linear_judge(real, other):
    return auroc_of(summaries(real), summaries(other), linear())


def forest_judge(real, other):
    """Boosted trees, and the distance of the static correlations, added."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=30, max_bins=32, random_state=0)
    trees = auroc_of(summaries(real), summaries(other), model)
    with np.errstate(invalid="ignore"):  # of columns that are constant
        one, two = (np.corrcoef(columns_of(frame)[0].T) for frame in (real, other))
    return np.float32(trees + 4 * np.nanmean(np.abs(one - two)))


def largest_t(real, other):
    """The largest of many t statistics: differences of means in units of their errors."""
    one, two = (summaries(frame).to_numpy() for frame in (real, other))
    error = np.sqrt(one.var(axis=0) / len(one) + two.var(axis=0) / len(two))
    return float(np.max(np.abs(one.mean(axis=0) - two.mean(axis=0)) / np.maximum(error, 1e-6)))


# --- judges that are fooled ---------------------------------------------------------------------


def marginal_judge(real, other):
    one, two = (columns_of(frame)[0].mean() for frame in (real, other))
    return float(one.sub(two, fill_value=0).abs().sum())


def judge_of_rows(real, other):
    one, two = (columns_of(frame)[0].iloc[::5] for frame in (real, other))
    return auroc_of(one, two, linear())


def judge_of_means(real, other):
    one, two = (columns.groupby(who).mean() for columns, who in map(columns_of, (real, other)))
    return auroc_of(one, two, linear())


def judge_of_changes(real, other):
    found = [
        sum(changes(frame, name).mean() for name in ("Base Drug Combo", "Comp. INI", "Extra PI"))
        for frame in (real, other)
    ]
    return float(abs(found[0] - found[1]))


def judge_without_pairs(real, other):
    return auroc_of(summaries(real, products=False), summaries(other, products=False), linear())


WRONG = [
    (lambda: marginal_judge, "fooled your judge"),
    (lambda: judge_of_rows, "fooled your judge"),
    (lambda: judge_of_means, "fooled your judge"),
    (lambda: judge_of_changes, "fooled your judge"),
    (lambda: judge_without_pairs, "the drugs of each patient are those of somebody else"),
    (lambda: lambda real, other: 0.95, "the same number"),
    (lambda: lambda real, other: -linear_judge(real, other), "turn it round"),
    (lambda: lambda real, other: None, "returned nothing"),
    (lambda: lambda real, other: real.mean(numeric_only=True), "larger where they differ more"),
    (lambda: lambda real: 0.5, "raised TypeError"),
    (lambda: 0.5, "give its name"),
]
