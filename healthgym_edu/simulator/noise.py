"""Exogenous noise: everything random about a patient, drawn before any treatment."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .numbers import minimum
from .protocol import Simulator

BLOCK = 1024
"""Patients per block of noise."""


@dataclass(frozen=True)
class Noise:
    """Exogenous noise of *n* patients.

    Attributes
    ----------
    static : dict of str to ndarray, shape (n,) or (n, k)
        Drawn once per patient.
    steps : dict of str to ndarray, shape (n_steps, n) or (n_steps, n, k)
        Drawn for every patient and step.
    patients : ndarray of int or int, optional
        Which columns are meant, where not all of them are.  One number is one patient, whose
        noise then has shape () or (k,).
    """

    static: Mapping[str, np.ndarray]
    steps: Mapping[str, np.ndarray]
    patients: np.ndarray | int | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        values = self.static[name]
        return values if self.patients is None else values[self.patients]

    def take(self, rows: np.ndarray | int) -> Noise:
        """Return the noise of some of these patients, without copying it."""
        rows = rows if self.patients is None else self.patients[rows]
        return Noise(self.static, self.steps, rows)

    def at(self, name: str, step: int | np.ndarray) -> np.ndarray:
        """Noise of one step, shape (n,) or (n, k); ``step`` may have shape (n,)."""
        values = self.steps[name]
        if self.patients is not None:
            return values[step, self.patients]
        return values[step] if isinstance(step, int) else values[step, np.arange(values.shape[1])]


@dataclass(frozen=True)
class BedNoise(Noise):
    """Noise of patients each in a step of its own, as a ward has them.

    What a patient needs in one step lies together in memory, and is looked up all at once.

    Attributes
    ----------
    table : ndarray, shape (n, n_steps, all names together)
        What ``steps`` shows by name.
    places : dict of str to int or slice
        Where each name is in the table.
    step, now
        The step that was looked up (this very object), and its noise by name.
    """

    table: np.ndarray = field(kw_only=True)
    places: Mapping[str, int | slice] = field(kw_only=True)
    step: np.ndarray | int | None = None
    now: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def empty(cls, like: Noise, n: int) -> BedNoise:
        """Return room for the noise of n patients, with the names and widths of another's."""
        places: dict[str, int | slice] = {}
        end = 0
        for name, values in like.steps.items():
            begin, end = end, end + values[0, 0].size
            places[name] = slice(begin, end) if values.ndim == 3 else begin
        table = np.zeros((n, len(values), end))
        steps = {name: table[:, :, place].swapaxes(0, 1) for name, place in places.items()}
        static = {name: np.zeros((n, *values.shape[1:])) for name, values in like.static.items()}
        return cls(static, steps, table=table, places=places)

    def take(self, rows: np.ndarray | int) -> BedNoise:
        """Return the noise of some of these patients, without copying it."""
        rows = rows if self.patients is None else self.patients[rows]
        return BedNoise(self.static, self.steps, rows, table=self.table, places=self.places)

    def ready(self, step: np.ndarray | int) -> BedNoise:
        """Return the same noise with that of one step looked up.

        Patients beyond the last step, who only come along, get the noise of the last one.
        """
        rows = np.arange(len(self.table)) if self.patients is None else self.patients
        last = self.table.shape[1] - 1
        found = self.table[rows, minimum(step, last)].T  # (names, n), or (names,) of one patient
        if len(found) == len(self.places):  # one number per name
            now = dict(zip(self.places, found, strict=True))
        else:
            now = {name: found[place].T for name, place in self.places.items()}
        return BedNoise(
            self.static, self.steps, self.patients, step, now, table=self.table, places=self.places
        )

    def at(self, name: str, step: np.ndarray | int) -> np.ndarray:
        """Noise of one step, shape (n,) or (n, k), () or (k,) of one patient."""
        return self.now[name] if step is self.step else super().at(name, step)


def draw_noise(simulator: Simulator, block: int, seed: int) -> Noise:
    """Draw the exogenous noise of one block of :data:`BLOCK` patients.

    Parameters
    ----------
    simulator : Simulator
        Names its noise and whether each is ``"normal"`` or ``"uniform"``, or with a width such as
        ``("normal", 30)``: that many numbers each time.
    block : int
        Block 0 holds patients 0 … ``BLOCK - 1``, block 1 the next, and so on.
    seed : int
        The cohort's seed.
    """
    key = zlib.crc32(simulator.condition.encode())
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(key, block)))
    draw = {"normal": rng.standard_normal, "uniform": rng.random}

    def drawn(kind: str | tuple[str, int], *shape: int) -> np.ndarray:
        kind, *width = (kind,) if isinstance(kind, str) else kind
        return draw[kind]((*shape, *width))

    static = {name: drawn(kind, BLOCK) for name, kind in simulator.static_noise.items()}
    n_steps = simulator.n_steps
    steps = {name: drawn(kind, n_steps, BLOCK) for name, kind in simulator.step_noise.items()}
    return Noise(static, steps)
