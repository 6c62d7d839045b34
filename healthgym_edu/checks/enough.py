"""Open exercises: who is handed in has to be enough people to learn from, and to be judged by."""

from __future__ import annotations

from healthgym_edu.data import Cohort
from healthgym_edu.exercises import Wrong

LEAST = 1000
"""How many people a function has to learn from."""


def require_people(cohort: Cohort, keyword: str, who: str = "people") -> None:
    """Demand a cohort to learn from, not a handful of its people.

    Parameters
    ----------
    cohort : Cohort
        What was handed in; a file is divided, and half of its people are learned from.
    keyword : str
        By which it was handed in: ``"art"``.
    who : str
        What to call its people.

    Raises
    ------
    Wrong
        Fewer than a thousand.
    """
    known = len(cohort) if cohort.recipe is not None else len(cohort) // 2
    if known < LEAST:
        raise Wrong(
            f"`{keyword}` leaves {known:,} {who} to learn from, and {LEAST:,} are needed",
            f"pass the cohort of the chapter: {keyword}={keyword}",
        )
