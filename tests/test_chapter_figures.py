"""Every figure of every chapter can be read: drawn here, and looked at by `figure_rules`."""

from __future__ import annotations

import contextlib
import io
import os

import build_chapters
import figure_rules
import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pytest

import healthgym_edu as hg

CHAPTERS = build_chapters.find_chapters(build_chapters.ROOT / "Chapters")


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """Start without figures and with Matplotlib's own settings; leave none behind."""
    monkeypatch.setenv("HEALTHGYM_EDU_STATIC", "1")
    monkeypatch.delenv("HEALTHGYM_EDU_STRICT", raising=False)
    plt.close("all")
    with plt.rc_context():
        yield
    plt.close("all")


def figures_of(chapter):
    """Run a chapter's source with its solutions, and yield each figure with the cell it is of."""
    space: dict = {"__name__": "__main__"}
    for number, cell in enumerate(jupytext.read(chapter.source, fmt="py:percent").cells):
        if cell.cell_type != "code" or "claims" in cell.metadata.get("tags", []):
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(cell.source, f"{chapter.name}, cell {number}", "exec"), space)
        for which in plt.get_fignums():
            yield number, plt.figure(which)
        plt.close("all")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_figure_of_a_chapter_can_be_read(chapter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = [
        f"cell {number}: {fault}"
        for number, figure in figures_of(chapter)
        for fault in figure_rules.faults(figure)
    ]
    assert found == []
    assert os.listdir(tmp_path) == []


# --- the rules find what they are there to find -------------------------------------------------


@pytest.fixture
def good():
    hg.plots.set_style()
    fig, ax = plt.subplots(figsize=(5, 3))
    ax.bar(["none", "low", "high"], [0.1, 0.2, 0.3])
    ax.set(xlabel="Dose", ylabel="Share of patients who died")
    return fig, ax


def test_a_good_figure_has_no_faults(good):
    assert figure_rules.faults(good[0]) == []


def cut_off(fig, ax):
    ax.text(-3, 0.1, "a text that begins left of the paper").set_in_layout(False)


def overlap(fig, ax):
    ax.text(1, 0.25, "first of two")
    ax.text(1.1, 0.25, "second of two")


def pale(fig, ax):
    ax.text(0, 0.25, "pale", color="#bbbbbb")


def pale_on_a_bar(fig, ax):
    ax.text(2, 0.15, "0.3", color="black", ha="center")  # black on a strong blue


def small(fig, ax):
    ax.text(0, 0.25, "tiny", fontsize=5)


def no_unit(fig, ax):
    ax.set_ylabel("Lactate")


def no_label(fig, ax):
    ax.set_ylabel("")


def published_name(fig, ax):
    ax.set_ylabel("Output4H (mL)")


def cut_bars(fig, ax):
    ax.set_ylim(0.05, 0.3)


def crowded_ticks(fig, ax):
    ax.set_xticks(np.arange(3), ["a very long name of a dose"] * 3)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (cut_off, "cut off"),
        (overlap, "overlap"),
        (pale, "contrast of"),
        (pale_on_a_bar, "contrast of"),
        (small, "points"),
        (no_unit, "without a unit"),
        (no_label, "no label"),
        (published_name, "published name Output4H"),
        (cut_bars, "do not start at zero"),
        (crowded_ticks, "overlap"),
    ],
)
def test_a_faulty_figure_is_found(good, spoil, said):
    spoil(*good)
    found = figure_rules.faults(good[0])
    assert any(said in fault for fault in found), found


def test_a_figure_that_is_bad_on_purpose_is_left_alone(good):
    cut_bars(*good)
    good[1].set_gid(figure_rules.BAD_ON_PURPOSE)
    assert figure_rules.faults(good[0]) == []
    pale(*good)
    assert len(figure_rules.faults(good[0])) == 1
