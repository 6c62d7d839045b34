"""Every exercise of the course accepts right answers, and only those.

Each chapter has a class of its own, so that chapters can run side by side.
"""

from __future__ import annotations

from pathlib import Path

import exercise_audit
import pytest

from healthgym_edu import checks

SOURCES = Path(__file__).parents[1] / "Chapters" / "src"


def class_of(number):
    """Return the tests of one chapter's exercises."""

    class Chapter:
        @pytest.mark.parametrize("one", checks.exercises(number), ids=lambda one: one.name)
        def test_exercise_accepts_right_answers_and_only_those(self, one):
            assert exercise_audit.audit(one, checks.context(one.chapter)) == []

    return Chapter


for number in checks.numbers():
    globals()[f"TestChapter{number}"] = class_of(number)


def test_every_chapter_that_is_written_has_exercises():
    written = {path.name[:2] for path in SOURCES.glob("[0-9][0-9]_*.py")}
    assert written == set(checks.numbers())
