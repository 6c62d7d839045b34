"""What the generators that are networks have in common: a device, a seed, weights by name."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from ..errors import TrainingError
from .base import Generator
from .training import Run, Step, learn, one_thread, resolve_device


def gumbel(
    shape: tuple[int, ...] | list[int], rng: torch.Generator | None, device: torch.device
) -> torch.Tensor:
    """Return noise that, added to log odds, makes the largest sum a fair draw of a level."""
    luck = torch.rand(shape, generator=rng, device=device).clamp(1e-9, 1 - 1e-7)
    return -torch.log(-torch.log(luck))


class NetworkGenerator(Generator):
    """A generator whose weights are those of a torch module.

    Attributes
    ----------
    network_ : torch.nn.Module
    device_ : torch.device
    """

    network_: nn.Module
    device_: torch.device

    @abstractmethod
    def _network(self) -> nn.Module:
        """Return a network for the codec, with fresh weights."""

    def _build(self, seed: int = 0) -> None:
        self.device_ = resolve_device(self.config.device)
        with self._quietly(seed):
            self.network_ = self._network().to(self.device_)

    @contextmanager
    def _quietly(self, seed: int) -> Iterator[None]:
        """One thread, and a seed that does not disturb the reader's own random numbers."""
        device = self.device_
        own = [] if device.type == "cpu" else [device]
        with one_thread(device), torch.random.fork_rng(own, device_type=device.type):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed reseeds every device
            for one in own:
                state = torch.Generator(one).manual_seed(seed).get_state()
                getattr(torch, one.type).set_rng_state(state, one)
            yield

    def _loop(
        self, step: Step, optimisers: list[torch.optim.Optimizer], n_patients: int, seed: int,
        words: str, max_steps: int | None, budget_seconds: float | None,
    ) -> None:  # fmt: skip
        """Run the loop of `training`, and remember how it went, also where it went wrong.

        What was spent since `fit` began is taken from the budget.
        """
        if budget_seconds is not None:
            budget_seconds = max(budget_seconds - (time.perf_counter() - self._begun), 1e-3)
        run: object = None
        try:
            with self._quietly(seed):
                run = learn(
                    step, self.network_, optimisers, n_patients, self.config.loop, seed=seed,
                    max_steps=max_steps, budget_seconds=budget_seconds, words=words,
                )  # fmt: skip
        except TrainingError as error:
            run = error.run
            raise
        finally:
            if isinstance(run, Run):
                self.history_, self.steps_, self.ended_ = run.history, run.steps, run.ended

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights by name."""
        return {k: v.detach().cpu().numpy() for k, v in self.network_.state_dict().items()}

    def _rebuild(self, arrays: dict[str, np.ndarray], told: dict[str, Any]) -> None:
        self._build()
        state = {name: torch.from_numpy(np.array(one)) for name, one in arrays.items()}
        self.network_.load_state_dict(state)
