"""Do judges of synthetic cohorts judge a fresh draw as what it is, and how long do they take?

    python benchmarks/evaluation.py [--seeds 100] [--patients 400] [--workers 2] [--only speeds]

First, fresh draws against each other: for metrics whose ideal lies inside their range, how often
the 95 % interval covers it; for distances, how often a draw falls below the 97.5 % point of as many
other pairs.  Then the time and memory of each judgement on 2,000 patients, with two workers.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

import healthgym_edu as hg

CONDITIONS = ("art_hiv", "sepsis", "hypotension")
SIGNED = (
    "difference",
    "ratio",
    "AUC",
)  # words in the names of metrics with the ideal inside their range


def pair(
    condition: str, patients: int, seed: int, judges: tuple[str, ...], replicates: int
) -> pd.DataFrame:
    """Judge one fresh draw against another."""
    one, other = (
        hg.load_cohort(condition, n_patients=patients, seed=10_000 + 2 * seed + k) for k in (0, 1)
    )
    return hg.evaluation.fidelity(
        one, other, judges=judges, replicates=replicates, bounds=False, seed=seed
    )


def covered(
    condition: str, patients: int, seeds: int, judges: tuple[str, ...], workers: int
) -> pd.DataFrame:
    """Share of fresh draws that each metric takes for one; the mean over its variables.

    As many other pairs, without intervals, say what distances fresh draws have.
    """
    asked = joblib.Parallel(n_jobs=workers)(
        joblib.delayed(pair)(condition, patients, seed, *wanted)
        for seed in range(2 * seeds)
        for wanted in [(judges, 100) if seed < seeds else ((), 0)]
    )
    key = ["metric", "variable"]
    tables = pd.concat(asked, keys=range(2 * seeds), names=["seed"]).reset_index("seed")
    tables["inside"] = (tables["lower"] <= tables["ideal"]) & (tables["ideal"] <= tables["upper"])
    tables["signed"] = tables["metric"].str.contains("|".join(SIGNED))
    told, others = tables[tables["seed"] < seeds], tables[tables["seed"] >= seeds]
    inside = told[told["signed"]].groupby(key)["inside"].mean()
    distances = told[~told["signed"] & told["ideal"].eq(0)]
    bar = others.groupby(key)["value"].quantile(0.975).rename("bar")
    below = distances.join(bar, on=key).eval("value <= bar").groupby(distances["metric"]).mean()
    found = {
        "interval covers": inside.groupby("metric").mean(),
        "least of its variables": inside.groupby("metric").min(),
        "below 97.5 % point": below,
    }
    return pd.DataFrame(found)


def timed(call: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    with joblib.parallel_config(n_jobs=2):
        call()
    return time.perf_counter() - begun


def speeds() -> dict[str, float]:
    """Seconds of each judgement on ART, 2,000 against 2,000, and peak memory."""
    real = hg.load_cohort("art_hiv", n_patients=2000, seed=1)
    made, holdout = real.fresh(seed=2), real.fresh(seed=3)
    judge = hg.evaluation.fidelity
    found = {
        "fidelity, no judges, no intervals": timed(
            lambda: judge(real, made, judges=(), replicates=0, bounds=False)
        ),
        "fidelity, no judges": timed(lambda: judge(real, made, judges=(), bounds=False)),
        "fidelity, no judges, with ceiling and floor": timed(lambda: judge(real, made, judges=())),
        "fidelity, judges P, X and R, with ceiling and floor": timed(
            lambda: judge(real, made, judges=("P", "X", "R"))
        ),
        "privacy": timed(lambda: hg.evaluation.privacy(real, made, holdout)),
        "utility": timed(lambda: hg.evaluation.utility(real, made, holdout)),
    }
    whole, other = hg.load_cohort("art_hiv", seed=4), hg.load_cohort("art_hiv", seed=5)
    found["fidelity, 8,916 patients, no judges, no intervals"] = timed(
        lambda: judge(whole, other, judges=(), replicates=0)
    )
    for name in ("sepsis", "hypotension"):
        one = hg.load_cohort(name, n_patients=2000, seed=1)
        two = one.fresh(seed=2)
        for kind in ("P", "X", "R"):
            found[f"{name}, judge {kind}"] = timed(
                lambda one=one, two=two, kind=kind: judge(
                    one, two, judges=(kind,), replicates=0, bounds=False
                )
            )
    found["peak memory, GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--patients", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2, help="for fresh draws; speeds use two")
    parser.add_argument("--only", choices=("speeds", *CONDITIONS), help="the rest is kept as it is")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    asked = parser.parse_args()
    path = asked.out / "evaluation.json"
    results: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    results["seeds"] = asked.seeds
    if asked.only in (None, "speeds"):
        results["seconds"] = speeds()
        print(pd.Series(results["seconds"]).round(1).to_string(), flush=True)
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for condition in CONDITIONS:
        if asked.only not in (None, condition):
            continue
        table = covered(condition, asked.patients, asked.seeds, ("rows", "P"), asked.workers)
        print(condition, table.round(3).to_string(), sep="\n", flush=True)
        results[condition] = json.loads(table.round(4).to_json(orient="index"))
        results.setdefault("patients", {})[condition] = asked.patients
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
