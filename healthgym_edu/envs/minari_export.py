"""Patients as a Minari dataset: the episodes that offline reinforcement learning learns from.

    dataset = hg.to_minari("art_hiv", "art/clinician-v0", n_patients=2000)

The episodes are the patients of ``hg.simulate`` with the same policy and seed, cut at decisions as
in the environment. https://minari.farama.org describes the format; it needs the extra ``[minari]``.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

from .._version import __version__
from ..data.teaching import mechanism_with
from ..engine import (
    BLOCK,
    Chooser,
    Lives,
    Mechanism,
    Policy,
    check_count,
    check_reward,
    check_seed,
    live_block,
    resolve_policy,
)
from ..errors import ArgumentError
from . import ENVIRONMENTS

if TYPE_CHECKING:
    import minari

__all__ = ["to_minari"]

AUTHOR = "The Health Gym course contributors"
CODE = "https://github.com/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging"


def to_minari(
    condition: str,
    dataset_id: str,
    n_patients: int | None = None,
    policy: Policy = "clinician",
    seed: int = 0,
    reward: str = "course",
    confounded: bool | str = False,
) -> minari.MinariDataset:
    """Write simulated patients as episodes of a Minari dataset.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    dataset_id : str
        Its name at Minari, with a version: ``"art/clinician-v0"``. It is written to Minari's
        folder, ``MINARI_DATASETS_PATH`` or ``~/.minari/datasets``.
    n_patients, policy, seed
        As for ``hg.simulate``: the same patients meet the same treatments.
    reward : str
        As for ``hg.policy_value``.
    confounded : bool or "strong"
        Whether the clinician also sees what is hidden: severity, or adherence (ART). The
        description of the dataset says so. Observations do not show it.

    Returns
    -------
    minari.MinariDataset
        One episode per patient, but for those who never come to a decision (about one in 30,000
        of ART has no visit in five years). For T decisions: ``observations`` (T + 1,
        n_features), the last one seen at the end; ``actions``, ``rewards``, ``terminations``
        (death or the end of follow-up) and ``truncations`` (never) of shape (T,); in ``infos``,
        with T + 1 rows, ``died``, the step under the name of the condition's clock (``month``),
        ``probabilities`` of all actions and ``probability`` of the chosen one under the policy,
        nan in the last row, where nothing is
        chosen. An episode's metadata hold the arguments for ``reset`` of the recovered
        environment that bring the same patient.

    Raises
    ------
    ArgumentError
        Minari is missing; a dataset of this name exists; anything that cannot be used.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> dataset = hg.to_minari("hypotension", "examples/hypotension-v0", n_patients=10)
    >>> dataset.total_episodes
    10
    """
    minari = _require_minari()
    options = {"confounded": confounded} if confounded else {}
    mechanism = mechanism_with(condition, options)
    choose = resolve_policy(mechanism, policy)
    check_reward(mechanism, reward)
    n_patients = mechanism.published_patients if n_patients is None else n_patients
    n_patients, seed = check_count(n_patients), check_seed(seed)
    folder = _require_place(dataset_id)

    name = policy if isinstance(policy, str) else "a policy of the user's own"
    hidden = " The clinician also saw what no observation shows." if confounded else ""
    env = gymnasium.make(ENVIRONMENTS[condition], reward=reward)
    try:
        with warnings.catch_warnings():  # that there is no e-mail address, no other environment
            warnings.filterwarnings("ignore", r"`\w+` is set to None", UserWarning)
            return minari.create_dataset_from_buffers(
                dataset_id,
                _episodes(mechanism, choose, reward, n_patients, seed),
                env=env,
                algorithm_name=name,
                author=AUTHOR,
                code_permalink=CODE,
                description=(
                    f"{mechanism.schema.title}: simulated patients, not real people, under {name}, "
                    f"seed {seed}, {reward} reward.{hidden} For learning and testing methods only."
                ),
                requirements=[f"healthgym-edu=={__version__}"],
            )
    except BaseException:  # a dataset is whole or not there
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _episodes(
    mechanism: Mechanism, choose: Chooser, reward: str, n_patients: int, seed: int
) -> Iterator[Any]:
    """Yield an ``EpisodeBuffer`` per patient, in their order, a block at a time."""
    number = 0  # Minari counts episodes without a gap
    for first in range(0, n_patients, BLOCK):
        lives = live_block(mechanism, first // BLOCK, seed, choose, reward)
        for row, episode in enumerate(_episodes_of(mechanism, lives)):
            if first + row == n_patients:
                return
            if episode is not None:  # a decision was due
                options = {"patient": first + row}
                yield replace(episode, id=number, seed=seed, options=options)
                number += 1


def _episodes_of(mechanism: Mechanism, lives: Lives) -> Iterator[Any]:
    """Yield the episode of each patient, or None where no decision was ever due."""
    from minari.data_collector import EpisodeBuffer

    made, dead, end = lives.decided, ~mechanism.alive(lives.state), lives.state.step
    who = np.concatenate([one.rows for one in made])
    order = np.argsort(who, kind="stable")  # one patient's decisions together, still in order
    ends = np.cumsum(np.bincount(who, minlength=BLOCK))[:-1]

    def by_patient(name: str) -> list[np.ndarray]:
        return np.split(np.concatenate([getattr(one, name) for one in made])[order], ends)

    columns = (by_patient(name) for name in ("seen", "action", "paid", "step", "probability"))
    for row, (seen, action, paid, step, probability) in enumerate(zip(*columns, strict=True)):
        if not len(action):
            yield None
            continue
        last = np.arange(len(action)) == len(action) - 1
        paid[0] = 0.0  # the first reward holds those before the first decision
        yield EpisodeBuffer(
            observations=np.vstack([seen, lives.seen[row]]).astype(np.float32),
            actions=action,
            rewards=np.diff(np.append(paid, lives.paid[row])),
            terminations=last,
            truncations=np.zeros_like(last),
            infos={
                mechanism.clock: np.append(step, end[row]),
                "probabilities": np.vstack([probability, np.full_like(probability[0], np.nan)]),
                "died": np.append(np.zeros(len(action), dtype=bool), dead[row]),
                "probability": np.append(probability[np.arange(len(action)), action], np.nan),
            },
        )


def _require_minari() -> ModuleType:
    try:
        import h5py  # noqa: F401  (the format of its files)
        import minari
    except ImportError as error:
        raise ArgumentError(
            f"Writing Minari datasets needs a package that is not installed ({error.name}). "
            'Install what the extra [minari] names: python -m pip install "minari[hdf5]".'
        ) from None
    return minari


def _require_place(dataset_id: str) -> Path:
    """Return the folder of a new dataset; `ArgumentError` if there cannot be one."""
    from minari.dataset.minari_dataset import parse_dataset_id
    from minari.storage.datasets_root_dir import get_dataset_path

    try:
        parse_dataset_id(dataset_id)
    except (TypeError, ValueError):  # no version at all is a TypeError
        raise ArgumentError(
            f"dataset_id is {dataset_id!r}; Minari wants a name with a version, and if you like a "
            "folder, of letters, digits, - and _: 'art/clinician-v0'."
        ) from None
    folder = get_dataset_path(dataset_id)
    if folder.exists():
        raise ArgumentError(
            f"There is a Minari dataset {dataset_id!r} already, in {folder}. Choose another name "
            f"or version, or delete it: minari.delete_dataset({dataset_id!r})."
        )
    return folder
