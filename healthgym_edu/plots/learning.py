"""What a generator lost while it learned: one panel for each loss."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..errors import ArgumentError
from .style import style_for


def learning_curves(history: pd.DataFrame, fig: Figure | None = None) -> Figure:
    """Draw the losses of a generator against its steps.

    Parameters
    ----------
    history : DataFrame
        ``history_`` of a fitted generator: ``step``, ``seconds``, and each loss.
    fig : Figure, optional
        Drawn on anew, so that a figure can grow while a network learns.

    Returns
    -------
    Figure
        One panel for each loss; losses differ in their units, so none share an axis.

    Raises
    ------
    ArgumentError
        A table of another kind, or the history of trees, which have no loss.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> history = pd.DataFrame({"step": [10, 20], "seconds": [1.0, 2.0], "error": [0.9, 0.4]})
    >>> fig = hg.plots.learning_curves(history)
    >>> fig.axes[0].get_xlabel()
    'Learning (steps)'
    """
    losses = [
        name
        for name in history
        if name not in ("step", "seconds") and pd.api.types.is_numeric_dtype(history[name])
    ]
    if "step" not in history or not losses:
        raise ArgumentError(
            "This is no history of losses: it needs a column 'step' and one for each loss. Take "
            "history_ of a generator that is a network; trees learn in one go."
        )
    if fig is None:
        fig = plt.figure(figsize=(3.2 * len(losses) + 0.6, 2.8))
    fig.clear()
    for place, (name, look) in enumerate(style_for(losses).items()):
        ax = fig.add_subplot(1, len(losses), place + 1)
        ax.plot(history["step"], history[name], color=look.line, linestyle=look.linestyle)
        low, high = np.nanquantile(history[name].to_numpy(float), [0.05, 0.95])
        if high > low:  # one wild step would press all others into a line
            ax.set_ylim(low - 0.3 * (high - low), high + 0.3 * (high - low))
        ax.set(xlabel="Learning (steps)", ylabel=f"{name[:1].upper()}{name[1:]} (loss)")
    if fig.get_layout_engine() is None:
        fig.tight_layout()
    return fig
