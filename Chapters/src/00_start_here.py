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
# **Aim.** See that everything works on your machine, and what a simulator can show you and a
# hospital's records cannot: patients whose truth is known.
#
# **Time.** 10 minutes to read, 5 to exercise. **You need** nothing but this notebook: no network,
# no login, no graphics card.
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
# A notebook is a row of cells. Click the one below and press **Shift + Enter**: it runs, and the
# next one is selected. On your own machine it only imports the course; on Colab it first
# installs it, which takes a few minutes.
#
# The outputs that you see were stored; your Python has run nothing yet. If a cell says
# `NameError: name … is not defined`, a cell above it has not run: select the cell and choose
# **Run ▸ Run All Above Selected Cell**.

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
from healthgym_edu.checks import ____, check, hint, solution

hg.plots.set_style()

# %% [markdown]
# No red text? Then ask for the first cohort: people living with HIV who receive antiretroviral
# therapy (ART), followed for five years, one row a month.

# %%
art = hg.load_cohort("art_hiv")
art

# %% [markdown]
# > **About these data.** The 8,916 people above do not exist. A *simulator*, some fifteen hundred
# > lines of Python that you can read, made them up: a virus that grows and is held down, immune cells
# > that recover, pills taken or forgotten, and a clinician who sees only part of it. It was tuned
# > until its tables agree with figures published about real patients. Nothing here treats anyone, and
# > nothing you find here is evidence about a drug.
#
# Three columns deserve a word now; chapter 01 takes the rest.
#
# - `VL`, the **viral load**: copies of the virus in a millilitre of blood plasma. Treatment aims below 50.
# - `CD4`, the **CD4 count**: immune cells in a microlitre of blood, which the virus destroys.
#   A healthy adult has about 500 to 1,500.
# - `Timestep`: the month, from 0 to 59.
#
# And four words. A **regimen** is the set of drugs a person takes. **Suppressed** means a viral load
# below 50. A **blip** is a single value somewhat above it. **Naive** means never treated before.

# %%
people, months = len(art), art.schema.n_steps
print(f"{people:,} people × {months} months = {len(art.frame):,} rows")
assert len(art.frame) == people * months

# %% [markdown]
# ## 2 · A cohort in one figure
#
# What happens to these people? More than half carry plenty of virus when we first meet them, the
# others do not. We split them there and draw the viral load of each group, month by month.

# %%
month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
names = {True: "virus high at month 0", False: "virus low at month 0"}
group = month_0["VL"].gt(1000).map(names).rename("viral load at month 0")

fig, ax = plt.subplots(figsize=(7.2, 3.8))
hg.plots.trajectory_band(art, "VL", by=group, ax=ax)
plt.show()

# %% [markdown]
# **What to see.** The thick line is the median of each month, the band holds the middle half. The
# upper group, mostly people who start treatment, falls below the detection limit of 50 copies/mL
# within the first year. The axis is *logarithmic*: each step up is ten times more virus. And even in
# the last month the upper edge of that band lies above the limit: treatment does not hold everyone.

# %%
last_month = art.frame[art.frame["Timestep"] == months - 1].set_index("PatientID")
started_high = group == "virus high at month 0"
upper = art.frame[art.frame["PatientID"].isin(group.index[started_high])]
median = upper.groupby("Timestep")["VL"].median()
print(f"median, upper group: {median[0]:,.0f} → {median[months - 1]:,.0f} copies/mL")
assert started_high.mean() > 0.5 and median[0] > 1000 and median[12] < 50
assert art.patients.loc[started_high, "Naive at entry"].mean() > 0.8  # mostly starters
assert last_month.loc[started_high, "VL"].quantile(0.75) > 50

# %% [markdown]
# ## 3 · The same person, twice
#
# Did the *treatment* do that? In real records the question has no certain answer, because nobody
# lives the same five years twice. Here they do. Everything that chance will bring a person (side
# effects, missed months, laboratory error) is drawn **before** any treatment is chosen. So the
# simulator can play the same life again with another regimen. The two lives are
# **counterfactual twins**.
#
# Below, everybody gets one of two regimens. *DTG* (dolutegravir) and *EFV* (efavirenz) are the
# drugs that lead them; the other two drugs in each are its backbone. We follow person 1922.

# %%
twins = hg.twins(
    "art_hiv",
    {"DTG": "3TC + ABC + DTG", "EFV": "FTC + TDF + EFV"},
    n_patients=2000,
)
fig, ax = plt.subplots(figsize=(7.2, 3.6))
hg.plots.twin_plot(twins, 1922, "VL", ax=ax)
plt.show()

# %% [markdown]
# **What to see.** Both lives start at the same point. Under DTG the virus is below the limit after a
# month and, but for small **blips**, stays there. Under EFV it falls for three months, then returns for
# good: it has become resistant. (No clinic would keep him on it for five years: the twin shows the drug, not
# good care.) The gap between the lines is the **causal effect of the regimen on person 1922**, a
# quantity no real record contains.
#
# Person 1922 was picked because the gap is wide. What happens to the others?

# %%
viral_load = {n: c.frame["VL"].to_numpy().reshape(len(c), -1) for n, c in twins.items()}
starters = twins["DTG"].patients["Naive at entry"].to_numpy()
suppressed = {n: (v[starters] < 50).mean(axis=0) for n, v in viral_load.items()}
for month in (1, 3, 12, 59):
    shares = [f"{n} {s[month]:.0%}" for n, s in suppressed.items()]
    print(f"month {month:2d}", *shares, sep="   ")

# %%
dtg, efv = viral_load["DTG"], viral_load["EFV"]
assert (dtg[:, 0] == efv[:, 0]).all()  # at month 0 nobody differs from their twin
assert dtg[1922, 1] < 50 and dtg[1922, 1:].max() < 100
assert efv[1922, 3] < 200 and efv[1922, 5:].min() > 1000
assert (suppressed["DTG"][1:] > suppressed["EFV"][1:]).all()  # starters, in every month

# %% [markdown]
# In every month more of the starters are suppressed under DTG. Because the twins share everything
# but the regimen, no other explanation is left. *That* is the truth this course measures every
# method against: survival models, generators of synthetic patients, learned treatment policies.
#
# ## 4 · Three conditions
#
# HIV is one of three. The other two take you to intensive care, where a step is hours, not months,
# and where people die.
#
# | condition | who | a row is | what is decided | meet them in |
# |---|---|---|---|---|
# | `art_hiv` | 8,916 people living with HIV | a month, of 60 | which drugs, at a visit | [chapter 01](01_art_hiv_hands_on.ipynb) |
# | `sepsis` | 2,164 patients with sepsis | four hours, of 80 | how much fluid and vasopressor, every time | [chapter 02](02_sepsis_hands_on.ipynb) |
# | `hypotension` | 3,910 patients with low blood pressure | an hour, of 48 | the same, every four hours | [chapter 03](03_hypotension_hands_on.ipynb) |
#
# (A *vasopressor* is a drug that narrows the vessels, so that the pressure rises.) They are loaded,
# replayed and treated otherwise with the same few words:

# %%
sizes = {"art_hiv": (8916, 60), "sepsis": (2164, 20), "hypotension": (3910, 48)}
for condition in hg.CONDITIONS:
    cohort = hg.load_cohort(condition)
    print(f"{condition:12s}{len(cohort.frame):9,} rows, {len(cohort.decisions):8,} decisions")
    assert (len(cohort), cohort.schema.n_steps) == sizes[condition]

# %% [markdown]
# ## 5 · How exercises work
#
# An exercise has a blank, `____`, that you replace. Until you do, the notebook still runs.
# `check` answers at once and says what arrived and what to try next, never the answer;
# `hint` helps a little, and a little more when called again; `solution` shows one way.
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
# *last* month? A share is a number between 0 and 1. `last_month` from section 2 holds the rows you
# need; comparing a column with a number gives True or False for every row, and the mean of those
# is a share. Stuck? Run `hint("00.suppressed_at_end")` in a new cell.

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
# Two words are kept apart all through the course.
#
# | word | who made the rows | example |
# |---|---|---|
# | **simulated** | equations written by people, with known truth | the cohort above |
# | **synthetic** | a model that learned from other rows | the published Health Gym files; chapters 10–13 |
#
# 1. **Never treat anyone by them.** Effects in a simulator are what its authors put in. Effects in
#    synthetic data are what a model kept, and models lose some.
# 2. **Say which data you used**, in every figure and every talk, with version and seed.
# 3. **Learn and test methods on them freely.** That is what they are for: share, break, repeat.
# 4. **Synthetic is not the same as anonymous.** A generator can copy people it learned from;
#    chapter 14 looks for them.
# 5. **Anything found here is a hypothesis about the method**, not about patients.
#
# **Exercise 4 (think).** A colleague finds in the teaching cohort that one regimen does better than
# another, and wants to write to a medical journal. Which answer is right?
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
# - A **cohort** is a table with one row per person and step, plus what never changes about people.
# - In a simulator the same person can be treated twice; the difference is a **causal effect**.
# - Every exercise answers at once: *correct*, *incorrect*, *not attempted* or *error*.
# - Simulated data test **methods**. Nothing here treats patients.
#
# **For a seminar.** (a) Which part of person 1922's story could a clinic have known? (b) Name a
# question about ART that a simulator can *never* answer. (c) When would you trust a synthetic
# table more than a simulated one, and when less?
#
# **Where next.** [Chapter 01](01_art_hiv_hands_on.ipynb) meets the 8,916 people properly; or go to
# intensive care: sepsis in [chapter 02](02_sepsis_hands_on.ipynb), low blood pressure in
# [chapter 03](03_hypotension_hands_on.ipynb).
#
# **References.**
# The datasets this course follows: Kuo et al., *The Health Gym: synthetic health-related datasets
# for the development of reinforcement learning algorithms*, Scientific Data 2022,
# [doi:10.1038/s41597-022-01784-7](https://doi.org/10.1038/s41597-022-01784-7).
# The published ART file: [doi:10.6084/m9.figshare.22827878](https://doi.org/10.6084/m9.figshare.22827878.v1).
# Teaching with them: Kuo et al., *Enriching data science and health care education*, JMIR Medical
# Education 2024, [e51388](https://mededu.jmir.org/2024/1/e51388/).
