"""How often the intervals of survival methods cover what is true.

    python benchmarks/survival_coverage.py [--seeds 1000] [--cohorts 20] [--truth 98304]

First the cohort whose hazard ratio is known (n = 500): Cox, time-varying Cox on episodes cut at
random, and the restricted mean.  Then ART: DRV against EFV to 6 months in the naive of the default
cohort, DTG against RPV to 12 months in the naive who enter from 2014 on, and both with hidden
adherence; naive, weighted by recorded probabilities, and by probabilities estimated from what was
seen.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from art_confounding import at_the_visit
from joblib import Parallel, delayed
from lifelines import CoxPHFitter, CoxTimeVaryingFitter

import healthgym_edu as hg
from healthgym_edu.survival.proportional import Proportional, true_rmst

HORIZON = 18
SHAPE = {"event": "suppressed_50", "at_risk": "Naive at entry", "origin": "first decision"}
LATE = {"naive": True, "entry": (2014, 2016)}
QUESTIONS: dict[str, tuple[tuple[str, str], int, dict[str, Any]]] = {
    "DRV - EFV, 6 months": (("DRV", "EFV"), 6, {}),
    "DRV - EFV, 6 months, confounded": (("DRV", "EFV"), 6, {"confounded": True}),
    "DTG - RPV, 12 months": (("DTG", "RPV"), 12, LATE),
    "DTG - RPV, 12 months, confounded": (("DTG", "RPV"), 12, LATE | {"confounded": True}),
}


def arms_of(names: tuple[str, str]) -> dict[str, Any]:
    return {name: lambda label, name=name: name in label for name in names}


def known(seed: int, gap: float) -> dict[str, bool]:
    """Whether each method covers the known value in one cohort of 500."""
    world, table = Proportional(), hg.survival.proportional_hazards(500, seed)
    columns = ["duration", "event", "treated", "age"]
    rng = np.random.default_rng(seed)
    rows = []
    for one in table.itertuples():
        cuts = np.unique([0, *np.flatnonzero(rng.random(one.duration) < 0.2), one.duration])
        rows += [
            (one.PatientID, a, b, one.event and b == one.duration, one.treated, one.age)
            for a, b in zip(cuts[:-1], cuts[1:], strict=True)
        ]
    episodes = pd.DataFrame(rows, columns=["id", "start", "stop", "event", "treated", "age"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = {
            "Cox": CoxPHFitter().fit(table[columns], "duration", "event"),
            "time-varying Cox": CoxTimeVaryingFitter().fit(
                episodes, id_col="id", event_col="event"
            ),
        }
    found = {}
    for name, fit in fits.items():
        low, high = fit.confidence_intervals_.loc["treated"]
        found[name] = bool(low <= world.treatment <= high)
    mean = hg.survival.rmst(table, HORIZON, by="treated").loc["0 - 1"]
    found["restricted mean"] = bool(mean["lower"] <= -gap <= mean["upper"])
    return found


def ask(question: str, seed: int) -> dict[str, tuple[float, float, float]]:
    """Estimate and interval of each way in one cohort."""
    names, horizon, options = QUESTIONS[question]
    arms = arms_of(names)
    art = hg.load_cohort("art_hiv", seed=seed, **options)
    times = hg.survival.time_to_event(art, horizon=horizon, arm=arms, **SHAPE)
    pair, ways = f"{names[0]} - {names[1]}", {}
    ways["naive"] = hg.survival.rmst(times, horizon, by="arm")
    for source in ("recorded", "estimated"):
        weights = hg.survival.propensity(art, arms, source, features=at_the_visit)["weight"]
        weight = times["PatientID"].map(weights)
        ways[source] = hg.survival.rmst(times.assign(w=weight), horizon, by="arm", weights="w")
    return {
        way: tuple(float(table.loc[pair, part]) for part in ("rmst", "lower", "upper"))
        for way, table in ways.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--cohorts", type=int, default=20)
    parser.add_argument("--truth", type=int, default=12 * 8192)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    asked = parser.parse_args()
    results: dict[str, Any] = {}
    gap = true_rmst(Proportional(), HORIZON)
    table = pd.DataFrame(Parallel(n_jobs=2)(delayed(known)(s, gap) for s in range(asked.seeds)))
    results["known hazard ratio"] = {"seeds": asked.seeds, "covered": table.mean().to_dict()}
    print(table.mean().map("{:.1%}".format).to_string(), flush=True)
    for question, (names, horizon, options) in QUESTIONS.items():
        true = hg.survival.truth(
            "art_hiv", arms_of(names), horizon=horizon, n_patients=asked.truth, seed=900, **SHAPE,
            **options,
        ).loc[f"{names[0]} - {names[1]}"]  # fmt: skip
        answers = Parallel(n_jobs=2)(delayed(ask)(question, s) for s in range(asked.cohorts))
        told: dict[str, Any] = {"truth": true["rmst"], "truth error": true["rmst_error"]}
        print(f"{question}: truth {true['rmst']:.3f} ({true['rmst_error']:.3f})", flush=True)
        for way in ("naive", "recorded", "estimated"):
            mean, low, high = np.array([one[way] for one in answers]).T
            covered = int(((low <= true["rmst"]) & (true["rmst"] <= high)).sum())
            told[way] = {"mean": mean.mean(), "covered": covered, "above 0": int((mean > 0).sum())}
            print(f"  {way:10s}{mean.mean():7.3f}, covers {covered} of {len(mean)}, "
                  f"above 0 in {(mean > 0).sum()}", flush=True)  # fmt: skip
        results[question] = told
    results["cohorts"] = asked.cohorts
    path = asked.out / "survival_coverage.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
