"""The band is the quartiles; the log axis loses nothing; the words on it are right."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError


def _medians(cohort, column, patients=slice(None)):
    frame = cohort.frame.set_index(cohort.schema.id).loc[patients]
    return frame.groupby(cohort.schema.step)[column].median()


def test_the_median_line_is_the_median_and_the_band_the_quartiles(art, find):
    ax = plots.trajectory_band(art, "CD4")
    by_month = art.frame.groupby("Timestep")["CD4"]
    line = find(ax, "everyone")
    np.testing.assert_array_equal(line.get_xdata(), np.arange(60))
    np.testing.assert_allclose(line.get_ydata(), by_month.median())
    outline = ax.collections[0].get_paths()[0].vertices
    for month in (0, 30, 59):
        edge = outline[outline[:, 0] == month, 1]
        quartiles = by_month.quantile([0.25, 0.75]).loc[month]
        np.testing.assert_allclose([edge.min(), edge.max()], quartiles)


@pytest.mark.parametrize("by", ["Gender", "Comp. INI", "VL (M)"])
def test_each_group_has_its_own_median(art, find, by):
    ax = plots.trajectory_band(art, "VL", by=by)
    groups = [name for name in art.schema[by].labels if (art.frame[by] == name).any()]
    styles = plots.style_for(groups)
    for line, name in zip(ax.lines, groups, strict=False):
        rows = art.frame[art.frame[by] == name].groupby("Timestep")["VL"].median()
        np.testing.assert_allclose(line.get_ydata(), rows)
        assert line.get_color() == styles[name].line
    assert len({str(line._unscaled_dash_pattern) for line in ax.lines}) == len(ax.lines)
    assert len(ax.lines) == len(groups) + 1  # and the detection limit


def test_groups_may_come_from_the_patients_table_or_a_series(art, find):
    naive = art.patients.index[art.patients["Naive at entry"]]
    ax = plots.trajectory_band(art, "CD4", by="Naive at entry")
    np.testing.assert_allclose(find(ax, "True").get_ydata(), _medians(art, "CD4", naive))
    ages = pd.cut(art.patients["Age"], [0, 40, 100], labels=["under 40", "40 and over"])
    ax = plots.trajectory_band(art, "CD4", by=ages)
    young = art.patients.index[ages == "under 40"]
    np.testing.assert_allclose(find(ax, "under 40").get_ydata(), _medians(art, "CD4", young))
    assert ax.get_title("left") == "CD4 count by age"
    assert [line.get_label() for line in ax.lines] == ["under 40", "40 and over"]


def test_vl_is_logarithmic_with_its_detection_limit_and_units(art, find, texts):
    ax = plots.trajectory_band(art, "VL")
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "Viral load (copies/mL)"
    assert ax.get_xlabel() == "Time (months)"
    assert set(find(ax, "threshold").get_ydata()) == {50.0}
    assert "detection limit\n50 copies/mL" in texts(ax)
    ax.figure.canvas.draw()
    ticks = [label.get_text() for label in ax.get_yticklabels()]
    assert {"10", "1,000", "100,000"} <= set(ticks)
    assert [tick for tick in ax.get_xticks() if 0 <= tick <= 59] == [0, 12, 24, 36, 48]


def test_other_variables_are_linear_with_the_line_that_is_asked_for(art, find, texts):
    ax = plots.trajectory_band(art, "CD4")
    assert ax.get_yscale() == "linear"
    assert ax.get_ylabel() == "CD4 count (cells/µL)"
    assert "threshold" not in [line.get_gid() for line in ax.lines]
    ax = plots.trajectory_band(art, "CD4", threshold=(200, "low"))
    assert set(find(ax, "threshold").get_ydata()) == {200.0}
    assert "low\n200 cells/µL" in texts(ax)
    assert "500 cells/µL" in texts(plots.trajectory_band(art, "CD4", threshold=500))


def test_values_of_zero_stay_in_sight_on_a_log_axis(art, change, find):
    ax = plots.trajectory_band(
        change(art, VL=art.frame["VL"].where(art.frame["Timestep"] <= 40, 0.0)), "VL"
    )
    low, high = ax.get_ylim()
    drawn = find(ax, "everyone").get_ydata()
    assert (drawn > low).all()
    assert (drawn < high).all()
    assert (drawn[41:] < drawn[:41].min()).all()
    assert "57 values of 0 or below, drawn at the bottom" in ax.get_xlabel()  # 19 months × 3


def test_spaghetti_is_that_many_real_patients_chosen_by_the_seed(art):
    def threads(seed):
        ax = plots.trajectory_band(art, "VL", n_spaghetti=12, seed=seed)
        low, high = ax.get_ylim()
        lines = [line.get_ydata() for line in ax.lines if line.get_gid() == "spaghetti"]
        assert low < np.min(lines) < np.max(lines) < high
        return np.array(lines)

    one = threads(3)
    everybody = art.frame["VL"].to_numpy().reshape(120, 60)
    assert one.shape == (12, 60)
    assert all((everybody == thread).all(axis=1).sum() == 1 for thread in one)
    np.testing.assert_array_equal(one, threads(3))
    assert not np.array_equal(one, threads(4))


def test_missing_values_are_left_out_of_the_quartiles(art, change, find):
    measured = change(art, VL=art.frame["VL"].where(art.frame["VL (M)"]))
    line = find(plots.trajectory_band(measured, "VL", n_spaghetti=5), "everyone")
    np.testing.assert_allclose(line.get_ydata(), _medians(measured, "VL"))


def test_steps_and_units_follow_the_condition(icu, find, texts):
    ax = plots.trajectory_band(icu, "MeanBP", threshold=(65, "target"))
    assert ax.get_xlabel() == "Time (steps of 4 h)"
    assert ax.get_ylabel() == "Mean arterial pressure (mmHg)"
    assert "target\n65 mmHg" in texts(ax)
    np.testing.assert_allclose(find(ax, "everyone").get_ydata(), _medians(icu, "MeanBP"))


def test_labels_do_not_lie_on_each_other(art, icu, overlaps):
    plots.set_style()
    assert overlaps(plots.trajectory_band(art, "VL", n_spaghetti=30).figure) == []
    assert overlaps(plots.trajectory_band(art, "CD4", by="Ethnic", threshold=500).figure) == []
    assert overlaps(plots.trajectory_band(art, "CD4", by="Extra PI").figure) == []
    assert overlaps(plots.trajectory_band(icu, "MeanBP", by="Gender").figure) == []


def test_it_draws_on_the_axes_it_is_given(art):
    _, axes = plt.subplots(1, 2)
    assert plots.trajectory_band(art, "VL", ax=axes[1]) is axes[1]
    assert not axes[0].has_data()


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match=r"column 'VLL' in art_hiv. Did you mean 'VL'\?.*CD4"):
        plots.trajectory_band(art, "VLL")
    with pytest.raises(ArgumentError, match="'Gender' is binary.*VL, CD4, Rel CD4.*regimen_areas"):
        plots.trajectory_band(art, "Gender")
    with pytest.raises(ArgumentError, match="'CD4' is numeric.*pandas.cut"):
        plots.trajectory_band(art, "VL", by="CD4")
    with pytest.raises(ArgumentError, match="Cannot group by 'Sex'.*Gender.*Naive at entry"):
        plots.trajectory_band(art, "VL", by="Sex")
    with pytest.raises(ArgumentError, match="'Age' has .* groups; at most 10.*pandas.cut"):
        plots.trajectory_band(art, "VL", by="Age")
    with pytest.raises(ArgumentError, match="119 patients have none"):
        plots.trajectory_band(art, "VL", by=pd.Series({0: "a"}))
    with pytest.raises(ArgumentError, match="1 or more expected, found -1"):
        plots.trajectory_band(art, "VL", n_spaghetti=-1)
