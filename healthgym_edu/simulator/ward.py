"""A ward: many patients, each brought from one decision to the next, each in a step of its own.

:func:`simulate` keeps everybody in the same step.  An environment cannot: patients decide in
different months, and a bed that becomes free is taken by a new patient in step 0.  The ward holds
one state for all beds and moves the part of it that is not waiting for a decision.  The patients,
their noise and the mechanism are those of :func:`simulate`.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from .noise import BLOCK, Noise, draw_noise
from .protocol import Simulator


class Ward:
    """Beds of patients, each in a step of its own.

    Parameters
    ----------
    simulator : Simulator
        The condition's mechanism.
    n_beds : int
        How many patients there are at any time.
    reward : str
        One of ``simulator.rewards``.
    keep : bool
        Whether :attr:`history` is kept.

    Attributes
    ----------
    state : object
        The condition's state, arrays of shape (n_beds,).
    observation : ndarray of float32, shape (n_beds, n_features)
        What is seen at the decision that is due, or at the end.
    dead, over : ndarray of bool, shape (n_beds,)
        ``over`` is death or the end of follow-up.
    patient : ndarray of int, shape (n_beds,)
        Who lies in the bed: the patient's number in a cohort of the same seed.
    history : dict of str to ndarray, shape (n_beds, n_steps)
        Every recorded column, and ``"action"`` where one was chosen; nan elsewhere.
    """

    def __init__(self, simulator: Simulator, n_beds: int, reward: str, keep: bool = False):
        self.simulator, self.reward, self.keep = simulator, reward, keep
        _, start = _first_day(simulator, 0, 0)
        noise = _empty_noise(start.noise, n_beds)
        self.state = replace(take(start, np.zeros(n_beds, dtype=np.int64)), noise=noise)
        self.observation = np.zeros((n_beds, len(simulator.observation_names)), dtype=np.float32)
        self.patient = np.zeros(n_beds, dtype=np.int64)
        self.dead, self.over = np.zeros(n_beds, dtype=bool), np.zeros(n_beds, dtype=bool)
        self.owed = np.zeros(n_beds)
        self.history: dict[str, np.ndarray] = {}

    def admit(self, beds: np.ndarray, seed: int, patients: np.ndarray) -> None:
        """Lay patients of a cohort of this seed into beds and bring them to their first decision.

        What the steps before it are worth is paid with the first action.
        """
        for block in np.unique(patients // BLOCK):
            here = patients // BLOCK == block
            into, rows = beds[here], patients[here] % BLOCK
            noise, start = _first_day(self.simulator, int(block), seed)
            for name, values in noise.static.items():
                self.state.noise.static[name][into] = values[rows]
            for name, values in noise.steps.items():
                self.state.noise.steps[name][:, into] = values[:, rows]
            put(self.state, into, take(start, rows))
        self.patient[beds] = patients
        self.dead[beds], self.over[beds] = False, False
        for values in self.history.values():
            values[beds] = np.nan
        part = take(self.state, beds)
        self.simulator.measure(part)
        self.owed[beds] = self._live(*self._wait(beds, part, np.zeros(len(self.owed))))[beds]

    def treat(self, beds: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Act, live on to the next decision, and return the sum of rewards, shape (len(beds),)."""
        total = self.owed.copy()
        self.owed[beds] = 0.0
        going = ~self.over[beds]
        beds_going = beds[going]
        if len(beds_going):
            part = take(self.state, beds_going)
            self.simulator.act(part, np.arange(len(beds_going)), actions[going])
            self._record(beds_going, part)
            self._write("action", beds_going, part.step, actions[going])
            total = self._live(beds_going, part, total)
        return total[beds]

    def _live(self, beds: np.ndarray, part: Any, total: np.ndarray) -> np.ndarray:
        """Advance these patients until each must decide, has died or reached the end."""
        simulator = self.simulator
        while len(beds):
            simulator.advance(part)
            total[beds] += simulator.reward(part, self.reward)
            dead = ~simulator.alive(part)
            over = dead | (part.step >= simulator.n_steps)
            if over.any():
                self.dead[beds[over]], self.over[beds[over]] = dead[over], True
                beds, part = self._settle(beds, part, over)
            if len(beds):
                simulator.measure(part)
                beds, part, total = self._wait(beds, part, total)
        return total

    def _wait(self, beds: np.ndarray, part: Any, total: np.ndarray) -> tuple:
        """Let those who must decide wait for it; return the others."""
        self._record(beds, part)
        ready = self.simulator.deciding(part)
        if ready.any():
            beds, part = self._settle(beds, part, ready)
        return beds, part, total

    def _settle(self, beds: np.ndarray, part: Any, done: np.ndarray) -> tuple[np.ndarray, Any]:
        """Put those who are done back to bed and return the others."""
        rows = np.flatnonzero(done)
        self.observation[beds[rows]] = self.simulator.observe(part, rows)
        put(self.state, beds[rows], part if len(rows) == len(beds) else take(part, rows))
        others = np.flatnonzero(~done)
        return beds[others], take(part, others) if len(others) else part

    def _record(self, beds: np.ndarray, part: Any) -> None:
        if self.keep:
            for name, values in self.simulator.record(part).items():
                self._write(name, beds, part.step, values)

    def _write(self, name: str, beds: np.ndarray, step: np.ndarray, values: np.ndarray) -> None:
        if self.keep:
            shape = (len(self.owed), self.simulator.n_steps)
            self.history.setdefault(name, np.full(shape, np.nan))[beds, step] = values


@lru_cache(maxsize=4)
def _first_day(simulator: Simulator, block: int, seed: int) -> tuple[Noise, Any]:
    """Noise and starting state of a block; callers copy from them and change nothing."""
    noise = draw_noise(simulator, block, seed)
    return noise, simulator.start(noise)


def _empty_noise(like: Noise, n: int) -> Noise:
    """Room for the noise of n patients; what a patient needs in one step lies together."""
    ends = np.cumsum([values[0, 0].size for values in like.steps.values()])
    together = np.zeros((n, len(next(iter(like.steps.values()))), ends[-1]))
    parts = np.split(together, ends[:-1], axis=2)
    steps = {}
    for (name, values), part in zip(like.steps.items(), parts, strict=True):
        steps[name] = (part if values.ndim == 3 else part[:, :, 0]).swapaxes(0, 1)
    static = {name: np.zeros((n, *values.shape[1:])) for name, values in like.static.items()}
    return Noise(static, steps)


def take(state: Any, rows: np.ndarray) -> Any:
    """Return the state of some patients, each with a step of its own (copies, noise apart)."""
    return replace(state, **{f.name: _pick(getattr(state, f.name), rows) for f in fields(state)})


def _pick(value: Any, rows: np.ndarray) -> Any:
    if isinstance(value, Noise):
        return value.take(rows)
    if isinstance(value, dict):
        return {name: _pick(entry, rows) for name, entry in value.items()}
    return value[rows] if np.ndim(value) else np.full(len(rows), value)


def put(state: Any, rows: np.ndarray, part: Any) -> None:
    """Write the state of some patients back into the state of all."""
    for name in (field.name for field in fields(state)):
        old, new = getattr(state, name), getattr(part, name)
        if isinstance(old, dict):
            for key, values in new.items():
                old[key] = _written(old.get(key), rows, values, len(state.step))
        elif not isinstance(old, Noise):
            setattr(state, name, _written(old, rows, new, len(state.step)))


def _written(old: np.ndarray | None, rows: np.ndarray, new: np.ndarray, n: int) -> np.ndarray:
    if old is None:
        old = np.zeros((n, *new.shape[1:]), dtype=new.dtype)
    elif not np.can_cast(new.dtype, old.dtype, "safe"):
        old = old.astype(np.result_type(old, new))
    old[rows] = new
    return old
