"""Antiretroviral therapy (ART) for HIV: 8,916 people, 60 months.

`variables` the published columns · `regimens` what can be prescribed · `parameters` every
constant with its source · `state` what is known · `people` who they are · `mechanism` virus,
CD4, adherence, resistance · `care` visits, laboratory, records · `clinician` the behaviour policy ·
`protocol` a guideline · `rewards` what a month is worth · `simulator` all of them together ·
`trial` a simulated randomised trial.
"""

from __future__ import annotations

from .. import Condition
from .parameters import DETECTION_LIMIT, FAILURE_LIMIT, Parameters
from .simulator import ArtHiv
from .trial import simulated_trial, trial_results
from .variables import SCHEMA

CONDITION = Condition("art_hiv", SCHEMA, ArtHiv(), 8916, trial_results)

__all__ = [
    "CONDITION",
    "DETECTION_LIMIT",
    "FAILURE_LIMIT",
    "SCHEMA",
    "ArtHiv",
    "Parameters",
    "simulated_trial",
]
