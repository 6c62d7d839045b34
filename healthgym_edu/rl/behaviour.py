"""How often clinicians take each action, learned from records: the behaviour policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from ..engine import check_seed
from ..errors import ArgumentError, require_whole
from .batch import Transitions
from .habits import Habits


@dataclass(frozen=True, repr=False)
class BehaviourPolicy:
    """Estimated probabilities of the clinicians' actions, each from a model that never met them.

    Attributes
    ----------
    probability : ndarray, shape (n, a)
    action : ndarray of int, shape (n,)
        What was done.
    fold : ndarray of int, shape (n,)
        By which of the models each decision was held out.
    """

    probability: np.ndarray
    action: np.ndarray
    fold: np.ndarray

    def applied(self, batch: Transitions) -> Transitions:
        """Return the decisions with these probabilities for those of the clinicians."""
        return batch.with_behaviour(self.probability)

    def log_loss(self) -> float:
        """Return the mean of minus the log probability of what was done; lower is better."""
        chosen = self.probability[np.arange(len(self.action)), self.action]
        return float(-np.log(chosen).mean())

    def calibration(self, bins: int = 10) -> pd.DataFrame:
        """Return how often what got a probability was done, over all actions and decisions.

        `plots.propensity_plot` draws it.

        Returns
        -------
        DataFrame
            By bin of probability: ``predicted`` and ``observed`` means, ``standard_error`` of the
            observed one, and ``decisions``, how many pairs of decision and action are in it.
        """
        require_whole("bins", bins, 2, 100)
        predicted = self.probability.ravel()
        done = (np.arange(self.probability.shape[1]) == self.action[:, None]).ravel()
        place = np.minimum((predicted * bins).astype(int), bins - 1)
        table = pd.DataFrame({"bin": place, "predicted": predicted, "observed": done})
        made = table.groupby("bin").agg(
            predicted=("predicted", "mean"), observed=("observed", "mean"),
            decisions=("observed", "size"),
        )  # fmt: skip
        error = np.sqrt(made["observed"] * (1 - made["observed"]) / made["decisions"])
        return made.assign(standard_error=error).reset_index(drop=True)


def behaviour_policy(
    batch: Transitions, folds: int = 5, seed: int = 0, rounds: int = 30
) -> BehaviourPolicy:
    """Estimate how often clinicians take each action in what they had in view.

    Boosted trees, part by part of an action (`rl.habits`), fitted to some of the patients and asked
    about the others, so that nobody's own choices tell what is likely for them.  What clinicians
    saw and the records do not show cannot be learned: then these probabilities are wrong, and
    weights made of them as well.

    Parameters
    ----------
    batch : Transitions
    folds : int
        Groups of patients, at least 2.
    seed : int
        Who is in which group.
    rounds : int
        Of boosting.

    Returns
    -------
    BehaviourPolicy

    Raises
    ------
    ArgumentError
        Fewer patients than folds, or decisions that are all the same.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=100))
    >>> learned = hg.rl.behaviour_policy(batch, folds=2, rounds=5)
    >>> learned.probability.shape == batch.behaviour_probability.shape
    True
    """
    require_whole("folds", folds, 2)
    if batch.n_patients < folds:
        raise ArgumentError(f"{batch.n_patients} patients cannot be divided into {folds} folds.")
    if len(np.unique(batch.action)) < 2:
        raise ArgumentError("All decisions are the same: nothing can be learned from them.")
    rng = np.random.default_rng(check_seed(seed))
    group = rng.permutation(np.arange(batch.n_patients) % folds)
    fold = group[batch.place]
    done = Parallel()(delayed(_held_out)(batch, fold == k, rounds, seed) for k in range(folds))
    probability = np.empty((len(batch), len(batch.actions)))
    for k, values in enumerate(done):
        probability[fold == k] = values
    return BehaviourPolicy(probability, batch.action, fold)


def _held_out(batch: Transitions, out: np.ndarray, rounds: int, seed: int) -> np.ndarray:
    """Return probabilities of decisions held out, from a model of the others."""
    seen, action = batch.observation, batch.action
    return Habits.of(seen[~out], action[~out], batch.actions, rounds, seed)(seen[out])
