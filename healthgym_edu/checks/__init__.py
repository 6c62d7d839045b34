"""The exercises of each chapter, one module ``chapter_NN`` each, imported when first needed.

How to write one, ``healthgym_edu/checks/chapter_01.py``::

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
        wrong=[
            (lambda art: art.frame["VL"].lt(200).mean(), "below 50 copies/mL"),
            (lambda art: art.frame["VL"].lt(50), "one number"),
            (0.5, "share of rows"),
        ],
    )
    def suppressed_share(value, *, art):
        low = art.frame["VL"].lt(50).mean()
        expect_number(
            value, low, 0.0005, "the share of rows",
            next_step="count the rows with a viral load below 50 copies/mL and divide by all rows",
        )

In the chapter: ``from healthgym_edu.checks import ____, check, hint, solution``, then
``share = ____`` and ``check("01.suppressed_share", share, art=art)``. The keyword-only arguments of
the checker are what the learner has to pass; the expected answer is computed from them, so the
exercise holds on any cohort.

- ``solution`` is shown by ``solution(...)`` and is run by the tests: it must stand alone, given
  the keywords (``np``, ``pd``, ``plt`` and ``hg`` are there), and end in the answer: an
  expression, ``name = …``, or ``def name(...)``.
- ``wrong`` holds at least two wrong answers, each with a fragment of the message it must get. A
  callable is called with the keywords; an answer that is a function is wrapped:
  ``(lambda art: my_wrong_function, "…")``.
- ``reference`` may give a second right answer, computed another way: ``reference=lambda art: …``.
- Answers that are functions: ``expect_function(value, [((argument, …), expected), …], …)``.
- Answers that are plots: ``expect_axes(value, xlabel="month", yscale="log", lines=3)``, and
  ``expect_line(value, y=...)`` for what is drawn. ``expected_figure("01.…", art=art)`` in the
  chapter draws the figure to aim at beside the stub.
- A checker may return a sentence to print with *correct*, an accuracy for instance.
- A checker that finds something only it can know raises ``Wrong("what is wrong", "the next
  step")``: two clauses without a full stop, as all ``next_step`` arguments are. The learner reads
  "What is wrong. Next step: the next step."

``tests/test_exercises.py`` tries every exercise on its solution, reference, wrong answers and the
blank, and refuses hints and messages that tell the answer.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any

from ..exercises import ____, budget, check, expected_figure, hint, solution, use_loader
from ..exercises.registry import Exercise, registered

__all__ = ["____", "budget", "check", "expected_figure", "hint", "solution"]


def numbers() -> list[str]:
    """Return the numbers of the chapters that have exercises, as two digits each."""
    names = (found.name for found in pkgutil.iter_modules(__path__))
    return sorted(name.removeprefix("chapter_") for name in names if name.startswith("chapter_"))


def load(number: str) -> ModuleType | None:
    """Import the checks of a chapter, or return None where it has none."""
    if number not in numbers():
        return None
    return importlib.import_module(f"{__name__}.chapter_{number}")


def exercises(number: str) -> list[Exercise]:
    """Return the exercises of a chapter in the order of their declaration."""
    module = load(number)
    return [] if module is None else registered(module.__name__)


def _load(number: str | None) -> None:
    for one in numbers() if number is None else [number]:
        load(one)


use_loader(_load)


@cache
def context(number: str) -> dict[str, Any]:
    """Return what the tests pass to the exercises of a chapter: its ``context()``, made once."""
    make = getattr(load(number), "context", dict)
    return make()
