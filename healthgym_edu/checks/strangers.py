"""Open exercises: a learner's function learns from the people at hand and predicts newcomers.

The newcomers are simulated at the moment of judging, by a seed that nobody knows, so no look-up
and no model that has met everybody can know them.  A file brings no newcomers: its people are
divided at random instead, and the learner is told.
"""

from __future__ import annotations

import inspect
import linecache
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from healthgym_edu.data import Cohort
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

STRANGERS = 1_000_000
"""Smallest of the new patient numbers: no number in the records at hand is among them."""

SEED_WHEN_STRICT = 170_411
"""Makes the newcomers of the tests, which have to be the same in every run."""

PARAMETERS = ("known", "outcome", "newcomers")

AS_SERIES = "return a pandas Series with the PatientID of the newcomers as its index"
SIMULATED = "The newcomers were simulated for this check: nobody had met them."
DIVIDED = (
    "The newcomers are one half of the people in a file; your function learned from the other."
)


@dataclass(frozen=True)
class Answers:
    """What a learner's function said about the newcomers, beside the truth, in the same order."""

    said: pd.Series  # float by PatientID: what the function returned
    truth: pd.Series  # what happened to them
    newcomers: pd.DataFrame  # their records, as the function got them: for the rule to beat
    remark: str  # who they are: a sentence to be told with the result


@dataclass(frozen=True)
class _People:
    """People under new numbers: their records now, their outcome when it is asked for."""

    records: pd.DataFrame
    outcome: Callable[[], pd.Series]


def ask_about_newcomers(
    answer: Any,
    *cohorts: Cohort,
    records_of: Callable[..., pd.DataFrame],
    outcome_of: Callable[..., pd.Series],
    n_fresh: int,
    who: str = "patient",
) -> Answers:
    """Call a learner's function ``answer(known, outcome, newcomers)`` on people nobody has met.

    Everybody is numbered anew at random, the tables are copies in the order of the new numbers,
    and the outcome of the newcomers is computed only after the function has returned.

    Parameters
    ----------
    answer : callable
        The answer that arrived.
    *cohorts : Cohort
        The people to learn from: one cohort, or several that hold the same people.
    records_of : callable
        From the cohorts to the records that may be known, with the column ``PatientID``.
    outcome_of : callable
        From the cohorts to what happened, by ``PatientID``, for all who are in the records.
    n_fresh : int
        How many newcomers to simulate.
    who : str
        What to call one of them.

    Returns
    -------
    Answers
        What was said and what happened.

    Raises
    ------
    Wrong, NotAttempted
        No function, one that raises, an answer that is no number for each newcomer, or a blank.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> from healthgym_edu.checks.strangers import ask_about_newcomers
    >>> icu = hg.load_cohort("sepsis", n_patients=200)
    >>> def as_often_as_before(known, outcome, newcomers):
    ...     return pd.Series(outcome.mean(), index=newcomers["PatientID"].unique())
    >>> answers = ask_about_newcomers(
    ...     as_often_as_before,
    ...     icu,
    ...     records_of=lambda icu: icu.frame[icu.frame["Timepoints"] == 0],
    ...     outcome_of=lambda icu: icu.patients["Died in stay"],
    ...     n_fresh=100,
    ... )
    >>> len(answers.said), answers.said.nunique(), set(answers.truth)
    (100, 1, {False, True})
    """
    _require_function(answer)
    seed = _seed(cohorts)
    simulated = all(cohort.recipe is not None for cohort in cohorts)
    if simulated:
        groups = [cohorts, tuple(cohort.fresh(n_fresh, seed=seed) for cohort in cohorts)]
    else:
        groups = list(zip(*(cohort.split(0.5, seed=seed) for cohort in cohorts), strict=True))
    known, newcomers = _numbered_anew(groups, records_of, outcome_of, seed)
    wanted = newcomers.records["PatientID"].drop_duplicates()
    said = _call(answer, known.records.copy(), known.outcome(), newcomers.records.copy())
    said = _numbers(said, pd.Index(wanted), who)
    remark = SIMULATED if simulated else DIVIDED
    return Answers(said, newcomers.outcome(), newcomers.records, remark)


def _seed(cohorts: Iterable[Cohort]) -> int:
    """Return a seed that nobody knows, or the fixed one; never that of a cohort at hand."""
    strict = os.environ.get("HEALTHGYM_EDU_STRICT") == "1"
    taken = {cohort.seed for cohort in cohorts}
    seed = SEED_WHEN_STRICT if strict else secrets.randbits(31)
    while seed in taken:
        seed += 1
    return seed


def _numbered_anew(
    groups: list[tuple[Cohort, ...]],
    records_of: Callable[..., pd.DataFrame],
    outcome_of: Callable[..., pd.Series],
    seed: int,
) -> list[_People]:
    """Return each group of people under numbers that say nothing of who or which group they are."""
    tables = [records_of(*group) for group in groups]
    old = [table["PatientID"].drop_duplicates().to_numpy() for table in tables]
    numbers = np.random.default_rng(seed).permutation(sum(map(len, old))) + STRANGERS
    people = []
    for group, table, ids in zip(groups, tables, old, strict=True):
        index = pd.Index(numbers[: len(ids)], name="PatientID")
        numbers = numbers[len(ids) :]
        table = table.assign(PatientID=table["PatientID"].map(pd.Series(index, ids)))
        table = table.sort_values("PatientID", kind="stable").reset_index(drop=True)
        table.attrs = {}  # what somebody noted on the table of all

        def outcome(group=group, ids=ids, index=index) -> pd.Series:
            happened = outcome_of(*group).loc[ids].set_axis(index).sort_index()
            happened.attrs = {}
            return happened

        people.append(_People(table, outcome))
    return people


def _require_function(answer: Any) -> None:
    expected = f"{len(PARAMETERS)} things, ({', '.join(PARAMETERS)})"
    if not callable(answer):
        raise Wrong("the answer is your function: give its name without parentheses")
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # something built in, which does not say what it takes
        return
    try:
        signature.bind(*PARAMETERS)
    except TypeError as error:
        raise Wrong(
            f"your function is given {expected}, in this order; yours takes {signature}",
            f"write: def learn_and_predict({', '.join(PARAMETERS)})",
        ) from error


def _call(answer: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return answer(*arguments)
    except Exception as error:
        problem = f"{type(error).__name__}: {error}".rstrip(": ")
        step = "call it yourself on a part of the table, and mend that line"
        if isinstance(error, KeyError):
            step = (
                "see whether the column or person is in the table that it gets; everybody is "
                "numbered anew, so that nobody can be looked up elsewhere"
            )
        problem = f"your function raised {problem:.200}{_line_of(answer, error)}"
        raise Wrong(problem, step) from error


def _line_of(answer: Callable[..., Any], error: Exception) -> str:
    """Say which line of the learner's own code raised: the last one in the function's file."""
    place, trace = "", error.__traceback__
    own = getattr(getattr(answer, "__code__", None), "co_filename", None)
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == own:
            text = linecache.getline(own, trace.tb_lineno).strip()
            place = f", in line {trace.tb_lineno}" + (f": `{text}`" if text else "")
        trace = trace.tb_next
    return place


def _numbers(said: Any, wanted: pd.Index, who: str) -> pd.Series:
    """Return the answers as numbers in the order of those who were asked about."""
    if is_blank(said):
        raise NotAttempted
    if isinstance(said, pd.DataFrame) and said.shape[1] == 1:
        said = said.iloc[:, 0]
    if said is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if not isinstance(said, pd.Series):
        raise Wrong(f"your function returned {describe(said)}", AS_SERIES)
    arrived = wanted.isin(said.index)
    if not arrived.any():
        raise Wrong(f"the index of what your function returned names no {who}", AS_SERIES)
    if not arrived.all():
        counts = f"{arrived.sum():,} of {len(wanted):,} arrived"
        raise Wrong(f"there should be an answer for each {who}; {counts}", "leave nobody out")
    if len(said) > len(wanted):
        stray = "somebody twice" if said.index.has_duplicates else "others than the newcomers"
        raise Wrong(f"{len(said):,} answers arrived for {len(wanted):,}: {stray}", AS_SERIES)
    said = said.loc[wanted].infer_objects()
    if said.isna().any():
        many = f"{said.isna().sum():,} of {len(said):,} answers are missing"
        raise Wrong(many, "fill in those of whom too little is known")
    if not is_numeric_dtype(said) and not is_bool_dtype(said):
        raise Wrong(f"the answers should be numbers, or True and False, not {said.iloc[0]!r}")
    said = said.astype(float)
    if not np.isfinite(said).all():
        raise Wrong("an answer is infinite", "look for a division by zero on the way")
    return said
