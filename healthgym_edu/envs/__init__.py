"""Gymnasium environments: the mechanisms of the course, one patient or many at a time.

    >>> import gymnasium
    >>> import healthgym_edu as hg
    >>> env = hg.make_env("art_hiv")
    >>> many = hg.make_vec_env("art_hiv", 64)
    >>> same = gymnasium.make("healthgym_edu.envs:healthgym_edu/ArtHiv-v0")  # by its name
    >>> same.observation_space == env.observation_space == many.single_observation_space
    True

One environment step goes from one decision to the next: clinic visits months apart in ART, four
hours in sepsis and hypotension.  The reward is the sum over the rows in between (``info`` tells in
which ``month``, ``block`` of four hours or ``hour`` the patient is), and the first reward also
holds those before the first decision, so that rewards add up to the patient's return in
:func:`healthgym_edu.policy_value`.

Death and the end of follow-up (month 60, block 20, hour 48) *terminate* an episode;
``info["died"]`` tells them apart.  Nothing lies behind the end that could be bootstrapped from: the
time left is in the observation, and what happens by day 90 in sepsis is paid before.  With a
discount below 1 compare like with like: an agent's is that of
``policy_value(..., discount_per="decision")``.

`core` what both kinds share · `single` one patient · `vector` many · `codebook` what the numbers
mean · `making` the short way · `chart` pictures · `minari_export` episodes as data.
"""

from __future__ import annotations

import gymnasium

from ..conditions import get_mechanism, on_register
from .codebook import codebook
from .single import PatientEnv
from .vector import PatientVectorEnv

__all__ = ["ENVIRONMENTS", "PatientEnv", "PatientVectorEnv", "codebook"]

ENVIRONMENTS: dict[str, str] = {}
"""Identifier of each condition's environment, for ``gymnasium.make``."""


def _register(condition: str) -> None:
    identifier = f"healthgym_edu/{''.join(map(str.capitalize, condition.split('_')))}-v0"
    ENVIRONMENTS[condition] = identifier
    if identifier not in gymnasium.registry:
        gymnasium.register(
            identifier,
            entry_point="healthgym_edu.envs.single:PatientEnv",
            vector_entry_point="healthgym_edu.envs.vector:PatientVectorEnv",
            # one more than the longest: an episode ends by itself, and who asks finds a limit
            max_episode_steps=get_mechanism(condition).most_decisions + 1,
            kwargs={"condition": condition},
        )


on_register(_register)
