"""Judges of synthetic cohorts, on cohorts of which the right judgement is known by construction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.data.columns import columns_of
from healthgym_edu.errors import ArgumentError
from healthgym_edu.evaluation import fidelity, privacy
from healthgym_edu.evaluation.judging import JUDGES

CONDITIONS = ("art_hiv", "sepsis", "hypotension")
NUMBER = {"art_hiv": "VL", "sepsis": "MeanBP", "hypotension": "MAP"}


@pytest.fixture(scope="module")
def cohorts():
    return {name: hg.load_cohort(name, n_patients=400, seed=1) for name in CONDITIONS}


def with_frame(cohort, **columns):
    return replace(cohort, frame=cohort.frame.assign(**columns))


def noisy(cohort, size, seed=0):
    """The same records, every number a little off."""
    rng = np.random.default_rng(seed)
    names = cohort.schema.numeric
    factor = np.exp(rng.normal(0, size, (len(cohort.frame), len(names))))
    return with_frame(cohort, **(cohort.frame[names] * factor))


def drawn_again(cohort, seed=0):
    """A bootstrap of its patients, under new numbers."""
    rng = np.random.default_rng(seed)
    return of_people(cohort, rng.choice(cohort.patients.index, len(cohort)))


def of_people(cohort, ids):
    key = cohort.schema.id
    records = dict(list(cohort.frame.groupby(key)))
    frame = pd.concat(
        [records[one].assign(**{key: k}) for k, one in enumerate(ids)], ignore_index=True
    )
    patients = cohort.patients.loc[ids].set_axis(pd.RangeIndex(len(ids), name=key))
    return replace(cohort, frame=frame, patients=patients, decisions=None, seen=None)


def row(table, attack, metric):
    (found,) = table[(table["attack"] == attack) & (table["metric"] == metric)].itertuples()
    return found


# --- fidelity -------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_copy_is_ideal_in_every_number(condition, cohorts):
    table = fidelity(cohorts[condition], cohorts[condition], judges=(), replicates=0, bounds=False)
    assert (table["value"] - table["ideal"]).abs().max() < 1e-9
    assert not table.duplicated(["metric", "variable"]).any()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_fresh_draw_lies_near_the_ceiling_and_columns_apart_near_the_floor(condition, cohorts):
    real = cohorts[condition]
    table = fidelity(real, real.fresh(seed=9), judges=("P",), replicates=20)
    assert list(table) == [
        "metric", "variable", "value", "lower", "upper", "ideal", "ceiling", "floor",
    ]  # fmt: skip
    off = (table.set_index("metric")[["value", "ceiling", "floor"]].sub(
        table.set_index("metric")["ideal"], axis=0)).abs()  # fmt: skip
    for metric in ("association, difference", "autocorrelation at lag 1, difference", JUDGES["P"]):
        means = off.loc[[metric]].mean()
        assert means["value"] < means["ceiling"] + 0.1
        assert means["floor"] > means["value"] + 0.02
    assert (table["lower"] <= table["upper"]).all()
    kept = table["metric"] == "changes of what never changes, per step"
    assert (table.loc[kept, "value"] == 0).all()


def test_each_lie_is_found_where_it_is_told(cohorts):
    real = cohorts["art_hiv"]
    plain = {"judges": (), "replicates": 0, "bounds": False}

    def value(changed, metric, variable):
        table = fidelity(real, changed, **plain).set_index(["metric", "variable"])["value"]
        return table[metric, variable]

    higher = with_frame(real, CD4=real.frame["CD4"] + 200)
    assert value(higher, "KS", "CD4") > 0.3 > 1e-9 > value(higher, "KS", "VL")

    backwards = real.frame.groupby("PatientID")["VL"].transform(lambda course: course[::-1].array)
    late = with_frame(real, VL=backwards)
    assert value(late, "KS", "VL") < 1e-9 < 0.1 < value(late, "KS by step", "VL")
    nobody = real.frame["Comp. INI"].where(real.frame["Comp. INI"] != "EVG", "DTG")
    without = with_frame(real, **{"Comp. INI": nobody})
    assert value(without, "levels covered", "Comp. INI") == 0.75
    assert value(without, "combinations covered", "Gender × Comp. INI") == 0.75
    rng = np.random.default_rng(0)
    apart = with_frame(real, CD4=rng.permutation(real.frame["CD4"].to_numpy()))
    assert value(apart, "autocorrelation at lag 1, difference", "CD4") < -0.5
    assert value(apart, "variance between patients, difference of shares", "CD4") < -0.3
    assert abs(value(apart, "association, difference", "CD4 × Rel CD4")) > 0.2
    mixed = rng.permutation(real.frame["Gender"].to_numpy())
    moving = with_frame(real, Gender=pd.Categorical(mixed, real.frame["Gender"].cat.categories))
    assert value(moving, "changes of what never changes, per step", "Gender") > 0.1
    frozen = real.frame.groupby("PatientID")["Comp. INI"].transform("first")
    still = with_frame(real, **{"Comp. INI": frozen})
    assert value(still, "changes per step, ratio", "Comp. INI") == 0


def test_a_cohort_that_was_not_simulated_is_held_against_its_halves(cohorts):
    file = replace(cohorts["hypotension"], recipe=None, seed=None)
    table = fidelity(file, cohorts["hypotension"].fresh(seed=9), judges=(), replicates=0)
    ks = table[table["metric"] == "KS"]
    assert (ks["ceiling"] > 0).all()


def test_the_order_of_rows_does_not_matter(cohorts):
    real = cohorts["sepsis"]
    mixed = replace(real, frame=real.frame.sample(frac=1, random_state=0))
    plain = {"judges": (), "replicates": 0, "bounds": False}
    assert fidelity(real, mixed, **plain)["value"].equals(fidelity(real, real, **plain)["value"])


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda c: hg.load_cohort("sepsis", n_patients=20), {}, "'hypotension'.*'sepsis'"),
        (lambda c: replace(c, frame=c.frame.drop(columns="MAP")), {}, "no column 'MAP'"),
        (lambda c: with_frame(c, MAP=np.nan), {}, "missing values in 'MAP'"),
        (lambda c: with_frame(c, MAP=np.inf), {}, "infinite values in 'MAP'"),
        (lambda c: with_frame(c, FiO2="much"), {}, "a label 'much' in 'FiO2'"),
        (lambda c: c.subset(c.patients.index[:1]), {}, "has 1 patient; at least 2"),
        (lambda c: c.subset(c.patients.index[:5]), {}, "learns from 25 patients.*has 5"),
        (lambda c: c, {"judges": ["Q"]}, "judge"),
        (lambda c: c, {"replicates": -1}, "replicates"),
        (lambda c: c, {"replicates": 1}, "one draw has no interval"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, options, said, cohorts):
    real = cohorts["hypotension"]
    with pytest.raises(ArgumentError, match=said):
        fidelity(real, change(real), **options)


def test_five_patients_and_constant_columns_are_compared_without_judges(cohorts):
    real = cohorts["hypotension"]
    few = with_frame(real.subset(real.patients.index[:5]), MAP=70.0)
    table = fidelity(real, few, judges=(), replicates=4, bounds=False)
    ks = table[(table["metric"] == "KS") & (table["variable"] == "MAP")]["value"].item()
    assert ks > 0.4
    assert table["value"].notna().mean() > 0.95


# --- privacy --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parts():
    return hg.load_cohort("art_hiv", n_patients=800, seed=4).split(0.5)


AUC, FOUND = "AUC", "found at 1 % false alarms"
BY_DISTANCE = "membership, by distance"


def test_a_fresh_draw_gives_nobody_away(parts):
    train, holdout = parts
    table = privacy(train, train.fresh(400, seed=11), holdout, replicates=100)
    for attack in (BY_DISTANCE, "membership, by course", "membership, by classifier"):
        found = row(table, attack, AUC)
        assert found.lower <= 0.5 + 0.02
        assert found.upper >= 0.5 - 0.02
    assert row(table, BY_DISTANCE, FOUND).value < 0.05
    for name in ("exact copies of members", "exact and near copies", "members who are shown"):
        assert row(table, "copies", name).value == 0
    gain = table[table["attack"] == "attribute"].iloc[0]
    assert gain["lower"] <= 0 <= gain["upper"]


@pytest.mark.parametrize(
    ("make", "auc", "found"),
    [
        (lambda train: train, 0.95, 0.9),
        (lambda train: noisy(train, 0.05), 0.95, 0.9),
        (drawn_again, 0.75, 0.5),
    ],
)
def test_a_generator_that_memorises_is_caught(make, auc, found, parts):
    train, holdout = parts
    table = privacy(train, make(train), holdout, replicates=0)
    assert row(table, BY_DISTANCE, AUC).value > auc
    assert row(table, BY_DISTANCE, FOUND).value > found
    assert row(table, "copies", "exact and near copies").value > 300
    assert table[table["attack"] == "attribute"].iloc[0]["value"] > 0.2


def test_a_course_is_known_through_more_noise(parts):
    train, holdout = parts
    table = privacy(train, noisy(train, 0.25), holdout, replicates=0)
    assert row(table, "membership, by course", AUC).value > 0.97
    assert row(table, "membership, by course", FOUND).value > 0.6


def test_five_people_are_caught_by_counting_and_not_by_an_auc(parts):
    train, holdout = parts
    fresh = train.fresh(395, seed=12)
    five = of_people(train, train.patients.index[:5])
    key = train.schema.id
    frame = pd.concat([fresh.frame, five.frame.assign(**{key: five.frame[key] + 10_000})])
    table = privacy(train, replace(fresh, frame=frame), holdout, replicates=0)
    assert row(table, "copies", "exact copies of members").value == 5
    assert row(table, "copies", "members who are shown").value == 5
    assert row(table, BY_DISTANCE, AUC).value < 0.56


def test_a_released_model_is_attacked_too(parts):
    train, holdout = parts

    class Remembers:
        def patient_scores(self, cohort):
            known = set(train.frame["VL"].round(2))
            virus = cohort.frame["VL"].round(2).isin(known)
            return virus.groupby(cohort.frame["PatientID"]).mean().to_numpy()

    table = privacy(train, train.fresh(400, seed=11), holdout, Remembers(), replicates=0)
    assert row(table, "membership, by the released model", AUC).value > 0.95


def test_distances_stand_beside_the_attacks_with_what_they_cannot_see(parts):
    train, holdout = parts
    table = privacy(train, noisy(train, 0.05), holdout, replicates=0)
    second = table[table["rank"] == "secondary"]
    assert second["says"].str.contains("blind|only asks|neither").all()
    assert row(table, "Euclidean disclosure test", "smallest distance to a member").value > 0
    risk = table[table["attack"] == "identity disclosure"]["value"].item()
    assert 0 <= risk < 0.09  # it passes, though every member can be found


def test_people_in_both_parts_are_refused(parts):
    train, holdout = parts
    with pytest.raises(ArgumentError, match="people are in both train and holdout"):
        privacy(train, holdout, train, replicates=0)
    few = holdout.subset(holdout.patients.index[:5])
    with pytest.raises(ArgumentError, match="20 people of each cohort or more; one has 5"):
        privacy(train, train, few)


def test_identity_disclosure_is_its_formula():
    """Everybody alone in the data, everybody matched and learned: (1 / n) sum (s / 1) a = a s."""
    from healthgym_edu.evaluation.disclosure import ADJUSTMENT, SAMPLED, identity_disclosure

    art = hg.load_cohort("art_hiv", n_patients=8, seed=2)
    alone = columns_of(art.subset(art.patients.index[[0, -1]]))
    risk = identity_disclosure(alone, alone)
    assert risk == pytest.approx(ADJUSTMENT * SAMPLED)
