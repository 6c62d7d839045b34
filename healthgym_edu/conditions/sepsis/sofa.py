"""The SOFA score: how many organs fail, and how badly (Vincent 1996).

Six organs, 0 to 4 points each.  Differences forced by the columns: vasopressors are one dose of
noradrenaline, so the points for dobutamine and low dopamine cannot be given; urine counts once 24
hours of it are on record.  In a table the dose of a row is given after its pressure was taken.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...engine import Columns, position

ORGANS = ("respiration", "coagulation", "liver", "circulation", "consciousness", "kidneys")
COLUMNS = ("PaO2", "FiO2", "PlateletsCount", "TotalBili", "MeanBP", "Creatinine")
"""What a score needs as it stands in the table."""


def sofa_points(of: Columns, gcs: np.ndarray, dose: np.ndarray, urine: np.ndarray,
                ventilated: np.ndarray) -> tuple[np.ndarray, ...]:  # fmt: skip
    """Return the points of the six organs, in the order of `ORGANS`, each shape (n,).

    Parameters
    ----------
    of : dict of str to ndarray, shape (n,)
        Values by name, `COLUMNS`, in their units.
    gcs : ndarray
        Points, 3 to 15.
    dose : ndarray
        Noradrenaline, mcg/kg/min.
    urine : ndarray
        mL in 24 hours; nan where they are not over yet.
    ventilated : ndarray of bool
        Whether a machine breathes; only then can the lungs have 3 and 4 points.
    """
    lungs = 4 - position((100.0, 200.0, 300.0, 400.0), of["PaO2"] / of["FiO2"])
    circulation = np.where(dose > 0.1, 4, np.where(dose > 0, 3, np.where(of["MeanBP"] < 70, 1, 0)))
    kidneys = position((1.2, 2.0, 3.5, 5.0), of["Creatinine"])
    little = np.where(urine < 200, 4, np.where(urine < 500, 3, 0))  # nan compares as False
    return (
        np.where(ventilated, lungs, np.minimum(lungs, 2)),
        4 - position((20.0, 50.0, 100.0, 150.0), of["PlateletsCount"]),
        position((1.2, 2.0, 6.0, 12.0), of["TotalBili"]),
        circulation,
        4 - position((6.0, 10.0, 13.0, 15.0), gcs),
        np.maximum(kidneys, little),
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
    blocks_before = frame.groupby("PatientID", sort=False).cumcount().to_numpy()
    day = np.convolve(frame["Output4H"].to_numpy(dtype=float), np.ones(6))[: len(frame)]
    day[blocks_before < 5] = np.nan
    points = sofa_points(
        {name: frame[name].to_numpy(dtype=float) for name in COLUMNS},
        frame["GCS"].cat.codes.to_numpy() + 3,
        frame["MaxVaso"].to_numpy(dtype=float),
        day,
        frame["Mech"].to_numpy(dtype=bool),
    )
    table = np.column_stack(points)
    if parts:
        return pd.DataFrame(table, columns=list(ORGANS), index=frame.index)
    return pd.Series(table.sum(axis=1), index=frame.index, name="SOFA")
