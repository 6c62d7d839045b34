"""Whole records as one array: every level is found again, whatever stands beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generator_toys import CONDITIONS

from healthgym_edu.generators.codec import fit_codec
from healthgym_edu.generators.history import codes_of
from healthgym_edu.generators.tensors import (
    from_arrays,
    moving_channels,
    nearest,
    static_channels,
    to_arrays,
)

everywhere = pytest.mark.parametrize("condition", CONDITIONS)


@everywhere
def test_labels_come_back_exactly_and_numbers_as_32_bits_hold_them(condition, cohorts):
    codec = fit_codec(cohorts[condition], normal=True)
    encoded = codec.encode(cohorts[condition])
    found = from_arrays(codec, *to_arrays(codec, encoded))
    here = encoded.present
    assert (found.statics == encoded.statics).all()
    assert (found.lengths == encoded.lengths).all()
    known = encoded.levels >= 0
    assert (found.levels == encoded.levels)[here][known[here]].all()
    assert np.allclose(found.numbers[here], encoded.numbers[here], atol=1e-5)
    assert np.allclose(found.static_numbers, encoded.static_numbers, atol=1e-5)
    one, other = (codec.decode(replace(e, atoms=encoded.atoms), "x") for e in (found, encoded))
    for name in one.schema.names:
        if name not in one.schema.numeric:
            assert one.frame[name].equals(other.frame[name])


@everywhere
def test_a_little_noise_changes_no_label(condition, cohorts, codecs):
    codec = codecs[condition]
    encoded = codec.encode(cohorts[condition])
    statics, moving = to_arrays(codec, encoded)
    rng = np.random.default_rng(0)
    noisy = [one + rng.uniform(-0.2, 0.2, one.shape) for one in (statics, moving)]
    found, plain = from_arrays(codec, *noisy), from_arrays(codec, statics, moving)
    assert (found.statics == plain.statics).all()
    for k, label in enumerate(codec.labels):
        if len(label.columns) < 2:  # regimens lie nearer to each other
            same = found.levels[..., k] == plain.levels[..., k]
            assert same[encoded.present & (encoded.levels[..., k] >= 0)].all()


@everywhere
def test_channels_stand_side_by_side(condition, cohorts, codecs):
    codec = codecs[condition]
    encoded = codec.encode(cohorts[condition])
    arrays = to_arrays(codec, encoded)
    for channels, array in zip(
        (static_channels(codec), moving_channels(codec)), arrays, strict=True
    ):
        assert array.dtype == np.float32
        assert array.shape[-1] == channels.width
        taken = [k for _, at in channels.labels for k in range(at.start, at.stop)]
        taken += list(range(channels.numbers.start, channels.numbers.stop))
        taken += [] if channels.present is None else [channels.present]
        assert taken == list(range(channels.width))
    still, moving = static_channels(codec), moving_channels(codec)
    assert np.allclose(arrays[0][:, still.numbers], encoded.static_numbers, atol=1e-5)
    assert not arrays[1][~encoded.present].any()
    if moving.present is None:
        assert codec.schema.equal_length
    else:
        assert (arrays[1][..., moving.present] == encoded.present).all()


@everywhere
def test_the_nearest_level_is_the_nearest(condition, codecs):
    rng = np.random.default_rng(0)
    for label in (*codecs[condition].labels, *codecs[condition].statics):
        table = codes_of(label)
        points = rng.normal(0.4, 0.7, (50, table.shape[1]))
        distance = ((points[:, None] - table[None]) ** 2).sum(axis=2)
        assert (nearest(label, points) == distance.argmin(axis=1)).all()
        assert (nearest(label, table) == np.arange(len(label))).all()
