"""The chart of a shift shows what was seen and what was ordered, up to now."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError

sys.path.insert(0, str(Path(__file__).parents[1]))
from figure_rules import _read, faults


def test_a_chart_shows_all_decisions_so_far():
    ward = hg.on_call("sepsis", patients=1, decisions=5).treat(16).treat(24)
    fig = ward.chart()
    pressure, lactate, fluid, vasopressor = fig.axes
    assert pressure.lines[0].get_xdata().tolist() == [0, 4, 8]
    assert pressure.lines[0].get_ydata().tolist() == ward.view()["MeanBP"].tolist()
    assert lactate.get_ylabel().startswith("Lactate")
    assert [bar.get_height() for bar in fluid.patches][1:] == [3, 4]
    assert [bar.get_height() for bar in vasopressor.patches][1:] == [1, 4]
    assert [bar.get_x() for bar in vasopressor.patches] == [-4, 0, 4]
    first = ward.view()[["fluid level", "vasopressor level"]].iloc[0].tolist()
    assert [ax.patches[0].get_height() for ax in (fluid, vasopressor)] == first
    assert vasopressor.patches[0].get_alpha() < 0.5
    assert not faults(fig)
    assert not outside(fig)


def outside(fig):
    """Return the texts that do not fit into a figure that was drawn, whose margins are fixed."""
    room = fig.bbox.padded(1)
    boxes = {text.get_text(): text.get_window_extent() for text in _read(fig)}
    return [
        words for words, box in boxes.items()
        if not (room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 < box.y1 <= room.y1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "actions"), [("sepsis", None), ("sepsis", "relative"), ("hypotension", None)]
)
def test_a_chart_is_flat_and_its_words_fit(condition, actions):
    hg.plots.set_style()
    ward = hg.on_call(condition, patients=1, actions=actions)
    for action in (0, len(ward.actions) - 1, *[1] * 9):
        fig = ward.chart()
        assert not faults(fig)  # draws it
        assert not outside(fig)
        plt.close(fig)
        ward.treat(action)
    fig = ward.chart()
    assert 90 * fig.get_size_inches()[1] <= 440
    pressure, *_, fluid, vasopressor = fig.axes
    (goal,) = [line for line in pressure.lines if line.get_gid() == "goal"]
    assert set(goal.get_ydata()) == {65}
    assert "65 or more" in [text.get_text() for text in pressure.texts]
    assert "mL" in fluid.get_ylabel()
    assert "mcg/kg" in vasopressor.get_ylabel()
    fig.text(1.05, 0.5, "beyond the edge")
    fig.draw_without_rendering()
    assert outside(fig) == ["beyond the edge"]
    plt.close("all")


def test_the_first_decision_has_no_orders_yet():
    fig = hg.on_call("hypotension", patients=1).chart()
    fluid, vasopressor = fig.axes[-2:]
    assert not fluid.patches  # nobody knows what boluses there were
    (bar,) = vasopressor.patches
    assert (bar.get_x(), bar.get_width(), bar.get_height()) == (-4, 4, 0)
    assert not faults(fig)


def test_time_ends_where_the_shift_does():
    ward = hg.on_call("sepsis", patients=1, decisions=6)
    assert ward.chart().axes[-1].get_xlim() == (-4, 24)
    whole = hg.plots.round_chart(
        ward.view(), ward.mechanism.schema, ["MeanBP"], [], ward.parts, "x"
    )
    assert whole.axes[-1].get_xlim() == (0, 80)


def test_orders_must_fit_the_decisions():
    ward = hg.on_call("sepsis", patients=1).treat(3)
    with pytest.raises(ArgumentError, match="need 1 orders; 0 came"):
        hg.plots.round_chart(ward.view(), ward.mechanism.schema, ["MeanBP"], [], ward.parts, "x")
