"""Rules of thumb with numbers found by search in the simulator, as a ceiling for learned agents.

    python benchmarks/best_rules.py [--conditions sepsis] [--tries 200]

A rule is the guideline's idea with free numbers.  Each try changes some of them and is kept if the
same 4,096 patients do better; `FOUND` holds what the search ended with.  No agent that learns from
records could do this: it asks the simulator hundreds of times.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism

PATIENTS, SEED = 4096, 500
Rule = Callable[[dict[str, np.ndarray], dict[str, float]], np.ndarray]


def sepsis_rule(seen: dict[str, np.ndarray], n: dict[str, float]) -> np.ndarray:
    """Titrate to a pressure; give fluid for pressure or lactate while the balance allows it."""
    mean, level = seen["MeanBP of late"], seen["vasopressor level"].astype(int)
    change = 1 * (mean < n["low"]) + 1 * (mean < n["shock"]) - 1 * (mean > n["high"])
    needy = (mean < n["needy"]) | (seen["Lactate"] >= n["lactate"])
    dry, full = seen["balance"] < n["dry"], seen["balance"] > n["full"]
    fluid = np.where(needy & ~full, n["some"], n["usual"])
    fluid = np.where(needy & dry, n["much"], fluid)
    fluid = np.where(~needy & full, n["little"], fluid)
    return 5 * np.clip(fluid.round(), 0, 4).astype(int) + np.clip(level + change, 0, 4)


def hypotension_rule(seen: dict[str, np.ndarray], n: dict[str, float]) -> np.ndarray:
    """Titrate to a pressure; give boluses below another until enough are in."""
    mean, level = seen["MAP of the last hours"], seen["vasopressor level"].astype(int)
    change = 1 * (mean < n["low"]) + 1 * (mean < n["shock"]) - 1 * (mean > n["high"])
    wanted = (mean < n["needy"]) & (seen["litres given"] < n["enough"])
    fluid = np.where(wanted, np.clip(np.round(n["bolus"]), 0, 3), 0).astype(int)
    return 4 * fluid + np.clip(level + change, 0, 3)


RULES: dict[str, Rule] = {"sepsis": sepsis_rule, "hypotension": hypotension_rule}
BEGIN = {
    "sepsis": {"low": 65, "high": 71, "shock": 55, "needy": 70, "lactate": 2.5, "dry": 0, "full": 2,
               "much": 4, "some": 3, "usual": 2, "little": 1},
    "hypotension": {"low": 64, "high": 72, "shock": 55, "needy": 65, "enough": 0.9, "bolus": 1},
}  # fmt: skip
"""The guidelines' own numbers, or nearly."""

STEP = {"low": 3, "high": 3, "shock": 3, "needy": 3, "lactate": 0.5, "dry": 0.5, "full": 0.5,
        "much": 0.7, "some": 0.7, "usual": 0.7, "little": 0.7, "enough": 0.3,
        "bolus": 0.7}  # fmt: skip

FOUND: dict[str, dict[str, float]] = {
    "sepsis": {
        "low": 65.19, "high": 67.47, "shock": 61.93, "needy": 71.45, "lactate": 4.53, "dry": 1.72,
        "full": 7.15, "much": 4, "some": 3, "usual": 2, "little": 2,
    },
    "hypotension": {
        "low": 61.12, "high": 70.88, "shock": 52.1, "needy": 64.37, "enough": 0.6, "bolus": 1,
    },
}  # fmt: skip
"""What 400 tries in sepsis and 219 in hypotension ended with, levels of fluid rounded."""


def policy(condition: str, numbers: dict[str, float]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a rule as a policy of the condition."""
    mechanism = get_mechanism(condition)
    actions = np.eye(len(mechanism.actions))

    def rule(observations: np.ndarray) -> np.ndarray:
        seen = dict(zip(mechanism.observation_names, observations.T, strict=True))
        return actions[RULES[condition](seen, numbers)]

    return rule


def search(condition: str, tries: int, seed: int = 0) -> dict[str, float]:
    """Return the numbers of the best rule that was tried."""
    rng, numbers = np.random.default_rng(seed), dict(BEGIN[condition])

    def value(numbers: dict[str, float]) -> float:
        return hg.policy_value(condition, policy(condition, numbers), PATIENTS, SEED).value

    best = value(numbers)
    for k in range(tries):
        chosen = rng.choice(list(numbers), size=rng.integers(1, 4), replace=False)
        other = numbers | {name: numbers[name] + STEP[name] * rng.normal() for name in chosen}
        found = value(other)
        if found > best:
            numbers, best = other, found
            print(condition, k, round(best, 4), {k: round(v, 2) for k, v in other.items()})
    return {name: round(number, 2) for name, number in numbers.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--conditions", nargs="+", choices=list(RULES), default=list(RULES))
    parser.add_argument("--tries", type=int, default=200)
    asked = parser.parse_args()
    for condition in asked.conditions:
        print(condition, search(condition, asked.tries))


if __name__ == "__main__":
    main()
