"""The figures of chapter 03 show the numbers that they are given, and name them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from healthgym_edu import plots
from healthgym_edu.data import load_cohort
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.filling import (
    error_with_age,
    share_by_group,
    shown_and_true,
    stacked_shares,
    table_against_truth,
    two_worlds,
)

SHARES = pd.DataFrame(
    {"measured": [0.5, 0.1], "carried": [0.5, 0.3], "never": [0.0, 0.6]}, ["Urine", "Lactate"]
)
RATES = pd.DataFrame({"treated": [0.5, 0.2], "untreated": [0.4, 0.05]}, ["Urine", "Lactate"])
ERRORS = pd.DataFrame({"Oxygen": [1.0, 1.05], "Lactate": [0.1, 0.3]}, [1.0, 24.0])
MEANS = pd.DataFrame(
    {"bolus": [55.0, 53.0, 59.0, 57.5], "nothing": [55.0, 53.0, 54.5, 55.0]}, [7, 8, 9, 10]
)
SHOWN = pd.Series(1.73, range(35))
TRUE = pd.Series(np.linspace(3, 4, 35), range(35))


@pytest.fixture(scope="module")
def icu():
    return load_cohort("hypotension", n_patients=30, seed=2)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_bars_are_cut_where_the_shares_say():
    ax = stacked_shares(SHARES)
    assert legend(ax) == [bars.get_label() for bars in ax.containers] == list(SHARES)
    for bars, name in zip(ax.containers, SHARES, strict=True):
        np.testing.assert_allclose([bar.get_width() for bar in bars], SHARES[name])
    starts = [bar.get_x() for bar in ax.containers[2]]
    np.testing.assert_allclose(starts, SHARES["measured"] + SHARES["carried"])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Urine", "Lactate"]
    assert ax.yaxis_inverted()
    assert ax.get_xlim() == (0, 1)
    assert ax.get_xlabel() == "Share of hours"


def test_parts_differ_in_more_than_their_colour():
    looks = [bars[0] for bars in stacked_shares(SHARES).containers]
    assert len({bar.get_facecolor() for bar in looks}) == 3
    assert len({bar.get_hatch() for bar in looks}) == 3


@pytest.mark.parametrize("shares", [2 * SHARES, SHARES.assign(more=0.2)])
def test_shares_that_are_no_shares_are_refused(shares):
    with pytest.raises(ArgumentError, match="add up to 1"):
        stacked_shares(shares)
    with pytest.raises(ArgumentError, match="at most 6 parts"):
        stacked_shares(pd.DataFrame(np.full((1, 8), 1 / 8)))


def test_a_dot_for_each_group_on_a_logarithmic_axis(find):
    ax = share_by_group(RATES, "Share of hours measured")
    for name in RATES:
        np.testing.assert_allclose(find(ax, name).get_xdata(), RATES[name])
    assert find(ax, "treated").get_marker() != find(ax, "untreated").get_marker()
    assert find(ax, "treated").get_markerfacecolor() != "none"
    assert find(ax, "untreated").get_markerfacecolor() == "none"  # hides no dot below it
    assert legend(ax) == list(RATES)
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "Share of hours measured (logarithmic axis)"
    assert ax.yaxis_inverted()


def test_a_share_without_a_place_on_the_axis_is_refused():
    for wrong in (RATES - 0.05, RATES * 3):
        with pytest.raises(ArgumentError, match="above 0"):
            share_by_group(wrong)


def test_table_and_truth_are_counted_in_per_cent(icu):
    truth = replace(icu, frame=icu.frame.assign(lactic_acid=icu.frame["lactic_acid"].clip(upper=2)))
    (ax,) = table_against_truth(icu, truth, ["lactic_acid"]).axes
    assert legend(ax) == ["the table", "the truth"]
    bars = ax.containers[0]
    assert ax.get_xlim()[1] >= truth.frame["lactic_acid"].quantile(0.999)
    shown = icu.frame["lactic_acid"] <= ax.get_xlim()[1]
    assert sum(bar.get_height() for bar in bars) == pytest.approx(100 * shown.mean())
    assert ax.get_xlabel() == icu.schema["lactic_acid"].label
    assert ax.get_ylabel() == "Share of hours (%)"


def test_round_values_make_no_spikes_of_their_own(icu):
    """One row for each hundredth: every bin holds as many."""
    column = np.resize(np.arange(0, 4.85, 0.01).round(2), len(icu.frame) // 485 * 485)
    even = replace(icu, frame=icu.frame.iloc[: len(column)].assign(lactic_acid=column))
    (ax,) = table_against_truth(even, even, ["lactic_acid"]).axes
    heights = [bar.get_height() for bar in ax.containers[0]][:-1]  # the last one is cut off
    assert len(heights) > 60
    np.testing.assert_allclose(heights, heights[0])


def test_tables_of_other_rows_or_columns_are_refused(icu):
    with pytest.raises(ArgumentError, match="the same rows"):
        table_against_truth(icu, load_cohort("hypotension", n_patients=9), ["PO2"])
    with pytest.raises(ArgumentError, match="'FiO2' is categorical"):
        table_against_truth(icu, icu, ["FiO2"])


def test_errors_are_lines_named_at_their_ends(find, texts):
    ax = error_with_age(ERRORS)
    for name in ERRORS:
        np.testing.assert_allclose(find(ax, name).get_ydata(), ERRORS[name])
        assert name in texts(ax)
    assert find(ax, "Oxygen").get_marker() != find(ax, "Lactate").get_marker()
    assert set(find(ax, "useless").get_ydata()) == {1}
    assert ax.get_ylim()[0] == 0


def test_the_rise_is_split_into_what_comes_anyway_and_the_effect(find, texts):
    ax = two_worlds(MEANS, 8, "Mean pressure (mmHg)", "Two worlds")
    for name in MEANS:
        np.testing.assert_allclose(find(ax, name).get_ydata(), MEANS[name])
    assert find(ax, "bolus")._unscaled_dash_pattern != find(ax, "nothing")._unscaled_dash_pattern
    assert {"+1.5 comes anyway", "+4.5 effect of the treatment", "bolus", "nothing"} <= {*texts(ax)}
    arrows = [
        text for text in ax.texts if getattr(text, "arrow_patch", None) and not text.get_text()
    ]
    ends = [(arrow.xyann[1], arrow.xy[1]) for arrow in arrows]
    assert ends == [(53, 54.5), (54.5, 59)]
    assert set(find(ax, "treatment").get_xdata()) == {8}
    assert (ax.get_title("left"), ax.get_ylabel()) == ("Two worlds", "Mean pressure (mmHg)")


def test_a_harm_has_a_minus(texts):
    assert "−4.5 effect of the treatment" in texts(
        two_worlds(MEANS[["nothing", "bolus"]], 8, "MAP")
    )


@pytest.mark.parametrize("means", [MEANS[["bolus"]], MEANS.loc[:8], MEANS.assign(more=1.0)])
def test_two_worlds_need_two_columns_and_the_hour_after(means):
    with pytest.raises(ArgumentError, match="two columns, with rows for hours 8 and 9"):
        two_worlds(means, 8, "MAP")


def test_what_was_shown_and_what_was_true(find, texts):
    ax = shown_and_true(SHOWN, TRUE, "Lactate (mmol/L)", "Patient 148", death=34, until=24)
    np.testing.assert_allclose(find(ax, "what the table shows").get_ydata(), SHOWN)
    np.testing.assert_allclose(find(ax, "what the patient had").get_ydata(), TRUE)
    assert find(ax, "death").get_xdata() == [34]
    assert set(find(ax, "until").get_xdata()) == {24}
    assert {"what the table shows", "what the patient had", "dies in hour 34"} <= {*texts(ax)}
    assert ax.get_ylim()[0] == 0
    assert ax.get_xlim()[1] > 34


def test_who_lives_has_no_cross(texts):
    ax = shown_and_true(SHOWN, TRUE, "Lactate (mmol/L)")
    assert not any("dies" in text for text in texts(ax))
    assert len(ax.lines) == 2


def test_no_words_lie_on_each_other(icu, overlaps):
    plots.set_style()
    figures = [
        stacked_shares(SHARES).figure,
        share_by_group(RATES).figure,
        table_against_truth(icu, icu, ["PO2", "lactic_acid"]),
        error_with_age(ERRORS).figure,
        two_worlds(MEANS, 8, "Mean pressure (mmHg)", "Two worlds").figure,
        shown_and_true(SHOWN, TRUE, "Lactate (mmol/L)", "Patient 148", 34, 24).figure,
    ]
    assert [overlaps(figure) for figure in figures] == [[]] * 6
