"""Heat maps of chapter 18: the published ones, how far two are apart, and records to learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from healthgym_edu import rl
from healthgym_edu.data import Cohort

BASES = ("FTC + TDF", "3TC + ABC", "FTC + TAF", "DRV + FTC + TDF", "FTC + RTVB + TDF", "Other")
NNRTI = ("NVP", "EFV", "RPV", "no NNRTI")
CELLS = [f"{nnrti}, {base}" for nnrti in NNRTI for base in BASES]

_REAL = """
2.45 0 0 23.87 0 5.95
0.31 0.21 0 0.82 0 6.94
0 22.65 0 2.27 10.94 1.82
0 0.77 0 0 17.77 3.22
"""
_SYNTHETIC = """
0 0 0 27.80 0 0
2.43 0 0 0 0 13.05
0 15.99 0 0 11.61 2.26
0 0.82 0 0 25.76 0.28
"""


def published_maps() -> dict[str, pd.Series]:
    """Return the two published maps of recommendations, as shares by cell.

    Read from the printed heat maps of the Health Gym project (its use-case blogs, number 2).
    """
    printed = {"agent of real people": _REAL, "agent of synthetic people": _SYNTHETIC}
    return {name: pd.Series(text.split(), CELLS).astype(float) / 100 for name, text in printed.items()}


def total_variation(one: pd.Series, other: pd.Series) -> float:
    """Return half the sum of the distances of two maps, cell by cell."""
    return float((one - other).abs().sum() / 2)


def records(people: Cohort) -> rl.Transitions:
    """Return what a table tells of its decisions, with the published reward, to learn from.

    Agents that learn need no probabilities of the clinicians, so none are estimated here.
    """
    told = rl.seen_from(people, reward="published")
    assert told.decisions is not None
    table, labels = told.decisions, told.actions
    share = table["action"].value_counts(normalize=True)
    some = table.assign(**{label: float(share[label]) for label in labels})
    some.attrs = table.attrs
    batch = rl.transitions(replace(told, decisions=some), "published")
    return batch.with_behaviour(np.full((len(batch), len(labels)), np.nan), "unknown")
