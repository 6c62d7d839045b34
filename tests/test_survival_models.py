"""Designs, standardised curves, projections and bootstraps, beside lifelines and known worlds."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, CoxTimeVaryingFitter

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import (
    area_under,
    design,
    proportional_hazards,
    resampled,
    rmst,
    standardised_curves,
    survival_curve,
)
from healthgym_edu.survival.projection import log_hazard_ratio
from healthgym_edu.survival.proportional import Proportional, true_rmst


def confounded(n=4000, seed=0):
    """Known hazards; the old are treated more often, and have the event sooner."""
    rng = np.random.default_rng(seed)
    world = Proportional(treatment=-0.5, age=0.6)
    age = np.clip(rng.standard_normal(n), -2, 2)
    treated = (rng.random(n) < 1 / (1 + np.exp(-1.5 * age))).astype(int)
    hazard = world.baseline * np.exp(world.treatment * treated + world.age * age)
    when = np.ceil(rng.exponential(size=n) / hazard)
    return world, pd.DataFrame(
        {
            "PatientID": np.arange(n),
            "duration": np.minimum(when, 24).astype(int),
            "event": when <= 24,
            "entry": 0,
            "treated": treated,
            "age": age,
        }
    )


# --- designs --------------------------------------------------------------------------------------


def test_words_become_columns_beside_a_reference():
    times = proportional_hazards(600).assign(
        drug=lambda table: np.array(["DTG", "EFV", "RPV"])[table["PatientID"] % 3],
        woman=lambda table: table["PatientID"] % 2 == 0,
    )
    table = design(times, ["drug", "woman", "age"], {"drug": "EFV"})
    assert table.columns.tolist() == [
        "duration", "event", "drug: DTG", "drug: RPV", "woman", "age",
    ]  # fmt: skip
    assert (table["drug: DTG"] == (times["drug"] == "DTG")).all()
    assert CoxPHFitter().fit(table, "duration", "event").params_.notna().all()
    as_category = times.assign(drug=pd.Categorical(times["drug"], ["RPV", "EFV", "DTG", "NVP"]))
    assert design(as_category, ["drug"]).columns.tolist()[2:] == ["drug: EFV", "drug: DTG"]


def test_a_design_of_episodes_is_what_the_time_varying_model_takes():
    art = hg.load_cohort("art_hiv", n_patients=400)
    rows = hg.survival.counting_process(art, "suppressed_50", ["Comp. INI", "Gender"], horizon=24)
    table = design(rows, ["Gender"])
    assert table.columns.tolist() == ["PatientID", "start", "stop", "event", "Gender: Female"]
    fitted = CoxTimeVaryingFitter().fit(table, id_col="PatientID", event_col="event")
    assert np.isfinite(fitted.params_).all()


def test_competing_events_are_no_events_of_the_model():
    times = proportional_hazards(500, world=Proportional(competing=0.03))
    assert design(times, ["age"])["event"].sum() == (times["event"] == 1).sum()


@pytest.mark.parametrize(
    ("change", "covariates", "reference", "said"),
    [
        ({}, ["dose"], None, "no column 'dose'"),
        ({"age": 1.0}, ["age"], None, "'age' is the same for everybody"),
        ({"age": [np.nan] + [1.0] * 299}, ["age"], None, "'age' is missing in 1 rows"),
        ({"drug": ["a", "b"] * 150}, ["drug"], {"drug": "c"}, "'c' of 'drug' is nobody's"),
        ({}, ["age"], {"drug": "a"}, "'drug', which is no covariate"),
        ({"event": [True] * 9 + [False] * 291}, ["age"], None, "9 events are too few for 1"),
        (lambda t: {"age": 1.0 * t["event"]}, ["age"], None, "no finite hazard ratio of 'age'"),
        (
            lambda t: {"rare": (t["PatientID"] < 30) & ~t["event"]},
            ["rare"], None, "no finite hazard ratio of 'rare'",
        ),
        ({"event": False}, ["age"], None, "0 events are too few"),
    ],
)  # fmt: skip
def test_what_no_model_can_fit_is_refused_before_it_is_tried(change, covariates, reference, said):
    times = proportional_hazards(300)
    times = times.assign(**(change(times) if callable(change) else change))
    with pytest.raises(ArgumentError, match=said):
        design(times, covariates, reference)


# --- standardised curves --------------------------------------------------------------------------


def test_standardising_takes_the_old_out_of_the_comparison():
    """The truth averages over everybody's age; the naive difference has the wrong sign."""
    world, times = confounded()
    true = true_rmst(world, 18)  # treated minus untreated
    naive = rmst(times, 18, by="treated").loc["0 - 1", "rmst"]
    curves = standardised_curves(times, "treated", ["age"])
    answer = area_under(curves, 18)["0 - 1"]
    assert naive > 0 > -true
    assert answer == pytest.approx(-true, abs=0.35)


def test_without_covariates_a_standardised_curve_is_that_of_a_cox_model():
    times = proportional_hazards(800)
    curves = standardised_curves(times, "treated", [])
    fitted = CoxPHFitter().fit(times[["duration", "event", "treated"]], "duration", "event")
    for name in (0, 1):
        told = fitted.predict_survival_function(pd.DataFrame({"treated": [name]})).iloc[:, 0]
        part = curves[curves["group"] == str(name)].set_index("time")["survival"]
        assert np.allclose(part.loc[1:], told.loc[1:])
        assert part.loc[0] == 1


def test_the_area_under_a_kaplan_meier_curve_is_the_restricted_mean():
    times = proportional_hazards(500, seed=3)
    table = rmst(times, 18, by="treated")
    assert np.allclose(area_under(survival_curve(times, by="treated"), 18), table["rmst"])
    for horizon, said in ((0, "cut off at 0 steps"), (30, "ends at 24")):
        with pytest.raises(ArgumentError, match=said):
            area_under(survival_curve(times), horizon)


def test_intervals_of_standardised_curves_hold_the_curve():
    _, times = confounded(600)
    curves = standardised_curves(times, "treated", ["age"], replicates=40)
    inside = curves[(curves["time"] > 0) & (curves["time"] <= 20)]
    assert (inside["lower"] < inside["survival"]).all()
    assert (inside["survival"] < inside["upper"]).all()
    figure = hg.plots.survival_plot(curves, "months", "Share without the event")
    assert len(figure.axes) == 2


# --- projections ----------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(40, 400))
@settings(deadline=None, max_examples=25)
def test_the_projection_is_lifelines_coefficient(seed, n):
    times = proportional_hazards(n, seed, Proportional(baseline=0.06, treatment=-0.4))
    if times.groupby("treated")["event"].sum().min() < 3:
        return
    fitted = CoxPHFitter().fit(
        times[["duration", "event", "treated"]], "duration", "event",
        fit_options={"precision": 1e-12},
    )  # fmt: skip
    found = log_hazard_ratio(
        times["duration"].to_numpy(), times["event"].to_numpy(), times["treated"].to_numpy() == 1
    )
    assert found == pytest.approx(fitted.params_["treated"], abs=1e-5)


def test_the_projection_of_an_arm_without_events_is_no_number():
    times = proportional_hazards(100)
    event = times["event"].to_numpy() & (times["treated"] == 0).to_numpy()
    arms = times["treated"].to_numpy() == 1
    assert np.isnan(log_hazard_ratio(times["duration"].to_numpy(), event, arms))


# --- bootstrap ------------------------------------------------------------------------------------


def test_bootstrap_and_greenwood_agree_where_both_hold():
    times = proportional_hazards(500)
    known, drawn = rmst(times, 18, by="treated"), rmst(times, 18, by="treated", replicates=400)
    assert np.allclose(known["rmst"], drawn["rmst"])
    assert np.allclose(known["standard_error"], drawn["standard_error"], rtol=0.15)
    assert np.allclose(known[["lower", "upper"]], drawn[["lower", "upper"]], atol=0.35)


def test_robust_and_bootstrap_intervals_agree_under_weights():
    _, times = confounded(2000)
    chance = 1 / (1 + np.exp(-1.5 * times["age"]))
    times["propensity"] = np.where(times["treated"] == 1, chance, 1 - chance)
    known = rmst(times, 18, by="treated", weights="propensity")
    drawn = rmst(times, 18, by="treated", weights="propensity", replicates=300)
    assert np.allclose(known["standard_error"], drawn["standard_error"], rtol=0.2)
    weighed = rmst(times.assign(w=1 / times["propensity"]), 18, by="treated", weights="w")
    assert np.allclose(known, weighed)


def test_a_column_of_propensities_has_to_hold_probabilities():
    times = proportional_hazards(100).assign(propensity=0.0)
    with pytest.raises(ArgumentError, match="a probability above 0, up to 1; found 0 to 0"):
        survival_curve(times, weights="propensity")


def test_draws_hang_on_the_seed_and_not_on_the_workers():
    times = proportional_hazards(200)

    def mean(one):
        return rmst(one, 12, by="treated")["rmst"]

    alone = resampled(times, mean, 60, seed=4)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert alone.equals(resampled(times, mean, 60, seed=4))
    assert not alone.equals(resampled(times, mean, 60, seed=5))


def test_a_group_too_small_for_a_bootstrap_is_named():
    times = proportional_hazards(100).assign(arm="many")
    times.loc[:2, "arm"] = "few"
    times.loc[:2, ["duration", "event"]] = [24, False]
    with pytest.raises(ArgumentError, match="few could not be estimated in .* of 200 draws"):
        rmst(times, 12, by="arm", replicates=200)
