"""Attacks on people in the training data: was she in it, and what else can be said of her?

Each attack works on patients as rows of numbers, `Profiles`.  Members are people whom the generator
learned from; others are people of the same kind whom it has not met.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from .. import metrics
from ..data.columns import Columns
from ..metrics import judges

CHUNK = 500  # patients whose distances to all others lie in memory at once
FALSE_ALARMS = 0.01
ENDED = -3.0  # what stands for a number after the end of a record, in standard deviations


@dataclass(frozen=True)
class Profiles:
    """Patients of three cohorts as rows of numbers on one scale.

    Attributes
    ----------
    train, synthetic, holdout : ndarray, shapes (n, d), (m, d), (k, d)
        Numbers divided by their spread in the holdout, shares of levels, statics; courses at
        several steps, so that two patients are equal only if their records are.
    courses : tuple of ndarray
        Of the same three: the numbers of every step, which noise hides last.
    """

    train: np.ndarray
    synthetic: np.ndarray
    holdout: np.ndarray
    courses: tuple[np.ndarray, np.ndarray, np.ndarray]


def profiles(train: Columns, synthetic: Columns, holdout: Columns) -> Profiles:
    """Describe the patients of three cohorts on one scale, that of the holdout."""
    rows = [_profile(columns) for columns in (train, synthetic, holdout)]
    centre, spread = rows[2].mean(axis=0), rows[2].std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    parts = [((part - centre) / scale).astype(np.float32) for part in rows]
    whole = [_course(columns) for columns in (train, synthetic, holdout)]
    usual = np.nanmean(whole[2], axis=(0, 1)), np.nanstd(whole[2], axis=(0, 1))
    courses = [
        np.nan_to_num((part - usual[0]) / np.where(usual[1] > 1e-9, usual[1], 1.0), nan=ENDED)
        for part in whole
    ]
    flat = [part.reshape(len(part), -1).astype(np.float32) for part in courses]
    return Profiles(parts[0], parts[1], parts[2], (flat[0], flat[1], flat[2]))


def _course(columns: Columns) -> np.ndarray:
    """Logarithms of the numbers, shape (n_patients, n_steps, p); missing after the record ends."""
    courses = columns.courses()
    return courses.values[:, :, : courses.n_numbers]


def _profile(columns: Columns) -> np.ndarray:
    """Summaries of every column, and the columns themselves at up to twelve steps."""
    courses = columns.courses()
    steps = np.unique(np.linspace(0, courses.values.shape[1] - 1, 12).astype(int))
    some = courses.values[:, steps].reshape(len(courses), -1)
    return np.nan_to_num(np.hstack([judges.summaries(courses), some]), nan=-9.0)


def nearest(
    one: np.ndarray, other: np.ndarray, itself: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each row of `one` to its nearest row of `other`, and which one it is.

    Parameters
    ----------
    one, other : ndarray, shapes (n, d) and (m, d)
    itself : bool
        Whether both are the same table, so that a row is not its own neighbour.
    """
    found, which = np.empty(len(one)), np.empty(len(one), dtype=int)
    for begin in range(0, len(one), CHUNK):
        part = slice(begin, min(begin + CHUNK, len(one)))
        distance = cdist(one[part], other)
        if itself:
            distance[np.arange(distance.shape[0]), np.arange(part.start, part.stop)] = np.inf
        which[part] = distance.argmin(axis=1)
        found[part] = distance[np.arange(len(distance)), which[part]]
    return found, which


def by_distance(people: Profiles) -> tuple[np.ndarray, np.ndarray]:
    """Score of membership, higher for those who lie near a synthetic patient: train, holdout.

    How much nearer the synthetic patients are than other people of the holdout are: somebody in a
    crowd is near everybody, and that gives nothing away.
    """
    scores = []
    for part, is_reference in ((people.train, False), (people.holdout, True)):
        near, _ = nearest(part, people.synthetic)
        usual, _ = nearest(part, people.holdout, itself=is_reference)
        scores.append(-np.log((near + 1e-6) / (usual + 1e-6)))
    return scores[0], scores[1]


def by_course(people: Profiles) -> tuple[np.ndarray, np.ndarray]:
    """Score of membership, higher where a synthetic course runs near one's own: train, holdout.

    Not divided by how crowded it is there, as `by_distance` is: where the same noise was added to
    everybody, the plain distance finds more people.
    """
    train, synthetic, holdout = people.courses
    scores = [-nearest(part, synthetic)[0] for part in (train, holdout)]
    return scores[0], scores[1]


def by_classifier(people: Profiles, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Score of membership by a classifier that learned what is synthetic: train, half of holdout.

    It learns to tell synthetic patients from one half of the holdout, and scores the people of the
    train part and of the other half.
    """
    order = np.random.default_rng([seed, 3]).permutation(len(people.holdout))
    learn, judged = np.array_split(order, 2)
    features = np.vstack([people.holdout[learn], people.synthetic])
    label = np.repeat([0, 1], [len(learn), len(people.synthetic)])
    model = judges.boosted().fit(features, label)
    scores = [model.predict_proba(part)[:, 1] for part in (people.train, people.holdout[judged])]
    return scores[0], scores[1]


def detected(members: np.ndarray, others: np.ndarray, alarms: float = FALSE_ALARMS) -> float:
    """Share of members found where at most one in a hundred others is suspected."""
    bar = np.quantile(others, 1 - alarms, method="higher")
    return float((members > bar).mean())


def membership(
    members: np.ndarray, others: np.ndarray, replicates: int, seed: int
) -> dict[str, tuple[float, float, float]]:
    """AUC and the share detected at 1 % false alarms, each with its 95 % interval."""
    label = np.repeat([1, 0], [len(members), len(others)])
    score = np.concatenate([members, others])

    def both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        weights = np.concatenate([one, other])
        found = metrics.auroc(label, score, weights)
        drawn = np.repeat(members, one.astype(int)), np.repeat(others, other.astype(int))
        return np.array([found, detected(*drawn)])

    sizes = len(members), len(others)
    value = both(*(np.ones(size) for size in sizes))
    if replicates:
        low, high = (np.clip(end, 0, 1) for end in metrics.intervals(both, sizes, replicates, seed))
    else:
        low = high = np.full(2, np.nan)
    names = ("AUC", "found at 1 % false alarms")
    table = zip(names, value, low, high, strict=True)
    return {name: (float(v), float(a), float(b)) for name, v, a, b in table}


def copies(people: Profiles) -> tuple[int, int, int]:
    """Count exact copies of members, near copies, and the members whom they show.

    A near copy lies closer to somebody of the train part than all but one in a thousand people of
    the holdout lie to anybody there.

    Returns
    -------
    (int, int, int)
        Exact copies; exact and near copies; how many people of the train part they show.
    """
    usual, _ = nearest(people.holdout, people.train)
    near, whom = nearest(people.synthetic, people.train)
    bar = 0.5 * float(np.quantile(usual, 0.001))
    close = near <= max(bar, 1e-6)
    return int((near <= 1e-6).sum()), int(close.sum()), len(np.unique(whom[close]))
