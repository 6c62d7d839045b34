"""A fourth condition, in one file, goes wherever the three go."""

from __future__ import annotations

import warnings

import gymnasium
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from gymnasium.utils.env_checker import check_env
from toy_diabetes import SCHEMA, Diabetes, Parameters

import healthgym_edu as hg
from healthgym_edu import conditions
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.errors import ArgumentError, SchemaError
from healthgym_edu.plots.style import FIXED, STYLES


@pytest.fixture
def diabetes():
    """The condition, known by its name for as long as a test lasts."""
    looks = dict(FIXED)
    mechanism = Diabetes()
    hg.register(mechanism)
    yield mechanism
    del conditions._mechanisms["diabetes"]
    gymnasium.registry.pop(ENVIRONMENTS.pop("diabetes"))
    FIXED.clear()
    FIXED.update(looks)


def test_it_is_known_by_name(diabetes):
    assert hg.CONDITIONS == ("art_hiv", "sepsis", "hypotension", "diabetes")
    with pytest.raises(ArgumentError, match="Did you mean 'diabetes'"):
        hg.load_cohort("diabetis")


def test_it_is_forgotten_with_the_test():
    assert hg.CONDITIONS == ("art_hiv", "sepsis", "hypotension")
    assert "Insulin" not in FIXED


def test_cohorts_are_valid_and_treatment_shows(diabetes):
    cohort = hg.load_cohort("diabetes", n_patients=1500)
    cohort.schema.validate(cohort.frame)
    assert len(hg.load_cohort("diabetes")) == diabetes.published_patients
    frame = cohort.frame.set_index("PatientID")
    last = frame[frame["Month"] == 35]
    untreated = hg.simulate("diabetes", 1500, "none").frame.set_index("PatientID")
    assert untreated[untreated["Month"] == 35]["HbA1c"].mean() > last["HbA1c"].mean() + 0.5
    assert (untreated["Treatment"] == "None").all()
    probability = cohort.decisions[list(diabetes.actions)].to_numpy()
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-5)


def test_what_was_not_measured_is_carried(diabetes):
    shown, true = (hg.simulate("diabetes", 300, carried=c).frame for c in (True, False))
    measured = shown["HbA1c (M)"]
    assert (shown["HbA1c"] == true["HbA1c"])[measured].all()
    assert (shown["HbA1c"] != true["HbA1c"])[~measured].mean() > 0.5
    last = shown["HbA1c"].where(measured).groupby(shown["PatientID"]).ffill()
    known = last.notna()
    assert (shown["HbA1c"] == last)[known].all()


def test_twins_differ_by_their_treatment_alone(diabetes):
    twins = hg.twins("diabetes", ["None", "Insulin"], n_patients=200)
    none, insulin = (cohort.frame for cohort in twins.values())
    pd.testing.assert_frame_equal(twins["None"].patients, twins["Insulin"].patients)
    heavier = insulin["Weight"].to_numpy() - none["Weight"].to_numpy()
    assert (heavier >= 0).all()
    assert heavier.max() == pytest.approx(35 * Parameters().gain, abs=0.1)


def test_values_of_policies_are_in_order(diabetes):
    none, random, guideline = (
        hg.policy_value("diabetes", policy, 2000) for policy in ("none", "random", "protocol")
    )
    assert none.value + 5 * none.standard_error < random.value
    assert random.value + 5 * random.standard_error < guideline.value
    mild = hg.policy_value("diabetes", "none", 2000, parameters=Parameters(rise=0.0))
    assert mild.value > none.value + 5 * none.standard_error


@pytest.mark.parametrize("render_mode", [None, "ansi", "rgb_array"])
def test_gymnasiums_checker_has_nothing_to_say(diabetes, render_mode):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make(ENVIRONMENTS["diabetes"], render_mode=render_mode)
        check_env(env.unwrapped)


def test_rewards_of_a_vector_environment_are_the_returns(diabetes):
    returns = hg.policy_value("diabetes", "Both", 50).returns
    many = gymnasium.make_vec(
        ENVIRONMENTS["diabetes"], num_envs=50, vectorization_mode="vector_entry_point"
    )
    many.reset(seed=0, options={"patient": np.arange(50)})
    total, going = np.zeros(50), np.ones(50, dtype=bool)
    while going.any():
        _, rewards, terminated, truncated, info = many.step(np.full(50, 3))
        total += rewards * going
        going &= ~(terminated | truncated)
    np.testing.assert_allclose(total, returns)
    assert info["month"].max() <= 36


def test_it_is_drawn_with_its_own_axes_and_colours(diabetes):
    cohort = hg.load_cohort("diabetes", n_patients=100)
    ax = hg.plots.trajectory_band(cohort, "HbA1c")
    assert ax.get_ylabel() == "HbA1c (%)"
    assert any("goal" in text.get_text() for text in ax.texts)
    assert hg.plots.style_for(["Insulin"])["Insulin"] == STYLES["orange"]
    hg.plots.regimen_areas(cohort, "Treatment")
    hg.plots.patient_timeline(cohort, 3)
    plt.close("all")


def test_a_file_comes_back_as_it_went(diabetes, tmp_path):
    cohort = hg.load_cohort("diabetes", n_patients=40)
    cohort.save(tmp_path / "diabetes.csv")
    back = hg.load_cohort("diabetes", source=tmp_path / "diabetes.csv")
    pd.testing.assert_frame_equal(back.frame, cohort.frame)
    with pytest.raises(SchemaError, match=r"load_cohort\('diabetes'"):
        hg.load_cohort("art_hiv", source=tmp_path / "diabetes.csv")


def test_minari_episodes_are_its_patients(diabetes, tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    dataset = hg.to_minari("diabetes", "diabetes/clinician-v0", n_patients=30)
    returns = hg.policy_value("diabetes", "clinician", 30).returns
    assert [episode.rewards.sum() for episode in dataset] == pytest.approx(returns.tolist())


@pytest.mark.parametrize(
    ("what", "fragment"),
    [
        (SCHEMA, "takes a Mechanism"),
        (Diabetes, "takes a Mechanism"),
        (conditions.get_mechanism("sepsis"), "a condition 'sepsis' already"),
    ],
)
def test_what_is_no_new_mechanism_is_refused(what, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        hg.register(what)
    assert hg.CONDITIONS == ("art_hiv", "sepsis", "hypotension")


def test_there_is_no_guideline_unless_it_is_written(diabetes):
    class Unguided(Diabetes):
        guideline = Diabetes.__mro__[1].guideline

    with pytest.raises(ArgumentError, match="no guideline for diabetes"):
        Unguided().follow_guideline(np.zeros((2, 5)))
