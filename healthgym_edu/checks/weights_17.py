"""What the six analyses of chapter 17 share: weights, a mean, a model of the clinicians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import hash as joblib_hash
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GroupKFold

from healthgym_edu.engine import resolve_policy
from healthgym_edu.engine.policies import Chooser, ComposedPolicy
from healthgym_edu.exercises import budget
from healthgym_edu.rl import Transitions
from healthgym_edu.rl.habits import Habits
from healthgym_edu.rl.weighting import by_patient, effective_sample_size

_LEARNED: dict[str, tuple[np.ndarray, Habits]] = {}
"""What was learned once in this process: the chapter asks for one of them twice."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error."""

    value: float
    error: float
    size: float = np.nan  # effective sample size

    @property
    def interval(self) -> tuple[float, float]:
        """95 %."""
        return self.value - 1.96 * self.error, self.value + 1.96 * self.error

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.2f} (95 % interval {low:.2f} to {high:.2f})"


def weighted_mean(weight: np.ndarray, returns: np.ndarray) -> Estimate:
    """Return the weighted mean of returns, with its standard error to first order."""
    mean = (weight * returns).sum() / weight.sum()
    error = np.sqrt((weight**2 * (returns - mean) ** 2).sum()) / weight.sum()
    return Estimate(float(mean), float(error), effective_sample_size(weight))


def ratios(batch: Transitions, target: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Return how much likelier the target is to do what was done, one number per decision."""
    rows = np.arange(len(batch))
    return target[rows, batch.action] / usual[rows, batch.action]


def course_weights(batch: Transitions, target: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Return each patient's product of the ratios."""
    return by_patient(batch, ratios(batch, target, usual), 1.0).prod(axis=1)


def tilted(usual: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return probabilities times a factor, made to add up to 1 again."""
    raised = usual * factor
    return raised / raised.sum(axis=1, keepdims=True)


def with_fluid(batch: Transitions, least: int = 250) -> np.ndarray:
    """Return which actions give at least so much fluid, 1.0 or 0.0."""
    amount = [int(label.split()[1].rstrip(",")) for label in batch.actions]
    return (np.array(amount) >= least).astype(float)


def with_dose(batch: Transitions) -> np.ndarray:
    """Return which actions give a vasopressor, 1.0 or 0.0."""
    return np.array([not label.endswith("vasopressor 0") for label in batch.actions], dtype=float)


def learned(batch: Transitions, table: pd.DataFrame | np.ndarray) -> np.ndarray:
    """Learn how often clinicians take each action, given a row of the table; patients held out.

    The fluid first, then the dose of the vasopressor, given that fluid: `healthgym_edu.rl.habits`.
    """
    seen = np.column_stack([_numbers(table[name]) for name in table]) if isinstance(
        table, pd.DataFrame
    ) else table  # fmt: skip
    return _learned(batch, np.asarray(seen, dtype=float))[0].copy()


def _learned(batch: Transitions, seen: np.ndarray) -> tuple[np.ndarray, Habits]:
    """Return probabilities for patients held out, and what was learned from the first half."""
    rounds = budget(25, quick=8)
    name = joblib_hash([seen, batch.action, batch.patient])
    if name not in _LEARNED:
        share, halves = np.zeros((len(batch), len(batch.actions))), []
        for train, test in GroupKFold(2).split(seen, groups=batch.patient):
            halves.append(Habits.of(seen[train], batch.action[train], batch.actions, rounds))
            share[test] = halves[-1](seen[test])
        _LEARNED[name] = share, halves[0]
    return _LEARNED[name]


def _numbers(column: pd.Series) -> np.ndarray:
    labels = isinstance(column.dtype, pd.CategoricalDtype)
    return (column.cat.codes if labels else column).to_numpy(dtype=float)


def fitted_gain(batch: Transitions) -> Any:
    """Fit what is still paid from a decision on, by what was seen and done; closely, on purpose."""
    paid = by_patient(batch, batch.reward, 0.0)
    so_far = paid.cumsum(axis=1)
    to_go = (so_far[:, -1:] - so_far + paid)[batch.place, batch.index]
    done = np.eye(len(batch.actions))[batch.action]
    model = HistGradientBoostingRegressor(
        max_iter=budget(40, quick=20),
        max_leaf_nodes=63,
        min_samples_leaf=5,
        learning_rate=0.2,
        random_state=0,
    )
    return model.fit(np.hstack([batch.observation, done]), to_go)


def preferred(gain: Any, seen: np.ndarray, usual: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Return clinicians' probabilities, raised where a model expects more than usual."""
    n, a = usual.shape
    each = [gain.predict(np.hstack([seen, np.tile(row, (n, 1))])) for row in np.eye(a)]
    value = np.stack(each, axis=1)
    above = value - (usual * value).sum(axis=1, keepdims=True)
    return tilted(usual, np.exp(power * np.clip(above, -3, 3)))


@dataclass(frozen=True, eq=False)
class Tilted(ComposedPolicy):
    """The clinicians, with probabilities times a factor of each action."""

    factor: np.ndarray

    def chooser(self, mechanism: Any) -> Chooser:
        usual = resolve_policy(mechanism, "clinician")
        return lambda state: tilted(usual(state), self.factor)


@dataclass(frozen=True, eq=False)
class Preferred(ComposedPolicy):
    """The clinicians, leaning to what a model expects more of."""

    gain: Any

    def chooser(self, mechanism: Any) -> Chooser:
        usual = resolve_policy(mechanism, "clinician")
        return lambda state: preferred(self.gain, mechanism.observe(state), usual(state))


@dataclass(frozen=True, eq=False)
class OnChart(ComposedPolicy):
    """What clinicians seem to do by the chart alone, with probabilities times a factor."""

    habits: Habits
    factor: np.ndarray

    def chooser(self, mechanism: Any) -> Chooser:
        return lambda state: tilted(self.habits(mechanism.observe(state)), self.factor)


def on_chart(batch: Transitions, factor: np.ndarray) -> OnChart:
    """Return the policy of a hospital that knows its clinicians from the chart alone."""
    return OnChart(_learned(batch, batch.observation)[1], factor)
