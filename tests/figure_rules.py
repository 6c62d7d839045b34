"""What is wrong with a figure: texts cut off, on top of each other, pale; axes without units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgba
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.plots.style import READABLE, contrast

SMALLEST = 7.0  # points
UNIT = re.compile(
    r"\(.+\)|\b(share|shares|patients|people|person-months|months?|hours|points|score|AUROC|number|"
    r"chance|risk|probability|hazard ratio|correlation|total variation|KS|"
    r"deaths|rows|steps|mmHg|mmol/L|copies|component|principal|t-SNE|density|%)\b",
    re.IGNORECASE,
)
BAD_ON_PURPOSE = "bad on purpose"
"""``gid`` of the axes that chapter 04 asks a learner to repair: only what is legible counts."""


@cache
def column_names() -> set[str]:
    """Published names that no reader should meet on an axis: ``Output4H``, ``lactic_acid_m``."""
    schemas = [get_mechanism(condition).schema for condition in hg.CONDITIONS]
    names = {variable.name for schema in schemas for variable in schema}
    coined = {name for name in names if re.search(r"_|\d[A-Z]|[a-z][A-Z]|\(M\)", name)}
    return coined - {"pH"}  # a word of its own


def faults(figure: Figure) -> list[str]:
    """List what is wrong with a figure, one sentence each."""
    figure.draw_without_rendering()  # works after pyplot has closed it, too
    texts = list(_read(figure))
    found = [
        *_cut_off(figure, texts),
        *_on_top_of_each_other(texts),
        *_pale_or_small(figure, texts),
    ]
    for ax in figure.axes:
        left_alone = _is_colorbar(ax) or ax.get_gid() == BAD_ON_PURPOSE
        if ax.get_visible() and ax.axison and not left_alone:
            found += [*_axis_faults(ax), *_bar_faults(ax)]
    return found


def _is_colorbar(ax: Axes) -> bool:
    return ax.get_label() == "<colorbar>"


def _read(figure: Figure) -> Iterator[Text]:
    """Yield every text that is drawn; tick labels only where their tick is in view."""
    beyond = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            room = 1e-6 * (high - low)
            shown = axis.get_visible() and ax.axison and ax.get_visible()
            for minor in (False, True):
                ticks = axis.get_minor_ticks() if minor else axis.get_major_ticks()
                for tick in ticks:
                    inside = low - room <= tick.get_loc() <= high + room
                    for label in (tick.label1, tick.label2):
                        if not (shown and inside and label.get_visible()):
                            beyond.add(id(label))
            if not shown:
                beyond.add(id(axis.label))
                beyond.add(id(axis.offsetText))
    for text in figure.findobj(Text):
        hidden = not text.get_visible() or id(text) in beyond or text.get_alpha() == 0
        in_axes = text.axes is not None and not text.axes.get_visible()
        if text.get_text().strip() and not hidden and not in_axes:
            yield text


def _name(text: Text) -> str:
    return repr(" ".join(text.get_text().split()))[:60]


def _box(text: Text) -> Bbox:
    """Where the letters are; an annotation without its arrow."""
    return Text.get_window_extent(text)


def _cut_off(figure: Figure, texts: list[Text]) -> Iterator[str]:
    kept = figure.get_tightbbox().padded(0.12)  # what is saved, in inches, with its margin
    whole = Bbox(kept.get_points() * figure.dpi)
    for text in texts:
        box = _box(text)
        if not (
            whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1
        ):
            yield f"the text {_name(text)} is cut off"
        elif text.axes is not None and text.get_clip_on() and _has_a_clip(text):
            inner = text.axes.bbox.padded(2)
            if not (inner.x0 <= box.x0 and box.x1 <= inner.x1):
                yield f"the text {_name(text)} is cut off by its axes"


def _has_a_clip(text: Text) -> bool:
    return text.get_clip_box() is not None or text.get_clip_path() is not None


def _on_top_of_each_other(texts: list[Text]) -> Iterator[str]:
    upright = [text for text in texts if text.get_rotation() % 90 == 0]
    x0, y0, x1, y1 = np.array([_box(text).extents for text in upright]).reshape(-1, 4).T
    wide = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
    high = np.minimum.outer(y1, y1) - np.maximum.outer(y0, y0)
    for one, other in np.argwhere(np.triu(np.minimum(wide, high) > 2.5, k=1)):
        yield f"the texts {_name(upright[one])} and {_name(upright[other])} overlap"


def _pale_or_small(figure: Figure, texts: list[Text]) -> Iterator[str]:
    for text in texts:
        if text.get_fontsize() < SMALLEST:
            yield f"the text {_name(text)} is smaller than {SMALLEST} points"
        behind = _background(figure, text)
        alpha = 1.0 if text.get_alpha() is None else text.get_alpha()
        ink = alpha * np.array(to_rgba(text.get_color())[:3]) + (1 - alpha) * behind
        ratio = contrast(to_hex(np.clip(ink, 0, 1)), to_hex(np.clip(behind, 0, 1)))
        if ratio < READABLE:
            yield f"the text {_name(text)} has a contrast of {ratio:.1f}; {READABLE} is least"


def _background(figure: Figure, text: Text) -> np.ndarray:
    """Colour behind the middle of a text: paper, axes and the filled shapes over it."""
    box = _box(text)
    middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    color = _over(figure.get_facecolor(), np.ones(3))
    for ax in figure.axes:
        if not ax.bbox.contains(*middle) or not ax.get_visible():
            continue
        if ax.axison:
            color = _over(ax.get_facecolor(), color)
        for patch in sorted(ax.patches, key=lambda p: p.get_zorder()):
            if patch.get_visible() and patch.get_fill() and _holds(patch, middle):
                color = _over(patch.get_facecolor(), color)
    patch = text.get_bbox_patch()
    return color if patch is None else _over(patch.get_facecolor(), color)


def _holds(patch: Patch, point: tuple[float, float]) -> bool:
    return patch.get_window_extent().contains(*point)


def _over(rgba: tuple, behind: np.ndarray) -> np.ndarray:
    red, green, blue, alpha = to_rgba(rgba)
    return alpha * np.array([red, green, blue]) + (1 - alpha) * behind


def _axis_faults(ax: Axes) -> Iterator[str]:
    for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        told = [label.get_text() for label in axis.get_ticklabels() if label.get_visible()]
        numeric = [
            one for one in told if re.search(r"\d", one) and not re.search(r"[A-Za-z]{2}", one)
        ]
        label = axis.get_label_text().strip() or _of_neighbours(ax, name)
        if axis.get_visible() and len(numeric) > 1 and not label:
            yield f"the {name} axis of {_title(ax)} has numbers and no label"
        elif axis.get_visible() and len(numeric) > 1 and not UNIT.search(label):
            yield f"the {name} axis reads {label!r}, without a unit or what is counted"
        for word in (label, ax.get_title(loc="left"), ax.get_title(), *told):
            published = [one for one in column_names() if one in word.split()]
            if published:
                yield f"{word!r} shows the published name {published[0]}; say it in words"


def _of_neighbours(ax: Axes, name: str) -> str:
    """Label of an axis that this one shares, or of the whole figure."""
    figure = ax.get_figure()
    whole = getattr(figure, f"get_sup{name}label")()
    shared = ax.get_shared_x_axes() if name == "x" else ax.get_shared_y_axes()
    labels = [getattr(one, f"get_{name}label")() for one in shared.get_siblings(ax)]
    return next(filter(None, [whole, *labels]), "")


def _title(ax: Axes) -> str:
    return repr(ax.get_title() or ax.get_title(loc="left") or "an untitled panel")


def _bar_faults(ax: Axes) -> Iterator[str]:
    for bars in ax.containers:
        if not isinstance(bars, BarContainer) or not bars.patches:
            continue
        upright = bars.orientation != "horizontal"
        scale = ax.get_yscale() if upright else ax.get_xscale()
        low, high = sorted(ax.get_ylim() if upright else ax.get_xlim())
        if scale == "linear" and not low <= 0 <= high:
            yield f"the bars of {_title(ax)} do not start at zero"
