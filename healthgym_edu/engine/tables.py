"""The tables that a simulated cohort leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from ..variables import Variable
from .living import Decided, live_block
from .mechanism import Columns, Mechanism
from .noise import BLOCK
from .policies import Chooser, Policy, check_count, check_seed, resolve_policy


@dataclass(frozen=True)
class Tables:
    """What a simulation leaves behind."""

    frame: pd.DataFrame  # one row per patient and step, decoded, in the schema's column order
    patients: pd.DataFrame  # one row per patient, indexed by the patient identifier
    decisions: pd.DataFrame  # patient, step, action, and the probability of every action


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
    mechanism: Mechanism, n_patients: int, policy: Policy = "clinician", seed: int = 0
) -> Tables:
    """Simulate a cohort of patients under a policy; see `healthgym_edu.simulate`."""
    n_patients, seed = check_count(n_patients), check_seed(seed)
    choose = resolve_policy(mechanism, policy)
    n_blocks = -(-n_patients // BLOCK)
    blocks = Parallel()(
        delayed(_simulate_block)(mechanism, choose, block, seed) for block in range(n_blocks)
    )
    columns, facts = (
        {
            name: np.concatenate([b[part][name] for b in blocks])[:n_patients]
            for name in blocks[0][part]
        }
        for part in ("columns", "patients")
    )
    present = np.concatenate([one["present"] for one in blocks])[:n_patients]
    return Tables(
        _frame(mechanism, columns, present),
        _patients(mechanism, facts, n_patients),
        _decisions(mechanism, [one["decided"] for one in blocks], n_patients),
    )


def _simulate_block(mechanism: Mechanism, choose: Chooser, block: int, seed: int) -> dict:
    history = History(mechanism, BLOCK)
    lives = live_block(mechanism, block, seed, choose, watch=history)
    return {
        "columns": mechanism.finish(history.columns),
        "present": history.present,
        "patients": mechanism.describe(lives.state) | mechanism.outcome(lives.state),
        "decided": lives.decided,
    }


def _frame(mechanism: Mechanism, columns: Columns, present: np.ndarray) -> pd.DataFrame:
    schema, (n_patients, n_steps) = mechanism.schema, present.shape
    rows = slice(None) if present.all() else present.ravel()  # the dead have no rows
    table: dict[str, Any] = {
        schema.id: np.repeat(np.arange(n_patients), n_steps)[rows],
        schema.step: np.tile(np.arange(n_steps), n_patients)[rows],
    }
    for name, values in columns.items():
        table[name] = _decode(schema[name], values.ravel()[rows])
    return pd.DataFrame({name: table[name] for name in schema.names}, copy=False)


def _patients(mechanism: Mechanism, facts: Columns, n_patients: int) -> pd.DataFrame:
    schema = mechanism.schema
    decoded = {n: _decode(schema[n], v) if n in schema else v for n, v in facts.items()}
    return pd.DataFrame(decoded, index=pd.Index(np.arange(n_patients), name=schema.id))


def _decode(variable: Variable, values: np.ndarray) -> Any:
    """Mechanisms work in label positions (0, 1, …); people read labels."""
    if variable.is_coded and not variable.is_boolean:
        return pd.Categorical.from_codes(values.astype(np.int8), categories=list(variable.labels))
    return values.astype(bool) if variable.is_coded else values


def _decisions(mechanism: Mechanism, blocks: list[list[Decided]], n_patients: int) -> pd.DataFrame:
    made = [(block * BLOCK, one) for block, decided in enumerate(blocks) for one in decided]
    patient = np.concatenate([first + one.rows for first, one in made])
    step = np.concatenate([one.step for _, one in made])
    order = np.lexsort((step, patient))
    order = order[patient[order] < n_patients]
    labels, schema = list(mechanism.actions), mechanism.schema
    probability = np.concatenate([one.probability for _, one in made])[order]
    action = np.concatenate([one.action for _, one in made])[order]
    table = pd.DataFrame(probability, columns=labels, copy=False)
    table.insert(0, "action", pd.Categorical.from_codes(action, categories=labels))
    table.insert(0, schema.step, step[order])
    table.insert(0, schema.id, patient[order])
    return table
