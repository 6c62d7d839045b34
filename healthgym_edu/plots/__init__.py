"""Every figure style the chapters share.

Functions take a cohort and an optional Matplotlib ``Axes``, and return the ``Axes`` they drew on,
or a ``Figure`` where they draw a grid. They never call ``show``.

    >>> import healthgym_edu as hg
    >>> hg.plots.set_style()
    >>> ax = hg.plots.trajectory_band(hg.load_cohort("art_hiv", n_patients=200), "VL")
    >>> ax.get_ylabel()
    'Viral load (copies/mL)'
"""

from __future__ import annotations

from .bedside import bedside
from .diagnosing import overlap_plot, residual_plot
from .diagram import causal_diagram
from .distributions import distributions
from .exposure import (
    against_coins,
    calibration_plot,
    interval_dots,
    organ_points,
    risk_by_exposure,
    share_interval,
)
from .filling import (
    error_with_age,
    share_by_group,
    shown_and_true,
    stacked_shares,
    table_against_truth,
    two_worlds,
)
from .judged import fidelity_plot, privacy_plot, utility_plot
from .learning import learning_curves
from .many import five_ways, one_panel_or_many, point_maps
from .measurement import measured_heatmap
from .over_time import forest_plot, incidence_plot, survival_plot
from .people import patient_timeline, twin_plot
from .policies import action_maps, belief_plot, estimates_plot, propensity_plot
from .regimens import regimen_areas, regimen_flow
from .round import round_chart
from .sliding import slider
from .style import palette, set_style, style_for
from .trajectories import trajectory_band
from .vision import as_seen, color_distance, seen_figure
from .ward_page import a_ward, traffic_board, ward_page

__all__ = [
    "a_ward", "action_maps", "against_coins", "as_seen", "bedside", "belief_plot",
    "calibration_plot", "causal_diagram", "color_distance", "distributions", "error_with_age",
    "estimates_plot", "fidelity_plot", "five_ways", "forest_plot", "incidence_plot",
    "interval_dots", "learning_curves", "measured_heatmap",
    "one_panel_or_many", "organ_points", "overlap_plot", "palette", "patient_timeline",
    "point_maps", "privacy_plot", "propensity_plot", "regimen_areas", "regimen_flow",
    "residual_plot",
    "risk_by_exposure", "round_chart", "seen_figure", "set_style", "share_by_group",
    "share_interval",
    "shown_and_true", "slider", "stacked_shares", "style_for", "survival_plot",
    "table_against_truth", "traffic_board", "trajectory_band", "twin_plot", "two_worlds",
    "utility_plot", "ward_page",
]  # fmt: skip
