"""From a long table, a row per patient and step, to one row per patient: who had it, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError
from .arms import Arms, arms_of, of_own_arm, recorded_probabilities
from .following import Followed, Rule, follow


def time_to_event(
    cohort: Cohort,
    event: Rule,
    at_risk: Rule | None = None,
    origin: int | Rule = 0,
    horizon: int | None = None,
    confirm: int = 1,
    as_measured: bool | str = False,
    arm: Arms | pd.Series | None = None,
    covariates: Iterable[str] = (),
    competing: Rule | None = None,
) -> pd.DataFrame:
    """Shape a cohort into one row per patient: how long until the event, and whether it came.

    Time is counted in steps (months of ART, blocks of four hours of sepsis, hours of hypotension)
    from a patient's time zero.  Whoever has the event at time zero is not at risk of it.

    Parameters
    ----------
    cohort : Cohort
    event : str or callable
        The name of an event of the condition, such as ``"suppressed_50"``; or a function from the
        frame to True and False, one for each row.
    at_risk : str or callable, optional
        Who is followed: those for whom it holds at time zero; or a yes-or-no column of
        ``cohort.patients``, such as ``"Naive at entry"``. Everybody, if not given.
    origin : int, str or callable
        Time zero: a step; a rule, for the first step at which it holds; or ``"first decision"``,
        when the first regimen was chosen.
    horizon : int, optional
        Steps after time zero at which follow-up ends at the latest.
    confirm : int
        How many steps in a row must show the event; it is dated to the first of them.
    as_measured : bool or str
        Whether an event is seen only in rows in which its column was measured; for a function
        name the measured flag. Whoever was not measured at time zero is left out, because nobody
        knows whether they are at risk. What was measured lags behind what happened, and not by
        the same time for every regimen: if all naive people start EFV, the mean time to
        ``"suppressed_50"`` within 12 months is 6.3 months in the monthly column and 7.3 as
        measured; DTG − EFV within 24 months is −3.3 and −4.1 months (8,192 twins).
    arm : mapping or Series, optional
        Name to a rule on the label of the first regimen, as `hg.first` takes it; or a Series of
        names by patient. Patients of no arm are left out. For rules the table has a column
        ``propensity``, too: the clinician's recorded probability of that arm at the first
        decision, given that it was one of the arms; ``weights="propensity"`` uses it.
    covariates : iterable of str
        Columns of ``cohort.patients``, or of the frame at time zero.
    competing : str or callable, optional
        An event after which the first can no longer happen, such as ``"death"``.

    Returns
    -------
    DataFrame
        ``PatientID``, ``duration`` (steps), ``event`` (True and False; with `competing` 0, 1 and
        2), ``entry`` (when follow-up began; 0), ``arm`` and ``propensity`` if asked for, and the
        covariates.
        ``table.attrs["left out"]`` counts the patients that are not in it, by reason.

    Raises
    ------
    ArgumentError
        An unknown name, a rule that never holds or holds for everybody at time zero, nobody at
        risk, a horizon or origin beyond follow-up, a covariate that is missing.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> art = hg.load_cohort("art_hiv", n_patients=300)
    >>> times = hg.survival.time_to_event(art, "suppressed_50", horizon=24,
    ...                                   at_risk=lambda frame: frame["VL"] > 1000)
    >>> int(times["duration"].max()), sorted(times["event"].unique().tolist())
    (24, [False, True])
    """
    followed = follow(cohort, event, at_risk, origin, horizon, confirm, as_measured, competing)
    table = pd.DataFrame(
        {
            cohort.schema.id: followed.patients,
            "duration": followed.duration,
            "event": followed.event if competing is not None else followed.event == 1,
            "entry": 0,
        }
    )
    left_out = dict(followed.left_out)
    for name in covariates:
        table[name] = _covariate(cohort, followed, name)
    if arm is not None:
        named = arms_of(cohort, arm).reindex(followed.patients).to_numpy()
        inside = pd.notna(named)
        left_out["in no arm"] = int((~inside).sum())
        if not inside.any():
            raise ArgumentError(
                f"None of the {len(table):,} patients at risk is in an arm. Their first regimens "
                f"meet none of the rules: {', '.join(map(repr, _names(arm)))}."
            )
        table.insert(4, "arm", named)
        table = table[inside].reset_index(drop=True)
        if not isinstance(arm, pd.Series):
            people = pd.Index(table[cohort.schema.id])
            said = recorded_probabilities(cohort, arm, people)
            table.insert(5, "propensity", of_own_arm(said, table["arm"]).to_numpy())
    table.attrs["left out"] = {why: count for why, count in left_out.items() if count}
    return table


def _names(arm: Mapping[str, Any] | pd.Series) -> list[str]:
    return list(arm) if isinstance(arm, Mapping) else sorted(map(str, arm.dropna().unique()))


def _covariate(cohort: Cohort, followed: Followed, name: str) -> np.ndarray:
    if name in cohort.patients:
        values = cohort.patients[name].reindex(followed.patients)
    elif name in followed.frame:
        values = followed.frame[name].iloc[followed.rows]
    else:
        known = [*cohort.patients, *followed.frame.columns]
        raise ArgumentError(f"There is no covariate {name!r}. Columns are: {', '.join(known)}.")
    lacking = int(values.isna().sum())
    if lacking:
        raise ArgumentError(
            f"The covariate {name!r} is missing in {lacking:,} of {len(values):,} patients at time "
            "zero. Fill it in or leave it out before you shape the table."
        )
    return values.to_numpy() if not isinstance(values.dtype, pd.CategoricalDtype) else values.array
