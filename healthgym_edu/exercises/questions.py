"""Quick questions: a guess or a thought between two cells, answered at once and never graded."""

from __future__ import annotations

import difflib
import html
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .describe import describe
from .engine import ERROR, Outcome, as_text, say, wrapped
from .placeholder import is_blank
from .registry import NAME, UnknownExercise, declare_chapter

RIGHT, OTHER = "✓", "✗"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Question:
    """A quick question: its choices, what is replied to each, and which one is right.

    In a notebook it shows itself with every choice as a line to click on, which opens the reply;
    no kernel has to run for that.  As text it lists the choices by letter.
    """

    name: str  # chapter number, a dot and a word: "02.will_the_coin_protect"
    text: str
    choices: tuple[tuple[str, str], ...]  # choice and reply, in the order they are shown
    right: str  # one of the choices

    def __str__(self) -> str:
        choices = [f"{letter}. {choice}" for letter, (choice, _) in self._lettered()]
        call = f'question("{self.name}", "B") answers the second choice.'
        return wrapped(f"Quick question · {self.name}", self.text, *choices, call)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._as_html()}

    def reply(self, choice: str) -> str | None:
        """Return what is said to a choice, given by letter or text; None if there is no such."""
        wanted = " ".join(choice.split()).casefold().rstrip(".")
        lettered = list(self._lettered())
        by_text = [pair for pair in lettered if pair[1][0].casefold().rstrip(".") == wanted]
        by_letter = [pair for pair in lettered if pair[0].casefold() == wanted]
        for letter, (text, reply) in by_text or by_letter:
            return wrapped(f"{self._mark(text)} {letter} · {text}", reply)
        return None

    def _lettered(self) -> zip[tuple[str, tuple[str, str]]]:
        return zip(_LETTERS, self.choices, strict=False)

    def _mark(self, choice: str) -> str:
        return RIGHT if choice == self.right else OTHER

    def _as_html(self) -> str:
        choices = "".join(
            '<details style="margin: 0.3em 0 0.3em 1em">'
            f'<summary style="cursor: pointer">{letter} · {html.escape(choice)}</summary>'
            f'<p style="margin: 0.3em 0 0.6em 1.2em">{self._mark(choice)} {html.escape(reply)}</p>'
            "</details>"
            for letter, (choice, reply) in self._lettered()
        )
        return (
            f'<div role="group" aria-label="Quick question">'
            f"<p><b>Quick question. {html.escape(self.text)}</b></p>{choices}</div>"
        )


_QUESTIONS: dict[str, Question] = {}


def quick_question(name: str, text: str, choices: Mapping[str, str], right: str) -> None:
    """Declare a quick question of a chapter, in ``checks/questions_NN.py``.

    Parameters
    ----------
    name : str
        Chapter number, a dot and a word: ``"02.will_the_coin_protect"``.
    text : str
        The question.
    choices : mapping of str to str
        What can be chosen, and what is replied to it: one or two sentences.
    right : str
        The right choice.

    Raises
    ------
    ValueError
        A name, a choice or a reply that cannot be, or another question of that name.

    Examples
    --------
    >>> from healthgym_edu.exercises import question, quick_question
    >>> quick_question(
    ...     "96.coin",
    ...     "Can a coin save a patient?",
    ...     {"Yes": "No. Nobody even looks at it.", "No": "Right. Nobody even looks at it."},
    ...     right="No",
    ... )
    >>> question("96.coin", "B")
    ✓ B · No
      Right. Nobody even looks at it.
    """
    made = Question(
        name,
        _tidy(text),
        tuple((_tidy(choice), _tidy(reply)) for choice, reply in choices.items()),
        _tidy(right),
    )
    fault = _fault(made)
    if fault:
        raise ValueError(f'question "{name}": {fault}.')
    _QUESTIONS[name] = made


def question(name: str, choice: Any = None) -> None:
    """Ask a quick question, or with a choice reply to it.

    In a notebook, a click on a choice opens the reply.

    Parameters
    ----------
    name : str
        Of the question.
    choice : str, optional
        Letter or text of a choice, in any case: the reply to it is printed.

    Raises
    ------
    ExerciseError
        Under ``HEALTHGYM_EDU_STRICT=1``, for a name or a choice that does not exist.
    """
    try:
        asked = find_question(name)
    except UnknownExercise as error:
        say(Outcome(str(name), ERROR, str(error)))
        return
    if choice is None or is_blank(choice):
        _show(asked)
        return
    reply = asked.reply(choice) if isinstance(choice, str) else None
    if reply is None:
        letters = [letter for letter, _ in zip(_LETTERS, asked.choices, strict=False)]
        fault = f"Choose one of {', '.join(letters)}, in quotation marks."
        say(Outcome(name, ERROR, fault, describe(choice)))
        return
    print(as_text(reply))


def find_question(name: str) -> Question:
    """Return the question of that name, loading its chapter's if need be.

    Raises
    ------
    UnknownExercise
        With the names that are close to the one given.
    """
    name = name if isinstance(name, str) else describe(name)
    if name not in _QUESTIONS and NAME.fullmatch(name):
        declare_chapter(name[:2])
    if name in _QUESTIONS:
        return _QUESTIONS[name]
    declare_chapter(None)
    close = difflib.get_close_matches(name.lower(), _QUESTIONS, n=3)
    advice = 'Copy it from the chapter, as in question("02.will_the_coin_protect").'
    if close:
        advice = "Did you mean " + " or ".join(f'"{one}"' for one in close) + "?"
    raise UnknownExercise(f'There is no quick question "{name}". {advice}')


def declared_questions(number: str) -> list[Question]:
    """Return the questions of a chapter that were declared so far, in their order."""
    return [one for one in _QUESTIONS.values() if one.name.startswith(f"{number}.")]


def _fault(made: Question) -> str:
    """Say why a question cannot be asked; an empty text if it can."""
    choices = [choice for choice, _ in made.choices]
    if not NAME.fullmatch(made.name):
        return 'name it by two digits, a dot and a word, such as "02.will_the_coin_protect"'
    if _QUESTIONS.get(made.name, made) != made:
        return "it is declared twice; choose another name"
    if not made.text:
        return "it asks nothing"
    if not 2 <= len(choices) <= len(_LETTERS):
        return f"it needs 2 to {len(_LETTERS)} choices, not {len(choices)}"
    if len({choice.casefold().rstrip(".") for choice in choices}) < len(choices):
        return "two of its choices read alike"
    if not all(choices) or not all(reply for _, reply in made.choices):
        return "a choice or a reply is empty"
    if made.right not in choices:
        return f"the right choice, {made.right!r}, is none of its choices"
    return ""


def _show(asked: Question) -> None:
    """Display a question inside IPython, else print it."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from IPython.display import display

        display(asked)
    else:
        print(as_text(str(asked)))


def _tidy(text: str) -> str:
    return " ".join(text.split())
