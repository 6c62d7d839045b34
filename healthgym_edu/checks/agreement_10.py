"""Whether the moves that chapter 10 shows are those of the package's `WganGp`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from healthgym_edu.data import Cohort

MOVES = 2


def two_moves(
    move_critic: Callable[..., tuple[float, float]], move_generator: Callable[..., float],
    cohort: Cohort, config: Any, seed: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return the gap, the penalty and the alignment of two moves, shape (3,): shown and package's.

    Both begin with the same weights, and draw the same random numbers in the same order. The
    package tells the mean of its moves, so the means are compared.
    """
    import torch

    from healthgym_edu.generators import WganGp, wgan
    from healthgym_edu.generators.tensors import n_channels, to_arrays

    model = WganGp(config).fit(cohort, max_steps=MOVES, seed=seed)
    codec = model.codec_
    encoded = codec.encode(cohort)
    statics, months = map(torch.from_numpy, to_arrays(codec, encoded))
    still, moving = n_channels(codec)
    batch, found = min(config.loop.batch, len(cohort)), []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        maker = wgan.Maker(codec, config, wgan.Recurrent)
        critic = wgan.Critic(2 * moving + still, config.critic)
        maker.begin(encoded)
        hands = [torch.optim.Adam(one.parameters(), betas=(0.5, 0.9)) for one in (critic, maker)]
        order = np.random.default_rng(seed).permutation(len(cohort))
        torch.manual_seed(seed)
        for move in range(MOVES):
            for hand in hands:  # the package begins with small moves
                hand.param_groups[0]["lr"] = config.loop.learning_rate * (move + 1) / 30
            grown = config.first_steps + (1 - config.first_steps) * move / config.grown
            n_months = round(grown * months.shape[1])
            for _ in range(config.fights):
                who = torch.randint(len(statics), (batch,))
                said = move_critic(critic, maker, hands[0], (statics[who], months[who, :n_months]))
            who = torch.from_numpy(order[batch * move : batch * (move + 1)])
            real = statics[who], months[who, :n_months]
            found.append([*said, move_generator(critic, maker, hands[1], real)])
    theirs = model.history_.iloc[-1][["distance", "penalty", "alignment"]].to_numpy(float)
    return np.mean(found, axis=0), theirs
