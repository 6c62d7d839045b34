"""The generator of v2 with attention instead of recurrence (Health Gym v2.5).

Every step looks at every other one: what it takes from each is weighted by how well its question
fits the other's key, softmax(Q Kᵀ / √d) V (Vaswani and others, NeurIPS 2017, arXiv:1706.03762),
where d is the width of one head, not of all of them together.
"""

from __future__ import annotations

import torch
from torch import nn

from .vae_buffer import VaeBufferWganGp

HEADS = 4


class Attentive(nn.Module):
    """The body of the generator: two layers of attention over all steps, with a place for each."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.enter = nn.Linear(inputs, width)
        layer = nn.TransformerEncoderLayer(
            width, HEADS, 2 * width, dropout=0.0, activation="gelu", batch_first=True,
            norm_first=True,
        )  # fmt: skip
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (n, n_steps, inputs) to (n, n_steps, width)."""
        entered = self.enter(x)
        return self.layers(entered + places(x.shape[1], entered.shape[2]).to(x.device))


def places(n_steps: int, width: int) -> torch.Tensor:
    """Return waves that tell steps apart, shape (n_steps, width).

    >>> places(3, 4).shape
    torch.Size([3, 4])
    """
    step = torch.arange(n_steps)[:, None]
    speed = torch.exp(-torch.arange(0, width, 2) * (4.0 / width))
    return torch.cat([(step * speed).sin(), (step * speed).cos()], dim=1)[:, :width]


class TransformerWganGp(VaeBufferWganGp):
    """Health Gym v2.5, compact: attention, an auto-encoder's latents, a buffer, and a critic.

    Parameters
    ----------
    config : GanConfig, optional

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train = hg.load_cohort("hypotension", n_patients=80)
    >>> made = TransformerWganGp().fit(train, max_steps=1, seed=0).sample(4, seed=1)
    >>> len(made)
    4
    """

    body = Attentive
