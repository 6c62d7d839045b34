"""Could somebody be found in this table? Attacks first, and distances only beside them.

In the order of the consensus of 2025 on synthetic health data: whether somebody was in the
training data (membership) and what else can be said of them (attributes) come first; how alike
records are is no evidence by itself, because records that pass every test of distance can still
give their people away.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from .. import metrics
from ..data import Cohort
from ..data.columns import Columns, comparable
from ..engine import check_seed
from ..errors import ArgumentError, require_whole
from . import attacks
from .disclosure import identity_disclosure

COLUMNS = ["attack", "metric", "value", "lower", "upper", "ideal", "rank", "says"]
FEWEST = 20  # people of each cohort on whom an attack can be tried


class Scores(Protocol):
    """A released model that can be asked how well it knows somebody."""

    def patient_scores(self, cohort: Cohort) -> np.ndarray:
        """One number for each patient, higher for those whom the model knows better."""
        ...


def privacy(
    train: Cohort,
    synthetic: Cohort,
    holdout: Cohort,
    model: Scores | None = None,
    *,
    replicates: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Attack a synthetic cohort: who was in the training data, and what does it say of them?

    Parameters
    ----------
    train : Cohort
        Whom the generator learned from: the members.
    synthetic : Cohort
        What it made.
    holdout : Cohort
        People of the same kind whom it has not met.
    model : object, optional
        The generator, if it is released as well: with a method ``patient_scores(cohort)``.
    replicates, seed : int
        Bootstrap by patient; 0 for no intervals.

    Returns
    -------
    DataFrame
        ``attack, metric, value, lower, upper, ideal, rank`` (``"first"`` for attacks and copies,
        ``"secondary"`` for distances) and ``says``, what the number means and what it cannot see.
        An AUC is 0.5 where an attack learns nothing, and 1 where it finds everybody. What is
        found at 1 % false alarms counts those who can be named with confidence.

    Raises
    ------
    ArgumentError
        Two conditions, people who are in both train and holdout, too few people, or what
        `fidelity` refuses of a cohort.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train, holdout = hg.load_cohort("hypotension", n_patients=200).split(0.5)
    >>> table = hg.evaluation.privacy(train, train, holdout, replicates=0)  # it "made" a copy
    >>> row = table.query("attack == 'membership, by distance' and metric == 'AUC'").iloc[0]
    >>> float(row["value"]) > 0.95
    True
    """
    require_whole("replicates", replicates, 0)
    check_seed(seed)
    one, made = comparable(train, synthetic)
    other, _ = comparable(holdout, synthetic)
    _require_apart(train, holdout, one, other)
    fewest = min(len(one), len(made), len(other))
    if fewest < FEWEST:
        raise ArgumentError(
            f"An attack is tried on {FEWEST} people of each cohort or more; one has {fewest}."
        )
    people = attacks.profiles(one, made, other)
    rows = [
        *_membership("membership, by distance", attacks.by_distance(people), replicates, seed),
        *_membership("membership, by course", attacks.by_course(people), replicates, seed),
        *_membership(
            "membership, by classifier", attacks.by_classifier(people, seed), replicates, seed
        ),
    ]
    if model is not None:
        scores = model.patient_scores(train), model.patient_scores(holdout)
        rows += _membership("membership, by the released model", scores, replicates, seed)
    rows += _attributes(one, made, other, people, replicates, seed)
    rows += _copies(people)
    rows += _secondary(one, made, other, people)
    return pd.DataFrame(rows, columns=COLUMNS)


def _require_apart(train: Cohort, holdout: Cohort, one: Columns, other: Columns) -> None:
    """Refuse people who are in both: an attack on them says nothing."""
    same_source = train.source == holdout.source and train.seed == holdout.seed
    shared = one.ids.intersection(other.ids) if same_source else []
    if len(shared):
        raise ArgumentError(
            f"{len(shared):,} people are in both train and holdout, the first of them "
            f"{shared[0]}. Divide a cohort with cohort.split(), or take cohort.fresh()."
        )


Found = tuple[str, str, float, float, float, float, str, str]


def _membership(
    attack: str, scores: tuple[np.ndarray, np.ndarray], replicates: int, seed: int
) -> list[Found]:
    ideal = {"AUC": 0.5, "found at 1 % false alarms": attacks.FALSE_ALARMS}
    says = {
        "AUC": "how often a member looks more like one than another person does",
        "found at 1 % false alarms": "share of members who can be named with confidence",
    }
    found = attacks.membership(*scores, replicates, seed)
    return [
        (attack, name, *values, ideal[name], "first", says[name]) for name, values in found.items()
    ]


def _attributes(
    train: Columns, made: Columns, holdout: Columns, people: attacks.Profiles,
    replicates: int, seed: int,
) -> list[Found]:  # fmt: skip
    """How much better a guess of one label is for members than for people nobody learned from.

    The attacker knows all summaries of a person but those of the label, finds the nearest synthetic
    patient, and says that patient's label of the first step.
    """
    names = [n for n in train.labelled if n not in train.schema.flags and _varies(holdout, n)]
    if not names:
        return []
    static = [name for name in names if name in train.schema.static]
    target = (static or names)[-1]
    guesses = []
    for columns, rows in ((train, people.train), (holdout, people.holdout)):
        hidden = _without(rows, holdout, target)
        _, which = attacks.nearest(hidden, _without(people.synthetic, holdout, target))
        guesses.append((_label(made, target)[which] == _label(columns, target)).astype(float))

    def gain(w: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.array([np.average(guesses[0], weights=w) - np.average(guesses[1], weights=v)])

    sizes = len(train), len(holdout)
    low, high = np.full(1, np.nan), np.full(1, np.nan)
    if replicates:
        low, high = metrics.intervals(gain, sizes, replicates, seed)
    value = float(gain(*(np.ones(size) for size in sizes))[0])
    population = float(np.bincount(_label(holdout, target)).max() / len(holdout))
    return [
        (
            "attribute", f"{target}: gain over people not learned from", value, float(low[0]),
            float(high[0]), 0.0, "first",
            f"right for {guesses[0].mean():.0%} of members and {guesses[1].mean():.0%} of others; "
            f"guessing the commonest label is right for {population:.0%}",
        )
    ]  # fmt: skip


def _varies(columns: Columns, name: str) -> bool:
    return len(np.unique(_label(columns, name))) > 1


def _label(columns: Columns, name: str) -> np.ndarray:
    """The label of each patient at the first step."""
    first = np.append(0, np.cumsum(columns.lengths)[:-1])
    return columns.codes[first, columns.labelled.index(name)]


def _without(rows: np.ndarray, columns: Columns, name: str) -> np.ndarray:
    """Profiles without the numbers that come from a labelled column."""
    return rows[:, ~_tells(columns, name, rows.shape[1])]


def _tells(columns: Columns, name: str, width: int) -> np.ndarray:
    """Which numbers of a profile come from a labelled column."""
    begin = columns.numbers.shape[1]
    for one, size in zip(columns.labelled, columns.levels, strict=True):
        levels = size if size > 2 else 1
        if one == name:
            break
        begin += levels
    d = columns.courses().values.shape[2]
    of_column = np.zeros(d, dtype=bool)
    of_column[begin : begin + levels] = True
    numbers = np.zeros(columns.numbers.shape[1], dtype=bool)
    summaries = [of_column] * 4 + [numbers, numbers, of_column, np.zeros(1, dtype=bool)]
    head = np.concatenate(summaries)
    steps = (width - len(head)) // d
    return np.concatenate([head, *[of_column] * steps])


def _copies(people: attacks.Profiles) -> list[Found]:
    exact, near, whom = attacks.copies(people)
    none = (np.nan, np.nan, 0.0, "first")
    return [
        ("copies", "exact copies of members", float(exact), *none, "no AUC sees five of them"),
        ("copies", "exact and near copies", float(near), *none, "nearer than people ever are"),
        ("copies", "members who are shown", float(whom), *none, "each is a person exposed"),
    ]


def _secondary(
    train: Columns, made: Columns, holdout: Columns, people: attacks.Profiles
) -> list[Found]:
    """Distances and the estimate of identity disclosure, with what they cannot see."""
    to_train, _ = attacks.nearest(people.synthetic, people.train)
    to_other, _ = attacks.nearest(people.synthetic, people.holdout)
    share = float((to_train < to_other).mean() + 0.5 * (to_train == to_other).mean())
    even = len(people.train) / (len(people.train) + len(people.holdout))
    risk = identity_disclosure(train, made)
    blind = (np.nan, np.nan)
    return [
        (
            "distance to closest record", "nearer to a member than to others", share, *blind, even,
            "secondary", "sees plain copies, and neither five people nor what a record reveals",
        ),
        (
            "Euclidean disclosure test", "smallest distance to a member", float(to_train.min()),
            *blind, float(to_other.min()), "secondary",
            "only asks whether it is above 0, which any noise makes it",
        ),
        (
            "identity disclosure", "risk (El Emam 2020; usual threshold 0.09)", risk, *blind, 0.0,
            "secondary", "blind to people who are found by their course, not by who they are",
        ),
    ]  # fmt: skip
