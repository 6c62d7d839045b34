"""The environments: Gymnasium's rules, and the same patients as in the cohorts."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import fields
from functools import cache

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector.utils import batch_space
from gymnasium.wrappers.vector import NormalizeObservation, RecordEpisodeStatistics

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.engine import BLOCK, sample_actions
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.envs.vector import AutoresetMode
from healthgym_edu.errors import ArgumentError

MODES = (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP)
ART = get_mechanism("art_hiv")
MECHANISMS = {name: get_mechanism(name) for name in ENVIRONMENTS}
OPTIONS = [
    (condition, {"actions": actions, "reward": reward})
    for condition, mechanism in MECHANISMS.items()
    for actions, reward in zip(
        [*mechanism.action_sets, next(iter(mechanism.action_sets))], mechanism.rewards, strict=False
    )
]
ACTION_SETS = [(c, {"actions": name}) for c, s in MECHANISMS.items() for name in s.action_sets]

each = pytest.mark.parametrize("condition", ENVIRONMENTS)


def make(condition, **words):
    return gymnasium.make(ENVIRONMENTS[condition], **words)


def make_vec(condition, n, **words):
    return gymnasium.make_vec(
        ENVIRONMENTS[condition], num_envs=n, vectorization_mode="vector_entry_point", **words
    )


@cache
def dying(condition):
    """Patients of the first block with seed 4 who die early, untreated and treated to excess."""
    mechanism, lived = MECHANISMS[condition], np.zeros(BLOCK)
    if not mechanism.schema.equal_length:
        for action in (mechanism.actions[0], mechanism.actions[-1]):
            frame = hg.simulate(condition, BLOCK, action, seed=4).frame
            rows = frame.groupby(mechanism.schema.id).size().to_numpy()
            lived = np.maximum(lived, rows)
        return [int(i) for i in np.argsort(lived)[:3]]
    return []


def clinicians_action(mechanism, info, noise, row):
    """What the clinician did in the cohort: the same probabilities, the same draw."""
    uniform = noise.at("action", info[mechanism.clock])[[row]]
    return int(sample_actions(info["clinician"][None], uniform)[0])


def test_names_of_the_environments():
    assert ENVIRONMENTS["art_hiv"] == "healthgym_edu/ArtHiv-v0"
    assert ENVIRONMENTS["hypotension"] == "healthgym_edu/Hypotension-v0"


@pytest.mark.parametrize(("condition", "words"), OPTIONS)
def test_gymnasiums_checker_has_nothing_to_say(condition, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = make(condition, **words)
        check_env(env.unwrapped)


def test_importing_the_course_does_not_import_the_environments():
    script = (
        "import sys, healthgym_edu as hg\n"
        "print('gymnasium' in sys.modules)\n"
        "import gymnasium\n"
        "hg.envs\n"
        "print('healthgym_edu/ArtHiv-v0' in gymnasium.registry, 'matplotlib' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True", "False"]


def as_numbers(column):
    return (column.cat.codes if hasattr(column, "cat") else column).to_numpy(dtype=float)


@each
def test_an_episode_under_the_clinician_is_the_patient_of_the_cohort(condition):
    mechanism = MECHANISMS[condition]
    id_, step, n = mechanism.schema.id, mechanism.schema.step, BLOCK + 6
    options = {field.name for field in fields(mechanism)}
    as_it_was = {"carried": False} if "carried" in options else {}
    cohort = hg.simulate(condition, n, seed=5, **as_it_was)
    returns = hg.policy_value(condition, "clinician", n, seed=5).returns
    rows = cohort.frame.groupby(id_).size()
    died = rows.index[rows < mechanism.n_steps][:3].tolist()
    assert len(died) == (0 if mechanism.schema.equal_length else 3)
    env = make(condition, clinician=True, render_mode="ansi")
    for patient in [0, 1, 2, 17, 63, BLOCK + 5, *died]:
        noise = mechanism.draw(patient // BLOCK, 5)
        _, info = env.reset(seed=5, options={"patient": patient})
        times, actions, probabilities, total = [], [], [], 0.0
        terminated = truncated = False
        while not (terminated or truncated):
            action = clinicians_action(mechanism, info, noise, patient % BLOCK)
            times.append(info[mechanism.clock])
            actions.append(action)
            probabilities.append(info["clinician"])
            _, reward, terminated, truncated, info = env.step(action)
            total += reward
        assert info[mechanism.clock] == rows[patient]
        assert info["patient"] == patient
        assert terminated
        assert not truncated
        assert info["died"] == (patient in died)

        expected = cohort.decisions[cohort.decisions[id_] == patient]
        assert times == expected[step].tolist()
        assert actions == expected["action"].cat.codes.tolist()
        np.testing.assert_allclose(probabilities, expected[list(mechanism.actions)], atol=1e-6)
        assert total == pytest.approx(returns[patient], rel=1e-9)
        frame = cohort.frame[cohort.frame[id_] == patient]
        history = env.unwrapped.core.history
        assert history.present[0].tolist() == [
            lived < len(frame) for lived in range(mechanism.n_steps)
        ]
        assert history.actions[0, times].tolist() == actions
        assert (np.delete(history.actions[0], times) == -1).all()
        compared = [name for name in history.columns if name in frame]
        assert len(compared) >= 6
        for name in compared:
            decimals = mechanism.schema[name].decimals
            atol = 1e-9 if decimals is None else 1.01 * 10.0**-decimals
            there = history.columns[name][0, : len(frame)]
            np.testing.assert_allclose(there, as_numbers(frame[name]), rtol=1e-9, atol=atol)


@each
def test_observations_stay_inside_their_bounds_and_infos_are_fresh(condition):
    env = make_vec(condition, 600)
    rng = np.random.default_rng(0)
    observation, info = env.reset(seed=1)
    for _ in range(20):
        assert observation.dtype == np.float32
        assert env.observation_space.contains(observation)
        assert set(np.unique(info["action_mask"])) == {0, 1}
        before = info
        actions = rng.integers(env.single_action_space.n, size=600)
        observation, _, _, _, info = env.step(actions)
        shared = [k for k in info if info[k] is before.get(k)]
        assert not shared


@each
def test_resets_choose_patients_reproducibly(condition):
    env = make(condition)
    _, first = env.reset(seed=3)
    others = [env.reset()[1]["patient"] for _ in range(5)]
    _, again = env.reset(seed=3)
    assert again["patient"] == first["patient"]
    assert [env.reset()[1]["patient"] for _ in range(5)] == others
    assert len({first["patient"], *others}) == 6


@each
@pytest.mark.parametrize("reward", ["course", "published"])
def test_rewards_of_an_episode_add_up_to_the_return(condition, reward):
    action = 8
    label = MECHANISMS[condition].actions[action]
    returns = hg.policy_value(condition, label, 40, seed=2, reward=reward).returns
    env = make_vec(condition, 40, reward=reward)
    env.reset(seed=2, options={"patient": np.arange(40)})
    total, running = np.zeros(40), np.ones(40, dtype=bool)
    while running.any():
        _, rewards, terminated, truncated, _ = env.step(np.full(40, action))
        total += rewards * running
        running &= ~(terminated | truncated)
    np.testing.assert_allclose(total, returns, rtol=1e-9, atol=1e-12)


# --- many patients


@each
def test_spaces_are_batches_of_the_single_ones(condition):
    single, many = make(condition), make_vec(condition, 7)
    assert many.single_observation_space == single.observation_space
    assert many.single_action_space == single.action_space
    assert many.observation_space == batch_space(single.observation_space, 7)
    assert many.action_space == batch_space(single.action_space, 7)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("condition", "words"), ACTION_SETS)
def test_each_row_is_the_single_environment(mode, condition, words):
    mechanism = MECHANISMS[condition]
    patients = np.array([3, 40, BLOCK + 1, 7, 12, *dying(condition)])
    n, clock = len(patients), mechanism.clock
    many = make_vec(condition, n, autoreset_mode=mode, clinician=True, **words)
    singles = [make(condition, clinician=True, **words) for _ in range(n)]
    observation, info = many.reset(seed=4, options={"patient": patients})
    for i, env in enumerate(singles):
        seen, known = env.reset(seed=4, options={"patient": int(patients[i])})
        np.testing.assert_array_equal(observation[i], seen)
        np.testing.assert_array_equal(info["action_mask"][i], known["action_mask"])

    rng = np.random.default_rng(0)
    ended, ends, deaths = np.zeros(n, dtype=bool), 0, 0
    for _ in range(40):
        actions = rng.integers(many.single_action_space.n, size=n)
        observation, rewards, terminated, truncated, info = many.step(actions)
        for i, env in enumerate(singles):
            if ended[i]:  # NEXT_STEP: this step only brings the next patient
                seen, known = env.reset(seed=4, options={"patient": int(info["patient"][i])})
                reward, over, cut, died = 0.0, False, False, False
            else:
                seen, reward, over, cut, known = env.step(actions[i])
                died = known["died"]
            assert rewards[i] == pytest.approx(reward, rel=1e-9, abs=1e-12)
            assert (terminated[i], truncated[i]) == (over, cut) == (over, False)
            assert over or not died
            ends, deaths = ends + over, deaths + died
            if over and mode is AutoresetMode.SAME_STEP:
                np.testing.assert_array_equal(info["final_obs"][i], seen)
                assert info["_final_obs"][i]
                assert info["_final_info"][i]
                final = info["final_info"]
                assert (
                    final[clock][i] == known[clock] == (known[clock] if died else mechanism.n_steps)
                )
                np.testing.assert_array_equal(final["action_mask"][i], known["action_mask"])
                assert final["died"][i] == died
                seen, known = env.reset(seed=4, options={"patient": int(info["patient"][i])})
            np.testing.assert_array_equal(observation[i], seen)
            assert (info["patient"][i], info[clock][i]) == (known["patient"], known[clock])
            np.testing.assert_allclose(info["clinician"][i], known["clinician"], atol=1e-12)
            np.testing.assert_array_equal(info["action_mask"][i], known["action_mask"])
        if mode is AutoresetMode.SAME_STEP:
            assert (terminated | truncated).any() == ("final_obs" in info)
        else:
            ended = terminated | truncated
            assert "final_obs" not in info
    assert ends >= n
    assert (deaths > 0) != mechanism.schema.equal_length


@each
@pytest.mark.parametrize("mode", MODES)
def test_gymnasiums_vector_wrappers_fit(condition, mode):
    env = RecordEpisodeStatistics(make_vec(condition, 64, autoreset_mode=mode))
    if mode is AutoresetMode.NEXT_STEP:  # the only mode that Gymnasium's wrapper takes
        env = NormalizeObservation(env)
    label = MECHANISMS[condition].actions[8]
    env.reset(seed=0, options={"patient": np.arange(64)})
    returns, first = [], np.full(64, np.nan)
    for _ in range(40):
        observation, _, terminated, truncated, info = env.step(np.full(64, 8))
        assert np.isfinite(observation).all()
        over = terminated | truncated
        if over.any():
            returns.extend(info["episode"]["r"][over])
            first = np.where(over & np.isnan(first), info["episode"]["r"], first)
    assert len(returns) > 64
    expected = hg.policy_value(condition, label, 64).returns
    np.testing.assert_allclose(first, expected, rtol=1e-9, atol=1e-12)


@each
def test_the_constructor_takes_what_gymnasium_hands_it(condition):
    env = make_vec(
        condition,
        3,
        render_mode="ansi",
        autoreset_mode=AutoresetMode.SAME_STEP,
        max_episode_steps=2,
    )
    assert env.num_envs == 3
    assert env.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    env.reset(seed=0, options={"patient": [0, 1, 2]})
    assert not env.step(np.full(3, 8))[3].any()
    _, _, _, truncated, info = env.step(np.full(3, 8))
    assert truncated.all()
    mechanism = MECHANISMS[condition]
    assert (info["final_info"][mechanism.clock] < mechanism.n_steps).all()
    assert len(env.render()) == 3


# --- no autoreset


@each
def test_without_autoreset_a_mask_says_who_gets_a_new_patient(condition):
    env = make_vec(condition, 4, autoreset_mode=AutoresetMode.DISABLED, max_episode_steps=2)
    env.reset(seed=0, options={"patient": [0, 1, 2, 3]})
    env.step(np.full(4, 8))
    one = np.array([False, True, False, False])
    before = env.core.ward.observation.astype(np.float32)
    options = {"reset_mask": one, "patient": [9]}
    observation, info = env.reset(options=options)
    assert set(options) == {"reset_mask", "patient"}  # the caller's own is left alone
    fresh, known = make(condition).reset(seed=0, options={"patient": 9})
    np.testing.assert_array_equal(observation[1], fresh)
    np.testing.assert_array_equal(observation[~one], before[~one])
    assert info["patient"][1] == known["patient"] == 9
    assert (info["_patient"] == one).all()

    observation, _, terminated, truncated, info = env.step(np.full(4, 8))
    assert "final_obs" not in info
    ended = terminated | truncated
    assert ended.tolist() == [True, False, True, True]  # two steps, but one of the new patient
    with pytest.raises(ArgumentError, match=r"episodes of \[0, 2, 3\] ended.*reset_mask"):
        env.step(np.full(4, 8))
    after, info = env.reset(options={"reset_mask": ended})
    np.testing.assert_array_equal(after[~ended], observation[~ended])
    assert not np.isin(info["patient"][ended], [0, 2, 3]).all()
    rewards = env.step(np.full(4, 8))[1]
    assert (rewards[ended] != 0).any()


@each
def test_episode_statistics_without_autoreset(condition):
    env = make_vec(condition, 32, autoreset_mode=AutoresetMode.DISABLED)
    env = RecordEpisodeStatistics(env)
    env.reset(seed=0, options={"patient": np.arange(32)})
    expected = hg.policy_value(condition, MECHANISMS[condition].actions[8], 32).returns
    seen = np.full(32, np.nan)
    while np.isnan(seen).any():
        _, _, terminated, truncated, info = env.step(np.full(32, 8))
        over = terminated | truncated
        if over.any():
            seen = np.where(over & np.isnan(seen), info["episode"]["r"], seen)
            env.reset(options={"reset_mask": over})
    np.testing.assert_allclose(seen, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "mask", [[True, False], np.ones(3, dtype=bool), np.array([1, 0]), np.zeros(2, dtype=bool), 1]
)
def test_masks_that_cannot_be_are_refused(mask):
    env = make_vec("hypotension", 2, autoreset_mode="Disabled")
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="NumPy array of 2 booleans"):
        env.reset(options={"reset_mask": mask})


def test_a_mask_needs_a_first_reset_and_a_vector():
    env = make_vec("hypotension", 2, autoreset_mode="DISABLED")
    with pytest.raises(ArgumentError, match="first reset brings all"):
        env.reset(options={"reset_mask": np.array([True, False])})
    env.reset(seed=0, options={"reset_mask": np.array([True, True])})
    with pytest.raises(ArgumentError, match="reset_mask"):
        make("hypotension").unwrapped.reset(options={"reset_mask": np.array([True])})


# --- pictures


@each
def test_text_and_picture_of_the_last_steps(condition):
    mechanism = MECHANISMS[condition]
    for mode in ("ansi", "rgb_array"):
        env = make(condition, render_mode=mode)
        env.reset(seed=0, options={"patient": 3})
        env.render()
        for _ in range(4):
            env.step(8)
        drawn = env.render()
        if mode == "ansi":
            for name in mechanism.bedside:
                assert f"{name} " in drawn
                assert mechanism.schema[name].unit in drawn
            assert mechanism.actions[8] in drawn
        else:
            assert drawn.dtype == np.uint8
            assert drawn.shape == (480, 640, 3)
            assert drawn.std() > 10
    assert make(condition).unwrapped.render() is None
    with pytest.raises(ArgumentError, match="reset"):
        make(condition, render_mode="ansi").unwrapped.render()


@each
def test_pictures_of_many_patients(condition):
    env = make_vec(condition, 2, render_mode="rgb_array")
    env.reset(seed=0)
    env.step([8, 8])
    one, two = env.render()
    assert one.shape == two.shape == (480, 640, 3)
    assert (one != two).any()


# --- bad input


@each
@pytest.mark.parametrize("build", [make, lambda c, **words: make_vec(c, 2, **words)])
@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (
            {"rewards": "course"},
            "no argument 'rewards'.*reward, actions, clinician",
        ),
        ({"reward": "money"}, "'course', 'published'"),
        ({"actions": "doses"}, "no action set 'doses'.*'published'"),
    ],
)
def test_unknown_options_are_refused_with_the_known_ones(condition, build, words, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        build(condition, **words)


@each
@pytest.mark.parametrize("action", ["n", -1, float("nan"), 2.0, "DTG", None, [1], True])
def test_actions_outside_the_space_are_refused(condition, action):
    env = make(condition).unwrapped
    n = int(env.action_space.n)
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match=rf"expected a whole number from 0 .* to {n - 1} "):
        env.step(n if action == "n" else action)
    env.step(n - 1)  # and the episode goes on


@each
@pytest.mark.parametrize(
    "actions", [[8, "n"], [8, -1], [8.0, np.nan], [8, 8, 8], 8, [[8], [8]], None]
)
def test_actions_outside_the_batch_are_refused(condition, actions):
    env = make_vec(condition, 2)
    env.reset(seed=0)
    if actions == [8, "n"]:
        actions = [8, int(env.single_action_space.n)]
    with pytest.raises(ArgumentError, match="2 whole numbers from 0"):
        env.step(actions)


@each
def test_steps_before_the_beginning_and_after_the_end_are_refused(condition):
    env = make(condition).unwrapped
    with pytest.raises(ArgumentError, match="reset"):
        env.step(8)
    env.reset(seed=4, options={"patient": (dying(condition) or [0])[0]})
    terminated = False
    while not terminated:
        _, _, terminated, truncated, info = env.step(0)
        assert not truncated
    assert info["died"] != MECHANISMS[condition].schema.equal_length
    with pytest.raises(ArgumentError, match="reset"):
        env.step(8)
    with pytest.raises(ArgumentError, match="reset"):
        make_vec(condition, 2).step([8, 8])


@each
@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ({"num_envs": 0}, "num_envs is 0; it must be a whole number, 1 or larger"),
        ({"num_envs": 2.5}, "num_envs"),
        ({"max_episode_steps": 0}, "max_episode_steps"),
        ({"autoreset_mode": "sometimes"}, "NEXT_STEP.*SAME_STEP.*DISABLED"),
        ({"render_mode": "human"}, "'ansi', 'rgb_array'"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(condition, words, fragment):
    words = {"num_envs": 2} | words
    with pytest.raises(ArgumentError, match=fragment):
        hg.envs.PatientVectorEnv(condition, **words)


@each
@pytest.mark.parametrize(
    "options", [{"patient": -1}, {"patient": 1.5}, {"patient": [1, 2]}, {"p": 1}]
)
def test_patients_that_do_not_exist_are_refused(condition, options):
    env = make(condition).unwrapped
    with pytest.raises(ArgumentError, match="patient"):
        env.reset(seed=0, options=options)


def test_pressure_stays_within_bounds_under_more_than_enough_vasopressor():
    """Systolic pressure of this patient once left the box."""
    env = make("sepsis")
    seen, _ = env.reset(seed=11, options={"patient": 762982})
    over = False
    while not over:
        assert env.observation_space.contains(seen)
        seen, _, terminated, truncated, _ = env.step(9)
        over = terminated or truncated


def test_the_clinician_is_told_in_the_action_set_in_use():
    env = make("art_hiv", actions="published", clinician=True)
    _, info = env.reset(seed=3)
    assert info["clinician"].shape == info["action_mask"].shape == (25,)
    assert info["clinician"].sum() == pytest.approx(1)
    assert (info["clinician"][info["action_mask"] > 0] > 0).all()
