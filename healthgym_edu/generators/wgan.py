"""Two networks that fight: one makes records, the other tells them from real ones (Health Gym v1).

A critic f is trained to give real records x more than made ones G(z), a generator to be given more:

    critic      min  E f(G(z)) − E f(x) + λ E (‖∇f(x̂)‖ − 1)²,   x̂ between a real and a made record
    generator   min  − E f(G(z)) + α · alignment

(Arjovsky, Chintala and Bottou, ICML 2017, arXiv:1701.07875; the penalty of the gradient: Gulrajani
and others, NeurIPS 2017, arXiv:1704.00028).  The alignment, of Kuo and others (Scientific Data
2022, doi:10.1038/s41597-022-01784-7), is how far correlations of a made batch are from those of a
real one: of columns in the same step, and, which theirs lacks, of columns with the step before.

The generator is recurrent. What never changes is made once; other labels have one draw of luck for
all steps (Gumbel noise; Jang, Gu and Poole, ICLR 2017, arXiv:1611.01144), so that a regimen changes
only where its odds do; flags are drawn at each step.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..variables import FOLLOWED
from .base import AT_ONCE, gather
from .codec import Codec
from .critic import Critic, gradient_penalty
from .layout import Encoded, places
from .networks import NetworkGenerator, gumbel
from .tensors import from_arrays, n_channels, to_arrays
from .training import Loop, descend


@dataclass(frozen=True)
class GanConfig:
    """What can be set of a `WganGp`."""

    latent: int = 32  # numbers that are a patient
    noise: int = 8  # numbers that are a step
    width: int = 64  # of the generator
    critic: int = 32  # channels of the critic
    fights: int = 3  # steps of the critic for one of the generator
    penalty: float = 10.0
    alignment: float = 2.0
    rebuild: float = 1.0  # of giving back who went in, for models with an encoder
    temperature: float = 0.7  # of labels while it learns
    first_steps: float = 0.34  # share of the steps that are seen at the beginning
    grown: int = 15  # moves of the generator after which all steps are seen
    loop: Loop = field(
        default_factory=lambda: Loop(batch=32, learning_rate=3e-3, average=0.9, steps=300)
    )
    device: str = "auto"


class Recurrent(nn.Module):
    """The body of the generator: from a patient and the noise of each step to what heads see."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.memory = nn.GRU(inputs, width, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (n, n_steps, inputs) to (n, n_steps, width)."""
        return self.memory(x)[0]


class Maker(nn.Module):
    """The generator: statics from a latent patient, steps from both and from noise."""

    def __init__(self, plan: Codec, config: GanConfig, body: type[nn.Module]):
        super().__init__()
        self.plan, self.config, width = plan, config, config.width
        parts = plan.statics, plan.columns  # of each, log odds of a label, or one number
        self.sizes = [[1 if one.scale else len(one) for one in part] for part in parts]
        self.patient = nn.Sequential(
            nn.Linear(config.latent, width), nn.GELU(), nn.Linear(width, width), nn.GELU()
        )
        self.statics = nn.Linear(width, sum(self.sizes[0]))
        self.body = body(width + config.noise + n_channels(plan)[0] + 2, width)
        self.steps = nn.Sequential(
            nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, sum(self.sizes[1]))
        )
        for part, columns in enumerate(parts):
            for k, column in enumerate(columns):
                self.register_buffer(f"codes_{part}_{k}", torch.from_numpy(column.codes), False)

    @torch.no_grad()
    def begin(self, encoded: Encoded) -> None:
        """Let the heads begin with how common each level is."""
        heads = (self.statics, encoded.statics), (self.steps[-1], encoded.levels[encoded.present])
        for part, (layer, levels) in enumerate(heads):
            layer.weight.mul_(0.5)
            for bias, level in zip(layer.bias.split(self.sizes[part]), levels.T, strict=True):
                if len(bias) > 1:
                    share = np.bincount(np.maximum(level, 0), minlength=len(bias)) + 0.5
                    bias.copy_(torch.from_numpy(np.log(share / share.sum())))

    def forward(self, latent: torch.Tensor, n_steps: int, rng: torch.Generator | None, soft: bool):
        """Return statics (n, s), records (n, n_steps, d), and the levels of both."""
        n, plan, device = len(latent), self.plan, latent.device
        patient = self.patient(latent)
        statics, still = self._drawn(self.statics(patient), 0, rng, soft)
        noise = torch.randn(n, n_steps, self.config.noise, generator=rng, device=device)
        clock = torch.arange(n_steps, device=device) / plan.schema.n_steps
        clock = torch.stack([clock, torch.exp(-12 * clock)], dim=1).expand(n, -1, -1)
        fixed = torch.cat([patient, statics], dim=1)[:, None].expand(-1, n_steps, -1)
        hidden = self.body(torch.cat([fixed, noise, clock], dim=2))
        both = torch.cat([hidden, patient[:, None].expand(-1, n_steps, -1)], dim=2)
        record, levels = self._drawn(self.steps(both), 1, rng, soft)
        record = self._carried(record)
        if not plan.schema.equal_length:
            here = self._here(statics, n_steps)
            record = torch.cat([record * here, here], dim=2)
        return statics, record, still, levels

    def _drawn(self, said: torch.Tensor, part: int, rng: torch.Generator | None, soft: bool):
        """Draw labels from log odds: what models see of everything, and the levels (…, m)."""
        codes, levels = [], []
        columns = (self.plan.statics, self.plan.columns)[part]
        outputs = said.split(self.sizes[part], dim=-1)
        for k, (column, odds) in enumerate(zip(columns, outputs, strict=True)):
            if column.scale:
                codes.append(odds)
                levels.append(torch.zeros_like(odds[..., 0], dtype=torch.int64))
                continue
            shape = list(odds.shape)
            if odds.dim() == 3 and not column.is_flag:
                shape[1] = 1  # one draw of luck for all steps
            drawn = (odds + gumbel(shape, rng, said.device)) / self.config.temperature
            level = drawn.argmax(dim=-1)
            hard = F.one_hot(level, len(column)).to(odds.dtype)
            if soft:  # forward the level, backward its odds
                smooth = F.softmax(drawn, dim=-1)
                hard = hard + smooth - smooth.detach()
            codes.append(hard @ getattr(self, f"codes_{part}_{k}"))
            levels.append(level)
        return torch.cat(codes, dim=-1), torch.stack(levels, dim=-1)

    @torch.no_grad()
    def settle(self, records: torch.Tensor, latent: torch.Tensor) -> None:
        """Give numbers the mean and the spread of the records, from which the last batches move."""
        made, columns = self(latent, records.shape[1], None, False)[1], self.plan.columns
        last = (part.split(self.sizes[1]) for part in (self.steps[-1].weight, self.steps[-1].bias))
        for column, span, flag, weight, bias in zip(
            columns, places(columns), self.plan.flag_of, *last, strict=True
        ):
            real, own = (self._new(x, span.start, flag) for x in (records, made))
            if column.scale and min(len(real), len(own)) > 1:
                times = real.std() / own.std().clamp(min=1e-3)
                weight *= times
                bias.copy_(real.mean() + times * (bias - own.mean()))

    def _new(self, records: torch.Tensor, channel: int, flag: int) -> torch.Tensor:
        """Return the values of a channel at steps that are on record and at which it is new."""
        seen = torch.ones_like(records[..., 0])
        if not self.plan.schema.equal_length:
            seen = records[..., -1]
        if flag >= 0:
            seen = seen * records[..., places(self.plan.columns)[flag].start]
        return records[..., channel][seen > 0.5]

    def _here(self, statics: torch.Tensor, n_steps: int) -> torch.Tensor:
        """Whether a patient is on record, by the length that was made, shape (n, n_steps, 1)."""
        names = [one.name for one in self.plan.statics]
        at = places(self.plan.statics)[names.index(FOLLOWED)]
        ended = F.pad(statics[:, at].cumsum(dim=1), (1, 0))[:, :n_steps]
        return (1 - ended)[..., None]

    def _carried(self, record: torch.Tensor) -> torch.Tensor:
        """Let what belongs to a flag stand still where it is not raised."""
        spans, at, by = places(self.plan.columns), [], []
        for span, flag in zip(spans, self.plan.flag_of, strict=True):
            if flag >= 0:
                at += list(range(span.start, span.stop))
                by += [spans[flag].start] * (span.stop - span.start)
        if not at:
            return record
        raised, values = record[..., by], record[..., at]
        last, found = torch.zeros_like(values[:, 0]), []
        for step in range(record.shape[1]):
            last = raised[:, step] * values[:, step] + (1 - raised[:, step]) * last
            found.append(last)
        where = torch.tensor(at, device=record.device)
        return record.index_copy(2, where, torch.stack(found, dim=1))


def alignment(real: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
    """Return the mean distance of means, spreads and correlations, the latter with the step before,
    too."""
    sides = []
    for x in (real, made):
        both = torch.cat([x[:, 1:], x[:, :-1]], dim=2).flatten(0, 1)
        mean = both.mean(dim=0)
        spread = ((both - mean).square().mean(dim=0) + 1e-3).sqrt()
        z = (both - mean) / spread
        sides.append((z.T @ z / len(z), mean, spread))
    gaps = [(one - other).abs().mean() for one, other in zip(*sides, strict=True)]
    return gaps[0] + gaps[1] + gaps[2]


class WganGp(NetworkGenerator):
    """Health Gym's first model, compact: a recurrent generator against a critic.

    Parameters
    ----------
    config : GanConfig, optional

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train = hg.load_cohort("hypotension", n_patients=80)
    >>> made = WganGp().fit(train, max_steps=1, seed=0).sample(4, seed=1)
    >>> len(made)
    4
    """

    normal = True
    body: type[nn.Module] = Recurrent

    def __init__(self, config: GanConfig | None = None):
        self.config = config or GanConfig()

    def _network(self) -> nn.Module:
        still, moving = n_channels(self.codec_)
        maker = Maker(self.codec_, self.config, self.body)
        critic = Critic(2 * moving + still, self.config.critic)
        return nn.ModuleDict({"maker": maker, "critic": critic})

    def _learn(self, encoded: Encoded, seed: int, **limits: Any) -> None:
        config, loop = self.config, self.config.loop
        self._build(seed)
        maker, critic = self.network_["maker"], self.network_["critic"]
        maker.begin(encoded)
        statics, records = self._arrays_of(encoded)
        parameters = list(maker.parameters()), list(critic.parameters())
        optimisers = [
            torch.optim.Adam(one, loop.learning_rate, betas=(0.5, 0.9)) for one in parameters
        ]
        moves = 0

        def some(n_steps: int) -> tuple[torch.Tensor, torch.Tensor]:
            who = torch.randint(len(statics), (min(loop.batch, len(statics)),))
            return statics[who], records[who, :n_steps]

        def step(who: torch.Tensor) -> dict[str, float]:
            nonlocal moves
            share = config.first_steps + (1 - config.first_steps) * min(moves / config.grown, 1)
            n_steps = max(4, round(share * records.shape[1]))
            for _ in range(config.fights):
                real = some(n_steps)
                with torch.no_grad():
                    made = maker(self._latent(len(real[0])), n_steps, None, True)[:2]
                gap = critic(*made).mean() - critic(*real).mean()
                penalty = gradient_penalty(critic, real, made)
                descend(gap + config.penalty * penalty, optimisers[1], parameters[1], 10.0)
            real = statics[who.to(self.device_)], records[who.to(self.device_), :n_steps]
            made, owed = self._makes(real)
            aligned = alignment(real[1], made[1])
            loss = config.alignment * aligned - critic(*made).mean() + owed
            descend(loss, optimisers[0], parameters[0], 10.0)
            moves += 1
            return {"distance": -gap.item(), "penalty": penalty.item(), "alignment": aligned.item()}

        self._loop(step, optimisers, len(encoded), seed, "fighting", **limits)
        with self._quietly(seed):
            self._remember(encoded)
            maker.settle(records, self._latent(len(records)))

    def _arrays_of(self, encoded: Encoded) -> list[torch.Tensor]:
        """Return statics and records as the networks see them; see `to_arrays`."""
        return [torch.from_numpy(one).to(self.device_) for one in to_arrays(self.codec_, encoded)]

    def _remember(self, encoded: Encoded) -> None:
        """Keep what latent patients are drawn from; here they are drawn from nothing."""

    def _makes(self, real: tuple[torch.Tensor, torch.Tensor]) -> tuple[Any, torch.Tensor]:
        """Return a made batch as large as a real one, and what is lost besides."""
        latent, maker = self._latent(len(real[0])), self.network_["maker"]
        return maker(latent, real[1].shape[1], None, True)[:2], torch.zeros((), device=self.device_)

    def _latent(self, n: int, rng: torch.Generator | None = None) -> torch.Tensor:
        """Return latent patients, shape (n, latent)."""
        return torch.randn(n, self.config.latent, generator=rng, device=self.device_)

    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        rng = torch.Generator(self.device_).manual_seed(seed)
        with self._quietly(seed):
            return gather(lambda some: self._some(some, rng), self.codec_, n, like, AT_ONCE)

    @torch.no_grad()
    def _some(self, n: int, rng: torch.Generator) -> Encoded:
        maker, n_steps = self.network_["maker"], self.codec_.schema.n_steps
        made = maker(self._latent(n, rng), n_steps, rng, False)
        statics, record, still, levels = (one.cpu().numpy() for one in made)
        encoded = from_arrays(self.codec_, statics, record)
        return replace(encoded, statics=still, levels=levels)

    @torch.no_grad()
    def patient_scores(self, cohort: Any) -> np.ndarray:
        """Return what the critic gives each patient, shape (n_patients,)."""
        arrays = self._arrays_of(self.codec_.encode(cohort))
        with self._quietly(0):
            return self.network_["critic"](*arrays).cpu().numpy()
