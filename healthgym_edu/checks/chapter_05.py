"""Exercises of chapter 05: from the median of a curve to an interval that holds the truth."""

from __future__ import annotations

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import (
    Wrong,
    exercise,
    expect_axes,
    expect_bars,
    expect_function,
    expect_number,
)

from . import answers_05 as answers
from . import by_hand_05 as by_hand
from . import estimators_05 as estimators
from .answers_05 import HORIZON
from .estimate_05 import judge_estimate


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    art = load_cohort("art_hiv", n_patients=4000, seed=5)
    late = load_cohort("art_hiv", n_patients=1500, seed=5, naive=True, entry=(2014, 2016))
    return {"art": art, "late": late, **answers.tables(art)}


@exercise(
    "05.median_month",
    hint=[
        "Look at the line above that does it for DTG: which word has to change?",
        'Keep the rows of one group, `curve[curve["group"] == …]`, then those whose `survival` is '
        "0.5 or less, then the smallest `time`.",
    ],
    solution="""
efv_curve = curve[curve["group"] == "EFV"]
median_month = efv_curve.loc[efv_curve["survival"] <= 0.5, "time"].min()
""",
    done="A median needs no horizon, but it looks at one point of the curve only.",
    right=[answers.median_by_search, answers.median_by_loop, answers.median_by_index],
    wrong=[
        (lambda curve: answers.median(curve, "DTG"), "another group"),
        (answers.last_above, "more than half"),
        (answers.last_of_all, "the last month"),
        (lambda curve: 0, "everybody"),
        (lambda curve: answers.part(curve)["survival"].median(), "a share"),
        (lambda curve: answers.part(curve)["time"].mean(), "mean of the times"),
        (lambda curve: answers.part(curve).query("survival <= 0.5")["survival"].max(), "height"),
        (lambda curve: answers.part(curve), "one number"),
    ],
)
def median_month(value, *, curve):
    efv = answers.part(curve)
    expect_number(
        value,
        answers.median(curve),
        1e-6,
        "the month",
        "keep the rows of EFV, then those at one half or below, and take the first month",
        slips={
            "at that month, more than half are not yet suppressed": answers.last_above(curve),
            "it is the last month at one half or below, not the first": answers.last_of_all(curve),
            "at that month, everybody is still at risk": 0,
            "it is a share; a month is asked for": efv["survival"].median(),
            "it is a share, the height of the curve in that month; the month is asked for": (
                efv.loc[efv["survival"] <= 0.5, "survival"].max()
            ),
            "it is a share, the height at which the curve ends": efv["survival"].min(),
            "it is a mean, the area under the curve; a median is asked for": (
                by_hand.restricted_mean(*efv[["time", "survival"]].to_numpy().T, efv["time"].max())
            ),
            "it is a mean of the times in the table, whatever the curve does": efv["time"].mean(),
            **{
                f"it is the month of another group, {drug}": answers.median(curve, drug)
                for drug in ("DTG", "RPV", "DRV")
            },
        },
    )


@exercise(
    "05.restricted_mean",
    hint=[
        "The width of a rectangle is the time at which it ends minus that at which it begins; its "
        "height is the share that holds from there.",
        "`np.minimum(time, horizon)` moves all that lies beyond the horizon onto it, so that "
        "those rectangles have no width.",
        "Where do the rectangles end? Each where the next one begins, `time[1:]`; the last one at "
        "the horizon.",
    ],
    solution="""
def restricted_mean(time, share, horizon):
    begins = np.minimum(time, horizon)
    ends = np.minimum(np.append(time[1:], np.inf), horizon)
    return (share * (ends - begins)).sum()
""",
    done="This is all that is behind the words *restricted mean survival time*.",
    right=[
        lambda: by_hand.mean_by_loop,
        lambda: by_hand.mean_by_cut,
        lambda: by_hand.mean_by_fine_steps,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in by_hand.AREA_SLIPS.items()),
        (lambda: lambda time, share, horizon: 4.0, "does it use its arguments?"),
        (lambda: lambda time, share, horizon: None, "returned nothing"),
    ],
)
def restricted_mean(value):
    cases = [(asked, by_hand.restricted_mean(*asked)) for asked in by_hand.curves()]
    step = "add width times height of each rectangle from 0 to the horizon"
    expect_function(value, cases, 1e-9, "your function", step, slips=by_hand.AREA_SLIPS)


@exercise(
    "05.confirmed",
    hint=[
        "Make the table again, with `confirm=2` among the arguments.",
        'Then `hg.survival.rmst(…, 12, by="arm").loc["EFV", "rmst"]` of both tables, and the '
        "difference.",
    ],
    solution="""
starters = {"event": "suppressed_50", "at_risk": "Naive at entry", "origin": "first decision"}
arms = {"DTG": lambda regimen: "DTG" in regimen, "EFV": lambda regimen: "EFV" in regimen}
months = []
for confirm in (1, 2):
    times = hg.survival.time_to_event(art, arm=arms, horizon=24, confirm=confirm, **starters)
    months.append(hg.survival.rmst(times, 12, by="arm").loc["EFV", "rmst"])
months_later = months[1] - months[0]
""",
    done="Say in every report whether one low value was enough.",
    right=[answers.growth_by_area, answers.growth_by_means, answers.growth_of_one_arm],
    wrong=[
        (lambda art: answers.until(art, 2), "the mean itself"),
        (lambda art: answers.until(art, 1), "the mean for one month"),
        (lambda art: answers.growth(art, as_measured=True), "when it was measured"),
        (lambda art: -answers.growth(art), "sign is the other way round"),
        (lambda art: answers.growth(art, drug="DTG"), "the DTG starters"),
        (lambda art: answers.growth(art, 3), "three months"),
        (lambda art: answers.growth(art, cut=24), "24 months"),
        (lambda art: answers.growth(art, drug="DTG - EFV"), "difference between the drugs"),
        (lambda art: answers.growth(art, at_risk=None), "treated before"),
        (lambda art: answers.until(art, 2) / answers.until(art), "how many times"),
        (0, "confirm=2"),
    ],
)
def confirmed(value, *, art):
    expected, what = answers.growth(art), "the number of months"
    step = (
        f"make the table with confirm=2, and compare the restricted means to {HORIZON} months "
        "under EFV"
    )
    expect_number(value, expected, 1e-6, what, step, slips=lambda: answers.growth_slips(art))


@exercise(
    "05.weighted_difference",
    hint=[
        "First the weights: `np.where(on_drv, …, …)` takes one thing where `on_drv` is True and "
        "another where it is False. The probability of EFV is 1 minus that of DRV.",
        "`months[on_drv]` and `months[~on_drv]` are the two groups; "
        "`np.average(values, weights=…)` is a weighted mean.",
    ],
    solution="""
def weighted_difference(months, on_drv, chance_of_drv):
    weight = np.where(on_drv, 1 / chance_of_drv, 1 / (1 - chance_of_drv))
    under_drv = np.average(months[on_drv], weights=weight[on_drv])
    return under_drv - np.average(months[~on_drv], weights=weight[~on_drv])
""",
    done="With it you can repair what was seen, and nothing else.",
    right=[
        lambda: by_hand.difference_by_sums,
        lambda: by_hand.difference_by_table,
        lambda: by_hand.difference_by_slope,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in by_hand.WEIGHT_SLIPS.items()),
        (lambda: lambda months, on_drv, chance_of_drv: 0.25, "does it use its arguments?"),
        (0.3, "should be a function"),
    ],
)
def weighted_difference(value):
    cases = [(asked, by_hand.weighted_difference(*asked)) for asked in by_hand.choices()]
    step = "one divided by the probability of what was given; then two weighted means and a minus"
    expect_function(value, cases, 1e-9, "your function", step, slips=by_hand.WEIGHT_SLIPS)


@exercise(
    "05.delay",
    hint=[
        '`hg.survival.rmst(measured, 12, by="arm")["rmst"]` holds the means of the four drugs, and '
        "below them differences between drugs, which are not wanted here: `.loc[list(four)]`.",
        "Subtract the same of `monthly`, draw with `ax.bar(delay.index, delay)`, and label what "
        "the height is, with its unit.",
    ],
    solution="""
drugs = list(monthly["arm"].unique())
delay = pd.Series(0.0, index=sorted(drugs))
for table, sign in ((measured, 1), (monthly, -1)):
    delay += sign * hg.survival.rmst(table, 12, by="arm")["rmst"].loc[delay.index]
delay = delay.sort_values(ascending=False)
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.bar(delay.index, delay)
ax.set(xlabel="Third agent", ylabel="Delay (months)")
answer = ax
""",
    done="A date in a record is the date on which somebody looked.",
    right=[
        answers.bars_by_pandas,
        answers.by_mean_duration,
        lambda monthly, measured: answers.bars(
            answers.delay(monthly, measured), "seen later by (months)", lying=True
        ),
    ],
    wrong=[
        (lambda monthly, measured: answers.bars(-answers.delay(monthly, measured)), "minus"),
        (lambda monthly, measured: answers.bars(answers.delay(monthly, measured, 24)), "24"),
        (
            lambda monthly, measured: answers.bars(
                answers.rmst(measured, HORIZON, by="arm")["rmst"].iloc[:4]
            ),
            "means as measured",
        ),
        (
            lambda monthly, measured: answers.bars(
                answers.rmst(monthly, HORIZON, by="arm")["rmst"].iloc[:4]
            ),
            "monthly means",
        ),
        (lambda monthly, measured: answers.bars(answers.delay(monthly, measured), ""), "label"),
        (
            lambda monthly, measured: answers.bars(answers.delay(monthly, measured), "delay"),
            "month",
        ),
        (
            lambda monthly, measured: answers.bars(
                answers.relabelled(answers.delay(monthly, measured))
            ),
            "other labels",
        ),
        (
            lambda monthly, measured: answers.bars(answers.delay(monthly, measured).iloc[:3]),
            "too few",
        ),
        (
            lambda monthly, measured: answers.bars(
                answers.rmst(measured, HORIZON, by="arm")["rmst"]
                - answers.rmst(monthly, HORIZON, by="arm")["rmst"]
            ),
            "too many",
        ),
    ],
)
def delay(value, *, monthly, measured):
    heights = answers.delay(monthly, measured)
    expect_axes(value)
    step = "one bar for each drug: its restricted mean as measured minus that of the monthly column"
    slips = {
        "they are the monthly column minus as measured": -heights,
        "the means are cut at 24 months; 12 were asked for": answers.delay(monthly, measured, 24),
    }
    for name, table in {"means as measured": measured, "monthly means": monthly}.items():
        means = answers.rmst(table, HORIZON, by="arm")["rmst"].loc[heights.index]
        slips[f"these are the {name}, without the difference"] = means
    expect_bars(value, heights, 1e-6, step, slips=slips)
    labels = f"{value.get_xlabel()} {value.get_ylabel()}".lower()
    if "month" not in labels:
        problem = "the label of the heights does not say that they are months"
        raise Wrong(problem, "`ax.set(ylabel=…)`, with the unit in parentheses")


@exercise(
    "05.estimate",
    hint=[
        "Section 6 does it for DRV and EFV: the table of starters, probabilities, weights, "
        "restricted means. Put those lines into the function, with DTG and RPV, and 12 months.",
        '`hg.survival.propensity(cohort, rules, "estimated", table["PatientID"])["weight"]` holds '
        'the weights by patient; `table["PatientID"].map(…)` brings them into the table.',
        'Then `hg.survival.rmst(table, 12, by="arm", weights="weight").loc["DTG - RPV"]` holds '
        "the three numbers.",
    ],
    solution=estimators.SOLUTION,
    done="Because clinicians wrote down all that they acted on. Section 7 is about the others.",
    right=[
        lambda late: estimators.by_recorded,
        lambda late: estimators.by_truncated,
        lambda late: estimators.by_logistic,
    ],
    wrong=estimators.WRONG,
)
def estimate(value, *, late):
    return judge_estimate(value, late)
