"""A toy condition for the tests of the engine: health falls, people die, help helps a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthgym_edu.engine import Columns, Mechanism, State
from healthgym_edu.schema import Schema, Variable
from healthgym_edu.variables import number

SCHEMA = Schema(
    condition="toy",
    title="A toy condition",
    n_steps=7,
    step_unit="day",
    equal_length=False,
    variables=(
        Variable("Health", "numeric", "How well."),
        Variable("Worst", "numeric", "The part that counts."),
        Variable("ID", "id", "Who."),
        Variable("Day", "step", "When."),
    ),
)


@dataclass
class ToyState(State):
    health: np.ndarray
    parts: np.ndarray  # (n, 3), of which the worst counts
    parts_at_entry: np.ndarray
    shown: Columns  # what was measured


def every(part):
    """Days between decisions."""
    return 2 + 1 * (part > 0.5)


class Toy(Mechanism):
    """Health falls by the day's noise, less with action 1; below 0 is death.

    Decisions fall every other day, for some every third.
    """

    schema = SCHEMA
    actions = ("nothing", "help")
    observed = (number("step", 0, 7, "day", "Today."), number("health", -9, 9, "", "How well."))
    static_noise = {"health": "uniform", "parts": ("uniform", 3)}
    step_noise = {"action": "uniform", "loss": "uniform", "wear": ("normal", 3)}

    def start(self, noise):
        n, parts = len(noise["health"]), noise["parts"]
        none = np.zeros(n, dtype=np.int64)
        unseen = {"health": np.zeros(n)}
        return ToyState(noise, none, none, 1 + 4 * noise["health"], parts, parts[:, 0], unseen)

    def measure(self, state):
        state.shown = {"health": state.health}

    def alive(self, state):
        return state.health > 0

    def deciding(self, state):
        return state.step % every(state.parts_at_entry) == 1

    def known(self, state):
        return {"step": state.step, "health": state.health}

    def act(self, state, action):
        state.health = state.health + (0.3 + 0.2 * state.at("action")) * action

    def record(self, state):
        return {"Health": state.health, "Worst": state.parts.max(axis=1)}

    def advance(self, state):
        state.parts = state.parts + 0.1 * state.at("wear")
        state.health = state.health - state.at("loss") - 0.2 * state.parts.max(axis=1)
        state.step = state.step + 1

    def reward(self, state, name="course"):
        return np.where(self.alive(state), 1.0, -5.0)


TOY = Toy()
