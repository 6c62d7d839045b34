"""How patients move through time: memory, changes, and how different they are from each other."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError


def _n_patients(patient: np.ndarray) -> int:
    """Return how many patients there are, if they are counted as they should be."""
    moves = np.diff(patient, prepend=-1)
    if len(patient) == 0 or not np.isin(moves, (0, 1)).all() or moves[0] != 1:
        found = f"they begin with {patient[:4].tolist()}" if len(patient) else "there are no rows"
        raise ArgumentError(
            "patient has to count patients from 0 in the order of the rows, as 0, 0, 0, 1, 1, ...; "
            f"{found}. pandas.factorize(ids)[0] counts them, if rows are sorted by patient."
        )
    return int(patient[-1]) + 1


class Memory:
    """Autocorrelation of a column at some lags, and the share of its variance between patients.

    By ranks, so that a few extreme values do not decide.  Pairs of rows of the same patient are
    pooled over patients, so the correlation holds both what lasts in a patient and how patients
    differ.

    Parameters
    ----------
    values : ndarray, shape (n_rows,)
        Sorted by patient and step.
    patient : ndarray of int, shape (n_rows,)
        From 0 and in the order of the rows, none left out.
    lags : sequence of int
    among : ndarray, optional
        Values among which the ranks are taken, by default ``values``.  Two cohorts that are
        compared need the same ranks: had each its own, a bootstrap that keeps them would find
        both more certain than they are.

    Raises
    ------
    ArgumentError
        Patients that are not counted from 0.
    """

    def __init__(
        self,
        values: np.ndarray,
        patient: np.ndarray,
        lags: tuple[int, ...] = (1, 3, 12),
        among: np.ndarray | None = None,
    ):
        pooled = np.sort(values if among is None else among)
        below = np.searchsorted(pooled, values) + np.searchsorted(pooled, values, side="right")
        x = below / (2 * len(pooled)) - 0.5
        n = _n_patients(patient)
        self._sums = []
        for lag in lags:
            inside = patient[lag:] == patient[:-lag]
            first, later, who = x[:-lag][inside], x[lag:][inside], patient[lag:][inside]
            columns = (np.ones(len(who)), first, later, first**2, later**2, first * later)
            self._sums.append(np.stack([np.bincount(who, one, n) for one in columns]))
        powers = (np.ones(len(x)), x, x**2)
        self._own = np.stack([np.bincount(patient, one, n) for one in powers])

    def autocorrelation(self, weights: np.ndarray | None = None) -> np.ndarray:
        """One number a lag, shape (n_lags,); NaN where nobody is followed for so long."""
        found = []
        for sums in self._sums:
            n, x, y, xx, yy, xy = sums.sum(axis=1) if weights is None else sums @ weights
            if n <= 1:
                found.append(np.nan)
                continue
            scale = (xx - x * x / n) * (yy - y * y / n)
            found.append((xy - x * y / n) / np.sqrt(scale) if scale > 1e-9 else 0.0)
        return np.array(found)

    def between(self, weights: np.ndarray | None = None) -> float:
        """Share of the variance that lies between patients' means, 0 to 1."""
        weights = np.ones(self._own.shape[1]) if weights is None else weights
        n, x, xx = self._own @ weights
        total = xx - x * x / n
        count = np.where(self._own[0] > 0, self._own[0], 1)
        within_means = (weights * self._own[1] ** 2 / count).sum()
        return float((within_means - x * x / n) / total) if total > 1e-12 else 0.0


class Changes:
    """How often a labelled column changes, and how long it stays.

    Parameters
    ----------
    codes, patient : ndarray of int, shape (n_rows,)
        Sorted by patient and step; patients from 0 and in the order of the rows, none left out.

    Raises
    ------
    ArgumentError
        Patients that are not counted from 0.
    """

    def __init__(self, codes: np.ndarray, patient: np.ndarray):
        n = _n_patients(patient)
        new = np.append(True, (np.diff(codes) != 0) | (np.diff(patient) != 0))
        changed = new.copy()
        changed[np.append(True, np.diff(patient) != 0)] = False
        self._changes = np.bincount(patient, changed, n)
        self._pairs = np.bincount(patient, minlength=n) - 1.0
        starts = np.flatnonzero(new)
        self.lengths = np.diff(np.append(starts, len(codes))).astype(float)
        """How many rows each stretch without a change lasts, until it or the record ends."""
        self.owner = patient[starts]
        """Which patient each stretch belongs to."""

    def rate(self, weights: np.ndarray | None = None) -> float:
        """Changes per step, 0 to 1."""
        weights = np.ones(len(self._pairs)) if weights is None else weights
        pairs = (weights * self._pairs).sum()
        return float((weights * self._changes).sum() / pairs) if pairs else 0.0
