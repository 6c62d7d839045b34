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
# **Time.** 50 minutes to read, 80 to exercise. **You need** pandas and Matplotlib as in chapter 01.
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
# The ward meets in an hour, for five minutes, to talk about twelve patients, and you may bring
# **one page**. Which pictures belong on it? Each section answers a part of this question, and section 9
# draws the page.
#
# > **About these data.** We use the three *teaching cohorts* of the course: simulated people with HIV, with
# > sepsis and with low blood pressure. **No treatment decision may rest on them.** Four figures below are
# > bad on purpose: their numbers are true, and still they mislead.

# %%
art, sepsis, icu = (hg.load_cohort(name) for name in ("art_hiv", "sepsis", "hypotension"))
print(f"{len(art):,} people with HIV, {len(sepsis):,} with sepsis, {len(icu):,} with low pressure")

# %% [markdown]
# ## 1 · What does the eye compare well?
#
# We begin in the HIV clinic, where a treatment is named after its *leading drug*. The pharmacist asks: *which
# of these drugs are most common when we first meet people?* A colleague sends a pie. It is the first bad
# figure.

# %% alt="Pie of nine slices in rainbow colours with a key: shares of people by leading drug. No axes and no numbers. The green-yellow slice of EFV is the largest, more than a third; RPV is next; DTG and DRV look equally large. Bad on purpose."
leading = leading_drugs(art, month=0)
fig, ax = plt.subplots(figsize=(4.6, 2.8))
bad.slices(leading, ax)
plt.show()

# %%
question("04.larger_slice")

# %% [markdown]
# To draw a number, you turn it into something that the eye can see, such as a length, an angle or a
# shade. This is called an **encoding**. In 1984 Cleveland and McGill ranked encodings by how precisely
# people compare them, and tested the best ones in experiments. Below, five shares of the *last* month are
# drawn in five encodings. Cover the two panels on the right: do more people take EVG or EFV?

# %% alt="Marks in five panels: the same five shares of people, one row for each of five drugs, as shade, area, angle, length and position. In shade and area, EFV and EVG look alike. Only the last panel has an axis, the share of people from 0 to 30 %: there EVG stands at 12 % and EFV at 10 %."
last = leading_drugs(art, month=59)
hg.plots.five_ways(last[["DRV", "DTG", "EFV", "EVG", "RPV"]], "Share of people")
plt.show()

# %% [markdown]
# **What to see.** Five panels show the same five shares as shade, area, angle, length and position. In the
# shades and the circles, EFV and EVG look alike. In the angles and the lengths, EVG seems larger. (The
# bars start at different places on purpose, so that only their length can be compared.) In the
# last panel, where dots stand above a common axis, you read 12 % for EVG and 10 % for EFV.
#
# So **position** on a common axis is best, then length and angle (one step in their list), then area, and
# last shade. A pie asks for angles, areas or arcs, and its key sends the reader back and forth.

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
# In intensive care one nurse watches twelve patients at night. She asks: *who is getting worse?* We build her
# ward from our patients with low blood pressure. The function `hg.plots.a_ward` draws twelve of them at random
# and stops the clock: their records end "now".

# %% alt="Lines in one panel and in twelve: mean arterial pressure (40 to 115 mmHg) against the last 24 hours, for twelve beds, with a dashed line at 65 mmHg. In the one panel the lines cross and can hardly be followed. In the small panels, filled areas show that Bed 6 was below 65 all day, and Bed 3 for the last eleven hours."
ward = hg.plots.a_ward(icu, beds=12, seed=7)
hg.plots.one_panel_or_many(ward, "MAP", goal=(65, "aimed at"))
plt.show()

# %% [markdown]
# **What to see.** Both halves show the **mean arterial pressure** (MAP, the average pressure in the
# arteries) of the same twelve patients over 24 hours. The dashed line is the 65 mmHg that treatment aims
# at. On the left, twelve lines cross, and you can hardly follow one of them. On the right, each patient has a
# panel. Filled areas show pressures below the line: Bed 6 was below it all day, and Bed 3 for the last
# eleven hours.
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

# %% alt="Lines in three panels: viral load against the month, 0 to 59. Left, bad on purpose: 300 people on a linear axis in millions, where a few press all others to the bottom. Middle: one person on a linear axis, who seems to stay at zero after the first month. Right: the same person on a logarithmic axis, who rises above 1,000 copies/mL twice, for four and for eight months."
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
# 1,000 copies/mL, for four and for eight months. The linear axis hid this.
#
# On a **linear** axis equal steps mean equal *differences*. On a **logarithmic** axis they mean equal
# *factors*: from 10 to 100 is as far as from 1,000 to 10,000. So ask what your reader wants to know: how many
# more, or how many times more? But a logarithmic axis has no zero, and it magnifies small values, such as those
# below 50 copies/mL. A real test of those years (2009 to 2021) would say only "below 50"; the simulator knows
# more.

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
# A journalist asks: *do women with sepsis die more often than men?* Of 100 men, 19.8 died by day 90; of 100
# women, 20.3. What happens to the bars when the axis begins later?

# %%
by_gender = sepsis.patients.groupby("Gender", observed=True)["Died in 90 days"]
died = 100 * by_gender.mean()


# %% tags=["drawing"]
def bars_from(start, ax):
    """Bars of `died` on an axis that begins at `start`, drawn as tall as the panel allows."""
    tallest = died.max() - start
    height = (died - start) / tallest
    bars = ax.bar(died.index, height)
    ax.bar_label(bars, [f"{number:.1f}" for number in died])
    ax.set(ylim=(0, 1.15), yticks=[], ylabel="Died by day 90 (in 100 patients)")
    ax.yaxis.labelpad = 28
    real = ax.secondary_yaxis(
        "left", functions=(lambda y: start + tallest * y, lambda y: (y - start) / tallest)
    )
    first, second, *_ = plt.MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(start, died.max())
    real.set_yticks(np.arange(start, died.max(), second - first))  # the first one at its beginning
    ax.set_xlabel(f"Her bar is {height['Female'] / height['Male']:.1f} times as tall")


# %% alt="Bars in three panels: deaths by day 90 in 100 patients, 19.8 of men and 20.3 of women, on axes that begin at 0, at 18 and at 19.5. Her bar is 1.0, 1.3 and 2.7 times as tall as his, although the numbers are the same."
places = [0, 5, 10, 15, 18, 19, 19.5]
hg.plots.slider(bars_from, places, "Axis begins at", shown=[0, 18, 19.5])

# %% [markdown]
# **What to see.** Two bars, men 19.8 and women 20.3, are drawn on axes that begin at 0, at 18 and at 19.5.
# From 0 they are about equally tall. From 18 the women's bar is 1.3 times as tall as the men's, and from 19.5
# it is 2.7 times as tall. Only the axis has changed.
#
# A bar encodes its number as a *length*, and a length begins at zero. **So bars begin at zero.** But how large
# a difference does chance alone make?

# %%
standard_error = 100 * np.sqrt((by_gender.var() / by_gender.size()).sum())  # of a difference
difference = died["Female"] - died["Male"]
print(f"Women and men differ by {difference:.1f} in 100. Chance alone easily makes a difference of")
print(f"{standard_error:.1f} (one standard error), {standard_error / difference:.1f} times as large.")

# %% tags=["claims"]
assert [f"{number:.1f}" for number in died[["Male", "Female"]]] == ["19.8", "20.3"]
assert 3 * difference < standard_error and by_gender.size().min() > 950
taller = [(died["Female"] - start) / (died["Male"] - start) for start in (0, 18, 19.5)]
assert np.allclose(taller, [1.0, 1.3, 2.7], atol=0.05)

# %%
question("04.where_may_it_begin")

# %% [markdown]
# Two bad figures from last month's report follow. The left one shows deaths of patients with sepsis by
# **lactate**, which builds up in the blood when tissues lack oxygen. The right one shows one patient.

# %% alt="Bars beside lines, both bad on purpose. Left, bars: deaths by lactate, no units; the axis begins at 9, the order is 1 to 2, 2 to 4, 4 and more, below 1, and the title says Lactate kills. Right, lines: pressure (45 to 93) and lactate (1.6 to 4.6) of one patient over 76 hours, on two scales in one panel; they cross twice."
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

# %% tags=["claims"]
scaled = pd.DataFrame({"MAP": (day["MeanBP"] - 45) / 48, "lactate": (day["Lactate"] - 1.6) / 3})
assert (np.diff(np.sign(scaled["MAP"] - scaled["lactate"])) != 0).sum() == 2
assert 8.5 < 92 * deaths.min() < 9 and deaths.is_monotonic_increasing

# %% [markdown]
# **Exercise 3 (repair the bars).** Draw the shares in `deaths` again, without these faults.

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
# four hours, numbered in `Timepoints`.

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
# On many wards a board shows each bed as a traffic light: *which beds need a visit now?* But one man in twelve
# and one woman in 250 (of European descent) confuse red and green. Some of them lack the cells of the eye that
# respond to green light; this is called **deuteranopia**. The function `hg.plots.as_seen` turns a colour into
# what they see, by a matrix that Machado and colleagues published in 2009.

# %% alt="Boards of twelve squares, one a bed. Left: four red ones among green mark the beds below 65 mmHg: 1, 3, 6 and 11. Middle: the same board as people with deuteranopia see it; all squares are olive, and the four can easily be missed. Right, repaired and seen by the same people: the four are olive among blue, with a triangle, and each bed says its pressure."
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
# four beds can easily be missed. The right board, seen by the same people, has two other colours. It shows the
# bed on top, its pressure below, and a triangle before a low one.

# %%
for name, pair in pairs.items():
    usual, without = hg.plots.color_distance(*pair), hg.plots.color_distance(*pair, "deuteranopia")
    print(f"{name:20} distance {usual:3.0f}, with deuteranopia {without:3.0f}")

# %% [markdown]
# These distances (in **CIELAB**, a map of colours as people see them) put black and white 100 apart. Below
# about 10, small marks that do not touch are easily confused. So take colours that keep their distance, such as
# the palette of Okabe and Ito (`hg.plots.palette`). And never let colour speak alone: add a word, a marker or a
# line style.

# %% tags=["claims"]
assert list(now.index[now < 65]) == [1, 3, 6, 11]
assert hg.plots.color_distance(*seen["red and green"]) < 10 < 60 < hg.plots.color_distance(*seen["vermillion and blue"])

# %%
question("04.black_and_white")

# %% [markdown]
# ## 6 · How do you draw what nobody measured?
#
# The pressure of Bed 12 has been sinking, so the nurse asks: *and its lactate?*

# %% alt="Lines in three panels: lactate of Bed 12 in mmol/L against the hours from now, from 43 hours ago. With 0 where nobody measured, it jumps between 0 and 2.8. Carried forward, it moves in steps and is flat for the last 28 hours. As it was measured: six dots from 2.4 to 2.8, the last one 28 hours old."
bed = ward.frame[ward.frame["PatientID"] == 12]
hours, lactate = bed["Hours from now"], bed["lactic_acid"]
measured = bed["lactic_acid_m"]  # True where somebody drew blood

fig, axes = plt.subplots(1, 3, figsize=(7.6, 2.6), sharey=True)
axes[0].plot(hours, lactate.where(measured, 0))
axes[1].plot(hours, lactate, drawstyle="steps-post")
axes[2].plot(hours, lactate, color="grey", linestyle=":", lw=1.5, drawstyle="steps-post")
axes[2].plot(hours[measured], lactate[measured], "o")
ways = ["0 where not measured", "Carried forward", "As it was measured"]
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

# %% alt="Maps of points in two panels, one point a patient at hour 24; squares died by day 90. Left, columns as they are: direction 1 holds 70 % of the variance and direction 2 30 %; most points crowd in one corner. Right, all columns on one scale: 8 % and 6 %; one round cloud without islands, in which those who died lie somewhat more to the left, among many who lived."
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
# columns are as they are, and two directions hold nearly 100 % of the variance. On the right all columns are on
# one scale, and two directions hold 14 %. The right map is one cloud without islands. Those who died lie
# somewhat more to the left, among many who lived.

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
# own, so that nothing is related to anything; and 240 *rows*, six of each patient. (We start at random and stop
# after 500 steps. scikit-learn's default start, a PCA, varies less.)

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

# %% tags=["drawing"] alt="Maps of points by t-SNE in four panels; their axes have no meaning. The upper two show the same 240 patients with two random starts: A and B are neighbours on the first and far apart on the second. Lower left, shuffled columns with perplexity 2 make clumps and strings out of nothing. Lower right, 240 rows make about 40 islands of a single colour, one for each of 40 patients."
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
# and B are neighbours on the first map and far apart on the second. (Of all near neighbours we show the two
# that moved farthest.) On the lower left map nothing is related to anything, and still a small perplexity makes
# clumps and strings. The lower right map has islands of a single colour, but each island is one *patient*: six
# rows that are nearly copies.
#
# So distances, sizes and numbers of islands can be made by the method. Trust an island only if it returns with
# other starts and perplexities, and not in shuffled data. And count the rows of each patient.

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
# screen. A figure is silent unless it has an **alternative text**. Every figure of this chapter has one. A good
# one says three things:
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
# Here is a page for the meeting. It answers one question: *whom do we visit first?* Positions show numbers,
# small multiples show the day, colour never speaks alone, and what was not measured is visible.

# %% alt="Table of small charts: twelve beds, one row each, the lowest pressure on top. Columns: mean pressure over 24 hours and now (mmHg), last lactate (mmol/L) and its age, vasopressor level, and ticks for measured oxygen, creatinine and urine. Beds 1, 6, 3 and 11 are below 65 mmHg; 6 and 3 never had a lactate; Bed 10, on the highest level, has oxygen measured most often."
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
# four gets a **vasopressor**, a drug that narrows the blood vessels so that the pressure rises. Bed 10, on the
# highest vasopressor level, has its oxygen measured most often. So we visit Beds 6 and 3 first: their pressure
# is low, and nobody has measured their lactate.
#
# What did we leave out? For each column we asked: *what would the meeting do differently if it saw this?*
# Liver enzymes, for example, would change nothing in this meeting.

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
# **Exercise 6 (open, 30 minutes).** The night nurse has *half a minute*, and six panels are too many for her.
# Write a function `draw(ward)` that returns a figure of **at most three panels**. It names every bed and shows
# its pressure now and its last lactate, or says that there is none. Units are on the page, bars begin at zero,
# colours survive deuteranopia, and no word lies on another. The check calls your function with *other* wards.

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
# - The eye compares positions best, then lengths and angles, then areas, and shades worst.
# - Bars begin at zero, categories have a meaningful order, and two scales share no panel.
# - Small multiples, or a median with a band, replace spaghetti.
# - Linear axes show differences, and logarithmic axes show factors.
# - Colour never speaks alone. What was not measured looks different from what was.
# - PCA axes carry their percentages. Islands on a t-SNE map can be made by the method.
#
# **For a seminar.** (a) Find a figure in a newspaper and name its encoding. Which better one was possible? (b)
# Tufte's *lie factor* is the size of an effect in a picture, divided by its size in the data. Compute it for
# the third panel of section 4. (c) Our page puts good pressures at the bottom, even without any lactate. Should
# it?
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
