"""ACTG 320 as scikit-survival ships it: published counts, and what is said where it is missing.

Published counts: Hammer et al., NEJM 1997, doi:10.1056/NEJM199709113371101.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec

import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.errors import SourceError
from healthgym_edu.survival import trial as module


@pytest.fixture(scope="module")
def trial():
    return hg.survival.actg320()


def test_events_and_deaths_are_those_of_the_paper(trial):
    by_arm = trial.groupby("arm")[["event", "died"]].sum()
    assert by_arm["event"].to_dict() == {"indinavir": 33, "no indinavir": 63}
    assert by_arm["died"].to_dict() == {"indinavir": 8, "no indinavir": 18}


def test_five_of_those_who_were_randomised_are_missing_none_with_an_event(trial):
    """577 and 579 took part: 219 and 220 with up to 50 CD4 cells, 358 and 359 with more."""
    assert len(trial) == 1156 - 5
    people = pd.crosstab(trial["stratum"], trial["arm"])
    assert people.loc["CD4 up to 50"].to_dict() == {"indinavir": 219, "no indinavir": 220}
    assert people.loc["CD4 51 to 200"].to_dict() == {"indinavir": 358 - 3, "no indinavir": 359 - 2}
    events = trial.groupby(["stratum", "arm"])["event"].sum()
    assert events["CD4 up to 50"].to_dict() == {"indinavir": 23, "no indinavir": 44}
    assert events["CD4 51 to 200"].to_dict() == {"indinavir": 10, "no indinavir": 19}


def test_labels_are_on_the_side_that_the_paper_says(trial):
    """Most were men, most were White, nearly all had never or no longer injected drugs."""
    assert (trial["sex"] == "male").sum() == 951
    assert trial["ethnicity"].value_counts().index[:3].tolist() == ["White", "Black", "Hispanic"]
    assert (trial["drug use"] == "currently").sum() == 4
    assert trial["haemophilia"].sum() == 35
    assert round(trial["cd4"].mean()) == 86
    higher = trial["stratum"] == "CD4 51 to 200"
    assert trial.loc[higher, "cd4"].median() > 100 > 30 > trial.loc[~higher, "cd4"].median()


def test_the_table_is_one_for_survival_methods(trial):
    assert trial.columns[:4].tolist() == ["PatientID", "duration", "event", "entry"]
    assert trial["PatientID"].is_unique
    assert not trial.isna().any().any()
    assert trial["event"].dtype == trial["died"].dtype == bool
    assert (trial["entry"] == 0).all()
    assert trial["duration"].between(1, 364).all()
    assert (trial["duration"] <= trial["duration_death"]).all()
    assert trial.loc[trial["died"], "event"].all()  # a death is an event, too
    assert set(trial["karnofsky"]) == {70, 80, 90, 100}
    assert trial["zidovudine months"].min() == 3


def test_the_published_hazard_ratio_comes_out(trial):
    """0.50 (0.33 to 0.76), and of death 0.43 (0.19 to 0.99); stratified by CD4 count."""
    from lifelines import CoxPHFitter

    table = trial.assign(treated=1.0 * (trial["arm"] == "indinavir"))
    published = {("duration", "event"): [0.50, 0.33, 0.76]}
    published[("duration_death", "died")] = [0.43, 0.19, 0.99]
    for (duration, event), told in published.items():
        columns = table[[duration, event, "treated", "stratum"]]
        fitted = CoxPHFitter().fit(columns, duration, event, strata="stratum")
        names = ["exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%"]
        assert fitted.summary.loc["treated", names].round(2).tolist() == told


def test_every_call_reads_a_table_of_its_own(trial):
    again = hg.survival.actg320()
    assert again is not trial
    pd.testing.assert_frame_equal(again, trial)


def without(name, package=None):
    return None


def elsewhere(folder):
    spec = ModuleSpec("sksurv", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return lambda name, package=None: spec


def test_where_it_is_missing_one_message_says_what_to_type(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(SourceError) as caught:
        hg.survival.actg320()
    told = str(caught.value)
    assert "scikit-survival, which is not installed here" in told
    assert told.endswith(": pip install --no-deps scikit-survival")
    assert caught.value.__cause__ is None


def test_where_the_file_is_missing_the_message_says_where_it_should_be(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", elsewhere(tmp_path))
    with pytest.raises(SourceError, match=r"has no datasets/data/actg320\.arff in ") as caught:
        hg.survival.actg320()
    assert str(tmp_path) in str(caught.value)
    assert module.INSTALL in str(caught.value)


def test_a_namespace_or_a_single_file_of_that_name_is_not_taken_for_it(monkeypatch):
    spec = ModuleSpec("sksurv", None)  # sksurv.py: no folder
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: spec)
    with pytest.raises(SourceError, match="is not installed here"):
        hg.survival.actg320()


def test_scikit_survival_is_never_imported():
    """It would need libraries that some computers cannot install."""
    code = (
        "import sys\n"
        "import healthgym_edu as hg\n"
        "assert len(hg.survival.actg320()) == 1151\n"
        "found = [name for name in sys.modules if name.split('.')[0] == 'sksurv']\n"
        "assert found == [], found\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
