"""The open exercise of chapter 07: is a synthetic trial like the trial, and yet nobody's record?

The trial is public, so its people cannot be hidden.  It is divided at random by a seed that nobody
knows: the function learns from one half, and the other half shows how near to real people a row
comes that copies nobody.  A second time the trial is another one, older and with the arms
exchanged, which no function can have met.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from healthgym_edu.exercises import NotAttempted, Wrong, budget
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from .answers_07 import WITH, WITHOUT, log_ratios
from .strangers import seed_of_a_check

COLUMNS = ["duration", "event", "arm", "stratum", "age", "cd4", "karnofsky", "zidovudine months"]
MEASURED = ["duration", "age", "cd4", "zidovudine months"]
NUMBERS = [*MEASURED, "karnofsky"]
FEW = "CD4 up to 50"

FACTOR = 1.5  # by which a hazard ratio may differ, on average over the copies
EVENTS = 0.03  # by which the share with an event may differ
MEANS = 0.25  # by how many standard deviations a mean may differ
CLOSE = 0.60  # of the rows may lie closer to those who were learned from; 0.5 is chance
CLOSE_IN_TWO = 0.75  # if only two numbers are compared: mixed people reach 0.62, kept pairs 0.89
ALMOST = 0.1  # standard deviations: a row so near to a person is almost theirs
SOMEBODY = 0.05  # of the rows may be almost somebody's; among real people 0.01 to 0.02 are
DAYS = 0.5  # of the events on the day of a real one: worth a word, though any mixing may do it

YEARS_OLDER = 6
APART = 3.0  # distance of people with another label, in standard deviations
SEED_WHEN_STRICT = 320

MAKE = "return a table with the columns of the one you get, and as many rows"


def judge_synthetic(answer: Any, trial: pd.DataFrame) -> str:
    """Judge ``answer(trial, rng)`` on halves of the trial; return what to say when it is right."""
    _require(answer, trial)
    seed = seed_of_a_check(SEED_WHEN_STRICT)
    shares, days = [], []
    for place, (seen, unseen) in enumerate(_halves(trial[COLUMNS], seed)):
        copies = _copies(answer, seen, seed + place)
        _same_people(copies, seen)
        _same_story(copies, seen)
        _same_strata(copies, seen)
        shares.append(_share_close(copies, seen, unseen))
        days.append(_share_on_the_day(copies, seen))
    told = (
        f"{100 * np.mean(shares):.0f} in 100 of your rows lie closer to a person that your "
        "function was given than to one that it was not; 50 would be chance. "
    )
    if np.mean(days) > DAYS:
        told += (
            f"But {100 * np.mean(days):.0f} in 100 of your events come on exactly the day of a "
            "real one, in the same arm and stratum. The curves of the paper show such days, too; "
            "yet who knows the day on which somebody fell ill would find it here. Noise in "
            "`duration` hides it. "
        )
    return told + "This is one measure of privacy; chapter 14 has more."


def _require(answer: Any, trial: Any) -> None:
    if is_blank(answer):
        raise NotAttempted
    if not callable(answer):
        raise Wrong("the answer is your function: give its name without parentheses")
    if not isinstance(trial, pd.DataFrame) or len(trial) < 1000 or {*COLUMNS} - {*trial}:
        raise Wrong("`trial` is not the table of the chapter", "pass trial=trial")


def _halves(trial: pd.DataFrame, seed: int) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Two trials, each in two halves; the second is older, and its arms are exchanged."""
    rng = np.random.default_rng(seed)
    changed = trial["arm"].map({WITH: WITHOUT, WITHOUT: WITH})
    trials = [trial, trial.assign(arm=changed, age=trial["age"] + YEARS_OLDER)]
    found = []
    for one in trials:
        mixed = one.iloc[rng.permutation(len(one))].reset_index(drop=True)
        half = len(mixed) // 2
        found.append((mixed.iloc[:half], mixed.iloc[half:].reset_index(drop=True)))
    return found


def _copies(answer: Callable, seen: pd.DataFrame, seed: int) -> list[pd.DataFrame]:
    found = []
    for number in range(budget(20, quick=12)):
        rng = np.random.default_rng([seed, number])
        try:
            copy = answer(seen.copy(), rng)
        except Exception as error:
            problem = f"your function raised {type(error).__name__}: {error}"
            raise Wrong(
                f"{problem:.200}",
                "it gets the columns named in its docstring, and a generator of random numbers",
            ) from error
        found.append(_table(copy, seen))
    if found[0].equals(found[1]):
        raise Wrong("every copy is the same", "draw with `rng`, which is another one each time")
    return found


def _table(copy: Any, seen: pd.DataFrame) -> pd.DataFrame:
    if is_blank(copy):
        raise NotAttempted
    if not isinstance(copy, pd.DataFrame):
        told = "nothing" if copy is None else describe(copy)
        raise Wrong(f"your function returned {told}", MAKE)
    lacking = [name for name in COLUMNS if name not in copy]
    if lacking:
        raise Wrong(f"the column {lacking[0]!r} is missing from your table", MAKE)
    if copy.columns.duplicated().any():
        raise Wrong("a column stands twice in your table", MAKE)
    if len(copy) != len(seen):
        raise Wrong(f"{len(copy):,} rows came back for {len(seen):,}", MAKE)
    copy = copy[COLUMNS].reset_index(drop=True)
    try:
        numbers = copy[NUMBERS].astype(float).replace([np.inf, -np.inf], np.nan)
    except (TypeError, ValueError) as error:
        raise Wrong("a column of numbers holds something else", MAKE) from error
    copy = copy.assign(**{name: numbers[name] for name in NUMBERS})
    if copy.isna().any().any():
        name = copy.columns[copy.isna().any()][0]
        step = "tables that are put together match by their index: use `.to_numpy()`"
        raise Wrong(f"values of {name!r} are missing", step)
    for name in ("arm", "stratum"):
        stray = sorted(set(copy[name].astype(str)) - set(seen[name]))
        if stray:
            raise Wrong(f"{stray[0]!r} is no label of {name!r}", "keep the labels as they are")
    if not copy["event"].isin([False, True]).all():
        raise Wrong("'event' holds something else than True and False", MAKE)
    copy = copy.astype({"event": bool})
    if (copy["duration"] <= 0).any():
        raise Wrong("a duration is 0 or less", "let noise end at day 1: `.clip(lower=1)`")
    return copy


def _same_people(copies: list[pd.DataFrame], seen: pd.DataFrame) -> None:
    """Demand as many events, and about the same means."""
    made = pd.concat(copies)
    share, wanted = made["event"].mean(), seen["event"].mean()
    if abs(share - wanted) > EVENTS:
        raise Wrong(
            f"{100 * share:.0f} in 100 of your people have an event; {100 * wanted:.0f} had",
            "the number of events says how sick people are: keep it",
        )
    for name in NUMBERS:
        gap = (made[name].mean() - seen[name].mean()) / seen[name].std()
        if abs(gap) > MEANS:
            way = "higher" if gap > 0 else "lower"
            raise Wrong(
                f"the mean of {name!r} is {abs(gap):.1f} standard deviations {way} than in the "
                "trial that your function got",
                "learn from the table it gets, and let noise go up as often as down",
            )


def _same_strata(copies: list[pd.DataFrame], seen: pd.DataFrame) -> None:
    """Demand few CD4 cells in the stratum of few CD4 cells."""
    made = pd.concat(copies)
    few, all_few = (one.loc[one["stratum"] == FEW, "cd4"].mean() for one in (made, seen))
    if not abs(few - all_few) <= MEANS * seen["cd4"].std():
        step = "these two belong together: move them together"
        raise Wrong("in the stratum of few CD4 cells, `cd4` is not low", step)


def _same_story(copies: list[pd.DataFrame], seen: pd.DataFrame) -> None:
    """Demand the hazard ratios of the trial, on average over the copies."""
    told = np.mean([log_ratios(copy) for copy in copies], axis=0)
    advice = {
        "indinavir": "whatever belongs to the outcome has to stay with it: arm, duration, event",
        "few CD4 cells": "people with few CD4 cells have more events: keep the stratum with them",
    }
    for (name, step), made, wanted in zip(advice.items(), told, log_ratios(seen), strict=True):
        if abs(made - wanted) > np.log(FACTOR):
            raise Wrong(
                f"the hazard ratio of {name} is {np.exp(made - wanted):.2f} times that of the "
                f"trial that your function got; from {1 / FACTOR:.2f} to {FACTOR} will do",
                step,
            )


def _share_close(copies: list[pd.DataFrame], seen: pd.DataFrame, unseen: pd.DataFrame) -> float:
    """Share of the rows that lie closer to one who was learned from than to any of the others."""
    made, known, others = (_placed(one, seen) for one in (pd.concat(copies), seen, unseen))
    whole, nearest = _nearer(made, known, others)
    if whole > CLOSE:
        raise Wrong(
            f"{100 * whole:.0f} in 100 of your rows lie closer to a person that your function was "
            f"given than to one that it was not; 50 would be chance, {100 * CLOSE:.0f} are allowed",
            "a row that is somebody's with a little noise is still somebody's: mix people",
        )
    almost = float(np.mean(nearest < ALMOST))
    if almost > SOMEBODY:
        raise Wrong(
            f"{100 * almost:.1f} in 100 of your rows are almost those of a person in the trial; "
            f"among real people 1 or 2 in 100 are so alike, and {100 * SOMEBODY:.0f} are allowed",
            "mix every row, not only some of them, and take people from nowhere but `trial`",
        )
    labels = list(range(len(MEASURED), made.shape[1]))
    for one, other in combinations(range(len(MEASURED)), 2):
        kept = [one, other, *labels]
        share, _ = _nearer(made[:, kept], known[:, kept], others[:, kept])
        if share > CLOSE_IN_TWO:
            raise Wrong(
                f"`{MEASURED[one]}` and `{MEASURED[other]}` still come from the same person: in "
                f"these two alone, {100 * share:.0f} in 100 of your rows lie closer to somebody "
                f"that your function was given; {100 * CLOSE_IN_TWO:.0f} are allowed",
                "two numbers can be enough to find a person: mix one of them, or give it noise",
            )
    return whole


def _placed(table: pd.DataFrame, seen: pd.DataFrame) -> np.ndarray:
    """Each row as a point: its numbers in standard deviations, its labels far apart."""
    labels = [table["event"], table["arm"] == WITH, table["stratum"] == FEW]
    numbers = (table[MEASURED] / seen[MEASURED].std()).to_numpy(float)
    return np.column_stack([numbers, *(APART * one.to_numpy(float) for one in labels)])


def _nearer(made: np.ndarray, known: np.ndarray, others: np.ndarray) -> tuple[float, np.ndarray]:
    """Share of the made points nearer to the known than to the others; distance to the nearest."""
    near, far = (cKDTree(half).query(made)[0] for half in (known, others))
    return float(np.mean(near < far) + np.mean(near == far) / 2), np.minimum(near, far)


def _share_on_the_day(copies: list[pd.DataFrame], seen: pd.DataFrame) -> float:
    """Share of the events that fall on the day of a real one, in the same arm and stratum.

    It cannot be a reason to refuse: who mixes every column within arm, stratum and event keeps all
    of these days, and has mixed people as well as one can.
    """
    what = ["duration", "arm", "stratum"]
    made = pd.concat(copies).query("event")[what].astype({"arm": str, "stratum": str})
    real = seen.loc[seen["event"], what].drop_duplicates().astype({"duration": float})
    return float(len(made.merge(real, on=what)) / max(len(made), 1))
