"""Hypotension, arrow by arrow: raise one thing, and another must rise (+), fall (-) or stay (0).

Each row raises something in patients who have lived for eight hours under mixed treatment, and
looks at what follows in the same patients.  A sign flipped in the mechanism, in what is measured,
in the clinician or in the reward turns an arrow round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from arrows import after_mixed_treatment, assert_arrow, entry, field, pair, to

from healthgym_edu.conditions.hypotension import MECHANISM, care, physiology
from healthgym_edu.engine import BLOCK

P = MECHANISM.parameters
LEVELS = np.arange(16)


@pytest.fixture(scope="module")
def patients():
    return after_mixed_treatment(MECHANISM, 8)


# --- what is looked at ---------------------------------------------------------------------------


def pressure(state):
    return physiology.pressure(state, P)


def lived(name):
    def look(state):
        physiology.advance(state, P)
        return getattr(state, name).astype(float)

    return look


def healed(state):
    """By how much the liver changes in an hour."""
    before = state.liver
    physiology.advance(state, P)
    return state.liver - before


def dying(state):
    """Who dies in the hour, with a higher base so that there are many."""
    physiology._harm(state, replace(P, death_base=-3.0))
    return (~state.alive).astype(float)


def breathing(state):
    """Who has a tube after the hour; many are put in, and many taken out."""
    physiology._breathe(state, replace(P, intubate=-1.0, extubate=0.4))
    return state.ventilated.astype(float)


def value(name):
    def look(state):
        state.pressure, state.urine = physiology.pressure(state, P), physiology.urine_flow(state, P)
        both = physiology.circulation(state, P) | physiology.organs(state, P)
        return both[name].astype(float)

    return look


def pulse(state):
    shown = physiology.circulation(state, P)
    return shown["systolic_bp"] - shown["diastolic_bp"]


def below_the_mean(state):
    """Return the share of the pulse that lies below the mean."""
    shown = physiology.circulation(state, P)
    return (shown["MAP"] - shown["diastolic_bp"]) / (shown["systolic_bp"] - shown["diastolic_bp"])


def flow(state):
    return physiology.urine_flow(state, P)


def flag(name):
    def look(state):
        return (care._charted(state, P) | care._drawn(state, P))[name].astype(float)

    return look


def sick(state):
    return care.looking_sick(state, P)


def expected(level):
    def look(state):
        return MECHANISM.clinician(state) @ level

    return look


dose, on = expected(LEVELS % 4), expected(LEVELS % 4 > 0)
bolus, litre = expected(LEVELS // 4 > 0), expected(LEVELS // 4 == 3)


def reward(state):
    return MECHANISM.reward(state)


def published(state):
    return MECHANISM.reward(state, "published")


def together(*changes):
    def change(state):
        for one in changes:
            one(state)

    return change


UNTUBED, TUBED = to("ventilated", False), to("ventilated", True)
FREE = together(to("vasopressor", 0), to("recent", 62.0), entry("shown", "GCS_total", 12))
SEVERE = field("severity", 1.0)
STARVED = pair(to("pressure", 70.0), to("pressure", 45.0))
BOLUS = pair(to("fluid", 0), to("fluid", 3))

ARROWS = {
    # circulation
    "severity widens vessels": (SEVERE, pressure, "-"),
    "a tube, and its sedation, too": (pair(UNTUBED, TUBED), pressure, "-"),
    "a vasopressor raises the pressure": (field("effect", 0.2), pressure, "+"),
    "a full heart raises it": (field("volume", 400.0), pressure, "+"),
    "more so in those who respond": (field("response", 0.5), pressure, "+"),
    "what is lacking lowers it": (field("deficit", 1.0), pressure, "-"),
    "tone raises it": (field("tone", 0.1), pressure, "+"),
    "a bolus fills the heart": (BOLUS, lived("volume"), "+"),
    "makes good what is lacking": (BOLUS, lived("deficit"), "-"),
    "is remembered": (BOLUS, lived("given"), "+"),
    "beyond need it stays": (BOLUS, lived("retained"), "+"),
    "less of it where volume is lacking": (
        pair(to("fluid", 3), field("deficit", 0.5)), lived("excess"), "-"),
    "a larger dose has more effect": (
        pair(to("vasopressor", 1), to("vasopressor", 3)), lived("effect"), "+"),
    "an insensitive patient has less": (
        pair(to("vasopressor", 2), field("ec50", 0.2)), lived("effect"), "-"),
    "the sick have less": (pair(to("vasopressor", 2), SEVERE), lived("effect"), "-"),
    "pulse: small strokes in the sick": (SEVERE, pulse, "-"),
    "pulse: form follows pressure": (
        pair(to("pressure", 60.0), to("pressure", 80.0)), below_the_mean, "+"),
    # ischaemia and what it does
    "low pressure starves tissues": (STARVED, lived("ischaemia"), "+"),
    "so does the largest dose": (
        pair(to("vasopressor", 1), to("vasopressor", 3)), lived("ischaemia"), "+"),
    "and any dose where pressure is high": (
        pair(together(to("vasopressor", 1), to("pressure", 70.0)), to("pressure", 90.0)),
        lived("ischaemia"), "+"),
    "starved patients get sicker": (STARVED, lived("severity"), "+"),
    "and return to a worse level": (STARVED, lived("level"), "+"),
    "severity returns to its level": (field("level", 1.0), lived("severity"), "+"),
    "starved kidneys are injured": (STARVED, lived("creatinine"), "+"),
    "a starved liver, too": (STARVED, lived("liver"), "+"),
    "little urine leaves creatinine": (
        pair(to("urine", 60.0), to("urine", 8.0)), lived("creatinine"), "+"),
    "whose kidneys were better recovers": (
        pair(together(to("creatinine", 3.0), to("creatinine_own", 2.5)), to("creatinine_own", 1.0)),
        lived("creatinine"), "-"),
    "a liver heals": (pair(to("liver", 1.0), to("liver", 2.0)), healed, "-"),
    "ischaemia makes lactate": (STARVED, lived("lactate"), "+"),
    "severity makes lactate": (together(SEVERE, field("level", 1.0)), lived("lactate"), "+"),
    "a bad liver leaves it": (field("liver", 1.0), lived("lactate"), "+"),
    "severity wears kidneys": (SEVERE, lived("creatinine"), "+"),
    "retained fluid stiffens lungs": (field("retained", 3.0), lived("lung"), "+"),
    "stiff lungs need oxygen": (field("lung", 2.0), lived("oxygen_need"), "+"),
    "need of oxygen lasts": (field("oxygen_need", 1.0), lived("oxygen_need"), "+"),
    "so does being awake": (field("consciousness", 1.0), lived("consciousness"), "+"),
    "the sick are less awake": (SEVERE, lived("consciousness"), "-"),
    "the sick get a tube": (pair(UNTUBED, SEVERE), breathing, "+"),
    "and keep it": (pair(TUBED, SEVERE), breathing, "+"),
    # death
    "the sick die": (SEVERE, dying, "+"),
    "the starved die": (STARVED, dying, "+"),
    "those with a tube die": (pair(UNTUBED, TUBED), dying, "+"),
    "lactate kills": (field("lactate", 4.0), dying, "+"),
    "the drowned die": (field("retained", 5.0), dying, "+"),
    "the squeezed die": (pair(to("vasopressor", 1), to("vasopressor", 3)), dying, "+"),
    # what is measured of it
    "pressure makes urine": (pair(to("pressure", 55.0), to("pressure", 75.0)), flow, "+"),
    "a full heart makes urine": (field("volume", 400.0), flow, "+"),
    "the sick make less": (SEVERE, flow, "-"),
    "bad kidneys make less": (field("creatinine", 1.0), flow, "-"),
    "a bad liver leaks ALT": (field("liver", 1.0), value("ALT"), "+"),
    "and AST": (field("liver", 1.0), value("AST"), "+"),
    "shock leaks AST": (SEVERE, value("AST"), "+"),
    "and no ALT": (SEVERE, value("ALT"), "0"),
    "bad lungs lower PO2": (field("lung", 2.0), value("PO2"), "-"),
    "a tube raises PO2": (pair(UNTUBED, TUBED), value("PO2"), "+"),
    "need of oxygen raises FiO2": (field("oxygen_need", 1.0), value("FiO2"), "+"),
    "who is awake scores": (field("consciousness", 1.0), value("GCS_total"), "+"),
    "a tube lowers the score": (pair(UNTUBED, TUBED), value("GCS_total"), "-"),
    # what is charted and drawn
    "a tube: urine is charted": (pair(UNTUBED, TUBED), flag("urine_m"), "+"),
    "kidneys that failed: less so": (
        pair(to("creatinine", 1.0), to("creatinine", 3.0)), flag("urine_m"), "-"),
    "a tube: FiO2 is charted": (pair(UNTUBED, TUBED), flag("FiO2_m"), "+"),
    "oxygen: FiO2 is charted": (
        pair(together(UNTUBED, to("oxygen", False)), to("oxygen", True)), flag("FiO2_m"), "+"),
    "a tube: blood gases": (pair(UNTUBED, TUBED), flag("PO2_m"), "+"),
    "who looks sick: blood gases": (pair(to("recent", 70.0), to("recent", 50.0)),
                                    flag("PO2_m"), "+"),
    "low pressure looks sick": (pair(to("recent", 70.0), to("recent", 50.0)), sick, "+"),
    "a vasopressor looks sick": (pair(to("vasopressor", 0), to("vasopressor", 2)), sick, "+"),
    "coma looks sick": (pair(entry("shown", "GCS_total", 12), entry("shown", "GCS_total", 3)),
                        sick, "+"),
    "lactate looks sick": (pair(entry("shown", "lactic_acid", 1.0),
                                entry("shown", "lactic_acid", 4.0)), sick, "+"),
    # the clinician
    "a lower pressure, more vasopressor": (field("recent", -4.0), dose, "+"),
    "and more boluses": (field("recent", -4.0), bolus, "+"),
    "and larger ones": (field("recent", -4.0), litre, "+"),
    "little urine, more boluses": (
        pair(entry("shown", "urine", 80.0), entry("shown", "urine", 10.0)), bolus, "+"),
    "lactate, more boluses": (pair(entry("shown", "lactic_acid", 1.0),
                                   entry("shown", "lactic_acid", 4.0)), bolus, "+"),
    "many boluses so far, fewer": (field("given", 2.0), bolus, "-"),
    "coma, a vasopressor begins": (
        pair(FREE, entry("shown", "GCS_total", 3)), on, "+"),
    "coma, a dose rises": (
        pair(together(to("vasopressor", 1), to("recent", 62.0), entry("shown", "GCS_total", 12)),
             entry("shown", "GCS_total", 3)), dose, "+"),
    "a dose is kept": (
        pair(together(to("recent", 66.0), to("vasopressor", 1)), to("vasopressor", 2)), dose, "+"),
    "a wean awaits waking": (
        pair(together(to("recent", 75.0), to("vasopressor", 2), entry("shown", "GCS_total", 3)),
             entry("shown", "GCS_total", 12)), dose, "-"),
    "hidden severity is not seen": (SEVERE, dose, "0"),
    # the rewards
    "a vasopressor costs": (pair(to("vasopressor", 0), to("vasopressor", 2)), reward, "-"),
    "fluid beyond need costs": (field("excess", 0.5), reward, "-"),
    "low pressure costs": (
        pair(together(to("pressure", 70.0), to("urine", 10.0)), to("pressure", 50.0)),
        published, "-"),
    "urine makes up for it": (
        pair(together(to("pressure", 57.0), to("urine", 10.0)), to("urine", 40.0)),
        published, "+"),
}  # fmt: skip


@pytest.mark.parametrize("arrow", ARROWS)
def test_an_arrow_points_where_it_should(patients, arrow):
    assert_arrow(patients, *ARROWS[arrow])


CONSTANTS = {
    "cvp_rest": (4.0, "pressure", 1),
    "cvp_volume": (4.0, "pressure", 1),
    "severity_harm": (0.1, "severity", 1),
    "severity_recovery": (0.1, "level", -1),
    "emax": (0.3, "effect", 1),
    "creatinine_ischaemia": (0.1, "creatinine", 1),
    "creatinine_oliguria": (0.05, "creatinine", 1),
    "creatinine_recovery": (0.05, "creatinine", -1),
    "liver_recovery": (0.05, "liver", -1),
    "lung_overload": (0.3, "lung", 1),
    "squeeze": (0.4, "ischaemia", 1),
    "squeeze_high": (0.4, "ischaemia", 1),
}
IN_THE_SICK = {  # more of it in those sicker than the average, less in the others
    "depression": (0.05, "pressure", -1),
    "vasoplegia": (0.05, "pressure", -1),
    "ec50_severity": (0.3, "effect", -1),
    "creatinine_drift": (0.05, "creatinine", 1),
    "urine_severity": (0.3, "urine", 1),
    "lactate_severity": (0.3, "lactate", 1),
}


@pytest.mark.parametrize("name", [*CONSTANTS, *IN_THE_SICK])
def test_a_constant_does_what_its_name_says(patients, name):
    by, moved, sign = (CONSTANTS | IN_THE_SICK)[name]
    found, sicker = [], 1
    for parameters in (P, replace(P, **{name: getattr(P, name) + by})):
        state = patients.take(np.arange(BLOCK))
        physiology.advance(state, parameters)
        found.append(getattr(state, moved))
        if name in IN_THE_SICK:
            sicker = np.sign(state.severity)
    change = sign * sicker * (found[1] - found[0])
    assert change.max() > 0.001
    assert (change < -1e-12).mean() < 0.05


@pytest.mark.parametrize(
    ("noise", "fact", "sign"),
    [("severity", "severity", 1), ("severity", "level", 1), ("severity", "creatinine", 1),
     ("severity", "liver", 1), ("severity", "lung", 1), ("severity", "consciousness", -1),
     ("severity", "lactate", 1), ("severity", "ventilated", 1), ("severity", "pressure", -1),
     ("output", "output", 1), ("output", "resistance", -1), ("resistance", "resistance", 1),
     ("response", "response", 1), ("sensitivity", "ec50", 1), ("deficit", "deficit", 1),
     ("pulse", "pulse", 1), ("form", "form", 1), ("urine", "urine_level", 1),
     ("lactate", "lactate", 1), ("liver", "liver", 1), ("liver", "lactate", 1),
     ("lung", "lung", 1), ("lung", "oxygen_need", 1), ("oxygen_need", "oxygen_need", 1),
     ("consciousness", "consciousness", 1), ("creatinine", "creatinine", 1),
     ("creatinine", "creatinine_own", 1),
     ("tone_start", "pressure", 1), ("oxygen", "oxygen", -1), ("ventilated", "ventilated", -1),
     ("admission_hour", "clock", 1)],
)  # fmt: skip
def test_who_comes_follows_what_was_drawn(noise, fact, sign):
    state = MECHANISM.start(MECHANISM.draw(0, 4))
    r = np.corrcoef(state.noise[noise], getattr(state, fact).astype(float))[0, 1]
    assert sign * r > 0.08


def test_noise_of_an_hour_reaches_what_it_is_named_after(patients):
    """The same patients with one hour's draw raised: what it is named after rises in all."""
    for name, looked in (
        ("minimum", value("MAP")), ("pulse", pulse), ("form", below_the_mean),
        ("po2", value("PO2")), ("severity", lived("severity")), ("tone", lived("tone")),
        ("urine", lived("urine_drift")),
        ("oxygen_need", lived("oxygen_need")), ("consciousness", lived("consciousness")),
    ):  # fmt: skip
        after = patients.take(np.arange(BLOCK))
        drawn = after.at

        def raised(one, name=name, drawn=drawn):
            return drawn(one) + (1.0 if one == name else 0.0)

        before = looked(patients.take(np.arange(BLOCK)))
        after.at = raised
        moved = looked(after) - before
        assert moved.mean() > 0, name
        assert moved.min() > -1e-9, name


@pytest.mark.parametrize("name", ["PO2_m", "lactic_acid_m"])
def test_other_bloods_bring_gases_and_lactate(patients, name):
    found = []
    for chance in (1.0, 0.0):  # chemistry is not drawn, or is
        state = patients.take(np.arange(BLOCK))
        drawn = state.at
        state.at = lambda one, d=drawn, c=chance: (
            np.full(BLOCK, c) if one == "chemistry" else d(one)
        )
        found.append(flag(name)(state))
    assert (found[1] - found[0]).min() >= 0
    assert (found[1] - found[0]).mean() > 0.02


@pytest.mark.parametrize("name", ["severity", "oxygen_need", "consciousness", "lung", "liver"])
def test_who_comes_is_spread_by_one_standard_deviation(name):
    state = MECHANISM.start(MECHANISM.draw(0, 4))
    assert abs(getattr(state, name).std() - 1) < 0.07
    assert abs(getattr(state, name).mean()) < 0.1


def test_the_largest_boluses_at_every_decision_are_within_the_bounds_of_an_observation():
    state = MECHANISM.start(MECHANISM.draw(0, 4))
    low, high = MECHANISM.observation_bounds
    for hour in range(MECHANISM.n_steps):
        MECHANISM.measure(state)
        seen = MECHANISM.observe(state)
        assert (seen >= low).all()
        assert (seen <= high).all()
        if hour % 4 == 0:
            MECHANISM.act(state, np.full(BLOCK, 15))
        MECHANISM.advance(state)
    assert state.given.max() > high[MECHANISM.observation_names.index("litres given")] / 2


@pytest.mark.parametrize(("noise", "column"), [("alt", "ALT"), ("ast", "AST"), ("po2", "PO2")])
def test_what_is_a_patients_own_shows_in_the_blood(patients, noise, column):
    measured = physiology.organs(patients.take(np.arange(BLOCK)), P)[column]
    assert np.corrcoef(patients.noise[noise], np.log(measured))[0, 1] > 0.2
