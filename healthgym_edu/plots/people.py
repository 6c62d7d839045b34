"""One person: the whole story, and the same person under another treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ..errors import ArgumentError
from ..schema import Schema, Variable
from ._axes import (
    Threshold,
    headline,
    label_right,
    new_axes,
    scale_for,
    step_name,
    threshold_line,
    time_axis,
    value_axis,
)
from ._inputs import one_patient, unpack, variable
from .style import GRID, INK, MUTED, CourseFigure, palette, style_for

ABSENT_LABELS = ("Not Applied", False)
"""Labels that mean "no drug": a timeline draws no bar for them."""


def twin_plot(
    cohorts: Mapping[str, Any],
    patient_id: int,
    column: str,
    threshold: Threshold = None,
    log: bool | None = None,
    ax: Axes | None = None,
    schema: Schema | None = None,
) -> Axes:
    """Draw the same patient under several treatments.

    Parameters
    ----------
    cohorts : mapping of str to Cohort, (DataFrame, Schema) or DataFrame
        What the lines are called, and where they come from: for example the result of `twins`.
    patient_id : int
        A patient of every one of them.
    column : str
        A numeric column.
    threshold, log
        As in `trajectory_band`.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    schema : Schema, optional
        Needed with bare tables.

    Returns
    -------
    Axes
        One line a treatment; markers where the value was measured. A dotted line stands where
        the drugs begin to differ, unless they do from the first step on.

    Raises
    ------
    ArgumentError
        For fewer than two cohorts, an unknown column or one of another kind, or a patient who is
        not in all of them.
    """
    if not isinstance(cohorts, Mapping) or len(cohorts) < 2:
        raise ArgumentError(
            "twin_plot compares the same patient in two or more cohorts. Pass a dict such as "
            "{'DTG': first, 'EFV': second}; found "
            f"{len(cohorts) if isinstance(cohorts, Mapping) else type(cohorts).__name__}."
        )
    people = {}
    for name, cohort in cohorts.items():
        frame, found, _ = unpack(cohort, schema)
        var = variable(frame, found, column, ("numeric",), "For drugs use patient_timeline.")
        people[name] = one_patient(frame, found, patient_id)
    styles = style_for(people)
    scale = scale_for(column, log, threshold)

    ax = new_axes(ax)
    steps = pd.concat([rows[found.step] for rows in people.values()])
    time_axis(ax, found, steps.min(), steps.max())
    ax.set_xlim(steps.min() - 0.5, steps.max() + 0.5)
    low = value_axis(ax, var, scale, [rows[column] for rows in people.values()])
    labels = []
    for name, rows in people.items():
        style, values = styles[name], rows[column].clip(lower=low)
        ax.plot(rows[found.step], values, color=style.line, ls=style.linestyle, lw=1.8,
                label=str(name), gid=f"line:{name}")
        _mark_measured(ax, rows, found, var, values, style.line, style.marker)
        if values.notna().any():
            labels.append((values.dropna().iloc[-1], str(name), style.text))
    line = threshold_line(ax, scale, var)
    label_right(ax, labels + ([line] if line else []))
    parted = _parting(list(people.values()), found)
    remark = "the drugs never differ"
    if parted is not None:
        remark = f"the drugs differ from {step_name(found, parted)} on"
        if parted > steps.min():
            ax.axvline(parted, color=MUTED, lw=1, ls=":", zorder=1.5, gid="parting")
    if var.measured_by in rows.columns:
        remark += f"; markers: {column} measured"
    headline(ax, f"Patient {patient_id}, {len(people)} treatments of the same person", remark)
    return ax


def patient_timeline(
    cohort: Any,
    patient_id: int,
    columns: Sequence[str] | None = None,
    schema: Schema | None = None,
) -> Figure:
    """Tell one person's story: values, drugs, and what was measured.

    Parameters
    ----------
    cohort : Cohort, (DataFrame, Schema) or DataFrame
        A bare table needs `schema` too.
    patient_id : int
        Who.
    columns : sequence of str, optional
        Numeric columns, one panel each. Default: one for each measured flag, at most three.
    schema : Schema, optional
        Needed with a bare table.

    Returns
    -------
    Figure
        One panel a numeric column (filled markers: measured at that step), a panel with a bar for
        every spell on a drug, and a panel with a mark at every step at which a flag is set.

    Raises
    ------
    ArgumentError
        For an unknown patient or column, or a column that is not numeric.
    """
    frame, schema, patients = unpack(cohort, schema)
    rows = one_patient(frame, schema, patient_id)
    by_flag = {schema[name].measured_by: name for name in reversed(schema.numeric)}
    default = [name for name in schema.numeric if name in by_flag.values()] or schema.numeric
    chosen = [variable(frame, schema, name, ("numeric",)) for name in columns or default[:3]]
    drugs = [name for name in (*schema.categorical, *schema.binary)
             if name in frame.columns and not schema[name].static]
    flags = [name for name in schema.flags if name in frame.columns]
    parts = {**{var.name: 1.45 for var in chosen}, "drugs": 0.28 * len(drugs),
             "measured": 0.22 * len(flags) + 0.1}
    parts = {name: high for name, high in parts.items() if high > 0.1}
    fig = plt.figure(FigureClass=CourseFigure, figsize=(7.2, sum(parts.values()) + 1.0))
    axes = fig.subplots(len(parts), 1, sharex=True, height_ratios=list(parts.values()),
                        squeeze=False)[:, 0]
    panels = dict(zip(parts, axes, strict=True))
    first, last = rows[schema.step].iloc[[0, -1]]
    time_axis(axes[-1], schema, first, last)
    axes[-1].set_xlim(first - 0.5, last + 0.5)
    for var in chosen:
        _value_panel(panels[var.name], rows, schema, var)
    if drugs:
        _drug_panel(panels["drugs"], rows, schema, drugs)
    if flags:
        _flag_panel(panels["measured"], rows, schema, flags)
    marked = any(var.measured_by in rows.columns for var in chosen)
    who, facts = _who(rows, schema, patients, patient_id)
    legend = ["markers: measured at that step; line: the value at every step"] if marked else []
    headline(axes[0], who, ". ".join([*facts, *legend]))
    return fig


def _value_panel(ax: Axes, rows: pd.DataFrame, schema: Schema, var: Variable) -> None:
    scale = scale_for(var.name)
    low = value_axis(ax, var, scale, [rows[var.name]])
    values = rows[var.name].clip(lower=low)
    color = palette["blue"]
    ax.plot(rows[schema.step], values, color=color, lw=1.1, alpha=0.6, gid=f"line:{var.name}")
    _mark_measured(ax, rows, schema, var, values, color, "o")
    line = threshold_line(ax, scale, var)
    label_right(ax, [line] if line else [])
    ax.set_ylabel(f"{var.name}\n{var.unit}", rotation=0, ha="right", va="center")


def _drug_panel(ax: Axes, rows: pd.DataFrame, schema: Schema, drugs: Sequence[str]) -> None:
    ax.set_ylim(len(drugs) - 0.4, -0.6)
    ax.set_yticks(range(len(drugs)), drugs)
    ax.grid(False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    width = ax.get_window_extent().width / (rows[schema.step].max() - rows[schema.step].min() + 1)
    unnamed = {}
    for y, name in enumerate(drugs):
        styles = style_for(schema[name].labels)
        ax.axhline(y, color=GRID, lw=1, zorder=0)
        for start, end, label in spells(rows[schema.step], rows[name]):
            if label is None or label in ABSENT_LABELS:
                continue
            style, text = styles[label], "yes" if label is True else str(label)
            ax.barh(y, end - start + 1, left=start - 0.5, height=0.72, color=style.color,
                    ec="white", lw=0.8, gid=f"spell:{name}:{label}:{start}-{end}")
            if (len(text) * 6.4 + 5) * ax.figure.dpi / 76 < (end - start + 1) * width:
                ax.text((start + end) / 2, y, text, ha="center", va="center_baseline",
                        fontsize=8.5, color=style.on)
            else:
                unnamed[text] = style.color
    named = {text.get_text() for text in ax.texts}
    keys = [Patch(fc=color, label=text) for text, color in unnamed.items() if text not in named]
    if keys:
        ax.legend(handles=keys, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=1,
                  fontsize=8.5, borderpad=0)


def _flag_panel(ax: Axes, rows: pd.DataFrame, schema: Schema, flags: Sequence[str]) -> None:
    ax.set_ylim(len(flags) - 0.4, -0.6)
    ax.set_yticks(range(len(flags)), flags)
    ax.grid(False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    for y, name in enumerate(flags):
        ax.axhline(y, color=GRID, lw=1, zorder=0)
        seen = rows.loc[rows[name].astype(bool), schema.step]
        ax.plot(seen, np.full(len(seen), y), ls="", marker="|", ms=9, mew=1.8, color=INK,
                gid=f"seen:{name}")


def _mark_measured(
    ax: Axes, rows: pd.DataFrame, schema: Schema, var: Variable, values: pd.Series,
    color: str, marker: str,
) -> None:
    """Markers at the steps where the value was measured."""
    if var.measured_by not in rows.columns:
        return
    seen = rows[var.measured_by].astype(bool)
    ax.plot(rows.loc[seen, schema.step], values[seen], ls="", marker=marker, ms=5, color=color,
            mec="white", mew=0.7, zorder=3, gid=f"measured:{var.name}")


def spells(steps: Sequence[int], labels: Sequence[object]) -> list[tuple[int, int, object]]:
    """Runs of the same label: first step, last step, label (None where it is missing)."""
    runs: list[tuple[int, int, object]] = []
    for step, label in zip(steps, labels, strict=True):
        label = bool(label) if isinstance(label, np.bool_) else None if pd.isna(label) else label
        if runs and runs[-1][2] == label:
            runs[-1] = (runs[-1][0], step, label)
        else:
            runs.append((step, step, label))
    return runs


def _parting(people: Sequence[pd.DataFrame], schema: Schema) -> int | None:
    """First step at which the drugs of the same patient differ, or None."""
    drugs = [name for name in (*schema.categorical, *schema.binary)
             if not schema[name].static and all(name in rows.columns for rows in people)]
    tables = [rows.set_index(schema.step)[drugs].astype(str) for rows in people]
    shared = tables[0].index
    for table in tables[1:]:
        shared = shared.intersection(table.index)
    first = tables[0].loc[shared]
    differs = np.zeros(len(shared), dtype=bool)
    for table in tables[1:]:
        differs |= (table.loc[shared] != first).any(axis=1).to_numpy()
    return shared[differs][0] if differs.any() else None


def _who(
    rows: pd.DataFrame, schema: Schema, patients: Any, patient_id: int
) -> tuple[str, list[str]]:
    """Who this is, from what never changes: a title, and one sentence of facts if there are."""
    who = [str(rows[name].iloc[0]) for name in schema.static if name in rows.columns]
    words = []
    if isinstance(patients, pd.DataFrame) and patient_id in patients.index:
        for name, value in patients.loc[patient_id].items():
            if name in schema.names:
                continue
            if isinstance(value, (bool, np.bool_)):
                words.append(f"{name.lower()}: {'yes' if value else 'no'}")
            elif isinstance(value, (int, float, np.number)):
                words.append(f"{name.lower()} {value:.0f}")
    title = " · ".join([f"Patient {patient_id}", *who])
    return title, [", ".join(words)] if words else []
