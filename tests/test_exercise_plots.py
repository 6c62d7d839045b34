"""Exercises that are answered with a plot: bars, histograms, and the words on their axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns

from healthgym_edu.exercises import Wrong, expect_axes, expect_bars, expect_histogram
from healthgym_edu.exercises.labels import lacking, plain

GROUPS = pd.Series([0.1, 0.2, 0.4, 0.35], ["0–2", "3–4", "5–6", "11+"])
LEVELS = pd.Series([0.2, 0.5, 0.4, 0.7], [0, 2.5, 8.4, 20.28])


@pytest.fixture(autouse=True)
def figures():
    yield
    plt.close("all")


def axes(**properties):
    ax = plt.subplots()[1]
    ax.set(**properties)
    return ax


def bars(heights, labels=None, lying=False, **more):
    ax = axes()
    draw = ax.barh if lying else ax.bar
    draw(list(heights.index.astype(str)) if labels is None else labels, list(heights), **more)
    return ax


def at_ticks(heights, labels, lying=False):
    ax = axes()
    places = np.arange(len(heights))
    (ax.barh if lying else ax.bar)(places, heights)
    (ax.set_yticks if lying else ax.set_xticks)(places, labels)
    return ax


def one_by_one(heights):
    ax = axes()
    for label, height in heights.items():
        ax.bar(str(label), height)
    return ax


def upside_down():
    ax = bars(GROUPS, lying=True)
    ax.invert_yaxis()
    return ax


def limited(**limits):
    ax = bars(GROUPS)
    ax.set(**limits)
    return ax


# --- bars ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize(
    "draw",
    [
        lambda: bars(GROUPS),
        lambda: bars(GROUPS, lying=True),
        lambda: bars(GROUPS.iloc[::-1], lying=True),
        upside_down,
        lambda: one_by_one(GROUPS),
        lambda: at_ticks(GROUPS, GROUPS.index),
        lambda: at_ticks(GROUPS, GROUPS.index, lying=True),
        lambda: at_ticks(GROUPS, ["0-2", "3 to 4", "5 – 6", "11+"]),
        lambda: GROUPS.plot.bar(ax=axes()),
        lambda: GROUPS.plot(kind="barh", ax=axes()),
        lambda: GROUPS.to_frame("share").plot.bar(ax=axes(), rot=0),
        lambda: sns.barplot(x=GROUPS.index, y=GROUPS.to_numpy(), ax=axes()),
        lambda: sns.barplot(x=GROUPS.to_numpy(), y=GROUPS.index, ax=axes()),
        lambda: bars(GROUPS, width=0.3, color="red", align="center"),
        lambda: bars(100 * GROUPS),
        lambda: limited(ylim=(-0.1, 1)),
    ],
)
def test_bars_are_right(draw, ordered):
    expect_bars(draw(), GROUPS, ordered=ordered, percent=True)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: bars(LEVELS),
        lambda: bars(LEVELS, ["0.0", "2.5", "8.40", "20.28"]),
        lambda: bars(LEVELS, list(LEVELS.index), width=0.5),  # each at its own dose
        lambda: at_ticks(LEVELS, LEVELS.index),
        lambda: LEVELS.plot.bar(ax=axes()),
        lambda: sns.barplot(x=LEVELS.index, y=LEVELS.to_numpy(), ax=axes()),
    ],
)
def test_bars_over_numbers_are_right(draw):
    expect_bars(draw(), LEVELS, ordered=True)


def test_bars_in_another_order_are_right_unless_their_labels_ascend():
    other = GROUPS.sort_values()
    expect_bars(bars(other), GROUPS)
    with pytest.raises(Wrong, match="'11\\+' should come after '5–6'"):
        expect_bars(bars(other), GROUPS, ordered=True)
    with pytest.raises(Wrong, match="do not stand in their order"):
        expect_bars(bars(GROUPS.iloc[::-1]), GROUPS, ordered=True)


def test_negative_bars_are_right():
    change = pd.Series([-1.0, 2.0, -3.0], ["a", "b", "c"])
    expect_bars(bars(change), change)
    expect_bars(bars(change, lying=True), change)
    ax = bars(change)
    ax.set_ylim(-2, 3)
    with pytest.raises(Wrong, match="cuts the bars off below"):
        expect_bars(ax, change)


def test_a_log_axis_where_the_question_asks_for_one():
    counts = pd.Series([10, 1000], ["a", "b"])
    ax = bars(counts, log=True)
    expect_bars(ax, counts, log=True)
    with pytest.raises(Wrong, match="log scale"):
        expect_bars(ax, counts)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: bars(GROUPS.iloc[::-1], GROUPS.index), "other labels: the bar over '0–2' has the"),
        (lambda: bars(GROUPS.iloc[::-1], GROUPS.index), "height of '11+'"),
        (lambda: at_ticks(GROUPS.iloc[::-1], GROUPS.index, lying=True), "stand over other labels"),
        (lambda: sns.barplot(x=GROUPS.index, y=[*GROUPS][::-1], ax=axes()), "over other labels"),
        (lambda: bars(GROUPS * [1, 1, 1, 2]), "right sizes yet, the one over '11+'"),
        (lambda: bars(200 * GROUPS), "right sizes yet, the one over '0–2'"),
        (lambda: bars(GROUPS.iloc[:3]), "bars in the plot is 3, too few"),
        (lambda: one_by_one(pd.concat([GROUPS, LEVELS])), "bars in the plot is 8, too many"),
        (lambda: bars(GROUPS, range(4)), "no bar stands over the label '0–2'"),
        (lambda: bars(GROUPS, ["a", "b", "c", "d"]), "no bar stands over the label '0–2'"),
        (lambda: bars(GROUPS, ["0–2", "3–4", "5–6", "12+"]), "over the label '11+'"),
        (lambda: bars(GROUPS, bottom=0.05), "do not start from zero"),
        (lambda: bars(GROUPS, lying=True, left=0.05), "do not start from zero"),
        (lambda: limited(ylim=(0.05, 0.5)), "axis cuts the bars off below: it begins at 0.05"),
        (lambda: limited(ylim=(0, 0.3)), "ends below the top"),
        (lambda: bars(GROUPS, log=True), "the y axis has a log scale"),
        (lambda: bars(GROUPS, lying=True, log=True), "the x axis has a log scale"),
        (lambda: axes().plot([1, 2])[0].axes, "bars in the plot is 0, too few"),
        (lambda: axes().figure, "the Matplotlib Axes that you drew on"),
    ],
)
def test_bars_are_refused(draw, said):
    with pytest.raises(Wrong) as caught:
        expect_bars(draw(), GROUPS, next_step="look again", percent=True)
    assert said.lower() in str(caught.value).lower()


@pytest.mark.parametrize("scale", [1, 100])
def test_bars_that_slip_are_named(scale):
    slips = {"other people": GROUPS / 3, "those who lived": 1 - GROUPS, "none": GROUPS.iloc[:2]}
    with pytest.raises(Wrong, match="not right yet: those who lived. Next step: look again"):
        expect_bars(
            bars(scale * (1 - GROUPS)), GROUPS, 1e-6, "look again", percent=True, slips=slips
        )
    with pytest.raises(Wrong, match="right sizes yet"):
        expect_bars(bars(GROUPS / 2), GROUPS, slips=slips)
    with pytest.raises(Wrong, match="over other labels"):
        expect_bars(bars(GROUPS.iloc[::-1], GROUPS.index), GROUPS, slips=slips)
    expect_bars(bars(GROUPS), GROUPS, slips={"nothing": GROUPS})


def test_bars_at_the_wrong_doses_are_refused():
    with pytest.raises(Wrong, match="No bar stands over the label '2.5'"):
        expect_bars(bars(LEVELS, [0, 1, 2, 3]), LEVELS)
    with pytest.raises(Wrong, match="other labels"):
        expect_bars(bars(LEVELS.iloc[::-1], list(LEVELS.index), width=0.5), LEVELS)


# --- histograms ---------------------------------------------------------------------------------

VALUES = np.random.default_rng(0).gamma(4, 120, 500)


def histogram(values=VALUES, bins=40, ylabel="people", **more):
    ax = axes(ylabel=ylabel)
    ax.hist(values, bins=bins, **more)
    return ax


def scaled(**scales):
    ax = histogram()
    ax.set(**scales)
    return ax


def by_hand():
    counts, edges = np.histogram(VALUES, bins=40)
    ax = axes()
    ax.bar(edges[:-1], counts, width=np.diff(edges), align="edge")
    return ax


def by_seaborn(ylabel="people", **more):
    ax = sns.histplot(VALUES, bins=40, ax=axes(), **more)
    ax.set(ylabel=ylabel)
    return ax


def stairs(**more):
    ax = axes(ylabel="people")
    ax.stairs(*np.histogram(VALUES, bins=40), **more)
    return ax


def steps(where):
    counts, edges = np.histogram(VALUES, bins=40)
    ax = axes(ylabel="people")
    x = {"pre": edges, "post": edges, "mid": (edges[1:] + edges[:-1]) / 2}[where]
    y = {"pre": np.r_[0, counts], "post": np.r_[counts, 0], "mid": counts}[where]
    ax.step(x, y, where=where)
    return ax


def edged():
    """An outline over its own filling."""
    ax = histogram(histtype="stepfilled")
    ax.hist(VALUES, bins=40, histtype="step", color="black")
    return ax


def twice():
    ax = histogram(histtype="step")
    ax.hist(VALUES + 50, bins=40, histtype="step")
    return ax


@pytest.mark.parametrize(
    "draw",
    [
        histogram,
        lambda: histogram(histtype="step"),
        lambda: histogram(histtype="stepfilled"),
        lambda: histogram(histtype="step", orientation="horizontal"),
        lambda: histogram(histtype="stepfilled", orientation="horizontal"),
        lambda: histogram(histtype="step", density=True, ylabel="density of people"),
        lambda: histogram(histtype="step", bins=np.linspace(0, 4000, 41)),
        stairs,
        lambda: stairs(fill=True),
        lambda: stairs(orientation="horizontal"),
        lambda: stairs(baseline=None),
        lambda: steps("pre"),
        lambda: steps("post"),
        lambda: steps("mid"),
        edged,
        lambda: by_seaborn(element="step"),
        lambda: by_seaborn(element="step", fill=False),
        lambda: pd.Series(VALUES).plot.hist(bins=40, histtype="step", ax=axes()),
        lambda: histogram(bins=np.linspace(0, VALUES.max(), 41)),
        lambda: histogram(bins=np.linspace(0, 4000, 41)),
        lambda: histogram(pd.Series(VALUES)),
        lambda: histogram(orientation="horizontal"),
        lambda: histogram(density=True, ylabel="density of people"),
        lambda: histogram(weights=np.full(500, 1 / 500), ylabel="share of people"),
        lambda: histogram(weights=np.full(500, 100 / 500), ylabel="per cent of people"),
        by_hand,
        by_seaborn,
        lambda: by_seaborn(stat="density", ylabel="Density"),
        lambda: by_seaborn(stat="percent", ylabel="Percent"),
        lambda: by_seaborn(stat="probability", ylabel="Probability"),
        lambda: by_seaborn(kde=True),
        lambda: pd.Series(VALUES).plot.hist(bins=40, ax=axes()),
        lambda: pd.Series(VALUES).hist(bins=40, ax=axes()),
        lambda: pd.DataFrame({"CD4": VALUES}).hist("CD4", bins=40)[0, 0],
    ],
)
def test_histograms_are_right(draw):
    ax = draw()
    for axis in ("x", "y"):
        if not getattr(ax, f"get_{axis}label")():
            ax.set(**{f"{axis}label": "people"})
    expect_histogram(ax, VALUES, 40, "look again", "people")


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: histogram(bins=10), "bars in the plot is 10, too few"),
        (lambda: histogram(bins=41), "bars in the plot is 41, too many"),
        (lambda: histogram(bins=10, histtype="step"), "bars in the plot is 10, too few"),
        (lambda: histogram(VALUES + 20, histtype="step"), "right heights"),
        (lambda: histogram(histtype="stepfilled", bottom=3), "do not start from zero"),
        (lambda: stairs(baseline=3), "right heights"),
        (lambda: histogram(histtype="step", log=True), "the y axis has a log scale"),
        (lambda: histogram(histtype="step", density=True), "the heights are densities"),
        (twice, "bars in the plot is 80, too many"),
        (lambda: by_seaborn(element="poly"), "bars in the plot is 0, too few"),
        (lambda: axes().scatter([1, 2], [3, 4]).axes, "bars in the plot is 0, too few"),
        (lambda: histogram(VALUES + 20), "right heights"),
        (lambda: histogram(VALUES[:250]), "right heights"),
        (lambda: histogram(np.log10(VALUES)), "right heights"),
        (lambda: histogram(cumulative=True), "right heights"),
        (lambda: histogram(range=(0, 900)), "of the 500 people"),
        (lambda: histogram(range=(0, 900), density=True), "the bars leave out"),
        (lambda: histogram(density=True), "the heights are densities, and the y label"),
        (lambda: by_seaborn(stat="percent"), "the heights are per cent, and the y label"),
        (lambda: by_seaborn(stat="probability"), "the heights are shares, and the y label"),
        (lambda: histogram(log=True), "the y axis has a log scale that nobody asked for"),
        (lambda: scaled(xscale="log"), "the x axis has a log scale"),
        (lambda: histogram(bins=np.quantile(VALUES, np.linspace(0, 1, 41))), "different widths"),
        (lambda: histogram(bottom=3), "do not start from zero"),
        (lambda: histogram(ylabel=" "), "the y axis has no text"),
        (lambda: scaled(ylim=(5, 50)), "cuts the bars off below"),
        (lambda: scaled(ylim=(0, 20)), "ends below the top"),
        (lambda: scaled(xlim=(0, 600)), "the x axis cuts bars off"),
        (lambda: None, "the Matplotlib Axes"),
    ],
)
def test_histograms_are_refused(draw, said):
    with pytest.raises(Wrong) as caught:
        expect_histogram(draw(), VALUES, 40, "look again", "people")
    assert said.lower() in str(caught.value).lower()


def test_the_axis_of_the_values_says_what_they_are():
    ax = histogram()
    with pytest.raises(Wrong, match="The x axis has no text"):
        expect_histogram(ax, VALUES, 40, label="CD4 /µL")
    ax.set(xlabel="CD4 cells")
    with pytest.raises(Wrong, match="should also say '/µL'"):
        expect_histogram(ax, VALUES, 40, label="CD4 /µL")
    ax.set(xlabel="CD4 (cells per cubic millimetre)")
    expect_histogram(ax, VALUES, 40, label="CD4 /µL")


def test_a_value_on_an_edge_may_count_on_either_side():
    values = np.array([0, 1, 1, 2, 3, 4.0])
    for counts in ([1, 2, 1, 2], [3, 1, 1, 1]):
        ax = axes(ylabel="people")
        ax.bar([0, 1, 2, 3], counts, width=1, align="edge")
        expect_histogram(ax, values, 4)


# --- words on the axes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        "CD4 (cells/µL)", "CD4 [cells/μl]", "cells/uL, CD4", "CD4 cells per microlitre",
        "CD4 count, cells per microliter", "CD4 (cells/mm3)", "CD4 (cells / mm³)",
        "CD4 (cells per cubic millimetre)", "CD4, cells per cubic mm", "CD4 cells/mm$^3$",
        r"CD4 (cells/$\mu$L)", r"CD4 $\mathrm{cells/mm^3}$", "CD4 cells µL⁻¹", "CD4 cells·mm^-3",
        r"CD4 cells $\mu L^{-1}$", "CD4 (×10⁶/L)", "CD4 (10^6 per litre)", "CD4 cells/mcL",
        "CD4 (10⁶ cells/L)", "CD4, 10$^{6}$ cells L$^{-1}$", r"CD4 ($\times 10^6$ cells/L)",
        "CD4 (million cells per litre)", "10⁶ CD4+ T cells·L⁻¹", "CD4 (1e6 cells/L)",
        "CD4 (10³ cells/mL)", "thousand CD4 cells/mL",
    ],
)  # fmt: skip
def test_a_unit_may_be_written_in_many_ways(label):
    ax = axes(xlabel=label)
    expect_axes(ax, xlabel="CD4 /µL")
    assert lacking(label, "CD4 /uL") == lacking(label, "cd4 /mm3") == []


@pytest.mark.parametrize(
    "label",
    [
        "CD4", "CD4 cells", "CD4 (mm)", "CD4 per person", "CD4 (cells/mL)", "CD4 (cells/L)",
        "CD4 (10⁹ cells/L)", "CD4 (10³ cells/L)", "CD4 (10⁶ cells/mL)", "CD4 (million cells)",
    ],
)  # fmt: skip
def test_another_unit_is_another(label):
    with pytest.raises(Wrong, match="it should also say '/µL'"):
        expect_axes(axes(xlabel=label), xlabel="CD4 /µL")


def test_other_units_have_their_spellings_too():
    assert plain("Dose (micrograms per kilogram per minute)") == plain("Dose (mcg/kg/min)")
    assert plain("Lactate (mmol per litre)") == plain("lactate (mmol/L)")
    assert plain("Urine in 4 hours (millilitres)") == plain("urine in 4 h (mL)")
    assert plain("Per cent of people") == plain("% of people")
    assert lacking("The share", "h") == ["h"]
