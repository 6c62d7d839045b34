"""ART: what changes lead to, why they are made, and what a cohort says of a first regimen.

Short versions of ``benchmarks/art_switching.py`` and ``benchmarks/art_confounding.py``.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu import conditions
from healthgym_edu.conditions.art_hiv import MECHANISM, ArtHiv
from healthgym_edu.engine import BLOCK, live_block
from healthgym_edu.envs import ENVIRONMENTS

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


class Briefly(ArtHiv):
    """The same people, followed for as long as the questions ask."""

    schema = replace(ArtHiv.schema, condition="art_hiv_briefly", n_steps=13)


@pytest.fixture(scope="module")
def asked():
    """Return the answers of a few cohorts, and the truth, for each question.

    What is true does not hang on what clinicians see, but for who starts.
    """
    hg.register(Briefly())
    bench, answers, truths = script("art_confounding"), {}, {}
    for question, n in zip(bench.QUESTIONS, (3, 1, 6, 2), strict=True):
        brief = replace(question, condition="art_hiv_briefly")
        if question.one not in truths:
            truths[question.one] = bench.truth(brief, 8 * BLOCK)
        told = [bench.ask(brief, seed) for seed in range(n)]
        answers[question.title] = (*truths[question.one], told)
    yield answers
    del conditions._mechanisms["art_hiv_briefly"]
    gymnasium.registry.pop(ENVIRONMENTS.pop("art_hiv_briefly"), None)


def mean(told, name):
    return np.mean([one[name] for one in told])


def test_darunavir_looks_slower_than_efavirenz_and_is_quicker(asked):
    true, error, told = asked["DRV - EFV, 6 months, default cohort"]
    assert true < -5 * error
    assert min(one["naive"] for one in told) > 0
    assert min(one["inside"] for one in told) >= 1400
    for name in ("recorded", "estimated"):
        pooled = np.sqrt(np.mean([one[f"{name} error"] ** 2 for one in told]) / len(told))
        assert abs(mean(told, name) - true) < 3 * np.hypot(pooled, error)


def test_dolutegravir_gains_less_over_rilpivirine_in_records_than_in_truth(asked):
    title = "DTG - RPV, 12 months, naive=True, entry=(2014, 2016)"
    true, error, told = asked[title]
    assert mean(told, "inside") >= 3000
    assert all(one["naive"] - true > 4 * np.hypot(one["naive error"], error) for one in told)
    assert abs(mean(told, "recorded") - true) < 0.5 * (mean(told, "naive") - true)


def test_what_nobody_recorded_cannot_be_weighted_away(asked):
    """With hidden adherence in the choice recorded probabilities still serve."""
    for title, (true, _, told) in asked.items():
        if "confounded" not in title:
            continue
        assert mean(told, "estimated") - true > 0.25
        assert abs(mean(told, "recorded") - true) < 0.5 * (mean(told, "naive") - true)
