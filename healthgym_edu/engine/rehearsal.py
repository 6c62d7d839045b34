"""A rehearsal: does a mechanism keep to what the engine relies on?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np

from ..errors import ArgumentError, SchemaError
from .living import live_block
from .mechanism import Mechanism
from .noise import Noise
from .policies import check_probabilities, resolve_policy
from .tables import simulate_tables

CALLS = (
    "measure", "alive", "over", "deciding", "known", "observe", "admissible", "clinician", "act",
    "record", "advance", "reward", "describe", "outcome",
)  # fmt: skip
"""The methods that are called with a state."""

_OWN = ("start", "advance", "record", "known", "act", "reward")


def rehearse(mechanism: Mechanism) -> None:
    """Let a block of patients live, with every array frozen, and look at all that comes back.

    Raises
    ------
    ArgumentError
        Something is missing; a method writes into an array, or returns another shape or type than
        it should; probabilities do not add up; values leave their ranges; nobody ever decides.
    """
    name = getattr(getattr(mechanism, "schema", None), "condition", None)
    _demand(name is not None, f"{type(mechanism).__name__} has no `schema`")
    _demand(
        re.fullmatch("[a-z][a-z0-9_]*", str(name)) is not None,
        f"its name is {name!r}; expected small letters, digits and underscores, as in 'art_hiv'",
    )
    for attribute in ("actions", "observed"):
        _demand(bool(getattr(mechanism, attribute, ())), f"{name} has no `{attribute}`")
    for method in _OWN:
        written = getattr(type(mechanism), method) is not getattr(Mechanism, method)
        _demand(written, f"{name} does not write the method `{method}`")
    _demand("action" in mechanism.step_noise, f'`step_noise` of {name} lacks "action": "uniform"')
    _demand("course" in mechanism.rewards, f'`rewards` of {name} lack "course"')
    for variable in mechanism.observed:
        known = variable.low is not None and variable.high is not None
        _demand(
            known, f"`observed` of {name}: {variable.name!r} needs a lowest and a highest value"
        )
    try:
        hash(mechanism)
    except TypeError:
        _fail(f"{name} cannot be hashed; write @dataclass(frozen=True), and no array in its fields")
    careful = watched(mechanism)
    live_block(careful, 0, 0, resolve_policy(careful, "clinician"))
    frame = simulate_tables(careful, 200, "random").frame
    try:
        mechanism.schema.validate(frame)
    except SchemaError as error:
        _fail(f"the table of {name} does not fit its schema: {str(error).removesuffix('.')}")


def watched(mechanism: Mechanism) -> Any:
    """Return the mechanism with frozen states and a look at what each method returns.

    Its ``called`` are the methods that were called so far.
    """

    class Watched(type(mechanism)):  # type: ignore[misc]
        called: set[str] = set()

    def before(method: str) -> Any:
        def call(self: Any, state: Any, *rest: Any) -> Any:
            self.called.add(method)
            step = state.step
            for value in (*vars(state).values(), *rest):
                freeze(value)
            closed = [key for key, value in vars(state).items() if isinstance(value, dict)]
            for key in closed:
                vars(state)[key] = MappingProxyType(vars(state)[key])
            try:
                result = getattr(super(Watched, self), method)(state, *rest)
            except (TypeError, ValueError) as error:
                if "read-only" in str(error) or "support item assignment" in str(error):
                    raise ArgumentError(
                        f"`{method}` of {self.condition} writes into an array of the state "
                        f"({error}). Others may hold it: replace the field, as in "
                        "state.weight = state.weight + 1."
                    ) from error
                raise
            for key in closed:  # the engine knows dicts only
                vars(state)[key] = dict(vars(state)[key])
            _look(self, method, state, step, result)
            return result

        return call

    for method in CALLS:
        setattr(Watched, method, before(method))
    copied = copy(mechanism)
    object.__setattr__(copied, "__class__", Watched)
    return copied


def freeze(value: Any) -> None:
    """Let nobody write into an array, nor into those of a dict or of noise."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, Mapping):
        for entry in value.values():
            freeze(entry)
    elif isinstance(value, Noise):
        for part in vars(value).values():
            freeze(part)


def _look(mechanism: Any, method: str, state: Any, step: np.ndarray, result: Any) -> None:
    """Raise `ArgumentError` if a method returned what the engine cannot use."""
    n, name = len(step), f"`{method}` of {mechanism.condition}"
    if method in ("alive", "over", "deciding"):
        _array(name, result, (n,), "b")
    elif method == "reward":
        _array(name, result, (n,), "if")
    elif method == "admissible":
        _array(name, result, (n, len(mechanism.actions)), "b")
        _demand(bool(result.any(axis=1).all()), f"{name} leaves somebody without any action")
    elif method == "clinician":
        check_probabilities(name, np.asarray(result), n, len(mechanism.actions))
    elif method == "advance":
        _demand(np.array_equal(state.step, step + 1), f"{name} must add 1 to state.step")
    elif method in ("record", "describe", "outcome", "known"):
        for column, values in result.items():
            _array(f"{column!r} in {name}", values, (n,), "bif")
    if method == "known":
        for variable in mechanism.observed:
            _demand(
                variable.name in result, f"{name} lacks {variable.name!r}, which `observed` names"
            )
    elif method == "observe":
        for column, variable in zip(result.T, mechanism.observed, strict=True):
            outside = ~((column >= variable.low) & (column <= variable.high))
            _demand(
                not outside.any(),
                f"in `known` of {mechanism.condition} {variable.name!r} is {column[outside][:1]}, "
                f"where `observed` says {variable.low:g} to {variable.high:g} (for a label of the "
                "schema: its code)",
            )


def _array(name: str, values: Any, shape: tuple[int, ...], kinds: str) -> None:
    """Raise `ArgumentError` unless this is an array of such a shape: bool, int or float."""
    found = type(values).__name__
    if isinstance(values, np.ndarray):
        if values.shape == shape and values.dtype.kind in kinds:
            return
        found = f"an array of shape {values.shape} and type {values.dtype}"
    wanted = "True and False" if kinds == "b" else "numbers"
    _fail(f"{name} is {found}; expected an array of {wanted}, shape {shape}")


def _demand(holds: bool, fault: str) -> None:
    if not holds:
        _fail(fault)


def _fail(fault: str) -> NoReturn:
    raise ArgumentError(f"This condition would not work: {fault}.")
