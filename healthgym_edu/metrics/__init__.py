"""Statistics on plain arrays that judges of data share; no cohort, no condition.

In the order of reading: `distributions` how far two are apart · `association` which columns go
together · `temporal` memory and changes · `judges` classifiers that try to tell two cohorts apart ·
`resampling` bootstrap by patient, by weights.
"""

from __future__ import annotations

from .association import (
    Pairs,
    PatientSums,
    averaged,
    cycle_correlations,
    fisher_z,
    slope_correlations,
    slope_ranks,
    static_correlations,
    trend_correlations,
)
from .distributions import TwoSamples, robust_scale, shares, total_variation
from .judges import Courses, auroc, many_summaries, out_of_fold, random_convolutions, summaries
from .resampling import intervals
from .temporal import Changes, Memory

__all__ = [
    "Changes", "Courses", "Memory", "Pairs", "PatientSums", "TwoSamples", "auroc", "averaged",
    "cycle_correlations", "fisher_z", "intervals", "many_summaries", "out_of_fold",
    "random_convolutions", "robust_scale", "shares", "slope_correlations", "slope_ranks",
    "static_correlations", "summaries", "total_variation", "trend_correlations",
]  # fmt: skip
