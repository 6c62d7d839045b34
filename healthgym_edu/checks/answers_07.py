"""Right and wrong answers to the exercises of chapter 07, from their definitions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.exercises import Wrong
from healthgym_edu.survival import survival_curve

WITH, WITHOUT = "indinavir", "no indinavir"
FEW, MORE = "CD4 up to 50", "CD4 51 to 200"
DAYS = (120, 206, 240, 300)  # on day 206 somebody has an event


# --- the other side of 50 -----------------------------------------------------------------------


def few_at_baseline(trial, most=50.0):
    return trial["cd4"] <= most


def other_side(trial, most=50.0):
    """Whether the count at baseline lies on the other side than that of the screening."""
    return few_at_baseline(trial, most) != (trial["stratum"] == FEW)


def other_side_by_crosstab(trial):
    shares = pd.crosstab(trial["stratum"], few_at_baseline(trial), normalize="all")
    return shares.loc[FEW, False] + shares.loc[MORE, True]


def other_side_by_labels(trial):
    again = np.where(trial["cd4"] > 50, MORE, FEW)
    return np.mean(again != trial["stratum"].to_numpy())


def other_side_by_query(trial):
    moved = trial.query(f"(cd4 > 50 and stratum == '{FEW}') or (cd4 <= 50 and stratum == '{MORE}')")
    return len(moved) / len(trial)


# --- events to be expected ----------------------------------------------------------------------


def expected(table, still=lambda d, day: d >= day, ties=True):
    """Events that the arm with indinavir would have, if both arms had the same hazard."""
    total = 0.0
    treated = table["arm"] == WITH
    for day in sorted(set(table.loc[table["event"], "duration"])):
        at_risk = still(table["duration"], day)
        n = at_risk.sum()
        events = (table["event"] & (table["duration"] == day)).sum() if ties else 1
        total += events * (at_risk & treated).sum() / n if n else 0.0
    return float(total)


def expected_by_groups(table):
    ordered = table.sort_values("duration", ascending=False)
    counted = ordered.assign(one=1, treated=(ordered["arm"] == WITH).astype(int))
    sums = counted.groupby("duration", sort=False)[["one", "treated", "event"]].sum()
    return float((sums["event"] * sums["treated"].cumsum() / sums["one"].cumsum()).sum())


def expected_by_hazard(table):
    """The cumulative hazard of everybody, summed over those with indinavir."""
    days = np.unique(table["duration"])
    risk = np.array([(table["duration"] >= day).sum() for day in days])
    events = np.array([table.loc[table["duration"] == day, "event"].sum() for day in days])
    hazard = pd.Series(np.cumsum(events / risk), index=days)
    return hazard.loc[table.loc[table["arm"] == WITH, "duration"]].sum()


def expected_by_lists(table):
    rows = list(zip(table["duration"], table["event"], table["arm"], strict=True))
    total = 0.0
    for day, event, _ in rows:
        if event:
            here = [arm for duration, _, arm in rows if duration >= day]
            total += here.count(WITH) / len(here)
    return total


EXPECTED_SLIPS = {
    "those who have the event on a day are still at risk on that day: `>=`, not `>`": (
        lambda t: expected(t, still=lambda duration, day: duration > day)
    ),
    "who is at risk must be counted anew on each day; these are the shares at the start": (
        lambda t: float(t["event"].sum() * (t["arm"] == WITH).mean())
    ),
    "these are the events to be expected in the other arm": (
        lambda t: float(t["event"].sum() - expected(t))
    ),
    "these are the events that happened, not those to be expected": (
        lambda t: float((t["event"] & (t["arm"] == WITH)).sum())
    ),
    "two events on the same day count as two": lambda t: expected(t, ties=False),
    "these are the events of both arms together": lambda t: float(t["event"].sum()),
    "it is the difference between what happened and what was to be expected": (
        lambda t: float((t["event"] & (t["arm"] == WITH)).sum() - expected(t))
    ),
}


# --- the hazard ratio of death ------------------------------------------------------------------


def cox(
    trial: pd.DataFrame,
    time: str = "duration_death",
    event: str = "died",
    strata: str | None = "stratum",
    covariates: Sequence[str] = (),
) -> float:
    """Hazard ratio of indinavir, stratified unless said otherwise."""
    from lifelines import CoxPHFitter

    trial = trial.assign(few=1.0 * (trial["stratum"] == FEW), treated=1.0 * (trial["arm"] == WITH))
    columns = trial[[time, event, "treated", *covariates, *([strata] if strata else [])]]
    fitted = CoxPHFitter().fit(columns, time, event, strata=strata)
    return float(np.exp(fitted.params_["treated"]))


def log_ratios(table: pd.DataFrame) -> np.ndarray:
    """Log hazard ratios of indinavir and of few CD4 cells, together in one model."""
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    columns = {"treated": table["arm"] == WITH, "few": table["stratum"] == FEW}
    numbers = pd.DataFrame({name: one.astype(float) for name, one in columns.items()})
    numbers = numbers.assign(duration=table["duration"].astype(float), event=table["event"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # lifelines warns before it fails
            fitted = CoxPHFitter().fit(numbers, "duration", "event")
    except (ConvergenceError, Warning) as error:
        raise Wrong(
            "no hazard ratio can be found in one of your tables",
            "see whether both arms and both strata have people with and without an event",
        ) from error
    return fitted.params_[["treated", "few"]].to_numpy(float)


DEATH_SLIPS: dict[str, dict[str, Any]] = {
    "it is not stratified": {"strata": None},
    "the stratum is a covariate here; `strata=` compares people within their stratum only": {
        "strata": None,
        "covariates": ["few"],
    },
    "it is the ratio of AIDS or death, not of death alone": {"time": "duration", "event": "event"},
    "the days go to AIDS or death, and the events are deaths: take `duration_death`": {
        "time": "duration"
    },
    "the events are AIDS or death, and the days go to death: take `died`": {"event": "event"},
}


# --- how many to treat --------------------------------------------------------------------------


def risks(table, day, at=lambda time, day: time <= day):
    """Share with an event by a day, by arm, from Kaplan–Meier curves."""
    curve = survival_curve(table, by="arm")
    left = curve[at(curve["time"], day)].groupby("group")["survival"].last()
    return 1 - left[WITHOUT], 1 - left[WITH]


def number_needed(table, day):
    without_it, with_it = risks(table, day)
    return float(1 / (without_it - with_it))


def number_by_lifelines(table, day):
    from lifelines import KaplanMeierFitter

    left = {}
    for name, arm in table.groupby("arm"):
        left[name] = KaplanMeierFitter().fit(arm["duration"], arm["event"]).predict(day)
    return 1 / (left[WITH] - left[WITHOUT])


def number_by_hand(table, day):
    left = dict.fromkeys((WITH, WITHOUT), 1.0)
    for name in left:
        arm = table[table["arm"] == name]
        for when in sorted(set(arm.loc[arm["event"] & (arm["duration"] <= day), "duration"])):
            events = (arm["event"] & (arm["duration"] == when)).sum()
            left[name] *= 1 - events / (arm["duration"] >= when).sum()
    return np.float64(1 / (left[WITH] - left[WITHOUT]))


def number_by_wide(table, day):
    curve = survival_curve(table, by="arm").drop_duplicates(["group", "time"])
    wide = curve.pivot(index="time", columns="group", values="survival").sort_index().ffill()
    last = wide.loc[:day].iloc[-1]
    return (1 / (last[WITH] - last[WITHOUT])).item()


def crude(table, day, everybody=True):
    """Shares of those with an event by a day, as if all had been followed until then."""
    had = table["event"] & (table["duration"] <= day)
    kept = table if everybody else table[had | (table["duration"] >= day)]
    share = had.loc[kept.index].groupby(kept["arm"]).mean()
    return float(1 / (share[WITHOUT] - share[WITH]))


def number_at_the_end(table, day):
    return number_needed(table, table["duration"].max())


NUMBER_SLIPS = {
    "it counts people as without an event who were no longer followed; read the risks from "
    "Kaplan–Meier curves": crude,
    "it leaves out people who were followed for a shorter time, and with them days without an "
    "event; read the risks from Kaplan–Meier curves": (
        lambda t, day: crude(t, day, everybody=False)
    ),
    "an event on the day itself counts, too: `<=`, not `<`": (
        lambda t, day: float(1 / np.subtract(*risks(t, day, at=lambda time, on: time < on)))
    ),
    "it takes the whole follow-up, whatever the day": number_at_the_end,
    "these are shares of the whole follow-up, in which people left early; read the risks at the "
    "day from Kaplan–Meier curves": lambda t, day: crude(t, t["duration"].max()),
    "it is the difference of the risks: how many people does one of it take?": (
        lambda t, day: 1 / number_needed(t, day)
    ),
    "it is the number of events avoided in 100 people": (
        lambda t, day: 100 / number_needed(t, day)
    ),
    "it is the ratio of the two risks, not their difference": (
        lambda t, day: float(risks(t, day)[1] / risks(t, day)[0])
    ),
    "it is the other way round: with indinavir fewer have an event": (
        lambda t, day: -number_needed(t, day)
    ),
    "papers round it up to whole people; give it as it was computed": (
        lambda t, day: float(np.ceil(number_needed(t, day)))
    ),
    "it is rounded; give it as it was computed": (
        lambda t, day: float(np.round(number_needed(t, day)))
    ),
    "it is one over the risk in a single arm": lambda t, day: float(1 / risks(t, day)[0]),
}
