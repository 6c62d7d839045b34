"""Sepsis, arrow by arrow: raise one thing, and another must rise (+), fall (-) or stay (0).

Each row raises something in patients who have lived for two blocks under mixed treatment, and looks
at what follows in the same patients.  A sign flipped in the mechanism, the clinician or the reward
turns an arrow round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from arrows import after_mixed_treatment, assert_arrow, field, pair, to

from healthgym_edu.conditions.sepsis import MECHANISM, care, physiology, signals
from healthgym_edu.conditions.sepsis.care import COLUMN, PANELS
from healthgym_edu.conditions.sepsis.physiology import LUNG, ORGANS, SEVERITY
from healthgym_edu.conditions.sepsis.signals import DRIVER
from healthgym_edu.engine import BLOCK

P = MECHANISM.parameters
LEVELS = np.arange(25)


@pytest.fixture(scope="module")
def patients():
    return after_mixed_treatment(MECHANISM, 2)


# --- what may be raised --------------------------------------------------------------------------


def driver(name, by=1.0):
    def change(state):
        state.drivers = state.drivers.copy()
        state.drivers[:, DRIVER[name]] += by

    return change


def organs(state):
    state.drivers = state.drivers.copy()
    state.drivers[:, ORGANS] += 1.0


def shown(name, low, high):
    """From a low to a high value on record."""

    def change(state):
        state.shown = state.shown.copy()
        state.shown[:, COLUMN[name]] = high

    def before(state):
        state.shown = state.shown.copy()
        state.shown[:, COLUMN[name]] = low

    change.before = before
    return change


# --- what is looked at ---------------------------------------------------------------------------


def pressure(state):
    return physiology.mean_pressure(state, physiology.filling(state, P), P)


def lived(name):
    def look(state):
        physiology.advance(state, P)
        return getattr(state, name).astype(float)

    return look


def organ_after(position):
    def look(state):
        physiology.advance(state, P)
        return state.drivers[:, position]

    return look


def breathing(state):
    """Who has a tube after the block; many are put in, and many taken out."""
    physiology._breathe(state, replace(P, intubate=-1.0, extubate=0.0))
    return state.ventilated.astype(float)


def dying(state):
    """Who dies in the block, with a higher base so that there are many."""
    physiology._die(state, replace(P, death_base=-1.0))
    return (~state.alive).astype(float)


def value(name):
    return lambda state: care.true_values(state, P)[:, COLUMN[name]].astype(float)


def expected(level):
    def look(state):
        return MECHANISM.clinician(state) @ level

    return look


dose, fluid = expected(LEVELS % 5), expected(LEVELS // 5)


def on(state):
    return expected(LEVELS % 5 > 0)(state)


def reward(state):
    return MECHANISM.reward(state)


STARVED = pair(to("dose", 0.0), field("resistance", -300.0))
HIGH = pair(lambda state: (to("dose", 0.0)(state), field("resistance", 600.0)(state)),
            to("dose", 0.9))  # fmt: skip
TUBE = pair(to("ventilated", False), to("ventilated", True))


def of(function):
    return lambda state: function(state, P)


late, goal, sick = of(physiology.late_risk), of(physiology.lactate_goal), of(care.looking_sick)

ARROWS = {
    # circulation
    "severity widens vessels": (field("severity", 1.0), pressure, "-"),
    "a vasopressor raises the pressure": (field("effect", 0.2), pressure, "+"),
    "what is lacking lowers it": (field("deficit", 1.0), pressure, "-"),
    "a full heart raises it": (field("volume", 400.0), pressure, "+"),
    "a larger dose has more effect": (field("dose", 0.2), lived("effect"), "+"),
    "sickness weakens it": (pair(to("dose", 0.3), field("severity", 1.0)), lived("effect"), "-"),
    "an insensitive patient has less": (field("ec50", 0.3), lived("effect"), "-"),
    "fluid makes good what is lacking": (field("fluid_ml", 500.0), lived("deficit"), "-"),
    "fluid beyond need stays": (field("fluid_ml", 2000.0), lived("retained"), "+"),
    "the sick leak": (field("severity", 1.0), lived("deficit"), "+"),
    # ischaemia and what it does
    "low pressure starves tissues": (STARVED, lived("ischaemia"), "+"),
    "lacking volume, too": (pair(to("dose", 0.0), field("deficit", 2.0)), lived("ischaemia"), "+"),
    "so does vasopressor at a high pressure": (HIGH, lived("squeezed"), "+"),
    "ischaemia makes lactate": (field("ischaemia", 0.5), goal, "+"),
    "severity makes lactate": (field("severity", 1.0), goal, "+"),
    "starved patients get sicker": (STARVED, lived("severity"), "+"),
    "an infection makes sicker": (field("infection", 0.5), lived("severity"), "+"),
    "control clears it": (field("control", 0.1), lived("infection"), "-"),
    "starved kidneys are injured": (STARVED, organ_after(DRIVER["kidney"]), "+"),
    "retained fluid stiffens lungs": (field("retained", 3.0), organ_after(LUNG), "+"),
    "severity is known to the signals": (field("severity", 1.0), organ_after(SEVERITY), "+"),
    # breathing
    "a sick lung keeps its tube": (pair(to("ventilated", True), driver("lung")), breathing, "+"),
    "so do the sick": (pair(to("ventilated", True), field("severity", 1.0)), breathing, "+"),
    "a sick lung gets a tube": (pair(to("ventilated", False), driver("lung")), breathing, "+"),
    "so do the very sick": (pair(to("ventilated", False), field("severity", 1.0)), breathing, "+"),
    # death
    "the sick die": (field("severity", 1.0), dying, "+"),
    "the starved die": (field("ischaemia", 0.5), dying, "+"),
    "the squeezed die less at once than the starved": (field("squeezed", 0.3), dying, "-"),
    "the drowned die": (field("retained", 5.0), dying, "+"),
    "the injured die": (organs, dying, "+"),
    "the old die": (driver("age"), dying, "+"),
    "late: the sick": (field("severity", 1.0), late, "+"),
    "late: the injured": (organs, late, "+"),
    "late: the old": (driver("age"), late, "+"),
    "late: the drowned": (field("retained", 3.0), late, "+"),
    "late: lactate": (field("lactate", 2.0), late, "+"),
    # what is measured of it
    "failing kidneys": (driver("kidney"), value("Creatinine"), "+"),
    "failing kidneys make less urine": (driver("kidney"), value("Output4H"), "-"),
    "pressure makes urine": (field("resistance", 300.0), value("Output4H"), "+"),
    "a failing brain": (driver("brain"), value("GCS"), "-"),
    "failing lungs need oxygen": (driver("lung"), value("FiO2"), "+"),
    "lactate uses up bicarbonate": (field("lactate", 4.0), value("HCO3"), "-"),
    "and makes blood acid": (field("lactate", 4.0), value("pH"), "-"),
    "a failing liver": (driver("liver"), value("SGOT"), "+"),
    "slow clotting": (driver("clotting"), value("PT"), "+"),
    "retained fluid dilutes": (driver("dilution"), value("Hb"), "-"),
    "who looks sick is drawn": (field("recent", -30.0), sick, "+"),
    "lactate looks sick": (shown("Lactate", 1.0, 4.0), sick, "+"),
    "coma looks sick": (shown("GCS", 5, 12), sick, "-"),
    # the clinician
    "a lower pressure, more vasopressor": (field("recent", -8.0), dose, "+"),
    "and more fluid": (field("recent", -8.0), fluid, "+"),
    "a high lactate, more fluid": (shown("Lactate", 1.0, 4.0), fluid, "+"),
    "little urine, more fluid": (shown("Output4H", 300.0, 20.0), fluid, "+"),
    "much in hand, less fluid": (field("balance", 5.0), fluid, "-"),
    "a tube, more vasopressor": (TUBE, on, "+"),
    "a tube, more fluid": (TUBE, fluid, "+"),
    "a dose is kept": (pair(to("vasopressor", 0), to("vasopressor", 2)), dose, "+"),
    "a flow is kept": (pair(to("fluid", 1), to("fluid", 3)), fluid, "+"),
    "hidden severity is not seen": (field("severity", 1.0), dose, "0"),
    # the reward
    "risk that rose costs": (field("risk", 0.1), reward, "-"),
    "a vasopressor costs": (field("vasopressor", 1), reward, "-"),
    "fluid costs": (field("fluid_ml", 500.0), reward, "-"),
}  # fmt: skip


@pytest.mark.parametrize("arrow", ARROWS)
def test_an_arrow_points_where_it_should(patients, arrow):
    assert_arrow(patients, *ARROWS[arrow])


@pytest.mark.parametrize("one", range(len(PANELS)))
def test_each_panel_has_chance_of_its_own(one):
    """Whether one panel is drawn says nothing about another beyond what both depend on."""
    noise = MECHANISM.draw(0, 3).steps["panels"].reshape(-1, len(PANELS))
    others = np.delete(noise, one, axis=1)
    r = [np.corrcoef(noise[:, one], column)[0, 1] for column in others.T]
    assert np.abs(r).max() < 0.04


CONSTANTS = {
    "losses": (0.5, "deficit"),
    "leak": (0.3, "deficit"),
    "harm": (0.5, "severity"),
    "emax": (0.3, "effect"),
    "hypovolaemia": (0.3, "ischaemia"),
    "retained_keep": (0.05, "retained"),
    "lactate_ischaemia": (0.5, "lactate"),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_does_what_its_name_says(patients, name):
    by, risen = CONSTANTS[name]
    found = []
    for parameters in (P, replace(P, **{name: getattr(P, name) + by})):
        state = patients.take(np.arange(BLOCK))
        physiology.advance(state, parameters)
        found.append(getattr(state, risen))
    moved = found[1] - found[0]
    assert moved.min() > -1e-12
    assert moved.max() > 0.001


@pytest.mark.parametrize(
    ("noise", "fact", "sign"),
    [("age", "resistance", -1), ("age", "age", 1), ("severity", "severity", 1),
     ("output", "resistance", -1), ("output", "output", 1), ("sensitivity", "ec50", 1),
     ("response", "response", 1), ("control", "control", 1), ("deficit", "deficit", 1),
     ("input_before", "input_total", 1), ("output_before", "output_total", 1),
     ("severity", "risk", 1), ("severity", "ventilated", 1)],
)  # fmt: skip
def test_who_comes_follows_what_was_drawn(noise, fact, sign):
    state = MECHANISM.start(MECHANISM.draw(0, 4))
    r = np.corrcoef(state.noise[noise], getattr(state, fact).astype(float))[0, 1]
    assert sign * r > 0.08


NEGATIVE = {
    "own": {
        ("Hb", "SpO2"), ("RR", "SpO2"), ("Hb", "BUN"), ("Hb", "PT"), ("K", "base"), ("K", "Na"),
    },
    "drift": {("PT", "Hb"), ("PTT", "Hb")},
}  # fmt: skip
FALLS = {  # signals that a driver lowers
    "severity": "base", "kidney": "urine base Temp", "age": "urine Temp HR",
    "female": "Creatinine Hb",
    "readmitted": "urine Hb", "clotting": "PlateletsCount Albumin", "lung": "PaO2 SpO2",
    "dilution": "PlateletsCount Ca Albumin Hb", "deadly": "PlateletsCount GCS", "brain": "GCS",
}  # fmt: skip


def test_signals_move_together_or_against_each_other_as_they_should():
    together = {"own": signals.OWN_TOGETHER, "drift": signals.DRIFT_TOGETHER}
    for name, pairs in together.items():
        assert {pair for pair, r in pairs.items() if r < 0} == NEGATIVE[name]


def test_drivers_lower_what_they_should_and_raise_the_rest():
    for signal in signals.SIGNALS:
        pulls = signal.pulls | ({"deadly": signal.deadly} if signal.deadly else {})
        for driver_name, weight in pulls.items():
            assert (weight < 0) == (signal.name in FALLS.get(driver_name, "").split())


def test_the_scores_of_one_signal_are_those_of_all(patients):
    everything = physiology.scores(patients)
    for column in range(everything.shape[1]):
        np.testing.assert_allclose(physiology.score(patients, column), everything[:, column])


def test_a_tube_stays_for_days_and_comes_out_in_the_end(patients):
    state = patients.take(np.arange(BLOCK))
    state.ventilated = np.ones(BLOCK, dtype=bool)
    physiology.advance(state, P)
    out = (~state.ventilated & state.alive).sum() / state.alive.sum()
    assert 0.02 < out < 0.2
