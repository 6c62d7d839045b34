"""Exercises of chapter 14, from one number of an attack to an attack of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from healthgym_edu.exercises import NotAttempted, Wrong, exercise, expect_function, expect_number
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_14 as answers
from . import decisions_14 as decisions
from .attack_14 import judge_attack
from .words_14 import read_decision


def context() -> dict[str, Any]:
    """What the tests pass to the exercises: suspicion as in the chapter, and the findings."""
    rng = np.random.default_rng(14)
    strangers = -rng.gamma(6, 1.0, 1000)
    drawn = rng.random(1000) < 0.4
    members = np.where(drawn, -rng.gamma(3, 0.5, 1000), -rng.gamma(6, 1.0, 1000))
    return {"of_members": members, "of_strangers": strangers, "evidence": decisions.FINDINGS}


@exercise(
    "14.found_at_5",
    hint=[
        "`judged` takes the share of false alarms as its third argument.",
        "`found` is a share of the members. How many people is that?",
    ],
    solution="""
bar = np.quantile(of_strangers, 0.95, method="higher")
found_at_5 = (of_members > bar).sum()
""",
    done="Five times the false alarms find few more members: most were far from all strangers.",
    right=[answers.found_count, answers.found_by_sorting, answers.found_by_ranks],
    wrong=[
        (
            lambda of_members, of_strangers: answers.found_count(of_members, of_strangers, 0.01),
            "1 in",
        ),
        (
            lambda of_members, of_strangers: answers.found_count(of_members, of_strangers, 0.5),
            "half",
        ),
        (
            lambda of_members, of_strangers: answers.found_count(of_members, of_strangers) / 1000,
            "share of the members",
        ),
        (
            lambda of_members, of_strangers: answers.found_count(of_members, of_strangers) / 10,
            "per cent",
        ),
        (
            lambda of_members, of_strangers: 1000 - answers.found_count(of_members, of_strangers),
            "not found",
        ),
        (
            lambda of_members, of_strangers: answers.found_count(of_members, of_members),
            "bar was taken from the members",
        ),
        (
            lambda of_members, of_strangers: answers.found_count(of_strangers, of_strangers),
            "strangers",
        ),
        (
            lambda of_members, of_strangers: answers.found_count(of_members, of_strangers, 0.95),
            "wrong end",
        ),
        (
            lambda of_members, of_strangers: answers.found_count(
                of_members, np.concatenate([of_members, of_strangers])
            ),
            "together",
        ),
        (lambda of_members, of_strangers: of_members, "one number"),
    ],
)
def found_at_5(value, *, of_members, of_strangers):
    right = answers.found_count(of_members, of_strangers)
    slips = {
        "this is with 1 in 100 false alarms; 5 in 100 were asked": (
            answers.found_count(of_members, of_strangers, 0.01)
        ),
        "this is with half of the strangers accused": (
            answers.found_count(of_members, of_strangers, 0.5)
        ),
        "these members are not found; count those above the bar": len(of_members) - right,
        "these are 5 in 100: the bar was taken from the members, or strangers were counted": (
            answers.found_count(of_members, of_members)
        ),
        "the bar was taken from members and strangers together; only strangers set it": (
            answers.found_count(of_members, np.concatenate([of_members, of_strangers]))
        ),
        "the bar is at the wrong end: 95 in 100 strangers are accused": (
            answers.found_count(of_members, of_strangers, 0.95)
        ),
    }
    number = float(value) if isinstance(value, (int, float, np.number)) else np.nan
    for what, scale in (("a share of the members", 1), ("per cent of the members", 100)):
        if abs(number - scale * right / len(of_members)) < 0.003 * scale:
            raise Wrong(f"this is {what}; how many people is that?")
    step = "set the bar so that 5 in 100 strangers lie above it, and count the members who do"
    expect_number(value, right, 2.5, "the number of members", step, slips)


@exercise(
    "14.how_sure",
    hint=[
        "Imagine 10,000 people in the city. How many of them are members, and how many strangers?",
        "Count the members whom the attack names, then the strangers whom it names by mistake.",
        "Those who are named are both together.",
    ],
    solution="""
def how_sure(found, alarms, share):
    named_members = found * share
    named_strangers = alarms * (1 - share)
    return named_members / (named_members + named_strangers)
""",
    done="In the city it is about one half: where members are few, 1 % false alarms are many.",
    right=[
        lambda: answers.sure_by_counting,
        lambda: answers.sure_by_odds,
        lambda: answers.sure_backwards,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.SURE_SLIPS.items()),
        (
            lambda: lambda found, alarms, share: 100 * answers.how_sure(found, alarms, share),
            "per cent",
        ),
        (lambda: lambda found, alarms, share: 0.505, "does it use its arguments?"),
        (lambda: lambda found, alarms, share: None, "returned nothing"),
        (lambda: lambda found, alarms: found, "raised"),
        (0.5051, "should be a function"),
    ],
)
def how_sure(value):
    asked = [(0.5, 0.01, 0.02), (0.6, 0.05, 0.3), (0.9, 0.001, 0.001), (0.2, 0.02, 0.7)]
    cases = [(one, answers.how_sure(*one)) for one in asked]
    slips = answers.SURE_SLIPS | {
        "it is per cent; give a share between 0 and 1": (
            lambda found, alarms, share: 100 * answers.how_sure(found, alarms, share)
        )
    }
    step = "divide the members who are named by all who are named"
    expect_function(value, cases, 1e-6, "your function", step, slips)


@exercise(
    "14.found_in_groups",
    hint=[
        "Do what `judged` does, once for each group in `np.unique(group_of_members)`.",
        "`of_strangers[group_of_strangers == group]` are the strangers of one group; the bar is "
        "their 99 % quantile.",
        "Collect the shares in a dictionary, and return `pd.Series(…)` of it.",
    ],
    solution="""
def found_in_groups(of_members, of_strangers, group_of_members, group_of_strangers):
    shares = {}
    for group in np.unique(group_of_members):
        bar = np.quantile(of_strangers[group_of_strangers == group], 0.99, method="higher")
        shares[group] = (of_members[group_of_members == group] > bar).mean()
    return pd.Series(shares)
""",
    done="A table is as safe as for the group that it exposes most.",
    right=[
        lambda: answers.in_groups_by_pandas,
        lambda: answers.in_groups_backwards,
        lambda: answers.in_groups_as_table,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.GROUP_SLIPS.items()),
        (lambda: lambda *four: answers.in_groups(*four).to_numpy(), "name each share by its group"),
        (lambda: lambda *four: answers.in_groups(*four).iloc[:2], "name each share by its group"),
        (lambda: lambda *four: answers.in_groups(*four).mean(), "name each share by its group"),
        (lambda: lambda *four: answers.in_groups(*four).astype(str), "should be numbers"),
        (lambda: lambda *four: None, "returned nothing"),
        (lambda: answers.in_groups(*answers.toy_groups(1)), "should be a function"),
    ],
)
def found_in_groups(value):
    cases = [(arguments, _told(answers.in_groups(*arguments))) for arguments in _toys()]
    answer = value
    if callable(value) and not is_blank(value):
        for arguments, expected in cases:
            _require_groups(value, arguments, len(expected))
        answer = lambda *four: _told(value(*four))  # noqa: E731
    slips = {
        slip: lambda *four, wrong=wrong: _told(wrong(*four))
        for slip, wrong in answers.GROUP_SLIPS.items()
    }
    step = "for each group, set the bar by its own strangers; then the share of its members above"
    expect_function(answer, cases, 0.001, "your function", step, slips)


def _toys() -> list[tuple]:
    return [answers.toy_groups(seed) for seed in (1, 2)]


def _told(found: Any) -> Any:
    """The shares in the order of the groups."""
    if found is None or is_blank(found):
        return found
    found = found.iloc[:, 0] if isinstance(found, pd.DataFrame) else pd.Series(found)
    return found.sort_index().to_numpy(float)


def _require_groups(value: Any, arguments: tuple, n_groups: int) -> None:
    try:
        found = value(*arguments)
    except Exception:  # named by what compares
        return
    if found is None or is_blank(found):
        return
    found = pd.Series(found) if isinstance(found, dict) else found
    named = isinstance(found, (pd.Series, pd.DataFrame))
    if not named or len(found) != n_groups or set(found.index) != set(arguments[2]):
        raise Wrong("name each share by its group", "return pd.Series({group: share, …})")
    if isinstance(found, pd.Series) and not pd.api.types.is_numeric_dtype(found):
        raise Wrong("the shares should be numbers, not text")


@exercise(
    "14.decision",
    hint=[
        "Begin with the decision. Somebody who reads one sentence should know what to do.",
        "Copy three numbers from `evidence`: what an attack finds, what an analysis loses.",
        "Then: who is exposed most, what nobody tried, and what has to happen before you would "
        "decide otherwise.",
    ],
    solution='decision = """' + decisions.REFUSAL + '"""',
    done="Give it to somebody who was not here. Would they know what to do, and why?",
    right=[lambda evidence, text=text: text for text in decisions.RIGHT],
    wrong=[*decisions.WRONG, (42, "quotation marks")],
)
def decision(value, *, evidence):
    if is_blank(value):
        raise NotAttempted
    read_decision(value, evidence)


@exercise(
    "14.attack",
    hint=[
        "Begin with the attack of section 2, written for tables: a row of numbers for each person, "
        "then the distance to the nearest row of `synthetic`.",
        "The noise was drawn for each column alone. What do you gain from a column more?",
        "Scale each column by its spread in `holdout`, on the logarithmic scale.",
    ],
    solution="""
from scipy.spatial.distance import cdist

def attack(synthetic, holdout, asked):
    columns = ["VL", "CD4", "Rel CD4"]
    scale = np.log(holdout[columns]).std()

    def courses(frame):
        months = [frame["PatientID"], frame["Timestep"]]
        return (np.log(frame[columns]) / scale).set_index(months).unstack()

    rows = courses(asked)
    return pd.Series(-cdist(rows, courses(synthetic)).min(axis=1), rows.index)
""",
    done="So the audit of section 6 was too kind: it is a lower bound for what others may find.",
    right=[
        lambda: answers.nearest_by(["Rel CD4", "CD4", "VL"], smooth=3),
        lambda: answers.by_kernel,
        lambda: answers.by_loop,
    ],
    wrong=[
        (lambda: answers.nearest_by(["VL", "CD4"]), "leave out"),
        (lambda: answers.nearest_by(["CD4"]), "leave out"),
        (lambda: answers.without_logarithm, "leave out"),
        (lambda: answers.turned_round, "other way round"),
        (lambda: answers.same_for_all, "the same of everybody"),
        (lambda: answers.by_number, "leave out"),
        (lambda: answers.by_order, "leave out"),
        (lambda: answers.of_the_table, "names no person"),
        (lambda: answers.as_array, "Series"),
        (lambda: answers.half, "each person"),
        (lambda: answers.nothing, "returned nothing"),
        (lambda: answers.by_rows, "somebody twice"),
        (lambda: answers.looks_up, "KeyError"),
        (lambda: lambda synthetic, asked: None, "three tables"),
        (0.8, "without parentheses"),
    ],
)
def attack(value):
    return judge_attack(value)
