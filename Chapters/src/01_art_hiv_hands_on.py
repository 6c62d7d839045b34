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
# **Aim.** You get to know 8,916 people living with HIV through five years of their records, and you meet
# the traps that every table of repeated measurements sets.
#
# **Time.** 60 minutes to read and run, 60 to exercise. **You need** a little pandas (selecting rows,
# `groupby`), and chapter 00 if you have never used these notebooks. The outputs below were stored, so
# begin by running the cells from the top.
#
# **After this chapter you can**
#
# 1. *decode* a published health record and *write* a Table 1 from it;
# 2. *choose* the scale on which a viral load can be read, and *place* the detection limit on it;
# 3. *draw* trajectories and regimens over five years, and *say* what each figure hides;
# 4. *show* what happens to a mean when you use only what was measured;
# 5. *compare* the same person under two regimens, and *tell* that from comparing two groups.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/01_art_hiv_hands_on.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/01_art_hiv_hands_on.ipynb)

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
from healthgym_edu.checks import ____, check, expected_figure, hint, solution

hg.plots.set_style()
pd.set_option("display.max_colwidth", None)

# %% [markdown]
# > **About these data.** A *teaching cohort*: simulated people, tuned to published figures (section 7
# > shows how closely). They enter between 2009 and 2016 and are followed for five years; as in the
# > published file, nobody dies or leaves for good. Made for learning: **no treatment decision may
# > rest on it**. To run the chapter on the published Health Gym file instead, change `source` to
# > `"release"` (44.7 MB, downloaded once) or to the path of your copy; or draw other people with
# > another `seed`. The text speaks of the default cohort; on others, see which sentences still hold.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
art = hg.load_cohort("art_hiv", source=source, seed=seed)
as_described = art.source == "teaching" and art.seed == 0  # the people this text speaks of
print(art.source, "·", f"{len(art):,} people", "·", f"{len(art.frame):,} rows")

# %% [markdown]
# ## 1 · What is in a record?
#
# It is Monday. A clinic has given you a table and one question: *who are these people, and what happens
# to them in five years?* Before you build any model, look at a few rows, and then at the codebook.

# %%
art.frame.head(3).T

# %% [markdown]
# Read the first column aloud. Person 0, in month 0, is a man with 200,000 copies of the virus and 146
# CD4 cells. `Drug (M)` is True, so drugs are on record: a regimen led by darunavir (DRV), which he was
# given at this first visit.

# %%
if as_described:
    first = art.frame.iloc[0]
    assert 200_000 < first["VL"] < 202_000 and round(first["CD4"]) == 146
    assert first["Gender"] == "Male" and first["Base Drug Combo"] == "DRV + FTC + TDF"
    assert first["Drug (M)"] and art.decisions["Timestep"].iloc[0] == 0

art.schema.codebook()

# %% [markdown]
# The table contains three kinds of columns, and chapter 09 will turn all of them into numbers and back.
# **Numeric** columns hold quantities (viral load, CD4). **Binary** columns hold one of two values
# (gender, and whether a booster was added). **Categorical** columns hold one of several labels (the drugs). Then there are
# three **measured flags**, whose names end in `(M)`. They say whether a value was really observed in that
# month. Section 5 is about them.
#
# A *regimen* is a team of drugs: a **base** of two drugs (in this file two of the bases contain a third
# drug, too), and a **third agent** that attacks the virus in another way. "Not Applied" means that no drug of that class is given. The file uses these short names:
#
# | letters | drug | class |
# |---|---|---|
# | FTC, 3TC | emtricitabine, lamivudine | base: NRTI (nucleoside reverse-transcriptase inhibitor), stops the virus from copying itself |
# | TDF, TAF, ABC | two forms of tenofovir, abacavir | base: NRTI |
# | DTG, RAL, EVG | dolutegravir, raltegravir, elvitegravir | INI (integrase inhibitor): keeps the virus out of our genes |
# | EFV, RPV, NVP | efavirenz, rilpivirine, nevirapine | NNRTI (non-nucleoside inhibitor): stops the copying at another place |
# | DRV, ATV, LPV | darunavir, atazanavir, lopinavir | PI (protease inhibitor): spoils the new copies |
# | RTV, RTVB, pk-En | ritonavir (RTVB: as a booster), cobicistat | boosters: they keep other drugs in the blood for longer |
#
# **Exercise 1 (tweak).** In what share of all person-months is the virus *suppressed*, that is, below 50
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
# Every clinical paper opens with a *Table 1*. It describes the people in the study before anything has
# happened to them. What never changes about a person is in `art.patients`, with one row for each person.
# The other columns we take from month 0.

# %%
month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
people = art.patients.join(month_0[["VL", "CD4"]])


def quartiles(values):
    """Median (lower to upper quartile), as a Table 1 prints it."""
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{middle:,.0f} ({low:,.0f}–{high:,.0f})"


columns = {"people": ("VL", "size"), "VL": ("VL", quartiles), "CD4": ("CD4", quartiles)}
if "Age" in people:  # simulated cohorts know more than the published file
    columns["age"] = ("Age", quartiles)
    columns["never treated"] = ("Naive at entry", lambda naive: f"{naive.mean():.0%}")
people.groupby(["Gender", "Ethnic"], observed=True).agg(**columns)

# %% [markdown]
# **What to see.** There are more than three times as many men as women. Half of the people carry the
# label *Other*, which is a category of the database and not a group of people. ("Caucasian", too, is the
# file's word and not ours.) Two women in five are African, but only one man in sixteen. So if women and
# men differ in something here, the reason may be that they come from different groups. In all people
# together, the quartiles of the viral load differ by a factor of more than a thousand, and this is a hint that the viral load needs a
# special scale.

# %%
share = people.groupby("Gender", observed=True)["Ethnic"].value_counts(normalize=True)
low, high = people["VL"].quantile([0.25, 0.75])
assert high > 1000 * low
assert share["Female", "African"] > 3 * share["Male", "African"]
if as_described:
    assert 0.2 < (people["Gender"] == "Female").mean() < 0.25
    assert abs((people["Ethnic"] == "Other").mean() - 0.5) < 0.02
    assert 0.35 < share["Female", "African"] < 0.45

# %% [markdown]
# A clinic would also like to know what is *not* in this table: how people acquired HIV, whether they
# have hepatitis, and whether they already had AIDS at their diagnosis. A Table 1 shows only what a
# database has asked.
#
# **Exercise 2 (fill in).** Complete a second Table 1: the *median CD4 count at month 0 for each
# ethnicity*, as a pandas Series. Which group has the fewest cells when we first meet it?

# %%
# BEGIN SOLUTION
#| median_cd4 = ____
median_cd4 = people.groupby("Ethnic", observed=True)["CD4"].median()
# END SOLUTION
check("01.median_cd4_by_ethnicity", median_cd4, art=art)

# %% [markdown]
# ## 3 · A viral load needs a logarithm
#
# Draw the viral loads of all person-months as a plotting library does by default, and next to it on a
# logarithmic axis. On a **logarithmic** axis each step means ten times more.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.0))
left.hist(art.frame["VL"] / 1e6, bins=60)
left.set(title="Linear axis", xlabel="VL (million copies/mL)", ylabel="Person-months")
right.hist(art.frame["VL"].clip(lower=0.1), bins=np.logspace(-1, 7, 60))
right.axvline(50, color="black", linestyle="--")
across = right.get_xaxis_transform()  # x in copies/mL, y from 0 to 1
right.text(120, 0.88, "detection limit\n50 copies/mL", transform=across)
right.set(xscale="log", title="Logarithmic axis", xlabel="VL (copies/mL)")
for ax in (left, right):
    ax.yaxis.set_major_formatter("{x:,.0f}")
plt.show()

# %% [markdown]
# **What to see.** In the left panel, nearly everything is squeezed into the first bar. In the right panel
# you see a tall hill and a long low one: months in which the virus is suppressed, and months in which it
# is not. The dashed line is the **detection limit** of the tests of those years. They report every value
# to the left of it as "below 50", because they could not measure less. This file contains a number there
# all the same, as the published file does. These digits are noise, so from here on we count every value
# below 50 as 50 when we average.

# %%
virus = art.frame["VL"].clip(lower=50)
geometric_mean = 10 ** np.log10(virus).mean()
millions = virus > 1_000_000
part = virus[millions].sum() / virus.sum()
print(f"mean {virus.mean():,.0f}, geometric mean {geometric_mean:,.0f} copies/mL")
print(f"{millions.mean():.1%} of the rows hold {part:.0%} of the sum")
assert virus.mean() > 50 * geometric_mean
if as_described:
    assert millions.mean() < 0.006 and part > 0.4

# %% [markdown]
# Just 0.6 % of the rows, those above a million copies, contribute nearly half of the mean. The **geometric mean** is the mean of the
# logarithms, turned back into copies/mL. A few huge values change it far less. From here on, we average
# viral loads as logarithms.
#
# **Exercise 3 (plot).** CD4 counts need no logarithm. Draw those of month 0 as a histogram with 40 bins.
# Label the x axis with its unit (`cells/uL` will do), and let the y label say what is counted. First, the
# figure to aim at:

# %%
expected_figure("01.cd4_histogram", art=art)

# %%
# BEGIN SOLUTION
#| # fig, ax = plt.subplots(figsize=(5.2, 2.6)), then ax.hist(…), then
#| # ax.set(xlabel=…, ylabel=…); the answer is ax
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
# The figure shows twelve thin lines, one for each of twelve people. The thick line is the *median of each
# month*, and the band contains the middle half of the people. We draw only the people who had more than
# 1,000 copies/mL at month 0. If we mixed them with people who had been treated for years, the median
# would describe nobody.

# %%
high_at_0 = people["VL"] > 1000
high = art.subset(people.index[high_at_0])
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.trajectory_band(high, "VL", n_spaghetti=12, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The median falls within a few months. The upper edge of the band needs a year to come
# down, because some people start treatment late. But look at the thin lines, which show what no band can show: they
# jump. Some rises last for one month only; these are **blips**. Other rises last, because the virus has
# become resistant or because the pills were not taken. A band is not a person: nobody stays near the
# median for five years.

# %%
by_month = high.frame.groupby("Timestep")["VL"].median()
some = by_month.loc[[0, 1, 3, 6, 12, 24, 59]]
print(some.map(lambda vl: f"{vl:,.0f}" if vl >= 50 else "below 50").to_string())
assert by_month[0] > 100 * by_month[12]

away = np.log10(high.frame["VL"] / high.frame["Timestep"].map(by_month)).abs()
farthest = away.groupby(high.frame["PatientID"]).max()
assert farthest.min() > np.log10(2)  # everybody leaves it by a factor of 2 at least

# %% [markdown]
# Who are these people? Most of them had never been treated. In the rest, treatment is not working.

# %%
if "Naive at entry" in people:
    never_treated = people.loc[high_at_0, "Naive at entry"].mean()
    print(f"{never_treated:.0%} of those above 1,000 have never been treated")
    assert never_treated > 0.8

# %% [markdown]
# The immune cells respond more slowly. First there is a quick gain, because cells return from the lymph
# nodes to the blood. Then come years of small steps.

# %%
names = {True: "above 1,000", False: "below 1,000"}
status = high_at_0.map(names).rename("viral load at month 0 (copies/mL)")
fig, ax = plt.subplots(figsize=(7.4, 3.6))
hg.plots.trajectory_band(art, "CD4", by=status, ax=ax)
plt.show()

# %%
cd4 = high.frame.groupby("Timestep")["CD4"].median()
first_year, later = cd4[12] - cd4[0], (cd4[59] - cd4[12]) * 12 / 47
print(f"median CD4 of those: {first_year:+.0f} in the first year, {later:+.0f} a year after")
cd4_at_end = art.frame[art.frame["Timestep"] == 59].set_index("PatientID")["CD4"]
assert cd4_at_end[high_at_0].median() < cd4_at_end[~high_at_0].median()
if as_described:
    assert first_year > 4 * later > 0

# %% [markdown]
# **What to see.** The group that starts with fewer cells still has fewer after five years. In this
# simulator a low start limits what can come back, and cohorts of real patients show the same (see the
# references below).
#
# ### Regimens come and go
#
# Now we look at the treatments. Each colour is one integrase inhibitor (INI). Its height is the share of
# people whose record shows this drug in that month.

# %%
fig, ax = plt.subplots(figsize=(7.4, 3.2))
hg.plots.regimen_areas(art, "Comp. INI", ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The share of DTG grows, and that of EVG grows a little. Where do these people come from?
# An area chart cannot tell: if as many people leave a drug as begin it, nothing moves in the chart. A
# flow chart follows the same *people* from one date to the next.

# %%
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.regimen_flow(art, "Comp. INI", steps=(0, 20, 40, 59), ax=ax)
plt.show()

# %%
drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
rows = art.frame.set_index("PatientID")
dates = {month: rows[rows["Timestep"] == month] for month in (0, 20, 40, 59)}
on_ini = {t: (at["Comp. INI"] != "Not Applied").mean() for t, at in dates.items()}
print("with an INI:", ", ".join(f"month {t} {share:.0%}" for t, share in on_ini.items()))

first, last = dates[0][drugs].astype(str), dates[59][drugs].astype(str)
other = (first != last).any(axis=1).mean()
print(f"other drugs on record in month 59 than in month 0: {other:.0%}")
if as_described:
    assert on_ini[0] < on_ini[20] < on_ini[40] < on_ini[59]
    from_none = first["Comp. INI"].eq("Not Applied") & last["Comp. INI"].ne("Not Applied")
    assert from_none.mean() > 0.2

# %% [markdown]
# **What to see.** Most ribbons run straight, so most people keep their drug. But the integrase inhibitors
# gain people at every step, most of them from those who had none before. The reason is the calendar,
# which we know for simulated people:

# %%
if "Entry year" in art.patients:
    entry = art.frame["PatientID"].map(art.patients["Entry year"])
    year = np.floor(entry + art.frame["Timestep"] / 12).astype(int).rename("year")
    nnrti, ini = art.frame["Comp. NNRTI"], art.frame["Comp. INI"]
    on = {"EFV": nnrti == "EFV", "RPV": nnrti == "RPV", "DTG": ini == "DTG"}
    by_year = pd.DataFrame(on).groupby(year).mean()
    print(by_year.map("{:.0%}".format).T.to_string())
    assert by_year["EFV"].is_monotonic_decreasing
    assert by_year.loc[2012, "DTG"] == 0 and by_year.loc[2016, "DTG"] > 0.3

# %% [markdown]
# EFV becomes rare over the years, and DTG appears when it gets its licence. If you compare the two drugs,
# you also compare different years.
#
# One more thing about these columns will matter in chapter 05: they follow what was *dispensed*. In the
# month of a change, the new third agent is already on record while the person finishes the old one. In
# months without any treatment, the columns show the last regimen, or the planned one. The flag `Drug (M)`
# marks the months in which drugs were really taken.
#
# **Exercise 4 (fill in).** What share of the people had *more than one* combination of the five drug
# columns during the five years? Count the different combinations of each person in all 60 months, as they
# stand in the table, whatever `Drug (M)` says.

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
# In a clinic, nobody draws blood every month. The flags say when blood was drawn. In the figure each row
# is a person, and a blue cell is a month in which the viral load was measured. The people who were
# measured most often are at the top.

# %%
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.measured_heatmap(art, "VL (M)", n_patients=60, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** Two people in three have a result at month 0: nearly all who are new to treatment, but
# few of those who were already on treatment. From month 7 on, more than three months in four pass without
# a result. Does it depend on chance alone *when* somebody is measured? Take these later months and look.

# %%
later = art.frame[art.frame["Timestep"] >= 7]
levels = ["below 50", "50–1,000", "above 1,000"]
level = pd.cut(later["VL"], [-1, 50, 1000, np.inf], labels=levels)
on_drugs = later["Drug (M)"].map({True: "drugs on record", False: "no drugs on record"})
how_often = pd.crosstab(level, on_drugs, values=later["VL (M)"], aggfunc="mean")
how_often.map("{:.0%}".format)

# %%
if as_described:
    on, off = how_often["drugs on record"], how_often["no drugs on record"]
    assert on["above 1,000"] > 1.3 * on["below 50"]
    assert off["above 1,000"] < 0.6 * off["below 50"]
    by_naive = month_0["VL (M)"].groupby(art.patients["Naive at entry"]).mean()
    assert by_naive[True] > 0.9 and by_naive[False] < 0.3 and later["VL (M)"].mean() < 0.25

# %% [markdown]
# **What to see.** It is not chance alone. Among months with drugs on record, those with much virus are
# measured more often, because a high result brings people back sooner. Among months without drugs, those
# with much virus are measured *least*, because these people have left care. So the fact that a value was
# measured tells you something about the patient. We say that measurement is **informative**. What does
# this do to a mean?

# %%
log_vl = np.log10(art.frame["VL"].clip(lower=50))
log_known = np.log10(art.observed()["VL"].clip(lower=50))  # last result carried forward
means = {}
for name, begin in {"all months": 0, "from month 7": 7}.items():
    keep = art.frame["Timestep"] >= begin
    measured = art.frame["VL (M)"] & keep
    means[name] = {
        "every month": log_vl.where(keep).mean(),
        "measured months": log_vl.where(measured).mean(),
        "carried forward": log_known.where(keep).mean(),
    }
means = pd.DataFrame(means).T
(10**means).round().astype(int)  # geometric means, copies/mL

# %%
if as_described:
    everyone, seen, carried = means.loc["all months"]
    assert seen > everyone + 0.05 and carried < everyone - 0.02
    everyone, seen, carried = means.loc["from month 7"]
    assert abs(seen - everyone) < 0.025 and carried < everyone - 0.025

# %% [markdown]
# **What to see.** Over all months, an average of the measured values alone is too high. The reason is that
# newcomers are measured often while their virus is still high. From month 7 on, this gap nearly closes.
# People in whom treatment is not working are measured more often, people who have left care are measured
# less often, and here the two effects nearly cancel. *A small bias in one mean does not prove that
# measurement is random.* If you carry the last result forward, which is all that a clinic knows, you err
# in the other direction: a good result keeps standing in the table while the virus is already back. In a
# real cohort you would have only the last two columns. You could never see the first.
#
# **Exercise 5 (fill in).** Write a function. It receives the frame and a month, and it returns the *bias*
# of averaging only the measured values in that month: the mean log10 viral load of the people who were
# measured, minus that of everybody. (Values below 50 count as 50.)

# %%
def measured_bias(frame, month):
    """Mean log10 VL of those measured in a month minus that of everyone."""
    # BEGIN SOLUTION
    #| return ____
    rows = frame[frame["Timestep"] == month]
    values = np.log10(rows["VL"].clip(lower=50))
    return values[rows["VL (M)"]].mean() - values.mean()
    # END SOLUTION


check("01.measured_bias", measured_bias, art=art)

# %% [markdown]
# ## 6 · One person, and the same person again
#
# A table hides lives. Here is one of them. The viral load and the CD4 count are at the top, then come the
# drugs on record, and at the bottom you see the months in which something was measured.

# %%
somebody = 809
fig = hg.plots.patient_timeline(art, somebody)
plt.show()

# %% [markdown]
# **What to see.** Read the figure from left to right, as the clinic did, from one filled marker to the
# next. A man of 27 starts 3TC + ABC + EFV with about 4,000 copies. His viral load falls, but it does not
# stay low: for three and a half years it moves around a hundred copies. In months 42 and 44, two results
# in a row are above 200, and this clinic calls that a failure of treatment. It talks with him about taking
# his pills, orders a resistance test, and changes EFV to DTG. At the next result, in month 46, the viral
# load is below 50, and so are the results until month 53. (The last one, in month 59, is 118 again.)

# %%
his = art.frame[art.frame["PatientID"] == somebody].set_index("Timestep")
if as_described:
    assert 4000 < his.loc[0, "VL"] < 4100 and his.loc[0, "Comp. NNRTI"] == "EFV"
    assert 50 < 10 ** np.log10(his.loc[3:42, "VL"]).median() < 150
    assert (his.loc[[42, 44], "VL"] > 200).all() and his.loc[[42, 44], "VL (M)"].all()
    assert his.loc[44, "Comp. INI"] == "DTG" and (his.loc[45:58, "VL"] < 50).all()
    results = his.loc[45:, "VL"][his.loc[45:, "VL (M)"]]
    assert results.index[0] == 46 and list(results.index[-2:]) == [53, 59]
    assert 117 < results[59] < 119

# %% [markdown]
# Was it DTG that helped him? His record cannot tell, because it contains only one life. The simulator can
# replay his life, because everything that happens to him by chance was drawn before any treatment. In a
# second life he *keeps EFV* all the time. In a third life he takes *DTG from the start*, even before it
# was licensed.

# %%
policies = {
    "as it was": "clinician",
    "kept EFV": "3TC + ABC + EFV",
    "DTG": "3TC + ABC + DTG",
}
lives = hg.twins("art_hiv", policies, n_patients=somebody + 1, seed=0)
fig, ax = plt.subplots(figsize=(7.4, 3.6))
hg.plots.twin_plot(lives, somebody, "VL", ax=ax)
plt.show()

# %%
life = {
    name: c.frame[c.frame["PatientID"] == somebody].set_index("Timestep")["VL"]
    for name, c in lives.items()
}
after = {name: 10 ** np.log10(v.loc[46:58]).mean() for name, v in life.items()}
print("months 46 to 58, geometric mean:", {name: round(v) for name, v in after.items()})
assert life["as it was"][45] < 50 and life["kept EFV"][45] < 50 < 400 < life["kept EFV"][44]
assert 1.5 < after["kept EFV"] / after["as it was"] < 3
assert life["DTG"][3:].max() < 250 and after["DTG"] < after["as it was"]
assert (life["DTG"][3:] < 130).mean() > 0.9
if as_described:
    assert (life["as it was"] == his["VL"]).all()  # the replay is the record

# %% [markdown]
# **What to see.** The twin who kept EFV falls in the very same month, from 406 copies to 42. In his own
# record the viral load falls to 18. In the simulator, help with taking pills is given at every confirmed
# failure, whatever is chosen then, and this is what helped both of them. A fall *after* the change is not
# a fall *because of* the change. DTG helped, too, but less: in months 46 to 58 the average is 31 copies
# with the change and 70 without it. With DTG from the start, the viral load is
# near the limit or below it in nearly all these years, because DTG forgives more missed doses.
#
# One man proves nothing. So let those of the first 2,000 people who were never treated live twice. In one
# world all of them start with DTG, in the other all of them start with EFV, and they keep it even if they
# have side effects.

# %%
regimens = {"DTG": "3TC + ABC + DTG", "EFV": "FTC + TDF + EFV"}
twins = hg.twins("art_hiv", regimens, n_patients=2000, seed=0)
naive = twins["DTG"].patients["Naive at entry"].to_numpy()
vl = {name: c.frame["VL"].to_numpy().reshape(len(c), -1) for name, c in twins.items()}
low = {name: vl[name][naive] < 50 for name in vl}  # (people, months)

fig, ax = plt.subplots(figsize=(7.2, 3.2))
for name, style in hg.plots.style_for(regimens).items():
    ax.plot(low[name].mean(axis=0), color=style.color, linestyle=style.linestyle)
    ax.text(60, low[name][:, 59].mean(), name, color=style.color, va="center")
ax.set(xlabel="Time since entry (months)", ylabel="Share below 50 copies/mL", ylim=(0, 1))
ax.set(xticks=range(0, 60, 12), title=f"The same {naive.sum():,} people in two worlds")
plt.show()

# %% [markdown]
# **What to see.** These are the same people in two worlds. In every month, more of them are suppressed
# under DTG. The distance between the two lines is the **average causal effect** of choosing DTG instead of
# EFV. Here it is in three of the months, with its standard error:

# %%
gain = low["DTG"].astype(float) - low["EFV"]  # (people, months): 1 saved by DTG, -1 by EFV
effect, error = gain.mean(axis=0), gain.std(axis=0, ddof=1) / np.sqrt(len(gain))
for month in (3, 12, 59):
    print(f"month {month:2d}   {effect[month]:+.3f} ± {error[month]:.3f}")
assert (effect[1:] > 2 * error[1:]).all()

# %% [markdown]
# Fewer people are suppressed here than in the clinics of those years. The cohort follows the published
# file, and to match that file its people have to miss more doses. (The trial rows of section 7 use the
# adherence of people who take part in trials.)
#
# Now pretend that you have only the records of those who had never been treated. From month 24 on, is the
# virus suppressed more often in months with DTG on record, or in months with EFV?

# %%
new = art.patients.get("Naive at entry", high_at_0)  # a file does not say: take high virus
late = art.frame[art.frame["Timestep"].ge(24) & art.frame["PatientID"].map(new)]
suppressed = late["VL"] < 50
with_dtg = late["Drug (M)"] & (late["Comp. INI"] == "DTG")
with_efv = late["Drug (M)"] & (late["Comp. NNRTI"] == "EFV") & ~with_dtg
records = suppressed[with_dtg].mean() - suppressed[with_efv].mean()
print(f"DTG minus EFV: records {records:+.2f}, twins {effect[24:].mean():+.2f}")
if as_described:
    assert abs(records) < 0.05 < 0.15 < effect[24:].mean()

# %% [markdown]
# The records show hardly any difference between the two drugs, but the twins show that DTG is far better.
# Both numbers are computed correctly. Only the twins answer the question about the drugs. So who are the
# people in those months? First we split the months with DTG in two: those of people who started with DTG, and those
# of people who changed to it. Then we compare people by the drug that they *started*, whatever they took later:

# %%
started = pd.Series("other", index=month_0.index, name="started")
started[month_0["Comp. NNRTI"] == "EFV"] = "EFV"
started[month_0["Comp. INI"] == "DTG"] = "DTG"
start = late["PatientID"].map(started)
on_dtg = suppressed[with_dtg].groupby(start == "DTG").mean()
by_start = suppressed.groupby(start).mean()
print(f"months on DTG: from the start {on_dtg[True]:.0%}, came later {on_dtg[False]:.0%}")
print(f"all months, by drug started: DTG {by_start['DTG']:.0%}, EFV {by_start['EFV']:.0%}")
if as_described:
    assert on_dtg[True] > suppressed[with_efv].mean() > on_dtg[False]
    assert 0 < by_start["DTG"] - by_start["EFV"] < effect[24:].mean()

# %% [markdown]
# **What to see.** Many people were changed to DTG *because* something had gone wrong before. This is called
# **confounding by indication**. And people in whom EFV went wrong have left the months with EFV. This is
# called **selection**: when EFV fails, people stop it, so the months with EFV that remain are mostly good
# ones. For these two reasons it can mislead you to compare months on one drug with months
# on another. If we compare people by the drug that they started, we see more of the difference, but not
# all of it. Chapter 05 continues from here.
#
# ## 7 · How similar are they to real people?
#
# The table compares the teaching cohort with published figures: of the real EuResist cohort, of the
# released synthetic file, and of trials. (`table["source"]` says where each figure comes from.) The
# simulator was *adjusted* to this table, so agreement is the least that we can expect. It proves nothing.
#
# You need five terms first. The *total variation* of two distributions is half the sum of the differences
# between their shares. *Static* correlations use all rows together. For *cycle* correlations
# one fits a straight line over time to each person, subtracts it, and correlates what is left. |Δr| is the distance of a correlation from the
# real one. The *snapshot* of a trial counts everybody who stopped the drug as not suppressed.

# %%
table = hg.calibration.calibration_table("art_hiv").set_index("quantity")
some = [
    "Gender: total-variation distance",
    "Comp. INI: total-variation distance",
    "Drug (M): share true",
    "CD4: median",
    "VL: median",
    "static correlations: mean |Δr|, all pairs",
    "cycle correlations: mean |Δr|, strong pairs",
    "week-48 suppression (snapshot), DTG",
    "week-48 suppression (snapshot), EFV",
]
table.loc[some, ["tolerance", "teaching", "released", "independent"]].round(3).fillna("–")

# %%
print(f"{table['ok'].sum()} of {len(table)} targets met")
assert table["ok"].all()

# %% [markdown]
# **What to see.** Each value of the teaching cohort lies within its tolerance, the interval around the
# real figure that we accept. Of a distance, smaller is better. The column "released" is the published synthetic file,
# which does not have to meet a tolerance. The column "independent" is the score of a table whose
# columns are unrelated. A simulator has to do better than that; otherwise it has not captured how the
# columns belong together. This table cannot show whether the effect in section 6 is true of the world.
#
# ## 8 · Back to the clinic
#
# It is Friday, and you answer the clinic.

# %%
end = art.frame[art.frame["Timestep"] == 59]["VL"]
cells = art.frame[art.frame["PatientID"].map(new)].groupby("Timestep")["CD4"].median()
men = (art.patients["Gender"] == "Male").mean()
print(f"{men:.0%} men, {new.mean():.0%} never treated before; in month 59")
print(f"{(end < 50).mean():.0%} are below 50, {(end < 200).mean():.0%} below 200 copies/mL,")
print(f"and {(end > 1000).mean():.0%} above 1,000")
print(f"median CD4 of the new: {cells[0]:.0f} to {cells[59]:.0f} cells/µL")
if as_described:
    assert 0.66 < (end < 50).mean() < 0.72 and 0.84 < (end < 200).mean() < 0.9
    assert 0.07 < (end > 1000).mean() < 0.1 and 170 < cells[59] - cells[0] < 230
    assert 0.76 < men < 0.8
    assert 0.58 < table.loc["people changing regimen", "teaching"] < 0.64
    assert 2 < art.frame.groupby("PatientID")["VL (M)"].sum().median() / 5 < 4

# %% [markdown]
# *Nearly eight in ten of these 8,916 people are men, and more than half had never been treated. After five
# years, seven in ten have a viral load below 50 copies/mL and six in seven have one below 200, but one in
# twelve has more than 1,000. Those who had never been treated have gained about 200 CD4 cells. Six in ten
# have changed drugs at least once. Most people had about three results a year, so nobody saw more than
# that of their five years.*

# %% [markdown]
# ## A number to beat
#
# **Exercise 6 (open, 30 minutes; also good as homework).** It is month 24. Predict who will be suppressed
# in **month 59** from what the clinic knows by then. You may learn from one half of the people, `train`.
# Your answer is judged on the other half, `holdout`, that is, on people whom it has never seen.
# The number to beat is that of a simple rule: "who was suppressed at the last measurement will be
# suppressed later". Be better than this rule by at least **one percentage point**.

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
# Your function receives a table like `known_by_24(holdout)`. It returns True or False for each person, as
# a Series indexed by `PatientID`. A value is missing where nobody had measured it yet. A rule without any
# learning can solve this exercise, and a model can do better.

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
# - A row is a *person-month*. A summary of rows, a summary of people and a summary of measured months
#   are three different things.
# - Viral loads are read on a log scale. Below the detection limit, their digits are noise.
# - A band around a median describes a crowd, not a person. Areas show shares; flows show people.
# - Measurement is informative. Its biases may cancel in one mean and not in the next.
# - *After* is not *because of*. The difference between two lives of the same person is a causal effect.
#   The difference between two groups of people is not, because drugs are given for reasons.
#
# **For a seminar.** (a) Your Table 1 has a category "Other" with half of the people. What would you
# ask the database's owners? (b) When is carrying the last value forward reasonable, and whom does it
# flatter? (c) The file has no "no regimen"; the drug columns hold the last or the planned one. Which
# analysis would that mislead? (d) In which of the figures would you notice that nobody dies? (e) Is
# the calibration table evidence that section 6's effect is right?
#
# **Where next.** Chapter 05 will ask which regimen suppresses the virus sooner, and chapter 06 shows a
# published analysis that went wrong. Chapter 08 asks whether two tables that look alike are alike.
#
# **References.**
# Kuo et al., Scientific Data 2022,
# [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7).
# Published ART file v2, [doi:10.6084/m9.figshare.22827878](https://doi.org/10.6084/m9.figshare.22827878.v1).
# Zazzi et al., *Predicting response to antiretroviral treatment by machine learning: the EuResist
# project*, Intervirology 2012, [PubMed 22286881](https://pubmed.ncbi.nlm.nih.gov/22286881/).
# Immune recovery: [PMC3037838](https://pmc.ncbi.nlm.nih.gov/articles/PMC3037838/) and
# [PMC5055355](https://pmc.ncbi.nlm.nih.gov/articles/PMC5055355/).
# The trial rows of section 7 follow the SINGLE trial; `table["source"]` names every source.
