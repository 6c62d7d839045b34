"""How every variable is distributed, side by side, each on the scale that suits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..errors import ArgumentError
from ..schema import Schema, Variable
from ._axes import log_ticks, plain_number, scale_for
from ._inputs import group_rows, unpack, variable
from .style import MUTED, CourseFigure, Style, palette, style_for

_EVERYONE = "everyone"
_BINS = 36


def distributions(
    cohort: Any,
    columns: Sequence[str] | None = None,
    by: str | pd.Series | None = None,
    schema: Schema | None = None,
) -> Figure:
    """Draw one panel a variable: a histogram for numbers, bars of shares for categories.

    Parameters
    ----------
    cohort : Cohort, (DataFrame, Schema) or DataFrame
        A bare table needs `schema` too.
    columns : sequence of str, optional
        Which variables; all but patient and step by default.
    by : str or Series, optional
        Compare groups, as in `trajectory_band`. Every group is scaled to 100 % of its own rows.
    schema : Schema, optional
        Needed with a bare table.

    Returns
    -------
    Figure
        Heights are percentages of rows. VL is on a logarithmic axis with its detection limit;
        rows of 0 or below stand in a bar of their own at the left. Where a long tail would
        squeeze the rest, the last bar holds everything beyond, and says so.

    Raises
    ------
    ArgumentError
        For an unknown column, no column, or an impossible grouping.
    """
    frame, schema, patients = unpack(cohort, schema)
    if isinstance(columns, str):
        columns = [columns]
    if columns is None:
        columns = [v.name for v in schema if v.kind not in ("id", "step") and v.name in frame]
    if not len(columns):
        raise ArgumentError("columns: at least one column expected, found none.")
    kinds = ("numeric", "binary", "categorical", "flag")
    chosen = [variable(frame, schema, name, kinds) for name in columns]
    groups, names, title = group_rows(frame, schema, patients, by)
    if groups is None:
        parts, styles = {_EVERYONE: frame}, {_EVERYONE: Style(palette["blue"])}
    else:
        parts = {name: frame[(groups == name).to_numpy()] for name in names}
        styles = style_for(names)

    rows = _layout(chosen)
    heights = [max(_height(panel, len(parts)) for panel in row) for row in rows]
    top = 0.0 if groups is None else 0.45
    fig = plt.figure(FigureClass=CourseFigure, figsize=(
        7.2 if len(chosen) > 1 else 5.0, max(sum(heights) + top, 2.6)))
    bands = np.atleast_1d(fig.subfigures(len(rows), 1, height_ratios=heights))
    for row, band in zip(rows, bands, strict=True):
        for panel, ax in zip(row, band.subplots(1, len(row), squeeze=False)[0], strict=True):
            if panel[0].kind == "numeric":
                _histogram(ax, panel[0], {k: part[panel[0].name] for k, part in parts.items()},
                           styles)
            else:
                _bars(ax, panel, share_of_labels(panel, parts), styles)
        if row[0][0].kind == "numeric":
            band.axes[0].set_ylabel("Share of rows")
    if groups is not None:
        keys = [Line2D([], [], color=style.line, ls=style.linestyle, lw=3, label=str(name))
                for name, style in styles.items()]
        fig.legend(handles=keys, title=title, loc="outside upper left", ncols=min(len(keys), 5),
                   alignment="left", handlelength=2.2, columnspacing=1.6)
    return fig


def share_of_labels(panel: Sequence[Variable], parts: dict) -> pd.DataFrame:
    """Heights of the bars of one panel.

    Parameters
    ----------
    panel : sequence of Variable
        One categorical variable, or several that are true or false.
    parts : dict of DataFrame
        Rows of each group.

    Returns
    -------
    DataFrame
        One column a group. Index: the labels of the one variable, or the names of the boolean
        ones, for which it holds the share that is true.
    """
    if panel[0].is_boolean:
        return pd.DataFrame({
            group: {var.name: float(part[var.name].astype(float).mean()) for var in panel}
            for group, part in parts.items()
        })
    labels = list(panel[0].labels)
    return pd.DataFrame({
        group: part[panel[0].name].value_counts(normalize=True).reindex(labels)
        for group, part in parts.items()
    }).fillna(0.0)


def _layout(chosen: Sequence[Variable]) -> list[list[list[Variable]]]:
    """Rows of at most three panels: numbers first, then categories; booleans share a panel."""
    numbers = [[var] for var in chosen if var.kind == "numeric"]
    others = [[var] for var in chosen if var.kind != "numeric" and not var.is_boolean]
    yes_no = [var for var in chosen if var.is_boolean]
    others += [yes_no] if yes_no else []
    rows = []
    for panels in (numbers, others):
        n_rows = -(-len(panels) // 3)
        for k in range(n_rows):  # 7 panels: 2 + 2 + 3
            rows.append(panels[: len(panels) // (n_rows - k)])
            panels = panels[len(rows[-1]):]
    return rows


def _height(panel: Sequence[Variable], n_groups: int) -> float:
    """Inches a panel needs."""
    if panel[0].kind == "numeric":
        return 2.0
    n_bars = len(panel) if panel[0].is_boolean else len(panel[0].labels)
    return 0.45 + max(n_bars, 3) * (0.21, 0.34)[n_groups > 1] * max(1, n_groups / 3)


def _histogram(ax: Axes, var: Variable, parts: dict, styles: dict[object, Style]) -> None:
    """Share of rows in each bin: filled for one group, outlines for several."""
    scale = scale_for(var.name)
    values = {name: part.to_numpy(float) for name, part in parts.items()}
    values = {name: part[np.isfinite(part)] for name, part in values.items()}
    everything = np.concatenate(list(values.values()))
    if not len(everything):
        ax.text(0.5, 0.5, "no value", ha="center", transform=ax.transAxes, color=MUTED)
        return
    edges, remark = bin_edges(everything, scale.log)
    inside = np.nextafter(edges[-1], -np.inf)
    for name, part in values.items():
        heights = np.histogram(np.clip(part, edges[0], inside), edges)[0] / max(len(part), 1)
        style = styles[name]
        if len(parts) == 1:
            ax.stairs(heights, edges, fill=True, color=style.color, lw=0, gid=f"hist:{name}")
        else:
            ax.stairs(heights, edges, color=style.line, ls=style.linestyle, lw=1.5,
                      gid=f"hist:{name}")
    if scale.log:
        ax.set_xscale("log")
        log_ticks(ax.xaxis, most=5, short=True)
    else:
        ax.xaxis.set_major_formatter(FuncFormatter(plain_number))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.set_title(var.name, loc="left", fontsize=10, pad=4)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(0, ax.get_ylim()[1] * (1.0 if scale.threshold is None else 1.14))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
    ax.set_xlabel("\n".join(filter(None, [var.unit, remark])))
    if scale.threshold is not None:
        ax.axvline(scale.threshold, color=MUTED, lw=1.1, ls=(0, (2, 2)), gid="threshold")
        ax.annotate(f"{scale.meaning} {plain_number(scale.threshold)}", (scale.threshold, 1),
                    (3, -1), xycoords=("data", "axes fraction"), textcoords="offset points",
                    fontsize=8, color=MUTED, va="top")


def bin_edges(values: np.ndarray, log: bool) -> tuple[np.ndarray, str]:
    """Bins that cover every value, and a remark where the first or last one is special.

    Parameters
    ----------
    values : array, shape (n,)
        Finite values.
    log : bool
        Whether bins have equal widths on a log scale. Values of 0 or below then belong in the
        first bin, which is set apart for them.

    Returns
    -------
    edges : array, shape (k + 1,)
        Values outside are meant to be clipped into the first or last bin.
    remark : str
        Says what was clipped, or is empty.
    """
    if log:
        positive = values[values > 0]
        low, high = (positive.min(), positive.max()) if len(positive) else (1.0, 10.0)
        high = high if high > low else low * 10
        edges = np.geomspace(low, high * 1.0001, _BINS + 1)
        if len(positive) == len(values):
            return edges, ""
        share = 1 - len(positive) / len(values)
        return np.r_[low * edges[0] / edges[1], edges], f"first bar: {share:.1%} at 0 or below"
    low, high = values.min(), values.max()
    usual = np.quantile(values, 0.995)
    if high - low > 1.6 * (usual - low) > 0:
        edges = np.linspace(low, usual, _BINS + 1)
        share = np.mean(values >= edges[-2])
        return edges, f"last bar: {share:.1%} above {plain_number(float(f'{edges[-2]:.3g}'))}"
    return np.linspace(low, high if high > low else low + 1, _BINS + 1), ""


def _bars(
    ax: Axes, panel: Sequence[Variable], shares: pd.DataFrame, styles: dict[object, Style]
) -> None:
    """One bar a label and group, first label on top, shares written out where there is room."""
    labels, n_groups = list(shares.index), shares.shape[1]
    own = style_for(labels)
    if panel[0].is_boolean:
        own = dict.fromkeys(labels, style_for([True])[True])
    high = 0.82 / n_groups
    for i, group in enumerate(shares.columns):
        y = np.arange(len(labels)) - 0.41 + (i + 0.5) * high
        colors = [own[label].color for label in labels] if n_groups == 1 else styles[group].color
        ax.barh(y, shares[group], height=high * 0.94, color=colors, gid=f"bars:{group}")
        for at, share in zip(y, shares[group], strict=True):
            if n_groups <= 2:
                ax.annotate(percent(share), (share, at), (3, 0), textcoords="offset points",
                            va="center_baseline", fontsize=8.5)
    title = panel[0].name
    if panel[0].is_boolean:
        title = "Share that is true"
    ax.set_title(title, loc="left", fontsize=10, pad=4)
    ax.set_yticks(range(len(labels)), [str(label) for label in labels])
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_xlim(0, (shares.to_numpy().max() or 1) * (1.35 if n_groups <= 2 else 1.05))
    ax.grid(False)
    ax.tick_params(axis="y", length=0, labelsize=9)
    if n_groups <= 2:
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
    else:
        ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=4))


def percent(share: float) -> str:
    """A share as people write it: ``48%``, ``2.4%``, ``0%``."""
    return f"{share:.0%}" if share >= 0.0995 or share == 0 else f"{share:.1%}"
