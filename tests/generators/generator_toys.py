"""What the tests of generators share: the models, tiny, and cohorts that are odd on purpose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from healthgym_edu.data.people import patients_of
from healthgym_edu.generators.autoregressive_gru import AutoregressiveGru, GruConfig
from healthgym_edu.generators.autoregressive_tree import AutoregressiveTree, TreeConfig
from healthgym_edu.generators.base import Generator
from healthgym_edu.generators.diffusion import Diffusion, DiffusionConfig
from healthgym_edu.generators.transformer import TransformerWganGp
from healthgym_edu.generators.vae_buffer import VaeBufferWganGp
from healthgym_edu.generators.wgan import GanConfig, WganGp

CONDITIONS = ("art_hiv", "sepsis", "hypotension")

TINY_GAN = GanConfig(width=12, critic=12, fights=2, device="cpu")

MODELS = {
    "AutoregressiveGru": (
        lambda: AutoregressiveGru(GruConfig(width=12, inputs=16, head=6, device="cpu")),
        {"max_steps": 3},
    ),
    "AutoregressiveTree": (lambda: AutoregressiveTree(TreeConfig(leaf=30, features=0.05)), {}),
    "Diffusion": (
        lambda: Diffusion(DiffusionConfig(width=12, deeper=16, steps=4, device="cpu")),
        {"max_steps": 3},
    ),
    "WganGp": (lambda: WganGp(TINY_GAN), {"max_steps": 3}),
    "VaeBufferWganGp": (lambda: VaeBufferWganGp(TINY_GAN), {"max_steps": 2}),
    "TransformerWganGp": (lambda: TransformerWganGp(TINY_GAN), {"max_steps": 2}),
}
"""Each model, tiny, and how long it learns."""

NETWORKS = tuple(name for name in MODELS if name != "AutoregressiveTree")

EVERYWHERE = ("AutoregressiveGru", "AutoregressiveTree", "WganGp")
"""Models that are tested on intensive care, too."""

PAIRS = [(name, "art_hiv") for name in MODELS]
PAIRS += [(name, condition) for name in EVERYWHERE for condition in CONDITIONS[1:]]


def fit(name: str, cohort, seed: int = 0) -> Generator:
    """Return a model of that name that has learned from a cohort."""
    make, limits = MODELS[name]
    return make().fit(cohort, seed=seed, **limits)


def with_frame(cohort, **columns):
    """Return the cohort with other values in some columns, and the patients they tell of."""
    frame = cohort.frame.assign(**columns)
    told = patients_of(frame, cohort.schema)
    kept = [name for name in cohort.schema.static if name in columns]
    patients = cohort.patients.assign(**{name: told[name] for name in kept})
    return replace(cohort, frame=frame, patients=patients, decisions=None, seen=None)


def shuffled(cohort, seed=0):
    """Return a cohort like a published file: no rule holds, and nothing is told of its patients.

    Every column is shuffled over all rows, what never changes included.
    """
    rng = np.random.default_rng(seed)
    schema, frame = cohort.schema, cohort.frame.copy()
    for name in schema.names:
        if name not in (schema.id, schema.step):
            frame[name] = frame[name].array[rng.permutation(len(frame))]
    return replace(
        cohort, frame=frame, patients=patients_of(frame, schema), source="a file", decisions=None,
        seen=None, seed=None, recipe=None,
    )  # fmt: skip


def first_steps(cohort, n_steps):
    """Return the first steps of everybody: all records end early, and nobody is known to die."""
    schema = cohort.schema
    frame = cohort.frame[cohort.frame[schema.step] < n_steps].reset_index(drop=True)
    return replace(
        cohort, frame=frame, patients=patients_of(frame, schema), decisions=None, seen=None
    )


def moves(values: pd.Series, patient: pd.Series) -> int:
    """Return how often a column changes within a patient."""
    return int((values.ne(values.shift()) & patient.eq(patient.shift())).sum())


def assert_same(one, other) -> None:
    """Fail if two cohorts differ anywhere."""
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.patients, other.patients)
