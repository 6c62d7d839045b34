"""Time-to-event tables: who is followed, until when, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_toys import below_50, cohort_of

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import counting_process, time_to_event

HIGH, LOW = 5000.0, 20.0


def shaped(*courses, event=below_50, **options):
    table = time_to_event(cohort_of(*courses), event, **options)
    return list(zip(table["PatientID"], table["duration"], table["event"], strict=True)), table


def test_the_first_step_of_the_event_or_the_end_of_the_record():
    rows, table = shaped([HIGH, HIGH, LOW, LOW], [HIGH, HIGH], [HIGH, LOW, HIGH], [LOW, HIGH, LOW])
    assert rows == [(0, 2, True), (1, 1, False), (2, 1, True)]
    assert table.attrs["left out"] == {"event at time zero": 1}
    assert (table["entry"] == 0).all()


def test_a_confirmed_event_is_dated_to_its_first_step():
    rows, _ = shaped([HIGH, LOW, HIGH, LOW, LOW], [HIGH, HIGH, LOW], confirm=2)
    assert rows == [(0, 3, True), (1, 2, False)]


def test_follow_up_ends_at_the_horizon_and_an_event_there_counts():
    rows, _ = shaped([HIGH] * 5 + [LOW], [HIGH] * 2 + [LOW], [HIGH] * 3 + [LOW], horizon=3)
    assert rows == [(0, 3, False), (1, 2, True), (2, 3, True)]


def test_time_zero_may_be_a_step_or_a_rule():
    courses = [HIGH, HIGH, LOW, HIGH, HIGH, LOW], [HIGH], [HIGH, HIGH, HIGH, HIGH]
    rows, table = shaped(*courses, origin=3)
    assert rows == [(0, 2, True)]
    assert table.attrs["left out"] == {"no row at time zero": 1, "not followed after time zero": 1}
    rows, _ = shaped(*courses, origin=below_50, event=lambda frame: frame["VL"] > 1000)
    assert rows == [(0, 1, True)]


def test_only_those_at_risk_are_followed():
    rows, table = shaped([HIGH, LOW], [400.0, LOW], at_risk=lambda frame: frame["VL"] > 1000)
    assert rows == [(0, 1, True)]
    assert table.attrs["left out"] == {"not at risk at time zero": 1}


def test_an_event_is_seen_when_it_was_measured():
    cohort = cohort_of([HIGH, LOW, LOW, LOW], [HIGH, LOW, LOW, HIGH])
    seen = cohort.frame["Timestep"].isin([0, 3])
    cohort = replace(cohort, frame=cohort.frame.assign(**{"VL (M)": seen}))
    for event, flag in (("suppressed_50", True), (below_50, "VL (M)")):
        table = time_to_event(cohort, event, as_measured=flag)
        assert table[["duration", "event"]].to_numpy().tolist() == [[3, True], [3, False]]
    with pytest.raises(ArgumentError, match="measured flags of art_hiv are 'VL \\(M\\)'"):
        time_to_event(cohort, below_50, as_measured="CD4")
    with pytest.raises(ArgumentError, match="Name it: as_measured='VL \\(M\\)'"):
        time_to_event(cohort, below_50, as_measured=True)


def test_whoever_was_not_measured_at_time_zero_is_left_out():
    cohort = cohort_of([HIGH, LOW], [LOW, LOW], [HIGH, LOW])
    seen = cohort.frame["Timestep"].eq(1) | cohort.frame["PatientID"].eq(0)
    flagged = replace(cohort, frame=cohort.frame.assign(**{"VL (M)": seen}))
    table = time_to_event(flagged, "suppressed_50", as_measured=True)
    assert table["PatientID"].tolist() == [0]
    assert table.attrs["left out"] == {"not measured at time zero": 2}
    never = replace(cohort, frame=cohort.frame.assign(**{"VL (M)": False}))
    with pytest.raises(ArgumentError, match="Nobody is at risk: of 3 .* 3 not measured at time z"):
        time_to_event(never, "suppressed_50", as_measured=True)


def test_what_was_measured_lags_as_the_docstring_says():
    arms = {name: hg.first(lambda label, name=name: name in label) for name in ("DTG", "EFV")}
    means = {}
    for name, cohort in hg.twins("art_hiv", arms, 4096, seed=12).items():
        for measured in (False, True):
            times = time_to_event(
                cohort, "suppressed_50", at_risk="Naive at entry", as_measured=measured
            )
            for horizon in (12, 24):
                found = hg.survival.rmst(times, horizon)["rmst"].iloc[0]
                means[name, measured, horizon] = found
    assert means["EFV", False, 12] == pytest.approx(6.3, abs=0.25)
    assert means["EFV", True, 12] == pytest.approx(7.3, abs=0.25)
    for measured, gap in ((False, -3.3), (True, -4.1)):
        told = means["DTG", measured, 24] - means["EFV", measured, 24]
        assert told == pytest.approx(gap, abs=0.35)


def test_one_patient_and_an_end_without_an_event_are_no_trouble():
    alone = time_to_event(cohort_of([HIGH, HIGH, LOW]), below_50)
    assert alone[["duration", "event"]].to_numpy().tolist() == [[2, True]]
    censored = time_to_event(cohort_of([HIGH, HIGH], [HIGH, LOW]), below_50, at_risk=first_person)
    assert censored[["duration", "event"]].to_numpy().tolist() == [[1, False]]


def first_person(frame):
    return frame["PatientID"] == 0


def test_rows_in_any_order_give_the_same_table():
    art = hg.load_cohort("art_hiv", n_patients=200)
    mixed = replace(art, frame=art.frame.sample(frac=1, random_state=1))
    for make in (time_to_event, lambda c, e: counting_process(c, e, ["Comp. INI"])):
        pd.testing.assert_frame_equal(make(mixed, "suppressed_50"), make(art, "suppressed_50"))


def test_death_ends_the_last_row_and_competes():
    icu = hg.load_cohort("hypotension", n_patients=800)
    died = icu.patients["Died"]
    table = time_to_event(icu, "death").set_index("PatientID")
    assert table["event"].equals(died.rename("event").astype(bool))
    hours = icu.frame.groupby("PatientID").size()
    assert (table["duration"] == hours).all()
    both = time_to_event(icu, "lactate_below_2", competing="death").set_index("PatientID")
    assert set(both["event"]) == {0, 1, 2}
    assert (both["event"] == 2).sum() <= died.loc[both.index].sum()
    assert died.loc[both.index[both["event"] == 2]].all()


def test_arms_follow_the_first_regimen_as_hg_first_takes_it():
    art = hg.load_cohort("art_hiv", n_patients=600)
    rules = {"DRV": lambda label: "DRV" in label, "EFV": lambda label: "EFV" in label}
    table = time_to_event(art, "suppressed_50", arm=rules, covariates=["Age", "CD4"])
    firsts = art.decisions.groupby("PatientID")["action"].first().astype(str)
    told = firsts.loc[table["PatientID"]].to_numpy()
    assert all(arm in label for arm, label in zip(table["arm"], told, strict=True))
    assert table.attrs["left out"]["in no arm"] > 0
    at_zero = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
    assert (table["CD4"] == at_zero["CD4"].loc[table["PatientID"]].to_numpy()).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([HIGH, 300.0, LOW]), min_size=1, max_size=9),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([None, 2, 5]),
)
def test_start_stop_rows_conserve_person_time_and_events(courses, horizon):
    """Against counting by hand, and with covariates that change in every step."""
    cohort = cohort_of(*courses)
    by_hand = {}
    for patient, course in enumerate(courses):
        if course[0] < 50 or len(course) < 2:
            continue
        hit = next((step for step, value in enumerate(course) if value < 50), None)
        end = len(course) - 1 if hit is None else hit
        limit = end if horizon is None else min(end, horizon)
        by_hand[patient] = (limit, hit is not None and hit <= limit)
    longest = max((len(courses[patient]) for patient in by_hand), default=0)
    try:
        rows = counting_process(cohort, below_50, ["VL"], horizon=horizon)
    except ArgumentError:
        nobody_hit = not any(value < 50 for course in courses for value in course)
        assert not by_hand or nobody_hit or (horizon or 0) >= longest - 1
        return
    assert (rows["stop"] > rows["start"]).all()
    by = rows.groupby("PatientID")
    assert by["start"].first().eq(0).all()
    inner = rows["start"].shift(-1).where(rows["PatientID"].shift(-1) == rows["PatientID"])
    assert (inner.dropna() == rows.loc[inner.notna(), "stop"]).all()
    found = {p: (part["stop"].max(), bool(part["event"].any())) for p, part in by}
    assert found == by_hand
    assert all(not part["event"].iloc[:-1].any() for _, part in by)
    value = {(p, t): v for p, course in enumerate(courses) for t, v in enumerate(course)}
    told = zip(rows["PatientID"], rows["start"], rows["VL"], strict=True)
    assert all(value[patient, start] == virus for patient, start, virus in told)


def test_episodes_are_the_table_when_covariates_stay_the_same():
    art = hg.load_cohort("art_hiv", n_patients=300)
    rows = counting_process(art, "suppressed_50", ["Gender"], horizon=24)
    table = time_to_event(art, "suppressed_50", horizon=24, covariates=["Gender"])
    assert len(rows) == len(table)
    for one, other in (("stop", "duration"), ("event", "event"), ("PatientID", "PatientID")):
        assert (rows[one].to_numpy() == table[other].to_numpy()).all()
    assert (rows["Gender"].astype(str) == table["Gender"].astype(str)).all()


@pytest.mark.parametrize(
    ("courses", "options", "said"),
    [
        ([[HIGH, HIGH]], {}, "never holds in the 2 rows"),
        ([[LOW, LOW], [LOW]], {}, "All 2 patients have the event at time zero already"),
        ([[HIGH, LOW]], {"at_risk": lambda f: f["VL"] > 1e9}, "Nobody is at risk: of 1 patients"),
        ([[HIGH, LOW]], {"horizon": 0}, "horizon"),
        ([[HIGH, LOW]], {"horizon": 60}, "nobody is followed for more than"),
        ([[HIGH, LOW]], {"origin": 5}, "nobody is on record then"),
        ([[HIGH, LOW]], {"origin": lambda f: f["VL"] > 1e9}, "nobody has a time zero"),
        ([[HIGH, LOW]], {"confirm": 0}, "confirm"),
        ([[HIGH, LOW]], {"event": "suppressed"}, "suppressed_50"),
        ([[HIGH, LOW]], {"event": 3}, "the name of an event or a function"),
        ([[HIGH, LOW]], {"event": lambda f: True}, "one True or False for each row"),
        ([[HIGH, LOW]], {"covariates": ["age"]}, "no covariate 'age'"),
        ([[HIGH, LOW]], {"arm": {"A": lambda label: True}}, "records no decisions"),
        ([[HIGH, LOW]], {"arm": pd.Series(dtype=object)}, "in an arm"),
    ],
)
def test_what_cannot_be_shaped_is_refused(courses, options, said):
    with pytest.raises(ArgumentError, match=said):
        shaped(*courses, **options)


def test_a_missing_covariate_is_named():
    cohort = cohort_of([HIGH, LOW], [HIGH, LOW])
    cohort = replace(cohort, frame=cohort.frame.assign(CD4=[np.nan, 1, 2, 3]))
    with pytest.raises(ArgumentError, match="'CD4' is missing in 1 of 2 patients"):
        time_to_event(cohort, below_50, covariates=["CD4"])
    with pytest.raises(ArgumentError, match="'CD4' is missing in 1 of 2 steps"):
        counting_process(cohort, below_50, ["CD4"])


def test_a_gap_in_the_steps_is_named():
    cohort = cohort_of([HIGH, HIGH, LOW])
    with pytest.raises(ArgumentError, match="Patient 0 has step 0 and then step 2"):
        time_to_event(replace(cohort, frame=cohort.frame.drop(index=1)), below_50)


def test_a_regimen_in_two_arms_and_one_in_none_are_named():
    art = hg.load_cohort("art_hiv", n_patients=50)
    rules = {"A": lambda label: "DRV" in label, "B": lambda label: True}
    with pytest.raises(ArgumentError, match="is in two arms, 'A' and 'B'"):
        time_to_event(art, "suppressed_50", arm=rules)
    with pytest.raises(ArgumentError, match="No regimen meets the rule of arm 'A'"):
        time_to_event(art, "suppressed_50", arm={"A": lambda label: "AZT" in label})
