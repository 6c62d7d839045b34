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
# # 16 · Hypotension, offline RL
#
# **Aim.** You learn why an agent that learns from records alone comes to believe in treatments that nobody tried,
# and how to hold it back.
#
# **Time.** 60 minutes to read, 50 to exercise. **You need** chapters 03, 09 and 15.
#
# **After this chapter you can**
#
# 1. *explain* why Q-learning drifts when nobody may try what it believes;
# 2. *write* a Bellman target that looks only where clinicians acted;
# 3. *compare* two constraints, and *choose* how strong they should be;
# 4. *measure* what an agent does to patients, beside what it is paid for.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/16_hypotension_offline_rl.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/16_hypotension_offline_rl.ipynb)

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
from copy import deepcopy
from healthgym_edu.checks import ____, budget, check, hint, question, solution
from healthgym_edu.checks.safety_16 import safety
from torch import nn

torch.set_num_threads(1)  # networks this small are no faster with more
hg.plots.set_style()

# %% [markdown]
# > **About these data.** These are the simulated patients with low blood pressure of chapter 03. **Nothing here treats
# > anyone**, and no agent of this chapter is fit for a ward. A file does not record how clinicians chose, so with
# > `source = "release"` simulated patients stand in for it. With another `seed`, or on
# > another computer, your numbers may differ from the text.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
icu = hg.load_cohort("hypotension", source=source, seed=seed)
if icu.recipe is None:
    print("A file does not say how clinicians chose, so simulated patients stand in for its own.")
    icu = hg.load_cohort("hypotension")
as_described = icu.source == "teaching" and icu.seed == 0  # the patients this text speaks of
full_size = budget(True, quick=False)
few = icu.subset(icu.patients.index[: budget(400, quick=60)])
batch = hg.rl.transitions(few)
print(f"{len(batch):,} decisions of {batch.n_patients} patients, {len(batch.actions)} actions, {len(batch.features)} numbers in view")

# %% [markdown]
# ## 1 · You may not try
#
# Every four hours a clinician chooses one of 16 actions: one of four sizes of a fluid bolus, and one of four levels of a
# vasopressor, the drug that narrows the vessels. Could an agent choose better?
#
# Chapter 15 said what is paid, and what a policy and its value are. Here the **value** is the mean sum of all rewards
# of a stay. A stay has at most twelve decisions, so we do not discount (chapter 15 used 0.99). An hour costs up to 1
# point when the mean arterial pressure (MAP) is below 65 mmHg; it is free if MAP is at least 55 and the patient passes
# enough urine. Death costs 5 points, and each level of the vasopressor 0.02 an hour. Each 500 mL that the patient did
# not need cost 0.2 (the simulator knows the deficit; a hospital does not). The weights of death and treatment are
# assumed.
#
# An agent that plays a game learns **online**: it tries something, sees what happens, and tries again. It begins by
# acting at random. In the simulator we can look at what its first patients would get.


# %%
def at_random(seen):
    """Each of the 16 actions is equally likely, whatever is seen."""
    return np.full((len(seen), 16), 1 / 16)


first_days = {"clinicians": "clinician", "an agent that begins": at_random}
begun = safety(hg.twins("hypotension", first_days, budget(4000, quick=100), seed=99))
begun.round(1)

# %% [markdown]
# **What to see.** Under the random agent 14 in 100 patients die, and 8 in 100 under the clinicians: six deaths more
# in every 100. Nine in ten of its patients get more than three litres of fluid. No ethics committee would allow this.
# But the hospital has years of records. To learn a policy from records alone is called **offline reinforcement
# learning**.

# %% tags=["claims"]
if full_size:
    assert begun.loc["an agent that begins", "died (%)"] > 1.2 * begun.loc["clinicians", "died (%)"]
if as_described and full_size:
    assert begun["died (%)"].round().tolist() == [8, 14] and 85 < begun.loc["an agent that begins", "over 3 L of fluid (%)"] < 95
assert batch.reward.max() <= 0 and batch.returns().max() <= 0

# %% [markdown]
# ## 2 · Q-learning from records
#
# Q(s, a) is what action a is worth in situation s, if all later actions are the best ones. So Q obeys the
# **Bellman equation**: it equals the reward that follows, plus the best Q of the next decision.
#
# $$Q(s, a) \;\approx\; r + \max_{a'} Q(s', a')$$
#
# The right side is the **target**. In **deep Q-learning** (Mnih et al. 2015) a network gives Q of all actions.
# Each step moves Q of the action that was taken towards its target. The target comes from an older copy, the
# **target network**, so that it does not move with every step. After a patient's last decision the target is the
# reward alone.

# %%
question("16.highest")

# %%
middle, spread = batch.view.mean(axis=0), batch.view.std(axis=0) + 1e-6
unit = batch.returns().std()  # one unit of the network is one standard deviation of the returns


def numbers(view):
    """Observations as a network likes them: around 0, with spread 1."""
    return torch.as_tensor(((view - middle) / spread).clip(-5, 5), dtype=torch.float32)


seen, then = numbers(batch.observation), numbers(batch.next_observation)
action, ended = torch.as_tensor(batch.action), torch.as_tensor(batch.terminated)
paid = torch.as_tensor(batch.reward / unit, dtype=torch.float32)


# %%
def new_network():
    """The 22 numbers that are seen go in, Q of 16 actions comes out."""
    layers = nn.Linear(22, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16)
    return nn.Sequential(*layers)


def anything(view):
    """Which actions may be chosen, for each patient in view: all 16."""
    return np.ones((len(view), 16), dtype=bool)


def loss_of(network, old, rows, may):
    """How far Q of the actions that were taken is from the targets."""
    q = network(seen[rows]).gather(1, action[rows, None])[:, 0]  # of 16 Q, that of the action taken
    with torch.no_grad():
        best = old(then[rows]).masked_fill(~may[rows], -torch.inf).max(dim=1).values
        target = paid[rows] + torch.where(ended[rows], 0.0, best)
    return nn.functional.smooth_l1_loss(q, target)


# %%
def q_learning(steps, looks, allow=anything):
    """Deep Q-learning on records alone. Return `looks` copies of the network along the way."""
    torch.manual_seed(0)
    rows_at = torch.randint(len(batch), (steps, 128))
    may, network, kept = torch.as_tensor(allow(batch.next_observation)), new_network(), {}
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for step, rows in enumerate(rows_at):
        if step % 50 == 0:
            old = deepcopy(network)  # the target network
        optimiser.zero_grad()
        loss_of(network, old, rows, may).backward()
        optimiser.step()
        if (step + 1) % (steps // looks) == 0:
            kept[step + 1] = deepcopy(network)
    return kept


# %% [markdown]
# Nothing here is unusual: with `anything`, every action may be chosen. The network learns from 400 patients. At six
# moments we ask two questions. What does it *believe* its policy to be worth, at the first decision of each patient?
# And what is this policy *truly* worth, when it treats 800 fresh patients in the simulator?


# %%
def best_of(network, view, allow):
    """The highest Q among the actions that may be chosen, and which action it is."""
    may = torch.as_tensor(allow(view))
    return network(numbers(view)).masked_fill(~may, -torch.inf).max(dim=1)


def policy_of(network, allow=anything):
    """Always the action with the highest Q."""
    return lambda view: np.eye(16)[best_of(network, view, allow).indices.numpy()]


# %%
def both_values(network, allow=anything):
    """What a network believes, and what is true."""
    first = best_of(network, batch.view[batch.begins], allow).values
    true = hg.policy_value("hypotension", policy_of(network, allow), patients, seed=1000).value
    return {"what it believes": unit * first.mean().item(), "true value": true}


patients, steps = budget(800, quick=20), budget(2400, quick=20)
usual_care = hg.policy_value("hypotension", "clinician", patients, seed=1000).value
kept = q_learning(steps, looks=budget(6, quick=2))
drift = pd.DataFrame([{"step": step, **both_values(one)} for step, one in kept.items()])
print(f"True value of the clinicians: {usual_care:.1f}")
drift.round(1)

# %% alt="Two curves and a line against 400 to 2,400 steps of learning, in points. What the network believes rises faster and faster, from about 1 to about 46 points. Its true value is negative all the time and falls to about −5. The line marks the best that is possible, 0."
hg.plots.belief_plot(drift.assign(**{"best possible": 0.0}), "step", "Learning (steps)", "points")
plt.show()

# %% [markdown]
# **What to see.** After 2,400 steps the network believes that each patient will collect about 46 points. The best that
# is possible is 0. Its true value has fallen to about −5, and the clinicians' is −2.1. The more it learns, the
# more it errs. We call this **drift**. In a hospital you would see only the rising curve.

# %% tags=["claims"]
last = drift.iloc[-1]
assert (drift["true value"] < 0).all()
if as_described and full_size:
    assert last["what it believes"] > 10 and drift["what it believes"].iloc[2:].min() > 1
    assert abs(usual_care + 2.1) < 0.15 and drift["what it believes"].is_monotonic_increasing
    assert -8.5 < last["true value"] < -3 and drift["true value"].iloc[0] > last["true value"] + 0.5

# %%
question("16.who_corrects")

# %% [markdown]
# ## 3 · Actions that nobody tried
#
# Where does the network find so many points? "Nobody tried it" can mean two things: nobody did it *in these 400
# patients*, or the simulator's clinicians *never* do it there (its probability is 0). We first count the former. The 22
# numbers that a clinician sees are the hour, two mean pressures, ten other values, seven flags that say what was
# measured, the vasopressor's level and the litres given. We sort the decisions by two of them.

# %%
situation = pd.DataFrame(batch.view, columns=batch.columns)
pressure = pd.cut(situation["MAP of the last hours"], [0, 55, 65, 75, 300], right=False)
vasopressor = situation["vasopressor level"].gt(0).map({False: "no", True: "yes"})
done = pd.Series(batch.action).groupby([pressure, vasopressor], observed=True)
pd.DataFrame({
    "decisions": done.size(),
    "actions taken": done.nunique(),
    "taken ten times or more": done.agg(lambda a: (a.value_counts() >= 10).sum()),
}).rename_axis(["MAP of the last hours", "on a vasopressor"])  # fmt: skip

# %%
never = batch.behaviour_probability == 0  # decisions × actions: clinicians never do that there
chosen = policy_of(kept[steps])(batch.view) == 1
q = unit * kept[steps](seen).detach().numpy()
best_never, best_tried = np.where(never, q, -np.inf).max(1), np.where(never, -np.inf, q).max(1)
print(f"The network chooses what clinicians never do there: {never[chosen].mean():.0%}")
print(f"A die with 16 sides would do so: {never.mean():.0%}")
print(f"Best Q of the former minus best Q of the latter: {(best_never - best_tried).mean():+.1f}")
print(f"What looking at the former adds to the maximum: {(q.max(1) - best_tried).mean():.1f}")

# %% [markdown]
# **What to see.** One in five decisions is about a patient with a good pressure and no vasopressor. Only 3 of the 16
# actions were ever taken there, and 2 of them ten times or more. The set of actions that were taken in such
# situations is called the **support**. About other actions the records say nothing, so Q there is what the network
# happens to guess. This is **extrapolation**.
#
# Two thirds of the network's choices are actions that clinicians never take there. A die would do nearly the same, so
# this shows only that the network does not know what was tried. The third line says more: the best Q of such actions
# is about 1 point higher than the best of the others. After 400 steps it was not higher.
#
# This is the work of the maximum. Of 16 guesses some are too high, and the maximum picks exactly these. It is 2.5
# points higher here than it would be without the actions that clinicians never take. That error goes into the target of
# the decision before, which raises Q there, and so on, from the last of twelve decisions back to the first. Each new
# target network begins on the raised values. No record ever says that they are wrong.

# %% tags=["claims"]
calm = done.nunique().xs("no", level=1)
if as_described and full_size:
    assert calm.iloc[-1] == 3 and 0.17 < done.size().xs("no", level=1).iloc[-1] / len(batch) < 0.23
    assert done.agg(lambda a: (a.value_counts() >= 10).sum()).xs("no", level=1).iloc[-1] == 2
    assert 0.60 < never.mean() < 0.65 and abs(never[chosen].mean() - never.mean()) < 0.12
    assert 0.3 < (best_never - best_tried).mean() < 2 and 1 < (q.max(1) - best_tried).mean() < 5
    q_early = unit * kept[min(kept)](seen).detach().numpy()
    early = np.where(never, q_early, -np.inf).max(1) - np.where(never, -np.inf, q_early).max(1)
    assert abs(early.mean()) < 0.15

# %% [markdown]
# ## 4 · Only what is done often enough
#
# The first remedy is a mask. **Batch-constrained Q-learning** (BCQ; Fujimoto et al. 2019) also learns how often
# clinicians take each action, G(a | s). An action is allowed if it is taken at least τ times as often as the
# commonest one. We call τ the *trust* that we demand.
#
# $$Q(s, a) \;\approx\; r + \max_{a' \in A(s')} Q(s', a'), \qquad
# A(s) = \{a : G(a \mid s) \ge \tau \max_b G(b \mid s)\}$$
#
# The mask is needed **twice**: when the agent acts, and inside the target. If it is forgotten in the target, the agent acts
# with care, but on values that have drifted.

# %%
records = hg.rl.transitions(icu.subset(icu.patients.index[: budget(2000, quick=100)]))
share = records.behaviour_probability  # in a simulator, we know how often
allowed = share >= 0.1 * share.max(axis=1, keepdims=True)
decisions = pd.Series(allowed.sum(axis=1)).value_counts(normalize=True).sort_index()
decisions.rename_axis("actions left").to_frame("share of decisions").round(3)

# %% [markdown]
# **What to see.** With a trust of 0.1, six in ten decisions leave a single action, so the agent has nothing to choose
# there. Most others leave two or three.

# %% tags=["claims"]
n_left = allowed.sum(axis=1)
assert 0.5 < (n_left == 1).mean() < 0.7 and n_left.min() == 1
assert np.isin(n_left, [2, 3]).mean() > 0.6 * (n_left > 1).mean()
if as_described and full_size:
    assert 0.57 < (n_left == 1).mean() < 0.62

# %% [markdown]
# **Exercise 1 (tweak).** In which share of the decisions does a trust of **0.3** leave only one action?

# %%
# BEGIN SOLUTION
#| only_one = ____
only_one = ((share >= 0.3 * share.max(axis=1, keepdims=True)).sum(axis=1) == 1).mean()
# END SOLUTION
check("16.only_one", only_one, share=share)

# %%
question("16.times_zero")

# %% [markdown]
# **Exercise 2 (fill in).** Write the masked target with NumPy. For n decisions you get the reward, Q of the 16 actions at
# the next decision, which of them are allowed there, and whether the decision was the patient's last. After the last
# decision, `allowed` may be anything, even False everywhere.


# %%
def masked_target(reward, q_next, allowed, ended):
    """reward, ended: shape (n,); q_next, allowed: shape (n, 16). Return the targets, shape (n,)."""
    # BEGIN SOLUTION
    #| return ____
    best = np.where(allowed, q_next, -np.inf).max(axis=1)
    return reward + np.where(ended, 0.0, best)
    # END SOLUTION


check("16.target", masked_target)

# %% [markdown]
# Does the mask help? We repeat section 2 with the same 400 patients, and the mask at the bedside and in the target. How
# often clinicians take an action is learned from the same records, by a model that copies them.

# %%
setting = hg.rl.CloningConfig(greedy=False, rounds=budget(20, quick=2))
habits = hg.rl.BehaviourCloning(setting).fit(batch)


def done_often(view):
    """Which actions are taken at least 0.1 times as often as the commonest one."""
    often = habits(view)
    return often >= 0.1 * often.max(axis=1, keepdims=True)


held = q_learning(steps, len(kept), done_often)
masked = pd.DataFrame([both_values(one, done_often) for one in held.values()])
masked.set_axis(drift["step"]).round(1)

# %% tags=["drawing"] alt="Two panels, value in points against 400 to 2,400 steps of learning, each with a scale of its own and a flat line for the clinicians at −2.1. Left, without a mask: what the network believes rises to about 46, and its true value falls to about −5. Right, with the mask: the belief lies between about −0.7 and 0, one to two points above the true value, which stays near −1.8, above the clinicians."
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.4))
panels = {"without a mask": drift, "with the mask": masked.assign(step=drift["step"])}
for ax, (how, table) in zip(axes, panels.items(), strict=True):
    hg.plots.belief_plot(table.assign(clinicians=usual_care), "step", f"Learning {how} (steps)", "points", ax)
axes[1].get_legend().remove()
plt.show()

# %% [markdown]
# **What to see.** Each panel has its own scale. With the mask, the network believes about 0 at the end, not +46. Its true
# value stays near −1.8, better than the clinicians' −2.1. It still believes too much, by 1 to 2 points, but it does not run away.

# %% tags=["claims"]
if as_described and full_size:
    gap = masked["what it believes"] - masked["true value"]
    assert masked["what it believes"].abs().max() < 1.5 and gap.between(0.5, 2.5).all()
    assert masked["true value"].between(-2.1, -1.5).all()
    assert masked["true value"].iloc[-1] > usual_care + 0.1

# %% [markdown]
# ## 5 · Doubt
#
# The second remedy has no mask. **Conservative Q-learning** (CQL; Kumar et al. 2020) adds a penalty to the loss.
# We call its weight α the *doubt*:
#
# $$\alpha \, \Big[ \log \sum_a \exp Q(s, a) \;-\; Q(s, a_\text{taken}) \Big]$$
#
# The first term is a soft maximum: never below the largest Q, and at most 2.8 above it (log 16). So the penalty
# presses down whatever is high, and lifts the action that was taken. An action that nobody took is only pressed, so
# the maximum rarely finds it.
#
# **Exercise 3 (fill in).** Write the penalty with NumPy, without its weight, as the mean over decisions.


# %%
def penalty(q, action):
    """q: Q of all actions, shape (n, 16); action: which one was taken, shape (n,). One number."""
    # BEGIN SOLUTION
    #| return ____
    from scipy.special import logsumexp

    taken = q[np.arange(len(q)), action]
    return (logsumexp(q, axis=1) - taken).mean()
    # END SOLUTION


check("16.penalty", penalty)

# %% [markdown]
# ## 6 · How much constraint?
#
# Now we make both constraints stronger, step by step, with the agents of the package. "Free" is Q-learning among all
# 16 actions. The others know one thing that no hospital knows exactly: they choose only among actions whose true
# probability is above 0. Beyond that, BCQ learns G from the records (exercise 1 used the simulator's own). Each
# agent learns from 2,000 patients and then treats 2,000 fresh ones.

# %%
fast = {"steps": budget(700, quick=20), "rate": 3e-3, "batch": 64}
free = hg.rl.Dqn(hg.rl.NetworkConfig(**fast))
strict = {t: hg.rl.BcqConfig(trust=t, **fast) for t in (0, 0.1, 0.3, 1)}
trusting = {t: hg.rl.DiscreteBcq(setting) for t, setting in strict.items()}
careful = {d: hg.rl.CqlConfig(doubt=d, **fast) for d in (0, 0.1, 1)}
doubting = {d: hg.rl.DiscreteCql(setting) for d, setting in careful.items()}

# %%
fresh = {"n_patients": budget(2000, quick=100), "seed": 1000}
theirs = hg.policy_value("hypotension", "clinician", **fresh)


def tried(agent):
    """Let an agent learn, then treat fresh patients by it."""
    agent.fit(records, seed=0)
    true = hg.policy_value("hypotension", agent, **fresh).value
    believed = agent.history_["value"].iloc[-1]
    return {"what it believes": believed, "true value": true, "clinicians": theirs.value}


# %%
question("16.trust_one")

# %%
from_free_to_strict = {"free": free, **trusting}
by_trust = pd.DataFrame({str(t): tried(one) for t, one in from_free_to_strict.items()}).T
by_doubt = pd.DataFrame({str(d): tried(one) for d, one in doubting.items()}).T
pd.concat({"BCQ, trust": by_trust, "CQL, doubt": by_doubt}).round(2)

# %% tags=["drawing"] alt="Two panels, value in points against the strength of a constraint. Left, BCQ: what it believes falls from about 0 for the free agent to about −2 at trust 1; the true value rises from about −2.7 to a peak of about −1.7 at trust 0.1, and falls to about −3.1 at trust 1; the clinicians are a flat line at −2.1. Right, CQL: what it believes rises from below 0 at doubt 0 to above +3 at doubt 1; the true value is about −1.8 at doubt 0, −1.5 at 0.1, and falls to −2.6 at doubt 1."
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.4))
tables = {"Trust of BCQ": by_trust, "Doubt of CQL": by_doubt}
for ax, (label, table) in zip(axes, tables.items(), strict=True):
    name = label.lower()
    label = f"{label} (share)" if "Trust" in label else f"{label} (weight)"
    hg.plots.belief_plot(table.rename_axis(name).reset_index(), name, label, "points", ax)
    ax.axhline(0, color="black", lw=0.8)
axes[1].get_legend().remove()
plt.show()

# %% [markdown]
# **What to see.** On the left, the free agent believes to be near the best possible, and is worse than the clinicians.
# Why not +46, as in section 2? It learned from 2,000 patients instead of 400, and for 700 steps instead of 2,400. And
# its targets are gentler: one network picks the best action, an older one says what that is worth, and the older one
# follows slowly. As trust grows, the belief comes down. The true value rises to a peak at 0.1 and then falls. At 1,
# the agent copies the clinicians' *commonest* habit, and is worse than they are.
# Clinicians also do the rarer things, when they are needed.
# So too little constraint lets beliefs run away, and too much leaves nothing to learn.
#
# On the right, a doubt of 0.1 is about as good as the best of BCQ, or better. A doubt of 1 is worse than the clinicians,
# and yet it believes in *more*, far above 0. A doubt of 0 is not bad here: it knows already what clinicians
# never do. Trust 0 and doubt 0 are nearly the same agent, yet they differ by 0.25 points: so much may depend on one
# training.

# %%
question("16.cql_belief")

# %% [markdown]
# The best setting stands out here, because the simulator shows the true value. A hospital has only the curve "what it
# believes". That curve would choose an agent without trust (free, or 0), or the largest doubt. Chapter 17 asks
# whether records can do better.

# %% tags=["claims"]
gain = by_trust["true value"] - theirs.value
doubted = by_doubt["true value"] - theirs.value
if as_described and full_size:
    assert gain.idxmax() == "0.1" and gain["0.1"] > 0.25
    assert gain["free"] < -0.2 and gain["1"] < -0.5 and gain["1"] < gain["0.3"] < gain["0.1"] - 0.25
    assert by_trust["what it believes"].loc["0":].is_monotonic_decreasing
    assert -0.5 < by_trust["what it believes"]["free"] < 0.5
    assert by_doubt["what it believes"].is_monotonic_increasing and by_doubt["what it believes"]["1"] > 2
    assert doubted["0.1"] > gain["0.1"] - 0.1 and doubted["0"] > 0.1 and doubted["1"] < -0.25
    assert 0.1 < abs(doubted["0"] - gain["0"]) < 0.35
    assert by_trust["what it believes"].idxmax() in ("free", "0")

# %% [markdown]
# This was one seed and a short training. The stored results of `benchmarks/offline_rl.py` are longer: agents that
# learned from 3,000 patients with three seeds each, and treated 20,000 fresh ones. Fitted Q is the same learning with
# trees instead of a network.
#
# | agent | gain over the clinicians (points) | worst of three seeds |
# |---|---|---|
# | BCQ, trust 0.1 | 0.523 | 0.488 |
# | CQL, doubt 0.1 | 0.629 | 0.577 |
# | fitted Q with trees, trust 0.1 | 0.605 | 0.584 |
#
# ## 7 · Is it safe?
#
# A value is one number, and its weights were assumed. What happens to patients? Three things matter at a bedside:
# how long the pressure is below 55 mmHg, how much fluid is given, and who dies. (65 mmHg is the usual goal; below 55
# the harm is clear.)
#
# **Exercise 4 (fill in).** Which share of a patient's hours has a MAP below 55, on average over *patients*? Patients who
# die have fewer rows than others. Each patient should count once.


# %%
def low_hours(frame):
    """frame: rows with PatientID and MAP. Return one number, a share between 0 and 1."""
    # BEGIN SOLUTION
    #| return ____
    low = frame["MAP"] < 55
    return low.groupby(frame["PatientID"]).mean().mean()
    # END SOLUTION


check("16.low_hours", low_hours, icu=icu)

# %% [markdown]
# Now clinicians, the written guideline and three agents treat the same patients. The drifted agent is that of section 2.

# %%
policies = {
    "clinicians": "clinician",
    "guideline": "protocol",
    "drifted agent": policy_of(kept[max(kept)]),
    "BCQ, trust 0.1": trusting[0.1],
    "CQL, doubt 0.1": doubting[0.1],
}
treated = hg.twins("hypotension", policies, budget(3000, quick=100), seed=99)

# %%
worth = {n: one.decisions.groupby("PatientID")["reward"].sum().mean() for n, one in treated.items()}
ends = pd.DataFrame({n: 100.0 * one.patients["Died"] for n, one in treated.items()})
more = ends.sub(ends["clinicians"], axis=0)  # the same patients, so pair by pair
safe = safety(treated).assign(
    **{"more deaths (%)": more.mean(), "± 95 %": 1.96 * more.std() / np.sqrt(len(more))}, value=pd.Series(worth)
)
safe.round(2)

# %% [markdown]
# **What to see.** The drifted agent has by far the lowest value and the most deaths. But its patients have few hours of
# low pressure: it drowns them in fluid, and patients who die leave no more hours to be counted. Judged by
# pressure alone, it would look safe. BCQ and CQL have fewer low hours than the clinicians. CQL hardly ever gives more than three
# litres, BCQ about as often as the clinicians. Do they save lives? Under both, 0.5 in 100 fewer die,
# give or take 0.4. The stored benchmark, with 20,000 patients, says 0.7 in 100 fewer for each.
#
# The written guideline, which learned nothing, is better than every agent, with a value of −1.35. It is good by
# design in this simulator; that is no fact about medicine. The guideline often gives 250 mL. Only 3 % of
# the recorded decisions do, so the records say little about it.

# %% tags=["claims"]
low, over, died = (safe[name] for name in safe.columns[:3])
if as_described and full_size:
    drifted, bcq, cql = safe.index[2:]
    assert safe["value"].idxmin() == drifted == died.idxmax() and safe["value"].idxmax() == "guideline"
    assert low[drifted] < 0.6 * low["clinicians"] and over[drifted] > 70
    assert low[[bcq, cql]].max() < low["clinicians"] - 0.8
    assert over[cql] < 2 and 2.5 < over[bcq] < 7 and over["clinicians"] < 5
    assert safe.loc[[bcq, cql], "more deaths (%)"].between(-0.9, -0.15).all()
    assert safe.loc[[bcq, cql], "± 95 %"].between(0.3, 0.55).all()
    small_bolus = pd.Series(records.actions)[records.action].str.startswith("fluid 250")
    assert 0.02 < small_bolus.mean() < 0.04
    assert abs(safe.loc["guideline", "value"] + 1.35) < 0.02

# %% alt="Five maps of four sizes of fluid by four levels of vasopressor, with the per cent of decisions. Clinicians do nothing in 67 % and use all sizes of fluid. The guideline does nothing in 52 % and gives only 250 mL. The drifted agent gives 1000 mL in about half of its decisions and hardly ever does nothing. BCQ and CQL do nothing in 60 to 70 %, use 250 mL almost never, and give the first and second dose of vasopressor more often than clinicians."
maps = {n: one.decisions["action"].value_counts(normalize=True) for n, one in treated.items()}
hg.plots.action_maps(maps, names=("Fluid (mL)", "Vasopressor (mcg/kg per h)"))
plt.show()

# %% [markdown]
# **What to see.** A vasopressor's level is the lower end of its range. Clinicians do nothing in two thirds of their decisions. The drifted agent hardly ever
# does: it gives 1000 mL in about half of them. BCQ and CQL look like the clinicians, with more vasopressor at the first two
# levels, as the guideline gives it. But both leave out 250 mL, which the guideline uses often: clinicians rarely
# gave it, so the mask forbids it, and doubt presses it down.

# %% tags=["claims"]
table = pd.DataFrame(maps).fillna(0)
nothing, small = (table.loc["fluid 0, vasopressor 0"], table.index.str.startswith("fluid 250"))
low_dose = table[table.index.str.endswith((" >0", " 8.4"))].sum()
if as_described and full_size:
    assert 0.62 < nothing["clinicians"] < 0.7 and nothing[safe.index[2]] < 0.03
    assert 0.4 < table[table.index.str.startswith("fluid 1000")].sum()[safe.index[2]] < 0.7
    assert (low_dose[[*safe.index[3:], "guideline"]] > low_dose["clinicians"] + 0.03).all()
    assert (table[small].sum()[safe.index[3:]] < 0.02).all() and table[small].sum()["guideline"] > 0.2

# %% [markdown]
# ## 8 · The result
#
# At last somebody may try. In a trial, BCQ with a trust of 0.1 treats 1,000 patients, and clinicians treat 1,000 others.
# We know the truth from 10,000 patients who were treated twice.

# %%
question("16.can_a_trial_tell")

# %%
agent = trusting[0.1]
arm = budget(1000, quick=100)
new = hg.policy_value("hypotension", agent, arm, seed=501).returns
usual = hg.policy_value("hypotension", "clinician", arm, seed=502).returns
estimate = new.mean() - usual.mean()
half = 1.96 * np.sqrt(new.var(ddof=1) / len(new) + usual.var(ddof=1) / len(usual))

many = {"n_patients": budget(10_000, quick=200), "seed": 77}
both = [hg.policy_value("hypotension", one, **many) for one in (agent, "clinician")]
truth = both[0].minus(both[1]).value
hg.card("Gain of BCQ over the clinicians", estimate=estimate,
        interval=(estimate - half, estimate + half), truth=truth, unit="points", cohort=icu)  # fmt: skip

# %% [markdown]
# > **Result.** In the trial, BCQ is worth 0.50 points more than the clinicians (95 % interval 0.25 to 0.76). Among
# patients who were treated twice, it is 0.46 more. **Verdict:** the interval holds the truth and lies above 0, so the agent is
# better than the clinicians, by this reward. But we found its trust by looking at true values, and a hospital could
# not make this trial on the strength of a belief.

# %% tags=["claims"]
assert not full_size or 0.1 < half < 0.4
if as_described and full_size:
    assert estimate - half > 0.05 and estimate - half < truth < estimate + half
    assert abs(estimate - 0.50) < 0.15 and abs(truth - 0.46) < 0.15

# %% [markdown]
# **Exercise 5 (fill in, 10 minutes).** Write a function that builds an agent. The check draws records of 2,000 patients
# whom nobody has met, and calls it with the seeds 0, 1 and 2. Each agent then treats 3,000 unseen patients. Each must be
# worth at least **0.1 points** more than the clinicians, and none may believe in a value above 0.


# %%
def build(batch, seed):
    """batch: transitions, such as `records`. Return an agent of hg.rl that has learned from it."""
    # BEGIN SOLUTION
    #| return ____
    setting = hg.rl.CqlConfig(doubt=0.02, steps=400, rate=3e-3, batch=64)
    return hg.rl.DiscreteCql(setting).fit(batch, seed=seed)
    # END SOLUTION


check("16.build", build)

# %% [markdown]
# ## Key points
#
# - Offline, no experience corrects an action that is overrated. The maximum over guesses is too high, and targets hand
#   the error on.
# - What a network believes is no evidence. Compare it with what is possible at all.
# - BCQ forbids what is rare, in the choice *and* in the target, with −∞. CQL presses down what was not done, and its Q
#   is no value any more.
# - Too little constraint lets beliefs run away, too much ends in a copy of habits. For trust, the best lay between.
# - A value does not say what happens to patients. Count low pressures, fluid and deaths as well.
#
# **For a seminar.** (a) Who should decide what 500 mL too many cost, compared with an hour below 55 mmHg? (b) In
# `hg.load_cohort("hypotension", confounded=True)` clinicians also see a severity that nobody records. What would
# an agent learn from such records?
#
# **References.**
# Mnih et al., *Nature* 2015,
# [doi:10.1038/nature14236](https://doi.org/10.1038/nature14236).
# Fujimoto et al., discrete BCQ, 2019, [arXiv:1910.01708](https://arxiv.org/abs/1910.01708).
# Kumar et al., *Conservative Q-learning*, 2020, [arXiv:2006.04779](https://arxiv.org/abs/2006.04779).
# Levine et al., 2020, [arXiv:2005.01643](https://arxiv.org/abs/2005.01643).
# The reward and the patients follow Gottesman et al. 2020, [arXiv:2002.03478](https://arxiv.org/abs/2002.03478), and
# Futoma et al. 2020, *POPCORN*, [arXiv:2001.04032](https://arxiv.org/abs/2001.04032).
