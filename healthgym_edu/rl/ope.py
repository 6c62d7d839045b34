"""What a policy would have achieved, estimated from records, and whether to believe it.

    batch = hg.rl.transitions(holdout)
    hg.rl.evaluate(batch, hg.mix("clinician", "protocol", 0.1))

Six estimators, each with a standard error from a bootstrap of patients, and a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from ..engine import Policy, check_seed, said
from ..errors import ArgumentError, require_known, require_whole
from .batch import Transitions
from .fqe import BASES, fitted_q_evaluation
from .records import probabilities
from .verdict import Diagnosis, Rules, of_value
from .weighting import (
    by_patient,
    doubly_robust,
    episodes,
    importance_sampling,
    per_decision,
    weighted_doubly_robust,
    weighted_importance_sampling,
)

ESTIMATORS = {
    "IS": "importance sampling",
    "WIS": "weighted importance sampling",
    "PDIS": "per-decision importance sampling",
    "FQE": "fitted Q evaluation",
    "DR": "doubly robust",
    "WDR": "weighted doubly robust",
}
LET_THROUGH = "let through"
USUAL = Rules()


@dataclass(frozen=True)
class OffPolicyEstimate:
    """What an estimator says of a policy.

    Attributes
    ----------
    value, standard_error : float
        Mean return, and the standard deviation of it over bootstrap samples of patients.
    lower, upper : float
        95 % interval, ``value`` ± 1.96 standard errors.
    effective_sample_size : float
        Of how many patients of equal weight the weighted ones are worth.
    mean_weight, largest_weight : float
        Of whole courses: the mean, which should be 1, and the largest one's share of the total.
    unsupported_mass : float
        Share of what the target does that it adds where clinicians hardly ever act so.
    verdict : str
        ``"let through"`` or ``"refused: …"`` with all reasons.
    """

    value: float
    standard_error: float
    lower: float
    upper: float
    effective_sample_size: float
    mean_weight: float
    largest_weight: float
    unsupported_mass: float
    verdict: str

    @property
    def refused(self) -> bool:
        """Whether the verdict refuses the estimate."""
        return self.verdict != LET_THROUGH


@dataclass(frozen=True, repr=False)
class Evaluation(Mapping):
    """Estimates of one policy by the short names of their estimators.

    Attributes
    ----------
    policy : str
        Of whom, in words.
    estimates : dict of str to OffPolicyEstimate
    refitted : str
        What the bootstrap fits again and what it does not.
    """

    policy: str
    estimates: dict[str, OffPolicyEstimate]
    refitted: str

    def __getitem__(self, name: str) -> OffPolicyEstimate:
        """Return the estimate of an estimator."""
        require_known("estimator", name, self.estimates)
        return self.estimates[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the estimators."""
        return iter(self.estimates)

    def __len__(self) -> int:
        """Return the number of estimators."""
        return len(self.estimates)

    def table(self) -> pd.DataFrame:
        """Return one row per estimator."""
        rows = {name: vars(one) for name, one in self.estimates.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("estimator")

    def __repr__(self) -> str:
        return f"{self.policy}\n{self._shown().to_string()}\n{self.refitted}"

    def _repr_html_(self) -> str:
        return f"<p>{self.policy}</p>{self._shown().to_html()}<p>{self.refitted}</p>"

    def _shown(self) -> pd.DataFrame:
        table = self.table()
        ends = zip(table["lower"], table["upper"], strict=True)
        interval = [f"{low:.2f} to {high:.2f}" for low, high in ends]
        shown = table[["value", "standard_error"]].round(3)
        return shown.assign(**{"95 % interval": interval, "verdict": table["verdict"]})


def evaluate(
    batch: Transitions,
    policy: Policy | np.ndarray,
    *,
    discount: float = 1.0,
    n_bootstrap: int = 200,
    seed: int = 0,
    model: str = "linear",
    rules: Rules = USUAL,
) -> Evaluation:
    """Estimate from records what a policy is worth, in six ways.

    Parameters
    ----------
    batch : Transitions
        Decisions of patients whom the policy never met.
    policy : policy or ndarray, shape (n, a)
        As `healthgym_edu.simulate` takes them (but ``"random"``), an agent, or probabilities.
    discount : float
        Weight of a decision relative to the one before it, from 0 to 1; the truth to compare with
        is ``hg.policy_value(..., discount_per="decision")``.
    n_bootstrap : int
        Samples of patients, at least 20.  Weights and the model of Q are taken anew in each (the
        model to first order); estimated probabilities of clinicians are not.
    seed : int
    model : str
        Of Q: ``"linear"`` in features of what was seen, or ``"tabular"`` for numbered states.
    rules : Rules
        When estimates are refused.

    Returns
    -------
    Evaluation

    Raises
    ------
    ArgumentError
        Records without the clinicians' probabilities, a policy that cannot be known from them, an
        agent that learned from these patients, or a number that cannot be used.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=200))
    >>> found = hg.rl.evaluate(batch, "clinician", n_bootstrap=20)
    >>> bool(abs(found["WIS"].value - batch.returns().mean()) < 1e-9)
    True
    >>> round(found["WIS"].effective_sample_size), found["WIS"].verdict
    (200, 'let through')
    """
    discount, n_bootstrap = _checked(batch, discount, n_bootstrap, model)
    rng = np.random.default_rng(check_seed(seed))
    target = probabilities(batch, policy, strangers=True)
    e = episodes(batch, target, discount)
    n = batch.n_patients
    counts = np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1 / n), size=n_bootstrap)])
    with np.errstate(invalid="ignore"):  # nobody in a sample was treated so
        found = {
            "IS": importance_sampling(e, counts),
            "WIS": weighted_importance_sampling(e, counts),
            "PDIS": per_decision(e, counts),
        }
        fitted = fitted_q_evaluation(batch, target, counts, discount, model)
        q, v = (by_patient(batch, one, 0.0) for one in (fitted.q, fitted.v))
        found |= {
            "FQE": fitted.value,
            "DR": doubly_robust(e, q, v, counts),
            "WDR": weighted_doubly_robust(e, q, v, counts),
        }
    diagnosis = Diagnosis.of(batch, target, e, rules)
    returns = batch.returns(discount)
    estimates = {}
    for name, values in found.items():
        against = diagnosis.of_model(rules) if name == "FQE" else diagnosis.of_weights(rules)
        if name in ("FQE", "DR", "WDR"):
            against = against + of_value(float(values[0]), returns)
        estimates[name] = _estimate(values, diagnosis, against)
    words = "probabilities" if isinstance(policy, np.ndarray) else said(policy)
    held = "" if batch.behaviour == "recorded" else f" ({batch.behaviour} probabilities held)"
    refitted = f"{n_bootstrap} bootstrap samples of {n:,} patients, Q refitted to first order{held}"
    return Evaluation(words, estimates, refitted)


def _checked(
    batch: Transitions, discount: float, n_bootstrap: int, model: str
) -> tuple[float, int]:
    if isinstance(discount, bool) or not isinstance(discount, Real) or not 0 <= discount <= 1:
        raise ArgumentError(f"discount is {discount!r}; it must be a number from 0 to 1.")
    require_known("model", model, BASES)
    if batch.behaviour == "unknown":
        raise ArgumentError(
            "Nobody recorded with which probability treatments were chosen here. Take "
            'hg.rl.transitions(cohort, behaviour="estimated").'
        )
    return float(discount), require_whole("n_bootstrap", n_bootstrap, 20)


def _estimate(values: np.ndarray, diagnosis: Diagnosis, against: list[str]) -> OffPolicyEstimate:
    replicates = values[1:][np.isfinite(values[1:])]
    value, error = float(values[0]), np.nan
    if len(replicates) > 1:
        error = float(replicates.std(ddof=1))
    if not np.isfinite(value):
        against = [*against, "it cannot be computed"]
    return OffPolicyEstimate(
        value,
        error,
        value - 1.96 * error,
        value + 1.96 * error,
        diagnosis.effective_sample_size,
        diagnosis.mean_weight,
        diagnosis.largest_weight,
        diagnosis.unsupported_mass,
        f"refused: {'; '.join(against)}" if against else LET_THROUGH,
    )
