"""Scales: there and back without loss, rising, never beyond what is possible."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from healthgym_edu.errors import ArgumentError
from healthgym_edu.generators.scaling import Scale, fit_scale, is_wall

KINDS = {
    "identity": {"kind": "identity"}, "root": {"kind": "root"}, "log": {"kind": "log"},
    "chosen": {}, "scores": {"normal": True}, "scores of logs": {"kind": "log", "normal": True},
}  # fmt: skip
SHAPES = {
    "normal": lambda rng, n: rng.normal(70, 10, n),
    "skewed": lambda rng, n: rng.lognormal(4, 1.2, n),
    "negative": lambda rng, n: rng.normal(-3, 5, n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.6, 0, rng.lognormal(5, 1, n)),
    "constant": lambda rng, n: np.full(n, round(float(rng.lognormal(2, 1)), 2)),
    "one value and a few": lambda rng, n: np.where(rng.random(n) < 0.9, 3.0, rng.gamma(2, 3, n)),
    "whole": lambda rng, n: rng.poisson(4, n).astype(float),
    "two": lambda rng, n: rng.normal(5, 2, 2),
}
POSITIVE = [name for name in SHAPES if name != "negative"]
sizes = st.integers(2, 1500)
seeds = st.integers(0, 2**31)


def values_of(shape, n, seed):
    return SHAPES[shape](np.random.default_rng(seed), n)


def through(scale, values):
    """There and back, by way of what a network holds."""
    return scale.back(scale.forward(values).astype(np.float32))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(KINDS)), st.sampled_from(list(SHAPES)), sizes, seeds)
@example("log", "constant", 5, 0)
@example("scores", "constant", 5, 0)
@example("scores", "two", 2, 0)
def test_values_come_back_to_a_hundred_thousandth(kind, shape, n, seed):
    values = values_of(shape, n, seed)
    if values.min() < 0 and kind not in ("identity", "scores"):
        kind = "chosen"  # roots and logarithms are for what is never negative
    back = through(fit_scale(values, **KINDS[kind]), values)
    assert back.shape == values.shape
    # a value next to 0 among large ones cannot be kept to a share of itself by any shift
    size = np.maximum(np.abs(values), 0.05 * np.abs(values).max())
    assert (np.abs(back - values) <= 1e-5 * size).all()


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(list(KINDS)), st.sampled_from(POSITIVE), sizes, seeds)
def test_decimals_of_a_column_come_back_exactly(kind, shape, n, seed):
    values = np.abs(values_of(shape, n, seed)).round(2)
    scale = fit_scale(values, low=0.0, high=1e7, decimals=2, **KINDS[kind])
    assert (np.round(scale.back(scale.forward(values)), 2) == values).all()
    rng = np.random.default_rng(seed)
    anything = scale.back(rng.normal(0, 2, 200))
    assert (anything == np.round(anything, 2)).all()


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(KINDS)), st.sampled_from(POSITIVE), sizes, seeds)
def test_a_larger_value_is_never_a_smaller_number(kind, shape, n, seed):
    values = np.abs(values_of(shape, n, seed))
    scale = fit_scale(values, **KINDS[kind])
    grid = np.sort(np.append(values, np.linspace(0, 2 * values.max() + 1, 300)))
    numbers = scale.forward(grid)
    assert (np.diff(numbers) >= 0).all()
    assert numbers[-1] > numbers[0]
    numbers = np.linspace(-8, 8, 500)
    assert (np.diff(scale.back(numbers)) >= 0).all()


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(KINDS)), st.sampled_from(POSITIVE), sizes, seeds)
def test_whatever_a_network_says_comes_back_within_what_is_possible(kind, shape, n, seed):
    values = np.abs(values_of(shape, n, seed))
    high = float(values.max()) + 0.5
    scale = fit_scale(values, low=0.0, high=high, **KINDS[kind])
    numbers = np.array([-1e300, -1e30, -50, -5, 0, 5, 50, 1e30, 1e300])
    with np.errstate(over="ignore"):
        back = scale.back(numbers)
    assert np.isfinite(back).all()
    assert back.min() >= max(scale.low, 0.0)
    assert back.max() <= min(scale.high, high)
    assert scale.low <= values.min()
    assert scale.high >= values.max()


@pytest.mark.parametrize("kind", KINDS)
def test_others_may_lie_a_little_beyond_the_training_patients_and_no_more(kind):
    values = values_of("skewed", 2000, 0)
    scale = fit_scale(values, **KINDS[kind])
    above = values.max() * np.array([1.0, 1.001, 1e3, 1e9])
    back = scale.back(scale.forward(above))
    assert (back <= scale.high).all()
    assert scale.high < 5 * values.max()
    assert abs(back[-1] - scale.high) < 1e-9 * scale.high
    below = scale.back(scale.forward(values.min() - np.array([0.0, 1e3])))
    assert (below >= scale.low).all()


def test_the_kind_is_the_one_that_leaves_the_least_skew():
    assert fit_scale(values_of("normal", 3000, 0)).kind == "identity"
    assert fit_scale(values_of("skewed", 3000, 0)).kind == "log"
    assert fit_scale(np.random.default_rng(0).normal(30, 4, 3000) ** 2).kind == "root"
    assert fit_scale(-values_of("skewed", 3000, 0)).kind == "identity"


@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_numbers_have_mean_0_and_spread_1(shape):
    values = values_of(shape, 3000, 0)
    for kind in KINDS:
        numbers = fit_scale(values, **KINDS[kind]).forward(values)
        allowed = 0.02 if KINDS[kind].get("normal") else 1e-9
        assert abs(numbers.mean()) < allowed
        assert abs(numbers.std() - 1) < allowed


def test_ranks_become_normal_scores():
    values = values_of("skewed", 5000, 0)
    numbers = fit_scale(values, normal=True).forward(values)
    found = np.quantile(numbers, [0.025, 0.16, 0.5, 0.84, 0.975])
    assert np.abs(found - [-1.96, -0.994, 0, 0.994, 1.96]).max() < 0.05
    assert np.abs(fit_scale(values, kind="identity").forward(values)).max() > 4


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(("skewed", "normal")), st.integers(50, 1500), seeds)
def test_the_ends_that_are_stored_are_nobodys_value(shape, n, seed):
    values = np.abs(values_of(shape, n, seed))
    for kind in KINDS:
        scale = fit_scale(values, **KINDS[kind])
        told = {scale.low, scale.high, *scale.knots}
        assert told.isdisjoint({float(values.min()), float(values.max())})


@settings(deadline=None, max_examples=40)
@given(st.integers(500, 3000), st.integers(0, 2), seeds)
def test_behind_a_wall_is_room_for_more_than_one_value(n, decimals, seed):
    """Not even of rounded values does the end say which was the highest."""
    values = np.random.default_rng(seed).uniform(0, 70, n).round(decimals)
    high = fit_scale(values, decimals=decimals).high
    assume(is_wall(values, np.arange(n)))
    assert round(high * 10 ** (decimals - 1), 6) % 1 == 0
    assert values.max() <= high <= 90


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_comes_back_beyond_a_wall_that_many_reach(kind):
    rng = np.random.default_rng(0)
    dose, capped = rng.uniform(0, 1300, 20_000), np.minimum(rng.lognormal(-1, 0.4, 20_000), 1)
    for values, wall in ((np.ceil(dose), 1300.0), (capped.round(2), 1.0)):
        scale = fit_scale(values, 0.0, 5000.0, **KINDS[kind])
        assert np.isclose(scale.high, wall)
        assert np.isclose(scale.back(np.array(50.0)), wall)
    assert np.isclose(fit_scale(-capped, **KINDS["identity"]).low, -1.0)


def test_one_person_makes_no_wall_and_its_place_is_coarser_than_the_values():
    rng = np.random.default_rng(0)
    values, owner = rng.exponential(10, 5000).round(), np.arange(5000)
    again = np.append(values, np.full(50, values.max())), np.append(owner, np.full(50, 9000))
    assert not is_wall(*again)  # one person, who has the same highest value fifty times
    assert is_wall(again[0], np.arange(5050))
    whole = rng.integers(20, 78, 5000).astype(float)
    assert fit_scale(whole, decimals=0).high == 80.0


@pytest.mark.parametrize("n", [500, 1000])
def test_a_tail_is_hardly_ever_taken_for_a_wall(n):
    rng = np.random.default_rng(0)
    for shape in ("normal", "exponential"):
        said = [is_wall(getattr(rng, shape)(size=n), np.arange(n)) for _ in range(1000)]
        assert np.mean(said) <= 0.003


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("atom", [0.0, 40.0, 55.5])
def test_a_value_that_many_share_comes_back_exactly_from_ranks(share, atom):
    rng = np.random.default_rng(0)
    values = np.where(rng.random(2000) < share, atom, rng.lognormal(4, 0.3, 2000))
    scale = fit_scale(values.round(1), decimals=1, normal=True)
    number = scale.forward(np.array([atom]))
    assert scale.back(number)[0] == atom
    assert scale.back(number.astype(np.float32))[0] == atom
    drawn = scale.back(rng.normal(size=20_000))
    assert abs((drawn == atom).mean() - share) < 0.02


def test_the_shape_of_an_array_stays():
    for kind in KINDS:
        scale = fit_scale(np.arange(1.0, 50.0), **KINDS[kind])
        for shape in ((), (3,), (2, 3, 4)):
            assert scale.back(scale.forward(np.full(shape, 7.0))).shape == shape


def test_a_scale_says_all_that_it_does():
    values = values_of("zero-inflated", 300, 0)
    scale = fit_scale(values, 0.0, 1e6, 1)
    again = Scale(
        scale.kind, scale.offset, scale.centre, scale.spread, scale.low, scale.high, 1, scale.knots
    )
    assert again == scale
    assert (again.forward(values) == scale.forward(values)).all()


def test_a_kind_that_there_is_not_is_refused():
    with pytest.raises(ArgumentError, match="'identity', 'root', 'log'"):
        fit_scale(np.arange(5.0), kind="logarithm")
