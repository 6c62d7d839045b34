"""From a cohort to arrays and back: what is noticed, and that nothing is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from generator_toys import CONDITIONS, assert_same, first_steps, shuffled, with_frame

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError, SourceError
from healthgym_edu.generators import Codec, fit_codec, noticing
from healthgym_edu.generators.autoregressive import features_of, width_of
from healthgym_edu.generators.layout import Encoded
from healthgym_edu.generators.noticing import notice
from healthgym_edu.generators.tensors import from_arrays, to_arrays

everywhere = pytest.mark.parametrize("condition", CONDITIONS)
DERIVED = "OutputTotal"  # the simulated file itself does not always add up


def through(codec, cohort):
    return codec.decode(codec.encode(cohort), "round trip")


def assert_round_trip(before, after):
    for name in before.schema.names:
        one, other = before.frame[name], after.frame[name]
        if name in before.schema.numeric:
            off = (one - other).abs() / one.abs().clip(lower=1e-9)
            allowed = 0.05 if name == DERIVED else 1e-5
            assert off.max() <= allowed, name
        else:
            pd.testing.assert_series_equal(one, other)
    pd.testing.assert_frame_equal(before.patients, after.patients)


# --- what is noticed ------------------------------------------------------------------------------


def test_values_that_are_only_carried_are_noticed(cohorts):
    noticed = notice(cohorts["hypotension"])
    schema = cohorts["hypotension"].schema
    assert noticed.flag_of == {v.name: v.measured_by for v in schema if v.measured_by}
    assert noticed.never["GCS_total"] == "15"
    assert (noticed.panels, noticed.totals, noticed.groups) == ([], {}, [])


def test_what_is_recorded_where_nobody_looked_is_what_those_never_measured_show(cohorts):
    cohort = cohorts["hypotension"]
    never = notice(cohort).never
    seen = cohort.frame.groupby("PatientID")["lactic_acid_m"].any()
    nobody = cohort.frame["PatientID"].map(~seen)
    assert nobody.any()
    assert (cohort.frame.loc[nobody, "lactic_acid"] == never["lactic_acid"]).all()


def test_in_art_everything_moves_and_the_drugs_are_one_regimen(cohorts):
    noticed = notice(cohorts["art_hiv"])
    drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
    assert noticed.groups == [drugs]
    assert (noticed.flag_of, noticed.never, noticed.panels, noticed.totals) == ({}, {}, [], {})


def test_the_laboratory_of_sepsis_comes_in_panels_and_totals_add_up(cohorts):
    noticed = notice(cohorts["sepsis"])
    assert noticed.totals == {"InputTotal": "Input4H", "OutputTotal": "Output4H"}
    flag_of = noticed.flag_of
    panels = [{name for name in flag_of if flag_of[name] == flag} for flag in noticed.panels]
    assert {"K", "Na", "Cl", "HCO3", "Glucose", "BUN", "Creatinine"} in panels
    assert {"pH", "BE", "PaO2", "PaCO2"} in panels
    assert set().union(*panels) == set(flag_of)
    others = {"HR", "MeanBP", "Input4H", "InputTotal", "Output4H", "MaxVaso"}
    assert set(flag_of).isdisjoint(others)  # no vasopressor after none is no old measurement
    assert noticed.panels == [f"new: {', '.join(n for n in flag_of if n in p)}" for p in panels]


def test_one_wrong_row_in_fifty_and_nothing_is_carried(cohorts):
    cohort = cohorts["hypotension"]
    wrong = cohort.frame["lactic_acid"].copy()
    wrong.iloc[::50] += 0.01
    found = notice(with_frame(cohort, lactic_acid=wrong)).flag_of
    assert found.get("lactic_acid") != "lactic_acid_m"
    assert found["serum_creatinine"] == "serum_creatinine_m"
    sepsis = cohorts["sepsis"]
    input_now = sepsis.frame["Input4H"].copy()
    input_now.iloc[::50] += 5
    assert "InputTotal" not in notice(with_frame(sepsis, Input4H=input_now)).totals


def atoms_of(values):
    """Single values that stand out, each from somebody else."""
    return noticing.atoms_of(values, np.arange(len(values)))


def test_single_values_that_stand_out_are_marked_and_others_are_not():
    rng = np.random.default_rng(0)
    smooth = rng.normal(50, 10, 2000)
    assert atoms_of(smooth) == []
    assert atoms_of(smooth.round()) == []
    assert atoms_of(np.append(smooth, np.full(60, 40.0))) == [40.0]
    assert atoms_of(np.append(smooth.round(), np.full(900, 40.0))) == [40.0]
    assert set(atoms_of(np.append(smooth, np.repeat([0.0, 99.0], 300)))) == {0.0, 99.0}
    assert atoms_of(np.repeat([0.0, 1.0], 50)) == []


def test_what_a_range_cuts_off_is_marked_at_its_end():
    oxygen = np.random.default_rng(0).lognormal(-0.9, 0.4, 20_000).round(2)
    assert atoms_of(oxygen) == []
    share = (oxygen >= 1).mean()
    assert 0.005 < share < 0.02  # far less than a common value has
    assert atoms_of(np.minimum(oxygen, 1)) == [1.0]
    assert atoms_of(-np.minimum(oxygen, 1)) == [-1.0]


def test_a_value_that_stands_out_in_one_patient_alone_is_not_stored():
    values = np.append(np.random.default_rng(0).normal(50, 10, 500), np.repeat(99.0, 20))
    for people, wanted in ((1, []), (2, []), (3, [99.0]), (20, [99.0])):
        owner = np.append(np.arange(500), 1000 + np.arange(20) % people)
        assert noticing.atoms_of(values, owner) == wanted


def test_a_column_that_shows_what_the_unmeasured_show_is_learned_where_its_panel_was_taken(cohorts):
    """One person has a base excess of 0.2, as those without a blood gas do, and the gas besides."""
    cohort = cohorts["sepsis"]
    never = dict(fit_codec(cohort).never)
    gas = cohort.frame.groupby("PatientID")["pH"].nunique()
    someone = cohort.frame["PatientID"] == gas[gas > 3].index[0]
    changed = with_frame(cohort, BE=cohort.frame["BE"].clip(lower=20).mask(someone, never["BE"]))
    found = through(fit_codec(changed), changed)
    assert np.allclose(found.frame["BE"][someone], never["BE"])


def test_those_who_never_had_a_panel_are_told_apart_and_raise_no_flag(cohorts):
    cohort = cohorts["sepsis"]
    codec = fit_codec(cohort)
    never = dict(codec.never)
    panel = ["pH", "BE", "PaO2", "PaCO2"]
    flag = next(one.flag for one in codec.columns if one.name == "pH")
    first = cohort.frame.groupby("PatientID")[panel].agg(["first", "nunique"])
    unmeasured = np.all(
        [(first[c, "first"] == never[c]) & (first[c, "nunique"] == 1) for c in panel], axis=0
    )
    assert 0 < unmeasured.mean() < 0.2
    encoded = codec.encode(cohort)
    ever = [one.name for one in codec.statics].index(f"ever: {flag}")
    place = [one.name for one in codec.columns].index(flag)
    assert ((encoded.statics[:, ever] == 0) == unmeasured).all()
    assert ((encoded.levels[:, :, place] > 0).any(axis=1) == ~unmeasured).all()
    assert (encoded.levels[~unmeasured, 0, place] == 1).all()


def test_where_nothing_tells_the_unmeasured_everybody_begins_with_a_measurement(cohorts):
    rng = np.random.default_rng(0)
    cohort = cohorts["sepsis"]
    patient = cohort.frame["PatientID"].to_numpy()
    level = rng.normal(40, 5, patient.max() + 1).round(2)  # nobody shows what another one shows
    moved = np.where(rng.random(len(patient)) < 0.05, 0.01, 0.0)
    codec = fit_codec(with_frame(cohort, IonisedCa=(level[patient] + moved).clip(1) / 20))
    assert "IonisedCa" not in dict(codec.never)
    assert "new: IonisedCa" in codec.always
    assert "new: pH, BE, PaO2, PaCO2" not in codec.always


# --- there and back -------------------------------------------------------------------------------


@everywhere
@pytest.mark.parametrize("normal", [False, True])
def test_nothing_is_lost_on_the_way(condition, normal, cohorts):
    cohort = cohorts[condition]
    codec = fit_codec(cohort, normal=normal)
    found = through(codec, cohort)
    assert_round_trip(cohort, found)
    assert found.source == "round trip"
    assert found.decisions is None


@everywhere
def test_arrays_that_a_network_holds_in_32_bits_lose_nothing_either(condition, cohorts, codecs):
    encoded = codecs[condition].encode(cohorts[condition])
    short = {k: getattr(encoded, k).astype(np.float32) for k in ("static_values", "values")}
    found = codecs[condition].decode(replace(encoded, **short), "x")
    for name in cohorts[condition].schema.numeric:
        before = cohorts[condition].frame[name]
        off = (before - found.frame[name]).abs() / before.abs().clip(lower=1)
        assert off.max() <= (0.05 if name == DERIVED else 1e-5), name


@everywhere
def test_people_who_were_not_trained_on_are_encoded_too(condition, cohorts, codecs):
    others = hg.load_cohort(condition, n_patients=80, seed=77)
    codec = codecs[condition]
    found = through(codec, others)
    schema = others.schema
    schema.validate(found.frame)
    grouped = {name for one in codec.columns if len(one.names) > 1 for name in one.names}
    for name in schema.names:
        if name in schema.numeric:
            same = np.isclose(found.frame[name], others.frame[name], rtol=1e-5)
            assert same.mean() > (0.9 if name == DERIVED else 0.97), name
        elif name not in grouped:
            pd.testing.assert_series_equal(others.frame[name], found.frame[name])


@everywhere
def test_a_codec_is_the_same_after_json(condition, few, codecs):
    for codec in (codecs[condition], fit_codec(few[condition], normal=True)):
        again = Codec.from_dict(json.loads(json.dumps(codec.to_dict())))
        assert again == codec
        assert_same(through(again, few[condition]), through(codec, few[condition]))


def test_a_stored_codec_with_a_part_missing_is_refused(codecs):
    whole = codecs["sepsis"].to_dict()
    for part in whole:
        with pytest.raises(SourceError, match="cannot be read"):
            Codec.from_dict({k: v for k, v in whole.items() if k != part})
    with pytest.raises(SourceError):
        Codec.from_dict(whole | {"columns": 3})
    with pytest.raises(SourceError):
        Codec.from_dict(whole | {"columns": [{"name": "K"}]})


def test_a_regimen_that_nobody_had_becomes_the_one_most_like_it(cohorts):
    cohort = cohorts["art_hiv"]
    codec = fit_codec(cohort)
    columns = list(codec.columns[0].names)
    known = set(codec.columns[0].levels)
    row = cohort.frame[columns].astype(object).iloc[0]
    unseen = next(
        (base, *row.iloc[1:-1], booster)
        for base in cohort.schema["Base Drug Combo"].labels
        for booster in (True, False)
        if (base, *row.iloc[1:-1], booster) not in known
    )
    changed = cohort.frame[columns].astype(object)
    changed.iloc[0] = list(unseen)
    typed = {c: changed[c].astype(cohort.frame[c].dtype) for c in columns}
    found = through(codec, with_frame(cohort, **typed)).frame[columns].astype(object)
    told = tuple(found.iloc[0])
    alike = {level: sum(a == b for a, b in zip(level, unseen, strict=True)) for level in known}
    assert told in known
    assert alike[told] == max(alike.values())
    assert found.iloc[1:].equals(cohort.frame[columns].astype(object).iloc[1:])


def test_a_level_that_one_row_had_survives(cohorts):
    cohort = cohorts["hypotension"]
    fluids = cohort.frame["fluid_boluses"].copy()
    fluids[fluids == "1000"] = "500"
    fluids.iloc[7] = "1000"
    rare = with_frame(cohort, fluid_boluses=fluids)
    found = through(fit_codec(rare), rare)
    assert (found.frame["fluid_boluses"] == "1000").to_numpy().nonzero()[0].tolist() == [7]


@everywhere
def test_encoded_patients_can_be_chosen_and_put_together(condition, cohorts, codecs):
    encoded = codecs[condition].encode(cohorts[condition])
    order = np.random.default_rng(0).permutation(len(encoded))
    parts = [encoded.of(order[:50]), encoded.of(order[50:])]
    again = Encoded.together(parts).of(np.argsort(order))
    assert_same(codecs[condition].decode(again, "x"), codecs[condition].decode(encoded, "x"))


def test_nothing_is_known_before_the_first_measurement_and_then_the_last_one(cohorts, codecs):
    icu, codec = cohorts["hypotension"], codecs["hypotension"]
    encoded = codec.encode(icu)
    for k, column in enumerate(codec.columns):
        if column.flag:
            levels, values = encoded.levels[..., k], encoded.values[..., k]
            known = np.maximum.accumulate(encoded.levels[..., codec.flag_of[k]] > 0, axis=1)
            assert ((levels == column.unseen) & (values == 0))[~known].all()
            told = icu.frame[column.name].to_numpy()[known[encoded.present]]
            found = column.back(levels, values)[column.name][known & encoded.present]
            assert np.allclose(found, told) if column.scale else (found == told).all()


def test_patients_of_whom_nothing_stands_still_come_back_too(cohorts, codecs):
    icu, codec = cohorts["hypotension"], replace(codecs["hypotension"], statics=(), death=())
    encoded = codec.encode(icu)
    assert encoded.statics.shape == encoded.static_values.shape == (100, 0)
    assert (codec.lengths(encoded.statics) == codec.schema.n_steps).all()
    assert from_arrays(codec, *to_arrays(codec, encoded)).statics.shape == (100, 0)
    assert features_of(codec, encoded).shape[2] == width_of(codec)
    known = replace(icu, patients=icu.patients[["Steps followed"]])
    assert_round_trip(known, through(codec, icu))


# --- odd cohorts ----------------------------------------------------------------------------------


@everywhere
def test_in_a_file_without_rules_none_is_noticed_and_all_is_learned(condition, cohorts):
    file = shuffled(cohorts[condition])
    noticed = notice(file)
    assert (noticed.never, noticed.totals) == ({}, {})
    assert (noticed.flag_of, noticed.unmeasured) == ({}, {})
    codec = fit_codec(file)
    found = through(codec, file)
    schema = file.schema
    schema.validate(found.frame)
    for name in schema.names:
        one, other = file.frame[name], found.frame[name]
        if name in schema.static:
            assert found.frame.groupby(schema.id)[name].nunique().max() == 1
            mode = file.patients[name].loc[one.groupby(file.frame[schema.id]).size().index]
            shown = found.patients[name]
            same = np.isclose(mode, shown, atol=0.1) if name in schema.numeric else mode == shown
            assert same.all()
        elif name in schema.numeric:
            assert np.isclose(one, other, rtol=1e-5).all()
        else:
            pd.testing.assert_series_equal(one, other)


@everywhere
def test_constant_columns_come_back(condition, cohorts):
    cohort = cohorts[condition]
    schema, frame = cohort.schema, cohort.frame
    same = {n: frame[n].iloc[0] for n in schema.numeric if n not in schema.static}
    words = [n for n in (*schema.categorical, *schema.binary) if n not in schema.static]
    labels = {n: pd.Series([frame[n].iloc[0]] * len(frame)).astype(frame[n].dtype) for n in words}
    still = with_frame(cohort, **same, **labels)
    assert_round_trip(still, through(fit_codec(still), still))
    assert_round_trip(still, through(fit_codec(still, normal=True), still))


@pytest.mark.parametrize("condition", CONDITIONS[1:])
@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_records_of_a_few_steps_come_back(condition, n_steps, cohorts):
    short = first_steps(cohorts[condition], n_steps)
    found = through(fit_codec(short), short)
    assert_round_trip(short, found)
    assert found.patients["Steps followed"].max() == n_steps


def test_two_patients_will_do_and_one_will_not(cohorts):
    for cohort in cohorts.values():
        two = cohort.subset(cohort.patients.index[:2])
        found = through(fit_codec(two), two)
        assert len(found) == 2
        with pytest.raises(ArgumentError, match="1 patient"):
            fit_codec(cohort.subset(cohort.patients.index[:1]))


def test_people_who_are_followed_to_a_date_come_back():
    closed = hg.load_cohort("art_hiv", n_patients=40, seed=1, entry=(2012, 2016), closing=2018.0)
    assert closed.patients["Steps followed"].nunique() > 10
    found = through(fit_codec(closed), closed)
    assert_round_trip(closed, found)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_missing_or_infinite_value_is_refused_by_name(wrong, cohorts, codecs):
    values = cohorts["sepsis"].frame["Lactate"].copy()
    values.iloc[17] = wrong
    with pytest.raises(ArgumentError, match=r"'Lactate' has 1 missing or infinite.*row 17"):
        fit_codec(with_frame(cohorts["sepsis"], Lactate=values))
    with pytest.raises(ArgumentError, match="'Lactate'"):
        codecs["sepsis"].encode(with_frame(cohorts["sepsis"], Lactate=values))


def test_another_condition_or_a_missing_column_or_fact_is_refused(cohorts, codecs):
    with pytest.raises(ArgumentError, match=r"'art_hiv'.*'sepsis'"):
        codecs["art_hiv"].encode(cohorts["sepsis"])
    art = cohorts["art_hiv"]
    with pytest.raises(ArgumentError, match="no column 'VL'"):
        fit_codec(replace(art, frame=art.frame.drop(columns="VL")))
    for fact in ("Naive at entry", "Entry year"):
        without = replace(art, patients=art.patients.drop(columns=fact))
        with pytest.raises(ArgumentError, match=f"no '{fact}'"):
            codecs["art_hiv"].encode(without)
        assert fact not in through(fit_codec(without), without).patients
    died = cohorts["hypotension"]
    without = replace(died, patients=died.patients.drop(columns=["Died", "Hour of death"]))
    with pytest.raises(ArgumentError, match="no 'Died'"):
        codecs["hypotension"].encode(without)
