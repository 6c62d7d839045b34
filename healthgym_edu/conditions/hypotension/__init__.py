"""Acute hypotension in intensive care: 3,910 patients, 48 hours.

`variables` the published columns · `parameters` every constant with its source · `state` what is
known · `people` who they are · `physiology` circulation and organs · `care` what is measured and
what the record shows · `clinician` the behaviour policy · `protocol` a guideline · `rewards` what
an hour is worth · `simulator` all of them together.
"""

from __future__ import annotations

from .. import Condition
from .parameters import MEDIANS, Parameters
from .simulator import Hypotension
from .variables import SCHEMA

CONDITION = Condition("hypotension", SCHEMA, Hypotension(), 3910)

__all__ = ["CONDITION", "MEDIANS", "SCHEMA", "Hypotension", "Parameters"]
