"""Exercises of chapter 15, from what a table tells too early to a rule of one's own."""

from __future__ import annotations

from healthgym_edu.exercises import exercise, expect_function

from . import answers_15 as answers
from .rule_15 import judge_rule

SEEDS = (1, 2, 3)


@exercise(
    "15.unknown",
    hint=[
        "Begin with the rows of one block, of both tables, with PatientID as index.",
        "`one.align(other, join='inner')` keeps the patients who are in both, in the same order.",
        "`np.isclose(one, other, rtol=0.01)` says where they agree. What is the share of the rest?",
    ],
    solution="""
def unknown(frame, seen, name, block):
    one = frame[frame["Timepoints"] == block].set_index("PatientID")[name]
    other = seen[seen["Timepoints"] == block].set_index("PatientID")[name]
    one, other = one.align(other, join="inner")
    return 1 - np.isclose(one, other, rtol=0.01).mean()
""",
    done="Try it on stays: after two days nearly all is known, but the first day is where much is "
    "decided.",
    right=[
        lambda: answers.unknown_by_merge,
        lambda: answers.unknown_by_loop,
        lambda: answers.unknown_by_index,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.UNKNOWN_SLIPS.items()),
        (lambda: lambda frame, seen, name, block: 0.68, "does it use its arguments?"),
        (lambda: lambda frame, seen, name, block: None, "returned nothing"),
        (0.68, "should be a function"),
    ],
)
def unknown(value):
    asked = [
        (*answers.toy_tables(seed), name, block)
        for seed, name, block in ((1, "Lactate", 0), (2, "BUN", 1), (3, "Lactate", 3))
    ]
    cases = [(one, answers.unknown(*one)) for one in asked]
    step = "compare the same patients at this block, and take the mean of what differs"
    expect_function(value, cases, 1e-6, "your function", step, answers.UNKNOWN_SLIPS)


@exercise(
    "15.weighted",
    hint=[
        "Two kinds of patients, two kinds of weights: `np.where(started, …, …)`.",
        "The probability of what was done is `probability` for those who were started. And for "
        "the others?",
        "`np.average(died[k], weights=weight[k])` is a weighted share; `~started` are the others.",
    ],
    solution="""
def weighted(died, started, probability):
    weight = np.where(started, 1 / probability, 1 / (1 - probability))
    treated, others = (np.average(died[k], weights=weight[k]) for k in (started, ~started))
    return 100 * (treated - others)
""",
    done="Both weighted groups now look like all patients, so they can be compared.",
    right=[
        lambda: answers.weighted_by_sums,
        lambda: answers.weighted_by_regression,
        lambda: answers.weighted_over_all,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.WEIGHTED_SLIPS.items()),
        (lambda: lambda died, started, probability: -0.5, "does it use its arguments?"),
        (lambda: lambda died, started, probability: None, "returned nothing"),
        (lambda: answers.weighted(*answers.toy_arms(1)), "should be a function"),
    ],
)
def weighted(value):
    asked = [answers.toy_arms(seed) for seed in SEEDS]
    cases = [(one, answers.weighted(*one)) for one in asked]
    step = "weight each patient by 1 divided by the probability of what was done"
    over_all = [(one, answers.weighted_over_all(*one)) for one in asked]
    if _agrees(value, over_all):  # Horvitz and Thompson divide by the number of patients
        return
    expect_function(value, cases, 1e-6, "your function", step, answers.WEIGHTED_SLIPS)


def _agrees(value, cases) -> bool:
    """Whether a function gives another right answer in every case."""
    try:
        return all(abs(float(value(*one)) - expected) < 1e-6 for one, expected in cases)
    except Exception:  # what is wrong is named by the comparison that follows
        return False


@exercise(
    "15.careful_step",
    hint=[
        "First find which actions are allowed: an array of True and False, like `counts`.",
        "`counts.sum(axis=1, keepdims=True)` are the decisions of each state, as a column.",
        "Then give the others the value `-np.inf`, and look for the largest in each row.",
    ],
    solution="""
def careful_step(q, counts, share):
    total = counts.sum(axis=1, keepdims=True)
    allowed = (counts >= share * total) & (counts > 0)
    allowed |= counts == counts.max(axis=1, keepdims=True)
    return np.where(allowed, q, -np.inf).argmax(axis=1)
""",
    done="The masks of chapter 16 do the same: they say where the records may be believed.",
    right=[
        lambda: answers.careful_by_loop,
        lambda: answers.careful_by_mask,
        lambda: answers.careful_by_frame,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.CAREFUL_SLIPS.items()),
        (lambda: lambda q, counts, share: None, "returned nothing"),
        (lambda: lambda q, counts: q.argmax(axis=1), "raised"),
        (3, "should be a function"),
    ],
)
def careful_step(value):
    cases = [(one, answers.careful(*one)) for one in map(answers.toy_values, SEEDS)]
    step = "forbid what is too rare in its state with -np.inf, then take the best of each row"
    expect_function(value, cases, 1e-9, "your function", step, answers.CAREFUL_SLIPS)


@exercise(
    "15.disagreement",
    hint=[
        "`q_one.argmax(axis=1)` is the action that the first one chooses in each state.",
        "You have an answer for each state. `differ[state]` gives one for each decision.",
    ],
    solution="""
def disagreement(q_one, q_other, state):
    differ = q_one.argmax(axis=1) != q_other.argmax(axis=1)
    return differ[state].mean()
""",
    done="Try it on `agent.q_` and on `changed['reward: published'].q_`: the data are the same, "
    "and only what is paid differs.",
    right=[
        lambda: answers.disagreement_by_rows,
        lambda: answers.disagreement_by_counts,
        lambda: answers.disagreement_by_loop,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.DISAGREEMENT_SLIPS.items()),
        (lambda: lambda q_one, q_other, state: 0.5, "does it use its arguments?"),
        (lambda: lambda q_one, q_other, state: None, "returned nothing"),
        (0.5, "should be a function"),
    ],
)
def disagreement(value):
    cases = [(one, answers.disagreement(*one)) for one in map(answers.toy_pair, SEEDS)]
    step = "compare the chosen action of each state, then count decisions"
    expect_function(value, cases, 1e-6, "your function", step, answers.DISAGREEMENT_SLIPS)


@exercise(
    "15.rule",
    hint=[
        "Begin with the vasopressor: up where `MeanBP of late` is below 65, down where it is high, "
        "and else hold. `np.select` writes all three in one line.",
        "Then the fluid: some where pressure is low or lactate high, and little where `balance` "
        "says that much was given already.",
        'Put each pair together as a label: f"fluid {one}, vasopressor {other}".',
    ],
    solution="""
def rule(seen):
    pressure = seen["MeanBP of late"]
    dose = np.select([pressure < 65, pressure > 71], ["up", "down"], "hold")
    thirsty = ((pressure < 70) | (seen["Lactate"] > 2.5)) & (seen["balance"] < 1)
    fluid = np.where(thirsty, "181-530", "1-180")
    return [f"fluid {one}, vasopressor {other}" for one, other in zip(fluid, dose, strict=True)]
""",
    done="A rule of a few lines can be read, discussed and corrected. Can the agent's?",
    right=[
        lambda: answers.like_the_guideline,
        lambda: answers.row_by_row,
        lambda: answers.only_the_dose,
    ],
    wrong=[
        (lambda: answers.never, "does the same for everybody"),
        (lambda: answers.always_more, "does the same for everybody"),
        (lambda: answers.turned_round, "harms"),
        (lambda: answers.too_late, "of the clinicians"),
        (lambda: answers.too_dry, "of the clinicians"),
        (lambda: answers.looks_at_the_future, "KeyError"),
        (lambda: answers.absolute, "is no action here"),
        (lambda: answers.one_label, "a single answer"),
        (lambda: answers.too_few, "labels for"),
        (lambda: lambda seen: None, "returned nothing"),
        (lambda: lambda seen, future: None, "raised"),
        (0.2, "without parentheses"),
    ],
)
def rule(value):
    return judge_rule(value)
