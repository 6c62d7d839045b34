"""A generator that is shown where real patients lie, so that nobody disappears (Health Gym v2).

A generator that draws its latent patients from one normal distribution can leave out whoever is
rare: its mode has collapsed.  Here an encoder q places every training patient in the latent space,
as a variational auto-encoder does (Kingma and Welling, ICLR 2014, arXiv:1312.6114):

    min  ‖x − G(z)‖² + β KL(q(z | x) ‖ N(0, 1)),   z from q(z | x)

and the generator learns with latents from there, while it must still give back who went in.  (The
critic meets what is made from the prior: from there, it made worse records in the same time.)  The
paper (Kuo and others 2022, arXiv:2208.08655) keeps latent places of patients in a buffer, and its
published code needs them to sample: whoever releases that generator releases a record of each.
**This buffer holds groups**: for each combination of what never changes, with at least `FEWEST`
patients, the mean and the covariance of their places; smaller groups are together one.  From these
it samples, in the shares that the groups have.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from .codec import Codec
from .critic import Critic
from .layout import Encoded
from .tensors import n_channels
from .wgan import WganGp

FEWEST = 20
"""Patients that a group of the buffer has at least."""

BETA = 0.02
"""Weight of the divergence of an encoded patient from the prior."""


class Encoder(nn.Module):
    """From a record to where it lies: mean and log of the standard deviation."""

    def __init__(self, channels: int, width: int, latent: int):
        super().__init__()
        self.seen = Critic(channels, width)
        self.seen.last[-1] = nn.Linear(width, 2 * latent)

    def forward(
        self, statics: torch.Tensor, record: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Shapes (n, s) and (n, n_steps, d) to two of (n, latent)."""
        mean, log_spread = self.seen.all_of(statics, record).chunk(2, dim=1)
        return mean, log_spread.clamp(-4, 1)


class VaeBufferWganGp(WganGp):
    """Health Gym v2, compact: a `WganGp` whose latent patients come from a buffer of groups.

    Parameters
    ----------
    config : GanConfig, optional

    Attributes
    ----------
    groups_ : int
        How many groups the buffer has.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train = hg.load_cohort("hypotension", n_patients=80)
    >>> made = VaeBufferWganGp().fit(train, max_steps=1, seed=0).sample(4, seed=1)
    >>> len(made)
    4
    """

    groups_: int = 1

    def _network(self) -> nn.Module:
        network, config = super()._network(), self.config
        still, moving = n_channels(self.codec_)
        encoder = Encoder(2 * moving + still, config.critic // 2, config.latent)
        network["encoder"] = encoder
        encoder.register_buffer("share", torch.ones(self.groups_) / self.groups_)
        encoder.register_buffer("mean", torch.zeros(self.groups_, config.latent))
        encoder.register_buffer("spread", torch.eye(config.latent).repeat(self.groups_, 1, 1))
        return network

    def _learn(self, encoded: Encoded, seed: int, **limits: Any) -> None:
        self.group_of_, self.groups_ = groups_of(self.codec_, encoded)
        super()._learn(encoded, seed, **limits)
        del self.group_of_

    def _makes(self, real: tuple[torch.Tensor, torch.Tensor]) -> tuple[Any, torch.Tensor]:
        """Return what the generator makes of latents near real patients, and what it owes them."""
        mean, log_spread = self.network_["encoder"](*real)
        latent = mean + log_spread.exp() * torch.randn_like(mean)
        made = self.network_["maker"](latent, real[1].shape[1], None, True)
        wrong = (made[1] - real[1]).square().mean() + (made[0] - real[0]).square().mean()
        divergence = 0.5 * (mean**2 + (2 * log_spread).exp() - 1 - 2 * log_spread).sum(dim=1)
        return made[:2], self.config.rebuild * wrong + BETA * divergence.mean()

    @torch.no_grad()
    def _remember(self, encoded: Encoded) -> None:
        """Fill the buffer: for each group where its patients lie, and how far apart."""
        encoder = self.network_["encoder"]
        mean, log_spread = encoder(*self._arrays_of(encoded))
        for group in range(self.groups_):
            who = torch.from_numpy(self.group_of_ == group).to(self.device_)
            places, own = mean[who], (2 * log_spread[who]).exp().mean(dim=0)
            centred = places - places.mean(dim=0)
            # as many numbers as a group has patients would be their places in disguise
            keep = len(places) / (len(places) + places.shape[1])
            covariance = centred.T @ centred / len(places)
            straight = torch.diag(covariance.diagonal())
            covariance = keep * covariance + (1 - keep) * straight + torch.diag(own)
            encoder.share[group] = who.float().mean()
            encoder.mean[group] = places.mean(dim=0)
            encoder.spread[group] = torch.linalg.cholesky(covariance)

    def _latent(self, n: int, rng: torch.Generator | None = None) -> torch.Tensor:
        encoder = self.network_["encoder"]
        group = torch.multinomial(encoder.share, n, replacement=True, generator=rng)
        noise = torch.randn(n, self.config.latent, generator=rng, device=self.device_)
        return encoder.mean[group] + torch.einsum("nij,nj->ni", encoder.spread[group], noise)

    def _rebuild(self, arrays: dict[str, np.ndarray], told: dict[str, Any]) -> None:
        self.groups_ = len(arrays["encoder.share"])
        super()._rebuild(arrays, told)


def groups_of(codec: Codec, encoded: Encoded) -> tuple[np.ndarray, int]:
    """Return the group of each patient, and how many there are: combinations of static columns.

    Groups of fewer than `FEWEST` patients are together one, the last.
    """
    named = [k for k, one in enumerate(codec.statics) if one.name in codec.schema.static]
    key = encoded.statics[:, named] if named else np.zeros((len(encoded), 1), dtype=int)
    _, group = np.unique(key, axis=0, return_inverse=True)
    group = group.ravel()
    enough = np.bincount(group) >= FEWEST
    order = np.where(enough, np.cumsum(enough) - 1, enough.sum())
    found = order[group]
    return found, int(found.max()) + 1
