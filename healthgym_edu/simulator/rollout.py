"""Simulate a cohort: blocks of patients, step by step, and the tables they leave behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from .noise import BLOCK, draw_noise
from .policies import Policy, check_count, check_seed, resolve_policy, sample_actions
from .protocol import Simulator


@dataclass(frozen=True)
class Simulated:
    """What a simulation leaves behind.

    Attributes
    ----------
    frame : DataFrame
        One row per patient and step, decoded, in the schema's column order.
    patients : DataFrame
        One row per patient, indexed by the patient identifier.
    decisions : DataFrame
        One row per decision: patient, step, the action taken (label), and one column per
        action with the probability that the policy gave it.
    """

    frame: pd.DataFrame
    patients: pd.DataFrame
    decisions: pd.DataFrame


def simulate(
    simulator: Simulator, n_patients: int, policy: Policy = "clinician", seed: int = 0
) -> Simulated:
    """Simulate a cohort of patients under a policy.

    Parameters
    ----------
    simulator : Simulator
        The condition's mechanism.
    n_patients : int
        How many patients; at least 1.
    policy : str or callable
        ``"clinician"`` (soft, recorded), ``"random"`` (uniform over the admissible
        actions), ``"protocol"`` (the condition's guideline), ``"none"`` (no treatment), the
        label of one action (given at every decision), or a function from observations, shape
        (k, n_features), to action probabilities, shape (k, n_actions).
    seed : int
        Not negative.

    Raises
    ------
    ArgumentError
        For a number of patients, a seed or a policy that cannot be used.
    """
    n_patients, seed = check_count(n_patients), check_seed(seed)
    choose = resolve_policy(simulator, policy)
    n_blocks = -(-n_patients // BLOCK)
    blocks = Parallel()(
        delayed(_simulate_block)(simulator, choose, block, seed) for block in range(n_blocks)
    )
    return _assemble(simulator, blocks, n_patients)


def _simulate_block(simulator: Simulator, choose: Callable, block: int, seed: int) -> dict:
    noise = draw_noise(simulator, block, seed)
    state = simulator.start(noise)
    patients = simulator.describe(state)
    recorded: list[dict[str, np.ndarray]] = []
    alive: list[np.ndarray] = []
    decided: list[tuple[np.ndarray, int, np.ndarray, np.ndarray]] = []
    for step in range(simulator.n_steps):
        simulator.measure(state)
        rows = np.flatnonzero(simulator.deciding(state))
        if len(rows):
            probabilities = choose(state, rows)
            action = sample_actions(probabilities, noise.at("action", step)[rows])
            simulator.act(state, rows, action)
            decided.append((rows, step, action, probabilities.astype(np.float32)))
        recorded.append(simulator.record(state))
        alive.append(simulator.alive(state))
        simulator.advance(state)
    columns = {name: np.stack([row[name] for row in recorded], axis=1) for name in recorded[0]}
    return {
        "columns": simulator.finish(columns),
        "alive": np.stack(alive, axis=1),
        "patients": patients | simulator.outcome(state),
        "decided": decided,
    }


def _assemble(simulator: Simulator, blocks: Sequence[dict], n_patients: int) -> Simulated:
    schema, n_steps = simulator.schema, simulator.n_steps
    ids = np.arange(n_patients, dtype=np.int64)
    table: dict[str, Any] = {
        schema.id: np.repeat(ids, n_steps),
        schema.step: np.tile(np.arange(n_steps, dtype=np.int64), n_patients),
    }
    for name in blocks[0]["columns"]:
        stacked = np.concatenate([block["columns"][name] for block in blocks])[:n_patients]
        table[name] = _decode(schema[name], stacked.ravel())
    frame = pd.DataFrame({name: table[name] for name in schema.names}, copy=False)
    alive = np.concatenate([block["alive"] for block in blocks])[:n_patients].ravel()
    if not alive.all():  # the dead have no rows
        frame = frame[alive].reset_index(drop=True)

    joined = {
        name: np.concatenate([block["patients"][name] for block in blocks])[:n_patients]
        for name in blocks[0]["patients"]
    }
    patients = pd.DataFrame(
        {n: _decode(schema[n], v) if n in schema.names else v for n, v in joined.items()},
        index=pd.Index(ids, name=schema.id),
    )
    return Simulated(frame, patients, _decision_table(simulator, blocks, n_patients))


def _decode(variable: Any, values: np.ndarray) -> Any:
    """Simulators work in label positions (0, 1, …); people read labels."""
    if variable.kind == "categorical" or (
        variable.kind == "binary" and variable.labels != (False, True)
    ):
        return pd.Categorical.from_codes(values.astype(np.int8), categories=list(variable.labels))
    return values.astype(bool) if variable.kind in ("binary", "flag") else values


def _decision_table(simulator: Simulator, blocks: Sequence[dict], n_patients: int) -> pd.DataFrame:
    parts = [
        (rows + BLOCK * number, np.full(len(rows), step), action, probabilities)
        for number, block in enumerate(blocks)
        for rows, step, action, probabilities in block["decided"]
    ]
    patient, step, action, probabilities = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((step, patient))
    order = order[patient[order] < n_patients]
    schema = simulator.schema
    table = pd.DataFrame(probabilities[order], columns=list(simulator.actions), copy=False)
    labels = pd.Categorical.from_codes(action[order], categories=list(simulator.actions))
    table.insert(0, "action", labels)
    table.insert(0, schema.step, step[order])
    table.insert(0, schema.id, patient[order])
    return table
