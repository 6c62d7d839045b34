"""Targets of a condition, and the table that holds a cohort against them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from ..conditions import get_mechanism
from ..data import Cohort, load_cohort
from .measures import Measurer, title


@cache
def load_targets(condition: str) -> dict[str, Any]:
    """Return the calibration targets of a condition, as in its JSON file.

    Raises
    ------
    ArgumentError
        If there is no such condition.
    """
    get_mechanism(condition)
    file = resources.files("healthgym_edu") / "targets" / f"{condition}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def calibration_table(condition: str, n_patients: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Compare the teaching cohort with the published figures of the real patients.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    n_patients, seed
        Size and seed of the teaching cohort.

    Returns
    -------
    DataFrame
        Columns ``quantity``, ``target``, ``tolerance`` (the acceptance interval), ``source``,
        ``teaching`` (measured), ``released`` (published release, where known), ``independent``
        (what columns independent of each other would score: the floor of ambition), ``ok``.
    """
    targets = load_targets(condition)
    cohort = load_cohort(condition, n_patients=n_patients, seed=seed)
    return compare(cohort, targets, get_mechanism(condition).trial_results, seed)


def compare(
    cohort: Cohort, targets: dict, trial: Callable[[int], dict[str, float]] | None, seed: int
) -> pd.DataFrame:
    """Measure every row of the targets on a cohort; see :func:`calibration_table`."""
    measured = Measurer(cohort, targets, trial(seed) if trial else {})
    rows = []
    for row in targets["rows"]:
        value = measured.value(row)
        printed_only = row["low"] is None
        low, high = (-np.inf, np.inf) if printed_only else (row["low"], row["high"])
        rows.append(
            {
                "quantity": title(row),
                "target": _shown(row["target"]),
                "tolerance": "printed only" if printed_only else f"{low:g} to {high:g}",
                "source": targets["sources"][row["source"]],
                "teaching": value,
                "released": measured.released(row),
                "independent": measured.independent(row),
                "ok": printed_only or bool(low <= value <= high),
            }
        )
    return pd.DataFrame(rows)


def _shown(target: Any) -> str:
    if target is None:
        return "–"
    if isinstance(target, str):
        return target
    if isinstance(target, dict):
        return ", ".join(f"{label} {100 * share:.1f} %" for label, share in target.items())
    return f"{target:g}"
