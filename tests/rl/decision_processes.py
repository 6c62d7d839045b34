"""Markov decision processes whose values are known by linear algebra, and records of them."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from healthgym_edu.rl import Transitions


@dataclass(frozen=True)
class Process:
    """States and actions; with what is left over of each row of ``moves`` an episode ends."""

    moves: np.ndarray  # (s, a, s), sums of at most 1
    reward: np.ndarray  # (s, a)
    start: np.ndarray  # (s,)

    def values(self, policy: np.ndarray) -> np.ndarray:
        """Value of each state under a policy, (s, a)."""
        leads = np.einsum("sa,sat->st", policy, self.moves)
        paid = (policy * self.reward).sum(axis=1)
        return np.linalg.solve(np.eye(len(leads)) - leads, paid)

    def value(self, policy: np.ndarray) -> float:
        return float(self.start @ self.values(policy))

    def best(self, allowed: np.ndarray | None = None) -> np.ndarray:
        """The best policy among allowed actions, by policy iteration."""
        allowed = np.ones(self.reward.shape, dtype=bool) if allowed is None else allowed
        policy = np.eye(self.reward.shape[1])[allowed.argmax(axis=1)]
        while True:
            q = self.reward + self.moves @ self.values(policy)
            better = np.eye(q.shape[1])[np.where(allowed, q, -np.inf).argmax(axis=1)]
            if (better * q).sum() <= (policy * q).sum() + 1e-9:
                return policy
            policy = better

    def records(self, policy: np.ndarray, n: int, seed: int, noise: float = 0.0) -> Transitions:
        """Let n patients live under a policy."""
        rng = np.random.default_rng(seed)
        n_states, n_actions = self.reward.shape
        ends = np.append(np.cumsum(self.moves, axis=2), np.ones((n_states, n_actions, 1)), axis=2)
        who, state = np.arange(n), rng.choice(n_states, size=n, p=self.start / self.start.sum())
        parts, t = [], 0
        while len(who):
            action = (np.cumsum(policy[state], axis=1) < rng.random(len(who))[:, None]).sum(axis=1)
            action = np.minimum(action, n_actions - 1)
            then = (ends[state, action] < rng.random(len(who))[:, None]).sum(axis=1)
            over = then == n_states
            paid = self.reward[state, action] + noise * rng.normal(size=len(who))
            parts.append((who, np.full(len(who), t), state, action, paid, then, over))
            who, state, t = who[~over], then[~over], t + 1
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        order = np.lexsort((columns[1], columns[0]))
        who, step, state, action, paid, then, over = (column[order] for column in columns)
        seen = state[:, None].astype(float)
        return Transitions(
            condition="process", actions=tuple(map(str, range(n_actions))), features=("state",),
            columns=("state",), reward_name="course", behaviour="recorded", patient=who, step=step,
            observation=seen, action=action, reward=paid,
            next_observation=np.where(over, 0, then)[:, None].astype(float), terminated=over,
            behaviour_probability=policy[state], admissible=policy[state] > 0, view=seen,
            origin=f"process, seed {seed}",
        )  # fmt: skip


def random_process(seed: int, n_states: int = 30, n_actions: int = 4, ends: float = 0.2) -> Process:
    rng = np.random.default_rng(seed)
    moves = rng.dirichlet(np.full(n_states, 0.1), size=(n_states, n_actions))
    reward = rng.normal(size=(n_states, n_actions))
    return Process((1 - ends) * moves, reward, np.full(n_states, 1 / n_states))


def random_policy(seed: int, shape: tuple[int, int], even: float = 2.0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(shape[1], even), size=shape[0])


def icu_sepsis() -> tuple[Process, np.ndarray, np.ndarray]:
    """The published ICU-Sepsis process, its clinicians' policy, and what is admissible."""
    found = importlib.util.find_spec("icu_sepsis")
    folder = Path(found.submodule_search_locations[0], "envs", "assets")
    with np.load(folder / "dynamics.npz") as data:
        moves, paid, start = data["tx_mat"], data["r_mat"], data["d_0"]
        clinicians = data["expert_policy"]
    living = len(moves) - 3  # the last three are death, survival and what comes after
    reward = (moves * paid).sum(axis=2)[:living] if paid.shape == moves.shape else paid[:living]
    lines = (folder / "admissible_actions.txt").read_text().splitlines()
    admissible = np.zeros((living, moves.shape[1]), dtype=bool)
    for state, line in enumerate(lines[1 : living + 1]):
        admissible[state, [int(word) for word in line.split()]] = True
    process = Process(moves[:living, :, :living], reward, start[:living])
    return process, clinicians[:living], admissible
