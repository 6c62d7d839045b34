"""What a model that writes one step after the other knows of the steps before.

`History` is fed with one step of many patients at a time, in training and in sampling alike, so
that a feature cannot mean one thing here and another there.
"""

from __future__ import annotations

import numpy as np

from .layout import Encoded, Label, Plan

FADING = (0.5, 0.8, 0.95)
"""How much of a moving average is left after a step."""

FIRST_STEPS = 4
"""Steps that have a mark of their own."""


class History:
    """Features of the past of `n` patients.

    Parameters
    ----------
    plan : Plan
    statics : ndarray of int, shape (n, a)
    static_numbers : ndarray, shape (n, b)
    lengths : ndarray of int, shape (n,)
    """

    def __init__(
        self,
        plan: Plan,
        statics: np.ndarray,
        static_numbers: np.ndarray,
        lengths: np.ndarray,
        n_steps: int,
    ):
        n, p, q = len(statics), len(plan.numbers), len(plan.labels)
        self.plan, self.step, self.n_steps, self.lengths = plan, 0, n_steps, lengths
        self.fixed = np.hstack([one_hot(plan.statics, statics), static_numbers]).astype(np.float32)
        self.flag_at = np.array([k for k, one in enumerate(plan.labels) if one.is_flag], dtype=int)
        self.moving_at = np.array([k for k in range(q) if k not in self.flag_at], dtype=int)
        place = plan.flags
        flag_of = [place[one.flag] if one.flag else -1 for one in plan.numbers]
        self.flag_of = np.array(flag_of, dtype=int)
        self.levels = np.full((n, q), -1)
        self.since = np.zeros((n, q), dtype=np.float32)  # steps since a change, or since a flag
        self.often = np.zeros((n, q), dtype=np.float32)  # how many of them there were
        self.fading = np.zeros((len(FADING), n, len(self.flag_at)), dtype=np.float32)
        self.lags = np.zeros((3, n, p), dtype=np.float32)
        self.average = np.zeros((len(FADING), n, p), dtype=np.float32)
        self.count = np.zeros((n, p), dtype=np.float32)  # of new values
        self.total = np.zeros((n, p), dtype=np.float32)
        self.squares = np.zeros((n, p), dtype=np.float32)
        self.first = np.zeros((n, p), dtype=np.float32)
        self.atoms = np.zeros((n, p), dtype=int)

    @staticmethod
    def width(plan: Plan) -> int:
        """Return how many features there are."""
        nobody = np.zeros((1, len(plan.statics)), dtype=int)
        numbers = np.zeros((1, len(plan.static_numbers)))
        return History(plan, nobody, numbers, np.ones(1, dtype=int), 1).features().shape[1]

    def features(self) -> np.ndarray:
        """Return what is known before the step that comes, shape (n, d)."""
        n = len(self.levels)
        left = np.log1p(np.maximum(self.lengths - self.step, 0))[:, None]
        time = np.zeros((n, FIRST_STEPS + 3), dtype=np.float32)
        time[:, 0], time[:, 1] = self.step / self.n_steps, np.log1p(self.step) / 3
        time[:, 2:3] = left / 3 if not self.plan.schema.equal_length else 0.0
        if self.step < FIRST_STEPS:
            time[:, 3 + self.step] = 1
        known = np.minimum(self.count, 1)
        mean = self.total / np.maximum(self.count, 1)
        spread = np.sqrt(np.maximum(self.squares / np.maximum(self.count, 1) - mean**2, 0))
        moving = [self.plan.labels[k] for k in self.moving_at]
        parts = [
            self.fixed, time, one_hot(moving, self.levels[:, self.moving_at]),
            self.levels[:, self.flag_at] > 0, np.log1p(self.since) / 2, np.log1p(self.often) / 2,
            *self.fading, *self.lags, *self.average, mean, spread, self.first, known,
            np.log1p(self.count) / 2, self.atoms > 0,
        ]  # fmt: skip
        return np.hstack(parts).astype(np.float32)

    def add(self, levels: np.ndarray, numbers: np.ndarray, atoms: np.ndarray) -> None:
        """Take note of one step: its arrays as in `Encoded`, shapes (n, q), (n, p), (n, p)."""
        raised = levels > 0
        event = np.where(self._is_flag, raised, (levels != self.levels) & (self.levels >= 0))
        self.since = np.where(event, 0, self.since + 1).astype(np.float32)
        self.often += event
        flags = raised[:, self.flag_at]
        for k, fade in enumerate(FADING):
            self.fading[k] = fade * self.fading[k] + (1 - fade) * flags
        free = np.ones(len(levels), dtype=bool)
        new = np.column_stack(
            [free if k < 0 else raised[:, k] for k in self.flag_of] or [free[:, None][:, :0]]
        )
        begins = new & (self.count == 0)
        self.first = np.where(begins, numbers, self.first)
        lags = np.stack([numbers, self.lags[0], self.lags[1]])
        self.lags = np.where(begins, numbers, np.where(new, lags, self.lags)).astype(np.float32)
        for k, fade in enumerate(FADING):
            moved = fade * self.average[k] + (1 - fade) * numbers
            self.average[k] = np.where(begins, numbers, np.where(new, moved, self.average[k]))
        self.count += new
        self.total += np.where(new, numbers, 0)
        self.squares += np.where(new, numbers**2, 0)
        self.levels, self.atoms = levels.copy(), atoms.copy()
        self.step += 1

    @property
    def _is_flag(self) -> np.ndarray:
        return np.isin(np.arange(len(self.plan.labels)), self.flag_at)


def one_hot(labels: tuple[Label, ...] | list[Label], levels: np.ndarray) -> np.ndarray:
    """Return a column of 0 and 1 for each label of each column, shape (n, d); -1 is all 0.

    A regimen has the columns of its parts, so that rare combinations share what they have in
    common.
    """
    parts = [np.zeros((len(levels), 0), dtype=np.float32)]
    for k, label in enumerate(labels):
        table = codes_of(label)
        row = np.vstack([table, np.zeros_like(table[:1])])  # the last row is for -1
        parts.append(row[levels[:, k]])
    return np.hstack(parts)


def codes_of(label: Label) -> np.ndarray:
    """Return the 0 and 1 of each level, shape (n_levels, d); one column where there are two."""
    parts = []
    for column in zip(*label.levels, strict=True):
        known = list(dict.fromkeys(column))
        codes = np.array([[one == other for other in known] for one in column], dtype=np.float32)
        parts.append(codes[:, 1:] if len(known) <= 2 else codes)
    return np.hstack(parts)


def features_of(plan: Plan, encoded: Encoded) -> np.ndarray:
    """Return the features before every step of whole records, shape (n, n_steps, d)."""
    n_steps = encoded.levels.shape[1]
    history = History(plan, encoded.statics, encoded.static_numbers, encoded.lengths, n_steps)
    found = []
    for step in range(n_steps):
        found.append(history.features())
        history.add(encoded.levels[:, step], encoded.numbers[:, step], encoded.atoms[:, step])
    return np.stack(found, axis=1)
