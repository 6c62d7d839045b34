"""What all generators have in common: fit, sample, save."""

from __future__ import annotations

import logging
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..data import Cohort
from ..engine import check_seed
from ..errors import ArgumentError, TrainingError, require_whole
from .codec import Codec
from .layout import Encoded
from .noticing import fit_codec
from .saving import store

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Patients that a network makes at a time."""

MOST_ROUNDS = 200
"""How often patients are drawn anew until enough of them are as they were asked for."""


class Generator(ABC):
    """A model that learns from a cohort and makes patients like them.

    Attributes
    ----------
    codec_ : Codec
        How the training cohort became arrays.
    history_ : DataFrame
        What was lost while it learned.
    steps_, seconds_ : int, float
        How long it learned.
    ended_ : str
        ``"steps"``, or ``"interrupted"`` if somebody stopped it: the weights so far are kept.
    """

    normal: ClassVar[bool] = False  # whether numbers are learned as normal scores

    config: Any
    codec_: Codec
    history_: pd.DataFrame
    steps_: int
    seconds_: float
    ended_: str
    _begun: float

    def fit(
        self,
        cohort: Cohort,
        *,
        seed: int = 0,
        max_steps: int | None = None,
        budget_seconds: float | None = None,
    ) -> Generator:
        """Learn from a cohort.

        Parameters
        ----------
        cohort : Cohort
            Training patients: whole records, of any condition.
        seed : int
            The same seed, steps and machine bring the same model.
        max_steps : int, optional
        budget_seconds : float, optional
            How long it may learn; ``steps_`` then says how many steps that were, and the same
            number as `max_steps` makes the same model again.

        Returns
        -------
        Generator
            Itself.

        Raises
        ------
        ArgumentError
            A cohort that cannot be learned from, two limits, or one that leaves nothing to do.
        TrainingError
            A loss that is no number; the last good weights are kept. Any other error, such as too
            little memory, leaves the model as it was before.
        """
        check_seed(seed)
        limits: dict[str, Any] = {"max_steps": max_steps, "budget_seconds": budget_seconds}
        self._check_limits(**limits)
        before, self._begun = dict(vars(self)), time.perf_counter()
        codec = fit_codec(cohort, self.normal)
        encoded = codec.encode(cohort)
        self.codec_ = codec
        try:
            self._learn(encoded, seed, **limits)
        except TrainingError:
            self.seconds_ = time.perf_counter() - self._begun
            raise
        except BaseException:
            self.__dict__ = before
            raise
        self.seconds_ = time.perf_counter() - self._begun
        if self.ended_ == "interrupted":
            log.warning(
                "Interrupted after %s steps; the model keeps the weights it had.", self.steps_
            )
        return self

    def sample(
        self, n_patients: int, seed: int = 0, like: Mapping[str, Any] | None = None
    ) -> Cohort:
        """Make patients.

        Parameters
        ----------
        n_patients : int
        seed : int
        like : mapping, optional
            What never changes in them, such as ``{"Gender": "Female"}``.

        Returns
        -------
        Cohort
            Fits the schema; its `source` is the name of the model, and nobody decided anything.

        Raises
        ------
        ArgumentError
            A model that has not learned, no patients, or a wish that it cannot fulfil.
        """
        if not hasattr(self, "codec_"):
            raise ArgumentError(
                f"This {type(self).__name__} has not learned from anybody yet: call fit(cohort)."
            )
        require_whole("n_patients", n_patients, 1)
        check_seed(seed)
        encoded = self._draw(int(n_patients), int(seed), dict(like or {}))
        return self.codec_.decode(encoded, type(self).__name__)

    def save(self, folder: str | Path, overwrite: bool = False) -> None:
        """Write the model to a folder; `load_generator` brings it back.

        Raises
        ------
        SourceError
            The folder exists, its place may not be written, or the disk is full; then nothing is
            left of it, and what was there before still is.
        ArgumentError
            A model that has not learned.
        """
        store(self, folder, overwrite)

    def told(self) -> dict[str, Any]:
        """Return what is saved besides weights: how it learned."""
        return {"steps": self.steps_, "seconds": self.seconds_, "ended": self.ended_}

    def restore(self, arrays: dict[str, np.ndarray], told: dict[str, Any]) -> None:
        """Take over what was saved."""
        self.steps_, self.seconds_ = int(told["steps"]), float(told["seconds"])
        self.ended_ = str(told["ended"])
        self._rebuild(arrays, told)

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights by name."""

    @abstractmethod
    def _rebuild(self, arrays: dict[str, np.ndarray], told: dict[str, Any]) -> None: ...

    def _check_limits(self, max_steps: int | None, budget_seconds: float | None) -> None:
        """Refuse limits that leave nothing to do, before anything is forgotten."""
        check_limits(max_steps, budget_seconds)

    @abstractmethod
    def _learn(self, encoded: Encoded, seed: int, **limits: Any) -> None: ...

    @abstractmethod
    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded: ...


def check_limits(max_steps: int | None, budget_seconds: float | None) -> None:
    """Refuse two limits, or one that leaves nothing to do.

    Raises
    ------
    ArgumentError
        Both, a budget of 0 or less, or a number of steps that is not whole and at least 1.
    """
    if max_steps is not None and budget_seconds is not None:
        raise ArgumentError("Give max_steps or budget_seconds, not both.")
    if budget_seconds is not None and not 0 < budget_seconds < np.inf:
        raise ArgumentError(
            f"budget_seconds={budget_seconds!r} leaves no time to learn; 60 is a good start."
        )
    if max_steps is not None:
        require_whole("max_steps", max_steps, 1)


def silent() -> bool | None:
    """Return whether no progress is shown: by ``TQDM_DISABLE``, which tqdm forgets in notebooks.

    None where it is not set: then tqdm looks whether somebody can see it.
    """
    return os.environ.get("TQDM_DISABLE", "0") not in ("", "0") or None


def gather(
    draw: Callable[[int], Encoded],
    codec: Codec,
    n: int,
    like: Mapping[str, Any],
    at_once: int | None = None,
) -> Encoded:
    """Draw, all or so many `at_once`, until `n` patients are as somebody asked for.

    Raises
    ------
    ArgumentError
        A column that is no label that never changes, a level that it does not have, or one that
        hardly anybody has.
    """
    known = {one.name: k for k, one in enumerate(codec.statics) if one.name in codec.facts}
    asked: dict[int, int] = {}  # level by place
    for name, value in like.items():
        if name not in known:
            raise ArgumentError(
                f"like={{{name!r}: ...}}: patients can be asked for by what never changes in "
                f"them and is a label: {', '.join(known)}."
            )
        levels = [level[0] for level in codec.statics[known[name]].levels]
        if value not in levels:
            raise ArgumentError(
                f"like={{{name!r}: {value!r}}}: the levels are {', '.join(map(repr, levels))}."
            )
        asked[known[name]] = levels.index(value)
    found: list[Encoded] = []
    for _ in range(MOST_ROUNDS):
        sizes = [min(at_once or n, n - begin) for begin in range(0, n, at_once or n)]
        drawn = Encoded.together(list(map(draw, sizes)))
        fits = (drawn.statics[:, list(asked)] == list(asked.values())).all(axis=1)
        found.append(drawn.of(np.flatnonzero(fits)))
        if sum(map(len, found)) >= n:
            return Encoded.together(found).of(np.arange(n))
    raise ArgumentError(
        f"Of {MOST_ROUNDS * n:,} people drawn only {sum(map(len, found)):,} were like {like}: "
        "hardly anybody is. Ask for fewer, or for something more common."
    )
