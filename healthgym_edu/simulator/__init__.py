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

from .carrying import carried
from .noise import BLOCK, Noise, draw_noise
from .policies import (
    Policy,
    check_count,
    check_seed,
    resolve_policy,
    sample_actions,
    soft_probabilities,
)
from .protocol import Simulator
from .rollout import Simulated, simulate
from .value import PolicyValue, check_reward, policy_value
from .ward import Ward

__all__ = [
    "BLOCK",
    "Noise",
    "Policy",
    "PolicyValue",
    "Simulated",
    "Simulator",
    "Ward",
    "carried",
    "check_count",
    "check_reward",
    "check_seed",
    "draw_noise",
    "policy_value",
    "resolve_policy",
    "sample_actions",
    "simulate",
    "soft_probabilities",
]
