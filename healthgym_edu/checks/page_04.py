"""What a page of a ward shows: who, which numbers, in which colours, and whether it can be read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, NoReturn

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
from healthgym_edu.plots.ward_page import NOW, a_ward

from .beds_04 import Bed, beds_in, read_beds
from .marks_04 import FAINT, has_dots, is_drawn_through, is_seen, points
from .shown_04 import refuse_tricks, title

MOST_PANELS, MOST_LINES = 3, 6
APART, ALIKE = 30.0, 12.0  # CIELAB distances: clearly different, hard to tell apart
SMALLEST, WIDEST = 5.5, 16.0  # points of letters; inches that a screen shows without shrinking
QUANTITIES = {"MAP": "the pressure of bed {} now", "lactic_acid": "the last lactate of bed {}"}
NAMED = {"MAP": r"press|\bmap\b|mm[ -]?hg|\bbp\b", "lactic_acid": r"lact|mmol"}
CLOSE = {"MAP": 0.51, "lactic_acid": 0.06}  # as read, or rounded as a person says it
UNITS = {"pressure": (r"mm[ -]?hg", "mmHg"), "lactate": (r"mmol", "mmol/L")}
NONE_YET = re.compile(
    r"\bnever (?:been )?(?:measured|drawn|taken|tested|done)|\bun(?:measured|tested)|"
    r"\bnot (?:yet )?(?:been )?(?:measured|drawn|taken|tested|done|available)(?! (?:for|since|in))|"
    r"\bno (?:\w+ )?(?:lactate|result|measurement|value|data|test|sample)",
    re.IGNORECASE,
)
ALSO_NONE = re.compile(  # at the name of a bed
    r"\bnever\b|\b(?:unknown|missing|none|n/?a|nan)\b|^\s*[-–—?✗×]+\s*$", re.IGNORECASE
)


def wards_to_read(people: Cohort, seed: int) -> Iterator[Cohort]:
    """Yield two wards of these people, each with beds that were tested and beds that never were."""
    for beds in (10, 11):
        tries = (a_ward(people, beds, number) for number in range(seed, seed + 100))
        yield next(ward for ward in tries if 0 < _untested(ward) < beds)


def _untested(ward: Cohort) -> int:
    return int((~ward.frame.groupby("PatientID")["lactic_acid_m"].any()).sum())


def read_page(fig: Figure, ward: Cohort) -> None:
    """Refuse a page that does not show the ward's last hour, by bed, so that all can read it."""
    shown = [ax for ax in fig.axes if ax.get_visible() and ax.axison and ax.has_data()]
    for ax in fig.axes:
        refuse_tricks(ax)
    if not shown:
        raise Wrong("the page has words only", "draw the pressures: the eye compares positions")
    if len(shown) > MOST_PANELS:
        step = f"leave out what nobody needs at a glance: {MOST_PANELS} panels at most"
        raise Wrong(f"the page has {len(shown)} panels", step)
    fig.draw_without_rendering()
    texts = _texts(fig)
    words = [text.get_text() for text in texts]
    everything = " ".join(words).lower()
    _expect_large_letters(fig, texts)
    for ax in shown:
        _expect_no_spaghetti(ax)
    now = ward.frame[ward.frame[NOW] == 0].set_index("PatientID")[list(QUANTITIES)]
    beds, alone = read_beds(shown, texts, now.index)
    _expect_beds(beds, words)
    if "lact" not in everything:
        raise Wrong("the page says nothing about lactate", "show the last result of each bed")
    for what, (unit, say) in UNITS.items():
        if not re.search(unit, everything):
            raise Wrong(f"no text on the page says the unit of the {what}", f"write {say} at it")
    _expect_values(beds, shown, now, words)
    for ax in shown:
        _expect_honest_bars(ax)
        _expect_labels(ax)
        _expect_colors(ax, alone)
    _expect_readable(fig)


def _expect_large_letters(fig: Figure, texts: dict[Text, bool]) -> None:
    shrunk = min(1.0, WIDEST / fig.get_size_inches()[0])
    for text in texts:
        size = text.get_fontsize() * shrunk
        if size < SMALLEST:
            step = "take 8 points or more, and leave words out where there is no room"
            raise Wrong(f"{text.get_text()!r} stands there in letters of {size:.2g} points", step)


def _is_read(text: Text, fig: Figure) -> bool:
    """Whether a text is on the page, in a colour that shows."""
    ax: Any = text.axes
    alpha, box, frame = text.get_alpha(), Text.get_window_extent(text), text.get_clip_box()
    on_paper = ax is not None and not ax.patches and not ax.images  # else it may lie on a bar
    if on_paper and not is_seen(text, [text.get_color()], ax):
        return False
    if text.get_clip_on() and frame is not None and not frame.overlaps(box):
        return False
    wide, high = fig.bbox.width / 2, fig.bbox.height / 2  # a notebook grows the page for a legend
    inside = -wide < box.x0 < 3 * wide and -high < box.y0 < 3 * high
    return inside and (alpha is None or alpha >= FAINT)


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
    shown = (text for text in shown if text not in ticks or text in drawn)
    return {text: text in ticks for text in shown if _is_read(text, fig)}


def _expect_beds(beds: dict[int, Bed], words: list[str]) -> None:
    named = {bed for text in words for bed in beds_in(text)}
    for bed, shown in beds.items():
        if bed not in named and not shown.words:
            step = "name each: `Bed 1`, `Bed 2`, …"
            raise Wrong(f"bed {bed} is not named on the page", step)


def _expect_values(
    beds: dict[int, Bed], panels: list[Axes], now: pd.DataFrame, words: list[str]
) -> None:
    """Demand each bed's pressure now, and its last lactate where there is one, at its name."""
    of_panel = [_quantities(ax) for ax in panels]
    looks: set[tuple] = set()
    for column, what in QUANTITIES.items():
        for bed, value in now[column].dropna().items():
            shown = _where(beds[bed], value, CLOSE[column])
            if not shown:
                _name_what_lacks(beds, bed, column, now, of_panel)
            right = [one for one in shown if one is None or column in of_panel[one[0]]]
            if not right:
                slip = f"{what.format(bed)} stands in a panel that is named after something else"
                raise Wrong(slip, "name each panel after what it shows")
            if column == "lactic_acid":
                looks.update(one for one in right if one is not None)
    noted = bool(looks) and any(map(_says_none, words))
    for bed, lactate in now["lactic_acid"].items():
        said = next(filter(_says_none, beds[bed].words), "")
        if np.isnan(lactate):
            _expect_none(bed, beds[bed], now.loc[bed, "MAP"], looks, noted)
        elif said:
            slip = f"bed {bed} has a lactate, and the page says at it: {said.strip()!r}"
            raise Wrong(slip, "say so of the others alone")


def _where(bed: Bed, value: float, close: float) -> list[tuple | None]:
    """Panel and look of each mark of a bed that has this value; None for words that say it."""
    found: list[tuple | None] = [
        (panel, mark.look)
        for panel, mark, values in bed.readable()
        if any(abs(one - value) <= close for one in values)
    ]
    return found + [None] * any(abs(number - value) <= close for number in bed.numbers())


def _quantities(ax: Axes) -> set[str]:
    """Which of the two a panel may show: both, unless it is named after one of them alone."""
    texts = [ax.get_xlabel(), ax.get_ylabel(), title(ax), *(text.get_text() for text in ax.texts)]
    words = " ".join(texts)
    named = {column for column, name in NAMED.items() if re.search(name, words, re.IGNORECASE)}
    return named or set(QUANTITIES)


def _name_what_lacks(
    beds: dict[int, Bed], bed: int, column: str, now: pd.DataFrame, of_panel: list[set[str]]
) -> NoReturn:
    values, others = now[column], now[[one for one in QUANTITIES if one != column]].iloc[:, 0]
    what, close = QUANTITIES[column].format(bed), CLOSE[column]
    value, here = values[bed], beds[bed]
    for mark, said in here.hidden():
        if any(abs(one - value) <= close for one in said):
            raise Wrong(f"{what} {mark.hidden}", "let the page show every mark")
    if here.crowd():
        step = "draw one mark for each bed: its last value, in a look of its own"
        slip = f"{here.crowd()} marks lie at bed {bed}, and nobody can tell which is the last value"
        raise Wrong(slip, step)
    for other, shown in beds.items():
        if _where(shown, value, close) and not _where(shown, values.get(other, np.nan), close):
            raise Wrong(f"{what} stands at bed {other}", "keep each value together with its bed")
    step = "draw or write what the `ward` that your function gets holds in its last hour"
    right = _where(here, others[bed], CLOSE[str(others.name)])
    stray = [panel for panel, mark, _ in here.readable() if (panel, mark.look) not in right]
    if any(column in of_panel[panel] for panel in stray):
        raise Wrong(f"a mark at the name of bed {bed} is not {what}", step)
    raise Wrong(f"{what} is neither drawn nor written at its name", step)


def _says_none(text: str) -> bool:
    return NONE_YET.search(" ".join(text.split())) is not None


def _expect_none(bed: int, shown: Bed, pressure: float, looks: set[tuple], noted: bool) -> None:
    """Demand that a bed without a lactate shows none, and that the page says so."""
    for panel, mark, values in shown.readable():
        is_pressure = any(abs(one - pressure) <= CLOSE["MAP"] for one in values)
        if (panel, mark.look) in looks and (len(values) > 1 or not is_pressure):
            slip = f"bed {bed} was never measured, and a mark of it looks like a lactate"
            raise Wrong(slip, "leave it out, or give it another look and say what it means")
    parts = [part for text in shown.words for part in re.split(r"[\n:;,|]", text)]
    if any(map(_says_none, shown.words)) or any(map(ALSO_NONE.search, parts)):
        return
    written = [number for number in shown.numbers() if abs(number - pressure) > CLOSE["MAP"]]
    if written or not noted:
        step = "say it in words, such as “never measured”, at each bed without a lactate"
        slip = f"the page does not tell that the lactate of bed {bed} was never measured"
        raise Wrong(slip, step)


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


def _expect_colors(ax: Axes, alone: set[Any]) -> None:
    """No two colours that a deuteranope confuses, where nothing else tells the marks apart."""
    looks: dict[str, set] = {}
    named = [line for line in ax.lines if line in alone]
    if 2 * len({to_hex(line.get_color()) for line in named}) <= len(named):
        named = []  # so few colours mean something else than the bed
    for line in ax.lines:
        if line in named:
            continue
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
    heights = [points(line)[:, 1] for line in ax.lines if is_drawn_through(line)]
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
