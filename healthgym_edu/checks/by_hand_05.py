"""Right and wrong answers to what chapter 05 lets its readers compute by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

# --- an area under a curve of steps -------------------------------------------------------------


def restricted_mean(time, share, horizon):
    begins = np.minimum(time, horizon)
    ends = np.minimum(np.append(time[1:], np.inf), horizon)
    return float((share * (ends - begins)).sum())


def mean_by_loop(time, share, horizon):
    total = 0.0
    for k in range(len(time)):
        end = time[k + 1] if k + 1 < len(time) else horizon
        total += share[k] * max(0, min(end, horizon) - time[k])
    return total


def mean_by_cut(time, share, horizon):
    keep = time < horizon
    return np.sum(share[keep] * np.diff(np.append(time[keep], horizon)))


def mean_by_fine_steps(time, share, horizon):
    """Sums of very many thin rectangles whose edges fall on those of the curve."""
    edges = np.unique(np.append(time[time < horizon], [0, horizon]))
    middles = (edges[1:] + edges[:-1]) / 2
    heights = share[np.searchsorted(time, middles, side="right") - 1]
    return heights @ np.diff(edges)


def _trapezoids(time, share, horizon):
    keep = time < horizon
    times = np.append(time[keep], horizon)
    heights = np.append(share[keep], share[keep][-1])
    return float(((heights[1:] + heights[:-1]) / 2 * np.diff(times)).sum())


def _not_cut(time, share, horizon):
    return float((share[:-1] * np.diff(time)).sum())


def _negative_widths(time, share, horizon):
    return float((share * np.diff(np.append(time, horizon))).sum())


def _no_last_piece(time, share, horizon):
    keep = time <= horizon
    return float((share[keep][:-1] * np.diff(time[keep])).sum())


def _heights_after(time, share, horizon):
    keep = time < horizon
    times = np.append(time[keep], horizon)
    heights = np.append(share[keep], share[keep][-1])
    return float((heights[1:] * np.diff(times)).sum())


def _sum_of_heights(time, share, horizon):
    return float(share[time < horizon].sum())


def _mean_height(time, share, horizon):
    return float(share[time < horizon].mean() * horizon)


def _area_above(time, share, horizon):
    return horizon - restricted_mean(time, share, horizon)


def _share_of_the_horizon(time, share, horizon):
    return restricted_mean(time, share, horizon) / horizon


AREA_SLIPS = {
    "it joins the points by slanting lines, but the curve goes in steps": _trapezoids,
    "it is not cut at the horizon": _not_cut,
    "rectangles that begin after the horizon have a negative width": _negative_widths,
    "it stops at the last time before the horizon, but the area goes on to the horizon": (
        _no_last_piece
    ),
    "each rectangle has the height of its right side; a share holds from its time on": (
        _heights_after
    ),
    "it adds heights, without their widths": _sum_of_heights,
    "it is a mean of heights in which a short step counts as much as a long one": _mean_height,
    "it is the area above the curve, not below it": _area_above,
    "it is divided by the horizon; an area of months is asked for": _share_of_the_horizon,
}


def curves():
    """Curves and horizons: between two times, on one, beyond the last, before the first."""
    time = np.array([0.0, 1.0, 2.0, 4.0, 7.0, 12.0])
    share = np.array([1.0, 0.8, 0.55, 0.3, 0.25, 0.1])
    other = np.array([0.0, 3.0, 3.5, 9.0]), np.array([1.0, 0.6, 0.4, 0.2])
    asked = [(time, share, 6.0), (time, share, 7.0), (time, share, 12.0), (*other, 5.0)]
    return [*asked, (*other, 11.0), (*other, 2.0)]


# --- a weighted difference ----------------------------------------------------------------------


def weights(on_drv, chance_of_drv):
    return np.where(on_drv, 1 / chance_of_drv, 1 / (1 - chance_of_drv))


def weighted_difference(months, on_drv, chance_of_drv):
    weight = weights(on_drv, chance_of_drv)
    means = [np.average(months[one], weights=weight[one]) for one in (on_drv, ~on_drv)]
    return float(means[0] - means[1])


def difference_by_sums(months, on_drv, chance_of_drv):
    up, down = on_drv / chance_of_drv, (1 - on_drv) / (1 - chance_of_drv)
    return (up * months).sum() / up.sum() - (down * months).sum() / down.sum()


def difference_by_table(months, on_drv, chance_of_drv):
    table = pd.DataFrame({"months": months, "drv": on_drv, "chance": chance_of_drv})
    table["weight"] = 1 / table["chance"].where(table["drv"], 1 - table["chance"])
    table["product"] = table["weight"] * table["months"]
    sums = table.groupby("drv")[["product", "weight"]].sum()
    means = sums["product"] / sums["weight"]
    return means[True] - means[False]


def difference_by_slope(months, on_drv, chance_of_drv):
    """The slope of a weighted regression on the drug."""
    weight = weights(on_drv, chance_of_drv) ** 0.5
    columns = np.column_stack([np.ones(len(months)), on_drv])
    return np.linalg.lstsq(columns * weight[:, None], months * weight, rcond=None)[0][1]


def _with(weigh):
    """A difference of means under other weights."""

    def difference(months, on_drv, chance_of_drv):
        weight = weigh(on_drv, chance_of_drv)
        means = [np.average(months[one], weights=weight[one]) for one in (on_drv, ~on_drv)]
        return float(means[0] - means[1])

    return difference


def _over_people(months, on_drv, chance_of_drv):
    weight = weights(on_drv, chance_of_drv)
    sums = [(weight * months)[one].sum() for one in (on_drv, ~on_drv)]
    return float((sums[0] - sums[1]) / len(months))


def _plain_mean_of_products(months, on_drv, chance_of_drv):
    product = weights(on_drv, chance_of_drv) * months
    return float(product[on_drv].mean() - product[~on_drv].mean())


def _turned_round(months, on_drv, chance_of_drv):
    return -weighted_difference(months, on_drv, chance_of_drv)


def _ratio(months, on_drv, chance_of_drv):
    weight = weights(on_drv, chance_of_drv)
    means = [np.average(months[one], weights=weight[one]) for one in (on_drv, ~on_drv)]
    return float(means[0] / means[1])


WEIGHT_SLIPS = {
    "everybody weighs the same": _with(lambda drv, chance: np.ones(len(chance))),
    "the weights are the probabilities, not one divided by them": (
        _with(lambda drv, chance: np.where(drv, chance, 1 - chance))
    ),
    "it divides by the probability of DRV also for those who were given EFV": (
        _with(lambda drv, chance: 1 / chance)
    ),
    "it divides by the probability of the drug that was *not* given": (
        _with(lambda drv, chance: np.where(drv, 1 / (1 - chance), 1 / chance))
    ),
    "it divides by the number of people, not by the sum of the weights": _over_people,
    "the mean of weight times months has to be divided by the mean weight": (
        _plain_mean_of_products
    ),
    "it is EFV minus DRV": _turned_round,
    "it is a ratio; a difference is asked for": _ratio,
}


def choices():
    """Months, drugs and probabilities of three groups of people."""
    rng = np.random.default_rng(5)
    asked = []
    for size in (6, 40, 300):
        chance = rng.uniform(0.08, 0.92, size)
        on_drv = rng.random(size) < chance
        on_drv[:2] = True, False
        months = np.minimum(rng.integers(1, 9, size), 6) + 0.0
        asked.append((months, on_drv, chance))
    return asked
