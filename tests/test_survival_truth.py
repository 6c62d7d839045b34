"""Weights and the truth beside them: the naive answer has the wrong sign, weighting mends it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import propensity, rmst, time_to_event, truth

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from art_confounding import at_the_visit

ARMS = {"DRV": lambda label: "DRV" in label, "EFV": lambda label: "EFV" in label}
SHAPE = {"event": "suppressed_50", "at_risk": "Naive at entry", "origin": "first decision"}


@pytest.fixture(scope="module")
def true_gap():
    table = truth("art_hiv", ARMS, horizon=6, n_patients=24_576, seed=500, **SHAPE)
    return table.loc["DRV - EFV"]


def answers(seed):
    """Difference of restricted means to 6 months, naive and weighted, with interval ends."""
    art = hg.load_cohort("art_hiv", seed=seed)
    times = time_to_event(art, horizon=6, arm=ARMS, **SHAPE)
    found = {"naive": rmst(times, 6, by="arm")}
    for source in ("recorded", "estimated"):
        weights = propensity(art, ARMS, source, features=at_the_visit)["weight"]
        weighed = times.assign(weight=times["PatientID"].map(weights))
        found[source] = rmst(weighed, 6, by="arm", weights="weight")
    return {name: table.loc["DRV - EFV"] for name, table in found.items()}


@pytest.fixture(scope="module")
def asked():
    return [answers(seed) for seed in range(6)]


def covering(asked, name, gap):
    return sum(one[name]["lower"] <= gap["rmst"] <= one[name]["upper"] for one in asked)


def test_the_naive_answer_has_the_wrong_sign(asked, true_gap):
    assert true_gap["rmst"] + 4 * true_gap["rmst_error"] < 0
    assert all(one["naive"]["rmst"] > 0 for one in asked)
    assert covering(asked, "naive", true_gap) == 0


@pytest.mark.parametrize("source", ["recorded", "estimated"])
def test_weighting_gives_the_truth(asked, true_gap, source):
    assert covering(asked, source, true_gap) >= 5
    mean = np.mean([one[source]["rmst"] for one in asked])
    error = np.mean([one[source]["standard_error"] for one in asked]) / np.sqrt(len(asked))
    assert abs(mean - true_gap["rmst"]) < 3 * np.hypot(error, true_gap["rmst_error"])


def test_recorded_probabilities_are_those_of_what_was_started():
    art = hg.load_cohort("art_hiv", n_patients=3000)
    table = propensity(art, ARMS)
    firsts = art.decisions.groupby("PatientID").first().loc[table.index]
    for name, rule in ARMS.items():
        own = table["arm"] == name
        told = firsts.loc[own, "action"].astype(str)
        assert told.map(rule).all()
    share = table.loc[table["arm"] == "DRV", "probability"]
    other = 1 - table.loc[table["arm"] == "EFV", "probability"]
    probability = pd.concat([share, other])
    started = (table["arm"] == "DRV").loc[probability.index]
    by_tenth = pd.qcut(probability, 5)
    gap = (
        started.groupby(by_tenth, observed=True).mean()
        - probability.groupby(by_tenth, observed=True).mean()
    )
    assert gap.abs().max() < 0.1  # calibrated
    ess = table.attrs["effective sample size"]
    assert all(0 < ess[name] <= (table["arm"] == name).sum() for name in ARMS)
    cut = propensity(art, ARMS, truncate=0.1)
    assert cut["weight"].max() <= 10
    assert cut.attrs["truncated"] == (table["probability"] < 0.1).sum()


def test_recorded_weights_spread_wider_than_estimated_ones(asked):
    wide, narrow = (
        np.mean([one[source]["standard_error"] for one in asked])
        for source in ("recorded", "estimated")
    )
    assert wide > narrow


def test_the_truth_on_everybody_is_another_question():
    started, everybody = (
        truth("art_hiv", ARMS, horizon=6, n_patients=4096, seed=7, among=among, **SHAPE)
        for among in ("started", "all")
    )
    assert everybody.attrs["people"] > 1.5 * started.attrs["people"]
    assert set(started.index) == {"DRV", "EFV", "DRV - EFV"}
    assert started.loc["DRV - EFV", "rmst"] == pytest.approx(
        started.loc["DRV", "rmst"] - started.loc["EFV", "rmst"]
    )


def test_an_arm_compared_with_itself_has_no_effect():
    same = {"one": ARMS["EFV"]}
    one = truth("art_hiv", same, horizon=6, n_patients=2048, seed=3, **SHAPE)
    again = truth("art_hiv", {"two": ARMS["EFV"]}, horizon=6, n_patients=2048, seed=3, **SHAPE)
    assert one.to_numpy().tolist() == again.to_numpy().tolist()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda art: propensity(art, ARMS, "guessed"), "recorded"),
        (lambda art: propensity(art, ARMS, truncate=0.7), "truncate is a probability"),
        (lambda art: propensity(replace(art, decisions=None), ARMS), "records no decisions"),
        (lambda art: propensity(art, ARMS | {"AZT": lambda label: "AZT" in label}), "of arm 'AZT'"),
        (lambda art: propensity(art.subset(range(30)), ARMS, "estimated"), "a model needs 10"),
        (
            lambda art: propensity(
                art, ARMS, "estimated", features=lambda seen: seen[["CD4"]].where(seen["CD4"] > 200)
            ),
            "'CD4' is missing",
        ),
        (
            lambda art: truth("art_hiv", ARMS, "suppressed_50", 6, among="none"),
            "'started' or 'all'",
        ),
        (lambda art: truth("art_hiv", ARMS, "suppressed_50", 6, n_patients=0), "n_patients"),
    ],
)
def test_what_cannot_be_weighed_is_refused(call, said):
    with pytest.raises(ArgumentError, match=said):
        call(hg.load_cohort("art_hiv", n_patients=300))


def test_a_probability_of_zero_is_refused_unless_truncated():
    art = hg.load_cohort("art_hiv", n_patients=300)
    decisions = art.decisions.copy()
    decisions[[label for label in art.actions if "DRV" in label]] = 0.0
    broken = replace(art, decisions=decisions)
    with pytest.raises(ArgumentError, match="whose probability is 0"):
        propensity(broken, ARMS)
    assert propensity(broken, ARMS, truncate=0.01).attrs["truncated"] > 0
