"""Chapter 15: the moment at which the pressure falls, its twins, and longer steps of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from healthgym_edu import metrics
from healthgym_edu.data import Cohort
from healthgym_edu.data.teaching import mechanism_with
from healthgym_edu.engine import Mechanism
from healthgym_edu.engine.living import live_block
from healthgym_edu.engine.noise import BLOCK
from healthgym_edu.engine.policies import Chooser, ComposedPolicy, Policy, resolve_policy
from healthgym_edu.rl import Transitions
from healthgym_edu.rl.agents.base import Agent
from healthgym_edu.rl.agents.tabular import TabularPolicyIteration

from .answers_15 import careful

LOW = 60.0
"""mmHg of smoothed mean pressure."""


def started(label: str) -> bool:
    """Whether an action starts or raises a vasopressor."""
    return label.endswith("vasopressor up")


def not_started(label: str) -> bool:
    """Whether an action leaves the vasopressor as it is, or lowers it."""
    return not started(label)


def moments(cohort: Cohort) -> pd.DataFrame:
    """Return each patient's first decision with a low pressure and no vasopressor yet.

    Parameters
    ----------
    cohort : Cohort
        Of sepsis with relative actions.

    Returns
    -------
    DataFrame
        By patient: what was seen, `started` (whether a vasopressor was), `probability` (recorded,
        of starting one) and `died` (by day 90).
    """
    assert cohort.decisions is not None
    assert cohort.seen is not None
    when, labels = ["PatientID", "Timepoints"], [one for one in cohort.actions if started(one)]
    decided = cohort.decisions[[*when, "action", *labels]]
    both = decided.merge(cohort.seen, on=when, validate="one_to_one")
    low = (both["MeanBP of late"] < LOW) & (both["vasopressor level"] == 0)
    first = both[low].groupby("PatientID").first()
    found = first.drop(columns=["action", *labels])
    found["started"] = first["action"].isin(labels)
    found["probability"] = first[labels].sum(axis=1)
    found["died"] = cohort.patients.loc[first.index, "Died in 90 days"].astype(bool)
    return found


IN_VIEW = ["Age", "Mech", "MeanBP of late", "Lactate", "Output4H", "balance", "SOFA"]
"""What the logistic model adjusts for."""


def three_effects(table: pd.DataFrame) -> np.ndarray:
    """Return the difference in deaths in 100, started minus not: crude, adjusted and weighted.

    Adjusted: a logistic model of death is asked about each patient with and without the start.
    Weighted: by 1 divided by the recorded probability of what was done.
    """
    arm, died, chance = (table[name].to_numpy() for name in ("started", "died", "probability"))
    inputs = table[IN_VIEW].assign(started=arm.astype(float))
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(inputs, died)
    both = [model.predict_proba(inputs.assign(started=one))[:, 1].mean() for one in (1.0, 0.0)]
    weight = np.where(arm, 1 / chance, 1 / (1 - chance))
    share = [np.average(died[one], weights=weight[one]) for one in (arm, ~arm)]
    crude = died[arm].mean() - died[~arm].mean()
    return 100 * np.array([crude, both[0] - both[1], share[0] - share[1]])


@dataclass(frozen=True)
class At(ComposedPolicy):
    """What clinicians do, but from a patient's own moment on, for some blocks, within a set.

    A patient is recognised by the age, which is a number without end and never changes.
    """

    age: tuple[float, ...]  # in ascending order
    block: tuple[int, ...]
    wanted: Callable[[str], bool]
    blocks: int = 1

    def __str__(self) -> str:
        return "clinicians, but at the moment of low pressure"

    def chooser(self, mechanism: Mechanism) -> Chooser:
        inside = np.array([self.wanted(label) for label in mechanism.actions])
        age, block = np.array(self.age), np.array(self.block)

        def choose(state: Any) -> np.ndarray:
            usual = mechanism.clinician(state)
            place = np.searchsorted(age, state.age).clip(max=len(age) - 1)
            since = state.step - block[place]
            now = (age[place] == state.age) & (since >= 0) & (since < self.blocks)
            kept = usual * inside
            total = kept.sum(axis=1, keepdims=True)
            now = now[:, None] & (total > 0)
            return np.where(now, kept / np.where(total > 0, total, 1.0), usual)

        return choose


def at(moment: pd.DataFrame, wanted: Callable[[str], bool], blocks: int = 1) -> At:
    """Return the policy that chooses within a set at each patient's moment; see `moments`."""
    those = moment.sort_values("Age")
    return At(tuple(those["Age"]), tuple(those["Timepoints"]), wanted, blocks)


def treat(policy: Policy, n_patients: int, seed: int) -> pd.DataFrame:
    """Let a policy treat patients; return the return and whether each died by day 90.

    The same seed makes the same patients with the same luck, whatever the policy: the return is
    that of `hg.policy_value`, the death that of `hg.twins`.
    """
    mechanism = mechanism_with("sepsis", {"actions": "relative"})
    choose, rows = resolve_policy(mechanism, policy), []
    for block in range(-(-n_patients // BLOCK)):
        lives = live_block(mechanism, block, seed, choose, keep=False)
        died = mechanism.outcome(lives.state)["Died in 90 days"]
        rows.append(pd.DataFrame({"return": lives.paid, "died": died}))
    return pd.concat(rows, ignore_index=True).head(n_patients).astype(float)


def with_q(agent: TabularPolicyIteration, q: np.ndarray) -> TabularPolicyIteration:
    """Return the agent with other action values."""
    other = copy(agent)
    other.q_ = q
    return other


def more_careful(
    agent: TabularPolicyIteration, batch: Transitions, counts: np.ndarray, share: float
) -> tuple[TabularPolicyIteration, float]:
    """Return the agent after one `careful` step, and how often it raises at a low pressure."""
    chosen = careful(agent.q_, counts, share)
    open_ = np.arange(len(batch.actions)) == chosen[:, None]
    raises = np.char.endswith(np.array(batch.actions)[chosen], "up")
    low = batch.observation[:, batch.features.index("MeanBP of late")] < 65
    state = agent.state(batch.observation[low])
    return with_q(agent, np.where(open_, agent.q_, -np.inf)), float(raises[state].mean())


def spread_in_groups(
    agent: TabularPolicyIteration, batch: Transitions, name: str = "MeanBP of late"
) -> float:
    """Return how much a column differs within the states of an agent: a standard deviation."""
    value = pd.Series(batch.observation[:, batch.features.index(name)])
    mean = value.groupby(agent.state(batch.observation)).transform("mean")
    return float(np.sqrt(((value - mean) ** 2).mean()))


def auroc(table: pd.DataFrame, died: pd.Series) -> float:
    """Return how well a logistic model tells who dies, asked about people it has not met."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    risk = cross_val_predict(model, table, died, cv=5, method="predict_proba")[:, 1]
    return metrics.auroc(died.to_numpy(), risk)


def in_two_hands(pair: Mapping[str, Cohort], agent: Agent, patient: int) -> pd.DataFrame:
    """Return what clinicians did with a patient, what they were advised, and what the twin got."""
    did = {}
    for who, cohort in pair.items():
        decisions = cohort.decisions
        assert decisions is not None
        his = decisions[decisions["PatientID"] == patient]
        did[who] = his.set_index("Timepoints")["action"]
    usual, twin = did.values()
    seen = next(iter(pair.values())).seen
    assert seen is not None
    view = seen[seen["PatientID"] == patient].drop(columns=["PatientID", "Timepoints"])
    advice = agent(view.to_numpy(dtype=float)[: len(usual)]).argmax(axis=1)
    table = pd.DataFrame({"clinicians did": usual, "his twin got": twin})
    labels = agent.trained_.actions
    return table.assign(advice=pd.Series([labels[k] for k in advice], usual.index)).rename(
        columns={"advice": "advice to clinicians"}
    )


def longer_steps(batch: Transitions, blocks: int) -> Transitions:
    """Return the decisions as they look where one step is so many blocks long.

    Rewards add up; the action is the first one of each longer step.
    """
    keep = np.flatnonzero(batch.index % blocks == 0)
    last = np.append(keep[1:], len(batch)) - 1
    rows: dict[str, Any] = {
        name: value[keep] for name, value in vars(batch).items() if isinstance(value, np.ndarray)
    }
    rows["reward"] = np.add.reduceat(batch.reward, keep)
    rows["next_observation"] = batch.next_observation[last]
    rows["terminated"] = batch.terminated[last]
    return replace(batch, **rows)


@dataclass(frozen=True)
class Held(ComposedPolicy):
    """A policy that is asked once in so many blocks; between, the last doses are held."""

    policy: Policy
    blocks: int

    def __str__(self) -> str:
        return f"every {4 * self.blocks} hours"

    def chooser(self, mechanism: Mechanism) -> Chooser:
        choose = resolve_policy(mechanism, self.policy)
        hold = [mechanism.actions.index(f"fluid {one}, vasopressor hold") for one in FLUIDS]

        def held(state: Any) -> np.ndarray:
            chosen = choose(state)
            same = np.eye(len(mechanism.actions))[np.take(hold, state.fluid)]
            return np.where((state.step % self.blocks == 0)[:, None], chosen, same)

        return held


FLUIDS = ("0", "1-180", "1-180", "181-530", ">530")
"""Class of each level of fluid."""
