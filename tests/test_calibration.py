"""The teaching cohort resembles the published figures; the measures do what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from healthgym_edu import calibration, load_cohort, metrics
from healthgym_edu.calibration import measures
from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.errors import ArgumentError

TARGETS = sorted((resources.files("healthgym_edu") / "targets").iterdir(), key=str)
SCORES = ("SOFA",)  # computed from the columns of a table


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


@pytest.fixture(params=TARGETS, ids=lambda file: file.name)
def targets(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def faults_of_rows(targets: dict) -> list[str]:
    """What is wrong with the rows of a targets file, whether its condition exists or not."""
    faults = []
    for row in targets["rows"]:
        name = measures.title(row)
        if row["source"] not in targets["sources"]:
            faults.append(f"{name}: no source {row['source']!r}")
        known = {*measures.OF_COLUMN, *(name[1:] for name in vars(measures.Measurer))}
        if row["measure"] not in known:
            faults.append(f"{name}: no measure {row['measure']!r}")
        if (row["low"] is None) != (row["high"] is None):
            faults.append(f"{name}: half an interval")
        elif row["low"] is not None and not row["low"] <= row["high"]:
            faults.append(f"{name}: nothing lies in its interval")
        for shares in (row.get("target"), row.get("released")):
            if isinstance(shares, dict) and abs(sum(shares.values()) - 1) > 0.012:
                faults.append(f"{name}: shares add up to {sum(shares.values()):.3f}")
    titles = [measures.title(row) for row in targets["rows"]]
    faults += [f"{name}: twice" for name in set(titles) if titles.count(name) > 1]
    faults += [
        f"{key}: unused"
        for key in targets["sources"].keys() - {r["source"] for r in targets["rows"]}
    ]
    return faults


def test_rows_of_targets_are_complete(targets):
    assert faults_of_rows(targets) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "hearsay"}, "no source 'hearsay'"),
        ({"measure": "charm"}, "no measure 'charm'"),
        ({"high": None}, "half an interval"),
        ({"low": 1.5}, "nothing lies in its interval"),
        ({"target": {"Male": 0.5, "Female": 0.4}}, "shares add up to 0.900"),
        ({"quantity": "ReAd"}, "twice"),
    ],
)
def test_a_wrong_row_is_found(change, said):
    targets = json.loads((resources.files("healthgym_edu") / "targets/sepsis.json").read_text())
    row = next(row for row in targets["rows"] if row["quantity"] == "Gender")
    row.update(change)
    assert any(said in fault for fault in faults_of_rows(targets))


def test_matrices_are_square_and_hold_correlations(targets):
    for stored in targets["matrices"].values():
        n = len(stored["names"])
        assert len(set(stored["names"])) == n
        for lower in (stored["real"], stored["released"]):
            assert [len(row) for row in lower] == list(range(1, n))
            matrix = calibration.square(lower)
            assert matrix.shape == (n, n)
            assert (matrix == matrix.T).all()
            assert (np.diag(matrix) == 1).all()
            assert np.abs(matrix[np.tril_indices(n, -1)]).max() < 1


def faults_against(targets: dict, condition: str) -> list[str]:
    """Names in a targets file that are not those of the condition's schema."""
    schema = get_mechanism(condition).schema
    clinical = [n for n in schema.names if n not in (schema.id, schema.step)]
    faults = [] if targets["condition"] == condition else ["another condition"]
    faults += [f"{name}: capped, but no column" for name in targets["caps"] if name not in schema]
    for kind, stored in targets["matrices"].items():
        if sorted(stored["names"]) != sorted(clinical):
            faults.append(f"{kind}: other columns than the schema")
    for row in targets["rows"]:
        name = row["quantity"]
        of_a_column = measures.title(row) != name or row["measure"] == "mean"
        if (
            row["measure"] not in ("matrix", "landmark_auroc")
            and of_a_column
            and name not in schema
        ):
            faults.append(f"{name}: no column")
        elif row["measure"] == "total_variation" and {*map(str, schema[name].labels)} != {
            *row["target"]
        }:
            faults.append(f"{name}: other labels than the schema")
        if "score" in row and row["score"] not in (*schema.names, *SCORES):
            faults.append(f"{row['score']}: no score")
    return faults


@pytest.mark.parametrize("condition", CONDITIONS)
def test_targets_speak_of_columns_and_labels_of_the_schema(condition):
    targets = calibration.load_targets(condition)
    assert faults_against(targets, condition) == []


def test_the_targets_of_another_condition_do_not_fit():
    faults = faults_against(calibration.load_targets("hypotension"), "art_hiv")
    assert "MAP: no column" in faults
    assert "static: other columns than the schema" in faults
    targets = json.loads(json.dumps(calibration.load_targets("art_hiv")))
    row = next(row for row in targets["rows"] if row["quantity"] == "Gender")
    row["target"] = {"Man": 0.8, "Woman": 0.2}
    assert faults_against(targets, "art_hiv") == ["Gender: other labels than the schema"]


def test_sepsis_release_and_independent_columns_score_what_is_published():
    file = resources.files("healthgym_edu") / "targets/sepsis.json"
    stored = json.loads(file.read_text(encoding="utf-8"))["matrices"]
    published = {"static": (0.038, 0.067), "cycle": (0.013, 0.051)}
    for kind, (released, independent) in published.items():
        real = calibration.square(stored[kind]["real"])
        distance = calibration.matrix_distance(calibration.square(stored[kind]["released"]), real)
        assert distance["all"] == pytest.approx(released, abs=0.0005)
        alone = calibration.matrix_distance(np.eye(44), real)
        assert alone["all"] == pytest.approx(independent, abs=0.0005)
        index = stored[kind]["names"].index  # the names stand at their own rows and columns
        for one, other in (("DiaBP", "MeanBP"), ("INR", "PT"), ("SGPT", "SGOT"), ("Cl", "Na")):
            assert real[index(one), index(other)] > 0.45


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
    matrix = metrics.cycle_correlations(table, patient)
    assert matrix[0, 1] > 0.99  # the same wave on opposite slopes
    assert abs(matrix[0, 2]) < 0.05  # the same slope, unrelated waves
    assert np.abs(matrix[3]).max() < 1e-12  # constant within a patient: undefined, so 0


def test_cycle_correlation_takes_patients_of_unequal_length():
    rng = np.random.default_rng(2)
    wave = rng.normal(size=300)
    table = np.column_stack([wave, wave])
    patient = np.repeat([0, 1, 2, 3], [3, 97, 100, 100])  # the first is too short to count
    assert metrics.cycle_correlations(table, patient)[0, 1] > 0.99


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
    assert metrics.auroc(died, -counts) > 0.9  # the trap


@pytest.mark.parametrize("shift", [0.0, 1000.0])
def test_logistic_slope_is_recovered(shift):
    rng = np.random.default_rng(4)
    score = rng.normal(6, 2.5, size=40_000)
    label = rng.random(40_000) < 1 / (1 + np.exp(1.4 - 0.30 * (score - 6)))
    slope = calibration.logistic_slope(score + shift, label)
    assert slope == pytest.approx(0.30, abs=0.02)  # four standard errors
    assert calibration.logistic_slope(10 * score, label) == pytest.approx(slope / 10)
    assert calibration.logistic_slope(score, ~label) == pytest.approx(-slope)


def test_logistic_slope_of_a_two_by_two_table_is_its_log_odds_ratio():
    score = np.repeat([0, 0, 1, 1], [30, 10, 20, 40])
    label = np.repeat([False, True, False, True], [30, 10, 20, 40])
    slope = calibration.logistic_slope(score, label)
    assert slope == pytest.approx(np.log((40 / 20) / (10 / 30)), abs=1e-9)


@pytest.mark.parametrize(
    ("score", "label"),
    [
        ([1.0, 2.0, 3.0, 4.0], [False, False, True, True]),  # separated without a mistake
        ([1.0, 2.0, 2.0, 4.0], [False, False, True, True]),  # all but at one value
        ([2.0, 2.0, 2.0, 2.0], [False, True, True, False]),
        ([1.0, 2.0, 3.0, 4.0], [False, False, False, False]),
    ],
)
def test_logistic_slope_is_nan_where_none_is_best(score, label):
    assert np.isnan(calibration.logistic_slope(np.array(score), np.array(label)))


def three_groups(falling: float, flat: float, rising: float):
    """Scores of 300 patients, 100 in each group, dying at these rates, and one of a single row."""
    score = np.concatenate([np.tile(rows, 100) for rows in ([6, 7, 4], [6, 9, 7], [6, 5, 8])])
    patient = np.append(np.repeat(np.arange(300), 3), 300)
    died = np.concatenate([np.arange(100) < 100 * rate for rate in (falling, flat, rising)])
    return np.append(score, 24), patient, pd.Series(np.append(died, True))


def test_trend_mortality():
    trend = calibration.trend_mortality(*three_groups(0.1, 0.3, 0.6))
    assert [trend[part] for part in ("falling", "flat", "rising")] == [0.1, 0.3, 0.6]
    assert trend["rising - falling"] == pytest.approx(0.5)
    assert trend["smallest step"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("rates", "wrong"),
    [
        ((0.6, 0.3, 0.1), ("rising - falling", "smallest step")),
        ((0.1, 0.6, 0.3), ("smallest step",)),
        ((0.3, 0.1, 0.6), ("smallest step",)),
        ((0.2, 0.22, 0.24), ("rising - falling",)),
    ],
)
def test_trend_mortality_rejects_a_wrong_order(rates, wrong):
    trend = calibration.trend_mortality(*three_groups(*rates))
    file = resources.files("healthgym_edu") / "targets/sepsis.json"
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    asked = {r["part"]: (r["low"], r["high"]) for r in rows if r["measure"] == "score_trend"}
    asked = {part: ends for part, ends in asked.items() if ends[0] is not None}
    assert {p for p, (low, high) in asked.items() if not low <= trend[p] <= high} == set(wrong)


def test_scores_shares_and_outcomes_are_those_of_the_cohort():
    cohort = load_cohort("hypotension", n_patients=1000)
    row = {"source": "x", "low": None, "high": None, "target": None}
    death = row | {"outcome": "Died"}
    creatinine = death | {"score": "serum_creatinine", "landmark": 24}
    rows = [
        death | {"measure": "outcome_share", "quantity": "died"},
        creatinine | {"measure": "score_sd", "quantity": "sd"},
        creatinine | {"measure": "score_slope", "quantity": "slope"},
        creatinine | {"measure": "score_auroc", "quantity": "auroc"},
        row | {"measure": "share_within", "quantity": "MAP", "above": 60, "upto": 70},
        row | {"measure": "share_within", "quantity": "MAP", "upto": 60},
    ]
    targets = {"sources": {"x": ""}, "matrices": {}, "caps": {}, "rows": rows}
    table = calibration.compare(cohort, targets, None, 0).set_index("quantity")["teaching"]

    at = cohort.frame[cohort.frame["Timepoints"] == 24].set_index("PatientID")["serum_creatinine"]
    died = cohort.patients.loc[at.index, "Died"].to_numpy()
    assert len(at) < len(cohort)  # some died before, and do not count
    assert table["died"] == pytest.approx(cohort.patients["Died"].mean())
    assert table["sd"] == pytest.approx(at.std())
    assert table["slope"] == calibration.logistic_slope(at.to_numpy(), died)
    assert table["auroc"] == pytest.approx(roc_auc_score(died, at.to_numpy()))
    pressure = cohort.frame["MAP"]
    assert table["MAP: share above 60, up to 70"] == ((pressure > 60) & (pressure <= 70)).mean()
    assert table["MAP: share up to 60"] == (pressure <= 60).mean()

    without = replace(cohort, patients=cohort.patients.drop(columns="Died"))
    table = calibration.compare(without, targets, None, 0).set_index("quantity")["teaching"]
    assert table[:"auroc"].isna().all()  # a file has no outcome
    assert table["MAP: share above 60, up to 70":].notna().all()


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
