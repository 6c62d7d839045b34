"""Every chapter that loads a cohort runs on a file as well: one parameter is changed, no more."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

import healthgym_edu as hg
from healthgym_edu.cli.parameters import defaults_of
from healthgym_edu.cli.running import run_notebook

SOLUTIONS = Path(__file__).parents[1] / "Chapters" / "solutions"
BY_PARAMETER = re.compile(r'^(\w+) = hg\.load_cohort\("(\w+)", source=source, seed=seed\)', re.M)


def chapters_with_a_source() -> list[Path]:
    return [
        path
        for path in sorted(SOLUTIONS.glob("*.ipynb"))
        if "source" in defaults_of(nbformat.read(path, as_version=4))
    ]


@pytest.fixture(scope="module")
def file_of(tmp_path_factory):
    """Return a file of people for a condition; all its chapters read the same one."""

    @cache
    def written(condition):
        cohort = hg.load_cohort(condition, n_patients=2400, seed=4)
        hours = cohort.frame.groupby(cohort.schema.id).size()
        path = tmp_path_factory.mktemp(condition) / "release.csv"
        cohort.subset(hours.index[hours == cohort.schema.n_steps]).save(path)
        return path

    return written


def loading(path: Path) -> tuple[str, str, int]:
    """Return the condition that a chapter loads, the name it gets, and the cell in which."""
    cells = nbformat.read(path, as_version=4).cells
    (found,) = (
        (loads[2], loads[1], place)
        for place, cell in enumerate(cells)
        if cell.cell_type == "code" and (loads := BY_PARAMETER.search(cell.source))
    )
    return found


def stands_in(path: Path) -> bool:
    """Whether the cell that loads a file goes on with simulated people under the same name."""
    _, name, place = loading(path)
    source = nbformat.read(path, as_version=4).cells[place].source
    return re.search(rf"^ +{name} = hg\.load_cohort\(", source, flags=re.MULTILINE) is not None


CHAPTERS = chapters_with_a_source()


@pytest.fixture
def run(tmp_path, monkeypatch, file_of):
    """Run a notebook on a file of a condition, at an empty place where it may leave nothing."""

    def on_a_file(path: Path, condition: str) -> str:
        monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        monkeypatch.chdir(tmp_path)
        source = {"source": str(file_of(condition))}
        status = run_notebook(path, strict=True, quick=True, parameters=source).status
        assert [*tmp_path.iterdir(), *file_of(condition).parent.iterdir()] == [file_of(condition)]
        return status

    return on_a_file


@pytest.mark.parametrize(
    "path", [path for path in CHAPTERS if not stands_in(path)], ids=lambda path: path.stem
)
def test_chapter_runs_on_a_file_by_changing_one_parameter(path, run):
    """A file knows less than a simulator: no age, no decisions, no outcome; nobody dies early."""
    assert run(path, loading(path)[0]) == "ok"


@pytest.mark.parametrize("path", list(filter(stands_in, CHAPTERS)), ids=lambda path: path.stem)
def test_where_simulated_people_stand_in_the_chapter_is_that_without_a_file(
    path, run, tmp_path_factory
):
    """Nothing after the cell that loads can see the file, and the people are those of the text."""
    condition, name, place = loading(path)
    notebook = nbformat.read(path, as_version=4)
    later = [cell.source for cell in notebook.cells[place + 1 :] if cell.cell_type == "code"]
    assert len(later) > 10
    assert not [code for code in later if "source" in names_read(code)]
    same = f"assert {name}.frame.equals(hg.load_cohort({condition!r}).frame)\nassert as_described"
    notebook.cells[place + 1 :] = [new_code_cell(same)]
    shortened = tmp_path_factory.mktemp("shortened") / path.name
    nbformat.write(notebook, shortened)
    assert run(shortened, condition) == "ok"


def names_read(code: str) -> set[str]:
    """Return the names that a piece of code reads, but for those of attributes and keywords."""
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def test_there_are_such_chapters():
    have = {path.stem for path in CHAPTERS}
    assert {"01_art_hiv_hands_on", "02_sepsis_hands_on", "03_hypotension_hands_on"} <= have
    assert {path.name[:2] for path in CHAPTERS if stands_in(path)} == {"05", "14", "16", "18"}
    for path in CHAPTERS:
        defaults = defaults_of(nbformat.read(path, as_version=4))
        assert defaults == {"source": "teaching", "seed": 0}
