"""What a table alone tells of decisions is what was known, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import CONDITIONS
from healthgym_edu.errors import ArgumentError

each = pytest.mark.parametrize("condition", CONDITIONS)
OPTIONS = {"art_hiv": {"actions": "published"}}


@cache
def people(condition):
    return hg.load_cohort(condition, n_patients=150, seed=2, **OPTIONS.get(condition, {}))


@cache
def told(condition):
    return hg.rl.seen_from(people(condition))


def beside(condition):
    """Rows of what a table tells, beside what the clinician had in view."""
    schema = people(condition).schema
    keys = [schema.id, schema.step]
    return told(condition).seen.merge(people(condition).seen, on=keys, suffixes=("", " in view"))


@each
def test_what_a_table_tells_is_what_the_clinician_saw(condition):
    """Up to the digits of a table; a regimen, up to what a changed one leaves on file."""
    table = beside(condition)
    if condition == "sepsis":  # what was given before the first row is on no file
        table = table[table["block"] > 0]
    names = [name for name in table if f"{name} in view" in table]
    assert len(names) >= 6
    for name in names:
        apart = (table[name] - table[f"{name} in view"]).abs()
        if name == "regimen on file":
            assert (apart > 0).mean() < 0.04
        else:
            assert apart.max() <= 0.51 if name.endswith("Total") else apart.max() < 0.06, name


@each
def test_the_decisions_of_a_table_are_those_that_were_made(condition):
    schema = people(condition).schema
    keys = [schema.id, schema.step]
    made = people(condition).decisions[[*keys, "action"]]
    both = told(condition).decisions.merge(made, on=keys, suffixes=("", " made"))
    same = both["action"].astype(str) == both["action made"].astype(str)
    assert same.mean() > (0.95 if condition == "art_hiv" else 0.999)
    assert len(both) > 0.9 * len(made) - len(people(condition))


@each
def test_nothing_of_the_future_reaches_a_decision(condition):
    """Whatever is changed after a patient's middle row, what is known until then stays."""
    cohort = people(condition)
    who, when = cohort.schema.id, cohort.schema.step
    frame = cohort.frame.copy()
    half = cohort.schema.n_steps // 2
    later = frame[when] > half
    for variable in cohort.schema:
        if variable.kind == "numeric" and not variable.static:
            frame.loc[later, variable.name] = 1.0
        if variable.kind == "flag":
            frame.loc[later, variable.name] = True
    changed = hg.rl.seen_from(replace(cohort, frame=frame)).seen
    kept = told(condition).seen
    kept, changed = (table[table[when] <= half].set_index([who, when]) for table in (kept, changed))
    shared = kept.index.intersection(changed.index)
    assert len(shared) > 300
    np.testing.assert_array_equal(kept.loc[shared], changed.loc[shared])


def test_the_published_reward_of_hypotension_is_close_to_what_was_paid():
    truth = hg.load_cohort("hypotension", n_patients=150, seed=2, reward="published")
    paid = truth.decisions.groupby("PatientID")["reward"].sum()
    told_of = told("hypotension").decisions.groupby("PatientID")["reward"].sum()
    both = paid.to_frame("paid").join(told_of).dropna()
    assert both.corr().iloc[0, 1] > 0.85


def test_the_reward_of_a_decision_is_that_of_the_rows_up_to_the_next():
    rules = hg.conditions.get_mechanism("sepsis").from_file
    frame = people("sepsis").frame
    worth = rules.rewards["pressure"](frame)
    mine = told("sepsis").decisions
    one = frame["PatientID"] == 3
    np.testing.assert_allclose(mine[mine["PatientID"] == 3]["reward"], worth[one][1:])


def test_an_agent_of_synthetic_people_treats_in_the_mechanism():
    """The way of chapter 18: from a table that a generator made to a true value."""
    train = hg.load_cohort("art_hiv", n_patients=250, seed=4)
    fake = hg.generators.AutoregressiveTree().fit(train, seed=0).sample(250, seed=1)
    batch = hg.rl.transitions(hg.rl.seen_from(fake), "published", behaviour="estimated")
    assert batch.mechanism is None
    agent = hg.rl.FittedQ(hg.rl.FittedQConfig(rounds=2, trees=10)).fit(batch)
    value = hg.policy_value("art_hiv", agent, 200, actions="published", reward="published")
    assert np.isfinite(value.value)
    with pytest.raises(ArgumentError, match="more than a file alone tells"):
        hg.rl.evaluate(batch, "protocol")


def test_who_only_learns_needs_no_probabilities_and_nobody_leans_on_unknown_ones():
    here = told("hypotension")
    unknown = hg.rl.transitions(here, "published", behaviour="unknown")
    assert unknown.behaviour == "unknown"
    assert np.isnan(unknown.behaviour_probability).all()
    config = hg.rl.TabularConfig(states=20)
    agent = hg.rl.TabularPolicyIteration(config).fit(unknown, seed=0)
    estimated = hg.rl.transitions(here, "published", behaviour="estimated")
    other = hg.rl.TabularPolicyIteration(config).fit(estimated, seed=0)
    np.testing.assert_array_equal(agent.q_, other.q_)
    assert agent(unknown.observation).argmax(axis=1).max() > 0
    for policy in (agent, "clinician", hg.mix("clinician", agent, 0.5)):
        with pytest.raises(ArgumentError, match="nobody recorded here"):
            hg.rl.probabilities(unknown, policy)
    with pytest.raises(ArgumentError, match="Nobody recorded with which probability"):
        hg.rl.evaluate(unknown, agent)


def test_rewards_that_a_table_does_not_allow_are_refused():
    with pytest.raises(ArgumentError, match="There is: 'pressure'"):
        hg.rl.seen_from(people("sepsis"), reward="published")
    with pytest.raises(ArgumentError, match="'published'"):
        hg.rl.seen_from(people("art_hiv"), reward="course")
    with pytest.raises(ArgumentError, match="paid by the pressure reward"):
        hg.rl.transitions(told("sepsis"), behaviour="estimated")
    with pytest.raises(ArgumentError, match='behaviour="estimated"'):
        hg.rl.transitions(told("sepsis"), reward="pressure")


def test_a_condition_that_says_nothing_of_its_tables_is_refused(monkeypatch):
    monkeypatch.setattr(type(hg.conditions.get_mechanism("sepsis")), "from_file", None)
    with pytest.raises(ArgumentError, match="Nobody has said"):
        hg.rl.seen_from(people("sepsis"))
