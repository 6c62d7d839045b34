"""The script for R tells the same as the package, from the files that anybody can export."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

import healthgym_edu as hg

SCRIPT = Path(__file__).parents[1] / "Chapters" / "r" / "05_time_to_suppression.R"
ARMS = {"DRV": lambda label: "DRV" in label, "EFV": lambda label: "EFV" in label}
HORIZON = 6


@pytest.fixture(scope="module")
def needs_r():
    asked = ["Rscript", "-e", "quit(status = !requireNamespace('survival', quietly = TRUE))"]
    if shutil.which("Rscript") is None or subprocess.run(asked, check=False).returncode:
        pytest.skip("R with its package survival is not here")


@pytest.fixture(scope="module")
def cohort():
    return hg.load_cohort("art_hiv", n_patients=4000, seed=3)


@pytest.fixture(scope="module")
def times(cohort):
    return hg.survival.time_to_event(
        cohort, "suppressed_50", at_risk="Naive at entry", origin="first decision",
        horizon=HORIZON, arm=ARMS,
    )  # fmt: skip


def said_by_the_package(times) -> dict[str, float]:
    told = {f"people {arm}": float((times["arm"] == arm).sum()) for arm in ARMS}
    for words, weights in (("as they were", None), ("weighted", "propensity")):
        means = hg.survival.rmst(times, HORIZON, by="arm", weights=weights)
        told |= {f"mean {row} {words}": value for row, value in means["rmst"].items()}
        told[f"error DRV - EFV {words}"] = means.loc["DRV - EFV", "standard_error"]
    curve = hg.survival.survival_curve(times, by="arm").set_index(["group", "time"])["survival"]
    for arm in ARMS:
        for month in (3, 6):
            told[f"share {arm} not suppressed at {month}"] = curve[arm].loc[:month].iloc[-1]
    drv, efv = (times[times["arm"] == arm] for arm in ARMS)
    told["log-rank statistic"] = logrank_test(
        drv["duration"], efv["duration"], drv["event"], efv["event"]
    ).test_statistic
    table = hg.survival.design(times, ["arm"], {"arm": "EFV"})
    fitted = CoxPHFitter().fit(table, "duration", "event", fit_options={"precision": 1e-12})
    told["log hazard ratio"] = fitted.params_.iloc[0]
    told["its standard error"] = fitted.standard_errors_.iloc[0]
    return told


def run(folder, *files):
    asked = ["Rscript", str(SCRIPT), *(str(folder / file) for file in files)]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("needs_r")
def test_r_tells_the_same_to_a_millionth(cohort, times, tmp_path):
    cohort.save(tmp_path / "records.csv", layout="labelled")
    starters = times[["PatientID", "arm", "propensity"]]
    starters.to_csv(tmp_path / "starters.csv", index=False)
    assert run(tmp_path, "records.csv").returncode != 0
    done = run(tmp_path, "records.csv", "starters.csv")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "main_table.csv", index_col="quantity")["value"]
    told = said_by_the_package(times)
    assert set(table.index) == set(told)
    off = {name: (table[name], told[name]) for name in told if abs(table[name] - told[name]) > 1e-6}
    assert off == {}
    assert np.sign(table["mean DRV - EFV as they were"]) != np.sign(
        table["mean DRV - EFV weighted"]
    )  # the story of the chapter
