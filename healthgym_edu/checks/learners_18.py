"""Learners for the open exercise of chapter 18, right and wrong."""

from __future__ import annotations

import numpy as np

from healthgym_edu import rl


def careful(batch, seed):
    config = rl.TabularConfig(states=150, fewest=50, discount=0.95)
    return rl.TabularPolicyIteration(config).fit(batch, seed)


def as_in_section_3(batch, seed):
    config = rl.TabularConfig(states=250)
    return rl.TabularPolicyIteration(config).fit(batch, seed)


def as_function(batch, seed):
    """A policy need not be an agent of the package."""
    config = rl.TabularConfig(states=150, fewest=100, discount=0.95)
    agent = rl.TabularPolicyIteration(config).fit(batch, seed)
    return lambda seen: agent(seen).tolist()


def only_more_visits(batch, seed):
    return rl.TabularPolicyIteration(rl.TabularConfig(states=250, fewest=50)).fit(batch, seed)


def habits(batch, seed):
    return rl.BehaviourCloning(rl.CloningConfig(rounds=20)).fit(batch, seed)


def draws_lots(batch, seed):
    share = np.bincount(batch.action, minlength=25) / len(batch)
    return lambda seen: np.tile(share, (len(seen), 1))


def commonest(batch, seed):
    most = np.bincount(batch.action, minlength=25).argmax()
    return lambda seen: np.tile(np.eye(25)[most], (len(seen), 1))


def untrained(batch, seed):
    return rl.TabularPolicyIteration()


def nothing(batch, seed):
    careful(batch, seed)


def a_number(batch, seed):
    return 7


def too_few_cells(batch, seed):
    return lambda seen: np.full((len(seen), 6), 1 / 6)


def no_probabilities(batch, seed):
    return lambda seen: np.ones((len(seen), 25))
