"""Tables for the correlations of the Health Gym papers, and how far two matrices are apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..schema import Schema

STRONG = 0.2
"""Pairs of columns whose real correlation is at least this are called strong."""


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
