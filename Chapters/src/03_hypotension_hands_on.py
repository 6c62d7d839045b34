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
# # 03 · Hypotension, hands on
#
# **Aim.** You learn to read the gaps in a record: what stands in the table where nobody looked, how
# wrong it is, and what it tells you that nobody looked.
#
# **Time.** 65 minutes to read, 75 to exercise. **You need** pandas as in chapter 01 (`groupby`),
# and the idea of a score that predicts.
#
# **After this chapter you can**
#
# 1. *tell* a measured value from a carried or an invented one;
# 2. *compare* filled values with the truth;
# 3. *predict* from measured flags alone, and *expose* a prediction that only counts rows;
# 4. *separate* what a treatment did from what would have happened anyway;
# 5. *convert* a dose whose printed unit is wrong.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/03_hypotension_hands_on.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/03_hypotension_hands_on.ipynb)

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

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from healthgym_edu.checks import ____, check, expected_figure, hint, question, solution

hg.plots.set_style()

# %% [markdown]
# > **About these data.** The *teaching cohort* holds 3,910 simulated patients in intensive care who
# > have low blood pressure (**hypotension**). Each row is one hour, for two days at most; when a
# > patient dies, the rows end. The simulator follows published figures of real patients (section
# > 8). **No treatment decision may rest on it.** If PhysioNet has given you Health Gym's own file,
# > set `source` to its path.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
icu = hg.load_cohort("hypotension", source=source, seed=seed)
as_described = icu.source == "teaching" and icu.seed == 0  # the patients this text speaks of
print(icu.source, "·", f"{len(icu):,} patients", "·", f"{len(icu.frame):,} hours")

stays = icu  # the patients whose deaths and whose truth are known
if icu.decisions is None:
    print("A file knows no deaths and no truth. Simulated patients stand in where we need them.")
    stays = hg.load_cohort("hypotension")

# %% [markdown]
# ## 1 · A table without gaps
#
# Patient 148 has been in intensive care for 24 hours. The blood pressure is low, but the patient is
# awake. Your colleague has opened the record and says: "The lactate is 1.73, hour after hour. So
# the tissues get enough oxygen?" **Lactate** is an acid that rises in the blood when tissues lack
# oxygen; values below 2 mmol/L are usual. **May you rely on this number?** And what can you learn
# from all that was *not* measured?

# %% alt="Lines and rows of ticks against time, hours 0 to 24, of patient 148. The mean arterial pressure stays between 46 and 63 mmHg, below the goal of 65. The lactate is flat at 1.73 mmol/L. There is one bolus of 500 mL, at hour 20, and no vasopressor. Ticks show urine charted eight times, the Glasgow Coma Scale six times, creatinine measured twice; lactate and inhaled oxygen never."
somebody = 148
day_one = stays.frame[stays.frame["Timepoints"] <= 24]
# a copy without the outcome columns: at hour 24 nobody knows the end
chart = replace(stays, frame=day_one, patients=stays.patients[[]])
lines = {"MAP": (65, "treatment goal"), "lactic_acid": (2, "usual: below")}
hg.plots.patient_timeline(chart, somebody, ["MAP", "lactic_acid"], goals=lines)
plt.show()

# %% [markdown]
# **What to see.** The upper panel shows the **mean arterial pressure** (MAP), the lowest of each
# hour. Treatment aims at 65 mmHg, the dashed line, and this patient never reaches it. At
# hour 20 the patient received a **bolus** of 500 mL: fluid that is given quickly. There
# was no **vasopressor**, a drug that narrows the blood vessels so that the pressure rises. (A real
# ward would have acted earlier. The simulated one is slow here, so that we can see what a record
# hides.)
#
# The **Glasgow Coma Scale** runs from 3, deeply unconscious, to 15, awake; here it is 15. In the
# lowest rows, each tick is one measurement. Urine was charted often, and creatinine, which shows
# how well the kidneys work, twice. But the row "Lactate measured" is empty. **Nobody measured this
# lactate.** The row "Inhaled oxygen charted" is empty as well, so its 0.5 (half of the gas that the
# patient breathes) is filled in too.

# %% tags=["claims"]
patient = day_one[day_one["PatientID"] == somebody]
if as_described:
    assert patient["MAP"].max() < 65 and (patient["GCS_total"] == "15").all()
    assert patient.loc[patient["fluid_boluses"] != "0", "Timepoints"].tolist() == [20]
    assert set(patient["fluid_boluses"]) == {"0", "500"} and set(patient["vasopressors"]) == {"0"}
    assert (patient["lactic_acid"] == 1.73).all() and not patient["lactic_acid_m"].any()
    assert patient["serum_creatinine_m"].sum() == 2 and patient["urine_m"].sum() == 8
    assert patient["GCS_total_m"].sum() == 6 and 46 < patient["MAP"].min() < 47
    assert set(patient["FiO2"]) == {"0.5"} and not patient["FiO2_m"].any()

# %%
question("03.where_does_it_come_from")

# %%
columns = ["MAP", "urine", "urine_m", "lactic_acid", "lactic_acid_m", "PO2", "PO2_m"]
icu.frame[columns].head(4)

# %% [markdown]
# Columns whose names end in `_m` are **measured flags**: True in the hours in which somebody
# measured the value. In all other hours somebody filled the gap, as the makers of the published
# file did:
#
# - the value is **carried forward** from the last measurement;
# - before the first measurement, it is **carried back** from there;
# - without any measurement, it is one number for everybody, the **population median**. For lactate,
#   1.73 comes from the published figures of the real patients.

# %%
sources = ["measured", "carried forward", "carried back", "never measured"]


def origin(frame, flag):
    """Where the value of each row comes from, in one of the four words."""
    by_patient = frame[flag].groupby(frame["PatientID"])
    tests = [frame[flag], by_patient.cumsum() > 0, by_patient.transform("any")]
    return pd.Series(np.select(tests, sources[:3], sources[3]), index=frame.index)


# %% alt="Lying bars, one for each of seven variables, each cut into shares of all hours from 0 to 100 %: measured, carried forward, carried back, never measured. 44 % of the urine values are measured, but only 6 % of the lactates; about a quarter of these are carried back, and another quarter belongs to patients who were never measured."
names = {column.measured_by: column.title for column in icu.schema if column.measured_by}
counted = {flag: origin(icu.frame, flag).value_counts(normalize=True) for flag in names}
shares = pd.DataFrame(counted).reindex(sources).fillna(0).T.rename(index=names)

hg.plots.stacked_shares(shares.sort_values("measured", ascending=False))
plt.show()

# %% [markdown]
# **What to see.** Each bar stands for all hours of one variable. The dark blue part was measured:
# 44 % of the urine values, but only 6 % of the lactates. About a quarter of the lactates (dotted)
# were carried back, so they come from the *future*. Another quarter (grey) belongs to patients who
# were never measured.

# %% tags=["claims"]
if as_described:
    patient_0 = icu.frame[icu.frame["PatientID"] == 0]
    assert patient_0.loc[patient_0["lactic_acid_m"], "Timepoints"].min() == 38
    assert patient_0["lactic_acid"].iloc[0] == 0.82 and not patient_0["lactic_acid_m"].iloc[0]
    assert 0.435 < shares.loc["Urine in 1 hour", "measured"] < 0.445
    assert 0.055 < shares.loc["Lactate", "measured"] < 0.065
    assert 0.22 < shares.loc["Lactate", "carried back"] < 0.26
    assert 0.22 < shares.loc["Lactate", "never measured"] < 0.27
    assert 0.38 < shares.loc["Oxygen in arterial blood", "never measured"] < 0.43
assert shares["measured"].max() < 0.5

# %%
question("03.tomorrows_blood_test")

# %% [markdown]
# If you predict with such a table, you predict with tomorrow's blood tests. `icu.observed()`
# returns only what the ward knew at the time.
#
# **Exercise 1 (tweak).** In what share of *patients* was the lactate never measured?

# %%
# BEGIN SOLUTION
#| never_measured = ____
never_measured = 1 - icu.frame.groupby("PatientID")["lactic_acid_m"].any().mean()
# END SOLUTION
check("03.never_measured", never_measured, icu=icu)

# %% [markdown]
# ## 2 · Who is looked at?
#
# Here are 60 patients, one row each. A blue cell is an hour in which the lactate was measured.

# %% alt="Grid of cells: 60 patients, one row each, by time in hours, 0 to 47. The rows are sorted by how often the lactate was measured: those at the top have many blue cells, those at the bottom none. A few rows turn white before the end, because the patients died. Bars above show that in each hour about 6 % of all patients were measured."
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.measured_heatmap(icu, "lactic_acid_m", n_patients=60, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** In the patients at the top, somebody measured the lactate many times. In those at
# the bottom, nobody ever did. A row that turns white belongs to a patient who died. The bars on top
# show, for each hour, the share of *all* patients whose lactate was measured: about 6 %.
#
# Is this more than chance? Sorted rows would look orderly even if a coin had decided about every
# cell. How many patients would such a coin leave without any lactate?

# %%
lactate_measured = icu.frame["lactic_acid_m"]
hours_present = icu.frame.groupby("PatientID").size()
never_by_coin = ((1 - lactate_measured.mean()) ** hours_present).mean()
print(f"One coin for all would leave {never_by_coin:.0%} of the patients without a lactate.")

# %% tags=["claims"]
if as_described:
    assert icu.patients["Died"].any()  # rows that end
    assert lactate_measured.groupby(icu.frame["Timepoints"]).mean().between(0.046, 0.065).all()

# %% [markdown]
# Your answer to exercise 1 is much larger, so it was no coin. Who gets the attention? We compare
# the hours on a vasopressor with all other hours.

# %% alt="Marks in pairs: seven variables, against the share of hours in which each was measured, from 2 to 100 % on a logarithmic axis; dots without, squares with a vasopressor. For urine and the Glasgow Coma Scale the marks lie together. Lactate and oxygen in arterial blood are measured in 3 to 4 % of the hours without, and in 13 % of the hours with a vasopressor."
words = {True: "on a vasopressor", False: "no vasopressor"}
group = icu.frame["vasopressors"].ne("0").map(words)
rate = icu.frame[list(names)].groupby(group).mean().T.rename(index=names)

rate = rate.sort_values("no vasopressor", ascending=False)
hg.plots.share_by_group(rate, "Share of hours measured")
plt.show()

# %% [markdown]
# **What to see.** For urine and the Glasgow Coma Scale, the two marks lie together or on top of
# each other, because nurses chart both on a schedule, whoever the patient is. Lactate and oxygen in
# arterial blood are measured three to four times as often in hours on a vasopressor. So the ward
# looks at patients who *seem* sick. Measurement is **informative**: the measured hours are not a
# random sample of all hours.

# %% tags=["claims"]
ratio = rate["on a vasopressor"] / rate["no vasopressor"]
if as_described:
    assert ratio[["Oxygen in arterial blood", "Lactate"]].between(3, 4).all()
    assert ratio["Urine in 1 hour"] < 1.2
    assert abs(ratio["Glasgow Coma Scale"] - 1) < 0.05

# %% [markdown]
# **Exercise 2 (plot).** Does it follow the dose? Draw one bar for each vasopressor level: the share
# of its hours in which the oxygen was measured (`PO2_m`). Label both axes. The figure to aim at:

# %% alt="Bars: four vasopressor levels, in mcg/kg per hour, from none to the highest, and for each the share of its hours in which the oxygen in the blood was measured. The bars rise from level to level; read the numbers off your own figure."
expected_figure("03.gas_by_dose", icu=icu)

# %%
# BEGIN SOLUTION
#| # share = icu.frame.groupby("vasopressors", observed=True)…, then fig, ax = plt.subplots(),
#| # then ax.bar(…) and ax.set(xlabel=…, ylabel=…); the answer is ax
#| answer = ____
share = icu.frame.groupby("vasopressors", observed=True)["PO2_m"].mean()
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.bar(share.index.astype(str), share)
ax.set(xlabel="Vasopressor level (lower edge, mcg/kg per hour)", ylabel="Share of hours")
answer = ax
# END SOLUTION
check("03.gas_by_dose", answer, icu=icu)

# %% [markdown]
# ## 3 · What a flag gives away
#
# If sick patients are measured more often, then the flags alone may tell who will die: no pressure,
# no lactate, only *how often somebody looked*. We count how often each flag was set. Then we divide
# the patients into five parts. A logistic regression learns from four parts and gives a score to
# each patient in the fifth. We do this five times. So every score comes from a model that never met
# the patient. The **AUROC** is the chance that a patient who died has a higher score than one who
# lived: 0.5 is a guess, 1 is perfect.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

frame = stays.frame


def count_flags(table, before=48):
    """How often each flag was set before an hour: one row for each patient."""
    return table[table["Timepoints"] < before].groupby("PatientID")[list(names)].sum()


# %%
def auroc(counts):
    """AUROC for death, with scores from models that never met the patient."""
    died = stays.patients["Died"].loc[counts.index]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    score = cross_val_predict(model, counts, died, cv=5, method="predict_proba")[:, 1]
    return roc_auc_score(died, score)


by_flags = auroc(count_flags(frame))
print(f"AUROC of the flags, whole stay: {by_flags:.2f}")

# %% [markdown]
# More than 0.9, from nothing but flags! Let us test this. We replace every flag by the toss of a
# coin. Heads come up as often as the flag is set, for all patients alike, so the coins know nothing
# about anybody.

# %%
question("03.what_do_coins_reach")

# %%
tossed = frame.copy()
chance = np.random.default_rng(1).random((len(frame), len(names)))
tossed[list(names)] = chance < frame[list(names)].mean().to_numpy()
by_coins = auroc(count_flags(tossed))
print(f"AUROC of the coins, whole stay: {by_coins:.2f}")

# %% [markdown]
# The coins are as good as the flags. A single toss says nothing, but the *number*
# of heads tells how many rows a patient has. A patient who dies in hour 10 has only eleven rows, so
# all counts are small, and small counts mean death. This score does not predict death. It reports
# it.
#
# The remedy is the **landmark** of chapter 02: choose an hour, keep the patients who are still
# present, count what came before, and predict only the deaths that come after. The next figure
# compares both ways, at three hours.

# %% tags=["drawing"]
def draw_scores(hour, ax):
    """AUROC of flags and coins counted before an hour, of everybody and of those still present."""
    present = frame.loc[frame["Timepoints"] == hour, "PatientID"]
    looks = {"flags": (frame, "C0", "o", "-"), "coins": (tossed, "C1", "s", "--")}
    for name, (table, color, marker, line) in looks.items():
        counts = count_flags(table, before=hour)
        scores = [auroc(counts), auroc(counts.loc[present])]
        ax.plot([0, 1], scores, color=color, marker=marker, ls=line, ms=7, lw=1.2)
        upper = name == "flags"
        beside = {"textcoords": "offset points", "fontsize": 9, "va": "bottom" if upper else "top"}
        beside["bbox"] = {"fc": "white", "ec": "none", "pad": 0.5}
        ax.annotate(f"{scores[0]:.2f}", (0, scores[0]), (-8, 0), ha="right", **beside)
        ax.annotate(f"{scores[1]:.2f} {name}", (1, scores[1]), (8, 1 if upper else -2), **beside)
    ax.axhline(0.5, color="black", lw=1, ls=":", zorder=1)
    ax.set(xlim=(-0.55, 2), ylim=(0.4, 1), ylabel="AUROC for death (0.5: a guess)")
    ax.set_xticks([0, 1], ["everybody", "still present"])


# %% alt="Lines between two marks, in three panels: 12, 24 and 36 hours counted. Across, everybody or only those still present; up, the AUROC for death, from 0.4 to 1. Among everybody the coins climb from 0.57 to 0.68 and 0.79, close behind the flags. Among those still present the coins stay near 0.5, and the flags reach 0.65 to 0.69."
hg.plots.slider(draw_scores, range(6, 37, 6), label="Hours counted", shown=(12, 24, 36))

# %% [markdown]
# **What to see.** On the left of each panel we count the flags of "everybody", even of patients who
# die while we count. The more hours we count, the higher the coins climb: 0.57, 0.68, 0.79. On the
# right we use only patients who are "still present" when the counting ends. There the coins stay
# near 0.5, and the flags keep 0.65 to 0.69. So flags do predict, but far less than it seemed.

# %% tags=["claims"]
assert min(by_flags, by_coins) > 0.85 and abs(by_flags - by_coins) < 0.04
climb = [auroc(count_flags(tossed, hour)) for hour in (12, 24, 36)]
assert climb[0] < climb[1] < climb[2]
for hour in (12, 24, 36):
    present = frame.loc[frame["Timepoints"] == hour, "PatientID"]
    assert auroc(count_flags(frame, hour).loc[present]) > 0.6
    assert 0.4 < auroc(count_flags(tossed, hour).loc[present]) < 0.6
    if as_described:
        assert 0.645 < auroc(count_flags(frame, hour).loc[present]) < 0.695
        assert 0.47 < auroc(count_flags(tossed, hour).loc[present]) < 0.55
if as_described:
    assert by_flags > 0.9 and np.round(climb, 2).tolist() == [0.57, 0.68, 0.79]

# %% [markdown]
# The same trap hides in a simple table. Do patients without any lactate die more often?

# %%
died = stays.patients["Died"]
ever = count_flags(frame)["lactic_acid_m"] > 0
present = frame.loc[frame["Timepoints"] == 24, "PatientID"]
by_24 = count_flags(frame, before=24).loc[present, "lactic_acid_m"] > 0
deaths = {
    "whole stay": died.groupby(ever).mean(),
    "after hour 24": died.loc[present].groupby(by_24).mean(),
}
by_lactate = pd.DataFrame(deaths, index=[False, True]).T
by_lactate.set_axis(["no lactate", "a lactate"], axis=1).map("{:.1%} died".format)

# %%
question("03.which_row_can_be_used")

# %% tags=["claims"]
assert deaths["whole stay"][False] > deaths["whole stay"][True]
assert deaths["after hour 24"][False] < deaths["after hour 24"][True] - 0.02

# %% [markdown]
# **Exercise 3 (fill in).** A warning needs time to act. So leave a gap: count the lactates that
# were measured *before hour `seen`*, for each patient who is still present *at hour `start`*, some
# hours later.

# %%
def counts_with_gap(frame, seen, start):
    """Lactates measured before hour `seen`, of those present at hour `start`: by PatientID."""
    # BEGIN SOLUTION
    #| return ____
    there = frame["PatientID"][frame["Timepoints"] == start]
    early = frame[frame["Timepoints"] < seen]
    return early.groupby("PatientID")["lactic_acid_m"].sum().loc[there]
    # END SOLUTION


check("03.counts_with_gap", counts_with_gap, icu=icu)

# %% [markdown]
# ## 4 · What the table shows, and what was true
#
# Now we do what no hospital can do: we ask the simulator for the true value of every hour. With
# `carried=False` it returns the same patients and treatments, and fills nothing.

# %% alt="Histograms: oxygen in arterial blood from 0 to about 290 mmHg, and lactate from 0 to nearly 5 mmol/L, against the share of hours. In the table, two hours in five show one and the same oxygen, and one hour in four the same lactate: a tall spike each. The true values form a wide hill without a spike, and few lactates lie above 3."
truth = hg.simulate("hypotension", len(stays), seed=stays.seed, carried=False)
hg.plots.table_against_truth(stays, truth, ["PO2", "lactic_acid"])
plt.show()

# %% [markdown]
# **What to see.** The spikes in the orange bars are the population medians, written wherever nobody
# had looked. The black outline shows what the patients had, and it has no spike.

# %%
question("03.too_high_or_too_low")

# %%
lactate = pd.DataFrame({"shown": frame["lactic_acid"], "true": truth.frame["lactic_acid"]})
lactate["error"] = (lactate["shown"] - lactate["true"]).abs()
lactate["shown 2 or more"] = lactate["shown"] >= 2
lactate["truly 2 or more"] = lactate["true"] >= 2
lactate.groupby(origin(frame, "lactic_acid_m")).mean().loc[sources].round(2)

# %% [markdown]
# **What to see.** Each row is a mean over hours, with lactate in mmol/L. The measured hours have
# the highest true lactate, because the ward measures sick patients. Carried values are wrong by
# only 0.1. But where nobody ever measured, the error is about 0.6, and it goes two ways. On average
# the table shows *too much*: 1.73, while these patients truly have 1.31. And yet it hides the sick
# among them: 11 in 100 of these hours have a true lactate of 2 or more, and the table shows none.

# %% tags=["claims"]
assert (truth.frame["MAP"] == stays.frame["MAP"]).all()  # the same hours of the same patients
by_origin = lactate.groupby(origin(frame, "lactic_acid_m")).mean()
assert by_origin["true"].idxmax() == "measured" and by_origin.loc["measured", "error"] == 0
never = by_origin.loc["never measured"]
assert never["shown"] > never["true"] + 0.3 and never["shown 2 or more"] == 0
assert never["error"] > 4 * by_origin.loc[["carried forward", "carried back"], "error"].max()
if as_described:
    assert by_origin.loc[["carried forward", "carried back"], "error"].between(0.09, 0.125).all()
    assert 0.105 < never["truly 2 or more"] < 0.115 and 1.3 < never["true"] < 1.32

# %% [markdown]
# ## 5 · How long does a value keep?
#
# To carry a value forward means to assume that nothing has changed. How wrong is this after an
# hour, and after a day? We divide the error of the carried value by that of somebody who always
# guesses the median.

# %%
question("03.which_value_keeps")

# %%
def hours_since_measured(frame, flag):
    """Hours since the patient's last measurement; missing before the first one."""
    measured_at = frame["Timepoints"].where(frame[flag])
    return frame["Timepoints"] - measured_at.groupby(frame["PatientID"]).ffill()


edges, ratios = [0, 1, 2, 4, 8, 12, 16, 24], {}
for name in ("PO2", "lactic_acid", "serum_creatinine"):
    variable = stays.schema[name]
    hours = hours_since_measured(frame, variable.measured_by)
    age = pd.cut(hours, edges, labels=edges[1:]).astype(float)
    error = (frame[name] - truth.frame[name]).abs().groupby(age).mean()
    guess = (frame[name].median() - truth.frame[name]).abs().groupby(age).mean()
    ratios[variable.title] = error / guess

# %% alt="Lines: the error of a carried value, as a share of the error of a guess, against the hours since it was measured, 1 to 24. Creatinine rises slowly to 0.18 after 24 hours, lactate to 0.28. Oxygen lies just above 1 from the first hour on: no better than a guess."
hg.plots.error_with_age(pd.DataFrame(ratios))
plt.show()

# %% [markdown]
# **What to see.** Creatinine keeps: after a day its error is less than a fifth of the guesser's.
# Lactate changes faster. Oxygen does not keep at all: after one hour the carried value is no better
# than a guess, because oxygen varies as much from hour to hour as from patient to patient. How fast
# values change is *assumed* here, so take the method home, and not the curves.

# %% tags=["claims"]
assert ratios["Creatinine"].iloc[-1] < 0.2 and ratios["Lactate"].iloc[0] < 0.1
assert (ratios["Lactate"] > ratios["Creatinine"]).all()
assert ratios["Oxygen in arterial blood"].between(0.98, 1.1).all()
per_patient = truth.frame.groupby("PatientID")["PO2"]
within = (truth.frame["PO2"] - per_patient.transform("mean")).std()
assert 0.9 < within / per_patient.mean().std() < 1.2  # hour to hour, and patient to patient

# %% [markdown]
# ## 6 · A dose whose unit is wrong
#
# Every four hours the ward chooses a vasopressor level. The published figures label the highest one
# "20.28 mcg/kg/min": micrograms for each kilogram of the patient in each minute.

# %%
question("03.a_dose_of_twenty")

# %% [markdown]
# The code that made the file adds up the doses of an hour, so the numbers are mcg/kg **per hour**.
#
# **Exercise 4 (fill in).** At the bedside, the pump shows a rate in mcg/kg/min. Which level of the
# file (`"0"`, `">0"`, `"8.4"` or `"20.28"`, the lower edges) belongs to a rate that is held for a
# full hour?

# %%
def level_of_dose(rate):
    """Level of the file for a rate in mcg/kg/min that is held for one hour."""
    # BEGIN SOLUTION
    #| return ____
    per_hour = 60 * rate
    if per_hour >= 20.28:
        return "20.28"
    if per_hour >= 8.4:
        return "8.4"
    return ">0" if per_hour > 0 else "0"
    # END SOLUTION


check("03.level_of_dose", level_of_dose)

# %% [markdown]
# ## 7 · Did the bolus help?
#
# At hour 20, patient 148 had a MAP of 46 and received a bolus. An hour later the MAP was 56. Did
# the fluid do this? We take all boluses that were given without a vasopressor, and compare the
# pressure of that hour with the next.

# %%
next_hour = icu.frame.groupby("PatientID")["MAP"].shift(-1)
bolus = icu.frame["fluid_boluses"].ne("0") & icu.frame["vasopressors"].eq("0")
bolus = bolus & next_hour.notna()  # who dies has no next hour
before, after = icu.frame.loc[bolus, "MAP"].mean(), next_hour[bolus].mean()
print(f"{bolus.sum():,} boluses: MAP {before:.1f} before, {after:.1f} mmHg an hour later")

# %% tags=["claims"]
if as_described:
    assert 4.9 < after - before < 5.2
    pair = patient.set_index("Timepoints")["MAP"].loc[[20, 21]]
    assert pair.round().tolist() == [46, 56]

# %% [markdown]
# On average it rises by 5 mmHg. Would it have risen without the fluid? The simulator can play the
# same stays twice. In one world, everybody with a MAP below 60 at hour 8 receives 500 mL. In the
# other, they receive nothing. Nobody receives any other treatment, and all that happens by chance
# is the same. The function below is a **policy**: from what the ward sees, it says how probable
# each action is.

# %%
def bolus_if_low(observations):
    """500 mL at hour 8 for those whose MAP is below 60 mmHg; otherwise nothing."""
    # stays.seen without its first two columns, PatientID and Timepoints
    seen = pd.DataFrame(observations, columns=stays.seen.columns[2:])
    low = (seen["hour"] == 8) & (seen["MAP"] < 60)
    probability = pd.DataFrame(0.0, index=seen.index, columns=stays.actions)
    probability["fluid 500, vasopressor 0"] = low.astype(float)
    probability["fluid 0, vasopressor 0"] = 1 - low.astype(float)
    return probability


policies = {"bolus": bolus_if_low, "nothing": "none"}
worlds = hg.twins("hypotension", policies, seed=stays.seed)

# %%
question("03.what_happens_without")

# %% alt="Lines: the mean arterial pressure in mmHg of the same 1,409 patients, from hour 4 to hour 14, with and without a bolus at hour 8. They fall together from 56 at hour 4 to 53 mmHg at hour 8. An hour later the untreated have risen by 1.9 mmHg, and the treated by 4.3 more. By hour 14 the lines lie 1 mmHg apart."
hour_8 = worlds["bolus"].frame.query("Timepoints == 8").set_index("PatientID")
given = hour_8.index[hour_8["fluid_boluses"] == "500"]
pressure = {
    name: world.frame.pivot(index="PatientID", columns="Timepoints", values="MAP").loc[given]
    for name, world in worlds.items()
}  # in each world one row a patient, one column an hour

means = pd.DataFrame({name: table.mean() for name, table in pressure.items()}).loc[4:14]
title = f"The same {len(given):,} patients in two worlds"
hg.plots.two_worlds(means, at=8, label="Mean arterial pressure (mmHg)", title=title)
plt.show()

# %% [markdown]
# **What to see.** Both lines fall until hour 8, because we *chose* patients whose pressure was low
# in that hour. A low reading is partly the patient and partly bad luck, and bad luck does not last.
# So the next reading is higher, by 1.9 mmHg, without any treatment. This is **regression to the
# mean**. The gap between the lines is the **effect of the bolus**: 4.3 mmHg after an hour. Five
# hours after the bolus, the gap is only about a quarter as large.
#
# How good is a comparison of before and after?

# %%
rise = {name: table[9] - table[8] for name, table in pressure.items()}
effect = (pressure["bolus"][9] - pressure["nothing"][9]).mean()  # what only the simulator knows
estimate = rise["bolus"].mean()
reach = 1.96 * rise["bolus"].sem()  # of a 95 % interval: 1.96 standard errors to each side
hg.card(
    "Effect of 500 mL on the MAP after an hour, by before and after",
    estimate=estimate, interval=(estimate - reach, estimate + reach), truth=effect,
    unit="mmHg", cohort=worlds["bolus"],
)  # fmt: skip

# %% tags=["claims"]
assert (pressure["bolus"][8] == pressure["nothing"][8]).all()  # nothing has happened yet
assert 1 < rise["nothing"].mean() < 2.5 and 3.5 < effect < 5 and estimate - reach > effect + 1
gap = means["bolus"] - means["nothing"]
assert 0.2 < gap[13] / gap[9] < 0.35 and 0.18 < gap[14] / gap[9] < 0.3
alive = pressure["bolus"][14].notna() & pressure["nothing"][14].notna()
assert all((p.mean() - p[alive].mean()).loc[4:14].abs().max() < 0.3 for p in pressure.values())
if as_described:
    assert len(given) == 1409 and means.round().loc[[4, 8], "bolus"].tolist() == [56, 53]
    assert round(rise["nothing"].mean(), 1) == 1.9 and round(effect, 1) in (4.2, 4.3)
    assert round(estimate, 1) == 6.1 and round(reach, 1) == 0.3

# %% [markdown]
# **Result.** The pressure rises by 6.1 mmHg (95 % interval 5.8 to 6.4). Treated twice, once with
# and once without fluid, the same patients differ by 4.3. **Verdict:** the interval misses the
# truth. More patients would only make it narrower around the wrong number.
#
# What helps is a **control group**: by the toss of a coin, one half receives the bolus and the
# other half nothing. We see each patient in one world only, as a hospital would, and compare the
# two rises.

# %%
heads = pd.Series(np.random.default_rng(0).random(len(given)) < 0.5, index=given)
treated, control = rise["bolus"][heads], rise["nothing"][~heads]
difference = treated.mean() - control.mean()
reach_2 = 1.96 * np.sqrt(treated.sem() ** 2 + control.sem() ** 2)  # two groups, two errors
hg.card(
    "Effect of 500 mL on the MAP after an hour, with a control group",
    estimate=difference, interval=(difference - reach_2, difference + reach_2), truth=effect,
    unit="mmHg", cohort=worlds["bolus"],
)  # fmt: skip

# %% tags=["claims"]
if as_described:
    assert difference - reach_2 < effect < difference + reach_2
    assert round(difference, 1) == 4.0 and round(difference - reach_2, 1) == 3.4
    assert round(difference + reach_2, 1) == 4.6

# %% [markdown]
# **Result.** The rises differ by 4.0 mmHg (95 % interval 3.4 to 4.6). **Verdict:** the interval
# holds the truth, 4.3. Both halves were chosen for the same bad luck, so it cancels.

# %%
question("03.is_this_a_responder")

# %% [markdown]
# **Exercise 5 (fill in).** Some wards call a patient a *responder* if the MAP rises by 5 mmHg or
# more within an hour of the bolus. What share of these same patients (`given`, low at hour 8)
# "respond" in the world in which they received **nothing**?

# %%
# BEGIN SOLUTION
#| rise_without_bolus = ____
rise_without_bolus = (rise["nothing"].dropna() >= 5).mean()
# END SOLUTION
check("03.rise_without_bolus", rise_without_bolus, worlds=worlds)

# %% [markdown]
# ## 8 · How like the real patients are they?
#
# The records of the real patients were not published, but figures about them were. Here are some,
# with the range that we accept, and our patients.

# %%
calibration = hg.calibration.calibration_table("hypotension").set_index("quantity")
some = {
    "MAP: share below 65": "hours with a MAP below 65 mmHg",
    "MAP: share below 40": "hours with a MAP below 40 mmHg",
    "lactic_acid_m: share true": "hours with a lactate",
    "vasopressors: share other than 0": "hours on a vasopressor",
    "fluid_boluses: share other than 0": "hours with a bolus",
}
judged = calibration[calibration["tolerance"] != "printed only"]
print(f"{judged['ok'].sum()} of {len(judged)} targets are met")
early_deaths = (stays.patients["Hour of death"] < 24).sum() / died.sum()
print(f"{early_deaths:.0%} of the deaths of our patients come before hour 24")
shown = calibration.loc[list(some), ["target", "tolerance", "teaching"]].rename(index=some)
shown.set_axis(["real patients", "accepted", "our patients"], axis=1).round(4)

# %%
question("03.what_is_all_met_worth")

# %% [markdown]
# **What to see.** Pressures below 40 mmHg are about twenty times rarer here than in the real
# patients. Even this target counts as met, because the accepted range is wide. Also, the real
# patients had all stayed for 24 hours or more, while half of the deaths here come earlier. And no
# published figure says how many died, or what a bolus does. Both are *assumed* here.

# %% tags=["claims"]
assert judged["ok"].all()
deepest = calibration.loc["MAP: share below 40"]
assert 15 < float(deepest["target"]) / deepest["teaching"] < 30 and deepest["ok"]
if as_described:
    assert 0.06 < died.mean() < 0.09 and 0.45 < early_deaths < 0.55

# %% [markdown]
# ## 9 · Back to the patient
#
# It is hour 24, and your colleague waits. We can look at patients *like this one*: present, without
# a lactate so far, and with a similarly low pressure.

# %%
true_24 = truth.frame[truth.frame["Timepoints"] == 24].set_index("PatientID")["lactic_acid"]
low = day_one.groupby("PatientID")["MAP"].mean().loc[true_24.index] < 60
tested = by_24.loc[true_24.index]
alike = {
    "tested": tested,
    "not tested": ~tested,
    "not tested, mean MAP below 60": ~tested & low,
}
for name, who in alike.items():
    high = (true_24[who] >= 2).mean()
    print(f"{name:31}{who.sum():5,} patients, {high:.0%} have a true lactate of 2 or more")

# %%
question("03.what_do_you_answer")

# %% [markdown]
# What did the patient truly have? Only we can look.

# %% alt="Lines: lactate in mmol/L of patient 148, from hour 0 to hour 34. The table shows 1.73 in every hour. The true lactate rises from 3 to 4 mmol/L by hour 24, when the decision is made. A cross marks the death in hour 34."
true_lactate, in_table = (
    table[table["PatientID"] == somebody].set_index("Timepoints")["lactic_acid"]
    for table in (truth.frame, frame)
)
end = stays.patients.loc[somebody, "Hour of death"]
hg.plots.shown_and_true(
    in_table, true_lactate, "Lactate (mmol/L)", f"Patient {somebody}", until=24,
    death=None if pd.isna(end) else end,
)  # fmt: skip
plt.show()

# %% [markdown]
# **What to see.** The table shows 1.73 in every hour. In truth the lactate rose from 3 to 4, which
# lies at the far right of the histogram in section 4. In hour 34 the patient died.
#
# So your answer is: *no, we may not rely on this number. It is the same for everybody whom nobody
# tested. Most untested patients are well: 12 in 100 have a lactate of 2 or more. But with a
# pressure as low as this, it is 23 in 100, more than among the tested. The lactate is unknown, so
# let us measure it now. The pressure rose to 56 after the bolus, but now it is 51 again.*

# %% tags=["claims"]
share_high = {name: (true_24[who] >= 2).mean() for name, who in alike.items()}
lowest = share_high["not tested, mean MAP below 60"]
assert lowest > 1.6 * share_high["not tested"]
if as_described:
    assert alike["not tested, mean MAP below 60"][somebody] and lowest > share_high["tested"]
    assert round(share_high["not tested"], 2) == 0.12 and round(lowest, 2) == 0.23
    assert 2.9 < true_lactate.iloc[0] < 3.1 and 3.9 < true_lactate.iloc[-1] < 4.1
    assert true_lactate.min() > truth.frame["lactic_acid"].quantile(0.9)
    assert patient["MAP"].iloc[[21, 24]].round().tolist() == [56, 51]
    assert stays.patients.loc[somebody, "Died"] and end == 34

# %% [markdown]
# ## A number to beat
#
# **Exercise 6 (open, 30 minutes).** It is hour 24. Estimate the **lactate of this hour** for every
# patient who is present, measured or not. Your function learns from patients whose true lactate it
# is told. Then it meets newcomers, of whom it gets only what the ward knows. The table's way is the
# last measured value, or 1.73 if there is none. Make the mean absolute error at least 28 % smaller.

# %%
def known_by_24(cohort):
    """What the ward knows at hour 24 about those present, measured or carried forward."""
    records = cohort.observed().query("Timepoints <= 24")
    present = records.loc[records["Timepoints"] == 24, "PatientID"]
    return records[records["PatientID"].isin(present)]


known = known_by_24(stays)
last_measured = known[known["Timepoints"] == 24].set_index("PatientID")["lactic_acid"]
table_error = (last_measured.fillna(1.73) - true_24).abs().mean()
print(f"The table's way: {table_error:.3f} mmol/L. Aim at about {0.72 * table_error:.3f}.")

# %% [markdown]
# The check meets other patients, so its numbers differ a little. To try your function, let it learn
# from one half of `known` and `true_24`, and predict the other half.

# %%
# BEGIN SOLUTION
#| def learn_and_predict(known, outcome, newcomers):
#|     """Estimate each newcomer's lactate at hour 24.
#|
#|     known: rows of hours 0 to 24 of people you may learn from; outcome: their true lactate
#|     at hour 24, by PatientID; newcomers: the same rows of people nobody has met.
#|     Return a Series by PatientID.
#|     """
#|     return ____
from sklearn.linear_model import LinearRegression


def describe_patients(records):
    """One row a patient, nothing missing, and the last measured lactate beside it."""
    now = records[records["Timepoints"] == 24].set_index("PatientID")
    by_patient = records.groupby("PatientID")
    level = records["vasopressors"].cat.codes
    columns = {
        "systolic": by_patient["systolic_bp"].mean(),
        "dose": level.groupby(records["PatientID"]).mean(),
        "GCS": now["GCS_total"].astype(float).fillna(15),
        "AST": np.log(now["AST"].fillna(46)),
        "AST known": now["AST"].notna().astype(float),
        "urine": np.log1p(by_patient["urine"].mean().fillna(80)),
    }
    return pd.DataFrame(columns), now["lactic_acid"]


def learn_and_predict(known, outcome, newcomers):
    """The last measured lactate; where there is none, a regression on such people."""
    inputs, lactate = describe_patients(known)
    untested = lactate.index[lactate.isna()]
    model = LinearRegression().fit(inputs.loc[untested], outcome.loc[untested])
    inputs, lactate = describe_patients(newcomers)
    return lactate.fillna(pd.Series(model.predict(inputs), index=inputs.index))
# END SOLUTION


check("03.beat_the_table", learn_and_predict, stays=stays)

# %% [markdown]
# ## Key points
#
# - If a table has no gaps, somebody has filled them. Read the flags first.
# - Carrying forward works for values that change slowly. Carrying back uses the future. A median of
#   the tested does not fit the untested.
# - The ward measures whom it worries about, so the measured are no random sample.
# - A count over a whole stay knows how long the stay was. Choose a landmark, and test your method
#   on coins.
# - Patients who are chosen for a low value get better on their own. Compare them with a control
#   group.
#
# **For a seminar.** (a) A hospital begins to measure everybody's lactate at noon. What happens to a
# model that learned from flags? (b) Exercise 6 learned from true values that nobody measured. What
# could replace them in a real hospital?
#
# **References.**
# Kuo et al. 2022, [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7).
# The published file, [doi:10.13026/p0tv-0r98](https://doi.org/10.13026/p0tv-0r98).
# Flags alone reach an AUROC of 0.68 in real records: Sharafoddini et al. 2019, [doi:10.2196/11605](https://doi.org/10.2196/11605).

# %% tags=["claims"]
# claims that would have given an answer away, kept until the end
if as_described:
    without_lactate = ~lactate_measured.groupby(icu.frame["PatientID"]).any()
    assert without_lactate.mean() > 2 * never_by_coin  # "so it was no coin"
