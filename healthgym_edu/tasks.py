"""Prediction tasks: a moment, what is known by then, and what comes after it.

A task takes nothing but the columns of a frame, so that it can be set to any cohort: simulated,
synthetic or from a file.  Features are computed from steps before the landmark, among patients who
are still there at it; labels from steps at and after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .conditions import get_mechanism
from .data import Cohort
from .engine.predictions import Prediction
from .errors import ArgumentError, require_known


@dataclass(frozen=True)
class Task(Prediction):
    """A prediction that a condition names, to be set to cohorts of it.

    Attributes
    ----------
    name, words, landmark, happens, groups
        As of a `Prediction`.
    condition : str
    """

    condition: str = ""

    def present(self, cohort: Cohort) -> pd.Index:
        """Return the patients who are still there at the landmark.

        Raises
        ------
        ArgumentError
            Another condition, or nobody left.
        """
        schema = cohort.schema
        if schema.condition != self.condition:
            raise ArgumentError(
                f"The task {self.name!r} is about {self.condition!r}, and the cohort is of "
                f"{schema.condition!r}. Its tasks are: {', '.join(tasks_of(schema.condition))}."
            )
        at = cohort.frame.loc[cohort.frame[schema.step] == self.landmark, schema.id]
        if at.empty:
            raise ArgumentError(f"Nobody is on record at step {self.landmark}, the landmark.")
        return pd.Index(np.sort(at.unique()), name=schema.id)

    def features(self, cohort: Cohort) -> pd.DataFrame:
        """Return what is known by the landmark, one row a patient: last and mean of each column."""
        schema, here = cohort.schema, self.present(cohort)
        frame = cohort.frame
        known = frame[(frame[schema.step] < self.landmark) & frame[schema.id].isin(here)]
        known = known.sort_values([schema.id, schema.step])
        columns = {}
        for variable in schema:
            values = known[variable.name]
            if variable.kind == "numeric":
                values = values.astype(float)
                columns[variable.name] = np.log1p(values.clip(lower=0)) if variable.log else values
            elif variable.is_coded:
                labels = list(variable.labels) if values.dtype != bool else [True]
                for label in labels[0 if len(labels) != 2 else 1 :]:
                    columns[f"{variable.name}: {label}"] = (values == label).astype(float)
        by = pd.DataFrame(columns, index=known.index).groupby(known[schema.id])
        found = pd.concat([by.last().add_suffix(", last"), by.mean().add_suffix(", mean")], axis=1)
        return found.reindex(here)

    def label(self, cohort: Cohort) -> pd.Series:
        """Return whether it happens, by patient present at the landmark."""
        schema, here = cohort.schema, self.present(cohort)
        frame = cohort.frame
        later = frame[(frame[schema.step] >= self.landmark) & frame[schema.id].isin(here)]
        return self.happens(later.sort_values([schema.id, schema.step])).reindex(here).astype(bool)

    def group(self, cohort: Cohort, name: str) -> pd.Series:
        """Return the label of each patient present, in a column, at the first step."""
        first = cohort.frame.drop_duplicates(cohort.schema.id).set_index(cohort.schema.id)
        return first[name].reindex(self.present(cohort)).astype(str)


def baseline() -> object:
    """The model that a task is tried with: logistic regression on standardised features."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))


def tasks_of(condition: str) -> dict[str, Task]:
    """Return the tasks of a condition by name.

    >>> from healthgym_edu.tasks import tasks_of
    >>> list(tasks_of("sepsis"))
    ['death in the stay']
    """
    return {
        one.name: Task(one.name, one.words, one.landmark, one.happens, one.groups, condition)
        for one in get_mechanism(condition).predictions
    }


def task(condition: str, name: str | None = None) -> Task:
    """Return a task by its name; the first one of the condition, if none is given.

    Raises
    ------
    ArgumentError
        A condition without tasks, or one that does not have this task.
    """
    known = tasks_of(condition)
    if not known:
        raise ArgumentError(f"No prediction task is written down for {condition!r}; pass a Task.")
    if name is None:
        return next(iter(known.values()))
    require_known("task", name, known, f" for {condition}")
    return known[name]
