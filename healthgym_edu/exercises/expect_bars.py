"""Comparisons for answers that are bars: which bar stands where, how high, and from where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .expect_plot import close, expect_axes, expect_words
from .labels import lacking
from .registry import Wrong

_SAID_AS = {  # heights of a histogram that are no counts, and the words one of which must say so
    "shares": ("share", "proportion", "fraction", "probability", "relative"),
    "per cent": ("%",),
    "densities": ("density",),
}


@dataclass(frozen=True)
class _Bar:
    """A bar, whichever way it lies: from where to where on its axis, from what, and how high."""

    low: float
    high: float
    bottom: float
    height: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class _Bars:
    """The bars on an Axes from left to right (or upwards), and which axis is which."""

    ax: Any
    bars: list[_Bar]
    along: str  # the axis they stand side by side on: "x", or "y" where they lie
    up: str  # the axis of their heights

    @property
    def heights(self) -> np.ndarray:
        return np.array([bar.height for bar in self.bars], dtype=float)

    def of(self, axis: str, what: str) -> Any:
        """Return a property of one axis: ``of("x", "label")``."""
        return getattr(self.ax, f"get_{axis}{what}")()

    def require(self, number: int, next_step: str) -> None:
        """Say so where there are more or fewer bars."""
        have = len(self.bars)
        if have != number:
            wrong = "too many" if have > number else "too few"
            raise Wrong(f"the number of bars in the plot is {have}, {wrong}", next_step)


def expect_bars(
    value: Any,
    heights: pd.Series,
    tolerance: float = 1e-6,
    next_step: str = "",
    *,
    ordered: bool = False,
    percent: bool = False,
    log: bool = False,
    slips: Mapping[str, pd.Series] | None = None,
) -> None:
    """Demand one bar of the right height over each label, standing or lying, starting from zero.

    Labels are read where a reader would: at the ticks. On an axis of numbers a bar may also stand
    at the number itself.

    Parameters
    ----------
    value : Axes
        What was drawn on.
    heights : Series
        Labels of the bars as index, heights as values.
    tolerance : float
        Relative to the largest height.
    ordered : bool
        Whether the bars must stand in the order of `heights`, as levels of a dose do.
    percent : bool
        Whether per cent are as good as these shares.
    log : bool
        Whether the question asks for a logarithmic axis of heights.
    slips : mapping of str to Series
        What a common mistake comes to, under the words that name it.

    Raises
    ------
    Wrong
        No Axes, too many or too few bars, other heights, other labels, a start above zero.
    """
    expect_axes(value)
    drawn = _drawn(value)
    wanted = heights.astype(float)
    drawn.require(len(wanted), next_step)
    same = _same_sizes(drawn, wanted, tolerance)
    if percent and not same and _same_sizes(drawn, 100 * wanted, tolerance):
        wanted, same = 100 * wanted, True
    _expect_zero(drawn, log)
    standing = _standing(drawn, wanted.index)
    have = pd.Series([bar.height for bar in standing], wanted.index)
    span = tolerance * wanted.abs().max()
    different = (have - wanted).abs() > span
    if different.any() and same:
        over = different.index[different.argmax()]
        other = (wanted - have[over]).abs().idxmin()
        raise Wrong(
            f"the bars stand over other labels: the bar over {str(over)!r} has the height of "
            f"{str(other)!r}",
            "draw each value over its own label",
        )
    for slip, wrong in (slips or {}).items() if different.any() else ():
        try:
            expect_bars(value, wrong, tolerance, percent=percent, log=log)
        except Wrong:
            continue
        raise Wrong(f"the bars are not right yet: {slip}", next_step)
    if different.any():
        over = str(different.index[different.argmax()])
        problem = f"the bars do not have the right sizes yet, the one over {over!r} for a start"
        raise Wrong(problem, next_step)
    if ordered:
        _expect_order(drawn, standing, wanted.index)


def expect_histogram(
    value: Any,
    values: Any,
    bins: int,
    next_step: str = "",
    what: str = "values",
    *,
    label: str = "",
) -> None:
    """Demand a histogram of these values, of equally wide bins with any edges, on linear axes.

    The heights are counts; or shares, per cent or densities where the label of their axis says so.
    Both axes have to be labelled.

    Parameters
    ----------
    value : Axes
        What was drawn on.
    values : array
        What is counted.
    bins : int
        How many bars.
    what : str
        What to call the values: ``"people"``.
    label : str
        Words that the axis of the values must say, as in `expect_axes`: ``"CD4 /µL"``.

    Raises
    ------
    Wrong
        No Axes, another number of bars, other heights or heights that no label explains, bins
        that differ in width or leave values out, a log axis, a start above zero, no labels.
    """
    expect_axes(value)
    drawn = _drawn(value)
    drawn.require(bins, next_step)
    values = np.asarray(values, dtype=float)
    edges = np.array([bar.low for bar in drawn.bars] + [drawn.bars[-1].high])
    for axis in (drawn.along, drawn.up):
        if drawn.of(axis, "scale") != "linear":
            scale = drawn.of(axis, "scale")
            raise Wrong(
                f"the {axis} axis has a {scale} scale that nobody asked for",
                "leave the axis linear",
            )
    widths = np.diff(edges)
    if widths.max() > 1.001 * widths.min():
        raise Wrong("the bins have different widths", "let all bars be equally wide")
    kinds = _kinds(drawn.heights, values, edges)
    slack = 1e-9 * np.ptp(edges)  # edges as they were drawn, which is rounded
    outside = int(((values < edges[0] - slack) | (values > edges[-1] + slack)).sum())
    if not kinds:
        raise Wrong("the bars do not have the right heights yet", next_step)
    if outside:
        raise Wrong(
            f"the bars leave out {outside:,} of the {len(values):,} {what}",
            "let the bins reach from the smallest value to the largest",
        )
    expect_words(drawn.along, label, drawn.of(drawn.along, "label"))
    heights_are = drawn.of(drawn.up, "label")
    if not heights_are.strip():
        raise Wrong(f"the {drawn.up} axis has no text", "say what is counted")
    if "counts" not in kinds and not any(_is_said(kind, heights_are) for kind in kinds):
        raise Wrong(
            f"the heights are {kinds[0]}, and the {drawn.up} label does not say so", next_step
        )
    _expect_zero(drawn)
    low, high = sorted(drawn.of(drawn.along, "lim"))
    if any(bar.height and not low <= bar.middle <= high for bar in drawn.bars):
        raise Wrong(f"the {drawn.along} axis cuts bars off", "let it show all of them")


def _drawn(ax: Any) -> _Bars:
    """Read the bars of an Axes: those of bar charts and histograms, or any loose rectangles."""
    groups = [one for one in ax.containers if hasattr(one, "patches")]
    shapes = [shape for one in groups for shape in one.patches]
    shapes = [shape for shape in shapes or ax.patches if hasattr(shape, "get_height")]
    ways = {getattr(one, "orientation", None) for one in groups}
    lying = ways == {"horizontal"}
    if not groups and len({round(shape.get_height(), 9) for shape in shapes}) == 1:
        lying = len({round(shape.get_width(), 9) for shape in shapes}) > 1
    bars = []
    for shape in shapes:
        x, y, width, height = (getattr(shape, f"get_{p}")() for p in ("x", "y", "width", "height"))
        start, across, bottom, size = (y, height, x, width) if lying else (x, width, y, height)
        low, high = sorted((start, start + across))
        bars.append(_Bar(low, high, bottom, size))
    bars.sort(key=lambda bar: bar.middle)
    return _Bars(ax, bars, *(("y", "x") if lying else ("x", "y")))


def _same_sizes(drawn: _Bars, wanted: pd.Series, tolerance: float) -> bool:
    return close(np.sort(drawn.heights), np.sort(wanted.to_numpy()), tolerance)


def _expect_zero(drawn: _Bars, log: bool = False) -> None:
    """Demand that every bar starts from zero, and that the axis shows all of it."""
    if any(bar.bottom for bar in drawn.bars):
        raise Wrong("the bars do not start from zero", "leave `bottom` and `left` out")
    scale = drawn.of(drawn.up, "scale")
    if scale != "linear" and not log:
        problem = f"the {drawn.up} axis has a {scale} scale, on which no bar can start from zero"
        raise Wrong(problem, "leave the axis linear")
    low, high = sorted(drawn.of(drawn.up, "lim"))
    if scale == "linear" and low > min(0.0, *drawn.heights):
        problem = f"the {drawn.up} axis cuts the bars off below: it begins at {low:g}"
        raise Wrong(problem, "bars are compared by their length, so let the axis start at zero")
    if high < max(0.0, *drawn.heights):
        raise Wrong(f"the {drawn.up} axis ends below the top of a bar", "let it show all of them")


def _standing(drawn: _Bars, labels: pd.Index) -> list[_Bar]:
    """Return the bar that stands over each label, or say over which there is none."""
    axis = getattr(drawn.ax, f"{drawn.along}axis")
    axis.get_majorticklabels()  # has the ticks written
    ticks = [(tick.get_loc(), tick.label1.get_text()) for tick in axis.get_major_ticks()]
    ticks = [(place, text) for place, text in ticks if text.strip()]
    numeric = all(_name(text) == _name(f"{place:.12g}") for place, text in ticks)
    named: dict[str, _Bar] = {}
    for bar in drawn.bars:
        slack = 1e-6 * (bar.high - bar.low)
        within = [one for one in ticks if bar.low - slack <= one[0] <= bar.high + slack]
        if numeric:
            named[_name(f"{bar.middle:.9g}")] = bar
        elif within:
            named[_name(min(within, key=lambda one: abs(one[0] - bar.middle))[1])] = bar
    for label in labels:
        if _name(str(label)) not in named:
            places = f"`ax.set_{drawn.along}ticks(positions, labels)`"
            raise Wrong(
                f"no bar stands over the label {str(label)!r}",
                f"let the ticks name every bar, with {places} for instance",
            )
    return [named[_name(str(label))] for label in labels]


def _expect_order(drawn: _Bars, standing: list[_Bar], labels: pd.Index) -> None:
    steps = np.diff([bar.middle for bar in standing])
    inverted = getattr(drawn.ax, f"{drawn.along}axis_inverted")()
    ascending = (steps < 0) if inverted else (steps > 0)
    either_way = drawn.along == "y" and not ascending.any()  # a list is read from the top
    if not ascending.all() and not either_way:
        place = int((~ascending).argmax())
        raise Wrong(
            f"the bars do not stand in their order: {str(labels[place + 1])!r} should come after "
            f"{str(labels[place])!r}",
            "sort them as their labels ascend",
        )


def _kinds(heights: np.ndarray, values: np.ndarray, edges: np.ndarray) -> list[str]:
    """Say what the heights of a histogram can be: counts, shares, per cent, densities; or none."""
    slack = 1e-9 * np.ptp(edges)  # a value on an edge may count on either side
    below = [np.searchsorted(np.sort(values), edges + shift) for shift in (-slack, slack)]
    least, most = below[0][1:] - below[1][:-1], below[1][1:] - below[0][:-1]
    inside = most.sum()
    units = {
        "counts": 1.0,
        "shares": 1 / len(values),
        "per cent": 100 / len(values),
        "densities": 1 / max(inside, 1) / np.diff(edges).mean(),
    }
    found = []
    for kind, unit in units.items():
        have, room = heights / unit, 1e-3
        if (have >= least - room).all() and (have <= most + room).all():
            found.append(kind)
    return found


def _is_said(kind: str, label: str) -> bool:
    return any(not lacking(label, word) for word in _SAID_AS[kind])


def _name(label: str) -> str:
    """Return a label as it is compared: small letters, one kind of dash, 8.40 as 8.4."""
    label = unicodedata.normalize("NFKC", label).casefold()
    label = re.sub(r"[‐-―−]", "-", label)
    label = re.sub(r"(?<=\d)\s*to\s*(?=\d)", "-", label)
    label = re.sub(r"[\s$]", "", label)
    try:
        return f"{float(label):.9g}"
    except ValueError:
        return label
