"""Can a classifier tell two cohorts apart? Judges that look at whole patients, or at single rows.

Each turns patients into columns of numbers, `P` into summaries, `X` into far more of them, `R` by
random convolutions; a classifier learns on some patients and scores others, and the area under its
ROC curve says how well it told them apart: 0.5 for two draws of the same people, 1 if always.
Patients are split, never rows: a split by row lets a judge recognise *who* a row belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..errors import ArgumentError

FOLDS = 5
KERNELS = 600
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LAGS = (1, 2, 3, 6)
MONTHS = (0, 1, 2, 3, 6, 12, 24, 36)


@dataclass(frozen=True)
class Courses:
    """Patients as one array, shorter records filled with NaN.

    Attributes
    ----------
    values : ndarray, shape (n_patients, n_steps, n_columns)
        Numbers on a scale of the caller's, labels as one column of 0 and 1 for each level.
    n_numbers : int
        The first so many columns are numbers.
    groups : tuple of slice
        Where the levels of each labelled column stand.
    flags : tuple of int
        Which columns say that something was measured.
    """

    values: np.ndarray
    n_numbers: int
    groups: tuple[slice, ...]
    flags: tuple[int, ...]

    @property
    def lengths(self) -> np.ndarray:
        """How many steps each patient has on record, shape (n_patients,)."""
        return (~np.isnan(self.values[:, :, 0])).sum(axis=1)

    def __len__(self) -> int:
        return len(self.values)


def summaries(courses: Courses) -> np.ndarray:
    """P: mean, spread, first, last, extremes and mean change of every column, and the length."""
    x, last = courses.values, courses.lengths - 1
    people = np.arange(len(x))
    with np.errstate(invalid="ignore"):
        step = np.abs(np.diff(x, axis=1))
        found = [
            np.nanmean(x, axis=1), np.nanstd(x, axis=1), x[:, 0], x[people, last],
            np.nanmin(x[:, :, : courses.n_numbers], axis=1),
            np.nanmax(x[:, :, : courses.n_numbers], axis=1),
            _mean(step), courses.lengths[:, None].astype(float),
        ]  # fmt: skip
    return np.hstack(found)


def many_summaries(courses: Courses) -> np.ndarray:
    """X: those of `P`, and quantiles, autocorrelations, fixed steps, first and last changes, and
    how often something is measured just when a label changes."""
    x, n = courses.values, courses.n_numbers
    numbers = x[:, :, :n]
    found = [summaries(courses), *_quantiles(numbers, courses.lengths)]
    centred = np.nan_to_num(x - np.nanmean(x, axis=1, keepdims=True))
    power = (centred**2).sum(axis=1)
    for lag in (lag for lag in LAGS if lag < x.shape[1]):
        product = (centred[:, lag:] * centred[:, :-lag]).sum(axis=1)
        found.append(product / np.where(power > 1e-12, power, 1))
    found += [x[:, month] for month in MONTHS if month < x.shape[1]]
    changed = [_changed(x[:, :, group]) for group in courses.groups]
    steps = np.arange(1, x.shape[1])
    for change in changed:
        any_change = change.any(axis=1)
        first = np.where(any_change, steps[change.argmax(axis=1)], 0)
        last = np.where(any_change, steps[::-1][change[:, ::-1].argmax(axis=1)], 0)
        found.append(np.column_stack([change.sum(axis=1), first, last]))
    whole = np.any(changed, axis=0) if changed else np.zeros(x[:, 1:, 0].shape, dtype=bool)
    for flag in courses.flags:
        measured = np.nan_to_num(x[:, 1:, flag])
        found.append(((measured * whole).sum(axis=1) / np.maximum(whole.sum(axis=1), 1))[:, None])
    return np.hstack(found)


def random_convolutions(
    one: Courses, other: Courses, seed: int = 0, kernels: int = KERNELS
) -> tuple[np.ndarray, np.ndarray]:
    """R: how often, and how far, random filters over time exceed a threshold, in both cohorts.

    Filters of up to nine steps with gaps, over three columns each, as in Dempster, Petitjean and
    Webb (*Data Mining and Knowledge Discovery* 2020, doi:10.1007/s10618-020-00701-z).  Scales and
    thresholds are those of both cohorts together, or they would tell them apart.
    """
    rng = np.random.default_rng(seed)
    filled = np.nan_to_num(np.concatenate([one.values, other.values])).astype(np.float32)
    filled = (filled - filled.mean(axis=(0, 1))) / (filled.std(axis=(0, 1)) + 1e-6)
    people, n_steps, n_columns = filled.shape
    by_column = np.ascontiguousarray(filled.transpose(2, 0, 1))  # (column, patient, step)
    size, found = min(9, n_steps), []
    widest = max(1, min(4, (n_steps - 1) // max(size - 1, 1)))
    for _ in range(kernels):
        gap = int(rng.integers(1, widest + 1))
        windows = n_steps - (size - 1) * gap
        out = np.zeros((people, windows), dtype=np.float32)
        for column in rng.choice(n_columns, min(3, n_columns), replace=False):
            weight = rng.standard_normal(size).astype(np.float32)
            for k, factor in enumerate(weight - weight.mean()):
                out += factor * by_column[column][:, k * gap : k * gap + windows]
        bias = rng.choice(out.ravel())
        found += [(out > bias).mean(axis=1), out.max(axis=1)]
    features = np.column_stack(found)
    return features[: len(one)], features[len(one) :]


def boosted() -> HistGradientBoostingClassifier:
    """The classifier of `P` and of rows: small trees that stop before they memorise."""
    return HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=20,
        l2_regularization=1.0, max_features=0.2, early_stopping=False, random_state=0,
    )  # fmt: skip


def boosted_on_many() -> HistGradientBoostingClassifier:
    """The classifier of `X`, whose columns are three times as many: half as many trees."""
    return boosted().set_params(max_iter=60, learning_rate=0.1, max_features=0.1)


def linear() -> object:
    """The classifier of `R`: logistic regression on standardised columns."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=500))


def out_of_fold(
    one: np.ndarray, other: np.ndarray, make: Callable[[], object], seed: int = 0
) -> np.ndarray:
    """Scores of patients that the classifier did not learn from: those of `one`, then of `other`.

    Parameters
    ----------
    one, other : ndarray, shapes (n, d) and (m, d)
        One row a patient.
    make : callable
        Returns a fresh scikit-learn classifier.
    """
    features = np.nan_to_num(np.vstack([one, other]), nan=-9.0)
    label = np.repeat([0, 1], [len(one), len(other)])
    scores = np.empty(len(label))
    for learn, judge in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(
        features, label
    ):
        model = make().fit(features[learn], label[learn])  # type: ignore[attr-defined]
        scores[judge] = model.predict_proba(features[judge])[:, 1]
    return scores


def rows_out_of_fold(
    one: np.ndarray, other: np.ndarray, patient_one: np.ndarray, patient_other: np.ndarray,
    make: Callable[[], object], seed: int = 0,
) -> np.ndarray:  # fmt: skip
    """Scores of single rows by a classifier that has met none of their patients."""
    features = np.vstack([one, other])
    label = np.repeat([0, 1], [len(one), len(other)])
    who = np.concatenate([patient_one, patient_other + patient_one.max() + 1])
    fold = np.random.default_rng(seed).integers(0, FOLDS, who.max() + 1)[who]
    scores = np.empty(len(label))
    for k in range(FOLDS):
        model = make().fit(features[fold != k], label[fold != k])  # type: ignore[attr-defined]
        scores[fold == k] = model.predict_proba(features[fold == k])[:, 1]
    return scores


def auroc(label: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Area under the ROC curve; NaN unless both labels occur.

    A bootstrap asks for it thousands of times, and scikit-learn's `roc_auc_score`, to which the
    tests hold it, takes about forty times as long for a thousand patients.

    Parameters
    ----------
    label : ndarray, shape (n,)
        1, or True, for those who should have the higher scores; 0 for the others.
    score : ndarray, shape (n,)
    weights : ndarray, shape (n,), optional
        How often each counts; once, if not given.

    Raises
    ------
    ArgumentError
        A score is NaN.

    Examples
    --------
    >>> auroc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    if np.isnan(score).any():
        raise ArgumentError(f"{int(np.isnan(score).sum()):,} of {len(score):,} scores are missing.")
    order = np.argsort(score)
    rising, weights = score[order], np.ones(len(label)) if weights is None else weights[order]
    begins = np.flatnonzero(np.append(True, rising[1:] > rising[:-1]))
    ones, zeros = (  # at each distinct score
        np.add.reduceat(np.where(label[order] == value, weights, 0.0), begins) for value in (1, 0)
    )
    below = np.cumsum(zeros) - zeros / 2  # of the same score, half are below
    pairs = ones.sum() * zeros.sum()
    return float((ones * below).sum() / pairs) if pairs > 0 else float("nan")


def _quantiles(numbers: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """Values at these shares of each record, the lower one of two neighbours."""
    rising = np.sort(numbers, axis=1)  # what is missing comes last
    people = np.arange(len(numbers))
    return [rising[people, ((lengths - 1) * share).astype(int)] for share in QUANTILES]


def _mean(step: np.ndarray) -> np.ndarray:
    """Mean over steps; 0 where a patient has a single one."""
    there = ~np.isnan(step)
    return np.nansum(step, axis=1) / np.maximum(there.sum(axis=1), 1)


def _changed(hot: np.ndarray) -> np.ndarray:
    """Whether the level differs from the step before, shape (n_patients, n_steps - 1)."""
    filled = np.nan_to_num(hot)
    there = ~np.isnan(hot[:, 1:, 0])
    return (np.abs(np.diff(filled, axis=1)).sum(axis=2) > 0.5) & there
