"""What a page of a ward shows: who, which numbers, in which colours, and whether it can be read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text

from healthgym_edu.data import Cohort
from healthgym_edu.exercises import Wrong
from healthgym_edu.plots.vision import color_distance
from healthgym_edu.plots.ward_page import a_ward

from .shown_04 import has_dots, points, refuse_tricks, title

MOST_PANELS, MOST_LINES = 3, 6
APART, ALIKE = 30.0, 12.0  # CIELAB distances: clearly different, hard to tell apart
MEASURED = ("measured", "ago", "never", " old", "since", "untested", "drawn", "missing")


def wards_to_read(people: Cohort, seed: int) -> Iterator[Cohort]:
    """Yield two wards of these people, each with beds that were tested and beds that never were."""
    for beds in (10, 11):
        tries = (a_ward(people, beds, number) for number in range(seed, seed + 100))
        yield next(ward for ward in tries if 0 < _untested(ward) < beds)


def _untested(ward: Cohort) -> int:
    return int((~ward.frame.groupby("PatientID")["lactic_acid_m"].any()).sum())


def read_page(fig: Figure, pressures: pd.Series) -> None:
    """Refuse a page that does not show these pressures, by bed, so that everybody can read it."""
    shown = [ax for ax in fig.axes if ax.get_visible() and ax.axison and ax.has_data()]
    for ax in fig.axes:
        refuse_tricks(ax)
    if not shown:
        raise Wrong("the page has words only", "draw the pressures: the eye compares positions")
    if len(shown) > MOST_PANELS:
        step = f"leave out what nobody needs at a glance: {MOST_PANELS} panels at most"
        raise Wrong(f"the page has {len(shown)} panels", step)
    fig.draw_without_rendering()
    words = [text.get_text() for text in _texts(fig)]
    _expect_beds(words, pressures.index)
    _expect_numbers(fig, words, pressures)
    everything = " ".join(words).lower()
    if "mmhg" not in everything:
        raise Wrong("no text on the page says the unit of the pressure", "write mmHg at the axis")
    if "lactate" not in everything:
        raise Wrong("the page says nothing about lactate", "show the last result of each bed")
    if not any(word in everything for word in MEASURED):
        step = "say it in words, such as “never measured”, or write the age of each result"
        raise Wrong("the page does not tell which lactates were never measured", step)
    for ax in shown:
        _expect_honest_bars(ax)
        _expect_labels(ax)
        _expect_no_spaghetti(ax)
        _expect_colors(ax)
    _expect_readable(fig)


def _texts(fig: Figure) -> dict[Text, bool]:
    """Every text that is drawn on the page, and whether it is the label of a tick."""
    ticks: set[Text] = set()
    drawn: set[Text] = set()
    for ax in fig.axes:
        for axis, along in ((ax.xaxis, 0), (ax.yaxis, 1)):
            for tick in (*axis.majorTicks, *axis.minorTicks):
                ticks.update((tick.label1, tick.label2))
            low, high = sorted(axis.get_view_interval())
            slack = 1e-9 * (high - low)
            if ax.get_visible() and ax.axison:
                labels = axis.get_ticklabels()
                places = [label.get_position()[along] for label in labels]
                inside = [low - slack <= place <= high + slack for place in places]
                drawn.update(itertools.compress(labels, inside))
    shown = (text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip())
    return {text: text in ticks for text in shown if text not in ticks or text in drawn}


def _expect_beds(words: list[str], beds: pd.Index) -> None:
    named = {int(number) for text in words for number in re.findall(r"\d+", text)}
    by_word = {int(number) for text in words for number in re.findall(r"bed\s*(\d+)", text.lower())}
    lacking = [bed for bed in beds if bed not in by_word]
    headed = any(re.fullmatch(r"beds?", text.strip().lower()) for text in words)
    if headed:  # a label "Bed" and bare numbers at the ticks
        lacking = [bed for bed in beds if bed not in named]
    if lacking:
        raise Wrong(f"bed {lacking[0]} is not named on the page", "name each: `Bed 1`, `Bed 2`, …")


def _expect_numbers(fig: Figure, words: list[str], pressures: pd.Series) -> None:
    """The pressure of each bed must be drawn as a mark, or written."""
    written = [float(n) for text in words for n in re.findall(r"-?\d+(?:\.\d+)?", text)]
    drawn = [*_drawn_numbers(fig)]
    for bed, value in pressures.items():
        near = np.isclose(drawn, value, rtol=0, atol=0.06).any()
        if not near and not any(abs(number - value) <= 0.51 for number in written):
            step = "draw what the `ward` that your function gets holds in its last hour"
            raise Wrong(f"the pressure of bed {bed} now is neither drawn nor written", step)


def _drawn_numbers(fig: Figure) -> Iterator[float]:
    for ax in fig.axes:
        for line in ax.lines:
            yield from points(line).ravel()
        for dots in ax.collections:
            yield from np.ravel(np.ma.filled(dots.get_offsets(), np.nan)).astype(float)
        for group in ax.containers:
            if isinstance(group, BarContainer):
                for bar in group:
                    yield from (bar.get_x() + bar.get_width(), bar.get_y() + bar.get_height())


def _expect_honest_bars(ax: Axes) -> None:
    for group in ax.containers:
        if not isinstance(group, BarContainer):
            continue
        axis = "y" if group.orientation == "vertical" else "x"
        low = min(getattr(ax, f"get_{axis}lim")())
        starts = [bar.get_y() if axis == "y" else bar.get_x() for bar in group]
        if low > 1e-9 or any(abs(start) > 1e-9 for start in starts):
            step = f"let the {axis} axis begin at 0, or draw dots"
            raise Wrong("there are bars that do not begin at zero", step)


def _expect_labels(ax: Axes) -> None:
    if not any([ax.get_xlabel(), ax.get_ylabel(), title(ax)]):
        raise Wrong("a panel has neither a title nor a label", "say what each panel shows")


def _expect_colors(ax: Axes) -> None:
    """No two colours that a deuteranope confuses, where nothing else tells the marks apart."""
    looks: dict[str, set] = {}
    for line in ax.lines:
        dotted = has_dots(line)
        color: Any = line.get_markeredgecolor() if dotted else line.get_color()
        mark = str(line.get_marker() if dotted else line.get_linestyle())
        looks.setdefault(to_hex(color), set()).add(mark)
    for group in ax.containers:
        if isinstance(group, BarContainer):
            for bar in group:
                looks.setdefault(to_hex(bar.get_facecolor()), set()).add(f"bar {bar.get_hatch()}")
    for dots in ax.collections:
        shape = sum(np.shape(path.vertices)[0] for path in dots.get_paths()[:1])
        for color in dots.get_facecolor():
            looks.setdefault(to_hex(color), set()).add(f"dots {shape}")
    for one, other in itertools.combinations(looks, 2):
        if same_color(one, other) or not looks[one] & looks[other]:
            continue
        normal, without = (color_distance(one, other, v) for v in (None, "deuteranopia"))
        if normal > APART and without < ALIKE:
            step = "take blue and orange from hg.plots.palette, or give one of them another marker"
            raise Wrong(f"a reader who confuses red and green cannot tell {one} from {other}", step)


def _expect_no_spaghetti(ax: Axes) -> None:
    """Long lines may share a panel if most of them lie apart, each in a row of its own."""
    heights = [points(line)[:, 1] for line in ax.lines]
    ends = [(np.nanmin(y), np.nanmax(y)) for y in heights if len(y) >= 6]
    meet = [min(a[1], b[1]) > max(a[0], b[0]) for a, b in itertools.combinations(ends, 2)]
    if len(ends) > MOST_LINES and np.mean(meet) > 0.5:
        step = "show the last values alone, or give each line a row of its own"
        raise Wrong(f"{len(ends)} lines cross in one panel, and nobody can follow one", step)


def _expect_readable(fig: Figure) -> None:
    """No text may lie on another one (a notebook makes the page as large as its texts need)."""
    boxes = [(t.get_text(), Text.get_window_extent(t), tick) for t, tick in _texts(fig).items()]
    for (one, a, tick), (other, b, too) in itertools.combinations(boxes, 2):
        if tick and too:  # of two panels, at worst
            continue
        wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > 3 and high > 0.25 * min(a.height, b.height) and high > 3:
            step = "make the page larger or the words fewer"
            raise Wrong(f"the texts {one!r} and {other!r} lie on each other", step)
