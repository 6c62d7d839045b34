"""From tables of people with HIV to arrays that a page of code can learn from, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from healthgym_edu.data import Cohort

NEVER = ["Gender", "Ethnic"]
DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
FLAGS = ["VL (M)", "CD4 (M)", "Drug (M)"]
NUMBERS = ["VL", "CD4", "Rel CD4"]
MONTHS = 60


@dataclass(frozen=True)
class Names:
    """What the numbers of `read` stand for.

    Attributes
    ----------
    people : DataFrame
        Each sex and ethnicity that somebody has, one row each.
    regimens : DataFrame
        Each regimen that somebody has.
    empty : DataFrame
        The columns of the table, without rows.
    """

    people: pd.DataFrame
    regimens: pd.DataFrame
    empty: pd.DataFrame

    def table(self, record: np.ndarray, who: np.ndarray) -> pd.DataFrame:
        """Return records and people, as from `read`, as a table."""
        n, months, _ = record.shape
        rows = record.reshape(n * months, -1)
        parts = [
            self.people.iloc[np.repeat(who, months)],
            self.regimens.iloc[rows[:, 0].astype(int)],
        ]
        found = pd.concat([one.reset_index(drop=True) for one in parts], axis=1)
        found[FLAGS], found[NUMBERS] = rows[:, 1:4] > 0, 10 ** rows[:, 4:]
        found["PatientID"] = np.repeat(np.arange(n), months)
        found["Timestep"] = np.tile(np.arange(months), n)
        return found[self.empty.columns].astype(self.empty.dtypes.to_dict())


def read(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, Names]:
    """Return the records of people with HIV as numbers.

    Parameters
    ----------
    frame : DataFrame
        As ``art.frame``: sorted by person and month.

    Returns
    -------
    record : ndarray, shape (n_people, 60, 7)
        The regimen, as its place in a list; three flags; powers of ten of viral load, CD4 count
        and relative CD4 count.
    who : ndarray of int, shape (n_people,)
        Sex and ethnicity, as their place in a list.
    names : Names
        The two lists; ``names.table(record, who)`` leads back.
    """
    people, regimens = (frame[names].drop_duplicates(ignore_index=True) for names in (NEVER, DRUGS))
    who, regimen = (
        frame[one.columns].merge(one.reset_index(), how="left")["index"].to_numpy()
        for one in (people, regimens)
    )
    record = np.column_stack([regimen, frame[FLAGS].astype(float), powers(frame)])
    names = Names(people, regimens, frame.iloc[:0])
    return record.reshape(-1, MONTHS, record.shape[1]), who[::MONTHS], names


def powers(frame: pd.DataFrame) -> np.ndarray:
    """Return the measurements as powers of ten, shape (n_rows, 3); the lowest is 0.01."""
    return np.log10(frame[NUMBERS].clip(lower=0.01).to_numpy(float))


def as_cohort(frame: pd.DataFrame, like: Cohort, source: str = "our own") -> Cohort:
    """Return a table of invented people as a cohort, which judges can read.

    Parameters
    ----------
    frame : DataFrame
        Columns as in ``like.frame``, sorted by person and month.
    like : Cohort
        People with HIV; their columns and labels.
    source : str
        Who made the table.
    """
    frame = frame[like.frame.columns].reset_index(drop=True).astype(like.frame.dtypes.to_dict())
    who = frame.groupby("PatientID")
    patients = who[NEVER].first().assign(**{"Steps followed": who.size()})
    return replace(
        like, frame=frame, patients=patients, source=source,
        decisions=None, seen=None, seed=None, recipe=None,
    )  # fmt: skip


def flatter(made: pd.DataFrame, train: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose numbers are replaced, rank by rank, by those of `train`."""
    made = made.copy()
    for name in NUMBERS:
        share = made[name].rank(pct=True, method="first")
        made[name] = train[name].quantile(share).to_numpy()
    return made


def mapped(made: Cohort, train: Cohort) -> Cohort:
    """Return made people whose numbers have been flattered."""
    return as_cohort(flatter(made.frame, train.frame), made, "mapped")
