"""Right and wrong answers to the last exercise of chapter 03: a lactate that nobody measured."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from healthgym_edu.data import simulate

NOW = 24
"""Hour in which the last exercise asks for a lactate."""

USUAL = 1.73
"""mmol/L: the lactate that the table shows of somebody never measured."""

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
