"""The calibration table of a condition for several seeds: each row's value, and who misses it.

    python benchmarks/calibration.py [art_hiv sepsis hypotension] [--seeds 0 1 2 3 4]

The mean over the seeds must meet every row, and no seed may miss more than one.
"""

from __future__ import annotations

import argparse

import pandas as pd
from joblib import Parallel, delayed

from healthgym_edu.calibration import calibration_table
from healthgym_edu.conditions import CONDITIONS


def inside(mean: float, tolerance: str) -> bool:
    """Say whether a mean lies in the interval of its row."""
    if tolerance == "printed only":
        return True
    low, high = (float(edge) for edge in tolerance.split(" to "))
    return low <= mean <= high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("conditions", nargs="*", default=list(CONDITIONS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    asked = parser.parse_args()
    for condition in asked.conditions:
        tables = Parallel(n_jobs=2)(
            delayed(calibration_table)(condition, None, seed) for seed in asked.seeds
        )
        rows = tables[0][["quantity", "tolerance"]]
        values = pd.concat([table["teaching"] for table in tables], axis=1).astype(float)
        values.columns = [f"seed {seed}" for seed in asked.seeds]
        met = pd.concat([table["ok"] for table in tables], axis=1)
        mean = values.mean(axis=1)
        good = [inside(*row) for row in zip(mean, rows["tolerance"], strict=True)]
        table = rows.join(values.round(4)).assign(mean=mean.round(4), missed=(~met).sum(axis=1))
        print(f"\n{condition}\n{table.to_string(index=False)}")
        print(f"rows met: {met.sum().tolist()} of {len(rows)}, by the mean {sum(good)}", flush=True)


if __name__ == "__main__":
    main()
