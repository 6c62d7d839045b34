"""Which drugs, and who moves from which to which."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from ..data import Cohort
from ..errors import ArgumentError
from ._axes import Label, headline, label_right, new_axes, time_axis, time_label
from ._inputs import table_and_schema, variable
from .style import GRID, Style, style_for

NO_RECORD = "No record"  # patients whose record has ended, or holds nothing, at a step of a flow
GAP = 0.012  # white space between the blocks of a flow, as a share of all patients
HALF = 0.055  # half the width of a block, as a share of the way to the next column of blocks


def regimen_areas(cohort: Cohort, column: str = "Base Drug Combo", ax: Axes | None = None) -> Axes:
    """Stack the share of patients on each drug over time.

    Parameters
    ----------
    cohort : Cohort
    column : str
        A categorical or binary column.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        From bottom to top in the schema's order of labels; the top is 100 % of the patients with
        a record at that step.

    Raises
    ------
    ArgumentError
        For an unknown column or one of another kind.
    """
    frame, schema = table_and_schema(cohort)
    var = variable(schema, column, ("categorical", "binary"), "For numbers use trajectory_band.")
    shares = pd.crosstab(frame[schema.step], frame[column], normalize="index")
    shares = shares.reindex(columns=[label for label in var.labels if label in shares])
    styles = style_for(var.labels)

    ax = new_axes(ax)
    time_axis(ax, schema, shares.index)
    ax.stackplot(
        shares.index,
        shares.T,
        labels=[str(label) for label in shares],
        colors=[styles[label].color for label in shares],
        edgecolor="white",
        lw=0.8,
    )
    ax.set_ylim(0, 1)
    ax.set_ylabel("Share of patients")
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.grid(False)
    last = shares.iloc[-1]
    middles = last.cumsum() - last / 2
    label_right(ax, _share_labels(last, middles, styles))
    remark = "labels: share of the patients recorded at the last step"
    headline(ax, f"{var.title} over time", remark)
    return ax


def regimen_flow(
    cohort: Cohort,
    column: str = "Base Drug Combo",
    steps: Sequence[int] = (0, 12, 24, 36, 48),
    ax: Axes | None = None,
) -> Axes:
    """Draw who moves from which drug to which (a Sankey diagram).

    Parameters
    ----------
    cohort : Cohort
    column : str
        A categorical or binary column.
    steps : sequence of int
        The steps at which the patients are sorted into blocks, ascending.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Block and ribbon heights are shares of the patients; ribbons have the colour of the drug
        they leave. Those who stay are paler than those who move. Patients without a record at a
        step stand in a block of their own.

    Raises
    ------
    ArgumentError
        For an unknown column, one of another kind, fewer than two steps, or steps that are not
        recorded or not ascending.
    """
    frame, schema = table_and_schema(cohort)
    hint = "Cut numbers into classes with pandas.cut."
    var = variable(schema, column, ("categorical", "binary"), hint)
    steps = list(steps)
    recorded = frame[schema.step]
    if len(steps) < 2 or steps != sorted(set(steps)) or not set(steps) <= set(recorded):
        raise ArgumentError(
            f"steps: two or more ascending values of '{schema.step}' were expected, each between "
            f"{recorded.min()} and {recorded.max()}; found {steps}. For example steps=(0, 12, 24)."
        )
    states = frame[recorded.isin(steps)].pivot(index=schema.id, columns=schema.step, values=column)
    states = states.astype(str).where(states.notna(), NO_RECORD)
    names = [str(label) for label in var.labels]
    styles = style_for(names) | {NO_RECORD: Style(GRID)}
    names = [name for name in styles if (states == name).any(axis=None)]

    ax = new_axes(ax, height=4.2)
    bottoms = {}
    for x, step in enumerate(steps):
        shares = states[step].value_counts(normalize=True).reindex(names, fill_value=0.0)
        bottoms[step] = shares.cumsum() - shares + GAP * np.arange(len(names))
        colors = [styles[name].color for name in names]
        ax.bar(x, shares, 2 * HALF, bottoms[step], color=colors, label=f"blocks:{step}")
    for x, (start, end) in enumerate(pairwise(steps)):
        moves = pd.crosstab(states[start], states[end], normalize=True)
        moves = moves.reindex(index=names, columns=names, fill_value=0.0)
        _ribbons(ax, x, moves, bottoms[start], bottoms[end], styles)

    ax.set_xlim(-HALF, len(steps) - 1 + HALF)
    ax.set_ylim(-0.005, 1 + GAP * (len(names) - 1))
    ax.set_xticks(range(len(steps)), [str(step) for step in steps])
    ax.set_yticks([])
    ax.set_xlabel(time_label(schema))
    ax.set_ylabel("Share of patients")
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[["left", "bottom"]].set_visible(False)
    label_right(ax, _share_labels(shares, bottoms[step] + shares / 2, styles))
    moved = np.mean([(states[start] != states[end]).mean() for start, end in pairwise(steps)])
    remark = f"pale: stay; strong: change ({moved:.0%} from one column to the next)"
    headline(ax, f"{var.title}: who moves where", remark)
    return ax


def _ribbons(
    ax: Axes, x: int, moves: pd.DataFrame, left: pd.Series, right: pd.Series, styles: dict
) -> None:
    """Draw the moves (shares, source × target) between blocks with these bottoms."""
    way = np.linspace(0, 1, 40)
    across = x + HALF + way * (1 - 2 * HALF)
    rise = way**2 * (3 - 2 * way)  # leaves and arrives horizontally
    left, right = left.copy(), right.copy()
    for source in moves.index:
        for target in moves.columns:
            share = moves.loc[source, target]
            if share == 0:
                continue
            low = left[source] + rise * (right[target] - left[source])
            ax.fill_between(
                across,
                low,
                low + share,
                facecolor=styles[source].color if source == target else styles[source].line,
                alpha=0.28 if source == target else 0.75,
                lw=0,
                gid=f"{x}:{source}>{target}",
            )
            left[source] += share
            right[target] += share


def _share_labels(shares: pd.Series, middles: pd.Series, styles: dict) -> list[Label]:
    return [
        (middles[name], f"{name}  {share:.0%}", styles[name].text) for name, share in shares.items()
    ]
