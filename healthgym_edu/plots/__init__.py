"""Every figure style the chapters share.

Functions take a cohort (or a pair of frame and schema) and an optional Matplotlib ``Axes``, and
return the ``Axes`` they drew on, or a ``Figure`` where they draw a grid. They never call ``show``.
"""

from __future__ import annotations

from .distributions import distributions
from .measurement import measured_heatmap
from .people import patient_timeline, twin_plot
from .regimens import flow_table, regimen_areas, regimen_flow, share_table
from .style import palette, set_style, style_for
from .trajectories import band_table, trajectory_band

__all__ = [
    "band_table",
    "distributions",
    "flow_table",
    "measured_heatmap",
    "palette",
    "patient_timeline",
    "regimen_areas",
    "regimen_flow",
    "set_style",
    "share_table",
    "style_for",
    "trajectory_band",
    "twin_plot",
]
