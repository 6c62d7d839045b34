"""Minari datasets: the patients of the cohorts as episodes, there and back."""

from __future__ import annotations

import subprocess
import sys
import warnings

import minari
import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.engine import BLOCK
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.envs.minari_export import _episodes
from healthgym_edu.errors import ArgumentError

N = 60
DEADLY = [name for name in ENVIRONMENTS if not get_mechanism(name).schema.equal_length]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where Minari writes during a test."""
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    return tmp_path / "minari"


def one_action(observations):
    """A policy that is certain of its choice."""
    return np.tile([0.0, 1.0] + [0.0] * 29, (len(observations), 1))


@pytest.mark.parametrize("condition", ENVIRONMENTS)
@pytest.mark.parametrize("policy", ["clinician", "protocol"])
def test_the_episodes_are_the_patients_of_the_cohort(condition, policy):
    cohort = hg.simulate(condition, N, policy, seed=3)
    returns = hg.policy_value(condition, policy, N, seed=3).returns
    hg.to_minari(condition, "test/cohort-v0", N, policy, seed=3)
    dataset = minari.load_dataset("test/cohort-v0")
    mechanism = get_mechanism(condition)
    schema = mechanism.schema
    assert (dataset.total_episodes, dataset.total_steps) == (N, len(cohort.decisions))
    for patient, decisions in cohort.decisions.groupby(schema.id):
        episode = dataset[patient]
        assert episode.actions.tolist() == decisions["action"].cat.codes.tolist()
        *steps, end = episode.infos[mechanism.clock].tolist()
        assert steps == decisions[schema.step].tolist()
        assert steps[-1] < end <= mechanism.n_steps
        probabilities = decisions[list(mechanism.actions)].to_numpy()
        np.testing.assert_allclose(episode.infos["probabilities"][:-1], probabilities, atol=1e-6)
        chosen = probabilities[np.arange(len(decisions)), episode.actions]
        np.testing.assert_allclose(episode.infos["probability"][:-1], chosen, atol=1e-6)
        assert episode.rewards.sum() == pytest.approx(returns[patient], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("condition", ENVIRONMENTS)
def test_an_episode_has_the_shapes_that_minari_wants(condition):
    dataset = hg.to_minari(condition, "test/shapes-v0", N)
    mechanism = get_mechanism(condition)
    for episode in dataset:
        n = len(episode.actions)
        assert episode.observations.shape == (n + 1, len(mechanism.observation_names))
        assert episode.observations.dtype == np.float32
        for seen in episode.observations:
            assert dataset.observation_space.contains(seen)
        assert [dataset.action_space.contains(action) for action in episode.actions] == [True] * n
        assert episode.terminations.tolist() == [False] * (n - 1) + [True]
        assert not episode.truncations.any()
        assert {len(values) for values in episode.infos.values()} == {n + 1}
        assert np.isnan(episode.infos["probability"]).tolist() == [False] * n + [True]
        assert np.isnan(episode.infos["probabilities"][-1]).all()
        np.testing.assert_allclose(episode.infos["probabilities"][:-1].sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("condition", ENVIRONMENTS)
@pytest.mark.parametrize("reward", ["course", "published"])
def test_the_recovered_environment_lives_the_episode_again(condition, reward):
    hg.to_minari(condition, "test/again-v0", 12, "random", seed=5, reward=reward)
    dataset = minari.load_dataset("test/again-v0")
    with warnings.catch_warnings():  # the course need not be installed to be tested
        warnings.filterwarnings("ignore", "Package healthgym-edu is not installed", UserWarning)
        env = dataset.recover_environment()
    assert env.spec.id == ENVIRONMENTS[condition]
    for episode in dataset:
        (known,) = dataset.storage.get_episode_metadata([episode.id])
        patient = int(known["options"]["patient"])
        seen, _ = env.reset(seed=known["seed"], options={"patient": patient})
        np.testing.assert_array_equal(seen, episode.observations[0])
        for i, action in enumerate(episode.actions):
            seen, paid, over, cut, info = env.step(action)
            np.testing.assert_array_equal(seen, episode.observations[i + 1])
            assert paid == pytest.approx(episode.rewards[i], rel=1e-9, abs=1e-12)
            assert (over, cut) == (episode.terminations[i], episode.truncations[i])
            assert info["died"] == episode.infos["died"][i + 1]


@pytest.mark.parametrize("condition", DEADLY)
def test_death_is_told_from_the_end_of_follow_up(condition):
    n, mechanism = BLOCK + 20, get_mechanism(condition)  # more than one block
    episodes = _episodes(mechanism, mechanism.clinician, "course", n, 0)
    deaths = [episode.infos["died"][-1] for episode in episodes]
    cohort = hg.simulate(condition, n)
    died = next(name for name in ("Died", "Died in stay") if name in cohort.patients)
    assert deaths == cohort.patients[died].tolist()
    stored = [one.infos["died"][-1] for one in hg.to_minari(condition, "deaths-v0", N)]
    assert stored == deaths[:N]
    assert 0 < np.mean(deaths) < 0.5


@pytest.mark.parametrize("condition", DEADLY)
def test_a_confounded_clinician_is_told_in_the_description(condition):
    dataset = hg.to_minari(condition, "hidden-v0", 20, confounded=True)
    decisions = hg.simulate(condition, 20, confounded=True).decisions
    actions = np.concatenate([episode.actions for episode in dataset])
    assert actions.tolist() == decisions["action"].cat.codes.tolist()
    assert "also saw what no observation" in dataset.storage.metadata["description"]
    usual = hg.to_minari(condition, "usual-v0", 20)
    assert "also saw" not in usual.storage.metadata["description"]


def test_the_dataset_says_what_it_is():
    stored = hg.to_minari("art_hiv", "own-v2", 3, one_action, seed=8).storage.metadata
    assert "simulated patients, not real people" in stored["description"]
    assert "seed 8, course reward" in stored["description"]
    assert stored["algorithm_name"] == "a policy of the user's own"
    assert stored["requirements"] == [f"healthgym-edu=={hg.__version__}"]


def test_writing_gives_no_warnings_and_needs_no_environment_imported_first(folder):
    script = (
        "import warnings; warnings.simplefilter('error')\n"
        "import sys, healthgym_edu as hg\n"
        "assert 'minari' not in sys.modules\n"
        "print(len(hg.to_minari('art_hiv', 'quiet-v0', 2)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("2", "")


# --- bad input


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"condition": "measles"}, "no condition 'measles'"),
        ({"dataset_id": "clinician"}, "dataset_id is 'clinician'; Minari wants .* version"),
        ({"dataset_id": "../clinician-v0"}, "Minari wants"),
        ({"dataset_id": None}, "dataset_id is None"),
        ({"n_patients": 0}, "n_patients is 0"),
        ({"policy": "best"}, "Unknown policy 'best'"),
        ({"policy": lambda seen: np.ones((len(seen), 3)) / 3}, "returned an array of shape"),
        ({"seed": -1}, "seed is -1"),
        ({"reward": "money"}, "no reward 'money'"),
        ({"confounded": "yes"}, "must be False or True or 'strong'"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_left_behind(folder, words, said):
    words = {"condition": "art_hiv", "dataset_id": "bad-v0", "n_patients": 5} | words
    with pytest.raises(ArgumentError, match=said):
        hg.to_minari(**words)
    assert not list(folder.glob("**/data"))


def test_a_dataset_is_not_overwritten():
    hg.to_minari("art_hiv", "mine-v0", 3)
    with pytest.raises(ArgumentError, match=r"a Minari dataset 'mine-v0' already.*delete_dataset"):
        hg.to_minari("art_hiv", "mine-v0", 4)
    assert len(minari.load_dataset("mine-v0")) == 3
    assert len(hg.to_minari("art_hiv", "mine-v1", 4)) == 4


@pytest.mark.parametrize("missing", ["minari", "h5py"])
def test_a_missing_package_is_named_with_the_mend(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ArgumentError, match=rf"\({missing}\).*pip install \"minari\[hdf5\]\""):
        hg.to_minari("art_hiv", "none-v0", 2)


def test_who_never_comes_to_a_decision_has_no_episode():
    """Patient 233 of ART block 4, seed 4 is one: no visit in five years."""
    mechanism = get_mechanism("art_hiv")
    visits = hg.simulate("art_hiv", 4 * BLOCK + 240, seed=4).decisions["PatientID"].unique()
    absent = np.setdiff1d(np.arange(4 * BLOCK + 240), visits)
    assert len(absent) >= 1
    n = absent[0] + 3
    episodes = list(_episodes(mechanism, mechanism.clinician, "course", n, 4))
    told = [episode.options["patient"] for episode in episodes]
    assert told == [p for p in range(n) if p != absent[0]]
    assert [episode.id for episode in episodes] == list(range(n - 1))  # Minari wants no gap
    assert all(len(episode.actions) for episode in episodes)
