"""A ward: many patients, each brought from one decision to the next, each in a step of its own.

An environment is a ward whose beds are filled anew.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import lru_cache
from typing import Any

import numpy as np

from .living import Lives, live, live_block, one_thread
from .mechanism import Mechanism
from .noise import BLOCK


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
        self.patient[beds] = patients
        for block in np.unique(patients // BLOCK):
            here = patients // BLOCK == block
            into, rows = beds[here], patients[here] % BLOCK
            told = self.watch
            lives, shown = _arrival(self.mechanism, int(block), seed, self.reward, told is not None)
            arriving = lives.state.take(rows)
            if self.state is None:
                anybody = np.resize(rows, len(self))  # gives arrays their size, is overwritten
                self.state = lives.state.take(anybody)
                self.state.noise = self.state.noise.copied()
            self.state.noise.overwrite(into, arriving.noise)
            self._stop(into, arriving, lives.seen[rows])
            self.owed[into] = lives.paid[rows]
            for who, state in shown:  # the steps up to the first decision
                place = np.full(BLOCK, -1)
                place[who] = np.arange(len(who))
                among = place[rows] >= 0
                if told is not None:
                    told(into[among], state.take(place[rows[among]]))

    @np.errstate(under="ignore")  # as in `live_block`
    def treat(self, beds: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Act, live on to the next decision, and return the sum of rewards, shape (len(beds),)."""
        mechanism, total = self.mechanism, self.owed[beds]
        self.owed[beds] = 0.0
        going = np.flatnonzero(~self.over[beds])
        if not len(going):
            return total
        here, state = beds[going], self.state.take(beds[going])
        told = self.watch
        watch = told and (lambda rows, state: told(here[rows], state))
        with one_thread():
            for group in live(mechanism, state, actions[going], None, self.reward, watch=watch):
                total[going[group.rows]] += group.paid
                self._stop(here[group.rows], group.state, mechanism.observe(group.state))
        return total

    def _stop(self, beds: np.ndarray, state: Any, seen: np.ndarray) -> None:
        """Put patients who stopped to bed."""
        self.observation[beds] = seen
        self.dead[beds] = ~self.mechanism.alive(state)
        self.over[beds] = self.mechanism.over(state)
        self.state.put(beds, state)


@lru_cache(maxsize=4)
def _arrival(
    mechanism: Mechanism, block: int, seed: int, reward: str, watched: bool
) -> tuple[Lives, list[tuple[np.ndarray, Any]]]:
    """A block of patients at their first decision, and what a watch was shown before it.

    Callers copy from them and change nothing.
    """
    shown: list[tuple[np.ndarray, Any]] = []

    def watch(rows: np.ndarray, state: Any) -> None:
        shown.append((rows, copy(state)))

    lives = live_block(mechanism, block, seed, None, reward, watch=watch if watched else None)
    return lives, shown
