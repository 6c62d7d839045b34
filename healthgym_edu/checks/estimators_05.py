"""Right and wrong answers to the last exercise of chapter 05: functions that estimate."""

from __future__ import annotations

from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from healthgym_edu.survival import propensity, rmst, time_to_event

from .answers_05 import HORIZON, STARTERS, starts_with

PAIR = "DTG - RPV"
RULES = {drug: starts_with(drug) for drug in ("DTG", "RPV")}

SOLUTION = """
def estimate(cohort):
    rules = {"DTG": lambda regimen: "DTG" in regimen, "RPV": lambda regimen: "RPV" in regimen}
    table = hg.survival.time_to_event(
        cohort, "suppressed_50", at_risk="Naive at entry", origin="first decision", arm=rules,
        horizon=12,
    )
    chances = hg.survival.propensity(cohort, rules, "estimated", table["PatientID"])
    table["weight"] = table["PatientID"].map(chances["weight"])
    months = hg.survival.rmst(table, 12, by="arm", weights="weight")
    return tuple(months.loc["DTG - RPV", ["rmst", "lower", "upper"]])
"""


def once(function):
    """As a function of a cohort, but asked once about each, for as long as somebody holds it."""
    kept = WeakKeyDictionary()

    @wraps(function)
    def asked(cohort, *more):
        found = kept.setdefault(cohort, {})
        if more not in found:
            found[more] = function(cohort, *more)
        return found[more]

    return asked


@once
def table_of(cohort, horizon=HORIZON):
    return time_to_event(cohort, arm=RULES, horizon=horizon, **STARTERS)


@once
def chances(cohort, source):
    return propensity(cohort, RULES, source, table_of(cohort)["PatientID"])


def row(table, weights=None, horizon=HORIZON, **options):
    months = rmst(table, horizon, by="arm", weights=weights, **options)
    return tuple(months.loc[PAIR, ["rmst", "lower", "upper"]])


def to_6_months(source):
    """What the call of section 6 gives with its horizon left at 6."""

    def mistaken(cohort):
        table = table_of(cohort)
        weight = chances(cohort, source)["weight"]
        return row(table.assign(w=table["PatientID"].map(weight)), "w", 6)[0]

    return mistaken


def by_probability(cohort):
    """Weighted by recorded probabilities, not by one divided by them."""
    table = table_of(cohort)
    return row(table.assign(w=table["propensity"]), "w")[0]


def by_recorded(cohort):
    """By the clinician's own probabilities, which stand in the table already."""
    return row(table_of(cohort), "propensity")


def by_truncated(cohort):
    """By estimated probabilities, none of them below 1 in 50, as a list."""
    table = table_of(cohort)
    weight = propensity(cohort, RULES, "estimated", table["PatientID"], truncate=0.02)["weight"]
    return list(row(table.assign(w=table["PatientID"].map(weight)), "w"))


def by_logistic(cohort):
    """By a logistic model of what the clinician saw, with the thresholds of those years."""
    from sklearn.linear_model import LogisticRegression

    table = table_of(cohort)
    seen = cohort.seen.groupby("PatientID").first().loc[table["PatientID"]]
    virus, cells = seen["log10 VL"], seen["CD4"]
    known = pd.DataFrame({"virus": virus, "high": virus > 5, "cells": cells / 100})
    known = known.assign(low=cells < 200, year=seen["year"] - 2015, none=virus < 0).astype(float)
    on_dtg = (table["arm"] == "DTG").to_numpy()
    model = LogisticRegression(C=10, max_iter=2000).fit(known, on_dtg)
    chance = model.predict_proba(known)[:, 1]
    weight = np.where(on_dtg, 1 / chance, 1 / (1 - chance))
    return row(table.assign(w=weight), "w")


def as_it_is(cohort):
    return row(table_of(cohort))


def little_virus(cohort):
    """Only people with little virus, who are mostly started on RPV, unweighted."""
    table = time_to_event(cohort, arm=RULES, horizon=HORIZON, covariates=["VL"], **STARTERS)
    return row(table[table["VL"] < 1e5])


def moved_by_heart(cohort):
    """The difference as it is, moved by as much as it happens to be wrong."""
    return tuple(end - 1.35 for end in as_it_is(cohort))


def widened(cohort):
    """The difference as it is, with an interval nearly as wide as is allowed."""
    middle = as_it_is(cohort)[0]
    return middle, middle - 1.99, middle + 1.99


def upside_down(cohort):
    """Weighted by the estimated probabilities, not by one divided by them."""
    table = table_of(cohort)
    chance = chances(cohort, "estimated")["probability"]
    return row(table.assign(w=table["PatientID"].map(chance)), "w")


def truth_with_noise(cohort):
    """The truth by heart, with a little noise that differs from cohort to cohort."""
    noise = np.random.default_rng(int(cohort.frame["VL"].sum())).normal(0, 0.2)
    return -2.86 + noise, -3.7 + noise, -2.0 + noise


def of(change):
    """A right answer that is then spoilt."""
    return lambda cohort: change(*by_recorded(cohort))


WRONG: list[tuple[Any, str]] = [
    (lambda late: as_it_is, "as it is"),
    (lambda late: little_virus, "too near zero"),
    (lambda late: of(lambda a, b, c: (-a, -c, -b)), "the other way round"),
    (lambda late: of(lambda a, b, c: (a / 12, b / 12, c / 12)), "look like shares"),
    (lambda late: of(lambda a, b, c: (a, a - 5, a + 5)), "months wide"),
    (lambda late: of(lambda a, b, c: (a, a, a)), "no width"),
    (lambda late: of(lambda a, b, c: (b, a, c)), "between the ends"),
    (lambda late: of(lambda a, b, c: (a, b)), "returned 2 numbers"),
    (lambda late: of(lambda a, b, c: None), "returned nothing"),
    (lambda late: of(lambda a, b, c: "sooner"), "three numbers"),
    (lambda late: lambda cohort: (-2.9, -3.6, -2.2), "the same numbers"),
    (lambda late: widened, "around the difference as it is"),
    (lambda late: moved_by_heart, "moved by -1.35 months"),
    (lambda late: upside_down, "the weights are the probabilities"),
    (lambda late: truth_with_noise, "every second person on DTG"),
    (lambda late: lambda cohort: row(table_of(cohort), "weight"), "raised ArgumentError"),
    (lambda late: lambda cohort: row(table_of(cohort, 24), "propensity", 6), "go to 6 months"),
    (lambda late: lambda cohort: row(table_of(cohort, 24), "propensity", 24), "the means go to 24"),
    (lambda late: by_recorded(late), "give its name"),
]
