"""Policies made of others: mixed, sharpened, kept to what is usual, with other actions."""

from __future__ import annotations

from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import healthgym_edu as hg
from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.engine import BLOCK
from healthgym_edu.errors import ArgumentError

each = pytest.mark.parametrize("condition", CONDITIONS)


def no_vasopressor(label):
    return label.split(",")[0] + ", vasopressor 0"


def table(cohort):
    return cohort.decisions[list(cohort.actions)].to_numpy(dtype=float)


def opening(cohort):
    """First decisions, by patient."""
    return cohort.decisions.groupby("PatientID").first()


@each
def test_a_mixture_of_nothing_or_all_is_one_of_the_two(condition):
    for share, policy in ((0.0, "clinician"), (1, "protocol")):
        mixed = hg.policy_value(condition, hg.mix("clinician", "protocol", share), 400)
        alone = hg.policy_value(condition, policy, 400)
        np.testing.assert_allclose(mixed.returns, alone.returns, rtol=1e-12)


@cache
def _openings(policy):
    """Probabilities of the first decision of each patient."""
    cohort = hg.simulate("hypotension", 40, policy, 3)
    return table(cohort)[~cohort.decisions.duplicated("PatientID")]


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 1))
def test_probabilities_of_a_mixture_are_mixed(share):
    """At first decisions, where all three policies meet the same people in the same state."""
    both = _openings(hg.mix("clinician", "random", share))
    one, other = _openings("clinician"), _openings("random")
    np.testing.assert_allclose(both, (1 - share) * one + share * other, atol=1e-6)


def test_a_mixture_is_worth_something_between():
    values = [
        hg.policy_value("sepsis", hg.mix("clinician", "protocol", share), 3000)
        for share in (0.0, 0.3, 0.7, 1.0)
    ]
    for worse, better in zip(values, values[1:], strict=False):
        gain = better.minus(worse)
        assert gain.value > 3 * gain.standard_error


def test_the_first_action_is_the_clinicians_within_the_set():
    arm = hg.first(lambda label: "DTG" in label)
    started = hg.simulate("art_hiv", 3000, arm, seed=2)
    usual = opening(hg.simulate("art_hiv", 3000, "clinician", seed=2))
    first = opening(started)
    assert first["action"].str.contains("DTG").all()
    labels = list(started.actions)
    inside = np.array(["DTG" in label for label in labels])
    before, after = (part[labels].to_numpy(dtype=float) for part in (usual, first))
    share = before[:, inside].sum(axis=1)
    open_to = share > 0
    assert 0.2 < open_to.mean() < 0.9  # not before its licence
    np.testing.assert_allclose(
        after[open_to][:, inside], before[open_to][:, inside] / share[open_to, None], rtol=1e-3
    )
    assert (after[:, ~inside] == 0).all()
    np.testing.assert_allclose(after[~open_to][:, inside], 1 / inside.sum(), rtol=1e-6)


def test_later_actions_are_the_clinicians_again():
    """People who by chance start on the same regimen live on as under the clinician."""
    arm = hg.first("3TC + ABC + DTG")
    usual, started = (hg.simulate("art_hiv", 2000, p, seed=1) for p in ("clinician", arm))
    same = (opening(usual)["action"] == opening(started)["action"]).to_numpy()
    assert same.sum() > 100
    people = opening(usual).index[same]
    pd.testing.assert_frame_equal(
        *(cohort.frame[cohort.frame["PatientID"].isin(people)] for cohort in (usual, started))
    )
    others = opening(usual).index[~same]
    assert len(others) > 1000


def test_whoever_comes_next_is_given():
    policy = hg.first(["fluid 500, vasopressor 0", "fluid 1000, vasopressor 0"], then="none")
    decisions = hg.simulate("hypotension", 200, policy).decisions
    first = ~decisions.duplicated("PatientID")
    assert set(decisions.loc[first, "action"]) <= {
        "fluid 500, vasopressor 0", "fluid 1000, vasopressor 0",
    }  # fmt: skip
    assert (decisions.loc[~first, "action"] == "fluid 0, vasopressor 0").all()


def test_arms_of_a_trial_are_twins():
    arms = {
        "DTG": hg.first(lambda label: "DTG" in label),
        "RPV": hg.first(lambda label: "RPV" in label),
    }
    trial = hg.twins("art_hiv", arms, n_patients=600)
    dtg, rpv = trial["DTG"], trial["RPV"]
    pd.testing.assert_frame_equal(dtg.patients, rpv.patients)
    assert opening(rpv)["action"].str.contains("RPV").all()
    assert "first some actions, then clinician" in dtg.source


@pytest.mark.parametrize("condition", ["sepsis", "hypotension"])
def test_other_actions_have_the_probabilities_of_those_they_stand_for(condition):
    policy = hg.remap("clinician", no_vasopressor)
    usual, without = (hg.simulate(condition, 300, p, seed=6) for p in ("clinician", policy))
    fluid = np.array([label.split(",")[0] for label in usual.actions])
    before, after = opening(usual), opening(without)
    for level in np.unique(fluid):
        mine = [label for label in usual.actions if label.startswith(f"{level},")]
        np.testing.assert_allclose(
            after[f"{level}, vasopressor 0"], before[mine].sum(axis=1), atol=1e-6
        )
    assert without.decisions["action"].str.endswith("vasopressor 0").all()


def test_a_mapping_moves_what_it_names():
    none, dtg = "No treatment", "3TC + ABC + DTG"
    policy = hg.remap("protocol", {none: dtg, "FTC + TDF + EFV": dtg})
    decisions = hg.simulate("art_hiv", 300, policy).decisions
    assert not decisions["action"].isin([none, "FTC + TDF + EFV"]).any()
    kept = hg.simulate("art_hiv", 300, hg.remap("protocol", {})).decisions
    pd.testing.assert_frame_equal(kept, hg.simulate("art_hiv", 300, "protocol").decisions)


def test_policies_nest():
    careful = hg.remap(hg.mix("clinician", "protocol", 0.5), no_vasopressor)
    policy = hg.mix(careful, hg.first("fluid >530, vasopressor 0", then=careful), 0.5)
    decisions = hg.simulate("sepsis", 200, policy).decisions
    assert decisions["action"].str.endswith("vasopressor 0").all()


def test_a_function_of_observations_may_be_part():
    n = len(get_mechanism("sepsis").actions)
    mine = hg.mix(lambda seen: np.eye(n)[np.zeros(len(seen), dtype=int)], "none", 0.5)
    np.testing.assert_array_equal(
        hg.policy_value("sepsis", mine, 200).returns, hg.policy_value("sepsis", "none", 200).returns
    )


def test_parts_may_go_to_other_workers():
    policy = hg.first(lambda label: "DTG" in label, then=hg.mix("clinician", "protocol", 0.5))
    here = hg.policy_value("art_hiv", policy, BLOCK + 5)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        there = hg.policy_value("art_hiv", policy, BLOCK + 5)
    assert (here.returns == there.returns).all()


def test_minari_takes_them_too(tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    policy = hg.remap("clinician", no_vasopressor)
    dataset = hg.to_minari("sepsis", "sepsis/without-v0", 20, policy)
    assert all((episode.actions % 5 == 0).all() for episode in dataset)
    returns = hg.policy_value("sepsis", policy, 20).returns
    assert [episode.rewards.sum() for episode in dataset] == pytest.approx(returns.tolist())


@pytest.mark.parametrize(
    ("make", "fragment"),
    [
        (lambda: hg.mix("clinician", "none", 1.2), "share is 1.2"),
        (lambda: hg.mix("clinician", "none", float("nan")), "share is nan"),
        (lambda: hg.mix("clinician", "none", True), "share is True"),
        (lambda: hg.mix("clinician", "clinican", 0.5), "Unknown policy 'clinican'"),
        (lambda: hg.first("DTG"), "no action 'DTG' in art_hiv"),
        (lambda: hg.first([]), "no action"),
        (lambda: hg.first(lambda label: "AZT" in label), "No action of art_hiv meets the rule"),
        (lambda: hg.first("No treatment", then="later"), "Unknown policy 'later'"),
        (lambda: hg.remap("clinician", no_vasopressor), "no action .*vasopressor 0"),
        (lambda: hg.remap("clinician", {"DTG": "No treatment"}), "no action 'DTG'"),
        (lambda: hg.remap("clinician", {"No treatment": "DTG"}), "no action 'DTG'"),
    ],
)
def test_what_cannot_be_followed_is_refused(make, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        hg.simulate("art_hiv", 10, make())


def test_they_need_a_name_among_twins():
    with pytest.raises(ArgumentError, match="needs a name"):
        hg.twins("sepsis", ["clinician", hg.mix("clinician", "none", 0.5)], 10)
    with pytest.raises(ArgumentError, match="policies is one policy"):
        hg.twins("sepsis", hg.mix("clinician", "none", 0.5), 10)


# --- comparing values


def test_a_paired_difference_is_that_of_the_same_patients():
    one, other = (hg.policy_value("sepsis", p, 4000, seed=3) for p in ("protocol", "clinician"))
    gain = one.minus(other)
    assert gain.value == pytest.approx(one.value - other.value)
    assert (gain.returns == one.returns - other.returns).all()
    unpaired = np.hypot(one.standard_error, other.standard_error)
    assert gain.standard_error < 0.85 * unpaired
    assert one.minus(one).value == one.minus(one).standard_error == 0


def test_the_standard_error_of_a_difference_is_the_spread_over_groups_of_patients():
    rule, usual = (hg.policy_value("hypotension", one, 9000) for one in ("protocol", "clinician"))
    gain = rule.minus(usual)
    spread = gain.returns.reshape(30, 300).mean(axis=1).std(ddof=1)
    assert 0.7 < spread / (gain.standard_error * np.sqrt(30)) < 1.4


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 1},
        {"n_patients": 60},
        {"reward": "published"},
        {"discount": 0.9},
        {"discount_per": "decision"},
        {"confounded": True},
    ],
)
def test_values_of_other_patients_cannot_be_subtracted(changed):
    usual = {"condition": "sepsis", "policy": "clinician", "n_patients": 50}
    value = hg.policy_value(**usual)
    with pytest.raises(ArgumentError, match="same patients under the same reward"):
        value.minus(hg.policy_value(**(usual | changed)))


def test_a_number_cannot_be_subtracted():
    with pytest.raises(ArgumentError, match="the other of -0.7"):
        hg.policy_value("sepsis", "clinician", 20).minus(-0.7)


# --- discount per decision


@each
def test_decisions_are_discounted_as_agents_do(condition):
    decisions = hg.simulate(condition, 300, "clinician", seed=8).decisions
    number = decisions.groupby("PatientID").cumcount()
    expected = (0.9**number * decisions["reward"]).groupby(decisions["PatientID"]).sum()
    value = hg.policy_value(
        condition, "clinician", 300, seed=8, discount=0.9, discount_per="decision"
    )
    np.testing.assert_allclose(value.returns[expected.index], expected, rtol=1e-9, atol=1e-12)
    by_row = hg.policy_value(condition, "clinician", 300, seed=8, discount=0.9)
    alike = np.allclose(by_row.returns, value.returns)
    assert alike == (condition == "sepsis")  # a decision in every row


@pytest.mark.parametrize("per", ["row", "decision"])
def test_without_a_discount_both_are_the_sum(per):
    usual = hg.policy_value("art_hiv", "random", 200).returns
    value = hg.policy_value("art_hiv", "random", 200, discount_per=per)
    np.testing.assert_allclose(value.returns, usual, rtol=1e-12)


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ({"discount_per": "step"}, "no discount_per 'step'"),
        ({"discount": 1.5}, "discount is 1.5"),
        ({"discount": "0.9"}, "discount is '0.9'"),
        ({"discount": True}, "discount is True"),
        ({"discount": float("nan")}, "discount is nan"),
    ],
)
def test_impossible_discounts_are_refused(words, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        hg.policy_value("sepsis", "clinician", 10, **words)


# --- sharpened, and kept within what clinicians do


@settings(max_examples=15, deadline=None)
@given(st.floats(0.2, 4))
def test_a_power_is_a_power(power):
    """At first decisions; probabilities are recorded in float32."""
    usual = _openings("clinician")
    expected = usual**power / (usual**power).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(_openings(hg.temper("clinician", power)), expected, atol=1e-5)


def test_powers_go_from_chance_to_the_commonest():
    usual = _openings("clinician")
    even, sharp = _openings(hg.temper("clinician", 1e-9)), _openings(hg.temper("clinician", 500))
    np.testing.assert_allclose(even, (usual > 0) / (usual > 0).sum(axis=1)[:, None], atol=1e-5)
    np.testing.assert_allclose(sharp.max(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(sharp.argmax(axis=1), usual.argmax(axis=1))


@each
def test_the_first_power_changes_nothing(condition):
    same = hg.policy_value(condition, hg.temper("clinician", 1.0), 300)
    np.testing.assert_allclose(
        same.returns, hg.policy_value(condition, "clinician", 300).returns, rtol=1e-9
    )


@pytest.mark.parametrize("least", [0.0, 0.01, 0.1, 0.9])
def test_what_clinicians_hardly_do_is_not_done(least):
    kept, usual = _openings(hg.within_support("protocol", least)), _openings("clinician")
    commonest = usual == usual.max(axis=1, keepdims=True)
    assert not kept[(usual <= least) & ~commonest].any()
    free = _openings("protocol")
    same = ((usual > least) | commonest)[free > 0]  # where the guideline's action is among them
    np.testing.assert_allclose(kept[same], free[same])
    if least == 0.9:
        assert not same.all()


def test_where_nothing_is_left_clinicians_choose():
    """An action that is never taken: what remains is their own policy."""

    def never(seen):
        return np.eye(16)[np.full(len(seen), 15)]  # most fluid and most vasopressor

    kept = _openings(hg.within_support(never, 0.2))
    usual = _openings("clinician")
    inside = np.where((usual > 0.2) | (usual == usual.max(axis=1, keepdims=True)), usual, 0)
    expected = inside / inside.sum(axis=1, keepdims=True)
    left = usual[:, 15] <= 0.2
    np.testing.assert_allclose(kept[left], expected[left], atol=1e-5)


@pytest.mark.parametrize("power", [0, -1, np.inf, np.nan, "2", True])
def test_other_powers_are_refused(power):
    with pytest.raises(ArgumentError, match="above 0"):
        hg.temper("clinician", power)


@pytest.mark.parametrize("least", [-0.1, 1, np.nan, "0", False])
def test_other_least_probabilities_are_refused(least):
    with pytest.raises(ArgumentError, match="from 0 to below 1"):
        hg.within_support("protocol", least)
