"""What the lines of a figure run through: a median with its band, two quantities on two panels."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.container import BarContainer
from matplotlib.patches import PathPatch, Polygon, StepPatch

from healthgym_edu.exercises import Wrong

from .marks_04 import has_dots, is_drawn_through, is_seen, points
from .shown_04 import expect_words, realise, refuse_tricks

MANY = 25
"""Lines in one panel that nobody can follow."""

PAIRS = ((0.25, 0.75), (0.1, 0.9), (0.05, 0.95), (0.025, 0.975), (0.2, 0.8))
OF_A_BLOCK = {"hour": 4, "block": 1, "day": 1 / 6, "minute": 240}
SAID_AS = {"hour": r"hour|\bhr?s?\b", "block": "block", "day": r"day|\(d\)", "minute": r"\bmin"}
LOOKED_AT = (3, 12, 30, 48)  # months in which a band is measured


def expect_band(ax: Axes, people: pd.DataFrame, everybody: pd.DataFrame) -> str:
    """Demand the monthly median of these people with a band of quantiles, on a logarithmic axis.

    Returns the unit of the x axis: ``"month"``, ``"year"``, ``"week"`` or ``"day"``.
    """
    threads = [line for line in _lines(ax) if len(line) >= 30 and np.ptp(line[:, 0]) > 0]
    drawn = [found for found in ax.collections if isinstance(found, LineCollection)]
    segments = [segment for found in drawn for segment in found.get_segments()]
    n_threads = len(threads) + sum(len(segment) >= 30 for segment in segments)
    if n_threads > MANY:
        step = "keep the median and a band; a few single people may stay"
        raise Wrong(f"{n_threads} lines are still there, and nobody can follow one", step)
    if not threads:
        _refuse_other_kinds(ax)
    if ax.get_yscale() == "linear" and "log" not in ax.get_ylabel().lower():
        step = "a rise from 50 to 5,000 must be seen, so let each step mean ten times more"
        raise Wrong("on a linear axis a few large values squeeze all others", step)
    as_drawn = np.log10 if ax.get_yscale() == "linear" else np.asarray
    lines = [line[:, 1] for line in threads]
    if not _among(lines, _medians(people), as_drawn):
        _name_the_slip(lines, people, everybody, as_drawn)
    middle = next(line for line in threads if _among([line[:, 1]], _medians(people), as_drawn))
    unit, month = _unit_of_time(middle[:, 0])
    low, high = _expect_quantiles(ax, lines, people, as_drawn, middle[0, 0], month)
    _expect_inside(ax, middle, low, high, float(as_drawn(50.0)))
    return unit


def _refuse_other_kinds(ax: Axes) -> None:
    """Say what is asked for where no line runs through the months."""
    step = "draw the median of each of the 60 months as one line, and a band around it"
    closed = sum(len(line) == 5 and (line[0] == line[-1]).all() for line in map(points, ax.lines))
    if closed + sum(isinstance(patch, PathPatch) for patch in ax.patches) > 1:
        raise Wrong("these are boxes; here a line and a band are asked for", step)
    if sum(isinstance(found, PolyCollection) for found in ax.collections) > 1:
        raise Wrong("these are several filled shapes; here a line and a band are asked for", step)
    longest = max((len(points(line)) for line in ax.lines), default=0)
    slip = f"the longest line has {longest} points" if longest else "there is no line"
    raise Wrong(f"{slip}; a line and a band through all months are asked for", step)


def _unit_of_time(x: np.ndarray) -> tuple[str, float]:
    """Return what the x axis counts, and how long a month is on it."""
    step = float(np.median(np.diff(x)))
    for unit, per_month in (("month", 1), ("year", 1 / 12), ("week", 30.4 / 7), ("day", 30.4)):
        if np.allclose(np.diff(x), step) and abs(step / per_month - 1) < 0.03:
            return unit, step
    slip = "the x axis counts neither months nor years"
    raise Wrong(slip, "draw against the month, which is the index of the medians")


def _expect_inside(ax: Axes, middle: np.ndarray, low, high, test: float) -> None:
    """Demand that the limits cut nothing off, but values that the tests could not measure."""
    start, end = ax.get_ylim()
    if start > end:
        raise Wrong("the y axis runs backwards, so more looks like less", "turn it round")
    ranges = {"median": (middle[:, 1].min(), middle[:, 1].max()), "band": (low.min(), high.max())}
    for what, (least, most) in ranges.items():
        if most > end * (1 + 1e-9) or (start > test and least < start * (1 - 1e-9)):
            raise Wrong(f"the limits of the y axis cut a part of the {what} off", "widen them")
    left, right = sorted(ax.get_xlim())
    if middle[:, 0].min() < left - 1e-9 or middle[:, 0].max() > right + 1e-9:
        raise Wrong("the limits of the x axis cut months off", "show all of them")


def _medians(table: pd.DataFrame) -> list[np.ndarray]:
    """The monthly median; and the same where values below the detection limit count as 50."""
    clips = (table["VL"], table["VL"].clip(lower=50))
    return [virus.groupby(table["Timestep"]).median().to_numpy() for virus in clips]


def _among(lines: list[np.ndarray], wanted: list[np.ndarray], as_drawn) -> bool:
    return any(
        line.shape == want.shape and np.allclose(line, as_drawn(want), rtol=2e-3)
        for line in lines
        for want in wanted
    )


def _name_the_slip(lines, people, everybody, as_drawn) -> None:
    month, virus = people["Timestep"], people["VL"]
    logs = [np.log(v).groupby(month).mean() for v in (virus, virus.clip(lower=50))]
    slips = {
        "a line is the mean; a few huge values lift it": [virus.groupby(month).mean()],
        "a line is the geometric mean": [np.exp(log) for log in logs],
        "this is the median of everybody, not of `some`": _medians(everybody),
    }
    step = 'the median of each month: `some.frame.groupby("Timestep")["VL"].median()`'
    for slip, wanted in slips.items():
        if _among(lines, [np.asarray(one) for one in wanted], as_drawn):
            raise Wrong(slip, step)
    raise Wrong("the median of each month is not among the lines", step)


def _expect_quantiles(
    ax: Axes, lines: list, people: pd.DataFrame, as_drawn, start: float, month: float
) -> tuple[np.ndarray, np.ndarray]:
    """Demand a filled band, or a pair of lines, between two quantiles; return these."""
    months, virus = people["Timestep"], people["VL"]
    clips = (virus.groupby(months), virus.clip(lower=50).groupby(months))
    pairs = [[as_drawn(by.quantile(q).to_numpy()) for q in pair] for by in clips for pair in PAIRS]
    kinds = (PolyCollection, LineCollection)
    shapes = [found for found in ax.collections if isinstance(found, kinds)]
    bands = [list(found.get_paths()) for found in shapes if _has_color(found, ax)]
    bands += [[patch.get_path()] for patch in ax.patches if isinstance(patch, (StepPatch, Polygon))]
    for band in bands:
        for shift in (0, 0.25, -0.25):  # steps have their edges at, after or before a month
            edges = [_edges(band, start + (at + shift) * month) for at in LOOKED_AT]
            for low, high in pairs:
                wanted = [(low[at], high[at]) for at in LOOKED_AT]
                if np.allclose(edges, wanted, rtol=5e-3):
                    return low, high
    for low, high in pairs:
        if _among(lines, [low], np.asarray) and _among(lines, [high], np.asarray):
            return low, high
    if not bands:
        step = "show where the middle half lies: `ax.fill_between(low.index, low, high, alpha=0.3)`"
        raise Wrong("there is no band, so nobody sees how far people differ", step)
    step = "take the lower and the upper quartile: `.quantile(0.25)` and `.quantile(0.75)`"
    raise Wrong("the band does not run between two quantiles of these people", step)


def _edges(paths: list, x: float) -> tuple[float, float]:
    """Lower and upper edge of a filled band, or of error bars, at a place of the x axis."""
    found: list[float] = []
    for path in paths:
        corners = path.vertices
        found += corners[np.isclose(corners[:, 0], x), 1].tolist()
        for (x_1, y_1), (x_2, y_2) in itertools.pairwise(corners):
            if min(x_1, x_2) < x < max(x_1, x_2) and not np.isclose([x_1, x_2], x).any():
                found.append(y_1 + (y_2 - y_1) * (x - x_1) / (x_2 - x_1))
    return (min(found), max(found)) if found else (np.nan, np.nan)


def expect_both(found: list[Axes], day: pd.DataFrame) -> None:
    """Demand pressure and lactate of one patient on two panels with units and the same hours."""
    for ax in found:
        refuse_tricks(ax)
    if len(found) < 2:
        step = "make two: `fig, (upper, lower) = plt.subplots(2, 1, sharex=True)`; give `fig`"
        raise Wrong("the answer has one panel", step)
    pressure = ("map", "press", "meanbp", "bp")
    wanted = {
        "pressure": ("MeanBP", "mmhg", pressure, "“Mean arterial pressure (mmHg)”"),
        "lactate": ("Lactate", "mmol", ("lact",), "“Lactate (mmol/L)”"),
    }
    chosen = {}
    for name, (column, unit, words, say) in wanted.items():
        panel = _panel_of(found, day[column].to_numpy())
        if panel is None:
            raise Wrong(f"the {name} is not drawn as it is in `day`", f"draw `day[{column!r}]`")
        realise(panel)
        expect_words(panel, "y", words, (unit,), say)
        chosen[name] = panel
    if chosen["pressure"] is chosen["lactate"]:
        raise Wrong("both lie in one panel, on one scale", "give each a panel of its own")
    for name, ax in chosen.items():
        _expect_bars_from_zero(ax, name)
        values, (low, high) = day[wanted[name][0]], sorted(ax.get_ylim())
        if values.min() < low or values.max() > high:
            raise Wrong(f"a part of the {name} lies outside its axis", "widen the limits of y")
        if values.max() - values.min() < 0.15 * (high - low):
            step = "let each panel have its own y axis (no `sharey`)"
            raise Wrong(f"the {name} is a flat line: its axis is made for something else", step)
    _expect_hours(list(chosen.values()), day["Timepoints"].to_numpy())


def _expect_bars_from_zero(ax: Axes, name: str) -> None:
    if not any(isinstance(group, BarContainer) for group in ax.containers):
        return
    bars = [bar for group in ax.containers if isinstance(group, BarContainer) for bar in group]
    cut = min(ax.get_ylim()) > 0 or any(abs(bar.get_y()) > 1e-9 for bar in bars)
    if cut or ax.get_yscale() != "linear":
        raise Wrong(f"the bars of the {name} do not begin at zero", "let y begin at 0, or use dots")


def _expect_hours(pair: list[Axes], blocks: np.ndarray) -> None:
    labels = " ".join(ax.get_xlabel().lower() for ax in pair)
    for ax in pair:
        x = max((line[:, 0] for line in _series(ax)), key=len)
        length = np.ptp(x) / np.ptp(blocks)
        unit = next((unit for unit in OF_A_BLOCK if np.isclose(length, OF_A_BLOCK[unit])), "")
        if not unit or not re.search(SAID_AS[unit], labels):
            step = "draw against `4 * day['Timepoints']` and write “Time (hours)”"
            raise Wrong(f"the x axis does not say hours, or does not count them: {labels!r}", step)
    if not np.allclose(pair[0].get_xlim(), pair[1].get_xlim()):
        step = "`plt.subplots(2, 1, sharex=True)`"
        raise Wrong("the panels do not show the same hours", step)


def _panel_of(found: list[Axes], values: np.ndarray) -> Axes | None:
    """The panel in which a line, or dots, run through these values."""
    for ax in found:
        for series in _series(ax):
            if len(series) == len(values) and np.allclose(series[:, 1], values, atol=1e-6):
                return ax
    return None


def _has_color(shape: Any, ax: Axes) -> bool:
    return is_seen(shape, [*shape.get_facecolor(), *shape.get_edgecolor()], ax)


def _lines(ax: Axes) -> Iterator[np.ndarray]:
    """What the lines run through that somebody can see, with markers or without."""
    for line in ax.lines:
        color = line.get_color() if is_drawn_through(line) else line.get_markeredgecolor()
        if (is_drawn_through(line) or has_dots(line)) and is_seen(line, [color], ax):
            yield points(line)


def _series(ax: Axes) -> Iterator[np.ndarray]:
    """Lines, clouds of dots and standing bars of a panel, shape (n, 2) each."""
    yield from _lines(ax)
    for dots in ax.collections:
        if isinstance(dots, PathCollection) and _has_color(dots, ax):
            yield np.ma.filled(dots.get_offsets(), np.nan).astype(float)
    for group in ax.containers:
        if isinstance(group, BarContainer):
            yield np.array([(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in group])
