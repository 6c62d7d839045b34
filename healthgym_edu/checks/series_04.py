"""What the lines of a figure run through: a median with its band, two quantities on two panels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection

from healthgym_edu.exercises import Wrong

from .shown_04 import expect_words, points, realise, refuse_tricks

MANY = 25
"""Lines in one panel that nobody can follow."""

PAIRS = ((0.25, 0.75), (0.1, 0.9), (0.05, 0.95), (0.025, 0.975), (0.2, 0.8))
LOOKED_AT = (3, 12, 30, 48)  # months in which a band is measured


def expect_band(ax: Axes, people: pd.DataFrame, everybody: pd.DataFrame) -> None:
    """Demand the monthly median of these people with a band of quantiles, on a logarithmic axis."""
    threads = [line for line in map(points, ax.lines) if len(line) >= 30]
    drawn = [found for found in ax.collections if isinstance(found, LineCollection)]
    segments = [segment for found in drawn for segment in found.get_segments()]
    n_threads = len(threads) + sum(len(segment) >= 30 for segment in segments)
    if n_threads > MANY:
        step = "keep the median and a band; a few single people may stay"
        raise Wrong(f"{n_threads} lines are still there, and nobody can follow one", step)
    if ax.get_yscale() == "linear" and "log" not in ax.get_ylabel().lower():
        step = "a rise from 50 to 5,000 must be seen, so let each step mean ten times more"
        raise Wrong("on a linear axis a few large values squeeze all others", step)
    as_drawn = np.log10 if ax.get_yscale() == "linear" else np.asarray
    lines = [line[:, 1] for line in threads]
    if not _among(lines, _medians(people), as_drawn):
        _name_the_slip(lines, people, everybody, as_drawn)
    _expect_quantiles(ax, lines, people, as_drawn)


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


def _expect_quantiles(ax: Axes, lines: list, people: pd.DataFrame, as_drawn) -> None:
    """A filled band, or a pair of lines, between two quantiles with the median in their middle."""
    month, virus = people["Timestep"], people["VL"]
    clips = (virus.groupby(month), virus.clip(lower=50).groupby(month))
    pairs = [[as_drawn(by.quantile(q).to_numpy()) for q in pair] for by in clips for pair in PAIRS]
    kinds = (PolyCollection, LineCollection)
    bands = [found for found in ax.collections if isinstance(found, kinds)]
    for band in bands:
        edges = [_edges(band, at) for at in LOOKED_AT]
        for low, high in pairs:
            if all(
                np.allclose(edge, (low[at], high[at]), rtol=5e-3)
                for edge, at in zip(edges, LOOKED_AT, strict=True)
            ):
                return
    if any(_among(lines, [low], np.asarray) and _among(lines, [high], np.asarray)
           for low, high in pairs):  # fmt: skip
        return
    if not bands:
        step = "show where the middle half lies: `ax.fill_between(low.index, low, high, alpha=0.3)`"
        raise Wrong("there is no band, so nobody sees how far people differ", step)
    step = "take the lower and the upper quartile: `.quantile(0.25)` and `.quantile(0.75)`"
    raise Wrong("the band does not run between two quantiles of these people", step)


def _edges(band: PolyCollection | LineCollection, x: float) -> tuple[float, float]:
    """Lower and upper edge of a filled band, or of error bars, at a place of the x axis."""
    outline = np.concatenate([path.vertices for path in band.get_paths()])
    at = outline[np.isclose(outline[:, 0], x), 1]
    return (np.nan, np.nan) if at.size == 0 else (at.min(), at.max())


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
        values, (low, high) = day[wanted[name][0]], sorted(ax.get_ylim())
        if values.min() < low or values.max() > high:
            raise Wrong(f"a part of the {name} lies outside its axis", "widen the limits of y")
        if values.max() - values.min() < 0.15 * (high - low):
            step = "let each panel have its own y axis (no `sharey`)"
            raise Wrong(f"the {name} is a flat line: its axis is made for something else", step)
    _expect_hours(list(chosen.values()), day["Timepoints"].to_numpy())


def _expect_hours(pair: list[Axes], blocks: np.ndarray) -> None:
    labels = " ".join(ax.get_xlabel().lower() for ax in pair)
    for ax in pair:
        x = max((line[:, 0] for line in _series(ax)), key=len)
        unit = "hour" if np.ptp(x) == 4 * np.ptp(blocks) else "block"
        if unit not in labels and not ("(h)" in labels and unit == "hour"):
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


def _series(ax: Axes) -> Iterator[np.ndarray]:
    """Lines and clouds of dots of a panel, shape (n, 2) each."""
    for line in ax.lines:
        yield points(line)
    for dots in ax.collections:
        if isinstance(dots, PathCollection):
            yield np.ma.filled(dots.get_offsets(), np.nan).astype(float)
