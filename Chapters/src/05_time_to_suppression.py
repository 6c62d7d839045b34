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
# # 05 · Time to suppression
#
# **Aim.** You learn to answer "how soon?" from records, and to notice when the answer is wrong.
#
# **Time.** 65 minutes to read, 75 to exercise. **You need** chapters 00 and 01.
#
# **After this chapter you can**
#
# 1. *write* a question as an estimand, and *choose* who is at risk from when;
# 2. *read* and *compute* Kaplan–Meier curves, hazard ratios and restricted means;
# 3. *weight* two groups until they can be compared, and *judge* whether they can;
# 4. *say* what no chart shows, and what a date of measurement does.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/05_time_to_suppression.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/05_time_to_suppression.ipynb)

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
    import healthgym_edu as hg

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from healthgym_edu.checks import ____, check, expected_figure, hint, question, solution
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

hg.plots.set_style()
pd.set_option("display.max_colwidth", None)

# %% [markdown]
# > **About these data.** These are the 8,916 simulated people of chapter 01, followed for five years. **No
# > treatment decision may rest on them.** Health Gym's published file does not say who was new to treatment,
# > nor what is true, so with `source = "release"` simulated people stand in for its own.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
art = hg.load_cohort("art_hiv", source=source, seed=seed)
if art.decisions is None:
    print("This file knows no decisions and no truth, so simulated people stand in for its own.")
    art = hg.load_cohort("art_hiv")
as_described = art.source == "teaching" and art.seed == 0  # the people this text speaks of
print(art.source, "·", f"{len(art):,} people", "·", f"{len(art.frame):,} months")

# %% [markdown]
# ## 1 · A question that can be answered
#
# A clinician asks you:
#
# > *"Tomorrow somebody starts treatment for HIV. Until the virus is suppressed, he can infect his partner.
# > Which regimen suppresses the virus sooner?"*
#
# Regimens differ mainly by their third agent: DTG, EFV, RPV or DRV. But sooner in whom, and from when on? We
# first write down the **estimand**: exactly what we want to know, as if we could run a trial.
#
# | part | our choice |
# |---|---|
# | people | never treated before (*naive*), and started on one of the two drugs compared |
# | **arms** (the groups compared) | the first regimen contains DTG, or EFV (later: DRV, or EFV), whatever follows |
# | **time zero** (when the clock starts) | the month of the first decision |
# | event | first month with fewer than 50 copies/mL |
# | end of follow-up | 12 months (DRV or EFV: 6) |
# | summary | difference of the mean months until the event |
#
# Nobody was randomised. A **causal diagram** says how the drug was chosen: arrows lead from causes to effects.

# %%
places = {
    "What the clinician saw\n(viral load, CD4, year …)": (0.3, 0.85),
    "Third agent": (0.5, 0.15),
    "Month of\nsuppression": (0.88, 0.15),
    "Pills taken": (0.88, 0.85),
    "Habits of\nthe clinician": (0.1, 0.15),
}
saw, drug, month, pills, habits = places
arrows = [(saw, drug), (saw, month), (habits, drug), (drug, month), (pills, month)]
hg.plots.causal_diagram(places, arrows, hidden=[pills, habits], asked=(drug, month))
plt.show()

# %% [markdown]
# **What to see.** We ask about the thick arrow, from the drug to suppression. What the clinician saw acts on
# both ends of it, so the drugs go to different people. The two dashed boxes are on no chart: who takes the
# pills, and what a clinician likes to prescribe.

# %%
question("05.two_arrows")

# %% [markdown]
# ## 2 · The clinic on one day
#
# The easiest study is a survey. It is January 2015. We take everybody who has been on treatment for more than
# six months, and look up the last viral load on file.

# %%
frame, patient = art.frame, art.frame["PatientID"]
year = patient.map(art.patients["Entry year"]) + frame["Timestep"] / 12
kinds = [frame["Comp. INI"] == "DTG", frame["Comp. NNRTI"] == "EFV"]
third = pd.Series(np.select(kinds, ["DTG", "EFV"], "another"), frame.index, name="third agent")
treated = frame["Drug (M)"] & (frame["Drug (M)"].groupby(patient).cumsum() > 6)
survey = treated & year.between(2015, 2015 + 1 / 12, inclusive="left") & (third != "another")

high = art.observed()["VL"] > 1000  # the last result on file
high[survey].groupby(third).agg(["size", "mean"]).round(3)

# %%
question("05.survey")

# %% [markdown]
# **What to see.** Twice as many users of DTG as of EFV have a last result above 1,000 copies/mL: 12 in 100
# against 6. Does DTG fail more often? We also ask who changed to the drug, and whose last blood was drawn
# before that.

# %%
new_drug = third != third.groupby(patient).shift()
begun = frame["Timestep"].where(new_drug).groupby(patient).ffill()  # first month on the drug
drawn = frame["Timestep"].where(frame["VL (M)"]).groupby(patient).ffill()  # of the last result
users = pd.DataFrame({"drug": third, "high": high, "changed to it": begun > 0})[survey]
users["result before the drug"] = (drawn <= begun)[survey]

by_drug = users.groupby("drug")[["changed to it", "result before the drug"]].mean()
on_it = users[~users["result before the drug"]]
by_drug["high, if drawn on the drug"] = on_it.groupby("drug")["high"].mean()
by_drug.round(3)

# %% [markdown]
# **What to see.** Eight in ten users of DTG changed to it, many of them after a high result. In three of ten,
# the last result was drawn before the first pill of DTG. Of results drawn on the drug, 6 in 100 are high in
# both groups. And those in whom EFV failed are no longer among its users.
#
# Such a survey studies **prevalent users**: people who are on a drug today, whatever brought them to it or made
# others leave it. The simulator can start people on one drug, and their twins on the other:

# %%
never = 1 - hg.survival.known_truth("DTG - EFV, 24 months").loc[["DTG", "EFV"], "risk"]
print("not once suppressed in 24 months:", never.map("{:.1%}".format).to_dict())

# %% tags=["claims"]
shares = high[survey].groupby(third).mean()
before = users["result before the drug"]
assert never["DTG"] < 0.7 * never["EFV"]
if as_described:
    assert [round(100 * shares[one]) for one in ("DTG", "EFV")] == [12, 6]
    assert round(by_drug.loc["DTG", "changed to it"], 1) == 0.8
    assert round(by_drug.loc["DTG", "result before the drug"], 1) == 0.3
    assert (by_drug["high, if drawn on the drug"].round(2) == 0.06).all()
    changed = users[(users["drug"] == "DTG") & users["changed to it"]].index
    result_then = pd.DataFrame({"high": high, "month": frame["Timestep"]}).set_index(
        [patient, "month"]
    )["high"]
    months_of_change = zip(patient[changed], begun[changed].astype(int), strict=True)
    assert 0.3 < result_then.loc[list(months_of_change)].mean() < 0.45
    left = third.groupby(patient).shift().eq("EFV") & (third != "EFV")
    assert high.groupby(patient).shift()[left].mean() > 4 * shares["EFV"]
    assert [round(100 * never[one]) for one in ("DTG", "EFV")] == [5, 9]

# %% [markdown]
# In truth, DTG leaves 5 in 100 without suppression, and EFV 9. So we start where treatment starts.
#
# ## 3 · Who is at risk, and from when?
#
# We keep the naive starters, and count from their first decision. One function makes a row for each of them;
# `duration` is the number of months until the event, or until we lose sight of them. Suppose that the study
# closes on New Year's Day 2017.

# %%
def starts_with(drug):
    """A rule: does the name of a regimen contain this drug?"""
    return lambda regimen: drug in regimen


closed = hg.load_cohort("art_hiv", seed=art.seed, closing=2017.0)
starters = {"event": "suppressed_50", "at_risk": "Naive at entry", "origin": "first decision"}
arms = {drug: starts_with(drug) for drug in ("DTG", "EFV")}
seen_by_2017 = hg.survival.time_to_event(closed, arm=arms, horizon=24, **starters)
rows = seen_by_2017.query("duration < 24").groupby("event").head(2)  # two with, two without
print(rows[["PatientID", "arm", "duration", "event"]].to_string(index=False))
ever = seen_by_2017.groupby("arm")["event"].mean()
print("suppressed by month 24, as counted:", ever.map("{:.1%}".format).to_dict())

# %%
question("05.counted_by_2017")

# %% [markdown]
# Counted like this, EFV is ahead. But DTG is new, and those who started it in 2016 were followed for some
# months only. Their follow-up ends before the event is seen: this is **censoring**. We know only that their
# month is later than the last one we saw.
#
# The **Kaplan–Meier curve** uses just that. In each month it divides the events by the **number at risk**, the
# people still followed and without the event. The rest is the share who stay without it, and the curve
# multiplies these shares. This is right if the censored are like the others, and here only the calendar
# censors.

# %%
four = {drug: starts_with(drug) for drug in ("EFV", "RPV", "DTG")}
# a few regimens hold DRV and DTG; here they count as DTG
four["DRV"] = lambda regimen: "DRV" in regimen and "DTG" not in regimen
by_agent = hg.survival.time_to_event(closed, arm=four, horizon=24, **starters)
curve = hg.survival.survival_curve(by_agent, by="arm")
hg.plots.survival_plot(curve, "months", "Share not yet suppressed", horizon=24)
plt.show()

# %% [markdown]
# **What to see.** Four curves fall from 100 %, because people are suppressed. That of DTG falls fastest. That
# of DRV is the highest for four months, and then crosses those of EFV and RPV. Vertical marks stand where
# somebody is censored; the table counts the people at risk.
#
# The simulator kept following them, so we can see what was hidden in 2017:

# %%
whole = hg.survival.time_to_event(
    art, arm=arms, horizon=24, covariates=["VL", "CD4", "Age", "Gender"], **starters
)
same = whole[whole["PatientID"].isin(seen_by_2017["PatientID"])]
at_24 = curve.groupby("group")["survival"].last()
told = {"as counted in 2017": ever, "Kaplan–Meier in 2017": 1 - at_24.loc[["DTG", "EFV"]]}
told["followed to the end"] = same.groupby("arm")["event"].mean()
pd.DataFrame(told).map("{:.1%}".format)

# %% tags=["claims"]
if as_described:
    seen_24 = curve.pivot(index="time", columns="group", values="survival").ffill()
    assert (seen_24.loc[1:4].idxmax(axis=1) == "DRV").all()
    assert (seen_24.loc[1:18].idxmin(axis=1) == "DTG").all()
    assert seen_24.loc[12, "DRV"] < seen_24.loc[12, ["EFV", "RPV"]].max()
    assert ever["DTG"] < ever["EFV"] and at_24["DTG"] < at_24["EFV"]
    ended = told["followed to the end"]
    assert ended["DTG"] > ended["EFV"]
    assert abs(1 - at_24["DTG"] - ended["DTG"]) < 0.015 < ended["DTG"] - ever["DTG"]

# %% [markdown]
# **What to see.** Under DTG, counting missed more than five in 100, and so it put the wrong drug ahead.
# Kaplan–Meier came close, years earlier.
#
# **Exercise 1 (tweak).** The **median** of a curve is the first month in which it stands at one half or below.
# The cell gives it for DTG. Find it for EFV.

# %%
dtg_curve = curve[curve["group"] == "DTG"]
print("DTG:", dtg_curve.loc[dtg_curve["survival"] <= 0.5, "time"].min(), "months")

# %%
# BEGIN SOLUTION
#| median_month = ____
efv_curve = curve[curve["group"] == "EFV"]
median_month = efv_curve.loc[efv_curve["survival"] <= 0.5, "time"].min()
# END SOLUTION
check("05.median_month", median_month, curve=curve)

# %% [markdown]
# ## 4 · One ratio for two years?
#
# Could chance alone have made the curves of DTG and EFV so different? The **log-rank test** compares, month by
# month, the events of a group with those expected if both groups were alike. Its **p value** is the chance of a
# difference at least as large, if both were alike.

# %%
# from here on: the full records
dtg, efv = (whole[whole["arm"] == drug] for drug in ("DTG", "EFV"))
test = logrank_test(dtg["duration"], efv["duration"], dtg["event"], efv["event"])
print(f"log-rank statistic {test.test_statistic:.0f}, p {test.p_value:.0e}")

# %% [markdown]
# Chance hardly explains this. But how large is the difference? Most papers give a **hazard ratio**. The
# **hazard** is the chance to have the event this month, for those who have not had it yet. The ratio divides
# that of one group by that of the other. **Cox's model** estimates it, and can adjust for **covariates** (other
# things known at time zero): it then compares people with equal values of them.

# %%
whole["log10 VL"] = np.log10(whole["VL"].clip(lower=50))
adjust_for = ["arm", "log10 VL", "CD4", "Age", "Gender"]
ratios = {}
for name, columns in {"unadjusted": ["arm"], "adjusted": adjust_for}.items():
    numbers = hg.survival.design(whole, columns, {"arm": "EFV"})  # words become 0 and 1
    model = CoxPHFitter().fit(numbers, "duration", "event")
    ratios[name] = model.summary.filter(like="exp(coef)").loc["arm: DTG"]
pd.DataFrame(ratios).T.set_axis(["hazard ratio", "lower", "upper"], axis=1).round(2)

# %%
question("05.hazard_ratio")

# %% [markdown]
# **What to see.** Above 1 means sooner, and here sooner is better: the chance under DTG is about 1.6 times that
# under EFV. Is that so in *each* month? The model takes it for granted: this is the assumption of
# **proportional hazards**. We draw the logarithm of the ratio over time: 0 means no difference, and the line at
# 0.44 is our 1.56.

# %%
found = hg.survival.diagnose_ph(whole, ["arm"], {"arm": "EFV"})
print(found.sentence)
hg.plots.residual_plot(found.residuals["arm: DTG"], "months")
plt.show()

# %% [markdown]
# **What to see.** Each dot is the log hazard ratio in a part of the two years, with its 95 % interval. The dots
# should lie near the line of the one number, but they fall from far above it to below zero.
#
# DTG does not turn bad. Under DTG most people are suppressed within three months, and leave the group at risk.
# Those who remain mainly take few of their pills. A hazard ratio compares who is *left*, and these are soon
# different people. So "1.6" depends on how long one looks.

# %% tags=["claims"]
ratio = {name: one.iloc[0] for name, one in ratios.items()}
early, late = np.exp(found.table.loc["arm: DTG", ["early", "late"]].astype(float))
parts = found.residuals["arm: DTG"]
if as_described:
    assert test.p_value < 1e-15 and [round(one, 1) for one in ratio.values()] == [1.6, 1.6]
    assert [round(early, 1), round(late, 1)] == [2.4, 0.8]
    assert found.table.loc["arm: DTG", "p"] < 1e-10
    assert parts[parts.index <= 2].mean() > 0.8 and parts[parts.index > 8].mean() < 0
    assert (dtg["duration"] <= 3).mean() > 0.65

# %% [markdown]
# ## 5 · Months sooner
#
# One summary can be said aloud: how long does it take *on average*? Some take longer than we look, so we cut
# every time off at a **horizon**, here 12 months. The mean of these times is the **restricted mean survival
# time** ("survival" is time without the event, even if the event is good). It is the area under the
# Kaplan–Meier curve up to the horizon, and needs no proportional hazards.

# %% tags=["drawing"]
two = hg.survival.survival_curve(whole, by="arm")
two = two.pivot(index="time", columns="group", values="survival")
two_styles = hg.plots.style_for(["DTG", "EFV"])


def draw_area(horizon, ax):
    """Both curves, and the area between them up to a horizon (months)."""
    for name, look in two_styles.items():
        ax.step(two.index, two[name], where="post", color=look.line, ls=look.linestyle)
    for name, place in {"EFV": (5.2, 0.6), "DTG": (0.6, 0.06)}.items():
        ax.text(*place, name, color=two_styles[name].text)
    until = two.index.union([horizon])
    until = until[until <= horizon]
    steps = two.reindex(until, method="ffill")
    grey = hg.plots.palette["pale"]
    ax.fill_between(until, steps["EFV"], steps["DTG"], step="post", color=grey, zorder=0)
    gap = hg.survival.rmst(whole, horizon, by="arm").loc["DTG - EFV", "rmst"]
    words = f"grey area:\n{-gap:.1f} months"
    ax.text(0.95, 0.93, words, transform=ax.transAxes, ha="right", va="top")
    ax.set(xlabel="Time (months)", ylabel="Share not yet suppressed", ylim=(0, 1.02))
    ax.set_xticks(range(0, 25, 6))
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")


# %%
hg.plots.slider(draw_area, range(2, 25), "Horizon (months)", shown=(6, 12, 24))

# %% [markdown]
# **What to see.** The curve of DTG runs below that of EFV. The grey area between them is the difference of the
# restricted means: 1.2 months at a horizon of 6, 2.0 at 12, and 2.7 at 24. So the horizon belongs to the
# answer.
#
# **Exercise 2 (fill in).** Compute the area under one curve. `time` begins with 0, and `share[k]` holds from
# `time[k]` until `time[k + 1]`; the last share holds on. So the area is a row of rectangles, cut at the
# horizon.

# %%
def restricted_mean(time, share, horizon):
    """Area under a curve of steps, from 0 to the horizon; time and share are arrays."""
    # BEGIN SOLUTION
    #| return ____
    begins = np.minimum(time, horizon)
    ends = np.minimum(np.append(time[1:], np.inf), horizon)
    return (share * (ends - begins)).sum()
    # END SOLUTION


check("05.restricted_mean", restricted_mean)

# %%
means = hg.survival.rmst(whole, 12, by="arm")
truth_12 = hg.survival.known_truth("DTG - EFV, 12 months").loc["DTG - EFV", "rmst"]
claim = "Months until suppression, DTG minus EFV, up to month 12"
answer_12 = means.loc["DTG - EFV"]
above_100_000 = (whole["VL"] > 100_000).groupby(whole["arm"]).mean()
print("began above 100,000 copies/mL:", above_100_000.map("{:.0%}".format).to_dict())
hg.card(
    claim, estimate=answer_12["rmst"], interval=tuple(answer_12[["lower", "upper"]]),
    truth=truth_12, unit="months", cohort=art,
)  # fmt: skip

# %% [markdown]
# > **Result.** Starters on DTG are suppressed 2.0 months sooner (95 % interval 1.6 to 2.4). Twins started on
# > both differ by 2.5. **Verdict:** right direction, but the interval just misses the truth. More DTG starters
# > began with much virus.
#
# **Exercise 3 (tweak).** One low value may be chance. Ask for two months in a row below 50 copies/mL
# (`confirm=2`). By how many months does the restricted mean to 12 months of the *EFV* starters grow?

# %%
# the call for one month: hg.survival.time_to_event(art, arm=arms, horizon=24, **starters)
# BEGIN SOLUTION
#| months_later = ____
twice = hg.survival.time_to_event(art, arm=arms, horizon=24, confirm=2, **starters)
months_later = hg.survival.rmst(twice, 12, by="arm").loc["EFV", "rmst"] - means.loc["EFV", "rmst"]
# END SOLUTION
check("05.confirmed", months_later, art=art)

# %% tags=["claims"]
areas = {k: hg.survival.rmst(whole, k, by="arm").loc["DTG - EFV", "rmst"] for k in (6, 12, 24)}
assert all(two.loc[k, "DTG"] < two.loc[k, "EFV"] for k in range(1, 25))
assert answer_12["upper"] < 0
assert np.isclose(areas[12], answer_12["rmst"])
if as_described:
    assert [round(one, 1) for one in areas.values()] == [-1.2, -2.0, -2.7]
    assert [round(-answer_12[one], 1) for one in ("rmst", "upper", "lower")] == [2.0, 1.6, 2.4]
    assert round(truth_12, 1) == -2.5 and truth_12 < answer_12["lower"]
    first_virus = whole.groupby("arm")["log10 VL"].mean()
    assert first_virus["DTG"] > first_virus["EFV"] + 0.1
    assert above_100_000["DTG"] > 1.4 * above_100_000["EFV"]
    assert round(np.log(ratio["unadjusted"]), 2) == 0.44 and round(ratio["unadjusted"], 2) == 1.56

# %% [markdown]
# ## 6 · The wrong sign
#
# Now DRV against EFV, to 6 months. Twins suppress the virus a little *sooner* on DRV. What do the records say?

# %%
question("05.drv_guess")

# %%
pair = {drug: starts_with(drug) for drug in ("DRV", "EFV")}
drv_efv = hg.survival.time_to_event(art, arm=pair, horizon=6, covariates=["VL"], **starters)
drv_efv["above 100,000"] = drv_efv["VL"] > 100_000
print(drv_efv.groupby("arm")["above 100,000"].agg(["size", "mean"]).round(2))
hg.survival.rmst(drv_efv, 6, by="arm").round(2)

# %% [markdown]
# **What to see.** DRV comes out *later*, by 0.26 months, and the interval (0.08 to 0.44) excludes zero. The
# answer is confident, and wrong. The first table says why: more than half of the DRV starters begin above
# 100,000 copies/mL, but only a third of the EFV starters.
#
# To repair this, we need the **propensity score**: the probability that somebody like this person is started on
# DRV rather than EFV. The simulator recorded it at each decision.

# %%
recorded = hg.survival.propensity(art, pair, "recorded", people=drv_efv["PatientID"])
hg.plots.overlap_plot(recorded)
plt.show()

# %% [markdown]
# **What to see.** Bars upwards are people started on DRV, bars downwards on EFV, by their probability of DRV.
# Those likely to get DRV mostly got it, but everywhere there are some of both. This **overlap** makes a
# comparison possible.
#
# Somebody whose probability of EFV was 1 in 4, and who got EFV, stands for four such people, of whom three got
# DRV. So this person gets the **weight** 4: one divided by the probability of what was *given*. Then much virus
# is about equally common in both groups. The price is precision. The **effective sample size** says how many
# people of equal weight would tell as much: the 981 on EFV are worth 197.

# %%
question("05.weight")

# %% [markdown]
# **Exercise 4 (fill in).** Nobody is censored before month 6, so the restricted mean is the mean of `months`.
# Under weights, it is the sum of weight times months, divided by the sum of the weights. Compute DRV minus EFV
# by hand.

# %%
def weighted_difference(months, on_drv, chance_of_drv):
    """Mean months under DRV minus under EFV, each person weighted by 1 / the probability
    of the drug that he or she was given. All three are arrays; on_drv is True or False."""
    # BEGIN SOLUTION
    #| return ____
    weight = np.where(on_drv, 1 / chance_of_drv, 1 / (1 - chance_of_drv))
    under_drv = np.average(months[on_drv], weights=weight[on_drv])
    return under_drv - np.average(months[~on_drv], weights=weight[~on_drv])
    # END SOLUTION


check("05.weighted_difference", weighted_difference)

# %%
weighted_curve = hg.survival.survival_curve(drv_efv, by="arm", weights="propensity")
hg.plots.survival_plot(weighted_curve, "months", "Share not yet suppressed", horizon=6)
plt.show()

# %% [markdown]
# **What to see.** In the weighted Kaplan–Meier curves, DRV lies below EFV from month 2 on. The table adds
# weights, so each group stands for about as many people as both together.
#
# No hospital records such probabilities. So a model (many small decision trees) learns them, first from what
# the clinician saw (`art.seen`), then from month 0 of the table.

# %%
def from_table(seen):
    """Month 0 of the published table, for the same people."""
    month_0 = art.frame[art.frame["Timestep"] == 0].set_index("PatientID").loc[seen.index]
    known = {"log10 VL": np.log10(month_0["VL"]), "CD4": month_0["CD4"]}
    return pd.DataFrame({**known, "female": (month_0["Gender"] == "Female").astype(float)})


def compare(table, chances=None):
    """DRV minus EFV to 6 months, as it is or weighted by probabilities."""
    weight = 1.0 if chances is None else table["PatientID"].map(chances["weight"])
    months = hg.survival.rmst(table.assign(weight=weight), 6, by="arm", weights="weight")
    return months.loc["DRV - EFV"].rename({"rmst": "estimate"})


# %%
people = drv_efv["PatientID"]
estimated = hg.survival.propensity(art, pair, "estimated", people)
by_table = hg.survival.propensity(art, pair, "estimated", people, from_table)
ways = {"as it is": None, "weighted: recorded": recorded}
ways |= {"weighted: what the clinician saw": estimated, "weighted: the table's month 0": by_table}
forest = pd.DataFrame({name: compare(drv_efv, one) for name, one in ways.items()}).T
truth_6 = hg.survival.known_truth("DRV - EFV, 6 months").loc["DRV - EFV", "rmst"]
hg.plots.forest_plot(forest, "DRV minus EFV (months)", truth=truth_6)
plt.show()
for name, one in list(ways.items())[1:]:
    worth = one.attrs["effective sample size"]["EFV"]
    print(f"{name:33s} {forest.loc[name, 'estimate']:5.2f}; EFV starters worth {worth:.0f}")
cells_seen = art.seen.groupby("PatientID")["CD4"].first().loc[people]  # -1: no result
print(f"no CD4 count when the drug was chosen: {(cells_seen < 0).mean():.0%}")

# %% [markdown]
# **What to see.** Four estimates with intervals, and a line for the truth. As it is, the answer has the wrong
# sign. Weighted by recorded probabilities, or by those estimated from what the clinician saw, it is close. With
# the table's month 0 it stops short, and its interval holds zero. The table does not know the year, and shows a
# CD4 count for everybody, though 29 % had none when the drug was chosen.
#
# Why are the EFV starters worth *less* under the recorded probabilities? These also know the habits of the
# clinician. What moves the outcome only through the drug is called an **instrument**. To weight by it only adds
# noise.

# %%
hg.card(
    "Months until suppression, DRV minus EFV, up to month 6 (weighted)",
    estimate=forest["estimate"].iloc[2], interval=tuple(forest[["lower", "upper"]].iloc[2]),
    truth=truth_6, unit="months", cohort=art,
)  # fmt: skip

# %% [markdown]
# > **Result.** Weighted by what the clinician saw, DRV is sooner by 0.32 months (95 % interval 0.04 to 0.61).
# > In twins it is 0.36. **Verdict:** the interval holds the truth.
#
# Could we have weighted DTG against EFV? Hardly: DTG came when EFV went.

# %%
dtg_chances = hg.survival.propensity(art, arms, "recorded", people=whole["PatientID"])
for drug, size in dtg_chances.attrs["effective sample size"].items():
    print(f"{(whole['arm'] == drug).sum()} {drug} starters are worth {size:.0f} after weighting")

# %% [markdown]
# No method replaces the people who are missing.
#
# If you work in R, `Chapters/r/05_time_to_suppression.R` computes this chapter's main table from exported
# files:

# %%
# the main table: DRV against EFV, naive starters, to 6 months
cox = CoxPHFitter().fit(hg.survival.design(drv_efv, ["arm"], {"arm": "EFV"}), "duration", "event")
groups = [drv_efv[drv_efv["arm"] == drug] for drug in ("DRV", "EFV")]
durations, events = ([one[column] for one in groups] for column in ("duration", "event"))
plain = hg.survival.survival_curve(drv_efv, by="arm").set_index(["group", "time"])["survival"]
main = {"log-rank statistic": logrank_test(*durations, *events).test_statistic}
main["Cox log hazard ratio"], main["its standard error"] = cox.summary.iloc[0, [0, 2]]
for word, weights in (("as it is", None), ("weighted, recorded", "propensity")):
    restricted = hg.survival.rmst(drv_efv, 6, by="arm", weights=weights)["rmst"]
    main |= {f"months, {word}: {name}": value for name, value in restricted.items()}
for time in (3, 6):
    main |= {f"not suppressed by month {time}: {drug}": plain[drug, time] for drug in pair}
pd.Series(main, name="value").round(4).to_frame()

# %% [markdown]
# **What to see.** The log-rank test (statistic 0.09, after 74 in section 4) and Cox's model find nothing,
# because the curves cross: DRV starters begin with more virus, are slower at first, and catch up.

# %% tags=["claims"]
above = drv_efv.groupby("arm")["above 100,000"].mean()
worth = {name: one.attrs["effective sample size"]["EFV"] for name, one in list(ways.items())[1:]}
if as_described:
    assert above["DRV"] > 0.5 and 0.3 < above["EFV"] < 0.36
    shown = forest[["estimate", "lower", "upper"]].astype(float).round(2)
    assert shown.iloc[0].tolist() == [0.26, 0.08, 0.44]
    assert shown.iloc[2].tolist() == [-0.32, -0.61, -0.04]
    held = (forest["lower"] <= truth_6) & (truth_6 <= forest["upper"])
    assert held.tolist()[:3] == [False, True, True]
    off = (forest["estimate"] - truth_6).abs()
    assert off.iloc[3] > 1.5 * max(off.iloc[1], off.iloc[2])
    assert -0.25 < forest["estimate"].iloc[3] < -0.15
    assert worth["weighted: recorded"] < worth["weighted: what the clinician saw"]
    assert [round(worth["weighted: recorded"]), len(groups[1])] == [197, 981]
    assert round(truth_6, 2) == -0.36 and round((cells_seen < 0).mean(), 2) == 0.29
    assert forest["lower"].iloc[3] < 0 < forest["upper"].iloc[3]
    assert round(dtg_chances.attrs["effective sample size"]["EFV"]) == 40
    lines = weighted_curve.pivot(index="time", columns="group", values="survival")
    assert (lines.loc[2:6, "DRV"] < lines.loc[2:6, "EFV"]).all()
    assert lines.loc[1, "DRV"] > lines.loc[1, "EFV"]
    assert main["log-rank statistic"] < 1 and abs(main["Cox log hazard ratio"]) < 0.05
    assert plain["DRV", 3] > plain["EFV", 3] and plain["DRV", 6] < plain["EFV", 6]
    tenth = pd.cut(recorded["P(DRV)"], np.arange(0, 1.01, 0.1))
    filled = recorded.groupby(tenth, observed=True)["arm"]
    assert (filled.nunique() == 2).all() and len(filled) == 10

# %% [markdown]
# ## 7 · What no chart shows
#
# In another simulated world, clinicians sense who will forget pills, and give those people DRV, which still
# works when some are missed. Then the diagram has one arrow more, from *Pills taken* to *Third agent*.

# %%
question("05.hidden")

# %%
sensed = hg.load_cohort("art_hiv", seed=art.seed, confounded=True)
table = hg.survival.time_to_event(sensed, arm=pair, horizon=6, **starters)
ways_sensed = {"as it is": None}
for kind in ("estimated", "recorded"):
    chances = hg.survival.propensity(sensed, pair, kind, people=table["PatientID"])
    ways_sensed[f"weighted: {kind}"] = chances
forest_sensed = pd.DataFrame({name: compare(table, one) for name, one in ways_sensed.items()}).T
forest_sensed[["estimate", "lower", "upper"]].round(2)

# %%
known = hg.survival.known_truth("DRV - EFV, 6 months, confounded")
truth_sensed = known.loc["DRV - EFV", "rmst"]
hg.card(
    "The same where clinicians sense who takes pills (weighted by what is on charts)",
    estimate=forest_sensed["estimate"].iloc[1],
    interval=tuple(forest_sensed[["lower", "upper"]].iloc[1]),
    truth=truth_sensed, unit="months", cohort=sensed,
)  # fmt: skip

# %% [markdown]
# > **Result.** Weighted by everything on the charts, DRV comes out *later* by 0.27 months (95 % interval 0.01
# > to 0.54). In truth it is sooner by 0.35. **Verdict:** wrong sign. The recorded probabilities know what the
# > clinician sensed, and repair it, but no hospital has them. Nothing in the data warns you.

# %% tags=["claims"]
if as_described:
    charts, knew = forest_sensed.iloc[1], forest_sensed.iloc[2]
    assert [round(charts[one], 2) for one in ("estimate", "lower", "upper")] == [0.27, 0.01, 0.54]
    assert knew["lower"] <= truth_sensed <= knew["upper"] < 0 and round(truth_sensed, 2) == -0.35

# %% [markdown]
# ## 8 · The month of the blood draw
#
# So far we used the monthly column, which only a simulator has. A clinic sees suppression at the next *blood
# draw*. That the event happened at some unknown moment between two draws is called **interval censoring**.

# %%
monthly = hg.survival.time_to_event(art, arm=four, horizon=24, **starters)
measured = hg.survival.time_to_event(art, arm=four, horizon=24, as_measured=True, **starters)
for name, one in {"monthly": monthly, "as measured": measured}.items():
    print(f"EFV, {name}: {hg.survival.rmst(one, 12, by='arm').loc['EFV', 'rmst']:.2f} months")

# %%
question("05.same_delay")

# %% [markdown]
# **Exercise 5 (plot).** Draw one bar for each of the `four`: the restricted mean to 12 months as `measured`,
# minus the `monthly` one. Label the y axis with its unit. Aim at this figure:

# %% alt="Bars: how many months later suppression is seen than it happens, to 12 months. DRV more than one month, EFV, RPV and DTG less, DTG least."
expected_figure("05.delay", monthly=monthly, measured=measured)

# %% alt="Your bars of the delay by drug."
# BEGIN SOLUTION
#| # delay = …; fig, ax = plt.subplots(figsize=(5.2, 2.6)); ax.bar(…); ax.set(ylabel=…)
#| answer = ____
seen, true = (hg.survival.rmst(one, 12, by="arm")["rmst"] for one in (measured, monthly))
delay = (seen - true).loc[list(four)]
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.bar(delay.index, delay)
ax.set(xlabel="Third agent", ylabel="Delay (months)")
answer = ax
# END SOLUTION
check("05.delay", answer, monthly=monthly, measured=measured)

# %% [markdown]
# The delay is more than a month under DRV, and less under the others. So the *dates of draws* alone make DRV
# look slower.
#
# Many change EFV before the virus is suppressed. If the question is "suppressed *on the first regimen*?", a
# change ends the chance: it is a **competing event**. The usual mistake counts the change as censoring, and
# reports 1 minus Kaplan–Meier.

# %%
rivals = hg.survival.time_to_event(
    art, arm=arms, horizon=24, competing="regimen_change", **starters
)
incidence = hg.survival.cumulative_incidence(rivals, by="arm")
words = "suppressed first", "changed first", "neither"
hg.plots.incidence_plot(incidence, "months", words, horizon=24)
plt.show()
mistaken = hg.survival.survival_curve(rivals.assign(event=rivals["event"] == 1), by="arm")
sides = {"share suppressed first": incidence.groupby("group")["event"].last()}
sides["1 - Kaplan–Meier"] = 1 - mistaken.groupby("group")["survival"].last()
pd.DataFrame(sides).map("{:.0%}".format)

# %% [markdown]
# **What to see.** In each panel, the area from below is the share suppressed on the first regimen, and the
# hatched one from above the share who changed before: more than a quarter under EFV. The share from below is
# called the **cumulative incidence**: 69 % under EFV by month 24. The mistake makes it 85 %, as if nobody could
# change.

# %%
question("05.changed_first")

# %% tags=["claims"]
later = [hg.survival.rmst(one, 12, by="arm")["rmst"] for one in (measured, monthly)]
lag = (later[0] - later[1]).loc[list(four)]
if as_described:
    assert lag["DRV"] > 1 > lag.drop("DRV").max() and lag.idxmin() == "DTG"
    assert round(sides["share suppressed first"]["EFV"], 2) == 0.69
    assert round(sides["1 - Kaplan–Meier"]["EFV"], 2) == 0.85
    assert incidence[incidence["group"] == "EFV"]["competing"].iloc[-1] > 0.25

# %% [markdown]
# ## 9 · Back to the clinic
#
# You write:
#
# > *In my simulated records, starters on DTG are suppressed about two months sooner than on EFV within the
# > first year. In truth it is more, because DTG went to people with more virus. DRV looks slower than EFV, but
# > in comparable people it is a little faster. All this holds only if no clinician knew more than the chart.
# > About real people, ask a trial.*
#
# **Exercise 6 (open, 30 minutes).** DTG or RPV? RPV is given to people with little virus, so the records
# flatter it. Write a function of a cohort that returns the difference of the restricted means to **12 months**,
# DTG minus RPV: the estimate, and the ends of a 95 % interval. It meets up to five cohorts like `late`, of
# other people. In three of them the interval has to hold the truth, and on average it may be **4 months** wide
# at most.

# %%
late = hg.load_cohort("art_hiv", n_patients=3000, seed=art.seed, naive=True, entry=(2014, 2016))


def estimate(cohort):
    """Return three numbers: DTG minus RPV to 12 months, and its 95 % interval."""
    # BEGIN SOLUTION
    #| return ____, ____, ____
    rules = {drug: starts_with(drug) for drug in ("DTG", "RPV")}
    table = hg.survival.time_to_event(cohort, arm=rules, horizon=12, **starters)
    chances = hg.survival.propensity(cohort, rules, "estimated", table["PatientID"])
    table["weight"] = table["PatientID"].map(chances["weight"])
    months = hg.survival.rmst(table, 12, by="arm", weights="weight")
    return tuple(months.loc["DTG - RPV", ["rmst", "lower", "upper"]])
    # END SOLUTION


check("05.estimate", estimate, late=late)

# %% [markdown]
# ## Key points
#
# - Write the estimand first, and start where treatment starts.
# - Censored is not "never". Kaplan–Meier uses what is known until then.
# - Check proportional hazards. A difference in months can be said aloud.
# - Weights repair what was seen, where groups overlap. They do not repair what was hidden.
# - The month of a blood draw is not the month of the event.
#
# **For a seminar.** (a) Draw the diagram of section 1 for a study that you know. Which box is dashed? (b) Whom
# does an answer about "DRV or EFV, in people started on one of them" leave out?
#
# **References.**
# Hernán and Robins, *Using big data to emulate a target trial*, 2016, [doi:10.1093/aje/kwv254](https://doi.org/10.1093/aje/kwv254).
# Hernán, *The hazards of hazard ratios*, 2010, [doi:10.1097/EDE.0b013e3181c1ea43](https://doi.org/10.1097/EDE.0b013e3181c1ea43).
# Royston and Parmar, *Restricted mean survival time*, 2013, [doi:10.1186/1471-2288-13-152](https://doi.org/10.1186/1471-2288-13-152).
# Grambsch and Therneau, *Proportional hazards tests and diagnostics*, 1994, [doi:10.1093/biomet/81.3.515](https://doi.org/10.1093/biomet/81.3.515).
# Davidson-Pilon, *lifelines*, 2019, [doi:10.21105/joss.01317](https://doi.org/10.21105/joss.01317).
