"""The truths that chapters show: computed once on many people, kept with their recipe.

``python tools/make_truths.py`` computes them anew, and a test compares each with 20,000 other
people, so a mechanism cannot change without them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from ..errors import require_known
from .truth import truth

KEPT = "truths.json"


def known_truth(name: str) -> pd.DataFrame:
    """Return what the arms of a question truly do, as `truth` computed it once.

    Parameters
    ----------
    name : str
        Such as ``"DRV - EFV, 6 months"``; an unknown one is refused with the list of names.

    Returns
    -------
    DataFrame
        As from `truth`; ``attrs["recipe"]`` holds what to ask it for the same numbers, and
        ``attrs["people"]`` how many people there were.

    Raises
    ------
    ArgumentError
        An unknown name.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> table = hg.survival.known_truth("DRV - EFV, 6 months")
    >>> bool(table.loc["DRV - EFV", "rmst"] < 0)
    True
    """
    kept = _kept()
    require_known("name", name, kept, "")
    table = pd.DataFrame(kept[name]["table"]).T.astype(float)
    table.attrs["people"] = kept[name]["people"]
    recipe = {**kept[name]["recipe"], "options": dict(kept[name]["recipe"]["options"])}
    if "entry" in recipe["options"]:  # JSON knows no tuples
        recipe["options"]["entry"] = tuple(recipe["options"]["entry"])
    table.attrs["recipe"] = recipe
    return table


def recompute(recipe: dict[str, Any], **changes: Any) -> pd.DataFrame:
    """Ask `truth` by a recipe: its arms are given by a drug that stands in the regimen's label."""
    asked = {**recipe, **changes}
    arms = {drug: with_drug(drug) for drug in asked.pop("arms")}
    options = asked.pop("options", {})
    return truth(asked.pop("condition"), arms, **asked, **options)


def with_drug(drug: str) -> Callable[[str], bool]:
    """Return the rule that holds for regimens with a drug."""
    return lambda label: drug in label


@cache
def _kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(__package__) / KEPT).read_text(encoding="utf-8"))
    return found
