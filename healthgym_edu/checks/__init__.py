"""The exercises and quick questions of each chapter, imported when first needed.

How to write an exercise, ``healthgym_edu/checks/chapter_01.py``::

    from healthgym_edu.data import load_cohort
    from healthgym_edu.exercises import Wrong, exercise, expect_number


    def context():
        \"\"\"What the tests pass to every exercise of this chapter: small, but not trivial.\"\"\"
        return {"art": load_cohort("art_hiv", n_patients=400, seed=1)}


    @exercise(
        "01.suppressed_share",
        hint=[
            "A row is suppressed when its viral load is below 50 copies/mL.",
            "The mean of a yes/no column is the share of yes.",
        ],
        solution="art.frame['VL'].lt(50).mean()",
        done="Most person-months in this cohort are suppressed.",
        right=[
            lambda art: len(art.frame.query("VL < 50")) / len(art.frame),
            lambda art: 1 - art.frame["VL"].ge(50).mean(),
            lambda art: np.mean(art.frame["VL"].to_numpy() < 50),
        ],
        wrong=[
            (lambda art: art.frame["VL"].lt(200).mean(), "below 50, not below 200"),
            (lambda art: art.frame["VL"].lt(50), "one number"),
            (0.5, "count the rows"),
        ],
    )
    def suppressed_share(value, *, art):
        expect_number(
            value, art.frame["VL"].lt(50).mean(), 0.0005, "the share of rows",
            next_step="count the rows with a viral load below 50 copies/mL and divide by all rows",
            slips={"suppressed is below 50, not below 200": art.frame["VL"].lt(200).mean()},
        )

In the chapter: ``from healthgym_edu.checks import ____, check, hint, solution``, then
``share = ____`` and ``check("01.suppressed_share", share, art=art)``. The keyword-only arguments of
the checker are what the learner has to pass; the expected answer is computed from them, so the
exercise holds on any cohort.

- ``solution`` is shown by ``solution(...)`` and is run by the tests: it must stand alone, given
  the keywords (``np``, ``pd``, ``plt`` and ``hg`` are there), and end in the answer: an
  expression, ``name = …``, or ``def name(...)``.
- ``right`` holds at least three right answers written otherwise: callables of the keywords.
- ``wrong`` holds at least three wrong answers, each with a fragment of the message it must get,
  which names the mistake. A callable is called with the keywords; an answer that is a function is
  wrapped, here and in ``right``: ``(lambda art: my_wrong_function, "…")``.
- ``slips`` of a comparison are the mistakes that can be foreseen, and what they come to: of a
  function, another function; of a choice, what is wrong with each.
- Answers that are functions: ``expect_function(value, [((argument, …), expected), …], …)``.
- Answers that are plots: ``expect_axes(value, xlabel="CD4 cells/µL", yscale="log", lines=3)``, in
  which units may be spelt in any usual way; ``expect_line(value, y=...)``; ``expect_bars(value,
  series, ordered=True)`` for which bar stands over which label; ``expect_histogram``.
  ``expected_figure("01.…", art=art)`` in the chapter draws the figure to aim at beside the stub.
- Open exercises, whose answer is a function that learns and predicts: ``ask_about_newcomers`` in
  ``checks/strangers.py`` judges it on people whom nobody can have met.
- A checker may return a sentence to print with *correct*, an accuracy for instance.
- A checker that finds something only it can know raises ``Wrong("what is wrong", "the next
  step")``: two clauses without a full stop, as all ``next_step`` arguments are. The learner reads
  "What is wrong. Next step: the next step."

``tests/test_exercises.py`` tries every exercise on its solution, right answers, wrong answers and
the blank, and refuses hints and messages that tell the answer.

Quick questions stand in ``healthgym_edu/checks/questions_01.py`` in the order of the chapter, where
``question("01.…")`` in a cell of its own asks each one::

    from healthgym_edu.exercises import quick_question

    quick_question(
        "01.who_was_measured",
        "Does it depend on chance alone when somebody is measured?",
        {
            "Yes": "No. A high result brings people back sooner.",
            "No": "Right. A high result brings people back sooner.",
        },
        right="No",
    )
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any

from ..exercises import ____, budget, check, expected_figure, hint, question, solution, use_loader
from ..exercises.questions import Question, declared_questions
from ..exercises.registry import Exercise, registered

__all__ = ["____", "budget", "check", "expected_figure", "hint", "question", "solution"]


def numbers(kind: str = "chapter") -> list[str]:
    """Return the numbers of the chapters that have exercises, as two digits each.

    With ``"questions"``, of those that have quick questions.
    """
    names = (found.name for found in pkgutil.iter_modules(__path__))
    return sorted(name[-2:] for name in names if name.startswith(f"{kind}_"))


def load(number: str, kind: str = "chapter") -> ModuleType | None:
    """Import the checks of a chapter, or its ``"questions"``; None where it has none."""
    if number not in numbers(kind):
        return None
    return importlib.import_module(f"{__name__}.{kind}_{number}")


def exercises(number: str) -> list[Exercise]:
    """Return the exercises of a chapter in the order of their declaration."""
    module = load(number)
    return [] if module is None else registered(module.__name__)


def questions(number: str) -> list[Question]:
    """Return the quick questions of a chapter in the order of their declaration."""
    load(number, "questions")
    return declared_questions(number)


def _load(number: str | None) -> None:
    for kind in ("chapter", "questions"):
        for one in numbers(kind) if number is None else [number]:
            load(one, kind)


use_loader(_load)


@cache
def context(number: str) -> dict[str, Any]:
    """Return what the tests pass to the exercises of a chapter: its ``context()``, made once."""
    make = getattr(load(number), "context", dict)
    return make()
