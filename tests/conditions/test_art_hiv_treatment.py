"""ART: what changes lead to, and why they are made.

A short version of ``benchmarks/art_switching.py``; what a cohort says of a first regimen is in
``tests/test_survival_coverage.py``.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path

import pytest

import healthgym_edu as hg
from healthgym_edu.conditions.art_hiv import MECHANISM
from healthgym_edu.engine import BLOCK, live_block

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@cache
def script(name):
    """Import a benchmark: what is told there and what is tested here are one."""
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def switching():
    """What the benchmark prints, of 8,192 people."""
    found = script("art_switching").rows(8 * BLOCK, 0)
    return {what: value for what, value, _ in found}


def test_a_change_of_what_works_costs_little(switching):
    assert switching["changes of a suppressed, tolerated regimen"] > 1000
    assert switching["rebound after any change, %"] <= 3
    assert switching["rebound after a change of third agent, %"] <= 4
    assert switching["rebound after staying, %"] <= 3


def test_toxicity_is_the_largest_reason_for_a_change_and_failure_a_small_one(switching):
    reasons = {
        name.partition(": ")[2]: value
        for name, value in switching.items()
        if name.startswith("reason")
    }
    assert sum(reasons.values()) == pytest.approx(100)
    assert max(reasons, key=reasons.get) == "toxicity, %"
    assert reasons["confirmed failure, %"] + reasons["a single high result, %"] < 17
    assert reasons["confirmed failure, %"] < 15


def test_a_confirmed_failure_is_acted_on(switching):
    assert switching["confirmed failures acted on within half a year, %"] > 95


def test_nevirapine_is_begun_within_its_limits_only(switching):
    assert switching["NVP starts"] > 20
    assert switching["NVP starts above its CD4 limit, %"] == 0


def test_no_booster_alone_and_few_high_percentages():
    found = {what: value for what, value, _ in script("art_switching").cohort_rows(0)}
    assert found["rows with a booster and nothing to boost"] == 0
    assert found["rows with CD4 % above 60, %"] <= 1
    assert 8 <= found["transmitted resistance of the naive, %"] <= 10


def test_the_guideline_is_within_what_clinicians_might_do():
    """Wherever clinicians lead, and wherever the guideline leads."""
    least = []

    def look(follow, state):
        rule = MECHANISM.follow_guideline(MECHANISM.observe(state))
        usual = MECHANISM.clinician(state)
        least.append((rule * usual).sum(axis=1).min())
        return rule if follow else usual

    for follow in (False, True):
        live_block(MECHANISM, 0, 0, lambda state, f=follow: look(f, state), keep=False)
    assert min(least) > 0


def test_rilpivirine_fails_more_above_its_limit():
    """At week 48 above 100,000 copies/mL fewer are suppressed than with EFV; below as many."""
    arms = {name: f"FTC + TDF + {name}" for name in ("RPV", "EFV")}
    lives = hg.twins("art_hiv", arms, 6 * BLOCK, naive=True)
    virus = {name: c.frame["VL"].to_numpy().reshape(len(c), -1) for name, c in lives.items()}
    high = virus["EFV"][:, 0] > 100_000
    gap = (virus["RPV"][:, 11] < 50).astype(float) - (virus["EFV"][:, 11] < 50)
    assert gap[high].mean() < -0.03
    assert abs(gap[~high].mean()) < 0.02
