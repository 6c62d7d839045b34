"""The ward on a toy condition in which people die: 0 after death, and no decisions."""

from __future__ import annotations

import numpy as np
import pytest
from toy_mechanism import TOY, every

from healthgym_edu.engine import (
    BLOCK,
    Ward,
    live_block,
    resolve_policy,
    simulate_tables,
    true_value,
)


@pytest.mark.parametrize("action", [0, 1])
def test_sums_in_the_ward_are_the_returns_of_the_engine(action):
    returns = true_value(TOY, TOY.actions[action], 200, seed=3).returns
    ward = Ward(TOY, 200)
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
    _, alive = days_by_hand(action)
    assert (ward.dead == ~alive[:200]).all()


def test_who_dies_on_the_last_day_does_not_hold_up_the_others():
    """They move together for a while, but there is no noise after the last day."""
    ward, everybody = Ward(TOY, BLOCK), np.arange(BLOCK)
    ward.admit(everybody, 3, everybody)
    for _ in range(3):
        ward.treat(everybody, np.zeros(BLOCK, dtype=int))
    period = every(ward.state.parts_at_entry)
    last = np.flatnonzero(ward.dead & (ward.state.step == TOY.n_steps) & (period == 2))[0]
    slow = np.flatnonzero(~ward.dead & (period == 3))[0]

    both, alone = Ward(TOY, 2), Ward(TOY, 1)
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


def test_one_patient_alone_lives_the_same_life_as_in_a_ward_of_two():
    """In a ward of two the other stays in bed and must not be touched."""
    lives = []
    for n_beds in (1, 2):
        ward = Ward(TOY, n_beds)
        ward.admit(np.arange(n_beds), 3, np.array([11, 50])[:n_beds])
        known = (ward.observation, ward.dead, ward.over, ward.state.parts, ward.state.health)
        before = [values[1:].copy() for values in known]
        life = []
        for _ in range(4):
            life.append(ward.treat(np.array([0]), np.array([1])))
            life.extend(values[0].copy() for values in known)
        assert ward.over[0]
        lives.append(np.concatenate([np.ravel(part) for part in life]))
        for values, then in zip(known, before, strict=True):
            np.testing.assert_array_equal(values[1:], then)
    np.testing.assert_array_equal(*lives)


def test_the_noise_of_a_bed_is_that_of_its_patient():
    """After beds were filled anew from more blocks than are held ready."""
    blocks = [TOY.draw(k, 0) for k in range(9)]
    lying = [(0, row) for row in (3, 900, 14, 0, 7, 8)]
    ward = Ward(TOY, 6)
    ward.admit(np.arange(6), 0, np.array([row for _, row in lying]))
    for k in (1, 2, 3, 4, 3, 5, 6, 7, 8, 1):
        lying[k % 5] = (k, 100 + k)  # the last one stays
        ward.admit(np.array([k % 5]), 0, np.array([BLOCK * k + 100 + k]))
        ward.treat(np.array([2, k % 5]), np.array([1, 0]))
        noise, steps = ward.state.noise, np.array([k % 6, 0, 1, 2, 3, 5])
        for name in blocks[0].steps:
            expected = [blocks[b].steps[name][t, r] for (b, r), t in zip(lying, steps, strict=True)]
            np.testing.assert_array_equal(noise.at(name, steps), expected)
            some = noise.take(np.array([2, 0])).at(name, steps[[2, 0]])
            np.testing.assert_array_equal(some, [expected[2], expected[0]])
        for name in blocks[0].static:
            expected = [blocks[b].static[name][r] for b, r in lying]
            np.testing.assert_array_equal(noise[name], expected)


def days_by_hand(action):
    """How many days each of the first block lives, and whether to the end, in plain loops."""
    noise = TOY.draw(0, 3)
    days, alive = np.zeros(BLOCK, dtype=int), np.zeros(BLOCK, dtype=bool)
    for i in range(BLOCK):
        health = 1 + 4 * noise.static["health"][i]
        parts = noise.static["parts"][i]
        for step in range(TOY.n_steps):
            help_ = 0.3 + 0.2 * noise.steps["action"][step, i]
            decides = step % every(noise.static["parts"][i, 0]) == 1
            health += help_ * action * decides * (health > 0)
            parts = parts + 0.1 * noise.steps["wear"][step, i]
            loss = noise.steps["loss"][step, i] + 0.2 * parts.max()
            days[i] += health > 0
            health = health - loss if health > 0 else 0.0
        alive[i] = health > 0
    return days, alive


def test_only_the_living_live_on():
    expected, alive = days_by_hand(1)
    days = np.zeros(BLOCK, dtype=int)

    def look(rows, state):
        assert len(rows) == len(state)
        assert TOY.alive(state).all()
        assert (state.noise.patients == rows).all()
        assert (state.step == days[rows]).all()
        days[rows] += 1

    lives = live_block(TOY, 0, 3, resolve_policy(TOY, "help"), watch=look)
    np.testing.assert_array_equal(days, expected)
    np.testing.assert_array_equal(lives.state.step, expected)
    np.testing.assert_array_equal(TOY.alive(lives.state), alive)
    np.testing.assert_array_equal(lives.paid, np.where(alive, days, days - 1 - 5.0))
    tables = simulate_tables(TOY, BLOCK, "help", seed=3)
    np.testing.assert_array_equal(tables.frame.groupby("ID").size(), expected)
    decided = tables.decisions.groupby("ID").size().reindex(range(BLOCK), fill_value=0)
    np.testing.assert_array_equal(lives.state.decisions, decided)
    assert 0.1 < alive.mean() < 0.9


def test_a_bed_is_taken_by_the_next_patient_while_the_others_stay():
    ward, alone = Ward(TOY, 3), Ward(TOY, 1)
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


def test_a_watch_sees_each_step_of_whoever_lies_there():
    """Also of the same patient in two beds, and of steps before the first decision."""
    seen = []
    ward = Ward(TOY, 3, watch=lambda beds, state: seen.extend(zip(beds, state.step, strict=True)))
    ward.admit(np.arange(3), 3, np.array([11, 50, 11]))
    assert set(seen) == {(bed, step) for bed in range(3) for step in (0, 1)}
    while not ward.over.all():
        ward.treat(np.arange(3), np.ones(3, dtype=int))
    of = {bed: sorted({step for at, step in seen if at == bed}) for bed in range(3)}
    for bed, steps in of.items():
        assert steps == list(range(int(ward.state.step[bed])))
    assert of[0] == of[2]
