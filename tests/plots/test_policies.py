"""Maps of actions, estimates beside the truth, and beliefs along a setting."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.style import MUTED

sys.path.insert(0, str(Path(__file__).parents[1]))
from figure_rules import faults


def shares(condition="hypotension", **options):
    cohort = hg.load_cohort(condition, n_patients=80, **options)
    return cohort.decisions["action"].value_counts(normalize=True, sort=False)


def written(ax):
    return {(t.get_position()[1], t.get_position()[0]): float(t.get_text()) for t in ax.texts}


def test_a_map_shows_each_action_in_its_place():
    done = shares()
    fig = hg.plots.action_maps({"clinicians": done, "the same": done})
    first = fig.axes[0]
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["0", ">0", "8.4", "20.28"]
    assert [tick.get_text() for tick in first.get_yticklabels()] == ["0", "250", "500", "1000"]
    assert (first.get_ylabel(), first.get_xlabel()) == ("fluid (level)", "vasopressor (level)")
    found = written(first)
    assert found[0, 0] == pytest.approx(100 * done["fluid 0, vasopressor 0"], abs=0.5)
    assert sum(found.values()) == pytest.approx(100, abs=4)
    assert written(fig.axes[1]) == found
    assert not faults(fig)


def test_cells_of_art_are_named_and_no_treatment_is_told():
    done = shares("art_hiv", actions="published")
    fig = hg.plots.action_maps({"clinicians": done}, names=("NNRTI", "Base drugs"))
    assert fig.axes[0].get_ylabel() == "NNRTI"
    assert "nothing" in fig.axes[0].get_title(loc="left")
    ticks = [tick.get_text() for tick in fig.axes[0].get_yticklabels()]
    assert ticks == ["NVP", "EFV", "RPV", "no NNRTI"]
    assert len(fig.axes[0].patches) == 24
    assert not faults(fig)


def test_levels_stand_once_under_the_lowest_maps_and_left_of_each_row():
    done = shares()
    fig = hg.plots.action_maps(dict.fromkeys("abcde", done), names=("Fluid (mL)", "Dose (mcg)"))
    drawn = [ax for ax in fig.axes if ax.get_visible()]
    across = [[tick.get_text() for tick in ax.get_xticklabels()] for ax in drawn]
    assert across == [[], [], *[["0", ">0", "8.4", "20.28"]] * 3]
    assert [ax.get_xlabel() for ax in drawn] == ["", "", *["Dose (mcg)"] * 3]
    assert [ax.get_ylabel() for ax in drawn] == ["Fluid (mL)", "", "", "Fluid (mL)", ""]
    assert all(written(ax) == written(drawn[0]) for ax in drawn)
    assert not faults(fig)


def test_six_maps_with_long_levels_fit_on_a_laptop():
    done = shares("art_hiv", actions="published")
    fig = hg.plots.action_maps(dict.fromkeys("abcdef", done), names=("NNRTI", "Base drugs"))
    width, height = 76 * fig.get_size_inches()  # pixels, as a notebook shows them
    assert width < 900
    assert height < 450
    assert not faults(fig)


def test_policies_that_cannot_be_drawn_are_refused():
    with pytest.raises(ArgumentError, match="no policy"):
        hg.plots.action_maps({})
    with pytest.raises(ArgumentError, match="two parts"):
        hg.plots.action_maps({"toy": pd.Series({"help": 1.0})})


def table(verdicts):
    return pd.DataFrame(
        {"value": [-1.0, -0.5], "lower": [-1.2, -0.9], "upper": [-0.8, -0.1], "verdict": verdicts},
        index=["WIS", "FQE"],
    )


def test_refused_estimates_are_hollow_and_grey():
    fig = hg.plots.estimates_plot({"near": table(["let through", "refused: few"])}, {"near": -1.1})
    ax = fig.axes[0]
    points = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert to_hex(points[1].get_markeredgecolor()).upper() == MUTED
    assert [to_hex(point.get_markerfacecolor()) == "#ffffff" for point in points] == [False, True]
    truth = next(line for line in ax.lines if line.get_gid() == "truth")
    assert truth.get_xdata()[0] == -1.1
    assert not faults(fig)


def test_estimates_of_real_cohorts_are_drawn():
    batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=150))
    targets = {"clinicians": "clinician", "guideline": "protocol"}
    found = {
        name: hg.rl.evaluate(batch, one, n_bootstrap=20).table() for name, one in targets.items()
    }
    fig = hg.plots.estimates_plot(found, {"clinicians": -2.2, "guideline": -1.3})
    assert [ax.get_title(loc="left").split("\n")[0] for ax in fig.axes] == list(targets)
    assert not faults(fig)


def test_estimates_of_another_kind_are_refused():
    with pytest.raises(ArgumentError, match="no estimates"):
        hg.plots.estimates_plot({}, {})
    with pytest.raises(ArgumentError, match="no truth of 'near'"):
        hg.plots.estimates_plot({"near": table(["let through"] * 2)}, {"far": 1.0})
    with pytest.raises(ArgumentError, match="no column 'verdict'"):
        hg.plots.estimates_plot({"near": table(["x", "y"]).drop(columns="verdict")}, {"near": 1.0})


def test_beliefs_are_drawn_beside_the_truth():
    curves = pd.DataFrame(
        {"steps": [100, 200], "what it believes": [-1.0, 3.0], "true value": [-2.0, -2.5]}
    )
    ax = hg.plots.belief_plot(curves, "steps", "Learning (steps)")
    assert [line.get_label() for line in ax.lines] == ["what it believes", "true value"]
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [-1.0, 3.0])
    assert not faults(ax.figure)
    with pytest.raises(ArgumentError, match="column 'rounds'"):
        hg.plots.belief_plot(curves, "rounds", "Learning (rounds)")


def test_propensities_that_are_right_lie_on_the_diagonal_and_wrong_ones_do_not():
    batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=400), features="few")
    learned = hg.rl.behaviour_policy(batch, rounds=30)
    squared = learned.probability**2
    wrong = replace(learned, probability=squared / squared.sum(axis=1, keepdims=True))
    tables = {"trees": learned.calibration(), "too sure": wrong.calibration()}
    ax = hg.plots.propensity_plot(tables)
    off = [
        np.abs(line.get_xdata() - line.get_ydata()).max()
        for line in ax.lines
        if len(line.get_xdata()) > 2
    ]
    assert off[0] < 10 < off[1]
    assert not faults(ax.figure)
    with pytest.raises(ArgumentError, match="no model"):
        hg.plots.propensity_plot({})
    with pytest.raises(ArgumentError, match="no column 'observed'"):
        hg.plots.propensity_plot({"trees": tables["trees"].drop(columns="observed")})
