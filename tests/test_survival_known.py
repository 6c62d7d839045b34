"""The truths that chapters show are those of the mechanism as it is now."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import known

truth = sys.modules["healthgym_edu.survival.truth"]  # the function has the same name
NAMES = sorted(json.loads(Path(known.__file__).with_name(known.KEPT).read_text(encoding="utf-8")))
PEOPLE = 20_000


@pytest.fixture(scope="module", autouse=True)
def _the_same_twins_are_simulated_once():
    """Three truths ask the same twins about other events and horizons, one after the other."""
    chunks = -(-PEOPLE // truth.CHUNK)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((known, "with_drug"), (truth, "first"), (truth, "simulate")):
            patch.setattr(module, name, lru_cache(2 * chunks)(getattr(module, name)))
        yield


@pytest.mark.parametrize("name", NAMES)
def test_other_people_tell_the_same(name):
    kept = hg.survival.known_truth(name)
    assert kept.attrs["recipe"]["n_patients"] >= 200_000
    again = known.recompute(kept.attrs["recipe"], n_patients=PEOPLE, seed=41)
    assert list(again.index) == list(kept.index)
    assert again.attrs["people"] / PEOPLE == pytest.approx(
        kept.attrs["people"] / kept.attrs["recipe"]["n_patients"], rel=0.1
    )
    pair = kept.index[-1]
    for what in ("risk", "rmst", "log_hazard_ratio"):
        error = np.hypot(kept.loc[pair, f"{what}_error"], again.loc[pair, f"{what}_error"])
        assert abs(kept.loc[pair, what] - again.loc[pair, what]) < 4.5 * error
        assert 0 < again.loc[pair, f"{what}_error"] < 0.5 * abs(kept.loc[pair, what])


def test_a_truth_that_nobody_computed_is_refused_with_the_names():
    with pytest.raises(ArgumentError, match="DRV - EFV, 6 months"):
        hg.survival.known_truth("DRV - EFV, 7 months")


def test_what_is_returned_can_be_changed_without_harm():
    table = hg.survival.known_truth(NAMES[0])
    table.loc[:, :] = 0.0
    table.attrs["recipe"]["horizon"] = 0
    assert hg.survival.known_truth(NAMES[0]).to_numpy().any()
    assert hg.survival.known_truth(NAMES[0]).attrs["recipe"]["horizon"] > 0
