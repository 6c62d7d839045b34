"""What many cohorts say of a first regimen: the naive answer misleads, and weighting mends it.

The claims are held on the hundred cohorts of ``benchmarks/survival_coverage.py``, which are kept;
a few new cohorts must tell the same, so that a mechanism cannot change without them.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "benchmarks"
KEPT = json.loads((ROOT / "results" / "survival_coverage.json").read_text(encoding="utf-8"))
COHORTS, NEW = KEPT["cohorts"], 5
PLAIN = ["DRV - EFV, 6 months", "DTG - RPV, 12 months"]
HIDDEN = [f"{question}, confounded" for question in PLAIN]


@cache
def new(question):
    """What a few cohorts say; their seeds are not those of the benchmark."""
    spec = importlib.util.spec_from_file_location(
        "survival_coverage", ROOT / "survival_coverage.py"
    )
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    return bench.told(question, [bench.ask(question, 700 + k) for k in range(NEW)])


def apart(found, kept, way):
    """By how many standard errors two means differ."""
    error = kept[way]["standard deviation"] * (1 / NEW + 1 / COHORTS) ** 0.5
    return abs(found[way]["mean"] - kept[way]["mean"]) / error


@pytest.mark.parametrize("question", PLAIN + HIDDEN)
def test_new_cohorts_tell_what_the_kept_ones_told(question):
    found, kept = new(question), KEPT[question]
    assert found["truth"] == pytest.approx(kept["truth"])
    assert found["starters"] == pytest.approx(kept["starters"], rel=0.05)
    for way in ("naive", "recorded", "estimated", "month 0"):
        assert apart(found, kept, way) < 3.5
    assert found["naive"]["covered"] == 0
    assert found["recorded"]["covered"] >= 0.8 * NEW
    spread = kept["recorded"]["standard deviation"] / NEW**0.5
    assert abs(found["recorded"]["mean"] - found["truth"]) < 3 * spread + 0.1


def test_new_cohorts_do_not_tell_what_others_told():
    """The comparison can fail: what is hidden changes all but the recorded weights."""
    found = new(PLAIN[1])
    assert all(apart(found, KEPT[HIDDEN[1]], way) > 5 for way in ("naive", "estimated", "month 0"))


@pytest.mark.parametrize("question", PLAIN + HIDDEN)
def test_the_naive_answer_misses_the_truth_and_recorded_weights_find_it(question):
    found = KEPT[question]
    assert found["naive"]["covered"] <= 0.1 * COHORTS
    assert found["recorded"]["covered"] >= 0.9 * COHORTS
    spread = found["recorded"]["standard deviation"] / COHORTS**0.5
    assert abs(found["recorded"]["mean"] - found["truth"]) < 3 * spread


@pytest.mark.parametrize("question", PLAIN)
def test_what_the_clinician_saw_is_enough(question):
    found = KEPT[question]
    assert found["estimated"]["covered"] >= 0.9 * COHORTS
    spread = found["estimated"]["standard deviation"] / COHORTS**0.5
    assert abs(found["estimated"]["mean"] - found["truth"]) < 3 * spread
    far, near = (abs(found[way]["mean"] - found["truth"]) for way in ("month 0", "estimated"))
    assert far > near + 0.1  # the published columns do not hold what decided


@pytest.mark.parametrize("question", HIDDEN)
def test_what_nobody_recorded_cannot_be_weighted_away(question):
    found = KEPT[question]
    assert found["estimated"]["covered"] <= 0.1 * COHORTS
    assert found["estimated"]["mean"] - found["truth"] > 0.25


def test_darunavir_looks_slower_than_efavirenz_and_is_quicker():
    found = KEPT[PLAIN[0]]
    assert found["truth"] < -5 * found["truth error"]
    assert found["naive"]["above 0"] >= 0.9 * COHORTS


def test_enough_people_could_have_got_either():
    assert KEPT[PLAIN[0]]["fewest inside"] >= 1400
    assert KEPT[PLAIN[1]]["inside .05-.95"] >= 3000
