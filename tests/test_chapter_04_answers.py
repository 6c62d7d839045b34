"""Chapter 04 judges what a figure shows: more honest repairs, more mistakes, seaborn's included."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns

from healthgym_edu import checks
from healthgym_edu.checks import answers_04 as answers
from healthgym_edu.checks.figures_04 import deaths_by_lactate
from healthgym_edu.exercises import judge
from healthgym_edu.plots.ward_page import NOW

CONTEXT = checks.context("04")
DRUGS = answers.drugs(CONTEXT["art"])
DEATHS = deaths_by_lactate(CONTEXT["sepsis"])
DAY = CONTEXT["day"]


@pytest.fixture(autouse=True)
def _tidy(monkeypatch):
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    yield
    plt.close("all")


def said(name, answer):
    keyword = {"sorted_drugs": "art", "median_band": "art", "two_panels": "day"}.get(name, "sepsis")
    keyword = "icu" if name == "half_a_minute" else keyword
    outcome = judge(f"04.{name}", answer, **{keyword: CONTEXT[keyword]})
    return outcome.status if outcome.status == "correct" else outcome.message


def labelled(ax, xlabel="Share of people (%)", ylabel=""):
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def _drawn(draw, *labels):
    ax = plt.subplots()[1]
    draw(ax)
    return labelled(ax, *labels)


def _texts_beside(ax):
    ax.plot(100 * DRUGS, range(9), "o")
    for row, (name, share) in enumerate(DRUGS.items()):
        ax.text(100 * share + 1, row, name)
    ax.set_yticks([])


def _stems(ax):
    ax.stem(range(9), 100 * DRUGS)
    ax.set_xticks(range(9), DRUGS.index)


HONEST_DRUGS = {
    "seaborn bars": lambda ax: sns.barplot(x=100 * DRUGS.to_numpy(), y=DRUGS.index, ax=ax),
    "seaborn dots": lambda ax: sns.stripplot(x=100 * DRUGS.to_numpy(), y=DRUGS.index, ax=ax),
    "seaborn points": lambda ax: sns.pointplot(x=100 * DRUGS.to_numpy(), y=DRUGS.index, ax=ax),
    "names beside the dots": _texts_beside,
    "largest on top": lambda ax: (ax.barh(DRUGS.index, 100 * DRUGS), ax.invert_yaxis()),
}


@pytest.mark.parametrize("draw", HONEST_DRUGS.values(), ids=HONEST_DRUGS)
def test_a_pie_can_be_repaired_in_many_ways(draw):
    assert said("sorted_drugs", _drawn(draw)) == "correct"


def test_upright_marks_a_figure_and_a_grid_of_seaborn_are_read_too():
    assert said("sorted_drugs", _drawn(_stems, "Drug", "Share of people (%)")) == "correct"
    assert said("sorted_drugs", answers.dots(DRUGS).figure) == "correct"
    grid = sns.catplot(x=100 * DRUGS.to_numpy(), y=DRUGS.index, kind="bar")
    grid.set_axis_labels("Share of people (%)", "")
    assert said("sorted_drugs", grid) == "correct"


@pytest.mark.parametrize(
    ("draw", "fault"),
    [
        (lambda ax: (ax.barh(DRUGS.index, 100 * DRUGS), ax.set_xlim(5, 40)), "not at zero"),
        (lambda ax: (ax.plot(100 * DRUGS, DRUGS.index, "o"), ax.set_xlim(0, 30)), "outside"),
        (lambda ax: ax.barh(DRUGS.index, 100 * DRUGS, log=True), "logarithmic"),
        (lambda ax: ax.plot(100 * DRUGS, DRUGS.index), "no bar and no dot"),
        (lambda ax: (ax.barh(DRUGS.index, 100 * DRUGS), ax.set_xlim(40, 0)), "runs backwards"),
        (lambda ax: (ax.barh(DRUGS.index, 100 * DRUGS), ax.twiny()), "two scales"),
        (lambda ax: None, "no label for the drug"),
    ],
)
def test_a_mistake_that_is_left_in_is_named(draw, fault):
    assert fault in said("sorted_drugs", _drawn(draw)).lower()


def test_per_cent_may_stand_at_the_ticks():
    def draw(ax):
        ax.bar(DEATHS.index, DEATHS)
        ax.yaxis.set_major_formatter("{x:.0%}")

    assert said("honest_bars", _drawn(draw, "Lactate (mmol/L)", "Died by day 90")) == "correct"


@pytest.mark.parametrize(
    ("draw", "fault"),
    [
        (lambda ax: ax.bar(DEATHS.index, 100 * DEATHS - 8, bottom=8), "not at zero"),
        (lambda ax: (ax.bar(DEATHS.index, 100 * DEATHS), ax.set_ylim(0, 30)), "outside"),
        (lambda ax: ax.bar(DEATHS.index, 100 * (1 - DEATHS)), "not those of the question"),
        (lambda ax: ax.plot(DEATHS.index, 100 * DEATHS), "no bar and no dot"),
    ],
)
def test_a_mistake_in_the_bars_is_named(draw, fault):
    ax = _drawn(draw, "Lactate (mmol/L)", "Died (%)")
    assert fault in said("honest_bars", ax).lower()


def test_error_bars_and_logarithms_of_the_values_are_bands_as_well():
    by_month = answers.some(CONTEXT["art"]).frame.groupby("Timestep")["VL"]
    low, middle, high = (by_month.quantile(q) for q in (0.25, 0.5, 0.75))
    ax = plt.subplots()[1]
    ax.errorbar(middle.index, middle, [middle - low, high - middle])
    ax.set_yscale("log")
    assert said("median_band", labelled(ax, "Month", "VL (copies/mL)")) == "correct"
    ax = plt.subplots()[1]
    ax.plot(np.log10(middle))
    ax.fill_between(low.index, np.log10(low), np.log10(high))
    assert said("median_band", labelled(ax, "Month", "log10 VL (copies/mL)")) == "correct"
    assert "linear axis" in said("median_band", labelled(ax, "Month", "VL (copies/mL)"))


def test_steps_dots_titles_and_middles_of_blocks_show_a_day_as_well():
    fig, (upper, lower) = plt.subplots(2, 1, sharex=True)
    upper.scatter(4 * DAY["Timepoints"] + 2, DAY["MeanBP"])
    lower.step(4 * DAY["Timepoints"] + 2, DAY["Lactate"])
    upper.set_title("MAP (mmHg)", loc="left")
    lower.set(ylabel="Lactate (mmol/L)", xlabel="Time (h)")
    assert said("two_panels", fig) == "correct"
    lower.set_xlabel("")
    assert "does not say hours" in said("two_panels", fig)


@pytest.mark.parametrize("second", ["twinx", "secondary_yaxis"])
def test_every_second_scale_is_found(second):
    ax = plt.subplots()[1]
    ax.plot(4 * DAY["Timepoints"], DAY["MeanBP"])
    getattr(ax, second)(*([] if second == "twinx" else ["right"]))
    assert "Two scales" in said("two_panels", ax.figure)


def spaghetti(ward):
    ax = plt.subplots(figsize=(8, 5))[1]
    for _, rows in ward.frame.groupby("PatientID"):
        ax.plot(rows[NOW], rows["MAP"])
    ax.legend([f"Bed {bed}" for bed in ward.patients.index])
    return labelled(ax, "Hours; lactate: never measured or not", "MAP (mmHg)")


def words_only(ward):
    fig, ax = plt.subplots()
    ax.set_axis_off()
    ax.text(0, 0, "All is well, mmHg, lactate never measured")
    return fig


def crowded(ward):
    fig = answers.my_page(ward)
    fig.axes[0].text(70, 0.2, "one word")
    fig.axes[0].text(70, 0.2, "another word")
    return fig


@pytest.mark.parametrize(
    ("page", "fault"),
    [(spaghetti, "lines cross"), (words_only, "words only"), (crowded, "lie on each other")],
)
def test_a_page_that_nobody_can_read_is_refused(page, fault):
    assert fault in said("half_a_minute", page)


def test_pages_of_other_wards_do_not_stay_open():
    assert said("half_a_minute", answers.my_page) == "correct"
    assert plt.get_fignums() == []
