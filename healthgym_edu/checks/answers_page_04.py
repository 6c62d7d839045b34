"""Right and wrong answers to the last exercise of chapter 04: pages of a ward, honest and not."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from healthgym_edu.plots.ward_page import NOW, a_ward, ward_page

from .answers_04 import axes, pie

PRESSURE, LACTATE = "Mean pressure now (mmHg)", "Lactate, last result (mmol/L)"


def last_hour(ward):
    return ward.frame[ward.frame[NOW] == 0].set_index("PatientID").sort_values("MAP")


# --- two panels of dots or bars, and what may be changed in them --------------------------------


def my_page(ward, color="C0", name="Bed ", bars=False, low=None, none="never measured", **more):
    """Pressures now and the last lactates, beside each other.

    `more` may hold ``change`` (of the table before it is drawn), ``after`` (called with both
    panels), ``labels`` of the panels, and how the dots of the lactates look.
    """
    change, after = more.pop("change", None), more.pop("after", None)
    labels = more.pop("labels", (PRESSURE, LACTATE))
    now = last_hour(ward)
    now = now if change is None else change(now.copy())
    beds = [f"{name}{bed}" for bed in now.index]
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 4.5), sharey=True)
    colors = np.where(now["MAP"] < 65, *color) if isinstance(color, tuple) else color
    if bars:
        left.barh(beds, now["MAP"], color=colors)
    else:
        left.scatter(now["MAP"], beds, color=colors)
    left.set(xlabel=labels[0], xlim=(low, None))
    right.plot(now["lactic_acid"], beds, **({"marker": "D", "ls": ""} | more))
    for row, value in enumerate(now["lactic_acid"]):
        if np.isnan(value) and none:
            right.text(1, row, none)
    right.set_xlabel(labels[1])
    if after is not None:
        after(left, right)
    return fig


def page(**changed):
    return lambda ward: my_page(ward, **changed)


def filled(number):
    return lambda now: now.fillna({"lactic_acid": number})


def one_bed_on(now):
    """Each pressure at the bed before."""
    return now.assign(MAP=np.roll(now["MAP"], 1))


def without_lactate(now):
    return now.assign(lactic_acid=np.nan)


def tiny(left, right):
    for text in left.figure.findobj(plt.Text):
        text.set_fontsize(1)


def transparent(left, right):
    left.collections[0].set_alpha(0)


def far_away(left, right):
    left.set_xlim(0, 5)


# --- other honest pages -------------------------------------------------------------------------


def one_panel_page(ward):
    now = last_hour(ward)
    ax = axes(figsize=(8, 5), layout="constrained")
    ax.stem(range(len(now)), now["MAP"])
    told = [f"{v:.1f}" if v == v else "never" for v in now["lactic_acid"]]
    words = [f"Bed {bed}\n{lactate}" for bed, lactate in zip(now.index, told, strict=True)]
    ax.set_xticks(range(len(now)), words, fontsize=8)
    ax.set(ylabel="Mean arterial pressure (mmHg)", xlabel="Bed, and last lactate (mmol/L)")
    return ax


def short_page(ward, flags=()):
    goal = (65.0, "aimed at")
    return ward_page(ward, "MAP", goal, "lactic_acid", "vasopressors", list(flags))


def rows_of_lines(ward, ticks=True, none="no result"):
    """A line a bed in a row of its own, in Matplotlib's default colours, with words behind it."""
    fig, ax = plt.subplots(figsize=(8, 6))
    now = last_hour(ward)
    for row, bed in enumerate(now.index):
        rows = ward.frame[ward.frame["PatientID"] == bed].tail(24)
        scaled = (rows["MAP"] - 40) / 100
        ax.plot(rows[NOW], row + scaled.clip(0, 0.8) - 0.4, color=f"C{row}")
        lactate = now.loc[bed, "lactic_acid"]
        told = none if np.isnan(lactate) else f"{lactate:.1f} mmol/L"
        ax.text(1, row, f"{now.loc[bed, 'MAP']:.0f} mm Hg, {told}", va="center")
        if not ticks:
            ax.text(-27, row, f"Bed {bed}", va="center")
    ax.set_yticks(range(len(now)) if ticks else [], [f"Bed {bed}" for bed in now.index] * ticks)
    ax.set(xlim=(-28, 12), xlabel=NOW, title="Pressure of 24 hours, and the last lactate")
    return fig


def names_beside_dots(ward):
    """Pressure against lactate, each dot with its bed; those without a lactate stand in words."""
    now = last_hour(ward)
    ax = axes(figsize=(9, 7))
    known = now.dropna(subset="lactic_acid")
    ax.plot(known["MAP"], known["lactic_acid"], "o")
    for bed, row in known.iterrows():
        ax.annotate(f"Bed {bed}", (row["MAP"], row["lactic_acid"]), (5, -3), fontsize=8,
                    textcoords="offset points")  # fmt: skip
    others = now[now["lactic_acid"].isna()]
    lines = [f"Bed {bed}: {value:.0f} mmHg, not measured" for bed, value in others["MAP"].items()]
    ax.figure.text(0.92, 0.5, "\n".join(["No lactate yet", *lines]), va="center")
    ax.set(xlabel=PRESSURE, ylabel=LACTATE)
    return ax


# --- pages that must not pass -------------------------------------------------------------------


def carpet(ward):
    """A dot at every number, for beds that may be there; the ward is never read."""
    ax = axes()
    for value in range(20, 201):
        ax.plot([value] * 12, range(1, 13), "o", ms=1.5, color="C0")
    ax.set(xlabel="Pressure (mmHg); lactate (mmol/L), never measured", ylabel="Bed")
    ax.set_yticks(range(1, 13))
    return ax


def all_numbers_at_ticks(ward):
    ax = axes(figsize=(14, 4))
    ax.plot([100] * 12, range(1, 13), "o")
    ax.set_xticks(range(30, 170), [str(number) for number in range(30, 170)], fontsize=6)
    ax.set(xlabel="Pressure (mmHg); lactate (mmol/L), never measured", ylabel="Bed")
    ax.set_yticks(range(1, 13))
    return ax


def cloud(ward):
    """Every hour of everybody in one look."""
    fig, panels = plt.subplots(1, 2, sharey=True)
    beds = [f"Bed {bed}" for bed in ward.frame["PatientID"]]
    for ax, column, label in zip(panels, ("MAP", "lactic_acid"), (PRESSURE, LACTATE), strict=True):
        ax.scatter(ward.frame[column], beds)
        ax.set_xlabel(f"{label}, or never measured")
    return fig


def same_for_everybody(icu):
    first = a_ward(icu, 10, seed=99)
    return lambda ward: my_page(first)


def one_figure_for_all():
    fig = plt.figure(figsize=(8, 4.5))

    def draw(ward):
        fig.clear()
        left, right = fig.subplots(1, 2, sharey=True)
        now = last_hour(ward)
        beds = [f"Bed {bed}" for bed in now.index]
        left.plot(now["MAP"], beds, "o")
        right.plot(now["lactic_acid"], beds, "o")
        left.set_xlabel(PRESSURE)
        right.set_xlabel(f"{LACTATE}; no dot: never measured")
        return fig

    return draw


def pie_page(ward):
    now = last_hour(ward)
    return pie(pd.Series(now["MAP"].to_numpy(), now.index.astype(str))).figure


RIGHT = [
    one_panel_page,
    short_page,
    page(color=("tab:orange", "tab:blue"), bars=True),
    page(none="no lactate yet", labels=("Mean pressure (mm Hg)", LACTATE)),
    page(none="", labels=(PRESSURE, "Lactate (mmol/L); empty rows: no result")),
    rows_of_lines,
    names_beside_dots,
]
WRONG = [
    (carpet, "nobody can tell which"),
    (all_numbers_at_ticks, "the pressure of bed 1 now"),
    (page(change=one_bed_on), "stands at bed"),
    (page(change=without_lactate, none=""), "the last lactate of bed"),
    (page(change=without_lactate, none="", labels=(PRESSURE, "Lactate (mmol/L): never measured")),
     "the last lactate of bed"),
    (page(change=without_lactate), "the last lactate of bed"),
    (page(change=lambda now: now.assign(lactic_acid=9.0)), "not the last lactate of bed"),
    (page(change=filled(1.73), labels=(PRESSURE, "Lactate (mmol/L), measured or not")),
     "looks like a lactate"),
    (cloud, "nobody can tell which"),
    (page(after=tiny), "letters of 1 point"),
    (page(after=transparent), "nobody can see it"),
    (page(after=far_away), "outside the limits"),
    (page(labels=(LACTATE, PRESSURE)), "named after something else"),
    (lambda ward: short_page(ward, ["PO2_m", "urine_m"]), "panels"),
    (pie_page, "still a pie"),
    (page(color=("tab:red", "tab:green")), "cannot tell"),
    (page(labels=("Mean pressure now", LACTATE)), "unit"),
    (page(name=""), "not named"),
    (page(bars=True, low=40), "begin at zero"),
    (page(none=""), "never measured"),
    (lambda ward: None, "return"),
]  # fmt: skip
