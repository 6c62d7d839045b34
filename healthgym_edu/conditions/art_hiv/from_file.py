"""What the published file on ART honestly tells of decisions.

A month in which virus or CD4 cells were measured counts as a visit, and what was chosen there is
the regimen of the month after: in the month of a change the columns still show parts of the old
one.  Results are carried forward only.  The file does not say that somebody takes nothing, when
treatment began, how old people are or what they did not tolerate.  ``published`` pays at each visit
what is measured there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...engine.from_file import FromFile, before, last_measured
from .cells import CELLS
from .parameters import DETECTION_LIMIT
from .regimens import REGIMENS, columns_of
from .variables import SCHEMA

_DRUGS = ("Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En")
_REGIMENS = np.array([columns_of(regimen) for regimen in REGIMENS], dtype=object)
_BASES = len(SCHEMA["Base Drug Combo"].labels)


def _log_vl(frame: pd.DataFrame) -> pd.Series:
    return np.log10(frame["VL"].clip(lower=0.1)).clip(-1, 7)


def _regimen(frame: pd.DataFrame) -> pd.Series:
    """Return which regimen, from 1, agrees in most columns; the first one of equals."""
    drugs = frame[list(_DRUGS)].astype(object).to_numpy()
    agree = sum((drugs[:, [k]] == _REGIMENS[:, k]).astype(int) for k in range(len(_DRUGS)))
    return pd.Series(1 + np.asarray(agree).argmax(axis=1), frame.index)


def _seen(frame: pd.DataFrame) -> pd.DataFrame:
    patient, regimen = frame["PatientID"], _regimen(frame)
    viral_load, measured = _log_vl(frame), frame["VL (M)"].astype(bool)
    high = (measured & (viral_load >= np.log10(DETECTION_LIMIT))).groupby(patient).cumsum()
    low = (measured & (viral_load < np.log10(DETECTION_LIMIT))).astype(int)
    seen = {
        "month": frame["Timestep"],
        "female": frame["Gender"] == "Female",
        "log10 VL": last_measured(viral_load, measured, patient, -1.0),
        "CD4": last_measured(frame["CD4"], frame["CD4 (M)"], patient, -1.0),
        "results below 50": low.groupby([patient, high]).cumsum(),
        "regimen on file": before(regimen, patient, np.nan).fillna(regimen),
    }
    return pd.DataFrame({name: values.astype(float) for name, values in seen.items()})


def _action(frame: pd.DataFrame) -> np.ndarray:
    cell = _BASES * frame["Comp. NNRTI"].cat.codes.astype(int)
    cell = cell + frame["Base Drug Combo"].cat.codes.astype(int)
    after = cell.groupby(frame["PatientID"]).shift(-1)
    visit = frame["VL (M)"].astype(bool) | frame["CD4 (M)"].astype(bool)
    return after.where(visit & after.notna(), -1).to_numpy().astype(np.int64)


def _published(frame: pd.DataFrame) -> np.ndarray:
    patient, visit = frame["PatientID"], frame["VL (M)"].astype(bool)
    log_vl = last_measured(_log_vl(frame), visit, patient, np.nan)
    cells = last_measured(frame["CD4"], frame["CD4 (M)"], patient, np.nan)
    virus = np.where(log_vl >= np.log10(DETECTION_LIMIT), -0.7 * np.log(10) * log_vl, 5.0)
    worth = virus + 0.6 * np.log(cells.clip(lower=1.0))
    return np.where(visit & worth.notna(), worth, 0.0)


FROM_FILE = FromFile(CELLS.labels, _seen, _action, {"published": _published})
