"""A ward: many patients, each brought from one decision to the next, each in a step of its own.

:func:`simulate` keeps everybody in the same step.  An environment cannot: patients decide in
different months, and a bed that becomes free is taken by a new patient in step 0.  The ward holds
one state for all beds and moves the part of it that is not waiting for a decision.  The patients,
their noise and the mechanism are those of :func:`simulate`.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from .noise import BLOCK, BedNoise, Noise, draw_noise
from .protocol import Simulator

MOST = 0.75
"""Share of the ward that moves from which on all of it is moved."""

_ONE = np.zeros(1, dtype=np.int64)


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
        self.takes_numbers = getattr(simulator, "takes_numbers", False)
        _, start = _first_day(simulator, 0, 0)
        noise = BedNoise.empty(start.noise, n_beds)
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
        self.owed[beds] = self._live(beds, None)

    def treat(self, beds: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Act, live on to the next decision, and return the sum of rewards, shape (len(beds),)."""
        total, self.owed[beds] = self.owed[beds], 0.0
        going = ~self.over[beds]
        if going.any():
            total[going] += self._live(beds[going], actions[going])
        return total

    def _live(self, beds: np.ndarray, actions: np.ndarray | None) -> np.ndarray:
        """Act and live on until each must decide, has died or reached the end; return rewards.

        Without actions the present step is still to be measured.  Where most of the ward moves,
        all of it does, and the few who rest or die on the way are put to bed again as they were:
        that is quicker than to copy the others.
        """
        simulator, n = self.simulator, len(self.over)
        if len(beds) == 1 and self.takes_numbers:
            return self._live_alone(beds, actions)
        asked, total, put_back = beds, np.zeros(n), []
        if len(beds) > MOST * n:
            part, rows, beds = self.state, beds, np.arange(n)
            going = np.zeros(n, dtype=bool)
            going[rows] = True
            put_back.append((beds[~going], take(part, beds[~going])))
        else:
            part, rows = take(self.state, beds), np.arange(len(beds))
            going = np.ones(len(beds), dtype=bool)
        part.noise = part.noise.ready(part.step)
        if actions is not None:
            self._act(part, beds, rows, actions)
        arriving = actions is None
        while going.any():
            if part.noise.step is not part.step:
                part.noise = part.noise.ready(part.step)
            if arriving:
                simulator.measure(part)
            self._record(beds, part, going)
            if arriving:
                ready = simulator.deciding(part) & going
                beds, part, going = self._settle(beds, part, going, ready)
                if not going.any():
                    break
            simulator.advance(part)
            total[beds] += np.where(going, simulator.reward(part, self.reward), 0.0)
            dead = going & ~simulator.alive(part)
            if dead.any():
                put_back.append((beds[dead], take(part, np.flatnonzero(dead))))
                self.dead[beds[dead]] = self.over[beds[dead]] = True
                self.observation[beds[dead]] = simulator.observe(part, np.flatnonzero(dead))
                going = going & ~dead
            ended = going & (part.step >= simulator.n_steps)
            self.over[beds[ended]] = True
            beds, part, going = self._settle(beds, part, going, ended)
            arriving = True
        for where, state in put_back:
            put(self.state, where, state)
        return total[asked]

    def _live_alone(self, beds: np.ndarray, actions: np.ndarray | None) -> np.ndarray:
        """The same for one patient, in single numbers."""
        simulator, total = self.simulator, 0.0
        part = self.state if len(self.over) == 1 else take(self.state, beds)
        if actions is not None:
            self._act(part, beds, _ONE, actions)
        one, arriving = as_numbers(part), actions is None
        while True:
            one.noise = one.noise.ready(one.step)
            if arriving:
                simulator.measure(one)
            self._record(beds, one)
            if arriving and simulator.deciding(one):
                break
            simulator.advance(one)
            total += simulator.reward(one, self.reward)
            self.dead[beds] = dead = not simulator.alive(one)
            self.over[beds] = over = dead or one.step >= simulator.n_steps
            if over:
                break
            arriving = True
        vars(part).update(as_arrays(one))
        self.observation[beds] = simulator.observe(part, _ONE)
        if part is not self.state:
            put(self.state, beds, part)
        return np.array([total])

    def _act(self, part: Any, beds: np.ndarray, rows: np.ndarray, actions: np.ndarray) -> None:
        self.simulator.act(part, rows, actions)
        if self.keep:
            self._write("action", beds[rows], part.step[rows], actions)

    def _settle(self, beds: np.ndarray, part: Any, going: np.ndarray, done: np.ndarray) -> tuple:
        """Put those who are done back to bed; return the others, and who of them is going."""
        if not done.any():
            return beds, part, going
        rows = np.flatnonzero(done)
        self.observation[beds[rows]] = self.simulator.observe(part, rows)
        others = np.flatnonzero(going & ~done)
        if part is not self.state:
            put(self.state, beds[rows], part if len(rows) == len(beds) else take(part, rows))
        if len(others):
            part = take(part, others)
        return beds[others], part, np.ones(len(others), dtype=bool)

    def _record(self, beds: np.ndarray, part: Any, who: np.ndarray | None = None) -> None:
        if self.keep:
            for name, values in self.simulator.record(part).items():
                if who is None:
                    self._write(name, beds, part.step, values)
                else:
                    self._write(name, beds[who], part.step[who], values[who])

    def _write(self, name: str, beds: Any, step: Any, values: Any) -> None:
        shape = (len(self.over), self.simulator.n_steps)
        self.history.setdefault(name, np.full(shape, np.nan))[beds, step] = values


@lru_cache(maxsize=4)
def _first_day(simulator: Simulator, block: int, seed: int) -> tuple[Noise, Any]:
    """Noise and starting state of a block; callers copy from them and change nothing."""
    noise = draw_noise(simulator, block, seed)
    return noise, simulator.start(noise)


def take(state: Any, rows: np.ndarray) -> Any:
    """Return the state of some patients, each with a step of its own (copies, noise apart)."""
    part = copy(state)
    vars(part).update({name: _pick(value, rows) for name, value in vars(state).items()})
    return part


def _pick(value: Any, rows: np.ndarray) -> Any:
    if isinstance(value, np.ndarray):
        return value[rows]
    if isinstance(value, Noise):
        return value.take(rows)
    if isinstance(value, dict):
        return {name: _pick(entry, rows) for name, entry in value.items()}
    return np.full(len(rows), value)  # the step that all are in


def as_numbers(part: Any) -> Any:
    """Return the state of the only patient in single numbers, of shape () or (k,)."""
    one = copy(part)
    fields = vars(one)
    for name, value in fields.items():
        if type(value) is np.ndarray:
            fields[name] = value[0]
        elif type(value) is dict:
            fields[name] = {key: values[0] for key, values in value.items()}
    one.noise = part.noise.take(0)
    return one


def as_arrays(one: Any) -> dict[str, Any]:
    """Return the fields of one patient, noise apart, as arrays of length 1."""
    return {
        name: {n: np.asarray(v)[None] for n, v in value.items()}
        if isinstance(value, dict)
        else np.asarray(value)[None]
        for name, value in vars(one).items()
        if name != "noise"
    }


def put(state: Any, rows: np.ndarray, part: Any) -> None:
    """Write the state of some patients back into the state of all."""
    state.step = state.step.copy()  # the noise looked up for the old one no longer holds
    shared = {id(values) for values in state.noise.static.values()}
    _put(vars(state), rows, vars(part), len(state.step), shared)


def _put(fields: dict, rows: np.ndarray, new_fields: dict, n: int, shared: set[int]) -> None:
    for name, new in new_fields.items():
        if isinstance(new, dict):
            _put(fields[name], rows, new, n, shared)
        elif not isinstance(new, Noise):
            old = fields.get(name)
            if old is None:
                old = np.zeros((n, *new.shape[1:]), new.dtype)
            elif not np.can_cast(new.dtype, old.dtype, "safe"):
                old = old.astype(np.result_type(old, new))
            elif old.base is not None or id(old) in shared:  # others may look at these numbers
                old = old.copy()
            old[rows] = new
            fields[name] = old
            shared.add(id(old))
