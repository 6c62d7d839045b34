"""Does an agent that learns from records alone beat the clinicians of sepsis?  Boosted fitted Q.

    python benchmarks/sepsis_fitted_q.py [--patients 3000] [--fresh 20480] [--seeds 0 1 2]

The agent chooses among the 12 relative actions and considers those that clinicians take at least
.3 times as often as their favourite (the mask of BCQ).  It is judged on fresh patients, paired with
the clinicians'; the bar is +.15 on each seed.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

import healthgym_edu as hg

FEATURES = ["block", "Age", "Mech", "GCS", "MeanBP", "MeanBP of late", "Lactate", "Output4H",
            "balance", "fluid level", "vasopressor level", "SOFA"]  # fmt: skip
ROUNDS, TRUST = 20, 0.3
OF_CLASS = np.stack(np.divmod(np.arange(12), 3), axis=1)  # fluid and change of the vasopressor


def usual(model: HistGradientBoostingClassifier, known: np.ndarray) -> np.ndarray:
    """Return which actions clinicians take often enough, shape (n, 12)."""
    share = np.zeros((len(known), 12))
    share[:, model.classes_] = model.predict_proba(known)
    return share >= TRUST * share.max(axis=1, keepdims=True)


def values(model: HistGradientBoostingRegressor, known: np.ndarray) -> np.ndarray:
    """Return the value of every action, shape (n, 12)."""
    every = np.hstack([np.repeat(known, 12, axis=0), np.tile(OF_CLASS, (len(known), 1))])
    return model.predict(every).reshape(-1, 12)


def learn(n_patients: int, seed: int):
    """Return a policy that was learnt from a cohort."""
    cohort = hg.load_cohort("sepsis", n_patients=n_patients, seed=seed, actions="relative")
    actions = cohort.decisions["action"].cat.codes.to_numpy()
    reward = cohort.decisions["reward"].to_numpy()
    who = cohort.seen["PatientID"].to_numpy()
    end = np.append(who[1:] != who[:-1], True)  # the last row of each is no decision
    seen = cohort.seen[FEATURES].to_numpy()
    now, then, over = seen[~end], seen[1:][~end[:-1]], end[1:][~end[:-1]]
    clinician = HistGradientBoostingClassifier(max_iter=60, random_state=seed).fit(now, actions)
    allowed = usual(clinician, then)
    done = np.hstack([now, OF_CLASS[actions]])
    target = reward
    for _ in range(ROUNDS):
        model = HistGradientBoostingRegressor(max_iter=150, min_samples_leaf=50, random_state=seed)
        model.fit(done, target)
        best = np.where(allowed, values(model, then), -np.inf).max(axis=1)
        target = reward + np.where(over, 0.0, best)

    column = [hg.envs.codebook("sepsis")["position"][name] for name in FEATURES]

    def policy(observations: np.ndarray) -> np.ndarray:
        known = observations[:, column]
        worth = np.where(usual(clinician, known), values(model, known), -np.inf)
        return np.eye(12)[worth.argmax(axis=1)]

    return policy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--patients", type=int, default=3000)
    parser.add_argument("--fresh", type=int, default=20_480)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = parser.parse_args()
    for seed in asked.seeds:
        fresh = {"n_patients": asked.fresh, "seed": 1000 + seed, "actions": "relative"}
        agent = hg.policy_value("sepsis", learn(asked.patients, seed), **fresh)
        gain = agent.minus(hg.policy_value("sepsis", "clinician", **fresh))
        print(f"seed {seed}: agent - clinicians {gain.value:+.3f} ({gain.standard_error:.3f})")


if __name__ == "__main__":
    main()
