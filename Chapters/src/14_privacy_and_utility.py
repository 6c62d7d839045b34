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
# # 14 · Privacy and utility
#
# **Aim.** You learn to attack a synthetic table, to measure what it is still good for, and to decide whether
# it may be published.
#
# **Time.** 55 minutes to read, 70 to exercise. **You need** chapters 00 and 01; chapters 05 and 08 help.
#
# **After this chapter you can**
#
# 1. *attack* a table: who was among the people it was made from?
# 2. *judge* an attack by what it finds with few false alarms;
# 3. *explain* what audits by distance and "identity disclosure" do not see;
# 4. *measure* what noise costs, and *write* a decision on one page.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/14_privacy_and_utility.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/14_privacy_and_utility.ipynb)

# %% tags=["setup"]
try:
    import healthgym_edu as hg
    import torch
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
    subprocess.run([*pip, f"healthgym-edu[torch] @ {source}"], check=True)
    import healthgym_edu as hg
    import torch

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from healthgym_edu.checks import ____, budget, check, hint, question, solution
from healthgym_edu.checks.copies_14 import DRUGS, among, bootstrap, disclosure, with_noise
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score

hg.plots.set_style()
pd.set_option("display.max_colwidth", None)

# %% [markdown]
# > **About these data.** These are simulated people with HIV, so nobody can be harmed by what you do here. The
# > mathematics of an attack is the same with real people: attack only tables that you were asked to audit.
# > **Nothing here treats anyone.** A file cannot bring new people, so with `source = "release"` simulated
# > people stand in for its own; then, or with another `seed`, some sentences below no longer hold.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
art = hg.load_cohort("art_hiv", source=source, seed=seed)
if art.recipe is None:
    print("This file cannot bring new people, so simulated people stand in for its own.")
    art = hg.load_cohort("art_hiv")
as_described = art.source == "teaching" and art.seed == 0  # the people this text speaks of
full_size = budget(True, quick=False)
print(art.source, "·", f"{len(art):,} people")

# %% [markdown]
# ## 1 · A table of invented people
#
# Of the people in a registry, 1,000 were treated in prison. A company has learned from their records, and
# made a **synthetic** table: records that a model wrote, and no nurse. The registry would like to publish it.
# The company says:
#
# > *"Nobody in this table exists. No row equals a row of a real person, and the risk of identity disclosure is
# > 0.2 %. The usual limit is 9 %."*
#
# You are asked to agree. We call the 1,000 people the **members**: the generator learned from them. The
# **strangers** are people of the same kind from whom nobody learned.

# %%
members, strangers = art.subset(art.patients.index[:2000]).split(0.5, seed=1)
table = bootstrap(members, noise=0.1)  # what the company made
print(f"{len(members):,} members · {len(strangers):,} strangers · {len(table):,} invented people")

# %%
question("14.nobody_exists")

# %% [markdown]
# This generator was made by hand. It takes a member at random, writes
# the record down with a little noise, and goes on. This is a **bootstrap**: somebody may be drawn twice, and
# others not at all. To look for a member, we compare the logarithms of viral loads and CD4 counts, month by month.


# %%
spread = np.log(strangers.frame[["VL", "CD4"]]).std()


def profile(people):
    """One row a person: viral load and CD4 count in each month, as logarithms on one scale."""
    months = [people.frame["PatientID"], people.frame["Timestep"]]
    logs = np.log(people.frame[["VL", "CD4"]].clip(lower=0.01)) / spread  # no logarithm of 0
    return logs.set_index(months).unstack()


# %% tags=["drawing"] alt="Two panels of viral loads over 60 months on a logarithmic axis. Left: a member and the most similar invented person, whose two lines lie on each other. Right: a stranger and the most similar invented person, who only roughly go together."
def with_double(people, place, ax, who):
    """Draw one person, and the invented person who is most similar."""
    found = profile(people)
    which = cdist(found.iloc[[place]], profile(table)).argmin()
    mine = people.frame[people.frame["PatientID"] == found.index[place]]
    other = table.frame[table.frame["PatientID"] == profile(table).index[which]]
    ax.plot(other["Timestep"], other["VL"], color="C1", lw=4, alpha=0.75, label="most similar invented")
    ax.plot(mine["Timestep"], mine["VL"], color="black", lw=1.2, ls="--", label=who)
    ax.set(yscale="log", xlabel="Month", title=f"A {who}")
    ax.legend(loc="upper right")


away = cdist(profile(members), profile(table)).min(axis=1)
usual = cdist(profile(strangers), profile(table)).min(axis=1)
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.0), sharey=True)
with_double(members, int(np.argsort(away)[200]), axes[0], "member")
with_double(strangers, int(np.argsort(usual)[500]), axes[1], "stranger")
axes[0].set_ylabel("Viral load (copies/mL)")
plt.show()

# %% [markdown]
# **What to see.** On the left, a member and the most similar invented person: their lines lie on each other for
# five years. On the right, a stranger and the most similar invented person: they go together only roughly. No
# row is equal, as the company said. But whoever knows the member's viral loads, from a laboratory, can see that
# this person was copied, and so was in prison.
#
# ## 2 · An attack in two lines
#
# This is **membership inference**: an attack that asks whether a given person was among those from whom a
# generator learned. Ours takes the distance from the person to the most similar invented person. The smaller this
# distance is, the more the attack suspects the person.


# %%
def suspicion(people, made):
    """How near each person is to the most similar one who was made: higher is nearer.

    `cdist` measures the distance of every person to everybody who was made.
    """
    return -cdist(profile(people), profile(made)).min(axis=1)


def judged(of_members, of_strangers, alarms=0.01):
    """AUROC of an attack, and the share of members found at this share of false alarms."""
    label = np.repeat([1, 0], [len(of_members), len(of_strangers)])
    auroc = roc_auc_score(label, np.concatenate([of_members, of_strangers]))
    bar = np.quantile(of_strangers, 1 - alarms, method="higher")
    return {"AUROC": auroc, "found": (of_members > bar).mean()}


# %% [markdown]
# The **AUROC** is the chance that a member is suspected more than a stranger: 0.5 is a coin, 1 is perfect.
# `found` sets a bar that at most 1 in 100 strangers pass, because each of them would be a **false alarm**, and says
# what share of the members passes it. As the honest table we take fresh people from the simulator, whom nobody
# copied.

# %%
question("14.by_chance")

# %%
fresh = members.fresh(seed=2)
tables = {"the company's": table, "fresh people": fresh}
scores = {n: (suspicion(members, t), suspicion(strangers, t)) for n, t in tables.items()}
pd.DataFrame({name: judged(*both) for name, both in scores.items()}).T.round(3)

# %% tags=["drawing"] alt="Histograms of the distance to the most similar invented person. In the company's table most members lie close to zero, apart from all strangers, and the others among the strangers. In the fresh table members and strangers cover each other."
fig, axes = plt.subplots(1, 2, figsize=(8.6, 2.9), sharex=True, sharey=True)
edges = np.linspace(0, 12, 41)
for ax, (name, both) in zip(axes, scores.items(), strict=True):
    ax.hist(-both[0], edges, color="C0", alpha=0.8, label="members")
    ax.hist(-both[1], edges, histtype="step", color="black", lw=1.5, label="strangers")
    ax.set(title=f"Table: {name}", xlabel="Distance to the most similar\ninvented person (standard deviations)")
axes[0].set_ylabel("People")
axes[0].legend()
plt.show()

# %% [markdown]
# **What to see.** In the company's table, about six in ten members lie near 1, apart from everybody else.
# These are the people whom the bootstrap drew. The others lie among the strangers. So the attack finds 64 in
# 100 members, and its AUROC is 0.83. In the table of fresh people, members are no nearer than strangers, and the
# attack names 16 of 1,000 by chance.

# %% tags=["claims"]
found_here = {name: judged(*both) for name, both in scores.items()}
assert 0.58 < found_here["the company's"]["found"] < 0.68
assert 0.77 < found_here["the company's"]["AUROC"] < 0.87
assert found_here["fresh people"]["found"] < 0.03
assert 0.45 < found_here["fresh people"]["AUROC"] < 0.55
assert (-scores["the company's"][0] < 1.5).mean() > 0.58
assert (-scores["the company's"][1] < 1.5).mean() < 0.01

# %% [markdown]
# **Exercise 1 (tweak).** `scores["the company's"]` holds the suspicion of members and of strangers. How many of
# the 1,000 members are found if 5 in 100 false alarms are accepted?

# %%
of_members, of_strangers = scores["the company's"]
# BEGIN SOLUTION
#| found_at_5 = ____
found_at_5 = len(of_members) * judged(of_members, of_strangers, alarms=0.05)["found"]
# END SOLUTION
check("14.found_at_5", found_at_5, of_members=of_members, of_strangers=of_strangers)

# %% [markdown]
# ## 3 · Which number matters to a person?
#
# The company takes the table back and sends another one: a copy of *all* members, with five times the noise,
# and with the regimens of a quarter of them exchanged. Two attackers try it. The first compares viral loads and
# CD4 counts, as above. The second also compares the share of months on each drug.


# %%
def with_drugs(people):
    """The profile, and for each drug the share of a person's months, which weighs heavily."""
    drugs = pd.get_dummies(people.frame[DRUGS]).groupby(people.frame["PatientID"]).mean()
    return np.hstack([profile(people), 20 * drugs])


noisy = with_noise(members, noise=0.5)
second = [-cdist(with_drugs(p), with_drugs(noisy)).min(axis=1) for p in (members, strangers)]
first = suspicion(members, noisy), suspicion(strangers, noisy)
two = {"without drugs": judged(*first), "with drugs": judged(*second)}
pd.DataFrame(two).T.round(2)

# %%
question("14.which_attack")

# %% [markdown]
# **What to see.** By AUROC the first attack is better, 0.95 against 0.88. But with 1 in 100 false alarms the
# second finds more people: 69 in 100 against 56. It loses those whose regimens were exchanged, and is surer
# of the others. An AUROC averages over all bars. A person
# asks: *can somebody name me, and be sure?* So read what is found with few false alarms, and report the worst
# attack that you tried.
#
# Now the third table: 995 fresh people, and five members with hardly any noise.

# %%
five = members.subset(members.patients.index[:5])
hidden = among(fresh, with_noise(five, noise=0.05, seed=7))
attacked = judged(suspicion(members, hidden), suspicion(strangers, hidden))
print("AUROC {AUROC:.2f}, found {found:.1%}".format(**attacked))

closest_strangers = -suspicion(strangers, members).max()  # no stranger is nearer to a member
near = -suspicion(hidden, members) < 0.5 * closest_strangers
print(near.sum(), "invented people are near copies of a member")

# %% [markdown]
# **What to see.** The attack learns nothing: five in a thousand do not move an AUROC. But whoever audits
# knows the members, and can count. A **near copy** is an invented person who is nearer to a member than people ever are to each other;
# we say, nearer than half the smallest distance between a stranger and a member. Each of the five is somebody.

# %% tags=["claims"]
assert two["with drugs"]["found"] > two["without drugs"]["found"] + 0.05
assert two["with drugs"]["AUROC"] < two["without drugs"]["AUROC"] - 0.03
assert 0.45 < attacked["AUROC"] < 0.55 and attacked["found"] < 0.03 and near.sum() == 5
assert (-suspicion(fresh, members) < 0.5 * closest_strangers).sum() == 0
if as_described:
    assert [round(two[n]["AUROC"], 2) for n in two] == [0.95, 0.88]
    assert [round(100 * two[n]["found"]) for n in two] == [56, 69]

# %% [markdown]
# How sure may an attacker be? That also depends on how many of the people whom he looks up are members.
#
# **Exercise 2 (fill in).** An attack finds 50 in 100 members, with 1 in 100 false alarms. The attacker looks up
# everybody in a city, where 1 in 50 people with HIV is a member. Of those whom he names, what share are members?
# Write it as a function.


# %%
def how_sure(found, alarms, share):
    """found: share of members named; alarms: share of strangers named; share: members among all."""
    # BEGIN SOLUTION
    #| return ____
    named_members = found * share
    return named_members / (named_members + alarms * (1 - share))
    # END SOLUTION


check("14.how_sure", how_sure)

# %% [markdown]
# ## 4 · What an audit by distance says
#
# Many audits look at distances and at one estimate:
#
# - the **Euclidean test** of the published Health Gym code: is the smallest distance between a real and a
#   synthetic record above zero?
# - the **distance to the closest record**: is the typical invented person about as far from the members as
#   a stranger is, or farther?
# - **identity disclosure** (El Emam 2020): a neighbour knows a member's sex, ethnicity and, roughly, first viral
#   load. If five members look like that, the neighbour picks the right one with a chance of one in five. This
#   chance counts only if somebody in the table looks the same *and* tells something true that the neighbour did
#   not know (here the mean viral load). We add the chances of all members, multiply by 0.615, because data hold
#   errors, and divide by the population (here, ten times the members).
#
# For the two intensive care files of Health Gym, 0.045 % was published. The usual limit is 0.09, which is 9 %.
# So the published risk lies 200 times below it. What would a bad table get?

# %%
question("14.copy_disclosure")

# %%
usual_distance = np.median(-suspicion(strangers, members))
print(f"typical distance from a stranger to the nearest member: {usual_distance:.2f}")


# %%
def audited(made):
    """What an audit by distance says of a table, and how many members an attack finds."""
    far = -suspicion(made, members)  # from invented people to members
    found = judged(suspicion(members, made), suspicion(strangers, made))["found"]
    return {
        "smallest distance": round(far.min(), 2),
        "typical distance": round(np.median(far), 2),
        "identity disclosure": f"{disclosure(members, made):.2%}",
        "found at 1 %": f"{found:.0%}",
    }


exact = with_noise(members, noise=0)
audits = {"an exact copy": exact, "the company's": table, "noise 0.5": noisy, "fresh people": fresh}
rows = {name: audited(made) for name, made in audits.items()}
pd.DataFrame(rows).T

# %% [markdown]
# **What to see.** The Euclidean test refuses only the exact copy: any noise lifts the smallest distance above
# zero. The second test refuses the company's table: 1.11 is far below 4.21. But it praises the copy with noise
# 0.5, because noise moves it away from everybody. Still most copies lie nearest to their own original, and the
# attack finds 56 in 100. Even an exact copy of all 1,000 people gets an identity disclosure of 0.20 %, hardly more than fresh people. It asks who is found by sex, ethnicity and a first result, not by a course. (Ours follows the paper of 2020.)
#
# `hg.evaluation.privacy` does all this for any table, and puts the attacks first.

# %%
report = hg.evaluation.privacy(members, noisy, strangers, replicates=budget(100, quick=0))
hg.plots.privacy_plot(report)
plt.show()
at_1 = report[report["metric"] == "found at 1 % false alarms"].set_index("attack")["value"]
at_1.round(3)

# %% [markdown]
# **What to see.** Each row is an attack on the copy with noise 0.5, with a 95 % interval; the short bar marks where
# an attack learns nothing. The attack by distance, which compares summaries of all columns, finds 12 in 100 members.
# A **classifier**, a model that has learned what invented people look like, finds nobody beyond chance. The
# attack by course finds 83 in 100, and there is not one near copy. The worst attack counts.
#

# %% tags=["claims"]
assert rows["an exact copy"]["smallest distance"] == 0 < rows["the company's"]["smallest distance"]
typical = {name: row["typical distance"] for name, row in rows.items()}
assert typical["noise 0.5"] > usual_distance + 0.5 and typical["the company's"] < usual_distance - 1
assert abs(typical["fresh people"] - usual_distance) < 0.3
risk = {name: disclosure(members, made) for name, made in audits.items()}
assert max(risk.values()) < 0.005 and risk["an exact copy"] < 2 * risk["fresh people"]
assert np.isclose(0.09 / 0.00045, 200)
assert at_1["membership, by course"] > two["with drugs"]["found"] + 0.05
assert at_1["membership, by distance"] < 0.2 and at_1["membership, by classifier"] < 0.05
shown_copies = report[report["attack"] == "copies"].set_index("metric")["value"]
assert (shown_copies == 0).all()
own = cdist(profile(exact), profile(noisy)).argmin(axis=1)  # both are numbered in one order
assert (own == np.arange(len(members))).mean() > 0.5
if as_described:
    assert rows["an exact copy"]["identity disclosure"] == "0.20%"
    assert rows["noise 0.5"]["found at 1 %"] == "56%"
    assert (round(typical["the company's"], 2), round(usual_distance, 2)) == (1.11, 4.21)
    assert (100 * at_1).round().tolist() == [12, 83, 1]

# %% [markdown]
# ## 5 · Who is exposed, and what else do they lose?
#
# We call a regimen *rare* if fewer than 1 in 100 people of the registry began with it. We take a copy with even
# more noise, and all other people of the registry as strangers. The strangers of each kind set the bar for its members.

# %%
question("14.who_is_exposed")

# %%
others = art.subset(art.patients.index.difference(members.patients.index))
noisier = with_noise(members, noise=0.75)


def begins_rare(people):
    """Whether each person began with a regimen that fewer than 1 in 100 began with."""
    first = art.frame[art.frame["Timestep"] == 0].set_index("PatientID")
    begun = first[DRUGS].astype(str).agg(" ".join, axis=1)
    how_many = begun.map(begun.value_counts(normalize=True))
    return (how_many < 0.01).loc[people.patients.index].to_numpy()


kinds = begins_rare(members), begins_rare(others)
by_drugs = [-cdist(with_drugs(p), with_drugs(noisier)).min(axis=1) for p in (members, others)]
exposed = {}
for name, rare in {"a common first regimen": False, "a rare first regimen": True}.items():
    of_kind = [score[kind == rare] for score, kind in zip(by_drugs, kinds, strict=True)]
    exposed[name] = {"members": len(of_kind[0]), **judged(*of_kind)}
pd.DataFrame(exposed).T.astype({"members": int}).round(2)

# %% [markdown]
# **What to see.** On a common first regimen the attack finds 27 in 100 members, and on a rare one 58 in 100.
# There are only 69 such members, but few strangers look like them, so whoever meets one of them in the table can
# be surer. The AUROC is nearly the same in both (0.79 and 0.82): it would not have warned us.

# %% tags=["claims"]
common, rare = (exposed[name] for name in exposed)
assert rare["found"] > common["found"] + 0.1 and rare["members"] < 100
if as_described:
    assert [round(100 * one["found"]) for one in (common, rare)] == [27, 58]
    assert [round(one["AUROC"], 2) for one in (common, rare)] == [0.79, 0.82]
    assert rare["members"] == 69

# %% [markdown]
# **Exercise 3 (fill in).** Write this for any groups. For each group, give the share of its members who are
# found when at most 1 in 100 strangers *of the same group* are suspected.


# %%
def found_in_groups(of_members, of_strangers, group_of_members, group_of_strangers):
    """Four arrays: suspicion of members and of strangers, and the group of each of them.

    Returns a Series: one share for each group.
    """
    # BEGIN SOLUTION
    #| return ____
    shares = {}
    for group in np.unique(group_of_members):
        bar = np.quantile(of_strangers[group_of_strangers == group], 0.99, method="higher")
        shares[group] = (of_members[group_of_members == group] > bar).mean()
    return pd.Series(shares)
    # END SOLUTION


check("14.found_in_groups", found_in_groups)

# %% [markdown]
# The second harm is **attribute inference**: somebody who knows a part of a record learns the rest. An
# attacker knows viral loads and CD4 counts. He takes the most similar invented person, and reads that
# person's ethnicity. Of strangers one can guess something, too: the commonest label is right for many. Only
# what is known *better* of members comes from their data.

# %%
def guessed(people, made, column="Ethnic"):
    """How often the most similar invented person has the same label in month 0."""
    which = cdist(profile(people), profile(made)).argmin(axis=1)
    labels = [one.frame.loc[one.frame["Timestep"] == 0, column].to_numpy() for one in (people, made)]
    return (labels[0] == labels[1][which]).mean()


commonest = strangers.patients["Ethnic"].value_counts(normalize=True).max()
rights = {
    name: {"members": guessed(members, made), "strangers": guessed(strangers, made)}
    for name, made in audits.items()
}
print(f"always the commonest label: {commonest:.0%}")
pd.DataFrame(rights).T.map("{:.0%}".format)

# %% [markdown]
# **What to see.** Somebody who always says the commonest label is right for 49 in 100. For strangers the attacker
# does worse than that. For members he does better: he is right for 74 in 100 in the company's table, and for 83 in 100 in the
# copy with noise 0.5, although a quarter of the ethnicities were exchanged. In the table of fresh people, members
# lose no more than strangers do.

# %% tags=["claims"]
for name in ("the company's", "noise 0.5"):
    assert rights[name]["members"] > commonest + 0.15 and rights[name]["strangers"] < commonest
assert abs(rights["fresh people"]["members"] - rights["fresh people"]["strangers"]) < 0.07
if as_described:
    told_right = [rights[name]["members"] for name in ("the company's", "noise 0.5")]
    assert [round(100 * one) for one in (commonest, *told_right)] == [49, 74, 83]

# %% [markdown]
# ## 6 · What does noise cost?
#
# **Utility** asks whether an analysis of it leads to the same answer as one of
# the real records. We ask it twice.
#
# - *Prediction.* A model learns on the invented people who will have 50 copies/mL or more in month 24, from
#   what is known in month 12, and is tried on real strangers. Its AUROC stands beside that of a model that
#   learned from the members.
# - *An effect.* How many of the first 24 months pass until the viral load is below 50 copies/mL? This is the
#   **restricted mean** time to suppression of chapter 05. Of people who begin with 1,000 copies/mL or more, we
#   compare those whose first regimen on file contains **DTG** (dolutegravir) with those on **EFV** (efavirenz).
#
# The second is a difference between people, and not the effect of a drug: nobody was randomised, and some had
# the drug before. (When the same new people start both, they differ by 3.3 months: chapter 05.) But people would
# publish it from such a table, and we know it in the whole registry.


# %%
def months_above(people, horizon=24):
    """Mean months until below 50 copies/mL, DTG minus EFV at first, with its 95 % interval."""
    by_month = people.frame[people.frame["Timestep"] < horizon].set_index("PatientID")
    waiting = (by_month["VL"] >= 50).groupby("PatientID").cumprod().groupby("PatientID").sum()
    first = by_month[by_month["Timestep"] == 0]
    first = first[first["VL"] >= 1000]  # those who are not suppressed yet
    dtg = waiting[first.index[first["Comp. INI"] == "DTG"]]
    efv = waiting[first.index[first["Comp. NNRTI"] == "EFV"]]
    difference = dtg.mean() - efv.mean()
    half = 1.96 * np.hypot(dtg.sem(), efv.sem())
    return difference, difference - half, difference + half


# %%
true_difference = months_above(art)[0]
print("all people of the registry:", round(true_difference, 1), "months")
effects, truths = {"months": months_above}, {"months": true_difference}
asked = {"effects": effects, "truths": truths, "replicates": 0}
told = hg.evaluation.utility(members, noisy, strangers, **asked)
everybody = told[told["group"] == "everybody"]
everybody[["metric", "real", "synthetic", "truth"]].round(2)

# %%
question("14.what_goes_first")

# %% tags=["drawing"]
def draw(noise, ax):
    """Distances of members and strangers to a copy with this noise, and what an attack finds."""
    copy = with_noise(members, noise)
    both = suspicion(members, copy), suspicion(strangers, copy)
    told = judged(*both)
    edges = np.linspace(0, 16, 49)
    ax.hist(-both[0], edges, color="C0", alpha=0.8, label="members")
    ax.hist(-both[1], edges, histtype="step", color="black", lw=1.5, label="strangers")
    ax.set(xlabel="Distance to the most similar\none (standard deviations)", ylabel="People", ylim=(0, 560))
    words = f"AUROC {told['AUROC']:.2f}\nfound {told['found']:.0%}"
    ax.text(0.97, 0.68, words, va="top", ha="right", transform=ax.transAxes)
    ax.legend(loc="upper right", fontsize=9)


# %% alt="Three panels of histograms with noise 0.25, 0.5 and 1: distances of members and strangers to the most similar invented person. At 0.25 they are apart and all members are found, at 0.5 they overlap and 56 in 100 are found, at 1 they lie on each other and 4 in 100 are found."
noises = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5]
hg.plots.slider(draw, noises, label="Noise", shown=(0.25, 0.5, 1.0), figsize=(9.6, 3.0))

# %% [markdown]
# **What to see.** With more noise the copies move away from everybody, and members and strangers
# grow into each other. The attack finds everybody, then 56 in 100, then 4.
#
# Now both sides in one figure.


# %%
def both_sides(made):
    """Membership by AUROC; prediction by AUROC on real strangers; the difference in months."""
    told = hg.evaluation.utility(members, made, strangers, effects=effects, replicates=0)
    membership = judged(suspicion(members, made), suspicion(strangers, made))["AUROC"]
    use = told.query("group == 'everybody'").set_index("metric")["synthetic"]
    return membership, use["AUROC on real people"], use["effect"]


draws = range(budget(3, quick=1))  # noise is chance, so we take the mean of three copies
curve = {z: np.mean([both_sides(with_noise(members, z, k)) for k in draws], 0) for z in noises}
curve["fresh"] = both_sides(fresh)
curve = pd.DataFrame(curve, index=["membership", "prediction", "months"]).T
curve.round(2)

# %% tags=["drawing"] alt="Two panels: what is left of an analysis, against the AUROC of the attack, for copies with noise 0.1 to 1.5. From right to left, the prediction falls slowly from 0.75 to 0.67, and the difference between the drugs from 5.1 months to nearly none. A star for fresh people lies high on the left in both."
learned_on_members = both_sides(exact)[1]
fig, axes = plt.subplots(1, 2, figsize=(9.4, 3.6), sharex=True)
sides = {
    "prediction": ("AUROC of a prediction for real people", learned_on_members, "learned on members"),
    "months": ("DTG minus EFV (months)", true_difference, "all people of the registry"),
}
for ax, (column, (label, aim, told_aim)) in zip(axes, sides.items(), strict=True):
    ax.plot(curve["membership"][:-1], curve[column][:-1], "o-", color="C0")
    for noise, one in curve[:-1].iterrows():
        near_the_edge = {0.1: (-7, 7), 0.25: (-7, -5)} if column == "months" else {0.1: (-2, 8)}
        away = {"xytext": near_the_edge.get(noise, (6, -13)), "textcoords": "offset points"}
        if noise in near_the_edge:
            away["ha"] = "right"
        words = "0.1, 0.25" if away["xytext"] == (-2, 8) else f"{noise:g}"
        if noise != 0.25 or column == "months":
            ax.annotate(words, (one["membership"], one[column]), fontsize=9, **away)
    best = (curve.loc["fresh", "membership"], curve.loc["fresh", column])
    ax.plot(*best, "*", color="black", ms=14)
    ax.annotate("fresh people", best, (-8, 9), textcoords="offset points")
    ax.axhline(aim, color="black", lw=1, ls=":")
    where = (0.84, aim) if column == "prediction" else (1.03, aim)
    ax.annotate(told_aim, where, (0, 3), textcoords="offset points", ha="right", fontsize=9)
    ax.set(xlabel="AUROC of the attack (0.5: nothing learned)", ylabel=label, xlim=(0.48, 1.04))
axes[0].set_ylim(0.5, 0.84)
axes[1].set_ylim(0.5, -6.8)
plt.show()

# %% [markdown]
# **What to see.** Each dot is a copy; its number is the noise. To the left, the attack learns less; upwards, an
# analysis keeps more. With noise 1 the attack has an AUROC of 0.61, and the prediction has lost little: 0.71
# for 0.74 when it is learned on members. But the difference between the drugs is 1.9 months for 5.2 among members.
# So test the analysis that people will make. The star, fresh
# people, is private *and* useful, and no noise leads there.

# %%
claim = "Months to suppression, first regimen with DTG minus with EFV"
known = {"truth": true_difference, "unit": "months", "cohort": art}
in_copy = months_above(with_noise(members, noise=1.0))
hg.card(f"{claim}: copy with noise 1", estimate=in_copy[0], interval=in_copy[1:], **known)

# %%
in_fresh = months_above(fresh)
hg.card(f"{claim}: fresh people", estimate=in_fresh[0], interval=in_fresh[1:], **known)

# %% tags=["claims"]
started_on_both = hg.survival.known_truth("DTG - EFV, 24 months").loc["DTG - EFV", "rmst"]
assert round(started_on_both, 1) == -3.3
assert in_copy[2] > true_difference + 1 and in_copy[2] < 0
assert in_fresh[1] < true_difference < in_fresh[2]
assert curve.loc[1.0, "membership"] < 0.7 and curve.loc["fresh", "membership"] < 0.55
assert curve.loc["fresh", "prediction"] > learned_on_members - 0.03
if as_described:
    assert [round(one, 1) for one in (*in_copy, true_difference)] == [-2.5, -3.9, -1.1, -5.9]
    assert [round(one, 1) for one in in_fresh] == [-4.8, -6.7, -2.8]
    both = {z: [suspicion(p, with_noise(members, z)) for p in (members, strangers)] for z in (0.25, 0.5, 1.0)}
    assert [round(100 * judged(*both[z])["found"]) for z in both] == [100, 56, 4]
    assert round(learned_on_members, 2) == 0.74
if as_described and full_size:  # with three copies of each noise
    assert curve.loc[1.0].round(2).tolist() == [0.61, 0.71, -1.86]
    assert curve["prediction"].loc[[0.1, 1.5]].round(2).tolist() == [0.75, 0.67]
    assert curve["months"].loc[[0.1, 1.5]].round(1).tolist() == [-5.1, -0.3]

# %% [markdown]
# > **Result.** In one of the three copies with noise 1, people whose first regimen contains DTG wait 2.5 months less than those
# on EFV (95 % interval 1.1 to 3.9 months less). Among fresh people it is 4.8 months less (2.8 to 6.7). Among
# all people of the registry it is 5.9. **Verdict:** the interval of the copy misses the truth, and that of fresh
# people holds it. Noise exchanges regimens and moves single viral loads below 50: both groups become alike.

# %% [markdown]
# ## 7 · Three real generators
#
# A generator should come near the star: learn what kinds of people there are, and not who they are.
# Three learn from the members. *Trees* sort all months by what went before, and
# take the next value from a month in the same **leaf**. We ask for at least 12 months in a leaf, or for 1. A
# *network* learns the odds of each next value.

# %%
few = members.subset(members.patients.index[: budget(1000, quick=150)])
models = {}
for leaf in (12, 1):
    trees = hg.generators.AutoregressiveTree(hg.generators.TreeConfig(leaf=leaf, features=0.1))
    models[f"trees, leaves of {leaf}"] = trees.fit(few, seed=0)
network = hg.generators.AutoregressiveGru()
models["network"] = network.fit(few, max_steps=budget(100, quick=30), seed=0)
n_sold = budget(1000, quick=500)
sold = {name: model.sample(n_sold, seed=0) for name, model in models.items()}

# %%
question("14.small_leaves")

# %%
sides = {}
for name, made in sold.items():
    copied = np.isclose(suspicion(members, made), 0, atol=1e-6)  # the same in every month
    sides[name] = (copied.sum(), *both_sides(made))
sides["fresh people"] = (0, *curve.loc["fresh"])
table = pd.DataFrame(sides, ["members shown", *curve.columns]).T
second = {name: model.sample(n_sold, seed=1) for name, model in models.items()}
second["fresh people"] = members.fresh(seed=3)
table["months, second table"] = pd.Series({name: both_sides(one)[2] for name, one in second.items()})
table.round(2)

# %% [markdown]
# **What to see.** With leaves of 1, all 1,000 invented people are exact copies, and 627 members are shown in full.
# Of the three it keeps the difference between the drugs best, and predicts
# about as well as any: utility alone would choose it. With
# leaves of 12, or the network, nobody is shown, and the attack is a coin. One number exposed 627 people.
#
# How much is chance? Two tables of the same trees have differences of 0.6 and 3.5 months, of the network 1.5 and 5.0,
# and two fresh groups 4.8 and 6.4. So one table says little, and a company could show you its best.

# %% tags=["claims"]
the_same = sold["trees, leaves of 1"]
assert np.allclose(suspicion(the_same, few), 0, atol=1e-6)
assert sides["trees, leaves of 1"][0] > 0.55 * len(few)
assert sides["trees, leaves of 12"][0] == sides["network"][0] == 0
if as_described and full_size:
    assert len(the_same) == 1000 and sides["trees, leaves of 1"][0] == 627
    by_column = np.array([sides[name] for name in sides]).T
    membership, prediction, months = by_column[1:]
    assert membership[1] > 0.75 and max(membership[[0, 2]]) < 0.54
    assert (prediction[1] > prediction[[0, 2]] - 0.02).all() and months[1] < months[[0, 2]].min()
    both_tables = -table.loc[["trees, leaves of 12", "network", "fresh people"]].iloc[:, -2:]
    assert both_tables.round(1).to_numpy().tolist() == [[0.6, 3.5], [1.5, 5.0], [4.8, 6.4]]

# %% [markdown]
# ## 8 · The decision
#
# The company's last offer is the copy with noise 0.5. Your findings:

# %%
for_use = everybody.set_index("metric")["synthetic"]
findings = {
    "members found, attack by course (%)": 100 * at_1["membership, by course"],
    "members found, attack with drugs (%)": 100 * two["with drugs"]["found"],
    "members found, attack without drugs (%)": 100 * two["without drugs"]["found"],
    "AUROC of the attack without drugs": two["without drugs"]["AUROC"],
    "identity disclosure (%)": 100 * disclosure(members, noisy),
    "AUROC of the prediction, learned on the copy": for_use["AUROC on real people"],
    "AUROC of the prediction, learned on members": learned_on_members,
    "difference in the copy (months)": for_use["effect"],
    "difference in all people (months)": true_difference,
}
evidence = pd.Series(findings)
evidence.round(2)

# %% [markdown]
# **Exercise 4 (write).** Write to the registry, on one page: may this table be published? A stranger to this
# chapter must be able to follow you. The check reads for five parts, and compares your numbers with
# `evidence`.
#
# | part | it says |
# |---|---|
# | decision | in the first sentence: publish it, do not publish it, or only on conditions |
# | evidence | at least three numbers from above, one of them about privacy, one about use |
# | who is exposed | whom the table harms most |
# | not tested | what you did not try, and so do not know |
# | conditions | what has to happen before you would decide otherwise, or how it is to be used |

# %%
# BEGIN SOLUTION
#| decision = ____
decision = f"""
Do not publish this table. {findings["members found, attack by course (%)"]:.0f} % of the members can be named by
somebody who knows their laboratory results, with one false alarm in 100 strangers. The identity disclosure of
{findings["identity disclosure (%)"]:.2f} % does not see this, because it does not look at courses. The table is
also of little use: the difference between DTG and EFV is {findings["difference in the copy (months)"]:.1f} months
in it, and {findings["difference in all people (months)"]:.1f} months in all people.
Most exposed are people with rare regimens or an unusual course.
We did not test attackers who know the generator itself, nor tables that are linked with other sources.
We would decide otherwise if a new table, made by a generator that does not copy, lets no attack find more
members than false alarms, and if researchers get it only under a contract that forbids attacks.
"""
# END SOLUTION
check("14.decision", decision, evidence=evidence)

# %% [markdown]
# **Exercise 5 (open).** Now attack. The checker draws people whom nobody has
# met, half of them members, and makes a copy of the members with noise 0.75. Write an attack whose AUROC exceeds
# that of section 2 by **0.05**.


# %%
def attack(synthetic, holdout, asked):
    """Three tables like art.frame: the published table; people who are surely no members; the
    people who are asked about, members and strangers mixed. Return a Series by PatientID: one
    number for each person in asked, higher where membership is likelier."""
    # BEGIN SOLUTION
    #| return ____
    columns = ["VL", "CD4", "Rel CD4"]
    scale = np.log(holdout[columns]).std()

    def courses(frame):
        """All numbers of a person in one row."""
        months = [frame["PatientID"], frame["Timestep"]]
        return (np.log(frame[columns]) / scale).set_index(months).unstack()

    rows = courses(asked)
    return pd.Series(-cdist(rows, courses(synthetic)).min(axis=1), rows.index)
    # END SOLUTION


check("14.attack", attack)

# %% [markdown]
# ## Key points
#
# - Invented records can give real people away. Ask whether members are nearer to the table than strangers are.
# - Read what is found at 1 % false alarms, and count near copies. An AUROC hides the few who are certain.
# - A distance above zero and a low identity disclosure are no evidence that nobody can be found.
# - An attack that finds nothing proves little: another attacker may know more columns.
# - Noise on a copy buys privacy with utility, and the effect is lost before the prediction.
#
# **For a seminar.** Who should decide that a table may be published: the registry, the company, or the members?
# Would you tell the five people? The registry asks for "a risk below 9 %": what do you answer?
#
# **References.**
# Kuo et al., the two intensive care files and their risk of 0.045 %, PhysioNet 2022,
# [doi:10.13026/p0tv-0r98](https://doi.org/10.13026/p0tv-0r98).
# El Emam, Mosquera and Bass, identity disclosure, *J Med Internet Res* 2020,
# [doi:10.2196/23139](https://doi.org/10.2196/23139).
# Carlini et al., *Membership inference attacks from first principles*, 2022,
# [doi:10.1109/SP46214.2022.9833649](https://doi.org/10.1109/SP46214.2022.9833649).
# Shokri et al., *Membership inference attacks against machine learning models*, 2017,
# [doi:10.1109/SP.2017.41](https://doi.org/10.1109/SP.2017.41).
# Yao et al., *The DCR delusion*, 2025, [arXiv:2505.01524](https://arxiv.org/abs/2505.01524).
