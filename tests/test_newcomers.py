"""Open exercises: whatever goes wrong with a function and its answers is said in words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from toy_people import Toy, ask, nobody

from healthgym_edu.exercises import NotAttempted, Wrong, ____


@pytest.fixture(autouse=True)
def not_strict(monkeypatch):
    monkeypatch.delenv("HEALTHGYM_EDU_STRICT", raising=False)
    monkeypatch.delenv("HEALTHGYM_EDU_SEED", raising=False)


@pytest.mark.parametrize(
    "way",
    [
        lambda said: said,
        lambda said: said.astype(int),
        lambda said: said.astype("boolean"),
        lambda said: said.astype(object),
        lambda said: said.astype(float).rename("risk"),
        lambda said: said.iloc[::-1],
        lambda said: said.to_frame("risk"),
    ],
)
def test_a_right_answer_may_be_written_in_many_ways(way):
    judged = ask(lambda known, outcome, newcomers: way(nobody(known, outcome, newcomers)))
    assert judged.said.dtype == float
    assert (judged.said == 0).all()


def test_more_than_the_three_things_may_be_taken():
    class Model:
        def __call__(self, known, outcome, newcomers, depth=3):
            return nobody(known, outcome, newcomers)

    ask(Model())
    ask(lambda *tables: nobody(*tables))
    ask(lambda a, b, c, **more: nobody(a, b, c))


def raising(known, outcome, newcomers):
    table = newcomers.copy()
    return table["VLX"] < 50


def changed(way):
    return lambda known, outcome, newcomers: way(nobody(known, outcome, newcomers))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (0.7, "give its name without parentheses"),
        (Toy().fates(), "give its name without parentheses"),
        (lambda known: None, "is given 3 things, (known, outcome, newcomers), in this order; "),
        (lambda known, newcomers: None, "yours takes (known, newcomers)"),
        (lambda a, b, c, d: None, "write: def learn_and_predict(known, outcome, newcomers)"),
        (raising, "your function raised KeyError: 'VLX', in line"),
        (raising, '`return table["VLX"] < 50`'),
        (raising, "numbered anew"),
        (lambda a, b, c: Toy().fates().loc[c["PatientID"]], "your function raised KeyError"),
        (lambda a, b, c: 1 / 0, "your function raised ZeroDivisionError: division by zero"),
        (lambda a, b, c: None, "returned nothing. Next step: end it with `return …`"),
        (changed(lambda said: said.to_numpy()), "returned an array (NumPy) of shape (600,)"),
        (changed(lambda said: list(said)), "return a pandas Series with the PatientID"),
        (lambda a, b, c: c, "returned a table (DataFrame) of"),
        (changed(lambda said: said.reset_index(drop=True)), "names no patient"),
        (lambda a, b, c: Toy().fates(), "the index of what your function returned names no"),
        (changed(lambda said: said.iloc[::2]), "an answer for each patient; 300 of 600 arrived"),
        (changed(lambda said: pd.concat([said, said])), "1,200 answers arrived for 600: somebody"),
        (lambda a, b, c: nobody(a, b, pd.concat([a, c])), "others than the newcomers"),
        (lambda a, b, c: c.set_index("PatientID")["x"] > 0, "somebody twice"),
        (changed(lambda said: said.astype(float).mask(said.index % 2 == 0)), "of 600 answers"),
        (changed(lambda said: said.map({False: "low"})), "numbers, or True and False, not 'low'"),
        (changed(lambda said: said.astype(float) + np.inf), "infinite"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said(answer, said):
    with pytest.raises(Wrong) as caught:
        ask(answer)
    assert said.lower() in str(caught.value).lower()


def test_the_line_is_the_learners_own_where_a_library_raised():
    def answer(known, outcome, newcomers):
        inner = newcomers.groupby("PatientID")
        return inner["x"].agg("no such function")

    with pytest.raises(
        Wrong, match=r'in line \d+: `return inner\["x"\]\.agg\("no such function"\)`'
    ):
        ask(answer)


@pytest.mark.parametrize(
    "blank", [lambda a, b, c: ____, lambda a, b, c: pd.Series([____] * 2), lambda a, b, c: [____]]
)
def test_a_blank_inside_is_not_attempted(blank):
    with pytest.raises(NotAttempted):
        ask(blank)


def test_of_a_long_list_of_people_who_are_missing_the_first_is_named():
    with pytest.raises(Wrong) as caught:
        ask(lambda a, b, c: Toy().fates().loc[c["PatientID"].unique()])
    said = str(caught.value).partition(" Next step")[0]
    assert re.fullmatch(
        r'Your function raised KeyError: "None of \[Index\(\[\d{7}, …\]\)\] are in the '
        r"\[index\]\", in line \d+: `.*`\.",
        said,
    )
    with pytest.raises(Wrong, match=r"\['VLX', 'AGE'\]"):  # names of columns are all told
        ask(lambda a, b, c: c[["VLX", "AGE"]])


def test_a_long_message_is_cut_and_an_interruption_is_not_caught():
    def talkative(known, outcome, newcomers):
        raise ValueError("x" * 5000)

    def stopped(known, outcome, newcomers):
        raise KeyboardInterrupt

    with pytest.raises(Wrong) as caught:
        ask(talkative)
    assert len(str(caught.value)) < 500
    with pytest.raises(KeyboardInterrupt):
        ask(stopped)
