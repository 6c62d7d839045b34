"""A ward: many patients, each brought from one decision to the next, each in a step of its own.

An environment is a ward whose beds are filled anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from .living import live, one_thread
from .mechanism import Mechanism
from .noise import BLOCK, Noise


class Ward:
    """Beds of patients, each in a step of its own.

    Parameters
    ----------
    mechanism : Mechanism
        The condition.
    n_beds : int
        How many patients there are at any time; the first admission fills all beds.
    reward : str
        One of ``mechanism.rewards``.
    watch : callable, optional
        ``(beds, state)``, called with those whose step was measured, or who were treated in it.

    Attributes
    ----------
    state : State
        The condition's state, one row per bed.
    observation : ndarray, shape (n_beds, n_features)
        What is in view at the decision that is due, or at the end.
    dead, over : ndarray of bool, shape (n_beds,)
        ``over`` is death or the end of follow-up.
    patient : ndarray of int, shape (n_beds,)
        Who lies in the bed: the patient's number in a cohort of the same seed.
    owed : ndarray, shape (n_beds,)
        Rewards of the steps before the first decision, paid with the first treatment.
    """

    def __init__(
        self,
        mechanism: Mechanism,
        n_beds: int,
        reward: str = "course",
        watch: Callable[[np.ndarray, Any], None] | None = None,
    ):
        self.mechanism, self.reward, self.watch = mechanism, reward, watch
        self.state: Any = None
        self.observation = np.zeros((n_beds, len(mechanism.observed)))
        self.patient = np.zeros(n_beds, dtype=np.int64)
        self.dead, self.over = np.zeros(n_beds, dtype=bool), np.zeros(n_beds, dtype=bool)
        self.owed = np.zeros(n_beds)

    def __len__(self) -> int:
        """Return the number of beds."""
        return len(self.over)

    def admit(self, beds: np.ndarray, seed: int, patients: np.ndarray) -> None:
        """Lay patients of a cohort of this seed into beds and bring them to their first decision.

        What the steps before it are worth is paid with the first treatment.
        """
        self.patient[beds], self.dead[beds], self.over[beds] = patients, False, False
        for block in np.unique(patients // BLOCK):
            here = patients // BLOCK == block
            into, rows = beds[here], patients[here] % BLOCK
            noise, start = _first_day(self.mechanism, int(block), seed)
            if self.state is None:
                anybody = np.resize(rows, len(self))  # gives arrays their size, is overwritten
                self.state = start.take(anybody)
                self.state.noise = noise.take(anybody).copied()
            self.state.noise.overwrite(into, noise.take(rows))
            arriving = start.take(rows)
            arriving.noise = self.state.noise.take(into)
            self.owed[into] = self._live(into, arriving, None)

    def treat(self, beds: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Act, live on to the next decision, and return the sum of rewards, shape (len(beds),)."""
        total, self.owed[beds] = self.owed[beds], 0.0
        going = np.flatnonzero(~self.over[beds])
        if len(going):
            state = self.state.take(beds[going])
            total[going] += self._live(beds[going], state, actions[going])
        return total

    def _live(self, beds: np.ndarray, state: Any, actions: np.ndarray | None) -> np.ndarray:
        mechanism, paid = self.mechanism, np.zeros(len(beds))
        watch = self.watch and (lambda rows, state: self.watch(beds[rows], state))
        with one_thread():
            for group in live(mechanism, state, actions, None, self.reward, watch=watch):
                here = beds[group.rows]
                paid[group.rows] = group.paid
                self.observation[here] = mechanism.observe(group.state)
                self.dead[here] = dead = ~mechanism.alive(group.state)
                self.over[here] = dead | (group.state.step >= mechanism.n_steps)
                self.state.put(here, group.state)
        return paid


@lru_cache(maxsize=4)
def _first_day(mechanism: Mechanism, block: int, seed: int) -> tuple[Noise, Any]:
    """Noise and starting state of a block; callers copy from them and change nothing."""
    noise = mechanism.draw(block, seed)
    return noise, mechanism.start(noise)
