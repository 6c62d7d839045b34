"""Open exercises: nobody predicts newcomers by a leak."""

from __future__ import annotations

import inspect
import secrets
from types import FunctionType, GeneratorType, ModuleType

import numpy as np
import pandas as pd
import pytest
from toy_people import Toy, ask, nobody, people, records

from healthgym_edu.checks import strangers
from healthgym_edu.checks.strangers import SEED_WHEN_STRICT
from healthgym_edu.data import load_cohort
from healthgym_edu.errors import ArgumentError


@pytest.fixture(autouse=True)
def not_strict(monkeypatch):
    monkeypatch.delenv("HEALTHGYM_EDU_STRICT", raising=False)
    monkeypatch.delenv("HEALTHGYM_EDU_SEED", raising=False)


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


def from_the_call_stack(toy):
    """Takes the fates of whatever cohort stands in a variable of those who called it."""

    def answer(known, outcome, newcomers):
        for found in reachable_by_name(inspect.currentframe().f_back):
            if isinstance(found, Toy) and found is not toy:
                fates = found.fates()
                return fates.set_axis(people(newcomers)[: len(fates)])
        return by_number(toy)(known, outcome, newcomers)

    return answer


def made_again(toy):
    """Makes the newcomers of the fixed seed, as they would be under STRICT."""

    def answer(known, outcome, newcomers):
        again = toy.fresh(len(people(newcomers)), SEED_WHEN_STRICT)
        sizes = [len(people(known)), again.n]
        numbers = np.random.default_rng(SEED_WHEN_STRICT).permutation(sum(sizes)) + 1_000_000
        fates = again.fates().set_axis(numbers[sizes[0] :])
        return fates.reindex(people(newcomers), fill_value=False)

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
    by_notes_on_the_table, from_the_call_stack, made_again, overwriting,
]  # fmt: skip


def reachable_by_name(frame):
    """Whatever variables of the callers lead to: attributes, items, closures, generators."""
    todo, seen = [], {}
    while frame is not None and frame.f_code.co_filename in (strangers.__file__, __file__):
        todo += frame.f_locals.values()
        frame = frame.f_back
    while todo:
        found = todo.pop()
        if id(found) in seen or isinstance(found, (str, bytes, type, ModuleType)):
            continue
        seen[id(found)] = found
        if isinstance(found, FunctionType):
            todo += [cell.cell_contents for cell in found.__closure__ or ()]
        elif isinstance(found, GeneratorType):
            todo += found.gi_frame.f_locals.values() if found.gi_frame else ()
        elif isinstance(found, dict):
            todo += found.values()
        elif isinstance(found, (list, tuple, set)):
            todo += found
        elif isinstance(found, Toy):
            todo += vars(found).values()
    return list(seen.values())


def test_nothing_that_the_callers_name_leads_to_the_newcomers_or_their_seed(monkeypatch):
    monkeypatch.setattr(strangers, "randbits", lambda bits: 123_456_789)
    toy, found = Toy(), []

    def answer(known, outcome, newcomers):
        found.extend(reachable_by_name(inspect.currentframe().f_back))
        return nobody(known, outcome, newcomers)

    judged = ask(answer, toy)
    assert any(one is toy for one in found)  # the search does find what is there
    assert [one for one in found if isinstance(one, Toy) and one is not toy] == []
    assert not any(isinstance(one, (int, np.integer)) and one == 123_456_789 for one in found)
    ids = set(judged.truth.index)
    fates = [one for one in found if isinstance(one, pd.Series) and set(one.index) & ids]
    assert fates == []


def test_a_patch_of_secrets_and_the_seed_of_the_tests_help_nobody(monkeypatch):
    monkeypatch.setattr(secrets, "randbits", lambda bits: 7)
    assert 7 not in {strangers.seed_of_a_check(1) for _ in range(3)}
    toy = Toy()
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    judged = ask(made_again(toy), toy)
    assert (judged.said == judged.truth).all()  # a notebook that is strict knows the fixed seed
    monkeypatch.setenv("HEALTHGYM_EDU_SEED", "20260801")
    judged = ask(made_again(toy), toy)
    assert abs((judged.said == judged.truth).mean() - 0.5) < 0.09


@pytest.mark.parametrize("cheat", CHEATS)
@pytest.mark.parametrize("seed", range(5))
def test_a_cheat_gains_nothing(cheat, seed, monkeypatch):
    monkeypatch.setattr(strangers, "randbits", lambda bits: seed + 10)
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
    seeds = [strangers.seed_of_a_check(5) for _ in range(4)]
    assert len(set(seeds)) == 4
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    one, other = ask(nobody), ask(nobody)
    assert one.newcomers.equals(other.newcomers)
    assert strangers.seed_of_a_check(5) == 5
    assert strangers.seed_of_a_check(5, [5, 6, None]) == 7
    monkeypatch.setenv("HEALTHGYM_EDU_SEED", " 2026 ")
    assert strangers.seed_of_a_check(5) == 2026
    assert not ask(nobody).newcomers.equals(one.newcomers)
    monkeypatch.delenv("HEALTHGYM_EDU_STRICT")
    assert strangers.seed_of_a_check(5) != 2026
    assert "HEALTHGYM_EDU_SEED" in strangers.__doc__


@pytest.mark.parametrize("told", ["-1", "1.5", "secret", "1e3", "²"])
def test_a_seed_that_is_no_whole_number_is_refused_in_words(told, monkeypatch):
    monkeypatch.setenv("HEALTHGYM_EDU_STRICT", "1")
    monkeypatch.setenv("HEALTHGYM_EDU_SEED", told)
    with pytest.raises(ArgumentError, match="should be a whole number of 0 or more"):
        ask(nobody)


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
