"""Deep Q-learning as if one could experiment: the warning.

Nothing is learned but Q, and the best action is sought among all: also among those that nobody
ever took there, of which the network knows nothing.  Where it is wrong upwards the maximum finds
it, and the error becomes the target of the decision before.  In a game one would try the action
and be put right (Mnih et al., *Human-level control through deep reinforcement learning*, Nature
518, 2015); from records alone nobody ever is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .networks import NetworkAgent, NetworkConfig

if TYPE_CHECKING:
    import torch


class Dqn(NetworkAgent):
    """Deep Q-learning on records, without any caution.  Do not use it; see what it does.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=100))
    >>> agent = hg.rl.Dqn(hg.rl.NetworkConfig(steps=20)).fit(batch, seed=0)
    >>> agent.history_.columns.tolist()
    ['step', 'loss', 'value']
    """

    def __init__(self, config: NetworkConfig | None = None):
        self.config = config or NetworkConfig()

    def allowed(self, out: torch.Tensor, admissible: torch.Tensor) -> torch.Tensor:
        return admissible.new_ones(admissible.shape)
