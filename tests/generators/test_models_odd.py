"""Models and what can go wrong: limits that mean nothing, odd cohorts, interruptions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from generator_toys import (
    MODELS,
    NETWORKS,
    assert_same,
    first_steps,
    fit,
    moves,
    shuffled,
    with_frame,
)

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError, TrainingError
from healthgym_edu.generators import saving

each = pytest.mark.parametrize("name", list(MODELS))
network = pytest.mark.parametrize("name", NETWORKS)


# --- bad input ------------------------------------------------------------------------------------


@each
def test_a_model_that_has_not_learned_is_refused(name, tmp_path):
    with pytest.raises(ArgumentError, match="not learned"):
        MODELS[name][0]().sample(5)
    with pytest.raises(ArgumentError, match="not learned"):
        MODELS[name][0]().save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


@each
@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, "10", None])
def test_samples_of_nobody_are_refused(name, wrong, fitted):
    with pytest.raises(ArgumentError, match="n_patients"):
        fitted(name, "art_hiv").sample(wrong)


@each
def test_a_seed_that_is_none_is_refused(name, fitted, few):
    with pytest.raises(ArgumentError, match="seed"):
        fitted(name, "art_hiv").sample(5, seed=-1)
    with pytest.raises(ArgumentError, match="seed"):
        MODELS[name][0]().fit(few["art_hiv"], seed=1.5)


LIMITS = [
    {"max_steps": 0}, {"budget_seconds": 0}, {"budget_seconds": -1},
    {"max_steps": 3, "budget_seconds": 1.0},
]  # fmt: skip


@each
@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_limits_that_mean_nothing_are_refused(name, limits, few):
    with pytest.raises(ArgumentError):
        MODELS[name][0]().fit(few["art_hiv"], **limits)


@each
def test_a_fit_that_was_refused_leaves_the_model_as_it_was(name, few, fitted, made):
    both = LIMITS[-1]
    model = MODELS[name][0]()
    with pytest.raises(ArgumentError):
        model.fit(few["art_hiv"], **both)
    with pytest.raises(ArgumentError, match="not learned"):
        model.sample(3)
    model = fit(name, few["art_hiv"])
    before = model.sample(5, seed=1)
    with pytest.raises(ArgumentError):
        model.fit(few["hypotension"], **both)
    assert_same(model.sample(5, seed=1), before)


@each
def test_one_patient_or_a_hole_in_the_records_is_refused(name, few):
    one = few["hypotension"].subset(few["hypotension"].patients.index[:1])
    with pytest.raises(ArgumentError, match="1 patient"):
        fit(name, one)
    hole = few["hypotension"].frame["MAP"].copy()
    hole.iloc[3] = np.nan
    with pytest.raises(ArgumentError, match="'MAP'"):
        fit(name, with_frame(few["hypotension"], MAP=hole))


@each
def test_odd_cohorts_are_learned_from(name, few):
    art, icu = few["art_hiv"], few["hypotension"]
    drugs = [v.name for v in art.schema if v.measured_by == "Drug (M)"]
    same = {d: pd.Series([art.frame[d].iloc[0]] * len(art.frame)).astype(art.frame[d].dtype)
            for d in drugs}  # fmt: skip
    still = with_frame(art, VL=70.0, **same)
    odd = {
        "constant": still.subset(still.patients.index[:2]),
        "one step": first_steps(icu, 1),
        "a file": shuffled(art),
    }
    for what, cohort in odd.items():
        made = fit(name, cohort).sample(5, seed=0)
        made.schema.validate(made.frame)
        if what == "constant":
            assert (made.frame["VL"] == 70.0).all()
        if what == "a file":
            assert moves(made.frame["Gender"], made.frame["PatientID"]) == 0
            assert made.patients.columns.tolist() == cohort.patients.columns.tolist()


# --- interruptions --------------------------------------------------------------------------------


def stopping(name, monkeypatch, error):
    """Let an error end every eighth move of the weights of a model."""
    module = __import__(f"healthgym_edu.generators.{saving.MODELS[name]}", fromlist=["descend"])
    if not hasattr(module, "descend"):  # it inherits its steps
        module = __import__("healthgym_edu.generators.wgan", fromlist=["descend"])
    calm, calls = module.descend, []

    def stop(*given):
        calls.append(1)
        if len(calls) % 8 == 0:
            raise error
        calm(*given)

    monkeypatch.setattr(module, "descend", stop)


@network
def test_an_interrupt_keeps_a_model_that_says_so(name, few, monkeypatch, tmp_path, caplog):
    stopping(name, monkeypatch, KeyboardInterrupt)
    model = MODELS[name][0]().fit(few["art_hiv"], max_steps=50)
    assert model.ended_ == "interrupted"
    assert 0 < model.steps_ < 8
    assert "Interrupted" in caplog.text
    made = model.sample(5, seed=1)
    model.save(tmp_path / "model")
    again = hg.generators.load_generator(tmp_path / "model")
    assert again.ended_ == "interrupted"
    assert_same(again.sample(5, seed=1), made)


@network
def test_a_loss_that_is_no_number_ends_with_an_error_and_a_model_that_can_be_kept(
    name, few, tmp_path
):
    model = MODELS[name][0]()
    loop = replace(model.config.loop, learning_rate=1e30)
    model = type(model)(replace(model.config, loop=loop))
    with pytest.raises(TrainingError, match="no number"):
        model.fit(few["art_hiv"], max_steps=40)
    assert len(model.sample(3)) == 3  # the last good weights are kept
    model.save(tmp_path / "model")
    assert_same(hg.generators.load_generator(tmp_path / "model").sample(3), model.sample(3))


@network
def test_any_other_error_passes_and_leaves_the_model_as_it_was(name, few, monkeypatch, tmp_path):
    kept = fit(name, few["art_hiv"])
    before, history, learned = kept.sample(3, seed=1), kept.history_, kept.told()
    full = MemoryError("no room")
    stopping(name, monkeypatch, full)
    for model, cohort in ((MODELS[name][0](), few["art_hiv"]), (kept, few["hypotension"])):
        with pytest.raises(MemoryError) as caught:
            model.fit(cohort, max_steps=50)
        assert caught.value is full
        if model is kept:
            assert_same(model.sample(3, seed=1), before)
            assert model.history_ is history
            assert model.told() == learned
        else:
            with pytest.raises(ArgumentError, match="not learned"):
                model.sample(3)
            with pytest.raises(ArgumentError, match="not learned"):
                model.save(tmp_path / "model")
            assert not hasattr(model, "ended_")


def test_people_who_are_followed_to_a_date_are_made_too():
    closed = hg.load_cohort("art_hiv", n_patients=40, seed=1, entry=(2012, 2016), closing=2018.0)
    assert closed.patients["Steps followed"].nunique() > 10
    told = fit("WganGp", closed).sample(20, seed=0).patients
    assert told["Steps followed"].nunique() > 3
