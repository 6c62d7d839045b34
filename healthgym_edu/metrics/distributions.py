"""How far are two distributions apart? Of numbers, and of labels.

All take weights, so that a bootstrap by patient only changes the weights and sorts nothing again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


class TwoSamples:
    """Two samples of numbers, sorted once, compared under any weights.

    Parameters
    ----------
    one, other : ndarray, shapes (n,) and (m,)
        Numbers, none of them missing.
    one_group, other_group : ndarray of int, optional
        Which group each number belongs to, such as its step: groups are compared one by one, and
        the mean over the groups that both samples have is returned. One group, if not given.

    Examples
    --------
    >>> import numpy as np
    >>> pair = TwoSamples(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    >>> pair.ks(), pair.wasserstein()
    (0.5, 1.0)
    """

    def __init__(
        self,
        one: np.ndarray,
        other: np.ndarray,
        one_group: np.ndarray | None = None,
        other_group: np.ndarray | None = None,
    ):
        groups = [
            np.zeros(len(values), dtype=int) if group is None else np.asarray(group)
            for values, group in ((one, one_group), (other, other_group))
        ]
        shared = np.intersect1d(groups[0], groups[1])
        self._kept = [np.isin(group, shared) for group in groups]
        values = np.concatenate([one[self._kept[0]], other[self._kept[1]]]).astype(float)
        group = np.concatenate([g[kept] for g, kept in zip(groups, self._kept, strict=True)])
        self._group = np.searchsorted(shared, group)
        self._n_first = int(self._kept[0].sum())
        self._order = np.lexsort((values, self._group))
        values, group = values[self._order], self._group[self._order]
        new = np.append(True, (np.diff(values) > 0) | (np.diff(group) > 0))
        self._ends = np.append(np.flatnonzero(new)[1:] - 1, len(values) - 1)
        ended = group[self._ends]
        self._starts = np.searchsorted(ended, np.arange(len(shared)))
        self._widths = np.diff(values[self._ends], append=values[-1])
        self._widths[np.append(np.diff(ended) > 0, True)] = 0.0
        self.n_groups = len(shared)

    def _steps(self, one: np.ndarray | None, other: np.ndarray | None) -> np.ndarray:
        """Difference of the two cumulative shares after each distinct number of each group."""
        weights = []
        for weight, kept in zip((one, other), self._kept, strict=True):
            weights.append(np.ones(int(kept.sum())) if weight is None else weight[kept])
        n, group = self._n_first, self._group
        signed = np.empty(len(group))
        for part, sign, weight in (
            (slice(None, n), 1, weights[0]),
            (slice(n, None), -1, weights[1]),
        ):
            total = np.bincount(group[part], weight, self.n_groups)[group[part]]
            signed[part] = sign * weight / np.where(total > 0, total, 1)
        return np.cumsum(signed[self._order])[self._ends]

    def ks(self, one: np.ndarray | None = None, other: np.ndarray | None = None) -> float:
        """Kolmogorov–Smirnov statistic: largest difference of the cumulative shares, 0 to 1.

        Parameters
        ----------
        one, other : ndarray, optional
            A weight for each number; 1, if not given.
        """
        return self.distances(one, other)[0]

    def wasserstein(self, one: np.ndarray | None = None, other: np.ndarray | None = None) -> float:
        """1-Wasserstein distance: how far the mass has to be moved, in the unit of the numbers."""
        return self.distances(one, other)[1]

    def distances(
        self, one: np.ndarray | None = None, other: np.ndarray | None = None
    ) -> tuple[float, float]:
        """Return `ks` and `wasserstein`, in the time of one of them."""
        gaps = np.abs(self._steps(one, other))
        largest = np.maximum.reduceat(gaps, self._starts).mean()
        return float(largest), float(np.add.reduceat(gaps * self._widths, self._starts).mean())


def robust_scale(values: np.ndarray) -> float:
    """Interquartile range over 1.349, the standard deviation of a normal sample.

    The standard deviation itself where the middle half of the values is one number; 1 where all
    are.
    """
    spread = float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.349
    return spread or float(np.std(values)) or 1.0


def shares(codes: np.ndarray, n_levels: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Share of each level 0 to ``n_levels - 1``, shape (n_levels,)."""
    counts = np.bincount(codes, weights, minlength=n_levels)
    return counts / counts.sum()


def total_variation(one: ArrayLike, other: ArrayLike) -> float:
    """Half the sum of absolute differences of two distributions over the same levels, 0 to 1.

    >>> total_variation([0.5, 0.5], [1.0, 0.0])
    0.5
    """
    return 0.5 * float(np.abs(np.asarray(one) - np.asarray(other)).sum())
