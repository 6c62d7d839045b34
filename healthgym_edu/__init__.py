"""Health Gym, the course: learning from health records whose truth is known.

    import healthgym_edu as hg

    art = hg.load_cohort("art_hiv")      # 8,916 simulated people, five years, offline
    art.frame                            # one row per person and month

Nothing here treats patients.  Heavier rooms (plots, exercises, calibration) load on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:  # what editors and type checkers read; `_NAMES` does the same when it is asked
    from . import calibration, envs, evaluation, exercises, generators, plots, rl, survival
    from ._glossary import glossary
    from .cards import card
    from .checks import budget, check, hint, solution
    from .conditions import CONDITIONS, register
    from .data import Cohort, load_cohort, policy_value, simulate, twins
    from .engine import first, mix, remap, temper, within_support
    from .envs.making import make_env, make_vec_env
    from .envs.minari_export import to_minari
    from .shifts import on_call

_ROOMS = (
    "calibration", "envs", "evaluation", "exercises", "generators", "plots", "rl", "survival",
)  # fmt: skip
_NAMES = {
    "CONDITIONS": "conditions",
    "register": "conditions",
    "Cohort": "data",
    "load_cohort": "data",
    "card": "cards",
    "glossary": "_glossary",
    "policy_value": "data",
    "simulate": "data",
    "twins": "data",
    "first": "engine",
    "mix": "engine",
    "remap": "engine",
    "temper": "engine",
    "within_support": "engine",
    "to_minari": "envs.minari_export",
    "make_env": "envs.making",
    "make_vec_env": "envs.making",
    "on_call": "shifts",
    "check": "checks",
    "hint": "checks",
    "solution": "checks",
    "budget": "checks",
}
__all__ = [
    "CONDITIONS",
    "Cohort",
    "__version__",
    "budget",
    "calibration",
    "card",
    "check",
    "envs",
    "evaluation",
    "exercises",
    "first",
    "generators",
    "glossary",
    "hint",
    "load_cohort",
    "make_env",
    "make_vec_env",
    "mix",
    "on_call",
    "plots",
    "policy_value",
    "register",
    "remap",
    "rl",
    "simulate",
    "solution",
    "survival",
    "temper",
    "to_minari",
    "twins",
    "within_support",
]


if not TYPE_CHECKING:  # or a type checker would believe in any name

    def __getattr__(name: str) -> Any:
        if name in _ROOMS:
            return import_module(f"{__name__}.{name}")
        if name in _NAMES:
            return getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
        raise AttributeError(
            f"healthgym_edu has no {name!r}. It offers: {', '.join(sorted(__all__))}."
        )


def __dir__() -> list[str]:
    return sorted(__all__)
