"""The published 24 actions, NNRTI (4, one of them none) times base (6), and no treatment.

The published heat maps of recommended treatments show these two columns and leave the rest of a
regimen open.  Here a cell is the mixture of its regimens that the clinician would give.  A cell
without a regimen is not admissible; if it is chosen all the same, the base is kept: with another
NNRTI where there is one (rilpivirine, else efavirenz), else without any.
"""

from __future__ import annotations

import numpy as np

from ...engine import Classes
from .physiology import ArtState
from .regimens import NO_TREATMENT, REGIMENS
from .variables import SCHEMA

_NONE = "Not Applied"
_CELLS = [(n, b) for n in SCHEMA["Comp. NNRTI"].labels for b in SCHEMA["Base Drug Combo"].labels]
_KNOWN = [(regimen.nnrti, regimen.base) for regimen in REGIMENS]
_CELL_OF_ACTION = np.array([len(_CELLS), *(_CELLS.index(cell) for cell in _KNOWN)])


def _instead(nnrti: str, base: str) -> int:
    """Return the cell that is meant by a cell: itself, where it has a regimen."""
    wanted = [nnrti] if nnrti == _NONE else [nnrti, "RPV", "EFV", _NONE]
    return next(_CELLS.index((drug, base)) for drug in wanted if (drug, base) in _KNOWN)


def _of(state: ArtState) -> np.ndarray:
    return np.broadcast_to(_CELL_OF_ACTION, (len(state), len(_CELL_OF_ACTION)))


CELLS = Classes(
    labels=(*(f"{'no NNRTI' if n == _NONE else n}, {b}" for n, b in _CELLS), NO_TREATMENT),
    of=_of,
    instead=(*(_instead(*cell) for cell in _CELLS), len(_CELLS)),
)
"""Cell ``6 i + j`` is NNRTI *i* with base *j*, in the order of the schema's labels; 24 is none."""
