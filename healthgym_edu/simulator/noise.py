"""Exogenous noise: everything random about a patient, drawn before any treatment."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .protocol import Simulator

BLOCK = 1024
"""Patients per block of noise."""


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class BedNoise(Noise):
    """Noise of patients each in a step of its own, as a ward has them.

    Blocks are kept whole, and a bed knows where its patient is in them: nothing is copied for a
    patient.  ``static`` has the patients of all places in one row, ``steps`` place after place and
    step after step in one row; ``patients`` are positions in ``static``, one for each bed.

    Attributes
    ----------
    held : list of (Noise or None)
        The block in each place.
    n_steps : int
        Steps of a patient.
    step, index
        The step that was made ready (this very object), and where it is in ``steps``.
    """

    held: list[Noise | None] = field(kw_only=True)
    n_steps: int = field(kw_only=True)
    step: np.ndarray | None = None
    index: np.ndarray | None = None

    @classmethod
    def empty(cls, like: Noise, n_beds: int) -> BedNoise:
        """Return room for the blocks of so many patients, with names and widths of another's."""
        n_places = 2 + 2 * -(-n_beds // BLOCK)
        n_steps = len(next(iter(like.steps.values())))
        static = {k: np.zeros((n_places * BLOCK, *v.shape[1:])) for k, v in like.static.items()}
        size = n_places * n_steps * BLOCK
        steps = {k: np.zeros((size, *v.shape[2:])) for k, v in like.steps.items()}
        nobody = np.zeros(n_beds, dtype=np.int64)
        return cls(static, steps, nobody, held=[None] * n_places, n_steps=n_steps)

    def laid(self, beds: np.ndarray, noise: Noise, rows: np.ndarray) -> BedNoise:
        """Return the same with some beds taken by patients of a block."""
        patients, held = self.patients.copy(), self.held
        if noise not in held:
            used = set((np.delete(patients, beds) // BLOCK).tolist())
            free = [k for k in range(len(held)) if k not in used]
            if not free:  # patients of very many blocks
                patients = self._moved_together()
                free = [k for k in range(len(held)) if k > patients.max() // BLOCK]
            place, n = free[0], self.n_steps * BLOCK
            held[place] = noise
            for name, values in noise.static.items():
                self.static[name][place * BLOCK : (place + 1) * BLOCK] = values
            for name, values in noise.steps.items():
                self.steps[name][place * n : (place + 1) * n] = values.reshape(n, *values.shape[2:])
        patients[beds] = held.index(noise) * BLOCK + rows
        return replace(self, patients=patients, step=None, index=None)

    def _moved_together(self) -> np.ndarray:
        """Move the patients in beds to the first places; return where they are now."""
        now, steps = np.arange(len(self.patients)), np.arange(self.n_steps)[:, None]
        for values in self.static.values():
            values[now] = values[self.patients]
        for values in self.steps.values():
            values[self._index(now, steps)] = values[self._index(self.patients, steps)]
        self.held[:] = [None] * len(self.held)
        return now

    def _index(self, patients: np.ndarray, step: np.ndarray) -> np.ndarray:
        return (patients // BLOCK * (self.n_steps - 1) + step) * BLOCK + patients

    def take(self, rows: np.ndarray) -> BedNoise:
        """Return the noise of some of these patients, without copying it."""
        return replace(self, patients=self.patients[rows], step=None, index=None)

    def ready(self, step: np.ndarray) -> BedNoise:
        """Return the same noise ready for one step of each patient.

        Patients beyond the last step, who only come along, get the noise of the last one.
        """
        index = self._index(self.patients, np.minimum(step, self.n_steps - 1))
        return replace(self, step=step, index=index)

    def at(self, name: str, step: np.ndarray | int) -> np.ndarray:
        """Noise of one step, shape (n,) or (n, k)."""
        index = self.index if step is self.step else self._index(self.patients, step)
        return self.steps[name].take(index, axis=0)


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
    noise = Noise(static, steps)
    return simulator.exogenous(noise) if hasattr(simulator, "exogenous") else noise
