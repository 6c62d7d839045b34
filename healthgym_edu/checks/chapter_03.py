"""Exercises of chapter 03: from who was never measured to a value that nobody looked at."""

from __future__ import annotations

from healthgym_edu.data import load_cohort, simulate, twins
from healthgym_edu.exercises import (
    NotAttempted,
    Wrong,
    exercise,
    expect_axes,
    expect_bars,
    expect_function,
    expect_number,
)
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_03 as answers
from .answers_03 import NOW
from .strangers import ask

MARGIN = 0.25
"""How much smaller than the table's the error of the last exercise has to be."""

TIES = 0.015
"""Share of patients whose rise is the limit itself, to a rounding bit."""


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    patients = {"n_patients": 3000, "seed": 5}
    icu = load_cohort("hypotension", **patients)
    return {
        "icu": icu,
        "stays": icu,
        "truth": simulate("hypotension", **patients, carried=False),
        "worlds": twins(
            "hypotension", {"bolus": answers.bolus_if_low, "nothing": "none"}, **patients
        ),
    }


@exercise(
    "03.never_measured",
    hint=[
        'Group `icu.frame["lactic_acid_m"]` by the patient: `.groupby(icu.frame["PatientID"])`.',
        "`.any()` says for each patient whether the flag was ever set; you want those without.",
    ],
    solution="""
ever = icu.frame.groupby("PatientID")["lactic_acid_m"].any()
never_measured = (~ever).mean()
""",
    done="Their whole column is one number, and it is nobody's.",
    wrong=[
        (lambda icu: (~icu.frame["lactic_acid_m"]).mean(), "one value a patient"),
        (lambda icu: answers.ever(icu).mean(), "share of all the others"),
        (lambda icu: (~answers.ever(icu)).sum(), "share"),
    ],
)
def never_measured(value, *, icu):
    expected = float((~answers.ever(icu)).mean())
    step = "one value a patient: was the flag ever set? Then the share of those where it was not"
    expect_number(value, expected, 1e-6, "the share of patients", step)


@exercise(
    "03.gas_by_dose",
    hint=[
        '`icu.frame.groupby("vasopressors", observed=True)["PO2_m"].mean()` gives one share a '
        "level.",
        "`ax.bar(share.index, share)` draws them; `ax.set(xlabel=…, ylabel=…)` says what they are. "
        "Then `answer = ax`.",
    ],
    solution="""
share = icu.frame.groupby("vasopressors", observed=True)["PO2_m"].mean()
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.bar(share.index.astype(str), share)
ax.set(xlabel="Vasopressor level (lower edge, mcg/kg per hour)", ylabel="Share of hours")
answer = ax
""",
    done="Nobody told you how sick they are; the laboratory's diary did.",
    wrong=[
        (lambda icu: answers.bars(answers.gas(icu).sum()), "right sizes"),
        (lambda icu: answers.bars(answers.gas(icu).mean(), xlabel=""), "no text"),
        (lambda icu: answers.bars(answers.gas(icu).mean().iloc[:3]), "too few"),
    ],
)
def gas_by_dose(value, *, icu):
    share = answers.gas(icu).mean()
    step = "one bar a vasopressor level: the mean of PO2_m over all its hours"
    expect_axes(value, shapes=len(share), next_step=step)
    for axis in ("x", "y"):
        if not getattr(value, f"get_{axis}label")().strip():
            raise Wrong(f"The {axis} axis has no text.", "say what it shows")
    try:
        expect_bars(value, 100 * share, 1e-6)  # per cent are as good
    except Wrong:
        expect_bars(value, share, 1e-6, step)


@exercise(
    "03.counts_with_gap",
    hint=[
        'Who is there? Those with a row at hour `start`: `frame["PatientID"][frame["Timepoints"] '
        "== start]`.",
        "What is counted? Rows before hour `seen`; group them by patient and sum the flag.",
        "`.loc[…]` keeps the first of the second.",
    ],
    solution="""
def counts_with_gap(frame, seen, start):
    there = frame["PatientID"][frame["Timepoints"] == start]
    early = frame[frame["Timepoints"] < seen]
    return early.groupby("PatientID")["lactic_acid_m"].sum().loc[there]
""",
    reference=lambda icu: answers.counts_another_way,
    done="A warning that leaves no time to act would be a report.",
    wrong=[
        (lambda icu: answers.counter(start=lambda seen, start: seen), "there at hour `start`"),
        (lambda icu: answers.counts_without_zeros, "counts 0"),
        (lambda icu: answers.counter(seen=lambda seen, start: start), "before hour `seen`"),
        (lambda icu: answers.counter(seen=lambda seen, start: seen + 1), "before hour `seen`"),
        (lambda icu: answers.counts_of_everyone, "rows where"),
    ],
)
def counts_with_gap(value, *, icu):
    frame = icu.frame
    cases = [((frame, *hours), answers.counts(frame, *hours)) for hours in ((24, 28), (12, 24))]
    step = (
        "count rows before hour `seen`, of patients who are there at hour `start`; whoever has "
        "no lactate counts 0"
    )
    expect_function(value, cases, 1e-9, "your function", step)


@exercise(
    "03.level_of_dose",
    hint=[
        "The edges of the file are totals of an hour. How many minutes was the rate held?",
        "Turn the rate into mcg/kg per hour, then compare with 0, 8.4 and 20.28, the highest "
        "first.",
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
    reference=lambda: answers.level_by_search,
    done="In the printed unit, the upper two levels would be sixty times the dose.",
    wrong=[
        (lambda: lambda rate: answers.level_by_search(rate / 60), "an hour has"),
        (lambda: lambda rate: answers.level_by_search(max(rate, 0.001)), "no vasopressor"),
        (
            lambda: lambda rate: answers.level_by_search(rate).replace("8.4", "low"),
            "labels of the file",
        ),
    ],
)
def level_of_dose(value):
    if not callable(value):
        raise Wrong("The answer is your function: give its name without parentheses.")
    for rate, level in ((0.0, "0"), (0.05, ">0"), (0.2, "8.4"), (0.3, "8.4"), (0.5, "20.28")):
        said = value(rate)
        if is_blank(said):
            raise NotAttempted
        if str(said) not in ("0", ">0", "8.4", "20.28"):
            raise Wrong(
                f"{said!r} arrived for {rate} mcg/kg/min.",
                "return one of the labels of the file: '0', '>0', '8.4' or '20.28'",
            )
        if str(said) != level:
            why = "an hour has sixty minutes" if rate else "a rate of 0 is no vasopressor"
            raise Wrong(f"{said!r} is not the level of {rate} mcg/kg/min held for an hour.", why)


@exercise(
    "03.rise_without_bolus",
    hint=[
        "`pressure` holds the `given` in both worlds; take the one in which nothing was given.",
        "The rise is the pressure of hour 9 minus that of hour 8; compare it with 5.",
    ],
    solution="""
given = worlds["bolus"].frame.query("Timepoints == 8 and fluid_boluses == '500'")["PatientID"]
table = worlds["nothing"].frame.pivot(index="PatientID", columns="Timepoints", values="MAP")
table = table.loc[given]
rise_without_bolus = ((table[9] - table[8]).dropna() >= 5).mean()
""",
    done="They responded to an hour passing.",
    wrong=[
        (lambda worlds: answers.risen(worlds, "bolus"), "got nothing"),
        (lambda worlds: answers.risen(worlds, "nothing", everybody=True), "`given`"),
        (lambda worlds: 1 - answers.risen(worlds, "nothing"), "share of all the others"),
        (lambda worlds: answers.rises(worlds, "nothing").mean(), "5 mmHg or more"),
    ],
)
def rise_without_bolus(value, *, worlds):
    step = (
        "take the world where they got nothing, of all patients only those in `given`, and count "
        "rises of 5 mmHg or more"
    )
    expect_number(value, answers.risen(worlds, "nothing"), TIES, "the share of patients", step)


@exercise(
    "03.beat_the_table",
    hint=[
        "Four patients in ten have no lactate by now. What do you know about a patient nobody "
        "thought worth a lactate?",
        "In `train` you may look up the truth of the never measured. Their median is a better fill "
        "than the table's, and a start.",
        "AST, pressure, consciousness and vasopressors say more: fit a LinearRegression on those "
        "of `train` without a lactate.",
    ],
    solution="""
from sklearn.linear_model import LinearRegression

train, _ = stays.split(0.5, seed=0)
known_24 = train.observed().query("Timepoints <= 24")
at_24 = truth.frame[truth.frame["Timepoints"] == 24].set_index("PatientID")["lactic_acid"]

def features(known):
    by = known.groupby("PatientID")
    now = known[known["Timepoints"] == 24].set_index("PatientID")
    return pd.DataFrame({
        "MAP": by["MAP"].mean(),
        "dose": known["vasopressors"].cat.codes.groupby(known["PatientID"]).mean(),
        "GCS": now["GCS_total"].astype(float).fillna(15),
        "AST": np.log(now["AST"].fillna(46)),
        "gases": by["PO2_m"].sum(),
    }).loc[now.index]

inputs = features(known_24)
never = known_24.groupby("PatientID")["lactic_acid_m"].sum().loc[inputs.index] == 0
model = LinearRegression().fit(inputs[never], at_24[inputs.index][never])

def predict(known):
    inputs = features(known)
    guess = pd.Series(model.predict(inputs), index=inputs.index)
    now = known[known["Timepoints"] == 24].set_index("PatientID")
    return now["lactic_acid"].fillna(guess)
""",
    done="What nobody measured could be guessed, because nobody measured it.",
    wrong=[
        (lambda stays, truth: answers.as_the_table, "no better than"),
        (lambda stays, truth: answers.one_number, "no better than"),
        (lambda stays, truth: answers.half_the_patients, "each patient"),
        (lambda stays, truth: answers.with_gaps, "missing"),
        (lambda stays, truth: answers.lactate(truth.frame), "your function"),
        (lambda stays, truth: answers.looked_up(truth), "looked up"),
        (lambda stays, truth: lambda known: answers.lactate(truth.frame), "numbered anew"),
    ],
)
def beat_the_table(value, *, stays, truth):
    holdout = stays.split(0.5, seed=0)[1]
    known = holdout.observed().query("Timepoints <= @NOW")
    right = answers.lactate(truth.frame).loc[known["PatientID"][known["Timepoints"] == NOW]]
    guess = ask(value, known, right.index, f"who is there at hour {NOW}")
    error, table = ((one - right).abs().mean() for one in (guess, answers.as_the_table(known)))
    if error > (1 - MARGIN) * table:
        better = "no better than" if error >= table else "less than a quarter below"
        raise Wrong(
            f"Your mean error, {error:.3f} mmol/L, is {better} the table's ({table:.3f}).",
            "look at those without a lactate, and at what else is on record about them",
        )
    return f"Mean error {error:.3f} against {table:.3f} mmol/L of the table."
