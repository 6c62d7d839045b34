"""Colours as others see them: the published matrices, the figure that collapses, distances."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.vision import MACHADO, as_seen, color_distance, seen_figure, seen_rgb


@pytest.mark.parametrize("vision", MACHADO)
def test_greys_look_the_same_to_everybody(vision):
    """Rows of a matrix of Machado sum to one, so that what has no hue keeps its shade."""
    np.testing.assert_allclose(MACHADO[vision].sum(axis=1), 1, atol=1e-5)
    for grey in ("#000000", "#808080", "#ffffff"):
        assert as_seen(grey, vision) == grey


def test_the_matrices_are_applied_to_linear_rgb():
    """The colour of colorspacious 1.1.2 at full severity, "deuteranomaly" of tab:green."""
    green = np.array(to_rgb("tab:green"))
    np.testing.assert_allclose(seen_rgb(green), [0.5892, 0.5318, 0.2186], atol=1e-4)
    clipped = seen_rgb(np.array([0.0, 1.0, 0.0]), "protanopia")
    assert clipped.max() == pytest.approx(1.0)  # not wrapped round


def test_red_and_green_of_matplotlib_fall_together_and_the_palette_does_not():
    usual = color_distance("tab:red", "tab:green")
    assert color_distance("tab:red", "tab:green", "deuteranopia") < 0.1 * usual
    blue, vermillion = plots.palette["blue"], plots.palette["vermillion"]
    for vision in ("deuteranopia", "protanopia"):
        assert color_distance(blue, vermillion, vision) > 60


def test_distances_are_those_of_cielab():
    assert color_distance("black", "white") == pytest.approx(100, abs=0.01)
    assert color_distance("red", "red") == 0
    assert color_distance("#ff0000", "#00ff00") == pytest.approx(170.6, abs=0.2)  # ΔE 1976


def test_a_whole_figure_is_seen_pixel_by_pixel():
    fig, ax = plt.subplots(figsize=(2, 1), dpi=50)
    fig.patch.set_facecolor("tab:red")
    ax.set_axis_off()
    seen = seen_figure(fig)
    (picture,) = seen.axes[0].images
    assert picture.get_array().shape == (50, 100, 3)
    np.testing.assert_allclose(picture.get_array()[0, 0], to_rgb(as_seen("tab:red")), atol=0.01)


def test_an_unknown_kind_of_vision_is_named():
    with pytest.raises(
        ArgumentError, match="There is no kind of vision 'deuteranopi'.*Did you mean"
    ):
        as_seen("red", "deuteranopi")
