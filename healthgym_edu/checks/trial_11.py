"""The trial of chapter 11: people who start treatment, one row each, and their twins.

A coin decides about the family of the first regimen: an integrase inhibitor or an NNRTI.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from healthgym_edu.data import Cohort, twins
from healthgym_edu.engine import first

FAMILIES = {"integrase": ("DTG", "EVG", "RAL"), "NNRTI": ("EFV", "NVP", "RPV")}
LABELS = ["Gender", "Ethnic", "Third agent"]
NUMBERS = ["Months", "CD4"]
MONTHS = 24
FEWEST = 20
"""Patients that a group of a buffer has at least, as in `generators.vae_buffer`."""


@dataclass(frozen=True)
class Trial:
    """What chapter 11 works with.

    Attributes
    ----------
    people, fresh : DataFrame
        One row for each person: whom a generator learns from, and others of the same trial.
    worlds : dict of str to DataFrame, or None
        Everybody twice, once in each family; None for a file, which knows no twins.
    cohort : Cohort
        Where the people come from, for a result card.
    """

    people: pd.DataFrame
    fresh: pd.DataFrame
    worlds: dict[str, pd.DataFrame] | None
    cohort: Cohort


def family_of(agents: pd.Series) -> pd.Series:
    """Return the family of each third agent."""
    known = {agent: family for family, agents in FAMILIES.items() for agent in agents}
    return agents.astype(str).map(known)


def rows_of(cohort: Cohort) -> pd.DataFrame:
    """One row for each person who starts on one of the six agents.

    ``Months`` are those below 50 copies/mL in the first 24, ``CD4`` the count of the last of these.
    """
    frame = cohort.frame[cohort.frame["Timestep"] < MONTHS]
    begin = frame[frame["Timestep"] == 0].set_index("PatientID")
    end = frame[frame["Timestep"] == MONTHS - 1].set_index("PatientID")
    integrase, nnrti = (begin[name].astype(str) for name in ("Comp. INI", "Comp. NNRTI"))
    rows = pd.DataFrame(
        {
            "Gender": begin["Gender"].astype(str),
            "Ethnic": begin["Ethnic"].astype(str),
            "Third agent": integrase.where(integrase != "Not Applied", nnrti),
            "Months": frame["VL"].lt(50).groupby(frame["PatientID"]).sum(),
            "CD4": end["CD4"],
        }
    )
    rows["Family"] = family_of(rows["Third agent"])
    return rows.dropna()


def _one_of(label: str, mine: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return any(one in label for one in mine) and not any(one in label for one in others)


def worlds_of(n: int, seed: int) -> tuple[dict[str, pd.DataFrame], Cohort]:
    """Simulate starters twice, once in each family; the rows of both have the same people."""
    policies = {
        name: first(partial(_one_of, mine=mine, others=others))
        for (name, mine), others in zip(FAMILIES.items(), reversed(FAMILIES.values()), strict=True)
    }
    made = twins("art_hiv", policies, n, seed=seed, naive=True)
    worlds = {name: rows_of(cohort) for name, cohort in made.items()}
    both = worlds["integrase"].index.intersection(worlds["NNRTI"].index)
    return {name: rows.loc[both] for name, rows in worlds.items()}, made["integrase"]


def by_coin(worlds: dict[str, pd.DataFrame], seed: int) -> pd.DataFrame:
    """One row of each person: heads from one world, tails from the other."""
    one, other = worlds.values()
    heads = np.random.default_rng([seed, 11]).random(len(one)) < 0.5
    return pd.concat([one[heads], other[~heads]]).sort_index()


def trial_of(art: Cohort, n: int, n_fresh: int) -> Trial:
    """A trial among starters like those of a cohort; of a file, those on one of the agents."""
    if art.recipe is None:
        rows, worlds, cohort = rows_of(art), None, art
        n = min(n, len(rows) * 3 // 4)
    else:
        worlds, cohort = worlds_of(n + n_fresh, art.seed or 0)
        rows = by_coin(worlds, art.seed or 0)
    return Trial(rows.iloc[:n], rows.iloc[n : n + n_fresh], worlds, cohort)


class RowCodec:
    """From rows to numbers and back, as in chapter 09: 0 and 1 for labels, scores for numbers."""

    def __init__(self, rows: pd.DataFrame):
        self.levels = {name: sorted(rows[name].unique()) for name in LABELS}
        self.ordered = {name: np.sort(rows[name].to_numpy(float)) for name in NUMBERS}
        self.sizes = [*map(len, self.levels.values()), len(NUMBERS)]

    def encode(self, rows: pd.DataFrame) -> np.ndarray:
        """Shape (n, sum of sizes), float32."""
        parts = [
            (rows[name].to_numpy()[:, None] == np.array(levels)).astype(float)
            for name, levels in self.levels.items()
        ]
        for name, ordered in self.ordered.items():
            ends = [np.searchsorted(ordered, rows[name], side) for side in ("left", "right")]
            share = np.mean(ends, axis=0) / len(ordered)
            parts.append(norm.ppf(0.001 + 0.998 * share)[:, None])
        return np.hstack(parts).astype(np.float32)

    def decode(self, numbers: Any) -> pd.DataFrame:
        """Rows whose labels have the largest number, and whose numbers have these scores."""
        parts = np.split(np.asarray(numbers, dtype=float), np.cumsum(self.sizes)[:-1], axis=1)
        labels = zip(self.levels.items(), parts, strict=False)
        rows = pd.DataFrame(
            {name: np.array(levels)[part.argmax(axis=1)] for (name, levels), part in labels}
        )
        for name, score in zip(NUMBERS, parts[-1].T, strict=True):
            found = np.quantile(self.ordered[name], norm.cdf(score))
            rows[name] = found.round() if name == "Months" else found
        return rows.assign(Family=family_of(rows["Third agent"]))


def groups_of(rows: pd.DataFrame, fewest: int = FEWEST) -> np.ndarray:
    """The group of each person: sex, ethnicity and third agent; small groups are together one."""
    cell = rows.groupby(LABELS).ngroup().to_numpy()
    enough = np.bincount(cell) >= fewest
    return np.where(enough, np.cumsum(enough) - 1, enough.sum())[cell]
