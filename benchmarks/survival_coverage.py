"""How often the intervals of survival methods cover what is true.

    python benchmarks/survival_coverage.py [--seeds 1000] [--cohorts 100]

First the cohort whose hazard ratio is known (n = 500): Cox, time-varying Cox on episodes cut at
random, and the restricted mean.  Then ART: DRV against EFV to 6 months in the naive of the default
cohort, DTG against RPV to 12 months in the naive who enter from 2014 on, and both with hidden
adherence.  Each cohort is asked four times: as it is; weighted by recorded probabilities; by
probabilities estimated from what the clinician saw; and by such estimated from the published
columns of month 0.  The truths are those that the package keeps (``tools/make_truths.py``).
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from lifelines import CoxPHFitter, CoxTimeVaryingFitter

import healthgym_edu as hg
from healthgym_edu.survival.known import with_drug
from healthgym_edu.survival.proportional import Proportional, true_rmst

HORIZON = 18
OVERLAP = (0.05, 0.95)
MONTH_0 = ["VL", "CD4", "Rel CD4", "VL (M)", "CD4 (M)", "Gender", "Ethnic"]
SHOWN = 2  # cohorts whose own answers are kept, so that a test can ask them again
WAYS = ("naive", "recorded", "estimated", "month 0")
QUESTIONS = (
    "DRV - EFV, 6 months", "DTG - RPV, 12 months",
    "DRV - EFV, 6 months, confounded", "DTG - RPV, 12 months, confounded",
)  # fmt: skip


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


def truth_of(question: str) -> pd.Series:
    """Difference of restricted means, and its Monte Carlo error."""
    return hg.survival.known_truth(question).iloc[-1]


def ask(question: str, seed: int) -> dict[str, Any]:
    """Ask one cohort: starters, how many of them overlap, and each way's estimate and interval."""
    recipe = hg.survival.known_truth(question).attrs["recipe"]
    arms = {drug: with_drug(drug) for drug in recipe["arms"]}
    art = hg.load_cohort("art_hiv", seed=seed, **recipe["options"])
    shape = {name: recipe[name] for name in ("event", "at_risk", "origin", "horizon")}
    times = hg.survival.time_to_event(art, arm=arms, **shape)
    firsts = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")[MONTH_0]
    published = pd.get_dummies(firsts).astype(float)
    sources = {"estimated": None, "month 0": lambda seen: published.loc[seen.index]}
    for name, features in sources.items():
        said = hg.survival.propensity(
            art, arms, "estimated", people=times["PatientID"], features=features
        )
        times[name] = times["PatientID"].map(said["weight"])
    share = times["propensity"].where(times["arm"] == recipe["arms"][0], 1 - times["propensity"])
    answer: dict[str, Any] = {"starters": len(times), "inside": int(share.between(*OVERLAP).sum())}
    for way, weights in zip(WAYS, (None, "propensity", "estimated", "month 0"), strict=True):
        found = hg.survival.rmst(times, recipe["horizon"], by="arm", weights=weights).iloc[-1]
        answer[way] = tuple(float(found[part]) for part in ("rmst", "lower", "upper"))
    return answer


def told(question: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """Count, of the answers of many cohorts, how many cover the truth."""
    true = truth_of(question)
    found: dict[str, Any] = {
        "truth": true["rmst"],
        "truth error": true["rmst_error"],
        "starters": float(np.mean([one["starters"] for one in answers])),
        "inside .05-.95": float(np.mean([one["inside"] for one in answers])),
        "fewest inside": min(one["inside"] for one in answers),
    }
    for way in WAYS:
        mean, low, high = np.array([one[way] for one in answers]).T
        found[way] = {
            "mean": float(mean.mean()),
            "standard deviation": float(mean.std(ddof=1)),
            "standard error": float((high - low).mean() / 2 / 1.96),
            "covered": int(((low <= true["rmst"]) & (true["rmst"] <= high)).sum()),
            "above 0": int((mean > 0).sum()),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--cohorts", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    asked = parser.parse_args()
    gap = true_rmst(Proportional(), HORIZON)
    table = pd.DataFrame(Parallel(n_jobs=2)(delayed(known)(s, gap) for s in range(asked.seeds)))
    results: dict[str, Any] = {
        "known hazard ratio": {"seeds": asked.seeds, "covered": table.mean().to_dict()},
        "cohorts": asked.cohorts,
    }
    print(table.mean().map("{:.1%}".format).to_string(), flush=True)
    for question in QUESTIONS:
        answers = Parallel(n_jobs=2)(delayed(ask)(question, s) for s in range(asked.cohorts))
        results[question] = told(question, answers) | {"first cohorts": answers[:SHOWN]}
        print(question, *results[question].items(), sep="\n  ", flush=True)
    path = asked.out / "survival_coverage.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
