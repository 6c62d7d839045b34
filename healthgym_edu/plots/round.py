"""A chart that grows by one decision at a time: what was in view, and what was ordered."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from ..errors import ArgumentError
from ..schema import Schema
from ._axes import NUMBER, headline
from .style import GRID, MUTED, STYLES


def round_chart(
    seen: pd.DataFrame,
    schema: Schema,
    columns: Sequence[str],
    orders: Sequence[tuple[int, ...]],
    parts: Sequence[tuple[str, Sequence[str]]],
    title: str,
    until: int | None = None,
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
    orders : list of tuple of int
        What was ordered at each decision before: a level for each part.
    parts : list of (str, labels)
        What is ordered, such as ``("fluid", ["0", "250"])``.
    title : str
    until : int, optional
        Step at which the axis of time ends; the last of a stay, if not given.

    Returns
    -------
    Figure
        Lines for what was seen, bars for what was ordered, from each decision to the next.

    Raises
    ------
    ArgumentError
        Not one order for each decision but the last.
    """
    if len(orders) != len(seen) - 1:
        raise ArgumentError(
            f"{len(seen)} decisions need {len(seen) - 1} orders; {len(orders)} came."
        )
    hour = schema.hours or 1
    hours = hour * seen[schema.step].to_numpy(dtype=float)
    end = max(float(hour * (until or schema.n_steps)), hours[-1])
    heights = [1.5] * len(columns) + [0.75] * len(parts)
    fig, axes = plt.subplots(
        len(heights), 1, sharex=True, squeeze=False, figsize=(7.0, sum(heights) + 0.8),
        height_ratios=heights,
    )  # fmt: skip
    panels = axes[:, 0]
    for ax, name in zip(panels, columns, strict=False):
        var, values = schema[name], seen[name].to_numpy(dtype=float)
        low, high = var.shown or (values.min(), values.max())
        look = STYLES["blue"]
        ax.plot(hours, values, color=look.line, marker=look.marker, ls="-")
        ax.plot(
            hours[-1],
            values[-1],
            color=look.line,
            marker="o",
            ms=9,
            mfc="white",
            mew=2,
            zorder=3,
            clip_on=False,
        )
        ax.set_ylim(min(low, values.min()), max(high, 1.05 * values.max()))
        if isinstance(var.reference, tuple):
            ax.axhline(var.reference[0], color=MUTED, lw=1.1, ls=(0, (2, 2)))
        ax.set_ylabel(var.short_label, rotation=0, ha="right", va="center")
        ax.yaxis.set_major_formatter(NUMBER)
        ax.yaxis.set_major_locator(MaxNLocator(4))
    for k, (ax, (name, labels)) in enumerate(zip(panels[len(columns) :], parts, strict=True)):
        levels = np.array([order[k] for order in orders], dtype=float)
        ax.bar(
            hours[:-1], levels, np.diff(hours), align="edge", color=STYLES["orange"].color,
            ec="white", lw=0.8,
        )  # fmt: skip
        ax.set_ylim(0, len(labels) - 0.7)
        ax.set_yticks([0, len(labels) - 1], [labels[0], labels[-1]])
        ax.set_ylabel(f"{name} (level)", rotation=0, ha="right", va="center")
    for ax in panels:
        ax.grid(axis="x", color=GRID)
    panels[-1].set_xlim(0, end)
    panels[-1].xaxis.set_major_locator(MultipleLocator(12 if end > 48 else 4))
    panels[-1].set_xlabel("Time (hours)")
    headline(panels[0], title, "lines: what was seen; bars: what was ordered")
    return fig
