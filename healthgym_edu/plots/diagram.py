"""Causal diagrams: what acts on what, and what nobody has on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text

from ..errors import ArgumentError, require_known
from .style import INK, STYLES, ZONE

Arrow = tuple[str, str]


def causal_diagram(
    nodes: Mapping[str, tuple[float, float]],
    arrows: Sequence[Arrow],
    hidden: Collection[str] = (),
    asked: Arrow | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw boxes, and an arrow from each cause to what it acts on.

    Parameters
    ----------
    nodes : mapping of str to (float, float)
        The words in each box (a line break is kept), and where its middle stands: from left to
        right and from below to above, each between 0 and 1.
    arrows : sequence of (str, str)
        From which box to which.
    hidden : collection of str
        Boxes that are on no record: their border and the arrows from them are dashed.
    asked : (str, str), optional
        The arrow that the question is about: it is drawn thick, in another colour.
    ax : Axes, optional

    Returns
    -------
    Axes
        Without ticks; its boxes are its texts, in the order of `nodes`.

    Raises
    ------
    ArgumentError
        No boxes, an arrow from or to a box that there is not or from a box to itself, a place
        outside 0 and 1, or two boxes on one place.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> places = {"Sickness": (0.15, 0.5), "Treatment": (0.5, 0.9), "Death": (0.85, 0.5)}
    >>> ax = hg.plots.causal_diagram(
    ...     places, [("Sickness", "Treatment"), ("Sickness", "Death"), ("Treatment", "Death")],
    ...     hidden=["Sickness"], asked=("Treatment", "Death"))
    >>> [text.get_text() for text in ax.texts]
    ['Sickness', 'Treatment', 'Death']
    """
    arrows = [*arrows, *([asked] if asked is not None and asked not in arrows else [])]
    _require_places(nodes)
    for name in hidden:
        require_known("hidden", name, nodes, "")
    for one, other in arrows:
        for name in (one, other):
            require_known("arrows", name, nodes, "")
        if one == other:
            raise ArgumentError(f"An arrow leads from {one!r} to itself; nothing causes itself.")
    ax = plt.subplots(figsize=(7.4, 2.9))[1] if ax is None else ax
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    boxes = {name: _box(ax, name, place, name in hidden) for name, place in nodes.items()}
    for arrow in arrows:
        _arrow(ax, nodes, boxes, arrow, arrow[0] in hidden, arrow == asked)
    return ax


def _require_places(nodes: Mapping[str, tuple[float, float]]) -> None:
    if not nodes:
        raise ArgumentError("A diagram needs boxes; found none.")
    taken: dict[tuple[float, float], str] = {}
    for name, place in nodes.items():
        if not all(0 <= side <= 1 for side in place):
            raise ArgumentError(f"{name!r} stands at {place}; both numbers are between 0 and 1.")
        if place in taken:
            raise ArgumentError(f"{name!r} and {taken[place]!r} stand on the same place.")
        taken[place] = name


def _box(ax: Axes, name: str, place: tuple[float, float], hidden: bool) -> Text:
    border = {"boxstyle": "round,pad=0.45", "ec": INK, "lw": 1.4, "ls": "--" if hidden else "-"}
    border["fc"] = "white" if hidden else ZONE
    return ax.text(
        *place, name, ha="center", va="center", fontsize=10, color=INK, bbox=border, zorder=3
    )


def _arrow(
    ax: Axes,
    nodes: Mapping[str, tuple[float, float]],
    boxes: Mapping[str, Text],
    arrow: Arrow,
    hidden: bool,
    asked: bool,
) -> None:
    """Draw from border to border. It is drawn after the boxes, whose borders are known then."""
    one, other = arrow
    ax.add_patch(
        FancyArrowPatch(
            nodes[one],
            nodes[other],
            arrowstyle="-|>",
            mutation_scale=20 if asked else 15,
            lw=3.0 if asked else 1.5,
            color=STYLES["blue"].color if asked else INK,
            linestyle="--" if hidden else "-",
            patchA=boxes[one].get_bbox_patch(),
            patchB=boxes[other].get_bbox_patch(),
            shrinkA=0,
            shrinkB=2,
            fill=True,
            zorder=4,
        )
    )
