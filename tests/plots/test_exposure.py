"""Figures of exposures and risks: the points are the shares, and nobody is lost or misplaced."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.exposure import (
    against_coins,
    calibration_plot,
    interval_dots,
    organ_points,
    risk_by_exposure,
    share_interval,
)

PATIENTS = pd.RangeIndex(100, 300, name="PatientID")
DIED = pd.Series(np.arange(200) % 5 == 0, PATIENTS)
TREATED = pd.Series(np.arange(200) < 50, PATIENTS)
SOME = TREATED.iloc[25:125]
EXPOSURES = {"at any time": {"fluid": TREATED, "heads": ~TREATED}, "early": {"fluid": SOME}}
DOTS = pd.DataFrame([[0.7, 0.6, 0.8], [0.9, 0.88, 0.95]], ["small", "large"])


def points(ax):
    """Where dots and the ends of their intervals stand: label (if any), x, y, low, high."""
    found = []
    for container in ax.containers:
        line, _, (bars,) = container
        low, high = bars.get_segments()[0][:, 0]
        found.append((container.get_label(), *line.get_xydata()[0], low, high))
    return found


def test_a_share_comes_with_its_wilson_interval():
    share, low, high = share_interval(pd.Series([True] * 20 + [False] * 80))
    assert share == 20
    # Wilson 1927 by hand, z = 1.96: centre 0.211096, half width 0.077730
    assert (low, high) == pytest.approx((13.3368, 28.8829), abs=0.01)
    assert share_interval(pd.Series([False] * 10))[1] == pytest.approx(0, abs=1e-9)
    with pytest.raises(ArgumentError, match="A share of nobody"):
        share_interval(pd.Series([], dtype=bool))


def test_each_row_has_the_shares_of_its_own_patients():
    ax = risk_by_exposure(EXPOSURES, DIED, "Died (%)")
    drawn = points(ax)
    assert [label for label, *_ in drawn[:2]] == ["without", "with"]
    expected = []
    for y, exposed in ((1, TREATED), (2, ~TREATED), (4, SOME)):
        for side, lift in ((~exposed, -0.14), (exposed, 0.14)):
            share, low, high = share_interval(DIED.loc[side.index[side]])
            expected.append((share, y + lift, low, high))
    np.testing.assert_allclose([row[1:] for row in drawn], expected)
    assert [text.get_text().strip() for text in ax.get_yticklabels()] == [
        "at any time", "fluid", "heads", "early", "fluid",
    ]  # fmt: skip
    written = [text.get_text() for text in ax.texts]
    assert written[:3] == ["150 and 50", "50 and 150", "75 and 25"]
    assert ax.get_xlim()[0] == 0
    assert ax.get_xlabel() == "Died (%)"


def test_the_two_sides_differ_in_more_than_colour():
    drawn = risk_by_exposure(EXPOSURES, DIED, "Died (%)", ("no", "yes")).containers
    markers = {container.get_label(): container[0].get_marker() for container in drawn[:2]}
    assert set(markers) == {"no", "yes"}
    assert len(set(markers.values())) == 2


def test_a_comparison_needs_two_sides_and_known_fates():
    with pytest.raises(ArgumentError, match="fluid: everybody is on one side"):
        risk_by_exposure({"all": {"fluid": TREATED | True}}, DIED, "Died (%)")
    with pytest.raises(ArgumentError, match="not known what happened to 100 patients"):
        risk_by_exposure({"all": {"fluid": TREATED}}, DIED.iloc[:100], "Died (%)")
    with pytest.raises(ArgumentError, match="not known what happened to 100 patients"):
        calibration_plot({"model": pd.Series(0.5, PATIENTS)}, DIED.iloc[:100], "died")


def test_dots_stand_at_their_estimates_with_number_and_group():
    kinds = {"small": "honest", "large": "leaks"}
    ax = interval_dots(DOTS, "AUROC", kinds, (0.5, "a coin"))
    expected = [("honest", 0.7, 0, 0.6, 0.8), ("leaks", 0.9, 1, 0.88, 0.95)]
    for row, want in zip(points(ax), expected, strict=True):
        assert row[0] == want[0]
        assert row[1:] == pytest.approx(want[1:])
    assert {"0.70", "0.90", "a coin"} <= {text.get_text() for text in ax.texts}
    low, high = ax.get_ylim()
    assert low > high  # the first row is on top
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["honest", "leaks"]
    assert len({container[0].get_marker() for container in ax.containers}) == 2


def test_the_key_names_a_group_once():
    both = dict.fromkeys(DOTS.index, "honest")
    assert len(interval_dots(DOTS, "AUROC", both).get_legend().get_texts()) == 1


def test_dots_without_groups_have_no_key():
    ax = interval_dots(DOTS * 100, "Died (%)", digits=0)
    assert ax.get_legend() is None
    assert [text.get_text() for text in ax.texts] == ["70", "90"]


def test_dots_explain_mistakes():
    with pytest.raises(ArgumentError, match="found 2 × 2"):
        interval_dots(DOTS.iloc[:, :2], "AUROC")
    with pytest.raises(ArgumentError, match="there is none for 'large'"):
        interval_dots(DOTS, "AUROC", {"small": "honest"})


def test_coins_are_counted_and_the_treatment_is_a_line(find):
    coins = [3.2, 4.1, 4.9, 9.0]
    ax = against_coins(coins, -1.5, "infusion", "Deaths avoided (in 100)")
    assert sum(bar.get_height() for bar in ax.patches) == 4
    edges = {round(bar.get_x(), 6): bar.get_height() for bar in ax.patches if bar.get_height()}
    assert edges == {3: 1, 4: 2, 9: 1}
    assert set(find(ax, "infusion").get_xdata()) == {-1.5}
    assert {"infusion", "4 coins"} == {text.get_text() for text in ax.texts}
    assert ax.get_xlabel() == "Deaths avoided (in 100)"
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize(("found", "side"), [(-1.5, "right"), (20.0, "left")])
def test_the_name_of_the_treatment_stands_away_from_the_coins(found, side):
    ax = against_coins([3.2, 4.1], found, "infusion", "Deaths")
    assert next(t for t in ax.texts if t.get_text() == "infusion").get_ha() == side


def test_calibration_compares_what_was_said_with_what_happened():
    risk = pd.Series(np.repeat([0.1, 0.2, 0.4, 0.5, 0.9], 40), PATIENTS)
    rng = np.random.default_rng(0)
    happened = pd.Series(rng.random(200) < risk, PATIENTS).sample(frac=1, random_state=1)
    ax = calibration_plot({"model": risk, "half of it": risk / 2}, happened, "died by day 90")
    model, half = ax.containers
    shares = happened.groupby(risk).mean()
    np.testing.assert_allclose(model[0].get_xydata(), 100 * np.column_stack([shares.index, shares]))
    np.testing.assert_allclose(
        half[0].get_xydata(), np.column_stack([50 * shares.index, 100 * shares])
    )
    low, high = model[2][0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx(share_interval(happened[risk == 0.1])[1:])
    assert model[0].get_linestyle() != half[0].get_linestyle()
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_ylabel() == "Patients who died by day 90 (%)"


def test_groups_of_equal_risks_are_of_equal_size():
    ax = calibration_plot({"model": pd.Series(0.3, PATIENTS)}, DIED, "died", n_groups=4)
    assert len(ax.containers[0][0].get_xdata()) == 4


def test_organs_are_stacked_and_told_apart_by_hatch():
    parts = pd.DataFrame({"lungs": [1, 2, 0], "liver": [0, 0, 0], "kidneys": [3, 0, 4]})
    ax = organ_points(parts, 4, "SOFA")
    lungs, kidneys = ax.containers  # the liver never has a point
    assert [bar.get_height() for bar in kidneys] == [3, 0, 4]
    assert [bar.get_y() for bar in kidneys] == [1, 2, 0]
    assert [bar.get_x() for bar in lungs] == [0, 4, 8]
    assert lungs[0].get_hatch() != kidneys[0].get_hatch()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["kidneys", "lungs"]
    assert ax.get_xlim() == (0, 12)
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize(
    "draw",
    [
        lambda: risk_by_exposure(EXPOSURES, DIED, "Died (%)"),
        lambda: interval_dots(DOTS, "AUROC", {"small": "a", "large": "b"}, (0.5, "a coin")),
        lambda: against_coins(np.linspace(2, 9, 50), -1.5, "infusion", "Deaths (in 100)"),
        lambda: calibration_plot({"model": DIED * 0.5 + 0.2}, DIED, "died"),
    ],
)
def test_words_do_not_lie_on_each_other(draw, overlaps):
    plots.set_style()
    assert overlaps(draw().figure) == []
