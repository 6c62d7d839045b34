"""Fitted Q evaluation: what a policy is worth by a model of what each action leads to.

The value Q of an action obeys Bellman's equation: it is the reward and, at the next decision, the
expectation of Q over what the *target* would do.  With Q linear in features φ of what is seen and
done, the fixed point is one set of linear equations (Lagoudakis and Parr, *Least-squares policy
iteration*, JMLR 4, 2003; as fitted Q evaluation: Le, Voloshin and Yue, arXiv 1903.08738):

    [Σ φ (φ − γ φ')ᵀ + λ I] θ = Σ φ r

where φ' is the target's mean of φ at the next decision, 0 where none follows.  With one feature
per state and action this is the value in the Markov decision process of the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from ..errors import ArgumentError
from .agents.base import scaling
from .batch import Transitions

MOST_PRODUCTS = 600
"""Up to so many, every feature has a slope for every action."""


@dataclass(frozen=True)
class LinearBasis:
    """Features of what is seen and done, with which Q is linear.

    Each number enters standardised, cut at four standard deviations, and squared; and so does, not
    squared, what was seen and done one decision before: no single view is all of a patient.  Every
    action has a level, and slopes on the numbers; where those were too many, on a prognosis: the
    return that a regression expects.

    Attributes
    ----------
    state : ndarray, shape (n, m)
        Features of what was seen.
    slope : ndarray, shape (n, k)
        What has a slope for every action.
    """

    state: np.ndarray
    slope: np.ndarray

    @classmethod
    def of(cls, batch: Transitions) -> LinearBasis:
        """Prepare the features of records."""
        mean, scale = scaling(batch.observation)
        z = np.clip((batch.observation - mean) / scale, -4, 4)
        done = np.eye(len(batch.actions))[batch.action]
        before = np.roll(np.hstack([z, done]), 1, axis=0)
        before[batch.begins] = 0.0
        state = np.hstack([np.ones((len(z), 1)), z, z**2 - 1, before])
        if z.shape[1] * done.shape[1] <= MOST_PRODUCTS:
            return cls(state, z)
        penalty = np.diag(np.append(1e-6, np.ones(state.shape[1] - 1)))
        weights = np.linalg.solve(state.T @ state + penalty, state.T @ _to_go(batch))
        prognosis = state @ weights
        return cls(state, ((prognosis - prognosis.mean()) / (prognosis.std() or 1.0))[:, None])

    def __call__(self, action: np.ndarray) -> np.ndarray:
        """Return features, shape (n, d), for probabilities of actions, (n, a)."""
        products = (action[:, :, None] * self.slope[:, None, :]).reshape(len(action), -1)
        return np.hstack([self.state, action, products])


def _to_go(batch: Transitions) -> np.ndarray:
    """Return what each patient is still paid from a decision on, shape (n,)."""
    so_far = np.cumsum(batch.reward)
    last = np.append(batch.begins[1:], len(batch)) - 1
    return so_far[last][batch.place] - so_far + batch.reward


@dataclass(frozen=True)
class TabularBasis:
    """One feature for each pair of state and action that occurs; the only column is the state.

    What a target does that nobody ever did in a state counts as worth what the rest of it is worth
    there (or, where nothing is left, as worth what clinicians did there).

    Attributes
    ----------
    state : ndarray of int, shape (n,)
    column : ndarray of int, shape (n_states, a)
        Of each pair among the features; -1 where it never occurs.
    share : ndarray, shape (n_states, a)
        How often each action was taken.
    """

    state: np.ndarray
    column: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, batch: Transitions) -> TabularBasis:
        """Count the pairs.

        Raises
        ------
        ArgumentError
            Observations that are no states: several columns, or no whole numbers from 0.
        """
        seen = batch.observation
        if seen.shape[1] != 1 or (seen < 0).any() or (seen != seen.round()).any():
            raise ArgumentError(
                "A tabular model needs one column, the number of a state from 0; here are "
                f"{', '.join(batch.features)}. Take model='linear', or number the states first."
            )
        state = seen[:, 0].astype(np.int64)
        counts = np.zeros((state.max() + 1, len(batch.actions)))
        np.add.at(counts, (state, batch.action), 1)
        column = np.where(counts > 0, np.cumsum(counts > 0).reshape(counts.shape) - 1, -1)
        return cls(state, column, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))

    def __call__(self, action: np.ndarray) -> sparse.csr_array:
        """Return features, sparse (n, n_pairs)."""
        share = self.share[self.state]
        kept = np.where(share > 0, action, 0.0)
        kept = np.where(kept.sum(axis=1, keepdims=True) > 0, kept, share)
        row, chosen = np.nonzero(kept)
        values = (kept / kept.sum(axis=1, keepdims=True))[row, chosen]
        shape = (len(kept), self.column.max() + 1)
        return sparse.csr_array((values, (row, self.column[self.state[row], chosen])), shape)


BASES: dict[str, Any] = {"linear": LinearBasis, "tabular": TabularBasis}
PENALTY = {"linear": 10.0, "tabular": 1e-6}
"""λ, which keeps the equations solvable."""


@dataclass(frozen=True)
class Fitted:
    """A fitted model of Q and its bootstrap replicates.

    Attributes
    ----------
    value : ndarray, shape (1 + b,)
        Of the target; first from everybody, then from b samples of patients.
    q, v : ndarray, shape (rows, 1 + b)
        Of what was done at each decision, and of what the target does there.
    """

    value: np.ndarray
    q: np.ndarray
    v: np.ndarray


def fitted_q_evaluation(
    batch: Transitions,
    target: np.ndarray,
    counts: np.ndarray,
    discount: float = 1.0,
    model: str = "linear",
) -> Fitted:
    """Evaluate a target by a model of Q.

    Parameters
    ----------
    batch : Transitions
    target : ndarray, shape (rows, a)
        The target's probabilities.
    counts : ndarray, shape (1 + b, n_patients)
        How often each patient counts; the first row is all ones.  The model is refitted to each
        row to first order: by one Newton step from the fit to everybody.
    discount : float
        Per decision.
    model : str
        ``"linear"`` or ``"tabular"``.
    """
    basis = BASES[model].of(batch)
    done, does = basis(np.eye(len(batch.actions))[batch.action]), basis(target)
    follows = np.flatnonzero(~batch.terminated)  # the next row is the next decision
    shape = (len(batch), len(batch))
    later = sparse.csr_array((np.ones(len(follows)), (follows, follows + 1)), shape) @ does
    moves = done - discount * later
    equations = done.T @ moves
    theta, solve = _solved(equations, done.T @ batch.reward, PENALTY[model])
    wrong = batch.reward - moves @ theta
    score = _summed(batch, done, wrong)  # (n_patients, d): what each patient pulls at θ
    step = solve(np.asarray(score.T @ (counts - 1).T))
    thetas = theta[:, None] + step
    q, v = np.asarray(done @ thetas), np.asarray(does @ thetas)
    first = v[batch.begins]
    value = (counts * first.T).sum(axis=1) / counts.sum(axis=1)
    return Fitted(value, q, v)


def _solved(equations: Any, right: np.ndarray, penalty: float) -> tuple[np.ndarray, Any]:
    d = equations.shape[0]
    if sparse.issparse(equations):
        factors = splu((equations + penalty * sparse.eye_array(d)).tocsc())
        return factors.solve(right), factors.solve
    matrix = equations + np.diag(np.append(1e-6, np.full(d - 1, penalty)))
    inverse = np.linalg.inv(matrix)
    return inverse @ right, lambda more: inverse @ more


def _summed(batch: Transitions, done: Any, wrong: np.ndarray) -> Any:
    """Return each patient's sum of features times errors, shape (n_patients, d)."""
    if sparse.issparse(done):
        of = batch.place, np.arange(len(batch))
        one = sparse.csr_array((wrong, of), (batch.n_patients, len(batch)))
        return one @ done
    return np.add.reduceat(done * wrong[:, None], batch.begins)
