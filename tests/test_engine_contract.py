"""The contract of mechanisms: they replace the fields of a state and never write into them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from toy_mechanism import TOY, Toy

from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.engine import live_block, resolve_policy, simulate_tables
from healthgym_edu.engine.rehearsal import CALLS, watched
from healthgym_edu.errors import ArgumentError

each = pytest.mark.parametrize(
    "mechanism", [*map(get_mechanism, CONDITIONS), TOY], ids=lambda one: one.condition
)


def lived(mechanism, policy, reward):
    """Live a block of patients, and return everything that is left of it, by name."""
    lives = live_block(mechanism, 0, 7, resolve_policy(mechanism, policy), reward)
    left = {"seen": lives.seen, "paid": lives.paid}
    for name, value in vars(lives.state).items():
        if isinstance(value, dict):
            left |= {f"{name} {key}": entry for key, entry in value.items()}
        elif name != "noise":
            left[name] = value
    for k, made in enumerate(lives.decided):
        left |= {f"decision {k}: {name}": value for name, value in vars(made).items()}
    return left


@each
def test_nothing_is_written_into_a_state(mechanism):
    """Whoever tries fails here; and what is lived is the same as without the frost."""
    cold = watched(mechanism)
    policies = ["clinician", "random", mechanism.actions[-1]]
    policies += ["protocol"] if mechanism is not TOY else []
    for policy in policies:
        for reward in mechanism.rewards:
            one, other = (lived(m, policy, reward) for m in (mechanism, cold))
            assert one.keys() == other.keys()
            for name in one:
                np.testing.assert_array_equal(one[name], other[name], err_msg=name)
        tables, again = (simulate_tables(m, 1000, policy, seed=7) for m in (mechanism, cold))
        for name, table in vars(tables).items():
            pd.testing.assert_frame_equal(table, vars(again)[name], check_exact=True)
    assert cold.called == set(CALLS)


class Ageing(Toy):
    """Writes into an array when it lives on."""

    def advance(self, state):
        health = state.health
        super().advance(state)
        health -= 1


class Healing(Toy):
    """Writes into an array when it treats."""

    def act(self, state, action):
        state.health += 0.3 * action


class Forgetful(Toy):
    """Writes into an array of a dict."""

    def measure(self, state):
        state.shown["health"][:] = 0.0


class Noting(Toy):
    """Writes an entry into a dict."""

    def measure(self, state):
        state.shown["health"] = state.health


class Loaded(Toy):
    """Writes into the noise."""

    def advance(self, state):
        state.noise.steps["loss"][state.step[0]] = 0.0
        super().advance(state)


class Peeking(Toy):
    """Writes while it only looks."""

    def known(self, state):
        state.health.clip(0, 1, out=state.health)
        return super().known(state)


@pytest.mark.parametrize(
    "kind",
    [Ageing, Healing, Forgetful, Noting, Loaded, Peeking],
    ids=lambda k: k.__name__,
)
def test_who_writes_into_a_state_is_found(kind):
    """None of them fails by itself: only their patients are no longer right."""
    lived(kind(), "clinician", "course")
    with pytest.raises(ArgumentError, match="writes into an array of the state"):
        lived(watched(kind()), "clinician", "course")
