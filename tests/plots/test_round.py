"""The chart of a shift shows what was seen and what was ordered, up to now."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError

sys.path.insert(0, str(Path(__file__).parents[1]))
from figure_rules import faults


def test_a_chart_shows_all_decisions_so_far():
    ward = hg.on_call("sepsis", patients=1, decisions=5).treat(16).treat(24)
    fig = ward.chart()
    pressure, lactate, fluid, vasopressor = fig.axes
    assert pressure.lines[0].get_xdata().tolist() == [0, 4, 8]
    assert pressure.lines[0].get_ydata().tolist() == ward.view()["MeanBP"].tolist()
    assert lactate.get_ylabel().startswith("Lactate")
    assert [bar.get_height() for bar in fluid.patches] == [3, 4]
    assert [bar.get_height() for bar in vasopressor.patches] == [1, 4]
    assert not faults(fig)


def test_the_first_decision_has_no_orders_yet():
    fig = hg.on_call("hypotension", patients=1).chart()
    assert not fig.axes[-1].patches
    assert not faults(fig)


def test_time_ends_where_the_shift_does():
    ward = hg.on_call("sepsis", patients=1, decisions=6)
    assert ward.chart().axes[-1].get_xlim() == (0, 24)
    whole = hg.plots.round_chart(
        ward.view(), ward.mechanism.schema, ["MeanBP"], [], ward.parts, "x"
    )
    assert whole.axes[-1].get_xlim() == (0, 80)


def test_orders_must_fit_the_decisions():
    ward = hg.on_call("sepsis", patients=1).treat(3)
    with pytest.raises(ArgumentError, match="need 1 orders; 0 came"):
        hg.plots.round_chart(ward.view(), ward.mechanism.schema, ["MeanBP"], [], ward.parts, "x")
