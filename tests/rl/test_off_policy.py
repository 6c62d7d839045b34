"""Off-policy estimates against values that are known exactly."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from decision_processes import icu_sepsis, random_policy, random_process
from hypothesis import given, settings
from hypothesis import strategies as st

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.rl.fqe import fitted_q_evaluation
from healthgym_edu.rl.verdict import of_value
from healthgym_edu.rl.weighting import (
    by_patient,
    doubly_robust,
    episodes,
    importance_sampling,
    per_decision,
    weighted_doubly_robust,
    weighted_importance_sampling,
)

BY_WEIGHT = ("IS", "WIS", "PDIS")


def near(behaviour, seed=5, share=0.25):
    """A policy that differs from another in a quarter of the decisions."""
    return (1 - share) * behaviour + share * random_policy(seed, behaviour.shape)


@cache
def hypotension(n=400, seed=3):
    return hg.rl.transitions(hg.load_cohort("hypotension", n_patients=n, seed=seed))


# --- the behaviour policy on its own records


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_the_behaviour_policy_gets_its_own_mean_and_everybody_counts(seed, n):
    process = random_process(seed, n_states=5, n_actions=3)
    policy = random_policy(seed, process.reward.shape)
    batch = process.records(policy, n, seed, noise=1.0)
    found = hg.rl.evaluate(batch, batch.behaviour_probability, n_bootstrap=20, model="tabular")
    for name in BY_WEIGHT:
        assert found[name].value == pytest.approx(batch.returns().mean(), abs=1e-9)
        assert found[name].effective_sample_size == pytest.approx(n)
        assert found[name].mean_weight == pytest.approx(1)
        assert found[name].unsupported_mass == 0


def test_recorded_clinicians_get_their_own_mean():
    batch = hypotension()
    found = hg.rl.evaluate(batch, "clinician", n_bootstrap=20)
    for name in BY_WEIGHT:
        assert found[name].value == pytest.approx(batch.returns().mean(), abs=1e-9)
    assert not found["IS"].refused


def test_a_perfect_model_that_predicts_every_step_makes_doubly_robust_exact():
    """Where rewards and moves are certain, Q explains everything and weights do not matter."""
    process = random_process(1, n_states=6, n_actions=2)
    chain = np.zeros_like(process.moves)
    for state in range(5):
        chain[state, :, state + 1] = 1.0  # one after the other, then the end
    process = type(process)(chain, process.reward, np.eye(6)[0])
    behaviour = random_policy(2, process.reward.shape)
    target = random_policy(3, process.reward.shape)
    batch = process.records(behaviour, 50, 0)
    chosen = target[batch.observation[:, 0].astype(int)]
    e, counts = episodes(batch, chosen), np.ones((1, 50))
    v_of = process.values(target)
    q_of = process.reward + process.moves @ v_of
    states = batch.observation[:, 0].astype(int)
    q, v = by_patient(batch, q_of[states, batch.action], 0), by_patient(batch, v_of[states], 0)
    for estimator in (doubly_robust, weighted_doubly_robust):
        assert estimator(e, q[..., None], v[..., None], counts)[0] == pytest.approx(
            process.value(target), abs=1e-9
        )


def test_a_useless_model_leaves_doubly_robust_what_per_decision_is():
    process = random_process(4, n_states=5, n_actions=3)
    behaviour = random_policy(4, process.reward.shape)
    batch = process.records(behaviour, 300, 1)
    target = near(behaviour)[batch.observation[:, 0].astype(int)]
    e, counts = episodes(batch, target), np.ones((1, 300))
    nothing = np.zeros((*e.weight.shape, 1))
    assert doubly_robust(e, nothing, nothing, counts) == pytest.approx(per_decision(e, counts))


# --- errors fall with the root of the number of patients


@cache
def errors(n, replicates=24):
    """Root mean squared error of each estimator, on several processes."""
    squared = {name: [] for name in hg.rl.ESTIMATORS}
    for seed in range(replicates):
        process = random_process(seed % 3, n_states=8, n_actions=3, ends=0.3)
        behaviour = random_policy(seed % 3, process.reward.shape)
        target = near(behaviour)
        batch = process.records(behaviour, n, 100 + seed, noise=0.5)
        states = batch.observation[:, 0].astype(int)
        found = hg.rl.evaluate(batch, target[states], n_bootstrap=20, model="tabular")
        for name, one in found.items():
            squared[name].append((one.value - process.value(target)) ** 2)
    return {name: np.sqrt(np.mean(values)) for name, values in squared.items()}


@pytest.mark.parametrize("estimator", hg.rl.ESTIMATORS)
def test_the_error_falls_as_one_over_the_root_of_n(estimator):
    """16 times as many patients: a quarter of the error, within what 24 replicates scatter."""
    few, many = errors(200)[estimator], errors(3200)[estimator]
    assert 2.2 < few / many < 7.5


def test_standard_errors_are_those_of_new_samples():
    process = random_process(7, n_states=8, n_actions=3, ends=0.3)
    behaviour = random_policy(7, process.reward.shape)
    target, found = near(behaviour), []
    for seed in range(40):
        batch = process.records(behaviour, 400, seed, noise=0.5)
        chosen = target[batch.observation[:, 0].astype(int)]
        found.append(hg.rl.evaluate(batch, chosen, n_bootstrap=60, model="tabular"))
    for name in hg.rl.ESTIMATORS:
        values = np.array([one[name].value for one in found])
        told = np.mean([one[name].standard_error for one in found])
        assert 0.7 < told / values.std(ddof=1) < 1.35
        inside = [one[name].lower <= process.value(target) <= one[name].upper for one in found]
        assert np.mean(inside) > 0.83


# --- the published process of sepsis


def test_the_published_process_has_its_published_values():
    process, clinicians, admissible = icu_sepsis()
    even = admissible / admissible.sum(axis=1, keepdims=True)
    clinicians = clinicians / clinicians.sum(axis=1, keepdims=True)
    assert process.value(even) == pytest.approx(0.780, abs=5e-4)
    assert process.value(clinicians) == pytest.approx(0.782, abs=5e-4)
    assert process.value(process.best(admissible)) == pytest.approx(0.875, abs=5e-4)


@cache
def published(n=3000, seed=0):
    process, clinicians, admissible = icu_sepsis()
    clinicians = clinicians / clinicians.sum(axis=1, keepdims=True)
    return process, clinicians, process.records(clinicians, n, seed), admissible


def test_models_find_the_exact_value_on_the_published_process():
    process, clinicians, batch, admissible = published()
    even = admissible / admissible.sum(axis=1, keepdims=True)
    target = 0.9 * clinicians + 0.1 * even
    states = batch.observation[:, 0].astype(int)
    found = hg.rl.evaluate(batch, target[states], n_bootstrap=40, model="tabular")
    for name in ("FQE", "DR", "WDR"):
        assert abs(found[name].value - process.value(target)) < 3 * found[name].standard_error
        assert found[name].standard_error < 0.03
        assert not found[name].refused


def test_weights_normalised_over_the_living_only_are_several_times_wrong():
    """The rule of a public benchmark, on clinicians themselves, of whom .78 survive."""
    process, clinicians, batch, _ = published()
    e = episodes(batch, batch.behaviour_probability)
    alive = np.where(e.discount > 0, e.weight, 0.0)
    wrong = (alive / alive.sum(axis=0) * e.reward).sum()
    right = weighted_importance_sampling(e, np.ones((1, batch.n_patients)))[0]
    assert wrong > 2
    assert right == pytest.approx(batch.returns().mean(), abs=1e-9)
    assert right == pytest.approx(process.value(clinicians), abs=0.03)


def test_weights_of_the_dead_are_carried():
    batch = hypotension()
    e = episodes(batch, hg.rl.probabilities(batch, hg.mix("clinician", "protocol", 0.1)))
    ended = e.discount == 0
    assert ended.any()
    assert (e.weight[:, 1:][ended[:, 1:]] == e.weight[:, :-1][ended[:, 1:]]).all()


# --- discounts and parts


@settings(max_examples=10, deadline=None)
@given(st.floats(0, 1))
def test_the_model_is_that_of_the_discounted_process(discount):
    process = random_process(9, n_states=4, n_actions=2)
    behaviour = random_policy(9, process.reward.shape)
    batch = process.records(behaviour, 4000, 2)
    target = near(behaviour)
    chosen, counts = target[batch.observation[:, 0].astype(int)], np.ones((1, batch.n_patients))
    found = fitted_q_evaluation(batch, chosen, counts, discount, "tabular").value[0]
    shorter = type(process)(discount * process.moves, process.reward, process.start)
    assert found == pytest.approx(shorter.value(target), abs=0.12)


def test_the_value_agrees_with_the_discounted_truth_of_the_mechanism():
    batch = hypotension(1500)
    truth = hg.policy_value("hypotension", "clinician", 10_240, 9, 0.9, discount_per="decision")
    found = hg.rl.evaluate(batch, "clinician", discount=0.9, n_bootstrap=40)
    for name in hg.rl.ESTIMATORS:
        assert abs(found[name].value - truth.value) < 3.5 * found[name].standard_error


def test_first_order_refits_are_close_to_whole_ones():
    process = random_process(3, n_states=6, n_actions=3)
    behaviour = random_policy(3, process.reward.shape)
    batch = process.records(behaviour, 500, 3, noise=0.5)
    target = near(behaviour)[batch.observation[:, 0].astype(int)]
    rng = np.random.default_rng(0)
    counts = np.vstack([np.ones(500), rng.multinomial(500, np.full(500, 1 / 500), size=30)])
    told = fitted_q_evaluation(batch, target, counts, 1.0, "tabular").value[1:]
    whole = []
    lengths = np.diff(np.append(batch.begins, len(batch)))
    starts = batch.begins
    for row in counts[1:].astype(int):
        rows = [
            np.arange(starts[i], starts[i] + lengths[i]) for i in np.repeat(np.arange(500), row)
        ]
        again = np.concatenate(rows)
        who = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
        part = {name: value[again] for name, value in vars(batch).items()
                if isinstance(value, np.ndarray)}  # fmt: skip
        part["patient"] = who
        drawn = type(batch)(**{**vars(batch), **part})
        whole.append(fitted_q_evaluation(drawn, target[again], np.ones((1, 500)), 1.0, "tabular"))
    whole = np.array([one.value[0] for one in whole])
    assert np.corrcoef(told, whole)[0, 1] > 0.97
    assert 0.85 < told.std() / whole.std() < 1.15


# --- the verdict


def verdicts(policy, n=1500):
    return hg.rl.evaluate(hypotension(n), policy, n_bootstrap=40)


def test_the_guideline_is_refused_although_the_usual_rules_pass():
    """Few giants and a fair sample size, but the mean weight gives it away."""
    batch = hypotension(3000, seed=5)
    found = hg.rl.evaluate(batch, "protocol", n_bootstrap=40)["WIS"]
    truth = hg.policy_value("hypotension", "protocol", 10_240)
    lenient = hg.rl.Rules(unsupported=1.0)  # as if nobody looked at single decisions
    model = hg.rl.evaluate(batch, "protocol", n_bootstrap=20, rules=lenient)["FQE"]
    assert model.verdict.endswith("courses that count are missing")
    blind = hg.rl.Rules(unsupported=1.0, model_mean=1.0)
    assert not hg.rl.evaluate(batch, "protocol", n_bootstrap=20, rules=blind)["FQE"].refused
    assert found.effective_sample_size > 100
    assert found.largest_weight < 0.1
    assert found.mean_weight < 0.5
    assert "mean weight" in found.verdict
    assert abs(found.value - truth.value) > 3 * found.standard_error


def test_a_near_target_is_let_through_and_right():
    found = verdicts(hg.temper("clinician", 1.5), 3000)
    truth = hg.policy_value("hypotension", hg.temper("clinician", 1.5), 20_480)
    for name in hg.rl.ESTIMATORS:
        assert not found[name].refused
        assert abs(found[name].value - truth.value) < 3 * found[name].standard_error


def test_what_nobody_did_is_refused_by_all():
    found = verdicts("fluid 1000, vasopressor 20.28")
    assert all(one.refused for one in found.values())
    assert "nobody was treated so" in found["WIS"].verdict
    assert "actions that clinicians take" in found["FQE"].verdict


def test_an_impossible_value_is_refused():
    returns = hypotension().returns()
    assert "outside all returns" in of_value(0.11, returns)[0]  # nothing is worth more than 0
    assert of_value(float(returns.mean()), returns) == []


def test_what_clinicians_rarely_do_themselves_is_not_held_against_a_target():
    found = verdicts("clinician")
    assert found["WIS"].unsupported_mass == 0
    assert not found["WIS"].refused


# --- bad input


def test_an_evaluation_leaves_its_arrays_alone():
    process = random_process(0, n_states=3, n_actions=2)
    batch = process.records(np.eye(2)[[0, 1, 0]] * 0.5 + 0.25, 40, 0)
    target = np.eye(2)[batch.action]
    for array in (target, *vars(batch).values()):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    hg.rl.evaluate(batch, target, n_bootstrap=20, model="tabular")


def test_bad_input_is_refused():
    batch = hypotension()
    with pytest.raises(ArgumentError, match="discount is 1.5"):
        hg.rl.evaluate(batch, "clinician", discount=1.5)
    with pytest.raises(ArgumentError, match="n_bootstrap is 0"):
        hg.rl.evaluate(batch, "clinician", n_bootstrap=0)
    with pytest.raises(ArgumentError, match="model"):
        hg.rl.evaluate(batch, "clinician", model="forest")
    with pytest.raises(ArgumentError, match="tabular model needs one column"):
        hg.rl.evaluate(batch, "clinician", model="tabular")
    with pytest.raises(ArgumentError, match="shape"):
        hg.rl.evaluate(batch, np.ones((3, 16)) / 16)
    with pytest.raises(ArgumentError, match="add up to"):
        hg.rl.evaluate(batch, np.ones((len(batch), 16)))
    with pytest.raises(ArgumentError, match="shape"):
        hg.rl.evaluate(batch, lambda seen: np.ones((len(seen), 3)) / 3)
    with pytest.raises(ArgumentError, match="'random' has a true value"):
        hg.rl.evaluate(batch, "random")
    with pytest.raises(ArgumentError, match="Unknown policy"):
        hg.rl.evaluate(batch, "guesswork")


def test_importance_sampling_is_the_textbook_product():
    """Two patients, by hand."""
    process = random_process(0, n_states=2, n_actions=2)
    policy = np.array([[0.5, 0.5], [0.25, 0.75]])
    batch = process.records(policy, 2, 0)
    target = np.array([[0.9, 0.1], [0.5, 0.5]])[batch.observation[:, 0].astype(int)]
    rows = np.arange(len(batch))
    ratio = target[rows, batch.action] / batch.behaviour_probability[rows, batch.action]
    by_hand = [
        np.prod(ratio[batch.patient == who]) * batch.reward[batch.patient == who].sum()
        for who in (0, 1)
    ]
    found = importance_sampling(episodes(batch, target), np.ones((1, 2)))[0]
    assert found == pytest.approx(np.mean(by_hand))
