"""Exercises: answers are checked at once, with hints, solutions and a blank ``____``.

In a chapter::

    from healthgym_edu.exercises import check, hint, solution, ____

    share = ____
    check("01.suppressed_share", share, art=art)   # ○ Not attempted

How to declare exercises is told in `healthgym_edu.checks`.
"""

from .engine import Outcome, budget, check, expected_figure, hint, judge, solution
from .expect import (
    expect_array,
    expect_choice,
    expect_column,
    expect_equal,
    expect_function,
    expect_number,
    expect_table,
)
from .expect_plot import expect_axes, expect_bars, expect_line
from .placeholder import ____
from .registry import Exercise, ExerciseError, NotAttempted, UnknownExercise, Wrong, exercise, find

__all__ = [
    "____", "check", "hint", "solution", "expected_figure", "budget",
    "exercise", "find", "judge", "Exercise", "Outcome",
    "Wrong", "NotAttempted", "ExerciseError", "UnknownExercise",
    "expect_array", "expect_choice", "expect_column", "expect_equal", "expect_function",
    "expect_number", "expect_table", "expect_axes", "expect_bars", "expect_line",
]  # fmt: skip
