"""What may happen to a patient: rules that a condition gives names to, for time-to-event tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Event:
    """Something that happens to a patient at a step.

    Attributes
    ----------
    words : str
        What it is, for an axis or a sentence: ``"viral load below 50 copies/mL"``.
    holds : callable or None
        From a frame, sorted by patient and step, to True in every row in which it holds. None for
        an event that ends the record, such as death.
    column : str
        The column that shows it; its measured flag says when somebody could have seen it.
    ends : str
        For an event that ends the record: the column of ``cohort.patients`` that says who had it.
    """

    words: str
    holds: Callable[[pd.DataFrame], pd.Series] | None = None
    column: str = ""
    ends: str = ""


def below(column: str, threshold: float, words: str) -> Event:
    """Return the event that a numeric column lies below a threshold."""
    return Event(words, lambda frame: frame[column] < threshold, column)


def at_least(column: str, threshold: float, words: str) -> Event:
    """Return the event that a numeric column reaches a threshold."""
    return Event(words, lambda frame: frame[column] >= threshold, column)
