"""How columns go together: within a row, along a patient's straight line, and around it.

*Static*, *trend* and *cycle* are correlations as the Health Gym papers define them.  The pairwise
measures are computed from sums of products, one matrix a patient, so that a bootstrap by patient
only adds them up again under other weights.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

_LARGEST_CORRELATION = 0.999999  # as in the official Health Gym code, so that Fisher's z is finite


class Pairs:
    """Association of every pair of columns: numbers by rank, labels by their tables.

    Parameters
    ----------
    numbers : ndarray, shape (n_rows, p)
    codes : ndarray of int, shape (n_rows, q)
        Levels of the labelled columns, from 0.
    levels : list of int, length q
        How many levels each of them has.
    patient : ndarray of int, shape (n_rows,)
        From 0, in ascending order.

    Notes
    -----
    Numbers are replaced by their ranks once; a bootstrap does not rank anew.
    """

    def __init__(
        self, numbers: np.ndarray, codes: np.ndarray, levels: list[int], patient: np.ndarray
    ):
        n = len(patient)
        ranks = np.column_stack(
            [rankdata(column) / n - 0.5 for column in numbers.T] or [np.empty((n, 0))]
        )
        hot = [np.equal.outer(codes[:, k], np.arange(size)) for k, size in enumerate(levels)]
        self._rows = np.hstack([np.ones((n, 1)), ranks, *hot]).astype(np.float32)
        self._starts = np.flatnonzero(np.append(True, np.diff(patient) > 0))
        self._moments: np.ndarray | None = None
        self._p, self._groups = numbers.shape[1], np.cumsum([0, *levels[:-1]])[: len(levels)]

    def _sum(self, weights: np.ndarray | None) -> np.ndarray:
        if weights is None:
            rows = self._rows.astype(float)
            return rows.T @ rows
        if self._moments is None:
            ends = np.append(self._starts[1:], len(self._rows))
            self._moments = np.stack(
                [
                    self._rows[a:b].T @ self._rows[a:b]
                    for a, b in zip(self._starts, ends, strict=True)
                ]
            ).reshape(len(self._starts), -1)
        width = self._rows.shape[1]
        return (weights.astype(np.float32) @ self._moments).astype(float).reshape(width, width)

    def measure(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return all associations, shape (p + q, p + q), 1 on the diagonal.

        Spearman's correlation of two numbers, Cramér's V of two labels, the correlation ratio of
        a number's rank given a label; 0 where a column is constant.

        Parameters
        ----------
        weights : ndarray, shape (n_patients,), optional
        """
        total = self._sum(weights)
        n, p = total[0, 0], self._p
        found = np.empty((p + len(self._groups), p + len(self._groups)))
        mean = total[0, 1 : 1 + p] / n
        cov = total[1 : 1 + p, 1 : 1 + p] / n - np.outer(mean, mean)
        spread = np.sqrt(np.maximum(np.diag(cov), 0))
        scale = np.outer(spread, spread)
        found[:p, :p] = np.where(scale > 1e-9, cov / np.where(scale > 1e-9, scale, 1), 0)
        count, groups = total[0, 1 + p :], self._groups
        means = total[1 : 1 + p, 1 + p :] / np.where(count > 0, count, 1)  # (p, levels)
        between = np.add.reduceat((means - mean[:, None]) ** 2 * count, groups, axis=1) / n
        ratio = between / np.where(spread > 1e-6, spread**2, np.inf)[:, None]
        found[:p, p:] = np.sqrt(np.clip(ratio, 0, 1))
        found[p:, :p] = found[:p, p:].T
        found[p:, p:] = _cramers_v(total[1 + p :, 1 + p :], count, groups, n)
        np.fill_diagonal(found, 1)
        return found


class PatientSums:
    """Pearson correlations of pooled rows, from sums of products by patient.

    Parameters
    ----------
    table : ndarray, shape (n_rows, k)
    patient : ndarray of int, shape (n_rows,)
        From 0, in ascending order.
    """

    def __init__(self, table: np.ndarray, patient: np.ndarray):
        scale = table.std(axis=0)
        varies = scale > 1e-9 * np.maximum(np.abs(table).max(axis=0), 1e-12)
        standard = (table - table.mean(axis=0)) / np.where(varies, scale, 1.0) * varies
        rows = np.hstack([np.ones((len(table), 1)), standard])
        starts = np.flatnonzero(np.append(True, np.diff(patient) > 0))
        ends = np.append(starts[1:], len(rows))
        products = [rows[a:b].T @ rows[a:b] for a, b in zip(starts, ends, strict=True)]
        self._products = np.stack(products).reshape(len(starts), -1)
        self._width = rows.shape[1]

    def correlations(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the correlations, shape (k, k); 0 where a column is constant."""
        weights = np.ones(len(self._products)) if weights is None else weights
        total = (weights @ self._products).reshape(self._width, self._width)
        mean = total[0, 1:] / total[0, 0]
        cov = total[1:, 1:] / total[0, 0] - np.outer(mean, mean)
        spread = np.sqrt(np.maximum(np.diag(cov), 0))
        scale = np.outer(spread, spread)
        return np.where(scale > 1e-12, cov / np.where(scale > 1e-12, scale, 1), 0)


def _cramers_v(tables: np.ndarray, count: np.ndarray, groups: np.ndarray, n: float) -> np.ndarray:
    """Cramér's V of every pair of labels, shape (q, q); 0 where one of them has a single level.

    Parameters
    ----------
    tables : ndarray, shape (levels, levels)
        Rows with each two levels, all labels side by side.
    count : ndarray, shape (levels,)
    groups : ndarray of int, shape (q,)
        Where the levels of each label begin.
    n : float
        Rows.
    """
    expected = np.outer(count, count) / n
    chi2 = (tables - expected) ** 2 / np.where(expected > 0, expected, 1)
    for axis in (0, 1):
        chi2 = np.add.reduceat(chi2, groups, axis=axis)
    levels = np.add.reduceat((count > 0).astype(int), groups)
    smaller = np.minimum.outer(levels, levels) - 1
    return np.where(smaller > 0, np.sqrt(np.minimum(chi2 / n / np.maximum(smaller, 1), 1)), 0)


def static_correlations(table: np.ndarray) -> np.ndarray:
    """Pearson correlations over pooled rows, shape (k, k); 0 where a column is constant."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(np.corrcoef(table, rowvar=False))


def cycle_correlations(table: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Within-patient correlations around each patient's own straight line, shape (k, k).

    Averaged with Fisher's z, weights n - 3; undefined counts as 0.

    Parameters
    ----------
    table : ndarray, shape (n_rows, k)
        Sorted by patient and time.
    patient : ndarray, shape (n_rows,)
        Which patient each row belongs to; patients with fewer than four rows are left out.
    """
    return averaged(*fisher_z(table, patient, "cycle"))


def trend_correlations(table: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Within-patient correlations of the straight lines, as the Health Gym code computes them.

    A patient's trend is a straight line, and two straight lines correlate at exactly +1 or -1. So
    this only says in how many patients two columns move the same way: where that is a share
    ``s``, the value is ``tanh(7.25 (2 s - 1))``. `slope_correlations` uses how steep they are, too.
    """
    return averaged(*fisher_z(table, patient, "trend"))


def slope_correlations(slopes: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Correlations between patients of the slopes of their straight lines, shape (k, k).

    Parameters
    ----------
    slopes : ndarray, shape (n_patients, k)
        From `slope_ranks`.
    weights : ndarray, shape (n_patients,), optional
    """
    weights = np.ones(len(slopes)) if weights is None else weights
    total = weights.sum()
    centred = slopes - (weights @ slopes) / total
    cov = (centred * weights[:, None]).T @ centred / total
    spread = np.sqrt(np.maximum(np.diag(cov), 0))
    scale = np.outer(spread, spread)
    return np.where(scale > 1e-12, cov / np.where(scale > 1e-12, scale, 1), 0)


def slope_ranks(table: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Rank of each patient's slope in each column, shape (n_patients, k), from 0 to 1.

    A record of one row has the slope 0.
    """
    starts = np.flatnonzero(np.append(True, np.diff(patient) > 0))
    count = np.diff(np.append(starts, len(patient)))
    time = np.arange(len(patient)) - np.repeat(starts, count)
    time = time - np.repeat((count - 1) / 2, count)
    squares = np.add.reduceat(time**2, starts)
    products = np.add.reduceat(time[:, None] * table, starts)
    slopes = products / np.where(squares > 0, squares, 1)[:, None]
    return np.apply_along_axis(rankdata, 0, np.round(slopes, 12)) / len(slopes)


def fisher_z(table: np.ndarray, patient: np.ndarray, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Fisher's z of each patient's correlations, shape (n_patients, k, k), and weights n - 3.

    Parameters
    ----------
    table, patient : ndarray
        As for `cycle_correlations`.
    part : str
        ``"cycle"``, what is left around the straight line, or ``"trend"``, the line itself.
    """
    _, first, length = np.unique(patient, return_index=True, return_counts=True)
    k = table.shape[1]
    found = np.zeros((len(first), k, k))
    for n in np.unique(length[length > 3]):
        chosen = length == n
        values = table[first[chosen][:, None] + np.arange(n)]  # (patients, n, k)
        time = np.arange(n) - (n - 1) / 2
        centred = values - values.mean(axis=1, keepdims=True)
        slope = np.einsum("pnk,n->pk", centred, time) / (time**2).sum()
        line = slope[:, None, :] * time[None, :, None]
        rest = line if part == "trend" else centred - line
        size = np.sqrt((rest**2).sum(axis=1))  # (p, k)
        scale = np.sqrt((centred**2).sum(axis=1))
        varies = (scale > 1e-9 * np.abs(values).max(axis=1)) & (size > 1e-8 * scale)
        rest = rest / np.where(varies, size, 1.0)[:, None, :] * varies[:, None, :]
        r = np.einsum("pni,pnj->pij", rest, rest)
        found[chosen] = np.arctanh(np.clip(r, -_LARGEST_CORRELATION, _LARGEST_CORRELATION))
    return found, np.maximum(length - 3, 0).astype(float)


def averaged(z: np.ndarray, counts: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Mean correlation by Fisher's z; 0 where no patient has four rows."""
    weights = counts if weights is None else counts * weights
    total = weights.sum()
    return np.tanh(np.tensordot(weights, z, 1) / total) if total else np.zeros(z.shape[1:])
