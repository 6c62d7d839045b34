"""A chart that grows by one decision at a time: what was in view, and what was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from ..errors import ArgumentError
from ..schema import Schema
from ..variables import Variable
from ._axes import NUMBER, headline
from .style import GRID, INK, MUTED, STYLES

WIDTH, LEFT, RIGHT, TOP, BOTTOM, GAP = 6.4, 1.8, 0.92, 0.5, 0.46, 0.13
"""Inches: of the figure, of its margins, and between panels.  They are fixed, because to measure
all texts before drawing them takes longer than drawing them."""
LEAD = 4.0
"""Hours that are shown before the first decision, if it is known what ran then."""
FIRST, OTHERS, GIVEN = 1.2, 0.82, 0.6
"""Inches: heights of the first panel, of the others, and of those of what was given."""


def round_chart(
    seen: pd.DataFrame,
    schema: Schema,
    columns: Sequence[str],
    given: Sequence[tuple[int, ...]],
    parts: Sequence[tuple[str, Sequence[str]]],
    title: str,
    until: int | None = None,
    goals: Mapping[str, tuple[float, str]] | None = None,
    units: Mapping[str, str] | None = None,
    before: Sequence[int | None] = (),
) -> Figure:
    """Draw a patient up to the decision that is due.

    Parameters
    ----------
    seen : DataFrame
        What was in view at each decision so far, the present one last.
    schema : Schema
        Of the condition.
    columns : list of str
        Numeric columns of `seen` to draw, a panel each.
    given : list of tuple of int
        What was given from each decision to the next: a level for each part.
    parts : list of (str, labels)
        What is given, such as ``("fluid", ["0", "250"])``.
    title : str
    until : int, optional
        Step at which the axis of time ends; the last of a stay, if not given.
    goals : mapping of str to (float, str), optional
        For a column a value to draw a line at, and what to write beside it.
    units : mapping of str to str, optional
        In what the labels of a part count.
    before : list of int or None, optional
        The level of each part that runs at the first decision; None where nobody knows.

    Returns
    -------
    Figure
        Lines for what was seen, bars for what was given, from each decision to the next; pale
        ones before the first.

    Raises
    ------
    ArgumentError
        Not as many given as decisions but the last.
    """
    if len(given) != len(seen) - 1:
        raise ArgumentError(
            f"{len(seen)} decisions need {len(seen) - 1} orders; {len(given)} came."
        )
    hour = schema.hours or 1
    hours = hour * seen[schema.step].to_numpy(dtype=float)
    end = max(float(hour * (until or schema.n_steps)), hours[-1])
    heights = [FIRST, *[OTHERS] * (len(columns) - 1), *[GIVEN] * len(parts)]
    fig, panels = _panels(heights)
    for ax, name in zip(panels, columns, strict=False):
        line = (goals or {}).get(name, schema[name].reference)
        _values(ax, hours, seen[name].to_numpy(dtype=float), schema[name], line)
    for k, (ax, (name, labels)) in enumerate(zip(panels[len(columns) :], parts, strict=True)):
        unit = (units or {}).get(name, "level")
        start = before[k] if before else None
        _bars(ax, hours, [levels[k] for levels in given], name, unit, labels, start)
    every = 12 if end > 48 else 4
    for ax in panels:
        ax.vlines(np.arange(0, end + every, every), *ax.get_ylim(), color=GRID, lw=0.8, zorder=0)
        ax.yaxis.set_label_coords(-0.53 / (WIDTH - LEFT - RIGHT), 0.5)
        ax.yaxis.label.set_fontsize(9)
        ax.xaxis.set_visible(ax is panels[-1])
        if before:
            ax.axvline(0, color=MUTED, lw=0.8, zorder=1)
    panels[-1].set_xlim(-LEAD if before else 0, end)
    panels[-1].set_xticks(np.arange(0, end + 1, every))
    panels[-1].set_xlabel("Time (hours)", fontsize=9)
    pale = "; pale: before you came" * bool(before)
    headline(panels[0], title, f"lines: what was seen; bars: what was given{pale}")
    return fig


def _panels(heights: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes: one under the other, each of its own height."""
    high = TOP + sum(heights) + GAP * (len(heights) - 1) + BOTTOM
    fig = plt.figure(figsize=(WIDTH, high), layout="none")
    panels: list[Axes] = []
    top = high - TOP
    for height in heights:
        place = LEFT / WIDTH, (top - height) / high, (WIDTH - LEFT - RIGHT) / WIDTH, height / high
        panels.append(fig.add_axes(place, sharex=panels[0] if panels else None))
        top -= height + GAP
    return fig, panels


def _values(
    ax: Axes, hours: np.ndarray, values: np.ndarray, var: Variable, goal: tuple[float, str] | None
) -> None:
    """Draw what was seen as a line; a ring and a number are the present value."""
    low, high = var.shown or (values.min(), values.max())
    look = STYLES["blue"]
    ax.plot(hours, values, color=look.line, marker=look.marker, ls="-")
    now: dict[str, Any] = {
        "color": look.line,
        "marker": "o",
        "ms": 9,
        "mfc": "white",
        "mew": 2,
        "clip_on": False,
    }
    ax.plot(hours[-1], values[-1], zorder=3, **now)
    top = max(high, 1.05 * values.max())
    ax.set_ylim(min(low, values.min()), top)
    ax.annotate(
        f"{values[-1]:.{0 if top > 20 else 1}f}", (hours[-1], values[-1]), (8, 0),
        textcoords="offset points", va="center", fontweight="bold", color=look.text,
        path_effects=[withStroke(linewidth=3, foreground="white")], zorder=4,
    )  # fmt: skip
    if goal is not None:
        ax.axhline(goal[0], color=MUTED, lw=1.1, ls=(0, (2, 2)), gid="goal")
        _beside(ax, goal[0], goal[1], MUTED)
    ax.set_ylabel(var.short_label, rotation=0, ha="right", va="center")
    ax.yaxis.set_major_formatter(NUMBER)
    ax.yaxis.set_major_locator(MaxNLocator(3))


def _bars(
    ax: Axes,
    hours: np.ndarray,
    levels: list[int],
    name: str,
    unit: str,
    labels: Sequence[str],
    before: int | None,
) -> None:
    """Draw what was given as bars, a 0 where that was nothing, and name the last one."""
    look = STYLES["orange"]
    if before is not None:
        hours, levels = np.append(hours[0] - LEAD, hours), [before, *levels]
    ax.bar(
        hours[:-1], levels, np.diff(hours), align="edge", color=look.color, ec="white", lw=0.8
    )  # fmt: skip
    if before is not None:
        ax.patches[0].set_alpha(0.45)
    middles = (hours[:-1] + hours[1:]) / 2
    for x in middles[np.array(levels, dtype=int) == 0]:
        ax.annotate("0", (x, 0), (0, 2), textcoords="offset points", ha="center", fontsize=9,
                    color=INK, gid="nothing")  # fmt: skip
    ax.set_ylim(0, len(labels) - 0.7)
    ax.set_yticks([0, len(labels) - 1], [labels[0], labels[-1]])
    amount, _, kind = unit.partition(" as ")
    told = f"{name.capitalize()}\n({amount})" + (f"\nas {kind}" if kind else "")
    ax.set_ylabel(told, rotation=0, ha="right", va="center")
    if levels:
        _beside(ax, max(levels[-1], 0.4), labels[levels[-1]], look.text, fontweight="bold")


def _beside(ax: Axes, y: float, words: str, color: str, **more: Any) -> None:
    """Write right of the axes, at a height."""
    ax.annotate(words, (1, y), (6, 0), xycoords=("axes fraction", "data"),
                textcoords="offset points", va="center", fontsize=9, color=color, **more,
                )  # fmt: skip
