"""The table of chapter 06: sound without its faults, and each fault with its own symptom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.checks import audit_06
from healthgym_edu.checks.case_06 import (
    COVARIATES,
    DRUGS,
    FAULTS,
    has_drug,
    published_table,
    short_codes,
)
from healthgym_edu.errors import ArgumentError

REGIMEN = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
ROW = ["PatientID", "start", "stop", "event"]


@pytest.fixture(scope="module")
def art():
    return hg.load_cohort("art_hiv", n_patients=1200, seed=3)


@pytest.fixture(scope="module")
def sound(art):
    return published_table(art, faults=[])


def failing(frame):
    return frame["VL"] > 1000


def follow_up(rows):
    return rows.groupby("PatientID")["stop"].max()


def months(rows):
    return int((rows["stop"] - rows["start"]).sum())


@pytest.mark.parametrize("horizon", [1, 6, 12, 59])
def test_without_faults_it_is_the_table_of_counting_process(art, horizon):
    rows = published_table(art, faults=[], horizon=horizon)
    expected = hg.survival.counting_process(
        art, "suppressed_1000", [*REGIMEN, "Rel CD4", "Gender"], at_risk=failing, horizon=horizon
    )
    pd.testing.assert_frame_equal(rows[ROW], expected[ROW], check_dtype=False)
    assert rows["rel_cd4"].tolist() == expected["Rel CD4"].tolist()
    assert (rows["female"] == (expected["Gender"] == "Female")).all()
    columns = {"dtg": "Comp. INI", "efv": "Comp. NNRTI", "lpv": "Extra PI", "rtv": "Extra PI"}
    for drug, column in columns.items():
        assert (rows[drug] == (expected[column] == drug.upper())).all()
    boosted = expected["Base Drug Combo"].str.contains("RTVB") | (expected["Extra PI"] == "RTVB")
    assert (rows["rtvb"] == boosted).all()
    assert (rows["cobi"] == expected["Extra pk-En"]).all()


def test_the_order_of_the_records_does_not_matter(art, sound):
    other = replace(art, frame=art.frame.sample(frac=1, random_state=1))
    assert published_table(other, faults=[]).equals(sound)


def test_censored_everybody_is_an_event_at_the_end(art, sound):
    rows = published_table(art, ["censored"])
    others = [name for name in rows if name != "event"]
    assert rows[others].equals(sound[others])
    assert rows["event"].sum() == rows["PatientID"].nunique() > sound["event"].sum()
    added = rows[rows["event"] & ~sound["event"]]
    assert (added["stop"] == 12).all()
    last = rows.groupby("PatientID").tail(1).rename(columns={"stop": "duration"})
    assert hg.survival.survival_curve(last)["survival"].iloc[-1] == 0


def test_dropped_months_are_in_no_row(art, sound):
    rows = published_table(art, ["dropped"])
    assert not rows.duplicated(["PatientID", "event"]).any()
    assert months(rows) < 0.6 * months(sound)
    assert rows["event"].sum() == sound["event"].sum()
    had = sound.loc[sound["event"], "PatientID"]
    assert follow_up(rows).loc[had].equals(follow_up(sound).loc[had])
    assert follow_up(rows).sum() < follow_up(sound).sum()  # of the others only the first row


def test_pattern_rtv_is_found_in_rtvb(art, sound):
    rows = published_table(art, ["pattern"])
    others = [name for name in rows if name != "rtv"]
    assert rows[others].equals(sound[others])
    assert not (sound["rtv"] & sound["rtvb"]).any()
    assert (rows["rtv"] == sound["rtv"] + sound["rtvb"]).all()
    assert rows["rtv"].sum() > sound["rtv"].sum()


def test_all_three_are_the_default(art):
    rows = published_table(art)
    assert rows.equals(published_table(art, FAULTS, 12))
    assert rows["event"].sum() == rows["PatientID"].nunique()
    assert months(rows) < follow_up(rows).sum()
    assert (rows["rtv"] & rows["rtvb"]).any()


def test_columns_are_those_of_the_model(sound):
    assert list(sound)[:7] == [*ROW, "regimen", "female", "rel_cd4"]
    assert set(COVARIATES) == set(sound) - {*ROW, "regimen", "efv"}
    assert all(sound[drug].isin([0, 1]).all() for drug in DRUGS)


def test_codes_are_short_and_found_as_a_whole(art):
    codes = short_codes(art.frame)
    labels = art.frame[REGIMEN].astype(str).agg(" + ".join, axis=1)
    for drug in DRUGS[:-1]:
        words = labels.str.replace(" ", "").str.lower().str.split("+")
        assert (has_drug(codes, drug) == words.map(lambda parts, d=drug: d in parts)).all()
    assert (has_drug(codes, "cobi") == art.frame["Extra pk-En"]).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"faults": ["censord"]}, "censored"),
        ({"faults": "censored"}, "give a list"),
        ({"horizon": 0}, "horizon"),
        ({"horizon": 2.5}, "horizon"),
    ],
)
def test_what_cannot_be_made_is_refused(art, arguments, said):
    with pytest.raises(ArgumentError, match=said):
        published_table(art, **arguments)


def test_other_cohorts_are_refused(art):
    with pytest.raises(ArgumentError, match="art_hiv"):
        published_table(hg.load_cohort("sepsis", n_patients=20))
    frame = art.frame
    low = frame.loc[(frame["Timestep"] == 0) & (frame["VL"] < 1000), "PatientID"]
    with pytest.raises(ArgumentError, match="Nobody"):
        published_table(art.subset(low.iloc[:5]))


# --- what the open exercise plants ----------------------------------------------------------------


def test_sound_tables_are_sound_however_they_are_divided(sound):
    for way in audit_06.WAYS:
        rows = way(sound)
        assert months(rows) == months(sound)
        assert rows["event"].sum() == sound["event"].sum()
        assert follow_up(rows).equals(follow_up(sound))
        ordered = rows.sort_values(["PatientID", "start"])
        before = ordered.groupby("PatientID")["stop"].shift(fill_value=0)
        assert (ordered["start"] == before).all()
        on_drug = (rows[list(DRUGS)].mul(rows["stop"] - rows["start"], axis=0)).sum()
        in_sound = (sound[list(DRUGS)].mul(sound["stop"] - sound["start"], axis=0)).sum()
        assert on_drug.equals(in_sound)
    assert len({len(way(sound)) for way in audit_06.WAYS}) == len(audit_06.WAYS)


@pytest.mark.parametrize("kind", list(audit_06.PLANTED))
@pytest.mark.parametrize("way", audit_06.WAYS)
def test_a_planted_fault_concerns_one_to_four_persons(sound, kind, way):
    def by_person(rows):
        mark = pd.util.hash_pandas_object(rows, index=False)  # one for each row
        return mark.groupby(rows["PatientID"]).agg(["sum", "size"])

    rows = way(sound)
    counts = set()
    for seed in range(8):
        faulty = by_person(audit_06.PLANTED[kind](rows, np.random.default_rng(seed)))
        before = by_person(rows)
        counts.add(int((before != faulty.reindex(before.index)).any(axis=1).sum()))
    assert counts <= {1, 2, 3, 4}
    assert len(counts) > 1
