"""Losses against steps: each in a panel of its own, and no wild step hides the others."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError

HISTORY = pd.DataFrame(
    {
        "step": np.arange(10, 510, 10),
        "seconds": np.arange(50.0),
        "error": np.linspace(2, 1, 50),
        "labels": np.linspace(900, 400, 50),
    }
)


def test_each_loss_has_a_panel_of_its_own():
    fig = hg.plots.learning_curves(HISTORY)
    assert [ax.get_ylabel() for ax in fig.axes] == ["Error (loss)", "Labels (loss)"]
    for ax, name in zip(fig.axes, ("error", "labels"), strict=True):
        assert np.array_equal(ax.lines[0].get_xdata(), HISTORY["step"])
        assert np.array_equal(ax.lines[0].get_ydata(), HISTORY[name])


def test_one_wild_step_does_not_hide_the_others():
    wild = HISTORY.assign(error=HISTORY["error"].where(HISTORY["step"] != 250, 1e6))
    assert hg.plots.learning_curves(wild).axes[0].get_ylim()[1] < 3


def test_a_figure_can_grow():
    fig = plt.figure()
    for n in (2, 10, 50):
        same = hg.plots.learning_curves(HISTORY.head(n), fig)
        assert same is fig
        assert len(fig.axes) == 2
        assert len(fig.axes[0].lines[0].get_xdata()) == n


@pytest.mark.parametrize(
    "table",
    [
        HISTORY.drop(columns="step"),
        HISTORY[["step", "seconds"]],
        pd.DataFrame({"step": [1], "seconds": [0.1], "variable": ["VL"]}),
    ],
    ids=["no steps", "no loss", "trees"],
)
def test_a_table_without_losses_is_refused(table):
    with pytest.raises(ArgumentError, match="no history of losses"):
        hg.plots.learning_curves(table)
