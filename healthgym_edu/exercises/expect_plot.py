"""Comparisons for answers that are plots: labels, scales, and what is drawn on an Axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .describe import is_axes, is_figure
from .placeholder import is_blank
from .registry import NotAttempted, Wrong

_TAKE_AX = "draw on the `ax` of `fig, ax = plt.subplots()`, and give that `ax`"


def expect_axes(
    value: Any,
    *,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    xscale: str = "",
    yscale: str = "",
    lines: int | None = None,
    shapes: int | None = None,
    legend: bool | None = None,
    next_step: str = "",
) -> None:
    """Demand a Matplotlib Axes with these properties; only those that are given are looked at.

    Parameters
    ----------
    xlabel, ylabel, title : str
        Words that must all occur in the label, in any order and case: ``"viral load copies/mL"``.
    xscale, yscale : str
        ``"log"`` or ``"linear"``.
    lines, shapes : int
        How many lines, or filled shapes (bars, bins of a histogram), must be drawn.
    legend : bool
        Whether there must be a legend.
    """
    if is_blank(value):
        raise NotAttempted
    _refuse_other_kinds(value)
    for axis, words, have in (
        ("x axis", xlabel, value.get_xlabel()),
        ("y axis", ylabel, value.get_ylabel()),
        ("title", title, value.get_title()),
    ):
        _expect_words(axis, words, have)
    for axis, scale, have in (("x", xscale, value.get_xscale()), ("y", yscale, value.get_yscale())):
        if scale and scale != have:
            raise Wrong(f"the {axis} axis has a {have} scale",
                        f"think how the values spread, and set another: `ax.set_{axis}scale(…)`")
    for kind, wanted, have in (("line", lines, len(value.lines)),
                               ("filled shape", shapes, len(value.patches))):
        if wanted is not None and wanted != have:
            wrong = "too many" if have > wanted else "too few"
            plural = "" if have == 1 else "s"
            raise Wrong(f"the plot has {have} {kind}{plural}, {wrong}", next_step)
    if legend is not None and legend != (value.get_legend() is not None):
        advice = "add a legend with `ax.legend()`" if legend else "this plot needs no legend"
        raise Wrong(advice)


def expect_line(
    value: Any, y: Any, x: Any = None, tolerance: float = 1e-6, what: str = "a line",
    next_step: str = "",
) -> None:
    """Demand that one of the lines on the Axes runs through these values.

    The tolerance is relative to the largest expected value. Missing values match missing ones.
    """
    expect_axes(value)
    wanted = [np.asarray(part, dtype=float) for part in ((y,) if x is None else (y, x))]
    for line in value.lines:
        drawn = [np.asarray(line.get_ydata(), float), np.asarray(line.get_xdata(), float)]
        if all(_close(have, want, tolerance) for have, want in zip(drawn, wanted, strict=False)):
            return
    raise Wrong(f"{what} is not among those drawn", next_step)


def expect_bars(value: Any, heights: Any, tolerance: float = 1e-6, next_step: str = "") -> None:
    """Demand bars of these heights (or widths, where they lie), in any order."""
    expect_axes(value)
    wanted = np.sort(np.asarray(heights, dtype=float))
    bars = [shape for shape in value.patches if hasattr(shape, "get_height")]
    for size in ("get_height", "get_width"):
        drawn = np.sort([getattr(bar, size)() for bar in bars])
        if _close(drawn, wanted, tolerance):
            return
    raise Wrong("the bars do not have the right sizes yet", next_step)


def _close(have: np.ndarray, want: np.ndarray, tolerance: float) -> bool:
    scale = max(float(np.nanmax(np.abs(want), initial=0.0)), 1e-300)
    return have.shape == want.shape and np.allclose(
        have, want, rtol=0, atol=tolerance * scale, equal_nan=True
    )


def _expect_words(place: str, words: str, have: str) -> None:
    missing = [word for word in words.split() if word.lower() not in have.lower()]
    if missing and not have:
        raise Wrong(f"the {place} has no text", "say what it shows, with its unit")
    if missing:
        lacking = ", ".join(map(repr, missing))
        raise Wrong(f"the {place} reads {have!r}; it should also say {lacking}")


def _refuse_other_kinds(value: Any) -> None:
    if is_axes(value):
        return
    if is_figure(value):
        raise Wrong("the answer should be the Axes, not the whole figure", _TAKE_AX)
    if isinstance(value, (list, tuple, np.ndarray)):
        raise Wrong("`ax.plot(…)` and `plt.subplots()` give back several things", _TAKE_AX)
    if value is None:
        raise Wrong("nothing arrived", "if you wrote a function, end it with `return ax`")
    raise Wrong("the answer should be the Matplotlib Axes that you drew on", _TAKE_AX)
