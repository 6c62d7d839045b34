"""Comparisons for answers that are bars: which bar stands where, how high, and from where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .drawn import Bar, Bars, bars_of
from .expect_plot import close, expect_axes, expect_words
from .labels import lacking
from .registry import Wrong

_SAID_AS = {  # heights of a histogram that are no counts, and the words one of which must say so
    "shares": ("share", "proportion", "fraction", "probability", "relative"),
    "per cent": ("%",),
    "densities": ("density",),
}


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
    drawn = bars_of(value)
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
    Both axes have to be labelled. Bars may be drawn as an outline alone: ``histtype="step"``,
    ``ax.stairs``, ``ax.step``, seaborn's ``element="step"``.

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
    drawn = bars_of(value, outlines=True)
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


def _same_sizes(drawn: Bars, wanted: pd.Series, tolerance: float) -> bool:
    return close(np.sort(drawn.heights), np.sort(wanted.to_numpy()), tolerance)


def _expect_zero(drawn: Bars, log: bool = False) -> None:
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


def _standing(drawn: Bars, labels: pd.Index) -> list[Bar]:
    """Return the bar that stands over each label, or say over which there is none."""
    axis = getattr(drawn.ax, f"{drawn.along}axis")
    axis.get_majorticklabels()  # has the ticks written
    ticks = [(tick.get_loc(), tick.label1.get_text()) for tick in axis.get_major_ticks()]
    ticks = [(place, text) for place, text in ticks if text.strip()]
    numeric = all(_name(text) == _name(f"{place:.12g}") for place, text in ticks)
    named: dict[str, Bar] = {}
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


def _expect_order(drawn: Bars, standing: list[Bar], labels: pd.Index) -> None:
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
