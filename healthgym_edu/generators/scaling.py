"""From a measurement to a number that a network can learn, and back.

Most measurements are skewed: a mean and a spread say little of them.  A logarithm or a root makes
them even, chosen by what is left of the skew, on training patients only; normal scores go further.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from scipy.stats import skew

from ..errors import require_known

KNOTS = 201
"""Quantiles that a scale of ranks remembers."""

WIDEST = 3.1
"""Normal score of the outermost knots: one value in a thousand lies beyond, on either side."""


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
        For normal scores: what has these scores, equally spaced, on the bent scale.

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

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Return numbers around 0, of the shape of `values`."""
        bent = _bend(np.asarray(values, dtype=float), self.kind, self.offset)
        if self.knots:
            return _along(bent, np.array(self.knots), _scores(len(self.knots)))
        return (bent - self.centre) / self.spread

    def back(self, numbers: np.ndarray) -> np.ndarray:
        """Return values in the range of the scale, rounded as the column is."""
        numbers = np.asarray(numbers, dtype=float)
        if self.knots:
            bent = _along(numbers, _scores(len(self.knots)), np.array(self.knots))
        else:
            bent = numbers * self.spread + self.centre
        values = _straighten(bent, self.kind, self.offset)
        values = np.clip(values, self.low, self.high)
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
    """
    values = np.asarray(values, dtype=float)
    least = float(values.min())
    positive = values[values > 0]
    offset = 0.0 if least > 0 else float(np.quantile(positive, 0.1)) if len(positive) else 1.0
    if kind is not None:
        require_known("kind of scale", kind, ("identity", "root", "log"))
    else:
        kinds = ["identity", "root", "log"] if least >= 0 else ["identity"]
        left = [abs(_skew(_bend(values, one, offset))) + 0.05 * k for k, one in enumerate(kinds)]
        kind = kinds[int(np.argmin(left))]
    bent = _bend(values, kind, offset)
    spread = float(bent.std())
    knots: tuple[float, ...] = ()
    if normal:
        knots = tuple(np.quantile(bent, ndtr(_scores(KNOTS))).tolist())
    ends = _ends(bent, kind, offset, decimals)
    ends = np.clip(ends, -np.inf if low is None else low, np.inf if high is None else high)
    return Scale(
        kind, offset, float(bent.mean()), spread if spread > 1e-9 else 1.0, float(ends[0]),
        float(ends[1]), decimals, knots,
    )  # fmt: skip


def _ends(bent: np.ndarray, kind: str, offset: float, decimals: int | None) -> np.ndarray:
    """Between which values all that comes back lies.

    A fifth of the range beyond all but the outermost values, coarsely rounded: the ends are stored
    with a model, and the exact highest value would say who was there.
    """
    inner = np.quantile(bent, [0.001, 0.999])
    room = 0.2 * (inner[1] - inner[0])
    wide = np.array([min(bent.min(), inner[0] - room), max(bent.max(), inner[1] + room)])
    ends = _straighten(wide, kind, offset)
    digits = 1 - int(np.floor(np.log10(max(abs(ends[1] - ends[0]), 1e-9))))
    if decimals is not None:
        digits = min(digits, decimals)
    step = 10.0**-digits
    coarse = np.round([np.floor(ends[0] / step) * step, np.ceil(ends[1] / step) * step], digits)
    return np.array([min(coarse[0], ends[0]), max(coarse[1], ends[1])]) if digits > 12 else coarse


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
    return float(skew(values)) if values.std() > 1e-12 else 0.0


def _scores(count: int) -> np.ndarray:
    return np.linspace(-WIDEST, WIDEST, count)


def _along(values: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Piecewise linear from one row of rising numbers to another, straight on beyond its ends.

    Where `start` stands still (a value that many people share) the middle of `end` is taken.
    """
    left, right = np.searchsorted(start, values), np.searchsorted(start, values, side="right")
    above = np.clip(left, 1, len(start) - 1)
    rise = start[above] - start[above - 1]
    slope = np.where(rise > 0, (end[above] - end[above - 1]) / np.where(rise > 0, rise, 1), 0)
    between = end[above - 1] + (values - start[above - 1]) * slope
    shared = right > left
    last = len(start) - 1
    middle = (end[np.minimum(left, last)] + end[np.clip(right - 1, 0, last)]) / 2
    on_average = (end[-1] - end[0]) / max(start[-1] - start[0], 1e-9)
    beyond = np.where(values > start[-1], values - start[-1], np.minimum(values - start[0], 0))
    nearest = np.where(values > start[-1], end[-1], end[0])
    outside = (values > start[-1]) | (values < start[0])
    found = np.where(shared, middle, between)
    return np.where(outside, nearest + beyond * on_average, found)
