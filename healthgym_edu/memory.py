"""How much memory there is, and a refusal in words before it runs out."""

from __future__ import annotations

from pathlib import Path

import psutil

from .errors import ArgumentError

__all__ = ["free_memory", "require_memory"]

_CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def free_memory() -> float:
    """Return how many bytes this process may use: what is free, or what its limits leave of it."""
    free = min(float(psutil.virtual_memory().available), _address_space())
    used = float(psutil.Process().memory_info().rss)
    for path in map(Path, _CGROUPS):
        text = path.read_text(encoding="ascii").strip() if path.is_file() else "max"
        if text.isdigit():
            free = min(free, int(text) - used)
    return max(free, 0.0)


def _address_space() -> float:
    """Return how many bytes ``ulimit -v`` leaves, where there is such a limit."""
    process = psutil.Process()
    if not hasattr(process, "rlimit"):  # it is there on Linux alone
        return float("inf")
    limit = process.rlimit(psutil.RLIMIT_AS)[0]
    return float("inf") if limit < 0 else float(limit - process.memory_info().vms)


def require_memory(needed: float, n_patients: int) -> None:
    """Raise `ArgumentError` if tables of so many patients do not fit into memory.

    Parameters
    ----------
    needed : float
        Bytes.
    n_patients : int
        How many were asked for.
    """
    free = free_memory()
    if needed > free:
        fitting = int(0.9 * free / needed * n_patients)
        raise ArgumentError(
            f"n_patients is {n_patients:,}; their tables need about {needed / 1e9:,.1f} GB of "
            f"memory while they are made, and {free / 1e9:,.1f} GB are free. Ask for at most "
            f"{fitting:,}, or close other programs. Values of policies (hg.policy_value) need no "
            "tables, whatever the number of patients."
        )
