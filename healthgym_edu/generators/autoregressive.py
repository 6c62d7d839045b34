"""How records are written one step after the other, and what is known of the steps before.

`History` is fed with one step of many patients at a time, in training and in sampling alike, so
that a feature cannot mean one thing here and another there.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np

from .base import Generator, gather
from .codec import Codec
from .layout import Encoded, seen

FADING = np.array([0.5, 0.8, 0.95])[:, None, None]
"""How much of a moving average is left after a step."""

FIRST_STEPS = 4
"""Steps that have a mark of their own."""

PATIENCE = 2
"""Steps added to those that were, before somebody's share of a label counts as a habit."""


def coded(codec: Codec) -> list[int]:
    """Return the places of the labels and flags among the columns."""
    return [k for k, one in enumerate(codec.columns) if not one.scale]


def width_of_habits(codec: Codec) -> int:
    """Return how many features, the first ones, say how often somebody had each label."""
    return sum(codec.columns[k].width for k in coded(codec))


class History:
    """Features of the past of the patients in `encoded`, of whom only the statics are read."""

    def __init__(self, codec: Codec, encoded: Encoded):
        self.codec, self.encoded, self.step = codec, encoded, 0
        self.fixed = seen(codec.statics, encoded.statics, encoded.static_values)
        places = np.arange(len(codec.columns))
        kind = np.array([2 if one.is_flag else bool(one.scale) for one in codec.columns], dtype=int)
        self.labels, self.numbers, self.flags = (places[kind == one] for one in (0, 1, 2))
        self.coded = np.array(coded(codec), dtype=int)
        n, p, shape = len(encoded), len(self.numbers), (len(encoded), len(places))
        self.levels = np.tile([one.unseen for one in codec.columns], (n, 1)).astype(int)
        self.values = np.zeros(shape)
        self.since = np.zeros(shape)  # steps since a change, a raised flag, or a new value
        self.often = np.zeros(shape)  # how many of them there were
        self.had = np.zeros((n, width_of_habits(codec)))  # steps with each label
        self.fading = np.zeros((len(FADING), n, len(self.flags)))
        self.lags = np.zeros((3, n, p))
        self.average = np.zeros((len(FADING), n, p))
        self.total, self.squares, self.first = (np.zeros((n, p)) for _ in range(3))

    def features(self) -> np.ndarray:
        """Return what is known before the step that comes, shape (n, d)."""
        n, n_steps = len(self.encoded), self.codec.schema.n_steps
        time = np.zeros((n, FIRST_STEPS + 3))
        time[:, 0], time[:, 1] = self.step / n_steps, np.log1p(self.step) / 3
        if not self.codec.schema.equal_length:
            time[:, 2] = np.log1p(np.maximum(self.encoded.lengths - self.step, 0)) / 3
        if self.step < FIRST_STEPS:
            time[:, 3 + self.step] = 1
        count = np.maximum(self.often[:, self.numbers], 1)
        mean = self.total / count
        spread = np.sqrt(np.maximum(self.squares / count - mean**2, 0))
        parts = [
            self.had / (self.step + PATIENCE), self.fixed, time, self._seen(self.labels),
            self.levels[:, self.flags] > 0, self._atoms(),
            np.log1p(self.since) / 2, np.log1p(self.often) / 2,
            *self.fading, *self.lags, *self.average, mean, spread, self.first,
        ]  # fmt: skip
        return np.hstack(parts).astype(np.float32)

    def _seen(self, places: np.ndarray) -> np.ndarray:
        """Return the labels of the last step as models see them."""
        shown = tuple(self.codec.columns[k] for k in places)
        return seen(shown, self.levels[:, places], self.values[:, places])

    def _atoms(self) -> np.ndarray:
        """Return which single value that many rows share each number was, if any."""
        codes = [self.codec.columns[k].codes[self.levels[:, k]] for k in self.numbers]
        return np.hstack([np.zeros((len(self.encoded), 0)), *codes])

    def add(self, levels: np.ndarray, values: np.ndarray) -> None:
        """Take note of one step: its arrays as in `Encoded`, shape (n, m) both."""
        raised, new = levels > 0, self.codec.drawn(levels)
        event = new.copy()
        event[:, self.flags] = raised[:, self.flags]
        moved = (levels != self.levels) & (self.levels >= 0)
        event[:, self.labels] = moved[:, self.labels]
        begins, new = (self.often == 0)[:, self.numbers], new[:, self.numbers]
        self.since = np.where(event, 0, self.since + 1)
        self.often = self.often + event
        self.fading = FADING * self.fading + (1 - FADING) * raised[:, self.flags]
        numbers = values[:, self.numbers]
        lags = np.stack([numbers, self.lags[0], self.lags[1]])
        average = FADING * self.average + (1 - FADING) * numbers
        start = new & begins
        self.lags = np.where(start, numbers, np.where(new, lags, self.lags))
        self.average = np.where(start, numbers, np.where(new, average, self.average))
        self.first = np.where(start, numbers, self.first)
        self.total = self.total + np.where(new, numbers, 0)
        self.squares = self.squares + np.where(new, numbers**2, 0)
        self.levels, self.values = levels.copy(), values.copy()
        self.had = self.had + self._seen(self.coded)
        self.step += 1


def features_of(codec: Codec, encoded: Encoded) -> np.ndarray:
    """Return the features before every step of whole records, shape (n, n_steps, d)."""
    history, found = History(codec, encoded), []
    for step in range(encoded.levels.shape[1]):
        found.append(history.features())
        history.add(encoded.levels[:, step], encoded.values[:, step])
    return np.stack(found, axis=1)


def width_of(codec: Codec) -> int:
    """Return how many features a step has."""
    statics = np.zeros((1, len(codec.statics)), dtype=int)
    return History(codec, codec.beginners(statics, statics)).features().shape[1]


class Autoregressive(Generator):
    """A generator that draws what never changes, and then each step from what was before."""

    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        codec, rng, written, memory = self.codec_, self._luck(seed), [], None
        people = gather(lambda some: codec.beginners(*self._statics(some, rng)), codec, n, like)
        history = History(codec, people)
        for _ in range(codec.schema.n_steps):
            levels, values, memory = self._step(history, memory, rng)
            history.add(levels, values)
            written.append((levels, values))
        levels, values = (np.stack(part, axis=1) for part in zip(*written, strict=True))
        return replace(people, levels=levels, values=values)

    def _luck(self, seed: int) -> Any:
        return np.random.default_rng(seed)

    @abstractmethod
    def _statics(self, n: int, rng: Any) -> tuple[np.ndarray, np.ndarray]:
        """Draw levels and values of the statics, shape (n, a) both."""

    @abstractmethod
    def _step(self, history: History, memory: Any, rng: Any) -> tuple[np.ndarray, np.ndarray, Any]:
        """Draw levels and values of one step, shape (n, m) both; and what a model remembers."""
