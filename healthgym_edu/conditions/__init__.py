"""The conditions of the course: everything particular to one lives in its own room.

How to add a condition, in the order of reading: this page · ``engine/noise.py`` what is drawn ·
``engine/mechanism.py`` what a condition says · ``variables.py`` columns and what is in view ·
``engine/curves.py`` and ``engine/carrying.py`` what helps · ``engine/policies.py`` how clinicians
choose · ``tests/toy_diabetes.py`` a condition in one file · ``engine/living.py`` how its patients
live.

1. **Columns**: a `Schema` names the columns of the table, with units, labels and plausible ranges.
2. **State**: a dataclass on `State` holds all that is true of n patients, an array for each fact.
   With a field ``alive`` (bool) patients can die: their rows end, and the schema must say
   ``equal_length=False``.
3. **Noise**: ``static_noise`` and ``step_noise`` name everything random.  Chance enters nowhere
   else, or twins would not share it; ``"action"`` must be among the noise of steps.
4. **Mechanism**: a frozen dataclass on `Mechanism`.  It must have ``schema``, ``actions`` (the
   first is no treatment) and ``observed``, and the methods ``start``, ``record``, ``known``,
   ``act``, ``advance`` and ``reward``; all others have defaults, among them ``guidelines``, further
   rules by name, and ``classes``, coarser actions.  Its fields are options of `load_cohort`.  It
   **replaces** the fields of a state and never writes into their arrays.
5. ``hg.register(YourMechanism())`` rehearses it and says what would go wrong.  Cohorts, twins,
   values of policies, files, figures and the Minari export then know the condition by its name;
   after ``import healthgym_edu.envs`` so does Gymnasium: ``"art_hiv"`` is
   ``"healthgym_edu/ArtHiv-v0"``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..engine import Mechanism, rehearse
from ..errors import ArgumentError, require_known

__all__ = ["CONDITIONS", "get_mechanism", "on_register", "register"]

_ROOMS = ("art_hiv", "sepsis", "hypotension")
_mechanisms: dict[str, Mechanism | None] = dict.fromkeys(_ROOMS)  # loaded when asked for
_listeners: list[Callable[[str], None]] = []


if TYPE_CHECKING:
    CONDITIONS: tuple[str, ...]
else:

    def __getattr__(name: str) -> Any:
        if name == "CONDITIONS":  # grows with `register`
            return tuple(_mechanisms)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def register(mechanism: Mechanism, replace: bool = False) -> None:
    """Make a condition known under its name, wherever a condition is named.

    It is rehearsed first: a block of its patients lives, and whatever would go wrong later, loudly
    or silently, is refused now.

    Parameters
    ----------
    mechanism : Mechanism
        An instance.
    replace : bool
        Whether it takes the place of one that was registered before, as in a notebook whose cell
        is run again.  The conditions of the course cannot be replaced.

    Raises
    ------
    ArgumentError
        No mechanism, one that does not pass its rehearsal, or a name that is taken.

    Examples
    --------
    Sepsis under another name:

    >>> from dataclasses import replace
    >>> import healthgym_edu as hg
    >>> from healthgym_edu.conditions.sepsis import MECHANISM, Sepsis
    >>> class Elsewhere(Sepsis):
    ...     schema = replace(MECHANISM.schema, condition="sepsis_elsewhere")
    >>> hg.register(Elsewhere())
    >>> hg.CONDITIONS
    ('art_hiv', 'sepsis', 'hypotension', 'sepsis_elsewhere')
    """
    if not isinstance(mechanism, Mechanism):
        raise ArgumentError(
            f"register() takes a Mechanism, found {mechanism!r}. Make a subclass of "
            "healthgym_edu.engine.Mechanism and pass an instance of it."
        )
    rehearse(mechanism)
    name = mechanism.condition
    if name in _mechanisms and (not replace or name in _ROOMS):
        raise ArgumentError(
            f"There is a condition {name!r} already. Give the schema of the new one another name"
            + ("." if name in _ROOMS else ", or say register(…, replace=True).")
        )
    _mechanisms[name] = mechanism
    for listener in _listeners:
        listener(name)


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
