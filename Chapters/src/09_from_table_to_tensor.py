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
# # 09 · From table to tensor
#
# **Aim.** You learn to turn records into numbers that a network can read, and back again, and to notice what
# is lost or given away on the way.
#
# **Time.** 60 minutes to read, 80 to exercise. **You need** chapters 00, 01 and 08; chapter 03 helps.
#
# **After this chapter you can**
#
# 1. *encode* labels and measurements as numbers, and *decode* them again;
# 2. *measure* what a small error of a network does to a patient, and *choose* a scale;
# 3. *find* what leaks when something is learned from everybody, or comes from the future;
# 4. *use* a mask;
# 5. *write* a scaler that survives a round trip.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/09_from_table_to_tensor.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/09_from_table_to_tensor.ipynb)

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
from dataclasses import replace
from healthgym_edu.checks import ____, budget, check, hint, question, solution
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

hg.plots.set_style()

# %% [markdown]
# > **About these data.** These are the simulated people with HIV of chapter 01 and the simulated patients with low
# > blood pressure of chapter 03. **Nothing here treats anyone.** If you have Health Gym's HIV file, put its path
# > into `source`; then, or with another `seed`, some sentences below no longer hold.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
art = hg.load_cohort("art_hiv", source=source, seed=seed)
as_described = art.source == "teaching" and art.seed == 0  # the people this text speaks of
full_size = budget(True, quick=False)
art = art.subset(art.patients.index[: budget(len(art), quick=2000)])
train, held = art.split(0.5, seed=0)  # to learn from, and people who are held back
icu = hg.load_cohort("hypotension")
print(f"{len(train):,} people to learn from, {len(held):,} held back · {len(icu):,} in intensive care")

# %% [markdown]
# ## 1 · One person as numbers
#
# A hospital wants a model to learn from its records: first to predict, later to invent patients (chapters 10 to 13).
# The model is a **neural network**. It only adds and multiplies. So every word of a record must become a number first,
# and the numbers that the network makes must become a record again. The hospital asks: **what does a machine lose when
# it reads a record?**
#
# Here is one month of one person, in words, and as the published file writes it.

# %%
first = art.frame.iloc[[0]]
pd.DataFrame({"in words": first.iloc[0], "in the file": art.schema.encode(first).iloc[0]}).head(9)

# %% [markdown]
# **What to see.** The file has a number, a *code*, for each label. For the ethnic group these are Asian 1,
# African 2, Caucasian 3 and Other 4. They are only names. But a network calculates with them.

# %%
question("09.mean_of_codes")

# %% [markdown]
# So each label gets a column of its own, with a 1 where it holds and 0 elsewhere. This is called **one-hot**. Now
# any two labels are equally far apart, and a network that is unsure can say so: 0.5 for Asian and 0.5 for Caucasian.
# Here are four people.

# %%
pd.get_dummies(art.frame["Ethnic"].iloc[:240:60], dtype=int)

# %% tags=["claims"]
ethnic = art.schema["Ethnic"]
assert list(ethnic.labels) == ["Asian", "African", "Caucasian", "Other"]
assert list(ethnic.codes) == [1, 2, 3, 4]
assert pd.get_dummies(art.frame["Ethnic"]).sum(axis=1).eq(1).all()

# %% [markdown]
# ## 2 · Five columns, one regimen
#
# The drugs stand in five columns, with 6, 4, 4, 6 and 2 labels. That makes 6 · 4 · 4 · 6 · 2 = 1,152 combinations.
# How many of them do people take? And what happens if a model treats the columns as five separate questions?
# To find out, we shuffle each column on its own.

# %%
question("09.columns_apart")

# %%
drugs = [variable.name for variable in art.schema if variable.measured_by == "Drug (M)"]
known = train.frame[drugs].drop_duplicates()  # the regimens of those to learn from


def unknown(frame):
    """Whether nobody in `train` ever had the regimen of a row."""
    return frame[drugs].merge(known, how="left", indicator=True)["_merge"].eq("left_only").to_numpy()


rng = np.random.default_rng(0)
apart = pd.DataFrame({name: rng.permutation(train.frame[name]) for name in drugs})
apart = apart.astype(train.frame[drugs].dtypes)
print(f"{len(known)} regimens occur; after shuffling, {unknown(apart).mean():.0%} of the rows have none of them")
apart[unknown(apart)].value_counts(normalize=True).head(2).round(2)

# %% [markdown]
# **What to see.** People take 140 of the 1,152 combinations. After shuffling, 63 in 100 rows hold a regimen that
# nobody in `train` had. The most common of these are two drugs without a third one, which would not hold the virus
# down. Each column looks right, and the patient is wrong.
#
# So the five columns become *one* label with 140 levels. A **codec** makes such decisions once, on training
# patients. Its `encode` turns a cohort into arrays, and its `decode` turns arrays into a cohort.

# %%
codec = hg.generators.fit_codec(train)
arrays = codec.encode(train)
regimen, levels = codec.columns[0], arrays.levels[:, :, 0]  # one level for each person and month
print(len(regimen), "levels · the most common one:", regimen.levels[0])

# %% [markdown]
# **Exercise 1 (tweak).** For a regimen that was never learned, the codec writes the most similar one that it knows.
# How many *people* in `held` have at least one month with a regimen that nobody in `train` had?

# %%
# BEGIN SOLUTION
#| # start from unknown(held.frame): it says True or False for each row
#| people_changed = ____
people_changed = held.frame.loc[unknown(held.frame), "PatientID"].nunique()
# END SOLUTION
check("09.people_changed", people_changed, train=train, held=held)

# %% [markdown]
# One-hot now needs 140 columns, and any two regimens are equally different. An **embedding** gives each level a few
# numbers that are *learned*. A network learns them together with everything else. Here we do it more simply. First we
# count, for each pair of regimens, the people who had both. Then we divide by the count that chance would give. Last,
# `svd` finds the few numbers for each regimen from which this table of pairs can best be rebuilt. Regimens that
# occur with the same others come to lie near each other.

# %%
had = np.zeros((len(train), len(regimen)))  # who ever had which
for month in range(levels.shape[1]):
    had[np.arange(len(train)), levels[:, month]] = 1
both = had.T @ had  # people who had this one and that one
np.fill_diagonal(both, 0)
by_chance = np.outer(both.sum(axis=0), both.sum(axis=0)) / both.sum()
left, size, _ = np.linalg.svd(np.log1p(both / np.maximum(by_chance, 1)))
embedding = left[:, 1:3] * size[1:3]  # the first column says mainly how common each one is
embedding *= np.sign(embedding[0]) * [1, -1]  # the signs are free

# %% tags=["drawing"] alt="Marks in a plane, one for each of the 16 most common regimens. Those with the base 3TC + ABC stand on the left, those with FTC + TDF on the right. The newer drugs, FTC + TAF, EVG and DTG, stand further up, older ones such as EFV, LPV and RAL further down."
looks = hg.plots.style_for(["FTC + TDF", "3TC + ABC", "FTC + TAF", "another base"])
fig, ax = plt.subplots(figsize=(7.4, 4.4))
for name, look in looks.items():
    of_base = [k for k in range(16)
               if (base := regimen.levels[k][0]) == name
               or (name == "another base" and base not in looks)]
    ax.plot(*embedding[of_base].T, look.marker, color=look.line, ls="", label=name)
    for k in of_base:
        third = " + ".join(x for x in regimen.levels[k][1:] if x not in ("Not Applied", False, True))
        right, up = (embedding[:16] - embedding[k]).T
        crowded = ((right > 0) & (right < 0.46) & (up > -0.2) & (up < 0.5)).any()  # another mark is where it goes
        place = {"ha": "right", "xytext": (-6, 3)} if crowded else {"xytext": (5, 4)}
        ax.annotate(third, embedding[k], textcoords="offset points", fontsize=8,
                    color=look.text, **place)
ax.set(xlabel="First number of the embedding", ylabel="Second number of the embedding")
ax.margins(0.08, 0.1)
ax.legend(title="Base", loc="center left", bbox_to_anchor=(1.0, 0.5))
plt.show()

# %% [markdown]
# **What to see.** Each mark is one of the 16 most common regimens. Its shape shows the base, and its label the drug
# that is added. The base 3TC + ABC stands on the left and FTC + TDF on the right. Newer regimens, such as those with
# FTC + TAF or DTG, stand further up. Yet the table of pairs held no names of drugs and no dates.

# %% tags=["claims"]
common = np.array([level[0] for level in regimen.levels[:16]])
assert 0.55 < unknown(apart).mean() < 0.7 and len(known) == len(regimen)
if as_described and full_size:
    assert len(known) == 140 and round(unknown(apart).mean(), 2) == 0.63
    assert apart[unknown(apart)].value_counts().index[0][1:4] == ("Not Applied",) * 3
    assert (embedding[:16][common == "3TC + ABC", 0] < 0).all()
    assert (embedding[:16][common == "FTC + TDF", 0] > 0).all()
    year = train.patients["Entry year"].to_numpy()[:, None] + np.arange(60) / 12
    when = [year[levels == k].mean() for k in range(16)]
    assert np.corrcoef(when, embedding[:16, 1])[0, 1] > 0.8

# %% [markdown]
# ## 3 · A scale for the viral load
#
# A network learns best from numbers around 0, a few units wide. The common recipe is to subtract the mean and to
# divide by the standard deviation. But viral loads have a median of 31 copies/mL and a mean of 22,000. So we compare
# three **scales** of the package. Each is fitted once, on `train`. Its `forward` turns values into numbers, and its
# `back` turns numbers into values.

# %%
viral_load = train.frame["VL"].to_numpy()
limits = {"low": 0, "high": 10_000_000, "decimals": 2}  # what the schema allows
scales = {
    "mean and spread": hg.generators.fit_scale(viral_load, **limits, kind="identity"),
    "logarithms": hg.generators.fit_scale(viral_load, **limits, kind="log"),
    "ranks": hg.generators.fit_scale(viral_load, **limits, normal=True),
}
people = pd.Index([20, 200, 20_000, 2_000_000], name="copies/mL")
pd.DataFrame({name: scale.forward(people).round(3) for name, scale in scales.items()}, people)

# %% [markdown]
# With mean and spread, 20 and 200 copies become almost the same number. The second scale takes logarithms first:
# `(log(x) - m) / s`, and back by `exp(z * s + m)`. The third uses ranks. It asks which share of the training values
# lies below, and gives the **normal score**: the point of a bell-shaped curve that has the same share below it.
#
# No network is exact. Suppose that it errs by a few hundredths of a standard deviation. We add such errors to the
# numbers of people who were held back, and go back to copies/mL. Then we ask of each month: is the person still on
# the same side of 50?

# %%
question("09.error_of_a_tenth")

# %%
some = held.frame["VL"].to_numpy()[:: budget(10, quick=5)]
errors = np.array([0.003, 0.01, 0.03, 0.1, 0.3])
chance = np.random.default_rng(1).standard_normal(len(some))
turned = pd.DataFrame(index=pd.Index(errors, name="error"))  # share of months that change sides
for name, scale in scales.items():
    wrong = [scale.back(scale.forward(some) + error * chance) for error in errors]
    turned[name] = [((one < 50) != (some < 50)).mean() for one in wrong]
turned.map("{:.1%}".format)

# %% tags=["drawing"] alt="Left: histograms of the scaled viral loads. By mean and spread nearly all values stand in one tall bar just below zero; logarithms spread them from minus 2 to 4, and ranks make a bell. Right: the share of months that change sides of 50 copies/mL, by the size of the error. By mean and spread it lies between 36 and 44 %, whatever the error; by logarithms and ranks it rises from nearly 0 to about 10 %."
fig, (left_ax, ax) = plt.subplots(1, 2, figsize=(8.6, 3.2))
for (name, scale), look in zip(scales.items(), hg.plots.style_for(list(scales)).values(), strict=True):
    style = {"color": look.line, "ls": look.linestyle, "label": name}
    numbers = np.clip(scale.forward(some), -3.2, 4.2)
    left_ax.hist(numbers, np.arange(-3.25, 4.3, 0.25), histtype="step", lw=1.6, **style,
                 weights=np.full(len(some), 1 / len(some)))
    ax.plot(errors, turned[name], marker=look.marker, **style)
left_ax.set(xlabel="Scaled viral load (standard deviations)", ylabel="Share of months")
ax.set(xscale="log", xlabel="Error of the network (standard deviations)")
ax.set_ylabel("Share of months on\nthe wrong side of 50")
ax.set_xticks(errors, [f"{error:g}" for error in errors])
ax.minorticks_off()
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# **What to see.** On the left, mean and spread put nearly all months into one bar (all beyond 4 stand in the last bar).
# Logarithms and ranks spread them out. On the right, with an error of only 0.01, mean and spread put 39 in 100 months
# on the wrong side of 50. With logarithms, even an error of 0.1 puts only 4 in 100
# there, because an error on a logarithm is a *factor*. Here it multiplies or divides a value by 1.3, at 20 copies as
# well as at 200,000.
#
# `back` also rounds to the decimals of the column, and it **clips**: what is below `low` or above `high` becomes `low`
# or `high`. But a true value beyond these ends does not survive the trip.

# %% tags=["claims"]
assert turned.loc[0.01, "mean and spread"] > 0.3 and turned.loc[0.1, "logarithms"] < 0.08
assert (turned["mean and spread"] > 4 * turned[["logarithms", "ranks"]].max(axis=1)).loc[:0.1].all()
assert scales["logarithms"].back(20) == 10_000_000
if as_described and full_size:
    assert round(viral_load.mean(), -3) == 22_000 and round(np.median(viral_load)) == 31
    found = turned.round(2)
    assert found.loc[0.01, "mean and spread"] == 0.39 and found.loc[0.1, "logarithms"] == 0.04
    assert round(np.exp(0.1 * scales["logarithms"].spread), 1) == 1.3

# %% [markdown]
# ## 4 · Learned from everybody
#
# A scale and an embedding are *learned*. If they learn from all people, those who are held back have taken part.
# Let us try this with an outcome that nobody can predict: a coin. We take 400 people, and give each
# regimen one number: the share of heads among those who had it in month 24. This is called **target encoding**. We
# judge the number in the second 200 people by its AUROC (chapter 08), which is 0.5 where nothing can be predicted.

# %%
question("09.coin_of_everybody")

# %%
month_24 = art.frame[art.frame["Timestep"] == 24].set_index("PatientID").iloc[:400]
level = month_24.groupby(drugs, observed=True).ngroup()  # the regimen, as a number
learn, test = level.index[:200], level.index[200:]
aurocs = []
for toss in range(50):
    heads = pd.Series(np.random.default_rng(toss).random(400) < 0.3, level.index)
    number_of = heads.groupby(level).mean()  # learned from all 400
    aurocs.append(roc_auc_score(heads[test], level[test].map(number_of)))
print(f"{level.nunique()} regimens · mean AUROC for a coin: {np.mean(aurocs):.2f}")

# %% [markdown]
# **What to see.** The numbers seem to predict a coin, with an AUROC of 0.64. The number of a rare regimen is made
# of the tosses of few people, and we judge it on the same people. This is **leakage**: what is to be predicted has
# taken part in the preparation.
#
# **Exercise 2 (fill in).** Learn the numbers from `learn` alone. A regimen that nobody there had gets the mean of
# `learn`. Return the AUROC in `test`.


# %%
def honest_auroc(level, outcome, learn, test):
    """level, outcome: Series by PatientID; learn, test: who is learned from, who is judged."""
    # BEGIN SOLUTION
    #| return ____
    number_of = outcome[learn].groupby(level[learn]).mean()
    score = level[test].map(number_of).fillna(outcome[learn].mean())
    return roc_auc_score(outcome[test], score)
    # END SOLUTION


check("09.honest_auroc", honest_auroc)

# %% [markdown]
# The mean of thousands of people hardly changes if some are held back. But other scales remember *one* person. Many
# papers scale from 0, the lowest value, to 1, the highest. Let us do so by hand.

# %%
low, high = viral_load.min(), viral_load.max()  # the scale: (x - low) / (high - low)
print(f"by hand, it ends at {high:,.2f}; the logarithms of the package at {scales['logarithms'].high:,.0f}")
train.frame.loc[train.frame["VL"] == high, ["PatientID", "Timestep", "VL"]]

# %% [markdown]
# **What to see.** The scale by hand ends at one month of one person, and this number is stored with the model. Whoever
# knows this result from a laboratory can tell that this person was among those learned from. Rounding up to 7,600,000
# would not hide it: without this person it would be 6,300,000. The scale of logarithms ends at the limit of the
# schema either way. The scale of ranks stores quantiles, with more than 250 months above the highest, so it says little
# about one person. But the codec also stores its regimens, and 16 of the 140 were taken by one person only.
#
# So there are two rules. Fit on training patients only, to protect your *judgement*. And before you publish
# a model, look at what is stored with it, to protect the *training patients* (chapter 14).

# %% tags=["claims"]
everybody = hg.generators.fit_scale(art.frame["VL"].to_numpy(), **limits, kind="log")
assert abs(everybody.centre - scales["logarithms"].centre) < 0.1 * everybody.spread
assert abs(everybody.spread / scales["logarithms"].spread - 1) < 0.1
assert np.mean(aurocs) > 0.58
takers = train.frame.groupby(drugs, observed=True)["PatientID"].nunique()
if as_described and full_size:
    assert round(np.mean(aurocs), 2) == 0.64 and level.nunique() == 31
    assert len(takers) == 140 and takers.eq(1).sum() == 16
    with_high = train.frame["PatientID"] == train.frame.loc[train.frame["VL"].idxmax(), "PatientID"]
    without = viral_load[~with_high]
    assert (viral_load == high).sum() == 1
    assert [np.ceil(one / 1e5) for one in (high, without.max())] == [76, 63]
    ends = [hg.generators.fit_scale(one, **limits, kind="log").high for one in (viral_load, without)]
    assert ends == [10_000_000, 10_000_000]
    highest = scales["ranks"].back(3.1)  # the outermost quantile stands here
    assert 250 < (viral_load > highest).sum() < 270

# %% [markdown]
# ## 5 · Patients × steps × columns
#
# A **tensor** is a block of numbers. Here it has one page for each patient, one row for each hour, and one column for
# each measurement. All pages must have the same size. But in intensive care the rows of a patient end with death.
# So `padded()` repeats the last row until hour 47. Such filling up is called **padding**. It also returns a
# **mask**, which is True where a row was truly there.

# %%
padded, present = icu.padded()
measured = [name for name in icu.schema.numeric if name not in icu.schema.static]
tensor = padded[measured].to_numpy().reshape(*present.shape, len(measured))
died = icu.patients["Died"].to_numpy()
pressure = tensor[:, :, measured.index("MAP")]  # mean arterial pressure, patients × hours
print("patients × hours × columns:", tensor.shape)
print(f"true rows: {present.mean():.0%}, of those who died {present[died].mean():.0%}")

# %%
question("09.padded_mean")

# %% tags=["drawing"] alt="Left: the mean arterial pressure of 40 patients as rows of coloured cells over 48 hours. In the upper half, patients who died, rows end early and the rest is white. Right: the mean by hour of all patients. With the mask it rises from 65 to 69 mmHg; with repeated rows it ends lower, at 68.6, and with zeros it falls to 64."
shown = np.concatenate([np.flatnonzero(died)[:20], np.flatnonzero(~died)[:20]])
shown = shown[np.argsort(present[shown].sum(axis=1), kind="stable")]
by_hour = {
    "with the mask": np.nanmean(np.where(present, pressure, np.nan), axis=0),
    "rows repeated": pressure.mean(axis=0),
    "zeros instead": np.where(present, pressure, 0).mean(axis=0),
}
fig, (one, two) = plt.subplots(1, 2, figsize=(8.6, 3.3), width_ratios=[1, 1.1])
seen = one.imshow(np.where(present, pressure, np.nan)[shown], aspect="auto", cmap="cividis", vmin=45, vmax=90)
fig.colorbar(seen, ax=one, label="MAP (mmHg)")
one.set(xlabel="Time (hours)", ylabel="Patients", yticks=[])
one.grid(False)
for (name, line), look in zip(by_hour.items(), hg.plots.style_for(list(by_hour)).values(), strict=True):
    two.plot(line, color=look.line, ls=look.linestyle, label=name)
two.set(xlabel="Time (hours)", ylabel="Mean MAP of all patients (mmHg)")
two.legend(loc="lower left")
plt.show()

# %% [markdown]
# **What to see.** On the left, the rows that turn white belong to patients who died. Nearly half of their cells are only
# filled up. On the right are three means. (The teeth come from treatment, which is decided every four hours.) With the
# mask, the mean of those still alive ends at 69.3 mmHg. With repeated rows, the last pressure of the dead is counted
# again and again, and the mean ends at 68.6. With zeros it seems to fall to 64.2. The tensor does not say which of its
# numbers are true. So the mask goes with it: into each mean, and into each **loss**, the number that a network makes
# small while it learns.
#
# **Exercise 3 (fill in).** Write the mean of each column at each step, over those present. Where the mask is False,
# `values` may hold anything.


# %%
def masked_mean(values, present):
    """values: (patients, steps, columns); present: (patients, steps). Return (steps, columns)."""
    # BEGIN SOLUTION
    #| return ____
    mask = present[:, :, None]
    return np.where(mask, values, 0).sum(axis=0) / mask.sum(axis=0)
    # END SOLUTION


check("09.masked_mean", masked_mean)

# %% tags=["claims"]
last = {name: line[-1] for name, line in by_hour.items()}
assert last["zeros instead"] < last["rows repeated"] < last["with the mask"]
assert np.round(list(last.values()), 1).tolist() == [69.3, 68.6, 64.2]
assert 0.48 < present[died].mean() < 0.55 and present[~died].all()
assert by_hour["zeros instead"][-1] < by_hour["zeros instead"][20]

# %% [markdown]
# ## 6 · The constant that gives a patient away
#
# Now we take only the first row of each patient, hour 0. Lactate was measured in 5 of 100 patients then. But the table
# has no gaps (chapter 03). If a lactate is measured later, its first value is *carried back* to hour 0. If it is never
# measured, the table shows a constant, 1.73 mmol/L.

# %%
question("09.who_shows_the_constant")

# %%
hour_0 = icu.frame[icu.frame["Timepoints"] == 0].set_index("PatientID")
constant = (hour_0["lactic_acid"] == 1.73).rename("shows 1.73 at hour 0")
dies_soon = (icu.patients["Hour of death"] <= 12).fillna(False).astype(bool)
dies_soon.groupby(constant).agg(["mean", "size"]).round(3)

# %% [markdown]
# **What to see.** Of those who show 1.73, 5.3 in 100 die within twelve hours; of the others, 0.9. Did the ward
# overlook them? No. To show another number at hour 0, a patient must be measured at some time, and must *live*
# until then (immortal time, chapter 02). A patient who dies before any lactate keeps the constant. So the cell of
# hour 0 tells the future. Of the patients still present at hour 24, those without a lactate so far die *less* often
# later, because the ward measures the sick.
#
# Will a model use it? We train one on the measurements of hour 0, and judge it twice: on patients who were held back,
# and in the ward, where the future is not yet filled in. For the ward we simulate 20,000 new patients, and show only
# what was known at hour 0.

# %%
icu_train, icu_held = icu.split(0.5, seed=0)
ward = icu.fresh(budget(20_000, quick=4000), seed=9)
icu_codec = hg.generators.fit_codec(icu_train)
never = dict(icu_codec.never)  # what a table shows where nothing was measured


def as_filled(cohort):
    """Hour 0 as the table shows it."""
    return cohort.frame.loc[cohort.frame["Timepoints"] == 0, measured].to_numpy()


def as_known(cohort):
    """Hour 0 as the ward knew it: the constant wherever nothing was measured yet."""
    rows = cohort.frame["Timepoints"] == 0
    return cohort.observed().loc[rows, measured].fillna(never).to_numpy()


# %%
def soon(cohort):
    return (cohort.patients["Hour of death"] <= 12).fillna(False).to_numpy(bool)


def learned(rows):
    """Boosted trees that have learned from rows of the training patients."""
    model = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=6, learning_rate=0.08, random_state=0
    )
    return model.fit(rows, soon(icu_train))


model = learned(as_filled(icu_train))
risk = model.predict_proba(as_filled(icu_held))[:, 1]
claimed = roc_auc_score(soon(icu_held), risk)
in_the_ward = roc_auc_score(soon(ward), model.predict_proba(as_known(ward))[:, 1])

# %%
outcome, drawn = soon(icu_held), np.random.default_rng(0)
again = [drawn.integers(0, len(risk), len(risk)) for _ in range(200)]  # a bootstrap
interval = np.quantile([roc_auc_score(outcome[who], risk[who]) for who in again], [0.025, 0.975])
hg.card(
    "AUROC for death within 12 hours, from the row of hour 0",
    estimate=claimed, interval=tuple(interval), truth=in_the_ward, unit="AUROC", none=0.5,
    cohort=icu,
)  # fmt: skip

# %% [markdown]
# > **Result.** On patients held back, the model reaches an AUROC of 0.87 (95 % interval 0.79 to 0.92). In the ward it
# > reaches 0.66. **Verdict:** the interval misses the truth by far. Holding patients back did not help, because the
# > leak is in the columns.
#
# The table has an honest column, too: a flag that says for each hour whether lactate was measured. So the codec reads a
# value only where its flag is True. Before the first measurement it writes 0. After it, it carries the last value
# forward.

# %%
def as_arrays(cohort):
    """Hour 0 as the codec encodes it: values of numbers, and levels of labels with the flags."""
    encoded = icu_codec.encode(cohort)
    return np.hstack([encoded.values[:, 0], encoded.levels[:, 0]])


honest = learned(as_arrays(icu_train))
honest_scores = {
    name: roc_auc_score(soon(one), honest.predict_proba(as_arrays(one))[:, 1])
    for name, one in {"held back": icu_held, "in the ward": ward}.items()
}
print({name: round(score, 2) for name, score in honest_scores.items()})

# %% [markdown]
# **What to see.** Now both numbers agree. They are low, because little is known at hour 0. (The codec's array `statics`
# holds who died. A model that *invents* patients needs it. A model that predicts must not see it.)
#
# **Exercise 4 (fill in).** Write what is known of one measurement *so far*: in each row the last value that was
# measured, or 0 before the first, and whether there has been one. Rows are sorted by patient and time.


# %%
def known_so_far(frame, name, flag):
    """A table with the index of frame, and two columns: value (0 if unknown) and known."""
    # BEGIN SOLUTION
    #| return ____
    value = frame[name].where(frame[flag]).groupby(frame["PatientID"]).ffill()
    return pd.DataFrame({"value": value.fillna(0), "known": value.notna()})
    # END SOLUTION


check("09.known_so_far", known_so_far)

# %% tags=["claims"]
risks = dies_soon.groupby(constant).mean()
assert [round(100 * risks[one], 1) for one in (True, False)] == [5.3, 0.9]
assert round(hour_0["lactic_acid_m"].mean(), 2) == 0.05
ever = icu.frame.groupby("PatientID")["lactic_acid_m"].any()
assert ever[~constant].all() and ever[constant].mean() < 0.02
at_24 = icu.frame.loc[icu.frame["Timepoints"] == 24, "PatientID"]
by_24 = icu.frame[icu.frame["Timepoints"] < 24].groupby("PatientID")["lactic_acid_m"].any()[at_24]
later = icu.patients["Died"].loc[at_24].groupby(by_24).mean()
assert later[False] < 0.6 * later[True]
assert {"Died", "Steps followed"} < {one.name for one in icu_codec.statics}
assert claimed - in_the_ward > 0.12 and interval[0] > in_the_ward
assert abs(honest_scores["held back"] - honest_scores["in the ward"]) < 0.08
if full_size:
    in_files = roc_auc_score(soon(ward), model.predict_proba(as_filled(ward))[:, 1])
    assert abs(in_files - claimed) < 0.05  # the same patients, once the table is filled
    assert abs(claimed - 0.87) < 0.01 and abs(in_the_ward - 0.66) < 0.01
    assert np.allclose(interval, [0.79, 0.92], atol=0.01)

# %% [markdown]
# ## 7 · There and back
#
# What survives the whole way, in people from whom the codec learned nothing?

# %%
def unlike(cohort, other):
    """The number of rows in which each column changed."""
    pairs = {v.name: (cohort.frame[v.name], other.frame[v.name]) for v in cohort.schema}
    return pd.Series({name: (one != two).sum() for name, (one, two) in pairs.items()})


changed = {}
for name, one, its_codec in [("HIV", held, codec), ("hypotension", icu_held, icu_codec)]:
    back = its_codec.decode(its_codec.encode(one), "round trip")
    changed[name] = unlike(one, back).drop([one.schema.id, one.schema.step])
changed = pd.concat(changed, names=["table", "column"]).rename("rows changed")
print(f"{(changed == 0).sum()} of {len(changed)} columns are exactly as they were")
print(f"rows: {len(held.frame):,} in HIV, {len(icu_held.frame):,} in hypotension")
changed[changed > 0].to_frame()

# %% [markdown]
# **What to see.** Nearly everything. The arrays hold no carried-back value, but the codec fills the gaps again by the
# rule of the files. Two things are lost: regimens that nobody in `train` had, and values beyond the ends of a scale.
# Here these are four CD4 counts above 2,500 cells/µL, and the ALT (a liver enzyme) of one patient, which comes back as
# 1,200 U/L in place of 1,387. So a codec loses rare people first.
#
# And what if the arrays hold nonsense, as those of a young network do?

# %%
question("09.nonsense")

# %%
shape = arrays.levels.shape
nonsense = replace(arrays, values=rng.normal(size=shape), levels=rng.integers(0, len(regimen), shape))
invented = codec.decode(nonsense, "nonsense")
print("regimens that nobody had:", unknown(invented.frame).sum())
invented.frame[["VL", "CD4", *drugs[:3]]].head(4)

# %% [markdown]
# **What to see.** These are four months of one "person". Each value is possible, and each regimen was taken by somebody.
# But nobody changes drugs each month. A codec keeps *rows* possible. To make *people* plausible is the work of the
# model.
#
# So your answer to the hospital is: *if we prepare the records with care, the machine loses little. It loses the rarest
# regimens, and values far beyond those it has met. If we prepare them carelessly, it cannot tell who is suppressed, it
# learns from rows of patients who have died, and it is praised for knowing the future.*

# %% tags=["claims"]
assert not unknown(invented.frame).any()
assert art.schema.validate(invented.frame) is None
if as_described and full_size:
    assert (changed.drop([*drugs, "ALT", "CD4"], level="column") == 0).all()
    assert changed["HIV", "CD4"] == (held.frame["CD4"] > 2500).sum() == 4
    alt = icu_held.frame["ALT"]
    assert changed["hypotension", "ALT"] == (alt > 1200).sum() == 48
    assert icu_held.frame.loc[alt > 1200, "PatientID"].nunique() == 1 and round(alt.max()) == 1387
    assert back.frame["ALT"].max() == 1200

# %% [markdown]
# ## 8 · Your own scaler
#
# **Exercise 5 (open, 30 minutes).** Write a scaler that survives a round trip. Your function gets one column of
# training values and returns two functions, `forward` and `back`. The check fits it on several columns, and tries it on
# other people. Some columns have zeros, values below zero, another unit, or one single value. It demands that
#
# 1. `back(forward(x))` gives x again, also for values beyond those of training;
# 2. the training values get mean 0 and standard deviation 1, and a value always gets the same number, whatever comes
#    with it;
# 3. an error of 0.1 changes at least three in four values by at most half of themselves, or by at most a fifth of the
#    column's interquartile range.
#
# (The scales of the package fail the first demand, because they clip.)


# %%
def fit_scaler(values):
    """values: array of one column of training people. Return forward and back, for any arrays."""

    # BEGIN SOLUTION
    #| return ____
    small = np.abs(values[values != 0])
    unit = np.quantile(small, 0.1) if len(small) else 1.0  # where the bend begins
    bent = np.arcsinh(values / unit)  # nearly a logarithm, and defined for 0 and below
    centre, spread = bent.mean(), bent.std()
    spread = spread if spread > 1e-9 else 1.0

    def forward(x):
        return (np.arcsinh(np.asarray(x) / unit) - centre) / spread

    def back(numbers):
        return np.sinh(np.asarray(numbers) * spread + centre) * unit

    return forward, back
    # END SOLUTION


check("09.scaler", fit_scaler)

# %% [markdown]
# ## Key points
#
# - Codes are names. Labels become one-hot or embeddings, and columns that belong together become one label.
# - Choose a scale by asking what a small error of the network does to a patient. Logarithms turn it into a factor.
# - Learn scales and embeddings from training patients only, and look at what they store.
# - Padding belongs in no mean and in no loss, so the mask goes with the tensor.
# - A filled constant can tell the future. Give a model the last value known, and its flag.
# - A codec keeps rows possible and loses what is rare.
#
# In chapter 10, two networks learn from such arrays.
#
# **For a seminar.** (a) A paper scales all columns before it splits the patients. Which leak would you look for
# first? (b) Should a codec refuse a regimen that it does not know, instead of changing it?
#
# **References.**
# Kaufman et al., *Leakage in data mining*, 2012, [doi:10.1145/2382577.2382579](https://doi.org/10.1145/2382577.2382579).
# Kuo et al., Scientific Data 2022, [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7).
# Guo and Berkhahn, *Entity embeddings of categorical variables*, 2016,
# [arXiv:1604.06737](https://arxiv.org/abs/1604.06737).
# Lipton, Kale and Wetzel, *Modeling missing data in clinical time series with RNNs*, 2016,
# [arXiv:1606.04130](https://arxiv.org/abs/1606.04130).
