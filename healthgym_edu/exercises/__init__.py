"""Exercises: answers are checked at once, with hints, solutions and a blank ``____``.

This room knows no chapter.  `healthgym_edu.checks` declares the exercises of each, hands in what
loads them, and is where chapters import `check`, `hint`, `solution` and `____` from.

    >>> import healthgym_edu.checks  # declares the exercises of every chapter
    >>> from healthgym_edu.exercises import ____, judge
    >>> judge("00.number_of_people", ____, art=None).status
    'not attempted'
"""

from .engine import Outcome, budget, check, expected_figure, hint, judge, solution
from .expect import (
    expect_array,
    expect_choice,
    expect_column,
    expect_equal,
    expect_number,
    expect_table,
)
from .expect_bars import expect_bars, expect_histogram
from .expect_function import expect_function
from .expect_plot import expect_axes, expect_line
from .placeholder import ____
from .questions import Question, question, quick_question
from .registry import (
    Exercise,
    ExerciseError,
    NotAttempted,
    UnknownExercise,
    Wrong,
    exercise,
    find,
    use_loader,
)

__all__ = [
    "____", "check", "hint", "solution", "expected_figure", "budget",
    "question", "quick_question", "Question",
    "exercise", "find", "judge", "use_loader", "Exercise", "Outcome",
    "Wrong", "NotAttempted", "ExerciseError", "UnknownExercise",
    "expect_array", "expect_choice", "expect_column", "expect_equal", "expect_function",
    "expect_number", "expect_table", "expect_axes", "expect_line", "expect_bars",
    "expect_histogram",
]  # fmt: skip
