"""A record written one step after the other, by a recurrent network that sees all that was before.

    p(record) = p(statics) · Π_t Π_k p(x_tk | statics, x_1 … x_(t-1), x_t1 … x_t(k-1))

Statics come first. Then, at each step and in this order: does the regimen change, and to which;
which flags are raised; what is measured where they are. A gated recurrent unit (Cho and others,
EMNLP 2014, doi:10.3115/v1/D14-1179) carries what was before; numbers are mixtures of normal
distributions (Bishop 1994) around as much of the last value as the network wants to keep.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..data import Cohort
from ..errors import ArgumentError
from .base import MOST_ROUNDS, lengths_of, wanted
from .chain import Chain, draw_level, draw_number
from .history import History, features_of
from .layout import Encoded, Plan
from .networks import NetworkGenerator
from .training import Loop, descend


@dataclass(frozen=True)
class GruConfig:
    """What can be set of an `AutoregressiveGru`."""

    width: int = 100  # of the recurrent unit
    inputs: int = 128  # features are brought to so many
    head: int = 48  # hidden units of each head
    loop: Loop = field(default_factory=Loop)
    device: str = "auto"


class Network(nn.Module):
    """Statics from nothing; steps from a recurrent unit over features of the past."""

    def __init__(self, plan: Plan, features: int, config: GruConfig):
        super().__init__()
        order = [("label", k) for k in range(len(plan.statics))]
        order += [("number", k) for k in range(len(plan.static_numbers))]
        self.statics = Chain(1, plan.statics, plan.static_numbers, order, 32, stays=False)
        self.enter = nn.Linear(features, config.inputs)
        self.memory = nn.GRU(config.inputs, config.width, batch_first=True)
        both = config.inputs + config.width
        self.steps = Chain(both, plan.labels, plan.numbers, plan.chain, config.head, stays=True)

    def context(self, features: torch.Tensor, state: torch.Tensor | None = None):
        """Return what the heads see, shape (n, n_steps, d), and the state of the memory."""
        entered = F.gelu(self.enter(features))
        remembered, state = self.memory(entered, state)
        return torch.cat([entered, remembered], dim=2), state


class AutoregressiveGru(NetworkGenerator):
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
        return Network(self.codec_, History.width(self.codec_), self.config)

    def _learn(
        self, encoded: Encoded, seed: int, max_steps: int | None, budget_seconds: float | None
    ) -> None:
        begun, loop = time.perf_counter(), self.config.loop
        self._build(seed)
        data = Batches(self.codec_, encoded, self.device_)
        data.begin(self.network_)
        parameters = list(self.network_.parameters())
        optimiser = torch.optim.AdamW(
            parameters, loop.learning_rate, weight_decay=loop.weight_decay
        )

        def step(who: torch.Tensor) -> dict[str, float]:
            statics, moving = data.losses(self.network_, who.to(self.device_))
            descend(statics + moving, optimiser, parameters, loop.clip)
            return {"statics": statics.item(), "steps": moving.item()}

        if budget_seconds is not None:
            budget_seconds = max(budget_seconds - (time.perf_counter() - begun), 1e-3)
        self._loop(
            step, [optimiser], len(encoded), seed, max_steps, budget_seconds, "writing records"
        )

    @torch.no_grad()
    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        rng = torch.Generator(self.device_).manual_seed(seed)
        with self._quietly(seed):
            statics, static_numbers = self._draw_statics(n, rng, like)
            return self._draw_steps(statics, static_numbers, rng)

    def _draw_statics(
        self, n: int, rng: torch.Generator, like: dict[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        chain, found, kept = self.network_.statics, [], 0
        for _ in range(MOST_ROUNDS):
            context = chain.first(torch.ones(n, 1, device=self.device_))
            drawn = _walk(chain, context, None, None, None, rng)
            levels, numbers, atoms = (part.cpu().numpy() for part in drawn)
            for k, number in enumerate(self.codec_.static_numbers):
                for place, atom in enumerate(number.atoms):
                    exact = number.scale.forward(np.array([atom]))[0]
                    numbers[:, k] = np.where(atoms[:, k] == place + 1, exact, numbers[:, k])
            fits = wanted(self.codec_, levels, like)
            found.append((levels[fits], numbers[fits]))
            kept += int(fits.sum())
            if kept >= n:
                parts = zip(*found, strict=True)
                levels, numbers = (np.concatenate(part)[:n] for part in parts)
                return levels, numbers
        raise ArgumentError(
            f"Of {MOST_ROUNDS * n:,} people drawn only {kept:,} were like {like}: the training "
            "cohort has hardly anybody like that. Ask for fewer, or for something more common."
        )

    def _draw_steps(
        self, statics: np.ndarray, static_numbers: np.ndarray, rng: torch.Generator
    ) -> Encoded:
        plan, network = self.codec_, self.network_
        n_steps, lengths = plan.schema.n_steps, lengths_of(plan, statics)
        history = History(plan, statics, static_numbers, lengths, n_steps)
        state, found = None, []
        for _ in range(n_steps):
            features = torch.from_numpy(history.features()).to(self.device_)
            context, state = network.context(features[:, None], state)
            before = torch.from_numpy(history.lags[0]).to(self.device_)
            previous = torch.from_numpy(history.levels).to(self.device_)
            last = torch.from_numpy(history.atoms).to(self.device_)
            drawn = _walk(
                network.steps, network.steps.first(context[:, 0]), previous, before, last, rng, plan
            )
            step = [part.cpu().numpy() for part in drawn]
            history.add(*step)
            found.append(step)
        levels, numbers, atoms = (np.stack(part, axis=1) for part in zip(*found, strict=True))
        return Encoded(statics, static_numbers, levels, numbers, atoms, lengths)

    @torch.no_grad()
    def patient_scores(self, cohort: Cohort) -> np.ndarray:
        """Return how likely the model finds each patient: nats a step, shape (n_patients,)."""
        encoded = self.codec_.encode(cohort)
        data = Batches(self.codec_, encoded, self.device_)
        with self._quietly(0):
            parts = [
                data.surprise(self.network_, torch.arange(k, min(k + 256, len(encoded))))
                for k in range(0, len(encoded), 256)
            ]
        return -torch.cat(parts).cpu().numpy() / encoded.lengths


class Batches:
    """The arrays of a cohort as tensors, and what a network loses on some of its patients."""

    def __init__(self, plan: Plan, encoded: Encoded, device: torch.device):
        def tensor(values: np.ndarray) -> torch.Tensor:
            return torch.from_numpy(np.ascontiguousarray(values)).to(device)

        self.plan = plan
        self.features = tensor(features_of(plan, encoded))
        self.levels, self.atoms = tensor(encoded.levels), tensor(encoded.atoms)
        self.numbers = tensor(encoded.numbers.astype(np.float32))
        self.statics = tensor(encoded.statics.astype(np.int64))
        self.static_numbers = tensor(encoded.static_numbers.astype(np.float32))
        self.static_atoms = tensor(_static_atoms(plan, encoded.static_numbers))
        self.present = tensor(encoded.present)
        place = plan.flags
        self.flag_of = [
            place.get((plan.labels if kind == "label" else plan.numbers)[k].flag or "", -1)
            for kind, k in plan.chain
        ]

    def begin(self, network: Network) -> None:
        """Let the heads of a network begin with the averages of these patients."""
        everybody = torch.arange(len(self.present))
        statics = torch.ones(len(everybody), len(network.statics.links), dtype=torch.bool)
        network.statics.begin(
            self.statics, self.static_numbers, None, None, statics.to(self.present.device)
        )
        rows, counts, _ = self._rows(everybody)
        levels, numbers, _, previous, before = rows
        network.steps.begin(levels, numbers, previous, before, counts > 0)

    def _rows(self, who: torch.Tensor):
        """Steps on record of some patients, with the step before, and where each link counts."""
        here = self.present[who]
        levels, numbers, atoms = (part[who] for part in (self.levels, self.numbers, self.atoms))
        previous = torch.cat([torch.full_like(levels[:, :1], -1), levels[:, :-1]], dim=1)
        before = torch.cat([torch.zeros_like(numbers[:, :1]), numbers[:, :-1]], dim=1)
        flat = here.reshape(-1)
        rows = [part.flatten(0, 1)[flat] for part in (levels, numbers, atoms, previous, before)]
        counts = torch.ones(len(rows[0]), len(self.flag_of), device=here.device)
        for k, flag in enumerate(self.flag_of):
            if flag >= 0:
                counts[:, k] = (rows[0][:, flag] > 0).float()
        return rows, counts, flat

    def surprise(self, network: Network, who: torch.Tensor) -> torch.Tensor:
        """Return the negative log likelihood of each record, its statics left out, shape (n,)."""
        context, _ = network.context(self.features[who])
        rows, counts, flat = self._rows(who)
        losses = _losses(network.steps, context.flatten(0, 1)[flat], *rows)
        total = torch.zeros(len(flat), device=losses.device)
        total[flat] = (losses * counts).sum(dim=1)
        return total.view(len(who), -1).sum(dim=1)

    def losses(self, network: Network, who: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the mean surprise of statics (a patient) and of steps (a step), two numbers."""
        chain = network.statics
        context = torch.ones(len(who), 1, device=self.features.device)
        statics = _losses(
            chain, context, self.statics[who], self.static_numbers[who], self.static_atoms[who],
            None, None,
        )  # fmt: skip
        moving = self.surprise(network, who).sum() / self.present[who].sum()
        return statics.sum(dim=1).mean(), moving


def _losses(chain: Chain, context, levels, numbers, atoms, previous, before) -> torch.Tensor:
    seen = [
        chain.codes(link, levels[:, link.place], None)
        if link.kind == "label"
        else chain.codes(link, numbers[:, link.place], atoms[:, link.place])
        for link in chain.links
    ]
    outputs = chain.outputs(context, torch.cat(seen, dim=1))
    return chain.losses(outputs, levels, numbers, atoms, previous, before)


def _walk(chain: Chain, context, previous, before, last, rng, plan: Plan | None = None):
    """Draw the variables of a chain one by one: levels, numbers and atoms, shapes (n, …).

    What belongs to a flag that is not raised stays as it was.
    """
    n, device = len(context), context.device
    count = {kind: sum(link.kind == kind for link in chain.links) for kind in ("label", "number")}
    levels = torch.zeros(n, count["label"], dtype=torch.int64, device=device)
    numbers = torch.zeros(n, count["number"], device=device)
    atoms = torch.zeros(n, count["number"], dtype=torch.int64, device=device)
    seen = torch.zeros(n, chain.seen, device=device)
    places = plan.flags if plan else {}
    for k, link in enumerate(chain.links):
        output, place = chain.one(k, context, seen), link.place
        column = None
        if plan is not None:
            column = (plan.labels if link.kind == "label" else plan.numbers)[place]
        flag = places.get(column.flag or "", -1) if column is not None else -1
        raised = levels[:, flag] > 0 if flag >= 0 else None
        if link.kind == "label":
            held = None if previous is None else previous[:, place]
            drawn = draw_level(chain.logits(output, link, held), rng)
            levels[:, place] = drawn if raised is None else torch.where(raised, drawn, held)
            seen[:, link.inputs] = chain.codes(link, levels[:, place], None)
            continue
        base = None if before is None else before[:, place]
        number = draw_number(output[:, link.levels :], base, rng)
        atom = draw_level(output[:, : link.levels], rng) if link.levels > 1 else atoms[:, place]
        if raised is not None:
            number = torch.where(raised, number, base)
            atom = torch.where(raised, atom, last[:, place])
        numbers[:, place], atoms[:, place] = number, atom
        seen[:, link.inputs] = chain.codes(link, number, atom)
    return levels, numbers, atoms


def _static_atoms(plan: Plan, numbers: np.ndarray) -> np.ndarray:
    found = np.zeros(numbers.shape, dtype=np.int64)
    for k, number in enumerate(plan.static_numbers):
        for place, atom in enumerate(number.atoms):
            exact = number.scale.forward(np.array([atom]))[0]
            found[:, k] = np.where(
                np.isclose(numbers[:, k], exact, atol=1e-6), place + 1, found[:, k]
            )
    return found
