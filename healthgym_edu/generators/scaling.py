"""From a measurement to a number that a network can learn, and back.

Most measurements are skewed: a mean and a spread say little of them.  A logarithm or a root makes
them even, chosen by what is left of the skew, on training patients only; normal scores go further.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr
from scipy.stats import skew

from ..errors import require_known

CROWD = 100
"""The highest values of so many people tell whether there is a wall."""

SCORES = np.concatenate([[-5.0], np.linspace(-3.1, 3.1, 201), [5.0]])
"""Normal scores of the knots: one value in a thousand lies beyond the last but one, either side."""


@dataclass(frozen=True)
class Scale:
    """A monotone map between the values of one measurement and numbers around 0.

    Attributes
    ----------
    kind : str
        ``"identity"``, ``"root"`` or ``"log"``.
    offset : float
        What is added before a root or a logarithm.
    centre, spread : float
        Mean and standard deviation after it.
    low, high : float
        Between these values lies all that may come back.
    decimals : int, optional
        What values are rounded to.
    knots : tuple of float
        For normal scores: what has these scores on the bent scale.

    Examples
    --------
    >>> values = np.array([1.0, 10.0, 100.0, 1000.0, 20.0, 50.0])
    >>> scale = fit_scale(values)
    >>> scale.kind, bool(np.allclose(scale.back(scale.forward(values)), values))
    ('log', True)
    """

    kind: str
    offset: float
    centre: float
    spread: float
    low: float
    high: float
    decimals: int | None = None
    knots: tuple[float, ...] = ()

    @property
    def ends(self) -> tuple[float, float]:
        """Where `low` and `high` lie among the numbers."""
        return float(self.forward(np.array(self.low))), float(self.forward(np.array(self.high)))

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Return numbers around 0, of the shape of `values`."""
        bent = _bend(np.asarray(values, dtype=float), self.kind, self.offset)
        if not self.knots:
            return (bent - self.centre) / self.spread
        left, right = np.searchsorted(self.knots, bent), np.searchsorted(self.knots, bent, "right")
        last = len(SCORES) - 1
        middle = (SCORES[np.minimum(left, last)] + SCORES[np.maximum(right - 1, 0)]) / 2
        return np.where(right > left, middle, np.interp(bent, self.knots, SCORES))

    def back(self, numbers: np.ndarray) -> np.ndarray:
        """Return values in the range of the scale, rounded as the column is."""
        numbers = np.asarray(numbers, dtype=float)
        bent = numbers * self.spread + self.centre
        if self.knots:
            bent = np.interp(numbers, SCORES, self.knots)
        values = np.clip(_straighten(bent, self.kind, self.offset), self.low, self.high)
        if self.decimals is not None:
            values = np.clip(np.round(values, self.decimals), self.low, self.high)
        return values


def fit_scale(
    values: np.ndarray,
    low: float | None = None,
    high: float | None = None,
    decimals: int | None = None,
    kind: str | None = None,
    normal: bool = False,
    owner: np.ndarray | None = None,
) -> Scale:
    """Return the scale of some values.

    Parameters
    ----------
    values : ndarray
        Of training patients.
    low, high : float, optional
        What is possible at all.  Nothing comes back beyond these, nor far from the values.
    decimals : int, optional
    kind : str, optional
        Of `Scale`; if none is given, the one that leaves the least skew.
    normal : bool
        Whether values become normal scores, by their ranks, instead of a mean and a spread.
    owner : ndarray, optional
        Whose each value is; each somebody else's if not given.
    """
    values = np.asarray(values, dtype=float)
    least, positive = float(values.min()), values[values > 0]
    offset = 0.0 if least > 0 else float(np.quantile(positive, 0.1)) if len(positive) else 1.0
    if kind is None:
        kinds = ["identity", "root", "log"] if least >= 0 else ["identity"]
        left = [_skew(_bend(values, one, offset)) + 0.05 * k for k, one in enumerate(kinds)]
        kind = kinds[int(np.argmin(left))]
    require_known("kind of scale", kind, ("identity", "root", "log"))
    bent = _bend(values, kind, offset)
    owner = np.arange(len(values)) if owner is None else owner
    begin, end = _ends(bent, kind, offset, decimals, owner)
    begin, end = np.clip(
        [begin, end], -np.inf if low is None else low, np.inf if high is None else high
    ).tolist()
    knots: tuple[float, ...] = ()
    if normal:
        inner = np.quantile(bent, ndtr(SCORES[1:-1]))
        room = np.ptp(inner)  # in a lower range, no further out than the whole of it
        outer = _bend(np.array([begin, end]), kind, offset)
        outer = np.clip(outer, inner[0] - room, inner[-1] + room)
        knots = tuple(np.sort([*inner, *outer]).tolist())
    centre, spread = float(bent.mean()), float(bent.std()) if bent.std() > 1e-9 else 1.0
    return Scale(kind, offset, centre, spread, begin, end, decimals, knots)


def _ends(
    bent: np.ndarray, kind: str, offset: float, decimals: int | None, owner: np.ndarray
) -> np.ndarray:
    """Between which values all that comes back lies.

    A fifth of the range beyond all but the outermost values, coarsely rounded: the ends are stored
    with a model, and the exact highest value would say who was there. Where the values of people
    end at a wall, such as the largest dose, nothing comes back beyond it; it is rounded more
    coarsely than the values are.
    """
    inner = np.quantile(bent, [0.001, 0.999])
    room = 0.2 * (inner[1] - inner[0])
    wide = np.array([min(bent.min(), inner[0] - room), max(bent.max(), inner[1] + room)])
    ends = _straighten(wide, kind, offset)
    digits = 1 - int(np.floor(np.log10(max(abs(ends[1] - ends[0]), 1e-9))))
    digits = digits if decimals is None else min(digits, decimals)
    if digits > 12:  # a constant
        return ends
    exact = _straighten(np.array([bent.min(), bent.max()]), kind, offset)
    walls = _outward(exact, digits if decimals is None else min(digits, decimals - 1))
    return np.where([is_wall(-bent, owner), is_wall(bent, owner)], walls, _outward(ends, digits))


def _outward(ends: np.ndarray, digits: int) -> np.ndarray:
    """Round so that all that lay between two ends still does."""
    step = 10.0**-digits
    low, high = ends[0] / step + 1e-9, ends[1] / step - 1e-9
    return np.round([np.floor(low) * step, np.ceil(high) * step], digits) + 0.0


def is_wall(bent: np.ndarray, owner: np.ndarray) -> bool:
    """Return whether the highest values of people lie too dense for a tail that thins out.

    From the tenth highest to the highest, an exponential tail covers about as much as from the
    hundredth to the tenth, and less than a fifth of that about once in ten thousand times; a
    uniform distribution covers a tenth.

    Parameters
    ----------
    bent : ndarray, shape (n,)
    owner : ndarray, shape (n,)
        Whose each value is; of fewer than 500 people it is never said.
    """
    highest = pd.Series(bent).groupby(owner).max().to_numpy()
    if len(highest) < 5 * CROWD:
        return False
    hundredth, tenth, top = np.sort(highest)[[-CROWD, -CROWD // 10, -1]]
    return bool(top - tenth <= 0.2 * (tenth - hundredth))


def _bend(values: np.ndarray, kind: str, offset: float) -> np.ndarray:
    if kind == "log":
        return np.log(np.maximum(values + offset, 1e-12))
    if kind == "root":
        return np.sqrt(np.maximum(values + offset, 0))
    return values


def _straighten(bent: np.ndarray, kind: str, offset: float) -> np.ndarray:
    if kind == "log":
        return np.exp(np.minimum(bent, 80)) - offset
    if kind == "root":
        return np.maximum(bent, 0) ** 2 - offset
    return bent


def _skew(values: np.ndarray) -> float:
    return abs(float(skew(values))) if values.std() > 1e-12 else 0.0
