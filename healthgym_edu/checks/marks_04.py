"""The marks of a panel: each dot, each end of a bar and of a line, and whether it can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex, to_rgba, to_rgba_array
from matplotlib.container import BarContainer

FAINT = 0.1  # of opacity, and of the step from the colour of the paper
SMALLEST = 1.0  # points: the diameter of a dot


@dataclass(frozen=True)
class Mark:
    """One dot, or the end of a bar or of a line."""

    x: float  # in data, categories as their places
    y: float
    at: tuple[float, float]  # on the page, pixels
    look: tuple  # colour, shape and size; the first word is its kind: "dot", "bar" or "end"
    base: float | None = None  # where a bar begins
    upright: bool = True  # of bars
    hidden: str = ""  # why nobody can see it
    artist: Any = field(default=None, compare=False)

    def along(self, axis: str) -> float:
        return self.x if axis == "x" else self.y


def points(line: Any) -> np.ndarray:
    """What a line runs through, shape (n, 2), categories as their places."""
    return np.column_stack([np.asarray(part, float) for part in line.get_data(orig=False)])


def has_dots(line: Any) -> bool:
    """Whether a line has markers, with or without the line between them."""
    return line.get_marker() not in (None, "None", "none", "", " ")


def is_drawn_through(line: Any) -> bool:
    """Whether a line joins its points."""
    return line.get_linestyle() not in ("None", "none", "", " ") and line.get_linewidth() > 0


def is_seen(artist: Any, colors: Iterable[Any], ax: Axes) -> bool:
    """Whether something of these colours shows on the paper."""
    alpha = artist.get_alpha()
    if not artist.get_visible() or (alpha is not None and np.max(alpha) < FAINT):
        return False
    paper = to_rgba(ax.get_facecolor())
    if paper[3] < FAINT:
        paper = to_rgba(ax.figure.get_facecolor())
    shown = to_rgba_array([to_rgba(color) for color in colors])
    apart = np.abs(shown[:, :3] - paper[:3]).max(axis=1, initial=0)
    return bool(((shown[:, 3] >= FAINT) & (apart > FAINT / 2)).any())


def marks_of(ax: Axes) -> list[Mark]:
    """All marks of a panel that lie at finite places; draw the figure first."""
    found = [*_of_lines(ax), *_of_clouds(ax), *_of_bars(ax)]
    return [mark for mark in found if np.isfinite([mark.x, mark.y]).all()]


def _made(ax: Axes, artist: Any, xy: Any, look: tuple, seen: bool, **more: Any) -> Mark:
    x, y = (float(one) for one in xy)
    at = tuple(ax.transData.transform((x, y)))
    box, hidden = ax.bbox.padded(1.0), "" if seen else "is drawn so that nobody can see it"
    if seen and artist.get_clip_on() and np.isfinite(at).all() and not box.contains(*at):
        hidden = "lies outside the limits of its axis"
    return Mark(x, y, at, look, hidden=hidden, artist=artist, **more)


def _of_lines(ax: Axes) -> Iterator[Mark]:
    for line in ax.lines:
        if line.get_transform() != ax.transData:
            continue  # it crosses the panel, as that of `axvline` does
        through = points(line)
        if has_dots(line):
            pair: list[Any] = [line.get_markerfacecolor(), line.get_markeredgecolor()]
            colors = [color for color in pair if not isinstance(color, str) or color != "none"]
            size = line.get_markersize()
            seen = is_seen(line, colors, ax) and size >= SMALLEST
            hues = [to_hex(color) for color in colors]
            look = ("dot", *hues, line.get_alpha(), str(line.get_marker()), round(size, 1))
            for xy in _marked(through, line.get_markevery()):
                yield _made(ax, line, xy, look, seen)
        if is_drawn_through(line) and len(through) > 1:
            seen = is_seen(line, [line.get_color()], ax)
            yield _made(ax, line, through[-1], ("end", to_hex(line.get_color())), seen)


def _marked(through: np.ndarray, every: Any) -> np.ndarray:
    """Those points of a line that have a marker."""
    if isinstance(every, int) and len(through):
        return through[::every]
    if isinstance(every, tuple) and len(every) == 2 and isinstance(every[1], int):
        return through[every[0] :: every[1]]
    if every is None or isinstance(every, (float, tuple)) or not len(through):
        return through
    return through[every]


def _of_clouds(ax: Axes) -> Iterator[Mark]:
    for dots in ax.collections:
        if not isinstance(dots, PathCollection) or dots.get_offset_transform() != ax.transData:
            continue
        places: Any = np.ma.filled(np.ma.asarray(dots.get_offsets(), float), np.nan)
        shapes = [np.shape(path.vertices)[0] for path in dots.get_paths()] or [0]
        areas: Any = dots.get_sizes()
        sizes = np.sqrt(areas) if len(areas) else [6.0]
        parts: list[Any] = [dots.get_facecolor(), dots.get_edgecolor()]
        for number, xy in enumerate(places):
            colors = [part[number % len(part)] for part in parts if len(part)]
            size = float(sizes[number % len(sizes)])
            seen = is_seen(dots, colors, ax) and size >= SMALLEST
            hues = [to_hex(color, keep_alpha=True) for color in colors]
            look = ("dot", *hues, shapes[number % len(shapes)], round(size, 1))
            yield _made(ax, dots, xy, look, seen)


def _of_bars(ax: Axes) -> Iterator[Mark]:
    for group in ax.containers:
        if not isinstance(group, BarContainer):
            continue
        upright = group.orientation != "horizontal"
        for bar in group:
            (x, y), wide, high = bar.get_xy(), bar.get_width(), bar.get_height()
            end = (x + wide / 2, y + high) if upright else (x + wide, y + high / 2)
            colors = [bar.get_facecolor()] + [bar.get_edgecolor()] * (bar.get_linewidth() > 0)
            seen = is_seen(bar, colors, ax)
            look = ("bar", to_hex(bar.get_facecolor()), str(bar.get_hatch()))
            seen = seen and wide != 0 and high != 0
            base = float(y if upright else x)
            yield _made(ax, bar, end, look, seen, base=base, upright=upright)
