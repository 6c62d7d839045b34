"""The engine: reproducible, prefix-stable, and the same patients under every policy."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zlib

import joblib
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from scipy import stats
from toy_mechanism import TOY

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.engine import (
    BLOCK,
    Mechanism,
    Ward,
    between,
    normal_rank,
    position,
    sample_actions,
)
from healthgym_edu.errors import ArgumentError

ART = get_mechanism("art_hiv")
DTG, EFV = "3TC + ABC + DTG", "FTC + TDF + EFV"


def test_same_seed_same_bytes_and_other_seed_other_people():
    one, two, other = (hg.simulate("art_hiv", 200, seed=s) for s in (5, 5, 6))
    pd.testing.assert_frame_equal(one.frame, two.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.decisions, two.decisions, check_exact=True)
    assert not one.frame["VL"].equals(other.frame["VL"])


def test_first_patients_do_not_change_with_the_size():
    small, large = hg.simulate("art_hiv", 150, seed=2), hg.simulate("art_hiv", BLOCK + 40, seed=2)
    kept = large.subset(range(150))
    pd.testing.assert_frame_equal(small.frame, kept.frame, check_exact=True)
    pd.testing.assert_frame_equal(small.patients, kept.patients, check_exact=True)
    pd.testing.assert_frame_equal(small.decisions, kept.decisions, check_exact=True)


def test_results_do_not_depend_on_the_number_of_workers():
    alone = hg.simulate("art_hiv", 2 * BLOCK, seed=1)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        together = hg.simulate("art_hiv", 2 * BLOCK, seed=1)
    pd.testing.assert_frame_equal(alone.frame, together.frame, check_exact=True)


def test_a_cohort_moves_to_a_dask_cluster_without_a_change_here():
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster), joblib.parallel_config(backend="dask"):
        there = hg.simulate("art_hiv", 2 * BLOCK, seed=1)
    here = hg.simulate("art_hiv", 2 * BLOCK, seed=1)
    pd.testing.assert_frame_equal(there.frame, here.frame, check_exact=True)


def test_other_processors_change_at_most_one_patient_in_a_thousand():
    """Without the wide vector instructions `exp` may round otherwise and flip a draw."""
    script = (
        "import sys, numpy as np, healthgym_edu as hg\n"
        "frame = hg.simulate('art_hiv', 1000, seed=3).frame\n"
        "table = np.column_stack([frame[c].cat.codes if hasattr(frame[c], 'cat') else frame[c]\n"
        "                         for c in frame]).astype(float)\n"
        "np.save(sys.stdout.buffer, table)\n"
    )
    tables = []
    for disabled in ("", "AVX2 FMA3 AVX512F AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"):
        environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": disabled}
        run = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            env=environment, capture_output=True, check=True,
        )  # fmt: skip
        tables.append(np.load(io.BytesIO(run.stdout), allow_pickle=False).reshape(1000, 60, -1))
    scale = np.maximum(1.0, np.abs(tables[0]))
    differs = (np.abs(tables[0] - tables[1]) > 1e-9 * scale).any(axis=(1, 2))
    # values are rounded to what a file holds, so a last digit may turn without a draw flipping
    assert differs.mean() <= 0.001


def test_noise_is_drawn_before_any_treatment():
    noise = ART.draw(0, 9)
    again = ART.draw(0, 9)
    assert all((noise.static[name] == again.static[name]).all() for name in noise.static)
    assert all(values.shape == (ART.n_steps, BLOCK) for values in noise.steps.values())
    next_block = ART.draw(1, 9)
    assert not np.allclose(noise["age"], next_block["age"])


def test_noise_of_one_step_may_differ_from_patient_to_patient():
    noise = ART.draw(0, 0)
    steps = np.arange(BLOCK) % ART.n_steps
    expected = noise.steps["action"][steps, np.arange(BLOCK)]
    assert (noise.at("action", steps) == expected).all()
    assert (noise.at("action", 7) == noise.steps["action"][7]).all()


def test_noise_may_be_several_numbers_at_a_time_and_draws_nothing_else():
    class Wide(Mechanism):
        condition, n_steps = "art_hiv", ART.n_steps
        static_noise = {"age": "normal", "parts": ("normal", 4)}
        step_noise = {"action": ("uniform", 2), "wear": "normal"}

    noise = Wide().draw(0, 0)
    assert noise["parts"].shape == (BLOCK, 4)
    assert noise.steps["action"].shape == (ART.n_steps, BLOCK, 2)
    assert (noise.steps["action"] >= 0).all()
    assert (noise.steps["action"] < 1).all()
    rows, steps = np.array([5, 2, 900]), np.array([0, 59, 7])
    some = noise.take(rows)
    assert (some["parts"] == noise.static["parts"][rows]).all()
    assert (some.at("action", steps) == noise.steps["action"][steps, rows]).all()
    assert some.at("action", 3).shape == (3, 2)
    assert noise.at("action", 3).shape == noise.at("action", np.full(BLOCK, 3)).shape == (BLOCK, 2)

    # the numbers of an entry without a width are those of its place in the order
    plain = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(zlib.crc32(b"art_hiv"), 0)))
    assert (noise["age"] == plain.standard_normal(BLOCK)).all()
    assert (noise["parts"] == plain.standard_normal((BLOCK, 4))).all()


# --- curves


def test_between_two_limits_is_a_straight_line():
    values = np.array([-np.inf, 1.0, 2.0, 2.5, 4.0, 5.0, np.inf])
    assert between(values, (2.0, 4.0)).tolist() == [0, 0, 0, 0.25, 1, 1, 1]
    assert between(values, (4.0, 2.0)).tolist() == [1, 1, 1, 0.75, 0, 0, 0]  # falling
    assert np.isnan(between(np.array([np.nan]), (2.0, 4.0))).all()


def test_the_normal_rank_is_the_normal_distribution_function():
    scores = np.linspace(-8, 8, 16_001)
    rank = normal_rank(scores)
    np.testing.assert_allclose(rank, stats.norm.cdf(scores), atol=1.5e-4)
    np.testing.assert_allclose(rank + rank[::-1], 1, atol=1e-12)
    assert (np.diff(rank) >= 0).all()
    assert normal_rank(np.zeros(1)) == 0.5


def test_a_limit_that_is_reached_counts():
    limits, values = (1.2, 2.0, 6.0), np.array([-1.0, 1.19, 1.2, 1.99, 2.0, 5.9, 6.0, 99.0])
    assert position(limits, values).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_replaced_fields_are_copies():
    """Whoever holds the old array, another field of the same state among them, keeps it."""
    ward = Ward(TOY, 4)
    ward.admit(np.arange(4), 0, np.arange(4))
    state = ward.state
    state.health = state.parts_at_entry = before = np.arange(4.0)
    state.replace(np.array([True, False, False, True]), {"health": np.array([7.0, 8.0])})
    assert state.health.tolist() == [7, 1, 2, 8]
    assert state.parts_at_entry is before
    assert before.tolist() == [0, 1, 2, 3]
    state.shown = {"health": before}
    state.replace(np.array([False, True, False, False]), {"shown": {"health": np.array([9.0])}})
    assert state.shown["health"].tolist() == [0, 9, 2, 3]
    assert before.tolist() == [0, 1, 2, 3]


def test_twins_share_everything_that_comes_before_treatment():
    twins = hg.twins("art_hiv", {"a": DTG, "b": EFV}, n_patients=400, seed=4)
    a, b = twins["a"], twins["b"]
    pd.testing.assert_frame_equal(a.patients, b.patients)
    at_0 = [
        c.frame.loc[c.frame["Timestep"] == 0, ["VL", "CD4", "Rel CD4", "VL (M)"]] for c in (a, b)
    ]
    pd.testing.assert_frame_equal(*at_0)
    assert (a.frame["VL"] != b.frame["VL"]).mean() > 0.3


def test_twins_of_the_same_policy_are_identical():
    clinician = hg.simulate("art_hiv", 300, "clinician", seed=8)
    teaching = hg.load_cohort("art_hiv", n_patients=300, seed=8)
    pd.testing.assert_frame_equal(clinician.frame, teaching.frame)


def test_recorded_probabilities_are_those_the_actions_were_drawn_from():
    decisions = hg.simulate("art_hiv", 6000, seed=11).decisions
    probability = decisions[list(ART.actions)].to_numpy(dtype=float)
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-5)
    taken = decisions["action"].cat.codes.to_numpy()
    chosen = probability[np.arange(len(taken)), taken]
    assert chosen.min() > 0
    # expected and observed counts of every action agree within five binomial standard errors
    expected = probability.sum(axis=0)
    error = np.sqrt((probability * (1 - probability)).sum(axis=0))
    observed = np.bincount(taken, minlength=len(expected))
    assert (np.abs(observed - expected) <= 5 * error + 1e-9).all()
    # and so do the odds inside bins of probability: a shuffled column would fail here
    for low, high in ((0.0, 0.02), (0.02, 0.2), (0.2, 0.8), (0.8, 0.98)):
        inside = (probability > low) & (probability <= high)
        hit = np.zeros_like(probability, dtype=bool)
        hit[np.arange(len(taken)), taken] = True
        p = probability[inside]
        assert abs(hit[inside].sum() - p.sum()) <= 5 * np.sqrt((p * (1 - p)).sum()), (low, high)


def test_sample_actions_inverts_the_cumulative_probabilities():
    probabilities = np.tile([0.2, 0.0, 0.5, 0.3], (5, 1))
    uniform = np.array([0.0, 0.199, 0.2, 0.699, 0.9999999])
    assert sample_actions(probabilities, uniform).tolist() == [0, 0, 2, 2, 3]


def test_a_policy_of_ones_own_is_followed():
    target = ART.actions.index(DTG)

    def always(observations):
        return np.eye(len(ART.actions))[np.full(len(observations), target)]

    mine, named = (hg.simulate("art_hiv", 100, p, seed=0) for p in (always, DTG))
    pd.testing.assert_frame_equal(mine.frame, named.frame)
    assert (named.decisions["action"] == DTG).all()


def test_random_policy_is_uniform_over_the_admissible_actions():
    decisions = hg.simulate("art_hiv", 200, "random", seed=0).decisions
    probability = decisions[list(ART.actions)].to_numpy(dtype=float)
    admissible = (probability > 0).sum(axis=1)
    np.testing.assert_allclose(probability.max(axis=1), 1 / admissible, rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "fragment"),
    [
        (lambda o: np.ones((len(o), 3)) / 3, "shape"),
        (lambda o: np.full((len(o), 31), 0.5), "add up to"),
        (lambda o: np.full((len(o), 31), np.nan), "negative or missing"),
        (lambda o: np.tile([2.0, -1.0] + [0.0] * 29, (len(o), 1)), "negative or missing"),
    ],
)
def test_a_policy_that_returns_nonsense_is_refused(function, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        hg.simulate("art_hiv", 20, function)


@pytest.mark.parametrize("n_patients", [0, -3, 2.5, "many", True, 10**9, None])
def test_impossible_numbers_of_patients_are_refused(n_patients):
    if n_patients is None:
        assert len(hg.load_cohort("art_hiv", n_patients=None)) == 8916
        return
    with pytest.raises(ArgumentError, match="n_patients"):
        hg.load_cohort("art_hiv", n_patients=n_patients)


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True])
def test_impossible_seeds_are_refused(seed):
    with pytest.raises(ArgumentError, match="seed"):
        hg.simulate("art_hiv", 10, seed=seed)


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ArgumentError, match="art_hiv"):
        hg.load_cohort("art")
    with pytest.raises(ArgumentError, match="clinician"):
        hg.simulate("art_hiv", 10, "clinican")


def test_importing_the_course_is_light():
    """`import healthgym_edu` and a cohort load neither torch nor lifelines nor Matplotlib."""
    script = (
        "import sys, healthgym_edu as hg\n"
        "hg.load_cohort('art_hiv', n_patients=10)\n"
        "print([m for m in ('torch', 'lifelines', 'matplotlib') if m in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
