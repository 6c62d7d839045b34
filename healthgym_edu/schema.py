"""What a table of patients may hold: names, kinds, units, labels, file codes, plausible ranges.

A published Health Gym file stores categories as numbers (``Gender`` 1 and 2). Everywhere in this
package they are labels (``Male`` and ``Female``). A `Schema` knows both: `Schema.decode` turns the
codes of a file into labels, `Schema.encode` turns labels back into codes, and `Schema.validate`
says what is wrong with a table in one readable sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from . import schema_checks as checks
from .errors import SchemaError, require_known
from .variables import Layout, Release, Variable

__all__ = ["Release", "Schema", "Variable"]


@dataclass(frozen=True)
class Schema(Layout):
    """The columns of one condition: `variables.Layout` says what it holds, this what it does."""

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

    def codebook(self, part: str = "frame") -> pd.DataFrame:
        """Describe every column in words.

        Parameters
        ----------
        part : str
            ``"frame"``: the columns of ``cohort.frame`` and of files; ``"patients"``: those of
            ``cohort.patients``.

        Returns
        -------
        DataFrame, shape (n_columns, 5)
            Index: the column name. Columns: ``kind``, ``unit``, ``values in files`` (codes with
            their labels, or the plausible range), ``measured by``, ``description``.

        Raises
        ------
        ArgumentError
            Another part.
        """
        require_known("part of a codebook", part, ("frame", "patients"))
        variables = self.variables if part == "frame" else self.facts
        columns = {
            "column": [variable.name for variable in variables],
            "kind": [variable.kind for variable in variables],
            "unit": [variable.unit for variable in variables],
            "values in files": [checks.possible_values(one, self.n_steps) for one in variables],
            "measured by": [variable.measured_by or "" for variable in variables],
            "description": [variable.description for variable in variables],
        }
        return pd.DataFrame(columns).set_index("column")
