"""Estimates by importance weights, and those that mend a model with them: formulas on arrays.

Patients are rows and their decisions columns, filled up with zeros; n patients, k decisions at
most.  A weight is a product of ratios, how much likelier the target is to act so than the
clinicians, up to a decision.  After somebody's last decision it stays what it was: the dead keep
their weight.  (Normalised over the living only, as some code does, the weights of those who are
left grow, and clinicians' own value comes out as several times the truth.)

Sources: Precup, Sutton and Singh, *Eligibility traces for off-policy policy evaluation*, ICML 2000
(IS, WIS, PDIS); Jiang and Li, arXiv 1511.03722 (DR); Thomas and Brunskill, arXiv 1604.00923 (WDR).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .batch import Transitions


@dataclass(frozen=True)
class Episodes:
    """Decisions by patient, shape (n, k) each; those after the last are 0, their weight is kept.

    Attributes
    ----------
    reward : ndarray
        Discounted.
    weight : ndarray
        Product of the ratios of the target's and the clinicians' probabilities, up to here.
    before : ndarray
        The same, up to the decision before; 1 at the first.
    discount : ndarray
        Of each decision; 0 after the last.
    """

    reward: np.ndarray
    weight: np.ndarray
    before: np.ndarray
    discount: np.ndarray

    @property
    def final(self) -> np.ndarray:
        """Weight of each patient's whole course, shape (n,)."""
        return self.weight[:, -1]


def episodes(batch: Transitions, target: np.ndarray, discount: float = 1.0) -> Episodes:
    """Return the decisions by patient, weighted to a target with these probabilities, (rows, a)."""
    rows = np.arange(len(batch))
    ratio = target[rows, batch.action] / batch.behaviour_probability[rows, batch.action]
    weight = np.cumprod(by_patient(batch, ratio, 1.0), axis=1)
    before = np.hstack([np.ones((len(weight), 1)), weight[:, :-1]])
    factor = by_patient(batch, discount**batch.index, 0.0)
    return Episodes(by_patient(batch, batch.reward, 0.0) * factor, weight, before, factor)


def by_patient(batch: Transitions, values: np.ndarray, fill: float) -> np.ndarray:
    """Return one row per patient and one column per decision, from shape (rows,) or (rows, b)."""
    index = batch.index
    table = np.full((batch.n_patients, index.max() + 1, *values.shape[1:]), float(fill))
    table[batch.place, index] = values
    return table


def effective_sample_size(weight: np.ndarray) -> float:
    """Return of how many patients of equal weight the weighted ones are worth."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def importance_sampling(e: Episodes, counts: np.ndarray) -> np.ndarray:
    """Return the mean of weighted returns, once per row of ``counts``, shape (b, n)."""
    return counts @ (e.final * e.reward.sum(axis=1)) / counts.sum(axis=1)


def weighted_importance_sampling(e: Episodes, counts: np.ndarray) -> np.ndarray:
    """Return the weighted mean of returns."""
    return counts @ (e.final * e.reward.sum(axis=1)) / (counts @ e.final)


def per_decision(e: Episodes, counts: np.ndarray) -> np.ndarray:
    """Return the mean of rewards, each weighted for the decisions up to it."""
    return counts @ (e.weight * e.reward).sum(axis=1) / counts.sum(axis=1)


def doubly_robust(e: Episodes, q: np.ndarray, v: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return a model's value, mended by what it got wrong, each weighted for the decisions so far.

    ``q`` is the model's value of what was done, ``v`` of what the target does, shape (n, k, b): one
    model for each row of ``counts``.
    """
    own = (e.weight * e.reward).sum(axis=1)[:, None]
    for weight, sign, model in ((e.before, 1.0, v), (e.weight, -1.0, q)):
        own = own + sign * np.einsum("nk,nkb->nb", weight * e.discount, model)
    return np.einsum("bn,nb->b", counts, own) / counts.sum(axis=1)


def weighted_doubly_robust(
    e: Episodes, q: np.ndarray, v: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Return the same with weights that add up to 1 at every decision, the dead included."""
    total = np.zeros(len(counts))
    for t in range(e.weight.shape[1]):
        for weight, sign, model in ((e.before, 1.0, v), (e.weight, -1.0, q)):
            share = counts * weight[:, t]
            share = share / share.sum(axis=1, keepdims=True)
            total += sign * np.einsum("bn,nb->b", share * e.discount[:, t], model[:, t])
        total += share @ e.reward[:, t]  # `share` is that of the decision made
    return total
