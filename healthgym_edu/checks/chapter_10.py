"""Exercises of chapter 10: from a penalty to what a GAN gets wrong."""

from __future__ import annotations

import numpy as np

from healthgym_edu.exercises import Wrong, budget, exercise, expect_function, expect_number

from . import answers_10 as answers
from . import penalty_10 as penalty
from .faults_10 import ADVICE, MISSING, NOTHING, NUMBERS, REGIMENS, STATICS, judged
from .strangers import seed_of_a_check

SEED_WHEN_STRICT = 100_421
"""Simulates the people of the last exercise in tests, which have to be the same in every run."""


def context():
    """What the tests pass to the exercises: a critic's gap without a critic."""
    return {"gap_after": lambda moves: 0.0031 * moves**2.17}


@exercise(
    "10.one_sided",
    hint=[
        "Begin with the lines of `penalty`. Only the last one has to change.",
        "`(length - 1).clamp(min=0)` is what is above 1, and 0 elsewhere.",
    ],
    solution=penalty.SOLUTION,
    done="Both kinds are in use. The published method punishes both sides.",
    right=[lambda: penalty.by_relu, lambda: penalty.by_parts, lambda: penalty.by_lerp],
    wrong=penalty.WRONG,
)
def one_sided(value):
    return penalty.judged(value)


@exercise(
    "10.times_as_large",
    hint=[
        "`gap_after(30)` is the gap after 30 moves.",
        "Divide it by `gap_after(10)`.",
    ],
    solution="""
times_as_large = gap_after(30) / gap_after(10)
""",
    done="Nobody changed but the critic.",
    right=[
        lambda gap_after: np.divide(gap_after(30), gap_after(10)),
        lambda gap_after: 1 / (gap_after(10) / gap_after(30)),
        lambda gap_after: np.float32(np.exp(np.log(gap_after(30)) - np.log(gap_after(10)))),
    ],
    wrong=[
        (lambda gap_after: gap_after(10) / gap_after(30), "other way round"),
        (lambda gap_after: gap_after(30) - gap_after(10), "a difference"),
        (lambda gap_after: gap_after(30), "after 30 moves itself"),
        (lambda gap_after: gap_after(10), "after 10 moves itself"),
        (lambda gap_after: gap_after(30) / gap_after(10) - 1, "by how much"),
        (3.0, "number of moves"),
        (lambda gap_after: gap_after, "a function arrived"),
    ],
)
def times_as_large(value, *, gap_after):
    early, late = gap_after(10), gap_after(30)
    slips = {
        "it is the other way round": early / late,
        "it is a difference; divide": late - early,
        "it is the gap after 30 moves itself; divide it by the other": late,
        "it is the gap after 10 moves itself; divide the other by it": early,
        "it says by how much it grew, not how many times as large it is": late / early - 1,
        "this is the number of moves, three times as many": 3.0,
    }
    right = late / early
    step = "call gap_after with 30 and with 10, and divide"
    expect_number(value, right, 1e-4 * abs(right), "the number", step, slips=slips)


def _draws():
    """Logarithms of chances, with luck that is one for all months, or one for each."""
    rng, cases = np.random.default_rng(10), []
    for people, months, levels in ((4, 5, 3), (40, 12, 4), (25, 30, 2)):
        moving = rng.normal(0, 1.5, (people, months, levels)).cumsum(axis=1) / 2
        cases.append((moving, rng.random((people, 1, levels))))
        cases.append((moving, rng.random((people, months, levels))))
    chance = np.log(np.tile([0.7, 0.2, 0.1], (30, 20, 1)))
    cases.append((chance, rng.random((30, 1, 3))))
    return [(case, float(answers.switch_rate(*case))) for case in cases]


@exercise(
    "10.switch_rate",
    hint=[
        "`-np.log(-np.log(luck))` is the Gumbel noise. Add it to the logarithms.",
        "`.argmax(axis=2)` takes the level with the largest sum, for each person and month.",
        "Compare `levels[:, 1:]` with `levels[:, :-1]`; the mean of True and False is a share.",
    ],
    solution="""
def switch_rate(log_chance, luck):
    levels = (log_chance - np.log(-np.log(luck))).argmax(axis=2)
    return (levels[:, 1:] != levels[:, :-1]).mean()
""",
    done="With one draw of luck, a label changes only when its chances do.",
    right=[lambda: answers.by_loop, lambda: answers.by_race, lambda: answers.by_frame],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.SWITCH_SLIPS.items()),
        (lambda: lambda log_chance, luck: 0.46, "does it use its arguments?"),
        (lambda: lambda log_chance, luck: answers.levels_of(log_chance, luck), "one number"),
        (lambda: lambda log_chance, luck: None, "returned nothing"),
        (lambda: answers.by_torch, "leave torch out"),
        (lambda: answers.torch_on_numpy, "leave torch out"),
    ],
)
def switch_rate(value):
    step = "add the noise, take the largest, and compare each month with the one before"
    slips = answers.SWITCH_SLIPS
    _refuse_torch(value)
    expect_function(value, _draws(), 1e-9, "your function", step, slips=slips)


def _refuse_torch(value):
    """The arguments are arrays of NumPy, and so is what a mean of them gives."""
    if not callable(value):
        return
    told = Wrong("your function works with tensors", "leave torch out: np.log, .argmax and .mean")
    (arguments, _), *_ = _draws()
    try:
        result = value(*arguments)
    except TypeError as error:
        if "Tensor" in str(error):
            raise told from error
    except Exception:  # named by expect_function
        return
    else:
        if type(result).__module__.startswith("torch"):
            raise told


@exercise(
    "10.what_is_wrong",
    hint=[
        "One question for each fault: is a common label never there? Does sex or ethnicity ever "
        "change? Do the drugs change more often? Do the numbers move further in a month?",
        "Rows stand by person and month. `frame['PatientID'].duplicated()` is True where the row "
        "before is of the same person; `.diff()[later]` and `labels.ne(labels.shift())[later]` "
        "compare with it, if you call this `later`.",
        "Two fresh groups differ as well. So ask for a factor, such as 1.5, and not for equality.",
    ],
    solution=answers.SOLUTION,
    done="These tables had one fault each. A real one may have several: what_is_wrong(fresh.frame, "
    "made.frame) names only the first that your function looks for.",
    right=[lambda: answers.by_memory, lambda: answers.by_people, lambda: answers.by_order],
    wrong=[
        (lambda: lambda real, made: NOTHING, "of all 12 cohorts"),
        (lambda: lambda real, made: NUMBERS, "of all 12 cohorts"),
        (lambda: answers.marginals_alone, "verdicts are right"),
        (lambda: answers.by_p_value, "with whom nothing is wrong"),
        *((lambda fault=fault: answers.without(fault), ADVICE[fault])
          for fault in (MISSING, NUMBERS, REGIMENS, STATICS)),
        (lambda: lambda real, made: "all fine", "return one of"),
        (lambda: lambda real, made: [NOTHING], "not one text"),
        (lambda: lambda real, made: None, "returned nothing"),
        (lambda: lambda real, made: made["Sex"], "KeyError"),
        ("nothing", "without parentheses"),
    ],
)  # fmt: skip
def what_is_wrong(value):
    size = budget(200, quick=150)
    return judged(value, size, seed_of_a_check(SEED_WHEN_STRICT))
