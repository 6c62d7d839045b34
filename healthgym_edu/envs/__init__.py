"""Gymnasium environments: the mechanisms of the course, one patient or many at a time.

    import gymnasium
    import healthgym_edu.envs

    env = gymnasium.make("healthgym_edu/ArtHiv-v0")
    many = gymnasium.make_vec(
        "healthgym_edu/ArtHiv-v0", num_envs=64, vectorization_mode="vector_entry_point"
    )

One environment step goes from one decision to the next: clinic visits months apart in ART, four
hours in sepsis and hypotension.  The reward is the sum over the rows in between (``info`` tells in
which ``month``, ``block`` of four hours or ``hour`` the patient is), and the first reward also
holds those before the first decision, so that rewards add up to the patient's return in
:func:`healthgym_edu.policy_value`.  An episode is truncated at the end of follow-up (month 60,
block 20, hour 48) and terminated by death alone, which ART does not have.

Nothing comes after the end of follow-up, in sepsis not even what happens by day 90, which is paid
before: do not bootstrap from a truncated episode.  The time left is in the observation.  With a
discount below 1 compare like with like: ``policy_value`` discounts rows, an agent decisions.

`core` what both kinds share · `single` one patient · `vector` many · `chart` pictures.
"""

from __future__ import annotations

import gymnasium

from ..conditions import on_register
from .single import PatientEnv
from .vector import PatientVectorEnv

__all__ = ["ENVIRONMENTS", "PatientEnv", "PatientVectorEnv"]

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
            kwargs={"condition": condition},
        )


on_register(_register)
