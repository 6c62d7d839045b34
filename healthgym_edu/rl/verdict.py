"""Whether an off-policy estimate may be believed, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .batch import Transitions
from .weighting import Episodes, effective_sample_size


@dataclass(frozen=True)
class Rules:
    """When estimates are refused.

    The usual two rules, many patients' worth of weights and no giant among them, are not enough:
    where a target does what hardly anybody did, those few who would have shown it are missing, the
    rest agree with each other, and the weights no longer average 1.
    """

    fewest: float = 100.0  # effective sample size
    share: float = 0.05  # the same, of all patients
    largest: float = 0.10  # share of the total weight that one patient may have
    mean: float = 0.10  # by which the mean weight may differ from 1
    model_mean: float = 0.30  # the same, where a model of Q carries on from what was seen
    rare: float = 0.01  # probability of the clinicians below which an action is rare
    unsupported: float = 0.01  # of the target's mass, what it adds where actions are rare


@dataclass(frozen=True)
class Diagnosis:
    """What makes estimates worthless, measured."""

    n_patients: int
    effective_sample_size: float
    mean_weight: float
    largest_weight: float
    unsupported_mass: float

    @classmethod
    def of(cls, batch: Transitions, target: np.ndarray, e: Episodes, rules: Rules) -> Diagnosis:
        """Measure it.

        What the clinicians do rarely themselves is not held against a target that does it no more
        often: only what it adds counts as unsupported.
        """
        weight, total = e.final, e.final.sum()
        usual = batch.behaviour_probability
        added = np.where(usual < rules.rare, np.maximum(target - usual, 0.0), 0.0)
        return cls(
            len(weight),
            effective_sample_size(weight),
            float(weight.mean()),
            float(weight.max() / total) if total > 0 else np.nan,
            float(added.sum(axis=1).mean()),
        )

    def of_weights(self, rules: Rules) -> list[str]:
        """Say what speaks against weighting."""
        found, least = [], max(rules.fewest, rules.share * self.n_patients)
        if self.effective_sample_size < least:
            found.append(
                f"the weights are worth {self.effective_sample_size:.0f} patients; {least:.0f} are "
                "the least"
            )
        if not self.largest_weight <= rules.largest:
            found.append(
                "nobody was treated so" if np.isnan(self.largest_weight)
                else f"one patient has {self.largest_weight:.0%} of all weight"
            )  # fmt: skip
        if abs(self.mean_weight - 1) > rules.mean:
            found.append(f"the mean weight is {self.mean_weight:.2f}, not 1")
        return found + self.of_support(rules)

    def of_model(self, rules: Rules) -> list[str]:
        """Say what speaks against a model: that it has hardly seen what the target does.

        One such decision may be common and a course of them still be rare; what it then leads to
        a model knows only if a single view told all of a patient, and it does not.
        """
        found = self.of_support(rules)
        if self.effective_sample_size < rules.fewest:
            found.append(
                f"only {self.effective_sample_size:.0f} patients' worth of courses are like the "
                f"target's; {rules.fewest:.0f} are the least"
            )
        if abs(self.mean_weight - 1) > rules.model_mean:
            found.append(
                f"the mean weight is {self.mean_weight:.2f}: courses that count are missing"
            )
        return found

    def of_support(self, rules: Rules) -> list[str]:
        """Say what speaks against the records as such."""
        if self.unsupported_mass <= rules.unsupported:
            return []
        return [
            f"{self.unsupported_mass:.1%} of what the target does are actions that clinicians take "
            f"in less than {rules.rare:.0%} of such decisions"
        ]


def of_value(value: float, returns: np.ndarray) -> list[str]:
    """Say whether a model's value can be a mean of returns at all."""
    low, high = float(returns.min()), float(returns.max())
    if low <= value <= high:
        return []
    return [f"the value lies outside all returns here, {low:.2f} to {high:.2f}"]
