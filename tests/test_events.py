"""Named events hold where they should, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from survival_toys import cohort_of

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.conditions.art_hiv.events import EVENTS


def where(name, *course):
    frame = cohort_of(list(course)).frame
    return np.flatnonzero(EVENTS[name].holds(frame)).tolist()


def test_suppression_has_two_thresholds():
    assert where("suppressed_50", 5000.0, 50.0, 49.0) == [2]
    assert where("suppressed_1000", 5000.0, 1001.0, 1000.0) == [2]


def test_a_rebound_needs_a_suppression_before():
    assert where("rebound", 5000.0, 300.0, 40.0, 150.0, 201.0) == [4]
    both = cohort_of([40.0, 40.0], [5000.0, 5000.0]).frame
    assert not EVENTS["rebound"].holds(both).any()  # nobody rebounds after somebody else


def test_a_change_of_regimen_is_a_change_of_any_drug():
    frame = cohort_of([1.0] * 4, [1.0] * 3).frame
    assert not EVENTS["regimen_change"].holds(frame).any()
    frame.loc[2:, "Extra pk-En"] = ~frame.loc[2:, "Extra pk-En"]
    assert np.flatnonzero(EVENTS["regimen_change"].holds(frame)).tolist() == [2]


@pytest.mark.parametrize("condition", hg.CONDITIONS)
def test_every_event_happens_to_some_and_not_to_all(condition):
    cohort = hg.load_cohort(condition, n_patients=400)
    for name, event in get_mechanism(condition).events.items():
        happened = cohort.patients[event.ends] if event.ends else event.holds(cohort.frame)
        assert 0 < happened.mean() < 1, name
        assert event.words
        assert not event.column or event.column in cohort.frame
