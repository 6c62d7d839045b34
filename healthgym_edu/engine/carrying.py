"""What a record shows of a value that was not measured: the rule of the published files."""

from __future__ import annotations

import numpy as np


def carried(values: np.ndarray, measured: np.ndarray, never: float) -> np.ndarray:
    """Carry measured values forward, then back from the first one; else show ``never``.

    Parameters
    ----------
    values : ndarray, shape (n, n_steps)
        True values of every step.
    measured : ndarray of bool, shape (n, n_steps)
        Which of them were measured.
    never : float
        For patients in whom none was: the population median.
    """
    last = np.maximum.accumulate(np.where(measured, np.arange(measured.shape[1]), -1), axis=1)
    chosen = np.where(last < 0, measured.argmax(axis=1)[:, None], last)
    shown = np.take_along_axis(values, chosen, axis=1)
    anywhere = measured.any(axis=1, keepdims=True)
    return np.where(anywhere, shown, never)
