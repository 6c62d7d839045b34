"""Antiretroviral therapy (ART) for HIV: 8,916 people, 60 months.

In the order of reading: `variables` the published columns · `regimens` what can be prescribed, and
`preferences` how much it is liked · `parameters` every constant with its source · `physiology` what
is known of a person; virus, CD4, adherence, resistance · `people` who comes · `care` visits,
laboratory, records · `clinician` the behaviour policy · `guideline` the sensible rule · `rewards`
what a month is worth · `mechanism` all of them together · `cells` the 24 published actions ·
`trial` a simulated randomised trial.
"""

from __future__ import annotations

from .mechanism import ArtHiv
from .parameters import DETECTION_LIMIT, FAILURE_LIMIT, Parameters
from .trial import snapshot_trial
from .variables import SCHEMA

MECHANISM = ArtHiv()

__all__ = [
    "MECHANISM", "DETECTION_LIMIT", "FAILURE_LIMIT", "SCHEMA", "ArtHiv", "Parameters",
    "snapshot_trial",
]  # fmt: skip
