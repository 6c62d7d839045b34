"""Every chapter that loads a cohort runs on a file as well: one argument is changed, no more."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import healthgym_edu as hg

SOLUTIONS = Path(__file__).parents[1] / "Chapters" / "solutions"
ONE_ARGUMENT = re.compile(r'load_cohort\("(\w+)", source="teaching"')


def chapters_with_a_source() -> list[Path]:
    return [
        path
        for path in sorted(SOLUTIONS.glob("*.ipynb"))
        if any(ONE_ARGUMENT.search(cell.source) for cell in nbformat.read(path, 4).cells)
    ]


@pytest.mark.parametrize("path", chapters_with_a_source(), ids=lambda path: path.stem)
def test_chapter_runs_on_a_file_by_changing_one_argument(path, tmp_path, monkeypatch):
    """A file knows less than a simulator: no age, no decisions, no outcome; nobody dies early."""
    file = tmp_path / "release.csv"
    notebook = nbformat.read(path, as_version=4)
    (condition,) = {name for cell in notebook.cells for name in ONE_ARGUMENT.findall(cell.source)}
    cohort = hg.load_cohort(condition, n_patients=4000, seed=4)
    hours = cohort.frame.groupby(cohort.schema.id).size()
    cohort.subset(hours.index[hours == cohort.schema.n_steps]).save(file)
    for cell in notebook.cells:
        cell.source = ONE_ARGUMENT.sub(rf'load_cohort("\1", source={str(file)!r}', cell.source)
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert os.listdir(tmp_path) == ["release.csv"]


def test_there_are_such_chapters():
    have = {path.stem for path in chapters_with_a_source()}
    assert {"01_art_hiv_hands_on", "02_sepsis_hands_on", "03_hypotension_hands_on"} <= have
