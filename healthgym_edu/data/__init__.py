"""Cohorts: simulated here, published by Health Gym, or read from a file.

`cohort` what a cohort is · `loading` the one door · `teaching` simulated cohorts · `reading`,
`recognising` and `saving` files · `releases` and `downloading` the published files.
"""

from __future__ import annotations

from .cohort import Cohort
from .loading import load_cohort
from .teaching import policy_value, simulate, twins

__all__ = ["Cohort", "load_cohort", "policy_value", "simulate", "twins"]
