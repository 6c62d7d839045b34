"""Discrete BCQ: Q-learning among what clinicians do often enough.

Fujimoto, Conti, Ghavamzadeh and Pineau, *Benchmarking batch deep reinforcement learning
algorithms*, arXiv 1910.01708.  The network learns two things at once: Q, and how often clinicians
take each action, G.  The best action is sought where

    G(a | s) ≥ τ max G(· | s),

in the target of the decision before as well as at the bedside; the others are worth -∞ there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from .networks import NetworkAgent, NetworkConfig


@dataclass(frozen=True)
class BcqConfig(NetworkConfig):
    """What can be set of a `DiscreteBcq`.

    Attributes
    ----------
    trust : float
        τ: 0 is deep Q-learning among admissible actions, 1 behaviour cloning.
    tidy : float
        Weight of the squared scores of the clone, which keeps them small.
    """

    trust: float = 0.3
    tidy: float = 1e-2


class DiscreteBcq(NetworkAgent):
    """Batch-constrained Q-learning for single actions.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=100))
    >>> agent = hg.rl.DiscreteBcq(hg.rl.BcqConfig(steps=20)).fit(batch, seed=0)
    >>> agent(batch.view[:3]).sum(axis=1).tolist()
    [1.0, 1.0, 1.0]
    """

    config: BcqConfig
    outputs = 2

    def __init__(self, config: BcqConfig = BcqConfig()):
        self.config = config

    def allowed(self, out: torch.Tensor, admissible: torch.Tensor) -> torch.Tensor:
        share = out[:, 1].masked_fill(~admissible, -torch.inf).softmax(dim=1)
        most = share.max(dim=1, keepdim=True).values
        return admissible & (share >= self.config.trust * most)

    def extra(self, out: torch.Tensor, action: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(out[:, 1], action) + self.config.tidy * (out[:, 1] ** 2).mean()
