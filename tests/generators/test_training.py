"""The loop in which every network learns, on one so small that it can be followed by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from healthgym_edu.errors import ArgumentError, TrainingError
from healthgym_edu.generators import training
from healthgym_edu.generators.training import Loop, learn, resolve_device

LOOP = Loop(batch=4, learning_rate=0.05, average=0.9, clip=100.0)


class Task:
    """A weight that learns the mean of ten numbers; what went on is written down."""

    def __init__(self, loop=LOOP, stop=None, wrong=None, slow=0.0):
        torch.manual_seed(0)
        self.module = nn.Linear(1, 1)
        self.optimiser = torch.optim.SGD(self.module.parameters(), loop.learning_rate)
        self.loop, self.stop, self.wrong, self.slow = loop, stop, wrong, slow
        self.values = torch.arange(10.0)
        self.rates, self.who, self.weights = [], [], []

    def step(self, who):
        if len(self.who) == self.stop:
            raise KeyboardInterrupt
        time.sleep(self.slow)
        x = torch.ones(len(who), 1)
        loss = (self.module(x)[:, 0] - self.values[who]).square().mean()
        training.descend(loss, self.optimiser, list(self.module.parameters()), self.loop.clip)
        self.rates.append(self.optimiser.param_groups[0]["lr"])
        self.who.append(who.tolist())
        self.weights.append(self.module.bias.item())
        if len(self.who) == self.wrong:
            with torch.no_grad():
                self.module.bias.fill_(float("nan"))
            return {"loss": float("nan")}
        return {"loss": loss.item()}

    def learn(self, seed=0, **limits):
        limits = limits or {"max_steps": 25}
        return learn(self.step, self.module, [self.optimiser], 10, self.loop, seed=seed, **limits)

    @property
    def final(self):
        return self.module.bias.item()


def averaged(first, weights, kept):
    """The moving average, by hand."""
    average = first
    for step, weight in enumerate(weights, start=1):
        keep = min(kept, step / (step + 9))
        average = keep * average + (1 - keep) * weight
    return average


def test_the_weights_are_the_moving_average_of_those_it_went_through():
    task = Task()
    first = task.final
    run = task.learn(max_steps=57)
    assert run.steps == 57
    assert run.ended == "steps"
    assert np.isclose(task.final, averaged(first, task.weights, 0.9), atol=1e-5)
    assert not np.isclose(task.final, task.weights[-1], atol=1e-3)


def test_the_history_holds_the_mean_of_every_ten_steps_and_the_rest():
    task = Task()
    losses, step = [], task.step
    task.step = lambda who: losses.append(step(who)["loss"]) or {"loss": losses[-1]}
    history = task.learn(max_steps=34).history
    assert history["step"].tolist() == [10, 20, 30, 34]
    parts = [losses[:10], losses[10:20], losses[20:30], losses[30:]]
    assert np.allclose(history["loss"], [np.mean(part) for part in parts])
    assert (history["seconds"].diff().dropna() >= 0).all()
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]


def test_the_learning_rate_rises_and_then_falls_to_almost_nothing():
    task = Task()
    task.learn(max_steps=100)
    rates = np.array(task.rates) / LOOP.learning_rate
    assert np.allclose(rates[:30], np.arange(1, 31) / 30)
    assert (np.diff(rates[31:]) < 0).all()
    assert np.isclose(rates[65], 0.5, atol=0.02)
    assert 0 < rates[-1] < 0.01


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 99))
def test_everybody_comes_once_before_anybody_comes_again(n, batch, seed):
    source = training._patients(np.random.default_rng(seed), n, batch)
    batches = [next(source) for _ in range(12)]
    assert {len(one) for one in batches} == {min(n, batch)}
    drawn = np.concatenate(batches)
    for begin in range(0, len(drawn) - n + 1, n):
        assert sorted(drawn[begin : begin + n]) == list(range(n))
    if n > 5 and len(drawn) >= 2 * n:
        assert drawn[:n].tolist() != drawn[n : 2 * n].tolist()


def test_the_same_seed_brings_the_same_weights_and_another_one_others():
    tasks = [Task() for _ in range(3)]
    for task, seed in zip(tasks, (4, 4, 5), strict=True):
        task.learn(seed=seed)
    assert tasks[0].who == tasks[1].who != tasks[2].who
    assert tasks[0].final == tasks[1].final != tasks[2].final


@pytest.mark.parametrize("wrong", [1, 2, 33])
def test_a_loss_that_is_no_number_keeps_the_last_good_weights(wrong):
    task = Task(wrong=wrong)
    first = task.final
    with pytest.raises(TrainingError, match=f"At step {wrong} a loss is no number.*loss nan"):
        task.learn(max_steps=50)
    assert np.isclose(task.final, averaged(first, task.weights[: wrong - 1], 0.9), atol=1e-5)
    assert len(task.who) == wrong


@pytest.mark.parametrize("stop", [0, 1, 17])
def test_an_interrupt_keeps_the_weights_so_far(stop):
    task = Task(stop=stop)
    first = task.final
    run = task.learn(max_steps=50)
    assert (run.ended, run.steps) == ("interrupted", stop)
    assert np.isclose(task.final, averaged(first, task.weights, 0.9), atol=1e-5)
    assert len(run.history) >= stop // 10


def test_as_many_steps_as_a_clock_allowed_make_the_same_weights():
    by_clock, again = Task(slow=0.002), Task()
    begun = time.perf_counter()
    run = by_clock.learn(budget_seconds=0.3)
    assert time.perf_counter() - begun < 3
    assert run.steps > 30
    assert run.ended == "steps"
    assert again.learn(max_steps=run.steps).steps == run.steps
    assert again.final == by_clock.final
    other = Task()
    other.learn(max_steps=run.steps + 7)
    assert other.final != by_clock.final


def test_the_clock_goes_by_the_pace_after_records_have_grown(monkeypatch):
    task, now = Task(), [0.0]

    def step(who):
        now[0] += 1.0 if len(task.who) < training.WARM_UP // 2 else 3.0
        return task.step(who)

    monkeypatch.setattr(training.time, "perf_counter", lambda: now[0])
    run = learn(step, task.module, [task.optimiser], 10, LOOP, seed=0, budget_seconds=120.0)
    # by the pace of all 30 it would be 60 steps, and 150 s
    assert (run.steps, run.seconds) == (50, 120.0)


def test_a_budget_that_is_too_short_still_warms_up():
    assert Task().learn(budget_seconds=1e-6).steps == training.WARM_UP


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"max_steps": 5, "budget_seconds": 1.0}, "not both"),
        ({"max_steps": 0}, "max_steps is 0"),
        ({"max_steps": -1}, "max_steps is -1"),
        ({"max_steps": 2.5}, "whole number"),
        ({"max_steps": True}, "whole number"),
        ({"budget_seconds": 0}, "no time to learn"),
        ({"budget_seconds": -3.0}, "no time to learn"),
        ({"budget_seconds": float("nan")}, "no time to learn"),
        ({"budget_seconds": float("inf")}, "no time to learn"),
    ],
)
def test_limits_that_mean_nothing_are_refused(limits, words):
    task = Task()
    with pytest.raises(ArgumentError, match=words):
        task.learn(**limits)
    assert task.who == []


def test_nothing_said_is_the_number_of_steps_of_the_loop():
    task = Task(Loop(batch=4, steps=13))
    run = learn(task.step, task.module, [task.optimiser], 10, task.loop, seed=0)
    assert run.steps == 13


def test_a_gradient_is_no_longer_than_the_clip():
    weight = nn.Parameter(torch.zeros(3))
    optimiser = torch.optim.SGD([weight], lr=1.0)
    training.descend((weight * torch.tensor([3.0, 4.0, 0.0])).sum(), optimiser, [weight], 0.5)
    assert np.allclose(weight.detach(), [-0.3, -0.4, 0.0], atol=1e-5)


def test_a_device_that_is_not_here_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(training, "_has_mps", lambda: False)
    assert resolve_device("auto").type == resolve_device("cpu").type == "cpu"
    for name in ("cuda", "cuda:1", "mps", "tpu", "", None):
        with pytest.raises(ArgumentError, match="this computer has 'cpu'"):
            resolve_device(name)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto").type == "cuda"


def test_one_thread_and_back_to_as_many_as_there_were():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with training.one_thread(torch.device("cpu")):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
