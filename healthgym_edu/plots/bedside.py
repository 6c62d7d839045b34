"""A stay as the chart at the bedside shows it: what was seen above, what was given below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from ..data import Cohort
from ..errors import ArgumentError
from ._axes import NUMBER, finish_values, headline, scale_for, start_values
from ._inputs import one_patient, table_and_schema, variable
from .style import GRID, STYLES


def bedside(
    cohort: Cohort,
    patient_id: int,
    seen: Sequence[str],
    given: Sequence[str],
    goals: Mapping[str, tuple[float, str] | float] | None = None,
) -> Figure:
    """Draw one patient's stay in hours: values as lines, treatments as bars.

    Parameters
    ----------
    cohort : Cohort
        Of a condition whose steps are hours or blocks of hours.
    patient_id : int
        Who.
    seen, given : sequence of str
        Numeric columns, one panel each: lines above, bars below.
    goals : mapping, optional
        Reference lines: column to a value in its unit, or to the value and what it means.

    Returns
    -------
    Figure
        A step is as wide as it lasts; thin lines mark the days.

    Raises
    ------
    ArgumentError
        For an unknown patient or column, one that is not numeric, no column at all, a goal for
        a column that is no line, or a cohort whose steps are not hours.
    """
    _, schema = table_and_schema(cohort)
    if schema.hours is None:
        raise ArgumentError(
            f"A bedside chart counts hours; a step of this cohort is a {schema.step_unit}. For "
            "months use patient_timeline."
        )
    if not seen and not given:
        raise ArgumentError("A bedside chart of no column: name one or more in seen or given.")
    stray = [name for name in goals or {} if name not in seen]
    if stray:
        raise ArgumentError(
            f"There is a goal for '{stray[0]}', which is not drawn as a line; lines here are: "
            f"{', '.join(seen)}."
        )
    chosen = [variable(schema, name, ("numeric",)) for name in (*seen, *given)]
    rows, width = one_patient(cohort, patient_id), schema.hours
    middle = width * (rows[schema.step] + 0.5)

    heights = [1.5] * len(seen) + [0.9] * len(given)
    fig, axes = plt.subplots(
        len(heights),
        sharex=True,
        squeeze=False,
        figsize=(7.2, sum(heights) + 0.8),
        height_ratios=heights,
    )
    axes = axes[:, 0]
    for place, (var, ax) in enumerate(zip(chosen, axes, strict=True)):
        scale = scale_for(var, (goals or {}).get(var.name))
        if place < len(seen):
            start_values(ax, var, scale, rows[var.name].to_numpy())
            style = STYLES["blue"]
            ax.plot(middle, rows[var.name], color=style.line, marker=style.marker, label=var.name)
            finish_values(ax, var, scale, [])
        else:
            ax.bar(middle, rows[var.name], width, color=STYLES["orange"].color, ec="white", lw=0.8)
            ax.yaxis.set_major_formatter(NUMBER)
            ax.yaxis.set_major_locator(plt.MaxNLocator(2))
        ax.set_ylabel(var.short_label, rotation=0, ha="right", va="center")
    last = axes[-1]
    end = width * schema.n_steps
    last.set_xlim(0, end)
    last.xaxis.set_major_locator(MultipleLocator(12))
    last.set_xlabel("Time (hours)")
    for ax in axes:
        for day in range(24, end, 24):
            ax.axvline(day, color=GRID, lw=1.2, zorder=0)
    hours = len(rows) * width
    headline(axes[0], f"Patient {patient_id}: {hours} hours", "lines: values; bars: treatment")
    return fig
