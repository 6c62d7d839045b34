"""What a table of patients may hold: names, kinds, units, labels, file codes, plausible ranges.

A published Health Gym file stores categories as numbers (``Gender`` 1 and 2). Everywhere in this
package they are labels (``Male`` and ``Female``). A `Schema` knows both: `Schema.decode` turns the
codes of a file into labels, `Schema.encode` turns labels back into codes, and `Schema.validate`
says what is wrong with a table in one readable sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from . import _table_checks as checks
from .errors import ArgumentError, SchemaError

__all__ = ["Schema", "Variable"]

CODED = ("binary", "categorical", "flag")
KINDS = ("id", "step", "numeric", *CODED)


@dataclass(frozen=True)
class Variable:
    """One column of a condition's table."""

    name: str  # as published
    kind: str  # one of KINDS; a flag says whether another column was measured at that step
    description: str  # plain words for the codebook
    unit: str = ""
    labels: tuple = ()  # what the codes of a file mean; (False, True) makes the column boolean
    codes: tuple[float, ...] = ()  # the numbers that stand for the labels in a file, rising
    low: float | None = None  # hard plausible range, ends included: a value outside is an error
    high: float | None = None
    measured_by: str | None = None  # the flag that says at which steps this was observed
    static: bool = False  # whether it is constant within a patient of a simulated cohort
    decimals: int | None = None  # that simulated values carry, in memory and therefore in files

    def __post_init__(self) -> None:
        faults = {
            f"its kind is not one of {KINDS}": self.kind not in KINDS,
            "labels belong to coded kinds, which need them": self.is_coded != bool(self.labels),
            "each label needs its own code": len(set(self.labels)) != len(self.codes),
            "its codes do not rise": list(self.codes) != sorted(set(self.codes)),
            "low is above high": None not in (self.low, self.high) and self.low > self.high,
        }
        for fault, found in faults.items():
            if found:
                raise ArgumentError(f"Variable {self.name!r}: {fault}.")

    @property
    def is_coded(self) -> bool:
        """Whether a file stores this column as codes that stand for labels."""
        return self.kind in CODED

    @property
    def is_boolean(self) -> bool:
        """Whether the decoded column is True and False rather than words."""
        return self.labels == (False, True)

    @property
    def label(self) -> str:
        """Name with unit, for an axis: ``VL (copies/mL)``."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclass(frozen=True)
class Schema:
    """The columns of one condition, in the order of its published file."""

    condition: str  # short name, such as "art_hiv"
    title: str  # name for people
    variables: tuple[Variable, ...]  # in file order, with one id and one step
    n_steps: int  # of a patient, or the most where patients differ in length
    step_unit: str  # what one step is, such as "month"
    equal_length: bool = True  # whether every patient has exactly n_steps rows
    aliases: tuple[tuple[str, str], ...] = ()  # names in other editions of the file, names here

    def __post_init__(self) -> None:
        flags = {variable.measured_by for variable in self.variables} - {None}
        faults = {
            "a column name appears twice": len(set(self.names)) != len(self.names),
            "exactly one column must be of kind 'id'": len(self._of_kind("id")) != 1,
            "exactly one column must be of kind 'step'": len(self._of_kind("step")) != 1,
            "a column is measured by what is not a flag": not flags <= set(self.flags),
        }
        for fault, found in faults.items():
            if found:
                raise ArgumentError(f"Schema {self.condition!r}: {fault}.")

    def __getitem__(self, name: str) -> Variable:
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise ArgumentError(
            f"No column {name!r} in {self.condition}. Its columns are: {', '.join(self.names)}."
        )

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def _of_kind(self, kind: str) -> list[str]:
        return [variable.name for variable in self.variables if variable.kind == kind]

    @property
    def names(self) -> list[str]:
        """Column names in file order."""
        return [variable.name for variable in self.variables]

    @property
    def id(self) -> str:
        """Name of the column that says which patient a row belongs to."""
        return self._of_kind("id")[0]

    @property
    def step(self) -> str:
        """Name of the column that counts time, from 0."""
        return self._of_kind("step")[0]

    @property
    def numeric(self) -> list[str]:
        """Names of the columns that hold measurements."""
        return self._of_kind("numeric")

    @property
    def binary(self) -> list[str]:
        """Names of the columns with two labels, measured flags apart."""
        return self._of_kind("binary")

    @property
    def categorical(self) -> list[str]:
        """Names of the columns with more than two labels."""
        return self._of_kind("categorical")

    @property
    def flags(self) -> list[str]:
        """Names of the measured flags."""
        return self._of_kind("flag")

    @property
    def static(self) -> list[str]:
        """Names of the columns that never change within a patient of a simulated cohort."""
        return [variable.name for variable in self.variables if variable.static]

    def decode(self, table: pd.DataFrame) -> pd.DataFrame:
        """Turn a table of file codes into labels.

        Parameters
        ----------
        table : DataFrame, shape (n_rows, n_columns)
            Every column of the schema, in any order, as read from a published file.

        Returns
        -------
        DataFrame, shape (n_rows, n_columns)
            Columns in schema order and the rows (and row labels) of `table`: numeric columns
            float64, id and step int64, ``(False, True)`` columns bool, the others unordered
            categoricals that hold all labels.

        Raises
        ------
        SchemaError
            Missing or extra columns, text or an empty cell, a code that the schema does not know.
        """
        checks.require_columns(table, self.names)
        columns = {v.name: checks.decoded(table[v.name], v) for v in self.variables}
        return pd.DataFrame(columns, index=table.index)

    def encode(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Turn the labels of a decoded table back into the codes of the published file.

        Returns
        -------
        DataFrame, shape (n_rows, n_columns)
            Columns in file order: id and step int64, all others float64, digit for digit.

        Raises
        ------
        SchemaError
            Missing or extra columns, or a label that has no code.
        """
        checks.require_columns(frame, self.names)
        columns = {v.name: checks.encoded(frame[v.name], v) for v in self.variables}
        return pd.DataFrame(columns, index=frame.index)

    def validate(self, frame: pd.DataFrame) -> None:
        """Check a table, as `decode` returns it, sorted by patient and step.

        Raises
        ------
        SchemaError
            At the first of these that fails: columns and their order, at least one row, the type
            of each column, missing values, plausible ranges, one row per patient and step in
            rising order, steps from 0 without a gap, the number of steps.
        """
        checks.require_columns(frame, self.names)
        if list(frame.columns) != self.names:
            raise SchemaError(
                f"The columns are in another order than in the published file. Use "
                f"frame[schema.names] to put them in order: {', '.join(self.names)}."
            )
        if len(frame) == 0:
            raise SchemaError("The table has its columns but not a single row.")
        for variable in self.variables:
            checks.require_type(frame[variable.name], variable)
        for name in self.numeric:
            checks.require_range(frame, self[name], self)
        checks.require_steps(frame, self)

    def codebook(self) -> pd.DataFrame:
        """Describe every column in words.

        Returns
        -------
        DataFrame, shape (n_columns, 5)
            Index: the column name. Columns: ``kind``, ``unit``, ``values in files`` (codes with
            their labels, or the plausible range), ``measured by``, ``description``.
        """
        columns = {
            "column": self.names,
            "kind": [variable.kind for variable in self],
            "unit": [variable.unit for variable in self],
            "values in files": [checks.possible_values(one, self.n_steps) for one in self],
            "measured by": [variable.measured_by or "" for variable in self],
            "description": [variable.description for variable in self],
        }
        return pd.DataFrame(columns).set_index("column")
