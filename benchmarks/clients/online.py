"""What agents are worth that learn by treating simulated patients, as no one may with people.

    python benchmarks/clients/online.py [--conditions sepsis] [--seeds 0 1 2] [--steps 1000000]

PPO of stable-baselines3 treats 256 patients at a time, through a short adapter of the course's
vector environment, and its true value goes into the table of ``benchmarks/offline_rl.py``.  The
environment of ``requirements.txt`` beside this file has what it needs.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

import healthgym_edu as hg

sys.path.insert(0, str(Path(__file__).parents[1]))
from offline_rl import ACTIONS, RESULTS, Rows, worth

BEDS = 256


class Beds(VecEnv):
    """The course's vector environment, as stable-baselines3 asks for one."""

    def __init__(self, condition: str, n: int, seed: int, **options: Any):
        self.env = hg.make_vec_env(condition, n, autoreset_mode="SAME_STEP", **options)
        self.first = seed
        space = self.env.single_observation_space
        super().__init__(n, space, self.env.single_action_space)

    def reset(self) -> np.ndarray:
        return self.env.reset(seed=self.first)[0]

    def step_async(self, actions: np.ndarray) -> None:
        self.chosen = actions

    def step_wait(self) -> tuple:
        seen, paid, terminated, truncated, info = self.env.step(self.chosen)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for bed in np.flatnonzero(terminated | truncated):
            infos[bed]["terminal_observation"] = info["final_obs"][bed]
            infos[bed]["TimeLimit.truncated"] = bool(truncated[bed] and not terminated[bed])
        return seen, paid.astype(np.float32), terminated | truncated, infos

    def close(self) -> None:
        self.env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list:
        return [getattr(self.env, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self.env, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **more: Any) -> list:
        return [getattr(self.env, method_name)(*args, **more)] * self.num_envs

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs


def trained(condition: str, seed: int, steps: int) -> tuple[PPO, VecNormalize]:
    """Return an agent that treated patients of this seed, and what scales its observations."""
    more = {"actions": ACTIONS[condition]} if condition in ACTIONS else {}
    env = VecNormalize(Beds(condition, BEDS, seed, **more), gamma=1.0)
    model = PPO(
        "MlpPolicy", env, seed=seed, n_steps=64, batch_size=2048, n_epochs=6, gamma=1.0,
        gae_lambda=0.95, ent_coef=0.002, learning_rate=lambda left: 1e-3 * left,
    )  # fmt: skip
    model.learn(steps)
    return model, env


def policy(model: PPO, env: VecNormalize):
    """Return the likeliest action, as a policy of the course."""

    def likeliest(observations: np.ndarray) -> np.ndarray:
        scaled = env.normalize_obs(observations.astype(np.float32))
        chosen, _ = model.predict(scaled, deterministic=True)
        return np.eye(int(model.action_space.n))[chosen]

    return likeliest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--conditions", nargs="+", default=["sepsis", "hypotension", "art_hiv"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=1_000_000)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rows = Rows(RESULTS / "offline_rl.json")
    for condition in asked.conditions:
        more = {"actions": ACTIONS[condition]} if condition in ACTIONS else {}
        for seed in asked.seeds:
            key = f"agent | {condition} | PPO, plays the simulator | seed {seed}"
            if key in rows:
                continue
            began = time.process_time()
            model, env = trained(condition, 5000 + seed, asked.steps)
            fit = time.process_time() - began
            rows.note(key, worth(condition, policy(model, env), fit, seed, more))


if __name__ == "__main__":
    main()
