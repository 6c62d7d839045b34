"""The six analyses of chapter 17: each flaw moves its estimate; honest ones are near the truth."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.checks import analyses_17, judging_17, reviews_17, rules_17
from healthgym_edu.checks.weights_17 import course_weights, tilted, weighted_mean
from healthgym_edu.exercises import Wrong

ROOT = Path(__file__).parent.parent
LEAST_SHIFT = 3.0  # standard errors of an honest estimate


@pytest.fixture(scope="module", params=[0, 1])
def reviews(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HEALTHGYM_EDU_QUICK", raising=False)
        return reviews_17.six_reviews(seed=request.param)


@pytest.fixture(scope="module")
def truth():
    """Of the policies; that of report E, learned from other patients, hardly differs by seed."""
    cohorts = [
        hg.load_cohort("hypotension", n_patients=3000, seed=1, confounded=sees)
        for sees in (False, "strong")
    ]
    return analyses_17.true_values(*cohorts)


@pytest.fixture(scope="module")
def compared(reviews, truth):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HEALTHGYM_EDU_QUICK", raising=False)
        return reviews_17.compared(reviews, truth)


def moved(flawed, honest):
    """Return the shift of an estimate, in standard errors of the honest one."""
    return abs(flawed.value - honest.value) / honest.error


def test_each_flaw_moves_its_estimate(compared):
    assert set(compared["flaw"]) == set(reviews_17.FLAWS)
    shift = (compared["report"] - compared["honest"]).abs() / compared["error"]
    assert (shift > LEAST_SHIFT).all(), compared


def test_honest_estimates_are_near_the_truth_and_flawed_ones_are_not(compared):
    off = (compared[["report", "honest"]].sub(compared["truth"], axis=0)).abs()
    assert (off["honest"] < LEAST_SHIFT * compared["error"] + 0.05).all(), compared
    assert (off["report"] > 1.9 * compared["error"]).all(), compared


def test_an_analysis_without_a_flaw_is_rejected_as_a_report():
    """Another estimator of the same value moves it little: this would be no report of the game."""
    batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=3000, seed=1))
    target = hg.rl.probabilities(batch, analyses_17.NEAR)
    weight = course_weights(batch, target, batch.behaviour_probability)
    honest = weighted_mean(weight, batch.returns())
    cut = weighted_mean(np.minimum(weight, np.quantile(weight, 0.999)), batch.returns())
    assert moved(cut, honest) < LEAST_SHIFT


def test_the_claims_of_reports_d_and_e_are_so(reviews):
    """The weights of report D are far from 1 on average; those of E are worth most patients."""
    batch = hg.rl.transitions(reviews["D"].cohort)
    target = hg.rl.probabilities(batch, "protocol")
    weight = course_weights(batch, target, batch.behaviour_probability)
    assert weight.mean() < 0.5
    assert reviews["D"].estimate.size == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    assert reviews["E"].estimate.size > 0.7 * batch.n_patients


def test_a_report_is_short_and_does_not_name_its_flaw():
    for letter, (name, claim, methods) in reviews_17.REPORTS.items():
        code = inspect.getsource(getattr(analyses_17, name))
        assert len(code.strip().splitlines()) <= 12
        told = " ".join([code, claim, methods]).lower()
        assert not any(flaw in told for flaw in reviews_17.FLAWS), letter
        assert not any(flaw in reviews_17.LOOK[letter] for flaw in reviews_17.FLAWS)


def test_honest_estimates_wait_for_the_answer():
    wrong = dict.fromkeys("ABCDEF", "leak")
    assert isinstance(reviews_17.settled(wrong, {}), str)


@pytest.mark.parametrize("seed", [3])
def test_the_pairs_of_the_open_exercise_are_clear(seed, monkeypatch):
    monkeypatch.setenv("HEALTHGYM_EDU_QUICK", "1")
    monkeypatch.setattr(judging_17, "seed_of_a_check", lambda fixed: seed)
    assert "12 near" in judging_17.judge_believe(rules_17.by_shares)
    with pytest.raises(Wrong, match="hopeless"):
        judging_17.judge_believe(rules_17.two_rules)


def test_tilted_probabilities_add_up():
    made = tilted(np.array([[0.5, 0.5, 0.0]]), np.array([2.0, 1.0, 1.0]))
    assert np.allclose(made, [[2 / 3, 1 / 3, 0.0]])


@pytest.fixture(scope="module")
def stored():
    """The stored rows, and the table that the benchmark makes of them."""
    place = ROOT / "benchmarks" / "offline_rl.py"
    spec = importlib.util.spec_from_file_location("offline_rl_benchmark", place)
    benchmark = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(place.parent))
        spec.loader.exec_module(benchmark)
    rows = json.loads((place.parent / "results" / "offline_rl.json").read_text())
    return rows, benchmark.estimates_table(rows)


def test_the_stored_table_of_the_chapter_is_the_benchmark(stored):
    rows, table = stored
    text = (ROOT / "Chapters" / "src" / "17_can_you_trust_the_estimate.py").read_text()
    lines = re.findall(r"^# \| (.*% \|.*) \|$", text, flags=re.MULTILINE)
    assert len(lines) == 7
    for line in lines:
        target, estimator, *told = line.split(" | ")
        name = "clinicians to the power 1.5" if target == "power 1.5" else target
        one = table.loc["hypotension", name, estimator]
        assert one["cohorts"] == 20
        said = [float(cell.replace("−", "-").removesuffix(" %")) for cell in told]
        measured = [one["truth"], one["bias"], 100 * one["coverage"], 100 * one["let_through"]]
        off = np.abs(np.array(said) - measured)
        assert (off <= [0.0051, 0.0051, 0.01, 0.01]).all(), line
    assert "in only 13 of 20" in text
    assert table.loc["hypotension", "clinicians to the power 1.5", "FQE"]["coverage"] == 13 / 20
    assert round(table.loc["hypotension", "guideline", "DR"]["rmse"], 2) == 0.60
    assert "misses by 0.60" in text
    alone = table.loc["hypotension", "guideline", "WIS"]
    spread = np.sqrt(alone["rmse"] ** 2 - alone["bias"] ** 2)
    assert spread > 2 * alone["error"]
    estimates = [
        [row for name, row in rows.items()
         if name.startswith(f"estimate | {room} ") and name.endswith("| guideline | WIS")]
        for room in ("hypotension", "sepsis")
    ]  # fmt: skip
    assert sum(row["value"] > row["truth"] for row in estimates[0]) >= 18
    assert sum(row["ess"] < 150 for row in estimates[0]) == 18
    assert "in 18 of the 20 stored cohorts" in text.replace("\n# ", " ")
    nobody = sum(bool(np.isnan(row["value"])) for row in estimates[1])
    assert f"in {nobody} of the 20 stored cohorts nobody was" in text.replace("\n# ", " ")
