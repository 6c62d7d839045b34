"""Exercises of chapter 00: the first three answers, and one about what simulated data can show."""

from __future__ import annotations

from healthgym_edu.data import load_cohort, twins
from healthgym_edu.exercises import exercise, expect_choice, expect_number


def context():
    """What the tests pass to the exercises: a small cohort and two worlds of the same people."""
    regimens = {"DTG": "3TC + ABC + DTG", "EFV": "FTC + TDF + EFV"}
    return {
        "art": load_cohort("art_hiv", n_patients=300, seed=3),
        "twins": twins("art_hiv", regimens, n_patients=200, seed=3),
    }


@exercise(
    "00.number_of_people",
    hint=[
        "The cell that prints people × months has the number in a variable.",
        "`len()` of a cohort is its number of people.",
    ],
    solution="number_of_people = len(art)",
    done="That is all there is to it: answer, check, go on.",
    wrong=[
        (lambda art: len(art.frame), "one row per person and month"),
        (lambda art: art.schema.n_steps, "people, not months"),
        (lambda art: art.frame, "one number"),
    ],
)
def number_of_people(value, *, art):
    step = "the frame has one row per person and month; count people, not months"
    expect_number(value, len(art), 0.5, "the number of people", step)


@exercise(
    "00.suppressed_at_end",
    hint=[
        'Compare the column `last_month["VL"]` with 50.',
        "The mean of True and False is the share of True: put the comparison in parentheses and "
        "call `.mean()`.",
    ],
    solution="""
last_month = art.frame[art.frame["Timestep"] == art.schema.n_steps - 1]
suppressed_at_end = (last_month["VL"] < 50).mean()
""",
    done="A share of people, because the last month has one row a person.",
    wrong=[
        (lambda art: (art.frame["VL"] < 50).mean(), "last month alone"),
        (lambda art: 100 * (_last(art) < 50).mean(), "looks like a percentage"),
        (lambda art: (_last(art) < 50).sum(), "divide by the number of people"),
    ],
)
def suppressed_at_end(value, *, art):
    share = float((_last(art) < 50).mean())
    step = "compare VL in the last month alone with 50, and divide by the number of people"
    expect_number(value, share, 1e-6, "the share of people suppressed", step)


@exercise(
    "00.effect_at_month_3",
    hint=[
        '`suppressed["DTG"]` holds one share for each month, month 0 first.',
        "Take entry 3 of both and subtract: DTG minus EFV.",
    ],
    solution="""
starters = twins["DTG"].patients["Naive at entry"].to_numpy()
suppressed = {
    name: (c.frame["VL"].to_numpy().reshape(len(c), -1)[starters] < 50).mean(axis=0)
    for name, c in twins.items()
}
effect_at_month_3 = suppressed["DTG"][3] - suppressed["EFV"][3]
""",
    done="You have just read off a causal effect.",
    wrong=[
        (lambda twins: -_effects(twins)[3], "sign is the other way round"),
        (lambda twins: _effects(twins)[12], "three months after the start"),
        (lambda twins: _effects(twins), "one number"),
    ],
)
def effect_at_month_3(value, *, twins):
    expect_number(
        value,
        float(_effects(twins)[3]),
        1e-6,
        "the difference of the shares",
        "take both shares three months after the start, starters only",
    )


@exercise(
    "00.what_simulated_data_can_show",
    hint=[
        "Where does the difference between the regimens in the cohort come from?",
        "Somebody typed it in, as a parameter with a source or an assumption.",
    ],
    solution='answer = "C"',
    done="A simulator tests methods; trials and real cohorts test drugs.",
    wrong=[
        ("A", "who put the effect into the cohort"),
        ("B", "who put the effect into the cohort"),
        ("E", "choose one of"),
    ],
)
def what_simulated_data_can_show(value):
    expect_choice(
        value, "C", ("A", "B", "C", "D"), "your choice", "ask who put the effect into the cohort"
    )


def _last(art):
    return art.frame.loc[art.frame["Timestep"] == art.schema.n_steps - 1, "VL"]


def _effects(twins):
    naive = twins["DTG"].patients["Naive at entry"].to_numpy()
    shares = [
        (twins[name].frame["VL"].to_numpy().reshape(len(naive), -1)[naive] < 50).mean(axis=0)
        for name in ("DTG", "EFV")
    ]
    return shares[0] - shares[1]
