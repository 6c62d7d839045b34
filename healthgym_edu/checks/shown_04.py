"""What a figure shows, read off its axes: marks with their names, limits, labels, tricks.

A repair may be drawn in many ways: bars upright or lying, dots, lollipops, by Matplotlib, pandas or
seaborn. What is asked here is what a reader would see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Wedge

from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.placeholder import is_blank

from .marks_04 import is_drawn_through, marks_of
from .words_04 import refuse_cause

ANSWER = "draw on the `ax` of `fig, ax = plt.subplots()`, and give that `ax`"


@dataclass(frozen=True)
class Marks:
    """One mark for each name: where it lies, what it says, and whether its length says it."""

    axis: str  # "x" or "y": the axis that has the names
    at: dict[str, float]  # along that axis
    value: dict[str, float]  # along the other one
    base: dict[str, float]  # where a bar begins; missing for a dot

    @property
    def other(self) -> str:
        return "y" if self.axis == "x" else "x"


def panels(value: Any) -> list[Axes]:
    """All axes of what arrived: Axes, a Figure, a grid of seaborn's, or several of these."""
    if is_blank(value):
        raise NotAttempted
    if value is None:
        raise Wrong("nothing arrived: is a `return` missing?", ANSWER)
    if isinstance(value, Axes):
        return [value]
    if isinstance(value, Figure):
        return list(value.axes)
    if isinstance(getattr(value, "figure", None), Figure):  # a grid of seaborn's
        return list(value.figure.axes)
    if isinstance(value, (list, tuple, np.ndarray)):
        found = [ax for part in np.asarray(value, dtype=object).ravel() for ax in panels(part)]
        return list(dict.fromkeys(found))
    raise Wrong("the answer should be the Axes or the Figure that you drew", ANSWER)


def one_panel(value: Any) -> Axes:
    """The only axes of an answer, free of tricks."""
    found = panels(value)
    for ax in found:
        refuse_tricks(ax)
    if len(found) != 1:
        raise Wrong(f"the answer has {len(found)} panels; one is asked for here", ANSWER)
    realise(found[0])
    return found[0]


def realise(ax: Any) -> None:
    """Draw without showing: the labels of ticks exist from then on."""
    ax.figure.draw_without_rendering()


def refuse_tricks(ax: Axes) -> None:
    """Refuse a pie, a third dimension, and a second scale in the same panel."""
    if any(isinstance(patch, Wedge) for patch in ax.patches):
        step = "put each value on a common scale: dots, or bars from zero"
        raise Wrong("it is still a pie, and the eye compares angles badly", step)
    if ax.name == "3d":
        step = "draw it flat: what lies in front looks larger"
        raise Wrong("a third dimension shows nothing here and hides a part of the rest", step)
    if second_scale(ax):
        step = "give each quantity a panel of its own, one above the other"
        raise Wrong("two scales share one panel, so where the lines cross means nothing", step)


def second_scale(ax: Axes) -> bool:
    """Whether another axes lies on this one, or has a second axis drawn beside it."""
    here = ax.get_position().bounds
    lying_on = (
        other is not ax and np.allclose(other.get_position().bounds, here, atol=0.01)
        for other in ax.figure.axes
    )
    return any(lying_on) or any("Secondary" in type(child).__name__ for child in ax.child_axes)


def title(ax: Axes) -> str:
    """What stands above a panel, at the left, in the middle and at the right."""
    return " ".join([ax.get_title("left"), ax.get_title("center"), ax.get_title("right")]).strip()


def normal(text: Any) -> str:
    """A label as it is compared: lower case, one kind of dash, single spaces."""
    return " ".join(re.sub(r"[‐-―−]", "-", str(text)).lower().split())


def read_marks(
    ax: Axes, names: Iterable[str], one: str, spelling: Callable[[Any], str] = normal
) -> Marks:
    """Read one bar or dot for each name.

    Parameters
    ----------
    names : iterable of str
        What the ticks, or texts beside the marks, must be called.
    one : str
        What a name is, for messages: ``"group"``.
    spelling : callable
        Turns a label into the text that is compared, and a name too.
    """
    names = list(names)
    places = {axis: _named_places(ax, axis, names, spelling) for axis in ("x", "y")}
    axis = max(places, key=lambda one_axis: len(places[one_axis]))
    at = places[axis]
    missing = [name for name in names if name not in at]
    if missing:
        step = "write the names as tick labels, spelt as in the table"
        raise Wrong(f"there is no label for the {one} {missing[0]!r}", step)
    value: dict[str, float] = {}
    base: dict[str, float] = {}
    unseen: dict[str, str] = {}
    for mark in marks_of(ax):
        along, end = mark.along(axis), mark.along("y" if axis == "x" else "x")
        name = min(names, key=lambda name: abs(at[name] - along))
        if mark.look[0] == "end" or abs(at[name] - along) >= 0.45:
            continue
        if "nobody" in mark.hidden:
            unseen.setdefault(name, mark.hidden)
            continue
        value.setdefault(name, end)
        if mark.base is not None:
            value[name], base[name] = end, mark.base
    for name in names:
        if name not in value and name in unseen:
            raise Wrong(f"the mark of the {one} {name!r} {unseen[name]}", "give it colour and size")
        if name not in value:
            lines = any(is_drawn_through(line) for line in ax.lines)
            step = "give the line a marker: `ax.plot(…, 'o')`" if lines else f"draw every {one}"
            raise Wrong(f"there is no bar and no dot for the {one} {name!r}", step)
    return Marks(axis, {name: at[name] for name in names}, value, base)


def _named_places(
    ax: Axes, axis: str, names: Sequence[str], spelling: Callable[[Any], str]
) -> dict[str, float]:
    """Where each name is written along an axis: at a tick, else in a text beside a mark."""
    by_text = {spelling(name): name for name in names}
    ticks = getattr(ax, f"get_{axis}ticks")()
    labels = getattr(ax, f"get_{axis}ticklabels")()
    found = {}
    for place, label in zip(ticks, labels, strict=False):
        if spelling(label.get_text()) in by_text:
            found[by_text[spelling(label.get_text())]] = float(place)
    if not found and axis == "y":
        for text in ax.texts:
            if spelling(text.get_text()) in by_text and text.get_transform() == ax.transData:
                found[by_text[spelling(text.get_text())]] = float(text.get_position()[1])
    return found


def expect_shares(marks: Marks, shares: pd.Series, one: str, next_step: str) -> float:
    """Demand these shares, or the same in per cent; return 1 or 100."""
    drawn = pd.Series(marks.value).reindex([str(name) for name in shares.index])
    for factor in (1.0, 100.0):
        wrong = (drawn - factor * shares.to_numpy()).abs() > 0.006 * factor
        if not wrong.any():
            return factor
        if np.allclose(np.sort(drawn), factor * np.sort(shares), atol=0.006 * factor):
            step = f"keep each {one} together with its value"
            raise Wrong("the right values are drawn, some beside a wrong name", step)
        if wrong.mean() < 1:
            raise Wrong(f"the value of the {one} {wrong.idxmax()!r} is not right", next_step)
    raise Wrong("the values are not those of the question", next_step)


def expect_zero(ax: Axes, marks: Marks) -> None:
    """Demand that bars begin at zero, dots anywhere, and that nothing lies beyond the axis."""
    low, high = getattr(ax, f"get_{marks.other}lim")()
    if low > high:
        slip = f"the {marks.other} axis runs backwards, so more looks like less"
        raise Wrong(slip, "turn it round")
    if marks.base:
        if getattr(ax, f"get_{marks.other}scale")() != "linear":
            step = "use a linear axis for bars, or draw dots"
            raise Wrong("a logarithmic axis has no zero, so the lengths of bars say nothing", step)
        start = max([low, *(abs(base) for base in marks.base.values())])
        if start > 1e-9 * high:
            step = f"let the {marks.other} axis begin at 0, or draw dots instead of bars"
            raise Wrong(f"the bars begin at {start:.3g} and not at zero, so lengths lie", step)
    if max(marks.value.values()) > high * (1 + 1e-9) or min(marks.value.values()) < low - 1e-9:
        raise Wrong("a mark lies outside the axis", f"widen the limits of the {marks.other} axis")


def in_order(marks: Marks, names: Sequence[str]) -> bool:
    """Whether the names stand in this order, or in the opposite one, along their axis."""
    order = sorted(names, key=marks.at.__getitem__)
    return order in (list(names), list(names)[::-1])


def expect_words(ax: Axes, axis: str, about: Sequence[str], unit: Sequence[str], say: str) -> None:
    """Demand a label that holds a word of each list; the unit may stand at the ticks as well."""
    above = normal(title(ax))
    label = getattr(ax, f"get_{axis}label")() or (title(ax) if axis == "y" else "")
    ticks = " ".join(tick.get_text() for tick in getattr(ax, f"get_{axis}ticklabels")())
    step = f"write, for example, {say}"

    def only_above(words: Sequence[str]) -> str:
        told = any(word in above for word in words)
        return "; the title says it, and the axis itself should" if told else ""

    if not label.strip():
        slip = f"the {axis} axis has no label{only_above((*about, *unit))}"
        raise Wrong(slip, f"say what it shows, with its unit: {say}")
    if not any(word in normal(label) for word in about):
        slip = f"the label of the {axis} axis, {label!r}, does not say what is shown"
        raise Wrong(slip + only_above(about), step)
    if not any(word in normal(label) or word in normal(ticks) for word in unit):
        slip = f"the label of the {axis} axis, {label!r}, has no unit"
        raise Wrong(slip + only_above(unit), step)


def expect_no_cause(ax: Axes) -> None:
    """Refuse a title, or another text, that says what deaths come from."""
    heading = ax.figure.get_suptitle() if isinstance(ax.figure, Figure) else ""
    texts = [text.get_text() for text in ax.texts]
    for said in (heading, title(ax), ax.get_xlabel(), ax.get_ylabel(), *texts):
        refuse_cause(normal(said))
