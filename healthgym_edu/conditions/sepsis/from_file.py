"""What the published file of sepsis honestly tells of decisions.

It has no measured flags, so of a laboratory value nobody knows whether it was known then or found
later and carried back.  What is charted in every block is kept, and treatments and totals; what was
given before the first row is not on file, and taken for nothing.

No column tells who died or how sick somebody is, so of the rewards none can be computed;
``pressure`` is the part of the course reward that a file shows: blood pressure, and the price of
treatment.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...engine.from_file import FromFile, before, smoothed
from .clinician import ACTIONS
from .parameters import DOSE_EDGES, FLUID_EDGES, Parameters
from .rewards import LITRE, PRESSURES, VASOPRESSOR, WORTH

_CHARTED = ("HR", "SysBP", "MeanBP", "DiaBP", "RR", "Output4H", "OutputTotal")
_CLASSES = ("SpO2", "Temp")


def _level(values: pd.Series, edges: tuple[float, ...]) -> pd.Series:
    """Return the level of an amount: 0 for none, then up to each edge."""
    return pd.Series(np.searchsorted(edges[1:-1], values, side="left"), values.index)


def _seen(frame: pd.DataFrame) -> pd.DataFrame:
    patient = frame["PatientID"]
    fluid, dose = _level(frame["Input4H"], FLUID_EDGES), _level(frame["MaxVaso"], DOSE_EDGES)
    now = Parameters().recent_now
    seen = {
        "block": frame["Timepoints"],
        "Age": frame["Age"],
        "Female": frame["Gender"] == "Female",
        "ReAd": frame["ReAd"],
        "Mech": frame["Mech"],
        **{name: frame[name] for name in _CHARTED},
        **{name: frame[name].cat.codes for name in _CLASSES},
        "InputTotal": frame["InputTotal"] - frame["Input4H"],
        "fluid level": before(fluid, patient, 0),
        "vasopressor level": before(dose, patient, 0),
        "MaxVaso": before(frame["MaxVaso"], patient, 0),
        "MeanBP of late": smoothed(frame["MeanBP"], patient, now),
    }
    return pd.DataFrame({name: values.astype(float) for name, values in seen.items()})


def _action(frame: pd.DataFrame) -> np.ndarray:
    fluid, dose = _level(frame["Input4H"], FLUID_EDGES), _level(frame["MaxVaso"], DOSE_EDGES)
    return (5 * fluid + dose).to_numpy()


def _pressure(frame: pd.DataFrame) -> np.ndarray:
    patient = frame["PatientID"]
    dose = before(_level(frame["MaxVaso"], DOSE_EDGES), patient, 0).to_numpy()
    litres = before(frame["Input4H"], patient, 0).to_numpy() / 1000
    return np.interp(frame["MeanBP"], PRESSURES, WORTH) + VASOPRESSOR * dose + LITRE * litres


FROM_FILE = FromFile(ACTIONS, _seen, _action, {"pressure": _pressure})
