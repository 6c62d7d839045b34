"""Identity disclosure: is somebody matched by who they are, and is anything learned by it?

The estimate of El Emam, Mosquera and Bass (*J Med Internet Res* 2020;22:e23139,
doi:10.2196/23139).  With ``n`` people in the data and ``N`` in the population they come from::

    risk = max( 1/N  sum over s of  (1 / f_s) a I_s R_s ,
                1/n  sum over s of  (1 / F_s) a I_s R_s )

where for person ``s`` the quasi-identifiers, what a neighbour could know, are the same in ``f_s``
people of the data and in ``F_s`` of the population; ``I_s`` is 1 if a synthetic patient has them,
too; ``R_s`` is 1 if that patient also tells something new and right; and ``a`` is the share of
matches that survive errors in the data and in verifying them.  The first sum is about an attacker
who goes from the population to the data, the second about one who goes the other way.
"""

from __future__ import annotations

import numpy as np

from ..data.columns import Columns

ADJUSTMENT = (1 + 0.23) / 2
"""``a``: that paper takes 0.23 as the share of matches that can be verified, and the middle
between it and certainty as the adjustment."""

SAMPLED = 0.1
"""Share of the population that is in the data, where nobody knows it: one in ten."""

CLOSE = 0.1  # of a standard deviation: a number that near has been learned


def identity_disclosure(train: Columns, synthetic: Columns, sampled: float = SAMPLED) -> float:
    """Estimate the risk, 0 to 1.

    Quasi-identifiers are what never changes in a person (sex, ethnicity), the quarter in which
    their first number falls, and how long they were followed; where a condition records nothing
    that never changes, the first label of each column. The sensitive fact is the mean of the
    condition's first number.

    Parameters
    ----------
    train, synthetic : Columns
    sampled : float
        Share of the population that is in the data.
    """
    edges = np.quantile(_first(train)[:, 0], [0.25, 0.5, 0.75])
    keys = [_keys(columns, edges) for columns in (train, synthetic)]
    classes, code = np.unique(np.vstack(keys), axis=0, return_inverse=True)
    own, other = np.split(code.ravel(), [len(train)])
    size = np.bincount(own, minlength=len(classes))[own].astype(float)
    matched = np.isin(own, other)
    learned = _learned(train, synthetic, own, other)
    hit = ADJUSTMENT * (matched & learned)
    n, population = len(train), len(train) / sampled
    forwards = (hit / size).sum() / population
    backwards = (hit / (size / sampled)).sum() / n
    return float(max(forwards, backwards))


def _first(columns: Columns) -> np.ndarray:
    return columns.numbers[np.append(0, np.cumsum(columns.lengths)[:-1])]


def _keys(columns: Columns, edges: np.ndarray) -> np.ndarray:
    names = columns.schema.static or [
        name for name in columns.labelled if name not in columns.schema.flags
    ]
    rows = np.append(0, np.cumsum(columns.lengths)[:-1])
    places = [columns.labelled.index(name) for name in names if name in columns.labelled]
    quarter = np.searchsorted(edges, _first(columns)[:, 0])
    return np.column_stack([columns.codes[rows][:, places], quarter, columns.lengths])


def _mean(columns: Columns) -> np.ndarray:
    total = np.bincount(columns.patient, columns.numbers[:, 0], len(columns))
    return total / columns.lengths


def _learned(train: Columns, synthetic: Columns, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether a synthetic patient of the same class has nearly the same sensitive fact."""
    facts, made = _mean(train), _mean(synthetic)
    close = CLOSE * float(facts.std())
    found = np.zeros(len(train), dtype=bool)
    for one in np.intersect1d(own, other):
        here, there = facts[own == one], np.sort(made[other == one])
        at = np.clip(np.searchsorted(there, here), 1, len(there) - 1) if len(there) > 1 else None
        if at is None:
            gap = np.abs(here - there[0])
        else:
            gap = np.minimum(np.abs(here - there[at]), np.abs(here - there[at - 1]))
        found[own == one] = gap < close
    return found
