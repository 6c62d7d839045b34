"""Does a hazard ratio stay the same over time? Asked of residuals, answered in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import ArgumentError

SUSPICIOUS = 0.05


@dataclass(frozen=True)
class Diagnosis:
    """What was found about proportional hazards.

    Attributes
    ----------
    table : DataFrame
        Indexed by covariate: ``early`` and ``late``, the log hazard ratio in the earlier and in
        the later half of the events; ``statistic`` and ``p`` of the test.
    residuals : DataFrame
        Scaled Schoenfeld residuals plus the estimate, by time of event: what a plot shows, and
        what is flat where hazards are proportional.
    """

    table: pd.DataFrame
    residuals: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        bad = self.table[self.table["p"] < SUSPICIOUS]
        if bad.empty:
            return (
                f"No covariate shows a hazard ratio that changes with time (smallest p "
                f"{self.table['p'].min():.2f}); that is no proof that none does."
            )
        name = bad["p"].idxmin()
        early, late = np.exp(bad.loc[name, ["early", "late"]].to_numpy(float))
        return (
            f"The hazard ratio of {name} changes with time (p {bad.loc[name, 'p']:.2g}): about "
            f"{early:.2f} early and {late:.2f} late. One number does not describe it; report "
            "restricted means, or the ratio by period."
        )

    def __str__(self) -> str:
        return self.sentence


def diagnose_ph(times: pd.DataFrame, covariates: Sequence[str]) -> Diagnosis:
    """Test whether the hazards of a Cox model are proportional.

    Parameters
    ----------
    times : DataFrame
        From `time_to_event`, one row per patient.
    covariates : sequence of str
        Numeric columns, or columns of two values, of the model.

    Returns
    -------
    Diagnosis
        ``print(diagnosis)`` says what it means.

    Raises
    ------
    ArgumentError
        No such column, one that is constant, too few events, or a covariate that separates those
        with the event from all others.

    Notes
    -----
    Grambsch and Therneau's test (Biometrika 1994, doi:10.1093/biomet/81.3.515) as lifelines has it,
    with ranks of time. lifelines 0.30.3 cannot test its time-varying model (it asks it for
    ``durations``), so one-row tables are asked for.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> times = hg.survival.proportional_hazards(800, seed=2)
    >>> print(hg.survival.diagnose_ph(times, ["treated", "age"]).sentence[:35])
    No covariate shows a hazard ratio t
    """
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError
    from lifelines.statistics import proportional_hazard_test

    table = _numbers(times, covariates)
    try:
        fitted = CoxPHFitter().fit(table, "duration", "event")
    except ConvergenceError as error:
        raise ArgumentError(
            "The model finds no finite hazard ratio: a covariate, or several together, tell the "
            "patients with the event from all others. Look at their groups, and leave one out."
        ) from error
    test = proportional_hazard_test(fitted, table, time_transform="rank").summary
    scaled = fitted.compute_residuals(table, "scaled_schoenfeld")
    when = table.loc[scaled.index, "duration"].to_numpy()
    residuals = scaled.set_index(pd.Index(when, name="time")).sort_index()
    half = len(residuals) // 2
    found = pd.DataFrame(
        {
            "early": residuals.iloc[:half].mean(),
            "late": residuals.iloc[half:].mean(),
            "statistic": test["test_statistic"],
            "p": test["p"],
        }
    )
    return Diagnosis(found.loc[list(table.columns.drop(["duration", "event"]))], residuals)


def _numbers(times: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """The columns of the model as numbers, or a clear word about what is wrong with them."""
    names = list(covariates)
    for name in ["duration", "event", *names]:
        if name not in times:
            raise ArgumentError(f"There is no column {name!r}; have {', '.join(times.columns)}.")
    table = times[["duration", "event"]].astype(float)
    for name in names:
        values = times[name]
        if values.nunique() < 2:
            raise ArgumentError(f"The covariate {name!r} is the same for everybody; leave it out.")
        if not pd.api.types.is_numeric_dtype(values):
            if values.nunique() > 2:
                raise ArgumentError(
                    f"The covariate {name!r} has {values.nunique()} labels. Make a column of 0 and "
                    "1 for each, such as with pandas.get_dummies."
                )
            codes, _ = pd.factorize(values, sort=True)
            values = pd.Series(codes, index=times.index)
        table[name] = values.astype(float)
    if int(table["event"].sum()) < 10 * max(len(names), 1):
        raise ArgumentError(
            f"{int(table['event'].sum())} events are too few for {len(names)} covariates; ten for "
            "each is the least."
        )
    for name in names:
        had, had_not = (table.loc[table["event"] == kind, name] for kind in (1, 0))
        apart = len(had_not) and (had.min() > had_not.max() or had.max() < had_not.min())
        lonely = table[name].nunique() == 2 and had.nunique() == 1
        if apart or lonely:
            raise ArgumentError(
                f"There is no finite hazard ratio of {name!r}: it tells those with the event from "
                "the others, or nobody in one of its groups had the event. Leave it out."
            )
    return table
