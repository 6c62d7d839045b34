"""Chapters are found, named and described from their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from healthgym_edu import _chapters
from healthgym_edu.errors import ArgumentError, SourceError


def write_notebook(path: Path, *cells: tuple[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [{"cell_type": kind, "source": source, "metadata": {}} for kind, source in cells]
    path.write_text(json.dumps({"cells": listed, "metadata": {}, "nbformat": 4}), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_notebook(
        tmp_path / "01_second.ipynb", ("code", "# 1"), ("markdown", "text\n# 01 · Second ☃ \n")
    )
    write_notebook(tmp_path / "00_first.ipynb", ("markdown", ["# The first\n", "\n", "# no"]))
    write_notebook(tmp_path / "10_no_heading.ipynb", ("code", "1"))
    write_notebook(tmp_path / "scratch.ipynb", ("markdown", "# Not a chapter"))
    write_notebook(tmp_path / "01_second-fresh.ipynb", ("markdown", "# Nor this"))
    write_notebook(tmp_path / "solutions" / "00_first.ipynb", ("markdown", "# The first"))
    return tmp_path


def test_chapters_are_listed_in_order_with_their_titles(folder: Path) -> None:
    found = _chapters.list_chapters(folder)
    assert [(c.number, c.name, c.title) for c in found] == [
        ("00", "00_first", "The first"),
        ("01", "01_second", "Second ☃"),
        ("10", "10_no_heading", "10_no_heading"),
    ]
    assert found[0].solution_path == folder / "solutions" / "00_first.ipynb"
    assert found[1].solution_path is None


@pytest.mark.parametrize("word", ["1", "01", "01_second", "Second", "01-second", "01_second.ipynb"])
def test_a_chapter_answers_to_its_number_and_its_name(folder: Path, word: str) -> None:
    assert _chapters.find_chapter(word, folder).name == "01_second"


@pytest.mark.parametrize(
    ("word", "said"),
    [("7", "names no chapter"), ("", "names no chapter"), ("s", "fits more than one chapter")],
)
def test_a_word_that_does_not_name_one_chapter_is_refused(
    folder: Path, word: str, said: str
) -> None:
    with pytest.raises(ArgumentError, match=said) as caught:
        _chapters.find_chapter(word, folder)
    assert "00_first" in str(caught.value)


def test_a_damaged_notebook_is_named(folder: Path) -> None:
    (folder / "02_broken.ipynb").write_text("{ not json", encoding="utf-8")
    with pytest.raises(SourceError, match="02_broken.ipynb is not a notebook"):
        _chapters.list_chapters(folder)


def test_a_missing_course_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_chapters, "_PACKAGE", tmp_path / "healthgym_edu")
    with pytest.raises(SourceError, match="chapters are missing"):
        _chapters.chapters_folder()
    with pytest.raises(SourceError, match="lock is missing"):
        _chapters.lock_file()


def test_a_wheels_own_copy_comes_before_a_neighbouring_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = tmp_path / "healthgym_edu" / "_course" / "Chapters"
    carried.mkdir(parents=True)
    (tmp_path / "Chapters").mkdir()
    monkeypatch.setattr(_chapters, "_PACKAGE", tmp_path / "healthgym_edu")
    assert _chapters.chapters_folder() == carried


def test_this_installation_has_chapters() -> None:
    names = [chapter.name for chapter in _chapters.list_chapters()]
    assert {"00_start_here", "01_art_hiv_hands_on"} <= set(names)
    assert all(chapter.solution_path is not None for chapter in _chapters.list_chapters())
