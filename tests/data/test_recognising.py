"""Files of another condition, codes that nobody published, records of real people."""

from __future__ import annotations

import gzip
import re
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_toys import toy_table

from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.data import load_cohort, simulate
from healthgym_edu.data.recognising import refuse_other_condition, refuse_real_people
from healthgym_edu.errors import SchemaError, SourceError

VALUE = 731905  # stands in every cell of a column that must never be told
PAIRS = [(mine, other) for mine in CONDITIONS for other in CONDITIONS if mine != other]


def codes_of(condition: str) -> pd.DataFrame:
    """File codes of three simulated patients."""
    schema = get_mechanism(condition).schema
    return schema.encode(simulate(condition, 3).frame)


def write(table: pd.DataFrame, path: Path, **options: object) -> Path:
    """Write a table in the format that the path ends in."""
    if path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        text = table.to_csv(index=False, **options).encode()
        path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


# --- another condition


@pytest.mark.parametrize(("asked", "held"), PAIRS)
def test_a_file_of_another_condition_is_told_with_the_call_that_loads_it(tmp_path, asked, held):
    path = write(codes_of(held), tmp_path / "mine.csv")
    with pytest.raises(SchemaError) as caught:
        load_cohort(asked, source=path)
    n_held = len(get_mechanism(held).schema)
    said = str(caught.value)
    assert f"mine.csv: these are columns of '{held}' ({n_held} of its {n_held}), not" in said
    assert f"not of '{asked}'" in said
    call = re.search(r"load_cohort\('(\w+)', source='(.*)'\)", said)
    assert len(load_cohort(call[1], source=call[2])) == 3


def test_a_file_that_lacks_a_few_columns_is_still_recognised():
    schema = get_mechanism("art_hiv").schema
    names = get_mechanism("hypotension").schema.names
    with pytest.raises(SchemaError, match=r"'hypotension' \(19 of its 22\)"):
        refuse_other_condition(names[:19], schema, "mine.csv")


@pytest.mark.parametrize("columns", [["a", "b"], ["PatientID", "Timepoints"], ["VL", "CD4", "MAP"]])
def test_columns_of_no_condition_or_of_the_right_one_are_left_to_the_schema(columns):
    for condition in CONDITIONS:
        refuse_other_condition(columns, get_mechanism(condition).schema, "mine.csv")
        names = get_mechanism(condition).schema.names
        refuse_other_condition([*names[:-2], *columns], get_mechanism(condition).schema, "mine.csv")


# --- codes


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_code_that_nobody_published_is_told_with_those_there_are(tmp_path, condition):
    table = codes_of(condition)
    schema = get_mechanism(condition).schema
    for variable in (one for one in schema if one.is_coded):
        for wrong in (max(variable.codes) + 0.5, -1.0, min(variable.codes) + 1e-4):
            bad = table.astype({variable.name: float})
            bad.loc[7, variable.name] = wrong
            with pytest.raises(SchemaError) as caught:
                load_cohort(condition, source=write(bad, tmp_path / "mine.csv"))
            said = str(caught.value)
            assert f"Column {variable.name!r}, row 7: found {wrong}. Expected one of " in said
            for code, label in zip(variable.codes, variable.labels, strict=True):
                assert (f"{code} = {label}" in said) or (str(code) == label and f" {code}" in said)
            assert (
                f"; 1 of {len(bad)} rows fail. (Row 7 of the data is line 9 of the file.)" in said
            )


@pytest.mark.parametrize("condition", CONDITIONS)
def test_codes_in_single_precision_are_the_same_codes(tmp_path, condition):
    table = codes_of(condition)
    schema = get_mechanism(condition).schema
    coded = [one.name for one in schema if one.is_coded]
    single = table.astype(dict.fromkeys(coded, np.float32))
    for name in ("mine.csv", "mine.parquet"):
        found = load_cohort(condition, source=write(single, tmp_path / name))
        pd.testing.assert_frame_equal(found.frame, schema.decode(table))


# --- records of real people


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize(
    "column",
    ["subject_id", "HADM_ID", "icustay_id", "Stay_Id", "dob", "DOD", "admittime", '"SUBJECT_ID"']
    + ["Subject ID", "SubjectId", "patientunitstayid", "date of birth"],
)
def test_a_file_that_identifies_people_is_refused_unread(tmp_path, column, ending):
    table = toy_table(2).assign(**{column: VALUE})
    path = write(table, tmp_path / f"mine{ending}")
    with pytest.raises(SourceError) as caught:
        load_cohort("art_hiv", source=path)
    said = str(caught.value)
    for words in (
        "looks like records of real people",
        f"it has {column.strip(chr(34))}, ",
        "credentialed data",
        "refused before any value was read",
        "Delete this copy",
        "ask your data steward",
    ):
        assert words in said
    assert str(VALUE) not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "content",
    [
        f"subject_id,hadm_id\n{VALUE},{VALUE},{VALUE}\n",  # a cell too many: parsers tell the row
        f"subject_id;dob\n{VALUE};{VALUE}\n",
        f"subject_id\thadm_id\n{VALUE}\t{VALUE}\n",
        f"\n\nROW_ID,SUBJECT_ID,GENDER,DOB\n1,{VALUE},F,2100-01-01 00:00:00\n",
    ],
)
def test_nothing_of_an_unreadable_file_of_real_people_is_told(tmp_path, content):
    (tmp_path / "PATIENTS.csv").write_bytes(content.encode())
    with pytest.raises(SourceError, match="records of real people") as caught:
        load_cohort("hypotension", source=tmp_path / "PATIENTS.csv")
    assert str(VALUE) not in "".join(traceback.format_exception(caught.value))


def test_a_foreign_encoding_does_not_hide_them(tmp_path):
    content = f"subject_id,name\n{VALUE},Zoë\n".encode("latin-1")
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(SourceError, match="it has subject_id, which"):
        load_cohort("art_hiv", source=tmp_path / "mine.csv")


def test_a_download_that_identifies_people_is_refused(server):
    url = server.answer("/mine.csv", f"stay_id,intime\n{VALUE},2150-01-01\n".encode())
    with pytest.raises(SourceError, match="it has stay_id, intime, which"):
        load_cohort("art_hiv", source=url)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_no_published_column_is_taken_for_an_identifier(condition):
    schema = get_mechanism(condition).schema
    names = [*schema.names, *(old for old, _ in schema.aliases), "", "index", "Unnamed: 0"]
    refuse_real_people(names, "mine.csv")
