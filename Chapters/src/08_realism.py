# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 08 · Realism
#
# **Aim.** You learn to say how alike two tables of patients are, and which differences a number cannot see.
#
# **Time.** 60 minutes to read, 65 to exercise. **You need** chapters 00 and 01.
#
# **After this chapter you can**
#
# 1. *compute* how far apart two distributions are, of numbers and of labels;
# 2. *distinguish* what holds within a row, along time, and between patients;
# 3. *judge* two tables with a classifier, and *split* the patients rightly;
# 4. *place* a score between the best and the worst that are possible;
# 5. *explain* why a copy passes every test of this chapter.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/08_realism.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/08_realism.ipynb)

# %% tags=["setup"]
try:
    import healthgym_edu as hg
except ImportError:  # on a fresh machine, such as Colab: install what this chapter needs
    import os, subprocess, sys
    from importlib.metadata import distributions
    from pathlib import Path

    there = {str(d.name).lower().replace("_", "-"): d.version for d in distributions()}
    kept = there.keys() & {"ipykernel", "jupyter-client", "notebook", "numpy", "pandas", "torch"}
    Path("constraints.txt").write_text("\n".join(f"{n}=={there[n]}" for n in kept))
    repository = "NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging"
    archive = f"https://github.com/{repository}/archive/refs/heads/main.zip"
    source = os.environ.get("HEALTHGYM_EDU_SOURCE", archive)
    pip = [sys.executable, "-m", "pip", "install", "-q", "-c", "constraints.txt"]
    subprocess.run([*pip, f"healthgym-edu @ {source}"], check=True)
    import healthgym_edu as hg

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from healthgym_edu.checks import ____, budget, check, hint, question, solution
from healthgym_edu.checks import expected_figure
from healthgym_edu.checks.impostors_08 import HOW, five_tables
from scipy.stats import ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

hg.plots.set_style()

# %% [markdown]
# > **About these data.** These are simulated people with HIV, followed for 60 months. **Nothing here treats
# > anyone.** If you have Health Gym's file, put its path into `source`; then, or with another `seed`, some
# > sentences below no longer hold.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
art = hg.load_cohort("art_hiv", source=source, seed=seed)
as_described = art.source == "teaching" and art.seed == 0  # the people this text speaks of
full_size = budget(True, quick=False)
size = min(budget(500, quick=150), len(art) // 8)
ids = art.patients.index
groups = [art.subset(ids[place * size : (place + 1) * size]) for place in range(8)]
train, real, fresh, *more = groups  # nobody is in two of them
print(f"{len(art):,} people, and eight groups of {size} of them")

# %% [markdown]
# ## 1 · Five offers
#
# Imagine a hospital that may not share its records. It asks for **synthetic** ones, which a model makes after
# it has learned from real ones. Five tables arrive, A to E. Each maker was given the
# same people, `train`. Each says: *"Our quality score is 0.95."*
#
# How closely synthetic records resemble real ones is called their **fidelity**. To judge it, the hospital
# compares each table with people whom the makers have never met. They are called `real` here. One of the five holds
# *other people of the same kind*: we call it a **fresh draw**.
# The other four are **impostors**, made by a few lines of code.

# %%
tables = five_tables(train, fresh, seed)
tables["A"].frame.iloc[:3, :8]

# %% [markdown]
# All have the same columns, and as many people. Here is the viral load of three people from each.

# %% tags=["drawing"] alt="Six small panels with the viral load of three people each over 60 months, on a logarithmic axis. Real: lines fall from high values and then stay low for long stretches. B and E look like it. In A, C and D all lines jump up and down from month to month."
panels = {"real": real, **tables}
fig, axes = plt.subplots(2, 3, figsize=(7.6, 4.2), sharex=True, sharey=True)
for ax, (name, one) in zip(axes.flat, panels.items(), strict=True):
    wide = one.frame.pivot(index="PatientID", columns="Timestep", values="VL")
    for place, style in zip((3, 40, 77), ("-", "--", ":"), strict=True):
        ax.plot(wide.columns, wide.iloc[place], ls=style, lw=1.2)
    ax.set(yscale="log", title=name if name == "real" else f"table {name}", ylim=(0.5, 2e7))
    ax.set_yticks([1, 1e2, 1e4, 1e6])
    ax.minorticks_off()
for ax in axes[1]:
    ax.set_xlabel("Time (months)")
fig.supylabel("Viral load (copies/mL)", fontsize=10)
plt.show()

# %% [markdown]
# **What to see.** In the real table a viral load falls once, and then it stays low or high for many months.
# Compare the others with it.

# %%
question("08.by_eye")

# %% [markdown]
# Papers often show the mean of each month. Does it find the same tables?


# %% tags=["drawing"] alt="Lines: mean of the logarithmic viral load by month. The real table falls from 3.6 to 1.7. Tables B, C and E follow it. Tables A and D are flat at about 1.9 in all months."
def monthly_mean(cohort):
    return np.log10(cohort.frame["VL"]).groupby(cohort.frame["Timestep"]).mean()


curves = {name: monthly_mean(one) for name, one in panels.items()}
styles = hg.plots.style_for(list(curves))
fig, ax = plt.subplots(figsize=(7.2, 3.0))
for name, curve in curves.items():
    style, wide_line = styles[name], 3.4 if name == "real" else 1.4
    label = name if name == "real" else f"table {name}"
    ax.plot(
        curve.index, curve, color=style.line, ls=style.linestyle, lw=wide_line, label=label
    )
ax.set(xlabel="Time (months)", ylabel="Mean viral load (log10 copies/mL)")
ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
plt.show()

# %% [markdown]
# **What to see.** The mean viral load of the real people falls in the first months. Three tables follow it: B,
# C and E. Tables A and D are flat. So this picture accepts table C, in which no single person looks real.

# %% tags=["claims"]
off_mean = {name: (curves[name] - curves["real"]).abs().mean() for name in tables}
assert max(off_mean[name] for name in ["B", "C", "E"]) < 0.7 * min(
    off_mean[name] for name in ["A", "D"]
)
assert set(train.patients.index).isdisjoint(real.patients.index)
assert all(len(one) == size for one in tables.values())

# %% [markdown]
# ## 2 · One column at a time
#
# The distribution of a single column is called a **marginal**. For numbers we ask: which share of the values
# lies below some limit? We draw this share for every limit, in two tables. The largest vertical gap between the
# two curves is the **Kolmogorov–Smirnov distance** (KS). It is 0 for equal distributions, and 1 if they do not
# overlap.


# %%
def ks(one, other):
    """Largest gap between the two curves."""
    return ks_2samp(one, other).statistic


begin_real = real.frame[real.frame["Timestep"] == 0]
begin_a = tables["A"].frame[tables["A"].frame["Timestep"] == 0]
print(f"all months {ks(real.frame['VL'], tables['A'].frame['VL']):.2f}")
print(f"month 0    {ks(begin_real['VL'], begin_a['VL']):.2f}")

# %% tags=["drawing"] alt="Two panels with the share of values below each viral load, in the real table and in table A. All months together: the two curves lie upon each other. Month 0 alone: the curve of table A lies far above that of the real one, and a vertical bar marks a gap of about a half."
pairs = {"All months": (real.frame, tables["A"].frame), "Month 0": (begin_real, begin_a)}
fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.0), sharey=True)
for ax, (title, both) in zip(axes, pairs.items(), strict=True):
    for name, rows, style in zip(("real", "table A"), both, ("-", "--"), strict=True):
        ax.ecdf(rows["VL"], ls=style, lw=1.8, label=name)
    found = ks_2samp(*(rows["VL"] for rows in both))
    ends = [(rows["VL"] <= found.statistic_location).mean() for rows in both]
    ax.plot([found.statistic_location] * 2, ends, color="black", lw=3, ls="-")
    middle = found.statistic_location * 1.5, np.mean(ends) - 0.06
    ax.text(*middle, f"gap {found.statistic:.2f}", fontsize=10)
    ax.set(xscale="log", title=title, xlabel="Viral load (copies/mL)", xlim=(0.8, 2e6))
    ax.set_xticks([1, 1e2, 1e4, 1e6])
    ax.minorticks_off()
axes[0].set_ylabel("Share of values up to here")
axes[0].legend(loc="lower right")
plt.show()

# %% [markdown]
# **What to see.** For all months together, the curves of
# the real table and of table A agree, and KS is 0.01. In month 0 the gap is 0.53.

# %%
question("08.pooled")

# %% tags=["claims"]
assert ks(real.frame["VL"], tables["A"].frame["VL"]) < 0.06
assert ks(begin_real["VL"], begin_a["VL"]) > 0.25
if as_described and full_size:
    assert round(ks(begin_real["VL"], begin_a["VL"]), 2) == 0.53
    assert round(ks(real.frame["VL"], tables["A"].frame["VL"]), 2) == 0.01

# %% [markdown]
# **Exercise 1 (tweak).** The CD4 count rises over months. What is the KS distance of `CD4` between `real` and
# table A in **month 12**?

# %%
# BEGIN SOLUTION
#| # ks(one column, other column), of the rows of that month alone
#| ks_of_cd4 = ____
year_real = real.frame[real.frame["Timestep"] == 12]
year_a = tables["A"].frame[tables["A"].frame["Timestep"] == 12]
ks_of_cd4 = ks(year_real["CD4"], year_a["CD4"])
# END SOLUTION
check("08.ks_of_cd4", ks_of_cd4, real=real, tables=tables)

# %% [markdown]
# KS does not say how far the values lie apart. The **Wasserstein distance** does: it is the mean distance by
# which the values of one table must at least move to become those of the other, here in units of their spread.
#
# For labels, such as drugs, we compare shares. The **total variation** is *half* of the sum of all absolute
# differences of shares. It says which share of the rows would need another label.

# %%
drugs = pd.DataFrame({"real": real.frame["Comp. INI"].value_counts(normalize=True)})
for name in ("A", "C"):
    drugs[name] = tables[name].frame["Comp. INI"].value_counts(normalize=True)
drugs.round(3)

# %% [markdown]
# **Exercise 2 (fill in).** Write the total variation of two columns of labels. A label may be missing in one of
# them.


# %%
def total_variation(one, other):
    """one, other: Series of labels. Half the sum of the absolute differences of their shares."""
    # BEGIN SOLUTION
    #| return ____
    shares = [labels.astype(str).value_counts(normalize=True) for labels in (one, other)]
    return shares[0].sub(shares[1], fill_value=0).abs().sum() / 2
    # END SOLUTION


check("08.total_variation", total_variation, real=real, tables=tables)

# %% [markdown]
# `hg.evaluation.fidelity` computes such distances for all columns, and more that follow below. We average each
# over the columns.


# %%
def compare(table, judges):
    """All numbers of a table beside the real one, without intervals."""
    return hg.evaluation.fidelity(real, table, judges=judges, replicates=0, bounds=False)


def distances(found):
    """Mean distance from a perfect copy, for each metric."""
    return (found["value"] - found["ideal"]).abs().groupby(found["metric"]).mean()


judges = {name: ("rows", "P") if name in "AD" else ("P",) for name in tables}  # section 5
compared = {name: compare(table, judges[name]) for name, table in tables.items()}
scores = pd.DataFrame({name: distances(found) for name, found in compared.items()})
marginals = ["KS", "Wasserstein", "total variation", "KS by step", "combinations covered"]
scores.loc[marginals].rename({"combinations covered": "combinations missing"}).round(2)

# %% [markdown]
# **What to see.** All months together, A and D are as near to the real table as B. Month by month,
# they are nearly twice as far away as B. Table C has the right means and wrong distributions. It lacks
# nine in ten combinations of two labels, such as a sex and a drug: people who are not average have disappeared.

# %% tags=["claims"]
pooled = scores.loc[["KS", "total variation"]]
assert (pooled["C"] > 1.5 * pooled["B"]).all()
assert scores.loc["combinations covered", "C"] > 0.8
if full_size:
    for name in ["A", "D", "E"]:
        assert (pooled[name] < (1.6 if as_described else 2.5) * pooled["B"]).all()
    assert (pooled["C"] > 3 * pooled["B"]).all()
    twice = scores.loc["KS by step", ["A", "D"]] / scores.loc["KS by step", "B"]
    assert (twice > (1.7 if as_described else 1.3)).all()

# %% [markdown]
# ## 3 · Two columns at a time
#
# A low viral load goes with a high CD4 count. Does it do so in the tables? The Health Gym papers compare three
# kinds of correlation. The **static** one takes all rows as they are. The other two, called **dynamic**, divide
# the course of a patient: the **trend** is the straight line that fits best, and the **cycle** is what is left
# around it.

# %%
question("08.two_lines")


# %%
months = np.arange(60)


def slopes(cohort, name):
    """Slope of each patient's straight line, per month."""
    wide = cohort.frame.pivot(index="PatientID", columns="Timestep", values=name)
    wide = np.log10(wide) if name == "VL" else wide
    return pd.Series(np.polyfit(months, wide.T, 1)[0], wide.index)


steep = pd.DataFrame({"VL": slopes(real, "VL"), "CD4": slopes(real, "CD4")})
trend = [np.corrcoef(vl * months, cd4 * months)[0, 1] for vl, cd4 in steep.to_numpy()]
pd.Series(trend).round(6).value_counts()

# %% tags=["drawing"] alt="Two panels. Left: bars of how many patients have which trend correlation of viral load and CD4 count: some at minus 1, some at plus 1, none between. Right: dots, one a patient, the slope of the viral load against the slope of the CD4 count; the steeper the viral load falls, the faster CD4 tends to rise."
fig, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.0))
counts = pd.Series(trend).round(6).value_counts()
left.bar(counts.index, counts, width=0.12)
left.set(xlabel="Trend correlation in a patient", ylabel="Patients", xlim=(-1.2, 1.2))
right.plot(steep["VL"], steep["CD4"], ".", ms=4, alpha=0.6)
right.set(
    xlabel="Slope of log10 viral load (per month)",
    ylabel="Slope of CD4\n(cells/µL per month)",
)
plt.show()

# %% [markdown]
# **What to see.** On the left, each patient's trend correlation of viral load and CD4 count is −1 or +1: two
# straight lines agree or oppose each other perfectly. So the published one, a mean of these, only counts in how
# many patients both move the same way. On the right each dot is a patient. The correlation of these *slopes*
# between patients, the **slope correlation**, also uses how steep they are.

# %%
kinds = ["static", "trend (sign of slopes)", "slope", "cycle"]
associations = [f"{kind} correlations, mean distance" for kind in kinds]
print(f"slopes of VL and CD4 in the real table: {steep.corr('spearman').iloc[0, 1]:.2f}")
scores.loc[associations].round(3)

# %% [markdown]
# **What to see.** Between real people the slopes correlate by −0.33: whose viral load falls faster tends to gain
# more CD4 cells. By static correlations C and D are about four times as far from the real table as B, but A is as
# near: each of its rows is a true row. The other three look at time, and by them A is two to four times as far as B.

# %% tags=["claims"]
assert np.allclose(np.abs(trend), 1) and len(set(np.sign(trend))) == 2
static, by_slope, cycle = (associations[place] for place in (0, 2, 3))
assert (scores.loc[static, ["C", "D"]] > 1.5 * scores.loc[static, "B"]).all()
if full_size:
    assert scores.loc[static, "A"] < 1.5 * scores.loc[static, "B"]
    further = scores.loc[[by_slope, cycle]]
    assert (further["A"] > (1.5 if as_described else 1.2) * further["B"]).all()
if as_described and full_size:
    assert ((scores.loc[static, ["C", "D"]] / scores.loc[static, "B"]).between(3.4, 4.5)).all()
    assert (scores["A"] / scores["B"])[associations[1:]].between(2, 4).all()
    assert round(steep.corr("spearman").iloc[0, 1], 2) == -0.33
assert steep.corr("spearman").iloc[0, 1] < -0.2

# %% [markdown]
# ## 4 · Through time
#
# A person who was suppressed last month is most likely suppressed now. The correlation of a column with itself
# some months later is called its **autocorrelation**; we call it memory.
#
# **Exercise 3 (fill in).** Write a summary of each patient: how often does a label change from one month to the
# next? Patients stand in the table one after the other, each in the order of time.


# %%
def changes(frame, name):
    """frame: rows with PatientID; name: a column. A Series by PatientID: number of changes."""
    # BEGIN SOLUTION
    #| return ____
    labels, patient = frame[name].astype(str), frame["PatientID"]
    changed = (labels != labels.shift()) & (patient == patient.shift())
    return changed.groupby(patient).sum()
    # END SOLUTION


check("08.changes", changes, real=real, tables=tables)

# %%
through_time = {
    "autocorrelation at lag 1, difference": "memory of one month",
    "autocorrelation at lag 12, difference": "memory of a year",
    "variance between patients, difference of shares": "how different patients are",
    "time between changes, KS": "time between changes of a label",
    "changes per step, ratio": "how often a label changes, ratio − 1",
    "changes of what never changes, per step": "changes of sex and ethnicity",
}
scores.loc[list(through_time)].rename(through_time).round(2)

# %% [markdown]
# **What to see.** C and D have hardly any memory: it is off by 0.88 and 0.90. In table A the memory of a month is
# off by 0.14, and that of a year hardly, because all keep their own rows. But its labels change about twelve
# times as often as real ones, so the ratio − 1 is 11. In table D even sex and ethnicity change.

# %%
question("08.how_was_a_made")

# %% tags=["claims"]
memory = scores.loc["autocorrelation at lag 1, difference"]
assert (memory[["C", "D"]] > 0.7).all() and 0.05 < memory["A"] < 0.3
assert memory[["B", "E"]].max() < 0.05
assert scores.loc["autocorrelation at lag 12, difference", "A"] < 0.08
if as_described and full_size:
    assert 11 < scores.loc["changes per step, ratio", "A"] < 12
    assert memory.round(2)[["A", "C", "D"]].tolist() == [0.14, 0.88, 0.90]
assert 0.35 < scores.loc["changes of what never changes, per step", "D"] < 0.65
assert (
    scores.loc["time between changes, KS", "A"]
    > 5 * scores.loc["time between changes, KS", "B"]
)

# %% [markdown]
# **Exercise 4 (plot).** Draw for each month the total variation of `Comp. INI` between `real` and table A, as a
# line, and the same between `real` and table B as a second one. Label both axes. Aim at this figure:

# %% alt="Two lines over 60 months: the total variation of the drug Comp. INI from the real table. Table B stays low in all months. Table A is higher in the first and in the last months and low in the middle."
expected_figure("08.by_month", real=real, tables=tables)

# %%
# BEGIN SOLUTION
#| # for each month: the rows of that month in both tables, and their total variation
#| answer = ____
fig, ax = plt.subplots(figsize=(6.4, 2.8))
for name in ("A", "B"):
    there = tables[name].frame
    apart = [
        total_variation(
            real.frame.loc[real.frame["Timestep"] == month, "Comp. INI"],
            there.loc[there["Timestep"] == month, "Comp. INI"],
        )
        for month in range(60)
    ]
    ax.plot(range(60), apart, ls="-" if name == "A" else "--", label=f"table {name}")
ax.set(xlabel="Time (months)", ylabel="Total variation of Comp. INI")
ax.legend()
answer = ax
# END SOLUTION
check("08.by_month", answer, real=real, tables=tables)

# %% [markdown]
# What do such faults do to a result? By how much does the CD4 count of a person rise from
# month 0 to month 12? The truth is the mean over the whole cohort.


# %%
def gains(cohort):
    """CD4 gained from month 0 to 12, by patient."""
    wide = cohort.frame.pivot(index="PatientID", columns="Timestep", values="CD4")
    return wide[12] - wide[0]


def result(cohort):
    """Mean gain and its 95 % interval."""
    gain = gains(cohort)
    half = 1.96 * gain.std() / np.sqrt(len(gain))  # 1.96 standard errors to either side
    return {"estimate": gain.mean(), "interval": (gain.mean() - half, gain.mean() + half)}


found_a, found_c = result(tables["A"]), result(tables["C"])
truth = gains(art).mean()

# %%
about = {"truth": truth, "unit": "cells/µL"}
claim = "CD4 gained from month 0 to month 12, in table"
hg.card(f"{claim} A", **found_a, **about, cohort=tables["A"])

# %%
hg.card(f"{claim} C", **found_c, **about, cohort=tables["C"])

# %%
in_order = {"everybody": art, "real": real, **tables}
rising = pd.Series({name: (gains(one) > 0).mean() for name, one in in_order.items()})
rising.round(2).rename("share whose CD4 count rises").to_frame().T

# %% [markdown]
# > **Result.** In table A the CD4 count rises by 3 cells/µL (95 % interval −8 to 14), and in table C 78 (48 to
# > 109). The truth is 74. **Verdict:** table A misses it by far. The interval of table C holds it, because C
# > was made of means. Yet in C it rises in 62 of 100 people, and among everybody in 74. One right result does
# > not make a table right.

# %% tags=["claims"]
assert found_a["interval"][1] < truth
assert found_c["interval"][0] < truth < found_c["interval"][1]
assert rising["C"] < rising["everybody"] - 0.05
if as_described and full_size:
    shown = [
        found_a["estimate"],
        *found_a["interval"],
        found_c["estimate"],
        *found_c["interval"],
    ]
    assert [round(one) for one in shown] == [3, -8, 14, 78, 48, 109] and round(truth) == 74
    assert rising[["C", "everybody"]].round(2).tolist() == [0.62, 0.74]

# %% [markdown]
# ## 5 · Let a machine judge
#
# Next, we let a model look for differences. A **two-sample classifier** learns from
# some real and some synthetic patients which are which, and then it judges others. Its **AUROC** is the chance
# that it finds a synthetic patient more suspicious than a real one: 0.5 means that it cannot tell, and 1 that it
# always can. (Where there is nothing to find, it may fall a little below 0.5.)
#
# The judge of *rows* sees single months. Judge *P* sees a patient: for each column the mean, the
# spread, the first and last value, and how much it moves from month to month.

# %%
heard = ["AUC of a judge of single rows", "AUC of judge P (summaries of patients)"]
said = pd.DataFrame(
    {name: one.groupby("metric")["value"].mean() for name, one in compared.items()}
).loc[heard]
said.map(lambda score: "not asked" if np.isnan(score) else f"{score:.2f}")

# %% [markdown]
# **What to see.** The judge of rows, which is slow and saw two tables, cannot tell A from real people. Judge P
# can, every time. Judge P cannot tell B or E.
#
# One mistake spoils such judges. We cut the data into three parts, called **folds**; in turn, two teach and one is
# judged. Should one divide rows, or patients? We try both with 200 real people and 200 of the *fresh draw*, where
# nothing can be found.

# %%
question("08.split_by_row")

# %%
halves = {
    name: one.subset(one.patients.index[:200]).frame
    for name, one in {"real": real, "fresh": fresh}.items()
}
both = pd.concat(halves, names=["table"]).reset_index(level="table")
inputs = both.drop(columns=["table", "PatientID", "Timestep"])
for name in inputs.select_dtypes("category"):
    inputs[name] = inputs[name].cat.codes
is_fresh = both["table"] == "fresh"
model = HistGradientBoostingClassifier(max_iter=60, random_state=0)  # small decision trees
ways = {"rows": KFold(3, shuffle=True, random_state=0).split(inputs)}
ways["patients"] = GroupKFold(3).split(inputs, groups=both["PatientID"])

# %%
auroc = {}
for name, way in ways.items():
    risk = cross_val_predict(model, inputs, is_fresh, cv=list(way), method="predict_proba")
    auroc[name] = roc_auc_score(is_fresh, risk[:, 1])
    print(f"split by {name:8s}  AUROC {auroc[name]:.2f}")

# %% [markdown]
# **What to see.** Split by patients, the judge finds nothing. Split by rows, it "proves" that a fresh draw is
# false, with an AUROC of 0.89. It only recognises people whose other months it has learned from.

# %% tags=["claims"]
auc = said
assert auc.loc[heard[0], "A"] < 0.6 and auc.loc[heard[1], "A"] > 0.95
assert not (auc[["B", "E"]] > 0.62).any(axis=None)
assert not (auc[["C", "D"]] < 0.85).any(axis=None)
assert auroc["rows"] > 0.8 and auroc["patients"] < 0.6
if as_described and full_size:
    assert round(auroc["rows"], 2) == 0.89

# %% [markdown]
# ## 6 · Who fools whom?
#
# To read a distance we need to know how large it is between groups of true people. So we compare five further
# groups with `real`, and take the largest of their five distances as our unit.

# %% tags=["drawing"] alt="A grid with a row for each metric and a column for each table. Numbers say how many times as far from the real people a table is as the farthest of five true groups. Table A is below 2 for single columns, static, slope and cycle correlations, and far above for memory, changes and judge P. Table C is below 2 only for the mean by month. Table D is below 2 only for single columns and combinations. Tables B and E are below 2 everywhere."
rows = {
    "mean by month": None,
    "KS": "KS, all months",
    "total variation": "total variation, all months",
    "combinations covered": "combinations missing",
    "KS by step": "KS, month by month",
    associations[0]: "static correlations",
    associations[1]: "trend correlations (signs)",
    associations[2]: "slope correlations",
    associations[3]: "cycle correlations",
    "autocorrelation at lag 1, difference": "memory of one month",
    "time between changes, KS": "time between changes",
}
further = {f"true {place}": one for place, one in enumerate(more)}
everything = scores.assign(
    **{name: distances(compare(one, ())) for name, one in further.items()}
)
everything.loc["mean by month"] = {
    name: (monthly_mean(one) - curves["real"]).abs().mean()
    for name, one in {**tables, **further}.items()
}
everything = everything.loc[list(rows)]
times = everything[list(tables)].div(everything[list(further)].max(axis=1), axis=0)
suspicious = pd.concat([times > 2, said > 0.6])
fig, ax = plt.subplots(figsize=(7.4, 4.6))
ax.imshow(suspicious, cmap="Greys", vmin=0, vmax=2.2, aspect="auto")
for down, (metric, line) in enumerate(pd.concat([times, said]).iterrows()):
    for across, number in enumerate(line):
        text = (
            "not asked"
            if np.isnan(number)
            else f"{number:.2f}"
            if metric in heard
            else f"{number:.1f} ×"
            if number < 9.95
            else f"{number:.0f} ×"
        )
        caught = suspicious.iloc[down, across]
        ax.text(
            across,
            down,
            text,
            ha="center",
            va="center",
            fontweight="bold" if caught else "normal",
        )
words = [words or metric for metric, words in rows.items()] + [
    "AUROC, judge of rows",
    "AUROC, judge P",
]
ax.set_yticks(range(len(words)), words)
ax.set_xticks(range(5), [f"table {name}" for name in tables])
ax.xaxis.tick_top()
ax.tick_params(length=0)
ax.grid(False)
plt.show()

# %% [markdown]
# **What to see.** Each number says how many times as far from `real` a table is as the farthest of the five true
# groups; the last two rows are AUROCs. Dark cells, in bold, caught a lie (more than 2 times, or an AUROC above 0.6).
# Every impostor fools something. Table A fools single columns, static correlations and the judge of rows. Table C
# fools the mean by month, and table D the marginals. No metric rejects B or E. Here is what they are:

# %%
pd.Series(HOW, name="what it is").to_frame()

# %% [markdown]
# So table B is true, although one of its numbers is 1.6: among so many, chance makes a few large. Tables A and
# D take a few lines each:

# %%
chance = np.random.default_rng(seed)
like_a = train.frame.assign(chance=chance.random(len(train.frame)))
like_a = like_a.sort_values(["PatientID", "chance"]).drop(columns="chance")
like_a["Timestep"] = train.frame["Timestep"].to_numpy()
like_d = train.frame.copy()
for name in like_d.columns.drop(["PatientID", "Timestep"]):
    like_d[name] = like_d[name].array[chance.permutation(len(like_d))]

# %%
question("08.copy_or_fresh")

# %%
kept = train.frame.columns.drop("PatientID").tolist()
rows_of = [one.frame[kept].sort_values(kept, ignore_index=True) for one in (train, tables["E"])]
print("train and table E hold the same rows:", rows_of[0].equals(rows_of[1]))

# %% [markdown]
# **What to see.** Beside its originals table E is perfect, and beside others it is as good as a fresh draw. No
# metric of fidelity can object, because a copy *is* faithful. It is also the worst that one could publish.
# Chapter 14 is about this.

# %% tags=["claims"]
if as_described:
    moving = ["autocorrelation at lag 1, difference", "time between changes, KS"]
    assert suspicious.loc[moving, "A"].all()
    assert suspicious.loc[heard[1], "C"]
    assert suspicious.loc[heard, "D"].all() and suspicious.loc[heard[1], "A"]
assert rows_of[0].equals(rows_of[1])
sex_changes = {}
for name, rows in {"A": like_a, "D": like_d}.items():
    assert ks(rows["VL"], train.frame["VL"]) == 0
    sex_changes[name] = (
        (rows["Gender"] != rows["Gender"].shift()) & rows["Timestep"].gt(0)
    ).mean()
assert sex_changes["A"] == 0 and sex_changes["D"] > 0.2
if as_described and full_size:
    assert not suspicious[["B", "E"]].any(axis=None)
    fooled = suspicious.columns[~suspicious.loc["mean by month"]]
    assert list(fooled) == ["B", "C", "E"]
    single = ["KS", "total variation", "combinations covered", "KS by step"]
    assert not suspicious.loc[[*single, static, heard[0]], "A"].any()
    assert suspicious.index[~suspicious["C"]].tolist() == ["mean by month", heard[0]]
    assert suspicious.index[~suspicious["D"]].tolist() == single
    assert round(times["B"].max(), 1) == 1.6 and "lag 1," in times["B"].idxmax()

# %% [markdown]
# ## 7 · How small a difference can we see?
#
# Two groups of true people are never equal. So a distance needs an **interval**: we draw patients again and again
# from both tables, each time with replacement, and look how much the number varies (the **bootstrap**).
# We draw *patients*, because the 60 months of a person are not 60 people. A
# test that forgets this has a **p value**, the chance of a gap this large or larger between groups of the same kind:

# %%
p_value = ks_2samp(real.frame["VL"], fresh.frame["VL"]).pvalue
print(f"KS test of {len(real.frame):,} rows against a fresh draw: p = {p_value:.0e}")

# %% [markdown]
# **What to see.** The test takes each row for a person, so it is sure that two groups of the same kind differ.
#
# How many patients does one need? Suppose that a table has one fault: its CD4 counts are 10 % too
# high. We compare groups of true people 40 times with each other, and 40 times with such a table, in month 12.

# %%
at_12 = art.frame.loc[art.frame["Timestep"] == 12, "CD4"].to_numpy()
rng = np.random.default_rng(0)
sizes = [n for n in (100, 200, 500, 1000, 2000) if 2 * n <= len(at_12)]
drawn = {}
for n in sizes:
    pairs = [np.split(rng.permutation(at_12)[: 2 * n], 2) for _ in range(40)]
    drawn[n] = [(ks(one, other), ks(one, 1.1 * other)) for one, other in pairs]


# %%
def both_kinds(n, ax):
    """Histograms of KS with n patients in each table."""
    true, false = np.transpose(drawn[n])
    look = {"bins": np.arange(0, 0.31, 0.015), "histtype": "step", "lw": 2}
    ax.hist(true, ls="-", label="fresh draw", **look)
    ax.hist(false, ls="--", label="CD4 10 % too high", **look)
    ax.set(xlabel="KS of CD4", ylabel="Comparisons (of 40)")
    ax.legend(loc="upper right", fontsize=8)


# %% alt="Histograms of the KS distance in 40 comparisons each, of fresh draws and of tables whose CD4 counts are 10 % too high. With 100 patients the two overlap nearly completely, with 500 in part, with 2,000 they are apart."
hg.plots.slider(both_kinds, sizes, "Patients", shown=[sizes[0], sizes[2], sizes[-1]])

# %% [markdown]
# **What to see.** With 100 patients, the KS distances of true people and of the false table overlap: often nobody
# could tell them apart. With 500 they still overlap in part. With 2,000 they are apart. Before you say "no difference
# was found", ask which difference *could* have been found.

# %%
question("08.no_difference")

# %% tags=["claims"]
assert p_value < 1e-5 or not (as_described and full_size)
limits = {n: np.quantile([pair[0] for pair in drawn[n]], 0.95) for n in sizes}
power = {n: np.mean([pair[1] > limits[n] for pair in drawn[n]]) for n in sizes}
assert power[100] < 0.5 and power[sizes[-1]] > 0.7
assert not as_described or (power[2000] == 1 and 0.3 < power[500] < 0.95)

# %% [markdown]
# A number also needs its best and its worst. The **ceiling** is what two fresh draws score: no generator can be
# asked for more. The **floor** is what the real columns score if each is put into an order of its own, as in
# table D: this takes no skill at all. For table A:

# %%
whole = hg.evaluation.fidelity(
    real, tables["A"], judges=(), replicates=budget(50, quick=20), seed=1
)
in_words = {
    "KS": "KS of VL, all months",
    "KS by step": "KS of VL, month by month",
    "autocorrelation at lag 1, difference": "memory of one month, difference",
}
of_vl = whole[whole["variable"] == "VL"].set_index("metric").loc[list(in_words)]
of_vl.rename(in_words)[["value", "lower", "upper", "ideal", "ceiling", "floor"]].round(2)

# %% [markdown]
# **What to see.** The memory of table A is off by −0.29 (95 % interval −0.33 to −0.25), and two fresh draws differ
# by 0.02: this is no chance. By KS month by month it is 0.09 away (0.08 to 0.11), little more than the 0.07 of two
# fresh draws, and by KS of all months it is even nearer than they are. Next, all metrics:

# %%
hg.plots.fidelity_plot(whole, "Table A between the best and the worst")
plt.show()

# %% [markdown]
# **What to see.** For each metric, the filled circle shows how far table A is from a perfect copy, the diamond
# two fresh draws, and the square columns put apart. In single columns (`KS`, `total variation`) the squares
# even stand at 0, because the columns hold the same values. Such a metric rewards nonsense. Further down, in
# memory and changes, table A moves away from the diamonds.
#
# Now we can answer the five makers. The quality score of the package SDMetrics, which many use, averages
# marginals and pairs of columns. For this course it was measured on 2,000 patients. A fresh draw scored 0.986,
# and columns that were put apart, as in table D, still scored 0.879. So 0.95 lies between nonsense and truth,
# and says little.

# %%
question("08.score_95")

# %% tags=["claims"]
away = whole.set_index("metric")[["value", "ceiling", "floor"]].sub(
    whole.set_index("metric")["ideal"], axis=0
)
away = away.abs().groupby(level=0).mean()
assert away.loc[["KS", "total variation"], "floor"].max() < 1e-9
assert (
    away.loc["changes per step, ratio", "value"]
    > 10 * away.loc["changes per step, ratio", "ceiling"]
)
if as_described and full_size:
    assert of_vl[["value", "lower", "upper", "ceiling"]].round(2).iloc[
        1:
    ].to_numpy().tolist() == [
        [0.09, 0.08, 0.11, 0.07],
        [-0.29, -0.33, -0.25, 0.02],
    ]

# %% [markdown]
# ## 8 · What did the published tables lose?
#
# Health Gym's published tables were made by a **GAN**, two networks that compete (chapter 10). The real records
# stay closed, but figures of both were published, and these numbers were read from them. First the shares of
# labels in the HIV table:

# %%
wanted = {
    "Gender": ["Female"],
    "Ethnic": ["Caucasian", "Asian"],
    "Base Drug Combo": ["FTC + TAF"],
    "Extra PI": ["LPV"],
    "Comp. NNRTI": ["NVP"],
}

# %%
rows_of = {row["quantity"]: row for row in hg.calibration.load_targets("art_hiv")["rows"]}
both_of = {name: {"real": row["target"], "released": row["released"]}
           for name, row in rows_of.items() if name in wanted}  # fmt: skip
shares = {name: pd.DataFrame(two) for name, two in both_of.items()}
lost = 100 * pd.concat({name: shares[name].loc[labels] for name, labels in wanted.items()})
lost.round(1)

# %% [markdown]
# **What to see.** In 100 rows of the real table 22 belong to women, and in the released one 14. Asian people
# have become half as frequent, the base FTC + TAF a third, and the drug LPV (lopinavir) has nearly disappeared.
# Other labels, such as NVP, are as they were.
#
# Numbers became narrower, too. The **interquartile range** (IQR) is the width of the middle half of the values.
# We divide that of the released sepsis table by that of the real one.


# %%
def published(condition):
    """What is known of the real patients, and of the released ones."""
    table = hg.calibration.calibration_table(condition, n_patients=200)  # simulates, too
    table = table.set_index("quantity")
    return table[["target", "released"]].rename(columns={"target": "real"})


# %% tags=["drawing"] alt="Dots for 27 columns of the sepsis table: the interquartile range in the released table divided by that of the real one. The line at 1 means as wide as the real one. Most dots lie left of it, down to 0.55 for urea nitrogen; a few lie right of it, up to 1.4."
facts = published("sepsis")
widths = facts.loc[facts.index.str.endswith(": IQR / real IQR"), "released"].astype(float)
widths.index = widths.index.str.removesuffix(": IQR / real IQR")
widths = widths.sort_values(ascending=False)
fig, ax = plt.subplots(figsize=(6.6, 5.2))
ax.hlines(range(len(widths)), 1, widths, color="0.6", lw=1.4)
ax.plot(widths, range(len(widths)), "o", ms=5)
ax.axvline(1, color="black", lw=1)
ax.text(1.01, len(widths) - 0.6, "as wide as the real one", fontsize=9)
ax.set(xlabel="Width of the middle half (IQR), released / real", ylim=(-0.8, len(widths) + 0.2))
schema = hg.load_cohort("sepsis", n_patients=50).schema
ax.set_yticks(range(len(widths)), [schema[name].short for name in widths.index], fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** In 21 of 27 columns the released table is narrower, in eight by a third or more. Values were
# drawn to the middle. The sickest stand at the edges:

# %%
edges = {
    "MAP: share below 65": "mean pressure below 65 mmHg",
    "systolic_bp: share below 90": "systolic pressure below 90 mmHg",
    "urine: share below 30": "urine below 30 mL in an hour",
    "serum_creatinine: share below 4": "creatinine below 4 mg/dL",
}
at_edges = published("hypotension").loc[list(edges)].astype(float)
at_edges.rename(edges)

# %% [markdown]
# **What to see.** In the table of hypotension, 14 in 100 real hours have little urine, and 4 in the released one. A
# creatinine of 4 mg/dL or more, a sign of failing kidneys, fell from 6 in 100 hours to 1 in 1,000. But a low
# mean pressure is *more* frequent. Look at the edges of a table before you count rare events in it.

# %% tags=["claims"]
label = lost.droplevel(0)
assert label.loc["Female"].round().tolist() == [22, 14]
times_less = label["released"] / label["real"]
assert 0.4 < times_less["Asian"] < 0.6 and 0.25 < times_less["FTC + TAF"] < 0.4
assert label.loc["LPV", "released"] < 0.3 and abs(times_less["NVP"] - 1) < 0.05
assert len(widths) == 27 and (widths < 1).sum() == 21 and widths.idxmin() == "BUN"
assert (widths <= 2 / 3).sum() == 8
assert at_edges.loc["urine: share below 30"].round(2).tolist() == [0.14, 0.04]
assert at_edges.loc["MAP: share below 65"].round(2).tolist() == [0.4, 0.48]
high = 1 - at_edges.loc["serum_creatinine: share below 4"]
assert 0.055 < high["real"] < 0.065 and round(high["released"], 3) == 0.001

# %% [markdown]
# ## 9 · Your own judge
#
# **Exercise 5 (open, 30 minutes).** Write a judge. It is given a real and another table, as frames, and returns
# *one number*, larger where they differ more. The check makes ten tables of people whom nobody has met: four fresh
# draws and six impostors, four of which you have not seen. Every impostor must get a larger number than every
# fresh draw. (There is no copy among them. You know why.)


# %%
def judge(real, other):
    """real, other: tables of as many patients, columns as in art.frame, PatientID without meaning.
    Return one number: larger where the two differ more."""

    # BEGIN SOLUTION
    #| return ____
    def summaries(frame):
        """One row a patient: levels, changes, and what goes with what."""
        numbers = np.log(frame[["VL", "CD4", "Rel CD4"]] + 0.01) - [3, 6, 3]  # around 0
        labels = pd.get_dummies(
            frame.drop(columns=[*numbers, "PatientID", "Timestep"]), dtype=float
        )
        columns, patient = numbers.join(labels.astype(float)), frame["PatientID"]
        by = columns.groupby(patient)
        moved = (
            columns.diff().abs().where(patient.eq(patient.shift())).groupby(patient).mean()
        )
        products = columns.mul(numbers["VL"], axis=0).groupby(patient).mean()
        return pd.concat(
            [by.mean(), by.std(), by.first(), by.last(), moved, products], axis=1
        )

    one, two = summaries(real).to_numpy(), summaries(other).to_numpy()
    spread = np.sqrt(one.var(axis=0) + two.var(axis=0)) + 1e-9
    return np.abs((one.mean(axis=0) - two.mean(axis=0)) / spread).max()
    # END SOLUTION


check("08.judge", judge)

# %% [markdown]
# ## Key points
#
# - A metric sees what it looks at. Single columns cannot see relations, and single rows cannot see time.
# - Two straight lines always correlate by −1 or +1: a mean of such numbers counts signs, not how steep they are.
# - Judge patients, and split patients. Split by rows, even true people look false.
# - Put each number between its ceiling and its floor, with an interval, and say which difference you could have
#   found.
# - A copy passes everything here. Fidelity is not privacy.
#
# **For a seminar.** (a) A paper shows that all marginals agree, and that an AUROC is 0.52. What do you ask?
# (b) Which people would you count first in a released table, and why? (c) Make an impostor that fools your own judge.
#
# **References.**
# Kuo et al., Scientific Data 2022,
# [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7).
# Lopez-Paz and Oquab, *Revisiting classifier two-sample tests*, 2017,
# [arXiv:1610.06545](https://arxiv.org/abs/1610.06545).
# The released HIV table, [doi:10.6084/m9.figshare.22827878](https://doi.org/10.6084/m9.figshare.22827878).
