"""Whom fluid and vasopressors help in the sepsis mechanism, and how harmful they look.

    python benchmarks/sepsis_treatment.py [--patients 20480] [--seeds 0 1]

Every policy treats the same patients, so that differences are paired.  Prints a table; the bars
that must hold are in the last column.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from functools import partial

import numpy as np

import healthgym_edu as hg
from healthgym_edu.conditions.sepsis import MECHANISM, Sepsis
from healthgym_edu.conditions.sepsis.care import COLUMN
from healthgym_edu.conditions.sepsis.clinician import FLUID_LABELS
from healthgym_edu.conditions.sepsis.guideline import guideline
from healthgym_edu.conditions.sepsis.physiology import filling, mean_pressure
from healthgym_edu.engine import BLOCK, live_block, resolve_policy

MEANBP = COLUMN["MeanBP"]


@dataclass(frozen=True)
class World:
    """What became of the patients under a policy, shape (n,) each."""

    value: np.ndarray
    died: np.ndarray  # by day 90
    ever: np.ndarray  # whether they had a vasopressor in the stay
    needless: float  # share of blocks on a vasopressor with a pressure of 65 or more without it


@dataclass(frozen=True)
class Watched(Sepsis):
    """Sepsis, counting blocks on a vasopressor, and those whose pressure would do without it."""

    needless: np.ndarray = field(default_factory=lambda: np.zeros(2))

    def advance(self, state):
        super().advance(state)
        on, effect, p = state.vasopressor > 0, state.effect, self.parameters
        state.effect = np.zeros(len(state))
        enough = mean_pressure(state, filling(state, p), p) >= 65
        state.effect = effect
        self.needless[:] += (on & enough).sum(), on.sum()


def _note(ever: np.ndarray, rows: np.ndarray, state) -> None:
    ever[rows] |= state.vasopressor > 0


def world(policy, n_patients: int, seed: int) -> World:
    """Treat the patients of a seed."""
    parts, blocks = [], np.zeros(2)
    for block in range(n_patients // BLOCK):
        ever = np.zeros(BLOCK, dtype=bool)
        watched = Watched(needless=blocks)
        choose = resolve_policy(watched, policy)
        watch = partial(_note, ever)
        lives = live_block(watched, block, seed, choose, watch=watch, keep=False)
        parts.append((lives.paid, MECHANISM.outcome(lives.state)["Died in 90 days"], ever))
    value, died, ever = map(np.concatenate, zip(*parts, strict=True))
    return World(value, died, ever, blocks[0] / max(blocks[1], 1))


def aiming(goal: tuple[float, float]):
    """Return the guideline with another goal for the pressure, as a policy."""

    def policy(observations):
        seen = dict(zip(MECHANISM.observation_names, observations.T, strict=True))
        return np.eye(25)[guideline(seen, goal)]

    return policy


def no_vasopressor(label: str) -> str:
    return label.split(",")[0] + ", vasopressor 0"


def arrivals(n_patients: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return who came on a vasopressor, and who of them with a pressure below 60."""
    came, low = [], []
    for block in range(n_patients // BLOCK):
        state = MECHANISM.start(MECHANISM.draw(block, seed))
        came.append(state.vasopressor > 0)
        low.append(came[-1] & (state.truth[:, MEANBP] < 60))
    return np.concatenate(came), np.concatenate(low)


def difference(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return the paired difference of means and its standard error."""
    gap = one.astype(float) - other
    return float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))


def rows(n_patients: int, seed: int):
    """Yield what is measured, the number, its standard error, and the bar."""
    of = partial(world, n_patients=n_patients, seed=seed)
    usual, bare = of("clinician"), of(hg.remap("clinician", no_vasopressor))
    rule, rule_bare = of("protocol"), of(hg.remap("protocol", no_vasopressor))
    yield "deaths of the clinicians, %", 100 * usual.died.mean(), 0.0, ""
    yield ("clinicians - without vasopressor: value", *difference(usual.value, bare.value), ">= .1")
    gap, error = difference(usual.died, bare.died)
    yield "the same: deaths, points", 100 * gap, 100 * error, "< 0"
    gap, error = difference(rule.died, rule_bare.died)
    yield "guideline with - without: deaths, points", 100 * gap, 100 * error, "<= -2"
    yield ("guideline - clinicians: value", *difference(rule.value, usual.value), "> 0")
    chance = of("random")
    yield ("clinicians - random: value", *difference(usual.value, chance.value), "> 0")
    constants = {label: of(label) for label in MECHANISM.actions}
    for title, names in (
        (
            "best constant fluid without vasopressor",
            [f"fluid {f}, vasopressor 0" for f in FLUID_LABELS],
        ),
        ("best of all 25 constants", list(constants)),
    ):
        best = max(names, key=lambda name: constants[name].value.mean())
        for who, other, bar in (("clinicians", usual, "< 0"), ("guideline", rule, "< 0")):
            found = difference(constants[best].value, other.value)
            yield f"{title} ({best}) - {who}: value", *found, bar
    came, low = arrivals(n_patients, seed)
    high, middle, none = of(aiming((80, 86))), of(aiming((64, 70))), rule_bare
    gap, error = difference(high.died[came], middle.died[came])
    yield "80-86 - 64-70, came on a vasopressor: deaths, points", 100 * gap, 100 * error, "<= 5"
    gap, error = difference(high.died[low], none.died[low])
    yield "80-86 - none, came so, MAP < 60: deaths, points", 100 * gap, 100 * error, "< 0"
    table = [(usual.ever & usual.died).sum(), (usual.ever & ~usual.died).sum(),
             (~usual.ever & usual.died).sum(), (~usual.ever & ~usual.died).sum()]  # fmt: skip
    odds = table[0] * table[3] / (table[1] * table[2])
    yield "crude odds ratio of ever a vasopressor", odds, 0.0, ">= 1.8"
    yield "blocks on it with MAP >= 65 without, %", 100 * usual.needless, 0.0, "<= 45"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--patients", type=int, default=20 * BLOCK)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    asked = parser.parse_args()
    for seed in asked.seeds:
        print(f"\nseed {seed}, {asked.patients:,} patients")
        for what, value, error, bar in rows(asked.patients, seed):
            print(f"{what:78s}{value:9.3f} ({error:.3f})  {bar}", flush=True)


if __name__ == "__main__":
    main()
