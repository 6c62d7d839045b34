"""A learner's edits survive whatever happens to the course."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from healthgym_edu._chapters import find_chapter
from healthgym_edu.cli.working_copy import LEDGER, lay_fresh, lay_working_copy
from healthgym_edu.errors import SourceError


@pytest.fixture
def source(course: Path) -> Path:
    return course / "Chapters"


@pytest.fixture
def mine(source: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    laid = lay_working_copy(folder, source)
    assert laid.first_time
    return folder


def test_the_first_time_lays_everything(source: Path, mine: Path) -> None:
    for path in source.rglob("*.*"):
        if path.is_file():
            assert (mine / path.relative_to(source)).read_bytes() == path.read_bytes()


def test_the_second_time_changes_nothing(source: Path, mine: Path) -> None:
    laid = lay_working_copy(mine, source)
    assert (laid.first_time, laid.added, laid.updated, laid.kept) == (False, [], [], [])


def test_an_edit_is_kept_when_the_course_moves_on(source: Path, mine: Path) -> None:
    (mine / "00_first.ipynb").write_text("my own work", encoding="utf-8")
    (source / "00_first.ipynb").write_text("a newer chapter", encoding="utf-8")
    laid = lay_working_copy(mine, source)
    assert (mine / "00_first.ipynb").read_text(encoding="utf-8") == "my own work"
    assert laid.kept == ["00_first.ipynb"]
    # and it is still kept, and still said, the time after that
    assert lay_working_copy(mine, source).kept == ["00_first.ipynb"]


def test_an_edit_is_not_mentioned_while_the_course_stands_still(source: Path, mine: Path) -> None:
    (mine / "00_first.ipynb").write_text("my own work", encoding="utf-8")
    laid = lay_working_copy(mine, source)
    assert (laid.updated, laid.kept) == ([], [])


def test_an_untouched_chapter_follows_the_course(source: Path, mine: Path) -> None:
    (source / "01_second.ipynb").write_text("a newer chapter", encoding="utf-8")
    laid = lay_working_copy(mine, source)
    assert (mine / "01_second.ipynb").read_text(encoding="utf-8") == "a newer chapter"
    assert laid.updated == ["01_second.ipynb"]


def resave(path: Path, change: Callable[[dict], None]) -> None:
    """Save a notebook again after a change, as an editor would."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")


def opened(notebook: dict) -> None:
    """What JupyterLab changes in a notebook that is only opened: metadata, and lines for texts."""
    notebook["metadata"]["kernelspec"]["display_name"] = "Python 3 (ipykernel)"
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    for cell in notebook["cells"]:
        cell["metadata"]["trusted"] = True
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)


def typed(notebook: dict) -> None:
    notebook["cells"][1]["source"] = "answer = 6 * 9"


def ran(notebook: dict) -> None:
    notebook["cells"][2]["execution_count"] = 3
    notebook["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "42"}]


@pytest.mark.parametrize(
    ("change", "is_mine"),
    [(opened, False), (typed, True), (ran, True)],
    ids=["opened", "typed in", "ran"],
)
def test_opening_is_not_touching_but_typing_and_running_are(
    source: Path, mine: Path, change: Callable[[dict], None], is_mine: bool
) -> None:
    resave(mine / "00_first.ipynb", change)
    before = (mine / "00_first.ipynb").read_bytes()
    (source / "00_first.ipynb").write_bytes((source / "01_second.ipynb").read_bytes())
    laid = lay_working_copy(mine, source)
    assert ((mine / "00_first.ipynb").read_bytes() == before) is is_mine
    assert laid.kept == (["00_first.ipynb"] if is_mine else [])
    assert laid.updated == ([] if is_mine else ["00_first.ipynb"])


def test_a_file_that_was_there_before_us_is_never_replaced(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "README.md").write_text("my notes", encoding="utf-8")
    laid = lay_working_copy(folder, source)
    assert (folder / "README.md").read_text(encoding="utf-8") == "my notes"
    assert laid.kept == ["README.md"]


def test_a_fresh_copy_is_clean_and_replaces_nothing(course: Path, source: Path, mine: Path) -> None:
    (mine / "00_first.ipynb").write_text("my own work", encoding="utf-8")
    first = lay_fresh(find_chapter("00"), mine)
    first.write_text("worked in too", encoding="utf-8")
    second = lay_fresh(find_chapter("00"), mine)
    assert (first.name, second.name) == ("00_first-fresh.ipynb", "00_first-fresh-2.ipynb")
    assert first.read_text(encoding="utf-8") == "worked in too"
    assert second.read_bytes() == (source / "00_first.ipynb").read_bytes()
    assert (mine / "00_first.ipynb").read_text(encoding="utf-8") == "my own work"


def test_a_folder_that_cannot_be_made_is_named(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"cannot be used: .*file.*--folder"):
        lay_working_copy(tmp_path / "file" / "mine", source)


def test_a_failed_write_leaves_nothing_behind(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(SourceError, match="No room left to write"):
        lay_working_copy(tmp_path / "mine", source)
    assert [path for path in (tmp_path / "mine").rglob("*") if path.is_file()] == []


def test_a_damaged_ledger_is_named_and_nothing_is_touched(source: Path, mine: Path) -> None:
    (mine / LEDGER).write_text("{", encoding="utf-8")
    (mine / "00_first.ipynb").write_text("my own work", encoding="utf-8")
    with pytest.raises(SourceError, match=LEDGER):
        lay_working_copy(mine, source)
    assert (mine / "00_first.ipynb").read_text(encoding="utf-8") == "my own work"


@pytest.mark.parametrize("text", ["[]", "7", '{"00_first.ipynb": 3}', "null", "\xff"])
def test_a_ledger_of_something_else_is_damaged_too(source: Path, mine: Path, text: str) -> None:
    (mine / LEDGER).write_bytes(text.encode("latin-1"))
    with pytest.raises(SourceError, match=f"{LEDGER} is damaged .* Delete that one file"):
        lay_working_copy(mine, source)


@pytest.mark.parametrize("inside", ["", "solutions", ".."])
def test_the_courses_own_folder_is_not_a_learners(source: Path, inside: str) -> None:
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    with pytest.raises(SourceError, match="where the course itself lives"):
        lay_working_copy(source / inside, source)
    assert {path: path.read_bytes() for path in source.rglob("*") if path.is_file()} == before


def test_an_empty_notebook_is_laid_anew_and_told(
    source: Path, mine: Path, invoke: Callable[..., Result]
) -> None:
    (mine / "01_second.ipynb").write_bytes(b"")
    result = invoke("lab", "--folder", mine, "--copy-only")
    assert result.exit_code == 0, result.output
    assert "Laid anew, since the files were empty: 01_second.ipynb" in result.output
    assert (mine / "01_second.ipynb").read_bytes() == (source / "01_second.ipynb").read_bytes()


def test_the_ledger_holds_relative_names_only(mine: Path) -> None:
    names = json.loads((mine / LEDGER).read_text(encoding="utf-8"))
    assert "solutions/00_first.ipynb" in names
    assert not any(Path(name).is_absolute() for name in names)


def test_the_command_says_what_it_kept(
    source: Path, mine: Path, invoke: Callable[..., Result]
) -> None:
    (mine / "01_second.ipynb").write_text("my own work", encoding="utf-8")
    (source / "01_second.ipynb").write_text((source / "00_first.ipynb").read_text("utf-8"))
    result = invoke("lab", "--folder", mine, "--copy-only")
    assert result.exit_code == 0, result.output
    assert "Kept yours: 01_second.ipynb" in result.output
    assert "lab --fresh 01" in result.output
    result = invoke("lab", "--folder", mine, "--copy-only", "--fresh", "1")
    assert "01_second-fresh.ipynb" in result.output
    assert (mine / "01_second-fresh.ipynb").is_file()
