"""What the published file of acute hypotension honestly tells of decisions, every four hours.

Measured flags say which values were known; the others are carried forward, never back.  The level
of fluid is the largest bolus of the four hours, that of vasopressors the one in the first of them.
The published reward can be computed: of the lowest pressure of an hour, which is a little below the
mean that the mechanism pays for, and of the urine charted last.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...engine.from_file import FromFile, before, last_measured, smoothed
from .clinician import ACTIONS
from .parameters import FLUID_ML, HOURS_PER_BLOCK, MEDIANS, Parameters
from .rewards import ENOUGH_PRESSURE, ENOUGH_URINE, PRESSURES, WORTH
from .variables import SCHEMA

_PRESSURES = ("MAP", "diastolic_bp", "systolic_bp")


def _seen(frame: pd.DataFrame) -> pd.DataFrame:
    patient, p = frame["PatientID"], Parameters()

    def known(name: str) -> pd.Series:
        values = frame[name].cat.codes if SCHEMA[name].is_coded else frame[name]
        never = float(MEDIANS[name])
        return last_measured(values.astype(float), frame[SCHEMA[name].measured_by], patient, never)

    levels = frame["fluid_boluses"].cat.codes.to_numpy()
    litres = pd.Series(np.array(FLUID_ML)[levels] / 1000, frame.index)
    grown = p.retained_keep ** -frame["Timepoints"].astype(float)  # undoes the fading, to add up
    so_far = before((litres * grown).groupby(patient).cumsum(), patient, 0)
    seen = {
        "hour": frame["Timepoints"],
        **{name: frame[name] for name in _PRESSURES},
        "MAP of the last hours": smoothed(frame["MAP"], patient, p.recent_now),
        **{name: known(name) for name in MEDIANS},
        **{name: frame[name] for name in SCHEMA.flags},
        "vasopressor level": before(frame["vasopressors"].cat.codes, patient, 0),
        "litres given": so_far / grown / p.retained_keep,
    }
    seen["GCS_total"] = seen["GCS_total"] + 3
    return pd.DataFrame({name: values.astype(float) for name, values in seen.items()})


def _action(frame: pd.DataFrame) -> np.ndarray:
    block = frame["Timepoints"] // HOURS_PER_BLOCK
    fluid = frame["fluid_boluses"].cat.codes.astype(int)
    fluid = fluid.groupby([frame["PatientID"], block]).transform("max")
    action = 4 * fluid + frame["vasopressors"].cat.codes.astype(int)
    return np.where(frame["Timepoints"] % HOURS_PER_BLOCK == 0, action, -1)


def _published(frame: pd.DataFrame) -> np.ndarray:
    urine = last_measured(frame["urine"], frame["urine_m"], frame["PatientID"], 0.0)
    good = (urine >= ENOUGH_URINE) & (frame["MAP"] >= ENOUGH_PRESSURE)
    return np.where(good, 0.0, np.interp(frame["MAP"], PRESSURES, WORTH))


FROM_FILE = FromFile(ACTIONS, _seen, _action, {"published": _published})
