"""Exercises of chapter 00: the first three answers, and one about what simulated data can show."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.data import load_cohort, twins
from healthgym_edu.exercises import exercise, expect_choice, expect_number

CHOICES = {
    "A": "agreeing with published figures says nothing about a regimen nobody checked",
    "B": "many simulated people make an interval narrow and the assumption no truer",
    "D": "nobody lived these lives, so nobody's privacy is at stake",
}
"""What is wrong with each wrong choice."""


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
    right=[
        lambda art: art.patients.shape[0],
        lambda art: art.frame["PatientID"].nunique(),
        lambda art: (art.frame["Timestep"] == 0).sum(),
    ],
    wrong=[
        (lambda art: len(art.frame), "this counts rows"),
        (lambda art: art.schema.n_steps, "this counts the months"),
        (lambda art: art.frame["PatientID"].max(), "counting begins at 0"),
        (lambda art: art.frame.shape[1], "this counts columns"),
        (lambda art: art.frame, "one number"),
        (lambda art: str(len(art)), "quotation marks"),
    ],
)
def number_of_people(value, *, art):
    expect_number(
        value,
        len(art),
        0.5,
        "the number of people",
        "the frame has one row per person and month; count people, not months",
        slips={
            "this counts rows": len(art.frame),
            "this counts the months": art.schema.n_steps,
            "this is the last PatientID, and counting begins at 0": len(art) - 1,
            "this counts columns": art.frame.shape[1],
        },
    )


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
    right=[
        lambda art: np.count_nonzero(_month(art, -1).to_numpy() < 50) / len(art),
        lambda art: 1 - _month(art, -1).ge(50).mean(),
        lambda art: art.frame.groupby("PatientID")["VL"].last().lt(50).value_counts(True)[True],
    ],
    wrong=[
        (lambda art: (art.frame["VL"] < 50).mean(), "share of all months"),
        (lambda art: (_month(art, 0) < 50).mean(), "month 0"),
        (lambda art: (_month(art, -1) < 200).mean(), "below 50, not below 200"),
        (lambda art: (_month(art, -1) >= 50).mean(), "share of all the others"),
        (lambda art: 100 * (_month(art, -1) < 50).mean(), "looks like a percentage"),
        (lambda art: (_month(art, -1) < 50).sum(), "a number of people"),
        (lambda art: _month(art, -1) < 50, "one number"),
    ],
)
def suppressed_at_end(value, *, art):
    low = _month(art, -1) < 50
    expect_number(
        value,
        float(low.mean()),
        1e-6,
        "the share of people suppressed",
        "compare VL in the last month alone with 50, and divide by the number of people",
        slips={
            "it is the share of all months": (art.frame["VL"] < 50).mean(),
            "it is the share in month 0": (_month(art, 0) < 50).mean(),
            "suppressed is below 50, not below 200": (_month(art, -1) < 200).mean(),
            "it is a number of people, not yet a share": low.sum(),
        },
    )


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
    right=[
        lambda twins: float(np.subtract(*_shares(twins)[:, 3])),
        lambda twins: _from_tables(twins),
        lambda twins: -(_shares(twins)[1, 3] - _shares(twins)[0, 3]),
    ],
    wrong=[
        (lambda twins: -_effects(twins)[3], "sign is the other way round"),
        (lambda twins: _effects(twins)[2], "month 2"),
        (lambda twins: _effects(twins)[12], "another month"),
        (lambda twins: _effects(twins)[-1], "another month"),
        (lambda twins: _effects(twins)[0], "month 0"),
        (lambda twins: _effects(twins).mean(), "mean of all months"),
        (lambda twins: np.divide(*_shares(twins)[:, 3]), "a ratio"),
        (lambda twins: 1 / np.divide(*_shares(twins)[:, 3]), "a ratio"),
        (lambda twins: np.divide(*_shares(twins)[:, 3]) - 1, "relative to EFV"),
        (lambda twins: _effects(twins, everybody=True)[3], "everybody, not of the starters"),
        (lambda twins: 100 * _effects(twins)[3], "in percentage points"),
        (lambda twins: _shares(twins)[0, 3], "DTG alone"),
        (lambda twins: _shares(twins)[1, 3], "EFV alone"),
        (lambda twins: _effects(twins), "one number"),
    ],
)
def effect_at_month_3(value, *, twins):
    effects, (dtg, efv) = _effects(twins), _shares(twins)[:, 3]
    others = {
        f"it belongs to another month: month {month}": effects[month]
        for month in range(4, len(effects))
    }
    expect_number(
        value,
        float(effects[3]),
        1e-6,
        "the difference of the shares",
        "take both shares three months after the start, starters only",
        slips={
            "it belongs to month 2: the first entry is month 0": effects[2],
            "it is that of everybody, not of the starters": _effects(twins, everybody=True)[3],
            "it is in percentage points; leave the 100 out": 100 * effects[3],
            "it is the share under DTG alone": dtg,
            "it is the share under EFV alone": efv,
            "it is a ratio; subtract one share from the other": dtg / efv,
            "it is a ratio, and DTG minus EFV is asked for": efv / dtg,
            "it is relative to EFV; leave the difference undivided": dtg / efv - 1,
            "it is the mean of all months; take one of them": effects.mean(),
            "it is that of month 0, when the twins do not differ yet": effects[0],
            "it belongs to another month: month 1": effects[1],
            **others,
        },
    )


@exercise(
    "00.what_simulated_data_can_show",
    hint=[
        "Where does the difference between the regimens in the cohort come from?",
        "Somebody typed it in, as a parameter with a source or an assumption.",
    ],
    solution='answer = "C"',
    done="A simulator tests methods; trials and real cohorts test drugs.",
    right=[lambda: "c", lambda: " C ", lambda: np.str_("C"), lambda: "C."],
    wrong=[
        ("A", "agreeing with published figures"),
        ("B", "the assumption no truer"),
        ("D", "nobody's privacy"),
        ("E", "choose one of"),
        (["C"], "give the letter as text, without the list"),
        (("C",), "without the tuple"),
        ({"C"}, "without the set"),
        (lambda: np.array(["C"]), "without the array"),
        (lambda: pd.Series(["C"]), "without the Series"),
        (3, "text in quotation marks"),
    ],
)
def what_simulated_data_can_show(value):
    step = "ask who put the effect into the cohort"
    expect_choice(value, "C", ("A", "B", "C", "D"), "your choice", step, slips=CHOICES)


def _month(art, step):
    """Viral loads in a month; counted from the end, as of a list, where it is below zero."""
    return art.frame.loc[art.frame["Timestep"] == step % art.schema.n_steps, "VL"]


def _shares(twins, everybody=False):
    """Share suppressed of the starters, shape (regimens, months)."""
    naive = twins["DTG"].patients["Naive at entry"].to_numpy() | everybody
    return np.array(
        [
            (twins[name].frame["VL"].to_numpy().reshape(len(naive), -1)[naive] < 50).mean(axis=0)
            for name in ("DTG", "EFV")
        ]
    )


def _effects(twins, everybody=False):
    dtg, efv = _shares(twins, everybody)
    return dtg - efv


def _from_tables(twins):
    """The difference in month 3 by pandas alone."""
    low = {}
    for name, cohort in twins.items():
        rows = cohort.frame[cohort.frame["Timestep"] == 3].set_index("PatientID")
        low[name] = rows.loc[cohort.patients["Naive at entry"], "VL"] < 50
    return pd.DataFrame(low).astype(float).mean().loc[["EFV", "DTG"]].diff().iloc[-1]
