"""How often clinicians take each action, learned part by part, as an order is written.

An action such as *fluid 250, vasopressor 1* is two choices: the second, given the first.  Two
models of four levels each learn them from far fewer records than one model of sixteen actions:

    P(fluid, vasopressor | seen) = P(fluid | seen) · P(vasopressor | fluid, seen)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier

from .agents.base import factors

LEAST = 2e-4
"""Least probability of an action: nobody is sure that something is never done."""


@dataclass(frozen=True, eq=False)
class Habits:
    """Learned probabilities of actions: called with what is seen, (n, d), they are (n, a).

    Attributes
    ----------
    parts : ndarray of int, shape (a, parts)
        Actions as numbers, `factors`.
    models : tuple of classifiers
        Of each part, from what is seen and the parts before it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> seen, action = rng.normal(size=(500, 2)), rng.integers(4, size=500)
    >>> labels = ("fluid 0, dose 0", "fluid 0, dose 1", "fluid 250, dose 0", "fluid 250, dose 1")
    >>> made = Habits.of(seen, action, labels, rounds=1)(seen)
    >>> bool(abs(made.sum(axis=1) - 1).max() < 1e-12), bool(abs(made - 0.25).max() < 0.1)
    (True, True)
    """

    parts: np.ndarray
    models: tuple[ClassifierMixin, ...]

    @classmethod
    def of(
        cls, seen: np.ndarray, action: np.ndarray, labels: tuple[str, ...], rounds: int = 30,
        seed: int = 0,
    ) -> Habits:  # fmt: skip
        """Learn them from decisions, in so many rounds of boosting."""
        parts, models = factors(labels), []
        for place in range(parts.shape[1]):
            done = parts[action, place]
            model = DummyClassifier() if np.ptp(done) == 0 else HistGradientBoostingClassifier(
                max_iter=rounds, learning_rate=0.15, max_leaf_nodes=8, min_samples_leaf=50,
                l2_regularization=10.0, early_stopping=False, random_state=seed,
            )  # fmt: skip
            models.append(model.fit(np.hstack([seen, parts[action, :place]]), done))
        return cls(parts, tuple(models))

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """Return the probability of every action, at least `LEAST`."""
        share = np.ones((len(seen), len(self.parts)))
        for place, model in enumerate(self.models):
            for before in {tuple(one) for one in self.parts[:, :place].tolist()}:
                asked = np.hstack([seen, np.tile(before, (len(seen), 1))])
                given = model.predict_proba(asked)
                for action in np.flatnonzero((self.parts[:, :place] == before).all(axis=1)):
                    known = model.classes_ == self.parts[action, place]
                    share[:, action] *= given[:, known].sum(axis=1)  # 0 if it was never done
        share /= share.sum(axis=1, keepdims=True)
        return LEAST + (1 - LEAST * share.shape[1]) * share
