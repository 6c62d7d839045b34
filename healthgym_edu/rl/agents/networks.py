"""The one loop in which networks learn Q: batches of records, a target network, a loss.

A network takes standardised features and gives one number per action.  Its target for what was
done is the reward and what an older copy of it, the target network, says of the next decision
(Mnih et al. 2015); the best action there is sought by the newer one (double Q-learning, van
Hasselt, Guez and Silver, arXiv 1509.06461), among the actions that an agent allows there.
"""

from __future__ import annotations

from abc import abstractmethod
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

from ...errors import TrainingError
from ..batch import Transitions
from .base import Agent, best, scaling


@dataclass(frozen=True)
class NetworkConfig:
    """What can be set of an agent that learns a network.

    Attributes
    ----------
    steps, batch : int
        Of gradient descent, and records in each.
    width : int
        Of two hidden layers.
    rate : float
        Of learning; it falls to 0 along half a cosine.
    renew : float
        By which share the target network follows in each step.
    discount : float
        Per decision.
    """

    steps: int = 3000
    batch: int = 256
    width: int = 64
    rate: float = 1e-3
    renew: float = 0.01
    discount: float = 1.0


@dataclass
class Records:
    """Standardised records as tensors; of the last decision of a patient, its own features."""

    seen: torch.Tensor
    action: torch.Tensor
    reward: torch.Tensor
    goes_on: torch.Tensor
    then: torch.Tensor
    allowed: torch.Tensor  # (n, a) what a clinician might have done at the next decision


class NetworkAgent(Agent):
    """An agent that learns Q as a network.

    Attributes
    ----------
    network_ : torch.nn.Module
    history_ : DataFrame
        By step: the loss, and what the agent believes to be worth at first decisions (``value``).
    """

    config: NetworkConfig
    outputs = 1  # numbers per action: Q, and what else a kind of agent learns

    def learn(self, batch: Transitions, rng: np.random.Generator) -> None:
        torch.manual_seed(int(rng.integers(2**31)))
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the products are small
        try:
            self._learn(batch, rng)
        finally:
            torch.set_num_threads(threads)

    def _learn(self, batch: Transitions, rng: np.random.Generator) -> None:
        config = self.config
        self.mean_, self.scale_ = scaling(batch.observation)
        self.paid_ = np.array([batch.reward.mean(), batch.returns().std() or 1.0])
        records = self._records(batch)
        self.network_ = self._network(len(batch.features), len(batch.actions))
        target = deepcopy(self.network_).requires_grad_(False)
        optimiser = torch.optim.Adam(self.network_.parameters(), config.rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, config.steps)
        noted, first = [], torch.as_tensor(batch.begins)
        for step in range(1, config.steps + 1):
            rows = torch.as_tensor(rng.integers(len(batch), size=config.batch))
            loss = self.loss(records, rows, target)
            if not torch.isfinite(loss):
                raise TrainingError(
                    f"The loss of {type(self).__name__} is no number any more at step {step}. "
                    "Learn more slowly: a smaller rate in its configuration."
                )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.network_.parameters(), 10.0)
            optimiser.step()
            schedule.step()
            with torch.no_grad():
                for old, new in zip(target.parameters(), self.network_.parameters(), strict=True):
                    old.lerp_(new, config.renew)
            if step % max(1, config.steps // 50) == 0:
                admissible = torch.as_tensor(batch.admissible[batch.begins])
                with torch.no_grad():
                    q = self.scores(records.seen[first], admissible).max(dim=1).values
                value = float(q.mean()) * self.paid_[1]
                noted.append({"step": step, "loss": loss.item(), "value": value})
        self.history_ = pd.DataFrame(noted)

    def _records(self, batch: Transitions) -> Records:
        later = np.minimum(np.arange(len(batch)) + 1, len(batch) - 1)
        seen = self._standardised(batch.observation)
        return Records(
            seen, torch.as_tensor(batch.action),
            torch.as_tensor(batch.reward / self.paid_[1], dtype=torch.float32),
            torch.as_tensor(~batch.terminated), seen[later],
            torch.as_tensor(batch.admissible[later]),
        )  # fmt: skip

    def _standardised(self, seen: np.ndarray) -> torch.Tensor:
        z = np.clip((seen - self.mean_) / self.scale_, -5, 5)
        return torch.as_tensor(z, dtype=torch.float32)

    def _network(self, d: int, a: int) -> nn.Module:
        width = self.config.width
        return nn.Sequential(
            nn.Linear(d, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, a * self.outputs), nn.Unflatten(1, (self.outputs, a)),
        )  # fmt: skip

    @abstractmethod
    def allowed(self, out: torch.Tensor, admissible: torch.Tensor) -> torch.Tensor:
        """Return among which actions the best is sought, (n, a), from (n, outputs, a)."""

    def extra(self, out: torch.Tensor, action: torch.Tensor) -> torch.Tensor:
        """Return what is added to the loss, from (n, outputs, a) and (n,)."""
        return torch.zeros(())

    def scores(self, seen: torch.Tensor, admissible: torch.Tensor) -> torch.Tensor:
        """Return Q of allowed actions, (n, a), in units of the training; -inf of the others."""
        out = self.network_(seen)
        return out[:, 0].masked_fill(~self.allowed(out, admissible), -torch.inf)

    def loss(self, records: Records, rows: torch.Tensor, target: nn.Module) -> torch.Tensor:
        """Return the loss of a batch."""
        then, done = records.then[rows], records.action[rows]
        with torch.no_grad():
            choice = self.scores(then, records.allowed[rows]).argmax(dim=1, keepdim=True)
            worth = target(then)[:, 0].gather(1, choice)[:, 0]
            aim = records.reward[rows] + self.config.discount * worth * records.goes_on[rows]
        out = self.network_(records.seen[rows])
        q = out[:, 0].gather(1, done[:, None])[:, 0]
        return F.smooth_l1_loss(q, aim) + self.extra(out, done)

    @torch.no_grad()
    def choose(self, seen: np.ndarray, admissible: np.ndarray) -> np.ndarray:
        scores = self.scores(self._standardised(seen), torch.as_tensor(admissible)).numpy()
        return best(scores, np.isfinite(scores))

    def arrays(self) -> dict[str, np.ndarray]:
        weights = {name: one.numpy() for name, one in self.network_.state_dict().items()}
        return weights | {"mean": self.mean_, "scale": self.scale_, "paid": self.paid_}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        weights = {name: torch.as_tensor(one) for name, one in arrays.items()}
        self.mean_, self.scale_, self.paid_ = (
            weights.pop(name).numpy() for name in ("mean", "scale", "paid")
        )
        self.network_ = self._network(len(self.trained_.features), len(self.trained_.actions))
        self.network_.load_state_dict(weights)
