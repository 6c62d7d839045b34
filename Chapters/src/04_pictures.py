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
# # 04 · Pictures
#
# **Aim.** You learn which picture tells the truth about many numbers: you repair four figures that
# mislead, and you draw one page for a ward.
#
# **Time.** 60 minutes to read, 60 to exercise. **You need** pandas and Matplotlib as in chapter 01.
#
# **After this chapter you can**
#
# 1. *rank* ways of drawing a number by how well the eye compares them;
# 2. *choose* panels, axes and colours that do not mislead;
# 3. *draw* what nobody measured;
# 4. *explain* what a map of many columns shows, and what it invents;
# 5. *describe* a figure in words.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/04_pictures.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/04_pictures.ipynb)

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
from healthgym_edu.checks import ____, check, hint, question, solution
from healthgym_edu.checks import figures_04 as bad
from healthgym_edu.checks.figures_04 import deaths_by_lactate, leading_drugs

hg.plots.set_style()

# %% [markdown]
# It is Friday. On Monday the ward meets for five minutes to talk about twelve patients, and you may bring
# **one page**. Which pictures belong on it? Each section answers a part of this question, and section 9
# draws the page.
#
# > **About these data.** We use the three *teaching cohorts* of the course: simulated people with HIV, with
# > sepsis and with low blood pressure. **No treatment decision may rest on them.** Four figures below are
# > bad on purpose, and the text says which ones: their numbers are true, and still they mislead.

# %%
art, sepsis, icu = (hg.load_cohort(name) for name in ("art_hiv", "sepsis", "hypotension"))
print(f"{len(art):,} people with HIV, {len(sepsis):,} with sepsis, {len(icu):,} with low pressure")

# %% [markdown]
# ## 1 · What does the eye compare well?
#
# We begin in the HIV clinic, where a treatment is named after its *leading drug* (chapter 01 explains the
# letters). The pharmacist asks: *which of these drugs are most common when we first meet people?* A colleague
# sends a pie. It is the first bad figure.

# %% alt="Pie of nine slices in rainbow colours with a key: shares of people by leading drug. The green-yellow slice of EFV is the largest; RPV, DTG and DRV look about equally large. Bad on purpose."
leading = leading_drugs(art, month=0)
fig, ax = plt.subplots(figsize=(4.6, 2.8))
bad.slices(leading, ax)
plt.show()

# %%
question("04.order_in_the_pie")

# %% [markdown]
# To draw a number, you turn it into something that the eye can see, such as a length, an angle or a
# shade. This is called an **encoding**. In 1984 Cleveland and McGill ranked encodings by how precisely
# people compare them, and tested the best ones in experiments. Below, five shares of the *last* month are
# drawn in five encodings. Cover the right half with your hand: do more people take EVG or EFV?

# %%
last = leading_drugs(art, month=59)
hg.plots.five_ways(last[["DRV", "DTG", "EFV", "EVG", "RPV"]], "Share of people")
plt.show()

# %% [markdown]
# **What to see.** Five panels show the same five shares as shade, area, angle, length and position. In the
# shades and the circles, EFV and EVG look alike. In the angles and the lengths, EVG seems larger. In the
# last panel, where dots stand above a common axis, you read 12 % for EVG and 10 % for EFV.
#
# So **position** on a common axis is best, then length, angle, area, and last shade. A pie uses angles, and
# its key sends the reader back and forth.

# %% tags=["claims"]
assert leading.idxmax() == "EFV" and list(leading.nlargest(4).index[1:]) == ["RPV", "DTG", "DRV"]
assert 0.9 < 360 * (leading["DTG"] - leading["DRV"]) < 1.2  # degrees, for the quick question
assert round(100 * last["EVG"]) == 12 and round(100 * last["EFV"]) == 10

# %% [markdown]
# **Exercise 1 (repair the pie).** Draw the shares in `leading` as dots, or as bars from zero. Sort them by
# share, and let the axis say what is counted and in which unit.

# %%
# BEGIN SOLUTION
#| # sort the Series `leading`, then ax.plot(…, …, "o") or ax.barh(…, …), then ax.set(…); the
#| # answer is ax
#| answer = ____
share = leading.sort_values()
fig, ax = plt.subplots(figsize=(5.6, 2.8))
ax.plot(100 * share, share.index, "o")
ax.set(xlabel="Share of people (%)", ylabel="Leading drug", xlim=(0, None))
answer = ax
# END SOLUTION
check("04.sorted_drugs", answer, art=art)

# %% [markdown]
# ## 2 · One panel or many?
#
# In intensive care one nurse watches twelve patients at night. She asks: *who is getting worse?* We build
# her ward from our patients with low blood pressure. The function `hg.plots.a_ward` draws twelve of them at random
# and stops the clock. Nobody knows what comes after "now", so the table ends there.

# %%
ward = hg.plots.a_ward(icu, beds=12, seed=7)
hg.plots.one_panel_or_many(ward, "MAP", goal=(65, "aimed at"))
plt.show()

# %% [markdown]
# **What to see.** Both halves show the **mean arterial pressure** (MAP, the average pressure in the
# arteries) of the same twelve patients over 24 hours. The dashed line is the 65 mmHg that treatment aims
# at. On the left, twelve lines cross, and you cannot follow any of them. On the right, each patient has a
# panel. Filled areas show pressures below the line: Bed 6 was below it all day, and Bed 3 has been below it
# for the last eleven hours.
#
# Many lines in one panel are called **spaghetti**, and many small panels with the same axes **small
# multiples**. You learn to read one panel, and then you look for the one that differs.

# %%
question("04.silent_alarm")

# %% tags=["claims"]
pressure = ward.frame.pivot(index="Hours from now", columns="PatientID", values="MAP")
below = pressure.loc[-24:] < 65
assert below[6].all() and below.loc[-11:, 3].all() and not below.loc[-12, 3]
past_three = below.loc[-3:-1].all() & ~below.loc[0]
assert list(past_three.index[past_three]) == [12]

# %% [markdown]
# ## 3 · A linear or a logarithmic axis?
#
# In the HIV clinic a doctor asks: *does treatment keep working?* The left panel below shows the **viral
# loads** (copies of the virus in a millilitre of blood) of 300 people who start treatment. It is the second
# bad figure. The two other panels show one person.

# %%
starters = art.patients.index[art.patients["Naive at entry"]][:300]
some = art.subset(starters)
person = art.frame[art.frame["PatientID"] == 2258]

fig, (left, *others) = plt.subplots(1, 3, figsize=(7.6, 2.8))
bad.all_the_lines(some, left)
for ax, scale in zip(others, ["linear", "log"], strict=True):
    ax.plot(person["Timestep"], person["VL"])
    ax.set(yscale=scale, title=f"One person, {scale}", xlabel="Month")
    ax.set_ylabel("Viral load (copies/mL)")
    ax.yaxis.set_major_formatter("{x:,.0f}")
plt.show()

# %% [markdown]
# **What to see.** On the left, 300 lines lie on each other, and a few people with millions of copies press
# all others to the bottom. In the middle, the viral load of one person falls in the first month and then
# seems to stay at zero. The right panel shows the same numbers on a logarithmic axis: twice it rose above
# 1,000 copies/mL, for four and for eight months. Twice the virus was back, and the linear axis hid it.
#
# On a **linear** axis equal steps mean equal *differences*. On a **logarithmic** axis they mean equal
# *factors*: from 10 to 100 is as far as from 1,000 to 10,000. So ask what your reader wants to know: how
# many more, or how many times more? But a logarithmic axis has no zero, and it magnifies small values, such
# as those below 50 copies/mL, which the tests of those years could not measure.

# %% tags=["claims"]
failing = person.loc[person["Timestep"] > 2, ["Timestep", "VL"]].query("VL > 1000")["Timestep"]
runs = failing.groupby((failing.diff() > 1).cumsum()).size()
assert list(runs) == [4, 8] and person["VL"].iloc[1] < 0.01 * person["VL"].iloc[0]
assert person["VL"].iloc[5:].max() < 0.02 * person["VL"].iloc[0]

# %%
question("04.linear_or_log")

# %% [markdown]
# **Exercise 2 (repair the spaghetti).** Draw the 300 people in `some` again: the *median* viral load of each
# month as a line, with a *band* from the lower to the upper quartile, on a logarithmic axis. Label both axes.

# %%
# BEGIN SOLUTION
#| # by_month = some.frame.groupby("Timestep")["VL"]; it has .median() and .quantile(0.25); then
#| # ax.fill_between(…) and ax.plot(…); the answer is ax
#| answer = ____
by_month = some.frame.groupby("Timestep")["VL"]
low, high = by_month.quantile(0.25), by_month.quantile(0.75)
fig, ax = plt.subplots(figsize=(5.6, 2.8))
ax.fill_between(low.index, low, high, alpha=0.3)
ax.plot(by_month.median())
ax.set(yscale="log", xlabel="Time (months)", ylabel="Viral load (copies/mL)")
answer = ax
# END SOLUTION
check("04.median_band", answer, art=art)

# %% [markdown]
# ## 4 · Where does the axis begin?
#
# A journalist asks: *do women with sepsis die more often than men?* In 100 men there are 19.8 deaths by day
# 90, and in 100 women 20.3. Watch what happens to the bars when the axis begins later.

# %%
died = 100 * sepsis.patients.groupby("Gender", observed=True)["Died in 90 days"].mean()


def bars_from(start, ax):
    """Bars of `died` on an axis that begins at `start`, drawn as tall as the panel allows."""
    height = (died - start) / (died.max() - start)
    bars = ax.bar(died.index, height)
    ax.bar_label(bars, [f"{number:.1f}" for number in died])
    ax.set(ylim=(0, 1.15), yticks=[], ylabel="Died by day 90 (in 100 patients)")
    ax.set_xlabel(f"Her bar is {height['Female'] / height['Male']:.1f} times as tall")


hg.plots.slider(bars_from, [0, 5, 10, 15, 18, 19, 19.5], "Axis begins at", shown=[0, 18, 19.5])

# %% [markdown]
# **What to see.** Two bars, men 19.8 and women 20.3, are drawn on axes that begin at 0, at 18 and at 19.5.
# From 0 they are about equally tall. From 18 the women's bar is 1.3 times as tall as the men's, and from 19.5
# it is 2.7 times as tall. Only the axis has changed.
#
# A bar encodes its number as a *length*, and a length begins at zero. **So bars begin at zero.** (And the
# difference itself? With a thousand patients in each group, chance alone easily makes differences three times
# as large.)

# %% tags=["claims"]
by_gender = sepsis.patients.groupby("Gender", observed=True)["Died in 90 days"]
error = 100 * np.sqrt((by_gender.var() / by_gender.size()).sum())  # of the difference
assert [f"{number:.1f}" for number in died[["Male", "Female"]]] == ["19.8", "20.3"]
assert 3 * (died["Female"] - died["Male"]) < error and by_gender.size().min() > 950
taller = [(died["Female"] - start) / (died["Male"] - start) for start in (0, 18, 19.5)]
assert np.allclose(taller, [1.0, 1.3, 2.7], atol=0.05)

# %%
question("04.where_may_it_begin")

# %% [markdown]
# Two figures from last month's report follow, and both are bad. The left one shows deaths from sepsis by
# **lactate**, which builds up in the blood when tissues lack oxygen. The right one shows one patient.

# %%
deaths = deaths_by_lactate(sepsis)
day = sepsis.frame[sepsis.frame["PatientID"] == 2083]

fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 2.8))
bad.cut_bars(deaths, left)
bad.two_scales(day, right)
plt.show()

# %% [markdown]
# **What to see.** On the left, bars of deaths by lactate begin at about 9, so the smallest one nearly vanishes.
# They stand in alphabetical order, which puts "below 1" last. No label has a unit, and the title claims a
# cause. On the right, pressure and lactate have two scales, one at each side of the panel. Their lines cross
# twice. With other limits they would cross elsewhere, or never.
#
# **Exercise 3 (repair the bars).** Draw the shares in `deaths` again, without these faults.

# %% tags=["claims"]
scaled = pd.DataFrame({"MAP": (day["MeanBP"] - 45) / 48, "lactate": (day["Lactate"] - 1.6) / 3})
assert (np.diff(np.sign(scaled["MAP"] - scaled["lactate"])) != 0).sum() == 2
assert 8.5 < 92 * deaths.min() < 9 and deaths.is_monotonic_increasing

# %%
# BEGIN SOLUTION
#| # ax.bar(…, …) or ax.barh(…, …) or dots, then ax.set(xlabel=…, ylabel=…); the answer is ax
#| answer = ____
fig, ax = plt.subplots(figsize=(5.2, 2.8))
ax.bar(deaths.index, 100 * deaths)
ax.set(xlabel="Lactate at hour 24 (mmol/L)", ylabel="Died by day 90 (in 100 patients)")
answer = ax
# END SOLUTION
check("04.honest_bars", answer, sepsis=sepsis)

# %% [markdown]
# **Exercise 4 (repair the two scales).** Give pressure and lactate of this patient a panel each, one above
# the other. Both show the same hours, and each has its own axis with a unit. A row of `day` is a block of
# four hours, numbered in `Timepoints`. This time the answer is `fig`.

# %%
# BEGIN SOLUTION
#| # fig, (upper, lower) = plt.subplots(2, 1, sharex=True), then draw day["MeanBP"] and
#| # day["Lactate"]; the answer is fig
#| answer = ____
fig, (upper, lower) = plt.subplots(2, 1, sharex=True, figsize=(5.6, 3.4))
upper.plot(4 * day["Timepoints"], day["MeanBP"])
upper.set_ylabel("Mean pressure (mmHg)")
lower.plot(4 * day["Timepoints"], day["Lactate"])
lower.set(ylabel="Lactate (mmol/L)", xlabel="Time (hours)")
answer = fig
# END SOLUTION
check("04.two_panels", answer, day=day)

# %% [markdown]
# ## 5 · Who cannot see your colours?
#
# On many wards a board shows each bed as a traffic light: *which beds need a visit now?* But one man in
# twelve and one woman in 250 (of European descent) confuse red and green. Some of them lack the cells of
# the eye that respond to green light; this is called **deuteranopia**. The function `hg.plots.as_seen` turns a colour
# into what they see, by a matrix that Machado and colleagues published in 2009.

# %%
now = ward.frame[ward.frame["Hours from now"] == 0].set_index("PatientID")["MAP"]
pairs = {"red and green": ("tab:red", "tab:green")}
pairs["vermillion and blue"] = hg.plots.palette["vermillion"], hg.plots.palette["blue"]
seen = {name: tuple(hg.plots.as_seen(color) for color in pair) for name, pair in pairs.items()}

fig, axes = plt.subplots(1, 3, figsize=(7.4, 2.6))
hg.plots.traffic_board(now, 65, pairs["red and green"], axes[0])
hg.plots.traffic_board(now, 65, seen["red and green"], axes[1])
hg.plots.traffic_board(now, 65, seen["vermillion and blue"], axes[2], told=True)
titles = ["Red: below 65 mmHg", "As some see it", "Repaired, as they see it"]
for ax, title in zip(axes, titles, strict=True):
    ax.set_title(title, loc="center")
plt.show()

# %% [markdown]
# **What to see.** On the left board, four red squares among green ones mark the beds below 65 mmHg: 1, 3, 6
# and 11. The middle board is the same one as people with deuteranopia see it: all squares are olive, and the
# four beds can hardly be found. The right board, seen by the same people, has two other colours and also
# shows a triangle and the pressure itself. The four beds are back.

# %%
for name, pair in pairs.items():
    usual, without = hg.plots.color_distance(*pair), hg.plots.color_distance(*pair, "deuteranopia")
    print(f"{name:20} distance {usual:3.0f}, with deuteranopia {without:3.0f}")

# %% [markdown]
# These are distances between colours, where black and white are 100 apart. Below about 10, two colours are
# hard to tell apart. So take colours that keep their distance, such as the palette of Okabe and Ito
# (`hg.plots.palette`). And never let colour speak alone: add a word, a marker or a line style.

# %% tags=["claims"]
assert list(now.index[now < 65]) == [1, 3, 6, 11]
assert hg.plots.color_distance(*seen["red and green"]) < 10 < 60 < hg.plots.color_distance(*seen["vermillion and blue"])

# %%
question("04.black_and_white")

# %% [markdown]
# ## 6 · How do you draw what nobody measured?
#
# The pressure of Bed 12 has been sinking, so the nurse asks: *and its lactate?*

# %%
bed = ward.frame[ward.frame["PatientID"] == 12]
hours, lactate = bed["Hours from now"], bed["lactic_acid"]
measured = bed["lactic_acid_m"]  # True where somebody drew blood

fig, axes = plt.subplots(1, 3, figsize=(7.6, 2.6), sharey=True)
axes[0].plot(hours, lactate.where(measured, 0))
axes[1].plot(hours, lactate)
axes[2].plot(hours, lactate, color="grey", linestyle=":", lw=1.5)
axes[2].plot(hours[measured], lactate[measured], "o")
ways = ["Not measured as 0", "Carried forward", "As it was measured"]
for ax, title in zip(axes, ways, strict=True):
    ax.set(title=title, xlabel="Hours from now", ylim=(-0.1, 3.2))
axes[0].set_ylabel("Lactate (mmol/L)")
plt.show()

# %% [markdown]
# **What to see.** Three drawings show the lactate of Bed 12. On the left, hours without a result are drawn as
# 0, so it seems to jump between 0 and 2.8. In the middle, each result is repeated until the next one (it is
# **carried forward**), and after the last one the line is flat. On the right, dots are the six results, and
# the last one is 28 hours old.

# %%
question("04.flat_for_a_day")

# %% [markdown]
# Nobody has a lactate of 0. In the left panel, 0 is a code for "not measured" that somebody drew as a
# number. Such zeros also spoil every average:

# %%
value, known = ward.frame["lactic_acid"], ward.frame["lactic_acid_m"]
print(f"mean of what was measured on this ward: {value[known].mean():.1f} mmol/L")
print(f"mean with zeros for the rest:           {value.where(known, 0).mean():.1f} mmol/L")

# %% [markdown]
# So draw measured values as marks and filled values in another way, and leave a gap where nothing is known.

# %% tags=["claims"]
assert measured.sum() == 6 and hours[measured].max() == -28 and 2.7 < lactate[measured].max() < 2.8
assert value[known].mean() > 1.8 and value.where(known, 0).mean() < 0.1

# %% [markdown]
# ## 7 · Forty columns at once
#
# A doctor asks: *are there different kinds of patients with sepsis?* Each patient has 44 columns. **Principal
# component analysis** (PCA) looks for the direction in which patients differ most, and then for the second
# one, at a right angle to it. These two directions make a map, and each patient is a point on it. How much
# patients differ along a direction is its **variance**.

# %%
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler


def numbers(frame):
    """All columns but who and when, as numbers; a label becomes its place in the list."""
    table = frame.drop(columns=["PatientID", "Timepoints"])
    for name in table.select_dtypes("category"):
        table[name] = table[name].cat.codes
    return table.astype(float)


at_24 = sepsis.frame[sepsis.frame["Timepoints"] == 6]  # the block that begins at hour 24
words = {True: "died by day 90", False: "alive on day 90"}
fate = sepsis.patients["Died in 90 days"].map(words)
columns = numbers(at_24)
scaled = StandardScaler().fit_transform(columns)  # mean 0, standard deviation 1

# %%
tables = {"Columns as they are": columns.to_numpy(), "All columns on one scale": scaled}
pca_maps, labels = {}, {}
for name, table in tables.items():
    pca = PCA(2).fit(table)
    pca_maps[name] = pca.transform(table)
    shares = pca.explained_variance_ratio_
    labels[name] = [f"Direction {k + 1} ({shares[k]:.0%} of variance)" for k in (0, 1)]
hg.plots.point_maps(pca_maps, at_24["PatientID"].map(fate), labels)
plt.show()

# %% [markdown]
# **What to see.** Each point is a patient at hour 24; squares are those who died by day 90. On the left the
# columns are as they are, and two directions hold nearly 100 % of the variance. On the right all columns are on one
# scale, and two directions hold 14 %. The right map is one cloud without islands. Those who died lie somewhat
# more to the left, among many who lived.

# %%
question("04.more_variance")

# %% [markdown]
# The left map shows just two columns: all the fluid that went in and all the urine that came out. They are
# counted in thousands of millilitres, so all other columns vanish beside them. Put columns on one scale before
# a PCA, and write the percentages on the axes.

# %% tags=["claims"]
raw = PCA(2).fit(columns)
heaviest = {columns.columns[np.abs(direction).argmax()] for direction in raw.components_}
assert heaviest == {"InputTotal", "OutputTotal"} and raw.explained_variance_ratio_.sum() > 0.99
assert round(100 * shares.sum()) == 14 and columns.shape[1] == 44
dead = (at_24["PatientID"].map(fate) == words[True]).to_numpy()
place = pca_maps["All columns on one scale"][:, 0]
assert place[dead].mean() < place[~dead].mean() - 0.3
assert (place[~dead] < place[dead].mean()).mean() > 0.2  # among many who lived

# %% [markdown]
# **t-SNE** makes the maps that you see in many papers. It tries to keep the *nearest neighbours* of each point
# near, and gives up all other distances. Its **perplexity** says how many neighbours count. We draw four
# maps: 240 patients; the same 240 with another random start; a table in which every column was shuffled on its
# own, so that nothing is related to anything; and 240 *rows*, six of each patient.

# %%
from sklearn.manifold import TSNE


def t_sne(table, perplexity=30, seed=0):
    """A map of the rows of a table, shape (rows, 2)."""
    settings = {"perplexity": perplexity, "random_state": seed, "max_iter": 500}
    return TSNE(init="random", **settings).fit_transform(table)


some_rows = scaled[:240]
rng = np.random.default_rng(0)
shuffled = np.column_stack([rng.permutation(column) for column in some_rows.T])
first_day = sepsis.frame[sepsis.frame["Timepoints"] < 6].head(240)

# %%
maps = {
    "240 patients": t_sne(some_rows),
    "The same, another start": t_sne(some_rows, seed=1),
    "Shuffled columns, perplexity 2": t_sne(shuffled, perplexity=2),
    "240 rows of 40 patients": t_sne(StandardScaler().fit_transform(numbers(first_day))),
}

# %% tags=["drawing"]
one, two = (maps[name] for name in ("240 patients", "The same, another start"))
near = np.linalg.norm(one[:, None] - one[None], axis=2)
far = np.linalg.norm(two[:, None] - two[None], axis=2)
far[(near < np.quantile(near, 0.004)) | (near > np.quantile(near, 0.01))] = 0  # neighbours first
a, b = np.unravel_index(far.argmax(), far.shape)
found_again = {"A": int(a), "B": int(b)}
of_patients = at_24["PatientID"].map(fate).to_numpy()[:240]
groups = dict.fromkeys(maps, of_patients)
groups["Shuffled columns, perplexity 2"] = None  # these rows are nobody
groups["240 rows of 40 patients"] = first_day["PatientID"].map(fate).to_numpy()
hg.plots.point_maps(maps, groups, marked=dict.fromkeys(list(maps)[:2], found_again))
plt.show()

# %% [markdown]
# **What to see.** Four t-SNE maps. The upper two show the same 240 patients with two random starts: patients A
# and B are neighbours on the first map and far apart on the second. On the lower left map nothing is related to
# anything, and still a small perplexity makes clumps and strings. The lower right map has islands of a single
# colour, but each island is one *patient*: six rows that are nearly copies.
#
# So do not read distances, sizes or numbers of islands off a t-SNE map. Draw it with several starts, several
# perplexities and shuffled columns, and count the rows of each patient.

# %% tags=["claims"]
from scipy.spatial.distance import pdist
from sklearn.neighbors import NearestNeighbors

assert near[a, b] < 0.1 * near.max() and np.linalg.norm(two[a] - two[b]) > 0.4 * pdist(two).max()
who = first_day["PatientID"].to_numpy()
beside = NearestNeighbors(n_neighbors=1).fit(maps["240 rows of 40 patients"]).kneighbors()[1][:, 0]
assert len(set(who)) == 40 and (who[beside] == who).mean() > 0.95
gaps = []  # distance to the nearest point, in mean distances: small where points clump
for clumped in (maps["Shuffled columns, perplexity 2"], t_sne(shuffled)):
    to_next = NearestNeighbors(n_neighbors=1).fit(clumped).kneighbors()[0]
    gaps.append(to_next.mean() / pdist(clumped).mean())
assert gaps[0] < 0.85 * gaps[1]

# %%
question("04.types_of_sepsis")

# %% [markdown]
# ## 8 · A picture in words
#
# *And a colleague who is blind?* She reads with a **screen reader**, a program that speaks what is on the
# screen. A figure is silent unless it has an **alternative text**. (In this course that is the beginning of
# "What to see".) A good one says three things:
#
# 1. the *kind* of figure: "Bars: …", without "Image of …", which the program says itself;
# 2. what both *axes* show;
# 3. the *message*: a direction and a number or two, as in "falls from 30 % to 10 %".
#
# **Exercise 5 (write).** Write the alternative text of your repaired bars from exercise 3, in 80 to 400
# characters.

# %%
# BEGIN SOLUTION
#| alt_text = ____
alt_text = (
    "Bars: share of patients with sepsis who died by day 90, by lactate at hour 24. Deaths rise "
    "with lactate, from 9 in 100 below 1 mmol/L to 46 in 100 at 4 mmol/L and more."
)
# END SOLUTION
check("04.alt_text", alt_text, sepsis=sepsis)

# %% [markdown]
# ## 9 · One ward on one page
#
# Here is a page for Monday. It answers one question: *whom do we visit first?* Positions show the numbers,
# small multiples show the day, colour never speaks alone, and what was not measured is visible.

# %%
hg.plots.ward_page(
    ward,
    trend="MAP",
    goal=(65, "aimed at"),
    result="lactic_acid",
    treatment="vasopressors",
    flags=["PO2_m", "serum_creatinine_m", "urine_m"],
)
plt.show()

# %% [markdown]
# **What to see.** Each row is a bed, and the lowest pressure is on top. Triangles mark the four beds below 65
# mmHg: 1, 6, 3 and 11. Beds 6 and 3 have never had a lactate, and that of Bed 1 is 18 hours old. None of the
# four gets a **vasopressor**, a drug that narrows the blood vessels so that the pressure rises. Bed 10, on its
# highest level, is measured most often. So we visit Beds 6 and 3 first: their pressure is low, and nobody
# looked further.
#
# What did we leave out? For each column we asked: *what would the meeting do differently if it saw this?*
# Liver enzymes, for example, would change nothing on Monday morning.

# %% tags=["claims"]
page = ward.frame[ward.frame["Hours from now"] == 0].set_index("PatientID")
assert list(page["MAP"].sort_values().index[:4]) == [1, 6, 3, 11]
drawn_at = ward.frame[ward.frame["lactic_acid_m"]].groupby("PatientID")["Hours from now"].max()
assert not {3, 6} & set(drawn_at.index) and drawn_at[1] == -18
assert (page.loc[[1, 3, 6, 11], "vasopressors"].astype(str) == "0").all()
assert page.loc[10, "vasopressors"] == page["vasopressors"].cat.categories[-1]
recent = ward.frame[ward.frame["Hours from now"] > -24]
assert recent.groupby("PatientID")[["PO2_m", "lactic_acid_m"]].sum().idxmax().eq(10).all()

# %%
question("04.leave_out")

# %% [markdown]
# **Exercise 6 (open, 30 minutes; also good as homework).** The night nurse has *half a minute*, and six panels
# are too many for her. Write a function `draw(ward)` that returns a figure of **at most three panels**. It
# names every bed and shows its pressure now and its last lactate, or says that there is none. Units are on the
# page, bars begin at zero, colours survive deuteranopia, and no word lies on another. The check calls your
# function with *other* wards.

# %%
# BEGIN SOLUTION
#| def draw(ward):
#|     """One figure for half a minute, from a ward as `a_ward` gives it."""
#|     return ____
def draw(ward):
    """One figure for half a minute, from a ward as `a_ward` gives it."""
    now = ward.frame[ward.frame["Hours from now"] == 0].sort_values("MAP", ascending=False)
    beds = [f"Bed {bed}" for bed in now["PatientID"]]
    fig, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(7.4, 3.6))
    left.axvline(65, color="black", ls="--", lw=1)
    left.plot(now["MAP"], beds, "o")
    left.set(xlabel="Mean pressure now (mmHg)", title="Dashed: 65 mmHg")
    right.plot(now["lactic_acid"], beds, "D")
    for row, lactate in enumerate(now["lactic_acid"]):
        if np.isnan(lactate):
            right.text(0.1, row, "never measured", va="center")
    right.set(xlabel="Lactate, last result (mmol/L)", xlim=(0, None))
    return fig
# END SOLUTION


draw(ward)
plt.show()
check("04.half_a_minute", draw, icu=icu)

# %% [markdown]
# ## Key points
#
# - The eye compares positions best, then lengths, angles, areas, and shades worst.
# - Bars begin at zero, categories have a meaningful order, and two scales share no panel.
# - Small multiples, or a median with a band, replace spaghetti.
# - Linear axes show differences, and logarithmic axes show factors.
# - Colour never speaks alone. What was not measured looks different from what was.
# - PCA axes carry their percentages. On a t-SNE map, distances, sizes and numbers of islands mean nothing.
#
# **For a seminar.** (a) Find a figure in a newspaper and name its encoding. Which better one was possible? (b)
# When is spaghetti better than a band? (c) Tufte's *lie factor* is the size of an effect in a picture, divided
# by its size in the data. Compute it for the third panel of section 4. (d) Our page puts good pressures at the
# bottom, even without any lactate. Should it?
#
# **References.**
# Cleveland and McGill, *Graphical perception*, JASA 1984,
# [doi:10.1080/01621459.1984.10478080](https://doi.org/10.1080/01621459.1984.10478080).
# Tufte, *The Visual Display of Quantitative Information*, Graphics Press 1983.
# Okabe and Ito, *Color universal design*, 2008,
# [jfly.uni-koeln.de/color](https://jfly.uni-koeln.de/color/).
# Birch, *Worldwide prevalence of red-green color deficiency*, JOSA A 2012,
# [doi:10.1364/JOSAA.29.000313](https://doi.org/10.1364/JOSAA.29.000313).
# Machado et al., *A physiologically-based model for simulation of color vision deficiency*, IEEE
# TVCG 2009,
# [doi:10.1109/TVCG.2009.113](https://doi.org/10.1109/TVCG.2009.113).
# van der Maaten and Hinton, *Visualizing data using t-SNE*, JMLR 2008.
# Wattenberg et al., *How to use t-SNE effectively*, Distill 2016,
# [doi:10.23915/distill.00002](https://doi.org/10.23915/distill.00002).
