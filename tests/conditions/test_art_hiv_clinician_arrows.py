"""ART's clinician, term by term: change one thing, and these regimens gain or lose so much.

One person, a man in 2017 who has never been treated or takes a regimen that works, is changed in
one respect; the log-odds of all thirty regimens must move by exactly what ``TERMS`` says, and those
of no other.  Then what is usual, kept and conceivable, what a prescription does, and the guideline.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from arrows import entry, to
from test_art_hiv_arrows import DRV, DTG, EFV, RAL, RPV, after_two_years, drawn, together

from healthgym_edu.conditions.art_hiv import MECHANISM, clinician
from healthgym_edu.conditions.art_hiv.preferences import PREFERENCE
from healthgym_edu.conditions.art_hiv.regimens import ACTIONS, AGENTS, REGIMENS, THIRD_AGENTS
from healthgym_edu.engine import CONFOUNDED

P = MECHANISM.parameters
WIDE = replace(
    P, alternatives=30, alternatives_stable=30, alternatives_failing=30, outdated_at_most=99.0
)  # everything licensed has a score of its own
NAME = np.array([regimen.agent for regimen in REGIMENS])
BASE = np.array([regimen.base for regimen in REGIMENS])
TAF = BASE == "FTC + TAF"
LICENCE = np.maximum([AGENTS[name].available for name in NAME], np.where(TAF, 2015.9, 0.0))
WITH_PI = ("DRV + FTC + TDF", "FTC + RTVB + TDF")
NVP, ABC_EFV = "FTC + TDF + NVP", "3TC + ABC + EFV"


def at(name):
    return ACTIONS.index(name) - 1


def agents(*names):
    return np.isin(NAME, names)


STRONG = agents("DTG", "DRV", "ATV", "LPV")
NNRTI, PI = agents("EFV", "RPV", "NVP"), agents("DRV", "ATV", "LPV")


def using(name):
    return together(to("regimen", at(name)), to("last_regimen", at(name)))


def seen(name):
    return entry("genotype", name, True)


def given_up(name):
    def change(state):
        state.not_tolerated = state.not_tolerated | (np.array(THIRD_AGENTS) == name)

    return change


def known(**fields):
    return together(*(to(name, value) for name, value in fields.items()))


@cache
def someone():
    state = after_two_years().take(np.arange(1))
    for name in state.genotype:
        entry("genotype", name, False)(state)
    known(step=0, entry_year=2017.0, female=False, planned=at(EFV), regimen=-1, last_regimen=-1,
          engaged=True, failures=0, ever_failed=False, suppressed=5, supported=0, intolerant=False,
          not_tolerated=False, last_vl=4.0, last_cd4=400.0, months_treated=30, months_on_agent=20,
          adherence_mean=1.0, adherence_drift=0.0)(state)  # fmt: skip
    return state


def like(*changes):
    """Someone like this one, but for some changes."""
    state = someone().take(np.arange(1))
    together(*changes)(state)
    return state


def scores(state, p=WIDE, confounded=False):
    return clinician.scores(state, p, confounded)[0][0, 1:]


def far(name):
    """Neither the base nor the third agent of a regimen."""
    return (BASE[at(name)] != BASE) & (NAME[at(name)] != NAME)


def nearer(name):
    """What has the same backbone is nearer to who must leave its third agent."""
    backbone = np.where(np.isin(BASE, WITH_PI), "FTC + TDF", BASE)
    return (P.related - P.other_family) * (far(name) & (backbone == backbone[at(name)]))


def one(name):
    return np.arange(30) == at(name)


FASHION = np.array([AGENTS[name].fashion for name in NAME]) + 0.175 * TAF


def years(first, last):
    """Fashion, and what was still new about a drug: a third of it is left after 1.5 years."""
    new = [np.exp(-np.maximum(year - LICENCE, 0) / 1.5) for year in (first, last)]
    return FASHION * (last - first) - 1.5 * (new[1] - new[0])


ON_EFV, ON_DTG, FAILS = using(EFV), using(DTG), to("failures", 2)
PAUSE = together(ON_EFV, to("regimen", -1))
WOMAN, SICK, BARRIER = to("female", True), to("intolerant", True), P.barrier_after_failure * STRONG
INDICATED, RPV_HIGH = P.indication * STRONG, P.rilpivirine_high * agents("RPV")
UNPLANNED = -P.planned * one(EFV)

TERMS = {
    # the naive
    "much virus": ((), to("last_vl", 5.01), (INDICATED, RPV_HIGH)),
    "at the limit": ((), to("last_vl", 5.0), ()),
    "few cells": ((), to("last_cd4", 199.0), (INDICATED,)),
    "at that limit": ((), to("last_cd4", 200.0), ()),
    "both": ((), known(last_vl=5.01, last_cd4=199.0), (INDICATED, RPV_HIGH)),
    "another plan": ((), to("planned", at(DTG)), (UNPLANNED, P.planned * one(DTG))),
    "given up": ((), given_up("EFV"), (P.leave_intolerable * agents("EFV"),)),
    "NNRTI resistance": ((), seen("NNRTI"), (P.resisted * NNRTI,)),
    "INI resistance": ((), seen("INI"), (P.resisted * agents("RAL", "EVG"),)),
    "PI resistance": ((), seen("PI"), ()),
    "NRTI resistance": ((), seen("NRTI"), (P.resisted_backbone * ~STRONG,)),
    "a failure once": ((), to("ever_failed", True), (P.failed_before * ~STRONG,)),
    # the treated
    "much virus, treated": ((ON_EFV,), to("last_vl", 5.01), (RPV_HIGH,)),
    "few cells, treated": ((ON_EFV,), to("last_cd4", 199.0), ()),
    "another plan, treated": ((ON_EFV,), to("planned", at(DTG)), ()),
    "a side effect": ((ON_EFV,), SICK, (P.leave_intolerable * agents("EFV"), nearer(EFV))),
    "of what was given up": ((ON_EFV, given_up("EFV")), SICK, (nearer(EFV),)),
    "a failure": ((ON_EFV,), FAILS, (P.leave_failing * NNRTI, BARRIER)),
    "a failure of raltegravir": (
        (using(RAL),), FAILS, (P.leave_failing * agents("RAL", "EVG"), BARRIER)),
    "a failure of a strong drug": ((using(DRV),), FAILS, (BARRIER,)),
    "a bad result": ((ON_EFV,), to("failures", 1), ()),
    "a failure before a pause": ((PAUSE,), FAILS, ()),
    "a regimen in use": ((), ON_EFV, (UNPLANNED, P.other_family * far(EFV))),
    **{f"{name}, a strong one": ((), using(name), (
        UNPLANNED, P.other_family * far(name), P.weaker * ~STRONG,
        P.same_drugs * np.isin(ACTIONS[1:], again))) for name, again in (
            (DTG, ()), (DRV, ("DRV + FTC + TDF + RTV", "DRV + FTC + TDF + pk-En",
                              "DRV + FTC + TDF + RAL + RTVB", "FTC + RTVB + TDF + DRV")))},
    "with a side effect": ((ON_DTG,), SICK, (
        P.leave_intolerable * agents("DTG"), -P.weaker * ~STRONG, nearer(DTG))),
    "a pause": ((ON_DTG,), to("regimen", -1), ()),
    # years and sexes; what is not licensed stays so
    "women before 2016": ((to("entry_year", 2015.99),), WOMAN, (
        P.protease_women * PI, P.efavirenz_women * agents("EFV"))),
    "women from 2016 on": ((to("entry_year", 2016.0),), WOMAN, ()),
    "a DTG year": ((to("entry_year", 2014.1),), to("entry_year", 2015.6), (years(2014.1, 2015.6),)),
    "a TAF year": ((to("entry_year", 2015.9),), to("entry_year", 2017.4), (years(2015.9, 2017.4),)),
}  # fmt: skip


@pytest.mark.parametrize("term", TERMS)
def test_a_term_moves_what_it_should(term):
    base, change, terms = TERMS[term]
    before, state = scores(like(*base)), like(*base, change)
    after = scores(state)
    other = np.isfinite(before) & np.isfinite(after)
    other[state.last_regimen[state.last_regimen >= 0]] = False  # staying has tests of its own
    moved = sum(terms, np.zeros(30))
    np.testing.assert_allclose(after[other] - before[other], moved[other], atol=1e-9)
    assert other.sum() > 20


@pytest.mark.parametrize("confounded", [False, True, "strong"])
def test_hidden_adherence_is_seen_only_where_it_confounds(confounded):
    few, many = (
        scores(like(drawn("adherence", sd, "static")), confounded=confounded) for sd in (0.0, 2.0)
    )
    weight = P.insight[CONFOUNDED.index(confounded)]
    np.testing.assert_allclose(many - few, 2.0 * weight * STRONG, atol=1e-9)


def test_a_regimen_is_prescribed_from_its_licence_on():
    early, at_once = (
        clinician.guideline_scores(LICENCE + late, np.zeros(30, dtype=bool), P).diagonal()
        for late in (-0.01, 0.0)
    )
    assert (early == -np.inf).all()
    np.testing.assert_allclose(at_once, PREFERENCE + FASHION * (LICENCE - 2013) + P.adoption)


# --- staying, what is usual, what is conceivable -------------------------------------------------

DIGITS = replace(WIDE, stay=1, stay_unsettled=2, stay_failing=4, stay_failing_barrier=8,
                 stay_failing_resistant=16, stay_intolerable=32)  # fmt: skip
NONE = replace(WIDE, stay=0, stay_unsettled=0, stay_failing=0, stay_failing_barrier=0,
               stay_failing_resistant=0, stay_intolerable=0)  # fmt: skip

SITUATIONS = {  # changes, what adds up to the log-odds of staying, how many are usual with it
    "works": ((ON_EFV, to("suppressed", 3)), 1, 5),
    "works since lately": ((ON_EFV, to("suppressed", 2)), 3, 5),
    "works again": ((ON_EFV, to("ever_failed", True)), 3, 5),
    "works despite resistance": ((ON_EFV, seen("NNRTI")), 1, 5),
    "fails": ((ON_EFV, FAILS), 4, 6),
    "strong, fails": ((ON_DTG, FAILS), 8, 6),
    "strong, fails, resistance": ((ON_DTG, FAILS, seen("INI"), seen("NRTI")), 8, 6),
    "resistance": ((ON_EFV, FAILS, seen("NNRTI")), 16, 15),
    "resistance of the backbone": ((ON_EFV, FAILS, seen("NRTI")), 16, 15),
    "resistance to another class": ((ON_EFV, FAILS, seen("INI")), 4, 6),
    "raltegravir, resistance": ((using(RAL), FAILS, seen("INI")), 16, 15),
    "a side effect": ((ON_EFV, to("intolerant", True)), 32, 15),
    "a side effect and a failure": ((ON_DTG, FAILS, to("intolerant", True)), 32, 15),
    "a pause": ((PAUSE,), 1, 5),
    "a pause after failures": ((PAUSE, FAILS), 1, 5),
}  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
def test_staying_and_the_number_of_alternatives_depend_on_the_situation(situation):
    changes, staying, count = SITUATIONS[situation]
    state = like(*changes)
    gained = scores(state, DIGITS) - scores(state, NONE)
    in_use = state.last_regimen[0]
    assert gained[in_use] == pytest.approx(staying)
    assert (np.delete(gained, in_use) == 0).all()
    score, usual, _ = (one[0] for one in clinician.scores(state, P, False))
    assert usual.sum() == count
    assert usual[1 + in_use]
    assert not usual[0]  # who was ever treated does not wait
    assert (score[~usual] == -np.inf).all()


def test_the_naive_have_fourteen_usual_regimens_the_most_liked_or_wait():
    usual, liked = clinician.scores(like(), P, False)[1][0], scores(like())
    assert usual[0]
    assert usual[1:].sum() == 14
    assert liked[usual[1:]].min() > liked[~usual[1:]].max()


def test_an_outdated_regimen_falls_behind_the_best_only_so_far():
    limited = replace(NONE, outdated_at_most=2.5)
    for old, falls in ((NVP, True), ("3TC + ABC + LPV", True), (RPV, False)):
        found, free = scores(like(using(old)), limited), scores(like(using(old)), NONE)
        assert (free[at(old)] < free.max() - 2.5) == falls
        assert found[at(old)] == pytest.approx(free.max() - 2.5 if falls else free[at(old)])


def conceivable(state):
    return clinician.scores(state, P, False)[2][0, 1:]


@pytest.mark.parametrize(
    ("woman", "cd4", "begun"),
    [(False, 400.0, True), (False, 401.0, False), (True, 250.0, True), (True, 251.0, False),
     (False, np.nan, False)],
)  # fmt: skip
def test_nevirapine_is_begun_only_below_the_limits_of_its_label(woman, cd4, begun):
    state = like(known(female=woman, last_cd4=cd4))
    assert (conceivable(state) == (~agents("NVP") | begun)).all()
    assert np.isfinite(scores(state)[agents("NVP")]).all() == begun
    assert conceivable(like(using(NVP), known(female=woman, last_cd4=cd4)))[at(NVP)]


def test_all_that_is_licensed_and_was_not_given_up_is_conceivable():
    assert conceivable(like()).all()
    early = conceivable(like(to("entry_year", 2013.0)))
    assert (early == ~(agents("DTG", "EVG") | (BASE == "FTC + TAF"))).all()
    for name in ("ATV", "LPV", "NVP"):  # never among the usual ones here
        left = clinician.scores(like(ON_EFV, given_up(name)), P, False)
        assert not left[1][0, 1:][agents(name)].any()
        assert (left[2][0, 1:] == ~agents(name)).all()
    assert conceivable(like(ON_EFV, given_up("EFV")))[at(EFV)]  # to stay is


@pytest.mark.parametrize(
    ("changes", "least", "number"),
    [((), 0.03, 31), ((ON_EFV,), 0.005, 30), ((PAUSE,), 0.005, 30),
     ((to("last_cd4", 401.0),), 0.03, 28)],
)  # fmt: skip
def test_the_rare_shares_what_is_left_for_it(changes, least, number):
    state = like(*changes)
    chance = MECHANISM.clinician(state)[0]
    usual, wide = (one[0] for one in clinician.scores(state, P, False)[1:])
    assert wide.sum() == number
    np.testing.assert_allclose(chance[wide & ~usual], least / number)
    assert (chance[usual] > least / number).all()
    assert (chance[~wide] == 0).all()


@pytest.mark.parametrize(
    ("year", "cd4", "log_odds"),
    [(2011.99, 350.0, -3.0), (2011.99, 351.0, 1.5), (2012.0, 500.0, -3.0), (2012.0, 501.0, 1.5),
     (2015.49, 501.0, 1.5), (2015.5, 900.0, -3.0), (2009.0, np.nan, -3.0)],
)  # fmt: skip
def test_waiting_depends_on_the_year_and_the_cells(year, cd4, log_odds):
    state = like(known(entry_year=year, last_cd4=cd4))
    chance = clinician.probabilities(state, replace(P, least_first=0.0), False)[0, 0]
    assert chance == pytest.approx(1 / (1 + np.exp(-log_odds)))


# --- what a prescription does --------------------------------------------------------------------

ONCE = to("failures", 1)
GIVEN_UP = tuple(f"{name} given up" for name in THIRD_AGENTS)
KEPT = {"regimen": at(EFV), "last_regimen": at(EFV), "months_on_agent": 20, "failures": 0,
        "supported": 0, "adherence_drift": 0.0, "adherence_mean": 1.0, "intolerant": False,
        "months_treated": 30} | dict.fromkeys(GIVEN_UP, False)  # fmt: skip
FRESH = {"regimen": at(DTG), "last_regimen": at(DTG), "months_on_agent": 0}
HELP = {"supported": 1, "adherence_drift": 1.0, "adherence_mean": 1.7}
LEFT = {"EFV given up": True}
NAIVE = {"regimen": -1, "last_regimen": -1, "months_treated": -1, "months_on_agent": 0}

PRESCRIPTIONS = {
    "the same": ((ON_EFV, SICK, ONCE), EFV, {"intolerant": True, "failures": 1}),
    "another base": (
        (ON_EFV, SICK, ONCE), ABC_EFV,
        {"regimen": at(ABC_EFV), "last_regimen": at(ABC_EFV), "intolerant": True, "failures": 1}),
    "another agent": ((ON_EFV, ONCE), DTG, FRESH),
    "back to efavirenz": ((using(RAL), ONCE), EFV, {"months_on_agent": 0}),
    "for a side effect": ((ON_EFV, SICK, ONCE), DTG, FRESH | LEFT),
    "a stop": ((ON_EFV, ONCE), ACTIONS[0], {"regimen": -1, "months_on_agent": 0}),
    "a stop for a side effect": (
        (ON_EFV, SICK), ACTIONS[0], {"regimen": -1, "months_on_agent": 0} | LEFT),
    "a pause that goes on": ((PAUSE, SICK), ACTIONS[0], {"regimen": -1, "intolerant": True}),
    "the same after a pause": ((PAUSE,), EFV, {}),
    "another one after a pause": ((PAUSE,), DTG, FRESH),
    "help at a confirmed failure": ((ON_EFV, FAILS), EFV, HELP),
    "with another agent": ((ON_EFV, FAILS), DTG, HELP | FRESH),
    "a third time": ((ON_EFV, FAILS, to("supported", 2)), EFV, HELP | {"supported": 3}),
    "and no more": ((ON_EFV, FAILS, to("supported", 3)), EFV, {"supported": 3}),
    "nor where treatment stops": (
        (ON_EFV, FAILS), ACTIONS[0], {"regimen": -1, "months_on_agent": 0}),
    "a start": ((to("months_treated", -1),), EFV, {"months_treated": 0, "months_on_agent": 0}),
    "no start": ((to("months_treated", -1),), ACTIONS[0], NAIVE),
}  # fmt: skip


@pytest.mark.parametrize("prescription", PRESCRIPTIONS)
def test_a_prescription_changes_what_it_should_and_nothing_else(prescription):
    changes, action, expected = PRESCRIPTIONS[prescription]
    state = like(*changes)
    MECHANISM.act(state, np.array([ACTIONS.index(action)]))
    found = {name: getattr(state, name)[0] for name in KEPT if name not in GIVEN_UP}
    assert found | dict(zip(GIVEN_UP, state.not_tolerated[0], strict=True)) == KEPT | expected
