"""Fresh draws are judged as what they are, about as often as an interval promises.

Twenty pairs of each condition; ``benchmarks/evaluation.py`` asks a hundred larger ones.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import CONDITIONS
from healthgym_edu.evaluation import fidelity

PAIRS = 20


def judged(people, pair):
    """What is said of two hundreds of the same people, whom no other pair holds."""
    one, other = (
        people.subset(people.patients.index[k :: 2 * PAIRS]) for k in (2 * pair, 2 * pair + 1)
    )
    return fidelity(one, other, judges=(), replicates=40, bounds=False, seed=pair)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_intervals_hold_the_ideal_of_a_fresh_draw(condition):
    people = hg.load_cohort(condition, n_patients=2 * PAIRS * 100, seed=30_000)
    table = pd.concat([judged(people, pair) for pair in range(PAIRS)], ignore_index=True)
    signed = table[table["metric"].str.contains("difference|changes per step, ratio")]
    inside = (signed["lower"] <= signed["ideal"]) & (signed["ideal"] <= signed["upper"])
    by_metric = inside.groupby(signed["metric"]).mean()
    assert inside.mean() >= 0.85
    assert by_metric.min() >= 0.7
    widths = (signed["upper"] - signed["lower"]).groupby(signed["metric"]).median()
    assert (widths > 0).all()
    distances = table[table["metric"].isin(["KS", "total variation", "Wasserstein"])]
    assert np.isfinite(distances["value"]).all()
    assert (distances["value"] <= distances["upper"] + 1e-9).all()
