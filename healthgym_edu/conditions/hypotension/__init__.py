"""Acute hypotension in intensive care: 3,910 patients, 48 hours.

In the order of reading: `variables` the published columns · `parameters` every constant with its
source · `physiology` what is known of a patient; circulation and organs · `people` who comes ·
`care` what is measured and what the record shows · `clinician` the behaviour policy · `guideline`
the sensible rule · `rewards` what an hour is worth · `mechanism` all of them together.
"""

from __future__ import annotations

from .mechanism import Hypotension
from .parameters import MEDIANS, Parameters
from .variables import SCHEMA

MECHANISM = Hypotension()

__all__ = ["MECHANISM", "MEDIANS", "SCHEMA", "Hypotension", "Parameters"]
