"""Every figure accepts the same things and explains the same mistakes."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots._axes import NUMBER, spread

FIGURES = {
    "distributions": lambda cohort: plots.distributions(cohort, ["VL", "Comp. INI", "VL (M)"]),
    "trajectory_band": lambda cohort: plots.trajectory_band(cohort, "VL", n_spaghetti=3),
    "regimen_areas": plots.regimen_areas,
    "regimen_flow": plots.regimen_flow,
    "measured_heatmap": lambda cohort: plots.measured_heatmap(cohort, "VL (M)"),
    "patient_timeline": lambda cohort: plots.patient_timeline(cohort, 3),
    "twin_plot": lambda cohort: plots.twin_plot({"a": cohort, "b": cohort}, 3, "VL"),
}
every_figure = pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)


@every_figure
def test_a_cohort_is_drawn_unchanged_unshown_and_without_a_warning(art, draw, monkeypatch, recwarn):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("show was called"))
    before = art.frame.copy()
    draw(art).figure.canvas.draw()
    assert before.equals(art.frame)
    assert [str(warning.message) for warning in recwarn] == []


@every_figure
def test_what_was_known_can_be_drawn_too(art, draw):
    known = replace(art, frame=art.observed())
    assert known.frame["Comp. INI"].isna().any()
    draw(known).figure.canvas.draw()


@every_figure
def test_mistakes_are_explained(art, draw):
    for wrong in (art.frame, "art_hiv"):
        with pytest.raises(ArgumentError, match="needs a cohort.*load_cohort.*found (Data|str)"):
            draw(wrong)


def test_labels_are_spread_without_overlap_and_moved_no_further_than_needed():
    heights = np.full(4, 0.1)
    placed = spread(np.array([0.3, 0.31, 0.32, 0.8]), heights)
    assert (np.diff(placed) >= 0.1 - 1e-6).all()
    assert placed[3] == pytest.approx(0.8)
    assert placed[:3].mean() == pytest.approx(0.31)
    np.testing.assert_allclose(spread(np.array([0.2, 0.6]), heights[:2]), [0.2, 0.6])
    placed = spread(np.ones(4), heights)
    np.testing.assert_allclose(placed, [0.65, 0.75, 0.85, 0.95], atol=1e-6)


def test_numbers_on_axes_are_written_for_people():
    written = [NUMBER.format(x=x) for x in (0.1, 1, 50, 100_000, 0.1 + 0.2)]
    assert written == ["0.1", "1", "50", "100,000", "0.3"]


def test_the_search_for_overlaps_finds_one(overlaps):
    figure, ax = plt.subplots()
    ax.text(0.5, 0.5, "one")
    assert overlaps(figure) == []
    ax.text(0.52, 0.5, "other")
    assert overlaps(figure) == [("one", "other")]
