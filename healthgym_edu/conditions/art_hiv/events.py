"""What may happen to a person with HIV: named events for time-to-event tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...engine.events import Event, at_least, below
from ...engine.predictions import Prediction

REGIMEN = ("Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En")


def _rebound(frame: pd.DataFrame) -> pd.Series:
    """Above 200 copies/mL in somebody who was below 50 before."""
    low_before = (frame["VL"] < 50).groupby(frame["PatientID"]).cummax()
    return (frame["VL"] > 200) & low_before


def _changed(frame: pd.DataFrame) -> pd.Series:
    """Another regimen on record than in the month before."""
    other = np.zeros(len(frame), dtype=bool)
    for name in REGIMEN:
        codes, _ = pd.factorize(frame[name])
        other[1:] |= codes[1:] != codes[:-1]
    other[1:] &= frame["PatientID"].to_numpy()[1:] == frame["PatientID"].to_numpy()[:-1]
    return pd.Series(other, index=frame.index)


EVENTS = {
    "suppressed_50": below("VL", 50, "viral load below 50 copies/mL"),
    "suppressed_1000": Event(
        "viral load of 1,000 copies/mL or less", lambda frame: frame["VL"] <= 1000, "VL"
    ),
    "cd4_500": at_least("CD4", 500, "CD4 count of 500 cells/µL or more"),
    "rebound": Event("viral load above 200 copies/mL after suppression", _rebound, "VL"),
    "regimen_change": Event("another regimen than the month before", _changed),
}


def _viraemic(later: pd.DataFrame) -> pd.Series:
    month_24 = later[later["Timestep"] == 24].set_index("PatientID")
    return month_24["VL"] >= 50


PREDICTIONS = (
    Prediction(
        "viraemia in the second year",
        "Is the viral load 50 copies/mL or more in month 24, asked in month 12?",
        12,
        _viraemic,
        ("Gender", "Ethnic"),
    ),
)
