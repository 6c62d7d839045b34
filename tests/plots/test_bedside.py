"""The bedside chart shows that patient's values and treatments, in hours."""

from __future__ import annotations

import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.data import load_cohort
from healthgym_edu.errors import ArgumentError

SEEN, GIVEN = ["MeanBP", "Lactate"], ["MaxVaso", "Input4H"]


@pytest.fixture(scope="module")
def sepsis():
    return load_cohort("sepsis", n_patients=60)


def test_lines_are_the_values_and_bars_the_treatments_in_hours(sepsis, find):
    patient = sepsis.frame["PatientID"].iloc[-1]
    rows = sepsis.frame[sepsis.frame["PatientID"] == patient]
    pressure, lactate, dose, fluid = plots.bedside(sepsis, patient, SEEN, GIVEN).axes
    for ax, name in ((pressure, "MeanBP"), (lactate, "Lactate")):
        line = find(ax, name)
        np.testing.assert_allclose(line.get_xdata(), 4 * rows["Timepoints"] + 2)
        np.testing.assert_allclose(line.get_ydata(), rows[name])
    for ax, name in ((dose, "MaxVaso"), (fluid, "Input4H")):
        np.testing.assert_allclose([bar.get_height() for bar in ax.patches], rows[name])
        np.testing.assert_allclose([bar.get_x() for bar in ax.patches], 4 * rows["Timepoints"])
        assert {bar.get_width() for bar in ax.patches} == {4}
    assert fluid.get_xlabel() == "Time (hours)"
    assert fluid.get_xlim() == (0, 80)
    assert [ax.get_ylabel() for ax in (pressure, dose)] == [
        "Mean pressure\n(mmHg)",
        "Vasopressor\n(mcg/kg/min)",
    ]


def test_who_died_has_no_bars_after_death(sepsis):
    dead = sepsis.patients.index[sepsis.patients["Died in stay"]][0]
    blocks = sepsis.patients.loc[dead, "Block of death"] + 1
    fluid = plots.bedside(sepsis, dead, [], ["Input4H"]).axes[0]
    assert len(fluid.patches) == blocks < 20
    assert fluid.get_xlim() == (0, 80)
    assert f"{4 * blocks} hours" in fluid.get_title("left")


def test_hours_are_hours_where_a_step_is_one(find):
    icu = load_cohort("hypotension", n_patients=5)
    ax = plots.bedside(icu, 3, ["MAP"], []).axes[0]
    assert find(ax, "MAP").get_xdata()[1] == 1.5
    assert ax.get_xlim() == (0, 48)


def test_a_goal_is_a_line_with_its_meaning(sepsis, find, texts):
    goals = {"MeanBP": (65, "aimed at"), "Lactate": 2}
    pressure, lactate = plots.bedside(sepsis, 0, SEEN, [], goals).axes
    assert set(find(pressure, "threshold").get_ydata()) == {65}
    assert "aimed at\n65 mmHg" in texts(pressure)
    assert set(find(lactate, "threshold").get_ydata()) == {2}
    assert not [line for line in plots.bedside(sepsis, 0, SEEN, []).axes[0].lines if line.get_gid()]


def test_labels_do_not_lie_on_each_other(sepsis, overlaps):
    plots.set_style()
    assert overlaps(plots.bedside(sepsis, 0, SEEN, GIVEN, {"MeanBP": (65, "aimed at")})) == []


def test_mistakes_are_explained(sepsis, art):
    with pytest.raises(ArgumentError, match="a step of this cohort is a month"):
        plots.bedside(art, 0, ["VL"], [])
    with pytest.raises(ArgumentError, match="No patient 999 here"):
        plots.bedside(sepsis, 999, SEEN, GIVEN)
    with pytest.raises(ArgumentError, match="'GCS' is categorical"):
        plots.bedside(sepsis, 0, ["GCS"], GIVEN)
    with pytest.raises(ArgumentError, match="of no column: name one"):
        plots.bedside(sepsis, 0, [], [])
    with pytest.raises(ArgumentError, match="goal for 'HR', which is not drawn"):
        plots.bedside(sepsis, 0, SEEN, GIVEN, {"HR": 100})
