"""A fourth condition, in one file, goes wherever the three go."""

from __future__ import annotations

import warnings
from dataclasses import replace

import gymnasium
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from gymnasium.utils.env_checker import check_env
from toy_diabetes import SCHEMA, Diabetes, Parameters

import healthgym_edu as hg
from healthgym_edu import conditions
from healthgym_edu.engine import Mechanism, rehearse
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.errors import ArgumentError, SchemaError
from healthgym_edu.plots.style import FIXED, STYLES
from healthgym_edu.schema import Variable


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
    lengths = cohort.frame.groupby("PatientID").size()
    assert ((lengths < 36) == cohort.patients["Died"])[lengths != 36].all()
    assert 0.01 < cohort.patients["Died"].mean() < 0.2
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
    none, insulin = (cohort.frame.set_index(["PatientID", "Month"]) for cohort in twins.values())
    assert (twins["None"].patients["Sex"] == twins["Insulin"].patients["Sex"]).all()
    heavier = (insulin["Weight"] - none["Weight"]).dropna()  # while both are alive
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
    with pytest.raises(ArgumentError, match=fragment):
        hg.register(what, replace=True)
    assert hg.CONDITIONS == ("art_hiv", "sepsis", "hypotension")


def test_there_is_no_guideline_unless_it_is_written(diabetes):
    class Unguided(Diabetes):
        guideline = Diabetes.__mro__[1].guideline

    with pytest.raises(ArgumentError, match="no guideline for diabetes"):
        Unguided().follow_guideline(np.zeros((2, 5)))


def test_a_cell_that_is_run_again_may_replace_what_it_registered(diabetes):
    milder = Diabetes(Parameters(rise=0.0))
    with pytest.raises(ArgumentError, match="replace=True"):
        hg.register(milder)
    hg.register(milder, replace=True)
    assert conditions.get_mechanism("diabetes") is milder
    assert hg.CONDITIONS.count("diabetes") == 1


# --- the rehearsal


def renamed(name):
    return replace(SCHEMA, condition=name)


class Forgetting(Diabetes):
    def known(self, state):
        return {name: v for name, v in super().known(state).items() if name != "Weight"}


class Coded(Diabetes):
    """Gives the position of a label where its code is wanted."""

    def known(self, state):
        return super().known(state) | {"Sex": state.woman}


class Short(Diabetes):
    def record(self, state):
        return {name: v for name, v in super().record(state).items() if name != "Hypo"}


class WritingOn(Diabetes):
    def advance(self, state):
        state.weight += 0.1 * state.treatment
        super().advance(state)


class WritingDown(Diabetes):
    def act(self, state, action):
        state.treatment[:] = action


class Standing(Diabetes):
    def advance(self, state):
        before = state.step
        super().advance(state)
        state.step = before


class OneForAll(Diabetes):
    def reward(self, state, name="course"):
        return -1.0


class Flat(Diabetes):
    def clinician(self, state):
        return super().clinician(state)[:, 0]


class Unsure(Diabetes):
    def clinician(self, state):
        return super().clinician(state) * 3


class Blank(Diabetes):
    def clinician(self, state):
        return super().clinician(state) * np.nan


class Closed(Diabetes):
    def admissible(self, state):
        return super().admissible(state) & (state.woman[:, None])


class Idle(Diabetes):
    def deciding(self, state):
        return np.zeros(len(state), dtype=bool)


class Doubtful(Diabetes):
    def deciding(self, state):
        return 1.0 * state.measured


class Mistyped(Diabetes):
    def measure(self, state):
        state.measured = state.at("visits") < 0.5
        state.last = state.own


class Immortal(Diabetes):
    schema = replace(SCHEMA, equal_length=True)


class Heavy(Diabetes):
    def record(self, state):
        return super().record(state) | {"Weight": state.weight + 1000}


class Unnamed(Diabetes):
    schema = renamed("Type 2 diabetes")


class Undrawn(Diabetes):
    step_noise = {"drift": "normal", "hypo": "uniform", "visit": "uniform", "death": "uniform"}


class Gaussian(Diabetes):
    static_noise = Diabetes.static_noise | {"own": "gauss"}


class Unpaid(Diabetes):
    rewards = ("months",)


class Unlimited(Diabetes):
    observed = (Variable("month", "numeric", "Month."), *Diabetes.observed[1:])


class Unwritten(Mechanism):
    schema, actions, observed = SCHEMA, Diabetes.actions, Diabetes.observed


class Empty(Mechanism):
    pass


@pytest.mark.parametrize(
    ("kind", "fragment"),
    [
        (Forgetting, "`known` of diabetes lacks 'Weight'"),
        (Coded, r"'Sex' is \[0.\], where `observed` says 1 to 2"),
        (Short, "`record` of diabetes lacks the column 'Hypo'"),
        (WritingOn, "`advance` of diabetes writes into an array"),
        (WritingDown, "`act` of diabetes writes into an array"),
        (Standing, "`advance` of diabetes must add 1 to state.step"),
        (OneForAll, r"`reward` of diabetes is float; expected an array of numbers, shape \(1024,"),
        (Flat, r"`clinician` of diabetes returned an array of shape \(\d+,\) for"),
        (Unsure, "`clinician` of diabetes returned probabilities that add up to 3"),
        (Blank, "`clinician` of diabetes returned negative or missing"),
        (Closed, "leaves somebody without any action"),
        (Idle, "In no step of diabetes was a decision due"),
        (Doubtful, "`deciding` of diabetes is .* float64; expected an array of True and False"),
        (Mistyped, "no noise of steps 'visits'.*Did you mean 'visit'"),
        (Immortal, "does not fit its schema"),
        (Heavy, "does not fit its schema.*'Weight'"),
        (Unnamed, "its name is 'Type 2 diabetes'"),
        (Undrawn, 'lacks "action"'),
        (Gaussian, "no kind of noise 'gauss'"),
        (Unpaid, 'lack "course"'),
        (Unlimited, "'month' needs a lowest and a highest value"),
        (Unwritten, "does not write the method `start`"),
        (Empty, "Empty has no `schema`"),
    ],
)
def test_the_rehearsal_finds_what_would_go_wrong(kind, fragment):
    with pytest.raises(ArgumentError, match=fragment):
        hg.register(kind())
    assert hg.CONDITIONS == ("art_hiv", "sepsis", "hypotension")


def test_what_cannot_be_hashed_is_refused():
    with pytest.raises(ArgumentError, match=r"cannot be hashed; write @dataclass\(frozen=True\)"):
        hg.register(unhashable())


def unhashable():
    class Loose(Diabetes):
        __hash__ = None

    return Loose()


@pytest.mark.parametrize("name", ["art_hiv", "sepsis", "hypotension"])
def test_the_conditions_of_the_course_pass_it(name):
    rehearse(conditions.get_mechanism(name))
