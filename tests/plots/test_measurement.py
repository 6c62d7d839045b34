"""Cells of the heat map are the flags."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError


def _grid(ax):
    return np.ma.filled(ax.images[0].get_array(), np.nan)


def _rows(grid):
    """Rows of a grid in an order of their own (missing cells as 2)."""
    return sorted(map(tuple, np.nan_to_num(np.asarray(grid, float), nan=2.0)))


@pytest.mark.parametrize(
    ("name", "flag", "step"),
    [
        ("art", "VL (M)", "Timestep"),
        ("icu", "MeanBP_m", "Timepoints"),
    ],
)
def test_cells_are_the_flags_most_often_measured_on_top(request, name, flag, step):
    cohort = request.getfixturevalue(name)
    ax = plots.measured_heatmap(cohort, flag, n_patients=1000)
    assert _rows(_grid(ax)) == _rows(
        cohort.frame.pivot(index="PatientID", columns=step, values=flag)
    )
    assert (np.diff(np.nanmean(_grid(ax), axis=1)) <= 1e-12).all()


def test_columns_of_cells_stand_over_their_step_and_steps_without_a_record_are_blank(art, icu):
    ax = plots.measured_heatmap(art, "VL (M)")
    assert tuple(ax.images[0].get_extent()) == (-0.5, 59.5, 60, 0)
    assert ax.get_xlim() == ax.child_axes[0].get_xlim() == (-0.5, 59.5)
    assert ax.get_xlabel() == "Time (months)"
    assert ax.get_ylabel() == "60 patients"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["measured", "not measured"]
    ax = plots.measured_heatmap(icu, "MeanBP_m")
    assert ax.get_xlabel() == "Time (steps of 4 h)"
    assert [text.get_text() for text in ax.get_legend().get_texts()][-1] == "no record"


def test_the_strip_above_is_the_rate_of_the_whole_cohort(art):
    strip = plots.measured_heatmap(art, "CD4 (M)", n_patients=5).child_axes[0]
    rate = art.frame.groupby("Timestep")["CD4 (M)"].mean()
    np.testing.assert_allclose([bar.get_height() for bar in strip.patches], rate)
    share = f"{art.frame['CD4 (M)'].mean():.1%}"
    assert strip.get_title("left") == f"CD4 count measured: {share} of the rows of 120 patients"
    assert "grid: 5 of them" in strip.texts[0].get_text()


def test_rare_measurements_can_be_read_off_the_strip(art):
    rare = art.frame["CD4 (M)"] & (art.frame["PatientID"] % 10 == 0)
    few = replace(art, frame=art.frame.assign(**{"CD4 (M)": rare}))
    assert 0 < rare.groupby(art.frame["Timestep"]).mean().max() <= 0.1
    for cohort, highest in ((few, 0.1), (art, 0.5)):
        strip = plots.measured_heatmap(cohort, "CD4 (M)", n_patients=5).child_axes[0]
        tallest = max(bar.get_height() for bar in strip.patches)
        assert strip.get_ylim() == (0, highest)
        assert tallest <= highest


def test_each_group_has_its_own_grid_bars_and_heading(art):
    by = art.patients["Naive at entry"].map({True: "Never treated", False: "Treated"})
    ax = plots.measured_heatmap(art, "VL (M)", n_patients=1000, by=by)
    groups = ("Never treated", "Treated")
    flags = art.frame.pivot(index="PatientID", columns="Timestep", values="VL (M)")
    bottom = 0
    for name, image, strip in zip(groups, ax.images, ax.child_axes, strict=True):
        rows = flags[by == name]
        assert _rows(np.asarray(image.get_array())) == _rows(rows)
        *_, low, high = image.get_extent()
        assert low - high == len(rows)
        assert high >= bottom
        bottom = low
        np.testing.assert_allclose([bar.get_height() for bar in strip.patches], rows.mean())
        heading = f"{name}: {len(rows)} patients, {rows[0].mean():.0%} measured in month 0"
        assert heading in [text.get_text() for text in strip.texts]
    assert ax.get_ylim() == (pytest.approx(bottom), 0)
    assert len({strip.get_ylim() for strip in ax.child_axes}) == 1
    tops = [strip.get_position().y1 for strip in ax.child_axes]
    assert tops == sorted(tops, reverse=True)


def test_a_group_of_whom_nobody_was_drawn_keeps_its_bars(art):
    by = pd.Series("many", index=art.patients.index).mask(art.patients.index == 7, "one")
    ax = plots.measured_heatmap(art, "VL (M)", n_patients=1, by=by)
    ax.figure.canvas.draw()
    assert len(ax.images) == 1
    assert [len(strip.patches) for strip in ax.child_axes] == [60, 60]


def test_the_seed_decides_who_is_shown(art):
    one, same, other = (
        _grid(plots.measured_heatmap(art, "VL (M)", 20, seed=seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_labels_do_not_lie_on_each_other(art, icu, overlaps):
    plots.set_style()
    assert overlaps(plots.measured_heatmap(art, "VL (M)").figure) == []
    assert overlaps(plots.measured_heatmap(icu, "MeanBP_m").figure) == []
    for cohort, flag in ((art, "VL (M)"), (icu, "MeanBP_m")):
        assert overlaps(plots.measured_heatmap(cohort, flag, by="Gender").figure) == []


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match="'VL' is numeric.*VL .M., CD4 .M., Drug .M."):
        plots.measured_heatmap(art, "VL")
    with pytest.raises(ArgumentError, match="no column 'VL_m'.*VL"):
        plots.measured_heatmap(art, "VL_m")
    with pytest.raises(ArgumentError, match="1 or more expected, found 0"):
        plots.measured_heatmap(art, "VL (M)", n_patients=0)
