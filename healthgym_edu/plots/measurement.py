"""What was measured, and when: the pattern of a record before its values."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from ..errors import ArgumentError
from ..schema import Schema
from ._axes import headline, new_axes, time_axis
from ._inputs import patient_matrix, unpack, variable
from .style import ABSENT, palette

ORDERS = {"measured": "most often measured on top", "id": "by number", "random": "in random order"}
"""How the rows of a heat map can be ordered."""


def measured_heatmap(
    cohort: Any,
    flag: str,
    n_patients: int = 60,
    order: str = "measured",
    seed: int = 0,
    ax: Axes | None = None,
    schema: Schema | None = None,
) -> Axes:
    """Show a measured flag as a grid: one row a patient, one column a step.

    Parameters
    ----------
    cohort : Cohort, (DataFrame, Schema) or DataFrame
        A bare table needs `schema` too.
    flag : str
        A measured flag such as ``"VL (M)"``, or a variable that has one (``"VL"``).
    n_patients : int
        How many patients, drawn at random, are shown (all, if there are fewer).
    order : {"measured", "id", "random"}
        Rows from the most to the least often measured, by patient number, or as drawn.
    seed : int
        Seed of the draw.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    schema : Schema, optional
        Needed with a bare table.

    Returns
    -------
    Axes
        The grid: an image of 1 (measured), 0 (not measured) and masked cells (no record). Above
        it, the share of the *whole* cohort measured at each step.

    Raises
    ------
    ArgumentError
        For an unknown column, one without a flag, an unknown order, or fewer than 1 patient.
    """
    frame, schema, _ = unpack(cohort, schema)
    var = variable(frame, schema, flag)
    flag = flag if var.kind == "flag" else var.measured_by
    variable(frame, schema, flag or var.name, ("flag",), "A figure of what was measured needs one.")
    if order not in ORDERS:
        raise ArgumentError(f"order: one of {', '.join(ORDERS)} was expected, found {order!r}.")
    if n_patients < 1:
        raise ArgumentError(f"n_patients: 1 or more expected, found {n_patients}.")
    ids = np.sort(frame[schema.id].unique())
    rng = np.random.default_rng(seed)
    chosen = rng.choice(ids, min(n_patients, len(ids)), replace=False)
    grid = patient_matrix(frame, schema, flag, chosen).astype(float)
    if order == "random":
        grid = grid.loc[chosen]
    if order == "measured":
        grid = grid.loc[grid.mean(axis=1).sort_values(ascending=False, kind="stable").index]

    ax = new_axes(ax, height=4.0)
    steps = grid.columns.to_numpy()
    edges = (steps[0] - 0.5, steps[-1] + 0.5)
    colors = ListedColormap([ABSENT, palette["blue"]])
    ax.imshow(np.ma.masked_invalid(grid.to_numpy()), cmap=colors, vmin=0, vmax=1, aspect="auto",
              interpolation="nearest", extent=(*edges, len(grid), 0))
    time_axis(ax, schema, *steps[[0, -1]])
    ax.xaxis.label.set(horizontalalignment="left", x=0)
    ax.set_xlim(edges)
    ax.grid(False)
    ax.set_yticks([])
    ax.set_ylabel(f"{len(grid)} patients")

    top = ax.inset_axes([0, 1.03, 1, 0.2])
    rate = frame[flag].astype(float).groupby(frame[schema.step]).mean()
    top.bar(rate.index, rate, width=1, color=palette["blue"], ec="white", lw=0.5, gid="rate")
    top.set_xlim(edges)
    top.set_ylim(0, 1)
    top.set_xticks([])
    top.set_yticks([0, 1])
    top.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    people = frame[schema.id].nunique()
    headline(top, f"{flag}: {frame[flag].mean():.1%} of the rows of {people:,} patients",
             f"bars: share of them at each step; grid: {len(grid)} of them, {ORDERS[order]}")
    keys = [Patch(fc=palette["blue"], label="measured"), Patch(fc=ABSENT, label="not measured")]
    if grid.isna().any(axis=None):
        keys.append(Patch(fc="white", ec=ABSENT, label="no record"))
    ax.legend(handles=keys, loc="upper right", bbox_to_anchor=(1, -0.09), ncols=3, borderpad=0,
              handlelength=1.2, columnspacing=1.2)
    return ax
