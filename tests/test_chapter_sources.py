"""Every chapter that loads a cohort runs on a file as well: one parameter is changed, no more."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

import healthgym_edu as hg
from healthgym_edu.cli.parameters import defaults_of
from healthgym_edu.cli.running import run_notebook

SOLUTIONS = Path(__file__).parents[1] / "Chapters" / "solutions"
BY_PARAMETER = re.compile(r'load_cohort\("(\w+)", source=source, seed=seed\)')


def chapters_with_a_source() -> list[Path]:
    return [
        path
        for path in sorted(SOLUTIONS.glob("*.ipynb"))
        if "source" in defaults_of(nbformat.read(path, as_version=4))
    ]


@pytest.mark.parametrize("path", chapters_with_a_source(), ids=lambda path: path.stem)
def test_chapter_runs_on_a_file_by_changing_one_parameter(path, tmp_path, monkeypatch):
    """A file knows less than a simulator: no age, no decisions, no outcome; nobody dies early."""
    (condition,) = BY_PARAMETER.findall(path.read_text(encoding="utf-8").replace('\\"', '"'))
    cohort = hg.load_cohort(condition, n_patients=2400, seed=4)
    hours = cohort.frame.groupby(cohort.schema.id).size()
    cohort.subset(hours.index[hours == cohort.schema.n_steps]).save(tmp_path / "release.csv")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.chdir(tmp_path)
    source = {"source": str(tmp_path / "release.csv")}
    result = run_notebook(path, strict=True, quick=True, parameters=source)
    assert result.status == "ok"
    assert [entry.name for entry in tmp_path.iterdir()] == ["release.csv"]


def test_there_are_such_chapters():
    have = {path.stem for path in chapters_with_a_source()}
    assert {"01_art_hiv_hands_on", "02_sepsis_hands_on", "03_hypotension_hands_on"} <= have
    for path in chapters_with_a_source():
        defaults = defaults_of(nbformat.read(path, as_version=4))
        assert defaults == {"source": "teaching", "seed": 0}
