"""Sepsis in intensive care: 2,164 patients, twenty blocks of four hours.

How sepsis works, in the order of reading: `variables` the published columns · `parameters` every
constant with its source · `signals` what can be measured, as a table · `physiology` what is known
of a patient; circulation, organs, death · `people` who comes · `sofa` the score · `care` what is
measured and what the record shows · `clinician` the behaviour policy · `guideline` the sensible
rule · `rewards` what a block is worth · `mechanism` all of them together.
"""

from __future__ import annotations

from .mechanism import Sepsis
from .parameters import MEDIANS, Parameters
from .sofa import sofa
from .variables import SCHEMA

MECHANISM = Sepsis()

__all__ = ["MECHANISM", "MEDIANS", "SCHEMA", "Parameters", "Sepsis", "sofa"]
