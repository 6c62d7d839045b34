"""Decisions read from a table alone: of releases and of what generators made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..conditions import get_mechanism
from ..data import Cohort
from ..errors import ArgumentError, require_known


def seen_from(cohort: Cohort, reward: str | None = None) -> Cohort:
    """Return a cohort with the decisions that its table tells, and what was surely known then.

    A published file, and whatever a generator makes of one, shows values carried back from the
    future, no decisions and no probabilities.  What can honestly be known at each decision is much
    less than the environment shows, and less than the table does.

    Parameters
    ----------
    cohort : Cohort
        Of any source; decisions that were recorded are left aside.
    reward : str, optional
        One that the columns allow: of ART and hypotension ``"published"``, of sepsis
        ``"pressure"``, which are the defaults.

    Returns
    -------
    Cohort
        With ``decisions`` (without probabilities) and ``seen``: columns as in the environment, but
        fewer.  ``transitions(…, behaviour="estimated")`` takes it.

    Raises
    ------
    ArgumentError
        A reward that the columns do not allow, or a condition whose table tells no decisions.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> told = hg.rl.seen_from(hg.load_cohort("sepsis", n_patients=50))
    >>> "Lactate" in told.seen, "MeanBP" in told.seen, told.decisions.columns.tolist()
    (False, True, ['PatientID', 'Timepoints', 'action', 'reward'])
    """
    rules = get_mechanism(cohort.condition).from_file
    if rules is None:
        raise ArgumentError(
            f"Nobody has said what a table of {cohort.condition} tells of decisions."
        )
    reward = next(iter(rules.rewards)) if reward is None else reward
    require_known("reward", reward, rules.rewards, f" that a table of {cohort.condition} allows")
    who, when = cohort.schema.id, cohort.schema.step
    frame = cohort.frame.sort_values([who, when]).reset_index(drop=True)
    patient = frame[who]
    first, last = ~patient.duplicated(), ~patient.duplicated(keep="last")
    action = np.where(last, -1, rules.action(frame))
    decides = action >= 0
    if not decides.any():
        raise ArgumentError(f"This table of {cohort.condition} shows no decision at all.")

    seen = rules.seen(frame)
    seen.insert(0, when, frame[when])
    seen.insert(0, who, patient)
    kept = decides | last
    worth = pd.Series(np.where(first, 0.0, rules.rewards[reward](frame)))
    so_far = worth.groupby(patient).cumsum()[kept]
    opens = ~patient[decides].duplicated()
    until = so_far.groupby(patient[kept]).shift(-1)[decides[kept]]
    paid = until.to_numpy() - np.where(opens, 0.0, so_far[decides[kept]])
    decisions = pd.DataFrame({
        who: patient[decides],
        when: frame[when][decides],
        "action": pd.Categorical.from_codes(action[decides], categories=list(rules.actions)),
        "reward": paid,
    }).reset_index(drop=True)  # fmt: skip
    decisions.attrs["reward"] = reward
    tables = {"decisions": decisions, "seen": seen[kept].reset_index(drop=True)}
    return replace(cohort, seed=None, recipe=None, **tables)
