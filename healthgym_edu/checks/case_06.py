"""The table of chapter 06: start–stop rows as a team at a datathon made them, faults included.

It is made from the monthly rows as an analyst makes it, without `healthgym_edu.survival`; each
fault can be left out, and without any the rows are those of `survival.counting_process`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from healthgym_edu.data import Cohort
from healthgym_edu.errors import ArgumentError, require_known, require_whole

FAULTS = ("censored", "dropped", "pattern")
DRUGS = ("efv", "dtg", "evg", "ral", "rpv", "nvp", "drv", "rtv", "rtvb", "atv", "lpv", "cobi")
COVARIATES = ["female", "rel_cd4", *DRUGS[1:]]
"""What the team's model knows; efavirenz (efv), left out, is what the others are compared with."""

FAILING = 1000
"""Copies/mL: followed are people above it in month 0, until the first month without."""

HORIZON = 12
_LABELS = ("Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI")


def published_table(
    art: Cohort, faults: Iterable[str] = FAULTS, horizon: int = HORIZON
) -> pd.DataFrame:
    """Make the team's table: one row for each time in which regimen and relative CD4 stay the same.

    Parameters
    ----------
    art : Cohort
        Monthly records of ``"art_hiv"``.
    faults : iterable of str
        Which of the team's faults are made: ``"censored"``, ``"dropped"``, ``"pattern"``.
    horizon : int
        Months at which follow-up ends.

    Returns
    -------
    DataFrame
        ``PatientID, start, stop, event, regimen``, in short codes such as ``"ftc+tdf+efv"``,
        ``female``, ``rel_cd4`` (%) and a column of 0 and 1 for each drug.

    Raises
    ------
    ArgumentError
        An unknown fault, a horizon that is no month, another condition, or nobody to follow.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> from healthgym_edu.checks.case_06 import published_table
    >>> art = hg.load_cohort("art_hiv", n_patients=100)
    >>> rows = published_table(art, faults=[])
    >>> rows["regimen"].iloc[0], int(rows["event"].sum()) < rows["PatientID"].nunique()
    ('drv+ftc+tdf+rtv', True)
    """
    if isinstance(faults, str):
        raise ArgumentError(f"faults is {faults!r}; give a list, such as [{faults!r}].")
    faults = list(faults)
    for fault in faults:
        require_known("fault", fault, FAULTS, "")
    require_whole("horizon", horizon, 1)
    if art.condition != "art_hiv":
        raise ArgumentError(
            f"The case is about art_hiv, and this cohort is one of {art.condition}."
        )
    months = _months_at_risk(art, horizon)
    rows = _episodes(months)
    # fault: nobody is censored, as those without the event are said to have it at the horizon
    first_event = rows["first_event"]
    if "censored" in faults:
        first_event = first_event.fillna(horizon)
    rows["event"] = rows["stop"] == first_event
    if "dropped" in faults:  # fault: of each person one row without and one with the event
        rows = rows.drop_duplicates(["PatientID", "event"])
    for drug in DRUGS:
        rows[drug] = has_drug(rows["regimen"], drug).astype(int)
    if "pattern" in faults:  # fault: "rtv" is also found inside "rtvb"
        rows["rtv"] = rows["regimen"].str.contains("rtv").astype(int)
    names = ["PatientID", "start", "stop", "event", "regimen", "female", "rel_cd4", *DRUGS]
    return rows[names].reset_index(drop=True)


def short_codes(frame: pd.DataFrame) -> pd.Series:
    """Write each regimen in the team's short codes: ``"drv+ftc+tdf+rtvb"``."""
    columns = [*_LABELS, "Extra pk-En"]
    kinds = frame.groupby(columns, observed=True, sort=False).ngroup().to_numpy()
    _, places, inverse = np.unique(kinds, return_index=True, return_inverse=True)
    texts = []
    for *labels, enhanced in frame[columns].iloc[places].itertuples(index=False):
        parts = [str(one).lower().replace(" ", "") for one in labels if one != "Not Applied"]
        texts.append("+".join([*parts, "cobi"] if enhanced else parts))
    return pd.Series(np.array(texts, dtype=object)[inverse], index=frame.index)


def has_drug(regimen: pd.Series, code: str) -> pd.Series:
    """Say which regimens contain a drug, by its whole code."""
    return regimen.map({one: code in one.split("+") for one in regimen.unique()}).astype(bool)


def _months_at_risk(art: Cohort, horizon: int) -> pd.DataFrame:
    """Return the months of those above 1,000 copies/mL in month 0, until event or horizon."""
    frame = art.frame.sort_values(["PatientID", "Timestep"])
    at_zero = frame[frame["Timestep"] == 0]
    followed = at_zero.loc[at_zero["VL"] > FAILING, "PatientID"]
    frame = frame[frame["PatientID"].isin(followed)]
    low = frame[(frame["VL"] <= FAILING) & (frame["Timestep"] <= horizon)]
    first_event = frame["PatientID"].map(low.groupby("PatientID")["Timestep"].min())
    last_month = frame.groupby("PatientID")["Timestep"].transform("max").clip(upper=horizon)
    months = frame.assign(first_event=first_event, end=first_event.fillna(last_month))
    months = months[months["Timestep"] < months["end"]]
    if months.empty:
        raise ArgumentError(f"Nobody is above {FAILING:,} copies/mL in month 0 and followed on.")
    return months.assign(regimen=short_codes(months))


def _episodes(months: pd.DataFrame) -> pd.DataFrame:
    """Join months that follow each other and look alike to rows, open at start, closed at stop."""
    watched = ["PatientID", "regimen", "Rel CD4"]
    new = (months[watched] != months[watched].shift()).any(axis=1)
    rows = months[new].copy()
    rows["start"] = rows["Timestep"]
    last = new.shift(-1, fill_value=True)
    rows["stop"] = months.loc[last, "Timestep"].to_numpy() + 1
    rows["female"] = (rows["Gender"] == "Female").astype(int)
    return rows.rename(columns={"Rel CD4": "rel_cd4"})
