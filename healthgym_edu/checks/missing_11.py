"""Tables of starters nobody has met, some without a group, for the last exercise of chapter 11.

They are simulated at the moment of judging, by a seed that nobody knows (see `strangers`), and
come in an order of chance, so only what stands in a table can tell who is missing in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from .trial_11 import LABELS, by_coin, worlds_of

Cell = tuple[str, ...]

N_WHOLE, N_WITHOUT = 4, 8
EXPECTED = 16
"""People that a group which is left out would have, at least: no chance leaves out so many."""

STEP = "call it with people and with one half of people, and look at what it returns"

WHAT_IT_RETURNS = (
    "return a list of (sex, ethnicity, third agent), such as [('Male', 'Asian', 'DTG')]"
)


def sizes(rows: pd.DataFrame) -> pd.Series:
    """How many people each cell has."""
    return rows.groupby(LABELS).size()


def tables(n: int, seed: int) -> Iterator[tuple[pd.DataFrame, list[Cell]]]:
    """Yield the real rows, then twelve tables, each with the cells that were left out of it.

    Tables differ in size. In those that are whole some groups have half of their people only.
    """
    rng = np.random.default_rng([seed, 111])
    everybody = _people(3 * n, seed)
    everybody = everybody.sample(frac=1, random_state=int(rng.integers(2**31)))
    real, pool = everybody.iloc[:n], everybody.iloc[n:]
    yield _renumbered(real, rng), []
    for kind in rng.permutation([0] * N_WHOLE + [1] * N_WITHOUT):
        size = int(n * rng.uniform(0.6, 0.95))
        made = pool.sample(size, random_state=int(rng.integers(2**31)))
        cells = sizes(real)
        common = cells.index[cells * size / n >= EXPECTED]
        left = [common[k] for k in rng.choice(len(common), rng.integers(1, 4), replace=False)]
        gone = pd.MultiIndex.from_frame(made[LABELS]).isin(left)
        if kind:
            yield _renumbered(made[~gone], rng), sorted(left)
        else:
            few = gone & (rng.random(size) > 0.5)
            yield _renumbered(made[~few], rng), []


def _people(n: int, seed: int) -> pd.DataFrame:
    """Simulate a trial; under STRICT, where the seed is no secret, once for all answers."""
    if os.environ.get("HEALTHGYM_EDU_STRICT") != "1":
        return by_coin(worlds_of(n, seed)[0], seed)
    if (n, seed) not in _kept:
        _kept.clear()
        _kept[n, seed] = by_coin(worlds_of(n, seed)[0], seed)
    return _kept[n, seed]


_kept: dict[tuple[int, int], pd.DataFrame] = {}


def _renumbered(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    rows.attrs = {}
    return rows


def judged(value: Any, n: int, seed: int) -> str:
    """Ask who is missing in each table; return a sentence if all answers are right."""
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    said: list[set[Cell]] = []
    truth: list[set[Cell]] = []
    real = None
    for made, left in tables(n, seed):
        if real is None:
            real = made
            continue
        said.append(_answer(value, real.copy(), made))
        truth.append(set(left))
    pairs = list(zip(said, truth, strict=True))
    right = sum(one == other for one, other in pairs)
    if right == len(pairs):
        return f"All {right} answers are right: {N_WHOLE} tables are whole, {N_WITHOUT} are not."
    told = f"{right} of {len(pairs)} answers are right"
    if not any(said):
        raise Wrong(f"{told}; your function says of no table that somebody is missing", STEP)
    alarms = [one - other for one, other in pairs if one - other]
    if alarms:
        example = sorted(alarms[0])[0]
        raise Wrong(
            f"{told}; in {len(alarms)} of the tables your function names a group that was not left "
            f"out, such as {example}",
            "ask how many of them you would expect in a table of this size, and how often chance "
            "alone leaves out so many",
        )
    missed = [other - one for one, other in pairs if other - one]
    raise Wrong(
        f"{told}; in {len(missed)} of the tables your function misses a group that was left out, "
        f"such as {sorted(missed[0])[0]}",
        "a group that would have 16 people in a table of this size is not left out by chance",
    )


def _answer(value: Any, real: pd.DataFrame, made: pd.DataFrame) -> set[Cell]:
    try:
        said = value(real, made)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", STEP) from error
    if is_blank(said):
        raise NotAttempted
    if said is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if isinstance(said, (pd.Series, pd.DataFrame)):
        raise Wrong(f"your function returned {describe(said)}", WHAT_IT_RETURNS)
    try:
        cells = {tuple(map(str, one)) if not isinstance(one, str) else None for one in said}
    except TypeError as error:
        raise Wrong(f"your function returned {describe(said)}", WHAT_IT_RETURNS) from error
    if any(one is None or len(one) != len(LABELS) for one in cells):
        raise Wrong("what your function returned are no groups of three labels", WHAT_IT_RETURNS)
    return {one for one in cells if one is not None}
