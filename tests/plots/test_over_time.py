"""Survival curves and forest plots show what their tables say, and can be read."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError

sys.path.insert(0, str(Path(__file__).parents[1]))
import figure_rules


@pytest.fixture
def curve():
    hg.plots.set_style()
    times = hg.survival.proportional_hazards(400, seed=2)
    times["arm"] = times["treated"].map({0: "as usual", 1: "treated"})
    yield hg.survival.survival_curve(times, by="arm")
    plt.close("all")


def test_the_curve_is_the_table_and_can_be_read(curve):
    figure = hg.plots.survival_plot(
        curve, "months", "Share without the event", horizon=18, shade=("treated", "as usual")
    )
    ax, below = figure.axes
    for line, (name, part) in zip(
        [line for line in ax.lines if line.get_label() in {"as usual", "treated"}],
        curve.groupby("group", sort=False), strict=True,
    ):  # fmt: skip
        assert line.get_label() == name
        inside = part[part["time"] <= 18]
        assert np.allclose(line.get_ydata()[:-1], inside["survival"])
    numbers = [text.get_text() for text in below.texts]
    first = curve[curve["group"] == "as usual"]["at_risk"].iloc[0]
    assert numbers[0] == f"{first:,.0f}"
    assert figure_rules.faults(figure) == []


def test_a_tick_marks_those_who_were_censored(curve):
    figure = hg.plots.survival_plot(curve, "months", "Share without the event")
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert all(len(line.get_xdata()) > 3 for line in marks)
    assert len(marks) == 2


def test_a_forest_stands_beside_the_truth():
    hg.plots.set_style()
    told = pd.DataFrame(
        {"estimate": [0.22, -0.3], "lower": [0.1, -0.42], "upper": [0.34, -0.18]},
        index=["as they were", "weighted by recorded probabilities"],
    )
    ax = hg.plots.forest_plot(told, "Difference of restricted means (months)", truth=-0.35)
    assert [text.get_text() for text in ax.get_yticklabels()] == list(told.index)
    assert -0.35 in [line.get_xdata()[0] for line in ax.lines]
    assert figure_rules.faults(ax.figure) == []
    ratio = hg.plots.forest_plot(told + 1, "Hazard ratio (share of the hazard)", none=1)
    assert ratio.get_xscale() == "log"
    plt.close("all")


def test_other_tables_are_refused(curve):
    with pytest.raises(ArgumentError, match="column 'survival'"):
        hg.plots.survival_plot(curve.drop(columns="survival"), "months", "Share")
    with pytest.raises(ArgumentError, match="no group 'EFV' to shade; have as usual, treated"):
        hg.plots.survival_plot(curve, "months", "Share", shade=("EFV", "treated"))
    with pytest.raises(ArgumentError, match="column 'estimate'"):
        hg.plots.forest_plot(pd.DataFrame({"lower": [1]}), "Difference")
