"""What was measured, and when: the pattern of a record before its values."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from ..data import Cohort
from ._axes import headline, new_axes, time_axis
from ._inputs import draw_patients, group_rows, table_and_schema, variable
from .style import INK, palette

STRIP = 0.2  # height of the bars above a grid, as a share of the height of all grids
ABOVE = 0.03  # white space between bars and grid, the same
BETWEEN = 0.37  # from one grid to the next: a heading, its bars and their white space


def measured_heatmap(
    cohort: Cohort,
    flag: str,
    n_patients: int = 60,
    seed: int = 0,
    by: str | pd.Series | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show a measured flag as a grid: one row a patient, one column a step.

    Parameters
    ----------
    cohort : Cohort
    flag : str
        A measured flag such as ``"VL (M)"``.
    n_patients : int
        How many patients, drawn at random with `seed`, are shown.
    by : str or Series, optional
        One grid per group, under each other: a column that never changes within a patient, or a
        Series indexed by patient, whose values are the headings.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The grids: images of 1 (measured), 0 (not measured) and masked cells (no record), the
        most often measured patient on top. Above each, the share measured at each step of *all*
        patients of the cohort (of the group).

    Raises
    ------
    ArgumentError
        For an unknown column, one that is no flag, fewer than 1 patient, or an impossible
        grouping.
    """
    frame, schema = table_and_schema(cohort)
    title = variable(schema, flag, ("flag",)).title
    groups = group_rows(cohort, by)
    rates = frame[flag].groupby([groups, frame[schema.step]], observed=True).mean()
    sizes = frame[schema.id].groupby(groups, observed=True).nunique()
    drawn = draw_patients(cohort, n_patients, seed)
    steps = np.sort(frame[schema.step].unique())
    grids, strips = {}, []
    for name in sizes.index:
        grid = drawn[groups[drawn.index] == name]
        grid = grid.pivot(index=schema.id, columns=schema.step, values=flag).astype(float)
        grid = grid.reindex(columns=steps)
        order = grid.mean(axis=1).sort_values(ascending=False, kind="stable").index
        grids[name] = grid.loc[order]

    ax = new_axes(ax, height=4.0 if by is None else 5.2)
    time_axis(ax, schema, frame[schema.step], pad=0.5)
    edges = ax.get_xlim()
    rows = sum(map(len, grids.values()))
    total = rows * (1 + BETWEEN * (len(grids) - 1))
    highest = next(limit for limit in (0.1, 0.25, 0.5, 1.0) if rates.max() <= limit)
    top = 0.0
    for name, grid in grids.items():
        if len(grid):
            _cells(ax, grid, (*edges, top + len(grid), top))
        strip = ax.inset_axes((0, 1 - (top - ABOVE * rows) / total, 1, STRIP * rows / total))
        _bars(strip, rates[name], edges, highest)
        strips.append(strip)
        if by is not None:
            first = f"{rates[name].iloc[0]:.0%} measured in {schema.step_unit} {steps[0]}"
            _heading(strip, f"{name}: {sizes[name]:,} patients, {first}")
            ax.annotate(f"{len(grid)} patients", (edges[0], top + len(grid) / 2), (-8, 0),
                        textcoords="offset points", rotation=90, ha="right", va="center",
                        fontsize=9.5)  # fmt: skip
        top += len(grid) + BETWEEN * rows
    ax.set_ylim(total, 0)
    ax.grid(False)
    ax.set_yticks([])
    ax.spines["left"].set_visible(by is None)
    ax.xaxis.label.set(horizontalalignment="left", x=0)  # the key stands at the right
    keys = [
        Patch(fc=palette["blue"], label="measured"),
        Patch(fc=palette["pale"], label="not measured"),
        Patch(fc="white", ec=palette["pale"], label="no record"),
    ]
    if all(grid.notna().all(axis=None) for grid in grids.values()):
        keys.pop()
    key = ax.legend(handles=keys, loc="upper right", ncols=3, borderpad=0)
    key.set_bbox_to_anchor((1, -0.36 / (ax.get_window_extent().height / ax.figure.dpi)))
    if by is None:
        ax.set_ylabel(f"{rows} patients")
        told = f"{title}: {frame[flag].mean():.1%} of the rows of {sizes.sum():,} patients"
        remark = f"bars: share of them at each step; grid: {rows} of them"
        headline(strips[0], told, f"{remark}, most often measured on top")
    else:
        remark = f"bars: share of the group at each step; grid: {rows} of {sizes.sum():,} patients"
        headline(strips[0], title, f"{remark}, most often measured on top", lift=20)
    return ax


def _cells(ax: Axes, grid: pd.DataFrame, extent: tuple[float, float, float, float]) -> None:
    """Draw a grid of cells (one row a patient) into this part of the axes."""
    ax.imshow(
        np.ma.masked_invalid(grid),
        cmap=ListedColormap([palette["pale"], palette["blue"]]),
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
        extent=extent,
    )


def _bars(ax: Axes, rate: pd.Series, edges: tuple[float, float], highest: float) -> None:
    """Draw the share measured (index step) as bars, up to the share `highest`."""
    ax.bar(rate.index, rate, width=1, color=palette["blue"], ec="white", lw=0.5)
    ax.set(xlim=edges, ylim=(0, highest), xticks=[], yticks=[0, highest])
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _heading(ax: Axes, words: str) -> None:
    """Name a group above its bars."""
    ax.annotate(words, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
                fontsize=10, fontweight="bold", color=INK)  # fmt: skip
