"""Who was treated, and what became of them: risks with intervals, coins, calibration, organ points.

All take plain tables and Series, so that a chapter shows how they were computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from ..errors import ArgumentError
from ._axes import new_axes
from .style import INK, MUTED, STYLES, Style, style_for

HATCHES = ("", "///", "...", "\\\\\\", "xxx", "ooo")
"""One for each part of a stack: colour is never alone."""

DASHED = (0, (2, 2))


def share_interval(happened: pd.Series) -> tuple[float, float, float]:
    """Return a share in per cent and its 95 % interval (Wilson), from yes/no values.

    Raises
    ------
    ArgumentError
        For no value at all.

    Examples
    --------
    >>> import pandas as pd
    >>> from healthgym_edu.plots.exposure import share_interval
    >>> [round(end) for end in share_interval(pd.Series([True] * 20 + [False] * 80))]
    [20, 13, 29]
    """
    if len(happened) == 0:
        raise ArgumentError("A share of nobody: at least one yes/no value was expected.")
    from scipy.stats import binomtest  # slow to import, and few chapters need it

    found = binomtest(int(happened.sum()), len(happened))
    ends = found.proportion_ci(method="wilson")
    return 100 * found.statistic, 100 * ends.low, 100 * ends.high


def risk_by_exposure(
    exposures: Mapping[str, Mapping[str, pd.Series]],
    happened: pd.Series,
    xlabel: str,
    names: tuple[str, str] = ("without", "with"),
    ax: Axes | None = None,
) -> Axes:
    """Draw how often something happened to those with and without an exposure.

    Parameters
    ----------
    exposures : mapping of str to mapping of str to Series
        Heading to exposure to yes/no by patient. Only the patients in a Series are counted.
    happened : Series
        Yes/no by patient, for all of them.
    xlabel : str
        What happened, in words.
    names : (str, str)
        What those without and with the exposure are called.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Two points a row, with 95 % intervals; how many patients they stand for at the right.

    Raises
    ------
    ArgumentError
        A row with nobody on one side, or patients of whom it is not known what happened.
    """
    ax = new_axes(ax, 7.4, 0.8 + 0.36 * sum(1 + len(rows) for rows in exposures.values()))
    styles = style_for(names)
    ticks: list[str] = []
    for heading, rows in exposures.items():
        ticks.append(heading)
        for label, exposed in rows.items():
            y, found = len(ticks), _known(happened, exposed.index)
            sides = [found[~exposed.astype(bool)], found[exposed.astype(bool)]]
            if not all(map(len, sides)):
                raise ArgumentError(f"{heading}, {label}: everybody is on one side.")
            for side, name, lift in zip(sides, names, (-0.14, 0.14), strict=True):
                legend = name if y == 1 else ""
                _interval(ax, share_interval(side), y + lift, styles[name], legend)
            counts = " and ".join(f"{len(side):,}" for side in sides)
            _write(ax, counts, (1.02, y), MUTED, xycoords=("axes fraction", "data"))
            ticks.append(f"  {label}")
    _rows(ax, ticks)
    for text in ax.get_yticklabels():
        text.set_fontweight("bold" if text.get_text() in exposures else "normal")
    counted = f"patients {names[0]}\nand {names[1]} it"
    _write(ax, counted, (1.02, 1), MUTED, xycoords="axes fraction", va="bottom")
    ax.set_xlabel(xlabel)
    ax.set_xlim(left=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return ax


def interval_dots(
    table: pd.DataFrame,
    xlabel: str,
    groups: Mapping[str, str] | None = None,
    line: tuple[float, str] | None = None,
    digits: int = 2,
    ax: Axes | None = None,
) -> Axes:
    """Draw one estimate a row as a dot with its interval and its number.

    Parameters
    ----------
    table : DataFrame, shape (n_rows, 3)
        Estimate, lower and upper end; the index names the rows.
    xlabel : str
        What is estimated, in words with its unit.
    groups : mapping of str to str, optional
        The group of each row: groups differ in colour and in marker.
    line : (float, str), optional
        A value to compare with, and what it means.
    digits : int
        Decimals of the numbers that are written above the dots.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError
        A table of another shape, or a row without a group.
    """
    if table.shape[1] != 3 or table.empty:
        shape = f"found {table.shape[0]} × {table.shape[1]}"
        raise ArgumentError(f"Rows of estimate, lower and upper end were expected; {shape}.")
    lacking = [] if groups is None else [name for name in table.index if name not in groups]
    if lacking:
        raise ArgumentError(f"groups: there is none for {lacking[0]!r}.")
    ax = new_axes(ax, 7.4, 0.9 + 0.4 * len(table))
    kinds = ["" if groups is None else groups[name] for name in table.index]
    styles = style_for(dict.fromkeys(kinds))
    for y, (kind, ends) in enumerate(zip(kinds, table.to_numpy(dtype=float), strict=True)):
        _interval(ax, ends, y, styles[kind], kind if kinds.index(kind) == y else "")
        above: dict[str, Any] = {"away": (0, 7), "ha": "center", "va": "bottom"}
        _write(ax, f"{ends[0]:z.{digits}f}", (ends[0], y), styles[kind].text, **above)
    _rows(ax, [str(name) for name in table.index])
    ax.set_xlabel(xlabel)
    if line is not None:
        ax.axvline(line[0], color=MUTED, lw=1.3, ls=DASHED, zorder=1)
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "away": (0, 3)}
        _write(ax, line[1], (line[0], 1), MUTED, ha="center", va="bottom", **place)
    if groups is not None:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    return ax


def against_coins(
    coins: Sequence[float] | np.ndarray,
    found: float,
    name: str,
    xlabel: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw what many coins seem to do, and what a treatment seems to do, on one scale.

    Parameters
    ----------
    coins : sequence of float
        The seeming effect of each coin.
    found : float
        That of the treatment.
    name : str
        Of the treatment.
    xlabel : str
        What an effect is, with its unit.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        A histogram of the coins, a line at no effect, and a marked line for the treatment.
    """
    ax = new_axes(ax, 5.0, 3.0)
    coin, treatment = STYLES["sky"], STYLES["vermillion"]
    coins = np.asarray(coins, dtype=float)
    edges = np.arange(np.floor(coins.min()), coins.max() + 2).tolist()
    counts = np.asarray(ax.hist(coins, edges, color=coin.color, ec="white", lw=0.6)[0])
    top = max(0.45 * len(coins), 1.3 * counts.max())
    ax.axvline(0, color=INK, lw=1)
    high = 0.85 * top
    ax.plot([found, found], [0, high], color=treatment.line, lw=2.4, ls="--", label=name)
    ax.plot([found], [high], treatment.marker, color=treatment.line, ms=7)
    left = found < coins.mean()
    side, away = ("right", (-7, 0)) if left else ("left", (7, 0))
    _write(ax, name, (found, high), treatment.text, away=away, ha=side)
    place = max(float(coins.mean()), 0.0), counts.max() + 0.06 * top
    _write(ax, f"{len(coins)} coins", place, coin.text, away=(3, 0))
    ax.set(xlabel=xlabel, ylim=(0, top), yticks=[])
    ax.spines["left"].set_visible(False)
    ax.grid(False)
    return ax


def calibration_plot(
    risks: Mapping[str, pd.Series],
    happened: pd.Series,
    what: str,
    n_groups: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often it happened against how likely it was said to be, in groups of equal size.

    Parameters
    ----------
    risks : mapping of str to Series
        Model to the risk that it gave, from 0 to 1, by patient.
    happened : Series
        Yes/no by patient, for all of them.
    what : str
        What happened, as a verb: ``"died by day 90"``.
    n_groups : int
        How many groups, from the lowest to the highest risk.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Each model has one point a group, with a 95 % interval (Wilson); on the dashed diagonal
        it happens as often as was said.

    Raises
    ------
    ArgumentError
        Patients of whom it is not known what happened.
    """
    ax = new_axes(ax, 5.6, 4.2)
    end = 10.0
    for (name, risk), style in zip(risks.items(), style_for(risks).values(), strict=True):
        found = _known(happened, risk.index)
        group = pd.qcut(risk.rank(method="first"), n_groups, labels=False)
        said = 100 * risk.groupby(group).mean()
        share, low, high = np.transpose([share_interval(found[group == one]) for one in said.index])
        ends = [share - low, high - share]
        ax.errorbar(said, share, yerr=ends, lw=1.7, label=name, **_look(style))
        end = max(end, 10 * np.ceil(max(said.max(), high.max()) / 10))
    ax.plot([0, end], [0, end], color=MUTED, lw=1.2, ls=DASHED, zorder=1)
    _write(ax, "as many as said", (0.88 * end,) * 2, MUTED, away=(-12, 0), ha="right")
    ax.set(xlabel="Risk that the model gave (%)", ylabel=f"Patients who {what} (%)")
    ax.set(xlim=(0, end), ylim=(0, end), aspect="equal")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    return ax


def organ_points(parts: pd.DataFrame, hours: float, title: str, ax: Axes | None = None) -> Axes:
    """Draw the points of several organs over time as stacked bars.

    Parameters
    ----------
    parts : DataFrame, shape (n_steps, n_organs)
        Points; the index counts the steps from 0. Organs that never have a point are left out.
    hours : float
        How long a step lasts.
    title : str
        Of the figure.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Each organ has a colour and a hatch of its own; the key has the order of the stack.
    """
    ax = new_axes(ax, 7.4, 3.2)
    some = parts.loc[:, parts.any()]
    floor = np.zeros(len(some))
    for place, (organ, style) in enumerate(style_for(some.columns).items()):
        look: dict[str, Any] = {"color": style.color, "ec": "white", "hatch": HATCHES[place % 6]}
        ax.bar(hours * (some.index + 0.5), some[organ], hours, floor, label=organ, **look)
        floor += some[organ].to_numpy(dtype=float)
    ax.set(xlabel="Time (hours)", ylabel="Points", xlim=(0, hours * (some.index.max() + 1)))
    ax.xaxis.set_major_locator(MultipleLocator(12))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), reverse=True, handlelength=1.6)
    ax.set_title(title)
    return ax


def _look(style: Style) -> dict[str, Any]:
    return {"color": style.line, "ls": style.linestyle, "marker": style.marker, "ms": 6}


def _interval(ax: Axes, ends: Sequence[float], y: float, style: Style, legend: str) -> None:
    """Draw an estimate and its lower and upper end as a dot on a line."""
    estimate, low, high = ends
    spread = [[estimate - low], [high - estimate]]
    look = _look(style) | {"ls": "-", "lw": 2.2, "ms": 7}
    ax.errorbar([estimate], [y], xerr=spread, label=legend or None, **look)


def _write(
    ax: Axes,
    text: str,
    at: tuple,
    color: str,
    away: tuple = (0, 0),
    va: str = "center",
    **look: Any,
) -> None:
    """Write something small beside a point."""
    beside: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9, "color": color}
    ax.annotate(text, at, away, va=va, **beside, **look)


def _rows(ax: Axes, names: list[str]) -> None:
    """Name the rows, the first on top; the grid stands upright, and the rows need no ticks."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.75)
    ax.grid(False, axis="y")
    ax.grid(True, axis="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _known(happened: pd.Series, patients: pd.Index) -> pd.Series:
    """What happened to these patients, or an `ArgumentError`."""
    unknown = patients[~patients.isin(happened.index)]
    if len(unknown):
        raise ArgumentError(f"It is not known what happened to {len(unknown):,} patients.")
    return happened.loc[patients].astype(bool)
