"""Exercises of chapter 03: from who was never measured to a value that nobody looked at."""

from __future__ import annotations

from healthgym_edu.data import load_cohort, twins
from healthgym_edu.exercises import (
    NotAttempted,
    Wrong,
    budget,
    exercise,
    expect_axes,
    expect_bars,
    expect_function,
    expect_number,
)
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_03 as answers
from . import prediction_03 as prediction
from .answers_03 import LEVELS, RISE_SLIPS
from .strangers import ask_about_newcomers

MARGIN = 0.28
"""How much smaller than the table's the error of the last exercise has to be: one better number
for all untested reaches a quarter, a regression on what is known of them 31 %."""

BORDER = 0.002
"""Share of patients who may be among the `given` in one way of asking and not in another."""


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    patients = {"n_patients": 3000, "seed": 5}
    icu = load_cohort("hypotension", **patients)
    worlds = {"bolus": answers.bolus_if_low, "nothing": "none"}
    return {"icu": icu, "stays": icu, "worlds": twins("hypotension", worlds, **patients)}


@exercise(
    "03.never_measured",
    hint=[
        'Group `icu.frame["lactic_acid_m"]` by the patient: `.groupby(icu.frame["PatientID"])`.',
        "`.any()` says for each patient whether the flag was ever set. You want the share of those "
        "in whom it was not.",
    ],
    solution="""
ever = icu.frame.groupby("PatientID")["lactic_acid_m"].any()
never_measured = (~ever).mean()
""",
    done="For each of them, the table shows the same lactate in every hour.",
    right=[
        lambda icu: 1 - answers.ever(icu).sum() / len(icu),
        lambda icu: icu.frame.groupby("PatientID")["lactic_acid_m"].sum().eq(0).mean(),
        lambda icu: 1 - icu.frame.query("lactic_acid_m")["PatientID"].nunique() / len(icu),
    ],
    wrong=[
        (lambda icu: (~icu.frame["lactic_acid_m"]).mean(), "share of hours without"),
        (lambda icu: answers.hours_of_never(icu), "count each patient once"),
        (lambda icu: answers.ever(icu).mean(), "share of all the others"),
        (lambda icu: (~answers.ever(icu)).sum(), "a number of patients"),
        (lambda icu: 100 * (~answers.ever(icu)).mean(), "looks like a percentage"),
        (lambda icu: ~answers.ever(icu), "one number"),
    ],
)
def never_measured(value, *, icu):
    never = ~answers.ever(icu)
    expect_number(
        value,
        float(never.mean()),
        1e-6,
        "the share of patients",
        "ask for each patient whether the flag was ever set, and take the share of those without",
        slips={
            "it is the share of hours without a measurement": (~icu.frame["lactic_acid_m"]).mean(),
            "it is a share of hours; count each patient once": answers.hours_of_never(icu),
            "it is a number of patients, not yet a share": never.sum(),
        },
    )


@exercise(
    "03.gas_by_dose",
    hint=[
        '`icu.frame.groupby("vasopressors", observed=True)["PO2_m"].mean()` gives one share for '
        "each level.",
        "`ax.bar(share.index.astype(str), share)` draws them; `ax.set(xlabel=…, ylabel=…)` says "
        "what they are. Then `answer = ax`.",
    ],
    solution="""
share = icu.frame.groupby("vasopressors", observed=True)["PO2_m"].mean()
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.bar(share.index.astype(str), share)
ax.set(xlabel="Vasopressor level (lower edge, mcg/kg per hour)", ylabel="Share of hours")
answer = ax
""",
    done="The higher the dose, the more often somebody measured. A flag tells who seemed sick.",
    right=[
        answers.bars_by_pandas,
        answers.bars_by_crosstab,
        lambda icu: answers.bars(100 * answers.gas(icu).mean(), ylabel="hours measured (%)"),
        lambda icu: answers.bars_by_pandas(icu).figure,
    ],
    wrong=[
        (lambda icu: answers.bars(answers.gas(icu).sum()), "numbers of hours"),
        (lambda icu: answers.bars(1 - answers.gas(icu).mean()), "hours without"),
        (
            lambda icu: answers.bars(answers.gas(icu).sum() / icu.frame["PO2_m"].sum()),
            "of all measurements",
        ),
        (answers.bars_reversed, "over other labels"),
        (lambda icu: answers.bars(answers.gas(icu).mean()[::-1]), "in their order"),
        (lambda icu: answers.bars(answers.gas(icu).mean(), xlabel=""), "no text"),
        (lambda icu: answers.bars(answers.gas(icu).mean().iloc[:3]), "too few"),
        (lambda icu: answers.bars(answers.gas(icu, "lactic_acid_m").mean()), "of the lactate"),
        (lambda icu: answers.two_panels(icu), "2 panels"),
        (lambda icu: answers.gas(icu).mean(), "Matplotlib Axes"),
    ],
)
def gas_by_dose(value, *, icu):
    drawn, share = answers.gas(icu), answers.gas(icu).mean()
    step = "draw one bar for each vasopressor level: the mean of PO2_m over all its hours"
    slips = {
        "these are numbers of hours, not yet shares": drawn.sum(),
        "these are the shares of hours without a measurement": 1 - share,
        "these are shares of all measurements; divide by the hours of the level": drawn.sum()
        / icu.frame["PO2_m"].sum(),
        "these are hours with a measurement of the lactate; the question is about PO2_m": (
            answers.gas(icu, "lactic_acid_m").mean()
        ),
    }
    panels = getattr(value, "axes", None)
    if isinstance(panels, list):  # a Figure
        if len(panels) != 1:
            raise Wrong(f"the figure has {len(panels)} panels; one is asked for", step)
        value = panels[0]
    expect_axes(value)
    for axis in ("x", "y"):
        if not getattr(value, f"get_{axis}label")().strip():
            raise Wrong(f"the {axis} axis has no text", "say what it shows")
    try:
        expect_bars(value, share, 1e-6, step, ordered=True, percent=True)
    except Wrong:
        for slip, heights in slips.items():
            if _are_bars(value, heights):
                raise Wrong(slip, step) from None
        raise


def _are_bars(value, heights):
    try:
        expect_bars(value, heights, 1e-6, ordered=True, percent=True)
    except Wrong:
        return False
    return True


@exercise(
    "03.counts_with_gap",
    hint=[
        "Who is present? Those with a row at hour `start`: "
        '`frame["PatientID"][frame["Timepoints"] == start]`.',
        "What is counted? The rows before hour `seen`. Group them by patient and sum the flag.",
        "`.loc[…]` keeps the patients of the first step in the counts of the second.",
    ],
    solution="""
def counts_with_gap(frame, seen, start):
    there = frame["PatientID"][frame["Timepoints"] == start]
    early = frame[frame["Timepoints"] < seen]
    return early.groupby("PatientID")["lactic_acid_m"].sum().loc[there]
""",
    done="A ward can use this count, because it leaves some hours in which to act.",
    right=[
        lambda icu: answers.counts_by_pivot,
        lambda icu: answers.counts_by_apply,
        lambda icu: answers.counts_by_merge,
    ],
    wrong=[
        *((lambda icu, way=way: way, slip) for slip, way in answers.COUNT_SLIPS.items()),
        (lambda icu: answers.counts_without_zeros, "counts 0"),
        (lambda icu: answers.counts_of_everyone, "rows where"),
        (lambda icu: answers.counts(icu.frame, 24, 28), "should be a function"),
    ],
)
def counts_with_gap(value, *, icu):
    frame = icu.frame
    cases = [((frame, *hours), answers.counts(frame, *hours)) for hours in ((24, 28), (12, 24))]
    step = (
        "count rows before hour `seen`, of patients who are present at hour `start`; whoever has "
        "no lactate counts 0"
    )
    expect_function(value, cases, 1e-9, "your function", step, slips=answers.COUNT_SLIPS)


@exercise(
    "03.level_of_dose",
    hint=[
        "The edges of the file are totals of an hour. For how many minutes was the rate held?",
        "Turn the rate into mcg/kg per hour. Then compare it with 20.28, with 8.4 and with 0, in "
        "this order.",
    ],
    solution="""
def level_of_dose(rate):
    per_hour = 60 * rate
    if per_hour >= 20.28:
        return "20.28"
    if per_hour >= 8.4:
        return "8.4"
    return ">0" if per_hour > 0 else "0"
""",
    done="If you believed the printed unit, you would give the upper levels sixty times too high.",
    right=[
        lambda: answers.level_by_search,
        lambda: answers.level_by_minute,
        lambda: answers.level_by_cut,
    ],
    wrong=[
        (lambda: lambda rate: answers.level_by_search(rate / 60), "an hour has sixty minutes"),
        (lambda: lambda rate: answers.level_by_search(24 * rate), "the total of a day"),
        (lambda: lambda rate: answers.level_by_search(24 * rate / 60), "totals of a day"),
        (lambda: lambda rate: answers.level_by_search(60 * rate), "one of a second"),
        (lambda: lambda rate: answers.level_by_search(max(rate, 0.001)), "no vasopressor"),
        (lambda: lambda rate: answers.level_by_search(2 * rate), "lower edge"),
        (lambda: answers.level_above, "is itself the lower edge"),
        (lambda: lambda rate: answers.level_by_search(rate).replace("8.4", "low"), "'0', '>0', '"),
        (lambda: "8.4", "give its name"),
    ],
)
def level_of_dose(value):
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    rates = answers.RATES | answers.ON_AN_EDGE
    said = {}
    for rate in rates:
        level = value(rate)
        if is_blank(level):
            raise NotAttempted
        said[rate] = str(level)
        if said[rate] not in LEVELS:
            problem = f"{level!r} arrived for {rate} mcg/kg/min"
            choices = ", ".join(map(repr, LEVELS))
            raise Wrong(problem, f"return one of the levels of the file: {choices}")
    for factor, slip in answers.FACTORS.items():
        if all(said[rate] == answers.level_by_search(factor * rate) for rate in answers.RATES):
            raise Wrong(slip, "turn the rate into a total of one hour")
    for rate, level in rates.items():
        if said[rate] != level:
            problem = f"{said[rate]!r} is not the level of {rate} mcg/kg/min held for an hour"
            raise Wrong(problem, answers.level_advice(rate))


@exercise(
    "03.rise_without_bolus",
    hint=[
        "`pressure` holds the `given` in both worlds. Take the one in which they received nothing.",
        "The rise is the pressure of hour 9 minus that of hour 8. Compare it with 5.",
    ],
    solution="""
given = worlds["bolus"].frame.query("Timepoints == 8 and fluid_boluses == '500'")["PatientID"]
table = worlds["nothing"].frame.pivot(index="PatientID", columns="Timepoints", values="MAP")
table = table.loc[given]
rise_without_bolus = ((table[9] - table[8]).dropna() >= 5).mean()
""",
    done="They would be called responders, and nobody gave them anything.",
    right=[
        answers.risen_by_merge,
        answers.risen_by_shift,
        lambda worlds: 1 - (answers.rises(worlds, "nothing") < 5).mean(),
    ],
    wrong=[
        *((wrong, slip.partition(";")[0]) for slip, wrong in RISE_SLIPS.items()),
        (lambda worlds: 1 - answers.risen(worlds, "nothing"), "share of all the others"),
    ],
)
def rise_without_bolus(value, *, worlds):
    rises = answers.rises(worlds, "nothing")
    least, most = ((rises > answers.RISE + bit).mean() for bit in (1e-6, -1e-6))
    expect_number(
        value,
        float(least + most) / 2,  # a rise of 5.0 counts or not, to a rounding bit
        float(most - least) / 2 + BORDER,
        "the share of patients",
        "take the world where they received nothing, of all patients only those in `given`, and "
        "count rises of 5 mmHg or more from hour 8 to hour 9",
        slips={slip: float(wrong(worlds)) for slip, wrong in RISE_SLIPS.items()},
    )


@exercise(
    "03.beat_the_table",
    hint=[
        "About four patients in ten have no lactate by hour 24. What does the ward know about "
        "them?",
        "In `known` you may look up the `outcome` of the untested. Their median is a better number "
        "than 1.73, but one number for all is not enough.",
        "Blood pressure, dose, consciousness, liver and urine say more. Fit a LinearRegression on "
        "the untested of `known`, and use it for the untested newcomers.",
    ],
    solution=prediction.LEARN_AND_PREDICT,
    done="You estimated what nobody measured, from what the ward knew all along.",
    right=[
        lambda stays: prediction.by_median_regression(),
        lambda stays: prediction.by_boosting(),
        lambda stays: prediction.by_logarithms,
    ],
    wrong=[
        (lambda stays: prediction.the_tables_way, "no better than"),
        (lambda stays: prediction.one_number, "no better than"),
        (lambda stays: prediction.one_number_for_the_untested, "not yet 28%"),
        (lambda stays: prediction.measured_alone, "not yet 28%"),
        (lambda stays: prediction.in_another_unit, "mmol/L"),
        (lambda stays: prediction.half_the_patients, "answer for each patient"),
        (lambda stays: prediction.with_gaps, "missing"),
        (lambda stays: prediction.true_lactate(stays), "give its name"),
        (lambda stays: prediction.looked_up(stays), "numbered anew"),
        (lambda stays: lambda known: prediction.as_the_table(known), "known, outcome, newcomers"),
    ],
)
def beat_the_table(value, *, stays):
    if stays.recipe is None:
        raise Wrong(
            "these patients come from a file, which knows no true lactate",
            'pass simulated ones: stays=hg.load_cohort("hypotension")',
        )
    judged = ask_about_newcomers(
        value,
        stays,
        records_of=prediction.known_by_now,
        outcome_of=prediction.true_lactate,
        n_fresh=budget(6000, quick=2000),
        who="patient",
    )
    table = prediction.as_the_table(judged.newcomers).loc[judged.truth.index]
    error, to_beat = ((one - judged.truth).abs().mean() for one in (judged.said, table))
    if judged.said.median() > 4 * judged.truth.median():
        raise Wrong(
            f"your median answer is {judged.said.median():.1f}, far above any usual lactate",
            "give mmol/L, the unit of the table",
        )
    if error > (1 - MARGIN) * to_beat:
        smaller = 1 - error / to_beat
        better = f"{smaller:.0%} smaller than, and not yet {MARGIN:.0%} smaller than,"
        better = better if smaller > 0 else "no better than"
        raise Wrong(
            f"your mean error, {error:.3f} mmol/L, is {better} the table's, {to_beat:.3f}",
            "look at those without a lactate, and at what else is on record about them",
        )
    return (
        f"Mean error {error:.3f} mmol/L against {to_beat:.3f} of the table, in "
        f"{len(judged.said):,} patients whom nobody had met."
    )
