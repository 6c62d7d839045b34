"""From the arrays of a plan to a cohort that fits its schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..engine.carrying import carried
from ..variables import FOLLOWED, Variable
from .layout import EVER, START, Encoded, Plan


def decode(plan: Plan, encoded: Encoded, source: str) -> Cohort:
    """Return a cohort; see `Codec.decode`."""
    schema, n_steps = plan.schema, encoded.levels.shape[1]
    fewest = n_steps if schema.equal_length else 1
    encoded = replace(encoded, lengths=np.clip(encoded.lengths, fewest, n_steps))
    told: dict[str, Any] = {}
    for k, column in enumerate(plan.statics):
        told |= column.back(encoded.statics[:, k], encoded.static_values[:, k])
    patients = _patients(plan, told, encoded.lengths)
    shown: dict[str, np.ndarray] = {  # by column, shape (n, n_steps)
        schema.id: np.repeat(np.arange(len(encoded))[:, None], n_steps, axis=1),
        schema.step: np.repeat(np.arange(n_steps)[None], len(encoded), axis=0),
    }
    raised, never = {}, dict(plan.never)
    for k, column in enumerate(plan.columns):
        levels = encoded.levels[..., k]
        if column.is_flag:
            flag = (levels > 0) & encoded.present
            flag &= told.get(EVER + column.name, np.ones(1, dtype=bool)).astype(bool)[:, None]
            if not column.names:  # made by us: the first step is always new
                flag[:, 0] = True
            raised[column.name] = flag
            shown |= dict.fromkeys(column.names, flag)
            continue
        for name, values in column.back(levels, encoded.values[..., k]).items():
            if column.flag:
                values = carried(values, raised[column.flag], never.get(name, np.nan))
            shown[name] = values
    for total, part in plan.totals:
        values = told[START + total][:, None] + np.cumsum(shown[part], axis=1)
        decimals = schema[total].decimals
        shown[total] = values if decimals is None else values.round(decimals)
    for name in schema.static:
        values = patients[name].to_numpy()
        if schema[name].kind == "numeric" and schema[name].decimals is not None:
            values = values.round(schema[name].decimals)
        shown[name] = np.repeat(values[:, None], n_steps, axis=1)
    frame = pd.DataFrame(
        {name: _typed(shown[name][encoded.present], schema[name]) for name in schema.names}
    )
    schema.validate(frame)
    return Cohort(frame, patients, schema, source)


def _typed(values: np.ndarray, variable: Variable) -> Any:
    if variable.kind in ("id", "step"):
        return values.astype(np.int64)
    if variable.kind == "numeric":
        return values.astype(float)
    if variable.is_boolean:
        return values.astype(bool)
    return pd.Categorical(values, categories=list(variable.labels))


def _patients(plan: Plan, told: dict[str, Any], lengths: np.ndarray) -> pd.DataFrame:
    """The table of patients: facts as they were drawn, lengths and deaths as they follow."""
    whole = {column.name for column in plan.statics if column.whole}
    last = pd.array(lengths - 1, dtype="Int64")
    found: dict[str, Any] = {}
    for variable in plan.schema.facts:
        name = variable.name
        if name == FOLLOWED:
            found[name] = lengths.astype(np.int64)
        elif name in dict(plan.death):
            died = told[dict(plan.death)[name]].astype(bool)
            found[name] = last.copy()
            found[name][~died] = pd.NA
        elif name in whole:
            found[name] = told[name].round().astype(np.int64)
        elif name in told:
            found[name] = _typed(told[name], variable)
    index = pd.RangeIndex(len(lengths), name=plan.schema.id)
    return pd.DataFrame(found, index=pd.Index(index))
