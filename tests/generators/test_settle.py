"""Numbers of a GAN end with the mean and the spread of the records, whatever its last moves did."""

from __future__ import annotations

import copy

import pytest
import torch

from healthgym_edu.generators.tensors import places, to_arrays


def moments(model, records):
    """Mean and spread of each number where it is new and on record, shape (2, n_numbers)."""
    plan, found = model.codec_, []
    spans = places(plan.columns)
    for column, span, flag in zip(plan.columns, spans, plan.flag_of, strict=True):
        if column.scale:
            new = torch.ones(records.shape[:2], dtype=bool)
            if not plan.schema.equal_length:
                new &= records[..., -1] == 1
            if flag >= 0:
                new &= records[..., spans[flag].start] == 1
            values = records[..., span.start][new]
            found.append(torch.stack([values.mean(), values.std()]))
    return torch.stack(found).T


@pytest.mark.parametrize("condition", ["art_hiv", "sepsis"])
@pytest.mark.parametrize("name", ["WganGp", "TransformerWganGp"])
def test_numbers_settle_at_mean_and_spread_of_the_records(name, condition, fitted, cohorts):
    model, cohort = fitted(name, condition), cohorts[condition]
    maker = copy.deepcopy(model.network_["maker"])
    encoded = model.codec_.encode(cohort)
    records = torch.from_numpy(to_arrays(model.codec_, encoded)[1])
    with torch.no_grad():
        maker.steps[-1].weight.mul_(1.3)
        maker.steps[-1].bias.add_(0.4)

    def made():
        torch.manual_seed(3)
        latent = model._latent(len(records), torch.Generator().manual_seed(1))
        with torch.no_grad():
            return maker(latent, records.shape[1], None, False)[1]

    goal, before = moments(model, records), moments(model, made())
    labels = made()[..., : places(model.codec_.columns)[0].stop]
    torch.manual_seed(3)
    maker.settle(records, model._latent(len(records), torch.Generator().manual_seed(1)))
    after = moments(model, made())
    assert (before - goal).abs().max() > 0.2
    varies = before[1] > 1e-3  # a model so young may still give everybody the same
    assert varies.sum() >= 2
    assert (after - goal)[:, varies].abs().max() < 1e-2
    assert torch.equal(labels, made()[..., : labels.shape[-1]])
