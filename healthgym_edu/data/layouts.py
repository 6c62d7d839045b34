"""Layouts of a cohort's table in a file.

``codes``: the columns and codes of the published file, rows as they are here. ``published``: the
same with what scripts written for the published file expect besides, all steps of every patient
and, where the published file has it, a first column without a name. ``labelled``: words instead of
codes and names that need no quotes, for R and for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..errors import require_known
from ..schema import Schema, Variable

__all__ = [
    "FIRST_LINE", "LAYOUTS", "codebook_table", "filled_up", "laid_out", "plain_name",
    "plain_names", "reading_script", "words_of",
]  # fmt: skip

LAYOUTS = ("codes", "published", "labelled")


def laid_out(frame: pd.DataFrame, schema: Schema, layout: str = "codes") -> pd.DataFrame:
    """Return a decoded table as a file of this layout holds it.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        As ``cohort.frame``.
    schema : Schema
        Its columns.
    layout : str
        One of `LAYOUTS`.

    Raises
    ------
    ArgumentError
        Another layout.
    SchemaError
        A table that does not fit the schema.
    """
    require_known("layout", layout, LAYOUTS)
    schema.validate(frame)
    if layout == "labelled":
        return frame.set_axis(plain_names(frame.columns), axis="columns")
    if layout == "codes":
        return schema.encode(frame)
    table = schema.encode(filled_up(frame, schema)[0])
    if schema.index_column:
        table.insert(0, "", np.arange(len(table)))
    return table


def filled_up(frame: pd.DataFrame, schema: Schema) -> tuple[pd.DataFrame, np.ndarray]:
    """Return all steps of every patient, and which of them are true; see `Cohort.padded`."""
    steps = np.arange(schema.n_steps)
    _, first, lengths = np.unique(
        frame[schema.id], return_index=True, return_counts=True
    )  # (n_patients,) each
    present = steps < lengths[:, None]
    rows = first[:, None] + np.minimum(steps, lengths[:, None] - 1)
    full = frame.iloc[rows.ravel()].reset_index(drop=True)
    full[schema.step] = np.tile(steps, len(present))
    for flag in schema.flags:
        full[flag] &= present.ravel()
    return full, present


def codebook_table(schema: Schema, layout: str = "codes") -> pd.DataFrame:
    """Return what the columns of the exported tables mean, as a table to export with them."""
    parts = {"records": schema.codebook(), "patients": schema.codebook("patients")}
    table = pd.concat([part.reset_index() for part in parts.values()], ignore_index=True)
    table.insert(0, "table", np.repeat(list(parts), [len(part) for part in parts.values()]))
    variables = [*schema, *schema.facts]
    in_words = table["table"].eq("patients") | (layout == "labelled")
    table["values in files"] = [
        words_of(one) if one.is_coded and spelt else values
        for one, spelt, values in zip(variables, in_words, table["values in files"], strict=True)
    ]
    if layout == "labelled":
        table.insert(2, "published name", table["column"])
        table["column"] = plain_names(table["column"])
        table["measured by"] = plain_names(table["measured by"])
    return table


def words_of(variable: Variable) -> str:
    """Return what a file of words may hold in a column with labels."""
    return "FALSE, TRUE" if variable.is_boolean else ", ".join(map(str, variable.labels))


def plain_name(name: str) -> str:
    """Return a column's name in letters, digits and underscores: ``VL (M)``, ``VL_measured``."""
    measured = re.sub(r"( \(M\)|_m)$", "_measured", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", measured).strip("_")


def plain_names(names: Iterable[object]) -> list[str]:
    """Return the plain names of several columns."""
    return [plain_name(str(name)) for name in names]


FIRST_LINE = (
    "# Reads what `healthgym-edu export CONDITION --layout labelled` writes, with factors and "
    "logicals:"
)
"""By which a script of ours is known, so that a newer one may take its place."""

_SCRIPT = """\
{first_line}
#
#     source("read.R")
#     art <- read_health_gym("art.csv", "art_hiv")
#
# Simulated patients, for teaching: nothing in them says how to treat anyone.

health_gym_levels <- list(
{levels}
)

health_gym_logicals <- list(
{logicals}
)

read_health_gym <- function(path, condition) {{
  if (!condition %in% names(health_gym_levels)) {{
    stop("condition is '", condition, "'; it must be one of: ",
         paste(names(health_gym_levels), collapse = ", "))
  }}
  levels <- health_gym_levels[[condition]]
  words <- setNames(rep("character", length(levels)), names(levels))
  table <- read.csv(path, colClasses = words, fileEncoding = "UTF-8", check.names = FALSE)
  missing <- setdiff(c(names(levels), health_gym_logicals[[condition]]), names(table))
  if (length(missing) > 0) {{
    stop(path, " has no column ", missing[1], ": is it of ", condition,
         ", and was it written with --layout labelled?")
  }}
  for (name in names(levels)) {{
    unknown <- setdiff(table[[name]], levels[[name]])
    if (length(unknown) > 0) {{
      stop("column ", name, " holds '", unknown[1], "', which is none of its levels")
    }}
    table[[name]] <- factor(table[[name]], levels = levels[[name]])
  }}
  for (name in health_gym_logicals[[condition]]) {{
    table[[name]] <- as.logical(table[[name]])
  }}
  table
}}
"""


def reading_script(schemas: Iterable[Schema]) -> str:
    """Return an R script that reads the labelled files of these conditions."""
    levels, logicals = [], []
    for schema in schemas:
        coded = [one for one in schema if one.is_coded]
        factors = [
            f"    {plain_name(one.name)} = {_vector(one.labels)}"
            for one in coded
            if not one.is_boolean
        ]
        flags = [plain_name(one.name) for one in coded if one.is_boolean]
        levels.append(f"  {schema.condition} = list(\n" + ",\n".join(factors) + "\n  )")
        logicals.append(f"  {schema.condition} = {_vector(flags)}")
    return _SCRIPT.format(
        first_line=FIRST_LINE, levels=",\n".join(levels), logicals=",\n".join(logicals)
    )


def _vector(words: Iterable[object]) -> str:
    quoted = (str(word).replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "c(" + ", ".join(f'"{word}"' for word in quoted) + ")"
