"""What judges said of a synthetic cohort, beside the best and the worst that could be said.

They take the tables that `healthgym_edu.evaluation` makes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import ArgumentError
from .style import GRID, INK, MUTED, STYLES

LEAST = 1e-4  # distances below this are drawn here
WHO = {
    "ceiling": ("two fresh draws", "D", "green"),
    "value": ("synthetic", "o", "blue"),
    "floor": ("columns apart", "s", "vermillion"),
}
"""How each column of a table of fidelity is called and drawn."""


def fidelity_plot(table: pd.DataFrame, title: str = "") -> Figure:
    """Draw how far a synthetic cohort is from a perfect copy, metric by metric.

    Parameters
    ----------
    table : DataFrame
        From `evaluation.fidelity`.
    title : str

    Returns
    -------
    Figure
        Above, for each metric the mean distance from its ideal over all variables, on a
        logarithmic axis: of the synthetic cohort, of two fresh draws (the ceiling) and of columns
        that have nothing to do with each other (the floor). Below, the judges, from 0.5 (cannot
        tell) to 1 (always tells), with intervals.

    Raises
    ------
    ArgumentError
        Another table.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> real = hg.load_cohort("hypotension", n_patients=100)
    >>> table = hg.evaluation.fidelity(real, real.fresh(seed=9), judges=(), replicates=0)
    >>> fig = hg.plots.fidelity_plot(table)
    >>> fig.axes[0].get_xlabel()
    'Mean distance from a perfect copy (unit of each metric)'
    """
    _require(table, ("metric", "variable", "value", "ideal", "ceiling", "floor"), "fidelity")
    judged = table["metric"].str.startswith("AUC")
    metrics = list(dict.fromkeys(table.loc[~judged, "metric"]))
    heights = [0.27 * len(metrics) + 0.9] + ([0.34 * judged.sum() + 0.9] if judged.any() else [])
    fig, axes = plt.subplots(
        len(heights), 1, figsize=(7.6, sum(heights)), height_ratios=heights, squeeze=False
    )
    _distances(axes[0, 0], table[~judged], metrics)
    if judged.any():
        _judges(axes[1, 0], table[judged])
    if title:
        fig.suptitle(title, x=0.01, ha="left", fontweight="bold")
    return fig


def _distances(ax: Axes, table: pd.DataFrame, metrics: list[str]) -> None:
    for column, (words, marker, color) in WHO.items():
        off = (table[column] - table["ideal"]).abs().groupby(table["metric"]).mean()
        found = off.reindex(metrics).to_numpy()
        there = np.isfinite(found)
        look: dict[str, Any] = {
            "color": STYLES[color].line,
            "marker": marker,
            "ls": "none",
            "ms": 7,
        }
        hollow: dict[str, Any] = {"mfc": "white", "mew": 1.6} if column != "value" else {}
        ax.plot(
            np.maximum(found[there], LEAST), np.flatnonzero(there), label=words, **look, **hollow
        )
    ax.set(xscale="log", ylim=(len(metrics) - 0.4, -0.6))
    ax.set_yticks(range(len(metrics)), metrics)
    ax.set_xlabel("Mean distance from a perfect copy (unit of each metric)")
    ticks = [tick for tick in ax.get_xticks() if LEAST <= tick <= ax.get_xlim()[1]]
    ax.set_xticks(ticks, ["0" if tick <= LEAST else f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3)
    ax.grid(axis="y", color=GRID)
    ax.tick_params(axis="y", length=0)


def _judges(ax: Axes, table: pd.DataFrame) -> None:
    for place, one in enumerate(table.itertuples()):
        ax.plot([one.lower, one.upper], [place, place], color=STYLES["blue"].line, lw=2, ls="-")
        for column, (_, marker, color) in WHO.items():
            hollow: dict[str, Any] = {"mfc": "white", "mew": 1.6} if column != "value" else {}
            look: dict[str, Any] = {"color": STYLES[color].line, "ls": "none", "ms": 7}
            ax.plot(getattr(one, column), place, marker, **look, **hollow)
    ax.axvline(0.5, color=INK, lw=1, ls=(0, (2, 2)))
    names = [name.removeprefix("AUC of a ").removeprefix("AUC of ") for name in table["metric"]]
    ax.set_yticks(range(len(table)), names)
    ax.set(xlim=(0.4, 1.02), ylim=(len(table) - 0.4, -0.6))
    ax.set_xlabel("AUROC of the judge: 0.5 cannot tell, 1 always tells")
    ax.grid(axis="y", color=GRID)
    ax.tick_params(axis="y", length=0)


def privacy_plot(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how well attacks find people who were learned from, with intervals.

    Parameters
    ----------
    table : DataFrame
        From `evaluation.privacy`.
    ax : Axes, optional

    Returns
    -------
    Axes
        A row for each attack: the share or AUROC it reaches, and a mark where it learns nothing.
        How many synthetic patients are copies stands above in words.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train, holdout = hg.load_cohort("hypotension", n_patients=200).split(0.5)
    >>> table = hg.evaluation.privacy(train, train.fresh(100, seed=9), holdout, replicates=50)
    >>> ax = hg.plots.privacy_plot(table)
    >>> ax.get_xlabel()
    'Share, or AUROC (1: everybody is found)'
    """
    _require(table, ("attack", "metric", "value", "lower", "upper", "ideal", "rank"), "privacy")
    kept = table[table["attack"].str.contains("membership|attribute")]
    ax = plt.subplots(figsize=(7.6, 1.5 + 0.36 * len(kept)))[1] if ax is None else ax
    for place, one in enumerate(kept.itertuples()):
        ax.plot([one.lower, one.upper], [place, place], color=STYLES["blue"].line, lw=2, ls="-")
        ax.plot(one.value, place, "o", color=STYLES["blue"].line, ms=8)
        ax.plot(one.ideal, place, "|", color=INK, ms=18, mew=1.6)
    names = [
        f"{one.attack}: {one.metric}" if one.attack != "attribute" else f"attribute {one.metric}"
        for one in kept.itertuples()
    ]
    ax.set_yticks(range(len(kept)), names)
    ax.set(xlim=(min(-0.03, kept["lower"].min() - 0.02), 1.03), ylim=(len(kept) - 0.3, -0.7))
    ax.set_xlabel("Share, or AUROC (1: everybody is found)")
    counts = table[table["attack"] == "copies"].set_index("metric")["value"]
    told = ", ".join(f"{name}: {count:,.0f}" for name, count in counts.items())
    ax.set_title(f"{told}\nbar: where the attack learns nothing", loc="left", fontsize=9,
                 fontweight="normal", color=MUTED)  # fmt: skip
    ax.grid(axis="y", color=GRID)
    ax.tick_params(axis="y", length=0)
    return ax


def utility_plot(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how well models do on real people: learned on real ones, and on synthetic ones.

    Parameters
    ----------
    table : DataFrame
        From `evaluation.utility`.
    ax : Axes, optional

    Returns
    -------
    Axes
        A row for each group: two marks, joined by a line that shows what was lost.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train, holdout = hg.load_cohort("sepsis", n_patients=600).split(0.5)
    >>> table = hg.evaluation.utility(train, train.fresh(seed=8), holdout, replicates=0)
    >>> hg.plots.utility_plot(table).get_xlabel()
    'AUROC on real people'
    """
    _require(table, ("metric", "group", "real", "synthetic", "people"), "utility")
    kept = table[table["metric"] == "AUROC on real people"]
    ax = plt.subplots(figsize=(7.6, 1.3 + 0.34 * len(kept)))[1] if ax is None else ax
    places = np.arange(len(kept))
    ax.hlines(places, kept["real"], kept["synthetic"], color=MUTED, lw=1.5)
    for column, marker, color in (("real", "D", "green"), ("synthetic", "o", "blue")):
        ax.plot(kept[column], places, marker, color=STYLES[color].line, ms=8, ls="none",
                label=f"learned on {column} people")  # fmt: skip
    ax.set_yticks(places, [f"{one.group} ({one.people:,})" for one in kept.itertuples()])
    ax.set(ylim=(len(kept) - 0.4, -0.6), xlabel="AUROC on real people")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    ax.grid(axis="y", color=GRID)
    ax.tick_params(axis="y", length=0)
    return ax


def _require(table: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    lacking = [name for name in columns if name not in table]
    if lacking or table.empty:
        raise ArgumentError(
            f"This is no table of evaluation.{where}(): there is no column "
            f"{lacking[0] if lacking else 'with rows'!r}."
        )
