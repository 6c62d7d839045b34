"""Correlations as the Health Gym papers define them, and how far two matrices are apart.

*Static* is Pearson over pooled rows, categories as file codes; *cycle* removes each patient's
straight line over time, correlates what is left within the patient, and averages with Fisher's z
(weights n - 3; undefined counts as 0).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..schema import Schema

STRONG = 0.2
"""Pairs of columns whose real correlation is at least this are called strong."""

_LARGEST_CORRELATION = 0.999999  # as in the official Health Gym code, so that Fisher's z is finite


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
