"""A cohort: its size, its parts, what was observed, and how it prints itself."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from data_toys import toy_table
from hypothesis import given, settings
from hypothesis import strategies as st

import healthgym_edu as hg
from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.data import simulate
from healthgym_edu.data.cohort import Cohort
from healthgym_edu.data.people import patients_of
from healthgym_edu.errors import ArgumentError
from healthgym_edu.schema import Schema, Variable
from healthgym_edu.variables import FOLLOWED


def test_a_cohort_counts_its_patients(cohort):
    assert len(cohort) == 12
    assert cohort.condition == "art_hiv"
    assert cohort.patients.index.tolist() == list(range(12))
    assert cohort.patients.index.name == "PatientID"


def test_a_cohort_cannot_be_changed(cohort):
    with pytest.raises(FrozenInstanceError):
        cohort.frame = None


def test_split_divides_the_patients_and_keeps_their_rows_together(cohort):
    train, holdout = cohort.split(0.75, seed=3)
    assert (len(train), len(holdout)) == (9, 3)
    assert sorted([*train.patients.index, *holdout.patients.index]) == list(range(12))
    for part in (train, holdout):
        part.schema.validate(part.frame)
        assert set(part.frame["PatientID"]) == set(part.patients.index)
        assert set(part.decisions["PatientID"]) == set(part.patients.index)
        assert (part.source, part.seed) == ("a toy", 1)
        assert part.frame.index.equals(pd.RangeIndex(60 * len(part)))


def test_split_depends_on_the_seed_alone(cohort):
    def chosen(seed: int) -> list[int]:
        return cohort.split(0.5, seed=seed)[0].patients.index.tolist()

    assert chosen(1) == chosen(1)
    assert chosen(1) != chosen(2)
    assert chosen(1) != list(range(6))


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, 0.01, 0.99, float("nan"), "half", True])
def test_split_refuses_a_fraction_that_leaves_a_side_empty(cohort, fraction):
    with pytest.raises(ArgumentError, match="fraction"):
        cohort.split(fraction)


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True, None])
def test_split_refuses_a_seed_that_is_none(cohort, seed):
    with pytest.raises(ArgumentError, match="seed"):
        cohort.split(0.5, seed=seed)


def test_subset_keeps_the_patients_asked_for_in_their_order(cohort):
    part = cohort.subset([7, 2])
    assert part.patients.index.tolist() == [2, 7]
    expected = cohort.frame[cohort.frame["PatientID"].isin([2, 7])].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.frame, expected)
    assert part.decisions["PatientID"].tolist() == [2, 2, 2, 7, 7, 7]


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ([], "at least one PatientID"),
        ([3, 12], "No patient 12 in this cohort of 12; 1 of 2 ids"),
        ([3, 4, 3], "each only once"),
        (np.array([True] * 12), "True and False"),
        (["3"], "No patient '3'"),
    ],
)
def test_subset_refuses_ids_it_cannot_use(cohort, ids, words):
    with pytest.raises(ArgumentError, match=words):
        cohort.subset(ids)


def test_observed_carries_the_last_measured_value_forward(cohort):
    observed = cohort.observed()
    assert list(observed.columns) == SCHEMA.names
    assert len(observed) == len(cohort.frame)
    for variable in SCHEMA:
        if variable.measured_by is None:
            pd.testing.assert_series_equal(observed[variable.name], cohort.frame[variable.name])
            continue
        for _, rows in cohort.frame.groupby("PatientID"):
            last = pd.NA
            for row in rows.index:
                if rows.at[row, variable.measured_by]:
                    last = rows.at[row, variable.name]
                found = observed.at[row, variable.name]
                assert pd.isna(found) if last is pd.NA else found == last


def test_observed_knows_nothing_before_the_first_measurement(cohort):
    frame = cohort.frame.assign(**{"VL (M)": cohort.frame["Timestep"] == 5})
    seen = Cohort(frame, cohort.patients, SCHEMA, "a toy").observed()
    assert seen.loc[seen["Timestep"] < 5, "VL"].isna().all()
    at_five = frame.loc[frame["Timestep"] == 5, "VL"].to_numpy()
    assert (seen.loc[seen["Timestep"] == 59, "VL"].to_numpy() == at_five).all()


def test_observed_leaves_the_cohort_as_it_was(cohort):
    before = cohort.frame.copy()
    cohort.observed()
    pd.testing.assert_frame_equal(cohort.frame, before)


def test_patients_hold_the_most_frequent_value_where_a_release_lets_it_vary(cohort):
    frame = cohort.frame.copy()
    frame.loc[:59, "Ethnic"] = ["Asian"] * 25 + ["Other"] * 35
    frame.loc[60:119, "Ethnic"] = ["Other"] * 30 + ["African"] * 30  # the first label of a tie
    patients = patients_of(frame, SCHEMA)
    assert patients["Ethnic"].tolist()[:2] == ["Other", "African"]
    assert list(patients.columns) == ["Gender", "Ethnic", FOLLOWED]
    expected = frame.groupby("PatientID")["Gender"].first()
    assert patients["Gender"].tolist() == expected.tolist()


def test_static_columns_that_are_not_words_hold_their_most_frequent_value_too():
    schema = Schema(
        condition="toy",
        title="A toy condition",
        n_steps=3,
        step_unit="day",
        variables=(
            Variable("Age", "numeric", "Years.", unit="years", static=True),
            Variable("Readmitted", "binary", "?", labels=(False, True), codes=(0, 1), static=True),
            Variable("ID", "id", "Who."),
            Variable("Day", "step", "When."),
        ),
    )
    table = pd.DataFrame(
        {
            "Age": [40.5, 41.0, 41.0, 70.0, 70.0, 69.0],
            "Readmitted": [1, 1, 0, 0, 0, 0],
            "ID": [3, 3, 3, 8, 8, 8],
            "Day": [0, 1, 2, 0, 1, 2],
        }
    )
    patients = patients_of(schema.decode(table), schema)
    assert patients.index.tolist() == [3, 8]
    assert patients["Age"].tolist() == [41.0, 70.0]
    assert patients["Readmitted"].tolist() == [True, False]
    assert patients["Readmitted"].dtype == np.dtype(bool)


def test_a_cohort_prints_what_it_is(cohort):
    text = repr(cohort)
    assert "12 patients × 60 months" in text
    assert "Source: a toy, seed 1." in text
    assert "not real people" in text
    assert "Rel CD4" in text
    uneven = Cohort(cohort.frame, cohort.patients, replace(SCHEMA, equal_length=False), "a toy")
    assert "12 patients × at most 60 months" in repr(uneven)


def test_a_cohort_prints_itself_in_a_notebook(cohort):
    page = cohort._repr_html_()
    assert "<strong>Antiretroviral therapy (ART) for HIV: 12 patients × 60 months</strong>" in page
    assert "720 rows in cohort.frame" in page
    assert "not real people" in page
    assert page.count("<tr") == 6  # header and first rows
    assert "1 patient ×" in cohort.subset([3])._repr_html_()


def test_a_source_is_shown_as_text_even_if_it_looks_like_html(cohort):
    strange = Cohort(cohort.frame, cohort.patients, SCHEMA, "<b>bold</b>.csv")
    assert "&lt;b&gt;bold" in strange._repr_html_()
    assert "<b>bold" not in strange._repr_html_()


# --- the padded form

UNEQUAL = [name for name in CONDITIONS if not get_mechanism(name).schema.equal_length]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(0, 3), st.randoms())
def test_padding_adds_rows_that_fill_up_and_nothing_else(lengths, gap, random):
    schema = replace(SCHEMA, equal_length=False)
    frame = SCHEMA.decode(toy_table(5, seed=random.randint(0, 99)))
    keep = np.concatenate([np.arange(n) + 60 * i for i, n in enumerate(lengths)])
    frame = frame.iloc[keep].reset_index(drop=True)
    frame["PatientID"] = 3 + frame["PatientID"] * (1 + gap)
    short = Cohort(frame, patients_of(frame, schema), schema, "a toy")
    before = frame.copy()

    padded, present = short.padded()
    SCHEMA.validate(padded)  # which wants all 60 steps of everybody
    assert present.shape == (len(lengths), 60)
    assert present.sum(axis=1).tolist() == lengths
    assert (np.diff(present.astype(int), axis=1) <= 0).all()  # nobody comes back
    pd.testing.assert_frame_equal(padded[present.ravel()].reset_index(drop=True), before)
    pd.testing.assert_frame_equal(short.frame, before)
    last = before.groupby("PatientID").tail(1).set_index("PatientID")
    added = padded[~present.ravel()]
    values = [name for name in schema.names if name not in ("PatientID", "Timestep", *schema.flags)]
    for name in values:
        assert added[name].astype(object).tolist() == (
            last[name].astype(object).loc[added["PatientID"]].tolist()
        )
    assert not added[schema.flags].to_numpy().any()


@pytest.mark.parametrize("condition", UNEQUAL)
def test_the_dead_are_filled_up_and_the_living_left_alone(condition):
    cohort = simulate(condition, 400, seed=1)
    n_steps, step = cohort.schema.n_steps, cohort.schema.step
    frame, present = cohort.padded()
    cohort.schema.validate(frame)
    assert len(frame) == 400 * n_steps
    lengths = cohort.frame.groupby(cohort.schema.id).size()
    assert present.sum(axis=1).tolist() == lengths.tolist()
    assert 0.5 < (lengths == n_steps).mean() < 1  # some died
    living = present.all(axis=1)
    expected = cohort.subset(cohort.patients.index[living]).frame
    found = frame[np.repeat(living, n_steps)].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected)
    assert frame[step].to_numpy().reshape(present.shape)[0].tolist() == list(range(n_steps))


def test_rows_end_with_the_hour_of_death():
    cohort = simulate("hypotension", 600, seed=2)
    _, present = cohort.padded()
    died = cohort.patients["Died"].to_numpy()
    hours = cohort.patients["Hour of death"].to_numpy(float, na_value=np.nan)
    assert died.sum() > 10
    assert (present.sum(axis=1)[~died] == 48).all()
    assert (present.sum(axis=1)[died] == hours[died] + 1).all()


def test_a_cohort_of_equal_length_comes_back_unchanged(cohort):
    frame, present = cohort.padded()
    pd.testing.assert_frame_equal(frame, cohort.frame)
    assert present.shape == (12, 60)
    assert present.all()
    frame["VL"] = 0.0
    assert (cohort.frame["VL"] > 0).all()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_learner_who_lets_numpy_raise_gets_the_same_cohort(condition):
    plain = simulate(condition, 300, seed=2)
    with np.errstate(all="raise"):
        strict = simulate(condition, 300, seed=2)
        env = hg.make_vec_env(condition, 64)
        env.reset(seed=0)
        for _ in range(plain.schema.n_steps):
            env.step(env.action_space.sample())
    pd.testing.assert_frame_equal(strict.frame, plain.frame)
