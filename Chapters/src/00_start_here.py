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
# # 00 · Start here
#
# **Aim.** You check that everything works on your machine, and you see what this course has that a
# hospital's records do not have: patients about whom the truth is known.
#
# **Time.** 22 minutes to read, 10 to exercise. **You need** only this notebook. On Colab the first cell
# downloads the course; after that, and on your own machine, no network, login or graphics card is needed.
#
# **After this chapter you can**
#
# 1. *load* a cohort of 8,916 simulated people and *say* what one row of it is;
# 2. *explain* what a counterfactual twin is, and why real records never show one;
# 3. *use* the checks, hints and solutions of the exercises;
# 4. *state* what simulated and synthetic data may be used for, and what they may not.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/00_start_here.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/00_start_here.ipynb)

# %% [markdown]
# ## 1 · Does everything work?
#
# A notebook is a sequence of cells. Click on the cell below and press **Shift + Enter**. The cell
# runs, and the next cell is selected. On your own machine this cell only imports the course. On Colab
# it installs the course first, which takes a few minutes.
#
# The outputs that you see now were stored when the course was made; your Python has not run anything
# yet. If a cell says `NameError: name … is not defined`, then a cell above it has not been run. Select
# the cell and choose **Run ▸ Run All Above Selected Cell**.

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
from healthgym_edu.checks import ____, check, hint, question, solution

hg.plots.set_style()

# %% [markdown]
# If you see no red text, everything works. Now we load the first cohort: people living with HIV who
# receive antiretroviral therapy (ART). Each of them is followed for five years, with one row a month.

# %%
art = hg.load_cohort("art_hiv")
art

# %% [markdown]
# > **About these data.** The 8,916 people above do not exist. They come from a *simulator*: some
# > seventeen hundred lines of Python, which you can read. They describe a virus that grows and is
# > suppressed, immune cells that recover, pills that are taken or forgotten, and a clinician who sees
# > only a part of all this. We adjusted the simulator until its tables agreed with figures that were
# > published about real patients. **Nothing here treats anyone, and nothing that you find here is
# > evidence about a drug.**
#
# A second table, `art.patients`, has one row for each person, with what never changes about them. In the
# table above, three columns are enough for this chapter; chapter 01 explains the others.
#
# - `VL` is the **viral load**: the number of copies of the virus in a millilitre of blood plasma. The
#   aim of treatment is a viral load below 50, which was the **detection limit** of the tests of those
#   years. They could not count fewer copies and said only "below 50"; the simulator knows more.
# - `CD4` is the **CD4 count**: the number of certain immune cells in a microlitre of blood. The virus
#   destroys these cells. A healthy adult has about 500 to 1,500.
# - `Timestep` is the month, from 0 to 59.
#
# You also need four words. A **regimen** is the set of drugs that a person takes. A person is
# **suppressed** if the viral load is below 50. A person is **naive**, or a **starter**, if they have
# never been treated before. And a **cohort** is the records of a group of people.

# %%
people, months = len(art), art.schema.n_steps
print(f"{people:,} people × {months} months = {len(art.frame):,} rows")

# %% [markdown]
# From time to time, a chapter asks you a **quick question** like the next one. Choose an answer, and a
# reply appears at once. Nobody counts your mistakes.

# %%
question("00.what_is_a_row")

# %% [markdown]
# Some cells are *folded*: you see one line of them, and a click opens the rest. The cell that sets
# everything up is folded, and so is code that only draws. The folded cell below is a **claims** cell. A
# *claim* is a sentence of the text that the data could contradict, such as "8,916 people". In this
# course, code checks every such sentence, in cells like this one. If a sentence were wrong, its cell
# would stop with an error. You may open these cells or skip them. And at the top and the end of each
# chapter you find links to the chapter before it, the next one, the contents and the glossary.

# %% tags=["claims"]
assert people == 8916 and months == 60
assert len(art.frame) == people * months

# %% [markdown]
# ## 2 · A cohort in one figure
#
# What happens to these people? Some have a high viral load when we first meet them: more than 1,000
# copies/mL. The others do not. So we make two groups and draw the viral load of each, month by month.

# %% alt="Two bands over 60 months, viral load in copies/mL on a logarithmic axis. High at month 0: the median falls from 47,575 to below 50 by month 11. Low at month 0: the median stays below 50."
month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
names = {True: "virus high at month 0", False: "virus low at month 0"}
group = month_0["VL"].gt(1000).map(names).rename("first value")
share_high = (month_0["VL"] > 1000).mean()
print(f"{share_high:.0%} have more than 1,000 copies/mL when we first meet them")

fig, ax = plt.subplots(figsize=(7.2, 3.8))
hg.plots.trajectory_band(art, "VL", by=group, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The upper group begins with a median of nearly 50,000 copies/mL, which falls below the
# detection limit of 50 within the first year; the lower group stays below it. (The thick line is the
# median of each month, and the band contains the middle half of the people.) Even in the last month, the upper edge of their band lies above the
# limit, so treatment does not work for everyone. The axis is **logarithmic**: each step up means ten
# times more virus.

# %%
question("00.two_steps_up")

# %%
last_month = art.frame[art.frame["Timestep"] == months - 1].set_index("PatientID")
started_high = group == "virus high at month 0"
upper = art.frame[art.frame["PatientID"].isin(group.index[started_high])]
median = upper.groupby("Timestep")["VL"].median()
first_low = median.index[median < 50][0]
print(f"median of the upper group: {median[0]:,.0f} copies/mL, below 50 from month {first_low}")
starters = art.patients["Naive at entry"].groupby(group).mean()
print(starters.map("{:.0%} just start treatment".format).to_string())

# %% tags=["claims"]
assert started_high.mean() > 0.5 and 45_000 < median[0] < 50_000 and (median[12:] < 50).all()
lower = art.frame[art.frame["PatientID"].isin(group.index[~started_high])]
assert (lower.groupby("Timestep")["VL"].median() < 50).all()
assert 0.85 < starters["virus high at month 0"] < 0.9 and starters["virus low at month 0"] < 0.1
assert 0.6 < share_high < 0.66
assert last_month.loc[started_high, "VL"].quantile(0.75) > 50

# %% [markdown]
# Nearly nine in ten of the upper group are just starting treatment, so it is likely that treatment lowers
# the virus.
#
# ## 3 · The same person, twice
#
# But was it the *treatment* that lowered the virus? In real records this question has no certain answer,
# because nobody lives the same five years twice. Here they can. Everything that happens to a person by
# chance (side effects, missed months, laboratory errors) is drawn **before** any treatment is chosen.
# So the simulator can play the same life again with another regimen. We call these two lives
# **counterfactual twins**.
#
# Below, everybody receives one of two regimens. They are named after their leading drugs, *DTG*
# (dolutegravir) and *EFV* (efavirenz); the two other drugs in each regimen are called its backbone. We
# follow person 1922.

# %% alt="Two lines over 60 months: viral load of person 1922 in copies/mL, logarithmic axis. With DTG it is below 50 from month 1 on, with small blips. With EFV it is 190 in month 3 and in the thousands from month 5 on."
twins = hg.twins(
    "art_hiv",
    {"DTG": "3TC + ABC + DTG", "EFV": "FTC + TDF + EFV"},
    n_patients=2000,
)
fig, ax = plt.subplots(figsize=(7.2, 3.6))
hg.plots.twin_plot(twins, 1922, "VL", ax=ax)
plt.show()

# %% [markdown]
# **What to see.** Two lines show the viral load of one person in two lives, and both start at the same
# point. (Markers are the months in which the clinic measured; the line is what the simulator knows.) Under DTG the virus is below the limit after one month and stays there, except for **blips**,
# single values that lie a little above 50. Under EFV it falls for three months, and then it comes back
# for good, because the virus has become resistant to the drug. (No clinic would keep him on EFV for five
# years. The twin shows what the drug does; it does not show good care.) The gap between the two lines is
# the **causal effect of the regimen on person 1922**. No real record contains this quantity.
#
# We picked person 1922 because his gap is wide. What happens to all the starters among these 2,000 people?
# Here are the shares with a viral load below 50.

# %%
viral_load = {n: c.frame["VL"].to_numpy().reshape(len(c), -1) for n, c in twins.items()}
naive = twins["DTG"].patients["Naive at entry"].to_numpy()
suppressed = {n: (v[naive] < 50).mean(axis=0) for n, v in viral_load.items()}
for month in (1, 12, 59):
    shares = [f"{n} {s[month]:.0%}" for n, s in suppressed.items()]
    print(f"month {month:2d}", *shares, sep="   ")

# %% tags=["claims"]
dtg, efv = viral_load["DTG"], viral_load["EFV"]
assert (dtg[:, 0] == efv[:, 0]).all()  # at month 0 nobody differs from their twin
assert dtg[1922, 1] < 50 and dtg[1922, 1:].max() < 100
assert efv[1922, 3] < 200 and efv[1922, 5:].min() > 1000
assert (suppressed["DTG"][1:] > suppressed["EFV"][1:]).all()  # starters, in every month

# %% [markdown]
# In every month after the first, more of the starters are suppressed under DTG. The twins share
# everything except the regimen, so there is no other explanation. This is what we mean by the *truth*.
# The course compares every method with it: survival models, generators of synthetic patients and learned
# treatment policies.

# %%
question("00.one_life")

# %% [markdown]
# ## 4 · Three conditions
#
# HIV is one of three conditions in this course. The other two take you to intensive care, where a step
# is a few hours instead of a month, and where people die, so that some records end early.
#
# | condition | who | a row is | what is decided | meet them in |
# |---|---|---|---|---|
# | `art_hiv` | 8,916 people living with HIV | a month; 60 rows | which drugs, at a visit | [chapter 01](01_art_hiv_hands_on.ipynb) |
# | `sepsis` | 2,164 patients with sepsis | four hours; at most 20 rows | how much fluid and vasopressor, in every row | [chapter 02](02_sepsis_hands_on.ipynb) |
# | `hypotension` | 3,910 patients with low blood pressure | an hour; at most 48 rows | the same, every four hours | [chapter 03](03_hypotension_hands_on.ipynb) |
#
# (**Sepsis** is an infection that makes the body harm its own organs. **Hypotension** is low blood
# pressure. A **vasopressor** is a drug that narrows the blood vessels, so that the pressure rises.) You
# load all three cohorts, replay them and treat them differently with the same few commands. (A *decision*
# is a row in which the clinician could choose; in HIV, that is at visits.)

# %%
cohorts = {condition: hg.load_cohort(condition) for condition in hg.CONDITIONS}
for condition, cohort in cohorts.items():
    print(f"{condition:12s}{len(cohort.frame):9,} rows, {len(cohort.decisions):8,} decisions")

# %% tags=["claims"]
sizes = {"art_hiv": (8916, 60), "sepsis": (2164, 20), "hypotension": (3910, 48)}
for condition, cohort in cohorts.items():
    assert (len(cohort), cohort.schema.n_steps) == sizes[condition]

# %% [markdown]
# **You are on call.** Before the exercises, a short game. Three simulated patients with sepsis wait for you,
# one after the other. Each needs six decisions: how much fluid, and how much vasopressor, for the next four
# hours. The first order is ours. Then choose the doses and press *Give*, and the chart grows by what happens
# next. (If you see no buttons, run `ward.treat("fluid >530, vasopressor to 0.08")`, with doses of yours, in a
# new cell; `ward.actions` lists them. If you are tired, two buttons leave the rest to clinicians.) In the end you see
# what became of your patients, and of the same patients in the hands of clinicians and of a guideline. There the
# **return** is a score of a patient's whole course: higher is better. You need no medicine for this: guess, and look
# at what follows. Chapter 15 plays it again, with an agent that has learned.

# %%
ward = hg.on_call("sepsis", patients=3, decisions=6)
ward.treat("fluid 181-530, vasopressor 0")
ward.play()

# %% [markdown]
# **What to see.** The upper panels show what you see of the first patient, the lower ones what was given; the pale
# bars ran before you came. Our order stopped a vasopressor, and our fluid did not make up for it: within four hours
# the mean pressure fell from 75 to 53 mmHg. Clinicians aim at 65 or more, the dashed line. The ring is now. What do
# you order?

# %% tags=["claims"]
begun = hg.on_call("sepsis", patients=3, decisions=6).treat("fluid 181-530, vasopressor 0")
assert begun.view()["MeanBP"].round().tolist() == [75, 53]
assert begun.view()["vasopressor level"].tolist() == [2, 0] and begun.view()["fluid level"].iloc[1] == 3

# %% [markdown]
# ## 5 · How exercises work
#
# An exercise has a blank, `____`, which you replace with your answer. Until you do so, the notebook
# still runs. The function `check` responds at once: it says what it received and what you could try
# next, but it never tells the answer. The function `hint` helps a little, and a little more when you
# call it again. The function `solution` shows one way to solve the exercise.
#
# **Exercise 1 (tweak).** How many people does the cohort hold? Replace the blank.

# %%
# BEGIN SOLUTION
#| number_of_people = ____
number_of_people = len(art)
# END SOLUTION
check("00.number_of_people", number_of_people, art=art)

# %% [markdown]
# **Exercise 2 (fill in).** What share of the people have a viral load below 50 copies/mL in the
# *last* month? A share is a number between 0 and 1. The table `last_month` from section 2 contains the
# rows that you need. If you compare a column with a number, you get True or False for every row, and
# the mean of these is a share. If you are stuck, run `hint("00.suppressed_at_end")` in a new cell.

# %%
# BEGIN SOLUTION
#| suppressed_at_end = ____
suppressed_at_end = (last_month["VL"] < 50).mean()
# END SOLUTION
check("00.suppressed_at_end", suppressed_at_end, art=art)

# %% [markdown]
# **Exercise 3 (fill in).** By how much does the share of *starters* with a viral load below 50
# differ between the twins, DTG minus EFV, three months after the start? (`suppressed` from section
# 3 has the two shares for every month.)

# %%
# BEGIN SOLUTION
#| effect_at_month_3 = ____
effect_at_month_3 = suppressed["DTG"][3] - suppressed["EFV"][3]
# END SOLUTION
check("00.effect_at_month_3", effect_at_month_3, twins=twins)

# %% [markdown]
# ## 6 · The rules for simulated and synthetic data
#
# The course uses two words with different meanings.
#
# | word | who made the rows | example |
# |---|---|---|
# | **simulated** | equations written by people, with known truth | the cohort above |
# | **synthetic** | a model that learned from other rows | the published Health Gym files; chapters 10–13 |
#
# 1. **Never treat anyone on the basis of these data.** The effects in a simulator are those that its
#    authors put in. The effects in synthetic data are those that a model has kept, and models lose some.
# 2. **Say which data you used**, in every figure and every talk, with the version and the seed.
# 3. **Learn and test methods on them freely.** This is what they are for. You may share them, break
#    them and try again.
# 4. **Synthetic does not mean anonymous.** A generator can copy people from whom it learned; chapter 14
#    looks for such copies.
# 5. **What you find here is a hypothesis about a method**, never about patients.
#
# **Exercise 4 (think).** In the teaching cohort, a colleague finds that one regimen works better than
# another. She wants to write to a medical journal about it. Which answer is right?
#
# - `"A"`: fine, the cohort agrees with published figures;
# - `"B"`: fine, if 8,916 people are enough for a narrow confidence interval;
# - `"C"`: no: the cohort shows what its authors assumed, so it can test a method but not a drug;
# - `"D"`: no, because simulated people have a right to privacy.

# %%
# BEGIN SOLUTION
#| answer = ____
answer = "C"
# END SOLUTION
check("00.what_simulated_data_can_show", answer)

# %% [markdown]
# ## Key points
#
# - A **cohort** is a table with one row for each person and step, together with a table of what never
#   changes about a person.
# - A simulator can treat the same person twice. The difference between the two lives is a **causal
#   effect**.
# - Every exercise responds at once: *correct*, *incorrect*, *not attempted* or *error*.
# - Simulated data are for testing **methods**. Nothing here treats patients.
#
# **For a seminar.** (a) Which part of person 1922's story could a clinic have known? (b) Name a
# question about ART that a simulator can *never* answer. (c) When would you trust a synthetic
# table more than a simulated one, and when less?
#
# **References.**
# The datasets this course follows: Kuo et al., *The Health Gym: synthetic health-related datasets
# for the development of reinforcement learning algorithms*, Scientific Data 2022,
# [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7).
# The published ART file: [doi:10.6084/m9.figshare.22827878](https://doi.org/10.6084/m9.figshare.22827878.v1).
# Teaching with them: Kuo et al., *Enriching data science and health care education*, JMIR Medical
# Education 2024, [e51388](https://mededu.jmir.org/2024/1/e51388/).
