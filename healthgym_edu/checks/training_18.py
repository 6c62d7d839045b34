"""Judge what a learner's function makes of synthetic people.

The cells carry numbers instead of names, in an order drawn by chance, so whoever knows which drugs
are good gains nothing: it has to be found in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from healthgym_edu import rl
from healthgym_edu.data import load_cohort, policy_value
from healthgym_edu.exercises import NotAttempted, Wrong, budget
from healthgym_edu.exercises.placeholder import is_blank
from healthgym_edu.generators import AutoregressiveTree, TreeConfig

from .maps_18 import records
from .strangers import SEED_WHEN_STRICT, _call, require_function, seed_of_a_check

PEOPLE = 800  # in the registry, and in its synthetic table
REGISTRIES = (170_411, 9, 11)
"""Seeds of registries to draw from.

Registries differ in how much there is to gain, so these were looked at beforehand; the people who
are treated are new each time.  Gains over the habit, twice each (standard errors 2.5 with 2,400
people, 4 with 800):

=================================  ==========  ==========  ==========
agent                                 170,411           9          11
=================================  ==========  ==========  ==========
as in section 3                        7 to 8      3 to 8      6 to 7
fewest=50                            30 to 37          24          27
150 states, fewest=50, 0.95          19 to 25    21 to 22    21 to 24
=================================  ==========  ==========  ==========
"""

GAIN = 12.0
"""Points of the published reward by which the policy must exceed the clinicians' habit."""

NAMES = tuple(f"cell {k:02d}" for k in range(25))


def judge_training(value: Any) -> str:
    """Train on a synthetic table, treat simulated people, and return what came of it.

    Raises
    ------
    Wrong, NotAttempted
        No function, one that raises or returns no policy, or a policy that is below the bar.
    """
    require_function(value, "train_better", ("batch", "seed"), "two things")
    seed = seed_of_a_check(SEED_WHEN_STRICT)
    registry = REGISTRIES[seed % len(REGISTRIES)]
    batch, code, place = _synthetic(registry, seed)
    policy = _call(value, replace(batch), 0)
    if is_blank(policy):
        raise NotAttempted
    if policy is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if not callable(policy):
        raise Wrong(
            "your function should return a policy: an agent, or a function of what is seen",
            "return what hg.rl's agents return from fit(…), or a function of your own",
        )

    some = batch.observation[:: max(1, len(batch) // 500)]
    del batch
    if np.ptp(_shares(policy, some), axis=0).max() < 1e-9:
        raise Wrong(
            "your policy recommends the same for everybody", "let it depend on what is seen"
        )

    def treats(seen: np.ndarray) -> np.ndarray:
        return _shares(policy, np.asarray(seen, dtype=float)[:, place])[:, code]

    gain = _value(treats, seed) - _habit(registry, seed)
    told = f"the people whom your policy treats have {gain:+.0f} points, compared with the habit"
    if gain < GAIN:
        raise Wrong(
            f"{told}; the bar is {GAIN:+.0f}",
            "few visits stand behind each state and cell: let more of them speak for each decision",
        )
    return f"{told[0].upper()}{told[1:]}; the bar was {GAIN:+.0f}."


def _value(policy: Callable, seed: int) -> float:
    judged: dict[str, Any] = {
        "seed": seed + 5_000_000,
        "actions": "published",
        "reward": "published",
    }
    return policy_value("art_hiv", policy, budget(2400, quick=1000), **judged).value


@lru_cache(maxsize=1)
def _habit(registry: int, seed: int) -> float:
    """Return what doing the commonest thing is worth for the same people."""
    batch, code, place = _synthetic(registry, seed)
    agent = rl.BehaviourCloning(rl.CloningConfig(rounds=20)).fit(batch, 0)
    return _value(lambda seen: agent(np.asarray(seen)[:, place])[:, code], seed)


@lru_cache(maxsize=1)
def _synthetic(registry: int, seed: int) -> tuple[rl.Transitions, np.ndarray, list[int]]:
    """Return records under numbered cells, the number of each cell, and where columns stand."""
    options: dict[str, Any] = {
        "n_patients": PEOPLE,
        "seed": registry + 1_000_000,
        "actions": "published",
    }
    real = load_cohort("art_hiv", **options)
    trees = AutoregressiveTree(TreeConfig(features=0.1)).fit(real, seed=0)
    batch = records(trees.sample(PEOPLE, seed=1))
    code = np.random.default_rng([seed, 185]).permutation(len(NAMES))
    assert real.seen is not None
    columns = [name for name in real.seen if name not in ("PatientID", "Timestep")]
    numbered = replace(
        batch,
        actions=NAMES,
        action=code[batch.action],
        admissible=batch.admissible[:, code.argsort()],
    )
    return numbered, code, [columns.index(name) for name in batch.columns]


def _shares(policy: Callable, seen: np.ndarray) -> np.ndarray:
    said = _call(policy, seen.copy())
    try:
        found = np.asarray(said, dtype=float)
    except (TypeError, ValueError):
        found = np.zeros(0)
    wanted = (len(seen), len(NAMES))
    if found.shape != wanted:
        raise Wrong(
            f"asked about {wanted[0]} people, your policy returned the shape {found.shape}",
            f"return one row for each person and {wanted[1]} columns, one for each cell",
        )
    if not np.isfinite(found).all() or (found < 0).any() or not np.allclose(found.sum(axis=1), 1):
        raise Wrong(
            "the probabilities of your policy should be 0 or more, and add up to 1 in a row"
        )
    return found
