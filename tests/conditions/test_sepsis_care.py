"""Sepsis: the clinician, what is measured, what the record shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from sepsis_by_hand import EVERYBODY, SEEN, SIM, coded, indexed, replayed, sick_by

from healthgym_edu.conditions.sepsis import MEDIANS
from healthgym_edu.conditions.sepsis.care import PANELS
from healthgym_edu.engine import BLOCK, Noise, simulate_tables

# --- the clinician ------------------------------------------------------------------------------


def test_the_clinician_is_soft(septic):
    probability = septic.decisions[list(SIM.actions)].to_numpy(dtype=float)
    open_ = probability > 0
    count = open_.sum(axis=1)
    assert count.min() >= 2
    least = np.where(open_, probability, 1).min(axis=1)
    assert (least >= 1 / (10 * count) - 1e-6).all()
    assert (least < 1 / (5 * count)).mean() > 0.3  # and prefers some of them
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-5)
    assert np.take_along_axis(
        open_, septic.decisions["action"].cat.codes.to_numpy()[:, None].astype(int), axis=1
    ).all()


def test_the_last_doses_tend_to_stay(septic):
    code = septic.decisions["action"].cat.codes.to_numpy()
    same_person = np.diff(septic.decisions["PatientID"]) == 0
    for level, least in ((code % 5, 0.85), (code // 5, 0.3)):
        kept = (level[1:] == level[:-1])[same_person].mean()
        shuffled = np.random.default_rng(0).permutation(level)
        assert kept > least
        assert kept > (shuffled[1:] == shuffled[:-1]).mean() + 0.1


def test_only_the_confounded_clinician_sees_what_is_hidden():
    state = sick_by()
    seen = SIM.observe(state)
    before = [replace(SIM, confounded=c).clinician(state) for c in (False, True, "strong")]
    state.severity = state.severity + 1.0
    hidden = ("drivers", "deviation", "infection", "deficit", "retained", "ischaemia", "truth",
              "lactate", "ec50", "response", "level", "control", "volume", "effect")  # fmt: skip
    for name in hidden:
        setattr(state, name, getattr(state, name) + 1.0)
    after = [replace(SIM, confounded=c).clinician(state) for c in (False, True, "strong")]
    assert (SIM.observe(state) == seen).all()
    assert (before[0] == after[0]).all()
    moved = [np.abs(one - other).mean() for one, other in zip(before, after, strict=True)]
    assert moved[2] > 1.5 * moved[1] > 0.001
    state.recent = state.recent - 10.0  # what is on record counts
    assert np.abs(SIM.clinician(state) - before[0]).max() > 0.01


def test_confounding_makes_treated_patients_sicker_than_the_record_shows(septic):
    gap = {}
    for confounded in (False, True, "strong"):
        patients = simulate_tables(replace(SIM, confounded=confounded), 2 * BLOCK, seed=0)
        given = patients.frame.groupby("PatientID")["Input4H"].mean()
        died, much = patients.patients["Died in 90 days"], given > given.median()
        gap[confounded] = died[much].mean() - died[~much].mean()
    assert gap["strong"] > gap[True] + 0.01 > gap[False] + 0.06


def test_the_clinician_uses_nothing_of_the_future(septic, septic_blocks):
    """Another future from block 5 on: the same record and probabilities until then."""
    noise, other = SIM.draw(0, 0), SIM.draw(1, 0)
    for name, values in noise.steps.items():
        values[5:] = other.steps[name][5:]
    changed = Noise({**noise.static, "late_death": 1 - noise["late_death"]}, noise.steps, EVERYBODY)
    for block, (now, then) in enumerate(zip(septic_blocks, replayed(septic, changed), strict=True)):
        same = (now["probability"] == then["probability"]).all()
        assert same == (block < 5)
        assert (now["seen"] == then["seen"]).all() == same


def test_the_recorded_probabilities_are_those_of_the_state(septic, septic_blocks):
    table = septic.decisions[septic.decisions["PatientID"] < BLOCK]
    for block, step in enumerate(septic_blocks):
        recorded = table.loc[table["Timepoints"] == block, list(SIM.actions)].to_numpy()
        np.testing.assert_allclose(recorded, step["probability"][step["alive"]], atol=1e-6)


# --- what is measured ---------------------------------------------------------------------------


def test_values_are_carried_forward_then_back_then_the_median(septic, septic_truth, septic_blocks):
    """Value by value in plain words, from what was true and which panels were measured."""
    shown, true = (indexed(cohort.frame).loc[: BLOCK - 1] for cohort in (septic, septic_truth))
    patient = true.index.get_level_values(0)
    block = true.index.get_level_values(1)
    never = 0
    for panel, (names, *_) in PANELS.items():
        flags = np.stack([step[f"measured {panel}"] for step in septic_blocks], axis=1)
        measured = flags[patient, block]
        never += np.sum(~flags.any(axis=1))
        for name in names:
            values = coded(true[name]).where(measured).groupby(patient)
            expected = values.ffill().fillna(values.transform("first")).fillna(MEDIANS[name])
            np.testing.assert_array_equal(coded(shown[name]), expected, err_msg=name)
    assert never > 100


def test_showing_the_truth_changes_nobody(septic, septic_truth):
    pd.testing.assert_frame_equal(septic.patients, septic_truth.patients)
    pd.testing.assert_frame_equal(septic.decisions, septic_truth.decisions)
    assert (septic.frame["Lactate"] != septic_truth.frame["Lactate"]).mean() > 0.5
    always = ["Age", "InputTotal", "Input4H", "MaxVaso", "OutputTotal", "Gender", "ReAd", "Mech"]
    pd.testing.assert_frame_equal(septic.frame[always], septic_truth.frame[always])


def test_the_bedside_never_sees_what_is_carried_back(septic_blocks):
    """Until the first lactate the record at the bedside shows the median."""
    known = np.zeros(BLOCK, dtype=bool)
    for step in septic_blocks[:6]:
        measured = step["measured lactate"]
        known |= measured
        seen, true = step["seen"][:, SEEN["Lactate"]], step["Lactate"]
        unknown = ~known & step["alive"]
        assert unknown.sum() > 50
        assert (seen[unknown] == MEDIANS["Lactate"]).all()
        assert (seen[measured] == true[measured]).all()


def test_measurement_is_informative(septic_blocks):
    records = {name: np.concatenate([s[name] for s in septic_blocks]) for name in
               ("Lactate", "Mech", "measured lactate", "measured gas")}  # fmt: skip
    dose = np.concatenate([s["dose before"] for s in septic_blocks])
    alive = np.concatenate([s["alive"] for s in septic_blocks])
    for flag, reason in (
        ("measured lactate", records["Lactate"] > 3),
        ("measured lactate", dose > 0),
        ("measured gas", dose > 0),
        ("measured gas", records["Mech"]),
    ):
        yes, no = (records[flag][alive & reason], records[flag][alive & ~reason])
        assert yes.mean() > 1.3 * no.mean()


def test_bloods_are_drawn_once_a_day_in_the_morning(septic_blocks):
    drawn = np.stack([step["measured chemistry"] for step in septic_blocks], axis=1)
    survivors = septic_blocks[-1]["alive"]
    often = np.stack([drawn[survivors, k::6].mean(axis=1) for k in range(6)], axis=1)
    assert often.max(axis=1).mean() > 0.7
    assert often.min(axis=1).mean() < 0.3


def test_a_spike_stands_at_the_median_of_what_is_seldom_measured(septic, septic_truth):
    for name in ("Albumin", "PaO2"):
        assert (septic.frame[name] == MEDIANS[name]).mean() > 0.02
        assert (septic_truth.frame[name] == MEDIANS[name]).mean() == 0
