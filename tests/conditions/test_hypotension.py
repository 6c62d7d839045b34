"""Acute hypotension: pressures, treatment and its costs, what is measured, who dies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions.hypotension import MEDIANS, SCHEMA, Hypotension, Parameters
from healthgym_edu.conditions.hypotension.care import MEASURED_BY
from healthgym_edu.conditions.hypotension.parameters import DOSES, FLUID_ML, HOURS_PER_BLOCK
from healthgym_edu.engine import Noise, live_block, simulate_tables
from healthgym_edu.errors import ArgumentError

SIM = Hypotension()
NOTHING = "fluid 0, vasopressor 0"
COLUMN = {name: k for k, name in enumerate(SIM.observation_names)}


@pytest.fixture(scope="module")
def stay():
    return simulate_tables(SIM, 4000, seed=0)


@pytest.fixture(scope="module")
def truth():
    """The same patients, every hour as it was."""
    return simulate_tables(replace(SIM, carried=False), 4000, seed=0)


# --- the table --------------------------------------------------------------------------------


def test_the_columns_are_the_published_ones_with_lower_bin_edges_as_codes():
    assert SCHEMA.names[:5] == ["PatientID", "Timepoints", "MAP", "diastolic_bp", "systolic_bp"]
    assert len(SCHEMA) == 22
    assert SCHEMA["fluid_boluses"].codes == (0, 250, 500, 1000)
    assert SCHEMA["vasopressors"].codes == (0.0, 1e-06, 8.4, 20.28)
    assert SCHEMA["GCS_total"].codes == tuple(range(3, 16))
    assert not SCHEMA.equal_length


def test_a_cohort_is_valid_and_survives_the_way_to_file_codes_and_back(stay):
    SCHEMA.validate(stay.frame)
    pd.testing.assert_frame_equal(SCHEMA.decode(SCHEMA.encode(stay.frame)), stay.frame)


def test_doses_lie_in_the_published_bins_of_an_hour():
    """The figures' label mcg/kg/min is wrong: edges are per hour, so 8.4 is 0.14 a minute."""
    per_hour = 60 * np.array(DOSES)
    edges = np.array(SCHEMA["vasopressors"].codes)
    assert (np.searchsorted(edges, per_hour, side="right") - 1).tolist() == [0, 1, 2, 3]
    assert tuple(float(code) for code in SCHEMA["fluid_boluses"].codes) == FLUID_ML


# --- physiology -------------------------------------------------------------------------------


def test_mean_pressure_lies_between_diastolic_and_systolic(truth):
    frame = truth.frame
    assert (frame["diastolic_bp"] < frame["MAP"]).all()
    assert (frame["MAP"] < frame["systolic_bp"]).all()


def _mean_pressure(action: str, hours: int = 48) -> pd.Series:
    immortal = replace(SIM, parameters=replace(Parameters(), death_base=-50.0))
    frame = simulate_tables(immortal, 1000, action, seed=4).frame
    return frame.groupby("Timepoints")["MAP"].mean().iloc[:hours]


def test_pressure_rises_with_the_dose_with_less_and_less_gained():
    means = [_mean_pressure(f"fluid 0, vasopressor {dose}")[4:12].mean() for dose in DOSE_LABELS]
    gains = np.diff(means)
    assert (gains > 0).all()
    per_dose = gains / np.diff(DOSES)
    assert (np.diff(per_dose) < 0).all()  # Emax


DOSE_LABELS = SCHEMA["vasopressors"].labels


def test_a_bolus_lifts_pressure_and_most_of_it_wears_off():
    def one_bolus(observations):
        first = observations[:, COLUMN["hour"]] == 0
        return np.eye(16)[np.where(first, 12, 0)]

    immortal = replace(SIM, parameters=replace(Parameters(), death_base=-50.0))
    treated, untreated = (
        simulate_tables(immortal, 1000, policy, seed=4).frame.groupby("Timepoints")["MAP"].mean()
        for policy in (one_bolus, NOTHING)
    )
    gain = (treated - untreated).to_numpy()
    assert gain[0] == 0
    assert 2 < gain[1] < 8  # mmHg: field notes, 3 to 8 at once
    assert gain[4] < 0.6 * gain[1]
    assert gain[12] > 0  # what filled a deficit stays


def test_patients_differ_in_how_they_respond():
    state = SIM.start(SIM.draw(0, 0))
    assert 0.35 < np.mean(state.response > 0.5) < 0.65  # about half respond to preload
    assert 0.35 < np.std(np.log(state.ec50)) < 0.6


def test_dying_depends_on_treatment_and_titrating_is_best():
    died = {
        name: simulate_tables(SIM, 4000, policy, seed=0).patients["Died"].mean()
        for name, policy in {
            "protocol": "protocol",
            "clinician": "clinician",
            "none": NOTHING,
            "always some": "fluid 0, vasopressor >0",
            "always most": "fluid 0, vasopressor 20.28",
            "flooded": "fluid 1000, vasopressor 0",
        }.items()
    }
    assert died["protocol"] == min(died.values())
    assert died["clinician"] < died["none"]
    assert died["always most"] > died["none"]  # ischaemia
    assert died["flooded"] > died["clinician"]  # overload


def test_the_dead_have_no_rows(stay):
    rows = stay.frame.groupby("PatientID").size()
    died = stay.patients["Died"]
    assert 0.04 < died.mean() < 0.12
    assert (rows[~died] == 48).all()
    assert (rows[died] == stay.patients.loc[died, "Hour of death"] + 1).all()
    assert stay.patients["Hour of death"].isna().equals(~died)
    last = stay.decisions.groupby("PatientID")["Timepoints"].max()
    assert (last < rows).all()


# --- the clinician ----------------------------------------------------------------------------


def test_decisions_fall_every_four_hours_and_boluses_in_the_first_hour(stay):
    assert (stay.decisions["Timepoints"] % HOURS_PER_BLOCK == 0).all()
    frame = stay.frame
    later = frame[frame["Timepoints"] % HOURS_PER_BLOCK != 0]
    assert (later["fluid_boluses"] == "0").all()
    block = frame["Timepoints"] // HOURS_PER_BLOCK
    assert (frame.groupby(["PatientID", block])["vasopressors"].nunique() == 1).all()


def test_the_clinician_is_soft(stay):
    probability = stay.decisions[list(SIM.actions)].to_numpy(dtype=float)
    open_ = probability > 0
    count = open_.sum(axis=1)
    assert count.min() >= 2
    assert (np.where(open_, probability, 1).min(axis=1) >= 1 / (10 * count) - 1e-6).all()
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-5)


def test_the_guideline_does_what_is_unusual_and_never_what_is_inconceivable():
    """It starts a vasopressor in patients who are awake before most clinicians would."""
    outside = 0

    def choose(state):
        nonlocal outside
        chosen = SIM.follow_guideline(SIM.observe(state))
        action, rows = chosen.argmax(axis=1), np.arange(len(state))
        probability = SIM.clinician(state)
        assert probability.sum(axis=1) == pytest.approx(1.0)
        assert probability[rows, action].min() > 0
        unusual = ~SIM.admissible(state)
        outside += unusual[rows, action].sum()
        assert probability[unusual].max(initial=0) <= 0.1 / 3
        return chosen

    live_block(SIM, 0, 5, choose)
    assert outside > 50


def test_the_last_dose_tends_to_stay(stay):
    level = stay.decisions["action"].cat.codes.to_numpy() % 4
    same_person = np.diff(stay.decisions["PatientID"]) == 0
    assert (level[1:] == level[:-1])[same_person].mean() > 0.75


def _state_with_other_severity():
    state = SIM.start(SIM.draw(0, 3))
    SIM.measure(state)
    seen = SIM.observe(state)
    before = {c: replace(SIM, confounded=c).clinician(state) for c in (False, True, "strong")}
    state.severity = state.severity + 1.0
    after = {c: replace(SIM, confounded=c).clinician(state) for c in (False, True, "strong")}
    assert (SIM.observe(state) == seen).all()
    return before, after


def test_only_the_confounded_clinician_sees_hidden_severity():
    before, after = _state_with_other_severity()
    assert (before[False] == after[False]).all()
    moved = {c: np.abs(before[c] - after[c]).mean() for c in before}
    assert moved["strong"] > 1.3 * moved[True] > 0.001


def test_confounding_makes_treated_patients_sicker_than_the_record_shows():
    gap = {}
    for mechanism in (replace(SIM, confounded=c) for c in (False, True, "strong")):
        patients = simulate_tables(mechanism, 4000, seed=0)
        ever = patients.frame.groupby("PatientID")["vasopressors"].agg(lambda x: (x != "0").any())
        died = patients.patients["Died"]
        gap[mechanism.confounded] = died[ever].mean() - died[~ever].mean()
    assert gap["strong"] > gap[True] > gap[False]


# --- what is measured -------------------------------------------------------------------------


OWN_CHANCE = {
    "urine_charted": {"urine_m"},
    "gcs_charted": {"GCS_total_m"},
    "fio2_charted": {"FiO2_m"},
    "enzymes": {"ALT_AST_m"},
    "po2_reported": {"PO2_m"},
    "lactate_reported": {"lactic_acid_m"},
    "gas": {"PO2_m", "lactic_acid_m"},
    "chemistry": {"serum_creatinine_m", "ALT_AST_m", "PO2_m", "lactic_acid_m"},
}


@pytest.mark.parametrize("name", OWN_CHANCE)
def test_each_flag_has_chance_of_its_own(name):
    """Another chance for one measurement, and only its own flag, or what comes with it, changes."""
    noise, flags = SIM.draw(0, 6), []
    for steps in (noise.steps, noise.steps | {name: 1 - noise.steps[name]}):
        state = SIM.start(Noise(noise.static, steps, noise.patients))
        SIM.measure(state)
        flags.append(state.flags)
    changed = {flag for flag in flags[0] if (flags[0][flag] != flags[1][flag]).any()}
    assert changed
    assert changed <= OWN_CHANCE[name]


def test_values_are_carried_forward_then_back_then_the_median(stay, truth):
    shown, true = stay.frame, truth.frame
    for name, flag in MEASURED_BY.items():
        values = true[name].cat.codes if name in ("FiO2", "GCS_total") else true[name]
        measured = values.where(true[flag]).groupby(true["PatientID"])
        expected = measured.ffill().fillna(measured.transform("first")).fillna(MEDIANS[name])
        table = shown[name].cat.codes if name in ("FiO2", "GCS_total") else shown[name]
        np.testing.assert_array_equal(table.to_numpy(dtype=float), expected.to_numpy(dtype=float))


def test_showing_the_truth_changes_nobody(stay, truth):
    pd.testing.assert_frame_equal(stay.patients, truth.patients)
    pd.testing.assert_frame_equal(stay.decisions, truth.decisions)
    assert (stay.frame["lactic_acid"] != truth.frame["lactic_acid"]).mean() > 0.8


def test_the_clinician_never_sees_what_is_carried_back(stay):
    """Before the first lactate the record at the bedside shows the median."""
    state = SIM.start(SIM.draw(0, 0))
    SIM.measure(state)
    seen = SIM.observe(state)[:, COLUMN["lactic_acid"]]
    measured = state.flags["lactic_acid_m"]
    assert (seen[~measured] == MEDIANS["lactic_acid"]).all()
    assert (seen[measured] == state.truth["lactic_acid"][measured]).all()


def test_measurement_is_informative(truth):
    frame = truth.frame
    for flag, column in (("lactic_acid_m", "lactic_acid"), ("PO2_m", "lactic_acid")):
        high = frame[column] > frame[column].quantile(0.9)
        assert frame.loc[high, flag].mean() > 1.3 * frame.loc[~high, flag].mean()
    treated = frame["vasopressors"] != "0"
    assert frame.loc[treated, "PO2_m"].mean() > 1.5 * frame.loc[~treated, "PO2_m"].mean()


def test_a_spike_stands_at_the_median_of_blood_gases(stay):
    assert (stay.frame["PO2"] == MEDIANS["PO2"]).mean() > 0.3
    assert (stay.frame["lactic_acid"] == MEDIANS["lactic_acid"]).mean() > 0.2


# --- reproducible -----------------------------------------------------------------------------


def test_same_seed_same_patients_whatever_the_size_and_other_policies_meet_the_same_chance():
    small, large = simulate_tables(SIM, 50, seed=2), simulate_tables(SIM, 1100, seed=2)
    kept = large.frame[large.frame["PatientID"] < 50]
    pd.testing.assert_frame_equal(small.frame, kept, check_exact=True)
    other = simulate_tables(SIM, 50, NOTHING, seed=2)
    first = [run.frame.loc[run.frame["Timepoints"] == 0, "MAP"].tolist() for run in (small, other)]
    assert first[0] == first[1]


def _one_hour(**changes):
    """State of one block after an hour, with some fields set by hand."""
    state = SIM.start(SIM.draw(0, 0))
    SIM.measure(state)
    SIM.advance(state)
    for name, value in changes.items():
        setattr(state, name, np.full(len(state.alive), value))
    return state


@pytest.mark.parametrize(
    ("pressure", "urine", "expected"),
    [
        (35.0, 90.0, -1.0),
        (40.0, 0.0, -1.0),
        (47.5, 90.0, -0.575),
        (54.9, 90.0, -0.15567),
        (55.0, 90.0, 0.0),  # urine enough, pressure just enough
        (55.0, 29.9, -0.15),
        (57.5, 0.0, -0.10),
        (60.0, 0.0, -0.05),
        (65.0, 0.0, 0.0),
        (90.0, 0.0, 0.0),
    ],
)
def test_published_reward_of_an_hour(pressure, urine, expected):
    state = _one_hour(pressure=pressure, urine=urine, alive=True)
    assert SIM.reward(state, "published") == pytest.approx(expected, abs=1e-4)


def test_course_reward_adds_death_and_the_costs_of_treatment():
    calm = {"pressure": 80.0, "urine": 90.0, "alive": True, "death_hour": -1}
    state = _one_hour(**calm, vasopressor=3, excess=0.5)
    assert SIM.reward(state) == pytest.approx(3 * -0.02 - 0.20)
    dying = calm | {"alive": False, "death_hour": 0}
    assert SIM.reward(_one_hour(**dying)) == pytest.approx(-5.0)
    assert SIM.reward(_one_hour(**dying), "published") == pytest.approx(0.0)
    dead = _one_hour(**dying, vasopressor=3, excess=0.5)
    SIM.advance(dead)
    assert SIM.reward(dead) == pytest.approx(0.0)


def test_rewards_are_asked_of_the_pressure_that_treatment_led_to():
    """A bolus now is in the reward of this hour, its cost too, as far as it was not needed."""
    noise = SIM.draw(0, 0)
    worth, excess = {}, {}
    for action in (0, 12):
        state = SIM.start(noise)
        SIM.measure(state)
        SIM.act(state, np.full(len(state), action))
        SIM.advance(state)
        worth[action] = [SIM.reward(state, name).mean() for name in ("published", "course")]
        excess[action] = state.excess
        SIM.advance(state)
        assert (state.excess == 0).all()
    assert (excess[0] == 0).all()
    assert (excess[12] >= 0).all()
    assert 0.05 < excess[12].mean() < 0.95
    assert excess[12].max() < 1.01
    assert worth[12][0] > worth[0][0]
    assert worth[12][1] - worth[0][1] == pytest.approx(
        worth[12][0] - worth[0][0] - 0.4 * excess[12].mean()
    )


def test_fluid_that_is_needed_is_worth_its_price():
    def without_fluid(observations):
        return np.eye(16)[SIM.follow_guideline(observations).argmax(axis=1) % 4]

    with_it, without = (
        hg.policy_value("hypotension", policy, 4000).returns
        for policy in ("protocol", without_fluid)
    )
    gain = with_it - without  # of the same patients
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


def test_the_published_reward_puts_careless_treatment_above_the_clinician():
    """Measured: clinician -1.23, random -0.73, most vasopressor with fluid all the time -0.05."""
    values = {
        policy: hg.policy_value("hypotension", policy, 2000, reward="published")
        for policy in ("clinician", "random", "protocol", "fluid 1000, vasopressor 20.28")
    }
    clinician, careless, protocol, drowned = (v.value for v in values.values())
    error = np.hypot(*(values[p].standard_error for p in ("clinician", "random")))
    assert careless - clinician > 5 * error
    assert drowned > protocol > careless
    assert [clinician, careless, drowned] == pytest.approx([-1.23, -0.73, -0.05], abs=0.02)
    died = {
        p: hg.simulate("hypotension", 4000, p).patients["Died"].mean()
        for p in ("clinician", "fluid 1000, vasopressor 20.28")
    }
    assert died["fluid 1000, vasopressor 20.28"] > died["clinician"] + 0.02


def test_the_published_file_is_credentialed():
    with pytest.raises(ArgumentError, match="credentialed access"):
        hg.load_cohort("hypotension", source="release")
