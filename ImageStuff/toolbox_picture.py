"""The modelling toolbox: four ways to invent patients, one panel each."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from sketching import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PALE,
    PURPLE,
    VERMILLION,
    arrow,
    box,
    canvas,
    dark,
)


def modelling_toolbox() -> Figure:
    """Four ways to invent patients."""
    figure, ax = canvas(8.0)
    panels = (
        (0.25, 4.1, "GAN", "two networks that fight", ORANGE, _gan),
        (5.1, 4.1, "GAN + VAE + buffer", "a memory, so that nobody disappears", PURPLE, _buffer),
        (0.25, 0.2, "Transformer", "every month looks at every other", BLUE, _transformer),
        (5.1, 0.2, "Diffusion", "noise, undone step by step", GREEN, _diffusion),
    )
    for x, y, title, line, color, draw in panels:
        ax.add_patch(
            FancyBboxPatch(
                (x, y),
                4.65,
                3.7,
                fc="#FAFBFC",
                ec="#D3DAE0",
                lw=1.3,
                boxstyle="round,pad=0,rounding_size=0.12",
            )
        )
        ax.add_patch(Rectangle((x + 0.25, y + 3.05), 0.09, 0.46, fc=color, lw=0))
        ax.text(
            x + 0.47, y + 3.38, title, fontsize=15.5, weight="bold", color=INK, va="center_baseline"
        )
        ax.text(x + 0.47, y + 3.1, line, fontsize=12, color=MUTED, va="center_baseline")
        draw(ax, x, y, color)
    return figure


def _curve(
    ax: Axes,
    x: float,
    y: float,
    w: float,
    h: float,
    color: str,
    noise: float = 0.0,
    seed: int = 0,
    keep: float = 1.0,
) -> None:
    """A small patient in a frame: a falling line, more or less buried in noise."""
    ax.add_patch(
        FancyBboxPatch(
            (x, y),
            w,
            h,
            fc="white",
            ec=color,
            lw=1.6,
            zorder=3,
            boxstyle="round,pad=0,rounding_size=0.06",
        )
    )
    t = np.linspace(0, 1, 26)
    rng = np.random.default_rng(seed)
    clean = 0.14 + 0.66 * np.exp(-t * 5) + 0.05 * np.sin(9 * t)
    values = np.clip(keep * clean + (1 - keep) * 0.5 + noise * rng.normal(0, 1, len(t)), 0.05, 0.95)
    ax.plot(x + w * (0.09 + 0.82 * t), y + h * values, color=color, lw=1.7, zorder=4)


def _gan(ax: Axes, x: float, y: float, color: str) -> None:
    box(ax, x + 0.18, y + 0.5, 0.82, 0.6, "noise", face=PALE, edge=MUTED)
    box(ax, x + 1.32, y + 0.42, 1.12, 0.76, "generator", face=color, edge=color, weight="bold")
    _curve(ax, x + 2.78, y + 0.4, 0.8, 0.8, color, noise=0.03, seed=1)
    ax.text(x + 3.18, y + 0.26, "invented", ha="center", va="center", fontsize=12, color=INK)
    _curve(ax, x + 0.19, y + 1.85, 0.8, 0.8, INK, noise=0.02, seed=2)
    ax.text(x + 0.59, y + 1.69, "real", ha="center", va="center", fontsize=12, color=INK)
    box(
        ax,
        x + 2.7,
        y + 1.87,
        0.96,
        0.76,
        "critic",
        face=INK,
        edge=INK,
        color="white",
        weight="bold",
    )
    arrow(ax, (x + 1.02, y + 0.8), (x + 1.3, y + 0.8))
    arrow(ax, (x + 2.46, y + 0.8), (x + 2.76, y + 0.8))
    arrow(ax, (x + 3.18, y + 1.22), (x + 3.18, y + 1.85))
    arrow(ax, (x + 1.01, y + 2.25), (x + 2.68, y + 2.25))
    ax.text(
        x + 4.13,
        y + 2.25,
        "real or\ninvented?",
        ha="center",
        va="center",
        fontsize=12,
        color=INK,
        linespacing=1.2,
    )
    arrow(ax, (x + 2.68, y + 2.0), (x + 1.88, y + 1.2), color=VERMILLION, dashed=True, bend=0.18)
    ax.text(
        x + 1.62,
        y + 1.68,
        "“try harder”",
        ha="center",
        va="center",
        fontsize=12,
        color=VERMILLION,
        style="italic",
    )


def _buffer(ax: Axes, x: float, y: float, color: str) -> None:
    _curve(ax, x + 0.2, y + 1.85, 0.8, 0.8, INK, noise=0.02, seed=2)
    ax.text(x + 0.6, y + 1.69, "real", ha="center", va="center", fontsize=12, color=INK)
    box(ax, x + 1.35, y + 1.87, 1.05, 0.76, "encoder", face="white", edge=color)
    for i in range(4):
        ax.add_patch(
            FancyBboxPatch(
                (x + 2.85 + 0.07 * i, y + 1.72 + 0.08 * i),
                1.2,
                0.66,
                fc="white",
                ec=color,
                lw=1.6,
                zorder=4 - 0.1 * i,
                boxstyle="round,pad=0,rounding_size=0.06",
            )
        )
    rng = np.random.default_rng(8)
    spots = rng.uniform(0.1, 0.9, (14, 2))
    ax.scatter(
        x + 2.85 + 1.2 * spots[:, 0],
        y + 1.72 + 0.66 * spots[:, 1],
        s=26,
        zorder=5,
        lw=0,
        c=[(BLUE, ORANGE, GREEN)[i % 3] for i in range(13)] + [VERMILLION],
    )
    ax.text(
        x + 3.55, y + 2.8, "buffer of memories", ha="center", va="center", fontsize=12, color=INK
    )
    box(ax, x + 2.9, y + 0.42, 1.15, 0.76, "generator", face=color, edge=color, weight="bold")
    _curve(ax, x + 1.45, y + 0.4, 0.8, 0.8, color, noise=0.03, seed=1)
    ax.text(x + 1.85, y + 0.27, "invented", ha="center", va="center", fontsize=12, color=INK)
    box(
        ax,
        x + 0.15,
        y + 0.45,
        0.88,
        0.7,
        "critic",
        face=INK,
        edge=INK,
        color="white",
        weight="bold",
    )
    arrow(ax, (x + 1.02, y + 2.25), (x + 1.33, y + 2.25))
    arrow(ax, (x + 2.42, y + 2.25), (x + 2.8, y + 2.1))
    arrow(ax, (x + 3.47, y + 1.7), (x + 3.47, y + 1.2))
    ax.text(x + 3.57, y + 1.44, "+ noise", fontsize=12, color=INK, va="center")
    arrow(ax, (x + 2.88, y + 0.8), (x + 2.27, y + 0.8))
    arrow(ax, (x + 1.43, y + 0.8), (x + 1.05, y + 0.8))
    arrow(ax, (x + 0.45, y + 1.6), (x + 0.45, y + 1.17))


def _transformer(ax: Axes, x: float, y: float, color: str) -> None:
    centres = x + 0.55 + 0.59 * np.arange(7)
    strength = (0.25, 0.9, 0.35, 0.2, 0.6, 1.0)
    for centre, weight in zip(centres, strength, strict=False):
        ax.add_patch(
            FancyArrowPatch(
                (centres[6], y + 1.42),
                (centre, y + 1.42),
                connectionstyle="arc3,rad=0.42",
                arrowstyle="-",
                lw=1 + 4.5 * weight,
                color=color,
                alpha=0.25 + 0.6 * weight,
                zorder=2,
            )
        )
    levels = np.array([0.9, 0.62, 0.4, 0.27, 0.2, 0.16, 0.14])
    for i, centre in enumerate(centres):
        last = i == 6
        ax.add_patch(
            FancyBboxPatch(
                (centre - 0.23, y + 0.72),
                0.46,
                0.7,
                fc="white",
                zorder=4,
                ec=VERMILLION if last else color,
                lw=2.2 if last else 1.6,
                boxstyle="round,pad=0,rounding_size=0.06",
            )
        )
        ax.add_patch(
            Rectangle(
                (centre - 0.13, y + 0.8),
                0.26,
                0.55 * levels[i],
                zorder=5,
                fc=VERMILLION if last else color,
                lw=0,
            )
        )
        ax.text(centre, y + 0.5, str(i), ha="center", va="center", fontsize=12, color=INK)
    ax.text(centres[3], y + 0.22, "month", ha="center", va="center", fontsize=12, color=INK)
    ax.text(x + 0.3, y + 2.62, "wide arc: looks closely", fontsize=12, color=MUTED, va="center")


def _diffusion(ax: Axes, x: float, y: float, color: str) -> None:
    stages = ((1.0, 0.0), (0.8, 0.09), (0.45, 0.17), (0.0, 0.24))
    for i, (keep, noise) in enumerate(stages):
        left = x + 0.22 + 1.1 * (3 - i)
        _curve(
            ax,
            left,
            y + 1.05,
            0.92,
            1.0,
            color if i == 0 else MUTED,
            noise=noise,
            seed=4 + i,
            keep=keep,
        )
        if i:
            arrow(ax, (left + 0.6, y + 2.12), (left + 1.42, y + 2.12), color=color, bend=-0.45)
            arrow(
                ax,
                (left + 1.42, y + 0.98),
                (left + 0.6, y + 0.98),
                color=MUTED,
                bend=-0.45,
                dashed=True,
            )
    ax.text(
        x + 2.33,
        y + 2.62,
        "remove a little noise: learned",
        ha="center",
        va="center",
        fontsize=12.5,
        color=dark(color),
        weight="bold",
    )
    ax.text(
        x + 2.33,
        y + 0.5,
        "add a little noise: easy",
        ha="center",
        va="center",
        fontsize=12.5,
        color=MUTED,
    )
    ax.text(x + 0.68, y + 0.2, "pure noise", ha="center", va="center", fontsize=12, color=INK)
    ax.text(x + 3.98, y + 0.2, "a patient", ha="center", va="center", fontsize=12, color=INK)
