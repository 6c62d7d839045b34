"""Records out of noise, step by step (Health Gym v3).

Forward, a record x is mixed with noise e until nothing is left of it:

    x_t = cos(φ) x + sin(φ) e,   φ from 0 to π / 2

A network sees x_t and φ and says v = cos(φ) e − sin(φ) x (Salimans and Ho, ICLR 2022,
arXiv:2202.00512), from which both x and e follow.  Backward, x_t is moved along what it says
(Song, Meng and Ermon, DDIM, ICLR 2021, arXiv:2010.02502) from pure noise to a record, in 25 steps.
(Diffusion: Ho, Jain and Abbeel, NeurIPS 2020, arXiv:2006.11239.)

The noise moves through time as slowly as the data: e = L n, where n is white and L Lᵀ is how each
channel varies with itself over the steps of a record (Biloš and others, ICML 2023,
arXiv:2211.02590).  The network says v in the same way, as L times what is new at each step, so that
even one that has learned little makes records with the right memory.

The network is a U-Net in one dimension, time (Ronneberger, Fischer and Brox 2015,
doi:10.1007/978-3-319-24574-4_28). What never changes is a constant channel: the U-Net sees it at
every step, and a small network beside it says its v, once. Labels are read on the way, from log
odds that the U-Net says besides, and held from there on (`reading`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .base import AT_ONCE, gather
from .layout import Encoded
from .networks import NetworkGenerator
from .reading import Reader, shares, sizes, surprise, targets
from .tensors import from_arrays, n_channels, to_arrays
from .training import Loop, descend

PATCH = 3
"""So many steps are one place for the network, with more channels: less work."""

COARSEST = 4 * PATCH
"""Records are filled up to a multiple of so many steps."""

JITTER = 1e-3
"""Variance of every single step that is added, so that a constant channel can be divided by it."""


@dataclass(frozen=True)
class DiffusionConfig:
    """What can be set of a `Diffusion`."""

    width: int = 64  # channels of the first level
    deeper: int = 96  # of those below
    steps: int = 25  # from noise to a record
    read: float = 1.1  # at this angle, where records are still noisy, labels are read
    labels: float = 0.3  # weight of the surprise of labels beside the error of numbers
    loop: Loop = field(default_factory=lambda: Loop(batch=32, learning_rate=3e-3, average=0.99))
    device: str = "auto"


class Block(nn.Module):
    """Two convolutions over time, moved by how noisy the record is, and a way around them."""

    def __init__(self, width_in: int, width: int, noise: int):
        super().__init__()
        self.one = nn.Conv1d(width_in, width, 3, padding=1)
        self.two = nn.Conv1d(width, width, 3, padding=1)
        self.noise = nn.Linear(noise, width)
        self.around = nn.Conv1d(width_in, width, 1) if width_in != width else nn.Identity()

    def forward(self, x: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Shapes (n, width_in, t) and (n, noise) to (n, width, t)."""
        hidden = F.silu(self.one(x) + self.noise(noise)[:, :, None])
        return self.around(x) + self.two(hidden)


class UNet(nn.Module):
    """Down to half and a quarter of the steps and up again, with what was seen on the way."""

    def __init__(self, still: int, channels: int, levels: int, width: int, deeper: int):
        super().__init__()
        self.n_still = still
        self.angles = nn.Sequential(nn.Linear(16, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.down = nn.ModuleList(
            [Block(PATCH * channels + 2, width, 64), Block(width, deeper, 64)]
        )
        self.middle = Block(deeper, deeper, 64)
        self.up = nn.ModuleList([Block(2 * deeper, deeper, 64), Block(deeper + width, width, 64)])
        self.last = nn.Conv1d(width, PATCH * (channels - still + levels), 1)
        self.still = nn.Sequential(
            nn.Linear(still + deeper + 64, 128), nn.SiLU(), nn.Linear(128, 128), nn.SiLU(),
            nn.Linear(128, still),
        )  # fmt: skip
        for layer in (self.last, self.still[-1]):
            nn.init.zeros_(layer.weight)

    @torch.no_grad()
    def begin(self, shares: np.ndarray) -> None:
        """Let the odds begin where they are before anything is known."""
        bias = self.last.bias.view(-1, PATCH)
        bias[-len(shares) :] = torch.from_numpy(np.log(shares))[:, None]

    def forward(self, x: torch.Tensor, angle: torch.Tensor) -> torch.Tensor:
        """Shapes (n, channels, t) and (n,) to v, and below it log odds of the levels of labels."""
        waves = angle[:, None] * torch.arange(1, 9, device=x.device)
        noise = self.angles(torch.cat([waves.sin(), waves.cos()], dim=1))
        n, channels, t = x.shape
        fixed = x[:, : self.n_still].mean(dim=2)
        x = x.view(n, channels, t // PATCH, PATCH).transpose(2, 3).reshape(n, -1, t // PATCH)
        clock = torch.linspace(0, 1, x.shape[2], device=x.device)
        clock = torch.stack([clock, torch.exp(-12 * clock)]).expand(len(x), 2, -1)
        hidden, seen = torch.cat([x, clock], dim=1), []
        for block in self.down:
            hidden = block(hidden, noise)
            seen.append(hidden)
            hidden = F.avg_pool1d(hidden, 2)
        hidden = self.middle(hidden, noise)
        fixed = self.still(torch.cat([fixed, hidden.mean(dim=2), noise], dim=1))
        for block in self.up:
            hidden = F.interpolate(hidden, scale_factor=2)
            hidden = block(torch.cat([hidden, seen.pop()], dim=1), noise)
        out = self.last(hidden).view(n, -1, PATCH, t // PATCH)
        out = out.transpose(2, 3).reshape(n, -1, t)
        # of what never changes nothing is new after the first step
        return torch.cat([F.pad(fixed[:, :, None], (0, t - 1)), out], dim=1)


class Diffusion(NetworkGenerator):
    """Undo noise until a record is left.

    Parameters
    ----------
    config : DiffusionConfig, optional

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train = hg.load_cohort("hypotension", n_patients=80)
    >>> made = Diffusion().fit(train, max_steps=2, seed=0).sample(4, seed=1)
    >>> len(made)
    4
    """

    normal = True

    def __init__(self, config: DiffusionConfig | None = None):
        self.config = config or DiffusionConfig()

    def _network(self) -> nn.Module:
        still, moving = n_channels(self.codec_)
        channels, n_steps = still + moving, self.codec_.schema.n_steps
        t = n_steps + -n_steps % COARSEST
        unet = UNet(still, channels, sum(sizes(self.codec_)), self.config.width, self.config.deeper)
        unet.register_buffer("spread", torch.ones(channels))
        unet.register_buffer("centre", torch.zeros(channels, t))
        unet.register_buffer("slow", torch.eye(t).repeat(channels, 1, 1))
        return unet

    def _records(self, encoded: Encoded) -> torch.Tensor:
        """All channels over all steps, a multiple of `COARSEST`, shape (n, channels, t)."""
        statics, moving = to_arrays(self.codec_, encoded)
        n_steps = moving.shape[1]
        whole = np.concatenate(
            [np.repeat(statics[:, None], n_steps, axis=1), moving], axis=2
        ).transpose(0, 2, 1)
        return _filled(whole, mode="edge")

    def _learn(self, encoded: Encoded, seed: int, **limits: Any) -> None:
        loop = self.config.loop
        self._build(seed)
        records = self._standardise(self._records(encoded).to(self.device_))
        innovations = torch.linalg.solve_triangular(
            self.network_.slow, records.permute(1, 2, 0), upper=False
        ).permute(2, 0, 1)
        parameters = list(self.network_.parameters())
        levels = targets(self.codec_, encoded).transpose(0, 2, 1)
        self.network_.begin(shares(self.codec_, levels))
        levels = _filled(levels, constant_values=-1).to(self.device_)
        optimiser = torch.optim.AdamW(
            parameters, loop.learning_rate, weight_decay=loop.weight_decay, fused=True
        )

        def step(who: torch.Tensor) -> dict[str, float]:
            who = who.to(self.device_)
            x, new = records[who], innovations[who]
            angle = torch.rand(len(x), device=x.device) * (math.pi / 2)
            noise = torch.randn_like(x)
            cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
            said = self.network_(cos * x + sin * self._slowly(noise), angle)
            wrong = said[:, : x.shape[1]] - (cos * noise - sin * new)
            error = wrong.square().mean() + self._slowly(wrong).square().mean()
            wonder = surprise(self.codec_, said[:, x.shape[1] :], levels[who])
            label = (wonder * angle.cos()[:, None, None] ** 2).mean()
            descend(error + self.config.labels * label, optimiser, parameters, loop.clip)
            return {"error": error.item(), "labels": label.item()}

        self._loop(step, [optimiser], len(encoded), seed, "undoing noise", **limits)

    @torch.no_grad()
    def _standardise(self, records: torch.Tensor) -> torch.Tensor:
        """Return records around 0, and remember how each channel moves through time."""
        network = self.network_
        network.centre.copy_(records.mean(dim=0))
        records = records - network.centre
        network.spread.copy_(records.square().mean(dim=(0, 2)).sqrt().clamp(min=0.02))
        records = records / network.spread[None, :, None]
        together = torch.einsum("nct,ncu->ctu", records, records) / len(records)
        jitter = JITTER * torch.eye(records.shape[2], device=records.device)
        network.slow.copy_(torch.linalg.cholesky(together + jitter))
        return records

    def _slowly(self, noise: torch.Tensor) -> torch.Tensor:
        """Return noise that moves through time as the channels do, shape (n, channels, t)."""
        return torch.einsum("ctu,ncu->nct", self.network_.slow, noise)

    @torch.no_grad()
    def denoise(
        self, n: int, seed: int, steps: int | None = None, reader: Reader | None = None
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Return the records at every step from noise on, and the log odds of their labels.

        Parameters
        ----------
        n, seed, steps : int
        reader : Reader, optional
            Reads the labels at the angle ``config.read``, and holds them from there on.

        Returns
        -------
        (list of Tensor, Tensor)
            Shapes (n, channels, t), around 0, and (n, q, t): the odds at ``config.read``.
        """
        steps = self.config.steps if steps is None else steps
        rng = torch.Generator(self.device_).manual_seed(seed)
        shape = (n, *self.network_.centre.shape)
        x = self._slowly(torch.randn(shape, generator=rng, device=self.device_))
        angles = torch.linspace(math.pi / 2, 0, steps + 1, device=self.device_)
        found, odds = [x], None

        def say(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            said = self.network_(x, now.expand(n))
            v = self._slowly(said[:, : shape[1]])
            clean, noise = now.cos() * x - now.sin() * v, now.sin() * x + now.cos() * v
            return clean, noise, said[:, shape[1] :]

        with self._quietly(seed):
            for now, then in zip(angles[:-1], angles[1:], strict=True):
                first = odds is None and (now <= self.config.read or then == 0)
                if first and reader:
                    x = reader.read(x, now, say)
                clean, noise, said = say(x)
                odds = said if first else odds
                x = then.cos() * clean + then.sin() * noise
                if reader:
                    x = reader.hold(x, then)
                found.append(x)
        assert odds is not None
        return found, odds

    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        rng = np.random.default_rng(seed)
        return gather(lambda some: self._some(some, rng), self.codec_, n, like, AT_ONCE)

    def _some(self, n: int, rng: np.random.Generator) -> Encoded:
        still, n_steps = n_channels(self.codec_)[0], self.codec_.schema.n_steps
        seed = int(rng.integers(2**31))
        luck = torch.Generator(self.device_).manual_seed(int(rng.integers(2**31)))
        reader = Reader(self.codec_, self.network_.centre, self.network_.spread, luck)
        path, _ = self.denoise(n, seed, reader=reader)
        x = path[-1] * self.network_.spread[None, :, None] + self.network_.centre
        x = x[:, :, :n_steps].cpu().numpy()
        made = from_arrays(self.codec_, x[:, :still].mean(axis=2), x[:, still:].transpose(0, 2, 1))
        for k, levels in reader.levels.items():
            made.levels[:, :, k] = levels[:, :n_steps].cpu().numpy()
        return made


def _filled(arrays: np.ndarray, **how: Any) -> torch.Tensor:
    """Return arrays, shape (n, d, n_steps), filled up to a multiple of `COARSEST` steps."""
    extra = -arrays.shape[2] % COARSEST
    return torch.from_numpy(np.pad(arrays, [(0, 0), (0, 0), (0, extra)], **how))
