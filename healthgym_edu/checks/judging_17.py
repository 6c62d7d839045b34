"""Judge a learner's rule, which estimates to believe, on records that nobody has met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from healthgym_edu import rl
from healthgym_edu.data import load_cohort, policy_value
from healthgym_edu.engine import mix, temper
from healthgym_edu.exercises import NotAttempted, Wrong, budget
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank
from healthgym_edu.rl import Transitions
from healthgym_edu.rl.weighting import effective_sample_size, episodes

from .strangers import require_function, seed_of_a_check
from .weights_17 import tilted

SEED_WHEN_STRICT = 17_042
"""Makes the records of the tests, which have to be the same in every run."""

PATIENTS = 2000
NEAR, FAR = "near", "hopeless"

Case = tuple[Transitions, np.ndarray, str, str, Any]


def judge_believe(value: Any) -> str:
    """Ask a rule about targets that are near, and others that are hopeless.

    Raises
    ------
    Wrong, NotAttempted
        No function, one that raises, no yes or no, or a rule that errs in a clear case.
    """
    require_function(value, "believe", ("batch", "target"), "records and probabilities")
    said: list[bool] = []
    # the loop holds the generator, and the seed, where no name of this frame leads to them
    for part in _asked(seed_of_a_check(SEED_WHEN_STRICT)):
        if isinstance(part, list):
            kinds = part
        else:
            said.append(_answer(value, *part))
    near = [one for told, one in zip(said, kinds, strict=True) if one.kind == NEAR and not told]
    far = [one for told, one in zip(said, kinds, strict=True) if one.kind == FAR and told]
    n_near = sum(one.kind == NEAR for one in kinds)
    n_far = len(kinds) - n_near
    if len(near) == n_near and not far:
        raise Wrong("your rule refuses everything", "a target that is near should be believed")
    if len(far) == n_far and not near:
        raise Wrong("your rule believes everything", "begin with the effective sample size")
    if far:
        shown = sorted(far, key=lambda one: np.isnan(one.estimate))[:2]
        raise Wrong(
            f"it believes {len(far)} of {n_far} hopeless targets: "
            + "; ".join(f"of {one} you believed {one.told}" for one in shown),
            "print the mean weight, the largest weight and the effective sample size of such a "
            "target, and compare each with what it should be",
        )
    if near:
        raise Wrong(
            f"it refuses {len(near)} of {n_near} near targets: of {near[0]} you refused "
            f"{near[0].told}",
            "a rule that is too strict says nothing; half of the patients' worth is a lot",
        )
    worst = next(one for one in kinds if one.words.startswith("the guideline (hyp"))
    return (
        f"All {n_near} near targets were let through, and all {n_far} hopeless ones refused. Of "
        f"{worst} you refused {worst.told}."
    )


@dataclass(frozen=True)
class Told:
    """What a case was, and what would have been believed."""

    kind: str
    words: str
    condition: str
    policy: Any
    estimate: float

    @cached_property
    def truth(self) -> float:
        """The mean return of new patients."""
        n = budget(2000, quick=500)
        return policy_value(self.condition, self.policy, n, seed=77).value

    @property
    def told(self) -> str:
        """The estimate and the truth."""
        if np.isnan(self.estimate):
            return f"an estimate of nobody; the truth is {self.truth:.1f}"
        return f"{self.estimate:.1f}; the truth is {self.truth:.1f}"

    def __str__(self) -> str:
        return self.words


def _asked(seed: int) -> Iterator[tuple[Transitions, np.ndarray] | list[Told]]:
    """Yield records and targets, in an order that says nothing; then what they are."""
    rng = np.random.default_rng(seed)
    kinds = []
    n = budget(PATIENTS, quick=1000)
    for number, condition in enumerate(("hypotension", "sepsis", "hypotension")):
        made = load_cohort(condition, n_patients=n, seed=2_000_000 + seed + number)
        batch = rl.transitions(made, features="few")
        cases = [case for case in cases_of(batch) if is_clear(*case[:3])]
        for place in rng.permutation(len(cases)):
            records, target, kind, words, policy = cases[place]
            weight = episodes(records, target).final
            total = weight.sum()
            estimate = weight @ records.returns() / total if total else np.nan
            kinds.append(Told(kind, words, condition, policy, float(estimate)))
            yield records, target.copy()
    yield kinds


def cases_of(batch: Transitions) -> list[Case]:
    """Return records with targets, what they are, and what to call them."""
    usual = batch.behaviour_probability
    guideline = rl.probabilities(batch, "protocol")
    half = batch.admissible / batch.admissible.sum(axis=1, keepdims=True)

    def mixed(share: float) -> np.ndarray:
        return (1 - share) * usual + share * guideline

    def power(k: float) -> np.ndarray:
        return tilted(usual, np.where(usual > 0, usual, 1.0) ** (k - 1))

    unsure = batch.with_behaviour(power(0.6))  # a model that sees too little in the chart
    here = batch.condition
    clinician = "clinician"
    guided = mix(clinician, "protocol", 0.6)
    return [
        (batch, usual, NEAR, f"the clinicians themselves ({here})", clinician),
        (batch, power(1.2), NEAR, f"power 1.2 ({here})", temper(clinician, 1.2)),
        (batch, power(0.9), NEAR, f"power 0.9 ({here})", temper(clinician, 0.9)),
        (batch, mixed(0.03), NEAR, f"3 % guideline ({here})",
         mix(clinician, "protocol", 0.03)),
        (batch, guideline, FAR, f"the guideline ({here})", "protocol"),
        (batch, mixed(0.6), FAR, f"60 % guideline ({here})", guided),
        (batch, power(6.0), FAR, f"power 6 ({here})", temper(clinician, 6.0)),
        (batch, half, FAR, f"chance among all that was possible ({here})", "random"),
        (unsure, usual, FAR, f"the clinicians, with wrong probabilities ({here})", clinician),
    ]  # fmt: skip


def measures(batch: Transitions, target: np.ndarray) -> tuple[float, float, float]:
    """Return effective sample size, mean weight, and the largest one's share of all."""
    weight = episodes(batch, target).final
    total = weight.sum()
    return effective_sample_size(weight), weight.mean(), weight.max() / total if total else 1.0


def is_clear(batch: Transitions, target: np.ndarray, kind: str) -> bool:
    """Whether nobody sensible could decide otherwise."""
    size, mean, largest = measures(batch, target)
    n = batch.n_patients
    if kind == NEAR:
        return size > 0.15 * n and abs(mean - 1) < 0.07 and largest < 0.05
    return size < 0.02 * n or abs(mean - 1) > 0.2 or largest > 0.2


def _answer(value: Any, batch: Transitions, target: np.ndarray) -> bool:
    try:
        told = value(batch, target)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", "call it with batch and a target's probabilities") from error
    if is_blank(told):
        raise NotAttempted
    if told is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if isinstance(told, (bool, np.bool_)):
        return bool(told)
    raise Wrong(f"your function returned {describe(told)}", "return True or False")
