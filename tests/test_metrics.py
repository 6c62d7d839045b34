"""Each statistic on data whose answer is known in closed form, or beside a trusted library."""

from __future__ import annotations

import itertools

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from sdmetrics.single_column import CategoryCoverage, KSComplement, TVComplement
from sklearn.metrics import roc_auc_score

import healthgym_edu as hg
from healthgym_edu import metrics
from healthgym_edu.data.columns import columns_of
from healthgym_edu.errors import ArgumentError
from healthgym_edu.metrics import judges

NUMBERS = st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=40)


# --- distributions --------------------------------------------------------------------------------


@given(NUMBERS, NUMBERS)
def test_distances_are_those_of_scipy(one, other):
    pair = metrics.TwoSamples(np.array(one), np.array(other))
    assert pair.ks() == pytest.approx(stats.ks_2samp(one, other, method="asymp").statistic)
    assert pair.wasserstein() == pytest.approx(stats.wasserstein_distance(one, other))


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 3)), min_size=2, max_size=20))
def test_a_weight_is_how_often_somebody_is_there(rows):
    values = np.array([float(value) for value, _ in rows])
    weights = np.array([float(count) for _, count in rows])
    if not weights.sum():
        return
    other = np.arange(-2.0, 3.0)
    often = metrics.TwoSamples(np.repeat(values, weights.astype(int)), other)
    weighed = metrics.TwoSamples(values, other)
    assert weighed.ks(weights) == pytest.approx(often.ks())
    assert weighed.wasserstein(weights) == pytest.approx(often.wasserstein())


def test_two_normal_samples_have_the_known_distances():
    rng = np.random.default_rng(0)
    pair = metrics.TwoSamples(rng.standard_normal(400_000), 1 + rng.standard_normal(400_000))
    assert pair.ks() == pytest.approx(2 * stats.norm.cdf(0.5) - 1, abs=0.005)
    assert pair.wasserstein() == pytest.approx(1, abs=0.01)


def test_groups_are_compared_one_by_one():
    """The same values in another order of time: pooled nothing differs, by step everything."""
    values, step = np.array([0.0, 0, 1, 1]), np.array([0, 0, 1, 1])
    assert metrics.TwoSamples(values, values[::-1]).ks() == 0
    pair = metrics.TwoSamples(values, values[::-1], step, step)
    assert (pair.ks(), pair.wasserstein()) == (1, 1)
    rng = np.random.default_rng(1)
    one, other = rng.standard_normal((2, 300))
    steps = rng.integers(0, 5, (2, 300))
    pair = metrics.TwoSamples(one, other, *steps)
    told = [stats.ks_2samp(one[steps[0] == k], other[steps[1] == k]).statistic for k in range(5)]
    assert pair.ks() == pytest.approx(np.mean(told))
    far = metrics.TwoSamples(one, other, steps[0], steps[1] + 3)  # steps 3 and 4 are shared
    assert far.n_groups == 2


def test_the_robust_scale_is_the_standard_deviation_of_normal_values():
    rng = np.random.default_rng(2)
    assert metrics.robust_scale(rng.normal(0, 3, 100_000)) == pytest.approx(3, rel=0.02)
    assert metrics.robust_scale(np.array([0.0] * 9 + [10])) == pytest.approx(3)
    assert metrics.robust_scale(np.ones(5)) == 1


def test_shared_metrics_are_those_of_sdmetrics():
    real, other = (hg.load_cohort("hypotension", n_patients=200, seed=s).frame for s in (1, 2))
    for name in ("MAP", "lactic_acid"):
        ks = metrics.TwoSamples(real[name].to_numpy(), other[name].to_numpy()).ks()
        assert 1 - ks == pytest.approx(KSComplement.compute(real[name], other[name]), abs=1e-6)
    for name in ("GCS_total", "vasopressors", "FiO2"):
        levels = sorted({*map(str, real[name])} | {*map(str, other[name])})
        codes = [np.searchsorted(levels, frame[name].astype(str)) for frame in (real, other)]
        shares = [metrics.shares(code, len(levels)) for code in codes]
        words = [frame[name].astype(str) for frame in (real, other)]
        assert 1 - metrics.total_variation(*shares) == pytest.approx(
            TVComplement.compute(*words), abs=1e-6
        )
        covered = (shares[1][shares[0] > 0] > 0).mean()
        assert covered == pytest.approx(CategoryCoverage.compute(*words), abs=1e-6)


# --- association ----------------------------------------------------------------------------------


def rows_of(seed=0, people=120):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(people), rng.integers(4, 9, people))
    numbers = rng.standard_normal((len(patient), 2))
    numbers[:, 1] = 0.7 * numbers[:, 0] + 0.3 * numbers[:, 1]
    codes = np.column_stack([rng.integers(0, 3, len(patient)), rng.integers(0, 2, len(patient))])
    numbers[:, 0] += codes[:, 0]
    return numbers, codes, patient


def test_pairs_are_those_of_scipy():
    numbers, codes, patient = rows_of()
    found = metrics.Pairs(numbers, codes, [3, 2], patient).measure()
    assert found[0, 1] == pytest.approx(stats.spearmanr(numbers).statistic, abs=1e-4)
    table = pd.crosstab(codes[:, 0], codes[:, 1]).to_numpy()
    known = stats.contingency.association(table, method="cramer")
    assert found[2, 3] == pytest.approx(known, abs=1e-4)
    ranks = stats.rankdata(numbers[:, 0])
    means = pd.Series(ranks).groupby(codes[:, 0]).transform("mean")
    assert found[0, 2] == pytest.approx(means.std(ddof=0) / ranks.std(), abs=1e-4)
    assert np.allclose(found, found.T)


def test_weights_of_pairs_count_patients():
    numbers, codes, patient = rows_of()
    pairs = metrics.Pairs(numbers, codes, [3, 2], patient)
    assert np.allclose(pairs.measure(), pairs.measure(np.ones(120)), atol=1e-4)
    half = (np.arange(120) < 60).astype(float)
    kept = patient < 60
    alone = metrics.Pairs(numbers[kept], codes[kept], [3, 2], patient[kept]).measure()
    assert pairs.measure(half)[2, 3] == pytest.approx(alone[2, 3], abs=1e-4)  # no ranks in it


def test_what_is_independent_has_no_association():
    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(20_000), 1)
    found = metrics.Pairs(
        rng.standard_normal((20_000, 2)), rng.integers(0, 3, (20_000, 2)), [3, 3], patient
    ).measure()
    assert np.abs(found - np.eye(4)).max() < 0.03


def test_labels_of_any_number_of_levels_go_side_by_side():
    """Of a pair, of a level that nobody has, of a constant label, and where there is none."""
    rng = np.random.default_rng(4)
    first = rng.integers(0, 3, 500)
    second = np.where(rng.random(500) < 0.3, first, rng.integers(0, 2, 500))
    codes = np.column_stack([first, np.full(500, 1), second, first, rng.integers(0, 5, 500)])
    empty, patient = np.empty((500, 0)), np.repeat(np.arange(100), 5)
    found = metrics.Pairs(empty, codes, [4, 2, 3, 3, 5], patient).measure()
    for one, other in itertools.combinations([0, 2, 3, 4], 2):
        table = pd.crosstab(codes[:, one], codes[:, other]).to_numpy()
        known = stats.contingency.association(table, method="cramer")
        assert found[one, other] == pytest.approx(known, abs=1e-9)
    assert 0.2 < found[0, 2] < 0.8
    assert found[0, 3] == pytest.approx(1)  # the same label
    assert (np.delete(found[1], 1) == 0).all()
    alone = metrics.Pairs(rng.standard_normal((500, 1)), codes[:, :0], [], patient)
    assert alone.measure().tolist() == [[1.0]]


def test_the_published_trend_only_counts_patients():
    """Straight lines correlate at +1 or -1; of 40 people 30 are alike: tanh(7.25 (2 · 3/4 - 1))."""
    step = np.tile(np.arange(10.0), 40)
    patient = np.repeat(np.arange(40), 10)
    alike = np.where(patient < 30, 1, -1)
    slope = 1 + patient / 100
    table = np.column_stack([step * slope, alike * step * slope**2])
    found = metrics.trend_correlations(table, patient)[0, 1]
    largest = np.arctanh(0.999999)
    assert found == pytest.approx(np.tanh(largest * 0.5))
    assert found > 0.99  # though in a quarter of the people the two go apart
    ranks = metrics.slope_ranks(table, patient)
    slopes = stats.spearmanr(slope[::10], (alike * slope**2)[::10]).statistic
    assert metrics.slope_correlations(ranks)[0, 1] == pytest.approx(slopes, abs=1e-6)


def test_sums_by_patient_give_the_static_correlations():
    numbers, codes, patient = rows_of(4)
    table = np.column_stack([numbers, codes, np.ones(len(patient))])
    sums = metrics.PatientSums(table, patient)
    assert np.allclose(sums.correlations(), metrics.static_correlations(table) * _off(5))
    some = (np.arange(120) % 3 == 0).astype(float)
    kept = patient % 3 == 0
    alone = metrics.static_correlations(table[kept])
    assert np.allclose(sums.correlations(some)[:4, :4], alone[:4, :4])


def _off(k):
    """All ones but the diagonal of a constant column."""
    mask = np.ones((k, k))
    mask[-1, -1] = 0
    return mask


# --- time -----------------------------------------------------------------------------------------


def test_memory_of_an_autoregressive_series_is_known():
    rng = np.random.default_rng(5)
    people, steps, rho = 2000, 40, 0.8
    x = np.empty((people, steps))
    x[:, 0] = rng.standard_normal(people)
    for t in range(1, steps):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho**2) * rng.standard_normal(people)
    patient = np.repeat(np.arange(people), steps)
    memory = metrics.Memory(x.ravel(), patient, (1, 3, 12))
    rank = [6 / np.pi * np.arcsin(rho**lag / 2) for lag in (1, 3, 12)]  # Spearman of a normal pair
    assert np.allclose(memory.autocorrelation(), rank, atol=0.01)


def test_two_cohorts_can_share_their_ranks():
    rng = np.random.default_rng(8)
    patient = np.repeat(np.arange(50), 10)
    one, other = rng.normal(0, 1, 500).round(1), rng.normal(1, 2, 700).round(1)
    both = np.concatenate([one, other])
    rank, own = stats.rankdata(both)[:500], stats.rankdata(one)
    pairs = patient[1:] == patient[:-1]
    expected, apart = (np.corrcoef(x[:-1][pairs], x[1:][pairs])[0, 1] for x in (rank, own))
    assert metrics.Memory(one, patient, (1,), among=both).autocorrelation()[0] == pytest.approx(
        expected
    )
    assert metrics.Memory(one, patient, (1,)).autocorrelation()[0] == pytest.approx(apart)
    assert abs(expected - apart) > 1e-4


def test_the_share_between_patients_is_known():
    rng = np.random.default_rng(6)
    patient = np.repeat(np.arange(3000), 20)
    own = rng.normal(0, 1, 3000)[patient]
    values = own + rng.normal(0, 1, len(patient))
    # half of the variance is a patient's own, and means of twenty keep a twentieth of the rest
    assert metrics.Memory(values, patient).between() == pytest.approx(0.525, abs=0.02)
    assert metrics.Memory(own, patient).between() == pytest.approx(1)
    assert np.isnan(metrics.Memory(values, patient, (40,)).autocorrelation()).all()


@pytest.mark.parametrize("patient", [[1, 1, 2, 2], [0, 0, 2, 2], [0, 1, 0, 1], [1007, 1007, 1008]])
def test_patients_that_are_not_counted_from_0_are_refused(patient):
    codes = np.zeros(len(patient))
    for made in (metrics.Changes, metrics.Memory):
        with pytest.raises(ArgumentError, match=r"from 0 in the order.*begin with.*factorize"):
            made(codes, np.array(patient))
    with pytest.raises(ArgumentError, match="there are no rows"):
        metrics.Changes(np.array([]), np.array([], dtype=int))


def test_changes_are_counted_within_patients():
    codes = np.array([0, 0, 1, 1, 1, 0, 2, 2])
    patient = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    changes = metrics.Changes(codes, patient)
    assert changes.rate() == 2 / 6
    assert changes.lengths.tolist() == [2, 3, 1, 2]
    assert changes.owner.tolist() == [0, 0, 1, 1]
    assert changes.rate(np.array([1.0, 0.0])) == 1 / 4


# --- judges ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wards():
    cohorts = [hg.load_cohort("hypotension", n_patients=300, seed=seed) for seed in (1, 2)]
    return [columns_of(cohort) for cohort in cohorts]


def test_judges_see_no_difference_where_there_is_none_and_one_where_there_is(wards):
    one, other = (columns.courses() for columns in wards)
    label = np.repeat([0, 1], 300)
    for features in (
        (judges.summaries(one), judges.summaries(other)),
        judges.random_convolutions(one, other, kernels=100),
    ):
        make = judges.boosted if features[0].shape[1] != 200 else judges.linear
        fresh = metrics.auroc(label, metrics.out_of_fold(*features, make))
        assert 0.4 < fresh < 0.6
    shuffled = wards[1].shuffled(0).courses()
    features = judges.random_convolutions(one, shuffled, kernels=100)
    assert metrics.auroc(label, metrics.out_of_fold(*features, judges.linear)) > 0.9
    assert np.isfinite(judges.summaries(one)).all()
    assert len(judges.many_summaries(one)) == 300


def test_a_split_by_row_lets_a_judge_know_patients(wards):
    """Two draws of the same people: by patient nothing, by row something."""
    one, other = wards
    honest = judges.rows_out_of_fold(
        one.coded, other.coded, one.patient, other.patient, judges.boosted
    )
    alone = [np.arange(len(columns.patient)) for columns in wards]  # every row its own patient
    leaking = judges.rows_out_of_fold(one.coded, other.coded, *alone, judges.boosted)
    label = np.repeat([0, 1], [len(one.coded), len(other.coded)])
    assert metrics.auroc(label, leaking) > metrics.auroc(label, honest) + 0.02
    assert abs(metrics.auroc(label, honest) - 0.5) < 0.04


SCORED = st.lists(st.tuples(st.booleans(), st.integers(-4, 4), st.integers(0, 3)), min_size=1)


@given(SCORED)
@example([(True, 0, 1), (False, 0, 1)])
def test_the_auroc_is_that_of_scikit_learn(people):
    """With ties, with weights, and with people who do not count."""
    label, score, weights = (np.array(column, dtype=float) for column in zip(*people, strict=True))
    found = metrics.auroc(label, score / 3, weights)
    if len(set(label[weights > 0])) < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(roc_auc_score(label, score / 3, sample_weight=weights))
        assert metrics.auroc(label, -score, weights) == pytest.approx(1 - found)
    if len(set(label)) == 2:
        assert metrics.auroc(label, score) == pytest.approx(roc_auc_score(label, score))


def test_the_auroc_counts_ties_half():
    label = np.array([False, False, True, True])
    assert metrics.auroc(label, np.array([1.0, 2.0, 3.0, 4.0])) == 1
    assert metrics.auroc(label, np.array([1.0, 2.0, 2.0, 4.0])) == 0.875
    assert metrics.auroc(label, np.ones(4)) == 0.5


def test_the_auroc_needs_both_outcomes():
    assert np.isnan(metrics.auroc(np.zeros(3, dtype=bool), np.arange(3.0)))
    assert np.isnan(metrics.auroc(np.ones(3, dtype=bool), np.arange(3.0)))


def test_the_auroc_of_two_normal_groups():
    """Two normal distributions one standard deviation apart: Φ(1 / √2) = 0.760."""
    rng = np.random.default_rng(3)
    label = rng.random(40_000) < 0.2
    score = rng.normal(size=40_000) + label
    assert metrics.auroc(label, score) == pytest.approx(0.760, abs=0.01)


def test_the_auroc_takes_weights():
    label, score = np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    assert metrics.auroc(label, score) == 0.75
    assert metrics.auroc(label, score, np.array([1.0, 1, 0, 1])) == 1
    assert np.isnan(metrics.auroc(label, score, np.array([1.0, 0, 1, 0])))
    with pytest.raises(ArgumentError, match="1 of 4 scores are missing"):
        metrics.auroc(label, np.array([0.1, np.nan, 0.3, 0.4]))


# --- bootstrap ------------------------------------------------------------------------------------


def mean_gap(values, others):
    def estimate(w, v):
        return np.array([np.average(values, weights=w) - np.average(others, weights=v)])

    return estimate


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 1000))
def test_intervals_are_those_of_a_mean(seed):
    rng = np.random.default_rng(seed)
    values, others = rng.normal(0, 1, 400), rng.normal(0, 2, 300)
    low, high = metrics.intervals(mean_gap(values, others), (400, 300), 400, seed)
    error = np.sqrt(values.var() / 400 + others.var() / 300)
    assert (high - low)[0] / (2 * 1.96 * error) == pytest.approx(1, abs=0.25)  # 5 sigma of 400


def test_draws_do_not_hang_on_the_workers():
    values = np.random.default_rng(0).normal(size=50)
    asked = (mean_gap(values, values), (50, 50), 45, 3)
    alone = metrics.intervals(*asked)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert np.array_equal(alone, metrics.intervals(*asked))
