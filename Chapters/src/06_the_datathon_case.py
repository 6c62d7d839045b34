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
# # 06 · The datathon case
#
# **Aim.** You learn how a careful team can publish a wrong hazard ratio, and which simple sums would have
# stopped it.
#
# **Time.** 45 minutes to read, 60 to exercise. **You need** chapters 00 and 01; chapter 05 helps.
#
# **After this chapter you can**
#
# 1. *recognise* three common faults of a start–stop table by their symptoms;
# 2. *measure* how far each of them moves a hazard ratio;
# 3. *build* such a table so that persons, events and time add up;
# 4. *explain* why even a right table may answer the wrong question;
# 5. *audit* the table of another team.
#
# [Open in Colab](https://colab.research.google.com/github/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/blob/main/Chapters/06_the_datathon_case.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging/main?labpath=Chapters/06_the_datathon_case.ipynb)

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
from healthgym_edu.checks import ____, check, hint, question, solution
from healthgym_edu.checks.case_06 import COVARIATES, FAULTS, published_table
from lifelines import CoxPHFitter, CoxTimeVaryingFitter

hg.plots.set_style()

# %% [markdown]
# > **About these data.** These are 8,916 simulated people with HIV, followed for 60 months. The case is
# > modelled on a public analysis of Health Gym's data, and its table is made anew here. **Nothing here treats
# > anyone.** If you have Health Gym's file, put its path into `source`; then, or with another `seed`, some
# > sentences below no longer hold. A file holds no decisions, so section 7 then takes simulated people.

# %% tags=["parameters"]
source = "teaching"
seed = 0

# %%
art = hg.load_cohort("art_hiv", source=source, seed=seed)
as_described = art.source == "teaching" and art.seed == 0  # the people this text speaks of
print(art.source, "·", f"{len(art):,} people", "·", f"{len(art.frame):,} person-months")

# %% [markdown]
# ## 1 · Sunday evening
#
# A **datathon** is a weekend in which teams of clinicians and analysts answer a question from one data set. It
# is Sunday, 8 pm. One team asked:
#
# > *Among people with more than 1,000 copies/mL in month 0, who gets to 1,000 or less sooner: those on
# > dolutegravir (DTG) or those on efavirenz (EFV)?*
#
# The team follows everybody for twelve months. Drugs can change on the way. So it makes a **start–stop table**:
# a person has one row for each stretch of time in which nothing changes. A row covers the months after `start`,
# up to and including `stop`. `event` says whether the viral load has reached 1,000 or less at `stop`.

# %%
team = published_table(art)
show = ["PatientID", "start", "stop", "event", "regimen", "rel_cd4", "dtg", "efv", "rtv"]
team[show].iloc[3:9]

# %% [markdown]
# **What to see.** Person 4 has two rows: one without the event, from month 0 to 1, and one with the event, from
# month 3 to 4. `regimen` holds the team's short codes, `rel_cd4` the relative CD4 count (%). Each drug has a
# **covariate**, a column that the model may use, with 1 for yes and 0 for no.
#
# The team fits a **Cox model**. It is about the **hazard**: the rate at which the event happens among those who
# have not had it yet. A **hazard ratio** of 2 says that the event comes at twice the rate. Here the event is
# *success*, so more than 1 is good. Covariates that change from row to row are called **time-varying**. The
# model knows the sex, the relative CD4 count and every drug that is added to the base, except EFV. So a drug
# that is added alone, such as DTG, is compared with EFV.


# %%
def hazard_ratios(rows):
    """Hazard ratio of each covariate of a start–stop table, with its 95 % interval."""
    columns = ["PatientID", "start", "stop", "event", *COVARIATES]
    model = CoxTimeVaryingFitter().fit(rows[columns], id_col="PatientID", event_col="event")
    ratios = np.exp(model.summary[["coef", "coef lower 95%", "coef upper 95%"]])
    return ratios.set_axis(["estimate", "lower", "upper"], axis=1)


published = hazard_ratios(team)
published.loc[["dtg", "rtvb"]].round(2)

# %% [markdown]
# **What to see.** The hazard ratio of DTG is 1.73, with a 95 % interval from 1.60 to 1.86. RTVB is ritonavir as
# a **booster**: it keeps another drug in the blood for longer. So its hazard ratio says what it adds to that
# drug. It is 0.99, and the team writes "adds nothing". The code ran without a warning, the intervals look
# reasonable, and the slides are ready. Would you publish it?
#
# The first test needs no computer: is the number **plausible**, does it agree with what is known? In the SINGLE
# trial, half of the people on DTG were below 50 copies/mL after 28 days, and half of those on EFV after 84
# days. So DTG should be much faster. In the public analysis behind this case, the hazard ratio of DTG was 0.34,
# against people without a drug of its class.

# %%
question("06.what_if_true")

# %% tags=["claims"]
assert (team.groupby("PatientID").size() <= 2).all() and "efv" not in COVARIATES
if as_described:
    fourth = team[team["PatientID"] == 4]
    assert fourth[["start", "stop"]].to_numpy().tolist() == [[0, 1], [3, 4]]
    assert fourth["event"].tolist() == [False, True]
    assert published.loc["dtg"].round(2).tolist() == [1.73, 1.60, 1.86]
    assert published.loc["rtvb", "estimate"].round(2) in (0.99, 1.0)

# %% [markdown]
# Ours, 1.73, is at least above 1. Knowledge alone cannot say more: SINGLE counted days until 50 copies/mL, and
# this team counts months until 1,000. So we look at the table, and add up what is in it: events, months and
# drugs.
#
# ## 2 · How many events?
#
# The first sum is the simplest: how many people are in the table, and how many events?

# %%
question("06.how_many_events")

# %%
print(f"people {team['PatientID'].nunique():,} · events {team['event'].sum():,}")
whole = {"stop": "max", "event": "any", "dtg": "first", "efv": "first"}
person = team.groupby("PatientID").agg(whole).rename(columns={"stop": "duration"})
on = [person["dtg"] == 1, person["efv"] == 1]
person["drug"] = np.select(on, ["DTG", "EFV"], "others")  # in month 0
curve = hg.survival.survival_curve(person, by="drug")
hg.plots.survival_plot(curve, "months", "Share still above 1,000", horizon=13)
plt.show()

# %% [markdown]
# **What to see.** These are **Kaplan–Meier curves**, the share of people without the event over time, here by
# their drug in month 0. All three fall to 0 in month 12, that of EFV from 22 %: people who have waited for
# eleven months all succeed in the twelfth. The numbers below the curves say how many people are still waiting.
#
# Somebody who has not had the event when follow-up ends is **censored**: we know that it comes later or never,
# and no more. This table has as many events as people, so nobody is censored. What was the viral load at these
# events?

# %%
loads = art.frame[["PatientID", "Timestep", "VL"]].rename(columns={"Timestep": "stop"})
at_event = team[team["event"]].merge(loads, on=["PatientID", "stop"])
above = at_event[at_event["VL"] > 1000]
print(f"{len(above):,} of {len(at_event):,} events have a viral load above 1,000")
print("they are in month", above["stop"].unique())

# %% [markdown]
# That is the **first fault**. The team computed the month of the first success. People without any got month
# 12, the end of follow-up. Later a line said `event = (stop == first_event)`, and this is true of them as well.
# Everybody who was censored became a success, and no line of code looks wrong by itself.

# %% tags=["claims"]
assert team["event"].sum() == team["PatientID"].nunique() == len(at_event)
assert (above["stop"] == 12).all() and len(above) > 0
assert (curve.groupby("group")["survival"].last() == 0).all()
if as_described:
    before = curve[curve["time"] == 11].set_index("group")["survival"]
    assert (
        round(100 * before["EFV"]) == 22
        and before["EFV"] > before["others"] > before["DTG"]
    )

# %% [markdown]
# **Exercise 1 (tweak).** Another team follows people for 24 months. How many of its events are false?

# %%
# BEGIN SOLUTION
#| # as above, with the table published_table(art, horizon=24)
#| false_events = ____
longer = published_table(art, horizon=24)
at_its_events = longer[longer["event"]].merge(loads, on=["PatientID", "stop"])
false_events = (at_its_events["VL"] > 1000).sum()
# END SOLUTION
check("06.false_events", false_events, art=art)

# %% [markdown]
# ## 3 · Whose time is it?
#
# A person who is followed for seven months contributes seven months of **person-time**. The rows of a person
# should divide this time among them. Do they?

# %%
followed = team.groupby("PatientID")["stop"].max().sum()
in_rows = (team["stop"] - team["start"]).sum()
print(f"months until each person's last row ends {followed:,} · months in rows {in_rows:,}")

# %% tags=["drawing"] alt="Timelines of six people over twelve months. Bars show the rows of the team's table: the first month of each person, and the month in which follow-up ends. Everything between the two is a dotted line without a row."
lengths = team.groupby("PatientID")["stop"].max()
some = [
    lengths.index[lengths == months][0]
    for months in (1, 3, 5, 8, 11, 12)
    if (lengths == months).any()
]
fig, ax = plt.subplots(figsize=(7.2, 3.0))
for place, person in enumerate(some):
    ax.plot([0, lengths[person]], [place, place], color="0.35", ls=":", lw=1.6)
    for row in team[team["PatientID"] == person].itertuples():
        ax.barh(place, row.stop - row.start, left=row.start, height=0.5, color="C0")
        if row.event:
            ax.plot(row.stop, place, "o", color="black", ms=6, zorder=4)
ax.set(xlabel="Time (months)", yticks=range(len(some)), xticks=range(13), xlim=(-0.2, 12.3))
ax.set_yticklabels([f"person {person}" for person in some])
ax.set_ylim(len(some) - 0.4, -0.9)
ax.text(1.15, -0.62, "bar: a row · dotted: no row · dot: “event”", fontsize=9, va="center")
ax.grid(False)
plt.show()

# %% [markdown]
# **What to see.** Each line is the follow-up of one person, and each bar is a row of the table. Everybody has
# the first month, and the month in which the event is marked. Nobody has a row between them, so two thirds of
# the person-time are missing.
#
# A Cox model compares those who have the event in a month with all who are **at risk** of it: those who have
# not had it yet, and whose rows cover that month.

# %%
question("06.who_is_at_risk")

# %%
months = range(1, 9)
at_risk = [((team["start"] < month) & (team["stop"] >= month)).sum() for month in months]
events = [(team["event"] & (team["stop"] == month)).sum() for month in months]
pd.DataFrame({"at risk": at_risk, "events": events}, index=pd.Index(months, name="month")).T

# %% [markdown]
# **What to see.** From month 2 on, nearly everybody who is at risk has the event. Those who were still waiting
# are not there. From such months a model cannot learn who is faster.
#
# That is the **second fault**. The team kept one row for each person and value of `event`, with a line such as
# `drop_duplicates(["PatientID", "event"])`. It was meant to remove rows that stood there twice. It removed
# every row without the event but the first.

# %% tags=["claims"]
assert sum(events[1:]) > 0.98 * sum(at_risk[1:]) and events[0] < 0.7 * at_risk[0]
assert 0.6 < 1 - in_rows / followed < 0.72 or not as_described
assert all(team[team["PatientID"] == one]["start"].min() == 0 for one in some)

# %% [markdown]
# **Exercise 2 (fill in).** Write a function that counts the missing months of a table: wherever a person's row
# starts later than the row before it stopped, the months between. Rows may stand in any order.


# %%
def missing_months(rows):
    """Months between the rows of each person that no row covers, added up over everybody."""
    # BEGIN SOLUTION
    #| return ____
    ordered = rows.sort_values(["PatientID", "start"])
    stopped = ordered.groupby("PatientID")["stop"].shift()
    return (ordered["start"] - stopped).clip(lower=0).sum()
    # END SOLUTION


check("06.missing_months", missing_months, art=art)

# %% [markdown]
# ## 4 · Two columns that overlap
#
# Ritonavir has two codes in these data, `rtv` and `rtvb`, and no regimen contains both. How many rows of the
# table say yes to each?

# %%
pd.crosstab(team["rtv"], team["rtvb"])

# %% [markdown]
# **What to see.** Every row with `rtvb` says yes to `rtv` as well. The two columns should exclude each other,
# and they overlap.
#
# That is the **third fault**. The team looked for the text `"rtv"` in the regimen, and `"rtvb"` contains this
# text. Now the column `rtv` means "either of the two". So the hazard ratio of `rtvb` no longer compares the
# same drugs with it and without it. It compares `rtvb` with `rtv`. The team read 0.99 as "adds nothing", but it
# only says that the two codes do equally well.

# %% tags=["claims"]
assert (team.loc[team["rtvb"] == 1, "rtv"] == 1).all() and (team["rtvb"] == 1).any()
codes = team["regimen"].str.split("+")
assert not codes.map(lambda parts: {"rtv", "rtvb"} <= set(parts)).any()

# %% [markdown]
# **Exercise 3 (fill in).** Write the search so that it finds whole codes only.


# %%
def has_drug(regimen, code):
    """regimen: a Series of texts such as "drv+ftc+tdf+rtvb". True where it contains the code."""
    # BEGIN SOLUTION
    #| # regimen.str.contains(code) finds parts of codes, too
    #| return ____
    return ("+" + regimen + "+").str.contains(f"+{code}+", regex=False)
    # END SOLUTION


check("06.has_drug", has_drug, art=art)

# %% [markdown]
# ## 5 · How far does each fault move the result?
#
# The function `published_table` can make the table with some of the faults, or with none. Guess first.

# %%
question("06.which_fault")


# %%
tables = {
    "all three, as published": FAULTS,
    "censored people as events": ["censored"],
    "later rows dropped": ["dropped"],
    "pattern “rtv”": ["pattern"],
    "none": [],
}
found = {
    name: hazard_ratios(published_table(art, faults)) for name, faults in tables.items()
}
dtg = pd.DataFrame({name: ratios.loc["dtg"] for name, ratios in found.items()}).T
label = "Hazard ratio of DTG against EFV (above 1: sooner)"
hg.plots.forest_plot(dtg, label, none=1)
plt.show()
dtg.round(2)

# %% [markdown]
# **What to see.** Without any fault the hazard ratio of DTG is 3.07. Counting censored people as events lowers
# it to 2.57, because most of these false events belong to people on other drugs. Dropping rows lowers it to
# 1.82, because in all months but the first, those who wait are missing. The pattern leaves DTG alone, because
# it spoils other columns. With all three faults the result is 1.73, and its interval is no wider than that of
# the sound table. So an interval does not warn us of a fault in the table.

# %% tags=["claims"]
middle, width = dtg["estimate"], dtg["upper"] / dtg["lower"]  # on the axis of the figure
assert middle["none"] > middle["censored people as events"]
assert abs(middle["none"] - middle["pattern “rtv”"]) < 0.05
assert width["all three, as published"] < width["none"] + 0.01
if as_described:
    assert middle.round(2).tolist() == [1.73, 2.57, 1.82, 3.07, 3.07]
    share_dtg = at_event.assign(above=at_event["VL"] > 1000).groupby("above")["dtg"].mean()
    assert share_dtg[True] < 0.1 < share_dtg[False]

# %% [markdown]
# **Exercise 4 (fill in).** Do the same for `rtvb`. By how many per cent does each fault *alone* move its hazard
# ratio from that of the table without faults? Give a Series, indexed by `"censored"`, `"dropped"`, `"pattern"`.

# %%
# BEGIN SOLUTION
#| moved = ____
sound = hazard_ratios(published_table(art, faults=[])).loc["rtvb", "estimate"]
alone = {
    one: hazard_ratios(published_table(art, [one])).loc["rtvb", "estimate"]
    for one in FAULTS
}
moved = 100 * (pd.Series(alone) / sound - 1)
# END SOLUTION
check("06.moved", moved, art=art)

# %% [markdown]
# How much harm the first fault does depends on how many people are censored, and so on the **horizon**, the
# month in which follow-up ends.

# %%
question("06.longer_horizon")

# %% tags=["drawing"]
CURVES = {"as censored": [], "as events": ["censored"]}
WIDTHS = {"as censored": 5, "as events": 1.8}
looks = hg.plots.style_for(list(CURVES))


def draw(horizon, ax):
    """Both curves, and the hazard ratio of DTG with each way of counting."""
    for name, faults in CURVES.items():
        rows = published_table(art, faults, horizon)
        ends = rows[~rows["PatientID"].duplicated(keep="last")].rename(columns={"stop": "duration"})
        shares = hg.survival.survival_curve(ends)
        told = f"{name}: {hazard_ratios(rows).loc['dtg', 'estimate']:.2f}"
        look = {"color": looks[name].line, "ls": looks[name].linestyle, "lw": WIDTHS[name]}
        ax.step(shares["time"], shares["survival"], where="post", label=told, **look)
        if not faults:  # how many are still waiting at the horizon
            left = shares["survival"].iloc[-1]
            ax.plot(horizon, left, "o", color="black", ms=6, zorder=4)
            where = (horizon + 2, left) if horizon < 40 else (horizon - 11, left + 0.1)
            told = f"{left:.0%} left" if left >= 0.01 else f"{left:.1%} left"
            ax.text(*where, told, va="center")
    ax.legend(title="Hazard ratio of DTG", loc="upper right", fontsize=9, title_fontsize=9)
    ax.set(ylim=(0, 1.02), xlabel="Time (months)", ylabel="Share still above 1,000")
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")


# %% alt="Three panels of Kaplan–Meier curves with horizons of 6, 12 and 59 months. Where censored people are counted as events, the curve drops to zero at the horizon: from 27, 14 and nearly 0 per cent. The hazard ratio of DTG is 1.87 instead of 2.82, 2.57 instead of 3.07, and the same, about 3.4, at 59 months."
horizons = [6, 9, 12, 18, 24, 36, 48, 59]
hg.plots.slider(
    draw, horizons, label="Horizon (months)", shown=(6, 12, 59), figsize=(9.6, 3.3)
)

# %% [markdown]
# **What to see.** Where censored people count as events, the curve (thin, dashed) drops to zero at the horizon.
# After six months 27 in 100 people are still above 1,000, and the fault lowers the hazard ratio from 2.82 to
# 1.87. After 59 months hardly anybody is left, and the fault does nothing. So the same line of code can be
# harmless in one study and ruin the next one.

# %% tags=["claims"]
by_horizon = {
    (months_, name): hazard_ratios(published_table(art, faults, months_)).loc[
        "dtg", "estimate"
    ]
    for months_ in (6, 59)
    for name, faults in CURVES.items()
}
if as_described:
    assert round(by_horizon[6, "as censored"], 2) == 2.82
    assert round(by_horizon[6, "as events"], 2) == 1.87
    assert abs(by_horizon[59, "as censored"] - by_horizon[59, "as events"]) < 0.02
    left = [
        published_table(art, [], one).groupby("PatientID")["event"].any() for one in (6, 59)
    ]
    assert round(100 * (1 - left[0].mean())) == 27 and 1 - left[1].mean() < 0.005

# %% [markdown]
# ## 6 · The table done right
#
# `hg.survival.counting_process` makes start–stop rows. Statisticians call such a table a **counting process**,
# because its rows count what has happened to a person by each month. An event in month 4 belongs to the row
# that stops at 4, and to no other. Its covariates are those at its start, because later ones are not known yet.
# `time_to_event` makes one row for each person, with `duration` and `event`. Both are made from the same
# records, so two sums must agree: months and events.


# %%
def failing(frame):
    """Above 1,000 copies/mL."""
    return frame["VL"] > 1000


asked = {"event": "suppressed_1000", "at_risk": failing, "horizon": 12}
regimen = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
rows = hg.survival.counting_process(art, covariates=[*regimen, "Rel CD4"], **asked)
times = hg.survival.time_to_event(art, **asked)
print("months", f"{(rows['stop'] - rows['start']).sum():,} = {times['duration'].sum():,}")
print("events", f"{rows['event'].sum():,} = {times['event'].sum():,}")
right = published_table(art, faults=[])
same = ["PatientID", "start", "stop", "event"]
print("the team's rows without faults are the same:", rows[same].equals(right[same]))
times[["PatientID", "duration", "event"]].head(2)

# %% [markdown]
# The two sums cost four lines and need no model. If the team had computed them on Saturday, both would have
# failed.

# %% tags=["claims"]
assert (rows["stop"] - rows["start"]).sum() == times["duration"].sum()
assert rows["event"].sum() == times["event"].sum() and rows[same].equals(right[same])
assert in_rows != times["duration"].sum() and team["event"].sum() != times["event"].sum()

# %% [markdown]
# ## 7 · What even the right table cannot say
#
# Now the table is right. Does DTG really triple the rate of success? A hazard ratio of a treatment that varies
# over time is not an effect by itself, because clinicians choose and change it after a look at the virus. Three
# questions about the table help: who is in it, from when, and on what?

# %%
people = art if art.decisions is not None else hg.load_cohort("art_hiv")  # a file has none
table = published_table(people, faults=[])
first = people.decisions.groupby("PatientID")["action"].first()
treated = people.patients["Naive at entry"].map(
    {True: "starts now", False: "had it before"}
)
treated[first.index[first == "No treatment"]] = "not yet treated"
in_month_0 = table[table["start"] == 0].set_index("PatientID")
by_treatment = in_month_0.groupby(treated.loc[in_month_0.index])[["efv", "dtg"]].sum()
by_treatment.loc["all"] = by_treatment.sum()
by_treatment.rename_axis("in month 0")

# %% [markdown]
# **What to see.** The column `efv` counts people whom the table calls "on EFV" in month 0. Of them, 948 start
# it now. But 402 took it before, and their viral load is above 1,000 all the same: EFV is failing them. (The
# people for whom it worked were below 1,000 in month 0, so they are not in the table.) And 429 take nothing
# yet. The records have no label for "no treatment", so they show the regimen that is planned. (The measured
# flag `Drug (M)` hints at it: it is rarely True for them.) Together these are 831 of the 1,779 people "on EFV",
# nearly half. They wait longer, and this counts against EFV, although none of them starts it in month 0. On DTG
# they are 109 of 946, about one in nine.
#
# What would a fair question be? We write down the randomised trial that would answer it. This is called the
# **target trial**. Then we choose the records so that they look like it.
#
# | | the target trial | in these records |
# |---|---|---|
# | who | never treated, above 1,000 copies/mL | `Naive at entry`, no event at time zero |
# | compared | starting DTG, starting EFV | `arm`: the first regimen |
# | time zero | the day of the start | `origin="first decision"` |
# | counted | months until 1,000 or less, within 12 | `suppressed_1000`, `horizon=12` |

# %%
arms = {"DTG": lambda label: "DTG" in label, "EFV": lambda label: "EFV" in label}
protocol = {"event": "suppressed_1000", "at_risk": "Naive at entry", "horizon": 12}
trial = hg.survival.time_to_event(people, origin="first decision", arm=arms, **protocol)
starters = trial[["duration", "event"]].assign(dtg=(trial["arm"] == "DTG").astype(int))
fit = CoxPHFitter().fit(starters, "duration", "event").summary
starting = np.exp(
    fit.loc["dtg", ["coef", "coef lower 95%", "coef upper 95%"]].to_numpy(float)
)

# %% [markdown]
# The simulator can also run the target trial. It takes people whom clinicians start on one of the two drugs,
# and starts each of them on *both*, as twins. `hg.survival.truth` does this. It takes long, so the course keeps
# the answer, made with 204,800 simulated people.

# %%
truth = hg.survival.known_truth("DTG - EFV to 1,000 copies/mL, 12 months")
true_ratio = np.exp(truth.loc["DTG - EFV", "log_hazard_ratio"])
three = {"the team's table": dtg.iloc[0], "the table done right": dtg.loc["none"]}
three["the target trial in the records"] = pd.Series(starting, index=dtg.columns)
hg.plots.forest_plot(pd.DataFrame(three).T, label, none=1, truth=true_ratio)
plt.show()
print(f"target trial: in the records {starting[0]:.2f}, in truth {true_ratio:.2f}")
in_month_1 = (trial["event"] & (trial["duration"] == 1)).groupby(trial["arm"]).mean()
print("reach 1,000 in month 1:", in_month_1.map("{:.0%}".format).to_dict())

# %% [markdown]
# **What to see.** The target trial in the records says 1.37, and its interval holds the truth, which is 1.45.
# The table done right says 3.07, which is far from both. A ratio of 3 looked plausible, but SINGLE counted to
# 50 copies/mL, and 1,000 is reached soon with either drug: in the first month by 85 in 100 starters of DTG, and
# by 69 in 100 of EFV. So DTG has less to gain.

# %%
question("06.nearer_by_accident")

# %% [markdown]
# A hazard ratio is one number for twelve months, but most events fall into the first. Can we say the result in
# months? The **restricted mean** is the mean time without the event, counted up to the horizon.

# %%
mean = hg.survival.rmst(trial, horizon=12, by="arm")
gain = mean.loc["DTG - EFV"]
claim = "Months until 1,000 copies/mL or less, starting DTG minus starting EFV, within 12"
told = {"estimate": gain["rmst"], "interval": (gain["lower"], gain["upper"])}
hg.card(claim, **told, truth=truth.loc["DTG - EFV", "rmst"], unit="months", cohort=people)

# %% tags=["claims"]
waiting = first.index[first == "No treatment"]
of_waiting = people.frame[
    people.frame["PatientID"].isin(waiting) & (people.frame["Timestep"] == 0)
]
assert of_waiting["Drug (M)"].mean() < 0.15
assert all("No treatment" not in people.frame[one].astype(str).unique() for one in regimen)
assert starting[0] < dtg.loc["none", "lower"] or not as_described
waited = table.groupby("PatientID")["stop"].max()[in_month_0["efv"] == 1]
waited = waited.groupby(treated).mean()
assert waited.idxmin() == "starts now" or not as_described
if as_described:
    on_efv = {"starts now": 948, "had it before": 402, "not yet treated": 429, "all": 1779}
    assert by_treatment["efv"].to_dict() == on_efv
    assert by_treatment.loc[["had it before", "not yet treated"]].sum().tolist() == [831, 109]
    assert by_treatment.loc["all"].tolist() == [1779, 946]
    assert starting[1] < true_ratio < starting[2]
    assert (trial.loc[trial["event"], "duration"] == 1).mean() > 0.75
    assert (100 * in_month_1).round().to_dict() == {"DTG": 85, "EFV": 69}
    assert round(starting[0], 2) == 1.37 and 1.42 < true_ratio < 1.56
    assert [round(gain[one], 1) for one in ("rmst", "lower", "upper")] == [-0.9, -1.1, -0.6]
    assert gain["lower"] < truth.loc["DTG - EFV", "rmst"] < gain["upper"]
    assert round(truth.loc["DTG - EFV", "rmst"], 1) == -1.0 and round(true_ratio, 2) == 1.45

# %% [markdown]
# > **Result.** The records say that people who start DTG are above 1,000 copies/mL for 0.9 months less than
# > those who start EFV (95 % interval 0.6 to 1.1 months less). Started on both, the same people differ by 1.0
# > months. **Verdict:** the interval holds the truth. The two groups of starters still differ in other ways, in
# > the year for instance; chapter 05 weights them.

# %% [markdown]
# ## 8 · Five sums to carry to a datathon
#
# Compute these before any model. Each compares the table with the records it was made from.
#
# | | sum | here |
# |---|---|---|
# | 1 | persons in the table = persons who meet the criteria | nobody was lost |
# | 2 | events = persons whose records show one, and fewer than persons | fault 1 |
# | 3 | months in rows = months from time zero to the event or the horizon | fault 2 |
# | 4 | rows of a person: each starts where the last one stopped; none is empty; an event only in the last | fault 2 |
# | 5 | months on each drug = months on it in the records; codes that exclude each other never meet | fault 3 |
#
# Then write down the target trial, and compare the result with what trials found.
#
# **Exercise 5 (open).** Write the audit. Your function gets a start–stop table like the team's and the cohort
# it was made from, and returns a list of the problems it finds, in your own words; an empty list if there are
# none. It is run on tables of people whom nobody has met. Some are sound: their rows may stand in any order, or
# may be divided wherever anything changes, or in every month. In each of the others, something is wrong with
# one to four persons.


# %%
def audit(rows, cohort):
    """rows: PatientID, start, stop, event, regimen, a column of 0 and 1 for each drug; 12 months.

    Followed are people above 1,000 copies/mL in month 0. Returns a list of problems.
    """
    # BEGIN SOLUTION
    #| problems = []
    #| if rows["event"].sum() == rows["PatientID"].nunique():
    #|     problems.append("as many events as people")
    #| return ____
    problems = []
    kept = rows.sort_values(["PatientID", "start", "stop"])
    person = kept["PatientID"]
    before = kept.groupby("PatientID")["stop"].shift(fill_value=0)
    if (kept["start"] != before).any():
        problems.append("a row does not start where the one before it stopped")
    if (kept["stop"] <= kept["start"]).any():
        problems.append("a row has no length")
    if (kept["event"] & person.duplicated(keep="last")).any():
        problems.append("an event stands before the last row")
    told = hg.survival.time_to_event(
        cohort, "suppressed_1000", at_risk=lambda frame: frame["VL"] > 1000, horizon=12
    ).set_index("PatientID")
    if set(person) != set(told.index):
        problems.append("persons are missing, or others were added")
    had = kept.groupby("PatientID")["event"].any()
    if not had.equals(told["event"].reindex(had.index)):
        problems.append("events are not those of the records")
    ends = kept.groupby("PatientID")["stop"].max()
    if (ends != told["duration"].reindex(ends.index)).any():
        problems.append("follow-up ends too early or too late")
    for code in ("dtg", "efv", "rtv", "rtvb"):
        if (has_drug(kept["regimen"], code) != (kept[code] == 1)).any():
            problems.append(f"the column {code} is not what the regimen says")
    return problems
    # END SOLUTION


check("06.audit", audit, art=art)

# %% [markdown]
# ## Key points
#
# - Code that runs, narrow intervals and a careful team do not make a table right. Five sums can show that it is
#   wrong.
# - As many events as people is a symptom: somebody who was censored became an event.
# - Months that are in no row are a symptom: those who were waiting have left the comparison.
# - Columns that overlap are a symptom: a pattern found more than was meant.
# - A right table can answer a wrong question. Write down the target trial, and ask who is in, from when, and on
#   what.
#
# **For a seminar.** The team found all three faults on Sunday at 9 pm, and the slides are due at ten. What
# should it show? The model contains the relative CD4 count, which treatment raises: should it? Which of the
# five sums could a journal ask of every submission? Five people read the code, and nobody saw the faults: what
# would you change in the way the team works?
#
# **References.** Walmsley et al., SINGLE, *N Engl J Med* 2013, doi:10.1056/NEJMoa1215541. Andersen and Gill, the Cox
# model for counting processes, *Ann Stat* 1982, doi:10.1214/aos/1176345976. Hernán and Robins, the target trial,
# *Am J Epidemiol* 2016, doi:10.1093/aje/kwv254. Davidson-Pilon, lifelines, *J Open Source Softw* 2019,
# doi:10.21105/joss.01317.
