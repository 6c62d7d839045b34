"""Axes that tell the truth: units, log scales that hide nothing, labels that do not collide."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from ..errors import ArgumentError
from ..schema import Schema, Variable
from .style import MUTED, ZONE, CourseFigure


@dataclass(frozen=True)
class Scale:
    """How a column is drawn by default.

    Attributes
    ----------
    log : bool
        Whether its axis is logarithmic.
    threshold : float or None
        A value worth a reference line, in the column's unit.
    meaning : str
        What that line says.
    zone : bool
        Whether the side below the line is shaded.
    """

    log: bool = False
    threshold: float | None = None
    meaning: str = ""
    zone: bool = False


SCALES: dict[str, Scale] = {
    # 50 copies/mL: the limit of the usual assay, and the FDA snapshot's bound for suppression
    "VL": Scale(log=True, threshold=50.0, meaning="detection limit", zone=True),
}
"""Columns that are not simply linear. Anything else is drawn on a plain axis without a line."""

Threshold = float | tuple[float, str] | bool | None


def scale_for(column: str, log: bool | None = None, threshold: Threshold = None) -> Scale:
    """Default scale of a column, with what the caller asked for on top.

    Parameters
    ----------
    log : bool, optional
        None for the column's default.
    threshold : float, (float, str) or False, optional
        A value, a value with its meaning, False for none, None for the column's default.

    Raises
    ------
    ArgumentError
        For a threshold that is none of these, or not positive on a log axis.
    """
    default = SCALES.get(column, Scale())
    log = default.log if log is None else bool(log)
    if threshold is None:
        value, meaning, zone = default.threshold, default.meaning, default.zone
    elif threshold is False:
        value, meaning, zone = None, "", False
    else:
        pair = threshold if isinstance(threshold, tuple) else (threshold, "")
        if len(pair) != 2 or isinstance(pair[0], bool) or not isinstance(pair[0], Real):
            raise ArgumentError(
                f"threshold: a number, a pair such as (200, 'low'), or False was expected; found "
                f"{threshold!r}."
            )
        value, meaning, zone = float(pair[0]), str(pair[1]), False
        if value == default.threshold and not meaning:
            meaning, zone = default.meaning, default.zone
    if log and value is not None and value <= 0:
        raise ArgumentError(f"threshold: a log axis has no place for {value:g}; pass log=False.")
    return Scale(log, value, meaning, zone)


def new_axes(ax: Axes | None, width: float = 7.2, height: float = 3.6) -> Axes:
    """The given axes, or those of a new figure (inches)."""
    if ax is not None:
        return ax
    return plt.figure(FigureClass=CourseFigure, figsize=(width, height)).add_subplot()


def time_label(schema: Schema) -> str:
    """Axis label of the steps: ``Time (months)``, ``Time (steps of 4 h)``."""
    unit = schema.step_unit
    if unit[:1].isdigit():
        return f"Time (steps of {unit})"
    return f"Time ({unit}s)"


def step_name(schema: Schema, step: float) -> str:
    """Name of one step: ``month 12``, ``step 3``."""
    unit = schema.step_unit
    return f"{'step' if unit[:1].isdigit() else unit} {step:g}"


def time_axis(ax: Axes, schema: Schema, first: float, last: float) -> None:
    """Label the x-axis with time, with ticks that suit months and hours (6, 12, 24)."""
    ax.set_xlabel(time_label(schema))
    span = last - first
    if schema.step_unit in ("month", "hour") and span >= 12:
        every = next((gap for gap in (2, 3, 6, 12, 24, 48) if span / gap <= 8), 96)
        ax.set_xticks(np.arange(np.ceil(first / every) * every, last + 1, every))
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.set_xlim(first, last if last > first else first + 1)


def plain_number(value: float, _position: int | None = None) -> str:
    """Write a tick as people read it: ``0.1``, ``50``, ``100,000``."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:g}"


def short_number(value: float, _position: int | None = None) -> str:
    """Write a tick where there is little room: ``100``, ``10k``, ``1M``."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def value_axis(ax: Axes, var: Variable, scale: Scale, drawn: Sequence[np.ndarray]) -> float:
    """Set up the y-axis for everything that is to be drawn.

    Parameters
    ----------
    drawn : sequence of array
        All values of the figure, in the variable's unit; NaN is ignored.

    Returns
    -------
    float
        The lowest value that has a place. On a log axis values of 0 or below have none: they
        are to be drawn here (`numpy.maximum`), and a note on the axes says how many there are.
    """
    ax.set_ylabel(var.label)
    values = np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in drawn])
    values = values[np.isfinite(values)]
    if not scale.log:
        ax.yaxis.set_major_formatter(FuncFormatter(plain_number))
        if len(values):
            low, high = values.min(), values.max()
            low = 0.0 if 0 <= low <= 0.35 * high else low - 0.06 * ((high - low) or 1)
            ax.set_ylim(low, high + 0.06 * ((high - low) or 1))
        return -np.inf
    positive = values[values > 0]
    reach = [positive.min(), positive.max()] if len(positive) else [1.0, 10.0]
    if scale.threshold is not None:
        reach = [min(reach[0], scale.threshold / 2), max(reach[1], scale.threshold * 2)]
    low, high = reach[0] / 1.3, reach[1] * 1.3
    hidden = len(values) - len(positive)
    low = low / 2 if hidden else low
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    log_ticks(ax.yaxis)
    if hidden:
        note(ax, f"{hidden:,} value{'s' if hidden > 1 else ''} of 0 or below drawn at the "
                 "lower edge: a log axis has no place for them")
    return low


def log_ticks(axis: Axis, most: int = 9, short: bool = False) -> None:
    """Whole decades (at most so many), written out in full or as ``10k`` and ``1M``."""
    axis.set_major_locator(LogLocator(base=10, numticks=most))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(short_number if short else plain_number))
    axis.set_minor_formatter(NullFormatter())


def headline(ax: Axes, title: str, remark: str = "") -> None:
    """Title at the left and, in smaller type under it, a quiet remark."""
    remark = wrapped(ax, remark)
    below = 13 * (remark.count("\n") + 1) if remark else 0
    ax.set_title(title, loc="left", pad=8 + below)
    if remark:
        ax.annotate(remark, (0, 1), (0, 6), xycoords="axes fraction", va="bottom", ha="left",
                    textcoords="offset points", fontsize=9, color=MUTED, gid="remark")


def wrapped(ax: Axes, text: str) -> str:
    """Break a text of small type into lines that are not wider than the axes."""
    per_line = int(1.15 * ax.get_window_extent().width / (0.075 * ax.figure.dpi))
    return textwrap.fill(text, max(per_line, 20))


def note(ax: Axes, text: str) -> None:
    """A remark under the axes, below earlier ones, where it covers no data."""
    earlier = [t.get_text() for t in ax.texts if t.get_gid() == "note"]
    below = (34 if ax.get_xlabel() else 8) + 13 * len("\n".join(earlier).splitlines())
    ax.annotate(wrapped(ax, text), (0, 0), (0, -below), xycoords="axes fraction", va="top",
                ha="left", textcoords="offset points", fontsize=9, color=MUTED, gid="note")


def threshold_line(ax: Axes, scale: Scale, var: Variable) -> tuple[float, str, str] | None:
    """Draw the reference line; return its label for `label_right`."""
    if scale.threshold is None:
        return None
    ax.axhline(scale.threshold, color=MUTED, lw=1.1, ls=(0, (2, 2)), zorder=1.5, gid="threshold")
    if scale.zone:
        ax.axhspan(ax.get_ylim()[0], scale.threshold, color=ZONE, zorder=0, lw=0, gid="zone")
    text = f"{plain_number(scale.threshold)} {var.unit}".strip()
    return scale.threshold, f"{scale.meaning}\n{text}" if scale.meaning else text, MUTED


def label_right(ax: Axes, entries: Sequence[tuple[float, str, str]], size: float = 9.0) -> None:
    """Write labels at the right edge, beside the values they name, without overlap.

    Parameters
    ----------
    entries : sequence of (value, text, colour)
        `value` on the y-axis. Call after the limits are final. If a label had to move,
        thin leaders tie all of them to their values.
    size : float
        Font size in points.
    """
    if not entries:
        return
    height = ax.get_window_extent().height
    line = size * 1.32 * ax.figure.dpi / 72 / height  # one line of text, as a share of the axes
    entries = sorted(entries, key=lambda entry: entry[0])
    to_axes = ax.transData + ax.transAxes.inverted()
    wanted = np.array([to_axes.transform((ax.get_xlim()[1], e[0]))[1] for e in entries])
    wanted = np.clip(wanted, 0, 1)
    tall = np.array([line * (e[1].count("\n") + 1) for e in entries])
    placed = spread(wanted, tall)
    moved = bool(np.any(np.abs(placed - wanted) > 0.4 * line))
    gap = (20 if moved else 6) / ax.get_window_extent().width
    for (value, text, color), at in zip(entries, placed, strict=True):
        leader = {"arrowstyle": "-", "color": color, "lw": 0.8, "shrinkA": 1, "shrinkB": 0,
                  "relpos": (0, 0.5)}
        ax.annotate(
            text, xy=(1.0, value), xycoords=("axes fraction", "data"),
            xytext=(1 + gap, at), textcoords="axes fraction",
            va="center", ha="left", fontsize=size, color=color, linespacing=1.15,
            annotation_clip=False, arrowprops=leader if moved else None,
        )


def spread(wanted: np.ndarray, tall: np.ndarray) -> np.ndarray:
    """Move sorted centres as little as needed so that boxes of given heights do not overlap.

    Parameters
    ----------
    wanted, tall : array, shape (n,)
        Ascending centres and heights, in the same unit.

    Returns
    -------
    array, shape (n,)
        New centres in the same order (least squares: blocks that touch move together).
    """
    blocks: list[tuple[float, float, list[int]]] = []  # centre, height, members
    for i, (at, high) in enumerate(zip(wanted, tall, strict=True)):
        blocks.append((float(at), float(high), [i]))
        while len(blocks) > 1:
            (c0, h0, m0), (c1, h1, m1) = blocks[-2:]
            if c1 - c0 >= (h0 + h1) / 2:
                break
            low = (len(m0) * (c0 - h0 / 2) + len(m1) * (c1 - h1 / 2 - h0)) / (len(m0) + len(m1))
            blocks[-2:] = [(low + (h0 + h1) / 2, h0 + h1, m0 + m1)]
    placed = np.empty(len(wanted))
    for centre, high, members in blocks:
        edge = centre - high / 2
        for i in members:
            placed[i] = edge + tall[i] / 2
            edge += tall[i]
    return placed
