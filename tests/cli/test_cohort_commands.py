"""`healthgym-edu export` and `calibration` from the door: arguments, files, exit status."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from typer.testing import Result

import healthgym_edu as hg
from healthgym_edu import calibration

Invoke = Callable[..., Result]


@pytest.mark.parametrize("name", ["art.csv", "art.csv.gz", "art.parquet"])
def test_an_exported_cohort_loads_again(tmp_path: Path, invoke: Invoke, name: str) -> None:
    out = tmp_path / name
    result = invoke("export", "art_hiv", "--patients", 20, "--seed", 3, "--out", out)
    assert result.exit_code == 0, result.output
    assert "Wrote 1,200 rows of 20 patients" in result.stdout
    again = hg.load_cohort("art_hiv", source=out)
    same = hg.load_cohort("art_hiv", n_patients=20, seed=3)
    assert len(again) == 20
    assert again.frame["Gender"].astype(str).tolist() == same.frame["Gender"].astype(str).tolist()
    assert again.frame["VL"].to_numpy() == pytest.approx(same.frame["VL"].to_numpy(), rel=1e-3)


def test_an_existing_file_is_kept_unless_told_otherwise(tmp_path: Path, invoke: Invoke) -> None:
    out = tmp_path / "art.csv"
    out.write_text("precious", encoding="utf-8")
    words = ["export", "art_hiv", "--patients", 5, "--out", out]
    result = invoke(*words)
    assert result.exit_code == 2
    assert str(out) in result.stderr
    assert result.stderr.count("\n") == 1
    assert out.read_text(encoding="utf-8") == "precious"
    assert invoke(*words, "--overwrite").exit_code == 0
    assert len(pd.read_csv(out)) == 300


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no_such_thing", "--patients", 5], "art_hiv"),
        (["art_hiv", "--patients", 0], "n_patients"),
        (["art_hiv", "--patients", -4], "n_patients"),
    ],
)
def test_wrong_arguments_are_one_line(
    tmp_path: Path, invoke: Invoke, words: list[object], said: str
) -> None:
    result = invoke("export", *words, "--out", tmp_path / "x.csv")
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, invoke: Invoke) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    out = tmp_path / "file" / "art.csv"
    result = invoke("export", "art_hiv", "--patients", 5, "--out", out)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def _table(ok: bool) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "quantity": ["share suppressed", "median VL"],
            "target": [0.88, 1234.5],
            "tolerance": [0.04, float("nan")],
            "source": ["a trial", "a paper"],
            "teaching": [0.871, 1301.0],
            "released": [None, 1188.0],
            "ok": [ok, None],
        }
    )


@pytest.mark.parametrize(("ok", "status"), [(True, 0), (False, 1)])
def test_a_missed_target_makes_the_exit_status_1(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, ok: bool, status: int
) -> None:
    asked = {}

    def calibration_table(condition: str, n_patients: int | None, seed: int) -> pd.DataFrame:
        asked.update(condition=condition, n_patients=n_patients, seed=seed)
        return _table(ok)

    monkeypatch.setattr(calibration, "calibration_table", calibration_table)
    result = invoke("calibration", "art_hiv", "--patients", 50, "--seed", 4)
    assert result.exit_code == status, result.output
    assert asked == {"condition": "art_hiv", "n_patients": 50, "seed": 4}
    assert "share suppressed" in result.stdout
    assert "1,301" in result.stdout
    assert f"{int(ok)} targets met, {int(not ok)} missed" in result.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "cp932", "ascii"])
def test_redirected_output_is_written_whatever_the_encoding_holds(
    course: Path, start: Callable[..., subprocess.Popen[str]], encoding: str
) -> None:
    """A title and an error hold what no code page has."""
    title = "≥ 50 µL – a “quoted” ✓ 方 Ω"
    made = new_notebook(cells=[new_markdown_cell(f"# {title}")])
    nbformat.write(made, course / "Chapters" / "00_first.ipynb")
    process = start("list", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed
    line = printed.splitlines()[0]
    assert line.startswith("00_first")
    assert ">= 50" in line or "≥ 50" in line
    process = start("run", "Ω≥", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Traceback" not in printed
    assert "names no chapter" in printed


def test_help_answers_without_the_heavy_libraries() -> None:
    code = (
        "import sys; from healthgym_edu.cli import app\n"
        "heavy = {'torch', 'pandas', 'matplotlib', 'nbconvert', 'lifelines'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"loaded at start: {done.stderr}"


def test_the_version_is_the_packages(invoke: Invoke) -> None:
    assert invoke("--version").stdout == f"healthgym-edu {hg.__version__}\n"


# --- layouts, and the tables that go with a cohort ---------------------------------------------


def test_everything_about_a_cohort_can_be_exported_at_once(tmp_path: Path, invoke: Invoke) -> None:
    words = ["export", "sepsis", "--patients", 40, "--out", tmp_path / "icu.csv"]
    words += ["--layout", "labelled", "--patients-out", tmp_path / "people.csv"]
    words += ["--decisions-out", tmp_path / "decisions.csv"]
    words += ["--codebook-out", tmp_path / "codebook.csv"]
    result = invoke(*words)
    assert result.exit_code == 0, result.output
    cohort = hg.load_cohort("sepsis", n_patients=40)
    assert len(pd.read_csv(tmp_path / "icu.csv")) == len(cohort.frame)
    decisions = pd.read_csv(tmp_path / "decisions.csv")
    assert decisions["action"].tolist() == cohort.decisions["action"].astype(str).tolist()
    assert decisions[list(cohort.actions)].sum(axis=1).to_numpy() == pytest.approx(1.0, abs=1e-5)
    assert "Died_in_stay" in pd.read_csv(tmp_path / "people.csv")
    assert "Died_in_stay" in pd.read_csv(tmp_path / "codebook.csv")["column"].tolist()
    assert "read_health_gym" in (tmp_path / "read.R").read_text(encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 5


def test_the_published_layout_has_every_step(tmp_path: Path, invoke: Invoke) -> None:
    words = ["export", "hypotension", "--patients", 50, "--layout", "published"]
    result = invoke(*words, "--out", tmp_path / "icu.csv")
    assert "Wrote 2,400 rows of 50 patients" in result.stdout
    assert len(pd.read_csv(tmp_path / "icu.csv")) == 2400


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--layout", "wide"], "There is no layout 'wide'"),
        (["--patients-out", "p.txt"], "Cannot tell the format"),
        (["--patients-out", "a.csv"], "is named for two tables"),
        (["--codebook-out", "there.csv"], "exists already"),
        (["--decisions-out", "no/where.csv"], "There is no folder"),
        (["--layout", "labelled"], "read.R exists already"),
        (["--decisions-out", "./b/../a.csv"], "is named for two tables"),
        (["--decisions-out", "~nobody-of-this-name/d.csv"], "the home of somebody unknown"),
        (["--decisions-out", "loop.csv"], "loop.csv"),
    ],
)
def test_nothing_is_written_when_one_file_cannot_be(
    tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csv").write_text("precious", encoding="utf-8")
    (tmp_path / "read.R").write_text("# mine", encoding="utf-8")
    (tmp_path / "b").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    result = invoke("export", "sepsis", "--patients", 5, "--out", "a.csv", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "b", "loop.csv", "read.R", "there.csv"
    ]  # fmt: skip
    assert (tmp_path / "read.R").read_text(encoding="utf-8") == "# mine"
