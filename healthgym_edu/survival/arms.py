"""On which arm was somebody started, and how probable did the clinician make it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError

Arms = Mapping[str, Callable[[str], bool]]
"""Name to a rule on the label of the first regimen, as `hg.first` takes it."""


def arms_of(cohort: Cohort, arm: Arms | pd.Series) -> pd.Series:
    """Return the name of each patient's arm, by patient; missing for those of no arm."""
    if isinstance(arm, pd.Series):
        return arm.dropna()
    if cohort.decisions is None:
        raise ArgumentError(
            f"{cohort.source} records no decisions, so nobody knows what was started. Pass arm as "
            "a Series of names indexed by patient."
        )
    firsts = cohort.decisions.groupby(cohort.schema.id, sort=False)["action"].first()
    return firsts.astype(object).map(arm_of_label(firsts.cat.categories, arm)).dropna()


def arm_of_label(labels: Iterable[str], arms: Arms) -> dict[str, str]:
    """Return the name of the arm of each regimen that is in one.

    Raises
    ------
    ArgumentError
        A regimen in two arms, or an arm without a regimen.
    """
    labels = list(labels)
    found: dict[str, str] = {}
    for name, rule in arms.items():
        for label in (one for one in labels if rule(one)):
            if label in found:
                raise ArgumentError(
                    f"The regimen {label!r} is in two arms, {found[label]!r} and {name!r}. "
                    "Make their rules exclude each other."
                )
            found[label] = name
    lacking = [name for name in arms if name not in found.values()]
    if lacking:
        raise ArgumentError(
            f"No regimen meets the rule of arm {lacking[0]!r}. Labels are, for example, "
            f"{', '.join(map(repr, labels[:4]))}."
        )
    return found


def recorded_probabilities(cohort: Cohort, arms: Arms, people: pd.Index) -> pd.DataFrame:
    """Return the clinician's probability of each arm at the first decision, given one of them.

    One row per patient of ``people``, who were all started on one of the arms, and one column per
    arm; each row adds up to 1.
    """
    assert cohort.decisions is not None
    firsts = cohort.decisions.groupby(cohort.schema.id, sort=False).first().loc[people]
    labels = list(cohort.actions)
    sums = {
        name: firsts[[label for label in labels if rule(label)]].to_numpy(float).sum(axis=1)
        for name, rule in arms.items()
    }
    table = pd.DataFrame(sums, index=people)
    return table.div(table.sum(axis=1), axis=0)


def of_own_arm(table: pd.DataFrame, arm: pd.Series) -> pd.Series:
    """Pick from each row the probability of the arm that was started."""
    column = table.columns.get_indexer(arm)
    return pd.Series(table.to_numpy()[range(len(table)), column], index=table.index)
