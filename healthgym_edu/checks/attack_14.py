"""Judge an attack on members and strangers whom nobody has met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from healthgym_edu.data import Cohort, load_cohort
from healthgym_edu.exercises import Wrong
from healthgym_edu.metrics import auroc

from .copies_14 import with_noise
from .strangers import (
    SEED_WHEN_STRICT,
    STRANGERS,
    _call,
    _numbers,
    require_function,
    seed_of_a_check,
)

PEOPLE = 500  # members, strangers who are asked about, and people who are surely no members
NOISE = 0.75
GAIN = 0.05
"""By how much the AUROC must exceed that of the attack of section 2."""

PARAMETERS = ("synthetic", "holdout", "asked")


def judge_attack(value: Any) -> str:
    """Run an attack on new people; return what it found.

    Raises
    ------
    Wrong, NotAttempted
        No function, one that raises, no number for each person, or an attack that is too weak.
    """
    require_function(value, "attack", PARAMETERS, "three tables")
    # the loop holds the generator, and with it the seed, where no name of any frame leads to it
    for part in _meeting(seed_of_a_check(SEED_WHEN_STRICT)):
        if isinstance(part, tuple):
            usual = by_two_columns(*part)
            asked = pd.Index(part[2]["PatientID"].drop_duplicates())
            said = _numbers(_call(value, *(one.copy() for one in part)), asked, "person")
        else:
            member = part.loc[asked].to_numpy(int)
    found, aim = (float(auroc(member, one.loc[asked].to_numpy())) for one in (said, usual))
    if said.nunique() == 1:
        raise Wrong("your attack says the same of everybody", "compare each person with the table")
    told = f"your attack has an AUROC of {found:.2f}, and that of section 2 has {aim:.2f}"
    if 1 - found >= aim - 0.1:
        raise Wrong(f"{told}: it is the other way round", "higher where membership is likelier")
    if found < aim + GAIN:
        step = f"get {GAIN} above it: which columns did that attack leave out?"
        raise Wrong(told, step)
    return f"{told[0].upper()}{told[1:]}."


def by_two_columns(
    synthetic: pd.DataFrame, holdout: pd.DataFrame, asked: pd.DataFrame
) -> pd.Series:
    """Attack as section 2 does: by the distance of viral loads and CD4 counts."""
    spread = np.log(holdout[["VL", "CD4"]]).std()

    def rows(frame: pd.DataFrame) -> pd.DataFrame:
        months = [frame["PatientID"], frame["Timestep"]]
        return (np.log(frame[["VL", "CD4"]]) / spread).set_index(months).unstack()

    found = rows(asked)
    return pd.Series(-cdist(found, rows(synthetic)).min(axis=1), found.index)


def _meeting(
    seed: int,
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | pd.Series]:
    """Yield the three tables; when the attack has returned, who of those asked is a member."""
    people = _people(seed)
    members = people.subset(people.patients.index[:PEOPLE])
    surely_not = people.subset(people.patients.index[2 * PEOPLE :])
    asked = people.subset(people.patients.index[: 2 * PEOPLE])
    synthetic = with_noise(members, NOISE, seed)
    new = _new_numbers(seed)
    tables = (
        _renumbered(synthetic.frame, new + 10 * len(new)),
        _renumbered(surely_not.frame, new[: len(surely_not)] + 20 * len(new)),
        _renumbered(asked.frame, new),
    )
    del people, members, surely_not, asked, synthetic, new
    yield tables
    yield pd.Series(np.arange(2 * PEOPLE) < PEOPLE, _new_numbers(seed))


def _people(seed: int) -> Cohort:
    """Simulate the people; nobody in the course has a seed of this size."""
    return load_cohort("art_hiv", n_patients=3 * PEOPLE, seed=seed + 1_000_000)


def _new_numbers(seed: int) -> np.ndarray:
    return np.random.default_rng([seed, 144]).permutation(2 * PEOPLE) + STRANGERS


def _renumbered(frame: pd.DataFrame, new: np.ndarray) -> pd.DataFrame:
    """Number the people of a table anew, in the order of the new numbers."""
    place, _ = pd.factorize(frame["PatientID"])
    frame = frame.assign(PatientID=new[place])
    return frame.sort_values("PatientID", kind="stable").reset_index(drop=True)
