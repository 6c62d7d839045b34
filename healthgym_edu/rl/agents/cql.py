"""Discrete CQL: Q-learning that doubts what was not done.

Kumar, Zhou, Tucker and Levine, *Conservative Q-learning for offline reinforcement learning*, arXiv
2006.04779, the form CQL(H).  To the loss of Q-learning is added

    α [ log Σ_a exp Q(s, a) − Q(s, a_done) ],

which presses down on every action but the one that was taken; rare actions end below their worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .networks import NetworkAgent, NetworkConfig


@dataclass(frozen=True)
class CqlConfig(NetworkConfig):
    """What can be set of a `DiscreteCql`.

    Attributes
    ----------
    doubt : float
        α, where Q counts in standard deviations of the returns.
    """

    doubt: float = 0.1


class DiscreteCql(NetworkAgent):
    """Conservative Q-learning for single actions, among what clinicians might do.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=100))
    >>> agent = hg.rl.DiscreteCql(hg.rl.CqlConfig(steps=20)).fit(batch, seed=0)
    >>> agent.trained_.condition
    'hypotension'
    """

    config: CqlConfig

    def __init__(self, config: CqlConfig = CqlConfig()):
        self.config = config

    def allowed(self, out: torch.Tensor, admissible: torch.Tensor) -> torch.Tensor:
        return admissible

    def extra(self, out: torch.Tensor, action: torch.Tensor) -> torch.Tensor:
        q = out[:, 0]
        done = q.gather(1, action[:, None])[:, 0]
        return self.config.doubt * (q.logsumexp(dim=1) - done).mean()
