"""From the arrays of a plan to a cohort that fits its schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..engine.carrying import carried
from ..variables import FOLLOWED, Variable
from .layout import EVER, START, Encoded, Label, Plan


def decode(plan: Plan, encoded: Encoded, source: str) -> Cohort:
    """Return a cohort; see `Codec.decode`."""
    encoded = _possible(plan, encoded)
    schema, present = plan.schema, encoded.present
    shape = present.shape
    patients = _patients(plan, encoded)
    raised = _flags(plan, encoded)
    columns: dict[str, np.ndarray] = {
        schema.id: np.repeat(np.arange(len(encoded)), shape[1]),
        schema.step: np.tile(np.arange(shape[1]), len(encoded)),
    }
    never = dict(plan.never)
    for k, label in enumerate(plan.labels):
        if label.is_flag and not label.columns:
            continue
        levels = raised[label.name].astype(int) if label.is_flag else encoded.levels[..., k]
        levels = np.clip(levels, 0, len(label) - 1)
        if label.flag:
            unseen = label.levels.index((never[label.name],))
            levels = carried(levels, raised[label.flag], unseen)
        for place, name in enumerate(label.columns):
            words = np.array([level[place] for level in label.levels], dtype=object)
            columns[name] = words[levels.ravel()]
    for k, number in enumerate(plan.numbers):
        values = number.scale.back(np.nan_to_num(encoded.numbers[..., k]))
        for place, atom in enumerate(number.atoms):
            values = np.where(encoded.atoms[..., k] == place + 1, atom, values)
        if number.flag:
            unknown = float(never.get(number.name, np.nan))
            values = carried(values, raised[number.flag], unknown)
        columns[number.name] = values.ravel()
    _add_up(plan, encoded, columns)
    for name in schema.static:
        values = patients[name].to_numpy()
        decimals = schema[name].decimals
        if schema[name].kind == "numeric" and decimals is not None:
            values = values.round(decimals)
        columns[name] = np.repeat(values, shape[1])
    here = present.ravel()
    frame = pd.DataFrame({name: _typed(columns[name][here], schema[name]) for name in schema.names})
    schema.validate(frame)
    return Cohort(frame, patients, schema, source)


def _possible(plan: Plan, encoded: Encoded) -> Encoded:
    """Bring levels, lengths and numbers to what there is, wherever they come from."""
    sizes = np.array([len(one) for one in plan.statics], dtype=int)
    n_steps = encoded.levels.shape[1]
    fewest = n_steps if plan.schema.equal_length else 1
    return replace(
        encoded,
        statics=np.clip(encoded.statics, 0, np.maximum(sizes - 1, 0)),
        static_numbers=np.nan_to_num(encoded.static_numbers),
        lengths=np.clip(encoded.lengths, fewest, n_steps),
    )


def _typed(values: np.ndarray, variable: Variable) -> Any:
    if variable.kind in ("id", "step"):
        return values.astype(np.int64)
    if variable.kind == "numeric":
        return values.astype(float)
    if variable.is_boolean:
        return values.astype(bool)
    return pd.Categorical(values, categories=list(variable.labels))


def _flags(plan: Plan, encoded: Encoded) -> dict[str, np.ndarray]:
    """Which flags are raised where; never in patients for whom that was planned."""
    planned = {one.name: encoded.statics[:, k] for k, one in enumerate(plan.statics)}
    raised = {}
    for name, k in plan.flags.items():
        flag = (encoded.levels[..., k] > 0) & encoded.present
        if EVER + name in planned:
            flag &= planned[EVER + name][:, None] > 0
        if not plan.labels[k].columns:  # made by us: the first step is always new
            flag[:, 0] = True
        raised[name] = flag
    return raised


def _add_up(plan: Plan, encoded: Encoded, columns: dict[str, np.ndarray]) -> None:
    """Totals, from where they begin and what they add up."""
    starts = {one.name: k for k, one in enumerate(plan.static_numbers)}
    for total, part in plan.totals:
        k = starts[START + total]
        begin = plan.static_numbers[k].scale.back(encoded.static_numbers[:, k])
        rise = np.cumsum(columns[part].reshape(encoded.present.shape), axis=1)
        decimals = plan.schema[total].decimals
        values = begin[:, None] + rise
        columns[total] = (values if decimals is None else values.round(decimals)).ravel()


def _patients(plan: Plan, encoded: Encoded) -> pd.DataFrame:
    schema = plan.schema
    found: dict[str, Any] = {FOLLOWED: encoded.lengths.astype(np.int64)}
    for k, label in enumerate(plan.statics):
        if not label.name.startswith(EVER) and label.name != FOLLOWED:
            found[label.name] = _words(label, encoded.statics[:, k], plan)
    for k, number in enumerate(plan.static_numbers):
        if not number.name.startswith(START):
            values = number.scale.back(encoded.static_numbers[:, k])
            found[number.name] = values.round().astype(np.int64) if number.whole else values
    for name, who in plan.death:
        last = pd.array(encoded.lengths - 1, dtype="Int64")
        last[~np.asarray(found[who], dtype=bool)] = pd.NA
        found[name] = last
    index = pd.RangeIndex(len(encoded), name=schema.id)
    order = [variable.name for variable in schema.facts if variable.name in found]
    return pd.DataFrame({name: found[name] for name in order}, index=pd.Index(index))


def _words(label: Label, levels: np.ndarray, plan: Plan) -> Any:
    words = np.array([level[0] for level in label.levels], dtype=object)[levels]
    variable = {one.name: one for one in plan.schema.facts}[label.name]
    if variable.is_boolean:
        return words.astype(bool)
    return pd.Categorical(words, categories=list(variable.labels))
