"""What the buffer of Health Gym's second model holds, and that it holds nobody."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import healthgym_edu as hg
from healthgym_edu.generators import fit_codec
from healthgym_edu.generators.tensors import to_arrays
from healthgym_edu.generators.vae_buffer import FEWEST, VaeBufferWganGp, groups_of
from healthgym_edu.generators.wgan import GanConfig


@pytest.fixture(scope="module")
def art():
    return hg.load_cohort("art_hiv", n_patients=300, seed=5)


@pytest.fixture(scope="module")
def model(art):
    return VaeBufferWganGp(GanConfig(width=12, critic=12, fights=1)).fit(art, max_steps=2, seed=0)


def test_groups_are_sex_and_ethnicity_and_small_ones_are_together(art):
    codec = fit_codec(art)
    group, count = groups_of(codec, codec.encode(art))
    key = art.patients["Gender"].astype(str) + art.patients["Ethnic"].astype(str)
    sizes = key.value_counts()
    large = sizes[sizes >= FEWEST].index
    assert count == len(large) + (len(large) < len(sizes))
    for name in large:
        assert len(np.unique(group[key == name])) == 1
    assert len(np.unique(group[~key.isin(large)])) == 1
    assert (group[~key.isin(large)] == count - 1).all()


def test_the_buffer_has_the_shares_of_the_groups_and_their_centres(art, model):
    codec = model.codec_
    encoded = codec.encode(art)
    group, count = groups_of(codec, encoded)
    encoder = model.network_["encoder"]
    share = np.bincount(group) / len(group)
    assert np.allclose(encoder.share.numpy(), share, atol=1e-6)
    arrays = [torch.from_numpy(one) for one in to_arrays(codec, encoded)]
    with torch.no_grad():
        places = encoder(*arrays)[0].numpy()
    for k in range(count):
        assert np.allclose(encoder.mean[k].numpy(), places[group == k].mean(axis=0), atol=1e-4)


def test_what_is_saved_has_no_row_for_each_patient_and_nobody_s_place(art, model):
    arrays = model.arrays()
    assert all(len(art) not in one.shape for one in arrays.values())
    codec = model.codec_
    inputs = [torch.from_numpy(one) for one in to_arrays(codec, codec.encode(art))]
    with torch.no_grad():
        places = model.network_["encoder"](*inputs)[0].numpy()
    stored = arrays["encoder.mean"]
    assert len(stored) <= 8
    nearest = np.abs(stored[:, None] - places[None]).max(axis=2).min(axis=1)
    spread = places.std(axis=0).mean()
    assert (nearest > 1e-3 * spread).all()
    assert np.abs(places[:1] - places).max(axis=1).min() == 0  # the distance does find a person
