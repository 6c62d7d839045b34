"""How records are written one step after the other, whatever draws their variables."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np

from .base import Generator, gather
from .history import History
from .layout import Encoded


class Autoregressive(Generator):
    """A generator that draws what never changes, and then each step from what was before."""

    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        plan, rng, written, memory = self.codec_, self._luck(seed), [], None
        people = gather(lambda some: self._people(some, rng), plan, n, like)
        history = History(plan, people)
        for _ in range(plan.schema.n_steps):
            levels, values, memory = self._step(history, memory, rng)
            history.add(levels, values)
            written.append((levels, values))
        levels, values = (np.stack(part, axis=1) for part in zip(*written, strict=True))
        return replace(people, levels=levels, values=values)

    def _people(self, n: int, rng: Any) -> Encoded:
        statics, values = self._statics(n, rng)
        nothing = np.zeros((n, 0, len(self.codec_.columns)))
        lengths = self.codec_.lengths(statics)
        return Encoded(statics, values, nothing.astype(int), nothing, lengths)

    def _luck(self, seed: int) -> Any:
        return np.random.default_rng(seed)

    @abstractmethod
    def _statics(self, n: int, rng: Any) -> tuple[np.ndarray, np.ndarray]:
        """Draw levels and values of the statics, shape (n, a) both."""

    @abstractmethod
    def _step(self, history: History, memory: Any, rng: Any) -> tuple[np.ndarray, np.ndarray, Any]:
        """Draw levels and values of one step, shape (n, m) both; and what a model remembers."""
