"""Right and wrong answers to the exercises of chapter 08, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp, wasserstein_distance

COLUMN = "Comp. INI"
"""The drug whose distance is drawn month by month."""

MONTHS = range(60)
MONTH = 12


# --- Kolmogorov–Smirnov -------------------------------------------------------------------------


def at_month(cohort, month=MONTH):
    return cohort.frame[cohort.frame["Timestep"] == month]


def ks(real, tables, name="CD4", month=MONTH, table="A"):
    """KS in a month; in all of them for None."""
    one, other = (
        cohort.frame if month is None else at_month(cohort, month)
        for cohort in (real, tables[table])
    )
    return float(ks_2samp(one[name], other[name]).statistic)


def ks_by_hand(real, tables):
    one, other = (np.sort(at_month(c)["CD4"].to_numpy()) for c in (real, tables["A"]))
    limits = np.concatenate([one, other])
    shares = [
        np.searchsorted(values, limits, side="right") / len(values) for values in (one, other)
    ]
    return np.abs(shares[0] - shares[1]).max()


def ks_by_histogram(real, tables):
    both = pd.concat([at_month(real)["CD4"], at_month(tables["A"])["CD4"]], keys=[0, 1])
    counts = pd.crosstab(both.to_numpy(), both.index.get_level_values(0), normalize="columns")
    curves = counts.cumsum()
    return float((curves[0] - curves[1]).abs().max())


def ks_of_package(real, tables):
    from healthgym_edu.metrics import TwoSamples

    return TwoSamples(*(at_month(c)["CD4"].to_numpy() for c in (real, tables["A"]))).ks()


def ks_p_value(real, tables):
    return float(ks_2samp(at_month(real)["CD4"], at_month(tables["A"])["CD4"]).pvalue)


def moved(real, tables):
    return float(wasserstein_distance(at_month(real)["CD4"], at_month(tables["A"])["CD4"]))


def up_to_month(real, tables):
    rows = (c.frame.loc[c.frame["Timestep"] <= MONTH, "CD4"] for c in (real, tables["A"]))
    return float(ks_2samp(*rows).statistic)


# --- total variation ----------------------------------------------------------------------------


def shares_of(one, other):
    one, other = (labels.astype(str).value_counts(normalize=True) for labels in (one, other))
    return one.align(other, fill_value=0.0)


def total_variation(one, other):
    here, there = shares_of(one, other)
    return float((here - there).abs().sum() / 2)


def variation_by_larger(one, other):
    """The sum of what one has more than the other."""
    here, there = shares_of(one, other)
    return (here - there).clip(lower=0).sum()


def variation_by_overlap(one, other):
    here, there = shares_of(one, other)
    return 1 - np.minimum(here, there).sum()


def variation_by_loop(one, other):
    one, other = list(one), list(other)
    labels = set(one) | set(other)
    gaps = [abs(one.count(x) / len(one) - other.count(x) / len(other)) for x in labels]
    return 0.5 * sum(gaps)


def shared_labels_alone(one, other):
    one, other = (labels.astype(str).value_counts(normalize=True) for labels in (one, other))
    return (one - other).abs().sum() / 2


def unfilled(one, other):
    """As labels of a schema: those that it knows count 0 where they are missing, others not."""
    one, other = (labels.value_counts(normalize=True) for labels in (one, other))
    return (one - other).abs().sum() / 2


def of_counts(one, other):
    one, other = (labels.astype(str).value_counts() for labels in (one, other))
    return one.sub(other, fill_value=0).abs().sum() / 2


def largest_gap(one, other):
    here, there = shares_of(one, other)
    return (here - there).abs().max()


def squared(one, other):
    here, there = shares_of(one, other)
    return ((here - there) ** 2).sum() / 2


def mean_gap(one, other):
    here, there = shares_of(one, other)
    return (here - there).abs().mean()


VARIATION_SLIPS = {
    "the sum is not halved": lambda one, other: 2 * total_variation(one, other),
    "it leaves out the labels that only one of the two has": shared_labels_alone,
    "it leaves out the labels that only one of the two has; they count 0 in the other": unfilled,
    "it compares counts; divide them by the number of rows first": of_counts,
    "it is the largest difference, not half of the sum of all": largest_gap,
    "the differences are squared; take their absolute values": squared,
    "it is the mean of the differences, not half of their sum": mean_gap,
    "the absolute values are missing: the differences add up to 0": lambda one, other: 0.0,
    "it is what the two share, 1 minus what was asked for": (
        lambda one, other: 1 - total_variation(one, other)
    ),
}


# --- changes ------------------------------------------------------------------------------------


def changes(frame, name):
    labels, patient = frame[name].astype(str), frame["PatientID"]
    changed = (labels != labels.shift()) & (patient == patient.shift())
    return changed.groupby(patient).sum()


def changes_by_codes(frame, name):
    codes = pd.Series(pd.factorize(frame[name])[0], index=frame.index)
    return codes.groupby(frame["PatientID"]).agg(lambda one: int((one.diff().fillna(0) != 0).sum()))


def changes_by_pivot(frame, name):
    codes = frame.assign(code=pd.factorize(frame[name])[0])
    place = codes.groupby("PatientID").cumcount()
    wide = codes.assign(place=place).pivot(index="PatientID", columns="place", values="code")
    return ((wide.diff(axis=1) != 0) & wide.diff(axis=1).notna()).sum(axis=1).astype(float)


def changes_by_loop(frame, name):
    found = {}
    for patient, rows in frame.groupby("PatientID"):
        labels = rows[name].tolist()
        found[patient] = sum(one != other for one, other in zip(labels, labels[1:], strict=False))
    return pd.Series(found).sample(frac=1, random_state=0)


def first_counts(frame, name):
    labels = frame[name].astype(str)
    before = labels.groupby(frame["PatientID"]).shift()
    return (labels != before).groupby(frame["PatientID"]).sum()


def over_borders(frame, name):
    labels = frame[name].astype(str)
    return (labels != labels.shift(fill_value=labels.iloc[0])).groupby(frame["PatientID"]).sum()


def different_labels(frame, name):
    return frame.groupby("PatientID")[name].nunique()


def new_labels(frame, name):
    return frame.groupby("PatientID")[name].nunique() - 1


def share_of_changes(frame, name):
    return changes(frame, name) / (frame.groupby("PatientID").size() - 1)


def stays(frame, name):
    return frame.groupby("PatientID").size() - 1 - changes(frame, name)


CHANGE_SLIPS = {
    "the first row of each patient counts as a change; nothing came before it": first_counts,
    "it also compares the first row of a patient with the last row of another one": over_borders,
    "it counts the different labels of a patient; somebody can change there and back": (
        different_labels
    ),
    "it counts the labels that are new to a patient; somebody can change there and back": (
        new_labels
    ),
    "it is a share of the months; give the number of changes": share_of_changes,
    "it counts the months without a change": stays,
    "it says only whether there was a change; count them": (
        lambda frame, name: (changes(frame, name) > 0).astype(int)
    ),
    "it takes the drug base, whatever it is given; use `name`": (
        lambda frame, name: (
            changes(frame, "Base Drug Combo")
            if "Base Drug Combo" in frame
            else changes(frame, name)
        )
    ),
}


# --- month by month -----------------------------------------------------------------------------


def by_month(real, table, column=COLUMN, distance=total_variation):
    parts = [dict(list(one.frame.groupby("Timestep")[column])) for one in (real, table)]
    return np.array([distance(parts[0][month], parts[1][month]) for month in MONTHS])


def drawn(*lines, xlabel="Time (months)", ylabel="Total variation of Comp. INI"):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    for line in lines:
        ax.plot(list(MONTHS), line)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def drawn_by_pandas(real, tables):
    curves = pd.DataFrame({name: by_month(real, tables[name]) for name in "BA"})
    return curves.plot(xlabel="month", ylabel="total variation")
