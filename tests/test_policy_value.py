"""The value of a policy is a fact: treating well pays, and it is the mean over the patients."""

from __future__ import annotations

from itertools import pairwise

import joblib
import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import get_condition
from healthgym_edu.conditions.art_hiv import rewards
from healthgym_edu.errors import ArgumentError
from healthgym_edu.simulator import BLOCK, draw_noise

ART = get_condition("art_hiv").simulator
POLICIES = ("random", "clinician", "protocol")
CONSTANT = (
    "none", "3TC + ABC + DTG", "FTC + TDF + DTG", "FTC + TDF + EFV", "FTC + TDF + RPV",
    "FTC + TDF + RAL", "DRV + FTC + TDF + RTVB", "3TC + ABC + ATV", "FTC + TAF + EVG + pk-En",
)  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
def test_random_is_worse_than_the_clinician_and_the_clinician_than_the_protocol(seed):
    values = [hg.policy_value("art_hiv", p, 2000, seed) for p in POLICIES]
    for worse, better in pairwise(values):
        error = np.hypot(worse.standard_error, better.standard_error)
        assert better.value - worse.value >= 5 * error


@pytest.mark.parametrize("action", CONSTANT)
def test_no_constant_action_beats_the_protocol(action):
    protocol, constant = (hg.policy_value("art_hiv", p, 2000) for p in ("protocol", action))
    gain = protocol.returns - constant.returns  # the same patients
    assert gain.mean() > 5 * gain.std(ddof=1) / np.sqrt(len(gain))


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
    actions = {
        (row.PatientID, row.Timestep): row.code
        for row in cohort.decisions.assign(code=cohort.decisions["action"].cat.codes).itertuples()
    }
    state, expected = ART.start(draw_noise(ART, 0, 4)), np.zeros(BLOCK)
    for month in range(ART.n_steps):
        ART.measure(state)
        rows = np.flatnonzero(ART.deciding(state))
        if len(rows):
            ART.act(state, rows, np.array([actions[row, month] for row in rows]))
        ART.advance(state)
        cd4, vl = state.cd4_pool + state.cd4_fast, state.viral_load
        virus = np.array([5.0 if v < 50 else -0.7 * np.log(v) for v in vl])
        expected += 0.9**month * (virus + 0.6 * np.log(cd4))
    result = hg.policy_value("art_hiv", "protocol", BLOCK, 4, discount=0.9, reward="published")
    np.testing.assert_allclose(result.returns, expected, rtol=1e-12)


def test_course_reward_of_a_month():
    state = ART.start(draw_noise(ART, 0, 0))
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


def test_no_treatment_is_the_first_action():
    none, label = (hg.policy_value("art_hiv", p, 50) for p in ("none", "No treatment"))
    assert (none.returns == label.returns).all()


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
        ({"policy": lambda o: np.ones((len(o), 3)) / 3}, "shape"),
        ({"policy": lambda o: np.full((len(o), 31), 0.5)}, "add up to"),
        ({"policy": lambda o: np.full((len(o), 31), np.nan)}, "negative or missing"),
        ({"policy": lambda o: np.tile([2.0, -1.0] + [0.0] * 29, (len(o), 1))}, "negative"),
    ],
)
def test_what_cannot_be_used_is_refused(words, fragment):
    words = {"policy": "clinician", "n_patients": 10} | words
    with pytest.raises(ArgumentError, match=fragment):
        hg.policy_value("art_hiv", **words)
