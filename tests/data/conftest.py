"""What the tests of files and downloads share: toy patients, a server, an ordinary user."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from data_toys import Server, toy_table

from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.data.cohort import Cohort
from healthgym_edu.data.people import patients_of

os.environ.setdefault("TQDM_DISABLE", "1")  # progress bars are silent under tests
NOBODY = 65534


@pytest.fixture
def table() -> pd.DataFrame:
    """File codes of 4 patients."""
    return toy_table(4)


@pytest.fixture
def cohort() -> Cohort:
    """The cohort of 12 patients, with a decision every 20 months."""
    frame = SCHEMA.decode(toy_table(12, seed=1))
    decisions = frame.loc[frame["Timestep"] % 20 == 0, ["PatientID", "Timestep"]]
    decisions = decisions.assign(action="stay", stay=1.0).reset_index(drop=True)
    return Cohort(frame, patients_of(frame, SCHEMA), SCHEMA, "a toy", decisions, seed=1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("no_proxy", "NO_PROXY"):  # a proxy would answer in the server's place
        monkeypatch.setenv(name, "127.0.0.1")
    server = Server()
    yield server
    server.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may read, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="healthgym-edu-test-"))
    folder.chmod(0o755)
    yield folder
    for closed in (folder, *folder.iterdir()):
        closed.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def _as_ordinary_user() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def as_ordinary_user() -> Callable[[], object]:
    """A context in which file permissions count, even where the tests run as root."""
    return _as_ordinary_user


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
