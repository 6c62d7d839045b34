"""Patients that several files of tests look at."""

from __future__ import annotations

import pytest
from sepsis_by_hand import SIM, TRUE, replayed

from healthgym_edu.engine import BLOCK, simulate_tables


@pytest.fixture(scope="session")
def septic():
    return simulate_tables(SIM, 2 * BLOCK, seed=0)


@pytest.fixture(scope="session")
def septic_truth():
    """The same patients, every block as it was."""
    return simulate_tables(TRUE, 2 * BLOCK, seed=0)


@pytest.fixture(scope="session")
def septic_blocks(septic):
    """The first patients once more, from their recorded actions: one dict a block."""
    return replayed(septic, SIM.draw(0, 0))
