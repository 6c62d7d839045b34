"""Does a hazard ratio stay the same over time? Asked of residuals, answered in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import ArgumentError, require_known
from .design import design

SUSPICIOUS = 0.05
SEPARATED = (
    "The model finds no finite hazard ratio: a covariate, or several together, tell the patients "
    "with the event from all others. Look at their groups, and leave one out."
)


@dataclass(frozen=True)
class Diagnosis:
    """What was found about proportional hazards.

    Attributes
    ----------
    table : DataFrame
        Indexed by covariate: ``early`` and ``late``, the log hazard ratio up to the median time of
        the events and after it; ``statistic`` and ``p`` of the test.
    residuals : DataFrame or None
        Of tables with one row per patient; None of start–stop rows. Scaled Schoenfeld residuals
        plus the estimate, by time of event: flat where hazards are proportional.
    """

    table: pd.DataFrame
    residuals: pd.DataFrame | None

    @property
    def sentence(self) -> str:
        """The finding in plain words: of the covariate with the smallest p."""
        return self.sentence_for(str(self.table["p"].idxmin()))

    def sentence_for(self, name: str) -> str:
        """The finding about one covariate in plain words.

        Raises
        ------
        ArgumentError
            Another name than one of the table's rows.
        """
        require_known("covariate", name, list(self.table.index), "")
        early, late, _, p = self.table.loc[name, ["early", "late", "statistic", "p"]]
        if p >= SUSPICIOUS:
            return (
                f"The hazard ratio of {name} shows no change with time (p {p:.2f}); that is no "
                "proof that there is none."
            )
        return (
            f"The hazard ratio of {name} changes with time (p {p:.2g}): about "
            f"{np.exp(early):.2f} early and {np.exp(late):.2f} late. One number does not describe "
            "it; report restricted means, or the ratio by period."
        )

    def __str__(self) -> str:
        return self.sentence


def diagnose_ph(
    times: pd.DataFrame, covariates: Iterable[str], reference: Mapping[str, str] | None = None
) -> Diagnosis:
    """Test whether the hazards of a Cox model are proportional.

    Parameters
    ----------
    times : DataFrame
        From `time_to_event`, one row per patient; or start–stop rows from `counting_process`.
    covariates : iterable of str
        Columns of the model.
    reference : mapping, optional
        As for `design`.

    Returns
    -------
    Diagnosis
        ``print(diagnosis)`` says what it means.

    Raises
    ------
    ArgumentError
        What `design` refuses.

    Notes
    -----
    Grambsch and Therneau's test (Biometrika 1994, doi:10.1093/biomet/81.3.515) as lifelines has it,
    with ranks of time. lifelines 0.30.3 cannot test its time-varying model (it asks it for
    ``durations``), so for start–stop rows the follow-up is cut at the median time of the events,
    and the question is whether the hazard ratio after it differs from the one before (Wald test).

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> times = hg.survival.proportional_hazards(800, seed=2)
    >>> print(hg.survival.diagnose_ph(times, ["treated", "age"]).sentence_for("treated")[:48])
    The hazard ratio of treated shows no change with
    """
    table = design(times, covariates, reference)
    if "start" in table:
        return Diagnosis(_by_period(table), None)
    return _by_residuals(table)


def _by_residuals(table: pd.DataFrame) -> Diagnosis:
    """Grambsch and Therneau's test of one row per patient."""
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError
    from lifelines.statistics import proportional_hazard_test

    try:
        fitted = CoxPHFitter().fit(table, "duration", "event")
    except ConvergenceError as error:
        raise ArgumentError(SEPARATED) from error
    test = proportional_hazard_test(fitted, table, time_transform="rank").summary
    # lifelines' are centred on 0: the estimate has to be added (Grambsch and Therneau, section 3)
    scaled = fitted.compute_residuals(table, "scaled_schoenfeld") + fitted.params_
    when = table.loc[scaled.index, "duration"].to_numpy()
    residuals = scaled.set_index(pd.Index(when, name="time")).sort_index()
    cut = _middle(table["event"], table["duration"])
    early = table.assign(
        duration=table["duration"].clip(upper=cut),
        event=table["event"] & (table["duration"] <= cut),
    )
    late = table[table["duration"] > cut]
    try:
        halves = [CoxPHFitter().fit(part, "duration", "event").params_ for part in (early, late)]
    except ConvergenceError as error:
        raise ArgumentError(SEPARATED) from error
    found = pd.DataFrame(
        {
            "early": halves[0],
            "late": halves[1],
            "statistic": test["test_statistic"],
            "p": test["p"],
        }
    )
    return Diagnosis(found.loc[list(table.columns.drop(["duration", "event"]))], residuals)


def _middle(event: pd.Series, when: pd.Series) -> float:
    """Return the median time of the events, after which there must be some."""
    cut = float(np.median(when[event]))
    if not (when[event] > cut).any():
        raise ArgumentError(f"No event comes after step {cut:g}, so there is no later half.")
    return cut


def _by_period(rows: pd.DataFrame) -> pd.DataFrame:
    """Wald test of each covariate's interaction with the later half of the events."""
    from lifelines import CoxTimeVaryingFitter
    from lifelines.exceptions import ConvergenceError

    names = list(rows.columns.drop(["PatientID", "start", "stop", "event"]))
    cut = _middle(rows["event"], rows["stop"])
    crossing = (rows["start"] < cut) & (rows["stop"] > cut)
    early = rows.assign(stop=rows["stop"].clip(upper=cut), event=rows["event"] & ~crossing)[
        rows["start"] < cut
    ]
    late = rows.assign(start=rows["start"].clip(lower=cut))[rows["stop"] > cut]
    split = pd.concat([early, late]).reset_index(drop=True)
    is_late = (split["start"] >= cut).to_numpy(float)
    for name in names:
        split[f"{name} late"] = split[name] * is_late
    try:
        fitted = CoxTimeVaryingFitter().fit(split, id_col="PatientID", event_col="event")
    except ConvergenceError as error:
        raise ArgumentError(SEPARATED) from error
    change = [f"{name} late" for name in names]
    beta, p = fitted.params_, fitted.summary["p"]
    return pd.DataFrame(
        {
            "early": beta[names].to_numpy(),
            "late": beta[names].to_numpy() + beta[change].to_numpy(),
            "statistic": (fitted.summary["z"][change] ** 2).to_numpy(),
            "p": p[change].to_numpy(),
        },
        index=pd.Index(names, name="covariate"),
    )
