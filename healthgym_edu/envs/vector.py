"""Many patients at a time, in NumPy."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import gymnasium.vector
import numpy as np
import pandas as pd
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space

from ..engine import Mechanism
from ..errors import ArgumentError, require_whole
from .chart import chart_text, draw_chart
from .codebook import codebook
from .core import RENDER_MODES, Core

if TYPE_CHECKING or hasattr(gymnasium.vector, "AutoresetMode"):
    from gymnasium.vector import AutoresetMode
else:  # Gymnasium 1.0, on which d3rlpy 2.8 insists

    class AutoresetMode(Enum):
        """What happens to an episode that has ended, as in later versions of Gymnasium."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"


class PatientVectorEnv(VectorEnv):
    """Patients of a condition; row *i* equals the single environment with the same patient.

    Parameters
    ----------
    condition : str or Mechanism
        Such as ``"art_hiv"``; ``gymnasium.make_vec`` fills it in.
    num_envs : int
        Number of patients.
    render_mode : str, optional
        ``"ansi"`` or ``"rgb_array"``: one text or picture per patient.
    autoreset_mode : AutoresetMode or str
        ``NEXT_STEP``: the step after the end brings the next patient, whatever the action, with
        reward 0.  ``SAME_STEP``: the step that ends an episode returns the next patient's first
        observation; the last one is in ``info["final_obs"]``, its info in ``info["final_info"]``.
        ``DISABLED``: whoever's episode ended needs ``reset(options={"reset_mask": mask})`` before
        the next step.
    max_episode_steps : int, optional
        Episodes are truncated after so many steps at the latest.
    **options
        ``reward``, ``actions``, ``clinician`` and those of ``hg.simulate``; see
        :class:`healthgym_edu.envs.core.Core`.

    Attributes
    ----------
    observation_names, action_labels : tuple of str
        What the columns of an observation and the actions are called; `codebook` explains them.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 4}

    def __init__(
        self,
        condition: str | Mechanism,
        num_envs: int = 1,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        **options: Any,
    ):
        require_whole("num_envs", num_envs, 1)
        if max_episode_steps is not None:
            require_whole("max_episode_steps", max_episode_steps, 1)
        known = {name: mode for mode in AutoresetMode for name in (mode, mode.value, mode.name)}
        if autoreset_mode not in known:
            raise ArgumentError(
                f"autoreset_mode is {autoreset_mode!r}; it must be AutoresetMode.NEXT_STEP, "
                "AutoresetMode.SAME_STEP or AutoresetMode.DISABLED."
            )
        self.core = Core(condition, num_envs, render_mode, options)
        self.num_envs, self.render_mode = int(num_envs), render_mode
        self.autoreset_mode = known[autoreset_mode]
        self.metadata = type(self).metadata | {"autoreset_mode": self.autoreset_mode}
        self.max_episode_steps = max_episode_steps
        self.single_observation_space = self.core.observation_space
        self.single_action_space = self.core.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_names = self.core.mechanism.observation_names
        self.action_labels = self.core.labels
        self._all = np.arange(num_envs)
        self._steps = np.zeros(num_envs, dtype=np.int64)
        self._ended = np.zeros(num_envs, dtype=bool)  # in the last step
        self._begun = False

    def codebook(self, part: str = "observations") -> pd.DataFrame:
        """Describe the observations, or with ``part="actions"`` the actions; see `codebook`."""
        return codebook(self.core.mechanism, part, self.core.action_set)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Bring ``num_envs`` patients of the cohort with this seed to their first decision.

        ``options={"patient": [...]}`` names them.  ``options={"reset_mask": mask}``, booleans of
        shape (num_envs,), brings new patients only where the mask is True, in any autoreset mode;
        infos are of those alone, and patients are named for those alone.
        """
        beds, options = self._beds_to_reset(options)
        patients = self.core.chosen_patients(options, len(beds))
        super().reset(seed=seed)
        self.core.reseed(seed, self.np_random)
        self._admit(beds, patients)
        self._ended[beds], self._begun = False, True
        return self.core.ward.observation.astype(np.float32), self._info(beds)

    def _beds_to_reset(self, options: dict[str, Any] | None) -> tuple[np.ndarray, dict[str, Any]]:
        options = dict(options or {})
        mask = options.pop("reset_mask", None)
        if mask is None:
            return self._all, options
        is_mask = isinstance(mask, np.ndarray) and mask.dtype == bool
        if not is_mask or mask.shape != (self.num_envs,) or not mask.any():
            raise ArgumentError(
                f"options['reset_mask'] is {mask!r}; expected a NumPy array of {self.num_envs} "
                "booleans, True where a new patient is wanted, and at least one of them True."
            )
        if not (self._begun or mask.all()):
            raise ArgumentError("The first reset brings all patients; leave out reset_mask.")
        return np.flatnonzero(mask), options

    def step(self, actions: np.ndarray) -> tuple:
        """Treat all patients until the next decision of each; see the class for autoreset."""
        if not self._begun:
            raise ArgumentError("step was called before reset; call reset first.")
        choices = self.core.check_actions(actions, self.num_envs)
        ward, going = self.core.ward, np.flatnonzero(~self._ended)
        rewards, ended = np.zeros(self.num_envs), np.flatnonzero(self._ended)
        if len(ended) and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ArgumentError(
                f"The episodes of {ended.tolist()} ended and autoreset is disabled; call "
                "reset(options={'reset_mask': terminated | truncated}) first."
            )
        rewards[going] = self.core.treat(going, choices[going])
        self._steps[going] += 1
        if len(ended):
            self._admit(ended)
        terminated, truncated = np.zeros((2, self.num_envs), dtype=bool)
        terminated[going] = ward.over[going]
        if self.max_episode_steps is not None:
            truncated = (self._steps >= self.max_episode_steps) & ~terminated
        self._ended = terminated | truncated

        final = {}
        if self.autoreset_mode is AutoresetMode.SAME_STEP and self._ended.any():
            final = self._final(np.flatnonzero(self._ended))
            self._admit(np.flatnonzero(self._ended))
            self._ended = np.zeros(self.num_envs, dtype=bool)
        observation = ward.observation.astype(np.float32)
        return observation, rewards, terminated, truncated, self._info(self._all) | final

    def render(self) -> tuple | None:
        """Return one text or picture per patient."""
        if self.render_mode is None:
            return None
        draw = chart_text if self.render_mode == "ansi" else draw_chart
        return tuple(draw(self.core, bed) for bed in range(self.num_envs))

    def _admit(self, beds: np.ndarray, patients: np.ndarray | None = None) -> None:
        self.core.admit(beds, self.np_random, patients)
        self._steps[beds] = 0

    def _info(self, beds: np.ndarray) -> dict[str, Any]:
        """Infos as Gymnasium batches them: arrays over all rows, with a mask beside each."""
        info: dict[str, Any] = {}
        for name, values in self.core.infos(beds).items():
            info[name] = values
            if len(beds) < self.num_envs:
                info[name] = np.zeros((self.num_envs, *values.shape[1:]), dtype=values.dtype)
                info[name][beds] = values
            info[f"_{name}"] = self._mask(beds)
        return info

    def _final(self, beds: np.ndarray) -> dict[str, Any]:
        last = np.full(self.num_envs, None, dtype=object)
        for bed in beds:
            last[bed] = self.core.ward.observation[bed].astype(np.float32)
        return {
            "final_obs": last,
            "_final_obs": self._mask(beds),
            "final_info": self._info(beds),
            "_final_info": self._mask(beds),
        }

    def _mask(self, beds: np.ndarray) -> np.ndarray:
        mask = np.zeros(self.num_envs, dtype=bool)
        mask[beds] = True
        return mask
