"""Sepsis: whom treatment helps, how harmful it looks, and what the clinician might conceivably do.

Short versions of ``benchmarks/sepsis_treatment.py``; differences are of the same patients.
"""

from __future__ import annotations

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions.sepsis import MECHANISM
from healthgym_edu.conditions.sepsis.clinician import CONCEIVABLE, FLUID_LABELS, USUAL
from healthgym_edu.conditions.sepsis.guideline import guideline
from healthgym_edu.engine import BLOCK, live_block, resolve_policy

N = 4 * BLOCK
NAMES = MECHANISM.observation_names


def no_vasopressor(label):
    return label.split(",")[0] + ", vasopressor 0"


def aiming(goal):
    """The guideline with another goal for the pressure."""
    return lambda seen: np.eye(25)[guideline(dict(zip(NAMES, seen.T, strict=True)), goal)]


POLICIES = {
    "clinician": "clinician",
    "clinician, bare": hg.remap("clinician", no_vasopressor),
    "guideline": "protocol",
    "guideline, bare": hg.remap("protocol", no_vasopressor),
    "80-86": aiming((80, 86)),
    "64-70": aiming((64, 70)),
    **{f"fluid {fluid}": f"fluid {fluid}, vasopressor 0" for fluid in FLUID_LABELS},
}


@pytest.fixture(scope="module")
def lives():
    """Return, by policy, the value, death by day 90, and whether a vasopressor ever ran."""
    found = {}
    for name, policy in POLICIES.items():
        choose, parts = resolve_policy(MECHANISM, policy), []
        for block in range(N // BLOCK):
            ever = np.zeros(BLOCK, dtype=bool)

            def note(rows, state, ever=ever):
                ever[rows] |= state.vasopressor > 0

            one = live_block(MECHANISM, block, 0, choose, watch=note, keep=False)
            parts.append((one.paid, MECHANISM.outcome(one.state)["Died in 90 days"], ever))
        found[name] = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return found


def gap(lives, one, other, what, among=slice(None)):
    """Paired difference and twice its standard error: of values (0) or of deaths (1)."""
    found = (lives[one][what].astype(float) - lives[other][what])[among]
    return found.mean(), 2 * found.std(ddof=1) / np.sqrt(len(found))


def test_the_clinicians_vasopressor_helps(lives):
    worth, error = gap(lives, "clinician", "clinician, bare", 0)
    assert worth - error > 0.1
    deaths, error = gap(lives, "clinician", "clinician, bare", 1)
    assert deaths + error < 0


def test_the_guidelines_vasopressor_helps(lives):
    deaths, error = gap(lives, "guideline", "guideline, bare", 1)
    assert deaths + error < -0.02


@pytest.mark.parametrize("fluid", FLUID_LABELS)
def test_no_constant_fluid_alone_reaches_the_clinicians(lives, fluid):
    worth, error = gap(lives, f"fluid {fluid}", "clinician", 0)
    assert worth + error < 0


def test_too_high_a_goal_does_some_harm_and_less_than_no_vasopressor(lives):
    states = [MECHANISM.start(MECHANISM.draw(block, 0)) for block in range(N // BLOCK)]
    came = np.concatenate([state.vasopressor > 0 for state in states])
    deaths, _ = gap(lives, "80-86", "64-70", 1, came)
    assert 0 < deaths < 0.05
    deaths, error = gap(lives, "80-86", "guideline, bare", 1, came)
    assert deaths + error < 0


def test_it_looks_harmful_all_the_same(lives):
    """Confounding by indication: the crude odds ratio is far on the other side of 1."""
    _, died, ever = lives["clinician"]
    table = [(had & fate).sum() for had in (ever, ~ever) for fate in (died, ~died)]
    assert table[0] * table[3] / (table[1] * table[2]) > 1.8


# --- what is usual, and what is conceivable ------------------------------------------------------


def test_what_is_usual_is_conceivable():
    assert (USUAL <= CONCEIVABLE).all()
    assert CONCEIVABLE.sum() > USUAL.sum()


@pytest.fixture(scope="module")
def asked():
    """Return states at decisions under the guideline, and what it chose."""
    states, chosen = [], []

    def choose(state):
        probability = MECHANISM.follow_guideline(MECHANISM.observe(state))
        states.append(state.take(np.arange(len(state))))
        chosen.append(probability.argmax(axis=1))
        return probability

    live_block(MECHANISM, 0, 5, choose)
    return list(zip(states, chosen, strict=True))


def test_the_guideline_never_does_what_is_inconceivable(asked):
    outside = 0
    for state, action in asked:
        rows = np.arange(len(action))
        probability = MECHANISM.clinician(state)
        assert probability.sum(axis=1) == pytest.approx(1.0)
        assert probability[rows, action].min() > 0
        outside += (~MECHANISM.admissible(state)[rows, action]).sum()
    assert outside > 0  # and what is unusual it does


def test_random_choice_stays_among_what_is_usual(asked):
    uniform = resolve_policy(MECHANISM, "random")
    for state, _ in asked[::4]:
        usual = MECHANISM.admissible(state)
        probability = uniform(state)
        assert ((probability > 0) == usual).all()
        clinician = MECHANISM.clinician(state)
        rare = (clinician > 0) & ~usual
        assert clinician[rare].max(initial=0) <= 0.1 / 3


def test_one_guideline_steps_outside_of_what_clinicians_might_do():
    """With "high target" records hold no patient to learn from in a quarter of decisions."""
    outside = {}
    for name in ("protocol", "high target"):
        missed = []

        def look(state, name=name, missed=missed):
            chosen = MECHANISM.follow_guideline(MECHANISM.observe(state), name)
            usual = MECHANISM.clinician(state)
            missed.extend((chosen * usual).sum(axis=1) == 0)
            return usual

        live_block(MECHANISM, 0, 0, look, keep=False)
        outside[name] = np.mean(missed)
    assert outside["protocol"] == 0
    assert 0.2 < outside["high target"] < 0.4
    worse, usual = (hg.policy_value("sepsis", name, 3000) for name in ("high target", "clinician"))
    assert usual.minus(worse).value > 0.1
    assert hg.simulate("sepsis", 5, "high target").source == "simulated, high target policy"
