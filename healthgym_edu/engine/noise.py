"""Exogenous noise: everything random about a patient, drawn before any treatment."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import require_known

BLOCK = 1024
"""Patients per block of noise."""

Kinds = Mapping[str, "str | tuple[str, int]"]
"""For each name ``"normal"`` or ``"uniform"``, or with a width, such as ``("normal", 30)``."""


def noise_kinds(*groups: tuple[str | tuple[str, int], str]) -> Kinds:
    """Return kinds by name, in this order.

    >>> noise_kinds(("normal", "age weight"), (("uniform", 3), "visit"))
    {'age': 'normal', 'weight': 'normal', 'visit': ('uniform', 3)}
    """
    return {name: kind for kind, names in groups for name in names.split()}


@dataclass(frozen=True, eq=False)
class Noise:
    """Exogenous noise of *n* patients.

    Attributes
    ----------
    static : dict of str to ndarray, shape (n_drawn,) or (n_drawn, k)
        Drawn once per patient.
    steps : dict of str to ndarray, shape (n_steps, n_drawn) or (n_steps, n_drawn, k)
        Drawn for every patient and step.
    patients : ndarray of int, shape (n,)
        Positions of these n patients among the n_drawn (a block) that were drawn together.
    """

    static: Mapping[str, np.ndarray]
    steps: Mapping[str, np.ndarray]
    patients: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        """Return what was drawn once, shape (n,) or (n, k)."""
        if name not in self.static:
            require_known("noise", name, self.static)
        return self.static[name].take(self.patients, axis=0)

    def at(self, name: str, step: int | np.ndarray) -> np.ndarray:
        """Return the noise of one step, or of one step each, shape (n,) or (n, k)."""
        if name not in self.steps:
            require_known("noise of steps", name, self.steps)
        values = self.steps[name]  # taken from a flat array: twice as quick as by two indices
        flat = values.reshape(-1, *values.shape[2:])
        return flat.take(step * values.shape[1] + self.patients, axis=0)

    def take(self, rows: np.ndarray, axis: int = 0) -> Noise:
        """Return the noise of some of these patients, without copying it; ``axis`` is ignored."""
        return Noise(self.static, self.steps, self.patients[rows])

    def copied(self) -> Noise:
        """Return the noise of these patients alone, in arrays of its own."""
        static = {name: values.take(self.patients, axis=0) for name, values in self.static.items()}
        steps = {name: values.take(self.patients, axis=1) for name, values in self.steps.items()}
        return Noise(static, steps, np.arange(len(self.patients)))

    def overwrite(self, rows: np.ndarray, other: Noise) -> None:
        """Replace the noise of some patients, in place; only after `copied`."""
        for name, values in other.static.items():
            self.static[name][rows] = values.take(other.patients, axis=0)
        for name, values in other.steps.items():
            self.steps[name][:, rows] = values.take(other.patients, axis=1)


def draw_noise(
    condition: str, n_steps: int, static: Kinds, steps: Kinds, block: int, seed: int
) -> Noise:
    """Draw and return the exogenous noise of one block of :data:`BLOCK` patients.

    Parameters
    ----------
    condition : str
        Each condition has random numbers of its own.
    n_steps : int
        Steps of a patient.
    static, steps : dict
        The names of the noise, in the order in which it is drawn, and its distributions.
    block : int
        Block 0 holds patients 0 … ``BLOCK - 1``, block 1 the next, and so on.
    seed : int
        The cohort's seed.
    """
    key = zlib.crc32(condition.encode())
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(key, block)))
    draw: dict[str, Callable[..., np.ndarray]]
    draw = {"normal": rng.standard_normal, "uniform": rng.random}

    def drawn(kinds: Kinds, *shape: int) -> Iterator[tuple[str, np.ndarray]]:
        for name, kind in kinds.items():
            kind, *width = (kind,) if isinstance(kind, str) else kind
            require_known("kind of noise", kind, draw, f" ({name})")
            yield name, draw[kind]((*shape, *width))

    once = dict(drawn(static, BLOCK))
    return Noise(once, dict(drawn(steps, n_steps, BLOCK)), np.arange(BLOCK))
