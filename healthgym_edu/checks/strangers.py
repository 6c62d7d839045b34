"""A learner's function that predicts, asked about patients whom nobody can look up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.placeholder import is_blank

STRANGERS = 1_000_000
"""Added to the patient numbers: what is on record about a number no longer says who it is."""


def ask(
    predict: Callable[[pd.DataFrame], Any], known: pd.DataFrame, patients: Iterable[int], who: str
) -> pd.Series:
    """Call a learner's function on a table of strangers.

    Parameters
    ----------
    predict : callable
        The answer that arrived.
    known : DataFrame
        What it may know, with a column ``PatientID``.
    patients : iterable of int
        ``PatientID`` of those it has to answer for.
    who : str
        What to call them: ``"who are there at hour 24"``.

    Returns
    -------
    Series of float
        One answer for each of ``patients``, indexed by their true number.

    Raises
    ------
    Wrong, NotAttempted
        No function, no Series, patients without an answer, looked up, or a blank.
    """
    if not callable(predict):
        raise Wrong("The answer is your function: give its name without parentheses.")
    step = (
        "take the patients from the table that it gets, their PatientID as the index (they are "
        "numbered anew, so that nothing can be looked up)"
    )
    index = pd.Index(patients, name="PatientID")
    wanted = index + STRANGERS
    try:
        said = predict(known.assign(PatientID=known["PatientID"] + STRANGERS))
    except KeyError as error:
        raise Wrong(f"predict raised KeyError: {str(error):.60}.", step) from error
    if is_blank(said):
        raise NotAttempted
    if not isinstance(said, pd.Series) or not said.index.is_unique:
        raise Wrong("predict should return a pandas Series with one entry for each patient.", step)
    arrived = wanted.isin(said.index).sum()
    if arrived < len(wanted):
        raise Wrong(
            f"predict should answer for each patient {who}, indexed by PatientID; {arrived:,} of "
            f"{len(wanted):,} arrived.",
            step,
        )
    said = said.loc[wanted].astype(float).set_axis(index)
    if said.isna().any():
        raise Wrong(f"{said.isna().sum():,} answers are missing.", "answer for everybody")
    return said
