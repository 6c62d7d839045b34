"""Cohorts of people nobody has met, some with one known fault, for exercise 4 of chapter 10.

They are simulated at the moment of judging, by a seed that nobody knows (see `strangers`).
Everybody is numbered anew and the cohorts come in an order of chance, so only what stands in a
table can tell what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.data import Cohort, load_cohort
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from .strangers import STRANGERS

NOTHING = "nothing"
MISSING, NUMBERS = "people missing", "numbers jump"
REGIMENS, STATICS = "regimens jump", "sex or ethnicity changes"
VERDICTS = (NOTHING, MISSING, NUMBERS, REGIMENS, STATICS)

N_FRESH = 4
DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
NEVER_CHANGES = ["Gender", "Ethnic"]
MANY = 0.12, 0.45
"""Share of the people who belong to a group that is left out: enough to be missed."""

STEP = "call it on fresh.frame and made.frame, and return one of the five texts"

Fault = Callable[[pd.DataFrame, int, np.random.Generator], pd.DataFrame]


def people_missing(pool: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Nobody with some label; it is one that many people have at some time."""
    size, groups = pool["PatientID"].nunique(), []
    for name in [*NEVER_CHANGES, *DRUGS[:4]]:
        had = pool.groupby(name, observed=True)["PatientID"].nunique() / size
        groups += [(name, level) for level in had.index[had.between(*MANY)]]
    name, level = groups[rng.integers(len(groups))]
    left = pool.loc[pool[name] == level, "PatientID"].unique()
    kept = pool[~pool["PatientID"].isin(left)]
    return kept[kept["PatientID"].isin(kept["PatientID"].unique()[:n])]


def _somebody_elses(
    frame: pd.DataFrame, names: list[str], share: float, rng: np.random.Generator
) -> pd.DataFrame:
    """In a share of the months, these columns are those of somebody else in the same month."""
    steps = int(frame["Timestep"].max()) + 1
    rows = np.arange(len(frame)).reshape(-1, steps)
    taken = np.stack([rng.permutation(rows[:, step]) for step in range(steps)], axis=1)
    places = np.where(rng.random(rows.shape) < share, taken, rows).ravel()
    return frame.assign(**{name: frame[name].array[places] for name in names})


def viral_load_jumps(pool, n, rng):
    return _somebody_elses(_first(pool, n), ["VL"], 0.3, rng)


def cd4_jumps(pool, n, rng):
    return _somebody_elses(_first(pool, n), ["CD4", "Rel CD4"], 0.3, rng)


def regimens_jump(pool, n, rng):
    return _somebody_elses(_first(pool, n), DRUGS, rng.choice([0.03, 0.06]), rng)


def sex_is_drawn_anew(pool, n, rng):
    return _somebody_elses(_first(pool, n), ["Gender"], 1.0, rng)


def ethnicity_of_a_few(pool, n, rng):
    """In one in ten people, ethnicity is drawn anew in each month."""
    frame = _first(pool, n)
    few = rng.choice(frame["PatientID"].unique(), n // 10, replace=False)
    changed = _somebody_elses(frame, ["Ethnic"], 1.0, rng)
    kept = ~frame["PatientID"].isin(few)
    return frame.assign(Ethnic=changed["Ethnic"].where(~kept, frame["Ethnic"]))


FAULTS: tuple[tuple[str, Fault], ...] = (
    (MISSING, people_missing), (MISSING, people_missing), (NUMBERS, viral_load_jumps),
    (NUMBERS, cd4_jumps), (REGIMENS, regimens_jump), (REGIMENS, regimens_jump),
    (STATICS, sex_is_drawn_anew), (STATICS, ethnicity_of_a_few),
)  # fmt: skip


def _first(pool: pd.DataFrame, n: int) -> pd.DataFrame:
    steps = int(pool["Timestep"].max()) + 1
    return pool.iloc[: n * steps].reset_index(drop=True)


def cohorts(n: int, seed: int) -> Iterator[pd.DataFrame | list[str]]:
    """Yield real people, then twelve cohorts in an order of chance, and last what is wrong."""
    sizes = [1] * (1 + N_FRESH) + [2 if name == MISSING else 1 for name, _ in FAULTS]
    everybody = load_cohort("art_hiv", n_patients=n * sum(sizes), seed=seed)
    rng = np.random.default_rng([seed, 10])
    ends = n * np.cumsum(sizes)
    parts = np.split(everybody.patients.index, ends[:-1])
    yield _renumbered(_frame(everybody, parts[0]), rng)
    order = rng.permutation(N_FRESH + len(FAULTS))
    names = [NOTHING] * N_FRESH + [name for name, _ in FAULTS]
    for place in order:
        if place < N_FRESH:
            made = _frame(everybody, parts[1 + place])
        else:
            pool = _frame(everybody, parts[1 + place])
            made = FAULTS[place - N_FRESH][1](pool, n, rng)
        yield _renumbered(made, rng)
    yield [names[place] for place in order]


def _frame(cohort: Cohort, ids: np.ndarray) -> pd.DataFrame:
    return cohort.frame[cohort.frame["PatientID"].isin(ids)].reset_index(drop=True)


def _renumbered(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The patients in an order of chance, under new numbers, on a new index."""
    who = frame["PatientID"].unique()
    new = pd.Series(rng.permutation(10 * len(who))[: len(who)] + STRANGERS, index=who)
    frame = frame.assign(PatientID=frame["PatientID"].map(new))
    frame = frame.sort_values(["PatientID", "Timestep"], ignore_index=True)
    frame.attrs = {}
    return frame


def judged(value: Any, n: int, seed: int) -> str:
    """Ask for a verdict on each cohort; return a sentence if all of them are right."""
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    said: list[str] = []
    # the loop holds the generator, and the seed, where no name of this frame leads to them
    for number, part in enumerate(cohorts(n, seed)):
        if isinstance(part, list):
            names = part
        elif number == 0:
            real = part
        else:
            said.append(_verdict(value, real.copy(), part))
    wrong = [(one, name) for one, name in zip(said, names, strict=True) if one != name]
    if not wrong:
        return (
            f"All {len(names)} verdicts are right: {N_FRESH} fresh draws and {len(FAULTS)} faults."
        )
    if len(set(said)) == 1:
        raise Wrong(f"your function says {said[0]!r} of all {len(names)} cohorts", STEP)
    accused = [one for one, name in wrong if name == NOTHING]
    right = f"{len(names) - len(wrong)} of {len(names)} verdicts are right"
    if accused:
        raise Wrong(
            f"{right}; your function says {accused[0]!r} of people with whom nothing is wrong",
            "compare two fresh groups, and leave room for what chance does between them",
        )
    one, name = wrong[0]
    raise Wrong(
        f"{right}; your function says {one!r} of a cohort whose fault is {name!r}",
        ADVICE[name],
    )


ADVICE = {
    MISSING: "for each label ask how many people ever have it, in both tables",
    NUMBERS: "compare how far each number moves from one month to the next, after a logarithm",
    REGIMENS: "compare how often the labels of a person change from one month to the next",
    STATICS: "one change in one person is enough",
}


def _verdict(value: Any, real: pd.DataFrame, made: pd.DataFrame) -> str:
    try:
        one = value(real, made)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", "call it with fresh.frame and made.frame") from error
    if is_blank(one):
        raise NotAttempted
    if one is None:
        raise Wrong("your function returned nothing", "end it with `return …`, also at the bottom")
    if not isinstance(one, str):
        raise Wrong(f"your function returned {describe(one)}, not one text", STEP)
    if one not in VERDICTS:
        raise Wrong(f"your function returned {one!r}", f"return one of {', '.join(VERDICTS)}")
    return one
