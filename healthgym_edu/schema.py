"""What a table of patients may hold: names, kinds, units, labels, file codes, plausible ranges.

A published Health Gym file stores categories as numbers (``Gender`` 1 and 2). Everywhere in this
package they are labels (``Male`` and ``Female``). A `Schema` knows both: `Schema.decode` turns the
codes of a file into labels, `Schema.encode` turns labels back into codes, and `Schema.validate`
says what is wrong with a table in one readable sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import _table_checks as checks
from .errors import ArgumentError, SchemaError

__all__ = ["Schema", "Variable"]

KINDS = ("id", "step", "numeric", "binary", "categorical", "flag")


@dataclass(frozen=True)
class Variable:
    """One column of a condition's table.

    Parameters
    ----------
    name : str
        The published column name.
    kind : {"id", "step", "numeric", "binary", "categorical", "flag"}
        A flag says whether another column was measured at that step.
    description : str
        Plain words for the codebook.
    unit : str
        Unit of a numeric column, empty where there is none.
    labels : tuple
        What the codes of a file mean, in the order of `codes`. ``(False, True)`` makes the
        column boolean, anything else a pandas categorical.
    codes : tuple of int
        The numbers that stand for `labels` in a file.
    low, high : float, optional
        Hard plausible range of a numeric column, ends included: a value outside is an error.
    measured_by : str, optional
        Name of the flag that says at which steps this column was observed.
    static : bool
        Whether it is constant within a patient of a simulated cohort.
    decimals : int, optional
        Decimals that the values of a simulated cohort carry, in memory and therefore in files.
    """

    name: str
    kind: str
    description: str
    unit: str = ""
    labels: tuple = ()
    codes: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    measured_by: str | None = None
    static: bool = False
    decimals: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ArgumentError(
                f"Variable {self.name!r}: kind {self.kind!r} is not one of {KINDS}."
            )
        if self.is_coded != bool(self.labels):
            raise ArgumentError(
                f"Variable {self.name!r}: labels belong to binary, categorical and flag "
                f"columns, and every such column needs them (kind {self.kind!r}, labels "
                f"{self.labels!r})."
            )
        if len(self.labels) != len(set(self.labels)) or len(self.codes) != len(set(self.codes)):
            raise ArgumentError(f"Variable {self.name!r}: a label or a code appears twice.")
        if len(self.labels) != len(self.codes):
            raise ArgumentError(
                f"Variable {self.name!r}: {len(self.labels)} labels but {len(self.codes)} codes."
            )
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ArgumentError(
                f"Variable {self.name!r}: low {self.low} is above high {self.high}."
            )

    @property
    def is_coded(self) -> bool:
        """Whether a file stores this column as codes that stand for labels."""
        return self.kind in ("binary", "categorical", "flag")

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
    """The columns of one condition, in the order of its published file.

    Parameters
    ----------
    condition : str
        Short name, such as ``"art_hiv"``.
    title : str
        Name for people.
    variables : tuple of Variable
        In file order; exactly one of kind ``id`` and one of kind ``step``.
    n_steps : int
        Steps per patient, or the most steps where patients differ in length.
    step_unit : str
        What one step is, such as ``"month"``.
    equal_length : bool
        Whether every patient has exactly `n_steps` rows.
    aliases : tuple of (str, str)
        Column names of other editions of the file and the name they have here.
    """

    condition: str
    title: str
    variables: tuple[Variable, ...]
    n_steps: int
    step_unit: str
    equal_length: bool = True
    aliases: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        names = [variable.name for variable in self.variables]
        if len(names) != len(set(names)):
            raise ArgumentError(f"Schema {self.condition!r}: a column name appears twice.")
        for kind in ("id", "step"):
            if sum(variable.kind == kind for variable in self.variables) != 1:
                raise ArgumentError(
                    f"Schema {self.condition!r}: exactly one column must be of kind {kind!r}."
                )
        for variable in self.variables:
            if variable.measured_by is not None and variable.measured_by not in self.flags:
                raise ArgumentError(
                    f"Schema {self.condition!r}: {variable.name!r} is measured by "
                    f"{variable.measured_by!r}, which is not a flag of this schema."
                )

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
        return any(variable.name == name for variable in self.variables)

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
        columns = {}
        for variable in self.variables:
            numbers = checks.as_numbers(table[variable.name], variable)
            if variable.kind == "numeric":
                columns[variable.name] = numbers.astype(float, copy=False)
            elif variable.is_coded:
                positions = checks.positions_of_codes(numbers, variable, table.index)
                columns[variable.name] = _from_positions(positions, variable)
            else:
                columns[variable.name] = checks.as_integers(numbers, variable, table.index)
        return pd.DataFrame(columns, index=table.index)

    def encode(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Turn labels back into the codes of the published file.

        Parameters
        ----------
        frame : DataFrame, shape (n_rows, n_columns)
            A decoded table, as `decode` returns it.

        Returns
        -------
        DataFrame, shape (n_rows, n_columns)
            Columns in file order; all float64 except id and step, which are int64. Numbers are
            passed on digit for digit.

        Raises
        ------
        SchemaError
            Missing or extra columns, or a label that has no code.
        """
        checks.require_columns(frame, self.names)
        columns = {}
        for variable in self.variables:
            values = frame[variable.name]
            if variable.is_coded:
                positions = checks.positions_of_labels(values, variable)
                columns[variable.name] = np.asarray(variable.codes, dtype=float)[positions]
            else:
                numbers = checks.as_numbers(values, variable)
                if variable.kind == "numeric":
                    columns[variable.name] = numbers.astype(float, copy=False)
                else:
                    columns[variable.name] = checks.as_integers(numbers, variable, frame.index)
        return pd.DataFrame(columns, index=frame.index)

    def validate(self, frame: pd.DataFrame) -> None:
        """Check a decoded table, sorted by patient and step, and return nothing if it is sound.

        Parameters
        ----------
        frame : DataFrame, shape (n_rows, n_columns)
            As `decode` returns it.

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
            checks.require_range(frame, self[name], self.id, self.step)
        checks.require_steps(frame, self)

    def codebook(self) -> pd.DataFrame:
        """Describe every column in words.

        Returns
        -------
        DataFrame, shape (n_columns, 5)
            Index: the column name. Columns: ``kind``, ``unit``, ``values in files`` (codes with
            their labels, or the plausible range), ``measured by``, ``description``.
        """
        rows = [
            {
                "column": variable.name,
                "kind": variable.kind,
                "unit": variable.unit,
                "values in files": checks.describe_values(variable, self.n_steps),
                "measured by": variable.measured_by or "",
                "description": variable.description,
            }
            for variable in self.variables
        ]
        return pd.DataFrame(rows).set_index("column")


def _from_positions(positions: np.ndarray, variable: Variable) -> np.ndarray | pd.Categorical:
    """Labels from their positions in ``variable.labels``, as booleans or as a categorical."""
    if variable.is_boolean:
        return positions.astype(bool)
    return pd.Categorical.from_codes(positions, categories=list(variable.labels), ordered=False)
