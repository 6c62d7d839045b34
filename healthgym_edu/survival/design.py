"""The numbers that a regression takes: words become columns of 0 and 1, and what cannot be fitted
is refused before it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ..errors import ArgumentError

EVENTS_EACH = 10
"""Fewest events for each column of a model; the usual rule of thumb."""


def design(
    times: pd.DataFrame,
    covariates: Iterable[str],
    reference: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Make the table that lifelines' Cox models take from a time-to-event table.

    Parameters
    ----------
    times : DataFrame
        From `time_to_event`, or start–stop rows from `counting_process`.
    covariates : iterable of str
        Columns of it. A column of words becomes a column of 0 and 1 for each word but the
        reference, named ``"arm: DTG"``.
    reference : mapping, optional
        The word that others are compared with, by covariate; the first one, if not given.

    Returns
    -------
    DataFrame
        ``duration, event`` (or ``PatientID, start, stop, event``) and the numbers.

    Raises
    ------
    ArgumentError
        A covariate that is unknown, missing for somebody, the same for everybody, or that tells
        all with the event from all without, so that no finite hazard ratio exists; a reference
        that nobody has; fewer than ten events for each column.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> art = hg.load_cohort("art_hiv", n_patients=1000)
    >>> arms = {"DTG": lambda label: "DTG" in label, "EFV": lambda label: "EFV" in label}
    >>> times = hg.survival.time_to_event(art, "suppressed_50", at_risk="Naive at entry",
    ...                                   origin="first decision", arm=arms, covariates=["Gender"])
    >>> hg.survival.design(times, ["arm", "Gender"], {"arm": "EFV"}).columns.tolist()
    ['duration', 'event', 'arm: DTG', 'Gender: Female']
    """
    names, reference = list(dict.fromkeys(covariates)), dict(reference or {})
    kept = [name for name in ("PatientID", "start", "stop") if {"start", "stop"} <= {*times}]
    kept = [name for name in kept if name in times] or ["duration"]
    for name in [*kept, "event", *names]:
        if name not in times:
            raise ArgumentError(
                f"There is no column {name!r}. Columns are: {', '.join(map(str, times.columns))}."
            )
    stray = [name for name in reference if name not in names]
    if stray:
        raise ArgumentError(f"The reference names {stray[0]!r}, which is no covariate here.")
    table = times[kept].copy()
    table["event"] = times["event"].to_numpy().astype(int) == 1
    for name in names:
        for column, values in _columns(times[name], name, reference.get(name)).items():
            table[column] = values
    numbers = list(table.columns.drop([*kept, "event"]))
    _require_events(table, numbers)
    for column in numbers:
        _require_overlap(table, column)
    return table


def _columns(values: pd.Series, name: str, reference: str | None) -> dict[str, np.ndarray]:
    if values.isna().any():
        raise ArgumentError(
            f"The covariate {name!r} is missing in {int(values.isna().sum()):,} rows. Fill it in "
            "or leave those people out."
        )
    if values.nunique() < 2:
        raise ArgumentError(f"The covariate {name!r} is the same for everybody; leave it out.")
    if pd.api.types.is_numeric_dtype(values):  # True and False are numbers, too
        return {name: values.to_numpy(float)}
    if isinstance(values.dtype, pd.CategoricalDtype):
        words = [word for word in values.cat.categories if (values == word).any()]
    else:
        words = sorted(values.unique())
    first = words[0] if reference is None else reference
    if first not in words:
        raise ArgumentError(
            f"The reference {first!r} of {name!r} is nobody's; it is one of {', '.join(words)}."
        )
    return {f"{name}: {word}": (values == word).to_numpy(float) for word in words if word != first}


def _require_events(table: pd.DataFrame, numbers: list[str]) -> None:
    events = int(table["event"].sum())
    if events < EVENTS_EACH * max(len(numbers), 1):
        raise ArgumentError(
            f"{events} events are too few for {len(numbers)} columns ({', '.join(numbers)}); ten "
            "for each is the least. Use fewer covariates or follow people for longer."
        )


def _require_overlap(table: pd.DataFrame, column: str) -> None:
    """Refuse a column that tells all with the event from all others, or never goes with it."""
    had, had_not = (table.loc[table["event"] == kind, column] for kind in (True, False))
    apart = len(had_not) > 0 and (had.min() > had_not.max() or had.max() < had_not.min())
    lonely = table[column].nunique() == 2 and had.nunique() == 1
    if apart or lonely:
        raise ArgumentError(
            f"There is no finite hazard ratio of {column!r}: it tells those with the event from "
            "the others, or nobody in one of its groups had the event. Leave it out."
        )
