"""Does the simulator resemble the people it stands for?  Targets, tolerances, and a table.

Targets live in ``targets/<condition>.json`` with their source.  Each row names a *measure*, the
acceptance interval, and what the published release scores, so that the table shows teaching
cohort and release side by side.

Correlations follow the Health Gym papers: *static* is Pearson over pooled rows, categories as
file codes; *cycle* removes each patient's straight line over time, correlates what is left
within the patient, and averages with Fisher's z (weights n - 3; undefined counts as 0).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from .conditions import get_condition
from .data import Cohort, load_cohort
from .schema import Schema

STRONG = 0.2
"""Pairs of columns whose real correlation is at least this are called strong."""

_LARGEST_CORRELATION = 0.999999  # as in the official Health Gym code, so that Fisher's z is finite


@cache
def load_targets(condition: str) -> dict[str, Any]:
    """Return the calibration targets of a condition, as in its JSON file.

    Raises
    ------
    ArgumentError
        If there is no such condition.
    """
    get_condition(condition)
    file = resources.files("healthgym_edu") / "targets" / f"{condition}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def code_table(frame: pd.DataFrame, schema: Schema, names: list[str], caps: dict) -> np.ndarray:
    """Return columns as numbers: categories as file codes, numeric values capped at ``caps``.

    Returns
    -------
    ndarray, shape (n_rows, len(names))
    """
    columns = []
    for name in names:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            codes = np.asarray(schema[name].codes, dtype=float)[values.cat.codes]
        else:
            codes = values.to_numpy(dtype=float)
        columns.append(np.minimum(codes, caps[name]) if name in caps else codes)
    return np.column_stack(columns)


def static_correlations(table: np.ndarray) -> np.ndarray:
    """Pearson correlations over pooled rows, shape (k, k); 0 where a column is constant."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(np.corrcoef(table, rowvar=False))


def cycle_correlations(table: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Within-patient correlations around each patient's own straight line, shape (k, k).

    Parameters
    ----------
    table : ndarray, shape (n_rows, k)
        Sorted by patient and time.
    patient : ndarray, shape (n_rows,)
        Which patient each row belongs to; patients with fewer than four rows are left out.
    """
    _, first, length = np.unique(patient, return_index=True, return_counts=True)
    total, weight = np.zeros((table.shape[1],) * 2), 0.0
    for n in np.unique(length[length > 3]):
        starts = first[length == n]
        values = table[starts[:, None] + np.arange(n)]  # (patients, n, k)
        total += (n - 3) * _sum_of_fisher_z(values)
        weight += (n - 3) * len(starts)
    return np.tanh(total / weight) if weight else total


def _sum_of_fisher_z(values: np.ndarray) -> np.ndarray:
    time = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    centred = values - values.mean(axis=1, keepdims=True)
    slope = np.einsum("pnk,n->pk", centred, time) / (time**2).sum()
    rest = centred - slope[:, None, :] * time[None, :, None]
    size = np.sqrt((rest**2).sum(axis=1))  # (p, k)
    scale = np.sqrt((centred**2).sum(axis=1))
    varies = (scale > 1e-9 * np.abs(values).max(axis=1)) & (size > 1e-8 * scale)
    rest = rest / np.where(varies, size, 1.0)[:, None, :] * varies[:, None, :]
    r = np.einsum("pni,pnj->pij", rest, rest)
    return np.arctanh(np.clip(r, -_LARGEST_CORRELATION, _LARGEST_CORRELATION)).sum(axis=0)


def square(lower: list[list[float]]) -> np.ndarray:
    """Turn a stored lower triangle into a symmetric matrix with ones on the diagonal."""
    matrix = np.eye(len(lower) + 1)
    for row, values in enumerate(lower, start=1):
        matrix[row, :row] = matrix[:row, row] = values
    return matrix


def matrix_distance(matrix: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """Compare two correlation matrices over all pairs and over the strong ones.

    Returns
    -------
    dict
        ``"all"`` and ``"strong"``: mean absolute difference; ``"wrong signs"``: how many strong
        pairs have the other sign (or none).
    """
    pairs = np.tril_indices(len(real), -1)
    difference, target = np.abs(matrix - real)[pairs], real[pairs]
    strong = np.abs(target) >= STRONG
    return {
        "all": float(difference.mean()),
        "strong": float(difference[strong].mean()),
        "wrong signs": float((matrix[pairs] * target <= 0)[strong].sum()),
    }


def total_variation(shares: dict[str, float], target: dict[str, float]) -> float:
    """Half the sum of absolute differences of two distributions over the same labels."""
    return 0.5 * sum(abs(shares.get(label, 0.0) - share) for label, share in target.items())


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
    """Probability that a patient with the outcome scores higher; ties count half."""
    rank = pd.Series(score).rank().to_numpy()
    n = int(label.sum())
    return (rank[label].mean() - (n + 1) / 2) / (len(label) - n)


def calibration_table(condition: str, n_patients: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Compare the teaching cohort with the published figures of the real patients.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    n_patients, seed
        Size and seed of the teaching cohort.

    Returns
    -------
    DataFrame
        Columns ``quantity``, ``target``, ``tolerance`` (the acceptance interval), ``source``,
        ``teaching`` (measured), ``released`` (published release, where known), ``independent``
        (what columns independent of each other would score: the floor of ambition), ``ok``.
    """
    targets = load_targets(condition)
    cohort = load_cohort(condition, n_patients=n_patients, seed=seed)
    return compare(cohort, targets, get_condition(condition).trial_results, seed)


def compare(
    cohort: Cohort, targets: dict, trial: Callable[[int], dict[str, float]] | None, seed: int
) -> pd.DataFrame:
    """Measure every row of the targets on a cohort; see :func:`calibration_table`."""
    measured = _Measurer(cohort, targets, trial(seed) if trial else {})
    rows = []
    for row in targets["rows"]:
        value = measured.value(row)
        printed_only = row["low"] is None
        low, high = (-np.inf, np.inf) if printed_only else (row["low"], row["high"])
        rows.append(
            {
                "quantity": _title(row),
                "target": _shown(row["target"]),
                "tolerance": "printed only" if printed_only else f"{low:g} to {high:g}",
                "source": targets["sources"][row["source"]],
                "teaching": value,
                "released": measured.released(row),
                "independent": measured.independent(row),
                "ok": bool(low <= value <= high),
            }
        )
    return pd.DataFrame(rows)


class _Measurer:
    """Measures of a cohort, each by the name that a row of the targets gives it."""

    def __init__(self, cohort: Cohort, targets: dict, trial: dict[str, float]):
        self.frame, self.schema, self.targets = cohort.frame, cohort.schema, targets
        self.patients = cohort.patients
        self.trial = trial
        self.matrices: dict[str, dict[str, float]] = {}

    def value(self, row: dict) -> float:
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

    def _total_variation(self, row: dict) -> float:
        shares = self.frame[row["quantity"]].value_counts(normalize=True)
        return total_variation({str(k): v for k, v in shares.items()}, row["target"])

    def _mean(self, row: dict) -> float:
        return self.frame[row["quantity"]].mean()

    def _quantile(self, row: dict) -> float:
        return self.frame[row["quantity"]].quantile(row["q"])

    def _median_distance(self, row: dict) -> float:
        return abs(self.frame[row["quantity"]].median() - row["target"]) / row["iqr"]

    def _iqr_ratio(self, row: dict) -> float:
        low, high = self.frame[row["quantity"]].quantile([0.25, 0.75])
        return (high - low) / row["target"]

    def _share_below(self, row: dict) -> float:
        return (self.frame[row["quantity"]] < row["below"]).mean()

    def _share_not(self, row: dict) -> float:
        return (self.frame[row["quantity"]] != row["label"]).mean()

    def _landmark_auroc(self, row: dict) -> float:
        if row["outcome"] not in self.patients:  # published files have no outcome
            return np.nan
        return landmark_auroc(self.frame, self.patients, self.schema, row)

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
                static_correlations(table)
                if kind == "static"
                else cycle_correlations(table, patient)
            )
            self.matrices[kind] = matrix_distance(matrix, square(stored["real"]))
        return self.matrices[kind][row["part"]]

    def _trial(self, row: dict) -> float:
        return self.trial[row["quantity"]]


def _title(row: dict) -> str:
    suffix = {
        "total_variation": ": total-variation distance",
        "mean": ": share true",
        "median_distance": ": distance of medians, real IQR",
        "iqr_ratio": ": IQR / real IQR",
        "share_below": f": share below {row.get('below', 0):g}",
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


def _shown(target: Any) -> str:
    if target is None:
        return "–"
    if isinstance(target, dict):
        return ", ".join(f"{label} {100 * share:.1f} %" for label, share in target.items())
    return f"{target:g}"
