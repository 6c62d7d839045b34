"""What changes of regimen lead to in the ART mechanism, why they are made, and who gets which drug.

    python benchmarks/art_switching.py [--patients 40960] [--seeds 0 1]

Prints a table; the bars that must hold are in the last column.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import healthgym_edu as hg
from healthgym_edu.conditions.art_hiv import FAILURE_LIMIT, MECHANISM
from healthgym_edu.conditions.art_hiv.regimens import AGENT, THIRD_AGENTS
from healthgym_edu.engine import BLOCK, live_block

MONTHS = 4
"""Within which virus has come back after a change."""

NVP, RPV = (THIRD_AGENTS.index(name) == AGENT for name in ("NVP", "RPV"))


class Watch:
    """True viral load, regimen taken and results of a block, shape (BLOCK, 60) each."""

    def __init__(self) -> None:
        shape = (BLOCK, MECHANISM.n_steps)
        self.virus, self.failures = np.zeros(shape), np.zeros(shape, dtype=int)
        self.regimen = np.full(shape, -1)
        self.result = np.full(shape, np.nan)  # log10 VL where it was measured
        self.late = np.zeros(shape, dtype=bool)  # treated for half a year

    def __call__(self, rows: np.ndarray, state) -> None:
        at = rows, state.step
        self.virus[at], self.failures[at] = state.viral_load, state.failures
        self.regimen[at] = np.where(state.engaged, state.regimen, -1)
        results = state.results
        self.result[at] = np.where(results["vl_measured"], results["log_vl"], np.nan)
        self.late[at] = state.treated & (state.months_on_agent >= 6)


@dataclass(frozen=True)
class Decisions:
    """All decisions of a seed, shape (n,) each, and what was in view."""

    seen: dict[str, np.ndarray]
    action: np.ndarray
    rebound: np.ndarray  # true VL above 200 within four months
    after: np.ndarray  # whether there are as many months


def decisions(n_patients: int, seed: int) -> tuple[Decisions, list[Watch]]:
    """Let patients live under their clinicians."""
    parts, watches = [], []
    for block in range(n_patients // BLOCK):
        watch = Watch()
        lives = live_block(MECHANISM, block, seed, MECHANISM.clinician, watch=watch)
        watches.append(watch)
        for one in lives.decided:
            months = one.step[:, None] + np.arange(1, MONTHS + 1)
            inside = months < MECHANISM.n_steps
            virus = watch.virus[one.rows[:, None], np.minimum(months, MECHANISM.n_steps - 1)]
            high = ((virus > 200) & inside).any(axis=1)
            parts.append((one.seen, one.action, high, inside.all(axis=1)))
    seen, *rest = map(np.concatenate, zip(*parts, strict=True))
    return Decisions(dict(zip(MECHANISM.observation_names, seen.T, strict=True)), *rest), watches


def never_changed(watch: Watch) -> np.ndarray:
    """Who had every result above 200 for a year on one regimen and longer, shape (BLOCK,)."""
    found = np.zeros(BLOCK, dtype=bool)
    high = watch.result > np.log10(200)
    for start in range(MECHANISM.n_steps - 12):
        year = slice(start, start + 13)
        same = (watch.regimen[:, year] == watch.regimen[:, [start]]).all(axis=1)
        measured = ~np.isnan(watch.result[:, year])
        bad = (high[:, year] | ~measured).all(axis=1) & (measured.sum(axis=1) >= 3)
        found |= same & bad & watch.late[:, year].all(axis=1)
    return found


def acted_on(watch: Watch) -> tuple[int, int]:
    """Return how many failures were confirmed, and how many acted on within half a year."""
    confirmed = (watch.failures[:, 1:] >= 2) & (watch.failures[:, :-1] < 2)
    rows, months = np.nonzero(confirmed)
    known = months + 7 < MECHANISM.n_steps
    rows, months = rows[known], months[known] + 1
    later = watch.failures[rows[:, None], months[:, None] + np.arange(1, 7)]
    return len(rows), int((later < 2).any(axis=1).sum())


def percent(share: np.ndarray) -> float:
    return 100 * float(np.mean(share))


def rows(n_patients: int, seed: int) -> Iterator[tuple[str, float, str]]:
    """Yield what is measured, the number and the bar."""
    made, watches = decisions(n_patients, seed)
    seen, before, now = made.seen, made.seen["regimen"].astype(int), made.action
    treated, goes_on = before > 0, now > 0
    change = treated & goes_on & (before != now)
    agent = change & (AGENT[before - 1] != AGENT[now - 1])
    works = (seen["log10 VL"] < np.log10(50)) & (seen["intolerance"] == 0)
    works &= (seen["on treatment"] == 1) & made.after
    yield "changes of a suppressed, tolerated regimen", float((change & works).sum()), ""
    for who, some, bar in (
        ("after any change", change, "<= 3"),
        ("after a change of third agent", agent, "<= 4"),
        ("after staying", treated & goes_on & ~change, ""),
    ):
        yield f"rebound {who}, %", percent(made.rebound[some & works]), bar
    toxic = seen["intolerance"][change] == 1
    failed = ~toxic & (seen["failure"][change] == 1)
    late = (seen["log10 VL"] > np.log10(FAILURE_LIMIT)) & (seen["months on treatment"] >= 6)
    virus = ~toxic & ~failed & late[change]
    yield "reason of a change: toxicity, %", percent(toxic), "the largest"
    yield "reason of a change: confirmed failure, %", percent(failed), "< 15"
    yield "reason of a change: a single high result, %", percent(virus), ""
    yield "reason of a change: neither, %", percent(~toxic & ~failed & ~virus), ""
    counts = np.array([acted_on(watch) for watch in watches]).sum(axis=0)
    yield "confirmed failures acted on within half a year, %", 100 * counts[1] / counts[0], ">= 95"
    yield "every result above 200 for a year, %", percent([never_changed(w) for w in watches]), ""
    starts = (seen["treated before"] == 0) & goes_on
    on_rpv = starts & RPV[now - 1]
    yield "RPV starts above 100,000 copies/mL, %", percent(seen["log10 VL"][on_rpv] > 5), ""
    new_agent = goes_on & (~treated | (AGENT[before - 1] != AGENT[now - 1]))
    begins = new_agent & NVP[now - 1] & (seen["regimen on file"] != now)
    begins |= starts & NVP[now - 1]
    limit = np.where(seen["female"] == 1, 250, 400)
    yield "NVP starts", float(begins.sum()), ""
    yield "NVP starts above its CD4 limit, %", percent(seen["CD4"][begins] > limit[begins]), "0"


def cohort_rows(seed: int) -> Iterator[tuple[str, float, str]]:
    """Yield what a cohort of the published size shows."""
    cohort = hg.load_cohort("art_hiv", seed=seed)
    frame = cohort.frame
    yield "rows with CD4 % above 60, %", percent(frame["Rel CD4"] > 60), "<= 1"
    pi, base = frame["Extra PI"].astype(str), frame["Base Drug Combo"].astype(str)
    boosts = pi.isin(["RTVB", "RTV"]) | (base == "FTC + RTVB + TDF") | frame["Extra pk-En"]
    something = pi.isin(["DRV", "ATV", "LPV"]) | base.str.startswith("DRV")
    something |= frame["Comp. INI"] == "EVG"
    yield "rows with a booster and nothing to boost", float((boosts & ~something).sum()), "0"
    transmitted = []
    for block in range(8):
        state = MECHANISM.start(MECHANISM.draw(block, seed))
        resistant = state.resistant["NRTI"] | state.resistant["NNRTI"]
        transmitted.append(resistant[state.naive])
    yield "transmitted resistance of the naive, %", percent(np.concatenate(transmitted)), "8 to 10"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--patients", type=int, default=40 * BLOCK)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    asked = parser.parse_args()
    for seed in asked.seeds:
        print(f"\nseed {seed}, {asked.patients:,} patients")
        for found in (rows(asked.patients, seed), cohort_rows(seed)):
            for what, value, bar in found:
                print(f"{what:60s}{value:12,.2f}  {bar}", flush=True)


if __name__ == "__main__":
    main()
