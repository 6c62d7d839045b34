"""Quick questions: how they look, what they reply, and whether the course's are well made."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from healthgym_edu import checks
from healthgym_edu.exercises import ExerciseError, ____, question, questions, quick_question
from healthgym_edu.exercises.questions import find_question

ROOT = Path(__file__).parents[1]
CHOICES = {
    "Less often": "Right. A coin saves nobody, but only who lives can toss it often.",
    "Equally often": "No. Count who has the time to toss: <b>3 & more</b>.",
    "More often": "No. See 'Less often'.",
}


@pytest.fixture(autouse=True)
def not_strict(monkeypatch):
    monkeypatch.delenv("HEALTHGYM_EDU_STRICT", raising=False)


@pytest.fixture(autouse=True)
def none_left_by_another_test(monkeypatch):
    """Hide what other tests and the examples of docstrings declared in this process."""
    for name in [name for name in questions._QUESTIONS if name >= "90"]:
        monkeypatch.delitem(questions._QUESTIONS, name)


@pytest.fixture
def coin():
    quick_question("95.coin", "Will those with <heads> die less often?", CHOICES, "Less often")
    return find_question("95.coin")


# --- what is seen ---------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Reads what stands in each element, as a browser would."""

    def __init__(self):
        super().__init__()
        self.open, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1], data))


def test_in_a_notebook_every_choice_opens_its_reply(coin):
    reader = Reader()
    page = coin._repr_mimebundle_()["text/html"]
    reader.feed(page)
    assert reader.open == []
    (asked, text), *choices = reader.texts
    assert (asked, text) == ("b", "Quick question. Will those with <heads> die less often?")
    assert [part for part, _ in choices] == ["summary", "p"] * 3
    assert [text for part, text in choices if part == "summary"] == [
        "A · Less often", "B · Equally often", "C · More often",
    ]  # fmt: skip
    replies = [text for part, text in choices if part == "p"]
    assert [reply[:2] for reply in replies] == ["✓ ", "✗ ", "✗ "]
    assert [reply[2:] for reply in replies] == list(CHOICES.values())
    assert page.count("<details") == 3
    assert "open" not in re.sub(r">[^<]*<", "><", page)  # nothing is answered before a click
    assert "script" not in page
    assert "color" not in page  # meaning is in signs and words, colours are the theme's


def test_as_text_the_choices_have_letters_and_no_replies(coin):
    text = coin._repr_mimebundle_()["text/plain"]
    assert text.splitlines() == [
        "Quick question · 95.coin",
        "  Will those with <heads> die less often?",
        "  A. Less often",
        "  B. Equally often",
        "  C. More often",
        '  question("95.coin", "B") answers the second choice.',
    ]


def test_outside_a_notebook_it_is_printed(coin, capsys):
    assert question("95.coin") is None
    assert question("95.coin", ____) is None
    out, err = capsys.readouterr()
    assert out == 2 * f"{coin}\n"
    assert err == ""


def test_inside_ipython_it_is_displayed():
    code = """
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
with capture_output() as seen:
    shell.run_cell('''
from healthgym_edu.exercises import question, quick_question
quick_question("95.coin", "Heads?", {"Yes": "No.", "No": "Right."}, "No")
answer = question("95.coin")
''')
(shown,) = seen.outputs
print(sorted(shown.data), "<details" in shown.data["text/html"], shell.user_ns["answer"])
print(repr(seen.stdout), repr(seen.stderr))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['text/html', 'text/plain'] True None\n'' ''\n"


@pytest.mark.parametrize(
    "choice",
    ["B", "b", " b ", "Equally often", "equally often", "EQUALLY  OFTEN", "equally often."],
)
def test_a_choice_is_replied_to(choice, coin, capsys):
    assert question("95.coin", choice) is None
    out, err = capsys.readouterr()
    assert out.startswith("✗ B · Equally often\n  No. Count who has")
    assert err == ""


def test_the_right_choice_is_marked(coin, capsys):
    question("95.coin", "A")
    assert capsys.readouterr().out.startswith("✓ A · Less often\n  Right. A coin")


def test_a_choice_that_reads_like_a_letter_is_meant_before_the_letter(capsys):
    quick_question("95.letters", "Which group?", {"B": "First.", "A": "Second."}, "B")
    question("95.letters", "b")
    assert capsys.readouterr().out.startswith("✓ A · B\n  First.")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("95.coins",), 'There is no quick question "95.coins". Did you mean "95.coin"?'),
        (("95.coins", "A"), "There is no quick question"),
        (("what",), "Copy it from the chapter"),
        ((3,), 'There is no quick question "3 (an int)"'),
        ((____,), "There is no quick question"),
        (("95.coin", "D"), "Choose one of A, B, C, in quotation marks."),
        (("95.coin", "never"), "What arrived: 'never'"),
        (("95.coin", 2), "Choose one of A, B, C"),
    ],
)
def test_what_cannot_be_answered_is_an_error(call, said, coin, capsys, monkeypatch):
    assert question(*call) is None
    out, err = capsys.readouterr()
    assert out.startswith("! Error · ")
    assert said in " ".join(out.split())
    assert err == ""
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    with pytest.raises(ExerciseError):
        question(*call)
    question("95.coin", "C")  # a wrong guess is no error


def test_a_terminal_without_unicode_still_prints(coin, monkeypatch):
    class Narrow:
        encoding, text = "ascii", ""

        def write(self, part):
            self.text += part.encode("ascii").decode()

    monkeypatch.setattr(sys, "stdout", Narrow())
    question("95.coin")
    question("95.coin", "A")
    assert "A coin saves nobody" in sys.stdout.text


# --- what cannot be declared ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("none of its choices", {"right": "Never"}),
        ("none of its choices", {"right": "A"}),
        ("needs 2 to 26 choices, not 1", {"choices": {"Less often": "Right."}}),
        ("needs 2 to 26 choices, not 0", {"choices": {}}),
        ("not 27", {"choices": {str(n): "No." for n in range(27)}, "right": "1"}),
        ("a choice or a reply is empty", {"choices": CHOICES | {"Never": ""}}),
        ("a choice or a reply is empty", {"choices": CHOICES | {"Never": " \n "}}),
        ("a choice or a reply is empty", {"choices": CHOICES | {" ": "No."}}),
        ("read alike", {"choices": CHOICES | {"less often": "No."}}),
        ("read alike", {"choices": CHOICES | {"Less  often.": "No."}}),
        ("asks nothing", {"text": " "}),
        ("name it by two digits", {"name": "coin"}),
        ("name it by two digits", {"name": "95.Coin"}),
        ("declared twice", {"name": "95.coin", "text": "Another?"}),
        ("declared twice", {"name": "95.coin", "right": "More often"}),
    ],
)
def test_a_bad_declaration_is_refused(fault, changed, coin):
    good = {"name": "95.new", "text": "Heads?", "choices": CHOICES, "right": "Less often"}
    with pytest.raises(ValueError, match=fault):
        quick_question(**(good | changed))
    with pytest.raises(LookupError):
        find_question("95.new")
    assert find_question("95.coin") == coin


def test_the_same_declaration_again_is_harmless(coin):
    quick_question("95.coin", coin.text, CHOICES, "Less often")


# --- the questions of the course ------------------------------------------------------------------

NUMBERS = sorted({*checks.numbers(), *checks.numbers("questions")})


def called(number):
    """Names in the calls of ``question`` of a chapter, in their order."""
    sources = sorted((ROOT / "Chapters" / "src").glob(f"{number}_*.py"))
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    return re.findall(r'^question\(\s*"([^"]+)"\s*\)', text, flags=re.MULTILINE)


def declared(number):
    """Names in the declarations of a chapter's module, as they stand there."""
    path = ROOT / "healthgym_edu" / "checks" / f"questions_{number}.py"
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    calls = [one for one in nodes if isinstance(one, ast.Call)]
    declarations = [one for one in calls if getattr(one.func, "id", "") == "quick_question"]
    return [ast.literal_eval(one.args[0]) for one in declarations]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_question_of_a_chapter_is_asked_once_and_every_one_asked_exists(number):
    names = [one.name for one in checks.questions(number)]
    assert names, f"chapter {number} has no quick questions"
    assert names == called(number)  # in the order of the chapter: both are read side by side
    assert declared(number) == names, "a name twice, or the number of another chapter"


@pytest.mark.parametrize(
    "one", [one for number in NUMBERS for one in checks.questions(number)], ids=lambda one: one.name
)
def test_a_question_of_the_course_is_well_made(one):
    assert one.text.endswith("?")
    replies = [reply for _, reply in one.choices]
    for reply in replies:
        # a sentence first; a question that leads on may end it
        assert re.fullmatch(r"[A-Z“'\"0-9].*\w[)%”]?[.,].*[\w)%”][.?]|[A-Z].*[\w)%”]\.", reply), (
            reply
        )
        assert len(reply.split()) >= 4, f"{reply!r} says too little"
        assert not reply.startswith(("✓", "✗")), "the sign is put there by the package"
        assert len(reply) < 400, f"a reply is one or two sentences: {reply!r}"
    right = dict(one.choices)[one.right]
    assert replies.count(right) == 1, "the reply to the right choice is also that to another"
