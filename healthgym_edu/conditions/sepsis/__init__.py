"""Sepsis in intensive care: 2,164 patients, twenty blocks of four hours.

`variables` the published columns · `parameters` constants with their source · `signals` what can be
measured, as a table · `state` what is known · `people` who they are · `physiology` circulation,
organs, death · `care` what is measured and what the record shows · `sofa` the score · `clinician`
the behaviour policy · `simulator` all of them together.
"""

from __future__ import annotations

from .. import Condition
from .parameters import MEDIANS, Parameters
from .simulator import Sepsis
from .sofa import sofa
from .variables import SCHEMA

CONDITION = Condition("sepsis", SCHEMA, Sepsis(), 2164)

__all__ = ["CONDITION", "MEDIANS", "SCHEMA", "Parameters", "Sepsis", "sofa"]
