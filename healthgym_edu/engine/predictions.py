"""What may be predicted of a patient: questions that a condition asks at a landmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Prediction:
    """A question about what comes next; `healthgym_edu.tasks` sets it to a cohort.

    Attributes
    ----------
    name : str
    words : str
        The question, for a sentence.
    landmark : int
        The step at which it is asked: everything before is known.
    happens : callable
        From the rows from the landmark on, sorted by patient and step, to whether it happens, by
        patient.
    groups : tuple of str
        Columns by which a model is judged apart.
    """

    name: str
    words: str
    landmark: int
    happens: Callable[[pd.DataFrame], pd.Series]
    groups: tuple[str, ...] = ()


def ends_before(patient: str, step: str, last: int) -> Callable[[pd.DataFrame], pd.Series]:
    """Return the rule that a record ends before a step: the patient has died."""
    return lambda later: later.groupby(patient)[step].max() < last
