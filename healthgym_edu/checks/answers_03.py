"""Right and wrong answers to the exercises of chapter 03, from their definitions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from healthgym_edu.conditions.hypotension import Hypotension
from healthgym_edu.data import simulate

NOW = 24
"""Hour in which the last exercise asks for a lactate."""

HOUR = 8
"""Hour of the bolus in the chapter's twins."""

RISE = 5.0
"""mmHg that make a responder."""

USUAL = 1.73
"""mmol/L: the lactate that the table shows of somebody never measured."""

LEVELS = ("0", ">0", "8.4", "20.28")
"""Vasopressor levels of the file, by their lower edges in mcg/kg per hour."""

LEARN_AND_PREDICT = """
from sklearn.linear_model import LinearRegression

def describe_patients(records):
    now = records[records["Timepoints"] == 24].set_index("PatientID")
    by_patient = records.groupby("PatientID")
    level = records["vasopressors"].cat.codes
    columns = {
        "systolic": by_patient["systolic_bp"].mean(),
        "dose": level.groupby(records["PatientID"]).mean(),
        "GCS": now["GCS_total"].astype(float).fillna(15),
        "AST": np.log(now["AST"].fillna(46)),
        "AST known": now["AST"].notna().astype(float),
        "urine": np.log1p(by_patient["urine"].mean().fillna(80)),
    }
    return pd.DataFrame(columns), now["lactic_acid"]

def learn_and_predict(known, outcome, newcomers):
    inputs, lactate = describe_patients(known)
    untested = lactate.index[lactate.isna()]
    model = LinearRegression().fit(inputs.loc[untested], outcome.loc[untested])
    inputs, lactate = describe_patients(newcomers)
    return lactate.fillna(pd.Series(model.predict(inputs), index=inputs.index))
"""

BOLUS, NOTHING = "fluid 500, vasopressor 0", "fluid 0, vasopressor 0"


# --- who was never measured ---------------------------------------------------------------------


def ever(icu):
    return icu.frame.groupby("PatientID")["lactic_acid_m"].any()


def hours_of_never(icu):
    """Share of hours that belong to patients never measured."""
    return (~icu.frame.groupby("PatientID")["lactic_acid_m"].transform("any")).mean()


# --- measurements by dose -----------------------------------------------------------------------


def gas(icu):
    return icu.frame.groupby("vasopressors", observed=True)["PO2_m"]


def bars(heights, xlabel="vasopressors", ylabel="share of hours", lying=False):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    (ax.barh if lying else ax.bar)(heights.index.astype(str), heights)
    labels = (ylabel, xlabel) if lying else (xlabel, ylabel)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    return ax


def bars_reversed(icu):
    """The heights in the order of the levels, the labels the other way round."""
    share = gas(icu).mean()
    return bars(pd.Series(share.to_numpy(), index=share.index[::-1]))


def bars_by_pandas(icu):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    gas(icu).mean().plot.bar(ax=ax, xlabel="vasopressor level", ylabel="share", rot=0)
    return ax


def bars_by_crosstab(icu):
    table = pd.crosstab(icu.frame["vasopressors"], icu.frame["PO2_m"], normalize="index")
    return bars(table[True], ylabel="hours measured (share)", lying=True)


# --- counts with a gap --------------------------------------------------------------------------


def counts(frame, seen, start):
    there = frame["PatientID"][frame["Timepoints"] == start]
    early = frame[frame["Timepoints"] < seen]
    return early.groupby("PatientID")["lactic_acid_m"].sum().loc[there]


def counts_by_pivot(frame, seen, start):
    grid = frame.pivot(index="PatientID", columns="Timepoints", values="lactic_acid_m")
    grid = grid[grid[start].notna()]
    return grid.loc[:, : seen - 1].sum(axis=1)


def counts_by_apply(frame, seen, start):
    early = (frame["lactic_acid_m"] & frame["Timepoints"].lt(seen)).groupby(frame["PatientID"])
    lasts = frame.groupby("PatientID")["Timepoints"].max()
    return early.sum()[lasts >= start].sort_values()


def counts_by_merge(frame, seen, start):
    there = frame.loc[frame["Timepoints"] == start, ["PatientID"]]
    drawn = frame.query("Timepoints < @seen and lactic_acid_m")
    number = drawn.value_counts("PatientID").rename("lactates")
    found = there.merge(number, left_on="PatientID", right_index=True, how="left")
    return found.set_index("PatientID").fillna(0.0)


def counter(seen=lambda seen, start: seen, start=lambda seen, start: start):
    """The right function, called with other hours than the question says."""
    return lambda frame, one, two: counts(frame, seen(one, two), start(one, two))


def counts_without_zeros(frame, seen, start):
    found = counts(frame, seen, start)
    return found[found > 0]


def counts_of_everyone(frame, seen, start):
    return frame[frame["Timepoints"] < seen].groupby("PatientID")["lactic_acid_m"].sum()


def whether_any(frame, seen, start):
    return counts(frame, seen, start) > 0


def hours_counted(frame, seen, start):
    return counts(frame.assign(lactic_acid_m=True), seen, start)


COUNT_SLIPS = {
    "keep who is there at hour `start`, not at hour `seen`": counter(
        start=lambda seen, start: seen
    ),
    "count what came before hour `seen`, not before hour `start`": counter(
        seen=lambda seen, start: start
    ),
    "hour `seen` itself is not before hour `seen`": counter(seen=lambda seen, start: seen + 1),
    "it says whether there was one, not how many": whether_any,
    "it counts the hours, not the hours in which the flag is True": hours_counted,
}


# --- a dose and its unit ------------------------------------------------------------------------


def level_by_search(rate):
    edges = np.array([1e-6, 8.4, 20.28])
    return LEVELS[int(np.searchsorted(edges, 60 * rate, side="right"))]


def level_by_minute(rate):
    """Turns the edges into rates a minute instead."""
    above = [name for name in ("8.4", "20.28") if rate >= float(name) / 60]
    return above[-1] if above else LEVELS[int(rate > 0)]


def level_by_cut(rate):
    per_hour = rate * 60
    return str(pd.cut([per_hour], [-1, 0, 8.4, 20.28, np.inf], labels=LEVELS)[0])


# --- with and without a bolus -------------------------------------------------------------------


def bolus_if_low(observations):
    """500 mL at hour 8 where MAP is below 60 mmHg; nothing else, as in the chapter."""
    seen = pd.DataFrame(observations, columns=Hypotension().observation_names)
    low = (seen["hour"] == HOUR) & (seen["MAP"] < 60)
    probability = pd.DataFrame(0.0, index=seen.index, columns=Hypotension.actions)
    probability[BOLUS], probability[NOTHING] = low.astype(float), 1 - low.astype(float)
    return probability


def rises(worlds, name, everybody=False, hour=HOUR):
    """Rise in the hour after the bolus, mmHg, of those to whom it was given in one world."""
    frame = worlds["bolus"].frame
    given = frame["PatientID"][
        (frame["Timepoints"] == HOUR) & frame["fluid_boluses"].astype(str).ne("0")
    ]
    table = worlds[name].frame.pivot(index="PatientID", columns="Timepoints", values="MAP")
    table = table if everybody else table.loc[given]
    return (table[hour + 1] - table[hour]).dropna()


def risen(worlds, name, everybody=False, hour=HOUR):
    return float((rises(worlds, name, everybody, hour) >= RISE).mean())


def risen_by_merge(worlds):
    given = worlds["bolus"].frame.query("Timepoints == @HOUR and fluid_boluses == '500'")[
        "PatientID"
    ]
    rows = worlds["nothing"].frame.set_index(["PatientID", "Timepoints"])["MAP"]
    before, after = (rows.xs(hour, level="Timepoints") for hour in (HOUR, HOUR + 1))
    pair = pd.concat([before, after], axis=1, keys=["before", "after"]).loc[given].dropna()
    return np.float32((pair["after"] >= pair["before"] + RISE).sum() / len(pair))


def risen_by_shift(worlds):
    frame = worlds["nothing"].frame
    rise = frame.groupby("PatientID")["MAP"].shift(-1) - frame["MAP"]
    low = (frame["Timepoints"] == HOUR) & (frame["MAP"] < 60) & rise.notna()
    return (rise[low] >= RISE).mean()


# --- a lactate that nobody measured -------------------------------------------------------------


def known_by_now(icu):
    """Rows of hours 0 to 24, as the ward knew them, of patients present at hour 24."""
    records = icu.observed()
    records = records[records["Timepoints"] <= NOW]
    present = records.loc[records["Timepoints"] == NOW, "PatientID"]
    return records[records["PatientID"].isin(present)]


@lru_cache(maxsize=2)
def _true_lactate(n_patients, seed):
    return lactate(simulate("hypotension", n_patients, seed=seed, carried=False).frame)


def true_lactate(icu):
    """What each patient has at hour 24, measured or not."""
    return _true_lactate(int(icu.patients.index.max()) + 1, icu.seed)


def lactate(frame):
    return frame[frame["Timepoints"] == NOW].set_index("PatientID")["lactic_acid"]


def features(records):
    """One row a patient: pressure, dose, consciousness and liver, nothing missing."""
    now = records[records["Timepoints"] == NOW].set_index("PatientID")
    by_patient = records.groupby("PatientID")
    level = records["vasopressors"].cat.codes.groupby(records["PatientID"])
    columns = {
        "systolic": by_patient["systolic_bp"].mean(),
        "MAP": by_patient["MAP"].mean(),
        "dose": level.mean(),
        "GCS": now["GCS_total"].astype(float).fillna(15),
        "AST": np.log(now["AST"].fillna(46)),
        "AST known": now["AST"].notna(),
        "urine": np.log1p(by_patient["urine"].mean().fillna(80)),
    }
    return pd.DataFrame(columns).loc[now.index].astype(float)


def by_model(model):
    """Fills in the untested with what a model learned from the untested."""

    def learn_and_predict(known, outcome, newcomers):
        inputs, untested = features(known), lactate(known).isna()
        model.fit(inputs[untested], outcome[inputs.index[untested]])
        asked = features(newcomers)
        return lactate(newcomers).fillna(pd.Series(model.predict(asked), index=asked.index))

    return learn_and_predict


def by_median_regression():
    from sklearn.linear_model import QuantileRegressor

    return by_model(QuantileRegressor(quantile=0.5, alpha=0))


def by_boosting():
    from sklearn.ensemble import HistGradientBoostingRegressor

    small = {"max_depth": 3, "learning_rate": 0.05, "max_iter": 150}
    return by_model(HistGradientBoostingRegressor(loss="absolute_error", random_state=0, **small))


def by_logarithms(known, outcome, newcomers):
    """Log lactate regressed on everybody; a table of one column, in an order of its own."""
    inputs, asked = features(known).assign(one=1.0), features(newcomers).assign(one=1.0)
    weights = np.linalg.lstsq(inputs, np.log(outcome.loc[inputs.index]), rcond=None)[0]
    guess = pd.Series(np.exp(asked.to_numpy() @ weights), index=asked.index)
    return lactate(newcomers).fillna(guess).sort_values().to_frame()


def as_the_table(newcomers):
    return lactate(newcomers).fillna(USUAL)


def the_tables_way(known, outcome, newcomers):
    return as_the_table(newcomers)


def one_number(known, outcome, newcomers):
    return pd.Series(outcome.median(), index=newcomers["PatientID"].unique())


def one_number_for_the_untested(known, outcome, newcomers):
    untested = lactate(known).isna()
    return lactate(newcomers).fillna(outcome[untested[untested].index].median())


def measured_alone(known, outcome, newcomers):
    """Fills in the mean of the tested, as the table does."""
    return lactate(newcomers).fillna(lactate(known).mean())


def in_another_unit(known, outcome, newcomers):
    """mg/dL, as some laboratories report it."""
    return 9 * by_median_regression()(known, outcome, newcomers)


def half_the_patients(known, outcome, newcomers):
    return as_the_table(newcomers).iloc[::2]


def with_gaps(known, outcome, newcomers):
    return lactate(newcomers)


def looked_up(stays):
    """True lactates of the cohort at hand, by number."""
    truth = true_lactate(stays)
    return lambda known, outcome, newcomers: truth.loc[newcomers["PatientID"].unique()]
