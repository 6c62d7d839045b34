"""The network that tells real records from made ones, and what it pays for being too steep.

The penalty of the gradient: Gulrajani and others, NeurIPS 2017, arXiv:1704.00028.  The critic is a
strided convolution over time: it is six times faster than a recurrent one here, and learns more in
the same time.
"""

from __future__ import annotations

import torch
from torch import nn


class Critic(nn.Module):
    """Single steps, and strided convolutions over time; any length becomes one number."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(channels, width, 5, stride=2, padding=2), nn.LeakyReLU(0.2),
            nn.Conv1d(width, 2 * width, 5, stride=2, padding=2), nn.LeakyReLU(0.2),
            nn.Conv1d(2 * width, 2 * width, 3, stride=2, padding=1), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.rows = nn.Sequential(
            nn.Conv1d(channels, width, 1), nn.LeakyReLU(0.2), nn.Conv1d(width, width, 1),
            nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.last = nn.Sequential(
            nn.Linear(5 * width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1)
        )

    def forward(self, statics: torch.Tensor, record: torch.Tensor) -> torch.Tensor:
        """Shapes (n, s) and (n, n_steps, d) to (n,)."""
        return self.all_of(statics, record)[:, 0]

    def all_of(self, statics: torch.Tensor, record: torch.Tensor) -> torch.Tensor:
        """Return what the last layer says, shape (n, outputs)."""
        moves = torch.diff(record, dim=1, prepend=record[:, :1])
        fixed = statics[:, None].expand(-1, record.shape[1], -1)
        everything = torch.cat([record, moves, fixed], dim=2).transpose(1, 2)
        over_time, rows = self.layers(everything), self.rows(everything)
        seen = [over_time.mean(dim=2), over_time[:, :, 0], rows.mean(dim=2)]
        return self.last(torch.cat(seen, dim=1))


def gradient_penalty(
    critic: nn.Module, real: tuple[torch.Tensor, ...], made: tuple[torch.Tensor, ...]
) -> torch.Tensor:
    """Return how far the gradient's length is from 1 between real and made records: (‖∇f‖ − 1)²."""
    mix = torch.rand(len(real[0]), 1, device=real[0].device)
    between = []
    for one, other in zip(real, made, strict=True):
        share = mix.view(-1, *[1] * (one.dim() - 1))
        between.append((share * one + (1 - share) * other).detach().requires_grad_(True))
    said = critic(*between).sum()
    gradients = torch.autograd.grad(said, between, create_graph=True)
    length = sum(one.flatten(1).square().sum(dim=1) for one in gradients)
    return ((length + 1e-12).sqrt() - 1).square().mean()
