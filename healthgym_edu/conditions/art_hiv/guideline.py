"""A guideline for ART as a function of observations: the best way to treat that we know here.

* Everybody is treated, from the first visit on.
* The third agent is the best in :data:`ORDER` that is licensed in that year and was not given up
  because of side effects: dolutegravir, before it boosted darunavir, and so on.
* A change is made for a side effect; for virus above 200 copies/mL after half a year, or a
  confirmed failure, unless the drug in use has a high barrier to resistance (then help with
  adherence is what is needed, not another drug); and to dolutegravir, once licensed, from drugs
  with a low barrier.  All else stays: every change of drug brings new side effects.
"""

from __future__ import annotations

import numpy as np

from .regimens import ACTIONS, AGENT, AGENTS, CLASS_OF, THIRD_AGENTS

VIRAEMIC = np.log10(200.0)
"""log10 copies/mL above which a result counts as viraemia (DHHS)."""

SETTLED = 6
"""Months of treatment after which viraemia calls for another drug."""

ORDER = (
    "3TC + ABC + DTG",
    "DRV + FTC + TDF + RTVB",
    "3TC + ABC + ATV",
    "FTC + TDF + RAL",
    "FTC + TDF + EVG + pk-En",
    "FTC + TDF + RPV",
    "FTC + TDF + LPV",
    "FTC + TDF + EFV",
)
"""Regimens from the first choice to the last resort, one of each third agent but nevirapine."""

_ACTION = np.array([ACTIONS.index(name) for name in ORDER])
_AGENT = AGENT[_ACTION - 1]
_LICENSED = np.array([AGENTS[THIRD_AGENTS[agent]].available for agent in _AGENT])
_BARRIER = np.array([CLASS_OF[name] == "PI" or name == "DTG" for name in THIRD_AGENTS])


def guideline(seen: dict[str, np.ndarray]) -> np.ndarray:
    """Return the guideline's action, shape (k,), for observations by name, each of shape (k,)."""
    now = seen["regimen"].astype(int)
    treated = now > 0
    agent_now = AGENT[np.maximum(now - 1, 0)]
    given_up = np.column_stack([seen[f"{name} not tolerated"] for name in THIRD_AGENTS]) > 0
    usable = (seen["year"][:, None] >= _LICENSED) & ~given_up[:, _AGENT]

    side_effect = treated & (seen["intolerance"] > 0)
    viraemic = (seen["log10 VL"] > VIRAEMIC) & (seen["months on treatment"] >= SETTLED)
    weak = treated & ~_BARRIER[agent_now]
    failing = weak & ((seen["failure"] > 0) | viraemic)
    leaving = side_effect | failing
    usable &= ~(leaving[:, None] & np.equal.outer(agent_now, _AGENT))
    stronger = usable & _BARRIER[_AGENT]
    usable = np.where((failing & stronger.any(axis=1))[:, None], stronger, usable)

    changes = (~treated | leaving | (weak & usable[:, 0])) & usable.any(axis=1)
    kept = np.where(treated, now, _ACTION[-1])  # nothing left to change to
    return np.where(changes, _ACTION[usable.argmax(axis=1)], kept)
