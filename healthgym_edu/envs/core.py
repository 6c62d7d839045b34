"""What the single and the vector environment share: options, spaces, patients and infos."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from ..conditions import get_condition
from ..errors import ArgumentError
from ..simulator import BLOCK, Ward, check_reward

OPTIONS = {"reward": "course", "actions": None, "clinician": False}
"""Options of an environment and their defaults; see :class:`Core`."""

RENDER_MODES = ("ansi", "rgb_array")
MOST_BLOCKS = 1000


class Core:
    """Patients in beds, and what an environment says about them.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    n : int
        Number of patients at a time.
    render_mode : str or None
        ``"ansi"`` or ``"rgb_array"``.
    options : dict
        ``reward``: one of the condition's, ``"course"`` by default.  ``actions``: a name among the
        condition's action sets (ART: ``"regimen"``, the default, or ``"published"``).
        ``clinician``: whether infos hold the clinician's probabilities.
    """

    def __init__(self, condition: str, n: int, render_mode: str | None, options: dict[str, Any]):
        unknown = sorted(set(options) - set(OPTIONS))
        if unknown:
            raise ArgumentError(
                f"There is no environment option {unknown[0]!r}. The options are: "
                f"{', '.join(map(repr, OPTIONS))}."
            )
        options = OPTIONS | options
        self.simulator = simulator = get_condition(condition).simulator
        self.action_set = options["actions"] or next(iter(simulator.action_sets))
        if self.action_set not in simulator.action_sets:
            raise ArgumentError(
                f"There is no action set {self.action_set!r} for {condition}. The action sets "
                f"are: {', '.join(map(repr, simulator.action_sets))}."
            )
        if render_mode not in (None, *RENDER_MODES):
            raise ArgumentError(
                f"There is no render mode {render_mode!r}. The modes are: "
                f"{', '.join(map(repr, RENDER_MODES))}."
            )
        self.clinician = bool(options["clinician"])
        self.labels = simulator.action_sets[self.action_set]
        reward = check_reward(simulator, options["reward"])
        self.ward = Ward(simulator, n, reward, keep=render_mode is not None)
        low, high = (bound.astype(np.float32) for bound in simulator.observation_bounds)
        self.observation_space = spaces.Box(low, high, dtype=np.float32)
        self.action_space = spaces.Discrete(len(self.labels))
        self.seed: int | None = None
        self.waiting = np.zeros(0, dtype=np.int64)

    def reseed(self, seed: int | None, rng: np.random.Generator) -> None:
        """Choose the cohort whose patients come next; None keeps it."""
        if seed is not None:
            self.seed, self.waiting = int(seed), self.waiting[:0]
        elif self.seed is None:
            self.seed = int(rng.integers(2**31))

    def admit(self, beds: np.ndarray, rng: np.random.Generator, patients: Any = None) -> None:
        """Fill beds with the named patients, or with the next ones in random order."""
        if patients is None:
            while len(self.waiting) < len(beds):
                block = int(rng.integers(MOST_BLOCKS))
                more = block * BLOCK + rng.permutation(BLOCK)
                self.waiting = np.concatenate([self.waiting, more])
            patients, self.waiting = np.split(self.waiting, [len(beds)])
        self.ward.admit(beds, self.seed, patients)

    def chosen_patients(self, options: dict[str, Any] | None, n: int) -> np.ndarray | None:
        """Return the patients that ``reset(options={"patient": ...})`` asks for, shape (n,)."""
        options = options or {}
        unknown = sorted(set(options) - {"patient"})
        if unknown:
            raise ArgumentError(f"There is no reset option {unknown[0]!r}; there is 'patient'.")
        if "patient" not in options:
            return None
        patients = np.atleast_1d(np.asarray(options["patient"]))
        whole = patients.dtype.kind in "iu" and patients.shape == (n,)
        if not whole or (patients < 0).any():
            raise ArgumentError(
                f"options['patient'] is {options['patient']!r}; expected "
                f"{'a whole number' if n == 1 else f'{n} whole numbers'}, 0 or larger."
            )
        return patients.astype(np.int64)

    def check_actions(self, actions: Any, n: int | None) -> np.ndarray:
        """Return valid actions as an array: a single one for ``n=None``, else shape (n,)."""
        highest = len(self.labels) - 1
        if n is None and type(actions) in (int, np.int64) and 0 <= actions <= highest:
            return np.array([actions])  # the usual case, quickly
        array = np.asarray(actions)
        shape = () if n is None else (n,)
        whole = array.dtype.kind in "iu" and array.shape == shape
        if not whole or (array < 0).any() or (array > highest).any():
            count = "a whole number" if n is None else f"{n} whole numbers"
            raise ArgumentError(
                f"The action is {actions!r}; expected {count} from 0 ({self.labels[0]}) to "
                f"{highest} ({self.labels[-1]})."
            )
        return array.reshape(-1)

    def treat(self, beds: np.ndarray, choices: np.ndarray) -> np.ndarray:
        """Carry out the choices and return the rewards up to the next decision."""
        ward = self.ward
        actions = self.simulator.translate(self.action_set, ward.state, beds, choices)
        return ward.treat(beds, actions)

    def infos(self, beds: np.ndarray) -> dict[str, np.ndarray]:
        """Return what is known beside the observation, one row per bed, in fresh arrays.

        ``patient``, the step under the name of the condition's clock (ART: ``month``),
        ``action_mask`` (int8: what the clinician would consider; the rest may be chosen too) and,
        if asked for, ``clinician``: the probability of the action that each choice means, 1 in sum
        where choices are the actions themselves.
        """
        ward, simulator = self.ward, self.simulator
        asked = {"action_mask": simulator.admissible(ward.state, beds).astype(np.int8)}
        if self.clinician:
            asked["clinician"] = simulator.clinician(ward.state, beds)
        if self.labels is not simulator.actions:
            n_choices = len(self.labels)
            choices = np.tile(np.arange(n_choices), len(beds))
            meant = simulator.translate(
                self.action_set, ward.state, np.repeat(beds, n_choices), choices
            ).reshape(len(beds), -1)
            asked = {name: np.take_along_axis(v, meant, axis=1) for name, v in asked.items()}
        return {
            "patient": ward.patient[beds],
            simulator.clock: ward.state.step[beds],
            **asked,
        }
