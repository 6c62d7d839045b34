"""Reading files: both editions load, and every damaged one gives one clear error."""

from __future__ import annotations

import gzip
import io
import logging
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.data import reading
from healthgym_edu.data.reading import guess_format, read_table
from healthgym_edu.errors import SchemaError, SourceError


def as_csv(table: pd.DataFrame, **options: object) -> bytes:
    return table.to_csv(**{"index": False, **options}).encode()


@pytest.fixture
def read(tmp_path) -> Callable[..., pd.DataFrame]:
    """Write bytes to a file and read it as a table."""

    def read_bytes(content: bytes, name: str = "file.csv") -> pd.DataFrame:
        (tmp_path / name).write_bytes(content)
        return read_table(tmp_path / name, SCHEMA)

    return read_bytes


@pytest.fixture
def expected(table) -> pd.DataFrame:
    return SCHEMA.decode(table)


# --- what loads


def test_a_csv_loads(read, table, expected):
    pd.testing.assert_frame_equal(read(as_csv(table)), expected)


def test_a_gzipped_csv_loads(read, table, expected):
    found = read(gzip.compress(as_csv(table)), "file.csv.gz")
    pd.testing.assert_frame_equal(found, expected)


def test_a_parquet_file_loads(read, table, expected):
    pd.testing.assert_frame_equal(read(table.to_parquet(), "file.parquet"), expected)


def test_a_parquet_file_with_an_index_loads(read, table, expected):
    content = table.set_axis(np.arange(len(table)) * 2).to_parquet(index=True)
    pd.testing.assert_frame_equal(read(content, "file.parquet"), expected)


def test_a_folder_name_with_an_equals_sign_adds_no_column(tmp_path, table, expected):
    folder = tmp_path / "year=2023"
    folder.mkdir()
    table.to_parquet(folder / "file.parquet")
    pd.testing.assert_frame_equal(read_table(folder / "file.parquet", SCHEMA), expected)


def test_version_1_loads(read, table, expected, caplog):
    """An unnamed index column, ``Timepoints`` for ``Timestep``, every code a float."""
    first = table.rename(columns={"Timestep": "Timepoints"}).astype(float)
    with caplog.at_level(logging.INFO, "healthgym_edu"):
        found = read(as_csv(first, index=True))
    pd.testing.assert_frame_equal(found, expected)
    assert "dropped the stray column without a name" in caplog.text
    assert "{'Timepoints': 'Timestep'}" in caplog.text


def test_a_named_stray_index_column_is_dropped_with_a_note(read, table, expected, caplog):
    for name in ("Unnamed: 0", "index"):
        with caplog.at_level(logging.INFO, "healthgym_edu"):
            found = read(as_csv(table.reset_index(names=name)))
        pd.testing.assert_frame_equal(found, expected)
        assert f"dropped the stray column {name}" in caplog.text


def test_quoted_names_load(read, table, expected):
    header, _, rest = as_csv(table).decode().partition("\n")
    quoted = ",".join(f'"{name}"' for name in header.split(","))
    pd.testing.assert_frame_equal(read(f"{quoted}\n{rest}".encode()), expected)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_windows_line_ends_and_byte_order_marks_load(read, table, expected, newline, start):
    found = read(start + as_csv(table, lineterminator=newline))
    pd.testing.assert_frame_equal(found, expected)


def test_whole_number_codes_load(read, table, expected):
    whole = dict.fromkeys([*SCHEMA.binary, *SCHEMA.categorical, *SCHEMA.flags], int)
    pd.testing.assert_frame_equal(read(as_csv(table.astype(whole))), expected)


def test_columns_and_rows_in_another_order_are_put_right_with_a_note(read, table, expected, caplog):
    shuffled = table.sample(frac=1, random_state=0)[table.columns[::-1]]
    with caplog.at_level(logging.INFO, "healthgym_edu"):
        found = read(as_csv(shuffled))
    pd.testing.assert_frame_equal(found, expected)
    assert "sorted the rows" in caplog.text


def test_what_only_a_generative_network_makes_loads(read, table):
    """The extremes of the published file, and a Gender that changes within a patient."""
    table.loc[5, ["VL", "CD4", "Rel CD4"]] = [97_566.41, 42_475.2, 586.635]
    table.loc[6, ["VL", "CD4", "Rel CD4"]] = [0.1, 7.96, 1.871]
    table.loc[7, ["Gender", "Ethnic"]] = 3 - table.loc[7, "Gender"], 1.0
    found = read(as_csv(table))
    assert found.loc[5, ["VL", "CD4", "Rel CD4"]].tolist() == [97_566.41, 42_475.2, 586.635]
    assert found.loc[:59, "Gender"].nunique() == 2


def test_patient_ids_need_not_start_at_0_or_be_consecutive(read, table):
    table["PatientID"] = table["PatientID"].map({0: 7, 1: 12, 2: 100, 3: 2**40})
    assert read(as_csv(table))["PatientID"].unique().tolist() == [7, 12, 100, 2**40]


def test_the_format_can_be_told_by_the_first_bytes(tmp_path, table):
    for ending, content in {
        ".csv": as_csv(table),
        ".csv.gz": gzip.compress(as_csv(table)),
        ".parquet": table.to_parquet(),
    }.items():
        (tmp_path / "download").write_bytes(content)
        assert guess_format(tmp_path / "download") == ending


# --- what does not: files


def test_a_missing_file_is_named_with_the_folder_looked_in(tmp_path):
    with pytest.raises(SourceError, match=f"no file art.csv in {tmp_path}. Check the spelling"):
        read_table(tmp_path / "art.csv", SCHEMA)


def test_a_file_with_a_similar_name_is_suggested(tmp_path):
    (tmp_path / "art_hiv.csv").touch()
    with pytest.raises(SourceError, match=r"Did you mean art_hiv\.csv\?"):
        read_table(tmp_path / "art_hv.csv", SCHEMA)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SourceError, match="folder .*nowhere does not exist either"):
        read_table(tmp_path / "nowhere" / "art.csv", SCHEMA)


def test_a_folder_is_not_a_file(tmp_path):
    (tmp_path / "art.csv").mkdir()
    with pytest.raises(SourceError, match="is a folder"):
        read_table(tmp_path / "art.csv", SCHEMA)


def test_a_file_that_may_not_be_read_is_named(open_folder, as_ordinary_user, table):
    path = open_folder / "art.csv"
    path.write_bytes(as_csv(table))
    path.chmod(0o000)
    with as_ordinary_user(), pytest.raises(SourceError, match=r"art\.csv cannot be read.*Check"):
        read_table(path, SCHEMA)


def _excel() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    return memory.getvalue()


PAGE = b"<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>"


@pytest.mark.parametrize("name", ["file.csv", "file.csv.gz", "file.parquet"])
def test_an_empty_file_is_called_empty(read, name):
    with pytest.raises(SourceError, match=f"{name} is empty"):
        read(b"", name)


@pytest.mark.parametrize("content", [b"\n\n", b"  \r\n", b"\xef\xbb\xbf\n"])
def test_a_file_of_blank_lines_is_refused(read, content):
    with pytest.raises((SourceError, SchemaError), match=r"file\.csv"):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(b"VL,CD4\n", mtime=0), r"gzip-compressed. Rename it to end in \.csv\.gz"),
        (_excel(), "Excel workbook or a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old Excel workbook"),
        (PAGE, "web page"),
        (b"\n  " + PAGE, "web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "web page"),
        (b'{"message": "Forbidden", "code": 403}', "JSON"),
        ("VL,CD4\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"PAR1" + bytes(20), r"Rename it to end in \.parquet"),
        (b"VL,CD4\n1,\x002\n", "zero bytes"),
    ],
)
def test_something_else_than_csv_is_recognised(read, content, words):
    with pytest.raises(SourceError, match=words) as caught:
        read(content)
    assert "file.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("file.xlsx", "For a spreadsheet: open it and save it as 'CSV UTF-8'"),
        ("file.xls", "For a spreadsheet"),
        ("file.txt", r"ends in \.csv, \.csv\.gz, \.parquet"),
        ("file.csv.zip", r"ends in \.csv"),
        ("file", r"ends in \.csv"),
    ],
)
def test_another_ending_is_refused(read, table, name, words):
    with pytest.raises(SourceError, match=words):
        read(as_csv(table), name)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_delimiter_is_recognised(read, table, mark):
    with pytest.raises(SourceError, match="not by commas. Save it as comma-separated"):
        read(as_csv(table, sep=mark))


def test_a_decimal_comma_comes_with_semicolons_and_is_recognised(read, table):
    with pytest.raises(SourceError, match="by semicolons, not by commas, and writes decimal") as it:
        read(as_csv(table, sep=";", decimal=","))
    assert "pandas.read_csv(path, sep=';', decimal=',')" in str(it.value)
    with pytest.raises(SourceError, match="by semicolons") as it:
        read(as_csv(table, sep=";"))
    assert "decimal=" not in str(it.value)


def test_the_mend_for_a_file_from_europe_mends_it(read, table, expected, tmp_path):
    with pytest.raises(SourceError) as told:
        read(as_csv(table, sep=";", decimal=","))
    mend = str(told.value).split("or: ")[1].rstrip(".")
    names = {"pandas": pd, "path": tmp_path / "file.csv", "new_path": tmp_path / "new.csv"}
    exec(mend, names)
    pd.testing.assert_frame_equal(read_table(tmp_path / "new.csv", SCHEMA), expected)


def test_decimal_commas_between_commas_are_recognised(read, table):
    content = as_csv(table.astype({"VL": object}).assign(VL="31,5"))
    with pytest.raises(SchemaError, match=r"'VL', row 0: found '31,5'.*decimal comma: .*decimal="):
        read(content)


# --- files that would fill the memory, and readers that break


def test_a_file_that_unpacks_without_end_is_refused(read, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 1_000_000)
    bomb = gzip.compress(b"PatientID,VL\n" + b"0" * 5_000_000)
    assert len(bomb) < 10_000
    with pytest.raises(SourceError, match=r"file.csv.gz unpacks to more than 2 GB"):
        read(bomb, "file.csv.gz")


def test_a_parquet_file_that_unpacks_without_end_is_refused(read, table, monkeypatch):
    big = pd.DataFrame(dict.fromkeys(table.columns, 1.0), index=range(1_000_000))
    content = big.to_parquet()
    assert len(content) < 1_000_000
    monkeypatch.setattr(reading, "MOST_BYTES", 50_000_000)
    with pytest.raises(SourceError, match="file.parquet unpacks to 0 GB in memory"):
        read(content, "file.parquet")


@pytest.mark.parametrize(
    "error",
    [
        pa.ArrowCapacityError("too long"), pa.ArrowNotImplementedError("no such type"),
        pa.ArrowSerializationError("odd"), RecursionError("deep"), KeyError("x"), IndexError("y"),
        TypeError("z"), OverflowError("large"), UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_whatever_a_parser_raises_is_told_as_a_fault_of_the_file(
    read, table, monkeypatch, ending, error
):
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pyarrow.csv.read_csv", broken)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile", broken)
    content = as_csv(table) if ending == ".csv" else table.to_parquet()
    with pytest.raises(SourceError, match=f"file{ending} "):
        read(content, f"file{ending}")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImportError("DLL load failed"), "cannot be imported .DLL load failed.*doctor"),
        (pa.ArrowMemoryError("malloc"), "does not fit into memory"),
        (MemoryError(), "does not fit into memory"),
    ],
)
def test_a_broken_library_and_a_full_memory_are_no_fault_of_the_file(
    read, table, monkeypatch, ending, error, said
):
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pyarrow.csv.read_csv", broken)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile", broken)
    content = as_csv(table) if ending == ".csv" else table.to_parquet()
    with pytest.raises(SourceError, match=said):
        read(content, f"file{ending}")


def test_latin_1_in_the_header_is_recognised(read, table):
    renamed = table.rename(columns={"Gender": "Géneral"})
    with pytest.raises(SourceError, match=r"not UTF-8 text \(line 1: byte 0xe9.*Latin-1"):
        read(renamed.to_csv(index=False).encode("latin-1"))


def test_latin_1_in_a_cell_is_recognised(read, table):
    table["VL"] = table["VL"].astype(object)
    table.loc[230, "VL"] = "élevée"
    with pytest.raises(SourceError, match=r"not UTF-8 text \(line 232: byte 0xe9"):
        read(table.to_csv(index=False).encode("latin-1"))


def test_a_line_with_too_many_cells_is_named(read, table):
    lines = as_csv(table).splitlines()
    lines[40] += b",7"
    with pytest.raises(SourceError, match="Row #41: Expected 15 columns, got 16"):
        read(b"\n".join(lines))


def test_a_quote_that_never_closes_is_refused(read, table):
    lines = as_csv(table).splitlines()
    lines[40] = b'"' + lines[40]
    with pytest.raises(SourceError, match="cannot be read as comma-separated values"):
        read(b"\n".join(lines))


def test_a_line_with_too_few_cells_is_named(read, table):
    lines = as_csv(table).splitlines()
    lines[40] = lines[40].rpartition(b",")[0]
    with pytest.raises(SourceError, match="Row #41: Expected 15 columns, got 14"):
        read(b"\n".join(lines))


def test_every_row_with_a_cell_too_many_is_refused(read, table):
    header, *lines = as_csv(table).splitlines()
    with pytest.raises(SourceError, match="Row #2: Expected 15 columns, got 16"):
        read(b"\n".join([header, *(b"3.5," + line for line in lines)]))
    with pytest.raises(SourceError, match="Row #2: Expected 15 columns, got 17"):
        read(b"\n".join([header, *(b"0,1," + line for line in lines)]))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_truncated_csv_is_refused(read, table, share):
    content = as_csv(table)
    with pytest.raises((SchemaError, SourceError), match=r"file\.csv"):
        read(content[: int(share * len(content))])


def test_a_csv_cut_between_two_lines_is_called_cut_off(read, table):
    lines = as_csv(table).splitlines()
    with pytest.raises(SchemaError, match=r"Patient 3 has 39 rows. Expected 60.*cut off") as caught:
        read(b"\n".join(lines[: 1 + 3 * 60 + 39]))
    assert "Row 218 of the data is line 220 of the file" in str(caught.value)


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_truncated_gzip_file_is_called_damaged(read, table, share):
    content = gzip.compress(as_csv(table))
    with pytest.raises(SourceError, match="damaged or was cut off"):
        read(content[: max(3, int(share * len(content)))], "file.csv.gz")


def test_a_damaged_gzip_file_is_called_damaged(read, table):
    content = bytearray(gzip.compress(as_csv(table)))
    content[-8:-4] = b"\x00\x00\x00\x00"  # its checksum
    with pytest.raises(SourceError, match="damaged or was cut off"):
        read(bytes(content), "file.csv.gz")


def test_plain_csv_under_a_gzip_name_is_recognised(read, table):
    with pytest.raises(SourceError, match="is not gzip-compressed. If it is plain CSV, rename"):
        read(as_csv(table), "file.csv.gz")


@pytest.mark.parametrize("share", [0.2, 0.9, 0.999])
def test_a_truncated_parquet_file_is_called_damaged(read, table, share):
    content = table.to_parquet()
    with pytest.raises(SourceError, match="damaged or was cut off"):
        read(content[: int(share * len(content))], "file.parquet")


def test_csv_under_a_parquet_name_is_recognised(read, table):
    with pytest.raises(SourceError, match="is not a parquet file"):
        read(as_csv(table), "file.parquet")


# --- what does not: columns and values


def test_a_header_without_rows_is_refused(read, table):
    with pytest.raises(SchemaError, match="not a single row"):
        read(as_csv(table.head(0)))


def test_missing_and_extra_columns_are_named(read, table):
    changed = table.drop(columns=["CD4", "Extra PI"]).assign(Age=40)
    with pytest.raises(SchemaError, match=r"file\.csv: .*missing: 'CD4', 'Extra PI'; not.*: 'Age'"):
        read(as_csv(changed))


def test_a_column_that_appears_twice_is_named(read, table):
    with pytest.raises(SchemaError, match="more than once: 'VL'"):
        read(as_csv(pd.concat([table, table[["VL"]]], axis=1)))


def test_both_names_of_the_step_column_at_once_are_refused(read, table):
    with pytest.raises(SchemaError, match="not expected: 'Timepoints'"):
        read(as_csv(table.assign(Timepoints=table["Timestep"])))


def test_a_file_without_a_header_is_refused(read, table):
    with pytest.raises(SchemaError, match="missing: 'VL'"):
        read(as_csv(table, header=False))


CELLS = [
    ("Gender", 0.0, ("'Gender'", "found 0", "1 = Male, 2 = Female")),
    ("Comp. INI", 4.0, ("'Comp. INI'", "found 4", "3 = Not Applied")),
    ("Ethnic", 2.5, ("'Ethnic'", "found 2.5")),
    ("Ethnic", "African", ("found 'African'", "2 = African")),
    ("VL", "undetectable", ("found 'undetectable'", "copies/mL")),
    ("VL", "", ("'VL'", "PatientID 1, Timestep 40", "the value is missing")),
    ("VL", "NaN", ("the value is missing",)),
    ("VL", -1.0, ("found -1", "0 to 10,000,000 copies/mL")),
    ("VL", "inf", ("'VL'", "inf")),
    (
        "VL",
        "1e2147483648",
        ("'VL'", "Expected 0 to"),
    ),  # ends the process in the C parser of pandas 2
    ("VL", "2023-01-01", ("found '2023-01-01'",)),
    ("CD4", 100_001, ("found 100001", "0 to 100,000 cells/µL")),
    ("VL (M)", "", ("'VL (M)'", "the value is missing")),
    ("VL (M)", 0.5, ("found 0.5", "0 = False, 1 = True")),
    ("Timestep", 40.5, ("'Timestep'", "found 40.5", "a whole number")),
    ("PatientID", "", ("'PatientID'", "the value is missing")),
    ("PatientID", "99999999999999999999999", ("'PatientID'", "a whole number")),
]


@pytest.mark.parametrize(("column", "value", "words"), CELLS)
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_one_bad_cell_is_found(read, table, column, value, words, ending):
    table[column] = table[column].astype(object)
    table.loc[100, column] = value
    content = as_csv(table)
    if ending == ".parquet":  # as somebody would write it who reads text and does not look
        content = pd.read_csv(io.BytesIO(content), dtype={column: str}).to_parquet()
        words = [word.replace("found ", "") for word in words if "missing" not in word]
        words = [word for word in words if "PatientID 1" not in word]
    with pytest.raises(SchemaError) as caught:
        read(content, f"file{ending}")
    for word in words:
        assert word in str(caught.value)
    assert (caught.value.column, caught.value.row) == (column, 100)
    line = "Row 100 of the data is line 102 of the file"
    assert (line in str(caught.value)) == (ending == ".csv")


def test_a_file_of_labels_is_told_from_a_file_of_codes(read, expected):
    with pytest.raises(SchemaError, match=r"'Gender', row 0: found '(Fem|M)ale'.*1 = Male"):
        read(as_csv(expected))


def test_a_row_that_appears_twice_is_named(read, table):
    double = pd.concat([table, table.iloc[[75]]])
    with pytest.raises(SchemaError, match="patient 1, Timestep 15 appears twice") as caught:
        read(as_csv(double))
    assert caught.value.row == 240  # where the second one stands in the file


def test_a_gap_in_the_steps_is_named(read, table):
    with pytest.raises(SchemaError, match="Timestep 16 comes straight after Timestep 14"):
        read(as_csv(table.drop(index=75)))


def test_a_patient_without_a_first_month_is_named(read, table):
    with pytest.raises(SchemaError, match="patient 2, Timestep 1 is the patient's first row"):
        read(as_csv(table.drop(index=120)))


def test_patients_of_unequal_length_are_refused(read, table):
    short = table[(table["PatientID"] != 2) | (table["Timestep"] < 48)]
    with pytest.raises(SchemaError, match=r"Patient 2 has 48 rows. Expected 60.*1 of 4 patients"):
        read(as_csv(short))


def test_parquet_columns_of_odd_types_are_refused(read, table):
    for odd in ([[1.0]] * 240, [b"x"] * 240, pd.date_range("2020", periods=240), [{"a": 1}] * 240):
        with pytest.raises(SchemaError, match="'VL'"):
            read(table.assign(VL=odd).to_parquet(), "file.parquet")
