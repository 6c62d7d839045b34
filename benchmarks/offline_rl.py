"""What agents that learn from records alone are worth, and what off-policy estimates say of them.

    python benchmarks/offline_rl.py agents    [--conditions sepsis] [--agents CQL] [--seeds 0 1 2]
    python benchmarks/offline_rl.py estimates [--conditions sepsis] [--cohorts 20]
    python benchmarks/offline_rl.py tables

Agents learn from 3,000 patients; their true value is that of 20,000 fresh ones, paired with the
clinicians'.  Beside them stand policies that learned from no record: chance, the guideline, the
best rule that `best_rules` found by asking the simulator, and the agents of ``clients/online.py``,
which learned by treating simulated patients.  ``fit, s`` is processor time of one thread.
Estimates are made from 3,000 other patients and set beside the truth.  Rows are kept one by one in
``results/offline_rl.json`` and not computed again; the tables are written to
``results/offline_rl.md``.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import best_rules
import numpy as np
import pandas as pd

import healthgym_edu as hg

RESULTS = Path(__file__).parent / "results"
PATIENTS, FRESH = 3000, 20_000
ACTIONS = {"sepsis": "relative", "art_hiv": "published"}
DIED = {"sepsis": "Died in 90 days", "hypotension": "Died"}
ABSOLUTE = ", 25 absolute actions"
TRUST = {"sepsis": 0.3, "hypotension": 0.1, "art_hiv": 0.03}
rl = hg.rl


def agents(condition: str) -> dict[str, Callable[[], object]]:
    """Return the agents of a condition by name; settings were fixed on other seeds (10, 11)."""
    trust = TRUST[condition]
    return {
        "fitted Q, masked": lambda: rl.FittedQ(rl.FittedQConfig(trust=trust)),
        "fitted Q, no mask": lambda: rl.FittedQ(rl.FittedQConfig(trust=0.0)),
        "fitted Q, one step": lambda: rl.FittedQ(rl.FittedQConfig(trust=trust, rounds=1)),
        "BCQ": lambda: rl.DiscreteBcq(rl.BcqConfig(trust=trust)),
        "CQL": lambda: rl.DiscreteCql(),
        "DQN": lambda: rl.Dqn(),
        "policy iteration on clusters": lambda: rl.TabularPolicyIteration(),
        "commonest action": lambda: rl.BehaviourCloning(),
    }


def death_share(condition: str, policy: object, seed: int, **more: str) -> float:
    """Return the share of fresh patients who die, in percent; nan where nobody does."""
    if condition not in DIED:
        return float("nan")
    cohort = hg.simulate(condition, FRESH, policy, seed, **more)
    return 100 * float(cohort.patients[DIED[condition]].mean())


def learned(condition: str, name: str, seed: int, more: dict[str, str]) -> tuple[object, float]:
    """Return an agent that learned from a cohort, and the seconds that it took."""
    cohort = hg.load_cohort(condition, n_patients=PATIENTS, seed=seed, **more)
    batch, began = rl.transitions(cohort, features="few"), time.process_time()
    agent = agents(condition)[name.removesuffix(ABSOLUTE)]().fit(batch, seed=seed)
    return agent, time.process_time() - began


def rules(condition: str) -> dict[str, object]:
    """Return the policies of a condition that learned from no records, by name."""
    found = best_rules.FOUND.get(condition)
    best = {} if found is None else {"best rule found": best_rules.policy(condition, found)}
    return {"random": "random", "guideline": "protocol"} | best


def agent_row(condition: str, name: str, seed: int) -> dict:
    """Return what an agent or a rule is worth."""
    if name in rules(condition):
        return worth(condition, rules(condition)[name], None, seed, {})
    relative = condition in ACTIONS and not name.endswith(ABSOLUTE)
    more = {"actions": ACTIONS[condition]} if relative else {}
    return worth(condition, *learned(condition, name, seed, more), seed, more)


def worth(condition: str, policy: object, fit: float | None, seed: int, more: dict) -> dict:
    """Treat fresh patients by a policy, and by clinicians."""
    fresh = {"n_patients": FRESH, "seed": 1000 + seed, **more}
    theirs = hg.policy_value(condition, "clinician", **fresh)
    value = hg.policy_value(condition, policy, **fresh)
    gain = value.minus(theirs)
    died = [death_share(condition, one, 1000 + seed, **more) for one in (policy, "clinician")]
    return {
        "value": round(value.value, 4), "gain": round(gain.value, 4),
        "error": round(gain.standard_error, 4), "deaths": round(died[0] - died[1], 2),
        "fit, s": None if fit is None else round(fit, 1),
    }  # fmt: skip


def targets() -> dict[str, object]:
    """Return target policies, from near to hopeless."""
    return {
        "clinicians to the power 1.5": hg.temper("clinician", 1.5),
        "10 % guideline": hg.mix("clinician", "protocol", 0.1),
        "20 % guideline": hg.mix("clinician", "protocol", 0.2),
        "guideline": "protocol",
    }


def estimate_rows(condition: str, cohort: int, truths: dict[str, float]) -> dict[str, dict]:
    """Estimate every target from one cohort."""
    batch = rl.transitions(
        hg.load_cohort(condition, n_patients=PATIENTS, seed=2000 + cohort), features="few"
    )
    rows = {}
    for name, policy in targets().items():
        for estimator, one in rl.evaluate(batch, policy).items():
            rows[f"{name} | {estimator}"] = {
                "truth": round(truths[name], 4), "value": round(one.value, 4),
                "error": round(one.standard_error, 4), "refused": one.refused,
                "ess": round(one.effective_sample_size, 1),
                "mean weight": round(one.mean_weight, 3),
            }  # fmt: skip
    return rows


class Rows(dict):
    """Rows by name in a JSON file, written after each."""

    def __init__(self, path: Path):
        super().__init__(json.loads(path.read_text()) if path.exists() else {})
        self.path = path

    def note(self, name: str, row: dict) -> None:
        """Keep a row, with its date and machine."""
        machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        self[name] = row | {"date": date.today().isoformat(), "machine": machine}
        self.path.write_text(json.dumps(self, indent=1, allow_nan=True) + "\n")
        print(name, row, flush=True)


def agents_table(rows: dict[str, dict]) -> pd.DataFrame:
    """Return gains over seeds, by condition and agent."""
    parts = []
    for name, row in rows.items():
        kind, condition, agent, *_ = name.split(" | ")
        if kind == "agent":
            parts.append({"condition": condition, "agent": agent, **row})
    table = pd.DataFrame(parts)
    made = table.groupby(["condition", "agent"], sort=False).agg(
        seeds=("gain", "size"), gain=("gain", "mean"), worst=("gain", "min"),
        error=("error", "max"), deaths=("deaths", "mean"), fewest=("deaths", "max"),
        fit=("fit, s", "median"),
    )  # fmt: skip
    return made.round(3)


def estimates_table(rows: dict[str, dict]) -> pd.DataFrame:
    """Return error, coverage and verdict by condition, target and estimator."""
    parts = []
    for name, row in rows.items():
        kind, condition, _, target, estimator = (name.split(" | ") + [""] * 5)[:5]
        if kind == "estimate":
            parts.append({"condition": condition, "target": target, "estimator": estimator, **row})
    table = pd.DataFrame(parts)
    off = table["value"] - table["truth"]
    table = table.assign(
        off=off, square=off**2, inside=off.abs() <= 1.96 * table["error"],
        wrong=off.abs() > 3 * table["error"], let=~table["refused"],
    )  # fmt: skip
    table["wrong and let"] = table["wrong"] & table["let"]
    made = table.groupby(["condition", "target", "estimator"], sort=False).agg(
        cohorts=("off", "size"), truth=("truth", "first"), bias=("off", "mean"),
        rmse=("square", lambda x: np.sqrt(x.mean())), error=("error", "median"),
        coverage=("inside", "mean"), let_through=("let", "mean"), wrong=("wrong and let", "sum"),
    )  # fmt: skip
    return made.round(3)


TAUGHT = {"random": "nothing", "guideline": "its authors", "best rule found": "the simulator",
          "PPO, plays the simulator": "the simulator"}  # fmt: skip
"""From what a policy learned, if not from records."""


def readme_agents(rows: dict[str, dict]) -> str:
    """Return the README's table of what policies are truly worth, the best first."""
    lines = [
        "| condition | policy | learned from | gain on clinicians | worst seed | deaths, points |",
        "|---|---|---|---|---|---|",
    ]
    table = agents_table(rows)
    for condition in table.index.unique("condition").sort_values():
        for name, one in table.loc[condition].sort_values("gain", ascending=False).iterrows():
            died = "" if np.isnan(one["deaths"]) else f"{one['deaths']:+.1f}"
            lines.append(
                f"| {condition} | {name} | {TAUGHT.get(name, 'records')} | {one['gain']:+.2f} "
                f"| {one['worst']:+.2f} | {died} |"
            )
    return "\n".join(lines)


def readme_estimates(rows: dict[str, dict]) -> str:
    """Return the README's table of estimators by target."""
    table = estimates_table(rows)
    names = list(table.index.unique("estimator"))
    lines = [
        f"| condition | target | truth | {' | '.join(names)} |",
        "|---" * (3 + len(names)) + "|",
    ]
    for (condition, target), part in table.groupby(level=["condition", "target"], sort=False):
        cells = [
            f"{one['rmse']:.2f} · {one['coverage']:.0%} · {one['let_through']:.0%}"
            for _, one in part.droplevel(["condition", "target"]).loc[names].iterrows()
        ]
        lines.append(
            f"| {condition} | {target} | {part['truth'].iloc[0]:.2f} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def wrong_of(rows: dict[str, dict]) -> str:
    """Return how many of the estimates let through are wrong by more than 3 standard errors."""
    made = [row for name, row in rows.items() if name.startswith("estimate |")]
    let = [row for row in made if not row["refused"]]
    wrong = [row for row in let if abs(row["value"] - row["truth"]) > 3 * row["error"]]
    return f"{len(wrong)} of {len(let)}"


def markdown(table: pd.DataFrame) -> str:
    """Return a table with its index as a Markdown table."""
    table = table.reset_index()
    lines = [list(table.columns), ["---"] * table.shape[1], *table.astype(str).values.tolist()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("part", choices=["agents", "estimates", "tables"])
    parser.add_argument("--conditions", nargs="+", default=["sepsis", "hypotension", "art_hiv"])
    parser.add_argument("--agents", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cohorts", type=int, default=20)
    asked = parser.parse_args()
    rows = Rows(RESULTS / "offline_rl.json")
    for condition in asked.conditions if asked.part == "agents" else ():
        wanted = [*agents(condition), *rules(condition)]
        if condition == "sepsis":
            wanted.append(f"fitted Q, masked{ABSOLUTE}")
        for name in asked.agents or wanted:
            for seed in asked.seeds:
                key = f"agent | {condition} | {name} | seed {seed}"
                if key not in rows:
                    rows.note(key, agent_row(condition, name, seed))
    for condition in asked.conditions if asked.part == "estimates" else ():
        last = f"estimate | {condition} | cohort {{}} | guideline | WDR"
        wanted = [k for k in range(asked.cohorts) if last.format(k) not in rows]
        truths = {}
        for name, policy in targets().items() if wanted else ():
            truths[name] = hg.policy_value(condition, policy, 100_000, 77).value
        for k in wanted:
            for name, row in estimate_rows(condition, k, truths).items():
                rows.note(f"estimate | {condition} | cohort {k} | {name}", row)
    text = []
    if any(name.startswith("agent |") for name in rows):
        text.append(markdown(agents_table(rows)))
    if any(name.startswith("estimate |") for name in rows):
        text.append(markdown(estimates_table(rows)))
    (RESULTS / "offline_rl.md").write_text("\n\n".join(text) + "\n", encoding="utf-8")
    print("\n\n".join(text))


if __name__ == "__main__":
    main()
