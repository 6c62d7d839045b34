"""Classifiers that try to tell synthetic patients from real ones, and how well they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed

from .. import metrics
from ..data.columns import Columns
from ..errors import ArgumentError
from ..metrics import judges as kinds

FEWEST = 25  # patients of a cohort from whom a classifier may learn
ROWS = 20_000  # of a cohort that the judge of single rows sees at most

WIDER = (1 + kinds.FOLDS / (kinds.FOLDS - 1)) ** 0.5
"""By how much an interval from resampled scores is widened: the folds learn from mostly the same
patients, so their scores err together (Nadeau and Bengio, *Machine Learning* 2003,
doi:10.1023/A:1024068626366). On fresh draws the plain interval covers 0.5 in 80 to 90 of 100."""

JUDGES = {
    "rows": "AUC of a judge of single rows",
    "P": "AUC of judge P (summaries of patients)",
    "X": "AUC of judge X (many summaries)",
    "R": "AUC of judge R (random convolutions)",
}
"""Names of the judges, and of their rows in the table."""


@dataclass(frozen=True)
class Verdict:
    """What a judge said of patients, or of their rows, that it had not met.

    Attributes
    ----------
    label : ndarray of int, shape (n,)
        0 for real, 1 for synthetic.
    score : ndarray, shape (n,)
        Higher where it looks synthetic.
    owner : ndarray of int, shape (n,)
        Which patient of its cohort.
    """

    label: np.ndarray
    score: np.ndarray
    owner: np.ndarray

    def auc(self, real: np.ndarray | None = None, synthetic: np.ndarray | None = None) -> float:
        """Area under the ROC curve, under weights of the patients."""
        if real is None or synthetic is None:
            return metrics.auroc(self.label, self.score)
        weights = np.where(
            self.label == 0,
            real[np.where(self.label == 0, self.owner, 0)],
            synthetic[np.where(self.label == 1, self.owner, 0)],
        )
        return metrics.auroc(self.label, self.score, weights)


def judge(real: Columns, synthetic: Columns, names: tuple[str, ...], seed: int) -> list[Verdict]:
    """Let judges learn and score, in parallel where joblib is told to.

    Raises
    ------
    ArgumentError
        Too few patients to learn from.
    """
    fewest = min(len(real), len(synthetic))
    if names and fewest < FEWEST:
        raise ArgumentError(
            f"A judge learns from {FEWEST} patients of each cohort or more; one has {fewest}. "
            "Pass judges=()."
        )
    return Parallel()(delayed(_one)(real, synthetic, name, seed) for name in names)


def _one(real: Columns, synthetic: Columns, name: str, seed: int) -> Verdict:
    if name == "rows":
        return _rows(real, synthetic, seed)
    one, other = real.courses(), synthetic.courses()
    if name == "R":
        features = kinds.random_convolutions(one, other, seed)
        score = metrics.out_of_fold(*features, kinds.linear, seed)
    else:
        of, make = {
            "P": (kinds.summaries, kinds.boosted),
            "X": (kinds.many_summaries, kinds.boosted_on_many),
        }[name]
        score = metrics.out_of_fold(of(one), of(other), make, seed)
    sizes = len(real), len(synthetic)
    return Verdict(np.repeat([0, 1], sizes), score, np.concatenate([np.arange(n) for n in sizes]))


def _rows(real: Columns, synthetic: Columns, seed: int) -> Verdict:
    rng = np.random.default_rng([seed, 1])
    sides = []
    for columns in (real, synthetic):
        n = len(columns.patient)
        chosen = np.sort(rng.choice(n, min(n, ROWS), replace=False))
        sides.append((columns.coded[chosen], columns.patient[chosen]))
    (one, owner_one), (other, owner_other) = sides
    score = kinds.rows_out_of_fold(one, other, owner_one, owner_other, kinds.boosted, seed)
    label = np.repeat([0, 1], [len(one), len(other)])
    return Verdict(label, score, np.concatenate([owner_one, owner_other]))
