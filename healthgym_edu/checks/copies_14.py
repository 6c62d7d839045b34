"""Tables that remember their people, made by hand for chapter 14, and how they are audited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from healthgym_edu.data import Cohort
from healthgym_edu.data.columns import columns_of
from healthgym_edu.evaluation.disclosure import identity_disclosure

NUMBERS = ["VL", "CD4", "Rel CD4"]
DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI"]
TOGETHER = (
    ["Gender"],
    ["Ethnic"],
    [*DRUGS, "Extra pk-En"],
    ["VL (M)", "CD4 (M)", "Drug (M)"],
)
"""Columns that change their owner together, so that no regimen arises that nobody takes."""


def with_noise(cohort: Cohort, noise: float, seed: int = 0) -> Cohort:
    """Return the same people, each a little changed; everybody is numbered anew.

    Parameters
    ----------
    cohort : Cohort
        Of people with HIV.
    noise : float
        Each number of each month is multiplied by a random factor. With noise 1 its logarithm is
        spread as widely as the logarithm of the column. With the chance ``noise / 2`` a person's
        regimens are those of somebody else, for all months; so are, each by a chance of its own,
        the sex, the ethnicity and the flags.
    seed : int
    """
    rng = np.random.default_rng([seed, 14])
    frame, n, steps = cohort.frame.copy(), len(cohort), cohort.schema.n_steps
    for name in NUMBERS:
        logs = np.log(frame[name].to_numpy())
        frame[name] = np.exp(logs + noise * logs.std() * rng.standard_normal(len(logs)))
    for columns in TOGETHER:
        moved = rng.random(n) < min(noise / 2, 1.0)
        owner = np.where(moved, rng.permutation(n), np.arange(n))
        rows = (owner[:, None] * steps + np.arange(steps)).ravel()
        frame[columns] = cohort.frame[columns].iloc[rows].set_axis(frame.index)
    return _made(cohort, frame, f"{n:,} people with noise {noise:g}", rng)


def bootstrap(cohort: Cohort, noise: float, seed: int = 0) -> Cohort:
    """Return as many people, drawn with replacement from these, with noise: a generator by hand."""
    drawn = np.random.default_rng([seed, 141]).integers(0, len(cohort), len(cohort))
    return with_noise(_rows(cohort, drawn), noise, seed)


def among(fresh: Cohort, remembered: Cohort) -> Cohort:
    """Return a table of as many people as `fresh`, some of whom are the remembered ones."""
    kept = fresh.subset(fresh.patients.index[: len(fresh) - len(remembered)])
    frame = pd.concat([kept.frame, remembered.frame], ignore_index=True)
    rng = np.random.default_rng([len(remembered), 142])
    return _made(fresh, frame, f"{len(remembered)} people among fresh ones", rng)


def disclosure(members: Cohort, table: Cohort) -> float:
    """Return the risk of identity disclosure (El Emam 2020) that the table brings, 0 to 1."""
    return identity_disclosure(columns_of(members), columns_of(table))


def _rows(cohort: Cohort, places: np.ndarray) -> Cohort:
    """Return the people at these places, numbered from 0: one may come several times."""
    steps = cohort.schema.n_steps
    rows = (places[:, None] * steps + np.arange(steps)).ravel()
    frame = cohort.frame.iloc[rows].reset_index(drop=True)
    frame["PatientID"] = np.repeat(np.arange(len(places)), steps)
    patients = cohort.patients.iloc[places].set_axis(range(len(places)))
    return replace(cohort, frame=frame, patients=patients, decisions=None, seen=None)


def _made(cohort: Cohort, frame: pd.DataFrame, source: str, rng: np.random.Generator) -> Cohort:
    """Number the people of a frame in an order that says nothing of who they are."""
    steps = cohort.schema.n_steps
    n = len(frame) // steps
    order = rng.permutation(n)
    rows = (order[:, None] * steps + np.arange(steps)).ravel()
    frame = frame.iloc[rows].reset_index(drop=True)
    frame["PatientID"] = np.repeat(np.arange(n), steps)
    first = frame[frame["Timestep"] == 0].set_index("PatientID")
    patients = first[["Gender", "Ethnic"]].assign(**{"Steps followed": steps})
    return replace(
        cohort, frame=frame, patients=patients, source=source,
        decisions=None, seen=None, seed=None, recipe=None,
    )  # fmt: skip
