"""Open exercises: nobody predicts newcomers by a leak, and whatever goes wrong is said in words."""

from __future__ import annotations

import secrets

import numpy as np
import pandas as pd
import pytest

from healthgym_edu.checks import strangers
from healthgym_edu.checks.strangers import SEED_WHEN_STRICT, ask_about_newcomers
from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import NotAttempted, Wrong, ____


class Toy:
    """People whose fate follows from their number and place, so that any leak of those shows."""

    def __init__(self, n=400, seed=0, simulated=True):
        rng = np.random.default_rng(seed)
        self.seed, self.n = seed, n
        self.frame = pd.DataFrame({"PatientID": np.repeat(np.arange(n), 3), "step": [0, 1, 2] * n})
        self.frame["x"] = np.repeat(rng.normal(size=n), 3) + self.frame["step"] / 100
        self.frame.attrs["fates"] = [True, False]
        self.recipe = Toy if simulated else None

    def fates(self):
        fates = pd.Series(np.arange(self.n) % 2 == 1, pd.RangeIndex(self.n, name="PatientID"))
        fates.attrs["told"] = True
        return fates

    def fresh(self, n, seed):
        assert seed != self.seed
        return Toy(n, seed)

    def split(self, fraction, seed):
        order = np.random.default_rng(seed).permutation(self.n)
        halves = order[: int(fraction * self.n)], order[int(fraction * self.n) :]
        parts = []
        for ids in halves:
            part = Toy(self.n, self.seed, simulated=False)
            part.frame = self.frame[self.frame["PatientID"].isin(ids)]
            parts.append(part)
        return parts


def records(toy):
    return toy.frame[toy.frame["step"] < 2]


def ask(answer, *cohorts, n=600, **changed):
    ways = {"records_of": records, "outcome_of": Toy.fates, **changed}
    return ask_about_newcomers(answer, *(cohorts or (Toy(),)), n_fresh=n, **ways)


def people(table):
    return pd.Index(table["PatientID"].unique(), name="PatientID")


def nobody(known, outcome, newcomers):
    return pd.Series(False, people(newcomers))


@pytest.fixture(autouse=True)
def not_strict(monkeypatch):
    monkeypatch.delenv("HEALTHGYM_EDU_STRICT", raising=False)


# --- nothing to be gained by a leak ---------------------------------------------------------------


def looked_up(toy):
    fates = toy.fates()

    def answer(known, outcome, newcomers):
        numbers = [number % 1_000_000 for number in people(newcomers)]
        return pd.Series([bool(fates.get(number, False)) for number in numbers], people(newcomers))

    return answer


def met_everybody(toy):
    """A model of everybody in the learner's cohort, which knows each of them by heart."""
    x, fates = toy.frame.groupby("PatientID")["x"].first(), toy.fates()

    def answer(known, outcome, newcomers):
        theirs = newcomers.groupby("PatientID")["x"].first()
        return theirs.map(lambda one: bool(fates[(x - one).abs().idxmin()]))

    return answer


def by_position(toy):
    return lambda known, outcome, newcomers: pd.Series(
        np.resize(outcome.to_numpy(), len(people(newcomers))), people(newcomers)
    )


def by_place_in_the_table(toy):
    def answer(known, outcome, newcomers):
        return pd.Series(np.arange(len(people(newcomers))) % 2 == 1, people(newcomers))

    return answer


def by_number(toy):
    return lambda known, outcome, newcomers: pd.Series(
        people(newcomers) % 2 == 1, people(newcomers)
    )


def by_notes_on_the_table(toy):
    def answer(known, outcome, newcomers):
        assert newcomers.attrs == known.attrs == outcome.attrs == {}
        assert newcomers._is_copy is None
        assert list(newcomers) == ["PatientID", "step", "x"]
        return nobody(known, outcome, newcomers)

    return answer


def overwriting(toy):
    """Makes the newcomers people it knows, and everybody's fate the same."""

    def answer(known, outcome, newcomers):
        ids = people(newcomers)
        toy.frame["PatientID"] = 7
        outcome[:] = True
        known["PatientID"] = 7
        newcomers["PatientID"] = 7
        newcomers["x"] = 0.0
        return pd.Series(True, ids)

    return answer


CHEATS = [
    looked_up, met_everybody, by_position, by_place_in_the_table, by_number,
    by_notes_on_the_table, overwriting,
]  # fmt: skip


@pytest.mark.parametrize("cheat", CHEATS)
@pytest.mark.parametrize("seed", range(5))
def test_a_cheat_gains_nothing(cheat, seed, monkeypatch):
    monkeypatch.setattr(secrets, "randbits", lambda bits: seed + 10)
    toy = Toy()
    judged = ask(cheat(toy), toy)
    right = ((judged.said == 1) == judged.truth).mean()
    assert abs(right - 0.5) < 0.09  # four standard errors of 600 coins
    assert judged.said.index.equals(judged.truth.index)
    assert judged.truth.mean() == 0.5
    assert judged.newcomers["x"].nunique() == 1200


def test_the_fates_of_newcomers_are_made_after_they_were_predicted():
    happened = []

    def fates(toy):
        happened.append(toy.seed)
        return toy.fates()

    def answer(known, outcome, newcomers):
        happened.append("predicted")
        return nobody(known, outcome, newcomers)

    ask(answer, outcome_of=fates)
    own, predicted, theirs = happened
    assert (own, predicted) == (0, "predicted")
    assert theirs not in (0, SEED_WHEN_STRICT)


def test_everybody_has_a_new_number_and_known_and_outcome_belong_together():
    toy = Toy()

    def answer(known, outcome, newcomers):
        both = [*people(known), *people(newcomers)]
        assert len(set(both)) == len(both) == 1000
        assert min(both) >= 1_000_000
        assert max(people(known)) > min(people(newcomers))  # neither group comes first
        assert min(people(known)) < max(people(newcomers))
        assert people(known).is_monotonic_increasing
        assert outcome.index.equals(people(known))
        assert known.groupby("PatientID")["step"].apply(list).map([0, 1].__eq__).all()
        whose = dict(zip(toy.frame["x"], toy.frame["PatientID"], strict=True))
        first = known[known["step"] == 0].set_index("PatientID")["x"].map(whose)
        assert (outcome == (first % 2 == 1)).all()
        assert not first.is_monotonic_increasing
        return nobody(known, outcome, newcomers)

    ask(answer, toy)


def test_newcomers_are_others_each_time_and_the_same_under_strict(monkeypatch):
    seeds = [strangers._seed([Toy()]) for _ in range(4)]
    assert len(set(seeds)) == 4
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    one, other = ask(nobody), ask(nobody)
    assert one.newcomers.equals(other.newcomers)
    assert strangers._seed([Toy()]) == SEED_WHEN_STRICT
    assert strangers._seed([Toy(seed=SEED_WHEN_STRICT)]) == SEED_WHEN_STRICT + 1


def test_a_file_is_divided_and_the_learner_is_told():
    toy = Toy(simulated=False)
    met = {}

    def answer(known, outcome, newcomers):
        met.update(known=set(known["x"]), new=set(newcomers["x"]))
        return nobody(known, outcome, newcomers)

    judged = ask(answer, toy)
    assert "one half of the people in a file" in judged.remark
    assert len(judged.said) == 200
    assert not met["known"] & met["new"]
    assert met["known"] | met["new"] == set(records(toy)["x"])
    for cheat in (looked_up, by_position, by_place_in_the_table, by_number, overwriting):
        toy = Toy(simulated=False)
        judged = ask(cheat(toy), toy)
        assert abs(((judged.said == 1) == judged.truth).mean() - 0.5) < 0.15
    assert "simulated for this check" in ask(nobody).remark


def test_several_cohorts_of_the_same_people_are_asked_together():
    def outcome(one, other):
        assert one.seed == other.seed
        return one.fates()

    judged = ask(nobody, Toy(), Toy(), records_of=lambda one, other: records(other),
                 outcome_of=outcome)  # fmt: skip
    assert len(judged.truth) == 600


def test_a_cohort_of_the_course_brings_newcomers():
    art = load_cohort("art_hiv", n_patients=60, seed=1)

    def first(art):
        return art.frame[art.frame["Timestep"] == 0]

    def low_at_end(art):
        return art.frame[art.frame["Timestep"] == 59].set_index("PatientID")["VL"] < 50

    judged = ask(nobody, art, n=80, records_of=first, outcome_of=low_at_end)
    assert len(judged.said) == 80
    assert judged.truth.dtype == bool
    assert art.changed() == []


# --- answers of any kind, and what is said of those that cannot be judged -----------------------


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
