"""The teaching cohort resembles the published figures; the measures do what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from healthgym_edu import calibration, load_cohort
from healthgym_edu.conditions import CONDITIONS
from healthgym_edu.errors import ArgumentError


@pytest.fixture(scope="module", params=CONDITIONS)
def table(request):
    return calibration.calibration_table(request.param)


def test_every_target_is_met(table):
    missed = table[~table["ok"]]
    assert missed.empty, missed[["quantity", "tolerance", "teaching"]].to_string()


def test_every_target_has_a_source(table):
    assert table["source"].str.len().gt(20).all()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_targets_hold_for_other_seeds(condition, seed):
    table = calibration.calibration_table(condition, seed=seed)
    assert table["ok"].all(), table[~table["ok"]][["quantity", "tolerance", "teaching"]].to_string()


def test_release_and_independent_columns_score_what_is_published():
    """The distances that the published figures themselves have to each other."""
    table = calibration.calibration_table("art_hiv", n_patients=300).set_index("quantity")
    static, cycle = (f"{k} correlations: mean |Δr|, " for k in ("static", "cycle"))
    released, independent = table["released"], table["independent"]
    assert released[static + "all pairs"] == pytest.approx(0.066, abs=0.0005)
    assert released[static + "strong pairs"] == pytest.approx(0.064, abs=0.0005)
    assert released[cycle + "all pairs"] == pytest.approx(0.030, abs=0.0005)
    assert released[cycle + "strong pairs"] == pytest.approx(0.144, abs=0.0005)
    assert independent[static + "all pairs"] == pytest.approx(0.090, abs=0.0005)
    assert independent[cycle + "strong pairs"] == pytest.approx(0.447, abs=0.0005)


def test_a_shuffled_cohort_misses_the_targets():
    """The check must be able to fail: columns shuffled apart keep marginals, lose the rest."""
    cohort = load_cohort("art_hiv", n_patients=2000, seed=0)
    rng = np.random.default_rng(0)
    frame = cohort.frame.copy()
    for name in frame.columns.difference(["PatientID", "Timestep"]):
        frame[name] = frame[name].take(rng.permutation(len(frame))).to_numpy()
    frame = frame.astype(cohort.frame.dtypes.to_dict())
    shuffled = replace(cohort, frame=frame)
    targets = calibration.load_targets("art_hiv")
    rows = [row for row in targets["rows"] if row["measure"] != "trial"]
    table = calibration.compare(shuffled, {**targets, "rows": rows}, None, 0).set_index("quantity")
    assert table.loc["Gender: total-variation distance", "ok"]
    assert not table.loc["static correlations: mean |Δr|, all pairs", "ok"]
    assert not table.loc["static correlations: mean |Δr|, strong pairs", "ok"]
    assert not table.loc["cycle correlations: mean |Δr|, strong pairs", "ok"]


def test_cycle_correlation_ignores_straight_lines_and_follows_the_rest():
    rng = np.random.default_rng(1)
    n, steps = 50, 40
    time = np.tile(np.arange(steps), n)
    patient = np.repeat(np.arange(n), steps)
    wave = rng.normal(size=n * steps)
    table = np.column_stack([
        wave + 3.0 * time,
        wave - 2.0 * time,
        rng.normal(size=n * steps) + 3.0 * time,
        np.repeat(rng.normal(size=n), steps),
    ])  # fmt: skip
    matrix = calibration.cycle_correlations(table, patient)
    assert matrix[0, 1] > 0.99  # the same wave on opposite slopes
    assert abs(matrix[0, 2]) < 0.05  # the same slope, unrelated waves
    assert np.abs(matrix[3]).max() < 1e-12  # constant within a patient: undefined, so 0


def test_cycle_correlation_takes_patients_of_unequal_length():
    rng = np.random.default_rng(2)
    wave = rng.normal(size=300)
    table = np.column_stack([wave, wave])
    patient = np.repeat([0, 1, 2, 3], [3, 97, 100, 100])  # the first is too short to count
    assert calibration.cycle_correlations(table, patient)[0, 1] > 0.99


def test_hypotension_release_and_independent_columns_score_what_is_published():
    table = calibration.calibration_table("hypotension", n_patients=300).set_index("quantity")
    static = "static correlations: mean |Δr|, "
    assert table.loc[static + "all pairs", "released"] == pytest.approx(0.057, abs=0.0005)
    assert table.loc[static + "all pairs", "independent"] == pytest.approx(0.078, abs=0.0005)
    assert 0.39 <= table.loc[static + "strong pairs", "independent"] <= 0.43
    cycle = table.loc["cycle correlations: mean |Δr|, all pairs"]
    assert cycle["tolerance"] == "printed only"  # of doubtful origin


def test_shares_medians_and_quartiles_are_those_of_the_frame():
    cohort = load_cohort("hypotension", n_patients=200)
    targets = calibration.load_targets("hypotension")
    table = calibration.compare(cohort, targets, None, 0)
    value = dict(zip(table["quantity"], table["teaching"], strict=True))
    pressure = cohort.frame["MAP"]
    assert value["MAP: share below 65"] == pytest.approx((pressure < 65).mean())
    treated = (cohort.frame["vasopressors"] != "0").mean()
    assert value["vasopressors: share other than 0"] == pytest.approx(treated)
    low, middle, high = pressure.quantile([0.25, 0.5, 0.75])
    assert value["MAP: IQR / real IQR"] == pytest.approx((high - low) / 14.703)
    distance = abs(middle - 67.585) / 14.703
    assert value["MAP: distance of medians, real IQR"] == pytest.approx(distance)


def test_area_under_roc_counts_ties_half():
    label = np.array([False, False, True, True])
    assert calibration.area_under_roc(np.array([1.0, 2.0, 3.0, 4.0]), label) == 1
    assert calibration.area_under_roc(np.array([1.0, 2.0, 2.0, 4.0]), label) == 0.875
    assert calibration.area_under_roc(np.ones(4), label) == 0.5


def test_a_landmark_keeps_length_of_stay_from_predicting_death():
    """Flags drawn by chance say nothing, although the dead have fewer rows to count them in."""
    cohort = load_cohort("hypotension", n_patients=3910)
    rng = np.random.default_rng(0)
    flags = cohort.schema.flags
    frame = cohort.frame.assign(**{name: rng.random(len(cohort.frame)) < 0.2 for name in flags})
    row = {"landmark": 24, "outcome": "Died"}
    chance = calibration.landmark_auroc(frame, cohort.patients, cohort.schema, row)
    assert chance == pytest.approx(0.5, abs=0.06)
    died = cohort.patients["Died"].to_numpy()
    counts = frame.groupby("PatientID")[flags].sum().sum(axis=1).to_numpy()
    assert calibration.area_under_roc(-counts, died) > 0.9  # the trap


def test_total_variation():
    assert calibration.total_variation({"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5}) == 0
    assert calibration.total_variation({"a": 1.0}, {"a": 0.0, "b": 1.0}) == 1


def test_matrix_distance_counts_wrong_signs():
    real = np.array([[1, 0.5, -0.3], [0.5, 1, 0.1], [-0.3, 0.1, 1]])
    wrong = np.array([[1, -0.5, -0.3], [-0.5, 1, 0.1], [-0.3, 0.1, 1]])
    distance = calibration.matrix_distance(wrong, real)
    assert distance["wrong signs"] == 1
    assert distance["all"] == pytest.approx(1 / 3)
    assert distance["strong"] == pytest.approx(0.5)


def test_targets_of_an_unknown_condition():
    with pytest.raises(ArgumentError, match="art_hiv"):
        calibration.load_targets("flu")
