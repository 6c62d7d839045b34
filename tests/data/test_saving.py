"""Saving: the published format, complete or not at all, never over somebody's file."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.data import saving
from healthgym_edu.data.reading import read_table
from healthgym_edu.errors import ArgumentError, SchemaError, SourceError
from healthgym_edu.files import writing

ENDINGS = (".csv", ".csv.gz", ".parquet")
links = pytest.mark.skipif(sys.platform == "win32", reason="a link needs a right on Windows")


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("ending", [*ENDINGS, ".CSV"])
def test_a_saved_cohort_loads_as_it_was(cohort, tmp_path, ending):
    path = tmp_path / f"cohort{ending}"
    cohort.save(path)
    pd.testing.assert_frame_equal(read_table(path, SCHEMA), cohort.frame)
    assert _names(tmp_path) == [path.name]


def test_a_csv_looks_like_the_published_file(cohort, tmp_path):
    path = tmp_path / "cohort.csv"
    cohort.save(path)
    header, first, *rest = path.read_bytes().decode("ascii").split("\n")
    assert header == (
        "VL,CD4,Rel CD4,Gender,Ethnic,Base Drug Combo,Comp. INI,Comp. NNRTI,Extra PI,"
        "Extra pk-En,VL (M),CD4 (M),Drug (M),PatientID,Timestep"
    )
    cells = first.split(",")
    assert all(cell in {f"{code}.0" for code in range(7)} for cell in cells[3:13])
    assert cells[13:] == ["0", "0"]
    assert float(cells[0]) == cohort.frame["VL"].iloc[0]
    assert len(rest) == len(cohort.frame)
    assert rest[-1] == ""


def test_numbers_survive_digit_for_digit(cohort, tmp_path):
    numbers = [0.1, 0.10234567, 31409.234, 97566.41, 1e7, 1e-7, 0.0, 5.0, 29.944271, 793.4583]
    frame = cohort.frame.copy()
    frame.loc[:9, "VL"] = numbers
    cohort = type(cohort)(frame, cohort.patients, SCHEMA, "a toy")
    for ending in ENDINGS:
        cohort.save(tmp_path / f"cohort{ending}")
        found = read_table(tmp_path / f"cohort{ending}", SCHEMA)["VL"]
        assert found.iloc[:10].tolist() == numbers


def test_whole_measurements_load_as_they_were(cohort, tmp_path):
    cohort = type(cohort)(cohort.frame.assign(VL=40.0), cohort.patients, SCHEMA, "a toy")
    cohort.save(tmp_path / "cohort.csv")
    pd.testing.assert_frame_equal(read_table(tmp_path / "cohort.csv", SCHEMA), cohort.frame)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_cohort_makes_the_same_bytes(cohort, tmp_path, ending):
    for name in ("one", "two"):
        cohort.save(tmp_path / (name + ending))
    assert (tmp_path / f"one{ending}").read_bytes() == (tmp_path / f"two{ending}").read_bytes()


def test_a_gzipped_csv_is_the_csv(cohort, tmp_path):
    cohort.save(tmp_path / "cohort.csv")
    cohort.save(tmp_path / "cohort.csv.gz")
    unpacked = gzip.decompress((tmp_path / "cohort.csv.gz").read_bytes())
    assert unpacked == (tmp_path / "cohort.csv").read_bytes()


@pytest.mark.parametrize("name", ["cohort.xlsx", "cohort", "cohort.csv.zip", "cohort.json"])
def test_an_unknown_ending_is_refused(cohort, tmp_path, name):
    with pytest.raises(ArgumentError, match=r"\.csv, \.csv\.gz, \.parquet"):
        cohort.save(tmp_path / name)
    assert _names(tmp_path) == []


def test_an_existing_file_is_left_as_it_was(cohort, tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_text("my notes")
    with pytest.raises(SourceError, match=r"cohort\.csv exists already.*overwrite=True"):
        cohort.save(path)
    assert path.read_text() == "my notes"
    assert _names(tmp_path) == ["cohort.csv"]


def test_an_existing_file_is_replaced_when_told_to(cohort, tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_text("my notes")
    cohort.save(path, overwrite=True)
    pd.testing.assert_frame_equal(read_table(path, SCHEMA), cohort.frame)
    assert _names(tmp_path) == ["cohort.csv"]


@links
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_file_is_written(cohort, tmp_path, exists):
    target, link = tmp_path / "kept" / "real.csv", tmp_path / "link.csv"
    target.parent.mkdir()
    if exists:
        target.write_text("old")
    link.symlink_to(target)
    cohort.save(link, overwrite=exists)
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"VL,CD4")
    assert sorted(one.name for one in target.parent.iterdir()) == ["real.csv"]


@links
def test_a_link_to_a_file_is_refused_like_the_file(cohort, tmp_path):
    target, link = tmp_path / "real.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    with pytest.raises(SourceError, match="exists already"):
        cohort.save(link)
    assert target.read_text() == "old"
    assert link.is_symlink()


def test_a_path_may_start_at_home(cohort, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    cohort.save("~/mine.csv")
    assert (tmp_path / "mine.csv").is_file()


def test_a_frame_that_could_not_be_loaded_is_not_written(cohort, tmp_path):
    broken = replace(cohort, frame=cohort.frame.assign(VL=-1.0))
    with pytest.raises(SchemaError, match="VL"):
        broken.save(tmp_path / "broken.csv")
    assert not [*tmp_path.iterdir()]


def test_a_file_that_appears_meanwhile_is_left_as_it_was(tmp_path):
    path = tmp_path / "cohort.csv"

    def save_while_somebody_else_does() -> None:
        with saving.writing(path) as stream:
            stream.write(b"new")
            path.write_text("somebody else's")

    with pytest.raises(SourceError, match=r"exists already.*left as it is"):
        save_while_somebody_else_does()
    assert path.read_text() == "somebody else's"
    assert _names(tmp_path) == ["cohort.csv"]


def test_a_missing_folder_is_named(cohort, tmp_path):
    with pytest.raises(SourceError, match=r"no folder .*elsewhere\. Create it"):
        cohort.save(tmp_path / "elsewhere" / "cohort.csv")


def test_a_folder_is_not_a_file(cohort, tmp_path):
    (tmp_path / "cohort.csv").mkdir()
    with pytest.raises(SourceError, match="is a folder"):
        cohort.save(tmp_path / "cohort.csv", overwrite=True)


def test_a_folder_that_may_not_be_written_is_named(cohort, open_folder, as_ordinary_user):
    open_folder.chmod(0o555)
    with (
        as_ordinary_user(),
        pytest.raises(SourceError, match=f"may not write to the folder {open_folder}"),
    ):
        cohort.save(open_folder / "cohort.csv")
    assert _names(open_folder) == []


def test_a_folder_that_may_not_be_entered_is_named(cohort, open_folder, as_ordinary_user):
    inner = open_folder / "private"
    inner.mkdir()
    inner.chmod(0o000)
    with as_ordinary_user(), pytest.raises(SourceError, match="private"):
        cohort.save(inner / "cohort.csv")
    inner.chmod(0o755)
    assert _names(inner) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_nothing_new_and_loses_nothing_old(cohort, tmp_path, full_disk, ending):
    path = tmp_path / f"cohort{ending}"
    path.write_bytes(b"the cohort of last week")
    with full_disk(4096), pytest.raises(SourceError, match="No room left to write"):
        cohort.save(path, overwrite=True)
    assert path.read_bytes() == b"the cohort of last week"
    assert _names(tmp_path) == [path.name]


def test_an_interrupted_save_leaves_nothing(tmp_path):
    def save_and_interrupt() -> None:
        with saving.writing(tmp_path / "cohort.csv") as stream:
            stream.write(b"half of")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_and_interrupt()
    assert _names(tmp_path) == []


SLOW = """
import sys, time
from pathlib import Path
from healthgym_edu.files import writing

with writing(Path(sys.argv[1])) as stream:
    stream.write(b"half of it")
    stream.flush()
    print("begun", flush=True)
    time.sleep(60)
"""


DEFAULT = {signal.SIGTERM: signal.SIG_DFL, signal.SIGINT: signal.SIG_DFL}
if os.name == "posix":
    DEFAULT[signal.SIGHUP] = signal.SIG_DFL


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process cannot be asked to end")
@pytest.mark.parametrize("number", DEFAULT)
def test_a_save_that_is_told_to_end_leaves_nothing(tmp_path, number):
    command = [sys.executable, "-c", SLOW, str(tmp_path / "cohort.csv")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, DEFAULT[number]),  # a nohup ignores some of them
    )  # fmt: skip
    assert process.stdout.readline() == "begun\n"
    assert len(_names(tmp_path)) == 1
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert _names(tmp_path) == []


def test_a_handler_of_the_callers_own_is_left_alone(tmp_path):
    called = []
    previous = signal.signal(signal.SIGTERM, lambda *_: called.append(1))
    try:
        with writing(tmp_path / "file") as stream:
            signal.raise_signal(signal.SIGTERM)
            stream.write(b"all of it")
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert called == [1]
    assert (tmp_path / "file").read_bytes() == b"all of it"
    assert signal.getsignal(signal.SIGTERM) is previous


def test_saved_files_have_ordinary_permissions(cohort, tmp_path):
    cohort.save(tmp_path / "cohort.csv")
    (tmp_path / "ordinary").touch()
    assert (tmp_path / "cohort.csv").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


@pytest.mark.parametrize(
    "use",
    [
        "healthgym_edu, healthgym_edu.data, healthgym_edu.exercises, healthgym_edu.checks",
        "healthgym_edu as hg; hg.load_cohort('art_hiv', n_patients=2)",
    ],
)
def test_imports_and_the_teaching_cohort_leave_heavy_libraries_alone(use):
    code = f"import sys, {use}; print(*sys.modules)"
    root = Path(saving.__file__).parents[2]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "healthgym_edu.data.releases" in loaded
    heavy = {"pooch", "requests", "filelock", "torch", "lifelines", "matplotlib", "pyarrow.csv"}
    assert heavy.isdisjoint(loaded)
