"""Time to an event: from long records to tables that survival methods take, and what they answer.

lifelines does the fitting.  What learners and teams get wrong is the shaping of the data, and that
stands here.  In the order of reading: `following` who is
followed from when · `shaping` one row per patient · `episodes` start–stop rows ·
`curves` curves and restricted means, weighted or not, and competing events · `weights` how
probable was the treatment that somebody got · `truth` what the arms truly do · `proportional`
one cohort whose hazard ratio is known · `diagnostics` are hazards proportional? · `trial` the
records of a real trial

    >>> import healthgym_edu as hg
    >>> icu = hg.load_cohort("hypotension", n_patients=400)
    >>> times = hg.survival.time_to_event(icu, "death", horizon=48)
    >>> curve = hg.survival.survival_curve(times)
    >>> bool(curve["survival"].is_monotonic_decreasing)
    True
"""

from __future__ import annotations

from .curves import cumulative_incidence, landmark, rmst, survival_curve
from .design import design
from .diagnostics import diagnose_ph
from .episodes import counting_process
from .known import known_truth
from .proportional import proportional_hazards
from .resampling import resampled
from .shaping import time_to_event
from .standardised import area_under, standardised_curves
from .trial import actg320
from .truth import truth
from .weights import propensity

__all__ = [
    "actg320", "area_under", "counting_process", "cumulative_incidence", "design", "diagnose_ph",
    "known_truth", "landmark", "propensity", "proportional_hazards", "resampled", "rmst",
    "standardised_curves", "survival_curve", "time_to_event", "truth",
]  # fmt: skip
