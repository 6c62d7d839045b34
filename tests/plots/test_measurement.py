"""Cells of the heat map are the flags."""

from __future__ import annotations

import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError


def _grid(ax):
    return np.ma.filled(ax.images[0].get_array().astype(float), np.nan)


def test_cells_are_the_flags(art):
    ax = plots.measured_heatmap(art, "VL (M)", n_patients=120, order="id")
    flags = art.frame.pivot(index="PatientID", columns="Timestep", values="VL (M)").astype(float)
    np.testing.assert_array_equal(_grid(ax), flags.to_numpy())
    assert ax.get_xlabel() == "Time (months)"
    assert ax.get_ylabel() == "120 patients"


def test_columns_of_cells_stand_over_their_step(art):
    ax = plots.measured_heatmap(art, "VL (M)")
    left, right, bottom, top = ax.images[0].get_extent()
    assert (left, right) == (-0.5, 59.5)
    assert (bottom, top) == (60, 0)
    assert ax.get_xlim() == (left, right)


def test_a_variable_stands_for_its_flag_and_rows_fall_in_how_often_they_are_measured(art):
    ax = plots.measured_heatmap(art, "VL", n_patients=50)
    grid = _grid(ax)
    assert grid.shape == (50, 60)
    assert (np.diff(grid.mean(axis=1)) <= 1e-12).all()
    flags = art.frame.pivot(index="PatientID", columns="Timestep", values="VL (M)").to_numpy(float)
    assert all((flags == row).all(axis=1).any() for row in grid)


def test_the_strip_above_is_the_rate_of_the_whole_cohort(art):
    ax = plots.measured_heatmap(art, "CD4 (M)", n_patients=5)
    strip = ax.child_axes[0]
    rate = art.frame.groupby("Timestep")["CD4 (M)"].mean()
    np.testing.assert_allclose([bar.get_height() for bar in strip.patches], rate)
    assert f"{art.frame['CD4 (M)'].mean():.1%}" in strip.get_title("left")
    assert "grid: 5 of them, most often measured on top" in strip.texts[0].get_text()


def test_steps_without_a_record_are_blank_and_in_the_key(icu):
    ax = plots.measured_heatmap(icu, "MeanBP", n_patients=40, order="id")
    flags = icu.frame.pivot(index="PatientID", columns="Timepoints", values="MeanBP_m")
    np.testing.assert_array_equal(_grid(ax), flags.astype(float).to_numpy())
    assert [t.get_text() for t in ax.get_legend().get_texts()][-1] == "no record"
    assert ax.get_xlabel() == "Time (steps of 4 h)"


def test_the_seed_decides_who_is_shown(art):
    one, same, other = (_grid(plots.measured_heatmap(art, "VL", 20, "random", seed=s))
                        for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_labels_do_not_lie_on_each_other(art, icu, overlaps):
    plots.set_style()
    assert overlaps(plots.measured_heatmap(art, "VL").figure) == []
    assert overlaps(plots.measured_heatmap(icu, "MeanBP").figure) == []


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match="'Gender' is binary.*VL .M., CD4 .M., Drug .M."):
        plots.measured_heatmap(art, "Gender")
    with pytest.raises(ArgumentError, match="No column 'VL_m'.*VL"):
        plots.measured_heatmap(art, "VL_m")
    with pytest.raises(ArgumentError, match="one of measured, id, random.*'best'"):
        plots.measured_heatmap(art, "VL", order="best")
    with pytest.raises(ArgumentError, match="1 or more expected, found 0"):
        plots.measured_heatmap(art, "VL", n_patients=0)
