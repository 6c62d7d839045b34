"""Every model: the same again from a seed, valid cohorts, and nobody who contradicts themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from generator_toys import (
    ASKED,
    CONDITIONS,
    MODELS,
    NETWORKS,
    PAIRS,
    assert_same,
    fit,
    moves,
    with_frame,
)

from healthgym_edu.errors import ArgumentError
from healthgym_edu.generators.base import wanted
from healthgym_edu.generators.codec import fit_codec

each = pytest.mark.parametrize("name", list(MODELS))
network = pytest.mark.parametrize("name", NETWORKS)
pairs = pytest.mark.parametrize(("name", "condition"), PAIRS)


@pytest.fixture(scope="module")
def few(cohorts):
    """25 patients, for what has to be fitted once more."""
    return {k: one.subset(one.patients.index[:25]) for k, one in cohorts.items()}


# --- what is made ---------------------------------------------------------------------------------


@pairs
def test_what_is_made_fits_the_schema_and_does_not_contradict_itself(name, condition, made, fitted):
    cohort = made(name, condition)
    schema, frame, told = cohort.schema, cohort.frame, cohort.patients
    schema.validate(frame)
    assert len(cohort) == 40
    assert told.index.tolist() == list(range(40))
    assert (cohort.source, cohort.decisions, cohort.seen) == (name, None, None)
    key = frame[schema.id]
    for column in schema.static:
        assert moves(frame[column], key) == 0
    assert frame.groupby(schema.id).size().tolist() == told["Steps followed"].tolist()
    codec = fitted(name, condition).codec_
    for last, died in codec.death:
        assert (told[last].isna() == ~told[died]).all()
        rows = frame[frame[schema.step] > key.map(told[last].fillna(schema.n_steps))]
        assert len(rows) == 0
    for total, part in codec.totals:
        rise = frame[total].diff()[key.eq(key.shift())]
        assert np.allclose(rise, frame[part][rise.index], atol=1e-6)
    drugs = [v.name for v in schema if v.measured_by == "Drug (M)"]
    if drugs:
        known = set(codec.labels[0].levels)
        assert set(frame[drugs].astype(object).itertuples(index=False, name=None)) <= known


@pairs
def test_what_is_told_of_patients_is_what_the_training_cohort_tells(name, condition, made, cohorts):
    trained, told = cohorts[condition].patients, made(name, condition).patients
    assert told.columns.tolist() == trained.columns.tolist()
    assert told.dtypes.tolist() == trained.dtypes.tolist()


@each
def test_other_seeds_make_others_and_the_same_seed_the_same(name, fitted, made):
    model = fitted(name, "art_hiv")
    assert_same(model.sample(40, seed=1), made(name, "art_hiv"))
    other = model.sample(40, seed=2).frame
    assert (other["VL"] != made(name, "art_hiv").frame["VL"]).mean() > 0.5


@each
def test_the_same_seed_and_steps_learn_the_same_model(name, few):
    one, again, other = (fit(name, few["art_hiv"], seed).sample(10, seed=5) for seed in (0, 0, 1))
    assert_same(one, again)
    assert (one.frame["VL"] != other.frame["VL"]).mean() > 0.5


@each
def test_one_patient_can_be_made(name, fitted):
    alone = fitted(name, "art_hiv").sample(1, seed=0)
    assert len(alone) == 1
    alone.schema.validate(alone.frame)


@each
def test_what_learned_says_how_long(name, fitted):
    model = fitted(name, "art_hiv")
    assert model.ended_ == "steps"
    assert model.steps_ == (MODELS[name][1].get("max_steps") or len(model.history_))
    assert model.history_["step"].iloc[-1] == model.steps_
    assert model.seconds_ >= model.history_["seconds"].iloc[-1]
    losses = model.history_.select_dtypes("number")
    assert np.isfinite(losses).all().all()


@network
def test_the_readers_own_random_numbers_and_threads_are_left_alone(name, few):
    torch.manual_seed(9)
    np.random.seed(9)  # noqa: NPY002
    wanted_numbers = torch.rand(3).tolist(), np.random.random()  # noqa: NPY002
    torch.manual_seed(9)
    np.random.seed(9)  # noqa: NPY002
    threads = torch.get_num_threads()
    fit(name, few["art_hiv"]).sample(2, seed=1)
    assert (torch.rand(3).tolist(), np.random.random()) == wanted_numbers  # noqa: NPY002
    assert torch.get_num_threads() == threads


# --- who is asked for -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKED)
def test_women_who_were_asked_for_are_women(name, fitted, made):
    assert made(name, "art_hiv").frame["Gender"].nunique() == 2
    found = fitted(name, "art_hiv").sample(25, seed=1, like={"Gender": "Female"})
    assert len(found) == 25
    assert set(found.frame["Gender"]) == set(found.patients["Gender"]) == {"Female"}
    both = {"Gender": "Female", "Naive at entry": True}
    told = fitted(name, "art_hiv").sample(8, seed=1, like=both).patients
    assert (told["Gender"] == "Female").all()
    assert told["Naive at entry"].all()


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(
    ("like", "words"),
    [
        ({"Sex": "Female"}, r"'Sex'.*Gender, Ethnic"),
        ({"VL": 50.0}, "'VL'"),
        ({"Comp. INI": "DTG"}, "never changes"),
        ({"ever: VL (M)": True}, "never changes"),
        ({"Gender": "female"}, r"levels are 'Male', 'Female'"),
        ({"Gender": None}, "levels are"),
    ],
)
def test_a_column_or_level_that_there_is_not_is_refused(name, like, words, fitted):
    with pytest.raises(ArgumentError, match=words):
        fitted(name, "art_hiv").sample(5, like=like)


@pytest.mark.parametrize("name", [one for one in MODELS if one not in ASKED])
def test_models_that_make_all_at_once_cannot_be_asked(name, fitted):
    with pytest.raises(ArgumentError, match=f"{name}.*AutoregressiveGru and AutoregressiveTree"):
        fitted(name, "art_hiv").sample(5, like={"Gender": "Female"})


def test_nobody_fits_a_wish_that_nobody_could_fulfil(cohorts):
    codec = fit_codec(cohorts["art_hiv"])
    statics = codec.encode(cohorts["art_hiv"]).statics
    found = wanted(codec, statics, {"Gender": "Female", "Ethnic": "African"})
    told = cohorts["art_hiv"].patients
    assert (found == (told["Gender"].eq("Female") & told["Ethnic"].eq("African"))).all()


@pytest.mark.parametrize("name", ["AutoregressiveGru", "AutoregressiveTree"])
def test_a_wish_that_hardly_anybody_fulfils_ends_with_an_error(name, few):
    men = few["art_hiv"].patients.query("Gender == 'Male'").index
    model = fit(name, few["art_hiv"].subset(men))
    if name == "AutoregressiveGru":  # it never says never
        with torch.no_grad():
            model.network_.statics.last[0].bias[1] = -50
    with pytest.raises(ArgumentError, match="only 0 were like"):
        model.sample(5, like={"Gender": "Female"})


# --- scores ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in NETWORKS if n != "Diffusion"])
def test_every_patient_has_a_score_of_their_own(name, fitted, cohorts):
    model, cohort = fitted(name, "art_hiv"), cohorts["art_hiv"]
    scores = model.patient_scores(cohort)
    assert scores.shape == (len(cohort),)
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) == len(cohort)
    some = cohort.patients.index[[3, 50, 99]]
    assert np.allclose(model.patient_scores(cohort.subset(some)), scores[[3, 50, 99]], atol=1e-3)


def test_those_who_make_no_sense_are_less_likely(fitted, cohorts):
    model, cohort = fitted("AutoregressiveGru", "art_hiv"), cohorts["art_hiv"]
    mixed = model.patient_scores(shuffled_rows(cohort))
    assert (mixed < model.patient_scores(cohort)).mean() > 0.9


def shuffled_rows(cohort):
    """The same people with the drugs of other people at every step."""
    drugs = [v.name for v in cohort.schema if v.measured_by == "Drug (M)"]
    order = np.random.default_rng(0).permutation(len(cohort.frame))
    return with_frame(cohort, **{d: cohort.frame[d].array[order] for d in drugs})


@pytest.mark.parametrize("condition", CONDITIONS)
def test_leaves_hold_values_of_training_patients(condition, made, cohorts):
    """The tree copies: what never changes in people is somebody's."""
    name = {"art_hiv": "Entry year", "sepsis": "Age", "hypotension": "Steps followed"}[condition]
    trained = cohorts[condition].patients[name].to_numpy(float)
    told = made("AutoregressiveTree", condition).patients[name].to_numpy(float)
    assert np.abs(told[:, None] - trained).min(axis=1).max() < 1e-6


def test_trees_know_no_label_that_nobody_had(cohorts):
    """Neither at the first measurement of somebody who was never measured before."""
    icu = cohorts["hypotension"]
    coma, oxygen = icu.frame["GCS_total"].copy(), icu.frame["FiO2"].copy()
    coma[coma == "3"], oxygen[oxygen == "<0.2"] = "4", "0.2"
    found = fit("AutoregressiveTree", with_frame(icu, GCS_total=coma, FiO2=oxygen)).sample(150)
    assert set(found.frame["GCS_total"]) <= set(coma)
    assert set(found.frame["FiO2"]) <= set(oxygen)
