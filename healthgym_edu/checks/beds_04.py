"""What a page of a ward shows of each bed, read where the bed is named: at a tick, beside a mark.

The row of a bed (or its column) reaches through all panels that lie beside its name. The marks and
the words in it are the bed's. A text that names a bed belongs to it wherever it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

from .marks_04 import Mark, marks_of, points

ALIKE, MANY, WORDY = 2, 6, 6
"""Marks of one look, marks, and numbers in words, of one bed in a panel: more say nothing."""

REACH = 60.0  # pixels at most between a mark and the name beside it
IN_ROW = 0.45  # of the distance of two beds
BED = re.compile(r"\bbed\s*(?:no\.?\s*|#\s*)?(\d+)", re.IGNORECASE)
BEDS = re.compile(
    r"\bbeds:?\s+(\d+(?:(?:\s*,\s*|\s+and\s+|\s*&\s*|,\s+and\s+)\d+)*)", re.IGNORECASE
)
ALONE = re.compile(r"\W{0,2}(\d+)(?![\d.,])")  # a bare number where a heading says "Bed"
HEADING = re.compile(r"beds?(?: ?(?:number|no\.?|#))?", re.IGNORECASE)


@dataclass
class Bed:
    """What stands in the row of one bed, and the texts that name it."""

    marks: list[tuple[int, str, Mark]] = field(default_factory=list)  # panel, axis of the beds
    words: list[str] = field(default_factory=list)

    def readable(self) -> Iterator[tuple[int, Mark, list[float]]]:
        """Panel, mark and its values, where a reader can tell what they mean: few, few alike."""
        seen = {(panel, m.look, round(m.x, 6), round(m.y, 6)): (axis, m)
                for panel, axis, m in self.marks if not m.hidden}  # fmt: skip
        alike = Counter(key[:2] for key in seen)
        kept = {key: value for key, value in seen.items() if alike[key[:2]] <= ALIKE}
        crowd = Counter(key[0] for key in kept)
        for (panel, *_), (axis, mark) in kept.items():
            if crowd[panel] <= MANY:
                yield panel, mark, _values(axis, mark)

    def hidden(self) -> Iterator[tuple[Mark, list[float]]]:
        """Marks that nobody can see, with their values."""
        for _, axis, mark in self.marks:
            if mark.hidden:
                yield mark, _values(axis, mark)

    def crowd(self) -> int:
        """How many marks lie in its row of one panel, where they are too many to be read."""
        seen = {(panel, m.x, m.y) for panel, _, m in self.marks if not m.hidden}
        most = max(Counter(panel for panel, *_ in seen).values(), default=0)
        return most if most > ALIKE else 0

    def numbers(self) -> list[float]:
        """Numbers in its words, without its own; none where they are too many to be read."""
        texts = [BEDS.sub(" ", BED.sub(" ", text)) for text in self.words]
        found = [float(n) for text in texts for n in re.findall(r"\d+(?:\.\d+)?", text)]
        return found if len(found) <= WORDY else []


@dataclass
class _Rows:
    """Where beds are named along an axis of a panel, in pixels, and how their labels read."""

    axis: str
    places: dict[int, float]
    labels: dict[int, str]

    @property
    def reach(self) -> float:
        steps = np.diff(sorted(self.places.values()))
        return IN_ROW * float(steps.min()) if len(steps) and steps.min() > 0 else REACH

    def bed_at(self, place: float) -> int | None:
        bed = min(self.places, key=lambda one: abs(self.places[one] - place))
        return bed if abs(self.places[bed] - place) < self.reach else None


def beds_in(text: str) -> list[int]:
    """Return the beds that a text names: "Bed 3", "beds 3, 6 and 7"."""
    several = [n for found in BEDS.findall(text) for n in re.findall(r"\d+", found)]
    return [int(number) for number in [*BED.findall(text), *several]]


def read_beds(
    panels: list[Axes], texts: Iterable[Text], beds: pd.Index
) -> tuple[dict[int, Bed], set[Any]]:
    """Return what each bed shows, and the lines that show one bed alone, under its name.

    Parameters
    ----------
    panels : list of Axes
        Drawn already.
    texts : iterable of Text
        Those that can be seen.
    beds : Index
        Numbers of the beds.
    """
    texts = list(texts)
    found = {int(bed): Bed() for bed in beds}
    headed = any(HEADING.fullmatch(text.get_text().strip()) for text in texts)
    own = [_named_at_ticks(ax, headed, found) for ax in panels]
    alone: set[Any] = set()
    for number, ax in enumerate(panels):
        rows = own[number] or _rows_beside(number, panels, own)
        axis, at_names = rows.axis if rows else "", []
        if rows is None:  # names that stand in the panel may be in rows, and beside marks
            at_names = list(_beside_names(ax, texts, headed))
            alone |= {mark.artist for _, mark in at_names}
            rows = _named_by_texts(ax, texts, found)
        if rows is not None:
            at_names += _in_rows(rows, marks_of(ax))
            alone |= set(_lines_in_one_row(rows, ax))
            for text, bed in _texts_in_rows(rows, ax, texts):
                found[bed].words.append(text.get_text())
        for bed, mark in at_names:
            if bed in found:
                found[bed].marks.append((number, axis, mark))
        for bed, label in (own[number] or _Rows("", {}, {})).labels.items():
            found[bed].words.append(ALONE.sub(" ", label, count=1))
    for text in texts:
        for bed in beds_in(text.get_text()):
            if bed in found:
                found[bed].words.append(text.get_text())
    return found, alone


def _values(axis: str, mark: Mark) -> list[float]:
    """What a mark says: along the other axis than the beds, or along both where it has a name."""
    return {"y": [mark.x], "x": [mark.y]}.get(axis, [mark.x, mark.y])


def _named_at_ticks(ax: Axes, headed: bool, beds: Collection[int]) -> _Rows | None:
    """Return the beds that stand at the ticks of one axis of a panel, if any do."""
    best = None
    for axis, drawn in (("y", ax.yaxis), ("x", ax.xaxis)):
        rows = _Rows(axis, {}, {})
        own_heading = re.search(r"\bbeds?\b", drawn.get_label_text(), re.IGNORECASE)
        low, high = sorted(drawn.get_view_interval())
        bare = False
        for place, label in zip(drawn.get_ticklocs(), drawn.get_ticklabels(), strict=False):
            text = label.get_text().strip()
            number = ALONE.match(text) if headed or own_heading else None
            named = beds_in(text)[:1] or ([int(number[1])] if number else [])
            inside = low - 1e-9 <= place <= high + 1e-9
            if named and named[0] in beds and label.get_visible() and inside:
                across = ax.get_yaxis_transform() if axis == "y" else ax.get_xaxis_transform()
                at = across.transform((0, place) if axis == "y" else (place, 0))
                rows.places[named[0]] = float(at["xy".index(axis)])
                rows.labels[named[0]] = "" if beds_in(text) else text  # else it is read anyway
                bare = bare or not beds_in(text)
        if bare and not own_heading and len(rows.places) < len(beds):
            continue  # the ticks of some other number
        if rows.places and (best is None or len(rows.places) > len(best.places)):
            best = rows
    return best


def _named_by_texts(ax: Axes, texts: list[Text], beds: Collection[int]) -> _Rows | None:
    """Return the rows of beds whose names stand in a panel, all of them at one x or at one y."""
    names: dict[int, np.ndarray] = {}
    for text in ax.texts:
        named = beds_in(text.get_text())
        if text in texts and len(named) == 1 and named[0] in beds:
            names[named[0]] = text.get_transform().transform(text.get_position())
    if len(names) < len(beds):
        return None
    spread = np.ptp(list(names.values()), axis=0)
    for across, axis in ((0, "y"), (1, "x")):
        if spread[across] < 2:
            return _Rows(axis, {bed: float(at[1 - across]) for bed, at in names.items()}, {})
    return None


def _rows_beside(number: int, panels: list[Axes], own: list[_Rows | None]) -> _Rows | None:
    """Return the rows of the nearest panel that reaches as far along the axis of its beds."""
    here = panels[number].bbox
    near: list[tuple[float, _Rows]] = []
    for other, rows in zip(panels, own, strict=True):
        if rows is not None:
            there = other.bbox
            ends = ("y0", "y1") if rows.axis == "y" else ("x0", "x1")
            if all(abs(getattr(here, end) - getattr(there, end)) < 2 for end in ends):
                near.append((abs(here.x0 - there.x0) + abs(here.y0 - there.y0), rows))
    return min(near, key=lambda one: one[0])[1] if near else None


def _in_rows(rows: _Rows, marks: Iterable[Mark]) -> Iterator[tuple[int, Mark]]:
    for mark in marks:
        bed = rows.bed_at(mark.at["xy".index(rows.axis)])
        if bed is not None:
            yield bed, mark


def _lines_in_one_row(rows: _Rows, ax: Axes) -> Iterator[Any]:
    """Lines that stay within the row of one bed."""
    for line in ax.lines:
        if line.get_transform() == ax.transData and len(points(line)):
            at = line.get_transform().transform(points(line))[:, "xy".index(rows.axis)]
            at = at[np.isfinite(at)]
            if len(at) and len({rows.bed_at(place) for place in at} - {None}) == 1:
                yield line


def _texts_in_rows(rows: _Rows, ax: Axes, texts: list[Text]) -> Iterator[tuple[Text, int]]:
    """Texts beside the marks of a bed; one that names its bed is the bed's anyway."""
    for text in ax.texts:
        if text in texts and not beds_in(text.get_text()):
            box = Text.get_window_extent(text)
            ends = (box.x0, box.x1) if rows.axis == "x" else (box.y0, box.y1)
            bed = rows.bed_at(sum(ends) / 2)
            if bed is not None:
                yield text, bed


def _beside_names(ax: Axes, texts: list[Text], headed: bool) -> Iterator[tuple[int, Mark]]:
    """Of each text in a panel that names one bed, the mark nearest to it."""
    marks = marks_of(ax)
    for text in ax.texts:
        words = text.get_text().strip()
        bare = ALONE.fullmatch(words) if headed else None
        named = beds_in(words) or ([int(bare[1])] if bare else [])
        if text not in texts or len(named) != 1 or not marks:
            continue
        if isinstance(text, Annotation) and text.xycoords == "data":
            at = ax.transData.transform(text.xy)
        else:
            at = text.get_transform().transform(text.get_position())
        far = [np.hypot(mark.at[0] - at[0], mark.at[1] - at[1]) for mark in marks]
        if min(far) <= REACH:
            yield named[0], marks[int(np.argmin(far))]
