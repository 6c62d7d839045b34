"""Start–stop rows with covariates that change: what a time-varying Cox model takes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError
from .following import Rule, follow


def counting_process(
    cohort: Cohort,
    event: Rule,
    covariates: Iterable[str],
    at_risk: Rule | None = None,
    origin: int | Rule = 0,
    horizon: int | None = None,
    confirm: int = 1,
    as_measured: bool | str = False,
) -> pd.DataFrame:
    """Shape a cohort into episodes: one row for each time in which the covariates stay the same.

    Each step from time zero to the event or to the end of follow-up belongs to one episode, so no
    episode is lost and none has length zero. An episode is open at its start and closed at its
    stop: ``(start, stop]``; its covariates are those on record at its start, so that nothing is
    explained by what came later. Only the last episode of somebody who had the event ends in it.

    Parameters
    ----------
    cohort, event, at_risk, origin, horizon, confirm, as_measured
        As for `time_to_event`.
    covariates : iterable of str
        Columns of the frame, which may change from step to step, or of ``cohort.patients``.

    Returns
    -------
    DataFrame
        ``PatientID, start, stop, event`` and the covariates: what lifelines'
        ``CoxTimeVaryingFitter`` takes, and R's ``Surv(start, stop, event)``.

    Raises
    ------
    ArgumentError
        What `time_to_event` refuses.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> icu = hg.load_cohort("hypotension", n_patients=200)
    >>> rows = hg.survival.counting_process(icu, "death", ["vasopressors"])
    >>> times = hg.survival.time_to_event(icu, "death")
    >>> int((rows["stop"] - rows["start"]).sum()) == int(times["duration"].sum())
    True
    """
    names = list(covariates)
    followed = follow(cohort, event, at_risk, origin, horizon, confirm, as_measured)
    frame, duration = followed.frame, followed.duration
    known = [*cohort.patients, *frame.columns]
    stray = [name for name in names if name not in known]
    if stray:
        raise ArgumentError(f"There is no covariate {stray[0]!r}. Columns are: {', '.join(known)}.")
    # a death comes a step after the last row: that row's covariates hold until then
    who = np.repeat(np.arange(len(duration)), duration)
    start = np.arange(duration.sum()) - np.repeat(duration.cumsum() - duration, duration)
    rows = followed.rows[who] + start
    values = {}
    for name in names:
        if name in frame:
            values[name] = frame[name].array.take(rows)
        else:
            values[name] = cohort.patients[name].loc[followed.patients].array.take(who)
        lacking = int(pd.isna(values[name]).sum())
        if lacking:
            raise ArgumentError(
                f"The covariate {name!r} is missing in {lacking:,} of {len(rows):,} steps at risk. "
                "Fill it in, or leave it out, before you shape the table."
            )
    new = np.append(True, who[1:] != who[:-1])
    for name in names:
        codes = pd.factorize(pd.Series(values[name]))[0]
        new[1:] |= codes[1:] != codes[:-1]
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(rows)) - 1
    ends = np.append(who[1:] != who[:-1], True)[last]
    table = pd.DataFrame(
        {
            cohort.schema.id: followed.patients.to_numpy()[who[first]],
            "start": start[first],
            "stop": start[last] + 1,
            "event": ends & (followed.event == 1)[who[last]],
        }
    )
    for name in names:
        table[name] = values[name].take(first)
    table.attrs["left out"] = {why: count for why, count in followed.left_out.items() if count}
    return table
