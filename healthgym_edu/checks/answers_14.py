"""Right and wrong answers to the exercises of chapter 14."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

# --- how many are found --------------------------------------------------------------------------


def found_count(of_members, of_strangers, alarms=0.05):
    bar = np.quantile(of_strangers, 1 - alarms, method="higher")
    return int((of_members > bar).sum())


def found_by_sorting(of_members, of_strangers):
    ordered = np.sort(of_strangers)[::-1]
    return float((of_members > ordered[len(ordered) // 20 - 1]).sum())


def found_by_ranks(of_members, of_strangers):
    """The members above whom at most one in twenty strangers lies."""
    above = len(of_strangers) - np.searchsorted(np.sort(of_strangers), of_members)
    return np.int64((above < 0.05 * len(of_strangers)).sum())


# --- how sure an attacker may be -----------------------------------------------------------------


def how_sure(found, alarms, share):
    return found * share / (found * share + alarms * (1 - share))


def sure_by_counting(found, alarms, share):
    members, strangers = 1e6 * share, 1e6 * (1 - share)
    return (members * found) / (members * found + strangers * alarms)


def sure_by_odds(found, alarms, share):
    odds = found / alarms * share / (1 - share)
    return odds / (1 + odds)


def sure_backwards(found, alarms, share):
    others = alarms * (1 - share)
    return 1 - others / (others + found * share)


SURE_SLIPS = {
    "it leaves out how many of the people are members": (
        lambda found, alarms, share: found / (found + alarms)
    ),
    "it is the share of members who are found, and not of the named who are members": (
        lambda found, alarms, share: found
    ),
    "it is the share of strangers who are left in peace; of whom is it asked?": (
        lambda found, alarms, share: 1 - alarms
    ),
    "the strangers are more than the members; false alarms come from a share of 1 − share": (
        lambda found, alarms, share: found * share / (found * share + alarms)
    ),
    "it is odds, the named members for each named stranger": (
        lambda found, alarms, share: found * share / (alarms * (1 - share))
    ),
    "it is the share of all people who are named members; divide by all who are named": (
        lambda found, alarms, share: found * share
    ),
    "it is the share of strangers among the named": (
        lambda found, alarms, share: 1 - how_sure(found, alarms, share)
    ),
    "it is the share of all people who are named": (
        lambda found, alarms, share: found * share + alarms * (1 - share)
    ),
    "it weighs the named members by their share, and not those whom it divides by": (
        lambda found, alarms, share: found * share / (found + alarms)
    ),
    "it weighs the strangers by their share, and the members not": (
        lambda found, alarms, share: found / (found + alarms * (1 - share))
    ),
    "members and strangers are exchanged": (
        lambda found, alarms, share: found * (1 - share) / (found * (1 - share) + alarms * share)
    ),
}

# --- groups --------------------------------------------------------------------------------------


def toy_groups(seed):
    """Suspicion and groups in which no mistake comes to the same as what is right."""
    rng = np.random.default_rng([seed, 143])
    names = np.array(["a", "b", "c"]) if seed % 2 else np.array([3, 1, 2])
    sizes, moved = {"member": (60, 200, 90), "stranger": (201, 401, 101)}, (1.5, 0.0, 3.0)
    score, group = {}, {}
    for kind, gain in (("member", 1.6), ("stranger", 0.0)):
        group[kind] = np.repeat(names, sizes[kind])
        score[kind] = rng.standard_normal(len(group[kind])) + np.repeat(moved, sizes[kind]) + gain
        order = rng.permutation(len(group[kind]))
        score[kind], group[kind] = score[kind][order], group[kind][order]
    return score["member"], score["stranger"], group["member"], group["stranger"]


def in_groups(members, strangers, of_members, of_strangers, level=0.99):
    shares = {}
    for group in np.unique(of_members):
        bar = np.quantile(strangers[of_strangers == group], level, method="higher")
        shares[group] = (members[of_members == group] > bar).mean()
    return pd.Series(shares)


def in_groups_by_pandas(members, strangers, of_members, of_strangers):
    bars = pd.Series(strangers).groupby(of_strangers).quantile(0.99)
    above = members > bars.loc[of_members].to_numpy()
    return pd.Series(above).groupby(of_members).mean()


def in_groups_backwards(members, strangers, of_members, of_strangers):
    return in_groups(members, strangers, of_members, of_strangers).iloc[::-1].to_dict()


def in_groups_as_table(members, strangers, of_members, of_strangers):
    return in_groups(members, strangers, of_members, of_strangers).to_frame("found")


def one_bar_for_all(members, strangers, of_members, of_strangers):
    bar = np.quantile(strangers, 0.99, method="higher")
    return pd.Series(members > bar).groupby(of_members).mean()


def bars_of_members(members, strangers, of_members, of_strangers):
    return in_groups(members, members, of_members, of_members)


def lower_tail(members, strangers, of_members, of_strangers):
    return in_groups(members, strangers, of_members, of_strangers, 0.01)


def five_alarms(members, strangers, of_members, of_strangers):
    return in_groups(members, strangers, of_members, of_strangers, 0.95)


def of_everybody(members, strangers, of_members, of_strangers):
    sizes = pd.Series(of_members).value_counts()
    found = in_groups(members, strangers, of_members, of_strangers)
    return found * sizes.loc[found.index] / len(members)


def counts(members, strangers, of_members, of_strangers):
    found = in_groups(members, strangers, of_members, of_strangers)
    return found * pd.Series(of_members).value_counts().loc[found.index]


def per_cent(members, strangers, of_members, of_strangers):
    return 100 * in_groups(members, strangers, of_members, of_strangers)


def bars_of_both(members, strangers, of_members, of_strangers):
    both, groups = np.concatenate([members, strangers]), np.concatenate([of_members, of_strangers])
    return in_groups(members, both, of_members, groups)


def strangers_counted(members, strangers, of_members, of_strangers):
    return in_groups(strangers, strangers, of_strangers, of_strangers)


def not_found(members, strangers, of_members, of_strangers):
    return 1 - in_groups(members, strangers, of_members, of_strangers)


def no_alarm(members, strangers, of_members, of_strangers):
    return in_groups(members, strangers, of_members, of_strangers, 1)


GROUP_SLIPS = {
    "the bar was taken from members and strangers together; only strangers set it": bars_of_both,
    "these are shares of strangers": strangers_counted,
    "these are the members who are not found": not_found,
    "the bar is above all strangers; 1 in 100 of them may be accused": no_alarm,
    "it has one bar for all; each group needs its own": one_bar_for_all,
    "the bar was taken from the members; it says how many strangers are accused": bars_of_members,
    "suspicion is higher for members, so the bar is near the upper end": lower_tail,
    "5 in 100 strangers are accused; 1 in 100 was asked": five_alarms,
    "it is divided by all members; divide by those of the group": of_everybody,
    "these are numbers of members; give shares": counts,
    "these are per cent; give shares between 0 and 1": per_cent,
}

# --- attacks ------------------------------------------------------------------------------------


def courses(frame, columns, scale):
    months = [frame["PatientID"], frame["Timestep"]]
    return (np.log(frame[columns]) / scale).set_index(months).unstack()


def nearest_by(columns, smooth=1):
    """An attack by the distance of these columns, averaged over some months."""

    def attack(synthetic, holdout, asked):
        scale = np.log(holdout[columns]).std()

        def rows(frame):
            wide = courses(frame, columns, scale).to_numpy()
            return wide.reshape(len(wide), -1, smooth).mean(axis=2)

        ids = asked["PatientID"].drop_duplicates().sort_values()
        return pd.Series(-cdist(rows(asked), rows(synthetic)).min(axis=1), ids.to_numpy())

    return attack


ALL_NUMBERS = ["VL", "CD4", "Rel CD4"]


def by_kernel(synthetic, holdout, asked):
    """How dense the published table is around each person, if each record is a cloud of noise."""
    scale = np.log(holdout[ALL_NUMBERS]).std()
    rows, made = courses(asked, ALL_NUMBERS, scale), courses(synthetic, ALL_NUMBERS, scale)
    score = logsumexp(-cdist(rows, made, "sqeuclidean") / 1.2, axis=1)
    return pd.DataFrame({"score": score}, rows.index)


def by_loop(synthetic, holdout, asked):
    """Person by person, as whole numbers: the nearest first."""
    scale = np.log(holdout[ALL_NUMBERS]).std()
    made = courses(synthetic, ALL_NUMBERS, scale).to_numpy()
    away = {
        who: np.sqrt(((made - row.to_numpy()) ** 2).sum(axis=1)).min()
        for who, row in courses(asked, ALL_NUMBERS, scale).iterrows()
    }
    return pd.Series(away).rank(ascending=False).astype(int).sample(frac=1, random_state=0)


def without_logarithm(synthetic, holdout, asked):
    def rows(frame):
        months = [frame["PatientID"], frame["Timestep"]]
        return frame[["VL", "CD4"]].set_index(months).unstack()

    found = rows(asked)
    return pd.Series(-cdist(found, rows(synthetic)).min(axis=1), found.index)


def turned_round(synthetic, holdout, asked):
    return -nearest_by(ALL_NUMBERS)(synthetic, holdout, asked)


def same_for_all(synthetic, holdout, asked):
    return pd.Series(0.5, asked["PatientID"].unique())


def by_number(synthetic, holdout, asked):
    ids = asked["PatientID"].unique()
    return pd.Series(ids, ids)


def by_order(synthetic, holdout, asked):
    ids = asked["PatientID"].unique()
    return pd.Series(range(len(ids)), ids)


def of_the_table(synthetic, holdout, asked):
    return nearest_by(ALL_NUMBERS)(asked, holdout, synthetic)


def as_array(synthetic, holdout, asked):
    return nearest_by(ALL_NUMBERS)(synthetic, holdout, asked).to_numpy()


def half(synthetic, holdout, asked):
    return nearest_by(ALL_NUMBERS)(synthetic, holdout, asked).iloc[::2]


def nothing(synthetic, holdout, asked):
    nearest_by(["VL", "CD4"])(synthetic, holdout, asked)


def by_rows(synthetic, holdout, asked):
    return pd.Series(asked["VL"].to_numpy(), asked["PatientID"])


def looks_up(synthetic, holdout, asked):
    return asked["member"]
