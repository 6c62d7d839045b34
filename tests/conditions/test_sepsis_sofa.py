"""Sepsis: the SOFA score, and what a block is worth."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sepsis_by_hand import EVERYBODY, SEEN, SIM, indexed, score_of, shift, urine_of_a_day

from healthgym_edu.conditions.sepsis import SCHEMA, Sepsis, rewards, sofa
from healthgym_edu.conditions.sepsis.care import COLUMN
from healthgym_edu.conditions.sepsis.parameters import FLUID_EDGES
from healthgym_edu.conditions.sepsis.physiology import late_risk
from healthgym_edu.engine import BLOCK, simulate_tables, true_value

# --- SOFA ---------------------------------------------------------------------------------------

WELL = {
    "PaO2": 90.0, "FiO2": 0.21, "Mech": False, "PlateletsCount": 200.0, "TotalBili": 0.5,
    "MeanBP": 80.0, "MaxVaso": 0.0, "GCS": "15", "Creatinine": 0.8, "Output4H": 300.0,
}  # fmt: skip


def _day(rows=6, **changes):
    """A day of somebody well, with some values changed in every block."""
    frame = pd.DataFrame([WELL | changes] * rows)
    frame["GCS"] = pd.Categorical(frame["GCS"], categories=SCHEMA["GCS"].labels)
    return frame.assign(PatientID=0, Timepoints=range(rows))


def _cases(organ, name, points_of, **more):
    return [(organ, {name: value} | more, points) for value, points in points_of.items()]


BOUNDARIES = [
    *_cases("respiration", "PaO2", {400: 0, 399: 1, 300: 1, 299: 2, 200: 2}, FiO2=1.0),
    *_cases("respiration", "PaO2", {199: 2, 99: 2, 30: 2}, FiO2=1.0),  # no machine, no 3
    *_cases("respiration", "PaO2", {200: 2, 199: 3, 100: 3, 99: 4}, FiO2=1.0, Mech=True),
    *_cases("respiration", "FiO2", {0.24: 0, 0.35: 2, 0.5: 3}, PaO2=99.0, Mech=True),
    *_cases("coagulation", "PlateletsCount",
            {150: 0, 149: 1, 100: 1, 99: 2, 50: 2, 49: 3, 20: 3, 19: 4}),
    *_cases("liver", "TotalBili",
            {1.19: 0, 1.2: 1, 1.9: 1, 2.0: 2, 5.9: 2, 6.0: 3, 11.9: 3, 12.0: 4}),
    *_cases("circulation", "MeanBP", {70: 0, 69.9: 1, 40: 1}),
    *_cases("circulation", "MaxVaso", {0.001: 3, 0.1: 3, 0.101: 4}),
    *_cases("circulation", "MaxVaso", {0.001: 3, 0.5: 4}, MeanBP=50.0),
    *_cases("consciousness", "GCS",
            {"15": 0, "14": 1, "13": 1, "12": 2, "10": 2, "9": 3, "6": 3, "5": 4, "3": 4}),
    *_cases("kidneys", "Creatinine",
            {1.19: 0, 1.2: 1, 1.9: 1, 2.0: 2, 3.4: 2, 3.5: 3, 4.9: 3, 5.0: 4}),
    *_cases("kidneys", "Output4H", {84.0: 0, 83.0: 3, 34.0: 3, 33.0: 4, 0.0: 4}),
    *_cases("kidneys", "Output4H", {84.0: 2, 83.0: 3, 33.0: 4}, Creatinine=2.0),  # the worse one
    *_cases("kidneys", "Output4H", {83.0: 4}, Creatinine=5.0),
]  # fmt: skip


@pytest.mark.parametrize(("organ", "changes", "points"), BOUNDARIES)
def test_an_organ_has_the_points_of_its_table(organ, changes, points):
    frame = _day(**changes)
    parts = sofa(frame, parts=True).iloc[-1]
    assert parts[organ] == points
    assert parts.sum() == points  # the others are well
    assert sofa(frame).iloc[-1] == points
    assert sofa(frame).name == "SOFA"


def test_urine_counts_when_a_day_of_it_is_over_and_is_the_patients_own():
    for rows, points in ((5, 0), (6, 4)):
        assert sofa(_day(rows, Output4H=0.0)).iloc[-1] == points
    two = pd.concat([_day(4, Output4H=0.0), _day(4, Output4H=0.0).assign(PatientID=1)])
    assert (sofa(two) == 0).all()
    recovered = pd.concat([_day(6, Output4H=0.0), _day(6).assign(Timepoints=range(6, 12))])
    assert sofa(recovered).tolist() == [0] * 5 + [4, 3] + [0] * 5  # 0, 300, 600 mL


def test_the_score_of_a_cohort_is_that_of_its_columns(septic):
    frame = septic.frame[septic.frame["PatientID"] < 150]
    rows = list(zip(frame.to_dict("records"), urine_of_a_day(frame), strict=True))
    score = sofa(frame).to_numpy()
    assert (score == [score_of(*row) for row in rows]).all()
    assert score.min() <= 1
    assert score.max() >= 13
    assert (score != [score_of(*row, needs_machine=False) for row in rows]).mean() > 0.1
    assert (score != [score_of(*row, platelets_equal=True) for row in rows]).any()


def test_the_score_at_the_bedside_is_that_of_the_record_and_the_last_dose(septic_blocks):
    for block, step in enumerate(septic_blocks[:8]):
        living = np.flatnonzero(step["alive"][:200])
        seen = pd.DataFrame(step["seen"][living], columns=SIM.observation_names)
        day = sum(s["seen"][living, SEEN["Output4H"]] for s in septic_blocks[block - 5 : block + 1])
        urine = day if block >= 5 else np.full(len(living), np.nan)
        points = map(score_of, seen.to_dict("records"), urine)
        assert (seen["SOFA"] == list(points)).mean() > 0.995  # not where urine was not charted


# --- rewards ------------------------------------------------------------------------------------


def test_the_published_reward_is_paid_once_and_is_the_outcome(septic, septic_blocks):
    returns = true_value(SIM, "clinician", 2 * BLOCK, seed=0, reward="published").returns
    np.testing.assert_array_equal(returns, 1.0 - 2 * septic.patients["Died in 90 days"])
    paid = np.stack([step["published"] for step in septic_blocks], axis=1)
    assert (np.abs(paid).sum(axis=1) == 1).all()
    last = septic.patients["Block of death"][:BLOCK]
    block = last.fillna(19).to_numpy(int)  # survivors are paid at the end
    assert (paid[EVERYBODY, block] != 0).all()


def test_nothing_is_paid_after_death(septic_blocks):
    for before, step in pairwise(septic_blocks):
        dead = ~step["alive"]
        assert (dead >= ~before["alive"]).all()
        for name in SIM.rewards:
            assert (step[name][dead] == 0).all()
    assert dead.sum() > 40
    for name in SIM.rewards:  # and nothing else than what is paid in blocks that were lived
        returns = true_value(SIM, "clinician", BLOCK, reward=name).returns
        np.testing.assert_allclose(returns, sum(step[name] for step in septic_blocks), atol=1e-12)


def test_the_shaped_reward_is_that_of_the_columns(septic_truth, septic_blocks):
    """Raghu's three terms from the true table: a score has the dose of the block before it."""
    frame = indexed(septic_truth.frame[septic_truth.frame["PatientID"] < 300])
    lived = frame.assign(MaxVaso=shift(frame["MaxVaso"])).reset_index()
    score = [score_of(*row) for row in zip(lived.to_dict("records"), urine_of_a_day(lived),
                                          strict=True)]  # fmt: skip
    score = pd.Series(score, index=frame.index)
    change = shift(score, -1) - score
    rise = np.tanh(shift(frame["Lactate"], -1) - frame["Lactate"])
    expected = -0.125 * change - 0.025 * ((change == 0) & (score > 0)) - 2 * rise
    for block in range(1, 19):
        now = expected.xs(block, level=1).dropna()
        paid = septic_blocks[block]["shaped"][now.index]
        np.testing.assert_allclose(paid, now, atol=1e-9)
    last = np.stack([step["shaped"] for step in septic_blocks], axis=1)
    died = ~septic_blocks[-1]["alive"]
    assert (last[died].min(axis=1) == -15).all()


@pytest.mark.parametrize(
    ("pressure", "level", "ml", "expected"),
    [
        (80.0, 0, 0.0, 0.0),
        (65.0, 0, 0.0, 0.0),
        (60.0, 0, 0.0, -0.05),
        (57.5, 0, 0.0, -0.10),
        (55.0, 0, 0.0, -0.15),
        (30.0, 0, 0.0, -0.15),
        (80.0, 3, 0.0, -0.06),
        (80.0, 0, 500.0, -0.02),
        (55.0, 4, 1000.0, -0.27),
    ],
)
def test_course_reward_of_a_block(pressure, level, ml, expected):
    state = SIM.start(SIM.draw(0, 0))
    SIM.measure(state)
    SIM.advance(state)
    state.alive, state.death_step = np.ones(BLOCK, dtype=bool), np.full(BLOCK, -1)
    state.truth = state.truth.copy()
    state.truth[:, COLUMN["MeanBP"]] = pressure
    state.vasopressor, state.fluid_ml = np.full(BLOCK, level), np.full(BLOCK, ml)
    before = state.risk_before
    assert SIM.reward(state) == pytest.approx(expected + 2 * (before - state.risk))
    state.alive, state.death_step = np.zeros(BLOCK, dtype=bool), np.zeros(BLOCK, dtype=int)
    state.risk = np.ones(BLOCK)
    treatment = -0.02 * level - 0.04 * ml / 1000
    end = -2 * (1 - before) - 0.33 * 19  # dying in the first of twenty blocks
    assert SIM.reward(state) == pytest.approx(treatment + end)
    assert SIM.reward(state, "published") == pytest.approx(-1)


class PaidAtTheEnd(Sepsis):
    """The fall of the risk from arrival, paid when a patient dies or leaves."""

    def reward(self, state, name="course"):
        treatment = rewards.VASOPRESSOR * state.vasopressor + rewards.LITRE * state.fluid_ml / 1000
        mean = state.truth[:, COLUMN["MeanBP"]]
        worth = treatment + np.interp(mean, rewards.PRESSURES, rewards.WORTH)
        arrival = self.start(self.draw(0, 3)).risk[state.noise.patients]
        leaves = state.step == self.n_steps
        worth = worth + np.where(leaves, 2 * (arrival - late_risk(state, self.parameters)), 0)
        lost = rewards.BLOCK_NOT_LIVED * (self.n_steps - state.step)
        return np.where(state.alive, worth, treatment + lost - 2 * (1 - arrival))


@pytest.mark.parametrize("policy", ["clinician", "random", "none"])
def test_the_fall_of_risk_accrues_and_adds_up_to_that_paid_at_the_end(policy):
    accrued = true_value(SIM, policy, BLOCK, seed=3).returns
    at_once = true_value(PaidAtTheEnd(), policy, BLOCK, seed=3).returns
    np.testing.assert_allclose(accrued, at_once, rtol=0, atol=1e-9)


def test_leaving_is_worth_the_fall_of_the_risk_of_death():
    values = true_value(SIM, "none", 2 * BLOCK, seed=0).returns
    run = simulate_tables(replace(SIM, carried=False), 2 * BLOCK, "none", seed=0)
    pressure = np.interp(run.frame["MeanBP"], [55, 60, 65], [-0.15, -0.05, 0])
    lived = run.frame.assign(worth=pressure).groupby("PatientID")["worth"].sum()
    stayed = ~run.patients["Died in stay"].to_numpy()
    rest = (values - lived)[stayed]  # twice the fall, but for the first block and the last
    assert rest.between(-2.2, 2.2).all()
    died = run.patients["Died in 90 days"][stayed]
    assert rest[~died].mean() > rest[died].mean() + 0.3


def test_dying_early_is_never_the_better_way():
    """The dearest block of a living patient costs less than one not lived."""
    dearest = rewards.WORTH.min() + 4 * rewards.VASOPRESSOR + rewards.LITRE * FLUID_EDGES[-1] / 1000
    assert dearest > rewards.BLOCK_NOT_LIVED


def test_withholding_the_vasopressor_does_not_pay():
    def without(observations):
        return np.eye(25)[5 * (SIM.follow_guideline(observations).argmax(axis=1) // 5)]

    with_it, withheld = (true_value(SIM, p, 4000).returns for p in ("protocol", without))
    gain = with_it - withheld  # of the same patients
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))
    assert true_value(SIM, "none", 2000).value < true_value(SIM, "random", 2000).value


def test_values_are_ordered():
    values = [true_value(SIM, p, 2000, seed=2) for p in ("random", "clinician", "protocol")]
    for worse, better in pairwise(values):
        error = np.hypot(worse.standard_error, better.standard_error)
        assert better.value - worse.value > 5 * error
