"""The last steps of a patient: a few lines of text, or a bedside chart."""

from __future__ import annotations

import numpy as np

from ..engine import History
from ..errors import ArgumentError
from .core import Core

SHOWN = 24
"""Steps on a chart."""


def chart_text(core: Core, bed: int) -> str:
    """Return the last steps, a line each: what was recorded and what was decided."""
    mechanism, schema = core.mechanism, core.mechanism.schema
    lines = []
    for step in _last_steps(core, bed):
        parts = [f"{schema.step_unit} {step:>3}"]
        for name in mechanism.bedside:
            value, unit = _history(core).columns[name][bed, step], schema[name].unit
            parts.append(f"{name} {value:>9,.{0 if value >= 20 else 1}f} {unit}")
        action = _action(core, bed, step)
        lines.append(" | ".join([*parts, "" if action is None else mechanism.actions[action]]))
    return "\n".join(line.rstrip(" |") for line in lines) + "\n"


def draw_chart(core: Core, bed: int) -> np.ndarray:
    """Return a picture of the last steps, shape (height, width, 3), uint8."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mechanism, columns = core.mechanism, [core.mechanism.schema[n] for n in core.mechanism.bedside]
    steps = _last_steps(core, bed)
    figure = Figure(figsize=(6.4, 4.8), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(len(columns), 1, sharex=True, squeeze=False)[:, 0]
    for panel, column in zip(panels, columns, strict=True):
        values = _history(core).columns[column.name][bed, steps]
        low, high = column.shown or (values.min(), values.max())
        panel.plot(steps, values, color="#0072B2", marker="o", markersize=3)
        panel.set_ylabel(f"{column.name}\n[{column.unit}]")
        panel.set_yscale("log" if column.log else "linear")
        panel.set_ylim(min(low, *values), max(high, 1.05 * values.max()))
        for step in steps:
            if _action(core, bed, step) is not None:
                panel.axvline(step, color="#999999", linewidth=0.8, linestyle=":")
    panels[-1].set_xlabel(f"{mechanism.schema.step_unit} (dotted: decisions)")
    taken = [a for s in steps if (a := _action(core, bed, s)) is not None]
    last = mechanism.actions[taken[-1]] if taken else "none yet"
    patient = f"Patient {core.ward.patient[bed]} (simulated)"
    panels[0].set_title(f"{patient}, last decision: {last}", fontsize=10)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[:, :, :3].copy()


def _history(core: Core) -> History:
    if core.history is None or not core.history.columns:
        raise ArgumentError("There is no patient to show yet; call reset first.")
    return core.history


def _last_steps(core: Core, bed: int) -> np.ndarray:
    return np.flatnonzero(_history(core).present[bed])[-SHOWN:]


def _action(core: Core, bed: int, step: int) -> int | None:
    action = int(_history(core).actions[bed, step])
    return None if action < 0 else action
