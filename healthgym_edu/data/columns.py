"""The arrays of a cohort that judges look at, and whether two cohorts can be compared at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..errors import ArgumentError
from ..metrics import Courses
from ..schema import Schema
from .cohort import Cohort

FEWEST = 2  # patients of a cohort that can be compared


@dataclass(frozen=True)
class Columns:
    """A cohort as arrays, sorted by patient and step.

    Attributes
    ----------
    schema : Schema
    ids : Index, shape (n_patients,)
    patient, step : ndarray of int, shape (n_rows,)
        Patients from 0, in ascending order.
    numbers : ndarray, shape (n_rows, p)
        The columns ``schema.numeric``.
    codes : ndarray of int, shape (n_rows, q)
        Levels of the labelled columns `labelled`, from 0.
    """

    schema: Schema
    ids: pd.Index
    patient: np.ndarray
    step: np.ndarray
    numbers: np.ndarray
    codes: np.ndarray

    @property
    def labelled(self) -> list[str]:
        """Names of the columns of labels: categories, two labels, measured flags."""
        return [v.name for v in self.schema if v.kind in ("binary", "categorical", "flag")]

    @property
    def levels(self) -> list[int]:
        """How many labels each of them may have."""
        return [max(len(self.schema[name].labels), 2) for name in self.labelled]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Steps on record of each patient, shape (n_patients,)."""
        return np.bincount(self.patient, minlength=len(self))

    @cached_property
    def coded(self) -> np.ndarray:
        """All columns as numbers, categories as file codes, shape (n_rows, p + q)."""
        codes = [
            np.asarray(self.schema[name].codes or (0, 1), dtype=float)[self.codes[:, k]]
            for k, name in enumerate(self.labelled)
        ]
        return np.column_stack([self.numbers, *codes])

    def shuffled(self, seed: int) -> Columns:
        """Every column in an order of its own: the same values, and nothing goes with anything."""
        rng = np.random.default_rng(seed)
        numbers, codes = (rng.permuted(part, axis=0) for part in (self.numbers, self.codes))
        return Columns(self.schema, self.ids, self.patient, self.step, numbers, codes)

    def courses(self) -> Courses:
        """One array of patients, steps and columns: logarithms of numbers, levels as 0 and 1."""
        columns = [np.sign(self.numbers) * np.log1p(np.abs(self.numbers))]
        groups, begin, flags = [], self.numbers.shape[1], []
        for k, size in enumerate(self.levels):
            width = size if size > 2 else 1
            hot = np.equal.outer(self.codes[:, k], np.arange(1 if width == 1 else 0, size))
            columns.append(hot.astype(float))
            if self.labelled[k] in self.schema.flags:
                flags.append(begin)
            groups.append(slice(begin, begin + width))
            begin += width
        place = self.step - np.repeat(self.step[self._starts], self.lengths)
        values = np.full((len(self), self.schema.n_steps, begin), np.nan)
        values[self.patient, place] = np.hstack(columns)
        moving = tuple(
            group
            for group, name in zip(groups, self.labelled, strict=True)
            if name not in self.schema.flags and name not in self.schema.static
        )
        return Courses(values, self.numbers.shape[1], moving, tuple(flags))

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.append(0, np.cumsum(self.lengths)[:-1])


def columns_of(cohort: Cohort, what: str = "the cohort") -> Columns:
    """Return the arrays of a cohort.

    Raises
    ------
    ArgumentError
        A missing column, a missing value, a label that the schema does not know, or a single
        patient; each with the column and what was found.
    """
    schema, frame = cohort.schema, cohort.frame
    absent = [name for name in schema.names if name not in frame]
    if absent:
        raise ArgumentError(f"{what} has no column {absent[0]!r}; {schema.condition} needs it.")
    frame = frame.sort_values([schema.id, schema.step], ignore_index=True)
    patient, ids = pd.factorize(frame[schema.id])
    if len(ids) < FEWEST:
        raise ArgumentError(f"{what} has {len(ids)} patient; at least {FEWEST} are compared.")
    _require_whole(frame, schema, what)
    labelled = [v.name for v in schema if v.kind in ("binary", "categorical", "flag")]
    codes = [_codes(frame[name], schema, name, what) for name in labelled]
    return Columns(
        schema,
        pd.Index(ids),
        patient,
        frame[schema.step].to_numpy(),
        frame[schema.numeric].to_numpy(float),
        np.column_stack(codes) if codes else np.empty((len(frame), 0), dtype=int),
    )


def comparable(real: Cohort, synthetic: Cohort) -> tuple[Columns, Columns]:
    """Return the arrays of two cohorts of one condition.

    Raises
    ------
    ArgumentError
        Two conditions, other columns, or what `columns_of` refuses.
    """
    if real.condition != synthetic.condition:
        raise ArgumentError(
            f"The real cohort is of {real.condition!r} and the synthetic one of "
            f"{synthetic.condition!r}: there is nothing to compare."
        )
    if real.schema.names != synthetic.schema.names:
        other = {*real.schema.names} ^ {*synthetic.schema.names}
        raise ArgumentError(
            f"The two cohorts have different columns: {', '.join(sorted(other)) or 'their order'}."
        )
    return columns_of(real, "The real cohort"), columns_of(synthetic, "The synthetic cohort")


def _require_whole(frame: pd.DataFrame, schema: Schema, what: str) -> None:
    for name in schema.names:
        missing = int(frame[name].isna().sum())
        if missing:
            raise ArgumentError(
                f"{what} has {missing:,} missing values in {name!r}. A generator has to fill every "
                "cell; drop those patients, or mend it."
            )
    numbers = frame[schema.numeric].to_numpy(float)
    if not np.isfinite(numbers).all():
        name = schema.numeric[int((~np.isfinite(numbers)).any(axis=0).argmax())]
        raise ArgumentError(f"{what} has infinite values in {name!r}.")


def _codes(values: pd.Series, schema: Schema, name: str, what: str) -> np.ndarray:
    if values.dtype == bool:
        return values.to_numpy(int)
    labels = list(schema[name].labels)
    codes = pd.Categorical(values, labels).codes if labels else values.to_numpy(int)
    if (codes < 0).any():
        stray = values[codes < 0].iloc[0]
        raise ArgumentError(
            f"{what} has a label {stray!r} in {name!r} that {schema.condition} does not know; "
            f"labels are {', '.join(map(repr, labels))}."
        )
    return np.asarray(codes, dtype=int)
