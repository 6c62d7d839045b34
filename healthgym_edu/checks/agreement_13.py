"""Does what chapter 13 shows do what the package, and the clinicians of the simulator, do?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from healthgym_edu.data import Cohort
from healthgym_edu.errors import ArgumentError


def with_attention(several_heads: Callable[..., Any]) -> float:
    """Return how far the package's body of attention is from one made of the chapter's heads."""
    import torch

    from healthgym_edu.generators.transformer import Attentive, places

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(13)
        body, x = Attentive(6, 16).eval(), torch.randn(3, 60, 6)
        everything = torch.ones(60, 60, dtype=torch.bool)
        ours = body.enter(x) + places(60, 16)
        for layer in body.layers.layers:
            ours = ours + several_heads(layer.norm1(ours), layer.self_attn, everything)
            hidden = layer.activation(layer.linear1(layer.norm2(ours)))
            ours = ours + layer.linear2(hidden)
        return float((ours - body(x)).abs().max())


def with_the_clinician(head: Callable[..., Any], people: Cohort) -> float:
    """Return in which share of decisions a head gives what the clinician had in view."""
    if people.seen is None:
        raise ArgumentError(
            "Nobody knows what a clinician had in view: these people have no `seen`."
        )
    frame = people.frame
    load = np.log10(frame["VL"].to_numpy()).reshape(-1, 60)
    measured = frame["VL (M)"].to_numpy(float).reshape(-1, 60)
    found = _answers(head, load, measured)
    answered = frame.assign(found=found.ravel(), so_far=measured.cumsum(axis=1).ravel())
    both = answered.merge(people.seen[["PatientID", "Timestep", "log10 VL"]])
    both = both[both["so_far"] > 0]
    return float((both["found"] - both["log10 VL"]).abs().lt(0.05).mean())


def _answers(head: Callable[..., Any], load: np.ndarray, measured: np.ndarray) -> np.ndarray:
    import torch

    with torch.no_grad():
        found, _ = head(torch.tensor(load).float(), torch.tensor(measured).float())
    return found.numpy()


def with_trees(grow: Callable[..., Any], draw: Callable[..., Any]) -> int:
    """Count values that the chapter's leaves give otherwise than the package's, of 3,000."""
    from healthgym_edu.generators.autoregressive_tree import TreeConfig
    from healthgym_edu.generators.autoregressive_tree import grow as theirs

    rng = np.random.default_rng(13)
    x, new = rng.normal(size=(1500, 6)), rng.normal(size=(1000, 6))
    move = x[:, 0] + rng.normal(size=1500)
    other = 0
    for label, y in (
        (False, move),
        (True, (move > 0).astype(int)),
        (True, np.digitize(move, [-1, 1])),
    ):
        tree = theirs(
            x, y if label else np.zeros(len(x), int), y, label, TreeConfig(features=1.0), 0
        )
        levels, values = tree.draw(new, np.random.default_rng(7))
        ours = draw(grow(x, y, 12), new, np.random.default_rng(7))
        other += int((ours != (levels if label else values)).sum())
    return other
