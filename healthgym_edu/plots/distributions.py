"""How every variable is distributed, side by side, each on the scale that suits it."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..data import Cohort
from ..schema import Variable
from ._axes import NUMBER, scale_for
from ._inputs import group_rows, table_and_schema, title_of, variable
from .style import MUTED, Style, style_for

BINS = 36


def distributions(
    cohort: Cohort, columns: Sequence[str] | None = None, by: str | pd.Series | None = None
) -> Figure:
    """Draw one panel a variable: a histogram for numbers, bars of shares for categories.

    Parameters
    ----------
    cohort : Cohort
    columns : sequence of str, optional
        Which variables; all but patient and step by default.
    by : str or Series, optional
        Compare groups, as in `trajectory_band`. Every group is scaled to 100 % of its own rows.

    Returns
    -------
    Figure
        Heights are shares of rows; what is true or false shares a panel. VL is on a logarithmic
        axis with its detection limit. The first bar holds the values of 0 or below that a log
        axis has no place for, the last one what lies beyond where a long tail would squeeze the
        rest; the label of the axis then says so.

    Raises
    ------
    ArgumentError
        For an unknown column, patient or step, or an impossible grouping.
    """
    frame, schema = table_and_schema(cohort)
    groups = group_rows(cohort, by)
    styles = style_for(groups.cat.categories)
    kinds = ("numeric", "categorical", "binary", "flag")
    columns = columns or [v.name for v in schema if v.kind in kinds]
    chosen = [variable(schema, name, kinds) for name in columns]
    booleans = [var.name for var in chosen if var.is_boolean]
    panels = [var for var in chosen if not var.is_boolean]

    n_panels = len(panels) + bool(booleans)
    n_rows = -(-n_panels // 2)
    high = 1.8 if by is None else 2.1
    fig, grid = plt.subplots(n_rows, 2, figsize=(7.2, high * n_rows), squeeze=False)
    axes = list(grid.flat)
    for ax in axes[n_panels:]:
        ax.remove()
    for var, ax in zip(panels, axes, strict=False):
        ax.set_title(var.title, loc="left")
        if var.kind == "numeric":
            _histogram(ax, var, frame[var.name], groups, styles)
        else:
            shares = pd.crosstab(frame[var.name], groups, normalize="columns")
            shares = shares.reindex(var.labels, fill_value=0.0)
            own = [style.color for style in style_for(var.labels).values()]
            _bars(ax, shares, styles, own if by is None else None)
    if booleans:
        ax = axes[n_panels - 1]
        ax.set_title("Share that is true", loc="left")
        shares = frame[booleans].astype(float).groupby(groups, observed=True).mean().T
        _bars(ax, shares.rename(index=lambda name: schema[name].title), styles)
    if by is not None:
        keys, names = axes[0].get_legend_handles_labels()
        words = {"title": title_of(cohort, groups.name), "ncols": 5, "alignment": "left"}
        fig.legend(keys, names, loc="outside upper left", **words)
    return fig


def _histogram(
    ax: Axes, var: Variable, values: pd.Series, groups: pd.Series, styles: dict[object, Style]
) -> None:
    """Share of rows in each bin: filled for one group, outlines for several."""
    scale = scale_for(var)
    edges, remark = bin_edges(values.dropna().to_numpy(), scale.log)
    for name, part in values.clip(edges[0], edges[-1]).groupby(groups, observed=True):
        shares = np.histogram(part.dropna(), edges)[0] / part.count()
        style = styles[name]
        if len(styles) == 1:
            ax.stairs(shares, edges, fill=True, color=style.color, label=name)
        else:
            ax.stairs(shares, edges, color=style.line, ls=style.linestyle, lw=1.5, label=name)
    if scale.log:
        ax.set_xscale("log")
    else:
        ax.xaxis.set_major_formatter(NUMBER)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel("\n".join([var.unit, remark]).strip())
    ax.set_ylabel("Share of rows")
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.yaxis.set_major_formatter(percent)
    if scale.threshold is not None:
        ax.axvline(scale.threshold, color=MUTED, lw=1.1, ls=(0, (2, 2)), gid="threshold")
        ax.annotate(
            f"{scale.meaning}\n{NUMBER.format(x=scale.threshold)} {var.unit}",
            (scale.threshold, 1),
            (3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color=MUTED,
        )


def bin_edges(values: np.ndarray, log: bool) -> tuple[np.ndarray, str]:
    """Bins for values (without NaN) that are clipped to them.

    Returns
    -------
    edges : array, shape (BINS + 1,)
        Of equal widths, on a log scale or a plain one.
    remark : str
        What the first or last bar holds beside its own, if anything.
    """
    if log:
        edges = 10 ** np.histogram_bin_edges(np.log10(values[values > 0]), BINS)
        share = np.mean(values <= 0)
        return edges, f"first bar: {share:.1%} at 0 or below" if share else ""
    low, usual, high = np.quantile(values, [0, 0.995, 1])
    if high - low > 1.6 * (usual - low) > 0:
        edges = np.histogram_bin_edges(values, BINS, (low, usual))
        share = np.mean(values > usual)
        return edges, f"last bar: {share:.1%} above {usual:,.5g}"
    return np.histogram_bin_edges(values, BINS), ""


def _bars(
    ax: Axes, shares: pd.DataFrame, styles: dict[object, Style], own: list[str] | None = None
) -> None:
    """Draw a bar for each label (row, first on top) and group (column).

    `own` holds the colours of the labels, where bars have those and not the group's.
    """
    height = 0.8 / len(styles)
    for i, (group, style) in enumerate(styles.items()):
        y = np.arange(len(shares)) + (i + 0.5) * height - 0.4
        bars = ax.barh(y, shares[group], 0.94 * height, color=own or style.color, label=group)
        if shares.size <= 8:  # there is room
            ax.bar_label(bars, fmt=percent, padding=3, fontsize=8.5)
    ax.set_yticks(range(len(shares)), [str(label) for label in shares.index])
    ax.invert_yaxis()
    ax.margins(x=0.2)
    ax.grid(False)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4, prune="upper"))
    ax.xaxis.set_major_formatter(percent)


def percent(share: float, _position: float = 0) -> str:
    """A share as people write it: ``48.5%``, ``2.4%``, ``0%``."""
    return f"{round(100 * share, 1):g}%"
