"""Sepsis in intensive care: 2,164 patients, twenty blocks of four hours.

An infection, cleared at the patient's own pace, makes the patient sicker.  Sickness widens vessels
and makes them leak, so pressure falls; fluid and vasopressors raise it.  Low pressure, lacking
volume and too much vasopressor cause *ischaemia* (too little blood for the tissues), which makes
lactate, injures organs, makes the patient sicker still, and kills.

A block of four hours: `measure` the record, the clinician chooses, `act` sets the doses, `record`
writes the row, `advance` lives four hours and finds the next values, `reward` pays.  A row shows
the values *before* its treatment; what the treatment does is in the next row.

Chance is drawn before the first treatment and never changed by it: ``noise["x"]`` once per patient,
``state.at("x")`` once per patient and block.  The list of all noise is in `mechanism`.

How sepsis works, in the order of reading: `variables` the published columns · `signals` what can
be measured, as a table · `physiology` what is known of a patient; circulation, organs, death ·
`people` who comes · `sofa` the score · `care` what is measured and what the record shows ·
`clinician` the behaviour policy · `guideline` the sensible rule · `rewards` what a block is worth ·
`mechanism` all of them together · `parameters` the constants with their sources, to look up.
(`relative`: coarser actions for agents.)

A new laboratory value needs a line in `signals.SIGNALS`, a panel in `care.PANELS`, a median in
`parameters.MEDIANS` and a column in `variables.SCHEMA`; it changes everybody's random numbers.
"""

from __future__ import annotations

from .mechanism import Sepsis
from .parameters import MEDIANS, Parameters
from .sofa import sofa
from .variables import SCHEMA

MECHANISM = Sepsis()

__all__ = ["MECHANISM", "MEDIANS", "SCHEMA", "Parameters", "Sepsis", "sofa"]
