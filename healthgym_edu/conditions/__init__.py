"""The conditions of the course: everything particular to one lives in its own room.

How to add a condition, in the order of reading: this page · ``engine/noise.py`` what is drawn ·
``engine/mechanism.py`` what a condition says · ``variables.py`` columns and what is in view ·
``engine/curves.py`` and ``engine/carrying.py`` what helps · ``tests/toy_diabetes.py`` a condition
in one file · ``engine/living.py`` how its patients live.

1. **Columns**: a `Schema` names the columns of the table, with units, labels and plausible ranges.
2. **State**: a dataclass on `State` holds what is known of n patients, an array for each fact.
3. **Noise**: ``static_noise`` and ``step_noise`` name everything random.  Chance enters nowhere
   else, or twins would not share it; ``"action"`` must be among the noise of steps.
4. **Mechanism**: a frozen dataclass on `Mechanism`.  It must have ``schema``, ``actions`` (the
   first is no treatment) and ``observed``, and the methods ``start``, ``record``, ``known``,
   ``act``, ``advance`` and ``reward``; all others have defaults.  Its fields are options of
   `load_cohort`.  It **replaces** the fields of a state and never writes into their arrays.
5. ``hg.register(YourMechanism())``.  Cohorts, twins, values of policies, environments, files,
   figures and the Minari export then know the condition by its name.

Where ``known`` gives more than was measured, the clinician sees what nobody can; where ``alive``
is not the default, rows end with death and the schema says ``equal_length=False``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..engine import Mechanism
from ..errors import ArgumentError, require_known

__all__ = ["CONDITIONS", "get_mechanism", "on_register", "register"]

_ROOMS = ("art_hiv", "sepsis", "hypotension")
_mechanisms: dict[str, Mechanism | None] = dict.fromkeys(_ROOMS)  # loaded when asked for
_listeners: list[Callable[[str], None]] = []


def __getattr__(name: str) -> Any:
    if name == "CONDITIONS":  # grows with `register`
        return tuple(_mechanisms)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def register(mechanism: Mechanism) -> None:
    """Make a condition known under its name, wherever a condition is named.

    Parameters
    ----------
    mechanism : Mechanism
        An instance; hashable, as frozen dataclasses are.

    Raises
    ------
    ArgumentError
        No mechanism, or a condition of this name is known already.
    """
    if not isinstance(mechanism, Mechanism):
        raise ArgumentError(
            f"register() takes a Mechanism, found {mechanism!r}. Make a subclass of "
            "healthgym_edu.engine.Mechanism and pass an instance of it."
        )
    if mechanism.condition in _mechanisms:
        raise ArgumentError(
            f"There is a condition {mechanism.condition!r} already. Give the schema of the new one "
            "another name."
        )
    hash(mechanism)
    _mechanisms[mechanism.condition] = mechanism
    for listener in _listeners:
        listener(mechanism.condition)


def on_register(listener: Callable[[str], None]) -> None:
    """Call ``listener(name)`` for every condition known now, and for each that is registered."""
    _listeners.append(listener)
    for name in _mechanisms:
        listener(name)


def get_mechanism(name: str) -> Mechanism:
    """Return the mechanism of a condition by name.

    Raises
    ------
    ArgumentError
        If there is no such condition; the message lists those there are.
    """
    require_known("condition", name, _mechanisms)
    mechanism = _mechanisms[name]
    if mechanism is None:
        mechanism = _mechanisms[name] = import_module(f".{name}", __package__).MECHANISM
    return mechanism
