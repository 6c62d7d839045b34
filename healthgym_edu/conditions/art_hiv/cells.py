"""The published 24 actions: NNRTI (4, one of them none) times base (6).

The published heat maps of recommended treatments show these two columns and leave the rest of a
regimen open.  Here the rest follows from a rule:

* the base is always kept;
* a pair of NNRTI and base that is a regimen is that regimen;
* where the base goes with another NNRTI only, that one is meant (rilpivirine, else efavirenz), and
  where it goes with none, the cell without NNRTI;
* without NNRTI the base gets its usual partner: dolutegravir, before its licence raltegravir
  (with tenofovir alafenamide elvitegravir, with other bases lopinavir), and the bases with a
  protease inhibitor their booster or darunavir.

There is no cell for no treatment.
"""

from __future__ import annotations

import numpy as np

from .regimens import AGENTS, DRV_TDF, OTHER, REGIMENS, RTVB_TDF, TAF, Regimen
from .variables import SCHEMA

_NNRTI = SCHEMA["Comp. NNRTI"].labels
_BASE = SCHEMA["Base Drug Combo"].labels
_NONE = "Not Applied"

CELLS: tuple[str, ...] = tuple(
    f"{'no NNRTI' if nnrti == _NONE else nnrti}, {base}" for nnrti in _NNRTI for base in _BASE
)
"""Cell ``6 i + j`` is NNRTI *i* with base *j*, in the order of the schema's labels."""


def _without_nnrti(base: str, dolutegravir: bool) -> Regimen:
    if base == DRV_TDF:
        return Regimen(base, pi="RTVB")
    if base == RTVB_TDF:
        return Regimen(base, pi="DRV")
    if dolutegravir:
        return Regimen(base, ini="DTG")
    if base == TAF:
        return Regimen(base, ini="EVG", enhancer=True)
    return Regimen(base, pi="LPV") if base == OTHER else Regimen(base, ini="RAL")


def _regimen(nnrti: str, base: str, dolutegravir: bool) -> Regimen:
    wanted = () if nnrti == _NONE else (nnrti, "RPV", "EFV")
    pairs = (Regimen(base, nnrti=drug) for drug in wanted)
    known = (regimen for regimen in pairs if regimen in REGIMENS)
    return next(known, _without_nnrti(base, dolutegravir))


_BEFORE, _SINCE = (
    np.array([1 + REGIMENS.index(_regimen(n, b, dtg)) for n in _NNRTI for b in _BASE])
    for dtg in (False, True)
)


def cell_actions(year: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Return the action that a cell means in a calendar year, shape (n,)."""
    return np.where(year >= AGENTS["DTG"].available, _SINCE[cell], _BEFORE[cell])
