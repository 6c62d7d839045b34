"""Curves of time-to-event analyses, with the numbers at risk under them, and forest plots.

They take the tables that `healthgym_edu.survival` makes.
"""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import ArgumentError
from .style import INK, MUTED, STYLES, Style, style_for

FINE = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5)
RATIOS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50)
"""Ticks of a logarithmic axis of ratios, short and long."""

CURVE = ("group", "time", "survival", "lower", "upper", "at_risk", "events")


def survival_plot(
    curve: pd.DataFrame,
    unit: str,
    words: str,
    horizon: float | None = None,
    shade: tuple[str, str] | None = None,
) -> Figure:
    """Draw Kaplan–Meier curves with their intervals, censoring marks and the numbers at risk.

    Parameters
    ----------
    curve : DataFrame
        From `survival.survival_curve`, weighted or not.
    unit : str
        Of the time axis: ``"months"``.
    words : str
        What the curve is the share of: ``"Share not yet suppressed"``.
    horizon : float, optional
        Where the time axis ends.
    shade : (str, str), optional
        Two groups: the area between their curves, which is the difference of their restricted
        means up to `horizon`, is shaded.

    Returns
    -------
    Figure
        Steps, a band for the 95 % interval, a tick where somebody was censored, and below a table
        of how many are still at risk (sums of weights where there are weights).

    Raises
    ------
    ArgumentError
        A table of another kind, or a group to shade that is not in it.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> times = hg.survival.proportional_hazards(300)
    >>> curve = hg.survival.survival_curve(times, by="treated")
    >>> fig = hg.plots.survival_plot(curve, "months", "Share without the event")
    >>> [ax.get_xlabel() for ax in fig.axes]
    ['', 'Time (months)']
    """
    lacking = [name for name in CURVE if name not in curve]
    if lacking:
        raise ArgumentError(f"A curve has a column {lacking[0]!r}; take it from survival_curve().")
    names = list(dict.fromkeys(curve["group"]))
    stray = [name for name in shade or () if name not in names]
    if stray:
        raise ArgumentError(f"There is no group {stray[0]!r} to shade; have {', '.join(names)}.")
    end = float(curve["time"].max() if horizon is None else horizon)
    fig, (ax, below) = plt.subplots(
        2, 1, sharex=True, figsize=(7.2, 3.4 + 0.25 * len(names)),
        height_ratios=[3.2, 0.35 + 0.28 * len(names)],
    )  # fmt: skip
    styles = style_for(names)
    for name in names:
        _one_curve(ax, curve[curve["group"] == name], name, styles[name], end)
    if shade is not None:
        _shade(ax, curve, shade, end)
    ax.set(ylim=(0, 1.02), ylabel=words)
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    ax.legend(loc="best")
    _numbers_at_risk(below, curve, names, styles, end)
    below.set_xlabel(f"Time ({unit})")
    below.set_xlim(-0.02 * end, 1.02 * end)
    return fig


def _one_curve(ax: Axes, part: pd.DataFrame, name: str, style: Style, end: float) -> None:
    time, share = part["time"].to_numpy(), part["survival"].to_numpy()
    keep = time <= end
    look: dict[str, Any] = {"color": style.line, "ls": style.linestyle, "lw": 2, "label": name}
    ax.step(
        np.append(time[keep], end), np.append(share[keep], share[keep][-1]), where="post", **look
    )
    band: dict[str, Any] = {"color": style.color, "alpha": 0.18, "lw": 0}
    lower, upper = part["lower"].to_numpy()[keep], part["upper"].to_numpy()[keep]
    ax.fill_between(time[keep], lower, upper, step="post", **band)
    left = part["at_risk"].to_numpy() - part["events"].to_numpy()
    censored = (left[1:-1] - part["at_risk"].to_numpy()[2:]) > 1e-9
    marks = time[1:-1][censored & keep[1:-1]]
    heights = share[1:-1][censored & keep[1:-1]]
    ax.plot(marks, heights, "|", color=style.line, ms=6, mew=0.7)


def _at(part: pd.DataFrame, times: np.ndarray, column: str) -> np.ndarray:
    place = np.searchsorted(part["time"].to_numpy(), times, side="right") - 1
    return part[column].to_numpy()[place]


def _shade(ax: Axes, curve: pd.DataFrame, groups: tuple[str, str], end: float) -> None:
    times = np.unique(np.append(curve["time"][curve["time"] <= end], end))
    one, other = (_at(curve[curve["group"] == name], times, "survival") for name in groups)
    ax.fill_between(times, one, other, step="post", hatch="///", fc="none", ec=MUTED, lw=0)


def _numbers_at_risk(
    ax: Axes, curve: pd.DataFrame, names: list[str], styles: dict[str, Style], end: float
) -> None:
    ticks = np.arange(0, end + 1e-9, _round_step(end))
    for row, name in enumerate(names):
        part = curve[curve["group"] == name]
        place = np.searchsorted(part["time"].to_numpy(), ticks, side="left")
        numbers = np.append(part["at_risk"].to_numpy(), 0.0)[place]
        for tick, number in zip(ticks, numbers, strict=True):
            ax.text(tick, row, f"{number:,.0f}", ha="center", va="center", fontsize=9, color=INK)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names)
    for label, name in zip(ax.get_yticklabels(), names, strict=True):
        label.set_color(styles[name].text)
    ax.set_xticks(ticks)
    ax.tick_params(axis="y", length=0, pad=16)  # numbers of thousands reach beyond the axis
    ax.grid(False)
    ax.spines[["left", "top"]].set_visible(False)
    weighted = np.abs(curve["at_risk"] - curve["at_risk"].round()).max() > 1e-6
    words = "At risk (weighted)" if weighted else "At risk"
    ax.set_title(words, loc="left", fontsize=9, fontweight="normal", color=MUTED)


def _round_step(end: float) -> float:
    """A distance of ticks that suits hours, months and days: 1, 2, 3, 6, 12, 24, 30, 60 …"""
    for step in (1, 2, 3, 6, 12, 24, 30, 60, 90, 180, 365):
        if end / step <= 8:
            return step
    return end / 6


def incidence_plot(
    incidence: pd.DataFrame, unit: str, words: tuple[str, str, str], horizon: float | None = None
) -> Figure:
    """Draw who had the event, who had the competing one, and who is left, a panel for each group.

    Parameters
    ----------
    incidence : DataFrame
        From `survival.cumulative_incidence`.
    unit : str
        Of the time axis: ``"hours"``.
    words : (str, str, str)
        Names of the event, of the competing event, and of having had neither.
    horizon : float, optional
        Where the time axis ends.

    Returns
    -------
    Figure
        Three areas that add up to everybody: the event from below, the competing one from above.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> icu = hg.load_cohort("hypotension", n_patients=400)
    >>> times = hg.survival.time_to_event(icu, "map_recovery", competing="death")
    >>> fig = hg.plots.incidence_plot(hg.survival.cumulative_incidence(times), "hours",
    ...                               ("recovered", "died", "neither"))
    >>> fig.axes[0].get_xlabel()
    'Time (hours)'
    """
    lacking = [name for name in ("time", "event", "competing", "neither") if name not in incidence]
    if lacking:
        raise ArgumentError(
            f"There is no column {lacking[0]!r}; take the table from cumulative_incidence()."
        )
    groups = list(dict.fromkeys(incidence["group"]))
    end = float(incidence["time"].max() if horizon is None else horizon)
    fig, axes = plt.subplots(
        1, len(groups), sharey=True, squeeze=False, figsize=(max(5.2, 3.7 * len(groups)), 3.4)
    )
    looks = [STYLES["blue"], STYLES["vermillion"]]
    for ax, name in zip(axes[0], groups, strict=True):
        part = incidence[(incidence["group"] == name) & (incidence["time"] <= end)]
        time = np.append(part["time"], end)
        event, neither = (
            np.append(part[column], part[column].iloc[-1]) for column in ("event", "neither")
        )
        areas = ((0 * event, event), (event + neither, 1 + 0 * event))
        for (low, high), look, hatch in zip(areas, looks, ("", "///"), strict=True):
            shown: dict[str, Any] = {"step": "post", "color": look.color, "alpha": 0.55, "lw": 0}
            ax.fill_between(time, low, high, hatch=hatch, **shown)
            ax.step(time, low if hatch else high, where="post", color=look.line)
        ax.set(xlim=(0, end), ylim=(0, 1), xlabel=f"Time ({unit})")
        ax.set_title("" if len(groups) == 1 else name)
        heights = (
            event[-1] / 2,
            1 - (1 - event[-1] - neither[-1]) / 2,
            event[-1] + neither[-1] / 2,
        )
        told = dict(zip(heights, words, strict=True))
        if ax is axes[0][-1]:
            _beside(ax, told)
    axes[0][0].set_ylabel("Share of patients")
    axes[0][0].yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    return fig


def _beside(ax: Axes, told: dict[float, str]) -> None:
    """Write words at heights right of the axes, no two closer than a line."""
    places = sorted(told)
    heights = np.array(places)
    for k in range(len(heights) - 1, 0, -1):  # the highest stays, those below make room
        heights[k - 1] = min(heights[k - 1], heights[k] - 0.08)
    heights += max(0.0, 0.02 - heights[0])
    for place, height in zip(places, heights, strict=True):
        ax.annotate(told[place], (1, height), (5, 0), xycoords="axes fraction", color=INK,
                    textcoords="offset points", va="center", fontsize=10)  # fmt: skip


def forest_plot(
    table: pd.DataFrame, label: str, none: float = 0.0, truth: float | None = None,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw estimates with their intervals, one a row, beside the value of no effect and the truth.

    Parameters
    ----------
    table : DataFrame
        Indexed by the words of each row; columns ``estimate, lower, upper``.
    label : str
        Of the axis, with its unit: ``"Difference (months)"``.
    none : float
        Where there is no effect: 0 for differences; 1 for ratios, which get a logarithmic axis.
    truth : float, optional
        A line where it lies.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> import healthgym_edu as hg
    >>> told = pd.DataFrame({"estimate": [0.2, -0.3], "lower": [0.1, -0.5], "upper": [0.3, -0.1]},
    ...                     index=["as they were", "weighted"])
    >>> ax = hg.plots.forest_plot(told, "Difference (months)", truth=-0.35)
    """
    lacking = [name for name in ("estimate", "lower", "upper") if name not in table]
    if lacking:
        raise ArgumentError(f"A forest plot needs a column {lacking[0]!r}.")
    ax = plt.subplots(figsize=(7.2, 1.1 + 0.42 * len(table)))[1] if ax is None else ax
    for row, (estimate, lower, upper) in enumerate(
        table[["estimate", "lower", "upper"]].itertuples(index=False)
    ):
        ax.plot([lower, upper], [row, row], color=STYLES["blue"].line, ls="-", lw=2)
        ax.plot(estimate, row, "s", color=STYLES["blue"].line, ms=7)
    ax.axvline(none, color=MUTED, lw=1, ls=(0, (2, 2)))
    if truth is not None:
        ax.axvline(truth, color=INK, lw=1.5, ls="-")
        ax.annotate("truth", (truth, 1), (3, -2), xycoords=("data", "axes fraction"),
                    textcoords="offset points", va="top", fontsize=9, color=INK)  # fmt: skip
    ax.set_yticks(range(len(table)), [str(name) for name in table.index])
    ax.set_ylim(len(table) - 0.4, -0.9)
    ax.set_xlabel(label)
    if none == 1:
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        many = FINE if high / low < 6 else RATIOS
        ticks = [tick for tick in many if low <= tick <= high]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax
