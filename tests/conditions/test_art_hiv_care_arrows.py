"""ART: what visits find and records show, measurement by chance, and the guideline.

Facts again, as in the table of arrows: everybody is made alike in what matters, and what comes out
is said.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from arrows import entry, to
from test_art_hiv_arrows import (
    AWAY,
    DRV,
    DTG,
    EFV,
    MONTHS,
    OFF,
    RAL,
    RPV,
    after,
    after_two_years,
    drawn,
    on,
    reported,
    together,
    virus,
)

from healthgym_edu.conditions.art_hiv import MECHANISM, care
from healthgym_edu.conditions.art_hiv.regimens import ACTIONS, REGIMENS, THIRD_AGENTS, columns_of

P = MECHANISM.parameters
ABC_DTG, ATV, LPV = "3TC + ABC + DTG", "3TC + ABC + ATV", "FTC + TDF + LPV"
TAF_EVG, TAF_DTG, TAF_RPV = "FTC + TAF + EVG + pk-En", "FTC + TAF + DTG", "FTC + TAF + RPV"
TDF_EVG, ABC_DRV = "FTC + TDF + EVG + pk-En", "3TC + ABC + DRV + pk-En"
DRV_PK, RTVB_DRV = "DRV + FTC + TDF + pk-En", "FTC + RTVB + TDF + DRV"
NO = "Not Applied"

# --- the laboratory and visits -------------------------------------------------------------------

measured = partial(after, care.measure)


def gap(state):
    care.schedule(state, P)
    return state.next_visit - state.step


def recorded(name):
    return lambda state: MECHANISM.record(state)[name]


def copies(state):
    care.measure(state, P)
    return MECHANISM.record(state)["VL"]


EXACT = together(drawn("vl_assay", 0.0), drawn("blip", 1.0))
BLIP = together(on(EFV), drawn("vl_assay", 0.0), drawn("blip", 0.029))
COUNT = together(to("cd4_pool", 350.0), to("cd4_fast", 100.0), to("fluctuation", 0.0),
                 to("lymphocytes", 1850.0), drawn("cd4_assay", 0.0),
                 drawn("cd4_percent_assay", 0.0))  # fmt: skip
DUE = together(on(EFV), to("next_visit", MONTHS), drawn("vl_drawn", 0.0))
MISSED = together(to("next_visit", MONTHS + 1), drawn("extra_draw", 1.0))
FREE = together(*(entry("genotype", name, False) for name in ("NRTI", "NNRTI")),
                to("ever_failed", False), to("failures", 0), to("suppressed", 3))  # fmt: skip
RESULT = together(DUE, EXACT, FREE)
BAD, GOOD = virus(2.31), virus(2.29)
HIDDEN = entry("resistant", "NNRTI", True)
CAME = together(on(DTG), to("visit", True), to("last_vl", 1.0), drawn("visit", 0.0))

FACTS = {
    "the true value": ((EXACT, virus(3.0)), reported("log_vl"), 3.0),
    "the assay": ((EXACT, virus(3.0), drawn("vl_assay", 1.0)), reported("log_vl"), 3.2),
    "most there is": ((EXACT, virus(9.0)), reported("log_vl"), 7.0),
    "least there is": ((EXACT, virus(-3.0)), reported("log_vl"), -1.0),
    **{f"a blip of size {size} at {log}, {more}": (
        (BLIP, virus(log), drawn("blip_size", size), *changes), reported("log_vl"), expected)
       for log, size, more, changes, expected in (
           (1.0, 1.0, "", (), 2.3), (1.0, 1.0, "not drawn", (drawn("blip", 0.031),), 1.0),
           (1.0, 1.0, "untreated", (AWAY,), 1.0), (2.49, 0.0, "", (), 2.49),
           (2.49, 3.0, "", (), 2.9), (2.51, 3.0, "", (), 2.51))},
    "cells": ((COUNT,), reported("cd4"), 450.0),
    "a month's fluctuation": ((COUNT, to("fluctuation", 1.0)), reported("cd4"), 450 * np.exp(0.13)),
    "that of the assay": ((COUNT, drawn("cd4_assay", 1.0)), reported("cd4"), 450 * np.exp(0.06)),
    "per cent": ((COUNT,), reported("cd4_percent"), 100 * 450 / 1850),
    "of fewer cells": (
        (COUNT, to("cd4_pool", 125.0)), reported("cd4_percent"), 100 * 225 / (1850 * 2**-0.38)),
    "with noise of both": (
        (COUNT, drawn("cd4_assay", -1.0), drawn("cd4_percent_assay", 1.0)),
        reported("cd4_percent"), 100 * 450 / 1850 * np.exp(0.07 - 0.06)),
    "no cells": ((COUNT, to("cd4_pool", 0.5), to("cd4_fast", 0.0)), reported("cd4"), 1.0),
    "far too many": ((COUNT, to("cd4_pool", 1e6)), reported("cd4"), 3000.0),
    "and per cent": ((COUNT, to("cd4_pool", 1e6)), reported("cd4_percent"), 62.5),
    # visits
    "a visit that is due": ((DUE,), measured("visit"), 1),
    "that was missed": ((DUE, to("next_visit", MONTHS - 1)), measured("visit"), 1),
    "that is not yet due": ((DUE, to("next_visit", MONTHS + 1)), measured("visit"), 0),
    "out of care": ((DUE, AWAY), measured("visit"), 0),
    **{f"{what}: {value}": ((*changes, drawn(noise, value)), measured("results", flag), x)
       for what, changes, noise, flag, values in (
           ("virus at a visit", (DUE,), "vl_drawn", "vl_measured", (0.959, 0.961)),
           ("virus elsewhere", (DUE, MISSED), "extra_draw", "vl_measured", (0.061, 0.063)),
           ("cells with it", (DUE,), "cd4_drawn", "cd4_measured", (0.819, 0.821)),
           ("cells without it", (DUE, MISSED), "cd4_drawn", "cd4_measured", (0.017, 0.019)),
           ("drugs", (DUE,), "recording", "drug_recorded", (0.964, 0.966)),
           ("no drugs", (DUE, AWAY), "recording", "drug_recorded", (0.079, 0.081)))
       for value, x in zip(values, (1, 0), strict=True)},
    "no second chance at a visit": (
        (DUE, drawn("vl_drawn", 0.99), drawn("extra_draw", 0.0)),
        measured("results", "vl_measured"), 0),
    # what results say
    "a bad result counts": ((RESULT, BAD, to("months_on_agent", 6)), measured("failures"), 1),
    "not before half a year": ((RESULT, BAD, to("months_on_agent", 5)), measured("failures"), 0),
    "up to 200 not": ((RESULT, GOOD), measured("failures"), 0),
    "a good one ends the count": ((RESULT, GOOD, to("failures", 1)), measured("failures"), 0),
    "a pause, too": ((RESULT, BAD, OFF, to("failures", 1)), measured("failures"), 0),
    "unseen it stays": ((RESULT, MISSED, to("failures", 1)), measured("failures"), 1),
    "two confirm a failure": ((RESULT, BAD, to("failures", 1)), measured("ever_failed"), 1),
    "one does not": ((RESULT, BAD), measured("ever_failed"), 0),
    "nor an old count": ((RESULT, MISSED, BAD, to("failures", 2)), measured("ever_failed"), 0),
    "it is remembered": ((RESULT, GOOD, to("ever_failed", True)), measured("ever_failed"), 1),
    **{f"genotype: {what}": ((RESULT, HIDDEN, *changes), measured("genotype", "NNRTI"), x)
       for what, changes, x in (
           ("at a failure", (virus(2.4), to("failures", 1)), 1), ("not before", (virus(2.4),), 0),
           ("much virus", (virus(2.71),), 1), ("less", (virus(2.69),), 0),
           ("untreated", (virus(5.0), OFF), 0), ("undrawn", (virus(5.0), MISSED), 0),
           ("known before", (virus(1.0), entry("genotype", "NNRTI", True)), 1),
           ("nothing to find", (virus(5.0), entry("resistant", "NNRTI", False)), 0))},
    "a suppressed result": ((RESULT, virus(1.69)), measured("suppressed"), 4),
    "a detectable one": ((RESULT, virus(1.71)), measured("suppressed"), 0),
    "none": ((RESULT, MISSED), measured("suppressed"), 3),
    "the last virus": ((RESULT, virus(2.5), to("last_vl", 4.0)), measured("last_vl"), 2.5),
    "is kept": ((RESULT, MISSED, to("last_vl", 4.0)), measured("last_vl"), 4.0),
    "the last cells": (
        (RESULT, COUNT, drawn("cd4_drawn", 0.0), to("last_cd4", 9.0)), measured("last_cd4"), 450),
    "are kept": (
        (RESULT, COUNT, drawn("cd4_drawn", 1.0), to("last_cd4", 9.0)), measured("last_cd4"), 9.0),
    # the next visit: months on treatment, jitter
    **{f"after {months} months, jitter {jitter}": (
        (CAME, to("months_treated", months), drawn("visit", jitter)), gap, expected)
       for months, jitter, expected in (
           (0, 0.0, 1), (1, 0.0, 2), (2, 0.0, 1), (3, 0.0, 3), (5, 0.99, 1), (6, 0.0, 5),
           (6, 0.34, 6), (30, 0.66, 6), (30, 0.67, 7), (30, 0.99, 7))},
    "sooner above 200": ((CAME, to("last_vl", 2.31)), gap, 3),
    "not below": ((CAME, to("last_vl", 2.29)), gap, 5),
    "sooner if unknown": ((CAME, to("last_vl", np.nan)), gap, 3),
    "jitter there, too": ((CAME, to("last_vl", 4.0), drawn("visit", 0.99)), gap, 5),
    "untreated": ((CAME, OFF, to("last_vl", 4.0)), gap, 5),
    "without jitter": ((CAME, OFF, drawn("visit", 0.99)), gap, 5),
    "efavirenz is a treatment": ((CAME, on(EFV), to("months_treated", 1)), gap, 2),
    "who did not come": ((CAME, to("visit", False), to("next_visit", 40)), gap, 40 - MONTHS),
    # the record
    "copies on record": ((RESULT, virus(3.0)), copies, 1000.0),
    "a regimen on record": ((on(EFV), OFF), recorded("regimen"), ACTIONS.index(EFV) - 1),
    "or the planned one": (
        (to("last_regimen", -1), to("planned", 7)), recorded("regimen"), 7),
}  # fmt: skip


@pytest.fixture(scope="module")
def patients():
    return after_two_years()


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_holds_for_everybody(patients, fact):
    changes, look, expected = FACTS[fact]
    state = patients.take(np.arange(len(patients)))
    together(*changes)(state)
    np.testing.assert_allclose(look(state), expected, rtol=2e-4, atol=1e-9)


DISPENSED = {  # before, then: what is on record in the month of the change
    (EFV, ABC_DTG): ("FTC + TDF", "DTG", "EFV", NO, False),
    (EFV, RPV): ("FTC + TDF", NO, "RPV", NO, False),
    (TAF_EVG, TAF_DTG): ("FTC + TAF", "DTG", NO, NO, False),
    (TAF_EVG, EFV): ("FTC + TAF", "EVG", "EFV", NO, True),
    (EFV, TAF_EVG): ("FTC + TDF", "EVG", "EFV", NO, True),
    (DRV, ABC_DTG): ("DRV + FTC + TDF", "DTG", NO, "RTVB", False),
    (ABC_DTG, DRV): ("DRV + FTC + TDF", "DTG", NO, "RTVB", False),  # no booster without its drug
    (DRV, ATV): ("3TC + ABC", NO, NO, "ATV", False),  # never two protease inhibitors
    (ATV, DRV): ("DRV + FTC + TDF", NO, NO, "RTVB", False),
    (ATV, DRV_PK): ("DRV + FTC + TDF", NO, NO, NO, True),
    (DRV, LPV): ("FTC + TDF", NO, NO, "LPV", False),
    (DRV_PK, EFV): ("DRV + FTC + TDF", NO, "EFV", NO, True),
    (ABC_DRV, EFV): ("3TC + ABC", NO, "EFV", "DRV", True),
    (EFV, ABC_DRV): ("FTC + TDF", NO, "EFV", "DRV", True),
    (RTVB_DRV, EFV): ("FTC + RTVB + TDF", NO, "EFV", "DRV", False),
    (EFV, RTVB_DRV): ("FTC + TDF", NO, "EFV", "DRV", True),
    (DRV, RTVB_DRV): ("FTC + RTVB + TDF", NO, NO, "DRV", False),
}  # fmt: skip


@pytest.mark.parametrize("change", DISPENSED, ids=" to ".join)
def test_records_follow_what_was_dispensed(change):
    before, now = (ACTIONS.index(name) - 1 for name in change)
    shown = care.dispense({"regimen": np.array([[before, now, now]])}, MECHANISM.schema)
    drugs = ("Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI")
    for month, expected in enumerate(
        (columns_of(REGIMENS[before]), DISPENSED[change], columns_of(REGIMENS[now]))
    ):
        found = [MECHANISM.schema[name].labels[shown[name][0, month]] for name in drugs]
        assert (*found, bool(shown["Extra pk-En"][0, month])) == expected


@pytest.mark.parametrize(
    "name", ["vl_drawn", "cd4_drawn", "extra_draw", "recording", "blip", "visit"]
)
def test_whether_something_is_measured_has_chance_of_its_own(name):
    """It says nothing about other measurements, nor about what they find."""
    steps = {one: values.ravel() for one, values in MECHANISM.draw(0, 3).steps.items()}
    own = steps.pop(name)
    r = {one: np.corrcoef(own, values)[0, 1] for one, values in steps.items()}
    assert max(map(abs, r.values())) < 0.02
    assert own.mean() == pytest.approx(0.5, abs=0.01)


# --- the guideline -------------------------------------------------------------------------------


def advice(using, year, *lost, **seen):
    """What the guideline says to people who take a regimen that works, but for what is seen."""
    usual = {"intolerance": 0, "log10 VL": 1.0, "months on treatment": 20, "failure": 0}
    usual |= {f"{agent} not tolerated": agent in lost for agent in THIRD_AGENTS}
    usual |= {"regimen": ACTIONS.index(using), "year": year} | seen
    [action] = MECHANISM.guideline({name: np.array([value]) for name, value in usual.items()})
    return ACTIONS[action]


NOTHING = ACTIONS[0]
VIREMIC, FAILED, SICK = {"log10 VL": 2.302}, {"failure": 1}, {"intolerance": 1}
PIS = ("DRV", "ATV", "LPV")

GUIDANCE = {
    "everybody is treated, best with dolutegravir": ((NOTHING, 2017.0), {}, ABC_DTG),
    "from its licence on": ((NOTHING, 2014.1), {}, ABC_DTG),
    "not before": ((NOTHING, 2014.0), {}, DRV),
    "nor is darunavir": ((NOTHING, 2006.9), {}, ATV),
    "not with what was given up": ((NOTHING, 2017.0, "DTG"), {}, DRV),
    "what works stays": ((EFV, 2013.0), {}, EFV),
    "but for dolutegravir": ((EFV, 2014.1), {}, ABC_DTG),
    "unless it was given up": ((EFV, 2017.0, "DTG"), {}, EFV),
    "a strong drug stays": ((DRV, 2017.0), {}, DRV),
    "a strong drug stays at a failure": ((DRV, 2017.0), FAILED | VIREMIC, DRV),
    "dolutegravir too": ((DTG, 2017.0), FAILED | VIREMIC, DTG),
    "a weak one does not": ((EFV, 2013.0), FAILED, DRV),
    "nor with virus after half a year": ((EFV, 2013.0), VIREMIC | {"months on treatment": 6}, DRV),
    "it does before": ((EFV, 2013.0), VIREMIC | {"months on treatment": 5}, EFV),
    "and with less virus": ((EFV, 2013.0), {"log10 VL": 2.301}, EFV),
    "at a failure to a strong one": ((EFV, 2013.0, "DRV", "ATV"), FAILED, LPV),
    "if there is one": ((EFV, 2013.0, *PIS), FAILED, RAL),
    "and to another one": ((RAL, 2013.0, *PIS), FAILED, RPV),
    "a side effect calls for another": ((EFV, 2013.0), SICK, DRV),
    "in a strong drug, too": ((DTG, 2017.0), SICK, DRV),
    "and in the second": ((DRV, 2013.0), SICK, ATV),
    "the next one need not be strong": ((LPV, 2013.0, "DRV", "ATV"), SICK, RAL),
    "who has lost all stays": ((EFV, 2017.0, *THIRD_AGENTS), SICK, EFV),
    "or starts with the last resort": ((NOTHING, 2017.0, *THIRD_AGENTS), {}, EFV),
}  # fmt: skip


@pytest.mark.parametrize("case", GUIDANCE)
def test_the_guideline_says(case):
    position, seen, expected = GUIDANCE[case]
    assert advice(*position, **seen) == expected
