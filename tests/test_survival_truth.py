"""Weights and the truth beside them; what they are worth is in ``test_survival_coverage.py``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.engine import BLOCK
from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import propensity, rmst, time_to_event, truth
from healthgym_edu.survival.truth import _starters

ARMS = {"DRV": lambda label: "DRV" in label, "EFV": lambda label: "EFV" in label}
SHAPE = {"event": "suppressed_50", "at_risk": "Naive at entry", "origin": "first decision"}


@pytest.mark.parametrize(
    "options", [{}, {"naive": True, "entry": (2014, 2016)}, {"confounded": "strong"}]
)
def test_whom_clinicians_start_is_known_from_their_first_decision(options):
    """The people of a truth are those of a cohort, also where the last block is not full."""
    n = BLOCK + 300
    started = propensity(hg.simulate("art_hiv", n, seed=5, **options), ARMS)
    found = _starters("art_hiv", ARMS, n, 5, options)
    assert found.tolist() == started.index.tolist()
    assert 0 < len(found) < n


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


def test_recorded_probabilities_know_more_than_what_was_seen():
    """The clinician's plan decides, too: an instrument, for it does not concern the outcome."""
    art = hg.load_cohort("art_hiv")
    people = time_to_event(art, arm=ARMS, **SHAPE)["PatientID"]
    surprise = {}
    for source in ("recorded", "estimated"):
        table = propensity(art, ARMS, source, people)
        assert set(table.index) == set(people)
        assert np.allclose(table[["P(DRV)", "P(EFV)"]].sum(axis=1), 1)
        assert table["weight"].equals(1 / table["probability"])
        surprise[source] = -np.log(table["probability"]).mean()
    share = (table["arm"] == "DRV").mean()
    nothing = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert surprise["recorded"] + 0.01 < surprise["estimated"] < nothing - 0.1


def test_the_table_of_times_knows_the_recorded_propensity():
    art = hg.load_cohort("art_hiv", n_patients=2000)
    times = time_to_event(art, arm=ARMS, horizon=6, **SHAPE)
    table = propensity(art, ARMS, people=times["PatientID"])
    assert np.allclose(times["propensity"], table["probability"].loc[times["PatientID"]])
    weighed = times.assign(weight=1 / times["propensity"])
    assert rmst(times, 6, by="arm", weights="propensity").equals(
        rmst(weighed, 6, by="arm", weights="weight")
    )
    by_name = time_to_event(art, arm=table["arm"], horizon=6, **SHAPE)
    assert "propensity" not in by_name


def test_whoever_is_judged_was_not_met():
    """Coins instead of features: a model that had met everybody would know their arms."""
    art = hg.load_cohort("art_hiv", n_patients=2000)
    people = time_to_event(art, arm=ARMS, **SHAPE)["PatientID"]

    def coins(seen):
        draws = np.random.default_rng(0).random((len(seen), 8))
        return pd.DataFrame(draws, index=seen.index)

    table = propensity(art, ARMS, "estimated", people, features=coins)
    share = (table["arm"] == "DRV").mean()
    guessed = table["P(DRV)"].groupby(table["arm"]).mean()
    assert abs(guessed["DRV"] - guessed["EFV"]) < 0.05
    assert abs(table["P(DRV)"].mean() - share) < 0.05
    again = propensity(art, ARMS, "estimated", people, features=coins)
    assert again.equals(table)


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
        (lambda art: propensity(art, ARMS, people=[]), "Nobody was started on 'DRV'.*nobody"),
        (lambda art: propensity(art, ARMS, "estimated", folds=1), "folds"),
        (
            lambda art: propensity(art, ARMS, "estimated", features=lambda seen: seen.iloc[3:]),
            "no row for 3 patients",
        ),
        (
            lambda art: propensity(
                art, ARMS, "estimated", features=lambda seen: seen[["CD4"]].astype(str)
            ),
            "make numbers of it",
        ),
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
