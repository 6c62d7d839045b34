"""Right and wrong answers to the exercises of chapter 18."""

from __future__ import annotations

import numpy as np
import pandas as pd

# --- the distance of two maps ---


def apart(one, other):
    return (one - other).abs().sum() / 2


def apart_by_gains(one, other):
    """What has to be added to cells is what has to be taken from others."""
    return float((one - other.reindex(one.index)).clip(lower=0).sum())


def apart_by_overlap(one, other):
    both = pd.concat([one, other], axis=1)
    return 1 - both.min(axis=1).sum()


def apart_by_loop(one, other):
    return sum(abs(one[cell] - other[cell]) for cell in one.index) / 2


APART_SLIPS = {
    "each recommendation that moves is counted twice, where it leaves and where it arrives": (
        lambda one, other: (one - other).abs().sum()
    ),
    "what one map has more in some cells it has less in others: take distances, without the sign": (
        lambda one, other: (one - other).sum() / 2
    ),
    "the cells stand in different orders; compare them by name, and not by place": (
        lambda one, other: np.abs(one.to_numpy() - other.to_numpy()).sum() / 2
    ),
    "it is a mean over cells; add them up": lambda one, other: (one - other).abs().mean() / 2,
    "it is the mean distance of a cell; add the distances up, and halve the sum": (
        lambda one, other: (one - other).abs().mean()
    ),
    "it is the largest distance of a single cell": lambda one, other: (one - other).abs().max(),
    "it squares the distances; take them as they are": (
        lambda one, other: ((one - other) ** 2).sum() / 2
    ),
    "it is the share that the maps have in common": (
        lambda one, other: 1 - (one - other).abs().sum() / 2
    ),
    "it is per cent; give a share between 0 and 1": (
        lambda one, other: 50 * (one - other).abs().sum()
    ),
}


def toy_maps(seed):
    """Two maps that list the same cells in different orders."""
    rng = np.random.default_rng([seed, 181])
    cells = [f"drug {k}, base {seed}" for k in range(6)]
    one = pd.Series(rng.dirichlet(np.ones(6)), cells)
    other = pd.Series(rng.dirichlet(np.ones(6)), cells)
    return one, other.iloc[rng.permutation(6)]


# --- the mean reward ---


def mean_reward(measured, limit=20):
    virus = np.where(measured["VL"] >= limit, -0.7 * np.log(measured["VL"]), 5)
    return float((virus + 0.6 * np.log(measured["CD4"])).mean())


def mean_by_parts(measured):
    seen = measured["VL"] >= 20
    virus = -0.7 * np.log(measured.loc[seen, "VL"]).sum() + 5 * (~seen).sum()
    return (virus + 0.6 * np.log(measured["CD4"]).sum()) / len(measured)


def mean_by_rows(measured):
    rows = zip(measured["VL"], measured["CD4"], strict=True)
    worth = [(5 if vl < 20 else -0.7 * np.log(vl)) + 0.6 * np.log(cd4) for vl, cd4 in rows]
    return np.float64(sum(worth) / len(worth))


# --- the noise floor ---


def floor(maps):
    columns = maps.to_numpy().T
    apart = np.abs(columns[:, None] - columns[None]).sum(axis=2) / 2
    return apart[np.triu_indices(len(columns), 1)].mean()


def floor_by_loop(maps):
    found = []
    for one in maps:
        for other in maps:
            if one != other:
                found.append((maps[one] - maps[other]).abs().sum() / 2)
    return float(np.mean(found))


def floor_by_matrix(maps):
    k = maps.shape[1]
    columns = maps.to_numpy().T
    return (np.abs(columns[:, None] - columns[None]).sum(axis=2) / 2).sum() / (k * (k - 1))


def floor_backwards(maps):
    return floor(maps.iloc[:, ::-1])


def _with_itself(maps):
    columns = maps.to_numpy().T
    return (np.abs(columns[:, None] - columns[None]).sum(axis=2) / 2).mean()


def _all_pairs(maps):
    columns = maps.to_numpy().T
    return (
        np.abs(columns[:, None] - columns[None]).sum(axis=2)[np.triu_indices(len(columns), 1)] / 2
    )


FLOOR_SLIPS = {
    "each registry is compared with itself, too; take pairs of different ones": _with_itself,
    "each recommendation that moves is counted twice; halve the sum": lambda maps: 2 * floor(maps),
    "it is the largest distance; the mean was asked": lambda maps: _all_pairs(maps).max(),
    "it is the smallest distance; the mean was asked": lambda maps: _all_pairs(maps).min(),
    "it is the sum over pairs; the mean was asked": lambda maps: _all_pairs(maps).sum(),
    "it is the median; the mean was asked": lambda maps: np.median(_all_pairs(maps)),
    "it compares all with the first registry only; take all pairs": (
        lambda maps: (maps.iloc[:, 1:].sub(maps.iloc[:, 0], axis=0)).abs().sum().mean() / 2
    ),
    "it compares neighbours only; take all pairs": (
        lambda maps: maps.diff(axis=1).iloc[:, 1:].abs().sum().mean() / 2
    ),
    "it compares with the mean map; take pairs of registries": (
        lambda maps: maps.sub(maps.mean(axis=1), axis=0).abs().sum().mean() / 2
    ),
}


def toy_registries(seed, k=4):
    rng = np.random.default_rng([seed, 182])
    names = [f"registry {place + 1}" for place in range(k)]
    cells = [f"cell {place}" for place in range(5)]
    return pd.DataFrame(rng.dirichlet(np.arange(1, 6) + seed, k).T, cells, names)


# --- the paired loss ---


def loss(real, synthetic):
    apart = real - synthetic
    return apart.mean(), apart.std(ddof=1) / np.sqrt(len(apart))


def loss_by_hand(real, synthetic):
    apart = [a - b for a, b in zip(real, synthetic, strict=True)]
    mean = sum(apart) / len(apart)
    spread = sum((one - mean) ** 2 for one in apart) / (len(apart) - 1)
    return [mean, (spread / len(apart)) ** 0.5]


def loss_by_pandas(real, synthetic):
    apart = pd.Series(real) - pd.Series(synthetic)
    return np.array([apart.mean(), apart.sem()])


def loss_by_covariance(real, synthetic):
    c = np.cov(real, synthetic)
    variance = c[0, 0] + c[1, 1] - 2 * c[0, 1]
    return np.mean(real) - np.mean(synthetic), np.sqrt(variance / len(real))


def _unpaired(real, synthetic):
    variance = (real.var(ddof=1) + synthetic.var(ddof=1)) / len(real)
    return real.mean() - synthetic.mean(), np.sqrt(variance)


LOSS_SLIPS = {
    "the standard error is that of two unrelated groups; take the differences first": _unpaired,
    "the loss is real minus synthetic": lambda real, made: (
        -loss(real, made)[0],
        loss(real, made)[1],
    ),
    "the second number is the spread of the losses; divide it by the root of how many there are": (
        lambda real, made: (loss(real, made)[0], (real - made).std(ddof=1))
    ),
    "the spread divides by n, and with so few it should divide by n − 1 (ddof=1)": (
        lambda real, made: (loss(real, made)[0], (real - made).std() / np.sqrt(len(real)))
    ),
    "the spread is divided by n − 1 and then by the root of n − 1; divide by the root of n": (
        lambda real, made: (loss(real, made)[0], (real - made).std(ddof=1) / np.sqrt(len(real) - 1))
    ),
    "the spread is divided by n; divide it by the root of n": (
        lambda real, made: (loss(real, made)[0], (real - made).std(ddof=1) / len(real))
    ),
    "the second number is half an interval; give the standard error": (
        lambda real, made: (loss(real, made)[0], 1.96 * loss(real, made)[1])
    ),
    "the second number is a variance; take its root": (
        lambda real, made: (loss(real, made)[0], loss(real, made)[1] ** 2)
    ),
    "the two numbers are exchanged": lambda real, made: loss(real, made)[::-1],
}


def toy_values(seed, k=5):
    rng = np.random.default_rng([seed, 183])
    real = 300 + 12 * rng.standard_normal(k)
    return real, real - 6 + 4 * rng.standard_normal(k)
