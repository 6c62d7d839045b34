"""Chapter 04 judges what a figure shows: more honest repairs, more mistakes, seaborn's included."""

from __future__ import annotations

from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns

from healthgym_edu import checks
from healthgym_edu.checks import answers_04 as answers
from healthgym_edu.checks.figures_04 import deaths_by_lactate
from healthgym_edu.exercises import judge


@cache
def context():
    return checks.context("04")


@cache
def drugs():
    return answers.drugs(context()["art"])


@cache
def deaths():
    return deaths_by_lactate(context()["sepsis"])


def day():
    return context()["day"]


@pytest.fixture(autouse=True)
def _tidy(monkeypatch):
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    yield
    plt.close("all")


def said(name, answer):
    keyword = {"sorted_drugs": "art", "median_band": "art", "two_panels": "day"}.get(name, "sepsis")
    outcome = judge(f"04.{name}", answer, **{keyword: context()[keyword]})
    return outcome.status if outcome.status == "correct" else outcome.message


def labelled(ax, xlabel="Share of people (%)", ylabel=""):
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def _drawn(draw, *labels):
    ax = plt.subplots()[1]
    draw(ax)
    return labelled(ax, *labels)


def _texts_beside(ax):
    ax.plot(100 * drugs(), range(9), "o")
    for row, (name, share) in enumerate(drugs().items()):
        ax.text(100 * share + 1, row, name)
    ax.set_yticks([])


def _stems(ax):
    ax.stem(range(9), 100 * drugs())
    ax.set_xticks(range(9), drugs().index)


HONEST_DRUGS = {
    "seaborn bars": lambda ax: sns.barplot(x=100 * drugs().to_numpy(), y=drugs().index, ax=ax),
    "seaborn dots": lambda ax: sns.stripplot(x=100 * drugs().to_numpy(), y=drugs().index, ax=ax),
    "seaborn points": lambda ax: sns.pointplot(x=100 * drugs().to_numpy(), y=drugs().index, ax=ax),
    "names beside the dots": _texts_beside,
    "largest on top": lambda ax: (ax.barh(drugs().index, 100 * drugs()), ax.invert_yaxis()),
}


@pytest.mark.parametrize("draw", HONEST_DRUGS.values(), ids=HONEST_DRUGS)
def test_a_pie_can_be_repaired_in_many_ways(draw):
    assert said("sorted_drugs", _drawn(draw)) == "correct"


def test_upright_marks_a_figure_and_a_grid_of_seaborn_are_read_too():
    assert said("sorted_drugs", _drawn(_stems, "Drug", "Share of people (%)")) == "correct"
    assert said("sorted_drugs", answers.dots(drugs()).figure) == "correct"
    grid = sns.catplot(x=100 * drugs().to_numpy(), y=drugs().index, kind="bar")
    grid.set_axis_labels("Share of people (%)", "")
    assert said("sorted_drugs", grid) == "correct"


@pytest.mark.parametrize(
    ("draw", "fault"),
    [
        (lambda ax: (ax.barh(drugs().index, 100 * drugs()), ax.set_xlim(5, 40)), "not at zero"),
        (lambda ax: (ax.plot(100 * drugs(), drugs().index, "o"), ax.set_xlim(0, 30)), "outside"),
        (lambda ax: ax.barh(drugs().index, 100 * drugs(), log=True), "logarithmic"),
        (lambda ax: ax.plot(100 * drugs(), drugs().index), "give the line a marker"),
        (lambda ax: (ax.barh(drugs().index, 100 * drugs()), ax.set_xlim(40, 0)), "runs backwards"),
        (lambda ax: ax.barh(drugs().index, 100 * drugs(), alpha=0), "nobody can see it"),
        (lambda ax: ax.plot(100 * drugs(), drugs().index, "o", ms=0.1), "nobody can see it"),
        (lambda ax: ax.plot(100 * drugs(), drugs().index, "o", color="white"), "nobody can see it"),
        (lambda ax: (ax.barh(drugs().index, 100 * drugs()), ax.twiny()), "two scales"),
        (lambda ax: None, "no label for the drug"),
    ],
)
def test_a_mistake_that_is_left_in_is_named(draw, fault):
    assert fault in said("sorted_drugs", _drawn(draw)).lower()


def test_a_title_does_not_say_what_an_axis_shows():
    def draw(ax):
        ax.barh(drugs().index, 100 * drugs())
        ax.set_title("Share of people (%)")

    answer = said("sorted_drugs", _drawn(draw, ""))
    assert "has no label; the title says it, and the axis itself should" in answer
    answer = said("sorted_drugs", _drawn(draw, "Share of people"))
    assert "has no unit; the title says it" in answer


def test_per_cent_may_stand_at_the_ticks():
    def draw(ax):
        ax.bar(deaths().index, deaths())
        ax.yaxis.set_major_formatter("{x:.0%}")

    assert said("honest_bars", _drawn(draw, "Lactate (mmol/L)", "Died by day 90")) == "correct"


@pytest.mark.parametrize(
    ("draw", "fault"),
    [
        (lambda ax: ax.bar(deaths().index, 100 * deaths() - 8, bottom=8), "not at zero"),
        (lambda ax: (ax.bar(deaths().index, 100 * deaths()), ax.set_ylim(0, 30)), "outside"),
        (lambda ax: ax.bar(deaths().index, 100 * (1 - deaths())), "not those of the question"),
        (lambda ax: ax.plot(deaths().index, 100 * deaths()), "no bar and no dot"),
    ],
)
def test_a_mistake_in_the_bars_is_named(draw, fault):
    ax = _drawn(draw, "Lactate (mmol/L)", "Died (%)")
    assert fault in said("honest_bars", ax).lower()


def test_error_bars_and_logarithms_of_the_values_are_bands_as_well():
    by_month = answers.some(context()["art"]).frame.groupby("Timestep")["VL"]
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
    upper.scatter(4 * day()["Timepoints"] + 2, day()["MeanBP"])
    lower.step(4 * day()["Timepoints"] + 2, day()["Lactate"])
    upper.set_title("MAP (mmHg)", loc="left")
    lower.set(ylabel="Lactate (mmol/L)", xlabel="Time (h)")
    assert said("two_panels", fig) == "correct"
    lower.set_xlabel("")
    assert "does not say hours" in said("two_panels", fig)


@pytest.mark.parametrize("second", ["twinx", "secondary_yaxis"])
def test_every_second_scale_is_found(second):
    ax = plt.subplots()[1]
    ax.plot(4 * day()["Timepoints"], day()["MeanBP"])
    getattr(ax, second)(*([] if second == "twinx" else ["right"]))
    assert "Two scales" in said("two_panels", ax.figure)


@pytest.mark.parametrize("where", ["pre", "mid", "post"])
def test_a_band_may_go_in_steps(where):
    assert said("median_band", answers.steps(context()["art"], where)) == "correct"


def test_a_band_may_be_drawn_by_stairs_and_against_days():
    by_month = answers.some(context()["art"]).frame.groupby("Timestep")["VL"]
    low, middle, high = (by_month.quantile(q) for q in (0.25, 0.5, 0.75))
    ax = plt.subplots()[1]
    ax.stairs(high, np.arange(61) - 0.5, baseline=low, fill=True, alpha=0.3)
    ax.plot(middle)
    ax.set_yscale("log")
    assert said("median_band", labelled(ax, "Month", "VL (copies/mL)")) == "correct"
    ax = answers.in_years(context()["art"])
    for line in ax.lines:
        line.set_xdata(line.get_xdata() * 365.25)
    assert "does not run between" in said("median_band", labelled(ax, "Day", "VL (copies/mL)"))
    ax.fill_between(30.4375 * low.index, low, high, alpha=0.3)
    ax.autoscale()
    assert said("median_band", labelled(ax, "Time (days)", "VL (copies/mL)")) == "correct"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda ax: ax.set_ylim(2000, None), "cut a part of the median off"),
        (lambda ax: ax.set_ylim(None, 2e4), "cut a part of the"),
        (lambda ax: ax.set_ylim(1e6, 1), "runs backwards"),
        (lambda ax: ax.set_xlim(0, 2), "cut months off"),
        (lambda ax: ax.collections[0].set_alpha(0), "no band"),
        (lambda ax: ax.lines[0].set_color("white"), "a line and a band through all months"),
        (lambda ax: ax.lines[0].set_xdata(ax.lines[0].get_xdata() ** 2), "neither months nor"),
    ],
)
def test_a_band_that_is_cut_off_or_cannot_be_seen_is_refused(spoil, fault):
    ax = answers.in_years(context()["art"])
    spoil(ax)
    assert fault in said("median_band", ax)


def test_what_the_tests_could_not_measure_may_be_cut_off():
    ax = answers.in_years(context()["art"])
    ax.set_ylim(bottom=50)
    assert said("median_band", ax) == "correct"


def test_other_kinds_of_figure_are_told_what_is_asked_for():
    frame = answers.some(context()["art"]).frame
    for ax in (answers.boxes(context()["art"], patch_artist=True), plt.subplots()[1]):
        if not ax.has_data():
            ax.violinplot([v for _, v in frame.groupby(frame["Timestep"] // 12)["VL"]])
        labelled(ax.axes, "Year", "VL (copies/mL)").set_yscale("log")
        assert "a line and a band are asked for" in said("median_band", ax)


@pytest.mark.parametrize(
    "names",
    [
        ["< 1", "1-2", "2-4", "> 4"],
        ["0–1", "1–2", "2–4", "4+"],
        ["[0, 1)", "[1, 2)", "[2, 4)", "[4, 50)"],
        ["under 1 mmol/L", "1 to 2 mmol/L", "2 to 4 mmol/L", "4 mmol/L or more"],
        ["$<1$", "1 to 2", "2 to 4", r"$\geq$4"],
    ],
)
def test_groups_may_be_written_in_many_ways(names):
    assert said("honest_bars", answers.named(context()["sepsis"], names)) == "correct"


def test_the_unit_of_a_group_may_stand_at_its_tick():
    ax = answers.named(context()["sepsis"], [f"{name} mmol/L" for name in deaths().index])
    ax.set_xlabel("Lactate at hour 24")
    assert said("honest_bars", ax) == "correct"
    wrong = answers.named(context()["sepsis"], ["1–2", "<1", "2–4", "≥4"])
    assert "wrong name" in said("honest_bars", wrong)


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        ("Lactate kills", "claims a cause"),
        ("More deaths because of lactate", "claims a cause"),
        ("High lactate causes death", "claims a cause"),
        ("More lactate, more deaths", "correct"),
        ("This does not show that lactate kills", "correct"),
        ("All-cause mortality by lactate", "correct"),
        ("As lactate rises, so do deaths", "correct"),
    ],
)
def test_a_title_must_not_claim_a_cause(title, fault):
    assert fault in said("honest_bars", answers.named(context()["sepsis"], title=title))
    ax = answers.named(context()["sepsis"])
    ax.figure.suptitle(title)
    assert fault in said("honest_bars", ax)


def test_bars_of_a_day_begin_at_zero_and_days_are_said():
    for unit, time in ((1 / 6, "Time (days)"), (240, "minutes"), (4, "t (h)"), (1, "block")):
        assert said("two_panels", answers.stacked(day(), unit=unit, time=time)) == "correct"
    assert "does not say hours" in said("two_panels", answers.stacked(day(), time="Time (days)"))
    fig = answers.lactate_bars(day())
    fig.axes[1].set_yscale("log")
    assert "begin at zero" in said("two_panels", fig)
    fig = answers.stacked(day())
    fig.axes[1].lines[0].set_alpha(0)
    assert "the lactate is not drawn" in said("two_panels", fig).lower()


BARS = "Bars: share of patients who died by day 90, by lactate at hour 24. "


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BARS + "It goes up from 9 % below 1 mmol/L to 46 % at 4 mmol/L or more.", "correct"),
        (BARS + "The more lactate, the fewer survive: 9 % died in the first group, 46 % in the "
         "last.", "correct"),
        (BARS + "As lactate falls, survival rises; in the last group 46 % died.", "correct"),
        (BARS + "From the lowest group to the highest, the share of survivors falls from 91 % to "
         "54 %, and deaths rise from 9 % to 46 %.", "correct"),
        (BARS + "Deaths rise from 9 % to 46 %, which does not mean that lactate kills.", "correct"),
        ("Dots on a scale: deaths by day 90 rise as lactate at hour 24 rises, from 9 % to 46 % of "
         "the patients.", "correct"),
        (BARS + "Deaths are highest (46 %) at 4 mmol/L and more and lowest (9 %) below 1 mmol/L.",
         "correct"),
        (BARS + "Deaths go down from 9 % below 1 mmol/L to 46 % at 4 mmol/L or more.", "round"),
        (BARS + "Of the patients in the first group 9 % survive, and in the last group 46 % do, "
         "more than five times as many.", "survive"),
        (BARS + "Lactate leads to death: deaths rise from 9 % to 46 % of the patients.", "a cause"),
        (BARS + "Deaths rise from 9 to 46.", "have no unit"),
        (BARS + "Deaths rise from nine per cent to almost fifty.", "as digits"),
        ("Line chart: share of patients who died by day 90, by lactate at hour 24; it rises from "
         "9 % to 46 %.", "speaks of “line chart”"),
    ],
)  # fmt: skip
def test_a_text_is_read_as_it_is_meant(text, fault):
    assert fault in said("alt_text", text)
