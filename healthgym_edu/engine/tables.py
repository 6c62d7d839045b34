"""The tables that a simulated cohort leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from ..errors import ArgumentError
from ..memory import require_memory
from ..variables import FOLLOWED, Variable
from .living import Lives, live_block
from .mechanism import Columns, Mechanism
from .noise import BLOCK
from .policies import Chooser, Policy, check_count, check_reward, check_seed, resolve_policy

WHILE_MADE = 2.8
"""Memory that making the tables of a cohort needs, relative to that of its simulated blocks."""


@dataclass(frozen=True)
class Tables:
    """What a simulation leaves behind."""

    frame: pd.DataFrame  # one row per patient and step, decoded, in the schema's column order
    patients: pd.DataFrame  # one row per patient, indexed by the patient identifier
    decisions: pd.DataFrame  # patient, step, action, probability of every action, reward
    seen: pd.DataFrame  # patient, step, and what was in view at each decision and at the end


class History:
    """Every recorded column of the patients of a ward, as they live; a ``watch`` of a `Ward`.

    Attributes
    ----------
    columns : dict of str to ndarray, shape (n_beds, n_steps)
        What the mechanism recorded; 0 where nothing was.
    present : ndarray of bool, shape (n_beds, n_steps)
        Who came to which step.
    actions : ndarray of int, shape (n_beds, n_steps)
        What was decided, -1 where nothing was.
    """

    def __init__(self, mechanism: Mechanism, n_beds: int):
        self.mechanism, self.columns = mechanism, Columns()
        self.present = np.zeros((n_beds, mechanism.n_steps), dtype=bool)
        self.actions = np.full(self.present.shape, -1)

    def clear(self, beds: np.ndarray) -> None:
        """Forget who lay there."""
        self.present[beds], self.actions[beds] = False, -1
        for values in self.columns.values():
            values[beds] = 0

    def __call__(self, beds: np.ndarray, state: Any) -> None:
        self.present[beds, state.step] = True
        for name, values in self.mechanism.record(state).items():
            if name not in self.columns:
                self.columns[name] = np.zeros(self.present.shape, dtype=values.dtype)
            self.columns[name][beds, state.step] = values


def simulate_tables(
    mechanism: Mechanism,
    n_patients: int,
    policy: Policy = "clinician",
    seed: int = 0,
    reward: str = "course",
) -> Tables:
    """Simulate a cohort of patients under a policy; see `healthgym_edu.simulate`."""
    n_patients, seed = check_count(n_patients), check_seed(seed)
    check_reward(mechanism, reward)
    choose = resolve_policy(mechanism, policy)
    first = _simulate_block(mechanism, n_patients, 0, seed, choose, reward)
    if n_patients > BLOCK:
        require_memory(WHILE_MADE * _bytes(first) * n_patients / BLOCK, n_patients)
    blocks = Parallel()(
        delayed(_simulate_block)(mechanism, n_patients, block, seed, choose, reward)
        for block in range(1, -(-n_patients // BLOCK))
    )
    blocks.insert(0, first)
    columns, facts = (
        {name: np.concatenate([b[part][name] for b in blocks]) for name in blocks[0][part]}
        for part in ("columns", "patients")
    )
    decisions, seen = (
        _stacked([block.pop(part) for block in blocks]) for part in ("decisions", "seen")
    )
    present = np.concatenate([block["present"] for block in blocks])
    del blocks
    return Tables(
        _frame(mechanism, columns, present, n_patients),
        _patients(mechanism, facts, present[:n_patients].sum(axis=1)),
        decisions,
        seen,
    )


def _bytes(block: dict[str, Any]) -> float:
    """Return how much memory the parts of a simulated block take up."""
    arrays = [*block["columns"].values(), *block["patients"].values(), block["present"]]
    tables = [block[part].memory_usage(deep=True).sum() for part in ("decisions", "seen")]
    return float(sum(np.asarray(one).nbytes for one in arrays) + sum(tables))


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables of blocks as one; a single one without a copy of it."""
    return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)


def _simulate_block(
    mechanism: Mechanism, n_patients: int, block: int, seed: int, choose: Chooser, reward: str
) -> dict[str, Any]:
    history = History(mechanism, BLOCK)
    lives = live_block(mechanism, block, seed, choose, reward, watch=history)
    decisions, seen = _decisions(mechanism, lives, block * BLOCK, n_patients)
    return {
        "columns": mechanism.finish(history.columns),
        "present": history.present,
        "patients": mechanism.describe(lives.state) | mechanism.outcome(lives.state),
        "decisions": decisions,
        "seen": seen,
    }


def _frame(
    mechanism: Mechanism, columns: Columns, present: np.ndarray, n_patients: int
) -> pd.DataFrame:
    schema, here = mechanism.schema, present[:n_patients].ravel()
    rows = slice(here.size) if here.all() else np.flatnonzero(here)  # the dead have no rows
    table: dict[str, Any] = {
        schema.id: np.repeat(np.arange(n_patients), schema.n_steps)[rows],
        schema.step: np.tile(np.arange(schema.n_steps), n_patients)[rows],
    }
    for name in list(columns):
        table[name] = _decode(schema[name], columns.pop(name).ravel()[rows])
    missing = [name for name in schema.names if name not in table]
    if missing:
        raise ArgumentError(f"`record` of {mechanism.condition} lacks the column {missing[0]!r}.")
    return pd.DataFrame({name: table[name] for name in schema.names}, copy=False)


def _patients(mechanism: Mechanism, facts: Columns, followed: np.ndarray) -> pd.DataFrame:
    schema, n_patients = mechanism.schema, len(followed)
    known = {variable.name: variable for variable in schema.facts}
    missing = [name for name in facts if name not in known]
    if missing:
        raise ArgumentError(
            f"The patients of {mechanism.condition} are told by {missing[0]!r}, which no variable "
            "describes: add it to `patients` of the schema."
        )
    facts = facts | {FOLLOWED: followed}
    columns = {name: _decode(known[name], values[:n_patients]) for name, values in facts.items()}
    return pd.DataFrame(columns, index=pd.Index(np.arange(n_patients), name=schema.id))


def _decode(variable: Variable, values: np.ndarray) -> Any:
    """Mechanisms work in label positions (0, 1, …); people read labels."""
    if variable.is_coded and not variable.is_boolean:
        return pd.Categorical.from_codes(values.astype(np.int8), categories=list(variable.labels))
    if variable.kind == "step":  # of what did not happen: missing
        return pd.arrays.IntegerArray(values.astype(np.int64), values < 0)
    return values.astype(bool) if variable.is_coded else values


def _decisions(
    mechanism: Mechanism, lives: Lives, first: int, n_patients: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the decisions of a block, and what was in view at each of them and at the end."""
    if not lives.decided:
        raise ArgumentError(
            f"In no step of {mechanism.condition} was a decision due for anybody. Let `deciding` "
            "of its mechanism be True where the clinician has to choose."
        )
    rows = np.concatenate([one.rows for one in lives.decided])
    order = np.argsort(rows, kind="stable")  # one patient's decisions together, still in order
    rows = rows[order]
    step, action, paid, probability, seen = (
        np.concatenate([getattr(one, name) for one in lives.decided])[order]
        for name in ("step", "action", "paid", "probability", "seen")
    )
    opens = np.append(True, rows[1:] != rows[:-1])  # a patient's first decision
    until = np.where(np.append(opens[1:], True), lives.paid[rows], np.append(paid[1:], 0.0))
    actions, schema = list(mechanism.actions), mechanism.schema
    decisions = pd.DataFrame(probability, columns=actions, copy=False)
    decisions.insert(0, "action", pd.Categorical.from_codes(action, categories=actions))
    decisions["reward"] = until - np.where(opens, 0.0, paid)

    everybody = np.append(rows, np.arange(BLOCK))
    order = np.argsort(everybody, kind="stable")  # the end comes last
    view = np.concatenate([seen, lives.seen])[order]
    in_view = pd.DataFrame(view, columns=list(mechanism.observation_names), copy=False)
    steps = np.append(step, lives.state.step)[order]
    for table, who, when in ((decisions, rows, step), (in_view, everybody[order], steps)):
        table.insert(0, schema.step, when)
        table.insert(0, schema.id, first + who)
    wanted = n_patients - first  # of the last block not everybody
    return (
        decisions.iloc[: np.searchsorted(rows, wanted)],
        in_view.iloc[: np.searchsorted(everybody[order], wanted)],
    )
