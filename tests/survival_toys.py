"""Small cohorts whose times to an event are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

import healthgym_edu as hg

TEMPLATE = hg.load_cohort("art_hiv", n_patients=2)


def cohort_of(*courses: list[float]) -> hg.Cohort:
    """An ART cohort whose people have these viral loads, month by month; records may end early."""
    rows = []
    for patient, course in enumerate(courses):
        month = pd.concat([TEMPLATE.frame.iloc[[0]]] * len(course), ignore_index=True)
        rows.append(month.assign(PatientID=patient, Timestep=np.arange(len(course)), VL=course))
    frame = pd.concat(rows, ignore_index=True)
    people = TEMPLATE.patients.iloc[[0] * len(courses)].set_axis(range(len(courses)))
    people.index.name = "PatientID"
    return replace(TEMPLATE, frame=frame, patients=people, decisions=None, seen=None)


def below_50(frame: pd.DataFrame) -> pd.Series:
    """The virus is suppressed."""
    return frame["VL"] < 50
