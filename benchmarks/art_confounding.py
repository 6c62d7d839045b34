"""Which first regimen suppresses the virus sooner: the truth, and what a cohort says of it.

    python benchmarks/art_confounding.py [--cohorts 20] [--truth 102400]

Arms are mixtures of regimens, as clinicians start them.  The truth treats the same people twice,
those whom clinicians start on one of the two (`hg.first`, then the usual clinician).  A cohort is
asked three times: as it is, weighted by recorded probabilities, and weighted by probabilities
estimated from what the clinician saw.  The number is the difference of the restricted mean time to
a viral load below 50, in months of the monthly column.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import healthgym_edu as hg

OVERLAP = (0.05, 0.95)


@dataclass(frozen=True)
class Question:
    """Two third agents, how long people are followed, and which cohort is asked."""

    one: str
    other: str
    months: int
    options: dict[str, Any] = field(default_factory=dict)
    condition: str = "art_hiv"

    @property
    def title(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.one} - {self.other}, {self.months} months, {told or 'default cohort'}"

    def of(self, agent: str, action: pd.Series) -> np.ndarray:
        return action.astype(str).str.contains(agent).to_numpy()


QUESTIONS = (
    Question("DRV", "EFV", 6),
    Question("DRV", "EFV", 6, {"confounded": True}),
    Question("DTG", "RPV", 12, {"naive": True, "entry": (2014, 2016)}),
    Question("DTG", "RPV", 12, {"naive": True, "entry": (2014, 2016), "confounded": True}),
)


def months_viraemic(cohort: hg.Cohort, people: pd.Index, months: int) -> np.ndarray:
    """Return each person's months until the first viral load below 50, at most ``months``."""
    frame = cohort.frame[cohort.frame["PatientID"].isin(people)]
    virus = frame["VL"].to_numpy().reshape(len(people), -1)[:, : months + 1]
    below = virus < 50
    return np.where(below.any(axis=1), below.argmax(axis=1), months).clip(max=months).astype(float)


def starters(cohort: hg.Cohort, question: Question) -> pd.DataFrame:
    """Return the first decisions of the naive who were started on one of the two."""
    firsts = cohort.decisions.groupby("PatientID").first()
    naive = cohort.patients["Naive at entry"].loc[firsts.index].to_numpy()
    arms = [question.of(agent, firsts["action"]) for agent in (question.one, question.other)]
    return firsts.assign(arm=arms[0])[naive & (arms[0] | arms[1])]


def recorded(chosen: pd.DataFrame, question: Question) -> np.ndarray:
    """Return the clinician's probability of the first arm, given one of the two."""
    names = pd.Series(chosen.columns.drop(["Timestep", "action", "reward", "arm"]))
    one, other = (
        chosen[names[question.of(agent, names)].tolist()].to_numpy(float).sum(axis=1)
        for agent in (question.one, question.other)
    )
    return one / (one + other)


def at_the_visit(seen: pd.DataFrame) -> pd.DataFrame:
    """What decides about a first regimen, as guidelines of those years name it."""
    year, virus, cells = seen["year"], seen["log10 VL"], seen["CD4"]
    known = {
        "year": year, "year squared": (year - 2013) ** 2, "age": seen["age"],
        "women": seen["female"], "women before 2016": seen["female"] * (year < 2016),
        "virus": virus, "virus above 100,000": virus > 5, "no result": virus < 0,
        "cells": cells, "cells below 200": cells < 200, "sick": (virus > 5) | (cells < 200),
        "NNRTI resistance": seen["NNRTI resistance"], "NRTI resistance": seen["NRTI resistance"],
    }  # fmt: skip
    return pd.DataFrame(known).astype(float)


def estimated(cohort: hg.Cohort, chosen: pd.DataFrame) -> np.ndarray:
    """Return the same probability, estimated from what the clinician saw."""
    seen = cohort.seen.groupby("PatientID").first().loc[chosen.index]
    known = at_the_visit(seen)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=2000))
    return model.fit(known, chosen["arm"]).predict_proba(known)[:, 1]


def weighted(months: np.ndarray, arm: np.ndarray, share: np.ndarray) -> tuple[float, float]:
    """Return the weighted difference of mean months, and its robust standard error."""
    means, errors = [], []
    for chosen, probability in ((arm, share), (~arm, 1 - share)):
        weight = 1 / probability[chosen]
        mean = np.average(months[chosen], weights=weight)
        means.append(mean)
        errors.append(((weight * (months[chosen] - mean)) ** 2).sum() / weight.sum() ** 2)
    return means[0] - means[1], float(np.sqrt(sum(errors)))


def ask(question: Question, seed: int) -> dict[str, float]:
    """Ask one cohort of the published size."""
    cohort = hg.load_cohort(question.condition, seed=seed, **question.options)
    chosen = starters(cohort, question)
    months = months_viraemic(cohort, chosen.index, question.months)
    arm, share = chosen["arm"].to_numpy(), recorded(chosen, question)
    inside = (share > OVERLAP[0]) & (share < OVERLAP[1])
    answer: dict[str, float] = {"starters": len(chosen), "inside": inside.sum()}
    half = np.full(len(arm), 0.5)
    for name, probability in (
        ("naive", half), ("recorded", share), ("estimated", estimated(cohort, chosen)),
    ):  # fmt: skip
        answer[name], answer[f"{name} error"] = weighted(months, arm, probability)
    return answer


def truth(question: Question, n_patients: int, seed: int = 1000) -> tuple[float, float]:
    """Treat the same people with both arms; return the mean difference and its standard error."""
    usual = hg.simulate(question.condition, n_patients, seed=seed, **question.options)
    people = starters(usual, question).index
    del usual
    arms = []
    for agent in (question.one, question.other):
        policy = hg.first(lambda label, agent=agent: agent in label)
        cohort = hg.simulate(question.condition, n_patients, policy, seed=seed, **question.options)
        arms.append(months_viraemic(cohort, people, question.months))
    gap = arms[0] - arms[1]
    return float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cohorts", type=int, default=20)
    parser.add_argument("--truth", type=int, default=100 * 1024)
    asked = parser.parse_args()
    for question in QUESTIONS:
        print(f"\n{question.title}", flush=True)
        true, error = truth(question, asked.truth)
        print(f"  truth {true:.3f} ({error:.3f})", flush=True)
        answers = Parallel(n_jobs=2)(delayed(ask)(question, seed) for seed in range(asked.cohorts))
        table = pd.DataFrame(answers)
        print(f"  starters {table['starters'].mean():,.0f}, inside {table['inside'].mean():,.0f}"
              f" (fewest {table['inside'].min():,.0f})")  # fmt: skip
        for name in ("naive", "recorded", "estimated"):
            gap = (table[name] - true).abs()
            covers = (gap <= 1.96 * np.hypot(table[f"{name} error"], error)).sum()
            signs = (table[name] > 0).sum()
            print(f"  {name:10s}{table[name].mean():7.3f} (sd {table[name].std():.3f}, "
                  f"se {table[f'{name} error'].mean():.3f}), covers {covers} of {len(table)}, "
                  f"above 0 in {signs}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
