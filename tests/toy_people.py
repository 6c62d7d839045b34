"""Toy people for the tests of open exercises: their fate follows from their number and place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.checks.strangers import ask_about_newcomers


class Toy:
    """People whose fate follows from their number and place, so that any leak of those shows."""

    def __init__(self, n=400, seed=0, simulated=True):
        rng = np.random.default_rng(seed)
        self.seed, self.n = seed, n
        self.frame = pd.DataFrame({"PatientID": np.repeat(np.arange(n), 3), "step": [0, 1, 2] * n})
        self.frame["x"] = np.repeat(rng.normal(size=n), 3) + self.frame["step"] / 100
        self.frame.attrs["fates"] = [True, False]
        self.recipe = Toy if simulated else None

    def fates(self):
        fates = pd.Series(np.arange(self.n) % 2 == 1, pd.RangeIndex(self.n, name="PatientID"))
        fates.attrs["told"] = True
        return fates

    def fresh(self, n, seed):
        assert seed != self.seed
        return Toy(n, seed)

    def split(self, fraction, seed):
        order = np.random.default_rng(seed).permutation(self.n)
        halves = order[: int(fraction * self.n)], order[int(fraction * self.n) :]
        parts = []
        for ids in halves:
            part = Toy(self.n, self.seed, simulated=False)
            part.frame = self.frame[self.frame["PatientID"].isin(ids)]
            parts.append(part)
        return parts


def records(toy):
    return toy.frame[toy.frame["step"] < 2]


def ask(answer, *cohorts, n=600, **changed):
    ways = {"records_of": records, "outcome_of": Toy.fates, **changed}
    return ask_about_newcomers(answer, *(cohorts or (Toy(),)), n_fresh=n, **ways)


def people(table):
    return pd.Index(table["PatientID"].unique(), name="PatientID")


def nobody(known, outcome, newcomers):
    return pd.Series(False, people(newcomers))
