"""Classes of actions: relative doses in sepsis, published cells in ART."""

from __future__ import annotations

import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.conditions import get_mechanism
from healthgym_edu.engine import BLOCK, Grouped, live_block, rehearse, with_actions
from healthgym_edu.errors import ArgumentError

SETS = [("sepsis", "relative"), ("art_hiv", "published")]
each = pytest.mark.parametrize(("condition", "name"), SETS)


def both(condition, name):
    finer = get_mechanism(condition)
    return finer, with_actions(finer, name)


def states(condition, name, until=3):
    """Patients of a block at their fourth decision, who lived in classes."""
    _, grouped = both(condition, name)
    met = []

    def choose(state):
        if (due := state.decisions == until).any():
            met.append(state.take(np.flatnonzero(due)))
        return grouped.clinician(state)

    live_block(grouped, 0, 0, choose, keep=False)
    return max(met, key=len)


@each
def test_a_grouped_mechanism_keeps_every_promise(condition, name):
    finer, grouped = both(condition, name)
    rehearse(grouped)
    assert with_actions(finer, finer.action_set) is finer
    assert grouped.actions == finer.action_sets[name]
    assert grouped.observation_names == finer.observation_names


@each
def test_the_probability_of_a_class_is_the_sum_over_its_members(condition, name):
    finer, grouped = both(condition, name)
    state = states(condition, name)
    member = finer.classes[name].of(state)
    fine, coarse = finer.clinician(state), grouped.clinician(state)
    for k in range(len(grouped.actions)):
        np.testing.assert_allclose(coarse[:, k], (fine * (member == k)).sum(axis=1))
    np.testing.assert_allclose(coarse.sum(axis=1), 1)
    possible = grouped.admissible(state)
    assert (coarse[possible] > 0).all()
    empty = ~(member[:, None, :] == np.arange(len(grouped.actions))[:, None]).any(axis=2)
    assert empty.any()
    assert not possible[empty].any()


@each
def test_a_class_is_carried_out_as_the_clinician_would(condition, name):
    """Given the class, members come as often as among clinicians' actions of that class."""
    finer, grouped = both(condition, name)
    label = {"relative": "fluid 1-180, vasopressor hold", "published": "no NNRTI, FTC + TDF"}[name]
    k = grouped.actions.index(label)
    done, wanted, tried = np.zeros(len(finer.actions)), np.zeros(len(finer.actions)), 0

    class Watching(type(finer)):
        def act(self, state, action):
            nonlocal tried
            fine = finer.clinician(state) * (finer.classes[name].of(state) == k)
            known = fine.sum(axis=1) > 0
            done[:] += np.bincount(action[known], minlength=len(done))
            wanted[:] += (fine[known] / fine[known].sum(axis=1, keepdims=True)).sum(axis=0)
            tried += known.sum()
            super().act(state, action)

    watching = Grouped(Watching(), name)
    always = np.eye(len(grouped.actions))[k]
    live_block(watching, 0, 0, lambda state: np.tile(always, (len(state), 1)), keep=False)
    assert tried > 3000
    assert (wanted > 0.02 * tried).sum() > 1
    spread = np.sqrt(wanted + 1)
    assert (np.abs(done - wanted) < 5 * spread).all()


@each
def test_the_same_people_come(condition, name):
    usual = hg.simulate(condition, 300, seed=4)
    coarse = hg.simulate(condition, 300, seed=4, actions=name)
    known = list(get_mechanism(condition).describe(states(condition, name)))
    assert coarse.patients[known].equals(usual.patients[known])
    at_first = [cohort.seen.groupby(usual.schema.id).first() for cohort in (usual, coarse)]
    assert at_first[0].equals(at_first[1])
    assert coarse.source == f"simulated, clinician policy, {name} actions"
    assert list(coarse.decisions["action"].cat.categories) == list(
        get_mechanism(condition).action_sets[name]
    )


@each
def test_policies_keep_their_order_in_classes(condition, name):
    """The clinician's value is the same, for drawing a class and a member is drawing an action."""
    fine = hg.policy_value(condition, "clinician", 2048)
    chance, usual, rule = (
        hg.policy_value(condition, one, 2048, actions=name)
        for one in ("random", "clinician", "protocol")
    )
    assert abs(fine.value - usual.value) < 3 * np.hypot(fine.standard_error, usual.standard_error)
    for worse, better in ((chance, usual), (usual, rule)):
        apart = np.hypot(worse.standard_error, better.standard_error)
        assert better.value - worse.value > 5 * apart


def test_a_guideline_outside_of_support_is_one_in_classes_too():
    outside, usual = (
        hg.policy_value("sepsis", one, 2000, actions="relative")
        for one in ("high target", "protocol")
    )
    assert outside.value < usual.value - 0.1


def test_relative_actions_say_where_the_dose_goes():
    _, grouped = both("sepsis", "relative")
    state = states("sepsis", "relative")
    for change, holds in (("down", np.less), ("hold", np.equal), ("up", np.greater)):
        here = state.take(np.arange(len(state)))
        before = here.vasopressor
        label = f"fluid 181-530, vasopressor {change}"
        grouped.act(here, np.full(len(here), grouped.actions.index(label)))
        able = {"down": before > 0, "hold": before >= 0, "up": before < 4}[change]
        assert holds(here.vasopressor, before)[able].all()
        assert (here.vasopressor == before)[~able].all()  # it cannot go there: held
        assert (here.fluid == 3).all()
        assert able.sum() > 20


def test_a_change_by_two_levels_counts_as_up_or_down():
    state = states("sepsis", "relative")
    member = get_mechanism("sepsis").classes["relative"].of(state).reshape(len(state), 5, 5)
    assert set(np.unique(member)) == set(range(12))
    level = np.arange(5)
    for now in range(5):
        change = member[state.vasopressor == now] % 3  # (k, fluid level, next level of the dose)
        assert len(change) > 0
        assert (change == 1 + np.sign(level - now)).all()


def test_a_cell_without_a_regimen_keeps_the_base():
    art, grouped = both("art_hiv", "published")
    assert len(grouped.actions) == 25
    assert grouped.actions[24] == "No treatment"
    state = states("art_hiv", "published")
    for cell, wanted in (
        ("NVP, FTC + TAF", {"FTC + TAF + RPV"}),
        ("EFV, FTC + TDF", {"FTC + TDF + EFV"}),
        ("EFV, DRV + FTC + TDF", None),
        ("no NNRTI, 3TC + ABC", None),
    ):
        here = state.take(np.arange(len(state)))
        grouped.act(here, np.full(len(here), grouped.actions.index(cell)))
        got = {art.actions[k + 1] for k in np.unique(here.regimen)}
        assert got == wanted or wanted is None
        base = cell.split(", ")[1]
        assert all(name.startswith(base) for name in got)
        if wanted is None:
            assert len(got) > 2  # a mixture
    here = state.take(np.arange(len(state)))
    grouped.act(here, np.full(len(here), 24))
    assert (here.regimen == -1).all()


def test_environments_and_twins_take_classes():
    env = hg.make_env("sepsis", actions="relative", clinician=True)
    assert env.action_space.n == 12
    _, info = env.reset(seed=0)
    assert info["clinician"].sum() == pytest.approx(1)
    assert ((info["clinician"] > 0) | (info["action_mask"] == 0)).all()
    _, _, _, _, later = env.step(int(info["clinician"].argmax()))
    assert later["action_mask"].shape == (12,)
    pair = hg.twins("sepsis", ["clinician", "fluid 0, vasopressor hold"], 40, actions="relative")
    assert set(pair) == {"clinician", "fluid 0, vasopressor hold"}


def test_the_order_of_blocks_and_the_size_do_not_matter():
    long = hg.simulate("sepsis", BLOCK + 30, seed=2, actions="relative")
    short = hg.simulate("sepsis", 50, seed=2, actions="relative")
    assert short.frame.equals(long.frame[long.frame["PatientID"] < 50])


def test_an_unknown_set_is_refused():
    with pytest.raises(ArgumentError, match=r"no action set 'doses'.*'published', 'relative'"):
        hg.simulate("sepsis", 5, actions="doses")
    with pytest.raises(ArgumentError, match="no action set 'doses'"):
        hg.make_env("sepsis", actions="doses")
