"""What the tests of generators share: cohorts, and one fit of each model for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from generator_toys import CONDITIONS, fit

import healthgym_edu as hg
from healthgym_edu.data.cohort import Cohort
from healthgym_edu.generators import Codec, fit_codec
from healthgym_edu.generators.base import Generator

os.environ.setdefault("TQDM_DISABLE", "1")  # progress bars are silent under tests


@pytest.fixture(scope="session")
def cohorts() -> dict[str, Cohort]:
    """100 patients of each condition."""
    return {name: hg.load_cohort(name, n_patients=100, seed=3) for name in CONDITIONS}


@pytest.fixture(scope="session")
def few(cohorts) -> dict[str, Cohort]:
    """25 of them, for what has to be fitted once more."""
    return {name: one.subset(one.patients.index[:25]) for name, one in cohorts.items()}


@pytest.fixture(scope="session")
def codecs(cohorts) -> dict[str, Codec]:
    return {name: fit_codec(cohort) for name, cohort in cohorts.items()}


@pytest.fixture(scope="session")
def fitted(cohorts) -> Callable[[str, str], Generator]:
    """The model of that name after a few steps on a condition, fitted when first asked for."""
    return cache(lambda name, condition="art_hiv": fit(name, cohorts[condition]))


@pytest.fixture(scope="session")
def made(fitted) -> Callable[[str, str], Cohort]:
    """What each model makes of 40 patients with seed 1."""
    return cache(lambda name, condition="art_hiv": fitted(name, condition).sample(40, seed=1))


@pytest.fixture
def full_disk() -> Callable[[int], object]:
    """A context in which this process cannot write a file beyond some bytes."""
    import resource

    @contextmanager
    def limit(n_bytes: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit
