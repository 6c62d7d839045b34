"""Every chapter that loads a cohort runs on a file as well: one parameter is changed, no more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import healthgym_edu as hg
from healthgym_edu.cli.parameters import defaults_of, with_parameters

SOLUTIONS = Path(__file__).parents[1] / "Chapters" / "solutions"
BY_PARAMETER = re.compile(r'load_cohort\("(\w+)", source=source, seed=seed\)')


def chapters_with_a_source() -> list[Path]:
    return [
        path
        for path in sorted(SOLUTIONS.glob("*.ipynb"))
        if "source" in defaults_of(nbformat.read(path, as_version=4))
    ]


@pytest.mark.parametrize("path", chapters_with_a_source(), ids=lambda path: path.stem)
def test_chapter_runs_on_a_file_by_changing_one_parameter(path, tmp_path):
    """A file knows less than a simulator: no age, no decisions, no outcome; nobody dies early.

    The cells run as one script; that a kernel runs and draws them is tested with the teaching data.
    """
    (condition,) = BY_PARAMETER.findall(path.read_text(encoding="utf-8").replace('\\"', '"'))
    cohort = hg.load_cohort(condition, n_patients=4000, seed=4)
    hours = cohort.frame.groupby(cohort.schema.id).size()
    cohort.subset(hours.index[hours == cohort.schema.n_steps]).save(tmp_path / "release.csv")
    source = {"source": str(tmp_path / "release.csv")}
    cells = with_parameters(nbformat.read(path, as_version=4), source, path.stem).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    ways = {"HEALTHGYM_EDU_STRICT": "1", "HEALTHGYM_EDU_QUICK": "1", "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-"], input=code, cwd=tmp_path, env=os.environ | ways,
        capture_output=True, encoding="utf-8", check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["release.csv"]


def test_there_are_such_chapters():
    have = {path.stem for path in chapters_with_a_source()}
    assert {"01_art_hiv_hands_on", "02_sepsis_hands_on", "03_hypotension_hands_on"} <= have
    for path in chapters_with_a_source():
        defaults = defaults_of(nbformat.read(path, as_version=4))
        assert defaults == {"source": "teaching", "seed": 0}
