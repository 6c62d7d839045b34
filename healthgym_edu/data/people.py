"""A cohort's table of patients: what records tell of them, and the way to a file and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype

from ..errors import SchemaError
from ..schema import Schema
from ..schema_checks import decoded, possible_values, shorten
from ..variables import FOLLOWED, Variable
from .layouts import plain_name, plain_names, words_of
from .reading import STRAY, read_raw

__all__ = ["fitted", "patients_of", "patients_table", "read_patients"]


def patients_table(patients: pd.DataFrame, schema: Schema, layout: str = "codes") -> pd.DataFrame:
    """Return ``cohort.patients`` as a file holds it: the identifier first, words for labels.

    Raises
    ------
    SchemaError
        A column that the schema does not know, or the identifier is no longer the index.
    """
    known = {variable.name for variable in schema.facts}
    odd = [str(name) for name in patients.columns if name not in known]
    if odd or patients.index.name != schema.id or not patients.columns.is_unique:
        raise SchemaError(
            f"cohort.patients cannot be written: {odd[0] if odd else schema.id} is not where it "
            f"should be. Expected the index {schema.id} and some of the columns: "
            f"{', '.join(sorted(known))}."
        )
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
    plain = {plain_name(name): name for name in [schema.id, *known]}
    table = table.drop(columns=[name for name in table.columns if STRAY.fullmatch(name)])
    table.columns = [plain.get(name, name) for name in table.columns]
    odd = [name for name in table.columns if name not in known and name != schema.id]
    odd += [name for name in known if list(table.columns).count(name) > 1]
    if odd or list(table.columns).count(schema.id) != 1:
        fault = f"it has the column {odd[0]!r}" if odd else f"it has no column {schema.id!r}"
        raise SchemaError(
            f"{path} is no table of patients of {schema.condition!r}: {fault}. Expected "
            f"{schema.id} and some of: {', '.join(known)}, each once."
        )
    table[schema.id] = decoded(table[schema.id], schema[schema.id])
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
        {
            name: _decoded(table[name], known[name], path, schema.n_steps)
            for name in known
            if name in table
        },
        index=table.index,
    )


def fitted(
    frame: pd.DataFrame, told: pd.DataFrame, people: pd.DataFrame, schema: Schema, path: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return records and patients that belong together, without rows after a patient's last step.

    ``told`` is what the records say of the patients, ``people`` what the table at ``path`` says.
    A file of the layout ``published`` repeats the last row after death; the table of patients says
    how many steps were lived.

    Raises
    ------
    SchemaError
        The two disagree on what both of them hold.
    """
    for name in (name for name in schema.static if name in people):
        if schema[name].is_coded:
            same = told[name].astype(str) == people[name].astype(str)
        else:
            allowed = 0.5 * 10.0 ** -(schema[name].decimals or 0) + 1e-9
            same = (told[name] - people[name]).abs() <= allowed
        if not same.all():
            raise SchemaError(
                f"{path} does not belong to these records: they disagree on {name!r} in "
                f"{(~same).sum():,} of {len(same):,} patients, the first of them "
                f"{same.index[~same][0]}. Write both with one export.",
                column=name,
            )
    if FOLLOWED not in people:
        return frame, people.assign(**{FOLLOWED: told[FOLLOWED]})
    more = people[FOLLOWED] > told[FOLLOWED]
    if more.any():
        raise SchemaError(
            f"{path} does not belong to these records: patient {more.index[more][0]} has "
            f"{told[FOLLOWED][more].iloc[0]} rows there and {people[FOLLOWED][more].iloc[0]} "
            f"in {FOLLOWED!r}. Write both with one export.",
            column=FOLLOWED,
        )
    lived = frame[schema.step] < frame[schema.id].map(people[FOLLOWED])
    return frame[lived].reset_index(drop=True), people


def _decoded(values: pd.Series, variable: Variable, path: Path, n_steps: int) -> pd.Series:
    """Return a column in the type that simulated cohorts have."""
    if variable.is_coded:
        words = {str(label): label for label in variable.labels}
        if variable.is_boolean:
            words |= {"TRUE": True, "true": True, "FALSE": False, "false": False}
        labels = values.map(lambda cell: words.get(str(cell)))
        _require(labels.notna(), values, variable, path, words_of(variable))
        if variable.is_boolean:
            return labels.astype(bool)
        return pd.Series(pd.Categorical(labels, categories=list(variable.labels)), values.index)
    wanted = possible_values(variable, n_steps)
    try:
        numbers = pd.Series(values.to_numpy(dtype=float, na_value=np.nan), values.index)
    except (TypeError, ValueError):
        are = values.map(lambda cell: isinstance(cell, (int, float)))
        _require(are, values, variable, path, wanted)
        raise
    if variable.kind == "step":
        whole = numbers.eq(np.floor(numbers)) & numbers.between(0, n_steps - 1)
        _require(numbers.isna() | whole, values, variable, path, f"{wanted}, or nothing")
        return numbers.astype("Int64")
    low, high = variable.low, variable.high
    inside = numbers.between(-np.inf if low is None else low, np.inf if high is None else high)
    _require(inside, values, variable, path, wanted)
    return values if is_integer_dtype(values) else numbers


def _require(
    good: pd.Series, values: pd.Series, variable: Variable, path: Path, wanted: str
) -> None:
    if not good.all():
        cell = values[~good].iloc[0]
        found = shorten(cell.item() if isinstance(cell, np.generic) else cell)
        raise SchemaError(
            f"{path}, column {variable.name!r}, patient {values.index[~good][0]}: found {found}. "
            f"Expected {wanted}.",
            column=variable.name,
        )
