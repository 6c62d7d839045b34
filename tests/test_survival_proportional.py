"""In the cohort whose coefficient is known, the intervals of the methods cover it."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, CoxTimeVaryingFitter

from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import cumulative_incidence, proportional_hazards, rmst
from healthgym_edu.survival.proportional import HIGHEST, Proportional, true_rmst

WORLD = Proportional()
SEEDS = range(200)
HORIZON = 18


@pytest.fixture(scope="module")
def tables():
    return [proportional_hazards(500, seed) for seed in SEEDS]


def test_cox_covers_the_log_hazard_ratio(tables):
    low, high = [], []
    for table in tables:
        columns = ["duration", "event", "treated", "age"]
        fitted = CoxPHFitter().fit(table[columns], "duration", "event")
        ends = fitted.confidence_intervals_.loc["treated"]
        low.append(ends.iloc[0])
        high.append(ends.iloc[1])
    covered = (np.array(low) <= WORLD.treatment) & (np.array(high) >= WORLD.treatment)
    assert 180 <= covered.sum() <= 198
    middle = (np.array(low) + np.array(high)) / 2
    assert abs(middle.mean() - WORLD.treatment) < 0.03


def test_time_varying_cox_is_the_same_on_episodes_that_have_come_apart(tables):
    """Each patient's follow-up is cut at random months: nothing may change."""
    rng = np.random.default_rng(0)
    for table in tables[:10]:
        rows = []
        for one in table.itertuples():
            inner = np.arange(1, one.duration)[rng.random(one.duration - 1) < 0.2]
            cuts = np.unique([0, *inner, one.duration])
            rows += [
                (
                    one.PatientID,
                    start,
                    stop,
                    one.event and stop == one.duration,
                    one.treated,
                    one.age,
                )
                for start, stop in zip(cuts[:-1], cuts[1:], strict=True)
            ]
        names = ["id", "start", "stop", "event", "treated", "age"]
        episodes = pd.DataFrame(rows, columns=names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            varying = CoxTimeVaryingFitter().fit(episodes, id_col="id", event_col="event")
        columns = ["duration", "event", "treated", "age"]
        plain = CoxPHFitter().fit(table[columns], "duration", "event")
        assert np.allclose(varying.params_["treated"], plain.params_["treated"], atol=1e-4)


def test_restricted_means_cover_the_truth(tables):
    truth = true_rmst(WORLD, HORIZON)
    found = [rmst(table, HORIZON, by="treated").loc["0 - 1"] for table in tables]
    covered = sum(one["lower"] <= -truth <= one["upper"] for one in found)
    assert 180 <= covered <= 198
    assert truth > 0.5


def test_the_coefficient_matters_to_the_test(tables):
    """Half the effect is covered far less often: the check can fail."""
    found = [rmst(table, HORIZON, by="treated").loc["0 - 1"] for table in tables]
    wrong = true_rmst(replace(WORLD, treatment=WORLD.treatment / 8), HORIZON)
    assert sum(one["lower"] <= -wrong <= one["upper"] for one in found) < 150


def test_competing_events_take_their_share():
    world = replace(WORLD, treatment=0.0, age=0.0, competing=0.03, censoring=0.0)
    table = proportional_hazards(40_000, seed=3, world=world)
    shares = cumulative_incidence(table).set_index("time").loc[12]
    rates = np.array([world.baseline, world.competing])
    expected = rates / rates.sum() * (1 - np.exp(-12 * rates.sum()))
    assert np.allclose(shares[["event", "competing"]].to_numpy(float), expected, atol=0.01)


def test_the_same_seed_draws_the_same_patients():
    one, again = proportional_hazards(50, seed=4), proportional_hazards(50, seed=4)
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(proportional_hazards(50, seed=5))


@pytest.mark.parametrize(
    "world", [Proportional(baseline=0.2), Proportional(baseline=0.0), Proportional(competing=0.5)]
)
def test_hazards_stay_small(world):
    with pytest.raises(ArgumentError, match=f"between 0 and {HIGHEST}"):
        proportional_hazards(50, world=world)
