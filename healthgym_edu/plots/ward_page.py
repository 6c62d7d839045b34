"""One ward on one page: who is there, how they have been, what is given, what was looked at."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..data import Cohort
from ..errors import ArgumentError, require_whole
from ._inputs import table_and_schema, variable
from .style import MUTED, STYLES, ZONE, Style, palette

NOW = "Hours from now"
"""Column that `a_ward` adds to the frame: 0 in the last row of everybody, negative before."""


FRESH = 12
"""Hours after which a page no longer fills the dot of a result."""


def a_ward(cohort: Cohort, beds: int = 12, seed: int = 0) -> Cohort:
    """Put some patients into the beds of one ward, and stop the clock.

    Parameters
    ----------
    cohort : Cohort
        Of a condition whose steps are hours or blocks of hours.
    beds : int
        How many patients, drawn at random from those who are there for half of the time at least.
    seed : int
        Of that draw, and of the moment in each stay that is now.

    Returns
    -------
    Cohort
        Its frame holds what the ward knows now: rows up to now, nothing carried back from the
        future, beds numbered from 1 in the id column, and a column `NOW`. Nobody knows yet how
        the stays end, so ``patients`` tells nothing.

    Raises
    ------
    ArgumentError
        Steps that are not hours, or more beds than such patients.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> from healthgym_edu.plots.ward_page import a_ward
    >>> ward = a_ward(hg.load_cohort("hypotension", n_patients=60), beds=4)
    >>> ward.frame["PatientID"].unique().tolist()
    [1, 2, 3, 4]
    """
    frame, schema = table_and_schema(cohort)
    if schema.hours is None:
        raise ArgumentError(f"A ward counts hours; a step of this cohort is a {schema.step_unit}.")
    require_whole("beds", beds, 1)
    last = frame.groupby(schema.id)[schema.step].max()
    half = schema.n_steps // 2
    long = last.index[last >= half]
    if beds > len(long):
        raise ArgumentError(f"{beds} beds, but only {len(long):,} patients stay long enough.")
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(long, beds, replace=False))
    now = pd.Series(rng.integers(half, last[chosen] + 1), index=chosen)
    known = cohort.observed()
    until = known[schema.id].map(now)
    known = known[known[schema.step] <= until]
    bed = known[schema.id].map(pd.Series(range(1, beds + 1), index=chosen))
    hours = schema.hours * (known[schema.step] - until.loc[known.index])
    table = known.assign(**{schema.id: bed.astype(int), NOW: hours.astype(int)})
    people = pd.DataFrame(index=pd.RangeIndex(1, beds + 1, name=schema.id))
    table = table.reset_index(drop=True)
    return Cohort(table, people, schema, f"a ward from {cohort.source}", seed=cohort.seed)


def traffic_board(
    values: pd.Series, goal: float, colors: tuple[str, str], ax: Axes, told: bool = False
) -> Axes:
    """Draw one square a bed: the first colour where the value is below the goal.

    Parameters
    ----------
    values : Series
        One value a bed.
    goal : float
    colors : (str, str)
        Below the goal, and at or above it.
    ax : Axes
    told : bool
        Whether each square also says its value, with a mark where it is below the goal.
    """
    for place, (bed, value) in enumerate(values.items()):
        row, column = divmod(place, 4)
        low = value < goal
        ax.add_patch(Rectangle((column + 0.06, row + 0.06), 0.88, 0.88, fc=colors[not low], lw=0))
        words = f"{bed}" if not told else f"{bed}\n{'▼' if low else ''}{value:.0f}"
        on = Style(to_hex(colors[not low])).on
        look: dict = {"ha": "center", "va": "center", "color": on, "fontsize": 10}
        ax.text(column + 0.5, row + 0.5, words, linespacing=1.25, **look)
    ax.set(xlim=(0, 4), ylim=(-(-len(values) // 4), 0), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    ax.grid(False)
    return ax


def ward_page(
    ward: Cohort,
    trend: str,
    goal: tuple[float, str],
    result: str,
    treatment: str,
    flags: Sequence[str],
    hours: int = 24,
) -> Figure:
    """Draw a ward on one page, a row a bed, the lowest trend on top.

    Parameters
    ----------
    ward : Cohort
        From `a_ward`.
    trend : str
        A numeric column that is watched all the time: a line, and its value now.
    goal : (float, str)
        Of the trend, and what it means: ``(65, "aimed at")``.
    result : str
        A numeric column with a measured flag: a dot for the last result, hollow where that is
        older than twelve hours, and its age in words.
    treatment : str
        A categorical column with levels, the first of them none: one filled square a level.
    flags : sequence of str
        Measured flags: a tick for each hour in which somebody looked.
    hours : int
        How far back the lines and ticks go.

    Returns
    -------
    Figure
    """
    frame, schema = table_and_schema(ward)
    names = {name: variable(schema, name, ("numeric",)) for name in (trend, result)}
    levels = variable(schema, treatment, ("categorical",)).labels
    for flag in flags:
        variable(schema, flag, ("flag",))
    now = frame[frame[NOW] == 0].set_index(schema.id)
    order = now[trend].sort_values().index
    since = -frame[NOW].where(frame[names[result].measured_by]).groupby(frame[schema.id]).max()

    n_low = int((now[trend] < goal[0]).sum())
    widths = [2.3, 1.7, 1.1] + [0.9] * len(flags)
    fig, axes = plt.subplots(
        1, len(widths), figsize=(7.6, 0.4 * len(order) + 1.7), sharey=True, width_ratios=widths
    )
    fig.suptitle(
        f"{n_low} of {len(order)} beds are below {goal[0]:g} {names[trend].unit} now",
        x=0.01, ha="left", fontsize=12, fontweight="bold",
    )  # fmt: skip
    for ax in axes:
        ax.grid(False)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        for row in range(0, len(order), 2):
            ax.axhspan(row - 0.5, row + 0.5, color=ZONE, lw=0, zorder=0)
    axes[0].set_ylim(len(order) - 0.5, -0.5)
    axes[0].set_yticks(range(len(order)), [f"Bed {bed}" for bed in order])
    recent = frame[frame[NOW] > -hours]
    _trends(axes[0], recent, schema.id, order, trend, goal[0], hours)
    unit = names[trend].unit
    _heading(axes[0], names[trend].short, f"{unit}; dashed: {goal[0]:g}, {goal[1]}")
    axes[0].set_xlabel(NOW)
    _results(axes[1], now.loc[order, result], since.reindex(order), names[result].unit)
    _heading(axes[1], names[result].short, f"filled: last {FRESH} hours")
    _levels(axes[2], now.loc[order, treatment].astype(str), [str(one) for one in levels])
    _heading(axes[2], schema[treatment].short.split()[0], "level now")
    for ax, flag in zip(axes[3:], flags, strict=True):
        for row, bed in enumerate(order):
            seen = recent[(recent[schema.id] == bed) & recent[flag]][NOW]
            ax.vlines(seen, row - 0.3, row + 0.3, color=palette["blue"], lw=1.3)
        ax.set(xlim=(-hours, 0.5), xticks=[-hours, 0])
        _heading(ax, schema[flag].short.split()[0], "measured")
        ax.set_xlabel("Hours")
    for ax in axes:
        ax.xaxis.label.set(fontsize=9)
    return fig


def _heading(ax: Axes, name: str, remark: str) -> None:
    """What a column of the page shows, and in smaller type how."""
    ax.set_title(name, fontsize=9.5, pad=15)
    look: dict = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": 8}
    ax.annotate(remark, (0, 1), (0, 4), color=MUTED, annotation_clip=False, **look)


def _trends(
    ax: Axes,
    recent: pd.DataFrame,
    patient: str,
    order: pd.Index,
    name: str,
    goal: float,
    hours: int,
) -> None:
    """A line a bed, all on one scale, each in its own row."""
    low, high = recent[name].min(), recent[name].max()

    def placed(value: pd.Series | float, row: int) -> pd.Series | float:
        return row + 0.42 - 0.84 * (value - low) / (high - low)

    for row, bed in enumerate(order):
        rows = recent[recent[patient] == bed].set_index(NOW)[name]
        is_low = rows.loc[0] < goal
        style = STYLES["vermillion" if is_low else "blue"]
        ax.plot((-hours, 0), [placed(goal, row)] * 2, color=MUTED, lw=0.8, ls=(0, (2, 2)))
        ax.plot(placed(rows, row), color=style.color, ls="-", lw=1.3)
        ax.plot(0, placed(rows.loc[0], row), "v" if is_low else "o", color=style.color, ms=5)
        weight = "bold" if is_low else "normal"
        ax.text(1.2, row, f"{rows.loc[0]:.0f}", va="center", weight=weight, color=style.text)
    ax.set(xlim=(-hours, 6), xticks=range(-hours, 1, 6))


def _results(ax: Axes, values: pd.Series, age: pd.Series, unit: str) -> None:
    """The last result of each bed as a dot, with its age."""
    for row, (value, old) in enumerate(zip(values, age, strict=True)):
        if np.isnan(old):
            ax.text(0.05, row, "never measured", va="center", fontsize=8.5, style="italic")
            continue
        face = "white" if old > FRESH else palette["blue"]
        ax.plot(value, row, "o", ms=6, mfc=face, mec=palette["blue"], mew=1.3)
        ax.text(value + 0.3, row, f"{old:.0f} h ago" if old else "now", va="center", fontsize=8.5)
    ax.set(xlim=(0, max(4.0, 2 * values.max(skipna=True))), xlabel=f"Last ({unit})")
    ax.xaxis.set_major_locator(plt.MaxNLocator(4, integer=True))


def _levels(ax: Axes, given: pd.Series, levels: list[str]) -> None:
    """One square for each level above none, filled up to the one that is given."""
    for row, level in enumerate(given):
        for step in range(1, len(levels)):
            filled = step <= levels.index(level)
            look: dict = {"fc": palette["orange"] if filled else "white", "lw": 0.8}
            look["ec"] = palette["orange"] if filled else palette["grey"]
            ax.add_patch(Rectangle((step - 0.9, row - 0.22), 0.8, 0.44, **look))
    steps = range(1, len(levels))
    ax.set(xlim=(0, len(levels) - 0.9))
    ax.set_xticks([step - 0.5 for step in steps], [str(step) for step in steps])
    ax.set_xlabel(f"Level (of {len(levels) - 1})")
    ax.tick_params(axis="x", length=0)
    ax.spines["bottom"].set_visible(False)
