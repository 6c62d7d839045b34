"""Memory is estimated before it is used, and a value of a policy needs little of it."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import pytest

import healthgym_edu as hg
from healthgym_edu import memory
from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.engine import BLOCK, simulate_tables, tables
from healthgym_edu.errors import ArgumentError


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_estimate_is_what_it_takes(condition, monkeypatch):
    """Neither too little, which would end in the middle, nor twice too much."""
    told = []
    monkeypatch.setattr(tables, "require_memory", lambda needed, n: told.append((needed, n)))
    mechanism, n = get_mechanism(condition), 4 * BLOCK
    simulate_tables(mechanism, 10)  # what is made once and kept
    tracemalloc.start()
    try:
        simulate_tables(mechanism, n)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    ((needed, counted),) = told
    assert counted == n
    assert 0.9 < needed / peak < 1.7


def test_a_cohort_that_does_not_fit_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 2e9)
    with pytest.raises(ArgumentError, match=r"n_patients is 1,000,000; .* GB are free") as told:
        hg.load_cohort("art_hiv", n_patients=1_000_000)
    words = str(told.value)
    fitting = int(words.split("at most ")[1].split(", or")[0].replace(",", ""))
    assert 50_000 < fitting < 200_000
    assert "hg.policy_value" in words
    memory.require_memory(1.9e9, fitting)


def test_under_a_limit_of_the_process_it_is_a_refusal_too():
    """Where the system would only say no in the middle, as under `ulimit -v`."""
    code = """
import resource
import healthgym_edu as hg
hg.load_cohort("art_hiv", n_patients=10)
most = 3 * 10**9
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    hg.load_cohort("art_hiv", n_patients=1_000_000)
except ValueError as error:
    print(type(error).__name__, error)
"""
    if sys.platform != "linux":
        pytest.skip("a limit that only Linux keeps")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stdout.startswith("ArgumentError n_patients is 1,000,000"), done.stderr


@pytest.mark.parametrize(
    ("limit", "free"), [("max\n", 5e9), ("3000000000\n", 2e9), (str(2**63), 5e9), ("10", 0.0)]
)
def test_a_container_has_less_than_its_computer(limit, free, monkeypatch, tmp_path):
    path = tmp_path / "memory.max"
    path.write_text(limit, encoding="ascii")
    monkeypatch.setattr(memory, "_CGROUPS", (str(path), str(tmp_path / "absent")))
    monkeypatch.setattr(memory, "_address_space", lambda: float("inf"))
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: _Has(available=5e9))
    monkeypatch.setattr(memory.psutil, "Process", _Small)
    assert memory.free_memory() == free


class _Has:
    def __init__(self, **values):
        vars(self).update(values)


class _Small:
    def memory_info(self):
        return _Has(rss=1e9)


@pytest.mark.parametrize("discount_per", ["row", "decision"])
def test_the_value_of_a_policy_needs_the_memory_of_a_few_blocks(discount_per):
    def peak(n):
        tracemalloc.start()
        try:
            hg.policy_value("hypotension", "clinician", n, discount_per=discount_per)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(2 * BLOCK), peak(8 * BLOCK)
    assert many - few < 40 * 6 * BLOCK  # some numbers for each patient, and no table
