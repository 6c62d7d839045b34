"""What a table alone honestly tells of decisions: files have none, and are carried back in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class FromFile:
    """How decisions are read from a table with the columns of the schema, sorted, n rows.

    Attributes
    ----------
    actions : tuple of str
        Labels of one of the condition's action sets.
    seen : callable
        From the table to what was known at each row *before* its treatment: columns named as in
        an observation of the environment, n rows.
    action : callable
        From the table to the action that follows each row, -1 where nobody decides, shape (n,).
    rewards : mapping of str to callable
        From the table to what each row shows of the worth of the step before it, shape (n,).
    """

    actions: tuple[str, ...]
    seen: Callable[[pd.DataFrame], pd.DataFrame]
    action: Callable[[pd.DataFrame], np.ndarray]
    rewards: Mapping[str, Callable[[pd.DataFrame], np.ndarray]]


def before(values: pd.Series, patient: pd.Series, first: float) -> pd.Series:
    """Return each row's value in the patient's row before, and ``first`` in the first one."""
    return values.groupby(patient).shift(1).fillna(first)


def last_measured(
    values: pd.Series, measured: pd.Series, patient: pd.Series, never: float
) -> pd.Series:
    """Return the patient's last measured value, ``never`` before the first: nothing later."""
    return values.where(measured.astype(bool)).groupby(patient).ffill().fillna(never)


def smoothed(values: pd.Series, patient: pd.Series, now: float) -> pd.Series:
    """Return values smoothed over time, the present one with this weight."""
    made = values.groupby(patient).ewm(alpha=now, adjust=False).mean()
    return made.droplevel(0).sort_index()
