"""Every exercise of the course accepts right answers, and only those.

Each chapter has a class of its own, so that chapters can run side by side.
"""

from __future__ import annotations

import exercise_audit
import pytest

from healthgym_edu import checks


def class_of(number):
    """Return the tests of one chapter's exercises."""

    class Chapter:
        @pytest.mark.parametrize("one", checks.exercises(number), ids=lambda one: one.name)
        def test_exercise_accepts_right_answers_and_only_those(self, one):
            assert exercise_audit.audit(one, checks.context(one.chapter)) == []

    return Chapter


for number in checks.numbers():
    globals()[f"TestChapter{number}"] = class_of(number)


def test_every_chapter_with_exercises_has_its_class():
    assert {f"TestChapter{number}" for number in checks.numbers()} <= set(globals())
