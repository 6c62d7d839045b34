"""From a long table, a row per patient and step, to one row per patient: who had it, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError
from .following import Followed, Rule, follow


def time_to_event(
    cohort: Cohort,
    event: Rule,
    at_risk: Rule | None = None,
    origin: int | Rule = 0,
    horizon: int | None = None,
    confirm: int = 1,
    as_measured: bool | str = False,
    arm: Mapping[str, Callable[[str], bool]] | pd.Series | None = None,
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
        name the measured flag. What was measured lags behind what happened: under EFV the mean
        time to suppression within a year is months longer as measured than in truth, and
        differently so for a regimen whose patients are seen more often.
    arm : mapping or Series, optional
        Name to a rule on the label of the first regimen, as `hg.first` takes it; or a Series of
        names by patient. Patients of no arm are left out.
    covariates : iterable of str
        Columns of ``cohort.patients``, or of the frame at time zero.
    competing : str or callable, optional
        An event after which the first can no longer happen, such as ``"death"``.

    Returns
    -------
    DataFrame
        ``PatientID``, ``duration`` (steps), ``event`` (True and False; with `competing` 0, 1 and
        2), ``entry`` (when follow-up began; 0), ``arm`` if asked for, and the covariates.
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
    table.attrs["left out"] = {why: count for why, count in left_out.items() if count}
    return table


def arms_of(cohort: Cohort, arm: Mapping[str, Callable[[str], bool]] | pd.Series) -> pd.Series:
    """Return the name of each patient's arm, by patient; missing for those of no arm."""
    if isinstance(arm, pd.Series):
        return arm.dropna()
    if cohort.decisions is None:
        raise ArgumentError(
            f"{cohort.source} records no decisions, so nobody knows what was started. Pass arm as "
            "a Series of names indexed by patient."
        )
    firsts = cohort.decisions.groupby(cohort.schema.id, sort=False)["action"].first()
    labels = list(firsts.cat.categories)
    of_label: dict[str, str] = {}
    for name, rule in arm.items():
        for label in (one for one in labels if rule(one)):
            if label in of_label:
                raise ArgumentError(
                    f"The regimen {label!r} is in two arms, {of_label[label]!r} and {name!r}. "
                    "Make their rules exclude each other."
                )
            of_label[label] = name
    lacking = [name for name in arm if name not in of_label.values()]
    if lacking:
        raise ArgumentError(
            f"No regimen meets the rule of arm {lacking[0]!r}. Labels are, for example, "
            f"{', '.join(map(repr, labels[:4]))}."
        )
    return firsts.astype(object).map(of_label).dropna()


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
