"""What models see of a column and of whole records: every level is found again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from generator_toys import CONDITIONS

from healthgym_edu.generators import fit_codec
from healthgym_edu.generators.codec import read
from healthgym_edu.generators.layout import Column, seen
from healthgym_edu.generators.scaling import fit_scale
from healthgym_edu.generators.tensors import from_arrays, n_channels, places, to_arrays

everywhere = pytest.mark.parametrize("condition", CONDITIONS)


@everywhere
def test_what_the_file_shows_of_a_column_is_read_as_it_was(condition, codecs):
    rng = np.random.default_rng(0)
    for column in (*codecs[condition].statics, *codecs[condition].columns):
        levels = np.append(np.arange(len(column)), rng.integers(0, len(column), 300))
        back = column.back(levels, rng.normal(0, 0.5, len(levels)))
        assert tuple(back) == column.names
        if not column.names:  # a flag that the file does not have
            continue
        again, values = read(column, pd.DataFrame(back))
        assert (again == levels)[levels >= bool(column.scale)].all(), column.name
        if column.scale:
            shown = column.back(again, values)[column.name]
            assert np.allclose(shown, back[column.name], rtol=1e-6, atol=1e-6), column.name
            assert [(one,) for one in shown[1 : len(column)]] == list(column.levels[1:])


@everywhere
def test_codes_tell_levels_apart_and_nothing_is_seen_of_none(condition, codecs):
    codec = codecs[condition]
    for column in (*codec.statics, *codec.columns):
        table, n = column.codes, len(column)
        assert set(np.unique(table)) <= {0, 1}
        assert len(np.unique(table, axis=0)) == n
        narrow = column.scale or n == 2
        assert table.shape[1] == (n - 1 if narrow else n) or len(column.names) > 1
        shown = column.seen(np.arange(n), np.linspace(-1, 1, n))
        assert (shown.shape, shown.dtype) == ((n, column.width), np.float32)
        assert (shown[:, bool(column.scale) :] == table).all()
    labels = tuple(one for one in codec.columns if not one.scale)
    nothing = np.full((2, 3, len(labels)), -1)
    assert not seen(labels, nothing, nothing).any()


def test_of_a_number_its_value_is_seen_and_which_atom_it_is():
    scale = fit_scale(np.arange(100.0), decimals=1)
    column = Column("n", ("n",), ((), (0.0,), (40.0,)), scale=scale)
    levels, values = np.array([[0, 1], [2, 0]]), np.array([[-0.5, 0.1], [0.2, 0.7]])
    wanted = [[[-0.5, 0, 0], [0.1, 1, 0]], [[0.2, 0, 1], [0.7, 0, 0]]]
    assert np.allclose(column.seen(levels, values), wanted)
    own = scale.back(values)
    assert column.back(levels, values)["n"].tolist() == [[own[0, 0], 0.0], [40.0, own[1, 1]]]
    assert (column.unseen, Column("x", ("x",), (("y",), ("z",))).unseen) == (0, -1)


@everywhere
@pytest.mark.parametrize("normal", [False, True])
def test_labels_come_back_exactly_and_numbers_as_32_bits_hold_them(condition, normal, cohorts):
    codec = fit_codec(cohorts[condition], normal=normal)
    encoded = codec.encode(cohorts[condition])
    found = from_arrays(codec, *to_arrays(codec, encoded))
    here = encoded.present
    assert (found.statics == encoded.statics).all()
    assert (found.lengths == encoded.lengths).all()
    known = encoded.levels >= 0
    assert (found.levels == encoded.levels)[here][known[here]].all()
    assert np.allclose(found.values[here], encoded.values[here], atol=1e-5)
    assert np.allclose(found.static_values, encoded.static_values, atol=1e-5)
    one, other = (codec.decode(part, "x") for part in (found, encoded))
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
    for k, column in enumerate(codec.columns):
        if len(column.names) < 2:  # regimens lie nearer to each other
            same = found.levels[..., k] == plain.levels[..., k]
            assert same[encoded.present & (encoded.levels[..., k] >= 0)].all()


@everywhere
def test_channels_stand_side_by_side(condition, cohorts, codecs):
    codec = codecs[condition]
    encoded = codec.encode(cohorts[condition])
    arrays, ends = to_arrays(codec, encoded), not codec.schema.equal_length
    assert [one.dtype for one in arrays] == [np.float32] * 2
    assert tuple(one.shape[-1] for one in arrays) == n_channels(codec)
    for columns, last, array in zip((codec.statics, codec.columns), (0, ends), arrays, strict=True):
        taken = [k for at in places(columns) for k in range(at.start, at.stop)]
        assert taken == list(range(array.shape[-1] - last))
    for k, (column, at) in enumerate(zip(codec.statics, places(codec.statics), strict=True)):
        if column.scale:
            assert np.allclose(arrays[0][:, at.start], encoded.static_values[:, k], atol=1e-5)
    assert not arrays[1][~encoded.present].any()
    if ends:
        assert (arrays[1][..., -1] == encoded.present).all()


@everywhere
def test_the_nearest_level_is_the_nearest(condition, codecs):
    rng, codec = np.random.default_rng(0), codecs[condition]
    still, moving = n_channels(codec)
    arrays = rng.normal(0.4, 0.7, (50, still)), rng.normal(0.4, 0.7, (50, 3, moving))
    found = from_arrays(codec, *arrays)
    for columns, array, levels in (
        (codec.statics, arrays[0], found.statics),
        (codec.columns, arrays[1], found.levels),
    ):
        for k, (column, at) in enumerate(zip(columns, places(columns), strict=True)):
            points = array[..., at][..., 1:] if column.scale else array[..., at]
            distance = ((points[..., None, :] - column.codes) ** 2).sum(axis=-1)
            assert (levels[..., k] == distance.argmin(axis=-1)).all()
