"""Tasks know nothing that comes after their landmark, and can be set to any cohort."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import CONDITIONS
from healthgym_edu.errors import ArgumentError
from healthgym_edu.tasks import task, tasks_of

TASKS = [one for name in CONDITIONS for one in tasks_of(name).values()]


@pytest.fixture(scope="module")
def cohorts():
    return {name: hg.load_cohort(name, n_patients=500, seed=6) for name in CONDITIONS}


@pytest.mark.parametrize("asked", TASKS, ids=lambda one: one.name)
def test_what_comes_after_the_landmark_does_not_change_what_is_known(asked, cohorts):
    cohort = cohorts[asked.condition]
    schema, frame = cohort.schema, cohort.frame.copy()
    later = frame[schema.step] > asked.landmark
    for name in schema.numeric:
        frame.loc[later, name] = frame[name].iloc[0]
    changed = replace(cohort, frame=frame)
    assert asked.features(changed).equals(asked.features(cohort))
    known = asked.features(cohort)
    assert known.index.equals(asked.present(cohort))
    assert known.notna().all(axis=None)
    label = asked.label(cohort)
    assert label.index.equals(known.index)
    assert 0.02 < label.mean() < 0.9


def test_the_label_is_what_the_records_show(cohorts):
    icu = cohorts["sepsis"]
    ward = cohorts["hypotension"]
    for cohort, outcome in ((icu, "Died in stay"), (ward, "Died")):
        shown = task(cohort.condition).label(cohort)
        died = cohort.patients[outcome].loc[shown.index].astype(bool)
        whole = cohort.patients["Steps followed"].loc[shown.index] == cohort.schema.n_steps
        assert shown.equals(died & ~whole)  # who dies in the last step has a whole record
        assert (died & whole).sum() < 0.15 * died.sum()
    art = cohorts["art_hiv"]
    virus = art.frame[art.frame["Timestep"] == 24].set_index("PatientID")["VL"]
    assert task("art_hiv").label(art).equals(virus >= 50)


def test_whoever_left_before_the_landmark_is_not_asked_about(cohorts):
    icu = cohorts["sepsis"]
    asked = task("sepsis")
    gone = icu.patients.index[icu.patients["Steps followed"] <= asked.landmark]
    assert len(gone) > 0
    assert not asked.present(icu).isin(gone).any()


def test_rows_in_any_order_give_the_same_features(cohorts):
    icu = cohorts["sepsis"]
    mixed = replace(icu, frame=icu.frame.sample(frac=1, random_state=0))
    asked = task("sepsis")
    assert np.allclose(asked.features(mixed), asked.features(icu))
    assert asked.label(mixed).equals(asked.label(icu))
    assert asked.group(mixed, "Gender").value_counts().sum() == len(asked.present(icu))


def test_what_a_condition_does_not_have_is_refused(cohorts):
    with pytest.raises(ArgumentError, match="death in the stay"):
        task("sepsis", "death in a year")
    with pytest.raises(ArgumentError, match="is about 'sepsis'.*viraemia"):
        task("sepsis").label(cohorts["art_hiv"])
    with pytest.raises(ArgumentError, match="diabetes"):
        task("diabetes")
    short = cohorts["sepsis"]
    short = replace(short, frame=short.frame[short.frame["Timepoints"] < 3])
    with pytest.raises(ArgumentError, match="Nobody is on record at step 6"):
        task("sepsis").present(short)
    assert {one.condition for one in TASKS} == set(CONDITIONS)
