"""Heads in a row: nobody sees those after, and what they say are probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import norm

from healthgym_edu.generators.chain import (
    MIXTURE,
    Chain,
    draw_level,
    draw_number,
    mixture_density,
)
from healthgym_edu.generators.layout import Label, Number
from healthgym_edu.generators.scaling import fit_scale

SCALE = fit_scale(np.arange(10.0))
LABELS = (
    Label("a", ("a",), (("x",), ("y",), ("z",))),
    Label("b", ("b1", "b2"), (("p", False), ("p", True), ("q", False))),
    Label("c", ("c",), ((False,), (True,)), is_flag=True),
    Label("d", ("d",), (("only",),)),
)
NUMBERS = (Number("m", SCALE), Number("n", SCALE, atoms=(0.0, 9.0)))
ORDER = [
    ("label", 1), ("number", 1), ("label", 2), ("number", 0), ("label", 0), ("label", 3),
]  # fmt: skip


@pytest.fixture
def chain():
    torch.manual_seed(0)
    made = Chain(5, LABELS, NUMBERS, ORDER, 16, stays=True)
    with torch.no_grad():
        for part in made.parameters():
            part.copy_(torch.randn_like(part))
    return made


def values(n, seed=0):
    rng = torch.Generator().manual_seed(seed)
    levels = torch.stack([torch.randint(len(one), (n,), generator=rng) for one in LABELS], dim=1)
    atoms = torch.stack([torch.zeros(n).long(), torch.randint(3, (n,), generator=rng)], dim=1)
    return levels, torch.randn(n, 2, generator=rng), atoms


def seen_of(chain, levels, numbers, atoms):
    parts = [
        chain.codes(link, levels[:, link.place], None)
        if link.kind == "label"
        else chain.codes(link, numbers[:, link.place], atoms[:, link.place])
        for link in chain.links
    ]
    return torch.cat(parts, dim=1)


def test_a_head_sees_those_before_it_and_none_of_the_others(chain):
    context = torch.randn(1, 5)
    seen = torch.randn(1, chain.seen)
    for k, link in enumerate(chain.links):

        def said(codes, k=k):
            return chain.outputs(context, codes)[k].square().sum()

        gradient = torch.autograd.functional.jacobian(said, seen)[0]
        assert (gradient[link.inputs.start :] == 0).all()
        assert (gradient[: link.inputs.start] != 0).all()


def test_one_head_alone_says_what_it_says_among_all(chain):
    context, seen = torch.randn(7, 5), seen_of(chain, *values(7))
    for k, together in enumerate(chain.outputs(context, seen)):
        alone = chain.one(k, chain.first(context), seen)
        assert torch.allclose(alone, together, atol=1e-5)


def test_what_later_ones_see_tells_levels_numbers_and_atoms_apart(chain):
    levels, numbers, atoms = values(40)
    seen = seen_of(chain, levels, numbers, atoms)
    assert seen.shape == (40, chain.seen)
    first, second = chain.links[0], chain.links[1]
    codes = seen[:, first.inputs]
    assert len(torch.unique(codes, dim=0)) == 3
    assert torch.equal(seen[:, second.inputs][:, 0], numbers[:, 1])
    marks = seen[:, second.inputs][:, 1:]
    assert torch.equal(marks.argmax(dim=1)[atoms[:, 1] > 0] + 1, atoms[:, 1][atoms[:, 1] > 0])
    assert (marks[atoms[:, 1] == 0] == 0).all()


@pytest.mark.parametrize("last", [-1, 0, 1, 2])
def test_the_levels_of_a_label_share_all_of_the_probability(chain, last):
    link = chain.links[0]
    output, previous = torch.randn(50, link.outputs) * 3, torch.full((50,), last)
    total = chain.logits(output, link, previous).exp().sum(dim=1)
    assert torch.allclose(total, torch.ones(50), atol=1e-5)


def test_whether_it_stays_is_one_probability_and_where_to_another(chain):
    link = chain.links[0]
    with torch.no_grad():
        chain.moves["1"].zero_()
        chain.staying["1"].zero_()
    output = torch.tensor([[0.3, -1.0, 2.0, 1.5]])
    found = chain.logits(output, link, torch.tensor([1])).exp()[0]
    stays = 1 / (1 + np.exp(-1.5))
    others = np.exp([0.3, 2.0]) / np.exp([0.3, 2.0]).sum() * (1 - stays)
    assert np.allclose(found.detach(), [others[0], stays, others[1]], atol=1e-5)


def test_a_head_begins_with_what_is_true_on_average():
    torch.manual_seed(0)
    chain = Chain(5, LABELS, NUMBERS, ORDER, 16, stays=True)
    rng = np.random.default_rng(0)
    n = 20_000
    previous = rng.integers(0, 3, (n, 4)) * [1, 1, 0, 0]
    levels = previous.copy()
    moved = rng.random(n) < 0.1
    levels[:, 0] = np.where(moved, (previous[:, 0] + 1) % 3, previous[:, 0])
    given = [torch.from_numpy(one) for one in (levels, rng.normal(2, 1, (n, 2)).astype("f4"))]
    chain.begin(
        *given, torch.from_numpy(previous), torch.zeros(n, 2), torch.ones(n, 6, dtype=torch.bool)
    )
    link = chain.links[4]
    blank = torch.zeros(3, link.outputs)
    found = chain.logits(blank, link, torch.arange(3)).exp().detach().numpy()
    wanted = 0.9 * np.eye(3) + 0.1 * np.roll(np.eye(3), 1, axis=1)
    assert np.abs(found - wanted).max() < 0.02


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


def test_losses_are_minus_the_logarithm_of_what_is_said(chain):
    levels, numbers, atoms = values(30)
    previous, before, _ = values(30, seed=1)
    previous[:5] = -1
    outputs = chain.outputs(torch.randn(30, 5), seen_of(chain, levels, numbers, atoms))
    found = chain.losses(outputs, levels, numbers, atoms, previous, before)
    assert found.shape == (30, 6)
    for k, (link, output) in enumerate(zip(chain.links, outputs, strict=True)):
        place = link.place
        if link.kind == "label":
            share = torch.softmax(chain.logits(output, link, previous[:, place]), 1)
            wanted = -share.gather(1, levels[:, place, None])[:, 0].log()
        else:
            wanted = -mixture_density(output[:, link.levels :], numbers[:, place], before[:, place])
            wanted = torch.where(atoms[:, place] == 0, wanted, 0.0)
            kinds = torch.log_softmax(output[:, : link.levels], 1)
            wanted = wanted - kinds.gather(1, atoms[:, place, None])[:, 0]
        assert torch.allclose(found[:, k], wanted, atol=1e-4), link
