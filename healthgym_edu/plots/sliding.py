"""One figure under a slider where a kernel listens, and a few of its pictures where none does."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import ArgumentError

STILL = ("HEALTHGYM_EDU_STATIC", "HEALTHGYM_EDU_QUICK", "HEALTHGYM_EDU_STRICT")
"""Where one of these is set to 1 nobody can move a slider: builds, tests, exported pages."""


def slider(
    draw: Callable[[Any, Axes], object],
    values: Sequence[Any],
    label: str,
    shown: Sequence[Any] | None = None,
    figsize: tuple[float, float] = (7.4, 3.0),
) -> Any:
    """Show what `draw` draws for the value that a reader chooses.

    Parameters
    ----------
    draw : callable
        ``draw(value, ax)`` draws on the axes; what it returns is ignored.
    values : sequence
        The places of the slider, in order.
    label : str
        What is moved, with its unit: ``"Landmark (hours)"``.
    shown : sequence, optional
        The values drawn side by side where there is no slider; the first, the middle and the last
        of `values` by default.
    figsize : (float, float)
        Inches of the figure, whether one panel or several.

    Returns
    -------
    Figure or ipywidgets.VBox
        In Jupyter with ipywidgets a slider above the figure, which begins at ``shown[0]``. In
        tests, stored outputs and exported pages, and where ipywidgets is missing, the figure
        with one panel for each value of `shown`, all on the same axis limits.

    Raises
    ------
    ArgumentError
        No values, or one in `shown` that is not among them.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> fig = hg.plots.slider(lambda top, ax: ax.bar(["a", "b"], [1, top]), range(1, 9), "Height")
    >>> [ax.get_title(loc="left") for ax in fig.axes]
    ['Height: 1', 'Height: 5', 'Height: 8']
    """
    values = list(values)
    if not values:
        raise ArgumentError("A slider needs values to slide along; found none.")
    shown = [values[0], values[len(values) // 2], values[-1]] if shown is None else list(shown)
    stray = [one for one in shown if one not in values]
    if stray or not shown:
        raise ArgumentError(f"shown: values of the slider were expected, found {stray or shown}.")
    if somebody_can_slide():
        return _widget(draw, values, label, shown[0], figsize)
    return _side_by_side(draw, label, shown, figsize)


def somebody_can_slide() -> bool:
    """Whether a kernel, ipywidgets and a reader are there."""
    if any(os.environ.get(name) == "1" for name in STILL):
        return False
    if importlib.util.find_spec("ipywidgets") is None or "IPython" not in sys.modules:
        return False
    return getattr(sys.modules["IPython"].get_ipython(), "kernel", None) is not None


def _side_by_side(
    draw: Callable[[Any, Axes], object], label: str, shown: list, figsize: tuple[float, float]
) -> Figure:
    fig, axes = plt.subplots(
        1, len(shown), figsize=figsize, sharex=True, sharey=True, squeeze=False
    )
    for value, ax in zip(shown, axes[0], strict=True):
        draw(value, ax)
        ax.set_title(f"{label}: {value}", loc="left", fontsize=10)
    for ax in axes[0, 1:]:
        ax.set_ylabel("")
    return fig


def _widget(
    draw: Callable[[Any, Axes], object],
    values: list,
    label: str,
    start: Any,
    figsize: tuple[float, float],
) -> Any:
    import ipywidgets as widgets
    from IPython.display import display

    wide = widgets.Layout(width="95%")
    handle = widgets.SelectionSlider(
        options=[(str(one), one) for one in values],
        value=start,
        description=label,
        continuous_update=False,
        style={"description_width": "initial"},
        layout=wide,
    )
    picture = widgets.Output()

    def redraw(change: dict | None = None) -> None:
        fig, ax = plt.subplots(figsize=figsize)
        draw(handle.value, ax)
        ax.set_title(f"{label}: {handle.value}", loc="left")
        with picture:
            picture.clear_output(wait=True)
            display(fig)
        plt.close(fig)

    handle.observe(redraw, names="value")
    redraw()
    return widgets.VBox([handle, picture])
