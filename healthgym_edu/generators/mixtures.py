"""Numbers as mixtures of normal distributions (Bishop, *Mixture density networks*, 1994)."""

from __future__ import annotations

import numpy as np
import torch

from .networks import gumbel

MIXTURE = 6
"""Normal distributions in the mixture that a number is drawn from."""

MIXED = 3 * MIXTURE + 1
"""Outputs that tell it: weights, means, logarithms of spreads, and how much of the last is kept."""

WIDEST, NARROWEST = 2.0, -5.0
"""Between these lies the logarithm of their standard deviations."""


def _mixture(output: torch.Tensor, around: torch.Tensor | None):
    weights, means, spreads, kept = output.split([MIXTURE, MIXTURE, MIXTURE, 1], dim=1)
    if around is not None:
        means = means + torch.sigmoid(kept + 2) * around[:, None]
    return weights, means, spreads.clamp(NARROWEST, WIDEST)


def mixture_density(
    output: torch.Tensor, value: torch.Tensor, around: torch.Tensor | None
) -> torch.Tensor:
    """Return the logarithm of the density of a mixture of normal distributions.

    Of one number, shapes (n, 19) and (n,) to (n,); of m at once, (m, 19, n) and (m, n) to (m, n).
    """
    weights, means, spreads = _mixture(output, around)
    parts = weights - 0.5 * ((value[:, None] - means) * torch.exp(-spreads)) ** 2 - spreads
    whole = torch.logsumexp(weights, dim=1) + 0.5 * np.log(2 * np.pi)
    return torch.logsumexp(parts, dim=1) - whole


def draw_number(
    output: torch.Tensor, around: torch.Tensor | None, rng: torch.Generator
) -> torch.Tensor:
    """Draw a number from its mixture, shape (n,)."""
    weights, means, spreads = _mixture(output, around)
    which = draw_level(weights, rng)[:, None]
    noise = torch.randn(len(output), 1, generator=rng, device=output.device)
    return (means.gather(1, which) + spreads.gather(1, which).exp() * noise)[:, 0]


def fold(value: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Return values of which those beyond an end lie as far on its other side; the end itself for
    those that would then be beyond the other one."""
    folded = high - (high - value).abs()
    folded = low + (folded - low).abs()
    return torch.where(folded > high, value.clamp(low, high), folded)


def draw_level(odds: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Draw a level from its log odds, shape (n,) or that of `odds` without the last."""
    return (odds + gumbel(odds.shape, rng, odds.device)).argmax(dim=-1)
