"""Whatever arrays hold, a cohort comes out that fits its schema and does not contradict itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generator_toys import CONDITIONS
from hypothesis import given, settings
from hypothesis import strategies as st

from healthgym_edu.generators.layout import Encoded

everywhere = pytest.mark.parametrize("condition", CONDITIONS)
seeds = st.integers(0, 2**31)


def nonsense(codec, n, seed, size):
    """Arrays of the right shapes that mean nothing."""
    rng = np.random.default_rng(seed)
    n_steps = codec.schema.n_steps

    def numbers(*shape):
        found = rng.normal(0, size, shape)
        holes = rng.random(shape)
        found[holes < 0.02] = np.nan
        found[(holes > 0.02) & (holes < 0.03)] = np.inf
        found[(holes > 0.03) & (holes < 0.04)] = -np.inf
        return found

    return Encoded(
        rng.integers(-3, 9, (n, len(codec.statics))),
        numbers(n, len(codec.statics)),
        rng.integers(-3, 200, (n, n_steps, len(codec.columns))),
        numbers(n, n_steps, len(codec.columns)),
        rng.integers(-1, n_steps + 3, n),
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@everywhere
@settings(deadline=None, max_examples=8)
@given(seed=seeds, size=st.sampled_from([0.1, 1.0, 5.0, 1e3, 1e12]))
def test_nonsense_becomes_a_valid_cohort(condition, codecs, seed, size):
    codec = codecs[condition]
    encoded = nonsense(codec, 12, seed, size)
    made = codec.decode(encoded, "nonsense")
    schema, frame, told = made.schema, made.frame, made.patients
    schema.validate(frame)
    assert len(told) == 12
    key = frame[schema.id]
    lengths = np.clip(encoded.lengths, schema.n_steps if schema.equal_length else 1, schema.n_steps)
    assert told["Steps followed"].tolist() == lengths.tolist()
    assert frame.groupby(schema.id).size().tolist() == lengths.tolist()
    for name in schema.static:
        assert frame.groupby(schema.id)[name].nunique().max() == 1
        if name not in schema.numeric:
            assert (told[name].loc[key].to_numpy() == frame[name].to_numpy()).all()
    for total, part in codec.totals:
        rise = frame[total].diff()[key.eq(key.shift())]
        assert np.allclose(rise, frame[part][rise.index], atol=0.51)
    for flag_name in schema.flags:
        never = ~frame.groupby(schema.id)[flag_name].any()
        for one in (v.name for v in schema if v.measured_by == flag_name and codec.never):
            held = frame[one][key.map(never)]
            assert (held == dict(codec.never)[one]).all()
            moved = frame[one].ne(frame[one].shift()) & key.eq(key.shift())
            assert frame[flag_name][moved].all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@everywhere
@settings(deadline=None, max_examples=8)
@given(seed=seeds)
def test_what_is_told_of_death_fits_the_record(condition, codecs, seed):
    codec = codecs[condition]
    made = codec.decode(nonsense(codec, 40, seed, 1.0), "nonsense")
    assert bool(codec.death) == (condition != "art_hiv")
    for last_step, died in codec.death:
        told = made.patients
        assert (told[last_step].notna() == told[died]).all()
        lived = told[last_step][told[died]]
        assert (lived == told["Steps followed"][told[died]] - 1).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@everywhere
@pytest.mark.parametrize("number", [-1e30, -4.0, 4.0, 1e30])
def test_the_furthest_values_of_all_columns_at_once_still_fit(condition, number, codecs):
    codec, n_steps = codecs[condition], codecs[condition].schema.n_steps
    encoded = nonsense(codec, 3, 0, 1.0)
    encoded = replace(
        encoded,
        levels=encoded.levels * [not one.scale for one in codec.columns],  # no atoms
        values=np.full(encoded.values.shape, number),
        static_values=np.full(encoded.static_values.shape, number),
        lengths=np.full(3, n_steps),
    )
    made = codec.decode(encoded, "far")
    for one in codec.columns:
        if one.scale:
            assert made.frame[one.name].min() >= one.scale.low
            assert made.frame[one.name].max() <= one.scale.high


def test_those_of_whom_it_was_planned_are_never_measured(cohorts, codecs):
    codec = codecs["hypotension"]
    encoded = codec.encode(cohorts["hypotension"])
    place = [one.name for one in codec.statics].index("ever: lactic_acid_m")
    flag = [one.name for one in codec.columns].index("lactic_acid_m")
    assert (encoded.levels[..., flag] > 0).any()
    statics = encoded.statics.copy()
    statics[:, place] = 0
    made = codec.decode(replace(encoded, statics=statics), "x").frame
    assert not made["lactic_acid_m"].any()
    assert (made["lactic_acid"] == dict(codec.never)["lactic_acid"]).all()
    assert made["urine_m"].equals(cohorts["hypotension"].frame["urine_m"])
