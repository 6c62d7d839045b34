"""What an agent loses that learns to treat HIV from synthetic people: the truth of chapter 18.

    python benchmarks/art_synthetic.py [--registries 18]

Registries of 500 people each, of the cohorts with seeds 1 and 2.  From each, and from what trees
and shuffled columns make of it, policy iteration learns as in the chapter; the three agents treat
the same 2,000 simulated people.  Prints mean losses with their standard errors, in points of the
published reward, and distances of the maps.
"""

from __future__ import annotations

import argparse

import pandas as pd

import healthgym_edu as hg
from healthgym_edu.checks.maps_18 import records, shuffled, total_variation

PEOPLE, TREATED, STATES = 500, 2000, 250
A_COHORT = 9
"""Registries that come from one cohort of 5,000; its last 500 people are the hold-out."""


def registry(cohort: hg.Cohort, k: int) -> dict[str, float]:
    """Return the values of the three agents of a registry, and how far their maps are apart."""
    ids = cohort.patients.index
    visits = records(cohort.subset(ids[-PEOPLE:]))
    real = cohort.subset(ids[k * PEOPLE : (k + 1) * PEOPLE])
    leaves = hg.generators.TreeConfig(features=0.1)
    trees = hg.generators.AutoregressiveTree(leaves).fit(real, seed=0).sample(PEOPLE, seed=1)
    values, maps = {}, {}
    for name, people in {"real": real, "trees": trees, "shuffled": shuffled(real, 0)}.items():
        config = hg.rl.TabularConfig(states=STATES)
        agent = hg.rl.TabularPolicyIteration(config).fit(records(people), seed=0)
        values[name] = hg.policy_value(
            "art_hiv", agent, TREATED, seed=18, actions="published", reward="published"
        ).value
        maps[name] = pd.Series(agent(visits.observation).mean(axis=0), visits.actions)
    apart = {f"{n}, map": total_variation(maps["real"], maps[n]) for n in ("trees", "shuffled")}
    return values | apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--registries", type=int, default=2 * A_COHORT)
    rows = []
    for number in range(parser.parse_args().registries):
        seed, k = 1 + number // A_COHORT, number % A_COHORT
        rows.append(registry(hg.load_cohort("art_hiv", n_patients=5000, seed=seed), k))
        table = pd.DataFrame(rows)
        lost = table[["real"]].to_numpy() - table[["trees", "shuffled"]]
        print(len(rows), {name: round(value, 2) for name, value in rows[-1].items()}, flush=True)
    print(pd.DataFrame({"mean loss": lost.mean(), "standard error": lost.sem()}).round(2))
    print(table.filter(like="map").mean().round(3).to_string())


if __name__ == "__main__":
    main()
