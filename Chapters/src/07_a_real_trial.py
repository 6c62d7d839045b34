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
# # 07 · A real trial
#
# **Aim.** You learn to check a way of working on a real trial whose answer was published.
#
# **Time.** 45 minutes to read, 70 to exercise. **You need** chapters 00 and 02. Chapter 05 uses the same
# methods on simulated people; each of its words is explained again here.
#
# **After this chapter you can**
#
# 1. *describe* the two arms of a trial, and *explain* why their differences are not tested;
# 2. *estimate* a hazard ratio, a restricted mean and a number needed to treat;
# 3. *compare* your estimates with published ones, and *explain* each difference;
# 4. *judge* whether a synthetic copy of a trial tells the same story.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/07_a_real_trial.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/07_a_real_trial.ipynb)

# %% tags=["setup"]
try:
    import healthgym_edu as hg
    import lifelines
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
    subprocess.run([*pip, f"healthgym-edu[survival] @ {source}"], check=True)
    # only for the records that it ships; nothing of it is run, so it needs no other library
    subprocess.run([*pip, "--no-deps", "scikit-survival"], check=True)
    import healthgym_edu as hg

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from healthgym_edu.checks import ____, budget, check, hint, question, solution
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test
from sklearn.tree import DecisionTreeRegressor

hg.plots.set_style()

# %% [markdown]
# > **About these data.** These rows are **real people**. In 1996 and 1997 they agreed to be part of a trial, so
# > that others would be treated better. 26 of them died during it. Their records, without names, were published
# > with a textbook (Hosmer, Lemeshow and May, 2008), and come to us with the library scikit-survival. We learn
# > from them with thanks, and nobody tries to find out who they are. **Nothing here treats anyone:** indinavir
# > has long been replaced by better drugs.

# %% [markdown]
# ## 1 · A question of 1996
#
# In 1996 many people with HIV took two drugs that block the same step of the virus. Yet a lot of them developed
# **AIDS**, the stage at which the immune system no longer stops certain infections and tumours, and many died.
# Then came the **protease inhibitors**, drugs that block another step. Does such a third drug, *indinavir*,
# help?
#
# The trial ACTG 320 asked this. It took people with at most 200 CD4 cells/µL, the immune cells that HIV
# destroys. (Healthy people have 500 or more.) All had taken the drug zidovudine for three months or more, and
# nobody had taken lamivudine or a protease inhibitor. All of them now received zidovudine (or stavudine) and
# lamivudine, and half of them received indinavir as well.
#
# The trial was **randomised**, which means that chance alone decided who came into which group, called an
# **arm**. It was **double-blind**, too: the others received a **placebo**, a pill without a drug, and neither
# they nor their doctors knew. What the trial was to be judged by, its **primary endpoint**, had been fixed
# before: the time to an illness that defines AIDS, or to death. For short we say "AIDS or death".

# %%
trial = hg.survival.actg320()
print(f"{len(trial):,} people, {trial['duration'].sum() / 365.25:.0f} years of follow-up")
trial[["duration", "event", "arm", "stratum", "age", "cd4"]].head()

# %% [markdown]
# In each row, `duration` is a number of days, and `event` says whether AIDS or death came at its end. Where it
# did not come, the **follow-up** (the time watched) ended first, and the person is called **censored**.

# %%
question("07.censored")

# %%
arms = trial.groupby("arm")
here = pd.DataFrame({"people": arms.size(), "AIDS or death": arms["event"].sum()})
here["deaths"] = arms["died"].sum()
paper = {"people": [577, 579], "AIDS or death": [33, 63], "deaths": [8, 18]}
published = pd.DataFrame(paper, index=here.index)
pd.concat({"published": published, "in this file": here}, axis=1)

# %% [markdown]
# **What to see.** With indinavir 33 people developed AIDS or died, and without it 63. Events and deaths are
# exactly those of the paper. But five people of the 1,156 are missing from the file, and its code sheet does
# not say why. None of the five had an event.

# %% tags=["claims"]
assert (here[["AIDS or death", "deaths"]] == published[["AIDS or death", "deaths"]]).all().all()
assert (published["people"] - here["people"]).tolist() == [3, 2] and len(trial) == 1151
assert here.index.tolist() == ["indinavir", "no indinavir"] and here["deaths"].sum() == 26
second = trial.iloc[1]
assert second["duration"] == 287 and not second["event"]
assert trial["zidovudine months"].min() >= 3 and 0.9 < (~trial["event"]).mean() < 0.93

# %% [markdown]
# ## 2 · Chance has no preferences
#
# The first table of nearly every trial shows who was in it, arm by arm, before treatment began. It is called
# **Table 1**.

# %%
baseline = {
    "age (years)": trial["age"],
    "women (in 100)": 100 * (trial["sex"] == "female"),
    "Black (in 100)": 100 * (trial["ethnicity"] == "Black"),
    "Hispanic (in 100)": 100 * (trial["ethnicity"] == "Hispanic"),
    "ever injected drugs (in 100)": 100 * (trial["drug use"] != "never"),
    "haemophilia (in 100)": 100 * trial["haemophilia"],
    "Karnofsky score below 90 (in 100)": 100 * (trial["karnofsky"] < 90),
    "CD4 count (cells/µL)": trial["cd4"],
    "zidovudine before (months)": trial["zidovudine months"],
}
table_1 = pd.DataFrame(baseline).groupby(trial["arm"]).mean().T
table_1.round(1)

# %% [markdown]
# **What to see.** The two arms are alike in every row. (A **Karnofsky score** of 100 means no complaints. With
# less than 90, a normal day takes effort. In *haemophilia* blood does not clot; its treatment once carried
# HIV.) In chapter 02 the treated were sicker, because sickness was the reason to treat them. Here nobody had a
# reason: chance chose. So there is **no confounding by indication**, and what differs later comes from the
# treatment or from chance.
#
# Some papers add a p value to each row of Table 1. (A **p value** is the probability of a difference at least
# as large as the one we see, if chance alone were at work.)

# %%
question("07.testing_table_one")

# %% tags=["claims"]
gaps = (table_1["indinavir"] - table_1["no indinavir"]).abs()
spread = pd.DataFrame(baseline).astype(float).std()
assert (gaps / spread < 0.1).all() and (trial.loc[trial["karnofsky"] < 90, "karnofsky"] <= 80).all()

# %% [markdown]
# ## 3 · Drawn in two strata
#
# Chance could have given one arm more of the sickest people. So the draw was **stratified**: it was made
# separately in two groups, or *strata*, one with up to 50 CD4 cells and one with 51 to 200. Each arm received
# half of each group. The count for this was taken at the **screening**, when somebody was first seen. `cd4` was
# counted later, at **baseline**, just before treatment.

# %%
above = (trial["cd4"] > 200).mean()
print(f"{above:.0%} have more than 200 cells at baseline, although nobody had at screening")

# %% [markdown]
# **Exercise 1 (tweak).** In what share of all people does the count at baseline lie on the other side of 50
# than their `stratum` says? (Exactly 50 belongs to "CD4 up to 50".)

# %%
# BEGIN SOLUTION
#| # of all people, those above 200: (trial["cd4"] > 200).mean()
#| other_side = ____
few_at_baseline = trial["cd4"] <= 50
few_at_screening = trial["stratum"] == "CD4 up to 50"
other_side = (few_at_baseline != few_at_screening).mean()
# END SOLUTION
check("07.other_side_of_50", other_side, trial=trial)

# %% [markdown]
# ## 4 · Two curves
#
# How many stay well, and for how long? We cannot just count, because people were followed for different times.
# The **Kaplan–Meier curve** uses everybody as long as they are there. On each day it asks how many are **at
# risk**, which means still followed and still well. If two of 100 at risk have an event on that day, 98 in 100
# pass it, and the curve falls to 0.98 times its height.

# %%
curve = hg.survival.survival_curve(trial, by="arm")
fig = hg.plots.survival_plot(curve, "days", "Share without AIDS or death", horizon=300)
fig.axes[0].set_ylim(0.8, 1.005)  # the axis starts at 80 %
plt.show()

# %% [markdown]
# **What to see.** Both curves start at 100 % and fall, but without indinavir the fall is deeper: by day 300 to
# 87 %, and with it only to 93 %. From day 200 on the bands, the 95 % intervals, no longer overlap. Each small
# tick is somebody who was censored. (The axis starts at 80 %.) Below the curves stands how many are at risk: of
# more than 570 in each arm, fewer than 170 at day 300. Most of the others had joined late. In February 1997 the
# trial was stopped early, because the answer was clear, and everybody could have indinavir.
#
# Could chance have made this gap? The **log-rank test** compares the events of an arm with those to be
# *expected* if the drug did nothing. Suppose that two events happen on a day when 60 of the 100 people at risk
# have indinavir. Then we expect 1.2 of the two there. Sum this over all days.

# %%
with_it = trial[trial["arm"] == "indinavir"]
without_it = trial[trial["arm"] == "no indinavir"]
test = logrank_test(
    with_it["duration"], without_it["duration"], with_it["event"], without_it["event"]
)
print(f"log-rank test: p = {test.p_value:.4f}")

# %% [markdown]
# If indinavir did nothing, a gap at least as large would come about in 1.2 of 1,000 trials.
#
# **Exercise 2 (fill in).** How many events were to be expected with indinavir? Complete the function. Both
# arms' events of a day count.

# %%
def expected_events(table):
    """Events to be expected with indinavir; table has the columns duration, event and arm."""
    treated, total = table["arm"] == "indinavir", 0.0
    for day in table.loc[table["event"], "duration"].unique():
        # BEGIN SOLUTION
        #| at_risk = ____
        #| events = ____
        #| total += ____
        at_risk = table["duration"] >= day
        events = (table["event"] & (table["duration"] == day)).sum()
        total += events * (at_risk & treated).sum() / at_risk.sum()
        # END SOLUTION
    return total


check("07.expected_events", expected_events, trial=trial)

# %% tags=["claims"]
at_300 = curve[curve["time"] <= 300].groupby("group")["survival"].last()
assert (100 * at_300[["no indinavir", "indinavir"]]).round().tolist() == [87, 93]
left = (trial["duration"] >= 300).groupby(trial["arm"]).sum()
assert left.between(101, 170).all()
assert round(1000 * test.p_value, 1) == 1.2
for day in range(200, 301, 5):  # the bands do not overlap
    part = curve[curve["time"] <= day].groupby("group").last()
    assert part.loc["no indinavir", "upper"] < part.loc["indinavir", "lower"]
assert above.round(2) == 0.07

# %% [markdown]
# ## 5 · One number, beside the published one
#
# The **hazard** is the rate of events per day among those still at risk. The **hazard ratio** is the hazard
# with indinavir divided by the hazard without it. A **Cox model** estimates this ratio, and assumes that it is
# the same on all days. Into the model go **covariates**, columns that describe a person. We try three models:
#
# - the treatment alone;
# - the treatment with age, CD4 count and Karnofsky score, which gives an **adjusted** ratio: it compares people
#   who are alike in these;
# - the treatment within *strata*: people are compared only within their own stratum, as they were drawn.

# %%
trial["treated"] = (trial["arm"] == "indinavir").astype(float)


def hazard_ratio(table, covariates=(), strata=None, time="duration", event="event"):
    """Hazard ratio of the column treated, with its 95 % interval."""
    columns = [time, event, "treated", *covariates]
    if strata:
        columns.append(strata)
    fitted = CoxPHFitter().fit(table[columns], time, event, strata=strata)
    ends = fitted.confidence_intervals_.loc["treated"]
    logs = [fitted.params_["treated"], *ends]  # the model works with logarithms
    return pd.Series(np.exp(logs), index=["estimate", "lower", "upper"])


# %%
before = ["age", "cd4", "karnofsky"]
ratios = pd.DataFrame(
    {
        "published": pd.Series({"estimate": 0.50, "lower": 0.33, "upper": 0.76}),
        "stratified": hazard_ratio(trial, strata="stratum"),
        "treatment alone": hazard_ratio(trial),
        "adjusted": hazard_ratio(trial, before),
    }
).T
ratios.round(3)

# %%
label = "Hazard ratio of AIDS or death (with / without indinavir)"
ax = hg.plots.forest_plot(ratios, label, none=1)
plt.show()

# %% [markdown]
# **What to see.** All four ratios lie near 0.5, and no interval reaches 1, the dashed line of no effect.
# Rounded, the stratified ratio is exactly the published one, 0.50 (0.33 to 0.76).
#
# What differs can be explained:
#
# - *The five missing people* had no event. Only the third digit might show them.
# - *The treatment alone* gives an interval that ends at 0.77, not 0.76: it also compares people of different
#   strata.
# - *Adjusted*, the ratio is 0.52. By chance the people with indinavir had four CD4 cells more at baseline, and
#   adjustment takes this small advantage away.
#
# None is wrong. But only one may be *the* result, chosen before anybody sees the data. For ACTG 320 it is the
# stratified one.

# %%
question("07.what_half_means")

# %%
ours = ratios.loc["stratified"]
claim = "Hazard of AIDS or death with indinavir"
ends = (ours["lower"], ours["upper"])
unit = "times that without indinavir"
hg.card(claim, estimate=ours["estimate"], interval=ends, unit=unit, none=1.0)

# %% [markdown]
# > **Result.** With indinavir the hazard of AIDS or death was 0.50 times that without it (95 % interval 0.33 to
# > 0.76). **Verdict:** *the truth is not known here.* No twin of these people was treated the other way. So we
# > can only trust the way of working: a fair draw, an endpoint fixed beforehand, and a method that held the
# > truth where it was known.
#
# **Exercise 3 (tweak).** Estimate the hazard ratio of death alone, stratified. Its days are in
# `duration_death`, its events in `died`. The paper has it, too.

# %%
# BEGIN SOLUTION
#| # for AIDS or death: hazard_ratio(trial, strata="stratum")["estimate"]
#| ratio_of_death = ____
death = {"time": "duration_death", "event": "died"}
ratio_of_death = hazard_ratio(trial, strata="stratum", **death)["estimate"]
# END SOLUTION
check("07.ratio_of_death", ratio_of_death, trial=trial)

# %% [markdown]
# ## 6 · Half on every day?
#
# One number describes the effect only if it is the same early and late. This assumption is called
# **proportional hazards**. We test it, and we estimate the ratio twice: early, until half of the events have
# come, and late.

# %%
same = hg.survival.diagnose_ph(trial, ["treated"])
print(same)
np.exp(same.table[["early", "late"]]).round(2)

# %% [markdown]
# **What to see.** Early the ratio is 0.68, and late it is 0.36. Does indinavir need time to work? It may. But
# chance alone makes a change as large in 19 of 100 trials (p = 0.19), and 96 events are too few to tell. So we
# keep the one ratio.

# %% tags=["claims"]
assert ratios.loc["stratified"].round(2).tolist() == ratios.loc["published"].tolist()
assert ratios["estimate"].between(0.49, 0.53).all() and (ratios["upper"] < 0.8).all()
assert round(ratios.loc["treatment alone", "upper"], 2) == 0.77
assert round(ratios.loc["adjusted", "estimate"], 2) == 0.52
assert round(table_1.loc["CD4 count (cells/µL)"].diff().iloc[-1]) == -4
assert round(same.table.loc["treated", "p"], 2) == 0.19
assert np.exp(same.table.loc["treated", ["early", "late"]]).round(2).tolist() == [0.68, 0.36]
assert pd.crosstab(trial["stratum"], trial["arm"]).to_numpy().tolist() == [[355, 357], [219, 220]]

# %% [markdown]
# ## 7 · An answer that one can say aloud
#
# No patient asks for a hazard ratio. They ask: *how much time does it give me?* The **restricted mean** is the
# mean time without the event up to a **horizon**, a last day chosen beforehand. It is the area under the
# Kaplan–Meier curve, and it needs no proportional hazards. What happens if you move the horizon?

# %% tags=["drawing"]
looks = hg.plots.style_for(list(here.index))


def draw(horizon, ax):
    """The curves up to a horizon, with the area between them."""
    shown = {}
    for name in here.index:
        part = curve[(curve["group"] == name) & (curve["time"] <= horizon)]
        shown[name] = part.groupby("time")["survival"].last()
    wide = pd.DataFrame(shown).ffill()
    wide.loc[horizon] = wide.iloc[-1]
    for name in here.index:
        look = {"color": looks[name].line, "ls": looks[name].linestyle, "where": "post"}
        ax.step(wide.index, wide[name], label=name, **look)
    both = (wide["no indinavir"], wide["indinavir"])
    ax.fill_between(wide.index, *both, step="post", hatch="///", fc="none", ec="0.45", lw=0)
    gain = hg.survival.rmst(trial, horizon, by="arm").loc["indinavir - no indinavir"]
    interval = f"({gain['lower']:.1f} to {gain['upper']:.1f})"
    words = f"{gain['rmst']:.1f} days gained\n{interval}".replace("-", "−")
    ax.text(0.06, 0.24, words, transform=ax.transAxes, fontsize=10)
    ax.set(ylim=(0.8, 1.005), xlim=(0, 364), xticks=range(0, 361, 120))
    ax.set(xlabel="Time (days)", ylabel="Share without AIDS or death")
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    ax.legend(loc="lower left", fontsize=9)


# %%
horizons = range(60, 361, 30)
hg.plots.slider(draw, horizons, label="Horizon (days)", shown=(120, 240, 360))

# %% [markdown]
# **What to see.** The hatched area between the curves is the time gained. It grows with the horizon: 1.2 days
# within 120 days, 6.5 within 240, and 14.0 within 360. Such a number means nothing without its horizon.
#
# We take 300 days, where more than 100 people in each arm are still at risk.

# %%
means = hg.survival.rmst(trial, 300, by="arm")
gained = means.loc["indinavir - no indinavir"]
what = "Days without AIDS or death that indinavir gains within 300 days"
hg.card(what, estimate=gained["rmst"], interval=(gained["lower"], gained["upper"]), unit="days")

# %% [markdown]
# > **Result.** Within 300 days people with indinavir had 10 days more without AIDS or death, on average (95 %
# > interval 3 to 17). **Verdict:** *the truth is not known here.* The interval does not reach 0.
#
# ## 8 · How many have to take it?
#
# Ten days seem little. But it is a mean over everybody. Most people would have stayed well for 300 days anyway,
# and a few gained months. So one also gives the **risk difference**, by how much fewer people have an event by
# a given day. If the risk falls from 20 in 100 to 15 in 100, five events are avoided in 100 people, or one in
# 20. This 20 is the **number needed to treat**: so many people have to take the drug until, on average, one
#     event is avoided by that day.
#
# **Exercise 4 (fill in).** Write a function that gives the number needed to treat by any day, from the
# Kaplan–Meier curves of the two arms.

# %%
def number_needed(table, day):
    """table: duration, event, arm, entry; day: a number. Do not round the result."""
    curves = hg.survival.survival_curve(table, by="arm")
    # BEGIN SOLUTION
    #| return ____
    well = curves[curves["time"] <= day].groupby("group")["survival"].last()
    return 1 / (well["indinavir"] - well["no indinavir"])
    # END SOLUTION


check("07.number_needed", number_needed, trial=trial)

# %% tags=["claims"]
by_day = [hg.survival.rmst(trial, day, by="arm")["rmst"].iloc[-1] for day in (120, 240, 360)]
assert [round(one, 1) for one in by_day] == [1.2, 6.5, 14.0]
assert gained[["rmst", "lower", "upper"]].round(1).tolist() == [10.3, 3.2, 17.3]
assert left.min() > 100

# %% [markdown]
# ## 9 · Would a copy have told the same?
#
# Suppose that you must not pass on these records, so you pass on a **synthetic trial**: made rows that look
# real. Here are four simple ways, and a generator as in chapter 13. Would somebody who gets only the copy find
# what ACTG 320 found?

# %%
def drawn_again(table, rng):
    """A bootstrap: as many people as before, drawn with replacement."""
    return table.iloc[rng.integers(0, len(table), len(table))].reset_index(drop=True)


def noise_before(table, rng):
    """Drawn again, with noise in age (years) and CD4 count (cells/µL)."""
    copy = drawn_again(table, rng)
    older, more = rng.normal(0, 5, len(copy)), rng.normal(0, 30, len(copy))
    return copy.assign(age=copy["age"] + older, cd4=copy["cd4"] + more)


# %%
def arms_flipped(table, rng):
    """Drawn again, and the arm of 20 in 100 people is wrong."""
    copy = drawn_again(table, rng)
    wrong = rng.random(len(copy)) < 0.2
    return copy.assign(treated=copy["treated"].where(~wrong, 1 - copy["treated"]))


def columns_apart(table, rng):
    """Every column shuffled by itself: each of them stays exactly as it was."""
    return pd.DataFrame({name: rng.permutation(table[name]) for name in table})


# %%
def by_trees(table, rng):
    """Column after column: a tree sorts by the columns so far, and a similar person lends a value."""
    made = pd.DataFrame({"treated": rng.permutation(table["treated"])})
    for name in ["age", "cd4", "event", "duration"]:
        known = list(made)
        tree = DecisionTreeRegressor(min_samples_leaf=20, random_state=0)
        leaf = tree.fit(table[known], table[name]).apply(table[known])
        similar = {one: part.to_numpy() for one, part in table[name].groupby(leaf)}
        made[name] = [rng.choice(similar[one]) for one in tree.apply(made[known])]
    return made[list(table)]


# %%
question("07.flip_some_arms")

# %%
makers = {
    "drawn again": drawn_again,
    "noise in age and CD4": noise_before,
    "20 in 100 arms flipped": arms_flipped,
    "columns shuffled apart": columns_apart,
    "trees, one a column": by_trees,
}
rng = np.random.default_rng(7)
small = trial[["duration", "event", "treated", "age", "cd4"]]
n_copies = budget(40, quick=10)
copies = {
    name: pd.DataFrame([hazard_ratio(make(small, rng), ["age", "cd4"]) for _ in range(n_copies)])
    for name, make in makers.items()
}

# %%
told = {}
for name, one in copies.items():
    lost = (one["upper"] >= 1).mean()  # the interval of a copy reaches 1
    places = one["estimate"].quantile([0.5, 0.025, 0.975])  # the median, and the middle 95 %
    told[f"{name}\n({lost:.0%} miss the effect)"] = places.to_numpy()
scatter = pd.DataFrame(told, index=["estimate", "lower", "upper"]).T
ax = hg.plots.forest_plot(scatter, "Hazard ratio in the copies", none=1)
plt.show()

# %% [markdown]
# **What to see.** Each square is the median of 40 copies, and its line holds 95 % of them. A copy misses the
# effect if its own interval reaches 1. Drawn again, the copies scatter around 0.5 about as widely as the
# interval of the trial, and 12 % of them miss the effect. Noise in age and CD4 count changes little, because
# the draw has made the arms alike in both. Flipped arms pull the ratio towards 1, and 60 % miss the effect. With
# the columns apart all miss it, although *each column by itself is perfect*.
#
# The trees keep the effect as well (12 % miss it). Yet only 3 in 100 of their rows stand in the trial. Drawn
# again, all do.
#
# So a synthetic trial may look right in every column and tell the wrong story. What has to be kept is what
# belongs *together*.
#
# ## 10 · Are more rows more people?

# %%
question("07.more_rows")

# %%
ten = pd.concat([drawn_again(small, rng) for _ in range(10)])
print(hazard_ratio(ten, ["age", "cd4"]).round(2).to_string())

# %% [markdown]
# **What to see.** This interval, from 0.42 to 0.55, claims a certainty that nobody has. The honest one is that
# of the trial: adjusted, from 0.34 to 0.79.

# %% tags=["claims"]
middle = {name: one["estimate"].median() for name, one in copies.items()}
below = {name: (one["upper"] < 1).mean() for name, one in copies.items()}
assert 0.8 < middle["columns shuffled apart"] < 1.25 and below["columns shuffled apart"] < 0.11
assert middle["drawn again"] < middle["20 in 100 arms flipped"] - 0.05
lent, drawn = (
    make(small, np.random.default_rng(0)).merge(small.drop_duplicates())
    for make in (by_trees, drawn_again)
)
assert len(lent) < 0.06 * len(small) and len(drawn) == len(small)  # rows of the trial itself
if budget(True, quick=False):
    again = copies["drawn again"]["estimate"]
    whole = hazard_ratio(small, ["age", "cd4"])
    width = np.log(again.quantile(0.975) / again.quantile(0.025))
    assert 0.7 < width / np.log(whole["upper"] / whole["lower"]) < 1.3
    assert 0.47 < again.median() < 0.57 and below["columns shuffled apart"] == 0
    assert abs(np.log(middle["noise in age and CD4"] / middle["drawn again"])) < 0.12
    missing = {name: round(40 * (1 - share)) for name, share in below.items()}
    assert missing["drawn again"] == 5 and missing["noise in age and CD4"] == 2
    assert missing["trees, one a column"] == 5 and round(100 * len(lent) / len(small)) == 3
    assert abs(np.log(middle["trees, one a column"] / middle["drawn again"])) < 0.12
    assert whole[["lower", "upper"]].round(2).tolist() == [0.34, 0.79]

# %% tags=["claims"]
if budget(True, quick=False):
    whole = hazard_ratio(small, ["age", "cd4"])
    assert ratios.loc["adjusted", ["lower", "upper"]].round(2).tolist() == [0.34, 0.79]
    assert round(100 * (1 - below["20 in 100 arms flipped"])) == 60
    narrow = hazard_ratio(ten, ["age", "cd4"])
    assert narrow[["lower", "upper"]].round(2).tolist() == [0.42, 0.55]
    widths = [np.log(one["upper"] / one["lower"]) for one in (whole, narrow)]
    assert 2.5 < widths[0] / widths[1] < 4

# %% [markdown]
# ## 11 · What the trial could not tell
#
# Our way of working finds the hazard ratio in every digit that the paper gives. But three things stand in no
# row.
#
# - **What the drug does in those who swallow it.** One person in five stopped their trial drugs early, the
#   paper says. We compare people as they were drawn, whatever they then took. This is called **intention to
#   treat**. It keeps the comparison fair, and says what *offering* the drug does.
# - **What became of the censored.** The curves assume that those who left would have fared like those who
#   stayed. The paper says that one person in twenty was lost from sight. If the sickest left one arm more
#   often, no method here would see it.
# - **What it does in others.** Chance chose who got the drug, but not who was in the trial.

# %%
question("07.who_was_not_there")

# %% [markdown]
# In the trial 17 in 100 were women, and in the world about half of the people with HIV are. Cole and Stuart
# (2010) gave more weight to those of whom there were too few, so that together they resembled the people who
# became infected in the USA in 2006. The effect came out a little weaker.

# %% tags=["claims"]
assert round(100 * (trial["sex"] == "female").mean()) == 17

# %% [markdown]
# ## A trial to make
#
# **Exercise 5 (open, 30 minutes).** Write a function that makes a synthetic trial which keeps the story and
# copies nobody. The check gives your function a random half of the trial, and looks at its copies:
#
# - *The story.* On average over the copies, two hazard ratios are within a factor of 1.5 of those in the half:
#   that of indinavir, and that of the stratum with up to 50 CD4 cells.
# - *The people.* The share of events differs by at most 3 in 100, and each mean by at most a quarter of a
#   standard deviation. `cd4` is low in the stratum with few cells.
# - *Nobody's record.* At most 60 in 100 of the rows (75, if only two numbers are compared) lie closer to a
#   person of this half than to everybody in the other (50 would be chance). At most 5 in 100 are almost a real
#   person's. "Close" is measured in event, arm, stratum, days, age, CD4 count and months of zidovudine.
#
# A second trial, with older people and a drug that harms, is checked as well.

# %%
def synthetic_trial(trial, rng):
    """trial: duration, event, arm, stratum, age, cd4, karnofsky, zidovudine months.
    Return a table with the same columns and as many rows. rng: for all that you draw."""
    # BEGIN SOLUTION
    #| return ____
    copy = trial.iloc[rng.integers(0, len(trial), len(trial))].reset_index(drop=True)
    groups = copy.groupby(["arm", "stratum"])
    for name in ["age", "cd4", "karnofsky", "zidovudine months"]:
        copy[name] = groups[name].transform(lambda values: rng.permutation(values.to_numpy()))
    noise = rng.normal(0, 15, len(copy)).round()
    return copy.assign(duration=(copy["duration"] + noise).clip(1, 364))
    # END SOLUTION


check("07.synthetic_trial", synthetic_trial, trial=trial)

# %% [markdown]
# ## Key points
#
# - Randomisation makes arms comparable. Table 1 is described, not tested.
# - Choose the endpoint, the strata and the horizon before you see the data.
# - Beside a hazard ratio, say what a patient can use: time gained, or a number needed to treat, by a given day.
# - A copy with perfect columns can lose the effect. More made rows are not more people.
#
# **For a seminar.** (a) The trial stopped early for benefit. Does this make its estimate too large or too
# small? (b) Would you rather publish these records, or a synthetic trial? What does each risk, and for whom?
#
# **References.**
# Hammer et al., New England Journal of Medicine 1997, [doi:10.1056/NEJM199709113371101](https://doi.org/10.1056/NEJM199709113371101).
# Hosmer, Lemeshow and May, *Applied Survival Analysis*, 2008, [doi:10.1002/9780470258019](https://doi.org/10.1002/9780470258019).
# Cole and Stuart, *American Journal of Epidemiology* 2010, [doi:10.1093/aje/kwq084](https://doi.org/10.1093/aje/kwq084).
