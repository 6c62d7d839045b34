"""Exercises of chapter 17, from a weighted mean to a rule that says which estimates to believe."""

from __future__ import annotations

from typing import Any

import numpy as np

from healthgym_edu import rl
from healthgym_edu.data import load_cohort
from healthgym_edu.engine import temper
from healthgym_edu.exercises import NotAttempted, exercise, expect_function, expect_number
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_17 as answers
from . import rules_17 as rules
from .judging_17 import judge_believe
from .reviews_17 import KEY, judge_reviews


def context() -> dict[str, Any]:
    """What the tests pass to the exercises: records of a small hospital."""
    cohort = load_cohort("hypotension", n_patients=1500, seed=17)
    return {"batch": rl.transitions(cohort, features="few")}


@exercise(
    "17.weighted",
    hint=[
        "`pd.Series(ratio).groupby(patient).cumcount()` numbers the decisions of each patient: "
        "0, 1, 2 and so on. Keep those below k.",
        "Of those, each patient has a product of ratios, and a sum of rewards.",
        "Weights times sums, added up, divided by the sum of the weights.",
    ],
    solution="""
def weighted(patient, ratio, reward, k):
    rows = pd.DataFrame({"patient": patient, "ratio": ratio, "reward": reward})
    first = rows.groupby("patient").head(k).groupby("patient")
    weight, early = first["ratio"].prod(), first["reward"].sum()
    return (weight * early).sum() / weight.sum()
""",
    done="Patients who died early are in it with the weight that they had.",
    right=[
        lambda: answers.weighted_by_loop,
        lambda: answers.weighted_by_table,
        lambda: answers.weighted_by_wide,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.WEIGHTED_SLIPS.items()),
        (lambda: lambda patient, ratio, reward, k: -2.0, "does it use its arguments?"),
        (lambda: lambda patient, ratio, reward, k: None, "returned nothing"),
    ],
)
def weighted(value):
    rng = np.random.default_rng(17)
    toy = np.array([3, 3, 5, 8, 8, 8]), np.array([2.0, 0.5, 3.0, 0.5, 0.5, 2.0])
    asked = [(*toy, np.array([-1.0, -2.0, -6.0, 0.0, -1.0, -3.0]), 2)]
    for n, k in ((20, 3), (60, 4), (40, 2)):
        length = rng.integers(1, 7, n)
        patient = np.repeat(np.sort(rng.choice(500, n, replace=False)), length)
        ratio = np.where(rng.random(len(patient)) < 0.1, 0.0, rng.gamma(2, 0.5, len(patient)))
        reward = -rng.gamma(1, 1, len(patient)) - 5 * (np.repeat(length, length) == 1)
        asked.append((patient, ratio, reward, k))
    cases = [(one, answers.weighted_early(*one)) for one in asked]
    step = "of the first k decisions, a product and a sum for each patient; then a weighted mean"
    expect_function(value, cases, 1e-9, "your function", step, slips=answers.WEIGHTED_SLIPS)


@exercise(
    "17.ess",
    hint=[
        "Above: the sum of the weights, and its square. Below: the square of each weight, and "
        "their sum.",
        "For ten equal weights it must give 10, and 1 if only one of them is not 0.",
    ],
    solution="""
def ess(weight):
    return weight.sum() ** 2 / (weight**2).sum()
""",
    done="Print it next to every estimate.",
    right=[
        lambda: answers.ess_by_shares,
        lambda: answers.ess_by_loop,
        lambda: answers.ess_by_variance,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.ESS_SLIPS.items()),
        (lambda: lambda weight: 100.0, "does it use its arguments?"),
        (lambda: lambda weight: None, "returned nothing"),
    ],
)
def ess(value):
    rng = np.random.default_rng(17)
    asked = [np.array([1.0, 1.0, 2.0, 0.0]), rng.gamma(0.5, 2.0, 40), np.full(7, 3.0)]
    cases = [((one,), answers.ess(one)) for one in asked]
    step = "the square of the sum, divided by the sum of the squares"
    expect_function(value, cases, 1e-9, "your function", step, slips=answers.ESS_SLIPS)


@exercise(
    "17.smallest_power",
    hint=[
        'The policy is `hg.temper("clinician", power)`; '
        "`hg.rl.evaluate(batch, policy, n_bootstrap=20)` is enough, as verdicts need no interval.",
        'Of each, look at `["WIS"].refused`, in a loop that goes upwards.',
    ],
    solution="""
for power in (1.5, 2, 2.5, 3, 3.5, 4):
    policy = hg.temper("clinician", power)
    if hg.rl.evaluate(batch, policy, n_bootstrap=20)["WIS"].refused:
        break
smallest_power = power
""",
    done="From here on, these records cannot say what more consistent care is worth.",
    right=[
        answers.smallest_power,
        lambda batch: float(answers.smallest_power(batch, "IS")),
        lambda batch: np.float64(answers.smallest_by_rules(batch)),
    ],
    wrong=[
        (lambda batch: answers.largest_let_through(batch), "largest power that is let through"),
        (lambda batch: 1 / answers.smallest_power(batch), "less consistent"),
        (lambda batch: 1.0, "clinicians themselves"),
        (lambda batch: answers.POWERS[-1] + 1, "other than"),
        (lambda batch: temper("clinician", 2), "number"),
    ],
)
def smallest_power(value, *, batch):
    expected = answers.smallest_by_rules(batch)
    slips = {
        "it is the largest power that is let through; one more step": (
            answers.POWERS[max(answers.POWERS.index(expected) - 1, 0)]
        ),
        "a power below 1 makes care less consistent; take those asked about": 1 / expected,
        "it is the clinicians themselves; begin with 1.5": 1.0,
        "it is a power other than those asked about": answers.POWERS[-1] + 1,
    }
    step = "go through the powers from the smallest, and stop at the first that WIS refuses"
    expect_number(value, expected, 1e-9, "the power", step, slips=slips)


@exercise(
    "17.reviews",
    hint=[
        "Read what happens to three patients in each code: one who dies early, one who is treated "
        "late, one who is never treated.",
        "Ask of each table that enters a model: was this row known at the decision?",
        "Ask of each policy: whom did it meet before, and did clinicians ever do what it does?",
    ],
    solution="""
flaws = {"A": "immortal time", "B": "alive only", "C": "confounding",
         "D": "unsupported", "E": "training patients", "F": "leak"}
""",
    done="A reviewer who reads the code finds what no confidence interval shows.",
    right=[
        lambda: dict(KEY),
        lambda: {letter.lower(): flaw.upper() for letter, flaw in KEY.items()},
        lambda: {letter: flaw.replace(" ", "_") for letter, flaw in reversed(KEY.items())},
    ],
    wrong=[
        (lambda: KEY | {"A": "leak", "F": "immortal time"}, "read report A again"),
        (lambda: KEY | {"B": "leak", "F": "alive only"}, "3 decisions"),
        (lambda: KEY | {"C": "leak", "F": "confounding"}, "same chart"),
        (lambda: KEY | {"D": "alive only", "B": "unsupported"}, "4 of 6"),
        (lambda: KEY | {"D": "alive only"}, "mean of the weights"),
        (lambda: KEY | {"E": "leak"}, "first time"),
        (lambda: KEY | {"F": "confounding"}, "same row"),
        (lambda: dict.fromkeys("ABCDEF", "leak"), "more than once"),
        (lambda: {"A": "leak"}, "keys A"),
        (lambda: KEY | {"A": "p-hacking"}, "none of the six"),
        (lambda: list(KEY.values()), "no dict"),
    ],
)
def reviews(value):
    return judge_reviews(value)


@exercise(
    "17.believe",
    hint=[
        "`batch.behaviour_probability` and your target give a ratio at each decision, as in "
        "section 2. Make one weight a patient.",
        "You know three numbers that say something of these weights. Ask what each should be.",
        "Write a rule for each of the three, and print which of them refuses the guideline of "
        "section 6, and which lets 10 % of it through.",
    ],
    solution=rules.SOLUTION,
    done="Your rule is a checklist. Print it beside the next estimate that you publish.",
    right=[lambda: rules.by_package, lambda: rules.by_shares, lambda: rules.by_loop],
    wrong=rules.WRONG,
)
def believe(value):
    if is_blank(value):
        raise NotAttempted
    return judge_believe(value)
