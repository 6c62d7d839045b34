"""A numeric variable over time: the middle half of a cohort, and the people behind it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..data import Cohort
from ._axes import finish_values, headline, new_axes, scale_for, start_values, time_axis
from ._inputs import draw_patients, group_rows, inside, table_and_schema, title_of, variable
from .style import INK, style_for


def trajectory_band(
    cohort: Cohort,
    column: str,
    by: str | pd.Series | None = None,
    threshold: tuple[float, str] | float | None = None,
    n_spaghetti: int = 0,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the median and the quartile band of a numeric column at every step.

    Parameters
    ----------
    cohort : Cohort
    column : str
        A numeric column. VL is drawn on a log axis; values of 0 or below, which have no place
        there, are drawn at its bottom and counted under it.
    by : str or Series, optional
        One band per group: a categorical or boolean column of the frame (rows count for the
        group they are in at that step), a column of ``cohort.patients``, or a Series indexed by
        patient.
    threshold : (float, str) or float, optional
        A reference line in the column's unit and what it means, such as ``(65, "target")``.
        Default: the detection limit for VL, none elsewhere.
    n_spaghetti : int
        How many patients, drawn at random with `seed`, are shown as thin lines.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError
        For an unknown or non-numeric column, an impossible grouping, or a negative `n_spaghetti`.
    """
    frame, schema = table_and_schema(cohort)
    var = variable(schema, column, ("numeric",), "For drugs use regimen_areas.")
    scale = scale_for(var, threshold)
    groups = group_rows(cohort, by)
    bands = frame[column].groupby([groups, frame[schema.step]], observed=True)
    bands = bands.quantile([0.25, 0.5, 0.75]).unstack()
    n_patients = frame[schema.id].nunique()
    remark = f"median and middle half of {n_patients:,} patients"
    threads = pd.DataFrame()
    if n_spaghetti:
        some = draw_patients(cohort, n_spaghetti, seed)
        threads = some.pivot(index=schema.step, columns=schema.id, values=column)
        remark = f"median, middle half and {threads.shape[1]} of {n_patients:,} patients"

    ax = new_axes(ax)
    time_axis(ax, schema, frame[schema.step])
    lowest = start_values(ax, var, scale, np.append(bands, threads))
    ax.plot(threads.clip(lower=lowest), color=INK, ls="-", lw=0.6, alpha=0.25, gid="spaghetti")
    styles = style_for(groups.cat.categories)
    labels = []
    for name, style in styles.items():
        band = bands.loc[name].clip(lower=lowest)
        alpha = 0.28 if len(styles) < 3 else 0.13
        ax.fill_between(band.index, band[0.25], band[0.75], color=style.color, alpha=alpha, lw=0)
        ax.plot(band[0.5], color=style.line, ls=style.linestyle, lw=2.2, label=name)
        end = band.ffill().iloc[-1]
        if by is None:
            texts = ("lower quartile", "median", "upper quartile")
            labels += [(value, text, style.text) for value, text in zip(end, texts, strict=True)]
        else:
            labels.append((end[0.5], str(name), style.text))
    finish_values(ax, var, scale, labels)
    by_what = "" if by is None else f" by {inside(title_of(cohort, groups.name))}"
    headline(ax, f"{var.title}{by_what}", remark)
    return ax
