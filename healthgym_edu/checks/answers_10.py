"""Right and wrong answers to exercises 3 and 4 of chapter 10, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .faults_10 import DRUGS, MISSING, NEVER_CHANGES, NOTHING, NUMBERS, REGIMENS, STATICS

# --- labels drawn with luck ----------------------------------------------------------------------


def levels_of(log_chance, luck):
    return (log_chance - np.log(-np.log(luck))).argmax(axis=2)


def switch_rate(log_chance, luck):
    levels = levels_of(log_chance, luck)
    return (levels[:, 1:] != levels[:, :-1]).mean()


def by_loop(log_chance, luck):
    people, months, _ = log_chance.shape
    luck = np.broadcast_to(luck, log_chance.shape)
    changes = 0
    for person in range(people):
        last = None
        for month in range(months):
            noise = [-np.log(-np.log(one)) for one in luck[person, month]]
            level = int(np.argmax(log_chance[person, month] + noise))
            changes += last is not None and level != last
            last = level
    return changes / (people * (months - 1))


def by_race(log_chance, luck):
    """The first of several exponential waits has the same chances."""
    levels = (-np.log(luck) / np.exp(log_chance)).argmin(axis=2)
    return float(np.mean(np.diff(levels, axis=1) != 0))


def by_frame(log_chance, luck):
    levels = pd.DataFrame(levels_of(log_chance, luck))
    return levels.ne(levels.shift(axis=1)).iloc[:, 1:].to_numpy().mean()


def rate_of(levels):
    return (levels[:, 1:] != levels[:, :-1]).mean()


def logarithm(log_chance):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(log_chance)


def by_torch(log_chance, luck):
    import torch

    return torch.from_numpy(levels_of(log_chance, luck)).diff(dim=1).ne(0).double().mean()


def torch_on_numpy(log_chance, luck):
    import torch

    return rate_of((log_chance - torch.log(-torch.log(luck))).argmax(axis=2))


SWITCH_SLIPS = {
    "the most likely level is always taken, so that luck has no part": (
        lambda log_chance, luck: rate_of(
            np.broadcast_to(log_chance, log_chance.shape).argmax(axis=2)
        )
    ),
    "luck is added as it is; its Gumbel noise is -log(-log(luck))": (
        lambda log_chance, luck: rate_of((log_chance + luck).argmax(axis=2))
    ),
    "the noise has the wrong sign": (
        lambda log_chance, luck: rate_of((log_chance + np.log(-np.log(luck))).argmax(axis=2))
    ),
    "the noise is -log(luck); take the logarithm twice": (
        lambda log_chance, luck: rate_of((log_chance - np.log(luck)).argmax(axis=2))
    ),
    "the smallest is taken, not the largest": (
        lambda log_chance, luck: rate_of((log_chance - np.log(-np.log(luck))).argmin(axis=2))
    ),
    "it divides by all months; the first one has none before it": (
        lambda log_chance, luck: (
            (np.diff(levels_of(log_chance, luck), axis=1) != 0).sum()
            / levels_of(log_chance, luck).size
        )
    ),
    "the largest is taken over the months (axis 1), and not over the labels (axis 2)": (
        lambda log_chance, luck: rate_of((log_chance - np.log(-np.log(luck))).argmax(axis=1))
    ),
    "the largest is taken over the people (axis 0), and not over the labels (axis 2)": (
        lambda log_chance, luck: rate_of((log_chance - np.log(-np.log(luck))).argmax(axis=0))
    ),
    "the logarithm is taken again; `log_chance` holds logarithms already": (
        lambda log_chance, luck: rate_of(levels_of(logarithm(log_chance), luck))
    ),
    "the noise is added to the chances; add it to their logarithms": (
        lambda log_chance, luck: rate_of(
            (np.exp(log_chance) - np.log(-np.log(luck))).argmax(axis=2)
        )
    ),
    "it compares a person with the next person; compare a month with the month before": (
        lambda log_chance, luck: (np.diff(levels_of(log_chance, luck), axis=0) != 0).mean()
    ),
    "it is the share of people who ever change": (
        lambda log_chance, luck: (
            (np.diff(levels_of(log_chance, luck), axis=1) != 0).any(axis=1).mean()
        )
    ),
    "it counts changes; give a share": (
        lambda log_chance, luck: float((np.diff(levels_of(log_chance, luck), axis=1) != 0).sum())
    ),
    "it is the share of months without a change": (
        lambda log_chance, luck: 1 - rate_of(levels_of(log_chance, luck))
    ),
    "only the luck of the first month is used, also where each month has its own": (
        lambda log_chance, luck: rate_of(levels_of(log_chance, luck[:, :1]))
    ),
}


# --- what is wrong with a cohort -----------------------------------------------------------------

SOLUTION = """
def what_is_wrong(real, made):
    drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
    never = ["Gender", "Ethnic"]

    def along_time(frame):
        later = frame["PatientID"].eq(frame["PatientID"].shift())
        labels = frame[[*drugs, *never]].astype(str)
        changes = labels.ne(labels.shift())[later].mean()
        moves = np.log(frame[["VL", "CD4", "Rel CD4"]] + 0.01).diff()[later].abs().mean()
        return changes, moves

    for name in [*drugs, *never]:
        had = real.groupby(name, observed=True)["PatientID"].nunique()
        common = had.index[had > 0.05 * real["PatientID"].nunique()]
        if not common.isin(made[name].unique()).all():
            return "people missing"
    changes, moves = along_time(real)
    changes_made, moves_made = along_time(made)
    if changes_made[never].any():
        return "sex or ethnicity changes"
    if changes_made[drugs].sum() > 1.7 * changes[drugs].sum():
        return "regimens jump"
    if (moves_made / moves).max() > 1.3:
        return "numbers jump"
    return "nothing"
"""


def _codes(frame: pd.DataFrame) -> pd.DataFrame:
    """Labels as numbers, without meaning."""
    names = [*DRUGS, *NEVER_CHANGES]
    return frame[names].apply(lambda one: one.astype("category").cat.codes.astype(int))


def _facts(frame: pd.DataFrame) -> dict[str, object]:
    later = frame["PatientID"].duplicated()
    labels = _codes(frame)
    changed = labels.diff()[later].ne(0)
    logs = np.log10(frame[["VL", "CD4", "Rel CD4"]] + 0.1)
    ranks = frame[["VL", "CD4", "Rel CD4"]].rank(pct=True)
    before = ranks.groupby(frame["PatientID"]).shift()
    return {
        "regimen": changed[DRUGS].any(axis=1).mean(),
        "statics": changed[NEVER_CHANGES].any(axis=None),
        "moves": logs.diff()[later].abs().mean(),
        "memory": ranks.corrwith(before),
    }


def missing_levels(real: pd.DataFrame, made: pd.DataFrame, share: float = 0.06) -> bool:
    size = real["PatientID"].nunique()
    for name in [*DRUGS, *NEVER_CHANGES]:
        had = real.groupby(name, observed=True)["PatientID"].nunique() / size
        if set(had.index[had > share]) - set(made[name]):
            return True
    return False


def by_memory(real, made):
    """Numbers by their autocorrelation in place of their moves."""
    one, other = _facts(real), _facts(made)
    if other["statics"]:
        return STATICS
    if missing_levels(real, made):
        return MISSING
    if other["regimen"] > 2 * one["regimen"]:
        return REGIMENS
    return NUMBERS if (one["memory"] - other["memory"]).max() > 0.12 else NOTHING


def by_people(real, made):
    """Everything by person: how many regimens each had, and how far numbers moved."""
    size = {"real": real, "made": made}
    static = made.groupby("PatientID")[NEVER_CHANGES].nunique()
    if static.gt(1).any(axis=None):
        return STATICS
    if missing_levels(real, made, 0.08):
        return MISSING
    spells = {}
    for key, frame in size.items():
        new = _codes(frame)[DRUGS].diff().ne(0).any(axis=1)
        spells[key] = new.groupby(frame["PatientID"]).sum().clip(upper=8).mean()
    if spells["made"] - 1 > 1.6 * (spells["real"] - 1):
        return REGIMENS
    one, other = (_facts(frame)["moves"] for frame in size.values())
    return NUMBERS if (other > 1.25 * one).any() else NOTHING


def by_order(real, made):
    """The same questions in another order."""
    one, other = _facts(real), _facts(made)
    if (other["moves"] / one["moves"]).max() > 1.35 and not other["statics"]:
        return NUMBERS
    if other["regimen"] / one["regimen"] > 1.8:
        return REGIMENS
    if other["statics"]:
        return STATICS
    return MISSING if missing_levels(real, made) else NOTHING


def marginals_alone(real, made):
    """Looks at single columns, all months together."""
    from scipy.stats import ks_2samp

    if missing_levels(real, made):
        return MISSING
    apart = max(ks_2samp(real[name], made[name]).statistic for name in ("VL", "CD4"))
    return NUMBERS if apart > 0.2 else NOTHING


def by_p_value(real, made):
    """A test of rows, which takes each month for a person."""
    from scipy.stats import ks_2samp

    if ks_2samp(real["VL"], made["VL"]).pvalue < 0.01:
        return NUMBERS
    return by_memory(real, made)


def without(fault):
    """A judge that never says one of the faults."""

    def judge(real, made):
        said = by_memory(real, made)
        return NOTHING if said == fault else said

    return judge
