"""One person: the whole story, and the same person under another treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ..data import Cohort
from ..errors import ArgumentError, require_known
from ..schema import Variable
from ..variables import FOLLOWED
from ._axes import finish_values, headline, new_axes, scale_for, start_values, time_axis
from ._inputs import one_patient, table_and_schema, variable
from .style import INK, STYLES, Style, style_for

NO_DRUG = ("Not Applied", "0", "False", "nan", "<NA>")  # a timeline draws no bar for these


def twin_plot(
    cohorts: Mapping[str, Cohort],
    patient_id: int,
    column: str,
    threshold: tuple[float, str] | float | None = None,
    strong: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the same patient under several treatments.

    Parameters
    ----------
    cohorts : mapping of str to Cohort
        What the lines are called, and where they come from: for example the result of `twins`.
    patient_id : int
        A patient of every one of them.
    column : str
        A numeric column.
    threshold
        As in `trajectory_band`.
    strong : str, optional
        Which of the lines to draw thicker and on top: for example the life that was recorded.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    title : str, optional
        Who it is; "Patient" and the number, if not given.

    Returns
    -------
    Axes
        One line a treatment, named at its end; markers where the value was measured.

    Raises
    ------
    ArgumentError
        For fewer than two cohorts, an unknown column or one of another kind, a patient who is
        not in all of them, or an unknown `strong`.
    """
    if not isinstance(cohorts, Mapping) or len(cohorts) < 2:
        raise ArgumentError(
            "twin_plot compares the same patient in two or more cohorts: pass a dict such as "
            "{'DTG': first, 'EFV': second}, or the result of twins()."
        )
    people = {name: one_patient(cohort, patient_id) for name, cohort in cohorts.items()}
    if strong is not None:
        require_known("line", strong, people)
    _, schema = table_and_schema(next(iter(cohorts.values())))
    var = variable(schema, column, ("numeric",), "For drugs use patient_timeline.")
    everything = pd.concat(people.values())

    ax = new_axes(ax)
    time_axis(ax, schema, everything[schema.step], pad=0.5)
    scale = scale_for(var, threshold)
    lowest = start_values(ax, var, scale, everything[column].to_numpy())
    labels = []
    for name, style in style_for(people).items():
        rows = people[name].set_index(schema.step)
        _line(ax, rows, var, lowest, style, name, strong=name == strong)
        last = rows[column].clip(lower=lowest).ffill().iloc[-1]
        labels.append((last, str(name), style.text))
    finish_values(ax, var, scale, labels)
    remark = f"{len(people)} treatments of the same person"
    remark += "; markers: measured" if var.measured_by else ""
    headline(ax, title or f"Patient {patient_id}", remark)
    return ax


def patient_timeline(
    cohort: Cohort,
    patient_id: int,
    columns: Sequence[str] | None = None,
    goals: Mapping[str, tuple[float, str] | float] | None = None,
) -> Figure:
    """Tell one person's story: values, drugs, and what was measured.

    Parameters
    ----------
    cohort : Cohort
    patient_id : int
        Who.
    columns : sequence of str, optional
        Numeric columns, one panel each. Default: the first two.
    goals : mapping, optional
        Reference lines: column to a value in its unit, or to the value and what it means.

    Returns
    -------
    Figure
        One panel a numeric column, with markers where it was measured. Below, one row a drug
        column, with a bar for every spell on a drug, and one row a flag, with a tick at every
        step at which it is set. A remark names the markers only if every panel can have some.

    Raises
    ------
    ArgumentError
        For an unknown patient or column, a column that is not numeric, or a goal for one that is
        not drawn as a line.
    """
    _, schema = table_and_schema(cohort)
    rows = one_patient(cohort, patient_id).set_index(schema.step)
    chosen = [variable(schema, name, ("numeric",)) for name in columns or schema.numeric[:2]]
    for name in goals or {}:
        require_known("line", name, [var.name for var in chosen], " to set a goal for")
    drugs = [var.name for var in schema if var.kind in ("categorical", "binary") and not var.static]
    tracks = [*drugs, *schema.flags]

    heights = [1.45] * len(chosen) + [0.26 * len(tracks)]
    fig, axes = plt.subplots(
        len(heights), sharex=True, figsize=(7.2, sum(heights) + 1), height_ratios=heights
    )
    for var, ax in zip(chosen, axes, strict=False):
        scale = scale_for(var, (goals or {}).get(var.name))
        lowest = start_values(ax, var, scale, rows[var.name].to_numpy())
        _line(ax, rows, var, lowest, STYLES["blue"], var.name)
        if rows[var.name].nunique() == 1 and not scale.log:  # a flat line is seen from zero
            ax.update_datalim([(rows.index[0], 0), (rows.index[0], 1.5 * rows[var.name].iloc[0])])
        finish_values(ax, var, scale, [])
        ax.set_ylabel(var.short_label, rotation=0, ha="right", va="center")
    last = axes[-1]
    time_axis(last, schema, rows.index, pad=0.5)
    last.set_ylim(len(tracks) - 0.4, -0.6)
    words = [schema[name].short_label.replace("\n", " ") for name in tracks]
    last.set_yticks(range(len(tracks)), words)
    last.tick_params(axis="y", length=0)
    last.spines["left"].set_visible(False)
    for y, name in enumerate(drugs):
        _spells(last, y, rows[name].astype(str), style_for(map(str, schema[name].labels)))
    for y, name in enumerate(schema.flags, start=len(drugs)):
        seen = rows.index[rows[name]]
        last.plot(seen, np.full(len(seen), y), "|", ms=9, mew=1.8, color=INK, label=name)
    _key(last)

    who = [f"Patient {patient_id}", *(str(rows[name].iloc[0]) for name in schema.static)]
    facts = (
        cohort.patients.loc[patient_id].drop([*schema.static, FOLLOWED], errors="ignore").dropna()
    )
    told = {k: f"{v:.1f}" if isinstance(v, float) and v % 1 else v for k, v in facts.items()}
    remarks = [f"{name.lower()}: {value}" for name, value in told.items()]
    if schema.flags:
        marked = all(var.measured_by for var in chosen)
        unit = "step" if schema.step_unit[0].isdigit() else schema.step_unit
        ticks = "ticks" if remarks else "ticks in the lowest rows"  # a long remark is cut off
        where = "markers" if marked else ticks
        remarks.append(f"{where}: measured in that {unit}")
    headline(axes[0], " · ".join(who), "; ".join(remarks))
    return fig


def _line(
    ax: Axes,
    rows: pd.DataFrame,
    var: Variable,
    lowest: float,
    style: Style,
    name: str,
    strong: bool = False,
) -> None:
    """Draw a variable over the steps, with markers where it was measured."""
    values = rows[var.name].clip(lower=lowest)
    measured = rows[var.measured_by] if var.measured_by else np.zeros(len(rows), dtype=bool)
    ax.plot(
        values,
        color=style.line,
        ls=style.linestyle,
        lw=2.8 if strong else 1.5,
        zorder=3 if strong else 2,
        marker=style.marker,
        ms=8 if strong else 6,
        mec="white",
        mew=0.7,
        markevery=np.flatnonzero(measured).tolist(),
        label=name,
    )


def _spells(ax: Axes, y: int, labels: pd.Series, styles: dict[str, Style]) -> None:
    """Draw a bar for every run of the same label (index step), and write its name in it.

    A name that is too long for its bar stands to the right of it, where no bar follows.
    """
    n_letters = 50 / len(labels)  # that fit into one step
    spells = [spell for _, spell in labels.groupby((labels != labels.shift()).cumsum())]
    for spell, following in zip(spells, [*spells[1:], labels.iloc[:0]], strict=True):
        label, start, end = spell.iloc[0], spell.index[0], spell.index[-1]
        free = len(following) if following.isin(NO_DRUG).any() else 0
        if label in NO_DRUG:
            continue
        style, text = styles[label], "yes" if label == "True" else label
        width = end - start + 1
        ax.barh(y, width, 0.72, start - 0.5, color=style.color, ec="white", lw=0.8, label=text)
        if len(text) < n_letters * width:
            ax.text(
                (start + end) / 2,
                y,
                text,
                ha="center",
                va="center_baseline",
                fontsize=8.5,
                color=style.on,
            )
        elif len(text) + 1 < n_letters * free:
            ax.text(end + 0.9, y, text, va="center_baseline", fontsize=8.5, color=INK)


def _key(ax: Axes) -> None:
    """Name the drugs none of whose spells is long enough for its name."""
    named = {text.get_text() for text in ax.texts}
    colors = {bars.get_label(): bars[0].get_facecolor() for bars in ax.containers}
    keys = [Patch(fc=color, label=name) for name, color in colors.items() if name not in named]
    if keys:
        ax.legend(handles=keys, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=1)
