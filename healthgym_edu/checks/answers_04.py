"""Right and wrong answers to the exercises of chapter 04: repairs of many kinds, and mistakes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

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


def _quartiles(art):
    by_month = some(art).frame.groupby("Timestep")["VL"]
    return [by_month.quantile(q) for q in (0.25, 0.5, 0.75)]


def steps(art, where="mid"):
    low, middle, high = _quartiles(art)
    ax = axes()
    ax.step(middle.index, middle, where=where)
    ax.fill_between(low.index, low, high, step=where, alpha=0.3)
    ax.set(yscale="log", xlabel="Time (months)", ylabel="Viral load (copies/mL)")
    return ax


def in_years(art, xlabel="Time (years)"):
    low, middle, high = _quartiles(art)
    ax = axes()
    ax.plot(middle.index / 12, middle)
    ax.fill_between(low.index / 12, low, high, alpha=0.3)
    ax.set(yscale="log", xlabel=xlabel, ylabel="Viral load (copies/mL)")
    return ax


def boxes(art, **more):
    frame = some(art).frame
    ax = axes()
    ax.boxplot([v for _, v in frame.groupby(frame["Timestep"] // 12)["VL"]], **more)
    ax.set(yscale="log", xlabel="Year", ylabel="Viral load (copies/mL)")
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


def parts_of_all_deaths(sepsis):
    died = deaths(sepsis, how="sum")
    return upright(died / died.sum())


def named(sepsis, names=None, title="", ylabel="Deceased by day 90 (%)"):
    share = deaths_by_lactate(sepsis)
    ax = upright(share.set_axis(names or share.index), ylabel=ylabel)
    ax.set_title(title)
    return ax


def renamed(share):
    """Right heights under names that are turned round."""
    return pd.Series(share.to_numpy(), list(share.index)[::-1])


# --- pressure and lactate -----------------------------------------------------------------------


def day(sepsis, patient=PATIENT):
    return sepsis.frame[sepsis.frame["PatientID"] == patient]


def stacked(rows, names=("MeanBP", "Lactate"), labels=None, unit=4, grid=(2, 1), **more):
    time = more.pop("time", "Time (hours)")
    fig, panels = plt.subplots(*grid, **({"sharex": True} | more))
    labels = labels or ["Mean pressure (mmHg)", "Lactate (mmol/L)"]
    for ax, name, label in zip(panels, names, labels, strict=False):
        ax.plot(unit * rows["Timepoints"], rows[name])
        ax.set(ylabel=label, xlabel=time)
    return fig


def lactate_bars(rows, low=0):
    fig, (upper, lower) = plt.subplots(2, 1, sharex=True)
    upper.plot(4 * rows["Timepoints"], rows["MeanBP"])
    upper.set_ylabel("MAP (mmHg)")
    lower.bar(4 * rows["Timepoints"], rows["Lactate"], width=3)
    lower.set(ylabel="Lactate (mmol/L)", xlabel="Time (h)", ylim=(low, None))
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
