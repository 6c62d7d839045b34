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
# **Aim.** You get to know 8,916 people living with HIV through five years of their records, and the traps
# that every table of repeated measurements sets.
#
# **Time.** 65 minutes to read, 75 to exercise. **You need** a little pandas (selecting rows, `groupby`)
# and chapter 00.
#
# **After this chapter you can**
#
# 1. *decode* a health record and *write* a Table 1 from it;
# 2. *choose* the scale on which a viral load can be read;
# 3. *draw* trajectories and regimens, and *say* what each figure hides;
# 4. *show* what happens to a mean when you use only what was measured;
# 5. *tell* a causal effect from a difference between groups.
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
from healthgym_edu.checks import ____, check, expected_figure, hint, question, solution

hg.plots.set_style()
pd.set_option("display.max_colwidth", None)

# %% [markdown]
# > **About these data.** These people are simulated. They enter between 2009 and 2016 and are followed for
# > five years; nobody dies or leaves for good. **No treatment decision may rest on them.** To use the
# > published Health Gym file instead, change `source` to `"release"` (44.7 MB); for other people, change
# > `seed`. The text speaks of the default cohort.

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
# to them in five years?* First, look at a few rows.

# %%
art.frame.head(3).T

# %% [markdown]
# Person 0, in month 0, is a man with 200,000 copies of the virus and 146 CD4
# cells, and drugs are on record (`Drug (M)` is True). Now look at month 2.

# %%
question("01.measured_flag")

# %% [markdown]
# The **codebook** is the table that explains every column:

# %%
art.schema.codebook()[["unit", "description"]]

# %% tags=["claims"]
if as_described:
    first, third = art.frame.iloc[0], art.frame.iloc[2]
    assert 200_000 < first["VL"] < 202_000 and round(first["CD4"]) == 146
    assert first["Gender"] == "Male" and first["Base Drug Combo"] == "DRV + FTC + TDF"
    assert first["Drug (M)"] and art.decisions["Timestep"].iloc[0] == 0
    assert not third["VL (M)"] and 288 < third["VL"] < 289

# %% [markdown]
# **Numeric** columns hold quantities. (`Rel CD4` is the share of CD4 cells among all lymphocytes, a family
# of white blood cells.) **Binary** columns hold one of two values, **categorical** columns one of several
# labels. Three **measured flags**, whose names end in `(M)`, say whether a value was really observed in
# that month.
#
# A *regimen* is a team of drugs: a **base** of two (in this file sometimes three), and a **third agent**
# that attacks the virus in another way. "Not Applied" means that no drug of that class is given.
#
# | column | class | drugs | what they do |
# |---|---|---|---|
# | `Base Drug Combo` | **NRTI**, nucleoside reverse-transcriptase inhibitors | FTC, 3TC, TDF, TAF, ABC | stop the virus from copying itself |
# | `Comp. INI` | **INI**, integrase inhibitors | DTG, RAL, EVG | keep the virus out of our genes |
# | `Comp. NNRTI` | **NNRTI**, non-nucleoside inhibitors | EFV, RPV, NVP | stop the copying at another place |
# | `Extra PI` | **PI**, protease inhibitors | DRV, ATV, LPV | spoil the new copies |
# | | boosters | RTV, RTVB, and `Extra pk-En` (a pharmacokinetic **enhancer**) | only keep another drug in the blood for longer |
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
# Every clinical paper opens with a *Table 1*, which describes the people before anything has happened to
# them. What never changes about a person is in `art.patients`, one row for each person. The other columns
# we take from month 0.

# %%
month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
people = art.patients.join(month_0[["VL", "CD4"]])
people["VL"] = people["VL"].clip(lower=50)  # a laboratory only says "below 50"


def quartiles(values):
    """Median (lower to upper quartile), as a Table 1 prints it."""
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{middle:,.0f} ({low:,.0f}–{high:,.0f})"


columns = {"people": ("VL", "size"), "VL": ("VL", quartiles), "CD4": ("CD4", quartiles)}
if "Age" in people:  # simulated cohorts know more than the published file
    columns["age"] = ("Age", quartiles)
    columns["never treated"] = ("Naive at entry", lambda naive: f"{naive.mean():.0%}")
by_sex = people.groupby("Gender", observed=True)["VL"].median()
print("median viral load:", by_sex.map("{:,.0f}".format).to_dict())
people.groupby(["Gender", "Ethnic"], observed=True).agg(**columns)

# %% [markdown]
# **What to see.** There are more than three times as many men as women. Half of the people are
# *Other*, a category of the database and not a group of people. Two women in five are
# African, but only one man in sixteen.

# %%
question("01.women_and_men")

# %% tags=["claims"]
share = people.groupby("Gender", observed=True)["Ethnic"].value_counts(normalize=True)
assert share["Female", "African"] > 3 * share["Male", "African"]
if as_described:
    assert 0.2 < (people["Gender"] == "Female").mean() < 0.25
    assert abs((people["Ethnic"] == "Other").mean() - 0.5) < 0.02
    assert 0.35 < share["Female", "African"] < 0.45
    assert abs(share["Male", "African"] - 1 / 16) < 0.005
    assert by_sex["Female"] < by_sex["Male"]

# %% [markdown]
# **Exercise 2 (fill in).** Complete a second Table 1: the *median CD4 count at month 0 for each
# ethnicity*, as a pandas Series. Then answer with one number: how many cells fewer (per µL) has the lowest group than the
# next one?

# %%
# BEGIN SOLUTION
#| median_cd4 = ____
median_cd4 = people.groupby("Ethnic", observed=True)["CD4"].median()
# END SOLUTION
check("01.median_cd4_by_ethnicity", median_cd4, art=art)

# %%
# BEGIN SOLUTION
#| fewer_cells = ____
ascending = median_cd4.sort_values()
fewer_cells = ascending.iloc[1] - ascending.iloc[0]
# END SOLUTION
check("01.fewer_cells", fewer_cells, art=art)

# %% [markdown]
# ## 3 · A viral load needs a logarithm
#
# Here are the viral loads of all person-months on two axes. On the **logarithmic** axis, each step means
# ten times more.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.0))
left.hist(art.frame["VL"] / 1e6, bins=60)
left.set(title="Linear axis", xlabel="Viral load (million copies/mL)")
right.hist(art.frame["VL"].clip(lower=0.1), bins=np.logspace(-1, 7, 60))
right.axvline(50, color="black", linestyle="--")
right.text(0.42, 0.75, "detection limit\n50 copies/mL", transform=right.transAxes)
right.set(xscale="log", title="Logarithmic axis", xlabel="Viral load (copies/mL)")
for ax in (left, right):
    ax.set_ylabel("Person-months")
    ax.yaxis.set_major_formatter("{x:,.0f}")
plt.show()

# %% [markdown]
# **What to see.** In the left panel, nearly everything is squeezed into the first bar. The right panel shows
# a tall hill of months in which the virus is suppressed and a long low one of the other months. The dashed
# line is the **detection limit** of the **assays** (laboratory tests) of those years: they report all that
# lies to the left of it as "below 50". This file contains numbers there all the same, but their digits are
# noise. So we print none of them, and in averages every value below 50 counts as 50. (Figures still draw
# them, in the shaded area.)
#
# The mean of all viral loads is about 23,000 copies/mL. The **geometric mean** is the mean of the
# logarithms, turned back into copies/mL.

# %%
question("01.geometric_mean")

# %%
virus = art.frame["VL"].clip(lower=50)
geometric_mean = 10 ** np.log10(virus).mean()
millions = virus > 1_000_000
part = virus[millions].sum() / virus.sum()
print(f"mean {virus.mean():,.0f}, geometric mean {geometric_mean:,.0f} copies/mL")
print(f"{millions.mean():.1%} of the rows contribute {part:.0%} of the sum")

# %% tags=["claims"]
assert virus.mean() > 50 * geometric_mean
if as_described:
    assert 22_500 < virus.mean() < 23_500
    assert 0.0055 < millions.mean() < 0.0065 and 0.45 < part < 0.5
    assert (art.frame["VL"] < 1e7 / 60).mean() > 0.95  # the first of 60 bars, or fewer

# %% [markdown]
# Just 0.6 % of the rows, those above a million copies, contribute nearly half of the mean. So from here on
# we average the logarithms.
#
# **Exercise 3 (plot).** CD4 counts need no logarithm. Draw those of month 0 as a histogram with 40 bins.
# Label the x axis with its unit (`cells/uL` will do); the y label says what is counted. Aim at this figure:

# %% alt="Histogram: CD4 count at month 0 in cells per microlitre, 40 bars of people, with a long tail to the right."
expected_figure("01.cd4_histogram", art=art)

# %% alt="Your histogram of the CD4 counts at month 0."
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
# We draw the starters (never treated before) alone, because a median of them and of people treated for years
# would describe nobody. The thick line is the *median of each month*, the band holds the middle half, and
# the thin lines are twelve people.

# %%
starter = art.patients.get("Naive at entry", month_0["VL"] > 1000)  # a file does not say: high virus
starters = art.subset(starter.index[starter])
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.trajectory_band(starters, "VL", n_spaghetti=12, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The median viral load falls below 50 copies/mL within a year. The upper edge of the band
# comes down later, because some people start treatment late. The thin lines jump. A single value a
# little above 50 is a **blip**. Higher and longer rises come from resistance or from pills not taken.

# %%
question("01.near_the_median")

# %%
month, their_virus = starters.frame["Timestep"], starters.frame["VL"].clip(lower=50)
median = their_virus.groupby(month).median()
away = 10 ** np.log10(their_virus / month.map(median)).abs()  # as a factor
farthest = away.groupby(starters.frame["PatientID"]).max()
print(f"{(farthest < 3).mean():.1%} stay within a factor of 3 of the median for five years")

# %% [markdown]
# A band is not a person. And what do the CD4 cells do?

# %%
group = starter.map({True: "Starters", False: "Treated before"})
some = art.frame[art.frame["Timestep"].isin([0, 12, 59])]
cd4 = some.groupby([some["PatientID"].map(group), "Timestep"])["CD4"].median().unstack()
cd4.round().astype(int)

# %% tags=["claims"]
assert median[0] > 100 * median[12] and (farthest < 3).mean() < 0.05
assert cd4.loc["Starters", 59] < cd4.loc["Treated before", 59]
if as_described:
    assert median[5] > 50 and median[12] == 50
    edge = their_virus.groupby(month).quantile(0.75)
    assert edge[9] > 1000 and edge[12] > 150 > 100 > edge[30]
    gained = cd4.loc["Starters"]
    assert 90 < gained[12] - gained[0] < 120
    assert gained[12] - gained[0] > 4 * (gained[59] - gained[12]) * 12 / 47 > 0

# %% [markdown]
# **What to see.** The starters gain more than a hundred CD4 cells in the first year, because cells return
# from the lymph nodes to the blood, and far fewer in each later year. They still have fewer than the others
# after five years, as in cohorts of real patients.

# %% [markdown]
# ## 5 · Regimens come and go
#
# Each colour is one integrase inhibitor. Its height is the share of people whose record shows this drug.

# %% alt="Stacked areas: share of people by integrase inhibitor over 60 months. DTG grows to 29 per cent and EVG to 12; RAL has 4 per cent, and 55 per cent take none."
fig, ax = plt.subplots(figsize=(7.4, 3.2))
hg.plots.regimen_areas(art, "Comp. INI", ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The share of DTG grows over the five years, and that of EVG grows a little.

# %%
question("01.area_chart")

# %% [markdown]
# To follow *people*, we need a flow chart. Its **ribbons** run from one date to the next; the height of a
# ribbon is the share of people who go that way.

# %% alt="Flow chart with four dates, months 0, 20, 40 and 59: most ribbons run straight, and at every step some lead from no integrase inhibitor to one."
fig, ax = plt.subplots(figsize=(7.4, 3.8))
hg.plots.regimen_flow(art, "Comp. INI", steps=(0, 20, 40, 59), ax=ax)
plt.show()

# %% [markdown]
# **What to see.** Most ribbons run straight, so most people keep their drug. But the integrase inhibitors
# gain people at every step, most of them from those who had none (the dark grey ribbons). The reason is the
# calendar. Here are the shares of people on three drugs in some years:

# %%
drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
ini, nnrti = art.frame["Comp. INI"], art.frame["Comp. NNRTI"]
if "Entry year" in art.patients:
    entry = art.frame["PatientID"].map(art.patients["Entry year"])
    year = np.floor(entry + art.frame["Timestep"] / 12).astype(int).rename("year")
    on = {"EFV": nnrti == "EFV", "RPV": nnrti == "RPV", "DTG": ini == "DTG"}
    by_year = pd.DataFrame(on).groupby(year).mean()
    print(by_year.loc[2010:2018:2].map("{:.0%}".format).T.to_string())

# %% tags=["claims"]
by_month = pd.crosstab(art.frame["Timestep"], ini, normalize="index")
ini_wide = art.frame.pivot(index="PatientID", columns="Timestep", values="Comp. INI").astype(str)
if as_described:
    assert by_month["DTG"][59] > 1.5 * by_month["DTG"][0]
    assert 0 < by_month["EVG"][59] - by_month["EVG"][0] < 0.06
    with_ini = 1 - by_month["Not Applied"][[0, 20, 40, 59]]
    assert with_ini.is_monotonic_increasing
    for before, after in ((0, 20), (20, 40), (40, 59)):
        stayed = ini_wide[before] == ini_wide[after]
        came = ini_wide[before].eq("Not Applied") & ini_wide[after].ne("Not Applied")
        assert stayed.mean() > 0.75 and came.sum() > 0.5 * (~stayed).sum()
if "Entry year" in art.patients:
    assert by_year["EFV"].is_monotonic_decreasing
    assert by_year.loc[2012, "DTG"] == 0 and by_year.loc[2016, "DTG"] > 0.3

# %% [markdown]
# EFV becomes rare, and DTG appears when it gets its licence. If you compare the two drugs, you also compare
# different years.
#
# One warning: in months without treatment, the drug columns show the last regimen or the
# planned one. `Drug (M)` says whether drugs were recorded in that month.
#
# **Exercise 4 (fill in).** What share of the people had *more than one* combination of the five drug
# columns (`drugs`) during the five years? Count the combinations of each person in all 60 months, whatever
# `Drug (M)` says.

# %%
# BEGIN SOLUTION
#| # write the five drugs of each row as one text, then count the different texts of each person
#| regimen = ____
#| changed_share = ____
regimen = art.frame[drugs].astype(str).agg(" | ".join, axis=1)
changed_share = (regimen.groupby(art.frame["PatientID"]).nunique() > 1).mean()
# END SOLUTION
check("01.changed_share", changed_share, art=art)

# %% [markdown]
# ## 6 · What was not measured
#
# Nobody draws blood every month. Each row of the figure is a person, and a blue cell is a month in which
# the viral load was measured.

# %% alt="Two grids, people by months, for starters and people treated before: 96 per cent of the starters and 24 per cent of the others have a viral load measured in month 0. Later both are mostly empty."
fig, ax = plt.subplots(figsize=(7.4, 5.2))
hg.plots.measured_heatmap(art, "VL (M)", n_patients=60, by=group, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** At month 0, nearly all who are new to treatment have a result, but few of those who were
# treated before. From month 7 on, both groups are measured in fewer than one month in four on average. Does
# chance alone decide *when* somebody is measured?

# %%
later = art.frame[art.frame["Timestep"] >= 7]
levels = ["below 50", "50–1,000", "above 1,000"]
level = pd.cut(later["VL"], [-1, 50, 1000, np.inf], labels=levels)
on_drugs = later["Drug (M)"].map({True: "drugs on record", False: "no drugs on record"})
how_often = pd.crosstab(level, on_drugs, values=later["VL (M)"], aggfunc="mean")
how_often.map("{:.0%}".format)

# %% [markdown]
# **What to see.** It is not chance alone. With drugs on record, people with much virus are measured more
# often, because a high result brings them back sooner. People with much virus and no drugs on
# record are measured *least*: many have left care. So it tells you something about a patient that a value was measured: measurement is
# **informative**.
#
# What does this do to a mean? We compare the mean of every month, which only a simulator knows, with that of
# the measured months, and with the mean when we **carry forward** the last result (repeat it until the
# next one).

# %%
question("01.carried_forward")

# %%
log_vl = np.log10(art.frame["VL"].clip(lower=50))
log_known = np.log10(art.observed()["VL"].clip(lower=50))  # last result carried forward
means = {}
for name, begin in {"all months": 0, "from month 7": 7}.items():
    keep = art.frame["Timestep"] >= begin
    means[name] = {
        "every month": log_vl[keep].mean(),
        "measured months": log_vl[keep & art.frame["VL (M)"]].mean(),
        "carried forward": log_known[keep].mean(),
    }
means = pd.DataFrame(means).T
(10**means).round().astype(int)  # geometric means, copies/mL

# %% tags=["claims"]
if as_described:
    on, off = how_often["drugs on record"], how_often["no drugs on record"]
    assert on["above 1,000"] > 1.3 * on["below 50"]
    assert off["above 1,000"] < 0.6 * off["below 50"]
    by_starter = month_0["VL (M)"].groupby(starter).mean()
    assert by_starter[True] > 0.9 and by_starter[False] < 0.3
    in_later = later["VL (M)"].groupby(later["PatientID"].map(starter)).mean()
    assert in_later.max() < 0.25 and abs(in_later[True] - in_later[False]) < 0.02
    everyone, seen, carried = means.loc["all months"]
    assert seen > everyone + 0.05 and carried < everyone - 0.02
    everyone, seen, carried = means.loc["from month 7"]
    assert abs(seen - everyone) < 0.025 and carried < everyone - 0.025

# %% [markdown]
# **What to see.** Over all months, the mean of the measured values is too high, because starters are
# measured often while their virus is still high. From month 7 on, this gap nearly closes: too many results
# of failing treatment and too few of people who left care cancel out. *A small bias in one mean does not
# prove that measurement is random.* The mean of what was carried forward is too low: a good result stays in
# the table while the virus is already back. A real clinic has only the last two columns.
#
# **Exercise 5 (fill in).** Write a function of the frame and a month. It returns the *bias* of averaging
# only measured values: the mean log10 viral load of the people measured in that month, minus that of
# everybody. (Values below 50 count as 50.)

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
# ## 7 · One person, and the same person again
#
# A table hides lives. Here is one: viral load and CD4 count, then the drugs on record, and at the bottom
# the months with a measurement.

# %%
somebody = 809
fig = hg.plots.patient_timeline(art, somebody)
plt.show()

# %% [markdown]
# **What to see.** A man of 27 starts 3TC + ABC + EFV with about 4,000 copies. For three and a half years his
# viral load moves around a hundred copies. Then, in months 42 and 44, two results in a row are above 200,
# and this clinic calls that a failure of treatment. It talks with him about **adherence** (taking his pills
# as prescribed) and changes EFV to DTG. The next result, in month 46, is below 50.

# %%
question("01.did_dtg_help")

# %% [markdown]
# The simulator can replay his life. In a second life he *keeps EFV*. In a third he takes *DTG from the
# start*.

# %%
policies = {
    "as it was": "clinician",
    "kept EFV": "3TC + ABC + EFV",
    "DTG": "3TC + ABC + DTG",
}
lives = hg.twins("art_hiv", policies, n_patients=somebody + 1, seed=0)
fig, ax = plt.subplots(figsize=(7.4, 3.6))
hg.plots.twin_plot(lives, somebody, "VL", strong="as it was", ax=ax)
plt.show()

for name, cohort in lives.items():
    life = cohort.frame[cohort.frame["PatientID"] == somebody].set_index("Timestep")["VL"]
    print(f"{name:10} below 50 in {(life.loc[46:] < 50).sum():2} of the 14 months from 46 to 59")

# %% [markdown]
# **What to see.** The thick line is his record. The twin who kept EFV falls below 50 in the very same month.
# In the simulator, every confirmed failure brings help with adherence, and this helped them both. A fall
# *after* the change is not a fall *because of* the change. DTG helped, too: with the change he is below 50
# in thirteen of the fourteen months, without it in two. (In month 59 all three rise, because chance is the
# same in all lives.) DTG from the start does as well, because it forgives more
# missed doses.

# %% tags=["claims"]
was, kept, dtg = (
    cohort.frame[cohort.frame["PatientID"] == somebody].set_index("Timestep")["VL"]
    for cohort in lives.values()
)
assert was[45] < 50 and kept[45] < 50 and 405 < kept[44] < 407 and kept[44] == was[44]
assert (was.loc[46:] < 50).sum() == 13 and (kept.loc[46:] < 50).sum() == 2
assert all(life[59] > 50 and life[59] > life[58] for life in (was, kept, dtg))
assert (dtg.loc[46:] < 50).sum() == 13
if as_described:
    his = art.frame[art.frame["PatientID"] == somebody].set_index("Timestep")
    assert (was == his["VL"]).all()  # the replay is the record
    assert his["Gender"].iloc[0] == "Male" and int(art.patients["Age"][somebody]) == 27
    assert 4000 < his.loc[0, "VL"] < 4100 and his.loc[0, "Comp. NNRTI"] == "EFV"
    assert 50 < 10 ** np.log10(his.loc[3:42, "VL"]).median() < 150
    assert (his.loc[[42, 44], "VL"] > 200).all() and his.loc[[42, 44], "VL (M)"].all()
    assert not his.loc[43, "VL (M)"] and his.loc[44, "Comp. INI"] == "DTG"
    results = his.loc[45:, "VL"][his.loc[45:, "VL (M)"]]
    assert results.index[0] == 46 and results[46] < 50

# %% [markdown]
# ## 8 · Do the records show which drug is better?
#
# One man proves nothing. So the starters among the first 2,000 people live twice: once all of them start
# with DTG, and once with EFV, and they keep it even if they have side effects.

# %%
regimens = {"DTG": "3TC + ABC + DTG", "EFV": "FTC + TDF + EFV"}
twins = hg.twins("art_hiv", regimens, n_patients=2000, seed=0)
naive = twins["DTG"].patients["Naive at entry"].to_numpy()
vl = {name: c.frame["VL"].to_numpy().reshape(len(c), -1) for name, c in twins.items()}
low = {name: vl[name][naive] < 50 for name in vl}  # (people, months)

fig, ax = plt.subplots(figsize=(7.2, 3.2))
for name, style in hg.plots.style_for(regimens).items():
    ax.plot(low[name].mean(axis=0), color=style.color, linestyle=style.linestyle)
    ax.text(60, low[name][:, 59].mean(), name, color=style.text, va="center")
ax.set(xlabel="Time (months)", ylabel="Share below 50 copies/mL", ylim=(0, 1))
ax.set(xticks=range(0, 60, 12), title=f"The same {naive.sum():,} people in two worlds")
plt.show()

# %% [markdown]
# **What to see.** In every month after the first, more of the same people are below 50 copies/mL under DTG
# than under EFV. The distance between the lines is the **average causal effect** of choosing DTG.
#
# We take its mean from month 24 on:

# %%
effect = low["DTG"].mean(axis=0) - low["EFV"].mean(axis=0)  # (months,)
truth = 100 * effect[24:].mean()
print(f"{truth:.0f} more of 100 people-months below 50 copies/mL with DTG")

# %% [markdown]
# Now pretend that you have only the records of the starters. What do they say?

# %%
question("01.records_say")

# %%
late = art.frame[art.frame["Timestep"].ge(24) & art.frame["PatientID"].map(starter)]
suppressed = late["VL"] < 50
with_dtg = late["Drug (M)"] & (late["Comp. INI"] == "DTG")
with_efv = late["Drug (M)"] & (late["Comp. NNRTI"] == "EFV") & ~with_dtg
months = pd.DataFrame({"DTG": with_dtg, "EFV": with_efv})
months["DTG low"], months["EFV low"] = with_dtg & suppressed, with_efv & suppressed
months = months.groupby(late["PatientID"]).sum()  # one row a person


def difference(people):
    """DTG minus EFV: how many more of 100 months are below 50."""
    total = people.sum()
    return 100 * (total["DTG low"] / total["DTG"] - total["EFV low"] / total["EFV"])

# %% [markdown]
# How certain is this difference? We **bootstrap** it: we draw as many people as there are, some of them
# twice and some not at all, compute the difference again, and repeat this 500 times. Our interval holds the
# middle 95 % of the results. (We draw people, not months, because the months of a person resemble each
# other.)

# %%
again = [difference(months.sample(frac=1, replace=True, random_state=k)) for k in range(500)]
interval = tuple(np.quantile(again, [0.025, 0.975]))
claim = "More months below 50 copies/mL with DTG than with EFV, from month 24 on"
estimate, unit = difference(months), "in 100 months"
hg.card(claim, estimate=estimate, interval=interval, truth=truth, unit=unit, cohort=art)

# %% tags=["claims"]
gain = low["DTG"].astype(float) - low["EFV"]  # (people, months): 1 saved by DTG, -1 by EFV
error = gain.std(axis=0, ddof=1) / np.sqrt(len(gain))
assert (effect[1:] > 2 * error[1:]).all() and effect[0] == 0
if as_described:
    assert round(estimate, 1) == 1.6 and round(truth) == 22
    assert np.abs(np.subtract(interval, (-1.3, 4.5))).max() < 0.06

# %% [markdown]
# **Result.** In the records, 1.6 more of 100 months are below 50 copies/mL with DTG (95 % interval −1.3 to
# 4.5). In the twins, 22 more are. **Verdict:** the interval misses the truth by far. Both numbers are
# computed correctly, but only the twins answer the question about the drugs.
#
# Who is in those months? We split the months with DTG by whether the person *started* with it. Then we
# compare all months by the drug that the person started:

# %%
started = pd.Series("other", index=month_0.index, name="started")
started[month_0["Comp. NNRTI"] == "EFV"] = "EFV"
started[month_0["Comp. INI"] == "DTG"] = "DTG"
start = late["PatientID"].map(started)
on_dtg = suppressed[with_dtg].groupby(start == "DTG").mean()
by_start = suppressed.groupby(start).mean()
print(f"months on DTG: from the start {on_dtg[True]:.0%}, came later {on_dtg[False]:.0%}")
print(f"months on EFV: {suppressed[with_efv].mean():.0%}")
print(f"all months, by drug started: DTG {by_start['DTG']:.0%}, EFV {by_start['EFV']:.0%}")

# %% tags=["claims"]
if as_described:
    assert on_dtg[True] > suppressed[with_efv].mean() > on_dtg[False]
    assert round(100 * by_start["DTG"]) - round(100 * by_start["EFV"]) == 6 and round(truth) == 22
    assert 0.68 < suppressed[with_efv].mean() < 0.72

# %% [markdown]
# **What to see.** Many people were changed to DTG *because* something had gone wrong: this is
# **confounding by indication**. And when EFV fails, people stop it, so the months with EFV that remain are
# mostly good ones: this is **selection**. If we compare people by the drug that they started, we see 6
# of the 22, but not more.
#
# ## 9 · How similar are they to real people?
#
# **Calibration** means that we adjusted the simulator until its tables agreed with published figures of real
# people: those of **EuResist**, a European research database of people with HIV, and of clinical trials.
# The **tolerance** is the interval around the real value that we accepted. Two rows are distances, so 0
# means "the same"; between two sets of shares we use the **total variation**, half the sum of the
# differences.

# %%
words = {
    "VL (M): share true": "months with a viral load measured",
    "Drug (M): share true": "months with drugs on record",
    "Gender: total-variation distance": "men and women: distance to the real shares",
    "static correlations: mean |Δr|, all pairs": "correlations: mean distance to the real ones",
    "week-48 suppression (snapshot), DTG": "trial: below 50 at week 48 with DTG",
    "week-48 suppression (snapshot), EFV": "trial: below 50 at week 48 with EFV",
}
table = hg.calibration.calibration_table("art_hiv").set_index("quantity")
table["real"] = pd.to_numeric(table["target"], errors="coerce").fillna(0)  # a distance to itself
shown = ["real", "tolerance", "teaching", "released", "independent"]
table.loc[list(words), shown].rename(index=words).round(3).fillna("–")

# %% tags=["claims"]
assert table["ok"].all() and len(table) == 33
correlations = table.loc["static correlations: mean |Δr|, all pairs"]
assert correlations["teaching"] < correlations["released"] < correlations["independent"]
for name, below in low.items():  # the trials' shares are higher than those of section 8
    trial = table.loc[f"week-48 suppression (snapshot), {name}", "teaching"]
    assert trial > below[:, 12].mean() + 0.1

# %% [markdown]
# **What to see.** In each row, the teaching cohort lies within the tolerance. "Released" is the published
# synthetic file, which was never adjusted to these figures. "Independent" is what a table of unrelated columns
# would score. (The trials enrolled people who take their pills, so their shares are higher than in section 8.)

# %%
question("01.agreement")

# %% [markdown]
# ## 10 · Back to the clinic
#
# It is Friday, and you answer the clinic.

# %%
end = art.frame[art.frame["Timestep"] == 59]["VL"]
men = (art.patients["Gender"] == "Male").mean()
per_year = art.frame.groupby("PatientID")["VL (M)"].sum().median() / 5
print(f"{men:.0%} men, {starter.mean():.0%} never treated before; in month 59")
print(f"{(end < 50).mean():.0%} are below 50, {(end < 200).mean():.0%} below 200 copies/mL,")
print(f"and {(end > 1000).mean():.0%} above 1,000; results a year: {per_year:.1f}")

# %% tags=["claims"]
if as_described:
    assert 0.76 < men < 0.8 and 0.5 < starter.mean() < 0.6
    assert 0.66 < (end < 50).mean() < 0.72 and 0.84 < (end < 200).mean() < 0.9
    assert 0.07 < (end > 1000).mean() < 0.1 and 2.4 < per_year < 3.5
    assert 190 < cd4.loc["Starters", 59] - cd4.loc["Starters", 0] < 220

# %% [markdown]
# *Nearly eight in ten of these people are men, and more than half had never been treated. After five years,
# seven in ten have a viral load below 50 copies/mL, but one in twelve has more than 1,000. The starters
# among them have gained about 200 CD4 cells. We cannot say what happened between the results, and
# most people had about three a year.*

# %% [markdown]
# ## A number to beat
#
# **Exercise 6 (open, 30 minutes).** It is month 24. Predict who will be suppressed in **month 59**. Be better,
# by at least **one percentage point**, than a simple rule: "who was suppressed at the last measurement will
# be suppressed later".

# %%
def known_by_24(cohort):
    """What the clinic knows by month 24: the last measured values, and all flags."""
    return cohort.observed().query("Timestep <= 24")


def suppressed_at_59(cohort):
    """What became of each person in month 59, by PatientID."""
    return cohort.frame[cohort.frame["Timestep"] == 59].set_index("PatientID")["VL"] < 50


carried = known_by_24(art).query("Timestep == 24").set_index("PatientID")["VL"] < 50
print(f"to beat: {(carried == suppressed_at_59(art)).mean():.3f}")

# %% [markdown]
# You hand in a *function*. It learns from `known`, a table like `known_by_24(art)`, and from `outcome`, like
# `suppressed_at_59(art)`. Then it says True or False for each of the `newcomers`: people whom the checker
# simulates at this moment, so nobody has met them, and the simple rule reaches about 0.71 in them. A value
# that nobody has measured yet is missing.

# %%
# BEGIN SOLUTION
#| def learn_and_predict(known, outcome, newcomers):
#|     """known: records up to month 24 of people you may learn from; outcome: who of them was
#|     suppressed in month 59, by PatientID; newcomers: the same records of people nobody has met.
#|     Return True or False for each newcomer, as a Series by PatientID."""
#|     return ____
from sklearn.linear_model import LogisticRegression


def features(records):
    """One row a person: share of results below 50, their median, drugs on record."""
    late = records[records["Timestep"] >= 6]
    results = late[late["VL (M)"]]
    return pd.DataFrame(
        {
            "low": (results["VL"] < 50).groupby(results["PatientID"]).mean(),
            "median": np.log10(results["VL"]).groupby(results["PatientID"]).median(),
            "drugs": late.groupby("PatientID")["Drug (M)"].mean(),
        }
    ).fillna({"low": 0.5, "median": 2.0})


def learn_and_predict(known, outcome, newcomers):
    """Learn who is suppressed in month 59 from some people, and predict it for others."""
    inputs = features(known)
    model = LogisticRegression().fit(inputs, outcome.loc[inputs.index])
    asked = features(newcomers)
    return pd.Series(model.predict(asked), index=asked.index)
# END SOLUTION


check("01.beat_carry_forward", learn_and_predict, art=art)

# %% tags=["claims"]
if as_described:
    others = art.fresh(6000, seed=1)
    rule = known_by_24(others).query("Timestep == 24").set_index("PatientID")["VL"] < 50
    assert 0.695 < (rule == suppressed_at_59(others)).mean() < 0.725

# %% [markdown]
# ## Key points
#
# - A row is a *person-month*. A summary of rows, of people and of measured months are three things.
# - Viral loads are read on a log scale. Below the detection limit, their digits are noise.
# - A band describes a crowd, not a person. Areas show shares; flows show people.
# - Measurement is informative.
# - *After* is not *because of*. Two lives of one person show a causal effect. Two groups of people do not,
#   because drugs are given for reasons.
#
# **For a seminar.** (a) Your Table 1 has a category "Other" with half of the people. What would you ask the
# database's owners? (b) When is it reasonable to carry the last value forward, and whom does it flatter?
#
# **References.** The published ART file: Kuo et al., Scientific Data 2022,
# [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7), and
# [doi:10.6084/m9.figshare.22827878](https://doi.org/10.6084/m9.figshare.22827878.v1). EuResist: Zazzi et
# al., Intervirology 2012, [PubMed 22286881](https://pubmed.ncbi.nlm.nih.gov/22286881/). Immune recovery:
# [PMC3037838](https://pmc.ncbi.nlm.nih.gov/articles/PMC3037838/) and
# [PMC5055355](https://pmc.ncbi.nlm.nih.gov/articles/PMC5055355/).
