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
    expect_labels,
    expect_number,
    expect_table,
    expect_type,
)
from .expect_plot import expect_axes, expect_bars, expect_line
from .placeholder import ____
from .registry import Exercise, ExerciseError, NotAttempted, UnknownExercise, Wrong, exercise, find

__all__ = [
    "____",
    "Exercise",
    "ExerciseError",
    "NotAttempted",
    "Outcome",
    "UnknownExercise",
    "Wrong",
    "budget",
    "check",
    "exercise",
    "expect_array",
    "expect_axes",
    "expect_bars",
    "expect_choice",
    "expect_column",
    "expect_equal",
    "expect_function",
    "expect_labels",
    "expect_line",
    "expect_number",
    "expect_table",
    "expect_type",
    "expected_figure",
    "find",
    "hint",
    "judge",
    "solution",
]
