"""One mechanism, three uses: a teaching cohort, counterfactual twins, and the truth.

A mechanism describes one condition and advances it step by step.  Everything random about a
patient is *exogenous noise*, drawn before the first treatment is chosen and never changed by it.
Replaying the same noise under another policy therefore shows what would have happened to the same
patients: their counterfactual twins.

Patients are drawn in blocks of :data:`BLOCK`, each with its own seed sequence.  That is why
the first *k* patients of a cohort stay the same whatever its size, and why blocks may be
computed anywhere, in any order, by any number of workers (``joblib.parallel_config``).

How an environment lives, in the order of reading: `noise` what is drawn · `mechanism` what a
condition must say · `policies` who chooses · `living` the loop · `ward` beds and decisions; then
``envs/__init__.py``, ``envs/core.py``, ``envs/single.py`` and ``envs/vector.py``.  (A `Schema` is
the columns of a table, a `Variable` one of them: name, kind, range; see ``variables.py``.)

Beside them: `tables` cohorts, and `History`, the record of a ward · `value` the worth of a policy ·
`composed` policies made of others · `grouped` classes of actions · `rehearsal` does a mechanism
keep its promises? · `carrying` and `curves` what mechanisms share.
"""

from __future__ import annotations

from .carrying import carried
from .composed import first, mix, remap, said, temper, within_support
from .curves import between, logistic, normal_rank, position
from .grouped import Grouped, with_actions
from .living import Decided, Group, Lives, live, live_block
from .mechanism import CONFOUNDED, Classes, Columns, Mechanism, State
from .noise import BLOCK, Noise, noise_kinds
from .policies import (
    Chooser,
    ComposedPolicy,
    Policy,
    check_count,
    check_followed,
    check_reward,
    check_seed,
    resolve_policy,
    sample_actions,
    soft_probabilities,
)
from .rehearsal import rehearse
from .tables import History, Tables, simulate_tables
from .value import PolicyValue, true_value
from .ward import Ward

__all__ = [
    "BLOCK", "CONFOUNDED", "Chooser", "Classes", "Columns", "ComposedPolicy", "Decided", "Group",
    "Grouped", "History", "Lives", "Mechanism", "Noise", "Policy", "PolicyValue", "State", "Tables",
    "Ward", "between", "carried", "check_count", "check_followed", "check_reward", "check_seed",
    "first", "live", "live_block", "logistic", "mix", "noise_kinds", "normal_rank", "position",
    "rehearse", "remap", "resolve_policy", "said", "sample_actions", "simulate_tables",
    "soft_probabilities", "temper", "true_value", "with_actions", "within_support",
]  # fmt: skip
