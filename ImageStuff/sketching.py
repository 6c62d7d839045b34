"""Pens for the pictures of this folder: a canvas in inches, boxes, arrows, colours."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
ORANGE, PURPLE, SKY, YELLOW = "#E69F00", "#CC79A7", "#56B4E9", "#F0E442"
INK, MUTED, PALE, NIGHT = "#1F2D3A", "#5F6C78", "#EEF2F5", "#10243A"
DPI = 140


def canvas(height: float, background: str = "white") -> tuple[Figure, Axes]:
    """A picture 10 inches wide whose coordinates are inches, origin at the lower left."""
    figure = Figure(figsize=(10, height), dpi=DPI, facecolor=background)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 10), ylim=(0, height), aspect="equal")
    ax.axis("off")
    return figure, ax


def box(
    ax: Axes,
    x: float,
    y: float,
    w: float,
    h: float,
    text: str = "",
    face: str = "white",
    edge: str = INK,
    color: str = INK,
    size: float = 12.5,
    lw: float = 1.6,
    weight: str = "normal",
    z: float = 2,
) -> None:
    """A rounded box with centred text."""
    ax.add_patch(
        FancyBboxPatch(
            (x, y),
            w,
            h,
            boxstyle="round,pad=0,rounding_size=0.09",
            fc=face,
            ec=edge,
            lw=lw,
            zorder=z,
        )
    )
    ax.text(
        x + w / 2,
        y + h / 2,
        text,
        ha="center",
        va="center_baseline",
        fontsize=size,
        color=color,
        weight=weight,
        linespacing=1.25,
        zorder=z + 1,
    )


def arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    color: str = MUTED,
    bend: float = 0.0,
    dashed: bool = False,
    lw: float = 2.0,
) -> None:
    """An arrow between two points."""
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=15,
            color=color,
            lw=lw,
            shrinkA=0,
            shrinkB=0,
            connectionstyle=f"arc3,rad={bend}",
            ls=(0, (3, 2)) if dashed else "-",
            zorder=3,
        )
    )


def person(ax: Axes, x: float, y: float, size: float, color: str) -> None:
    """A head and shoulders."""
    ax.add_patch(Circle((x, y + 0.62 * size), 0.24 * size, fc=color, lw=0, zorder=3))
    angle = np.linspace(0, np.pi, 40)
    body = np.column_stack([x + 0.42 * size * np.cos(angle), y + 0.36 * size * np.sin(angle)])
    ax.add_patch(Polygon(body, fc=color, lw=0, zorder=3))


def dark(color: str) -> str:
    """The same hue, dark enough for words on white."""
    rgb = np.array(mpl.colors.to_rgb(color))
    bright = rgb @ (0.299, 0.587, 0.114)
    return mpl.colors.to_hex(rgb * min(1.0, 0.45 / bright))
