"""What a condition must offer to be simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..schema import Schema

if TYPE_CHECKING:
    from .noise import Noise


class Simulator(Protocol):
    """What a condition must offer.  ``state`` is the condition's own dataclass of arrays (n,) or
    (n, k), with its ``noise`` and its ``step``: one number, or (n,) where patients are in different
    steps.  The dead are advanced with the others, and nobody looks at what becomes of them.

    ``rows`` is an integer array of the patients asked about; actions are indices into
    ``actions``, and ``actions[0]`` is no treatment.  ``protocol`` is a guideline, a function of
    observations.  ``reward`` is asked after ``advance``: what the step just lived is worth, 0 for
    those who were dead before it; ``rewards`` are its names, the default first.  ``action_sets``
    are the ways to name an action, the default (``actions`` themselves) first; ``translate`` turns
    a choice from one of them into an action.  ``bedside`` are the columns of a
    bedside chart with their scale ("log" or "linear") and the least range shown; ``clock`` is
    what a step is called.

    With ``takes_numbers = True`` a simulator says that ``measure``, ``advance``, ``reward``,
    ``deciding``, ``alive`` and ``record`` also work on the state of one patient in single numbers,
    of shape (), where fields are otherwise arrays: several times faster than arrays of length 1
    (see :mod:`.numbers`); with ``acts_in_numbers = True`` also ``act``, whose ``rows`` are then
    ``()``.  With a method ``exogenous`` a simulator turns drawn noise into other noise, once for a
    block: what follows from chance alone need not be found again at each step.
    """

    condition: str
    schema: Schema
    n_steps: int
    actions: tuple[str, ...]
    observation_names: tuple[str, ...]
    observation_bounds: tuple[np.ndarray, np.ndarray]
    rewards: tuple[str, ...]
    action_sets: Mapping[str, tuple[str, ...]]
    bedside: Mapping[str, tuple[str, float, float]]
    clock: str
    static_noise: Mapping[str, str | tuple[str, int]]
    step_noise: Mapping[str, str | tuple[str, int]]

    def start(self, noise: Noise) -> Any: ...
    def measure(self, state: Any) -> None: ...
    def deciding(self, state: Any) -> np.ndarray: ...
    def observe(self, state: Any, rows: np.ndarray) -> np.ndarray: ...
    def admissible(self, state: Any, rows: np.ndarray) -> np.ndarray: ...
    def clinician(self, state: Any, rows: np.ndarray) -> np.ndarray: ...
    def protocol(self, observations: np.ndarray) -> np.ndarray: ...
    def translate(
        self, action_set: str, state: Any, rows: np.ndarray, choice: np.ndarray
    ) -> np.ndarray: ...
    def act(self, state: Any, rows: np.ndarray, action: np.ndarray) -> None: ...
    def record(self, state: Any) -> dict[str, np.ndarray]: ...
    def advance(self, state: Any) -> None: ...
    def reward(self, state: Any, name: str = "course") -> np.ndarray: ...
    def finish(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]: ...
    def describe(self, state: Any) -> dict[str, np.ndarray]: ...
    def alive(self, state: Any) -> np.ndarray: ...
    def outcome(self, state: Any) -> dict[str, np.ndarray]: ...
