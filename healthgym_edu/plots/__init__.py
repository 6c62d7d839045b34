"""Every figure style the chapters share.

Functions take a cohort and an optional Matplotlib ``Axes``, and return the ``Axes`` they drew on,
or a ``Figure`` where they draw a grid. They never call ``show``.

    >>> import healthgym_edu as hg
    >>> hg.plots.set_style()
    >>> ax = hg.plots.trajectory_band(hg.load_cohort("art_hiv", n_patients=200), "VL")
    >>> ax.get_ylabel()
    'VL (copies/mL)'
"""

from __future__ import annotations

from .bedside import bedside
from .distributions import distributions
from .measurement import measured_heatmap
from .people import patient_timeline, twin_plot
from .regimens import regimen_areas, regimen_flow
from .style import palette, set_style, style_for
from .trajectories import trajectory_band

__all__ = [
    "bedside", "distributions", "measured_heatmap", "palette", "patient_timeline",
    "regimen_areas", "regimen_flow", "set_style", "style_for", "trajectory_band", "twin_plot",
]  # fmt: skip
