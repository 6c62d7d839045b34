"""The ward on a toy condition in which people die: 0 after death, and no decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from healthgym_edu.simulator import BLOCK, Noise, Ward, draw_noise, policy_value


@dataclass
class ToyState:
    noise: Noise
    step: int | np.ndarray
    health: np.ndarray
    last_day: np.ndarray  # whether the step just lived ended in death
    parts: np.ndarray  # (n, 3), of which the worst counts
    parts_at_entry: np.ndarray


def every(part):
    """Days between decisions."""
    return 2 + 1 * (part > 0.5)


class Toy:
    """Health falls by the day's noise, less with action 1; below 0 is death.

    Decisions fall every other day, for some every third.
    """

    condition = "toy"
    n_steps = 7
    actions = ("nothing", "help")
    observation_names = ("step", "health")
    rewards = ("course",)
    static_noise = {"health": "uniform", "parts": ("uniform", 3)}
    step_noise = {"action": "uniform", "loss": "uniform", "wear": ("normal", 3)}

    def start(self, noise):
        health = 1 + 4 * noise["health"]
        nobody = np.zeros(len(health), dtype=bool)
        return ToyState(noise, 0, health, nobody, noise["parts"], noise["parts"][:, 0])

    def measure(self, state):
        pass

    def alive(self, state):
        return state.health > 0

    def deciding(self, state):
        return self.alive(state) & (state.step % every(state.parts_at_entry) == 1)

    def observe(self, state, rows):
        steps = np.broadcast_to(state.step, state.health.shape)
        return np.column_stack([steps[rows], state.health[rows]])

    def act(self, state, rows, action):
        luck = state.noise.at("action", state.step)[rows]
        state.health[rows] += (0.3 + 0.2 * luck) * action

    def advance(self, state):
        before = self.alive(state)
        state.parts = state.parts + 0.1 * state.noise.at("wear", state.step)
        loss = state.noise.at("loss", state.step) + 0.2 * state.parts.max(axis=-1)
        state.health = np.where(before, state.health - loss, 0.0)
        state.last_day = before & ~self.alive(state)
        state.step = state.step + 1

    def reward(self, state, name="course"):
        return np.where(state.last_day, -5.0, 1.0 * self.alive(state))


TOY = Toy()


@pytest.mark.parametrize("action", [0, 1])
def test_sums_in_the_ward_are_the_returns_of_the_engine(action):
    returns = policy_value(TOY, TOY.actions[action], 200, seed=3).returns
    ward = Ward(TOY, 200, "course")
    beds = np.arange(200)
    ward.admit(beds, 3, beds)
    total = np.zeros(200)
    for _ in range(5):
        dead = ward.dead.copy()
        rewards = ward.treat(beds, np.full(200, action))
        assert (rewards[dead & (total != 0)] == 0).all()
        total += rewards
    assert ward.over.all()
    assert 0.1 < ward.dead.mean() < 0.9
    np.testing.assert_allclose(total, returns)
    alive = draw_by_hand(action)
    assert (ward.dead == ~alive[:200]).all()


def test_who_dies_on_the_last_day_does_not_hold_up_the_others():
    """They move together for a while, but there is no noise after the last day."""
    ward, everybody = Ward(TOY, BLOCK, "course"), np.arange(BLOCK)
    ward.admit(everybody, 3, everybody)
    for _ in range(3):
        ward.treat(everybody, np.zeros(BLOCK, dtype=int))
    period = every(ward.state.parts_at_entry)
    last = np.flatnonzero(ward.dead & (ward.state.step == TOY.n_steps) & (period == 2))[0]
    slow = np.flatnonzero(~ward.dead & (period == 3))[0]

    both, alone = Ward(TOY, 2, "course"), Ward(TOY, 1, "course")
    both.admit(np.arange(2), 3, np.array([last, last]))
    for _ in range(2):
        both.treat(np.arange(2), np.zeros(2, dtype=int))
    both.admit(np.array([1]), 3, np.array([slow]))
    alone.admit(np.array([0]), 3, np.array([slow]))
    rewards = both.treat(np.arange(2), np.array([0, 1]))
    assert both.state.step.tolist() == [7, 4]
    assert both.dead.tolist() == both.over.tolist() == [True, False]
    assert rewards[1] == alone.treat(np.array([0]), np.array([1]))[0]
    np.testing.assert_array_equal(both.observation[1], alone.observation[0])


class Counted(Toy):
    """The same in single numbers where a ward has one bed."""

    takes_numbers = True
    shapes = set()

    def advance(self, state):
        self.shapes.add(np.shape(state.health))
        super().advance(state)


@pytest.mark.parametrize("n_beds", [1, 2])
def test_one_patient_in_numbers_lives_the_same_life_as_in_arrays(n_beds):
    """In a ward of two the other stays in bed and must not be touched."""
    lives = []
    for toy in (TOY, Counted()):
        Counted.shapes.clear()
        ward = Ward(toy, n_beds, "course")
        ward.admit(np.arange(n_beds), 3, np.array([11, 50])[:n_beds])
        Counted.shapes.clear()
        life = [ward.observation.copy()]
        for _ in range(4):
            reward = ward.treat(np.array([0]), np.array([1]))
            life.append(np.concatenate([reward, ward.observation.ravel(), ward.dead, ward.over]))
            life.append(ward.state.parts.flatten())
        lives.append(np.concatenate([np.ravel(part) for part in life]))
    assert Counted.shapes == {()} if n_beds == 1 else {(1,)}
    np.testing.assert_allclose(lives[0], lives[1], rtol=1e-12)


def draw_by_hand(action):
    """Whether each of the first block is alive at the end, in plain loops."""
    noise = draw_noise(TOY, 0, 3)
    alive = np.zeros(BLOCK, dtype=bool)
    for i in range(BLOCK):
        health = 1 + 4 * noise.static["health"][i]
        parts = noise.static["parts"][i]
        for step in range(TOY.n_steps):
            help_ = 0.3 + 0.2 * noise.steps["action"][step, i]
            decides = step % every(noise.static["parts"][i, 0]) == 1
            health += help_ * action * decides * (health > 0)
            parts = parts + 0.1 * noise.steps["wear"][step, i]
            loss = noise.steps["loss"][step, i] + 0.2 * parts.max()
            health = health - loss if health > 0 else 0.0
        alive[i] = health > 0
    return alive


def test_a_bed_is_taken_by_the_next_patient_while_the_others_stay():
    ward, alone = Ward(TOY, 3, "course"), Ward(TOY, 1, "course")
    ward.admit(np.arange(3), 0, np.array([4, 9, BLOCK + 2]))
    ward.treat(np.arange(3), np.ones(3, dtype=int))
    others = ward.observation[[0, 2]].copy()
    ward.admit(np.array([1]), 0, np.array([2 * BLOCK + 7]))
    alone.admit(np.array([0]), 0, np.array([2 * BLOCK + 7]))
    np.testing.assert_array_equal(ward.observation[1], alone.observation[0])
    np.testing.assert_array_equal(ward.observation[[0, 2]], others)
    assert ward.state.step.tolist()[1] == alone.state.step[0] == 1
    one = ward.treat(np.array([1]), np.array([1]))
    assert one == pytest.approx(alone.treat(np.array([0]), np.array([1])))
    assert ward.patient.tolist() == [4, 2 * BLOCK + 7, BLOCK + 2]
