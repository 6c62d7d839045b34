"""Labels, read from what a network says of a noisy record, and held from there on.

Of each label that moves, the network says the log odds of its levels at every step, and of those
that are no flags also whether they change.  A label is drawn from them, and written into the
record; then the network is asked again, and the next is drawn.  So labels fit each other, and what
is still noise will fit them.  That can be early, when the record is hardly more than noise: later,
what the network makes is smoother than what it learned from, and is misread.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F

from .codec import Codec
from .layout import Encoded, places
from .networks import gumbel
from .tensors import n_channels

ROUNDS = 4
"""So many times the network is asked; labels are shared out among them."""

Say = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor, torch.Tensor]]
"""From noisy records to the records and the noise in them, and to the odds of the labels."""


def labels_of(codec: Codec) -> list[int]:
    """Return which of the columns are labels."""
    return [k for k, one in enumerate(codec.columns) if not one.scale]


def sizes(codec: Codec) -> list[int]:
    """Return how many odds there are of each label, and then of each change."""
    labels = [codec.columns[k] for k in labels_of(codec)]
    return [len(one) for one in labels] + [2 for one in labels if not one.is_flag]


def targets(codec: Codec, encoded: Encoded) -> np.ndarray:
    """Return what the odds are about, -1 where there is nothing, shape (n, n_steps, q)."""
    labels = labels_of(codec)
    levels = np.where(encoded.present[..., None], encoded.levels, -1)[:, :, labels]
    moving = levels[:, :, [not codec.columns[k].is_flag for k in labels]]
    changes = np.full_like(moving, -1)
    both = (moving[:, 1:] >= 0) & (moving[:, :-1] >= 0)
    changes[:, 1:] = np.where(both, moving[:, 1:] != moving[:, :-1], -1)
    return np.concatenate([levels, changes], axis=2)


def shares(codec: Codec, levels: np.ndarray) -> np.ndarray:
    """Return how common each level is in `targets`, shape (n, q, t), and one more of each."""
    counts = [
        np.bincount(levels[:, k][levels[:, k] >= 0], minlength=size) + 1.0
        for k, size in enumerate(sizes(codec))
    ]
    return np.concatenate([one / one.sum() for one in counts])


def surprise(codec: Codec, odds: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """How surprising `targets`, shape (n, q, t), are by the odds, in nats."""
    parts = odds.split(sizes(codec), dim=1)
    found = [
        F.cross_entropy(part, levels[:, k], ignore_index=-1, reduction="none")
        for k, part in enumerate(parts)
    ]
    return torch.stack(found, dim=1)


class Reader:
    """Reads the labels of records, and holds them while the noise goes.

    Parameters
    ----------
    codec : Codec
    centre, spread : Tensor
        What was taken from each channel, shape (channels, t), and what it was divided by.
    rng : torch.Generator

    Attributes
    ----------
    levels : dict
        For each column that is a label its levels, shape (n, t), once they are read.
    """

    def __init__(
        self, codec: Codec, centre: torch.Tensor, spread: torch.Tensor, rng: torch.Generator
    ):
        self.codec, self.centre, self.spread, self.rng = codec, centre, spread, rng
        still = n_channels(codec)[0]
        self.at = [slice(still + one.start, still + one.stop) for one in places(codec.columns)]
        self.levels: dict[int, torch.Tensor] = {}
        self._held: list[tuple[slice, torch.Tensor, torch.Tensor]] = []

    def read(self, x: torch.Tensor, angle: torch.Tensor, say: Say) -> torch.Tensor:
        """Return the noisy records with their labels in them.

        `say` is the network: see `Say`.
        """
        labels = labels_of(self.codec)
        moving = [k for k in labels if not self.codec.columns[k].is_flag]
        for group in [labels[k::ROUNDS] for k in range(min(ROUNDS, len(labels)))]:
            _, noise, odds = say(x)
            parts = odds.split(sizes(self.codec), dim=1)
            for k in group:
                part = parts[labels.index(k)]
                if k in moving:
                    change = parts[len(labels) + moving.index(k)]
                    self.levels[k] = self._with_changes(part, self._drawn(change) > 0)
                else:
                    self.levels[k] = self._drawn(part)
                self._held.append((self.at[k], self._shown(k), noise[:, self.at[k]]))
            x = self.hold(x, angle)
        return x

    def hold(self, x: torch.Tensor, angle: torch.Tensor) -> torch.Tensor:
        """Return the records with the labels that were read, as noisy as this angle wants them."""
        x = x.clone()
        for at, clean, noise in self._held:
            x[:, at] = angle.cos() * clean + angle.sin() * noise
        return x

    def _shown(self, k: int) -> torch.Tensor:
        """The channels of a label that was read, around 0."""
        codes = torch.from_numpy(self.codec.columns[k].codes).to(self.levels[k].device)
        codes = codes[self.levels[k]].permute(0, 2, 1) - self.centre[self.at[k]]
        return codes / self.spread[self.at[k]][None, :, None]

    def _drawn(self, odds: torch.Tensor) -> torch.Tensor:
        """One level at each step, shape (n, t), each with luck of its own."""
        return (odds + gumbel(odds.shape, self.rng, odds.device)).argmax(dim=1)

    def _with_changes(self, odds: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """One level from each change to the next, by its mean odds, and never the same twice."""
        change[:, 0] = True
        stretch, before = change.cumsum(dim=1) - 1, None
        level = torch.zeros_like(stretch)
        for k in range(int(stretch.max()) + 1):
            here = stretch == k
            mean = (odds * here[:, None]).sum(dim=2) / here.sum(dim=1, keepdim=True).clamp(min=1)
            mean = mean + gumbel(mean.shape, self.rng, odds.device)
            if before is not None:
                mean.scatter_(1, before[:, None], -torch.inf)
            before = mean.argmax(dim=1)
            level = torch.where(here, before[:, None], level)
        return level
