"""Which drugs, and who moves from which to which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import PercentFormatter

from ..errors import ArgumentError
from ..schema import Schema
from ._axes import headline, label_right, new_axes, step_name, time_axis, time_label
from ._inputs import patient_matrix, unpack, variable
from .style import GRID, Style, style_for

_KINDS = ("categorical", "binary")
NO_RECORD = "No record"
"""Patients whose record has ended, or not begun, at a step of a flow."""
_GAP = 0.012
"""White space between the blocks of a flow, as a share of all patients."""


def share_table(cohort: Any, column: str, schema: Schema | None = None) -> pd.DataFrame:
    """Share of every category at every step: the numbers behind `regimen_areas`.

    Parameters
    ----------
    cohort, schema
        As in `regimen_areas`.
    column : str
        A categorical or binary column.

    Returns
    -------
    DataFrame
        Index: step; one column per label that occurs, in the schema's order; rows sum to 1 (over
        the patients with a known category at that step).

    Raises
    ------
    ArgumentError
        For an unknown column or one of another kind.
    """
    frame, schema, _ = unpack(cohort, schema)
    var = variable(frame, schema, column, _KINDS, "For numbers use trajectory_band.")
    counts = pd.crosstab(frame[schema.step], frame[column].astype(object))
    counts = counts.reindex(columns=[label for label in var.labels if label in counts.columns])
    return counts.div(counts.sum(axis=1), axis=0)


def regimen_areas(
    cohort: Any,
    column: str = "Base Drug Combo",
    ax: Axes | None = None,
    schema: Schema | None = None,
) -> Axes:
    """Stack the share of patients on each drug over time.

    Parameters
    ----------
    cohort : Cohort, (DataFrame, Schema) or DataFrame
        A bare table needs `schema` too.
    column : str
        A categorical or binary column.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    schema : Schema, optional
        Needed with a bare table.

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
    shares = share_table(cohort, column, schema)
    frame, schema, _ = unpack(cohort, schema)
    styles = style_for(schema[column].labels)
    ax = new_axes(ax)
    time_axis(ax, schema, shares.index.min(), shares.index.max())
    ax.set_ylim(0, 1)
    base = np.zeros(len(shares))
    labels = []
    for name in shares.columns:
        top = base + shares[name].to_numpy()
        ax.fill_between(shares.index, base, top, facecolor=styles[name].color,
                        edgecolor="white", lw=0.8, gid=f"share:{name}")
        end = shares[name].iloc[-1]
        middle = (base[-1] + top[-1]) / 2
        labels.append((middle, f"{name}  {end:.0%}", styles[name].text))
        base = top
    last = step_name(schema, shares.index.max())
    if (shares.iloc[-1] >= 0.005).all():
        label_right(ax, labels)
        remark = f"labels: share at {last}"
    else:  # a label at the edge would point at nothing
        keys = [Patch(fc=styles[name].color, label=name) for name in reversed(shares.columns)]
        ax.legend(handles=keys, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=1.2)
        remark = ""
    people = frame.groupby(schema.step)[schema.id].nunique()
    if people.iloc[0] != people.iloc[-1]:
        remark = f"of the patients still recorded: {people.iloc[0]:,} at first, " \
                 f"{people.iloc[-1]:,} at {last}"
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylabel("Share of patients")
    ax.grid(False)
    headline(ax, f"{column} over time", remark)
    return ax


def flow_table(
    cohort: Any, column: str, steps: Sequence[int], schema: Schema | None = None
) -> pd.DataFrame:
    """Count who goes from which category to which: the numbers behind `regimen_flow`.

    Parameters
    ----------
    cohort, column, steps, schema
        As in `regimen_flow`.

    Returns
    -------
    DataFrame
        Columns ``start``, ``end`` (steps), ``source``, ``target`` (labels), ``patients``; one row
        for each move that occurs between two neighbouring steps, staying included. A patient
        whose record has ended counts as ``"No record"``.

    Raises
    ------
    ArgumentError
        For an unknown column, one of another kind, fewer than two steps, or steps that are not
        recorded or not ascending.
    """
    frame, schema, _ = unpack(cohort, schema)
    var = variable(frame, schema, column, _KINDS, "Cut numbers into classes with pandas.cut.")
    steps = list(steps)
    recorded = np.sort(frame[schema.step].unique())
    unknown = [step for step in steps if step not in recorded]
    if len(steps) < 2 or unknown or steps != sorted(set(steps)):
        raise ArgumentError(
            f"steps: two or more ascending values of '{schema.step}' were expected, each between "
            f"{recorded[0]} and {recorded[-1]}; found {steps}. For example steps=(0, 12, 24)."
        )
    part = frame[frame[schema.step].isin(steps)]
    states = patient_matrix(part, schema, column).astype(object)
    states = states.where(states.notna(), NO_RECORD)
    order = {label: i for i, label in enumerate([*var.labels, NO_RECORD])}
    moves = []
    for start, end in zip(steps, steps[1:], strict=False):
        counts = states.groupby([start, end]).size()
        moves += [(start, end, a, b, int(n)) for (a, b), n in counts.items()]
    table = pd.DataFrame(moves, columns=["start", "end", "source", "target", "patients"])
    keys = table.assign(source=table["source"].map(order), target=table["target"].map(order))
    return table.loc[keys.sort_values(["start", "source", "target"]).index].reset_index(drop=True)


def regimen_flow(
    cohort: Any,
    column: str = "Base Drug Combo",
    steps: Sequence[int] = (0, 12, 24, 36, 48),
    ax: Axes | None = None,
    schema: Schema | None = None,
) -> Axes:
    """Draw who moves from which drug to which (a Sankey diagram).

    Parameters
    ----------
    cohort : Cohort, (DataFrame, Schema) or DataFrame
        A bare table needs `schema` too.
    column : str
        A categorical or binary column.
    steps : sequence of int
        The steps at which the patients are sorted into blocks, ascending.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    schema : Schema, optional
        Needed with a bare table.

    Returns
    -------
    Axes
        Block and ribbon heights are shares of the patients; ribbons have the colour of the drug
        they leave. Those who stay are paler than those who move.

    Raises
    ------
    ArgumentError
        As `flow_table`.
    """
    table = flow_table(cohort, column, steps, schema)
    _, schema, _ = unpack(cohort, schema)
    names = [*schema[column].labels, NO_RECORD]
    styles = {**style_for(names[:-1]), NO_RECORD: Style(GRID)}
    ax = new_axes(ax, height=4.2)
    half, labels = 0.055, []
    for k, (start, end) in enumerate(zip(steps, list(steps)[1:], strict=False)):
        moves = table[table["start"] == start]
        total = moves["patients"].sum()
        left = _blocks(moves, "source", names, total)
        right = _blocks(moves, "target", names, total)
        if k == 0:
            _draw_blocks(ax, left, 0, half, styles, start)
        _draw_blocks(ax, right, k + 1, half, styles, end)
        out = {name: bottom for name, (bottom, _) in left.items()}
        into = {name: bottom for name, (bottom, _) in right.items()}
        for row in moves.itertuples():
            high = row.patients / total
            stays = row.source == row.target
            ax.add_patch(PathPatch(
                _ribbon(k + half, k + 1 - half, out[row.source], into[row.target], high),
                facecolor=styles[row.source].color, alpha=0.28 if stays else 0.75, lw=0,
                gid=f"flow:{start}:{row.source}>{end}:{row.target}",
            ))
            out[row.source] += high
            into[row.target] += high
    for name, (bottom, high) in right.items():
        labels.append((bottom + high / 2, f"{name}  {high:.0%}", styles[name].text))
    top = 1 + _GAP * (table[["source", "target"]].nunique().max() - 1)
    ax.set_xlim(-half, len(steps) - 1 + half)
    ax.set_ylim(-0.005, top)
    ax.set_xticks(range(len(steps)), [f"{step:g}" for step in steps])
    ax.set_xlabel(time_label(schema))
    ax.set_ylabel("Share of patients")
    ax.set_yticks([])
    ax.grid(False)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    label_right(ax, labels)
    moved = table.loc[table["source"] != table["target"], "patients"].sum()
    share = moved / table["patients"].sum()
    headline(ax, f"{column}: who moves where",
             f"pale: stay; strong: change ({share:.0%} from one column to the next)")
    return ax


def _blocks(
    moves: pd.DataFrame, side: str, labels: Sequence[object], total: int
) -> dict[object, tuple[float, float]]:
    """Bottom and height of the block of each label that occurs, from the bottom up."""
    counts = moves.groupby(side)["patients"].sum()
    blocks, bottom = {}, 0.0
    for name in labels:
        if name in counts.index:
            high = counts[name] / total
            blocks[name] = (bottom, high)
            bottom += high + _GAP
    return blocks


def _draw_blocks(
    ax: Axes, blocks: dict, x: int, half: float, styles: dict, step: int
) -> None:
    for name, (bottom, high) in blocks.items():
        ax.add_patch(Rectangle((x - half, bottom), 2 * half, high, facecolor=styles[name].color,
                               lw=0, gid=f"block:{step}:{name}"))


def _ribbon(x0: float, x1: float, y0: float, y1: float, high: float) -> Path:
    """A band of constant height that leaves and arrives horizontally."""
    mid = (x0 + x1) / 2
    points = [(x0, y0), (mid, y0), (mid, y1), (x1, y1), (x1, y1 + high), (mid, y1 + high),
              (mid, y0 + high), (x0, y0 + high), (x0, y0)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return Path(points, codes)
