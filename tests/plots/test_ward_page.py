"""A ward knows what it knows now, and its page shows just that."""

from __future__ import annotations

import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.data import load_cohort
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.ward_page import NOW, a_ward, traffic_board, ward_page

FLAGS = ["PO2_m", "urine_m"]


@pytest.fixture(scope="module")
def icu():
    return load_cohort("hypotension", n_patients=200)


@pytest.fixture(scope="module")
def ward(icu):
    return a_ward(icu, beds=8, seed=7)


def page(ward, flags=FLAGS):
    return ward_page(ward, "MAP", (65, "aimed at"), "lactic_acid", "vasopressors", flags)


def test_a_ward_ends_now_and_knows_no_future(icu, ward):
    frame = ward.frame
    assert frame.groupby("PatientID")[NOW].max().eq(0).all()
    assert sorted(frame["PatientID"].unique()) == list(range(1, 9))
    assert ward.patients.columns.empty  # nobody knows how the stays end
    for _, rows in frame.groupby("PatientID"):
        np.testing.assert_array_equal(rows[NOW], rows["Timepoints"] - rows["Timepoints"].max())
        untested = rows["lactic_acid_m"].cumsum() == 0
        assert rows.loc[untested, "lactic_acid"].isna().all()  # nothing is carried back
        assert rows.loc[~untested, "lactic_acid"].notna().all()


def test_a_ward_holds_rows_of_the_cohort(icu, ward):
    found = icu.frame.merge(ward.frame[["Timepoints", "MAP", "systolic_bp", "diastolic_bp"]])
    assert len(found) == len(ward.frame)


def test_the_same_seed_fills_the_same_beds(icu, ward):
    assert a_ward(icu, beds=8, seed=7).frame.equals(ward.frame)
    assert not a_ward(icu, beds=8, seed=8).frame.equals(ward.frame)
    assert ward.changed() == []


def test_blocks_of_four_hours_are_counted_in_hours():
    ward = a_ward(load_cohort("sepsis", n_patients=60), beds=3)
    assert set(ward.frame[NOW] % 4) == {0}
    assert ward.frame[NOW].min() <= -40


def test_what_is_no_ward_is_refused(icu):
    with pytest.raises(ArgumentError, match="a step of this cohort is a month"):
        a_ward(load_cohort("art_hiv", n_patients=20))
    with pytest.raises(ArgumentError, match="but only"):
        a_ward(icu, beds=500)
    with pytest.raises(ArgumentError, match="beds is 0"):
        a_ward(icu, beds=0)


def test_the_page_sorts_beds_by_pressure_and_says_each(ward):
    fig = page(ward)
    trend, result, treatment, *tracks = fig.axes
    now = ward.frame[ward.frame[NOW] == 0].set_index("PatientID")["MAP"].sort_values()
    assert [t.get_text() for t in trend.get_yticklabels()] == [f"Bed {bed}" for bed in now.index]
    assert [t.get_text() for t in trend.texts[: len(now)]] == [f"{value:.0f}" for value in now]
    low = int((now < 65).sum())
    assert fig.get_suptitle() == f"{low} of 8 beds are below 65 mmHg now"
    assert sum(line.get_marker() == "v" for line in trend.lines) == low


def test_the_page_tells_old_results_and_missing_ones(ward):
    result = page(ward).axes[1]
    frame = ward.frame
    drawn = frame[frame["lactic_acid_m"]].groupby("PatientID")[NOW].max()
    told = [text.get_text() for text in result.texts]
    assert told.count("never measured") == 8 - len(drawn) > 0
    hollow = [line for line in result.lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == (drawn < -12).sum()
    ages = sorted(int(word.split()[0]) for word in told if word.endswith("h ago"))
    assert ages == sorted(-drawn[drawn < 0])


def test_levels_and_ticks_are_those_of_the_record(ward):
    treatment, oxygen, urine = page(ward).axes[2:]
    frame = ward.frame
    now = frame[frame[NOW] == 0]
    levels = now["vasopressors"].cat.codes.sum()
    filled = [p for p in treatment.patches if p.get_width() == 0.8 and p.get_facecolor()[2] < 0.5]
    assert len(filled) == levels
    recent = frame[frame[NOW] > -24]
    for ax, flag in ((oxygen, "PO2_m"), (urine, "urine_m")):
        ticks = sum(len(lines.get_segments()) for lines in ax.collections)
        assert ticks == recent[flag].sum()


def test_a_page_may_leave_everything_measured_out(ward):
    assert len(page(ward, []).axes) == 3


def test_no_text_lies_on_another(ward, overlaps):
    plots.set_style()
    assert overlaps(page(ward)) == []


def test_a_board_colours_low_beds_and_tells_the_value_only_when_asked(ward):
    import matplotlib.pyplot as plt

    values = ward.frame[ward.frame[NOW] == 0].set_index("PatientID")["MAP"]
    for told in (False, True):
        ax = traffic_board(values, 65, ("red", "blue"), plt.subplots()[1], told)
        red = [patch.get_facecolor()[0] == 1 for patch in ax.patches]
        assert red == list(values < 65)
        words = [text.get_text() for text in ax.texts]
        assert words[0].startswith("1")
        assert ("▼" in "".join(words)) == told
