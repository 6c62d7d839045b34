"""The table of patients: every column described, what did not happen missing, steps counted."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.conditions.hypotension import Hypotension
from healthgym_edu.data import load_cohort, simulate, twins
from healthgym_edu.engine import simulate_tables
from healthgym_edu.errors import ArgumentError, SchemaError
from healthgym_edu.plots import patient_timeline
from healthgym_edu.variables import FOLLOWED, Variable

DEATHS = [("sepsis", "Died in stay", "Block of death"), ("hypotension", "Died", "Hour of death")]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_column_is_in_the_codebook_in_order(condition):
    cohort = simulate(condition, 30, seed=1)
    codebook = cohort.schema.codebook("patients")
    assert list(codebook.index) == list(cohort.patients.columns)
    assert (codebook["description"].str.len() > 3).all()


def test_another_part_is_refused():
    with pytest.raises(ArgumentError, match="'people'.*frame.*patients"):
        Hypotension.schema.codebook("people")


@pytest.mark.parametrize("condition", CONDITIONS)
def test_values_are_what_the_codebook_says(condition):
    cohort = simulate(condition, 300, seed=2)
    for variable in cohort.schema.facts:
        values = cohort.patients[variable.name].dropna()
        if variable.is_coded:
            assert {*values} <= {*variable.labels}
        elif variable.kind == "step":
            assert values.between(0, cohort.schema.n_steps - 1).all()
        else:
            assert values.between(variable.low, variable.high).all()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_steps_followed_are_the_rows(condition, tmp_path):
    cohort = simulate(condition, 200, seed=3)
    rows = cohort.frame.groupby("PatientID").size()
    assert cohort.patients[FOLLOWED].equals(rows.rename(FOLLOWED))
    cohort.save(tmp_path / "cohort.csv")
    loaded = load_cohort(condition, source=tmp_path / "cohort.csv")
    assert loaded.patients[FOLLOWED].equals(rows.rename(FOLLOWED))
    assert {*loaded.patients} <= {*loaded.schema.codebook("patients").index}
    for world in twins(condition, ["clinician", "random"], 40, seed=3).values():
        assert world.patients[FOLLOWED].sum() == len(world.frame)


@pytest.mark.parametrize(("condition", "died", "last"), DEATHS)
def test_a_survivor_has_no_step_of_death(condition, died, last):
    people = simulate(condition, 400, seed=4).patients
    assert people[died].sum() > 10
    assert people[last].dtype == "Int64"
    assert people[last].isna().equals(~people[died])
    assert (people[last] + 1)[people[died]].eq(people[FOLLOWED][people[died]]).all()


@pytest.mark.parametrize(("condition", "died", "last"), DEATHS)
def test_a_curve_of_survival_ends_at_the_share_of_survivors(condition, died, last):
    lifelines = pytest.importorskip("lifelines", reason="lifelines 0.30 needs pandas < 3")
    people = simulate(condition, 1000, seed=5).patients
    curve = lifelines.KaplanMeierFitter().fit(people[FOLLOWED], people[died]).survival_function_
    assert curve.iloc[-1, 0] == pytest.approx(1 - people[died].mean())
    with pytest.raises((TypeError, ValueError)):  # with the step of death: loud, not 0.0
        lifelines.KaplanMeierFitter().fit(people[last], people[died])


def test_the_table_survives_parquet(tmp_path):
    people = simulate("hypotension", 200, seed=6).patients
    people.to_parquet(tmp_path / "people.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "people.parquet"), people)


def test_a_survivors_timeline_does_not_name_an_hour_of_death():
    cohort = simulate("hypotension", 100, seed=7)
    for died in (False, True):
        somebody = cohort.patients.index[cohort.patients["Died"] == died][0]
        words = " ".join(t.get_text() for t in patient_timeline(cohort, somebody).findobj(_text))
        assert ("hour of death" in words) == died
        assert FOLLOWED.lower() not in words.lower()


def _text(artist):
    return hasattr(artist, "get_text")


@pytest.mark.parametrize("name", ["MAP", "Died", FOLLOWED])
def test_a_fact_is_described_once(name):
    schema = Hypotension.schema
    again = Variable(name, "step", "Said before.")
    with pytest.raises(ArgumentError, match="a column name appears twice"):
        replace(schema, patients=(*schema.patients, again))


def test_a_fact_that_nothing_describes_is_refused():
    class Bare(Hypotension):
        schema = replace(Hypotension.schema, patients=())

    with pytest.raises(ArgumentError, match="'Died', which no variable describes: add it to"):
        simulate_tables(Bare(), 10, seed=1)
    assert get_mechanism("hypotension").schema.patients  # the condition itself is as it was


def test_people_followed_to_a_date_come_back_from_a_file_with_their_table(tmp_path):
    """Only with it: without, rows that are missing might have been lost."""
    words = {"n_patients": 60, "naive": True, "entry": (2014, 2016), "closing": 2018.0}
    cohort = load_cohort("art_hiv", **words)
    files = tmp_path / "records.csv", tmp_path / "people.csv"
    cohort.save(files[0], patients=files[1])
    again = load_cohort("art_hiv", source=files[0], patients=files[1])
    pd.testing.assert_frame_equal(again.frame, cohort.frame)
    assert (again.patients[FOLLOWED] == cohort.patients[FOLLOWED]).all()
    assert not again.schema.equal_length
    with pytest.raises(SchemaError, match=r"Expected 60 .*closing date pass patients=, too"):
        load_cohort("art_hiv", source=files[0])
    pd.read_csv(files[1]).drop(columns=FOLLOWED).to_csv(files[1], index=False)
    with pytest.raises(SchemaError, match="Expected 60"):
        load_cohort("art_hiv", source=files[0], patients=files[1])
    whole = load_cohort("art_hiv", n_patients=5)
    whole.save(files[0], patients=files[1], overwrite=True)
    assert load_cohort("art_hiv", source=files[0], patients=files[1]).schema is whole.schema
