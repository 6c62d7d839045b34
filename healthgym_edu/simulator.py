"""One simulator, three uses: a teaching cohort, counterfactual twins, and the truth.

A simulator describes one condition as a mechanism that advances step by step.  Everything
random about a patient is *exogenous noise*, drawn before the first treatment is chosen and
never changed by it.  Replaying the same noise under another policy therefore shows what
would have happened to the same patients: their counterfactual twins.

Patients are drawn in blocks of :data:`BLOCK`, each with its own seed sequence.  That is why
the first *k* patients of a cohort stay the same whatever its size, and why blocks may be
computed anywhere, in any order, by any number of workers (``joblib.parallel_config``).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from .errors import ArgumentError
from .schema import Schema

BLOCK = 1024
"""Patients per block of noise."""

MOST_PATIENTS = 10_000_000
"""More than this in one call is taken for a slip of the keyboard."""

Policy = str | Callable[[np.ndarray], np.ndarray]
"""A named policy, the label of one action ("always this"), or a function of observations."""


@dataclass(frozen=True)
class Noise:
    """Exogenous noise of *n* patients.

    Attributes
    ----------
    static : dict of str to ndarray, shape (n,)
        Drawn once per patient.
    steps : dict of str to ndarray, shape (n_steps, n)
        Drawn for every patient and step.
    """

    static: Mapping[str, np.ndarray]
    steps: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.static[name]

    def at(self, name: str, step: int | np.ndarray) -> np.ndarray:
        """Noise of one step; ``step`` may differ from patient to patient (shape (n,))."""
        values = self.steps[name]
        return values[step] if np.ndim(step) == 0 else values[step, np.arange(values.shape[1])]


class Simulator(Protocol):
    """What a condition must offer.  ``state`` is the condition's own dataclass of arrays (n,).

    ``rows`` is an integer array of the patients asked about; actions are indices into
    ``actions``.
    """

    condition: str
    schema: Schema
    n_steps: int
    actions: tuple[str, ...]
    observation_names: tuple[str, ...]
    static_noise: Mapping[str, str]
    step_noise: Mapping[str, str]

    def start(self, noise: Noise) -> Any: ...
    def measure(self, state: Any) -> None: ...
    def deciding(self, state: Any) -> np.ndarray: ...
    def observe(self, state: Any, rows: np.ndarray) -> np.ndarray: ...
    def admissible(self, state: Any, rows: np.ndarray) -> np.ndarray: ...
    def clinician(self, state: Any, rows: np.ndarray) -> np.ndarray: ...
    def act(self, state: Any, rows: np.ndarray, action: np.ndarray) -> None: ...
    def record(self, state: Any) -> dict[str, np.ndarray]: ...
    def advance(self, state: Any) -> None: ...
    def finish(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]: ...
    def describe(self, state: Any) -> dict[str, np.ndarray]: ...


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


def draw_noise(simulator: Simulator, block: int, seed: int) -> Noise:
    """Draw the exogenous noise of one block of :data:`BLOCK` patients.

    Parameters
    ----------
    simulator : Simulator
        Names its noise and whether each is ``"normal"`` or ``"uniform"``.
    block : int
        Block 0 holds patients 0 … ``BLOCK - 1``, block 1 the next, and so on.
    seed : int
        The cohort's seed.
    """
    key = zlib.crc32(simulator.condition.encode())
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(key, block)))
    draw = {"normal": rng.standard_normal, "uniform": rng.random}
    static = {name: draw[kind](BLOCK) for name, kind in simulator.static_noise.items()}
    shape = (simulator.n_steps, BLOCK)
    steps = {name: draw[kind](shape) for name, kind in simulator.step_noise.items()}
    return Noise(static, steps)


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
        actions), the label of one action (given at every decision), or a function from
        observations, shape (k, n_features), to action probabilities, shape (k, n_actions).
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


def resolve_policy(simulator: Simulator, policy: Policy) -> Callable[[Any, np.ndarray], np.ndarray]:
    """Turn a policy's name, an action's label or a function into probabilities of a state.

    Returns
    -------
    callable
        ``(state, rows) -> probabilities``, shape (len(rows), n_actions).
    """
    if callable(policy):
        return _CheckedPolicy(simulator, policy)
    if policy == "clinician":
        return simulator.clinician
    if policy == "random":
        return _UniformPolicy(simulator)
    if isinstance(policy, str) and policy in simulator.actions:
        return _ConstantPolicy(simulator.actions.index(policy), len(simulator.actions))
    raise ArgumentError(
        f"Unknown policy {policy!r} for {simulator.condition}. Use 'clinician', 'random', one of "
        f"the actions ({', '.join(map(repr, simulator.actions))}), or a function from "
        "observations to action probabilities."
    )


def check_count(n_patients: int) -> int:
    """Return ``n_patients`` if it is a whole number from 1 to :data:`MOST_PATIENTS`."""
    whole = isinstance(n_patients, (int, np.integer)) and not isinstance(n_patients, bool)
    if not whole or not 1 <= n_patients <= MOST_PATIENTS:
        raise ArgumentError(
            f"n_patients is {n_patients!r}; it must be a whole number from 1 to {MOST_PATIENTS:,}."
        )
    return int(n_patients)


def check_seed(seed: int) -> int:
    """Return ``seed`` if it is a whole number, zero or larger."""
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise ArgumentError(f"seed is {seed!r}; it must be a whole number, 0 or larger.")
    return int(seed)


@dataclass(frozen=True)
class _ConstantPolicy:
    action: int
    n_actions: int

    def __call__(self, state: Any, rows: np.ndarray) -> np.ndarray:
        probabilities = np.zeros((len(rows), self.n_actions))
        probabilities[:, self.action] = 1.0
        return probabilities


@dataclass(frozen=True)
class _UniformPolicy:
    simulator: Simulator

    def __call__(self, state: Any, rows: np.ndarray) -> np.ndarray:
        admissible = self.simulator.admissible(state, rows)
        return admissible / admissible.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class _CheckedPolicy:
    simulator: Simulator
    function: Callable[[np.ndarray], np.ndarray]

    def __call__(self, state: Any, rows: np.ndarray) -> np.ndarray:
        observations = self.simulator.observe(state, rows)
        probabilities = np.asarray(self.function(observations), dtype=float)
        expected = (len(rows), len(self.simulator.actions))
        if probabilities.shape != expected:
            raise ArgumentError(
                f"The policy returned an array of shape {probabilities.shape} for "
                f"{len(rows)} observations; expected {expected}: one row per observation, one "
                "column per action."
            )
        if not np.isfinite(probabilities).all() or (probabilities < 0).any():
            raise ArgumentError(
                "The policy returned negative or missing probabilities; every entry must be a "
                "number from 0 to 1."
            )
        sums = probabilities.sum(axis=1)
        if len(sums) and np.abs(sums - 1).max() > 1e-6:
            worst = int(np.abs(sums - 1).argmax())
            raise ArgumentError(
                f"The policy's probabilities for observation {worst} add up to "
                f"{sums[worst]:.6g}; each row must add up to 1."
            )
        return probabilities


def sample_actions(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Draw one action per row by inverting the cumulative probabilities at ``uniform``."""
    cumulative = np.cumsum(probabilities, axis=1)
    chosen = (cumulative <= (uniform * cumulative[:, -1])[:, None]).sum(axis=1)
    return np.minimum(chosen, probabilities.shape[1] - 1)


def _simulate_block(simulator: Simulator, choose: Callable, block: int, seed: int) -> dict:
    noise = draw_noise(simulator, block, seed)
    state = simulator.start(noise)
    patients = simulator.describe(state)
    recorded: list[dict[str, np.ndarray]] = []
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
        if step + 1 < simulator.n_steps:
            simulator.advance(state)
    columns = {name: np.stack([row[name] for row in recorded], axis=1) for name in recorded[0]}
    return {"columns": simulator.finish(columns), "patients": patients, "decided": decided}


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
