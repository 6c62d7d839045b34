"""What others' libraries make of the environments and of the Minari datasets, untouched.

    python benchmarks/clients/train.py [--seeds 3] [--patients 2000] [--normalise]

In a virtual environment of its own; ``requirements.txt`` beside this file says how to make it.

1. stable-baselines3: PPO with its default settings; the critic, at the first observation of fresh
   patients, beside the discounted return of the same patients under the trained policy.  They must
   be within 20 % of each other.  ``--normalise`` trains a second time with ``VecNormalize``.
2. Minari: the episodes of 60 patients, lived again in the recovered environment, without a
   difference.
3. d3rlpy: the same datasets, read whole, and a clinician learnt from them.
4. sb3-contrib: MaskablePPO finds ``action_masks`` and never steps outside them.

Threads as the libraries take them; about 20 minutes on two cores, twice that with
``--normalise``.  Writes ``benchmarks/results/clients.json``, prints tables, and ends with status 1
if a check fails.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import gymnasium
import minari
import numpy as np
import torch
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import is_masking_supported
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecNormalize

import healthgym_edu as hg

RESULTS = Path(__file__).parents[1] / "results" / "clients.json"
PACKAGES = ["stable-baselines3", "sb3-contrib", "d3rlpy", "minari", "gymnasium", "torch", "numpy"]

STEPS = {"hypotension": 16_000, "sepsis": 32_000, "art_hiv": 60_000}
MASKED_STEPS, CLONING_STEPS, EPISODES = 4096, 500, 60
FRESH = 1000
"""Added to a seed, for patients whom no training has seen."""

TOLERANCE = 0.2
"""Largest difference of critic and return, as a share of the return."""


# --- stable-baselines3


def ppo_row(condition: str, seed: int, n_patients: int, normalise: bool) -> dict:
    """Train PPO as its users do and compare its critic with what its policy earns."""
    env = hg.make_env(condition)
    if normalise:  # observations alone, so that the critic stays in the units of the reward
        env = VecNormalize(make_vec_env(lambda: hg.make_env(condition)), norm_reward=False)
    begin = time.perf_counter()
    model = PPO("MlpPolicy", env, seed=seed).learn(STEPS[condition])
    seconds = time.perf_counter() - begin
    scaled = env.normalize_obs if normalise else lambda seen: seen
    critic, returns = critic_and_returns(model, condition, FRESH + seed, n_patients, scaled)
    value, earned = critic.mean(), returns.mean()
    return {
        "condition": condition,
        "seed": seed,
        "steps": model.num_timesteps,
        "critic": float(value),
        "return": float(earned),
        "standard error of the return": float(returns.std(ddof=1) / np.sqrt(n_patients)),
        "difference, %": float(100 * (value - earned) / abs(earned)),
        "seconds of training": round(seconds, 1),
        "ok": bool(abs(value - earned) <= TOLERANCE * abs(earned)),
    }


def critic_and_returns(model, condition, seed, n_patients, scaled) -> tuple[np.ndarray, np.ndarray]:
    """Return, per patient, the first value of the critic and the discounted return.

    All patients begin together, so that a step is the same decision for all of them; rows whose
    episode has ended bring others, who do not count.
    """
    env = hg.make_vec_env(condition, n_patients)
    seen, _ = env.reset(seed=seed)
    with torch.no_grad():
        tensor, _ = model.policy.obs_to_tensor(scaled(seen))
        critic = model.policy.predict_values(tensor).cpu().numpy().ravel().astype(float)
    returns, going, weight = np.zeros(n_patients), np.ones(n_patients, dtype=bool), 1.0
    while going.any():
        actions, _ = model.predict(scaled(seen))  # drawn, as in the training
        seen, paid, terminated, truncated, _ = env.step(actions)
        returns += weight * paid * going
        going &= ~(terminated | truncated)
        weight *= model.gamma
    return critic, returns


# --- Minari


def minari_row(condition: str) -> dict:
    """Write patients to Minari and live every episode again in the recovered environment."""
    hg.to_minari(condition, dataset_id(condition), EPISODES)
    dataset = minari.load_dataset(dataset_id(condition))
    env = dataset.recover_environment()
    wrong = {"observations": 0, "rewards": 0, "ends": 0}
    for episode in dataset:
        (known,) = dataset.storage.get_episode_metadata([episode.id])
        options = {name: int(value) for name, value in known["options"].items()}
        seen, _ = env.reset(seed=int(known["seed"]), options=options)
        wrong["observations"] += not np.array_equal(seen, episode.observations[0])
        for i, action in enumerate(episode.actions):
            seen, paid, *end, _ = env.step(action)
            wrong["observations"] += not np.array_equal(seen, episode.observations[i + 1])
            wrong["rewards"] += not np.isclose(paid, episode.rewards[i], rtol=1e-9, atol=1e-12)
            wrong["ends"] += end != [episode.terminations[i], episode.truncations[i]]
    episodes, steps = int(dataset.total_episodes), int(dataset.total_steps)
    return {
        "condition": condition,
        "episodes": episodes,
        "steps": steps,
        **{f"wrong {name}": int(count) for name, count in wrong.items()},
        "ok": episodes == EPISODES and not any(wrong.values()),
    }


def dataset_id(condition: str) -> str:
    """Return the dataset's name at Minari."""
    return f"clients/{condition}-v0"


# --- d3rlpy


def d3rlpy_row(condition: str) -> dict:
    """Read a dataset with d3rlpy, and learn the clinician's choices from it.

    ``get_minari`` of d3rlpy 2.8.1 puts the episodes' observations (T + 1) and actions (T) end to
    end and cuts both after T rows, for any Minari dataset: from the second episode on observations
    lag behind.  We count these episodes, and learn from a dataset in which they do not.
    """
    import d3rlpy
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    episodes = list(minari.load_dataset(dataset_id(condition)))
    read, env = d3rlpy.datasets.get_minari(dataset_id(condition))
    lagging = sum(
        not np.array_equal(theirs.observations, ours.observations[:-1])
        for theirs, ours in zip(read.episodes, episodes, strict=True)
    )
    actions = np.concatenate([episode.actions for episode in episodes])
    mended = d3rlpy.dataset.MDPDataset(
        np.concatenate([episode.observations[:-1] for episode in episodes]),
        actions,
        np.concatenate([episode.rewards for episode in episodes]),
        np.concatenate([episode.terminations for episode in episodes]),
        action_space=d3rlpy.ActionSpace.DISCRETE,
        action_size=int(env.action_space.n),
    )
    d3rlpy.seed(0)
    scaler = d3rlpy.preprocessing.StandardObservationScaler()
    clinician = d3rlpy.algos.DiscreteBCConfig(observation_scaler=scaler).create(device="cpu:0")
    clinician.fit(
        mended,
        n_steps=CLONING_STEPS,
        n_steps_per_epoch=CLONING_STEPS,  # by default 10,000, and of less it does nothing
        logger_adapter=d3rlpy.logging.NoopAdapterFactory(),
        show_progress=False,
    )
    guessed = np.concatenate([clinician.predict(one.observations[:-1]) for one in episodes])
    commonest = float(100 * np.bincount(actions).max() / len(actions))
    hit = float(100 * (guessed == actions).mean())
    counts = [len(episodes), len(actions)]
    return {
        "condition": condition,
        "episodes": len(read.episodes),
        "transitions": int(read.transition_count),
        "actions taken for": int(read.dataset_info.action_size),
        "actions": int(env.action_space.n),
        "episodes whose observations lag": lagging,
        "commonest choice, %": commonest,
        "choices learnt, %": hit,
        "ok": counts == [len(read.episodes), read.transition_count]
        and counts == [len(mended.episodes), mended.transition_count]
        and hit > commonest,
    }


# --- sb3-contrib


class Watched(gymnasium.Wrapper):
    """Counts steps, and actions outside the mask that held when they were chosen."""

    def __init__(self, env: gymnasium.Env):
        super().__init__(env)
        self.steps = self.outside = 0

    def step(self, action):
        self.steps += 1
        self.outside += not self.env.get_wrapper_attr("action_masks")()[action]
        return self.env.step(action)


def masked_row(condition: str) -> dict:
    """Train MaskablePPO and count violated masks, in training and on fresh patients."""
    watched, free = Watched(hg.make_env(condition)), Watched(hg.make_env(condition))
    model = MaskablePPO("MlpPolicy", watched, seed=0)
    found = is_masking_supported(model.get_env())
    model.learn(MASKED_STEPS)
    PPO("MlpPolicy", free, seed=0).learn(MASKED_STEPS)  # who knows of no mask

    many = hg.make_vec_env(condition, 500)
    seen, info = many.reset(seed=FRESH)
    after = 0
    for _ in range(10):
        masks = info["action_mask"].astype(bool)
        actions, _ = model.predict(seen, action_masks=masks)
        after += int((~masks[np.arange(500), actions]).sum())
        seen, _, _, _, info = many.step(actions)
    return {
        "condition": condition,
        "masks found": found,
        "steps": watched.steps,
        "outside in training": watched.outside,
        "outside afterwards, of 5,000": after,
        "outside for plain PPO": free.outside,
        "ok": found and watched.steps >= MASKED_STEPS and not watched.outside + after,
    }


# --- all of them


def print_table(title: str, rows: list[dict]) -> None:
    """Print rows of the same columns, numbers on the right."""
    texts = [[text(value) for value in row.values()] for row in rows]
    columns = list(zip(list(rows[0]), *texts, strict=True))
    widths = [max(map(len, column)) for column in columns]
    print(f"\n{title}")
    for line in zip(*columns, strict=True):
        print("  ".join(word.rjust(width) for word, width in zip(line, widths, strict=True)))
    sys.stdout.flush()


def text(value) -> str:
    """Return a value as a table shows it."""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=3, help="trainings per condition")
    parser.add_argument("--patients", type=int, default=2000, help="fresh patients per training")
    parser.add_argument("--normalise", action="store_true", help="train with VecNormalize, too")
    wanted = parser.parse_args()
    tables, begin = {}, time.perf_counter()

    def add(title: str, rows: list[dict]) -> None:
        if rows:
            print_table(title, rows)
            tables[title] = rows

    with tempfile.TemporaryDirectory() as folder:
        os.environ["MINARI_DATASETS_PATH"] = folder
        add("minari: episodes lived again", [minari_row(condition) for condition in STEPS])
        add("d3rlpy: episodes read", [d3rlpy_row(condition) for condition in STEPS])
    add("sb3-contrib: MaskablePPO", [masked_row(condition) for condition in STEPS])
    for normalise in [False, True][: 1 + wanted.normalise]:
        rows = [
            ppo_row(condition, seed, wanted.patients, normalise)
            for condition in STEPS
            for seed in range(wanted.seeds)
        ]
        with_what = "observations normalised" if normalise else "untouched"
        add(f"stable-baselines3: PPO, {with_what}", rows)

    failed = [title for title, rows in tables.items() if not all(row["ok"] for row in rows)]
    result = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}, one process",
        "versions": {name: version(name) for name in PACKAGES},
        "threads of torch": torch.get_num_threads(),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "not set"),
        "patients per training": wanted.patients,
        "seconds": round(time.perf_counter() - begin),
        "failed": failed,
        "tables": tables,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{result['seconds']:,} seconds; failed: {', '.join(failed) or 'nothing'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
