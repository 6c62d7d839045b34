"""ART, arrow by arrow: raise one thing, and another must rise (+), fall (-) or stay (0).

Each row of ``ARROWS`` raises something in people who have lived for two years with the clinician,
and looks at what follows in the same people.  Each row of ``FACTS`` makes all of them alike in what
matters, and says what comes out, so that an edge or a share that moves is noticed.  The clinician
and the guideline have a file of their own, and so have visits, records and who is in the cohort.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from arrows import assert_arrow, entry, field, pair, to

from healthgym_edu.conditions.art_hiv import MECHANISM, care, physiology
from healthgym_edu.conditions.art_hiv.regimens import ACTIONS
from healthgym_edu.engine import sample_actions

P = MECHANISM.parameters
EFV, RPV, DTG, RAL = "FTC + TDF + EFV", "FTC + TDF + RPV", "FTC + TDF + DTG", "FTC + TDF + RAL"
DRV = "DRV + FTC + TDF + RTVB"
MONTHS, DAYS = 24, 365.25 / 12


def after_two_years():
    """Return people in a month in which they were measured, after two years with the clinician."""
    state = MECHANISM.start(MECHANISM.draw(0, 11))
    for _ in range(MONTHS):
        MECHANISM.measure(state)
        drawn = sample_actions(MECHANISM.clinician(state), state.at("action"))
        MECHANISM.act(state, np.where(MECHANISM.deciding(state), drawn, state.regimen + 1))
        MECHANISM.advance(state)
    MECHANISM.measure(state)
    return state


@pytest.fixture(scope="module")
def patients():
    return after_two_years()


# --- what may be raised --------------------------------------------------------------------------


def together(*changes):
    def change(state):
        for one in changes:
            one(state)

    return change


def on(name):
    """Everybody takes a regimen, not as the first one, without resistance or a side effect."""
    position = ACTIONS.index(name) - 1
    free = [entry("resistant", key, False) for key in ("NRTI", "NNRTI", "INI", "PI")]
    return together(
        to("regimen", position), to("last_regimen", position), to("engaged", True),
        to("months_treated", 30), to("months_on_agent", 20), to("intolerant", False),
        to("adherence_drift", 0.0), *free)  # fmt: skip


def share(taken):
    """Everybody takes this share of doses."""
    return to("adherence_mean", np.log(taken / (1 - taken)))


def drawn(name, value, part="steps"):
    """Noise of every step, or the ``static`` one, gets a value."""

    def change(state):
        old = getattr(state.noise, part)
        new = old | {name: np.full_like(old[name], value)}
        state.noise = replace(state.noise, **{part: new})

    return change


def resistant(name):
    return entry("resistant", name, True)


def virus(log):
    return to("viral_load", 10.0**log)


FULL, AWAY, OFF = to("adherence_mean", 50.0), to("engaged", False), to("regimen", -1)
FIRST = to("months_on_agent", 30)  # the third agent in use is the first one ever
HALF = pair(together(on(EFV), share(0.3)), share(0.6))


# --- what is looked at ---------------------------------------------------------------------------


def after(step, name, key=None, p=P):
    def look(state):
        step(state, p)
        value = getattr(state, name)
        return (value if key is None else value[key]).astype(float)

    return look


def of(function, *more, p=P):
    return lambda state: function(state, p, *more).astype(float)


adherence, effect, overtaxed = (
    of(one) for one in (physiology.adherence, physiology.effect, physiology.overtaxed)
)
moved = partial(after, physiology.move_virus)
cells = partial(after, physiology.move_cells)
selected = partial(after, physiology.select_resistance, "resistant")
lived = partial(after, physiology.live_a_month)
advanced = partial(after, lambda state, p: MECHANISM.advance(state))
ceiling, floor, target = of(physiology.ceiling), physiology.floor, physiology.rebound_target


def reported(name):
    return lambda state: care.laboratory(state, P)[name]


def reward(name):
    return lambda state: MECHANISM.reward(state, name)


ARROWS = {
    # adherence and effect
    "who is used to taking drugs takes them": (field("adherence_mean", 0.5), adherence, "+"),
    "a good month, too": (field("adherence_drift", 0.5), adherence, "+"),
    "a side effect keeps from taking": (
        pair(to("intolerant", False), to("intolerant", True)), adherence, "-"),
    "out of care nothing is taken": (pair(on(EFV), AWAY), adherence, "-"),
    "without a regimen neither": (pair(on(EFV), OFF), adherence, "-"),
    "doses make effect": (HALF, effect, "+"),
    "dolutegravir forgives more than efavirenz": (
        pair(together(on(EFV), share(0.7)), on(DTG)), effect, "+"),
    "much virus overtaxes rilpivirine": (
        pair(together(on(RPV), FIRST, to("setpoint", 4.9)), to("setpoint", 5.1)), effect, "-"),
    "rilpivirine after another drug not": (
        pair(together(on(RPV), to("setpoint", 4.9)), to("setpoint", 5.1)), effect, "0"),
    "efavirenz never": (
        pair(together(on(EFV), FIRST, to("setpoint", 4.9)), to("setpoint", 5.1)), effect, "0"),
    **{f"{name} resistance and {agent}": (pair(on(agent), resistant(name)), effect, sign)
       for agent, hit in ((EFV, "NNRTI"), (RPV, "NNRTI"), (RAL, "INI"), (DTG, "INI"), (DRV, "PI"))
       for name, sign in {"NNRTI": "0", "INI": "0", "PI": "0", hit: "-", "NRTI": "-"}.items()},
    # virus
    "a residual level is a person's own": (field("residual", 0.2), of(floor, 0.9), "+"),
    "effect lost raises it": (HALF, lambda s: floor(s, P, effect(s)), "-"),
    "a set-point calls the virus back": (field("setpoint", 0.5), of(target, 0.2), "+"),
    "what still works holds it off": (HALF, lambda s: target(s, P, effect(s)), "-"),
    "doses control the virus": (pair(together(on(EFV), share(0.1)), FULL), moved("viral_load"),
                                "-"),
    "out of care it comes back": (
        pair(together(on(EFV), FULL, to("short_lived", 10.0)), AWAY), moved("viral_load"), "+"),
    "raltegravir is quicker than efavirenz": (
        pair(together(on(EFV), FULL, to("long_lived", 900.0)), together(on(RAL), FULL)),
        moved("long_lived"), "-"),
    # cells
    "virus lowers CD4": (field("viral_load", 1e6), cells("cd4_pool"), "-"),
    "and the part regained at first": (field("viral_load", 1e6), cells("cd4_fast"), "-"),
    "some recover better": (pair(virus(1.0), field("recovery", 0.3)), cells("cd4_pool"), "+"),
    "at first, too": (pair(virus(1.0), field("recovery", 0.3)), cells("cd4_fast"), "+"),
    "the old recover less": (pair(virus(1.0), field("age", 10.0)), cells("cd4_pool"), "-"),
    "the late recover less": (pair(virus(1.0), field("nadir", -50.0)), cells("cd4_pool"), "-"),
    "the lowest count is remembered": (
        pair(together(to("cd4_pool", 300.0), to("nadir", 290.0)), virus(6.0)), cells("nadir"), "0"),
    "CD4 that falls makes a new one": (
        pair(together(to("cd4_pool", 300.0), to("nadir", 300.0), virus(1.0)), virus(6.0)),
        cells("nadir"), "-"),
    # laboratory
    "virus shows": (lambda s: setattr(s, "viral_load", s.viral_load * 3), reported("log_vl"), "+"),
    "cells show in the count": (field("cd4_pool", 50.0), reported("cd4"), "+"),
    "those of the first months, too": (field("cd4_fast", 50.0), reported("cd4"), "+"),
    "and in the percentage": (field("cd4_pool", 50.0), reported("cd4_percent"), "+"),
    "lymphocytes lower the percentage": (field("lymphocytes", 200.0), reported("cd4_percent"), "-"),
    "and not the count": (field("lymphocytes", 200.0), reported("cd4"), "0"),
    "a fluctuation shows in the count": (field("fluctuation", 1.0), reported("cd4"), "+"),
    "and not in the percentage": (field("fluctuation", 1.0), reported("cd4_percent"), "0"),
    **{f"{noise}: {name}": (pair(drawn(noise, 0.0), drawn(noise, 1.0)), reported(name), sign)
       for noise, name, sign in (
           ("vl_assay", "log_vl", "+"), ("cd4_assay", "cd4", "+"),
           ("cd4_assay", "cd4_percent", "+"), ("cd4_percent_assay", "cd4_percent", "+"),
           ("cd4_percent_assay", "cd4", "0"))},
    # the rewards
    **{f"{name}: virus costs": (pair(virus(2.0), virus(3.5)), reward(name), "-")
       for name in ("course", "published")},
    **{f"{name}: cells are worth something": (field("cd4_pool", 50.0), reward(name), "+")
       for name in ("course", "published")},
    "a side effect costs": (pair(on(EFV), to("intolerant", True)), reward("course"), "-"),
    "not if nothing is taken": (
        pair(together(on(EFV), AWAY), to("intolerant", True)), reward("course"), "0"),
    "nor under the published reward": (
        pair(on(EFV), to("intolerant", True)), reward("published"), "0"),
}  # fmt: skip


@pytest.mark.parametrize("arrow", ARROWS)
def test_an_arrow_points_where_it_should(patients, arrow):
    assert_arrow(patients, *ARROWS[arrow])


def residual_after(taken, name=EFV):
    """A month on a regimen from 100,000 copies/mL on."""
    return (on(name), share(taken) if taken < 1 else FULL, to("short_lived", 1e5), virus(5.0),
            to("long_lived", 0.0), to("setpoint", 5.0), to("residual", 1.2))  # fmt: skip


START = residual_after(1)
RECOVERING = (virus(2.3), to("nadir", 250.0), to("age", 40.0), to("recovery", 1.0),
              to("cd4_pool", 380.0), to("cd4_fast", 0.0))  # fmt: skip
SELECTING = (on(EFV), share(2 / 3), virus(3.7))
HIT = partial(drawn, "resistance_agent")
CALM = (on(EFV), drawn("intolerance", 1.0), drawn("fading", 1.0), drawn("disengage", 1.0))
WELL = (on(EFV), virus(1.0), to("cd4_pool", 600.0), to("cd4_fast", 0.0), to("entry_year", 2015.0))
UPDOWN = replace(P, cd4_fast_up=1.0, cd4_fast_down=4.0)

FACTS = {
    # effect: what is left at full adherence, and what doses give
    "all of it": ((on(EFV), FULL), effect, 1.0),
    "NNRTI resistance": ((on(EFV), FULL, resistant("NNRTI")), effect, 1 - 0.65 * 0.92),
    "INI resistance": ((on(RAL), FULL, resistant("INI")), effect, 1 - 0.65 * 0.85),
    "dolutegravir loses little": ((on(DTG), FULL, resistant("INI")), effect, 1 - 0.65 * 0.3),
    "PI resistance": ((on(DRV), FULL, resistant("PI")), effect, 1 - 0.65 * 0.35),
    "a lost backbone": ((on(DRV), FULL, resistant("NRTI")), effect, 1 - 0.35 * 0.4),
    "beside a weak drug": ((on(EFV), FULL, resistant("NRTI")), effect, 1 - 0.35 * 0.7),
    "half of what is needed": ((on(EFV), share(0.43)), effect, 0.5),
    "rilpivirine at its limit": ((on(RPV), FIRST, to("setpoint", 5.0)), overtaxed, 0.0),
    "above it": ((on(RPV), FIRST, to("setpoint", 5.01)), overtaxed, 1.0),
    "above it, but not first": ((on(RPV), to("setpoint", 5.01)), overtaxed, 0.0),
    "then more is needed": (
        (on(RPV), FIRST, to("setpoint", 6.0), share(0.475)), effect, 0.475 / 0.95),
    "0.8 logits less": ((on(EFV), to("intolerant", True), to("adherence_mean", 0.8)),
                        adherence, 0.5),
    # virus
    "the floor": ((to("residual", 1.2), to("setpoint", 5.0)), of(floor, 0.8), 1.2 + 3.4 * 0.2),
    "not above the set-point": ((to("residual", 1.2), to("setpoint", 1.0)), of(floor, 0.8), 1.0),
    **{f"target at an effect of {value}": ((to("setpoint", 5.0),), of(target, value), expected)
       for value, expected in ((0.0, 5.0), (0.275, 4.0), (0.55, 3.0), (0.9, 3.0))},
    "fast decay": (START, moved("short_lived"), 1e5 * np.exp(-0.6 * DAYS)),
    "slow decay": (START, moved("long_lived"), 600 * np.exp(-0.034 * DAYS)),
    "of dolutegravir": (residual_after(1, DTG), moved("long_lived"), 280 * np.exp(-0.072 * DAYS)),
    "long-lived cells there are": (
        (*START, to("long_lived", 2000.0)), moved("long_lived"), 2000 * np.exp(-0.034 * DAYS)),
    "more of them under overtaxed rilpivirine": (
        (*residual_after(1, RPV), FIRST, to("setpoint", 5.1)), moved("long_lived"),
        1.5 * 550 * np.exp(-0.036 * DAYS)),
    "half of the control": (
        residual_after(0.775 * 0.86), moved("long_lived"), 600 * np.exp(-0.034 * DAYS / 2)),
    "the least control": (
        residual_after(0.551 * 0.86), moved("long_lived"), 600 * np.exp(-0.034 * DAYS / 20)),
    "what remains": ((*START, to("short_lived", 0.0)), moved("viral_load"), 10**1.2),
    "no control": (residual_after(0.44 * 0.86), moved("viral_load"), 10 ** (5 - 1.6)),
    "rebound": ((*START, OFF, virus(0.0)), moved("viral_load"), 10**4.3),
    "up to the set-point": ((*START, OFF, virus(2.0)), moved("viral_load"), 1e5),
    # cells
    "the ceiling": (RECOVERING, ceiling, 250 + 330.0),
    "of the old": ((*RECOVERING, to("age", 50.0)), ceiling, 250 + 300.0),
    "of the early": ((*RECOVERING, to("nadir", 350.0)), ceiling, 350 + 355.0),
    "of who recovers well": ((*RECOVERING, to("recovery", 2.0)), ceiling, 250 + 660.0),
    "the least": (RECOVERING, of(physiology.ceiling, p=replace(P, cd4_ceiling=0.0)), 250 + 40.0),
    "the slow way to it": (RECOVERING, cells("cd4_pool"), 380 + 0.0068 * 200),
    "who is beyond it stays": ((*RECOVERING, to("cd4_pool", 600.0)), cells("cd4_pool"), 600.0),
    "half a viraemia": (
        (*RECOVERING, virus(3.4)), cells("cd4_pool"), 380 + 0.0034 * 200 - 2.1),
    "the loss": ((*RECOVERING, virus(4.5)), cells("cd4_pool"), 380 - 4.2),
    "of a low count": (
        (*RECOVERING, virus(4.5), to("cd4_pool", 75.0)), cells("cd4_pool"), 75 - 2.1),
    "the lowest count": ((*RECOVERING, virus(4.5), to("cd4_pool", 4.05)), cells("cd4_pool"), 4.0),
    "the fast way up": (RECOVERING, cells("cd4_fast", p=UPDOWN), 112 / 2),
    "and down": ((*RECOVERING, virus(4.5), to("cd4_fast", 112.0)),
                 cells("cd4_fast", p=UPDOWN), 112 * 2**-0.25),
    # resistance: the hazard is what is drawn at most where it comes about
    **{f"hazard of {what}, {by:+}": (
        (*SELECTING, *more, HIT(hazard + by)), selected(hit), float(by < 0))
       for what, hit, hazard, more in (
           ("NNRTI", "NNRTI", 0.06, ()), ("INI", "INI", 0.04, (on(RAL),)),
           ("PI", "PI", 0.003, (on(DRV),)), ("a third of doses", "NNRTI", 0.03, (share(1 / 3),)),
           ("nearly all doses", "NNRTI", 0.06 * 0.54675, (share(0.9),)),
           ("half a replication", "NNRTI", 0.03, (virus(2.7),)),
           ("a weak drug alone", "NNRTI", 0.18, (resistant("NRTI"),)),
           ("a strong drug alone", "INI", 0.003, (on(DTG), resistant("NRTI"))))
       for by in (-0.0005, 0.0005)},
    **{f"{name} is not hit by {agent}": ((*SELECTING, on(agent), HIT(0.0)), selected(name), 0.0)
       for agent, names in ((EFV, ("INI", "PI")), (RAL, ("NNRTI", "PI")), (DRV, ("NNRTI", "INI")))
       for name in names},
    **{f"backbone {value}": ((*SELECTING, drawn("resistance_backbone", value)), selected("NRTI"), x)
       for value, x in ((0.0199, 1.0), (0.0201, 0.0))},
    "resistance stays": ((*SELECTING, resistant("NNRTI"), HIT(1.0)), selected("NNRTI"), 1.0),
    "none where nothing is taken": ((*SELECTING, AWAY, HIT(0.0)), selected("NNRTI"), 0.0),
    # a month
    **{f"side effects of {agent}, month {month}, {by:+}": (
        (*CALM, on(agent), to("months_on_agent", month),
         drawn("intolerance", P.toxicity * hazard + by)), lived("intolerant"), float(by < 0))
       for agent, month, hazard in (
           (EFV, 0, 0.0107 * 2.3), (EFV, 2, 0.0107 * 2.3), (EFV, 3, 0.0107 * 0.36),
           (EFV, 11, 0.0107 * 0.36), (EFV, 12, 0.0107 * 0.6), (DTG, 2, 0.0023 * 2.3))
       for by in (-0.0001, 0.0001)},
    "none where nothing is taken, either": (
        (*CALM, AWAY, drawn("intolerance", 0.0)), lived("intolerant"), 0.0),
    "a side effect fades": (
        (*CALM, to("intolerant", True), drawn("fading", 0.039)), lived("intolerant"), 0.0),
    "or stays": ((*CALM, to("intolerant", True), drawn("fading", 0.041)), lived("intolerant"), 1.0),
    "or another comes": ((*CALM, to("intolerant", True), drawn("fading", 0.0),
                          drawn("intolerance", 0.0)), lived("intolerant"), 1.0),
    **{f"leaving, {score:+} SD, {by:+}": (
        (*CALM, drawn("adherence", score, "static"),
         drawn("disengage", 0.0041 * np.exp(-0.75 * score) + by)),
        lived("engaged"), float(by > 0)) for score in (-1, 0, 1) for by in (-0.0001, 0.0001)},
    "returning": ((AWAY, drawn("reengage", 0.079)), lived("engaged"), 1.0),
    "to a visit in the next month": (
        (AWAY, drawn("reengage", 0.079)), lived("next_visit"), MONTHS + 1),
    "staying away": ((AWAY, drawn("reengage", 0.081)), lived("engaged"), 0.0),
    "who stays has the visit that was fixed": (
        (*CALM, drawn("reengage", 0.0), to("next_visit", 28)), lived("next_visit"), 28),
    "what is left of a good month": (
        (to("adherence_drift", 1.0), drawn("adherence", 1.0)), lived("adherence_drift"),
        0.9 + 0.5 * np.sqrt(1 - 0.9**2)),
    "fluctuation": ((to("fluctuation", 1.0), drawn("fluctuation", 1.0)), lived("fluctuation"),
                    0.75 + np.sqrt(1 - 0.75**2)),
    "months since ART began": ((on(EFV), to("months_treated", 0)), advanced("months_treated"), 1),
    "not before": ((on(EFV), to("months_treated", -1)), advanced("months_treated"), -1),
    "months on the agent": (CALM, advanced("months_on_agent"), 21),
    "not out of care": ((*CALM, AWAY, drawn("reengage", 1.0)), advanced("months_on_agent"), 20),
    "a step": ((on(EFV),), advanced("step"), MONTHS + 1),
    # the rewards
    **{f"course, virus 10^{log:.3g}": ((*WELL, virus(log)), reward("course"), expected)
       for log, expected in (
           (0.0, 1.0), (np.log10(50), 1.0), (3.0, 1 / np.log10(200)), (4.0, 0.0), (6.0, 0.0))},
    "half of 500 cells": ((*WELL, to("cd4_pool", 250.0)), reward("course"), 1 + 0.1 * np.log(0.5)),
    "with a side effect": ((*WELL, to("intolerant", True)), reward("course"), 0.25),
    "before its licence": ((*WELL, on(DTG), to("entry_year", 2012.0)), reward("course"), 0.75),
    "after it": ((*WELL, on(DTG), to("entry_year", 2012.2)), reward("course"), 1.0),
    "before it, but in the drawer": (
        (*WELL, on(DTG), AWAY, to("entry_year", 2012.0)), reward("course"), 1.0),
    "published, detectable": (
        (*WELL, virus(1.7)), reward("published"), -0.7 * 1.7 * np.log(10) + 0.6 * np.log(600)),
    "published, suppressed": ((*WELL, virus(1.69)), reward("published"), 5 + 0.6 * np.log(600)),
}  # fmt: skip


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_holds_for_everybody(patients, fact):
    changes, look, expected = FACTS[fact]
    state = patients.take(np.arange(len(patients)))
    together(*changes)(state)
    np.testing.assert_allclose(look(state), expected, rtol=1e-4, atol=1e-9)
