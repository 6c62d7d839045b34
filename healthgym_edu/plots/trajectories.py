"""A numeric variable over time: the middle half of a cohort, and the people behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from ..errors import ArgumentError
from ..schema import Schema
from ._axes import (
    Threshold,
    headline,
    label_right,
    new_axes,
    note,
    scale_for,
    threshold_line,
    time_axis,
    value_axis,
)
from ._inputs import group_rows, patient_matrix, unpack, variable
from .style import MUTED, Style, palette, style_for

_EVERYONE = "everyone"


def band_table(
    cohort: Any, column: str, by: str | pd.Series | None = None, schema: Schema | None = None
) -> pd.DataFrame:
    """Quartiles of a numeric column at every step: the numbers behind `trajectory_band`.

    Parameters
    ----------
    cohort, column, by, schema
        As in `trajectory_band`.

    Returns
    -------
    DataFrame
        Index (group, step), the group being ``"everyone"`` without `by`. Columns ``lower``,
        ``median``, ``upper`` in the variable's unit, and ``n``, the number of values behind
        them. Missing values are left out.

    Raises
    ------
    ArgumentError
        For an unknown or non-numeric column, an impossible grouping, or a column without values.
    """
    frame, schema, patients = unpack(cohort, schema)
    variable(frame, schema, column, ("numeric",), "For drugs use regimen_areas.")
    groups, names, title = group_rows(frame, schema, patients, by)
    values = frame[column].astype(float)
    if values.notna().sum() == 0:
        raise ArgumentError(f"Column '{column}' holds no value at all: there is nothing to draw.")
    if groups is None:
        groups, names, title = pd.Series(_EVERYONE, index=frame.index), [_EVERYONE], "group"
    codes = pd.Categorical(groups, categories=names)
    grouped = values.groupby([pd.Series(codes, index=frame.index, name=title), frame[schema.step]],
                             observed=True, sort=True)
    table = grouped.quantile([0.25, 0.5, 0.75]).unstack()
    table.columns = ["lower", "median", "upper"]
    return table.assign(n=grouped.count())


def trajectory_band(
    cohort: Any,
    column: str,
    by: str | pd.Series | None = None,
    threshold: Threshold = None,
    log: bool | None = None,
    n_spaghetti: int = 0,
    seed: int = 0,
    ax: Axes | None = None,
    schema: Schema | None = None,
) -> Axes:
    """Draw the median and the quartile band of a numeric column at every step.

    Parameters
    ----------
    cohort : Cohort, (DataFrame, Schema) or DataFrame
        A bare table needs `schema` too.
    column : str
        A numeric column.
    by : str or Series, optional
        One band per group: a categorical or boolean column of the frame (rows count for the
        group they are in at that step), a column of ``cohort.patients``, or a Series indexed by
        patient.
    threshold : float, (float, str) or False, optional
        A labelled reference line. Default: the detection limit for VL, none elsewhere.
    log : bool, optional
        Default: logarithmic for VL. Values of 0 or below are drawn at the lower edge of a log
        axis and counted in a note.
    n_spaghetti : int
        How many patients, drawn at random, are shown as thin lines under the band.
    seed : int
        Seed of that draw.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    schema : Schema, optional
        Needed with a bare table.

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError
        For an unknown or non-numeric column, an impossible grouping, a negative `n_spaghetti`,
        or a column without values.
    """
    frame, schema, patients = unpack(cohort, schema)
    bands = band_table(cohort, column, by, schema)
    var = schema[column]
    scale = scale_for(column, log, threshold)
    groups, names, title = group_rows(frame, schema, patients, by)
    styles = style_for(names) if names else {_EVERYONE: Style(palette["blue"])}
    threads = _threads(frame, schema, column, n_spaghetti, seed)

    ax = new_axes(ax)
    steps = bands.index.get_level_values(1)
    time_axis(ax, schema, steps.min(), steps.max())
    low = value_axis(ax, var, scale, [bands[["lower", "median", "upper"]], threads])
    if len(threads):
        colors = palette["black"]
        if groups is not None:
            first = groups.groupby(frame[schema.id]).first()
            plain = Style(MUTED)  # somebody whose group is never known
            colors = [styles.get(first[patient], plain).line for patient in threads.index]
        lines = [np.column_stack([threads.columns, np.maximum(row, low)])
                 for row in threads.to_numpy(float)]
        ax.add_collection(LineCollection(
            lines, colors=colors, linewidths=0.6, alpha=0.25, rasterized=True, gid="spaghetti"))
    labels = []
    for name, style in styles.items():
        band = bands.loc[name].clip(lower=low)
        ax.fill_between(band.index, band["lower"], band["upper"], color=style.color,
                        alpha=0.28 if len(styles) < 3 else 0.13, lw=0, gid=f"band:{name}")
        ax.plot(band.index, band["median"], color=style.line, ls=style.linestyle, lw=2.2,
                label=str(name), gid=f"median:{name}")
        dark = style.text
        end = band.iloc[-1]
        if names:
            labels.append((end["median"], str(name), dark))
        else:
            labels += [(end["upper"], "upper quartile", dark), (end["median"], "median", dark),
                       (end["lower"], "lower quartile", dark)]
    line = threshold_line(ax, scale, var)
    label_right(ax, labels + ([line] if line else []))
    people = frame[schema.id].nunique()
    remark = f"median and middle half of {people:,} patients"
    if len(threads):
        remark += f"; thin lines: {len(threads)} of them, drawn at random"
    if groups is not None and groups.isna().any():
        note(ax, f"{groups.isna().mean():.1%} of the rows, of unknown {title}, are left out")
    headline(ax, f"{column} by {title}" if names else column, remark)
    return ax


def _threads(
    frame: pd.DataFrame, schema: Schema, column: str, n_patients: int, seed: int
) -> pd.DataFrame:
    """Values of some patients drawn at random: patients × steps (maybe of no patients)."""
    if n_patients < 0:
        raise ArgumentError(f"n_spaghetti: 0 or more patients expected, found {n_patients}.")
    ids = np.sort(frame[schema.id].unique())
    chosen = np.random.default_rng(seed).choice(ids, min(n_patients, len(ids)), replace=False)
    return patient_matrix(frame, schema, column, chosen)
