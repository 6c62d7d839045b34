"""Six analyses of chapter 17, each with one flaw, and what an honest team would have done.

Each function is printed in a report as it stands, so none of them may say what is wrong with it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from healthgym_edu import rl
from healthgym_edu.data import load_cohort, policy_value
from healthgym_edu.engine import first, mix, temper
from healthgym_edu.exercises import budget

from .weights_17 import (
    Estimate,
    Preferred,
    Tilted,
    course_weights,
    fitted_gain,
    learned,
    preferred,
    ratios,
    tilted,
    weighted_mean,
    with_fluid,
)

SHARP = temper("clinician", 1.2)
NEAR = mix("clinician", "protocol", 0.05)
BOLUS = 500


def sharper_care(cohort):
    batch = rl.transitions(cohort)
    target = rl.probabilities(batch, temper("clinician", 1.2))
    at = pd.MultiIndex.from_arrays([batch.patient, batch.step])
    table = cohort.frame.set_index(["PatientID", "Timepoints"]).loc[at]
    usual = learned(batch, table)  # boosted trees; each patient held out
    weight = course_weights(batch, target, usual)
    return weighted_mean(weight, batch.returns())


def bolus_first(cohort):
    batch = rl.transitions(cohort)
    bolus = with_fluid(batch, least=500)
    chance = batch.behaviour_probability @ bolus
    given = bolus[batch.action] == 1
    before = pd.Series(given).groupby(batch.place).cumsum() - given
    treated = given & (before == 0)  # the row of a patient's first bolus
    weight = np.zeros(batch.n_patients)
    weight[batch.place[treated]] = 1 / chance[treated]
    return weighted_mean(weight, batch.returns())


def by_the_guideline(cohort):
    batch = rl.transitions(cohort)
    target = rl.probabilities(batch, "protocol")
    usual = batch.behaviour_probability
    weight = course_weights(batch, target, usual)
    return weighted_mean(weight, batch.returns())


def a_little_guideline(cohort):
    batch = rl.transitions(cohort)
    target = rl.probabilities(batch, mix("clinician", "protocol", 0.05))
    ratio = ratios(batch, target, batch.behaviour_probability)
    long = pd.DataFrame({"who": batch.place, "k": batch.index, "ratio": ratio})
    wide = long.pivot(index="who", columns="k", values="ratio").fillna(0)
    weight = wide.prod(axis=1).to_numpy()
    return weighted_mean(weight, batch.returns())


def learned_preference(cohort):
    batch = rl.transitions(cohort)
    gain = fitted_gain(batch)  # expected return from here on, by action
    usual = batch.behaviour_probability
    target = preferred(gain, batch.observation, usual)
    weight = course_weights(batch, target, usual)
    return weighted_mean(weight, batch.returns())


def more_boluses(cohort):
    batch = rl.transitions(cohort)
    usual = learned(batch, batch.observation)  # boosted trees; each patient held out
    factor = 3 ** with_fluid(batch, least=500)  # odds three times as high
    target = tilted(usual, factor)
    weight = course_weights(batch, target, usual)
    return weighted_mean(weight, batch.returns())


# --- what an honest team would have done, and the truth -------------------------------------------


def _recorded(cohort, policy) -> Estimate:
    batch = rl.transitions(cohort)
    target = rl.probabilities(batch, policy)
    weight = course_weights(batch, target, batch.behaviour_probability)
    return weighted_mean(weight, batch.returns())


def _bolus_at_0(cohort) -> Estimate:
    batch = rl.transitions(cohort)
    bolus, begins = with_fluid(batch, BOLUS), batch.begins
    given = bolus[batch.action[begins]]
    chance = batch.behaviour_probability[begins] @ bolus
    return weighted_mean(given / np.where(given == 1, chance, 1.0), batch.returns())


def _trial(cohort) -> Estimate:
    value = policy_value("hypotension", "protocol", 400, seed=cohort.seed + 500)
    return Estimate(value.value, value.standard_error)


def _others(cohort) -> Estimate:
    """Learn from other patients, evaluate on these."""
    return _recorded(cohort, Preferred(_gain_of_others(cohort)))


def _gain_of_others(cohort):
    return _gain(len(cohort), cohort.seed + 501)


@cache
def _gain(n: int, seed: int):
    others = load_cohort("hypotension", n_patients=n, seed=seed)
    return fitted_gain(rl.transitions(others))


def thrice(cohort) -> Tilted:
    """Return the clinicians with three times the odds of a bolus."""
    return Tilted(3 ** with_fluid(rl.transitions(cohort), BOLUS))


HONEST = {
    "leak": ("weights of the recorded probabilities", lambda c: _recorded(c, SHARP)),
    "immortal time": ("only a bolus at hour 0 counts", _bolus_at_0),
    "unsupported": ("no estimate; a trial of 400 patients", _trial),
    "alive only": ("the dead keep their last weight", lambda c: _recorded(c, NEAR)),
    "training patients": ("the policy learned from other patients", _others),
    "confounding": (
        "weights of the recorded probabilities",
        lambda c: _recorded(c, thrice(c)),
    ),
}
"""What was done instead, and the estimate from a cohort, by flaw."""


def true_values(cohort, confounded, n_patients: int | None = None) -> dict[str, float]:
    """Return the true value of each analysis's policy, by flaw, from so many new patients."""
    n_patients = n_patients or budget(2000, quick=400)

    def value(policy, n=n_patients, **more) -> float:
        return policy_value("hypotension", policy, n, seed=77, **more).value

    large = ("fluid 500", "fluid 1000")
    return {
        "leak": value(SHARP),
        "immortal time": value(first(lambda label: label.startswith(large))),
        "unsupported": value("protocol"),
        "alive only": value(NEAR),
        "training patients": value(Preferred(_gain_of_others(cohort)), n_patients // 3),
        "confounding": value(thrice(confounded), confounded="strong"),
    }
