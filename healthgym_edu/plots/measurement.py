"""What was measured, and when: the pattern of a record before its values."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from ..data import Cohort
from ._axes import headline, new_axes, time_axis
from ._inputs import draw_patients, table_and_schema, variable
from .style import palette


def measured_heatmap(
    cohort: Cohort, flag: str, n_patients: int = 60, seed: int = 0, ax: Axes | None = None
) -> Axes:
    """Show a measured flag as a grid: one row a patient, one column a step.

    Parameters
    ----------
    cohort : Cohort
    flag : str
        A measured flag such as ``"VL (M)"``.
    n_patients : int
        How many patients, drawn at random with `seed`, are shown.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The grid: an image of 1 (measured), 0 (not measured) and masked cells (no record), the
        most often measured patient on top. Above it, the share of the *whole* cohort measured
        at each step.

    Raises
    ------
    ArgumentError
        For an unknown column, one that is no flag, or fewer than 1 patient.
    """
    frame, schema = table_and_schema(cohort)
    variable(schema, flag, ("flag",))
    grid = draw_patients(cohort, n_patients, seed)
    grid = grid.pivot(index=schema.id, columns=schema.step, values=flag).astype(float)
    grid = grid.loc[grid.mean(axis=1).sort_values(ascending=False, kind="stable").index]

    ax = new_axes(ax, height=4.0)
    time_axis(ax, schema, grid.columns, pad=0.5)
    edges = ax.get_xlim()
    ax.imshow(
        np.ma.masked_invalid(grid),
        cmap=ListedColormap([palette["pale"], palette["blue"]]),
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
        extent=(*edges, len(grid), 0),
    )
    ax.xaxis.label.set(horizontalalignment="left", x=0)  # the key stands at the right
    ax.grid(False)
    ax.set_yticks([])
    ax.set_ylabel(f"{len(grid)} patients")
    keys = [
        Patch(fc=palette["blue"], label="measured"),
        Patch(fc=palette["pale"], label="not measured"),
        Patch(fc="white", ec=palette["pale"], label="no record"),
    ]
    if grid.notna().all(axis=None):
        keys.pop()
    ax.legend(handles=keys, loc="upper right", bbox_to_anchor=(1, -0.09), ncols=3, borderpad=0)

    top = ax.inset_axes((0, 1.03, 1, 0.2))
    rate = frame[flag].groupby(frame[schema.step]).mean()
    top.bar(rate.index, rate, width=1, color=palette["blue"], ec="white", lw=0.5)
    highest = next(limit for limit in (0.1, 0.25, 0.5, 1.0) if rate.max() <= limit)
    top.set(xlim=edges, ylim=(0, highest), xticks=[], yticks=[0, highest])
    top.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    n_patients = frame[schema.id].nunique()
    headline(
        top,
        f"{flag}: {frame[flag].mean():.1%} of the rows of {n_patients:,} patients",
        f"bars: share of them at each step; grid: {len(grid)} of them, most often measured on top",
    )
    return ax
