"""The SOFA score: how many organs fail, and how badly (Vincent 1996).

Six organs, 0 to 4 points each.  Differences forced by the columns: vasopressors are one dose of
noradrenaline, so the points for dobutamine and low dopamine cannot be given; urine counts once 24
hours of it are on record.  In a table the dose of a row is given after its pressure was taken.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...simulator.numbers import maximum, minimum, where

ORGANS = ("respiration", "coagulation", "liver", "circulation", "consciousness", "kidneys")

GRADED = ("PaO2 / FiO2", "platelets", "bilirubin", "GCS", "creatinine")
"""What is graded by limits of its own."""

_LIMITS = np.array(
    [
        [100.0, 200.0, 300.0, 400.0],  # mmHg
        [20.0, 50.0, 100.0, 150.0],  # E9/L
        [1.2, 2.0, 6.0, 12.0],  # mg/dL
        [6.0, 10.0, 13.0, 15.0],  # points
        [1.2, 2.0, 3.5, 5.0],  # mg/dL
    ]
)
_LOW_IS_BAD = np.array([True, True, False, True, False])


def sofa_parts(
    graded: np.ndarray,
    ventilated: np.ndarray,
    pressure: np.ndarray,
    dose: np.ndarray,
    urine: np.ndarray,
) -> np.ndarray:
    """Return the points of the six organs, shape (6, n), rows `ORGANS`.

    Parameters
    ----------
    graded : ndarray, shape (5, n)
        PaO2 (mmHg) over FiO2, platelets (E9/L), bilirubin (mg/dL), GCS (points), creatinine
        (mg/dL), as `GRADED`.
    ventilated : ndarray of bool, shape (n,)
        Whether a machine breathes; 3 and 4 points for the lungs only then.
    pressure, dose : ndarray, shape (n,)
        Mean arterial pressure, mmHg, and noradrenaline, mcg/kg/min.
    urine : ndarray, shape (n,)
        mL in 24 hours; nan where they are not over yet.
    """
    passed = (graded.T[..., None] >= _LIMITS).sum(axis=-1)
    points = np.where(_LOW_IS_BAD, 4 - passed, passed).T
    lungs, platelets, liver, coma, kidneys = points
    with_tube = minimum(lungs, 2) + where(ventilated, lungs - minimum(lungs, 2), 0)
    circulation = where(dose > 0.1, 4, where(dose > 0, 3, where(pressure < 70, 1, 0)))
    little = where(urine < 200, 4, where(urine < 500, 3, 0))  # nan compares as False
    return np.array([with_tube, platelets, liver, circulation, coma, maximum(kidneys, little)])


def sofa(frame: pd.DataFrame, parts: bool = False) -> pd.Series | pd.DataFrame:
    """Compute the SOFA score of every row of a sepsis table.

    Parameters
    ----------
    frame : DataFrame
        Columns as published (`cohort.frame`), rows sorted by patient and time.
    parts : bool
        Whether to return the points of the six organs instead of their sum.

    Returns
    -------
    Series (name ``"SOFA"``, 0 to 24) or DataFrame (columns `ORGANS`), index as in ``frame``.
    """
    output = frame["Output4H"].groupby(frame["PatientID"], sort=False)
    day = output.rolling(6, min_periods=6).sum().to_numpy()
    ratio = (frame["PaO2"] / frame["FiO2"]).to_numpy()
    points_of_coma = frame["GCS"].cat.codes.to_numpy() + 3
    blood = frame[["PlateletsCount", "TotalBili", "Creatinine"]].to_numpy(dtype=float).T
    points = sofa_parts(
        np.array([ratio, blood[0], blood[1], points_of_coma, blood[2]]),
        frame["Mech"].to_numpy(dtype=bool),
        frame["MeanBP"].to_numpy(dtype=float),
        frame["MaxVaso"].to_numpy(dtype=float),
        day,
    ).T
    if parts:
        return pd.DataFrame(points, columns=list(ORGANS), index=frame.index)
    return pd.Series(points.sum(axis=1), index=frame.index, name="SOFA")
