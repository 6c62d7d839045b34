"""The glossary: two sentences a word, found by any of its names, and taught where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import healthgym_edu as hg
from healthgym_edu._glossary import Entry, entries, page
from healthgym_edu.errors import ArgumentError

CHAPTERS = Path(__file__).parents[1] / "Chapters"
SOURCES = {path.name[:2]: path for path in sorted((CHAPTERS / "src").glob("[0-9][0-9]_*.py"))}
SENTENCE_END = re.compile(r"[.?!](?:\s|$)")


def faults(entry: Entry, chapters: dict[str, str]) -> list[str]:
    """Say what is wrong with an entry, given the text of each chapter that exists."""
    found = []
    count = len(SENTENCE_END.findall(re.sub(r"\b(e\.g|i\.e|vs)\.", "", entry.meaning)))
    if count != 2:
        found.append(f"{entry.word}: {count} sentences")
    if not re.fullmatch(r"[01]\d", entry.chapter):
        found.append(f"{entry.word}: no chapter {entry.chapter}")
    paragraphs = re.split(r"\n\s*\n", chapters.get(entry.chapter, ""))
    texts = (" ".join(paragraph.split()) for paragraph in paragraphs)
    bold = " ".join(" ".join(re.findall(r"\*\*(.+?)\*\*", text)) for text in texts)
    names = [re.escape(name) for name in (entry.word, *entry.also)]
    if entry.chapter in chapters and not re.search("|".join(names), bold, re.IGNORECASE):
        found.append(f"{entry.word}: not in bold in chapter {entry.chapter}")
    return found


def prose(path: Path) -> str:
    """The text of a chapter; what is code, in which ``**`` unpacks, parts its paragraphs."""
    lines = path.read_text(encoding="utf-8").splitlines()
    said = (line if line.startswith("#") and line[1:2] != "|" else "" for line in lines)
    return "\n".join(line.removeprefix("#").strip() for line in said)


def test_each_word_has_two_sentences_and_its_chapter_teaches_it():
    texts = {number: prose(path) for number, path in SOURCES.items()}
    assert [fault for entry in entries() for fault in faults(entry, texts)] == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Entry("landmark", "A fixed moment.", "02"), "1 sentences"),
        (Entry("landmark", "One. Two. Three.", "02"), "3 sentences"),
        (Entry("landmark", "One. Two.", "2"), "no chapter 2"),
        (Entry("landslide", "One. Two.", "02"), "not in bold"),
    ],
)
def test_a_faulty_word_is_found(entry, said):
    assert any(said in fault for fault in faults(entry, {"02": "A **landmark** is a moment."}))
    assert faults(Entry("land mark", "One. Two.", "02"), {"02": "a\n**land\nmark** is"}) == []


def test_names_are_given_once():
    names = [name.lower() for entry in entries() for name in (entry.word, *entry.also)]
    assert len(names) == len(set(names))
    assert len(entries()) >= 40


@pytest.mark.parametrize("word", ["landmark", "Landmark", " landmarks "])
def test_a_word_is_found_by_its_forms(word):
    assert hg.glossary(word).word == "landmark"
    assert "chapter 02" in str(hg.glossary(word))


def test_an_unknown_word_gets_those_that_are_close():
    with pytest.raises(ArgumentError, match="Did you mean 'landmark'"):
        hg.glossary("landmrk")
    with pytest.raises(ArgumentError, match="shows all the words"):
        hg.glossary("zzzz")


def test_only_chapters_that_exist_are_linked():
    text = page({"02": "02_sepsis_hands_on.ipynb"})
    assert "[chapter 02](02_sepsis_hands_on.ipynb)" in text
    assert set(re.findall(r"\]\((.+?)\)", text)) == {"02_sepsis_hands_on.ipynb"}
    assert text.count("\n- **") == len(entries())
    assert list(hg.glossary().index) == [entry.word for entry in entries()]
