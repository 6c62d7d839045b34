"""Exercises: the four outcomes, the blank, the comparisons, and every exercise of the course."""

from __future__ import annotations

import copy
import operator
import pickle
import subprocess
import sys
from dataclasses import replace

import exercise_audit
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import toy_exercises

from healthgym_edu import checks
from healthgym_edu.checks.enough import require_people
from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import (
    ExerciseError,
    NotAttempted,
    Wrong,
    ____,
    budget,
    check,
    exercise,
    expect_array,
    expect_axes,
    expect_choice,
    expect_column,
    expect_equal,
    expect_function,
    expect_line,
    expect_number,
    expect_table,
    expected_figure,
    find,
    hint,
    judge,
    solution,
)
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank
from healthgym_edu.exercises.registry import registered

TOYS = registered(toy_exercises.__name__)


@pytest.fixture(autouse=True)
def not_strict(monkeypatch):
    monkeypatch.delenv("HEALTHGYM_EDU_STRICT", raising=False)
    monkeypatch.delenv("HEALTHGYM_EDU_QUICK", raising=False)


@pytest.fixture
def art():
    return toy_exercises.context()["art"]


# --- every exercise of the course ---------------------------------------------------------------


@pytest.mark.parametrize("one", TOYS, ids=lambda one: one.name)
def test_exercise_accepts_right_answers_and_only_those(one):
    assert exercise_audit.audit(one, toy_exercises.context()) == []


def test_every_chapter_with_checks_declares_exercises_of_its_own_number():
    for number in checks.numbers():
        names = [one.name for one in checks.exercises(number)]
        assert names, f"checks/chapter_{number}.py declares no exercise"
        assert all(name.startswith(f"{number}.") for name in names), names


# --- the audit finds what it is there to find ---------------------------------------------------


def declare(
    name="97.trial",
    solution="6",
    right=(lambda: 6.0, lambda: 3 + 3, lambda: np.float64(6)),
    wrong=((1, "look"), (2, "look"), (3, "look")),
    hint="Think.",
    advice="look again",
    expected=6.0,
):
    @exercise(name, hint=hint, solution=solution, right=right, wrong=wrong)
    def checker(value):
        expect_number(value, expected, 0.001, "it", advice)

    return find(name)


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("its own solution is judged incorrect", {"solution": "5"}),
        ("2 wrong answers, not 3", {"wrong": [(1, "look"), (2, "look")]}),
        ("2 right answers beside the solution, not 3", {"right": [lambda: 6, lambda: 6.0]}),
        ("right answer 2 is judged incorrect", {"right": [lambda: 6, lambda: 5, lambda: 6.0]}),
        ("right answer 1 is judged not attempted", {"right": [lambda: ____] * 3}),
        ("wrong answer 2 is judged correct", {"wrong": [(1, "look"), (6, "look")]}),
        ("does not get the message 'count'", {"wrong": [(1, "count"), (2, "look")]}),
        ("does not get the message ''", {"wrong": [(1, ""), (2, "look")]}),
        ("wrong answer 1 is judged error", {"expected": "six"}),
        ("its name is not two digits", {"name": "1.share"}),
        ("its name is not two digits", {"name": "01.Share"}),
        ("empty hint", {"hint": []}),
        ("empty hint", {"hint": ["Think.", " "]}),
        ("gives no answer", {"solution": "x ="}),
        ("gives no answer", {"solution": ""}),
        ("gives no answer", {"solution": "import os"}),
        (
            "hint 1 tells the answer",
            {"expected": 0.7312, "solution": "0.7312", "hint": "About 0.731 of them."},
        ),
        (
            "the message to wrong answer 1 tells the answer",
            {"expected": 0.7312, "solution": "0.7312", "advice": "look for 73.1%"},
        ),
    ],
)
def test_audit_names_the_fault(fault, changed):
    faults = exercise_audit.audit(declare(**changed), {})
    assert any(fault in found for found in faults), faults


def test_audit_asks_for_a_context_by_keyword_only():
    @exercise("97.loose", hint="Think.", solution="1")
    def loose(value, art):
        raise Wrong("never reached")

    fault = "write the checker as `def loose(value, *, art)`"
    assert exercise_audit.audit(find("97.loose"), {"art": 1}) == [fault]


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="declared twice"):
        declare(name="99.share")


def test_audit_asks_for_the_keywords_of_the_checker():
    assert "gives no art" in exercise_audit.audit(find("99.by_gender"), {})[0]


def test_audit_closes_the_figures_it_drew(art):
    plt.close("all")
    exercise_audit.audit(find("99.curve"), {"art": art})
    assert plt.get_fignums() == []


# --- the four outcomes --------------------------------------------------------------------------


def test_correct(art, capsys):
    assert check("99.share", art.frame["VL"].lt(50).mean(), art=art) is None
    out, err = capsys.readouterr()
    title, arrived, done = out.splitlines()
    assert title == "✓ Correct · 99.share"
    assert arrived.startswith("  What arrived: 0.6")
    assert done == "  More than half of these months are suppressed."
    assert err == ""


def test_a_rounded_answer_is_told_so():
    with pytest.raises(Wrong, match="rounded; give it as it was computed"):
        expect_number(0.667, 2 / 3, 1e-6)
    with pytest.raises(Wrong) as other:
        expect_number(0.6, 2 / 3, 1e-6)
    assert "rounded" not in str(other.value)


@pytest.mark.parametrize(
    ("given", "expected", "way"),
    [
        (0.666, 2 / 3, "cut off, not rounded"),
        (23.5, 23.4567, "rounded"),
        (23, 23.4567, "rounded"),
        (388, 388.6, "cut off, not rounded"),
        (389, 388.6, "rounded"),
        (-1.23, -1.239, "cut off, not rounded"),
    ],
)
def test_lost_digits_are_told(given, expected, way):
    with pytest.raises(Wrong, match=f"it is {way}; give it as it was computed"):
        expect_number(given, expected, 1e-6)
    column = pd.Series([expected, 2 * expected], ["a", "b"])
    shorter = np.round if way == "rounded" else lambda x, d: np.trunc(x * 10**d) / 10**d
    decimals = len(repr(float(given)).partition(".")[2].removesuffix("0"))
    with pytest.raises(Wrong, match=f"the values are {way}; give them as computed"):
        expect_column(shorter(column, decimals).iloc[::-1], column)


@pytest.mark.parametrize(("given", "expected"), [(0, 0.004), (2, 2.3), (0.7, 0.73), (24, 23.4)])
def test_a_guess_is_no_rounding(given, expected):
    with pytest.raises(Wrong) as caught:
        expect_number(given, expected)
    assert "rounded" not in str(caught.value)


def test_a_table_of_one_column_is_a_column():
    column = pd.Series([1.0, 2.0], index=["a", "b"], name="x")
    expect_column(column.to_frame(), column)
    with pytest.raises(Wrong):
        expect_column(pd.concat([column, column], axis=1), column)


def test_incorrect_tells_what_arrived_and_the_next_step(art, capsys):
    check("99.share", art.frame["VL"].lt(50), art=art)
    out, err = capsys.readouterr()
    assert out.startswith("✗ Incorrect · 99.share\n")
    assert "column (Series) named 'VL' of 240 values, dtype bool" in out
    assert "The share should be one number. Next step: sum up your values" in out
    assert err == ""


@pytest.mark.parametrize(
    "blank",
    [____, ..., [1, ____], {"a": ____}, "____", pd.DataFrame({"a": [1, ____]}), lambda x: x + ____],
)
def test_not_attempted(blank, art, capsys):
    check("99.share", blank, art=art)
    assert capsys.readouterr().out.startswith("○ Not attempted · 99.share\n  Replace ____")


def test_blank_found_by_a_comparison_reads_not_attempted(art):
    def unfinished(frame):
        return blanks[0]

    blanks = [____]
    assert judge("99.first_month", unfinished, art=art).status == "not attempted"


@pytest.mark.parametrize(
    ("arguments", "keywords", "said"),
    [
        (("99.shares", 1), {}, 'Did you mean "99.share"'),
        (("98.share", 1), {}, 'Did you mean "99.share"'),
        (("what", 1), {}, "Copy it from the chapter, as in"),
        ((0.3, "99.share"), {}, 'There is no exercise "0.3 (a float)"'),
        ((), {}, 'There is no exercise ""'),
        (("99.share",), {"art": 1}, "one answer"),
        (("99.share",), {}, 'Write: check("99.share", your_answer, art=art)'),
        (("99.share", 1), {}, 'needs "art"'),
        (("99.share", 1, 2), {"art": 1}, "by keyword"),
        (("99.share", 1), {"art": 1, "arts": 2}, 'does not know the keyword "arts"'),
    ],
)
def test_error_when_check_is_called_wrongly(arguments, keywords, said, capsys):
    check(*arguments, **keywords)
    out = capsys.readouterr().out
    assert out.startswith("! Error · ")
    assert said in out


def test_error_when_the_answer_makes_the_check_raise(art, capsys):
    check("99.naive", pd.Series([1, 2]), art=art)
    out = capsys.readouterr().out
    assert out.startswith("! Error · 99.naive")
    assert "ValueError" in out
    assert "a column (Series) of 2 values" in out


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("99.share", 0.1, "incorrect"),
        ("99.share", ____, "not attempted"),
        ("99.naive", pd.Series([1, 2]), "error"),
        ("99.unknown", 1, "error"),
    ],
)
def test_strict_raises_on_anything_but_correct(name, value, status, art, monkeypatch):
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    with pytest.raises(ExerciseError, match=f"{name}: {status}"):
        check(name, value, art=art)
    check("99.naive", len(art.frame), art=art)


@pytest.mark.parametrize("call", [hint, solution, expected_figure])
def test_strict_raises_on_names_that_do_not_exist(call, monkeypatch, capsys):
    call("99.shares")
    assert 'Did you mean "99.share"' in capsys.readouterr().out
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    with pytest.raises(ExerciseError, match="99.shares"):
        call("99.shares")


def test_a_terminal_without_unicode_still_prints(art, monkeypatch):
    class Narrow:
        encoding, text = "ascii", ""

        def write(self, part):
            self.text += part.encode("ascii").decode()

    monkeypatch.setattr(sys, "stdout", Narrow())
    check("99.naive", 240, art=art)
    assert "Correct" in sys.stdout.text


# --- hints, solutions, expected figures, budgets ------------------------------------------------


def test_each_call_gives_the_next_hint(capsys):
    declare("97.hints", hint=["First.", "Second."])
    for _ in range(3):
        hint("97.hints")
    told = capsys.readouterr().out.split("Hint ")[1:]
    assert [part[:6] for part in told] == ["1 of 2", "2 of 2", "2 of 2"]
    assert "First." in told[0]
    assert "Second." in told[1]
    assert "solution(" not in told[0]
    assert 'solution("97.hints")' in told[1]


def test_solution_prints_its_source(capsys):
    assert solution("99.first_month") is None
    assert "    def first_month(frame):\n        return frame.loc" in capsys.readouterr().out


def test_expected_figure_draws_and_shows_no_code(art, capsys):
    plt.close("all")
    assert expected_figure("99.curve", art=art) is None
    assert len(plt.get_fignums()) == 1
    out = capsys.readouterr().out
    assert "The figure to aim at · 99.curve" in out
    assert "plot(" not in out
    plt.close("all")


def test_budget_reads_the_quick_switch(monkeypatch):
    assert budget(200, quick=5) == 200
    monkeypatch.setenv("HEALTHGYM_EDU_QUICK", "0")
    assert budget(200, quick=5) == 200
    monkeypatch.setenv("HEALTHGYM_EDU_QUICK", "1")
    assert budget(200, quick=5) == 5


def test_exercises_import_neither_torch_nor_matplotlib():
    code = (
        "import sys, healthgym_edu.exercises, healthgym_edu.checks; "
        "print([name for name in ('matplotlib', 'torch', 'lifelines') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- the blank ----------------------------------------------------------------------------------

SERIES, TABLE = pd.Series([1.0, 2.0]), pd.DataFrame({"a": [1, 2]})


@pytest.mark.parametrize(
    "use",
    [
        lambda: ____ + 1, lambda: 1 - ____, lambda: -____, lambda: ~____, lambda: ____ ** 2,
        lambda: divmod(7, ____), lambda: round(____, 2), lambda: abs(____), lambda: 0 < ____ < 1,
        lambda: ____ == 3, lambda: operator.ne(3, ____), lambda: ____["VL"], lambda: ____[0, 1:],
        lambda: ____.frame.mean(axis=0), lambda: ____(1, two=2), lambda: SERIES + ____,
        lambda: operator.lt(SERIES, ____), lambda: ____ <= SERIES, lambda: TABLE * ____,
        lambda: operator.eq(TABLE, ____), lambda: SERIES.gt(____), lambda: SERIES & ____,
        lambda: np.arange(3) * ____, lambda: np.log(____), lambda: np.mean(____),
        lambda: np.percentile([1, 2], ____), lambda: ____ and 1, lambda: 1 and ____,
        lambda: copy.deepcopy(____), lambda: pickle.loads(pickle.dumps(____)),
    ],
)  # fmt: skip
def test_the_blank_survives_its_use(use):
    assert use() is ____


def test_the_blank_gives_harmless_values_where_python_insists_on_a_type():
    assert (bool(____), len(____), list(____), int(____), 3 in ____) == (False, 0, [], 0, False)
    assert np.isnan(float(____))
    assert f"{____:.1f} {____} {____!r}" == "____ ____ ____"
    ____.colour = "blue"
    ____["VL"] = 3
    del ____["VL"]
    with ____ as inside:
        assert inside is ____
    assert not hasattr(____, "_repr_html_")
    assert hash(____) == hash(____)


def test_the_blank_can_stand_in_a_column():
    frame = TABLE.assign(b=____)
    frame["c"] = ____
    assert is_blank(frame)
    assert not is_blank(TABLE)
    assert not is_blank(pd.DataFrame({"a": ["x", None]}))
    assert is_blank(np.array([1, ____]))


def test_the_blank_is_found_in_the_code_of_a_function_without_calling_it():
    def unfinished(frame):
        return [frame[____] for _ in range(3)]

    assert is_blank(unfinished)
    assert not is_blank(lambda frame: frame)


# --- what arrived -------------------------------------------------------------------------------


def _curve():
    _, ax = plt.subplots()
    ax.plot([1, 2])
    plt.close(ax.figure)
    return ax


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None (nothing)"),
        (True, "True (a yes/no value, bool)"),
        (0.123456789, "0.123457 (a float)"),
        (8916, "8,916 (an int)"),
        (np.float32(2), "2 (a float32)"),
        ("Male", "'Male' (text, str)"),
        (TABLE, "a table (DataFrame) of 2 rows × 1 column: 'a'"),
        (SERIES.rename("VL"), "a column (Series) named 'VL' of 2 values, dtype float64"),
        (np.zeros((2, 3)), "an array (NumPy) of shape (2, 3), dtype float64"),
        ([1, 2], "a list of 2 items: [1, 2]"),
        ({"a": 1}, "a dict of 1 item: {'a': 1}"),
        (_curve(), "a Matplotlib Axes with 1 line and 0 filled shapes"),
        (_curve().figure, "a Figure object"),
        (exercise_audit.audit, "the function audit"),
        (load_cohort("art_hiv", n_patients=2), "a Cohort of 2 patients"),
        (object(), "an object object"),
    ],
)
def test_what_arrived_is_said_in_words(value, words):
    assert describe(value) == words


def test_a_long_answer_is_shortened():
    assert len(describe("x" * 10_000)) < 100
    assert len(describe(list(range(10_000)))) < 100


# --- comparisons --------------------------------------------------------------------------------

PAIR = pd.DataFrame({"n": [3, 4], "share": [0.25, np.nan]}, index=["a", "b"])


class Tensor:
    """What is no array, but has a shape and one number to take out, as tensors have."""

    def __init__(self, values):
        self.values = np.asarray(values)
        self.shape = self.values.shape

    def item(self):
        return self.values.item()


@pytest.mark.parametrize(
    "right",
    [
        lambda: expect_number(0.7504, 0.75, 0.001),
        lambda: expect_number(np.int64(3), 3),
        lambda: expect_number(np.array(3.0), 3),
        lambda: expect_number(Tensor(3.0), 3),
        lambda: expect_choice("log", "log", ["log", "linear"]),
        lambda: expect_column(PAIR["share"].iloc[::-1], PAIR["share"]),
        lambda: expect_column(PAIR["n"].astype("Int64"), PAIR["n"]),
        lambda: expect_column(pd.Series(["x", None]), pd.Series(["x", None])),
        lambda: expect_column(pd.Series([0.1 + 0.2, None], dtype=object), pd.Series([0.3, np.nan])),
        lambda: expect_column(pd.Series([1, pd.NA], dtype="Int64"), pd.Series([1, np.nan])),
        lambda: expect_column(pd.Series(["x", "y"], dtype="category"), pd.Series(["x", "y"])),
        lambda: expect_table(PAIR[["share", "n"]].iloc[::-1], PAIR),
        lambda: expect_array([[1, 2]], np.array([[1.0, 2.0]])),
        lambda: expect_equal(np.True_, True),
        lambda: expect_equal({"a": 1}, {"a": 1}),
        lambda: expect_equal(PAIR, PAIR),
        lambda: expect_equal(PAIR["n"], PAIR["n"]),
        lambda: expect_equal(np.arange(3), np.arange(3)),
        lambda: expect_function(lambda a, b: a + b, [((1, 2), 3), (("x", "y"), "xy")]),
        lambda: expect_axes(_curve(), lines=1, shapes=0, yscale="linear"),
        lambda: expect_line(_curve(), [1, 2]),
    ],
)  # fmt: skip
def test_comparison_accepts(right):
    right()


def _spoil(frame):
    frame["n"] = 0
    return 7


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: expect_number(75.0, 0.75, 1e-3), "looks like a percentage"),
        (lambda: expect_number(0.75, 75.0, 1e-3), "looks like a share"),
        (lambda: expect_number(0.4, 0.6, 1e-3), "turn the comparison round"),
        (lambda: expect_number(-3, 3), "sign is the other way"),
        (lambda: expect_number(2, 3, what="the count", next_step="count again"), "count again"),
        (lambda: expect_number(2, 3), "read the question again"),
        (lambda: expect_number(0.0, 0.75, 1e-3), "not right yet"),
        (lambda: expect_number("3", 3), "quotation marks"),
        (lambda: expect_number(True, 1), "yes/no value"),
        (lambda: expect_number(np.nan, 3), "came out as nan"),
        (lambda: expect_number(np.array([3]), 3), "not a container of one"),
        (lambda: expect_number([1, 2], 3), "should be one number. Next step: sum up"),
        (lambda: expect_number(np.array(2.0), 3), "not right yet"),
        (lambda: expect_number(Tensor(2.0), 3), "not right yet"),
        (lambda: expect_number(Tensor([1.0, 2.0]), 3), "should be one number. Next step: sum up"),
        (lambda: expect_number(Tensor([3.0]), 3), "not a container of one"),
        (lambda: expect_number(None, 3), "`return` or an assignment"),
        (lambda: expect_number(np.mean, 3), "parentheses of a call"),
        (lambda: expect_choice("logs", "linear", ["log", "linear"]), "one of 'log', 'linear'"),
        (lambda: expect_choice("log", "linear", ["log", "linear"], next_step="look"), "look"),
        (lambda: expect_column(PAIR, PAIR["n"]), "should be one column"),
        (lambda: expect_column(PAIR["n"].iloc[:1], PAIR["n"]), "has 1 rows where 2"),
        (lambda: expect_column(PAIR["n"].iloc[:1], PAIR["n"], next_step="look"), "Next step: look"),
        (lambda: expect_column(pd.Series([1, 1], [6, 7]), pd.Series([1, 2], [6, 7])), "at 7."),
        (lambda: expect_column(pd.Series([1], [7]), pd.Series([2], [7])), "is not right yet."),
        (lambda: expect_column(PAIR["n"].set_axis([0, 1]), PAIR["n"]), "other row labels"),
        (lambda: expect_column(PAIR["n"].set_axis(["a", "a"]), PAIR["n"]), "('a' is one)"),
        (lambda: expect_column(PAIR["n"] + [0, 1], PAIR["n"]), "1 of 2 values differ, the first"),
        (lambda: expect_column(PAIR["share"].fillna(0), PAIR["share"]), "1 of 2 values differ"),
        (lambda: expect_table(PAIR["n"], PAIR), "should be a table"),
        (lambda: expect_table(PAIR[["n"]], PAIR), "'share' is missing"),
        (lambda: expect_table(PAIR.assign(z=1), PAIR), "'z' is a column too many"),
        (lambda: expect_table(PAIR.assign(n=0), PAIR), "the column 'n' of the answer"),
        (lambda: expect_array([1, 2, 3], [1, 2]), "the shape (2,); yours has (3,)"),
        (lambda: expect_array([[1, 2]], [1, 2]), "yours has (1, 2)"),
        (lambda: expect_array([1, 3], [1, 2]), "1 of 2 values differ"),
        (lambda: expect_array(3, [1, 2]), "should be an array"),
        (lambda: expect_equal(1, True), "of type bool"),
        (lambda: expect_equal(False, True), "not right yet"),
        (lambda: expect_equal({"a": 2}, {"a": 1}), "not right yet"),
        (lambda: expect_function(3, []), "should be a function"),
        (lambda: expect_function(lambda: 3, [((1,), 3)]), "raised TypeError"),
        (lambda: expect_function(lambda x: x, [((1,), 1), ((2,), 4)]), "called with (2), is not"),
        (lambda: expect_function(lambda *x: 0, [((PAIR, 2, "a"), 1)]), "with (a table, 2, 'a'),"),
        (lambda: expect_axes([1]), "draw on the `ax` of `fig, ax = plt.subplots()`"),
        (lambda: expect_axes(3), "the Matplotlib Axes that you drew on"),
        (lambda: expect_axes(None), "nothing arrived"),
        (lambda: expect_axes(_curve(), xlabel="month"), "the x axis has no text"),
        (lambda: expect_axes(_curve(), lines=2), "lines in the plot is 1, too few"),
        (lambda: expect_line(_curve(), [1, 3]), "is not among those drawn"),
    ],
)  # fmt: skip
def test_comparison_refuses_with_the_next_step(wrong, said):
    with pytest.raises(Wrong) as caught:
        wrong()
    assert said.lower() in str(caught.value).lower()


def test_what_is_wrong_reads_as_sentences():
    assert str(Wrong("the share is off", "count")) == "The share is off. Next step: count."
    assert str(Wrong("nothing arrived: is it missing?")) == "Nothing arrived: is it missing?"
    assert str(Wrong("`ax` is full.")) == "`ax` is full."


def test_an_axis_label_lists_the_words_it_lacks():
    ax = _curve()
    ax.set_xlabel("Time")
    with pytest.raises(Wrong, match="reads 'Time'; it should also say 'month'"):
        expect_axes(ax, xlabel="time month")


def test_a_function_that_spoils_its_argument_leaves_the_cohort_as_it_was():
    expect_function(_spoil, [((PAIR,), 7)])
    assert PAIR["n"].tolist() == [3, 4]


@pytest.mark.parametrize(
    "comparison",
    [expect_number, expect_choice, expect_column, expect_table, expect_array, expect_equal,
     expect_function],
)  # fmt: skip
def test_comparisons_leave_the_blank_to_the_engine(comparison):
    with pytest.raises(NotAttempted):
        comparison(____, *([1, [1]][: 2 if comparison is expect_choice else 1]))


# --- slips that are known by name ----------------------------------------------------------------

N, SHARE, TWO = PAIR["n"], PAIR["share"], PAIR[["n"]] * 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda s: expect_number(4.0, 3, slips={s: 4}), "answer is not right yet: it is a slip."),
        (lambda s: expect_number(4, 3, 0.1, "", "look", slips={s: 4.05}), "slip. Next step: look"),
        (lambda s: expect_number(75, 0.75, slips={s: 75}), "it is a slip"),
        (lambda s: expect_number(4, 3, slips=lambda: {s: 4}), "it is a slip"),
        (lambda s: expect_number(5, 3, slips={s: 4}), "The answer is not right yet. Next"),
        (lambda s: expect_number("4", 3, slips={s: 4}), "quotation marks"),
        (lambda s: expect_number(4, 3, slips={"x": np.nan, s: 4}), "it is a slip"),
        (lambda s: expect_column(SHARE, N, slips={s: SHARE}), "it is a slip"),
        (lambda s: expect_column(N + 1, N, slips={s: SHARE}), "2 of 2 values"),
        (lambda s: expect_column(N, SHARE.head(1), slips={s: N}), "a slip"),
        (lambda s: expect_table(TWO, PAIR[["n"]], slips={s: TWO}), "it is a slip"),
        (lambda s: expect_array([2, 1], [1, 2], slips={s: [2, 1]}), "it is a slip"),
        (lambda s: expect_equal([2, 1], [1, 2], slips={s: [2, 1]}), "it is a slip"),
        (lambda s: expect_choice("a", "b", "abc", slips={"a": s}), "not right yet: it is a slip"),
        (lambda s: expect_choice("c", "b", "abc", slips={"a": s}), "read the question again"),
        (lambda s: expect_function(lambda x: -x, TWICE, slips={s: lambda x: -x}), "it is a slip"),
        (lambda s: expect_function(lambda x: 3 * x, TWICE, slips={s: lambda x: -x}), "(2), is"),
        (lambda s: expect_function(lambda x: x * x, TWICE, slips={s: lambda x: x + 2}), "(3)"),
        (lambda s: expect_function(lambda x: 1 / 0, TWICE, slips={s: lambda x: -x}), "Zero"),
    ],
)  # fmt: skip
def test_a_slip_is_named(wrong, said):
    with pytest.raises(Wrong) as caught:
        wrong("it is a slip")
    assert said in str(caught.value)


def _ago(frame, month):
    return float(frame["n"].sum()) * month


AGO = [((PAIR, month), _ago(PAIR, month)) for month in (2, 3)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda frame, month: 0, "gives 0 every time, whatever it is given: does it use its"),
        (lambda month, frame: 0, "does it use its arguments?"),
        (lambda frame, month: 2.5, "gives 2.5 every time"),
        (lambda frame, month: 7, "it forgets the month"),
        (lambda month, frame: _ago(frame, month), "takes its arguments in another order"),
        (lambda month, frame: _ago(frame, month), "called with (a table, 2), in this order"),
        (lambda month, frame: frame["n"].max(), "takes its arguments in another order"),
        (lambda frame, month: frame["m"].sum(), "raised KeyError"),
        (lambda frame: 0, "raised TypeError"),
        (lambda frame, month: -_ago(frame, month), "(a table, 2)"),
    ],
)
def test_a_function_that_misuses_its_arguments_is_told_so(wrong, said):
    slips = {"it is nothing": lambda frame, month: 0, "it forgets the month": lambda *_: 7}
    with pytest.raises(Wrong) as caught:
        expect_function(wrong, AGO, next_step="look", slips=slips)
    assert said in str(caught.value)
    assert "it is nothing" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda x: np.zeros(len(x)), "gives 0 every time"),
        (lambda x: [1] * len(x), "gives 1 every time"),
        (lambda x: pd.Series([1.0, 2.0, 4.0][: len(x)]).to_numpy(), "values differ"),
    ],
)
def test_an_array_of_one_value_alone_uses_nothing(wrong, said):
    cases = [((np.arange(size),), np.arange(size) * 2.0) for size in (2, 3)]
    with pytest.raises(Wrong, match=said):
        expect_function(wrong, cases)


def test_three_arguments_stand_in_another_order_only_where_the_result_is_right():
    cases = [(("a", 2, PAIR), "aa2"), (("b", 3, PAIR), "bbb2")]
    expect_function(lambda text, n, table: text * n + str(len(table)), cases)
    with pytest.raises(Wrong, match="in another order"):
        expect_function(lambda table, text, n: text * n + str(table.shape[0]), cases)
    with pytest.raises(Wrong, match="raised AttributeError"):
        expect_function(lambda table, text, n: str(table.shape[0]), cases)


@pytest.mark.parametrize(
    ("raised", "said"),
    [(Wrong("two numbers are asked for", "return both"), "^Two numbers"), (NotAttempted(), "^$")],
)
def test_what_a_checker_says_of_a_result_is_not_told_as_an_error_of_the_function(raised, said):
    def looked_at_first(x, y):
        raise raised

    with pytest.raises(type(raised), match=said):
        expect_function(looked_at_first, [((1, 2), 3)])


TWICE = [((2,), 4), ((3,), 6)]  # x * x and x + 2 agree with 2 * x in the first case


def test_a_right_answer_is_no_slip_and_a_blank_is_none():
    expect_number(3, 3, slips={"it is a slip": 3})
    expect_choice("b", "b", "abc", slips={"b": "it is a slip"})
    with pytest.raises(NotAttempted):
        expect_number(____, 3, slips={"it is a slip": 4})


@pytest.mark.parametrize("choice", ["log", "LOG", " Log ", np.str_("log")])
def test_a_choice_is_read_in_small_letters_and_capitals(choice):
    expect_choice(choice, "log", ["log", "linear"])
    expect_choice(choice, "Log", ["Log", "Linear"])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["log"], "arrived in a list. Next step: give it as text, without the list"),
        (("log",), "without the tuple"),
        ({"log"}, "without the set"),
        (np.array(["log"]), "without the array"),
        (pd.Series(["log"]), "without the Series"),
        (["log", "linear"], "without the list"),
        (3, "text in quotation marks"),
        (None, "text in quotation marks"),
    ],
)
def test_a_choice_is_text_by_itself(value, said):
    with pytest.raises(Wrong, match=said):
        expect_choice(value, "log", ["log", "linear"])


def test_a_letter_is_called_a_letter():
    with pytest.raises(Wrong, match="give the letter as text, without the list"):
        expect_choice(["B"], "B", "ABC", "your choice")
    for written in ("B.", "(b)", "'B'", "B:"):
        expect_choice(written, "B", "ABC")
    with pytest.raises(Wrong, match="give it, without the list"):
        expect_choice([2], 2, [1, 2])
    expect_choice(2, 2, [1, 2])


# --- who is too few to learn from ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "word", "condition"),
    [("01.beat_carry_forward", "art", "art_hiv"), ("02.beat_sofa", "stays", "sepsis")],
)
def test_a_handful_of_people_is_not_enough_to_learn_from(name, word, condition):
    few = load_cohort(condition, n_patients=20, seed=1)
    answer = find(name).right[0](few)
    outcome = judge(name, answer, **{word: few})
    assert outcome.status == "incorrect"
    assert f"`{word}` leaves 20 " in outcome.message
    assert f"pass the cohort of the chapter: {word}={word}" in outcome.message


def test_half_of_a_file_has_to_be_enough():
    art = load_cohort("art_hiv", n_patients=1500, seed=1)
    require_people(art, "art")
    with pytest.raises(Wrong, match="`art` leaves 750 people to learn from, and 1,000 are needed"):
        require_people(replace(art, recipe=None), "art")


# --- a cohort that was overwritten ---------------------------------------------------------------


def _detected(table):
    table["VL"] = table["VL"].clip(lower=50)


def _shuffled(table):
    table["VL"] = table["VL"].sample(frac=1, random_state=0).to_numpy()


def _one_cell(table):
    table.loc[3, "CD4"] = table.loc[3, "CD4"] + 0.1


def _other_label(table):
    table.loc[0, "Gender"] = "Female" if table.loc[0, "Gender"] == "Male" else "Male"


def _sorted(table):
    table.sort_values("VL", inplace=True)


def _dropped(table):
    table.drop(columns="CD4", inplace=True)


SPOILT = [_detected, _shuffled, _one_cell, _other_label, _sorted, _dropped]


@pytest.mark.parametrize("spoil", SPOILT)
def test_an_answer_is_not_judged_by_an_overwritten_cohort(spoil):
    """Else the share of a clipped viral load below 50, which is nobody, would be correct."""
    art = load_cohort("art_hiv", n_patients=100, seed=1)
    spoil(art.frame)
    outcome = judge("00.number_of_people", len(art), art=art)
    assert outcome.status == "error"
    assert "was changed after art was loaded" in outcome.message
    assert "table = art.frame.copy()" in outcome.message


def test_a_column_that_is_added_spoils_nothing():
    art = load_cohort("art_hiv", n_patients=100, seed=1)
    art.frame["suppressed"] = art.frame["VL"] < 50
    assert judge("00.number_of_people", 100, art=art).status == "correct"


def test_a_part_of_an_overwritten_cohort_is_overwritten_too():
    art = load_cohort("art_hiv", n_patients=100, seed=1)
    _detected(art.frame)
    part = art.subset(art.patients.index[:50])
    assert part.changed() == ["frame['VL']"]
    assert judge("00.number_of_people", 50, art=part).status == "error"
    assert pickle.loads(pickle.dumps(part)).changed() == ["frame['VL']"]


def test_one_of_several_cohorts_is_named():
    worlds = {n: load_cohort("art_hiv", n_patients=50, seed=1) for n in ("DTG", "EFV")}
    _detected(worlds["EFV"].frame)
    outcome = judge("00.effect_at_month_3", 0.1, twins=worlds)
    assert outcome.status == "error"
    assert outcome.message.startswith("twins.frame['VL'] was changed")


@pytest.mark.parametrize("condition", ["art_hiv", "sepsis", "hypotension"])
@pytest.mark.parametrize("table", ["frame", "patients", "decisions", "seen"])
def test_every_table_of_a_cohort_is_watched(condition, table):
    cohort = load_cohort(condition, n_patients=40, seed=1)
    assert cohort.changed() == []
    column = getattr(cohort, table).columns[-1]
    values = getattr(cohort, table)[column]
    getattr(cohort, table)[column] = values.iloc[::-1].to_numpy()
    same = values.equals(getattr(cohort, table)[column])
    assert cohort.changed() == ([] if same else [f"{table}[{column!r}]"])


def _other_words(table):
    sexes = {"Male": "Female", "Female": "Male"}
    table["Gender"] = table["Gender"].cat.rename_categories(sexes)


def _other_rows(table):
    table.index = table.index[::-1]


def _other_type(table):
    table["Drug (M)"] = table["Drug (M)"].astype("int8")


@pytest.mark.parametrize("spoil", [_other_words, _other_rows, _other_type])
def test_labels_rows_and_types_are_watched_too(spoil):
    art = load_cohort("art_hiv", n_patients=30, seed=1)
    spoil(art.frame)
    assert len(art.changed()) == 1


def test_whatever_is_added_may_be_of_any_kind():
    art = load_cohort("art_hiv", n_patients=30, seed=1)
    art.frame["date"] = pd.Timestamp("2012-01-01") + pd.to_timedelta(art.frame["Timestep"], "D")
    art.frame["list"] = [[1]] * len(art.frame)
    art.patients["dict"] = [{}] * len(art.patients)
    assert art.changed() == []
    assert judge("00.number_of_people", 30, art=art).status == "correct"
    part = art.subset(range(10))
    assert part.changed() == []
    assert len(part.frame) == 600
