"""The reviewer's game of chapter 17: six finished analyses, each with one flaw."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from healthgym_edu.data import Cohort, load_cohort
from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.placeholder import is_blank

from . import analyses_17 as analyses
from .weights_17 import Estimate

FLAWS = {
    "leak": "something that was known or done only later is used at a decision",
    "immortal time": "patients count as treated because they lived long enough to be",
    "unsupported": "the records hardly show what the policy does",
    "alive only": "patients lose their weight when they die",
    "training patients": "the policy learned from the patients on whom it is judged",
    "confounding": "the clinicians saw what the chart does not show",
}
"""What can be wrong, in the learner's words and ours."""

REPORTS = {
    "A": ("bolus_first", "A bolus of 500 mL or more at hour 0, then as usual",
          "Probabilities: recorded. No model."),
    "B": ("a_little_guideline", "The guideline in 5 % of the decisions, at random",
          "Probabilities: recorded. No model."),
    "C": ("more_boluses", "As usual, with three times the odds of a bolus of 500 mL or more",
          "Probabilities: learned from the chart, by boosted trees."),
    "D": ("by_the_guideline", "The guideline in every decision",
          "Probabilities: recorded. No model."),
    "E": ("learned_preference", "As usual, leaning to the actions with the best outlook",
          "Probabilities: recorded. The outlook: learned by boosted trees."),
    "F": ("sharper_care", "Usual care, to the power 1.2",
          "Probabilities: learned from the table of the study, by boosted trees."),
}  # fmt: skip
"""Function, claim and methods of each report, in an order that says nothing."""

KEY = dict(zip("ABCDEF", ("immortal time", "alive only", "confounding", "unsupported",
                          "training patients", "leak"), strict=True))  # fmt: skip
LOOK = {
    "A": "write down one patient who dies in hour 6, and ask in which group that patient can be",
    "B": "follow the code by hand for a patient with 3 decisions, where the others have 12",
    "C": "ask why two patients with the same chart were treated differently",
    "D": "compute the mean of the weights, and what it should be",
    "E": "ask in which line the policy meets the patients for the first time",
    "F": "print one row of the table beside the same row of cohort.seen and cohort.decisions",
}
"""Where to look next, by report, without naming the flaw."""


@dataclass(frozen=True)
class Review:
    """A finished analysis, as it would stand in a paper and its supplement."""

    letter: str
    claim: str
    methods: str
    code: str
    estimate: Estimate
    cohort: Cohort = field(repr=False)

    def _repr_markdown_(self) -> str:
        return (
            f"**Report {self.letter}. {self.claim}.** {self.methods} "
            f"*Estimated value: {self.estimate}, {self.worth}.*\n\n```python\n{self.code}```"
        )

    def __str__(self) -> str:
        return (
            f"Report {self.letter}. {self.claim}. {self.methods}\n"
            f"Estimated value: {self.estimate}, {self.worth}\n{self.code}"
        )

    @property
    def worth(self) -> str:
        """The effective sample size."""
        return f"effective sample size {self.estimate.size:,.0f} of {len(self.cohort):,}"


def six_reviews(seed: int = 1, n_patients: int = 3000) -> dict[str, Review]:
    """Return the six reports by letter, each computed from simulated patients of its hospital."""
    usual = load_cohort("hypotension", n_patients=n_patients, seed=seed)
    hidden = load_cohort("hypotension", n_patients=n_patients, seed=seed, confounded="strong")
    made = {}
    for letter, (name, claim, methods) in REPORTS.items():
        analysis = getattr(analyses, name)
        cohort = hidden if KEY[letter] == "confounding" else usual
        code = inspect.getsource(analysis)
        made[letter] = Review(letter, claim, methods, code, analysis(cohort), cohort)
    return made


def judge_reviews(value: Any) -> str:
    """Compare the flaws that a reviewer found with those that are there.

    Raises
    ------
    Wrong, NotAttempted
    """
    found = _read(value)
    wrong = [letter for letter in KEY if found[letter] != KEY[letter]]
    if not wrong:
        return "All six are found. Now see what each flaw did to its estimate."
    several = [flaw for flaw in FLAWS if list(found.values()).count(flaw) > 1]
    told = f"{6 - len(wrong)} of 6 are right"
    if several and len(wrong) > 1:
        told += f", and you name {several[0]!r} more than once, but each report has its own flaw"
    raise Wrong(told, f"read report {wrong[0]} again: {LOOK[wrong[0]]}")


def _read(value: Any) -> dict[str, str]:
    if is_blank(value):
        raise NotAttempted
    form = 'give a dict such as {"A": "leak", "B": …}, with the letters A to F'
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if not isinstance(value, Mapping):
        raise Wrong("your answer is no dict", form)
    if any(is_blank(one) for one in value.values()):
        raise NotAttempted
    plain = {str(letter).strip().upper(): one for letter, one in value.items()}
    if set(plain) != set(KEY):
        raise Wrong(f"your dict has the keys {', '.join(sorted(plain))}", form)
    words = {}
    for letter, one in plain.items():
        name = str(one).strip().lower().replace("_", " ").replace("-", " ")
        if name not in FLAWS:
            raise Wrong(f"{one!r:.40} is none of the six flaws", f"they are {', '.join(FLAWS)}")
        words[letter] = name
    return words


def settled(flaws: Any, reviews: Mapping[str, Review]) -> pd.DataFrame | str:
    """Return each report beside an honest analysis and the truth, once all flaws are found.

    Parameters
    ----------
    flaws : dict
        The reviewer's answer, flaw by letter.
    reviews : mapping
        What `six_reviews` made.
    """
    try:
        judge_reviews(flaws)
    except (Wrong, NotAttempted):
        return "The honest estimates appear here once you have found all six flaws."
    return compared(reviews)


def compared(
    reviews: Mapping[str, Review], truth: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return each report's estimate beside an honest one, and the truth; computed if not given."""
    by_flaw = {KEY[letter]: one for letter, one in reviews.items()}
    if truth is None:
        truth = analyses.true_values(by_flaw["leak"].cohort, by_flaw["confounding"].cohort)
    rows = {}
    for letter, one in reviews.items():
        flaw = KEY[letter]
        instead, honest = analyses.HONEST[flaw][0], analyses.HONEST[flaw][1](one.cohort)
        rows[letter] = {
            "flaw": flaw, "report": one.estimate.value, "honest": honest.value,
            "error": honest.error, "truth": truth[flaw],
            "shift (errors)": (one.estimate.value - honest.value) / honest.error,
            "what was done instead": instead,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("letter").round(2)
