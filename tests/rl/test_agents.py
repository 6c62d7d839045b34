"""Agents: what they find where the best is known, what they must not choose, and bad input."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from decision_processes import random_policy, random_process

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError, SourceError, TrainingError

rl = hg.rl
SMALL = {
    "BehaviourCloning": lambda: rl.BehaviourCloning(rl.CloningConfig(rounds=10)),
    "TabularPolicyIteration": lambda: rl.TabularPolicyIteration(rl.TabularConfig(states=20)),
    "FittedQ": lambda: rl.FittedQ(rl.FittedQConfig(rounds=2, trees=10)),
    "Dqn": lambda: rl.Dqn(rl.NetworkConfig(steps=60)),
    "DiscreteBcq": lambda: rl.DiscreteBcq(rl.BcqConfig(steps=60)),
    "DiscreteCql": lambda: rl.DiscreteCql(rl.CqlConfig(steps=60)),
}
every = pytest.mark.parametrize("kind", SMALL)


@cache
def records(n=200, seed=3, **options):
    return rl.transitions(hg.load_cohort("hypotension", n_patients=n, seed=seed, **options))


@cache
def fitted(kind):
    return SMALL[kind]().fit(records(), seed=1)


# --- where the best is known


@pytest.mark.parametrize("seed", range(3))
def test_policy_iteration_recovers_the_gap(seed):
    """30 states, 5 actions: at least 90 % of what lies between clinicians and the best."""
    process = random_process(seed, n_states=30, n_actions=5, ends=0.15)
    clinicians = random_policy(seed, process.reward.shape)
    batch = process.records(clinicians, 3000, seed, noise=0.5)
    agent = rl.TabularPolicyIteration(rl.TabularConfig(states=0, discount=1.0)).fit(batch)
    found = agent(np.arange(30.0)[:, None])
    low, high = process.value(clinicians), process.value(process.best())
    assert process.value(found) >= low + 0.9 * (high - low)


def test_q_of_policy_iteration_is_that_of_the_process():
    process = random_process(5, n_states=6, n_actions=3)
    batch = process.records(random_policy(5, process.reward.shape), 20_000, 0)
    agent = rl.TabularPolicyIteration(rl.TabularConfig(states=0, discount=1.0)).fit(batch)
    best = process.best()
    exact = process.reward + process.moves @ process.values(best)
    np.testing.assert_allclose(agent.q_, exact, atol=0.25)


def test_ties_are_broken_within_the_support():
    """All rewards equal, the first action never taken: it must not win."""
    process = random_process(2, n_states=4, n_actions=3)
    process = replace(process, reward=np.ones((4, 3)))
    clinicians = np.tile([0.0, 0.3, 0.7], (4, 1))
    batch = process.records(clinicians, 300, 0)
    agent = rl.TabularPolicyIteration(rl.TabularConfig(states=0)).fit(batch)
    assert agent(np.arange(4.0)[:, None])[:, 0].sum() == 0


@pytest.mark.parametrize("kind", ["FittedQ", "DiscreteBcq", "DiscreteCql", "Dqn"])
def test_agents_that_look_at_numbers_recover_most_of_the_gap(kind):
    """Records by chance alone, so that everything was tried."""
    process = random_process(1, n_states=8, n_actions=3, ends=0.3)
    clinicians = np.full(process.reward.shape, 1 / 3)
    batch = process.records(clinicians, 2500, 1)
    place = np.eye(8)
    states = batch.observation[:, 0].astype(int)
    names = tuple(f"in state {k}" for k in range(8))
    then = place[batch.next_observation[:, 0].astype(int)]
    batch = replace(
        batch, features=names, columns=names, observation=place[states], view=place[states],
        next_observation=then,
    )  # fmt: skip
    agent = {
        "FittedQ": lambda: rl.FittedQ(rl.FittedQConfig(rounds=8, trees=60, trust=0.1)),
        "DiscreteBcq": lambda: rl.DiscreteBcq(rl.BcqConfig(steps=1500, trust=0.1, rate=3e-3)),
        "DiscreteCql": lambda: rl.DiscreteCql(rl.CqlConfig(steps=1500, doubt=0.01, rate=3e-3)),
        "Dqn": lambda: rl.Dqn(rl.NetworkConfig(steps=1500, rate=3e-3)),
    }[kind]().fit(batch, seed=0)
    low, high = process.value(clinicians), process.value(process.best())
    assert process.value(agent(place)) >= low + 0.85 * (high - low)


def test_cloning_is_the_commonest_action():
    clinicians = random_policy(3, (6, 4))
    process = random_process(3, n_states=6, n_actions=4)
    batch = process.records(clinicians, 4000, 0)
    agent = rl.BehaviourCloning(rl.CloningConfig(rounds=60)).fit(batch)
    states = np.arange(6.0)[:, None]
    clear = np.sort(clinicians, axis=1)[:, -1] - np.sort(clinicians, axis=1)[:, -2] > 0.15
    assert clear.sum() >= 3
    chosen = agent(states).argmax(axis=1)
    np.testing.assert_array_equal(chosen[clear], clinicians.argmax(axis=1)[clear])


# --- what must not be chosen


@every
def test_an_agent_chooses_among_what_is_admissible(kind):
    """All but the warning, which asks nobody."""
    batch, agent = records(), fitted(kind)
    chosen = agent(batch.view, batch.admissible)
    assert chosen[~batch.admissible].any() == (kind == "Dqn")
    np.testing.assert_allclose(chosen.sum(axis=1), 1)


@pytest.mark.parametrize("kind", ["FittedQ", "DiscreteBcq"])
def test_the_mask_of_bcq_keeps_rare_actions_out(kind):
    batch = records()
    rare = {
        "FittedQ": lambda trust: rl.FittedQ(rl.FittedQConfig(rounds=2, trees=10, trust=trust)),
        "DiscreteBcq": lambda trust: rl.DiscreteBcq(rl.BcqConfig(steps=300, trust=trust)),
    }[kind]
    near, far = (rare(trust).fit(batch, seed=1)(batch.view, batch.admissible) for trust in (0.5, 0))
    usual = batch.behaviour_probability
    assert (near * usual).sum(axis=1).mean() > (far * usual).sum(axis=1).mean() + 0.05


def test_all_trust_is_cloning():
    batch = records()
    agent = rl.FittedQ(rl.FittedQConfig(rounds=1, trees=10, trust=1.0)).fit(batch, seed=1)
    same = agent.clone_(batch.observation).argmax(axis=1)
    free = np.ones_like(batch.admissible)
    np.testing.assert_array_equal(agent(batch.view, free).argmax(axis=1), same)


def test_the_target_looks_only_where_the_mask_allows():
    """A rare action with a huge reward further on must not leak into the value before it."""
    batch = records()
    rare = batch.behaviour_probability[np.arange(len(batch)), batch.action] < 0.02
    paid = np.where(rare, 1000.0, batch.reward)
    bold = rl.FittedQ(rl.FittedQConfig(rounds=3, trees=30, trust=0, leaf=5))
    careful = rl.FittedQ(rl.FittedQConfig(rounds=3, trees=30, trust=0.5, leaf=5))
    values = [
        agent.fit(replace(batch, reward=paid), seed=0).value_[-1] for agent in (bold, careful)
    ]
    assert values[1] < 0.5 * values[0]


# --- an agent is a policy


@every
def test_an_agent_goes_wherever_a_policy_goes(kind):
    agent = fitted(kind)
    alone = hg.policy_value("hypotension", agent, 100, 5)
    mixed = hg.policy_value("hypotension", hg.mix("clinician", agent, 1.0), 100, 5)
    np.testing.assert_allclose(alone.returns, mixed.returns)
    assert len(hg.twins("hypotension", {"agent": agent, "clinician": "clinician"}, 20)) == 2
    env = hg.make_env("hypotension")
    seen, info = env.reset(seed=5, options={"patient": 0})
    total, over = 0.0, False
    while not over:
        action = int(agent(seen[None], info["action_mask"][None]).argmax())
        seen, reward, over, _, info = env.step(action)
        total += reward
    assert np.isfinite(total)


@every
def test_the_same_seed_learns_the_same_agent(kind):
    again = SMALL[kind]().fit(records(), seed=1)
    for name, array in fitted(kind).arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])


def test_threads_stay_what_they_were():
    import torch

    torch.set_num_threads(2)
    rl.Dqn(rl.NetworkConfig(steps=3)).fit(records())
    assert torch.get_num_threads() == 2


def test_drift_is_seen_in_the_history():
    """No return is above 0; deep Q-learning without caution believes in one, BCQ does not."""
    batch = records(400)
    assert batch.returns().max() <= 0
    drifting = rl.Dqn(rl.NetworkConfig(steps=1500)).fit(batch, seed=1)
    careful = rl.DiscreteBcq(rl.BcqConfig(steps=1500)).fit(batch, seed=1)
    assert drifting.history_["value"].iloc[-1] > 0.5
    assert careful.history_["value"].iloc[-1] < -0.5
    truth = hg.policy_value("hypotension", drifting, 1000)
    assert truth.value < -2
    assert drifting.history_["step"].tolist() == list(range(30, 1501, 30))


# --- on disk


@every
def test_a_stored_agent_chooses_the_same(kind, tmp_path):
    batch, agent = records(), fitted(kind)
    agent.save(tmp_path / "agent")
    again = rl.load_agent(tmp_path / "agent")
    assert type(again) is type(agent)
    assert again.config == agent.config
    assert again.trained_ == agent.trained_
    np.testing.assert_array_equal(
        again(batch.view, batch.admissible), agent(batch.view, batch.admissible)
    )


def test_a_stored_agent_that_was_changed_is_refused(tmp_path):
    folder = tmp_path / "agent"
    fitted("BehaviourCloning").save(folder)
    weights = folder / "weights.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(SourceError, match="SHA-256 differs"):
        rl.load_agent(folder)
    weights.write_bytes(kept)
    told = json.loads((folder / "model.json").read_text())
    for change in ({"model": "Oracle"}, {"format": 99}):
        (folder / "model.json").write_text(json.dumps(told | change))
        with pytest.raises(SourceError, match="this version"):
            rl.load_agent(folder)
    (folder / "model.json").write_text(json.dumps(told | {"trained": {}}))
    with pytest.raises(SourceError, match="do not fit together"):
        rl.load_agent(folder)
    with pytest.raises(SourceError, match="cannot be read"):
        rl.load_agent(tmp_path / "nobody")


def test_an_agent_is_not_overwritten(tmp_path):
    fitted("BehaviourCloning").save(tmp_path / "agent")
    with pytest.raises(SourceError, match="exists already"):
        fitted("BehaviourCloning").save(tmp_path / "agent")
    fitted("TabularPolicyIteration").save(tmp_path / "agent", overwrite=True)
    assert isinstance(rl.load_agent(tmp_path / "agent"), rl.TabularPolicyIteration)


# --- bad input


@every
def test_an_agent_that_learned_nothing_says_so(kind, tmp_path):
    agent = SMALL[kind]()
    with pytest.raises(ArgumentError, match="has not learned from anybody"):
        agent(np.zeros((2, 22)))
    with pytest.raises(ArgumentError, match="has not learned"):
        hg.policy_value("hypotension", agent, 50)
    with pytest.raises(ArgumentError, match="has not learned"):
        agent.save(tmp_path / "agent")


@every
def test_records_with_nothing_to_choose_are_refused(kind):
    batch = records()
    same = replace(batch, action=np.zeros_like(batch.action))
    with pytest.raises(ArgumentError, match="nothing to compare"):
        SMALL[kind]().fit(same)
    alone = batch.of(batch.patient[:1])
    with pytest.raises(ArgumentError, match="nothing to compare|One patient"):
        SMALL[kind]().fit(alone)


def test_an_agent_of_another_condition_or_action_set_is_refused():
    agent = fitted("BehaviourCloning")
    with pytest.raises(ArgumentError, match="learned to treat hypotension, not sepsis"):
        hg.policy_value("sepsis", agent, 50)
    people = hg.load_cohort("sepsis", n_patients=60, actions="relative")
    relative = rl.BehaviourCloning(rl.CloningConfig(rounds=3)).fit(rl.transitions(people))
    with pytest.raises(ArgumentError, match="12 actions"):
        hg.policy_value("sepsis", relative, 50)
    assert hg.policy_value("sepsis", relative, 50, actions="relative").value < 0
    with pytest.raises(ArgumentError, match="12 actions"):
        rl.evaluate(rl.transitions(hg.load_cohort("sepsis", n_patients=60)), relative)


def test_patients_in_both_splits_are_refused():
    people = hg.load_cohort("hypotension", n_patients=120)
    train, holdout = people.split(0.5)
    agent = rl.BehaviourCloning(rl.CloningConfig(rounds=3)).fit(rl.transitions(train))
    with pytest.raises(ArgumentError, match="learned from 60 of these 60 patients"):
        rl.evaluate(rl.transitions(train), agent)
    with pytest.raises(ArgumentError, match="learned from 60 of these 120 patients"):
        rl.evaluate(rl.transitions(people), agent)
    with pytest.raises(ArgumentError, match="learned from 60 of these 60 patients"):
        rl.evaluate(rl.transitions(train), hg.mix("clinician", agent, 0.2))
    assert rl.probabilities(rl.transitions(train), agent).max() == 1  # to look is no judgement
    assert rl.evaluate(rl.transitions(holdout), agent, n_bootstrap=20)["FQE"].value < 0
    other = rl.transitions(hg.load_cohort("hypotension", n_patients=60, seed=9))
    assert rl.evaluate(other, agent, n_bootstrap=20)["FQE"].value < 0  # others of the same numbers


def test_observations_of_another_shape_are_refused():
    agent = fitted("BehaviourCloning")
    for wrong in (np.zeros(22), np.zeros((3, 5))):
        with pytest.raises(ArgumentError, match="22 columns"):
            agent(wrong)
    with pytest.raises(ArgumentError, match="mask of admissible actions"):
        agent(np.zeros((3, 22)), np.ones((3, 4)))


def test_a_loss_that_is_no_number_stops():
    batch = records()
    paid = batch.reward.copy()
    paid[:] = 1e30
    paid[::2] = -1e30
    with pytest.raises(TrainingError, match="no number any more"):
        rl.Dqn(rl.NetworkConfig(steps=400, rate=1e18)).fit(replace(batch, reward=paid))


def test_more_states_than_decisions_are_refused():
    with pytest.raises(ArgumentError, match="there are .* decisions"):
        rl.TabularPolicyIteration(rl.TabularConfig(states=10**6)).fit(records())
    with pytest.raises(ArgumentError, match="the number of a state"):
        rl.TabularPolicyIteration(rl.TabularConfig(states=0)).fit(records())
