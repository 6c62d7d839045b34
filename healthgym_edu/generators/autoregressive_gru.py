"""A record written one step after the other, by a recurrent network that sees all that was before.

    p(record) = p(statics) · Π_t Π_k p(x_tk | statics, x_1 … x_(t-1), x_t1 … x_t(k-1))

Statics come first. Then, at each step and in this order: does the regimen change, and to which;
which flags are raised; what is measured where they are. A gated recurrent unit (Cho and others,
EMNLP 2014, doi:10.3115/v1/D14-1179) carries what was before; numbers are mixtures of normal
distributions (Bishop 1994) around as much of the last value as the network wants to keep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..data import Cohort
from .autoregressive import Autoregressive, History, features_of, width_of, width_of_habits
from .chain import Chain, Rows
from .codec import Codec
from .layout import Encoded
from .networks import NetworkGenerator
from .training import Loop, descend


@dataclass(frozen=True)
class GruConfig:
    """What can be set of an `AutoregressiveGru`.

    `drop` is the share of what the heads see that is left out in training, lest they memorise.  If
    None, it is 1 / √m for m variables a step, because what a few heads share is learned by heart
    sooner than what many share: .38 for ART, .14 for sepsis.  (With .4, people of sepsis became
    easier to tell; with .2, those of ART changed their drugs too seldom after long training.)
    """

    width: int = 96  # of the recurrent unit
    inputs: int = 96  # features are brought to so many
    head: int = 48  # hidden units of each head
    drop: float | None = None
    loop: Loop = field(default_factory=lambda: Loop(batch=32, learning_rate=5e-3))
    device: str = "auto"


class Network(nn.Module):
    """Statics from nothing; steps from a recurrent unit over features of the past."""

    def __init__(self, codec: Codec, config: GruConfig):
        super().__init__()
        self.statics = Chain(1, codec.statics, 32, stays=False)
        self.enter = nn.Linear(width_of(codec), config.inputs)
        self.memory = nn.GRU(config.inputs, config.width, batch_first=True)
        self.steps = Chain(config.inputs + config.width, codec.columns, config.head, stays=True)

    def context(
        self, features: torch.Tensor, state: torch.Tensor | None = None, drop: float = 0.0
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what the heads see, shape (n, n_steps, d), and the state of the memory.

        In training a share of it is set to 0, and the rest raised for it (dropout: Srivastava and
        others, JMLR 2014, https://jmlr.org/papers/v15/srivastava14a.html).
        """
        entered = F.gelu(self.enter(features))
        remembered, state = self.memory(entered, state)
        return F.dropout(torch.cat([entered, remembered], dim=2), drop), state


class AutoregressiveGru(Autoregressive, NetworkGenerator):
    """Write records step by step; the strongest generator of this course.

    Parameters
    ----------
    config : GruConfig, optional

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train = hg.load_cohort("hypotension", n_patients=80)
    >>> model = AutoregressiveGru().fit(train, max_steps=3, seed=0)
    >>> len(model.sample(5, seed=1)), model.steps_
    (5, 3)
    """

    def __init__(self, config: GruConfig | None = None):
        self.config = config or GruConfig()

    def _network(self) -> Network:
        return Network(self.codec_, self.config)

    def _learn(self, encoded: Encoded, seed: int, **limits: Any) -> None:
        loop = self.config.loop
        self._build(seed)
        data = Data(self.codec_, encoded, self.device_)
        data.begin(self.network_)
        drop = self.config.drop
        drop = len(self.codec_.columns) ** -0.5 if drop is None else drop
        parameters = list(self.network_.parameters())
        optimiser = torch.optim.AdamW(
            parameters, loop.learning_rate, weight_decay=loop.weight_decay, fused=True
        )

        def step(who: torch.Tensor) -> dict[str, float]:
            who = who.to(self.device_)
            statics = data.surprise_of_statics(self.network_, who).mean()
            steps = data.surprise(self.network_, who, drop).sum()
            steps = steps / data.present[who].sum()
            descend(statics + steps, optimiser, parameters, loop.clip)
            return {"statics": statics.item(), "steps": steps.item()}

        self._loop(step, [optimiser], len(encoded), seed, "writing records", **limits)

    @torch.no_grad()
    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        with self._quietly(seed):
            return super()._draw(n, seed, like)

    def _luck(self, seed: int) -> torch.Generator:
        return torch.Generator(self.device_).manual_seed(seed)

    def _statics(self, n: int, rng: torch.Generator) -> tuple[np.ndarray, np.ndarray]:
        nothing = torch.ones(n, 1, device=self.device_)
        free = [-1] * len(self.codec_.statics)
        levels, values = self.network_.statics.draw(nothing, None, free, rng)
        return levels.cpu().numpy(), values.cpu().numpy().astype(float)

    def _step(
        self, history: History, memory: Any, rng: torch.Generator
    ) -> tuple[np.ndarray, np.ndarray, Any]:
        features = torch.from_numpy(history.features()).to(self.device_)
        context, memory = self.network_.context(features[:, None], memory)
        habits = features[:, : width_of_habits(self.codec_)]
        before = *rows_of(history.levels, history.values, self.device_), habits
        drawn = self.network_.steps.draw(context[:, 0], before, self.codec_.flag_of, rng)
        levels, values = (part.cpu().numpy() for part in drawn)
        return levels, values.astype(float), memory

    @torch.no_grad()
    def patient_scores(self, cohort: Cohort) -> np.ndarray:
        """Return the log likelihood of what changes, in nats a step, shape (n_patients,).

        The statics only condition it: how likely they are is left out.  So is that what is drawn
        beyond the ends of a scale is folded back, which makes values next to a wall likelier.
        """
        encoded = self.codec_.encode(cohort)
        data = Data(self.codec_, encoded, self.device_)
        with self._quietly(0):
            everybody = torch.arange(len(encoded)).split(256)
            parts = [data.surprise(self.network_, who) for who in everybody]
        return -torch.cat(parts).cpu().numpy() / encoded.lengths


def rows_of(levels: np.ndarray, values: np.ndarray, device: torch.device) -> Rows:
    """Return arrays as tensors."""
    numbers = torch.from_numpy(values.astype(np.float32)).to(device)
    return torch.from_numpy(np.ascontiguousarray(levels)).to(device), numbers


class Data:
    """The arrays of a cohort as tensors, and how surprising a network finds its patients."""

    def __init__(self, codec: Codec, encoded: Encoded, device: torch.device):
        self.features = torch.from_numpy(features_of(codec, encoded)).to(device)
        self.present = torch.from_numpy(encoded.present).to(device)
        self.drawn = torch.from_numpy(codec.drawn(encoded.levels)).to(device)
        self.statics = rows_of(encoded.statics, encoded.static_values, device)
        self.steps = rows_of(encoded.levels, encoded.values, device)
        levels, values = (np.roll(part, 1, axis=1) for part in (encoded.levels, encoded.values))
        levels[:, 0], values[:, 0] = [one.unseen for one in codec.columns], 0
        habits = self.features[..., : width_of_habits(codec)]
        self.before = *rows_of(levels, values, device), habits

    def begin(self, network: Network) -> None:
        """Let the heads of a network begin with the averages of these patients."""
        network.statics.begin(self.statics, None, torch.ones_like(self.statics[0]).bool())
        rows, before = _those(self.steps, self.present), _those(self.before, self.present)
        network.steps.begin(rows, before, self.drawn[self.present])

    def surprise_of_statics(self, network: Network, who: torch.Tensor) -> torch.Tensor:
        """Return the negative log likelihood of what never changes, shape (n,)."""
        rows, nothing = (self.statics[0][who], self.statics[1][who]), torch.ones(len(who), 1)
        return network.statics.losses(nothing.to(who.device), rows, None).sum(dim=1)

    def surprise(self, network: Network, who: torch.Tensor, drop: float = 0.0) -> torch.Tensor:
        """Return the negative log likelihood of each record, its statics left out, shape (n,)."""
        here, (context, _) = self.present[who], network.context(self.features[who], drop=drop)
        rows, before = _those(self.steps, who, here), _those(self.before, who, here)
        losses = network.steps.losses(context[here], rows, before) * self.drawn[who][here]
        total = torch.zeros(here.shape, device=losses.device)
        return total.masked_scatter(here, losses.sum(dim=1)).sum(dim=1)


def _those(parts: tuple[torch.Tensor, ...], *which: torch.Tensor) -> Any:
    """Return some of each of several tensors, chosen one after the other."""
    for chosen in which:
        parts = tuple(part[chosen] for part in parts)
    return parts
