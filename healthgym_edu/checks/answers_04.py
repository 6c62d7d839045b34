"""Right and wrong answers to the exercises of chapter 04: repairs of many kinds, and mistakes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from healthgym_edu.plots.ward_page import NOW, a_ward, ward_page

from .figures_04 import deaths_by_lactate, lactate_groups, leading_drugs

SHARE, PEOPLE = "Share of people (%)", "Leading drug"
DIED, LACTATE = "Died by day 90 (in 100 patients)", "Lactate at hour 24 (mmol/L)"
PATIENT = 2083


def axes(**size):
    return plt.subplots(**size)[1]


# --- the pie ------------------------------------------------------------------------------------


def drugs(art):
    """Shares of month 0, the largest last."""
    return leading_drugs(art, 0).sort_values()


def dots(share, xlabel=SHARE, ylabel=PEOPLE, factor=100):
    ax = axes()
    ax.plot(factor * share, [str(name) for name in share.index], "o")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def lying(share, xlabel=SHARE, ylabel=PEOPLE, factor=100, **more):
    ax = axes()
    ax.barh([str(name) for name in share.index], factor * share, **more)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def pandas_bars(share, kind="barh"):
    ax = (100 * share).plot(kind=kind, ax=axes(), legend=False)
    labels = {"xlabel": SHARE, "ylabel": PEOPLE}
    ax.set(**(labels if kind == "barh" else {"xlabel": PEOPLE, "ylabel": SHARE}))
    return ax


def counted(art):
    month = art.frame["Timestep"] == 0
    lead = (leading_drugs(art, 0) * month.sum()).round()
    return lead


def pie(share, **more):
    ax = axes()
    ax.pie(share, labels=[str(name) for name in share.index], **more)
    return ax


def solid(share):
    ax = plt.figure().add_subplot(projection="3d")
    ax.bar(range(len(share)), share, zs=0, zdir="y")
    return ax


# --- three hundred lines ------------------------------------------------------------------------


def some(art):
    return art.subset(art.patients.index[art.patients["Naive at entry"]][:300])


def band(art, center="median", edges=(0.25, 0.75), scale="log", clip=0.0, people=None, **labels):
    """Median and band, or what else somebody may draw in their place."""
    virus = (people or some(art)).frame.assign(VL=lambda f: f["VL"].clip(lower=clip))
    by_month = virus.groupby("Timestep")["VL"]
    ax = axes()
    middle = {"median": by_month.median(), "mean": by_month.mean()}
    middle["geometric mean"] = np.exp(np.log(virus["VL"]).groupby(virus["Timestep"]).mean())
    ax.plot(middle[center])
    if edges == "sd":
        low, high = (by_month.mean() + k * by_month.std() for k in (-1, 1))
        ax.fill_between(low.index, low.clip(lower=1), high, alpha=0.3)
    elif edges:
        low, high = (by_month.quantile(edge) for edge in edges)
        ax.fill_between(low.index, low, high, alpha=0.3)
    said = {"xlabel": "Time (months)", "ylabel": "Viral load (copies/mL)"} | labels
    ax.set(yscale=scale, **said)
    return ax


def band_of_the_course(art):
    from healthgym_edu.plots import trajectory_band

    return trajectory_band(some(art), "VL", ax=axes())


def band_of_seaborn(art):
    import seaborn as sns

    table, spread = some(art).frame, ("pi", 50)
    ax = sns.lineplot(table, x="Timestep", y="VL", estimator="median", errorbar=spread, ax=axes())
    ax.set(yscale="log", xlabel="Month", ylabel="Viral load (copies/mL)")
    return ax


def quartile_lines(art):
    by_month = some(art).frame.groupby("Timestep")["VL"].quantile([0.1, 0.5, 0.9]).unstack()
    ax = by_month.plot(logy=True, style=["--", "-", "--"], ax=axes())
    ax.set(xlabel="Month", ylabel="VL (copies/mL)")
    return ax


def spaghetti(art, scale="log"):
    ax = axes()
    ax.plot(some(art).frame.pivot(index="Timestep", columns="PatientID", values="VL"), lw=0.5)
    ax.set(yscale=scale, xlabel="Month", ylabel="VL (copies/mL)")
    return ax


# --- deaths by lactate --------------------------------------------------------------------------


def upright(share, xlabel=LACTATE, ylabel=DIED, factor=100, low=None, **more):
    ax = axes()
    ax.bar([str(name) for name in share.index], factor * share, **more)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if low is not None:
        ax.set_ylim(bottom=low)
    return ax


def seaborn_bars(sepsis):
    import seaborn as sns

    group = lactate_groups(sepsis).rename("lactate")
    died = sepsis.patients.loc[group.index, "Died in 90 days"].rename("died")
    table = pd.concat([group, died], axis=1)
    ax = sns.barplot(table, x="lactate", y="died", errorbar=None, ax=axes())
    ax.set(xlabel=LACTATE, ylabel="Share dead by day 90")
    return ax


def lollipops(sepsis):
    share = deaths_by_lactate(sepsis)
    ax = axes()
    ax.hlines(range(4), 0, 100 * share)
    ax.scatter(100 * share, range(4))
    ax.set_yticks(range(4), share.index)
    ax.set(xlabel="Dead by day 90 (%)", ylabel=LACTATE, xlim=(0, 60))
    return ax


def deaths(sepsis, outcome="Died in 90 days", how="mean"):
    group = lactate_groups(sepsis)
    return sepsis.patients.loc[group.index, outcome].groupby(group, observed=True).agg(how)


def renamed(share):
    """Right heights under names that are turned round."""
    return pd.Series(share.to_numpy(), list(share.index)[::-1])


# --- pressure and lactate -----------------------------------------------------------------------


def day(sepsis, patient=PATIENT):
    return sepsis.frame[sepsis.frame["PatientID"] == patient]


def stacked(rows, names=("MeanBP", "Lactate"), labels=None, unit=4, grid=(2, 1), **more):
    fig, panels = plt.subplots(*grid, **({"sharex": True} | more))
    labels = labels or ["Mean pressure (mmHg)", "Lactate (mmol/L)"]
    for ax, name, label in zip(panels, names, labels, strict=False):
        ax.plot(unit * rows["Timepoints"], rows[name])
        ax.set(ylabel=label, xlabel="Time (hours)")
    return fig


def pandas_panels(rows):
    table = rows.set_index(4 * rows["Timepoints"])[["MeanBP", "Lactate"]]
    found = table.plot(subplots=True, xlabel="Hours since arrival", legend=False)
    for ax, label in zip(found, ["MAP (mmHg)", "Lactate (mmol/L)"], strict=True):
        ax.set_ylabel(label)
    return found


def twin(rows):
    ax = axes()
    ax.plot(4 * rows["Timepoints"], rows["MeanBP"])
    ax.set(xlabel="Hours", ylabel="MAP (mmHg)")
    other = ax.twinx()
    other.plot(4 * rows["Timepoints"], rows["Lactate"])
    other.set_ylabel("Lactate (mmol/L)")
    return ax.figure


def together(rows):
    ax = axes()
    for name in ("MeanBP", "Lactate"):
        ax.plot(4 * rows["Timepoints"], rows[name], label=name)
    ax.set(xlabel="Hours", ylabel="mmHg, mmol/L")
    return ax.figure


# --- a page of the ward -------------------------------------------------------------------------


def my_page(ward, color="C0", unit="mmHg", name="Bed ", bars=False, low=None, tell=True):
    """Pressures now and the last lactates, beside each other."""
    now = ward.frame[ward.frame[NOW] == 0].set_index("PatientID").sort_values("MAP")
    beds = [f"{name}{bed}" for bed in now.index]
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 4.5), sharey=True, layout="constrained")
    colors = np.where(now["MAP"] < 65, *color) if isinstance(color, tuple) else color
    if bars:
        left.barh(beds, now["MAP"], color=colors)
    else:
        left.scatter(now["MAP"], beds, color=colors)
    left.set(xlabel=f"Mean pressure now ({unit})", xlim=(low, None))
    right.plot(now["lactic_acid"], beds, "D")
    for row, value in enumerate(now["lactic_acid"]):
        if np.isnan(value) and tell:
            right.text(1, row, "never measured")
    right.set_xlabel("Lactate, last result (mmol/L)")
    return fig


def one_panel_page(ward):
    now = ward.frame[ward.frame[NOW] == 0].set_index("PatientID").sort_values("MAP")
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


def same_for_everybody(icu):
    first = a_ward(icu, 10, seed=99)
    return lambda ward: my_page(first)


def pie_page(ward):
    now = ward.frame[ward.frame[NOW] == 0]
    return pie(pd.Series(now["MAP"].to_numpy(), now["PatientID"].astype(str))).figure


# --- an alternative text ------------------------------------------------------------------------

GOOD_TEXTS = (
    "Dot plot of deaths by day 90 against lactate at hour 24. The higher the lactate, the more "
    "patients die: 9 %, 15 %, 25 % and 46 % in the four groups.",
    "Column chart. As lactate falls from 4 mmol/L and more to below 1, mortality falls from 46 "
    "percent to 9 percent.",
    "A horizontal bar chart shows that patients with a lactate of 4 mmol/L or more die about five "
    "times as often as those below 1 mmol/L.",
    "Bars: fewer patients die when lactate is low. Of those below 1 mmol/L at hour 24, 9 % died by "
    "day 90, against 46 % of those with 4 mmol/L and more.",
)
_FROM_TO = "from 9 % below 1 mmol/L to 46 % at 4 mmol/L and more."
BAD_TEXTS = (
    ("Bars of deaths by lactate.", "characters long"),
    ("Bars: " + 30 * "deaths rise with lactate, to 46 %, ", "characters long"),
    (
        f"Image of a bar chart: deaths by day 90 rise with lactate at hour 24, {_FROM_TO}",
        "image of",
    ),
    (
        f"Deaths by day 90 rise with lactate, which was measured at hour 24, {_FROM_TO}",
        "kind of fig",
    ),
    (
        "Bars: patients die more often from left to right, from 9 % in the first group to 46 % in "
        "the last group.",
        "lactate",
    ),
    (
        "Bars: patients with more lactate at hour 24 do worse, from 9 % in the first group to 46 % "
        "in the last group.",
        "deaths",
    ),
    (
        "Bars: share of patients who died by day 90 in four groups of lactate at hour 24, with "
        "9 %, 15 %, 25 % and 46 %.",
        "direction",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24; the more lactate, the more patients "
        "die, and clearly so.",
        "no number",
    ),
    (
        f"Bars: deaths by day 90 rise with lactate at hour 24, {_FROM_TO.replace('9 %', '2 %')}",
        "2 %",
    ),
    (f"Bars: deaths by day 90 fall with lactate at hour 24, {_FROM_TO}", "other way round"),
    (
        "Bars: the lower the lactate at hour 24, the more patients die by day 90: 46 % in the last "
        "group and 9 % in the first one.",
        "other way round",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24 from 46 % in the lowest group to 9 % "
        "in the highest one.",
        "do not agree",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24; ten times as many patients die in "
        "the highest group.",
        "no two groups",
    ),
)
