"""Scalers, good ones and bad ones, for the last exercise of chapter 09."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

SOLUTION = """
def fit_scaler(values):
    small = np.abs(values[values != 0])
    unit = np.quantile(small, 0.1) if len(small) else 1.0
    bent = np.arcsinh(values / unit)
    centre, spread = bent.mean(), bent.std()
    spread = spread if spread > 1e-9 else 1.0

    def forward(x):
        return (np.arcsinh(np.asarray(x) / unit) - centre) / spread

    def back(numbers):
        return np.sinh(np.asarray(numbers) * spread + centre) * unit

    return forward, back
"""


def standard(values, bend, straighten):
    """Mean and spread after a bend, and back."""
    bent = bend(values)
    centre, spread = bent.mean(), bent.std()
    spread = spread if spread > 1e-9 else 1.0
    return (
        lambda x: (bend(np.asarray(x, dtype=float)) - centre) / spread,
        lambda numbers: straighten(np.asarray(numbers, dtype=float) * spread + centre),
    )


def unit_of(values, share):
    small = np.abs(values[values != 0])
    return np.quantile(small, share) if len(small) else 1.0


def signed_log(values, share=0.1):
    unit = unit_of(values, share)
    return standard(
        values,
        lambda x: np.sign(x) * np.log1p(np.abs(x) / unit),
        lambda bent: np.sign(bent) * np.expm1(np.abs(bent)) * unit,
    )


def log_or_line(values):
    """A logarithm for what is positive and skewed, a straight line for all else."""
    median, high = np.quantile(values, [0.5, 0.75])
    if (values >= 0).all() and high > 2 * median:
        return signed_log(values, 0.2)
    return standard(values, lambda x: x, lambda bent: bent)


def ranks(values):
    """Piecewise linear through quantiles, straight on beyond them."""
    knots = np.unique(np.quantile(values, ndtr(np.linspace(-3, 3, 101))))
    if len(knots) < 2:
        return standard(values, lambda x: x, lambda bent: bent)
    places = np.linspace(-3, 3, len(knots))

    def along(x, start, end):
        k = np.clip(np.searchsorted(start, x), 1, len(start) - 1)
        slope = (end[k] - end[k - 1]) / (start[k] - start[k - 1])
        return end[k - 1] + (x - start[k - 1]) * slope

    return standard(values, lambda x: along(x, knots, places), lambda b: along(b, places, knots))


# --- what can go wrong ---------------------------------------------------------------------------


def mean_and_spread(values):
    return standard(values, lambda x: x, lambda bent: bent)


def divided_by_zero(values):
    centre, spread = values.mean(), values.std()
    return (lambda x: (x - centre) / spread), (lambda numbers: numbers * spread + centre)


def roots(values):
    return standard(
        values,
        lambda x: np.sign(x) * np.sqrt(np.abs(x)),
        lambda bent: np.sign(bent) * bent**2,
    )


def plain_log(values):
    return standard(values, np.log, np.exp)


def log_of_one_more(values):
    """Depends on the unit: what is far below 1 is not bent."""
    return standard(
        values,
        lambda x: np.sign(x) * np.log1p(np.abs(x)),
        lambda bent: np.sign(bent) * np.expm1(np.abs(bent)),
    )


def clipped(values):
    forward, back = signed_log(values)
    return forward, lambda numbers: np.clip(back(numbers), values.min(), values.max())


def of_the_package(values):
    from healthgym_edu.generators import fit_scale

    scale = fit_scale(values)
    return scale.forward, scale.back


def rounded(values):
    forward, back = signed_log(values)
    return forward, lambda numbers: np.round(back(numbers), 1)


def never_standardised(values):
    unit = unit_of(values, 0.1)
    return (lambda x: np.arcsinh(x / unit)), (lambda numbers: np.sinh(numbers) * unit)


def fitted_anew(values):
    """The mean of whatever comes."""
    unit = unit_of(values, 0.1)
    bent = np.arcsinh(values / unit)

    def forward(x):
        here = np.arcsinh(x / unit)
        return (here - here.mean()) / (here.std() or 1.0)

    return forward, lambda numbers: np.sinh(numbers * bent.std() + bent.mean()) * unit


def wrong_order(values):
    unit = unit_of(values, 0.1)
    bent = np.arcsinh(values / unit)
    centre, spread = bent.mean(), bent.std() or 1.0
    return (
        lambda x: (np.arcsinh(x / unit) - centre) / spread,
        lambda numbers: np.sinh((numbers + centre) * spread) * unit,
    )


def absolute(values):
    """Forgets the sign."""
    unit = unit_of(values, 0.1)
    return standard(
        values,
        lambda x: np.log1p(np.abs(x) / unit),
        lambda bent: np.expm1(bent) * unit,
    )


def forward_only(values):
    return signed_log(values)[0]


def nothing(values):
    signed_log(values)


def turned_round(values):
    forward, back = signed_log(values)
    return (lambda x: -forward(x)), (lambda numbers: back(-numbers))


def flat(values):
    forward, back = signed_log(values)
    return (lambda x: forward(np.ravel(x))[:1]), back


WRONG = [
    (lambda: mean_and_spread, "changes"),
    (lambda: divided_by_zero, "division by zero"),
    (lambda: roots, "the viral load by half"),
    (lambda: plain_log, "a logarithm of 0"),
    (lambda: log_of_one_more, "depends on the unit"),
    (lambda: clipped, "do not survive"),
    (lambda: of_the_package, "do not survive"),
    (lambda: rounded, "do not survive"),
    (lambda: never_standardised, "after* the bend"),
    (lambda: fitted_anew, "fewer others"),
    (lambda: wrong_order, "opposite order"),
    (lambda: absolute, "base excess"),
    (lambda: forward_only, "two functions"),
    (lambda: nothing, "returned nothing"),
    (lambda: turned_round, "keep the order"),
    (lambda: flat, "keep the shape"),
    (lambda: np.array([1.0, 2.0]), "give its name without parentheses"),
]
