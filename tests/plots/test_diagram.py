"""A causal diagram shows each cause, keeps what is hidden dashed, and can be read."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.style import STYLES

sys.path.insert(0, str(Path(__file__).parents[1]))
import figure_rules

PLACES = {"Sickness": (0.15, 0.2), "Treatment": (0.5, 0.85), "Death": (0.85, 0.2)}
ARROWS = [("Sickness", "Treatment"), ("Sickness", "Death"), ("Treatment", "Death")]


@pytest.fixture(autouse=True)
def clean():
    hg.plots.set_style()
    yield
    plt.close("all")


def arrows_of(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def _away(box, point):
    """Pixels from a point to the nearest place of a box."""
    nearest = np.clip(point, [box.x0, box.y0], [box.x1, box.y1])
    return float(np.hypot(*(point - nearest)))


def test_each_arrow_is_drawn_between_the_borders_of_its_boxes():
    ax = hg.plots.causal_diagram(PLACES, ARROWS)
    ax.figure.draw_without_rendering()
    drawn = arrows_of(ax)
    assert len(drawn) == len(ARROWS)
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
    for patch, ends in zip(drawn, ARROWS, strict=True):
        path = patch.get_transform().transform_path(patch.get_path())
        for box in (boxes[name] for name in ends):
            assert box.count_contains(path.vertices) == 0  # visible from end to end
        for box, end in zip((boxes[name] for name in ends), path.vertices[[0, 2]], strict=True):
            assert _away(box, end) < 20  # pixels: the padding of the box, and no gap
        lengths = np.ptp(path.vertices, axis=0)
        assert np.hypot(*lengths) > 40  # pixels: long enough to be seen
    assert figure_rules.faults(ax.figure) == []


def test_what_is_hidden_is_dashed_and_what_is_asked_is_thick():
    ax = hg.plots.causal_diagram(PLACES, ARROWS, hidden=["Sickness"], asked=ARROWS[2])
    borders = [text.get_bbox_patch().get_linestyle() for text in ax.texts]
    assert borders == ["--", "-", "-"]
    drawn = arrows_of(ax)
    assert [patch.get_linestyle() for patch in drawn] == ["--", "--", "-"]
    assert [patch.get_linewidth() for patch in drawn] == [1.5, 1.5, 3.0]
    assert plt.matplotlib.colors.to_hex(drawn[2].get_edgecolor()) == STYLES["blue"].color.lower()


def test_the_arrow_asked_about_is_drawn_once_even_if_it_is_not_among_the_others():
    ax = hg.plots.causal_diagram(PLACES, ARROWS[:2], asked=ARROWS[2])
    assert len(arrows_of(ax)) == 3
    again = hg.plots.causal_diagram(PLACES, ARROWS, asked=ARROWS[2])
    assert len(arrows_of(again)) == 3


def test_it_draws_on_given_axes():
    ax = plt.subplots()[1]
    assert hg.plots.causal_diagram(PLACES, [], ax=ax) is ax
    assert not ax.axison


@pytest.mark.parametrize(
    ("nodes", "arrows", "hidden", "words"),
    [
        ({}, [], [], "needs boxes"),
        (PLACES, [("Sickness", "Cure")], [], "Cure"),
        (PLACES, [("Death", "Death")], [], "to itself"),
        (PLACES, [], ["Age"], "Age"),
        ({"a": (0.2, 1.2)}, [], [], "between 0 and 1"),
        ({"a": (0.2, 0.2), "b": (0.2, 0.2)}, [], [], "same place"),
    ],
)
def test_what_cannot_be_drawn_is_refused(nodes, arrows, hidden, words):
    with pytest.raises(ArgumentError, match=words):
        hg.plots.causal_diagram(nodes, arrows, hidden=hidden)
