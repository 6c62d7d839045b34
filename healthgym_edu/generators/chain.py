"""Several variables, one after the other: each sees the context and those before it.

    p(a, b, c | context) = p(a | context) p(b | a, context) p(c | a, b, context)

In training all heads are computed at once, with weights masked so that nobody sees itself (Germain,
Gregor, Murray and Larochelle, MADE, ICML 2015, arXiv:1502.03509); in sampling, one by one.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .layout import Column, places
from .mixtures import MIXED, MIXTURE, draw_level, draw_number, fold, mixture_density

NEVER = -1e4
"""Log odds of what cannot be."""

Rows = tuple[torch.Tensor, torch.Tensor]
"""Levels and values of some variables, shape (n, m) both."""

Past = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""The rows of the step before, and *habits*: the mean of the codes of each label over a person's
steps so far, as if there had been two more of zeros, side by side, shape (n, h)."""


class Chain(nn.Module):
    """Heads for labels and numbers in a fixed order.

    Parameters
    ----------
    context : int
        Width of what all of them see.
    columns : tuple of Column
    width : int
        Hidden units of each head.
    stays : bool
        Whether variables know what they were at the step before: then a label has one more output,
        the log odds of staying there, and the others say where it goes if it does not, both with
        what the person's habits add; and a number is drawn around as much of the last one as its
        head wants to keep.
    """

    def __init__(self, context: int, columns: tuple[Column, ...], width: int, stays: bool):
        super().__init__()
        self.columns, self.width = columns, width
        self.places = places(columns)
        self.labels = [k for k, one in enumerate(columns) if not one.scale and len(one) > 1]
        self.numbers = [k for k, one in enumerate(columns) if one.scale]
        only = [k for k, one in enumerate(columns) if not one.scale and len(one) == 1]
        order = [*self.labels, *self.numbers, *only]  # of their hidden units, side by side
        self.order = [order.index(k) for k in range(len(columns))]
        self.units = [slice(one * width, (one + 1) * width) for one in self.order]
        everything = sum(column.width for column in columns)
        most = max((len(columns[k]) for k in self.numbers), default=0)
        mask = torch.zeros(everything, len(columns) * width)
        never = torch.zeros(len(self.numbers), most, 1)
        self.moves, self.staying = nn.ParameterDict(), nn.ParameterDict()
        self.leaning, self.holding = nn.ParameterDict(), nn.ParameterDict()
        self.habits: dict[int, slice] = {}
        known = 0
        self.last = nn.ModuleList()
        for k, column in enumerate(columns):
            size = len(column)
            table = np.vstack([column.codes, np.zeros_like(column.codes[:1])])
            self.register_buffer(f"codes_{k}", torch.from_numpy(table), False)
            mask[: self.places[k].start, self.units[k]] = 1
            if column.scale:
                atoms = [0.0, *(float(column.scale.forward(one[0])) for one in column.levels[1:])]
                self.register_buffer(f"atoms_{k}", torch.tensor(atoms), False)
                never[self.numbers.index(k), size:] = NEVER
            elif stays:  # from each level, the last row from none, to each
                self.moves[str(k)] = nn.Parameter(torch.zeros(size + 1, size))
                self.staying[str(k)] = nn.Parameter(torch.zeros(size + 1))
                self.leaning[str(k)] = nn.Parameter(torch.zeros(column.width, size))
                self.holding[str(k)] = nn.Parameter(torch.zeros(size + 1, column.width))
                self.habits[k] = slice(known, known + column.width)
                known += column.width
            self.last.append(nn.Linear(width, MIXED + most if column.scale else size + stays))
        self.register_buffer("mask", mask, False)
        self.register_buffer("never", never, False)
        # what the last level of a number adds to the log odds of the next
        again = nn.Parameter(torch.zeros(len(self.numbers), most, most))
        self.again = again if stays and self.numbers else None
        self.first = nn.Linear(context, len(columns) * width)
        self.earlier = nn.Parameter(torch.randn(everything, len(columns) * width) * 0.1)

    def codes(self, k: int, levels: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Return what later variables see of one, shape (n, d); see `Column.seen`."""
        codes = getattr(self, f"codes_{k}")[levels]
        return torch.cat([values[:, None], codes], dim=1) if self.columns[k].scale else codes

    def hidden(self, context: torch.Tensor, rows: Rows) -> torch.Tensor:
        """Return the hidden units of all heads where everything is known, shape (n, m · width)."""
        codes = [self.codes(k, rows[0][:, k], rows[1][:, k]) for k in range(len(self.columns))]
        return F.gelu(self.first(context) + torch.cat(codes, dim=1) @ (self.earlier * self.mask))

    def losses(self, context: torch.Tensor, rows: Rows, before: Past | None) -> torch.Tensor:
        """Return how surprising each variable was, in nats, shape (n, m).

        Parameters
        ----------
        context : Tensor, shape (n, d)
        rows : Rows
        before : Past, optional
            For variables that know the step before.
        """
        hidden = self.hidden(context, rows).unflatten(1, (-1, self.width))
        sizes = [len(self.labels), len(self.numbers)]
        labels, numbers, only = hidden.split([*sizes, len(self.columns) - sum(sizes)], dim=1)
        found = [only.new_zeros(only.shape[:2])]
        if self.numbers:
            found.insert(0, self._surprise_of_numbers(numbers, rows, before))
        if self.labels:
            found.insert(0, self._surprise_of_labels(labels, rows[0], before))
        return torch.cat(found, dim=1)[:, self.order]

    def _surprise_of_numbers(
        self, hidden: torch.Tensor, rows: Rows, before: Past | None
    ) -> torch.Tensor:
        """All at once, shape (n, numbers)."""
        ks = self.numbers
        weights = torch.stack([self.last[k].weight for k in ks])
        biases = torch.stack([self.last[k].bias for k in ks])
        output = torch.baddbmm(biases[..., None], weights, hidden.permute(1, 2, 0))
        level, value = rows[0][:, ks].T, rows[1][:, ks].T
        around = before[1][:, ks].T if before else None
        own = mixture_density(output[:, :MIXED], value, around)
        odds = output[:, MIXED:] + self.never
        if before and self.again is not None:
            last = F.one_hot(before[0][:, ks], self.again.shape[1]).to(odds.dtype)
            odds = odds + torch.einsum("nml,mlk->mkn", last, self.again)
        share = F.log_softmax(odds, dim=1)
        atom = share.gather(1, level[:, None])[:, 0]
        return -(atom + torch.where(level == 0, own, 0.0)).T

    def _surprise_of_labels(
        self, hidden: torch.Tensor, levels: torch.Tensor, before: Past | None
    ) -> torch.Tensor:
        """Whether they stay, all at once; where to, only of those who go, shape (n, labels)."""
        ks = self.labels
        level, goes = levels[:, ks].clamp(min=0), torch.ones_like(levels[:, ks], dtype=torch.bool)
        found = hidden.new_zeros(level.shape)
        if before:
            last = before[0][:, ks]
            known, goes = last >= 0, last != level
            weights = torch.stack([self.last[k].weight[-1] for k in ks])
            biases = torch.stack([self.last[k].bias[-1] for k in ks])
            usual = [self._usual(k, last[:, i], before[2]) for i, k in enumerate(ks)]
            odds = torch.einsum("nkw,kw->nk", hidden, weights) + biases
            odds = odds + torch.stack(usual, dim=1)
            found = torch.where(known, F.softplus(torch.where(goes, odds, -odds)), 0.0)
        for i, (k, units) in enumerate(zip(ks, hidden.unbind(dim=1), strict=True)):
            size, asked = len(self.columns[k]), goes[:, i]
            if before and size == 2:  # from one of two, there is one way
                asked = ~known[:, i]
            who = asked.nonzero()[:, 0]
            if len(who):
                head = self.last[k]
                odds = F.linear(units[who], head.weight[:size], head.bias[:size])
                if before:
                    odds = self._elsewhere(k, odds, last[who, i], before[2][who])
                where_to = F.cross_entropy(odds, level[who, i], reduction="none")
                found = found.index_put((who, torch.full_like(who, i)), where_to, accumulate=True)
        return found

    def _usual(self, k: int, last: torch.Tensor, habits: torch.Tensor) -> torch.Tensor:
        """Return what its level and the person's habits add to the log odds of staying, (n,)."""
        from_each = last % (len(self.columns[k]) + 1)  # the last row from none
        held = F.embedding(from_each, self.holding[str(k)]) * habits[:, self.habits[k]]
        return self.staying[str(k)][last] + held.sum(dim=1)

    def _elsewhere(
        self, k: int, odds: torch.Tensor, last: torch.Tensor, habits: torch.Tensor
    ) -> torch.Tensor:
        """Return the log odds of where a label goes, which is never where it was."""
        leaning = habits[:, self.habits[k]] @ self.leaning[str(k)]
        return (odds + self.moves[str(k)][last] + leaning).masked_fill(self._own(k, last), NEVER)

    def _own(self, k: int, last: torch.Tensor) -> torch.Tensor:
        """Mark the level that a label had, if any, shape (n, levels)."""
        return last[:, None] == torch.arange(len(self.columns[k]), device=last.device)

    def odds(self, k: int, output: torch.Tensor, before: Past | None) -> torch.Tensor:
        """Return the log odds of the levels of a variable, shape (n, levels).

        Of a label that knows its last level, first whether it changes, then to which of the others.
        """
        size = len(self.columns[k])
        if self.columns[k].scale:
            odds = output[:, MIXED : MIXED + size]
            if before and self.again is not None:
                odds = odds + self.again[self.numbers.index(k), before[0][:, k], :size]
            return odds
        if not before:
            return output[:, :size]
        last, habits = before[0][:, k], before[2]
        others = F.log_softmax(self._elsewhere(k, output[:, :size], last, habits), dim=1)
        stays = output[:, -1:] + self._usual(k, last, habits)[:, None]
        moved = torch.where((last >= 0)[:, None], others + F.logsigmoid(-stays), others)
        return torch.where(self._own(k, last), F.logsigmoid(stays), moved)

    def draw(
        self, context: torch.Tensor, before: Past | None, flag_of: list[int], rng: torch.Generator
    ) -> Rows:
        """Draw the variables one by one; what hangs on a flag that is not raised stays as it was.

        Parameters
        ----------
        context : Tensor, shape (n, d)
        before : Past, optional
        flag_of : list of int
            Place of the flag of each variable; -1 for those without.
        rng : torch.Generator
        """
        n, m = len(context), len(self.columns)
        levels = torch.zeros(n, m, dtype=torch.int64, device=context.device)
        values = torch.zeros(n, m, device=context.device)
        seen = torch.zeros(n, len(self.mask), device=context.device)
        context = self.first(context)
        for k, column in enumerate(self.columns):
            start, at = self.places[k].start, self.units[k]
            hidden = context[:, at] + seen[:, :start] @ self.earlier[:start, at]
            output = self.last[k](F.gelu(hidden))
            level, value = levels[:, k], values[:, k]
            if len(column) > 1:
                level = draw_level(self.odds(k, output, before), rng)
            if column.scale:
                around = before[1][:, k] if before else None
                value = fold(draw_number(output[:, :MIXED], around, rng), *column.scale.ends)
                value = torch.where(level > 0, getattr(self, f"atoms_{k}")[level], value)
            if flag_of[k] >= 0 and before:
                raised = levels[:, flag_of[k]] > 0
                level = torch.where(raised, level, before[0][:, k])
                value = torch.where(raised, value, before[1][:, k])
            levels[:, k], values[:, k] = level, value
            seen[:, self.places[k]] = self.codes(k, level, value)
        return levels, values

    @torch.no_grad()
    def begin(self, rows: Rows, before: Past | None, counts: torch.Tensor) -> None:
        """Let each head begin with what is true on average, so that it need not learn that.

        `counts`, shape (n, m), says where a variable is drawn at all.
        """
        for k, (head, column) in enumerate(zip(self.last, self.columns, strict=True)):
            here, size = counts[:, k], len(column)
            head.weight.mul_(0.3)
            if not here.any():
                continue
            level, value = rows[0][here, k], rows[1][here, k]
            share = torch.bincount(level.clamp(min=0), minlength=size) + 0.5
            if column.scale or not before:
                start = MIXED if column.scale else 0
                head.bias[start : start + size] = torch.log(share / share.sum())
                if before and size > 1:
                    self._begin_again(k, level, before[0][here, k], share / share.sum())
            else:
                self._begin_moves(k, level.clamp(min=0), before[0][here, k])
            if column.scale:
                kept = 0.0
                if before:
                    last = before[1][here, k]
                    kept = float((value * last).mean() / (last**2).mean().clamp(min=1e-6))
                    kept = min(max(kept, 0.05), 0.98)
                    value = value - kept * last
                    head.bias[MIXED - 1] = float(np.log(kept / (1 - kept))) - 2
                spread = float(value.std(correction=0)) + 1e-3
                widths = spread * torch.tensor([0.2, 0.4, 0.7, 1.0, 1.5, 2.5])
                head.bias[MIXTURE : 2 * MIXTURE] = float(value.mean())
                head.bias[2 * MIXTURE : 3 * MIXTURE] = torch.log(widths)

    def _begin_again(
        self, k: int, level: torch.Tensor, last: torch.Tensor, share: torch.Tensor
    ) -> None:
        """Compare how common each level of a number is after each other one with how common it is
        at all; levels that few had are taken to change nothing."""
        assert self.again is not None
        size = len(share)
        counts = torch.bincount(last * size + level, minlength=size * size).view(size, size)
        after = (counts + 5 * share) / (counts.sum(dim=1, keepdim=True) + 5)
        self.again[self.numbers.index(k), :size, :size] = torch.log(after / share)

    def _begin_moves(self, k: int, level: torch.Tensor, last: torch.Tensor) -> None:
        """Where people went from each level, with a little of where everybody went."""
        size = len(self.columns[k])
        last = torch.where(last < 0, size, last)
        counts = torch.bincount(last * size + level, minlength=(size + 1) * size).float()
        counts = counts.view(size + 1, size)
        moved = counts.clone().fill_diagonal_(0)
        gone, everybody = moved.sum(dim=1), counts.sum(dim=1)
        stayed = everybody - gone
        overall = (moved.sum(dim=0) + 0.1) / (moved.sum() + 0.1 * size)
        self.moves[str(k)].copy_(torch.log((moved + overall) / (gone + 1)[:, None]))
        share = float(stayed.sum() / everybody[:-1].sum().clamp(min=1))
        odds = (stayed + 5 * share + 1e-2) / (gone + 5 * (1 - share) + 1e-2)
        self.staying[str(k)].copy_(torch.log(odds))
