"""Comparisons for answers that are plots: labels, scales, and what is drawn on an Axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .describe import is_axes
from .labels import lacking
from .placeholder import is_blank
from .registry import NotAttempted, Wrong


def expect_axes(
    value: Any,
    *,
    xlabel: str = "",
    ylabel: str = "",
    xscale: str = "",
    yscale: str = "",
    lines: int | None = None,
    shapes: int | None = None,
    next_step: str = "",
) -> None:
    """Demand a Matplotlib Axes with these properties; only those that are given are looked at.

    Parameters
    ----------
    xlabel, ylabel : str
        Words that must all occur in the label, in any order, case and way of writing a unit:
        ``"CD4 cells/µL"`` is said by ``"CD4 (cells per cubic millimetre)"``, too.
    xscale, yscale : str
        ``"log"`` or ``"linear"``.
    lines, shapes : int
        How many lines, or filled shapes (bars, bins of a histogram), must be drawn.
    """
    if is_blank(value):
        raise NotAttempted
    if not is_axes(value):
        slip = "; nothing arrived: is a `return ax` missing?" if value is None else ""
        advice = "draw on the `ax` of `fig, ax = plt.subplots()`, and give that `ax`"
        raise Wrong(f"the answer should be the Matplotlib Axes that you drew on{slip}", advice)
    for axis, label, scale in (("x", xlabel, xscale), ("y", ylabel, yscale)):
        expect_words(axis, label, getattr(value, f"get_{axis}label")())
        have = getattr(value, f"get_{axis}scale")()
        if scale and scale != have:
            advice = f"think how the values spread, and set another: `ax.set_{axis}scale(…)`"
            raise Wrong(f"the {axis} axis has a {have} scale", advice)
    for kind, wanted, drawn in (("line", lines, value.lines), ("shape", shapes, value.patches)):
        if wanted is not None and wanted != len(drawn):
            wrong = "too many" if len(drawn) > wanted else "too few"
            raise Wrong(f"the number of {kind}s in the plot is {len(drawn)}, {wrong}", next_step)


def expect_line(
    value: Any, y: Any, tolerance: float = 1e-6, what: str = "a line", next_step: str = ""
) -> None:
    """Demand that one of the lines on the Axes runs through these y values.

    The tolerance is relative to the largest expected value. Missing values match missing ones.
    """
    expect_axes(value)
    if not any(close(line.get_ydata(), y, tolerance) for line in value.lines):
        raise Wrong(f"{what} is not among those drawn", next_step)


def close(have: Any, want: Any, tolerance: float) -> bool:
    """Whether numbers agree, within a tolerance relative to the largest that is wanted."""
    have, want = np.asarray(have, dtype=float), np.asarray(want, dtype=float)
    span = tolerance * np.nanmax(np.abs(want), initial=0.0)
    return have.shape == want.shape and np.allclose(have, want, rtol=0, atol=span, equal_nan=True)


def expect_words(axis: str, words: str, have: str) -> None:
    """Demand that an axis, whose label is `have`, says these words; see `expect_axes`."""
    missing = lacking(have, words)
    if missing and not have:
        raise Wrong(f"the {axis} axis has no text", "say what it shows, with its unit")
    if missing:
        missing_words = ", ".join(map(repr, missing))
        raise Wrong(f"the {axis} axis reads {have!r}; it should also say {missing_words}")
