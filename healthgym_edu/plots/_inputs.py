"""What every figure asks of its input: a cohort, a column, a patient, a grouping."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError
from ..schema import Schema, Variable

MAX_GROUPS = 10  # more cannot be told apart in one figure


def table_and_schema(cohort: Cohort) -> tuple[pd.DataFrame, Schema]:
    """Frame and schema of a cohort; an `ArgumentError` for anything else."""
    if not isinstance(cohort, Cohort):
        raise ArgumentError(
            "A figure needs a cohort, such as the result of load_cohort('art_hiv'); found "
            f"{type(cohort).__name__}. For a changed table pass "
            "dataclasses.replace(cohort, frame=table)."
        )
    return cohort.frame, cohort.schema


def variable(schema: Schema, column: str, kinds: tuple[str, ...], hint: str = "") -> Variable:
    """Look a column up.

    Raises
    ------
    ArgumentError
        For an unknown column, or one of another kind than these (with a hint what to do instead).
    """
    found = schema[column]
    if found.kind not in kinds:
        fitting = ", ".join(var.name for var in schema if var.kind in kinds)
        raise ArgumentError(
            f"Column '{column}' is {found.kind}; this figure draws {' or '.join(kinds)} columns: "
            f"{fitting}. {hint}".rstrip()
        )
    return found


def one_patient(cohort: Cohort, patient_id: int) -> pd.DataFrame:
    """Rows of one patient, in order of time; an `ArgumentError` if there are none."""
    frame, schema = table_and_schema(cohort)
    rows = frame[frame[schema.id] == patient_id]
    if rows.empty:
        ids = frame[schema.id]
        raise ArgumentError(
            f"No patient {patient_id!r} here. This cohort has {ids.nunique():,} patients, with "
            f"{schema.id} from {ids.min()} to {ids.max()}."
        )
    return rows.sort_values(schema.step)


def title_of(cohort: Cohort, name: str) -> str:
    """What a figure calls a column, a fact of the patients or a caller's own grouping."""
    known = {var.name: var.title for var in (*cohort.schema, *cohort.schema.facts)}
    return known.get(name, name)


def inside(title: str) -> str:
    """Write a title as it stands within a sentence: "viral load", but still "CD4 count"."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def draw_patients(cohort: Cohort, n_patients: int, seed: int) -> pd.DataFrame:
    """All rows of some patients drawn at random (of all, if there are fewer)."""
    if n_patients < 1:
        raise ArgumentError(f"Patients to draw: 1 or more expected, found {n_patients}.")
    frame, schema = table_and_schema(cohort)
    ids = np.sort(frame[schema.id].unique())
    rng = np.random.default_rng(seed)
    chosen = rng.choice(ids, min(n_patients, len(ids)), replace=False)
    return frame[frame[schema.id].isin(chosen)]


def group_rows(cohort: Cohort, by: str | pd.Series | None) -> pd.Series:
    """Say for every row which group it belongs to.

    Parameters
    ----------
    by : str, Series or None
        A categorical or boolean column of the frame (a row belongs to the group it is in at that
        step), a column of ``cohort.patients``, or a Series indexed by patient.

    Returns
    -------
    Series of Categorical
        Aligned with the rows of the frame, named after the grouping; its categories are the
        groups that occur. Without `by`, everybody is in the group ``"everyone"``.

    Raises
    ------
    ArgumentError
        For an unknown column, one with numbers, patients without a group, or too many groups.
    """
    frame, schema = table_and_schema(cohort)
    if by is None:
        groups = pd.Series("everyone", index=frame.index)
    elif isinstance(by, pd.Series):
        groups = frame[schema.id].map(by).rename(by.name or "group")
        lacking = frame.loc[groups.isna(), schema.id].nunique()
        if lacking:
            raise ArgumentError(
                f"by: a Series indexed by {schema.id} was expected, with a group for every "
                f"patient; {lacking:,} patients have none."
            )
    elif by in schema:
        hint = "Cut numbers into groups with pandas.cut and pass that Series, one per patient."
        variable(schema, by, ("categorical", "binary", "flag"), hint)
        groups = frame[by]
    elif by in cohort.patients:
        groups = frame[schema.id].map(cohort.patients[by]).rename(by)
    else:
        usable = [var.name for var in schema if var.is_coded]
        usable += [name for name in cohort.patients if name not in schema]
        raise ArgumentError(f"Cannot group by '{by}'. Columns to group by: {', '.join(usable)}.")
    groups = groups.astype("category").cat.remove_unused_categories()
    n_groups = len(groups.cat.categories)
    if n_groups > MAX_GROUPS:
        raise ArgumentError(
            f"'{groups.name}' has {n_groups} groups; at most {MAX_GROUPS} can be told apart in one "
            "figure. Cut it into fewer groups, for example with pandas.cut."
        )
    return groups
