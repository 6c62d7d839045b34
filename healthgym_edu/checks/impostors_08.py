"""Impostors of chapter 08: tables that look like records and are none, each made in a few lines.

Each takes a cohort and a random generator, and returns a cohort of as many patients, of the same
columns, whose `recipe` and `decisions` are gone: nobody can ask it for the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from healthgym_edu.data import Cohort

Impostor = Callable[[Cohort, np.random.Generator], Cohort]

LEAST = 0.01
"""Numbers on a logarithmic scale are not smaller: files give two decimals."""


def measured_columns(cohort: Cohort) -> list[str]:
    """All columns but patient and step."""
    return [one.name for one in cohort.schema if one.kind not in ("id", "step")]


def as_cohort(frame: pd.DataFrame, like: Cohort, source: str) -> Cohort:
    """A table with the columns of a cohort, as a cohort of whom nothing else is known."""
    frame = frame[like.frame.columns].reset_index(drop=True)
    return replace(
        like, frame=frame, decisions=None, seen=None, seed=None, recipe=None, source=source
    )


def shuffled_columns(train: Cohort, rng: np.random.Generator) -> Cohort:
    """Every column in an order of its own."""
    frame = train.frame.copy()
    for name in measured_columns(train):
        frame[name] = frame[name].array[rng.permutation(len(frame))]
    return as_cohort(frame, train, "columns shuffled")


def shuffled_time(train: Cohort, rng: np.random.Generator) -> Cohort:
    """The rows of each patient in another order."""
    patient, step = train.schema.id, train.schema.step
    places = np.lexsort((rng.random(len(train.frame)), train.frame[patient]))
    frame = train.frame.iloc[places].reset_index(drop=True)
    frame[step] = train.frame.sort_values([patient, step])[step].to_numpy()
    return as_cohort(frame, train, "time shuffled")


def mean_patient(train: Cohort, rng: np.random.Generator) -> Cohort:
    """The mean and spread of each month, and its most frequent labels, for everybody."""
    frame, step = train.frame.copy(), train.frame[train.schema.step]
    for name in measured_columns(train):
        variable, values = train.schema[name], frame[name]
        if variable.kind != "numeric":
            usual = pd.get_dummies(values).groupby(step).sum().idxmax(axis=1)
            frame[name] = step.map(usual).astype(values.dtype)
            continue
        scaled = np.log10(values.clip(lower=LEAST)) if variable.log else values
        by_step = scaled.groupby(step)
        drawn = rng.normal(by_step.transform("mean"), by_step.transform("std").fillna(0))
        least = LEAST if variable.log else 0.0
        frame[name] = np.maximum(10**drawn if variable.log else drawn, least).round(2)
    return as_cohort(frame, train, "mean patient with noise")


def copied(train: Cohort, rng: np.random.Generator) -> Cohort:
    """The very same records, under other numbers."""
    new = pd.Series(rng.permutation(len(train)), train.patients.index)
    patient, step = train.schema.id, train.schema.step
    frame = train.frame.assign(**{patient: train.frame[patient].map(new)})
    people = train.patients.set_axis(new.loc[train.patients.index].to_numpy()).sort_index()
    people.index.name = train.patients.index.name
    return as_cohort(frame.sort_values([patient, step]), replace(train, patients=people), "a copy")


def five_tables(train: Cohort, fresh: Cohort, seed: int = 0) -> dict[str, Cohort]:
    """The tables of the chapter, under letters: four impostors of `train`, and `fresh`."""
    makers: dict[str, Impostor] = {
        "A": shuffled_time, "C": mean_patient, "D": shuffled_columns, "E": copied,
    }  # fmt: skip
    made = {
        name: make(train, np.random.default_rng([seed, place]))
        for place, (name, make) in enumerate(makers.items())
    }
    return {name: made.get(name, fresh) for name in "ABCDE"}


HOW = {
    "A": "time shuffled in each patient",
    "B": "fresh draw",
    "C": "mean patient with noise",
    "D": "columns shuffled",
    "E": "copy of the training patients",
}
"""What each table is; the chapter tells it only after the reader has looked."""
