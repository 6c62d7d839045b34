"""The band is the quartiles; the log axis loses nothing; the words on it are right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError


def test_the_median_line_is_the_median_and_the_band_the_quartiles(art, find):
    ax = plots.trajectory_band(art, "CD4")
    by_month = art.frame.groupby("Timestep")["CD4"]
    line = find(ax, "median:everyone")
    np.testing.assert_array_equal(line.get_xdata(), np.arange(60))
    np.testing.assert_allclose(line.get_ydata(), by_month.median())
    outline = find(ax, "band:everyone").get_paths()[0].vertices
    for month in (0, 30, 59):
        edge = outline[outline[:, 0] == month, 1]
        np.testing.assert_allclose(
            [edge.min(), edge.max()], by_month.quantile([0.25, 0.75]).loc[month]
        )


@pytest.mark.parametrize("by", ["Gender", "Comp. INI", "VL (M)"])
def test_each_group_has_its_own_median(art, find, by):
    ax = plots.trajectory_band(art, "VL", by=by)
    groups = [name for name in art.schema[by].labels if (art.frame[by] == name).any()]
    for name in groups:
        rows = art.frame[art.frame[by] == name].groupby("Timestep")["VL"].median()
        line = find(ax, f"median:{name}")
        np.testing.assert_allclose(line.get_ydata(), rows)
        assert line.get_color() == plots.style_for(groups)[name].line
    assert [line.get_gid() for line in ax.lines if str(line.get_gid()).startswith("median")] == [
        f"median:{name}" for name in groups
    ]


def test_groups_may_come_from_the_patients_table_or_a_series(art, find):
    naive = art.patients.index[art.patients["Naive at entry"]]
    expected = art.frame[art.frame["PatientID"].isin(naive)].groupby("Timestep")["CD4"].median()
    ax = plots.trajectory_band(art, "CD4", by="Naive at entry")
    np.testing.assert_allclose(find(ax, "median:True").get_ydata(), expected)
    ages = pd.cut(art.patients["Age"], [0, 40, 100], labels=["under 40", "40 and over"])
    ax = plots.trajectory_band(art, "CD4", by=ages)
    young = art.patients.index[ages == "under 40"]
    expected = art.frame[art.frame["PatientID"].isin(young)].groupby("Timestep")["CD4"].median()
    np.testing.assert_allclose(find(ax, "median:under 40").get_ydata(), expected)
    assert ax.get_title("left") == "CD4 by Age"
    unsaid = pd.Series(np.arange(120) % 2 == 0, index=art.patients.index, name="VL")
    ax = plots.trajectory_band(art, "VL", by=unsaid)
    assert ax.get_title("left") == "VL by group"


def test_vl_is_logarithmic_with_its_detection_limit_and_units(art, find, texts):
    ax = plots.trajectory_band(art, "VL")
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "VL (copies/mL)"
    assert ax.get_xlabel() == "Time (months)"
    assert set(find(ax, "threshold").get_ydata()) == {50.0}
    assert "detection limit\n50 copies/mL" in texts(ax)
    ticks = [label.get_text() for label in ax.get_yticklabels()]
    assert {"10", "1,000", "100,000"} <= set(ticks)


def test_other_variables_are_linear_without_a_line(art):
    ax = plots.trajectory_band(art, "CD4")
    assert ax.get_yscale() == "linear"
    assert ax.get_ylabel() == "CD4 (cells/µL)"
    assert not [line for line in ax.lines if line.get_gid() == "threshold"]


def test_threshold_and_log_can_be_chosen(art, find, texts):
    ax = plots.trajectory_band(art, "CD4", threshold=(200, "low"), log=True)
    assert ax.get_yscale() == "log"
    assert set(find(ax, "threshold").get_ydata()) == {200.0}
    assert "low\n200 cells/µL" in texts(ax)
    ax = plots.trajectory_band(art, "VL", threshold=False, log=False)
    assert ax.get_yscale() == "linear"
    assert not [line for line in ax.lines if line.get_gid() == "threshold"]
    with pytest.raises(ArgumentError, match="log axis has no place for -1"):
        plots.trajectory_band(art, "VL", threshold=-1)
    with pytest.raises(ArgumentError, match="a number, a pair"):
        plots.trajectory_band(art, "VL", threshold="fifty")


def test_values_of_zero_stay_in_sight_on_a_log_axis(art, find, texts):
    frame = art.frame.copy()
    frame.loc[frame["Timestep"] > 40, "VL"] = 0.0
    ax = plots.trajectory_band((frame, art.schema), "VL")
    low, high = ax.get_ylim()
    drawn = find(ax, "median:everyone").get_ydata()
    assert (drawn >= low).all()
    assert (drawn <= high).all()
    assert drawn[-1] == low
    assert any("57 values of 0 or below" in text for text in texts(ax))  # 19 months, 3 quartiles


def test_everything_drawn_lies_within_the_axes(art, find):
    ax = plots.trajectory_band(art, "VL", n_spaghetti=25)
    low, high = ax.get_ylim()
    for path in find(ax, "spaghetti").get_paths():
        assert path.vertices[:, 1].min() >= low
        assert path.vertices[:, 1].max() <= high


def test_spaghetti_is_that_many_real_patients_chosen_by_the_seed(art, find):
    ax = plots.trajectory_band(art, "VL", n_spaghetti=12, seed=3)
    paths = [path.vertices for path in find(ax, "spaghetti").get_paths()]
    assert len(paths) == 12
    matrix = art.frame.pivot(index="PatientID", columns="Timestep", values="VL").to_numpy()
    for path in paths:
        assert (np.abs(matrix - path[:, 1]).max(axis=1) < 1e-9).sum() == 1
    again = find(plots.trajectory_band(art, "VL", n_spaghetti=12, seed=3), "spaghetti").get_paths()
    other = find(plots.trajectory_band(art, "VL", n_spaghetti=12, seed=4), "spaghetti").get_paths()
    assert all(np.array_equal(a, b.vertices) for a, b in zip(paths, again, strict=True))
    assert not all(np.array_equal(a, b.vertices) for a, b in zip(paths, other, strict=True))


def test_missing_values_are_left_out_of_the_quartiles(art, find):
    frame = art.frame.copy()
    frame["VL"] = frame["VL"].where(frame["VL (M)"])
    ax = plots.trajectory_band(frame, "VL", schema=art.schema)
    np.testing.assert_allclose(
        find(ax, "median:everyone").get_ydata(), frame.groupby("Timestep")["VL"].median()
    )
    table = plots.band_table((frame, art.schema), "VL")
    assert table["n"].sum() == art.frame["VL (M)"].sum()


def test_steps_and_units_follow_the_condition(icu, find, texts):
    ax = plots.trajectory_band(icu, "MeanBP", by="Gender", threshold=(65, "target"))
    assert ax.get_xlabel() == "Time (steps of 4 h)"
    assert ax.get_ylabel() == "MeanBP (mmHg)"
    assert "target\n65 mmHg" in texts(ax)
    expected = icu.frame.groupby("Timepoints")["MeanBP"].median()
    line = find(plots.trajectory_band(icu, "MeanBP"), "median:everyone")
    np.testing.assert_allclose(line.get_ydata(), expected)


def test_labels_do_not_lie_on_each_other(art, icu, overlaps):
    plots.set_style()
    assert overlaps(plots.trajectory_band(art, "VL", n_spaghetti=30).figure) == []
    assert overlaps(plots.trajectory_band(art, "CD4", by="Ethnic", threshold=500).figure) == []
    assert overlaps(plots.trajectory_band(art, "CD4", by="Extra PI").figure) == []
    assert overlaps(plots.trajectory_band(icu, "MeanBP", by="Gender").figure) == []


def test_it_draws_on_the_axes_it_is_given(art):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 2)
    assert plots.trajectory_band(art, "VL", ax=axes[1]) is axes[1]
    assert not axes[0].has_data()


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match=r"No column 'VLL'. Did you mean 'VL'\?.*CD4"):
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
    with pytest.raises(ArgumentError, match="0 or more patients expected, found -1"):
        plots.trajectory_band(art, "VL", n_spaghetti=-1)
    empty = art.frame.assign(VL=np.nan)
    with pytest.raises(ArgumentError, match="'VL' holds no value"):
        plots.trajectory_band((empty, art.schema), "VL")
