"""Pages that `run` writes: folded where nothing is taught, described, and leading to each other."""

from __future__ import annotations

import html
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from healthgym_edu.cli.pages import REPOSITORY, as_page, glossary_page

PNG = "iVBORw0KGgo="


def cell(source, *tags, alt="", own=""):
    about = {"image/png": {"alt": own}} if own else {}
    outputs = [new_output("display_data", {"image/png": PNG}, metadata=about)]
    metadata = {"tags": list(tags)} | ({"alt": alt} if alt else {})
    return new_code_cell(source, outputs=outputs, metadata=metadata)


def page_of(*cells, beside=("00_first", "01_second")):
    return as_page(new_notebook(cells=list(cells)), "A page", beside)


@pytest.mark.parametrize(
    ("tag", "title"),
    [
        ("setup", "Set-up"),
        ("claims", "What the text says, checked"),
        ("drawing", "How this is drawn"),
    ],
)
def test_what_teaches_nothing_is_folded_and_its_output_is_not(tag, title):
    page = page_of(cell("secret = 1", tag), cell("shown = 2"))
    (folded,) = re.findall(r'<details class="folded">.*?</details>', page, re.DOTALL)
    assert f"<summary>{title}</summary>" in folded
    assert "secret" in folded
    assert "shown" not in folded
    assert "<img" not in folded
    assert page.count("<img") == 2
    assert "<details open" not in page


def test_a_picture_is_described_by_its_own_text_or_that_of_its_cell():
    page = page_of(cell("1", alt="Bars “fall” & rise."), cell("2", alt="cell", own="own"))
    texts = [html.unescape(text) for text in re.findall(r"alt=[\"'](.*?)[\"'] ?", page)]
    assert texts == ["Bars “fall” & rise.", "own"]
    assert "No description" not in page
    assert "No description" in page_of(cell("1"))


def test_ways_lead_to_pages_that_are_there_and_others_to_the_repository():
    text = (
        "[← First](00_first.ipynb) · [Contents](README.md) · [Glossary](GLOSSARY.md) · "
        "[Third →](02_third.ipynb)"
    )
    page = page_of(new_markdown_cell(text))
    solved = page_of(new_markdown_cell(text.replace("(R", "(../R").replace("(G", "(../G")))
    for one in (page, solved):
        ways = re.findall(r"<p>.*?</p>", one)[0]
        assert re.findall(r'href="(.*?)"', ways) == [
            "00_first.html", "index.html", "glossary.html",
            f"{REPOSITORY}/blob/main/Chapters/02_third.ipynb",
        ]  # fmt: skip


def test_the_glossary_leads_to_the_pages_that_are_there():
    page = glossary_page(["02_sepsis_hands_on"])
    assert 'href="02_sepsis_hands_on.html"' in page
    assert "landmark" in page
    assert "01_art" not in page


def test_a_narrow_screen_gets_the_whole_width():
    assert "@media (max-width: 600px)" in page_of(cell("1"))
