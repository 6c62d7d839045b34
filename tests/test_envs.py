"""The environments: Gymnasium's rules, and the same patients as in the cohorts."""

from __future__ import annotations

import subprocess
import sys
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from gymnasium.wrappers.vector import NormalizeObservation, RecordEpisodeStatistics

import healthgym_edu as hg
from healthgym_edu.conditions import get_condition
from healthgym_edu.conditions.art_hiv.cells import CELLS, cell_actions
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.errors import ArgumentError
from healthgym_edu.simulator import BLOCK, draw_noise, sample_actions

ART = get_condition("art_hiv").simulator
ID = ENVIRONMENTS["art_hiv"]
MODES = (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP)


def make_vec(n, **words):
    return gymnasium.make_vec(ID, num_envs=n, vectorization_mode="vector_entry_point", **words)


def clinicians_action(info, noise, row):
    """What the clinician did in the cohort: the same probabilities, the same draw."""
    uniform = noise.at("action", info["month"])[[row]]
    return int(sample_actions(info["clinician"][None], uniform)[0])


@pytest.mark.parametrize("words", [{}, {"actions": "published", "reward": "published"}])
def test_gymnasiums_checker_has_nothing_to_say(words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make(ID, **words)
        check_env(env.unwrapped)
    assert ID == "healthgym_edu/ArtHiv-v0"


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


@pytest.mark.parametrize("patient", [0, 1, 2, 3, 17, 29, 63, BLOCK + 5])
def test_an_episode_under_the_clinician_is_the_patient_of_the_cohort(patient):
    cohort = hg.simulate("art_hiv", BLOCK + 6, seed=5)
    noise = draw_noise(ART, patient // BLOCK, 5)
    env = gymnasium.make(ID, clinician=True, render_mode="ansi")
    _, info = env.reset(seed=5, options={"patient": patient})
    months, actions, probabilities, total, over = [], [], [], 0.0, False
    while not over:
        action = clinicians_action(info, noise, patient % BLOCK)
        months.append(info["month"])
        actions.append(action)
        probabilities.append(info["clinician"])
        _, reward, terminated, over, info = env.step(action)
        total += reward
        assert not terminated
    assert info["month"] == ART.n_steps
    assert info["patient"] == patient

    expected = cohort.decisions[cohort.decisions["PatientID"] == patient]
    assert months == expected["Timestep"].tolist()
    assert actions == expected["action"].cat.codes.tolist()
    np.testing.assert_allclose(probabilities, expected[list(ART.actions)], atol=1e-6)
    frame = cohort.frame[cohort.frame["PatientID"] == patient]
    history = env.unwrapped.core.ward.history
    for name in ("VL", "CD4", "Rel CD4", "VL (M)", "CD4 (M)", "Drug (M)"):
        decimals = ART.schema[name].decimals or 0
        column = frame[name].to_numpy(dtype=float)
        atol = 1.01 * 10.0**-decimals if decimals else 0
        np.testing.assert_allclose(history[name][0], column, rtol=0, atol=atol)
    value = hg.policy_value("art_hiv", "clinician", BLOCK + 6, seed=5)
    assert total == pytest.approx(value.returns[patient], rel=1e-9)


def test_observations_stay_inside_their_bounds_and_infos_are_fresh():
    env = make_vec(600)
    rng = np.random.default_rng(0)
    observation, info = env.reset(seed=1)
    for _ in range(20):
        assert observation.dtype == np.float32
        assert env.observation_space.contains(observation)
        assert (info["action_mask"][~np.isnan(info["action_mask"])] <= 1).all()
        before = info
        observation, _, _, _, info = env.step(rng.integers(31, size=600))
        shared = [k for k in info if info[k] is before.get(k)]
        assert not shared


def test_resets_choose_patients_reproducibly():
    env = gymnasium.make(ID)
    _, first = env.reset(seed=3)
    others = [env.reset()[1]["patient"] for _ in range(5)]
    _, again = env.reset(seed=3)
    assert again["patient"] == first["patient"]
    assert [env.reset()[1]["patient"] for _ in range(5)] == others
    assert len({first["patient"], *others}) == 6


@pytest.mark.parametrize("reward", ["course", "published"])
def test_rewards_of_an_episode_add_up_to_the_return(reward):
    action = ART.actions.index("FTC + TDF + EFV")
    returns = hg.policy_value("art_hiv", "FTC + TDF + EFV", 40, seed=2, reward=reward).returns
    env = make_vec(40, reward=reward)
    env.reset(seed=2, options={"patient": np.arange(40)})
    total, running = np.zeros(40), np.ones(40, dtype=bool)
    while running.any():
        _, rewards, _, truncated, _ = env.step(np.full(40, action))
        total += rewards * running
        running &= ~truncated
    np.testing.assert_allclose(total, returns, rtol=1e-9)


# --- many patients


def test_spaces_are_batches_of_the_single_ones():
    single, many = gymnasium.make(ID), make_vec(7)
    assert many.single_observation_space == single.observation_space
    assert many.single_action_space == single.action_space
    assert many.observation_space == batch_space(single.observation_space, 7)
    assert many.action_space == batch_space(single.action_space, 7)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words", [{}, {"actions": "published"}])
def test_each_row_is_the_single_environment(mode, words):
    n, patients = 5, np.array([3, 40, BLOCK + 1, 7, 12])
    many = make_vec(n, autoreset_mode=mode, clinician=True, **words)
    singles = [gymnasium.make(ID, clinician=True, **words) for _ in range(n)]
    observation, info = many.reset(seed=4, options={"patient": patients})
    for i, env in enumerate(singles):
        seen, known = env.reset(seed=4, options={"patient": int(patients[i])})
        np.testing.assert_array_equal(observation[i], seen)
        np.testing.assert_array_equal(info["action_mask"][i], known["action_mask"])

    rng = np.random.default_rng(0)
    ended, ends = np.zeros(n, dtype=bool), 0
    for _ in range(40):
        actions = rng.integers(many.single_action_space.n, size=n)
        observation, rewards, terminated, truncated, info = many.step(actions)
        for i, env in enumerate(singles):
            if ended[i]:  # NEXT_STEP: this step only brings the next patient
                seen, known = env.reset(seed=4, options={"patient": int(info["patient"][i])})
                reward, over = 0.0, False
            else:
                seen, reward, _, over, known = env.step(actions[i])
            assert rewards[i] == pytest.approx(reward, rel=1e-9)
            assert truncated[i] == over
            assert not terminated[i]
            ends += over
            if over and mode is AutoresetMode.SAME_STEP:
                np.testing.assert_array_equal(info["final_obs"][i], seen)
                assert info["_final_obs"][i]
                assert info["_final_info"][i]
                assert info["final_info"]["month"][i] == known["month"] == 60
                seen, known = env.reset(seed=4, options={"patient": int(info["patient"][i])})
            np.testing.assert_array_equal(observation[i], seen)
            assert (info["patient"][i], info["month"][i]) == (known["patient"], known["month"])
            np.testing.assert_allclose(info["clinician"][i], known["clinician"], atol=1e-12)
            np.testing.assert_array_equal(info["action_mask"][i], known["action_mask"])
        if mode is AutoresetMode.SAME_STEP:
            assert truncated.any() == ("final_obs" in info)
        else:
            ended = truncated
            assert "final_obs" not in info
    assert ends >= n


@pytest.mark.parametrize("mode", MODES)
def test_gymnasiums_vector_wrappers_fit(mode):
    env = RecordEpisodeStatistics(make_vec(16, autoreset_mode=mode))
    if mode is AutoresetMode.NEXT_STEP:  # the only mode that Gymnasium's wrapper takes
        env = NormalizeObservation(env)
    env.reset(seed=0)
    returns = []
    for _ in range(40):
        observation, _, _, truncated, info = env.step(np.full(16, 8))
        assert np.isfinite(observation).all()
        if truncated.any():
            returns.extend(info["episode"]["r"][truncated])
    assert len(returns) >= 16
    assert 0 < np.mean(returns) < 60


def test_the_constructor_takes_what_gymnasium_hands_it():
    env = make_vec(
        3, render_mode="ansi", autoreset_mode=AutoresetMode.SAME_STEP, max_episode_steps=2
    )
    assert env.num_envs == 3
    assert env.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    env.reset(seed=0, options={"patient": [0, 1, 2]})
    assert not env.step(np.full(3, 8))[3].any()
    _, _, _, truncated, info = env.step(np.full(3, 8))
    assert truncated.all()
    assert (info["final_info"]["month"] < 60).all()
    assert len(env.render()) == 3


# --- pictures


def test_text_and_picture_of_the_last_months():
    for mode in ("ansi", "rgb_array"):
        env = gymnasium.make(ID, render_mode=mode)
        env.reset(seed=0, options={"patient": 3})
        env.render()
        for _ in range(4):
            env.step(8)
        drawn = env.render()
        if mode == "ansi":
            assert "copies/mL" in drawn
            assert ART.actions[8] in drawn
        else:
            assert drawn.dtype == np.uint8
            assert drawn.shape == (480, 640, 3)
            assert drawn.std() > 10
    assert gymnasium.make(ID).unwrapped.render() is None
    with pytest.raises(ArgumentError, match="reset"):
        gymnasium.make(ID, render_mode="ansi").unwrapped.render()


# --- the published actions


def test_published_cells_keep_the_base_and_mean_a_regimen_of_their_time():
    assert len(CELLS) == 24
    cells = np.arange(24)
    before, since = (cell_actions(np.full(24, year), cells) for year in (2012.0, 2016.0))
    for cell, old, new in zip(CELLS, before, since, strict=True):
        base = cell.split(", ")[1]
        assert ART.actions[old].startswith(base)
        assert ART.actions[new].startswith(base)
        assert "DTG" not in ART.actions[old]
    named = dict(zip(CELLS, since, strict=True))
    assert ART.actions[named["EFV, FTC + TDF"]] == "FTC + TDF + EFV"
    assert ART.actions[named["NVP, FTC + TAF"]] == "FTC + TAF + RPV"
    assert ART.actions[named["no NNRTI, 3TC + ABC"]] == "3TC + ABC + DTG"
    assert ART.actions[named["EFV, DRV + FTC + TDF"]] == "DRV + FTC + TDF + RTVB"


# --- bad input


@pytest.mark.parametrize("build", [gymnasium.make, lambda i, **w: make_vec(2, **w)])
@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ({"rewards": "course"}, "'reward', 'actions', 'clinician'"),
        ({"reward": "money"}, "'course', 'published'"),
        ({"actions": "doses"}, "'regimen', 'published'"),
    ],
)
def test_unknown_options_are_refused_with_the_known_ones(build, words, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        build(ID, **words)


@pytest.mark.parametrize("action", [31, -1, float("nan"), 2.0, "DTG", None, [1], True])
def test_actions_outside_the_space_are_refused(action):
    env = gymnasium.make(ID).unwrapped
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="from 0"):
        env.step(action)
    env.step(8)  # and the episode goes on


@pytest.mark.parametrize(
    "actions", [[8, 31], [8, -1], [8.0, np.nan], [8, 8, 8], 8, [[8], [8]], None]
)
def test_actions_outside_the_batch_are_refused(actions):
    env = make_vec(2)
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="2 whole numbers from 0"):
        env.step(actions)


def test_steps_before_the_beginning_and_after_the_end_are_refused():
    env = gymnasium.make(ID).unwrapped
    with pytest.raises(ArgumentError, match="reset"):
        env.step(8)
    env.reset(seed=0)
    while not env.step(8)[3]:
        pass
    with pytest.raises(ArgumentError, match="reset"):
        env.step(8)
    with pytest.raises(ArgumentError, match="reset"):
        make_vec(2).step([8, 8])


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ({"num_envs": 0}, "num_envs"),
        ({"num_envs": 2.5}, "num_envs"),
        ({"max_episode_steps": 0}, "max_episode_steps"),
        ({"autoreset_mode": AutoresetMode.DISABLED}, "NEXT_STEP"),
        ({"autoreset_mode": "sometimes"}, "NEXT_STEP"),
        ({"render_mode": "human"}, "'ansi', 'rgb_array'"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(words, fragment):
    words = {"num_envs": 2} | words
    with pytest.raises(ArgumentError, match=fragment):
        hg.envs.PatientVectorEnv("art_hiv", **words)


@pytest.mark.parametrize(
    "options", [{"patient": -1}, {"patient": 1.5}, {"patient": [1, 2]}, {"p": 1}]
)
def test_patients_that_do_not_exist_are_refused(options):
    env = gymnasium.make(ID).unwrapped
    with pytest.raises(ArgumentError, match="patient"):
        env.reset(seed=0, options=options)
