"""Make more patients than are wanted, and keep those that a classifier takes for real.

A generator draws from q, and real patients come from p. A classifier that tells the two apart
estimates the odds p / q of every patient drawn; whoever is accepted with a probability proportional
to these odds comes from p (Azadi, Olsson, Darrell, Goodfellow and Odena, Discriminator rejection
sampling, ICLR 2019, arXiv:1810.06758). The odds are capped, or hardly anybody would be accepted.

Where the classifier hardly errs, nobody drawn resembles the real patients, and what is left after
rejection is a few odd ones: then this refuses itself, and keeps everybody.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from .. import metrics
from ..data import Cohort
from ..data.columns import columns_of
from ..engine import check_seed
from ..errors import ArgumentError
from ..stored import config_of
from .autoregressive_tree import walk
from .base import MOST_ROUNDS, Generator
from .layout import Encoded
from .noticing import require_learnable
from .saving import model_class

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RejectionConfig:
    """What can be set of `RejectionSampling`."""

    candidates: int = 5  # drawn for each patient that is kept
    trees: int = 150  # of the classifier
    leaves: int = 8
    highest_auc: float = 0.75  # above this, nothing is rejected


class RejectionSampling(Generator):
    """A fitted generator whose patients have to pass a classifier.

    Parameters
    ----------
    generator : Generator
        Fitted, or not yet: `fit` then teaches it first, with the limits it is given.
    config : RejectionConfig, optional

    Attributes
    ----------
    auc_ : float
        How well the classifier told training patients from made ones, on those it did not learn
        from.
    refused_ : bool
        Whether it was so good that nobody is rejected.
    trimmed_ : DataFrame
        What rejection changed: shares of labels before and after, the largest changes first.
    """

    def __init__(self, generator: Generator | None = None, config: RejectionConfig | None = None):
        self.config = config or RejectionConfig()
        self.generator: Any = generator  # there from `fit` on

    def fit(self, cohort: Cohort, *, seed: int = 0, **limits: Any) -> RejectionSampling:
        """Learn to tell a cohort from what the generator makes; see `Generator.fit`.

        A generator that has not learned yet learns first; limits for one that has are refused.
        """
        check_seed(seed)
        begun, inner = time.perf_counter(), self.generator
        if inner is None:
            raise ArgumentError("RejectionSampling needs a generator: RejectionSampling(model).")
        given = [f"{name}={value!r}" for name, value in limits.items() if value is not None]
        if not hasattr(inner, "codec_"):
            inner.fit(cohort, seed=seed, **limits)
        elif given:
            kind = type(inner).__name__
            raise ArgumentError(
                f"{', '.join(given)}: this {kind} has learned already ({inner.steps_:,} steps), "
                "and does not learn again. Leave the limit out, or hand over one that has not "
                f"learned: RejectionSampling({kind}())."
            )
        require_learnable(cohort, inner.codec_.condition)
        made = inner.sample(len(cohort), seed=seed + 1)
        real, synthetic = _summaries(cohort), _summaries(made)
        make = self._classifier
        scores = metrics.out_of_fold(real, synthetic, make, seed)
        label = np.repeat([0, 1], [len(real), len(synthetic)])
        self.auc_ = metrics.auroc(label, scores)
        self.refused_ = self.auc_ > self.config.highest_auc
        both = np.vstack([real, synthetic])
        self.forest_ = Forest.of(make().fit(both, label))
        unseen = np.clip(scores[len(real) :], 1e-6, 1 - 1e-6)  # by folds that had not met them
        self.cap_ = _cap((1 - unseen) / unseen, 1 / self.config.candidates)
        self.codec_, self.history_ = inner.codec_, inner.history_
        self.steps_, self.ended_ = inner.steps_, inner.ended_
        self.trimmed_ = pd.DataFrame()
        if self.refused_:
            log.warning(
                "Nothing is rejected: a classifier tells made patients from real ones with an AUC "
                "of %.2f, above %.2f, and what it would accept is a few odd ones. Let the "
                "generator learn longer.", self.auc_, self.config.highest_auc,
            )  # fmt: skip
        else:
            kept = self.sample(len(cohort), seed=seed + 2)
            self.trimmed_ = _trimmed(made, kept)
        self.seconds_ = time.perf_counter() - begun
        return self

    def _classifier(self) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            max_iter=self.config.trees, learning_rate=0.06, max_leaf_nodes=self.config.leaves,
            min_samples_leaf=20, l2_regularization=1.0, max_features=0.2, early_stopping=False,
            random_state=0,
        )  # fmt: skip

    def _learn(self, encoded: Encoded, seed: int, **limits: Any) -> None:
        raise NotImplementedError  # `fit` is its own

    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        inner = self.generator
        if self.refused_:
            return inner._draw(n, seed, like)
        rng, found, kept, met = np.random.default_rng(seed), [], 0, 0
        for _ in range(MOST_ROUNDS):
            several = self.config.candidates * (n - kept) + 20
            drawn = inner._draw(several, int(rng.integers(2**31)), like)
            seen = _summaries(self.codec_.decode(drawn, "candidates"))
            odds = np.exp(-np.clip(self.forest_.scores(seen), -20, 20))  # of being real
            accepted = rng.random(several) < np.minimum(odds / self.cap_, 1)
            found.append(drawn.of(np.flatnonzero(accepted)))
            kept, met = kept + int(accepted.sum()), met + several
            if kept >= n:
                return Encoded.together(found).of(np.arange(n))
        raise ArgumentError(
            f"Of {met:,} people drawn{f' like {like}' * bool(like)} the classifier took only "
            f"{kept:,} for real: hardly anybody passes. Ask for fewer, or for what is more common."
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights of the generator and the nodes of the classifier by name."""
        inner = {f"inner.{name}": one for name, one in self.generator.arrays().items()}
        return inner | {f"forest.{name}": one for name, one in vars(self.forest_).items()}

    def told(self) -> dict[str, Any]:
        """Return what is saved besides weights."""
        inner = self.generator
        more = {"auc": self.auc_, "refused": self.refused_, "cap": self.cap_,
                "trimmed": self.trimmed_.to_dict(orient="list"),
                "inner": type(inner).__name__, "inner_config": asdict(inner.config),
                "inner_told": inner.told()}  # fmt: skip
        return super().told() | more

    def _rebuild(self, arrays: dict[str, np.ndarray], told: dict[str, Any]) -> None:
        kind = model_class(told["inner"])
        inner = kind(config_of(type(kind().config), told["inner_config"]))
        inner.codec_, inner.history_ = self.codec_, self.history_
        own = {k.removeprefix("inner."): v for k, v in arrays.items() if k.startswith("inner.")}
        inner.restore(own, told["inner_told"])
        self.generator = inner
        self.forest_ = Forest(**{f: arrays[f"forest.{f}"] for f in Forest.__dataclass_fields__})
        self.auc_, self.cap_ = float(told["auc"]), float(told["cap"])
        self.refused_, self.trimmed_ = bool(told["refused"]), pd.DataFrame(told["trimmed"])


@dataclass(frozen=True)
class Forest:
    """Boosted trees as arrays, which can be saved without pickling anything.

    Attributes
    ----------
    root : ndarray of int, shape (n_trees,)
    feature, left, right : ndarray of int, shape (n_nodes,)
        `left` is -1 in leaves.
    threshold, value : ndarray, shape (n_nodes,)
    baseline : ndarray, shape (1,)
    """

    root: np.ndarray
    feature: np.ndarray
    left: np.ndarray
    right: np.ndarray
    threshold: np.ndarray
    value: np.ndarray
    baseline: np.ndarray

    @staticmethod
    def of(model: HistGradientBoostingClassifier) -> Forest:
        """Take the trees of a fitted classifier."""
        trees = [one[0].nodes for one in model._predictors]
        sizes = np.array([len(one) for one in trees])
        root = np.cumsum(sizes) - sizes
        nodes, shift = np.concatenate(trees), np.repeat(root, sizes)
        leaf = nodes["is_leaf"].astype(bool)
        return Forest(
            root,
            nodes["feature_idx"].astype(np.int64),
            np.where(leaf, -1, nodes["left"] + shift),
            np.where(leaf, -1, nodes["right"] + shift),
            nodes["num_threshold"].astype(float),
            nodes["value"].astype(float),
            np.atleast_1d(np.ravel(model._baseline_prediction)).astype(float),
        )

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return the log odds of having been made, shape (n,)."""
        total = np.full(len(x), self.baseline[0])
        for root in self.root:
            total += self.value[walk(x, np.full(len(x), root), self)]
        return total


def _summaries(cohort: Cohort) -> np.ndarray:
    """What the classifier sees of each patient: the columns of the judge `X`, and so of `P`."""
    return np.nan_to_num(metrics.many_summaries(columns_of(cohort).courses()), nan=-9.0)


def _cap(odds: np.ndarray, share: float) -> float:
    """Return the cap under which that share of the candidates is accepted."""
    low, high = 1e-6, float(odds.max()) / share
    for _ in range(60):
        middle = (low * high) ** 0.5
        accepted = np.minimum(odds / middle, 1).mean()
        low, high = (middle, high) if accepted > share else (low, middle)
    return float(high)


def _trimmed(before: Cohort, after: Cohort) -> pd.DataFrame:
    """Shares of labels and rates of change before and after, the largest changes first."""
    schema, sides = before.schema, []
    for cohort in (before, after):
        patient, found = cohort.frame[schema.id], dict[tuple[str, str], float]()
        for name in (one.name for one in schema if one.is_coded):
            words = cohort.frame[name].astype(object)
            moves = words.ne(words.shift()) & patient.eq(patient.shift())
            shares = words.value_counts(normalize=True)
            found |= {(name, str(word)): share for word, share in shares.items()}
            found[name, "changes per row"] = moves.mean()
        sides.append(pd.Series(found))
    table = pd.concat(sides, axis=1, keys=["before", "after"]).fillna(0.0)
    ratio = np.abs(np.log((table["after"] + 1e-4) / (table["before"] + 1e-4)))
    table = table.iloc[np.argsort(-ratio, kind="stable")]
    return table.rename_axis(["variable", "what"]).reset_index()
