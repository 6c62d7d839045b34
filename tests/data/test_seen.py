"""What was seen, done and paid: as in the environments, and never from the future."""

from __future__ import annotations

from dataclasses import replace

import gymnasium
import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.data import load_cohort
from healthgym_edu.engine import BLOCK
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.errors import ArgumentError

N, SEED = BLOCK + 60, 5
each = pytest.mark.parametrize("condition", CONDITIONS)


@pytest.fixture(scope="module")
def cohorts():
    return {name: hg.load_cohort(name, n_patients=N, seed=SEED) for name in CONDITIONS}


def of(table, patient):
    """The rows of one patient, without the identifier."""
    return table[table["PatientID"] == patient].drop(columns="PatientID")


@each
@pytest.mark.parametrize("reward", ["course", "published"])
def test_rewards_of_decisions_add_up_to_the_returns(condition, reward):
    cohort = hg.simulate(condition, N, "protocol", seed=SEED, reward=reward)
    returns = hg.policy_value(condition, "protocol", N, seed=SEED, reward=reward).returns
    assert list(cohort.decisions.columns)[-1] == "reward"
    total = cohort.decisions.groupby("PatientID")["reward"].sum()
    np.testing.assert_allclose(total, returns[total.index], rtol=1e-9, atol=1e-12)
    missing = N - len(total)
    assert missing <= 1  # somebody may have no visit in five years


@each
def test_one_row_per_decision_and_one_at_the_end(condition, cohorts):
    cohort, step = cohorts[condition], cohorts[condition].schema.step
    seen, decisions = cohort.seen, cohort.decisions
    counts = decisions.groupby("PatientID").size().reindex(range(N), fill_value=0)
    assert (seen.groupby("PatientID").size() == counts + 1).all()
    last = ~seen.duplicated("PatientID", keep="last")
    pd.testing.assert_frame_equal(
        seen.loc[~last, ["PatientID", step]].reset_index(drop=True),
        decisions[["PatientID", step]].reset_index(drop=True),
    )
    assert (seen.loc[last, step].to_numpy() == cohort.frame.groupby("PatientID").size()).all()
    assert list(seen.columns[2:]) == list(get_mechanism(condition).observation_names)


@each
def test_patients_in_the_environment_see_and_are_paid_the_same(condition, cohorts):
    cohort = cohorts[condition]
    env = gymnasium.make(ENVIRONMENTS[condition])
    for patient in (0, 7, BLOCK + 3):
        observation, _ = env.reset(seed=SEED, options={"patient": patient})
        seen = of(cohort.seen, patient).iloc[:, 1:].to_numpy().astype(np.float32)
        made = of(cohort.decisions, patient)
        np.testing.assert_allclose(observation, seen[0], rtol=1e-6)
        for k, (action, reward) in enumerate(
            zip(made["action"].cat.codes, made["reward"], strict=True), start=1
        ):
            observation, paid, terminated, truncated, _ = env.step(int(action))
            np.testing.assert_allclose(observation, seen[k], rtol=1e-6)
            assert paid == pytest.approx(reward, rel=1e-9, abs=1e-12)
        assert terminated or truncated


@each
def test_the_guideline_decides_by_what_was_seen(condition):
    cohort = hg.simulate(condition, 300, "protocol", seed=SEED)
    mechanism = get_mechanism(condition)
    at_decisions = cohort.seen[cohort.seen.duplicated("PatientID", keep="last")]
    chosen = mechanism.follow_guideline(at_decisions.iloc[:, 2:].to_numpy()).argmax(axis=1)
    assert (chosen == cohort.decisions["action"].cat.codes).all()


def differing(cohort, column, name):
    """At which decisions the table shows another value than the clinician saw."""
    step = cohort.schema.step
    table = cohort.frame.set_index(["PatientID", step])[column]
    decisions = cohort.seen[cohort.seen.duplicated("PatientID", keep="last")]
    shown = table.loc[pd.MultiIndex.from_frame(decisions[["PatientID", step]])].to_numpy()
    differs = np.abs(shown - decisions[name].to_numpy()) > 0.01
    return differs, ~decisions.duplicated("PatientID").to_numpy()


@pytest.mark.parametrize(
    ("condition", "column", "at_first", "later"),
    [("sepsis", "Lactate", 0.69, 0.134), ("sepsis", "Albumin", 0.77, 0.253),
     ("hypotension", "lactic_acid", 0.69, 0.261)],
)  # fmt: skip
def test_the_table_is_carried_back_and_what_was_seen_is_not(condition, column, at_first, later):
    """At most first decisions the table already shows a value that is measured later."""
    differs, first = differing(hg.load_cohort(condition), column, column)
    assert differs[first].mean() == pytest.approx(at_first, abs=0.02)
    assert differs.mean() == pytest.approx(later, abs=0.01)


def test_nothing_measured_later_can_be_read_from_what_was_seen(cohorts):
    """Before the first lactate the record shows the median, whatever is to come."""
    for condition, name, never in (
        ("sepsis", "Lactate", 1.6),
        ("hypotension", "lactic_acid", 1.73),
    ):
        seen = cohorts[condition].seen
        opening = seen[~seen.duplicated("PatientID")]
        assert (opening[name] == never).mean() > 0.4
    later = hg.simulate("hypotension", N, "none", seed=SEED).seen
    pd.testing.assert_frame_equal(
        later[~later.duplicated("PatientID")].reset_index(drop=True),
        opening.reset_index(drop=True),
    )


@each
def test_parts_carry_what_belongs_to_their_patients(condition, cohorts):
    cohort = cohorts[condition]
    parts = [*cohort.split(0.3, seed=2), cohort.subset([4, 900, 2])]
    for part in parts:
        for name in ("seen", "decisions"):
            whole, kept = getattr(cohort, name), getattr(part, name)
            expected = whole[whole["PatientID"].isin(part.patients.index)]
            pd.testing.assert_frame_equal(kept, expected.reset_index(drop=True))
    assert len(parts[0].seen) + len(parts[1].seen) == len(cohort.seen)


@each
def test_probabilities_stand_under_their_labels(condition, cohorts):
    cohort = cohorts[condition]
    assert cohort.actions == get_mechanism(condition).actions
    total = cohort.decisions[list(cohort.actions)].to_numpy(dtype=float).sum(axis=1)
    np.testing.assert_allclose(total, 1, atol=1e-5)


# --- other people of the same kind


def same(one, other):
    return one.frame.shape == other.frame.shape and one.frame.equals(other.frame)


def test_fresh_people_are_those_of_another_seed(cohorts):
    cohort = cohorts["sepsis"]
    fresh = cohort.fresh(50, seed=9)
    assert same(fresh, hg.load_cohort("sepsis", n_patients=50, seed=9))
    assert (fresh.source, fresh.seed) == ("teaching", 9)
    assert len(cohort.subset(range(40)).fresh(seed=8)) == 40
    again = fresh.fresh(30, seed=SEED)  # the recipe goes on
    assert same(again, cohort.subset(range(30)))


def test_fresh_people_live_by_the_same_recipe():
    cohort = hg.simulate(
        "hypotension", 60, hg.mix("clinician", "none", 0.5), reward="published", confounded=True
    )
    fresh = cohort.split(0.5)[1].fresh(80, seed=4)
    expected = hg.simulate(
        "hypotension", 80, hg.mix("clinician", "none", 0.5), 4, reward="published", confounded=True
    )
    assert same(fresh, expected)
    pd.testing.assert_frame_equal(fresh.decisions, expected.decisions)
    assert fresh.source == cohort.source
    assert fresh.source.endswith("confounded")


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        ({"seed": SEED}, "cohort's own"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2.0}, "seed is 2.0"),
        ({"seed": 7, "n_patients": 0}, "n_patients is 0"),
        ({"seed": 7, "n_patients": "many"}, "n_patients is 'many'"),
    ],
)
def test_what_brings_nobody_new_is_refused(cohorts, arguments, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        cohorts["sepsis"].fresh(**arguments)


def test_the_seed_must_be_said(cohorts):
    with pytest.raises(TypeError, match="seed"):
        cohorts["sepsis"].fresh(10)


def test_a_file_has_no_recipe_no_decisions_and_nothing_seen(cohorts, tmp_path):
    cohorts["sepsis"].subset(range(5)).save(tmp_path / "icu.csv")
    cohort = load_cohort("sepsis", source=tmp_path / "icu.csv")
    assert cohort.seen is None
    with pytest.raises(ArgumentError, match=r"icu.csv was not simulated.*split"):
        cohort.fresh(seed=1)
    with pytest.raises(ArgumentError, match="Nobody recorded decisions"):
        cohort.actions  # noqa: B018
    assert len(cohort.subset([1, 2])) == 2
    with pytest.raises(ArgumentError, match=r"no reward 'corse' for sepsis.*Did you mean 'course'"):
        hg.load_cohort("sepsis", n_patients=5, reward="corse")


def test_a_changed_table_keeps_its_recipe(cohorts):
    changed = replace(cohorts["sepsis"], frame=cohorts["sepsis"].frame.assign(HR=1.0))
    assert changed.fresh(5, seed=1).frame["HR"].min() > 20
