"""Right and wrong answers to exercises 1 to 3 of chapter 12, from their definitions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

# --- the last angle of the published schedule ----------------------------------------------------

BETAS = np.linspace(0.0001, 0.01, 500)


def left(n_steps: int = 500) -> float:
    """Share of the signal's variance that is left after some steps."""
    return float(np.prod(1 - BETAS[:n_steps]))


def last_angle() -> float:
    return math.acos(math.sqrt(left()))


def angle_by_loop() -> float:
    signal = 1.0
    for beta in BETAS:
        signal *= math.sqrt(1 - beta)
    return math.acos(signal)


def angle_by_logarithms() -> np.floating:
    return np.arccos(np.exp(0.5 * np.log1p(-BETAS).sum()))


def angle_by_tangent() -> float:
    return math.atan2(math.sqrt(1 - left()), math.sqrt(left()))


ANGLE_SLIPS = {
    "it is the signal that is left; give its angle": math.sqrt(left()),
    "it is the share of the variance that is left; take its root, and then the angle": left(),
    "the root is missing: the shares that are multiplied are those of the variance": math.acos(
        left()
    ),
    "it is the angle after the first hundred steps": math.acos(math.sqrt(left(100))),
    "the sine has taken the place of the cosine: the cosine of the angle is the signal": math.asin(
        math.sqrt(left())
    ),
    "it is in degrees; leave it as `np.arccos` gives it": math.degrees(last_angle()),
    "it is the share of the noise, not an angle": math.sqrt(1 - left()),
    "it looks at the last step alone; multiply what all steps keep": math.acos(
        math.sqrt(1 - BETAS[-1])
    ),
    "it is π/2, where no signal would be left at all": math.pi / 2,
}

# --- noise with a given covariance ---------------------------------------------------------------

Draw = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def by_root(root_of: Callable[[np.ndarray], np.ndarray]) -> Draw:
    """Noise from white noise and a table that it is multiplied by, from the right."""

    def draw(covariance: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.standard_normal((n, len(covariance))) @ root_of(covariance)

    return draw


def transposed_cholesky(covariance: np.ndarray) -> np.ndarray:
    return np.linalg.cholesky(covariance).T


def symmetric_root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


draw_noise = by_root(transposed_cholesky)
by_eigenvectors = by_root(symmetric_root)


def by_numpy(covariance, n, rng):
    return rng.multivariate_normal(np.zeros(len(covariance)), covariance, size=n)


def month_by_month(covariance, n, rng):
    """Each month from those before it, and something new."""
    made = np.zeros((n, len(covariance)))
    for k in range(len(covariance)):
        weights = np.linalg.solve(covariance[:k, :k], covariance[:k, k])
        left_over = covariance[k, k] - weights @ covariance[:k, k]
        made[:, k] = made[:, :k] @ weights + np.sqrt(left_over) * rng.standard_normal(n)
    return made


def correlation(covariance: np.ndarray) -> np.ndarray:
    spread = np.sqrt(np.diag(covariance))
    return covariance / np.outer(spread, spread)


NOISE_SLIPS: dict[str, Draw] = {
    "the noise is white: the covariance is not used": by_root(lambda c: np.eye(len(c))),
    "white noise is multiplied by the covariance itself; multiply by L, where L Lᵀ is the "
    "covariance": by_root(lambda c: c),
    "L and its mirror image have changed places: the people are rows here, so white noise is "
    "multiplied by Lᵀ from the right": by_root(np.linalg.cholesky),
    "the root is taken of each number alone; L is a root of the whole table": by_root(
        lambda c: np.sqrt(np.abs(c))
    ),
    "each month has the right spread, but the months do not go together": by_root(
        lambda c: np.diag(np.sqrt(np.diag(c)))
    ),
    "each month has a spread of 1: it is the correlation, not the covariance": by_root(
        lambda c: transposed_cholesky(correlation(c))
    ),
    "it is noise of the inverse covariance": by_root(
        lambda c: transposed_cholesky(np.linalg.inv(c))
    ),
}


def sideways(covariance, n, rng):
    return draw_noise(covariance, n, rng).T


def moved(covariance, n, rng):
    return draw_noise(covariance, n, rng) + 3 * np.sqrt(np.diag(covariance))


def own_seed(covariance, n, rng):
    return draw_noise(covariance, n, np.random.default_rng(0))


def one_for_all(covariance, n, rng):
    return np.repeat(draw_noise(covariance, 1, rng), n, axis=0)


# --- the walk back -------------------------------------------------------------------------------

Walk = Callable[[Callable, Any, float, int], Any]


def undo(says, noisy, begin, steps):
    return walk()(says, noisy, begin, steps)


def walk(
    *, sign=1, late=False, still=False, swapped="", begin_at=None, fewer=0, once=False, drop=False
) -> Walk:
    """The walk back, or one with a mistake."""

    def undo(says, noisy, begin, steps):
        begin = float(begin if begin_at is None else begin_at)
        angles = np.linspace(begin, 0, steps + 1 - fewer)
        first = says(noisy, angles[0]) if once else None
        for now, then in zip(angles[:-1], angles[1:], strict=True):
            v = first if once else says(noisy, then if late else now)
            v = sign * v
            cos, sin = math.cos(now), math.sin(now)
            if swapped == "division":
                cos, sin = sin, cos
            record, noise = cos * noisy - sin * v, sin * noisy + cos * v
            after = now if still else then
            cos, sin = math.cos(after), math.sin(after)
            if swapped == "mixture":
                cos, sin = sin, cos
            noisy = cos * record if drop else cos * record + sin * noise
        return noisy

    return undo


def by_turning(says, noisy, begin, steps):
    """Each step turns the noisy record and v by the angle between the two stations."""
    step = begin / steps
    for k in range(steps):
        v = says(noisy, begin - k * step)
        noisy = math.cos(step) * noisy - math.sin(step) * v
    return noisy


def by_recursion(says, noisy, begin, steps):
    if steps == 0:
        return noisy
    then = begin * (steps - 1) / steps
    v = says(noisy, begin)
    record = math.cos(begin) * noisy - math.sin(begin) * v
    noise = (noisy - math.cos(begin) * record) / math.sin(begin)
    return by_recursion(says, math.cos(then) * record + math.sin(then) * noise, then, steps - 1)


def by_torch(says, noisy, begin, steps):
    import torch

    angles = torch.linspace(begin, 0, steps + 1)
    for now, then in zip(angles[:-1], angles[1:], strict=True):
        v = says(noisy, now)
        record, noise = now.cos() * noisy - now.sin() * v, now.sin() * noisy + now.cos() * v
        noisy = then.cos() * record + then.sin() * noise
    return noisy


def upwards(says, noisy, begin, steps):
    angles = np.linspace(0, begin, steps + 1)
    for now, then in zip(angles[:-1], angles[1:], strict=True):
        v = says(noisy, now)
        record = math.cos(now) * noisy - math.sin(now) * v
        noise = math.sin(now) * noisy + math.cos(now) * v
        noisy = math.cos(then) * record + math.sin(then) * noise
    return noisy


def noise_anew(says, noisy, begin, steps):
    import torch

    angles = np.linspace(begin, 0, steps + 1)
    for now, then in zip(angles[:-1], angles[1:], strict=True):
        record = math.cos(now) * noisy - math.sin(now) * says(noisy, now)
        noisy = math.cos(then) * record + math.sin(then) * torch.randn_like(noisy)
    return noisy


def slowed_again(says, noisy, begin, steps):
    """As `walk_back` does, with the chapter's table L."""
    import torch

    slow = torch.eye(60).repeat(38, 1, 1).to(noisy.dtype)
    return torch.einsum("ctu,ncu->nct", slow, says(noisy, torch.tensor(begin)))


WALK_SLIPS: dict[str, Walk] = {
    "the sign of v is the other way round: record = cos · noisy − sin · v": walk(sign=-1),
    "sine and cosine have changed places where the noisy record is divided": walk(
        swapped="division"
    ),
    "sine and cosine have changed places where record and noise are mixed again": walk(
        swapped="mixture"
    ),
    "record and noise are mixed again at the angle of before, so nothing changes": walk(still=True),
    "the network is asked about the angle after the step; it sees the record before it": walk(
        late=True
    ),
    "it begins at π/2, whatever `begin` is": walk(begin_at=math.pi / 2),
    "the network is asked only once; ask it anew at each step": walk(once=True),
    "there is a step too few: `steps` steps have `steps + 1` angles": walk(fewer=1),
    "the noise is thrown away after each step; mix it in again, at the smaller angle": walk(
        drop=True
    ),
    "it walks from 0 up to `begin`; walk down": upwards,
}
