"""Right and wrong rules of chapter 17 for which estimates to believe."""

from __future__ import annotations

import numpy as np

from healthgym_edu import rl

SOLUTION = """
def believe(batch, target):
    rows = np.arange(len(batch))
    ratio = target[rows, batch.action] / batch.behaviour_probability[rows, batch.action]
    weight = pd.Series(ratio).groupby(batch.patient).prod()
    if weight.sum() == 0:
        return False
    enough = weight.sum() ** 2 / (weight**2).sum() > max(100, 0.05 * len(weight))
    no_giant = weight.max() / weight.sum() < 0.1
    fair = abs(weight.mean() - 1) < 0.1
    return bool(enough and no_giant and fair)
"""


def weights(batch, target):
    """Return each patient's product of ratios."""
    rows = np.arange(len(batch))
    ratio = target[rows, batch.action] / batch.behaviour_probability[rows, batch.action]
    return np.multiply.reduceat(ratio, batch.begins)


def by_package(batch, target):
    return not rl.evaluate(batch, target, n_bootstrap=20)["WIS"].refused


def by_shares(batch, target):
    weight = weights(batch, target)
    if not weight.any():
        return np.bool_(False)
    share = weight / weight.sum()
    return 1 / (share**2).sum() > 0.08 * len(weight) and 0.9 < weight.mean() < 1.1


def by_loop(batch, target):
    """Look at the mean weight after every decision, too."""
    rows = np.arange(len(batch))
    ratio = target[rows, batch.action] / batch.behaviour_probability[rows, batch.action]
    weight = np.ones(batch.n_patients)
    for k in range(batch.index.max() + 1):
        now = batch.index == k
        weight[batch.place[now]] *= ratio[now]
        if weight.sum() == 0 or abs(weight.mean() - 1) > 0.12:
            return False
    return bool(weight.sum() ** 2 / (weight**2).sum() > 100)


def two_rules(batch, target):
    weight = weights(batch, target)
    if not weight.any():
        return False
    size = weight.sum() ** 2 / (weight**2).sum()
    return bool(size > 100 and weight.max() < 0.1 * weight.sum())


def any_weight(batch, target):
    return bool(weights(batch, target).any())


def no_giant(batch, target):
    weight = weights(batch, target)
    return bool(weight.max() < 0.1 * weight.sum())


def too_strict(batch, target):
    weight = weights(batch, target)
    return bool(weight.sum() ** 2 > 0.95 * len(weight) * (weight**2).sum())


def turned_round(batch, target):
    return not by_shares(batch, target)


def narrow(batch, target):
    """Believe what has a small standard error."""
    weight, returns = weights(batch, target), batch.returns()
    if not weight.any():
        return False
    mean = (weight * returns).sum() / weight.sum()
    error = np.sqrt((weight**2 * (returns - mean) ** 2).sum()) / weight.sum()
    return bool(error < 0.1 * returns.std())


WRONG = [
    (lambda: lambda batch, target: True, "believes everything"),
    (lambda: lambda batch, target: False, "refuses everything"),
    (lambda: two_rules, "with wrong probabilities"),
    (lambda: any_weight, "hopeless targets"),
    (lambda: no_giant, "hopeless targets"),
    (lambda: too_strict, "near targets"),
    (lambda: turned_round, "hopeless"),
    (lambda: narrow, "hopeless targets"),
    (lambda: lambda batch, target: 0.7, "True or False"),
    (lambda: lambda batch, target: None, "returned nothing"),
    (lambda: lambda batch: True, "in this order"),
    (lambda: lambda batch, target: batch.nothing, "raised"),
    (0.5, "without parentheses"),
]
