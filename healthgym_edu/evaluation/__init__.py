"""Is this table any good? Fidelity, utility and privacy of synthetic records.

In the order of reading: `comparing` every number by which two cohorts are compared · `judging`
classifiers that try to tell them apart · `fidelity` all of it in a table, with intervals, ceiling
and floor · `utility` what is learned on it, tried on real people · `attacks` and `disclosure` ways
to find somebody · `privacy` what they find · `report` a page of all.

    >>> import healthgym_edu as hg
    >>> real = hg.load_cohort("sepsis", n_patients=60)
    >>> copy = hg.evaluation.fidelity(real, real, judges=(), replicates=0, bounds=False)
    >>> bool(copy.query("metric == 'KS'")["value"].max() < 1e-9)
    True
"""

from __future__ import annotations

from .fidelity import fidelity
from .privacy import privacy
from .report import Report, report
from .utility import utility

__all__ = ["Report", "fidelity", "privacy", "report", "utility"]
