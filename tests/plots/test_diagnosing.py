"""Overlap, residuals and incidences show what their tables say, and can be read."""

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

ARMS = {"DRV": lambda label: "DRV" in label, "EFV": lambda label: "EFV" in label}


@pytest.fixture(autouse=True)
def styled():
    hg.plots.set_style()
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def table():
    return hg.survival.propensity(hg.load_cohort("art_hiv", n_patients=1500), ARMS)


@pytest.mark.parametrize("of", ["DRV", "EFV"])
def test_bars_count_people_on_both_sides(table, of):
    ax = hg.plots.overlap_plot(table, of)
    assert ax.get_xlabel() == f"Probability of being started on {of}"
    heights = np.array([bar.get_height() for bar in ax.patches])
    own, others = heights[: len(heights) // 2], -heights[len(heights) // 2 :]
    assert own.sum() == (table["arm"] == of).sum()
    assert others.sum() == (table["arm"] != of).sum()
    middle = np.linspace(0.025, 0.975, 20)
    assert np.average(middle, weights=own) > np.average(middle, weights=others)
    effective = table.attrs["effective sample size"][of]
    assert any(f"worth {effective:,.0f} after" in text.get_text() for text in ax.texts)
    assert figure_rules.faults(ax.figure) == []


def test_what_is_no_propensity_table_is_refused(table):
    for asked, said in (((table[["arm"]],), "two arms"), ((table, "RPV"), "no arm 'RPV'")):
        with pytest.raises(ArgumentError, match=said):
            hg.plots.overlap_plot(*asked)


def test_means_of_residuals_stand_around_the_one_number():
    times = hg.survival.proportional_hazards(1500, seed=5)
    found = hg.survival.diagnose_ph(times, ["treated", "age"])
    residuals = found.residuals["treated"]
    ax = hg.plots.residual_plot(residuals, "months")
    (bars,) = ax.containers
    means = bars.lines[0].get_ydata()
    assert len(means) == 6
    whole = ax.lines[-2].get_ydata()[0]
    assert whole == pytest.approx(residuals.mean())
    low, high = (np.array([part[k][1] for part in bars.lines[2][0].get_segments()]) for k in (0, 1))
    assert ((low <= whole) & (whole <= high)).sum() >= 5
    assert figure_rules.faults(ax.figure) == []


def test_what_are_no_residuals_is_refused():
    few = pd.Series(np.zeros(20), pd.Index(range(20), name="time"), name="treated")
    for asked, said in ((few.to_frame(), "one column"), (few, "too few for 6 groups")):
        with pytest.raises(ArgumentError, match=said):
            hg.plots.residual_plot(asked, "months")


@pytest.mark.parametrize("groups", [1, 2])
def test_areas_of_an_incidence_add_up(groups):
    icu = hg.load_cohort("hypotension", n_patients=600)
    times = hg.survival.time_to_event(icu, "map_recovery", competing="death", covariates=["MAP"])
    times["pressure"] = np.where(times["MAP"] > times["MAP"].median(), "higher", "lower")
    incidence = hg.survival.cumulative_incidence(times, by="pressure" if groups == 2 else None)
    figure = hg.plots.incidence_plot(
        incidence, "hours", ("recovered", "died", "neither"), horizon=24
    )
    assert len(figure.axes) == groups
    assert figure_rules.faults(figure) == []
    with pytest.raises(ArgumentError, match="no column 'neither'"):
        hg.plots.incidence_plot(incidence.drop(columns="neither"), "hours", ("a", "b", "c"))
