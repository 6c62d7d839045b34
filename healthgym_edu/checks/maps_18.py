"""Heat maps of chapter 18: the published ones, how far two are apart, and records to learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from healthgym_edu import rl
from healthgym_edu.conditions.art_hiv.regimens import NO_TREATMENT, REGIMENS
from healthgym_edu.data import Cohort

BASES = ("FTC + TDF", "3TC + ABC", "FTC + TAF", "DRV + FTC + TDF", "FTC + RTVB + TDF", "Other")
NNRTI = ("NVP", "EFV", "RPV", "no NNRTI")
CELLS = [f"{nnrti}, {base}" for nnrti in NNRTI for base in BASES]

LOSS_OF_TREES = 5.8
"""Mean loss of value by training on trees, of 18 registries (standard error 1.9): an estimate, too.

A stored result of ``benchmarks/art_synthetic.py``: 500 people each, of the cohorts with seeds 1 and
2, and 2,000 treated.  Shuffled tables lose 1.6 (1.5)."""

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
    return {
        name: pd.Series(text.split(), CELLS).astype(float) / 100 for name, text in printed.items()
    }


def shuffled(people: Cohort, seed: int) -> Cohort:
    """Return the same values in each column, each column in an order of its own."""
    rng, table = np.random.default_rng(seed), people.frame.copy()
    for name in table.columns.drop(["PatientID", "Timestep"]):
        table[name] = table[name].sample(frac=1, random_state=rng).array
    return replace(people, frame=table, recipe=None, seed=None, decisions=None, seen=None)


def total_variation(one: pd.Series, other: pd.Series) -> float:
    """Return half the sum of the distances of two maps, cell by cell."""
    return float((one - other).abs().sum() / 2)


def records(people: Cohort) -> rl.Transitions:
    """Return what a table tells of its decisions, with the published reward, to learn from.

    Agents that learn need no probabilities of the clinicians, so none are estimated here.
    """
    told = rl.seen_from(people, reward="published")
    return rl.transitions(told, "published", behaviour="unknown")


def compare(maps: Mapping[str, Sequence[pd.Series]]) -> tuple[pd.Series, pd.DataFrame]:
    """Return the distances of all pairs of real registries, and of tables from their registry."""
    real = maps["real"]
    pairs = [(i, j) for i in range(len(real)) for j in range(i)]
    floor = pd.Series([total_variation(real[i], real[j]) for i, j in pairs])
    apart = {
        name: [total_variation(*two) for two in zip(real, some, strict=True)]
        for name, some in maps.items()
        if name != "real"
    }
    return floor, pd.DataFrame(apart)


def costs(worth: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Return the loss of each registry and table, and the means with their 95 % intervals."""
    loss = worth[["real"]].to_numpy() - worth.drop(columns="real")
    half = stats.t.ppf(0.975, len(loss) - 1) * loss.sem()
    mean = loss.mean()
    return loss, {"mean loss": mean, "lower": mean - half, "upper": mean + half}


def changes(visits: rl.Transitions, policy: Callable | None = None) -> float:
    """Return in how many of 100 visits a policy leaves the cell that was on file before.

    Without a policy, it is counted for what was done.
    """
    number = visits.observation[:, visits.features.index("regimen on file")].astype(int)
    nnrti = ["no NNRTI" if one.nnrti == "Not Applied" else one.nnrti for one in REGIMENS]
    cells = [NO_TREATMENT, *(f"{n}, {one.base}" for n, one in zip(nnrti, REGIMENS, strict=True))]
    on_file = np.array([visits.actions.index(cell) for cell in cells])[number]
    if policy is None:
        return float(100 * (visits.action != on_file).mean())
    shares = np.asarray(policy(visits.observation))
    return float(100 * (1 - shares[np.arange(len(visits)), on_file]).mean())
