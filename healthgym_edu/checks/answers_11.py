"""Right and wrong answers to the exercises of chapter 11, from their definitions."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pandas as pd

# --- how large a batch has to be -----------------------------------------------------------------


def large_enough(share: float) -> int:
    return math.ceil(math.log(0.01) / math.log(1 - share))


def by_trying(share: float) -> int:
    batch = 1
    while (1 - share) ** batch > 0.01:
        batch += 1
    return batch


# --- latent numbers in use -----------------------------------------------------------------------


def prices(mean, log_spread):
    mean, log_spread = np.asarray(mean, float), np.asarray(log_spread, float)
    return 0.5 * (mean**2 + np.exp(2 * log_spread) - 1 - 2 * log_spread)


def in_use(mean, log_spread):
    return int((prices(mean, log_spread).mean(axis=0) > 0.1).sum())


def in_use_by_loop(mean, log_spread):
    found = 0
    for centre, log_width in zip(np.transpose(mean), np.transpose(log_spread), strict=True):
        each = [
            (m * m + math.exp(s) ** 2) / 2 - 0.5 - s for m, s in zip(centre, log_width, strict=True)
        ]
        found += sum(each) / len(each) > 0.1
    return found


def in_use_by_torch(mean, log_spread):
    import torch

    mean, spread = torch.as_tensor(mean), torch.as_tensor(log_spread).exp()
    price = (mean**2 + spread**2 - 1) / 2 - spread.log()
    return (price.mean(dim=0) > 0.1).sum().item()


def in_use_by_frame(mean, log_spread):
    return int(pd.DataFrame(prices(mean, log_spread)).mean().gt(0.1).sum())


IN_USE_SLIPS = {
    "it counts people; the mean is over the people, so that one price is left for each latent "
    "number": lambda mean, log_spread: int((prices(mean, log_spread).mean(axis=1) > 0.1).sum()),
    "it counts single prices; first take the mean over the people": (
        lambda mean, log_spread: int((prices(mean, log_spread) > 0.1).sum())
    ),
    "it counts those that are not in use": (
        lambda mean, log_spread: int((prices(mean, log_spread).mean(axis=0) <= 0.1).sum())
    ),
    "it is the sum of the prices; count those above 0.1": (
        lambda mean, log_spread: float(prices(mean, log_spread).mean(axis=0).sum())
    ),
    "the half is missing in the price": (
        lambda mean, log_spread: int((2 * prices(mean, log_spread)).mean(axis=0).__gt__(0.1).sum())
    ),
    "the logarithm of the spread has taken the place of the spread": (
        lambda mean, log_spread: int(
            (0.5 * (mean**2 + log_spread**2 - 1 - 2 * log_spread).mean(axis=0) > 0.1).sum()
        )
    ),
    "it looks at the means alone, not at the spreads": (
        lambda mean, log_spread: int(((mean**2).mean(axis=0) / 2 > 0.1).sum())
    ),
    "it is a share; give their number": (
        lambda mean, log_spread: float((prices(mean, log_spread).mean(axis=0) > 0.1).mean())
    ),
}


# --- small groups together -----------------------------------------------------------------------


def small_together(cell, fewest):
    size = np.bincount(cell)
    enough = size >= fewest
    return np.where(enough, np.cumsum(enough) - 1, enough.sum())[cell]


def together_by_counter(cell, fewest):
    size = Counter(np.asarray(cell).tolist())
    return [one if size[one] >= fewest else -1 for one in np.asarray(cell).tolist()]


def together_by_pandas(cell, fewest):
    cell = pd.Series(cell)
    return cell.where(cell.map(cell.value_counts()) >= fewest, -7)


def together_by_unique(cell, fewest):
    _, at, size = np.unique(cell, return_inverse=True, return_counts=True)
    return np.where(size[at] >= fewest, at + 1, 0)


def _strictly(cell, fewest):
    return small_together(cell, fewest + 1)


def _each_alone(cell, fewest):
    return np.asarray(cell)


def _all_together(cell, fewest):
    return np.zeros(len(cell), dtype=int)


def _sizes_for_groups(cell, fewest):
    size = np.bincount(cell)[cell]
    return np.where(size >= fewest, size, -1)


def _large_together(cell, fewest):
    size = np.bincount(cell)[cell]
    return np.where(size < fewest, np.asarray(cell) + 1, 0)


def _into_the_first(cell, fewest):
    """Small groups join a large one."""
    found = small_together(cell, fewest)
    small = np.bincount(cell)[cell] < fewest
    return np.where(small, 0, found)


TOGETHER_SLIPS = {
    "a group of exactly `fewest` people is large enough": _strictly,
    "small groups are still alone": _each_alone,
    "everybody is in one group": _all_together,
    "groups of the same size have become one; give each its own number": _sizes_for_groups,
    "the large groups are together, and the small ones alone": _large_together,
    "small groups have joined a large one; they need a number that nobody else has": (
        _into_the_first
    ),
}


# --- weights of a balanced table -----------------------------------------------------------------


def weights_of(group, shares):
    sampled = np.bincount(group, minlength=len(shares)) / len(group)
    return (np.asarray(shares) / sampled)[group]


def weights_by_loop(group, shares):
    n = len(group)
    size = Counter(np.asarray(group).tolist())
    return np.array([shares[one] * n / size[one] for one in np.asarray(group).tolist()])


def weights_by_pandas(group, shares):
    sampled = pd.Series(group).value_counts(normalize=True)
    found = pd.Series(group).map(pd.Series(shares) / sampled)
    return found.to_numpy()


def weights_scaled(group, shares):
    one = np.asarray(shares)[group] / np.bincount(group, minlength=len(shares))[group]
    return one / one.mean()


WEIGHT_SLIPS = {
    "it is the share in the population alone; divide it by the share in the table": (
        lambda group, shares: np.asarray(shares)[group]
    ),
    "it is the other way round; common groups of the population need large weights": (
        lambda group, shares: 1 / weights_of(group, shares)
    ),
    "it is one divided by the share in the population": (
        lambda group, shares: 1 / np.asarray(shares)[group]
    ),
    "it divides by the number of people in the group, so the weights add up to 1; their mean "
    "should be 1": lambda group, shares: weights_of(group, shares) / len(group),
    "it is one weight for each group; give one for each person": (
        lambda group, shares: (
            np.asarray(shares) / (np.bincount(group, minlength=len(shares)) / len(group))
        )
    ),
    "all groups are taken for equally large in the table; count them": (
        lambda group, shares: np.asarray(shares)[group] * len(shares)
    ),
}


# --- who is missing ------------------------------------------------------------------------------

LABELS = ["Gender", "Ethnic", "Third agent"]

SOLUTION = """
def who_is_missing(real, made):
    names = ["Gender", "Ethnic", "Third agent"]
    expected = real.groupby(names).size() * len(made) / len(real)
    there = made.groupby(names).size().index
    return [cell for cell, n in expected.items() if cell not in there and n > 12]
"""


def _expected(real, made):
    return real.groupby(LABELS).size() * len(made) / len(real)


def by_chance(real, made):
    """The chance that nobody of a group is drawn."""
    share = real.groupby(LABELS).size() / len(real)
    there = set(made[LABELS].itertuples(index=False, name=None))
    never = (1 - share) ** len(made)
    return {cell for cell, chance in never.items() if cell not in there and chance < 1e-5}


def by_merging(real, made):
    sizes = [rows.value_counts(LABELS).rename(name) for name, rows in
             (("real", real), ("made", made))]  # fmt: skip
    both = pd.concat(sizes, axis=1).fillna(0)
    lost = both[(both["made"] == 0) & (both["real"] * len(made) / len(real) > 13)]
    return lost.index.tolist()


def by_crosstab(real, made):
    found = []
    for (sex, origin, agent), n in Counter(real[LABELS].itertuples(index=False, name=None)).items():
        here = (made["Gender"] == sex) & (made["Ethnic"] == origin) & (made["Third agent"] == agent)
        if not here.any() and n / len(real) * len(made) > 11:
            found.append([sex, origin, agent])
    return found


def whoever_is_not_there(real, made):
    there = set(made[LABELS].itertuples(index=False, name=None))
    return set(real[LABELS].itertuples(index=False, name=None)) - there


def very_rare_ones(real, made):
    """Names groups that are there, but fewer than they should be."""
    n = made.groupby(LABELS).size().reindex(_expected(real, made).index).fillna(0)
    expected = _expected(real, made)
    return expected.index[(n < 0.7 * expected) & (expected > 12)].tolist()


def only_the_largest(real, made):
    lost = [cell for cell in whoever_is_not_there(real, made) if _expected(real, made)[cell] > 40]
    return lost


def nobody(real, made):
    return []


def by_single_labels(real, made):
    """Looks at one label at a time."""
    return [(level, level, level) for name in LABELS for level in set(real[name]) - set(made[name])]


def as_words(real, made):
    return ["Male"]
