"""The loop in which patients live, step by step: the only one.

Cohorts, values of policies, environments and tests all come here.  A step is:

1. All are measured.
2. Those for whom a decision is due are treated by ``decide``; without it they stop here.
3. Everybody who did not stop is watched, lives one step and is paid.
4. Those who died or reached the end stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from .mechanism import Mechanism
from .noise import BLOCK
from .policies import Chooser, sample_actions

Watch = Callable[[np.ndarray, Any], None]
"""``(rows, state)``: called just before a step is lived, as `tables.History` is, which records it.
A patient who stops for a decision is shown twice: when waiting, and after the treatment."""


@dataclass(frozen=True)
class Group:
    """Patients who live together."""

    rows: np.ndarray  # (n,) their positions among those who set out
    state: Any  # the condition's state of these patients
    paid: np.ndarray  # (n,) the sum of their rewards since they set out

    def those(self, chosen: np.ndarray) -> Group:
        """Return the group of those where ``chosen``, shape (n,), is True."""
        if chosen.all():
            return self
        return Group(self.rows[chosen], self.state.those(chosen), self.paid[chosen])


def live(
    mechanism: Mechanism,
    state: Any,
    actions: np.ndarray | None = None,
    decide: Callable[[Group], np.ndarray] | None = None,
    reward: str = "course",
    discount: float = 1.0,
    watch: Watch | None = None,
) -> Iterator[Group]:
    """Let patients live until each must decide, has died or has reached the end.

    Parameters
    ----------
    mechanism : Mechanism
        The condition.
    state : State
        The patients who set out; it is changed and must not be used afterwards.
    actions : ndarray of int, shape (n,), optional
        How they are treated now.  Without actions their present step is still to be measured.
    decide : callable, optional
        From the group of those for whom a decision is due to their actions; they then live on.
        Without it they stop.
    reward : str
        One of ``mechanism.rewards``.
    discount : float
        Weight of a step relative to the one before it.
    watch : callable, optional
        Looks on.

    Yields
    ------
    Group
        Those who stop together, as they are then.
    """
    group = Group(np.arange(len(state)), state, np.zeros(len(state)))
    if actions is not None:
        _treat(mechanism, state, actions)
    while True:
        if actions is None:
            mechanism.measure(group.state)
            due = mechanism.deciding(group.state)
            if due.any() and decide is not None:
                asked = group.those(due)
                changed = _treat(mechanism, asked.state, decide(asked))
                if asked is not group:  # `act` worked on a copy of those who are due
                    group.state.replace(due, changed)
            elif due.any():
                waiting = group.those(due)
                if watch is not None:
                    watch(waiting.rows, waiting.state)
                yield waiting
                if due.all():
                    return
                group = group.those(~due)
        actions = None  # from the next step on they are measured and asked
        step = group.state.step  # the one about to be lived, which sets the discount
        if watch is not None:
            watch(group.rows, group.state)
        mechanism.advance(group.state)
        paid = mechanism.reward(group.state, reward)
        group.paid[:] += paid if discount == 1 else paid * discount**step
        over = mechanism.over(group.state)
        if over.any():
            yield group.those(over)
            if over.all():
                return
            group = group.those(~over)


def _treat(mechanism: Mechanism, state: Any, actions: np.ndarray) -> dict[str, Any]:
    """Act, and return the fields that this changed."""
    before = dict(vars(state))
    mechanism.act(state, actions)
    state.decisions = state.decisions + 1
    return {name: new for name, new in vars(state).items() if new is not before[name]}


@dataclass(frozen=True)
class Decided:
    """Decisions that k patients made in the same step."""

    rows: np.ndarray  # (k,) who decided
    step: np.ndarray  # (k,) when
    action: np.ndarray  # (k,) what was done
    seen: np.ndarray  # (k, n_features) what was in view
    probability: np.ndarray  # (k, n_actions) float32, with which the action was drawn
    paid: np.ndarray  # (k,) the sum of rewards up to then


@dataclass(frozen=True)
class Lives:
    """A block of patients and where they stopped: at the end, or at their first decision."""

    state: Any  # how they are then
    seen: np.ndarray  # (BLOCK, n_features) what is in view then
    paid: np.ndarray  # (BLOCK,) the sum of their rewards
    decided: list[Decided]  # in the order of time


@np.errstate(under="ignore")  # what fades to nothing may, even where NumPy is set to raise
def live_block(
    mechanism: Mechanism,
    block: int,
    seed: int,
    choose: Chooser | None,
    reward: str = "course",
    discount: float = 1.0,
    watch: Watch | None = None,
    keep: bool = True,
) -> Lives:
    """Let a block of patients live under a policy; see `live` for the arguments.

    With ``keep=False`` the decisions are made and forgotten; without ``choose`` everybody stops at
    the first decision.
    """
    with one_thread():
        start = mechanism.start(mechanism.draw(block, seed))
    everybody = np.arange(BLOCK)
    seen = np.zeros((BLOCK, len(mechanism.observed)))
    lives = Lives(start.take(everybody), seen, np.zeros(BLOCK), [])

    def decide(group: Group) -> np.ndarray:
        assert choose is not None
        state, probability = group.state, choose(group.state)
        action = sample_actions(probability, state.at("action"))
        if keep:
            known = mechanism.observe(state), probability.astype(np.float32), group.paid.copy()
            lives.decided.append(Decided(group.rows, state.step, action, *known))
        return action

    with one_thread():
        deciding = decide if choose else None
        for group in live(mechanism, start, None, deciding, reward, discount, watch):
            lives.state.put(group.rows, group.state)
            lives.seen[group.rows] = mechanism.observe(group.state)
            lives.paid[group.rows] = group.paid
    return lives


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread():
    """Return a context in which matrix products use one thread.

    The products here are small: to share them among threads takes longer than to compute them,
    many times longer where other programs keep the processor busy.
    """
    return _libraries().limit(limits=1, user_api="blas")
