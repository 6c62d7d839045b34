"""Compute the truths that chapters show, and write them into the package.

    python tools/make_truths.py [--people 204800] [--only NAME]

Takes some minutes. Run it when a mechanism has changed; ``tests/test_survival_known.py`` says when.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import joblib

from healthgym_edu.survival import known

SEED = 900
SHAPE = {"at_risk": "Naive at entry", "origin": "first decision"}
LATE = {"naive": True, "entry": (2014, 2016)}


def recipe(
    arms: list[str], horizon: int, event: str = "suppressed_50", **options: Any
) -> dict[str, Any]:
    asked = {"condition": "art_hiv", "arms": arms, "event": event, "horizon": horizon}
    return {**asked, **SHAPE, "options": options}


RECIPES = {
    "DRV - EFV, 6 months": recipe(["DRV", "EFV"], 6),
    "DRV - EFV, 6 months, confounded": recipe(["DRV", "EFV"], 6, confounded=True),
    "DTG - EFV, 12 months": recipe(["DTG", "EFV"], 12),
    "DTG - EFV, 24 months": recipe(["DTG", "EFV"], 24),
    "DTG - EFV to 1,000 copies/mL, 12 months": recipe(["DTG", "EFV"], 12, "suppressed_1000"),
    "DTG - RPV, 12 months": recipe(["DTG", "RPV"], 12, **LATE),
    "DTG - RPV, 12 months, confounded": recipe(["DTG", "RPV"], 12, **LATE, confounded=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=25 * 8192)
    parser.add_argument("--only", choices=RECIPES)
    asked = parser.parse_args()
    path = Path(known.__file__).with_name(known.KEPT)
    kept = json.loads(path.read_text(encoding="utf-8")) if asked.only else {}
    for name, one in RECIPES.items():
        if asked.only not in (None, name):
            continue
        whole = one | {"n_patients": asked.people, "seed": SEED}
        with joblib.parallel_config(n_jobs=-1):
            table = known.recompute(whole)
        rounded = (
            table.T.astype(float).round(6).map(lambda value: None if value != value else value)
        )
        kept[name] = {
            "recipe": whole,
            "people": table.attrs["people"],
            "table": {row: rounded[row].dropna().to_dict() for row in rounded},
        }
        print(f"{name}\n{table.round(4).to_string()}", flush=True)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
