"""What a row of the targets measures on a cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .. import metrics
from ..conditions import get_mechanism
from ..data import Cohort
from . import outcomes
from .correlations import code_table, matrix_distance, square


def total_variation(shares: dict[str, float], target: dict[str, float]) -> float:
    """Half the sum of absolute differences of two distributions over the same labels."""
    return metrics.total_variation([shares.get(label, 0.0) for label in target], [*target.values()])


def _share_within(values: pd.Series, row: dict) -> float:
    return ((values > row.get("above", -np.inf)) & (values <= row.get("upto", np.inf))).mean()


def _column_variation(values: pd.Series, row: dict) -> float:
    shares = values.value_counts(normalize=True)
    return total_variation({str(k): v for k, v in shares.items()}, row["target"])


OF_COLUMN = {
    "total_variation": _column_variation,
    "mean": lambda values, row: values.mean(),
    "quantile": lambda values, row: values.quantile(row["q"]),
    "median_distance": lambda values, row: abs(values.median() - row["target"]) / row["iqr"],
    "iqr_ratio": lambda values, row: np.subtract(*values.quantile([0.75, 0.25])) / row["target"],
    "share_below": lambda values, row: (values < row["below"]).mean(),
    "share_not": lambda values, row: (values != row["label"]).mean(),
    "share_within": _share_within,
}
"""Measures of a single column."""


class Measurer:
    """Measures of a cohort, each by the name that a row of the targets gives it."""

    def __init__(self, cohort: Cohort, targets: dict, trial: dict[str, float]):
        self.frame, self.schema, self.targets = cohort.frame, cohort.schema, targets
        self.patients = cohort.patients
        self.trial = trial
        self.matrices: dict[str, dict[str, float]] = {}
        self.scores: dict[str, np.ndarray] = {}

    def value(self, row: dict) -> float:
        if "outcome" in row and row["outcome"] not in self.patients:
            return np.nan  # published files have no outcome
        if row["measure"] in OF_COLUMN:
            return float(OF_COLUMN[row["measure"]](self.frame[row["quantity"]], row))
        return float(getattr(self, f"_{row['measure']}")(row))

    def released(self, row: dict) -> float | None:
        if row["measure"] == "matrix":
            stored = self.targets["matrices"][row["matrix"]]
            return matrix_distance(square(stored["released"]), square(stored["real"]))[row["part"]]
        if row["measure"] == "total_variation":
            return total_variation(row["released"], row["target"])
        return row.get("released")

    def independent(self, row: dict) -> float | None:
        if row["measure"] != "matrix":
            return None
        real = square(self.targets["matrices"][row["matrix"]]["real"])
        return matrix_distance(np.eye(len(real)), real)[row["part"]]

    def _landmark_auroc(self, row: dict) -> float:
        return outcomes.landmark_auroc(self.frame, self.patients, self.schema, row)

    def _outcome_share(self, row: dict) -> float:
        return self.patients[row["outcome"]].mean()

    def _score_sd(self, row: dict) -> float:
        return self._at_landmark(row).std()

    def _score_slope(self, row: dict) -> float:
        score = self._at_landmark(row)
        return outcomes.logistic_slope(score.to_numpy(), self._outcome_of(score, row))

    def _score_auroc(self, row: dict) -> float:
        score = self._at_landmark(row)
        return metrics.auroc(self._outcome_of(score, row), score.to_numpy())

    def _score_trend(self, row: dict) -> float:
        patient = self.frame[self.schema.id].to_numpy()
        died = self.patients[row["outcome"]]
        return outcomes.trend_mortality(self._score(row["score"]), patient, died)[row["part"]]

    def _at_landmark(self, row: dict) -> pd.Series:
        """The score of those who are there at the step of the landmark, by patient."""
        there = (self.frame[self.schema.step] == row["landmark"]).to_numpy()
        patient = self.frame[self.schema.id].to_numpy()[there]
        return pd.Series(self._score(row["score"])[there], index=patient)

    def _outcome_of(self, score: pd.Series, row: dict) -> np.ndarray:
        return self.patients.loc[score.index, row["outcome"]].to_numpy(dtype=bool)

    def _score(self, name: str) -> np.ndarray:
        """A column of the table, or a score that is computed from its columns."""
        if name in self.frame:
            return self.frame[name].to_numpy(dtype=float)
        if name not in self.scores:
            score = get_mechanism(self.schema.condition).scores[name]
            self.scores[name] = score(self.frame).to_numpy(dtype=float)
        return self.scores[name]

    def _share_changing(self, row: dict) -> float:
        codes = code_table(self.frame, self.schema, row["columns"], {})
        same = self.frame[self.schema.id].to_numpy()
        moved = (codes[1:] != codes[:-1]).any(axis=1) & (same[1:] == same[:-1])
        return pd.Series(moved).groupby(same[1:]).any().mean()

    def _matrix(self, row: dict) -> float:
        kind = row["matrix"]
        if kind not in self.matrices:
            stored = self.targets["matrices"][kind]
            table = code_table(self.frame, self.schema, stored["names"], self.targets["caps"])
            patient = self.frame[self.schema.id].to_numpy()
            matrix = (
                metrics.static_correlations(table)
                if kind == "static"
                else metrics.cycle_correlations(table, patient)
            )
            self.matrices[kind] = matrix_distance(matrix, square(stored["real"]))
        return self.matrices[kind][row["part"]]

    def _trial(self, row: dict) -> float:
        return self.trial[row["quantity"]]


def title(row: dict) -> str:
    """Say in words what a row measures; ``quantity`` alone where it is words already."""
    ends = {"above": "above", "upto": "up to"}
    within = ", ".join(f"{words} {row[end]:g}" for end, words in ends.items() if end in row)
    suffix = {
        "total_variation": ": total-variation distance",
        "mean": ": share true",
        "median_distance": ": distance of medians, real IQR",
        "iqr_ratio": ": IQR / real IQR",
        "share_below": f": share below {row.get('below', 0):g}",
        "share_within": f": share {within}",
        "share_not": f": share other than {row.get('label')}",
        "landmark_auroc": ": AUROC among those then alive",
        "matrix": f": mean |Δr|, {row.get('part')} pairs",
    }
    if row["measure"] == "quantile":
        names = {0.25: "lower quartile", 0.5: "median", 0.75: "upper quartile", 1: "maximum"}
        return f"{row['quantity']}: {names[row['q']]}"
    if row["measure"] == "matrix" and row["part"] == "wrong signs":
        return f"{row['quantity']}: strong pairs with the wrong sign"
    return row["quantity"] + suffix.get(row["measure"], "")
