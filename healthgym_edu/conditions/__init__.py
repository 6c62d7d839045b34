"""The conditions of the course: everything particular to one lives in its own room."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from ..errors import ArgumentError
from ..schema import Schema
from ..simulator import Simulator

CONDITIONS: tuple[str, ...] = ("art_hiv", "sepsis", "hypotension")
"""Names that :func:`get_condition` and ``hg.load_cohort`` know."""


@dataclass(frozen=True)
class Condition:
    """A condition's name, columns and simulator, and the size of its published cohort.

    ``trial_results`` simulates what calibration holds against published trials: from a seed to
    named figures.
    """

    name: str
    schema: Schema
    simulator: Simulator
    default_patients: int
    trial_results: Callable[[int], dict[str, float]] | None = None


def get_condition(name: str) -> Condition:
    """Return a condition by name.

    Raises
    ------
    ArgumentError
        If there is no such condition; the message lists those there are.
    """
    if name not in CONDITIONS:
        near = difflib.get_close_matches(str(name), CONDITIONS, n=1, cutoff=0.4)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        raise ArgumentError(
            f"There is no condition {name!r}. The conditions are: "
            f"{', '.join(map(repr, CONDITIONS))}.{guess}"
        )
    return _load(name)


@cache
def _load(name: str) -> Condition:
    return import_module(f".{name}", __package__).CONDITION
