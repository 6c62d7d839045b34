"""Five encodings of the same numbers, panels that share their axes, maps with their percentages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Circle, Rectangle, Wedge

from healthgym_edu import plots
from healthgym_edu.data import load_cohort
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.many import five_ways, one_panel_or_many, point_maps
from healthgym_edu.plots.ward_page import a_ward

SHARES = pd.Series({"DRV": 0.15, "DTG": 0.3, "EFV": 0.1})


@pytest.fixture(scope="module")
def ward():
    return a_ward(load_cohort("hypotension", n_patients=150), beds=5, seed=1)


def _sorted(places):
    return places[np.lexsort(places.T)]


def _by_look(ax):
    """Places of the points by their look: the colour and the marker, which go together."""
    (points,) = ax.collections
    looks = [
        (tuple(color), len(path.vertices))
        for color, path in zip(points.get_facecolors(), points.get_paths(), strict=True)
    ]
    assert len({color for color, _ in looks}) == len({shape for _, shape in looks})
    places = np.asarray(points.get_offsets())
    groups = [_sorted(places[[one == look for one in looks]]) for look in set(looks)]
    return sorted(groups, key=len, reverse=True)


def _of(ax, kind):
    return [patch for patch in ax.patches if isinstance(patch, kind)]


def test_each_encoding_says_the_same_numbers():
    fig = five_ways(SHARES, "Share of people")
    shade, area, angle, length, position = fig.axes
    assert [ax.get_title() for ax in fig.axes] == ["Shade", "Area", "Angle", "Length", "Position"]
    relative = SHARES / SHARES.max()
    dark = [1 - np.mean(box.get_facecolor()[:3]) for box in _of(shade, Rectangle)]
    assert np.argsort(dark).tolist() == np.argsort(SHARES).tolist()
    sizes = [circle.radius**2 for circle in _of(area, Circle)]
    np.testing.assert_allclose(np.array(sizes) / max(sizes), relative)
    np.testing.assert_allclose([w.theta2 - w.theta1 for w in _of(angle, Wedge)], 360 * SHARES)
    np.testing.assert_allclose([box.get_width() for box in _of(length, Rectangle)], relative)
    (dots,) = position.lines
    np.testing.assert_allclose(dots.get_xdata(), SHARES)
    assert position.get_xlim()[0] == 0
    assert position.get_xlabel() == "Share of people"
    assert [tick.get_text() for tick in shade.get_yticklabels()] == list(SHARES.index)


def test_lengths_have_no_common_beginning():
    """Else they would be positions."""
    starts = [box.get_x() for box in _of(five_ways(SHARES, "x").axes[3], Rectangle)]
    assert len(set(starts)) == 3


def test_five_ways_refuses_what_is_no_share():
    for wrong in (pd.Series(dtype=float), SHARES * 100, pd.Series(np.full(11, 0.05))):
        with pytest.raises(ArgumentError, match="1 to 10 shares between 0 and 1"):
            five_ways(wrong, "x")


def test_both_halves_show_the_same_pressures(ward):
    fig = one_panel_or_many(ward, "MAP", goal=(65, "aimed at"))
    one, *many = fig.axes
    assert len(many) == 5
    pressure = ward.frame.pivot(index="Hours from now", columns="PatientID", values="MAP")
    for bed, ax in zip(pressure, many, strict=True):
        (line,) = (line for line in one.lines if line.get_label() == str(bed))
        (own,) = (line for line in ax.lines if line.get_label() == str(bed))
        np.testing.assert_array_equal(line.get_ydata(), pressure[bed].loc[-24:])
        np.testing.assert_array_equal(own.get_ydata(), line.get_ydata())
        assert ax.texts[0].get_text() == f"Bed {bed}"
        assert ax.get_ylim() == one.get_ylim()
    assert one.get_ylabel() == ward.schema["MAP"].label
    assert "65 mmHg\naimed at" in [text.get_text() for text in one.texts]


def test_panels_are_filled_where_the_pressure_is_below_the_goal(ward):
    fig = one_panel_or_many(ward, "MAP", goal=65)
    pressure = ward.frame.pivot(index="Hours from now", columns="PatientID", values="MAP")
    for bed, ax in zip(pressure, fig.axes[1:], strict=True):
        filled = bool(ax.collections[0].get_paths())
        assert filled == (pressure[bed].loc[-24:] < 65).any()


def test_too_many_panels_are_refused():
    cohort = load_cohort("hypotension", n_patients=40)
    with pytest.raises(ArgumentError, match="40 patients; 30 small panels"):
        one_panel_or_many(cohort, "MAP")
    with pytest.raises(ArgumentError, match="is categorical"):
        one_panel_or_many(cohort.subset([1, 2]), "vasopressors")


def test_maps_show_every_point_once_in_the_style_of_its_group():
    places = np.random.default_rng(0).normal(size=(30, 2))
    groups = np.array(["alive"] * 20 + ["died"] * 10)
    fig = point_maps({"a": places, "b": 2 * places}, groups, {"a": ("First (14 %)", "Second")})
    first, second = fig.axes
    for ax, scale in ((first, 1), (second, 2)):
        alive, died = _by_look(ax)
        np.testing.assert_array_equal(alive, _sorted(scale * places[:20]))
        np.testing.assert_array_equal(died, _sorted(scale * places[20:]))
    assert (first.get_xlabel(), first.get_ylabel()) == ("First (14 %)", "Second")
    assert len(second.get_xticks()) == 0  # nothing can be read off its axes
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["alive", "died"]
    keys = fig.legends[0].legend_handles
    assert len({key.get_marker() for key in keys}) == len({key.get_color() for key in keys}) == 2


def test_points_lie_on_each_other_in_a_random_order_that_stays():
    """Else the last group hides the others where many points lie."""
    places = np.zeros((400, 2))
    drawn = []
    for _ in range(2):
        (points,) = point_maps({"a": places}, [False] * 320 + [True] * 80).axes[0].collections
        drawn.append(points.get_facecolors())
    np.testing.assert_array_equal(*drawn)
    is_rare = (drawn[0] != drawn[0][0]).any(axis=1)
    is_rare = is_rare if is_rare.sum() == 80 else ~is_rare
    for part in np.split(is_rare, 4):
        assert 10 <= part.sum() <= 30


def test_points_can_be_found_again_and_rows_of_nobody_have_no_group():
    places = np.arange(10.0).reshape(5, 2)
    groups = {"a": ["x"] * 5, "b": None}
    fig = point_maps({"a": places, "b": places}, groups, marked={"a": {"A": 1, "B": 4}})
    assert [(t.get_text(), tuple(t.xy)) for t in fig.axes[0].texts] == [
        ("A", (2, 3)),
        ("B", (8, 9)),
    ]
    assert len(fig.axes[1].lines) == 0
    assert len(_by_look(fig.axes[1])) == 1
    assert len(fig.axes[1].texts) == 0


def test_maps_of_nobody_have_no_key():
    assert point_maps({"a": np.eye(2)}, {"a": None}).legends == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda ward: five_ways(SHARES, "Share of people (%)"),
        lambda ward: one_panel_or_many(ward, "MAP", goal=(65, "aimed at")),
        lambda ward: point_maps({"A map": np.eye(2)}, ["x", "y"], {"A map": ("One", "Two")}),
    ],
)
def test_no_text_lies_on_another(draw, ward, overlaps, recwarn):
    plots.set_style()
    assert overlaps(draw(ward)) == []
    assert [str(warning.message) for warning in recwarn] == []
