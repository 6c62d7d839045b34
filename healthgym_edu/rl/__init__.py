"""Learning to treat from records, and knowing whether to believe the result.

The route to print, from records to a verdict: `batch` and `transitions` what agents learn from ·
``agents/``: `base`, `cloning`, `tabular`, `fitted_q`, `networks` with `dqn`, `bcq` and `cql` ·
`records` what a policy would have done in recorded decisions · `weighting` and `fqe` two ways to
estimate what it would have achieved · `verdict` and `ope` whether to believe it.

Beside it: `behaviour` how often clinicians take each action, learned from records · `seen` what a
table alone tells of decisions.

    >>> import healthgym_edu as hg
    >>> train, holdout = hg.load_cohort("hypotension", n_patients=400).split(0.5)
    >>> agent = hg.rl.BehaviourCloning().fit(hg.rl.transitions(train))
    >>> found = hg.rl.evaluate(hg.rl.transitions(holdout), agent, n_bootstrap=20)
    >>> found["WIS"].refused
    True

Nothing here treats patients: what these agents do was tried on simulated people only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .agents.loading import AGENTS, load_agent
from .batch import Transitions
from .behaviour import BehaviourPolicy, behaviour_policy
from .ope import ESTIMATORS, Evaluation, OffPolicyEstimate, evaluate
from .records import probabilities
from .seen import seen_from
from .transitions import transitions
from .verdict import Rules

if TYPE_CHECKING:
    from .agents.base import Agent
    from .agents.bcq import BcqConfig, DiscreteBcq
    from .agents.cloning import BehaviourCloning, CloningConfig
    from .agents.cql import CqlConfig, DiscreteCql
    from .agents.dqn import Dqn
    from .agents.fitted_q import FittedQ, FittedQConfig
    from .agents.networks import NetworkConfig
    from .agents.tabular import TabularConfig, TabularPolicyIteration

_MODULES = {
    **AGENTS,
    "Agent": "base",
    "BcqConfig": "bcq",
    "CloningConfig": "cloning",
    "CqlConfig": "cql",
    "FittedQConfig": "fitted_q",
    "NetworkConfig": "networks",
    "TabularConfig": "tabular",
}
__all__ = [
    "ESTIMATORS",
    "Agent",
    "BcqConfig",
    "BehaviourCloning",
    "BehaviourPolicy",
    "CloningConfig",
    "CqlConfig",
    "DiscreteBcq",
    "DiscreteCql",
    "Dqn",
    "Evaluation",
    "FittedQ",
    "FittedQConfig",
    "NetworkConfig",
    "OffPolicyEstimate",
    "Rules",
    "TabularConfig",
    "TabularPolicyIteration",
    "Transitions",
    "behaviour_policy",
    "evaluate",
    "load_agent",
    "probabilities",
    "seen_from",
    "transitions",
]

if not TYPE_CHECKING:  # networks load torch, and only when they are asked for

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return getattr(import_module(f"{__name__}.agents.{_MODULES[name]}"), name)
        raise AttributeError(f"rl has no {name!r}; it offers {', '.join(__all__)}.")
