"""Judge a rule of treatment on patients whom nobody has met, against the clinicians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.conditions import get_mechanism
from healthgym_edu.data import policy_value
from healthgym_edu.exercises import NotAttempted, Wrong, budget
from healthgym_edu.exercises.placeholder import is_blank

from .strangers import SEED_WHEN_STRICT, _call, seed_of_a_check

PATIENTS = 5000
GAIN = 0.10
"""By how much the return must exceed that of the clinicians."""

CONDITION, ACTIONS = "sepsis", {"actions": "relative"}
COLUMNS = [one.name for one in get_mechanism(CONDITION).observed]
LABELS = tuple(get_mechanism(CONDITION).action_sets["relative"])
ONE_EACH = "return one label for each row, such as 'fluid 1-180, vasopressor hold'"


def judge_rule(value: Any) -> str:
    """Treat patients by a rule; return what it gained.

    Raises
    ------
    Wrong, NotAttempted
        No function, one that raises, no label for each row, or a rule that gains too little.
    """
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    met: set[int] = set()

    def policy(observations: np.ndarray) -> np.ndarray:
        seen = pd.DataFrame(observations, columns=COLUMNS)
        chosen = _labels(_call(value, seen), len(seen))
        met.update(chosen.tolist())
        return np.eye(len(LABELS))[chosen]

    n = budget(PATIENTS, quick=2000)
    people = {"n_patients": n, "seed": seed_of_a_check(SEED_WHEN_STRICT) + 1_000_000}
    gained = _value(policy, people).minus(_value("clinician", people)).value
    told = f"its return is {gained:+.2f} above that of the clinicians"
    if gained < 0:
        told = f"its return is {-gained:.2f} below that of the clinicians"
    if len(met) == 1:
        raise Wrong(f"your rule does the same for everybody, and {told}", "look at the pressure")
    if gained < 0:
        step = "raise at a low pressure, lower at a high one, and give fluid only where needed"
        raise Wrong(f"your rule harms: {told}", step)
    if gained < GAIN:
        step = f"reach {GAIN:.2f}: at which pressure does your rule act, and when does it stop"
        raise Wrong(f"your rule gains too little: {told}", step)
    return f"I{told[1:]}, on {n:,} patients whom nobody had met."


def _value(policy: str | Callable[[np.ndarray], np.ndarray], people: dict[str, Any]) -> Any:
    return policy_value(CONDITION, policy, **people, actions=ACTIONS["actions"])


def _labels(said: Any, n: int) -> np.ndarray:
    """Return the positions of the labels that were returned."""
    if is_blank(said):
        raise NotAttempted
    if said is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if isinstance(said, str) or not hasattr(said, "__len__"):
        raise Wrong("your function returned a single answer for all rows", ONE_EACH)
    told = [str(one) for one in np.asarray(said, dtype=object).ravel()]
    if len(told) != n:
        raise Wrong(f"your function returned {len(told):,} labels for {n:,} rows", ONE_EACH)
    position = {label: k for k, label in enumerate(LABELS)}
    for one in told:
        if one not in position:
            raise Wrong(f"{one!r} is no action here", f"the actions are: {'; '.join(LABELS)}")
    return np.array([position[one] for one in told])
