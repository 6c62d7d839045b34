"""Does the mechanism resemble the people it stands for?  Targets, tolerances, and a table.

Targets live in ``targets/<condition>.json`` with their source.  Each row names a *measure*, the
acceptance interval, and what the published release scores, so that the table shows teaching
cohort and release side by side.

`correlations` distances of matrices · `outcomes` who dies · `measures` what each row measures ·
`table` the comparison.

    >>> import healthgym_edu as hg
    >>> table = hg.calibration.calibration_table("hypotension", n_patients=1000)
    >>> table.columns.tolist()[:5]
    ['quantity', 'target', 'tolerance', 'source', 'teaching']
"""

from __future__ import annotations

from .correlations import STRONG, code_table, matrix_distance, square
from .measures import total_variation
from .outcomes import landmark_auroc, logistic_slope, trend_mortality
from .table import calibration_table, compare, load_targets

__all__ = [
    "STRONG", "calibration_table", "code_table", "compare", "landmark_auroc",
    "load_targets", "logistic_slope", "matrix_distance", "square", "total_variation",
    "trend_mortality",
]  # fmt: skip
