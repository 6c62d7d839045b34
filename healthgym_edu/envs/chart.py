"""The last steps of a patient: a few lines of text, or a bedside chart."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError
from .core import Core

SHOWN = 24
"""Steps on a chart."""


def chart_text(core: Core, bed: int) -> str:
    """Return the last steps, a line each: what was recorded and what was decided."""
    simulator, history = core.simulator, core.ward.history
    lines = []
    for step in _last_steps(core, bed):
        parts = [f"{simulator.schema.step_unit} {step:>3}"]
        for name in simulator.bedside:
            value, unit = history[name][bed, step], simulator.schema[name].unit
            parts.append(f"{name} {value:>9,.{0 if value >= 20 else 1}f} {unit}")
        action = _action(core, bed, step)
        lines.append(" | ".join([*parts, "" if action is None else simulator.actions[action]]))
    return "\n".join(line.rstrip(" |") for line in lines) + "\n"


def draw_chart(core: Core, bed: int) -> np.ndarray:
    """Return a picture of the last steps, shape (height, width, 3), uint8."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    simulator, history = core.simulator, core.ward.history
    steps = _last_steps(core, bed)
    figure = Figure(figsize=(6.4, 4.8), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(len(simulator.bedside), 1, sharex=True, squeeze=False)[:, 0]
    for panel, (name, (scale, low, high)) in zip(panels, simulator.bedside.items(), strict=True):
        values = history[name][bed, steps]
        panel.plot(steps, values, color="#0072B2", marker="o", markersize=3)
        panel.set_ylabel(f"{name}\n[{simulator.schema[name].unit}]")
        panel.set_yscale(scale)
        panel.set_ylim(min(low, *values), max(high, 1.05 * values.max()))
        for step in steps:
            if _action(core, bed, step) is not None:
                panel.axvline(step, color="#999999", linewidth=0.8, linestyle=":")
    panels[-1].set_xlabel(f"{simulator.schema.step_unit} (dotted: decisions)")
    taken = [a for s in steps if (a := _action(core, bed, s)) is not None]
    last = simulator.actions[taken[-1]] if taken else "none yet"
    patient = f"Patient {core.ward.patient[bed]} (simulated)"
    panels[0].set_title(f"{patient}, last decision: {last}", fontsize=10)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[:, :, :3].copy()


def _last_steps(core: Core, bed: int) -> np.ndarray:
    recorded = core.ward.history.get(next(iter(core.simulator.bedside)))
    if recorded is None:
        raise ArgumentError("There is no patient to show yet; call reset first.")
    return np.flatnonzero(~np.isnan(recorded[bed]))[-SHOWN:]


def _action(core: Core, bed: int, step: int) -> int | None:
    chosen = core.ward.history.get("action")
    if chosen is None or np.isnan(chosen[bed, step]):
        return None
    return int(chosen[bed, step])
