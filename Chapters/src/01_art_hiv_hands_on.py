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
# # 01 · ART for HIV, hands on
#
# **Aim.** Get to know 8,916 people living with HIV through five years of their records, and meet
# the traps that every longitudinal table sets.
#
# **Time.** 60 minutes to read and run, 30 to exercise. **You need** a little pandas (selecting
# rows, `groupby`); chapter 00 if you have never used these notebooks.
#
# **After this chapter you can**
#
# 1. *decode* a published health record and *write* a Table 1 from it;
# 2. *choose* the scale on which a viral load can be read, and *place* the detection limit on it;
# 3. *draw* trajectories as individuals and as a band, and *say* what each hides;
# 4. *describe* how regimens change over five years, and *count* who changed;
# 5. *show* what happens to a mean when you use only what was measured;
# 6. *compare* the same person under two regimens, and *tell* that from comparing two groups.
#
# [![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/01_art_hiv_hands_on.ipynb)
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/01_art_hiv_hands_on.ipynb)

# %% tags=["setup"]
try:
    import healthgym_edu as hg
except ImportError:  # on a fresh machine, such as Colab: install the course
    import importlib.metadata, os, subprocess, sys
    from pathlib import Path

    there = {d.name.lower(): d.version for d in importlib.metadata.distributions()}
    keep = [f"{n}=={there[n]}" for n in ("numpy", "pandas", "torch") if n in there]
    Path("constraints.txt").write_text("\n".join(keep))
    repository = "NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging"
    archive = f"https://github.com/{repository}/archive/refs/heads/main.zip"
    source = os.environ.get("HEALTHGYM_EDU_SOURCE", archive)
    pip = [sys.executable, "-m", "pip", "install", "-q", "-c", "constraints.txt"]
    subprocess.run([*pip, source], check=True)
    import healthgym_edu as hg

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from healthgym_edu.exercises import ____, check, expected_figure, hint, solution

hg.plots.set_style()
pd.set_option("display.max_colwidth", 140)

# %% [markdown]
# > **About these data.** A *teaching cohort*: simulated people, calibrated to published figures of
# > the real EuResist cohort. The last section prints how close it comes. It was made for learning;
# > **no treatment decision may rest on it**. To run the whole chapter on the published Health Gym
# > file instead, change `source` in the next cell to `"release"` (44.7 MB, downloaded once) or to
# > the path of your copy.

# %%
art = hg.load_cohort("art_hiv", source="teaching")
print(art.source, "·", f"{len(art):,} people", "·", f"{len(art.frame):,} rows")

# %% [markdown]
# ## 1 · What is in a record?
#
# It is Monday. A clinic has handed you a table and one question: *who are these people, and what
# happens to them in five years?* Before any model, look at one row, then at the codebook.

# %%
art.frame.head(3).T

# %%
art.schema.codebook()

# %% [markdown]
# Three kinds of columns live side by side, and chapter 05 will have to turn all of them into
# numbers and back: **numeric** (viral load, CD4), **binary** (gender, the booster), and
# **categorical** (the drugs). Then there are three **measured flags**, ending in `(M)`: they say
# whether a value was really observed in that month. Keep them in mind; section 5 is theirs.
#
# A *regimen* is a team of drugs. `Base Drug Combo` is its backbone; the other four drug columns say
# which third agent stands in front of it. "Not Applied" means none of that class.
#
# **Exercise 1 (tweak).** In what share of all person-months is the virus *suppressed*, below 50
# copies/mL? Replace the blank with an expression.

# %%
# BEGIN SOLUTION
#| suppressed_share = ____
suppressed_share = (art.frame["VL"] < 50).mean()
# END SOLUTION
check("01.suppressed_share", suppressed_share, art=art)

# %% [markdown]
# ## 2 · Who are they?
#
# Every clinical paper opens with a *Table 1*: who is in it, before anything happened. What never
# changes about a person stands in `art.patients`, one row each; the rest we take from month 0.

# %%
month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
people = art.patients[["Gender", "Ethnic"]].join(month_0[["VL", "CD4", "Rel CD4"]])
counts = pd.crosstab(people["Ethnic"], people["Gender"], margins=True)
counts


# %%
def median_and_quartiles(values):
    """Median (lower quartile to upper quartile), as a Table 1 prints it."""
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{middle:,.0f} ({low:,.0f}–{high:,.0f})"


table_1 = people.groupby("Gender", observed=True).agg(
    people=("VL", "size"),
    viral_load=("VL", median_and_quartiles),
    cd4=("CD4", median_and_quartiles),
    high_virus=("VL", lambda v: f"{(v > 1000).mean():.0%}"),
)
table_1

# %% [markdown]
# **What to see.** About one person in four or five is a woman, and half of the cohort carries the
# label *Other* for ethnicity: a category of the database, not of people. More than half have a
# viral load above 1,000 copies/mL when we first meet them: most of those have not been treated yet.
# The quartiles of the viral load span four powers of ten, a hint that this variable needs a
# special scale.

# %%
high_at_0 = people["VL"] > 1000
low, high = people["VL"].quantile([0.25, 0.75])
assert 0.5 < high_at_0.mean() < 0.7
assert high / low > 1000
if art.source == "teaching":
    assert 0.2 < (people["Gender"] == "Female").mean() < 0.25

# %% [markdown]
# Do women and men differ in *ethnicity* too? They do, strongly, and it matters later: whatever
# differs between women and men here may be a difference between the groups they come from.

# %%
within_gender = pd.crosstab(people["Gender"], people["Ethnic"], normalize="index")
within_gender.map("{:.0%}".format)

# %%
african = within_gender["African"]
assert african["Female"] > 2 * african["Male"]

# %% [markdown]
# **Exercise 2 (fill in).** Complete a second Table 1: the *median CD4 count at month 0 for each
# ethnicity*, as a pandas Series. Which group comes into care with the fewest cells left?

# %%
# BEGIN SOLUTION
#| median_cd4 = ____
median_cd4 = people.groupby("Ethnic", observed=True)["CD4"].median()
# END SOLUTION
check("01.median_cd4_by_ethnicity", median_cd4, art=art)

# %% [markdown]
# ## 3 · A viral load wants a logarithm
#
# Draw the viral load of all person-months the way a plotting library does by default, and beside
# it on a logarithmic axis.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.0))
viral_load = art.frame["VL"].clip(lower=0.1)
left.hist(viral_load / 1e6, bins=60)
left.set(title="linear axis", xlabel="VL (million copies/mL)", ylabel="person-months")
right.hist(viral_load, bins=np.logspace(-1, 7, 60))
right.axvline(50, color="black", linestyle="--")
right.text(
    120, 0.88, "detection limit\n50 copies/mL", transform=right.get_xaxis_transform()
)
right.set(xscale="log", title="logarithmic axis", xlabel="VL (copies/mL)")
plt.show()

# %% [markdown]
# **What to see.** On the left, everything that matters is crushed into the first bar. On the right
# stand a tall hill and a long low one: virus that is held down, and virus that is not. The dashed
# line is the **detection limit**: a routine assay reports anything to its left as "below 50". The
# file holds a number there all the same, as the published one does. Treat those digits as noise.
#
# The mean and the median tell the same story in one line each:

# %%
mean, median = art.frame["VL"].mean(), art.frame["VL"].median()
geometric_mean = 10 ** np.log10(viral_load).mean()
print(
    f"mean {mean:,.0f}, geometric mean {geometric_mean:,.0f}, median {median:,.0f} copies/mL"
)
assert mean > 50 * median

# %% [markdown]
# A handful of people with millions of copies own the mean. The **geometric mean**, the mean on the
# log scale turned back, stays with the many. From here on, viral loads are averaged as logarithms.
#
# **Exercise 3 (plot).** Draw the CD4 counts of month 0 as a histogram with 40 bins: one shape for
# each bin, axis labels with their unit. The figure to aim at is printed first.

# %%
expected_figure("01.cd4_histogram", art=art)

# %%
# BEGIN SOLUTION
#| # fig, ax = plt.subplots(figsize=(5.2, 2.6)), then ax.hist(…), then ax.set(xlabel=…, ylabel=…);
#| # the answer is ax
#| answer = ____
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.hist(month_0["CD4"], bins=40)
ax.set(xlabel="CD4 count at month 0 (cells/µL)", ylabel="people")
answer = ax
# END SOLUTION
check("01.cd4_histogram", answer, art=art)

# %% [markdown]
# ## 4 · Five years
#
# Thirty thin lines are thirty people; the thick line is the person in the middle, month by month,
# and the band holds the middle half. We draw only those whose virus was high at month 0, because a
# median over starters *and* the long-treated describes nobody.

# %%
starters = art.subset(people.index[high_at_0])
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.trajectory_band(starters, "VL", n_spaghetti=30, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The band dives in the first six months, and then the thin lines do what no band
# can show: they jump. Some are single **blips**; some climb and stay up, because the virus became
# resistant or the pills were not taken; some start late. A band is not a person: nobody in this
# figure walks along the median line.

# %%
by_month = starters.frame.groupby("Timestep")["VL"].median()
print(by_month.loc[[0, 1, 3, 6, 12, 24, 59]].map("{:,.0f}".format).to_string())
assert by_month[0] > 100 * by_month[12]

# %% [markdown]
# The immune cells answer slowly. A first quick gain, as cells return to the blood, and then years
# of small steps:

# %%
fig, ax = plt.subplots(figsize=(7.4, 3.6))
names = {True: "virus high at month 0", False: "virus low at month 0"}
status = high_at_0.map(names).rename("viral load at month 0")
hg.plots.trajectory_band(art, "CD4", by=status, ax=ax)
plt.show()

# %%
cd4 = starters.frame.groupby("Timestep")["CD4"].median()
first_year, later = cd4[12] - cd4[0], (cd4[59] - cd4[12]) / 4
print(
    f"median CD4, virus high at month 0: +{first_year:.0f} in year 1, +{later:.0f} a year after"
)
if art.source == "teaching":
    assert first_year > 2 * later > 0
cd4_at_end = art.frame[art.frame["Timestep"] == 59].set_index("PatientID")["CD4"]
assert cd4_at_end[high_at_0].median() < cd4_at_end[~high_at_0].median()

# %% [markdown]
# **What to see.** The group that starts lower stays lower: after five years it has not caught up.
# How many cells a person loses *before* treatment limits how many come back.
#
# ### Regimens come and go
#
# Now the treatments. Each colour is a backbone; its height is the share of people whose record
# shows it in that month.

# %%
fig, ax = plt.subplots(figsize=(7.4, 3.4))
hg.plots.regimen_areas(art, "Base Drug Combo", ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The areas drift, no more. Does that mean that people keep their drugs? An area
# chart cannot say: if as many people leave a drug as take it up, nothing moves. A flow chart
# follows the same *people* from one date to the next.

# %%
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.regimen_flow(art, "Comp. INI", steps=(0, 20, 40, 59), ax=ax)
plt.show()

# %%
drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
on_date = {t: art.frame[art.frame["Timestep"] == t].set_index("PatientID") for t in (0, 59)}
first, last = (on_date[t][drugs].astype(str) for t in (0, 59))
different = (first != last).any(axis=1).mean()
print(
    f"{different:.0%} of people are recorded with other drugs in month 59 than in month 0"
)

on_ini = {t: (rows["Comp. INI"] != "Not Applied").mean() for t, rows in on_date.items()}
print(
    f"with an integrase inhibitor: {on_ini[0]:.0%} in month 0, {on_ini[59]:.0%} in month 59"
)
assert different > 0.3
if art.source == "teaching":
    assert on_ini[59] > on_ini[0] + 0.1

# %% [markdown]
# **What to see.** Most ribbons run straight, yet integrase inhibitors (INI) win people at every
# step, as the guidelines of those years intended. And some people change and change back, so the
# two ends of five years still undercount.
#
# One more thing about these columns, because it will bite in chapter 12: they follow what was
# *dispensed*. In the month of a change the new third agent already stands there while the old one is
# being finished, and where nothing was taken at all the columns simply hold the last regimen, or the
# planned one. `Drug (M)` tells those months.
#
# **Exercise 4 (fill in).** What share of people was recorded with *more than one* combination of the
# five drug columns over the five years? Count the different ones of each person.

# %%
# BEGIN SOLUTION
#| # name the whole regimen in one text a row, then count how many different ones a person has
#| regimen = ____
#| changed_share = ____
regimen = art.frame[drugs].astype(str).agg(" | ".join, axis=1)
changed_share = (regimen.groupby(art.frame["PatientID"]).nunique() > 1).mean()
# END SOLUTION
check("01.changed_share", changed_share, art=art)

# %% [markdown]
# ## 5 · What was not measured
#
# In a clinic nobody draws blood every month. The flags say when it was drawn: dark where a viral
# load was measured, one row a person, the most often measured on top.

# %%
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.measured_heatmap(art, "VL (M)", n_patients=60, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** Everybody is measured at the start; then, about four months in five, nobody
# looked. And the rows are not alike. Is *when* somebody is measured a coin toss?

# %%
measured = art.frame["VL (M)"]
levels = ["below 50", "50–1,000", "above 1,000"]
state = pd.cut(art.frame["VL"], [-1, 50, 1000, np.inf], labels=levels)
on_drugs = art.frame["Drug (M)"].map({True: "drugs recorded", False: "no drugs recorded"})
how_often = pd.crosstab(state, on_drugs, values=measured, aggfunc="mean")
how_often.map("{:.0%}".format)

# %%
recorded = how_often["drugs recorded"]
if art.source == "teaching":
    assert recorded["above 1,000"] > 1.3 * recorded["below 50"]

# %% [markdown]
# No coin toss. With drugs on record, months with much virus are measured more often: a high result
# brings people back sooner. Without drugs on record, many are out of care altogether. Measurement
# carries information about the patient: it is **informative**.
#
# So a mean over measured months describes *measured months*, not people:

# %%
log_vl = np.log10(art.frame["VL"].clip(lower=0.1))
every_month, measured_only = log_vl.mean(), log_vl[measured].mean()
carried = np.log10(art.observed()["VL"].clip(lower=0.1)).mean()
print(f"geometric mean viral load   every month:      {10**every_month:5.0f} copies/mL")
print(f"                            measured months:  {10**measured_only:5.0f}")
print(f"                            carried forward:  {10**carried:5.0f}")
if art.source == "teaching":
    assert measured_only > every_month > carried

# %% [markdown]
# **What to see.** Measured months overstate the virus. Carrying the last result forward, which is
# what a clinic knows and what `art.observed()` gives, errs in the other direction here: a
# suppressed result keeps standing while the virus is already back. In a real cohort you would have
# only the last two numbers, and no way to see the first.
#
# **Exercise 5 (fill in).** Write a function: given the frame and a month, return the *bias* of
# measured-only averaging in that month, the mean log10 viral load of the people measured in that
# month minus that of everybody.


# %%
def measured_bias(frame, month):
    """Mean log10 VL of those measured in a month minus that of everyone."""
    # BEGIN SOLUTION
    #| return ____
    rows = frame[frame["Timestep"] == month]
    values = np.log10(rows["VL"].clip(lower=0.1))
    return values[rows["VL (M)"]].mean() - values.mean()
    # END SOLUTION


check("01.measured_bias", measured_bias, art=art)

# %% [markdown]
# ## 6 · One person, and the same person again
#
# Tables hide lives. Here is one: virus and cells on top, then the drugs on record, and at the
# bottom the months in which anybody looked.

# %%
somebody = 196
fig = hg.plots.patient_timeline(art, somebody)
plt.show()

# %% [markdown]
# **What to see.** Read it from left to right as the clinic did, from filled marker to filled
# marker. An 18-year-old starts FTC + TDF + EFV with four million copies and is suppressed half a
# year later. In month 25 the virus is back, with drugs on record all the while; nobody looks until
# month 27. A second bad result in month 29, and the clinic changes EFV for RAL. A few months later
# the virus is gone, and stays away.

# %%
his = art.frame[art.frame["PatientID"] == somebody].set_index("Timestep")
if art.source == "teaching":
    assert (his.loc[6:23, "VL"] < 100).all() and (his.loc[25:29, "VL"] > 10_000).all()
    assert his.loc[25:29, "Drug (M)"].all() and not his.loc[23:26, "VL (M)"].any()
    assert his.loc[29, "Comp. INI"] == "RAL" and (his.loc[34:, "VL"] < 200).all()

# %% [markdown]
# So RAL saved him? His record cannot say: it holds one life. The simulator can replay him with the
# same chance events (the same spells of missed doses, the same laboratory errors) and other drugs.
# We let him *keep EFV* all along, and in a third life take *DTG from the start*, whatever the
# calendar says.

# %%
policies = {
    "as it was": "clinician",
    "kept EFV": "FTC + TDF + EFV",
    "DTG": "3TC + ABC + DTG",
}
lives = hg.twins("art_hiv", policies, n_patients=somebody + 1, seed=0)
fig, ax = plt.subplots(figsize=(7.4, 3.6))
hg.plots.twin_plot(lives, somebody, "VL", ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The twin who kept EFV got rid of the virus just as well, and a few months sooner. So
# the virus had not become resistant: a spell of missed doses brought it back, and the end of that
# spell sent it away. *After* the change is not *because of* the change. And DTG would have spared
# him all of it, because it forgives such a spell.

# %%
virus = {
    name: c.frame[c.frame["PatientID"] == somebody].set_index("Timestep")["VL"]
    for name, c in lives.items()
}
months_high = {name: int((v[3:] > 1000).sum()) for name, v in virus.items()}
print("months above 1,000 after month 2:", months_high)
assert months_high["DTG"] == 0 < months_high["kept EFV"] < months_high["as it was"]

# %% [markdown]
# One man proves nothing. So let *everybody* live twice: all those who have never been treated start
# with DTG in one world, with EFV in the other, and keep it, side effects or not. The share
# suppressed is drawn for both.

# %%
regimens = {"DTG": "3TC + ABC + DTG", "EFV": "FTC + TDF + EFV"}
twins = hg.twins("art_hiv", regimens, n_patients=2000, seed=0)
naive = twins["DTG"].patients["Naive at entry"].to_numpy()
shares = {
    name: (c.frame["VL"].to_numpy().reshape(len(c), -1)[naive] < 50).mean(axis=0)
    for name, c in twins.items()
}

# %%
fig, ax = plt.subplots(figsize=(7.2, 3.2))
for name, style in hg.plots.style_for(regimens).items():
    ax.plot(shares[name], label=name, color=style.color, linestyle=style.linestyle)
ax.set(xlabel="Time since the first visit (months)", ylabel="Share below 50 copies/mL")
ax.set(ylim=(0, 1), xticks=range(0, 60, 12))
ax.legend(title="everyone starts", loc="lower right")
plt.show()

# %% [markdown]
# **What to see.** Same people, two worlds. Under DTG more of them are suppressed in every month.
# The distance between the lines is the **average causal effect** of the choice.

# %%
effect = shares["DTG"] - shares["EFV"]
print(
    f"effect on the share suppressed: month 3 {effect[3]:+.2f}, month 12 {effect[12]:+.2f}"
)
assert (effect[1:] > 0).all()

# %% [markdown]
# Now pretend that you have only the records. From month 24 on, is the virus suppressed more often in
# months with DTG on record, or in months with EFV?

# %%
late = starters.frame[starters.frame["Timestep"].ge(24) & starters.frame["Drug (M)"]]
suppressed = late["VL"] < 50
with_dtg = late["Comp. INI"] == "DTG"
with_efv = (late["Comp. NNRTI"] == "EFV") & ~with_dtg
difference = suppressed[with_dtg].mean() - suppressed[with_efv].mean()
print(f"DTG minus EFV   records {difference:+.2f}   twins {effect[24:].mean():+.2f}")
if art.source == "teaching":
    assert difference < -0.05 < 0.05 < effect[24:].mean()

# %% [markdown]
# The records say that people on DTG do *worse*. The twins say that DTG does *better*. Both are
# right: they answer different questions. Who is on DTG in the records? Split those months by whether
# DTG was there from the first month or came later:

# %%
dtg_first = month_0["Comp. INI"].eq("DTG")
names = {True: "from month 0", False: "came later"}
came = late["PatientID"].map(dtg_first).map(names).rename("DTG on record")
by_start = suppressed[with_dtg].groupby(came[with_dtg]).mean()
print(by_start.map("{:.0%}".format).to_string())
if art.source == "teaching":
    assert by_start["from month 0"] > suppressed[with_efv].mean() > by_start["came later"]

# %% [markdown]
# **What to see.** Those who had DTG from the start do best. But many come to DTG *because* something
# went wrong before: pills not taken, a virus that resists. And those for whom EFV went wrong are no
# longer in its column. This is **confounding by indication**, the reason why comparing treated groups
# misleads, and why chapters 12 and 13 exist.
#
# **Exercise 6 (fill in).** For each *starter* (`naive`), did five years under DTG rather than EFV
# leave more CD4 cells? Give the **mean difference of CD4 in the last month**, DTG minus EFV, over the
# starters.

# %%
# BEGIN SOLUTION
#| cd4_effect = ____
cd4_at_end = {
    name: c.frame["CD4"].to_numpy().reshape(len(c), -1)[naive, -1]
    for name, c in twins.items()
}
cd4_effect = (cd4_at_end["DTG"] - cd4_at_end["EFV"]).mean()
# END SOLUTION
check("01.cd4_effect", cd4_effect, twins=twins)

# %% [markdown]
# ## 7 · How like the real ones are they?
#
# A simulator is an argument; here is the evidence. The table holds the teaching cohort beside the
# published figures it was tuned to, with the acceptance interval of each, and beside what the
# published *synthetic* release scores on the same measure.

# %%
table = hg.calibration.calibration_table("art_hiv")
shown = ["tolerance", "teaching", "released", "independent", "ok"]
some = table.iloc[[0, 2, 7, 9, 12, 15, 19, 20, 22, 27, 28]].set_index("quantity")
some[shown].round(3).fillna("–")

# %%
assert table["ok"].all()

# %% [markdown]
# **What to see.** Distances (total variation, mean |Δr|) are better when smaller. "Independent"
# is what columns without any relation to each other would score: a simulator has to beat that to
# have learnt anything about how columns belong together. And note what a table like this can *not*
# show: agreement on what was measured says nothing about what was not.
#
# ## A number to beat
#
# **Exercise 7 (open).** It is month 24. Predict who will be suppressed in **month 59** from what the
# clinic knows by now. You may learn from one half of the people, `train`; the answer is judged on the
# other half, `holdout`, so that nobody is predicted from their own future. The rule "suppressed at the
# last measurement, so suppressed later" sets the number to beat. Do at least **one percentage point**
# better.

# %%
def known_by_24(cohort):
    """What the clinic knows by month 24: the last measured values, and all flags."""
    return cohort.observed().query("Timestep <= 24")


def suppressed_at_59(cohort):
    last = cohort.frame[cohort.frame["Timestep"] == 59].set_index("PatientID")
    return last["VL"] < 50


train, holdout = art.split(0.5, seed=0)
carried = known_by_24(holdout).query("Timestep == 24").set_index("PatientID")["VL"] < 50
print(f"to beat: {(carried == suppressed_at_59(holdout)).mean():.3f}")

# %% [markdown]
# Your function gets a table like `known_by_24(holdout)` and returns one True or False for each
# person: a Series indexed by `PatientID`. A rule without any learning can do it; a model can do
# better.

# %%
# BEGIN SOLUTION
#| def predict(known):
#|     """From months 0 to 24 to True (suppressed in month 59) or False, by PatientID."""
#|     return ____
from sklearn.linear_model import LogisticRegression


def features(known):
    """One row a person: share of results below 50, their median, drugs on record."""
    late = known[known["Timestep"] >= 6]
    results = late[late["VL (M)"]]
    return pd.DataFrame(
        {
            "low": (results["VL"] < 50).groupby(results["PatientID"]).mean(),
            "median": np.log10(results["VL"]).groupby(results["PatientID"]).median(),
            "drugs": late.groupby("PatientID")["Drug (M)"].mean(),
        }
    ).fillna({"low": 0.5, "median": 2.0})


model = LogisticRegression().fit(features(known_by_24(train)), suppressed_at_59(train))


def predict(known):
    """From months 0 to 24 to True (suppressed in month 59) or False, by PatientID."""
    inputs = features(known)
    return pd.Series(model.predict(inputs), index=inputs.index)
# END SOLUTION


check("01.beat_carry_forward", predict, art=art)

# %% [markdown]
# ## Key points
#
# - A row is a *person-month*. Summaries of rows, of people and of measured months are three
#   different things.
# - Viral loads live on a log scale; below the detection limit the digits are noise.
# - A median band describes a crowd. People blip, rebound, stop and return.
# - Areas show shares; flows show people.
# - Measurement is informative: what is missing is missing for a reason.
# - The same person under two regimens is a causal effect. Two groups of people are not: drugs are
#   given for reasons.
#
# **For a seminar.** (a) Your Table 1 has a category "Other" with half of the people. What would you
# ask the database's owners? (b) When is carrying the last value forward reasonable, and whom does
# it flatter? (c) The published file has no "no regimen"; the drug columns hold the last or the
# planned one. Which analysis would that mislead? (d) Is the calibration table evidence that section 6's
# effect is right?
#
# **Where next.** Chapter 04 asks whether two tables that look alike are alike; chapter 12 asks
# which regimen suppresses the virus sooner, and shows a published analysis that went wrong.
#
# **References.**
# Kuo et al., Scientific Data 2022, [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7).
# Published ART file v2, [doi:10.6084/m9.figshare.22827878](https://doi.org/10.6084/m9.figshare.22827878.v1).
# Zazzi et al., *Predicting response to antiretroviral treatment by machine learning: the EuResist
# project*, Intervirology 2012, [PubMed 22286881](https://pubmed.ncbi.nlm.nih.gov/22286881/).
# Immune recovery: [PMC3037838](https://pmc.ncbi.nlm.nih.gov/articles/PMC3037838/) and
# [PMC5055355](https://pmc.ncbi.nlm.nih.gov/articles/PMC5055355/).
