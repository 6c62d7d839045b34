"""Layouts of exported files: as third-party scripts expect them, as R reads them, and back."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.data.layouts import LAYOUTS, codebook_table, plain_names, reading_script
from healthgym_edu.data.saving import save_table
from healthgym_edu.errors import ArgumentError, SchemaError, SourceError

CONDITIONS = ["art_hiv", "sepsis", "hypotension"]
ICU = ["sepsis", "hypotension"]


@pytest.fixture(scope="module")
def cohorts():
    return {name: hg.load_cohort(name, n_patients=150, seed=5) for name in CONDITIONS}


@pytest.mark.parametrize("condition", ICU)
def test_what_public_scripts_do_with_the_published_file_works(condition, cohorts, tmp_path):
    """They drop the index column by its name, and reshape rows to patients × steps."""
    cohort = cohorts[condition]
    steps = cohort.schema.n_steps
    cohort.save(tmp_path / "file.csv", layout="published")
    table = pd.read_csv(tmp_path / "file.csv")
    assert table.columns[0] == "Unnamed: 0"
    assert (table["Unnamed: 0"] == np.arange(len(table))).all()
    table = table.drop(columns=["Unnamed: 0"])
    assert list(table.columns) == cohort.schema.names
    assert len(table) == 150 * steps > len(cohort.frame)
    cube = table.to_numpy().reshape(150, steps, -1)
    assert (cube[:, :, 0] == np.arange(150)[:, None]).all()
    assert (cube[:, :, 1] == np.arange(steps)).all()
    true = cohort.schema.encode(cohort.frame)
    joined = true.merge(table, on=["PatientID", "Timepoints"], suffixes=("", " in file"))
    assert len(joined) == len(true)
    for name in cohort.schema.numeric:
        np.testing.assert_array_equal(joined[name], joined[f"{name} in file"])


def test_the_published_art_file_has_neither(cohorts, tmp_path):
    cohorts["art_hiv"].save(tmp_path / "published.csv", layout="published")
    cohorts["art_hiv"].save(tmp_path / "codes.csv")
    assert (tmp_path / "published.csv").read_bytes() == (tmp_path / "codes.csv").read_bytes()


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_published_layout_loads_as_a_cohort_of_full_length(
    condition, cohorts, tmp_path, ending
):
    cohorts[condition].save(tmp_path / f"file.{ending}", layout="published")
    loaded = hg.load_cohort(condition, source=tmp_path / f"file.{ending}")
    pd.testing.assert_frame_equal(loaded.frame, cohorts[condition].padded()[0])


@pytest.mark.parametrize("condition", CONDITIONS)
def test_labels_are_words_and_names_need_no_quotes(condition, cohorts, tmp_path):
    cohort = cohorts[condition]
    cohort.save(tmp_path / "file.csv", layout="labelled")
    table = pd.read_csv(tmp_path / "file.csv", dtype=str, keep_default_na=False)
    assert list(table.columns) == plain_names(cohort.schema.names)
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) for name in table.columns)
    for variable, name in zip(cohort.schema, table.columns, strict=True):
        if variable.is_boolean:
            assert set(table[name]) <= {"TRUE", "FALSE"}
            assert (table[name].eq("TRUE").to_numpy() == cohort.frame[variable.name]).all()
        elif variable.is_coded:
            assert list(table[name]) == list(cohort.frame[variable.name].astype(str))
        else:
            np.testing.assert_array_equal(table[name].astype(float), cohort.frame[variable.name])


def test_plain_names_tell_columns_apart():
    for cohort in map(hg.load_cohort, CONDITIONS, ["teaching"] * 3, [2] * 3):
        names = plain_names([*cohort.schema.names, *cohort.patients.columns])
        known = {*cohort.schema.names, *cohort.patients.columns}
        assert len(set(names)) == len(known)
    assert plain_names(["VL (M)", "urine_m", "Comp. INI", "Extra pk-En"]) == [
        "VL_measured", "urine_measured", "Comp_INI", "Extra_pk_En"
    ]  # fmt: skip


def test_a_labelled_file_is_told_from_a_file_of_codes(cohorts, tmp_path):
    cohorts["art_hiv"].save(tmp_path / "file.csv", layout="labelled")
    with pytest.raises(SchemaError, match="layout 'labelled', for R and for people"):
        hg.load_cohort("art_hiv", source=tmp_path / "file.csv")


def test_another_layout_is_refused(cohorts, tmp_path):
    with pytest.raises(ArgumentError, match="no layout 'labeled'. Did you mean 'labelled'"):
        cohorts["art_hiv"].save(tmp_path / "file.csv", layout="labeled")
    assert list(tmp_path.iterdir()) == []


def test_words_with_commas_and_quotes_come_back(tmp_path):
    words = ["a, b", 'say "c"', "plain", "two\nlines"]
    table = pd.DataFrame({"one, two": words, "yes": [True, False, True, True], "n": [1.0, 2, 3, 4]})
    save_table(table, tmp_path / "file.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "file.csv"), table)


# --- the table of patients ---------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["codes", "published"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_became_of_patients_survives_the_way_there_and_back(
    condition, cohorts, tmp_path, ending, layout
):
    cohort = cohorts[condition]
    records, people = tmp_path / f"records.{ending}", tmp_path / f"people.{ending}"
    cohort.save(records, layout=layout, patients=people)
    loaded = hg.load_cohort(condition, source=records, patients=people)
    pd.testing.assert_frame_equal(loaded.patients, cohort.patients)
    pd.testing.assert_frame_equal(loaded.frame, cohort.frame)  # no row after death in any layout
    few = hg.load_cohort(condition, source=records, patients=people, n_patients=7)
    pd.testing.assert_frame_equal(few.patients, cohort.patients.iloc[:7])


def test_a_table_of_other_patients_is_refused(cohorts, tmp_path):
    cohort = cohorts["sepsis"]
    cohort.save(tmp_path / "records.csv", patients=tmp_path / "people.csv")
    people = pd.read_csv(tmp_path / "people.csv")

    def load(table, said):
        table.to_csv(tmp_path / "wrong.csv", index=False)
        with pytest.raises(SchemaError, match=said):
            hg.load_cohort(
                "sepsis", source=tmp_path / "records.csv", patients=tmp_path / "wrong.csv"
            )

    load(people.iloc[1:], "1 of them are missing in it, 0 of its own")
    load(pd.concat([people, people.iloc[:2]]), "2 come twice")
    load(people.assign(PatientID=people["PatientID"] + 1), "1 of them are missing in it, 1 of its")
    load(people.assign(Weight=70.0), "it has the column 'Weight'")
    load(people.drop(columns="PatientID"), "it has no column 'PatientID'")
    load(people.assign(Gender="Woman"), "'Gender', patient 0: found 'Woman'. Expected Male, Fem")
    load(people.assign(Age=300.0), "'Age', patient 0: found 300.0. Expected 0 to 120 years")
    load(people.assign(Age="old"), "'Age', patient 0: found 'old'")
    load(people.assign(**{"Died in stay": 2}), "'Died in stay', patient 0: found 2. Expected FALSE")
    load(people.assign(**{"Block of death": 2.5}), "'Block of death', patient 0: found 2.5")
    load(people.assign(**{"Block of death": 99}), "found 99. Expected 0 to 19, or nothing")
    other = "does not belong to these records"
    load(people.assign(Age=people["Age"] + 0.2), f"{other}: they disagree on 'Age' in 150 of 150")
    swapped = people["Gender"].map({"Male": "Female", "Female": "Male"})
    load(people.assign(Gender=swapped), f"{other}: they disagree on 'Gender'")
    shifted = people.assign(PatientID=people["PatientID"].to_numpy()[::-1])
    load(shifted, other)  # a spreadsheet sorted one column alone
    died = people["Steps followed"] < 20
    longer = people["Steps followed"].where(~died, 20)
    load(
        people.assign(**{"Steps followed": longer}), f"{other}: patient .* has .* rows there and 20"
    )
    with pytest.raises(SourceError, match="There is no file nowhere.csv"):
        hg.load_cohort("sepsis", source=tmp_path / "records.csv", patients=tmp_path / "nowhere.csv")
    with pytest.raises(ArgumentError, match="simulated patients bring their own"):
        hg.load_cohort("sepsis", patients=tmp_path / "people.csv")


def test_a_table_of_patients_may_have_been_through_other_programs(cohorts, tmp_path):
    """An index column, other words for true, numbers for ids, plain names, another order."""
    cohort = cohorts["sepsis"]
    cohort.save(tmp_path / "records.csv", patients=tmp_path / "people.csv")
    people = pd.read_csv(tmp_path / "people.csv").iloc[::-1]
    people["PatientID"] = people["PatientID"].astype(float)
    people["ReAd"] = people["ReAd"].map({True: "true", False: "false"})
    people.set_axis(plain_names(people.columns), axis="columns").to_csv(tmp_path / "again.csv")
    loaded = hg.load_cohort(
        "sepsis", source=tmp_path / "records.csv", patients=tmp_path / "again.csv"
    )
    pd.testing.assert_frame_equal(loaded.patients, cohort.patients)


def test_tables_that_belong_together_are_written_together_or_not_at_all(cohorts, tmp_path):
    cohort = cohorts["sepsis"]
    (tmp_path / "old.csv").write_text("precious", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "new.csv")
    for records, people, error in (
        ("old.csv", "people.csv", SourceError),
        ("new.txt", "people.csv", ArgumentError),
        ("new.csv", "new.csv", ArgumentError),
        ("new.csv", "../" + tmp_path.name + "/new.csv", ArgumentError),
        ("new.csv", "link.csv", ArgumentError),
    ):
        with pytest.raises(error):
            cohort.save(tmp_path / records, patients=tmp_path / people)
        assert sorted(one.name for one in tmp_path.iterdir()) == ["link.csv", "old.csv"]
    with pytest.raises(ArgumentError, match="named for two tables"):
        cohort.save(tmp_path / "a.csv", patients=tmp_path / "a.csv", overwrite=True)
    extra = replace(cohort, patients=cohort.patients.assign(extra=1))
    with pytest.raises(SchemaError, match="extra is not where it should be"):
        extra.save(tmp_path / "a.csv", patients=tmp_path / "b.csv")


# --- what goes with the files ------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_codebook_names_the_columns_of_both_tables(condition, cohorts, tmp_path, layout):
    cohort = cohorts[condition]
    cohort.save(tmp_path / "records.csv", layout=layout, patients=tmp_path / "people.csv")
    book = codebook_table(cohort.schema, layout)
    for part, file in (("records", "records.csv"), ("patients", "people.csv")):
        columns = pd.read_csv(tmp_path / file).columns.drop(["Unnamed: 0"], errors="ignore")
        named = set(book.loc[book["table"] == part, "column"])
        assert set(columns) - {"PatientID"} == named - {"PatientID"}
    assert book["description"].str.len().min() > 3


def test_the_script_for_r_holds_every_label_in_order():
    script = reading_script(hg.load_cohort(name, n_patients=2).schema for name in CONDITIONS)
    assert 'Comp_INI = c("DTG", "RAL", "EVG", "Not Applied")' in script
    assert 'vasopressors = c("0", ">0", "8.4", "20.28")' in script
    assert 'sepsis = c("ReAd", "Mech")' in script
    assert script.count("{") == script.count("}")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed here")
@pytest.mark.parametrize("condition", CONDITIONS)
def test_r_reads_factors_and_logicals(condition, cohorts, tmp_path):
    cohort = cohorts[condition]
    cohort.save(tmp_path / "file.csv", layout="labelled")
    schemas = [cohorts[name].schema for name in CONDITIONS]
    (tmp_path / "read.R").write_text(reading_script(schemas), encoding="utf-8")
    code = f"""source("read.R"); t <- read_health_gym("file.csv", "{condition}")
for (n in names(t)) cat(n, class(t[[n]])[1], sum(as.integer(t[[n]])), "\\n")"""
    done = subprocess.run(
        ["Rscript", "-e", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    said = [line.split() for line in done.stdout.splitlines()]
    for variable, (name, kind, total) in zip(cohort.schema, said, strict=True):
        values = cohort.frame[variable.name]
        assert name in plain_names([variable.name])
        if variable.is_boolean:
            assert (kind, int(total)) == ("logical", values.sum())
        elif variable.is_coded:
            assert (kind, int(total)) == ("factor", (values.cat.codes + 1).sum())
        else:
            assert kind in ("integer", "numeric")
