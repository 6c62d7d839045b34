"""A learner's own generator: called on people whom nobody has met, and judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from healthgym_edu.cards import Card, card
from healthgym_edu.data import Cohort, load_cohort
from healthgym_edu.evaluation.fidelity import fidelity
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from .tables_13 import MONTHS, NEVER, NUMBERS, as_cohort, powers

STEP = "call it with train.frame, 50 and 1, and look at the table that it returns"
BLOCK = 12
"""Months that are compared with those of the people known, from the same month on."""

NEARER, MOST = 0.01, 0.10
"""Share of fresh people's blocks that are as near to somebody known, and the most allowed here."""


def judged(value: Any, n_known: int, n: int, bar: float, page: float, seed: int) -> str:
    """Let a function invent people, and two fresh groups judge them; return a sentence.

    Parameters
    ----------
    value : callable
        The answer that arrived.
    n_known, n : int
        People that it may know, and people that it has to make.
    bar, page : float
        The highest AUROC of judge P that passes, and that of the chapter's page.
    seed : int
        Simulates the people.
    """
    if is_blank(value):
        raise NotAttempted
    known = load_cohort("art_hiv", n_patients=n_known, seed=seed)
    made = as_cohort(_called(value, known, n), like=known)
    fresh = [known.fresh(n, seed=seed + more) for more in (1, 2)]
    near = copied(made.frame, known.frame, fresh[0].frame)
    if near > MOST:
        raise Wrong(
            f"{near:.0%} of the years that you made are nearer to somebody known than those of "
            f"fresh people are, where {NEARER:.0%} would be chance: these are copies",
            "draw each month from several people, or from what a model has learned",
        )
    tables = [fidelity(one, made, judges=("P",), replicates=0, bounds=False) for one in fresh]
    auc = float(np.mean([one.set_index("variable")["value"].loc["all columns"] for one in tables]))
    if auc > bar:
        raise Wrong(
            f"judge P tells your people from fresh ones with an AUROC of {auc:.2f}, and the bar is "
            f"{bar:.2f}; our page gets about {page:.2f}",
            "think of something that a record shows and that your model cannot know",
        )
    return (
        f"AUROC of judge P: {auc:.2f} (our page: about {page:.2f}; fresh people: 0.50). "
        f"Of your years, {near:.0%} are as near to somebody known as 1 % of fresh ones are."
    )


def table_from(value: Any, arguments: tuple[Any, ...], step: str) -> pd.DataFrame:
    """Call a learner's function, whose first argument is a table; return one with its columns.

    Raises
    ------
    Wrong, NotAttempted
        No function, one that raises, no such table, or a blank.
    """
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    try:
        made = value(*arguments)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", step) from error
    if is_blank(made):
        raise NotAttempted
    if made is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if isinstance(made, Cohort):
        made = made.frame
    if not isinstance(made, pd.DataFrame):
        raise Wrong(f"your function returned {describe(made)}", "return a DataFrame")
    missing = [name for name in arguments[0] if name not in made]
    if missing:
        raise Wrong(f"your table has no column {missing[0]!r}", step)
    return made


def _called(value: Any, known: Cohort, n: int) -> pd.DataFrame:
    made = table_from(value, (known.frame.copy(), n, 1), STEP)
    return _complete(made, known.frame, n)


def _complete(made: pd.DataFrame, known: pd.DataFrame, n: int) -> pd.DataFrame:
    """Refuse a table that no judge can read; return it sorted."""
    made = made[known.columns].sort_values(["PatientID", "Timestep"], ignore_index=True)
    if made.isna().any(axis=None):
        name = made.columns[made.isna().any()][0]
        raise Wrong(f"in your table, values of {name!r} are missing", STEP)
    size = made.groupby("PatientID").size()
    if len(size) != n or not size.eq(MONTHS).all():
        raise Wrong(
            f"your table has {len(size)} people with {size.min()} to {size.max()} months; "
            f"{n} people with {MONTHS} months each were asked for",
            "return months 0 to 59 of n people",
        )
    if not np.array_equal(made["Timestep"], np.tile(np.arange(MONTHS), n)):
        raise Wrong("the months of a person are not 0 to 59, once each", STEP)
    for name in known.select_dtypes(["category", "bool"]):
        strange = set(made[name].unique()) - set(known[name].unique())
        if strange:
            raise Wrong(f"{name!r} is {strange.pop()!r} somewhere, which nobody has", STEP)
    numbers = made[NUMBERS].to_numpy(float)
    if not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise Wrong("some measurements are negative or infinite", STEP)
    if made.groupby("PatientID")[NEVER].nunique().gt(1).any(axis=None):
        raise Wrong("the sex or ethnicity of a person changes", "make them once for each person")
    return made


def copied(made: pd.DataFrame, known: pd.DataFrame, fresh: pd.DataFrame) -> float:
    """Share of the made years that lie nearer to somebody known than 99 % of fresh ones do."""
    spread = powers(known).std(axis=0)

    def years(frame: pd.DataFrame) -> np.ndarray:
        series = powers(frame) / spread
        return series.reshape(-1, MONTHS // BLOCK, BLOCK * len(NUMBERS)).swapaxes(0, 1)

    near = []
    for ours, theirs, others in zip(years(made), years(known), years(fresh), strict=True):
        limit = np.quantile(cdist(others, theirs).min(axis=1), NEARER)
        near.append((cdist(ours, theirs).min(axis=1) < limit).mean())
    return float(np.mean(near))


def card_of(
    invent: Callable[..., Any],
    train: Cohort,
    truth: float,
    keepers: Callable[[Cohort], float],
    n: int,
) -> Card | str:
    """Return what a learner's generator says about people who keep one regimen, as a card.

    Parameters
    ----------
    invent : callable
        ``invent(known, n, seed)``, as in exercise 4.
    train : Cohort
        The people that it may know.
    truth : float
    keepers : callable
        From a cohort to the number in 100 people.
    n : int
        People to be made.
    """
    try:
        found = _called(invent, train, n)
    except NotAttempted:
        return "Here is your card, once `invent` returns a table."
    except Wrong as error:
        return f"No card yet: {error}"
    share = keepers(as_cohort(found, like=train))
    half = 1.96 * np.sqrt(max(share * (100 - share), 1) / n)
    return card(
        "People who keep one regimen for five years, by your generator", estimate=share,
        interval=(share - half, share + half), truth=truth, unit="in 100 people", cohort=train,
    )  # fmt: skip
