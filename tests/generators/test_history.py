"""What a model knows of the past: the same in training and sampling, nothing of the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generator_toys import CONDITIONS

from healthgym_edu.generators.autoregressive import (
    FADING,
    PATIENCE,
    History,
    coded,
    features_of,
    width_of,
    width_of_habits,
)


@pytest.fixture(scope="module", params=CONDITIONS)
def known(request, cohorts, codecs):
    """A codec and the arrays of 30 patients."""
    codec = codecs[request.param]
    return codec, codec.encode(cohorts[request.param]).of(np.arange(30))


def walked(codec, encoded, n_steps):
    """A history after some steps, and the features before each."""
    found, seen = History(codec, encoded), []
    for step in range(n_steps):
        seen.append(found.features())
        found.add(encoded.levels[:, step], encoded.values[:, step])
    return found, np.stack(seen, axis=1)


def new_values(codec, encoded, k):
    """Where a column has a new value, shape (n, n_steps)."""
    flag = codec.flag_of[k]
    return encoded.levels[..., flag] > 0 if flag >= 0 else np.ones(encoded.present.shape, bool)


def test_step_by_step_they_are_those_of_whole_records(known):
    codec, encoded = known
    whole = features_of(codec, encoded)
    assert whole.shape == (30, encoded.levels.shape[1], width_of(codec))
    assert whole.dtype == np.float32
    assert np.isfinite(whole).all()
    for k in (0, 7, 29):  # one patient alone, as in a batch of one
        _, alone = walked(codec, encoded.of(np.array([k])), encoded.levels.shape[1])
        assert (alone[0] == whole[k]).all()


@pytest.mark.parametrize("step", [0, 1, 5, 12])
def test_no_feature_looks_ahead_and_the_past_is_seen(known, step):
    codec, encoded = known
    before = features_of(codec, encoded)
    rng = np.random.default_rng(step)
    later = {}
    for name in ("levels", "values"):
        part = getattr(encoded, name).copy()
        order = (np.arange(30) + 1 + rng.integers(28)) % 30
        part[:, step:] = part[order, step:]
        later[name] = part
    after = features_of(codec, replace(encoded, **later))
    assert (after[:, : step + 1] == before[:, : step + 1]).all()
    assert (after[:, step + 1] != before[:, step + 1]).any(axis=1).mean() > 0.9


def test_every_variable_of_the_last_step_is_seen(known):
    codec, encoded = known
    n_steps = 6
    before = walked(codec, encoded, n_steps)[0].features()

    def seen(**changed):
        after, _ = walked(codec, replace(encoded, **changed), n_steps)
        return (after.features() != before).any(axis=1)

    for k, column in enumerate(codec.columns):
        levels, values = encoded.levels.copy(), encoded.values.copy()
        last, values[:, n_steps - 1, k] = levels[:, n_steps - 1, k], values[:, n_steps - 1, k] + 0.5
        levels[:, n_steps - 1, k] = last == 0 if column.scale else (last + 1) % len(column)
        if len(column) > 1:  # of numbers, whether it is an atom
            assert seen(levels=levels).all(), column.name
        if column.scale:
            new = new_values(codec, encoded, k)[:, n_steps - 1]
            assert (seen(values=values) == new).all(), column.name


def test_they_are_what_they_are_said_to_be(known):
    codec, encoded = known
    t = 15
    history, _ = walked(codec, encoded, t)
    for k, column in enumerate(codec.columns):
        levels = encoded.levels[:, :t, k]
        if column.scale:
            event = new_values(codec, encoded, k)[:, :t]
        elif column.is_flag:
            event = levels > 0
        else:
            before = np.concatenate([np.full((30, 1), -1), levels[:, :-1]], axis=1)
            event = (levels != before) & (before >= 0)
        assert (history.often[:, k] == event.sum(axis=1)).all()
        since = [t - 1 - np.flatnonzero(one).max() if one.any() else t for one in event]
        assert (history.since[:, k] == since).all()
    habits = history.features()[:, : width_of_habits(codec)]
    shown = [codec.columns[k].seen(encoded.levels[:, :t, k], 0) for k in coded(codec)]
    assert np.allclose(habits, np.concatenate(shown, axis=2).sum(axis=1) / (t + PATIENCE))
    for place, k in enumerate(history.numbers):
        for i, new in enumerate(new_values(codec, encoded, k)[:, :t]):
            values = encoded.values[i, :t, k][new]
            if not len(values):
                assert history.lags[0, i, place] == 0
                continue
            lags = [*values[::-1][:3], *[values[0]] * 3][:3]
            assert np.allclose(history.lags[:, i, place], lags, atol=1e-5)
            assert np.isclose(history.total[i, place] / len(values), values.mean(), atol=1e-4)
            assert np.isclose(history.first[i, place], values[0], atol=1e-6)
            average = values[0]
            for value in values[1:]:
                average = FADING[1] * average + (1 - FADING[1]) * value
            assert np.isclose(history.average[1, i, place], average, atol=1e-4)
