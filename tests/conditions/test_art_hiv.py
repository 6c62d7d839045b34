"""ART for HIV: pharmacology, the clinician, the virus, and a trial whose answer is published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions.art_hiv import ArtHiv, Parameters, snapshot_trial
from healthgym_edu.conditions.art_hiv.clinician import scores
from healthgym_edu.conditions.art_hiv.physiology import ceiling
from healthgym_edu.conditions.art_hiv.regimens import AGENTS, REGIMENS, SHARE
from healthgym_edu.engine import BLOCK, live_block, simulate_tables
from healthgym_edu.errors import ArgumentError
from healthgym_edu.schema import Variable

DRUGS = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
NONE = "Not Applied"


@pytest.fixture(scope="module")
def art():
    return hg.load_cohort("art_hiv", n_patients=4000, seed=0)


@pytest.fixture(scope="module")
def trial():
    return snapshot_trial(ArtHiv(), n_per_arm=3000, seed=0)


def by_person(cohort, column):
    return cohort.frame[column].to_numpy().reshape(len(cohort), -1)


# --- pharmacology -----------------------------------------------------------------------------


def violations(frame: pd.DataFrame) -> dict[str, int]:
    """Rows that no pharmacist would dispense, by what is wrong with them."""
    base, pi = frame["Base Drug Combo"].astype(str), frame["Extra PI"].astype(str)
    boosted = frame["Extra pk-En"] | pi.isin(["RTVB", "RTV"]) | (base == "FTC + RTVB + TDF")
    nothing = (base != "DRV + FTC + TDF") & (pi == NONE)
    nothing &= (frame["Comp. INI"] == NONE) & (frame["Comp. NNRTI"] == NONE)
    boosts = pi.isin(["RTVB", "RTV"]) | frame["Extra pk-En"] | (base == "FTC + RTVB + TDF")
    in_need = pi.isin(["DRV", "ATV", "LPV"]) | (base == "DRV + FTC + TDF")
    in_need |= frame["Comp. INI"] == "EVG"
    return {
        "EVG without an enhancer": int(
            ((frame["Comp. INI"] == "EVG") & ~frame["Extra pk-En"]).sum()
        ),
        "DRV in the base without a booster": int(((base == "DRV + FTC + TDF") & ~boosted).sum()),
        "DRV added without a booster": int(((pi == "DRV") & ~boosted).sum()),
        "no third agent": int(nothing.sum()),
        "a booster alone": int((boosts & ~in_need).sum()),
    }


def test_every_regimen_of_the_catalogue_obeys_pharmacology():
    names = DRUGS
    rows = [(r.base, r.ini, r.nnrti, r.pi, r.enhancer) for r in REGIMENS]
    assert not any(violations(pd.DataFrame(rows, columns=names)).values())
    assert len({r.name for r in REGIMENS}) == len(REGIMENS) == 30
    assert SHARE.sum() == pytest.approx(1)


def test_every_row_of_the_cohort_obeys_pharmacology(art):
    assert violations(art.frame) == dict.fromkeys(violations(art.frame), 0)


def test_the_pharmacy_check_rejects_wrong_regimens():
    wrong = pd.DataFrame(
        [
            ("FTC + TAF", "EVG", NONE, NONE, False),
            ("DRV + FTC + TDF", NONE, NONE, NONE, False),
            ("3TC + ABC", NONE, NONE, "DRV", False),
            ("FTC + TDF", NONE, NONE, NONE, False),
            ("FTC + TDF", NONE, "EFV", "RTVB", False),
        ],
        columns=DRUGS,
    )
    found = violations(wrong)
    assert found["EVG without an enhancer"] == 1
    assert found["DRV in the base without a booster"] == 1
    assert found["DRV added without a booster"] == 1
    assert found["no third agent"] >= 1
    assert found["a booster alone"] == 1


def test_nobody_is_prescribed_a_drug_before_its_licence(art):
    """The calendar year belongs to the patient's noise: take it from the mechanism itself."""
    decisions = art.decisions[art.decisions["action"] != "No treatment"]
    blocks = range(-(-len(art) // BLOCK))
    states = [ArtHiv().start(ArtHiv().draw(block, art.seed)) for block in blocks]
    entry = np.concatenate([state.entry_year for state in states])
    assert np.abs(art.patients["Entry year"] - entry[: len(art)]).max() <= 0.0005  # as told
    year = entry[decisions["PatientID"]] + decisions["Timestep"].to_numpy() / 12
    first_year = {r.name: AGENTS[r.agent].available for r in REGIMENS}
    licensed = decisions["action"].astype(str).map(first_year)
    assert (year >= licensed.to_numpy()).all()
    assert (year < licensed.to_numpy() + 1).any()  # some right after it: the rule is what holds


# --- the clinician ----------------------------------------------------------------------------


def test_the_clinician_is_soft_and_never_has_more_than_fifteen_usual_choices():
    p, sim = Parameters(), ArtHiv()

    def look(state):
        score, usual, conceivable = scores(state, p, False)
        probability = sim.clinician(state)
        assert (usual <= conceivable).all()
        assert ((probability > 0) == conceivable).all()
        assert np.isfinite(score[usual]).all()
        count = conceivable.sum(axis=1)
        least = np.where(state.last_regimen < 0, p.least_first, p.least_later) / count
        assert (np.where(conceivable, probability, 1).min(axis=1) > 0.99 * least).all()
        assert usual.sum(axis=1).max() <= 15
        assert usual.sum(axis=1).min() >= 2  # overlap: there is always another choice
        return probability

    live_block(sim, 0, 0, look, keep=False)


def test_at_most_fifteen_decisions_in_five_years_and_none_at_one_month(art):
    per_person = art.decisions.groupby("PatientID").size()
    assert per_person.max() <= 15
    assert not art.decisions.duplicated(["PatientID", "Timestep"]).any()


def test_starters_are_seen_at_months_0_1_3_and_6(art):
    """Of those who start at month 0 and stay in care for half a year."""
    first = art.decisions[art.decisions["Timestep"] == 0].set_index("PatientID")
    naive = art.patients.index[art.patients["Naive at entry"]]
    started = first.loc[first.index.isin(naive) & (first["action"] != "No treatment")].index
    visits = art.decisions.groupby("PatientID")["Timestep"].agg(set)
    complete = np.mean([{0, 1, 3, 6} <= visits[person] for person in started])
    assert complete > 0.9


def test_working_regimens_are_mostly_kept(art):
    decisions = art.decisions
    previous = decisions.groupby("PatientID")["action"].shift().astype(str)
    same = (decisions["action"].astype(str) == previous)[decisions["Timestep"] > 0]
    assert 0.85 < same.mean() < 0.97


# --- virus, cells, care -----------------------------------------------------------------------


def test_without_treatment_the_virus_stays_and_cells_fall():
    cohort = hg.simulate("art_hiv", 1000, "No treatment", seed=1)
    naive = cohort.patients["Naive at entry"].to_numpy()
    virus = np.log10(by_person(cohort, "VL"))[naive]
    cells = by_person(cohort, "CD4")[naive]
    assert abs(np.median(virus[:, 59]) - np.median(virus[:, 0])) < 0.1
    loss = (cells[:, 0] - cells[:, 59]).mean() / (59 / 12)
    assert 25 < loss < 60  # cells/µL a year; ATHENA: 27 to 55


def test_stopping_brings_the_virus_back_within_two_months():
    switch = 24
    sim = ArtHiv()
    on, off = sim.actions.index("3TC + ABC + DTG"), 0

    def stop_after_two_years(observations):
        action = np.where(observations[:, 0] >= switch, off, on)
        return np.eye(len(sim.actions))[action]

    cohort = hg.simulate("art_hiv", 800, stop_after_two_years, seed=2)
    virus = np.log10(by_person(cohort, "VL"))[cohort.patients["Naive at entry"]]
    decided = cohort.decisions[cohort.decisions["action"] == "No treatment"]
    stop = decided.groupby("PatientID")["Timestep"].min()
    stop = stop.reindex(cohort.patients.index[cohort.patients["Naive at entry"]])
    known = stop.notna().to_numpy() & (stop.to_numpy() < 55)
    rows, month = np.flatnonzero(known), stop[known].to_numpy().astype(int)
    before, after = virus[rows, month], virus[rows, month + 2]
    suppressed = before < 1.7
    assert np.median(after[suppressed]) > 4


def test_resistance_is_likeliest_at_intermediate_adherence():
    """The published order (HOMER): worse at 80-90 % of refills than at 95 % or more."""
    alone = replace(Parameters(), adherence_sd=0.0, adherence_drift=0.6, disengage=0.0)
    sim = ArtHiv(replace(alone, support=0.0, support_lasting=0.0))  # nobody helps
    failing = {}
    for logit in (-3.5, 1.0, 4.0):  # about 3, 73 and 98 % of doses
        chosen = replace(sim.parameters, adherence_mean=logit)
        run = simulate_tables(_Keeping(chosen), 800, "FTC + TDF + EFV", seed=3)
        failing[logit] = run.patients["resistant to NNRTI"].mean()
    assert failing[1.0] > 2 * failing[4.0]
    assert failing[1.0] > 2 * failing[-3.5]


class _Keeping(ArtHiv):
    """A mechanism that also reports resistance at the end of follow-up."""

    schema = replace(
        ArtHiv.schema,
        patients=(
            *ArtHiv.schema.patients,
            Variable(
                "resistant to NNRTI", "binary", "Resistant.", labels=(False, True), codes=(0, 1)
            ),
        ),
    )

    def outcome(self, state):
        return {"resistant to NNRTI": state.resistant["NNRTI"]}


def test_people_differ_for_longer_than_a_step(art):
    """One step is not enough to predict the next: older values still help, clearly."""
    virus = np.log10(by_person(art, "VL"))[:, 12:]
    now, last, before = virus[:, 2:].ravel(), virus[:, 1:-1].ravel(), virus[:, :-2].ravel()
    mean = np.repeat(virus[:, :24].mean(axis=1), virus.shape[1] - 2)

    def explained(*predictors):
        design = np.column_stack([np.ones(len(now)), *predictors])
        fitted = design @ np.linalg.lstsq(design, now, rcond=None)[0]
        return 1 - ((now - fitted) ** 2).sum() / ((now - now.mean()) ** 2).sum()

    assert explained(last, before, mean) > explained(last) + 0.01


def test_measurement_is_informative(art):
    frame = art.frame
    on_drugs = frame[frame["Drug (M)"]]
    high = on_drugs.loc[on_drugs["VL"] > 1000, "VL (M)"].mean()
    low = on_drugs.loc[on_drugs["VL"] < 50, "VL (M)"].mean()
    assert high > 1.3 * low


def test_observed_values_are_the_last_measured_ones(art):
    observed = art.observed()
    measured = art.frame["VL (M)"].to_numpy()
    assert (observed["VL"].to_numpy()[measured] == art.frame["VL"].to_numpy()[measured]).all()
    unseen = observed.loc[observed["VL"].isna(), "Timestep"]
    assert len(unseen) / len(observed) < 0.02
    assert unseen.lt(12).mean() > 0.7  # unknown values belong to first months


def test_values_stay_within_what_occurs_in_people(art):
    assert art.frame["VL"].between(0.1, 1e7).all()
    assert art.frame["CD4"].between(1, 3000).all()
    assert art.frame["Rel CD4"].between(0.4, 75).all()
    art.schema.validate(art.frame)


# --- the simulated trial ----------------------------------------------------------------------


def test_trial_reproduces_single(trial):
    dtg, efv = trial.values()
    assert dtg.median_time_to_suppression() == 1
    assert 2 <= efv.median_time_to_suppression() <= 4
    assert dtg.snapshot() == pytest.approx(0.88, abs=0.04)
    assert efv.snapshot() == pytest.approx(0.81, abs=0.04)
    assert dtg.stopped() == pytest.approx(0.02, abs=0.015)
    assert efv.stopped() == pytest.approx(0.10, abs=0.02)


def test_trial_cd4_gains_are_those_published(trial):
    for arm in trial.values():
        assert 93 <= arm.cd4_gain(0, 6) <= 151
        assert 22 <= arm.cd4_gain(12, 48) / 3 <= 36


def test_snapshot_counts_those_who_stopped_as_failures(trial):
    efv = trial["FTC + TDF + EFV"]
    stopped = ~efv.on_assigned[:, 11]
    assert stopped.mean() == pytest.approx(efv.stopped())
    assert stopped.any()
    everybody_low = replace(efv, frame=efv.frame.assign(VL=10.0))
    assert everybody_low.snapshot() == pytest.approx(1 - efv.stopped())


def test_trial_refuses_an_unknown_regimen():
    with pytest.raises(ArgumentError, match="no regimen 'DTG'"):
        snapshot_trial(ArtHiv(), ("DTG",), n_per_arm=10)


def test_the_old_and_the_late_recover_fewer_cells():
    """The CD4 count that long suppression leads to falls with age and rises with the nadir."""
    p, state = Parameters(), ArtHiv().start(ArtHiv().draw(0, 2))
    usual = ceiling(state, p)
    state.age = state.age + 10.0
    older = ceiling(state, p)
    assert (older <= usual).all()
    assert (older < usual - 5).mean() > 0.5
    state.age, state.nadir = state.age - 10.0, state.nadir + 50.0
    assert (ceiling(state, p) > usual + 20).all()
