"""The rules for figures find what they are there to find.

Each figure of each chapter is looked at while its solution runs as a test: see `figure_watch`.
"""

from __future__ import annotations

import figure_rules
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg


@pytest.fixture(autouse=True)
def clean():
    """Leave neither figures nor settings behind."""
    with plt.rc_context():
        yield
    plt.close("all")


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


def test_losses_of_a_generator_can_be_read():
    hg.plots.set_style()
    history = pd.DataFrame({"step": range(10, 310, 10), "error": np.linspace(2, 1, 30)})
    fig = hg.plots.learning_curves(history.assign(labels=history["error"] * 500))
    assert figure_rules.faults(fig) == []
    fig.axes[0].set_ylabel("")
    assert figure_rules.faults(fig)
