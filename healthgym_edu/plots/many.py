"""Many at once: the same numbers in five encodings, a panel for each patient, maps of many columns.

What the eye compares well, from the worst to the best, follows Cleveland and McGill (1984,
"Graphical perception: theory, experimentation, and application to the development of graphical
methods", Journal of the American Statistical Association 79, 531-554,
doi:10.1080/01621459.1984.10478080).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Circle, Rectangle, Wedge

from ..data import Cohort
from ..errors import ArgumentError
from ._axes import scale_for, start_values
from ._inputs import MAX_GROUPS, table_and_schema, variable
from .style import INK, MUTED, STYLES, Style, palette, style_for

MOST_PANELS = 30
NOBODYS = Style(MUTED)
"""Look of points that belong to no group."""


def five_ways(shares: pd.Series, label: str) -> Figure:
    """Draw the same numbers five times: as shade, area, angle, length and position.

    Parameters
    ----------
    shares : Series
        Numbers between 0 and 1, one row of the figure each, in the order given; at most ten.
    label : str
        What they are, for the only panel that has an axis: ``"Share of people"``.

    Returns
    -------
    Figure
        Five panels that share their rows, from the encoding that is hardest to compare to the
        easiest; angle and length are one step in the list of Cleveland and McGill. The lengths
        begin at different places on purpose: from a common line they would be positions.

    Raises
    ------
    ArgumentError
        For no number, too many, or one that is not between 0 and 1.
    """
    if not 1 <= len(shares) <= MAX_GROUPS or not shares.between(0, 1).all():
        raise ArgumentError(f"five_ways draws 1 to {MAX_GROUPS} shares between 0 and 1.")
    size = shares / shares.max()
    rows = range(len(shares))
    fig, axes = plt.subplots(
        1, 5, figsize=(7.4, 0.9 + 0.46 * len(shares)), sharey=True, width_ratios=[1, 1, 1, 2.2, 2.2]
    )
    shades = plt.get_cmap("Blues")(0.12 + 0.8 * size)
    starts = np.linspace(0, 0.9, len(shares))[::-1] ** 2
    for row in rows:
        mark: dict = {"fc": palette["blue"], "ec": "none"}
        axes[0].add_patch(Rectangle((-0.4, row - 0.4), 0.8, 0.8, fc=shades[row], ec=MUTED, lw=0.6))
        axes[1].add_patch(Circle((0, row), 0.45 * np.sqrt(size.iloc[row]), **mark))
        axes[2].add_patch(Circle((0, row), 0.42, fc=palette["pale"], ec="none"))
        turned = 360 * shares.iloc[row] - 90  # clockwise from twelve, since rows count downwards
        axes[2].add_patch(Wedge((0, row), 0.42, -90, turned, **mark))
        axes[3].add_patch(Rectangle((starts[row], row - 0.2), size.iloc[row], 0.4, **mark))
    axes[4].plot(shares, rows, "o", ms=8, color=palette["blue"])
    for ax, title in zip(axes, ("Shade", "Area", "Angle", "Length", "Position"), strict=True):
        ax.set_title(title, loc="center")
        ax.set(xlim=(-0.5, 0.5), xticks=[])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.grid(False)
    for ax in axes[:3]:
        ax.set_aspect("equal", adjustable="box", anchor="C")
    axes[3].set_xlim(-0.05, 1.95)
    axes[4].set(xlim=(0, 1.15 * shares.max()), xlabel=label)
    axes[4].xaxis.set_major_locator(plt.MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes[4].xaxis.set_major_formatter("{x:.0%}")
    axes[4].spines["bottom"].set_visible(True)
    axes[4].grid(True, axis="both")
    axes[0].set_yticks(rows, [str(name) for name in shares.index])
    axes[0].set_ylim(len(shares) - 0.45, -0.55)
    return fig


def one_panel_or_many(
    cohort: Cohort,
    column: str,
    goal: tuple[float, str] | float | None = None,
    name: str = "Bed",
    last: int = 24,
) -> Figure:
    """Draw the last steps of every patient twice: all in one panel, and a small panel for each.

    Parameters
    ----------
    cohort : Cohort
        Of at most thirty patients, such as a ward (`a_ward`).
    column : str
        A numeric column.
    goal : (float, str) or float, optional
        A reference line in the column's unit, and what it means.
    name : str
        What a patient is called: ``"Bed"``.
    last : int
        How many steps before each patient's last one are shown.

    Returns
    -------
    Figure
        On the left lines in one panel with a key; on the right the same lines in panels that
        share both axes, each with all others in grey behind it.

    Raises
    ------
    ArgumentError
        For an unknown or non-numeric column, or too many patients.
    """
    frame, schema = table_and_schema(cohort)
    var = variable(schema, column, ("numeric",))
    scale = scale_for(var, goal)
    end = frame.groupby(schema.id)[schema.step].transform("max")
    before = (frame[schema.step] - end) * (schema.hours or 1)
    recent = frame.assign(before=before)[before >= -last * (schema.hours or 1)]
    lines = recent.pivot(index="before", columns=schema.id, values=column)
    if lines.shape[1] > MOST_PANELS:
        raise ArgumentError(
            f"{lines.shape[1]:,} patients; {MOST_PANELS} small panels are the most that a reader "
            "can look through. Choose some with cohort.subset(…)."
        )
    n_rows = -(-lines.shape[1] // 4)
    fig = plt.figure(figsize=(7.6, 1.0 + 1.05 * n_rows))
    halves: Any = fig.subfigures(1, 2, width_ratios=[1, 1.75])
    left, right = halves
    one = left.subplots()
    start_values(one, var, scale, lines.to_numpy())
    for number, color in zip(lines, plt.get_cmap("tab20")(range(20)), strict=False):
        one.plot(lines[number], color=color, ls="-", lw=1.3, label=str(number))
    one.set(title="One panel", xlabel="Hours from now")
    keys = {"fontsize": 7.5, "handlelength": 0.9, "columnspacing": 0.7, "borderpad": 0}
    one.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.45, -0.2), title=name, **keys)
    many = right.subplots(n_rows, 4, sharex=True, sharey=True, squeeze=False)
    for ax in many.flat[lines.shape[1] :]:
        ax.remove()
    for number, ax in zip(lines, many.flat, strict=False):
        ax.plot(lines, color=palette["pale"], ls="-", lw=0.5)
        ax.plot(lines[number], color=palette["blue"], ls="-", lw=1.6, label=str(number), zorder=3)
        if scale.threshold is not None:
            ax.axhline(scale.threshold, color=INK, lw=0.8, ls=(0, (2, 2)))
            below = lines[number] < scale.threshold
            look: dict = {"color": palette["vermillion"], "lw": 0, "zorder": 2}
            gap = {"where": below, "interpolate": True}
            ax.fill_between(lines.index, lines[number], scale.threshold, **gap, **look)
        ax.text(0.04, 0.95, f"{name} {number}", transform=ax.transAxes, va="top", fontsize=8.5)
        ax.grid(False)
    if scale.threshold is not None:
        one.axhline(scale.threshold, color=INK, lw=0.9, ls=(0, (2, 2)))
        words = f"{scale.threshold:g} {var.unit}\n{scale.meaning}".strip()
        one.annotate(
            words,
            (0, scale.threshold),
            (3, 0),
            textcoords="offset points",
            fontsize=7.5,
            va="center",
            annotation_clip=False,
        )
    first = many[0, 0]
    first.set_xlim(lines.index.min(), 0)
    first.set_xticks([lines.index.min(), lines.index.min() / 2, 0])
    one.set_xticks(first.get_xticks())
    one.set_xlim(first.get_xlim())
    for ax in (one, first):
        ax.set_ylim(one.get_ylim())
    right.supxlabel("Hours from now", fontsize="medium", color=INK)
    right.supylabel(var.unit, fontsize="medium", color=INK)
    right.suptitle("A panel for each", x=0.02, ha="left", fontsize=11, fontweight="bold")
    return fig


def point_maps(
    maps: Mapping[str, np.ndarray],
    groups: Mapping[str, Sequence] | Sequence,
    labels: Mapping[str, tuple[str, str]] | None = None,
    marked: Mapping[str, Mapping[str, int]] | None = None,
    ncols: int = 2,
) -> Figure:
    """Draw maps of many columns: a point a patient, or a row, in each of several panels.

    Parameters
    ----------
    maps : mapping of str to array, shape (n, 2)
        Title of a panel and where its points lie.
    groups : sequence, or mapping of str to sequence
        Which group each point belongs to; by title where the panels differ. None: nobody's.
    labels : mapping of str to (str, str), optional
        Labels of the axes by title, such as ``"Direction 1 (14 % of the variance)"``. Panels
        without them get no ticks: nothing can be read off their axes.
    marked : mapping of str to mapping of str to int, optional
        By title, points to find again: what to write beside them, and their numbers.
    ncols : int
        Panels in a row.

    Returns
    -------
    Figure
        With one key below all panels; the groups differ in colour and marker. Points are drawn in
        a random order, always the same, so that no group lies on top of another.
    """
    labels = labels or {}
    by_title = {t: groups[t] if isinstance(groups, Mapping) else groups for t in maps}
    named = [group for group in by_title.values() if group is not None]
    names = list(dict.fromkeys(name for group in named for name in pd.unique(np.asarray(group))))
    styles = dict(zip(sorted(names), style_for(range(len(names))).values(), strict=True))
    n_rows = -(-len(maps) // ncols)
    fig, axes = plt.subplots(
        n_rows, ncols, figsize=(7.4, 0.5 + 7.0 / ncols * 0.8 * n_rows), squeeze=False
    )
    for (title, places), ax in zip(maps.items(), axes.flat, strict=False):
        group = by_title[title]
        looks = [NOBODYS] * len(places) if group is None else [styles[name] for name in group]
        _points(ax, places, looks)
        for place, (letter, number) in enumerate((marked or {}).get(title, {}).items()):
            ax.plot(*places[number], "o", ms=11, mfc="none", mec="black", mew=1.3)
            look = {"textcoords": "offset points", "weight": "bold", "color": "black"}
            ax.annotate(letter, places[number], (8, 4) if place % 2 else (-19, 2), **look)
        ax.set_title(title)
        ax.grid(False)
        _label_map(ax, labels.get(title))
    for ax in axes.flat[len(maps) :]:
        ax.remove()
    keys = [
        Line2D([], [], ls="none", marker=style.marker, color=style.line, ms=7, label=name)
        for name, style in styles.items()
    ]
    if keys:
        fig.legend(handles=keys, loc="outside lower center", ncols=len(keys))
    return fig


def _points(ax: Axes, places: np.ndarray, looks: Sequence[Style]) -> None:
    """Draw each point in its own style, in a random order: who comes last hides the others."""
    order = np.random.default_rng(0).permutation(len(places))
    markers = {style: MarkerStyle(style.marker) for style in set(looks)}
    shapes = {
        style: marker.get_path().transformed(marker.get_transform())
        for style, marker in markers.items()
    }
    drawn = [looks[k] for k in order]
    colors = [style.line for style in drawn]
    x, y = places[order].T
    points = ax.scatter(x, y, s=13, c=colors, alpha=0.6, linewidths=0)
    points.set_paths([shapes[style] for style in drawn])


def _label_map(ax: Axes, words: tuple[str, str] | None) -> None:
    if words is None:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=STYLES["pale"].color)
        return
    ax.set(xlabel=words[0], ylabel=words[1])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(plt.MaxNLocator(5))
        axis.set_major_formatter("{x:,.9g}")
