"""What a model knows of the past: the same in training and sampling, nothing of the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generator_toys import CONDITIONS

from healthgym_edu.generators.history import FADING, History, codes_of, features_of, one_hot

everywhere = pytest.mark.parametrize("condition", CONDITIONS)


@pytest.fixture(scope="module", params=CONDITIONS)
def known(request, cohorts, codecs):
    """A codec and the arrays of 30 patients."""
    codec = codecs[request.param]
    return codec, codec.encode(cohorts[request.param]).of(np.arange(30))


def walked(codec, encoded, n_steps, who=slice(None)):
    """A history after some steps, and the features before each."""
    found = History(
        codec, encoded.statics[who], encoded.static_numbers[who], encoded.lengths[who],
        encoded.levels.shape[1],
    )  # fmt: skip
    seen = []
    for step in range(n_steps):
        seen.append(found.features())
        found.add(encoded.levels[who, step], encoded.numbers[who, step], encoded.atoms[who, step])
    return found, np.stack(seen, axis=1)


def test_step_by_step_they_are_those_of_whole_records(known):
    codec, encoded = known
    whole = features_of(codec, encoded)
    assert whole.shape == (30, encoded.levels.shape[1], History.width(codec))
    assert whole.dtype == np.float32
    assert np.isfinite(whole).all()
    for k in (0, 7, 29):  # one patient alone, as in a batch of one
        _, alone = walked(codec, encoded, encoded.levels.shape[1], slice(k, k + 1))
        assert (alone[0] == whole[k]).all()


@pytest.mark.parametrize("step", [0, 1, 5, 12])
def test_no_feature_looks_ahead_and_the_past_is_seen(known, step):
    codec, encoded = known
    before = features_of(codec, encoded)
    rng = np.random.default_rng(step)
    later = {}
    for name in ("levels", "numbers", "atoms"):
        part = getattr(encoded, name).copy()
        order = (np.arange(30) + 1 + rng.integers(28)) % 30
        part[:, step:] = part[order, step:]
        later[name] = part
    changed = replace(encoded, **later)
    after = features_of(codec, changed)
    assert (after[:, : step + 1] == before[:, : step + 1]).all()
    assert (after[:, step + 1] != before[:, step + 1]).any(axis=1).mean() > 0.9


def test_every_variable_of_the_last_step_is_seen(known):
    codec, encoded = known
    n_steps = 6
    before, _ = walked(codec, encoded, n_steps)
    for k, label in enumerate(codec.labels):
        if len(label) == 1:
            continue
        levels = encoded.levels.copy()
        levels[:, n_steps - 1, k] = (levels[:, n_steps - 1, k] + 1) % len(label)
        after, _ = walked(codec, replace(encoded, levels=levels), n_steps)
        assert (after.features() != before.features()).any(axis=1).all(), label.name
    for k, number in enumerate(codec.numbers):
        numbers = encoded.numbers.copy()
        numbers[:, n_steps - 1, k] += 0.5
        after, _ = walked(codec, replace(encoded, numbers=numbers), n_steps)
        free = np.ones(30, dtype=bool)
        if number.flag:
            free = encoded.levels[:, n_steps - 1, codec.flags[number.flag]] > 0
        moved = (after.features() != before.features()).any(axis=1)
        assert (moved == free).all(), number.name


def test_they_are_what_they_are_said_to_be(known):
    codec, encoded = known
    t = 15
    history, _ = walked(codec, encoded, t)
    for k, number in enumerate(codec.numbers):
        for i in range(30):
            new = np.ones(t, dtype=bool)
            if number.flag:
                new = encoded.levels[i, :t, codec.flags[number.flag]] > 0
            values = encoded.numbers[i, :t, k][new]
            assert history.count[i, k] == len(values)
            if not len(values):
                assert history.lags[0, i, k] == 0
                continue
            lags = [*values[::-1][:3], *[values[0]] * 3][:3]
            assert np.allclose(history.lags[:, i, k], lags, atol=1e-5)
            assert np.isclose(history.total[i, k] / len(values), values.mean(), atol=1e-4)
            assert np.isclose(history.first[i, k], values[0], atol=1e-6)
            average = values[0]
            for value in values[1:]:
                average = FADING[1] * average + (1 - FADING[1]) * value
            assert np.isclose(history.average[1, i, k], average, atol=1e-4)
    for k, label in enumerate(codec.labels):
        levels = encoded.levels[:, :t, k]
        if label.is_flag:
            event = levels > 0
        else:
            before = np.concatenate([np.full((30, 1), -1), levels[:, :-1]], axis=1)
            event = (levels != before) & (before >= 0)
        assert (history.often[:, k] == event.sum(axis=1)).all()
        since = [t - 1 - np.flatnonzero(one).max() if one.any() else t for one in event]
        assert (history.since[:, k] == since).all()


def test_codes_tell_levels_apart_and_nothing_is_seen_of_none(codecs):
    for codec in codecs.values():
        for label in (*codec.statics, *codec.labels):
            table = codes_of(label)
            assert set(np.unique(table)) <= {0, 1}
            assert len(np.unique(table, axis=0)) == len(label)
            assert table.shape[1] == len(label) or len(label.columns) > 1 or len(label) == 2
        shown = one_hot(codec.labels, np.full((1, len(codec.labels)), -1))
        assert not shown.any()
