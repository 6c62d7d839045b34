"""Heads in a row: nobody sees those after, and what they say are probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import norm

from healthgym_edu.generators import chain as chains
from healthgym_edu.generators import mixtures
from healthgym_edu.generators.chain import Chain
from healthgym_edu.generators.layout import Column
from healthgym_edu.generators.mixtures import (
    MIXED,
    MIXTURE,
    draw_level,
    draw_number,
    fold,
    mixture_density,
)
from healthgym_edu.generators.scaling import fit_scale

SCALE = fit_scale(np.arange(10.0))
COLUMNS = (
    Column("b", ("b1", "b2"), (("p", False), ("p", True), ("q", False))),
    Column("n", ("n",), ((), (0.0,), (9.0,)), scale=SCALE),
    Column("c", ("c",), ((False,), (True,)), is_flag=True),
    Column("m", ("m",), ((),), flag="c", scale=SCALE),
    Column("a", ("a",), (("x",), ("y",), ("z",)), flag="c"),
    Column("d", ("d",), (("only",),)),
)
FLAG_OF = [-1, -1, -1, 2, 2, -1]
LABELS = [k for k, one in enumerate(COLUMNS) if not one.scale]
HABITS = sum(COLUMNS[k].width for k in LABELS)
ATOMS = torch.tensor([np.nan, *SCALE.forward(np.array([0.0, 9.0]))], dtype=torch.float32)


@pytest.fixture
def chain():
    torch.manual_seed(0)
    made = Chain(5, COLUMNS, 16, stays=True)
    with torch.no_grad():
        for part in made.parameters():
            part.copy_(torch.randn_like(part))
    return made


def outputs(chain, context, rows):
    """What each head says where everything is known, shape (n, outputs) each."""
    hidden = chain.hidden(context, rows)
    return [head(hidden[:, at]) for head, at in zip(chain.last, chain.units, strict=True)]


def rows_of(n, seed=0):
    rng = torch.Generator().manual_seed(seed)
    levels = [torch.randint(len(one), (n,), generator=rng) for one in COLUMNS]
    return torch.stack(levels, dim=1), torch.randn(n, len(COLUMNS), generator=rng)


def past_of(n, seed=1):
    """A step before, and habits that are no shares: heads may make of them what they like."""
    habits = torch.rand(n, HABITS, generator=torch.Generator().manual_seed(seed))
    return *rows_of(n, seed), habits


@pytest.mark.parametrize("k", range(len(COLUMNS)))
def test_a_head_sees_those_before_it_and_none_of_the_others(k, chain):
    context, (levels, values) = torch.randn(8, 5), rows_of(8)
    before = outputs(chain, context, (levels, values))
    other = levels.clone(), values.clone()
    other[0][:, k] = (other[0][:, k] + 1) % len(COLUMNS[k])
    other[1][:, k] += 1
    seen = COLUMNS[k].width > 0
    for place, (one, two) in enumerate(zip(before, outputs(chain, context, other), strict=True)):
        assert (one != two).any(dim=1).all() if seen and place > k else torch.equal(one, two)


def test_what_is_drawn_from_is_what_is_said_among_all(chain, monkeypatch):
    told = []
    for module in (chains, mixtures):
        monkeypatch.setattr(
            module, "draw_level", lambda odds, rng: told.append(odds) or draw_level(odds, rng)
        )
    context, before = torch.randn(7, 5), past_of(7)
    rows = chain.draw(context, before, [-1] * len(COLUMNS), torch.Generator().manual_seed(0))
    wanted = []
    for k, (column, output) in enumerate(zip(COLUMNS, outputs(chain, context, rows), strict=True)):
        if len(column) > 1:
            wanted.append(chain.odds(k, output, before))
        if column.scale:
            wanted.append(output[:, :MIXTURE])
    assert len(told) == len(wanted)
    assert all(torch.allclose(*pair, atol=1e-5) for pair in zip(told, wanted, strict=True))


def test_what_hangs_on_a_flag_that_is_not_raised_stays_as_it_was(chain):
    context, before = torch.randn(400, 5), past_of(400)
    before[0][:50, 4] = -1
    levels, values = chain.draw(context, before, FLAG_OF, torch.Generator().manual_seed(0))
    raised = levels[:, 2] > 0
    assert 0 < raised.sum() < 400
    assert (levels[~raised, 4] == before[0][~raised, 4]).all()
    assert (values[~raised, 3] == before[1][~raised, 3]).all()
    assert (values[raised, 3] != before[1][raised, 3]).all()
    assert (levels[raised, 4] != before[0][raised, 4]).any()
    assert (levels[raised, 4] >= 0).all()


@torch.no_grad()
def test_an_atom_that_is_drawn_brings_its_exact_value(chain):
    levels, values = chain.draw(
        torch.randn(400, 5), None, FLAG_OF, torch.Generator().manual_seed(0)
    )
    atom, value = levels[:, 1], values[:, 1]
    assert set(atom.tolist()) == {0, 1, 2}
    assert torch.equal(value[atom > 0], ATOMS[atom[atom > 0]])
    assert not torch.isin(value[atom == 0], ATOMS).any()
    told = COLUMNS[1].back(np.zeros(len(value), dtype=int), value.numpy())["n"]
    assert np.allclose(told[atom == 1], 0, atol=1e-5)
    assert np.allclose(told[atom == 2], 9, atol=1e-5)


def test_what_later_ones_see_is_what_is_seen_of_a_column(chain):
    levels, values = rows_of(40)
    levels[:5, LABELS] = -1
    for k, column in enumerate(COLUMNS):
        codes = chain.codes(k, levels[:, k], values[:, k])
        assert codes.shape == (40, column.width)
        assert np.array_equal(codes, column.seen(levels[:, k].numpy(), values[:, k].numpy()))


@pytest.mark.parametrize("last", [-1, 0, 1, 2])
def test_the_levels_of_a_label_share_all_of_the_probability(chain, last):
    output, before = torch.randn(50, 4) * 3, past_of(50)
    before[0][:, 0] = last
    total = chain.odds(0, output, before).exp().sum(dim=1)
    assert torch.allclose(total, torch.ones(50), atol=1e-5)


def test_whether_it_stays_is_one_probability_and_where_to_another(chain):
    with torch.no_grad():
        for part in (chain.moves, chain.staying, chain.leaning, chain.holding):
            part["0"].zero_()
    output, before = torch.tensor([[0.3, -1.0, 2.0, 1.5]]), past_of(1)
    before[0][:, 0] = 1
    found = chain.odds(0, output, before).exp()[0]
    stays = 1 / (1 + np.exp(-1.5))
    others = np.exp([0.3, 2.0]) / np.exp([0.3, 2.0]).sum() * (1 - stays)
    assert np.allclose(found.detach(), [others[0], stays, others[1]], atol=1e-5)


def test_a_head_begins_with_what_is_true_on_average():
    torch.manual_seed(0)
    chain = Chain(5, COLUMNS, 16, stays=True)
    rng = np.random.default_rng(0)
    n = 20_000
    previous = rng.integers(0, 3, (n, 6)) * [1, 0, 0, 0, 1, 0]
    levels = previous.copy()
    moved = rng.random(n) < 0.1
    levels[:, 4] = np.where(moved, (previous[:, 4] + 1) % 3, previous[:, 4])
    levels[:, 1] = rng.random(n) < 0.3
    values = torch.from_numpy(rng.normal(2, 1, (n, 6)).astype("f4"))
    before = torch.from_numpy(previous), torch.zeros(n, 6), torch.zeros(n, HABITS)
    everywhere = torch.ones(n, 6, dtype=torch.bool)
    chain.begin((torch.from_numpy(levels), values), before, everywhere)
    few = tuple(part[:3] for part in past_of(3))
    few[0][:, 4] = torch.arange(3)
    found = chain.odds(4, torch.zeros(3, 4), few).exp().detach().numpy()
    wanted = 0.9 * np.eye(3) + 0.1 * np.roll(np.eye(3), 1, axis=1)
    assert np.abs(found - wanted).max() < 0.02
    atoms = torch.softmax(chain.last[1].bias[MIXED:], 0).detach().numpy()
    assert np.abs(atoms - [0.7, 0.3, 0.0]).max() < 0.02


def test_a_number_begins_with_how_often_one_atom_comes_after_another():
    torch.manual_seed(0)
    chain = Chain(5, COLUMNS, 16, stays=True)
    rng, n = np.random.default_rng(0), 20_000
    moves = np.array([[0.6, 0.3, 0.1], [0.05, 0.9, 0.05], [0.5, 0.0, 0.5]])
    last, levels = np.zeros((n, 6), dtype=int), np.zeros((n, 6), dtype=int)
    last[:, 1] = rng.integers(0, 3, n)
    levels[:, 1] = (moves[last[:, 1]].cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    nothing = torch.zeros(n, 6)
    before = torch.from_numpy(last), nothing, torch.zeros(n, HABITS)
    chain.begin((torch.from_numpy(levels), nothing), before, torch.ones(n, 6, dtype=torch.bool))
    output = torch.cat([torch.zeros(MIXED), chain.last[1].bias[MIXED:]])
    few = tuple(part[:3] for part in past_of(3))
    few[0][:, 1] = torch.arange(3)
    found = torch.softmax(chain.odds(1, output.expand(3, -1), few), 1).detach().numpy()
    assert np.abs(found - moves).max() < 0.02


@torch.no_grad()
def test_habits_say_where_a_label_goes_and_whether_it_stays():
    torch.manual_seed(0)
    chain = Chain(5, COLUMNS, 16, stays=True)
    codes = torch.from_numpy(COLUMNS[4].codes)  # x, y, z
    chain.leaning["4"].copy_(4 * codes.T @ torch.eye(3))
    chain.holding["4"][:3] = 4 * codes
    levels, values = rows_of(3)
    levels[:, 4] = 1  # all at y; one was often at x, one at z, one at y
    habits = torch.zeros(3, HABITS)
    habits[:, chain.habits[4]] = 0.8 * codes[[0, 2, 1]]
    found = chain.odds(4, torch.zeros(3, 4), (levels, values, habits)).exp()
    assert found[0, 0] > 0.4 > 0.1 > found[0, 2]
    assert found[1, 2] > 0.4 > 0.1 > found[1, 0]
    assert torch.allclose(found[:2, 1], torch.tensor(0.5))
    assert found[2, 1] > 0.95


@torch.no_grad()
def test_no_number_is_drawn_beyond_the_ends_of_its_scale(chain):
    low, high = SCALE.ends
    levels, values = chain.draw(
        10 * torch.randn(400, 5), past_of(400), [-1] * 6, torch.Generator().manual_seed(0)
    )
    mixed = values[:, 1][levels[:, 1] == 0]
    assert low - 1e-6 < float(mixed.min()) < float(mixed.max()) < high + 1e-6


def test_what_lies_beyond_an_end_is_folded_back_and_nothing_else_moves():
    value = torch.tensor([-90.0, -0.2, 0.0, 0.4, 1.0, 1.3])
    assert torch.allclose(fold(value, 0.0, 1.0), torch.tensor([0.0, 0.2, 0.0, 0.4, 1.0, 0.7]))


def test_the_density_of_a_mixture_is_that_of_scipy_and_its_whole_is_1():
    torch.manual_seed(0)
    output, base = 0.5 * torch.randn(4, 3 * MIXTURE + 1), torch.randn(4)
    grid = torch.linspace(-60, 60, 60_001)
    for one, last in zip(output, base, strict=True):
        many = one.expand(len(grid), -1)
        for before in (None, last.expand(len(grid))):
            density = mixture_density(many, grid, before).exp()
            assert abs(float(torch.trapezoid(density, grid)) - 1) < 1e-3
            share = torch.softmax(one[:MIXTURE], 0).numpy()
            kept = 0.0 if before is None else float(torch.sigmoid(one[-1] + 2) * last)
            mean, spread = one[MIXTURE : 2 * MIXTURE] + kept, one[2 * MIXTURE : -1].exp()
            parts = norm.pdf(grid.numpy()[:, None], mean.numpy(), spread.numpy())
            assert np.allclose(density, parts @ share, atol=1e-5)


def test_a_single_normal_distribution_is_that_of_scipy():
    output = torch.zeros(3, 3 * MIXTURE + 1)
    output[:, 0] = 50.0
    output[:, MIXTURE] = 1.5
    output[:, 2 * MIXTURE] = np.log(0.4)
    value = torch.tensor([0.0, 1.5, 3.0])
    found = mixture_density(output, value, None)
    assert np.allclose(found, norm.logpdf(value.numpy(), 1.5, 0.4), atol=1e-5)


def test_numbers_are_drawn_from_the_mixture_that_is_said():
    output = torch.zeros(1, 3 * MIXTURE + 1)
    output[0, :MIXTURE] = torch.log(torch.tensor([0.7, 0.3, 1e-9, 1e-9, 1e-9, 1e-9]))
    output[0, MIXTURE : MIXTURE + 2] = torch.tensor([-2.0, 3.0])
    output[0, 2 * MIXTURE : 2 * MIXTURE + 2] = torch.log(torch.tensor([0.5, 1.0]))
    output[0, -1] = -2.0  # keeps half of the last value
    rng = torch.Generator().manual_seed(0)
    drawn = draw_number(output.expand(40_000, -1), torch.full((40_000,), 1.0), rng).numpy()
    assert abs(drawn.mean() - (0.7 * -1.5 + 0.3 * 3.5)) < 0.04
    low = drawn[drawn < 0.5]
    assert abs(len(low) / len(drawn) - 0.7) < 0.01
    assert abs(low.std() - 0.5) < 0.02


def test_levels_are_drawn_as_often_as_is_said():
    odds = torch.tensor([[0.0, 1.0, -2.0, 0.5]])
    drawn = draw_level(odds.expand(40_000, -1), torch.Generator().manual_seed(0))
    share = np.bincount(drawn.numpy(), minlength=4) / 40_000
    wanted = torch.softmax(odds[0], 0).numpy()
    assert (40_000 * (share - wanted) ** 2 / wanted).sum() < 16.3  # 1 in 1,000 by chance
    never = draw_level(torch.tensor([[0.0, -60.0]]).expand(10_000, -1), torch.Generator())
    assert (never == 0).all()


def said(chain, context, rows, before):
    """Minus the logarithm of what the heads say, one after the other, shape (n, m)."""
    found = []
    for k, output in enumerate(outputs(chain, context, rows)):
        level, wanted = rows[0][:, k], torch.zeros(len(context))
        around = before[1][:, k] if before else None
        if chain.columns[k].scale:
            wanted = -mixture_density(output[:, :MIXED], rows[1][:, k], around)
            wanted = torch.where(level == 0, wanted, 0.0)
        share = torch.softmax(chain.odds(k, output, before), 1)
        found.append(wanted - share.gather(1, level[:, None])[:, 0].log())
    return torch.stack(found, dim=1)


@pytest.mark.parametrize("knows", [True, False])
def test_losses_are_minus_the_logarithm_of_what_is_said(chain, knows):
    context, rows, before = torch.randn(30, 5), rows_of(30), past_of(30)
    before[0][:5, LABELS] = -1
    before = before if knows else None
    found, wanted = chain.losses(context, rows, before), said(chain, context, rows, before)
    assert found.shape == wanted.shape == (30, 6)
    for k, column in enumerate(COLUMNS):
        assert torch.allclose(found[:, k], wanted[:, k], atol=1e-4), column.name
        assert (found[:, k] == 0).all() == (column.name == "d"), column.name


@pytest.mark.parametrize("kept", [[0, 4], [1, 3], [5]], ids=["labels", "numbers", "one level"])
def test_heads_of_one_kind_alone_lose_the_same(kept):
    torch.manual_seed(0)
    chain = Chain(5, tuple(COLUMNS[k] for k in kept), 4, stays=False)
    context, rows = torch.randn(9, 5), tuple(part[:, kept] for part in rows_of(9))
    found = chain.losses(context, rows, None)
    assert torch.allclose(found, said(chain, context, rows, None), atol=1e-4)
