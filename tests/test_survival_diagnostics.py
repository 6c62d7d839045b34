"""Proportional hazards are not doubted where they hold, and doubted where they do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import diagnose_ph, proportional_hazards


def crossing(n=1500, seed=0):
    """The treatment helps in the first half year and harms later."""
    rng = np.random.default_rng(seed)
    treated = rng.integers(0, 2, n)
    early, late = 0.12 * np.exp(-1.2 * treated), 0.12 * np.exp(0.8 * treated)
    first, second = rng.exponential(size=(2, n))
    when = np.where(first / early < 6, first / early, 6 + second / late)
    duration = np.minimum(np.ceil(when), 9)
    return pd.DataFrame({"duration": duration, "event": when <= 9, "treated": treated})


def as_episodes(times, seed=0):
    """The same people in start–stop rows, cut at random."""
    rng, rows = np.random.default_rng(seed), []
    for who, one in enumerate(times.itertuples()):
        inner = [at for at in range(1, int(one.duration)) if rng.random() < 0.3]
        edges = [0, *inner, int(one.duration)]
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            rows.append((who, start, stop, one.event and stop == one.duration, one.treated))
    return pd.DataFrame(rows, columns=["PatientID", "start", "stop", "event", "treated"])


def test_where_hazards_are_proportional_one_in_twenty_is_doubted():
    found = [
        diagnose_ph(proportional_hazards(400, seed), ["treated", "age"]).table.loc["treated", "p"]
        for seed in range(100)
    ]
    assert 1 <= (np.array(found) < 0.05).sum() <= 11
    assert 0.35 < np.mean(found) < 0.65


def test_an_effect_that_turns_is_found_and_said():
    diagnosis = diagnose_ph(crossing(), ["treated"])
    row = diagnosis.table.loc["treated"]
    assert row["p"] < 1e-6
    assert row["early"] == pytest.approx(-1.2, abs=0.25)  # what the world was made with
    assert row["late"] == pytest.approx(0.8, abs=0.25)
    by_time = diagnosis.residuals["treated"].groupby(level="time").mean()
    assert by_time.loc[:6].mean() == pytest.approx(row["early"], abs=0.3)
    assert by_time.loc[7:].mean() == pytest.approx(row["late"], abs=0.3)

    said = str(diagnosis)
    assert said.startswith("The hazard ratio of treated changes with time")
    assert "restricted means" in said
    early, late = np.exp([row["early"], row["late"]])
    assert f"{early:.2f} early and {late:.2f} late" in said
    assert len(diagnosis.residuals) == crossing()["event"].sum()


def test_episodes_tell_the_same_as_one_row_for_each_patient():
    times = crossing()
    one, many = diagnose_ph(times, ["treated"]), diagnose_ph(as_episodes(times), ["treated"])
    assert np.allclose(one.table[["early", "late"]], many.table[["early", "late"]], atol=1e-4)
    assert many.table.loc["treated", "p"] < 1e-6
    assert many.residuals is None
    found = [
        diagnose_ph(as_episodes(proportional_hazards(300, seed), seed), ["treated"]).table
        for seed in range(30)
    ]
    assert sum(table.loc["treated", "p"] < 0.05 for table in found) <= 5


def test_words_of_two_values_are_taken_as_numbers():
    times = crossing()
    words = times.assign(treated=times["treated"].map({0: "no", 1: "yes"}))
    one, other = diagnose_ph(times, ["treated"]), diagnose_ph(words, ["treated"])
    assert np.allclose(one.table, other.table)


@pytest.mark.parametrize(
    ("change", "covariates", "said"),
    [
        ({}, ["dose"], "no column 'dose'"),
        ({"treated": 1}, ["treated"], "the same for everybody"),
        ({"event": [True] + [False] * 1499}, ["treated"], "1 events are too few"),
    ],
)
def test_what_cannot_be_tested_is_refused(change, covariates, said):
    with pytest.raises(ArgumentError, match=said):
        diagnose_ph(crossing().assign(**change), covariates)


def test_a_covariate_that_separates_is_named_as_such():
    times = crossing()
    for column in (1e6 * times["event"], times["treated"] * ~times["event"]):
        with pytest.raises(ArgumentError, match="no finite hazard ratio of 'treated'"):
            diagnose_ph(times.assign(treated=column), ["treated"])
