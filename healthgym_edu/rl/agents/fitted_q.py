"""Fitted Q iteration with boosted trees, among what clinicians do often enough.

Q, what an action is worth from here on, is learned again and again: round k tells the best of k
decisions by the reward of one and what round k - 1 says of the next (Ernst, Geurts and Wehenkel,
*Tree-based batch mode reinforcement learning*, JMLR 6, 2005).  The best is sought only among
actions that clinicians take, here, at least ``trust`` times as often as their commonest one (the
rule of BCQ): elsewhere nobody knows what Q is, and the maximum finds just the errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from ..batch import Transitions
from .base import Agent, best, factors, usual, with_actions_of
from .cloning import Clone
from .trees import Trees


@dataclass(frozen=True)
class FittedQConfig:
    """What can be set of a `FittedQ`.

    Attributes
    ----------
    trust : float
        0 for all actions, 1 for the commonest only.
    rounds : int
        So many decisions ahead it looks; 0 for as many as the longest course has.
    discount : float
        Per decision.
    trees, leaf : int
        Of each round's regression: their number, and the fewest records in a leaf.
    """

    trust: float = 0.3
    rounds: int = 0
    discount: float = 1.0
    trees: int = 150
    leaf: int = 50


class FittedQ(Agent):
    """Fitted Q iteration with boosted trees.

    Attributes
    ----------
    value_ : list of float
        After each round, what it believes to be worth at the patients' first decisions.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=200))
    >>> agent = hg.rl.FittedQ(hg.rl.FittedQConfig(rounds=2, trees=20)).fit(batch)
    >>> sorted({float(p) for p in agent(batch.view[:50]).ravel()})
    [0.0, 1.0]
    """

    def __init__(self, config: FittedQConfig = FittedQConfig()):
        self.config = config

    def learn(self, batch: Transitions, rng: np.random.Generator) -> None:
        config, self.of_ = self.config, factors(batch.actions)
        self.clone_ = Clone.of(batch, 60, rng)
        allowed = usual(self.clone_(batch.observation), batch.admissible, config.trust)
        done = with_actions_of(batch.observation, batch.action, self.of_)
        follows = np.flatnonzero(~batch.terminated)  # the next row is the next decision
        first, target, self.value_ = batch.begins, batch.reward, []
        for _ in range(config.rounds or int(batch.index.max()) + 1):
            self.model_ = HistGradientBoostingRegressor(
                max_iter=config.trees, min_samples_leaf=config.leaf, early_stopping=False,
                random_state=int(rng.integers(2**31)),
            ).fit(done, target)  # fmt: skip
            highest = self.q(batch.observation, allowed).max(axis=1)
            self.value_.append(float(highest[first].mean()))
            target = batch.reward.copy()
            target[follows] += config.discount * highest[follows + 1]
        self.trees_ = Trees.of(self.model_)

    def q(self, seen: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """Return the worth of allowed actions, shape (n, a); -inf of the others."""
        row, action = np.nonzero(allowed)
        asked = with_actions_of(seen[row], action, self.of_)
        worth = np.full(allowed.shape, -np.inf)
        model = getattr(self, "model_", None)
        worth[row, action] = self.trees_(asked)[:, 0] if model is None else model.predict(asked)
        return worth

    def choose(self, seen: np.ndarray, admissible: np.ndarray) -> np.ndarray:
        allowed = usual(self.clone_(seen), admissible, self.config.trust)
        return best(self.q(seen, allowed), allowed)

    def arrays(self) -> dict[str, np.ndarray]:
        return self.clone_.arrays() | self.trees_.arrays("q")

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        self.of_ = factors(self.trained_.actions)
        self.clone_ = Clone.restored(arrays, len(self.trained_.actions))
        self.trees_ = Trees.restored(arrays, "q")
