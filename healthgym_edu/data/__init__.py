"""Cohorts: simulated here, published by Health Gym, or read from a file."""

from __future__ import annotations

from .cohort import Cohort

__all__ = ["Cohort"]
