"""The bars on an Axes, whichever way they were drawn: rectangles, stairs or an outline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .registry import Wrong


@dataclass(frozen=True)
class Bar:
    """A bar, whichever way it lies: from where to where on its axis, from what, and how high."""

    low: float
    high: float
    bottom: float
    height: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Bars:
    """The bars on an Axes from left to right (or upwards), and which axis is which."""

    ax: Any
    bars: list[Bar]
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


def bars_of(ax: Any, outlines: bool = False) -> Bars:
    """Read the bars of an Axes: those of bar charts and histograms, or any loose rectangles.

    Parameters
    ----------
    ax : Axes
        What was drawn on.
    outlines : bool
        Whether to look for stairs and outlines where there are no bars.
    """
    groups = [one for one in ax.containers if hasattr(one, "patches")]
    shapes = [shape for one in groups for shape in one.patches]
    shapes = [shape for shape in shapes or ax.patches if hasattr(shape, "get_height")]
    if not shapes and outlines:
        return _stairs(ax)
    ways = {getattr(one, "orientation", None) for one in groups}
    lying = ways == {"horizontal"}
    if not groups and len({round(shape.get_height(), 9) for shape in shapes}) == 1:
        lying = len({round(shape.get_width(), 9) for shape in shapes}) > 1
    bars = []
    for shape in shapes:
        x, y, width, height = (getattr(shape, f"get_{p}")() for p in ("x", "y", "width", "height"))
        start, across, bottom, size = (y, height, x, width) if lying else (x, width, y, height)
        low, high = sorted((start, start + across))
        bars.append(Bar(low, high, bottom, size))
    return _from_left(ax, bars, lying)


def _from_left(ax: Any, bars: list[Bar], lying: bool) -> Bars:
    bars = sorted(bars, key=lambda bar: bar.middle)
    return Bars(ax, bars, *(("y", "x") if lying else ("x", "y")))


def _stairs(ax: Any) -> Bars:
    """Read outlines as the bars they go round; one drawn over its own filling counts once."""
    found: dict[Bar, bool] = {}
    for corners, lies in _outlines(ax):
        standing = [] if lies else _below(corners)
        lying = [] if lies is False else _below(corners[:, ::-1])
        found |= dict.fromkeys(standing or lying, not standing)
    return _from_left(ax, list(found), lying=any(found.values()))


def _outlines(ax: Any) -> Iterator[tuple[np.ndarray, bool | None]]:
    """Give the corners of each outline, shape (corners, 2), and whether it lies, where it says."""
    for shape in ax.patches:
        if hasattr(shape, "get_data"):  # of ax.stairs
            heights, edges, base = shape.get_data()
            base = np.broadcast_to(0.0 if base is None else base, np.shape(heights))
            across = np.repeat(edges, 2)[1:-1]
            there = np.column_stack([across, np.repeat(heights, 2)])
            back = np.column_stack([across, np.repeat(base, 2)])[::-1]
            corners = np.vstack([there, back])
            lies = shape.orientation == "horizontal"
            yield corners[:, ::-1] if lies else corners, lies
        elif np.ndim(getattr(shape, "get_xy", float)()) == 2:  # of histtype="step"
            yield np.asarray(shape.get_xy(), dtype=float), None
    for filled in ax.collections:  # of seaborn's element="step", or fill_between(step=…)
        yield from ((path.vertices, None) for path in filled.get_paths())
    for line in ax.lines:  # of ax.step
        x, y = (np.asarray(of, dtype=float) for of in line.get_data())
        where = line.get_drawstyle().removeprefix("steps").removeprefix("-")
        if not line.get_drawstyle().startswith("steps") or len(x) < 2:
            continue
        if where == "mid":
            between = (x[1:] + x[:-1]) / 2
            edges, heights = np.r_[2 * x[0] - between[0], between, 2 * x[-1] - between[-1]], y
        else:
            edges, heights = x, y[:-1] if where == "post" else y[1:]
        yield np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(heights, 2)]), False


def _below(corners: np.ndarray) -> list[Bar]:
    """Return the bars that stand side by side under an outline; none where it is no such outline.

    A bar reaches from the level of the outline that is nearer to zero to the other one.
    """
    steps = np.diff(corners, axis=0)
    if not (steps == 0).any(axis=1).all():
        return []  # something slants
    flat = steps[:, 0] != 0
    begin, end, levels = corners[:-1][flat, 0], corners[1:][flat, 0], corners[:-1][flat, 1]
    levels_of: dict[tuple[float, float], set[float]] = {}
    for one, other, level in zip(begin.tolist(), end.tolist(), levels.tolist(), strict=True):
        levels_of.setdefault((min(one, other), max(one, other)), set()).add(level)
    if len(levels_of) > 1:
        levels_of.pop((float(begin.min()), float(end.max())), None)  # the ground they all stand on
    places = sorted(levels_of)
    if any(one[1] != other[0] for one, other in pairwise(places)):
        return []  # they overlap
    if any(len(found) > 2 for found in levels_of.values()):
        return []
    grounds = {min(found, key=abs) for found in levels_of.values() if len(found) == 2}
    common = grounds.pop() if len(grounds) == 1 else 0.0
    bars = []
    for low, high in places:
        ground, top = sorted([*levels_of[low, high], common][:2], key=abs)
        bars.append(Bar(low, high, ground, top - ground))
    return bars
