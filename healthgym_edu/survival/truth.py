"""What the arms truly do: the same people started on each, and followed like the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from ..data import simulate
from ..data.teaching import mechanism_with
from ..engine import (
    BLOCK,
    Policy,
    check_seed,
    first,
    live_block,
    resolve_policy,
    sample_actions,
)
from ..errors import ArgumentError, require_whole
from .arms import Arms, arm_of_label
from .following import Rule
from .projection import log_hazard_ratio
from .shaping import time_to_event

CHUNK = 8 * 1024  # people simulated at once, so that their records never all lie in memory
AMONG = ("started", "all")
GROUPS = 20  # of people, for the jackknife


def truth(
    condition: str,
    arms: Arms,
    event: Rule,
    horizon: int,
    at_risk: Rule | None = None,
    origin: int | Rule = "first decision",
    n_patients: int = 200_000,
    seed: int = 0,
    then: Policy = "clinician",
    among: str = "started",
    **options: Any,
) -> pd.DataFrame:
    """Compute the true risk and restricted mean of each arm, by a simulated trial on twins.

    Everybody is started on each arm in turn, by `hg.first`, and then treated by `then`. The same
    people, met by the same chance events, are compared, so no difference between people remains.

    Parameters
    ----------
    condition : str
    arms : mapping
        Name to a rule on the label of the first regimen.
    event, at_risk, origin
        As for `time_to_event`.
    horizon : int
        Steps after time zero.
    n_patients, seed : int
        How many are simulated; another seed than that of a cohort brings other people.
    then : str or callable
        Who treats after the first decision.
    among : str
        ``"started"``: the trial is done on those whom clinicians start on one of the arms, whom a
        comparison in records is about. ``"all"``: on everybody.
    **options
        As for `load_cohort`.

    Returns
    -------
    DataFrame
        Indexed by arm, then ``"A - B"``: ``risk`` of the event by the horizon, ``rmst`` in steps,
        and their Monte Carlo errors ``risk_error`` and ``rmst_error``. For each pair also
        ``log_hazard_ratio`` and its error: the marginal *projection* that a Cox model of a trial
        of this length would report, though hazards are not proportional. ``attrs["people"]`` says
        how many people there were.

    Raises
    ------
    ArgumentError
        What `time_to_event` and `simulate` refuse, or nobody among the people asked for.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> arms = {"DTG": lambda label: "DTG" in label, "EFV": lambda label: "EFV" in label}
    >>> table = hg.survival.truth("art_hiv", arms, "suppressed_50", 12, n_patients=2000,
    ...                           at_risk="Naive at entry", entry=(2014, 2016))
    >>> bool(table.loc["DTG - EFV", "rmst"] < 0)
    True
    """
    if among not in AMONG:
        raise ArgumentError(f"among is {among!r}; it must be 'started' or 'all'.")
    require_whole("n_patients", n_patients, 1)
    check_seed(seed)
    sizes = [min(CHUNK, n_patients - begun) for begun in range(0, n_patients, CHUNK)]
    shape = {"event": event, "at_risk": at_risk, "origin": origin, "horizon": horizon}
    parts = Parallel()(
        delayed(_chunk)(
            condition, dict(arms), shape, size, seed + 1_000_003 * place, then, among, options
        )
        for place, size in enumerate(sizes)
    )
    duration = np.concatenate([part[0] for part in parts])  # (people, arms)
    had = np.concatenate([part[1] for part in parts])
    if not len(duration):
        raise ArgumentError(f"None of {n_patients:,} people is among those asked for.")
    return _table(list(arms), duration, had)


def _table(names: list[str], duration: np.ndarray, had: np.ndarray) -> pd.DataFrame:
    """Risks, restricted means and log hazard ratios, from a column for each arm."""
    columns = {name: (had[:, k].astype(float), duration[:, k]) for k, name in enumerate(names)}
    for one, other in combinations(names, 2):
        columns[f"{one} - {other}"] = tuple(
            x - y for x, y in zip(columns[one], columns[other], strict=True)
        )
    root = np.sqrt(len(duration))
    rows = {
        name: {
            "risk": risk.mean(), "risk_error": risk.std(ddof=1) / root,
            "rmst": time.mean(), "rmst_error": time.std(ddof=1) / root,
        }
        for name, (risk, time) in columns.items()
    }  # fmt: skip
    table = pd.DataFrame(rows).T
    for one, other in combinations(names, 2):
        pair = [names.index(one), names.index(other)]
        found = _projection(duration[:, pair], had[:, pair])
        table.loc[f"{one} - {other}", ["log_hazard_ratio", "log_hazard_ratio_error"]] = found
    table.attrs["people"] = len(duration)
    return table


def _projection(duration: np.ndarray, had: np.ndarray) -> tuple[float, float]:
    """Log hazard ratio of the first arm against the second, and its error by a jackknife."""
    arm = np.broadcast_to([True, False], duration.shape)

    def of(chosen: np.ndarray) -> float:
        parts = (part[chosen].ravel() for part in (duration.astype(int), had, arm))
        return log_hazard_ratio(*parts)

    part = np.arange(len(duration)) % GROUPS
    without = np.array([of(part != k) for k in range(GROUPS)])
    error = np.sqrt((GROUPS - 1) * without.var())
    return of(np.full(len(duration), True)), float(error)


def _chunk(
    condition: str,
    arms: dict[str, Callable[[str], bool]],
    shape: dict[str, Any],
    n_patients: int,
    seed: int,
    then: Policy,
    among: str,
    options: Mapping[str, Any],
) -> tuple[np.ndarray, np.ndarray]:
    """Return durations and events of some people, a column for each arm."""
    asked: np.ndarray | None = None
    if among == "started":
        asked = _starters(condition, arms, n_patients, seed, options)
    tables = []
    for rule in arms.values():
        cohort = simulate(condition, n_patients, first(rule, then), seed=seed, **options)
        table = time_to_event(cohort, **shape).set_index(cohort.schema.id)
        tables.append(table if asked is None else table[table.index.isin(asked)])
    shared = tables[0].index
    for table in tables[1:]:
        shared = shared.intersection(table.index)
    chosen = [table.loc[shared] for table in tables]
    return (
        np.column_stack([table["duration"].to_numpy(float) for table in chosen]),
        np.column_stack([table["event"].to_numpy(bool) for table in chosen]),
    )


def _starters(
    condition: str,
    arms: dict[str, Callable[[str], bool]],
    n_patients: int,
    seed: int,
    options: Mapping[str, Any],
) -> np.ndarray:
    """Return whom clinicians start on one of the arms; for that nobody lives on."""
    mechanism, found = mechanism_with(condition, options), []
    choose = resolve_policy(mechanism, "clinician")
    wanted = np.isin(mechanism.actions, list(arm_of_label(mechanism.actions, arms)))
    for block in range(-(-n_patients // BLOCK)):
        state = live_block(mechanism, block, seed, None).state
        due = np.flatnonzero(mechanism.deciding(state) & ~mechanism.over(state))
        waiting = state.take(due)
        action = sample_actions(choose(waiting), waiting.at("action"))
        found.append(block * BLOCK + due[wanted[action]])
    people = np.concatenate(found)
    return people[people < n_patients]
