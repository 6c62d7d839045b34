"""Right and wrong answers to the exercises of chapter 17, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu import rl
from healthgym_edu.engine import temper
from healthgym_edu.rl.weighting import episodes

# --- weighted importance sampling -----------------------------------------------------------------


def _sums(patient, ratio, reward):
    patient = np.asarray(patient)
    weight = pd.Series(np.asarray(ratio)).groupby(patient).prod()
    return weight, pd.Series(np.asarray(reward)).groupby(patient).sum()


def weighted_mean(patient, ratio, reward):
    weight, returns = _sums(patient, ratio, reward)
    return float((weight * returns).sum() / weight.sum())


def of_first(estimate):
    """Return an estimate that is given the first k decisions of each patient only."""

    def of_k(patient, ratio, reward, k):
        patient, ratio, reward = (np.asarray(one) for one in (patient, ratio, reward))
        early = (pd.Series(patient).groupby(patient).cumcount() < k).to_numpy()
        return estimate(patient[early], ratio[early], reward[early])

    return of_k


weighted_early = of_first(weighted_mean)


def weighted_by_loop(patient, ratio, reward, k):
    above = below = 0.0
    for one in np.unique(patient):
        mine = np.asarray(patient) == one
        weight = np.prod(np.asarray(ratio)[mine][:k])
        above += weight * np.asarray(reward)[mine][:k].sum()
        below += weight
    return above / below


def weighted_by_table(patient, ratio, reward, k):
    long = pd.DataFrame({"who": patient, "ratio": ratio, "reward": reward})
    early = long.groupby("who").head(k).groupby("who")
    return np.average(early["reward"].sum(), weights=early["ratio"].prod())


def weighted_by_wide(patient, ratio, reward, k):
    place = pd.Series(np.asarray(ratio)).groupby(np.asarray(patient)).cumcount()
    long = pd.DataFrame({"who": patient, "k": place, "ratio": ratio, "reward": reward})
    wide = long.pivot(index="who", columns="k", values=["ratio", "reward"])
    weight = wide["ratio"].iloc[:, :k].fillna(1).prod(axis=1)
    return (weight * wide["reward"].iloc[:, :k].sum(axis=1)).sum() / weight.sum()


def all_decisions(patient, ratio, reward, k):
    return weighted_mean(patient, ratio, reward)


def whole_weight(patient, ratio, reward, k):
    weight, _ = _sums(patient, ratio, reward)
    place = pd.Series(np.asarray(patient)).groupby(np.asarray(patient)).cumcount()
    early = np.where(place < k, reward, 0.0)
    returns = pd.Series(early).groupby(np.asarray(patient)).sum()
    return (weight * returns).sum() / weight.sum()


def whole_return(patient, ratio, reward, k):
    place = pd.Series(np.asarray(patient)).groupby(np.asarray(patient)).cumcount()
    weight = pd.Series(np.where(place < k, ratio, 1.0)).groupby(np.asarray(patient)).prod()
    returns = pd.Series(np.asarray(reward)).groupby(np.asarray(patient)).sum()
    return (weight * returns).sum() / weight.sum()


def one_more(patient, ratio, reward, k):
    return weighted_early(patient, ratio, reward, k + 1)


def one_less(patient, ratio, reward, k):
    return weighted_early(patient, ratio, reward, k - 1)


def first_rows(patient, ratio, reward, k):
    return weighted_mean(patient[:k], ratio[:k], reward[:k])


def divided_by_n(patient, ratio, reward):
    weight, returns = _sums(patient, ratio, reward)
    return (weight * returns).mean()


def divided_by_rows(patient, ratio, reward):
    weight, returns = _sums(patient, ratio, reward)
    return (weight * returns).sum() / len(ratio)


def the_living_alone(patient, ratio, reward):
    place = pd.Series(np.asarray(ratio)).groupby(np.asarray(patient)).cumcount()
    long = pd.DataFrame({"who": patient, "k": place, "ratio": ratio})
    weight = long.pivot(index="who", columns="k", values="ratio").fillna(0).prod(axis=1)
    returns = pd.Series(np.asarray(reward)).groupby(np.asarray(patient)).sum()
    return (weight * returns).sum() / weight.sum()


def over_borders(patient, ratio, reward):
    patient = np.asarray(patient)
    product = pd.Series(np.cumprod(ratio))
    weight = product.groupby(patient).last()
    returns = pd.Series(np.asarray(reward)).groupby(patient).sum()
    return (weight * returns).sum() / weight.sum()


def one_too_long(patient, ratio, reward):
    patient = np.asarray(patient)
    weight = pd.Series(np.asarray(ratio)).groupby(patient).prod()
    after = pd.Series(np.asarray(ratio)).groupby(patient).first().shift(-1, fill_value=1.0)
    returns = pd.Series(np.asarray(reward)).groupby(patient).sum()
    return (weight * after * returns).sum() / (weight * after).sum()


def row_by_row(patient, ratio, reward):
    return (np.asarray(ratio) * np.asarray(reward)).sum() / np.asarray(ratio).sum()


def mean_ratio(patient, ratio, reward):
    weight = pd.Series(np.asarray(ratio)).groupby(np.asarray(patient)).mean()
    returns = pd.Series(np.asarray(reward)).groupby(np.asarray(patient)).sum()
    return (weight * returns).sum() / weight.sum()


def added_ratios(patient, ratio, reward):
    weight = pd.Series(np.asarray(ratio)).groupby(np.asarray(patient)).sum()
    returns = pd.Series(np.asarray(reward)).groupby(np.asarray(patient)).sum()
    return (weight * returns).sum() / weight.sum()


def mean_reward(patient, ratio, reward):
    patient = np.asarray(patient)
    weight = pd.Series(np.asarray(ratio)).groupby(patient).prod()
    returns = pd.Series(np.asarray(reward)).groupby(patient).mean()
    return (weight * returns).sum() / weight.sum()


def unweighted(patient, ratio, reward):
    return pd.Series(np.asarray(reward)).groupby(np.asarray(patient)).sum().mean()


OF_ALL = {
    "it divides by the number of patients; divide by the sum of the weights": divided_by_n,
    "it divides by the number of decisions; divide by the sum of the weights": divided_by_rows,
    "patients with fewer decisions are left out, or get the weight 0: a weight stays what it was "
    "after the last decision, also when the patient has died": the_living_alone,
    "the product runs on from one patient into the next; begin anew with each": over_borders,
    "the product takes one decision of the next patient as well": one_too_long,
    "it weights single rewards by single ratios; multiply a patient's ratios first": row_by_row,
    "it takes the mean of a patient's ratios; their product is the weight": mean_ratio,
    "it adds up a patient's ratios; their product is the weight": added_ratios,
    "it takes the mean of a patient's rewards; the return is their sum": mean_reward,
    "it uses no weights at all": unweighted,
}

WEIGHTED_SLIPS = {
    "it takes all decisions; stop after the first k of each patient": all_decisions,
    "the weights run over the whole stay; what is decided later cannot change a reward already "
    "paid": whole_weight,
    "it adds up all rewards; stop after the first k of each patient": whole_return,
    "it takes one decision too many": one_more,
    "it takes one decision too few": one_less,
    "it takes the first k rows of the table; take the first k of each patient": first_rows,
    **{slip: of_first(one) for slip, one in OF_ALL.items()},
}


# --- effective sample size ------------------------------------------------------------------------


def ess(weight):
    weight = np.asarray(weight, dtype=float)
    return float(weight.sum() ** 2 / (weight**2).sum())


def ess_by_shares(weight):
    share = np.asarray(weight) / np.sum(weight)
    return 1 / np.sum(share**2)


def ess_by_loop(weight):
    total = squares = 0.0
    for one in weight:
        total += one
        squares += one * one
    return total * total / squares


def ess_by_variance(weight):
    weight = np.asarray(weight, dtype=float)
    return len(weight) / (1 + weight.var() / weight.mean() ** 2)


ESS_SLIPS = {
    "the sum in the numerator is not squared": lambda w: np.sum(w) / np.sum(np.square(w)),
    "it is the wrong way up": lambda w: 1 / ess(w),
    "it squares the sum below as well; there the squares are added up": (
        lambda w: np.sum(np.square(w)) / np.sum(w) ** 2 * len(w)
    ),
    "both parts are the same: above, add up and then square; below, square and then add up": (
        lambda w: np.sum(w) ** 2 / np.sum(w) ** 2
    ),
    "it counts all patients": lambda w: float(len(w)),
    "it counts the patients whose weight is not 0": lambda w: float(np.count_nonzero(w)),
    "it is a share of the patients, as means give it; take sums": lambda w: ess(w) / len(w),
    "it is the sum of the weights": lambda w: float(np.sum(w)),
}


# --- smallest power -------------------------------------------------------------------------------

POWERS = (1.5, 2, 2.5, 3, 3.5, 4)


def refused(batch, power, estimator="WIS"):
    policy = temper("clinician", power)
    return rl.evaluate(batch, policy, n_bootstrap=20)[estimator].refused


def smallest_power(batch, estimator="WIS"):
    return next(power for power in POWERS if refused(batch, power, estimator))


def smallest_by_rules(batch):
    """By the package's rules, written out."""
    usual, least = batch.behaviour_probability, max(100, 0.05 * batch.n_patients)
    for power in POWERS:
        target = np.where(usual > 0, usual, 0.0) ** power
        target /= target.sum(axis=1, keepdims=True)
        weight = episodes(batch, target).final
        added = np.where(usual < 0.01, np.maximum(target - usual, 0), 0).sum(axis=1).mean()
        good = ess(weight) >= least and weight.max() <= 0.1 * weight.sum()
        if not good or abs(weight.mean() - 1) > 0.1 or added > 0.01:
            return power
    raise AssertionError


def largest_let_through(batch):
    return POWERS[POWERS.index(smallest_power(batch)) - 1]
