"""The value of a policy is a fact: treating well pays, and it is the mean over the patients."""

from __future__ import annotations

from itertools import pairwise

import joblib
import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.conditions.art_hiv import rewards
from healthgym_edu.engine import BLOCK, live_block, true_value
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.errors import ArgumentError

ART = get_mechanism("art_hiv")
POLICIES = ("random", "clinician", "protocol")
SOME_ART = (
    "No treatment", "3TC + ABC + DTG", "FTC + TDF + DTG", "FTC + TDF + EFV", "FTC + TDF + RPV",
    "FTC + TDF + RAL", "DRV + FTC + TDF + RTVB", "3TC + ABC + ATV", "FTC + TAF + EVG + pk-En",
)  # fmt: skip

each = pytest.mark.parametrize("condition", ENVIRONMENTS)


@each
@pytest.mark.parametrize("seed", [0, 1, 3])
def test_random_is_worse_than_the_clinician_and_the_clinician_than_the_protocol(condition, seed):
    values = [hg.policy_value(condition, p, 2000, seed) for p in POLICIES]
    for worse, better in pairwise(values):
        error = np.hypot(worse.standard_error, better.standard_error)
        assert better.value - worse.value >= 5 * error


@each
def test_no_constant_action_beats_the_protocol(condition):
    protocol = hg.policy_value(condition, "protocol", 2000).returns
    actions = SOME_ART if condition == "art_hiv" else get_mechanism(condition).actions
    for action in actions:
        gain = protocol - hg.policy_value(condition, action, 2000).returns  # the same patients
        assert gain.mean() > 3 * gain.std(ddof=1) / np.sqrt(len(gain)), action


# --- twins


def months_suppressed(state):
    """As the table tells it, where values are rounded."""
    return 1.0 * (np.round(10 ** state.results["log_vl"], ART.schema["VL"].decimals) < 50)


def rows_to_come(state):
    """Whether there is another row after the step just lived: step counts it already."""
    return 1.0 * (state.alive & (state.step < len(state.noise.steps["action"])))


def suppressed_in(cohort):
    return (cohort.frame["VL"] < 50).groupby(cohort.frame["PatientID"]).sum()


def rows_in(cohort):
    """Rows a patient has after the first."""
    return cohort.frame.groupby(cohort.schema.id).size() - 1


@each
def test_the_average_difference_between_twins_is_the_difference_of_policy_values(condition):
    """An outcome counted in the twins' tables, against values from the states of other patients."""
    counted, in_table = (
        (months_suppressed, suppressed_in) if condition == "art_hiv" else (rows_to_come, rows_in)
    )

    class Counting(type(get_mechanism(condition))):
        def reward(self, state, name="course"):
            return counted(state)

    n, policies = 4 * BLOCK, ("none", "protocol")
    cohorts = hg.twins(condition, policies, n, seed=0)
    none, protocol = (in_table(cohorts[p]).to_numpy(dtype=float) for p in policies)
    effect = protocol - none
    values = [true_value(Counting(), p, n, seed=0) for p in policies]  # the same patients
    np.testing.assert_array_equal(values[0].returns, none)
    np.testing.assert_array_equal(values[1].returns, protocol)
    assert abs(effect.mean()) > 5 * effect.std(ddof=1) / np.sqrt(n)

    others = [true_value(Counting(), p, n, seed=10 + k) for k, p in enumerate(policies)]
    difference = others[1].value - others[0].value
    errors = (effect.std(ddof=1) / np.sqrt(n), *(value.standard_error for value in others))
    error = np.sqrt(np.square(errors).sum())
    assert abs(effect.mean() - difference) < 4 * error
    assert abs(-effect.mean() - difference) > 4 * error  # twins told the other way round


def test_value_is_the_mean_of_the_returns_and_its_error_theirs():
    result = hg.policy_value("art_hiv", "clinician", 1500, seed=3)
    assert result.returns.shape == (1500,)
    assert result.value == pytest.approx(result.returns.mean())
    assert result.standard_error == pytest.approx(result.returns.std(ddof=1) / np.sqrt(1500))
    assert np.isnan(hg.policy_value("art_hiv", "none", 1).standard_error)


def test_first_patients_do_not_change_with_the_number_or_the_workers():
    few = hg.policy_value("art_hiv", "clinician", 100, seed=2)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        many = hg.policy_value("art_hiv", "clinician", BLOCK + 10, seed=2)
    assert (few.returns == many.returns[:100]).all()


def test_the_patients_are_those_of_the_cohort():
    """The return under the published reward, by hand, from the states behind a cohort."""
    cohort = hg.simulate("art_hiv", BLOCK, "protocol", seed=4)
    codes = cohort.decisions["action"].cat.codes.to_numpy()
    actions = np.full((BLOCK, ART.n_steps), -1)
    actions[cohort.decisions["PatientID"], cohort.decisions["Timestep"]] = codes
    expected = np.zeros(BLOCK)

    def as_recorded(state):
        action = actions[state.noise.patients, state.step]
        assert (action >= 0).all()
        return np.eye(len(ART.actions))[action]

    def pay(rows, state):
        """Pay for the month before this one, which led here."""
        lived = rows[state.step > 0]
        cd4, vl = state.cd4_pool + state.cd4_fast, state.viral_load
        virus = np.array([5.0 if v < 50 else -0.7 * np.log(v) for v in vl])
        worth = 0.9 ** (state.step - 1) * (virus + 0.6 * np.log(cd4))
        expected[lived] += worth[state.step > 0]

    lives = live_block(ART, 0, 4, as_recorded, watch=pay)
    pay(np.arange(BLOCK), lives.state)
    assert (lives.state.decisions == (actions >= 0).sum(axis=1)).all()
    result = hg.policy_value("art_hiv", "protocol", BLOCK, 4, discount=0.9, reward="published")
    np.testing.assert_allclose(result.returns, expected, rtol=1e-12)


def test_course_reward_of_a_month():
    state = ART.start(ART.draw(0, 0))
    state.viral_load = np.full(BLOCK, 20.0)
    state.cd4_pool, state.cd4_fast = np.full(BLOCK, 400.0), np.full(BLOCK, 200.0)
    state.engaged = np.ones(BLOCK, dtype=bool)
    state.regimen = np.full(BLOCK, ART.actions.index("3TC + ABC + DTG") - 1)
    state.entry_year = np.full(BLOCK, 2016.0)
    assert rewards.course(state) == pytest.approx(1)
    state.intolerant = np.ones(BLOCK, dtype=bool)
    assert rewards.course(state) == pytest.approx(0.25)
    state.entry_year = np.full(BLOCK, 2010.0)
    assert rewards.course(state) == pytest.approx(0)
    state.viral_load = np.full(BLOCK, 10.0**6)
    state.cd4_pool = np.full(BLOCK, 50.0)
    assert rewards.course(state) == pytest.approx(0.1 * np.log(0.5) - 1)


@each
def test_no_treatment_is_the_first_action(condition):
    label = get_mechanism(condition).actions[0]
    none, named = (hg.policy_value(condition, p, 50) for p in ("none", label))
    assert (none.returns == named.returns).all()


@each
def test_later_steps_weigh_less_under_a_discount_and_none_is_paid_after_death(condition):
    mechanism, n = get_mechanism(condition), 200

    class One(type(mechanism)):
        def reward(self, state, name="course"):
            return np.ones(len(state))

    frame = hg.simulate(condition, n, "none").frame
    lived = frame.groupby(mechanism.schema.id).size().to_numpy()
    assert (lived < mechanism.n_steps).any() != mechanism.schema.equal_length
    np.testing.assert_array_equal(true_value(One(), "none", n).returns, lived)
    halved = true_value(One(), "none", n, discount=0.5).returns
    np.testing.assert_allclose(halved, 2 - 2.0 ** (1 - lived))
    assert true_value(One(), "none", n, discount=0).value == 1


def test_a_condition_without_rewards_has_no_values():
    class Silent(type(ART)):
        rewards = ()

    with pytest.raises(ArgumentError, match="no reward"):
        true_value(Silent(), "none", 10)


def uniform(k):
    return lambda observations: np.full((len(observations), k), 1 / k)


@each
def test_a_policy_of_ones_own_must_return_probabilities(condition):
    k = len(get_mechanism(condition).actions)

    def refused(policy, fragment):
        with pytest.raises(ArgumentError, match=fragment):
            hg.policy_value(condition, policy, 10)

    hg.policy_value(condition, uniform(k), 10)
    refused(uniform(k - 1), rf"shape \(\d+, {k - 1}\).*expected \(\d+, {k}\)")
    refused(lambda o: np.full(k, 1 / k), "shape")
    refused(lambda o: 1.01 * uniform(k)(o), "add up to 1.01")
    refused(lambda o: np.nan * uniform(k)(o), "negative or missing")
    refused(lambda o: np.tile([2.0, -1.0] + [0.0] * (k - 2), (len(o), 1)), "negative")


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ({"n_patients": 0}, "n_patients"),
        ({"seed": -1}, "seed"),
        ({"discount": 1.1}, "discount"),
        ({"discount": -0.1}, "discount"),
        ({"discount": float("nan")}, "discount"),
        ({"discount": "all"}, "discount"),
        ({"reward": "money"}, "'course', 'published'"),
        ({"policy": "protocoll"}, "'protocol'"),
    ],
)
def test_what_cannot_be_used_is_refused(words, fragment):
    words = {"policy": "clinician", "n_patients": 10} | words
    with pytest.raises(ArgumentError, match=fragment):
        hg.policy_value("art_hiv", **words)


@pytest.mark.parametrize("condition", ["sepsis", "hypotension"])
def test_recorded_probabilities_hold_what_is_hidden_and_the_record_does_not(condition):
    """A first vasopressor: its truth by weighting with recorded probabilities, not by comparison.

    The clinician follows hidden severity strongly, so that those who got one were sicker.
    """

    def on(label):
        return not label.endswith("vasopressor 0")

    n = 12 * BLOCK
    truth = hg.policy_value(condition, hg.first(on), n, confounded="strong").returns
    cohort = hg.simulate(condition, n, confounded="strong")
    decisions = cohort.decisions.groupby("PatientID")
    returns = decisions["reward"].sum().to_numpy()
    first = decisions.first()
    labels = [label for label in cohort.actions if on(label)]
    chance = first[labels].sum(axis=1).to_numpy(float)
    able = chance > 0  # of the others nobody ever starts one
    truth, returns, chance = truth[able].mean(), returns[able], chance[able]
    started = first["action"].isin(labels).to_numpy()[able]
    weight = started / chance
    weighted = np.average(returns, weights=weight)
    error = np.sqrt((weight**2 * (returns - weighted) ** 2).sum()) / weight.sum()
    assert abs(weighted - truth) < 3.5 * error
    assert returns[started].mean() < truth - 3.5 * error
