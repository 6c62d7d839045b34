"""Sepsis: the table, derived values, treatment and its costs, who dies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sepsis_by_hand import SEEN, SIM, TRUE, coded, indexed, shift, sick_by, taken

import healthgym_edu as hg
from healthgym_edu.conditions.sepsis import SCHEMA, Parameters
from healthgym_edu.engine import BLOCK, History, Ward, simulate_tables
from healthgym_edu.errors import ArgumentError, SchemaError

FLUIDS = ("0", "1-50", "51-180", "181-530", ">530")
DOSES = ("0", "to 0.08", "to 0.22", "to 0.45", ">0.45")
ML, MCG = (0, 50, 180, 530, 1300), (0, 0.08, 0.22, 0.45, 0.9)  # highest of each level
INR_SHARES = (1.9, 9.8, 18.4, 0.0, 17.6, 12.4, 9.1, 9.9, 10.8, 10.0)  # published, %


# --- the table ----------------------------------------------------------------------------------


def test_the_columns_are_the_published_ones():
    assert SCHEMA.names[:5] == ["PatientID", "Timepoints", "Age", "HR", "SysBP"]
    assert SCHEMA.names[-6:] == ["GCS", "SpO2", "Temp", "PTT", "PT", "INR"]
    assert len(SCHEMA) == 46
    assert SCHEMA["GCS"].labels == tuple(str(points) for points in range(3, 16))
    assert SCHEMA["GCS"].codes == tuple(range(3, 16))
    for name in ("SpO2", "Temp", "PTT", "PT", "INR"):
        assert SCHEMA[name].labels == tuple(f"C{k}" for k in range(1, 11))
        assert SCHEMA[name].codes == tuple(range(10))
    assert SCHEMA["Gender"].labels == ("Male", "Female")
    assert not SCHEMA.equal_length


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("mechanism", [SIM, TRUE])
def test_a_cohort_is_valid_and_survives_the_way_to_file_codes_and_back(mechanism, seed):
    frame = simulate_tables(mechanism, 300, seed=seed).frame
    SCHEMA.validate(frame)
    codes = SCHEMA.encode(frame)
    assert codes["GCS"].between(3, 15).all()
    assert set(codes["INR"]) <= set(range(10))
    pd.testing.assert_frame_equal(SCHEMA.decode(codes), frame)
    with pytest.raises(SchemaError, match="GCS"):
        SCHEMA.decode(codes.assign(GCS=codes["GCS"] - 3))  # positions are not codes


def test_classes_are_about_tenths_and_nobody_has_the_fourth_of_inr(septic):
    for name in ("SpO2", "Temp", "PTT", "PT"):
        assert septic.frame[name].value_counts(normalize=True).between(0.07, 0.13).all(), name
    inr = 100 * septic.frame["INR"].value_counts(normalize=True).sort_index()
    assert inr["C4"] == 0
    assert np.abs(inr.to_numpy() - INR_SHARES).sum() / 2 < 8


# --- truth agrees with itself -------------------------------------------------------------------


def test_mean_pressure_lies_between_diastolic_and_systolic(septic_truth):
    frame = septic_truth.frame
    assert (frame["DiaBP"] < frame["MeanBP"]).all()
    assert (frame["MeanBP"] < frame["SysBP"]).all()


def _ph(frame):
    """Henderson and Hasselbalch: pK 6.1, 0.0307 mmol/L of carbon dioxide per mmHg."""
    return 6.1 + np.log10(frame["HCO3"] / (0.0307 * frame["PaCO2"]))


def test_acid_and_base_agree_in_truth_but_not_on_a_record_put_together_over_days(
    septic_truth, septic
):
    true, shown = septic_truth.frame, septic.frame
    np.testing.assert_allclose(true["pH"], _ph(true), atol=1e-9)
    excess = 0.93 * (true["HCO3"] - 24.4 + 14.8 * (true["pH"] - 7.4))  # Van Slyke
    np.testing.assert_allclose(true["BE"], excess, atol=1e-9)
    assert (np.abs(shown["pH"] - _ph(shown)) > 0.02).mean() > 0.2
    dissolved = true["CO2"] - true["HCO3"] - 0.0307 * true["PaCO2"]
    assert abs(dissolved.mean()) < 0.1
    assert dissolved.std() < 2.5


def test_sodium_chloride_and_bicarbonate_leave_a_plausible_gap(septic_truth):
    frame = septic_truth.frame
    gap = frame["Na"] - frame["Cl"] - frame["HCO3"]
    assert 8 < gap.mean() < 13
    assert gap.quantile(0.01) > 0
    assert gap.quantile(0.99) < 22
    assert np.corrcoef(gap, frame["Lactate"])[0, 1] > 0.05


def test_oxygen_in_blood_is_less_than_in_the_lungs(septic_truth):
    frame = septic_truth.frame
    assert (frame["PaO2"] < 713 * frame["FiO2"] - frame["PaCO2"] / 0.8).all()  # alveolar gas
    assert (frame["FiO2"] < 0.3).mean() > 0.03  # some breathe little more than air


def test_totals_are_sums_of_what_was_given_and_passed(septic_truth):
    frame = indexed(septic_truth.frame)
    for total, part in (("InputTotal", "Input4H"), ("OutputTotal", "Output4H")):
        grown = frame[total] - shift(frame[total])
        later = grown.notna()
        np.testing.assert_allclose(grown[later], frame[part][later], atol=1e-6)
        first = frame.xs(0, level="Timepoints")
        assert (first[total] > first[part]).all()  # before the stay too
        assert np.abs(grown - shift(frame[part]))[later].mean() > 10  # not a block late


# --- treatment ----------------------------------------------------------------------------------


def test_a_pump_is_seldom_set_anew_within_its_level():
    """A dose at the same level is much like the last one, and never below what a pump gives."""
    frame = hg.load_cohort("sepsis", n_patients=1500).frame
    dose, patient = frame["MaxVaso"].to_numpy(), frame["PatientID"].to_numpy()
    level = np.searchsorted((0.0, 0.08, 0.22, 0.45), dose)
    kept = (patient[1:] == patient[:-1]) & (level[1:] == level[:-1]) & (level[1:] > 0)
    assert kept.sum() > 1000
    assert (np.abs(np.log(dose[1:][kept] / dose[:-1][kept])) > np.log(3)).mean() < 0.12
    assert dose[dose > 0].min() == 0.01


def test_amounts_lie_within_the_bin_of_their_level(septic):
    code = septic.decisions["action"].cat.codes.to_numpy()
    assert septic.decisions["action"].cat.categories.tolist() == [
        f"fluid {fluid}, vasopressor {dose}" for fluid in FLUIDS for dose in DOSES
    ]
    for level, edges, column in ((code // 5, ML, "Input4H"), (code % 5, MCG, "MaxVaso")):
        given = septic.frame[column].to_numpy()  # alive means deciding: a decision in every row
        np.testing.assert_array_equal(np.searchsorted(edges, given, side="left"), level)
        np.testing.assert_array_equal(given, given.round(SCHEMA[column].decimals))  # as in files


IMMORTAL = replace(TRUE, parameters=replace(Parameters(), death_base=-50.0))


def _mean_pressure(policy):
    frame = simulate_tables(IMMORTAL, BLOCK, policy, seed=4).frame
    by_block = frame.groupby("Timepoints")[["MeanBP", "MaxVaso"]].mean()
    return by_block["MeanBP"].to_numpy(), by_block["MaxVaso"].iloc[0]


def test_pressure_rises_with_the_dose_with_less_and_less_gained():
    pressures, doses = zip(
        *(_mean_pressure(f"fluid 51-180, vasopressor {dose}") for dose in DOSES), strict=True
    )
    gains = np.diff([pressure[1] for pressure in pressures])
    assert (gains > 2).all()
    per_dose = gains / np.diff(doses)
    assert (np.diff(per_dose) < 0).all()
    assert per_dose[-1] < 0.3 * per_dose[0]  # Emax
    assert pressures[0][0] == pressures[-1][0]  # nothing acts before it is given


def test_fluid_lifts_pressure_and_most_of_it_wears_off():
    def once(observations):
        first = observations[:, SEEN["block"]] == 0
        return np.eye(25)[np.where(first, 20, 0)]

    gain = _mean_pressure(once)[0] - _mean_pressure("none")[0]
    assert gain[0] == 0
    assert 3 < gain[1] < 12  # mmHg
    assert gain[3] < 0.6 * gain[1]
    assert gain[6] > 0.5  # what filled a deficit stays


def test_a_trace_of_vasopressor_does_a_trace_of_harm():
    """Nothing jumps between no dose and the smallest one, at whatever pressure."""
    noise = SIM.draw(0, 0)
    ischaemia = []
    for dose in (0.0, 0.001, 0.9):
        state = SIM.start(noise)
        state.dose = np.full(BLOCK, dose)
        SIM.advance(state)
        ischaemia.append(state.ischaemia)
    none, trace, much = ischaemia
    assert np.abs(trace - none).max() < 0.05
    calm = none < 0.01  # whose pressure is enough without any
    assert calm.mean() > 0.3
    assert (much[calm] > 0.1).mean() > 0.95


def test_patients_differ_in_how_they_respond():
    state = SIM.start(SIM.draw(0, 0))
    assert 0.4 < np.mean(state.response > 0.5) < 0.6  # about half respond to preload
    assert 0.35 < np.std(np.log(state.ec50)) < 0.6


def _died(policy, n=2 * BLOCK):
    return simulate_tables(SIM, n, policy, seed=0).patients["Died in 90 days"].mean()


def test_dying_depends_on_treatment_and_overuse_costs(septic):
    protocol, clinician = _died("protocol"), septic.patients["Died in 90 days"].mean()
    assert 0.18 < clinician < 0.24
    assert protocol < clinician - 0.02
    assert _died("none") > clinician + 0.05
    assert _died("fluid >530, vasopressor 0") > protocol + 0.04  # overload
    assert _died("fluid 51-180, vasopressor >0.45") > 2 * protocol  # ischaemia


# --- the outcome --------------------------------------------------------------------------------


def test_the_dead_have_no_rows_and_outcomes_agree(septic):
    rows, patients = septic.frame.groupby("PatientID").size(), septic.patients
    died, last = patients["Died in stay"], patients["Block of death"]
    assert 0.04 < died.mean() < 0.12
    assert (rows[~died] == 20).all()
    assert (rows[died] == last[died] + 1).all()
    assert last.isna().equals(~died)
    assert patients.loc[died, "Died in 90 days"].all()
    assert 0.08 < patients.loc[~died, "Died in 90 days"].mean() < 0.2  # some die later
    assert (septic.decisions.groupby("PatientID").size() == rows).all()


def test_a_hidden_rise_of_severity_kills():
    died = []
    for state in (sick_by(+1.0), sick_by(-1.0)):
        state.noise.steps["death"][0] = 0.001  # who has a hazard above this dies
        SIM.advance(state)
        died.append(1 - state.alive.mean())
    assert died[0] > 2 * died[1] > 0


# --- reproducible -------------------------------------------------------------------------------


def test_same_seed_same_patients_whatever_the_size_and_other_policies_meet_the_same_chance(
    septic_truth,
):
    small = simulate_tables(TRUE, 50, seed=0)
    kept = septic_truth.frame[septic_truth.frame["PatientID"] < 50]
    pd.testing.assert_frame_equal(small.frame, kept, check_exact=True)
    other = simulate_tables(TRUE, 50, "none", seed=0).frame
    given = ["InputTotal", "Input4H", "MaxVaso"]
    first = [f[f["Timepoints"] == 0].drop(columns=given).reset_index(drop=True)
             for f in (kept, other)]  # fmt: skip
    pd.testing.assert_frame_equal(*first, check_exact=True)
    assert not simulate_tables(TRUE, 50, seed=1).frame.equals(small.frame)


def test_a_ward_of_patients_in_blocks_of_their_own_has_the_patients_of_the_cohort(
    septic, septic_truth
):
    """Some beds are two blocks ahead, and patients come from different blocks of noise."""
    history = History(TRUE, 8)
    ward = Ward(TRUE, 8, "published", watch=history)
    patients = np.array([3, 400, 1023, 1024, 1500, 2047, 8, 69])
    beds, actions = np.arange(8), taken(septic, 2 * BLOCK)[patients]
    step, paid = np.zeros(8, dtype=int), np.zeros(8)

    def live(who):
        who = who[~ward.over[who]]
        paid[who] += ward.treat(who, actions[who, step[who]])
        step[who] += 1

    ward.admit(beds[::2], 0, patients[::2])
    live(beds[::2])
    live(beds[::2])
    ward.admit(beds[1::2], 0, patients[1::2])
    while not ward.over.all():
        live(beds)
    for bed, patient in enumerate(patients):
        rows = septic_truth.frame[septic_truth.frame["PatientID"] == patient]
        assert step[bed] == len(rows)
        assert history.present[bed].tolist() == [True] * len(rows) + [False] * (20 - len(rows))
        for name in ("MeanBP", "Lactate", "PaO2", "Creatinine", "OutputTotal", "GCS", "INR"):
            kept = history.columns[name][bed, : len(rows)]
            np.testing.assert_allclose(kept, coded(rows[name]), rtol=1e-9)
        assert paid[bed] == (-1 if septic_truth.patients.loc[patient, "Died in 90 days"] else 1)
    assert ward.dead.any()


def test_the_published_file_is_credentialed():
    with pytest.raises(ArgumentError, match="credentialed access"):
        hg.load_cohort("sepsis", source="release")
