"""Labels of a diffusion: what is said of them, how they are drawn, and that they are held."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from healthgym_edu.generators import fit_codec, reading
from healthgym_edu.generators.diffusion import UNet
from healthgym_edu.generators.reading import Reader, labels_of, shares, sizes, surprise, targets
from healthgym_edu.generators.tensors import n_channels


@pytest.fixture(scope="module")
def codec(cohorts):
    return fit_codec(cohorts["art_hiv"])


@pytest.fixture
def reader(codec) -> Reader:
    channels = sum(n_channels(codec))
    rng = torch.Generator().manual_seed(0)
    return Reader(codec, torch.zeros(channels, 60), torch.ones(channels), rng)


def said(codec, chosen, n=200, t=60):
    """Odds of all labels: nothing is known, and nothing changes, but for what `chosen` says."""
    odds = torch.zeros(n, sum(sizes(codec)), t)
    ends = np.cumsum([0, *sizes(codec)])
    for k in range(len(labels_of(codec)), len(sizes(codec))):
        odds[:, ends[k]] = 40.0
    for place, level, when in chosen:
        odds[:, ends[place] + level] = torch.where(
            torch.as_tensor(when), 80.0, odds[:, ends[place] + level]
        )
    return odds


@pytest.mark.parametrize("condition", ["art_hiv", "sepsis"])
def test_what_is_learned_are_levels_and_whether_they_change(condition, cohorts):
    codec = fit_codec(cohorts[condition])
    encoded = codec.encode(cohorts[condition])
    found = targets(codec, encoded)
    labels = labels_of(codec)
    moving = [k for k in labels if not codec.columns[k].is_flag]
    assert found.shape == (*encoded.present.shape, len(labels) + len(moving))
    assert (found[~encoded.present] == -1).all()
    assert (found[:, 0, len(labels) :] == -1).all()
    for place, k in enumerate(moving):
        levels, changes = encoded.levels[:, :, k], found[:, 1:, len(labels) + place]
        known = encoded.present[:, 1:]
        assert (changes[known] == (levels[:, 1:] != levels[:, :-1])[known]).all()


def test_surprise_is_that_of_each_label_and_none_where_there_is_none(codec, cohorts):
    levels = targets(codec, codec.encode(cohorts["art_hiv"])).transpose(0, 2, 1)
    odds = torch.zeros(len(levels), sum(sizes(codec)), levels.shape[2])
    found = surprise(codec, odds, torch.as_tensor(levels)).numpy()
    each = np.broadcast_to(np.log(sizes(codec))[None, :, None], levels.shape)
    assert np.allclose(found, np.where(levels >= 0, each, 0), atol=1e-5)


def test_odds_begin_with_how_common_each_level_is(codec, cohorts):
    """Before anything is learned a level is as likely as it is common, and so is a change."""
    levels = targets(codec, codec.encode(cohorts["art_hiv"])).transpose(0, 2, 1)
    (still, moving), found = n_channels(codec), shares(codec, levels)
    network = UNet(still, still + moving, len(found), 8, 8)
    x = torch.randn(4, still + moving, 60, generator=torch.Generator().manual_seed(0))
    angle = torch.full((4,), 0.7)
    before = network(x, angle)[:, : still + moving]
    network.begin(found)
    v, odds = network(x, angle).detach().split([still + moving, len(found)], dim=1)
    assert torch.equal(v, before)  # about numbers nothing has changed
    ends = np.cumsum([0, *sizes(codec)])
    for k, part in enumerate(odds.split(sizes(codec), dim=1)):
        known = levels[:, k][levels[:, k] >= 0]
        share = np.bincount(known, minlength=ends[k + 1] - ends[k]) / len(known)
        off = part.softmax(dim=1) - torch.from_numpy(share)[None, :, None]
        assert off.abs().max() < 0.01


def test_a_label_changes_where_it_is_said_to_and_nowhere_else(codec, reader):
    when = np.isin(np.arange(60), [7, 30])
    odds = said(codec, [(len(labels_of(codec)), 1, when)])
    reader.read(
        torch.zeros(200, sum(n_channels(codec)), 60), torch.tensor(1.0), lambda x: (x, x, odds)
    )
    levels = reader.levels[0].numpy()
    changed = levels[:, 1:] != levels[:, :-1]
    assert (changed == when[1:]).all()  # also where the same level would be the likeliest
    assert len(np.unique(levels[:, 0])) > 10  # and people differ


def test_a_stretch_is_one_level_by_all_of_its_months(codec, reader):
    """One loud month among sixty does not outvote fifty-nine others, nor is it read alone."""
    odds = torch.zeros(50, sum(sizes(codec)), 60)
    odds[:, 3], odds[:, 5, 20] = 10.0, 30.0
    odds[:, sum(len(codec.columns[k]) for k in labels_of(codec))] = 40.0  # no change
    reader.read(
        torch.zeros(50, sum(n_channels(codec)), 60), torch.tensor(1.0), lambda x: (x, x, odds)
    )
    assert (reader.levels[0].numpy() == 3).mean() > 0.95


@pytest.mark.parametrize(("rounds", "alike"), [(4, True), (1, False)])
def test_the_next_label_is_drawn_when_the_last_is_known(rounds, alike, codec, reader, monkeypatch):
    """Two flags that always go together: a network that sees the first says the second."""
    monkeypatch.setattr(reading, "ROUNDS", rounds)
    first, second = (
        k
        for k in labels_of(codec)
        if codec.columns[k].is_flag and "Drug" not in codec.columns[k].name
    )
    at = reader.at[first].start
    start = int(np.cumsum([0, *sizes(codec)])[labels_of(codec).index(second)])

    def say(x):
        odds = said(codec, [], len(x))
        odds[:, start + 1] = 60 * (x[:, at] / np.cos(1.0) - 0.5) * (x[:, at] != 0.3)
        return x, torch.zeros_like(x), odds

    x = torch.full((200, sum(n_channels(codec)), 60), 0.3)
    reader.read(x, torch.tensor(1.0), say)
    agree = (reader.levels[first] == reader.levels[second]).double().mean()
    assert agree > 0.999 if alike else abs(agree - 0.5) < 0.05


def test_what_was_read_is_held_until_the_noise_is_gone(codec, reader):
    n_all = sum(n_channels(codec))
    x = torch.randn(20, n_all, 60, generator=torch.Generator().manual_seed(1))
    odds = torch.zeros(20, sum(sizes(codec)), 60)
    noise = torch.ones_like(x)
    now = torch.tensor(0.9)
    written = reader.read(x, now, lambda x: (x, noise, odds))
    for k in labels_of(codec):
        codes = torch.from_numpy(codec.columns[k].codes)[reader.levels[k]].permute(0, 2, 1)
        assert torch.allclose(written[:, reader.at[k]], now.cos() * codes + now.sin(), atol=1e-5)
        end = reader.hold(torch.full_like(x, 5.0), torch.tensor(0.0))
        assert torch.allclose(end[:, reader.at[k]], codes, atol=1e-5)
    free = torch.ones(n_all, dtype=torch.bool)
    for k in labels_of(codec):
        free[reader.at[k]] = False
    assert free.sum() > 3
    assert torch.equal(written[:, free], x[:, free])  # numbers go on as they were
