"""One loop in which every network learns: clock, thread, progress, interruption, averaged weights.

A model hands in `step`, which takes the places of a few patients, moves the weights once and tells
its losses.  The loop does the rest, the same for all:

- it draws the patients, from a seed of its own, so that the same seed brings the same weights;
- asked for `max_steps` it takes so many; asked for `budget_seconds` it measures how long a step
  takes while the learning rate warms up, plans how many fit, and takes as many as it planned:
  asking for that number later makes the same model again;
- it keeps a moving average of the weights, which is better than the last ones, and hands it back
  also when somebody interrupts;
- a loss that is no number ends it with an error, and the last good weights stay.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from torch import nn
from tqdm.auto import tqdm

from ..errors import ArgumentError, TrainingError
from .base import check_limits, silent

WARM_UP = 30
"""Steps in which the learning rate rises; of their later half the clock learns the pace."""

EVERY = 10
"""Steps between two lines of the history."""

Step = Callable[[torch.Tensor], dict[str, float]]
"""From the places of some patients, shape (batch,), to the losses after one move."""


@dataclass(frozen=True)
class Loop:
    """How the loop runs; the same for all models unless they say otherwise."""

    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    clip: float = 1.0  # largest norm of a gradient
    average: float = 0.995  # how much of the averaged weights is kept at a step
    steps: int = 1500  # where nothing is said


@dataclass
class Run:
    """What happened."""

    steps: int = 0
    seconds: float = 0.0
    ended: str = "steps"  # or "interrupted", or "no number"
    lines: list[dict[str, float]] = field(default_factory=list)

    @property
    def history(self) -> pd.DataFrame:
        """Mean losses of every ten steps: ``step``, ``seconds``, and each loss."""
        return pd.DataFrame(self.lines)


def resolve_device(device: str) -> torch.device:
    """Return the device of that name; ``"auto"`` is a graphics card where there is one.

    Raises
    ------
    ArgumentError
        A device that this computer does not have.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": _has_mps()}
    if device == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if there[name]))
    if not there.get(str(device).split(":")[0], False):
        have = ", ".join(repr(name) for name, one in there.items() if one)
        raise ArgumentError(
            f"device={device!r} is not here; this computer has {have}. device='auto' takes the "
            "fastest of them."
        )
    return torch.device(device)


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


@contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Let torch use a single thread: for models as small as these, two are slower than one."""
    threads = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def descend(
    loss: torch.Tensor,
    optimiser: torch.optim.Optimizer,
    parameters: list[nn.Parameter],
    clip: float,
) -> None:
    """Move the weights once, by a gradient no longer than `clip`."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, clip)
    optimiser.step()


def learn(
    step: Step,
    module: nn.Module,
    optimisers: list[torch.optim.Optimizer],
    n_patients: int,
    loop: Loop,
    *,
    seed: int,
    max_steps: int | None = None,
    budget_seconds: float | None = None,
    words: str = "learning",
) -> Run:
    """Run the loop; afterwards `module` holds the averaged weights.

    Parameters
    ----------
    step : callable
        See `Step`.
    module : torch.nn.Module
        All of the model, whose weights are averaged.
    optimisers : list of Optimizer
        Their learning rates are set here: a short rise, then half a cosine down to nothing.
    n_patients : int
    loop : Loop
    seed : int
    max_steps : int, optional
    budget_seconds : float, optional
        Only one of the two; `loop.steps` if none.
    words : str
        What the progress bar says.

    Raises
    ------
    ArgumentError
        Both limits, a budget of 0 or less, or a number of steps below 1.
    TrainingError
        A loss that is no number; the weights are the averaged ones of the last good step.
    """
    check_limits(max_steps, budget_seconds)
    planned = None if budget_seconds is not None else int(max_steps or loop.steps)
    rng = np.random.default_rng(seed)
    average = {name: value.detach().clone() for name, value in module.state_dict().items()}
    run, begun, since, recent = Run(), time.perf_counter(), 0.0, []
    rates = [[group["lr"] for group in one.param_groups] for one in optimisers]
    patients = _patients(rng, n_patients, loop.batch)
    with tqdm(total=planned, desc=words, leave=False, disable=silent()) as bar:
        try:
            while planned is None or run.steps < planned:
                share = _rate(run.steps, planned)
                for one, rate in zip(optimisers, rates, strict=True):
                    for group, full in zip(one.param_groups, rate, strict=True):
                        group["lr"] = full * share
                losses = step(torch.from_numpy(next(patients)))
                if not all(map(math.isfinite, losses.values())):
                    run.ended = "no number"
                    module.load_state_dict(average)
                    raise TrainingError(_not_finite(losses, run.steps), run)
                run.steps += 1
                _blend(average, module, min(loop.average, run.steps / (run.steps + 9)))
                recent.append(losses)
                run.seconds = time.perf_counter() - begun
                if run.steps % EVERY == 0:
                    bar.set_postfix(_note(run, recent), refresh=False)
                    recent = []
                if run.steps == WARM_UP // 2:  # earlier steps may be of shorter records
                    since = run.seconds
                if run.steps == WARM_UP and budget_seconds is not None:
                    pace = (run.seconds - since) / (WARM_UP - WARM_UP // 2)
                    planned = WARM_UP + max(0, int((budget_seconds - run.seconds) / pace))
                    bar.total = planned
                bar.update()
        except KeyboardInterrupt:
            run.ended = "interrupted"
    module.load_state_dict(average)
    if recent:
        _note(run, recent)
    return run


def _rate(step: int, planned: int | None) -> float:
    """Share of the full learning rate: it rises for 30 steps, then falls as half a cosine."""
    if step < WARM_UP or planned is None:
        return min(1.0, (step + 1) / WARM_UP)
    done = (step - WARM_UP) / max(planned - WARM_UP, 1)
    return 0.5 * (1 + math.cos(math.pi * done)) + 1e-3


def _patients(rng: np.random.Generator, n: int, batch: int) -> Iterator[np.ndarray]:
    """Places of a few patients at a time; everybody comes once before anybody comes again."""
    left = np.empty(0, dtype=np.int64)
    while True:
        while len(left) < min(batch, n):
            left = np.append(left, rng.permutation(n))
        yield left[: min(batch, n)]
        left = left[min(batch, n) :]


@torch.no_grad()
def _blend(average: dict[str, torch.Tensor], module: nn.Module, kept: float) -> None:
    for name, value in module.state_dict().items():
        if value.dtype.is_floating_point:
            average[name].lerp_(value, 1 - kept)
        else:
            average[name].copy_(value)


def _note(run: Run, recent: list[dict[str, float]]) -> dict[str, float]:
    """Write a line of the history, and return its losses."""
    means = {name: float(np.mean([one[name] for one in recent])) for name in recent[0]}
    run.lines.append({"step": run.steps, "seconds": run.seconds, **means})
    return means


def _not_finite(losses: dict[str, float], step: int) -> str:
    told = ", ".join(f"{name} {value}" for name, value in losses.items())
    return (
        f"At step {step + 1} a loss is no number any more ({told}). The weights of the step before "
        "are kept. Lower the learning rate or the clip of the configuration, and look for values "
        "far outside the others in the training cohort."
    )
