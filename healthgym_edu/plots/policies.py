"""Policies and what is believed of them: who does what how often, estimates beside the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..errors import ArgumentError
from ._axes import new_axes
from .style import GRID, INK, MUTED, STYLES, ZONE, contrast, style_for

CALIBRATION = ("predicted", "observed", "standard_error")
ESTIMATE = ("value", "lower", "upper", "verdict")
LET_THROUGH = "let through"
SHADES = LinearSegmentedColormap.from_list("shades", [ZONE, STYLES["blue"].color, "#00263F"])


def action_maps(
    shares: Mapping[str, pd.Series], names: tuple[str, str] | None = None, columns: int = 3
) -> Figure:
    """Draw how often policies take each action, as maps of two parts of an action.

    Parameters
    ----------
    shares : mapping of str to Series
        Policy to the share of decisions with each action, from 0 to 1, by the action's label, such
        as ``"fluid 250, vasopressor 0"``.  Labels without a comma are left out and told below.
    names : (str, str), optional
        Of the parts, for the axes; the first word of the labels, if not given.
    columns : int
        Maps in a row.

    Returns
    -------
    Figure
        A map for each policy: rows are the first part, columns the second, numbers are percent of
        all decisions; below half a percent nothing is written.  The levels stand once: left of
        each row of maps, and under the lowest map of each column.

    Raises
    ------
    ArgumentError
        No policy, or labels without two parts.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> cohort = hg.load_cohort("hypotension", n_patients=100)
    >>> done = cohort.decisions["action"].value_counts(normalize=True)
    >>> fig = hg.plots.action_maps({"clinicians": done})
    >>> fig.axes[0].get_xlabel()
    'vasopressor (level)'
    """
    if not shares:
        raise ArgumentError("There is no policy to draw: pass {'clinicians': shares}.")
    labels = [label for label in _in_order(shares) if ", " in label]
    if not labels:
        raise ArgumentError("These labels have no two parts, such as 'fluid 250, vasopressor 0'.")
    parts = [tuple(label.split(", ", 1)) for label in labels]
    down, across = (list(dict.fromkeys(part[k] for part in parts)) for k in (0, 1))
    (down_name, down_ticks), (across_name, across_ticks) = (
        _named(ticks, None if names is None else names[k]) for k, ticks in ((0, down), (1, across))
    )
    n_rows = -(-len(shares) // columns)
    n_columns = min(columns, len(shares))
    below = 0.65 + 0.9 * _long(across_ticks)  # inches under a map that has its levels there
    ragged = n_rows > 1 and len(shares) % n_columns > 0  # then levels stand under two rows of maps
    high = n_rows * (0.36 * len(down) + 0.5) + below * (1 + ragged)
    size = (1.3 + n_columns * (0.52 * len(across) + 0.28), high)
    fig, axes = plt.subplots(n_rows, n_columns, figsize=size, squeeze=False)
    fig.set_layout_engine("constrained", w_pad=0.08, h_pad=0.06)
    most = max(float(one.reindex(labels).max()) for one in shares.values())
    for place, (policy, share) in enumerate(shares.items()):
        ax = axes.flat[place]
        table = np.zeros((len(down), len(across)))
        for label, (row, column) in zip(labels, parts, strict=True):
            table[down.index(row), across.index(column)] = float(share.get(label, 0.0))
        _map(ax, 100 * table, 100 * most)
        ax.set_xticks(range(len(across)), across_ticks, rotation=90 if _long(across_ticks) else 0)
        ax.set_yticks(range(len(down)), down_ticks)
        ax.set(xlabel=across_name, ylabel=down_name)
        if place % n_columns:
            ax.set(ylabel="", yticks=[])
        if place + n_columns < len(shares):
            ax.set(xlabel="", xticks=[])
        rest = float(share.drop(labels, errors="ignore").sum())
        words = f"\n(nothing: {rest:.0%})" if rest > 0.005 else ""
        ax.set_title(policy + words, loc="left", fontsize=10)
    for ax in axes.ravel()[len(shares) :]:
        ax.set_visible(False)
    return fig


def _in_order(shares: Mapping[str, pd.Series]) -> list[str]:
    """Return all labels, as categories are ordered where they are."""
    first = next(iter(shares.values())).index
    known = list(first.categories) if isinstance(first, pd.CategoricalIndex) else list(first)
    for one in shares.values():
        known += [label for label in one.index if label not in known]
    return [str(label) for label in known]


def _named(ticks: Sequence[str], name: str | None) -> tuple[str, list[str]]:
    """Return the name of an axis, and ticks without the word that all of them begin with."""
    words = {tick.split(" ", 1)[0] if " " in tick else "" for tick in ticks}
    shared = words.pop() if len(words) == 1 else ""
    short = [tick.removeprefix(f"{shared} ") for tick in ticks] if shared else list(ticks)
    return name or f"{shared or 'part'} (level)", short


def _long(ticks: Sequence[str]) -> bool:
    return max(map(len, ticks)) > 7


def _map(ax: Axes, percent: np.ndarray, most: float) -> None:
    """Draw a table as cells, the darker the more."""
    rows, columns = percent.shape
    for (row, column), value in np.ndenumerate(percent):
        behind = SHADES(value / most if most else 0.0)
        ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fc=behind, ec="white", lw=1))
        if value >= 0.5:
            ink = max(("#FFFFFF", "#000000"), key=lambda one: contrast(one, to_hex(behind)))
            written = ax.text(column, row, f"{value:.0f}", ha="center", va="center")
            written.set(fontsize=8, color=ink)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    ax.grid(False)
    ax.tick_params(length=0)


def estimates_plot(
    estimates: Mapping[str, pd.DataFrame], truth: Mapping[str, float], unit: str = "return"
) -> Figure:
    """Draw what estimators say of policies, beside the truth.

    Parameters
    ----------
    estimates : mapping of str to DataFrame
        Policy to a table with a row for each estimator: ``value``, ``lower``, ``upper`` and
        ``verdict``, as `rl.evaluate(...).table()` gives.
    truth : mapping of str to float
        True value of each of these policies.
    unit : str
        Of values, for the axis.

    Returns
    -------
    Figure
        A panel for each policy, a row for each estimator with its 95 % interval; full and blue
        where the verdict lets it through, hollow and grey where it is refused.  The line is the
        truth.

    Raises
    ------
    ArgumentError
        No policy, one without a truth, or a table of another kind.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"value": [-1.0], "lower": [-1.2], "upper": [-0.8], "verdict": ["let through"]}, ["WIS"]
    ... )
    >>> fig = estimates_plot({"near": table}, {"near": -1.1})
    >>> fig.axes[0].get_xlabel()
    'Value (return)'
    """
    if not estimates:
        raise ArgumentError("There are no estimates to draw.")
    for name, table in estimates.items():
        if missing := [column for column in ESTIMATE if column not in table]:
            raise ArgumentError(
                f"The table of {name!r} has no column {missing[0]!r}: this is no table of "
                "off-policy estimates. Pass hg.rl.evaluate(...).table()."
            )
        if name not in truth:
            raise ArgumentError(f"There is no truth of {name!r}; it has {', '.join(truth)}.")
    n_rows = max(map(len, estimates.values()))
    size = (1.0 + 2.35 * len(estimates), 0.32 * n_rows + 1.35)
    fig, axes = plt.subplots(1, len(estimates), figsize=size, squeeze=False, sharey=True)
    for ax, (name, table) in zip(axes[0], estimates.items(), strict=True):
        ax.axvline(truth[name], color=INK, lw=1.4, gid="truth")
        for place, one in enumerate(table.itertuples()):
            let = one.verdict == LET_THROUGH
            color = STYLES["blue"].line if let else MUTED
            ax.plot(
                [one.lower, one.upper], [place, place], color=color, lw=2 if let else 1.2, ls="-"
            )
            marker = {"marker": "o" if let else "X", "mfc": color if let else "white"}
            ax.plot(one.value, place, ls="none", ms=7, mec=color, **marker)
        ax.set_yticks(range(len(table)), list(table.index))
        ax.set(ylim=(n_rows - 0.4, -0.6), xlabel=f"Value ({unit})")
        ax.set_title(f"{name}\ntruth {truth[name]:.2f}", loc="left", fontsize=10)
        ax.grid(axis="y", color=GRID)
        ax.tick_params(axis="y", length=0)
        ax.locator_params(axis="x", nbins=4)
    return fig


def belief_plot(
    table: pd.DataFrame, x: str, label: str, unit: str = "return", ax: Axes | None = None
) -> Axes:
    """Draw what agents believe of themselves and what is true, along a setting.

    Parameters
    ----------
    table : DataFrame
        A column for the setting, and one for each curve, such as ``"what it believes"`` and
        ``"true value"``.
    x : str
        Column of the setting.
    label : str
        Of its axis, with a unit.
    unit : str
        Of the values.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError
        A table without the setting or without curves.

    Examples
    --------
    >>> table = pd.DataFrame({"steps": [1, 2], "true value": [-2.0, -1.8]})
    >>> belief_plot(table, "steps", "Learning (steps)").get_ylabel()
    'Value (return)'
    """
    curves = [name for name in table if name != x]
    if x not in table or not curves:
        raise ArgumentError(f"The table needs a column {x!r} and one for each curve.")
    ax = new_axes(ax, 6.4, 3.4)
    for name, look in style_for(curves).items():
        ax.plot(
            table[x], table[name], color=look.line, ls=look.linestyle, marker=look.marker, ms=6,
            label=name,
        )  # fmt: skip
    ax.set(xlabel=label, ylabel=f"Value ({unit})")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(3, len(curves)))
    return ax


def propensity_plot(tables: Mapping[str, pd.DataFrame], ax: Axes | None = None) -> Axes:
    """Draw how often actions were taken against how probable they were said to be.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Model to a table with ``predicted``, ``observed`` and ``standard_error``, from 0 to 1,
        as `rl.behaviour_policy(...).calibration()` gives.
    ax : Axes, optional

    Returns
    -------
    Axes
        Points with 95 % intervals; on the dashed diagonal an action is taken as often as was said.

    Raises
    ------
    ArgumentError
        No model, or a table of another kind.

    Examples
    --------
    >>> table = pd.DataFrame({"predicted": [0.1], "observed": [0.2], "standard_error": [0.02]})
    >>> propensity_plot({"trees": table}).get_ylabel()
    'Share in which it was taken (%)'
    """
    if not tables:
        raise ArgumentError("There is no model to draw: pass {'trees': learned.calibration()}.")
    ax = new_axes(ax, 5.6, 4.2)
    ax.plot([0, 100], [0, 100], color=MUTED, lw=1.2, ls=(0, (4, 3)), zorder=1)
    for (name, table), look in zip(tables.items(), style_for(tables).values(), strict=True):
        if missing := [one for one in CALIBRATION if one not in table]:
            raise ArgumentError(
                f"The table of {name!r} has no column {missing[0]!r}. Pass "
                "hg.rl.behaviour_policy(...).calibration()."
            )
        said, taken, error = (100 * table[one].to_numpy(dtype=float) for one in CALIBRATION)
        ax.errorbar(
            said, taken, yerr=1.96 * error, color=look.line, ls=look.linestyle, lw=1.7,
            marker=look.marker, ms=6, label=name,
        )  # fmt: skip
    ax.set(xlabel="Probability that the model gave (%)", xlim=(0, 100), ylim=(0, 100))
    ax.set(ylabel="Share in which it was taken (%)", aspect="equal")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    return ax
