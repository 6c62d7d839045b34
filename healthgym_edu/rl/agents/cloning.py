"""Behaviour cloning: do what clinicians mostly do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from ..batch import Transitions
from .base import Agent, best
from .trees import Trees


@dataclass(frozen=True)
class CloningConfig:
    """What can be set of a `BehaviourCloning`.

    Attributes
    ----------
    greedy : bool
        Whether it always does the commonest thing, rather than all things as often as clinicians.
    rounds : int
        Of boosting.
    """

    greedy: bool = True
    rounds: int = 60


def _habits(rounds: int, seed: int) -> HistGradientBoostingClassifier:
    """Return an unfitted model of how often each action is taken.

    Small trees: larger ones are sure of what two or three clinicians once did.
    """
    return HistGradientBoostingClassifier(
        max_iter=rounds, max_leaf_nodes=4, min_samples_leaf=100, l2_regularization=10.0,
        early_stopping=False, random_state=seed,
    )  # fmt: skip


class Clone:
    """How often clinicians take each action, by boosted trees."""

    def __init__(self, trees: Trees, labels: np.ndarray, n_actions: int, model: Any = None):
        self.trees, self.labels, self.n_actions = trees, labels, n_actions
        self.model = model  # faster than its trees, as long as it is not stored

    @classmethod
    def of(cls, batch: Transitions, rounds: int, rng: np.random.Generator) -> Clone:
        """Learn it from records."""
        model = _habits(rounds, int(rng.integers(2**31))).fit(batch.observation, batch.action)
        return cls(Trees.of(model), model.classes_, len(batch.actions), model)

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """Return probabilities, shape (n, a)."""
        share = np.zeros((len(seen), self.n_actions))
        if self.model is not None:
            share[:, self.labels] = self.model.predict_proba(seen)
            return share
        score = self.trees(seen)
        if score.shape[1] == 1:  # of two actions one score is learned
            score = np.hstack([np.zeros_like(score), score])
        odds = np.exp(score - score.max(axis=1, keepdims=True))
        share[:, self.labels] = odds / odds.sum(axis=1, keepdims=True)
        return share

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what is stored."""
        return self.trees.arrays("clone") | {"labels": self.labels.astype(np.int64)}

    @classmethod
    def restored(cls, arrays: dict[str, np.ndarray], n_actions: int) -> Clone:
        """Return what was stored."""
        return cls(Trees.restored(arrays, "clone"), arrays["labels"], n_actions)


class BehaviourCloning(Agent):
    """Do what clinicians mostly do in such a situation (or, not greedy, as often as they do).

    No reward is looked at, so nothing can be hoped for but the clinicians' good habits without
    their slips.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=100))
    >>> agent = hg.rl.BehaviourCloning().fit(batch)
    >>> agent(batch.view[:2]).shape
    (2, 16)
    """

    def __init__(self, config: CloningConfig = CloningConfig()):
        self.config = config

    def learn(self, batch: Transitions, rng: np.random.Generator) -> None:
        self.clone_ = Clone.of(batch, self.config.rounds, rng)

    def choose(self, seen: np.ndarray, admissible: np.ndarray) -> np.ndarray:
        share = np.where(admissible, np.maximum(self.clone_(seen), 1e-12), 0.0)
        if self.config.greedy:
            return best(share, admissible)
        return share / share.sum(axis=1, keepdims=True)

    def arrays(self) -> dict[str, np.ndarray]:
        return self.clone_.arrays()

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        self.clone_ = Clone.restored(arrays, len(self.trained_.actions))
