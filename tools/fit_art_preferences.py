"""Fit the ART clinician's preferences so that regimens hold their target shares of patient-months.

Iterative proportional fitting: simulate, compare each regimen's share of treated months with
``regimens.SHARE``, move its log preference by a damped log ratio, and again.  Writes
``healthgym_edu/conditions/art_hiv/preferences.py``.  Run by hand after a change of the mechanism:

    python tools/fit_art_preferences.py --rounds 12
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from healthgym_edu.conditions.art_hiv import ArtHiv, clinician
from healthgym_edu.conditions.art_hiv.regimens import REGIMENS, SHARE
from healthgym_edu.engine import simulate_tables

TARGET = Path(clinician.__file__).with_name("preferences.py")
HEADER = '''"""The clinician's liking of each regimen in 2013 (log-odds), ordered as REGIMENS.

Written by ``tools/fit_art_preferences.py``: the values with which the simulated cohort spends
``regimens.SHARE`` of its treated months on each regimen.
"""

from __future__ import annotations

import numpy as np

PREFERENCE = np.array([
'''


def shares(n_patients: int, seed: int) -> np.ndarray:
    """Share of months that each regimen is the one last prescribed, shape (30,)."""
    decisions = simulate_tables(ArtHiv(), n_patients, seed=seed).decisions
    decisions = decisions[decisions["action"].cat.codes > 0]
    after = decisions.groupby("PatientID")["Timestep"].shift(-1).fillna(60)
    months = (after - decisions["Timestep"]).to_numpy()
    codes = decisions["action"].cat.codes.to_numpy() - 1
    return np.bincount(codes, weights=months, minlength=len(REGIMENS)) / months.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--patients", type=int, default=6000)
    arguments = parser.parse_args()
    for turn in range(arguments.rounds):
        share = shares(arguments.patients, seed=1000 + turn)
        distance = 0.5 * np.abs(share - SHARE).sum()
        print(f"round {turn:2d}: total variation {distance:.4f}")
        damping = 0.9 if turn < arguments.rounds / 2 else 0.4
        clinician.PREFERENCE[:] += damping * np.log((SHARE + 2e-4) / (share + 2e-4))
        clinician.PREFERENCE[:] -= clinician.PREFERENCE.max()
    rows = [
        f"    {v:.3f},  # {r.name}" for v, r in zip(clinician.PREFERENCE, REGIMENS, strict=True)
    ]
    TARGET.write_text(HEADER + "\n".join(rows) + "\n])  # fmt: skip\n", encoding="utf-8")


if __name__ == "__main__":
    main()
