"""How fast the environments are, side by side with ICU-Sepsis, the published benchmark.

    python benchmarks/environments.py [--rounds 7]

Random actions, resets included, seconds of processor time, with the threads that NumPy takes by
itself; with ``OMP_NUM_THREADS=1`` the figures must be about the same.  Medians of rounds of at
least 100 steps in which every environment takes its turn.  Episodes have come apart by then:
patients are in different steps, as they are in a long training.
"Patient-steps" are rows in time (a month, an hour): one environment step of ours, from decision to
decision, holds several of them, one step of ICU-Sepsis is one.  ICU-Sepsis is a table of
probabilities; ours compute a physiology.  Writes ``benchmarks/results/environments.json`` and
prints a table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
import warnings
from pathlib import Path

import gymnasium
import numpy as np

from healthgym_edu.envs import ENVIRONMENTS

RESULTS = Path(__file__).with_name("results") / "environments.json"
OTHER = "Sepsis/ICU-Sepsis-v2"
MANY, OTHER_MANY = 4096, 32
VECTOR_STEPS, OTHER_VECTOR_STEPS, SINGLE_STEPS, OTHER_SINGLE_STEPS = 100, 1000, 600, 10_000
LEAST_ROWS = 1500
"""Patient-steps per second of a single environment."""

LEAST_RATIO = {"art_hiv": 7.0, "sepsis": 7.0, "hypotension": 16.0}
"""Patient-steps of a vector environment to those of ICU-Sepsis, in the same run."""


class Run:
    """An environment under random actions, and the clock that counts its rows in time."""

    def __init__(self, env, clock: str | None, n_steps: int, shape: tuple[int, ...]):
        self.env, self.clock = env, clock
        rng = np.random.default_rng(0)
        space = getattr(env, "single_action_space", env.action_space)
        self.actions = list(rng.integers(space.n, size=(n_steps, *shape)))
        self.patients = int(np.prod(shape))
        _, info = env.reset(seed=0)
        self.at = info[clock] if clock else 0
        self.single = not shape

    def rates(self) -> tuple[float, float]:
        """Environment steps and patient-steps per second."""
        rows, begin = 0, time.process_time()
        for action in self.actions:
            _, _, terminated, truncated, info = self.env.step(action)
            if self.clock:
                rows += int(np.maximum(info[self.clock] - self.at, 0).sum())
            if self.single and (terminated or truncated):
                _, info = self.env.reset()
            self.at = info[self.clock] if self.clock else 0
        seconds = time.process_time() - begin
        steps = len(self.actions) * self.patients
        return steps / seconds, (rows if self.clock else steps) / seconds


def runs() -> dict[str, Run]:
    """Return every environment, one patient and many."""
    made = {}
    for condition, name in ENVIRONMENTS.items():
        env = gymnasium.make(name, disable_env_checker=True)
        clock = env.unwrapped.core.mechanism.clock
        made[f"{condition}, single"] = Run(env, clock, SINGLE_STEPS, ())
        env = gymnasium.make_vec(name, num_envs=MANY, vectorization_mode="vector_entry_point")
        made[f"{condition}, vector"] = Run(env, clock, VECTOR_STEPS, (MANY,))
    env = gymnasium.make(OTHER, disable_env_checker=True)
    made["icu-sepsis, single"] = Run(env, None, OTHER_SINGLE_STEPS, ())
    env = gymnasium.make_vec(OTHER, num_envs=OTHER_MANY, vectorization_mode="sync")
    made["icu-sepsis, vector"] = Run(env, None, OTHER_VECTOR_STEPS, (OTHER_MANY,))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    try:
        import icu_sepsis  # noqa: F401  (registers the environment)
    except ImportError:
        sys.exit("icu-sepsis is not installed; pip install icu-sepsis, then run this again.")
    warnings.filterwarnings("ignore", category=UserWarning)

    made = runs()
    measured = {name: [run.rates()] for name, run in made.items()}  # a first round to warm up
    for _ in range(rounds):  # side by side, so that all meet the same machine
        for name, run in made.items():
            measured[name].append(run.rates())
    medians = {
        name: [statistics.median(column) for column in zip(*rates[1:], strict=True)]
        for name, rates in measured.items()
    }

    table = {}
    for name, (steps, rows) in medians.items():
        condition, kind = name.split(", ")
        ratio = rows / medians[f"icu-sepsis, {kind}"][1]
        wanted, reached = "", None
        if condition in LEAST_RATIO and kind == "single":
            wanted, reached = f"{LEAST_ROWS:,} patient-steps", rows >= LEAST_ROWS
        elif condition in LEAST_RATIO:
            wanted, reached = f"{LEAST_RATIO[condition]:g} x", ratio >= LEAST_RATIO[condition]
        table[name] = {
            "environment steps per second": round(steps),
            "patient-steps per second": round(rows),
            "ratio to icu-sepsis": ratio,
            "wanted": wanted,
            "reached": reached,
        }
    result = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}, one process",
        "numpy": np.__version__,
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "not set"),
        "rounds": rounds,
        "patients in a vector": {"ours": MANY, "icu-sepsis": OTHER_MANY},
        "medians": table,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{'':22}{'env steps/s':>14}{'patient-steps/s':>17}{'ratio':>8}  wanted")
    for name, row in table.items():
        steps, rows, ratio, wanted, reached = row.values()
        said = f"{wanted} {'reached' if reached else 'MISSED'}" if wanted else ""
        print(f"{name:22}{steps:14,}{rows:17,}{ratio:8.2f}  {said}")


if __name__ == "__main__":
    main()
