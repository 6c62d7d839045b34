"""Arrows of a mechanism: raise one thing, and another must rise (+), fall (-) or stay (0).

A change alters a state of many patients; what is looked at is compared in the same patients with
and without it.  A change may have a ``before``, which both states go through first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from healthgym_edu.engine import BLOCK, Mechanism

Change = Callable[[Any], None]


def after_mixed_treatment(mechanism: Mechanism, steps: int) -> Any:
    """Return a block of patients at a decision, after some steps of treatments of all kinds."""
    state = mechanism.start(mechanism.draw(0, 11))
    rng = np.random.default_rng(0)
    for _ in range(steps):
        mechanism.measure(state)
        if mechanism.deciding(state).any():
            mechanism.act(state, rng.integers(0, len(mechanism.actions), BLOCK))
        mechanism.advance(state)
    mechanism.measure(state)
    return state


def field(name: str, by: float) -> Change:
    """Raise a field."""

    def change(state: Any) -> None:
        setattr(state, name, getattr(state, name) + by)

    return change


def to(name: str, value: float | bool) -> Change:
    """Set a field to a value."""

    def change(state: Any) -> None:
        old = getattr(state, name)
        setattr(state, name, np.full(old.shape, value, dtype=old.dtype))

    return change


def entry(name: str, key: str, value: float | bool) -> Change:
    """Set one entry of a field that is a dict."""

    def change(state: Any) -> None:
        old = getattr(state, name)
        setattr(state, name, old | {key: np.full_like(old[key], value)})

    return change


def pair(first: Change, second: Change) -> Change:
    """Make all patients so first, then some of them so as well."""

    def change(state: Any) -> None:
        second(state)

    change.before = first  # type: ignore[attr-defined]
    return change


def assert_arrow(patients: Any, change: Change, look: Callable, sign: str) -> None:
    """Assert that what is looked at moves as ``sign`` says, on average and in nearly everybody."""
    everybody = np.arange(len(patients))
    before, after = patients.take(everybody), patients.take(everybody)
    if hasattr(change, "before"):
        change.before(before)
        change.before(after)
    change(after)
    moved = look(after) - look(before)
    if sign == "0":
        assert (moved == 0).all()
        return
    turned = moved if sign == "+" else -moved
    assert turned.mean() > 0
    assert (turned > 0).mean() > 0.02
    assert (turned < -1e-9).mean() < 0.2 * (turned > 0).mean()
