"""Environments as their users meet them: by a short call, in other processes, with real critics."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv
from toy_diabetes import Diabetes

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.envs import ENVIRONMENTS, PatientEnv, codebook
from healthgym_edu.errors import ArgumentError

each = pytest.mark.parametrize("condition", ENVIRONMENTS)


# --- ways to an environment


@each
def test_the_short_way_is_gymnasiums(condition):
    short, long = hg.make_env(condition), gymnasium.make(ENVIRONMENTS[condition])
    assert short.spec == long.spec
    for one, other in zip(short.reset(seed=4), long.reset(seed=4), strict=True):
        assert str(one) == str(other)
    many = hg.make_vec_env(condition, 3, reward="published")
    assert many.reset(seed=1)[0].shape[0] == 3


def test_a_fresh_interpreter_needs_no_import():
    """Gymnasium 1.x loads no plugins; the module before the colon registers."""
    script = (
        "import gymnasium\n"
        "env = gymnasium.make('healthgym_edu.envs:healthgym_edu/Sepsis-v0')\n"
        "print(env.reset(seed=0)[0].shape)\n"
        "many = gymnasium.make_vec('healthgym_edu.envs:healthgym_edu/Sepsis-v0', num_envs=2,\n"
        "                          vectorization_mode='vector_entry_point')\n"
        "print(many.reset(seed=0)[0].shape)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["(49,)", "(2,", "49)"]


@pytest.mark.parametrize("condition", ["sepsis", "hypotension"])
def test_options_of_the_simulation_are_options_here(condition):
    """Hidden insight makes the clinician treat the same people otherwise."""
    usual, hidden = (
        hg.make_vec_env(condition, 400, clinician=True, confounded=confounded)
        for confounded in (False, True)
    )
    (seen, known), (again, other) = (
        env.reset(seed=2, options={"patient": np.arange(400)}) for env in (usual, hidden)
    )
    np.testing.assert_array_equal(seen, again)
    assert np.abs(known["clinician"] - other["clinician"]).max() > 0.05
    parameters = replace(get_mechanism(condition).parameters, death_base=5.0)
    env = hg.make_env(condition, parameters=parameters)
    env.reset(seed=0)
    _, _, terminated, _, info = env.step(0)
    assert terminated
    assert info["died"] is True


@pytest.mark.parametrize(
    ("make", "fragment"),
    [
        (lambda: hg.make_env("sepsys"), "no condition 'sepsys'.*Did you mean 'sepsis'"),
        (lambda: hg.make_env("sepsis", confuse=True), "no argument 'confuse'.*confounded"),
        (lambda: hg.make_env("art_hiv", carried=True), "no argument 'carried'"),
        (lambda: hg.make_env("art_hiv", closing=2018.0), "An environment needs .* whole course"),
        (lambda: hg.make_env("sepsis", confounded="yes"), "must be False or True or 'strong'"),
        (lambda: hg.make_vec_env("sepsis", 0), "num_envs is 0"),
        (lambda: codebook("sepsis", "rewards"), "no part of a codebook 'rewards'"),
        (lambda: codebook("sepsis", "actions", "relatives"), "no action set 'relatives'"),
    ],
)
def test_what_cannot_be_made_is_refused(make, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        make()


def diabetic():
    """In the worker: a condition that nobody registered there."""
    return hg.make_env(Diabetes())


def test_a_mechanism_goes_to_other_processes_without_registration():
    many = AsyncVectorEnv([diabetic, diabetic], context="spawn")
    try:
        seen, _ = many.reset(seed=[3, 4])
        there = many.step(np.array([1, 1]))[1]
    finally:
        many.close()
    for seed, first, paid in zip((3, 4), seen, there, strict=True):
        env = PatientEnv(Diabetes())
        np.testing.assert_array_equal(env.reset(seed=seed)[0], first)
        assert env.step(1)[1] == pytest.approx(paid)


# --- what the numbers mean


@each
def test_the_codebook_describes_the_spaces(condition):
    env = hg.make_env(condition)
    table = env.unwrapped.codebook()
    space = env.observation_space
    assert tuple(table.index) == env.unwrapped.observation_names
    np.testing.assert_array_equal(table["lowest"].to_numpy(np.float32), space.low)
    np.testing.assert_array_equal(table["highest"].to_numpy(np.float32), space.high)
    assert (table["meaning"].str.len() > 3).all()
    actions = env.unwrapped.codebook("actions")
    assert tuple(actions["label"]) == env.unwrapped.action_labels
    assert len(actions) == env.action_space.n
    assert (actions["meaning"] != "").all()
    assert codebook(condition).equals(hg.make_vec_env(condition, 2).codebook())


def test_the_published_actions_have_a_codebook_of_their_own():
    env = hg.make_env("art_hiv", actions="published")
    assert len(env.unwrapped.codebook("actions")) == 25
    assert env.unwrapped.codebook("actions").loc[0, "label"] == "NVP, FTC + TDF"


@each
def test_masks_are_those_of_the_infos(condition):
    env = hg.make_env(condition)
    _, info = env.reset(seed=5)
    for _ in range(5):
        mask = env.unwrapped.action_masks()
        assert mask.dtype == bool
        np.testing.assert_array_equal(mask, info["action_mask"] == 1)
        _, _, over, _, info = env.step(int(np.flatnonzero(mask)[0]))
        if over:
            _, info = env.reset()


# --- episodes


@each
def test_the_limit_is_one_above_the_longest_episode(condition):
    """So that clients that ask for a limit find one, and none is ever reached."""
    env = hg.make_env(condition)
    limit, longest = env.spec.max_episode_steps, 0
    assert limit == get_mechanism(condition).most_decisions + 1
    policy = get_mechanism(condition).actions[1]
    decisions = hg.simulate(condition, 3000, policy).decisions.groupby("PatientID").size()
    for patient in decisions.nlargest(30).index.tolist():
        env.reset(seed=0, options={"patient": patient})
        for step in range(1, limit + 1):
            _, _, terminated, truncated, _ = env.step(1)
            assert not truncated
            if terminated:
                longest = max(longest, step)
                break
        assert terminated
    assert longest == limit - 1


@each
@pytest.mark.parametrize("way", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
@pytest.mark.parametrize("render_mode", [None, "ansi"])
def test_copies_in_mid_episode_are_exact(condition, way, render_mode):
    env = hg.make_env(condition, render_mode=render_mode, clinician=True)
    env.reset(seed=8)
    for _ in range(3):
        env.step(1)
    twin = way(env)
    rng, over = np.random.default_rng(0), False
    for _ in range(40):
        if over:
            one, other = env.reset(), twin.reset()
        else:
            action = int(rng.integers(env.action_space.n))
            one, other = env.step(action), twin.step(action)
            over = one[2]
        assert str(one) == str(other)
        if render_mode:
            assert env.render() == twin.render()
        over = over and len(one) == 5


@each
def test_a_vector_environment_is_copied_in_mid_episode(condition):
    env = hg.make_vec_env(condition, 50)
    env.reset(seed=8)
    actions = np.random.default_rng(1).integers(env.single_action_space.n, size=(12, 50))
    env.step(actions[0])
    twin = copy.deepcopy(env)
    for row in actions[1:]:
        one, other = env.step(row), twin.step(row)
        for mine, theirs in zip(one[:4], other[:4], strict=True):
            np.testing.assert_array_equal(mine, theirs)


# --- a critic that believes `terminated`


def critic_of(condition, n, discount, ends_at):
    """Value of each decision, backwards: its reward and, unless it ended, what follows."""
    env = hg.make_vec_env(condition, n, autoreset_mode="SameStep")
    env.reset(seed=1, options={"patient": np.arange(n)})
    lived, first = [], np.ones(n, dtype=bool)  # whose first patient still lives
    while first.any():
        _, reward, terminated, truncated, info = env.step(np.full(n, 1))
        lived.append((reward[first], ends_at(terminated, truncated, info)[first]))
        first &= ~(terminated | truncated)
    value = 0.0
    for reward, end in reversed(lived):
        value = np.mean(reward + discount * np.where(end, 0.0, value))
    return value


@each
@pytest.mark.parametrize("discount", [1.0, 0.9])
def test_a_tabular_critic_reaches_the_value_of_the_policy(condition, discount):
    label = get_mechanism(condition).actions[1]
    value = hg.policy_value(
        condition, label, 3000, seed=1, discount=discount, discount_per="decision"
    )
    critic = critic_of(condition, 3000, discount, lambda terminated, truncated, info: terminated)
    assert critic == pytest.approx(value.value, abs=4 * value.standard_error)
