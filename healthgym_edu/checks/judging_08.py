"""Ten tables of people nobody has met, some true and some not, for the judges of chapter 08.

The people are simulated at the moment of judging, by a seed that nobody knows (see `strangers`),
everybody is numbered anew and the tables come in an order of chance, so only what stands in a table
can tell whether it is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from healthgym_edu.data import Cohort, load_cohort

from .impostors_08 import as_cohort, mean_patient, shuffled_time
from .strangers import STRANGERS

FRESH = "fresh draw"
N_FRESH = 4
DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En", "Drug (M)"]
DECIMALS = {"VL": 2, "CD4": 1, "Rel CD4": 2}  # as in the true tables
NUMBERS = list(DECIMALS)


def _rows(train: Cohort) -> np.ndarray:
    """Places of the rows, shape (n_patients, n_steps)."""
    return np.arange(len(train.frame)).reshape(len(train), -1)


def _taken(train: Cohort, rows: np.ndarray, source: str) -> Cohort:
    """Rows of a cohort in another order, under the patients and steps that stand there."""
    frame = train.frame.iloc[rows.ravel()].reset_index(drop=True)
    for name in (train.schema.id, train.schema.step):
        frame[name] = train.frame[name].to_numpy()
    return as_cohort(frame, train, source)


def two_halves(train: Cohort, rng: np.random.Generator) -> Cohort:
    """The second half of each record is that of somebody else of the same sex and ethnicity."""
    rows, partner = _rows(train), np.arange(len(train))
    groups = train.patients.groupby(["Gender", "Ethnic"], observed=True).ngroup().to_numpy()
    for group in np.unique(groups):
        places = np.flatnonzero(groups == group)
        partner[places] = rng.permutation(places)
    half = rows.shape[1] // 2
    return _taken(train, np.hstack([rows[:, :half], rows[partner, half:]]), "two halves")


def drugs_of_another(train: Cohort, rng: np.random.Generator) -> Cohort:
    """The drugs of each record are those of somebody else, in their order."""
    frame = train.frame.copy()
    rows = _rows(train)[rng.permutation(len(train))].ravel()
    for name in DRUGS:
        frame[name] = frame[name].array[rows]
    return as_cohort(frame, train, "drugs of another")


def trembling(train: Cohort, rng: np.random.Generator) -> Cohort:
    """Every number is up to a few tenths too high or too low, each month anew."""
    noise = np.exp(rng.normal(0, 0.15, (len(train.frame), len(NUMBERS))))
    frame = train.frame.assign(
        **(train.frame[NUMBERS] * noise).round({"VL": 2, "CD4": 1, "Rel CD4": 2})
    )
    return as_cohort(frame, train, "trembling")


def men_alone(train: Cohort, rng: np.random.Generator) -> Cohort:
    """Men only, some of them several times."""
    men = np.flatnonzero((train.patients["Gender"] == "Male").to_numpy())
    return _taken(train, _rows(train)[rng.choice(men, len(train))], "men alone")


IMPOSTORS: dict[str, Callable[[Cohort, np.random.Generator], Cohort]] = {
    "the rows of each patient stand in another order": shuffled_time,
    "everybody is the mean patient with noise": mean_patient,
    "the second half of each record belongs to somebody else": two_halves,
    "the drugs of each patient are those of somebody else": drugs_of_another,
    "all numbers tremble a little from month to month": trembling,
    "there are no women": men_alone,
}
"""What is false in each hidden table, as it is told to a learner whose judge did not see it."""


def ten_tables(size: int, seed: int) -> Iterator[pd.DataFrame | list[str]]:
    """Yield the real table, then ten others in an order of chance, and last what they were."""
    everybody = load_cohort("art_hiv", n_patients=size * (N_FRESH + 2), seed=seed)
    frame, rng = everybody.frame, np.random.default_rng([seed, 8])
    mine, known, *others = np.split(everybody.patients.index, N_FRESH + 2)
    real, *fresh = (frame[frame["PatientID"].isin(part)] for part in (mine, *others))
    train = everybody.subset(known)
    made = [(FRESH, one) for one in fresh]
    made += [(name, make(train, rng).frame) for name, make in IMPOSTORS.items()]
    yield _renumbered(real, rng)
    order = rng.permutation(len(made))
    for place in order:
        yield _renumbered(made[place][1], rng)
    yield [made[place][0] for place in order]


def _renumbered(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The patients in an order of chance, under new numbers, on a new index."""
    who = frame["PatientID"].unique()
    new = pd.Series(rng.permutation(10 * len(who))[: len(who)] + STRANGERS, index=who)
    frame = frame.assign(PatientID=frame["PatientID"].map(new))
    frame = frame.sort_values(["PatientID", "Timestep"], ignore_index=True)
    frame.attrs = {}
    return frame
