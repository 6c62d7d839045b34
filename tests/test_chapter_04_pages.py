"""Chapter 04 reads a ward's page where each bed is named: honest pages of many kinds, tricks."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from healthgym_edu import checks
from healthgym_edu.checks import answers_page_04 as pages
from healthgym_edu.checks.beds_04 import beds_in
from healthgym_edu.checks.page_04 import ALSO_NONE, NONE_YET
from healthgym_edu.exercises import judge
from healthgym_edu.plots.ward_page import NOW, traffic_board

ICU = checks.context("04")["icu"]
BOTH = "Pressure (mmHg), lactate (mmol/L)"


@pytest.fixture(autouse=True)
def _tidy(monkeypatch):
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    monkeypatch.delenv("HEALTHGYM_EDU_SEED", raising=False)
    yield
    plt.close("all")


def said(page):
    outcome = judge("04.half_a_minute", page, icu=ICU)
    return outcome.status if outcome.status == "correct" else outcome.message


def told(lactate, none="no result"):
    return none if np.isnan(lactate) else f"{lactate:.1f}"


# --- honest pages ---------------------------------------------------------------------------------


def two_stacked_panels(ward):
    """Beds side by side; one scale below the other, named at the lower one alone."""
    now = pages.last_hour(ward)
    fig, (upper, lower) = plt.subplots(2, 1, sharex=True, figsize=(9, 5))
    beds = [f"Bed {bed}" for bed in now.index]
    upper.bar(beds, now["MAP"])
    lower.bar(beds, now["lactic_acid"], color="tab:orange")
    upper.set_ylabel("MAP (mmHg)")
    lower.set_ylabel("Lactate (mmol/L)")
    for place, lactate in enumerate(now["lactic_acid"]):
        if np.isnan(lactate):
            lower.text(place, 0.2, "not\ndrawn", ha="center", fontsize=8)
    return fig


def history_and_now(ward):
    """Pale dots for all hours, a dark one for now; the last result by `markevery`."""
    fig, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(9, 6))
    now = pages.last_hour(ward)
    for row, bed in enumerate(now.index):
        rows = ward.frame[ward.frame["PatientID"] == bed]
        left.scatter(rows["MAP"], [row] * len(rows), color="tab:blue", alpha=0.15)
        left.scatter(now.loc[bed, "MAP"], row, color="tab:blue")
        known = rows["lactic_acid"].dropna()
        right.plot(known, [row] * len(known), "-o", color="black", markevery=[-1])
        if known.empty:
            right.text(1, row, "untested", va="center")
    left.set_yticks(range(len(now)), [f"Bed {bed}" for bed in now.index])
    left.set_xlabel("MAP, pale: earlier (mmHg)")
    right.set_xlabel("Lactate (mmol/L), dot: last")
    return fig


def bare_numbers(ward):
    fig = pages.my_page(ward, name="")
    fig.axes[0].set_ylabel("Bed")
    return fig


def crosses_at_zero(ward):
    """Those without a result have a mark of their own, which a legend explains."""
    fig = pages.my_page(ward, none="")
    now = pages.last_hour(ward)
    rows = np.flatnonzero(now["lactic_acid"].isna())
    fig.axes[1].plot(np.zeros(len(rows)), rows, "x", color="black", label="never measured")
    fig.legend(loc="upper right")
    return fig


def lactates_in_words(ward):
    now = pages.last_hour(ward)
    ax = plt.subplots(figsize=(8, 5))[1]
    ax.plot(now["MAP"], [f"Bed {bed}" for bed in now.index], "o")
    for row, lactate in enumerate(now["lactic_acid"]):
        ax.text(1.02, row, told(lactate, "–"), transform=ax.get_yaxis_transform(), va="center")
    ax.set(xlabel=pages.PRESSURE)
    ax.set_title("Last lactate (mmol/L) →", loc="right")
    return ax


def beds_listed_in_a_note(ward):
    now = pages.last_hour(ward)
    none = ", ".join(str(bed) for bed in now.index[now["lactic_acid"].isna()])
    fig = pages.my_page(ward, none="")
    fig.suptitle(f"No lactate yet: beds {none}")
    return fig


def squares(ward):
    """A board of squares that say the numbers; no red and green."""
    now = pages.last_hour(ward)
    ax = plt.subplots(figsize=(6, 5))[1]
    traffic_board(now["MAP"], 65, ("tab:orange", "tab:blue"), ax)
    for text, (bed, row) in zip(ax.texts, now.iterrows(), strict=True):
        text.set_text(f"Bed {bed}\n{row['MAP']:.0f}\n{told(row['lactic_acid'])}")
    ax.set_title(BOTH)
    return ax


HONEST = [
    two_stacked_panels, history_and_now, bare_numbers, crosses_at_zero, lactates_in_words,
    beds_listed_in_a_note, squares,
]  # fmt: skip


@pytest.mark.parametrize("page", HONEST)
def test_an_honest_page_passes(page):
    assert said(page) == "correct"


@pytest.mark.parametrize("none", ["not measured", "not yet measured", "no lactate", "untested"])
def test_a_missing_lactate_may_be_told_in_many_words(none):
    assert said(pages.page(none=none)) == "correct"


def test_lines_in_rows_with_their_beds_beside_them_may_have_any_colours():
    assert said(lambda ward: pages.rows_of_lines(ward, ticks=False)) == "correct"

    def alarming(ward):
        """Two colours for eleven beds mean something, so they must be told apart."""
        ax = pages.rows_of_lines(ward).axes[0]
        for number, line in enumerate(ax.lines):
            line.set_color(("tab:red", "tab:green")[number % 2])
        return ax

    assert "cannot tell" in said(alarming)


# --- tricks and slips -----------------------------------------------------------------------------


def white(left, right):
    left.collections[0].set_color("white")


def small(left, right):
    left.collections[0].set_sizes([0.1])


def outside_to_the_side(left, right):
    left.set_ylim(2.5, None)


def white_words(ward):
    ax = lactates_in_words(ward)
    for text in ax.texts:
        text.set_color("white")
    return ax


def words_far_away(ward):
    ax = lactates_in_words(ward)
    for text in ax.texts:
        text.set_x(40)
    return ax


def many_numbers(ward):
    ax = lactates_in_words(ward)
    for text in ax.texts:
        text.set_text(" ".join(f"{number / 10:.1f}" for number in range(5, 60)))
        text.set_fontsize(6)
    return ax


def never_at_all_beds(ward):
    fig = pages.my_page(ward)
    now = pages.last_hour(ward)
    for row in np.flatnonzero(now["lactic_acid"].notna()):
        fig.axes[1].text(2, row, "never measured")
    return fig


def a_number_of_the_unmeasured(ward):
    ax = lactates_in_words(ward)
    for text in ax.texts:
        text.set_text(text.get_text().replace("–", "1.7"))
    ax.set_xlabel("Mean pressure now (mmHg); lactate measured or not measured")
    return ax


def many_looks(ward):
    """A carpet in which every dot has a colour of its own."""
    now = pages.last_hour(ward)
    fig = pages.my_page(ward)
    places = np.arange(20, 200, 0.5)
    for row in range(len(now)):
        fig.axes[0].scatter(places, [row] * len(places), c=places)
    fig.axes[0].collections[0].remove()
    return fig


def of_the_hour_before(ward):
    frame = ward.frame.copy()
    frame[NOW] = frame[NOW] + 1
    return pages.my_page(type("Ward", (), {"frame": frame})())


def names_in_a_legend(ward):
    now = pages.last_hour(ward)
    ax = plt.subplots()[1]
    for bed, row in now.iterrows():
        ax.scatter(row["MAP"], row["lactic_acid"], label=f"Bed {bed}")
    ax.legend(fontsize=6)
    ax.set(xlabel=pages.PRESSURE, ylabel="Lactate (mmol/L), or never measured")
    return ax


TRICKS = [
    (pages.page(after=white), "nobody can see it"),
    (pages.page(after=small), "nobody can see it"),
    (pages.page(after=outside_to_the_side), "is not named on the page"),
    (white_words, "neither drawn nor written"),
    (words_far_away, "neither drawn nor written"),
    (many_numbers, "neither drawn nor written"),
    (never_at_all_beds, "has a lactate, and the page says"),
    (a_number_of_the_unmeasured, "was never measured"),
    (many_looks, "nobody can tell which"),
    (of_the_hour_before, "of bed 1 now"),
    (names_in_a_legend, "neither drawn nor written"),
    (pages.page(change=pages.filled(0)), "looks like a lactate"),
    (pages.page(bars=True, labels=(pages.PRESSURE, "Lactate")), "unit of the lactate"),
]


@pytest.mark.parametrize(("page", "fault"), TRICKS)
def test_a_trick_or_a_slip_is_named(page, fault):
    assert fault in said(page)


def test_a_text_names_its_beds():
    assert beds_in("Bed 3\n1.2") == beds_in("bed 3, 61 mmHg") == beds_in("BED #3: low") == [3]
    assert beds_in("No lactate: beds 3, 6 and 11; 4 others") == [3, 6, 11]
    assert beds_in("4 of 11 beds are below 65") == beds_in("embed 3") == []


@pytest.mark.parametrize(
    "text", ["never measured", "Not yet drawn", "no lactate yet", "No blood test"]
)
def test_words_for_none(text):
    assert NONE_YET.search(text)


@pytest.mark.parametrize(
    "text", ["measured or not", "no vasopressor", "not measured for 18 h", "now"]
)
def test_words_that_do_not_mean_none(text):
    assert not NONE_YET.search(text)
    assert not ALSO_NONE.search(text)


def spaghetti(ward):
    ax = plt.subplots(figsize=(8, 5))[1]
    for _, rows in ward.frame.groupby("PatientID"):
        ax.plot(rows[NOW], rows["MAP"])
    ax.legend([f"Bed {bed}" for bed in ward.patients.index])
    ax.set(xlabel="Hours; lactate (mmol/L): never measured", ylabel="MAP (mmHg)")
    return ax


def words_only(ward):
    fig, ax = plt.subplots()
    ax.set_axis_off()
    ax.text(0, 0, "All is well, mmHg, lactate never measured")
    return fig


def crowded(ward):
    fig = pages.my_page(ward)
    fig.axes[0].text(70, 0.2, "one word")
    fig.axes[0].text(70, 0.2, "another word")
    return fig


@pytest.mark.parametrize(
    ("page", "fault"),
    [(spaghetti, "lines cross"), (words_only, "words only"), (crowded, "lie on each other")],
)
def test_a_page_that_nobody_can_read_is_refused(page, fault):
    assert fault in said(page)


def test_pages_of_other_wards_do_not_stay_open():
    assert said(pages.my_page) == "correct"
    assert plt.get_fignums() == []
