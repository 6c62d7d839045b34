"""The short way to an environment."""

from __future__ import annotations

from typing import Any

import gymnasium

from ..conditions import get_mechanism
from ..engine import Mechanism
from . import ENVIRONMENTS
from .single import PatientEnv
from .vector import PatientVectorEnv


def make_env(condition: str | Mechanism, **options: Any) -> gymnasium.Env:
    """Return the Gymnasium environment of a condition: one patient at a time.

    Parameters
    ----------
    condition : str or Mechanism
        Such as ``"sepsis"``.
    **options
        ``reward``, ``actions``, ``clinician``, ``render_mode``, and those of ``hg.simulate`` for
        the condition, such as ``confounded=True``.

    Returns
    -------
    gymnasium.Env
        As ``gymnasium.make`` returns it; ``env.unwrapped`` is a `PatientEnv`.  Of a mechanism,
        for which Gymnasium has no name, the `PatientEnv` itself.

    Raises
    ------
    ArgumentError
        Unknown condition or option, or an option's value that cannot be used.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> env = hg.make_env("hypotension", reward="published")
    >>> observation, info = env.reset(seed=0, options={"patient": 7})
    >>> observation.shape, info["patient"], env.unwrapped.action_labels[0]
    ((22,), 7, 'fluid 0, vasopressor 0')
    """
    if isinstance(condition, Mechanism):
        return PatientEnv(condition, **options)
    get_mechanism(condition)  # an unknown name is told as such
    return gymnasium.make(ENVIRONMENTS[condition], **options)


def make_vec_env(condition: str | Mechanism, n: int, **options: Any) -> PatientVectorEnv:
    """Return the vector environment of a condition: many patients at a time, in NumPy.

    Parameters
    ----------
    condition : str or Mechanism
        Such as ``"sepsis"``.
    n : int
        How many patients at a time.
    **options
        As for `make_env`, and ``autoreset_mode``; see `PatientVectorEnv`.

    Returns
    -------
    PatientVectorEnv

    Raises
    ------
    ArgumentError
        Unknown condition or option, or a value that cannot be used.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> many = hg.make_vec_env("sepsis", 256)
    >>> observations, infos = many.reset(seed=0)
    >>> observations.shape
    (256, 49)
    """
    return PatientVectorEnv(condition, n, **options)
