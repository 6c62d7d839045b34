"""The open exercise of chapter 06: tables with and without planted faults, and who finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.data import Cohort
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from .case_06 import HORIZON, published_table
from .strangers import SEED_WHEN_STRICT, seed_of_a_check

Plant = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]

N_PEOPLE = 600
MOST = 4
"""With how many persons of a table something is wrong, at most."""

SOUND = "sound"
AS_LIST = "return a list with one text for each problem, and an empty list if there are none"


# --- sound tables -------------------------------------------------------------------------------


def every_month(rows: pd.DataFrame) -> pd.DataFrame:
    """Divide each row into months."""
    length = (rows["stop"] - rows["start"]).to_numpy()
    table = rows.loc[rows.index.repeat(length)].copy()
    table["start"] += table.groupby(level=0).cumcount()
    last = ~table.index.duplicated(keep="last")
    table["stop"] = table["start"] + 1
    table["event"] &= last
    return table.reset_index(drop=True)


def by_regimen(rows: pd.DataFrame) -> pd.DataFrame:
    """Join rows that follow each other with the same regimen."""
    rows = rows.sort_values(["PatientID", "start"])
    key = rows[["PatientID", "regimen"]]
    piece = (key != key.shift()).any(axis=1).cumsum()
    table = rows.groupby(piece).first()
    last = rows.groupby(piece)[["stop", "event"]].last()
    return table.assign(stop=last["stop"], event=last["event"]).reset_index(drop=True)


WAYS: list[Callable[[pd.DataFrame], pd.DataFrame]] = [lambda rows: rows, every_month, by_regimen]


def shuffled(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)


# --- planted faults -----------------------------------------------------------------------------


def _some(people: Any, rng: np.random.Generator) -> np.ndarray:
    people = np.unique(np.asarray(people))
    return rng.permutation(people)[: int(rng.integers(1, MOST + 1))]


def _last(rows: pd.DataFrame) -> pd.Series:
    return rows["stop"] == rows.groupby("PatientID")["stop"].transform("max")


def censored_as_event(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    had = rows.groupby("PatientID")["event"].transform("any")
    who = _some(rows.loc[~had, "PatientID"], rng)
    return rows.assign(event=rows["event"] | (rows["PatientID"].isin(who) & _last(rows)))


def event_lost(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    who = _some(rows.loc[rows["event"], "PatientID"], rng)
    return rows.assign(event=rows["event"] & ~rows["PatientID"].isin(who))


def middle_dropped(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Of some, only the first and the last row are left."""
    middle = ~_last(rows) & (rows["start"] > 0)
    who = _some(rows.loc[middle, "PatientID"], rng)
    return rows[~(rows["PatientID"].isin(who) & middle)]


def end_dropped(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Of some who were censored, the last row is missing."""
    had = rows.groupby("PatientID")["event"].transform("any")
    end = ~had & _last(rows) & (rows["start"] > 0)
    who = _some(rows.loc[end, "PatientID"], rng)
    return rows[~(rows["PatientID"].isin(who) & end)]


def begin_dropped(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    begin = (rows["start"] == 0) & ~_last(rows)
    who = _some(rows.loc[begin, "PatientID"], rng)
    return rows[~(rows["PatientID"].isin(who) & begin)]


def pattern(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Of some, ``rtv`` is said where the regimen has ``rtvb``."""
    who = _some(rows.loc[(rows["rtvb"] == 1) & (rows["rtv"] == 0), "PatientID"], rng)
    found = rows["PatientID"].isin(who) & (rows["rtvb"] == 1)
    return rows.assign(rtv=rows["rtv"].where(~found, 1))


def overlap(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Of some, a row goes on for a month after the next one has begun."""
    early = ~_last(rows)
    who = _some(rows.loc[early, "PatientID"], rng)
    longer = rows["PatientID"].isin(who) & early & (rows["start"] == 0)
    return rows.assign(stop=rows["stop"] + longer)


def twice(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    who = _some(rows["PatientID"], rng)
    return pd.concat([rows, rows[rows["PatientID"].isin(who) & (rows["start"] == 0)]])


def early_event(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Of some, the event stands in their first row, and the rows go on."""
    late = rows["event"] & (rows["start"] > 0)
    mine = rows["PatientID"].isin(_some(rows.loc[late, "PatientID"], rng))
    return rows.assign(event=np.where(mine, rows["start"] == 0, rows["event"]))


def no_length(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    who = _some(rows["PatientID"], rng)
    begin = rows[rows["PatientID"].isin(who) & (rows["start"] == 0)]
    return pd.concat([begin.assign(stop=0, event=False), rows])


def people_lost(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return rows[~rows["PatientID"].isin(_some(rows["PatientID"], rng))]


PLANTED: dict[str, Plant] = {
    "people who never succeeded have an event": censored_as_event,
    "people who succeeded have no event": event_lost,
    "rows in the middle of somebody's follow-up are missing": middle_dropped,
    "somebody's last row is missing": end_dropped,
    "somebody's first row is missing": begin_dropped,
    "`rtv` is said of regimens with `rtvb`": pattern,
    "rows of a person overlap": overlap,
    "a row stands there twice": twice,
    "an event is not in the last row of a person": early_event,
    "a row has no length": no_length,
    "people are missing": people_lost,
}
"""What may be wrong with a table; each is tried, with one to four persons."""


# --- who finds them -----------------------------------------------------------------------------


def judge_audit(audit: Any, art: Cohort) -> str:
    """Try an audit on sound and on faulty tables of people it has not met; say how it did.

    Raises
    ------
    Wrong, NotAttempted
        No function, a raised error, another kind of answer, false alarms, or faults not found.
    """
    if not callable(audit):
        raise Wrong("the answer is your function: give its name without parentheses")
    kinds: list[str] = []
    said: list[list[str]] = []
    # the loop holds the generator where no name of any frame leads to what was planted
    for part in _tables(art):
        if isinstance(part, list):
            kinds = part
        else:
            said.append(_call(audit, *part))
    alarms = [told for told, kind in zip(said, kinds, strict=True) if kind == SOUND and told]
    missed = [kind for told, kind in zip(said, kinds, strict=True) if kind != SOUND and not told]
    n_sound = kinds.count(SOUND)
    n_faulty = len(kinds) - n_sound
    if len(missed) == n_faulty:
        problem = "it finds nothing wrong with any table, and most of them are faulty"
        raise Wrong(problem, "begin with one of the five sums, and compare it with the cohort")
    if alarms:
        raise Wrong(
            f"it finds problems in {len(alarms)} of {n_sound} sound tables, such as "
            f'"{alarms[0][0]:.80}"',
            "try it on published_table(art, faults=[]), with the rows in another order, too; rows "
            "may be divided more often, or less often, than regimen and CD4 change",
        )
    if missed:
        kinds_missed = list(dict.fromkeys(missed))
        raise Wrong(
            f"it finds nothing in {len(missed)} of {n_faulty} faulty tables; in some of them "
            + ", and in others ".join(kinds_missed[:2]),
            "ask which of the five sums would show it if it concerned a single person",
        )
    return f"All {n_faulty} faulty tables were found, with no alarm in {n_sound} sound ones."


def _tables(art: Cohort) -> Iterator[tuple[pd.DataFrame, Cohort] | list[str]]:
    """Yield tables with their cohort, in an order that says nothing; then what was planted."""
    seed = seed_of_a_check(SEED_WHEN_STRICT, [art.seed])
    if art.recipe is None:  # a file: people whom the learner may have met
        cohort = art.subset(art.patients.index[:N_PEOPLE])
    else:
        cohort = art.fresh(N_PEOPLE, seed=seed)
    rng = np.random.default_rng(seed)
    rows = published_table(cohort, faults=[], horizon=HORIZON)
    kinds = [*PLANTED] * 2 + [SOUND] * (2 * len(WAYS))
    kinds = [kinds[place] for place in rng.permutation(len(kinds))]
    for number, kind in enumerate(kinds):
        table = WAYS[number % len(WAYS)](rows)
        if kind != SOUND:
            faulty = PLANTED[kind](table, rng)
            if len(faulty) == len(table) and faulty.equals(table):  # nobody to plant it in
                kinds[number] = SOUND
            table = faulty
        yield shuffled(table, rng), deepcopy(cohort)  # an audit cannot spoil the next one's
    yield kinds


def _is_no_text(one: Any) -> bool:
    blank = isinstance(one, str) and not one.strip()
    return one is None or isinstance(one, (bool, np.bool_)) or blank


def _call(audit: Callable[..., Any], rows: pd.DataFrame, cohort: Cohort) -> list[str]:
    """Return the problems that an audit names, or say what is wrong with its answer."""
    try:
        told = audit(rows, cohort)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        step = "call audit(team, art) yourself and mend that line; row labels may be any"
        raise Wrong(f"{problem:.240}", step) from error
    if is_blank(told):
        raise NotAttempted
    if told is None:
        raise Wrong("your function returned nothing", "end it with `return problems`")
    if isinstance(told, (list, tuple, set, pd.Series, pd.Index, np.ndarray)):
        if any(is_blank(one) for one in told):
            raise NotAttempted
        empty = [one for one in told if _is_no_text(one)]
        if empty:
            raise Wrong(
                f"there is {empty[0]!r} in your list",
                "append a text, and only where you found a problem",
            )
        return [str(one) for one in told]
    raise Wrong(f"your function returned {describe(told)}", AS_LIST)
