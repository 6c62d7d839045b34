"""Exogenous noise: everything random about a patient, drawn before any treatment."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

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
    patients : ndarray of int, optional
        Which columns are meant, where not all of them are.
    """

    static: Mapping[str, np.ndarray]
    steps: Mapping[str, np.ndarray]
    patients: np.ndarray | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        values = self.static[name]
        return values if self.patients is None else values[self.patients]

    def take(self, rows: np.ndarray) -> Noise:
        """Return the noise of some of these patients, without copying it."""
        rows = rows if self.patients is None else self.patients[rows]
        return Noise(self.static, self.steps, rows)

    def at(self, name: str, step: int | np.ndarray) -> np.ndarray:
        """Noise of one step, shape (n,) or (n, k); ``step`` may have shape (n,)."""
        values = self.steps[name]
        if self.patients is not None:
            return values[step, self.patients]
        return values[step] if isinstance(step, int) else values[step, np.arange(values.shape[1])]


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
