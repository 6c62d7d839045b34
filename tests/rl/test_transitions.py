"""From cohorts to transitions: the environment's own rows, nothing from the future, bad input."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import CONDITIONS
from healthgym_edu.errors import ArgumentError

each = pytest.mark.parametrize("condition", CONDITIONS)


@cache
def cohort(condition, **options):
    return hg.load_cohort(condition, n_patients=60, seed=4, **options)


@each
def test_a_patients_rows_are_those_of_the_environment(condition):
    """Observations, rewards and ends, decision by decision, played again."""
    people = cohort(condition)
    batch = hg.rl.transitions(people)
    env = hg.make_env(condition)
    for who in np.unique(batch.patient)[:12]:
        mine = np.flatnonzero(batch.patient == who)
        seen, _ = env.reset(seed=people.seed, options={"patient": int(who)})
        for row in mine:
            np.testing.assert_allclose(batch.observation[row], seen, rtol=1e-5, atol=1e-5)
            seen, reward, terminated, _, _ = env.step(int(batch.action[row]))
            if row > mine[0]:  # the first reward holds what was paid before it
                assert reward == pytest.approx(batch.reward[row], abs=1e-5)
            np.testing.assert_allclose(batch.next_observation[row], seen, rtol=1e-5, atol=1e-5)
            assert terminated == batch.terminated[row]


@each
def test_returns_are_those_of_policy_value(condition):
    batch = hg.rl.transitions(cohort(condition))
    truth = hg.policy_value(condition, "clinician", 60, 4)
    np.testing.assert_allclose(batch.returns(), truth.returns[np.unique(batch.patient)], atol=1e-9)
    later = hg.policy_value(condition, "clinician", 60, 4, 0.9, discount_per="decision")
    np.testing.assert_allclose(
        batch.returns(0.9), later.returns[np.unique(batch.patient)], atol=1e-9
    )


@each
def test_another_reward_is_paid_to_the_same_decisions(condition):
    people = cohort(condition)
    own, other = hg.rl.transitions(people), hg.rl.transitions(people, reward="published")
    truth = hg.policy_value(condition, "clinician", 60, 4, reward="published")
    np.testing.assert_array_equal(own.action, other.action)
    np.testing.assert_allclose(other.returns(), truth.returns[np.unique(other.patient)], atol=1e-9)


def test_a_part_of_a_cohort_is_a_part_of_its_transitions():
    people = cohort("sepsis")
    train, _ = people.split(0.5, seed=1)
    part, all_ = hg.rl.transitions(train, "published"), hg.rl.transitions(people, "published")
    again = all_.of(train.patients.index)
    for name, value in vars(part).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, getattr(again, name))


def test_features_stand_in_the_order_of_the_environment():
    batch = hg.rl.transitions(cohort("sepsis"), features=["Lactate", "Age"])
    assert batch.features == ("Age", "Lactate")
    columns = [batch.columns.index(name) for name in batch.features]
    np.testing.assert_array_equal(batch.view[:, columns], batch.observation)
    few = hg.rl.transitions(cohort("sepsis"), features="few")
    assert len(few.features) == 12
    every = hg.rl.transitions(cohort("hypotension"), features="few")
    assert every.features == every.columns


def test_recorded_probabilities_are_those_of_what_was_done():
    batch = hg.rl.transitions(cohort("hypotension"))
    np.testing.assert_allclose(batch.behaviour_probability.sum(axis=1), 1, atol=1e-5)
    assert batch.admissible[np.arange(len(batch)), batch.action].all()
    assert not batch.admissible.all()


def test_estimated_probabilities_are_held_out_and_calibrated():
    people = hg.load_cohort("hypotension", n_patients=600, seed=4)
    batch = hg.rl.transitions(people)
    learned = hg.rl.behaviour_policy(batch, seed=1)
    table = learned.calibration(5)
    apart = (table["observed"] - table["predicted"]) / table["standard_error"]
    assert (table["observed"] - table["predicted"]).abs().max() < 0.05
    assert apart.abs().median() < 3
    folds = {who: set(learned.fold[batch.patient == who]) for who in np.unique(batch.patient)[:50]}
    assert all(len(fold) == 1 for fold in folds.values())
    same = hg.rl.transitions(people, behaviour="estimated")
    assert same.behaviour == "estimated"
    truth = -np.log(batch.behaviour_probability[np.arange(len(batch)), batch.action]).mean()
    assert truth < learned.log_loss() < truth + 0.07  # one model of all actions: 0.087


def test_a_chart_does_not_hold_what_a_confounded_clinician_saw():
    """Recorded probabilities contain it, estimated ones cannot."""
    people = hg.load_cohort("hypotension", n_patients=600, seed=4, confounded="strong")
    batch = hg.rl.transitions(people)
    truth = -np.log(batch.behaviour_probability[np.arange(len(batch)), batch.action]).mean()
    plain = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=600, seed=4))
    usual = -np.log(plain.behaviour_probability[np.arange(len(plain)), plain.action]).mean()
    lost = hg.rl.behaviour_policy(batch).log_loss() - truth
    assert lost > 1.5 * (hg.rl.behaviour_policy(plain).log_loss() - usual)


# --- bad input


def test_what_is_no_record_of_decisions_is_refused():
    people = cohort("sepsis")
    with pytest.raises(ArgumentError, match="carried back from the future"):
        hg.rl.transitions(replace(people, decisions=None, seen=None))
    closing = hg.load_cohort("art_hiv", n_patients=50, closing=2018.0)
    with pytest.raises(ArgumentError, match="followed to a date"):
        hg.rl.transitions(closing)


def test_records_without_probabilities_are_refused_or_estimated():
    people = cohort("hypotension")
    bare = replace(people, decisions=people.decisions.drop(columns=list(people.actions)))
    with pytest.raises(ArgumentError, match='behaviour="estimated"'):
        hg.rl.transitions(bare)
    learned = hg.rl.transitions(bare, behaviour="estimated")
    np.testing.assert_allclose(learned.behaviour_probability.sum(axis=1), 1, atol=1e-9)


@pytest.mark.parametrize("name", ["Died", "vasopressors", "Hour of death"])
def test_features_that_tell_the_future_are_refused(name):
    with pytest.raises(ArgumentError, match="may tell the future"):
        hg.rl.transitions(cohort("hypotension"), features=["MAP of the last hours", name])


def test_other_features_and_options_are_refused():
    people = cohort("hypotension")
    with pytest.raises(ArgumentError, match="Did you mean 'urine'"):
        hg.rl.transitions(people, features=["urin"])
    with pytest.raises(ArgumentError, match="at least one column, each only once"):
        hg.rl.transitions(people, features=["urine", "urine"])
    with pytest.raises(ArgumentError, match="at least one column"):
        hg.rl.transitions(people, features=[])
    with pytest.raises(ArgumentError, match="behaviour"):
        hg.rl.transitions(people, behaviour="guessed")
    with pytest.raises(ArgumentError, match="reward"):
        hg.rl.transitions(people, reward="shaped")


def test_a_cohort_of_other_actions_is_refused():
    with pytest.raises(ArgumentError, match="actions='relative'"):
        hg.rl.transitions(cohort("sepsis"), actions="relative")
    relative = cohort("sepsis", actions="relative")
    assert len(hg.rl.transitions(relative, actions="relative").actions) == 12


def test_tables_that_were_changed_are_refused():
    people = cohort("hypotension")
    shuffled = replace(people, seen=people.seen.sample(frac=1, random_state=0))
    with pytest.raises(ArgumentError, match="not sorted by PatientID and Timepoints"):
        hg.rl.transitions(shuffled)
    fewer = replace(people, decisions=people.decisions.iloc[3:])
    with pytest.raises(ArgumentError, match="one row more per patient"):
        hg.rl.transitions(fewer)
    paid = people.decisions.copy()
    paid.loc[7, "reward"] = np.nan
    with pytest.raises(ArgumentError, match="reward of row 7"):
        hg.rl.transitions(replace(people, decisions=paid))
    seen = people.seen.copy()
    seen.loc[5, "urine"] = np.nan
    with pytest.raises(ArgumentError, match="'urine' of row 5"):
        hg.rl.transitions(replace(people, seen=seen))
    done = people.decisions.copy()
    done.loc[2, "action"] = None
    with pytest.raises(ArgumentError, match="Row 2 of cohort.decisions has no action"):
        hg.rl.transitions(replace(people, decisions=done))


def test_behaviour_policies_refuse_too_few_patients():
    few = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=3))
    with pytest.raises(ArgumentError, match="5 folds"):
        hg.rl.behaviour_policy(few)
