"""Rejection: a forest without pickles, refusal where it would do harm, shares that are mended."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest
from generator_toys import MODELS, assert_same, with_frame
from sklearn.ensemble import HistGradientBoostingClassifier

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.generators import rejection
from healthgym_edu.generators.base import Generator
from healthgym_edu.generators.rejection import Forest, RejectionConfig, RejectionSampling

FEW = {"trees": 15, "leaves": 4}


class Pool(Generator):
    """Draws from people who are there, women more often than they are."""

    def __init__(self, cohort, codec, women):
        self.config, self.codec_, self.history_ = None, codec, pd.DataFrame()
        self.steps_, self.seconds_, self.ended_ = 1, 0.0, "steps"
        self.pool = codec.encode(cohort)
        female = cohort.patients["Gender"].eq("Female").to_numpy()
        self.share = np.where(female, women / female.sum(), (1 - women) / (~female).sum())

    def _draw(self, n, seed, like):
        rng = np.random.default_rng(seed)
        return self.pool.of(rng.choice(len(self.share), n, p=self.share))

    def arrays(self):
        return {}

    def _rebuild(self, arrays, told): ...

    def _learn(self, *given): ...


@pytest.fixture(scope="module")
def crowd():
    """People to learn from, and as many others of the same kind to draw from."""
    return hg.load_cohort("art_hiv", n_patients=600, seed=8).split(0.5)


@pytest.fixture(scope="module")
def mended(crowd):
    """Rejection for a pool in which 60 % are women, who are far fewer among the real ones."""
    real, others = crowd
    codec = hg.generators.fit_codec(real)
    model = RejectionSampling(Pool(others, codec, 0.6), RejectionConfig(highest_auc=1.0, **FEW))
    return model.fit(real, seed=0)


@pytest.fixture(scope="module")
def refused(cohorts, fitted):
    model = RejectionSampling(fitted("AutoregressiveTree", "art_hiv"), RejectionConfig(**FEW))
    return model.fit(cohorts["art_hiv"])


def test_what_failed_to_learn_stays_unfitted(crowd, monkeypatch):
    real, others = crowd
    monkeypatch.setattr(rejection.metrics, "out_of_fold", lambda *_: 1 / 0)
    model = RejectionSampling(Pool(others, hg.generators.fit_codec(real), 0.5))
    with pytest.raises(ZeroDivisionError):
        model.fit(real)
    with pytest.raises(ArgumentError, match="fit"):
        model.sample(5)


@pytest.mark.parametrize("leaves", [2, 8, 31])
def test_a_forest_says_what_scikit_learn_says(leaves):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 6)).round(1)  # ties with thresholds
    y = (x[:, 0] * x[:, 1] + rng.normal(0, 0.5, 500) > 0.5).astype(int)
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=leaves).fit(x, y)
    new = np.vstack([rng.normal(size=(300, 6)).round(1), 10 * rng.normal(size=(300, 6))])
    scores = Forest.of(model).scores(new)
    assert np.abs(1 / (1 + np.exp(-scores)) - model.predict_proba(new)[:, 1]).max() < 1e-9
    assert scores.std() > 0.1


def test_where_the_classifier_hardly_errs_nobody_is_rejected(refused):
    assert refused.auc_ > 0.9
    assert refused.refused_
    assert len(refused.trimmed_) == 0
    inner = refused.generator.sample(30, seed=4)
    found = refused.sample(30, seed=4)
    assert found.source == "RejectionSampling"
    assert found.frame.equals(inner.frame)
    assert set(refused.sample(5, like={"Gender": "Female"}).frame["Gender"]) == {"Female"}


def test_a_refusal_is_told(crowd, caplog):
    real, others = (one.subset(one.patients.index[:60]) for one in crowd)
    pool = Pool(others, hg.generators.fit_codec(real), 1.0)
    with caplog.at_level(logging.WARNING):
        model = RejectionSampling(pool, RejectionConfig(highest_auc=0.5, **FEW)).fit(real)
    assert model.refused_
    assert "Nothing is rejected" in caplog.text


def test_of_several_candidates_about_one_is_accepted(mended, monkeypatch):
    drawn = []
    calm = type(mended.generator)._draw

    def counted(self, n, seed, like):
        drawn.append(n)
        return calm(self, n, seed, like)

    monkeypatch.setattr(Pool, "_draw", counted)
    assert len(mended.sample(150, seed=3)) == 150
    asked = mended.config.candidates
    assert 0.5 * asked * 150 < sum(drawn) < 1.8 * asked * 150


def test_a_share_that_is_wrong_moves_towards_the_right_one(crowd, mended):
    real = crowd[0].patients["Gender"].eq("Female").mean()
    assert not mended.refused_
    assert 0.6 < mended.auc_ < 0.95
    before = mended.generator.sample(400, seed=7).patients["Gender"].eq("Female").mean()
    after = mended.sample(400, seed=7).patients["Gender"].eq("Female").mean()
    assert abs(before - 0.6) < 0.08
    assert abs(after - real) < abs(before - real) / 2


def test_what_was_trimmed_is_told_first(mended):
    table = mended.trimmed_
    assert list(table) == ["variable", "what", "before", "after"]
    women = table[(table["variable"] == "Gender") & (table["what"] == "Female")].iloc[0]
    assert abs(women["before"] - 0.6) < 0.1
    assert women["after"] < women["before"] - 0.1
    ratio = np.abs(np.log((table["after"] + 1e-4) / (table["before"] + 1e-4)))
    assert (np.diff(ratio) <= 1e-12).all()


def test_the_same_seed_keeps_the_same_patients(mended):
    assert_same(mended.sample(20, seed=1), mended.sample(20, seed=1))
    one, other = (mended.sample(20, seed=seed).frame for seed in (1, 2))
    assert not one.equals(other)


def test_it_is_saved_with_what_it_judges(refused, tmp_path):
    refused.save(tmp_path / "model")
    again = hg.generators.load_generator(tmp_path / "model")
    assert (again.auc_, again.refused_, again.cap_) == (
        refused.auc_, refused.refused_, refused.cap_,
    )  # fmt: skip
    assert_same(again.sample(15, seed=2), refused.sample(15, seed=2))
    x = np.random.default_rng(0).normal(size=(40, int(refused.forest_.feature.max()) + 1))
    assert (again.forest_.scores(x) == refused.forest_.scores(x)).all()


def test_a_generator_that_has_not_learned_learns_first_and_is_saved_with_it(cohorts, tmp_path):
    small = cohorts["hypotension"].subset(cohorts["hypotension"].patients.index[:50])
    inner = MODELS["WganGp"][0]()
    model = RejectionSampling(inner, RejectionConfig(highest_auc=1.0, candidates=2, **FEW))
    model.fit(small, max_steps=1)
    assert inner.steps_ == model.steps_ == 1
    assert not model.refused_
    model.save(tmp_path / "model")
    again = hg.generators.load_generator(tmp_path / "model")
    assert_same(again.sample(5, seed=2), model.sample(5, seed=2))
    assert again.trimmed_.equals(model.trimmed_)


def test_nothing_to_reject_from_is_refused(cohorts):
    with pytest.raises(ArgumentError, match="needs a generator"):
        RejectionSampling().fit(cohorts["art_hiv"])
    with pytest.raises(ArgumentError, match="not learned"):
        RejectionSampling().sample(3)


@pytest.mark.parametrize("limit", [{"max_steps": 3}, {"budget_seconds": 5.0}])
def test_a_limit_for_a_generator_that_has_learned_is_refused(limit, cohorts, fitted):
    inner = fitted("AutoregressiveTree", "art_hiv")
    (name, value), *_ = limit.items()
    words = rf"{name}={value}: this AutoregressiveTree has learned already \({inner.steps_} steps"
    with pytest.raises(ArgumentError, match=words):
        RejectionSampling(inner).fit(cohorts["art_hiv"], **limit)


def test_what_a_generator_does_not_learn_from_is_refused_for_one_that_has_learned(cohorts, fitted):
    art, model = cohorts["art_hiv"], RejectionSampling(fitted("AutoregressiveTree", "art_hiv"))
    hole = art.frame["VL"].copy()
    hole.iloc[3] = np.nan
    odd = {
        "of 'art_hiv', and the cohort of 'sepsis'": cohorts["sepsis"],
        "'VL' has 1 missing": with_frame(art, VL=hole),
        "from 1 patient": art.subset(art.patients.index[:1]),
    }
    for words, cohort in odd.items():
        with pytest.raises(ArgumentError, match=words):
            model.fit(cohort)
    with pytest.raises(ArgumentError, match="seed"):
        model.fit(art, seed=-1)
    with pytest.raises(ArgumentError, match="not learned"):
        model.sample(3)


def test_a_wish_that_hardly_any_candidate_fulfils_ends_with_an_error(mended, monkeypatch):
    drawn, calm = [], Pool._draw

    def counted(self, n, seed, like):
        drawn.append(n)
        assert len(drawn) <= 20, "it goes on without end"
        return calm(self, n, seed, like)

    monkeypatch.setattr(rejection, "MOST_ROUNDS", 20, raising=False)
    monkeypatch.setattr(Pool, "_draw", counted)
    monkeypatch.setattr(Forest, "scores", lambda self, x: np.full(len(x), 20.0))  # all are made
    words = r"Of 500 people drawn like {'Gender': 'Female'} the classifier took only 0 for real"
    with pytest.raises(ArgumentError, match=words):
        mended.sample(1, like={"Gender": "Female"})
    assert sum(drawn) == 500
