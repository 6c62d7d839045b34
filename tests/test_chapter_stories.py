"""What chapters say of a person's hidden state, which no record shows, is so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.calibration.correlations import code_table, matrix_distance
from healthgym_edu.conditions.art_hiv import ArtHiv
from healthgym_edu.conditions.hypotension import Hypotension
from healthgym_edu.conditions.hypotension.care import looking_sick
from healthgym_edu.conditions.sepsis import Parameters, Sepsis
from healthgym_edu.conditions.sepsis.care import PANELS
from healthgym_edu.engine import BLOCK, live_block, resolve_policy
from healthgym_edu.metrics import cycle_correlations


def live_as_told(mechanism, policy, block=0, watch=None):
    """Live a block of the default cohort under a policy."""
    return live_block(mechanism, block, 0, resolve_policy(mechanism, policy), watch=watch)


def resistant_to_nnrti(policy: str, patient: int) -> bool:
    """Look at the virus at the end of five years."""
    block, row = divmod(patient, BLOCK)
    return bool(live_as_told(ArtHiv(), policy, block).state.resistant["NNRTI"][row])


@pytest.mark.parametrize(
    ("policy", "patient", "resistant"),
    [
        ("FTC + TDF + EFV", 1922, True),  # chapter 00: "it has become resistant"
        ("3TC + ABC + DTG", 1922, False),  # nor was it when he was infected
        ("3TC + ABC + EFV", 809, False),  # chapter 01: the talk about pills helped
        ("clinician", 809, False),
    ],
)
def test_resistance_in_the_stories(policy, patient, resistant):
    assert resistant_to_nnrti(policy, patient) is resistant


def test_the_talk_about_pills_in_chapter_01_is_help_with_adherence():
    """Both lives of person 809 are helped once, at the failure of month 44."""
    for policy in ("clinician", "3TC + ABC + EFV"):
        helped = []

        def look(rows, state, helped=helped):
            helped.extend(state.supported[rows == 809])

        live_as_told(ArtHiv(), policy, watch=look)
        assert helped[43] == 0
        assert max(helped[44:59]) == 1


def test_the_patient_of_chapter_03_was_sicker_than_the_ward_could_see():
    """One point of three of looking sick, for low pressure; sicker than nine in ten in truth."""
    mechanism, patient = Hypotension(), 148
    points, sicker = [], []

    def look(rows, state):
        assert state.alive.all()
        if patient in rows:
            (here,) = np.flatnonzero(rows == patient)
            points.append(looking_sick(state, mechanism.parameters)[here])
            sicker.append((state.severity < state.severity[here]).mean())

    live_as_told(mechanism, "clinician", watch=look)
    assert len(points) == 35  # dies in hour 34
    assert set(points) == {1.0}
    assert np.mean(np.array(sicker) > 0.9) > 0.7


def test_the_lactate_of_the_patient_of_chapter_02_was_drawn_once_in_28_hours():
    """The table shows 2.64 in blocks 0 to 6: one sample."""
    patient, drawn = 1650 - 1024, []  # in the second block of patients

    def look(rows, state):
        drawn.extend(state.measured[rows == patient, list(PANELS).index("lactate")])

    live_as_told(Sepsis(), "clinician", block=1, watch=look)
    assert len(drawn) >= 7
    assert [bool(one) for one in drawn[:7]] == [False] * 6 + [True]  # at hour 24, carried back


def test_large_infusions_kill_by_what_is_retained():
    """Chapter 02: "fluid that the body does not need collects in the lungs"."""

    def always_large(observations):
        dose = Sepsis().follow_guideline(observations).argmax(axis=1) % 5
        return np.eye(25)[20 + dose]

    def excess(parameters):
        policies = {"guideline": "protocol", "large": always_large}
        worlds = hg.twins("sepsis", policies, 2000, parameters=parameters)
        died = {name: world.patients["Died in 90 days"].mean() for name, world in worlds.items()}
        return died["large"] - died["guideline"]

    harmless = {"death_retained": 0.0, "late_retained": 0.0, "lung_overload": 0.0}
    assert excess(Parameters()) > 0.05
    assert excess(replace(Parameters(), **harmless)) < 0.02


def test_halves_of_a_cohort_agree_less_than_the_published_cycle_correlations():
    """What the published cycle correlations of sepsis can be compared with: not much."""
    table = hg.calibration.calibration_table("sepsis").set_index("quantity")
    published = table.loc["cycle correlations: mean |Δr|, strong pairs", "released"]
    halves = []
    cohort = hg.load_cohort("sepsis")
    names = [variable.name for variable in cohort.schema if variable.kind not in ("id", "step")]
    for half in cohort.split(0.5, seed=0):
        codes = code_table(half.frame, half.schema, names, {})
        halves.append(cycle_correlations(codes, half.frame["PatientID"].to_numpy()))
    assert matrix_distance(*halves)["strong"] > 2 * published


def test_who_still_waits_under_dtg_in_chapter_05_takes_few_pills():
    """Of the DTG starters not suppressed by month 3, nine in ten are below the usual adherence."""
    art, hidden = hg.load_cohort("art_hiv"), []
    for block in range(-(-len(art) // BLOCK)):
        seen = []

        def look(rows, state, seen=seen):
            if not seen:
                seen.append(state.noise["adherence"].copy())

        live_as_told(ArtHiv(), "clinician", block, look)
        hidden.append(seen[0])
    arms = {"DTG": lambda regimen: "DTG" in regimen}
    times = hg.survival.time_to_event(
        art, "suppressed_50", at_risk="Naive at entry", origin="first decision", arm=arms
    )
    adherence = np.concatenate(hidden)[times["PatientID"]]
    waiting = (times["duration"] > 3).to_numpy()
    assert (adherence[waiting] < 0).mean() > 0.8
    assert adherence[~waiting].mean() > 0.3
