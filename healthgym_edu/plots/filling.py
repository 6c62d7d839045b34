"""What stands in a table where nobody looked, and what a treatment did: the figures of chapter 03.

Each takes an ordinary table, whose labels are the words to write.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ..data import Cohort
from ..errors import ArgumentError
from ._axes import NUMBER, headline, label_right, new_axes
from ._inputs import table_and_schema, variable
from .style import INK, STYLES, Style, palette, style_for

PARTS = ("blue", "sky", "orange", "pale", "purple", "green")
HATCHES = ("", "///", "...", "", "xxx", "|||")
HOUR = "Time (hours)"


def stacked_shares(
    shares: pd.DataFrame, what: str = "Share of hours", ax: Axes | None = None
) -> Axes:
    """Draw one lying bar a row, cut into its parts from left to right.

    Parameters
    ----------
    shares : DataFrame
        One row a bar, one column a part; each row adds up to 1.
    what : str
        What the bars are shares of.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The first row on top; the parts differ in colour and hatching, and are named above.

    Raises
    ------
    ArgumentError
        Rows that do not add up to 1, or more than six parts.
    """
    if len(shares.columns) > len(PARTS) or not np.allclose(shares.sum(axis=1), 1):
        raise ArgumentError(
            f"stacked_shares draws at most {len(PARTS)} parts that add up to 1 in each row; found "
            f"{len(shares.columns)} parts, and sums from {shares.sum(axis=1).min():.3g} to "
            f"{shares.sum(axis=1).max():.3g}."
        )
    ax = new_axes(ax, 7.4, 0.9 + 0.35 * len(shares))
    left = np.zeros(len(shares))
    for part, color, hatch in zip(shares, PARTS, HATCHES, strict=False):
        look: dict = {"color": palette[color], "hatch": hatch, "ec": "white", "lw": 0.8}
        ax.barh(shares.index, shares[part], left=left, label=part, **look)
        left = left + shares[part].to_numpy()
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(False)
    ax.set(xlim=(0, 1), xlabel=what)
    ax.tick_params(axis="y", length=0)
    ax.legend(
        ncols=len(shares.columns),
        loc="lower right",
        bbox_to_anchor=(1, 1),
        columnspacing=1.2,
        handletextpad=0.5,
        borderaxespad=0.3,
    )
    return ax


def share_by_group(
    shares: pd.DataFrame, what: str = "Share of hours", ax: Axes | None = None
) -> Axes:
    """Draw one mark a group in each row, and a pale line between the groups.

    Parameters
    ----------
    shares : DataFrame
        One row a variable, one column a group; shares between 0 and 1.
    what : str
        What the marks are shares of.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The first row on top, on a logarithmic axis: equal distances are equal ratios. Marks of the
        first group are filled, those of the others hollow, so that they hide nothing.

    Raises
    ------
    ArgumentError
        Shares that are not above 0, which have no place on that axis, or above 1.
    """
    if not (shares.to_numpy() > 0).all() or not (shares.to_numpy() <= 1).all():
        raise ArgumentError("share_by_group draws shares above 0, and 1 at most.")
    ax = new_axes(ax, 7.4, 1.0 + 0.33 * len(shares))
    low, high = shares.min(axis=1), shares.max(axis=1)
    ax.hlines(shares.index, low, high, color=palette["pale"], lw=4, zorder=1)
    for place, (name, style) in enumerate(style_for(shares.columns).items()):
        _line(ax, pd.Series(shares.index, shares[name]), style, str(name), dots=True)
        if place:
            ax.lines[-1].set(markerfacecolor="none", markeredgewidth=2.2, markersize=10)
    ax.invert_yaxis()
    ax.set(xscale="log", xlim=(0.6 * low.min(), 1), xlabel=f"{what} (logarithmic axis)")
    ticks = [tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1) if tick >= 0.6 * low.min()]
    ax.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks])
    ax.xaxis.set_minor_locator(plt.NullLocator())
    ax.tick_params(axis="y", length=0)
    ax.legend(
        ncols=len(shares.columns), loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.3
    )
    return ax


def table_against_truth(table: Cohort, truth: Cohort, columns: Sequence[str]) -> Figure:
    """Draw what a table shows, and what was so, one panel a column.

    Parameters
    ----------
    table, truth : Cohort
        The same rows as they are shown, and as they were.
    columns : sequence of str
        Numeric columns.

    Returns
    -------
    Figure
        Filled bars for the table, an outline for the truth, in per cent of all rows. The highest
        one in a thousand true values lie beyond the axis.

    Raises
    ------
    ArgumentError
        An unknown column, one that is not numeric, or tables of different length.
    """
    frame, schema = table_and_schema(table)
    if len(frame) != len(truth.frame):
        raise ArgumentError(
            f"The table has {len(frame):,} rows and the truth {len(truth.frame):,}; they have to "
            "be the same rows."
        )
    fig, axes = plt.subplots(1, len(columns), figsize=(7.6, 3.0), sharey=True, squeeze=False)
    for ax, name in zip(axes[0], columns, strict=True):
        var = variable(schema, name, ("numeric",))
        edges = _round_edges(truth.frame[name].quantile(0.999))
        look = {"bins": edges, "weights": np.full(len(frame), 100 / len(frame))}
        ax.hist(frame[name], color=palette["orange"], label="the table", **look)
        ax.hist(truth.frame[name], histtype="step", color=INK, ls="-", label="the truth", **look)
        ax.xaxis.set_major_formatter(NUMBER)
        ax.set(xlabel=var.label, xlim=(0, edges[-1]))
    axes[0, 0].set_ylabel(f"Share of {schema.step_unit}s (%)")
    axes[0, -1].legend(loc="upper right")
    return fig


def _round_edges(high: float, n: int = 80) -> np.ndarray:
    """Edges of about `n` bins of a round width: as values are round, each then holds as many."""
    width = float(f"{high / n:.1g}")
    return width * (np.arange(np.ceil(high / width) + 1) - 1e-6)  # an edge is in the bin above it


def error_with_age(errors: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how wrong a carried value is, against the hours since it was measured.

    Parameters
    ----------
    errors : DataFrame
        Index: hours since the measurement. One column a variable: its mean error, divided by that
        of somebody who guesses without any measurement.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        One line a variable, named at its end. At 1, dashed, the measurement has become useless.
    """
    ax = new_axes(ax, 7.4, 3.2)
    styles = style_for(errors.columns)
    for name, style in styles.items():
        _line(ax, errors[name], style, str(name))
    ax.axhline(1, color=INK, lw=1, ls="--", gid="useless")
    last = errors.index.max()
    ax.text(0.01 * last, 0.97, "as wrong as a guess without any measurement", va="top", fontsize=9)
    ax.set(xlim=(0, 1.015 * last), ylim=(0, max(1.2, 1.1 * errors.max(axis=None))))
    ax.set(xlabel="Hours since the value was measured")
    ax.set_ylabel("Error, as a share of\nthe error of a guess")
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 4, 10]))
    label_right(ax, [(errors[one].iloc[-1], str(one), s.text) for one, s in styles.items()])
    return ax


def two_worlds(
    means: pd.DataFrame, at: int, label: str, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the same patients with and without a treatment, and split the rise that follows it.

    Parameters
    ----------
    means : DataFrame
        Index: hours. Two columns, treated and untreated, named as the lines should be: the mean
        of the same patients in both worlds.
    at : int
        The hour of the treatment.
    label : str
        What is drawn, with its unit: ``"Mean arterial pressure (mmHg)"``.
    title : str
        Above the axes.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Two lines, and two arrows an hour after the treatment: what came anyway, and on top of it
        what the treatment did.

    Raises
    ------
    ArgumentError
        Not two columns, or no row for the treatment and the hour after it.
    """
    if len(means.columns) != 2 or not {at, at + 1} <= set(means.index):
        raise ArgumentError(
            f"two_worlds draws two columns, with rows for hours {at} and {at + 1}; found "
            f"{len(means.columns)} columns and hours {means.index.min()} to {means.index.max()}."
        )
    ax = new_axes(ax, 7.4, 3.6)
    (treated, untreated), ends = means.columns, []
    for (name, style), zorder in zip(style_for(means.columns).items(), (2, 3), strict=True):
        _line(ax, means[name], style, str(name), zorder)
        ends.append((means[name].iloc[-1], str(name), style.text))
    before, anyway, after = (
        float(means[name][hour])
        for name, hour in ((untreated, at), (untreated, at + 1), (treated, at + 1))
    )
    for low, high, words in (
        (before, anyway, "comes anyway"),
        (anyway, after, "effect of the treatment"),
    ):
        arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (at + 1, high), (at + 1, low), arrowprops=arrow, zorder=4)
        said = f"{high - low:+.1f} {words}".replace("-", "−")
        ax.annotate(said, (at + 1, low + 0.35 * (high - low)), (9, 0), textcoords="offset points",
                    va="center", fontsize=9.5, color=INK, zorder=5,
                    bbox={"fc": "white", "ec": "none", "pad": 1.5})  # fmt: skip
    ax.hlines(before, at, at + 1, color=INK, lw=1, ls=":")
    low, high = means.min(axis=None), means.max(axis=None)
    room = 0.14 * (high - low)
    ax.set(xlabel=HOUR, ylabel=label, ylim=(low - room, high + 2 * room))
    ax.set_xlim(means.index.min() - 0.2, means.index.max() + 0.2)
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    ax.axvline(at, color=INK, lw=1, ls="--", gid="treatment")
    ax.annotate(f"{treated}, or {untreated}", (at, high + 2 * room), (-6, -4),
                textcoords="offset points", ha="right", va="top", fontsize=9)  # fmt: skip
    ax.set_title(title, loc="left")
    label_right(ax, ends)
    return ax


def _line(
    ax: Axes, values: pd.Series, style: Style, name: str, zorder: float = 2, dots: bool = False
) -> None:
    """Draw a line with a marker at each value, or large markers alone."""
    ax.plot(
        values,
        color=style.color if dots else style.line,
        ls="none" if dots else style.linestyle,
        marker=style.marker,
        ms=8 if dots else None,
        label=name,
        zorder=zorder,
    )


def shown_and_true(
    shown: pd.Series,
    true: pd.Series,
    label: str,
    title: str = "",
    death: float | None = None,
    until: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one patient's values as the table shows them, and as they were.

    Parameters
    ----------
    shown, true : Series
        Index: hours.
    label : str
        What is drawn, with its unit.
    title : str
        Above the axes.
    death : float, optional
        The last hour lived, marked by a cross.
    until : float, optional
        The hour in which something has to be decided; what comes later lies on grey.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        A thick line for the table, a thin one for the truth, each named at its left end.
    """
    ax = new_axes(ax, 7.4, 3.0)
    orange = STYLES["orange"]
    for values, name, color, width, text in (
        (shown, "what the table shows", orange.color, 4, orange.text),
        (true, "what the patient had", INK, 1.8, INK),
    ):
        ax.plot(values, color=color, ls="-", lw=width, label=name)
        ax.annotate(name, (values.index[0], values.iloc[0]), (4, 13), textcoords="offset points",
                    color=text, fontsize=10)  # fmt: skip
    ax.set(xlabel=HOUR, ylabel=label, xlim=(shown.index[0], None))
    ax.set_ylim(0, 1.3 * max(shown.max(), true.max()))
    edge = ax.get_xlim()[1]
    if death is not None:
        ax.plot(death, true.iloc[-1], "X", color=INK, ms=11, label="death")
        ax.annotate(f"dies in hour {death:.0f}", (death, true.iloc[-1]), (-4, 10), ha="right",
                    textcoords="offset points", fontsize=10)  # fmt: skip
        edge = max(edge, death + 1)
    if until is not None:
        ax.axvspan(until, edge, color=palette["pale"], alpha=0.45, lw=0, zorder=0)
        ax.axvline(until, color=INK, lw=1, ls="--", gid="until")
        ax.annotate("the decision", (until, 0), (-5, 6), textcoords="offset points", ha="right",
                    fontsize=9)  # fmt: skip
    ax.set_xlim(shown.index[0], edge)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 4, 6, 10]))
    headline(ax, title, "table and truth; grey: what nobody knew yet" if until else "")
    return ax
