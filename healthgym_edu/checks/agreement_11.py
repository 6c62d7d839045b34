"""Whether the memory that chapter 11 shows is that of the package's `VaeBufferWganGp`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from healthgym_edu.data import Cohort

MOVES = 2


def furthest_apart(
    near: Callable[..., Any], owed: Callable[..., Any], fill: Callable[..., Any],
    remember: Callable[..., Any], cohort: Cohort, seed: int = 0,
) -> dict[str, float]:  # fmt: skip
    """Return the largest difference between what is shown and the package, for each part.

    A model of the package learns for two moves.  Then both place the same people, owe for the same
    batch, fill a buffer and draw from it, with the same random numbers.
    """
    import torch

    from healthgym_edu.generators import VaeBufferWganGp, wgan
    from healthgym_edu.generators.tensors import to_arrays
    from healthgym_edu.generators.vae_buffer import BETA, groups_of

    config = wgan.GanConfig(critic=16, width=16, latent=6)
    model: Any = VaeBufferWganGp(config)
    model.fit(cohort, max_steps=MOVES, seed=seed)
    encoded = model.codec_.encode(cohort)
    real = tuple(map(torch.from_numpy, to_arrays(model.codec_, encoded)))
    group, _ = groups_of(model.codec_, encoded)
    network = model.network_
    batch = tuple(one[:32] for one in real)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made, theirs = model._makes(batch)
        torch.manual_seed(seed)
        mean, log_spread = network["encoder"](*batch)
        latent = near(mean, log_spread)
        own = network["maker"](latent, batch[1].shape[1], None, True)[:2]
        ours = owed(batch, own, mean, log_spread, rebuild=config.rebuild, beta=BETA)
        buffer = fill(*network["encoder"](*real), torch.from_numpy(group))
        kept = [getattr(network["encoder"], name) for name in ("share", "mean", "spread")]
        drawn = [
            function(50, torch.Generator().manual_seed(seed))
            for function in (lambda n, rng: remember(buffer, n, rng), model._latent)
        ]
    apart = [(one - other).abs().max() for one, other in zip(buffer, kept, strict=True)]
    return {
        "a point near each place": max(
            float((one - other).abs().max()) for one, other in zip(own, made, strict=True)
        ),
        "what is owed": float((ours - theirs).abs()),
        "the buffer": float(max(apart)),
        "what is remembered": float((drawn[0] - drawn[1]).abs().max()),
    }
