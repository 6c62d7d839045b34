"""Policy iteration on states made by k-means: the AI Clinician's way.

Patients who look alike are one state; counts of what followed what are a Markov decision process,
solved by policy iteration (Howard 1960; Komorowski et al., *Nature Medicine* 24, 2018, with 750
states).  Pairs seen too rarely are left out: else what nobody did wins where nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve
from sklearn.cluster import KMeans

from ...errors import ArgumentError
from ..batch import Transitions
from .base import Agent, best, scaling


@dataclass(frozen=True)
class TabularConfig:
    """What can be set of a `TabularPolicyIteration`.

    Attributes
    ----------
    states : int
        Clusters.  0: the only feature is the number of a state already.
    fewest : int
        Records that a pair of state and action needs.
    discount : float
        Per decision.
    """

    states: int = 500
    fewest: int = 6
    discount: float = 0.99


class TabularPolicyIteration(Agent):
    """Policy iteration on states made by k-means.

    Attributes
    ----------
    q_, counts_ : ndarray, shape (states, a)
        The worth of each action under the policy found (-inf where records are too few); records.
    centres_ : ndarray, shape (states, d)
        Of standardised features.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=300))
    >>> agent = hg.rl.TabularPolicyIteration(hg.rl.TabularConfig(states=20)).fit(batch)
    >>> agent.q_.shape, len(np.unique(agent.state(batch.observation)))
    ((20, 16), 20)
    """

    def __init__(self, config: TabularConfig = TabularConfig()):
        self.config = config

    def learn(self, batch: Transitions, rng: np.random.Generator) -> None:
        config, seen, a = self.config, batch.observation, len(batch.actions)
        self.mean_, self.scale_ = scaling(seen)
        if config.states == 0:
            both = np.vstack([seen, batch.next_observation])
            if both.shape[1] != 1 or (both < 0).any() or (both != both.round()).any():
                raise ArgumentError("states=0 needs one feature: the number of a state, from 0.")
            self.mean_, self.scale_ = np.zeros(1), np.ones(1)
            self.centres_ = np.arange(both.max() + 1)[:, None]
        elif config.states > len(batch):
            raise ArgumentError(f"states is {config.states}; there are {len(batch):,} decisions.")
        else:
            clusters = KMeans(config.states, n_init=1, random_state=int(rng.integers(2**31)))
            self.centres_ = clusters.fit((seen - self.mean_) / self.scale_).cluster_centers_
        n_states, state = len(self.centres_), self.state(seen)
        pair, a_pairs = state * a + batch.action, n_states * a
        counts = np.bincount(pair, minlength=a_pairs)
        reward = np.bincount(pair, batch.reward, minlength=a_pairs) / np.maximum(counts, 1)
        follows = np.flatnonzero(~batch.terminated)
        leads = sparse.csr_array(
            (1.0 / counts[pair[follows]], (pair[follows], state[follows + 1])), (a_pairs, n_states)
        )  # duplicates add up: shares of next states, the rest of each row ends
        self.counts_ = counts.reshape(n_states, a)
        known = self.counts_ >= config.fewest
        known |= (self.counts_ == self.counts_.max(axis=1, keepdims=True)) & (self.counts_ > 0)
        policy = self.counts_.argmax(axis=1)
        while True:  # evaluate the policy, improve it; each is better than the last, so it ends
            rows = np.arange(n_states) * a + policy
            moves = sparse.eye_array(n_states) - config.discount * leads[rows]
            value = spsolve(moves.tocsc(), reward[rows])
            if not np.isfinite(value).all():
                raise ArgumentError("Some courses never end here; take a discount below 1.")
            q = (reward + config.discount * (leads @ value)).reshape(n_states, a)
            self.q_ = np.where(known, q, -np.inf)
            better = self.q_.max(axis=1) > self.q_[np.arange(n_states), policy] + 1e-9
            if not better.any():
                break
            policy = np.where(better, self.q_.argmax(axis=1), policy)

    def state(self, seen: np.ndarray) -> np.ndarray:
        """Return the state of each row of features, shape (n,)."""
        z = (seen - self.mean_) / self.scale_
        apart = (self.centres_**2).sum(axis=1) - 2 * z @ self.centres_.T  # up to |z|², the same
        return apart.argmin(axis=1)

    def choose(self, seen: np.ndarray, admissible: np.ndarray) -> np.ndarray:
        state = self.state(seen)
        known = np.isfinite(self.q_[state]) & admissible
        nothing = ~known.any(axis=1, keepdims=True)  # then what is commonest, among what may be
        chosen = np.where(nothing, self.counts_[state], self.q_[state])
        return best(chosen, np.where(nothing, admissible, known))

    def arrays(self) -> dict[str, np.ndarray]:
        names = ("q_", "counts_", "centres_", "mean_", "scale_")
        return {name: getattr(self, name) for name in names}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        vars(self).update(arrays)
