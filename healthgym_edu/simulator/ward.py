"""A ward: many patients, each brought from one decision to the next, each in a step of its own.

:func:`simulate` keeps everybody in the same step.  An environment cannot: patients decide in
different months, and a bed that becomes free is taken by a new patient in step 0.  The ward holds
one state for all beds and moves the part of it that is not waiting for a decision.  The patients,
their noise and the mechanism are those of :func:`simulate`.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import replace
from functools import cache, lru_cache
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
    free : ndarray of bool, shape (n_beds,)
        Whose patient leaves, and whose state nobody will ask for.
    history : dict of str to ndarray, shape (n_beds, n_steps)
        Every recorded column, and ``"action"`` where one was chosen; nan elsewhere.
    """

    def __init__(self, simulator: Simulator, n_beds: int, reward: str, keep: bool = False):
        self.simulator, self.reward, self.keep = simulator, reward, keep
        self.alone = n_beds == 1 and getattr(simulator, "takes_numbers", False)
        noise, start = _first_day(simulator, 0, 0)
        nobody = np.zeros(n_beds, dtype=np.int64)
        self.state = replace(take(start, nobody), noise=BedNoise.empty(noise, n_beds))
        self.observation = np.zeros((n_beds, len(simulator.observation_names)), dtype=np.float32)
        self.patient = np.zeros(n_beds, dtype=np.int64)
        self.dead, self.over = np.zeros(n_beds, dtype=bool), np.zeros(n_beds, dtype=bool)
        self.free = np.zeros(n_beds, dtype=bool)
        self.owed = np.zeros(n_beds)
        self._day = (0, 0), (noise, start)
        self.history: dict[str, np.ndarray] = {}

    def discharge(self, beds: np.ndarray) -> None:
        """Free beds until somebody is admitted: the state of those who leave is not kept."""
        self.free[beds] = True

    def admit(self, beds: np.ndarray, seed: int, patients: np.ndarray) -> None:
        """Lay patients of a cohort of this seed into beds and bring them to their first decision.

        What the steps before it are worth is paid with the first action.
        """
        self.patient[beds] = patients
        self.dead[beds], self.over[beds], self.free[beds] = False, False, False
        for values in self.history.values():
            values[beds] = np.nan
        for block in np.unique(patients // BLOCK):
            here = patients // BLOCK == block
            into, rows = beds[here], patients[here] % BLOCK
            if self._day[0] != (block, seed):  # other wards may push it out of the cache
                self._day = (block, seed), _first_day(self.simulator, int(block), seed)
            noise, start = self._day[1]
            part = take(start, rows)
            if self.alone:
                part.noise = noise.take(rows)
                self.state = in_arrays(as_numbers(part))
                self.owed[into] = self._live_alone(into, None)
            else:
                self.state.noise = self.state.noise.laid(into, noise, rows)
                part.noise = self.state.noise.take(into)
                self.owed[into] = self._live(into, None, part)

    def treat(self, beds: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Act, live on to the next decision, and return the sum of rewards, shape (len(beds),)."""
        total, self.owed[beds] = self.owed[beds], 0.0
        if self.alone:
            return total if self.over[0] else total + self._live_alone(beds, actions)
        going = ~self.over[beds]
        if going.any():
            total[going] += self._live(beds[going], actions[going])
        return total

    def _live(self, beds: np.ndarray, actions: np.ndarray | None, part: Any = None) -> np.ndarray:
        """Act and live on until each must decide, has died or reached the end; return rewards.

        Without actions the present step of ``part``, patients who just came, is still to be
        measured.  Where most of the ward moves, all of it does, and the few who rest or die on the
        way are put to bed again as they were: that is quicker than to copy the others.
        """
        simulator, n = self.simulator, len(self.over)
        asked, total, put_back = beds, np.zeros(n), []
        rows, going = np.arange(len(beds)), np.ones(len(beds), dtype=bool)
        if part is None and len(beds) > MOST * n:
            part, rows, beds = self.state, beds, np.arange(n)
            going = np.zeros(n, dtype=bool)
            going[rows] = True
            put_back.append((np.flatnonzero(~going & ~self.free), snapshot(part)))
        elif part is None:
            part = take(self.state, beds)
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
                beds, part, going = self._settle(beds, part, going, ready, put_back)
                if not going.any():
                    break
            simulator.advance(part)
            total[beds] += np.where(going, simulator.reward(part, self.reward), 0.0)
            dead = going & ~simulator.alive(part)
            over = dead | (going & (part.step >= simulator.n_steps))
            self.dead[beds[dead]] = self.over[beds[over]] = True
            beds, part, going = self._settle(beds, part, going, over, put_back)
            arriving = True
        for rows, before in put_back:
            if len(rows):
                put(self.state, rows, changed(before, self.state, rows))
        return total[asked]

    def _live_alone(self, beds: np.ndarray, actions: np.ndarray | None) -> np.ndarray:
        """The same for a ward of one patient, in single numbers."""
        simulator, total = self.simulator, 0.0
        arriving, in_numbers = actions is None, getattr(simulator, "acts_in_numbers", False)
        if not (arriving or in_numbers):
            self._act(self.state, beds, _ONE, actions)
        one = self.state.numbers()
        if in_numbers and not arriving:
            self._act(one, beds, (), actions[0])
        while True:
            if arriving:
                simulator.measure(one)
            self._record(beds, one)
            if arriving and simulator.deciding(one):
                break
            simulator.advance(one)
            total += simulator.reward(one, self.reward)
            self.dead[0] = dead = not simulator.alive(one)
            self.over[0] = over = dead or one.step >= simulator.n_steps
            if over:
                break
            arriving = True
        self.state = in_arrays(one)
        self.observation[beds] = simulator.observe(self.state, _ONE)
        return np.array([total])

    def _act(self, part: Any, beds: np.ndarray, rows: np.ndarray, actions: np.ndarray) -> None:
        self.simulator.act(part, rows, actions)
        if self.keep:
            self._write("action", beds[rows], part.step[rows], actions)

    def _settle(
        self, beds: np.ndarray, part: Any, going: np.ndarray, done: np.ndarray, put_back: list
    ) -> tuple:
        """Put those who are done back to bed; return the others, and who of them is going."""
        if not done.any():
            return beds, part, going
        rows, going = np.flatnonzero(done), going & ~done
        self.observation[beds[rows]] = self.simulator.observe(part, rows)
        few = going.sum() > MOST * len(beds)
        if part is not self.state:
            put(self.state, beds[rows], vars(part if going.size == len(rows) else take(part, rows)))
        elif few:
            put_back.append((rows, snapshot(part)))
        if few:
            return beds, part, going
        others = np.flatnonzero(going)
        return beds[others], take(part, others), going[others]

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


def snapshot(state: Any) -> dict[str, Any]:
    """Return the fields as they are now; who moves gets new arrays, the old ones stay."""
    return {k: dict(v) if isinstance(v, dict) else v for k, v in vars(state).items()}


def changed(before: dict[str, Any], state: Any, rows: np.ndarray) -> dict[str, Any]:
    """Return what some patients were in those fields that are others by now."""
    now = vars(state)
    return {name: _pick(v, rows) for name, v in before.items() if v is not now[name]}


def put(state: Any, rows: np.ndarray, fields: dict[str, Any]) -> None:
    """Write the fields of some patients back into the state of all."""
    state.step = state.step.copy()  # the noise made ready for the old one no longer holds
    held = [v for f in vars(state).values() for v in (f.values() if isinstance(f, dict) else [f])]
    times = Counter(map(id, held))
    _put(vars(state), rows, fields, len(state.step), {k for k, n in times.items() if n > 1})


def as_numbers(part: Any) -> Any:
    """Return the state of the only patient in single numbers, of shape () or (k,)."""
    one = copy(part)
    vars(one).update({name: _first(value) for name, value in vars(part).items()})
    return one


def _first(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value[0]
    if isinstance(value, dict):
        return {name: entry[0] for name, entry in value.items()}
    return value.take(0)  # noise


class InArrays:
    """The state of the only patient of a ward, kept in single numbers, as arrays of length 1.

    A field becomes an array when it is asked for: to turn all of them takes as long as to live.
    """

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__dict__["one"], name)
        if isinstance(value, np.generic):
            value = value[None]
        elif isinstance(value, dict):
            value = {key: np.asarray(entry)[None] for key, entry in value.items()}
        elif isinstance(value, Noise):
            value = Noise(value.static, value.steps, np.array([value.patients]))
        else:
            value = np.asarray(value)[None]
        self.__dict__[name] = value
        return value

    def numbers(self) -> Any:
        """Return the state in single numbers, with what was written to the arrays."""
        one = self.__dict__.pop("one")
        self.__dict__.pop("noise", None)
        vars(one).update({name: _first(value) for name, value in self.__dict__.items()})
        return one


def in_arrays(one: Any) -> Any:
    """Return the state of one patient in single numbers as a state of arrays."""
    state = object.__new__(_class_in_arrays(type(one)))
    vars(state)["one"] = one
    return state


@cache
def _class_in_arrays(kind: type) -> type:
    return type(kind.__name__, (InArrays, kind), {})


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
