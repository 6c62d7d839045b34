"""ART: who comes, the options of a cohort, and constants of clinician and trial.

A person follows from what was drawn once: here everybody is drawn alike, or over all chances
there are.
"""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from healthgym_edu.conditions.art_hiv import MECHANISM, ArtHiv, physiology
from healthgym_edu.conditions.art_hiv.preferences import PREFERENCE
from healthgym_edu.conditions.art_hiv.regimens import (
    ACTIONS,
    AGENT,
    AGENTS,
    REGIMENS,
    THIRD_AGENTS,
)
from healthgym_edu.conditions.art_hiv.trial import AssignedRegimen, trial_parameters
from healthgym_edu.engine import BLOCK, simulate_tables
from healthgym_edu.errors import ArgumentError

P = MECHANISM.parameters
ROOT, SD = P.cd4_root_mean, P.cd4_root_sd
GRID = (np.arange(BLOCK) + 0.5) / BLOCK  # every chance there is
LICENCE = np.array([AGENTS[THIRD_AGENTS[agent]].available for agent in AGENT])
LICENCE = np.where([regimen.base == "FTC + TAF" for regimen in REGIMENS], 2015.9, LICENCE)


def who(mechanism=MECHANISM, **drawn_once):
    noise = MECHANISM.draw(0, 4)
    static = {name: np.zeros(BLOCK) + value for name, value in drawn_once.items()}
    return mechanism.start(replace(noise, static=noise.static | static))


def share_of(name, key=None):
    return lambda state: np.mean(getattr(state, name) if key is None else getattr(state, name)[key])


def own(name):
    return lambda state: getattr(state, name)


NAIVE, OLD = {"naive": 0.5}, {"naive": 0.6, "years_treated": 1 - np.exp(-1.0), "engaged": 1.0}
MAN, WOMAN = {"sex": 0.9}, {"sex": 0.1}
OTHERS = MAN | NAIVE | {"ethnicity": 0.9, "setpoint": 0.0, "cd4": 0.0}

PEOPLE = {
    "57 per cent are naive": ({"naive": GRID}, share_of("naive"), 0.57),
    "the first enter in 2009": ({"entry": 0.0}, own("entry_year"), 2009.0),
    "the last by the end of 2016": ({"entry": 1.0}, own("entry_year"), 2017.0),
    "transmitted NRTI": (NAIVE | {"resistance": GRID}, share_of("resistant", "NRTI"), 0.04),
    "transmitted NNRTI": (NAIVE | {"resistance": GRID}, share_of("resistant", "NNRTI"), 0.05),
    "either, never both": (
        NAIVE | {"resistance": GRID},
        lambda s: np.mean(s.resistant["NRTI"] ^ s.resistant["NNRTI"]), 0.09),
    "no other": (NAIVE | {"resistance": GRID}, share_of("resistant", "INI"), 0.0),
    "acquired in 4.5 years": (OLD | {"resistance": GRID}, share_of("resistant", "NRTI"), 0.045),
    "the other class": (OLD | {"resistance": GRID}, share_of("resistant", "NNRTI"), 0.036),
    "in half a year": (
        OLD | {"resistance": GRID, "years_treated": 0}, share_of("resistant", "NRTI"), 0.005),
    "it is known of most": (
        NAIVE | {"resistance": 0.0, "genotype": GRID}, share_of("genotype", "NRTI"), 0.9),
    "not of those without": (NAIVE | {"resistance": 0.5}, share_of("genotype", "NRTI"), 0.0),
    "months treated": (OLD, own("months_treated"), 54),
    "half on the agent": (OLD, own("months_on_agent"), 27),
    "none before": (NAIVE, own("months_treated"), -1),
    "nor a regimen": (NAIVE, own("regimen"), -1),
    "a man's set-point": (OTHERS, own("setpoint"), P.setpoint_mean),
    "a woman's": (OTHERS | WOMAN, own("setpoint"), P.setpoint_mean - 0.2),
    "one SD more": (OTHERS | {"setpoint": 1.0}, own("setpoint"), P.setpoint_mean + P.setpoint_sd),
    "highest": ({"setpoint": 5.0}, own("setpoint"), 6.3),
    "lowest": ({"setpoint": -5.0}, own("setpoint"), 2.5),
    "its virus": (NAIVE | {"setpoint": 5.0}, own("viral_load"), 10**6.3),
    "cells": (OTHERS, own("cd4_pool"), (ROOT + 0.8) ** 2),
    **{f"of group {at}": (OTHERS | {"ethnicity": at}, own("cd4_pool"), (ROOT + less) ** 2)
       for at, less in ((0.01, -0.6), (0.1, -2.6), (0.3, -0.3))},
    "fewer with much virus": (OTHERS | {"setpoint": 1.0},
                              own("cd4_pool"), (ROOT + 0.8 - 0.15 * SD) ** 2),
    "one's own": (OTHERS | {"cd4": 1}, own("cd4_pool"),
                  (ROOT + 0.8 + SD * np.sqrt(1 - 0.15**2)) ** 2),
    "most": (OTHERS | {"cd4": 5.0}, own("nadir"), 33.0**2),
    "fewest": (OTHERS | {"cd4": -5.0}, own("nadir"), 4.0),
    **{f"women, {at}": ({"ethnicity": at, "sex": GRID}, share_of("female"), expected)
       for at, expected in ((0.01, 0.38), (0.1, 0.64), (0.3, 0.135), (0.9, 0.153))},
    "age": ({"age": 1.0}, own("age"), 49.5),
    "the oldest": ({"age": 9.0}, own("age"), 78.0),
    "residual virus": ({"residual": 1.0}, own("residual"), P.residual_mean + P.residual_sd),
    "recovery": (MAN | {"recovery": 1.0}, own("recovery"), np.exp(0.42)),
    "of women": (WOMAN | {"recovery": 0.0}, own("recovery"), 1.25),
    "lymphocytes": ({"lymphocytes": 1.0}, own("lymphocytes"), 1850 * np.exp(0.31)),
    "adherence": ({"adherence": 1.0}, own("adherence_mean"),
                  P.adherence_mean + P.adherence_sd),
    "of the month": ({"adherence_start": 1.0}, own("adherence_drift"), 0.5),
    "in care": (OLD | {"engaged": 0.049}, own("engaged"), 1),
    "or not": (OLD | {"engaged": 0.048}, own("engaged"), 0),
    "the naive come": (NAIVE | {"engaged": 0.0}, own("engaged"), 1),
    "at once": (NAIVE | {"first_visit": 0.99}, own("next_visit"), 0),
    "others in time": (OLD | {"first_visit": 0.99}, own("next_visit"), 4),
    # what years of treatment led to, relative to what they could
    **{f"cells regained, adherence {score:+}": (
        OLD | {"adherence": score, "resistance": 0.5},
        lambda s: (s.cd4_pool - s.nadir) / (physiology.ceiling(s, P) - s.nadir),
        part * (1 - np.exp(-54 * 0.0068))) for score, part in ((9.0, 1.0), (-9.0, 0.35))},
    "at first": (OLD | {"adherence": 9.0, "resistance": 0.5},
                 lambda s: s.cd4_fast / np.sqrt(s.recovery), 112.0),
    "not without control": (OLD | {"adherence": -9.0}, own("cd4_fast"), 0.0),
    "virus under control": (OLD | {"adherence": 9.0, "resistance": 0.5, "residual": 0.0},
                            own("viral_load"), 10**P.residual_mean),
    "without": (OLD | {"adherence": -9.0, "setpoint": 5.0}, own("viral_load"), 10**6.3),
}  # fmt: skip


@pytest.mark.parametrize("fact", PEOPLE)
def test_who_comes_follows_what_was_drawn(fact):
    noise, look, expected = PEOPLE[fact]
    np.testing.assert_allclose(look(who(**noise)), expected, rtol=1e-4, atol=1e-3)


def test_what_was_planned_was_licensed_halfway_through_treatment():
    for noise in ({"naive": 0.0}, {"naive": 1.0}):
        state = who(**noise, years_treated=np.arange(BLOCK) / BLOCK, entry=GRID[::-1])
        years = np.where(state.naive, 0.0, 0.5 - 4 * np.log(1 - np.arange(BLOCK) / BLOCK))
        year = np.maximum(state.entry_year - years / 2, 2003.0)
        assert (LICENCE[state.planned] <= year).all()
        assert (LICENCE[state.planned] > year - 1).any()


def test_set_point_and_cells_are_correlated_as_said():
    state = who(**NAIVE, ethnicity=0.9, sex=0.9)
    r = np.corrcoef(state.setpoint, np.sqrt(state.cd4_pool))[0, 1]
    assert r == pytest.approx(-0.15, abs=0.05)


# --- the options of a cohort ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def cohort():
    return simulate_tables(MECHANISM, BLOCK, seed=0)


def test_a_naive_cohort_is_the_same_people_who_were_never_treated():
    usual, naive = who(), who(ArtHiv(naive=True))
    assert naive.naive.all()
    assert (naive.regimen == -1).all()
    for name in ("age", "female", "setpoint", "nadir", "entry_year", "adherence_mean"):
        assert (getattr(naive, name) == getattr(usual, name)).all()


def test_people_enter_in_the_years_that_are_asked_for():
    year = who(ArtHiv(entry=(2012, 2013)), entry=GRID).entry_year
    assert np.array([year.min(), year.mean(), year.max()]) == pytest.approx(
        [2012, 2013, 2014], abs=0.01
    )


@pytest.mark.parametrize(
    "wrong",
    [{"entry": (2004, 2010)}, {"entry": (2010, 2021)}, {"entry": (2015, 2014)},
     {"entry": (2010.0, 2014)}, {"entry": (2010, 2011, 2012)}, {"closing": 2016.9},
     {"entry": (2010, 2012), "closing": 2012.9}],
)  # fmt: skip
def test_years_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ArgumentError):
        ArtHiv(**wrong)


def test_all_years_that_are_known_may_be_asked_for():
    assert not ArtHiv(entry=(2005, 2020)).censored
    assert not ArtHiv(entry=(2005, 2005)).censored
    assert ArtHiv(entry=(2010, 2012), closing=2013.0).censored


def test_a_closed_cohort_is_the_whole_one_up_to_a_date(cohort):
    closed = simulate_tables(ArtHiv(closing=2018.0), BLOCK, seed=0)
    entry = MECHANISM.start(MECHANISM.draw(0, 0)).entry_year
    for name in ("frame", "decisions"):
        whole, cut = getattr(cohort, name), getattr(closed, name)
        year = entry[whole["PatientID"]] + whole["Timestep"].to_numpy() / 12
        rows = whole[year < 2018.0].reset_index(drop=True)
        assert 0.7 * len(whole) < len(cut) < len(whole)
        shown = [column for column in cut if column != "reward"]
        assert cut[shown].reset_index(drop=True).equals(rows[shown])
    months = closed.frame.groupby("PatientID").size().to_numpy()
    assert (months == np.minimum(np.ceil(12 * (2018.0 - entry)), 60)).all()


def test_confounding_changes_choices_and_nobody_who_comes(cohort):
    strong = simulate_tables(ArtHiv(confounded="strong"), BLOCK, seed=0)
    assert strong.patients.equals(cohort.patients)
    adherence = MECHANISM.draw(0, 0).static["adherence"]
    r = []
    for tables in (cohort, strong):
        first = tables.decisions.groupby("PatientID").head(1).set_index("PatientID")
        chosen = first["action"][tables.patients["Naive at entry"]].astype(str)
        barrier = chosen.str.contains("DTG|DRV|ATV|LPV")
        r.append(np.corrcoef(adherence[chosen.index], barrier)[0, 1])
    assert abs(r[0]) < 0.1
    assert r[1] < -0.25


def test_what_is_in_view_stays_within_its_bounds(cohort):
    low, high = MECHANISM.observation_bounds
    seen = cohort.seen[list(MECHANISM.observation_names)].to_numpy()
    assert (seen >= low).all()
    assert (seen <= high).all()
    bounds = dict(zip(MECHANISM.observation_names, zip(low, high, strict=True), strict=True))
    assert bounds["year"] == (2009, 2022)
    assert bounds["months on treatment"] == (-1, 12 * 40 * 4 + 60)
    assert bounds["log10 VL"] == (-1, 7)
    assert bounds["CD4"] == (-1, 3000)
    assert bounds["regimen"] == (0, 30)
    assert bounds["regimen on file"] == (1, 30)


def test_who_was_never_treated_or_measured_is_seen_as_such():
    state = who(**NAIVE, planned=GRID)
    seen = MECHANISM.known(state)
    assert (seen["regimen"] == 0).all()
    assert (seen["regimen on file"] == state.planned + 1).all()
    assert not seen["treated before"].any()
    for name in ("log10 VL", "CD4", "months on treatment"):
        assert (seen[name] == -1).all()
    treated = MECHANISM.known(who(**OLD))
    assert treated["treated before"].all()
    assert (treated["regimen"] == treated["regimen on file"]).all()


def test_after_fifteen_decisions_nothing_is_decided():
    state = who()
    state.visit = np.ones(BLOCK, dtype=bool)
    for decided, decides in ((14, True), (15, False)):
        state.decisions = np.full(BLOCK, decided)
        assert (MECHANISM.deciding(state) == decides).all()
    state.decisions, state.visit = np.zeros(BLOCK), np.zeros(BLOCK, dtype=bool)
    assert not MECHANISM.deciding(state).any()


# --- constants of the clinician and of the trial -------------------------------------------------


def test_what_speaks_against_a_regimen_lowers_its_odds():
    for name in (
        "adoption", "leave_intolerable", "leave_failing", "resisted", "resisted_backbone",
        "failed_before", "weaker", "other_family", "related", "same_drugs", "efavirenz_women",
        "rilpivirine_high", "deferral_below",
    ):  # fmt: skip
        assert getattr(P, name) < 0, name
    assert P.insight[2] < P.insight[1] < P.insight[0] == 0
    assert max(PREFERENCE) == 0  # all are measured from the most liked one
    older = ("NVP", "EFV", "RAL", "ATV", "LPV")
    assert {name for name, agent in AGENTS.items() if agent.fashion < 0} == set(older)


def test_a_trial_has_constants_of_its_own():
    trial, usual = asdict(trial_parameters(P)), asdict(P)
    assert {name: value for name, value in trial.items() if value != usual[name]} == {
        "naive_share": 1.0, "setpoint_mean": 4.72, "setpoint_sd": 0.65, "adherence_mean": 4.7,
        "adherence_sd": 0.8, "adherence_drift": 0.6, "disengage": 0.0025, "reengage": 0.0,
        "visit_interval": 3, "visit_interval_untreated": 3, "vl_at_visit": 1.0, "toxicity": 1.0,
        "transmitted_nrti": 0.0, "transmitted_nnrti": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "regimen", "intolerance", "taken"),
    [(0, 0, 0, 5), (1, 5, 0, 5), (1, 5, 1, 0), (1, 0, 0, 0)],
)
def test_who_has_a_side_effect_stops_what_was_assigned_for_good(
    before, regimen, intolerance, taken
):
    seen = np.zeros((1, len(MECHANISM.observed)))
    for name, value in (
        ("treated before", before), ("regimen", regimen), ("intolerance", intolerance)
    ):  # fmt: skip
        seen[:, MECHANISM.observation_names.index(name)] = value
    chosen = AssignedRegimen(MECHANISM, 5)(seen)
    assert chosen.tolist() == np.eye(len(ACTIONS))[[taken]].tolist()
