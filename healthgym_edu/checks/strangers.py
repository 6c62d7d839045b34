"""Open exercises: a learner's function learns from the people at hand and predicts newcomers.

The newcomers are simulated at the moment of judging, by a seed that nobody knows, so no look-up
and no model that has met everybody can know them.  A file brings no newcomers: its people are
divided at random instead, and the learner is told.

Under ``HEALTHGYM_EDU_STRICT=1`` the seed is fixed, so that a notebook that is run twice says the
same; it stands below and is no secret.  A lecturer who grades in that way sets
``HEALTHGYM_EDU_SEED`` to a whole number that the learners do not know.

**What is guarded.** While a learner's function runs, no frame on its call stack and no closure
that they hold has the newcomers' outcome, their cohort or the seed: the seed waits in a suspended
generator, and the newcomers are simulated once more when the function has returned.  Replacing
`secrets.randbits` changes nothing.  **What is not.** The function runs in the learner's own
process: it can search all objects by `gc`, replace functions of this module, and read
``HEALTHGYM_EDU_SEED``.  Where marks depend on it, read the function as well.
"""

from __future__ import annotations

import inspect
import linecache
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from secrets import randbits  # by name: a patch of the module `secrets` comes too late
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from healthgym_edu.data import Cohort
from healthgym_edu.errors import ArgumentError
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

STRANGERS = 1_000_000
"""Smallest of the new patient numbers: no number in the records at hand is among them."""

SEED_WHEN_STRICT = 170_411
"""Makes the newcomers of the tests, which have to be the same in every run."""

SEED_OF_THE_LECTURER = "HEALTHGYM_EDU_SEED"

_LONG_LIST = re.compile(r"(\[\s*-?\d+(?:\.\d+)?),[^\]]*\](?:,(?:\s|\\n)*dtype=[^)]*)?")
"""Numbers in brackets, such as the index in a KeyError: the first of them is enough."""

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
    require_function(answer, "learn_and_predict", PARAMETERS, f"{len(PARAMETERS)} things")
    simulated = all(cohort.recipe is not None for cohort in cohorts)
    # the loop holds the generator where no name of any frame leads to it
    for part in _meeting(cohorts, records_of, outcome_of, n_fresh, simulated):
        if isinstance(part, tuple):
            newcomers = part[2]
            said = _call(answer, *(table.copy() for table in part))
            said = _numbers(said, pd.Index(newcomers["PatientID"].drop_duplicates()), who)
        else:
            truth = part
    return Answers(said, truth, newcomers, SIMULATED if simulated else DIVIDED)


def seed_of_a_check(fixed: int, taken: Iterable[int | None] = ()) -> int:
    """Return a seed that nobody knows; under STRICT the lecturer's, or else the fixed one.

    Parameters
    ----------
    fixed : int
        Used under ``HEALTHGYM_EDU_STRICT=1`` where ``HEALTHGYM_EDU_SEED`` is not set.
    taken : iterable of int
        Seeds of the cohorts at hand, which would bring the same people: never returned.

    Raises
    ------
    ArgumentError
        ``HEALTHGYM_EDU_SEED`` is set and no whole number of 0 or more.
    """
    seed, taken = randbits(31), set(taken)
    if os.environ.get("HEALTHGYM_EDU_STRICT") == "1":
        told = os.environ.get(SEED_OF_THE_LECTURER, "").strip() or str(fixed)
        if not (told.isascii() and told.isdigit()):
            raise ArgumentError(
                f"{SEED_OF_THE_LECTURER} is {told!r}; it should be a whole number of 0 or more. "
                "Set it to one, such as 20260801, or do not set it at all."
            )
        seed = int(told)
    while seed in taken:
        seed += 1
    return seed


def _meeting(
    cohorts: tuple[Cohort, ...],
    records_of: Callable[..., pd.DataFrame],
    outcome_of: Callable[..., pd.Series],
    n_fresh: int,
    simulated: bool,
) -> Iterator[tuple[pd.DataFrame, pd.Series, pd.DataFrame] | pd.Series]:
    """Yield what may be known, the outcome of the known and the newcomers; then the truth."""
    seed = seed_of_a_check(SEED_WHEN_STRICT, (cohort.seed for cohort in cohorts))
    if simulated:
        groups = [cohorts, _fresh(cohorts, n_fresh, seed)]
    else:
        groups = list(zip(*(cohort.split(0.5, seed=seed) for cohort in cohorts), strict=True))
    # a file cannot be made again, and a seed that stands above hides nobody
    kept = None if simulated and seed != SEED_WHEN_STRICT else groups[1]
    tables = [records_of(*group) for group in groups]
    who = [table["PatientID"].drop_duplicates().to_numpy() for table in tables]
    new = _new_numbers(who, seed)
    outcome = _happened(outcome_of(*groups[0]), who[0], new[0])
    known, newcomers = map(_renumbered, tables, who, new)
    del groups, tables
    yield known, outcome, newcomers
    happened = outcome_of(*(kept or _fresh(cohorts, n_fresh, seed)))
    yield _happened(happened, who[1], new[1])


def _fresh(cohorts: tuple[Cohort, ...], n_fresh: int, seed: int) -> tuple[Cohort, ...]:
    return tuple(cohort.fresh(n_fresh, seed=seed) for cohort in cohorts)


def _new_numbers(who: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Return numbers that say nothing of who somebody is or to which group they belong."""
    numbers = np.random.default_rng(seed).permutation(sum(map(len, who))) + STRANGERS
    return np.split(numbers, np.cumsum([len(ids) for ids in who])[:-1])


def _renumbered(table: pd.DataFrame, old: np.ndarray, new: np.ndarray) -> pd.DataFrame:
    table = table.assign(PatientID=table["PatientID"].map(pd.Series(new, old)))
    table = table.sort_values("PatientID", kind="stable").reset_index(drop=True)
    table.attrs = {}  # what somebody noted on the table of all
    return table


def _happened(outcome: pd.Series, old: np.ndarray, new: np.ndarray) -> pd.Series:
    outcome = outcome.loc[old].set_axis(pd.Index(new, name="PatientID")).sort_index()
    outcome.attrs = {}
    return outcome


def require_function(answer: Any, name: str, parameters: Sequence[str], what: str) -> None:
    """Raise `Wrong` unless the answer is a function of such parameters, which are told as ``what``.

    Raises
    ------
    Wrong, NotAttempted
    """
    if is_blank(answer):
        raise NotAttempted
    if not callable(answer):
        raise Wrong("the answer is your function: give its name without parentheses")
    given = ", ".join(parameters)
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # something built in, which does not say what it takes
        return
    try:
        signature.bind(*parameters)
    except TypeError as error:
        raise Wrong(
            f"your function is given {what}, ({given}), in this order; yours takes {signature}",
            f"write: def {name}({given})",
        ) from error


def _call(answer: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return answer(*arguments)
    except Exception as error:
        told = _LONG_LIST.sub(r"\1, …]", str(error))
        problem = f"{type(error).__name__}: {told}".rstrip(": ")
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
