"""What every figure asks of its input: a table, its schema, a column, a patient, a grouping."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ..errors import ArgumentError
from ..schema import Schema, Variable

MAX_GROUPS = 10
"""More groups than this cannot be told apart in one figure."""


def unpack(cohort: Any, schema: Schema | None = None) -> tuple[pd.DataFrame, Schema, Any]:
    """Take a cohort apart.

    Parameters
    ----------
    cohort : Cohort, (DataFrame, Schema) or DataFrame
        Anything with ``frame`` and ``schema``, a pair of the two, or a bare table together with
        `schema`.
    schema : Schema, optional
        Needed with a bare table; wins over the cohort's own.

    Returns
    -------
    frame : DataFrame
        One row per patient and step, decoded labels.
    schema : Schema
    patients : DataFrame or None
        One row per patient, where the cohort has such a table.

    Raises
    ------
    ArgumentError
        If there is no table or no schema, or the table lacks the patient or step column.
    """
    if isinstance(cohort, tuple) and len(cohort) == 2:
        frame, own, patients = cohort[0], cohort[1], None
    elif isinstance(cohort, pd.DataFrame):
        frame, own, patients = cohort, None, None
    else:
        frame, own = getattr(cohort, "frame", None), getattr(cohort, "schema", None)
        patients = getattr(cohort, "patients", None)
    schema = own if schema is None else schema
    if not isinstance(frame, pd.DataFrame):
        raise ArgumentError(
            "A figure needs a cohort, a pair (frame, schema), or a frame with schema=…; found "
            f"{type(cohort).__name__}. Pass for example the result of load_cohort('art_hiv')."
        )
    if schema is None:
        raise ArgumentError(
            "A bare table does not say what its columns mean. Pass the cohort itself, or add "
            "schema=art.schema so that units and kinds are known."
        )
    for key in (schema.id, schema.step):
        if key not in frame.columns:
            raise ArgumentError(
                f"The table has no column '{key}', by which rows are sorted into patients and "
                f"time. Its columns: {_list(frame.columns)}. Keep '{key}' when selecting columns."
            )
    if frame.empty:
        raise ArgumentError("The table has no rows, so there is nothing to draw.")
    return frame, schema, patients


def variable(
    frame: pd.DataFrame, schema: Schema, column: str, kinds: Iterable[str] = (), use: str = ""
) -> Variable:
    """Look a column up, or say which columns there are.

    Parameters
    ----------
    kinds : iterable of str
        Kinds this figure can draw; empty for any.
    use : str
        A hint for a column of the wrong kind.

    Raises
    ------
    ArgumentError
        For a column that is not in the table or schema, or is of a kind that is not drawn.
    """
    kinds = tuple(kinds)
    known = [v.name for v in schema if v.name in frame.columns]
    if column not in known:
        near = difflib.get_close_matches(str(column), known, n=1, cutoff=0.5)
        guess = f" Did you mean '{near[0]}'?" if near else ""
        raise ArgumentError(f"No column '{column}'.{guess} The columns are: {_list(known)}.")
    found = schema[column]
    if kinds and found.kind not in kinds:
        fitting = [v.name for v in schema if v.kind in kinds and v.name in frame.columns]
        raise ArgumentError(
            f"Column '{column}' is {found.kind}; this figure draws {' or '.join(kinds)} columns: "
            f"{_list(fitting)}.{' ' + use if use else ''}"
        )
    return found


def one_patient(frame: pd.DataFrame, schema: Schema, patient_id: int) -> pd.DataFrame:
    """Rows of one patient, in order of time.

    Raises
    ------
    ArgumentError
        If the patient is not in the table.
    """
    rows = frame[frame[schema.id] == patient_id]
    if rows.empty:
        ids = np.sort(frame[schema.id].unique())
        raise ArgumentError(
            f"No patient {patient_id!r} here. This cohort has {len(ids):,} patients, with "
            f"{schema.id} from {ids[0]} to {ids[-1]}; the first are {_list(ids[:5])}."
        )
    return rows.sort_values(schema.step)


def group_rows(
    frame: pd.DataFrame, schema: Schema, patients: Any, by: str | pd.Series | None
) -> tuple[pd.Series | None, list, str]:
    """Say for every row which group it belongs to.

    Parameters
    ----------
    by : str, Series or None
        A categorical or boolean column of `frame` (a row belongs to the group it is in at that
        step), a column of the patients table, or a Series indexed by patient.

    Returns
    -------
    groups : Series or None
        Aligned with the rows of `frame`, missing where a column is; None without `by`.
    names : list
        The groups that occur, in the order of the schema's labels where there is one.
    title : str
        What the grouping is called.

    Raises
    ------
    ArgumentError
        For an unknown column, one with numbers, patients without a group, or too many groups.
    """
    if by is None:
        return None, [], ""
    order: list = []
    if isinstance(by, pd.Series):
        groups = frame[schema.id].map(by)
        # a Series made from VL is often still called VL, and would read "VL by VL"
        title = str(by.name) if by.name and by.name not in schema else "group"
        if groups.isna().any():
            lacking = frame.loc[groups.isna(), schema.id].unique()
            raise ArgumentError(
                f"by: a Series indexed by {schema.id} was expected, with a group for every "
                f"patient; {len(lacking):,} patients have none (first: {_list(lacking[:3])})."
            )
        order = list(by.cat.categories) if isinstance(by.dtype, pd.CategoricalDtype) else []
    elif by in frame.columns and by in schema.names:
        variable(frame, schema, by, ("categorical", "binary", "flag"),
                 "Cut numbers into groups with pandas.cut and pass that Series, one per patient.")
        groups, title, order = frame[by], by, list(schema[by].labels)
    elif isinstance(patients, pd.DataFrame) and by in patients.columns:
        return group_rows(frame, schema, patients, patients[by])
    else:
        extra = [] if patients is None else [c for c in patients.columns if c not in frame.columns]
        usable = [n for n in (*schema.categorical, *schema.binary, *schema.flags)
                  if n in frame.columns]
        raise ArgumentError(f"Cannot group by '{by}'. Columns to group by: "
                            f"{_list([*usable, *extra])}.")
    present = list(pd.unique(groups.dropna()))
    names = [name for name in order if name in present]
    names += sorted((name for name in present if name not in names), key=str)
    if len(names) > MAX_GROUPS:
        raise ArgumentError(
            f"'{title}' has {len(names)} groups; at most {MAX_GROUPS} can be told apart in one "
            "figure. Cut it into fewer groups, for example with pandas.cut."
        )
    return groups, names, title


def patient_matrix(
    frame: pd.DataFrame, schema: Schema, column: str, patient_ids: Iterable[int] | None = None
) -> pd.DataFrame:
    """One row per patient, one column per step (NaN where a patient has no row)."""
    if patient_ids is not None:
        frame = frame[frame[schema.id].isin(list(patient_ids))]
    return frame.pivot(index=schema.id, columns=schema.step, values=column)


def _list(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names)
