"""The SOFA score: how many organs fail, and how badly (Vincent 1996).

Six organs, 0 to 4 points each.  Differences forced by the columns: vasopressors are one dose of
noradrenaline, so the points for dobutamine and low dopamine cannot be given; urine counts once 24
hours of it are on record.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

ORGANS = ("respiration", "coagulation", "liver", "circulation", "consciousness", "kidneys")

_PLATELETS = np.array([20.0, 50.0, 100.0, 150.0])
_BILIRUBIN = np.array([1.2, 2.0, 6.0, 12.0])
_GCS = np.array([6.0, 10.0, 13.0, 15.0])
_CREATININE = np.array([1.2, 2.0, 3.5, 5.0])
_RATIO = np.array([100.0, 200.0, 300.0, 400.0])


def sofa_parts(
    ratio: np.ndarray,
    ventilated: np.ndarray,
    platelets: np.ndarray,
    bilirubin: np.ndarray,
    pressure: np.ndarray,
    dose: np.ndarray,
    gcs: np.ndarray,
    creatinine: np.ndarray,
    urine: np.ndarray,
) -> np.ndarray:
    """Return the points of the six organs, shape (n, 6), columns `ORGANS`.

    Parameters
    ----------
    ratio : ndarray, shape (n,)
        PaO2 (mmHg) over FiO2; 3 and 4 points only with a tube.
    ventilated : ndarray of bool
        Whether a machine breathes.
    platelets, bilirubin, creatinine : ndarray
        E9/L, mg/dL, mg/dL.
    pressure, dose : ndarray
        Mean arterial pressure, mmHg, and noradrenaline, mcg/kg/min.
    gcs : ndarray
        Points, 3 to 15.
    urine : ndarray
        mL in 24 hours; nan where they are not over yet.
    """
    lungs = 4 - np.searchsorted(_RATIO, ratio, side="right")
    lungs = np.where(ventilated, lungs, np.minimum(lungs, 2))
    circulation = np.where(dose > 0.1, 4, np.where(dose > 0, 3, pressure < 70))
    kidneys = np.searchsorted(_CREATININE, creatinine, side="right")
    little = np.where(urine < 200, 4, np.where(urine < 500, 3, 0))  # nan compares as False
    return np.stack(
        [
            lungs,
            4 - np.searchsorted(_PLATELETS, platelets, side="right"),
            np.searchsorted(_BILIRUBIN, bilirubin, side="right"),
            circulation,
            4 - np.searchsorted(_GCS, gcs, side="right"),
            np.maximum(kidneys, little),
        ],
        axis=1,
    )


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
    points = sofa_parts(
        (frame["PaO2"] / frame["FiO2"]).to_numpy(),
        frame["Mech"].to_numpy(),
        frame["PlateletsCount"].to_numpy(),
        frame["TotalBili"].to_numpy(),
        frame["MeanBP"].to_numpy(),
        frame["MaxVaso"].to_numpy(),
        frame["GCS"].cat.codes.to_numpy() + 3,
        frame["Creatinine"].to_numpy(),
        day,
    )
    if parts:
        return pd.DataFrame(points, columns=list(ORGANS), index=frame.index)
    return pd.Series(points.sum(axis=1), index=frame.index, name="SOFA")
