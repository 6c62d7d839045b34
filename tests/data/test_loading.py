"""The one door: sources, numbers of patients and seeds, right and wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from data_toys import toy_table

from healthgym_edu.conditions.art_hiv import Parameters
from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.data import load_cohort, policy_value, simulate, twins
from healthgym_edu.engine import BLOCK
from healthgym_edu.errors import ArgumentError, SchemaError, SourceError
from healthgym_edu.variables import FOLLOWED


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "mine.csv"
    toy_table(4).to_csv(path, index=False)
    return path


# --- files


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_loads_by_its_path(path, kind):
    cohort = load_cohort("art_hiv", source=kind(path))
    pd.testing.assert_frame_equal(cohort.frame, SCHEMA.decode(toy_table(4)))
    assert (len(cohort), cohort.source, cohort.seed) == (4, str(path), None)
    assert cohort.decisions is None
    assert list(cohort.patients.columns) == ["Gender", "Ethnic", FOLLOWED]


def test_a_path_may_start_at_home(path, monkeypatch):
    monkeypatch.setenv("HOME", str(path.parent))
    monkeypatch.setenv("USERPROFILE", str(path.parent))
    assert len(load_cohort("art_hiv", source="~/mine.csv")) == 4


def test_the_first_patients_of_a_file_are_taken(path):
    cohort = load_cohort("art_hiv", source=path, n_patients=2)
    assert cohort.patients.index.tolist() == [0, 1]
    assert len(cohort.frame) == 120


def test_more_patients_than_a_file_holds_are_refused(path):
    with pytest.raises(ArgumentError, match=r"n_patients is 5, but .*mine\.csv holds 4 patients"):
        load_cohort("art_hiv", source=path, n_patients=5)


def test_an_exported_teaching_cohort_loads_as_it_was(tmp_path):
    cohort = load_cohort("art_hiv", n_patients=50, seed=3)
    for ending in (".csv", ".csv.gz", ".parquet"):
        cohort.save(tmp_path / f"cohort{ending}")
        found = load_cohort("art_hiv", source=tmp_path / f"cohort{ending}")
        pd.testing.assert_frame_equal(found.frame, cohort.frame)
        pd.testing.assert_frame_equal(
            found.patients, cohort.patients[["Gender", "Ethnic", FOLLOWED]]
        )


def test_a_file_error_reaches_the_reader_unchanged(tmp_path):
    with pytest.raises(SourceError, match=r"no file none\.csv"):
        load_cohort("art_hiv", source=tmp_path / "none.csv")
    toy_table(1).drop(columns="VL").to_csv(tmp_path / "some.csv", index=False)
    with pytest.raises(SchemaError, match=r"some\.csv: .*missing: 'VL'"):
        load_cohort("art_hiv", source=tmp_path / "some.csv")


# --- addresses


@pytest.mark.parametrize("page", ["/mine.csv", "/files/40584980"])
@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_a_url_loads_whatever_it_is_called(server, page, kind):
    table = toy_table(3)
    content = table.to_parquet() if kind == "parquet" else table.to_csv(index=False).encode()
    url = server.answer(page, gzip.compress(content) if kind == "csv.gz" else content)
    cohort = load_cohort("art_hiv", source=url)
    pd.testing.assert_frame_equal(cohort.frame, SCHEMA.decode(table))
    assert cohort.source == url


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ({"body": b"", "status": 404}, SourceError, "answered 404 Not Found. Open the address"),
        ({"body": b"", "status": 202}, SourceError, "answered with an empty file"),
        (
            {"body": b"<html>Sorry</html>", "kind": "text/html"},
            SourceError,
            "is not CSV: it is a web page",
        ),
        ({"body": b"VL,CD4\n1,2\n"}, SchemaError, "missing: 'Rel CD4'"),
    ],
)
def test_a_url_that_does_not_deliver_is_named(server, answer, error, words):
    url = server.answer("/mine.csv", **answer)
    with pytest.raises(error, match=words) as caught:
        load_cohort("art_hiv", source=url)
    assert url in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://example.org/a.csv", "file:///etc/a.csv", "s3://b/a.csv"])
def test_only_web_addresses_are_read(url):
    with pytest.raises(ArgumentError, match="http:// or https://"):
        load_cohort("art_hiv", source=url)


# --- slips


@pytest.mark.parametrize("condition", ["hiv", "", None, 3, "ART_HIV"])
def test_an_unknown_condition_is_refused_with_those_there_are(condition):
    with pytest.raises(ArgumentError, match="'art_hiv'"):
        load_cohort(condition)


@pytest.mark.parametrize(
    "source", ["relase", "", None, 7, True, b"release", ["release"], pd.DataFrame({"VL": [1]})]
)
def test_an_unknown_source_is_refused_with_those_there_are(source):
    with pytest.raises(ArgumentError, match="'teaching', 'release', 'release-v1', or the path"):
        load_cohort("art_hiv", source=source)


@pytest.mark.parametrize("source", ["a" * 5000, "a" * 5000 + ".csv", "nul\x00l.csv"])
def test_a_name_that_no_file_can_have_is_refused(source):
    with pytest.raises((ArgumentError, SourceError)):
        load_cohort("art_hiv", source=source)


@pytest.mark.parametrize("n_patients", [0, -3, 2.5, 10.0, 10**12, "10", True, float("nan"), [5]])
@pytest.mark.parametrize("source", ["teaching", "file"])
def test_a_number_of_patients_that_is_none_is_refused(path, source, n_patients):
    with pytest.raises(ArgumentError, match="n_patients"):
        load_cohort("art_hiv", source=path if source == "file" else source, n_patients=n_patients)


@pytest.mark.parametrize("seed", [-1, 0.5, "7", None, True])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ArgumentError, match="seed"):
        load_cohort("art_hiv", n_patients=1, seed=seed)


# --- simulated cohorts


def test_the_teaching_cohort_is_sound_and_says_what_it_is():
    cohort = load_cohort("art_hiv", n_patients=np.int64(7), seed=5)
    SCHEMA.validate(cohort.frame)
    assert (len(cohort), cohort.source, cohort.seed) == (7, "teaching", 5)
    assert "teaching cohort, simulated by this package, seed 5" in repr(cohort)
    assert set(cohort.decisions["PatientID"]) <= set(cohort.patients.index)
    assert {"Gender", "Ethnic", "Age", "Naive at entry"} <= set(cohort.patients.columns)


def test_measurements_carry_the_decimals_of_the_schema():
    frame = load_cohort("art_hiv", n_patients=20).frame
    for name in SCHEMA.numeric:
        values = frame[name].to_numpy()
        assert (values == np.round(values, SCHEMA[name].decimals)).all()


def test_simulate_says_under_which_policy():
    assert simulate("art_hiv", 2).source == "simulated, clinician policy"
    assert simulate("art_hiv", 2, policy="random").source == "simulated, random policy"
    clinician, teaching = simulate("art_hiv", 3, seed=1), load_cohort("art_hiv", "teaching", 3, 1)
    pd.testing.assert_frame_equal(clinician.frame, teaching.frame)


def test_twins_are_the_same_patients_under_each_policy():
    pair = twins("art_hiv", ["clinician", "random"], n_patients=20, seed=2)
    assert list(pair) == ["clinician", "random"]
    pd.testing.assert_frame_equal(pair["clinician"].patients, pair["random"].patients)
    pd.testing.assert_frame_equal(pair["random"].frame, simulate("art_hiv", 20, "random", 2).frame)
    assert not pair["clinician"].frame["VL"].equals(pair["random"].frame["VL"])
    named = twins("art_hiv", {"usual care": "clinician"}, n_patients=20, seed=2)
    pd.testing.assert_frame_equal(named["usual care"].frame, pair["clinician"].frame)


@pytest.mark.parametrize(
    ("policies", "words"),
    [
        ([], "at least one"),
        ({}, "at least one"),
        ("clinician", "Give a list of them"),
        (["clinician", "clinician"], "each once"),
        ([lambda observations: observations], "needs a name: {'mine': function}"),
        (["no such policy"], "no such policy"),
    ],
)
def test_twins_refuse_policies_they_cannot_use(policies, words):
    with pytest.raises(ArgumentError, match=words):
        twins("art_hiv", policies, n_patients=2)


# --- options of the simulator


def test_true_values_are_those_of_the_same_patients_under_the_same_treatment():
    shown, true = (
        simulate("hypotension", 40, seed=1, carried=carried) for carried in (True, False)
    )
    pd.testing.assert_frame_equal(shown.decisions, true.decisions)
    measured = shown.frame["lactic_acid_m"]
    assert shown.frame["lactic_acid"][measured].equals(true.frame["lactic_acid"][measured])
    assert (shown.frame["lactic_acid"] != true.frame["lactic_acid"])[~measured].mean() > 0.9
    assert (shown.source, true.source) == (
        "simulated, clinician policy",
        "simulated, clinician policy, not carried",
    )


def test_the_teaching_cohort_takes_options_and_says_so():
    confounded = load_cohort("hypotension", n_patients=30, confounded=True)
    assert confounded.source == "teaching, confounded"
    assert "teaching cohort, simulated by this package, confounded, seed 0" in repr(confounded)
    usual = load_cohort("hypotension", n_patients=30)
    assert not usual.decisions.equals(confounded.decisions)
    assert load_cohort("hypotension", n_patients=2, confounded=False, carried=True).source == (
        "teaching"
    )


def test_twins_share_their_options():
    pair = twins("hypotension", ["clinician", "none"], 30, seed=3, carried=False)
    for policy, cohort in pair.items():
        expected = simulate("hypotension", 30, policy, seed=3, carried=False)
        pd.testing.assert_frame_equal(cohort.frame, expected.frame)


def test_options_reach_every_worker_and_change_the_value():
    parameters = Parameters(setpoint_mean=5.5)
    words = {"n_patients": BLOCK + 5, "seed": 2, "parameters": parameters}
    here = simulate("art_hiv", **words)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        there = simulate("art_hiv", **words)
    pd.testing.assert_frame_equal(here.frame, there.frame)
    assert here.source == "simulated, clinician policy, other parameters"
    assert not here.frame.equals(simulate("art_hiv", BLOCK + 5, seed=2).frame)
    own, usual = (
        policy_value("art_hiv", "clinician", 50, **options)
        for options in ({"parameters": parameters}, {})
    )
    assert own.value != usual.value


@pytest.mark.parametrize(
    ("condition", "options", "words"),
    [
        (
            "hypotension",
            {"confoundet": True},
            r"no argument 'confoundet'.*confounded \(False or True or 'strong'\), carried \(True",
        ),
        ("art_hiv", {"n_patient": 5}, r"parameters \(of type .*art_hiv\.parameters\.Parameters\)"),
        ("art_hiv", {"carried": True}, "no argument 'carried'.*options of art_hiv.*actions"),
        ("art_hiv", {"confounded": 1}, "confounded is 1"),
        ("art_hiv", {"naive": 1}, "naive is 1; .*True or False"),
        ("art_hiv", {"entry": [2014, 2016]}, r"entry is \[2014, 2016\]; .*a tuple such as"),
        ("art_hiv", {"entry": (2016, 2014)}, "first and the last calendar year"),
        ("art_hiv", {"entry": (2014, 2015.5)}, "whole numbers from 2005 to 2020"),
        ("art_hiv", {"entry": (2004, 2015)}, "whole numbers from 2005 to 2020"),
        ("art_hiv", {"closing": 2016.0}, "people enter until the end of 2016"),
        ("art_hiv", {"closing": float("nan")}, "closing is nan"),
        ("art_hiv", {"closing": True}, "closing is True; .*a number"),
        ("art_hiv", {"actions": "relative"}, "no action set 'relative'.*'published'"),
        ("hypotension", {"actions": "regimen"}, "no action set 'regimen'"),
        (
            "hypotension",
            {"confounded": "yes"},
            "confounded is 'yes'.*must be False or True or 'strong'",
        ),
        ("hypotension", {"carried": 0}, "carried is 0; .*must be True or False"),
        ("hypotension", {"carried": None}, "carried is None"),
        (
            "hypotension",
            {"parameters": Parameters()},
            "hypotension it must be of type .*hypotension",
        ),
    ],
)
def test_options_that_cannot_be_are_refused_everywhere(condition, options, words):
    for call in (
        lambda: load_cohort(condition, n_patients=2, **options),
        lambda: simulate(condition, 2, **options),
        lambda: twins(condition, ["clinician"], 2, **options),
        lambda: policy_value(condition, "clinician", 2, **options),
    ):
        with pytest.raises(ArgumentError, match=words):
            call()


@pytest.mark.parametrize(
    "source", ["release", "mine.csv", Path("mine.csv"), "https://example.org/mine.csv"]
)
def test_what_is_in_a_file_cannot_be_chosen(source):
    with pytest.raises(ArgumentError, match=f"confounded says how .* but source is '{source}'"):
        load_cohort("hypotension", source=source, confounded=True)
    with pytest.raises(ArgumentError, match="no argument 'n_patient'"):
        load_cohort("hypotension", source=source, n_patient=3)
