"""Axes that tell the truth: units, log scales that hide nothing, labels that do not collide."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from ..schema import Schema, Variable
from .style import MUTED, ZONE

NUMBER = "{x:,.9g}"  # ticks as people write them: 0.1, 50, 100,000
Label = tuple[float, str, str]  # a value on the y-axis, what to write beside it, its colour


@dataclass(frozen=True)
class Scale:
    """How a column is drawn: on a log axis or not, with a reference line (in its unit) or not."""

    log: bool = False
    threshold: float | None = None
    meaning: str = ""


def scale_for(var: Variable, threshold: tuple[float, str] | float | None = None) -> Scale:
    """Scale of a column, with the caller's own reference line (a value, or value and meaning)."""
    line = var.reference if threshold is None else threshold
    if line is None:
        return Scale(var.log)
    value, meaning = line if isinstance(line, tuple) else (line, "")
    return Scale(var.log, float(value), meaning)


def new_axes(ax: Axes | None, width: float = 7.2, height: float = 3.6) -> Axes:
    """The given axes, or those of a new figure (inches)."""
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def time_label(schema: Schema) -> str:
    """Label of a time axis: ``Time (months)``, ``Time (steps of 4 h)``."""
    unit = schema.step_unit
    return f"Time (steps of {unit})" if unit[0].isdigit() else f"Time ({unit}s)"


def time_axis(ax: Axes, schema: Schema, steps: pd.Series | pd.Index, pad: float = 0.0) -> None:
    """Set the x-axis up for these steps, with ticks that suit years and days."""
    first, last = steps.min(), steps.max()
    ax.set_xlabel(time_label(schema))
    ax.set_xlim(first - pad, last + pad)
    ticks = schema.ticks if schema.ticks and last - first >= 2 * schema.ticks else None
    ax.xaxis.set_major_locator(MultipleLocator(ticks) if ticks else MaxNLocator(integer=True))


def start_values(ax: Axes, var: Variable, scale: Scale, values: np.ndarray) -> float:
    """Set the y-axis up before anything is drawn.

    Parameters
    ----------
    values : array
        Everything that will be drawn, in the variable's unit; NaN is ignored.

    Returns
    -------
    float
        The lowest value that has a place, to which the others are clipped. On a log axis that
        is above 0; a remark under the axis then says how many values lay lower.
    """
    ax.set_ylabel(var.label)
    if scale.log:
        ax.set_yscale("log")
    ax.yaxis.set_major_formatter(NUMBER)
    if not scale.log:
        return -np.inf
    lowest = np.min(values[values > 0], initial=scale.threshold or np.inf)
    hidden = int((values <= 0).sum())
    if not hidden:
        return lowest
    ax.set_xlabel(f"{ax.get_xlabel()}\n{hidden:,} values of 0 or below, drawn at the bottom")
    return lowest / 2


def finish_values(ax: Axes, var: Variable, scale: Scale, labels: list[Label]) -> None:
    """Add the reference line, fix the y-axis and write the labels, after all is drawn."""
    if scale.threshold is not None:
        ax.axhline(scale.threshold, color=MUTED, lw=1.1, ls=(0, (2, 2)), zorder=1, gid="threshold")
        text = f"{NUMBER.format(x=scale.threshold)} {var.unit}"
        labels = [*labels, (scale.threshold, f"{scale.meaning}\n{text}".strip(), MUTED)]
    low, high = ax.dataLim.intervaly
    if not scale.log and 0 <= low < 0.35 * high:
        ax.set_ylim(bottom=0)
    low, high = ax.get_ylim()
    if scale.threshold is not None:
        ax.axhspan(low, scale.threshold, color=ZONE, lw=0, zorder=0)
    ax.set_ylim(low, high)
    label_right(ax, labels)


def headline(ax: Axes, title: str, remark: str, lift: float = 0) -> None:
    """Title at the left and, in smaller type under it, a quiet remark (`lift` points higher)."""
    ax.set_title(title, loc="left", pad=21 + lift)
    text = ax.annotate(
        remark,
        (0, 1),
        (0, 6 + lift),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=9,
        color=MUTED,
        gid="remark",
    )
    text.set_in_layout(False)  # a long remark must not squeeze the axes


def label_right(ax: Axes, labels: list[Label]) -> None:
    """Write labels right of the axes, tied to their values, without overlap.

    Call it when the limits are final. A label whose value is missing is left out.
    """
    labels = sorted(
        (label for label in labels if np.isfinite(label[0])), key=lambda label: label[0]
    )
    if not labels:
        return
    points = [(0, value) for value, _, _ in labels]
    wanted = (ax.transScale + ax.transLimits).transform(points)[:, 1]
    axes_height = ax.get_window_extent().height * 72 / ax.figure.dpi  # points
    n_lines = np.array([text.count("\n") + 1 for _, text, _ in labels])
    placed = spread(wanted, 12 * n_lines / axes_height)
    for (_, text, color), value_at, label_at in zip(labels, wanted, placed, strict=True):
        ax.annotate(
            text,
            (1, value_at),
            (16, label_at),
            xycoords="axes fraction",
            textcoords=("offset points", "axes fraction"),
            va="center",
            fontsize=9,
            color=color,
            linespacing=1.15,
            arrowprops={"arrowstyle": "-", "color": color, "lw": 0.8, "relpos": (0, 0.5)},
        )


def spread(wanted: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Push ascending centres of boxes apart until the boxes neither overlap nor leave 0 to 1.

    Parameters
    ----------
    wanted, heights : array, shape (n,)
        Where the boxes would like to be, and how high they are, as shares of the axes.

    Returns
    -------
    array, shape (n,)
    """
    placed = np.array(wanted, dtype=float)
    distance = (heights[1:] + heights[:-1]) / 2
    for _ in range(500):
        push = np.maximum(distance - np.diff(placed), 0) / 2
        placed[:-1] -= push
        placed[1:] += push
        placed = np.clip(placed, heights / 2, 1 - heights / 2)
    return placed
