"""Several variables, one after the other: each sees the context and those before it.

    p(a, b, c | context) = p(a | context) p(b | a, context) p(c | a, b, context)

In training all heads are computed at once, with weights masked so that nobody sees itself (Germain,
Gregor, Murray and Larochelle, MADE, ICML 2015, arXiv:1502.03509); in sampling, one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .history import codes_of
from .layout import Label, Number

MIXTURE = 6
"""Normal distributions in the mixture that a number is drawn from."""

WIDEST, NARROWEST = 2.0, -5.0
"""Between these lies the logarithm of their standard deviations."""


@dataclass(frozen=True)
class Link:
    """One variable of a chain and where it stands among the inputs of those after it."""

    kind: str  # "label" or "number"
    place: int  # among the labels, or among the numbers
    levels: int  # of a label; of a number: 1 + its atoms
    outputs: int
    inputs: slice


class Chain(nn.Module):
    """Heads for labels and numbers in a fixed order.

    Parameters
    ----------
    context : int
        Width of what all of them see.
    labels, numbers : tuple of Label, tuple of Number
    order : list of (str, int)
        ``("label", 0)``, ``("number", 2)`` and so on.
    width : int
        Hidden units of each head.
    stays : bool
        Whether a label knows its level of the step before: then it has one more output, the log
        odds of staying there, and the others say where it goes if it does not.
    """

    def __init__(
        self,
        context: int,
        labels: tuple[Label, ...],
        numbers: tuple[Number, ...],
        order: list[tuple[str, int]],
        width: int,
        stays: bool,
    ):
        super().__init__()
        self.links, begin, self.stays, self.width = [], 0, stays, width
        for kind, k in order:
            size = len(labels[k]) if kind == "label" else 1 + len(numbers[k].atoms)
            seen = codes_of(labels[k]).shape[1] if kind == "label" else size
            outputs = size + stays if kind == "label" else size + 3 * MIXTURE + 1
            self.links.append(Link(kind, k, size, outputs, slice(begin, begin + seen)))
            begin += seen
        self.seen = begin
        for link in self.links:
            if link.kind == "label":
                table = np.vstack([codes_of(labels[link.place]), np.zeros((1, _seen(link)))])
                self.register_buffer(f"codes_{link.place}", torch.tensor(table).float(), False)
        sizes = {link.place: link.levels for link in self.links if link.kind == "label" and stays}
        self.moves, self.staying = (
            nn.ParameterDict(
                {str(k): torch.zeros(size + 1, *more(size)) for k, size in sizes.items()}
            )
            for more in (lambda size: (size,), lambda size: ())
        )
        mask = torch.zeros(begin, len(self.links) * width)
        for k, link in enumerate(self.links):
            mask[: link.inputs.start, k * width : (k + 1) * width] = 1
        self.register_buffer("mask", mask, False)
        self.first = nn.Linear(context, len(self.links) * width)
        self.earlier = nn.Parameter(torch.randn(begin, len(self.links) * width) * 0.1)
        self.last = nn.ModuleList([nn.Linear(width, link.outputs) for link in self.links])

    @torch.no_grad()
    def begin(
        self,
        levels: torch.Tensor,
        numbers: torch.Tensor,
        previous: torch.Tensor | None,
        before: torch.Tensor | None,
        counts: torch.Tensor,
    ) -> None:
        """Let each head begin with what is true on average, so that it need not learn that.

        Parameters
        ----------
        levels, numbers : Tensor, shapes (n, q) and (n, p)
        previous, before : Tensor, optional
            The same at the step before.
        counts : Tensor of bool, shape (n, links)
            Where a variable is drawn at all.
        """
        for head, link, here in zip(self.last, self.links, counts.T, strict=True):
            head.weight.mul_(0.3)
            if not here.any():
                continue
            if link.kind == "label":
                level = levels[here, link.place]
                if not self.stays or previous is None:
                    share = torch.bincount(level, minlength=link.levels) + 0.5
                    head.bias[: link.levels] = torch.log(share / share.sum())
                    continue
                self._begin_moves(link, level.clamp(min=0), previous[here, link.place])
                continue
            value, kept = numbers[here, link.place], 0.0
            if before is not None:
                last = before[here, link.place]
                kept = float((value * last).mean() / (last**2).mean().clamp(min=1e-6))
                kept = min(max(kept, 0.05), 0.98)
                value = value - kept * last
                head.bias[-1] = float(np.log(kept / (1 - kept))) - 2
            begin, spread = link.levels, float(value.std(correction=0)) + 1e-3
            widths = spread * torch.tensor([0.2, 0.4, 0.7, 1.0, 1.5, 2.5])
            head.bias[begin + MIXTURE : begin + 2 * MIXTURE] = float(value.mean())
            head.bias[begin + 2 * MIXTURE : begin + 3 * MIXTURE] = torch.log(widths)

    def _begin_moves(self, link: Link, level: torch.Tensor, last: torch.Tensor) -> None:
        """Where people went from each level, with a little of where everybody went."""
        last = torch.where(last < 0, link.levels, last)
        cell = last * link.levels + level
        counts = torch.bincount(cell, minlength=(link.levels + 1) * link.levels).float()
        counts = counts.view(link.levels + 1, link.levels)
        stayed = torch.cat([counts.diagonal(), torch.zeros(1, device=counts.device)])
        moved = counts.clone()
        moved[: link.levels].fill_diagonal_(0)
        gone = moved.sum(dim=1)
        overall = (moved.sum(dim=0) + 0.1) / (moved.sum() + 0.1 * link.levels)
        self.moves[str(link.place)].copy_(torch.log((moved + overall) / (gone + 1)[:, None]))
        share = float(stayed.sum() / (stayed + gone)[:-1].sum().clamp(min=1))
        odds = (stayed + 5 * share + 1e-2) / (gone + 5 * (1 - share) + 1e-2)
        self.staying[str(link.place)].copy_(torch.log(odds))

    def codes(self, link: Link, values: torch.Tensor, atoms: torch.Tensor | None) -> torch.Tensor:
        """Return what later variables see of one, shape (n, d): levels, or a number and atoms."""
        if link.kind == "label":
            return getattr(self, f"codes_{link.place}")[values]
        assert atoms is not None
        marks = F.one_hot(atoms, link.levels).float()[:, 1:]
        return torch.cat([values[:, None], marks], dim=1)

    def outputs(self, context: torch.Tensor, seen: torch.Tensor) -> list[torch.Tensor]:
        """Return what each head says, given everybody's codes, shape (n, outputs) each."""
        hidden = F.gelu(self.first(context) + seen @ (self.earlier * self.mask))
        parts = hidden.split(self.width, dim=1)
        return [head(part) for head, part in zip(self.last, parts, strict=True)]

    def one(self, k: int, context: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Return what head `k` says; `context` has been through ``chain.first``."""
        link, at = self.links[k], slice(k * self.width, (k + 1) * self.width)
        before = link.inputs.start
        hidden = F.gelu(context[:, at] + seen[:, :before] @ self.earlier[:before, at])
        return self.last[k](hidden)

    def logits(
        self, output: torch.Tensor, link: Link, previous: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the log odds of the levels of a label, shape (n, levels).

        First whether it changes, then to which of the others.
        """
        levels = output[:, : link.levels]
        if not self.stays or previous is None:
            return levels
        known = (previous >= 0)[:, None]
        own = F.one_hot(previous.clamp(min=0), link.levels).bool() & known
        levels = levels + self.moves[str(link.place)][previous]  # the last row is for -1
        others = F.log_softmax(levels.masked_fill(own, -1e4), dim=1)
        stays = output[:, -1:] + self.staying[str(link.place)][previous][:, None]
        moved = torch.where(known, others + F.logsigmoid(-stays), others)
        return torch.where(own, F.logsigmoid(stays), moved)

    def losses(
        self,
        outputs: list[torch.Tensor],
        levels: torch.Tensor,
        numbers: torch.Tensor,
        atoms: torch.Tensor,
        previous: torch.Tensor | None,
        before: torch.Tensor | None,
    ) -> torch.Tensor:
        """Return how surprising each variable was, in nats, shape (n, links)."""
        found = []
        for link, output in zip(self.links, outputs, strict=True):
            k = link.place
            if link.kind == "label":
                last = None if previous is None else previous[:, k]
                logits = self.logits(output, link, last)
                found.append(F.cross_entropy(logits, levels[:, k].clamp(min=0), reduction="none"))
                continue
            base = None if before is None else before[:, k]
            surprise = -mixture_density(output[:, link.levels :], numbers[:, k], base)
            if link.levels > 1:
                surprise = torch.where(atoms[:, k] == 0, surprise, 0.0)
                kinds = output[:, : link.levels]
                surprise = surprise + F.cross_entropy(kinds, atoms[:, k], reduction="none")
            found.append(surprise)
        return torch.stack(found, dim=1)


def _seen(link: Link) -> int:
    return link.inputs.stop - link.inputs.start


def _parts(output: torch.Tensor, base: torch.Tensor | None):
    weights, means, spreads, kept = output.split([MIXTURE, MIXTURE, MIXTURE, 1], dim=1)
    if base is not None:  # around as much of the last value as the head wants to keep
        means = means + torch.sigmoid(kept + 2) * base[:, None]
    return weights, means, spreads.clamp(NARROWEST, WIDEST)


def mixture_density(
    output: torch.Tensor, value: torch.Tensor, base: torch.Tensor | None
) -> torch.Tensor:
    """Return the logarithm of the density of a mixture of normal distributions, shape (n,)."""
    weights, means, spreads = _parts(output, base)
    z = (value[:, None] - means) * torch.exp(-spreads)
    parts = F.log_softmax(weights, dim=1) - 0.5 * z**2 - spreads - 0.5 * np.log(2 * np.pi)
    return torch.logsumexp(parts, dim=1)


def draw_number(
    output: torch.Tensor, base: torch.Tensor | None, rng: torch.Generator
) -> torch.Tensor:
    """Draw a number from its mixture, shape (n,)."""
    weights, means, spreads = _parts(output, base)
    which = draw_level(weights, rng)[:, None]
    noise = torch.randn(len(output), 1, generator=rng, device=output.device)
    drawn = means.gather(1, which) + spreads.gather(1, which).exp() * noise
    return drawn[:, 0]


def draw_level(logits: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Draw a level from its log odds, shape (n,)."""
    noise = torch.rand(logits.shape, generator=rng, device=logits.device).clamp(1e-9, 1 - 1e-7)
    return (logits - torch.log(-torch.log(noise))).argmax(dim=1)
