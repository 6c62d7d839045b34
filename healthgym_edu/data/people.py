"""A cohort's table of patients: what records tell of them, and the way to a file and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype

from ..errors import SchemaError
from ..schema import Schema
from ..schema_checks import shorten
from ..variables import FOLLOWED, Variable
from .layouts import plain_names
from .reading import read_raw

__all__ = ["patients_of", "patients_table", "read_patients"]


def patients_table(patients: pd.DataFrame, layout: str = "codes") -> pd.DataFrame:
    """Return ``cohort.patients`` as a file holds it: the identifier first, words for labels."""
    table = patients.reset_index()
    return table.set_axis(plain_names(table), axis="columns") if layout == "labelled" else table


def patients_of(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Return one row per patient with the static columns of the schema and the steps on record.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        Decoded and sorted by patient.
    schema : Schema
        Says which columns are static.

    Returns
    -------
    DataFrame, shape (n_patients, n_static)
        Index: the patient. The published releases let a static column vary within a patient;
        here stands its most frequent value, and of equally frequent ones the first label.
    """
    patients = pd.DataFrame(index=pd.Index(frame[schema.id].unique(), name=schema.id))
    for name in schema.static:
        counts = frame.groupby([schema.id, name], observed=True, as_index=False).size()
        counts = counts.sort_values("size", ascending=False, kind="stable")
        patients[name] = counts.drop_duplicates(schema.id).set_index(schema.id)[name]
    patients[FOLLOWED] = frame.groupby(schema.id).size()
    return patients


def read_patients(path: Path, schema: Schema, ids: pd.Index) -> pd.DataFrame:
    """Read a table of patients that `Cohort.save` has written.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    schema : Schema
        Its ``facts`` say which columns there may be, and of what kind.
    ids : Index
        The patients of the table of records: the same ones are expected, in any order.

    Returns
    -------
    DataFrame, shape (n_patients, n_facts)
        As ``cohort.patients``, in the order of ``ids``.

    Raises
    ------
    SourceError
        The file is missing or cannot be read.
    SchemaError
        Other columns, other patients, or a value that does not belong.
    """
    table = read_raw(path)
    table.columns = [str(name) for name in table.columns]
    known = {variable.name: variable for variable in schema.facts}
    odd = [name for name in table.columns if name not in known and name != schema.id]
    if odd or schema.id not in table:
        fault = f"it has the column {odd[0]!r}" if odd else f"it has no column {schema.id!r}"
        raise SchemaError(
            f"{path} is no table of patients of {schema.condition!r}: {fault}. Expected "
            f"{schema.id} and some of: {', '.join(known)}."
        )
    table = table.set_index(schema.id)
    absent, unknown = ids.difference(table.index), table.index.difference(ids)
    if len(absent) or len(unknown) or not table.index.is_unique:
        raise SchemaError(
            f"{path} tells of other patients than the table of records: {len(absent):,} of them "
            f"are missing in it, {len(unknown):,} of its own are not in the records, and "
            f"{table.index.duplicated().sum():,} come twice. Write both with one export."
        )
    table = table.loc[ids].rename_axis(schema.id)
    return pd.DataFrame(
        {name: _decoded(table[name], known[name], path) for name in table}, index=table.index
    )


def _decoded(values: pd.Series, variable: Variable, path: Path) -> pd.Series:
    """Return a column in the type that simulated cohorts have."""
    if variable.is_coded:
        words = {str(label): label for label in variable.labels}
        labels = values.map(lambda cell: words.get(str(cell)))
        _require(labels.notna(), values, variable, path)
        if variable.is_boolean:
            return labels.astype(bool)
        return pd.Series(pd.Categorical(labels, categories=list(variable.labels)), values.index)
    try:
        numbers = pd.Series(values.to_numpy(dtype=float, na_value=np.nan), values.index)
    except (TypeError, ValueError):
        _require(values.map(lambda cell: isinstance(cell, (int, float))), values, variable, path)
        raise
    if variable.kind == "step":
        _require(numbers.isna() | numbers.eq(np.floor(numbers)), values, variable, path)
        return numbers.astype("Int64")
    low, high = variable.low, variable.high
    inside = numbers.between(-np.inf if low is None else low, np.inf if high is None else high)
    _require(inside, values, variable, path)
    return values if is_integer_dtype(values) else numbers


def _require(good: pd.Series, values: pd.Series, variable: Variable, path: Path) -> None:
    if not good.all():
        cell = values[~good].iloc[0]
        found = shorten(cell.item() if isinstance(cell, np.generic) else cell)
        raise SchemaError(
            f"{path}, column {variable.name!r}: found {found}, which does not belong there.",
            column=variable.name,
        )
