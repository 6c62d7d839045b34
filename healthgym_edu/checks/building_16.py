"""Judges what builds an agent: it learns from records of a ward, and then treats people unseen.

The records are drawn at the moment of judging, by a seed that nobody knows (see `strangers`), and
so are the patients whom the agent then treats; the seed of these waits in a suspended generator
while the learner's function runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from healthgym_edu.data import load_cohort
from healthgym_edu.data.teaching import policy_value
from healthgym_edu.exercises import NotAttempted, Wrong, budget
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from .strangers import seed_of_a_check

SEED_WHEN_STRICT = 160_416
"""Makes the records and the patients of the tests, which have to be the same in every run."""

BAR = 0.1
"""By so much an agent has to be worth more than clinicians, with each of the seeds."""

STEP = "write: def build(batch, seed), and let it end in `return agent.fit(batch, seed=seed)`"


def judge_build(value: Any) -> str:
    """Call ``build(batch, seed)`` for each seed, and treat patients by what it returns."""
    if is_blank(value):
        raise NotAttempted
    if not callable(value) or hasattr(value, "fit"):
        raise Wrong("the answer is your function: give its name without parentheses", STEP)
    gains, beliefs, theirs = [], [], None
    for part in _rounds():
        if isinstance(part, tuple):
            agent, belief = _built(value, *part)
            if belief > 0:
                raise Wrong(
                    f"with seed {part[1]}, your agent believes that its policy is worth "
                    f"{belief:+.2f}, and no return above 0 is possible",
                    _advice(agent),
                )
            beliefs.append(belief)
        else:
            theirs = theirs or _value("clinician", part)
            gains.append(_value(agent, part).minus(theirs).value)
    told = ", ".join(f"{gain:+.2f}" for gain in gains)
    if min(gains) < BAR:
        raise Wrong(
            f"your agents are worth {told} more than the clinicians; {BAR} is asked for",
            "too little constraint, or too much? Look at the curves of section 6",
        )
    return (
        f"On unseen patients your agents are worth {told} more than the clinicians. They believed "
        f"in {', '.join(f'{belief:+.2f}' for belief in beliefs)}."
    )


def _rounds() -> Iterator[tuple[Any, int] | int]:
    """Yield records and a seed to learn with, then the seed of the patients to treat; again."""
    from healthgym_edu import rl

    hidden = np.random.SeedSequence([seed_of_a_check(SEED_WHEN_STRICT), 16])
    records, patients = (int(number) for number in hidden.generate_state(2) // 2)
    cohort = load_cohort("hypotension", n_patients=budget(2000, quick=500), seed=records)
    batch = rl.transitions(cohort)
    for seed in range(budget(3, quick=1)):
        yield batch, seed
        yield patients


def _built(value: Any, batch: Any, seed: int) -> tuple[Any, float]:
    from healthgym_edu.rl import Agent

    try:
        agent = value(batch, seed)
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", "call it with `records` and 0") from error
    if is_blank(agent):
        raise NotAttempted
    if agent is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if not isinstance(agent, Agent):
        raise Wrong(f"your function returned {describe(agent)}, and no agent of hg.rl", STEP)
    trained = getattr(agent, "trained_", None)
    if trained is None:
        raise Wrong("your agent has not learned from anybody yet", STEP)
    if trained.origin != batch.origin:
        raise Wrong("your agent learned from other records than those in `batch`", STEP)
    return agent, _believed(agent)


def _advice(agent: Any) -> str:
    """What brings a belief down: of CQL, less doubt; of all others, more constraint."""
    from healthgym_edu.rl import DiscreteCql

    if isinstance(agent, DiscreteCql):
        return "more doubt raises what CQL believes: try less doubt, fewer steps, or a mask (BCQ)"
    return "constrain it so that it looks less at what nobody tried"


def _believed(agent: Any) -> float:
    """What an agent believes to be worth at first decisions; -inf where it believes nothing."""
    if hasattr(agent, "history_"):
        return float(agent.history_["value"].iloc[-1])
    return float(agent.value_[-1]) if hasattr(agent, "value_") else -np.inf


def _value(policy: Any, seed: int) -> Any:
    return policy_value("hypotension", policy, budget(3000, quick=1000), seed)
