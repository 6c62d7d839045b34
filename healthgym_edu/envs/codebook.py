"""What the numbers of an environment mean: observations and actions, as tables."""

from __future__ import annotations

import pandas as pd

from ..data.teaching import mechanism_with
from ..engine import Mechanism
from ..errors import require_known


def codebook(
    condition: str | Mechanism, part: str = "observations", actions: str | None = None
) -> pd.DataFrame:
    """Describe what an agent sees, or what it can do.

    Parameters
    ----------
    condition : str or Mechanism
        Such as ``"sepsis"``.
    part : str
        ``"observations"`` or ``"actions"``.
    actions : str, optional
        Which of the condition's action sets; its usual one, if not given.

    Returns
    -------
    DataFrame
        Observations: one row per column, index its name, columns ``position``, ``unit``,
        ``lowest``, ``highest``, ``meaning``.  Actions: one row per action, index its number,
        columns ``label`` and ``meaning``.

    Raises
    ------
    ArgumentError
        Unknown condition, part or action set.

    Examples
    --------
    >>> import healthgym_edu.envs as envs
    >>> envs.codebook("sepsis").loc["MeanBP", "unit"]
    'mmHg'
    >>> envs.codebook("sepsis", "actions").loc[7, "label"]
    'fluid 1-50, vasopressor to 0.22'
    """
    mechanism = mechanism_with(condition, {})
    require_known("part of a codebook", part, ("observations", "actions"))
    if part == "observations":
        columns = {
            "observation": [variable.name for variable in mechanism.observed],
            "position": range(len(mechanism.observed)),
            "unit": [variable.unit for variable in mechanism.observed],
            "lowest": [variable.low for variable in mechanism.observed],
            "highest": [variable.high for variable in mechanism.observed],
            "meaning": [variable.description for variable in mechanism.observed],
        }
        return pd.DataFrame(columns).set_index("observation")
    sets = mechanism.action_sets
    chosen = actions or next(iter(sets))
    require_known("action set", chosen, sets, f" for {mechanism.condition}")
    table = pd.DataFrame({"label": sets[chosen], "meaning": mechanism.action_unit})
    return table.rename_axis("action")
