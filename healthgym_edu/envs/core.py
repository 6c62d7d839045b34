"""What the single and the vector environment share: options, spaces, patients and infos."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from ..data.teaching import mechanism_with
from ..engine import BLOCK, History, Mechanism, Ward, check_followed, check_reward, with_actions
from ..errors import ArgumentError, require_known

OPTIONS = {"reward": "course", "actions": None, "clinician": False}
"""Options of every environment and their defaults; see :class:`Core`."""

RENDER_MODES = ("ansi", "rgb_array")
MOST_BLOCKS = 1000
"""Patients without a name come from so many blocks of a cohort."""


class Core:
    """Patients in beds, and what an environment says about them.

    Parameters
    ----------
    condition : str or Mechanism
        Such as ``"art_hiv"``; a mechanism needs no registration, also not in another process.
    n : int
        Number of patients at a time.
    render_mode : str or None
        ``"ansi"`` or ``"rgb_array"``.
    options : dict
        ``reward``: one of the condition's, ``"course"`` by default.  ``actions``: a name among the
        condition's action sets (ART: ``"regimen"``, the default, or ``"published"``; sepsis:
        ``"published"``, the default, or ``"relative"``).
        ``clinician``: whether infos hold the clinician's probabilities.  And those of
        ``hg.simulate`` for the condition, such as ``parameters`` or ``confounded=True``.
    """

    def __init__(
        self,
        condition: str | Mechanism,
        n: int,
        render_mode: str | None,
        options: dict[str, Any],
    ):
        simulated = {name: value for name, value in options.items() if name not in OPTIONS}
        mechanism = mechanism_with(condition, simulated, tuple(OPTIONS))
        check_followed(mechanism, "An environment")
        options = OPTIONS | options
        self.action_set = options["actions"] or mechanism.action_set
        self.mechanism = mechanism = with_actions(mechanism, self.action_set)
        if render_mode is not None:
            require_known("render mode", render_mode, RENDER_MODES)
        self.clinician = bool(options["clinician"])
        self.labels = mechanism.actions
        reward = check_reward(mechanism, options["reward"])
        self.history = History(mechanism, n) if render_mode else None
        self.ward = Ward(mechanism, n, reward, watch=self.history)
        low, high = (bound.astype(np.float32) for bound in mechanism.observation_bounds)
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
        if self.history:
            self.history.clear(beds)
        assert self.seed is not None, "reseed comes first"
        self.ward.admit(beds, self.seed, patients)

    def chosen_patients(self, options: dict[str, Any] | None, n: int) -> np.ndarray | None:
        """Return the patients that ``reset(options={"patient": ...})`` asks for, shape (n,)."""
        options = options or {}
        for name in options:
            require_known("reset option", name, ["patient"])
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

    def _state(self, beds: np.ndarray) -> Any:
        state = self.ward.state
        return state if len(beds) == len(state) else state.take(beds)

    def treat(self, beds: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Carry out the actions and return the rewards up to the next decision."""
        if self.history:
            self.history.actions[beds, self.ward.state.step[beds]] = actions
        return self.ward.treat(beds, actions)

    def infos(self, beds: np.ndarray) -> dict[str, np.ndarray]:
        """Return what is known beside the observation, one row per bed, in fresh arrays.

        ``patient``, ``died``, the step under the name of the condition's clock (ART: ``month``),
        ``action_mask`` (int8: what the clinician would consider; the rest may be chosen too) and,
        if asked for, ``clinician``: the clinician's probabilities.
        """
        mechanism, state = self.mechanism, self._state(beds)
        asked = {"action_mask": mechanism.admissible(state).astype(np.int8)}
        if self.clinician:
            asked["clinician"] = mechanism.clinician(state)
        return {
            "patient": self.ward.patient[beds],
            "died": self.ward.dead[beds],
            mechanism.clock: self.ward.state.step[beds],
            **asked,
        }
