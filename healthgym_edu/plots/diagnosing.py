"""Can the arms be compared, and does one number describe the comparison? Figures that ask first."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import ArgumentError
from .style import INK, MUTED, STYLES, style_for

BINS = np.linspace(0, 1, 21)


def overlap_plot(table: pd.DataFrame, of: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how probable one arm was for those who got it, and for those who got another.

    Parameters
    ----------
    table : DataFrame
        From `survival.propensity`, of two arms.
    of : str, optional
        The arm whose probability is drawn; the first one, if not given.
    ax : Axes, optional

    Returns
    -------
    Axes
        Bars upwards for those who were started on it, downwards for the others. Where one side has
        nobody, nobody can be compared. The effective sample size of the weights stands beside.

    Raises
    ------
    ArgumentError
        A table of another kind, or an arm that is not in it.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> art = hg.load_cohort("art_hiv", n_patients=800)
    >>> arms = {"DRV": lambda label: "DRV" in label, "EFV": lambda label: "EFV" in label}
    >>> ax = hg.plots.overlap_plot(hg.survival.propensity(art, arms))
    >>> ax.get_xlabel()
    'Probability of being started on DRV'
    """
    names = [column[2:-1] for column in table if column.startswith("P(")]
    if len(names) != 2 or "arm" not in table:
        raise ArgumentError("overlap_plot() draws a table of two arms from survival.propensity().")
    of = names[0] if of is None else of
    if of not in names:
        raise ArgumentError(f"There is no arm {of!r}; have {' and '.join(names)}.")
    other = names[1 - names.index(of)]
    ax = plt.subplots(figsize=(7.2, 3.4))[1] if ax is None else ax
    effective = table.attrs.get("effective sample size", {})
    styles = style_for([of, other])
    tallest = 0
    for name, sign, place, where in ((of, 1, 0.97, "top"), (other, -1, 0.03, "bottom")):
        counts, _ = np.histogram(table.loc[table["arm"] == name, f"P({of})"], BINS)
        tallest = max(tallest, counts.max())
        ax.bar(BINS[:-1], sign * counts, 0.05, align="edge", color=styles[name].color,
               hatch=None if sign > 0 else "///", ec="white", lw=0.5)  # fmt: skip
        told = f"started on {name}: {int(counts.sum()):,}"
        if name in effective:
            told += f", worth {effective[name]:,.0f} after weighting"
        ax.text(0.5, place, told, transform=ax.transAxes, fontsize=10, ha="center", va=where,
                color=styles[name].text)  # fmt: skip
    ax.axhline(0, color=INK, lw=1)
    ax.set(xlim=(0, 1), ylim=(-1.35 * tallest, 1.35 * tallest))
    ax.set(xlabel=f"Probability of being started on {of}", ylabel="People")
    ax.yaxis.set_major_formatter(lambda count, _: f"{abs(count):,.0f}")
    return ax


def residual_plot(residuals: pd.Series, unit: str, bins: int = 6, ax: Axes | None = None) -> Axes:
    """Draw how a log hazard ratio moves with time.

    Parameters
    ----------
    residuals : Series
        A column of ``diagnose_ph(...).residuals``, indexed by the time of the event: scaled
        Schoenfeld residuals plus the estimate.
    unit : str
        Of time: ``"months"``.
    bins : int
        Into how many groups of equally many events the residuals are averaged.
    ax : Axes, optional

    Returns
    -------
    Axes
        The mean of each group with its 95 % interval, and the one number of the model, which lies
        within the intervals where hazards are proportional.

    Raises
    ------
    ArgumentError
        Something other than such a column, or too few events.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> times = hg.survival.proportional_hazards(800, seed=2)
    >>> found = hg.survival.diagnose_ph(times, ["treated", "age"])
    >>> ax = hg.plots.residual_plot(found.residuals["treated"], "months")
    >>> ax.get_ylabel()
    'Log hazard ratio of treated'
    """
    if not isinstance(residuals, pd.Series) or residuals.index.name != "time":
        raise ArgumentError("residual_plot() draws one column of diagnose_ph(...).residuals.")
    if len(residuals) < 10 * bins:
        raise ArgumentError(f"{len(residuals)} events are too few for {bins} groups; ten for each.")
    ax = plt.subplots(figsize=(7.2, 3.4))[1] if ax is None else ax
    times = residuals.index.to_numpy(float)
    group = pd.cut(times, np.unique(np.quantile(times, np.linspace(0, 1, bins + 1))),
                   include_lowest=True)  # fmt: skip
    by = pd.DataFrame({"time": times, "value": residuals.to_numpy()}).groupby(group, observed=True)
    middle, value = by["time"].mean(), by["value"].mean()
    half = 1.96 * by["value"].sem()
    look: dict[str, Any] = {
        "color": STYLES["blue"].line,
        "marker": "o",
        "ls": "none",
        "capsize": 3,
        "ms": 7,
    }
    ax.errorbar(middle, value, half, **look)
    whole = residuals.mean()
    ax.axhline(whole, color=INK, lw=1.5)
    ax.axhline(0, color=MUTED, lw=1, ls=(0, (2, 2)))
    for height, words, color in ((whole, "one number for all", INK), (0, "no effect", MUTED)):
        ax.annotate(words, (1, height), (4, 0), xycoords=("axes fraction", "data"), color=color,
                    textcoords="offset points", va="center", fontsize=9)  # fmt: skip
    ax.set(xlabel=f"Time of the event ({unit})", ylabel=f"Log hazard ratio of {residuals.name}")
    return ax
