"""The simulator engine: reproducible, prefix-stable, and the same patients under every policy."""

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

import healthgym_edu as hg
from healthgym_edu.conditions import get_condition
from healthgym_edu.errors import ArgumentError
from healthgym_edu.simulator import BLOCK, draw_noise, numbers, sample_actions
from healthgym_edu.simulator.noise import BedNoise

ART = get_condition("art_hiv").simulator
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
    noise = draw_noise(ART, block=0, seed=9)
    again = draw_noise(ART, block=0, seed=9)
    assert all((noise.static[name] == again.static[name]).all() for name in noise.static)
    assert all(values.shape == (ART.n_steps, BLOCK) for values in noise.steps.values())
    next_block = draw_noise(ART, block=1, seed=9)
    assert not np.allclose(noise["age"], next_block["age"])


def test_noise_of_one_step_may_differ_from_patient_to_patient():
    noise = draw_noise(ART, block=0, seed=0)
    steps = np.arange(BLOCK) % ART.n_steps
    expected = noise.steps["action"][steps, np.arange(BLOCK)]
    assert (noise.at("action", steps) == expected).all()
    assert (noise.at("action", 7) == noise.steps["action"][7]).all()


def test_noise_may_be_several_numbers_at_a_time_and_draws_nothing_else():
    class Wide:
        condition, n_steps = "art_hiv", ART.n_steps
        static_noise = {"age": "normal", "parts": ("normal", 4)}
        step_noise = {"action": ("uniform", 2), "wear": "normal"}

    noise = draw_noise(Wide(), block=0, seed=0)
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


class Mixed:
    """Names of one number and of several."""

    condition, n_steps = "art_hiv", 6
    static_noise = {"age": "normal"}
    step_noise = {"action": "uniform", "wear": ("normal", 3), "luck": "normal"}


class Plain(Mixed):
    step_noise = {"action": "uniform", "luck": "normal"}


@pytest.mark.parametrize("simulator", [Mixed(), Plain()])
def test_noise_in_beds_is_the_noise_of_their_patients(simulator):
    """Of more blocks, one after the other, than there is room for."""
    blocks = [draw_noise(simulator, k, 0) for k in range(9)]
    beds = BedNoise.empty(blocks[0], 6)
    assert len(beds.held) < 6
    lying = [(0, row) for row in (3, 900, 14, 0, 7, 8)]
    beds = beds.laid(np.arange(6), blocks[0], np.array([row for _, row in lying]))
    for k in (1, 2, 3, 4, 3, 5, 6, 7, 8, 1):
        lying[k % 5] = (k, 100 + k)  # the last one stays
        beds = beds.laid(np.array([k % 5]), blocks[k], np.array([100 + k]))
        steps, beyond = np.array([k % 6, 0, 1, 2, 3, 5]), np.array([k % 6, 0, 1, 2, 3, 9])
        ready, some = beds.ready(steps), beds.take(np.array([2, 0])).ready(steps[[2, 0]])
        for name in blocks[0].steps:
            expected = [blocks[b].steps[name][t, r] for (b, r), t in zip(lying, steps, strict=True)]
            np.testing.assert_array_equal(ready.at(name, steps), expected)
            np.testing.assert_array_equal(some.at(name, some.step), [expected[2], expected[0]])
            last = beds.ready(beyond)  # who only comes along
            np.testing.assert_array_equal(last.at(name, beyond), expected)
            other = (steps + 1) % 6  # not what was made ready
            expected = [blocks[b].steps[name][t, r] for (b, r), t in zip(lying, other, strict=True)]
            np.testing.assert_array_equal(ready.at(name, other), expected)
        age = [blocks[b].static["age"][r] for b, r in lying]
        np.testing.assert_array_equal(ready["age"], age)


def test_numbers_are_treated_as_arrays_are():
    values = np.array([-2.0, -0.0, 0.0, 0.3, 1.0, 7.0, np.inf, -np.inf, np.nan])
    pairs = [(a, b) for a in values for b in values]
    left, right = np.array(pairs).T
    for ours, theirs in ((numbers.minimum, np.minimum), (numbers.maximum, np.maximum)):
        expected = theirs(left, right)
        np.testing.assert_array_equal(ours(left, right), expected)
        got = [ours(a, b) for a, b in pairs if not np.isnan(b)]  # bounds are numbers
        np.testing.assert_array_equal(got, expected[~np.isnan(right)])
    for function in (
        lambda x: numbers.within(x, 0.1, 2.0),
        lambda x: numbers.between(x, (1.0, 0.0)),
        lambda x: numbers.where(x > 0.2, x, -1.0),
        numbers.logistic,
    ):
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal([function(x) for x in values], function(values))
    assert numbers.between(values[:5], (0.0, 1.0)).tolist() == [0, 0, 0, 0.3, 1]
    assert numbers.between(values[:5], (1.0, 0.0)).tolist() == [1, 1, 1, 0.7, 0]
    assert numbers.logistic(0.0) == 0.5


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
