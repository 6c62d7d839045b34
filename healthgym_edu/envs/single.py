"""One patient at a time."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pandas as pd

from ..engine import Mechanism
from ..errors import ArgumentError
from .chart import chart_text, draw_chart
from .codebook import codebook
from .core import RENDER_MODES, Core

_BED = np.zeros(1, dtype=np.int64)


class PatientEnv(gymnasium.Env):
    """A patient of a condition; a step goes from one decision to the next.

    Parameters
    ----------
    condition : str or Mechanism
        Such as ``"art_hiv"``; ``gymnasium.make`` fills it in.
    render_mode : str, optional
        ``"ansi"`` (a line of text per step) or ``"rgb_array"`` (a bedside chart).
    **options
        ``reward``, ``actions``, ``clinician`` and those of ``hg.simulate``; see
        :class:`healthgym_edu.envs.core.Core`.

    Attributes
    ----------
    observation_names, action_labels : tuple of str
        What the columns of an observation and the actions are called; `codebook` explains them.

    Notes
    -----
    ``reset(seed=s, options={"patient": i})`` brings patient *i* of the cohort that
    ``hg.simulate(condition, seed=s)`` makes.  ``reset(seed=s)`` chooses a patient of that cohort
    at random; later resets without a seed bring others of the same cohort.  The environment's
    generator does nothing else: chance in a patient's life is the patient's own.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 4}

    def __init__(self, condition: str | Mechanism, render_mode: str | None = None, **options: Any):
        self.core = Core(condition, 1, render_mode, options)
        self.render_mode = render_mode
        self.observation_space = self.core.observation_space
        self.action_space = self.core.action_space
        self.observation_names = self.core.mechanism.observation_names
        self.action_labels = self.core.labels
        self._running = False

    def codebook(self, part: str = "observations") -> pd.DataFrame:
        """Describe the observations, or with ``part="actions"`` the actions; see `codebook`."""
        return codebook(self.core.mechanism, part, self.core.action_set)

    def action_masks(self) -> np.ndarray:
        """Return which actions a clinician would consider, bool of shape (n_actions,).

        Under this name sb3-contrib's MaskablePPO looks for it; infos call it ``action_mask``.
        """
        return self.core.infos(_BED)["action_mask"][0].astype(bool)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Bring a patient to the first decision."""
        patients = self.core.chosen_patients(options, 1)
        super().reset(seed=seed)
        self.core.reseed(seed, self.np_random)
        self.core.admit(_BED, self.np_random, patients)
        self._running = True
        return self._observation(), self._info()

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Treat until the next decision; death and the end of follow-up terminate the episode."""
        if not self._running:
            raise ArgumentError(
                "step was called although no episode is under way (none was begun, or the last "
                "one ended); call reset first."
            )
        choice = self.core.check_actions(action, None)
        reward = float(self.core.treat(_BED, choice)[0])
        over = bool(self.core.ward.over[0])
        self._running = not over
        return self._observation(), reward, over, False, self._info()

    def render(self) -> str | np.ndarray | None:
        """Return the last steps as text or as a picture, shape (height, width, 3)."""
        if self.render_mode is None:
            return None
        draw = chart_text if self.render_mode == "ansi" else draw_chart
        return draw(self.core, 0)

    def _observation(self) -> np.ndarray:
        return self.core.ward.observation[0].astype(np.float32)

    def _info(self) -> dict[str, Any]:
        known = {name: values[0] for name, values in self.core.infos(_BED).items()}
        return {n: v if isinstance(v, np.ndarray) else v.item() for n, v in known.items()}
