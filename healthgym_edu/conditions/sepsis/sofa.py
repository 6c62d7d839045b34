"""The SOFA score: how many organs fail, and how badly (Vincent 1996).

Six organs, 0 to 4 points each.  Differences forced by the columns: vasopressors are one dose of
noradrenaline, so the points for dobutamine and low dopamine cannot be given; urine counts once 24
hours of it are on record.  In a table the dose of a row is given after its pressure was taken.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...simulator.numbers import maximum, minimum, position, where

ORGANS = ("respiration", "coagulation", "liver", "circulation", "consciousness", "kidneys")


def sofa_points(
    ratio: np.ndarray,
    platelets: np.ndarray,
    bilirubin: np.ndarray,
    pressure: np.ndarray,
    dose: np.ndarray,
    gcs: np.ndarray,
    creatinine: np.ndarray,
    urine: np.ndarray,
    ventilated: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Return the points of the six organs, in the order of `ORGANS`, each shape (n,) or ().

    Parameters
    ----------
    ratio : ndarray, shape (n,) or ()
        PaO2 (mmHg) over FiO2; 3 and 4 points only with a tube.
    platelets, bilirubin, creatinine : ndarray
        E9/L, mg/dL, mg/dL.
    pressure, dose : ndarray
        Mean arterial pressure, mmHg, and noradrenaline, mcg/kg/min.
    gcs : ndarray
        Points, 3 to 15.
    urine : ndarray
        mL in 24 hours; nan where they are not over yet.
    ventilated : ndarray of bool
        Whether a machine breathes.
    """
    lungs = 4 - position((100.0, 200.0, 300.0, 400.0), ratio)
    circulation = where(dose > 0.1, 4, where(dose > 0, 3, where(pressure < 70, 1, 0)))
    kidneys = position((1.2, 2.0, 3.5, 5.0), creatinine)
    little = where(urine < 200, 4, where(urine < 500, 3, 0))  # nan compares as False
    return (
        where(ventilated, lungs, minimum(lungs, 2)),
        4 - position((20.0, 50.0, 100.0, 150.0), platelets),
        position((1.2, 2.0, 6.0, 12.0), bilirubin),
        circulation,
        4 - position((6.0, 10.0, 13.0, 15.0), gcs),
        maximum(kidneys, little),
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

    def of(name: str) -> np.ndarray:
        return frame[name].to_numpy(dtype=float)

    points = sofa_points(
        of("PaO2") / of("FiO2"),
        of("PlateletsCount"),
        of("TotalBili"),
        of("MeanBP"),
        of("MaxVaso"),
        frame["GCS"].cat.codes.to_numpy() + 3,
        of("Creatinine"),
        day,
        frame["Mech"].to_numpy(dtype=bool),
    )
    points = np.column_stack(points)
    if parts:
        return pd.DataFrame(points, columns=list(ORGANS), index=frame.index)
    return pd.Series(points.sum(axis=1), index=frame.index, name="SOFA")
